/* A process per actor: who sleeps, who wakes, and what the ends of processes do. */
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "test.h"

static int64_t q, s;

static void processes(int n)
{
	new_run(REAL_PROCESSES, n);
	q = value(op(msgget, A, .key = 1, .flg = IPC_CREAT | 0666));
	s = value(op(semget, A, .key = 1, .nsems = 3, .flg = IPC_CREAT | 0666));
}

/* ---- sleeping and waking --------------------------------------------------------------------- */

BOX_TEST(actors_are_processes_of_their_own)
{
	processes(3);
	ck_assert_int_ne(real_pid(r, A), real_pid(r, B));
	ck_assert_int_ne(real_pid(r, A), getpid());
	ck_assert_int_eq(real_pid(r, D), -1);
	run(with(text(1, "x"), msgsnd, B, .id = q));
	run(op(msgctl_IPC_STAT, C, .id = q));
	ck_assert_int_eq(field(F_lspid), real_pid(r, B));
	end_run();
}

/* What was expected to happen decides what is looked at first, and not the answer. */
BOX_TEST(a_message_wakes_whoever_waits_for_it)
{
	processes(3);
	for (int i = 0; i < 8; i++) {
		bool expected = i & 1, end = i & 2;

		ck_assert_int_eq(start(op(msgrcv, B, .id = q, .size = 9), expected), PARKED);
		ck_assert_int_eq(out.how, BLOCKED);
		ck_assert_int_eq(look_after(B, end), PARKED);
		ck_assert_int_eq(start(with(text(3, "hello"), msgsnd, A, .id = q), expected), DONE);
		ck_assert_int_eq(look_after(B, end), DONE);
		ck_assert_int_eq(out.value, 5);
		ck_assert_int_eq(field(F_type), 3);
		ck_assert_mem_eq(out.bytes, "hello", 5);
		ck_assert(!real_timed(r));
	}
	end_run();
}

BOX_TEST(who_is_not_meant_sleeps_on)
{
	processes(3);
	ck_assert(blocks(op(msgrcv, A, .id = q, .typ = 1, .size = 9)));
	ck_assert(blocks(op(msgrcv, B, .id = q, .typ = 2, .size = 9)));
	run(with(text(2, "x"), msgsnd, C, .id = q));
	ck_assert(asleep(A));
	ck_assert_int_eq(woken_err(B), 0);
	ck_assert_int_eq(look_after(A, true), PARKED);
	end_run();
}

BOX_TEST(removal_wakes_everybody)
{
	processes(3);
	ck_assert(blocks(op(msgrcv, A, .id = q, .size = 9)));
	ck_assert(blocks(with(sops({ 0, -1, 0 }), semop, B, .id = s)));
	run(op(msgctl_IPC_RMID, C, .id = q));
	ck_assert_int_eq(woken_err(A), EIDRM);
	ck_assert(asleep(B));
	run(op(semctl_IPC_RMID, C, .id = s));
	ck_assert_int_eq(woken_err(B), EIDRM);
	end_run();
}

BOX_TEST(sleepers_are_counted)
{
	processes(3);
	ck_assert(blocks(with(sops({ 1, -1, 0 }), semop, B, .id = s)));
	ck_assert_int_eq(value(op(semctl_GETNCNT, A, .id = s, .num = 1)), 1);
	run(with(sops({ 1, 1, 0 }), semop, A, .id = s));
	ck_assert_int_eq(woken_err(B), 0);
	ck_assert_int_eq(value(op(semctl_GETPID, A, .id = s, .num = 1)), real_pid(r, B));
	end_run();
}

BOX_TEST(a_timeout_ends_a_sleep)
{
	struct payload d = *sops({ 0, -1, 0 });

	processes(1);
	d.timeout.given = true;
	d.timeout.nsec = 20000000;
	ck_assert(blocks(with(&d, semtimedop, A, .id = s)));
	ck_assert_int_eq(real_wait(r, A, true, 5000, &out), DONE);
	ck_assert_int_eq(out.err, EAGAIN);
	d.timeout.sec = 1000;
	ck_assert(blocks(with(&d, semtimedop, A, .id = s)));
	ck_assert_int_eq(real_wait(r, A, true, 30, &out), PARKED);
	end_run();
}

/* ---- signals --------------------------------------------------------------------------------- */

BOX_TEST(a_handled_signal_interrupts)
{
	static const int signals[] = { SIGUSR1, SIGUSR2 };

	processes(1);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(value(op(signal, -1, .to = A, .signo = signals[i])), 0);
		ck_assert(blocks(op(msgrcv, A, .id = q, .size = 9)));
		ck_assert_int_eq(value(op(signal, -1, .to = A, .signo = signals[i])), 0);
		ck_assert_int_eq(woken_err(A), EINTR);
		ck_assert(blocks(with(sops({ 0, -1, 0 }), semop, A, .id = s)));
		ck_assert_int_eq(value(op(signal, -1, .to = A, .signo = signals[i])), 0);
		ck_assert_int_eq(woken_err(A), EINTR);
	}
	end_run();
}

BOX_TEST(a_kill_ends_a_process_and_its_call)
{
	processes(2);
	ck_assert(blocks(op(msgrcv, A, .id = q, .size = 9)));
	ck_assert_int_eq(value(op(signal, -1, .to = A, .signo = SIGKILL)), 0);
	ck_assert_int_eq(look_after(A, true), DONE);
	ck_assert_int_eq(out.how, FAULTED);
	ck_assert_int_eq(out.err, SIGKILL);
	ck_assert_int_eq(real_call(r, &op(msgget, A), false, &out), LOST);
	ck_assert_int_gt(real_pid(r, A), 0);
	end_run();
}

BOX_TEST(a_stopped_process_goes_on_later)
{
	processes(2);
	ck_assert(blocks(op(msgrcv, A, .id = q, .size = 9)));
	ck_assert_int_eq(value(op(signal, -1, .to = A, .signo = SIGSTOP)), 0);
	ck_assert_int_eq(value(op(signal, -1, .to = A, .signo = SIGSTOP)), 0);
	ck_assert_int_eq(look_after(A, true), PARKED);
	run(with(text(1, "x"), msgsnd, B, .id = q));
	ck_assert_int_eq(look_after(A, true), PARKED);
	ck_assert_int_eq(value(op(signal, -1, .to = A, .signo = SIGCONT)), 0);
	ck_assert_int_eq(value(op(signal, -1, .to = A, .signo = SIGCONT)), 0);
	ck_assert_int_eq(woken_err(A), 0);
	ck_assert_int_eq(out.value, 1);
	end_run();
}

BOX_TEST(who_is_stopped_does_not_begin)
{
	processes(1);
	ck_assert_int_eq(value(op(signal, -1, .to = A, .signo = SIGSTOP)), 0);
	ck_assert_int_eq(start(op(msgctl_IPC_STAT, A, .id = q), false), PARKED);
	ck_assert_int_eq(value(op(signal, -1, .to = A, .signo = SIGCONT)), 0);
	ck_assert_int_eq(woken_err(A), 0);
	end_run();
}

/* ---- processes ------------------------------------------------------------------------------- */

BOX_TEST(the_end_of_a_process_is_complete)
{
	int64_t m;

	processes(2);
	m = value(op(shmget, A, .size = 1, .flg = 0666));
	run(op(shmat, B, .id = m));
	run(with(sops({ 0, 5, SEM_UNDO }), semop, B, .id = s));
	ck_assert_int_eq(value(op(semctl_GETVAL, A, .id = s)), 5);
	ck_assert_int_eq(value(op(exit, B, .status = 3)), 0);
	ck_assert_int_eq(value(op(semctl_GETVAL, A, .id = s)), 0);
	run(op(shmctl_IPC_STAT, A, .id = m));
	ck_assert_int_eq(field(F_nattch), 0);
	ck_assert_int_eq(field(F_lpid), real_pid(r, B));
	end_run();
}

BOX_TEST(the_end_of_a_process_can_wake_another)
{
	processes(2);
	run(with(sops({ 0, 1, SEM_UNDO }), semop, B, .id = s));
	ck_assert(blocks(with(sops({ 0, 0, 0 }), semop, A, .id = s)));
	run(op(exit, B));
	ck_assert_int_eq(woken_err(A), 0);
	end_run();
}

BOX_TEST(a_child_inherits_attachments_and_no_adjustments)
{
	int64_t m, p;

	processes(1);
	m = value(op(shmget, A, .size = 4096, .flg = 0600));
	p = value(op(shmat, A, .id = m));
	run(with(sops({ 0, 5, SEM_UNDO }), semop, A, .id = s));
	ck_assert_int_eq(value(op(fork, A, .child = D)), real_pid(r, D));
	ck_assert_int_gt(real_pid(r, D), 0);
	run(op(shmctl_IPC_STAT, D, .id = m));
	ck_assert_int_eq(field(F_nattch), 2);
	ck_assert_int_eq(fault(with(bytes("abc"), store, D, .addr = p)), 0);
	run(op(load, A, .addr = p, .len = 3));
	ck_assert_mem_eq(out.bytes, "abc", 3);
	run(op(exit, D));
	ck_assert_int_eq(value(op(semctl_GETVAL, A, .id = s)), 5);
	run(op(exit, A));
	end_run();
}

BOX_TEST(a_child_of_a_child_outlives_both)
{
	processes(1);
	run(op(fork, A, .child = B));
	run(op(fork, B, .child = C));
	run(op(exit, B));
	run(op(exit, A));
	ck_assert(blocks(op(msgrcv, C, .id = q, .size = 1)));
	end_run();
}

BOX_TEST(as_many_actors_as_there_can_be)
{
	processes(MAXACTORS - 1);
	run(op(fork, MAXACTORS - 2, .child = MAXACTORS - 1));
	for (int i = 1; i < MAXACTORS; i++)
		ck_assert(blocks(with(sops({ 0, -1, 0 }), semop, i, .id = s)));
	ck_assert_int_eq(value(op(semctl_GETNCNT, A, .id = s)), MAXACTORS - 1);
	end_run();
}

BOX_TEST(a_child_that_is_there_already_is_refused)
{
	processes(2);
	ck_assert_int_eq(real_call(r, &op(fork, A, .child = B), false, &out), LOST);
	end_run();
}

BOX_TEST(an_actor_can_become_another_at_any_time)
{
	struct payload d = { .cred = { .has = 1 << 8, .cred = { .caps = BIT(CAP_IPC_OWNER) } } };

	processes(2);
	run(op(msgctl_IPC_RMID, A, .id = q));
	q = value(op(msgget, A, .flg = 0));
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, B, .id = q)), EACCES);
	run(with(&d, become, B));
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, B, .id = q)), 0);
	run(op(fork, B, .child = C));
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, C, .id = q)), 0);
	d.cred.cred.caps = 0;
	run(with(&d, become, B));
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, B, .id = q)), EACCES);
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, C, .id = q)), 0);
	end_run();
}

BOX_TEST(actors_are_different_users)
{
	new_run(REAL_PROCESSES, 0);
	new_actor(A, nth_user(0));
	new_actor(B, nth_user(1));
	q = value(op(msgget, A, .key = 1, .flg = IPC_CREAT | 0600));
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, B, .id = q)), is_root() ? EACCES : 0);
	end_run();
}

/* A call that a stop broke off is made again and reads its buffer again. */
BOX_TEST(the_buffer_of_a_sleeper_is_spoiled_until_it_is_stopped)
{
	const struct payload small = { .set = { .has = BIT(F_qbytes), .qbytes = 1 } };

	processes(2);
	run(with(&small, msgctl_IPC_SET, A, .id = q));
	run(with(text(1, "a"), msgsnd, A, .id = q));
	ck_assert(blocks(with(text(2, "b"), msgsnd, B, .id = q)));
	ck_assert_uint_eq(*(unsigned char *)slot_get(B)->buf, CANARY);
	ck_assert_int_eq(value(op(signal, -1, .to = B, .signo = SIGSTOP)), 0);
	ck_assert_uint_eq(*(unsigned char *)slot_get(B)->buf, 2);
	ck_assert(asleep(B));
	ck_assert_uint_eq(*(unsigned char *)slot_get(B)->buf, 2);
	ck_assert_int_eq(value(op(signal, -1, .to = B, .signo = SIGCONT)), 0);
	ck_assert(asleep(B));
	ck_assert_uint_eq(*(unsigned char *)slot_get(B)->buf, CANARY);
	run(op(msgrcv, A, .id = q, .size = 9));
	ck_assert_int_eq(woken_err(B), 0);
	run(op(msgrcv, A, .id = q, .size = 9));
	ck_assert_int_eq(field(F_type), 2);
	ck_assert_mem_eq(out.bytes, "b", 1);
	end_run();
}

BOX_TEST(bad_places_are_bad_for_every_actor)
{
	static const enum place bad[] = { P_NULL, P_UNMAPPED, P_READONLY, P_PARTIAL };
	struct payload d = *sops({ 0, -1, 0 });

	processes(2);
	run(op(fork, B, .child = C));
	d.timeout.given = true;
	d.timeout.where = P_UNMAPPED;
	for (int actor = A; actor <= C; actor++) {
		for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
			ck_assert_int_eq(err(op(msgctl_IPC_STAT, actor, .id = q, .buf = bad[i])), EFAULT);
		ck_assert_int_eq(err(op(msgctl_IPC_STAT, actor, .id = q)), 0);
		ck_assert_int_eq(err(with(&d, semtimedop, actor, .id = s)), EFAULT);
	}
	end_run();
}

/* ---- harness --------------------------------------------------------------------------------- */

BOX_TEST(every_run_is_in_a_namespace_of_its_own)
{
	for (int i = 0; i < 20; i++) {
		processes(2);
		ck_assert_int_eq(q, 0);
		ck_assert(blocks(op(msgrcv, B, .id = q, .size = 9)));
		end_run();
	}
}

BOX_TEST(runs_of_both_kinds_follow_each_other)
{
	for (int i = 0; i < 6; i++) {
		new_run(i & 1 ? REAL_SOLO : REAL_PROCESSES, 2);
		ck_assert_int_eq(value(op(msgget, B, .flg = 0600)), 0);
		end_run();
	}
}

/* Is there a mapping of that name at this place in the actor's memory? */
static bool lies_in(int actor, const void *at, const char *name)
{
	static char text[65536];
	uintptr_t start, end;
	char path[64], *rest;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)real_pid(r, actor));
	ck_assert(read_file(path, text, sizeof(text)));
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR, &start, &end) == 2 && start <= (uintptr_t)at
		    && (uintptr_t)at < end)
			return strstr(line, name);
	return false;
}

#ifdef __SANITIZE_ADDRESS__
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* Later actors find on the heap what earlier ones did, but are given it only when they ask. */
BOX_TEST(after_many_actors_the_heap_is_put_aside)
{
	enum { SIZE = 1 << 20, MANY = 40 };
	unsigned char *heap = sbrk(SIZE), seen[16];
	unsigned char *mapped = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(heap, 'x', SIZE);
	memset(mapped, 'y', SIZE);
	keep_none();
	for (int i = 0; i < MANY; i++) {
		processes(1);
		ck_assert_uint_eq(real_bytes(r, A, (int64_t)(uintptr_t)heap, seen, sizeof(seen)), 16);
		ck_assert_mem_eq(seen, "xxxxxxxxxxxxxxxx", sizeof(seen));
		ck_assert_int_eq(lies_in(A, heap, "[heap]"), i < 30);
		ck_assert_int_eq(lies_in(A, heap, "memfd:heap"), i >= 30);
		ck_assert_int_eq(lies_in(A, mapped, "memfd:heap"), i >= 30 && !SANITIZED);
		ck_assert_uint_eq(real_bytes(r, A, (int64_t)(uintptr_t)mapped, seen, sizeof(seen)), 16);
		ck_assert_mem_eq(seen, "yyyyyyyyyyyyyyyy", sizeof(seen));
		end_run();
	}
	processes(1);
	value(op(thread, A, .child = B));
	run(op(msgctl_IPC_STAT, B, .id = q));
	run(op(exec, A));
	run(op(msgctl_IPC_STAT, A, .id = q));
	end_run();
	ck_assert_mem_eq(heap, "xxxxxxxxxxxxxxxx", 16);
	munmap(mapped, SIZE);
}

BOX_TEST(no_process_is_left)
{
	int64_t pid;

	processes(2);
	ck_assert(blocks(op(msgrcv, B, .id = q, .size = 9)));
	pid = real_pid(r, B);
	run(op(fork, A, .child = C));
	end_run();
	ck_assert_int_eq(kill((pid_t)pid, 0), -1);
	ck_assert_int_eq(errno, ESRCH);
}

BOX_TEST(an_actor_that_dies_is_told)
{
	processes(2);
	kill((pid_t)real_pid(r, A), SIGSEGV);
	ck_assert_int_eq(real_call(r, &op(msgget, A), false, &out), LOST);
	ck_assert_str_eq(real_why(r), "actor 0 died of signal 11 in msgget");
	ck_assert_int_eq(real_wait(r, B, false, 0, &out), LOST);
	end_run();
}

BOX_TEST(memory_of_actors_is_seen_while_they_sleep)
{
	unsigned char buf[8192];
	int64_t m, p;

	processes(2);
	m = value(op(shmget, B, .size = 4096, .flg = 0600));
	p = value(op(shmat, B, .id = m, .addr = HOLE));
	run(with(bytes("abc"), store, B, .addr = p));
	ck_assert(blocks(op(msgrcv, B, .id = q, .size = 9)));
	ck_assert_uint_eq(real_bytes(r, B, p, buf, sizeof(buf)), 4096);
	ck_assert_mem_eq(buf, "abc\0", 4);
	ck_assert_uint_eq(real_bytes(r, A, p, buf, sizeof(buf)), 0);
	end_run();
}

/* From now on the worker may not look into processes of other users. */
static void give_up_ptrace(void)
{
	const struct { uint32_t version; int pid; } head = { 0x20080522, 0 };
	uint64_t effective, permitted;

	ck_assert(cred_read_caps(&effective, &permitted));
	permitted &= ~BIT(19);
	ck_assert_int_eq(syscall(SYS_capset, &head, (const uint32_t[]){
		(uint32_t)permitted, (uint32_t)permitted, 0,
		(uint32_t)(permitted >> 32), (uint32_t)(permitted >> 32), 0 }), 0);
}

BOX_TEST(without_the_right_to_look_actors_are_asked)
{
	unsigned char buf[8] = "";
	int64_t m, p;

	give_up_ptrace();
	processes(1);
	m = value(op(shmget, A, .size = 4096, .flg = 0600));
	p = value(op(shmat, A, .id = m));
	run(with(bytes("abc"), store, A, .addr = p));
	ck_assert_uint_eq(real_bytes(r, A, p, buf, sizeof(buf)), sizeof(buf));
	ck_assert_mem_eq(buf, "abc\0", 4);
	ck_assert_uint_eq(real_bytes(r, A, HOLE, buf, sizeof(buf)), 0);
	ck_assert(blocks(op(msgrcv, A, .id = q, .size = 9)));
	ck_assert(!real_timed(r));
	end_run();
}

BOX_TEST(without_proc_sleep_is_concluded_from_time)
{
	processes(2);
	ck_assert_int_eq(umount2("/proc", MNT_DETACH), 0);
	ck_assert(blocks(op(msgrcv, A, .id = q, .size = 9)));
	ck_assert(real_timed(r));
	run(with(text(1, "x"), msgsnd, B, .id = q));
	ck_assert_int_eq(woken_err(A), 0);
	ck_assert(real_timed(r));
	end_run();
}

/* A system may hang up a group of processes of which one is stopped. */
BOX_TEST(a_hangup_ends_nobody)
{
	new_run(REAL_PROCESSES, 2);
	ck_assert_int_eq(kill((pid_t)real_pid(r, A), SIGHUP), 0);
	value(op(msgget, A, .key = 1, .flg = IPC_CREAT | 0600));
	end_run();
}

/* Such as one that the system is slow to wake. */
BOX_TEST(who_should_end_gets_longer_where_that_is_asked_for)
{
	int64_t since;

	processes(1);
	ck_assert_int_eq(umount2("/proc", MNT_DETACH), 0);
	ck_assert(blocks(op(msgrcv, A, .id = q, .size = 9)));
	real_be_patient(r);
	since = clock_ms();
	ck_assert_int_eq(look_after(A, true), PARKED);
	ck_assert_int_ge(clock_ms() - since, 1000);
	end_run();
}

int main(void)
{
	TCase *tc = tcase_create("actor");

	add_box_test(tc, actors_are_processes_of_their_own);
	add_box_test(tc, a_message_wakes_whoever_waits_for_it);
	add_box_test(tc, who_is_not_meant_sleeps_on);
	add_box_test(tc, removal_wakes_everybody);
	add_box_test(tc, sleepers_are_counted);
	add_box_test(tc, a_timeout_ends_a_sleep);
	add_box_test(tc, a_handled_signal_interrupts);
	add_box_test(tc, a_kill_ends_a_process_and_its_call);
	add_box_test(tc, a_stopped_process_goes_on_later);
	add_box_test(tc, who_is_stopped_does_not_begin);
	add_box_test(tc, the_end_of_a_process_is_complete);
	add_box_test(tc, the_end_of_a_process_can_wake_another);
	add_box_test(tc, a_child_inherits_attachments_and_no_adjustments);
	add_box_test(tc, a_child_of_a_child_outlives_both);
	add_box_test(tc, as_many_actors_as_there_can_be);
	add_box_test(tc, a_child_that_is_there_already_is_refused);
	add_box_test(tc, an_actor_can_become_another_at_any_time);
	add_box_test(tc, actors_are_different_users);
	add_box_test(tc, the_buffer_of_a_sleeper_is_spoiled_until_it_is_stopped);
	add_box_test(tc, bad_places_are_bad_for_every_actor);
	add_box_test(tc, every_run_is_in_a_namespace_of_its_own);
	add_box_test(tc, runs_of_both_kinds_follow_each_other);
	add_box_test(tc, after_many_actors_the_heap_is_put_aside);
	add_box_test(tc, no_process_is_left);
	add_box_test(tc, an_actor_that_dies_is_told);
	add_box_test(tc, memory_of_actors_is_seen_while_they_sleep);
	add_box_test(tc, without_the_right_to_look_actors_are_asked);
	add_box_test(tc, without_proc_sleep_is_concluded_from_time);
	add_box_test(tc, a_hangup_ends_nobody);
	add_box_test(tc, who_should_end_gets_longer_where_that_is_asked_for);
	return run_tests(tc, "actor");
}
