/* check_template.c - {name|filter:arg}: what template.h promises */
#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/json.h"
#include "lib/pos/template.h"
#include "tests/suite.h"

static struct arena *arena;

static const struct pos_pair settings[] = { { "account", "хата" }, { "empty", "" } };
static const struct pos_pair secrets[] = { { "client_id", "c-1" } };
static const struct pos_setup setup = { .token = "t/0?&=x", .settings = settings,
	.setting_count = 2, .secrets = secrets, .secret_count = 1 };

static const struct pos_item items[] = {
	{ .key = "12:7", .name = "Борщ \"по-київськи\"", .qty = 2, .price = 13550 },
	{ .key = "13", .name = "Узвар", .qty = 1, .price = 4000 },
};

static struct pos_order
an_order(void)
{
	return (struct pos_order){
		.key = "key-1", .ref = "R1", .number = "17", .type = "delivery", .branch = "b1",
		.comment = "", .address = "{\"text\":\"Хрещатик 1\",\"flat\":[1,2.50]}",
		.address_text = "Хрещатик 1", .fee = 12900, .total = 44000,
		.customer = { .id = NULL, .ref = "u5", .name = "Олена Пчілка",
		    .phone = "+380671234567" },
		.items = items, .item_count = 2,
	};
}

static struct scope
a_scope(const struct pos_order *o)
{
	return (struct scope){ .setup = &setup, .zone = "Europe/Kyiv", .order = o,
		.arena = arena, .split_keys = 1, .since = "2026-05-22T10:00:00Z",
		.window_from = INT64_C(1779444000), .depot = "d 1/2", .prev = NULL };
}

/* The template with ' for ", filled; or the fault. */
static const char *
fill(struct scope *c, const char *text, int form)
{
	struct buf b = BUF_INIT(64 * 1024);
	struct json_fault fault;
	char quoted[1024];
	const struct json *node;
	const char *out;
	int rc;

	snprintf(quoted, sizeof quoted, "%s", text);
	for (char *p = quoted; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	node = json_parse(arena, quoted, strlen(quoted), &fault);
	ck_assert_msg(node != NULL, "%s: %s", quoted, fault.what);
	rc = form ? template_form(c, node, NULL, 0, &b) : template_json(c, node, NULL, 0, &b);
	out = rc == -1 ? c->fault : arena_dup(arena, b.len > 0 ? b.s : "", b.len);
	buf_free(&b);
	return out;
}

static void
begin(void)
{
	arena = arena_new(1 << 20);
	clock_set(INT64_C(1779444000));		/* 2026-05-22T10:00:00Z */
}

static void
end(void)
{
	arena_free(arena);
	clock_set(0);
}

static const struct {
	const char *text, *becomes;
} fillings[] = {
	/* types are kept when a string is one placeholder */
	{ "{'a':'{order.ref}','b':1,'c':null,'d':[true,2.50]}",
	    "{\"a\":\"R1\",\"b\":1,\"c\":null,\"d\":[true,2.50]}" },
	{ "{'a':'{order.fee|major}','b':'{order.fee|minor}'}", "{\"a\":129.00,\"b\":12900}" },
	{ "{'a':'{order.fee|major|str}'}", "{\"a\":\"129.00\"}" },
	{ "{'a':'{order.paid}','b':'{since?}','c':'{prev?}'}",
	    "{\"a\":false,\"b\":true,\"c\":false}" },
	{ "{'a':'{order.number|num}','b':'{order.number}'}", "{\"a\":17,\"b\":\"17\"}" },
	{ "{'a':'{order.address}'}", "{\"a\":{\"text\":\"Хрещатик 1\",\"flat\":[1,2.50]}}" },
	/* a missing value drops its key or element; within a text it is nothing */
	{ "{'a':'{customer.id}','b':'{order.comment}','c':1}", "{\"c\":1}" },
	{ "{'a':['{customer.id}','x']}", "{\"a\":[\"x\"]}" },
	{ "{'a':'#{order.ref}; {order.comment}{customer.id}.'}", "{\"a\":\"#R1; .\"}" },
	{ "{'a':{'b':'{customer.id}'}}", "{\"a\":{}}" },
	{ "{'a':'{set.account}','b':'{set.empty}','c':'{set.currency}'}",
	    "{\"a\":\"хата\",\"c\":\"UAH\"}" },
	/* filters */
	{ "{'a':'{customer.name|max:3}','b':'{customer.phone|digits}'}",
	    "{\"a\":\"Оле\",\"b\":\"380671234567\"}" },
	{ "{'a':'{customer.phone|digits|num}'}", "{\"a\":380671234567}" },
	{ "{'a':'{now|rfc3339}','b':'{now|unix_ms}','c':'{now|local}'}",
	    "{\"a\":\"2026-05-22T10:00:00Z\",\"b\":1779444000000,"
	    "\"c\":\"2026-05-22 13:00:00\"}" },
	/* a mark is asked again with five minutes of overlap, raw it is as it was */
	{ "{'a':'{since|rfc3339}','b':'{since}','c':'{since|unix_ms}'}",
	    "{\"a\":\"2026-05-22T09:55:00Z\",\"b\":\"2026-05-22T10:00:00Z\","
	    "\"c\":1779443700000}" },
	{ "{'a':'{window.from|rfc3339}','b':'{window.to|rfc3339}'}",
	    "{\"a\":\"2026-05-22T10:00:00Z\"}" },
	{ "{'a':'{{{order.ref}}'}", "{\"a\":\"{R1}\"}" },
	/* values cannot break out of JSON */
	{ "{'a':{'$each':'items','$do':{'n':'{item.name}','q':'{item.qty|num}'}}}",
	    "{\"a\":[{\"n\":\"Борщ \\\"по-київськи\\\"\",\"q\":2},{\"n\":\"Узвар\",\"q\":1}]}" },
	{ "{'a':{'$each':'items','$do':['{item.key.0}','{item.key.1}','{item.key}']}}",
	    "{\"a\":[[\"12\",\"7\",\"12:7\"],[\"13\",\"13\"]]}" },
	{ "{'a':{'$each':'units','$do':'{item.price|minor}'}}", "{\"a\":[13550,13550,4000]}" },
	{ "{'a':{'$each':'items','$do':'{item.name}','$also':[{'$if':['order.fee','set.account'],"
	    "'n':'{order.fee|minor}'},{'$if':['order.fee','set.empty'],'n':1},'x']}}",
	    "{\"a\":[\"Борщ \\\"по-київськи\\\"\",\"Узвар\",{\"n\":12900},\"x\"]}" },
	{ "{'a':[{'$if':'order.address','t':1},{'$unless':'order.address','t':2}],"
	    "'b':{'$unless':'order.paid','t':3}}", "{\"a\":[{\"t\":1}],\"b\":{\"t\":3}}" },
	{ "{'a':{'$if':'order.paid','x':1},'b':{'$if':'order.branch','y':1},'c':1}",
	    "{\"b\":{\"y\":1},\"c\":1}" },
	{ "{'a':'{order.summary}'}",
	    "{\"a\":\"ДОСТАВКА 129 грн · разом 440 · оплата при отриманні\"}" },
	{ "{'a':'{token}/{secret.client_id}'}", "{\"a\":\"t/0?&=x/c-1\"}" },
};

START_TEST(fills_json)
{
	struct pos_order o = an_order();
	struct scope c;

	begin();
	for (size_t i = 0; i < sizeof fillings / sizeof *fillings; i++) {
		c = a_scope(&o);
		ck_assert_str_eq(fill(&c, fillings[i].text, 0), fillings[i].becomes);
	}
	end();
}
END_TEST

START_TEST(fills_forms_as_php_does)
{
	static const struct {
		const char *text, *becomes;
	} cases[] = {
		{ "{'a':'x y','b':1,'c':null,'d':true,'e':false}", "a=x%20y&b=1&d=1&e=0" },
		{ "{'a':'{customer.id}'}", "" },
		{ "{'p':{'$each':'items','$do':{'id':'{item.key.0}','m':'{item.key.1}',"
		    "'s':'{item.price|minor}'}}}",
		    "p%5B0%5D%5Bid%5D=12&p%5B0%5D%5Bm%5D=7&p%5B0%5D%5Bs%5D=13550&"
		    "p%5B1%5D%5Bid%5D=13&p%5B1%5D%5Bs%5D=4000" },
		{ "{'pay':{'$if':'order.paid','sum':1}}", "" },
		{ "{'s':'{order.total|major}'}", "s=440.00" },
		{ "{'a':'&=#'}", "a=%26%3D%23" },
	};
	struct pos_order o = an_order();
	struct scope c;

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		c = a_scope(&o);
		ck_assert_str_eq(fill(&c, cases[i].text, 1), cases[i].becomes);
	}
	end();
}
END_TEST

START_TEST(adds_what_paging_needs)
{
	static const struct extra extras[] = { { "cursor", "a\"b", 0 }, { "limit", "20", 1 } };
	struct buf b = BUF_INIT(1000);
	struct scope c = { 0 };
	struct json_fault fault;
	const struct json *node;

	begin();
	c.arena = arena;
	node = json_parse(arena, "{\"x\":1,\"limit\":5}", 17, &fault);
	ck_assert_int_eq(template_json(&c, node, extras, 2, &b), 0);
	ck_assert_str_eq(b.s, "{\"x\":1,\"cursor\":\"a\\\"b\",\"limit\":20}");
	buf_reset(&b);
	ck_assert_int_eq(template_form(&c, NULL, extras, 2, &b), 0);
	ck_assert_str_eq(b.s, "cursor=a%22b&limit=20");
	buf_free(&b);
	end();
}
END_TEST

START_TEST(paths_are_encoded_and_whole)
{
	struct buf b = BUF_INIT(1000);
	struct pos_order o = an_order();
	struct scope c;

	begin();
	c = a_scope(&o);
	ck_assert_int_eq(template_path(&c, "/a/{depot}/{order.ref}", &b), 0);
	ck_assert_str_eq(b.s, "/a/d%201%2F2/R1");
	buf_reset(&b);
	ck_assert_int_eq(template_path(&c, "/a/{order.pos_id}", &b), -1);
	ck_assert_str_eq(c.fault, "{order.pos_id} is missing");
	buf_free(&b);
	end();
}
END_TEST

START_TEST(says_what_cannot_be_filled)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "{'a':'{order.ref|num}'}", "{order.ref} is not a number" },
		{ "{'a':'{customer.name|num}'}", "{customer.name} is not a number" },
		{ "{'a':'{since|local}'}", "is not a time" },
		{ "{'a':'{since|unix_ms}'}", "is not a time" },
		{ "{'a':'{order.address}'}", "is not JSON" },
	};
	struct pos_order o = an_order();
	struct scope c;

	begin();
	o.address = "{broken";
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		c = a_scope(&o);
		c.since = "rev-17";
		ck_assert_ptr_nonnull(strstr(fill(&c, cases[i].text, 0), cases[i].says));
	}
	c = a_scope(&o);
	c.since = "rev-17";	/* the till's own mark is given back as it came */
	ck_assert_str_eq(fill(&c, "{'a':'{since|rfc3339}','b':'{since}'}", 0),
	    "{\"a\":\"rev-17\",\"b\":\"rev-17\"}");
	end();
}
END_TEST

START_TEST(hides_secrets_when_asked)
{
	struct scope c = { 0 };

	begin();
	c = a_scope(NULL);
	c.masked = 1;
	ck_assert_str_eq(template_text(&c, "Bearer {token} {secret.client_id}", NULL),
	    "Bearer {token} {secret.client_id}");
	end();
}
END_TEST

START_TEST(summaries_tell_the_cashier_what_counts)
{
	struct pos_order o = an_order();

	begin();
	ck_assert_str_eq(order_summary(arena, &o),
	    "ДОСТАВКА 129 грн · разом 440 · оплата при отриманні");
	o.total = 44050;
	o.fee = 12950;
	o.paid = 1;
	ck_assert_str_eq(order_summary(arena, &o), "ДОСТАВКА 129.50 грн · разом 440.50 · оплачено");
	o.type = "pickup";
	ck_assert_str_eq(order_summary(arena, &o), "САМОВИВІЗ · разом 440.50 · оплачено");
	end();
}
END_TEST

START_TEST(parts_of_keys)
{
	static const struct {
		const char *key;
		int split;
		size_t nth;
		const char *part;	/* NULL = there is none */
	} cases[] = {
		{ "12", 0, 0, "12" }, { "a:b", 0, 0, "a:b" }, { "a:b", 0, 1, NULL },
		{ "12:7", 1, 0, "12" }, { "12:7", 1, 1, "7" }, { "12:7", 1, 2, NULL },
		{ "12::9", 1, 1, NULL }, { "12::9", 1, 2, "9" }, { "12", 1, 1, NULL },
		{ "a%3Ab:50%25", 1, 0, "a:b" }, { "a%3Ab:50%25", 1, 1, "50%" },
		{ "a%", 1, 0, "a%" }, { "a%3", 1, 0, "a%3" }, { "", 1, 0, NULL },
	};
	char part[16];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int rc = key_part(cases[i].key, cases[i].split, cases[i].nth, part, sizeof part);

		ck_assert_int_eq(rc, cases[i].part == NULL ? -1 : 0);
		if (rc == 0)
			ck_assert_str_eq(part, cases[i].part);
	}
	ck_assert_int_eq(key_part("longer than there is room", 0, 0, part, sizeof part), -1);
}
END_TEST

START_TEST(survives_want_of_memory)
{
	struct pos_order o = an_order();
	struct buf b = BUF_INIT(4096);
	struct json_fault fault;
	const struct json *node;
	struct arena *small;
	struct scope c;
	const char *text = "{\"a\":{\"$each\":\"items\",\"$do\":\"{item.key.0} {item.qty|str}\"},"
	    "\"b\":\"{order.address}\",\"c\":\"{order.summary}\",\"d\":\"{now|local}\"}";

	begin();
	node = json_parse(arena, text, strlen(text), &fault);
	for (size_t n = 0; n < 4096; n += 64) {
		small = arena_new(n);
		c = a_scope(&o);
		c.arena = small;
		buf_reset(&b);
		if (template_form(&c, node, NULL, 0, &b) == 0)
			ck_assert_ptr_nonnull(strstr(b.s, "a%5B0%5D=12%202"));
		else
			ck_assert_str_ne(c.fault, "");
		arena_free(small);
	}
	buf_free(&b);
	end();
}
END_TEST

START_TEST(a_body_has_a_bound)
{
	struct pos_item many = { .key = "1", .name = "x", .qty = INT64_C(1) << 40, .price = 1 };
	struct pos_order o = { .items = &many, .item_count = 1 };
	struct buf b = BUF_INIT(1000);
	struct json_fault fault;
	const struct json *node;
	const char *text = "{\"a\":{\"$each\":\"units\",\"$do\":{\"n\":\"{item.name}\"}}}";
	struct scope c;

	begin();
	node = json_parse(arena, text, strlen(text), &fault);
	c = a_scope(&o);
	ck_assert_int_eq(template_json(&c, node, NULL, 0, &b), 0);
	ck_assert_int_eq(b.failed, 1);
	buf_reset(&b);
	ck_assert_int_eq(template_form(&c, node, NULL, 0, &b), -1);
	ck_assert_ptr_nonnull(strstr(c.fault, "too long"));
	buf_free(&b);
	end();
}
END_TEST

int
main(void)
{
	return SUITE("template", fills_json, fills_forms_as_php_does, adds_what_paging_needs,
	    paths_are_encoded_and_whole, says_what_cannot_be_filled, hides_secrets_when_asked,
	    summaries_tell_the_cashier_what_counts, parts_of_keys, survives_want_of_memory,
	    a_body_has_a_bound);
}
