/* hostile.h - what tests/hostile.c needs: a line to nginx, and an eye on the database */
#ifndef TESTS_HOSTILE_H
#define TESTS_HOSTILE_H

#include <stddef.h>

enum { ANSWER_MAX = 1 << 20 };

struct answer {
	int status, is_head;
	char text[ANSWER_MAX + 1];	/* all of it */
	char head[16384];
	const char *body;		/* in text */
};

void wire_open(int port);
void wire_send(const char *, size_t);
/* The next answer: 1, or 0 when the line was closed instead. */
int wire_receive(struct answer *, int is_head);
void wire_close(void);

void rows_open(const char *database);
/* 1 when some row is not as it was at the last call. */
int rows_changed(void);
const char *rows_where(void);		/* in which table */
const char *rows_ask(const char *query);	/* the first column of the first row */
void rows_close(void);

#endif
