/* Profiles: records of named switches, and how they are changed. */
#include <stdio.h>

#include "test.h"

static char why[300];

static bool change(struct profile *p, const char *text_)
{
	why[0] = '\0';
	return profile_change(p, text_, why, sizeof(why));
}

static bool same_switches(const struct profile *a, const struct profile *b)
{
	return memcmp(a->sw, b->sw, sizeof(a->sw)) == 0;
}

/* "name=choice" */
static const char *setting(int sw, int choice)
{
	static char buf[100];
	int len = snprintf(buf, sizeof(buf), "%s=%s", switchinfo[sw].name, switchinfo[sw].choices[choice]);

	ck_assert_int_lt(len, (int)sizeof(buf));
	return buf;
}

static int choices_of(int sw)
{
	int n = 0;

	while (switchinfo[sw].choices[n])
		n++;
	return n;
}

/* ---- what there is ------------------------------------------------------------------------------ */

START_TEST(linux_and_posix_are_found_by_name)
{
	ck_assert_ptr_eq(profile_find("linux"), &profile_linux);
	ck_assert_ptr_eq(profile_find("posix"), &profile_posix);
	ck_assert_ptr_null(profile_find("Linux"));
	ck_assert_ptr_null(profile_find("lin"));
	ck_assert_ptr_null(profile_find(""));
}
END_TEST

START_TEST(linux_orders_its_errors_and_posix_does_not)
{
	ck_assert(profile_linux.ordered);
	ck_assert(!profile_posix.ordered);
	ck_assert_ptr_null(profile_linux.without);
	ck_assert_ptr_null(profile_posix.without);
}
END_TEST

START_TEST(every_switch_is_described_and_set_in_both_profiles)
{
	for (int i = 0; i < NSWITCHES; i++) {
		const struct switchinfo *s = &switchinfo[i];

		ck_assert_int_ge(choices_of(i), 2);
		ck_assert_int_lt(s->linux_value, choices_of(i));
		ck_assert_int_lt(s->posix_value, choices_of(i));
		ck_assert_int_eq(profile_linux.sw[i], s->linux_value);
		ck_assert_int_eq(profile_posix.sw[i], s->posix_value);
		ck_assert_msg(s->text[strlen(s->text) - 1] == '.', "%s", s->name);
		ck_assert_msg(strlen(s->source) > 0, "%s", s->name);
		ck_assert_msg(!strpbrk(s->name, "= /:"), "%s", s->name);
	}
}
END_TEST

START_TEST(no_two_switches_and_no_two_choices_have_one_name)
{
	for (int i = 0; i < NSWITCHES; i++) {
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(switchinfo[i].name, switchinfo[j].name);
		for (int a = 0; switchinfo[i].choices[a]; a++)
			for (int b = 0; b < a; b++)
				ck_assert_str_ne(switchinfo[i].choices[a], switchinfo[i].choices[b]);
		ck_assert_str_ne(switchinfo[i].name, "without");
	}
}
END_TEST

/* ---- changing a switch --------------------------------------------------------------------------- */

START_TEST(every_choice_of_every_switch_can_be_set_and_touches_no_other)
{
	for (int i = 0; i < NSWITCHES; i++)
		for (int c = 0; c < choices_of(i); c++) {
			struct profile p = profile_linux, expected = profile_linux;

			expected.sw[i] = (uint8_t)c;
			ck_assert_msg(change(&p, setting(i, c)), "%s", why);
			ck_assert(same_switches(&p, &expected));
			ck_assert_ptr_null(p.without);
		}
}
END_TEST

START_TEST(changes_add_up)
{
	struct profile p = profile_linux;

	ck_assert(change(&p, "exec-bit=off"));
	ck_assert(change(&p, "creator-class=off"));
	ck_assert(change(&p, "without=MSGSND-ERR-EACCES"));
	ck_assert_int_eq(p.sw[SW_exec_bit], 0);
	ck_assert_int_eq(p.sw[SW_creator_class], 0);
	ck_assert_str_eq(p.without, "MSGSND-ERR-EACCES");
}
END_TEST

/* ---- leaving out a rule ---------------------------------------------------------------------------- */

START_TEST(every_rule_can_be_left_out_everywhere_or_in_one_operation)
{
	const char *id, *strength;
	int errno_of_rule;

	for (enum opcode code = 0; code < NOPS; code++)
		for (int i = 0; model_rule(code, i, &id, &errno_of_rule, &strength); i++) {
			struct profile p = profile_linux;
			char text_[200];

			snprintf(text_, sizeof(text_), "without=%s", id);
			ck_assert_msg(change(&p, text_), "%s", why);
			ck_assert_str_eq(p.without, id);
			snprintf(text_, sizeof(text_), "without=%s/%s", opinfo[code].name, id);
			ck_assert_msg(change(&p, text_), "%s", why);
			ck_assert_str_eq(p.without, text_ + 8);
			ck_assert(same_switches(&p, &profile_linux));
		}
}
END_TEST

START_TEST(a_rule_left_out_is_not_judged)
{
	struct profile p = profile_linux;
	int64_t q = value(op(msgget, A, .flg = 0));

	profile = &p;
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, C, .id = q)), EACCES);
	p.without = "MSGCTL-ERR-EACCES";
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, C, .id = q)), 0);
	ck_assert_int_eq(err(op(msgctl_MSG_STAT, C, .id = q)), 0);
	p.without = "msgctl_MSG_STAT/MSGCTL-ERR-EACCES";
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, C, .id = q)), EACCES);
	ck_assert_int_eq(err(op(msgctl_MSG_STAT, C, .id = q)), 0);
	p.without = "msgctl_MSG_STAT_ANY/MSGCTL-ERR-EACCES";
	ck_assert_int_eq(err(op(msgctl_MSG_STAT, C, .id = q)), EACCES);
}
END_TEST

START_TEST(the_next_broken_rule_decides_instead)
{
	const struct op call = with(text(0, ""), msgsnd, A, .id = -1);
	struct profile p = profile_linux;

	ck_assert_str_eq(model_decider(w, &call, &p), "LINUX-ID-NEG-1");
	p.without = "LINUX-ID-NEG-1";
	ck_assert_str_eq(model_decider(w, &call, &p), "MSGSND-ERR-EINVAL-2");
}
END_TEST

/* ---- another order -------------------------------------------------------------------------------- */

START_TEST(of_two_broken_rules_the_second_can_be_told_to_decide)
{
	const struct op call = with(text(0, ""), msgsnd, A, .id = 77);
	const struct op negative = with(text(0, ""), msgsnd, A, .id = -1);
	struct profile p = profile_linux;

	profile = &p;
	ck_assert_str_eq(model_decider(w, &call, &p), "MSGSND-ERR-EINVAL-2");
	ck_assert_msg(change(&p, "order=MSGSND-ERR-EINVAL-2,MSGSND-ERR-EINVAL-1"), "%s", why);
	ck_assert(same_switches(&p, &profile_linux));
	ck_assert_str_eq(model_decider(w, &call, &p), "MSGSND-ERR-EINVAL-1");
	/* a third that comes before both is not touched */
	ck_assert_str_eq(model_decider(w, &negative, &p), "LINUX-ID-NEG-1");
	ck_assert_msg(change(&p, "order=msgsnd/LINUX-ID-NEG-1,MSGSND-ERR-EINVAL-1"), "%s", why);
	ck_assert_str_eq(model_decider(w, &negative, &p), "MSGSND-ERR-EINVAL-1");
	ck_assert_str_eq(model_decider(w, &call, &p), "MSGSND-ERR-EINVAL-2");
}
END_TEST

START_TEST(an_order_is_about_its_operation_and_about_what_is_broken)
{
	int64_t s = value(op(semget, A, .nsems = 1, .flg = 0));
	const struct op get = op(semctl_GETVAL, C, .id = s, .num = 0);
	struct profile p = profile_linux;

	profile = &p;
	ck_assert_msg(change(&p, "order=semctl_GETVAL/SEMCTL-ERR-EACCES,SEMCTL-ERR-EINVAL"), "%s", why);
	ck_assert_int_eq(err(get), EACCES);
	ck_assert_int_eq(err(op(semctl_GETVAL, C, .id = s, .num = 1)), EINVAL);
	ck_assert_int_eq(err(op(semctl_GETPID, C, .id = s, .num = 1)), EACCES);
}
END_TEST

/* ---- what is refused ------------------------------------------------------------------------------ */

static const struct { const char *text, *words; } refused[] = {
	{ "", "found '', expected SWITCH=VALUE, without=RULE-ID or order=" },
	{ "exec-bit", "found 'exec-bit', expected SWITCH=VALUE, without=RULE-ID or order=" },
	{ "without", "found 'without', expected SWITCH=VALUE, without=RULE-ID or order=" },
	{ "=", "found '=', expected a switch, 'without' or 'order'" },
	{ "=on", "found '=on', expected a switch, 'without' or 'order'" },
	{ "exec=on", "found 'exec=on', expected a switch, 'without' or 'order'" },
	{ "exec-bits=on", "found 'exec-bits=on', expected a switch, 'without' or 'order'" },
	{ "Exec-bit=on", "found 'Exec-bit=on', expected a switch, 'without' or 'order'" },
	{ " exec-bit=on", "found ' exec-bit=on', expected a switch, 'without' or 'order'" },
	{ "withouts=MSGSND-ERR-EACCES", "expected a switch, 'without' or 'order'" },
	{ "exec-bit=", "found value '', expected a choice of that switch" },
	{ "exec-bit=o", "found value 'o', expected a choice of that switch" },
	{ "exec-bit=on ", "found value 'on ', expected a choice of that switch" },
	{ "exec-bit=1", "found value '1', expected a choice of that switch" },
	{ "exec-bit=on=on", "found value 'on=on', expected a choice of that switch" },
	{ "without=", "found '', expected the id of a rule" },
	{ "without=/", "found '/', expected the id of a rule" },
	{ "without=NO-SUCH-RULE", "found 'NO-SUCH-RULE', expected the id of a rule" },
	{ "without=MSGSND-ERR-EACCE", "expected the id of a rule" },
	{ "without=MSGSND-ERR-EACCES2", "expected the id of a rule" },
	{ "without=msgsnd/", "found 'msgsnd/', expected the id of a rule" },
	{ "without=msgrcv/MSGSND-ERR-EACCES", "expected the id of a rule" },
	{ "without=msg/MSGSND-ERR-EACCES", "expected the id of a rule" },
	{ "without=msgsnd/msgsnd/MSGSND-ERR-EACCES", "expected the id of a rule" },
	{ "without=MSGSND-ERR-EACCES,MSGSND-ERR-EAGAIN", "expected the id of a rule" },
	{ "order=", "found '', expected two rules of an operation in their order, ID,ID" },
	{ "order=MSGSND-ERR-EACCES", "expected two rules of an operation" },
	{ "order=MSGSND-ERR-EACCES,", "expected two rules of an operation" },
	{ "order=,MSGSND-ERR-EACCES", "expected two rules of an operation" },
	{ "order=MSGSND-ERR-EAGAIN,MSGSND-ERR-EACCES", "expected two rules of an operation" },
	{ "order=MSGSND-ERR-EACCES,MSGSND-ERR-EACCES", "expected two rules of an operation" },
	{ "order=MSGSND-ERR-EACCES,MSGRCV-ERR-E2BIG", "expected two rules of an operation" },
	{ "order=msgrcv/MSGSND-ERR-EACCES,MSGSND-ERR-EAGAIN", "expected two rules of an operation" },
};
enum { NREFUSED = sizeof(refused) / sizeof(*refused) };

START_TEST(what_cannot_be_changed_is_refused_and_nothing_changes)
{
	struct profile p = profile_linux;

	p.without = "MSGSND-ERR-EACCES";
	ck_assert(!change(&p, refused[_i].text));
	ck_assert_msg(strstr(why, refused[_i].words) != NULL, "'%s' is not in '%s'", refused[_i].words, why);
	ck_assert(same_switches(&p, &profile_linux));
	ck_assert_str_eq(p.without, "MSGSND-ERR-EACCES");
}
END_TEST

START_TEST(a_complaint_is_cut_where_its_buffer_ends)
{
	struct profile p = profile_linux;
	char small[12] = "unchanged..", long_text[5000];

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	ck_assert(!profile_change(&p, long_text, small, 8));
	ck_assert_str_eq(small, "found '");
	ck_assert_str_eq(small + 8, "d..");
	ck_assert(!change(&p, long_text));
	ck_assert_uint_eq(strlen(why), sizeof(why) - 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("profile");
	TCase *tc = tests_of(s, "tables");

	tcase_add_test(tc, linux_and_posix_are_found_by_name);
	tcase_add_test(tc, linux_orders_its_errors_and_posix_does_not);
	tcase_add_test(tc, every_switch_is_described_and_set_in_both_profiles);
	tcase_add_test(tc, no_two_switches_and_no_two_choices_have_one_name);
	tc = tests_of(s, "switches");
	tcase_add_test(tc, every_choice_of_every_switch_can_be_set_and_touches_no_other);
	tcase_add_test(tc, changes_add_up);
	tc = tests_of(s, "without");
	tcase_add_test(tc, every_rule_can_be_left_out_everywhere_or_in_one_operation);
	tcase_add_test(tc, a_rule_left_out_is_not_judged);
	tcase_add_test(tc, the_next_broken_rule_decides_instead);
	tc = tests_of(s, "order");
	tcase_add_test(tc, of_two_broken_rules_the_second_can_be_told_to_decide);
	tcase_add_test(tc, an_order_is_about_its_operation_and_about_what_is_broken);
	tc = tests_of(s, "refused");
	tcase_add_loop_test(tc, what_cannot_be_changed_is_refused_and_nothing_changes, 0, NREFUSED);
	tcase_add_test(tc, a_complaint_is_cut_where_its_buffer_ends);
	return run_suite(s);
}
