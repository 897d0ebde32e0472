/* Events of processes and of the environment: they are operations like any other. */
#include <limits.h>
#include <signal.h>

#include "internal.h"

static const struct rule no_rules[] = { { 0 } };

/* ---- become ------------------------------------------------------------------------------------ */

static void become_commit(struct call *c, struct outcome *out)
{
	(void)out;
	credset_apply(&c->task->cred, &c->op->data->cred);
}

const struct action model_become = { .rules = no_rules, .commit = become_commit };

/* ---- fork, exit -------------------------------------------------------------------------------- */

static bool fork_reserve(struct call *c)
{
	return shm_fork_reserve(c, (int)c->op->fork.child);
}

static void fork_commit(struct call *c, struct outcome *out)
{
	int child = (int)c->op->fork.child;

	world_task(c->w, child, &c->task->cred);
	c->w->task[child].ns = c->task->ns;
	shm_fork(c, child);
	out->value = child + 1;
}

const struct action model_fork = { .rules = no_rules, .reserve = fork_reserve, .commit = fork_commit };

/* What the system does for a task that ends; its adjustments come before its attachments. */
static void end_task(struct call *c)
{
	sem_exit(c);
	shm_exit(c);
	c->task->alive = c->task->stopped = c->task->interrupted = false;
}

static void exit_commit(struct call *c, struct outcome *out)
{
	(void)out;
	end_task(c);
}

const struct action model_exit = { .rules = no_rules, .commit = exit_commit };

/* ---- signal ------------------------------------------------------------------------------------ */

static void kill_task(struct call *c, int to)
{
	const struct outcome killed = { .how = FAULTED, .err = SIGKILL };
	struct call dying = *c;

	dying.actor = to;
	dying.task = &c->w->task[to];
	dying.ns = &c->w->ns[dying.task->ns];
	if (dying.task->parked)
		wake(c->w, to, &killed);
	end_task(&dying);
}

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
static void stop(struct call *c, struct task *t)
{
	t->stopped = true;
	if (t->parked && opinfo[t->call.code].family == SEM && switch_of(c->p, SW_semop_stop))
		t->interrupted = true;
}

static void resume(struct call *c, int to)
{
	struct task *t = &c->w->task[to];
	bool stopped = t->stopped;

	t->stopped = false;
	if (t->interrupted)
		interrupt(c->w, to);
	else if (t->parked && stopped)
		begin_again(c->w, c->p, to);
}

static void signal_commit(struct call *c, struct outcome *out)
{
	int to = (int)c->op->signal.to;

	(void)out;
	switch (c->op->signal.signo) {
	case SIGKILL: kill_task(c, to); break;
	case SIGSTOP: stop(c, &c->w->task[to]); break;
	case SIGCONT: resume(c, to); break;
	default: interrupt(c->w, to);
	}
}

const struct action model_signal = { .rules = no_rules, .commit = signal_commit };

/* ---- limit, tick ------------------------------------------------------------------------------- */

/* What the files below /proc/sys/kernel take. */
static const struct { int64_t from, to;
} takes[NLIMITS] = {
	[LIM_msgmni] = { 0, IPCMNI },	     [LIM_msgmax] = { 0, INT_MAX },
	[LIM_msgmnb] = { 0, INT_MAX },	     [LIM_semmsl] = { INT_MIN, INT_MAX },
	[LIM_semmns] = { INT_MIN, INT_MAX }, [LIM_semopm] = { INT_MIN, INT_MAX },
	[LIM_semmni] = { INT_MIN, INT_MAX }, [LIM_shmmax] = { 0, INT64_MAX },
	[LIM_shmall] = { 0, INT64_MAX },     [LIM_shmmni] = { 0, IPCMNI },
	[LIM_msg_next_id] = { 0, INT_MAX },  [LIM_sem_next_id] = { 0, INT_MAX },
	[LIM_shm_next_id] = { 0, INT_MAX },
};

static bool outside(int64_t value, int64_t from, int64_t to)
{
	return value < from || value > to;
}

static bool not_taken(const struct op *op)
{
	return outside(op->limit.value, takes[op->limit.name].from, takes[op->limit.name].to);
}

static bool is_next_id(int64_t name)
{
	return name == LIM_msg_next_id || name == LIM_sem_next_id || name == LIM_shm_next_id;
}

static bool bad_next_id(const struct view *v)
{
	return is_next_id(v->op->limit.name) && not_taken(v->op);
}

static bool bad_limit(const struct view *v)
{
	return !is_next_id(v->op->limit.name) && not_taken(v->op);
}

/* semmni is taken as an int first, and then refused in another way than all others. */
static bool semmni_out_of_range(const struct op *op)
{
	return op->limit.name == LIM_semmni && outside(op->limit.value, 0, IPCMNI);
}

static bool bad_semmni(const struct view *v)
{
	return semmni_out_of_range(v->op);
}

static const struct rule limit_rules[] = {
	{ "LINUX-ID-NEXT-5", EINVAL, bad_next_id, MAY, ONCE, false },
	{ "LINUX-LIM-4", EINVAL, bad_limit, MAY, ONCE, false },
	{ "LINUX-LIM-1", ERANGE, bad_semmni, MAY, ONCE, false },
	{ 0 }
};

/* Where a value out of range is not refused, it is ignored: the limit keeps within its range. */
static void limit_commit(struct call *c, struct outcome *out)
{
	(void)out;
	if (!not_taken(c->op) && !semmni_out_of_range(c->op))
		c->ns->limits.v[c->op->limit.name] = c->op->limit.value;
}

const struct action model_limit = { .rules = limit_rules, .commit = limit_commit };

/* The logical clock moves with every step; a tick has nothing to add. */
static void tick_commit(struct call *c, struct outcome *out)
{
	(void)c;
	(void)out;
}

const struct action model_tick = { .rules = no_rules, .commit = tick_commit };
