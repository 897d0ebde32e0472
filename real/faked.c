/*
 * Under some programs calls that tell and change credentials are answered by the program, not by the kernel:
 * everybody seems to be root there, and nothing that follows from credentials can be judged. They are found
 * out by asking in other ways.
 */
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

#ifdef SYS_geteuid32
#define EUID SYS_geteuid32
#else
#define EUID SYS_geteuid
#endif
#ifdef SYS_setresuid32
#define TAKE_UIDS SYS_setresuid32
#else
#define TAKE_UIDS SYS_setresuid
#endif

enum { SOMEBODY = 65533 };

/* The effective id that /proc/self/status tells, which proot knows of a process alone; -1: not told. */
static long told_by_file(void)
{
	uint32_t real, effective, saved;

	return cred_told("/proc/self/status", "\nUid:", &real, &effective, &saved) ? (long)effective : -1;
}

/* Do all agree on who the process is? */
static bool agreed(char *why, size_t size)
{
	const long call = syscall(EUID), file = told_by_file(), library = (long)geteuid();

	if (call == library && (file < 0 || call == file))
		return true;
	snprintf(why, size, "credentials are faked: the effective user is %ld by the system call, %ld by the "
		 "C library and %ld by /proc/self/status", call, library, file);
	return false;
}

const char *real_faked(void)
{
	static char why[200];
	int end[2], status;
	ssize_t n;
	pid_t pid;

	if (!agreed(why, sizeof(why)))
		return why;
	if (pipe(end))
		return NULL;
	pid = fork();
	if (pid == 0) {		/* whoever may become somebody else must have become so */
		if (!syscall(TAKE_UIDS, (long)SOMEBODY, (long)SOMEBODY, (long)SOMEBODY)
		    && !agreed(why, sizeof(why)))
			n = write(end[1], why, sizeof(why));
		_exit(0);
	}
	close(end[1]);
	n = read(end[0], why, sizeof(why));
	close(end[0]);
	waitpid(pid, &status, 0);
	return n == sizeof(why) ? why : NULL;
}
