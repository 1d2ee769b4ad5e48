/* arena.h - memory that dies all at once, at the end of a request */
#ifndef ARENA_H
#define ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

/* NULL when out of memory. limit: the most bytes it may ever hand out. */
struct arena *arena_new(size_t limit);

/* Zeroed and aligned for any type; NULL past the limit. */
void *arena_get(struct arena *, size_t);

/* Copies, NUL-terminated; NULL past the limit or for a NULL source. */
char *arena_dup(struct arena *, const char *, size_t n);
char *arena_str(struct arena *, const char *);
char *arena_printf(struct arena *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *, const char *, va_list)
    __attribute__((format(printf, 2, 0)));

/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *);

/* Everything got from it is gone; one block is kept for the next request. */
void arena_reset(struct arena *);
void arena_free(struct arena *);

#endif
