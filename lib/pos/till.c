/* till.c - from settings to an open till; see till.h */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/log.h"
#include "lib/base/secret.h"
#include "lib/pos/profile.h"
#include "lib/pos/till.h"

enum { SETTINGS_MAX = 32, SECRETS_MOST = 8, TOKEN_MAX = 4096, SECRETS_BYTES = 16384, MEMORY_MAX = 64 * 1024, MS = 1000 };

struct till {
	struct arena *arena;
	struct pos *pos;
	struct pos_pair pair[SETTINGS_MAX], secret[SECRETS_MOST];
	size_t count, secrets;
};

static int
wrong(char *fault, const char *what, const char *why)
{
	snprintf(fault, POS_FAULT, "%s: %s", what, why);
	return -1;
}

/* The token's own text, or NULL with a fault. */
static const char *
token_of_file(struct till *t, const char *path, char *fault)
{
	char *text = arena_get(t->arena, TOKEN_MAX + 1);
	const char *why = text == NULL ? "out of memory" : secret_read(path, text, TOKEN_MAX + 1);

	if (why == NULL)
		return text;
	wrong(fault, path, why);
	return NULL;
}

/* "name=value" lines. */
static int
read_secrets(struct till *t, const char *path, char *fault)
{
	char *text = arena_get(t->arena, SECRETS_BYTES), *save = NULL, *equals;
	const char *why = text == NULL ? "out of memory" : secret_read(path, text, SECRETS_BYTES);

	if (why != NULL)
		return wrong(fault, path, why);
	for (char *p = strtok_r(text, "\r\n", &save); p != NULL; p = strtok_r(NULL, "\r\n", &save)) {
		if (*p == '#')
			continue;
		if ((equals = strchr(p, '=')) == NULL || equals == p || equals[1] == '\0')
			return wrong(fault, path, "lines NAME=VALUE are expected");
		if (t->secrets == SECRETS_MOST)
			return wrong(fault, path, "holds more secrets than any till has");
		*equals = '\0';
		log_hide(equals + 1);
		t->secret[t->secrets++] = (struct pos_pair){ p, equals + 1 };
	}
	return 0;
}

/* "name=value name=value" behind base_url, and the shop's currency behind these:
 * what is said first counts. */
static int
split_settings(struct till *t, const struct till_conf *c, char *fault)
{
	char *text = arena_str(t->arena, c->settings), *save = NULL, *equals;

	if (*c->url != '\0')
		t->pair[t->count++] = (struct pos_pair){ "base_url", c->url };
	if (text == NULL)
		return wrong(fault, "POS_SETTINGS", "out of memory");
	for (char *p = strtok_r(text, " \t", &save); p != NULL; p = strtok_r(NULL, " \t", &save)) {
		if ((equals = strchr(p, '=')) == NULL || equals == p)
			return wrong(fault, "POS_SETTINGS", "name=value pairs are expected");
		if (t->count == SETTINGS_MAX)
			return wrong(fault, "POS_SETTINGS", "too many pairs");
		*equals = '\0';
		t->pair[t->count++] = (struct pos_pair){ p, equals + 1 };
	}
	if (c->currency != NULL)
		t->pair[t->count++] = (struct pos_pair){ "currency", c->currency };
	return 0;
}

static int
open_with(struct till *t, const struct till_conf *c, char *fault)
{
	struct pos_setup setup = {
		.token = *c->token != '\0' ? c->token : NULL,
		.settings = t->pair,
		.wait = c->wait,
		.wait_arg = c->wait_arg,
		.grant = c->grant,
		.grant_arg = c->grant_arg,
		.http = {
			.connect_ms = (int)c->timeout_s * MS,
			.total_ms = (int)c->timeout_s * MS,
			.ca_file = *c->ca_file != '\0' ? c->ca_file : NULL,
			.allow_http = c->allow_http,
			.stop = c->stop,
		},
	};

	if ((setup.profile = profile_find(t->arena, c->profile, c->profile_dir, fault,
	    POS_FAULT)) == NULL)
		return -1;
	if (*c->token_file != '\0' &&
	    (setup.token = token_of_file(t, c->token_file, fault)) == NULL)
		return -1;
	if (setup.token != NULL)
		log_hide(setup.token);
	if (split_settings(t, c, fault) == -1)
		return -1;
	if (c->secrets_file != NULL && *c->secrets_file != '\0' &&
	    read_secrets(t, c->secrets_file, fault) == -1)
		return -1;
	setup.secrets = t->secret;
	setup.secret_count = t->secrets;
	setup.setting_count = t->count;
	return (t->pos = pos_open(&setup, fault)) == NULL ? -1 : 0;
}

struct till *
till_open(const struct till_conf *c, char *fault)
{
	struct till *t = calloc(1, sizeof *t);

	if (t == NULL || (t->arena = arena_new(MEMORY_MAX)) == NULL)
		wrong(fault, "till", "out of memory");
	else if (open_with(t, c, fault) == 0)
		return t;
	till_close(t);
	return NULL;
}

void
till_close(struct till *t)
{
	if (t == NULL)
		return;
	pos_close(t->pos);
	arena_free(t->arena);
	free(t);
}

struct pos *
till_pos(const struct till *t)
{
	return t->pos;
}
