/*
 * catalog_row.h - one dish as lists, search and detail read and show it
 *
 * For the files that read the catalogue for people, and for them alone.
 */
#ifndef CATALOG_ROW_H
#define CATALOG_ROW_H

#include "lib/shop/catalog_read.h"

/* What catalog_put_row() reads, in its order; without branch and for one. */
enum { CATALOG_ROW = 10 };	/* columns; a statement's own come behind them */
#define CATALOG_COLUMNS \
	"SELECT p.id, p.pos_product_id, p.name, p.description, c.name, p.image_url, p.min_price," \
	" p.base_price, p.best_stock, p.updated_at"
#define CATALOG_COLUMNS_WITH(now) \
	"SELECT pb.product_id, p.pos_product_id, p.name, p.description, c.name, p.image_url," \
	" pb.current_price, pb.base_price, CASE WHEN pb.stopped_until > " now " THEN 0" \
	" ELSE max(pb.stock_quantity - pb.reserved_quantity, 0) END, pb.updated_at"
#define CATALOG_CATEGORY " LEFT JOIN category c ON c.id = p.category_id"

/* Append the dish that stands in the statement. */
void catalog_put_row(struct buf *, const char *key, struct stmt *, const struct catalog_view *);

/* Parts of catalog_list(): all dishes in some order, and those that a search finds. */
int catalog_list_sorted(struct db *, const struct catalog_query *, struct buf *,
    struct catalog_page *) __attribute__((warn_unused_result));
int catalog_list_found(struct db *, const struct catalog_query *, struct buf *,
    struct catalog_page *) __attribute__((warn_unused_result));

#endif
