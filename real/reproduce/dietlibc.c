/*
 * What dietlibc does otherwise than its headers or the standard say, in a few calls of its functions each.
 * Another C library shows none of it.
 *
 *	diet gcc -w -o dietlibc real/reproduce/dietlibc.c -lpthread && ./dietlibc [NAME...]
 *
 * Exit status: 0 each was shown, 1 one was not, 2 no such name, 77 one cannot be tried here.
 */
#include "tools.h"

#include <mqueue.h>
#include <semaphore.h>

enum { CANARY = 0x5a, BEHIND = 256 };
enum { MOST = 5 };			/* bytes of text in a queue */
#define LARGE ((size_t)1 << 16 << 16)	/* what does not fit an int; 0 where nothing else does either */

/* ---- structures -------------------------------------------------------------------------------- */

/* With room behind it, all of it canaries. */
#define ROOM(type) union { struct type ds; unsigned char bytes[sizeof(struct type) + BEHIND]; }
#define FILL(room) memset(&(room), CANARY, sizeof(room))

/* How many bytes behind the structure are no canaries. */
static int stored(const unsigned char *bytes, size_t size)
{
	int last = 0;

	for (int i = 0; i < BEHIND; i++)
		if (bytes[size + i] != CANARY)
			last = i + 1;
	return last;
}
#define OVERRUN(room) stored((room).bytes, sizeof((room).ds))

static int queue_with(int messages)
{
	const struct message m = { 1, "text" };
	int id = msgget(IPC_PRIVATE, 0600);

	while (messages--)
		msgsnd(id, &m, MOST, 0);
	return id;
}

static enum answer perm_size(void)
{
	return shown_if(sizeof(struct ipc_perm) < 36, "struct ipc_perm has %d bytes",
			(int)sizeof(struct ipc_perm));
}

static enum answer queue_widths(void)
{
	struct msqid_ds ds;

	return shown_if(sizeof(ds.msg_qnum) < sizeof(long) || sizeof(ds.msg_qbytes) < sizeof(long),
			"msg_qnum has %d bytes, msg_qbytes %d", (int)sizeof(ds.msg_qnum),
			(int)sizeof(ds.msg_qbytes));
}

static enum answer segment_widths(void)
{
	struct shmid_ds ds;

	return shown_if(sizeof(ds.shm_segsz) < sizeof(long) || sizeof(ds.shm_nattch) < sizeof(long),
			"shm_segsz has %d bytes, shm_nattch %d", (int)sizeof(ds.shm_segsz),
			(int)sizeof(ds.shm_nattch));
}

static enum answer queue_status(void)
{
	ROOM(msqid_ds) r;

	FILL(r);
	msgctl(queue_with(2), IPC_STAT, &r.ds);
	return shown_if(OVERRUN(r) || r.ds.msg_qnum != 2, "a queue of 2 messages has %lu, at most %lu bytes; "
			"%d bytes behind are overwritten", (unsigned long)r.ds.msg_qnum,
			(unsigned long)r.ds.msg_qbytes, OVERRUN(r));
}

static enum answer set_status(void)
{
	union { void *buf; } arg;
	ROOM(semid_ds) r;

	FILL(r);
	arg.buf = &r;
	semctl(semget(IPC_PRIVATE, 3, 0600), 0, IPC_STAT, arg);
	return shown_if(OVERRUN(r) || !r.ds.sem_ctime, "a set was made at %ld; %d bytes behind are "
			"overwritten", (long)r.ds.sem_ctime, OVERRUN(r));
}

static enum answer segment_status(void)
{
	ROOM(shmid_ds) r;
	int id = shmget(IPC_PRIVATE, 5000, 0600);

	FILL(r);
	shmat(id, NULL, 0);
	shmctl(id, IPC_STAT, &r.ds);
	return shown_if(OVERRUN(r) || r.ds.shm_segsz != 5000, "a segment of 5000 bytes has %ld, %ld "
			"attaches, was made at %ld by %ld; %d bytes behind are overwritten",
			(long)r.ds.shm_segsz, (long)r.ds.shm_nattch, (long)r.ds.shm_ctime,
			(long)r.ds.shm_cpid, OVERRUN(r));
}

static enum answer segment_limits(void)
{
	ROOM(shminfo) r;

	FILL(r);
	shmctl(0, IPC_INFO, (void *)&r);
	return shown_if(OVERRUN(r) || r.ds.shmmin != 1, "shmmin is %ld; %d bytes behind are overwritten",
			(long)r.ds.shmmin, OVERRUN(r));
}

/* ---- what functions do ------------------------------------------------------------------------- */

static enum answer queue_limit(void)
{
	const struct message m = { 1, "text" };
	int id = queue_with(0);
	ROOM(msqid_ds) r;
	long set, second;

	msgctl(id, IPC_STAT, &r.ds);
	r.ds.msg_qbytes = MOST;
	set = result(msgctl(id, IPC_SET, &r.ds));
	msgsnd(id, &m, MOST, 0);
	second = result(msgsnd(id, &m, MOST, IPC_NOWAIT));
	return shown_if(second != -EAGAIN, "IPC_SET of a limit of %d bytes: %s; so much twice: %s", MOST,
			told(set), told(second));
}

/* The kernel is asked for the size by another call: the number in the status is what is in question. */
static enum answer segment_size(void)
{
	enum { KEY = 0x53495a45 };
	long id = result(shmget(KEY, LARGE + (size_t)page, IPC_CREAT | 0600));

	if (!LARGE || id == -ENOMEM || id == -ENOSPC)
		return cannot("needs 64 bits, and leave for a segment of 4 GiB");
	id = result(shmget(KEY, 2 * (size_t)page, 0));
	return shown_if(id == -EINVAL, "of 2^32 bytes and a page there are two pages: %s", told(id));
}

static void *send_cancelled(void *arg)
{
	const struct message m = { 1, "text" };

	pthread_cancel(pthread_self());
	msgsnd(*(int *)arg, &m, MOST, 0);
	shared[0] = 1;
	return NULL;
}

static enum answer cancellation(void)
{
	int id = queue_with(0);
	pthread_t thread;

	shared[0] = 0;
	if (pthread_create(&thread, NULL, send_cancelled, &id))
		return cannot("needs a thread");
	pthread_join(thread, NULL);
	return shown_if(shared[0], "msgsnd %s a thread that is to be cancelled",
			shared[0] ? "does not end" : "ends");
}

static enum answer queue_name(void)
{
	long queue = result(mq_open("/name", O_CREAT | O_RDWR, 0600, NULL));

	return shown_if(queue == -EACCES, "mq_open(\"/name\"): %s", told(queue));
}

static enum answer named_semaphore(void)
{
	char name[64];
	long opened;

	snprintf(name, sizeof(name), "/reproduce-%ld", (long)getpid());
	opened = result(sem_open(name, O_CREAT | O_EXCL, 0600, 1) == SEM_FAILED ? -1 : 0);
	sem_unlink(name);
	return shown_if(opened == -ENOSYS, "sem_open(\"/name\"): %s", told(opened));
}

/* ---- all of them ------------------------------------------------------------------------------- */

static const struct surprise deviations[] = {
	{ "perm-size", "MSGH-ds-1", perm_size },
	{ "queue-widths", "MSGH-ds-1", queue_widths },
	{ "segment-widths", "SHMH-ds-1", segment_widths },
	{ "queue-status", "MSGH-ds-1", queue_status },
	{ "set-status", "SEMH-ds-1", set_status },
	{ "segment-status", "SHMH-ds-1", segment_status },
	{ "segment-limits", "LINUX-SHMINFO-1", segment_limits },
	{ "queue-limit", "MSGCTL-SET-1", queue_limit },
	{ "segment-size", "SHMGET-CREATE-1", segment_size },
	{ "cancellation", "LIBC-CANCEL-1", cancellation },
	{ "queue-name", "MQOPEN-ERR-EACCES", queue_name },
	{ "named-semaphore", "SEMOPEN-ERR-EACCES", named_semaphore },
};

int main(int argc, char **argv)
{
	return show_each(deviations, sizeof(deviations) / sizeof(*deviations), argc - 1, argv + 1);
}
