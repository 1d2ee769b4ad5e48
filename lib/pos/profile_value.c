/*
 * profile_value.c - checking pointers, keys, VALUEs and sets of fields
 *
 * Also says what each field of a row may hold: a price must say in which
 * unit it comes, a flag cannot be joined, and so on. So reading rows later
 * meets only what it can read.
 */
#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/pos/rules.h"
#include "lib/pos/template.h"

const struct field profile_fields[POS_FIELDS] = {
	[POS_NAME] =		{ "name",		FIELD_TEXT, 200, 0 },
	[POS_DESCRIPTION] =	{ "text",		FIELD_TEXT, 4000, 1 },
	[POS_CATEGORY] =	{ "category",		FIELD_TEXT, 200, 0 },
	[POS_IMAGE] =		{ "image",		FIELD_ADDRESS, 2000, 0 },
	[POS_IMAGE_KEY] =	{ "image_key",		FIELD_TEXT, 200, 0 },
	[POS_PRICE] =		{ "price",		FIELD_MONEY, 0, 0 },
	[POS_STOCK] =		{ "stock",		FIELD_QTY, 0, 0 },
	[POS_STOCK_KEY] =	{ "stock_key",		FIELD_TEXT, 200, 0 },
	[POS_SKU] =		{ "sku",		FIELD_TEXT, 100, 0 },
	[POS_TRACKED] =		{ "tracked",		FIELD_BOOL, 0, 0 },
	[POS_SALE] =		{ "sale",		FIELD_BOOL, 0, 0 },
	[POS_CHOICE] =		{ "choice",		FIELD_BOOL, 0, 0 },
	[POS_IS_GONE] =		{ "gone",		FIELD_BOOL, 0, 0 },
	[POS_ONLY_BRANCHES] =	{ "only_branches",	FIELD_KEYS, 0, 0 },
	[POS_NOT_BRANCHES] =	{ "not_branches",	FIELD_KEYS, 0, 0 },
	[POS_CURRENCY] =	{ "currency",		FIELD_TEXT, 8, 0 },
	[POS_ADDRESS] =		{ "address",		FIELD_TEXT, 300, 0 },
	[POS_LATITUDE] =	{ "latitude",		FIELD_REAL, 0, 0 },
	[POS_LONGITUDE] =	{ "longitude",		FIELD_REAL, 0, 0 },
	[POS_PHONE] =		{ "phone",		FIELD_TEXT, 40, 0 },
	[POS_HOURS] =		{ "hours",		FIELD_JSON, 0, 0 },
	[POS_PARENT] =		{ "parent",		FIELD_TEXT, 200, 0 },
	[POS_HIDDEN] =		{ "hidden",		FIELD_BOOL, 0, 0 },
	[POS_URL] =		{ "url",		FIELD_ADDRESS, 2000, 0 },
};

static const char *const as_words[] = {
	"raw", "str", "minor", "major", "qty", "bool", "not", "present", "text", "url", "time", NULL
};

/* Which `as` a field takes, and how that is said. */
static const struct {
	unsigned as;
	const char *words;
} kinds[FIELD_KINDS] = {
	[FIELD_TEXT] =		{ 1 << AS_RAW | 1 << AS_STR | 1 << AS_TEXT, "str or text" },
	[FIELD_ADDRESS] =	{ 1 << AS_RAW | 1 << AS_STR | 1 << AS_URL, "url" },
	[FIELD_MONEY] =		{ 1 << AS_MINOR | 1 << AS_MAJOR, "minor (kopecks) or major (99.00)" },
	[FIELD_QTY] =		{ 1 << AS_QTY, "qty" },
	[FIELD_BOOL] =		{ 1 << AS_RAW | 1 << AS_BOOL | 1 << AS_NOT | 1 << AS_PRESENT,
				    "bool, not or present" },
	[FIELD_REAL] =		{ 1 << AS_RAW, "nothing: it is read as a number" },
	[FIELD_JSON] =		{ 1 << AS_RAW, "nothing: it is kept as it is" },
	[FIELD_KEYS] =		{ 1 << AS_RAW, "nothing: it is a list of keys" },
};

static void
check_pointer(struct check *c, const char *s)
{
	if (*s == '^') {
		if (!c->above)
			check_fault(c, "\"%.80s\": there is no row above without \"each\"", s);
		s++;
	}
	if (*s != '\0' && *s != '/')
		check_fault(c, "\"%.80s\" is not a pointer: it is empty or begins with /", s);
	while ((s = strchr(s, '~')) != NULL)
		if (s[1] != '0' && s[1] != '1') {
			check_fault(c, "~ in a pointer is ~0, / is ~1");
			return;
		} else {
			s++;
		}
}

void
take_pointer(struct check *c, const struct json *j, void *into, const void *arg)
{
	(void)arg;
	if (json_type(j) != JSON_TEXT) {
		check_fault(c, "must be a pointer like \"/id\", is %s",
		    json_type_name(json_type(j)));
		return;
	}
	check_pointer(c, json_text(j));
	*(const char **)into = json_text(j);
}

void
take_pointers(struct check *c, const struct json *j, void *into, const void *arg)
{
	struct pointers *p = into;
	size_t nth = 0, mark;

	if (json_type(j) != JSON_ARRAY) {
		take_pointer(c, j, &p->list[0], arg);
		p->count = 1;
		return;
	}
	if (json_count(j) < 1 || json_count(j) > POINTERS_MAX) {
		check_fault(c, "must hold 1 to %d pointers", POINTERS_MAX);
		return;
	}
	for (const struct json *m = json_first(j); m != NULL; m = json_next(m), nth++) {
		mark = check_enter_nth(c, nth);
		take_pointer(c, m, &p->list[nth], arg);
		check_leave(c, mark);
	}
	p->count = nth;
}

/* "/id", or an array of parts, each of which may be an array of fallbacks. */
void
take_key(struct check *c, const struct json *j, void *into, const void *arg)
{
	struct key *key = into;
	size_t nth = 0, mark;

	if (json_type(j) != JSON_ARRAY) {
		take_pointers(c, j, &key->part[0], arg);
		key->count = 1;
		return;
	}
	if (json_count(j) < 1 || json_count(j) > KEY_PARTS) {
		check_fault(c, "must have 1 to %d parts", KEY_PARTS);
		return;
	}
	for (const struct json *m = json_first(j); m != NULL; m = json_next(m), nth++) {
		mark = check_enter_nth(c, nth);
		take_pointers(c, m, &key->part[nth], arg);
		check_leave(c, mark);
	}
	key->count = nth;
}

static int
is_scalar(const struct json *j)
{
	return json_type(j) != JSON_ARRAY && json_type(j) != JSON_OBJECT;
}

static void
take_map(struct check *c, const struct json *j, void *into, const void *arg)
{
	size_t mark;

	(void)arg;
	if (json_type(j) != JSON_OBJECT) {
		check_fault(c, "must be an object, is %s", json_type_name(json_type(j)));
		return;
	}
	for (const struct json *m = json_first(j); m != NULL; m = json_next(m)) {
		mark = check_enter(c, json_name(m));
		if (!is_scalar(m))
			check_fault(c, "must be text, a number, true, false or null");
		check_leave(c, mark);
	}
	*(const struct json **)into = j;
}

static void
take_scalar(struct check *c, const struct json *j, void *into, const void *arg)
{
	(void)arg;
	if (!is_scalar(j) || json_type(j) == JSON_NULL)
		check_fault(c, "must be text, a number, true or false");
	*(const struct json **)into = j;
}

static void
take_base(struct check *c, const struct json *j, void *into, const void *arg)
{
	unsigned names = c->names;

	c->names = 0;		/* settings only */
	take_phrase(c, j, into, arg);
	c->names = names;
}

static void
take_parts(struct check *c, const struct json *j, void *into, const void *arg)
{
	struct value *v = into;
	size_t nth = 0, mark;

	if (json_type(j) != JSON_ARRAY || json_count(j) < 1 || json_count(j) > VALUES_MAX) {
		check_fault(c, "must be an array of 1 to %d values", VALUES_MAX);
		return;
	}
	v->parts = arena_get(c->p->arena, json_count(j) * sizeof *v->parts);
	if (v->parts == NULL) {
		check_fault(c, "out of memory");
		return;
	}
	v->kind = *(const enum value_kind *)arg;
	for (const struct json *m = json_first(j); m != NULL; m = json_next(m), nth++) {
		mark = check_enter_nth(c, nth);
		take_value(c, m, &v->parts[nth], NULL);
		check_leave(c, mark);
	}
	v->count = nth;
}

/* Was read by take_logic already: it says what ^ means in the parts. */
static void
take_of(struct check *c, const struct json *j, void *into, const void *arg)
{
	(void)c, (void)j, (void)into, (void)arg;
}

static const enum value_kind all = VALUE_ALL, any = VALUE_ANY, join = VALUE_JOIN;

static const struct rule at_rules[] = {
	{ "at",		take_pointers,	offsetof(struct value, at), NULL, REQUIRED },
	{ "as",		take_choice,	offsetof(struct value, as), as_words, OPTIONAL },
	{ "map",	take_map,	offsetof(struct value, map), NULL, OPTIONAL },
	{ "default",	take_scalar,	offsetof(struct value, dflt), NULL, OPTIONAL },
	{ "unless",	take_pointer,	offsetof(struct value, unless), NULL, OPTIONAL },
	{ "base",	take_base,	offsetof(struct value, base), NULL, OPTIONAL },
};
static const struct rule all_rules[] = {
	{ "all",	take_parts,	0, &all, REQUIRED },
	{ "of",		take_of,	offsetof(struct value, of), NULL, OPTIONAL },
};
static const struct rule any_rules[] = {
	{ "any",	take_parts,	0, &any, REQUIRED },
	{ "of",		take_of,	offsetof(struct value, of), NULL, OPTIONAL },
};
static const struct rule join_rules[] = {
	{ "join",	take_parts,	0, &join, REQUIRED },
	{ "sep",	take_any,	offsetof(struct value, constant), NULL, OPTIONAL },
};
static const struct rule const_rules[] = {
	{ "const",	take_scalar,	offsetof(struct value, constant), NULL, REQUIRED },
};

static void
take_join(struct check *c, const struct json *j, struct value *v)
{
	CHECK_OBJECT(c, j, join_rules, v);
	v->sep = " ";
	if (v->constant != NULL && (v->sep = json_text(v->constant)) == NULL)
		check_fault(c, "\"sep\" must be text");
	v->constant = NULL;
}

/* With "of" the pointers of the parts start at an element, and ^ at the row. */
static void
take_logic(struct check *c, const struct json *j, struct value *v)
{
	const struct json *of = json_member(j, "of");
	const int above = c->above;
	size_t mark;

	if (of != NULL) {
		mark = check_enter(c, "of");
		take_pointer(c, of, &v->of, NULL);
		check_leave(c, mark);
		c->above = 1;
	}
	if (json_member(j, "all") != NULL)
		CHECK_OBJECT(c, j, all_rules, v);
	else
		CHECK_OBJECT(c, j, any_rules, v);
	c->above = above;
}

static void
take_at(struct check *c, const struct json *j, struct value *v)
{
	v->kind = VALUE_AT;
	CHECK_OBJECT(c, j, at_rules, v);
	if (v->base != NULL && v->as != AS_URL)
		check_fault(c, "\"base\" goes with \"as\": \"url\"");
}

void
take_value(struct check *c, const struct json *j, void *into, const void *arg)
{
	struct value *v = into;

	if (json_type(j) == JSON_TEXT || json_type(j) == JSON_ARRAY) {
		v->kind = VALUE_AT;
		take_pointers(c, j, &v->at, arg);
	} else if (json_type(j) != JSON_OBJECT) {
		check_fault(c, "must be a pointer, an array of pointers, or an object");
	} else if (json_member(j, "all") != NULL || json_member(j, "any") != NULL) {
		take_logic(c, j, v);
	} else if (json_member(j, "join") != NULL) {
		take_join(c, j, v);
	} else if (json_member(j, "const") != NULL) {
		v->kind = VALUE_CONST;
		CHECK_OBJECT(c, j, const_rules, v);
	} else if (json_member(j, "at") != NULL) {
		take_at(c, j, v);
	} else {
		check_fault(c, "needs one of at, all, any, join, const");
	}
}

static void
check_fits(struct check *c, const struct value *v, enum pos_field f)
{
	enum field_kind kind = profile_fields[f].kind;

	if (v->kind == VALUE_AT) {
		if ((kinds[kind].as & 1u << v->as) == 0)
			check_fault(c, "%s takes as \"as\": %s", profile_fields[f].name,
			    kinds[kind].words);
		return;
	}
	if ((v->kind == VALUE_ALL || v->kind == VALUE_ANY) && kind != FIELD_BOOL)
		check_fault(c, "%s is not yes/no: all and any do not fit", profile_fields[f].name);
	if (v->kind == VALUE_JOIN && kind != FIELD_TEXT)
		check_fault(c, "%s is not text: join does not fit", profile_fields[f].name);
	if (v->kind == VALUE_CONST && (kind == FIELD_BOOL ? json_type(v->constant) != JSON_BOOL :
	    kind != FIELD_TEXT || json_type(v->constant) != JSON_TEXT))
		check_fault(c, "%s cannot be this constant", profile_fields[f].name);
}

static void
list_fields(uint32_t fields, char *out, size_t size)
{
	size_t at = 0;

	out[0] = '\0';
	for (int i = 0; i < POS_FIELDS && at < size; i++)
		if ((fields & 1u << i) != 0)
			at += (size_t)snprintf(out + at, size - at, "%s%s", at == 0 ? "" : ", ",
			    profile_fields[i].name);
}

static void
take_field(struct check *c, const struct json *m, struct field_set *set)
{
	char known[240];
	int f = 0;

	while (f < POS_FIELDS && ((c->fields & 1u << f) == 0 ||
	    strcmp(profile_fields[f].name, json_name(m)) != 0))
		f++;
	if (f == POS_FIELDS) {
		list_fields(c->fields, known, sizeof known);
		check_fault(c, "unknown field: here are %s", known);
		return;
	}
	if ((set->field[f] = arena_get(c->p->arena, sizeof **set->field)) == NULL) {
		check_fault(c, "out of memory");
		return;
	}
	take_value(c, m, set->field[f], NULL);
	check_fits(c, set->field[f], (enum pos_field)f);
}

void
take_set(struct check *c, const struct json *j, void *into, const void *arg)
{
	size_t mark;

	(void)arg;
	if (json_type(j) != JSON_OBJECT) {
		check_fault(c, "must be an object, is %s", json_type_name(json_type(j)));
		return;
	}
	for (const struct json *m = json_first(j); m != NULL; m = json_next(m)) {
		mark = check_enter(c, json_name(m));
		take_field(c, m, into);
		check_leave(c, mark);
	}
}
