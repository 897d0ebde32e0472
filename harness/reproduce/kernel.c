/* ---- structures of the kernel, which are not always those of the C library ---------------------------- */

#if __has_include(<asm/msgbuf.h>)
#include <asm/msgbuf.h>
#include <asm/sembuf.h>
#include <asm/shmbuf.h>
#elif defined(__x86_64__) || defined(__aarch64__) || (defined(__riscv) && __SIZEOF_LONG__ == 8)
struct ipc64_perm {
	int key;
	unsigned uid, gid, cuid, cgid, mode;
	unsigned short seq, pad;
	unsigned long unused[2];
};
struct msqid64_ds {
	struct ipc64_perm msg_perm;
	long msg_stime, msg_rtime, msg_ctime;
	unsigned long msg_cbytes, msg_qnum, msg_qbytes;
	int msg_lspid, msg_lrpid;
	unsigned long unused[2];
};
struct semid64_ds {
	struct ipc64_perm sem_perm;
#ifdef __x86_64__
	long sem_otime, unused1, sem_ctime, unused2;
#else
	long sem_otime, sem_ctime;
#endif
	unsigned long sem_nsems, unused[2];
};
struct shmid64_ds {
	struct ipc64_perm shm_perm;
	unsigned long shm_segsz;
	long shm_atime, shm_dtime, shm_ctime;
	int shm_cpid, shm_lpid;
	unsigned long shm_nattch, unused[2];
};
struct shminfo64 { unsigned long shmmax, shmmin, shmmni, shmseg, shmall, unused[4]; };
#else
#error "needs the headers of Linux"
#endif

/* Some CPUs had other structures before, and ask for these by a flag. */
#if defined(__arm__) || defined(__mips64) || defined(__alpha__)
#define COMMAND(number) (((number) & 0xffL) | 0x100)
#else
#define COMMAND(number) ((number) & 0xffL)
#endif

TOOL long queue_control(long id, long cmd, void *buf)
{
	return syscall(SYS_msgctl, id, COMMAND(cmd), buf);
}

TOOL long set_control(long id, long cmd, void *buf)
{
	return syscall(SYS_semctl, id, 0L, COMMAND(cmd), buf);
}

TOOL long segment_control(long id, long cmd, void *buf)
{
	return syscall(SYS_shmctl, id, COMMAND(cmd), buf);
}

/* ---- their members, up to one without a size ---------------------------------------------------------- */

/* A time has 64 bits, in one member or in two. */
#define MEMBER(type, member) { offsetof(struct type, member), sizeof(((struct type *)0)->member) },
#if __SIZEOF_LONG__ == 8
#define TIME(type, member) MEMBER(type, member)
#define WHEN(member) (member)
#else
#define TIME(type, member) MEMBER(type, member) MEMBER(type, member##_high)
#define WHEN(member) ((long long)member##_high << 32 | member)
#endif
#define PERM(type, perm) \
	MEMBER(type, perm.key) MEMBER(type, perm.uid) MEMBER(type, perm.gid) MEMBER(type, perm.cuid) \
	MEMBER(type, perm.cgid) MEMBER(type, perm.mode) MEMBER(type, perm.seq)
#define MEMBERS(type) TOOL const struct member type##_members[]

struct member { size_t offset, size; };

MEMBERS(msqid64_ds) = {
	PERM(msqid64_ds, msg_perm) TIME(msqid64_ds, msg_stime) TIME(msqid64_ds, msg_rtime)
	TIME(msqid64_ds, msg_ctime) MEMBER(msqid64_ds, msg_cbytes) MEMBER(msqid64_ds, msg_qnum)
	MEMBER(msqid64_ds, msg_qbytes) MEMBER(msqid64_ds, msg_lspid) MEMBER(msqid64_ds, msg_lrpid) { 0, 0 }
};
MEMBERS(semid64_ds) = {
	PERM(semid64_ds, sem_perm) TIME(semid64_ds, sem_otime) TIME(semid64_ds, sem_ctime)
	MEMBER(semid64_ds, sem_nsems) { 0, 0 }
};
MEMBERS(shmid64_ds) = {
	PERM(shmid64_ds, shm_perm) MEMBER(shmid64_ds, shm_segsz) TIME(shmid64_ds, shm_atime)
	TIME(shmid64_ds, shm_dtime) TIME(shmid64_ds, shm_ctime) MEMBER(shmid64_ds, shm_cpid)
	MEMBER(shmid64_ds, shm_lpid) MEMBER(shmid64_ds, shm_nattch) { 0, 0 }
};
MEMBERS(msginfo) = {
	MEMBER(msginfo, msgpool) MEMBER(msginfo, msgmap) MEMBER(msginfo, msgmax) MEMBER(msginfo, msgmnb)
	MEMBER(msginfo, msgmni) MEMBER(msginfo, msgssz) MEMBER(msginfo, msgtql) MEMBER(msginfo, msgseg)
	{ 0, 0 }
};
MEMBERS(seminfo) = { { 0, sizeof(struct seminfo) }, { 0, 0 } };
MEMBERS(shminfo64) = {
	MEMBER(shminfo64, shmmax) MEMBER(shminfo64, shmmin) MEMBER(shminfo64, shmmni)
	MEMBER(shminfo64, shmseg) MEMBER(shminfo64, shmall) { 0, 0 }
};
MEMBERS(shm_info) = {
	MEMBER(shm_info, used_ids) MEMBER(shm_info, shm_tot) MEMBER(shm_info, shm_rss)
	MEMBER(shm_info, shm_swp) { 0, 0 }
};

/* What is no member is 0, and nothing around the structure is stored into. */
TOOL void reserved(struct room r, const struct member *m)
{
	bool named[256] = { false };

	for (; m->size; m++)
		memset(named + m->offset, true, m->size);
	for (size_t i = 0; i < r.size && i < sizeof(named); i++)
		if (!named[i] && r.at[i]) {
			differ("byte %zu, which is reserved, %#x%s", i, r.at[i],
			       r.at[i] == CANARY ? " as before the call" : "");
			break;
		}
	bounded(r, r.size);
}

/*
 * A limit of shmmax or shmall. The highest are more than any number that has a sign. Of those that a long of
 * 32 bits cannot hold a kernel of 64 says the highest int, or the low half.
 */
TOOL void most(const char *file, unsigned long long seen, long long want)
{
	unsigned long long limit = 0;
	char path[80];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/sys/kernel/%s", file);
	f = sizeof(long) == 4 ? fopen(path, "r") : NULL;
	if (f && fscanf(f, "%llu", &limit) == 1)
		want = limit <= UINT_MAX || strcmp(file, "shmmax") ? (long long)(unsigned)limit : INT_MAX;
	if (f)
		fclose(f);
	number(file, seen > LLONG_MAX ? LLONG_MAX : (long long)seen, want);
}
