/*
 * What does a C library do beside the call that it is asked for? A program that any of them can build, with
 * nothing of ours. It asks each function that can sleep whether it is a cancellation point, in a process of
 * its own, once with a request that is there before and once with one that comes while it sleeps; and whether
 * semget judges a number of semaphores itself, in a namespace that would allow it. With RAW there are no
 * wrappers, which shows what is noticed.
 *
 *	conforms  msgsnd asleep: cancelled, 1 left of 1
 *
 * Exit status: 0 nothing deviates, 1 something does, 77 there are no objects to be had.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE = 20 };		/* seconds until something hangs */
enum { WIDE = 70000 };		/* semaphores of a set that a library may find too many */

struct message { long type; char text[4]; };

/* ---- calls ------------------------------------------------------------------------------------- */

#ifdef RAW
#define msgsnd(...) ((int)syscall(SYS_msgsnd, __VA_ARGS__))
#define msgrcv(...) syscall(SYS_msgrcv, __VA_ARGS__)
#define semop(...) ((int)syscall(SYS_semop, __VA_ARGS__))
#endif

/* Each goes on at once in an object that is ready, and else sleeps. */
static void send(int id)
{
	const struct message m = { 1, "abc" };

	msgsnd(id, &m, sizeof(m.text), 0);
}

static void receive(int id)
{
	struct message m;

	msgrcv(id, &m, sizeof(m.text), 0, 0);
}

static void take(int id)
{
	struct sembuf down = { .sem_num = 0, .sem_op = -1 };

	semop(id, &down, 1);
}

/* ---- objects ----------------------------------------------------------------------------------- */

static int queue(int messages)
{
	const struct message m = { 1, "abc" };
	int id = msgget(IPC_PRIVATE, 0600);
	struct msqid_ds ds;

	if (id < 0 || msgctl(id, IPC_STAT, &ds))
		exit(77);
	ds.msg_qbytes = sizeof(m.text);		/* one is all that it holds */
	if (msgctl(id, IPC_SET, &ds) || (messages && msgsnd(id, &m, sizeof(m.text), 0)))
		exit(77);
	return id;
}

static int full_queue(bool ready)
{
	return queue(!ready);
}

static int empty_queue(bool ready)
{
	return queue(ready);
}

static int semaphore(bool ready)
{
	struct sembuf up = { .sem_num = 0, .sem_op = 1 };
	int id = semget(IPC_PRIVATE, 1, 0600);

	if (id < 0 || (ready && semop(id, &up, 1)))
		exit(77);
	return id;
}

static long messages_in(int id)
{
	struct msqid_ds ds;

	return msgctl(id, IPC_STAT, &ds) ? -1 : (long)ds.msg_qnum;
}

static long value_of(int id)
{
	return semctl(id, 0, GETVAL);
}

static void remove_queue(int id)
{
	msgctl(id, IPC_RMID, NULL);
}

static void remove_set(int id)
{
	semctl(id, 0, IPC_RMID);
}

static const struct point {
	const char *name;
	int (*object)(bool ready);
	void (*call)(int id);
	long (*left)(int id);
	void (*remove)(int id);
	bool shall;			/* be a cancellation point; else it may */
} points[] = {
	{ "msgsnd", full_queue, send, messages_in, remove_queue, true },
	{ "msgrcv", empty_queue, receive, messages_in, remove_queue, true },
	{ "semop", semaphore, take, value_of, remove_set, false },
};

/* ---- a thread that is cancelled ---------------------------------------------------------------- */

enum { PENDING, ASLEEP };
struct victim {
	const struct point *p;
	int id, when;
	volatile pid_t tid;		/* once it is about to call */
};

static void *work(void *arg)
{
	struct victim *v = arg;
	int old;

	if (v->when == PENDING)
		pthread_cancel(pthread_self());
	v->tid = (pid_t)syscall(SYS_gettid);
	v->p->call(v->id);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
	return NULL;
}

/* The next call of the thread is the one in question: it sleeps once it is in one. */
static void wait_for_sleep(const struct victim *v)
{
	char path[64], text[16];
	int fd;

	while (!v->tid)
		sched_yield();
	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", (int)v->tid);
	for (;; sched_yield()) {
		fd = open(path, O_RDONLY);
		if (fd < 0)
			exit(77);
		memset(text, 0, sizeof(text));
		if (read(fd, text, sizeof(text) - 1) > 0 && text[0] >= '0' && text[0] <= '9') {
			close(fd);
			return;
		}
		close(fd);
	}
}

/* In a process of its own: one that hangs is ended by its alarm. */
static int cancelled(const struct point *p, int id, int when)
{
	struct victim v = { .p = p, .id = id, .when = when };
	pthread_t thread;
	void *end;

	alarm(PATIENCE);
	if (pthread_create(&thread, NULL, work, &v))
		return 77;
	if (when == ASLEEP) {
		wait_for_sleep(&v);
		pthread_cancel(thread);
		if (!p->shall)
			p->remove(id);		/* it may sleep on */
	}
	pthread_join(thread, &end);
	return end == PTHREAD_CANCELED;
}

static const char *text_of(int status)
{
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGALRM ? "sleeps on" : "died";
	return WEXITSTATUS(status) ? "cancelled" : "not cancelled";
}

/* A call that is cancelled has done nothing. */
static bool holds(const struct point *p, int when)
{
	static const char *const whens[] = { "pending", "asleep" };
	int id = p->object(when == PENDING), status = 0;
	long before = p->left(id), after;
	pid_t pid = fork();
	bool was, ok;

	if (pid == 0)
		_exit(cancelled(p, id, when));
	waitpid(pid, &status, 0);
	was = WIFEXITED(status) && WEXITSTATUS(status) == 1;
	after = p->left(id);
	p->remove(id);
	ok = was ? before == after || after < 0 : !p->shall && WIFEXITED(status);
	printf("%s  %s %s: %s, %ld left of %ld%s\n", ok ? "conforms" : "deviates", p->name, whens[when],
	       text_of(status), after, before, p->shall ? "" : "; it may be either");
	return ok;
}

/* ---- a number of semaphores -------------------------------------------------------------------- */

/* What the call and the function make of it: 0 or an errno. */
static int bare_set(void)
{
	long id = syscall(SYS_semget, IPC_PRIVATE, WIDE, 0600);

	if (id < 0)
		return errno;
	remove_set((int)id);
	return 0;
}

static int wrapped_set(void)
{
	int id = semget(IPC_PRIVATE, WIDE, 0600);

	if (id < 0)
		return errno;
	remove_set(id);
	return 0;
}

/* The limit of this namespace is for its root to set; without that there is nothing to see. */
static void tell_semget(void)
{
	int fd = open("/proc/sys/kernel/sem", O_WRONLY);
	char text[64];
	int n = snprintf(text, sizeof(text), "%d 1024000000 500 32000\n", WIDE), bare, wrapped;
	bool set = fd >= 0 && write(fd, text, (size_t)n) == n;

	if (fd >= 0)
		close(fd);
	bare = bare_set();
	wrapped = wrapped_set();
	if (!set || bare)
		printf("unknown   semget of %d semaphores: the kernel refuses them\n", WIDE);
	else
		printf("%-9s semget of %d semaphores: %s\n", wrapped ? "library" : "kernel", WIDE,
		       wrapped ? strerror(wrapped) : "made");
}

int main(void)
{
	int wrong = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < sizeof(points) / sizeof(*points); i++)
		for (int when = PENDING; when <= ASLEEP; when++)
			wrong += !holds(&points[i], when);
	tell_semget();
	return wrong != 0;
}
