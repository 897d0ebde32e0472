/* Processes that serve several runs: only those that are as new ones. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "test.h"

static int64_t q, s;
static pid_t first;			/* of actor B in the run before */

static void open_run(struct cred cred)
{
	new_run(REAL_PROCESSES, 1);
	q = value(op(msgget, A, .key = 1, .flg = IPC_CREAT | 0666));
	s = value(op(semget, A, .key = 1, .nsems = 3, .flg = IPC_CREAT | 0666));
	new_actor(B, cred);
}

static void first_run(void)
{
	struct cred mighty = user(1000);

	mighty.caps = CAPS_ALL;
	open_run(mighty);
	first = (pid_t)real_pid(r, B);
}

/* Is it the same process that serves B in the next run? If not it is gone. */
static bool is_kept(void)
{
	bool same;

	end_run();
	open_run(user(1000));
	same = real_pid(r, B) == first;
	ck_assert(same || (kill(first, 0) == -1 && errno == ESRCH));
	ck_assert_int_eq(value(op(msgctl_IPC_STAT, B, .id = q)), 0);
	end_run();
	return same;
}

/* ---- which are kept -------------------------------------------------------------------------- */

BOX_TEST(calls_that_change_objects_only_leave_a_process_as_it_was)
{
	first_run();
	run(with(text(1, "x"), msgsnd, B, .id = q));
	run(op(msgrcv, B, .id = q, .size = 9));
	run(op(msgrcv, B, .id = q, .size = 9, .flg = IPC_NOWAIT));
	run(with(sops({ 0, 2, 0 }, { 1, 1, 0 }), semop, B, .id = s));
	run(op(shmget, B, .key = 2, .size = 4096, .flg = IPC_CREAT | 0600));
	run(op(semctl_GETVAL, B, .id = s));
	ck_assert(is_kept());
}

BOX_TEST(who_slept_and_woke_is_kept)
{
	first_run();
	ck_assert(blocks(op(msgrcv, B, .id = q, .size = 9)));
	run(with(text(1, "x"), msgsnd, A, .id = q));
	ck_assert_int_eq(woken_err(B), 0);
	ck_assert(is_kept());
}

BOX_TEST(calls_that_decide_about_files_leave_a_process_as_it_was)
{
	first_run();
	run(op(mkfifo, B, .name = NODE_node, .mode = 0600));
	run(op(open, B, .name = NODE_node, .flg = OPEN_READ));
	run(op(shm_open, B, .name = NODE_memory, .flg = OPEN_CREATE | OPEN_BOTH, .mode = 0600));
	run(op(connect, B, .name = NODE_node));
	value(op(mq_open, B, .name = NODE_queue, .flg = OPEN_CREATE | OPEN_BOTH, .mode = 0600));
	value(op(mq_send, B, .name = NODE_queue));
	value(op(bind, B, .name = NODE_dir));
	run(op(unlink, B, .name = NODE_node));
	ck_assert(is_kept());
}

/* Each leaves something in the process of B. */
static void sleep_on(void)
{
	ck_assert(blocks(op(msgrcv, B, .id = q, .size = 9)));
}

static void adjust(void)
{
	run(with(sops({ 0, 1, SEM_UNDO }), semop, B, .id = s));
}

static void adjust_in_what_was_not_listed(void)
{
	struct payload d = *sops({ 0, 1, 0 });

	d.excess = 1;
	run(with(&d, semop, B, .id = s));
}

static void be_signalled(void)
{
	ck_assert_int_eq(value(op(signal, -1, .to = B, .signo = SIGUSR1)), 0);
}

static void be_stopped(void)
{
	ck_assert_int_eq(value(op(signal, -1, .to = B, .signo = SIGSTOP)), 0);
}

static void attach(void)
{
	value(op(shmat, B, .id = value(op(shmget, B, .key = 3, .size = 4096, .flg = IPC_CREAT | 0600))));
}

static void touch_the_hole(void)
{
	ck_assert_int_eq(fault(op(load, B, .addr = HOLE, .len = 1)), SIGSEGV);
}

static void limit(void)
{
	value(op(rlimit, B, .name = RLIM_MEMLOCK, .value = 4096));
}

static void have_a_child(void)
{
	value(op(fork, B, .child = C));
}

static void have_a_thread(void)
{
	value(op(thread, B, .child = C));
}

static void become_a_program(void)
{
	value(op(exec, B));
}

static void leave(void)
{
	value(op(unshare_ipc, B));
}

static void have_no_adjustments(void)
{
	value(op(unshare_sysvsem, B));
}

static void mask(void)
{
	run(op(umask, B, .mask = 077));
}

static void read_the_files(void)
{
	run(op(proc_open, B));
}

static void protect_a_place(void)
{
	run(op(msgctl_IPC_STAT, B, .id = q, .buf = P_READONLY));
}

static void ask_the_library(void)
{
	real_through(r, ABI_LIBC);
	run(op(msgctl_IPC_STAT, B, .id = q));
}

static void lock(void)
{
	int64_t m = value(op(shmget, B, .key = 3, .size = 4096, .flg = IPC_CREAT | 0600));

	value(op(shmctl_SHM_LOCK, B, .id = m));
}

static void end(void)
{
	run(op(exit, B));
}

BOX_TEST(who_may_have_changed_is_not)
{
	static void (*const change[])(void) = {
		sleep_on, adjust, adjust_in_what_was_not_listed, be_signalled, be_stopped, attach,
		touch_the_hole, limit, have_a_child, have_a_thread, become_a_program, leave,
		have_no_adjustments, mask, read_the_files, protect_a_place,
		ask_the_library, lock, end,
	};

	for (size_t i = 0; i < sizeof(change) / sizeof(*change); i++) {
		first_run();
		change[i]();
		ck_assert_msg(!is_kept(), "after change %zu", i);
	}
}

/* The child would serve the slot beside the one that waits there. */
BOX_TEST(a_child_takes_the_place_of_one_that_was_kept)
{
	first_run();
	end_run();
	new_run(REAL_PROCESSES, 1);
	value(op(fork, A, .child = B));
	ck_assert(kill(first, 0) == -1 && errno == ESRCH);
	q = value(op(msgget, B, .key = 1, .flg = IPC_CREAT | 0600));
	ck_assert_int_eq(value(op(msgctl_IPC_STAT, B, .id = q)), 0);
	end_run();
}

BOX_TEST(one_that_died_meanwhile_is_replaced)
{
	first_run();
	end_run();
	kill(first, SIGKILL);
	open_run(user(1000));
	ck_assert_int_ne(real_pid(r, B), first);
	ck_assert_int_eq(value(op(msgctl_IPC_STAT, B, .id = q)), 0);
	end_run();
}

/* ---- where no namespace can be joined ---------------------------------------------------------- */

BOX_TEST(a_process_that_can_join_nothing_serves_where_it_is)
{
	space_join_none();
	first_run();
	run(op(msgctl_IPC_STAT, B, .id = q));
	value(op(mq_open, B, .name = NODE_queue, .flg = OPEN_CREATE | OPEN_BOTH, .mode = 0600));
	end_run();
	next_run(REAL_PROCESSES, 1);
	new_actor(B, user(1000));
	ck_assert_int_eq(real_pid(r, B), first);
	q = value(op(msgget, A, .key = 1, .flg = IPC_CREAT | 0600));
	ck_assert_int_eq(value(op(msgctl_IPC_STAT, B, .id = q)), 0);
	ck_assert_int_eq(err(op(mq_send, B, .name = NODE_queue)), EBADF);
	ck_assert(!is_kept());
}

BOX_TEST(only_where_nothing_can_be_joined_does_an_empty_namespace_serve_again)
{
	first_run();
	end_run();
	ck_assert(!box_again());
	space_join_none();
	ck_assert(box_again());
	first_run();
	ck_assert(!box_again());
	end_run();
}

BOX_TEST(who_is_kept_can_be_ended)
{
	int status;

	first_run();
	end_run();
	ck_assert_int_eq(waitpid(first, &status, WNOHANG), 0);
	keep_end();
	ck_assert_int_eq(waitpid(first, &status, 0), first);
	ck_assert_int_eq(WTERMSIG(status), SIGKILL);
}

/* ---- what is kept ---------------------------------------------------------------------------- */

enum { ROOM = 65536 };
typedef char description[ROOM];

static void add_text(char *to, const char *from)
{
	size_t n = strlen(to);

	ck_assert_uint_lt(n + strlen(from) + 1, sizeof(description));
	snprintf(to + n, sizeof(description) - n, "%s\n", from);
}

/* What changes by itself, or is another of each process, does not count. */
static bool counts(const char *line)
{
	static const char *const not[] = {
		"Pid:", "Tgid:", "NSpid:", "NStgid:", "NSpgid:", "voluntary", "nonvoluntary", "Vm", "Rss",
		"State:",
	};

	for (size_t i = 0; i < sizeof(not) / sizeof(*not); i++)
		if (!strncmp(line, not[i], strlen(not[i])))
			return false;
	return true;
}

static void add_file(char *to, pid_t pid, const char *name)
{
	static char text[ROOM];
	char path[64], *rest;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	ck_assert(read_file(path, text, sizeof(text)));
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (counts(line))
			add_text(to, line);
}

static void add_link(char *to, pid_t pid, const char *name)
{
	char path[300], target[200];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	n = readlink(path, target, sizeof(target) - 1);
	target[n < 0 ? 0 : n] = '\0';
	add_text(to, target);
}

static void add_descriptors(char *to, pid_t pid)
{
	char path[300];
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	d = opendir(path);
	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d))) {
		snprintf(path, sizeof(path), "fd/%s", e->d_name);
		add_text(to, e->d_name);
		add_link(to, pid, path);
	}
	closedir(d);
}

/* Where everything lies in its memory, without what was found at each place. */
static void add_maps(char *to, pid_t pid)
{
	static char text[ROOM];
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	ck_assert(read_file(path, text, sizeof(text)));
	add_text(to, text);
}

/* All that the kernel tells of a process. */
static void describe(char *to, pid_t pid)
{
	to[0] = '\0';
	add_file(to, pid, "status");
	add_file(to, pid, "limits");
	add_file(to, pid, "timerslack_ns");
	add_file(to, pid, "oom_score_adj");
	add_link(to, pid, "cwd");
	add_link(to, pid, "root");
	add_link(to, pid, "exe");
	add_link(to, pid, "ns/user");
	add_link(to, pid, "ns/mnt");
	add_descriptors(to, pid);
	add_maps(to, pid);
}

/* Says which line differs. */
static void expect_same_lines(const char *a, const char *b)
{
	size_t same = 0, line = 0;

	while (a[same] && a[same] == b[same])
		line = a[same++] == '\n' ? same : line;
	ck_assert_msg(a[same] == b[same], "'%.*s', not '%.*s'", (int)strcspn(a + line, "\n"), a + line,
		      (int)strcspn(b + line, "\n"), b + line);
}

static bool is_in_our_namespace(pid_t pid)
{
	char theirs[200] = "", ours[200] = "";

	add_link(theirs, pid, "ns/ipc");
	add_link(ours, getpid(), "ns/ipc");
	return !strncmp(theirs, "ipc:", 4) && !strcmp(theirs, ours);
}

static struct cred somebody(void)
{
	struct cred c = nth_user(1);

	if (is_root()) {
		c.suid = c.fsuid = 7;
		c.fsgid = 8;
		c.ngroups = 2;
		c.groups[0] = 21;
		c.groups[1] = 22;
		c.caps = CAPS_ALL;
	}
	return c;
}

/* One that was somebody else and changed much is told apart from one just made by nothing but its number. */
BOX_TEST(a_kept_process_is_as_a_new_one)
{
	static description kept, fresh;
	struct cred ordinary = user(1000);

	open_run(somebody());
	run(with(text(1, "x"), msgsnd, B, .id = q));
	run(with(sops({ 0, 1, 0 }), semop, B, .id = s));
	run(op(shmget, B, .key = 2, .size = 4096, .flg = IPC_CREAT | 0600));
	value(op(mq_open, B, .name = NODE_queue, .flg = OPEN_CREATE | OPEN_BOTH, .mode = 0600));
	value(op(bind, B, .name = NODE_node));
	first = (pid_t)real_pid(r, B);
	end_run();
	open_run(ordinary);
	ck_assert_int_eq(real_pid(r, B), first);
	describe(kept, first);
	ck_assert(is_in_our_namespace(first));
	new_actor(C, ordinary);
	ck_assert_int_eq(err(op(mq_send, B, .name = NODE_queue)), EBADF);
	ck_assert_int_eq(err(op(mq_open, B, .name = NODE_queue, .flg = OPEN_BOTH)), ENOENT);
	ck_assert_int_eq(err(op(msgget, B, .key = 2)), ENOENT);
	ck_assert_int_eq(err(op(shmget, B, .key = 2)), ENOENT);
	value(op(signal, -1, .to = B, .signo = SIGUSR1));
	end_run();
	keep_none();
	open_run(ordinary);
	ck_assert_int_ne(real_pid(r, B), first);
	describe(fresh, (pid_t)real_pid(r, B));
	expect_same_lines(kept, fresh);
	end_run();
}

int main(void)
{
	TCase *tc = tcase_create("keep");

	add_box_test(tc, calls_that_change_objects_only_leave_a_process_as_it_was);
	add_box_test(tc, calls_that_decide_about_files_leave_a_process_as_it_was);
	add_box_test(tc, who_slept_and_woke_is_kept);
	add_box_test(tc, who_may_have_changed_is_not);
	add_box_test(tc, a_child_takes_the_place_of_one_that_was_kept);
	add_box_test(tc, one_that_died_meanwhile_is_replaced);
	add_box_test(tc, a_process_that_can_join_nothing_serves_where_it_is);
	add_box_test(tc, only_where_nothing_can_be_joined_does_an_empty_namespace_serve_again);
	add_box_test(tc, who_is_kept_can_be_ended);
	add_box_test(tc, a_kept_process_is_as_a_new_one);
	return run_tests(tc, "keep");
}
