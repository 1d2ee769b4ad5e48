/*
 * branches.c - branch list, set, import: what tills do not tell
 *
 * The keys and their rules are lib/shop/branch_set's, which the API shares. An
 * import changes all branches or none.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "admin/command.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/utf8.h"
#include "lib/shop/branch.h"
#include "lib/shop/branch_set.h"

enum {
	LINE_MAX_BYTES = 16384, COLUMNS_MAX = 32,
	ROWS_MAX = 2000,	/* one transaction: all or none, and soon over */
	FAULT = 512, LIST_MEMORY = 64 << 20
};

enum { BY_KEY, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[BY_KEY] = { .sql = "SELECT id FROM branch WHERE pos_branch_id = ?1" },
};
DB_STATEMENTS(sql);

/* Look at the values, then write them. 1 set, 0 no such branch, -1 with fault. */
static int
apply(struct db *db, struct arena *a, const struct branch_change *c, char *fault)
{
	char why[BRANCH_FAULT];
	int key = branch_change_fault(a, c, LANG_EN, why), rc;

	if (key != -1) {
		snprintf(fault, FAULT, "%s=%.80s: %.250s", branch_key_name(key),
		    c->value[key] != NULL ? c->value[key] : "", why);
		return -1;
	}
	if ((rc = branch_change_apply(db, a, c)) < 0)
		snprintf(fault, FAULT, "%s", db_error(db));
	return rc < 0 ? -1 : rc;
}

/* The words KEY=VALUE into c. 0, or -1 after saying which is wrong. */
static int
read_words(struct admin *a, struct branch_change *c)
{
	const char *equals;
	int key;

	for (int i = 1; i < a->argc; i++) {
		equals = strchr(a->argv[i], '=');
		key = equals == NULL ? -1 : branch_key_find(a->argv[i], (size_t)(equals - a->argv[i]));
		if (key == -1) {
			admin_fail(EX_USAGE, "%s: KEY=VALUE with one of the keys that "
			    "pos-admin --help lists is expected", a->argv[i]);
			return -1;
		}
		c->value[key] = equals + 1;
	}
	return 0;
}

/* In one transaction. 0, or -1 with fault. */
static int
set_one(struct db *db, struct arena *arena, const struct branch_change *c, char *fault)
{
	int rc;

	if (db_begin(db) != DB_OK) {
		snprintf(fault, FAULT, "%s", db_error(db));
		return -1;
	}
	if ((rc = apply(db, arena, c, fault)) == 0)
		snprintf(fault, FAULT, "no branch %lld: pos-admin branch list",
		    (long long)c->branch_id);
	if (db_end(db, rc == 1) != DB_OK && rc == 1) {
		snprintf(fault, FAULT, "%s", db_error(db));
		rc = -1;
	}
	return rc == 1 ? 0 : -1;
}

int
admin_branch_set(struct admin *a)
{
	struct branch_change c = { .user_id = DB_NULL };
	char fault[FAULT] = "";
	struct arena *arena;
	struct db *db;
	int rc;

	if (a->argc < 2 || (c.branch_id = strtoll(a->argv[0], NULL, 10)) <= 0)
		return admin_fail(EX_USAGE, "branch set ID KEY=VALUE …; branch list shows ids");
	if (read_words(a, &c) == -1)
		return EX_USAGE;
	if ((db = admin_open(a, DB_WRITER)) == NULL)
		return EX_CONFIG;
	if ((arena = arena_new(1 << 20)) == NULL)
		fatal(EX_OSERR, "out of memory");
	rc = set_one(db, arena, &c, fault);
	arena_free(arena);
	db_close(db);
	if (rc == -1)
		return admin_fail(EX_DATAERR, "%s", fault);
	printf("branch %lld is set\n", (long long)c.branch_id);
	return EX_OK;
}

/* ---- import */

struct table {
	FILE *f;
	const char *path;
	int line, columns, key_column;
	int column[COLUMNS_MAX];	/* which key, -1 = the key of the branch */
};

/*
 * RFC 4180 fields of a line, in place; "" inside quotes is one quote. The
 * number of fields, or -1.
 */
static int
split(char *line, char **field, int most)
{
	char *in = line, *out;
	int n = 0, quoted;

	for (;;) {
		if (n == most)
			return -1;
		field[n++] = out = in;
		quoted = *in == '"';
		for (in += quoted; *in != '\0' && (quoted || *in != ','); in++) {
			if (quoted && *in == '"') {
				if (in[1] != '"') {
					quoted = 0;
					continue;
				}
				in++;
			}
			*out++ = *in;
		}
		if (quoted)
			return -1;
		if (*in == '\0') {
			*out = '\0';
			return n;
		}
		in++;
		*out = '\0';
	}
}

/* 1 a line, 0 the end, -1 too long. */
static int
next_line(struct table *t, char *line)
{
	size_t n;

	do {
		if (fgets(line, LINE_MAX_BYTES, t->f) == NULL)
			return 0;
		t->line++;
		n = strlen(line);
		if (n == LINE_MAX_BYTES - 1 && line[n - 1] != '\n')
			return -1;
		line[strcspn(line, "\r\n")] = '\0';
	} while (*line == '\0');
	return utf8_valid(line, strlen(line)) ? 1 : -1;
}

static int
read_header(struct table *t, char *line, char *fault)
{
	char *field[COLUMNS_MAX];

	t->key_column = -1;
	t->columns = next_line(t, line) == 1 ? split(line, field, COLUMNS_MAX) : -1;
	for (int i = 0; i < t->columns; i++) {
		t->column[i] = branch_key_find(field[i], strlen(field[i]));
		if (strcmp(field[i], "pos_branch_id") == 0)
			t->key_column = i;
		else if (t->column[i] == -1) {
			snprintf(fault, FAULT, "%s:1: no key \"%.60s\"", t->path, field[i]);
			return -1;
		}
	}
	if (t->columns > 0 && t->key_column >= 0)
		return 0;
	snprintf(fault, FAULT, "%s:1: a header line with pos_branch_id is expected", t->path);
	return -1;
}

static int
import_line(struct db *db, struct arena *a, struct table *t, char *line, char *fault)
{
	char *field[COLUMNS_MAX], why[FAULT] = "";
	struct branch_change c = { .user_id = DB_NULL };

	if (split(line, field, COLUMNS_MAX) != t->columns) {
		snprintf(fault, FAULT, "%s:%d: %d fields are expected", t->path, t->line, t->columns);
		return -1;
	}
	if (db_find(db, &sql[BY_KEY], "s", field[t->key_column]) == 1)
		c.branch_id = db_int(&sql[BY_KEY], 0);
	db_done(&sql[BY_KEY]);
	if (c.branch_id == 0) {
		snprintf(fault, FAULT, "%s:%d: no branch \"%.60s\" at the till: pos-sync first",
		    t->path, t->line, field[t->key_column]);
		return -1;
	}
	for (int i = 0; i < t->columns; i++)
		if (i != t->key_column && *field[i] != '\0')
			c.value[t->column[i]] = field[i];
	if (apply(db, a, &c, why) == 1)
		return 0;
	snprintf(fault, FAULT, "%s:%d: %.400s", t->path, t->line, why);
	return -1;
}

/* The number of branches set, or -1 with fault. */
static int
import(struct db *db, struct table *t, char *fault)
{
	struct arena *a = arena_new(4 << 20);
	static char line[LINE_MAX_BYTES];
	int n = 0, more = -1;

	if (a != NULL && read_header(t, line, fault) == 0)
		while ((more = next_line(t, line)) == 1) {
			if (n == ROWS_MAX || import_line(db, a, t, line, fault) == -1)
				break;
			arena_reset(a);
			n++;
		}
	if (more == -1 && *fault == '\0')
		snprintf(fault, FAULT, "%s:%d: too long, or not UTF-8", t->path, t->line);
	arena_free(a);
	return more == 0 ? n : -1;
}

int
admin_branch_import(struct admin *a)
{
	struct table t = { .path = a->argc == 1 ? a->argv[0] : NULL };
	char fault[FAULT] = "";
	struct db *db;
	int n = -1;

	if (t.path == NULL)
		return admin_fail(EX_USAGE, "branch import takes one word: a CSV file");
	if ((t.f = fopen(t.path, "re")) == NULL)
		return admin_fail(EX_NOINPUT, "%s: %s", t.path, strerror(errno));
	if ((db = admin_open(a, DB_WRITER)) == NULL) {
		fclose(t.f);
		return EX_CONFIG;
	}
	if (db_begin(db) == DB_OK) {
		n = import(db, &t, fault);
		if (db_end(db, n >= 0) != DB_OK && n >= 0)
			n = -1;
	}
	fclose(t.f);
	if (n == -1)
		admin_fail(EX_DATAERR, "%s; nothing was changed", *fault != '\0' ? fault : db_error(db));
	else
		printf("%d branches set\n", n);
	db_close(db);
	return n == -1 ? EX_DATAERR : EX_OK;
}

/* ---- list */

static void
print_branch(const struct branch *b)
{
	printf("%5lld  %-12s %s, %s\n", (long long)b->id, b->pos_branch_id, b->name, b->address);
	printf("       %s; %s; %s; %s%s%s\n",
	    isnan(b->latitude) ? "NO COORDINATES: pickup only" : "coordinates",
	    b->operating_hours == NULL ? "no hours: always open" :
	    b->now.is_open ? "open now" : "closed now",
	    b->phone == NULL ? "NO PHONE" : b->phone,
	    b->supports_delivery ? "delivery" : "no delivery",
	    b->supports_pickup ? ", pickup" : ", no pickup",
	    b->paused_until != DB_NULL && b->paused_until > clock_now() ? ", PAUSED" : "");
}

int
admin_branch_list(struct admin *a)
{
	struct arena *arena = arena_new(LIST_MEMORY);
	struct branch *list = NULL;
	struct db *db;
	int n;

	if (a->argc != 0 || arena == NULL) {
		arena_free(arena);
		return admin_fail(EX_USAGE, "branch list takes no words");
	}
	if ((db = admin_open(a, DB_READER)) == NULL) {
		arena_free(arena);
		return EX_CONFIG;
	}
	if ((n = branch_list(db, arena, clock_now(), &list)) < 0)
		admin_fail(EX_IOERR, "%s", db_error(db));
	for (int i = 0; i < n; i++)
		print_branch(&list[i]);
	if (n == 0)
		puts("no branches yet: pos-sync --full brings them");
	db_close(db);
	arena_free(arena);
	return n < 0 ? EX_IOERR : EX_OK;
}
