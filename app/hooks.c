/*
 * hooks.c - POST /webhooks/pos: the till knocks (G54, C23)
 *
 * Whoever cannot sign as the till does is told nothing and leaves nothing. A
 * letter is written down as it came, once, and answered; pos-sync reads it.
 * What it says changes no order here.
 */
#include "app/handlers.h"
#include "lib/base/log.h"
#include "lib/pos/webhook.h"
#include "lib/shop/inbox.h"

enum { FULL_RETRY_S = 30 };

static const char *
told(const void *r, const char *name)
{
	return request_told(r, name);
}

/* A warning names the reason, never a header or the body. */
static enum problem
refuse(struct request *r, enum webhook_verdict v)
{
	static const struct { enum problem problem; const char *why; } refusals[] = {
		[WEBHOOK_FORGED] = { BAD_SIGNATURE, "signature" },
		[WEBHOOK_STALE] = { STALE_MESSAGE, "timestamp" },
		[WEBHOOK_UNREADABLE] = { BAD_JSON, "no_json" },
		[WEBHOOK_FAILED] = { INTERNAL, "failed" },
	};

	log_warn("webhook_refused", "why=%s", refusals[v].why);
	if (v == WEBHOOK_UNREADABLE)
		return fail_with(r, BAD_JSON, "\"reason\":\"an object is expected\"");
	return fail(r, refusals[v].problem);
}

enum problem
hook_till_prepare(struct request *r)
{
	struct webhook_letter l = { .header = told, .arg = r,
		.body = r->body_text != NULL ? r->body_text : "", .len = r->body_len };
	char *event;
	enum webhook_verdict v;

	if (r->app->webhook == NULL)
		return fail(r, NOT_FOUND);
	if ((event = arena_get(r->arena, WEBHOOK_EVENT)) == NULL)
		return fail(r, INTERNAL);
	if ((v = webhook_judge(r->app->webhook, &l, r->arena, event)) != WEBHOOK_GOOD)
		return refuse(r, v);
	r->work = event;
	return OK;
}

/* A repetition is answered like the first: the till only wants to know that we have it. */
enum problem
hook_till_apply(struct request *r)
{
	int rc = inbox_put(r->app->db, r->work, r->body_text, r->body_len);
	const char *reply = webhook_reply(r->app->webhook);

	if (rc == INBOX_FULL) {
		r->retry_after = FULL_RETRY_S;
		return fail(r, BUSY);
	}
	if (rc < 0)
		return fail_db(r, rc);
	buf_str(r->out, reply != NULL ? reply : "{\"ok\":true}");
	return OK;
}
