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
 * it (holder: his pid, 0 unknown), or another errno. A child forked while it
 * is held shares it: the lock is free when both have ended or freed it.
 */
struct lock *lock_take(const char *path, int wait_ms, int *holder);
void lock_free(struct lock *);

/*
 * Ask the holder to yield after its batch; it sees that by lock_wanted(). The
 * ask ends with the next lock_take() of the path, whatever comes of it, and
 * with the process. 0, or -1 with errno.
 */
int lock_ask(const char *path) __attribute__((warn_unused_result));
int lock_wanted(const struct lock *);	/* 1 while somebody alive asks */

/*
 * flock(2) exclusively, but no longer than wait_ms (0 = try once), and in
 * turn: who has just freed it does not pass by one who waits. 0, or -1 with
 * errno, EWOULDBLOCK when the time is over. Signals do not cut it short.
 */
int lock_wait(int fd, int wait_ms) __attribute__((warn_unused_result));

#endif
