/* Which instances may run where the one before them ran. */
#include <check.h>
#include <string.h>

#include "clauses_test.h"
#include "reuse.h"
#include "suite_test.h"

#define HEAD "claim  A claim.\ncites  XSH-2.7-perm-9\n"
#define ORDINARY HEAD "A  q = msgget(IPC_PRIVATE, 0600)\nA  msgctl_IPC_STAT(q)\n"

struct reading { struct script *sc; struct instance *in; };

static struct reading read_case(const char *text)
{
	struct reading c = { script_read(text, strlen(text), "cases/ids/x.case", "cases", &reqs, err,
					 sizeof(err)), NULL };

	ck_assert_msg(c.sc, "%s", err);
	c.in = script_instance(c.sc, 0);
	ck_assert_ptr_nonnull(c.in);
	return c;
}

static void close_case(struct reading *c)
{
	instance_free(c->in);
	script_free(c->sc);
}

static bool may_run(const char *text)
{
	struct reading c = read_case(text);
	bool may = reuse_allowed(c.sc, c.in);

	close_case(&c);
	return may;
}

/* An instance ran and was judged so. */
static void run_case(const char *text, enum verdict_word verdict)
{
	const struct trial t = { .verdict = verdict };
	struct reading c = read_case(text);

	reuse_began();
	ck_assert(!reuse_allowed(c.sc, c.in));
	reuse_judged(c.in, &t);
	close_case(&c);
}

START_TEST(after_what_was_expected_or_known)
{
	ck_assert(!may_run(ORDINARY));
	run_case(ORDINARY, V_conforms);
	ck_assert(may_run(ORDINARY));
	run_case(ORDINARY, V_known);
	ck_assert(may_run(ORDINARY));
}
END_TEST

START_TEST(after_anything_else_it_may_not)
{
	static const enum verdict_word others[] = {
		V_permitted, V_unsupported, V_deviates, V_unresolved, V_broken,
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		run_case(ORDINARY, V_conforms);
		run_case(ORDINARY, others[i]);
		ck_assert(!may_run(ORDINARY));
	}
}
END_TEST

/* It did not run, and leaves what was there. */
START_TEST(after_one_that_was_skipped_as_before)
{
	const struct trial skipped = { .verdict = V_skipped };
	struct reading c = read_case(ORDINARY);

	run_case(ORDINARY, V_deviates);
	reuse_judged(c.in, &skipped);
	ck_assert(!may_run(ORDINARY));
	run_case(ORDINARY, V_conforms);
	reuse_judged(c.in, &skipped);
	ck_assert(may_run(ORDINARY));
	close_case(&c);
}
END_TEST

START_TEST(not_who_can_tell_by_ids)
{
	run_case(ORDINARY, V_conforms);
	ck_assert(!may_run(HEAD "check  ids\nA  q = msgget(IPC_PRIVATE, 0600)\n"));
	ck_assert(!may_run(HEAD "A  msgctl_IPC_STAT(7)\n"));
	ck_assert(!may_run(HEAD "A  semctl_SEM_INFO()\n"));
	ck_assert(!may_run(HEAD "A  q = shmget(IPC_PRIVATE, 1, 0600)\nA  shmat(q+1)\n"));
	ck_assert(may_run(HEAD "A  q = shmget(7, 1, IPC_CREAT|0600)\nA  shmat(q)\n"));
}
END_TEST

START_TEST(neither_with_limits_nor_after_them)
{
	static const char limits[] = HEAD "*  limit(msgmni, 5)\n";

	run_case(ORDINARY, V_conforms);
	ck_assert(!may_run(limits));
	run_case(limits, V_conforms);
	ck_assert(!may_run(ORDINARY));
}
END_TEST

START_TEST(not_after_a_posix_queue)
{
	static const char queue[] = HEAD "A  mq_open(queue, O_CREAT|O_RDWR, 0600)\n";

	run_case(ORDINARY, V_conforms);
	ck_assert(may_run(queue));
	run_case(queue, V_conforms);
	ck_assert(!may_run(ORDINARY));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("reuse");
	TCase *tc = tcase_create("reuse");

	tcase_add_checked_fixture(tc, load_requirements, free_requirements);
	tcase_add_test(tc, after_what_was_expected_or_known);
	tcase_add_test(tc, after_anything_else_it_may_not);
	tcase_add_test(tc, after_one_that_was_skipped_as_before);
	tcase_add_test(tc, not_who_can_tell_by_ids);
	tcase_add_test(tc, neither_with_limits_nor_after_them);
	tcase_add_test(tc, not_after_a_posix_queue);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
