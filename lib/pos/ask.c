/*
 * ask.c - whole questions: build, send, judge; follow a status
 */
#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/pos/engine.h"

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
