/* Which processes there are, and who they are, as /proc tells. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

static void unseen(struct whois *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void unseen(struct whois *w, const char *fmt, ...)
{
	va_list ap;

	if (w->nunseen == UNSEENMAX)
		return;
	va_start(ap, fmt);
	vsnprintf(w->unseen[w->nunseen++], sizeof(w->unseen[0]), fmt, ap);
	va_end(ap);
}

/* ---- /proc/PID/status ---------------------------------------------------------------------------- */

/* Behind the name of a line; NULL when there is no such line. A program's name cannot hold a newline here. */
static const char *line_named(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = text; at; at = strchr(at, '\n'), at = at ? at + 1 : NULL)
		if (!strncmp(at, name, len) && at[len] == ':')
			return at + len + 1;
	return NULL;
}

static bool read_id(const char **at, uint32_t *id)
{
	char *end;
	unsigned long long v;

	*at += strspn(*at, " \t");
	if (!isdigit((unsigned char)**at))
		return false;
	v = strtoull(*at, &end, 10);
	*at = end;
	*id = (uint32_t)v;
	return v <= UINT32_MAX;
}

/* Real, effective, saved, file system. */
static bool read_ids(const char *text, const char *name, uint32_t *first)
{
	const char *at = line_named(text, name);

	for (int i = 0; i < 4; i++)
		if (!at || !read_id(&at, first + i))
			return false;
	return true;
}

static bool read_groups(struct whois *w, const char *text)
{
	const char *at = line_named(text, "Groups");
	size_t cap = 0;
	uint32_t id;

	while (at && read_id(&at, &id)) {
		if (!grow(&w->groups, &cap, w->ngroups + 1, sizeof(*w->groups)))
			return false;
		w->groups[w->ngroups++] = id;
	}
	return at;
}

static bool read_caps(const char *text, uint64_t *caps)
{
	const char *at = line_named(text, "CapEff");
	char *end;

	*caps = at ? strtoull(at, &end, 16) : 0;
	return at && *end == '\n';
}

static bool read_status(struct whois *w, const char *text)
{
	struct cred *c = &w->cred;

	return read_ids(text, "Uid", &c->ruid) && read_ids(text, "Gid", &c->rgid) && read_groups(w, text)
		&& read_caps(text, &c->caps);
}

/* ---- capabilities count in some user namespaces only ----------------------------------------- */

static bool same(int a, int b)
{
	struct stat x, y;

	return !fstat(a, &x) && !fstat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static void name_space(int fd, char name[SPACENAME])
{
	struct stat s;

	if (!fstat(fd, &s))
		snprintf(name, SPACENAME, "user:[%llu]", (unsigned long long)s.st_ino);
}

static int open_space(pid_t pid, const char *space)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, space);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/*
 * What of caps, held in user namespace mine, counts in owner: all of it there and in what was made below, and
 * everything for whoever made one. Takes the descriptor owner.
 */
static uint64_t counting(uint64_t caps, uint32_t euid, int mine, int owner)
{
	while (owner >= 0 && !same(owner, mine)) {
		int parent = ioctl(owner, NS_GET_PARENT);
		uid_t maker = (uid_t)-1;

		if (parent >= 0 && same(parent, mine) && !ioctl(owner, NS_GET_OWNER_UID, &maker)
		    && maker == euid)
			caps = CAPS_ALL;
		close(owner);
		owner = parent;
	}
	if (owner < 0)
		return 0;
	close(owner);
	return caps;
}

static void look_at_spaces(struct whois *w, pid_t pid)
{
	int mine = open_space(pid, "user"), ipc = open_space(pid, "ipc");
	int owner = ipc < 0 ? -1 : ioctl(ipc, NS_GET_USERNS);

	if (mine >= 0)
		name_space(mine, w->user);
	w->initial_user = mine < 0 || !strcmp(w->user, "user:[4026531837]");
	if (owner >= 0)
		name_space(owner, w->owner);
	if (mine < 0 || owner < 0) {
		unseen(w, "which user namespace owns the IPC namespace of process %d cannot be seen: its "
		       "capabilities are taken to count", (int)pid);
	} else {
		w->cred.caps = counting(w->cred.caps, w->cred.euid, mine, owner);
		owner = -1;
	}
	if (owner >= 0)
		close(owner);
	if (mine >= 0)
		close(mine);
	if (ipc >= 0)
		close(ipc);
}

bool process_read(struct whois *w, pid_t pid, char *err, size_t errsize)
{
	char path[64], *text;
	bool ok;

	*w = (struct whois){ .nunseen = 0 };
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	text = read_whole(path);
	if (!text) {
		snprintf(err, errsize, "process %d cannot be seen: %s", (int)pid, strerror(errno));
		return false;
	}
	ok = read_status(w, text);
	free(text);
	if (ok)
		look_at_spaces(w, pid);
	else
		snprintf(err, errsize, "%s does not tell who the process is", path);
	return ok;
}

void process_free(struct whois *w)
{
	free(w->groups);
	w->groups = NULL;
}

/* ---- who lives ------------------------------------------------------------------------------- */

void files_living(const int64_t *pids, size_t npids, bool *alive)
{
	for (size_t i = 0; i < npids; i++)
		alive[i] = pids[i] > 0 && pids[i] <= INT32_MAX
			&& (!kill((pid_t)pids[i], 0) || errno == EPERM);
}

/* The effective user of a process. */
static bool user_of(const char *pid, uint32_t *uid)
{
	char path[300], text[4096];
	uint32_t ids[4];

	snprintf(path, sizeof(path), "/proc/%s/status", pid);
	if (!read_file(path, text, sizeof(text)) || !read_ids(text, "Uid", ids))
		return false;
	*uid = ids[1];
	return true;
}

/* Where processes of others are hidden, the first one is. */
bool files_living_users(const uint32_t *uids, size_t nuids, bool *alive)
{
	DIR *proc = opendir("/proc");
	bool all = access("/proc/1/status", R_OK) == 0;
	struct dirent *e;

	for (size_t i = 0; i < nuids; i++)
		alive[i] = false;
	while (proc && (e = readdir(proc))) {
		uint32_t uid;

		if (!isdigit((unsigned char)e->d_name[0]) || !user_of(e->d_name, &uid))
			continue;
		for (size_t i = 0; i < nuids; i++)
			alive[i] = alive[i] || uids[i] == uid;
	}
	if (proc)
		closedir(proc);
	return proc && all;
}
