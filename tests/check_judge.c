/*
 * check_judge.c - what a till's answers mean; finding what may be there
 *
 * G52: an answer, no answer and nobody there are three things.
 */
#include "lib/base/clock.h"
#include "tests/posrig.h"

static const struct {
	int status;
	const char *headers, *body;
	enum pos_outcome outcome;
	const char *says;
	int retry_after;
} verdicts[] = {
	{ 200, "", "{\"id\":\"1\"}", POS_DONE, "", -1 },
	{ 200, "", "{\"id\":\"1\",\"error\":null}", POS_DONE, "", -1 },
	{ 200, "", "{\"id\":\"1\",\"error\":0}", POS_DONE, "", -1 },
	{ 200, "", "{\"id\":\"1\",\"error\":false}", POS_DONE, "", -1 },
	{ 200, "", "{\"id\":\"1\",\"error\":[]}", POS_DONE, "", -1 },
	{ 202, "", "{\"status\":\"new\"}", POS_UNKNOWN, "names no id", -1 },
	{ 200, "", "", POS_UNKNOWN, "names no id", -1 },
	{ 200, "", "<html>Welcome to the hotel</html>", POS_UNKNOWN, "is not JSON", -1 },
	{ 200, "", "{\"id\":1", POS_UNKNOWN, "is not JSON", -1 },
	{ 200, "", "{\"error\":{\"code\":7,\"message\":\"no such dish\"}}", POS_REFUSED,
	    "no such dish", -1 },
	{ 200, "", "{\"error\":7,\"message\":\"odd\"}", POS_REFUSED, "odd", -1 },
	{ 200, "", "{\"error\":{\"code\":10}}", POS_AUTH, "HTTP 200", -1 },
	{ 200, "", "{\"error\":{\"code\":\"44\"}}", POS_UNKNOWN, "", -1 },
	{ 200, "", "{\"error\":{\"code\":99}}", POS_DUPLICATE, "", -1 },
	{ 301, "Location: https://evil\r\n", "", POS_UNKNOWN, "redirects are not followed", -1 },
	{ 400, "", "{\"error\":{\"code\":1,\"message\":\"bad\"}}", POS_REFUSED, "bad", -1 },
	{ 400, "", "not json", POS_REFUSED, "HTTP 400", -1 },
	{ 401, "", "{}", POS_AUTH, "HTTP 401", -1 },
	{ 403, "", "{\"error\":{\"code\":99}}", POS_AUTH, "", -1 },
	{ 404, "", "{}", POS_REFUSED, "HTTP 404", -1 },
	{ 408, "", "{}", POS_UNKNOWN, "", -1 },
	{ 409, "", "{}", POS_REFUSED, "", -1 },
	{ 422, "", "{\"error\":{\"code\":99}}", POS_DUPLICATE, "", -1 },
	{ 429, "Retry-After: 7\r\n", "{}", POS_LIMITED, "", 7 },
	{ 429, "Retry-After: -5\r\n", "{}", POS_LIMITED, "", 0 },
	{ 429, "Retry-After: 9999999999\r\n", "{}", POS_LIMITED, "", 24 * 3600 },
	{ 429, "Retry-After: soon\r\n", "{}", POS_LIMITED, "", -1 },
	{ 429, "Retry-After: Fri, 22 May 2026 10:00:30 GMT\r\n", "{}", POS_LIMITED, "", 30 },
	{ 429, "Retry-After: Fri, 22 May 2026 09:00:00 GMT\r\n", "{}", POS_LIMITED, "", 0 },
	{ 429, "", "{\"error\":{\"code\":99}}", POS_LIMITED, "", -1 },
	{ 500, "", "{}", POS_UNKNOWN, "HTTP 500", -1 },
	{ 500, "", "{\"error\":{\"code\":10}}", POS_AUTH, "", -1 },
	{ 502, "", "<html>", POS_UNKNOWN, "HTTP 502", -1 },
	{ 503, "Retry-After: 3\r\n", "", POS_LIMITED, "", 3 },
	{ 504, "", "", POS_UNKNOWN, "", -1 },
};

/* Each outcome by its reply; what a till means by its own codes goes before. */
START_TEST(judges_answers)
{
	struct pos_answer a;

	for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
		temp_make();
		clock_set(INT64_C(1779444000));		/* Fri, 22 May 2026 10:00:00 GMT */
		peer_start(PEER_PLAIN, NULL, STEPS(SAYS(peer_json(verdicts[i].status,
		    verdicts[i].headers, verdicts[i].body))));
		rig_open(AUTH ERRORS ORDER);
		pos_do(pos, POS_ORDER_CREATE, &about, arena, &a);
		ck_assert_msg(a.outcome == verdicts[i].outcome && a.retry_after == verdicts[i].retry_after
		    && strstr(a.message, verdicts[i].says) != NULL, "case %zu (%d): %s, %d, %s", i,
		    verdicts[i].status, pos_outcome_name(a.outcome), a.retry_after, a.message);
		ck_assert_int_eq(a.status, verdicts[i].status);
		ck_assert_ptr_null(a.outcome == POS_DONE ? NULL : a.id);
		ck_assert_int_eq(peer_requests(), 1);
		rig_close();
		clock_set(0);
	}
}
END_TEST

START_TEST(no_answer_is_unknown_and_nobody_there_is_unsent)
{
	struct pos_answer a;

	temp_make();
	peer_start(PEER_PLAIN, NULL, STEPS({ PEER_LOSE, NULL, 0 }));
	rig_open(AUTH ORDER);
	pos_do(pos, POS_ORDER_CREATE, &about, arena, &a);
	ck_assert_int_eq(a.outcome, POS_UNKNOWN);
	ck_assert_int_eq(a.status, 0);
	ck_assert_str_ne(a.message, "");
	peer_stop();
	pos_do(pos, POS_ORDER_CREATE, &about, arena, &a);
	ck_assert_int_eq(a.outcome, POS_UNSENT);
	peer_start(PEER_PLAIN, NULL, STEPS({ PEER_LOSE, NULL, 0 }));
	rig_close();
}
END_TEST

/* G69: a till that repeats the token in its answer does not bring it into our log. */
START_TEST(what_the_till_says_is_scrubbed)
{
	struct pos_answer a;

	temp_make();
	peer_start(PEER_PLAIN, NULL, STEPS(SAYS(peer_json(400, "", "{\"error\":{\"code\":\""
	    RIG_TOKEN "\",\"message\":\"token " RIG_TOKEN " of +380671234567 is\\nwrong\"}}"))));
	rig_open(AUTH ERRORS ORDER);
	pos_do(pos, POS_ORDER_CREATE, &about, arena, &a);
	ck_assert_str_eq(a.message, "token *** of +*** is wrong");
	ck_assert_str_eq(a.code, "***");
	rig_close();
}
END_TEST

START_TEST(reads_the_status_of_an_order)
{
	static const struct {
		int status;
		const char *body;
		enum pos_outcome outcome;
		const char *state, *raw;
	} cases[] = {
		{ 200, "{\"status\":\"new\"}", POS_DONE, "sent_to_pos", "new" },
		{ 200, "{\"status\":\"mute\"}", POS_DONE, NULL, NULL },
		{ 200, "{\"status\":\"burning\"}", POS_DONE, NULL, "burning" },
		{ 200, "{}", POS_DONE, NULL, NULL },
		{ 200, "{\"status\":{}}", POS_DONE, NULL, NULL },
		{ 404, "{}", POS_GONE, NULL, NULL },
		{ 404, "", POS_GONE, NULL, NULL },
		{ 404, "<html>not here</html>", POS_UNKNOWN, NULL, NULL },
		{ 400, "{\"error\":{\"code\":32}}", POS_GONE, NULL, NULL },
	};
	struct pos_answer a;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		temp_make();
		peer_start(PEER_PLAIN, NULL, STEPS(SAYS(peer_json(cases[i].status, "",
		    cases[i].body))));
		rig_open(AUTH ERRORS ORDER);
		pos_do(pos, POS_ORDER_STATUS, &about, arena, &a);
		ck_assert_int_eq(a.outcome, cases[i].outcome);
		ck_assert_pstr_eq(a.state, cases[i].state);
		ck_assert_pstr_eq(a.raw, cases[i].raw);
		rig_close();
	}
}
END_TEST

/* What is there, fit to be shown, and nothing else. */
START_TEST(reads_who_brings_it)
{
	static const struct { const char *body, *name, *phone; } cases[] = {
		{ "{\"status\":\"new\",\"driver\":{\"name\":\" Олег\\t\",\"phone\":\"050 111\"}}", "Олег", "050 111" },
		{ "{\"status\":\"new\",\"driver\":{\"name\":\"Олег\"}}", "Олег", NULL },
		{ "{\"status\":\"new\",\"driver\":{\"name\":\"\",\"phone\":\"1\"}}", NULL, "1" },
		{ "{\"status\":\"new\",\"driver\":{\"name\":[1],\"phone\":380501112233}}", NULL, "380501112233" },
		{ "{\"status\":\"new\",\"driver\":null}", NULL, NULL },
		{ "{\"status\":\"new\"}", NULL, NULL },
	};
	struct pos_answer a;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		temp_make();
		peer_start(PEER_PLAIN, NULL, STEPS(SAYS(peer_json(200, "", cases[i].body))));
		rig_open("'order':{'retry':'never','create':{'call':'POST /o','json':{},'id':'/id'},"
		    "'status':{'call':'GET /o','value':'/status','map':{'new':'sent_to_pos'},"
		    "'driver':{'name':'/driver/name','phone':{'at':'/driver/phone','as':'str'}}}}");
		pos_do(pos, POS_ORDER_STATUS, &about, arena, &a);
		ck_assert_int_eq(a.outcome, POS_DONE);
		ck_assert_pstr_eq(a.driver_name, cases[i].name);
		ck_assert_pstr_eq(a.driver_phone, cases[i].phone);
		rig_close();
	}
}
END_TEST

#define CHAIN "'order':{'retry':'never','create':{'call':'POST /o','json':{},'id':'/id'}," \
	"'then':[{'if':'order.paid','call':'POST /pay','json':{'order':'{order.pos_id}'}," \
	"'id':'/payment'},{'call':'POST /done','json':{}}]," \
	"'status':{'call':'GET /o','value':'/s','map':{'1':'processing','0':'sent_to_pos'}," \
	"'next':{'when':'processing','need':'/check','call':'GET /check','query':{'id':'{prev}'}," \
	"'value':'/s','map':{'1':null,'2':'delivered'}}}}"

/* Poster keeps the end of an order's life in another place. */
START_TEST(follows_a_status_to_the_next_call)
{
	static const struct {
		const char *first, *second, *state;
		int asked;
	} cases[] = {
		{ "{\"s\":1,\"check\":77}", "{\"s\":2}", "delivered", 2 },
		{ "{\"s\":1,\"check\":77}", "{\"s\":1}", "processing", 2 },
		{ "{\"s\":1,\"check\":77}", "{\"s\":9}", "processing", 2 },
		{ "{\"s\":1,\"check\":77}", "nonsense", "processing", 2 },
		{ "{\"s\":1,\"check\":null}", "", "processing", 1 },
		{ "{\"s\":0,\"check\":77}", "", "sent_to_pos", 1 },
	};
	struct pos_answer a;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		temp_make();
		peer_start(PEER_PLAIN, NULL, STEPS(SAYS(peer_json(200, "", cases[i].first)),
		    SAYS(peer_json(200, "", cases[i].second))));
		rig_open(CHAIN);
		pos_do(pos, POS_ORDER_STATUS, &about, arena, &a);
		ck_assert_int_eq(a.outcome, POS_DONE);
		ck_assert_str_eq(a.state, cases[i].state);
		ck_assert_int_eq(peer_requests(), cases[i].asked);
		if (cases[i].asked == 2)
			ck_assert_ptr_nonnull(strstr(peer_request(1), "GET /check?id=77 "));
		rig_close();
	}
}
END_TEST

START_TEST(knows_the_steps_after_creation)
{
	struct pos_order paid = order;
	struct pos_answer a;

	temp_make();
	peer_start(PEER_PLAIN, NULL, STEPS(SAYS(peer_json(200, "", "{\"payment\":\"p9\"}"))));
	rig_open(CHAIN);
	ck_assert_uint_eq(pos_then_count(pos), 2);
	paid.paid = 1;
	ck_assert_int_eq(pos_then_due(pos, 0, &order), 0);
	ck_assert_int_eq(pos_then_due(pos, 0, &paid), 1);
	ck_assert_int_eq(pos_then_due(pos, 1, &order), 1);
	ck_assert_int_eq(pos_then_due(pos, 2, &order), 0);
	pos_do(pos, POS_ORDER_THEN, &about, arena, &a);
	ck_assert_str_eq(a.id, "p9");
	pos_do(pos, POS_ORDER_THEN + 1, &about, arena, &a);
	ck_assert_int_eq(a.outcome, POS_DONE);
	ck_assert_ptr_null(a.id);
	ck_assert_int_eq(pos_retry(pos), POS_RETRY_NEVER);
	ck_assert_int_eq(pos_has(pos, POS_ORDER_CANCEL), 0);
	ck_assert_int_eq(pos_has(pos, POS_ORDER_STATUS), 1);
	ck_assert_int_eq(pos_has(pos, POS_ORDER_THEN + 1), 1);
	ck_assert_int_eq(pos_has(pos, POS_ORDER_THEN + 2), 0);
	pos_do(pos, POS_ORDER_CANCEL, &about, arena, &a);
	ck_assert_int_eq(a.outcome, POS_REFUSED);
	ck_assert_str_eq(a.message, "the profile has no order.cancel");
	rig_close();
}
END_TEST

/* "Not there" is said only when the whole list was read. */
START_TEST(finds_an_order_by_our_reference)
{
	static const struct {
		struct peer_step step;
		const char *body;
		enum pos_outcome outcome;
		const char *id;
		size_t matches;
	} cases[] = {
		{ { PEER_REPLY, NULL, 0 }, "{\"orders\":[{\"id\":5,\"ref\":\"R2\"},{\"id\":6,\"ref\":\"R1\"}]}",
		    POS_DONE, "6", 1 },
		{ { PEER_REPLY, NULL, 0 }, "{\"orders\":[{\"id\":5,\"ref\":\"R1\"},{\"id\":6,\"ref\":\"R1\"}]}",
		    POS_DONE, "5", 2 },
		{ { PEER_REPLY, NULL, 0 }, "{\"orders\":[{\"id\":5,\"ref\":\"R12\"},{\"id\":6}]}", POS_DONE,
		    NULL, 0 },
		{ { PEER_REPLY, NULL, 0 }, "{\"orders\":[]}", POS_DONE, NULL, 0 },
		{ { PEER_REPLY, NULL, 0 }, "{\"orders\":[{\"ref\":\"R1\"}]}", POS_UNKNOWN, NULL, 0 },
		{ { PEER_REPLY, NULL, 0 }, "{}", POS_UNKNOWN, NULL, 0 },
		{ { PEER_REPLY, NULL, 0 }, "<html>", POS_UNKNOWN, NULL, 0 },
		{ { PEER_LOSE, NULL, 0 }, NULL, POS_UNKNOWN, NULL, 0 },
	};
	struct peer_step step;
	struct pos_answer a;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		temp_make();
		step = cases[i].step;
		step.text = cases[i].body == NULL ? NULL : peer_json(200, "", cases[i].body);
		peer_start(PEER_PLAIN, NULL, &step, 1);
		rig_open(AUTH ORDER);
		pos_find(pos, POS_ORDER_FIND, &about, arena, &a);
		ck_assert_msg(a.outcome == cases[i].outcome, "case %zu: %s", i, a.message);
		ck_assert_pstr_eq(a.id, cases[i].id);
		ck_assert_uint_eq(a.matches, cases[i].matches);
		ck_assert_ptr_nonnull(strstr(peer_request(0), "GET /orders?ref=R1 "));
		rig_close();
	}
}
END_TEST

/* Two looks at once: none waits for the other. */
START_TEST(looks_without_waiting)
{
	const char *body = "{\"orders\":[{\"id\":6,\"ref\":\"R1\"}]}";
	struct pos_finding *f[2];
	struct pos_answer a[2];
	struct pos_request q;
	struct http_reply r;
	void *which;
	size_t i;

	temp_make();
	peer_start(PEER_PLAIN, NULL, STEPS({ PEER_MEET, peer_json(200, "", body), 2 }));
	rig_open(AUTH ORDER);
	for (i = 0; i < 2; i++) {
		f[i] = pos_find_open(pos, POS_ORDER_FIND, &about, arena, &a[i]);
		ck_assert_ptr_nonnull(f[i]);
		ck_assert_int_eq(pos_find_ask(f[i], &q), 1);
		ck_assert_int_eq(pos_start(pos, &q, f[i]), 0);
	}
	for (int n = 0; n < 2; n++) {
		ck_assert_int_eq(pos_wait(pos, 30000, &which, &r), 1);
		i = which == f[1];
		ck_assert_int_eq(pos_find_hear(f[i], &r), 1);
		ck_assert_int_eq(pos_find_ask(f[i], &q), 0);
		ck_assert_int_eq(a[i].outcome, POS_DONE);
		ck_assert_str_eq(a[i].id, "6");
		pos_find_close(f[i]);
	}
	rig_close();
}
END_TEST

/* Rows that do not fit leave nothing behind: else the one that does would be missed. */
START_TEST(looks_through_more_than_the_memory_holds)
{
	static char body[128 * 1024];
	size_t n = (size_t)snprintf(body, sizeof body, "{\"orders\":[");
	struct arena *small = arena_new(2048);
	struct pos_finding *f;
	struct pos_answer a;
	struct pos_request q;
	struct http_reply r;
	void *which;

	for (int i = 0; i < 1500; i++)
		n += (size_t)snprintf(body + n, sizeof body - n, "{\"id\":5,\"ref\":\"%04d\"},", i);
	snprintf(body + n, sizeof body - n, "{\"id\":6,\"ref\":\"R1\"}]}");
	temp_make();
	peer_start(PEER_PLAIN, NULL, STEPS(SAYS(peer_json(200, "", body))));
	rig_open(AUTH ORDER);
	f = pos_find_open(pos, POS_ORDER_FIND, &about, small, &a);
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(pos_find_ask(f, &q), 1);
	ck_assert_int_eq(pos_start(pos, &q, f), 0);
	ck_assert_int_eq(pos_wait(pos, 30000, &which, &r), 1);
	ck_assert_int_eq(pos_find_hear(f, &r), 1);
	ck_assert_int_eq(pos_find_ask(f, &q), 0);
	ck_assert_int_eq(a.outcome, POS_DONE);
	ck_assert_pstr_eq(a.id, "6");
	pos_find_close(f);
	arena_free(small);
	rig_close();
}
END_TEST

/* What cannot be looked for says why, and nothing is asked. */
START_TEST(looks_for_nothing_without_a_reason)
{
	struct pos_order nameless = { .key = "k", .ref = "" };
	struct pos_about it = { .order = &nameless };
	struct pos_answer a;

	temp_make();
	peer_start(PEER_PLAIN, NULL, STEPS(SAYS("")));
	rig_open(AUTH ORDER);
	ck_assert_ptr_null(pos_find_open(pos, POS_ORDER_FIND, &it, arena, &a));
	ck_assert_int_eq(a.outcome, POS_REFUSED);
	ck_assert_str_eq(a.message, "there is nothing to look for");
	ck_assert_ptr_null(pos_find_open(pos, POS_CUSTOMER_FIND, &about, arena, &a));
	ck_assert_str_eq(a.message, "the profile has no such find");
	ck_assert_int_eq(peer_requests(), 0);
	rig_close();
}
END_TEST

#define CLIENT "'customer':{'find':{'call':'GET /c','query':{'phone':'{customer.phone}'}," \
	"'rows':'/c','key':'/id','page':{'by':'page','put':'query:p'}," \
	"'match':{'at':'/phone','phone':'{customer.phone}'}}," \
	"'create':{'call':'POST /c','json':{'phone':'{customer.phone}'},'id':['/id','/client/id']}}"

/* G4: found by phone, however the till writes it; over as many pages as there are. */
START_TEST(finds_a_client_by_phone)
{
	struct pos_customer nobody = { .ref = "u2" };
	struct pos_answer a;

	temp_make();
	peer_start(PEER_PLAIN, NULL, STEPS(
	    SAYS(rig_json(200, "", "{\"c\":[{\"id\":1,\"phone\":\"0501112233\"},{\"id\":2}]}")),
	    SAYS(rig_json(200, "", "{\"c\":[{\"id\":3,\"phone\":\"067 123-45-67\"}]}")),
	    SAYS(rig_json(200, "", "{\"c\":[]}")),
	    SAYS(rig_json(409, "", "{\"error\":{\"code\":99},\"client\":{\"id\":\"C7\"}}"))));
	rig_open(ERRORS CLIENT);
	pos_find(pos, POS_CUSTOMER_FIND, &about, arena, &a);
	ck_assert_msg(a.outcome == POS_DONE, "%s", a.message);
	ck_assert_str_eq(a.id, "3");
	ck_assert_int_eq(peer_requests(), 3);
	/* a till that has the client says so, and which one */
	pos_do(pos, POS_CUSTOMER_CREATE, &about, arena, &a);
	ck_assert_int_eq(a.outcome, POS_DUPLICATE);
	ck_assert_str_eq(a.id, "C7");
	/* without a phone nobody is looked for: an empty one would fit the first */
	pos_find(pos, POS_CUSTOMER_FIND, &(struct pos_about){ .customer = &nobody }, arena, &a);
	ck_assert_int_eq(a.outcome, POS_REFUSED);
	ck_assert_str_eq(a.message, "there is nothing to look for");
	pos_find(pos, POS_ORDER_FIND, &about, arena, &a);
	ck_assert_int_eq(a.outcome, POS_REFUSED);
	ck_assert_int_eq(peer_requests(), 4);
	rig_close();
}
END_TEST

START_TEST(names_every_outcome)
{
	for (int o = 0; o < POS_OUTCOMES; o++)
		ck_assert_uint_gt(strlen(pos_outcome_name((enum pos_outcome)o)), 1);
	ck_assert_str_eq(pos_outcome_name(POS_OUTCOMES), "?");
}
END_TEST

int
main(void)
{
	return SUITE("judge", judges_answers,
	    no_answer_is_unknown_and_nobody_there_is_unsent, what_the_till_says_is_scrubbed,
	    reads_the_status_of_an_order, reads_who_brings_it, follows_a_status_to_the_next_call,
	    knows_the_steps_after_creation, finds_an_order_by_our_reference, looks_without_waiting,
	    looks_through_more_than_the_memory_holds, looks_for_nothing_without_a_reason,
	    finds_a_client_by_phone, names_every_outcome);
}
