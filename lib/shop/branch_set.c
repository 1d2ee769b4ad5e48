/*
 * branch_set.c - what people tell of a branch; see branch_set.h
 *
 * One table of keys gives parsing, checks and the sentence of what is
 * allowed. Every value is read twice by the same function: once to look for a
 * fault, with no transaction open, and once to be written.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/money.h"
#include "lib/shop/audit.h"
#include "lib/shop/branch_set.h"
#include "lib/shop/contact.h"
#include "lib/shop/event.h"
#include "lib/shop/hours.h"

enum { HOURS_FAULT = 160, DETAIL = 128 * 1024, PAYLOAD = 128 };

enum {
	GET, SET_PLACE, SET_PHONE, SET_HOURS, SET_RADIUS, SET_DELIVERY, SET_PICKUP, SET_ZONE,
	SET_ETA_PICKUP, SET_ETA_DELIVERY, GET_PAUSE, SET_PAUSE, STATEMENTS
};

static struct stmt sql[STATEMENTS] = {
	/* columns in the order of the keys */
	[GET] = { .sql =
	    "SELECT latitude, longitude, phone, operating_hours, delivery_radius_m,"
	    " supports_delivery, supports_pickup, timezone, eta_pickup_min, eta_delivery_min"
	    " FROM branch WHERE id = ?1" },
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
	[GET_PAUSE] = { .sql = "SELECT paused_until, pause_reason FROM branch WHERE id = ?1" },
	[SET_PAUSE] = { .sql =
	    "UPDATE branch SET paused_until = ?2, pause_reason = ?3, updated_at = ?4"
	    " WHERE id = ?1" },
};
DB_STATEMENTS(sql);

enum kind { DEGREES, PHONE, HOURS, KILOMETRES, FLAG, ZONE, MINUTES };
enum { LATITUDE, LONGITUDE };	/* stand first, and are set together */

static const struct key {
	const char *name;
	enum kind kind;
	int statement;
	double most;		/* of DEGREES and MINUTES */
	const char *allowed[LANGUAGES];
} keys[BRANCH_KEYS] = {
	{ "latitude", DEGREES, SET_PLACE, 90,
	    { "градуси від -90 до 90", "degrees from -90 to 90" } },
	{ "longitude", DEGREES, SET_PLACE, 180,
	    { "градуси від -180 до 180", "degrees from -180 to 180" } },
	{ "phone", PHONE, SET_PHONE, 0,
	    { "номер, наприклад +380671234567", "a phone such as +380671234567" } },
	{ "operating_hours", HOURS, SET_HOURS, 0,
	    { "дні тижня, наприклад {\"mon\":[[\"10:00\",\"22:00\"]],…}, або нічого: завжди відчинено",
	    "JSON such as {\"mon\":[[\"10:00\",\"22:00\"]],…}, or empty for always open" } },
	{ "delivery_radius_km", KILOMETRES, SET_RADIUS, 0,
	    { "кілометри, щонайбільше три знаки після коми, або нічого",
	    "kilometres with at most three decimals, or empty for none" } },
	{ "supports_delivery", FLAG, SET_DELIVERY, 0, { "так чи ні", "yes or no" } },
	{ "supports_pickup", FLAG, SET_PICKUP, 0, { "так чи ні", "yes or no" } },
	{ "timezone", ZONE, SET_ZONE, 0,
	    { "часовий пояс, наприклад Europe/Kyiv", "a zone such as Europe/Kyiv" } },
	{ "eta_pickup_min", MINUTES, SET_ETA_PICKUP, 1440,
	    { "хвилини від 0 до 1440 або нічого", "minutes from 0 to 1440, or empty" } },
	{ "eta_delivery_min", MINUTES, SET_ETA_DELIVERY, 1440,
	    { "хвилини від 0 до 1440 або нічого", "minutes from 0 to 1440, or empty" } },
};

int
branch_key_find(const char *name, size_t n)
{
	for (int i = 0; i < BRANCH_KEYS; i++)
		if (strlen(keys[i].name) == n && memcmp(keys[i].name, name, n) == 0)
			return i;
	return -1;
}

const char *
branch_key_name(int key)
{
	return keys[key].name;
}

enum json_type
branch_key_type(int key)
{
	static const enum json_type types[] = { [DEGREES] = JSON_NUMBER, [PHONE] = JSON_TEXT,
		[HOURS] = JSON_OBJECT, [KILOMETRES] = JSON_NUMBER, [FLAG] = JSON_BOOL,
		[ZONE] = JSON_TEXT, [MINUTES] = JSON_NUMBER };

	return types[keys[key].kind];
}

/* ---- reading a value */

/* What a text means: one of these, by its key's kind. */
struct meaning {
	double degrees;
	int64_t number;		/* DB_NULL = taken away */
	const char *text;	/* NULL = taken away */
	char phone[CONTACT_PHONE_TEXT];
};

static int
read_degrees(const struct key *k, const char *value, double *out)
{
	char *end;

	*out = strtod(value, &end);
	return *value != '\0' && *end == '\0' && *out >= -k->most && *out <= k->most ? 0 : -1;
}

static int
read_flag(const char *value, int64_t *out)
{
	*out = strcmp(value, "yes") == 0 || strcmp(value, "1") == 0;
	return *out || strcmp(value, "no") == 0 || strcmp(value, "0") == 0 ? 0 : -1;
}

static int
read_number(const struct key *k, const char *value, int64_t *out)
{
	char *end;

	*out = DB_NULL;
	if (*value == '\0')
		return 0;
	if (k->kind == KILOMETRES)
		return decimal_parse(value, 3, out) == 0 && *out > 0 ? 0 : -1;
	*out = strtoll(value, &end, 10);
	return *end == '\0' && *out >= 0 && (double)*out <= k->most ? 0 : -1;
}

/* 0, or -1; why is only filled for hours, which know more than the table. */
static int
read_value(struct arena *a, const struct key *k, const char *value, struct meaning *m,
    char why[HOURS_FAULT])
{
	struct tm tm;

	m->text = *value != '\0' ? value : NULL;
	switch (k->kind) {
	case DEGREES:
		return read_degrees(k, value, &m->degrees);
	case PHONE:
		if (m->text != NULL && contact_phone(value, m->phone) == -1)
			return -1;
		m->text = m->text != NULL ? m->phone : NULL;
		return 0;
	case HOURS:
		return hours_check(a, m->text, why);
	case ZONE:
		return m->text == NULL || clock_local(value, clock_now(), &tm) == -1 ? -1 : 0;
	case FLAG:
		return read_flag(value, &m->number);
	default:
		return read_number(k, value, &m->number);
	}
}

int
branch_change_fault(struct arena *a, const struct branch_change *c, enum language l,
    char fault[BRANCH_FAULT])
{
	char why[HOURS_FAULT] = "";
	struct meaning m;

	if ((c->value[LATITUDE] == NULL) != (c->value[LONGITUDE] == NULL)) {
		snprintf(fault, BRANCH_FAULT, "%s", l == LANG_UK ?
		    "latitude і longitude вказують разом" : "latitude and longitude are set together");
		return c->value[LATITUDE] == NULL ? LATITUDE : LONGITUDE;
	}
	for (int i = 0; i < BRANCH_KEYS; i++) {
		if (c->value[i] == NULL || read_value(a, &keys[i], c->value[i], &m, why) == 0)
			continue;
		if (*why != '\0')
			snprintf(fault, BRANCH_FAULT, "%s", why);
		else
			snprintf(fault, BRANCH_FAULT, l == LANG_UK ? "очікується %s" : "%s is expected",
			    keys[i].allowed[l]);
		return i;
	}
	return -1;
}

/* ---- writing, and the audit */

/* The columns of GET as JSON, each a text in the arena. 1, 0, or a db_status. */
static int
snapshot(struct db *db, struct arena *a, int64_t id, const char *out[BRANCH_KEYS])
{
	struct buf b = BUF_INIT(DETAIL);
	struct stmt *s = &sql[GET];
	int rc = db_find(db, s, "i", id);

	if (rc != 1)
		return rc;
	for (int i = 0; i < BRANCH_KEYS && rc == 1; i++) {
		buf_reset(&b);
		if (db_is_null(s, i))
			buf_lit(&b, "null");
		else if (keys[i].kind == DEGREES)
			json_put_real(&b, NULL, db_real(s, i), 6);
		else if (keys[i].kind == FLAG)
			json_put_bool(&b, NULL, db_int(s, i) != 0);
		else if (keys[i].kind == KILOMETRES)
			json_put_real(&b, NULL, (double)db_int(s, i) / 1000, 3);
		else if (keys[i].kind == MINUTES)
			json_put_int(&b, NULL, db_int(s, i));
		else
			json_put_text(&b, NULL, db_text(s, i));
		if (b.failed || (out[i] = arena_dup(a, b.s, b.len)) == NULL)
			rc = DB_ERROR;
	}
	buf_free(&b);
	db_done(s);
	return rc;
}

static int
tell_change(struct db *db, int64_t branch_id)
{
	char payload[48];

	snprintf(payload, sizeof payload, "{\"branch_id\":%lld}", (long long)branch_id);
	return event_add(db, DB_NULL, branch_id, "branch", payload);
}

/* What differs between two snapshots; nothing writes nothing. 0 or a db_status. */
static int
note(struct db *db, const struct branch_change *c, const char *const *old, const char *const *now)
{
	struct buf b = BUF_INIT(DETAIL);
	char object[AUDIT_OBJECT];
	int rc = 0, changes = 0;

	json_open(&b, NULL, '{');
	for (int i = 0; i < BRANCH_KEYS; i++) {
		if (strcmp(old[i], now[i]) == 0)
			continue;
		json_open(&b, keys[i].name, '{');
		json_put_raw(&b, "old", old[i]);
		json_put_raw(&b, "new", now[i]);
		json_close(&b, '}');
		changes++;
	}
	json_close(&b, '}');
	if (b.failed)
		rc = DB_ERROR;
	else if (changes > 0)
		rc = audit_add(db, c->user_id, "branch.set",
		    audit_object(object, "branch", c->branch_id), b.s);
	if (rc == 0 && changes > 0)
		rc = tell_change(db, c->branch_id);
	buf_free(&b);
	return rc;
}

static int
put_value(struct db *db, struct arena *a, int64_t id, const struct key *k, const char *value)
{
	char why[HOURS_FAULT];
	struct meaning m;

	if (read_value(a, k, value, &m, why) == -1)
		return DB_ERROR;
	if (k->kind == PHONE || k->kind == HOURS || k->kind == ZONE)
		return db_run(db, &sql[k->statement], "isi", id, m.text, clock_now());
	return db_run(db, &sql[k->statement], "iii", id, m.number, clock_now());
}

static int
put_place(struct db *db, const struct branch_change *c)
{
	double latitude, longitude;

	if (c->value[LATITUDE] == NULL)
		return 0;
	if (read_degrees(&keys[LATITUDE], c->value[LATITUDE], &latitude) == -1 ||
	    read_degrees(&keys[LONGITUDE], c->value[LONGITUDE], &longitude) == -1)
		return DB_ERROR;
	return db_run(db, &sql[SET_PLACE], "irri", c->branch_id, latitude, longitude, clock_now());
}

int
branch_change_apply(struct db *db, struct arena *a, const struct branch_change *c)
{
	const char *old[BRANCH_KEYS], *now[BRANCH_KEYS];
	int rc = snapshot(db, a, c->branch_id, old);

	if (rc != 1)
		return rc;
	if ((rc = put_place(db, c)) != 0)
		return rc;
	for (int i = LONGITUDE + 1; i < BRANCH_KEYS; i++)
		if (c->value[i] != NULL &&
		    (rc = put_value(db, a, c->branch_id, &keys[i], c->value[i])) != 0)
			return rc;
	if ((rc = snapshot(db, a, c->branch_id, now)) != 1)
		return rc == 0 ? DB_ERROR : rc;
	rc = note(db, c, old, now);
	return rc == 0 ? 1 : rc;
}

/* ---- the pause */

static int
tell(struct db *db, const struct branch_pause *p)
{
	struct buf b = BUF_INIT(PAYLOAD);
	int rc = DB_ERROR;

	json_open(&b, NULL, '{');
	json_put_int(&b, "branch_id", p->branch_id);
	json_put_time(&b, "paused_until", p->until);
	json_close(&b, '}');
	if (!b.failed)
		rc = event_add(db, DB_NULL, p->branch_id, "branch", b.s);
	buf_free(&b);
	return rc;
}

static int
note_pause(struct db *db, const struct branch_pause *p, int64_t old)
{
	struct buf b = BUF_INIT(DETAIL);
	char object[AUDIT_OBJECT];
	int rc = DB_ERROR;

	json_open(&b, NULL, '{');
	json_open(&b, "paused_until", '{');
	json_put_time(&b, "old", old);
	json_put_time(&b, "new", p->until);
	json_close(&b, '}');
	if (p->reason != NULL)
		json_put_text(&b, "reason", p->reason);
	json_close(&b, '}');
	if (!b.failed)
		rc = audit_add(db, p->user_id, p->until != DB_NULL ? "branch.pause" : "branch.resume",
		    audit_object(object, "branch", p->branch_id), b.s);
	buf_free(&b);
	return rc;
}

int
branch_pause(struct db *db, const struct branch_pause *p)
{
	struct stmt *s = &sql[GET_PAUSE];
	const char *reason;
	int64_t old;
	int is_same, rc = db_find(db, s, "i", p->branch_id);

	if (rc != 1)
		return rc;
	old = db_int(s, 0);
	if (old != DB_NULL && old <= p->now)
		old = DB_NULL;		/* it ended by itself */
	reason = db_text(s, 1);
	is_same = old == p->until && (p->until == DB_NULL ||
	    strcmp(reason != NULL ? reason : "", p->reason != NULL ? p->reason : "") == 0);
	db_done(s);
	if (is_same)
		return 0;
	rc = db_run(db, &sql[SET_PAUSE], "iisi", p->branch_id, p->until, p->reason, p->now);
	if (rc == 0 && (rc = note_pause(db, p, old)) == 0)
		rc = tell(db, p);
	return rc == 0 ? 1 : rc;
}
