/* Undo lists, and the threads and programs that share and keep them. */
#include <signal.h>

#include "test.h"

enum { CHILD = 9, OTHER, THIRD };

#define sops(...) (&(struct payload){ .sops = { sizeof((struct sop[]){ __VA_ARGS__ }) / sizeof(struct sop), \
						(struct sop[]){ __VA_ARGS__ } } })

static int64_t set_of(int64_t val)
{
	int64_t s = value(op(semget, A, .nsems = 2, .flg = 0666));

	run(op(semctl_SETVAL, D, .id = s, .val = val));
	return s;
}

static struct op semop(int actor, int64_t s, const struct payload *sops)
{
	return with(sops, semop, actor, .id = s);
}

static void take(int actor, int64_t s, int16_t n)
{
	run(semop(actor, s, sops({ 0, (int16_t)-n, SEM_UNDO })));
}

static int64_t val(int64_t s)
{
	return value(op(semctl_GETVAL, D, .id = s));
}

static int64_t last(int64_t s)
{
	return value(op(semctl_GETPID, D, .id = s)) - 1;
}

static struct op hit(int to, int signo)
{
	return op(signal, -1, .to = to, .signo = signo);
}

static void share(int parent, int child)
{
	ck_assert_int_eq(value(op(clone, parent, .child = child, .flags = CLONE_SYSVSEM)), child + 1);
}

static void thread(int parent, int child)
{
	ck_assert_int_eq(value(op(thread, parent, .child = child)), child + 1);
}

static const char *unready(struct op call)
{
	static char why[100];

	return model_ready(w, &call, why, sizeof(why)) ? "" : why;
}

/* ---- shared lists ----------------------------------------------------------------------------- */

/* Each of the two ends in turn, by exit, by a signal, and without ending. */
START_TEST(a_shared_list_is_applied_by_the_last)
{
	const struct op ends[] = {
		op(exit, A), op(exit, CHILD), hit(A, SIGKILL), hit(CHILD, SIGKILL), op(unshare_sysvsem, A),
		op(unshare_sysvsem, CHILD),
	};
	int64_t s = set_of(10);

	share(A, CHILD);
	take(A, s, 1);
	take(CHILD, s, 2);
	run(ends[_i]);
	ck_assert_int_eq(val(s), 7);
	run(ends[_i ^ 1]);
	ck_assert_int_eq(val(s), 10);
	ck_assert_int_eq(last(s), _i & 1 ? A : CHILD);
	ck_assert_uint_eq(((struct semset *)by_id(&w->ns[HOME], SEM, s))->nundos, 0);
}
END_TEST

START_TEST(a_clone_without_the_flag_owes_nothing)
{
	int64_t s = set_of(10);

	take(A, s, 1);
	run(op(clone, A, .child = CHILD));
	take(CHILD, s, 2);
	run(op(exit, A));
	ck_assert_int_eq(val(s), 8);
	run(op(exit, CHILD));
	ck_assert_int_eq(val(s), 10);
}
END_TEST

START_TEST(what_is_unshared_belongs_to_a_list_of_ones_own)
{
	int64_t s = set_of(10);

	share(A, CHILD);
	share(CHILD, OTHER);
	take(OTHER, s, 4);
	run(op(unshare_sysvsem, CHILD));
	take(CHILD, s, 1);
	run(op(exit, CHILD));
	ck_assert_int_eq(val(s), 6);
	share(A, CHILD);
	run(op(exit, OTHER));
	run(op(exit, A));
	ck_assert_int_eq(val(s), 6);
	run(op(exit, CHILD));
	ck_assert_int_eq(val(s), 10);
}
END_TEST

START_TEST(a_list_that_is_given_up_can_complete_a_sleeper)
{
	int64_t s = set_of(1);

	take(A, s, 1);
	ck_assert(blocks(semop(B, s, sops({ 0, -1, 0 }))));
	run(op(unshare_sysvsem, A));
	ck_assert_int_eq(woken_err(B), 0);
	ck_assert_int_eq(last(s), B);
}
END_TEST

START_TEST(a_set_that_two_lists_owe_keeps_them_apart)
{
	int64_t s = set_of(10);

	share(D, OTHER);
	share(A, CHILD);
	take(CHILD, s, 1);
	take(OTHER, s, 2);
	run(op(exit, CHILD));
	take(A, s, 4);
	run(op(exit, A));
	ck_assert_int_eq(val(s), 8);
	run(op(exit, OTHER));
	ck_assert_int_eq(val(s), 8);
	run(op(unshare_sysvsem, D));
	ck_assert_int_eq(val(s), 10);
}
END_TEST

/* A number outlives who it was first given to, and is not given again before that. */
START_TEST(a_newcomer_does_not_get_a_list_that_others_have)
{
	int64_t s = set_of(10);

	share(A, CHILD);
	take(A, s, 1);
	run(op(exit, A));
	run(op(fork, CHILD, .child = A));
	take(A, s, 2);
	run(op(exit, A));
	ck_assert_int_eq(val(s), 9);
	run(op(exit, CHILD));
	ck_assert_int_eq(val(s), 10);
}
END_TEST

START_TEST(a_copy_shares_within_itself)
{
	int64_t s = set_of(10);
	struct world *copy, *original = w;

	share(A, CHILD);
	thread(A, OTHER);
	take(A, s, 1);
	copy = world_clone(w);
	ck_assert_ptr_nonnull(copy);
	ck_assert(world_equal(w, copy));
	w = copy;
	run(op(exit, A));
	run(op(exit, OTHER));
	run(op(exit, CHILD));
	ck_assert_int_eq(val(s), 10);
	w = original;
	ck_assert_int_eq(val(s), 9);
	ck_assert(!world_equal(w, copy));
	world_free(copy);
}
END_TEST

START_TEST(other_systems_share_and_keep_otherwise)
{
	static const struct { const char *change; int64_t first, second; } expected[] = {
		{ "clone-shares-undo=off", 8, 10 }, { "undo-by-last-sharer=off", 10, 10 },
	};
	struct profile p = profile_linux;
	int64_t s = set_of(10);
	char why[100];

	ck_assert(profile_change(&p, expected[_i].change, why, sizeof(why)));
	profile = &p;
	share(A, CHILD);
	take(A, s, 1);
	take(CHILD, s, 2);
	run(op(exit, A));
	ck_assert_int_eq(val(s), expected[_i].first);
	run(op(exit, CHILD));
	ck_assert_int_eq(val(s), expected[_i].second);
}
END_TEST

/* ---- threads ---------------------------------------------------------------------------------- */

START_TEST(threads_are_recorded_as_their_process)
{
	int64_t s = set_of(1), q = value(op(msgget, A, .flg = 0666)), m;

	thread(A, CHILD);
	thread(CHILD, OTHER);
	m = value(op(shmget, CHILD, .size = 1, .flg = 0600));
	ck_assert_int_eq(field(SHM, m, F_cpid), A + 1);
	run(op(shmat, OTHER, .id = m));
	ck_assert_int_eq(field(SHM, m, F_lpid), A + 1);
	take(OTHER, s, 1);
	ck_assert_int_eq(last(s), A);
	run(with(text(1, "x"), msgsnd, CHILD, .id = q));
	ck_assert_int_eq(field(MSG, q, F_lspid), A + 1);
	run(op(msgrcv, CHILD, .id = q, .size = 9));
	ck_assert_int_eq(field(MSG, q, F_lrpid), A + 1);
	run(op(semctl_SETVAL, OTHER, .id = s));
	ck_assert_int_eq(last(s), A);
	run(op(exit, A));
	run(op(semctl_SETVAL, OTHER, .id = s));
	ck_assert_int_eq(last(s), A);
}
END_TEST

START_TEST(a_hand_off_is_recorded_as_the_profile_says)
{
	int64_t q = value(op(msgget, A, .flg = 0666));

	profile = _i ? &profile_posix : &profile_linux;
	thread(A, CHILD);
	ck_assert(blocks(op(msgrcv, CHILD, .id = q, .size = 9)));
	run(with(text(1, "x"), msgsnd, B, .id = q));
	ck_assert_int_eq(field(MSG, q, F_lrpid), _i ? A + 1 : CHILD + 1);
	ck_assert(blocks(op(msgrcv, A, .id = q, .size = 9)));
	run(with(text(1, "x"), msgsnd, B, .id = q));
	ck_assert_int_eq(field(MSG, q, F_lrpid), A + 1);
}
END_TEST

/* A call that a stop broke off is no sleeper any more: it takes what is there. */
START_TEST(a_call_made_again_is_no_hand_off)
{
	int64_t q = value(op(msgget, A, .flg = 0666));

	thread(A, CHILD);
	ck_assert(blocks(op(msgrcv, CHILD, .id = q, .size = 9)));
	run(hit(A, SIGSTOP));
	run(with(text(1, "x"), msgsnd, B, .id = q));
	run(hit(CHILD, SIGCONT));
	ck_assert_int_eq(woken_err(CHILD), 0);
	ck_assert_int_eq(field(MSG, q, F_lrpid), A + 1);
}
END_TEST

START_TEST(threads_share_memory_and_limits_but_not_credentials)
{
	const struct payload other = { .cred = { .has = BIT(1), .cred = { .euid = 2000 } } };
	int64_t m = value(op(shmget, A, .size = 1, .flg = 0600)), at;

	run(op(rlimit, A, .name = RLIM_MEMLOCK, .value = 0));
	thread(A, CHILD);
	at = value(op(shmat, CHILD, .id = m));
	ck_assert_int_eq(field(SHM, m, F_nattch), 1);
	ck_assert_int_eq(world_memory(w, A), world_memory(w, CHILD));
	ck_assert_int_eq(run(op(load, A, .addr = at, .len = 1)).how, RETURNED);
	ck_assert_int_eq(w->task[CHILD].rlimit[RLIM_MEMLOCK], 0);
	run(op(rlimit, CHILD, .name = RLIM_MEMLOCK, .value = 4096));
	ck_assert_int_eq(w->task[A].rlimit[RLIM_MEMLOCK], 4096);
	run(with(&other, become, CHILD));
	ck_assert_uint_eq(world_cred(w, A)->euid, 1000);
	run(op(exit, CHILD));
	ck_assert_int_eq(field(SHM, m, F_nattch), 1);
	ck_assert_int_eq(value(op(shmdt, A, .addr = at)), 0);
	ck_assert_int_eq(field(SHM, m, F_nattch), 0);
}
END_TEST

START_TEST(the_last_thread_to_end_detaches_and_undoes)
{
	static const int orders[][3] = { { A, CHILD, OTHER }, { OTHER, A, CHILD }, { CHILD, OTHER, A } };
	int64_t s = set_of(10), m = value(op(shmget, B, .size = 1, .flg = 0600));

	thread(A, CHILD);
	thread(A, OTHER);
	run(op(shmat, CHILD, .id = m));
	take(OTHER, s, 3);
	for (int i = 0; i < 2; i++) {
		run(op(exit, orders[_i][i]));
		ck_assert_int_eq(val(s), 7);
		ck_assert_int_eq(field(SHM, m, F_nattch), 1);
	}
	run(op(exit, orders[_i][2]));
	ck_assert_int_eq(val(s), 10);
	ck_assert_int_eq(last(s), A);
	ck_assert_int_eq(field(SHM, m, F_nattch), 0);
	ck_assert_int_eq(field(SHM, m, F_lpid), A + 1);
}
END_TEST

START_TEST(a_kill_ends_the_whole_process)
{
	int64_t s = set_of(10), q = value(op(msgget, A, .flg = 0666));

	thread(A, CHILD);
	run(op(fork, CHILD, .child = OTHER));
	take(A, s, 1);
	take(CHILD, s, 2);
	ck_assert(blocks(op(msgrcv, A, .id = q, .size = 9)));
	run(hit(CHILD, SIGKILL));
	ck_assert_int_eq(woken(A).how, FAULTED);
	ck_assert(!world_alive(w, A));
	ck_assert(!world_alive(w, CHILD));
	ck_assert(world_alive(w, OTHER));
	ck_assert_int_eq(val(s), 10);
}
END_TEST

START_TEST(a_stop_holds_the_whole_process_and_a_handled_signal_one_thread)
{
	int64_t q = value(op(msgget, A, .flg = 0666));

	thread(A, CHILD);
	ck_assert(blocks(op(msgrcv, A, .id = q, .size = 9)));
	run(hit(CHILD, SIGSTOP));
	ck_assert_str_eq(unready(op(exec, CHILD)), "the actor is stopped");
	run(with(text(1, "x"), msgsnd, B, .id = q));
	ck_assert(asleep(A));
	run(hit(A, SIGCONT));
	ck_assert_int_eq(woken_err(A), 0);
	ck_assert(blocks(op(msgrcv, A, .id = q, .size = 9)));
	ck_assert(blocks(op(msgrcv, CHILD, .id = q, .size = 9)));
	run(hit(A, SIGUSR1));
	ck_assert_int_eq(woken_err(A), EINTR);
	ck_assert(asleep(CHILD));
}
END_TEST

START_TEST(the_name_of_a_process_is_taken_while_a_thread_lives)
{
	thread(A, CHILD);
	run(op(exit, A));
	ck_assert_str_eq(unready(op(fork, B, .child = A)), "the child exists already");
	ck_assert_str_eq(unready(op(thread, B, .child = A)), "the child exists already");
	ck_assert_str_eq(unready(op(clone, B, .child = CHILD)), "the child exists already");
	run(op(exit, CHILD));
	ck_assert_str_eq(unready(op(fork, B, .child = A)), "");
}
END_TEST

START_TEST(what_no_clone_takes_makes_it_unready)
{
	ck_assert_str_eq(unready(op(clone, A, .child = MAXACTORS)), "there is no actor 16");
	ck_assert_str_eq(unready(op(thread, A, .child = -1)), "there is no actor -1");
	ck_assert(*unready(op(clone, A, .child = CHILD, .flags = 1)));
}
END_TEST

START_TEST(what_takes_memory_of_unknown_size_is_not_followed)
{
	run(op(mlockall, A));
	ck_assert_str_eq(unready(op(thread, A, .child = CHILD)), "the stack of the thread would be locked");
	run(op(exec, A));
	ck_assert_str_eq(unready(op(thread, A, .child = CHILD)), "");
	run(op(rlimit, A, .name = RLIM_AS, .value = 4096));
	ck_assert_str_eq(unready(op(thread, A, .child = CHILD)), "what thread maps counts against RLIMIT_AS");
	ck_assert_str_eq(unready(op(exec, A)), "what exec maps counts against RLIMIT_AS");
	ck_assert_str_eq(unready(op(fork, A, .child = CHILD)), "");
}
END_TEST

START_TEST(the_invariant_knows_threads)
{
	thread(A, CHILD);
	ck_assert_ptr_null(why_not_ok());
	w->task[CHILD].pid = CHILD + 1;
	ck_assert_str_eq(why_not_ok(), "tasks 0 and 9 share one of process and memory");
	w->task[CHILD].pid = A + 1;
	w->task[CHILD].memory = CHILD;
	ck_assert_str_eq(why_not_ok(), "tasks 0 and 9 share one of process and memory");
	w->task[CHILD].memory = w->task[A].memory;
	ck_assert_ptr_null(why_not_ok());
}
END_TEST

/* ---- exec ------------------------------------------------------------------------------------- */

START_TEST(a_program_keeps_what_it_owes_and_nothing_that_was_attached)
{
	int64_t s = set_of(10), m = value(op(shmget, B, .size = 1, .flg = 0600)), at;

	take(A, s, 1);
	at = value(op(shmat, A, .id = m));
	run(op(shmat, A, .id = m));
	ck_assert_int_eq(value(op(exec, A)), 0);
	ck_assert_int_eq(field(SHM, m, F_nattch), 0);
	ck_assert_int_eq(field(SHM, m, F_lpid), A + 1);
	ck_assert_int_eq(field(SHM, m, F_dtime), model_now(w) - 1);
	ck_assert_int_eq(run(op(load, A, .addr = at, .len = 1)).err, SIGSEGV);
	ck_assert_int_eq(err(op(shmdt, A, .addr = at)), EINVAL);
	ck_assert_int_eq(val(s), 9);
	take(A, s, 2);
	run(op(exit, A));
	ck_assert_int_eq(val(s), 10);
}
END_TEST

START_TEST(an_exec_saves_effective_ids)
{
	struct cred *c = &w->task[A].cred, expected;

	*c = (struct cred){
		1, 2, 3, 4, 5, 6, 7, 8, .caps = BIT(CAP_IPC_OWNER), .ngroups = 1, .groups = { 9 },
	};
	expected = *c;
	expected.suid = expected.fsuid = 2;
	expected.sgid = expected.fsgid = 6;
	run(op(exec, A));
	ck_assert_mem_eq(&expected, world_cred(w, A), sizeof(expected));
}
END_TEST

START_TEST(an_exec_leaves_other_processes_alone)
{
	int64_t s = set_of(10), m = value(op(shmget, B, .size = 1, .flg = 0600));

	run(op(shmat, A, .id = m));
	share(A, CHILD);
	take(CHILD, s, 1);
	run(op(exec, A));
	ck_assert(world_alive(w, CHILD));
	ck_assert_int_eq(field(SHM, m, F_nattch), 1);
	run(op(exit, CHILD));
	ck_assert_int_eq(val(s), 9);
	run(op(exit, A));
	ck_assert_int_eq(val(s), 10);
}
END_TEST

START_TEST(a_thread_that_becomes_a_program_is_alone_and_named_as_its_process)
{
	int64_t s = set_of(10), q = value(op(msgget, A, .flg = 0666));

	thread(A, CHILD);
	thread(A, OTHER);
	take(A, s, 1);
	ck_assert(blocks(op(msgrcv, OTHER, .id = q, .size = 9)));
	run(op(exec, CHILD));
	ck_assert_int_eq(woken(OTHER).err, SIGKILL);
	ck_assert(!world_alive(w, A));
	ck_assert(!world_alive(w, OTHER));
	ck_assert_int_eq(val(s), 9);
	ck_assert(blocks(op(msgrcv, CHILD, .id = q, .size = 9)));
	run(with(text(1, "x"), msgsnd, B, .id = q));
	ck_assert_int_eq(field(MSG, q, F_lrpid), A + 1);
	run(op(exit, CHILD));
	ck_assert_int_eq(val(s), 10);
	ck_assert_int_eq(last(s), A);
}
END_TEST

START_TEST(other_systems_do_otherwise_at_exec)
{
	struct profile p = profile_linux;
	int64_t s = set_of(10), m = value(op(shmget, B, .size = 1, .flg = 0600));
	char why[100];

	ck_assert(profile_change(&p, _i ? "exec-keeps-undo=off" : "exec-detaches=off", why, sizeof(why)));
	profile = &p;
	take(A, s, 1);
	run(op(shmat, A, .id = m));
	run(op(exec, A));
	ck_assert_int_eq(val(s), _i ? 10 : 9);
	ck_assert_int_eq(field(SHM, m, F_nattch), !_i);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("undo");
	TCase *tc = tests_of(s, "lists");

	tcase_add_loop_test(tc, a_shared_list_is_applied_by_the_last, 0, 6);
	tcase_add_test(tc, a_clone_without_the_flag_owes_nothing);
	tcase_add_test(tc, what_is_unshared_belongs_to_a_list_of_ones_own);
	tcase_add_test(tc, a_list_that_is_given_up_can_complete_a_sleeper);
	tcase_add_test(tc, a_set_that_two_lists_owe_keeps_them_apart);
	tcase_add_test(tc, a_newcomer_does_not_get_a_list_that_others_have);
	tcase_add_test(tc, a_copy_shares_within_itself);
	tcase_add_loop_test(tc, other_systems_share_and_keep_otherwise, 0, 2);
	tc = tests_of(s, "threads");
	tcase_add_test(tc, threads_are_recorded_as_their_process);
	tcase_add_loop_test(tc, a_hand_off_is_recorded_as_the_profile_says, 0, 2);
	tcase_add_test(tc, a_call_made_again_is_no_hand_off);
	tcase_add_test(tc, threads_share_memory_and_limits_but_not_credentials);
	tcase_add_loop_test(tc, the_last_thread_to_end_detaches_and_undoes, 0, 3);
	tcase_add_test(tc, a_kill_ends_the_whole_process);
	tcase_add_test(tc, a_stop_holds_the_whole_process_and_a_handled_signal_one_thread);
	tcase_add_test(tc, the_name_of_a_process_is_taken_while_a_thread_lives);
	tcase_add_test(tc, what_no_clone_takes_makes_it_unready);
	tcase_add_test(tc, what_takes_memory_of_unknown_size_is_not_followed);
	tcase_add_test(tc, the_invariant_knows_threads);
	tc = tests_of(s, "exec");
	tcase_add_test(tc, a_program_keeps_what_it_owes_and_nothing_that_was_attached);
	tcase_add_test(tc, an_exec_saves_effective_ids);
	tcase_add_test(tc, an_exec_leaves_other_processes_alone);
	tcase_add_test(tc, a_thread_that_becomes_a_program_is_alone_and_named_as_its_process);
	tcase_add_loop_test(tc, other_systems_do_otherwise_at_exec, 0, 2);
	return run_suite(s);
}
