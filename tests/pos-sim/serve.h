/* serve.h - `pos-sim serve`: the FastCGI responder behind nginx */
#ifndef POS_SIM_SERVE_H
#define POS_SIM_SERVE_H

#include "tests/pos-sim/web.h"

enum { WORKERS_LEAST = 8, WORKERS_MOST = 256 };

/*
 * Serves until SIGTERM or SIGINT; returns an exit code. listen_on is
 * unix:PATH or HOST:PORT, NULL for a listening socket on fd 0.
 */
int serve(const struct till *, const char *listen_on, int workers);

#endif
