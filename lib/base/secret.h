/* secret.h - a password or token that lies in a file of its own */
#ifndef SECRET_H
#define SECRET_H

#include <stddef.h>

/*
 * The file's text without the line's end, into out. It must be closed to all
 * but its owner. NULL, or why it cannot be used (good until the next call).
 */
const char *secret_read(const char *path, char *out, size_t size)
    __attribute__((warn_unused_result));

#endif
