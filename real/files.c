/*
 * What the kernel's own files tell of an IPC namespace and of a process. Everything here only reads; whoever
 * reads needs no right to any object.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

enum { FILEMOST = 64 << 20 };		/* bytes read of one file */

static void unseen(struct nsfiles *n, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void unseen(struct nsfiles *n, const char *fmt, ...)
{
	va_list ap;

	if (n->nunseen == UNSEENMAX)
		return;
	va_start(ap, fmt);
	vsnprintf(n->unseen[n->nunseen++], sizeof(n->unseen[0]), fmt, ap);
	va_end(ap);
}

/* ---- reading whole files ----------------------------------------------------------------------- */

char *read_whole(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;
	size_t len = 0, cap = 0;
	char *text = NULL;
	ssize_t n = 0;

	if (fd < 0)
		return NULL;
	do {
		len += (size_t)n;
		if (len > FILEMOST || !grow(&text, &cap, len + 4096, 1)) {
			errno = EFBIG;
			n = -1;
			break;
		}
		n = read(fd, text + len, 4095);
	} while (n > 0);
	err = errno;
	close(fd);
	if (n == 0) {
		text[len] = '\0';
		return text;
	}
	free(text);
	errno = err;
	return NULL;
}

/* ---- objects -------------------------------------------------------------------------------------- */

static const char *const tables[NFAMILIES] = {
	[MSG] = "/proc/sysvipc/msg", [SEM] = "/proc/sysvipc/sem", [SHM] = "/proc/sysvipc/shm",
};

static const uint64_t whole = BIT(F_key) | BIT(F_uid) | BIT(F_gid) | BIT(F_cuid) | BIT(F_cgid) | BIT(F_mode);

bool files_rows(enum family f, const char *text, struct snapshot *s)
{
	struct objview row = { .family = f }, *o;
	struct rows rows;
	enum row_found found;

	rows_open(&rows, text);
	while ((found = rows_next(&rows, &row.id, &row.rec)) == ROW) {
		if ((row.rec.has & whole) != whole)
			return false;
		o = snapshot_obj(s);
		if (!o)
			return false;
		*o = row;
	}
	return found == ROWS_END;
}

static void read_table(struct nsfiles *n, enum family f)
{
	char *text = read_whole(tables[f]);
	size_t before = n->objects.nobj;

	if (!text) {
		unseen(n, "%s cannot be read: %s", tables[f], strerror(errno));
	} else if (!files_rows(f, text, &n->objects)) {
		unseen(n, "%s is not understood from row %zu on", tables[f],
		       n->objects.nobj - before + 1);
	}
	free(text);
}

/* ---- the namespace --------------------------------------------------------------------------- */

/* Numbers that the kernel gives to the initial namespaces in every boot. */
#define INITIAL_IPC "ipc:[4026531839]"
#define INITIAL_USER "user:[4026531837]"
#define INITIAL_PID "pid:[4026531836]"

/* "ipc:[4026531839]"; empty when it cannot be seen. */
static void read_link(char name[SPACENAME], pid_t pid, const char *space)
{
	char path[64];
	ssize_t n;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, space);
	else
		snprintf(path, sizeof(path), "/proc/self/ns/%s", space);
	n = readlink(path, name, SPACENAME - 1);
	name[n < 0 ? 0 : n] = '\0';
}

static uint32_t overflow_id(const char *path)
{
	char text[32];

	return read_file(path, text, sizeof(text)) ? (uint32_t)strtoul(text, NULL, 10) : 65534;
}

/* Does the map of the reader's user namespace name every id there is? Without /proc that is assumed. */
static bool maps_all(const char *path)
{
	char text[256];
	unsigned long inside, outside, count;
	char *end;

	if (!read_file(path, text, sizeof(text)))
		return true;
	inside = strtoul(text, &end, 10);
	outside = strtoul(end, &end, 10);
	count = strtoul(end, &end, 10);
	return !inside && !outside && count >= UINT32_MAX;
}

static void read_limit_files(struct nsfiles *n)
{
	for (enum limit lim = 0; lim < NLIMITS; lim++)
		if (limit_read(lim, &n->limits.v[lim]))
			n->limits_seen |= BIT(lim);
}

/* The caller's own namespace. */
static void read_here(struct nsfiles *n)
{
	read_link(n->ipc, 0, "ipc");
	n->all_ids_mapped = maps_all("/proc/self/uid_map") && maps_all("/proc/self/gid_map");
	n->overflow_uid = overflow_id("/proc/sys/kernel/overflowuid");
	n->overflow_gid = overflow_id("/proc/sys/kernel/overflowgid");
	read_limit_files(n);
	for (enum family f = 0; f < NFAMILIES; f++)
		read_table(n, f);
	if (!n->all_ids_mapped)
		unseen(n, "ids without a name in %s user namespace are shown as %" PRIu32 " and %" PRIu32,
		       n->joined ? "the process's" : "this", n->overflow_uid, n->overflow_gid);
}

/* ---- the namespace of another process -------------------------------------------------------- */

static int open_space(pid_t pid, const char *space)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, space);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* An ordinary user may enter an IPC namespace from within the user namespace that owns it. */
static bool enter(pid_t pid, bool *joined)
{
	int ipc = open_space(pid, "ipc"), user = open_space(pid, "user"), err;
	bool in = ipc >= 0 && setns(ipc, CLONE_NEWIPC) == 0;

	*joined = !in && ipc >= 0 && user >= 0 && setns(user, CLONE_NEWUSER) == 0;
	if (*joined)
		in = setns(ipc, CLONE_NEWIPC) == 0;
	err = errno;
	if (ipc >= 0)
		close(ipc);
	if (user >= 0)
		close(user);
	errno = err;
	return in;
}

static bool receive_all(int fd, void *to, size_t n)
{
	char *p = to;

	while (n) {
		ssize_t done = read(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		p += done;
		n -= (size_t)done;
	}
	return true;
}

/* In the child: what was read goes to the parent as it lies in memory, or an errno value. */
static _Noreturn void read_there(int link, pid_t pid)
{
	struct nsfiles n = { .limits = linux_facts.limits };
	int err = enter(pid, &n.joined) ? 0 : errno;

	if (!err)
		read_here(&n);
	_exit(!write_whole(link, &err, sizeof(err)) || err || !write_whole(link, &n, sizeof(n))
	      || !write_whole(link, n.objects.obj, n.objects.nobj * sizeof(*n.objects.obj)));
}

static bool receive(struct nsfiles *n, int link)
{
	size_t nobj;

	if (!receive_all(link, n, sizeof(*n)))
		return false;
	nobj = n->objects.nobj;
	n->objects = (struct snapshot){ .nobj = 0 };
	if (!grow(&n->objects.obj, &n->objects.capobj, nobj, sizeof(*n->objects.obj)))
		return false;
	n->objects.nobj = nobj;
	return receive_all(link, n->objects.obj, nobj * sizeof(*n->objects.obj));
}

/* What an id of the process's user namespace is here. Lines are: first there, first here, how many. */
static int64_t here_of(const char *map, int64_t id, int64_t none)
{
	char *end;

	for (; *map; map = end + strspn(end, " \n")) {
		unsigned long there = strtoul(map, &end, 10), here = strtoul(end, &end, 10);
		unsigned long count = strtoul(end, &end, 10);

		if ((uint64_t)id >= there && (uint64_t)id - there < count && here < UINT32_MAX)
			return (int64_t)(here + ((uint64_t)id - there));
		if (!count)
			break;
	}
	return none;
}

/* Rows that were read in another user namespace get the ids that they have in this one. */
static bool translate(struct nsfiles *n, pid_t pid)
{
	static const struct { const char *map; enum field field[2]; } kinds[] = {
		{ "uid_map", { F_uid, F_cuid } }, { "gid_map", { F_gid, F_cgid } },
	};

	for (int k = 0; k < 2; k++) {
		int64_t none = k ? n->overflow_gid : n->overflow_uid;
		char path[64], *map;

		snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, kinds[k].map);
		map = read_whole(path);
		if (!map)
			return false;
		for (size_t i = 0; i < n->objects.nobj; i++)
			for (int f = 0; f < 2; f++) {
				int64_t *id = &n->objects.obj[i].rec.v[kinds[k].field[f]];

				*id = here_of(map, *id, none);
			}
		free(map);
	}
	return true;
}

static bool read_of(struct nsfiles *n, pid_t pid, char *err, size_t errsize)
{
	int link[2], number = EIO;
	pid_t child;
	bool ok;

	if (pipe2(link, O_CLOEXEC)) {
		snprintf(err, errsize, "no pipe: %s", strerror(errno));
		return false;
	}
	fflush(NULL);
	child = fork();
	if (child == 0) {
		close(link[0]);
		read_there(link[1], pid);
	}
	close(link[1]);
	ok = child > 0 && receive_all(link[0], &number, sizeof(number)) && !number && receive(n, link[0]);
	close(link[0]);
	if (child > 0)
		waitpid(child, NULL, 0);
	if (ok && n->joined && !translate(n, pid)) {
		number = ESRCH;
		ok = false;
		files_free(n);
	}
	if (!ok)
		snprintf(err, errsize, "the IPC namespace of process %d cannot be entered: %s", (int)pid,
			 strerror(number ? number : EIO));
	errno = number ? number : EIO;
	return ok;
}

static bool same_space(pid_t pid)
{
	char mine[SPACENAME], its[SPACENAME];

	read_link(mine, 0, "ipc");
	read_link(its, pid, "ipc");
	return *its && !strcmp(mine, its);
}

/* Modules that have a say in IPC; others leave it alone. What they deny is in no file. */
static void look_for_modules(struct nsfiles *n)
{
	static const char *const modules[] = { "selinux", "smack" };
	struct environment env;

	real_environment(&env);
	for (size_t i = 0; i < sizeof(modules) / sizeof(*modules); i++)
		if (strstr(env.lsm, modules[i]))
			unseen(n, "what the security module %s denies besides [LINUX-PERM-LSM-1]",
			       modules[i]);
}

bool files_read(struct nsfiles *n, pid_t pid, char *err, size_t errsize)
{
	char name[SPACENAME];

	*n = (struct nsfiles){ .limits = linux_facts.limits };
	if (!pid || same_space(pid))
		read_here(n);
	else if (!read_of(n, pid, err, errsize))
		return false;
	look_for_modules(n);
	n->initial_ipc = !strcmp(n->ipc, INITIAL_IPC);
	read_link(name, pid, "user");
	n->foreign_user = *name && strcmp(name, INITIAL_USER);
	read_link(name, pid, "pid");
	n->foreign_pid = *name && strcmp(name, INITIAL_PID);
	if (!*name)
		unseen(n, "the namespaces of process %d cannot be seen", (int)pid);
	return true;
}

void files_free(struct nsfiles *n)
{
	snapshot_free(&n->objects);
}
