/*
 * mapping.h - a small file that all processes have in their memory
 *
 * It begins with a number that says what it is. Losing the file loses nothing
 * that anybody was promised.
 */
#ifndef MAPPING_H
#define MAPPING_H

#include <stddef.h>
#include <stdint.h>

/*
 * Creates (0600) or opens a file of that size whose first eight bytes are magic
 * (not 0). A new one is zeroed, and fill() writes what else it begins with: 0, or
 * -1 with errno. A file of another size or number is replaced: who has the old
 * one mapped keeps it. NULL with errno.
 */
void *mapping_open(const char *path, uint64_t magic, size_t size, int (*fill)(void *map));
void mapping_close(void *map, size_t size);

#endif
