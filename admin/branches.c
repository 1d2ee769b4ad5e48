/*
 * branches.c - branch list, set, import: what tills do not tell
 *
 * One table of keys gives parsing, checks and the message of what is allowed;
 * set and import share it. An import changes all branches or none.
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
#include "lib/base/money.h"
#include "lib/base/utf8.h"
#include "lib/shop/audit.h"
#include "lib/shop/branch.h"
#include "lib/shop/contact.h"
#include "lib/shop/hours.h"

enum {
	LINE_MAX_BYTES = 16384, COLUMNS_MAX = 32,
	ROWS_MAX = 2000,	/* one transaction: all or none, and soon over */
	FAULT = 256, LIST_MEMORY = 64 << 20
};

enum {
	SET_PLACE, SET_PHONE, SET_HOURS, SET_RADIUS, SET_DELIVERY, SET_PICKUP,
	SET_ZONE, SET_ETA_PICKUP, SET_ETA_DELIVERY, BY_KEY, BY_ID, STATEMENTS
};

static struct stmt sql[STATEMENTS] = {
	[SET_PLACE] = { .sql =
	    "UPDATE branch SET latitude = ?2, longitude = ?3, updated_at = ?4 WHERE id = ?1" },
	[SET_PHONE] = { .sql = "UPDATE branch SET phone = ?2, updated_at = ?3 WHERE id = ?1" },
	[SET_HOURS] = { .sql =
	    "UPDATE branch SET operating_hours = ?2, updated_at = ?3 WHERE id = ?1" },
	[SET_RADIUS] = { .sql =
	    "UPDATE branch SET delivery_radius_m = ?2, updated_at = ?3 WHERE id = ?1" },
	[SET_DELIVERY] = { .sql =
	    "UPDATE branch SET supports_delivery = ?2, updated_at = ?3 WHERE id = ?1" },
	[SET_PICKUP] = { .sql =
	    "UPDATE branch SET supports_pickup = ?2, updated_at = ?3 WHERE id = ?1" },
	[SET_ZONE] = { .sql = "UPDATE branch SET timezone = ?2, updated_at = ?3 WHERE id = ?1" },
	[SET_ETA_PICKUP] = { .sql =
	    "UPDATE branch SET eta_pickup_min = ?2, updated_at = ?3 WHERE id = ?1" },
	[SET_ETA_DELIVERY] = { .sql =
	    "UPDATE branch SET eta_delivery_min = ?2, updated_at = ?3 WHERE id = ?1" },
	[BY_KEY] = { .sql = "SELECT id FROM branch WHERE pos_branch_id = ?1" },
	[BY_ID] = { .sql = "SELECT id FROM branch WHERE id = ?1" },
};
DB_STATEMENTS(sql);

enum kind { DEGREES, PHONE, HOURS, KILOMETRES, FLAG, ZONE, MINUTES };

static const struct key {
	const char *name;
	enum kind kind;
	int statement;
	double most;		/* of DEGREES and MINUTES */
	const char *allowed;
} keys[] = {
	{ "latitude", DEGREES, SET_PLACE, 90, "degrees from -90 to 90" },
	{ "longitude", DEGREES, SET_PLACE, 180, "degrees from -180 to 180" },
	{ "phone", PHONE, SET_PHONE, 0, "a phone such as +380671234567" },
	{ "operating_hours", HOURS, SET_HOURS, 0,
	    "JSON such as {\"mon\":[[\"10:00\",\"22:00\"]],…}, or empty for always open" },
	{ "delivery_radius_km", KILOMETRES, SET_RADIUS, 0,
	    "kilometres with at most three decimals, or empty for none" },
	{ "supports_delivery", FLAG, SET_DELIVERY, 0, "yes or no" },
	{ "supports_pickup", FLAG, SET_PICKUP, 0, "yes or no" },
	{ "timezone", ZONE, SET_ZONE, 0, "a zone such as Europe/Kyiv" },
	{ "eta_pickup_min", MINUTES, SET_ETA_PICKUP, 1440, "minutes from 0 to 1440, or empty" },
	{ "eta_delivery_min", MINUTES, SET_ETA_DELIVERY, 1440, "minutes from 0 to 1440, or empty" },
};
enum { KEYS = sizeof keys / sizeof *keys };

/* What one line changes: values by key, NULL = leave. */
struct change {
	int64_t id;
	const char *value[KEYS];
};

static int
find_key(const char *name, size_t n)
{
	for (int i = 0; i < KEYS; i++)
		if (strlen(keys[i].name) == n && memcmp(keys[i].name, name, n) == 0)
			return i;
	return -1;
}

static int
wrong(char *fault, const struct key *k, const char *value)
{
	snprintf(fault, FAULT, "%s=%.80s: %s is expected", k->name, value, k->allowed);
	return -1;
}

static int
degrees(const struct key *k, const char *value, double *out)
{
	char *end;

	*out = strtod(value, &end);
	return *value != '\0' && *end == '\0' && *out >= -k->most && *out <= k->most ? 0 : -1;
}

/* DB_NULL for an empty value. */
static int
whole(const struct key *k, const char *value, int64_t *out)
{
	char *end;

	*out = DB_NULL;
	if (*value == '\0')
		return 0;
	if (k->kind == KILOMETRES)
		return decimal_parse(value, 3, out) == 0 && *out > 0 ? 0 : -1;
	if (k->kind == FLAG) {
		*out = strcmp(value, "yes") == 0 || strcmp(value, "1") == 0;
		return *out || strcmp(value, "no") == 0 || strcmp(value, "0") == 0 ? 0 : -1;
	}
	*out = strtoll(value, &end, 10);
	return *end == '\0' && *out >= 0 && (double)*out <= k->most ? 0 : -1;
}

/* What was set, for the audit. 0 or a db_status. */
static int
note(struct db *db, int64_t id, const struct key *k, const char *value)
{
	struct buf b = BUF_INIT(2 * LINE_MAX_BYTES);
	char object[AUDIT_OBJECT];
	int rc = DB_ERROR;

	json_open(&b, NULL, '{');
	json_put_text(&b, "key", k->name);
	json_put_text(&b, "value", value);
	json_close(&b, '}');
	if (!b.failed)
		rc = audit_add(db, DB_NULL, "branch.set", audit_object(object, "branch", id), b.s);
	buf_free(&b);
	return rc;
}

/* One value into its column. 0, -1 with fault. */
static int
put(struct db *db, struct arena *a, int64_t id, const struct key *k, const char *value, char *fault)
{
	char phone[CONTACT_PHONE_TEXT], why[160];
	struct stmt *s = &sql[k->statement];
	const char *text = *value != '\0' ? value : NULL;
	int64_t now = clock_now(), number;
	struct tm tm;
	int rc;

	switch (k->kind) {
	case PHONE:
		if (text != NULL && contact_phone(text, phone) == -1)
			return wrong(fault, k, value);
		rc = db_run(db, s, "isi", id, text != NULL ? phone : NULL, now);
		break;
	case HOURS:
		if (hours_check(a, text, why) == -1) {
			snprintf(fault, FAULT, "operating_hours: %s", why);
			return -1;
		}
		rc = db_run(db, s, "isi", id, text, now);
		break;
	case ZONE:
		if (text == NULL || clock_local(text, now, &tm) == -1)
			return wrong(fault, k, value);
		rc = db_run(db, s, "isi", id, text, now);
		break;
	default:
		if (whole(k, value, &number) == -1 || (k->kind == FLAG && number == DB_NULL))
			return wrong(fault, k, value);
		rc = db_run(db, s, "iii", id, number, now);
	}
	if (rc == DB_OK)
		rc = note(db, id, k, value);
	if (rc != DB_OK)
		snprintf(fault, FAULT, "%s: %s", k->name, db_error(db));
	return rc == DB_OK ? 0 : -1;
}

/* Both coordinates, or neither. */
static int
put_place(struct db *db, const struct change *c, char *fault)
{
	const char *lat = c->value[0], *lon = c->value[1];
	double latitude, longitude;

	if (lat == NULL && lon == NULL)
		return 0;
	if (lat == NULL || lon == NULL) {
		snprintf(fault, FAULT, "latitude and longitude are set together");
		return -1;
	}
	if (degrees(&keys[0], lat, &latitude) == -1)
		return wrong(fault, &keys[0], lat);
	if (degrees(&keys[1], lon, &longitude) == -1)
		return wrong(fault, &keys[1], lon);
	if (db_run(db, &sql[SET_PLACE], "irri", c->id, latitude, longitude, clock_now()) == DB_OK)
		return 0;
	snprintf(fault, FAULT, "%s", db_error(db));
	return -1;
}

static int
apply(struct db *db, struct arena *a, const struct change *c, char *fault)
{
	if (put_place(db, c, fault) == -1)
		return -1;
	for (int i = 2; i < KEYS; i++)
		if (c->value[i] != NULL &&
		    put(db, a, c->id, &keys[i], c->value[i], fault) == -1)
			return -1;
	return 0;
}

/* The words KEY=VALUE into c. 0, or -1 after saying which is wrong. */
static int
read_words(struct admin *a, struct change *c)
{
	const char *equals;
	int key;

	for (int i = 1; i < a->argc; i++) {
		equals = strchr(a->argv[i], '=');
		key = equals == NULL ? -1 : find_key(a->argv[i], (size_t)(equals - a->argv[i]));
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
set_one(struct db *db, struct arena *arena, const struct change *c, char *fault)
{
	int ok = 0;

	if (db_begin(db) != DB_OK) {
		snprintf(fault, FAULT, "%s", db_error(db));
		return -1;
	}
	if (db_find(db, &sql[BY_ID], "i", c->id) != 1)
		snprintf(fault, FAULT, "no branch %lld: pos-admin branch list", (long long)c->id);
	else
		ok = 1;
	db_done(&sql[BY_ID]);
	ok = ok && apply(db, arena, c, fault) == 0;
	if (db_end(db, ok) != DB_OK && ok) {
		snprintf(fault, FAULT, "%s", db_error(db));
		ok = 0;
	}
	return ok ? 0 : -1;
}

int
admin_branch_set(struct admin *a)
{
	struct change c = { 0 };
	char fault[FAULT] = "";
	struct arena *arena;
	struct db *db;
	int rc;

	if (a->argc < 2 || (c.id = strtoll(a->argv[0], NULL, 10)) <= 0)
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
	printf("branch %lld is set\n", (long long)c.id);
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
		t->column[i] = find_key(field[i], strlen(field[i]));
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
	struct change c = { 0 };

	if (split(line, field, COLUMNS_MAX) != t->columns) {
		snprintf(fault, FAULT, "%s:%d: %d fields are expected", t->path, t->line, t->columns);
		return -1;
	}
	if (db_find(db, &sql[BY_KEY], "s", field[t->key_column]) == 1)
		c.id = db_int(&sql[BY_KEY], 0);
	db_done(&sql[BY_KEY]);
	if (c.id == 0) {
		snprintf(fault, FAULT, "%s:%d: no branch \"%.60s\" at the till: pos-sync first",
		    t->path, t->line, field[t->key_column]);
		return -1;
	}
	for (int i = 0; i < t->columns; i++)
		if (i != t->key_column && *field[i] != '\0')
			c.value[t->column[i]] = field[i];
	if (apply(db, a, &c, why) == 0)
		return 0;
	snprintf(fault, FAULT, "%s:%d: %.180s", t->path, t->line, why);
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
