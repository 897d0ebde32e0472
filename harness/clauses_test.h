/* For tests that read cases: the clauses that these may cite. */
#ifndef CLAUSES_TEST_H
#define CLAUSES_TEST_H

#include <check.h>

#include "requirements.h"

static struct requirements reqs;
static char err[1024];

/* Before and after each test. */
static void load_requirements(void)
{
	ck_assert_msg(requirements_load(&reqs, "cases/requirements.tsv", err, sizeof(err)), "%s", err);
}

static void free_requirements(void)
{
	requirements_free(&reqs);
}

#endif
