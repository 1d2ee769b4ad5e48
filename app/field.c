/*
 * field.c - the members of a request's body, checked one by one
 *
 * Each reader notes a fault and lets the next one look, so that a form hears
 * everything at once. What a client may do wrong has its words in one table.
 */
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "app/field.h"
#include "lib/base/money.h"
#include "lib/base/utf8.h"
#include "lib/shop/contact.h"

static const char *const words[RULES][LANGUAGES] = {
	[RULE_REQUIRED] = { "потрібно вказати", "is required" },
	[RULE_ONCE] = { "можна вказати лише раз", "may be given only once" },
	[RULE_IS_TEXT] = { "має бути текстом", "must be text" },
	[RULE_IS_WHOLE] = { "має бути цілим числом", "must be a whole number" },
	[RULE_IS_MONEY] = { "має бути сумою від 0, з копійками не більш як двома знаками",
	    "must be an amount from 0 with at most two decimals" },
	[RULE_IS_BOOL] = { "має бути true або false", "must be true or false" },
	[RULE_IS_OBJECT] = { "має бути об'єктом", "must be an object" },
	[RULE_IS_ARRAY] = { "має бути масивом", "must be an array" },
	[RULE_IS_NUMBER] = { "має бути числом", "must be a number" },
	[RULE_PRINTABLE] = { "містить неприпустимі знаки", "holds characters that are not allowed" },
	[RULE_LENGTH] = { "довжина має бути від %zu до %zu знаків", "must have %zu to %zu characters" },
	[RULE_BYTES] = { "довжина має бути від %zu до %zu байтів", "must have %zu to %zu bytes" },
	[RULE_COUNT] = { "має бути від %zu до %zu елементів", "must have %zu to %zu elements" },
	[RULE_RANGE] = { "має бути від %lld до %lld", "must be %lld to %lld" },
	[RULE_REAL_RANGE] = { "має бути від %g до %g", "must be %g to %g" },
	[RULE_CHOICE] = { "має бути одним із: %s", "must be one of: %s" },
	[RULE_TOGETHER] = { "потрібно вказати разом із %s", "must be given together with %s" },
	[RULE_EMAIL] = { "має бути адресою електронної пошти", "must be an e-mail address" },
	[RULE_PHONE] = { "має бути номером телефону, наприклад +380671234567",
	    "must be a phone number such as +380671234567" },
	[RULE_UNKNOWN] = { "такого немає", "is not known" },
	[RULE_WRONG] = { "неправильно", "is not right" },
	[RULE_FUTURE] = { "має бути часом у майбутньому, наприклад 2026-12-31T18:00:00+02:00",
	    "must be a time to come such as 2026-12-31T18:00:00+02:00" },
	[RULE_TIME] = { "має бути часом, наприклад 2026-05-22T10:00:00Z",
	    "must be a time such as 2026-05-22T10:00:00Z" },
	[RULE_ONE_OF] = { "потрібно вказати рівно одне з: %s", "exactly one of %s is needed" },
	[RULE_NOT_WITH] = { "не можна вказати разом із %s", "must not be given together with %s" },
	[RULE_NO_OPENING] = { "заклад найближчими днями не відчиняється",
	    "the branch does not open in the days to come" },
	[RULE_CURSOR] = { "не є next_cursor цього списку", "is no next_cursor of this list" },
};

void
field_fault(struct request *r, const char *field, const char *text)
{
	struct fault *f = &r->faults[r->fault_count];

	if (r->fault_count == FIELDS_MAX)
		return;
	f->field = r->field_at == NULL ? field : arena_printf(r->arena, "%s%s", r->field_at, field);
	f->text = text;
	if (f->field == NULL || f->text == NULL)
		fail(r, INTERNAL);
	else
		r->fault_count++;
}

void
field_rule(struct request *r, const char *field, enum rule rule, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, rule);
	text = arena_vprintf(r->arena, words[rule][r->language], ap);
	va_end(ap);
	field_fault(r, field, text);
}

enum problem
fields_end(struct request *r)
{
	if (r->problem != OK)		/* no memory for a field */
		return r->problem;
	return r->fault_count == 0 ? OK : fail(r, INVALID_FIELD);
}

/* The member when it is there and of the type; else the fault is noted. */
static const struct json *
member(struct request *r, const struct json *from, const char *name, int required,
    enum json_type type, enum rule otherwise)
{
	const struct json *j = json_member(from, name);

	if (json_type(j) == JSON_NULL) {
		if (required)
			field_rule(r, name, RULE_REQUIRED);
		return NULL;
	}
	if (json_type(j) != type) {
		field_rule(r, name, otherwise);
		return NULL;
	}
	return j;
}

const struct json *
field_object(struct request *r, const struct json *from, const char *name, int required)
{
	return member(r, from, name, required, JSON_OBJECT, RULE_IS_OBJECT);
}

const struct json *
field_array(struct request *r, const struct json *from, const char *name, int required, size_t min,
    size_t max)
{
	const struct json *j = member(r, from, name, required, JSON_ARRAY, RULE_IS_ARRAY);

	if (j == NULL || (json_count(j) >= min && json_count(j) <= max))
		return j;
	field_rule(r, name, RULE_COUNT, min, max);
	return NULL;
}

static int
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Trimmed text of min..max code points in the arena; NULL and a fault otherwise. */
static const char *
trimmed(struct request *r, const char *name, const char *s, size_t min, size_t max, int multiline)
{
	size_t n = strlen(s), length;
	const char *text;

	for (; n > 0 && is_blank(*s); n--)
		s++;
	while (n > 0 && is_blank(s[n - 1]))
		n--;
	if (!utf8_printable(s, n, multiline)) {
		field_rule(r, name, RULE_PRINTABLE);
		return NULL;
	}
	length = utf8_length(s, n);
	if (length < min || length > max) {
		field_rule(r, name, min > 0 && length == 0 ? RULE_REQUIRED : RULE_LENGTH, min, max);
		return NULL;
	}
	if ((text = arena_dup(r->arena, s, n)) == NULL)
		fail(r, INTERNAL);
	return text;
}

static void
read_text(struct request *r, const struct json *from, const char *name, int required,
    const size_t bounds[2], int multiline, const char **out)
{
	const struct json *j = member(r, from, name, required, JSON_TEXT, RULE_IS_TEXT);
	const char *text;

	if (j == NULL)
		return;
	text = trimmed(r, name, json_text(j), bounds[0], bounds[1], multiline);
	if (text != NULL)
		*out = text;
}

void
field_text(struct request *r, const struct json *from, const char *name, int required, size_t min,
    size_t max, const char **out)
{
	read_text(r, from, name, required, (size_t[]){ min, max }, 0, out);
}

void
field_words(struct request *r, const struct json *from, const char *name, int required, size_t max,
    const char **out)
{
	read_text(r, from, name, required, (size_t[]){ required ? 1 : 0, max }, 1, out);
}

void
field_int(struct request *r, const struct json *from, const char *name, int required, int64_t min,
    int64_t max, int64_t *out)
{
	const struct json *j = member(r, from, name, required, JSON_NUMBER, RULE_IS_WHOLE);
	int64_t n;

	if (j == NULL)
		return;
	if (json_int(j, &n) == -1)
		field_rule(r, name, RULE_IS_WHOLE);
	else if (n < min || n > max)
		field_rule(r, name, RULE_RANGE, min, max);
	else
		*out = n;
}

void
field_money(struct request *r, const struct json *from, const char *name, int required,
    int64_t *kopecks)
{
	const struct json *j = member(r, from, name, required, JSON_NUMBER, RULE_IS_MONEY);
	int64_t n;

	if (j == NULL)
		return;
	if (money_parse(json_digits(j), &n) == -1 || n < 0 || n > MONEY_MAX)
		field_rule(r, name, RULE_IS_MONEY);
	else
		*kopecks = n;
}

void
field_bool(struct request *r, const struct json *from, const char *name, int required, int *out)
{
	const struct json *j = member(r, from, name, required, JSON_BOOL, RULE_IS_BOOL);

	if (j != NULL)
		*out = json_true(j);
}

int
field_place(const char *choices, const char *text)
{
	size_t n = strlen(text), len;

	for (int place = 0;; place++) {
		len = strcspn(choices, "|");
		if (len == n && memcmp(choices, text, n) == 0)
			return place;
		if (choices[len] == '\0')
			return -1;
		choices += len + 1;
	}
}

void
field_choice(struct request *r, const struct json *from, const char *name, int required,
    const char *choices, int *out)
{
	const struct json *j = member(r, from, name, required, JSON_TEXT, RULE_IS_TEXT);
	int place;

	if (j == NULL)
		return;
	if ((place = field_place(choices, json_text(j))) == -1)
		field_rule(r, name, RULE_CHOICE, choices);
	else
		*out = place;
}

static double
degrees(struct request *r, const struct json *from, const char *name, double most)
{
	const struct json *j = member(r, from, name, FIELD_OPTIONAL, JSON_NUMBER, RULE_IS_NUMBER);
	double n;

	if (j == NULL)
		return NAN;
	if (json_real(j, &n) == -1 || !(n >= -most && n <= most)) {
		field_rule(r, name, RULE_REAL_RANGE, -most, most);
		return NAN;
	}
	return n;
}

void
field_coordinates(struct request *r, const struct json *from, double *latitude, double *longitude)
{
	int has_latitude = json_type(json_member(from, "latitude")) != JSON_NULL;
	int has_longitude = json_type(json_member(from, "longitude")) != JSON_NULL;

	*latitude = degrees(r, from, "latitude", 90);
	*longitude = degrees(r, from, "longitude", 180);
	if (has_latitude && !has_longitude)
		field_rule(r, "longitude", RULE_TOGETHER, "latitude");
	if (has_longitude && !has_latitude)
		field_rule(r, "latitude", RULE_TOGETHER, "longitude");
}

void
field_email(struct request *r, const struct json *from, const char *name, const char **out)
{
	const struct json *j = member(r, from, name, FIELD_REQUIRED, JSON_TEXT, RULE_IS_TEXT);
	const char *text;
	char *email;

	if (j == NULL || (text = trimmed(r, name, json_text(j), 1, CONTACT_EMAIL_MAX, 0)) == NULL)
		return;
	if ((email = arena_str(r->arena, text)) == NULL) {
		fail(r, INTERNAL);
		return;
	}
	if (contact_email(email) == -1)
		field_rule(r, name, RULE_EMAIL);
	else
		*out = email;
}

void
field_phone(struct request *r, const struct json *from, const char *name, int required,
    const char **out)
{
	const struct json *j = member(r, from, name, required, JSON_TEXT, RULE_IS_TEXT);
	char phone[CONTACT_PHONE_TEXT];
	const char *text;

	if (j == NULL || (text = trimmed(r, name, json_text(j), 1, CONTACT_PHONE_INPUT_MAX, 0)) == NULL)
		return;
	if (contact_phone(text, phone) == -1)
		field_rule(r, name, RULE_PHONE);
	else if ((*out = arena_str(r->arena, phone)) == NULL)
		fail(r, INTERNAL);
}
