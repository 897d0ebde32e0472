/* What a system is like: facts of a box, who can be played there, the environment of a run. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

#include "internal.h"
#include "machine.h"

bool read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);

	if (fd >= 0)
		close(fd);
	buf[n < 0 ? 0 : n] = '\0';
	return n >= 0;
}

/* ---- limits ---------------------------------------------------------------------------------- */

enum { MOST = 4 };			/* numbers in one file */
struct numbers { int n; int64_t v[MOST]; };

static void limit_path(enum limit lim, char *path, size_t size)
{
	snprintf(path, size, "/proc/sys/kernel/%s", limitinfo[lim].file);
}

/* What is unsigned there and does not fit in 63 bits is told as the highest value that does. */
static int64_t read_number(const char **text)
{
	char *end;
	bool negative = **text == '-';
	unsigned long long v = strtoull(*text, &end, 10);

	*text = end;
	return v > INT64_MAX && !negative ? INT64_MAX : (int64_t)v;
}

static bool read_numbers(const char *path, struct numbers *to)
{
	char text[256];
	const char *at = text;

	to->n = 0;
	if (!read_file(path, text, sizeof(text)))
		return false;
	for (at += strspn(at, " \t\n"); *at && to->n < MOST; at += strspn(at, " \t\n"))
		to->v[to->n++] = read_number(&at);
	return true;
}

static int write_numbers(const char *path, const struct numbers *from)
{
	char text[256];
	int len = 0, err, fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return errno;
	for (int i = 0; i < from->n; i++)
		len += snprintf(text + len, sizeof(text) - (size_t)len, "%lld ", (long long)from->v[i]);
	n = write(fd, text, (size_t)len);
	err = errno;
	close(fd);
	return n == len ? 0 : n < 0 ? err : EIO;
}

int box_limit(enum limit lim, int64_t value)
{
	struct numbers now;
	char path[64];

	if (!box_private())
		return EPERM;
	limit_path(lim, path, sizeof(path));
	if (!read_numbers(path, &now))
		return errno;
	if (limitinfo[lim].place >= now.n)
		return ENOENT;
	now.v[limitinfo[lim].place] = value;
	return write_numbers(path, &now);
}

int box_limit_sem(const int64_t words[MOST])
{
	struct numbers all = { .n = MOST };
	char path[64];

	if (!box_private())
		return EPERM;
	limit_path(LIM_semmni, path, sizeof(path));
	memcpy(all.v, words, sizeof(all.v));
	return write_numbers(path, &all);
}

int box_read_limit(enum limit lim, int64_t *value)
{
	struct numbers now;
	char path[64];

	limit_path(lim, path, sizeof(path));
	if (!read_numbers(path, &now))
		return errno;
	if (limitinfo[lim].place >= now.n)
		return ENOENT;
	*value = now.v[limitinfo[lim].place];
	return 0;
}

bool limit_read(enum limit lim, int64_t *v)
{
	return !box_read_limit(lim, v);
}

static void read_limits(struct limits *l)
{
	for (enum limit lim = 0; lim < NLIMITS; lim++)
		limit_read(lim, &l->v[lim]);
}

/* ---- facts ----------------------------------------------------------------------------------- */

/* MSG_COPY is looked at before the id. */
static bool has_msg_copy(void)
{
	char none[16];

	return syscall(SYS_msgrcv, 0L, none, 0L, 0L, (long)(MSG_COPY | IPC_NOWAIT)) >= 0 || errno != ENOSYS;
}

static bool has_every_id(void)
{
	char text[128];
	unsigned from, to, count;

	return read_file("/proc/self/uid_map", text, sizeof(text))
		&& sscanf(text, "%u %u %u", &from, &to, &count) == 3 && !from && !to && count == UINT32_MAX;
}

/*
 * Linux gives the initial user namespace the first of these inode numbers in every boot, and others numbers
 * from the second on. Where they are numbered otherwise the ids in it tell.
 */
static bool in_initial_userns(void)
{
	enum { INITIAL = 0xeffffffd, DYNAMIC = 0xf0000000 };
	char name[32];
	ssize_t n = readlink("/proc/self/ns/user", name, sizeof(name) - 1);
	unsigned number;

	name[n < 0 ? 0 : n] = '\0';
	if (sscanf(name, "user:[%u]", &number) != 1)
		return false;
	return number == INITIAL || (number < DYNAMIC && has_every_id());
}

/* The number in a file of /proc/sys, or what is usual where there is none. */
static int64_t setting(const char *name, int64_t usual)
{
	struct numbers now;
	char path[64];

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	return read_numbers(path, &now) && now.n ? now.v[0] : usual;
}

/* Can the process use the page at addr? Where something is mapped it could. */
static bool page_in_space(uint64_t addr, size_t page)
{
	void *p = mmap((void *)(uintptr_t)addr, page, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (p == MAP_FAILED)
		return errno == EEXIST;
	munmap(p, page);
	return (uintptr_t)p == addr;
}

/* What is mapped lies below the end, and the last page of all never does. */
static uint64_t end_of_space(size_t page)
{
	uint64_t in = (uint64_t)(uintptr_t)&page / page, out = (uint64_t)UINTPTR_MAX / page;

	while (out - in > 1) {
		const uint64_t middle = in + (out - in) / 2;

		if (page_in_space(middle * page, page))
			in = middle;
		else
			out = middle;
	}
	return out * page;
}

/* The stack begins near the end of the part of the address space that it is in, which has so many bits. */
static uint64_t end_of_stack(uint64_t space_end)
{
	const uint64_t in = (uintptr_t)&space_end;
	uint64_t end = 1;

	while (end && end <= in)
		end <<= 1;
	return end && end < space_end ? end : space_end;
}

static bool is_emulated(void)
{
	struct environment env;

	real_environment(&env);
	return !strcmp(env.target, "qemu-user");
}

/* The emulation of 64 bits is known to, and writes every page down when it is tried, which takes seconds. */
static bool chooses_beyond(uint64_t stack_end)
{
	size_t size = (size_t)stack_end;
	void *p;

	if (sizeof(void *) == 8 && is_emulated())
		return true;
	p = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p != MAP_FAILED)
		munmap(p, size);
	return p != MAP_FAILED;
}

/* 0 where there are no huge pages. */
static int64_t usual_huge_page(void)
{
	static const char row[] = "\nHugepagesize:";
	char text[4096];
	const char *at = read_file("/proc/meminfo", text, sizeof(text)) ? strstr(text, row) : NULL;

	return at ? strtoll(at + strlen(row), NULL, 10) << 10 : 0;
}

/* There is a folder for each size, such as hugepages-2048kB. */
static int64_t sizes_of_huge_pages(int64_t usual)
{
	DIR *dir = opendir("/sys/kernel/mm/hugepages");
	int64_t sizes = usual;

	for (const struct dirent *e; dir && (e = readdir(dir)); )
		if (!strncmp(e->d_name, "hugepages-", 10))
			sizes |= strtoll(e->d_name + 10, NULL, 10) << 10;
	if (dir)
		closedir(dir);
	return sizes;
}

/* What cannot be read counts as the newest. */
static int64_t version_of_linux(int64_t usual)
{
	struct utsname u;
	char *end;
	long major, minor;

	if (uname(&u))
		return usual;
	major = strtol(u.release, &end, 10);
	minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
	return major > 0 ? LINUX(major, minor) : usual;
}

/* What the limit begins with is 16 MiB less than the most that a long of the kernel counts. */
static int64_t word_of_kernel(int64_t shmmax)
{
	return sizeof(long) == 8 || shmmax > UINT32_MAX ? 8 : 4;
}

void box_facts(struct facts *facts)
{
	*facts = linux_facts;
	facts->linux = version_of_linux(facts->linux);
	facts->page = sysconf(_SC_PAGESIZE);
	facts->shmlba = abi_shmlba();
	facts->ipc_perm = abi_ipc_perm();
	facts->seconds = sizeof(time_t);
	facts->big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	facts->space_end = end_of_space((size_t)facts->page);
	facts->stack_end = end_of_stack(facts->space_end);
	facts->beyond_stack = facts->stack_end < facts->space_end && chooses_beyond(facts->stack_end);
	facts->overflow_uid = setting("kernel/overflowuid", facts->overflow_uid);
	facts->overflow_gid = setting("kernel/overflowgid", facts->overflow_gid);
	facts->noreserve = setting("vm/overcommit_memory", 0) != 2;
	read_limits(&facts->limits);
	facts->kernel_word = word_of_kernel(facts->limits.v[LIM_shmmax]);
	facts->checkpoint_restore = has_msg_copy();
	facts->initial_userns = in_initial_userns();
	facts->user_namespaces = access("/proc/self/ns/user", F_OK) == 0;
	facts->huge_page = usual_huge_page();
	facts->huge_sizes = sizes_of_huge_pages(facts->huge_page);
	facts->hugetlb = facts->huge_page && access("/proc/sys/vm/nr_hugepages", F_OK) == 0;
	/* of the usual size: set aside, or to be made when they are asked for */
	facts->huge_pages = setting("vm/nr_hugepages", 0) || setting("vm/nr_overcommit_hugepages", 0);
	facts->true_records = !told_wrongly();
	facts->protected_regular = setting("fs/protected_regular", 0);
#ifndef __GLIBC__
	facts->glibc = false;
#endif
	facts->ia32 = ia32_works();
}

/* ---- who can be played ----------------------------------------------------------------------- */

/* Is id among those that a map of a user namespace names? Lines are: first id inside, outside, how many. */
static bool mapped(const char *map, uint32_t id)
{
	unsigned long inside, outside, count;
	char *end;

	for (; *map; map = end) {
		inside = strtoul(map, &end, 10);
		outside = strtoul(end, &end, 10);
		count = strtoul(end, &end, 10);
		(void)outside;
		if (id >= inside && id - inside < count)
			return true;
		end += strspn(end, " \n");
	}
	return false;
}

struct idmaps { char uid[4096], gid[4096]; bool groups; };

/* Without /proc every id counts as mapped: whoever cannot be taken will be noticed then. */
static void read_map(const char *path, char *map, size_t size)
{
	if (!read_file(path, map, size))
		snprintf(map, size, "0 0 4294967295");
}

static struct idmaps learnt;
static bool known;

static void read_maps(struct idmaps *maps)
{
	char setgroups[16];

	read_map("/proc/self/uid_map", maps->uid, sizeof(maps->uid));
	read_map("/proc/self/gid_map", maps->gid, sizeof(maps->gid));
	maps->groups = (!read_file("/proc/self/setgroups", setgroups, sizeof(setgroups))
			|| strncmp(setgroups, "deny", 4)) && cred_ids_whole();
}

void ids_learn(void)
{
	read_maps(&learnt);
	known = true;
}

static const struct idmaps *id_maps(void)
{
	if (!known)
		read_maps(&learnt);
	return &learnt;
}

bool ids_have(uint32_t id)
{
	const struct idmaps *m = id_maps();

	return mapped(m->uid, id) && mapped(m->gid, id);
}

/* The first of n ids that is not in the map, or -1. */
static int64_t unmapped(const char *map, const uint32_t *ids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!mapped(map, ids[i]))
			return ids[i];
	return -1;
}

/* The name of a capability that cannot be made effective here, or NULL. */
static const char *cap_missing(uint64_t want)
{
	uint64_t effective, permitted = CAPS_ALL;

	if (want)
		cred_read_caps(&effective, &permitted);
	for (size_t i = 0; i < NCAPS; i++)
		if (want & BIT(capinfo[i].number) & ~permitted)
			return capinfo[i].name;
	return NULL;
}

bool box_can_be(const struct cred *cred, char *why, size_t size)
{
	const uint32_t uids[] = { cred->ruid, cred->euid, cred->suid, cred->fsuid };
	const uint32_t gids[] = { cred->rgid, cred->egid, cred->sgid, cred->fsgid };
	const struct idmaps *m = id_maps();
	const char *cap = cap_missing(cred->caps);
	int64_t uid = unmapped(m->uid, uids, 4), gid = unmapped(m->gid, gids, 4);

	if (gid < 0)
		gid = unmapped(m->gid, cred->groups, cred->ngroups);
	if (uid >= 0)
		snprintf(why, size, "needs root: uid %lld", (long long)uid);
	else if (gid >= 0)
		snprintf(why, size, "needs root: gid %lld", (long long)gid);
	else if (cred->ngroups && !m->groups)
		snprintf(why, size, "needs root: supplementary groups");
	else if (cap)
		snprintf(why, size, "needs %s, which this process does not have", cap);
	else if ((cred->fsuid != cred->euid || cred->fsgid != cred->egid) && !cred_has_fsids())
		snprintf(why, size, "needs setfsuid and setfsgid");
	else
		return true;
	return false;
}

/* ---- environment ----------------------------------------------------------------------------- */

const char *abi_name(enum abi abi)
{
	static const char *const names[NABIS] = {
		[ABI_RAW] = "raw", [ABI_LIBC] = "libc", [ABI_IPC] = "ipc", [ABI_IPC_OLD] = "ipc-old",
	};

	return names[abi];
}

bool abi_exists(enum abi abi)
{
	return (abi != ABI_IPC && abi != ABI_IPC_OLD) || mux_has(OP_msgget);
}

enum abi abi_find(const char *name, size_t len)
{
	enum abi abi = 0;

	while (abi < NABIS && (strncmp(abi_name(abi), name, len) || abi_name(abi)[len]))
		abi++;
	return abi;
}

const char *abi_text(enum abi abi)
{
	static const char *const texts[NABIS] = {
		[ABI_RAW] = "raw " MACHINE, [ABI_LIBC] = "libc " MACHINE, [ABI_IPC] = "ipc " MACHINE,
		[ABI_IPC_OLD] = "ipc-old " MACHINE,
	};

	return texts[abi];
}

static const char *libc_name(void)
{
#ifdef __GLIBC__
	static char name[32];

	snprintf(name, sizeof(name), "glibc %s", gnu_get_libc_version());
	return name;
#else
	return *libc_other ? libc_other : "musl";
#endif
}

static const char *security_modules(void)
{
	static char names[256];

	if (!read_file("/sys/kernel/security/lsm", names, sizeof(names)))
		names[0] = '\0';
	names[strcspn(names, "\n")] = '\0';
	return names;
}

/* What answers system calls in place of the kernel that uname tells of; "" for that kernel itself. */
static const char *target_name(const struct utsname *u)
{
	static const struct { const char *name, *file, *prefix; } emulators[] = {
		{ "qemu-user", "/proc/self/comm", "qemu-" },
		{ "uml", "/proc/cpuinfo", "processor\t: 0\nvendor_id\t: User Mode Linux" },
	};
	char text[128];

	/* It has told this of itself in every release. */
	if (strstr(u->version, "Sun Jan 10 15:06:54 PST 2016"))
		return "gvisor";
	for (size_t i = 0; i < sizeof(emulators) / sizeof(*emulators); i++)
		if (read_file(emulators[i].file, text, sizeof(text))
		    && !strncmp(text, emulators[i].prefix, strlen(emulators[i].prefix)))
			return emulators[i].name;
	return "";
}

static int processors(void)
{
	cpu_set_t may;

	return sched_getaffinity(0, sizeof(may), &may) ? 1 : CPU_COUNT(&may);
}

/* CAP_SETGID, CAP_SETUID, CAP_SYS_ADMIN: a box needs no user namespace, and any ids can be had in it. */
#define TAKES_IDS (BIT(6) | BIT(7) | BIT(21))

void real_environment(struct environment *env)
{
	static struct utsname u;
	uint64_t permitted;

	uname(&u);
	*env = (struct environment){
		.sysname = u.sysname, .release = u.release, .machine = u.machine, .version = u.version,
		.libc = libc_name(), .abi = abi_text(ABI_RAW), .lsm = security_modules(),
		.cpus = processors(), .target = target_name(&u),
	};
	if (!cred_read_caps(&env->caps, &permitted))
		env->caps = 0;
	env->root = (env->caps & TAKES_IDS) == TAKES_IDS && ids_have(ORDINARY);
}
