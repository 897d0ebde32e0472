/*
 * Who the calling process is. Credentials are set by raw calls, because the C library's would set those of
 * every thread, and read back: a system may refuse in silence. Ids change without touching capabilities
 * (SECBIT_NO_SETUID_FIXUP, set by the box), and permitted capabilities are kept, so that anybody can become
 * anybody else at any time. A system without that bit takes the effective ones away, which are then raised
 * again; there an exec is made as root.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

/* Where a plain call takes ids of 16 bits, the one with ids of 32 has a name of its own. */
#ifdef SYS_setresuid32
#define NR(name) SYS_##name##32
#else
#define NR(name) SYS_##name
#endif

static struct cred home;		/* at the start */
static _Thread_local struct cred mine;	/* now */
static uint64_t permitted;
static bool groups_fixed;		/* the user namespace does not let us set groups */
static bool ids_whole;
static bool ids_touch_caps;		/* there is no SECBIT_NO_SETUID_FIXUP */

/* ---- capabilities ---------------------------------------------------------------------------- */

/* struct __user_cap_header_struct and two of struct __user_cap_data_struct, version 3. */
struct caphead { uint32_t version; int pid; };
struct capword { uint32_t effective, permitted, inheritable; };
#define CAP_VERSION 0x20080522

bool cred_read_caps(uint64_t *effective, uint64_t *may)
{
	const struct caphead head = { CAP_VERSION, 0 };
	struct capword w[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	if (syscall(SYS_capget, &head, w))
		return false;
	*effective = w[0].effective | (uint64_t)w[1].effective << 32;
	*may = w[0].permitted | (uint64_t)w[1].permitted << 32;
	return true;
}

static bool caps_write(uint64_t effective, uint64_t inheritable)
{
	const struct caphead head = { CAP_VERSION, 0 };
	const struct capword w[2] = {
		{ (uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable },
		{ (uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32) },
	};

	if (syscall(SYS_capset, &head, w))
		return false;
	mine.caps = effective;
	return true;
}

void cred_gained(void)
{
	if (!cred_read_caps(&mine.caps, &permitted))
		mine.caps = permitted = 0;
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static bool caps_set(uint64_t effective)
{
	return effective == mine.caps || caps_write(effective, 0);
}

/* What is permitted stays so over an exec. */
static bool caps_hand_on(void)
{
	if (!caps_write(permitted, permitted))
		return false;
	for (long cap = 0; cap < 64; cap++)
		if (permitted >> cap & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0))
			return false;
	return true;
}

bool cred_raise(void)
{
	return caps_set(permitted);
}

uint64_t cred_lift(void)
{
	const uint64_t before = mine.caps;

	cred_raise();
	return before;
}

void cred_lower(uint64_t effective)
{
	caps_set(effective);
}

bool cred_keep_caps(void)
{
	return !prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
		|| (errno == EINVAL && !prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
}

/* After a change of user ids. */
static bool caps_regain(void)
{
	uint64_t may;

	return !ids_touch_caps || (cred_read_caps(&mine.caps, &may) && cred_raise());
}

/* ---- reading --------------------------------------------------------------------------------- */

static void sort(uint32_t *v, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++)
		for (uint32_t j = i; j && v[j] < v[j - 1]; j--) {
			uint32_t t = v[j];

			v[j] = v[j - 1];
			v[j - 1] = t;
		}
}

/*
 * An emulator may store and read ids in 16 bits where the kernel of its CPU has 32. A file tells them then,
 * and groups cannot be set.
 */
bool cred_ids_whole(void)
{
	uint32_t real = UINT32_MAX, effective = UINT32_MAX, saved = UINT32_MAX;

	syscall(NR(getresuid), &real, &effective, &saved);
	return effective == (uint32_t)syscall(NR(geteuid));
}

#define OF_THREAD "/proc/thread-self/status"

bool cred_told(const char *file, const char *line, uint32_t *real, uint32_t *effective, uint32_t *saved)
{
	char text[4096], *at;

	if (!read_file(file, text, sizeof(text)))
		return false;
	at = strstr(text, line);
	if (!at)
		return false;
	*real = (uint32_t)strtoul(at + strlen(line), &at, 10);
	*effective = (uint32_t)strtoul(at, &at, 10);
	*saved = (uint32_t)strtoul(at, NULL, 10);
	return true;
}

/* More groups than we have room for count as MAXGROUPS + 1, which equals no wish. */
static void read_groups(struct cred *c)
{
	long n = groups_fixed ? 0 : syscall(NR(getgroups), MAXGROUPS, c->groups);

	c->ngroups = n < 0 ? MAXGROUPS + 1 : (uint32_t)n;
}

/*
 * Setting a file system id to one that cannot be leaves it as it is, and tells it. Where there is no such
 * call there are no such ids either: what they are for is done with the effective ones. In a long of 32 bits
 * the highest ids look like errors.
 */
static uint32_t read_fsid(long nr, uint32_t effective)
{
	static bool missing;
	long id = missing ? -1 : syscall(nr, -1L);

	if (id != -1)
		return (uint32_t)id;
	missing = missing || errno == ENOSYS;
	return missing ? effective : (uint32_t)-errno;
}

bool cred_has_fsids(void)
{
	return syscall(NR(setfsuid), -1L) != -1 || errno != ENOSYS;
}

static bool has_ambient_caps(void)
{
	return !prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

/* Without ambient capabilities only root keeps any. */
bool cred_survives_exec(void)
{
	return has_ambient_caps() ? !ids_touch_caps : home.euid == 0;
}

static void read_ids(struct cred *c)
{
	if (ids_whole) {
		syscall(NR(getresuid), &c->ruid, &c->euid, &c->suid);
		syscall(NR(getresgid), &c->rgid, &c->egid, &c->sgid);
	} else {
		cred_told(OF_THREAD, "\nUid:", &c->ruid, &c->euid, &c->suid);
		cred_told(OF_THREAD, "\nGid:", &c->rgid, &c->egid, &c->sgid);
	}
	c->fsuid = read_fsid(NR(setfsuid), c->euid);
	c->fsgid = read_fsid(NR(setfsgid), c->egid);
	read_groups(c);
}

static bool may_set_groups(void)
{
	char text[16];

	return !read_file("/proc/self/setgroups", text, sizeof(text)) || strncmp(text, "deny", 4);
}

void cred_init(void)
{
	int bits = prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);

	ids_whole = cred_ids_whole();
	groups_fixed = !may_set_groups() || !ids_whole;
	ids_touch_caps = bits < 0 || !(bits & SECBIT_NO_SETUID_FIXUP);
	read_ids(&mine);
	if (!cred_read_caps(&mine.caps, &permitted))
		mine.caps = permitted = 0;
	home = mine;
}

void cred_begin(void)
{
	uint64_t ignored;

	read_ids(&mine);
	if (!cred_read_caps(&mine.caps, &ignored))
		mine.caps = 0;
}

const struct cred *cred_home(void)
{
	return &home;
}

/* ---- taking ---------------------------------------------------------------------------------- */

enum step { RAISE = 1, GROUPS, GIDS, FSGID, UIDS, FSUID, READ_BACK, LOWER, JOIN };

static bool same_groups(const struct cred *a, const struct cred *b)
{
	struct cred x, y;

	if (a->ngroups != b->ngroups || a->ngroups > MAXGROUPS)
		return false;
	if (!memcmp(a->groups, b->groups, a->ngroups * sizeof(*a->groups)))
		return true;
	x = *a;
	y = *b;
	sort(x.groups, x.ngroups);
	sort(y.groups, y.ngroups);
	return !memcmp(x.groups, y.groups, x.ngroups * sizeof(*x.groups));
}

static bool same_gids(const struct cred *a, const struct cred *b)
{
	return a->rgid == b->rgid && a->egid == b->egid && a->sgid == b->sgid && a->fsgid == b->fsgid;
}

static bool same_uids(const struct cred *a, const struct cred *b)
{
	return a->ruid == b->ruid && a->euid == b->euid && a->suid == b->suid && a->fsuid == b->fsuid;
}

static bool same_ids(const struct cred *a, const struct cred *b)
{
	return same_uids(a, b) && same_gids(a, b) && same_groups(a, b);
}

static enum step set_ids(const struct cred *c)
{
	if (!cred_raise())
		return RAISE;
	if (!same_groups(&mine, c) && syscall(NR(setgroups), (long)c->ngroups, c->groups))
		return GROUPS;
	if (!same_gids(&mine, c)) {
		if (syscall(NR(setresgid), (long)c->rgid, (long)c->egid, (long)c->sgid))
			return GIDS;
		if (c->fsgid != c->egid && syscall(NR(setfsgid), (long)c->fsgid) < 0)
			return FSGID;
	}
	if (!same_uids(&mine, c)) {
		if (syscall(NR(setresuid), (long)c->ruid, (long)c->euid, (long)c->suid))
			return UIDS;
		if (!caps_regain())
			return RAISE;
		if (c->fsuid != c->euid && syscall(NR(setfsuid), (long)c->fsuid) < 0)
			return FSUID;
		if (!caps_regain())
			return RAISE;
	}
	return 0;
}

static enum step change(const struct cred *want)
{
	enum step failed = 0;

	if (!same_ids(&mine, want)) {
		failed = set_ids(want);
		read_ids(&mine);
		/* New ids hide a process from whoever may not see all: the worker of an ordinary user. */
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
		if (!failed && !same_ids(&mine, want)) {
			errno = EPERM;
			failed = READ_BACK;
		}
	}
	if (!failed && !caps_set(want->caps & permitted))
		failed = LOWER;
	return failed;
}

int cred_take(const struct cred *want, int *err)
{
	enum step failed = change(want);

	*err = errno;
	return (int)failed;
}

int cred_rejoin(int home_of, int *err)
{
	enum step failed = 0;

	cred_begin();
	if (!cred_raise())
		failed = RAISE;
	else if (home_of != SAME_HOME && syscall(SYS_setns, (long)home_of, (long)CLONE_NEWIPC))
		failed = JOIN;
	*err = errno;
	return (int)failed;
}

int cred_resume(const struct cred *want, int *err)
{
	cred_init();
	*err = EPERM;
	if ((ids_touch_caps && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)) || want->caps & ~permitted)
		return RAISE;
	return cred_take(want, err);
}

/* Ids that differ would make it an exec that changes them, which is given no capabilities. */
int cred_steel(struct cred *now, int *err)
{
	bool ambient = has_ambient_caps();
	struct cred c = *now;
	int failed;

	if (!ambient)
		c.euid = 0;
	c.ruid = c.suid = c.fsuid = c.euid;
	c.rgid = c.sgid = c.fsgid = c.egid;
	now->caps &= permitted;
	failed = cred_take(&c, err);
	if (!failed && ambient && !caps_hand_on()) {
		*err = errno;
		failed = RAISE;
	}
	return failed;
}

void cred_explain(int step, int err, char *why, size_t size)
{
	static const char *const names[] = {
		[RAISE] = "capset", [GROUPS] = "setgroups", [GIDS] = "setresgid", [FSGID] = "setfsgid",
		[UIDS] = "setresuid", [FSUID] = "setfsuid", [READ_BACK] = "ids read back",
		[LOWER] = "capset", [JOIN] = "setns",
	};

	snprintf(why, size, "the credentials cannot be taken: %s: %s", names[step], strerror(err));
}
