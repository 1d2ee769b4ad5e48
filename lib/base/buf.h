/*
 * buf.h - a text that grows up to a stated maximum and remembers failing
 *
 * Callers append without looking and ask once, at the end, whether it all
 * fitted (b->failed). The text is always NUL-terminated once anything was
 * added. The json_* writers put the comma before a member by themselves.
 */
#ifndef BUF_H
#define BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	char *s;	/* NULL until something was added */
	size_t len, size, limit;
	int failed;	/* sticky: out of memory or over the limit */
};

#define BUF_INIT(max) { .limit = (max) }

void buf_add(struct buf *, const char *, size_t);
void buf_str(struct buf *, const char *);
void buf_char(struct buf *, char);
void buf_int(struct buf *, int64_t);
void buf_printf(struct buf *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *, const char *, va_list)
    __attribute__((format(printf, 2, 0)));
#define buf_lit(b, text) buf_add((b), (text), sizeof(text) - 1)

/* RFC 3986 percent-encoding of everything but unreserved bytes. */
void buf_urlencode(struct buf *, const char *, size_t);

void buf_reset(struct buf *);	/* empty and not failed; keeps its memory */
void buf_free(struct buf *);	/* as buf_reset, and gives the memory back */

/*
 * JSON out. key NULL = an element of an array (or the root). Absent values
 * are written as null, never left out: text NULL, DB_NULL integers, NaN.
 * Text is taken as valid UTF-8; what is special in JSON is escaped.
 */
void json_open(struct buf *, const char *key, char bracket);	/* '{' or '[' */
void json_close(struct buf *, char bracket);			/* '}' or ']' */
void json_put_text(struct buf *, const char *key, const char *);
void json_put_textn(struct buf *, const char *key, const char *, size_t);
void json_put_int(struct buf *, const char *key, int64_t);
void json_put_bool(struct buf *, const char *key, int);
void json_put_null(struct buf *, const char *key);
void json_put_money(struct buf *, const char *key, int64_t kopecks); /* 99.00 */
void json_put_real(struct buf *, const char *key, double, int digits);
void json_put_time(struct buf *, const char *key, int64_t seconds);  /* RFC 3339 UTC */
void json_put_raw(struct buf *, const char *key, const char *json);  /* already JSON; NULL = null */

#endif
