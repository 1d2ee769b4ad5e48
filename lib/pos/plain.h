/* plain.h - texts of a till made fit for a shop: no markup, no control bytes */
#ifndef POS_PLAIN_H
#define POS_PLAIN_H

#include <stddef.h>

struct arena;

/* HTML to plain text: tags fall away, entities are read. NULL = no memory. */
char *plain_text(struct arena *, const char *);
/*
 * Control bytes become blanks, the ends are trimmed, at most `points` code
 * points are kept. NULL = no memory.
 */
char *plain_clean(struct arena *, const char *, size_t points, int multiline);
/* An absolute http or https address without blanks, quotes or control bytes. */
int plain_is_address(const char *);

/*
 * For messages: each secret becomes ***, runs of ten digits or more (phones)
 * too, queries of addresses fall away, control bytes become blanks.
 */
void plain_scrub(const char *, const char *const *secrets, size_t count, char *out, size_t size);

/* Do two phone numbers name the same line? (0671234567 and +380671234567) */
int plain_same_phone(const char *, const char *);

#endif
