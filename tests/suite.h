/*
 * suite.h - the main() of every check_*.c: one suite, its tests by name
 *
 *	int
 *	main(void)
 *	{
 *		return SUITE("arena", gives_zeroed_memory, refuses_more);
 *	}
 */
#ifndef SUITE_H
#define SUITE_H

#include <check.h>
#include <stdlib.h>

static inline int
suite_run(const char *name, const TTest **tests, size_t count)
{
	Suite *s = suite_create(name);
	TCase *t = tcase_create(name);
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(t, 60);
	for (size_t i = 0; i < count; i++)
		tcase_add_test(t, tests[i]);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define SUITE(name, ...) \
	suite_run(name, (const TTest *[]){ __VA_ARGS__ }, \
	    sizeof((const TTest *[]){ __VA_ARGS__ }) / sizeof(const TTest *))

#endif
