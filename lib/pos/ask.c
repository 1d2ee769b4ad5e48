/*
 * ask.c - whole questions: build, send, judge; follow a status; find
 */
#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/pos/engine.h"
#include "lib/pos/plain.h"

void
pos_send(struct pos *pos, enum pos_step step, const struct pos_request *q, struct arena *a,
    struct pos_answer *out)
{
	struct http_reply r;

	pos_ask(pos, q, a, &r);
	pos_judge(pos, step, &r, a, out);
	http_reply_free(&r);
}

/*
 * The call after the first, where a till keeps the end of an order's life in
 * another place. Whatever goes wrong there, the first answer holds.
 */
static void
follow(struct pos *pos, const struct look *next, const struct pos_about *about,
    struct arena *a, struct pos_answer *first)
{
	struct scope c = pos_scope(pos, a);
	struct spot at = { .row = first->body };
	const struct json *need = rows_at(&at, &next->need);
	struct reader reader = { .arena = a };
	struct pos_answer then;
	struct pos_request q;
	struct http_reply r;
	const char *word;

	if (next->when != NULL && (first->state == NULL || strcmp(next->when, first->state) != 0))
		return;
	c.prev = need == NULL ? NULL : rows_scalar(a, need);
	c.order = about->order;
	if ((next->need.count > 0 && c.prev == NULL) ||
	    call_build(pos->profile, &c, &next->call, NULL, &q) == -1)
		return;
	pos_ask(pos, &q, a, &r);
	judge_reply(pos, &r, a, &then);
	http_reply_free(&r);
	at.row = then.body;
	if (then.outcome != POS_DONE || rows_text(&reader, &next->value, &at, &word) == -1)
		return;
	judge_state(next->map, word, &then);
	if (then.state != NULL) {
		first->state = then.state;
		first->raw = then.raw;
	}
}

void
pos_do(struct pos *pos, enum pos_step step, const struct pos_about *about, struct arena *a,
    struct pos_answer *out)
{
	struct pos_request q;
	char fault[POS_FAULT];

	if (pos_build(pos, step, about, a, &q, fault) == -1) {
		*out = (struct pos_answer){ .retry_after = -1 };
		pos_say(pos, out, POS_REFUSED, fault);
		return;
	}
	pos_send(pos, step, &q, a, out);
	if (step == POS_ORDER_STATUS && out->outcome == POS_DONE &&
	    pos->profile->status.next != NULL)
		follow(pos, pos->profile->status.next, about, a, out);
}

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

/* The rows of one page; the first that fits gives its key. */
static int
look_through(struct feed *f, const struct list *l, const char *wanted, struct arena *a,
    struct pos_answer *out)
{
	struct reader r = { .arena = a };
	const struct json *j;
	const char *key;
	struct spot at;

	while (feed_next(f, &at)) {
		if ((j = rows_at(&at, &l->match.at)) == NULL ||
		    !fits(&l->match, wanted, rows_scalar(a, j)))
			continue;
		if ((key = rows_key(&r, &l->key, &at)) == NULL) {
			snprintf(out->message, sizeof out->message, "%.150s", r.fault);
			return -1;
		}
		if (out->matches++ == 0)
			out->id = key;
	}
	return 0;
}

void
pos_find(struct pos *pos, enum pos_step step, const struct pos_about *about, struct arena *a,
    struct pos_answer *out)
{
	const struct list *l = step == POS_ORDER_FIND ? &pos->profile->order_find :
	    &pos->profile->customer_find;
	struct scope c = pos_scope(pos, a);
	const char *wanted;
	struct feed *f;
	int rc = -1;

	*out = (struct pos_answer){ .outcome = POS_REFUSED, .retry_after = -1 };
	c.order = about->order;
	c.customer = about->customer;
	c.window_from = about->window_from;
	c.window_to = about->window_to;
	if (!l->there || (wanted = template_text(&c, l->match.text, NULL)) == NULL ||
	    *wanted == '\0') {
		pos_say(pos, out, POS_REFUSED, !l->there ? "the profile has no such find" :
		    "there is nothing to look for");
		return;
	}
	if ((f = feed_begin(pos, l, &c)) == NULL) {
		pos_say(pos, out, POS_UNSENT, "out of memory");
		return;
	}
	while ((rc = feed_page(f)) == 1)
		if (look_through(f, l, wanted, a, out) == -1)
			break;
	if (rc == 1)
		out->outcome = POS_UNKNOWN;
	else if (rc == -1)
		pos_say(pos, out, feed_end(f)->outcome, feed_end(f)->message);
	else
		out->outcome = POS_DONE;
	out->retry_after = feed_end(f)->retry_after;
	if (rc != 0)
		out->id = NULL;
	feed_close(f);
}
