/*
 * lock.h - one holder at a time, by name, freed by the kernel when it dies
 *
 * Files beside the database: "<database>.<name>.lock". Used by the cron
 * programs, one lock per feed, so that a second copy finds out at once, can
 * wait, or can ask the resident copy to make room.
 */
#ifndef LOCK_H
#define LOCK_H

struct lock;

/*
 * wait_ms 0 = try once. NULL with errno EWOULDBLOCK when somebody else holds
 * it (holder: his pid, 0 unknown), or another errno.
 */
struct lock *lock_take(const char *path, int wait_ms, int *holder);
void lock_free(struct lock *);

/* Ask the holder to yield after its batch; it sees that by lock_wanted(). */
int lock_ask(const char *path);
int lock_wanted(const struct lock *);

#endif
