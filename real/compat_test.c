/* Calls of 32-bit x86, where they can be made. */
#include "test.h"

/* Says so where they cannot: nothing was tested then. */
static bool possible(void)
{
	if (!ia32_works())
		fprintf(stderr, "SKIPPED: no 32-bit calls of x86\n");
	return ia32_works();
}

BOX_TEST(structures_of_both_kinds_are_read)
{
	int64_t q, s;

	if (!possible())
		return;
	for (int mode = REAL_SOLO; mode <= REAL_PROCESSES; mode++) {
		new_run((enum real_mode)mode, 1);
		q = value(op(msgget, A, .key = 0x12345678, .flg = IPC_CREAT | 0604));
		run(with(text(1, "hello"), msgsnd, A, .id = q));
		run(op(ipc_msgctl_IPC_STAT, A, .id = q));
		ck_assert_int_eq(field(F_key), 0x12345678);
		ck_assert_int_eq(field(F_mode), 0604);
		ck_assert_int_eq(field(F_cbytes), 5);
		ck_assert_int_eq(field(F_lspid), real_pid(r, A));
		run(op(ipc_msgctl_IPC_STAT_64, A, .id = q));
		ck_assert_int_eq(field(F_cbytes), 5);
		ck_assert_int_eq(field(F_uid), 1000);
		s = value(op(semget, A, .nsems = 3, .flg = 0600));
		run(op(ipc_semctl_IPC_STAT, A, .id = s));
		ck_assert_int_eq(field(F_nsems), 3);
		run(op(ipc_semctl_IPC_STAT_64, A, .id = s));
		ck_assert_int_eq(field(F_nsems), 3);
		end_run();
	}
}

BOX_TEST(buffers_of_both_kinds_end_at_a_guard)
{
	int64_t m;

	if (!possible())
		return;
	new_run(REAL_SOLO, 1);
	m = value(op(shmget, A, .size = 5000, .flg = 0600));
	run(op(ipc_shmctl_IPC_STAT, A, .id = m));
	ck_assert_int_eq(field(F_segsz), 5000);
	run(op(compat_shmctl_IPC_STAT, A, .id = m));
	ck_assert_int_eq(field(F_segsz), 5000);
	ck_assert_int_eq(err(op(compat_shmctl_IPC_STAT, A, .id = m, .buf = P_PARTIAL)), EFAULT);
	ck_assert_int_eq(err(op(ipc_shmctl_IPC_STAT, A, .id = m, .buf = P_NULL)), EFAULT);
	ck_assert_int_eq(value(op(compat_shmctl_IPC_INFO, A)), 0);
	ck_assert_int_eq(field(F_shmmax), INT32_MAX);
	end_run();
}

/* What is attached at an unknown address is gone with the actor. */
BOX_TEST(an_attach_that_cannot_tell_where_is_counted)
{
	int64_t m;

	if (!possible())
		return;
	new_run(REAL_PROCESSES, 2);
	m = value(op(shmget, A, .size = 1, .flg = 0666));
	ck_assert_int_eq(err(op(ipc_shmat, B, .id = m, .ptr = P_UNMAPPED)), EFAULT);
	run(op(shmctl_IPC_STAT, A, .id = m));
	ck_assert_int_eq(field(F_nattch), 1);
	run(op(exit, B));
	run(op(shmctl_IPC_STAT, A, .id = m));
	ck_assert_int_eq(field(F_nattch), 0);
	end_run();
}

BOX_TEST(refusals_are_told_by_errno)
{
	if (!possible())
		return;
	new_run(REAL_PROCESSES, 1);
	ck_assert_int_eq(err(op(ipc_other, A, .call = 25)), ENOSYS);
	ck_assert_int_eq(err(op(ipc_msgrcv, A, .ptr = P_NULL)), EINVAL);
	ck_assert_int_eq(err(op(ipc_msgrcv, A, .ptr = P_UNMAPPED)), EFAULT);
	end_run();
}

int main(void)
{
	TCase *tc = tcase_create("compat");

	add_box_test(tc, structures_of_both_kinds_are_read);
	add_box_test(tc, buffers_of_both_kinds_end_at_a_guard);
	add_box_test(tc, an_attach_that_cannot_tell_where_is_counted);
	add_box_test(tc, refusals_are_told_by_errno);
	return run_tests(tc, "compat");
}
