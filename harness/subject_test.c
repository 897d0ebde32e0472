/* What is judged is what was asked for, or nothing. */
#include <check.h>

#include "subject.h"
#include "suite_test.h"

static struct subject_spec spec;
static char err[200];

static struct subject *open_subject(const char *text)
{
	ck_assert_msg(subject_parse(&spec, text, err, sizeof(err)), "%s", err);
	err[0] = '\0';
	return subject_open(&spec, &linux_facts, REAL_SOLO, ABI_RAW, err, sizeof(err));
}

/* There is no box here, without which nothing is done on the kernel. */
START_TEST(no_model_takes_the_place_of_a_kernel)
{
	ck_assert_ptr_null(open_subject("kernel"));
	ck_assert_str_eq(err, "a run is for processes in a box only");
	ck_assert_ptr_null(open_subject("kernel:msgget=ENOMEM"));
}
END_TEST

START_TEST(a_model_is_one_where_it_was_asked_for)
{
	struct subject *s = open_subject("model");

	ck_assert_ptr_nonnull(s);
	ck_assert_int_eq(subject_close(s), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("subject");
	TCase *tc = tcase_create("subject");

	tcase_add_test(tc, no_model_takes_the_place_of_a_kernel);
	tcase_add_test(tc, a_model_is_one_where_it_was_asked_for);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
