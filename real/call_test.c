/* Every operation does on the kernel what its name says, in a run of one process. */
#include <poll.h>
#include <sched.h>

#include "test.h"

static void solo(void)
{
	new_run(REAL_SOLO, 2);
}

/* ---- queues ---------------------------------------------------------------------------------- */

BOX_TEST(a_message_goes_through_a_queue)
{
	int64_t q;

	solo();
	q = value(op(msgget, A, .key = 0x11, .flg = IPC_CREAT | 0600));
	ck_assert_int_eq(value(op(msgget, B, .key = 0x11)), q);
	ck_assert_int_eq(value(with(text(7, "hello"), msgsnd, A, .id = q)), 0);
	ck_assert_int_eq(value(op(msgctl_IPC_STAT, A, .id = q)), 0);
	ck_assert_int_eq(field(F_qnum), 1);
	ck_assert_int_eq(field(F_cbytes), 5);
	ck_assert_int_eq(field(F_lspid), real_pid(r, A));
	ck_assert_int_eq(field(F_key), 0x11);
	ck_assert_int_eq(value(op(msgrcv, B, .id = q, .size = 9)), 5);
	ck_assert_int_eq(field(F_type), 7);
	ck_assert_mem_eq(out.bytes, "hello", 5);
	ck_assert_int_eq(err(op(msgrcv, B, .id = q, .size = 9, .flg = IPC_NOWAIT)), ENOMSG);
	end_run();
}

BOX_TEST(control_calls_of_queues)
{
	const struct payload d = {
		.set = { .has = BIT(F_qbytes) | BIT(F_mode), .mode = 0640, .qbytes = 99 },
	};
	int64_t q, now;

	solo();
	now = real_seconds();
	q = value(op(msgget, A, .flg = 0600));
	ck_assert_int_eq(value(with(&d, msgctl_IPC_SET, A, .id = q)), 0);
	ck_assert_int_eq(value(op(msgctl_MSG_STAT, A, .id = q % IPCMNI)), q);
	ck_assert_int_eq(field(F_mode), 0640);
	ck_assert_int_eq(field(F_qbytes), 99);
	ck_assert_int_eq(field(F_uid), 1000);
	ck_assert_int_ge(field(F_ctime), now);
	ck_assert_int_le(field(F_ctime), real_seconds());
	ck_assert_int_eq(value(op(msgctl_MSG_STAT_ANY, A, .id = q % IPCMNI)), q);
	ck_assert_int_eq(value(op(msgctl_IPC_INFO, A)), 0);
	ck_assert_int_eq(field(F_msgmni), DEF_MSGMNI);
	ck_assert_int_eq(value(op(msgctl_MSG_INFO, A)), 0);
	ck_assert_int_eq(field(F_msgpool), 1);
	ck_assert_int_eq(err(op(msgctl_other, A, .id = q, .cmd = 99)), EINVAL);
	ck_assert_int_eq(value(op(msgctl_IPC_RMID, A, .id = q)), 0);
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, A, .id = q)), EINVAL);
	end_run();
}

BOX_TEST(what_is_not_set_keeps_its_value)
{
	const struct payload d = {
		.set = { .has = BIT(F_mode), .mode = 0604, .uid = 77, .gid = 77, .qbytes = 77 },
	};
	int64_t q, s;

	solo();
	q = value(op(msgget, A, .flg = 0600));
	s = value(op(semget, A, .nsems = 1, .flg = 0600));
	ck_assert_int_eq(value(with(&d, msgctl_IPC_SET, A, .id = q)), 0);
	run(op(msgctl_IPC_STAT, A, .id = q));
	ck_assert_int_eq(field(F_qbytes), DEF_MSGMNB);
	ck_assert_int_eq(field(F_uid), 1000);
	ck_assert_int_eq(value(with(&d, semctl_IPC_SET, A, .id = s)), 0);
	run(op(semctl_IPC_STAT, A, .id = s));
	ck_assert_int_eq(field(F_gid), 1000);
	ck_assert_int_eq(field(F_mode), 0604);
	end_run();
}

/* ---- semaphores ------------------------------------------------------------------------------ */

BOX_TEST(control_calls_of_semaphore_sets)
{
	static const uint16_t given[] = { 5, 6 };
	const struct payload vals = { .vals = { 2, given } };
	int64_t s;

	solo();
	s = value(op(semget, A, .nsems = 3, .flg = 0600));
	ck_assert_int_eq(value(op(semctl_SETVAL, A, .id = s, .num = 1, .val = 9)), 0);
	ck_assert_int_eq(value(op(semctl_GETVAL, A, .id = s, .num = 1)), 9);
	ck_assert_int_eq(value(op(semctl_GETPID, A, .id = s, .num = 1)), real_pid(r, A));
	ck_assert_int_eq(value(op(semctl_GETNCNT, A, .id = s, .num = 1)), 0);
	ck_assert_int_eq(value(op(semctl_GETZCNT, A, .id = s, .num = 1)), 0);
	ck_assert_int_eq(value(with(&vals, semctl_SETALL, A, .id = s)), 0);
	ck_assert_int_eq(value(op(semctl_GETALL, A, .id = s)), 0);
	ck_assert_uint_eq(out.nvals, 3);
	ck_assert(out.vals[0] == 5 && out.vals[1] == 6 && out.vals[2] == 0);
	ck_assert_int_eq(value(op(semctl_IPC_STAT, A, .id = s)), 0);
	ck_assert_int_eq(field(F_nsems), 3);
	ck_assert_int_eq(value(op(semctl_SEM_STAT, A, .id = s)), s);
	ck_assert_int_eq(value(op(semctl_SEM_STAT_ANY, A, .id = s)), s);
	ck_assert_int_eq(value(op(semctl_IPC_INFO, A)), 0);
	ck_assert_int_eq(field(F_semvmx), SEMVMX);
	ck_assert_int_eq(value(op(semctl_SEM_INFO, A)), 0);
	ck_assert_int_eq(field(F_semaem), 3);
	ck_assert_int_eq(err(op(semctl_SETVAL, A, .id = s, .val = SEMVMX + 1)), ERANGE);
	ck_assert_int_eq(err(op(semctl_other, A, .id = s, .cmd = 99)), EINVAL);
	ck_assert_int_eq(value(op(semctl_IPC_RMID, A, .id = s)), 0);
	end_run();
}

BOX_TEST(semaphore_operations)
{
	struct payload timed = *sops({ 0, -2, 0 });
	int64_t s;

	solo();
	s = value(op(semget, A, .nsems = 2, .flg = 0600));
	ck_assert_int_eq(value(with(sops({ 0, 3, 0 }, { 1, 0, 0 }), semop, A, .id = s)), 0);
	ck_assert_int_eq(value(with(&timed, semtimedop, B, .id = s)), 0);
	ck_assert_int_eq(value(op(semctl_GETVAL, A, .id = s)), 1);
	timed.timeout.given = true;
	ck_assert_int_eq(err(with(&timed, semtimedop, B, .id = s)), EAGAIN);
	timed.timeout.nsec = 1000000000;
	ck_assert_int_eq(err(with(&timed, semtimedop, B, .id = s)), EINVAL);
	timed.timeout.where = P_UNMAPPED;
	ck_assert_int_eq(err(with(&timed, semtimedop, B, .id = s)), EFAULT);
	ck_assert_int_eq(err(with(sops({ 2, 1, 0 }), semop, A, .id = s)), EFBIG);
	end_run();
}

BOX_TEST(the_largest_sets_and_lists)
{
	static struct sop many[SOPSMAX];
	static uint16_t ones[DEF_SEMMSL];
	struct payload d = { .sops = { DEF_SEMOPM, many }, .vals = { DEF_SEMMSL, ones } };
	int64_t s;

	solo();
	s = value(op(semget, A, .nsems = DEF_SEMMSL, .flg = 0600));
	for (int i = 0; i < SOPSMAX; i++)
		many[i] = (struct sop){ 0, 1, 0 };
	ck_assert_int_eq(value(with(&d, semop, A, .id = s)), 0);
	d.sops.n = SOPSMAX;
	ck_assert_int_eq(err(with(&d, semop, A, .id = s)), E2BIG);
	ck_assert_int_eq(value(op(semctl_GETALL, A, .id = s)), 0);
	ck_assert_uint_eq(out.nvals, DEF_SEMMSL);
	ck_assert_uint_eq(out.vals[0], DEF_SEMOPM);
	for (int i = 0; i < DEF_SEMMSL; i++)
		ones[i] = 1;
	ck_assert_int_eq(value(with(&d, semctl_SETALL, A, .id = s)), 0);
	ck_assert_int_eq(value(op(semctl_GETVAL, A, .id = s, .num = DEF_SEMMSL - 1)), 1);
	end_run();
}

/* ---- segments -------------------------------------------------------------------------------- */

BOX_TEST(control_calls_of_segments)
{
	const struct payload d = { .set = { .has = BIT(F_mode), .mode = 0640 } };
	int64_t m;

	solo();
	m = value(op(shmget, A, .size = 5000, .flg = 0600));
	ck_assert_int_eq(value(with(&d, shmctl_IPC_SET, A, .id = m)), 0);
	ck_assert_int_eq(value(op(shmctl_IPC_STAT, A, .id = m)), 0);
	ck_assert_int_eq(field(F_segsz), 5000);
	ck_assert_int_eq(field(F_mode), 0640);
	ck_assert_int_eq(field(F_cpid), real_pid(r, A));
	ck_assert_int_eq(value(op(shmctl_SHM_LOCK, A, .id = m)), 0);
	ck_assert_int_eq(value(op(shmctl_SHM_STAT, A, .id = m)), m);
	ck_assert_int_eq(field(F_mode), 0640 | SHM_LOCKED);
	ck_assert_int_eq(value(op(shmctl_SHM_UNLOCK, A, .id = m)), 0);
	ck_assert_int_eq(value(op(shmctl_SHM_STAT_ANY, A, .id = m)), m);
	ck_assert_int_eq(field(F_mode), 0640);
	ck_assert_int_eq(value(op(shmctl_IPC_INFO, A)), 0);
	ck_assert_int_eq(field(F_shmmax), INT64_MAX);
	ck_assert_int_eq(value(op(shmctl_SHM_INFO, A)), 0);
	ck_assert_int_eq(field(F_used_ids), 1);
	ck_assert_int_eq(err(op(shmctl_other, A, .id = m, .cmd = 99)), EINVAL);
	ck_assert_int_eq(value(op(shmctl_IPC_RMID, A, .id = m)), 0);
	end_run();
}

BOX_TEST(attached_memory_is_read_and_written)
{
	int64_t m, p, hole;

	solo();
	m = value(op(shmget, A, .size = 4096, .flg = 0600));
	p = value(op(shmat, A, .id = m));
	hole = value(op(shmat, A, .id = m, .addr = HOLE));
	ck_assert_int_eq(hole, HOLE);
	ck_assert_int_eq(value(with(bytes("abc"), store, A, .addr = p + 1)), 0);
	ck_assert_int_eq(value(op(load, A, .addr = hole, .len = 5)), 0);
	ck_assert_uint_eq(out.len, 5);
	ck_assert_mem_eq(out.bytes, "\0abc\0", 5);
	ck_assert_int_eq(value(op(shmctl_IPC_STAT, A, .id = m)), 0);
	ck_assert_int_eq(field(F_nattch), 2);
	ck_assert_int_eq(value(op(shmdt, A, .addr = p)), 0);
	ck_assert_int_eq(value(op(shmdt, A, .addr = hole)), 0);
	ck_assert_int_eq(err(op(shmdt, A, .addr = hole)), EINVAL);
	end_run();
}

BOX_TEST(bad_accesses_are_faults)
{
	int64_t m, p;

	solo();
	m = value(op(shmget, A, .size = 4096, .flg = 0600));
	p = value(op(shmat, A, .id = m, .addr = HOLE, .flg = SHM_RDONLY));
	ck_assert_int_eq(fault(with(bytes("abc"), store, A, .addr = p)), SIGSEGV);
	ck_assert_int_eq(fault(op(load, A, .addr = p + 4090, .len = 6)), 0);
	ck_assert_int_eq(fault(op(load, A, .addr = p + 4090, .len = 7)), SIGSEGV);
	ck_assert_int_eq(fault(op(load, A, .addr = p + 8192, .len = 1)), SIGSEGV);
	ck_assert_int_eq(fault(op(load, A, .addr = 0, .len = 1)), SIGSEGV);
	end_run();
}

BOX_TEST(what_was_attached_is_detached_at_the_end)
{
	char why[200];
	int64_t m;

	for (int i = 0; i < 3; i++) {
		solo();
		m = value(op(shmget, A, .size = 1 << 20, .flg = 0600));
		ck_assert_int_eq(value(op(shmat, A, .id = m, .addr = HOLE)), HOLE);
		ck_assert_int_eq(value(op(shmctl_IPC_RMID, A, .id = m)), 0);
		end_run();
	}
	ck_assert_msg(box_fresh(why, sizeof(why)), "%s", why);
}

static int lock_much(void)
{
	solo();
	run(op(shmget, A, .size = MEMLOCK * 2 / 3, .flg = 0600));
	return err(op(shmctl_SHM_LOCK, A, .id = out.value));
}

/* Two processes are user 1000, who may lock less than they would together. */
BOX_TEST(runs_that_lock_memory_take_turns)
{
	int fd[2], status;
	pid_t pid;

	ck_assert_int_eq(pipe(fd), 0);
	pid = fork();
	if (pid == 0) {
		struct pollfd end = { .fd = fd[0], .events = POLLIN };

		ck_assert_int_eq(lock_much(), 0);
		ck_assert_int_eq(write(fd[1], "x", 1), 1);
		while (poll(&end, 1, 100) == 1)
			sched_yield();
		end_run();
		_exit(0);
	}
	ck_assert_int_eq(read(fd[0], &(char){ 0 }, 1), 1);
	ck_assert_int_eq(lock_much(), 0);
	end_run();
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

/* ---- places ---------------------------------------------------------------------------------- */

BOX_TEST(bad_places_for_answers)
{
	static const enum place bad[] = { P_NULL, P_UNMAPPED, P_READONLY, P_PARTIAL };
	int64_t q;

	solo();
	q = value(op(msgget, A, .flg = 0600));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_int_eq(err(op(msgctl_IPC_STAT, A, .id = q, .buf = bad[i])), EFAULT);
		ck_assert_int_eq(err(op(msgctl_IPC_STAT, A, .id = q + 1, .buf = bad[i])), EINVAL);
		ck_assert_int_eq(err(op(shmctl_SHM_INFO, A, .buf = bad[i])), EFAULT);
		ck_assert_int_eq(value(with(text(1, "hello"), msgsnd, A, .id = q)), 0);
		ck_assert_int_eq(err(op(msgrcv, A, .id = q, .size = 9, .buf = bad[i])), EFAULT);
	}
	end_run();
}

BOX_TEST(bad_places_for_arguments)
{
	struct payload d = { .msg = { 1, 5, 5, (const unsigned char *)"hello" } };
	struct payload s = *sops({ 0, 1, 0 }, { 0, 1, 0 });
	int64_t q, set;

	solo();
	q = value(op(msgget, A, .flg = 0600));
	set = value(op(semget, A, .nsems = 5, .flg = 0600));
	for (enum place where = P_OK; where < NPLACES; where++) {
		int expected = where == P_OK || where == P_READONLY || where == P_ODD ? 0 : EFAULT;

		d.where = s.where = where;
		ck_assert_int_eq(err(with(&d, msgsnd, A, .id = q)), expected);
		ck_assert_int_eq(err(with(&s, semop, A, .id = set)), expected);
		ck_assert_int_eq(err(with(&s, semctl_SETALL, A, .id = set)), expected);
	}
	end_run();
}

BOX_TEST(eight_bytes_suffice_for_what_is_as_short)
{
	struct payload s = *sops({ 0, 3, 0 });
	int64_t set;

	solo();
	set = value(op(semget, A, .nsems = 4, .flg = 0600));
	s.where = P_PARTIAL;
	ck_assert_int_eq(value(with(&s, semop, A, .id = set)), 0);
	ck_assert_int_eq(value(op(semctl_GETALL, A, .id = set, .buf = P_PARTIAL)), 0);
	ck_assert_uint_eq(out.nvals, 4);
	ck_assert_uint_eq(out.vals[0], 3);
	end_run();
}

/* ---- credentials ----------------------------------------------------------------------------- */

BOX_TEST(everybody_acts_as_who_they_are)
{
	int64_t q;

	new_run(REAL_SOLO, 0);
	new_actor(A, nth_user(0));
	new_actor(B, nth_user(1));
	q = value(op(msgget, A, .key = 1, .flg = IPC_CREAT | 0600));
	ck_assert_int_eq(err(with(text(1, "x"), msgsnd, B, .id = q)), is_root() ? EACCES : 0);
	ck_assert_int_eq(err(with(text(1, "x"), msgsnd, A, .id = q)), 0);
	ck_assert_int_eq(err(op(msgctl_IPC_RMID, B, .id = q)), is_root() ? EPERM : 0);
	end_run();
}

BOX_TEST(privilege_is_what_was_given)
{
	struct payload become = { .cred = { .has = 1 << 8, .cred = { .caps = BIT(CAP_IPC_OWNER) } } };
	int64_t q;

	solo();
	q = value(op(msgget, A, .key = 1, .flg = IPC_CREAT));
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, A, .id = q)), EACCES);
	ck_assert_int_eq(value(with(&become, become, B)), 0);
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, B, .id = q)), 0);
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, A, .id = q)), EACCES);
	become.cred.cred.caps = 0;
	ck_assert_int_eq(value(with(&become, become, B)), 0);
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, B, .id = q)), EACCES);
	end_run();
}

/* ---- what one process cannot do -------------------------------------------------------------- */

BOX_TEST(a_call_that_sleeps_is_found_out)
{
	int64_t q, s;

	solo();
	q = value(op(msgget, A, .flg = 0600));
	s = value(op(semget, A, .nsems = 1, .flg = 0600));
	ck_assert(blocks(op(msgrcv, A, .id = q, .size = 1)));
	ck_assert_int_eq(out.how, BLOCKED);
	ck_assert(blocks(with(sops({ 0, -1, 0 }), semop, B, .id = s)));
	ck_assert_int_eq(value(with(text(1, "x"), msgsnd, A, .id = q)), 0);
	end_run();
}

static void is_lost(struct op call, const char *reason)
{
	ck_assert_int_eq(real_call(r, &call, false, &out), LOST);
	ck_assert_msg(strstr(real_why(r), reason) != NULL, "%s", real_why(r));
}

BOX_TEST(what_needs_processes_is_refused)
{
	solo();
	is_lost(op(fork, A, .child = C), "needs a process");
	is_lost(op(exit, A), "needs a process");
	is_lost(op(munmap, A, .addr = HOLE, .len = 4096), "needs a process");
	is_lost(op(mremap, A, .addr = HOLE, .len = 4096, .newlen = 4096), "needs a process");
	is_lost(op(mprotect, A, .addr = HOLE, .len = 4096), "needs a process");
	is_lost(op(madvise_DONTFORK, A, .addr = HOLE, .len = 4096), "needs a process");
	is_lost(op(mlockall, A), "needs a process");
	is_lost(op(rlimit, A, .name = RLIM_AS, .value = 0), "needs a process");
	is_lost(op(signal, -1, .to = A, .signo = SIGKILL), "needs a process");
	is_lost(op(msgget, C), "no process");
	ck_assert_int_eq(real_wait(r, A, false, 10000, &out), PARKED);
	ck_assert_int_eq(out.how, BLOCKED);
	end_run();
}

BOX_TEST(limits_and_time)
{
	int64_t before = real_seconds();

	signal(SIGALRM, SIG_DFL);	/* the tick of the run, pending at its end, must not come after it */
	solo();
	run(op(limit, -1, .name = LIM_msgmni, .value = 0));
	ck_assert_int_eq(out.how, is_root() ? RETURNED : FAILED);
	if (is_root())
		ck_assert_int_eq(err(op(msgget, A, .flg = 0600)), ENOSPC);
	ck_assert_int_eq(value(op(read_limit, -1, .name = LIM_msgmni)), is_root() ? 0 : DEF_MSGMNI);
	ck_assert_int_eq(value(op(read_limit, -1, .name = LIM_shm_next_id)), -1);
	run(op(limit_sem, -1, 1, 2, 3, 4));
	ck_assert_int_eq(out.how, is_root() ? RETURNED : FAILED);
	ck_assert_int_eq(value(op(read_limit, -1, .name = LIM_semopm)), is_root() ? 3 : DEF_SEMOPM);
	run(op(limit_sem, -1, 5, 6, 7, -1));
	ck_assert_int_eq(out.err, is_root() ? ERANGE : EACCES);
	ck_assert_int_eq(value(op(tick, -1)), 0);
	ck_assert_int_gt(real_seconds(), before);
	is_lost(op(tick, -1, .seconds = 1000000), "too long");
	end_run();
}

BOX_TEST(calls_are_counted)
{
	solo();
	ck_assert_uint_eq(real_calls(r), 0);
	run(op(msgget, A, .flg = 0600));
	ck_assert_uint_eq(real_calls(r), 1);
	end_run();
}

int main(void)
{
	TCase *tc = tcase_create("call");

	add_box_test(tc, a_message_goes_through_a_queue);
	add_box_test(tc, control_calls_of_queues);
	add_box_test(tc, what_is_not_set_keeps_its_value);
	add_box_test(tc, control_calls_of_semaphore_sets);
	add_box_test(tc, semaphore_operations);
	add_box_test(tc, the_largest_sets_and_lists);
	add_box_test(tc, control_calls_of_segments);
	add_box_test(tc, attached_memory_is_read_and_written);
	add_box_test(tc, bad_accesses_are_faults);
	add_box_test(tc, what_was_attached_is_detached_at_the_end);
	add_box_test(tc, runs_that_lock_memory_take_turns);
	add_box_test(tc, bad_places_for_answers);
	add_box_test(tc, bad_places_for_arguments);
	add_box_test(tc, eight_bytes_suffice_for_what_is_as_short);
	add_box_test(tc, everybody_acts_as_who_they_are);
	add_box_test(tc, privilege_is_what_was_given);
	add_box_test(tc, a_call_that_sleeps_is_found_out);
	add_box_test(tc, what_needs_processes_is_refused);
	add_box_test(tc, limits_and_time);
	add_box_test(tc, calls_are_counted);
	return run_tests(tc, "call");
}
