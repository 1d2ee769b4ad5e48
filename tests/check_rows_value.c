/* check_rows_value.c - yes and no, also of each element of an array (`of`) */
#include <stdio.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/pos/rows.h"
#include "tests/suite.h"

static const struct value_case {
	const char *value, *row;	/* ' for " */
	const char *is;			/* "=" nothing; "!…" a fault that says … */
} cases[] = {
	{ "{'any':[{'at':'/min','as':'bool'}],'of':'/g'}", "{'g':[{'min':0},{'min':'1'}]}", "1" },
	{ "{'any':[{'at':'/min','as':'bool'}],'of':'/g'}", "{'g':[{'min':'0'},{'min':0}]}", "0" },
	{ "{'any':[{'at':'/min','as':'bool'}],'of':'/g'}", "{'g':[]}", "=" },
	{ "{'any':[{'at':'/min','as':'bool'}],'of':'/g'}", "{'g':null}", "=" },
	{ "{'any':[{'at':'/min','as':'bool'}],'of':'/g'}", "{}", "=" },
	{ "{'any':[{'at':'/min','as':'bool'}],'of':'/g'}", "{'g':{}}", "!/g: an object stands where a list" },
	{ "{'any':[{'at':'/min','as':'bool'}],'of':'/g'}", "{'g':[{'min':'x'}]}", "!neither" },
	{ "{'any':[{'at':'/min','map':{'0':null},'as':'present'}],'of':'/g'}",
	    "{'g':[{'min':0},{'min':2}]}", "1" },
	{ "{'any':[{'at':'/min','map':{'0':null},'as':'present'}],'of':'/g'}",
	    "{'g':[{'min':0},{'min':'0'},{}]}", "0" },
	{ "{'all':[''],'of':'/g'}", "{'g':[true,false]}", "0" },
	{ "{'all':[''],'of':'/g'}", "{'g':[true,1]}", "1" },
	{ "{'any':['^/off','/yes'],'of':'/g'}", "{'off':false,'g':[{'yes':true}]}", "1" },
	{ "{'any':[{'all':['','^/ok'],'of':'/h'}],'of':'/g'}", "{'g':[{'ok':true,'h':[1]}]}", "1" },
};

static struct arena *arena;

static const char *
quoted(const char *text)
{
	char *s = arena_str(arena, text);

	for (char *p = s; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	return s;
}

static const struct value *
value(const char *text, struct profile **profile)
{
	static struct profile_faults faults;

	text = arena_printf(arena, "{\"profile\":1,\"name\":\"t\",\"base\":\"https://x\","
	    "\"products\":{\"call\":\"GET /p\",\"rows\":\"\",\"key\":\"/id\",\"set\":{"
	    "\"name\":\"/n\",\"price\":{\"at\":\"/p\",\"as\":\"minor\"},\"choice\":%s}}}",
	    quoted(text));
	*profile = profile_parse(text, strlen(text), &faults);
	ck_assert_msg(*profile != NULL, "%s: %s %s", text, faults.list[0].pointer,
	    faults.list[0].text);
	return (*profile)->feeds[FEED_PRODUCTS].set.field[POS_CHOICE];
}

static void
check(const struct value_case *c)
{
	struct json_fault fault;
	struct profile *profile;
	struct reader r = { 0 };
	struct spot at = { 0 };
	struct got got;

	r.arena = arena = arena_new(4 << 20);
	at.row = json_parse(arena, quoted(c->row), strlen(c->row), &fault);
	ck_assert_ptr_nonnull(at.row);
	if (rows_value(&r, value(c->value, &profile), &at, &got) == -1)
		ck_assert_msg(*c->is == '!' && strstr(r.fault, c->is + 1) != NULL, "%s of %s: %s",
		    c->value, c->row, r.fault);
	else if (*c->is == '=')
		ck_assert_msg(got.kind == GOT_NOTHING, "%s of %s", c->value, c->row);
	else
		ck_assert_msg(got.kind == GOT_BOOL && got.number == (*c->is == '1'), "%s of %s",
		    c->value, c->row);
	profile_free(profile);
	arena_free(arena);
}

START_TEST(asks_each_element_of_an_array)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check(&cases[i]);
}
END_TEST

int
main(void)
{
	return SUITE("rows_value", asks_each_element_of_an_array);
}
