/*
 * keyfile.c - the file that the shop's signing keys lie in; see keyfile.h
 *
 * Who changes it holds a lock on its folder, writes a file beside it, syncs it,
 * and gives it the name.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/crypt.h"
#include "lib/shop/keyfile.h"

enum {
	FILE_MAX = 4096, KEY_TEXT = 44, LINE_MAX_BYTES = KID_MAX + KEY_TEXT + CLOCK_TEXT + 4,
	PATH_BYTES = 4096
};

static int
refuse(char *fault, const char *path, const char *why)
{
	snprintf(fault, KEYFILE_FAULT, "%.160s: %s", path, why);
	return -1;
}

/* ---- reading */

/* One line; 0 or -1. */
static int
parse_line(char *line, struct key_entry *k)
{
	size_t kid = strspn(line, "abcdefghijklmnopqrstuvwxyz0123456789"), n;
	char *text = line + kid + 1;

	if (kid == 0 || kid > KID_MAX || line[kid] != ' ')
		return -1;
	memcpy(k->kid, line, kid);
	k->kid[kid] = '\0';
	n = strcspn(text, " ");
	k->made_at = text[n] == '\0' ? -1 : clock_parse_rfc3339(text + n + 1);
	if (text[n] != '\0' && k->made_at == -1)
		return -1;
	return crypt_unbase64url(text, n, k->bytes, KEY_LEN) == KEY_LEN ? 0 : -1;
}

static int
parse(char *text, struct keyfile *f)
{
	char *save = NULL;

	f->count = 0;
	for (char *line = strtok_r(text, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save)) {
		if (*line == '#')
			continue;
		if (f->count == KEYS_MAX || parse_line(line, &f->key[f->count]) == -1)
			return -1;
		f->count++;
	}
	return f->count == 0 ? -1 : 0;
}

/* Reads the file into text (FILE_MAX + 1 bytes). NULL or what is wrong. */
static const char *
read_text(const char *path, char *text, struct stat *st)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *wrong = NULL;
	ssize_t n = 0;

	if (fd == -1)
		return strerror(errno);
	if (fstat(fd, st) == -1)
		wrong = strerror(errno);
	else if ((st->st_mode & 077) != 0)
		wrong = "others may read it: chmod 0600";
	else if ((n = read(fd, text, FILE_MAX)) == -1)
		wrong = strerror(errno);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return wrong;
}

int
keyfile_read(const char *path, struct keyfile *f, char *fault)
{
	char text[FILE_MAX + 1];
	const char *wrong;

	memset(f, 0, sizeof *f);
	if ((wrong = read_text(path, text, &f->seen)) == NULL && parse(text, f) == -1)
		wrong = "not a key file: lines \"KID KEY\" are expected";
	explicit_bzero(text, sizeof text);
	return wrong == NULL ? 0 : refuse(fault, path, wrong);
}

int64_t
keyfile_replaced_at(const struct keyfile *f, size_t place)
{
	return place == 0 ? -1 : f->key[place - 1].made_at;
}

/* ---- writing */

static void
new_key(struct key_entry *k, const char *kid)
{
	snprintf(k->kid, sizeof k->kid, "%s", kid);
	crypt_random(k->bytes, sizeof k->bytes);
	k->made_at = clock_now();
}

/* All lines to the open file and to the disk. 0 or -1 with errno. */
static int
put_keys(int fd, const struct keyfile *f)
{
	char line[LINE_MAX_BYTES], key[KEY_TEXT], when[CLOCK_TEXT];
	int n, ok = 1;

	for (size_t i = 0; i < f->count && ok; i++) {
		crypt_base64url(f->key[i].bytes, KEY_LEN, key, sizeof key);
		if (f->key[i].made_at == -1)
			*when = '\0';
		else
			clock_rfc3339(f->key[i].made_at, when);
		n = snprintf(line, sizeof line, "%s %s%s%s\n", f->key[i].kid, key,
		    *when == '\0' ? "" : " ", when);
		ok = write(fd, line, (size_t)n) == n;
	}
	explicit_bzero(line, sizeof line);
	explicit_bzero(key, sizeof key);
	return ok && fsync(fd) == 0 ? 0 : -1;
}

int
keyfile_create(const char *path, char *fault)
{
	struct keyfile f = { .count = 1 };
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), rc;

	if (fd == -1)
		return refuse(fault, path, strerror(errno));
	new_key(&f.key[0], "k1");
	rc = put_keys(fd, &f);
	if (rc == -1)
		refuse(fault, path, strerror(errno));
	close(fd);
	explicit_bzero(&f, sizeof f);
	return rc;
}

/* The folder, locked: one change at a time; another one takes milliseconds. -1 with
 * errno. */
static int
lock_folder(const char *path)
{
	char folder[PATH_BYTES];
	char *slash;
	int fd, why;

	snprintf(folder, sizeof folder, "%s", path);
	slash = strrchr(folder, '/');
	if (slash == NULL)
		snprintf(folder, sizeof folder, ".");
	else
		slash[slash == folder] = '\0';
	if ((fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return -1;
	if (flock(fd, LOCK_EX) == 0)
		return fd;
	why = errno;
	close(fd);
	errno = why;
	return -1;
}

/* Puts the list in place of the file. 0 or -1 with errno. */
static int
replace(const char *path, int folder, const struct keyfile *f)
{
	char beside[PATH_BYTES];
	int fd, rc;

	if (snprintf(beside, sizeof beside, "%s.new", path) >= (int)sizeof beside) {
		errno = ENAMETOOLONG;
		return -1;
	}
	/* one that was left behind by a crash is of no use to anybody */
	if (unlink(beside) == -1 && errno != ENOENT)
		return -1;
	if ((fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) == -1)
		return -1;
	rc = put_keys(fd, f);
	close(fd);
	if (rc == 0 && rename(beside, path) == 0)
		return fsync(folder);
	unlink(beside);
	return -1;
}

/* The highest number of kids like "k7", and one more. */
static void
next_kid(const struct keyfile *f, char *kid)
{
	long most = 0, n;

	for (size_t i = 0; i < f->count; i++)
		if (f->key[i].kid[0] == 'k' && (n = strtol(f->key[i].kid + 1, NULL, 10)) > most &&
		    n < INT32_MAX)
			most = n;
	snprintf(kid, KID_MAX + 1, "k%ld", most + 1);
}

/* 0, or -1 with fault. */
static int
rotate(struct keyfile *f, const char *path, char *kid, char *fault)
{
	if (f->count == KEYS_MAX)
		return refuse(fault, path, "it is full: drop old keys first");
	next_kid(f, kid);
	memmove(&f->key[1], &f->key[0], f->count * sizeof f->key[0]);
	f->count++;
	new_key(&f->key[0], kid);
	return 0;
}

int
keyfile_rotate(const char *path, char *kid, char *fault)
{
	int folder = lock_folder(path), rc;
	struct keyfile f;

	if (folder == -1)
		return refuse(fault, path, strerror(errno));
	if ((rc = keyfile_read(path, &f, fault)) == 0 &&
	    (rc = rotate(&f, path, kid, fault)) == 0 && (rc = replace(path, folder, &f)) == -1)
		refuse(fault, path, strerror(errno));
	explicit_bzero(&f, sizeof f);
	close(folder);
	return rc;
}

/* Keys that stopped signing stand behind those that have not. */
static int
forget(struct keyfile *f, int64_t before)
{
	size_t all = f->count;
	int64_t at;

	while (f->count > 1 && (at = keyfile_replaced_at(f, f->count - 1)) != -1 && at < before)
		f->count--;
	return (int)(all - f->count);
}

int
keyfile_drop(const char *path, int64_t before, char *fault)
{
	int folder = lock_folder(path), gone = -1;
	struct keyfile f;

	if (folder == -1)
		return refuse(fault, path, strerror(errno));
	if (keyfile_read(path, &f, fault) == 0 && (gone = forget(&f, before)) > 0 &&
	    replace(path, folder, &f) == -1)
		gone = refuse(fault, path, strerror(errno));
	explicit_bzero(&f, sizeof f);
	close(folder);
	return gone;
}
