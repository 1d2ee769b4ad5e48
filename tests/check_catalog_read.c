/* check_catalog_read.c - lists and search against the rows themselves */
#include <stdio.h>
#include <string.h>

#include "lib/base/json.h"
#include "lib/shop/catalog.h"
#include "lib/shop/catalog_read.h"
#include "tests/shop.h"
#include "tests/suite.h"

enum { NOW = 1779444000, DISHES = 1500, MANY = 2000, ARENA = 32 << 20 };

static struct arena *arena;

static const char *const first[] = { "Борщ", "Вареники", "Ґречаники", "Деруни", "Їжачки",
	"Йогурт", "М'ясо", "Суп", "7-up", "Ящірка" };
static const char *const second[] = { "з часником", "по-київськи", "з м’ясом", "і хліб", "", "ю",
	"гострий" };

static void
put(struct db *db, int i)
{
	char key[16], name[100];
	struct catalog_offer o[2] = {
		{ .branch_id = 1, .price = 100 + i % 70, .stock = i % 5, .stock_known = 1, .on_sale = i % 11 > 0 },
		{ .branch_id = 2, .price = 150 - i % 60, .stock = DB_NULL, .stock_known = 1, .on_sale = i % 13 > 3 },
	};
	struct catalog_product p = { key, name, "страва", i % 9 ? first[i % 4] : NULL, NULL };
	struct catalog_rules rules = { .now = NOW };

	snprintf(key, sizeof key, "p%d", i);
	snprintf(name, sizeof name, "%s %s №%d", first[i % 10], second[i % 7], i);
	ck_assert_int_ge(catalog_put(db, &p, o, 2, &rules, NULL), 0);
}

static void
begin(int dishes)
{
	shop_begin();
	arena = arena_new(ARENA);
	shop_run("INSERT INTO branch (pos_branch_id, name, created_at, updated_at) VALUES"
	    " ('b1', 'Поділ', 1, 1), ('b2', 'Оболонь', 1, 1)");
	ck_assert_int_eq(db_begin(shop_db), DB_OK);
	for (int i = 0; i < dishes; i++)
		put(shop_db, i);
	ck_assert_int_eq(db_end(shop_db, 1), DB_OK);
}

static void
end(void)
{
	arena_free(arena);
	shop_end();
}

struct ids { int64_t id[MANY]; size_t count; };

/* Append the ids of one page. */
static struct catalog_page
list(const struct catalog_query *q, struct ids *ids)
{
	struct buf b = BUF_INIT(1 << 20);
	struct catalog_page page;
	struct json_fault wrong;
	const struct json *all;

	json_open(&b, NULL, '[');
	ck_assert_int_eq(catalog_list(shop_db, q, &b, &page), 0);
	json_close(&b, ']');
	all = json_parse(arena, b.s, b.len, &wrong);
	ck_assert_msg(all != NULL, "%s", wrong.what);
	for (const struct json *p = json_first(all); p != NULL; p = json_next(p))
		ck_assert_int_eq(json_int(json_member(p, "id"), &ids->id[ids->count++]), 0);
	buf_free(&b);
	arena_reset(arena);
	return page;
}

static void
same_ids(const struct ids *got, const struct ids *want, const char *what)
{
	ck_assert_msg(got->count == want->count, "%s: %zu, not %zu", what, got->count, want->count);
	for (size_t i = 0; i < want->count; i++)
		ck_assert_msg(got->id[i] == want->id[i], "%s: at %zu stands %lld, not %lld", what, i,
		    (long long)got->id[i], (long long)want->id[i]);
}

/* All pages, by number and by cursor, hold what the rows say. */
static void
expect_pages(struct catalog_query q, const struct ids *want, const char *what)
{
	struct ids by_number = { .count = 0 }, by_cursor = { .count = 0 };
	struct catalog_page page;
	struct cursor after;

	for (q.offset = 0;; q.offset += q.limit) {
		page = list(&q, &by_number);
		ck_assert_msg(page.total == (int64_t)want->count && !page.is_capped, "%s: total %lld, not %zu",
		    what, (long long)page.total, want->count);
		if (!page.has_next)
			break;
	}
	same_ids(&by_number, want, what);
	q.offset = 0;
	do {
		page = list(&q, &by_cursor);
		after = page.next;
		q.after = &after;
	} while (page.has_next);
	same_ids(&by_cursor, want, what);
}

/* The rows themselves. ?1 branch, ?2 category, ?3 ?4 ?5 texts that must be there, ?6
 * only what can be had. */
#define SHOWN \
	"SELECT p.id, iif(?1 = 0, p.min_price, pb.current_price) AS price FROM product p" \
	" LEFT JOIN product_branch pb ON pb.product_id = p.id" \
	" AND pb.branch_id = ?1 WHERE iif(?1 = 0, p.is_active, pb.is_active) AND (?2 = 0 OR" \
	" p.category_id = ?2) AND instr(' ' || p.search_text, ?3) AND instr(' ' || p.search_text, ?4)" \
	" AND (?5 = 0 OR iif(?1 = 0, p.best_stock, pb.stock_quantity) IS NULL" \
	" OR iif(?1 = 0, p.best_stock, pb.stock_quantity) > 0)"
enum { FOUND = CATALOG_SORTS };
static struct stmt truth[] = {
	[CATALOG_BY_NAME] = { .sql = SHOWN " ORDER BY p.sort_key, p.id" },
	[CATALOG_BY_PRICE] = { .sql = SHOWN " ORDER BY price, p.id" },
	[CATALOG_BY_PRICE_DOWN] = { .sql = SHOWN " ORDER BY price DESC, p.id DESC" },
	[CATALOG_NEWEST] = { .sql = SHOWN " ORDER BY p.id DESC" },
	[FOUND] = { .sql = SHOWN " ORDER BY p.id" },
};

static void
expect(const struct catalog_query *q, const char *one, const char *other)
{
	struct stmt *s = &truth[q->search == NULL ? (int)q->sort : (int)FOUND];
	struct ids want = { .count = 0 };
	char what[200];

	ck_assert_int_eq(db_query(shop_db, s, "iissi", q->view.branch_id, q->category_id, one, other,
	    (int64_t)q->only_available), 0);
	while (db_row(shop_db, s) == 1)
		want.id[want.count++] = db_int(s, 0);
	snprintf(what, sizeof what, "branch %lld, category %lld, sort %d, available %d, search %s",
	    (long long)q->view.branch_id, (long long)q->category_id, (int)q->sort,
	    q->only_available, q->search ? q->search : "none");
	ck_assert_msg(q->category_id != 0 || want.count > 0, "%s finds nothing", what);
	expect_pages(*q, &want, what);
}

/* G11 G18 G88: each order, with each filter, by number and by cursor */
START_TEST(every_order_holds_what_the_rows_say)
{
	struct catalog_query q = { .view = { .now = NOW } };
	int64_t names;

	begin(DISHES / 3);
	names = shop_int("SELECT max(id) FROM category");
	for (q.view.branch_id = 0; q.view.branch_id <= 2; q.view.branch_id++)
		for (q.category_id = 0; q.category_id <= names; q.category_id += 2)
			for (int i = 0; i < 2 * CATALOG_SORTS; i++) {
				q.sort = (enum catalog_sort)(i % CATALOG_SORTS);
				q.only_available = i / CATALOG_SORTS;
				q.limit = q.category_id ? 7 : 41;
				expect(&q, "", "");
			}
	end();
}
END_TEST

/* G16: an override moves the dish to its place, in the same transaction */
START_TEST(the_order_of_prices_follows_an_override)
{
	struct catalog_query q = { .view = { .now = NOW, .branch_id = 1 }, .limit = 1 };
	struct ids ids = { .count = 0 };

	begin(20);
	shop_run("UPDATE product_branch SET override_price = 1 WHERE product_id = 14 AND branch_id = 1");
	shop_run("UPDATE product_branch SET override_price = 999900 WHERE product_id = 9");
	ck_assert_int_eq(db_begin(shop_db), DB_OK);
	ck_assert_int_eq(catalog_touch(shop_db, 14, NOW), 0);
	ck_assert_int_eq(catalog_touch(shop_db, 9, NOW), 0);
	ck_assert_int_eq(db_end(shop_db, 1), DB_OK);
	for (q.view.branch_id = 0; q.view.branch_id <= 1; q.view.branch_id++)
		for (int sort = CATALOG_BY_PRICE; sort <= CATALOG_BY_PRICE_DOWN; sort++) {
			q.sort = (enum catalog_sort)sort;
			list(&q, &ids);
		}
	ck_assert_uint_eq(ids.count, 4);
	ck_assert(ids.id[0] == 14 && ids.id[1] == 9 && ids.id[2] == 14 && ids.id[3] == 9);
	end();
}
END_TEST

/* G88: rows that come, go and move elsewhere do not make a cursor skip or repeat */
START_TEST(a_cursor_stays_where_it_is_while_rows_come_and_go)
{
	struct catalog_query q = { .view = { .now = NOW, .branch_id = 1 }, .limit = 5,
		.sort = CATALOG_BY_PRICE };
	struct ids before = { .count = 0 }, all = { .count = 0 }, rest = { .count = 0 };
	struct catalog_page page;

	begin(60);
	q.limit = 100;
	list(&q, &all);
	q.limit = 5;
	page = list(&q, &before);
	q.after = &page.next;
	/* the last row shown becomes dearer, the first is no longer sold */
	shop_run("UPDATE product_branch SET override_price = 999900 WHERE branch_id = 1 AND product_id ="
	    " (SELECT product_id FROM product_branch WHERE branch_id = 1 AND is_active"
	    " ORDER BY current_price, product_id LIMIT 1 OFFSET 4)");
	shop_run("UPDATE product_branch SET is_active = 0 WHERE branch_id = 1 AND product_id ="
	    " (SELECT product_id FROM product_branch WHERE branch_id = 1 AND is_active"
	    " ORDER BY current_price, product_id LIMIT 1)");
	q.limit = 100;
	list(&q, &rest);
	for (size_t i = 5; i < all.count; i++)
		ck_assert_int_eq(rest.id[i - 5], all.id[i]);
	ck_assert_uint_eq(rest.count, all.count - 5 + 1);
	ck_assert_int_eq(rest.id[rest.count - 1], before.id[4]);
	end();
}
END_TEST

/* C15 G11 G88 */
START_TEST(searches_hold_what_the_rows_say)
{
	/* what is typed, and what that means for a text with a blank before it */
	static const struct { const char *search, *one, *other; } searches[] = {
		{ NULL, "", "" }, { "часник", "часник", "" }, { "РЕЧАН", "речан", "" }, { "м'яс", "мяс", "" },
		{ "ю", " ю", "" }, { "бо", " бо", "" }, { "борщ з", "борщ", " з" }, { "7", " 7", "" },
		{ "київськи по", "київськи", " по" }, { "хліб Ґречаники", "хліб", "ґречаники" },
	};
	struct catalog_query q = { .view = { .now = NOW }, .limit = 100 };
	int64_t names = 0;

	begin(DISHES / 2);
	names = shop_int("SELECT max(id) FROM category");
	for (size_t i = 0; i < sizeof searches / sizeof *searches; i++) {
		q.search = searches[i].search;
		for (q.view.branch_id = 0; q.view.branch_id <= 2; q.view.branch_id++)
			for (q.category_id = 0; q.category_id <= names; q.category_id++) {
				q.limit = q.category_id ? 37 : 100;
				q.only_available = q.category_id % 3 == 1;
				expect(&q, searches[i].one, searches[i].other);
			}
	}
	end();
}
END_TEST

START_TEST(a_search_counts_to_a_thousand_and_says_so)
{
	struct catalog_query q = { .view = { .now = NOW }, .search = "страва", .limit = 100 };
	struct ids ids = { .count = 0 };
	struct catalog_page page;

	begin(DISHES);
	page = list(&q, &ids);
	ck_assert_int_eq(page.total, CATALOG_SEARCH_TOTAL);
	ck_assert(page.is_capped);
	for (q.offset = 100; page.has_next; q.offset += 100)
		page = list(&q, &ids);
	ck_assert_uint_eq(ids.count, CATALOG_SEARCH_TOTAL);
	ids.count = 0;
	page = list(&q, &ids);
	ck_assert_uint_eq(ids.count, 0);
	ck_assert_int_eq(page.total, CATALOG_SEARCH_TOTAL);
	q = (struct catalog_query){ .view = { .now = NOW }, .search = "с", .limit = 1 };
	page = list(&q, &ids);
	ck_assert(page.total == CATALOG_SEARCH_TOTAL && page.is_capped);
	end();
}
END_TEST

/* Exactly a thousand is not capped. */
START_TEST(a_search_that_finds_all_says_so_too)
{
	struct catalog_query q = { .view = { .now = NOW }, .search = "страва", .limit = 100 };
	struct ids ids = { .count = 0 };
	struct catalog_page page;

	begin(DISHES);
	shop_run("UPDATE product SET is_active = 0 WHERE id NOT IN"
	    " (SELECT id FROM product WHERE is_active ORDER BY id LIMIT 1000)");
	page = list(&q, &ids);
	ck_assert(page.total == CATALOG_SEARCH_TOTAL && !page.is_capped);
	shop_run("UPDATE product SET is_active = 1 WHERE id = 1500");
	page = list(&q, &ids);
	ck_assert(page.total == CATALOG_SEARCH_TOTAL && page.is_capped);
	end();
}
END_TEST

START_TEST(a_search_gives_up_after_so_many_candidates)
{
	struct catalog_query q = { .view = { .now = NOW }, .search = "давно", .limit = 10 };
	struct ids ids = { .count = 0 };
	struct catalog_page page;

	begin(1);
	shop_run("WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 20002)"
	    " INSERT INTO product (id, pos_product_id, name, sort_key, search_text, is_active,"
	    " created_at, updated_at) SELECT i, 'q' || i, 'Давно', x'01', 'давно', i > 20001, 1, 1 FROM n");
	shop_run("INSERT INTO product_trigram (rowid, search_text)"
	    " SELECT id, search_text FROM product WHERE id > 1");
	page = list(&q, &ids);
	ck_assert(page.total == 0 && page.is_capped && ids.count == 0);
	shop_run("UPDATE product SET is_active = 1 WHERE id = 20000");
	page = list(&q, &ids);
	ck_assert(page.total == 1 && page.is_capped && ids.count == 1);
	end();
}
END_TEST

/* Whatever is remembered, the numbers are those of a count made anew. */
START_TEST(a_remembered_count_is_the_count)
{
	static const char *const searches[] = { "борщ", "з", "страва", "борщ з" };
	struct catalog_query q = { .view = { .now = NOW }, .limit = 3 };
	struct ids ids = { .count = 0 };
	char etag[CATALOG_ETAG];
	struct catalog_page page;
	int64_t total;

	begin(DISHES);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < 4 * 2 * 3; i++) {
			q.search = searches[i % 4];
			q.view.branch_id = (int64_t)i / 4 % 2;
			q.category_id = (int64_t)i / 8;
			q.etag = NULL;
			total = list(&q, &ids).total;
			ck_assert_int_eq(catalog_etag(shop_db, etag), 0);
			q.etag = etag;
			for (int again = 0; again < 2; again++) {
				page = list(&q, &ids);
				ck_assert_int_eq(page.total, total);
				ck_assert_int_eq(page.is_capped, i % 4 == 2 && i < 8);
			}
			ids.count = 0;
		}
		ck_assert_int_eq(db_begin(shop_db), DB_OK);
		ck_assert_int_eq(catalog_retire(shop_db, 31 + round * 20,
		    &(struct catalog_rules){ .now = NOW }), 0);
		ck_assert_int_eq(db_end(shop_db, 1), DB_OK);
	}
	end();
}
END_TEST

START_TEST(what_does_not_exist_is_empty)
{
	struct catalog_query q = { .view = { .now = NOW }, .limit = 10, .category_id = DB_NULL };
	struct ids ids = { .count = 0 };
	struct catalog_page page;
	struct buf b = BUF_INIT(100);

	begin(20);
	page = list(&q, &ids);
	ck_assert(page.total == 0 && !page.has_next && ids.count == 0);
	q = (struct catalog_query){ .view = { .now = NOW }, .limit = 10, .search = "?!" };
	page = list(&q, &ids);
	ck_assert(page.total == 0 && !page.has_next && ids.count == 0);
	q = (struct catalog_query){ .view = { .now = NOW, .branch_id = 77 }, .limit = 10 };
	page = list(&q, &ids);
	ck_assert(page.total == 0 && ids.count == 0);
	ck_assert_int_eq(catalog_show(shop_db, &q.view, 2, &b, NULL), 0);
	ck_assert_int_eq(catalog_category(shop_db, arena, "Немає", &q), 0);
	ck_assert_int_eq(q.category_id, DB_NULL);
	end();
}
END_TEST

START_TEST(a_full_answer_says_that_it_failed)
{
	struct catalog_query q = { .view = { .now = NOW }, .limit = 10 };
	struct buf b = BUF_INIT(100);
	struct catalog_page page;

	begin(20);
	json_open(&b, NULL, '[');
	ck_assert_int_eq(catalog_list(shop_db, &q, &b, &page), 0);
	ck_assert(b.failed);
	buf_free(&b);
	end();
}
END_TEST

int
main(void)
{
	return SUITE("catalog_read", every_order_holds_what_the_rows_say,
	    the_order_of_prices_follows_an_override,
	    a_cursor_stays_where_it_is_while_rows_come_and_go, searches_hold_what_the_rows_say,
	    a_search_counts_to_a_thousand_and_says_so, a_search_that_finds_all_says_so_too,
	    a_search_gives_up_after_so_many_candidates, a_remembered_count_is_the_count,
	    what_does_not_exist_is_empty,
	    a_full_answer_says_that_it_failed);
}
