/* branch.c - rows of branch, and what the API shows of them; see branch.h */
#include <math.h>
#include <string.h>

#include "lib/shop/branch.h"

enum { LIST_MAX = 20000 };
enum { FIND, LIST, BY_KEY, ADD, CHANGE, ACTIVE, RETIRE, STATEMENTS };

#define COLUMNS \
	"SELECT id, pos_branch_id, name, address, latitude, longitude, phone, timezone," \
	" operating_hours, is_active, supports_delivery, supports_pickup, delivery_radius_m," \
	" paused_until, eta_pickup_min, eta_delivery_min FROM branch"

static struct stmt sql[STATEMENTS] = {
	[FIND] = { .sql = COLUMNS " WHERE id = ?1" },
	[LIST] = { .sql = COLUMNS " WHERE is_active = 1 ORDER BY name, id LIMIT 20000" },
	[BY_KEY] = { .sql = "SELECT id FROM branch WHERE pos_branch_id = ?1" },
	[ADD] = { .sql =
	    "INSERT INTO branch (pos_branch_id, name, address, latitude, longitude, phone,"
	    " operating_hours, timezone, created_at, updated_at)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)" },
	/* The shop's once set: only what is NULL is filled in. */
	[CHANGE] = { .sql =
	    "UPDATE branch SET name = ?2, address = ?3, is_active = 1, updated_at = ?8,"
	    " latitude = coalesce(latitude, ?4), longitude = coalesce(longitude, ?5),"
	    " phone = coalesce(phone, ?6), operating_hours = coalesce(operating_hours, ?7)"
	    " WHERE id = ?1 AND (name <> ?2 OR address <> ?3 OR is_active = 0"
	    " OR (latitude IS NULL AND ?4 IS NOT NULL) OR (phone IS NULL AND ?6 IS NOT NULL)"
	    " OR (operating_hours IS NULL AND ?7 IS NOT NULL))" },
	[ACTIVE] = { .sql = "SELECT id FROM branch WHERE is_active = 1 ORDER BY id LIMIT 20000" },
	[RETIRE] = { .sql = "UPDATE branch SET is_active = 0, updated_at = ?2 WHERE id = ?1" },
};
DB_STATEMENTS(sql);

/* The row at hand into *b. 0 or -1 when the arena is full. */
static int
read_row(struct stmt *s, struct arena *a, int64_t at, struct branch *b)
{
	*b = (struct branch){
		.id = db_int(s, 0),
		.pos_branch_id = arena_str(a, db_text(s, 1)),
		.name = arena_str(a, db_text(s, 2)),
		.address = arena_str(a, db_text(s, 3)),
		.latitude = db_real(s, 4),
		.longitude = db_real(s, 5),
		.phone = arena_str(a, db_text(s, 6)),
		.timezone = arena_str(a, db_text(s, 7)),
		.operating_hours = arena_str(a, db_text(s, 8)),
		.is_active = db_int(s, 9),
		.supports_delivery = db_int(s, 10),
		.supports_pickup = db_int(s, 11),
		.delivery_radius_m = db_int(s, 12),
		.paused_until = db_int(s, 13),
		.eta_pickup_min = db_int(s, 14),
		.eta_delivery_min = db_int(s, 15),
	};
	if (b->pos_branch_id == NULL || b->name == NULL || b->address == NULL ||
	    b->timezone == NULL)
		return -1;
	/* wrong hours leave it closed: better no order than one nobody cooks */
	if (hours_at(a, b->operating_hours, b->timezone, at, &b->now) == -1)
		b->now = (struct hours_now){ .opens_at = DB_NULL, .closes_at = DB_NULL };
	return 0;
}

int
branch_find(struct db *db, struct arena *a, int64_t id, int64_t at, struct branch *b)
{
	struct stmt *s = &sql[FIND];
	int rc = db_find(db, s, "i", id);

	if (rc == 1 && read_row(s, a, at, b) == -1)
		rc = DB_ERROR;
	db_done(s);
	return rc;
}

int
branch_list(struct db *db, struct arena *a, int64_t at, struct branch **list)
{
	struct stmt *s = &sql[LIST];
	struct branch *grown;
	int n = 0, size = 0, rc = db_query(db, s, "");

	*list = NULL;
	while (rc == DB_OK && n < LIST_MAX && (rc = db_row(db, s)) == 1) {
		if (n == size) {
			size = size == 0 ? 64 : size * 2;
			if ((grown = arena_get(a, (size_t)size * sizeof *grown)) == NULL) {
				rc = DB_ERROR;
				break;
			}
			if (n > 0)
				memcpy(grown, *list, (size_t)n * sizeof *grown);
			*list = grown;
		}
		rc = read_row(s, a, at, &(*list)[n++]);
	}
	db_done(s);
	return rc < 0 ? rc : n;
}

void
branch_json(struct buf *out, const char *key, const struct branch *b, int64_t distance_m)
{
	json_open(out, key, '{');
	json_put_int(out, "id", b->id);
	json_put_text(out, "pos_branch_id", b->pos_branch_id);
	json_put_text(out, "name", b->name);
	json_put_text(out, "address", b->address);
	json_put_real(out, "latitude", b->latitude, 6);
	json_put_real(out, "longitude", b->longitude, 6);
	json_put_text(out, "phone", b->phone);
	json_put_text(out, "timezone", b->timezone);
	json_put_raw(out, "operating_hours", b->operating_hours);
	json_put_bool(out, "is_open", b->now.is_open);
	json_put_time(out, "opens_at", b->now.opens_at);
	json_put_time(out, "closes_at", b->now.closes_at);
	json_put_time(out, "paused_until", b->paused_until);
	json_put_bool(out, "supports_delivery", b->supports_delivery && !isnan(b->latitude));
	json_put_bool(out, "supports_pickup", b->supports_pickup != 0);
	json_put_int(out, "eta_pickup_min", b->eta_pickup_min);
	json_put_int(out, "eta_delivery_min", b->eta_delivery_min);
	if (distance_m != DB_NULL)
		json_put_real(out, "distance_km", (double)distance_m / 1000, 2);
	json_close(out, '}');
}

int
branch_put(struct db *db, const struct branch_news *n, int64_t now, int64_t *id)
{
	const char *address = n->address != NULL ? n->address : "";
	double latitude = n->latitude, longitude = n->longitude;
	int rc = db_find(db, &sql[BY_KEY], "s", n->key);

	if (rc < 0)
		return rc;
	*id = rc == 1 ? db_int(&sql[BY_KEY], 0) : 0;
	db_done(&sql[BY_KEY]);
	/* one without the other is no place */
	if (!(fabs(latitude) <= 90 && fabs(longitude) <= 180))
		latitude = longitude = NAN;
	if (*id != 0) {
		rc = db_run(db, &sql[CHANGE], "issrrssi", *id, n->name, address, latitude,
		    longitude, n->phone, n->hours, now);
		return rc != DB_OK ? rc : db_changes(db) == 1;
	}
	rc = db_run(db, &sql[ADD], "sssrrsssi", n->key, n->name, address, latitude, longitude,
	    n->phone, n->hours, n->timezone, now);
	*id = db_last_id(db);
	return rc != DB_OK ? rc : 2;
}

static int
is_among(const int64_t *sorted, size_t count, int64_t id)
{
	size_t low = 0, high = count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (sorted[middle] < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && sorted[low] == id;
}

int
branch_retire(struct db *db, const int64_t *seen, size_t count, int64_t now)
{
	int64_t gone[LIST_MAX];
	struct stmt *s = &sql[ACTIVE];
	int n = 0, rc = db_query(db, s, "");

	while (rc == DB_OK && (rc = db_row(db, s)) == 1) {
		if (!is_among(seen, count, db_int(s, 0)))
			gone[n++] = db_int(s, 0);
		rc = DB_OK;
	}
	db_done(s);
	for (int i = 0; i < n && rc == DB_OK; i++)
		rc = db_run(db, &sql[RETIRE], "ii", gone[i], now);
	return rc != DB_OK ? rc : n;
}
