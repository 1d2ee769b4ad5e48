/*
 * hostile.c - bad requests as bytes, and what must come back
 *
 *	tests/hostile PORT DATABASE NAMES <CASES
 *
 * A case is a line, its parts by tabs:
 *
 *	who  METHOD target  expected  [body  [headers]]
 *	raw  bytes          expected
 *	sql  query          value
 *
 * who is "-" or the name of a token. expected is "409 cart_empty", with the name
 * of a field behind it where one must be named; "401+404" are two answers on one
 * line, "closed" none, "2xx" a success, "~401 …" may change rows (a counted
 * login). NAMES is a file of NAME=value lines that stand in a case as @NAME@;
 * \r \n \t \\ \xHH are bytes, %{N:text} is the text N times.
 *
 * Of every answer is asked that it is no 5xx, tells nothing of our inside, and,
 * as a refusal, is JSON in its one shape; of every refused request, that no row
 * of the database is another afterwards.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/json.h"
#include "tests/hostile.h"

enum { LINE = 64 * 1024, PARTS = 6, MEMORY = 8 << 20, NAMES_MAX = 128, STATUSES = 4 };

struct expected {
	const char *status[STATUSES];
	size_t count;
	const char *code, *field;	/* of the last answer */
	int may_change;
};

static struct { char name[64], value[2048]; } names[NAMES_MAX];
static size_t name_count;
static int failed, cases, line_number;

static void
complain(const char *text, const char *what, const char *detail)
{
	const char *body = strstr(detail, "\r\n\r\n");

	printf("not ok - line %d: %s\n\t%.300s\n\t%.*s\n\t%.300s\n", line_number, what, text,
	    (int)strcspn(detail, "\r"), detail, body == NULL ? "" : body + 4);
	failed++;
}

/* ---- reading the table */

static void
read_names(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[4096];

	while (f != NULL && name_count < NAMES_MAX && fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "%63[^=]=%2047[^\n]", names[name_count].name,
		    names[name_count].value) == 2)
			name_count++;
	if (f != NULL)
		fclose(f);
}

static const char *
value_of(const char *name, size_t n)
{
	for (size_t i = 0; i < name_count; i++)
		if (strlen(names[i].name) == n && memcmp(names[i].name, name, n) == 0)
			return names[i].value;
	return NULL;
}

/* \xHH and the like; how many bytes of the text it was. */
static size_t
put_escape(struct buf *b, const char *s)
{
	static const char from[] = "rnt\\", to[] = "\r\n\t\\";
	const char *p = s[1] == '\0' ? NULL : strchr(from, s[1]);
	unsigned byte;

	if (p != NULL) {
		buf_char(b, to[p - from]);
		return 2;
	}
	if (sscanf(s, "\\x%2x", &byte) == 1) {
		buf_char(b, (char)byte);
		return 4;
	}
	buf_char(b, '\\');	/* JSON's own: \u0000, \" */
	buf_char(b, s[1]);
	return 2;
}

static void put_text(struct buf *, const char *, size_t);

/* %{N:text}; 0 when it is none. */
static size_t
put_repeated(struct buf *b, const char *s)
{
	const char *colon = strchr(s, ':'), *end = strchr(s, '}');
	long times = strtol(s + 2, NULL, 10);

	if (colon == NULL || times < 1)
		return 0;
	if ((end = strstr(colon + 2, "}")) == NULL)
		return 0;
	for (long i = 0; i < times; i++)
		put_text(b, colon + 1, (size_t)(end - colon - 1));
	return (size_t)(end - s) + 1;
}

static size_t
put_name(struct buf *b, const char *s)
{
	const char *end = strchr(s + 1, '@'), *value;

	if (end == NULL || (value = value_of(s + 1, (size_t)(end - s - 1))) == NULL)
		return 0;
	buf_str(b, value);
	return (size_t)(end - s) + 1;
}

static void
put_text(struct buf *b, const char *s, size_t n)
{
	size_t used;

	for (const char *end = s + n; s < end; s += used) {
		used = 0;
		if (*s == '\\' && s[1] != '\0')
			used = put_escape(b, s);
		else if (s[0] == '%' && s[1] == '{')
			used = put_repeated(b, s);
		else if (*s == '@')
			used = put_name(b, s);
		if (used == 0) {
			buf_char(b, *s);
			used = 1;
		}
	}
}

static size_t
split(char *line, char **part)
{
	size_t n = 0;
	char *tab;

	line[strcspn(line, "\n")] = '\0';
	for (;;) {
		part[n++] = line;
		if (n == PARTS || (tab = strchr(line, '\t')) == NULL)
			return n;
		*tab = '\0';
		line = tab + 1;
	}
}

static void
read_expected(char *text, struct expected *e)
{
	char *save, *word, *statuses;

	*e = (struct expected){ .may_change = *text == '~' };
	statuses = strtok_r(text + e->may_change, " ", &save);
	e->code = strtok_r(NULL, " ", &save);
	e->field = strtok_r(NULL, " ", &save);
	for (word = strtok_r(statuses, "+", &save); word != NULL && e->count < STATUSES;
	    word = strtok_r(NULL, "+", &save))
		e->status[e->count++] = word;
}

/* The request of a short line. */
static void
make_request(struct buf *b, char **part, size_t n)
{
	struct buf body = BUF_INIT(LINE * 4);
	const char *space = strchr(part[1], ' ');

	if (n > 3)
		put_text(&body, part[3], strlen(part[3]));
	put_text(b, part[1], strlen(part[1]));
	buf_str(b, space == NULL ? " / HTTP/1.1\r\n" : " HTTP/1.1\r\n");
	buf_str(b, "Host: shop.example\r\nConnection: close\r\nAccept-Language: en\r\n");
	if (strcmp(part[0], "-") != 0)
		buf_printf(b, "Authorization: Bearer %s\r\n", value_of(part[0], strlen(part[0])));
	if (n > 4)
		put_text(b, part[4], strlen(part[4]));
	if (body.len > 0 && (n <= 4 || strstr(part[4], "Content-Type") == NULL))
		buf_str(b, "Content-Type: application/json\r\n");
	if (body.len > 0)
		buf_printf(b, "Content-Length: %zu\r\n", body.len);
	buf_str(b, "\r\n");
	buf_add(b, body.len > 0 ? body.s : "", body.len);
	buf_free(&body);
}

/* ---- looking at an answer */

static int
is_status(int status, const char *wanted)
{
	if (strcmp(wanted, "2xx") == 0)
		return status >= 200 && status <= 299;
	if (strcmp(wanted, "4xx") == 0)
		return status >= 400 && status <= 499;
	return status == (int)strtol(wanted, NULL, 10);
}

static void
check_inside(const char *text, const struct answer *a)
{
	static const char *const inside[] = { "/tmp/", "/usr/", ".c:", "sqlite", "SQLITE",
	    "SELECT ", "INSERT ", "UPDATE ", "shop.db", "no such ", "syntax error", "fcgi", "FastCGI",
	    "pos-api", "password_hash", "$2b$", "nginx/", "<html", "AddressSanitizer", "(nil)" };

	for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
		if (strstr(a->text, inside[i]) != NULL)
			complain(text, inside[i], a->text);
}

static const char *
member(const struct json *j, const char *name)
{
	return json_text(json_member(j, name));
}

static void
check_refusal(const char *text, const struct answer *a, const struct expected *e, int is_last)
{
	struct arena *arena = arena_new(MEMORY);
	struct json_fault fault = { 0 };
	const struct json *j = json_parse(arena, a->body, strlen(a->body), &fault), *fields;
	const char *code = member(j, "code");

	fields = json_member(j, "fields");
	if (strstr(a->head, "Content-Type: application/json") == NULL)
		complain(text, "a refusal is no JSON", a->text);
	else if (member(j, "error") == NULL || code == NULL || json_type(fields) != JSON_OBJECT ||
	    member(j, "request_id") == NULL)
		complain(text, "a refusal has another shape", a->text);
	else if (is_last && e->code != NULL && strcmp(e->code, code) != 0)
		complain(text, "another code was expected", a->text);
	else if (is_last && e->field != NULL && json_member(fields, e->field) == NULL)
		complain(text, "the field is not named", a->text);
	arena_free(arena);
}

static void
check_answer(const char *text, const struct answer *a, const struct expected *e, size_t nth)
{
	check_inside(text, a);
	if (!is_status(a->status, e->status[nth]))
		complain(text, "another status was expected", a->text);
	else if (a->status >= 500)
		complain(text, "a fault of ours", a->text);
	else if (a->status >= 400 && !a->is_head)
		check_refusal(text, a, e, nth + 1 == e->count);
}

/* ---- a case */

static void
run_request(char **part, size_t n, const char *text)
{
	struct buf request = BUF_INIT(LINE * 8);
	struct expected e;
	static struct answer a;
	int changed;

	read_expected(part[2], &e);
	if (strcmp(part[0], "raw") == 0)
		put_text(&request, part[1], strlen(part[1]));
	else
		make_request(&request, part, n);
	if (request.failed || (strcmp(part[0], "raw") != 0 && strcmp(part[0], "-") != 0 &&
	    value_of(part[0], strlen(part[0])) == NULL)) {
		complain(text, "the case cannot be read", "");
	} else {
		wire_send(request.s, request.len);
		for (size_t i = 0; i < e.count; i++) {
			int heard = wire_receive(&a, strncmp(part[1], "HEAD ", 5) == 0);

			if ((strcmp(e.status[i], "closed") == 0) == heard)
				complain(text, heard ? "an answer where none was expected" :
				    "no answer", a.text);
			else if (heard)
				check_answer(text, &a, &e, i);
		}
		wire_close();
		changed = rows_changed();
		if (changed && !e.may_change && *e.status[e.count - 1] != '2')
			complain(text, "a refused request changed a row", rows_where());
	}
	buf_free(&request);
}

static void
run_query(const char *query, const char *wanted, const char *text)
{
	struct buf q = BUF_INIT(4096), w = BUF_INIT(4096);
	const char *got;

	put_text(&q, query, strlen(query));
	put_text(&w, wanted, strlen(wanted));
	got = rows_ask(q.s);
	if (strcmp(got, w.s) != 0)
		complain(text, "the database says otherwise", got);
	buf_free(&q);
	buf_free(&w);
}

static void
run_line(char *line)
{
	char text[512], *part[PARTS];
	size_t n;

	line_number++;
	snprintf(text, sizeof text, "%.500s", line);
	if (*line == '#' || *line == '\n')
		return;
	n = split(line, part);
	if (n < 3) {
		complain(text, "a case has three parts or more", "");
		return;
	}
	if (strcmp(part[0], "sql") == 0) {
		run_query(part[1], part[2], text);
		return;
	}
	cases++;
	run_request(part, n, text);
}

int
main(int argc, char **argv)
{
	static char line[LINE];

	if (argc != 4) {
		fputs("usage: hostile PORT DATABASE NAMES <CASES\n", stderr);
		return 64;
	}
	wire_open((int)strtol(argv[1], NULL, 10));
	rows_open(argv[2]);
	read_names(argv[3]);
	while (fgets(line, sizeof line, stdin) != NULL)
		run_line(line);
	rows_close();
	printf("%d requests, %d complaints\n", cases, failed);
	return failed == 0 && cases > 0 ? 0 : 1;
}
