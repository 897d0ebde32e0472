/*
 * Does a C library keep to its own headers? A program that any of them can build, with nothing of ours: it
 * makes and uses an object of each kind, gives it its mode by IPC_SET, asks for its status and for the limits
 * of segments, and looks at every member, at the bytes between them and at those around the structure.
 * Everything is asked twice, over different canaries, which shows what is not written. With RAW the calls are
 * bare and the structures are the kernel's; else it also looks whether the functions are declared with the
 * types of the standard.
 *
 *	deviates  msqid_ds.msg_qnum  bytes 88 to 89 of 112: found 23130, not written; expected 1
 *	deviates  msqid_ds  bytes 104 to 119, behind the structure of 104: found 0x00
 *	deviates  msgrcv  is not declared as ssize_t (int, void *, size_t, long, int)
 *
 * With an argument it only tells where the members lie. Exit status: 0 nothing deviates, 1 something does, 77
 * there are no objects to be had.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <limits.h>
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
#include "bare.h"
#define QUEUE msqid64_ds
#define SET semid64_ds
#define SEGMENT shmid64_ds
#define LIMITS shminfo64
#else
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#define QUEUE msqid_ds
#define SET semid_ds
#define SEGMENT shmid_ds
#define LIMITS shminfo
union semun { int val; struct semid_ds *buf; unsigned short *array; };
#endif

#if defined(__GLIBC__) && !defined(RAW)
#define KEY __key
#else
#define KEY key
#endif

enum { GUARD = 256, MOST = 512 };
enum { QUEUES, SETS, SEGMENTS, LIMITS_OF_SEGMENTS, NKINDS };
enum { OBJECT_KEY = 0x1d2c3b4a, SEMAPHORES = 3, BYTES = 5000, SENT = 5 };
enum { FIRST_MODE = 0605, MODE = 0640 };

/* ---- calls ------------------------------------------------------------------------------------- */

#ifdef RAW

static int make(int kind)
{
	return (int)(kind == QUEUES ? bare(__NR_msgget, OBJECT_KEY, IPC_CREAT | FIRST_MODE, 0, 0)
		: kind == SETS ? bare(__NR_semget, OBJECT_KEY, SEMAPHORES, IPC_CREAT | FIRST_MODE, 0)
		: bare(__NR_shmget, OBJECT_KEY, BYTES, IPC_CREAT | FIRST_MODE, 0));
}

static int control(int kind, int id, int cmd, void *buf)
{
	return (int)(kind == SETS ? bare(__NR_semctl, id, 0, cmd, (long)buf)
		: bare(kind == QUEUES ? __NR_msgctl : __NR_shmctl, id, cmd, (long)buf, 0));
}

static int use_queue(int id, void *message)
{
	return bare(__NR_msgsnd, id, (long)message, SENT, 0) < 0
		|| bare(__NR_msgsnd, id, (long)message, SENT, 0) < 0
		|| bare5(__NR_msgrcv, id, (long)message, SENT, 0, 0) < 0;
}

static int use_set(int id, struct sembuf *up)
{
	return bare(__NR_semop, id, (long)up, 1, 0) < 0;
}

static int use_segment(int id)
{
	long first = bare(__NR_shmat, id, 0, 0, 0), second = bare(__NR_shmat, id, 0, 0, 0);

	return first < 0 || second < 0 || bare(__NR_shmdt, second, 0, 0, 0) < 0;
}

#else

static int make(int kind)
{
	return kind == QUEUES ? msgget(OBJECT_KEY, IPC_CREAT | FIRST_MODE)
		: kind == SETS ? semget(OBJECT_KEY, SEMAPHORES, IPC_CREAT | FIRST_MODE)
		: shmget(OBJECT_KEY, BYTES, IPC_CREAT | FIRST_MODE);
}

static int control(int kind, int id, int cmd, void *buf)
{
	union semun arg = { .buf = buf };

	return kind == QUEUES ? msgctl(id, cmd, buf)
		: kind == SETS ? semctl(id, 0, cmd, arg) : shmctl(id, cmd, buf);
}

static int use_queue(int id, void *message)
{
	return msgsnd(id, message, SENT, 0) < 0 || msgsnd(id, message, SENT, 0) < 0
		|| msgrcv(id, message, SENT, 0, 0) < 0;
}

static int use_set(int id, struct sembuf *up)
{
	return semop(id, up, 1) < 0;
}

static int use_segment(int id)
{
	void *first = shmat(id, NULL, 0), *second = shmat(id, NULL, 0);

	return first == (void *)-1 || second == (void *)-1 || shmdt(second) < 0;
}

#endif

/* So that no member is 0 but where that is told. True if that fails. */
static int use(int kind, int id)
{
	struct { long type; char text[SENT]; } message = { 1, { 'h', 'e', 'l', 'l', 'o' } };
	struct sembuf up = { 0, 1, 0 };

	return kind == QUEUES ? use_queue(id, &message) : kind == SETS ? use_set(id, &up) : use_segment(id);
}

/* ---- members ----------------------------------------------------------------------------------- */

struct member { const char *name; size_t offset, size; long long least, most; };
struct kind { const char *name; size_t size; const struct member *member; int n; };

#define AT(type, what, low, high) \
	{ #what, offsetof(struct type, what), sizeof(((struct type *)0)->what), low, high },
#define IS(type, what, value) AT(type, what, value, value)
#define ANY_PERM(type, perm) \
	IS(type, perm.KEY, OBJECT_KEY) IS(type, perm.uid, user) IS(type, perm.gid, group) \
	IS(type, perm.cuid, user) IS(type, perm.cgid, group) IS(type, perm.mode, MODE)
enum { PLACE_OF_MODE = 5 };		/* among these */
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

static void write_member(unsigned char *at, size_t size, unsigned int value)
{
	const unsigned short half = (unsigned short)value;

	memcpy(at, size == sizeof(half) ? (const void *)&half : &value, size);
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

static int is_of_member(const struct kind *k, long at)
{
	for (int m = 0; m < k->n; m++)
		if (at >= (long)k->member[m].offset && at < (long)(k->member[m].offset + k->member[m].size))
			return 1;
	return 0;
}

/* What lies outside must be left alone; between members there is nothing, or what was there before. */
static int may_be(const struct kind *k, long at)
{
	const unsigned char one = seen[0][GUARD + at], other = seen[1][GUARD + at];

	return is_of_member(k, at) || unwritten((size_t)(GUARD + at))
		|| (at >= 0 && at < (long)k->size && !one && !other);
}

static int judge_rest(const struct kind *k, long from, long to, const char *where)
{
	while (from < to && may_be(k, from))
		from++;
	while (from < to && may_be(k, to - 1))
		to--;
	if (from < to)
		printf("deviates  %s  bytes %ld to %ld, %s the structure of %u: found 0x%02x\n", k->name,
		       from, to - 1, where, (unsigned)k->size, seen[0][GUARD + from]);
	return from < to;
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

/* By the structure that IPC_STAT fills. True if that fails. */
static int set_mode(const struct kind *k, int kind, int id)
{
	const struct member *mode = &k->member[PLACE_OF_MODE];
	unsigned char *at = seen[0] + GUARD;

	if (control(kind, id, IPC_STAT, at) < 0)
		return 1;
	write_member(at + mode->offset, mode->size, MODE);
	return control(kind, id, IPC_SET, at) < 0;
}

/* Asks twice. True if that fails. */
static int ask(int kind, int id, int cmd)
{
	int failed = 0;

	for (int i = 0; i < 2 && !failed; i++) {
		memset(seen[i], canary[i], sizeof(seen[i]));
		failed = control(kind, id, cmd, seen[i] + GUARD) < 0;
	}
	return failed;
}

/* True if there is no such object. */
static int ask_of_object(const struct kind *k, int kind)
{
	int id = make(kind);
	int failed = id < 0 || use(kind, id) || set_mode(k, kind, id) || ask(kind, id, IPC_STAT);

	if (id >= 0)
		control(kind, id, IPC_RMID, NULL);
	return failed;
}

/* ---- functions ---------------------------------------------------------------------------------- */

#ifdef RAW
static int judge_functions(void)
{
	return 0;
}
#else
#define TAKES(function, ret, ...) \
	{ #function, _Generic(&function, ret (*)(__VA_ARGS__): 1, default: 0), #ret " (" #__VA_ARGS__ ")" },

static int judge_functions(void)
{
	static const struct { const char *name; int as_told; const char *type; } all[] = {
		TAKES(msgget, int, key_t, int)
		TAKES(msgsnd, int, int, const void *, size_t, int)
		TAKES(msgrcv, ssize_t, int, void *, size_t, long, int)
		TAKES(msgctl, int, int, int, struct msqid_ds *)
		TAKES(semget, int, key_t, int, int)
		TAKES(semop, int, int, struct sembuf *, size_t)
		TAKES(semctl, int, int, int, int, ...)
		TAKES(shmget, int, key_t, size_t, int)
		TAKES(shmat, void *, int, const void *, int)
		TAKES(shmdt, int, const void *)
		TAKES(shmctl, int, int, int, struct shmid_ds *)
		TAKES(ftok, key_t, const char *, int)
	};
	const int n = sizeof(all) / sizeof(*all);
	int wrong = 0;

	for (int i = 0; i < n; i++) {
		wrong += !all[i].as_told;
		if (!all[i].as_told)
			printf("deviates  %s  is not declared as %s\n", all[i].name, all[i].type);
	}
	printf("%-8s  %d functions\n", wrong ? "deviates" : "conforms", n);
#ifndef SHMLBA
	wrong++;
	printf("deviates  SHMLBA  is not defined\n");
#endif
	return wrong;
}
#endif

static int list(const struct kind *kinds)
{
	for (const struct kind *k = kinds; k < kinds + NKINDS; k++)
		for (int i = 0; i < k->n; i++)
			printf("member    %s.%s  bytes %u to %u of %u\n", k->name, k->member[i].name,
			       (unsigned)k->member[i].offset,
			       (unsigned)(k->member[i].offset + k->member[i].size - 1), (unsigned)k->size);
	return 0;
}

int main(int argc, char **argv)
{
	const long long user = geteuid(), group = getegid(), self = getpid(), now = time(NULL);
	const struct member queue[] = {
		ANY_PERM(QUEUE, msg_perm)
		AT(QUEUE, msg_stime, now, now + 60) AT(QUEUE, msg_rtime, now, now + 60)
		AT(QUEUE, msg_ctime, now, now + 60)
		IS(QUEUE, msg_cbytes, SENT) IS(QUEUE, msg_qnum, 1) AT(QUEUE, msg_qbytes, 1024, 0xffffffff)
		IS(QUEUE, msg_lspid, self) IS(QUEUE, msg_lrpid, self)
	};
	const struct member set[] = {
		ANY_PERM(SET, sem_perm)
		AT(SET, sem_otime, now, now + 60) AT(SET, sem_ctime, now, now + 60)
		IS(SET, sem_nsems, SEMAPHORES)
	};
	const struct member segment[] = {
		ANY_PERM(SEGMENT, shm_perm)
		IS(SEGMENT, shm_segsz, BYTES) AT(SEGMENT, shm_atime, now, now + 60)
		AT(SEGMENT, shm_dtime, now, now + 60)
		AT(SEGMENT, shm_ctime, now, now + 60) IS(SEGMENT, shm_cpid, self)
		IS(SEGMENT, shm_lpid, self) IS(SEGMENT, shm_nattch, 1)
	};
	const struct member limits[] = {
		AT(LIMITS, shmmax, LLONG_MIN, LLONG_MAX) IS(LIMITS, shmmin, 1)
		AT(LIMITS, shmmni, 1, 1 << 24) AT(LIMITS, shmseg, 1, 1 << 24)
		AT(LIMITS, shmall, LLONG_MIN, LLONG_MAX)
	};
	const struct kind kinds[NKINDS] = {
		STRUCTURE(QUEUE, queue), STRUCTURE(SET, set), STRUCTURE(SEGMENT, segment),
		STRUCTURE(LIMITS, limits),
	};
	int wrong;

	(void)argv;
	if (argc > 1)
		return list(kinds);
	wrong = judge_functions();
	for (int i = 0; i < NKINDS; i++) {
		if (i == LIMITS_OF_SEGMENTS ? ask(SEGMENTS, 0, IPC_INFO) : ask_of_object(&kinds[i], i)) {
			printf("skipped   %s  no such thing can be had\n", kinds[i].name);
			return 77;
		}
		wrong += judge(&kinds[i]);
	}
	return wrong > 0;
}
