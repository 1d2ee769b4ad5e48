/*
 * doctor_shop.c - the part of doctor that looks at the shop and its till
 *
 * What customers would feel: branches that cannot deliver, an old catalogue,
 * orders that wait, a till that does not answer.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "admin/doctor.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/secret.h"
#include "lib/pos/feed.h"
#include "lib/pos/grant.h"
#include "lib/pos/profile.h"
#include "lib/pos/till.h"
#include "lib/pos/webhook.h"
#include "lib/shop/branch.h"
#include "lib/shop/mail.h"
#include "lib/shop/outbox.h"
#include "lib/shop/till_token.h"

enum { LIST_MEMORY = 64 << 20, STALE_S = 26 * 3600, WAITING_S = 180,
	LETTER_S = 300, MS = 1000 };
enum { LAST_SYNC, LAST_STOCK, STOCK_TRIED, DISHES, CLIENTS_LEFT, OLDEST_DUE, TROUBLE, TILL_LANE, MAILS_REFUSED, MAIL_FAILURES,
	LAST_LETTER, OLDEST_LETTER, STATEMENTS };

static struct stmt sql[STATEMENTS] = {
	[LAST_SYNC] = { .sql =
	    "SELECT finished_ms FROM sync_run WHERE feed = 'products' AND outcome = 'ok'"
	    " ORDER BY id DESC LIMIT 1" },
	[LAST_STOCK] = { .sql =
	    "SELECT finished_ms FROM sync_run WHERE feed = 'stock' AND outcome = 'ok'"
	    " ORDER BY id DESC LIMIT 1" },
	[STOCK_TRIED] = { .sql =
	    "SELECT started_ms FROM sync_run WHERE feed = 'stock' ORDER BY id DESC LIMIT 1" },
	[DISHES] = { .sql =
	    "SELECT products FROM catalog_count WHERE branch_id = 0 AND category_id = 0" },
	[OLDEST_DUE] = { .sql =
	    "SELECT created_at FROM outbox WHERE lane = 'pos' AND state = 'due'"
	    " ORDER BY next_ms, id LIMIT 1" },
	[TROUBLE] = { .sql =
	    "SELECT count(*) FROM outbox WHERE state IN ('uncertain', 'refused', 'parked')"
	    " AND state <> 'parked' AND lane NOT IN ('mail', 'client')" },
	[MAILS_REFUSED] = { .sql =
	    "SELECT count(*) FROM outbox WHERE state IN ('uncertain', 'refused', 'parked')"
	    " AND state = 'refused' AND lane = 'mail'" },
	[CLIENTS_LEFT] = { .sql =
	    "SELECT count(*) FROM outbox x WHERE x.state IN ('uncertain', 'refused', 'parked')"
	    " AND x.lane = 'client' AND x.last_outcome NOT IN ('not needed', 'no phone') AND EXISTS"
	    " (SELECT 1 FROM users u WHERE u.id = x.user_id AND u.pos_client_id IS NULL)" },
	[MAIL_FAILURES] = { .sql = "SELECT failures FROM lane WHERE name = 'mail'" },
	[LAST_LETTER] = { .sql = "SELECT received_at FROM inbox WHERE received_at > 0"
	    " ORDER BY received_at DESC LIMIT 1" },
	[OLDEST_LETTER] = { .sql = "SELECT received_at FROM inbox WHERE done_at IS NULL AND id > 0"
	    " ORDER BY id LIMIT 1" },
	[TILL_LANE] = { .sql = "SELECT paused_why, failures, open_until FROM lane"
	    " WHERE name = 'pos'" },
};
DB_STATEMENTS(sql);

/* The first column of the first row, DB_NULL without one. */
static int64_t
number(struct doctor *d, int statement)
{
	int64_t n = DB_NULL;

	if (db_find(d->db, &sql[statement], "") == 1)
		n = db_int(&sql[statement], 0);
	db_done(&sql[statement]);
	return n;
}

static void
look_at_branch(struct doctor *d, const struct branch *b)
{
	char cure[200];

	if (isnan(b->latitude) && b->supports_delivery) {
		snprintf(cure, sizeof cure, "pos-admin branch set %lld latitude=… longitude=…",
		    (long long)b->id);
		say(d, BAD, cure, "branch %lld %s: no coordinates, so no delivery", (long long)b->id,
		    b->name);
	}
	if (b->operating_hours == NULL) {
		snprintf(cure, sizeof cure, "pos-admin branch set %lld operating_hours='{\"mon\":[[\"10:00\",\"22:00\"]],…}'",
		    (long long)b->id);
		say(d, BAD, cure, "branch %lld %s: no hours, so it takes orders at night",
		    (long long)b->id, b->name);
	}
	if (b->phone == NULL) {
		snprintf(cure, sizeof cure, "pos-admin branch set %lld phone=+380…", (long long)b->id);
		say(d, WARN, cure, "branch %lld %s: no phone to call", (long long)b->id, b->name);
	}
}

void
doctor_branches(struct doctor *d)
{
	struct arena *a = arena_new(LIST_MEMORY);
	struct branch *list = NULL;
	int n = a == NULL ? -1 : branch_list(d->db, a, clock_now(), &list);
	int before = d->count[BAD];

	if (n < 0)
		say(d, BAD, "see the log", "branches: %s", db_error(d->db));
	else if (n == 0)
		say(d, BAD, "pos-sync --full brings them", "no branches");
	for (int i = 0; i < n; i++)
		look_at_branch(d, &list[i]);
	if (n > 0 && d->count[BAD] == before)
		say(d, SOUND, NULL, "branches: %d, with coordinates and hours", n);
	arena_free(a);
}

/* Only where the till has a stock list of its own: somebody tried to read it. */
static void
look_at_stock(struct doctor *d)
{
	int64_t tried = number(d, STOCK_TRIED), last = number(d, LAST_STOCK);

	if (tried == DB_NULL || clock_now() - tried / MS > STALE_S)
		return;
	if (last == DB_NULL)
		say(d, BAD, "pos-sync --only stock", "stock: the till's list was never read to its end");
	else if (clock_now() - last / MS > STALE_S)
		say(d, BAD, "pos-sync --only stock", "stock: last read %lld hours ago",
		    (long long)(clock_now() - last / MS) / 3600);
}

void
doctor_catalog(struct doctor *d)
{
	int64_t last = number(d, LAST_SYNC), dishes = number(d, DISHES);

	if (last == DB_NULL)
		say(d, BAD, "pos-sync --full", "catalogue: never synced");
	else if (clock_now() - last / MS > STALE_S)
		say(d, BAD, "does cron or the timer run pos-sync? journalctl -u pos-sync",
		    "catalogue: last synced %lld hours ago",
		    (long long)(clock_now() - last / MS) / 3600);
	else if (dishes == DB_NULL || dishes == 0)
		say(d, BAD, "pos-sync --full --verbose says what it set aside",
		    "catalogue: no dish is on sale");
	else
		say(d, SOUND, NULL, "catalogue: %lld dishes, synced %lld minutes ago",
		    (long long)dishes, (long long)(clock_now() - last / MS) / 60);
	look_at_stock(d);
}

/* Whether a forgotten password can be mended, and what became of the mails. */
void
doctor_mail(struct doctor *d)
{
	const struct settings *c = &d->admin->conf;
	int64_t refused = number(d, MAILS_REFUSED);
	char secret[4096];
	const char *why = *c->smtp_password_file == '\0' ? NULL
	    : secret_read(c->smtp_password_file, secret, sizeof secret);

	explicit_bzero(secret, sizeof secret);
	if (!mail_is_on(c)) {
		say(d, WARN, "set SMTP_URL and MAIL_FROM, else nobody can choose a new password",
		    "mail: not configured");
		return;
	}
	if (why != NULL)
		say(d, BAD, "put the password of SMTP_USER there, mode 0600",
		    "SMTP_PASSWORD_FILE=%s: %s", c->smtp_password_file, why);
	if (number(d, MAIL_FAILURES) >= LANE_TRIP)
		say(d, BAD, "check SMTP_URL, its certificate and SMTP_USER; the log of pos-sender has the code",
		    "mail: the server takes none");
	if (refused != DB_NULL && refused > 0)
		say(d, WARN, "pos-admin outbox list --all has the server's words",
		    "mail: %lld mails were refused this week", (long long)refused);
	if (why == NULL)
		say(d, SOUND, NULL, "mail: %s", c->smtp_url);
}

/* The breaker, and what the till asked for. */
static void
look_at_lane(struct doctor *d)
{
	struct stmt *st = &sql[TILL_LANE];
	int64_t rest;

	if (db_find(d->db, st, "") != 1) {
		db_done(st);
		return;
	}
	rest = db_int(st, 2) - clock_now();
	if (!db_is_null(st, 0))
		say(d, BAD, "mend the cause, then pos-admin outbox resume",
		    "sending to the till is paused: %s", db_text(st, 0));
	else if (db_int(st, 1) >= LANE_TRIP)
		say(d, BAD, "is the till on and in the network? it is tried again by itself",
		    "the till failed %lld times in a row; next try in %lld s", (long long)db_int(st, 1),
		    (long long)(rest > 0 ? rest : 0));
	else if (rest > 0)
		say(d, WARN, NULL, "the till asked for patience: nothing is sent for %lld s",
		    (long long)rest);
	db_done(st);
}

/* Of no account is more told than how many there are. */
void
doctor_clients(struct doctor *d)
{
	int64_t left = number(d, CLIENTS_LEFT);

	if (left != DB_NULL && left > 0)
		say(d, WARN, "pos-admin outbox list has the reasons; their orders go out without a client",
		    "clients: %lld accounts are not linked to a client of the till", (long long)left);
	else
		say(d, SOUND, NULL, "clients: every account that owed one is linked, or waits");
}

void
doctor_outbox(struct doctor *d)
{
	int64_t due = number(d, OLDEST_DUE), trouble = number(d, TROUBLE);
	int before = d->count[BAD];

	look_at_lane(d);
	if (due != DB_NULL && clock_now() - due > WAITING_S)
		say(d, BAD, "does cron or the timer run pos-sender? pos-admin outbox list",
		    "an order waits for the till since %lld minutes",
		    (long long)(clock_now() - due) / 60);
	if (trouble != DB_NULL && trouble > 0)
		say(d, BAD, "pos-admin outbox list shows them", "%lld orders stopped on their way",
		    (long long)trouble);
	if (d->count[BAD] == before)
		say(d, SOUND, NULL, "outbox: nothing waits");
}

static void
say_letters(struct doctor *d, const char *url)
{
	int64_t last = number(d, LAST_LETTER), waiting = number(d, OLDEST_LETTER);

	if (waiting != DB_NULL && clock_now() - waiting > LETTER_S)
		say(d, BAD, "does cron or the timer run pos-sync? journalctl -u pos-sync",
		    "webhook: what the till said %lld minutes ago was not looked at",
		    (long long)(clock_now() - waiting) / 60);
	else if (last == DB_NULL)
		say(d, WARN, "give the till that address and the secret; its own log says why it fails",
		    "webhook: nothing has come to %s yet", url);
	else
		say(d, SOUND, NULL, "webhook: %s, last heard %lld minutes ago", url,
		    (long long)(clock_now() - last) / 60);
}

/* Whether the till can ring, or is only asked. */
void
doctor_webhook(struct doctor *d)
{
	const struct settings *s = &d->admin->conf;
	char fault[WEBHOOK_FAULT];
	struct webhook *w;

	if (webhook_open(&(struct webhook_conf){ .profile = s->profile,
		.profile_dir = s->profile_dir, .secret = s->webhook_secret,
		.secret_file = s->webhook_secret_file, .url = s->webhook_url }, &w, fault) == -1)
		say(d, BAD, "correct it: workers that write do not start with it", "webhook: %s", fault);
	else if (w == NULL)
		say(d, SOUND, NULL, "webhook: not configured, so the till is only asked");
	else
		say_letters(d, s->webhook_url);
	webhook_close(w);
}

/* Of a token that expires: the one that pos-sender or pos-sync got. */
static enum pos_outcome
stored_token(void *arg, struct pos *pos, int refused, char *message)
{
	const struct doctor *d = arg;
	struct till_token t;
	struct pos_grant g = { 0 };
	int rc = till_token_read(d->db, d->admin->conf.key_file, profile_name(pos_profile(pos)),
	    pos_first(pos), &t);

	if (rc == 1) {
		memcpy(g.token, t.token, sizeof g.token);
		g.granted_at = t.granted_at;
		g.expires_at = t.expires_at;
	}
	if (rc == 1 && !refused && grant_is_fresh(&g, clock_now()) && pos_use_token(pos, t.token) == 0)
		return POS_DONE;
	snprintf(message, POS_TEXT, "no good token is stored: pos-sender gets one");
	return refused ? POS_AUTH : POS_UNSENT;
}

/* Ask the till for its branches: address, certificate, token and profile at once. */
static void
ask_till(struct doctor *d, struct pos *pos)
{
	struct feed *f = feed_open(pos, &(struct feed_ask){ .what = FEED_BRANCHES });
	const struct feed_end *end;

	if (f == NULL) {
		say(d, WARN, NULL, "till: the profile lists no branches, so it was not asked");
		return;
	}
	if (feed_page(f) >= 0) {
		say(d, SOUND, NULL, "till: answers, and took our token");
	} else {
		end = feed_end(f);
		say(d, BAD, end->outcome == POS_AUTH ?
		    "put a good token into POS_TOKEN_FILE, then pos-admin outbox resume" :
		    "check POS_URL, the network and the till", "till: %s", end->message);
	}
	feed_close(f);
}

void
doctor_till(struct doctor *d)
{
	const struct settings *s = &d->admin->conf;
	struct till_conf conf = {
		.profile = s->profile, .profile_dir = s->profile_dir, .url = s->pos_url,
		.settings = s->pos_settings, .currency = s->currency, .token = s->pos_token,
		.token_file = s->pos_token_file, .ca_file = s->pos_ca_file,
		.secrets_file = s->pos_secrets_file, .grant = stored_token, .grant_arg = d,
		.allow_http = (int)s->pos_allow_http, .timeout_s = s->pos_timeout_s,
	};
	char fault[POS_FAULT];
	struct till *t = till_open(&conf, fault);

	if (t == NULL) {
		say(d, BAD, "correct PROFILE and the POS_ settings; pos-sync --check tries them",
		    "till: %s", fault);
		return;
	}
	say(d, SOUND, NULL, "profile: %s", s->profile);
	if (pos_send_on(till_pos(t)) == POS_SEND_PAID)
		say(d, BAD, "choose a profile that takes unpaid orders",
		    "profile %s wants payment first, which is not offered yet", s->profile);
	if (d->offline)
		say(d, WARN, "leave --offline out", "till: not asked");
	else
		ask_till(d, till_pos(t));
	till_close(t);
}
