/*
 * Boxes: PID, IPC and mount namespaces of a run's own. A box has an init of its own which never changes its
 * credentials, because a process that does is no longer told to die with its parent. When init dies the
 * kernel kills whatever else is in the box.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

#define SPACES (CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC)

static bool in_box;
static unsigned generation;

bool box_private(void)
{
	return in_box;
}

unsigned box_generation(void)
{
	return generation;
}

/* A message for the process outside, printf-like. Always returns false. */
static bool tell(int link, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	send(link, text, strlen(text) + 1, MSG_NOSIGNAL);
	return false;
}

/* ---- set-up, in the box ---------------------------------------------------------------------- */

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	int err = errno;

	if (fd >= 0)
		close(fd);
	errno = err;
	return ok;
}

static bool map_one(const char *file, unsigned outside)
{
	char line[64];

	snprintf(line, sizeof(line), "%d %u 1", ORDINARY, outside);
	return write_file(file, line);
}

/* An ordinary user may map itself only, and only after it has given up setting groups. */
static bool map_ids(int link, uid_t uid, gid_t gid)
{
	if (!write_file("/proc/self/setgroups", "deny") && errno != ENOENT)
		return tell(link, "the user namespace cannot be set up: setgroups: %s", strerror(errno));
	if (!map_one("/proc/self/uid_map", uid) || !map_one("/proc/self/gid_map", gid))
		return tell(link, "the user namespace cannot be set up: id maps: %s", strerror(errno));
	return true;
}

/*
 * Without a /proc of its own a box still works; that calls block is then concluded from time: quiet.c. In a
 * chroot / may be no mount; then the one below which ours comes to lie must not hand it on.
 */
static bool mount_private(int link)
{
	bool whole = mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;

	if (!whole && errno != EINVAL)
		return tell(link, "mounts cannot be made private: %s", strerror(errno));
	if (whole || mount(NULL, "/proc", NULL, MS_PRIVATE, NULL) == 0)
		mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	return true;
}

/* Worker and actors hand over to each other faster on one processor; boxes take turns in choosing it. */
static void pin(unsigned number)
{
	cpu_set_t may, one;
	int n;

	if (sched_getaffinity(0, sizeof(may), &may) || !(n = CPU_COUNT(&may)))
		return;
	n = (int)(number % (unsigned)n);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &may) || n--)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof(one), &one);
		return;
	}
}

static bool limit_resources(int link)
{
	const struct rlimit locked = { MEMLOCK, MEMLOCK }, core = { 0, 0 };

	if (setrlimit(RLIMIT_MEMLOCK, &locked) || setrlimit(RLIMIT_CORE, &core))
		return tell(link, "resource limits cannot be set: %s", strerror(errno));
	if (!cred_keep_caps())
		return tell(link, "capabilities cannot be kept over a change of ids: %s", strerror(errno));
	return true;
}

struct plan {
	int (*body)(void *arg);
	void *arg;
	int link;			/* to the process outside; a seqpacket socket */
	uid_t uid;
	gid_t gid;
	bool own_users;			/* in a user namespace of its own */
	unsigned number;		/* of the box */
};

static bool set_up(const struct plan *p)
{
	if (p->own_users && !map_ids(p->link, p->uid, p->gid))
		return false;
	ids_learn();			/* where somebody translates paths, our own /proc has no self */
	if (!mount_private(p->link) || !limit_resources(p->link))
		return false;
	setsid();			/* keys that interrupt a program are for the one outside */
	pin(p->number);
	return true;
}

/* ---- init ------------------------------------------------------------------------------------ */

static void run_body(const struct plan *p)
{
	int status;

	in_box = true;
	told_learn();
	status = p->body(p->arg);
	keep_end();
	exit(status);
}

/* What the body ended with, as a shell would say it. */
static int status_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int reap_until(pid_t body)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, 0)) != body)
		if (pid < 0 && errno != EINTR)
			return 1;
	return status_of(status);
}

/*
 * The answer comes from a parent that lived after the wish to die with it was made. There is none when it
 * was dead by then.
 */
static bool parent_lives(int link)
{
	char go;

	tell(link, "%s", "");
	return recv(link, &go, 1, 0) == 1;
}

static _Noreturn void init(const struct plan *p)
{
	pid_t body;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!set_up(p) || !parent_lives(p->link))
		_exit(1);
	close(p->link);
	body = fork();
	if (body == 0)
		run_body(p);
	_exit(body < 0 ? 1 : reap_until(body));
}

/* ---- outside --------------------------------------------------------------------------------- */

/*
 * gVisor has no /proc for a new PID namespace, and looks processes up under wrong numbers there; its own end
 * takes everything along.
 */
static long spaces(void)
{
	static long known;
	struct environment env;

	if (!known) {
		real_environment(&env);
		known = strcmp(env.target, "gvisor") ? SPACES : SPACES & ~CLONE_NEWPID;
	}
	return known;
}

/*
 * qemu's emulation of a user's program makes namespaces by unshare alone, which the caller must not do; and a
 * PID namespace begins with the next child. The process between ends as that child does.
 */
static long fork_between(long flags)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pid = unshare((int)(flags & ~0xff)) ? -1 : fork();
	if (pid)
		_exit(pid < 0 ? 1 : reap_until(pid));
	return 0;
}

bool box_ends_all(void)
{
	return !(spaces() & CLONE_NEWPID) || getppid() == 1;
}

static pid_t clone_init(struct plan *p, int outer)
{
	const long own = spaces(), flags[] = { own | SIGCHLD, own | CLONE_NEWUSER | SIGCHLD };
	long pid = -1;

	/* a container may have one id alone, which is root's */
	for (int i = !ids_have(ORDINARY); i < 2 && pid < 0; i++) {
		p->own_users = i;
		pid = clone_copy(flags[i]);
		if (pid < 0 && errno == EINVAL)
			pid = fork_between(flags[i]);
		if (pid < 0 && errno != EPERM)
			break;
	}
	if (pid == 0) {
		close(outer);
		init(p);
	}
	return (pid_t)pid;
}

/* Waits until the box is set up; an empty message says so. False with a sentence in err. */
static bool welcome(pid_t pid, int link, char *err, size_t errsize)
{
	char text[200];
	ssize_t n;

	/* a signal here is no answer: box and caller would wait for each other */
	do
		n = recv(link, text, sizeof(text) - 1, 0);
	while (n < 0 && errno == EINTR);
	if (n == 1 && send(link, "", 1, MSG_NOSIGNAL) == 1)
		return true;
	text[n < 0 ? 0 : n] = '\0';
	snprintf(err, errsize, "%s", n > 1 ? text : "the box died while it was set up");
	waitpid(pid, NULL, 0);
	return false;
}

pid_t box_spawn(int (*body)(void *arg), void *arg, char *err, size_t errsize)
{
	static unsigned spawned;
	struct plan p = {
		.body = body, .arg = arg, .uid = geteuid(), .gid = getegid(), .number = spawned++,
	};
	int link[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, link)) {
		snprintf(err, errsize, "no socket: %s", strerror(errno));
		return -1;
	}
	p.link = link[1];
	fflush(NULL);
	pid = clone_init(&p, link[0]);
	if (pid < 0)
		snprintf(err, errsize, "namespaces cannot be had: %s", strerror(errno));
	close(link[1]);
	if (pid > 0 && !welcome(pid, link[0], err, errsize))
		pid = -1;
	close(link[0]);
	return pid;
}

pid_t plain_spawn(int (*body)(void *arg), void *arg)
{
	pid_t parent = getpid(), pid;

	fflush(NULL);
	pid = fork();
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	_exit(getppid() == parent ? body(arg) : 1);	/* a parent that died before that sends no signal */
}

bool box_has_room(int tries)
{
	if (errno != ENOSPC || tries == 100)
		return false;
	syscall(SYS_membarrier, (long)MEMBARRIER_CMD_GLOBAL, 0L, 0L);
	return true;
}

bool box_fresh(char *err, size_t errsize)
{
	if (!in_box) {
		snprintf(err, errsize, "a fresh namespace is for processes in a box only");
		return false;
	}
	for (int tries = 0; unshare(CLONE_NEWIPC); tries++)
		if (!box_has_room(tries)) {
			snprintf(err, errsize, "no fresh IPC namespace: %s", strerror(errno));
			return false;
		}
	generation++;
	return true;
}

bool box_again(void)
{
	return generation && !space_joins() && look_nothing_left();
}
