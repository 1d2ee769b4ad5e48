/* secret.c - a password or token that lies in a file of its own; see secret.h */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/secret.h"

const char *
secret_read(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *why = NULL;
	struct stat st;
	ssize_t n = 0;

	if (fd == -1 || fstat(fd, &st) == -1)
		why = strerror(errno);
	else if ((st.st_mode & 077) != 0)
		why = "others may read it: chmod 0600";
	else if ((n = read(fd, out, size - 1)) <= 0)
		why = n == 0 ? "it is empty" : strerror(errno);
	if (fd != -1)
		close(fd);
	while (n > 0 && (out[n - 1] == '\n' || out[n - 1] == '\r'))
		n--;
	out[n > 0 ? n : 0] = '\0';
	return why;
}
