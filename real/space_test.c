/* Where actors are, as the worker keeps it: visits to their namespaces, and pids from their own. */
#include <sys/stat.h>

#include "test.h"

/* Which IPC namespace the worker is in. */
static ino_t here(void)
{
	struct stat st;

	ck_assert_int_eq(stat("/proc/self/ns/ipc", &st), 0);
	return st.st_ino;
}

static void privileged(int actor)
{
	struct cred cred = *cred_home();

	cred.caps = BIT(CAP_SYS_ADMIN);
	new_actor(actor, cred);
}

static void run_of_two(void)
{
	new_run(REAL_PROCESSES, 0);
	privileged(A);
	privileged(B);
}

BOX_TEST(the_worker_stays_at_home)
{
	struct snapshot s = { 0 };
	ino_t home;
	int64_t id;

	run_of_two();
	home = here();
	ck_assert_int_eq(value(op(unshare_ipc, A)), 0);
	id = value(op(semget, A, .nsems = 3, .flg = 0600));
	ck_assert(here() == home);
	ck_assert_int_eq(box_objects(), 0);
	ck_assert(real_snapshot(r, &s));
	ck_assert_uint_eq(s.nobj, 0);
	snapshot_free(&s);
	run(op(semctl_GETALL, A, .id = id));
	ck_assert_uint_eq(out.nvals, 3);
	ck_assert(here() == home);
	ck_assert_int_eq(err(op(semctl_GETALL, B, .id = id)), EINVAL);
	end_run();
}

BOX_TEST(a_segment_of_another_namespace_can_be_reached)
{
	static const unsigned char text[] = "away";
	struct payload bytes = { .bytes = { sizeof(text), text } };
	int64_t id, addr;

	run_of_two();
	ck_assert_int_eq(value(op(unshare_ipc, A)), 0);
	id = value(op(shmget, A, .size = 4096, .flg = 0600));
	addr = value(op(shmat, A, .id = id));
	ck_assert_int_eq(value(with(&bytes, store, A, .addr = addr)), 0);
	ck_assert_int_eq(value(op(setns_ipc, B, .other = A)), 0);
	addr = value(op(shmat, B, .id = id));
	run(op(load, B, .addr = addr, .len = sizeof(text)));
	ck_assert_int_eq(out.how, RETURNED);
	ck_assert_mem_eq(out.bytes, text, sizeof(text));
	end_run();
}

BOX_TEST(going_home_is_joining_somebody_there)
{
	int64_t id;

	run_of_two();
	id = value(op(msgget, B, .flg = 0600));
	ck_assert_int_eq(value(op(unshare_ipc, A)), 0);
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, A, .id = id)), EINVAL);
	ck_assert_int_eq(value(op(setns_ipc, A, .other = B)), 0);
	ck_assert_int_eq(value(op(msgctl_IPC_STAT, A, .id = id)), 0);
	end_run();
}

BOX_TEST(whoever_is_alone_has_its_pid_translated)
{
	int64_t id;

	run_of_two();
	id = value(op(semget, A, .nsems = 2, .flg = 0600));
	run(op(semctl_SETVAL, A, .id = id, .num = 0, .val = 1));
	run(op(clone, A, .child = C, .flags = CLONE_NEWPID));
	ck_assert_int_eq(out.value, real_pid(r, C));
	run(op(semctl_SETVAL, C, .id = id, .num = 1, .val = 1));
	ck_assert_int_eq(value(op(semctl_GETPID, C, .id = id, .num = 0)), 0);
	ck_assert_int_eq(value(op(semctl_GETPID, C, .id = id, .num = 1)), real_pid(r, C));
	ck_assert_int_eq(value(op(semctl_GETPID, B, .id = id, .num = 1)), real_pid(r, C));
	end_run();
}

BOX_TEST(a_refused_clone_makes_no_actor)
{
	run_of_two();
	ck_assert_int_eq(err(op(clone, A, .child = C, .flags = CLONE_NEWIPC | CLONE_SYSVSEM)), EINVAL);
	ck_assert_int_eq(real_pid(r, C), -1);
	run(op(fork, A, .child = C));
	ck_assert_int_eq(out.how, RETURNED);
	end_run();
}

BOX_TEST(capabilities_are_known_after_a_move)
{
	struct payload none = { .cred = { .has = BIT(CRED_CAPS) } };

	run_of_two();
	ck_assert_int_eq(value(with(&none, become, A)), 0);
	ck_assert_int_eq(err(op(unshare_ipc, A)), EPERM);
	ck_assert_int_eq(value(op(unshare_user, A)), 0);
	ck_assert_int_eq(value(op(unshare_ipc, A)), 0);
	ck_assert_int_eq(value(with(&none, become, A)), 0);
	ck_assert_int_eq(err(op(unshare_ipc, A)), EPERM);
	end_run();
}

int main(void)
{
	TCase *tc = tcase_create("space");

	add_box_test(tc, the_worker_stays_at_home);
	add_box_test(tc, a_segment_of_another_namespace_can_be_reached);
	add_box_test(tc, going_home_is_joining_somebody_there);
	add_box_test(tc, whoever_is_alone_has_its_pid_translated);
	add_box_test(tc, a_refused_clone_makes_no_actor);
	add_box_test(tc, capabilities_are_known_after_a_move);
	return run_tests(tc, "space");
}
