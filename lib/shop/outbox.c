/*
 * outbox.c - what we owe the till
 *
 * A row is due, or claimed by one sender until its lease ends, or over. Who
 * claims commits before a byte leaves, so a sender that dies leaves a row
 * that says so. A claim is known by its lease: what an outlived sender brings
 * later is refused, unless it is that the till has the order.
 */
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/utf8.h"
#include "lib/shop/event.h"
#include "lib/shop/order.h"
#include "lib/shop/outbox.h"

enum {
	ERROR_POINTS = 300,	/* of last_error: enough for a person */
	DOUBLINGS = 20,		/* 2^20 s is longer than any cap */
	PAYLOAD_MAX = 1024,
	REST_MAX_S = 3600	/* no lane rests longer: else the clock was set back */
};

#define COLUMNS "o.id, o.order_id, o.user_id, o.attempts, o.finds, o.sent_at, " \
	"o.created_at, o.kind, o.idempotency_key, o.payload, o.mode, o.request, o.request_id"
/* No earlier row of the same order may still be under way; the calls that follow
 * an order hold each other also when refused, and others only on the wire. */
#define IN_TURN "NOT EXISTS (SELECT 1 FROM outbox e WHERE e.order_id = o.order_id " \
	"AND e.id < o.id AND (e.state = 'claimed' OR (e.state IN ('due', 'uncertain') " \
	"AND (e.kind <> 'then' OR o.kind = 'then')) " \
	"OR (e.state = 'refused' AND e.kind = 'then' AND o.kind = 'then')))"

enum { OWE, ANY_DUE, ANY_LOST, LOST, DUE, CLAIM, STEP, FREEZE, STATE, SETTLE, BRANCH, MAY_HAVE,
	PARK, LANE, PROBING, FAILED, WORKS, HOLD, PAUSE, RESUME, STRANDED, WAKE };
static struct stmt sql[] = {
	[OWE] = { .sql = "INSERT INTO outbox (lane, kind, order_id, idempotency_key, next_ms, "
	    "created_at, updated_at, request_id) "
	    "VALUES ('pos', ?1, ?2, ?3, ?4, ?5, ?5, ?6)" },
	[ANY_DUE] = { .sql = "SELECT 1 FROM outbox o WHERE o.lane = ?1 AND o.state = 'due' "
	    "AND o.next_ms <= ?2 AND " IN_TURN " LIMIT 1" },
	[ANY_LOST] = { .sql = "SELECT 1 FROM outbox o WHERE o.state = 'claimed' "
	    "AND o.lease_ms <= ?2 AND o.lane = ?1 AND " IN_TURN " LIMIT 1" },
	[LOST] = { .sql = "SELECT " COLUMNS " FROM outbox o WHERE o.state = 'claimed' "
	    "AND o.lease_ms <= ?2 AND o.lane = ?1 AND " IN_TURN
	    " ORDER BY o.lease_ms LIMIT ?3" },
	[DUE] = { .sql = "SELECT " COLUMNS " FROM outbox o WHERE o.lane = ?1 "
	    "AND o.state = 'due' AND o.next_ms <= ?2 AND " IN_TURN
	    " ORDER BY o.next_ms, o.id LIMIT ?3" },
	[CLAIM] = { .sql = "UPDATE outbox SET state = 'claimed', lease_ms = ?2, updated_at = ?3 "
	    "WHERE id = ?1" },
	[STEP] = { .sql = "UPDATE orders SET submission = ?2, updated_at = ?3 WHERE id = ?1 "
	    "AND submission <> ?2" },
	[FREEZE] = { .sql = "UPDATE outbox SET request = coalesce(request, ?3), finds = 0, "
	    "mode = CASE WHEN kind = 'then' THEN 'send' ELSE mode END, "
	    "sent_at = coalesce(sent_at, ?4) WHERE id = ?1 AND state = 'claimed' "
	    "AND lease_ms = ?2" },
	[STATE] = { .sql = "SELECT state, lease_ms FROM outbox WHERE id = ?1" },
	[SETTLE] = { .sql = "UPDATE outbox SET state = ?2, mode = ?3, next_ms = ?4, "
	    "lease_ms = NULL, attempts = attempts + ?5, finds = finds + ?6, "
	    "sent_at = CASE WHEN ?7 = 1 THEN ?8 ELSE sent_at END, "
	    "last_outcome = ?9, last_error = ?10, updated_at = ?11 WHERE id = ?1 "
	    "RETURNING sent_at" },
	[BRANCH] = { .sql = "SELECT branch_id FROM orders WHERE id = ?1" },
	[MAY_HAVE] = { .sql = "SELECT 1 FROM outbox WHERE order_id = ?1 AND kind = 'order' "
	    "AND (sent_at IS NOT NULL OR state IN ('sent', 'uncertain')) LIMIT 1" },
	[PARK] = { .sql = "UPDATE outbox SET state = 'parked', lease_ms = NULL, "
	    "last_outcome = ?2, updated_at = ?3 WHERE order_id = ?1 "
	    "AND state IN ('due', 'claimed')" },
	[LANE] = { .sql = "SELECT failures, open_until, paused_why FROM lane WHERE name = ?1" },
	[PROBING] = { .sql = "SELECT 1 FROM outbox WHERE state = 'claimed' AND lease_ms > ?2 "
	    "AND lane = ?1 LIMIT 1" },
	[FAILED] = { .sql = "UPDATE lane SET failures = ?2, open_until = ?3 WHERE name = ?1" },
	/* What the till asked for holds whoever answers meanwhile. */
	[WORKS] = { .sql = "UPDATE lane SET failures = 0, open_until = CASE WHEN failures < ?2 "
	    "THEN open_until ELSE 0 END WHERE name = ?1 AND failures > 0" },
	[HOLD] = { .sql = "UPDATE lane SET open_until = ?2 WHERE name = ?1 "
	    "AND (open_until < ?2 OR open_until > ?3)" },
	[PAUSE] = { .sql = "UPDATE lane SET paused_why = ?2 WHERE name = ?1 "
	    "AND paused_why IS NOT ?2" },
	[RESUME] = { .sql = "UPDATE lane SET paused_why = NULL, open_until = 0 WHERE name = ?1 "
	    "AND (paused_why IS NOT NULL OR open_until > ?2)" },
	[STRANDED] = { .sql = "SELECT 1 FROM outbox WHERE lane = ?1 AND state = 'due' "
	    "AND next_ms > ?2 LIMIT 1" },
	[WAKE] = { .sql = "UPDATE outbox SET next_ms = ?3 WHERE id IN (SELECT id FROM outbox "
	    "WHERE lane = ?1 AND state = 'due' AND next_ms > ?2 LIMIT 100)" },
};
DB_STATEMENTS(sql);

int
outbox_owe_order(struct db *db, int64_t order_id, const char *kind, const char *key)
{
	return db_run(db, &sql[OWE], "sisiis", kind, order_id, key, clock_ms(), clock_now(),
	    log_request_now());
}

/* ---- claiming */

/* The order's submission follows its row; other kinds have none. */
static int
step(struct db *db, const struct outbox_row *row, const char *submission)
{
	if (strcmp(row->kind, "order") != 0)
		return 0;
	return db_run(db, &sql[STEP], "isi", row->order_id, submission, clock_now());
}

/* -1 when the arena is full. */
static int
read_row(struct arena *a, struct stmt *st, struct outbox_row *r)
{
	size_t len;
	const void *request = db_blob(st, 11, &len);
	int lost = 0;

	*r = (struct outbox_row){ .id = db_int(st, 0), .order_id = db_int(st, 1),
		.user_id = db_int(st, 2), .attempts = db_int(st, 3), .finds = db_int(st, 4),
		.sent_at = db_int(st, 5), .created_at = db_int(st, 6),
		.kind = db_keep(st, 7, a, &lost), .key = db_keep(st, 8, a, &lost),
		.payload = db_keep(st, 9, a, &lost), .mode = db_keep(st, 10, a, &lost),
		.request_id = db_keep(st, 12, a, &lost), .request_len = request == NULL ? 0 : len };
	if (request != NULL)
		r->request = arena_dup(a, request, len);
	return lost > 0 || (request != NULL && r->request == NULL) ? -1 : 0;
}

/* Rows of an open statement; what does not fit the arena waits its turn. */
static int
read_rows(struct db *db, struct arena *a, struct stmt *st, struct outbox_row *rows, int most)
{
	int n = 0, rc = 0;

	while (n < most && (rc = db_row(db, st)) == 1)
		if (read_row(a, st, &rows[n++]) == -1) {
			n--;
			break;
		}
	db_done(st);
	return rc < 0 ? rc : n;
}

/* Candidates: those whose sender was lost, then those that are due. */
static int
candidates(struct db *db, struct arena *a, const char *lane, struct outbox_row *rows, int most)
{
	int64_t now_ms = clock_ms();
	int lost, due, rc;

	if ((rc = db_query(db, &sql[LOST], "sii", lane, now_ms, (int64_t)most)) != 0)
		return rc;
	if ((lost = read_rows(db, a, &sql[LOST], rows, most)) < 0 || lost == most)
		return lost;
	if ((rc = db_query(db, &sql[DUE], "sii", lane, now_ms, (int64_t)(most - lost))) != 0)
		return rc;
	due = read_rows(db, a, &sql[DUE], rows + lost, most - lost);
	return due < 0 ? due : lost + due;
}

static int
claim(struct db *db, struct arena *a, const char *lane, int64_t lease_ms, struct outbox_row *rows,
    int most)
{
	int n = candidates(db, a, lane, rows, most), rc;

	for (int i = 0; i < n; i++) {
		rows[i].lease_ms = clock_ms() + lease_ms;
		rc = db_run(db, &sql[CLAIM], "iii", rows[i].id, rows[i].lease_ms, clock_now());
		if (rc == 0)
			rc = step(db, &rows[i], rows[i].sent_at == DB_NULL ? "sending" : "checking");
		if (rc != 0)
			return rc;
	}
	return n;
}

/* Only looks, without the lock: an idle sender asks five times a second. */
static int
anything(struct db *db, const char *lane)
{
	int rc = db_find(db, &sql[ANY_DUE], "si", lane, clock_ms());

	db_done(&sql[ANY_DUE]);
	if (rc != 0)
		return rc;
	rc = db_find(db, &sql[ANY_LOST], "si", lane, clock_ms());
	db_done(&sql[ANY_LOST]);
	return rc;
}

struct breaker {
	int64_t failures, open_until;
	int paused;
};

static int
rests(const struct breaker *b)
{
	return b->open_until > clock_now() && b->open_until - clock_now() <= REST_MAX_S;
}

/* 0 read. */
static int
read_lane(struct db *db, const char *lane, struct breaker *b)
{
	struct stmt *st = &sql[LANE];
	int rc = db_find(db, st, "s", lane);

	if (rc != 1)
		return rc == 0 ? DB_ERROR : rc;
	*b = (struct breaker){ db_int(st, 0), db_int(st, 1), !db_is_null(st, 2) };
	db_done(st);
	return 0;
}

/* How many may be taken now: after an outage one row feels whether the till is
 * back, while the others wait. Or a db_status. */
static int
allowed(struct db *db, const char *lane, int most)
{
	struct breaker b;
	int rc = read_lane(db, lane, &b);

	if (rc != 0 || b.paused || rests(&b))
		return rc;
	if (b.failures < LANE_TRIP)
		return most;
	rc = db_find(db, &sql[PROBING], "si", lane, clock_ms());
	db_done(&sql[PROBING]);
	return rc < 0 ? rc : rc == 0;
}

int
outbox_claim(struct db *db, struct arena *a, const char *lane, int64_t lease_ms,
    struct outbox_row *rows, int most)
{
	int n, rc;

	if (most < 1 || (rc = anything(db, lane)) != 1)
		return most < 1 ? 0 : rc;
	if ((most = allowed(db, lane, most)) < 1)
		return most;
	if ((rc = db_begin(db)) != 0)
		return rc;
	n = claim(db, a, lane, lease_ms, rows, most);
	rc = db_end(db, n > 0);
	return rc != 0 ? rc : n;
}

int
outbox_peek(struct db *db, struct arena *a, const char *lane, struct outbox_row *rows, int most)
{
	return candidates(db, a, lane, rows, most);
}

int
outbox_freeze(struct db *db, const struct outbox_row *row, const void *request, size_t len)
{
	int rc = db_begin(db), ours = 0, ended;

	if (rc != 0)
		return rc;
	rc = db_run(db, &sql[FREEZE], "iibi", row->id, row->lease_ms, request, len, clock_now());
	if (rc == 0)
		ours = db_changes(db) == 1;
	ended = db_end(db, rc == 0);
	if (rc == 0)
		rc = ended;
	return rc != 0 ? rc : ours;
}

/* ---- how a try ended */

/* 1 when this end may be noted. */
static int
may_settle(struct db *db, const struct outbox_end *e)
{
	struct stmt *st = &sql[STATE];
	int rc = db_find(db, st, "i", e->row->id), ours;

	if (rc != 1)
		return rc;
	ours = strcmp(db_text(st, 0), "claimed") == 0 && db_int(st, 1) == e->row->lease_ms;
	if (!ours && strcmp(e->state, "sent") == 0)
		ours = strcmp(db_text(st, 0), "sent") != 0;
	db_done(st);
	return ours;
}

/* What the shopper sees of it. */
static const char *
submission_of(const char *state, int64_t sent_at)
{
	if (strcmp(state, "sent") == 0)
		return "sent";
	if (strcmp(state, "due") == 0)
		return sent_at == DB_NULL ? "queued" : "checking";
	return "stopped";
}

int
outbox_show(struct db *db, int64_t order_id, const char *state, int64_t sent_at)
{
	return db_run(db, &sql[STEP], "isi", order_id, submission_of(state, sent_at), clock_now());
}

/* The branch's board hears of a row that a person must look at. */
static int
call_people(struct db *db, const struct outbox_end *e)
{
	struct buf b = BUF_INIT(PAYLOAD_MAX);
	int64_t branch_id = DB_NULL;
	int rc = 0;

	if (e->row->order_id != DB_NULL) {
		if ((rc = db_find(db, &sql[BRANCH], "i", e->row->order_id)) == 1)
			branch_id = db_int(&sql[BRANCH], 0);
		db_done(&sql[BRANCH]);
		if (rc < 0)
			return rc;
	}
	json_open(&b, NULL, '{');
	json_put_int(&b, "id", e->row->id);
	json_put_text(&b, "kind", e->row->kind);
	json_put_int(&b, "order_id", e->row->order_id);
	json_put_text(&b, "state", e->state);
	json_put_text(&b, "outcome", e->outcome);
	json_close(&b, '}');
	rc = b.failed ? DB_ERROR : event_add(db, DB_NULL, branch_id, "outbox", b.s);
	buf_free(&b);
	if (rc == 0 && strcmp(e->row->kind, "cancel") == 0)
		rc = order_attention(db, e->row->order_id, "cancel_unanswered");
	else if (rc == 0 && strcmp(e->state, "uncertain") == 0 &&
	    strcmp(e->row->kind, "order") == 0)
		rc = order_attention(db, e->row->order_id, "uncertain");
	return rc < 0 ? rc : 0;
}

/* Writes the row; sent_at as it stands then. */
static int
write_end(struct db *db, const struct outbox_end *e, int64_t *sent_at)
{
	size_t len = e->error == NULL ? 0
	    : utf8_prefix(e->error, strlen(e->error), ERROR_POINTS);
	struct stmt *st = &sql[SETTLE];
	int rc = db_find(db, st, "issiiiiisti", e->row->id, e->state,
	    e->mode == NULL ? "send" : e->mode, e->next_ms, (int64_t)(e->counts != 0),
	    (int64_t)(e->found_nothing != 0), (int64_t)(e->no_effect || e->surely_absent),
	    e->surely_absent ? DB_NULL : e->row->sent_at, e->outcome, e->error, len, clock_now());

	if (rc != 1)
		return rc == 0 ? DB_ERROR : rc;
	*sent_at = db_int(st, 0);
	db_done(st);
	return 0;
}

int
outbox_settle(struct db *db, const struct outbox_end *e)
{
	int64_t sent_at = DB_NULL;
	int rc = may_settle(db, e);

	if (rc != 1)
		return rc;
	if ((rc = write_end(db, e, &sent_at)) != 0)
		return rc;
	if ((rc = step(db, e->row, submission_of(e->state, sent_at))) != 0)
		return rc;
	if (strcmp(e->state, "uncertain") == 0 || strcmp(e->state, "refused") == 0)
		rc = call_people(db, e);
	return rc == 0 ? 1 : rc;
}

int
outbox_close(struct db *db, int64_t order_id, const char *why)
{
	int rc = db_find(db, &sql[MAY_HAVE], "i", order_id);

	db_done(&sql[MAY_HAVE]);
	if (rc != 0)
		return rc == 1 ? 0 : rc;
	rc = db_run(db, &sql[PARK], "isi", order_id, why, clock_now());
	return rc == 0 ? 1 : rc;
}

/* base doubled n times, at most max. */
static int64_t
doubled(int64_t base, int64_t n, int64_t max)
{
	int64_t s = base << (n < DOUBLINGS ? n : DOUBLINGS);

	return s < max ? s : max;
}

int64_t
outbox_backoff_ms(int64_t attempts, int64_t base_s, int64_t max_s, uint32_t random)
{
	int64_t half = doubled(base_s, attempts, max_s) * 1000 / 2;

	return half + (int64_t)(random % ((uint64_t)half + 1));
}

/* ---- the lane's breaker */

int
lane_failed(struct db *db, const char *lane, int64_t base_s, int64_t max_s)
{
	struct breaker b;
	int rc = read_lane(db, lane, &b);

	if (rc != 0)
		return rc;
	if (++b.failures >= LANE_TRIP)
		b.open_until = clock_now() + doubled(base_s, b.failures - LANE_TRIP, max_s);
	return db_run(db, &sql[FAILED], "sii", lane, b.failures, b.open_until);
}

int
lane_ok(struct db *db, const char *lane)
{
	return db_run(db, &sql[WORKS], "si", lane, (int64_t)LANE_TRIP);
}

int
lane_hold(struct db *db, const char *lane, int64_t seconds)
{
	int64_t now = clock_now();

	if (seconds > REST_MAX_S)
		seconds = REST_MAX_S;
	return db_run(db, &sql[HOLD], "sii", lane, now + seconds, now + REST_MAX_S);
}

int
lane_pause(struct db *db, const char *lane, const char *why)
{
	return db_run(db, &sql[PAUSE], "ss", lane, why);
}

int
lane_resume(struct db *db, const char *lane)
{
	int rc = db_run(db, &sql[RESUME], "si", lane, clock_now());

	return rc != 0 ? rc : db_changes(db) == 1;
}

int
lane_paused(struct db *db, const char *lane)
{
	struct breaker b;
	int rc = read_lane(db, lane, &b);

	return rc != 0 ? rc : b.paused || rests(&b);
}

int
outbox_wake_stranded(struct db *db, const char *lane, int64_t longest_ms)
{
	int64_t now = clock_ms();
	int rc = db_find(db, &sql[STRANDED], "si", lane, now + longest_ms), woken = 0, ended;

	db_done(&sql[STRANDED]);
	if (rc != 1 || (rc = db_begin(db)) != 0)
		return rc;
	if ((rc = db_run(db, &sql[WAKE], "sii", lane, now + longest_ms, now)) == 0)
		woken = (int)db_changes(db);
	ended = db_end(db, rc == 0);
	if (rc == 0)
		rc = ended;
	return rc != 0 ? rc : woken;
}
