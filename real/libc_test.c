/* Calls through the C library, whose shmdt and msgget are replaced here. */
#include "test.h"

#include <errno.h>
#include <sys/msg.h>
#include <sys/shm.h>

static int calls;		/* of the functions below, in this process */

int shmdt(const void *addr)
{
	calls++;
	errno = addr ? EIDRM : ENOMSG;
	return -1;
}

/* There is nothing at the hole. */
__attribute__((no_sanitize("address", "undefined")))
int msgget(key_t key, int flags)
{
	calls++;
	return key && flags ? *(volatile char *)(uintptr_t)HOLE : 5;
}

static void through(enum abi abi)
{
	real_through(r, abi);
}

BOX_TEST(a_call_is_the_function_s_only_when_it_is_to_be)
{
	new_run(REAL_SOLO, 1);
	ck_assert_int_eq(err(op(shmdt, A, .addr = HOLE)), EINVAL);
	ck_assert_int_eq(calls, 0);
	through(ABI_LIBC);
	ck_assert_int_eq(err(op(shmdt, A, .addr = HOLE)), EIDRM);
	ck_assert_int_eq(calls, 1);
	end_run();
}

BOX_TEST(a_failure_that_is_not_the_kernel_s_is_no_function_s_either)
{
	const struct injection lack = { .code = OP_shmdt, .err = ENOSYS };

	new_run(REAL_PROCESSES, 1);
	through(ABI_LIBC);
	ck_assert_int_eq(err(op(shmdt, A, .addr = HOLE)), EIDRM);
	real_inject(r, &lack);
	ck_assert_int_eq(err(op(shmdt, A, .addr = HOLE)), ENOSYS);
	end_run();
}

BOX_TEST(a_signal_that_a_function_raises_is_what_came_of_the_call)
{
	for (int mode = REAL_SOLO; mode <= REAL_PROCESSES; mode++) {
		new_run((enum real_mode)mode, 1);
		through(ABI_LIBC);
		ck_assert_int_eq(fault(op(msgget, A, .key = 1, .flg = IPC_CREAT)), SIGSEGV);
		ck_assert_int_eq(value(op(msgget, A, .key = 0, .flg = 0600)), 5);
		end_run();
	}
}

BOX_TEST(a_sleep_in_a_function_is_seen)
{
	int64_t s;

	new_run(REAL_PROCESSES, 2);
	through(ABI_LIBC);
	s = value(op(semget, A, .nsems = 1, .flg = 0600));
	ck_assert(blocks(with(sops({ 0, -1, 0 }), semop, B, .id = s)));
	ck_assert_int_eq(err(op(semctl_SETVAL, A, .id = s, .val = 1)), 0);
	ck_assert_int_eq(woken_err(B), 0);
	end_run();
}

/* What IPC_SET and IPC_STAT have in common lies where the library's headers say. */
BOX_TEST(structures_are_those_of_the_headers)
{
	const struct payload mode = { .set = { .has = BIT(F_mode), .mode = 0640 } };
	int64_t m, s;

	new_run(REAL_SOLO, 1);
	through(ABI_LIBC);
	m = value(op(shmget, A, .key = 0x12345678, .size = 5000, .flg = IPC_CREAT | 0600));
	run(with(&mode, shmctl_IPC_SET, A, .id = m));
	run(op(shmctl_IPC_STAT, A, .id = m));
	ck_assert_int_eq(field(F_mode), 0640);
	ck_assert_int_eq(field(F_segsz), 5000);
	ck_assert_int_eq(field(F_key), 0x12345678);
	ck_assert_int_eq(field(F_cpid), real_pid(r, A));
	s = value(op(semget, A, .nsems = 7, .flg = 0604));
	run(op(semctl_IPC_STAT, A, .id = s));
	ck_assert_int_eq(field(F_nsems), 7);
	ck_assert_int_eq(field(F_mode), 0604);
	end_run();
}

/* No two members share a byte, and there are as many as the kernel's structure has. */
START_TEST(members_are_apart)
{
	for (enum family f = MSG; f <= SHM; f++) {
		const struct layout *l = &libc_layouts.status[f];
		bool taken[STATUSMAX] = { false };

		for (int i = 0; i < l->ncells; i++)
			for (int k = 0; k < l->cells[i].size; k++) {
				ck_assert(!taken[l->cells[i].offset + k]);
				taken[l->cells[i].offset + k] = true;
			}
		ck_assert_int_eq(l->ncells, kernel_layouts.status[f].ncells);
	}
}
END_TEST

START_TEST(abis_are_found_by_their_names)
{
	for (enum abi a = 0; a < NABIS; a++)
		ck_assert_int_eq(abi_find(abi_name(a), strlen(abi_name(a))), a);
	ck_assert_int_eq(abi_find("libc,raw", 4), ABI_LIBC);
	ck_assert_int_eq(abi_find("lib", 3), NABIS);
	ck_assert_int_eq(abi_find("", 0), NABIS);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("libc");

	add_box_test(tc, a_call_is_the_function_s_only_when_it_is_to_be);
	add_box_test(tc, a_failure_that_is_not_the_kernel_s_is_no_function_s_either);
	add_box_test(tc, a_signal_that_a_function_raises_is_what_came_of_the_call);
	add_box_test(tc, a_sleep_in_a_function_is_seen);
	add_box_test(tc, structures_are_those_of_the_headers);
	tcase_add_test(tc, members_are_apart);
	tcase_add_test(tc, abis_are_found_by_their_names);
	return run_tests(tc, "libc");
}
