/*
 * log.c - one line per event: key=value, on stderr or in syslog
 *
 * The format is walked conversion by conversion, so that what the caller
 * wrote stands as it is and what came in through %s is cleaned: secrets out,
 * quotes and control bytes escaped. A line is put together on the stack and
 * leaves with one write(); logging never fails a caller and keeps errno.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/utf8.h"

enum {
	LINE = 4096,		/* PIPE_BUF: such a write is never torn */
	SECRETS = 32,		/* the oldest is forgotten: tokens end anyway */
	NAME = 64
};

static const char *const level_names[LEVELS] = { "error", "warn", "info", "debug" };

static struct {
	char program[NAME], request[NAME];
	enum log_level least;
	int fd;
	char *secrets[SECRETS];
	size_t hidden;		/* ever told; the newest stands at hidden % SECRETS */
} state = { .program = "tillbridge", .least = LEVEL_INFO, .fd = STDERR_FILENO };

struct line {
	size_t len;
	int plain;		/* for a person: quotes stand as they are */
	char s[LINE];
};

static void
put(struct line *l, const char *s, size_t n)
{
	size_t left = sizeof l->s - 1 - l->len;		/* the newline's place */

	if (n > left)
		n = left;
	memcpy(l->s + l->len, s, n);
	l->len += n;
}

static void
put_str(struct line *l, const char *s)
{
	put(l, s, strlen(s));
}

/* Bytes of a secret that begins here, the longest of them; 0 for none. */
static size_t
secret_at(const char *s, size_t n)
{
	size_t longest = 0, len;

	for (size_t i = 0; i < SECRETS && state.secrets[i] != NULL; i++) {
		len = strlen(state.secrets[i]);
		if (len > longest && len <= n && memcmp(s, state.secrets[i], len) == 0)
			longest = len;
	}
	return longest;
}

/* One code point or bad byte, escaped where needed; how many bytes it had. */
static size_t
put_point(struct line *l, const char *s, size_t n)
{
	char text[8];
	size_t width;
	unsigned char c = (unsigned char)*s;

	if (c >= 0x80) {
		const char *next = s;

		utf8_next(&next, s + n);
		width = (size_t)(next - s);
		if (utf8_printable(s, width, 0)) {
			put(l, s, width);
			return width;
		}
	} else if (c >= 0x20 && c != 0x7f) {
		if (!l->plain && (c == '"' || c == '\\'))
			put(l, "\\", 1);
		put(l, s, 1);
		return 1;
	}
	snprintf(text, sizeof text, "\\x%02x", c);
	put(l, text, 4);
	return 1;
}

static void
put_clean(struct line *l, const char *s, size_t n)
{
	size_t len;

	for (size_t i = 0; i < n; i += len) {
		if ((len = secret_at(s + i, n - i)) > 0)
			put(l, "***", 3);
		else
			len = put_point(l, s + i, n - i);
	}
}

static int
needs_quotes(const char *s, size_t n)
{
	if (n == 0)
		return 1;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] <= ' ' || strchr("\"\\=\x7f", s[i]) != NULL)
			return 1;
	return 0;
}

/* whole: the text is all there is between = and the next blank. */
static void
put_value(struct line *l, const char *s, size_t n, int whole)
{
	int quotes = whole && needs_quotes(s, n);

	if (quotes)
		put(l, "\"", 1);
	put_clean(l, s, n);
	if (quotes)
		put(l, "\"", 1);
}

struct walk {
	struct line *line;
	va_list ap;
	int whole;
};

/* A conversion such as "%-5lld" taken apart. */
struct spec {
	char text[32];
	size_t len;
	char size;		/* h H(hh) l L(ll) j z t or 0 */
	char kind;
	int precision;		/* -1 = none */
};

static void
spec_add(struct spec *sp, const char *s, size_t n)
{
	if (n < sizeof sp->text - sp->len) {
		memcpy(sp->text + sp->len, s, n);
		sp->len += n;
	}
}

/* Digits or a star; the number, or -1 when neither stands there. */
static int
spec_number(struct spec *sp, const char **fmt, struct walk *w)
{
	char text[16];
	int n = -1;

	if (**fmt == '*') {
		n = va_arg(w->ap, int);
		snprintf(text, sizeof text, "%d", n);
		(*fmt)++;
	} else {
		size_t digits = strspn(*fmt, "0123456789");

		if (digits == 0 || digits >= sizeof text)
			return -1;
		memcpy(text, *fmt, digits);
		text[digits] = '\0';
		n = (int)strtol(text, NULL, 10);
		*fmt += digits;
	}
	spec_add(sp, text, strlen(text));
	return n;
}

/* fmt stands behind the %; where it goes on. */
static const char *
spec_read(struct spec *sp, const char *fmt, struct walk *w)
{
	size_t n = strspn(fmt, "-+ #0");

	*sp = (struct spec){ .text = "%", .len = 1, .precision = -1 };
	spec_add(sp, fmt, n);
	fmt += n;
	spec_number(sp, &fmt, w);
	if (*fmt == '.') {
		spec_add(sp, ".", 1);
		fmt++;
		sp->precision = spec_number(sp, &fmt, w);
	}
	n = strspn(fmt, "hljztL");
	if (n > 0)
		sp->size = n == 1 ? *fmt : *fmt == 'h' ? 'H' : 'L';
	spec_add(sp, fmt, n);
	fmt += n;
	sp->kind = *fmt;
	if (*fmt != '\0')
		spec_add(sp, fmt++, 1);
	return fmt;
}

static int64_t
take_integer(char size, struct walk *w)
{
	switch (size) {
	case 'l':
		return va_arg(w->ap, long);
	case 'L':
		return va_arg(w->ap, long long);
	case 'j':
		return va_arg(w->ap, intmax_t);
	case 'z':
		return (int64_t)va_arg(w->ap, size_t);
	case 't':
		return va_arg(w->ap, ptrdiff_t);
	default:
		return va_arg(w->ap, int);
	}
}

static void
put_number(struct walk *w, struct spec *sp)
{
	char text[400];		/* %f of the largest double has 317 */
	int64_t n;

	if (strchr("eEfFgGaA", sp->kind) != NULL) {
		snprintf(text, sizeof text, sp->text, va_arg(w->ap, double));
	} else if (sp->kind == 'p') {
		snprintf(text, sizeof text, sp->text, va_arg(w->ap, void *));
	} else {
		n = take_integer(sp->size, w);
		if (sp->size == 0 || sp->size == 'h' || sp->size == 'H')
			snprintf(text, sizeof text, sp->text, (int)n);
		else	/* all of 64 bits here; 32-bit long is not supported */
			snprintf(text, sizeof text, sp->text, n);
	}
	put_str(w->line, text);
}

static void
put_conversion(struct walk *w, struct spec *sp)
{
	const char *s;
	char c;

	switch (sp->kind) {
	case 's':
		if ((s = va_arg(w->ap, const char *)) == NULL)
			put_str(w->line, "-");
		else
			put_value(w->line, s, sp->precision >= 0 ?
			    strnlen(s, (size_t)sp->precision) : strlen(s), w->whole);
		break;
	case 'c':
		c = (char)va_arg(w->ap, int);
		put_value(w->line, &c, 1, w->whole);
		break;
	case '%':
		put(w->line, "%", 1);
		break;
	default:
		put_number(w, sp);
	}
}

static void
put_pairs(struct walk *w, const char *fmt)
{
	const char *percent, *before;
	struct spec sp;

	while ((percent = strchr(fmt, '%')) != NULL) {
		put(w->line, fmt, (size_t)(percent - fmt));
		before = percent;
		w->whole = percent > fmt && before[-1] == '=';
		fmt = spec_read(&sp, percent + 1, w);
		w->whole = w->whole && (*fmt == '\0' || *fmt == ' ');
		put_conversion(w, &sp);
	}
	put_str(w->line, fmt);
}

static void
begin(struct line *l, enum log_level level, const char *event)
{
	char stamp[CLOCK_TEXT], text[NAME];
	int64_t ms = clock_ms();

	clock_rfc3339(ms / 1000, stamp);
	stamp[19] = '\0';
	snprintf(text, sizeof text, ".%03dZ level=%s program=", (int)(ms % 1000),
	    level_names[level]);
	put_str(l, stamp);
	put_str(l, text);
	put_clean(l, state.program, strlen(state.program));
	snprintf(text, sizeof text, " pid=%ld event=", (long)getpid());
	put_str(l, text);
	put_value(l, event, strlen(event), 1);
	if (state.request[0] != '\0') {
		put_str(l, " request=");
		put_value(l, state.request, strlen(state.request), 1);
	}
}

static void
send(struct line *l)
{
	ssize_t n;
	size_t done = 0;

	if (l->len == sizeof l->s - 1)
		memcpy(l->s + l->len - 3, "...", 3);
	l->s[l->len++] = '\n';
	while (done < l->len) {
		n = write(state.fd, l->s + done, l->len - done);
		if (n == -1 && errno != EINTR)
			return;
		done += n > 0 ? (size_t)n : 0;
	}
}

/* The whole line: what collects syslog may drop its own time. */
static void
send_syslog(enum log_level level, const char *text)
{
	static const int priority[LEVELS] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

	syslog(LOG_DAEMON | priority[level], "%s", text);
}

static void
write_event(enum log_level level, const char *event, const char *fmt, va_list ap)
{
	struct line l = { 0 };
	struct walk w = { .line = &l };
	int saved = errno;

	begin(&l, level, event);
	if (fmt[0] != '\0')
		put(&l, " ", 1);
	va_copy(w.ap, ap);
	put_pairs(&w, fmt);
	va_end(w.ap);
	if (state.fd == LOG_VIA_SYSLOG)
		send_syslog(level, l.s);
	else
		send(&l);
	errno = saved;
}

void
log_init(const char *program, enum log_level least)
{
	const char *wanted = getenv("LOG_LEVEL");

	snprintf(state.program, sizeof state.program, "%s", program);
	state.least = least;
	if (wanted == NULL || *wanted == '\0')
		return;
	for (int i = 0; i < LEVELS; i++)
		if (strcmp(wanted, level_names[i]) == 0) {
			state.least = (enum log_level)i;
			return;
		}
	log_warn("log.level", "given=%s allowed=error|warn|info|debug", wanted);
}

void
log_to(int fd)
{
	state.fd = fd;
}

void
log_request(const char *id)
{
	snprintf(state.request, sizeof state.request, "%s", id == NULL ? "" : id);
}

const char *
log_request_now(void)
{
	return state.request[0] == '\0' || strcmp(state.request, "-") == 0 ? NULL : state.request;
}

void
log_hide(const char *secret)
{
	char *copy, **place = &state.secrets[state.hidden % SECRETS];

	if (secret == NULL || *secret == '\0')
		return;
	for (size_t i = 0; i < SECRETS && state.secrets[i] != NULL; i++)
		if (strcmp(secret, state.secrets[i]) == 0)
			return;
	if ((copy = strdup(secret)) == NULL)
		panic("out of memory for a secret");
	free(*place);
	*place = copy;
	state.hidden++;
}

void
log_event(enum log_level level, const char *event, const char *fmt, ...)
{
	va_list ap;

	if (level > state.least)
		return;
	va_start(ap, fmt);
	write_event(level, event, fmt, ap);
	va_end(ap);
}

/* A sentence for a person: plain on a terminal, what="…" in a log. */
static void
last_words(const char *event, const char *fmt, va_list ap)
{
	char text[2048];

	vsnprintf(text, sizeof text, fmt, ap);
	if (state.fd == LOG_VIA_SYSLOG) {
		log_error(event, "what=%s", text);
		state.fd = STDERR_FILENO;
	}
	if (isatty(state.fd)) {
		struct line l = { .plain = 1 };

		put_str(&l, state.program);
		put_str(&l, ": ");
		put_clean(&l, text, strlen(text));
		send(&l);
	} else {
		log_error(event, "what=%s", text);
	}
}

_Noreturn void
fatal(int exit_code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	last_words("fatal", fmt, ap);
	va_end(ap);
	exit(exit_code);
}

_Noreturn void
panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	last_words("panic", fmt, ap);
	va_end(ap);
	abort();
}
