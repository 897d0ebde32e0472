/* A box shows nothing outside to its body, and nothing of it outlives its parent. */
#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "ipcmk.h"
#include "test.h"

#define IPC_INODE 64

static void ipc_namespace(char *name)
{
	ssize_t n = readlink("/proc/self/ns/ipc", name, IPC_INODE - 1);

	ck_assert(n > 0);
	name[n] = '\0';
}

/* ---- outside --------------------------------------------------------------------------------- */

static int status_of_box(int (*body)(void *arg), void *arg)
{
	char why[200];
	int status = -1;
	pid_t pid = box_spawn(body, arg, why, sizeof(why));

	if (pid < 0) {
		fprintf(stderr, "SKIPPED a test of boxes: %s\n", why);
		return -1;
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

static int give_42(void *arg)
{
	return *(int *)arg;
}

static int die(void *arg)
{
	(void)arg;
	kill(getpid(), SIGKILL);
	return 0;
}

START_TEST(the_body_decides_the_status)
{
	int value = 42, status = status_of_box(give_42, &value);

	if (status >= 0)
		ck_assert_int_eq(WEXITSTATUS(status), 42);
	status = status_of_box(die, NULL);
	if (status >= 0)
		ck_assert_int_eq(WEXITSTATUS(status), 128 + SIGKILL);
}
END_TEST

START_TEST(outside_a_box_nothing_is_touched)
{
	char why[200] = "", before[IPC_INODE], after[IPC_INODE];

	ipc_namespace(before);
	ck_assert_ptr_null(real_open(REAL_SOLO, why, sizeof(why)));
	ck_assert_ptr_nonnull(strstr(why, "in a box only"));
	ck_assert(!box_fresh(why, sizeof(why)));
	ck_assert_int_eq(box_limit(LIM_msgmni, 32000), EPERM);
	ipc_namespace(after);
	ck_assert_str_eq(before, after);
}
END_TEST

/* Never ends; the write end of a pipe is open as long as it lives. */
static int wait_alone(void *arg)
{
	close(((int *)arg)[0]);
	while (write(((int *)arg)[1], "", 1) == 1)
		pause();
	return 1;
}

/* Two of them. */
static int linger(void *arg)
{
	fork();
	return wait_alone(arg);
}

static pid_t in_a_box(int (*body)(void *arg), void *arg)
{
	char why[200];

	return box_spawn(body, arg, why, sizeof(why));
}

/* The pipe's end is seen when the last process that has it is gone. */
static void dies_with_its_parent(pid_t (*spawn)(int (*body)(void *arg), void *arg), int (*body)(void *arg),
				 int microseconds)
{
	struct pollfd ends;
	int fd[2], ready;
	char begun;
	pid_t parent;

	ck_assert_int_eq(pipe(fd), 0);
	parent = fork();
	ck_assert(parent >= 0);
	if (parent == 0) {
		if (spawn(body, fd) < 0)
			_exit(0);
		for (;;)
			pause();
	}
	close(fd[1]);
	ends = (struct pollfd){ .fd = fd[0], .events = POLLIN };
	if (microseconds < 0)
		ck_assert_int_ge(read(fd[0], &begun, 1), 0);
	else
		ppoll(&ends, 1, &(struct timespec){ 0, microseconds * 1000L }, NULL);
	kill(parent, SIGKILL);
	waitpid(parent, NULL, 0);
	do {
		ready = poll(&ends, 1, WATCHDOG);
		ck_assert_msg(ready == 1, "something of the box lives on");
	} while (read(fd[0], &begun, 1) == 1);
	close(fd[0]);
}

START_TEST(a_box_dies_with_its_parent)
{
	dies_with_its_parent(in_a_box, linger, -1);
}
END_TEST

START_TEST(a_box_dies_with_its_parent_at_any_moment)
{
	dies_with_its_parent(in_a_box, linger, _i * 37);
}
END_TEST

START_TEST(a_plain_child_dies_with_its_parent)
{
	dies_with_its_parent(plain_spawn, wait_alone, -1);
}
END_TEST

START_TEST(a_plain_child_dies_with_its_parent_at_any_moment)
{
	dies_with_its_parent(plain_spawn, wait_alone, _i * 11);
}
END_TEST

/* ---- inside ---------------------------------------------------------------------------------- */

static char outside[IPC_INODE];

static void remember_outside(void)
{
	ipc_namespace(outside);
}

BOX_TEST(namespaces_are_private)
{
	char inside[IPC_INODE];

	ipc_namespace(inside);
	ck_assert_str_ne(inside, outside);
	ck_assert_int_eq(getppid(), 1);
	ck_assert_int_eq(box_objects(), 0);
}

BOX_TEST(an_ordinary_user_is_user_1000)
{
	ck_assert_uint_eq(geteuid(), is_root() ? 0 : 1000);
	ck_assert_uint_eq(getegid(), is_root() ? 0 : 1000);
}

BOX_TEST(a_fresh_namespace_is_empty_and_another)
{
	const struct request rq = { .kind = MSG, .key = 1, .mode = 0600, .flags = IPC_CREAT };
	char why[200], first[IPC_INODE], second[IPC_INODE];
	unsigned generation = box_generation();
	int number;

	ck_assert_int_eq(ipcmk(&rq, &number), 0);
	ck_assert_int_eq(box_objects(), 1);
	ipc_namespace(first);
	ck_assert_msg(box_fresh(why, sizeof(why)), "%s", why);
	ipc_namespace(second);
	ck_assert_str_ne(first, second);
	ck_assert_uint_ne(box_generation(), generation);
	ck_assert_int_eq(box_objects(), 0);
	ck_assert_int_eq(ipcmk(&rq, &number), 0);
}

BOX_TEST(objects_of_all_kinds_are_counted_and_removed)
{
	struct request rq = { .key = IPC_PRIVATE, .size = 5, .mode = 0600 };
	int number;

	for (int i = 0; i < 6; i++) {
		rq.kind = (enum family)(i % NFAMILIES);
		ck_assert_int_ge(ipcmk(&rq, &number), 0);
	}
	ck_assert_int_eq(box_objects(), 6);
	look_remove_all();
	ck_assert_int_eq(box_objects(), 0);
}

BOX_TEST(resources_are_limited)
{
	struct rlimit l;

	ck_assert_int_eq(getrlimit(RLIMIT_MEMLOCK, &l), 0);
	ck_assert_uint_eq(l.rlim_cur, MEMLOCK);
	ck_assert_uint_eq(l.rlim_max, MEMLOCK);
	ck_assert_int_eq(getrlimit(RLIMIT_CORE, &l), 0);
	ck_assert_uint_eq(l.rlim_max, 0);
}

static bool reads(const char *path, const char *text)
{
	char is[64];

	return read_file(path, is, sizeof(is)) && !strcmp(is, text);
}

BOX_TEST(facts_are_those_of_the_namespace)
{
	struct facts f;

	box_facts(&f);
	ck_assert_int_eq(f.page, sysconf(_SC_PAGESIZE));
	ck_assert_int_eq(f.shmlba % f.page, 0);
	ck_assert_int_eq(f.limits.v[LIM_msgmni], DEF_MSGMNI);
	ck_assert_int_eq(f.limits.v[LIM_semopm], DEF_SEMOPM);
	ck_assert_int_eq(f.limits.v[LIM_semmni], DEF_SEMMNI);
	ck_assert_int_eq(f.limits.v[LIM_shmmax], DEF_SHMMAX);
	ck_assert_int_eq(f.limits.v[LIM_shm_next_id], -1);
	ck_assert_int_eq(f.initial_userns, is_root());
	ck_assert_uint_gt(f.stack_end, (uintptr_t)&f);
	ck_assert_uint_le(f.stack_end, f.space_end);
	ck_assert_int_eq(f.huge_sizes & f.huge_page, f.huge_page);
	ck_assert(!f.hugetlb || f.huge_page > 0);
	ck_assert_int_eq(f.huge_pages, !reads("/proc/sys/vm/nr_hugepages", "0\n")
			 || !reads("/proc/sys/vm/nr_overcommit_hugepages", "0\n"));
}

/* Can the page there be mapped, or is something mapped there? */
static bool in_space(uint64_t addr)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *p = mmap((void *)(uintptr_t)addr, page, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (p == MAP_FAILED)
		return errno == EEXIST;
	munmap(p, page);
	return (uintptr_t)p == addr;
}

BOX_TEST(facts_are_those_of_the_machine)
{
	const uint16_t one = 1;
	struct facts f;
	struct utsname u;
	char text[40];
	int major, minor;

	box_facts(&f);
	ck_assert_int_eq(uname(&u), 0);
	ck_assert_int_eq(sscanf(u.release, "%d.%d", &major, &minor), 2);
	ck_assert_int_eq(f.linux, LINUX(major, minor));
	ck_assert_int_eq(f.big_endian, !*(const unsigned char *)&one);
	ck_assert_int_eq(f.seconds, sizeof(time_t));
	ck_assert_int_ge(f.kernel_word, (int64_t)sizeof(long));
	ck_assert(in_space(f.space_end - (uint64_t)f.page) && !in_space(f.space_end));
	ck_assert(f.stack_end == f.space_end || f.stack_end / 2 <= (uintptr_t)&f);
	snprintf(text, sizeof(text), "%lld\n", (long long)f.overflow_uid);
	ck_assert(reads("/proc/sys/kernel/overflowuid", text));
	ck_assert_int_eq(f.checkpoint_restore, access("/proc/sys/kernel/msg_next_id", F_OK) == 0);
	ck_assert_int_eq(f.user_namespaces, access("/proc/self/ns/user", F_OK) == 0);
}

BOX_TEST(huge_pages_are_those_of_the_machine)
{
	struct facts f;
	char path[80];

	box_facts(&f);
	snprintf(path, sizeof(path), "/sys/kernel/mm/hugepages/hugepages-%lldkB",
		 (long long)f.huge_page / 1024);
	if (access("/sys/kernel/mm/hugepages", F_OK) == 0)
		ck_assert_int_eq(access(path, F_OK), 0);
}

BOX_TEST(limits_can_be_set_by_root)
{
	struct facts f;
	int number = box_limit(LIM_msgmni, 17);

	ck_assert_int_eq(number, is_root() ? 0 : EACCES);
	if (number)
		return;
	ck_assert_int_eq(box_limit(LIM_semopm, 19), 0);
	ck_assert_int_eq(box_limit(LIM_shmmax, INT64_MAX), 0);
	ck_assert_int_eq(box_limit(LIM_semmni, IPCMNI + 1), ERANGE);
	ck_assert_int_eq(box_limit(LIM_msgmax, -1), EINVAL);
	box_facts(&f);
	ck_assert_int_eq(f.limits.v[LIM_msgmni], 17);
	ck_assert_int_eq(f.limits.v[LIM_semopm], 19);
	ck_assert_int_eq(f.limits.v[LIM_semmsl], DEF_SEMMSL);
	ck_assert_int_eq(f.limits.v[LIM_semmni], DEF_SEMMNI);
	ck_assert_int_eq(f.limits.v[LIM_shmmax], INT64_MAX);
}

/* ---- who can be played ----------------------------------------------------------------------- */

static void cannot_be(struct cred c, const char *reason)
{
	char why[200];

	ck_assert(!box_can_be(&c, why, sizeof(why)));
	ck_assert_str_eq(why, reason);
}

BOX_TEST(who_cannot_be_played_is_told)
{
	struct cred c = user(1000);
	uint64_t effective;
	char why[200];

	ck_assert(cred_read_caps(&effective, &c.caps));
	ck_assert_msg(box_can_be(&c, why, sizeof(why)), "%s", why);
	if (is_root()) {
		c.ngroups = 1;
		ck_assert(box_can_be(&c, why, sizeof(why)));
		return;
	}
	c.suid = 1001;
	cannot_be(c, "needs root: uid 1001");
	c = user(1000);
	c.fsgid = 7;
	cannot_be(c, "needs root: gid 7");
	c = user(1000);
	c.ngroups = 1;
	c.groups[0] = 8;
	cannot_be(c, "needs root: gid 8");
	c.groups[0] = 1000;
	cannot_be(c, "needs root: supplementary groups");
}

START_TEST(a_capability_that_is_missing_is_told)
{
	struct cred c = user(geteuid());
	uint64_t effective, permitted;

	c.rgid = c.egid = c.sgid = c.fsgid = getegid();
	c.caps = BIT(CAP_IPC_OWNER);
	cred_read_caps(&effective, &permitted);
	if (!(permitted & BIT(CAP_IPC_OWNER)))
		cannot_be(c, "needs CAP_IPC_OWNER, which this process does not have");
}
END_TEST

START_TEST(the_environment_is_told)
{
	struct environment e;

	real_environment(&e);
	ck_assert_str_eq(e.sysname, "Linux");
	ck_assert_int_eq(strncmp(e.abi, "raw ", 4), 0);
	ck_assert_str_eq(e.target, "");
	ck_assert_int_ge(e.cpus, 1);
	ck_assert(e.root == (geteuid() == 0));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("box");

	tcase_add_checked_fixture(tc, remember_outside, NULL);
	tcase_add_test(tc, the_body_decides_the_status);
	tcase_add_test(tc, outside_a_box_nothing_is_touched);
	tcase_add_test(tc, a_box_dies_with_its_parent);
	tcase_add_loop_test(tc, a_box_dies_with_its_parent_at_any_moment, 0, 60);
	tcase_add_test(tc, a_plain_child_dies_with_its_parent);
	tcase_add_loop_test(tc, a_plain_child_dies_with_its_parent_at_any_moment, 0, 40);
	add_box_test(tc, namespaces_are_private);
	add_box_test(tc, an_ordinary_user_is_user_1000);
	add_box_test(tc, a_fresh_namespace_is_empty_and_another);
	add_box_test(tc, objects_of_all_kinds_are_counted_and_removed);
	add_box_test(tc, resources_are_limited);
	add_box_test(tc, facts_are_those_of_the_namespace);
	add_box_test(tc, facts_are_those_of_the_machine);
	add_box_test(tc, huge_pages_are_those_of_the_machine);
	add_box_test(tc, limits_can_be_set_by_root);
	add_box_test(tc, who_cannot_be_played_is_told);
	tcase_add_test(tc, a_capability_that_is_missing_is_told);
	tcase_add_test(tc, the_environment_is_told);
	return run_tests(tc, "box");
}
