/*
 * rows.c - rows of a till as keys and fields
 *
 * A row is taken whole or not at all: whatever is wrong in it, also in its
 * rows by branch, sets it aside with the pointer and the value that was bad.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/buf.h"
#include "lib/pos/plain.h"
#include "lib/pos/rows.h"

enum {
	LISTED_MAX = 2000,	/* branches named by one row */
	HOURS_MAX = 8 * 1024	/* bytes of opening hours */
};

static int
bad(struct reader *r, const char *what, const char *why)
{
	snprintf(r->fault, sizeof r->fault, "%s %s", what, why);
	return -1;
}

/* A part of a composite key: what joins the parts is escaped in it. */
static void
put_part(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++)
		if (*s == ':')
			buf_lit(b, "%3A");
		else if (*s == '%')
			buf_lit(b, "%25");
		else
			buf_char(b, *s);
}

static int
is_clean(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return 0;
	return 1;
}

/* One part's text; NULL = missing, or with a fault what no key can be. */
static const char *
part_text(struct reader *r, const struct pointers *p, const struct spot *at)
{
	const struct json *j = rows_at(at, p);

	r->fault[0] = '\0';
	if (j == NULL)
		return NULL;
	if (json_type(j) != JSON_TEXT && json_type(j) != JSON_NUMBER) {
		bad(r, p->list[0], "is no key: it is neither text nor a number");
		return NULL;
	}
	return rows_scalar(r->arena, j);
}

static const char *
simple_key(struct reader *r, const struct pointers *p, const struct spot *at)
{
	const char *s = part_text(r, p, at);

	if (s == NULL && r->fault[0] == '\0')
		bad(r, p->list[0], "is empty: a row without key");
	if (s == NULL || (strlen(s) <= POS_KEY_MAX && is_clean(s)))
		return s;
	bad(r, p->list[0], "is too long for a key or holds control bytes");
	return NULL;
}

static const char *
joined_key(struct reader *r, const struct key *key, const struct spot *at)
{
	struct buf b = BUF_INIT(4 * POS_KEY_MAX);
	const char *s, *out = NULL;
	size_t gaps = 0;

	for (size_t i = 0; i < key->count; i++) {
		s = part_text(r, &key->part[i], at);
		if (s == NULL && r->fault[0] != '\0')
			goto out;
		if (s == NULL && i == 0) {
			bad(r, key->part[0].list[0], "is empty: a row without key");
			goto out;
		}
		if (s == NULL) {
			gaps++;
			continue;
		}
		for (gaps += i > 0; gaps > 0; gaps--)
			buf_char(&b, ':');
		put_part(&b, s);
	}
	if (b.failed || b.len > POS_KEY_MAX || !is_clean(b.s))
		bad(r, key->part[0].list[0], "is too long for a key or holds control bytes");
	else if ((out = arena_dup(r->arena, b.s, b.len)) == NULL)
		bad(r, "out of", "memory");
out:
	buf_free(&b);
	return out;
}

const char *
rows_key(struct reader *r, const struct key *key, const struct spot *at)
{
	return key->count == 1 ? simple_key(r, &key->part[0], at) : joined_key(r, key, at);
}

int
rows_kept(struct reader *r, const struct list *l, const struct json *row)
{
	struct spot at = { .row = row };
	const struct json *j;
	const char *s;
	int found;

	for (size_t i = 0; i < l->keeps; i++) {
		j = rows_at(&at, &l->keep[i].at);
		s = j == NULL ? NULL : rows_scalar(r->arena, j);
		found = 0;
		for (const struct json *m = json_first(l->keep[i].in); m != NULL; m = json_next(m))
			found |= s != NULL && strcmp(json_text(m), s) == 0;
		if (!found)
			return 0;
	}
	return 1;
}

static int
real_cell(struct reader *r, const struct got *got, const char *name, struct pos_cell *cell)
{
	char *end;

	if (got->kind != GOT_TEXT || strspn(got->text, "+-0123456789.eE") != strlen(got->text))
		return bad(r, name, "is no number");
	cell->real = strtod(got->text, &end);
	if (*end != '\0' || !isfinite(cell->real) || fabs(cell->real) > 180)
		return bad(r, name, "is no coordinate");
	return 0;
}

static int
keys_cell(struct reader *r, const struct got *got, const char *name, struct pos_cell *cell)
{
	size_t count = got->kind == GOT_JSON ? json_count(got->json) : 1, n = 0;
	const char **keys;

	if (count > LISTED_MAX)
		return bad(r, name, "lists too many");
	if ((keys = arena_get(r->arena, (count + 1) * sizeof *keys)) == NULL)
		return bad(r, "out of", "memory");
	if (got->kind != GOT_JSON)
		keys[n++] = got->text;
	else if (json_type(got->json) != JSON_ARRAY)
		return bad(r, name, "is no list of keys");
	else
		for (const struct json *m = json_first(got->json); m != NULL; m = json_next(m))
			if ((keys[n++] = rows_scalar(r->arena, m)) == NULL)
				return bad(r, name, "is no list of keys");
	cell->keys = keys;
	cell->key_count = n;
	return 0;
}

static int
json_cell(struct reader *r, const struct got *got, const char *name, struct pos_cell *cell)
{
	struct buf b = BUF_INIT(HOURS_MAX);

	if (got->kind == GOT_JSON)
		json_write(&b, NULL, got->json);
	else if (got->kind == GOT_TEXT)
		json_put_text(&b, NULL, got->text);
	cell->text = b.failed || b.s == NULL ? NULL : arena_dup(r->arena, b.s, b.len);
	buf_free(&b);
	return cell->text == NULL ? bad(r, name, "is too long") : 0;
}

static int
bool_cell(struct reader *r, const struct got *got, const char *name, struct pos_cell *cell)
{
	if (got->kind == GOT_BOOL)
		cell->number = got->number;
	else if (got->kind == GOT_TEXT && (cell->number = rows_truth(got->text)) == -1)
		return bad(r, name, "is neither yes nor no");
	else if (got->kind == GOT_JSON)
		return bad(r, name, "is neither yes nor no");
	return 0;
}

static int
text_cell(struct reader *r, enum pos_field f, const struct value *v, const struct spot *at,
    struct pos_cell *cell)
{
	const struct field *field = &profile_fields[f];
	const char *s;

	if (rows_text(r, v, at, &s) == -1)
		return -1;
	if (s == NULL || (field->kind == FIELD_ADDRESS && !plain_is_address(s)))
		return 0;
	if ((cell->text = plain_clean(r->arena, s, field->max, field->multiline)) == NULL)
		return bad(r, "out of", "memory");
	cell->set = *cell->text != '\0';
	if (!cell->set)
		cell->text = NULL;
	return 0;
}

static int
read_cell(struct reader *r, enum pos_field f, const struct value *v, const struct spot *at,
    struct pos_cell *cell)
{
	const struct field *field = &profile_fields[f];
	struct got got;

	if (field->kind == FIELD_TEXT || field->kind == FIELD_ADDRESS)
		return text_cell(r, f, v, at, cell);
	if (rows_value(r, v, at, &got) == -1)
		return -1;
	if (got.kind == GOT_NOTHING)
		return 0;
	cell->set = 1;
	switch (field->kind) {
	case FIELD_REAL:
		return real_cell(r, &got, field->name, cell);
	case FIELD_KEYS:
		return keys_cell(r, &got, field->name, cell);
	case FIELD_JSON:
		return json_cell(r, &got, field->name, cell);
	case FIELD_BOOL:
		return bool_cell(r, &got, field->name, cell);
	default:
		cell->number = got.number;
		cell->below = got.below;
		return got.kind == GOT_NUMBER ? 0 : bad(r, field->name, "is no number");
	}
}

static int
read_set(struct reader *r, const struct field_set *set, const struct spot *at,
    struct pos_cell *cells)
{
	for (int f = 0; f < POS_FIELDS; f++)
		if (set->field[f] != NULL &&
		    read_cell(r, (enum pos_field)f, set->field[f], at, &cells[f]) == -1)
			return -1;
	return 0;
}

/* A sum in another money is no price of ours. */
static int
check_currency(struct reader *r, const struct pos_cell *cells)
{
	const char *theirs = cells[POS_CURRENCY].text, *ours;

	if (theirs == NULL || r->scope == NULL ||
	    (ours = template_text(r->scope, "{set.currency}", NULL)) == NULL ||
	    strcasecmp(theirs, ours) == 0)
		return 0;
	snprintf(r->fault, sizeof r->fault, "currency is %s, not %s", theirs, ours);
	return -1;
}

static int
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static int
same_cells(const struct pos_cell *a, const struct pos_cell *b)
{
	for (int f = 0; f < POS_FIELDS; f++)
		if (a[f].set != b[f].set || a[f].number != b[f].number || a[f].below != b[f].below ||
		    !same_text(a[f].text, b[f].text))
			return 0;
	return 1;
}

/* 0 new, 1 said before in the same words, -1 otherwise: which price holds? */
static int
is_repeated(struct reader *r, const struct sub *sub, const struct pos_sub *subs, size_t count)
{
	const struct pos_sub *last = &subs[count];

	for (size_t i = 0; i < count; i++)
		if (strcmp(subs[i].key, last->key) == 0)
			return same_cells(subs[i].f, last->f) ? 1 :
			    bad(r, sub->rows.list[0], "names a key twice, and not alike");
	return 0;
}

/* The rows in a row. Poster's own example names a branch twice, alike. */
static int
read_subs(struct reader *r, const struct sub *sub, const struct spot *row,
    const struct pos_sub **out, size_t *count)
{
	const struct json *list = rows_list(row, &sub->rows);
	struct spot at = { .above = row->row };
	size_t n = json_count(list), i = 0;
	struct pos_sub *subs;
	int again;

	*count = 0;
	if (!sub->there || n == 0)
		return 0;
	if (n > SUBS_MAX)
		return bad(r, sub->rows.list[0], "holds too many rows");
	if ((subs = arena_get(r->arena, n * sizeof *subs)) == NULL)
		return bad(r, "out of", "memory");
	for (at.row = json_first(list); at.row != NULL; at.row = json_next(at.row)) {
		if ((subs[i].key = rows_key(r, &sub->key, &at)) == NULL ||
		    read_set(r, &sub->set, &at, subs[i].f) == -1 ||
		    check_currency(r, subs[i].f) == -1 ||
		    (again = is_repeated(r, sub, subs, i)) == -1)
			return -1;
		i += !again;
	}
	*out = subs;
	*count = i;
	return 0;
}

static int
read_branch(struct reader *r, const struct list *l, const struct spot *at, struct pos_row *row)
{
	const struct key key = { .count = 1, .part = { l->branch } };

	if (l->branch.count == 0)
		return 0;
	row->branch = rows_key(r, &key, at);
	return row->branch == NULL ? -1 : 0;
}

int
rows_read(struct reader *r, const struct list *l, const struct spot *at, struct pos_row *row)
{
	const int named = l->what == FEED_BRANCHES || l->what == FEED_CATEGORIES ||
	    l->what == FEED_PRODUCTS;

	if (read_branch(r, l, at, row) == -1 || read_set(r, &l->set, at, row->f) == -1 ||
	    check_currency(r, row->f) == -1 ||
	    read_subs(r, &l->branches, at, &row->branches, &row->branch_count) == -1 ||
	    read_subs(r, &l->depots, at, &row->depots, &row->depot_count) == -1)
		return -1;
	if (named && !row->f[POS_NAME].set && !row->f[POS_IS_GONE].number)
		return bad(r, "name", "is missing");
	return 0;
}

/* Unlike a value, a list may be empty: the first that is an array counts. */
const struct json *
rows_list(const struct spot *at, const struct pointers *p)
{
	const struct json *j;

	for (size_t i = 0; i < p->count; i++)
		if (json_type(j = rows_point(at, p->list[i])) == JSON_ARRAY)
			return j;
	return NULL;
}
