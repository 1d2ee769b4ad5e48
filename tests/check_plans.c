/*
 * check_plans.c - no statement of ours slows down as a shop grows (G81)
 *
 * Every statement table of what runs unattended is linked in whole, and each of its
 * statements is explained on a shop of some size, before ANALYZE and after:
 * a plan must not depend on somebody having run it. A SCAN of a table that
 * grows, a sort, or an index made for the occasion fails.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tests/plans_seed.h"
#include "tests/shop.h"
#include "tests/suite.h"

enum { PLAN = 16 * 1024, FAULT = 512 };

/* Tables that may be read from end to end, and why. */
static const struct { const char *table, *why; } small[] = {
	{ "bands", "strips of a map, as many as a circle touches" },
	{ "branch", "a chain has tens of branches, rarely thousands" },
	{ "category", "tens" },
	{ "catalog_count", "branches × categories" },
	{ "catalog_state", "one row" },
	{ "lane", "three rows" },
	{ "meta", "a few facts" },
	{ "order_number", "one row a day" },
	{ "pos_token", "one a till" },
	{ "sync_mark", "one a feed and branch" },
	{ "json_each", "a text that the statement was given" },
};

static int
is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static size_t
name_length(const char *s)
{
	size_t n = 0;

	while (is_name(s[n]))
		n++;
	return n;
}

/* Does "table [AS] alias" stand in the statement? */
static int
is_alias(const char *sql, const char *table, const char *alias, size_t n)
{
	size_t len = strlen(table), word;

	for (const char *at = sql; (at = strstr(at, table)) != NULL; at += len) {
		const char *next = at + len;

		if ((at > sql && is_name(at[-1])) || is_name(*next))
			continue;
		if (*next == '(')	/* a table made by a function */
			next += strcspn(next, ")") + 1;
		next += strspn(next, " ");
		if (strncmp(next, "AS ", 3) == 0)
			next += 3;
		word = name_length(next);
		if (word == n && strncmp(next, alias, n) == 0)
			return 1;
	}
	return 0;
}

static int
is_small(const char *sql, const char *name, size_t n)
{
	for (size_t i = 0; i < sizeof small / sizeof *small; i++)
		if ((strlen(small[i].table) == n && strncmp(small[i].table, name, n) == 0) ||
		    is_alias(sql, small[i].table, name, n))
			return 1;
	return 0;
}

/* "SCAN f VIRTUAL TABLE INDEX 64:M1>": the M says that MATCH chose the rows. */
static int
is_search(const char *name, size_t n)
{
	static const char virtual[] = " VIRTUAL TABLE INDEX ";
	const char *index = name + n + sizeof virtual - 1;

	return strncmp(name + n, virtual, sizeof virtual - 1) == 0 &&
	    index[strspn(index, "0123456789")] == ':' &&
	    (strchr(index, 'M') != NULL || strstr(index, ":=") != NULL);
}

/* One step of a plan; NULL or what is wrong with it. */
static const char *
step_fault(const char *sql, const char *step)
{
	const char *name = step + strlen("SCAN ");
	size_t n;

	if (strstr(step, "TEMP B-TREE") != NULL)
		return "sorts";
	if (strstr(step, "AUTOMATIC") != NULL)
		return "makes an index for itself";
	if (strncmp(step, "SCAN ", strlen("SCAN ")) != 0)
		return NULL;
	/* A subquery's own steps are judged by themselves. */
	if (*name == '(' || strncmp(name, "CONSTANT ROW", strlen("CONSTANT ROW")) == 0)
		return NULL;
	n = name_length(name);
	return is_search(name, n) || is_small(sql, name, n) ? NULL : "reads a whole table";
}

/* 0, or -1 with a sentence in fault. */
static int
judge(const char *sql, char *fault)
{
	static char plan[PLAN];
	char *save = NULL;
	const char *wrong;

	if (db_explain(shop_db, sql, plan, sizeof plan) == -1) {
		snprintf(fault, FAULT, "not explained: %s", db_error(shop_db));
		return -1;
	}
	for (char *step = strtok_r(plan, "\n", &save); step != NULL;
	    step = strtok_r(NULL, "\n", &save))
		if ((wrong = step_fault(sql, step)) != NULL) {
			snprintf(fault, FAULT, "%s: %s", wrong, step);
			return -1;
		}
	return 0;
}

static void
begin(void)
{
	shop_begin();
	for (size_t i = 0; plans_seed[i] != NULL; i++)
		shop_run(plans_seed[i]);
}

/* How many statements are wrong; says which. */
static int
judge_all(int *count)
{
	char fault[FAULT];
	int wrong = 0;

	for (struct db_table *t = db_tables(); t != NULL; t = t->next)
		for (size_t i = 0; i < t->count; i++, ++*count)
			if (judge(t->list[i].sql, fault) == -1) {
				fprintf(stderr, "%s: %s\n\t%s\n", t->file, fault, t->list[i].sql);
				wrong++;
			}
	return wrong;
}

START_TEST(every_statement_keeps_its_pace)
{
	int count = 0;

	begin();
	ck_assert_int_eq(judge_all(&count), 0);
	ck_assert_int_gt(count, 150);	/* all tables are linked in */
	shop_run("ANALYZE");
	ck_assert_int_eq(judge_all(&count), 0);
	shop_end();
}
END_TEST

START_TEST(every_program_is_looked_at)
{
	static const char *const files[] = { "app/place.c", "app/replay.c",
		"lib/shop/catalog_read.c", "lib/shop/outbox.c", "sync/products.c" };

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		const struct db_table *t = db_tables();

		while (t != NULL && strstr(t->file, files[i]) == NULL)
			t = t->next;
		ck_assert_msg(t != NULL, "%s is not linked in", files[i]);
	}
}
END_TEST

/* The judge itself. */
START_TEST(a_bad_statement_is_found)
{
	static const struct { const char *sql, *fault; } cases[] = {
		{ "SELECT id FROM orders WHERE notes = ?1", "reads a whole table" },
		{ "SELECT o.id FROM branch b JOIN orders o ON o.notes = b.name", "makes an index" },
		{ "SELECT count(*) FROM product", "reads a whole table" },
		{ "SELECT id FROM orders WHERE user_id = ?1 ORDER BY total_amount", "sorts" },
		{ "SELECT DISTINCT branch_id FROM orders WHERE user_id = ?1", "sorts" },
		{ "UPDATE orders SET notes = NULL WHERE contact_name = ?1", "reads a whole table" },
		{ "DELETE FROM event WHERE payload = ?1", "reads a whole table" },
		{ "SELECT rowid FROM product_word ORDER BY rowid", "reads a whole table" },
		{ "SELECT branch.id FROM (SELECT notes FROM orders) AS o JOIN branch", "reads a whole table" },
		{ "SELECT nothing FROM nowhere", "not explained" },
	};
	static const char *const good[] = {
		"SELECT id FROM branch WHERE is_active = 1 ORDER BY sort_key, id", "SELECT b.id FROM branch AS b WHERE b.name = ?1",
		"SELECT rowid FROM product_word WHERE product_word MATCH ?1 ORDER BY rowid",
		"SELECT value FROM json_each(?1)", "SELECT 1",
		"SELECT id FROM orders WHERE user_id = ?1 ORDER BY id DESC LIMIT 20",
	};
	char fault[FAULT];

	shop_begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_msg(judge(cases[i].sql, fault) == -1, "%s", cases[i].sql);
		ck_assert_msg(strncmp(fault, cases[i].fault, strlen(cases[i].fault)) == 0, "%s: %s",
		    cases[i].sql, fault);
	}
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ck_assert_msg(judge(good[i], fault) == 0, "%s: %s", good[i], fault);
	shop_end();
}
END_TEST

int
main(void)
{
	return SUITE("plans", every_statement_keeps_its_pace, every_program_is_looked_at,
	    a_bad_statement_is_found);
}
