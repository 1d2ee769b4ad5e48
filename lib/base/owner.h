/*
 * owner.h - a program started as root becomes the one who owns the data
 *
 * So that `sudo pos-sync --full` never leaves files behind that the shop's
 * own user cannot write.
 */
#ifndef OWNER_H
#define OWNER_H

enum { OWNER_FAULT = 256 };

/*
 * When root: become the owner of path (a file that is there). 0 when that is
 * done, or was not needed, or root owns it; -1 with a sentence in fault.
 */
int owner_become(const char *path, char *fault) __attribute__((warn_unused_result));

#endif
