/* Events of processes and of the environment. */
#include <signal.h>

#include "test.h"

static struct op hit(int to, int signo)
{
	return op(signal, -1, .to = to, .signo = signo);
}

static struct op receive(int actor, int64_t q)
{
	return op(msgrcv, actor, .id = q, .size = 9);
}

static struct op send(int actor, int64_t q, const struct payload *message)
{
	return with(message, msgsnd, actor, .id = q);
}

static int64_t queue(void)
{
	return value(op(msgget, A, .flg = 0666));
}

static void set_qbytes(int64_t q, int64_t qbytes)
{
	run(with(set(.has = BIT(F_qbytes), .qbytes = qbytes), msgctl_IPC_SET, A, .id = q));
}

static int64_t set_of(int64_t nsems)
{
	return value(op(semget, A, .nsems = nsems, .flg = 0666));
}

static struct op semop(int actor, int64_t s, const struct payload *sops)
{
	return with(sops, semop, actor, .id = s);
}

#define sops(...) (&(struct payload){ .sops = { sizeof((struct sop[]){ __VA_ARGS__ }) / sizeof(struct sop), \
						(struct sop[]){ __VA_ARGS__ } } })

static int64_t semval(int64_t s)
{
	return value(op(semctl_GETVAL, A, .id = s));
}

static bool ready(struct op call)
{
	return model_ready(w, &call, NULL, 0);
}

/* What makes a call unready; "" when nothing does. */
static const char *unready(struct op call)
{
	static char why[100];

	return model_ready(w, &call, why, sizeof(why)) ? "" : why;
}

/* ---- become ----------------------------------------------------------------------------------- */

START_TEST(become_changes_what_it_names)
{
	const struct credset change = {
		.has = BIT(1) | BIT(7) | BIT(8) | BIT(9),
		.cred = {
			.ruid = 9, .euid = 1, .fsgid = 7, .caps = BIT(CAP_IPC_OWNER),
			.ngroups = 2, .groups = { 5, 6 },
		},
	};
	const struct payload data = { .cred = change };
	struct cred expected = *world_cred(w, A);

	expected.euid = 1;
	expected.fsgid = 7;
	expected.caps = BIT(CAP_IPC_OWNER);
	expected.ngroups = 2;
	expected.groups[0] = 5;
	expected.groups[1] = 6;
	ck_assert_int_eq(value(with(&data, become, A)), 0);
	ck_assert_mem_eq(&expected, world_cred(w, A), sizeof(expected));
}
END_TEST

START_TEST(become_counts_from_the_next_call_on)
{
	const struct payload other = { .cred = { .has = BIT(1), .cred = { .euid = 2000 } } };
	int64_t q = value(op(msgget, A, .flg = 0600));

	ck_assert_int_eq(err(op(msgctl_IPC_STAT, A, .id = q)), 0);
	run(with(&other, become, A));
	ck_assert_int_eq(err(op(msgctl_IPC_RMID, A, .id = q)), EPERM);
}
END_TEST

/* ---- fork, exit ------------------------------------------------------------------------------- */

START_TEST(a_child_has_its_parents_credentials)
{
	w->task[A].cred.groups[0] = 77;
	w->task[A].cred.ngroups = 1;
	ck_assert_int_eq(value(op(fork, A, .child = 9)), 10);
	ck_assert(world_alive(w, 9));
	ck_assert_mem_eq(world_cred(w, A), world_cred(w, 9), sizeof(struct cred));
}
END_TEST

START_TEST(only_one_that_does_not_exist_can_be_made_a_child)
{
	ck_assert_str_eq(unready(op(fork, A, .child = B)), "the child exists already");
	ck_assert_str_eq(unready(op(fork, A, .child = A)), "the child exists already");
	run(op(exit, B));
	ck_assert(ready(op(fork, A, .child = B)));
}
END_TEST

START_TEST(who_has_ended_does_nothing_more)
{
	ck_assert_int_eq(value(op(exit, B, .status = 3)), 0);
	ck_assert(!world_alive(w, B));
	ck_assert_str_eq(unready(op(tick, B)), "the actor is not alive");
	ck_assert_str_eq(unready(hit(B, SIGUSR1)), "the signalled actor is not alive");
}
END_TEST

START_TEST(what_an_ended_process_made_stays)
{
	int64_t q = queue();

	run(send(A, q, text(1, "x")));
	run(op(exit, A));
	ck_assert_int_eq(field(MSG, q, F_lspid), A + 1);
	ck_assert_int_eq(value(receive(B, q)), 1);
}
END_TEST

START_TEST(a_child_has_no_adjustments_of_its_parent)
{
	int64_t s = set_of(1);

	run(semop(A, s, sops({ 0, 3, SEM_UNDO })));
	run(op(fork, A, .child = 9));
	run(op(exit, 9));
	ck_assert_int_eq(semval(s), 3);
	run(op(exit, A));
	ck_assert_int_eq(value(op(semctl_GETVAL, B, .id = s)), 0);
}
END_TEST

START_TEST(adjustments_at_exit_wake_a_sleeper)
{
	int64_t s = set_of(1);

	run(semop(A, s, sops({ 0, 1, SEM_UNDO })));
	ck_assert(blocks(semop(B, s, sops({ 0, 0, 0 }))));
	run(op(exit, A));
	ck_assert_int_eq(woken_err(B), 0);
}
END_TEST

START_TEST(one_that_took_the_place_of_an_ended_process_starts_afresh)
{
	int64_t seg = value(op(shmget, A, .size = 1, .flg = 0600)), q = queue();
	int64_t addr, size;

	run(op(shmat, A, .id = seg));
	ck_assert(blocks(receive(D, q)));
	run(hit(D, SIGSTOP));
	run(op(exit, A));
	run(hit(D, SIGKILL));
	run(op(fork, B, .child = A));
	run(op(fork, B, .child = D));
	ck_assert(!model_attachment(w, A, 0, &addr, &size));
	ck_assert(!asleep(D));
	ck_assert(ready(receive(D, q)));
}
END_TEST

/* ---- signals ---------------------------------------------------------------------------------- */

START_TEST(a_killed_process_ends_like_any_other)
{
	int64_t s = set_of(1), seg = value(op(shmget, A, .size = 1, .flg = 0600));

	run(semop(B, s, sops({ 0, 2, SEM_UNDO })));
	run(op(shmat, B, .id = seg));
	run(hit(B, SIGKILL));
	ck_assert(!world_alive(w, B));
	ck_assert_int_eq(semval(s), 0);
	ck_assert_int_eq(field(SHM, seg, F_nattch), 0);
}
END_TEST

START_TEST(a_signal_needs_a_target)
{
	ck_assert(!ready(hit(9, SIGUSR1)));
	ck_assert(!ready(hit(-1, SIGUSR1)));
	ck_assert(!ready(hit(MAXACTORS, SIGUSR1)));
	ck_assert(ready(hit(A, SIGUSR1)));
}
END_TEST

START_TEST(a_stopped_receiver_sleeps_on_and_its_call_is_made_again)
{
	int64_t q = queue();

	ck_assert(blocks(receive(B, q)));
	run(hit(B, SIGSTOP));
	ck_assert(asleep(B));
	run(send(A, q, text(1, "x")));
	ck_assert(asleep(B));
	ck_assert_int_eq(field(MSG, q, F_qnum), 1);
	run(hit(B, SIGCONT));
	ck_assert_int_eq(woken(B).value, 1);
	ck_assert_int_eq(field(MSG, q, F_qnum), 0);
}
END_TEST

START_TEST(a_stop_costs_a_receiver_its_place)
{
	int64_t q = queue();

	ck_assert(blocks(receive(B, q)));
	ck_assert(blocks(receive(C, q)));
	run(hit(B, SIGSTOP));
	run(hit(B, SIGCONT));
	ck_assert(asleep(B));
	run(send(A, q, text(1, "x")));
	ck_assert_int_eq(woken(C).value, 1);
	run(send(A, q, text(1, "yz")));
	ck_assert_int_eq(woken(B).value, 2);
}
END_TEST

START_TEST(a_stopped_sender_sends_when_it_continues)
{
	int64_t q = queue();

	set_qbytes(q, 1);
	ck_assert(blocks(send(B, q, text(1, "ab"))));
	run(hit(B, SIGSTOP));
	set_qbytes(q, 2);
	ck_assert_int_eq(field(MSG, q, F_qnum), 0);
	run(hit(B, SIGCONT));
	ck_assert_int_eq(woken_err(B), 0);
	ck_assert_int_eq(field(MSG, q, F_qnum), 1);
}
END_TEST

START_TEST(a_queue_removed_meanwhile_is_einval_to_a_call_made_again)
{
	int64_t q = queue();

	ck_assert(blocks(receive(B, q)));
	ck_assert(blocks(receive(C, q)));
	run(hit(B, SIGSTOP));
	run(op(msgctl_IPC_RMID, A, .id = q));
	ck_assert_int_eq(woken_err(C), EIDRM);
	ck_assert(asleep(B));
	run(hit(B, SIGCONT));
	ck_assert_int_eq(woken_err(B), EINVAL);
}
END_TEST

START_TEST(a_signal_is_handled_when_the_process_continues)
{
	int64_t q = queue();

	ck_assert(blocks(receive(B, q)));
	run(hit(B, SIGSTOP));
	run(hit(B, SIGUSR1));
	ck_assert(asleep(B));
	run(send(A, q, text(1, "x")));
	run(hit(B, SIGCONT));
	ck_assert_int_eq(woken_err(B), EINTR);
	ck_assert_int_eq(field(MSG, q, F_qnum), 1);
}
END_TEST

START_TEST(a_handled_signal_is_forgotten)
{
	int64_t q = queue();

	for (int i = 0; i < 2; i++) {
		ck_assert(blocks(receive(B, q)));
		run(hit(B, SIGUSR1));
		ck_assert_int_eq(woken_err(B), EINTR);
		run(hit(B, SIGUSR1));
	}
	ck_assert(blocks(receive(B, q)));
	run(hit(B, SIGSTOP));
	run(hit(B, SIGCONT));
	ck_assert(asleep(B));
}
END_TEST

START_TEST(a_stopped_process_makes_no_call)
{
	run(hit(B, SIGSTOP));
	run(hit(B, SIGUSR1));
	ck_assert_str_eq(unready(op(exit, B)), "the actor is stopped");
	run(hit(B, SIGCONT));
	ck_assert(ready(op(exit, B)));
	ck_assert(blocks(receive(B, queue())));
}
END_TEST

START_TEST(continuing_one_that_is_not_stopped_does_nothing)
{
	int64_t q = queue(), s = set_of(1);

	ck_assert(blocks(receive(B, q)));
	ck_assert(blocks(receive(C, q)));
	ck_assert(blocks(semop(D, s, sops({ 0, -1, 0 }))));
	run(hit(B, SIGCONT));
	run(hit(D, SIGCONT));
	ck_assert(asleep(D));
	run(send(A, q, text(1, "x")));
	ck_assert_int_eq(woken(B).value, 1);
}
END_TEST

START_TEST(a_stopped_process_can_be_killed)
{
	int64_t q = queue();

	ck_assert(blocks(receive(B, q)));
	run(hit(B, SIGSTOP));
	run(hit(B, SIGKILL));
	ck_assert_int_eq(woken(B).how, FAULTED);
	ck_assert(!world_alive(w, B));
	ck_assert(!ready(hit(B, SIGCONT)));
}
END_TEST

START_TEST(a_stop_ends_a_sleeping_semop_once_it_continues)
{
	int64_t s = set_of(1);

	ck_assert(blocks(semop(B, s, sops({ 0, -1, 0 }))));
	ck_assert_int_eq(value(op(semctl_GETNCNT, A, .id = s)), 1);
	run(hit(B, SIGSTOP));
	ck_assert(asleep(B));
	ck_assert_int_eq(value(op(semctl_GETNCNT, A, .id = s)), 0);
	run(op(semctl_SETVAL, A, .id = s, .val = 5));
	ck_assert_int_eq(semval(s), 5);
	run(hit(B, SIGCONT));
	ck_assert_int_eq(woken_err(B), EINTR);
	ck_assert_int_eq(semval(s), 5);
}
END_TEST

START_TEST(posix_lets_a_stopped_semop_go_on)
{
	int64_t s = set_of(1);

	profile = &profile_posix;
	ck_assert(blocks(semop(B, s, sops({ 0, -1, 0 }))));
	run(hit(B, SIGSTOP));
	run(hit(B, SIGCONT));
	ck_assert(asleep(B));
	run(op(semctl_SETVAL, A, .id = s, .val = 5));
	ck_assert_int_eq(woken_err(B), 0);
}
END_TEST

START_TEST(posix_tells_a_stopped_sleeper_of_a_removal)
{
	int64_t q = queue(), s = set_of(1);

	profile = &profile_posix;
	ck_assert(blocks(receive(B, q)));
	ck_assert(blocks(semop(C, s, sops({ 0, -1, 0 }))));
	run(hit(B, SIGSTOP));
	run(hit(C, SIGSTOP));
	run(op(msgctl_IPC_RMID, A, .id = q));
	run(op(semctl_IPC_RMID, A, .id = s));
	ck_assert(asleep(B));
	run(hit(B, SIGCONT));
	ck_assert_int_eq(woken_err(B), EIDRM);
	run(hit(C, SIGCONT));
	ck_assert_int_eq(woken_err(C), EIDRM);
}
END_TEST

/* ---- what is not there, time -------------------------------------------------------------------- */

/* Numbers of what is shared are not given again, and none is below 0. */
START_TEST(a_list_that_is_inherited_keeps_its_number)
{
	const struct payload up = { .sops = { 1, &(struct sop){ 0, 1, SEM_UNDO } } };
	int64_t s = set_of(1);

	value(semop(A, s, &up));
	run(op(clone, A, .child = 9, .flags = CLONE_SYSVSEM));
	run(op(exit, A));
	run(op(fork, B, .child = A));
	value(semop(A, s, &up));
	ck_assert_int_eq(w->task[9].undo, 0);
	ck_assert_int_gt(w->task[A].undo, 0);
	run(op(exit, A));
	ck_assert_int_eq(value(op(semctl_GETVAL, B, .id = s)), 1);
}
END_TEST

START_TEST(who_is_killed_elsewhere_gives_back_what_it_owes_there)
{
	const struct payload up = { .sops = { 1, &(struct sop){ 0, 5, SEM_UNDO } } };
	int64_t s;

	run(op(unshare_ipc, ROOT));
	run(op(thread, ROOT, .child = 9));
	ck_assert_int_eq(w->task[9].in.ipc, w->task[ROOT].in.ipc);
	s = value(op(semget, ROOT, .nsems = 1, .flg = 0600));
	run(op(fork, ROOT, .child = 10));
	value(semop(10, s, &up));
	run(hit(10, SIGKILL));
	ck_assert_int_eq(value(op(semctl_GETVAL, ROOT, .id = s, .num = 0)), 0);
}
END_TEST

START_TEST(a_program_keeps_the_mask_of_its_process)
{
	run(op(umask, A, .mask = 027));
	run(op(thread, A, .child = 9));
	run(op(exec, 9));
	ck_assert_int_eq(value(op(umask, 9, .mask = 0)), 027);
}
END_TEST

START_TEST(a_signal_that_interrupts_or_continues_nothing_leaves_no_mark)
{
	int64_t q = queue();

	ck_assert(blocks(receive(B, q)));
	run(hit(B, SIGUSR1));
	ck_assert(!w->task[B].interrupted);
	run(hit(B, SIGSTOP));
	run(hit(B, SIGUSR1));
	ck_assert(!w->task[B].interrupted);
	profile = &profile_posix;
	run(hit(B, SIGCONT));
	ck_assert_int_eq(w->nparked, 0);
	ck_assert(blocks(receive(B, q)));
	run(hit(B, SIGCONT));
	ck_assert(asleep(B));
	run(hit(C, SIGSTOP));
	run(hit(C, SIGCONT));
	ck_assert_int_eq(w->nparked, 1);
}
END_TEST

START_TEST(who_or_what_is_not_there_makes_a_call_unready)
{
	ck_assert(!ready(op(limit, -1, .name = NLIMITS)));
	ck_assert(!ready(op(limit, -1, .name = -1)));
	ck_assert(!ready(op(read_limit, -1, .name = NLIMITS)));
	ck_assert(!ready(op(read_limit, -1, .name = -1)));
	ck_assert(!ready(op(rlimit, A, .name = NRLIMS)));
	ck_assert(!ready(op(rlimit, A, .name = -1)));
	ck_assert(!ready(op(fork, A, .child = MAXACTORS)));
	ck_assert(!ready(op(fork, A, .child = -1)));
	ck_assert(!ready(op(tick, MAXACTORS)));
	ck_assert(!ready(op(msgget, -1)));
	ck_assert(ready(op(tick, -1)));
}
END_TEST

START_TEST(the_clock_moves_with_every_step_and_with_nothing_else)
{
	int64_t start = model_now(w);

	run(op(tick, -1, .seconds = 100));
	ck_assert_int_eq(model_now(w), start + 1);
	judge(op(tick, -1));
	ck_assert_int_eq(model_now(w), start + 1);
	ck_assert_int_eq(err(op(msgget, A, .key = 5)), ENOENT);
	ck_assert_int_eq(model_now(w), start + 2);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc");
	TCase *tc = tests_of(s, "become");

	tcase_add_test(tc, become_changes_what_it_names);
	tcase_add_test(tc, become_counts_from_the_next_call_on);
	tc = tests_of(s, "life");
	tcase_add_test(tc, a_child_has_its_parents_credentials);
	tcase_add_test(tc, only_one_that_does_not_exist_can_be_made_a_child);
	tcase_add_test(tc, who_has_ended_does_nothing_more);
	tcase_add_test(tc, what_an_ended_process_made_stays);
	tcase_add_test(tc, a_child_has_no_adjustments_of_its_parent);
	tcase_add_test(tc, adjustments_at_exit_wake_a_sleeper);
	tcase_add_test(tc, one_that_took_the_place_of_an_ended_process_starts_afresh);
	tc = tests_of(s, "signals");
	tcase_add_test(tc, a_killed_process_ends_like_any_other);
	tcase_add_test(tc, a_signal_needs_a_target);
	tcase_add_test(tc, a_stopped_receiver_sleeps_on_and_its_call_is_made_again);
	tcase_add_test(tc, a_stop_costs_a_receiver_its_place);
	tcase_add_test(tc, a_stopped_sender_sends_when_it_continues);
	tcase_add_test(tc, a_queue_removed_meanwhile_is_einval_to_a_call_made_again);
	tcase_add_test(tc, a_signal_is_handled_when_the_process_continues);
	tcase_add_test(tc, a_handled_signal_is_forgotten);
	tcase_add_test(tc, a_stopped_process_makes_no_call);
	tcase_add_test(tc, continuing_one_that_is_not_stopped_does_nothing);
	tcase_add_test(tc, a_stopped_process_can_be_killed);
	tcase_add_test(tc, a_stop_ends_a_sleeping_semop_once_it_continues);
	tcase_add_test(tc, posix_lets_a_stopped_semop_go_on);
	tcase_add_test(tc, posix_tells_a_stopped_sleeper_of_a_removal);
	tc = tests_of(s, "environment");
	tcase_add_test(tc, a_list_that_is_inherited_keeps_its_number);
	tcase_add_test(tc, who_is_killed_elsewhere_gives_back_what_it_owes_there);
	tcase_add_test(tc, a_program_keeps_the_mask_of_its_process);
	tcase_add_test(tc, a_signal_that_interrupts_or_continues_nothing_leaves_no_mark);
	tcase_add_test(tc, who_or_what_is_not_there_makes_a_call_unready);
	tcase_add_test(tc, the_clock_moves_with_every_step_and_with_nothing_else);
	return run_suite(s);
}
