/*
 * begin.h - one row begins its way to the till
 *
 * Its bytes are frozen and "may have left" is on disk before it is under way.
 */
#ifndef BEGIN_H
#define BEGIN_H

#include "sync/settle.h"

/*
 * A row just claimed. Afterwards it is UNDER_WAY, or TO_LOOK, or FREE: it has
 * ended already.
 */
void try_begin(struct try *);

/* Ask the till whether it is there, and wait for the answer. 0 when the till did
 * not say. */
int try_look(struct try *);

#endif
