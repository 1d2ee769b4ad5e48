/* check_rows.c - from a till's JSON to keys and fields: what rows.h promises */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/pos/rows.h"
#include "tests/suite.h"

static struct arena *arena;
static struct profile *profile;
static struct profile_faults faults;

/* Text with ' for ". */
static const char *
quoted(const char *text)
{
	char *s = arena_str(arena, text);

	for (char *p = s; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	return s;
}

/* A profile whose products are read so; more: keys beside "set". */
static const struct list *
products(const char *set, const char *more)
{
	const char *text = arena_printf(arena, "{\"profile\":1,\"name\":\"t\","
	    "\"base\":\"https://x\",\"zone\":\"Europe/Kyiv\",\"settings\":{\"account\":\"a\"},"
	    "\"products\":{\"call\":\"GET /p\",\"rows\":\"\",%s,"
	    "\"set\":{\"name\":{\"const\":\"x\"},%s}}}", quoted(more), quoted(set));

	profile_free(profile);
	profile = profile_parse(text, strlen(text), &faults);
	ck_assert_msg(profile != NULL, "%s: %s %s", text, faults.list[0].pointer,
	    faults.list[0].text);
	return &profile->feeds[FEED_PRODUCTS];
}

static const struct json *
json(const char *text)
{
	struct json_fault fault;
	const struct json *j = json_parse(arena, quoted(text), strlen(text), &fault);

	ck_assert_msg(j != NULL, "%s: %s", text, fault.what);
	return j;
}

static void
begin(void)
{
	arena = arena_new(4 << 20);
	profile = NULL;
}

static void
end(void)
{
	profile_free(profile);
	arena_free(arena);
}

struct value_case {
	const char *value;	/* of the field */
	const char *row;
	const char *is;		/* "=" nothing; "!…" a fault that says … */
};

static void
check_values(enum pos_field f, const char *beside, const struct value_case *cases, size_t count)
{
	static const struct pos_pair pairs[] = { { "account", "хата" } };
	static const struct pos_setup setup = { .settings = pairs, .setting_count = 1 };
	struct scope scope = { .setup = &setup };
	char got[300], set[1000];

	begin();
	scope.arena = arena;
	for (size_t i = 0; i < count; i++) {
		struct reader r = { .arena = arena, .scope = &scope, .zone = "Europe/Kyiv" };
		struct spot at = { .row = json(cases[i].row) };
		struct pos_row row = { 0 };
		const struct pos_cell *cell = &row.f[f];

		snprintf(set, sizeof set, "'%s':%s%s", profile_fields[f].name, cases[i].value, beside);
		if (rows_read(&r, products(set, "'key':'/id'"), &at, &row) == -1)
			snprintf(got, sizeof got, "!%s", r.fault);
		else if (!cell->set)
			snprintf(got, sizeof got, "=");
		else if (cell->text != NULL)
			snprintf(got, sizeof got, "%s", cell->text);
		else if (cell->keys != NULL)
			snprintf(got, sizeof got, "%zu %s", cell->key_count,
			    cell->key_count > 0 ? cell->keys[cell->key_count - 1] : "");
		else
			snprintf(got, sizeof got, "%lld", (long long)cell->number);
		ck_assert_msg(cases[i].is[0] == '!' ? got[0] == '!' && strstr(got, cases[i].is + 1) :
		    strcmp(got, cases[i].is) == 0, "%s of %s: %s, not %s", cases[i].value,
		    cases[i].row, got, cases[i].is);
	}
	end();
}

#define CHECK(field, beside, cases) check_values(field, beside, cases, sizeof cases / sizeof *cases)
#define PRICED ",'price':{'at':'/no','as':'major'}"

/* Money never passes through a double: what a double would round is refused. */
START_TEST(reads_money_exactly)
{
	static const struct value_case cases[] = {
		{ "{'at':'/p','as':'major'}", "{'p':99}", "9900" },
		{ "{'at':'/p','as':'major'}", "{'p':19.99}", "1999" },
		{ "{'at':'/p','as':'major'}", "{'p':'0.1'}", "10" },
		{ "{'at':'/p','as':'major'}", "{'p':1234567.89}", "123456789" },
		{ "{'at':'/p','as':'major'}", "{'p':99.9000}", "9990" },
		{ "{'at':'/p','as':'major'}", "{'p':99.990000000000001}", "!two decimals" },
		{ "{'at':'/p','as':'major'}", "{'p':99.995}", "!\"99.995\" is no sum" },
		{ "{'at':'/p','as':'major'}", "{'p':1e2}", "!is no sum" },
		{ "{'at':'/p','as':'major'}", "{'p':-1}", "!is no sum" },
		{ "{'at':'/p','as':'major'}", "{'p':'12 грн'}", "!is no sum" },
		{ "{'at':'/p','as':'major'}", "{'p':100000000}", "!is no sum" },
		{ "{'at':'/p','as':'major'}", "{'p':true}", "!is no sum" },
		{ "{'at':'/p','as':'major'}", "{'p':{}}", "!an object" },
		{ "{'at':'/p','as':'major'}", "{'p':[1]}", "!a list" },
		{ "{'at':'/p','as':'major'}", "{'p':null}", "=" },
		{ "{'at':'/p','as':'major'}", "{'p':''}", "=" },
		{ "{'at':'/p','as':'major'}", "{}", "=" },
		{ "{'at':'/p','as':'minor'}", "{'p':'12550'}", "12550" },
		{ "{'at':'/p','as':'minor'}", "{'p':12550.0}", "12550" },
		{ "{'at':'/p','as':'minor'}", "{'p':125.5}", "!is no sum in kopecks" },
		{ "{'at':'/p','as':'minor'}", "{'p':9223372036854775808}", "!is no sum" },
		{ "{'at':'/p','as':'minor','default':500}", "{}", "500" },
		{ "{'at':'/p','as':'major','default':5}", "{}", "500" },
	};

	CHECK(POS_PRICE, "", cases);
}
END_TEST

START_TEST(reads_quantities_down_to_whole_units)
{
	static const struct value_case cases[] = {
		{ "{'at':'/s','as':'qty'}", "{'s':7}", "7" },
		{ "{'at':'/s','as':'qty'}", "{'s':9223372036854775807}", "1000000000" },
		{ "{'at':'/s','as':'qty'}", "{'s':-9223372036854775807}", "0" },
		{ "{'at':'/s','as':'qty'}", "{'s':'4.99999'}", "4" },
		{ "{'at':'/s','as':'qty'}", "{'s':'0.90000'}", "0" },
		{ "{'at':'/s','as':'qty'}", "{'s':'-908.00000'}", "0" },
		{ "{'at':'/s','as':'qty'}", "{'s':-0.5}", "0" }, { "{'at':'/s','as':'qty'}", "{'s':0}", "0" },
		{ "{'at':'/s','as':'qty'}", "{'s':null}", "=" }, { "{'at':'/s','as':'qty'}", "{}", "=" },
		{ "{'at':'/s','as':'qty'}", "{'s':'багато'}", "!is no quantity" },
		{ "{'at':'/s','as':'qty'}", "{'s':'1.2.3'}", "!is no quantity" },
		{ "{'at':'/s','as':'qty'}", "{'s':'1.'}", "!is no quantity" },
		{ "{'at':'/s','as':'qty'}", "{'s':'--5'}", "!is no quantity" },
		{ "{'at':'/s','as':'qty'}", "{'s':1e3}", "!is no quantity" },
		{ "{'at':'/s','as':'qty'}", "{'s':99999999999999999999}", "!is no quantity" },
		{ "{'at':['/a','/s'],'as':'qty'}", "{'a':'','s':3}", "3" },
	};

	CHECK(POS_STOCK, PRICED, cases);
}
END_TEST

START_TEST(reads_yes_and_no)
{
	static const struct value_case cases[] = {
		{ "'/b'", "{'b':true}", "1" }, { "'/b'", "{'b':false}", "0" },
		{ "'/b'", "{'b':null}", "=" }, { "'/b'", "{'b':'x'}", "!neither yes nor no" },
		{ "'/b'", "{'b':[]}", "!neither yes nor no" },
		{ "{'at':'/b','as':'bool'}", "{'b':'1'}", "1" },
		{ "{'at':'/b','as':'bool'}", "{'b':'0'}", "0" },
		{ "{'at':'/b','as':'bool'}", "{'b':0}", "0" },
		{ "{'at':'/b','as':'bool'}", "{'b':'no'}", "0" },
		{ "{'at':'/b','as':'bool'}", "{'b':'maybe'}", "!neither" },
		{ "{'at':'/b','as':'bool','default':true}", "{}", "1" },
		{ "{'at':'/b','as':'not'}", "{'b':2}", "0" },
		{ "{'at':'/b','as':'not','default':true}", "{}", "1" },
		{ "{'at':'/b','as':'present'}", "{'b':'2026-01-01'}", "1" },
		{ "{'at':'/b','as':'present'}", "{'b':null}", "0" },
		{ "{'at':'/b','as':'present'}", "{}", "0" },
		{ "{'at':'/b','map':{'FIXED':true,'VARIABLE':false}}", "{'b':'FIXED'}", "1" },
		{ "{'at':'/b','map':{'FIXED':true,'VARIABLE':false}}", "{'b':'VARIABLE'}", "0" },
		{ "{'at':'/b','map':{'FIXED':true,'VARIABLE':false}}", "{'b':'WEIGHT'}", "!neither" },
		{ "{'at':'/b','map':{'X':null}}", "{'b':'X'}", "=" },
		{ "{'all':['/a','/b']}", "{'a':true,'b':true}", "1" },
		{ "{'all':['/a','/b']}", "{'a':true,'b':false}", "0" },
		{ "{'all':['/a','/b']}", "{'b':true}", "1" },
		{ "{'all':['/a','/b']}", "{}", "=" },
		{ "{'any':['/a','/b']}", "{'a':false,'b':true}", "1" },
		{ "{'any':['/a','/b']}", "{'a':false}", "0" },
		{ "{'any':['/a','/b']}", "{}", "=" },
		{ "{'any':['/a']}", "{'a':{}}", "!neither" },
		{ "{'const':false}", "{}", "0" },
	};

	CHECK(POS_SALE, PRICED, cases);
}
END_TEST

START_TEST(reads_texts)
{
	static const struct value_case cases[] = {
		{ "'/t'", "{'t':'Борщ'}", "Борщ" }, { "'/t'", "{'t':12.50}", "12.50" },
		{ "'/t'", "{'t':true}", "true" }, { "'/t'", "{'t':{}}", "!where text should" },
		{ "'/t'", "{'t':'  '}", "=" }, { "'/a/0/b'", "{'a':[{'b':'x'}]}", "x" },
		{ "['/t','/u']", "{'t':null,'u':'y'}", "y" },
		{ "['/t','/u']", "{'t':'','u':'y'}", "y" },
		{ "['/t','/u']", "{'t':0,'u':'y'}", "0" },
		{ "{'at':'/t','map':{'Regular':null,'L':'велика'}}", "{'t':'Regular'}", "=" },
		{ "{'at':'/t','map':{'Regular':null,'L':'велика'}}", "{'t':'L'}", "велика" },
		{ "{'at':'/t','map':{'Regular':null,'L':'велика'}}", "{'t':'S'}", "S" },
		{ "{'at':'/t','map':{'1':'one'}}", "{'t':1}", "one" },
		{ "{'at':'/t','default':'d'}", "{}", "d" },
		{ "{'at':'/t','unless':'/u'}", "{'t':'x','u':true}", "=" },
		{ "{'at':'/t','unless':'/u'}", "{'t':'x','u':false}", "x" },
		{ "{'at':'/t','unless':'/u'}", "{'t':'x'}", "x" },
		{ "{'join':['/a','/b','/c'],'sep':' — '}", "{'a':'Піца','c':'30 см'}", "Піца — 30 см" },
		{ "{'join':['/a','/b']}", "{'a':'x','b':1}", "x 1" },
		{ "{'join':['/a','/b']}", "{}", "=" },
		{ "{'join':[['/a','/b'],{'at':'/c','as':'not'}]}", "{'b':'x','c':1}", "x false" },
		{ "{'const':'UAH'}", "{}", "UAH" },
		{ "{'at':'/t','as':'text'}", "{'t':'<p>Смачно &amp; <b>гаряче</b></p>'}", "Смачно & гаряче" },
		{ "'/t'", "{'t':'a\\u0001b\\n c'}", "a b  c" },
	};

	CHECK(POS_SKU, PRICED, cases);
}
END_TEST

START_TEST(reads_addresses)
{
	static const struct value_case cases[] = {
		{ "'/i'", "{'i':'https://x/1.png'}", "https://x/1.png" },
		{ "'/i'", "{'i':'/upload/1.png'}", "=" },
		{ "'/i'", "{'i':'javascript:alert(1)'}", "=" },
		{ "'/i'", "{'i':'https://x/<script>'}", "=" },
		{ "{'at':'/i','as':'url','base':'https://{set.account}.example'}",
		    "{'i':'/upload/1.png'}", "https://хата.example/upload/1.png" },
		{ "{'at':'/i','as':'url','base':'https://x'}", "{'i':'1.png'}", "https://x/1.png" },
		{ "{'at':'/i','as':'url','base':'https://x'}", "{'i':'https://y/1.png'}",
		    "https://y/1.png" },
		{ "{'at':'/i','as':'url','base':'https://x'}", "{'i':'ftp://y/1.png'}", "=" },
		{ "{'at':'/i','as':'url','base':'https://x'}", "{'i':'a b.png'}", "=" },
		{ "{'at':'/i','as':'url','base':'https://x'}", "{}", "=" },
	};

	CHECK(POS_IMAGE, PRICED, cases);
}
END_TEST

START_TEST(reads_lists_of_keys)
{
	static const struct value_case cases[] = {
		{ "'/k'", "{'k':['a',2,'c']}", "3 c" }, { "'/k'", "{'k':[]}", "0 " },
		{ "'/k'", "{'k':'a'}", "1 a" }, { "'/k'", "{}", "=" },
		{ "'/k'", "{'k':{}}", "!is no list of keys" }, { "'/k'", "{'k':[[]]}", "!no list" },
		{ "{'at':'/k','unless':'/all'}", "{'k':['a'],'all':true}", "=" },
	};

	CHECK(POS_ONLY_BRANCHES, PRICED, cases);
}
END_TEST

START_TEST(makes_keys_of_one_or_more_parts)
{
	static const struct {
		const char *key, *row, *above, *is;
	} cases[] = {
		{ "'/id'", "{'id':5}", NULL, "5" },
		{ "'/id'", "{'id':'a:b%'}", NULL, "a:b%" },
		{ "[['/x','/id']]", "{'id':'7'}", NULL, "7" },
		{ "['/a','/b']", "{'a':1,'b':2}", NULL, "1:2" },
		{ "['/a','/b']", "{'a':1}", NULL, "1" },
		{ "['/a','/b','/c']", "{'a':1,'c':3}", NULL, "1::3" },
		{ "['/a','/b']", "{'a':'x:y','b':'50%'}", NULL, "x%3Ay:50%25" },
		{ "[['^/id','/id'],'/m']", "{'m':2}", "{'id':9}", "9:2" },
		{ "[['^/id','/id'],'/m']", "{'id':4}", NULL, "4" },
		{ "'/id'", "{}", NULL, "!is empty: a row without key" },
		{ "'/id'", "{'id':''}", NULL, "!is empty" },
		{ "'/id'", "{'id':null}", NULL, "!is empty" },
		{ "['/a','/b']", "{'b':2}", NULL, "!is empty" },
		{ "'/id'", "{'id':true}", NULL, "!is no key" },
		{ "'/id'", "{'id':[1]}", NULL, "!is no key" },
		{ "['/a','/b']", "{'a':1,'b':{}}", NULL, "!is no key" },
		{ "'/id'", "{'id':'a\\nb'}", NULL, "!control bytes" },
	};
	char more[200], big[300];
	const char *key;

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct reader r = { .arena = arena };
		struct spot at = { .row = json(cases[i].row),
			.above = cases[i].above == NULL ? NULL : json(cases[i].above) };

		snprintf(more, sizeof more, "'each':'/v','key':%s", cases[i].key);
		key = rows_key(&r, &products("'price':{'at':'/p','as':'major'}", more)->key, &at);
		if (cases[i].is[0] == '!')
			ck_assert_msg(key == NULL && strstr(r.fault, cases[i].is + 1) != NULL,
			    "case %zu: %s", i, r.fault);
		else
			ck_assert_str_eq(key, cases[i].is);
	}
	snprintf(big, sizeof big, "{'id':'%0210d'}", 1);
	ck_assert_ptr_null(rows_key(&(struct reader){ .arena = arena },
	    &products("'price':{'at':'/p','as':'major'}", "'key':'/id'")->key,
	    &(struct spot){ .row = json(big) }));
	end();
}
END_TEST

START_TEST(keeps_only_the_rows_that_are_wanted)
{
	const struct list *l;
	struct reader r;

	begin();
	r = (struct reader){ .arena = arena };
	l = products("'price':{'at':'/p','as':'major'}",
	    "'key':'/id','keep':[{'at':'/t','in':['2','3']},{'at':'/ok','in':['true']}]");
	ck_assert_int_eq(rows_kept(&r, l, json("{'t':'2','ok':true}")), 1);
	ck_assert_int_eq(rows_kept(&r, l, json("{'t':3,'ok':true}")), 1);
	ck_assert_int_eq(rows_kept(&r, l, json("{'t':1,'ok':true}")), 0);
	ck_assert_int_eq(rows_kept(&r, l, json("{'t':2,'ok':false}")), 0);
	ck_assert_int_eq(rows_kept(&r, l, json("{'t':[2],'ok':true}")), 0);
	ck_assert_int_eq(rows_kept(&r, l, json("{}")), 0);
	end();
}
END_TEST

#define BY_BRANCH "'key':'/id','branches':{'rows':['/none','/b'],'key':'/k'," \
	"'set':{'price':{'at':'/p','as':'minor'},'sale':{'at':'^/on','as':'bool'}}}"

START_TEST(reads_rows_by_branch)
{
	const struct list *l;
	struct pos_row row = { 0 };
	struct reader r;
	struct spot at;

	begin();
	r = (struct reader){ .arena = arena };
	l = products("'sku':'/s'", BY_BRANCH);
	at = (struct spot){ .row = json("{'s':'x','on':1,'b':[{'k':1,'p':100},{'k':'2'}]}") };
	ck_assert_int_eq(rows_read(&r, l, &at, &row), 0);
	ck_assert_uint_eq(row.branch_count, 2);
	ck_assert_str_eq(row.branches[0].key, "1");
	ck_assert_int_eq(row.branches[0].f[POS_PRICE].number, 100);
	ck_assert_int_eq(row.branches[0].f[POS_SALE].number, 1);
	ck_assert_str_eq(row.branches[1].key, "2");
	ck_assert_int_eq(row.branches[1].f[POS_PRICE].set, 0);
	at.row = json("{'b':[{'k':1,'p':100},{'k':'1','p':'100'},{'k':2}]}");
	ck_assert_int_eq(rows_read(&r, l, &at, &row), 0);
	ck_assert_uint_eq(row.branch_count, 2);
	end();
}
END_TEST

/* What is wrong in one branch makes the whole row a bad one. */
START_TEST(a_bad_row_by_branch_is_a_bad_row)
{
	static const struct {
		const char *row, *says;
	} cases[] = {
		{ "{'b':[{'k':1,'p':'x'}]}", "/p: \"x\" is no sum in kopecks" },
		{ "{'b':[{'p':1}]}", "/k is empty" },
		{ "{'b':[{'k':1},{'k':'1','p':2}]}", "names a key twice, and not alike" },
		{ "{'b':[7]}", "/k is empty" },
	};
	char many[3 * (SUBS_MAX + 1) + 20] = "{'b':[0";

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct reader r = { .arena = arena };
		struct spot at = { .row = json(cases[i].row) };
		struct pos_row row = { 0 };

		ck_assert_int_eq(rows_read(&r, products("'sku':'/s'", BY_BRANCH), &at, &row), -1);
		ck_assert_msg(strstr(r.fault, cases[i].says) != NULL, "%s", r.fault);
	}
	for (size_t i = 0, n = strlen(many); i < SUBS_MAX; i++, n += 2)
		memcpy(many + n, ",0", 3);
	strncat(many, "]}", 3);
	ck_assert_int_eq(rows_read(&(struct reader){ .arena = arena },
	    products("'sku':'/s'", BY_BRANCH), &(struct spot){ .row = json(many) },
	    &(struct pos_row){ 0 }), -1);
	end();
}
END_TEST

/* A deleted dish may come without its name; any other may not. */
START_TEST(a_row_has_a_name_unless_it_is_gone)
{
	const char *text = "{\"profile\":1,\"name\":\"t\",\"base\":\"https://x\",\"branches\":"
	    "{\"call\":\"GET /b\",\"rows\":\"\",\"key\":\"/id\",\"set\":{\"name\":\"/n\","
	    "\"gone\":{\"at\":\"/d\",\"as\":\"bool\"},\"latitude\":\"/lat\",\"hours\":\"/h\"}}}";
	struct pos_row row = { 0 };
	const struct list *l;
	struct reader r;

	begin();
	r = (struct reader){ .arena = arena };
	profile = profile_parse(text, strlen(text), &faults);
	l = &profile->feeds[FEED_BRANCHES];
	ck_assert_int_eq(rows_read(&r, l, &(struct spot){ .row = json("{'d':true}") }, &row), 0);
	ck_assert_int_eq(row.f[POS_IS_GONE].number, 1);
	row = (struct pos_row){ 0 };
	ck_assert_int_eq(rows_read(&r, l, &(struct spot){ .row = json("{'d':false}") }, &row), -1);
	ck_assert_str_eq(r.fault, "name is missing");
	row = (struct pos_row){ 0 };
	ck_assert_int_eq(rows_read(&r, l, &(struct spot){ .row =
	    json("{'n':'x','lat':50.4501,'h':{'mon':[['09:00','21:00']]}}") }, &row), 0);
	ck_assert_double_eq(row.f[POS_LATITUDE].real, 50.4501);
	ck_assert_str_eq(row.f[POS_HOURS].text, "{\"mon\":[[\"09:00\",\"21:00\"]]}");
	ck_assert_int_eq(row.f[POS_LONGITUDE].set, 0);
	for (int i = 0; i < 3; i++) {
		static const char *const bad[] = { "{'n':'x','lat':'north'}", "{'n':'x','lat':181}",
			"{'n':'x','lat':'1.5x'}" };

		row = (struct pos_row){ 0 };
		ck_assert_int_eq(rows_read(&r, l, &(struct spot){ .row = json(bad[i]) }, &row), -1);
	}
	end();
}
END_TEST

/* Times without a zone are the account's: also across the change of clocks. */
START_TEST(reads_times)
{
	static const struct {
		const char *text;
		int64_t is;		/* -1 = none */
	} cases[] = {
		{ "{'t':'2026-05-22T10:00:00Z'}", INT64_C(1779444000) },
		{ "{'t':'2026-05-22T13:00:00+03:00'}", INT64_C(1779444000) },
		{ "{'t':'2026-05-22 13:00:00'}", INT64_C(1779444000) },
		{ "{'t':'2026-01-22 12:00:00'}", INT64_C(1769076000) },
		{ "{'t':1779444000}", INT64_C(1779444000) },
		{ "{'t':'1779444000123'}", INT64_C(1779444000) },
		{ "{'t':'yesterday'}", -1 }, { "{'t':'2026-05-22'}", -1 },
		{ "{'t':'2026-05-22 13:00:00 or so'}", -1 },
	};
	struct value v = { .kind = VALUE_AT, .at = { .count = 1, .list = { "/t" } }, .as = AS_TIME };

	begin();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct reader r = { .arena = arena, .zone = "Europe/Kyiv" };
		struct spot at = { .row = json(cases[i].text) };
		struct got got;
		int rc = rows_value(&r, &v, &at, &got);

		ck_assert_int_eq(rc, cases[i].is == -1 ? -1 : 0);
		if (rc == 0)
			ck_assert_int_eq(got.number, cases[i].is);
	}
	end();
}
END_TEST

START_TEST(survives_want_of_memory)
{
	const struct list *l;
	const struct json *row;
	struct arena *small;
	struct pos_row out;

	begin();
	l = products("'sku':{'join':['/s','/n']},'only_branches':'/k','text':'/s'", BY_BRANCH);
	row = json("{'s':'x','n':5,'on':1,'k':['a'],'b':[{'k':1,'p':100}]}");
	for (size_t n = 0; n < 8192; n += 32) {
		struct reader r;
		int rc;

		small = arena_new(n);
		r = (struct reader){ .arena = small };
		out = (struct pos_row){ 0 };
		rc = rows_read(&r, l, &(struct spot){ .row = row }, &out);
		ck_assert(rc == -1 || out.branches[0].f[POS_PRICE].number == 100);
		if (rc == -1)
			ck_assert_str_ne(r.fault, "");
		arena_free(small);
	}
	end();
}
END_TEST

int
main(void)
{
	return SUITE("rows", reads_money_exactly, reads_quantities_down_to_whole_units,
	    reads_yes_and_no, reads_texts, reads_addresses, reads_lists_of_keys,
	    makes_keys_of_one_or_more_parts, keeps_only_the_rows_that_are_wanted,
	    reads_rows_by_branch, a_bad_row_by_branch_is_a_bad_row,
	    a_row_has_a_name_unless_it_is_gone, reads_times, survives_want_of_memory);
}
