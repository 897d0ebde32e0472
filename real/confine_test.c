/* A confined process can do IPC and live, and nothing else. */
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "test.h"

enum { SLOTS = 70, PROGRAM = 71 };	/* descriptors; nothing is behind them */

/* The signal that ends a confined process that makes this call; 0 if it survives it. */
static int dies_with(long nr, long a, long b, long c, long d, long e)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (!confine(SLOTS, PROGRAM))
			_exit(1);
		syscall(nr, a, b, c, d, e, 0L);
		syscall(SYS_exit_group, 0L);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) || !WEXITSTATUS(status));
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static int dies(long nr, long a, long b, long c, long d)
{
	return dies_with(nr, a, b, c, d, -1);
}

BOX_TEST(ipc_is_free)
{
	static const long calls[] = {
		SYS_msgget, SYS_msgsnd, SYS_msgrcv, SYS_msgctl, SYS_semget, SYS_semop, SYS_semctl,
		SYS_semtimedop, SYS_shmget, SYS_shmat, SYS_shmdt, SYS_shmctl,
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		ck_assert_int_eq(dies(calls[i], -1, 0, 0, 0), 0);
}

/* The errno of a call of System V IPC by a confined process, with this sixth argument; 0 when it succeeds. */
static int errno_of(long nr, long a, long b, long c, long sixth)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		long done = confine(SLOTS, PROGRAM) ? syscall(nr, a, b, c, 0L, 0L, sixth) : -1;

		syscall(SYS_exit_group, done < 0 ? (long)errno : 0L);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

BOX_TEST(ipc_fails_with_the_errno_of_a_marked_sixth_argument_and_is_not_made)
{
	const long flg = 01600;

	ck_assert_int_eq(errno_of(SYS_msgget, 77, flg, 0, FAIL_MARK | ENOMEM), ENOMEM);
	ck_assert_int_eq(errno_of(SYS_msgget, 77, 0600, 0, 0), ENOENT);
	ck_assert_int_eq(errno_of(SYS_msgget, 77, 0600, 0, ENOMEM), ENOENT);
	ck_assert_int_eq(errno_of(SYS_msgget, 77, 0600, 0, FAIL_MARK >> 1), ENOENT);
	ck_assert_int_eq(errno_of(SYS_semop, -1, 0, 0, FAIL_MARK | ENOSYS), ENOSYS);
	ck_assert_int_eq(errno_of(SYS_shmctl, -1, 0, 0, FAIL_MARK | EPERM), EPERM);
	ck_assert_int_eq(errno_of(SYS_getpid, 0, 0, 0, FAIL_MARK | EPERM), 0);
}

BOX_TEST(calls_on_files_fail_likewise)
{
	const long here = AT_FDCWD, none = (long)"";

	ck_assert_int_eq(errno_of(SYS_mkdirat, here, none, 0700, 0), ENOENT);
	ck_assert_int_eq(errno_of(SYS_mkdirat, here, none, 0700, FAIL_MARK | ENOSPC), ENOSPC);
	ck_assert_int_eq(errno_of(SYS_unlinkat, here, none, 0, FAIL_MARK | EPERM), EPERM);
	ck_assert_int_eq(errno_of(SYS_openat, here, none, O_RDONLY, 0), ENOENT);
	ck_assert_int_eq(errno_of(SYS_openat, here, none, O_RDONLY, FAIL_MARK | ENXIO), ENXIO);
	ck_assert_int_eq(errno_of(SYS_openat, here, none, O_RDWR | O_TRUNC, FAIL_MARK >> 1), EACCES);
	ck_assert_int_eq(errno_of(SYS_bind, -1, 0, 0, FAIL_MARK | ENOSYS), ENOSYS);
}

BOX_TEST(files_can_be_opened_for_reading_only)
{
	static const int flags[] = {
		O_WRONLY, O_RDWR, O_WRONLY | O_APPEND, O_RDONLY | O_CREAT, O_RDONLY | O_TRUNC,
	};
	const long name = (long)"/dev/null";

	ck_assert_int_eq(errno_of(SYS_openat, AT_FDCWD, name, O_RDONLY, 0), 0);
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		ck_assert_int_eq(errno_of(SYS_openat, AT_FDCWD, name, flags[i], 0), EACCES);
}

BOX_TEST(what_the_loader_says_is_heard_by_nobody)
{
	ck_assert_int_eq(errno_of(SYS_writev, 2, 0, 0, 0), EACCES);
}

BOX_TEST(files_processes_and_memory_of_others_are_out_of_reach)
{
	static const char name[] = "/dev/null";
	static const struct { long nr, a, b, c, d; } calls[] = {
		{ SYS_socket, AF_INET, 1, 0, 0 }, { SYS_execve, (long)name, 0, 0, 0 },
		{ SYS_prlimit64, 1, 0, (long)name, 0 },
		{ SYS_kill, 1, 0, 0, 0 }, { SYS_ptrace, 0, 0, 0, 0 }, { SYS_mount, 0, 0, 0, 0 },
		{ SYS_unshare, CLONE_NEWNS, 0, 0, 0 }, { SYS_chroot, (long)name, 0, 0, 0 },
		{ SYS_setrlimit, 0, 0, 0, 0 }, { SYS_process_vm_writev, 1, 0, 0, 0 },
		{ SYS_getdents64, 0, 0, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		ck_assert_msg(dies(calls[i].nr, calls[i].a, calls[i].b, calls[i].c, calls[i].d) == SIGSYS,
			      "call %ld", calls[i].nr);
}

/* The signal that ends a confined process that makes this call of 32-bit x86; 0 if it survives it. */
static int dies_in_ia32(long nr)
{
	const long arg[6] = { nr, 25 };
	pid_t pid = fork();
	int status, number;

	if (pid == 0) {
		if (!confine(SLOTS, PROGRAM))
			_exit(1);
		ia32_call(arg, &number);
		syscall(SYS_exit_group, 0L);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) || !WEXITSTATUS(status));
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

BOX_TEST(of_32_bit_calls_those_of_ipc_are_free)
{
	static const long calls[] = { IA32_IPC, IA32_SEMCTL, IA32_SHMCTL, IA32_MSGCTL };

	if (!ia32_works())
		return;
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		ck_assert_int_eq(dies_in_ia32(calls[i]), 0);
	for (long nr = 2; nr < 450; nr++)
		if (nr != IA32_IPC && nr != IA32_SEMCTL && nr != IA32_SHMCTL && nr != IA32_MSGCTL
		    && nr % 7 == 6)
			ck_assert_msg(dies_in_ia32(nr) == SIGSYS, "call %ld", nr);
}

BOX_TEST(some_calls_are_free_with_some_arguments)
{
	ck_assert_int_eq(dies(SYS_write, STDERR_FILENO, (long)"", 0, 0), 0);
	ck_assert_int_eq(dies(SYS_write, STDOUT_FILENO, (long)"", 0, 0), SIGSYS);
	ck_assert_int_eq(dies(SYS_setns, -1, CLONE_NEWIPC, 0, 0), 0);
	ck_assert_int_eq(dies(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0, 0), 0);
	ck_assert_int_eq(dies(SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0, 0), SIGSYS);
	ck_assert_int_eq(dies(SYS_madvise, 0, 0, MADV_DONTFORK, 0), 0);
	ck_assert_int_eq(dies(SYS_mlockall, MCL_FUTURE, 0, 0, 0), 0);
	ck_assert_int_eq(dies(SYS_mlockall, MCL_CURRENT, 0, 0, 0), SIGSYS);
	ck_assert_int_eq(dies(SYS_mremap, 0, 0, 0, 0), 0);
	ck_assert_int_eq(dies(SYS_setns, -1, CLONE_NEWNS, 0, 0), SIGSYS);
	ck_assert_int_eq(dies(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0), 0);
	ck_assert_int_eq(dies(SYS_prctl, PR_SET_PDEATHSIG, 0, 0, 0), SIGSYS);
	ck_assert_int_eq(dies(SYS_clone, CLONE_NEWNS | SIGCHLD, 0, 0, 0), SIGSYS);
	ck_assert_int_eq(dies(SYS_clone, CLONE_NEWIPC | CLONE_SYSVSEM | SIGCHLD, 0, 0, 0), 0);
	ck_assert_int_eq(dies(SYS_unshare, CLONE_SYSVSEM, 0, 0, 0), 0);
	ck_assert_int_eq(dies(SYS_unshare, CLONE_NEWIPC, 0, 0, 0), 0);
	ck_assert_int_eq(dies(SYS_unshare, CLONE_SYSVSEM | CLONE_NEWNS, 0, 0, 0), SIGSYS);
	ck_assert_int_eq(dies(SYS_clone, CLONE_VM | SIGCHLD, 0, 0, 0), SIGSYS);
	ck_assert_int_eq(dies(SYS_mmap, 0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS), 0);
	ck_assert_int_eq(dies(SYS_mmap, 0, 4096, PROT_READ, MAP_PRIVATE), 0);
	ck_assert_int_eq(dies(SYS_mmap, 0, 4096, PROT_READ, MAP_SHARED), SIGSYS);
	ck_assert_int_eq(dies(SYS_mmap, 0, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS), SIGSYS);
	ck_assert_int_eq(dies_with(SYS_mmap, 0, 4096, PROT_READ, MAP_SHARED, SLOTS), 0);
	ck_assert_int_eq(dies_with(SYS_mmap, 0, 4096, PROT_READ, MAP_SHARED, PROGRAM), SIGSYS);
	ck_assert_int_eq(dies_with(SYS_execveat, PROGRAM, (long)"", 0, 0, AT_EMPTY_PATH), 0);
	ck_assert_int_eq(dies_with(SYS_execveat, PROGRAM, (long)"", 0, 0, 0), SIGSYS);
	ck_assert_int_eq(dies_with(SYS_execveat, SLOTS, (long)"", 0, 0, AT_EMPTY_PATH), SIGSYS);
	ck_assert_int_eq(dies(SYS_openat, AT_FDCWD, (long)"/", O_RDONLY, 0), 0);
	ck_assert_int_eq(dies(SYS_fcntl, SLOTS, F_SETFD, FD_CLOEXEC, 0), 0);
	ck_assert_int_eq(dies(SYS_fcntl, STDERR_FILENO, F_SETFL, O_APPEND, 0), SIGSYS);
	ck_assert_int_eq(dies(SYS_prlimit64, 0, 0, 0, 0), 0);
	ck_assert_int_eq(dies(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0), 0);
}

/* The C library takes the older call then, of which the arguments can be looked at. */
BOX_TEST(a_call_with_hidden_arguments_is_missing)
{
	char hidden[256] = { 0 };
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		bool missing = confine(SLOTS, PROGRAM)
			&& syscall(SYS_clone3, hidden, sizeof(hidden)) == -1 && errno == ENOSYS;

		syscall(SYS_exit_group, missing ? 0L : 1L);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

BOX_TEST(children_are_confined_too)
{
	const long flags = CLONE_PARENT | SIGCHLD;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		long child = confine(SLOTS, PROGRAM) ? syscall(SYS_clone, flags, 0L, 0L, 0L, 0L) : -1;

		if (child == 0)
			syscall(SYS_socket, (long)AF_INET, 1L, 0L);
		syscall(SYS_exit_group, child > 0 ? 0L : 1L);
	}
	for (int i = 0; i < 2; i++) {
		pid_t ended = wait(&status);

		ck_assert(ended > 0);
		ck_assert(ended == pid ? WIFEXITED(status) && !WEXITSTATUS(status)
			  : WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	}
}

int main(void)
{
	TCase *tc = tcase_create("confine");

	add_box_test(tc, ipc_is_free);
	add_box_test(tc, ipc_fails_with_the_errno_of_a_marked_sixth_argument_and_is_not_made);
	add_box_test(tc, calls_on_files_fail_likewise);
	add_box_test(tc, files_can_be_opened_for_reading_only);
	add_box_test(tc, what_the_loader_says_is_heard_by_nobody);
	add_box_test(tc, files_processes_and_memory_of_others_are_out_of_reach);
	add_box_test(tc, of_32_bit_calls_those_of_ipc_are_free);
	add_box_test(tc, some_calls_are_free_with_some_arguments);
	add_box_test(tc, a_call_with_hidden_arguments_is_missing);
	add_box_test(tc, children_are_confined_too);
	return run_tests(tc, "confine");
}
