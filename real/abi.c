/* The kernel's structures, in our own words, and proof that the constants of vocab.h are the system's. */
#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "cells.h"
#include "internal.h"
#include "machine.h"

/*
 * Values of vocab.h and internal.h, kept before the system's headers define macros of the same names.
 * One list serves both halves: CONSTANT(x) becomes OURS_x here, and a comparison further down. The limits
 * are compared in abi_test.c, because their headers cannot be included beside those that are needed here.
 */
#define CONSTANTS \
	CONSTANT(IPC_PRIVATE) CONSTANT(IPC_CREAT) CONSTANT(IPC_EXCL) CONSTANT(IPC_NOWAIT) \
	CONSTANT(SEM_UNDO) CONSTANT(MSG_NOERROR) CONSTANT(MSG_EXCEPT) CONSTANT(MSG_COPY) \
	CONSTANT(SHM_HUGETLB) CONSTANT(SHM_NORESERVE) CONSTANT(SHM_RDONLY) CONSTANT(SHM_RND) \
	CONSTANT(SHM_REMAP) CONSTANT(SHM_EXEC) CONSTANT(SHM_DEST) CONSTANT(SHM_LOCKED)
#define COMMANDS \
	COMMAND(IPC_RMID) COMMAND(IPC_SET) COMMAND(IPC_STAT) COMMAND(IPC_INFO) \
	COMMAND(MSG_STAT) COMMAND(MSG_INFO) COMMAND(MSG_STAT_ANY) COMMAND(GETPID) COMMAND(GETVAL) \
	COMMAND(GETALL) COMMAND(GETNCNT) COMMAND(GETZCNT) COMMAND(SETVAL) COMMAND(SETALL) \
	COMMAND(SEM_STAT) COMMAND(SEM_INFO) COMMAND(SEM_STAT_ANY) COMMAND(SHM_LOCK) \
	COMMAND(SHM_UNLOCK) COMMAND(SHM_STAT) COMMAND(SHM_INFO) COMMAND(SHM_STAT_ANY)

enum {
#define CONSTANT(name) OURS_##name = name,
#define COMMAND(name) OURS_##name = name,
	CONSTANTS COMMANDS
#undef CONSTANT
#undef COMMAND
#define CAP(name, number) OURS_##name = name,
#include "caps.def"
#undef CAP
};

/* ---- structures ------------------------------------------------------------------------------ */

typedef unsigned long word;

/* The status structures are other ones on each architecture. */
#include <asm/msgbuf.h>
#include <asm/sembuf.h>
#include <asm/shmbuf.h>

struct queue_info {			/* struct msginfo */
	int msgpool, msgmap, msgmax, msgmnb, msgmni, msgssz, msgtql;
	uint16_t msgseg;
};

struct set_info {			/* struct seminfo */
	int semmap, semmni, semmns, semmnu, semmsl, semopm, semume, semusz, semvmx, semaem;
};

struct segment_usage {			/* struct shm_info */
	int used_ids;
	word shm_tot, shm_rss, shm_swp, swap_attempts, swap_successes;
};

/* ---- layouts --------------------------------------------------------------------------------- */

/* Seconds: a word of 64 bits, or two halves. */
#if __SIZEOF_LONG__ == 8
#define SECONDS(type, prefix, field) NAMED(type, prefix, field)
#else
#define SECONDS(type, prefix, field) \
	NAMED(type, prefix, field) CELL_AS(type, prefix##field##_high, F_##field, true)
#endif

static const struct cell msqid64_ds_cells[] = { QUEUE(msqid64_ds, key, seq, SECONDS) };
static const struct cell semid64_ds_cells[] = { SET(semid64_ds, key, seq, SECONDS) };
static const struct cell shmid64_ds_cells[] = { SEGMENT(shmid64_ds, key, seq, SECONDS) };
static const struct cell queue_info_cells[] = { QUEUE_INFO(queue_info) };
static const struct cell set_info_cells[] = { SET_INFO(set_info) };
static const struct cell shminfo64_cells[] = { SEGMENT_INFO(shminfo64) };
static const struct cell segment_usage_cells[] = { SEGMENT_USAGE(segment_usage) };

const struct layouts kernel_layouts = {
	.status = { [MSG] = LAYOUT(msqid64_ds), [SEM] = LAYOUT(semid64_ds), [SHM] = LAYOUT(shmid64_ds) },
	.info = { [MSG] = LAYOUT(queue_info), [SEM] = LAYOUT(set_info), [SHM] = LAYOUT(shminfo64) },
	.usage = { [MSG] = LAYOUT(queue_info), [SEM] = LAYOUT(set_info), [SHM] = LAYOUT(segment_usage) },
};

int64_t abi_ipc_perm(void)
{
	return sizeof(struct ipc64_perm);
}

const struct layouts *abi_layouts(enum abi abi)
{
	static struct layouts old;

	if (!old.status[MSG].size) {
		old = kernel_layouts;
		memcpy(old.status, old_layout, sizeof(old.status));
		old.info[SHM] = old_info_layout;
	}
	return abi == ABI_LIBC ? &libc_layouts : abi == ABI_IPC_OLD ? &old : &kernel_layouts;
}

static const struct cell node_ds_cells[] = { CELL(node_ds, uid) CELL(node_ds, gid) CELL(node_ds, mode) };
static const struct layout node_layout = LAYOUT(node_ds);

enum structure { STATUS = 1, INFO, USAGE };

/* Of the ABI by which the call is made. */
static const enum structure structures[NOPS] = {
	[OP_msgctl_IPC_STAT] = STATUS, [OP_msgctl_MSG_STAT] = STATUS, [OP_msgctl_MSG_STAT_ANY] = STATUS,
	[OP_semctl_IPC_STAT] = STATUS, [OP_semctl_SEM_STAT] = STATUS, [OP_semctl_SEM_STAT_ANY] = STATUS,
	[OP_shmctl_IPC_STAT] = STATUS, [OP_shmctl_SHM_STAT] = STATUS, [OP_shmctl_SHM_STAT_ANY] = STATUS,
	[OP_msgctl_IPC_INFO] = INFO, [OP_semctl_IPC_INFO] = INFO, [OP_shmctl_IPC_INFO] = INFO,
	[OP_msgctl_MSG_INFO] = USAGE, [OP_semctl_SEM_INFO] = USAGE, [OP_shmctl_SHM_INFO] = USAGE,
};

/* The same by whichever. */
static const struct layout *const fixed[NOPS] = {
	[OP_stat] = &node_layout,
	[OP_compat_msgctl_IPC_STAT] = &compat_layout[MSG],
	[OP_ipc_msgctl_IPC_STAT] = &old_layout[MSG],
	[OP_ipc_msgctl_IPC_STAT_64] = &compat_layout[MSG],
	[OP_compat_semctl_IPC_STAT] = &compat_layout[SEM],
	[OP_ipc_semctl_IPC_STAT] = &old_layout[SEM],
	[OP_ipc_semctl_IPC_STAT_64] = &compat_layout[SEM],
	[OP_compat_shmctl_IPC_STAT] = &compat_layout[SHM],
	[OP_ipc_shmctl_IPC_STAT] = &old_layout[SHM],
	[OP_ipc_shmctl_IPC_STAT_64] = &compat_layout[SHM],
	[OP_compat_msgctl_IPC_STAT_64] = &compat_layout[MSG],
	[OP_compat_semctl_IPC_STAT_64] = &compat_layout[SEM],
	[OP_compat_shmctl_IPC_STAT_64] = &compat_layout[SHM],
	[OP_compat_shmctl_IPC_INFO] = &compat_info_layout,
};

const struct layout *layout_of(enum abi abi, enum opcode code)
{
	const enum family family = opinfo[code].family;

	switch (structures[code]) {
	case STATUS: return &abi_layouts(abi)->status[family];
	case INFO: return &abi_layouts(abi)->info[family];
	case USAGE: return &abi_layouts(abi)->usage[family];
	}
	return fixed[code];
}

/* ---- reading and writing --------------------------------------------------------------------- */

/* A value of 64 bits without sign that needs them all is told as the highest that has one: vocab.h. */
static int64_t fold(uint64_t v, const struct cell *c)
{
	return v > INT64_MAX && !c->is_signed ? INT64_MAX : (int64_t)v;
}

static int64_t cell_read(const struct cell *c, const unsigned char *p)
{
	uint16_t half;
	uint32_t single;
	uint64_t whole;

	switch (c->size) {
	case sizeof(half):
		memcpy(&half, p + c->offset, sizeof(half));
		return half;
	case sizeof(single):
		memcpy(&single, p + c->offset, sizeof(single));
		return c->is_signed ? (int32_t)single : (int64_t)single;
	}
	memcpy(&whole, p + c->offset, sizeof(whole));
	return fold(whole, c);
}

int layout_reserved(const struct layout *l, const unsigned char *p, unsigned char also)
{
	bool covered[STATUSMAX] = { false };

	for (const struct cell *c = l->cells; c < l->cells + l->ncells; c++)
		memset(covered + c->offset, true, c->size);
	for (size_t i = 0; i < l->size; i++)
		if (p[i] && p[i] != also && !covered[i])
			return (int)i;
	return -1;
}

int layout_read(const struct layout *l, const unsigned char *p, struct record *rec)
{
	for (const struct cell *c = l->cells; c < l->cells + l->ncells; c++) {
		int64_t v = cell_read(c, p);

		if (c->high)
			rec->v[c->field] |= (int64_t)((uint64_t)v << 32);
		else if (c->field < NFIELDS)
			put(rec, c->field, v);
	}
	return layout_reserved(l, p, 0);
}

void layout_write(const struct layout *l, unsigned char *p, enum field f, int64_t v)
{
	for (const struct cell *c = l->cells; c < l->cells + l->ncells; c++) {
		const uint16_t half = (uint16_t)v;
		const uint32_t single = (uint32_t)v;
		const void *from = &v;

		if (c->size == sizeof(half))
			from = &half;
		else if (c->size == sizeof(single))
			from = &single;
		if (c->field == f && !c->high)
			memcpy(p + c->offset, from, c->size);
	}
}

/* ---- the system's headers -------------------------------------------------------------------- */

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#define CONSTANT(name) static_assert((long)OURS_##name == (long)(name), #name);
CONSTANTS
#undef CONSTANT
/* A library with 64 bits of time on a 32-bit CPU may mark its commands for itself: LIBC-TIME-2. */
#if !defined(__GLIBC__) && __SIZEOF_LONG__ == 4
enum { MARK = 0x100 };
#else
enum { MARK = 0 };
#endif
#define COMMAND(name) static_assert((long)OURS_##name == (WIDE | ((long)(name) & ~MARK)), #name);
COMMANDS
#undef COMMAND
#define CAP(name, number) static_assert(OURS_##name == (name), #name);
#include "caps.def"
#undef CAP

static_assert((int)OPEN_READ == O_RDONLY && (int)OPEN_WRITE == O_WRONLY && (int)OPEN_BOTH == O_RDWR, "modes");
static_assert((int)OPEN_ACCESS == (O_WRONLY | O_RDWR), "what tells the modes");

/* Of these the kernel and the C library know one form, which is the same everywhere. */
static_assert(sizeof(struct queue_info) == sizeof(struct msginfo), "msginfo");
static_assert(sizeof(struct set_info) == sizeof(struct seminfo), "seminfo");
static_assert(sizeof(struct segment_usage) == sizeof(struct shm_info), "shm_info");
static_assert(sizeof(struct sop) == sizeof(struct sembuf), "sembuf");
static_assert(offsetof(struct queue_info, msgseg) == offsetof(struct msginfo, msgseg), "msgseg");
static_assert(offsetof(struct set_info, semaem) == offsetof(struct seminfo, semaem), "semaem");
static_assert(offsetof(struct segment_usage, shm_tot) == offsetof(struct shm_info, shm_tot), "shm_tot");

/*
 * The kernel tells nobody, and the constant of a C library's headers can be wrong: musl has 4096 wherever the
 * kernel has 4 pages, 256 KiB or pages of 64 KiB.
 */
int64_t abi_shmlba(void)
{
	return MACHINE_SHMLBA(sysconf(_SC_PAGESIZE));
}
