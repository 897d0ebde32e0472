#include <check.h>
#include <stdio.h>
#include <string.h>

#include "guest.h"
#include "suite_test.h"
#include "text.h"

/* The words, with a bar between them. */
static const char *words_of(const char *cmdline)
{
	static char copy[800], all[800];
	struct text t = { all, sizeof(all), 0 };
	char *words[GUEST_WORDS];
	int n;

	snprintf(copy, sizeof(copy), "%s", cmdline);
	n = guest_words(copy, words);
	ck_assert_ptr_null(words[n]);
	for (int i = 0; i < n; i++)
		text_add(&t, "%s%s", i ? "|" : "", words[i]);
	return all;
}

START_TEST(with_nothing_asked_for_every_case_is_run)
{
	ck_assert_str_eq(words_of(""), "sysvet|run|--console");
	ck_assert_str_eq(words_of("console=ttyS0 quiet panic=-1 rdinit=/init\n"), "sysvet|run|--console");
}
END_TEST

START_TEST(a_value_asks_for_what_it_says)
{
	ck_assert_str_eq(words_of("quiet sysvet.args=--strict panic=-1"), "sysvet|run|--console|--strict");
	ck_assert_str_eq(words_of("\"sysvet.args=--jobs 1\""), "sysvet|run|--console|--jobs|1");
}
END_TEST

START_TEST(blanks_stand_between_quotes)
{
	ck_assert_str_eq(words_of("sysvet.args=\"--filter perm/* --jobs 1\" quiet\n"),
			 "sysvet|run|--console|--filter|perm/*|--jobs|1");
}
END_TEST

START_TEST(all_behind_two_dashes_is_asked_for)
{
	ck_assert_str_eq(words_of("quiet -- --filter 'a b' cases/sem\n"),
			 "sysvet|run|--console|--filter|'a|b'|cases/sem");
	ck_assert_str_eq(words_of("sysvet.args=--strict -- --quiet \"--filter=a b\""),
			 "sysvet|run|--console|--quiet|--filter=a b");
}
END_TEST

START_TEST(any_byte_can_be_written_in_hexadecimal)
{
	ck_assert_str_eq(words_of("sysvet.args=\"--filter a[m=1:%22x%22,n=100%25] b%20c\""),
			 "sysvet|run|--console|--filter|a[m=1:\"x\",n=100%]|b c");
	ck_assert_str_eq(words_of("-- %2a%2A%41 100% %4 %g1 %1g"),
			 "sysvet|run|--console|**A|100%|%4|%g1|%1g");
}
END_TEST

START_TEST(a_command_takes_the_place_of_the_run)
{
	ck_assert_str_eq(words_of("quiet -- matrix --console\n"), "sysvet|matrix|--console");
	ck_assert_str_eq(words_of("-- cases/sem"), "sysvet|run|--console|cases/sem");
}
END_TEST

START_TEST(more_words_than_there_is_room_for_are_left_out)
{
	char line[800] = "";
	struct text t = { line, sizeof(line), 0 };

	text_add(&t, "--");
	for (int i = 0; i < 2 * GUEST_WORDS; i++)
		text_add(&t, " -x");
	ck_assert_uint_eq(strlen(words_of(line)), strlen("sysvet|run|--console") + 3 * (GUEST_WORDS - 4));
}
END_TEST

START_TEST(a_process_that_is_not_the_first_is_no_guest)
{
	ck_assert(!guest_begins("/init"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("guest");
	TCase *t = tcase_create("guest");

	tcase_add_test(t, with_nothing_asked_for_every_case_is_run);
	tcase_add_test(t, a_value_asks_for_what_it_says);
	tcase_add_test(t, blanks_stand_between_quotes);
	tcase_add_test(t, all_behind_two_dashes_is_asked_for);
	tcase_add_test(t, any_byte_can_be_written_in_hexadecimal);
	tcase_add_test(t, a_command_takes_the_place_of_the_run);
	tcase_add_test(t, more_words_than_there_is_room_for_are_left_out);
	tcase_add_test(t, a_process_that_is_not_the_first_is_no_guest);
	suite_add_tcase(s, t);
	return run_suite(s);
}
