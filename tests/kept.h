/*
 * kept.h - all that lib/shop/catalog keeps, reckoned anew by other means
 *
 * expect_kept() compares sums, keys, counters and both search indexes with
 * the rows they stand for. Stops are judged at KEPT_NOW.
 */
#ifndef KEPT_H
#define KEPT_H

#include "tests/shop.h"

#define KEPT_NOW 1779440400

#define KEPT_OFFERS \
	"WITH offer AS (SELECT product_id, branch_id, current_price, base_price," \
	" CASE WHEN stopped_until > 1779440400 THEN 0 WHEN stock_quantity IS NULL THEN NULL" \
	" ELSE max(stock_quantity - reserved_quantity, 0) END AS can" \
	" FROM product_branch WHERE is_active = 1)," \
	" best AS (SELECT product_id, count(*) AS n, min(current_price) AS low," \
	" CASE WHEN count(can) = count(*) THEN max(can) END AS most," \
	" max(can IS NULL OR can > 0) AS can_sell FROM offer GROUP BY product_id) "

static const struct { const char *what, *wrong; } kept_rows[] = {
	{ "sums", KEPT_OFFERS "SELECT count(*) FROM product p LEFT JOIN best b ON b.product_id = p.id"
	    " WHERE p.is_active IS NOT (b.n IS NOT NULL) OR p.min_price IS NOT coalesce(b.low, 0)"
	    " OR p.best_stock IS NOT iif(b.n IS NULL, 0, b.most)"
	    " OR p.is_available IS NOT coalesce(b.can_sell, 0) OR p.base_price IS NOT coalesce("
	    "(SELECT o.base_price FROM offer o WHERE o.product_id = p.id"
	    " ORDER BY o.current_price, o.branch_id LIMIT 1), 0)" },
	{ "keys", "SELECT count(*) FROM product_branch pb JOIN product p ON p.id = pb.product_id"
	    " WHERE pb.sort_key IS NOT p.sort_key OR pb.category_id IS NOT p.category_id" },
	{ "what can be had", KEPT_OFFERS "SELECT count(*) FROM product_branch pb LEFT JOIN offer o"
	    " ON o.product_id = pb.product_id AND o.branch_id = pb.branch_id"
	    " WHERE pb.is_available IS NOT (o.branch_id IS NOT NULL AND (can IS NULL OR can > 0))" },
	{ "counters", "WITH shown AS (SELECT branch_id, category_id, is_available FROM product_branch"
	    " WHERE is_active = 1 UNION ALL SELECT 0, category_id, is_available FROM product"
	    " WHERE is_active = 1), right AS (SELECT branch_id AS b, 0 AS c, count(*) AS n,"
	    " sum(is_available) AS can FROM shown GROUP BY 1"
	    " UNION ALL SELECT branch_id, category_id, count(*), sum(is_available) FROM shown"
	    " WHERE category_id IS NOT NULL GROUP BY 1, 2)"
	    " SELECT (SELECT count(*) FROM right LEFT JOIN catalog_count ON branch_id = b"
	    " AND category_id = c WHERE products IS NOT n OR available IS NOT can)"
	    " + (SELECT count(*) FROM catalog_count LEFT JOIN right ON branch_id = b"
	    " AND category_id = c WHERE (products <> 0 OR available <> 0) AND n IS NULL)" },
};

static inline void
expect_kept(void)
{
	for (size_t i = 0; i < sizeof kept_rows / sizeof *kept_rows; i++)
		ck_assert_msg(shop_int(kept_rows[i].wrong) == 0, "%s are wrong", kept_rows[i].what);
	/* fails when the index differs from the texts */
	shop_run("INSERT INTO product_trigram (product_trigram, rank) VALUES ('integrity-check', 1)");
	shop_run("INSERT INTO product_word (product_word, rank) VALUES ('integrity-check', 1)");
}

#endif
