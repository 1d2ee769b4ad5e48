/*
 * temp.h - a folder of a test's own under $TMPDIR or /tmp
 *
 * temp_make() in the test, temp_remove() at its end: it takes away the folder
 * with all files in it (not folders: tests that make some remove them).
 */
#ifndef TEMP_H
#define TEMP_H

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char temp_folder[PATH_MAX / 2];

static inline void
temp_fail(void)
{
	perror(temp_folder);
	abort();
}

static inline void
temp_make(void)
{
	const char *base = getenv("TMPDIR");

	snprintf(temp_folder, sizeof temp_folder, "%s/tillbridge-test-XXXXXX",
	    base != NULL && base[0] != '\0' ? base : "/tmp");
	if (mkdtemp(temp_folder) == NULL)
		temp_fail();
}

/* One of four names in turn: enough for one call's arguments. */
static inline const char *
temp_path(const char *name)
{
	static char paths[4][PATH_MAX];
	static int turn;
	char *path = paths[turn++ % 4];

	snprintf(path, PATH_MAX, "%s/%s", temp_folder, name);
	return path;
}

static inline void
temp_remove(void)
{
	DIR *d = opendir(temp_folder);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' || e->d_name[1] != '\0')
			unlink(temp_path(e->d_name));
	if (d != NULL)
		closedir(d);
	if (rmdir(temp_folder) == -1)
		temp_fail();
}

#endif
