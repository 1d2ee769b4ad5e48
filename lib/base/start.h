/*
 * start.h - the first steps of a program that serves a socket for good
 */
#ifndef START_H
#define START_H

/*
 * A start that cannot succeed: logged, and ended with 78 (EX_CONFIG) after a
 * second, so that whoever starts the program again does not spin.
 */
_Noreturn void start_error(const char *fault);

/* 1 when fd is a socket that listens, 0 when it is anything else. */
int start_is_listening(int fd);

#endif
