/* How the program of every unit test ends. */
#ifndef SUITE_TEST_H
#define SUITE_TEST_H

#include <check.h>
#include <stdlib.h>

/* Runs the suite, which is freed by that. Returns the exit status of main. */
static inline int run_suite(Suite *s)
{
	SRunner *runner = srunner_create(s);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
