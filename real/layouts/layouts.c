/*
 * Does a C library keep to its own headers? A program that any of them can build, with nothing of ours: it
 * makes an object of each kind, asks for its status, and looks at every member, at the bytes between them and
 * at those around the structure. Everything is asked twice, over different canaries, which shows what is not
 * written. With RAW the calls are bare and the structures are the kernel's.
 *
 *	deviates  msqid_ds.msg_qnum  bytes 88 to 89 of 112: found 23130, not written; expected 1
 *
 * Exit status: 0 nothing deviates, 1 something does, 77 there are no objects to be had.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#ifdef RAW
#include <linux/ipc.h>
#include <linux/msg.h>
#include <linux/sem.h>
#include <linux/shm.h>
#include <asm/msgbuf.h>
#include <asm/sembuf.h>
#include <asm/shmbuf.h>
#include <asm/unistd.h>
#define QUEUE msqid64_ds
#define SET semid64_ds
#define SEGMENT shmid64_ds
#else
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#define QUEUE msqid_ds
#define SET semid_ds
#define SEGMENT shmid_ds
union semun { int val; struct semid_ds *buf; unsigned short *array; };
#endif

#if defined(__GLIBC__) && !defined(RAW)
#define KEY __key
#else
#define KEY key
#endif

enum { GUARD = 256, MOST = 512, NKINDS = 3 };
enum { OBJECT_KEY = 0x1d2c3b4a, SEMAPHORES = 3, BYTES = 5000, SENT = 5 };

/* ---- calls ------------------------------------------------------------------------------------- */

#ifdef RAW

#ifdef __x86_64__
static long bare(long nr, long a, long b, long c, long d)
{
	register long fourth __asm__("r10") = d;
	long ret;

	__asm__ volatile("syscall" : "=a"(ret) : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(fourth)
			 : "rcx", "r11", "memory");
	return ret;
}
#else
#error "bare calls of this processor are missing here"
#endif

static int make(int kind)
{
	return (int)(kind == 0 ? bare(__NR_msgget, OBJECT_KEY, IPC_CREAT | 0640, 0, 0)
		: kind == 1 ? bare(__NR_semget, OBJECT_KEY, SEMAPHORES, IPC_CREAT | 0640, 0)
		: bare(__NR_shmget, OBJECT_KEY, BYTES, IPC_CREAT | 0640, 0));
}

static int control(int kind, int id, int cmd, void *buf)
{
	return (int)(kind == 1 ? bare(__NR_semctl, id, 0, cmd, (long)buf)
		: bare(kind == 0 ? __NR_msgctl : __NR_shmctl, id, cmd, (long)buf, 0));
}

static int put(int id, const void *message)
{
	return (int)bare(__NR_msgsnd, id, (long)message, SENT, 0);
}

#else

static int make(int kind)
{
	return kind == 0 ? msgget(OBJECT_KEY, IPC_CREAT | 0640)
		: kind == 1 ? semget(OBJECT_KEY, SEMAPHORES, IPC_CREAT | 0640)
		: shmget(OBJECT_KEY, BYTES, IPC_CREAT | 0640);
}

static int control(int kind, int id, int cmd, void *buf)
{
	union semun arg = { .buf = buf };

	return kind == 0 ? msgctl(id, cmd, buf) : kind == 1 ? semctl(id, 0, cmd, arg) : shmctl(id, cmd, buf);
}

static int put(int id, const void *message)
{
	return msgsnd(id, (void *)message, SENT, 0);
}

#endif

/* ---- members ----------------------------------------------------------------------------------- */

struct member { const char *name; size_t offset, size; long long least, most; };
struct kind { const char *name; size_t size; const struct member *member; int n; };

#define AT(type, what, low, high) \
	{ #what, offsetof(struct type, what), sizeof(((struct type *)0)->what), low, high },
#define IS(type, what, value) AT(type, what, value, value)
#define ANY_PERM(type, perm) \
	IS(type, perm.KEY, OBJECT_KEY) IS(type, perm.uid, user) IS(type, perm.gid, group) \
	IS(type, perm.cuid, user) IS(type, perm.cgid, group) IS(type, perm.mode, 0640)
#define NAME(type) #type
#define STRUCTURE(type, table) { NAME(type), sizeof(struct type), table, sizeof(table) / sizeof(*table) }

/* Members have 1, 2, 4 or 8 bytes. Negative values do not occur. */
static long long read_member(const unsigned char *at, size_t size)
{
	unsigned char one;
	unsigned short two;
	unsigned int four;
	long long eight;

	memcpy(&one, at, 1);
	memcpy(&two, at, 2);
	memcpy(&four, at, 4);
	memcpy(&eight, at, 8);
	return size == 1 ? one : size == 2 ? two : size == 4 ? (long long)four : eight;
}

/* ---- judging ----------------------------------------------------------------------------------- */

static const unsigned char canary[2] = { 0x5a, 0xa6 };
static unsigned char seen[2][GUARD + MOST + GUARD];

static int unwritten(size_t at)
{
	return seen[0][at] == canary[0] && seen[1][at] == canary[1];
}

static int judge_member(const struct kind *k, const struct member *m)
{
	const size_t at = GUARD + m->offset;
	const long long v = read_member(seen[0] + at, m->size);
	int none = 1;

	for (size_t i = 0; i < m->size; i++)
		none = none && unwritten(at + i);
	if (!none && v >= m->least && v <= m->most)
		return 0;
	printf("deviates  %s.%s  bytes %u to %u of %u: found %lld%s; expected %lld", k->name, m->name,
	       (unsigned)m->offset, (unsigned)(m->offset + m->size - 1), (unsigned)k->size, v,
	       none ? ", not written" : "", m->least);
	if (m->most != m->least)
		printf(" to %lld", m->most);
	printf("\n");
	return 1;
}

/* What lies outside must be left alone; between members there is nothing, or what was there before. */
static int judge_rest(const struct kind *k, long from, long to, const char *where)
{
	for (long i = from; i < to; i++) {
		const size_t at = (size_t)(GUARD + i);
		int inside = 0;

		for (int m = 0; m < k->n; m++)
			inside = inside || ((size_t)i >= k->member[m].offset
					    && (size_t)i < k->member[m].offset + k->member[m].size);
		if (inside || unwritten(at) || (i >= 0 && i < (long)k->size && !seen[0][at] && !seen[1][at]))
			continue;
		printf("deviates  %s  byte %ld, %s the structure of %u: found 0x%02x\n", k->name, i, where,
		       (unsigned)k->size, seen[0][at]);
		return 1;
	}
	return 0;
}

static int judge(const struct kind *k)
{
	int wrong = 0;

	for (int i = 0; i < k->n; i++)
		wrong += judge_member(k, &k->member[i]);
	wrong += judge_rest(k, -GUARD, 0, "before");
	wrong += judge_rest(k, 0, (long)k->size, "of no member in");
	wrong += judge_rest(k, (long)k->size, (long)k->size + GUARD, "behind");
	printf("%-8s  %s  %d members, %u bytes\n", wrong ? "deviates" : "conforms", k->name, k->n,
	       (unsigned)k->size);
	return wrong;
}

/* Negative: there is no such object. */
static int ask(int kind, const void *message)
{
	int id = make(kind), failed = id < 0;

	if (id >= 0 && kind == 0)
		failed = put(id, message) < 0;
	for (int i = 0; i < 2 && !failed; i++) {
		memset(seen[i], canary[i], sizeof(seen[i]));
		failed = control(kind, id, IPC_STAT, seen[i] + GUARD) < 0;
	}
	if (id >= 0)
		control(kind, id, IPC_RMID, NULL);
	return failed ? -1 : 0;
}

int main(void)
{
	const long long user = geteuid(), group = getegid(), self = getpid(), now = time(NULL);
	const struct member queue[] = {
		ANY_PERM(QUEUE, msg_perm)
		AT(QUEUE, msg_stime, now, now + 60) IS(QUEUE, msg_rtime, 0)
		AT(QUEUE, msg_ctime, now, now + 60)
		IS(QUEUE, msg_cbytes, SENT) IS(QUEUE, msg_qnum, 1) AT(QUEUE, msg_qbytes, 1024, 0xffffffff)
		IS(QUEUE, msg_lspid, self) IS(QUEUE, msg_lrpid, 0)
	};
	const struct member set[] = {
		ANY_PERM(SET, sem_perm)
		IS(SET, sem_otime, 0) AT(SET, sem_ctime, now, now + 60) IS(SET, sem_nsems, SEMAPHORES)
	};
	const struct member segment[] = {
		ANY_PERM(SEGMENT, shm_perm)
		IS(SEGMENT, shm_segsz, BYTES) IS(SEGMENT, shm_atime, 0) IS(SEGMENT, shm_dtime, 0)
		AT(SEGMENT, shm_ctime, now, now + 60) IS(SEGMENT, shm_cpid, self) IS(SEGMENT, shm_lpid, 0)
		IS(SEGMENT, shm_nattch, 0)
	};
	const struct kind kinds[NKINDS] = {
		STRUCTURE(QUEUE, queue), STRUCTURE(SET, set), STRUCTURE(SEGMENT, segment),
	};
	const struct { long type; char text[SENT]; } message = { 1, { 'h', 'e', 'l', 'l', 'o' } };
	int wrong = 0;

	for (int i = 0; i < NKINDS; i++) {
		if (ask(i, &message) < 0) {
			printf("skipped   %s  no object can be had\n", kinds[i].name);
			return 77;
		}
		wrong += judge(&kinds[i]);
	}
	return wrong > 0;
}
