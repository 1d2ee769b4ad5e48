/*
 * oauth.c - tokens that the till grants for a time
 *
 * POST /oauth/token  {grant_type, client_id, client_secret, refresh_token};
 *                    200 {access_token, token_type, expires_in, refresh_token}.
 *                    grant_type refresh_token or client_credentials.
 *
 * Off until `pos-sim oauth SECONDS`, which prints the first refresh token; then no
 * other token is taken. With `rotate` a refresh token is taken once. 400
 * invalid_grant for a dead one, 401 invalid_client.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "lib/base/clock.h"
#include "lib/base/crypt.h"
#include "tests/pos-sim/cli.h"
#include "tests/pos-sim/refuse.h"
#include "tests/pos-sim/web.h"

enum { CHANCE = 16, TOKEN_MOST = 200, LIFE_MOST_S = 86400 };

static const char client_id[] = "shop-7", client_secret[] = "hush-client-secret";

enum { KNOWS, REFRESHES, GRANT, USED, REVOKE, LIST, STATEMENTS };

static struct query sql[STATEMENTS] = {
	[KNOWS] = { "SELECT 1 FROM grant_ WHERE access = ?1 AND ends_ms > ?2 AND dead = 0", NULL },
	[REFRESHES] = { "SELECT seq FROM grant_ WHERE refresh = ?1 AND dead = 0 AND used = 0", NULL },
	[GRANT] = { "INSERT INTO grant_ (access, refresh, ends_ms) VALUES (?1, ?2, ?3)", NULL },
	[USED] = { "UPDATE grant_ SET used = 1 WHERE seq = ?1", NULL },
	[REVOKE] = { "UPDATE grant_ SET dead = 1 WHERE (?1 = 1 OR access IS NOT NULL)", NULL },
	[LIST] = { "SELECT count(*) FROM grant_ WHERE access IS NOT NULL", NULL },
};

static void
make_token(const char *head, char out[64])
{
	unsigned char chance[CHANCE];
	char hex[2 * CHANCE + 1];

	crypt_random(chance, sizeof chance);
	crypt_hex(chance, sizeof chance, hex);
	snprintf(out, 64, "%s-%s", head, hex);
}

int
oauth_is_on(struct store *s)
{
	return store_setting(s, "oauth_life_s", 0) > 0;
}

int
oauth_knows(struct store *s, const char *access)
{
	int found = store_find(s, &sql[KNOWS], "si", access, clock_ms());

	store_done(&sql[KNOWS]);
	return found;
}

/* A new token; the refresh token goes on, or a new one takes its place. */
static void
grant(struct request *r, const char *refresh)
{
	int64_t life = store_setting(r->store, "oauth_life_s", 0);
	struct buf *b = &r->answer->body;
	char access[64], next[64];

	make_token("access", access);
	if (refresh != NULL && store_setting(r->store, "oauth_rotates", 0))
		make_token("refresh", next);
	else
		snprintf(next, sizeof next, "%s", refresh != NULL ? refresh : "");
	store_run(r->store, &sql[GRANT], "ssi", access, refresh != NULL ? next : NULL,
	    clock_ms() + life * 1000);
	json_open(b, NULL, '{');
	json_put_text(b, "access_token", access);
	json_put_text(b, "token_type", "Bearer");
	json_put_int(b, "expires_in", life);
	if (refresh != NULL)
		json_put_text(b, "refresh_token", next);
	json_close(b, '}');
}

static void
refresh_grant(struct request *r)
{
	const char *refresh = api_text(r, r->json, "refresh_token", TOKEN_MOST, 1);
	int64_t seq;

	if (refresh == NULL)
		return;
	if (!store_find(r->store, &sql[REFRESHES], "s", refresh)) {
		api_fail(r, 400, "invalid_grant", NULL, "this refresh token is dead: %s", refresh);
		return;
	}
	seq = store_int(&sql[REFRESHES], 0);
	store_done(&sql[REFRESHES]);
	if (store_setting(r->store, "oauth_rotates", 0))
		store_run(r->store, &sql[USED], "i", seq);
	grant(r, refresh);
}

void
oauth_token(struct request *r)
{
	const char *kind = api_text(r, r->json, "grant_type", 64, 1);
	const char *id = api_failed(r) ? NULL : api_text(r, r->json, "client_id", 64, 1);
	const char *secret = api_failed(r) ? NULL : api_text(r, r->json, "client_secret", 64, 1);

	if (api_failed(r))
		return;
	if (!oauth_is_on(r->store) || strcmp(id, client_id) != 0 || strcmp(secret, client_secret) != 0)
		api_fail(r, 401, "invalid_client", NULL, "this client is not known");
	else if (strcmp(kind, "refresh_token") == 0)
		refresh_grant(r);
	else if (strcmp(kind, "client_credentials") == 0)
		grant(r, NULL);
	else
		api_fail(r, 400, "unsupported_grant_type", NULL, "no such grant_type");
}

int
verb_oauth(const struct options *opt)
{
	struct store *s = store_open(opt->db);
	long life = strtol(opt->arg[0], NULL, 10);
	char first[64];

	if (life < 1 || life > LIFE_MOST_S)
		refuse(EX_USAGE, "oauth %s: seconds of 1 to %d", opt->arg[0], LIFE_MOST_S);
	make_token("refresh", first);
	store_begin(s);
	store_set(s, "oauth_life_s", life);
	store_set(s, "oauth_rotates", opt->args > 1 && strcmp(opt->arg[1], "rotate") == 0);
	store_run(s, &sql[GRANT], "ssi", NULL, first, (int64_t)0);
	store_commit(s);
	store_close(s);
	printf("%s\n", first);
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

int
verb_revoke(const struct options *opt)
{
	struct store *s = store_open(opt->db);

	store_begin(s);
	store_run(s, &sql[REVOKE], "i", (int64_t)(opt->args == 0));
	store_commit(s);
	store_close(s);
	return EX_OK;
}

int
verb_granted(const struct options *opt)
{
	struct store *s = store_open(opt->db);

	if (store_find(s, &sql[LIST], ""))
		printf("%lld\n", (long long)store_int(&sql[LIST], 0));
	store_done(&sql[LIST]);
	store_close(s);
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}
