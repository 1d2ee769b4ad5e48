/* posrig_feed.h - lists of the rig's till, for check_feed and check_pages */
#ifndef POSRIG_FEED_H
#define POSRIG_FEED_H

#include "lib/pos/feed.h"
#include "tests/posrig.h"

#define PRODUCTS(more) "'products':{'call':'GET /p','rows':'/r','key':'/id','set':{'name':'/n'," \
	"'price':{'at':'/p','as':'major'}}" more "}"
#define SEARCH(more) "'products':{'call':'POST /p','json':{'types':['ITEM']},'rows':'/r'," \
	"'key':'/id','set':{'name':'/n','price':{'at':'/p','as':'major'}}" more "}"
#define BY_PAGE ",'page':{'by':'page','put':'query:page','size':['query:limit',2]}"
#define A "{\"id\":\"a\",\"n\":\"A\",\"p\":1}"
#define B "{\"id\":\"b\",\"n\":\"B\",\"p\":2}"
#define C "{\"id\":\"c\",\"n\":\"C\",\"p\":3.50}"
#define ROWS(rows) "{\"r\":[" rows "]}"
#define OK(rows) SAYS(rig_json(200, "", ROWS(rows)))

/* Reads it to its end: the keys in one text, and how it ended. */
static inline const struct feed_end *
run(const struct feed_ask *ask, char *keys, size_t size)
{
	static struct feed_end end;
	struct feed *f = feed_open(pos, ask);
	const struct pos_row *row;
	int rc;

	keys[0] = '\0';
	ck_assert_ptr_nonnull(f);
	while ((rc = feed_page(f)) == 1)
		while ((row = feed_row(f)) != NULL)
			snprintf(keys + strlen(keys), size - strlen(keys), "%s ", row->key);
	end = *feed_end(f);
	ck_assert_int_eq(rc, end.outcome == POS_DONE ? 0 : -1);
	ck_assert_int_eq(feed_page(f), rc);	/* the end stays the end */
	feed_close(f);
	return &end;
}

#endif
