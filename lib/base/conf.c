/*
 * conf.c - one row per key: parsing, range, default and help from one table
 *
 * The file is read once at start-up. What systemd reads from the same file
 * must mean the same here: # and ; begin comments, blanks around a value do
 * not count, quotes hold them, the last of two equal keys wins. What systemd
 * alone understands (a backslash at a line's end) is refused.
 *
 * Texts stay in a list for good: callers keep pointers to them.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/buf.h"
#include "lib/base/conf.h"
#include "lib/base/money.h"
#include "lib/base/utf8.h"

enum {
	FILE_MAX = 256 * 1024,	/* every key at its longest, with comments */
	SHOWN = 40,		/* characters of a wrong value in a message */
	SHOWN_TEXT = SHOWN * 4 + 8,
	NAME = 64
};

struct owned {
	struct owned *next;
	char s[];
};

const char *
conf_joined(const char *a, size_t n, const char *b)
{
	static struct owned *texts;
	size_t m = strlen(b) + 1;
	struct owned *o = malloc(sizeof *o + n + m);

	if (o == NULL)
		return NULL;
	memcpy(o->s, a, n);
	memcpy(o->s + n, b, m);
	o->next = texts;
	texts = o;
	return o->s;
}

static const struct conf_key *
find(const struct conf_key *keys, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Edits (Levenshtein) that turn one name into the other, case ignored. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[NAME + 1], m = strnlen(a, NAME), n = strnlen(b, NAME), corner, above;

	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; i <= m; i++) {
		corner = row[0];
		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			above = row[j];
			row[j] = least(above + 1, row[j - 1] + 1, corner +
			    (toupper((unsigned char)a[i - 1]) !=
			    toupper((unsigned char)b[j - 1])));
			corner = above;
		}
	}
	return row[n];
}

static const char *
nearest(const struct conf_key *keys, size_t count, const char *name)
{
	size_t best = SIZE_MAX, d;
	const char *hit = "";

	for (size_t i = 0; i < count; i++)
		if ((d = distance(name, keys[i].name)) < best) {
			best = d;
			hit = keys[i].name;
		}
	return hit;
}

/* The place of a word in "ceil|exact", or -1. */
static int64_t
choice(const char *choices, const char *word)
{
	size_t n, len = strlen(word);
	int64_t i = 0;

	for (;; choices += n + 1, i++) {
		n = strcspn(choices, "|");
		if (n == len && memcmp(choices, word, n) == 0)
			return i;
		if (choices[n] == '\0')
			return -1;
	}
}

static int
parse_bool(const char *s, int64_t *n)
{
	static const char *const words[] = { "no", "yes", "false", "true", "0", "1",
		"off", "on" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcasecmp(s, words[i]) == 0) {
			*n = (int64_t)(i % 2);
			return 0;
		}
	return -1;
}

static int
parse_number(const struct conf_key *k, const char *s, int64_t *n)
{
	int rc = k->kind == CONF_MONEY ? money_parse(s, n) :
	    decimal_parse(s, k->kind == CONF_KM ? 3 : 0, n);

	/* "7.0" is no whole number to whoever reads the file */
	if (rc == -1 || (k->kind == CONF_NUMBER && strchr(s, '.') != NULL))
		return -1;
	return *n >= k->min && (k->max == 0 || *n <= k->max) ? 0 : -1;
}

static int
parse_text(const struct conf_key *k, const char *s)
{
	int64_t n = (int64_t)strlen(s);

	return utf8_printable(s, (size_t)n, 0) && n >= k->min &&
	    (k->max == 0 || n <= k->max) ? 0 : -1;
}

static int
parse(const struct conf_key *k, const char *s, int64_t *n)
{
	switch (k->kind) {
	case CONF_TEXT:
		return parse_text(k, s);
	case CONF_BOOL:
		return parse_bool(s, n);
	case CONF_CHOICE:
		return (*n = choice(k->choices, s)) == -1 ? -1 : 0;
	default:
		return parse_number(k, s, n);
	}
}

/* Money with its decimals, kilometres with as many as they need. */
static void
format(const struct conf_key *k, int64_t n, char *out, size_t size)
{
	char money[MONEY_TEXT];
	size_t len;

	if (k->kind == CONF_MONEY) {
		money_format(n, money);
		snprintf(out, size, "%s", money);
	} else if (k->kind == CONF_KM) {
		snprintf(out, size, "%" PRId64 ".%03d", n / 1000, abs((int)(n % 1000)));
		for (len = strlen(out); len > 0 && out[len - 1] == '0'; len--)
			out[len - 1] = '\0';
		if (len > 0 && out[len - 1] == '.')
			out[len - 1] = '\0';
	} else {
		snprintf(out, size, "%" PRId64, n);
	}
}

/* "a whole number from 1 to 120": what a value must be. */
static void
allowed(const struct conf_key *k, char *out, size_t size)
{
	static const char *const nouns[CONF_KINDS] = {
		[CONF_NUMBER] = "a whole number",
		[CONF_MONEY] = "an amount such as 99.00",
		[CONF_KM] = "kilometres such as 2.5",
	};
	char min[32], max[32];

	if (k->kind == CONF_BOOL) {
		snprintf(out, size, "yes or no");
	} else if (k->kind == CONF_CHOICE) {
		snprintf(out, size, "one of %s", k->choices);
	} else if (k->kind == CONF_TEXT && k->max == 0) {
		snprintf(out, size, "a text without control characters");
	} else if (k->kind == CONF_TEXT) {
		snprintf(out, size, "a text of %" PRId64 " to %" PRId64
		    " bytes without control characters", k->min, k->max);
	} else {
		format(k, k->min, min, sizeof min);
		format(k, k->max, max, sizeof max);
		snprintf(out, size, "%s %s %s%s%s", nouns[k->kind],
		    k->max == 0 ? "of at least" : "from", min,
		    k->max == 0 ? "" : " to ", k->max == 0 ? "" : max);
	}
}

/* A wrong value for a message: short, without what would garble a screen. */
static void
shown(const struct conf_key *k, const char *s, char out[SHOWN_TEXT])
{
	size_t n = strlen(s), cut = utf8_prefix(s, n, SHOWN);

	if (k->secret)
		snprintf(out, SHOWN_TEXT, "(secret)");
	else if (!utf8_printable(s, n, 0))
		snprintf(out, SHOWN_TEXT, "(control characters or bad UTF-8)");
	else
		snprintf(out, SHOWN_TEXT, "\"%.*s%s\"", (int)cut, s, cut < n ? "…" : "");
}

/* where: "file:12: ", "environment: " or "". */
static int
set(const struct conf_key *k, void *into, const char *value, const char *where, char *fault)
{
	char *field = (char *)into + k->at, what[SHOWN_TEXT], must[128];
	int64_t n = 0;

	if (parse(k, value, &n) == -1) {
		shown(k, value, what);
		allowed(k, must, sizeof must);
		snprintf(fault, CONF_FAULT, "%s%s is %s; it must be %s", where,
		    k->name, what, must);
		return -1;
	}
	if (k->kind != CONF_TEXT) {
		memcpy(field, &n, sizeof n);
		return 0;
	}
	if (value != k->dflt && (value = conf_joined(value, strlen(value), "")) == NULL) {
		snprintf(fault, CONF_FAULT, "%s%s: out of memory", where, k->name);
		return -1;
	}
	memcpy(field, &value, sizeof value);
	return 0;
}

static int
set_named(const struct conf_key *keys, size_t count, void *into, const char *name,
    const char *value, const char *where, char *fault)
{
	const struct conf_key *k = find(keys, count, name);
	size_t n;

	if (k != NULL)
		return set(k, into, value, where, fault);
	n = utf8_printable(name, strlen(name), 0) ? utf8_prefix(name, strlen(name), SHOWN) : 0;
	snprintf(fault, CONF_FAULT, "%sunknown key %.*s; the nearest known one is %s",
	    where, (int)n, name, nearest(keys, count, name));
	return -1;
}

/* Without the blanks around it, in place. */
static char *
trim(char *s)
{
	size_t n;

	s += strspn(s, " \t");
	n = strlen(s);
	while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL)
		n--;
	s[n] = '\0';
	return s;
}

/* Take the quotes off, in place; NULL when they do not pair. Within double
 * ones a backslash keeps the next character, as systemd reads it. */
static char *
unquote(char *s)
{
	char quote = *s, *to = s, *from;

	if (quote != '"' && quote != '\'')
		return s;
	for (from = s + 1; *from != '\0' && *from != quote; from++) {
		if (quote == '"' && *from == '\\' && strchr("\"\\$`", from[1]) != NULL)
			from++;
		if (*from == '\0')
			return NULL;
		*to++ = *from;
	}
	if (*from != quote || from[1] != '\0')
		return NULL;
	*to = '\0';
	return s;
}

/* The two halves of a line, in place; what is wrong, or NULL. */
static const char *
halves(char *line, char **name, char **value)
{
	char *equals = strchr(line, '=');
	size_t n = strlen(line);

	if (equals == NULL)
		return "no KEY=value";
	if (line[n - 1] == '\\')
		return "a value ends with its line, \\ does not continue it";
	*equals = '\0';
	*name = trim(line);
	if ((*value = unquote(trim(equals + 1))) == NULL)
		return "a quote without its other half";
	return NULL;
}

static int
read_line(const struct conf_key *keys, size_t count, void *into, char *line,
    const char *where, char *fault)
{
	char *name, *value;
	const char *wrong;

	line = trim(line);
	if (*line == '\0' || *line == '#' || *line == ';')
		return 0;
	if ((wrong = halves(line, &name, &value)) == NULL)
		return set_named(keys, count, into, name, value, where, fault);
	snprintf(fault, CONF_FAULT, "%s%s", where, wrong);
	return -1;
}

static int
read_lines(const struct conf_key *keys, size_t count, void *into, char *text,
    const char *file, char *fault)
{
	char where[CONF_FAULT / 2], *next;

	for (int i = 1; text != NULL; i++, text = next) {
		if ((next = strchr(text, '\n')) != NULL)
			*next++ = '\0';
		snprintf(where, sizeof where, "%.200s:%d: ", file, i);
		if (read_line(keys, count, into, text, where, fault) == -1)
			return -1;
	}
	return 0;
}

/* The whole file; what is wrong, or NULL. */
static const char *
slurp(const char *file, struct buf *b)
{
	char piece[4096];
	FILE *f = fopen(file, "re");
	size_t n;
	int bad;

	if (f == NULL)
		return strerror(errno);
	buf_str(b, "");
	while (!b->failed && (n = fread(piece, 1, sizeof piece, f)) > 0)
		buf_add(b, piece, n);
	bad = ferror(f) ? errno : 0;
	fclose(f);
	if (bad != 0)
		return strerror(bad);
	if (b->failed)
		return "the file is too long";
	return strlen(b->s) == b->len ? NULL : "a NUL byte stands in the file";
}

static int
read_file(const struct conf_key *keys, size_t count, void *into, const char *file, char *fault)
{
	struct buf b = BUF_INIT(FILE_MAX);
	const char *wrong = slurp(file, &b);
	int rc = -1;

	if (wrong == NULL)
		rc = read_lines(keys, count, into, b.s, file, fault);
	else
		snprintf(fault, CONF_FAULT, "%.200s: %s", file, wrong);
	buf_free(&b);
	return rc;
}

int
conf_load(const struct conf_key *keys, size_t count, void *into, const char *file, char *fault)
{
	const char *value;

	for (size_t i = 0; i < count; i++)
		if (set(&keys[i], into, keys[i].dflt == NULL ? "" : keys[i].dflt,
		    "default: ", fault) == -1)
			return -1;
	if (file != NULL && read_file(keys, count, into, file, fault) == -1)
		return -1;
	for (size_t i = 0; i < count; i++)
		if ((value = getenv(keys[i].name)) != NULL &&
		    set(&keys[i], into, value, "environment: ", fault) == -1)
			return -1;
	return 0;
}

int
conf_set(const struct conf_key *keys, size_t count, void *into, const char *name,
    const char *value, char *fault)
{
	return set_named(keys, count, into, name, value, "", fault);
}

/* As unquote() reads it back. */
static void
show_text(const char *s, char *out, size_t size)
{
	size_t n = 0;

	if (*s == '\0' || strpbrk(s, " \t\"'\\#;$`") == NULL) {
		snprintf(out, size, "%s", s);
		return;
	}
	if (size < 3) {
		snprintf(out, size, "%s", "");
		return;
	}
	out[n++] = '"';
	for (; *s != '\0' && n + 3 < size; s++) {
		if (strchr("\"\\$`", *s) != NULL)
			out[n++] = '\\';
		out[n++] = *s;
	}
	out[n++] = '"';
	out[n] = '\0';
}

void
conf_show(const struct conf_key *k, const void *from, char *out, size_t size)
{
	const char *field = (const char *)from + k->at, *s;
	int64_t n;

	if (size == 0)
		return;
	if (k->kind == CONF_TEXT) {
		memcpy(&s, field, sizeof s);
		if (k->secret && s != NULL && *s != '\0')
			snprintf(out, size, "(secret)");
		else
			show_text(s == NULL ? "" : s, out, size);
		return;
	}
	memcpy(&n, field, sizeof n);
	if (k->secret) {
		snprintf(out, size, "(secret)");
	} else if (k->kind == CONF_BOOL) {
		snprintf(out, size, "%s", n ? "yes" : "no");
	} else if (k->kind == CONF_CHOICE) {
		for (s = k->choices; n > 0 && *s != '\0'; n--)
			s += strcspn(s, "|") + 1;
		snprintf(out, size, "%.*s", (int)strcspn(s, "|"), s);
	} else {
		format(k, n, out, size);
	}
}
