/*
 * inbox.c - letters of the till; see inbox.h
 *
 * An order that we do not know yet may be one whose number the sender is just
 * writing down, so its letter waits a while. Letters about dishes wait until
 * the last sync lies INBOX_SYNC_GAP_S back, and then a hundred of them are one
 * sync. A letter is done in the transaction that asks for what it wants; who
 * dies before that finds it again, and who dies after it, before the order was
 * asked about, comes back with a poller for which every order's turn is now.
 */
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/pos/webhook.h"
#include "lib/shop/inbox.h"
#include "lib/shop/sync_ask.h"
#include "sync/inbox.h"

enum { MS = 1000, LETTER_MEMORY = 8 << 20 };	/* a body of 64 KB that is all "[0,0,…" */
enum { ORDERS_OF, LAST_RUN };
static struct stmt sql[] = {
	[ORDERS_OF] = { .sql = "SELECT id FROM orders WHERE pos_order_id = ?1 LIMIT 10" },
	[LAST_RUN] = { .sql = "SELECT started_ms FROM sync_run WHERE feed = ?1 "
	    "ORDER BY id DESC LIMIT 1" },
};
DB_STATEMENTS(sql);

/* One page of letters, looked through. */
struct look {
	struct job *job;
	struct poller *poller;
	struct arena *arena;			/* of one letter */
	int may_sync;				/* the last one is long enough ago */
	int asked[SYNC_FEED_COUNT];
	int64_t done[INBOX_PAGE];
	int done_count, rang, left;		/* letters that wait on */
};

/* 1 we have such orders, 0 none, else a db_status. */
static int
ring(struct look *k, const char *pos_id)
{
	struct stmt *s = &sql[ORDERS_OF];
	int rc = db_query(k->job->db, s, "s", pos_id), n = 0;

	while (rc == DB_OK && (rc = db_row(k->job->db, s)) == 1) {
		poller_wake(k->poller, db_int(s, 0));
		n++;
		rc = DB_OK;
	}
	return rc < 0 ? rc : n > 0;
}

/* 1 it is done with, 0 it waits on, else a db_status. */
static int
about_order(struct look *k, const struct inbox_letter *l, const char *pos_id)
{
	int rc;

	if (pos_id == NULL) {
		poller_forget(k->poller);
		k->rang = 1;
		return 1;
	}
	if ((rc = ring(k, pos_id)) != 0) {
		k->rang |= rc == 1;
		return rc;
	}
	if (clock_now() - l->received_at < INBOX_UNKNOWN_S)
		return 0;
	log_info("letter_unknown_order", "letter=%lld", (long long)l->id);
	return 1;
}

static int
read_letter(struct look *k, const struct inbox_letter *l)
{
	static const enum sync_feed feeds[] = { [WEBHOOK_PRODUCTS] = SYNC_PRODUCTS,
		[WEBHOOK_STOCK] = SYNC_STOCK, [WEBHOOK_CATEGORIES] = SYNC_PRODUCTS };
	const char *pos_id;
	enum webhook_means means = webhook_read(pos_profile(till_pos(k->job->till)),
	    k->arena, l->body, l->len, &pos_id);

	if (means == WEBHOOK_ORDER)
		return about_order(k, l, pos_id);
	if (means == WEBHOOK_NOTHING)
		return 1;
	if (k->may_sync)
		k->asked[feeds[means]] = 1;
	return k->may_sync;
}

/* In one transaction: what the page asks for, and that it is done. */
static int
write_page(struct look *k)
{
	struct db *db = k->job->db;
	int64_t id;
	int rc = db_begin(db);

	if (rc != DB_OK)
		return rc;
	for (int f = 0; f < SYNC_FEED_COUNT && rc >= 0; f++)
		if (k->asked[f])
			rc = sync_ask(db, (enum sync_feed)f, 0, DB_NULL, &id);
	for (int i = 0; i < k->done_count && rc >= 0; i++)
		rc = inbox_done(db, k->done[i]);
	return db_end(db, rc >= 0) != DB_OK || rc < 0 ? DB_ERROR : DB_OK;
}

/* The page behind *id, which moves on: how many letters, or a db_status. */
static int
look_at_page(struct look *k, int64_t *id)
{
	struct inbox_letter list[INBOX_PAGE];
	int n, rc;

	arena_reset(k->job->arena);
	k->done_count = 0;
	if ((n = inbox_waiting(k->job->db, *id, k->job->arena, list)) <= 0)
		return n;
	for (int i = 0; i < n; i++) {
		arena_reset(k->arena);
		if ((rc = read_letter(k, &list[i])) < 0)
			return rc;
		if (rc == 1)
			k->done[k->done_count++] = list[i].id;
		else
			k->left++;
	}
	*id = list[n - 1].id;
	if (k->done_count > 0 && (rc = write_page(k)) != DB_OK)
		return rc;
	return n;
}

/* When this feed was read last, in milliseconds; 0 = never. */
static int64_t
last_run(struct job *j, const char *feed)
{
	int64_t last = 0;

	if (db_find(j->db, &sql[LAST_RUN], "s", feed) == 1)
		last = db_int(&sql[LAST_RUN], 0);
	db_done(&sql[LAST_RUN]);
	return last;
}

static int
may_sync(struct job *j)
{
	int64_t products = last_run(j, "products"), stock = last_run(j, "stock");
	int64_t last = products > stock ? products : stock;

	return clock_ms() - last >= INBOX_SYNC_GAP_S * MS || clock_ms() < last;
}

/* 0 or a db_status. */
static int
follow(struct look *k)
{
	int64_t id = 0;
	int n;

	if ((k->arena = arena_new(LETTER_MEMORY)) == NULL)
		return DB_ERROR;
	do {
		n = look_at_page(k, &id);
	} while (n == INBOX_PAGE && !job_signalled());
	arena_free(k->arena);
	return n < 0 ? n : DB_OK;
}

int
doorbell_answer(struct job *j, struct doorbell *bell, struct poller *p, int64_t version)
{
	struct look k = { .job = j, .poller = p };

	if (version == bell->version && clock_mono_ms() < bell->again_ms)
		return 0;
	bell->version = version;
	k.may_sync = may_sync(j);
	if (follow(&k) != DB_OK) {
		log_warn("inbox", "why=%s", db_error(j->db));
		k.left++;
	}
	bell->again_ms = k.left > 0 ? clock_mono_ms() + MS : INT64_MAX;
	return k.rang;
}
