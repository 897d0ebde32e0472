/* Actors that share a process, and actors that become another program. */
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

static int64_t semval(int actor)
{
	return value(op(semctl_GETVAL, actor, .id = s));
}

static struct op adds(int actor, const struct payload *sops)
{
	return with(sops, semop, actor, .id = s);
}

static void hit(int actor, int signo)
{
	ck_assert_int_eq(value(op(signal, -1, .to = actor, .signo = signo)), 0);
}

/* A line of /proc/PID/status, of the process or thread. */
static int64_t status_of(int actor, const char *name)
{
	char path[64], text[4096];
	const char *line;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)real_pid(r, actor));
	ck_assert(read_file(path, text, sizeof(text)));
	line = strstr(text, name);
	ck_assert_ptr_nonnull(line);
	return strtoll(line + strlen(name) + 1, NULL, 10);
}

/* ---- clone ------------------------------------------------------------------------------------ */

BOX_TEST(an_undo_list_can_be_shared_and_given_up)
{
	processes(1);
	run(op(clone, A, .child = B, .flags = CLONE_SYSVSEM));
	run(op(clone, A, .child = C));
	run(adds(B, sops({ 0, 1, SEM_UNDO })));
	run(adds(C, sops({ 0, 2, SEM_UNDO })));
	run(op(exit, B));
	ck_assert_int_eq(semval(A), 3);
	ck_assert_int_eq(value(op(unshare_sysvsem, A)), 0);
	ck_assert_int_eq(semval(A), 2);
	run(op(exit, C));
	ck_assert_int_eq(semval(A), 0);
	end_run();
}

/* ---- threads ---------------------------------------------------------------------------------- */

BOX_TEST(a_thread_is_of_its_parents_process)
{
	processes(1);
	ck_assert_int_eq(value(op(thread, A, .child = B)), real_pid(r, B));
	ck_assert_int_ne(real_pid(r, A), real_pid(r, B));
	ck_assert_int_eq(status_of(B, "Tgid:"), real_pid(r, A));
	run(with(text(1, "x"), msgsnd, B, .id = q));
	run(op(msgctl_IPC_STAT, B, .id = q));
	ck_assert_int_eq(field(F_lspid), real_pid(r, A));
	end_run();
}

BOX_TEST(threads_sleep_and_wake_each_for_itself)
{
	processes(2);
	run(op(thread, A, .child = C));
	run(op(thread, C, .child = D));
	for (int i = 0; i < 4; i++) {
		ck_assert(blocks(op(msgrcv, A, .id = q, .typ = 1, .size = 9)));
		ck_assert(blocks(adds(C, sops({ 0, -1, 0 }))));
		ck_assert(blocks(op(msgrcv, D, .id = q, .typ = 2, .size = 9)));
		run(with(text(2, "for D"), msgsnd, B, .id = q));
		ck_assert(asleep(A));
		ck_assert(asleep(C));
		ck_assert_int_eq(woken_err(D), 0);
		ck_assert_mem_eq(out.bytes, "for D", 5);
		hit(C, SIGUSR1);
		ck_assert_int_eq(woken_err(C), EINTR);
		ck_assert(asleep(A));
		run(with(text(1, "for A"), msgsnd, C, .id = q));
		ck_assert_int_eq(woken_err(A), 0);
		ck_assert(!real_timed(r));
	}
	end_run();
}

/* Both calls end in one step, each with an errno of its own. */
BOX_TEST(threads_have_an_errno_each)
{
	processes(2);
	run(op(thread, A, .child = C));
	for (int i = 0; i < 8; i++) {
		int64_t other = value(op(semget, A, .nsems = 1, .flg = 0600));

		ck_assert(blocks(with(sops({ 0, -1, 0 }), semop, A, .id = other)));
		ck_assert(blocks(op(msgrcv, C, .id = q, .size = 9)));
		run(op(semctl_IPC_RMID, B, .id = other));
		hit(C, SIGUSR2);
		ck_assert_int_eq(woken_err(A), EIDRM);
		ck_assert_int_eq(woken_err(C), EINTR);
	}
	end_run();
}

BOX_TEST(threads_share_attachments)
{
	int64_t m, p;

	processes(1);
	m = value(op(shmget, A, .size = 4096, .flg = 0600));
	run(op(thread, A, .child = B));
	p = value(op(shmat, B, .id = m, .addr = HOLE));
	ck_assert_int_eq(fault(with(bytes("abc"), store, A, .addr = p)), 0);
	run(op(load, B, .addr = p, .len = 3));
	ck_assert_mem_eq(out.bytes, "abc", 3);
	run(op(exit, B));
	run(op(shmctl_IPC_STAT, A, .id = m));
	ck_assert_int_eq(field(F_nattch), 1);
	ck_assert_int_eq(value(op(shmdt, A, .addr = p)), 0);
	ck_assert_int_eq(fault(op(load, A, .addr = p, .len = 1)), SIGSEGV);
	end_run();
}

/* Where its stack lies the worker does not know. */
BOX_TEST(nothing_but_its_own_is_replaced_in_a_process_of_threads)
{
	struct op remap = op(shmat, A, .addr = HOLE + HOLE_SIZE, .flg = SHM_REMAP);

	processes(1);
	remap.shmat.id = value(op(shmget, A, .size = 4096, .flg = 0600));
	ck_assert_int_eq(err(remap), 0);
	run(op(thread, A, .child = B));
	ck_assert_int_eq(err(remap), 0);
	remap.shmat.addr += 4096;
	ck_assert_int_eq(real_call(r, &remap, false, &out), LOST);
	remap.shmat.addr = HOLE;
	ck_assert_int_eq(err(remap), 0);
	end_run();
}

BOX_TEST(threads_have_credentials_each)
{
	struct payload d = { .cred = { .has = 1 << CRED_CAPS, .cred = { .caps = BIT(CAP_IPC_OWNER) } } };
	int64_t mine;

	processes(1);
	mine = value(op(msgget, A, .flg = 0));
	run(op(thread, A, .child = B));
	run(with(&d, become, B));
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, A, .id = mine)), EACCES);
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, B, .id = mine)), 0);
	run(op(thread, B, .child = C));
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, C, .id = mine)), 0);
	d.cred.cred.caps = 0;
	run(with(&d, become, C));
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, C, .id = mine)), EACCES);
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, B, .id = mine)), 0);
	end_run();
}

/* A thread knows what it has: the capabilities of user 0 too, whose ids are those of nobody asked yet. */
BOX_TEST(a_thread_of_user_0_can_lose_capabilities)
{
	struct payload none = { .cred = { .has = 1 << CRED_CAPS } };
	struct cred root = user(is_root() ? 0 : 1000);
	int64_t mine;

	root.caps = BIT(CAP_IPC_OWNER);
	processes(1);
	new_actor(B, root);
	mine = value(op(msgget, A, .flg = 0));
	run(op(thread, B, .child = C));
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, C, .id = mine)), 0);
	run(with(&none, become, C));
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, C, .id = mine)), EACCES);
	end_run();
}

BOX_TEST(threads_end_one_by_one)
{
	static const int orders[][3] = { { A, B, C }, { C, A, B }, { B, C, A } };

	for (int i = 0; i < 3; i++) {
		int64_t process;

		processes(1);
		new_actor(D, user(1000));
		process = real_pid(r, A);
		run(op(thread, A, .child = B));
		run(op(thread, B, .child = C));
		run(adds(A, sops({ 0, 1, SEM_UNDO })));
		run(adds(C, sops({ 0, 1, SEM_UNDO })));
		run(op(exit, orders[i][0]));
		ck_assert(blocks(op(msgrcv, orders[i][1], .id = q, .size = 9)));
		run(with(text(1, "x"), msgsnd, orders[i][2], .id = q));
		ck_assert_int_eq(woken_err(orders[i][1]), 0);
		run(op(exit, orders[i][1]));
		ck_assert_int_eq(semval(D), 2);
		run(op(exit, orders[i][2]));
		ck_assert_int_eq(semval(D), 0);
		ck_assert_int_eq(kill((pid_t)process, 0), -1);
		end_run();
	}
}

BOX_TEST(a_kill_ends_all_threads)
{
	processes(2);
	run(op(thread, A, .child = C));
	run(op(thread, A, .child = D));
	ck_assert(blocks(op(msgrcv, A, .id = q, .size = 9)));
	ck_assert(blocks(op(msgrcv, D, .id = q, .size = 9)));
	hit(C, SIGKILL);
	ck_assert_int_eq(real_call(r, &op(msgget, C), false, &out), LOST);
	ck_assert_int_eq(look_after(A, true), DONE);
	ck_assert_int_eq(out.how, FAULTED);
	ck_assert_int_eq(look_after(D, false), DONE);
	ck_assert_int_eq(out.err, SIGKILL);
	ck_assert_int_eq(semval(B), 0);
	end_run();
}

BOX_TEST(a_stop_stops_all_threads)
{
	processes(2);
	run(op(thread, A, .child = C));
	ck_assert(blocks(op(msgrcv, A, .id = q, .size = 9)));
	hit(C, SIGSTOP);
	run(with(text(1, "x"), msgsnd, B, .id = q));
	ck_assert(asleep(A));
	ck_assert_int_eq(start(op(msgctl_IPC_STAT, C, .id = q), false), PARKED);
	hit(A, SIGCONT);
	ck_assert_int_eq(woken_err(A), 0);
	ck_assert_int_eq(woken_err(C), 0);
	end_run();
}

BOX_TEST(without_proc_the_end_of_a_thread_is_seen)
{
	processes(1);
	run(op(thread, A, .child = B));
	run(op(thread, A, .child = C));
	ck_assert_int_eq(umount2("/proc", MNT_DETACH), 0);
	run(op(exit, B));
	ck_assert_int_eq(semval(A), 0);
	ck_assert_int_eq(real_call(r, &op(exit, A), false, &out), LOST);
	ck_assert_str_eq(real_why(r), "the end of a first thread cannot be seen without /proc");
	end_run();
}

/* ---- exec ------------------------------------------------------------------------------------- */

BOX_TEST(a_program_goes_on_where_it_was)
{
	int64_t pid;

	processes(2);
	pid = real_pid(r, A);
	run(adds(A, sops({ 0, 5, SEM_UNDO })));
	ck_assert_int_eq(value(op(exec, A)), 0);
	ck_assert_int_eq(real_pid(r, A), pid);
	ck_assert_int_eq(semval(A), 5);
	ck_assert(blocks(op(msgrcv, A, .id = q, .size = 9)));
	ck_assert(!real_timed(r));
	hit(A, SIGUSR1);
	ck_assert_int_eq(woken_err(A), EINTR);
	run(op(exec, A));
	run(op(fork, A, .child = C));
	run(op(exec, C));
	run(op(exit, A));
	ck_assert_int_eq(semval(C), 0);
	end_run();
}

BOX_TEST(a_program_is_confined_as_it_was)
{
	enum { FILTERED = 2 };

	processes(1);
	run(op(exec, A));
	ck_assert_int_eq(status_of(A, "NoNewPrivs:"), 1);
	ck_assert_int_eq(status_of(A, "Seccomp:"), FILTERED);
	end_run();
}

BOX_TEST(an_exec_detaches)
{
	int64_t m, p;

	processes(1);
	m = value(op(shmget, A, .size = 4096, .flg = 0600));
	p = value(op(shmat, A, .id = m, .addr = HOLE));
	run(with(bytes("abc"), store, A, .addr = p));
	run(op(exec, A));
	ck_assert_int_eq(fault(op(load, A, .addr = p, .len = 1)), SIGSEGV);
	run(op(shmctl_IPC_STAT, A, .id = m));
	ck_assert_int_eq(field(F_nattch), 0);
	ck_assert_int_eq(value(op(shmat, A, .id = m, .addr = HOLE)), p);
	run(op(load, A, .addr = p, .len = 3));
	ck_assert_mem_eq(out.bytes, "abc", 3);
	end_run();
}

/* What lies where in a new program the worker does not know either. */
BOX_TEST(nothing_but_its_own_is_replaced_after_an_exec)
{
	struct op remap = op(shmat, A, .addr = HOLE + HOLE_SIZE, .flg = SHM_REMAP);

	processes(1);
	remap.shmat.id = value(op(shmget, A, .size = 4096, .flg = 0600));
	ck_assert_int_eq(err(remap), 0);
	run(op(exec, A));
	ck_assert_int_eq(real_call(r, &remap, false, &out), LOST);
	ck_assert_uint_eq(attach_reach(r, &op(load, A, .addr = HOLE + HOLE_SIZE, .len = 1)), 0);
	remap.shmat.addr = HOLE;
	ck_assert_int_eq(err(remap), 0);
	end_run();
}

BOX_TEST(places_are_good_and_bad_after_an_exec)
{
	static const enum place bad[] = { P_NULL, P_UNMAPPED, P_READONLY, P_PARTIAL };

	processes(1);
	run(op(exec, A));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_int_eq(err(op(msgctl_IPC_STAT, A, .id = q, .buf = bad[i])), EFAULT);
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, A, .id = q)), 0);
	end_run();
}

/* Whose real id is another's too. */
BOX_TEST(an_exec_keeps_credentials)
{
	struct cred who = nth_user(1);
	int64_t other;

	who.ruid = who.suid = nth_user(2).ruid;
	who.caps = BIT(CAP_IPC_OWNER);
	processes(2);
	new_actor(C, who);
	other = value(op(msgget, B, .flg = 0));
	for (int i = 0; i < 2; i++) {
		run(op(exec, C));
		ck_assert_int_eq(err(op(msgctl_IPC_STAT, C, .id = other)), 0);
		run(op(msgctl_IPC_STAT, C, .id = value(op(msgget, C, .flg = 0600))));
		ck_assert_int_eq(field(F_cuid), who.euid);
		ck_assert_int_eq(status_of(C, "Uid:"), who.ruid);
	}
	run(op(exec, B));
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, B, .id = other)), EACCES);
	end_run();
}

BOX_TEST(an_exec_by_a_thread_ends_the_others)
{
	int64_t process;

	processes(2);
	process = real_pid(r, A);
	run(op(thread, A, .child = C));
	run(op(thread, A, .child = D));
	ck_assert(blocks(op(msgrcv, C, .id = q, .size = 9)));
	hit(C, SIGUSR1);
	ck_assert_int_eq(woken_err(C), EINTR);
	ck_assert(blocks(op(msgrcv, D, .id = q, .size = 9)));
	run(op(exec, C));
	ck_assert_int_eq(look_after(D, true), DONE);
	ck_assert_int_eq(out.err, SIGKILL);
	ck_assert_int_eq(real_call(r, &op(msgget, A), false, &out), LOST);
	ck_assert_int_eq(real_pid(r, C), process);
	ck_assert(blocks(op(msgrcv, C, .id = q, .size = 9)));
	ck_assert(!real_timed(r));
	run(with(text(1, "x"), msgsnd, B, .id = q));
	ck_assert_int_eq(woken_err(C), 0);
	run(op(exit, C));
	ck_assert_int_eq(kill((pid_t)process, 0), -1);
	end_run();
}

/* An environment that says so does not make an actor: nothing is behind the descriptor. */
START_TEST(only_who_was_handed_a_slot_serves_it)
{
	static const char *const claims[] = { "", "0,0,0,0", "3,4,x", "-1,0,-1,0", "1,0,2,16", "9999,0,1,1" };

	for (size_t i = 0; i < sizeof(claims) / sizeof(*claims); i++) {
		setenv("SYSVET_ACTOR", claims[i], 1);
		real_enter();
	}
	unsetenv("SYSVET_ACTOR");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("serve");

	add_box_test(tc, an_undo_list_can_be_shared_and_given_up);
	add_box_test(tc, a_thread_is_of_its_parents_process);
	add_box_test(tc, threads_sleep_and_wake_each_for_itself);
	add_box_test(tc, threads_have_an_errno_each);
	add_box_test(tc, threads_share_attachments);
	add_box_test(tc, nothing_but_its_own_is_replaced_in_a_process_of_threads);
	add_box_test(tc, threads_have_credentials_each);
	add_box_test(tc, a_thread_of_user_0_can_lose_capabilities);
	add_box_test(tc, threads_end_one_by_one);
	add_box_test(tc, a_kill_ends_all_threads);
	add_box_test(tc, a_stop_stops_all_threads);
	add_box_test(tc, without_proc_the_end_of_a_thread_is_seen);
	add_box_test(tc, a_program_goes_on_where_it_was);
	add_box_test(tc, a_program_is_confined_as_it_was);
	add_box_test(tc, an_exec_detaches);
	add_box_test(tc, nothing_but_its_own_is_replaced_after_an_exec);
	add_box_test(tc, places_are_good_and_bad_after_an_exec);
	add_box_test(tc, an_exec_keeps_credentials);
	add_box_test(tc, an_exec_by_a_thread_ends_the_others);
	tcase_add_test(tc, only_who_was_handed_a_slot_serves_it);
	return run_tests(tc, "serve");
}
