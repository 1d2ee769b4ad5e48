/*
 * mapping.c - see mapping.h
 *
 * Whoever opens holds the file's lock until it is ready, so that two who start
 * at once agree on one file. All of it is asked of the disk at once: later, a
 * full disk would be a crash.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/lock.h"
#include "lib/base/mapping.h"

enum { OPEN_WAIT_MS = 5000 };

struct wanted {
	const char *path;
	uint64_t magic;
	size_t size;
	int (*fill)(void *map);
};

static int
is_ready(int fd, const struct wanted *w)
{
	uint64_t magic;
	struct stat sb;

	return fstat(fd, &sb) == 0 && sb.st_size == (off_t)w->size &&
	    pread(fd, &magic, sizeof magic, 0) == sizeof magic && magic == w->magic;
}

static void *
map(int fd, size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* The number comes last: until it stands there, the file is nobody's. */
static int
make_ready(int fd, const struct wanted *w)
{
	int rc = posix_fallocate(fd, 0, (off_t)w->size);
	void *p;

	if (rc != 0) {
		errno = rc;
		return -1;
	}
	if ((p = map(fd, w->size)) == NULL)
		return -1;
	if ((rc = w->fill(p)) == 0)
		memcpy(p, &w->magic, sizeof w->magic);
	mapping_close(p, w->size);
	return rc;
}

/*
 * 1 the file can be used, 0 look again, -1 with errno. Called with the file
 * locked. What is not ours is never cut (others may have it mapped) but
 * removed, and a new one takes its name.
 */
static int
settle(int fd, const struct wanted *w)
{
	struct stat sb;

	if (fstat(fd, &sb) == -1)
		return -1;
	if (sb.st_nlink == 0)
		return 0;
	if (is_ready(fd, w))
		return 1;
	if (sb.st_size == 0 && make_ready(fd, w) == 0)
		return 1;
	if (unlink(w->path) == -1 || sb.st_size == 0)
		return -1;
	return 0;
}

static int
open_file(const struct wanted *w)
{
	int fd, rc, why;

	do {
		fd = open(w->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd == -1)
			return -1;
		rc = lock_wait(fd, OPEN_WAIT_MS) == -1 ? -1 : settle(fd, w);
		if (rc == 1)
			return fd;
		why = errno;
		close(fd);
		errno = why;
	} while (rc == 0);
	return -1;
}

void *
mapping_open(const char *path, uint64_t magic, size_t size, int (*fill)(void *))
{
	const struct wanted w = { path, magic, size, fill };
	int fd = open_file(&w), why;
	void *p;

	if (fd == -1)
		return NULL;
	p = map(fd, size);
	why = errno;
	flock(fd, LOCK_UN);	/* the mapping keeps the file open */
	close(fd);
	errno = why;
	return p;
}

void
mapping_close(void *p, size_t size)
{
	if (p != NULL)
		munmap(p, size);
}
