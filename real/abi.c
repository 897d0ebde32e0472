/* The kernel's structures, in our own words, and proof that the constants of vocab.h are the system's. */
#include <assert.h>
#include <string.h>

#include "cells.h"
#include "internal.h"

/*
 * Values of vocab.h and internal.h, kept before the system's headers define macros of the same names.
 * One list serves both halves: CONSTANT(x) becomes OURS_x here, and a comparison further down. The limits
 * are compared in abi_test.c, because their headers cannot be included beside those that are needed here.
 */
#define CONSTANTS \
	CONSTANT(IPC_PRIVATE) CONSTANT(IPC_CREAT) CONSTANT(IPC_EXCL) CONSTANT(IPC_NOWAIT) \
	CONSTANT(SEM_UNDO) CONSTANT(MSG_NOERROR) CONSTANT(MSG_EXCEPT) CONSTANT(MSG_COPY) \
	CONSTANT(SHM_HUGETLB) CONSTANT(SHM_NORESERVE) CONSTANT(SHM_RDONLY) CONSTANT(SHM_RND) \
	CONSTANT(SHM_REMAP) CONSTANT(SHM_EXEC) CONSTANT(SHM_DEST) CONSTANT(SHM_LOCKED) \
	CONSTANT(IPC_RMID) CONSTANT(IPC_SET) CONSTANT(IPC_STAT) CONSTANT(IPC_INFO) \
	CONSTANT(MSG_STAT) CONSTANT(MSG_INFO) CONSTANT(MSG_STAT_ANY) CONSTANT(GETPID) CONSTANT(GETVAL) \
	CONSTANT(GETALL) CONSTANT(GETNCNT) CONSTANT(GETZCNT) CONSTANT(SETVAL) CONSTANT(SETALL) \
	CONSTANT(SEM_STAT) CONSTANT(SEM_INFO) CONSTANT(SEM_STAT_ANY) CONSTANT(SHM_LOCK) \
	CONSTANT(SHM_UNLOCK) CONSTANT(SHM_STAT) CONSTANT(SHM_INFO) CONSTANT(SHM_STAT_ANY)

enum {
#define CONSTANT(name) OURS_##name = name,
	CONSTANTS
#undef CONSTANT
#define CAP(name, number) OURS_##name = name,
#include "caps.def"
#undef CAP
};

/* ---- structures ------------------------------------------------------------------------------ */

typedef unsigned long word;

/* Seconds: a word of 64 bits, or two halves. */
#if __SIZEOF_LONG__ == 8
#define STAMP(name) long name
#else
#define STAMP(name) word name, name##_high
#endif
/* struct semid64_ds of x86-64 has room for the halves, though it never needs them. */
#if defined(__x86_64__)
#define WIDE_STAMP(name) long name; word name##_unused
#else
#define WIDE_STAMP(name) STAMP(name)
#endif

struct perm_ds {			/* struct ipc64_perm */
	int32_t key;
	uint32_t uid, gid, cuid, cgid;
	uint32_t mode;			/* where the kernel's is 16 bits wide, zeros follow it */
	uint16_t seq, pad;
	word unused[2];
};

struct queue_ds {			/* struct msqid64_ds */
	struct perm_ds perm;
	STAMP(stime);
	STAMP(rtime);
	STAMP(ctime);
	word cbytes, qnum, qbytes;
	int32_t lspid, lrpid;
	word unused[2];
};

struct set_ds {				/* struct semid64_ds */
	struct perm_ds perm;
	WIDE_STAMP(otime);
	WIDE_STAMP(ctime);
	word nsems;
	word unused[2];
};

struct segment_ds {			/* struct shmid64_ds */
	struct perm_ds perm;
	size_t segsz;
	STAMP(atime);
	STAMP(dtime);
	STAMP(ctime);
	int32_t cpid, lpid;
	word nattch;
	word unused[2];
};

struct queue_info {			/* struct msginfo */
	int msgpool, msgmap, msgmax, msgmnb, msgmni, msgssz, msgtql;
	uint16_t msgseg;
};

struct set_info {			/* struct seminfo */
	int semmap, semmni, semmns, semmnu, semmsl, semopm, semume, semusz, semvmx, semaem;
};

struct segment_info {			/* struct shminfo64 */
	word shmmax, shmmin, shmmni, shmseg, shmall, unused[4];
};

struct segment_usage {			/* struct shm_info */
	int used_ids;
	word shm_tot, shm_rss, shm_swp, swap_attempts, swap_successes;
};

/* ---- layouts --------------------------------------------------------------------------------- */

#if __SIZEOF_LONG__ == 8
#define SECONDS(type, member) CELL(type, member)
#else
#define SECONDS(type, member) HALVES(type, member)
#endif

static const struct cell queue_ds_cells[] = {
	PERM(queue_ds) SECONDS(queue_ds, stime) SECONDS(queue_ds, rtime) SECONDS(queue_ds, ctime)
	CELL(queue_ds, cbytes) CELL(queue_ds, qnum) CELL(queue_ds, qbytes)
	CELL(queue_ds, lspid) CELL(queue_ds, lrpid)
};

static const struct cell set_ds_cells[] = {
	PERM(set_ds) SECONDS(set_ds, otime) SECONDS(set_ds, ctime) CELL(set_ds, nsems)
};

static const struct cell segment_ds_cells[] = {
	PERM(segment_ds) CELL(segment_ds, segsz)
	SECONDS(segment_ds, atime) SECONDS(segment_ds, dtime) SECONDS(segment_ds, ctime)
	CELL(segment_ds, cpid) CELL(segment_ds, lpid) CELL(segment_ds, nattch)
};

static const struct cell queue_info_cells[] = {
	CELL(queue_info, msgpool) CELL(queue_info, msgmap) CELL(queue_info, msgmax)
	CELL(queue_info, msgmnb) CELL(queue_info, msgmni) CELL(queue_info, msgssz)
	CELL(queue_info, msgtql) CELL(queue_info, msgseg)
};

static const struct cell set_info_cells[] = {
	CELL(set_info, semmap) CELL(set_info, semmni) CELL(set_info, semmns) CELL(set_info, semmnu)
	CELL(set_info, semmsl) CELL(set_info, semopm) CELL(set_info, semume) CELL(set_info, semusz)
	CELL(set_info, semvmx) CELL(set_info, semaem)
};

static const struct cell segment_info_cells[] = {
	CELL(segment_info, shmmax) CELL(segment_info, shmmin) CELL(segment_info, shmmni)
	CELL(segment_info, shmseg) CELL(segment_info, shmall)
};

/* Resident and swapped pages follow the memory pressure of the moment. */
static const struct cell segment_usage_cells[] = {
	CELL(segment_usage, used_ids) CELL(segment_usage, shm_tot)
	SILENT(segment_usage, shm_rss) SILENT(segment_usage, shm_swp)
};

const struct layout status_layout[NFAMILIES] = {
	[MSG] = LAYOUT(queue_ds),
	[SEM] = LAYOUT(set_ds),
	[SHM] = LAYOUT(segment_ds),
};

static const struct layout info_layout[NFAMILIES] = {
	[MSG] = LAYOUT(queue_info),
	[SEM] = LAYOUT(set_info),
	[SHM] = LAYOUT(segment_info),
};

const struct layout usage_layout[NFAMILIES] = {
	[MSG] = LAYOUT(queue_info),
	[SEM] = LAYOUT(set_info),
	[SHM] = LAYOUT(segment_usage),
};

static const struct cell node_ds_cells[] = { CELL(node_ds, uid) CELL(node_ds, gid) CELL(node_ds, mode) };
static const struct layout node_layout = LAYOUT(node_ds);

const struct layout *layout_of(enum opcode code)
{
	static const struct layout *const layouts[NOPS] = {
		[OP_msgctl_IPC_STAT] = &status_layout[MSG],
		[OP_msgctl_MSG_STAT] = &status_layout[MSG],
		[OP_msgctl_MSG_STAT_ANY] = &status_layout[MSG],
		[OP_msgctl_IPC_INFO] = &info_layout[MSG],
		[OP_msgctl_MSG_INFO] = &usage_layout[MSG],
		[OP_semctl_IPC_STAT] = &status_layout[SEM],
		[OP_semctl_SEM_STAT] = &status_layout[SEM],
		[OP_semctl_SEM_STAT_ANY] = &status_layout[SEM],
		[OP_semctl_IPC_INFO] = &info_layout[SEM],
		[OP_semctl_SEM_INFO] = &usage_layout[SEM],
		[OP_shmctl_IPC_STAT] = &status_layout[SHM],
		[OP_shmctl_SHM_STAT] = &status_layout[SHM],
		[OP_shmctl_SHM_STAT_ANY] = &status_layout[SHM],
		[OP_shmctl_IPC_INFO] = &info_layout[SHM],
		[OP_shmctl_SHM_INFO] = &usage_layout[SHM],
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
	};

	return layouts[code];
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

static int nonzero(const unsigned char *p, size_t from, size_t to)
{
	for (; from < to; from++)
		if (p[from])
			return (int)from;
	return -1;
}

int layout_read(const struct layout *l, const unsigned char *p, struct record *rec)
{
	size_t at = 0;
	int bad = -1;

	for (const struct cell *c = l->cells; c < l->cells + l->ncells; c++) {
		int64_t v = cell_read(c, p);

		if (bad < 0)
			bad = nonzero(p, at, c->offset);
		at = c->offset + c->size;
		if (c->high)
			rec->v[c->field] |= (int64_t)((uint64_t)v << 32);
		else if (c->field < NFIELDS)
			put(rec, c->field, v);
	}
	return bad < 0 ? nonzero(p, at, l->size) : bad;
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
#define CAP(name, number) static_assert(OURS_##name == (name), #name);
#include "caps.def"
#undef CAP

static_assert((int)OPEN_READ == O_RDONLY && (int)OPEN_WRITE == O_WRONLY && (int)OPEN_BOTH == O_RDWR, "modes");
static_assert((int)OPEN_CREATE == O_CREAT && (int)OPEN_EXCLUSIVE == O_EXCL, "flags");
static_assert((int)OPEN_ACCESS == (O_WRONLY | O_RDWR), "what tells the modes");

/* Where the C library hands the kernel's structures on as they are. */
#if __SIZEOF_LONG__ == 8
#define SAME(ours, member, theirs, name) \
	static_assert(offsetof(struct ours, member) == offsetof(struct theirs, name), #name)
static_assert(sizeof(struct perm_ds) == sizeof(struct ipc_perm), "ipc_perm");
static_assert(sizeof(struct queue_ds) == sizeof(struct msqid_ds), "msqid_ds");
static_assert(sizeof(struct set_ds) == sizeof(struct semid_ds), "semid_ds");
static_assert(sizeof(struct segment_ds) == sizeof(struct shmid_ds), "shmid_ds");
static_assert(sizeof(struct queue_info) == sizeof(struct msginfo), "msginfo");
static_assert(sizeof(struct set_info) == sizeof(struct seminfo), "seminfo");
static_assert(sizeof(struct segment_usage) == sizeof(struct shm_info), "shm_info");
static_assert(sizeof(struct sop) == sizeof(struct sembuf), "sembuf");
SAME(perm_ds, mode, ipc_perm, mode);
SAME(queue_ds, rtime, msqid_ds, msg_rtime);
SAME(queue_ds, qbytes, msqid_ds, msg_qbytes);
SAME(queue_ds, lrpid, msqid_ds, msg_lrpid);
SAME(set_ds, otime, semid_ds, sem_otime);
SAME(set_ds, ctime, semid_ds, sem_ctime);
SAME(set_ds, nsems, semid_ds, sem_nsems);
SAME(segment_ds, segsz, shmid_ds, shm_segsz);
SAME(segment_ds, dtime, shmid_ds, shm_dtime);
SAME(segment_ds, lpid, shmid_ds, shm_lpid);
SAME(segment_ds, nattch, shmid_ds, shm_nattch);
SAME(queue_info, msgseg, msginfo, msgseg);
SAME(set_info, semaem, seminfo, semaem);
SAME(segment_usage, shm_tot, shm_info, shm_tot);
#endif

int64_t abi_shmlba(void)
{
	return SHMLBA;
}
