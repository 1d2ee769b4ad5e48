/* owner.c - leave root for the owner of the data; see owner.h */
#include <sys/stat.h>

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/owner.h"

int
owner_become(const char *path, char *fault)
{
	struct stat st;

	if (geteuid() != 0)
		return 0;
	if (stat(path, &st) == -1) {
		snprintf(fault, OWNER_FAULT, "%s: %s", path, strerror(errno));
		return -1;
	}
	if (st.st_uid == 0)
		return 0;
	if (setgroups(0, NULL) == 0 && setgid(st.st_gid) == 0 && setuid(st.st_uid) == 0)
		return 0;
	snprintf(fault, OWNER_FAULT, "cannot become user %u, who owns %s: %s",
	    (unsigned)st.st_uid, path, strerror(errno));
	return -1;
}
