/*
 * find.c - an order or a client looked up in a list of the till
 *
 * The list is read page by page until a row fits. Only a list that was read to
 * its end says that something is not there. Who has other things to do meanwhile
 * sends the requests himself; pos_find waits.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/pos/engine.h"
#include "lib/pos/feed.h"
#include "lib/pos/plain.h"

struct pos_finding {
	struct pos *pos;
	const struct list *list;
	const char *wanted;
	struct feed *feed;
	struct arena *arena;		/* of the answer */
	struct pos_answer *out;
};

/* An empty text to look for fits nothing: it would fit the first row. */
static int
fits(const struct match *m, const char *wanted, const char *found)
{
	if (*wanted == '\0' || found == NULL)
		return 0;
	if (m->how == MATCH_IS)
		return strcmp(found, wanted) == 0;
	if (m->how == MATCH_STARTS)
		return strncmp(found, wanted, strlen(wanted)) == 0;
	return plain_same_phone(found, wanted);
}

/* Not a copy: a long list would fill the arena, and who does not fit is not there. */
static const char *
scalar(const struct json *j)
{
	return json_type(j) == JSON_NUMBER ? json_digits(j) : json_text(j);
}

/* The rows of one page; the first that fits gives its key. -1: a key cannot be read. */
static int
look_through(struct pos_finding *f)
{
	const struct list *l = f->list;
	struct reader r = { .arena = f->arena };
	const struct json *j;
	const char *key;
	struct spot at;

	while (feed_next(f->feed, &at)) {
		if ((j = rows_at(&at, &l->match.at)) == NULL ||
		    !fits(&l->match, f->wanted, scalar(j)))
			continue;
		if ((key = rows_key(&r, &l->key, &at)) == NULL) {
			f->out->outcome = POS_UNKNOWN;
			snprintf(f->out->message, sizeof f->out->message, "%.150s", r.fault);
			return -1;
		}
		if (f->out->matches++ == 0)
			f->out->id = key;
	}
	return 0;
}

struct pos_finding *
pos_find_open(struct pos *pos, enum pos_step step, const struct pos_about *about,
    struct arena *a, struct pos_answer *out)
{
	const struct list *l = step == POS_ORDER_FIND ? &pos->profile->order_find :
	    &pos->profile->customer_find;
	struct pos_finding *f = arena_get(a, sizeof *f);
	struct scope c = pos_scope(pos, a);
	const char *wanted;

	*out = (struct pos_answer){ .outcome = POS_REFUSED, .retry_after = -1 };
	c.order = about->order;
	c.customer = about->customer;
	c.window_from = about->window_from;
	c.window_to = about->window_to;
	if (!l->there || (wanted = template_text(&c, l->match.text, NULL)) == NULL ||
	    *wanted == '\0') {
		pos_say(pos, out, POS_REFUSED, !l->there ? "the profile has no such find" :
		    "there is nothing to look for");
		return NULL;
	}
	if (f == NULL || (f->feed = feed_begin(pos, l, &c)) == NULL) {
		pos_say(pos, out, POS_UNSENT, "out of memory");
		return NULL;
	}
	f->pos = pos;
	f->list = l;
	f->wanted = wanted;
	f->arena = a;
	f->out = out;
	out->outcome = POS_UNKNOWN;
	return f;
}

/* The list ended: rc as of feed_page. */
static int
end(struct pos_finding *f, int rc)
{
	const struct feed_end *e = feed_end(f->feed);

	if (rc == -1)
		pos_say(f->pos, f->out, e->outcome, e->message);
	else
		f->out->outcome = POS_DONE;
	f->out->retry_after = e->retry_after;
	if (rc != 0)
		f->out->id = NULL;
	return 0;
}

int
pos_find_ask(struct pos_finding *f, struct pos_request *q)
{
	int rc = feed_ask(f->feed, q);

	return rc == 1 ? 1 : end(f, rc);
}

int
pos_find_hear(struct pos_finding *f, const struct http_reply *r)
{
	if (feed_hear(f->feed, r) == -1)
		return end(f, -1);
	if (look_through(f) == 0)
		return 1;
	f->out->id = NULL;
	return 0;
}

void
pos_find_close(struct pos_finding *f)
{
	if (f != NULL)
		feed_close(f->feed);
}

void
pos_find(struct pos *pos, enum pos_step step, const struct pos_about *about, struct arena *a,
    struct pos_answer *out)
{
	struct pos_finding *f = pos_find_open(pos, step, about, a, out);
	struct pos_request q;
	struct http_reply r;

	while (f != NULL && pos_find_ask(f, &q) == 1) {
		pos_ask(pos, &q, a, &r);
		if (!pos_find_hear(f, &r))
			break;
	}
	pos_find_close(f);
}
