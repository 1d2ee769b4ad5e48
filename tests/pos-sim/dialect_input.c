/*
 * dialect_input.c - query strings and forms as JSON objects
 *
 * Brackets lead inwards, as PHP reads them; what is counted 0, 1, 2 … is an
 * array. Every value is text.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/pos-sim/dialect.h"

enum { DEEPEST = 16, TEXT_MOST = 1 << 18 };

struct node {
	const char *name, *value;	/* value NULL: it has children */
	struct node *first, *last, *next;
};

static const char *
decoded(struct arena *a, const char *s, size_t n)
{
	char *out = arena_get(a, n + 1), *p = out, hex[3] = "";

	for (size_t i = 0; out != NULL && i < n; i++) {
		if (s[i] == '%' && i + 2 < n && isxdigit((unsigned char)s[i + 1]) &&
		    isxdigit((unsigned char)s[i + 2])) {
			memcpy(hex, s + i + 1, 2);
			*p++ = (char)strtol(hex, NULL, 16);
			i += 2;
		} else {
			*p++ = s[i] == '+' ? ' ' : s[i];
		}
	}
	return out;
}

static struct node *
child(struct arena *a, struct node *of, const char *name)
{
	struct node *n;

	for (n = of->first; n != NULL; n = n->next)
		if (strcmp(n->name, name) == 0)
			return n;
	if ((n = arena_get(a, sizeof *n)) == NULL)
		return NULL;
	n->name = name;
	if (of->last != NULL)
		of->last->next = n;
	else
		of->first = n;
	return of->last = n;
}

/* "a[0][b]": the node for it, or NULL when the brackets are not closed. */
static struct node *
walk(struct arena *a, struct node *root, const char *name)
{
	size_t len = strcspn(name, "[");
	struct node *n = child(a, root, arena_dup(a, name, len));

	for (int depth = 0; n != NULL && name[len] == '['; depth++) {
		name += len + 1;
		len = strcspn(name, "]");
		if (name[len] != ']' || depth == DEEPEST)
			return NULL;
		n = child(a, n, arena_dup(a, name, len));
		len++;
	}
	return n != NULL && name[len] == '\0' ? n : NULL;
}

static int
is_array(const struct node *n)
{
	char want[16];
	int i = 0;

	for (const struct node *c = n->first; c != NULL; c = c->next, i++) {
		snprintf(want, sizeof want, "%d", i);
		if (strcmp(c->name, want) != 0)
			return 0;
	}
	return i > 0;
}

static void
write_node(struct buf *b, const char *key, const struct node *n)
{
	int array = is_array(n);

	if (n->value != NULL) {
		json_put_text(b, key, n->value);
		return;
	}
	json_open(b, key, array ? '[' : '{');
	for (const struct node *c = n->first; c != NULL; c = c->next)
		write_node(b, array ? NULL : c->name, c);
	json_close(b, array ? ']' : '}');
}

const struct json *
input_object(struct arena *a, const char *text, size_t len)
{
	struct node root = { 0 }, *n;
	struct buf b = BUF_INIT(TEXT_MOST);
	struct json_fault fault;
	const struct json *j = NULL;
	const char *end = text + len;
	size_t size, name;

	for (const char *s = text; s < end; s += size + 1) {
		for (size = 0; s + size < end && s[size] != '&'; size++)
			continue;
		for (name = 0; name < size && s[name] != '='; name++)
			continue;
		if (size == 0)
			continue;
		if ((n = walk(a, &root, decoded(a, s, name))) == NULL)
			return NULL;
		n->value = name < size ? decoded(a, s + name + 1, size - name - 1) : "";
	}
	write_node(&b, NULL, &root);
	if (!b.failed)
		j = json_parse(a, b.s, b.len, &fault);
	buf_free(&b);
	return j;
}
