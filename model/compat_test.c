/* Calls of 32-bit x86: what they answer, and what they refuse. */
#include "test.h"

static int64_t queue(void)
{
	value(op(msgget, A, .key = 1, .flg = IPC_CREAT | 0600));
	return value(op(msgget, A, .key = 2, .flg = IPC_CREAT | 0600));
}

START_TEST(the_bit_that_is_left_in_the_command_makes_the_id_the_answer)
{
	int64_t q = queue();

	ck_assert_int_eq(value(op(compat_msgctl_IPC_STAT, A, .id = q)), 0);
	ck_assert_int_eq(value(op(compat_msgctl_IPC_STAT_64, A, .id = q)), q);
	ck_assert_int_eq(value(op(ipc_msgctl_IPC_STAT_64, A, .id = q)), 0);
	ck_assert_int_gt(q, 0);
}
END_TEST

START_TEST(old_members_have_16_bits)
{
	int64_t q = queue();
	struct outcome old, wide;

	run(with(set(.has = BIT(F_uid) | BIT(F_gid), .uid = 70000, .gid = 65535), msgctl_IPC_SET, ROOT,
		 .id = q));
	run(op(limit, -1, .name = LIM_msgmnb, .value = 70000));
	run(with(set(.has = BIT(F_qbytes), .qbytes = 70000), msgctl_IPC_SET, ROOT, .id = q));
	old = run(op(ipc_msgctl_IPC_STAT, ROOT, .id = q));
	wide = run(op(ipc_msgctl_IPC_STAT_64, ROOT, .id = q));
	ck_assert_int_eq(old.rec.v[F_uid], 65534);
	ck_assert_int_eq(old.rec.v[F_gid], 65535);
	ck_assert_int_eq(old.rec.v[F_qbytes], 70000 - 65536);
	ck_assert_int_eq(wide.rec.v[F_uid], 70000);
	ck_assert_int_eq(wide.rec.v[F_qbytes], 70000);
	w->facts.overflow_uid = 77;
	ck_assert_int_eq(run(op(ipc_msgctl_IPC_STAT, ROOT, .id = q)).rec.v[F_uid], 77);
	run(with(set(.has = BIT(F_uid) | BIT(F_gid), .uid = 5, .gid = 70000), msgctl_IPC_SET, ROOT, .id = q));
	ck_assert_int_eq(run(op(ipc_msgctl_IPC_STAT, ROOT, .id = q)).rec.v[F_gid], 65534);
}
END_TEST

START_TEST(the_pointer_comes_before_the_set)
{
	ck_assert_int_eq(err(op(ipc_semctl_IPC_STAT, A, .id = 9, .ptr = P_NULL)), EINVAL);
	ck_assert_int_eq(err(op(ipc_semctl_IPC_STAT, A, .id = 9, .ptr = P_UNMAPPED)), EFAULT);
	ck_assert_int_eq(err(op(ipc_semctl_IPC_STAT, A, .id = 9)), EINVAL);
	ck_assert_int_eq(err(op(ipc_msgrcv, A, .id = 9, .ptr = P_NULL)), EINVAL);
	ck_assert_int_eq(err(op(ipc_msgrcv, A, .id = 9, .ptr = P_UNMAPPED)), EFAULT);
	ck_assert_int_eq(err(op(ipc_msgrcv, A, .id = 0, .ptr = P_UNMAPPED)), EFAULT);
	ck_assert_int_eq(err(op(ipc_msgrcv, A, .id = -1, .ptr = P_UNMAPPED)), EINVAL);
}
END_TEST

START_TEST(what_cannot_tell_its_address_stays_attached)
{
	int64_t m = value(op(shmget, A, .key = 1, .size = 10, .flg = IPC_CREAT | 0600));
	struct record rec;

	ck_assert_int_eq(err(op(ipc_shmat, A, .id = m, .version = 1, .ptr = P_NULL)), EINVAL);
	ck_assert_int_eq(err(op(ipc_shmat, C, .id = m, .ptr = P_NULL)), EACCES);
	ck_assert(model_record(w, A, SHM, m, &rec));
	ck_assert_int_eq(rec.v[F_nattch], 0);
	ck_assert_int_eq(err(op(ipc_shmat, A, .id = m, .ptr = P_NULL)), EFAULT);
	ck_assert(model_record(w, A, SHM, m, &rec));
	ck_assert_int_eq(rec.v[F_nattch], 1);
}
END_TEST

START_TEST(some_calls_are_always_refused)
{
	int64_t m = value(op(shmget, A, .key = 1, .size = 10, .flg = IPC_CREAT | 0600));

	ck_assert_int_eq(err(op(compat_shmctl_IPC_STAT_64, A, .id = m)), EINVAL);
	ck_assert_int_eq(err(op(compat_shmctl_IPC_RMID_64, A, .id = m)), EINVAL);
	ck_assert_int_eq(err(op(ipc_other, A, .call = 25)), ENOSYS);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("compat");
	TCase *tc = tests_of(s, "compat");

	tcase_add_test(tc, the_bit_that_is_left_in_the_command_makes_the_id_the_answer);
	tcase_add_test(tc, old_members_have_16_bits);
	tcase_add_test(tc, the_pointer_comes_before_the_set);
	tcase_add_test(tc, what_cannot_tell_its_address_stays_attached);
	tcase_add_test(tc, some_calls_are_always_refused);
	return run_suite(s);
}
