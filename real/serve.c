/*
 * In an actor: it serves its slot, and makes further actors. One that becomes another program by exec becomes
 * this very program, which finds its slot again where it was, and goes on.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

/* ---- turns ----------------------------------------------------------------------------------- */

/* Systems of 32 bits have the call with a 64-bit timeout. */
#ifdef SYS_futex_time64
#define FUTEX SYS_futex_time64
#else
#define FUTEX SYS_futex
#endif

void give_turn(_Atomic uint32_t *turn, uint32_t to)
{
	atomic_store(turn, to);
	syscall(FUTEX, turn, FUTEX_WAKE, 1, NULL, NULL, 0);
}

void take_turn(_Atomic uint32_t *turn, uint32_t who)
{
	while (atomic_load(turn) != who)
		syscall(FUTEX, turn, FUTEX_WAIT, 1 - who, NULL, NULL, 0);
}

void wait_turn(_Atomic uint32_t *turn, uint32_t who, int64_t ms)
{
	const struct { int64_t sec, nsec; } t = { ms / 1000, ms % 1000 * 1000000 };

	if (ms > 0 && atomic_load(turn) != who)
		syscall(FUTEX, turn, FUTEX_WAIT, 1 - who, &t, NULL, 0);
}

/* ---- signals --------------------------------------------------------------------------------- */

static void on_signal(int sig)
{
	(void)sig;
}

static void set_action(int sig, void (*handler)(int), int flags)
{
	const struct sigaction sa = { .sa_handler = handler, .sa_flags = flags };

	sigaction(sig, &sa, NULL);
}

void reset_signals(void)
{
	enum { STANDARD = 31 };		/* nobody sets those behind them, and where calls are slow it shows */
	sigset_t none;

	for (int sig = 1; sig <= STANDARD; sig++)
		set_action(sig, SIG_DFL, 0);
	set_action(SIGHUP, SIG_IGN, 0);		/* some systems send it to a group of which one is stopped */
	set_action(SIGCHLD, SIG_IGN, 0);	/* children that are not the worker's need no collecting */
	set_action(SIGUSR1, on_signal, 0);
	set_action(SIGUSR2, on_signal, SA_RESTART);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* ---- processes and threads ------------------------------------------------------------------- */

static _Noreturn void serve(struct slot *s)
{
	slot_guard(s);
	for (;;) {
		take_turn(&s->turn, ACTOR);
		call_run(s);
		give_turn(&s->turn, WORKER);
	}
}

#ifdef __sparc__
/* A copy is given its parent's pid there, and 1 as a second result, which syscall() knows nothing of. */
long clone_copy(long flags)
{
	register long nr __asm__("g1") = SYS_clone;
	register long ret __asm__("o0") = flags, copy __asm__("o1") = 0, third __asm__("o2") = 0;
	register long fourth __asm__("o3") = 0, fifth __asm__("o4") = 0;
	long failed;

	__asm__ volatile("ta 0x6d\n\tmov 0, %0\n\tmovcs %%xcc, 1, %0"
			 : "=&r"(failed), "+r"(ret), "+r"(copy)
			 : "r"(nr), "r"(third), "r"(fourth), "r"(fifth) : "cc", "memory");
	if (failed)
		errno = (int)ret;
	return failed ? -1 : copy ? 0 : ret;
}
#else
long clone_copy(long flags)
{
	long arg[2] = { 0, 0 };

	arg[CLONE_FLAGS] = flags;
	return syscall(SYS_clone, arg[0], arg[1], 0L, 0L, 0L);
}
#endif

/*
 * CLONE_PARENT: the worker is to be told of the end of every actor, whoever forked it. Where that is refused
 * it will look.
 */
long actor_clone(int actor, long flags)
{
	long pid = clone_copy(CLONE_PARENT | SIGCHLD | flags);

	if (pid < 0 && errno == EINVAL)
		pid = clone_copy(SIGCHLD | flags);
	if (pid == 0 && flags & CLONE_NEWUSER)
		cred_gained();
	if (pid == 0)
		serve(slot_get(actor));
	return pid;
}

enum { STACK = 256 * 1024 };	/* bytes, of a thread */

/* A thread that comes to life tells its id, which is never 0. */
struct birth { int actor; _Atomic uint32_t tid; };

static void *live(void *arg)
{
	struct birth *b = arg;
	int actor = b->actor;

	cred_begin();
	give_turn(&b->tid, (uint32_t)syscall(SYS_gettid));
	serve(slot_get(actor));
}

/* By the C library, so that the thread has an errno of its own. */
long actor_thread(int actor)
{
	struct birth b = { actor, 0 };
	pthread_attr_t attr;
	pthread_t thread;
	int err;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK);
	err = pthread_create(&thread, &attr, live, &b);
	pthread_attr_destroy(&attr);
	while (!err && !atomic_load(&b.tid))
		syscall(FUTEX, &b.tid, FUTEX_WAIT, 0, NULL, NULL, 0);
	errno = err;
	return err ? -1 : (long)atomic_load(&b.tid);
}

/* ---- exec ------------------------------------------------------------------------------------ */

/* In the environment: descriptor and address of the slots, descriptor of the program, number of a slot. */
#define HANDED "SYSVET_ACTOR"
extern char **environ;

static int program = -1;

/* Where there is no /proc, the name that we were called by may do. */
int program_open(void)
{
	const char *name = (const char *)getauxval(AT_EXECFN);

	if (program < 0)
		program = open("/proc/self/exe", O_RDONLY);
	if (program < 0 && name)
		program = open(name, O_RDONLY);
	return program;
}

/* The environment with one string more. */
static char **with(char *handed)
{
	size_t n = 0;
	char **all;

	while (environ[n])
		n++;
	all = calloc(n + 2, sizeof(*all));
	if (!all)
		return NULL;
	memcpy(all, environ, n * sizeof(*all));
	all[n] = handed;
	return all;
}

long actor_exec(int actor)
{
	char name[] = "sysvet", handed[80], *argv[] = { name, NULL }, **env;
	uint64_t place;
	int slots = slots_handed(&place);

	snprintf(handed, sizeof(handed), "%s=%d,%" PRIu64 ",%d,%d", HANDED, slots, place, program, actor);
	env = with(handed);
	if (env)
		syscall(SYS_execveat, (long)program, "", argv, env, (long)AT_EMPTY_PATH);
	free(env);
	return -1;
}

void real_enter(void)
{
	const char *handed = getenv(HANDED);
	struct slot *s;
	uint64_t place;
	int slots, actor;

	if (!handed || sscanf(handed, "%d,%" SCNu64 ",%d,%d", &slots, &place, &program, &actor) != 4
	    || actor < 0 || actor >= MAXACTORS || !slots_take(slots, place))
		return;
	s = slot_get(actor);
	if (atomic_load(&s->turn) != ACTOR || s->op.code != OP_exec)
		return;
	unsetenv(HANDED);
	reset_signals();
	s->ret = cred_resume(&s->cred, &s->err);
	give_turn(&s->turn, WORKER);
	serve(s);
}
