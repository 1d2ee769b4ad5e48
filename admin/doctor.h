/* doctor.h - what the checks of pos-admin doctor share */
#ifndef DOCTOR_H
#define DOCTOR_H

#include "admin/command.h"

enum finding { SOUND, WARN, BAD, FINDINGS };

struct doctor {
	struct admin *admin;
	struct db *db;		/* from check_database on */
	int offline, colour;
	int stop;		/* nothing behind this can be checked */
	int count[FINDINGS];
};

/* One finding; the cure stands below it unless it is SOUND. */
void say(struct doctor *, enum finding, const char *cure, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* doctor_shop.c */
void doctor_branches(struct doctor *);
void doctor_catalog(struct doctor *);
void doctor_mail(struct doctor *);
void doctor_outbox(struct doctor *);
void doctor_clients(struct doctor *);
void doctor_till(struct doctor *);
void doctor_webhook(struct doctor *);

#endif
