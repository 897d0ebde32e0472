/*
 * Is a process asleep in a call? /proc/PID/syscall names the call of a task that is off the processor
 * and says "running" otherwise; the state in /proc/PID/stat tells a sleep that a signal can end, as that
 * of a parked call is, from one for memory or a lock.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

bool proc_is_ours(void)
{
	static int known = -1;
	char name[32], self[32];

	if (known < 0) {
		ssize_t n = readlink("/proc/self", name, sizeof(name) - 1);

		snprintf(self, sizeof(self), "%d", (int)getpid());
		name[n < 0 ? 0 : n] = '\0';
		known = !strcmp(name, self);
	}
	return known;
}

int open_of(pid_t pid, const char *file)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* An emulator shows the numbers of the system that it runs on. */
static bool numbers_are_ours(void)
{
	static int known = -1;
	char text[128] = "";
	int fd;

	if (known >= 0)
		return known;
	fd = open("/proc/self/syscall", O_RDONLY | O_CLOEXEC);
	known = fd >= 0 && syscall(SYS_read, (long)fd, text, (long)sizeof(text) - 1) > 0
		&& strtol(text, NULL, 10) == SYS_read;
	if (fd >= 0)
		close(fd);
	return known;
}

static void eye_open(struct eye *e, pid_t pid)
{
	*e = (struct eye){ true, -1, -1 };
	if (!proc_is_ours())
		return;
	e->call = numbers_are_ours() ? open_of(pid, "syscall") : -1;
	e->state = open_of(pid, "stat");
}

/* The name of the program stands before the state, and may contain anything. */
static char state_in(const char *stat)
{
	const char *end = strrchr(stat, ')');

	return end && end[1] == ' ' ? end[2] : '\0';
}

/* How many threads a process has; 0 when that cannot be read. */
static long threads_in(const char *stat)
{
	enum { STATE = 3, NUM_THREADS = 20 };
	const char *field = strrchr(stat, ')');

	for (int n = STATE; field && n <= NUM_THREADS; n++)
		field = strchr(field + 1, ' ');
	return field ? strtol(field, NULL, 10) : 0;
}

/* A first thread that has ended is a zombie as long as others go on. */
char process_state(pid_t pid)
{
	char path[64], stat[512];

	if (kill(pid, 0) && errno == ESRCH)
		return '\0';
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (!proc_is_ours() || !read_file(path, stat, sizeof(stat)))
		return '?';
	return state_in(stat) == 'Z' && threads_in(stat) > 1 ? '?' : state_in(stat);
}

/* A first thread that ends before others stays as a zombie, which only /proc can tell. */
bool thread_end_shows(pid_t pid, pid_t tid)
{
	return pid != tid || proc_is_ours();
}

bool thread_gone(pid_t pid, pid_t tid)
{
	char path[64], stat[512];

	if (!proc_is_ours())
		return syscall(SYS_tgkill, (long)pid, (long)tid, 0L) && errno == ESRCH;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)pid, (int)tid);
	if (!read_file(path, stat, sizeof(stat)))
		return errno == ENOENT || errno == ESRCH;
	return state_in(stat) == 'Z';
}

void eye_close(struct eye *e)
{
	if (!e->open)
		return;
	if (e->call >= 0)
		close(e->call);
	if (e->state >= 0)
		close(e->state);
	e->open = false;
}

static bool look(int fd, char *buf, size_t size)
{
	ssize_t n = fd < 0 ? -1 : pread(fd, buf, size - 1, 0);

	buf[n < 0 ? 0 : n] = '\0';
	return n > 0;
}


/* Is the call that the text begins with among these? */
static bool is_in(const char *text, const long *numbers)
{
	char *end;
	long nr = strtol(text, &end, 10);

	while (*numbers >= 0 && *numbers != nr)
		numbers++;
	return end != text && *numbers >= 0;
}

enum sight eye_look(struct eye *e, pid_t pid, const long *numbers, bool entered)
{
	char text[512];

	if (!e->open)
		eye_open(e, pid);
	if (look(e->call, text, sizeof(text)) ? !is_in(text, numbers) : !entered)
		return AWAKE;
	if (!look(e->state, text, sizeof(text)))
		return UNSEEN;
	return state_in(text) == 'S' ? ASLEEP : AWAKE;
}
