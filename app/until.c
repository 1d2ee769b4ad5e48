/* until.c - how long a stop or a pause lasts; see until.h */
#include "app/field.h"
#include "app/until.h"
#include "lib/base/clock.h"
#include "lib/shop/hours.h"

enum { MINUTES_MAX = 7 * 24 * 60 };

void
field_until(struct request *r, struct until *u)
{
	int64_t minutes = DB_NULL;
	const char *time = NULL;

	*u = (struct until){ .at = DB_NULL };
	field_text(r, r->body, "until", FIELD_OPTIONAL, 1, CLOCK_TEXT, &time);
	field_int(r, r->body, "minutes", FIELD_OPTIONAL, 1, MINUTES_MAX, &minutes);
	field_bool(r, r->body, "until_open", FIELD_OPTIONAL, &u->is_open);
	if (time != NULL && (u->at = clock_parse_rfc3339(time)) <= clock_now())
		field_rule(r, "until", RULE_FUTURE);
	if (minutes != DB_NULL && (time != NULL || u->is_open))
		field_rule(r, "minutes", RULE_NOT_WITH, time != NULL ? "until" : "until_open");
	else if (u->is_open && time != NULL)
		field_rule(r, "until_open", RULE_NOT_WITH, "until");
	if (minutes != DB_NULL)
		u->at = clock_now() + minutes * 60;
}

enum problem
until_moment(struct request *r, const struct until *u, const struct branch *b, int64_t *at)
{
	*at = u->at;
	if (!u->is_open)
		return OK;
	if (hours_next_opening(r->arena, b->operating_hours, b->timezone, clock_now(), at) == 0 &&
	    *at != DB_NULL)
		return OK;
	field_rule(r, "until_open", RULE_NO_OPENING);
	return fields_end(r);
}
