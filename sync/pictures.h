/* pictures.h - the hosts of the till's pictures, looked up and judged */
#ifndef SYNC_PICTURES_H
#define SYNC_PICTURES_H

#include "sync/job.h"

/*
 * Look up every host that a dish's picture lies on, and write down an address
 * that nginx may ask (lib/shop/picture.h). What cannot be found keeps the
 * address it had. Outside of any transaction. 0 or a db_status.
 */
int pictures_look_up(struct job *) __attribute__((warn_unused_result));

#endif
