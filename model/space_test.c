/* Who is where, what counts there and what is seen from there. */
#include "test.h"

static void gain(int actor, uint64_t caps)
{
	run(with(cred(.has = BIT(CRED_CAPS), .cred = { .caps = caps }), become, actor));
}

static int64_t queue(int actor)
{
	return value(op(msgget, actor, .key = 7, .flg = IPC_CREAT | 0600));
}

static int64_t set_of_two(int actor)
{
	return value(op(semget, actor, .key = 7, .nsems = 2, .flg = IPC_CREAT | 0666));
}

static int64_t add_undone(int actor, int64_t s, int16_t n)
{
	const struct sop sop = { .op = n, .flg = SEM_UNDO };

	return value(with((&(struct payload){ .sops = { 1, &sop } }), semop, actor, .id = s));
}

static int64_t semval(int64_t s)
{
	return value(op(semctl_GETVAL, B, .id = s));
}

/* Namespaces that are in use, beside the one that everybody starts in. */
static int others(void)
{
	int n = 0;

	for (int i = HOME + 1; i < MAXSPACES; i++)
		n += w->ns[i].used;
	return n;
}

START_TEST(leaving_needs_a_capability)
{
	ck_assert_int_eq(err(op(unshare_ipc, A)), EPERM);
	gain(A, ~BIT(CAP_SYS_ADMIN));
	ck_assert_int_eq(err(op(unshare_ipc, A)), EPERM);
	gain(A, BIT(CAP_SYS_ADMIN));
	ck_assert_int_eq(err(op(unshare_ipc, A)), 0);
	ck_assert_int_eq(others(), 1);
	profile = &profile_posix;
	gain(B, 0);
	ck_assert(judge(op(unshare_ipc, B)).success);
}
END_TEST

START_TEST(every_namespace_has_its_own_objects_and_limits)
{
	int64_t q = queue(B);

	w->ns[HOME].limits.v[LIM_msgmni] = 1;
	run(op(unshare_ipc, ROOT));
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, ROOT, .id = q)), EINVAL);
	ck_assert_int_eq(value(op(msgget, ROOT, .flg = 0)), q);
	ck_assert_int_eq(err(op(msgget, ROOT)), 0);
	ck_assert_int_eq(err(op(msgget, B)), ENOSPC);
	ck_assert_int_eq(err(op(msgctl_IPC_RMID, ROOT, .id = q)), 0);
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, B, .id = q)), 0);
}
END_TEST

START_TEST(namespaces_are_numbered_once)
{
	ck_assert_int_eq(world_namespace(w, A), 0);
	ck_assert_int_eq(world_namespace(w, -1), 0);
	run(op(unshare_ipc, ROOT));
	ck_assert_int_eq(world_namespace(w, ROOT), 1);
	run(op(unshare_ipc, ROOT));
	ck_assert_int_eq(world_namespace(w, ROOT), 2);
	ck_assert_int_eq(others(), 1);
}
END_TEST

START_TEST(there_is_no_room_for_any_number_of_namespaces)
{
	char why[80];
	const struct op leave = op(unshare_ipc, ROOT);
	const struct op clone_of_ipc = op(clone, ROOT, .child = 9, .flags = CLONE_NEWIPC);

	for (int i = HOME + 1; i < MAXSPACES; i++) {
		int64_t id;

		ck_assert(model_ready(w, &leave, NULL, 0));
		run(leave);
		id = value(op(shmget, ROOT, .size = 1));
		run(op(shmat, ROOT, .id = id));
	}
	ck_assert(!model_ready(w, &leave, why, sizeof(why)));
	ck_assert_str_eq(why, "there is no room for one more namespace");
	ck_assert(!model_ready(w, &clone_of_ipc, NULL, 0));
	ck_assert(model_ready(w, &op(fork, ROOT, .child = 9), NULL, 0));
	ck_assert(model_ready(w, &op(msgget, ROOT, .key = 1, .flg = CLONE_NEWIPC), NULL, 0));
}
END_TEST

/* Leaves home with the adjustment 5 and tells what is left of the value. */
static int64_t left_behind(struct op leave)
{
	int64_t s = set_of_two(ROOT);

	run(op(semctl_SETVAL, ROOT, .id = s, .val = 1));
	add_undone(ROOT, s, 5);
	ck_assert_int_eq(semval(s), 6);
	run(leave);
	return semval(s);
}

START_TEST(adjustments_are_applied_on_leaving)
{
	int64_t s = 0;

	ck_assert_int_eq(left_behind(op(unshare_ipc, ROOT)), 1);
	ck_assert_int_eq(value(op(semctl_GETPID, B, .id = s)), ROOT + 1);
	run(op(exit, ROOT));
	ck_assert_int_eq(semval(s), 1);
}
END_TEST

START_TEST(adjustments_are_applied_on_joining)
{
	ck_assert_int_eq(left_behind(op(setns_ipc, ROOT, .other = ROOT)), 1);
}
END_TEST

START_TEST(a_sleeper_is_told_apart_from_its_double)
{
	int64_t q = queue(A);

	run(op(msgrcv, A, .id = q, .size = 9));
	run(op(unshare_ipc, ROOT));
	ck_assert_int_eq(queue(ROOT), q);
	run(with(text(1, "x"), msgsnd, ROOT, .id = q));
	ck_assert(asleep(A));
	run(op(msgctl_IPC_RMID, ROOT, .id = q));
	ck_assert(asleep(A));
}
END_TEST

START_TEST(a_mapping_holds_its_namespace)
{
	struct payload x = { .bytes = { 1, (const unsigned char *)"x" } };
	int64_t m, a;

	run(op(unshare_ipc, ROOT));
	m = value(op(shmget, ROOT, .size = 1, .flg = 0600));
	a = value(op(shmat, ROOT, .id = m));
	run(op(setns_ipc, ROOT, .other = A));
	ck_assert_int_eq(others(), 1);
	ck_assert_int_eq(err(with(&x, store, ROOT, .addr = a)), 0);
	ck_assert_int_eq(err(op(shmdt, ROOT, .addr = a)), 0);
	ck_assert_int_eq(others(), 0);
}
END_TEST

START_TEST(the_last_member_takes_its_objects_along)
{
	run(op(unshare_ipc, ROOT));
	queue(ROOT);
	run(op(fork, ROOT, .child = 9));
	run(op(exit, ROOT));
	ck_assert_int_eq(others(), 1);
	run(op(exit, 9));
	ck_assert_int_eq(others(), 0);
}
END_TEST

START_TEST(open_files_hold_their_namespace)
{
	int64_t q;

	run(op(unshare_ipc, ROOT));
	q = queue(ROOT);
	run(op(proc_open, ROOT));
	run(op(setns_ipc, ROOT, .other = A));
	ck_assert_int_eq(others(), 1);
	ck_assert_int_eq(err(op(proc_msg, ROOT, .id = q)), 0);
	run(op(proc_open, ROOT));
	ck_assert_int_eq(others(), 0);
	ck_assert_int_eq(err(op(proc_msg, ROOT, .id = q)), ENOENT);
}
END_TEST

START_TEST(a_row_tells_what_the_file_tells)
{
	int64_t q = queue(A), m = value(op(shmget, A, .key = -1, .size = 9, .flg = IPC_CREAT));
	struct outcome out = run(op(proc_msg, C, .id = q));

	ck_assert_uint_eq(out.rec.has, op_fields(OP_proc_msg));
	ck_assert(!(out.rec.has & BIT(F_qbytes)));
	ck_assert_int_eq(out.rec.v[F_mode], 0600);
	out = run(op(proc_shm, C, .id = m));
	ck_assert_int_eq(out.rec.v[F_key], -1);
	ck_assert_int_eq(out.rec.v[F_segsz], 9);
	ck_assert_int_eq(err(op(proc_sem, C, .id = 0)), ENOENT);
	profile = &profile_posix;
	ck_assert_uint_eq(judge(op(proc_msg, C, .id = q)).errs.bits, errs(ENOENT));
	ck_assert(judge(op(proc_msg, C, .id = q)).success);
}
END_TEST

START_TEST(ids_of_another_user_namespace_are_hidden)
{
	const struct op become = with(cred(.has = BIT(0)), become, A);
	const struct op exec = op(exec, A), join = op(setns_ipc, ROOT, .other = 9);
	int64_t q = queue(C);
	struct outcome out;

	run(op(msgctl_IPC_STAT, C, .id = q));
	ck_assert_int_eq(err(op(unshare_user, C)), 0);
	w->facts.overflow_uid = 77;
	out = run(op(msgctl_IPC_STAT, C, .id = q));
	ck_assert_int_eq(out.rec.v[F_uid], 77);
	ck_assert_int_eq(out.rec.v[F_cgid], 65534);
	ck_assert_int_eq(out.rec.v[F_mode], 0600);
	ck_assert_int_eq(field(MSG, q, F_uid), 2000);
	ck_assert_int_eq(err(op(unshare_user, C)), EPERM);
	ck_assert_int_eq(err(op(unshare_user, A)), 0);
	ck_assert(!model_ready(w, &become, NULL, 0));
	ck_assert(!model_ready(w, &exec, NULL, 0));
	ck_assert(!model_ready(w, &join, NULL, 0));
}
END_TEST

START_TEST(files_show_ids_to_who_opened_them)
{
	int64_t q = queue(C);

	run(op(proc_open, C));
	run(op(unshare_user, C));
	ck_assert_int_eq(run(op(proc_msg, C, .id = q)).rec.v[F_uid], 2000);
	run(op(proc_open, C));
	ck_assert_int_eq(run(op(proc_msg, C, .id = q)).rec.v[F_uid], 65534);
}
END_TEST

START_TEST(nothing_can_be_set_without_ids)
{
	int64_t q = queue(C);
	const struct payload mode = { .set = { .has = BIT(F_mode), .mode = 0 } };

	run(op(unshare_user, C));
	ck_assert_int_eq(err(with(&mode, msgctl_IPC_SET, C, .id = q)), EINVAL);
	ck_assert_int_eq(field(MSG, q, F_mode), 0600);
	ck_assert_int_eq(err(op(msgctl_IPC_RMID, C, .id = q)), 0);
}
END_TEST

START_TEST(ids_cannot_be_taken_without_ids)
{
	struct op id = with(cred(.has = BIT(0)), become, C);
	struct op caps = with(cred(.has = BIT(CRED_CAPS)), become, C);

	run(op(unshare_user, C));
	ck_assert(!model_ready(w, &id, NULL, 0));
	ck_assert(model_ready(w, &caps, NULL, 0));
}
END_TEST

START_TEST(capabilities_count_where_they_are_held)
{
	int64_t q = queue(A);
	const struct op stat = op(msgctl_IPC_STAT, C, .id = q);

	run(op(unshare_user, C));
	ck_assert_int_eq(err(stat), EACCES);
	says(stat, "held in another user namespace");
	ck_assert_int_eq(err(op(msgctl_IPC_RMID, C, .id = q)), EPERM);
	ck_assert_int_eq(err(op(unshare_ipc, C)), 0);
	gain(A, BIT(CAP_SYS_ADMIN));
	run(op(setns_ipc, A, .other = C));
	q = queue(A);
	ck_assert_int_eq(err(stat), 0);
	gain(C, 0);
	ck_assert_int_eq(err(stat), EACCES);
}
END_TEST

START_TEST(capabilities_count_below_and_for_the_maker)
{
	int64_t q;

	run(op(unshare_user, C));
	run(op(unshare_ipc, C));
	q = queue(C);
	gain(A, BIT(CAP_SYS_ADMIN));
	run(op(setns_ipc, A, .other = C));
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, A, .id = q)), EACCES);
	gain(A, BIT(CAP_IPC_OWNER));
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, A, .id = q)), 0);
	run(with(cred(.has = BIT(CRED_CAPS) | BIT(1), .cred = { .euid = 2000 }), become, A));
	q = queue(A);
	run(with(set(.has = BIT(F_uid), .uid = 5), msgctl_IPC_SET, A, .id = q));
	w->ns[w->task[A].in.ipc].table[MSG].obj[0]->cuid = 5;
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, A, .id = q)), 0);
}
END_TEST

START_TEST(joining_needs_the_capability_in_both)
{
	run(op(unshare_user, C));
	ck_assert_int_eq(err(op(setns_ipc, C, .other = A)), EPERM);
	run(op(unshare_ipc, C));
	ck_assert_int_eq(err(op(setns_ipc, C, .other = C)), 0);
	ck_assert_int_eq(err(op(setns_ipc, A, .other = C)), EPERM);
	gain(A, BIT(CAP_SYS_ADMIN));
	ck_assert_int_eq(err(op(setns_ipc, A, .other = C)), 0);
}
END_TEST

START_TEST(some_capabilities_count_at_the_top_only)
{
	int64_t q = queue(C);
	const struct payload more = { .set = { .has = BIT(F_qbytes), .qbytes = DEF_MSGMNB + 1 } };

	gain(C, BIT(CAP_SYS_RESOURCE));
	ck_assert_int_eq(err(with(&more, msgctl_IPC_SET, C, .id = q)), 0);
	run(op(unshare_user, C));
	run(op(unshare_ipc, C));
	q = queue(C);
	ck_assert_int_eq(err(with(&more, msgctl_IPC_SET, C, .id = q)), EPERM);
}
END_TEST

#define clone_of(actor, kid, what) op(clone, actor, .child = (kid), .flags = (what))

START_TEST(a_clone_may_start_in_new_namespaces)
{
	ck_assert_int_eq(err(clone_of(A, 9, CLONE_NEWPID)), EPERM);
	ck_assert_int_eq(err(clone_of(A, 9, CLONE_NEWIPC | CLONE_SYSVSEM)), EPERM);
	ck_assert_int_eq(err(clone_of(ROOT, 9, CLONE_NEWIPC | CLONE_SYSVSEM)), EINVAL);
	ck_assert_int_eq(err(clone_of(ROOT, 9, CLONE_NEWIPC)), 0);
	ck_assert_int_eq(world_namespace(w, 9), 1);
	ck_assert_int_eq(world_namespace(w, ROOT), 0);
	ck_assert_int_eq(err(clone_of(A, 10, CLONE_NEWUSER | CLONE_NEWIPC)), 0);
	ck_assert_int_eq(w->ns[w->task[10].in.ipc].user, 11);
	ck_assert_uint_eq(world_cred(w, 10)->caps, CAPS_ALL);
	ck_assert_uint_eq(world_cred(w, A)->caps, 0);
	ck_assert_int_eq(err(clone_of(10, 11, CLONE_NEWUSER)), EPERM);
}
END_TEST

START_TEST(a_thread_cannot_leave_its_users)
{
	run(op(thread, A, .child = 9));
	ck_assert_int_eq(err(op(unshare_user, A)), EINVAL);
	ck_assert_int_eq(err(op(unshare_user, 9)), EINVAL);
	run(op(exit, 9));
	ck_assert_int_eq(err(op(unshare_user, A)), 0);
}
END_TEST

START_TEST(who_is_alone_sees_its_own_pid)
{
	const struct op more = op(fork, 9, .child = 10);
	int64_t q = queue(A);

	run(op(proc_open, ROOT));
	run(with(text(1, "x"), msgsnd, A, .id = q));
	run(clone_of(ROOT, 9, CLONE_NEWPID));
	ck_assert_int_eq(run(op(msgctl_IPC_STAT, 9, .id = q)).rec.v[F_lspid], 0);
	ck_assert_int_eq(run(op(proc_msg, 9, .id = q)).rec.v[F_lspid], A + 1);
	run(op(proc_open, 9));
	ck_assert_int_eq(run(op(proc_msg, 9, .id = q)).rec.v[F_lspid], 0);
	run(with(text(1, "x"), msgsnd, 9, .id = q));
	ck_assert_int_eq(run(op(msgctl_IPC_STAT, 9, .id = q)).rec.v[F_lspid], 10);
	ck_assert_int_eq(run(op(msgctl_IPC_STAT, A, .id = q)).rec.v[F_lspid], 10);
	ck_assert(!model_ready(w, &more, NULL, 0));
}
END_TEST

START_TEST(a_child_has_the_files_that_its_parent_opened)
{
	const struct task *parent = &w->task[ROOT], *child = &w->task[9];

	run(op(unshare_ipc, ROOT));
	run(op(proc_open, ROOT));
	run(op(fork, ROOT, .child = 9));
	ck_assert(cmemory_of(w, child)->files_open);
	ck_assert_int_eq(cmemory_of(w, child)->files.ipc, cmemory_of(w, parent)->files.ipc);
	ck_assert_int_ne(cmemory_of(w, child)->files.ipc, HOME);
}
END_TEST

START_TEST(worlds_differ_by_who_is_where)
{
	struct world *copy = world_clone(w);

	ck_assert_ptr_nonnull(copy);
	ck_assert(world_equal(w, copy));
	copy->task[A].in.user = 3;
	ck_assert(!world_equal(w, copy));
	world_free(copy);
	run(op(unshare_ipc, ROOT));
	queue(ROOT);
	run(op(proc_open, ROOT));
	copy = world_clone(w);
	ck_assert_ptr_nonnull(copy);
	ck_assert(world_equal(w, copy));
	ck_assert_uint_eq(world_hash(w), world_hash(copy));
	ck_assert_int_eq(world_namespace(copy, ROOT), 1);
	memory_of(copy, &copy->task[ROOT])->files.user = 1;
	ck_assert(!world_equal(w, copy));
	world_free(copy);
}
END_TEST

START_TEST(an_object_knows_its_namespace)
{
	queue(A);
	w->ns[HOME].table[MSG].obj[0]->ns = 1;
	ck_assert(!world_ok(w, NULL, 0));
	w->ns[HOME].table[MSG].obj[0]->ns = HOME;
}
END_TEST

int main(void)
{
	Suite *s = suite_create("space");
	TCase *tc = tests_of(s, "space");

	tcase_add_test(tc, leaving_needs_a_capability);
	tcase_add_test(tc, every_namespace_has_its_own_objects_and_limits);
	tcase_add_test(tc, namespaces_are_numbered_once);
	tcase_add_test(tc, there_is_no_room_for_any_number_of_namespaces);
	tcase_add_test(tc, adjustments_are_applied_on_leaving);
	tcase_add_test(tc, adjustments_are_applied_on_joining);
	tcase_add_test(tc, a_sleeper_is_told_apart_from_its_double);
	tcase_add_test(tc, a_mapping_holds_its_namespace);
	tcase_add_test(tc, the_last_member_takes_its_objects_along);
	tcase_add_test(tc, open_files_hold_their_namespace);
	tcase_add_test(tc, a_row_tells_what_the_file_tells);
	tcase_add_test(tc, ids_of_another_user_namespace_are_hidden);
	tcase_add_test(tc, files_show_ids_to_who_opened_them);
	tcase_add_test(tc, nothing_can_be_set_without_ids);
	tcase_add_test(tc, ids_cannot_be_taken_without_ids);
	tcase_add_test(tc, capabilities_count_where_they_are_held);
	tcase_add_test(tc, capabilities_count_below_and_for_the_maker);
	tcase_add_test(tc, joining_needs_the_capability_in_both);
	tcase_add_test(tc, some_capabilities_count_at_the_top_only);
	tcase_add_test(tc, a_clone_may_start_in_new_namespaces);
	tcase_add_test(tc, a_thread_cannot_leave_its_users);
	tcase_add_test(tc, who_is_alone_sees_its_own_pid);
	tcase_add_test(tc, a_child_has_the_files_that_its_parent_opened);
	tcase_add_test(tc, worlds_differ_by_who_is_where);
	tcase_add_test(tc, an_object_knows_its_namespace);
	return run_suite(s);
}
