/*
 * A process per actor. Actors are forked by a nursery, a process that has no part in any case: it is
 * confined once, and the actors inherit that; and the worker's pages are not copied on its next write after
 * each fork. The worker is the parent of all of them.
 *
 * Whoever has the turn of a slot works, the other sleeps on it as a futex.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

enum {
	PATIENCE = 1,		/* milliseconds before a call that should end is looked at */
	GRACE = 50,		/* milliseconds after which a call sleeps, where sleep cannot be seen */
	LONG_GRACE = 1000,	/* the same, of calls that should end, for who is patient */
	LOOKS = 64,		/* that are made in a row before the next is waited for */
	READONLY = 1,		/* MOUNT_ATTR_RDONLY of linux/mount.h */
	FEW = 30,		/* actors, fewer than are worth that the nursery puts something aside */
};

/* ---- in the nursery -------------------------------------------------------------------------- */

/* Wishes of the worker: to join its IPC namespace, if it is another than before, and to fork an actor. */
struct cradle {
	_Atomic uint32_t turn;
	bool join;
	int actor;
	long pid;			/* the answer; -1 with err */
	int err;
};

static struct {
	pid_t pid;			/* 0: none yet */
	unsigned generation;		/* of the IPC namespace that it is in */
	long births;			/* wished for from it or those before it */
	struct cradle *cradle;
	int worker;			/* pidfd of the worker; -1 where there is none */
} nursery = { .worker = -1 };

static void grant(struct cradle *c)
{
	c->pid = -1;
	if (!c->join || !syscall(SYS_setns, (long)nursery.worker, (long)CLONE_NEWIPC))
		c->pid = actor_clone(c->actor, 0);
	c->err = errno;
}

/*
 * An actor can write to no file but those of paths.c, which are mounted nowhere. Where / is no mount, as in a
 * chroot, there is no more than that it uses no other path.
 */
static bool protect_files(void)
{
	const struct { uint64_t set, clear, propagation, user; } readonly = { .set = READONLY };

	return !unshare(CLONE_NEWNS) && !syscall(SYS_mount_setattr, (long)AT_FDCWD, "/", (long)AT_RECURSIVE,
						 &readonly, sizeof(readonly));
}

const char *const unprotected_text[NPROTECTIONS] = {
	[CONFINED_CALLS] = "the system has no seccomp filters, so that actors could make any call",
	[READ_ONLY_FILES] = "files cannot be made read-only, as in a chroot: fixed names are all there is",
	[OWN_PROCESSES] = "actors have no PID namespace of their own, so that they could signal any process",
};

unsigned box_unprotected(void)
{
	/* the body of a box is the child of the first process there */
	return (confine_possible() ? 0 : BIT(CONFINED_CALLS)) | (protect_files() ? 0 : BIT(READ_ONLY_FILES))
		| (getppid() == 1 ? 0 : BIT(OWN_PROCESSES));
}

static _Noreturn void nurse(struct cradle *c)
{
	uint64_t place;
	int program = program_open(), slots = slots_handed(&place);

	prctl(PR_SET_PDEATHSIG, SIGKILL);	/* for boxes without a PID namespace */
	reset_signals();
	paths_enter();
	protect_files();
	umask(0);
	if (nursery.births > FEW && space_joins())	/* it lives long enough */
		heap_put_aside();
	c->pid = confine(slots, program) ? 0 : -1;
	c->err = errno;
	for (;;) {
		give_turn(&c->turn, WORKER);
		take_turn(&c->turn, ACTOR);
		grant(c);
	}
}

/* ---- the nursery, as the worker sees it ------------------------------------------------------ */

/*
 * Has the process changed its state in that way? As waitpid with WNOHANG says it. On a system that takes no
 * notice of CLONE_PARENT it is a child of somebody who collects it without waiting; its end and state are
 * then looked up.
 */
static bool changed(pid_t pid, int change, int *status)
{
	pid_t got = waitpid(pid, status, change | WNOHANG);
	char state;

	if (got >= 0 || errno != ECHILD)
		return got == pid;
	*status = 0;
	state = process_state(pid);
	return change == WUNTRACED ? state == 'T' : change == WCONTINUED ? state && state != 'T'
		: !state || (state == 'Z' && getppid() != 1);
}

/* Collects a process that changes its state; false when nothing comes of it within the watchdog's time. */
static bool collect(pid_t pid, int change)
{
	int64_t end = clock_ms() + WATCHDOG;
	int status;

	while (!changed(pid, change, &status)) {
		if (clock_ms() > end)
			return false;
		sched_yield();
	}
	return true;
}

static void nursery_end(void)
{
	kill(nursery.pid, SIGKILL);
	collect(nursery.pid, 0);
	nursery.pid = 0;
}

/* The answer of the nursery: a pid, 0 after its start, -1 with errno. */
static long nursery_answer(void)
{
	struct cradle *c = nursery.cradle;
	int64_t end = clock_ms() + WATCHDOG;
	int status;

	while (atomic_load(&c->turn) != WORKER) {
		wait_turn(&c->turn, WORKER, 100);
		if (changed(nursery.pid, 0, &status) || clock_ms() > end) {
			errno = ETIMEDOUT;
			return -1;
		}
	}
	errno = c->err;
	return c->pid;
}

static bool nursery_memory(void)
{
	void *p;

	if (nursery.cradle)
		return true;
	if (!mail_open())
		return false;
	p = mmap(NULL, sizeof(*nursery.cradle), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return false;
	nursery.cradle = p;
#ifdef SYS_pidfd_open
	nursery.worker = (int)syscall(SYS_pidfd_open, (long)getpid(), 0L);
#endif
	return true;
}

static bool nursery_start(void)
{
	if (!nursery_memory())
		return false;
	atomic_store(&nursery.cradle->turn, ACTOR);
	nursery.pid = fork();
	if (nursery.pid == 0)
		nurse(nursery.cradle);
	if (nursery.pid < 0) {
		nursery.pid = 0;
		return false;
	}
	nursery.generation = box_generation();
	if (!nursery_answer())
		return true;
	nursery_end();
	return false;
}

/* It is to be copied without the heap, or cannot come to where we are. */
static bool nursery_is_old(void)
{
	return space_joins() ? nursery.births == FEW : nursery.generation != box_generation();
}

/* A new actor process, or -1 with errno. A nursery that cannot join our namespace is replaced. */
static long bear(int actor)
{
	struct cradle *c;
	long pid;

	if (nursery.pid && nursery_is_old())
		nursery_end();
	nursery.births++;
	if (!nursery.pid && !nursery_start())
		return -1;
	c = nursery.cradle;
	c->actor = actor;
	c->join = nursery.generation != box_generation();
	give_turn(&c->turn, ACTOR);
	pid = nursery_answer();
	if (pid < 0 && c->join) {
		nursery_end();
		return bear(actor);
	}
	nursery.generation = box_generation();
	return pid;
}

/* ---- calls ----------------------------------------------------------------------------------- */

static bool ended(const struct actor *a)
{
	return atomic_load(&a->slot->turn) == WORKER;
}

static bool lives(const struct actor *a)
{
	return a->life == IDLE || a->life == BUSY;
}

/* All threads of a process are dead, but one if it is given. */
static void bury(struct real *r, pid_t pid, const struct actor *but)
{
	for (struct actor *a = r->actor; a < r->actor + MAXACTORS; a++) {
		if (!lives(a) || a->pid != pid || a == but)
			continue;
		a->killed = a->life == BUSY;
		a->life = DEAD;
		a->stopped = false;
	}
}

/* LOST when the process died while it had a call to make. */
static enum progress check_death(struct real *r, int actor)
{
	struct actor *a = &r->actor[actor];
	int status;

	if (!changed(a->pid, 0, &status))
		return DONE;
	bury(r, a->pid, NULL);
	if (WIFSIGNALED(status))
		return lost(r, "actor %d died of signal %d in %s", actor, WTERMSIG(status),
			    opinfo[a->slot->op.code].name);
	return lost(r, "actor %d ended in %s", actor, opinfo[a->slot->op.code].name);
}

/* An instruction of the actor's own: where it comes to no end, the system takes its fault again and again. */
static bool reaches_memory(enum opcode code)
{
	return code == OP_load || code == OP_store;
}

enum { BUSY_YET = -1 };	/* beside enum progress: nothing can be said so far */

static int grace(const struct real *r, bool expect_end)
{
	return r->patient && expect_end ? LONG_GRACE : GRACE;
}

/*
 * What can be said of an actor that has been in its call since then. Where a system tells of a sleep but not
 * of the call, it may tell of it for a moment longer: an end that should come gets time to.
 */
static int rest(struct real *r, int actor, int64_t since, bool expect_end)
{
	struct actor *a = &r->actor[actor];
	const long *numbers = call_sleeps(a->slot->op.code);
	const int64_t waited = clock_ms() - since;
	const enum sight sight = a->stopped ? ASLEEP : *numbers < 0 ? AWAKE
		: eye_look(&a->eye, a->tid, numbers, atomic_load(&a->slot->entered));

	if (ended(a))
		return DONE;
	if (sight == ASLEEP && expect_end && !a->stopped && a->eye.call < 0) {
		if (waited <= grace(r, true))
			return BUSY_YET;
		r->timed = true;
	}
	if (sight == ASLEEP) {
		if (!a->stopped)
			marshal_spoil(a->slot);
		return PARKED;
	}
	if (waited < PATIENCE)
		return BUSY_YET;
	if (check_death(r, actor) == LOST)
		return LOST;
	if (sight == UNSEEN && waited > grace(r, expect_end)) {
		r->timed = true;
		return PARKED;
	}
	if (waited > WATCHDOG && reaches_memory(a->slot->op.code))
		return PARKED;
	if (waited > WATCHDOG)
		return lost(r, "actor %d has neither ended %s nor fallen asleep in it", actor,
			    opinfo[a->slot->op.code].name);
	return BUSY_YET;
}

/*
 * Waits until the actor's call has ended or sleeps. For a call that should sleep it looks, for one that
 * should end it waits: each look takes the processor from the actor, and where calls are slow much of it.
 */
static int await(struct real *r, int actor, bool look)
{
	struct actor *a = &r->actor[actor];
	const int64_t since = clock_ms();
	const bool expect_end = !look;
	int state = BUSY_YET;

	for (int n = 0; state == BUSY_YET; n++) {
		if (look && n < LOOKS)
			sched_yield();
		else
			wait_turn(&a->slot->turn, WORKER, PATIENCE);
		state = ended(a) ? DONE : rest(r, actor, since, expect_end);
	}
	return state;
}

static enum progress answer(struct real *r, int actor, enum progress state, struct outcome *out)
{
	if (state == DONE)
		return conclude(r, actor, out);
	*out = (struct outcome){ .how = BLOCKED };
	return state;
}

static bool other_threads(const struct real *r, const struct actor *of)
{
	for (const struct actor *a = r->actor; a < r->actor + MAXACTORS; a++)
		if (lives(a) && a != of && a->pid == of->pid)
			return true;
	return false;
}

static bool thread_ends(const struct actor *a)
{
	int64_t end = clock_ms() + WATCHDOG;

	while (!thread_gone(a->pid, a->tid)) {
		if (clock_ms() > end)
			return false;
		sched_yield();
	}
	return true;
}

/* The end of a process is complete, with all that the kernel does then, when it can be collected. */
static enum progress call_exit(struct real *r, int actor, struct outcome *out)
{
	struct actor *a = &r->actor[actor];

	if (other_threads(r, a) && !thread_end_shows(a->pid, a->tid))
		return lost(r, "the end of a first thread cannot be seen without /proc");
	if (other_threads(r, a) ? !thread_ends(a) : !collect(a->pid, 0))
		return lost(r, "actor %d does not come to its end", actor);
	a->life = DEAD;
	*out = (struct outcome){ .how = RETURNED };
	return DONE;
}

static void end_process(struct actor *a)
{
	kill(a->pid, SIGKILL);
	collect(a->pid, 0);
	eye_close(&a->eye);
}

/* Somebody else is going to serve the slot of an actor to come. */
static void vacate(int number)
{
	struct actor kept = { .life = ABSENT };

	if (keep_take(&kept, number))
		end_process(&kept);
	atomic_store(&slot_get(number)->turn, WORKER);
}

enum progress actors_call(struct real *r, int actor, bool expect_block, struct outcome *out)
{
	struct actor *a = &r->actor[actor];

	a->life = BUSY;
	if (op_makes_actor(a->slot->op.code))
		vacate((int)a->slot->op.v[0]);
	atomic_store(&a->slot->entered, 0);
	give_turn(&a->slot->turn, ACTOR);
	if (a->slot->op.code == OP_exit && !a->stopped)
		return call_exit(r, actor, out);
	return answer(r, actor, (enum progress)await(r, actor, expect_block), out);
}

enum progress actors_wait(struct real *r, int actor, bool expect_end, int deadline_ms, struct outcome *out)
{
	struct actor *a = &r->actor[actor];
	const int64_t end = clock_ms() + deadline_ms;

	if (a->killed) {
		a->killed = false;
		*out = (struct outcome){ .how = FAULTED, .err = SIGKILL };
		return DONE;
	}
	if (a->life != BUSY)
		return lost(r, "actor %d is in no call", actor);
	while (deadline_ms > 0 && !ended(a) && clock_ms() < end)
		wait_turn(&a->slot->turn, WORKER, end - clock_ms());
	return answer(r, actor, (enum progress)await(r, actor, !expect_end), out);
}

/* ---- lives ----------------------------------------------------------------------------------- */

/* Puts into the actor's slot that it is to become who it is. */
static void prepare_birth(struct actor *a, int actor, int home)
{
	const struct op op = { .code = OP_become, .actor = actor };

	marshal_call(a->slot, &op);
	a->slot->cred = a->cred;
	a->slot->home = home;
}

/* A process of an earlier run serves the actor. If that cannot be done here no other is kept. */
static bool renew(struct real *r, int actor)
{
	struct actor *a = &r->actor[actor];
	struct outcome out;

	if (!keep_take(a, actor))
		return false;
	if (a->generation != box_generation() && !space_joins()) {
		end_process(a);
		return false;
	}
	prepare_birth(a, actor, a->generation == box_generation() ? SAME_HOME : nursery.worker);
	a->generation = box_generation();
	a->life = BUSY;
	give_turn(&a->slot->turn, ACTOR);
	if (answer(r, actor, (enum progress)await(r, actor, false), &out) == DONE)
		return true;
	if (lives(a))
		end_process(a);
	keep_none();
	return false;
}

bool actors_actor(struct real *r, int actor, char *err, size_t errsize)
{
	struct actor *a = &r->actor[actor];
	struct outcome out;
	long pid;

	a->as_new = true;
	if (renew(r, actor))
		return true;
	prepare_birth(a, actor, NO_HOME);
	a->generation = box_generation();
	atomic_store(&a->slot->turn, ACTOR);
	pid = bear(actor);
	if (pid < 0) {
		snprintf(err, errsize, "no process for an actor: %s", strerror(errno));
		a->life = ABSENT;
		return false;
	}
	a->pid = a->tid = (pid_t)pid;
	a->life = BUSY;
	if (answer(r, actor, (enum progress)await(r, actor, false), &out) == DONE)
		return true;
	snprintf(err, errsize, "%s", r->why);
	return false;
}

/* What a signal does to a process by itself, and how that is collected. */
static const struct { int signo, change; } changes[] = {
	{ SIGKILL, 0 }, { SIGSTOP, WUNTRACED }, { SIGCONT, WCONTINUED },
};

static bool changes_nothing(const struct actor *a, int signo)
{
	return (signo == SIGSTOP && a->stopped) || (signo == SIGCONT && !a->stopped);
}

static bool follow_signal(struct real *r, const struct actor *a, int signo)
{
	const pid_t pid = a->pid;

	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++)
		if (changes[i].signo == signo && !changes_nothing(a, signo)
		    && !collect(a->pid, changes[i].change))
			return false;
	if (signo == SIGKILL)
		bury(r, pid, NULL);
	for (struct actor *b = r->actor; b < r->actor + MAXACTORS; b++)
		if (lives(b) && b->pid == pid)
			b->stopped = signo == SIGSTOP || (signo != SIGCONT && b->stopped);
	return true;
}

enum progress actors_signal(struct real *r, int actor, int signo, struct outcome *out)
{
	struct actor *a = &r->actor[actor];

	if (!lives(a))
		return lost(r, "actor %d is no process", actor);
	for (struct actor *b = r->actor; b < r->actor + MAXACTORS; b++) {
		if (b->life == BUSY && b->pid == a->pid)
			marshal_again(b->slot);
		b->as_new = b->as_new && b->pid != a->pid;
	}
	if (syscall(SYS_tgkill, (long)a->pid, (long)a->tid, (long)signo))
		return lost(r, "signal %d cannot be sent: %s", signo, strerror(errno));
	if (!follow_signal(r, a, signo))
		return lost(r, "signal %d had no effect on actor %d", signo, actor);
	*out = (struct outcome){ .how = RETURNED };
	return DONE;
}

void actors_after_exec(struct real *r, int actor)
{
	struct actor *a = &r->actor[actor];

	bury(r, a->pid, a);
	a->tid = a->pid;
	eye_close(&a->eye);
}

void actors_close(struct real *r)
{
	for (int i = 0; i < MAXACTORS; i++)
		if (!keep(&r->actor[i], i) && lives(&r->actor[i]))
			kill(r->actor[i].pid, SIGKILL);
	for (int i = 0; i < MAXACTORS; i++) {
		struct actor *a = &r->actor[i];

		if (lives(a)) {
			collect(a->pid, 0);
			bury(r, a->pid, NULL);
		}
		eye_close(&a->eye);
	}
}
