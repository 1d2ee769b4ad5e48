/* mime.c - a mail as text; see mime.h */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/base/mime.h"
#include "lib/base/utf8.h"

enum {
	WORD_BYTES = 39,	/* of an encoded word: with frame and "Subject: " 73 of 76 letters */
	LINE_BYTES = 57,	/* of the body: 76 letters a line */
	TEXT_MAX = 64 * 1024
};

static void
put_base64(struct buf *b, const char *s, size_t n)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789+/";
	unsigned v;

	for (size_t i = 0; i < n; i += 3) {
		v = (unsigned)(unsigned char)s[i] << 16;
		v |= i + 1 < n ? (unsigned)(unsigned char)s[i + 1] << 8 : 0;
		v |= i + 2 < n ? (unsigned)(unsigned char)s[i + 2] : 0;
		buf_char(b, letters[v >> 18]);
		buf_char(b, letters[v >> 12 & 63]);
		buf_char(b, i + 1 < n ? letters[v >> 6 & 63] : '=');
		buf_char(b, i + 2 < n ? letters[v & 63] : '=');
	}
}

/* Letters, digits and blanks need no dress. */
static int
is_plain(const char *s)
{
	return s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789 -_'")] == '\0' && strlen(s) <= WORD_BYTES;
}

/* How many bytes of s fit a word without cutting a character. */
static size_t
word_length(const char *s)
{
	size_t n = strnlen(s, WORD_BYTES);

	if (s[n] == '\0')
		return n;
	while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* Header text: as it is, or as encoded words, each on a line of its own. */
static void
put_words(struct buf *b, const char *s)
{
	size_t n;

	if (is_plain(s)) {
		buf_str(b, s);
		return;
	}
	for (; *s != '\0'; s += n) {
		n = word_length(s);
		buf_lit(b, "=?UTF-8?B?");
		put_base64(b, s, n);
		buf_lit(b, "?=");
		if (s[n] != '\0')
			buf_lit(b, "\r\n ");
	}
}

/* "name@domain" of characters that need no quotes. */
static int
is_address(const char *s)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789.!#$%&'*+/=?^_`{|}~-";
	size_t local = strspn(s, allowed), domain;

	if (local == 0 || s[local] != '@')
		return 0;
	domain = strspn(s + local + 1, allowed);
	return domain > 0 && s[local + 1 + domain] == '\0' && strlen(s) < MIME_ADDRESS;
}

int
mime_split(const char *from, char name[MIME_NAME], char address[MIME_ADDRESS])
{
	const char *open = strrchr(from, '<');
	size_t n = open == NULL ? 0 : (size_t)(open - from), len;

	while (n > 0 && from[n - 1] == ' ')
		n--;
	if (n >= MIME_NAME || !utf8_printable(from, strlen(from), 0))
		return -1;
	memcpy(name, from, n);
	name[n] = '\0';
	from = open == NULL ? from : open + 1;
	len = strcspn(from, ">");
	if (len >= MIME_ADDRESS || (open != NULL && strcmp(from + len, ">") != 0))
		return -1;
	memcpy(address, from, len);
	address[len] = '\0';
	return is_address(address) ? 0 : -1;
}

static void
put_date(struct buf *b, int64_t seconds)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t t = (time_t)seconds;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL) {
		b->failed = 1;
		return;
	}
	buf_printf(b, "Date: %s, %02d %s %d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday],
	    tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void
put_from(struct buf *b, const char *name, const char *address)
{
	buf_lit(b, "From: ");
	if (*name != '\0') {
		put_words(b, name);
		buf_str(b, is_plain(name) ? " " : "\r\n ");
	}
	buf_printf(b, "<%s>\r\n", address);
}

/* Lines end with CRLF inside too, then all of it is base64. */
static void
put_text(struct buf *b, const char *text)
{
	struct buf whole = BUF_INIT(TEXT_MAX);
	size_t n;

	for (; *text != '\0'; text += n) {
		n = strcspn(text, "\n");
		buf_add(&whole, text, n);
		if (text[n] == '\n') {
			buf_lit(&whole, "\r\n");
			n++;
		}
	}
	for (size_t at = 0; at < whole.len; at += LINE_BYTES) {
		n = whole.len - at;
		put_base64(b, whole.s + at, n < LINE_BYTES ? n : LINE_BYTES);
		buf_lit(b, "\r\n");
	}
	b->failed |= whole.failed;
	buf_free(&whole);
}

static int
is_id(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789-_");

	return n > 0 && s[n] == '\0';
}

int
mime_write(struct buf *b, const struct mime_mail *m)
{
	char name[MIME_NAME], from[MIME_ADDRESS];

	if (mime_split(m->from, name, from) == -1 || !is_address(m->to) || !is_id(m->id) ||
	    !utf8_printable(m->subject, strlen(m->subject), 0))
		return -1;
	put_date(b, m->date);
	put_from(b, name, from);
	buf_printf(b, "To: <%s>\r\nSubject: ", m->to);
	put_words(b, m->subject);
	buf_printf(b, "\r\nMessage-ID: <%s%s>\r\n", m->id, strchr(from, '@'));
	buf_lit(b, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=UTF-8\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\n");
	put_text(b, m->text);
	return b->failed ? -1 : 0;
}
