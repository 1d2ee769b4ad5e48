/* app.h - what a worker opens at its start and holds to its end */
#ifndef APP_H
#define APP_H

#include "app/request.h"

enum { APP_FAULT = 1024 };

/*
 * Open what conf and pool of a zeroed app name: database, keys, limits, webhook.
 * 0, or -1 with a sentence in fault (APP_FAULT bytes).
 */
int app_open(struct app *, char *fault) __attribute__((warn_unused_result));
void app_close(struct app *);

#endif
