/*
 * branch.c - a branch as rules see it
 *
 * Loading judges hours and pause at a given moment, so that everybody who
 * asks whether it is open gets the same answer. What the till tells fills in
 * only what nobody set here: coordinates, phone and hours are the shop's.
 */
#include <math.h>
#include <string.h>

#include "lib/base/utf8.h"
#include "lib/shop/branch.h"
#include "lib/shop/staff.h"

enum {
	BRANCHES_MAX = 20000,	/* as many as sync takes */
	FIRST = 32,		/* room at first; doubles */
	HOURS_MEMORY = 4 << 20,	/* for reading the hours of one branch */
	NAME_KEY = 400,		/* bytes of a name's sort key */
	ID_TEXT = 21		/* an id and a comma */
};

enum { FIND, KEY, LIST, PAGE, PAGE_OF, UNPLACED, COUNT, COUNT_OF, THESE, FIND_KEY, ADD, SET, ACTIVE_AFTER, RETIRE, STATEMENTS };

#define COLUMNS \
	"branch.id, is_active, supports_delivery, supports_pickup, delivery_radius_m, paused_until," \
	" eta_pickup_min, eta_delivery_min, latitude, longitude, pos_branch_id, name, address," \
	" phone, timezone, operating_hours, pause_reason"

/* ?1: an order is delivered, ?2: picked up. */
#define OF_KIND \
	"is_active = 1 AND supports_delivery >= ?1 AND supports_pickup >= ?2" \
	" AND (?1 = 0 OR latitude IS NOT NULL)"

static struct stmt sql[STATEMENTS] = {
	[FIND] = { .sql = "SELECT " COLUMNS " FROM branch WHERE id = ?1" },
	[KEY] = { .sql = "SELECT pos_branch_id FROM branch WHERE id = ?1 AND is_active = 1" },
	[LIST] = { .sql =
	    "SELECT " COLUMNS " FROM branch WHERE is_active = 1 ORDER BY sort_key, id LIMIT ?1" },
	[PAGE] = { .sql = "SELECT id FROM branch WHERE " OF_KIND " ORDER BY sort_key, id"
	    " LIMIT ?3 OFFSET ?4" },
	[PAGE_OF] = { .sql = "SELECT id FROM branch WHERE " OF_KIND " AND "
	    STAFF_SEES("branch.id", "?5") " ORDER BY sort_key, id LIMIT ?3 OFFSET ?4" },
	[UNPLACED] = { .sql = "SELECT id FROM branch WHERE is_active = 1 AND latitude IS NULL"
	    " AND ?1 = 0 AND supports_pickup >= ?2 ORDER BY sort_key, id LIMIT ?3 OFFSET ?4" },
	[COUNT] = { .sql = "SELECT count(*) FROM (SELECT 1 FROM branch WHERE " OF_KIND " LIMIT ?3)" },
	[COUNT_OF] = { .sql = "SELECT count(*) FROM branch WHERE is_active = 1 AND "
	    STAFF_SEES("branch.id", "?1") },
	[THESE] = { .sql =
	    "SELECT " COLUMNS " FROM json_each(?1) CROSS JOIN branch ON branch.id ="
	    " json_each.value LIMIT ?2" },
	[FIND_KEY] = { .sql =
	    "SELECT id, name, address, phone, operating_hours, latitude, is_active"
	    " FROM branch WHERE pos_branch_id = ?1" },
	[ADD] = { .sql =
	    "INSERT INTO branch (pos_branch_id, name, address, phone, operating_hours, latitude,"
	    " longitude, timezone, created_at, updated_at, sort_key) VALUES (?1, ?2, coalesce(?3, ''), ?4, ?5,"
	    " ?6, ?7, coalesce(?8, 'Europe/Kyiv'), ?9, ?9, ?10)" },
	[SET] = { .sql =
	    "UPDATE branch SET name = ?2, address = coalesce(?3, address),"
	    " phone = coalesce(phone, ?4), operating_hours = coalesce(operating_hours, ?5),"
	    " latitude = coalesce(latitude, ?6), longitude = coalesce(longitude, ?7),"
	    " is_active = 1, updated_at = ?8, sort_key = ?9 WHERE id = ?1" },
	/* +: by id; an index of active branches would have to be sorted. */
	[ACTIVE_AFTER] = { .sql =
	    "SELECT id FROM branch WHERE id > ?1 AND +is_active = 1 ORDER BY id LIMIT 1" },
	[RETIRE] = { .sql = "UPDATE branch SET is_active = 0, updated_at = ?2 WHERE id = ?1" },
};
DB_STATEMENTS(sql);

/* The row in s. 0 or DB_ERROR (out of memory). */
static int
read_branch(struct arena *a, struct stmt *s, int64_t at, struct branch *b)
{
	int lost = 0;

	*b = (struct branch){
		.at = at, .id = db_int(s, 0), .is_active = db_int(s, 1),
		.supports_delivery = db_int(s, 2), .supports_pickup = db_int(s, 3),
		.delivery_radius_m = db_int(s, 4), .paused_until = db_int(s, 5),
		.eta_pickup_min = db_int(s, 6), .eta_delivery_min = db_int(s, 7),
		.latitude = db_real(s, 8), .longitude = db_real(s, 9),
		.pos_branch_id = db_keep(s, 10, a, &lost), .name = db_keep(s, 11, a, &lost),
		.address = db_keep(s, 12, a, &lost), .phone = db_keep(s, 13, a, &lost),
		.timezone = db_keep(s, 14, a, &lost), .operating_hours = db_keep(s, 15, a, &lost),
		.pause_reason = db_keep(s, 16, a, &lost),
	};
	if (b->paused_until == DB_NULL || b->paused_until <= at) {
		b->paused_until = DB_NULL;
		b->pause_reason = NULL;
	}
	return lost > 0 ? DB_ERROR : 0;
}

/* Reading hours takes memory that nobody needs afterwards. */
static void
judge(struct arena *scratch, struct branch *b)
{
	b->hours_are_wrong = hours_at(scratch, b->operating_hours, b->timezone, b->at,
	    &b->now) == -1;
	arena_reset(scratch);
}

int64_t
branch_opens_at(const struct branch *b, int64_t from)
{
	struct arena *scratch = arena_new(HOURS_MEMORY);
	struct branch then = *b;

	if (scratch == NULL)
		return DB_NULL;
	then.at = from;
	judge(scratch, &then);
	arena_free(scratch);
	return then.now.is_open ? from : then.now.opens_at;
}

int
branch_find(struct db *db, struct arena *a, int64_t id, int64_t at, struct branch *b)
{
	struct arena *scratch;
	int rc = db_find(db, &sql[FIND], "i", id);

	if (rc != 1)
		return rc;
	rc = read_branch(a, &sql[FIND], at, b);
	db_done(&sql[FIND]);
	if (rc != 0 || (scratch = arena_new(HOURS_MEMORY)) == NULL)
		return DB_ERROR;
	judge(scratch, b);
	arena_free(scratch);
	return 1;
}

int
branch_key(struct db *db, struct arena *a, int64_t id, const char **key)
{
	int rc = db_find(db, &sql[KEY], "i", id);

	if (rc != 1)
		return rc;
	*key = arena_str(a, db_text(&sql[KEY], 0));
	db_done(&sql[KEY]);
	return *key != NULL ? 1 : DB_ERROR;
}

/* Room for one more behind count: a larger copy at each power of two. */
static struct branch *
make_room(struct arena *a, struct branch *list, size_t count)
{
	struct branch *larger;

	if (count != 0 && (count < FIRST || (count & (count - 1)) != 0))
		return list;
	larger = arena_get(a, (count == 0 ? FIRST : count * 2) * sizeof *larger);
	if (larger != NULL && count > 0)
		memcpy(larger, list, count * sizeof *list);
	return larger;
}

/* The rows of an open statement, judged; the number, or a db_status. */
static int
load(struct db *db, struct arena *a, struct stmt *s, int64_t at, struct branch **list)
{
	struct arena *scratch = arena_new(HOURS_MEMORY);
	int rc = scratch == NULL ? DB_ERROR : 1;
	size_t n = 0;

	*list = NULL;
	while (rc == 1 && (rc = db_row(db, s)) == 1) {
		if ((*list = make_room(a, *list, n)) == NULL ||
		    read_branch(a, s, at, &(*list)[n]) != 0)
			rc = DB_ERROR;
		else
			judge(scratch, &(*list)[n++]);
	}
	db_done(s);
	arena_free(scratch);
	return rc < 0 ? rc : (int)n;
}

int
branch_list(struct db *db, struct arena *a, int64_t at, struct branch **list)
{
	int rc = db_query(db, &sql[LIST], "i", (int64_t)BRANCHES_MAX);

	return rc != 0 ? rc : load(db, a, &sql[LIST], at, list);
}

int
branch_page(struct db *db, struct arena *a, enum order_kind kind, const struct branch_cut *cut,
    struct branch_ids *ids)
{
	struct stmt *s = &sql[cut->unplaced ? UNPLACED : cut->staff_id != 0 ? PAGE_OF : PAGE];
	int64_t most = cut->most < BRANCHES_MAX ? cut->most : BRANCHES_MAX;
	int rc;

	*ids = (struct branch_ids){ .list = arena_get(a, (size_t)(most + 1) * sizeof *ids->list) };
	if (ids->list == NULL)
		return DB_ERROR;
	rc = db_query(db, s, cut->staff_id != 0 ? "iiiii" : "iiii", (int64_t)(kind == DELIVERY_KIND),
	    (int64_t)(kind == PICKUP_KIND), most, cut->skip, cut->staff_id);
	while (rc == 0 && (rc = db_row(db, s)) == 1) {
		ids->list[ids->count++] = db_int(s, 0);
		rc = 0;
	}
	return rc;
}

int64_t
branch_count(struct db *db, enum order_kind kind, int64_t most)
{
	struct stmt *s = &sql[COUNT];
	int rc = db_find(db, s, "iii", (int64_t)(kind == DELIVERY_KIND),
	    (int64_t)(kind == PICKUP_KIND), most);
	int64_t n = rc == 1 ? db_int(s, 0) : DB_ERROR;

	db_done(s);
	return rc < 0 ? rc : n;
}

int64_t
branch_count_of(struct db *db, int64_t staff_id)
{
	struct stmt *s = &sql[COUNT_OF];
	int rc = db_find(db, s, "i", staff_id);
	int64_t n = rc == 1 ? db_int(s, 0) : DB_ERROR;

	db_done(s);
	return rc < 0 ? rc : n;
}

/* In the order of ids, which is what the database gives, but need not. */
static int
put_in_order(struct arena *a, const struct branch_ids *ids, struct branch **list, int n)
{
	struct branch *sorted = arena_get(a, (size_t)(n + 1) * sizeof *sorted);
	int count = 0;

	if (sorted == NULL)
		return DB_ERROR;
	for (size_t i = 0; i < ids->count && count < n; i++)
		for (int k = 0; k < n; k++) {
			const struct branch *b = &(*list)[(count + k) % n];

			if (b->id != ids->list[i])
				continue;
			sorted[count++] = *b;
			break;
		}
	*list = sorted;
	return count;
}

int
branch_load(struct db *db, struct arena *a, const struct branch_ids *ids, int64_t at,
    struct branch **list)
{
	struct buf text = BUF_INIT(BRANCHES_MAX * ID_TEXT);
	int rc;

	json_open(&text, NULL, '[');
	for (size_t i = 0; i < ids->count; i++)
		json_put_int(&text, NULL, ids->list[i]);
	json_close(&text, ']');
	rc = text.failed ? DB_ERROR
	    : db_query(db, &sql[THESE], "si", text.s, (int64_t)ids->count);
	if (rc == 0)
		rc = load(db, a, &sql[THESE], at, list);
	buf_free(&text);
	return rc <= 0 ? rc : put_in_order(a, ids, list, rc);
}

void
branch_json_open(struct buf *out, const char *key, const struct branch *b, int64_t distance_m)
{
	json_open(out, key, '{');
	json_put_int(out, "id", b->id);
	json_put_text(out, "pos_branch_id", b->pos_branch_id);
	json_put_text(out, "name", b->name);
	json_put_text(out, "address", b->address);
	json_put_real(out, "latitude", b->latitude, 6);
	json_put_real(out, "longitude", b->longitude, 6);
	json_put_text(out, "phone", b->phone);
	json_put_text(out, "timezone", b->timezone);
	json_put_raw(out, "operating_hours", b->hours_are_wrong ? NULL : b->operating_hours);
	json_put_bool(out, "is_open", b->now.is_open);
	json_put_time(out, "opens_at", b->now.opens_at);
	json_put_time(out, "closes_at", b->now.closes_at);
	json_put_time(out, "paused_until", b->paused_until);
	json_put_bool(out, "supports_delivery", b->supports_delivery != 0);
	json_put_bool(out, "supports_pickup", b->supports_pickup != 0);
	json_put_int(out, "eta_pickup_min", b->eta_pickup_min);
	json_put_int(out, "eta_delivery_min", b->eta_delivery_min);
	if (distance_m != DB_NULL)
		json_put_real(out, "distance_km",
		    distance_m < 0 ? (double)NAN : (double)distance_m / 1000, 2);
}

void
branch_json(struct buf *out, const char *key, const struct branch *b, int64_t distance_m)
{
	branch_json_open(out, key, b, distance_m);
	json_close(out, '}');
}

/* ---- what the till tells */

/* Tills say "no coordinates" as nothing, or as a point in the Atlantic. */
static int
has_place(const struct branch_news *news)
{
	return fabs(news->latitude) <= 90 && fabs(news->longitude) <= 180 &&
	    (fabs(news->latitude) > 0 || fabs(news->longitude) > 0);
}

static int
differs(const char *ours, const char *theirs)
{
	return theirs != NULL && (ours == NULL || strcmp(ours, theirs) != 0);
}

/* 1 when the row in s would change. */
static int
is_news(struct stmt *s, const struct branch_news *news)
{
	return differs(db_text(s, 1), news->name) || differs(db_text(s, 2), news->address) ||
	    (db_is_null(s, 3) && news->phone != NULL) || (db_is_null(s, 4) && news->hours != NULL) ||
	    (db_is_null(s, 5) && has_place(news)) || !db_int(s, 6);
}

static int
add(struct db *db, const struct branch_news *news, const struct buf *sort_key, int64_t now)
{
	int has = has_place(news);

	return db_run(db, &sql[ADD], "sssssrrsib", news->key, news->name, news->address,
	    news->phone, news->hours, has ? news->latitude : (double)NAN,
	    has ? news->longitude : (double)NAN, news->timezone, now, sort_key->s, sort_key->len);
}

static int
set(struct db *db, int64_t id, const struct branch_news *news, const struct buf *sort_key,
    int64_t now)
{
	int has = has_place(news);

	return db_run(db, &sql[SET], "issssrrib", id, news->name, news->address, news->phone,
	    news->hours, has ? news->latitude : (double)NAN, has ? news->longitude : (double)NAN,
	    now, sort_key->s, sort_key->len);
}

int
branch_put(struct db *db, const struct branch_news *news, int64_t now, int64_t *id)
{
	struct buf key = BUF_INIT(NAME_KEY);
	struct stmt *s = &sql[FIND_KEY];
	int is_new, was_open, rc = db_find(db, s, "s", news->key);

	if (rc < 0)
		return rc;
	is_new = rc == 0;
	*id = is_new ? 0 : db_int(s, 0);
	if (!is_new && !is_news(s, news)) {
		db_done(s);
		return BRANCH_UNCHANGED;
	}
	was_open = is_new || db_int(s, 6);
	db_done(s);
	buf_lit(&key, "");	/* never NULL */
	utf8_sort_key(&key, news->name, strlen(news->name));
	rc = is_new ? add(db, news, &key, now) : set(db, *id, news, &key, now);
	if (rc == 0 && is_new)
		*id = db_last_id(db);
	buf_free(&key);
	if (rc != 0)
		return rc;
	return is_new ? BRANCH_ADDED : was_open ? BRANCH_CHANGED : BRANCH_BACK;
}

static int
is_seen(const int64_t *seen, size_t count, int64_t id)
{
	size_t low = 0, high = count, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (seen[mid] == id)
			return 1;
		if (seen[mid] < id)
			low = mid + 1;
		else
			high = mid;
	}
	return 0;
}

int
branch_missing(struct db *db, const int64_t *seen, size_t count, int *open, int *missing)
{
	struct stmt *s = &sql[ACTIVE_AFTER];
	int64_t id = 0;
	int rc;

	*open = *missing = 0;
	while ((rc = db_find(db, s, "i", id)) == 1) {
		id = db_int(s, 0);
		db_done(s);
		++*open;
		*missing += !is_seen(seen, count, id);
	}
	return rc;
}

int
branch_retire(struct db *db, const int64_t *seen, size_t count, int64_t now)
{
	struct stmt *s = &sql[ACTIVE_AFTER];
	int64_t id = 0;
	int rc, gone = 0;

	while ((rc = db_find(db, s, "i", id)) == 1) {
		id = db_int(s, 0);
		db_done(s);
		if (is_seen(seen, count, id))
			continue;
		if ((rc = db_run(db, &sql[RETIRE], "ii", id, now)) != 0)
			return rc;
		gone++;
	}
	return rc < 0 ? rc : gone;
}
