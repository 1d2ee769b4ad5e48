/* check_branch.c - what a branch is to rules, and what a till may say of it */
#include <math.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/json.h"
#include "lib/shop/branch.h"
#include "tests/shop.h"
#include "tests/suite.h"

enum { NOW = 1779444000 };	/* 2026-05-22, a Friday, 13:00 in Kyiv */

static struct arena *arena;

static void
begin(void)
{
	shop_begin();
	arena = arena_new(1 << 20);
}

static void
end(void)
{
	arena_free(arena);
	shop_end();
}

static const struct branch_news podil = {
	.key = "b1", .name = "Поділ", .address = "вул. Сагайдачного, 10", .latitude = 50.46,
	.longitude = 30.518,
};

static int
put(struct branch_news news, int64_t *id)
{
	int rc;

	ck_assert_int_eq(db_begin(shop_db), DB_OK);
	rc = branch_put(shop_db, &news, NOW, id);
	ck_assert_int_eq(db_end(shop_db, rc >= 0), DB_OK);
	return rc;
}

static struct branch
find(int64_t id)
{
	struct branch b;

	ck_assert_int_eq(branch_find(shop_db, arena, id, NOW, &b), 1);
	return b;
}

/* G14 G68: and C18's defaults */
START_TEST(a_told_branch_is_added_with_defaults)
{
	struct branch b;
	int64_t id;

	begin();
	ck_assert_int_eq(put(podil, &id), 2);
	b = find(id);
	ck_assert_str_eq(b.pos_branch_id, "b1");
	ck_assert_str_eq(b.timezone, "Europe/Kyiv");
	ck_assert_ptr_null(b.phone);
	ck_assert_ptr_null(b.operating_hours);
	ck_assert(b.now.is_open && b.is_active && b.supports_delivery && b.supports_pickup);
	ck_assert_int_eq(b.delivery_radius_m, DB_NULL);
	ck_assert_int_eq(branch_find(shop_db, arena, 99, NOW, &b), 0);
	end();
}
END_TEST

/* G66 */
START_TEST(the_same_news_writes_nothing)
{
	struct branch_news bare = { .key = "b1", .name = "Поділ", .latitude = (double)NAN,
		.longitude = (double)NAN };
	int64_t id, again, before;

	begin();
	put(podil, &id);
	before = db_total_changes(shop_db);
	ck_assert_int_eq(put(podil, &again), 0);
	ck_assert_int_eq(again, id);
	ck_assert_int_eq(put(bare, &again), 0);
	ck_assert_int_eq(db_total_changes(shop_db), before);
	end();
}
END_TEST

START_TEST(the_till_fills_in_only_what_nobody_set)
{
	struct branch_news more = podil;
	struct branch b;
	int64_t id;

	begin();
	put(podil, &id);
	shop_run("UPDATE branch SET supports_delivery = 0, paused_until = 1779447600,"
	    " timezone = 'Europe/London'");
	more.name = "Поділ новий";
	more.address = "вул. Сагайдачного, 12";
	more.phone = "+380441112233";
	more.hours = "{\"fri\":[[\"10:00\",\"12:00\"]]}";
	more.latitude = more.longitude = 1;
	more.timezone = "America/New_York";
	ck_assert_int_eq(put(more, &id), 1);
	b = find(id);
	ck_assert_str_eq(b.name, "Поділ новий");
	ck_assert_str_eq(b.address, "вул. Сагайдачного, 12");
	ck_assert_str_eq(b.phone, "+380441112233");
	ck_assert_str_eq(b.timezone, "Europe/London");
	ck_assert(fabs(b.latitude - 50.46) < 1e-9 && !b.supports_delivery);
	ck_assert_int_eq(b.paused_until, 1779447600);
	/* 11:00 in London */
	ck_assert(b.now.is_open);
	more.phone = "+380440000000";
	more.hours = "{}";
	ck_assert_int_eq(put(more, &id), 0);
	end();
}
END_TEST

START_TEST(impossible_coordinates_are_none)
{
	static const double places[][2] = { { 0, 0 }, { 91, 30 }, { 50, 181 }, { (double)NAN, 30 },
		{ 50, (double)NAN }, { (double)INFINITY, 30 } };
	struct branch_news news = podil;
	int64_t id;

	begin();
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		news.latitude = places[i][0];
		news.longitude = places[i][1];
		ck_assert_int_eq(put(news, &id), i == 0 ? 2 : 0);
		ck_assert(isnan(find(id).latitude) && isnan(find(id).longitude));
	}
	ck_assert_int_eq(put(podil, &id), 1);
	ck_assert(!isnan(find(id).latitude));
	end();
}
END_TEST

START_TEST(a_branch_that_the_till_has_no_longer_is_off_until_it_returns)
{
	struct branch_news other = podil;
	struct branch *list;
	int64_t id[3], seen[2];
	int open, missing;

	begin();
	for (int i = 0; i < 3; i++) {
		other.key = (const char *[]){ "b1", "b2", "b3" }[i];
		put(other, &id[i]);
	}
	seen[0] = id[0];
	seen[1] = id[2];
	ck_assert_int_eq(db_begin(shop_db), DB_OK);
	ck_assert_int_eq(branch_retire(shop_db, seen, 2, NOW), 1);
	ck_assert_int_eq(branch_retire(shop_db, seen, 2, NOW), 0);
	ck_assert_int_eq(db_end(shop_db, 1), DB_OK);
	ck_assert_int_eq(branch_list(shop_db, arena, NOW, &list), 2);
	ck_assert_int_eq(find(id[1]).is_active, 0);
	other.key = "b2";
	ck_assert_int_eq(branch_missing(shop_db, seen, 2, &open, &missing), DB_OK);
	ck_assert_int_eq(open, 2);
	ck_assert_int_eq(missing, 0);
	ck_assert_int_eq(put(other, &id[1]), BRANCH_BACK);
	ck_assert_int_eq(branch_missing(shop_db, seen, 2, &open, &missing), DB_OK);
	ck_assert_int_eq(open, 3);
	ck_assert_int_eq(missing, 1);
	ck_assert_int_eq(branch_list(shop_db, arena, NOW, &list), 3);
	ck_assert_int_eq(branch_retire(shop_db, seen, 2, NOW), DB_ERROR);	/* no db_begin */
	end();
}
END_TEST

START_TEST(the_list_is_in_ukrainian_order)
{
	static const char *const names[] = { "Яблуневий сад", "Ґанок", "Їжакова", "«Гарбуз»",
		"Апельсин", "Європа", "Ирій", "Йога", "апельсин 2", "Івана Франка" };
	static const char *const sorted[] = { "Апельсин", "апельсин 2", "«Гарбуз»", "Ґанок",
		"Європа", "Ирій", "Івана Франка", "Їжакова", "Йога", "Яблуневий сад" };
	struct branch_news news = podil;
	struct branch *list;
	char key[16];
	int64_t id;

	begin();
	for (int i = 0; i < 10; i++) {
		snprintf(key, sizeof key, "b%d", i);
		news.key = key;
		news.name = names[i];
		put(news, &id);
	}
	ck_assert_int_eq(branch_list(shop_db, arena, NOW, &list), 10);
	for (int i = 0; i < 10; i++)
		ck_assert_str_eq(list[i].name, sorted[i]);
	end();
}
END_TEST

START_TEST(an_empty_shop_has_an_empty_list)
{
	struct branch *list;

	begin();
	ck_assert_int_eq(branch_list(shop_db, arena, NOW, &list), 0);
	end();
}
END_TEST

START_TEST(many_branches_are_no_matter)
{
	struct arena *small = arena_new(10000);
	struct branch *list;

	begin();
	shop_run("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
	    " INSERT INTO branch (pos_branch_id, name, created_at, updated_at)"
	    " SELECT 'b' || i, 'Філія ' || i, 1, 1 FROM n");
	ck_assert_int_eq(branch_list(shop_db, arena, NOW, &list), 200);
	for (int i = 0; i < 200; i++)
		ck_assert(list[i].id > 0 && list[i].now.is_open);
	ck_assert_int_eq(branch_list(shop_db, small, NOW, &list), DB_ERROR);
	arena_free(small);
	end();
}
END_TEST

START_TEST(a_pause_ends_by_itself)
{
	struct branch b;
	int64_t id;

	begin();
	put(podil, &id);
	shop_run("UPDATE branch SET paused_until = 1779447600");
	ck_assert_int_eq(branch_find(shop_db, arena, id, 1779447599, &b), 1);
	ck_assert_int_eq(b.paused_until, 1779447600);
	ck_assert_int_eq(branch_find(shop_db, arena, id, 1779447600, &b), 1);
	ck_assert_int_eq(b.paused_until, DB_NULL);
	end();
}
END_TEST

static const struct json *
shown(int64_t id, int64_t distance)
{
	struct branch b = find(id);
	struct buf out = BUF_INIT(10000);
	struct json_fault wrong;
	const struct json *json;

	branch_json(&out, NULL, &b, distance);
	json = json_parse(arena, out.s, out.len, &wrong);
	ck_assert_ptr_nonnull(json);
	buf_free(&out);
	return json;
}

/* G13 */
START_TEST(every_member_is_there)
{
	static const char *const members[] = { "id", "pos_branch_id", "name", "address", "latitude",
		"longitude", "phone", "timezone", "operating_hours", "is_open", "opens_at",
		"closes_at", "paused_until", "supports_delivery", "supports_pickup",
		"eta_pickup_min", "eta_delivery_min" };
	enum { MEMBERS = sizeof members / sizeof *members };
	const struct json *json;
	int64_t id;

	begin();
	put(podil, &id);
	json = shown(id, DB_NULL);
	ck_assert_uint_eq(json_count(json), MEMBERS);
	for (size_t i = 0; i < MEMBERS; i++)
		ck_assert_msg(json_member(json, members[i]) != NULL, "%s", members[i]);
	ck_assert_str_eq(json_digits(json_member(json, "latitude")), "50.460000");
	json = shown(id, 1196);
	ck_assert_str_eq(json_digits(json_member(json, "distance_km")), "1.20");	/* G35 */
	ck_assert_int_eq(json_type(json_member(shown(id, -1), "distance_km")), JSON_NULL);
	shop_run("UPDATE branch SET operating_hours = '{\"fri\":[[\"10:00\",\"12:00\"]]}'");
	json = shown(id, DB_NULL);
	ck_assert(!json_true(json_member(json, "is_open")));
	ck_assert_str_eq(json_text(json_member(json, "opens_at")), "2026-05-29T07:00:00Z");
	ck_assert_str_eq(json_text(json_pointer(json, "/operating_hours/fri/0/1")), "12:00");
	end();
}
END_TEST

START_TEST(unreadable_hours_are_closed_and_break_no_answer)
{
	const struct json *json;
	int64_t id;

	begin();
	put(podil, &id);
	shop_run("UPDATE branch SET operating_hours = '{\"fri\":['");
	json = shown(id, DB_NULL);
	ck_assert(!json_true(json_member(json, "is_open")));
	ck_assert_int_eq(json_type(json_member(json, "operating_hours")), JSON_NULL);
	ck_assert(find(id).hours_are_wrong);
	end();
}
END_TEST

int
main(void)
{
	return SUITE("branch", a_told_branch_is_added_with_defaults, the_same_news_writes_nothing,
	    the_till_fills_in_only_what_nobody_set, impossible_coordinates_are_none,
	    a_branch_that_the_till_has_no_longer_is_off_until_it_returns,
	    the_list_is_in_ukrainian_order, an_empty_shop_has_an_empty_list,
	    many_branches_are_no_matter, a_pause_ends_by_itself, every_member_is_there,
	    unreadable_hours_are_closed_and_break_no_answer);
}
