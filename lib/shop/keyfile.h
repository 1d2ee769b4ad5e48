/*
 * keyfile.h - the file that the shop's signing keys lie in
 *
 * Lines "KID KEY WHEN": the key 32 random bytes in base64url, WHEN the moment
 * it was made (left out by old files). The newest stands first. The file is
 * 0600, is replaced as a whole and never changed in place, so a reader sees
 * the old one or the new one; lib/shop/keyring.h uses it.
 */
#ifndef KEYFILE_H
#define KEYFILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

enum { KEY_LEN = 32, KID_MAX = 16, KEYS_MAX = 8, KEYFILE_FAULT = 256 };

struct key_entry {
	char kid[KID_MAX + 1];
	uint8_t bytes[KEY_LEN];
	int64_t made_at;		/* unix seconds; -1 = not known */
};

struct keyfile {
	size_t count;			/* 1 to KEYS_MAX */
	struct key_entry key[KEYS_MAX];	/* newest first */
	struct stat seen;		/* of the file that was read */
};

/* 0, or -1 with a sentence in fault (KEYFILE_FAULT bytes): missing, open to
 * others, not a key file. Overwrite it with explicit_bzero when done. */
int keyfile_read(const char *path, struct keyfile *, char *fault)
    __attribute__((warn_unused_result));

/* A new file with one key; refuses to overwrite. 0 or -1 with fault. */
int keyfile_create(const char *path, char *fault) __attribute__((warn_unused_result));

/* A new key in front, which signs from now on. 0 with its kid (KID_MAX + 1
 * bytes), or -1 with fault: also when there are KEYS_MAX already. */
int keyfile_rotate(const char *path, char *kid, char *fault) __attribute__((warn_unused_result));

/* When a key of the list stopped signing: when the next one was made. -1 = it
 * signs still, or that is not known. */
int64_t keyfile_replaced_at(const struct keyfile *, size_t place);

/* Forget keys that stopped signing before that moment. How many, or -1 with fault. */
int keyfile_drop(const char *path, int64_t before, char *fault)
    __attribute__((warn_unused_result));

#endif
