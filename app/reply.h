/*
 * reply.h - the answer as the web server gets it: CGI headers and a body
 */
#ifndef REPLY_H
#define REPLY_H

#include "app/request.h"

/* Put the refusal of r->problem into r->out, and its status into r->status. */
void reply_refuse(struct request *);

/* The header block with its empty line; r->out is what follows it. */
void reply_head(const struct request *, struct buf *head);
/* 1 when a body follows. */
int reply_has_body(const struct request *);

/* What a browser asks before it calls from another origin; also plain OPTIONS. */
void reply_options(struct request *, const char *allow);

#endif
