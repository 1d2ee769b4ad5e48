/*
 * fuzz_template.c - a body with placeholders, NUL byte, a text for the values
 *
 * Whatever the values are, they do not break out: JSON stays JSON, a form
 * stays a form, and frozen requests thaw to what they were.
 */
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/utf8.h"
#include "lib/pos/engine.h"
#include "tests/fuzz/fuzz.h"

enum { MEMORY = 16 << 20, TEXT = 4096 };

static void
is_json(struct arena *a, const char *s, size_t n)
{
	struct json_fault fault;

	MUST(json_parse(a, s, n, &fault) != NULL);
}

static void
is_form(const char *s)
{
	MUST(s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%&=")]
	    == '\0');
}

static void
thaws(struct arena *a, const struct pos_request *q)
{
	struct buf one = BUF_INIT(1 << 20), two = BUF_INIT(1 << 20);
	struct pos_request again;

	pos_freeze(q, &one);
	MUST(!one.failed && pos_thaw(a, one.s, one.len, &again) == 0);
	pos_freeze(&again, &two);
	MUST(one.len == two.len && memcmp(one.s, two.s, one.len) == 0);
	buf_free(&one);
	buf_free(&two);
}

static void
fill(const char *kind, const char *body, size_t n, const struct pos_order *order)
{
	struct arena *a = arena_new(MEMORY);
	static struct profile_faults faults;
	struct buf b = BUF_INIT(1 << 17);
	struct pos pos = { 0 };
	struct pos_request q;
	char fault[POS_FAULT];

	buf_printf(&b, "{\"profile\":1,\"name\":\"t\",\"base\":\"https://x\",\"settings\":"
	    "{\"a\":\"b\"},\"order\":{\"retry\":\"key\",\"create\":{\"call\":\"POST "
	    "/{order.ref}\",\"id\":\"/id\",\"%s\":", kind);
	buf_add(&b, body, n);
	buf_lit(&b, "}}}");
	if (!b.failed && (pos.profile = profile_parse(b.s, b.len, &faults)) != NULL &&
	    pos_build(&pos, POS_ORDER_CREATE, &(struct pos_about){ .order = order }, a, &q,
	    fault) == 0) {
		MUST(strpbrk(q.path, " \r\n?#") == NULL);
		if (q.body != NULL && q.headers[strlen(q.headers) - 2] == 'n')
			is_json(a, q.body, q.body_len);
		else if (q.body != NULL)
			is_form(q.body);
		thaws(a, &q);
	}
	profile_free(pos.profile);
	buf_free(&b);
	arena_free(a);
}

FUZZ_TARGET(template)(const uint8_t *data, size_t n)
{
	const char *text = (const char *)data, *nul;
	char value[TEXT] = "";
	struct pos_item items[2] = { { .key = value, .name = value, .qty = 3, .price = 1999 } };
	struct pos_order order = { .key = "k", .ref = value, .number = value, .type = "pickup",
		.comment = value, .address = "{\"text\":\"x\"}", .address_text = value,
		.total = 99, .items = items, .item_count = 2, .customer = { .name = value } };
	size_t len, rest;

	if (n > 65536)
		return 0;
	nul = n == 0 ? NULL : memchr(text, '\0', n);
	len = nul == NULL ? n : (size_t)(nul - text);
	rest = nul == NULL ? 0 : n - len - 1;
	if (rest < sizeof value && rest > 0 && memchr(nul + 1, '\0', rest) == NULL &&
	    utf8_valid(nul + 1, rest))
		memcpy(value, nul + 1, rest);
	if (value[0] == '\0')
		value[0] = 'x';		/* a path does without no value */
	fill("json", text, len, &order);
	fill("form", text, len, &order);
	return 0;
}
