/*
 * names.h - keys of the till's small lists (categories, images) as words
 *
 * Kept in the database (pos_word), so that only what changed has to be asked
 * for, and memory does not grow with them. A till without such a list writes
 * the words into its rows: then a key stands for itself.
 */
#ifndef NAMES_H
#define NAMES_H

#include "lib/pos/feed.h"
#include "sync/run.h"

struct names;

/*
 * Read the list: changes since its own mark where the till can tell them, else
 * (or when the run is a full one) all. When a word changed or is gone, dishes
 * that the till does not tell again have it too: the run becomes a full one.
 * An exit code, with the run's message. *names stays NULL when the profile has
 * no such list.
 */
int names_load(struct job *, struct run *, enum feed_what, struct names **);
void names_free(struct names *);

/* NULL for an unknown key; the key itself when there is no list. The word lives until
 * the next names_find of the same list. */
const char *names_find(struct names *, const char *key);

#endif
