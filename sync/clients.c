/* clients.c - an account becomes a client of the till; see clients.h */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/crypt.h"
#include "lib/base/log.h"
#include "lib/shop/client.h"
#include "sync/begin.h"
#include "sync/clients.h"

enum {
	LOOKS = 2,			/* that must find nothing before he is made again */
	MS = 1000,
	BACKOFF_MAX_S = 900		/* nobody waits for it */
};

const char *
clients_known_by(const struct pos *pos)
{
	if (!pos_has(pos, POS_CUSTOMER_FIND) && !pos_has(pos, POS_CUSTOMER_CREATE))
		return "no";
	return pos_finds_by_email(pos) ? "email" : "phone";
}

int
clients_claim(struct job *j, struct outbox_row *row)
{
	int rc = lane_paused(j->db, "pos");

	if (rc != 0)
		return rc < 0 ? rc : 0;
	return outbox_claim(j->db, j->arena, CLIENT_LANE, j->conf.outbox_lease_s * MS, row, 1);
}

static int64_t
again_ms(const struct try *t)
{
	uint32_t chance;

	crypt_random(&chance, sizeof chance);
	return clock_ms() + outbox_backoff_ms(t->row.attempts, t->j->conf.outbox_backoff_s,
	    BACKOFF_MAX_S, chance);
}

/* It is over, and nobody has to look at it. */
static void
park(struct try *t, const char *outcome, const char *why)
{
	t->outcome = outcome;
	log_info("client", "row=%lld user=%lld outcome=%s", (long long)t->row.id,
	    (long long)t->row.user_id, outcome);
	try_end(t, &(struct outbox_end){ .row = &t->row, .state = "parked", .mode = "send",
		.counts = 1, .outcome = outcome, .error = why });
}

/* 1 what is known of him can be sent. */
static int
load(struct try *t)
{
	struct client c;
	int rc = client_find(t->j->db, t->j->arena, t->row.user_id, &c);

	if (rc < 0) {
		try_put_off(t, again_ms(t), "the account cannot be read");
		return 0;
	}
	if (rc == 0 || c.pos_id != NULL) {
		park(t, "not needed", rc == 0 ? "there is no such account" : "he is linked already");
		return 0;
	}
	t->customer = (struct pos_customer){ .key = t->row.key, .name = c.name, .phone = c.phone, .email = c.email,
		.ref = arena_printf(t->j->arena, "%lld", (long long)t->row.user_id) };
	return t->customer.ref != NULL;
}

static void
make(struct try *t)
{
	t->looked = 0;
	if (pos_has(till_pos(t->j->till), POS_CUSTOMER_CREATE))
		try_start_sending(t);
	else
		park(t, "not_found", "the till does not know him, and the profile makes no clients");
}

void
client_begin(struct try *t)
{
	const struct pos *pos = till_pos(t->j->till);
	const char *by = clients_known_by(pos);

	t->is_client = 1;
	if (strcmp(by, "no") == 0)
		park(t, "not needed", "the profile has no customer");
	else if (!load(t))
		return;
	else if (strcmp(by, "phone") == 0 && t->customer.phone == NULL)
		park(t, "no phone", "he is owed again when he gives one");
	else if (pos_has(pos, POS_CUSTOMER_FIND))
		try_start_looking(t);
	else if (t->row.sent_at == DB_NULL)
		make(t);
	else
		park(t, "unknown", "the till may have him and cannot be asked");
}

/*
 * Link; end is how the row ends. One that was found by a phone which is his no longer
 * may be a stranger: he is looked for anew. 0 or a db_status.
 */
static int
link_now(const struct try *t, int made, struct outbox_end *end)
{
	struct db *db = t->j->db;
	int is_by_phone = !made && strcmp(clients_known_by(till_pos(t->j->till)), "phone") == 0;
	int rc = is_by_phone ? client_has_phone(db, t->row.user_id, t->customer.phone) : 1;

	*end = (struct outbox_end){ .row = &t->row, .state = "sent", .mode = "send", .counts = 1,
		.outcome = made ? "made" : "found" };
	if (rc == 0) {
		*end = (struct outbox_end){ .row = &t->row, .state = "due", .mode = "send",
			.no_effect = 1, .next_ms = clock_ms(), .outcome = "another phone" };
		return DB_OK;
	}
	if (rc == 1 && (rc = client_link(db, t->row.user_id, t->answer.id, made)) == 0) {
		end->state = "parked";
		end->outcome = "conflict";
		end->error = "another account is linked to this client of the till";
	}
	return rc < 0 ? rc : DB_OK;
}

/* In one transaction with the end of the row. */
static void
link_him(struct try *t, int made)
{
	struct outbox_end end;
	int rc, ended;

	if (db_begin(t->j->db) != DB_OK) {
		log_warn("not_settled", "row=%lld why=%s", (long long)t->row.id, db_error(t->j->db));
		return;
	}
	if ((rc = link_now(t, made, &end)) == DB_OK)
		rc = outbox_settle(t->j->db, &end);
	if (rc >= 0)
		rc = lane_ok(t->j->db, CLIENT_LANE);
	ended = db_end(t->j->db, rc >= 0);
	t->outcome = strcmp(end.state, "due") == 0 ? NULL : end.outcome;
	if (rc < 0 || ended != DB_OK)
		log_warn("not_settled", "row=%lld why=%s", (long long)t->row.id, db_error(t->j->db));
	else
		log_info("client", "row=%lld user=%lld outcome=%s", (long long)t->row.id,
		    (long long)t->row.user_id, end.outcome);
	t->tally->sent += strcmp(end.state, "sent") == 0;
	t->tally->later += strcmp(end.state, "due") == 0;
}

void
client_looked(struct try *t)
{
	if (t->answer.outcome != POS_DONE) {
		client_settle(t);
	} else if (t->answer.id != NULL) {
		link_him(t, 0);
	} else if (t->row.sent_at != DB_NULL && t->row.finds + 1 < LOOKS) {
		try_end(t, &(struct outbox_end){ .row = &t->row, .state = "due", .mode = "find",
			.found_nothing = 1, .outcome = "not_found", .next_ms = try_look_ms(t) });
		t->tally->later++;
	} else {
		make(t);
	}
}

/* What the till said, where it is no yes; the rest goes by the table of effects. */
static void
settle_by_rule(const struct try *t, struct outbox_end *end)
{
	switch (t->answer.outcome) {
	case POS_REFUSED:
	case POS_GONE:
	case POS_DUPLICATE:
		end->state = "parked";
		break;
	case POS_UNKNOWN:
		if (t->row.attempts + 1 >= t->j->conf.outbox_max_attempts)
			end->state = "parked";
		end->no_effect = t->looked;
		end->next_ms = t->looked ? again_ms(t) : try_look_ms(t);
		break;
	case POS_UNSENT:
		end->next_ms = again_ms(t);
		break;
	default:
		break;
	}
}

void
client_settle(struct try *t)
{
	const struct pos_answer *a = &t->answer;
	struct outbox_end end;

	if (a->id != NULL && (a->outcome == POS_DONE || a->outcome == POS_DUPLICATE)) {
		link_him(t, a->outcome == POS_DONE);
		return;
	}
	if (a->outcome == POS_DONE)
		t->answer.outcome = POS_UNKNOWN;
	log_warn("client", "row=%lld user=%lld outcome=%s status=%d", (long long)t->row.id,
	    (long long)t->row.user_id, pos_outcome_name(a->outcome), a->status);
	try_default_end(t, &end);
	settle_by_rule(t, &end);
	t->tally->later += strcmp(end.state, "due") == 0;
	if (strcmp(end.state, "parked") == 0)
		t->outcome = end.outcome;
	if (a->outcome == POS_AUTH)
		try_remember(t);
	try_end_with_lane(t, &end);
}
