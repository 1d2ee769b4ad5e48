/*
 * names.h - keys of a small list of the till (categories, images) as words
 *
 * A till without such a list writes the words into its rows: then there are
 * no names, and a key stands for itself.
 */
#ifndef NAMES_H
#define NAMES_H

#include "lib/pos/feed.h"
#include "sync/job.h"

struct names;

/* An exit code, message filled (POS_FAULT bytes). *names stays NULL when the
 * profile has no such list. */
int names_load(struct job *, enum feed_what, enum pos_field, struct names **, char *message);
void names_free(struct names *);

/* NULL for an unknown key; the key itself when there is no list. */
const char *names_find(const struct names *, const char *key);

#endif
