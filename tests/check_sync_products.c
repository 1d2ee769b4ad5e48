/*
 * check_sync_products.c - the till's dishes into ours, in vendors' ways
 * (sync/products.c, sync/names.c, sync/vanish.c; G61–G66, C15, C16)
 *
 * Keys of categories and pictures, variants, dishes that need a choice, where
 * a dish is sold, and what a delta tells: Square's begin_time and latest_time.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "tests/suite.h"
#include "tests/syncrig.h"

#define BRANCHES "'branches':{'call':'GET /b','rows':'','key':'/id','set':{'name':'/n'}},"
#define OK(text) SAYS(rig_json(200, "", text))
#define TWO OK("[{\"id\":\"b1\",\"n\":\"A\"},{\"id\":\"b2\",\"n\":\"B\"}]")

static void
run(int (*feed)(struct job *, int), int is_full, int wanted)
{
	ck_assert_msg(feed(&job, is_full) == wanted, "%s: %s", last_run(),
	    shop_text("SELECT message FROM sync_run ORDER BY id DESC LIMIT 1"));
}

/* Names of what is on sale in a branch (or "" = without one), by key. */
static const char *
on_sale(const char *branch)
{
	char query[500];

	snprintf(query, sizeof query, "SELECT group_concat(pos_product_id, ' ') FROM (SELECT"
	    " p.pos_product_id FROM product p JOIN product_branch pb ON pb.product_id = p.id"
	    " JOIN branch b ON b.id = pb.branch_id WHERE pb.is_active = 1 AND b.pos_branch_id = '%s'"
	    " ORDER BY p.pos_product_id)", branch);
	return shop_text(query);
}

/* Poster's way: groups of choices, variants within a dish, kinds that are no dishes. */
START_TEST(a_dish_that_needs_a_choice_is_named_and_not_sold)
{
	syncrig_begin(BRANCHES "'products':{'call':'GET /p','rows':'','keep':[{'at':'/type','in':['2','3']}],"
	    "'each':'/m','or_self':true,'key':[['^/id','/id'],'/mid'],'set':{"
	    "'name':{'join':[['^/n','/n'],'/mn'],'sep':' — '},'price':{'at':'/p','as':'minor'},"
	    "'choice':{'any':[{'at':'/min','as':'bool'}],'of':'/g'}}}", STEPS(TWO,
	    OK("[{\"id\":1,\"n\":\"Борщ\",\"p\":\"9900\",\"type\":\"2\",\"g\":[]},"
	    "{\"id\":2,\"n\":\"Піца\",\"p\":\"9900\",\"type\":\"2\",\"g\":[{\"min\":\"0\"},{\"min\":\"1\"}]},"
	    "{\"id\":3,\"n\":\"Чай\",\"type\":\"3\",\"m\":[{\"mid\":7,\"mn\":\"чорний\",\"p\":\"100\"},"
	    "{\"mid\":8,\"mn\":\"зелений\",\"p\":\"200\"}]},"
	    "{\"id\":4,\"n\":\"Тісто\",\"p\":\"1\",\"type\":\"1\"}]"),
	    OK("[{\"id\":1,\"n\":\"Борщ\",\"p\":\"9900\",\"type\":\"2\",\"g\":[{\"min\":2}]},"
	    "{\"id\":2,\"n\":\"Піца\",\"p\":\"9900\",\"type\":\"2\",\"g\":[{\"min\":\"0\"}]},"
	    "{\"id\":3,\"n\":\"Чай\",\"type\":\"3\",\"m\":[{\"mid\":7,\"mn\":\"чорний\",\"p\":\"100\"},"
	    "{\"mid\":8,\"mn\":\"зелений\",\"p\":\"200\"}]}]")));
	run(feed_branches, 0, EX_OK);
	run(feed_products, 0, EX_OK);
	ck_assert_str_eq(last_run(), "products ok 4 seen 3 changed 0 unchanged 0 gone 1 bad");
	ck_assert_str_eq(on_sale("b1"), "1 3:7 3:8");
	ck_assert_str_eq(shop_text("SELECT message FROM sync_run ORDER BY id DESC LIMIT 1"),
	    "not for sale, because a choice is needed that cannot be ordered yet (1): Піца");
	ck_assert_str_eq(shop_text("SELECT name FROM product WHERE pos_product_id = '3:8'"),
	    "Чай — зелений");
	run(feed_products, 0, EX_OK);
	ck_assert_str_eq(on_sale("b1"), "2 3:7 3:8");
	syncrig_end();
}
END_TEST

#define SQUARE(type) "'call':'POST /s','json':{'type':'" type "','begin_time':'{since|rfc3339}'," \
	"'deleted':'{since?}'},'rows':'/objects','page':{'by':'cursor','from':'/cursor','put':'json:cursor'}," \
	"'mark':'/latest_time','key':'/id'"
#define OBJECTS(time, rows) OK("{\"latest_time\":\"2026-05-22T" time "Z\",\"objects\":[" rows "]}")
#define DISH(id, more) "{\"id\":\"" id "\",\"n\":\"Страва " id "\",\"p\":100" more "}"

/* Square's way: marks of its own, keys for words, what is deleted told by name. */
START_TEST(changes_are_told_by_the_till_s_own_mark)
{
	syncrig_begin(BRANCHES
	    "'categories':{" SQUARE("C") ",'set':{'name':'/n','gone':{'at':'/del','as':'bool'}}},"
	    "'images':{" SQUARE("I") ",'set':{'url':'/u'}},"
	    "'products':{" SQUARE("P") ",'set':{'name':'/n','category':'/c','image_key':'/i',"
	    "'price':{'at':'/p','as':'minor'},'gone':{'at':'/del','as':'bool'},"
	    "'sale':{'at':'/archived','as':'not','default':true}}}", STEPS(TWO,
	    /* all of it */
	    OBJECTS("10:00:00", "{\"id\":\"c1\",\"n\":\"Супи\"},{\"id\":\"c2\",\"n\":\"Каші\"}"),
	    OBJECTS("10:00:01", "{\"id\":\"i1\",\"u\":\"https://t.example/1.jpg\"}"),
	    OBJECTS("10:00:02", DISH("a", ",\"c\":\"c1\",\"i\":\"i1\"") "," DISH("b", ",\"c\":\"c2\"")
	    "," DISH("c", ",\"c\":\"c1\",\"i\":\"i9\"")),
	    /* one is deleted, one archived, one new with a picture that is not new */
	    OBJECTS("11:00:00", ""), OBJECTS("11:00:01", ""),
	    OBJECTS("11:00:02", "{\"id\":\"a\",\"del\":true}," DISH("b", ",\"c\":\"c2\",\"archived\":true")
	    "," DISH("d", ",\"c\":\"c1\",\"i\":\"i1\"")),
	    /* they are back */
	    OBJECTS("12:00:00", ""), OBJECTS("12:00:01", ""),
	    OBJECTS("12:00:02", DISH("a", ",\"c\":\"c1\",\"i\":\"i1\"") "," DISH("b", ",\"c\":\"c2\"")),
	    /* a category has another name: all dishes of it, so everything is read */
	    OBJECTS("13:00:00", "{\"id\":\"c1\",\"n\":\"Перше\"}"), OBJECTS("13:00:01", ""),
	    OBJECTS("13:00:02", DISH("a", ",\"c\":\"c1\",\"i\":\"i1\"") "," DISH("b", ",\"c\":\"c2\"")
	    "," DISH("c", ",\"c\":\"c1\",\"i\":\"i9\"") "," DISH("d", ",\"c\":\"c1\",\"i\":\"i1\""))));
	run(feed_branches, 0, EX_OK);
	run(feed_products, 0, EX_OK);
	ck_assert_ptr_null(strstr(peer_request(3), "begin_time"));
	ck_assert_ptr_nonnull(strstr(peer_request(3), "\"deleted\":false"));
	ck_assert_str_eq(shop_text("SELECT group_concat(mark, ' ') FROM sync_mark ORDER BY feed"),
	    "2026-05-22T10:00:00Z 2026-05-22T10:00:01Z 2026-05-22T10:00:02Z");
	ck_assert_int_eq(shop_int("SELECT count(*) FROM product WHERE image_url IS NULL"), 2);
	run(feed_products, 0, EX_OK);
	ck_assert_ptr_nonnull(strstr(peer_request(6), "\"begin_time\":\"2026-05-22T09:55:02Z\""));
	ck_assert_ptr_nonnull(strstr(peer_request(6), "\"deleted\":true"));
	ck_assert_ptr_nonnull(strstr(peer_request(4), "\"begin_time\":\"2026-05-22T09:55:00Z\""));
	ck_assert_str_eq(on_sale("b1"), "c d");
	ck_assert_str_eq(shop_text("SELECT image_url FROM product WHERE pos_product_id = 'd'"),
	    "https://t.example/1.jpg");
	run(feed_products, 0, EX_OK);
	ck_assert_str_eq(on_sale("b1"), "a b c d");
	ck_assert_int_eq(shop_int("SELECT is_full FROM sync_run ORDER BY id DESC LIMIT 1"), 0);
	run(feed_products, 0, EX_OK);
	ck_assert_ptr_null(strstr(peer_request(12), "begin_time"));
	ck_assert_int_eq(shop_int("SELECT is_full FROM sync_run ORDER BY id DESC LIMIT 1"), 1);
	ck_assert_int_eq(shop_int("SELECT count(*) FROM product_listing WHERE category = 'Перше'"), 6);
	ck_assert_str_eq(on_sale("b2"), "a b c d");
	syncrig_end();
}
END_TEST

START_TEST(a_dish_is_sold_where_its_row_says)
{
	syncrig_begin(BRANCHES "'products':{'call':'GET /p','rows':'','key':'/id','set':{'name':'/n',"
	    "'price':{'at':'/p','as':'minor'},'only_branches':{'at':'/only','unless':'/all'},"
	    "'not_branches':'/not'}}", STEPS(TWO,
	    OK("[" DISH("a", ",\"only\":[\"b1\"]") "," DISH("b", ",\"only\":[\"b1\"],\"all\":true") ","
	    DISH("c", ",\"not\":[\"b1\"]") "," DISH("d", ",\"only\":[]") "," DISH("e", "") "]")));
	run(feed_branches, 0, EX_OK);
	run(feed_products, 0, EX_OK);
	ck_assert_str_eq(on_sale("b1"), "a b e");
	ck_assert_str_eq(on_sale("b2"), "b c e");
	syncrig_end();
}
END_TEST

/* Lists by branch, and rows that name their branch. */
START_TEST(a_branch_may_have_its_own_list)
{
	syncrig_begin(BRANCHES "'products':{'call':'GET /p','query':{'b':'{depot}'},'per':'branch',"
	    "'rows':'','key':'/id','set':{'name':'/n','price':{'at':'/p','as':'minor'}}}", STEPS(TWO,
	    OK("[" DISH("a", "") "," DISH("b", "") "]"), OK("[" DISH("b", "") "]"),
	    OK("[" DISH("a", "") "," DISH("b", "") "]"), OK("[]")));
	run(feed_branches, 0, EX_OK);
	run(feed_products, 0, EX_OK);
	ck_assert_ptr_nonnull(strstr(peer_request(1), "GET /p?b=b1 "));
	ck_assert_str_eq(on_sale("b1"), "a b");
	ck_assert_str_eq(on_sale("b2"), "b");
	run(feed_products, 1, EX_UNAVAILABLE);	/* an empty list is an error */
	ck_assert_str_eq(on_sale("b2"), "b");
	syncrig_end();
}
END_TEST

/* A branch that comes later has the dishes that a delta would not tell. */
START_TEST(a_new_branch_makes_the_next_run_a_full_one)
{
	syncrig_begin(BRANCHES "'products':{" SQUARE("P") ",'set':{'name':'/n',"
	    "'price':{'at':'/p','as':'minor'}}}", STEPS(
	    OK("[{\"id\":\"b1\",\"n\":\"A\"}]"), OBJECTS("10:00:00", DISH("a", "")), TWO,
	    OBJECTS("11:00:00", DISH("a", "")),
	    OK("[{\"id\":\"b1\",\"n\":\"A\"},{\"id\":\"b2\",\"n\":\"B\",\"x\":1}]"),
	    OBJECTS("12:00:00", "")));
	run(feed_branches, 0, EX_OK);
	run(feed_products, 0, EX_OK);
	run(feed_branches, 0, EX_OK);
	run(feed_products, 0, EX_OK);
	ck_assert_str_eq(on_sale("b2"), "a");
	run(feed_branches, 0, EX_OK);
	run(feed_products, 0, EX_OK);
	ck_assert_ptr_nonnull(strstr(peer_request(5), "begin_time"));
	syncrig_end();
}
END_TEST

int
main(void)
{
	return SUITE("sync_products", a_dish_that_needs_a_choice_is_named_and_not_sold,
	    changes_are_told_by_the_till_s_own_mark, a_dish_is_sold_where_its_row_says,
	    a_branch_may_have_its_own_list, a_new_branch_makes_the_next_run_a_full_one);
}
