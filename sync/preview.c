/*
 * preview.c - pos-sender --dry-run: what would go to the till now; see preview.h
 *
 * The same rules as for sending decide (begin.c), on the same rows; but nothing is
 * claimed, so a sender at work is not in the way.
 */
#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>

#include "lib/base/buf.h"
#include "lib/base/json.h"
#include "lib/shop/outbox.h"
#include "sync/begin.h"
#include "sync/preview.h"

enum {
	ROWS = 100,			/* those that would go first */
	REQUEST_MAX = 2 << 20, LINE_MAX = 5 << 20
};

/* A line of JSON, for programs. */
static void
print_json(const struct try *t, const char *what, const struct buf *request)
{
	struct buf b = BUF_INIT(LINE_MAX);

	json_open(&b, NULL, '{');
	json_put_int(&b, "row", t->row.id);
	json_put_text(&b, "kind", t->row.kind);
	json_put_int(&b, "order_id", t->row.order_id);
	json_put_int(&b, "user_id", t->row.user_id);
	json_put_int(&b, "try", t->row.attempts + 1);
	json_put_text(&b, "what", what);
	json_put_text(&b, "request", request->len > 0 ? request->s : NULL);
	json_close(&b, '}');
	puts(b.failed ? "{}" : b.s);
	buf_free(&b);
}

static void
print_text(const struct try *t, const char *what, const struct buf *request)
{
	printf("row %" PRId64 ": %s of ", t->row.id, t->row.kind);
	if (t->row.order_id != DB_NULL)
		printf("order %" PRId64, t->row.order_id);
	else
		printf("user %" PRId64, t->row.user_id);
	printf(", try %" PRId64 ": %s\n", t->row.attempts + 1, what);
	if (request->len > 0)
		printf("%s\n\n", request->s);
}

static void
show(struct job *j, const struct outbox_row *row)
{
	struct try t = { .j = j, .row = *row };
	struct buf request = BUF_INIT(REQUEST_MAX);
	const char *what = try_foresee(&t);

	if (t.request.method != NULL)
		pos_show(till_pos(j->till), &t.request, &request);
	if (j->json)
		print_json(&t, what, &request);
	else
		print_text(&t, what, &request);
	buf_free(&request);
	try_forget_look(&t);
}

int
preview(struct job *j)
{
	static struct outbox_row rows[ROWS];
	int n = outbox_peek(j->db, j->arena, "pos", rows, ROWS);

	if (n < 0) {
		job_complain(j, "%s", db_error(j->db));
		return EX_TEMPFAIL;
	}
	for (int i = 0; i < n; i++)
		show(j, &rows[i]);
	if (j->json || j->quiet)
		return EX_OK;
	printf("%d %s due%s\n", n, n == 1 ? "row is" : "rows are",
	    n == ROWS ? ", and perhaps more" : "");
	if (lane_paused(j->db, "pos") == 1)
		puts("but nothing is sent now: the lane is paused, or rests (pos-admin doctor)");
	return EX_OK;
}
