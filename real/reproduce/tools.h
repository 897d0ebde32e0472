/* What programs share that show a behaviour of System V IPC: processes, sleepers, and each in a namespace. */
#ifndef TOOLS_H
#define TOOLS_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE = 20 };			/* seconds until something hangs */
enum { OWNER = 1000, OTHER = 2000 };	/* users and groups who are nobody */

enum answer { ABSENT, SHOWN, CANNOT };

struct message { long type; char text[8]; };

static long page;
static char seen[160];			/* what was seen of the one that is shown now */

/* ---- tools ------------------------------------------------------------------------------------- */

static enum answer shown_if(bool shown, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(seen, sizeof(seen), format, list);
	va_end(list);
	return shown ? SHOWN : ABSENT;
}

static enum answer cannot(const char *why)
{
	snprintf(seen, sizeof(seen), "%s", why);
	return CANNOT;
}

/* What a call came to: its result, or minus its errno. */
static inline long result(long value)
{
	return value == -1 ? -errno : value;
}

static inline const char *told(long value)
{
	static const struct { long value; const char *name; } names[] = {
		{ -EACCES, "EACCES" }, { -EAGAIN, "EAGAIN" }, { -EFAULT, "EFAULT" }, { -EINTR, "EINTR" },
		{ -EINVAL, "EINVAL" },
		{ -EISDIR, "EISDIR" }, { -ENOMEM, "ENOMEM" }, { -ENOSPC, "ENOSPC" }, { -EPERM, "EPERM" },
		{ -ERANGE, "ERANGE" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].value == value)
			return names[i].name;
	return value < 0 ? strerror((int)-value) : "success";
}

/* Words that processes leave for the one that started them. */
static volatile long *shared;

/* A process that makes one call and leaves its result in *shared. */
static inline pid_t started(long (*call)(int id), int id)
{
	pid_t child;

	*shared = -ECHILD;	/* until it is known */
	child = fork();
	if (child)
		return child;
	alarm(PATIENCE);
	*shared = result(call(id));
	_exit(0);
}

static inline long done_by_process(long (*call)(int id), int id)
{
	waitpid(started(call, id), NULL, 0);
	return *shared;
}

static inline char state_of(pid_t task)
{
	char path[64], text[512];
	const char *end;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", task);
	fd = open(path, O_RDONLY);
	n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n < 0 ? 0 : n] = 0;
	end = strrchr(text, ')');
	return end && end[1] ? end[2] : 0;
}

/* Whoever does nothing but one call sleeps in that one. */
static inline void wait_until_asleep(pid_t task)
{
	while (state_of(task) != 'S')
		sched_yield();
}

static inline void stop(pid_t task)
{
	kill(task, SIGSTOP);
	waitpid(task, NULL, WUNTRACED);
}

static bool is_root;			/* of more than a user namespace */

/* For good, with one group more if it is not 0. All capabilities go. */
static inline void become(uid_t uid, gid_t gid, gid_t group)
{
	if (setgroups(group ? 1 : 0, &group) || setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
		_exit(77);
}

static inline int queue_of(uid_t uid, gid_t gid, unsigned short mode)
{
	int id = msgget(IPC_PRIVATE, 0600);
	struct msqid_ds ds;

	if (msgctl(id, IPC_STAT, &ds))
		exit(77);
	ds.msg_perm.uid = uid;
	ds.msg_perm.gid = gid;
	ds.msg_perm.mode = mode;
	if (msgctl(id, IPC_SET, &ds))
		exit(77);
	return id;
}

static char folder[4096];

static inline const char *in_folder(const char *name)
{
	static char path[sizeof(folder) + 16];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

/* Puts a number into a file, or says that it cannot. */
static inline bool written(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool done = write(fd, text, strlen(text)) > 0;

	close(fd);
	return done;
}

static inline long receive(int id)
{
	struct message m;

	return msgrcv(id, &m, sizeof(m.text), 0, 0);
}

static inline struct shmid_ds segment_of(int id)
{
	struct shmid_ds ds = { .shm_lpid = 0 };

	shmctl(id, IPC_STAT, &ds);
	return ds;
}

/* ---- turns ------------------------------------------------------------------------------------- */

enum { NOT_YET, READY, GO };
#define TURN shared[1]

static inline void take_turn(long turn)
{
	while (TURN != turn)
		sched_yield();
}

/* ---- all of them ------------------------------------------------------------------------------- */

struct surprise { const char *name, *clause; enum answer (*show)(void); };

static inline void prepare(void)
{
	const char *where = getenv("TMPDIR");

	is_root = !geteuid();
	snprintf(folder, sizeof(folder), "%s/reproduce-XXXXXX", where ? where : "/tmp");
	page = sysconf(_SC_PAGESIZE);
	shared = mmap(NULL, (size_t)page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || !mkdtemp(folder))
		exit(77);
}

/* In a process and an IPC namespace of its own, with which objects, limits and locks go. */
static inline enum answer show(const struct surprise *s)
{
	static const char *const words[] = { "absent", "shown", "skipped" };
	int status;
	pid_t child = fork();

	if (!child) {
		enum answer answer;

		alarm(PATIENCE);
		if (unshare(CLONE_NEWIPC) && (is_root || unshare(CLONE_NEWUSER | CLONE_NEWIPC)))
			answer = cannot("needs an IPC namespace");
		else
			answer = s->show();
		printf("%-8s%-26s%s: %s\n", words[answer], s->name, s->clause, seen);
		fflush(stdout);
		_exit(answer);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) <= CANNOT ? (enum answer)WEXITSTATUS(status) : ABSENT;
}

static inline bool is_among(const char *name, char **names)
{
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

/* Those that are named, or all; returns the exit status. */
static inline int show_each(const struct surprise *all, int n, int named, char **names)
{
	int tried = 0, count[CANNOT + 1] = { 0 };

	prepare();
	for (int i = 0; i < n; i++) {
		if (named && !is_among(all[i].name, names))
			continue;
		count[show(&all[i])]++;
		tried++;
	}
	rmdir(folder);
	if (tried < named)
		return 2;
	return count[ABSENT] ? 1 : count[CANNOT] ? 77 : 0;
}

#endif
