/*
 * One process plays every actor: it takes the credentials of whoever acts. No call should sleep then; if
 * one does, a timer that ticks all the time interrupts it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "internal.h"

enum { TICK_US = 200000 };

static volatile sig_atomic_t ticked;
static struct sigaction action_before;
static sigset_t mask_before;

static void tick(int sig)
{
	(void)sig;
	ticked = 1;
}

static void set_timer(long us)
{
	const struct itimerval t = { { 0, us }, { 0, us } };

	setitimer(ITIMER_REAL, &t, NULL);
}

/* The tick is let in only while a call may sleep: the harness's own calls are not interrupted. */
static void let_tick(bool in, sigset_t *before)
{
	sigset_t alarm;

	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	sigprocmask(in ? SIG_UNBLOCK : SIG_BLOCK, &alarm, before);
}

bool solo_open(void)
{
	static bool guarded;
	const struct sigaction sa = { .sa_handler = tick };

	if (!guarded && !slot_guard(slot_get(0)))
		return false;
	guarded = true;
	let_tick(false, &mask_before);
	sigaction(SIGALRM, &sa, &action_before);
	set_timer(TICK_US);
	return true;
}

/* A tick that is pending must not come with the action of before; to ignore it forgets it. */
static void stop_ticking(void)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	set_timer(0);
	sigaction(SIGALRM, &ignore, NULL);
	sigaction(SIGALRM, &action_before, NULL);
	sigprocmask(SIG_SETMASK, &mask_before, NULL);
}

bool real_files(struct real *r, char *err, size_t errsize)
{
	if (r->files || paths_sets()) {
		paths_enter();
		r->umask = r->files ? r->umask : umask(0);
		r->files = true;
		return true;
	}
	snprintf(err, errsize, "no files: %s", strerror(errno));
	return false;
}

static void leave_files(struct real *r)
{
	if (!r->files)
		return;
	nodes_remove_sets();
	paths_leave();
	umask(r->umask);
}

void solo_close(struct real *r)
{
	int err;

	for (int i = 0; i < MAXACTORS; i++)
		for (size_t n = 0; n < r->actor[i].nattached; n++)
			syscall(SYS_shmdt, r->actor[i].attached[n].base);
	stop_ticking();
	leave_files(r);
	cred_take(cred_home(), &err);
}

bool solo_actor(struct real *r, int actor, char *err, size_t errsize)
{
	int number, step = cred_take(&r->actor[actor].cred, &number);

	r->actor[actor].pid = r->actor[actor].tid = getpid();
	if (step)
		cred_explain(step, number, err, errsize);
	return !step;
}

static bool was_interrupted(const struct slot *s)
{
	return ticked && s->ret == -1 && s->err == EINTR;
}

static bool run(struct slot *s)
{
	bool may_sleep = op_may_block(s->op.code);

	ticked = 0;
	if (may_sleep)
		let_tick(true, NULL);
	if (s->op.code == OP_ftok)
		paths_enter();
	call_run(s);
	if (s->op.code == OP_ftok)
		paths_leave();
	if (may_sleep)
		let_tick(false, NULL);
	return !may_sleep || !was_interrupted(s);
}

enum progress solo_call(struct real *r, int actor, struct outcome *out)
{
	struct actor *a = &r->actor[actor];
	int err, step = a->slot->op.code == OP_become ? 0 : cred_take(&a->cred, &err);

	if (step) {
		cred_explain(step, err, r->why, sizeof(r->why));
		return LOST;
	}
	if (run(a->slot))
		return conclude(r, actor, out);
	*out = (struct outcome){ .how = BLOCKED };
	return PARKED;
}
