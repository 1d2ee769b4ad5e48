/*
 * preview.h - pos-sender --dry-run: what would go to the till now
 */
#ifndef PREVIEW_H
#define PREVIEW_H

#include "sync/job.h"

/*
 * Prints each row that is due with what would become of it and its request,
 * credentials hidden; with --json a line for each. Writes nothing to the database
 * and asks the till nothing. An exit code.
 */
int preview(struct job *) __attribute__((warn_unused_result));

#endif
