/*
 * menu.h - the catalogue as a browser asks for it, for the tests of its lists
 *
 * menu_ids() says a list in one text; menu_touch() is called after a test
 * wrote into a branch row, as the catalogue's own writer would.
 */
#ifndef MENU_H
#define MENU_H

#include <stdio.h>

#include "lib/base/clock.h"
#include "lib/shop/catalog.h"
#include "tests/rig.h"

#undef fail

/* Statements of an answer that looks at the version alone, the two of a read
 * transaction among them. */
enum { MENU_VERSION_ONLY = 3 };

static inline void
menu_begin(void)
{
	rig_begin();
	rig_seed();
}

static inline const struct rig_reply *
menu_get(const char *path)
{
	return rig_call("GET", path, NULL);
}

static inline void
menu_touch(int64_t product_id)
{
	struct db *db = rig_app()->db;

	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(catalog_touch(db, product_id, clock_now()), 0);
	ck_assert_int_eq(db_end(db, 1), 0);
}

/* The ids of a list: "1 2 3". */
static inline const char *
menu_ids(const struct rig_reply *a)
{
	static char text[1000];
	char pointer[64];
	size_t used = 0;

	rig_ok(a, 200);
	text[0] = '\0';
	for (int i = 0; i < rig_count(a, "/products"); i++) {
		snprintf(pointer, sizeof pointer, "/products/%d/id", i);
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%lld",
		    i > 0 ? " " : "", (long long)rig_int(a, pointer));
	}
	return text;
}

#endif
