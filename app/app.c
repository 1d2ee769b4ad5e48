/* app.c - see app.h */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "app/metrics.h"
#include "lib/base/clock.h"
#include "lib/pos/webhook.h"

/* What all workers share: limits and counters. */
static int
open_shared(struct app *a, char *fault)
{
	char path[4096];

	if (snprintf(path, sizeof path, "%s/limits", a->conf.run_dir) < (int)sizeof path &&
	    (a->shared = shared_open(path)) != NULL &&
	    snprintf(path, sizeof path, "%s/counters", a->conf.run_dir) < (int)sizeof path &&
	    (a->counters = counters_open(path, metrics_layout(), metrics_count())) != NULL)
		return 0;
	snprintf(fault, APP_FAULT, "%.512s: limits and counters: %s", a->conf.run_dir,
	    strerror(errno));
	return -1;
}

/* The till's webhook, in the pool to which nginx sends it. */
static int
open_webhook(struct app *a, char *fault)
{
	const struct settings *s = &a->conf;

	if (a->pool != POOL_WRITE && a->pool != POOLS)
		return 0;
	return webhook_open(&(struct webhook_conf){ .profile = s->profile,
		.profile_dir = s->profile_dir, .secret = s->webhook_secret,
		.secret_file = s->webhook_secret_file, .url = s->webhook_url }, &a->webhook, fault);
}

int
app_open(struct app *a, char *fault)
{
	enum db_mode mode = a->pool == POOL_READ ? DB_READER : DB_WRITER;

	a->started_at = clock_now();
	a->db = db_open(a->conf.database, mode, (int)a->conf.busy_timeout_ms, fault);
	if (a->db == NULL)
		return -1;
	if ((a->keys = keyring_open(a->conf.key_file, fault)) == NULL)
		return -1;
	return open_webhook(a, fault) == -1 ? -1 : open_shared(a, fault);
}

void
app_close(struct app *a)
{
	counters_close(a->counters);
	if (a->shared != NULL)
		shared_close(a->shared);
	if (a->keys != NULL)
		keyring_free(a->keys);
	if (a->db != NULL)
		db_close(a->db);
	webhook_close(a->webhook);
}
