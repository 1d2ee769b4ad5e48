/* user.c - rows of users; see user.h */
#include <stddef.h>

#include "lib/shop/user.h"

enum { FIND, FIND_LOGIN, ADD, HASH, SAVE, PASSWORD, RENEW, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[FIND] = { .sql =
	    "SELECT id, email, name, phone, address, latitude, longitude, role, locale,"
	    " is_blocked, created_at, updated_at FROM users WHERE id = ?1" },
	[FIND_LOGIN] = { .sql =
	    "SELECT id, password_hash FROM users WHERE email = ?1" },
	[ADD] = { .sql =
	    "INSERT INTO users (email, password_hash, name, phone, role, locale, created_at,"
	    " updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)"
	    " ON CONFLICT (email) DO NOTHING" },
	[HASH] = { .sql =
	    "SELECT password_hash FROM users WHERE id = ?1" },
	[SAVE] = { .sql =
	    "UPDATE users SET name = ?2, phone = ?3, locale = ?4, address = ?5, latitude = ?6,"
	    " longitude = ?7, updated_at = ?8 WHERE id = ?1" },
	[PASSWORD] = { .sql =
	    "UPDATE users SET password_hash = ?2, updated_at = ?3 WHERE id = ?1" },
	[RENEW] = { .sql =
	    "UPDATE users SET password_hash = ?2 WHERE id = ?1" },
};
DB_STATEMENTS(sql);

int
user_find(struct db *db, struct arena *a, int64_t id, struct user *u)
{
	struct stmt *s = &sql[FIND];
	int rc = db_find(db, s, "i", id), lost = 0;

	if (rc != 1)
		return rc;
	*u = (struct user){
		.id = db_int(s, 0),
		.email = db_keep(s, 1, a, &lost),
		.name = db_keep(s, 2, a, &lost),
		.phone = db_keep(s, 3, a, &lost),
		.address = db_keep(s, 4, a, &lost),
		.latitude = db_real(s, 5),
		.longitude = db_real(s, 6),
		.role = db_keep(s, 7, a, &lost),
		.locale = db_keep(s, 8, a, &lost),
		.is_blocked = db_int(s, 9),
		.created_at = db_int(s, 10),
		.updated_at = db_int(s, 11),
	};
	db_done(s);
	return lost == 0 ? 1 : DB_ERROR;
}

int
user_find_login(struct db *db, struct arena *a, const char *email, int64_t *id, const char **hash)
{
	struct stmt *s = &sql[FIND_LOGIN];
	int rc = db_find(db, s, "s", email);

	if (rc != 1)
		return rc;
	*id = db_int(s, 0);
	*hash = arena_str(a, db_text(s, 1));
	db_done(s);
	return *hash != NULL ? 1 : DB_ERROR;
}

int
user_add(struct db *db, const struct user_new *u, int64_t now, int64_t *id)
{
	int rc = db_run(db, &sql[ADD], "ssssssi", u->email, u->password_hash, u->name, u->phone,
	    u->role, u->locale, now);

	if (rc != DB_OK)
		return rc;
	if (db_changes(db) == 0)
		return 0;
	*id = db_last_id(db);
	return 1;
}

int
user_hash(struct db *db, struct arena *a, int64_t id, const char **hash)
{
	struct stmt *s = &sql[HASH];
	int rc = db_find(db, s, "i", id);

	if (rc != 1)
		return rc;
	*hash = arena_str(a, db_text(s, 0));
	db_done(s);
	return *hash != NULL ? 1 : DB_ERROR;
}

int
user_save(struct db *db, const struct user *u)
{
	return db_run(db, &sql[SAVE], "issssrri", u->id, u->name, u->phone, u->locale, u->address,
	    u->latitude, u->longitude, u->updated_at);
}

int
user_set_password(struct db *db, int64_t id, const char *hash, int64_t now)
{
	return db_run(db, &sql[PASSWORD], "isi", id, hash, now);
}

int
user_renew_hash(struct db *db, int64_t id, const char *hash)
{
	return db_run(db, &sql[RENEW], "is", id, hash);
}

void
user_json(struct buf *b, const char *key, const struct user *u)
{
	json_open(b, key, '{');
	json_put_int(b, "id", u->id);
	json_put_text(b, "email", u->email);
	json_put_text(b, "name", u->name);
	json_put_text(b, "phone", u->phone);
	json_put_raw(b, "address", u->address);
	json_put_real(b, "latitude", u->latitude, 6);
	json_put_real(b, "longitude", u->longitude, 6);
	json_put_text(b, "locale", u->locale);
	json_put_text(b, "role", u->role);
	json_put_time(b, "created_at", u->created_at);
	json_put_time(b, "updated_at", u->updated_at);
	json_close(b, '}');
}
