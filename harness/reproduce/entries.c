/* ---- calls of 32-bit x86, made by the old trap of a program of 64 bits ------------------------------- */

#ifndef __x86_64__
#error "needs a compiler for x86-64"
#endif
#include <sys/wait.h>
#ifndef IPC_64
#define IPC_64 0x100
#endif

enum { GETPID_32 = 20, IPC_32 = 117, SEMCTL_32 = 394, SHMCTL_32 = 396, MSGCTL_32 = 402 };	/* calls */
enum { SEMCTL = 3, MSGRCV = 12, MSGCTL = 14, SHMAT = 21, SHMCTL = 24 };		/* those of ipc(2) */

TOOL long trap(long nr, long a, long b, long c, long d, long e)
{
	long got;

	__asm__ volatile("int $0x80" : "=a"(got) : "0"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory", "cc", "r8", "r9", "r10", "r11");
	got = (int)got;
	if (got >= 0 || got < -4095)
		return got;
	errno = (int)-got;
	return -1;
}

static bool traps(void)
{
	int status = 1;
	pid_t pid = fork();

	if (!pid)
		_exit(trap(GETPID_32, 0, 0, 0, 0, 0) != getpid());
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* Memory that has an address of 32 bits. */
TOOL struct room low(enum place where, size_t size)
{
	const size_t all = size + SPARE;
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT;
	void *memory = mmap(NULL, all, PROT_READ | PROT_WRITE, flags, -1, 0);

	return room_for(memory, all, where, size);
}
#define LOW_BUFFER(where, bytes) struct room room = low(where, bytes)

/* The address of a word that is the address of the buffer. */
TOOL long pointer(enum place where, const void *to)
{
	struct room r = low(where == READONLY ? FINE : where, 4);
	const unsigned word = (unsigned)(unsigned long)to;

	memcpy(r.at, &word, r.size);
	if (where == READONLY)
		protect(r);
	return (long)r.at;
}

/* ---- their structures --------------------------------------------------------------------------------- */

struct perm_32 {
	int key;
	unsigned uid, gid, cuid, cgid;
	unsigned short mode, pad, seq, pad2;
	unsigned unused[2];
};
struct queue_32 {
	struct perm_32 msg_perm;
	unsigned msg_stime, msg_stime_high, msg_rtime, msg_rtime_high, msg_ctime, msg_ctime_high;
	unsigned msg_cbytes, msg_qnum, msg_qbytes;
	int msg_lspid, msg_lrpid;
	unsigned unused[2];
};
struct set_32 {
	struct perm_32 sem_perm;
	unsigned sem_otime, sem_otime_high, sem_ctime, sem_ctime_high, sem_nsems, unused[2];
};
struct segment_32 {
	struct perm_32 shm_perm;
	unsigned shm_segsz, shm_atime, shm_atime_high, shm_dtime, shm_dtime_high, shm_ctime, shm_ctime_high;
	int shm_cpid, shm_lpid;
	unsigned shm_nattch, unused[2];
};
struct info_32 { unsigned shmmax, shmmin, shmmni, shmseg, shmall, unused[4]; };

/*
 * Those of old; msg_lcbytes and msg_lqbytes are stored for what members of 16 bits have no room for, and end
 * is padding.
 */
struct perm_16 { int key; unsigned short uid, gid, cuid, cgid, mode, seq; };
struct queue_16 {
	struct perm_16 msg_perm;
	unsigned first, last;
	int msg_stime, msg_rtime, msg_ctime;
	unsigned msg_lcbytes, msg_lqbytes;
	unsigned short msg_cbytes, msg_qnum, msg_qbytes, msg_lspid, msg_lrpid, end;
};
struct set_16 {
	struct perm_16 sem_perm;
	int sem_otime, sem_ctime;
	unsigned base, pending, pending_last, undo;
	unsigned short sem_nsems, end;
};
struct segment_16 {
	struct perm_16 shm_perm;
	int shm_segsz, shm_atime, shm_dtime, shm_ctime;
	unsigned short shm_cpid, shm_lpid, shm_nattch, unused;
	unsigned unused2, unused3;
};

#define HALVES(member) ((long long)member##_high << 32 | member)
#define UP_TO(type, first, other) \
	{ offsetof(struct type, first), offsetof(struct type, other) - offsetof(struct type, first) }
#define PERM_32(type, perm) UP_TO(type, perm, perm.pad), UP_TO(type, perm.seq, perm.pad2)

TOOL const struct member queue_32_members[] = {
	PERM_32(queue_32, msg_perm), UP_TO(queue_32, msg_stime, unused), { 0, 0 }
};
TOOL const struct member set_32_members[] = {
	PERM_32(set_32, sem_perm), UP_TO(set_32, sem_otime, unused), { 0, 0 }
};
TOOL const struct member segment_32_members[] = {
	PERM_32(segment_32, shm_perm), UP_TO(segment_32, shm_segsz, unused), { 0, 0 }
};
TOOL const struct member info_32_members[] = { UP_TO(info_32, shmmax, unused), { 0, 0 } };
TOOL const struct member queue_16_members[] = {
	UP_TO(queue_16, msg_perm, first), UP_TO(queue_16, msg_stime, end), { 0, 0 }
};
TOOL const struct member set_16_members[] = {
	UP_TO(set_16, sem_perm, base), UP_TO(set_16, sem_nsems, end), { 0, 0 }
};
TOOL const struct member segment_16_members[] = { UP_TO(segment_16, shm_perm, unused), { 0, 0 } };

/* A process by a member of 16 bits. */
TOOL void process_16(const char *what, long seen, int actor)
{
	const long pid = actor < 0 ? 0 : shared->pid[actor];

	process(what, seen == (pid & 0xffff) ? pid : seen, actor);
}
