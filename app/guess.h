/*
 * guess.h - guesses at a password are slowed, its owner is not locked out
 *
 * Whoever logs in from a browser or a network that this account has used
 * before (OWASP: device cookies) has a bucket of his own. All strangers to it
 * share one, whatever their address, and wait longer the more they have tried.
 * Nobody waits inside: a refusal says when to come again. An address that has
 * no account is a stranger like any other, and nothing is written for it.
 */
#ifndef GUESS_H
#define GUESS_H

#include "app/request.h"

struct guess {
	const char *email;
	int64_t user_id;	/* 0: there is no such account */
	int is_stranger;	/* filled by guess_admit() */
};

/* Before the password is looked at. OK, or TOO_MANY_REQUESTS with Retry-After. */
enum problem guess_admit(struct request *, struct guess *) __attribute__((warn_unused_result));
/* It was right: it does not count, and this browser is known from now on. */
void guess_right(struct request *, const struct guess *);
/* This browser has proved to be the account's. */
void guess_know_device(struct request *, const char *email);

enum { PLACE_LEN = 32 };
/* Of the network that asks, under the newest key; 0, or -1 when it is not told. */
int guess_place(struct request *, uint8_t place[PLACE_LEN]);

#endif
