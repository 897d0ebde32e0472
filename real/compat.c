/* 32-bit calls of x86, made by a 64-bit process with the old trap, and the structures that they answer in. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cells.h"
#include "internal.h"

/* ---- structures -------------------------------------------------------------------------------- */

struct perm_32 {			/* struct compat_ipc64_perm */
	int32_t key;
	uint32_t uid, gid, cuid, cgid;
	uint16_t mode, pad, seq, pad2;
	uint32_t unused[2];
};

struct queue_32 {			/* struct compat_msqid64_ds */
	struct perm_32 perm;
	uint32_t stime, stime_high, rtime, rtime_high, ctime, ctime_high;
	uint32_t cbytes, qnum, qbytes;
	int32_t lspid, lrpid;
	uint32_t unused[2];
};

struct set_32 {				/* struct compat_semid64_ds */
	struct perm_32 perm;
	uint32_t otime, otime_high, ctime, ctime_high;
	uint32_t nsems, unused[2];
};

struct segment_32 {			/* struct compat_shmid64_ds */
	struct perm_32 perm;
	uint32_t segsz;
	uint32_t atime, atime_high, dtime, dtime_high, ctime, ctime_high;
	int32_t cpid, lpid;
	uint32_t nattch, unused[2];
};

struct info_32 {			/* struct compat_shminfo64 */
	uint32_t shmmax, shmmin, shmmni, shmseg, shmall, unused[4];
};

struct perm_16 {			/* struct compat_ipc_perm */
	int32_t key;
	uint16_t uid, gid, cuid, cgid, mode, seq;
};

struct queue_16 {			/* struct compat_msqid_ds */
	struct perm_16 perm;
	uint32_t first, last;
	int32_t stime, rtime, ctime;
	uint32_t lcbytes, lqbytes;
	uint16_t cbytes, qnum, qbytes, lspid, lrpid;
};

struct set_16 {				/* struct compat_semid_ds */
	struct perm_16 perm;
	int32_t otime, ctime;
	uint32_t base, pending, pending_last, undo;
	uint16_t nsems;
};

struct segment_16 {			/* struct compat_shmid_ds */
	struct perm_16 perm;
	int32_t segsz, atime, dtime, ctime;
	uint16_t cpid, lpid, nattch, unused;
	uint32_t unused2, unused3;
};

/* ---- layouts ----------------------------------------------------------------------------------- */

static const struct cell queue_32_cells[] = {
	OWNER(queue_32, perm, key, seq)
	HALVES(queue_32, stime) HALVES(queue_32, rtime) HALVES(queue_32, ctime)
	CELL(queue_32, cbytes) CELL(queue_32, qnum) CELL(queue_32, qbytes)
	CELL(queue_32, lspid) CELL(queue_32, lrpid)
};

static const struct cell set_32_cells[] = {
	OWNER(set_32, perm, key, seq) HALVES(set_32, otime) HALVES(set_32, ctime) CELL(set_32, nsems)
};

static const struct cell segment_32_cells[] = {
	OWNER(segment_32, perm, key, seq) CELL(segment_32, segsz)
	HALVES(segment_32, atime) HALVES(segment_32, dtime) HALVES(segment_32, ctime)
	CELL(segment_32, cpid) CELL(segment_32, lpid) CELL(segment_32, nattch)
};

static const struct cell info_32_cells[] = { SEGMENT_INFO(info_32) };

/* lcbytes and lqbytes have room for what the 16 bits of cbytes and qbytes have not; they are written only. */
static const struct cell queue_16_cells[] = {
	OWNER(queue_16, perm, key, seq) CELL(queue_16, stime) CELL(queue_16, rtime) CELL(queue_16, ctime)
	SILENT(queue_16, lcbytes) SILENT(queue_16, lqbytes)
	CELL(queue_16, cbytes) CELL(queue_16, qnum) CELL(queue_16, qbytes)
	CELL(queue_16, lspid) CELL(queue_16, lrpid)
};

static const struct cell set_16_cells[] = {
	OWNER(set_16, perm, key, seq) CELL(set_16, otime) CELL(set_16, ctime) CELL(set_16, nsems)
};

static const struct cell segment_16_cells[] = {
	OWNER(segment_16, perm, key, seq) CELL(segment_16, segsz)
	CELL(segment_16, atime) CELL(segment_16, dtime) CELL(segment_16, ctime)
	CELL(segment_16, cpid) CELL(segment_16, lpid) CELL(segment_16, nattch)
};

const struct layout compat_layout[NFAMILIES] = {
	[MSG] = LAYOUT(queue_32), [SEM] = LAYOUT(set_32), [SHM] = LAYOUT(segment_32),
};

const struct layout compat_info_layout = LAYOUT(info_32);

const struct layout old_layout[NFAMILIES] = {
	[MSG] = LAYOUT(queue_16), [SEM] = LAYOUT(set_16), [SHM] = LAYOUT(segment_16),
};

/* ---- low memory -------------------------------------------------------------------------------- */

#ifndef MAP_32BIT
#define MAP_32BIT 0
#endif

/* Four pages: the end of the pad, a guard, the page of the timeout, which holds a pointer here, a guard. */
static unsigned char *low;

static size_t page(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

long low_address(const struct slot *s, const void *p)
{
	const unsigned char *at = p;

	if (!p)
		return 0;
	if (at <= slot_timeout_end(s))
		return (long)(uintptr_t)(low + 3 * page() - (slot_timeout_end(s) - at));
	return (long)(uintptr_t)(low + page() - (slot_pad_end(s) - at));
}

static void place_pointer(const struct slot *s)
{
	const uint32_t to = (uint32_t)low_address(s, s->buf);

	if (s->timeout && s->timeout != slot_timeout_end(s))
		memcpy((void *)(uintptr_t)low_address(s, s->timeout), &to, sizeof(to));
}

bool low_reserve(void)
{
	void *p;

	if (low)
		return true;
	p = mmap(NULL, 4 * page(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (p != MAP_FAILED)
		low = p;
	return low;
}

bool low_begin(struct slot *s)
{
	if (!low_reserve() || mprotect(low, 4 * page(), PROT_READ | PROT_WRITE))
		return false;
	memcpy(low, slot_pad_end(s) - page(), page());
	place_pointer(s);
	mprotect(low + page(), page(), PROT_NONE);
	mprotect(low + 3 * page(), page(), PROT_NONE);
	if (s->readonly)
		mprotect(low, page(), PROT_READ);
	return true;
}

void low_end(struct slot *s)
{
	if (!s->readonly)
		memcpy(slot_pad_end(s) - page(), low, page());
}

/* ---- calls ------------------------------------------------------------------------------------- */

#ifdef __x86_64__

long ia32_call(const long arg[6], int *err)
{
	long ret;

	__asm__ volatile("int $0x80" : "=a"(ret)
			 : "0"(arg[0]), "b"(arg[1]), "c"(arg[2]), "d"(arg[3]), "S"(arg[4]), "D"(arg[5])
			 : "memory", "cc", "r8", "r9", "r10", "r11");
	ret = (int32_t)ret;
	if (ret >= 0 || ret < -4095)
		return ret;
	*err = (int)-ret;
	return -1;
}

bool ia32_works(void)
{
	const long getpid_call[6] = { IA32_GETPID };
	int status, err;
	pid_t pid = fork();

	if (pid == 0)
		_exit(ia32_call(getpid_call, &err) == syscall(SYS_getpid) ? 0 : 1);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

#else

long ia32_call(const long arg[6], int *err)
{
	(void)arg;
	*err = ENOSYS;
	return -1;
}

bool ia32_works(void)
{
	return false;
}

#endif
