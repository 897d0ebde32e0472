#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "model.h"
#include "suite_test.h"

static struct translation tr;
static struct differences d;

static void fresh(void)
{
	tr = (struct translation){ .page = 4096 };
	d = (struct differences){ .len = 0 };
	for (int i = 0; i < MAXACTORS; i++)
		tr.pid[i] = 100 + i;
	translation_step(&tr, 1, (struct interval){ 1000, 1000 });
	translation_step(&tr, 2, (struct interval){ 1000, 1001 });
}

static void drop(void)
{
	translation_free(&tr);
}

static bool agree(enum opcode code, struct outcome model, struct outcome subject)
{
	const struct op op = { .code = code };

	return compare_outcome(&tr, &op, &op, &model, &subject, &d);
}

static struct outcome value(int64_t v)
{
	return (struct outcome){ .how = RETURNED, .value = v };
}

START_TEST(errors_agree_when_equal)
{
	const struct outcome eacces = { .how = FAILED, .err = EACCES },
			     eperm = { .how = FAILED, .err = EPERM };

	ck_assert(agree(OP_msgsnd, eacces, eacces));
	ck_assert(!agree(OP_msgsnd, eacces, eperm));
	ck_assert(!agree(OP_msgsnd, eacces, value(0)));
	ck_assert(!agree(OP_msgsnd, value(0), eacces));
}
END_TEST

START_TEST(an_id_agrees_by_what_it_names)
{
	ck_assert(agree(OP_msgget, value(0), value(65536)));
	ck_assert(agree(OP_msgget, value(0), value(65536)));
	ck_assert_msg(!agree(OP_msgget, value(0), value(7)), "another id for a known object");
	ck_assert_msg(!agree(OP_msgget, value(1), value(65536)), "the id of a known object for a new one");
	ck_assert_msg(agree(OP_semget, value(1), value(65536)), "families have ids of their own");
	ck_assert_msg(!agree(OP_msgget, value(5), value(-3)), "negative");
}
END_TEST

START_TEST(exact_ids_must_be_equal)
{
	tr.exact_ids = true;
	ck_assert(agree(OP_msgget, value(3), value(3)));
	ck_assert(!agree(OP_msgget, value(4), value(5)));
}
END_TEST

START_TEST(what_the_standard_leaves_open_agrees_with_anything)
{
	ck_assert(agree(OP_header, value(0), value(8)));
	ck_assert(agree(OP_header, value(2), value(2)));
	ck_assert(!agree(OP_header, value(2), value(8)));
	tr.exact = true;
	ck_assert(!agree(OP_header, value(0), value(8)));
}
END_TEST

START_TEST(a_process_agrees_by_actor)
{
	ck_assert(agree(OP_semctl_GETPID, value(2), value(101)));
	ck_assert(!agree(OP_semctl_GETPID, value(2), value(100)));
	ck_assert(agree(OP_semctl_GETPID, value(0), value(0)));
	ck_assert(!agree(OP_semctl_GETPID, value(0), value(100)));
	ck_assert(agree(OP_semctl_GETPID, value(PID_ANY), value(100)));
	ck_assert(agree(OP_semctl_GETPID, value(PID_ANY), value(0)));
}
END_TEST

START_TEST(a_stamp_agrees_within_its_step)
{
	struct outcome model = value(0), subject = value(0);

	put(&model.rec, F_stime, 2);
	put(&subject.rec, F_stime, 1001);
	ck_assert(agree(OP_msgctl_IPC_STAT, model, subject));
	put(&subject.rec, F_stime, 1002);
	ck_assert(!agree(OP_msgctl_IPC_STAT, model, subject));
	put(&subject.rec, F_stime, 0);
	ck_assert_msg(!agree(OP_msgctl_IPC_STAT, model, subject), "never is not now");
	put(&model.rec, F_stime, 0);
	ck_assert(agree(OP_msgctl_IPC_STAT, model, subject));
	put(&subject.rec, F_stime, 1000);
	ck_assert_msg(!agree(OP_msgctl_IPC_STAT, model, subject), "now is not never");
	put(&model.rec, F_stime, TIME_ANY);
	ck_assert(agree(OP_msgctl_IPC_STAT, model, subject));
}
END_TEST

START_TEST(a_field_that_one_side_lacks_is_a_difference)
{
	struct outcome model = value(0), subject = value(0);

	put(&model.rec, F_mode, 0600);
	ck_assert(!agree(OP_msgctl_IPC_STAT, model, subject));
	ck_assert(strstr(d.text, "mode: missing"));
	put(&subject.rec, F_mode, 0640);
	ck_assert(!agree(OP_msgctl_IPC_STAT, model, subject));
	ck_assert(strstr(d.text, "mode: observed 0640, expected 0600"));
}
END_TEST

START_TEST(a_chosen_address_is_kept_and_any_other_is_aligned)
{
	const struct op fixed = { .code = OP_shmat, .shmat = { .addr = 8192 } }, any = { .code = OP_shmat };
	struct outcome at = value(8192), off = value(12288), odd = value(8193);

	ck_assert(compare_outcome(&tr, &fixed, &fixed, &at, &at, &d));
	ck_assert(!compare_outcome(&tr, &fixed, &fixed, &at, &off, &d));
	ck_assert(compare_outcome(&tr, &any, &any, &at, &off, &d));
	ck_assert(!compare_outcome(&tr, &any, &any, &at, &odd, &d));
}
END_TEST

START_TEST(text_and_values_are_compared_to_the_last)
{
	const uint16_t three[] = { 1, 2, 3 }, other[] = { 1, 2, 4 };
	struct outcome model = value(0), subject = value(0);

	model.bytes = (const unsigned char *)"abc";
	subject.bytes = (const unsigned char *)"abd";
	model.len = subject.len = 3;
	ck_assert(!agree(OP_load, model, subject));
	model = subject = value(0);
	model.vals = three;
	subject.vals = other;
	model.nvals = subject.nvals = 3;
	ck_assert(!agree(OP_semctl_GETALL, model, subject));
	subject.vals = three;
	ck_assert(agree(OP_semctl_GETALL, model, subject));
	subject.nvals = 2;
	ck_assert(!agree(OP_semctl_GETALL, model, subject));
}
END_TEST

/* A snapshot of one queue with one message. */
static void show(struct snapshot *s, int64_t id, const char *text)
{
	struct objview *o = snapshot_obj(s);
	struct msgview *m;

	*o = (struct objview){ .family = MSG, .id = id, .nmsgs = 1 };
	put(&o->rec, F_qnum, 1);
	m = snapshot_msg(s);
	*m = (struct msgview){ 1, strlen(text), (const unsigned char *)text };
}

START_TEST(states_agree_object_by_object)
{
	struct snapshot model = { 0 }, subject = { 0 }, none = { 0 };

	agree(OP_msgget, value(0), value(9));
	show(&model, 0, "x");
	show(&subject, 9, "x");
	ck_assert(compare_snapshot(&tr, &model, &subject, &d));
	subject.msg[0].text = (const unsigned char *)"y";
	ck_assert(!compare_snapshot(&tr, &model, &subject, &d));
	ck_assert_msg(!compare_snapshot(&tr, &model, &none, &d), "an object is gone");
	ck_assert_msg(!compare_snapshot(&tr, &none, &subject, &d), "an object too many");
	snapshot_free(&model);
	snapshot_free(&subject);
}
END_TEST

START_TEST(differences_that_do_not_fit_are_still_counted)
{
	for (int i = 0; i < 500; i++)
		differ(&d, "line %d of many that are as long as this", i);
	ck_assert_int_eq(d.count, 500);
	ck_assert_uint_lt(d.len, sizeof(d.text));
	ck_assert_uint_eq(strlen(d.text), d.len);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("compare");
	TCase *t = tcase_create("compare");

	tcase_add_checked_fixture(t, fresh, drop);
	tcase_add_test(t, errors_agree_when_equal);
	tcase_add_test(t, an_id_agrees_by_what_it_names);
	tcase_add_test(t, exact_ids_must_be_equal);
	tcase_add_test(t, what_the_standard_leaves_open_agrees_with_anything);
	tcase_add_test(t, a_process_agrees_by_actor);
	tcase_add_test(t, a_stamp_agrees_within_its_step);
	tcase_add_test(t, a_field_that_one_side_lacks_is_a_difference);
	tcase_add_test(t, a_chosen_address_is_kept_and_any_other_is_aligned);
	tcase_add_test(t, text_and_values_are_compared_to_the_last);
	tcase_add_test(t, states_agree_object_by_object);
	tcase_add_test(t, differences_that_do_not_fit_are_still_counted);
	suite_add_tcase(s, t);
	return run_suite(s);
}
