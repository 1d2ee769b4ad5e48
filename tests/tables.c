/*
 * tables.c - the tables of the API as lines, for scripts
 *
 *	tests/tables routes	POST /orders user ,writes,idempotent,body,
 *	tests/tables problems	404 not_found
 */
#include <stdio.h>
#include <string.h>

#include "app/route.h"
#include "lib/shop/problem.h"

static void
print_routes(void)
{
	static const char *const who[] = { [ANYONE] = "anyone", [GUEST] = "guest", [USER] = "user",
		[STAFF] = "staff", [ADMIN] = "admin" };
	static const struct { unsigned flag; const char *word; } flags[] = {
		{ WRITES, "writes," }, { IDEMPOTENT, "idempotent," }, { CACHED, "cached," },
		{ HAS_BODY | RAW_BODY, "body," },
	};

	for (size_t i = 0; i < route_count; i++) {
		printf("%s %s %s ,", routes[i].method, routes[i].pattern, who[routes[i].who]);
		for (size_t f = 0; f < sizeof flags / sizeof *flags; f++)
			if (routes[i].flags & flags[f].flag)
				fputs(flags[f].word, stdout);
		putchar('\n');
	}
}

static void
print_problems(void)
{
	for (int p = OK + 1; p < PROBLEMS; p++)
		printf("%d %s\n", problem_status((enum problem)p), problem_code((enum problem)p));
}

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "routes") == 0) {
		print_routes();
	} else if (argc == 2 && strcmp(argv[1], "problems") == 0) {
		print_problems();
	} else {
		fputs("usage: tables routes|problems\n", stderr);
		return 64;
	}
	return 0;
}
