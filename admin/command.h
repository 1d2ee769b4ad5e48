/*
 * command.h - one row per command of pos-admin
 *
 * A command gets its own words and returns an exit code of sysexits.h. It
 * prints what it did on stdout, what is wrong on stderr.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include "lib/base/db.h"
#include "lib/shop/settings.h"

struct admin {
	struct settings conf;
	const char *conf_fault;	/* doctor runs without; NULL = settings are right */
	int argc;		/* words behind the command */
	char **argv;
};

struct command {
	const char *words;	/* "branch list" */
	const char *usage;	/* what stands behind them */
	const char *help;	/* one line */
	int (*run)(struct admin *);
};

extern const struct command commands[];
extern const size_t command_count;

int admin_init(struct admin *);
int admin_config(struct admin *);
int admin_backup(struct admin *);
int admin_doctor(struct admin *);
int admin_user_add(struct admin *);
int admin_user_list(struct admin *);
int admin_user_show(struct admin *);
int admin_user_role(struct admin *);
int admin_user_block(struct admin *);
int admin_user_unblock(struct admin *);
int admin_user_password(struct admin *);
int admin_branch_list(struct admin *);
int admin_branch_set(struct admin *);
int admin_branch_import(struct admin *);
int admin_keys_list(struct admin *);
int admin_keys_rotate(struct admin *);
int admin_keys_drop_old(struct admin *);
int admin_outbox_list(struct admin *);
int admin_outbox_show(struct admin *);
int admin_outbox_retry(struct admin *);
int admin_outbox_resolve(struct admin *);
int admin_outbox_resume(struct admin *);

/* Say on stderr what is wrong and give back the code. */
int admin_fail(int exit_code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The shop's database; NULL after saying why (exit with EX_CONFIG). */
struct db *admin_open(struct admin *, enum db_mode);

/* The value of --name VALUE among the words, or NULL. */
const char *admin_option(const struct admin *, const char *name);
/* NULL, or the first word that is none of the allowed options ("--a --b"). */
const char *admin_unknown(const struct admin *, int from, const char *allowed);

#endif
