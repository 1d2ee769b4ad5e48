/* address.c - where to deliver; see address.h */
#include <math.h>

#include "app/address.h"

enum { TEXT_POINTS = 300, DETAIL_POINTS = 20, COMMENT_POINTS = 500, COORDINATE_DIGITS = 6 };

/* Known members only: whatever else was sent has no effect (G76). */
static void
read_members(struct request *r, const struct json *from, int text_required, struct address *a)
{
	static const char *const details[] = { "apartment", "entrance", "floor", "intercom" };
	const char *text = NULL, *detail;
	struct buf *b = r->out;

	json_open(b, NULL, '{');
	field_text(r, from, "text", text_required, text_required ? 1 : 0, TEXT_POINTS, &text);
	a->has_text = text != NULL && *text != '\0';
	json_put_text(b, "text", text);
	for (size_t i = 0; i < sizeof details / sizeof *details; i++) {
		detail = NULL;
		field_text(r, from, details[i], FIELD_OPTIONAL, 0, DETAIL_POINTS, &detail);
		json_put_text(b, details[i], detail);
	}
	detail = NULL;
	field_words(r, from, "comment", FIELD_OPTIONAL, COMMENT_POINTS, &detail);
	json_put_text(b, "comment", detail);
	field_coordinates(r, from, &a->latitude, &a->longitude);
	json_put_real(b, "latitude", a->latitude, COORDINATE_DIGITS);
	json_put_real(b, "longitude", a->longitude, COORDINATE_DIGITS);
	json_close(b, '}');
}

void
address_read(struct request *r, const char *name, int text_required, struct address *a)
{
	const struct json *from = field_object(r, r->body, name, FIELD_OPTIONAL);

	*a = (struct address){ .latitude = (double)NAN, .longitude = (double)NAN };
	if (from == NULL)
		return;
	if ((r->field_at = arena_printf(r->arena, "%s.", name)) != NULL)
		read_members(r, from, text_required, a);
	a->json = r->field_at == NULL || r->out->failed ? NULL
	    : arena_dup(r->arena, r->out->s, r->out->len);
	buf_reset(r->out);
	r->field_at = NULL;
	if (a->json == NULL)
		fail(r, TOO_LARGE);
}
