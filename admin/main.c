/*
 * main.c - pos-admin, the operator's hand
 *
 * Finds the command by its words, loads the settings, leaves root for the
 * owner of the database, runs it. Everything it can do is in commands.c.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/command.h"
#include "lib/base/log.h"
#include "lib/base/owner.h"
#include "lib/shop/settings.h"

static void
usage(FILE *to)
{
	fputs("usage: pos-admin [--config FILE] COMMAND …\n\n", to);
	for (size_t i = 0; i < command_count; i++)
		fprintf(to, "  pos-admin %s %s\n        %s\n", commands[i].words,
		    commands[i].usage, commands[i].help);
	fputs("\nSettings come from FILE, $TILLBRIDGE_CONF or /etc/tillbridge/tillbridge.conf;\n"
	    "the environment wins. See pos-admin(8) and tillbridge.conf(5).\n", to);
}

/* The row whose words stand first; *used: how many they are. */
static const struct command *
find(int argc, char **argv, int *used)
{
	char two[64];

	for (size_t i = 0; i < command_count; i++) {
		*used = strchr(commands[i].words, ' ') == NULL ? 1 : 2;
		if (argc < *used)
			continue;
		snprintf(two, sizeof two, "%s%s%s", argv[0], *used == 2 ? " " : "",
		    *used == 2 ? argv[1] : "");
		if (strcmp(two, commands[i].words) == 0)
			return &commands[i];
	}
	return NULL;
}

/* Root leaves for the database's owner, or for its folder's before init. */
static int
leave_root(const struct admin *a)
{
	char fault[OWNER_FAULT], folder[4096];
	const char *path = a->conf.database;
	char *slash;

	if (access(path, F_OK) == -1) {
		snprintf(folder, sizeof folder, "%s", path);
		if ((slash = strrchr(folder, '/')) == NULL)
			return EX_OK;
		*slash = '\0';
		if (access(folder, F_OK) == -1)
			return EX_OK;
		path = folder;
	}
	if (owner_become(path, fault) == -1)
		return admin_fail(EX_NOPERM, "%s", fault);
	return EX_OK;
}

int
main(int argc, char **argv)
{
	static struct admin a;
	static char fault[CONF_FAULT];
	const struct command *c;
	const char *file = NULL;
	int used, code;

	log_init("pos-admin", LEVEL_WARN);
	argv++, argc--;
	if (argc >= 2 && strcmp(argv[0], "--config") == 0) {
		file = argv[1];
		argv += 2, argc -= 2;
	}
	if (argc == 0 || strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "help") == 0) {
		usage(argc == 0 ? stderr : stdout);
		return argc == 0 ? EX_USAGE : EX_OK;
	}
	if (strcmp(argv[0], "--version") == 0) {
		puts("pos-admin (tillbridge) " PACKAGE_VERSION);
		return EX_OK;
	}
	if ((c = find(argc, argv, &used)) == NULL)
		return admin_fail(EX_USAGE, "no command \"%s\": pos-admin --help lists them", argv[0]);
	a.argc = argc - used;
	a.argv = argv + used;
	if (settings_load(&a.conf, file, fault) == -1) {
		if (c->run != admin_doctor)
			return admin_fail(EX_CONFIG, "%s", fault);
		a.conf_fault = fault;
	} else if ((code = leave_root(&a)) != EX_OK) {
		return code;
	}
	return c->run(&a);
}
