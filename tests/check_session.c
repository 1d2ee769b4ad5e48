/* check_session.c - sessions, refresh tokens and the users they belong to (G2, G7, G10) */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/crypt.h"
#include "lib/shop/session.h"
#include "lib/shop/user.h"
#include "tests/shop.h"
#include "tests/suite.h"

static struct db *db;
static struct arena *arena;

static void
begin(void)
{
	db = shop_begin();
	arena = arena_new(1 << 20);
}

static void
end(void)
{
	arena_free(arena);
	shop_end();
}

static int64_t
add(const char *email)
{
	struct user_new u = { .email = email, .password_hash = "$2b$hash", .name = "Анна",
		.phone = "+380501112233", .role = "customer", .locale = "uk" };
	int64_t id = 0;

	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(user_add(db, &u, 1000, &id), 1);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	return id;
}

START_TEST(email_is_taken_once)
{
	struct user_new u = { .email = "anna@example.com", .password_hash = "x", .name = "B",
		.role = "customer", .locale = "en" };
	int64_t id = 0;

	begin();
	add("anna@example.com");
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(user_add(db, &u, 1000, &id), 0);
	u.email = "Upper@example.com";
	ck_assert_int_lt(user_add(db, &u, 1000, &id), 0);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM users"), 1);
	end();
}
END_TEST

START_TEST(user_is_read_back_whole_and_without_hash)
{
	struct buf b = BUF_INIT(4096);
	const char *hash;
	struct user u;
	int64_t id, found;

	begin();
	id = add("anna@example.com");
	ck_assert_int_eq(user_find(db, arena, id, &u), 1);
	ck_assert_str_eq(u.name, "Анна");
	ck_assert(isnan(u.latitude));
	ck_assert_int_eq(user_find(db, arena, id + 1, &u), 0);
	ck_assert_int_eq(user_find_login(db, arena, "anna@example.com", &found, &hash), 1);
	ck_assert_int_eq(found, id);
	ck_assert_str_eq(hash, "$2b$hash");
	ck_assert_int_eq(user_find_login(db, arena, "nobody@example.com", &found, &hash), 0);
	ck_assert_int_eq(user_find(db, arena, id, &u), 1);
	user_json(&b, NULL, &u);
	ck_assert_str_eq(b.s, "{\"id\":1,\"email\":\"anna@example.com\",\"name\":\"Анна\","
	    "\"phone\":\"+380501112233\",\"address\":null,\"latitude\":null,\"longitude\":null,"
	    "\"locale\":\"uk\",\"role\":\"customer\",\"created_at\":\"1970-01-01T00:16:40Z\","
	    "\"updated_at\":\"1970-01-01T00:16:40Z\"}");
	buf_free(&b);
	end();
}
END_TEST

START_TEST(a_place_is_known_for_a_month_and_to_its_user)
{
	static const uint8_t home[SHA256_LEN] = { 1 }, away[SHA256_LEN] = { 2 };
	char refresh[REFRESH_TEXT];
	int64_t id, sid = 0;

	begin();
	id = add("anna@example.com");
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(session_start(db, id, 1000, 30, &sid, refresh), DB_OK);
	ck_assert_int_eq(session_knows_place(db, id, 1000, home), 0);
	ck_assert_int_eq(session_seen(db, sid, 1000, home), DB_OK);
	ck_assert_int_eq(session_end(db, sid, 1001), DB_OK);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_int_eq(session_knows_place(db, id, 1000 + 30 * 86400 - 1, home), 1);
	ck_assert_int_eq(session_knows_place(db, id, 1000 + 30 * 86400, home), 0);
	ck_assert_int_eq(session_knows_place(db, id, 1000, away), 0);
	ck_assert_int_eq(session_knows_place(db, id + 1, 1000, home), 0);
	ck_assert_int_eq(session_knows_place(db, 0, 1000, home), 0);
	end();
}
END_TEST

START_TEST(ended_session_is_not_found)
{
	char refresh[REFRESH_TEXT];
	struct session_user u;
	int64_t id, sid = 0;

	begin();
	id = add("anna@example.com");
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(session_start(db, id, 1000, 30, &sid, refresh), DB_OK);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_int_eq(session_find(db, sid, &u), 1);
	ck_assert_int_eq(u.user_id, id);
	ck_assert_str_eq(u.role, "customer");
	ck_assert_int_eq(session_find(db, sid + 1, &u), 0);
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(session_end(db, sid, 1100), DB_OK);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_int_eq(session_find(db, sid, &u), 0);
	end();
}
END_TEST

START_TEST(refresh_token_is_stored_only_as_its_hash)
{
	char refresh[REFRESH_TEXT], hex[2 * SHA256_LEN + 1], query[160];
	uint8_t token[32], hash[SHA256_LEN];
	int64_t id, sid = 0;

	begin();
	id = add("anna@example.com");
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(session_start(db, id, 1000, 30, &sid, refresh), DB_OK);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_uint_eq(strlen(refresh), REFRESH_TEXT - 1);
	ck_assert_int_eq(crypt_unbase64url(refresh, strlen(refresh), token, sizeof token), 32);
	crypt_sha256(token, sizeof token, hash);
	crypt_hex(hash, sizeof hash, hex);
	snprintf(query, sizeof query, "SELECT expires_at FROM refresh_token WHERE hash = x'%s'", hex);
	ck_assert_int_eq(shop_int(query), 1000 + 30 * 86400);
	end();
}
END_TEST

START_TEST(one_session_too_many_ends_the_oldest)
{
	char refresh[REFRESH_TEXT];
	int64_t id, other, sid = 0;

	begin();
	id = add("anna@example.com");
	other = add("boris@example.com");
	ck_assert_int_eq(db_begin(db), DB_OK);
	ck_assert_int_eq(session_start(db, other, 1000, 30, &sid, refresh), DB_OK);
	for (int i = 0; i < SESSIONS_MAX + 2; i++)
		ck_assert_int_eq(session_start(db, id, 1000 + i, 30, &sid, refresh), DB_OK);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM session WHERE user_id = 1"
	    " AND ended_at IS NULL"), SESSIONS_MAX);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM session WHERE user_id = 1"
	    " AND ended_at IS NOT NULL AND id IN (2, 3)"), 2);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM session WHERE user_id = 2"
	    " AND ended_at IS NULL"), 1);
	end();
}
END_TEST

START_TEST(others_end_and_one_goes_on)
{
	char refresh[REFRESH_TEXT];
	int64_t id, sid = 0;

	begin();
	id = add("anna@example.com");
	ck_assert_int_eq(db_begin(db), DB_OK);
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(session_start(db, id, 1000, 30, &sid, refresh), DB_OK);
	ck_assert_int_eq(session_end_others(db, id, sid, 1100), DB_OK);
	ck_assert_int_eq(db_end(db, 1), DB_OK);
	ck_assert_int_eq(shop_int("SELECT group_concat(id) = '5' FROM session"
	    " WHERE ended_at IS NULL"), 1);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM event WHERE type = 'session.ended'"), 4);
	end();
}
END_TEST

int
main(void)
{
	return SUITE("session", email_is_taken_once, user_is_read_back_whole_and_without_hash,
	    a_place_is_known_for_a_month_and_to_its_user, ended_session_is_not_found,
	    refresh_token_is_stored_only_as_its_hash, one_session_too_many_ends_the_oldest,
	    others_end_and_one_goes_on);
}
