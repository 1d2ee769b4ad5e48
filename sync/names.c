/* names.c - keys as words; see names.h */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "sync/names.h"

enum { NAMES_MAX = 200000, MEMORY = 48 << 20, FIRST = 256 };

struct pair { const char *key, *word; };

struct names {
	struct arena *arena;
	struct pair *list;
	size_t count, size;
};

static int
by_key(const void *a, const void *b)
{
	return strcmp(((const struct pair *)a)->key, ((const struct pair *)b)->key);
}

static int
add(struct names *n, const char *key, const char *word)
{
	size_t size = n->size == 0 ? FIRST : n->size * 2;
	struct pair *p;

	if (n->count == NAMES_MAX)
		return -1;
	if (n->count == n->size) {
		if ((p = realloc(n->list, size * sizeof *p)) == NULL)
			return -1;
		n->list = p;
		n->size = size;
	}
	p = &n->list[n->count];
	p->key = arena_str(n->arena, key);
	p->word = arena_str(n->arena, word);
	if (p->key == NULL || p->word == NULL)
		return -1;
	n->count++;
	return 0;
}

static int
read_all(struct names *n, struct feed *f, enum pos_field field, char *message)
{
	const struct pos_row *row;
	int more;

	while ((more = feed_page(f)) == 1)
		while ((row = feed_row(f)) != NULL)
			if (row->f[field].set && row->f[field].text != NULL &&
			    add(n, row->key, row->f[field].text) == -1) {
				snprintf(message, POS_FAULT, "the list of names is too long");
				return EX_PROTOCOL;
			}
	if (more == 0)
		return EX_OK;
	snprintf(message, POS_FAULT, "%s", feed_end(f)->message);
	return job_exit_code(feed_end(f)->outcome);
}

int
names_load(struct job *j, enum feed_what what, enum pos_field field, struct names **out,
    char *message)
{
	struct names *n;
	struct feed *f;
	int code;

	if (!feed_has(till_pos(j->till), what))
		return EX_OK;
	n = calloc(1, sizeof *n);
	f = feed_open(till_pos(j->till), &(struct feed_ask){ .what = what });
	*out = n;
	if (n == NULL || f == NULL || (n->arena = arena_new(MEMORY)) == NULL) {
		feed_close(f);
		snprintf(message, POS_FAULT, "out of memory");
		return EX_OSERR;
	}
	code = read_all(n, f, field, message);
	feed_close(f);
	if (n->count > 0)
		qsort(n->list, n->count, sizeof *n->list, by_key);
	return code;
}

void
names_free(struct names *n)
{
	if (n == NULL)
		return;
	arena_free(n->arena);
	free(n->list);
	free(n);
}

const char *
names_find(const struct names *n, const char *key)
{
	struct pair want = { .key = key }, *at;

	if (n == NULL || key == NULL)
		return key;
	if (n->count == 0)
		return NULL;
	at = bsearch(&want, n->list, n->count, sizeof *n->list, by_key);
	return at != NULL ? at->word : NULL;
}
