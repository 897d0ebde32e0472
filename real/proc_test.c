/* What the worker makes of the text of a file below /proc/sysvipc. */
#include "test.h"

#define HEAD "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid\n"
#define ROW(key, id) key " " id "   640          10          1     7     0  1000  1001  1002  1003\n"

static struct record rec;
static char stray[80];

static bool finds(const char *text, int64_t id)
{
	rec = (struct record){ 0 };
	stray[0] = '\0';
	return proc_find(text, id, &rec, stray, sizeof(stray));
}

START_TEST(columns_go_by_their_names)
{
	ck_assert(finds(HEAD ROW("17", "0") ROW("-3", "1"), 1));
	ck_assert_int_eq(rec.v[F_key], -3);
	ck_assert_int_eq(rec.v[F_mode], 0640);
	ck_assert_int_eq(rec.v[F_cbytes], 10);
	ck_assert_int_eq(rec.v[F_lspid], 7);
	ck_assert_int_eq(rec.v[F_cgid], 1003);
	ck_assert(!(rec.has & (BIT(F_qbytes) | BIT(F_seq))));
	ck_assert_str_eq(stray, "");
	ck_assert(finds("perms size shmid rss\n 1600 4294967297 5 4096\n", 5));
	ck_assert_uint_eq(rec.has, BIT(F_mode) | BIT(F_segsz));
	ck_assert_int_eq(rec.v[F_segsz], 4294967297);
	ck_assert_int_eq(rec.v[F_mode], 01600);
}
END_TEST

START_TEST(an_unsigned_key_is_no_negative_one)
{
	ck_assert(finds(HEAD ROW("4294967293", "0"), 0));
	ck_assert_int_eq(rec.v[F_key], 4294967293);
}
END_TEST

START_TEST(what_is_not_listed_is_not_found)
{
	ck_assert(!finds(HEAD, 0));
	ck_assert(!finds("", 0));
	ck_assert(!finds(HEAD ROW("17", "32768"), 0));
	ck_assert_str_eq(stray, "");
}
END_TEST

START_TEST(rows_that_repeat_or_run_backwards_are_noticed)
{
	ck_assert(finds(HEAD ROW("1", "32769") ROW("1", "1"), 1));
	ck_assert_str_eq(stray, "the row of id 1 is out of order");
	ck_assert(finds(HEAD ROW("1", "5") ROW("2", "4"), 5));
	ck_assert_str_eq(stray, "the row of id 4 is out of order");
}
END_TEST

START_TEST(rows_that_do_not_fit_are_noticed)
{
	finds(HEAD "1 2 3\n", 2);
	ck_assert_str_eq(stray, "a row does not fit its head");
	finds("key msqid\n1 2 3\n", 2);
	ck_assert_str_eq(stray, "a row does not fit its head");
	finds("key\n1\n", 1);
	ck_assert_str_eq(stray, "a row does not fit its head");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("proc");

	tcase_add_test(tc, columns_go_by_their_names);
	tcase_add_test(tc, an_unsigned_key_is_no_negative_one);
	tcase_add_test(tc, what_is_not_listed_is_not_found);
	tcase_add_test(tc, rows_that_repeat_or_run_backwards_are_noticed);
	tcase_add_test(tc, rows_that_do_not_fit_are_noticed);
	return run_tests(tc, "proc");
}
