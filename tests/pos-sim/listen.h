/* listen.h - the socket on which nginx finds the till */
#ifndef POS_SIM_LISTEN_H
#define POS_SIM_LISTEN_H

/*
 * where is "unix:PATH" (anybody on this machine may connect: it is a test's
 * till) or "HOST:PORT"; NULL takes the listening socket on fd 0. -1 having
 * said why not.
 */
int listen_open(const char *where);
void listen_close(const char *where, int fd);

#endif
