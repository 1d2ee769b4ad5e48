/* refuse.h - how a verb says no to the one who typed it */
#ifndef POS_SIM_REFUSE_H
#define POS_SIM_REFUSE_H

/* "pos-sim: …" on stderr, then exit: for what a person can put right. fatal()
 * (lib/base/log.h) is for a world that is wrong. */
_Noreturn void refuse(int exit_code, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
