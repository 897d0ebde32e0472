/* Events of processes and of the environment: they are operations like any other. */
#include <signal.h>
#include <string.h>

#include "internal.h"

static const struct rule no_rules[] = { { 0 } };

/* ---- tasks ------------------------------------------------------------------------------------- */

struct task *new_task(struct world *w, int actor, const struct cred *cred)
{
	struct task *t = &w->task[actor];

	*t = (struct task){
		.alive = true, .cred = *cred, .pid = actor + 1, .tid = actor + 1,
		.memory = NONE, .undo = NONE,
		.rlimit = { [RLIM_MEMLOCK] = MEMLOCK, [RLIM_AS] = NONE },
	};
	return t;
}

static bool number_used(const struct world *w, int (*number_of)(const struct task *t), int number,
			const struct task *but)
{
	for (const struct task *t = w->task; t < w->task + MAXACTORS; t++)
		if (t->alive && t != but && number_of(t) == number)
			return true;
	return false;
}

int unused_number(const struct world *w, int (*number_of)(const struct task *t), int preferred)
{
	int number = 0;

	if (!number_used(w, number_of, preferred, NULL))
		return preferred;
	while (number_used(w, number_of, number, NULL))
		number++;
	return number;
}

bool number_shared(const struct world *w, int (*number_of)(const struct task *t), const struct task *t)
{
	return number_of(t) >= 0 && number_used(w, number_of, number_of(t), t);
}

/* ---- become ------------------------------------------------------------------------------------ */

static void become_commit(struct call *c, struct outcome *out)
{
	(void)out;
	credset_apply(&c->task->cred, &c->op->data->cred);
}

const struct action model_become = { .rules = no_rules, .commit = become_commit };

/* ---- fork, clone, thread ----------------------------------------------------------------------- */

static bool fork_reserve(struct call *c)
{
	return memory_copy_reserve(c, (int)c->op->v[0]);
}

/* A child with the caller's credentials and a copy of its memory, but no adjustments: LINUX-UNDO-11. */
static void fork_commit(struct call *c, struct outcome *out)
{
	int child = (int)c->op->v[0];

	world_task(c->w, child, &c->task->cred);
	c->w->task[child].in = c->task->in;
	memcpy(c->w->task[child].rlimit, c->task->rlimit, sizeof(c->task->rlimit));
	memory_copy(c, &c->w->task[child]);
	out->value = child + 1;
}

const struct action model_fork = { .rules = no_rules, .reserve = fork_reserve, .commit = fork_commit };

/* A list is about the sets of one namespace. A system that lets the child go to another gives it none. */
static void clone_commit(struct call *c, struct outcome *out)
{
	int64_t flags = c->op->clone.flags;

	fork_commit(c, out);
	if (flags & CLONE_SYSVSEM && !(flags & CLONE_NEWIPC))
		undo_share(c, &c->w->task[c->op->clone.child]);
	clone_spaces(c, &c->w->task[c->op->clone.child]);
}

const struct action model_clone = { .rules = clone_rules, .reserve = fork_reserve, .commit = clone_commit };

/* Threads share everything but credentials, which are each one's own. */
static void thread_commit(struct call *c, struct outcome *out)
{
	int child = (int)c->op->thread.child;
	struct task *t = new_task(c->w, child, &c->task->cred);

	t->pid = c->task->pid;
	t->in = c->task->in;
	memcpy(t->rlimit, c->task->rlimit, sizeof(t->rlimit));
	t->memory = c->task->memory;
	undo_share(c, t);
	out->value = child + 1;
}

const struct action model_thread = { .rules = no_rules, .commit = thread_commit };

/* ---- exit, exec -------------------------------------------------------------------------------- */

bool process_lives(const struct world *w, int pid)
{
	for (const struct task *t = w->task; t < w->task + MAXACTORS; t++)
		if (t->alive && t->pid == pid)
			return true;
	return false;
}

/* A thread has a stack, and a program is mapped: how much memory that takes is not known. */
bool process_ready(const struct world *w, const struct op *op, char *why, size_t size)
{
	const struct task *t = op->actor < 0 ? NULL : &w->task[op->actor];

	if (op->code != OP_thread && op->code != OP_exec)
		return true;
	if (t->rlimit[RLIM_AS] != NONE)
		return broken(why, size, "what %s maps counts against RLIMIT_AS", opinfo[op->code].name);
	if (op->code == OP_thread && cmemory_of(w, t)->locks_all)
		return broken(why, size, "the stack of the thread would be locked");
	return true;
}

/* What the system does for a thread that ends; adjustments come before what it has attached or created. */
static void end_task(struct call *c)
{
	undo_leave(c);
	memory_leave(c);
	shm_orphan(c);
	c->task->alive = c->task->stopped = c->task->interrupted = false;
}

/* The other threads of the process go on. */
static void exit_commit(struct call *c, struct outcome *out)
{
	(void)out;
	end_task(c);
}

const struct action model_exit = { .rules = no_rules, .commit = exit_commit };

static void kill_task(struct call *c, int to)
{
	const struct outcome killed = { .how = FAULTED, .err = SIGKILL };
	struct call dying = *c;

	dying.actor = to;
	dying.task = &c->w->task[to];
	dying.ns = &c->w->ns[dying.task->in.ipc];
	dying.memory = memory_of(c->w, dying.task);
	if (dying.task->parked)
		wake(c->w, to, &killed);
	end_task(&dying);
}

/* Ends all threads of a process but one, or but none (NULL). */
static void kill_process(struct call *c, int pid, const struct task *but)
{
	for (int i = 0; i < MAXACTORS; i++) {
		const struct task *t = &c->w->task[i];

		if (t->alive && t->pid == pid && t != but)
			kill_task(c, i);
	}
}

/*
 * The caller is left alone in its process, whose id becomes its own, with its undo list and an empty address
 * space. Credentials stay, but that the effective ids are saved.
 */
static void exec_commit(struct call *c, struct outcome *out)
{
	struct task *t = c->task;
	struct cred *cred = &t->cred;
	uint32_t umask = c->memory->umask;

	(void)out;
	kill_process(c, t->pid, t);
	t->tid = t->pid;
	cred->suid = cred->fsuid = cred->euid;
	cred->sgid = cred->fsgid = cred->egid;
	if (!switch_of(c->p, SW_exec_keeps_undo))
		undo_leave(c);
	if (!switch_of(c->p, SW_exec_detaches)) {
		memory_close(c->memory);
		return;
	}
	memory_leave(c);
	memory_new(c->w, c->actor);
	memory_of(c->w, t)->umask = umask;
}

const struct action model_exec = { .rules = no_rules, .commit = exec_commit };

static void unshare_sysvsem_commit(struct call *c, struct outcome *out)
{
	(void)out;
	undo_leave(c);
}

const struct action model_unshare_sysvsem = { .rules = no_rules, .commit = unshare_sysvsem_commit };

/* ---- signal ------------------------------------------------------------------------------------ */

/*
 * A handled signal ends any sleep with EINTR, whatever SA_RESTART says: LINUX-MSG-SIG-1, LINUX-SEMOP-SIG-1.
 */
static void interrupt(struct world *w, int to)
{
	const struct outcome interrupted = { .how = FAILED, .err = EINTR };
	struct task *t = &w->task[to];

	t->interrupted = t->parked && t->stopped;
	if (queued(t))
		wake(w, to, &interrupted);
}

/* Nobody handles the signal, and yet it ends a sleeping semop: LINUX-SEMOP-SIG-2. */
static void stop(struct call *c, int to)
{
	struct task *t = &c->w->task[to];

	t->stopped = true;
	if (t->parked && opinfo[t->call.code].family == SEM && switch_of(c->p, SW_semop_stop))
		t->interrupted = true;
}

/* What it slept on may be gone since it was stopped. */
static void sleep_on(struct call *c, int to)
{
	const struct outcome removed = { .how = FAILED, .err = EIDRM };

	if (!view_of(c->w, &c->w->task[to].call, c->p, NULL).perm)
		wake(c->w, to, &removed);
}

static void resume(struct call *c, int to)
{
	enum { MADE_AGAIN, GOES_ON } how = switch_of(c->p, SW_stopped_sleep);
	struct task *t = &c->w->task[to];
	bool stopped = t->stopped;

	t->stopped = false;
	if (t->interrupted)
		interrupt(c->w, to);
	else if (t->parked && stopped && how == GOES_ON)
		sleep_on(c, to);
	else if (t->parked && stopped)
		begin_again(c->w, c->p, to);
}

/* What stops a thread, or lets it go on, does so to its whole process. */
static void signal_process(struct call *c, int pid, void (*change)(struct call *c, int to))
{
	for (int i = 0; i < MAXACTORS; i++)
		if (c->w->task[i].alive && c->w->task[i].pid == pid)
			change(c, i);
}

/* A signal that is handled goes to the thread that it is sent to. */
static void signal_commit(struct call *c, struct outcome *out)
{
	int to = (int)c->op->signal.to, pid = c->w->task[to].pid;

	(void)out;
	switch (c->op->signal.signo) {
	case SIGKILL: kill_process(c, pid, NULL); break;
	case SIGSTOP: signal_process(c, pid, stop); break;
	case SIGCONT: signal_process(c, pid, resume); break;
	default: interrupt(c->w, to);
	}
}

const struct action model_signal = { .rules = no_rules, .commit = signal_commit };

/* ---- tick -------------------------------------------------------------------------------------- */

/* The logical clock moves with every step; a tick has nothing to add. */
const struct action model_tick = { .rules = no_rules, .commit = do_nothing };
