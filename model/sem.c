/* Semaphore sets. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* ---- arrays of operations ----------------------------------------------------------------------- */

/* The number of operations that the caller claims to hand over. */
static uint64_t claimed_ops(const struct view *v)
{
	uint64_t n = v->op->data->sops.n + (uint64_t)v->op->data->excess;

	return switch_of(v->p, SW_nsops_width) ? n : (uint32_t)n;
}

size_t nops(const struct op *op)
{
	uint32_t claimed = (uint32_t)(op->data->sops.n + (uint64_t)op->data->excess);

	return claimed < op->data->sops.n ? claimed : op->data->sops.n;
}

/* Is there an operation that alters, or one that waits for zero? */
static bool some_op(const struct op *op, bool altering)
{
	for (size_t i = 0; i < nops(op); i++)
		if ((op->data->sops.v[i].op != 0) == altering)
			return true;
	return false;
}

/* ---- semget ------------------------------------------------------------------------------------- */

static bool size_out_of_range(const struct view *v)
{
	int64_t nsems = v->op->semget.nsems, max = limit_of(v->ns, LIM_semmsl);

	if (nsems >= 0 && nsems <= max)
		return false;
	note(v, "nsems %lld is not in 0..semmsl %lld", (long long)nsems, (long long)max);
	return true;
}

static bool set_too_small(const struct view *v)
{
	if (!the_set(v) || v->op->semget.nsems <= (int64_t)the_set(v)->nsems)
		return false;
	note(v, "the set has %zu semaphores, %lld are asked for", the_set(v)->nsems,
	     (long long)v->op->semget.nsems);
	return true;
}

static bool no_size_to_create(const struct view *v)
{
	if (!creating(v) || (v->op->semget.nsems && !size_out_of_range(v)))
		return false;
	note(v, "a set of %lld semaphores cannot be created", (long long)v->op->semget.nsems);
	return true;
}

static int64_t semaphores_in_use(const struct namespace *ns)
{
	const struct table *t = &ns->table[SEM];
	int64_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += (int64_t)((const struct semset *)t->obj[i])->nsems;
	return n;
}

static bool too_many_semaphores(const struct view *v)
{
	int64_t used = semaphores_in_use(v->ns), max = limit_of(v->ns, LIM_semmns);

	if (!creating(v) || v->op->semget.nsems <= max - used)
		return false;
	note(v, "%lld semaphores exist, %lld more are asked for, semmns is %lld", (long long)used,
	     (long long)v->op->semget.nsems, (long long)max);
	return true;
}

static const struct rule semget_rules[] = {
	{ "LINUX-SEMGET-ORD-1", EINVAL, size_out_of_range, MAY, ONCE, false },
	{ "SEMGET-ERR-ENOENT", ENOENT, key_unknown, SHALL, ONCE, false },
	{ "SEMGET-ERR-EEXIST", EEXIST, key_taken, SHALL, ONCE, false },
	{ "SEMGET-ERR-EINVAL-2", EINVAL, set_too_small, SHALL, ONCE, false },
	{ "SEMGET-ERR-EACCES", EACCES, may_not_get, SHALL, ONCE, false },
	MAY_NOT_GET_TO_EXECUTE,
	{ "SEMGET-ERR-EINVAL-1", EINVAL, no_size_to_create, SHALL, ONCE, false },
	{ "SEMGET-ERR-ENOSPC", ENOSPC, too_many_semaphores, SHALL, ONCE, false },
	{ "SEMGET-ERR-ENOSPC", ENOSPC, table_full, SHALL, ONCE, false },
	{ 0 }
};

/* Semaphores of a set to be created. Also a size that its rule refuses must not ask for the moon here. */
static size_t new_nsems(const struct call *c)
{
	int64_t n = c->op->semget.nsems, max = limit_of(c->ns, LIM_semmsl);

	n = n < max ? n : max;
	return n < 0 ? 0 : (size_t)n;
}

static bool semget_reserve(struct call *c)
{
	size_t size = sizeof(struct semset) + new_nsems(c) * sizeof(struct sem);

	return c->perm || (table_reserve(&c->ns->table[SEM]) && reserve_object(c->w, size));
}

static void semget_commit(struct call *c, struct outcome *out)
{
	struct semset *s;

	if (c->perm) {
		out->value = c->perm->id;
		return;
	}
	s = take_reserved(c->w);
	s->nsems = new_nsems(c);
	s->sems = (struct sem *)(s + 1);
	table_enter(c, &s->perm, c->op->semget.flg);
	out->value = s->perm.id;
}

const struct action model_semget = {
	.find = FIND_KEY, .rules = semget_rules, .reserve = semget_reserve, .commit = semget_commit,
	.failed = get_failed,
};

/* ---- semop: what it asks for -------------------------------------------------------------------- */

static bool has_timeout(const struct op *op)
{
	return op->data->timeout.given && op->data->timeout.where != P_NULL;
}

static bool timeout_unreadable(const struct view *v)
{
	return has_timeout(v->op) && !readable(v->op->data->timeout.where, 16);
}

static bool timeout_invalid(const struct view *v)
{
	int64_t sec = v->op->data->timeout.sec, nsec = v->op->data->timeout.nsec;

	if (!has_timeout(v->op) || (sec >= 0 && nsec >= 0 && nsec <= 999999999))
		return false;
	note(v, "a timeout of %lld s and %lld ns is no time", (long long)sec, (long long)nsec);
	return true;
}

/* The limit is signed, and compared as if it were not. */
static bool too_many_ops(const struct view *v)
{
	uint64_t n = claimed_ops(v);
	int64_t max = limit_of(v->ns, LIM_semopm);

	if (n <= (uint64_t)max)
		return false;
	note(v, "%llu operations are more than semopm %lld", (unsigned long long)n, (long long)max);
	return true;
}

static bool no_ops(const struct view *v)
{
	return !claimed_ops(v) && !switch_of(v->p, SW_nsops_zero);
}

static bool ops_unreadable(const struct view *v)
{
	enum { SEMBUF = 6 };		/* bytes */
	const struct payload *d = v->op->data;

	return claimed_ops(v) > d->sops.n || !readable(d->where, SEMBUF * nops(v->op));
}

static bool semaphore_outside(const struct view *v)
{
	const struct sop *sops = v->op->data->sops.v;

	for (size_t i = 0; the_set(v) && i < nops(v->op); i++) {
		if (sops[i].num < the_set(v)->nsems)
			continue;
		note(v, "operation %zu names semaphore %d, the set has %zu", i, sops[i].num,
		     the_set(v)->nsems);
		return true;
	}
	return false;
}

static int requested_by_ops(const struct view *v)
{
	enum { ALTER_OR_READ, EACH, ALTER } way = switch_of(v->p, SW_semop_access);
	bool alters = some_op(v->op, true), reads = some_op(v->op, false);

	if (way == EACH)
		return W * alters | R * reads;
	return alters || way == ALTER ? W : R;
}

static bool may_not_operate(const struct view *v)
{
	return v->perm && !access_granted(v, v->perm, requested_by_ops(v));
}

static bool may_operate_no_more(const struct view *v)
{
	return switch_of(v->p, SW_semop_recheck) && may_not_operate(v);
}

/* ---- semop: whether it can go on ---------------------------------------------------------------- */

/* How an operation fares when those before it in the array have been applied. */
enum fate { PROCEEDS, WAITS, TOO_HIGH, UNDOES_TOO_MUCH };

static enum fate fate_of(const struct view *v, size_t i)
{
	const struct sop *sops = v->op->data->sops.v, *o = &sops[i];
	const struct undo *u = undo_of(the_set(v), v->task->undo);
	int64_t val, adj;

	if (o->num >= the_set(v)->nsems)
		return PROCEEDS;
	val = the_set(v)->sems[o->num].val;
	adj = u ? u->adj[o->num] : 0;
	for (size_t j = 0; j < i; j++) {
		val += sops[j].num == o->num ? sops[j].op : 0;
		adj -= sops[j].num == o->num && sops[j].flg & SEM_UNDO ? sops[j].op : 0;
	}
	if (o->op == 0 ? val != 0 : val + o->op < 0)
		return WAITS;
	if (val + o->op > SEMVMX)
		return TOO_HIGH;
	adj -= o->op;
	return o->flg & SEM_UNDO && (adj < -SEMAEM - 1 || adj > SEMAEM) ? UNDOES_TOO_MUCH : PROCEEDS;
}

/*
 * Who sleeps for zeros alone is not looked at after a change that left no semaphore at 0, so that neither
 * its count moves nor an IPC_NOWAIT further ahead takes effect.
 */
static bool left_alone(const struct view *v)
{
	return v->task->parked && !the_set(v)->zeroed && !some_op(v->op, true);
}

struct decision { size_t at; enum fate fate; };

/* The first operation in the array that cannot proceed decides for all; past the last when none is. */
static struct decision decision_of(const struct view *v)
{
	struct decision d = { 0, PROCEEDS };

	if (left_alone(v))
		return (struct decision){ v->task->blocker, WAITS };
	for (; the_set(v) && d.at < nops(v->op); d.at++) {
		d.fate = fate_of(v, d.at);
		if (d.fate != PROCEEDS)
			break;
	}
	return d;
}

static void note_decision(const struct view *v, struct decision d)
{
	static const char *const words[] = {
		[PROCEEDS] = "can proceed", [WAITS] = "cannot proceed",
		[TOO_HIGH] = "would exceed the highest value",
		[UNDOES_TOO_MUCH] = "would make the adjustment too large",
	};
	const struct sop *o = &v->op->data->sops.v[d.at];

	note(v, "semaphore %d has the value %d: operation %zu, %+d%s, %s", o->num,
	     the_set(v)->sems[o->num].val, d.at, o->op, o->flg & IPC_NOWAIT ? " with IPC_NOWAIT" : "",
	     words[d.fate]);
}

static bool decided_by(const struct view *v, enum fate fate, bool nowait_only)
{
	const struct decision d = decision_of(v);

	if (d.fate != fate || (nowait_only && !(v->op->data->sops.v[d.at].flg & IPC_NOWAIT)))
		return false;
	note_decision(v, d);
	return true;
}

static bool value_too_high(const struct view *v)
{
	return decided_by(v, TOO_HIGH, false);
}

static bool adjustment_too_large(const struct view *v)
{
	return decided_by(v, UNDOES_TOO_MUCH, false);
}

static bool must_wait(const struct view *v)
{
	return decided_by(v, WAITS, false);
}

static bool may_not_wait(const struct view *v)
{
	return decided_by(v, WAITS, true);
}

static bool no_time_to_wait(const struct view *v)
{
	const struct payload *d = v->op->data;

	return has_timeout(v->op) && !d->timeout.sec && !d->timeout.nsec && must_wait(v);
}

/* POSIX does not say which operation is looked at first: any of them may be refused. */
static bool any_out_of_range(const struct view *v)
{
	for (size_t i = 0; the_set(v) && i < nops(v->op); i++)
		if (fate_of(v, i) == TOO_HIGH || fate_of(v, i) == UNDOES_TOO_MUCH)
			return true;
	return false;
}

static bool any_may_not_wait(const struct view *v)
{
	for (size_t i = 0; the_set(v) && i < nops(v->op); i++)
		if (v->op->data->sops.v[i].flg & IPC_NOWAIT && fate_of(v, i) == WAITS)
			return true;
	return false;
}

/* A system may limit how many semaphores a process can ask SEM_UNDO for, and how many processes can. */
static bool one_more_adjustment(const struct view *v)
{
	const struct undo *u = the_set(v) ? undo_of(the_set(v), v->task->undo) : NULL;
	const struct sop *sops = v->op->data->sops.v;

	for (size_t i = 0; the_set(v) && i < nops(v->op); i++)
		if (sops[i].flg & SEM_UNDO && sops[i].num < the_set(v)->nsems && !(u && u->adj[sops[i].num]))
			return true;
	return false;
}

static bool one_more_undoer(const struct view *v)
{
	const struct table *t = &v->ns->table[SEM];

	for (size_t i = 0; i < t->n; i++)
		if (undo_of((const struct semset *)t->obj[i], v->task->undo))
			return false;
	return the_set(v) && wants_undo(v->op);
}

#define ARRAY_RULES \
	ALIGNED, \
	{ "SEMOP-ERR-E2BIG", E2BIG, too_many_ops, SHALL, ONCE, false }, \
	{ "LINUX-SEMOP-NOPS-1", EINVAL, no_ops, MAY, ONCE, false }, \
	{ "LINUX-SEMOP-ORD-3", EFAULT, ops_unreadable, MAY, ONCE, false }, \
	{ "LINUX-ID-NEG-1", EINVAL, negative_id, SHALL, ONCE, false }

#define SET_RULES \
	{ "SEMOP-ERR-EINVAL-1", EINVAL, no_such_id, SHALL, ONCE, false }, \
	{ "SEMOP-ERR-EFBIG", EFBIG, semaphore_outside, SHALL, ONCE, false }, \
	{ "SEMOP-ERR-EACCES", EACCES, may_not_operate, SHALL, ONCE, false }, \
	{ "SEMOP-ERR-EACCES", EACCES, may_operate_no_more, MAY, RECHECK, false }, \
	{ "SEMOP-ERR-ERANGE-1", ERANGE, value_too_high, SHALL, RECHECK, false }, \
	{ "SEMOP-ERR-ERANGE-2", ERANGE, adjustment_too_large, SHALL, RECHECK, false }, \
	{ "SEMOP-ERR-EAGAIN", EAGAIN, may_not_wait, SHALL, RECHECK, false }, \
	{ "SEMOP-ERR-ERANGE-1", ERANGE, any_out_of_range, MAY, ONCE, true }, \
	{ "SEMOP-ERR-EAGAIN", EAGAIN, any_may_not_wait, MAY, ONCE, true }, \
	{ "SEMOP-ERR-EINVAL-2", EINVAL, one_more_adjustment, MAY, ONCE, true }, \
	{ "SEMOP-ERR-ENOSPC", ENOSPC, one_more_undoer, MAY, ONCE, true }

static const struct rule semop_rules[] = { ARRAY_RULES, SET_RULES, { 0 } };

static const struct rule semtimedop_rules[] = {
	{ "LINUX-SEMOP-ORD-1", EFAULT, timeout_unreadable, MAY, ONCE, false },
	ARRAY_RULES,
	{ "LINUX-SEMOP-ORD-4", EINVAL, timeout_invalid, MAY, ONCE, false },
	SET_RULES,
	{ "LINUX-SEMTIMED-1", EAGAIN, no_time_to_wait, MAY, ONCE, false },
	{ 0 }
};

/* ---- semop: what it does ------------------------------------------------------------------------ */

/* Applies the first n operations. A value has 16 bits wherever it is kept, and so has an adjustment. */
static void perform(struct call *c, size_t n)
{
	struct semset *s = (struct semset *)c->perm;
	const struct sop *sops = c->op->data->sops.v;
	struct undo *u = undo_of(s, c->task->undo);

	for (size_t i = 0; i < n; i++) {
		const struct sop *o = &sops[i];

		if (o->num >= s->nsems)
			continue;
		s->sems[o->num].val = (uint16_t)(s->sems[o->num].val + o->op);
		if (o->op || switch_of(c->p, SW_zero_op_sets_sempid))
			s->sems[o->num].pid = c->task->pid;
		if (u && o->flg & SEM_UNDO)
			u->adj[o->num] = (int16_t)(u->adj[o->num] - o->op);
	}
}

/* For left_alone(): of a semop only the semaphores that it names are looked at. */
static bool names_a_zero(const struct call *c)
{
	const struct semset *s = (const struct semset *)c->perm;
	const struct sop *sops = c->op->data->sops.v;

	for (size_t i = 0; i < nops(c->op); i++)
		if (sops[i].num < s->nsems && !s->sems[sops[i].num].val)
			return true;
	return false;
}

static void semop_commit(struct call *c, struct outcome *out)
{
	struct semset *s = (struct semset *)c->perm;

	(void)out;
	undo_begin(c);
	perform(c, nops(c->op));
	s->otime = c->w->now;
	if (some_op(c->op, true))
		s->zeroed = names_a_zero(c);
}

/* It falls asleep, or sleeps on after a second look. */
static void semop_slept(struct call *c)
{
	const struct view v = view_of(c->w, c->op, c->p, NULL);

	undo_begin(c);
	c->task->blocker = decision_of(&v).at;
}

/* Only failures that come after the id and the record were looked up leave a record. */
static void semop_failed(struct call *c, int err)
{
	const struct view v = view_of(c->w, c->op, c->p, NULL);
	bool refused = err == EFBIG || err == EACCES, undecided = err == ERANGE || err == EAGAIN;

	if (undecided || (refused && switch_of(c->p, SW_refused_undo_recorded)))
		undo_begin(c);
	if (undecided && c->perm && !switch_of(c->p, SW_semop_atomic))
		perform(c, decision_of(&v).at);
}

const struct action model_semop = {
	.find = FIND_ID, .rules = semop_rules, .waits = must_wait, .reserve = undo_reserve,
	.commit = semop_commit, .failed = semop_failed, .slept = semop_slept,
};

const struct action model_semtimedop = {
	.find = FIND_ID, .rules = semtimedop_rules, .waits = must_wait, .reserve = undo_reserve,
	.commit = semop_commit, .failed = semop_failed, .slept = semop_slept,
};

/* ---- semop: those who sleep in it --------------------------------------------------------------- */

static bool sleeps_on(const struct task *t, const struct perm *perm)
{
	return queued(t) && t->in.ipc == perm->ns && opinfo[t->call.code].family == SEM
		&& t->call.v[0] == perm->id;
}

/* Single waits for zero, then arrays of them, then calls that alter: LINUX-SEMOP-FIFO-3. */
int sem_wake_class(const struct op *op)
{
	enum { SINGLE_ZERO, ZEROS, ALTERING };

	if (opinfo[op->code].family != SEM)
		return SINGLE_ZERO;
	if (some_op(op, true))
		return ALTERING;
	return nops(op) > 1 ? ZEROS : SINGLE_ZERO;
}

/* Operations on semaphore num that task t sleeps for; for zero, or for the value to rise. */
static int64_t waits_of(const struct call *c, const struct task *t, int64_t num, bool zero)
{
	const struct view v = view_of(c->w, &t->call, c->p, NULL);
	const size_t first = decision_of(&v).at;
	const struct sop *sops = t->call.data->sops.v;
	int64_t n = 0;

	for (size_t i = 0; i < nops(&t->call); i++)
		if (sops[i].num == num && (zero ? sops[i].op == 0 : sops[i].op < 0)
		    && (i == first || switch_of(c->p, SW_sem_counts)))
			n++;
	return n;
}

static int64_t sleepers(const struct call *c, int64_t num, bool zero)
{
	int64_t n = 0;

	for (int i = 0; i < MAXACTORS; i++)
		if (sleeps_on(&c->w->task[i], c->perm))
			n += waits_of(c, &c->w->task[i], num, zero);
	return n;
}

/* ---- semctl: one semaphore ---------------------------------------------------------------------- */

/* The semaphore that a command names by its second argument, or NULL. */
static struct sem *named_sem(const struct semset *s, const struct op *op)
{
	return op->v[1] >= 0 && op->v[1] < (int64_t)s->nsems ? &s->sems[op->v[1]] : NULL;
}

static bool no_such_num(const struct view *v)
{
	if (!the_set(v) || named_sem(the_set(v), v->op))
		return false;
	note(v, "the set has %zu semaphores, the call names number %lld", the_set(v)->nsems,
	     (long long)v->op->v[1]);
	return true;
}

/* Permission comes before the number: LINUX-SEMCTL-GET-1. */
static const struct rule semctl_GET_rules[] = {
	{ "SEMCTL-ERR-EINVAL", EINVAL, no_such_id, SHALL, ONCE, false },
	{ "SEMCTL-ERR-EACCES", EACCES, may_not_read, SHALL, ONCE, false },
	{ "SEMCTL-ERR-EINVAL", EINVAL, no_such_num, SHALL, ONCE, false },
	{ 0 }
};

static void semctl_GETVAL_commit(struct call *c, struct outcome *out)
{
	const struct sem *sem = named_sem((struct semset *)c->perm, c->op);

	out->value = sem ? sem->val : 0;
}

const struct action model_semctl_GETVAL = {
	.find = FIND_ID, .rules = semctl_GET_rules, .commit = semctl_GETVAL_commit,
};

static void semctl_GETPID_commit(struct call *c, struct outcome *out)
{
	const struct sem *sem = named_sem((struct semset *)c->perm, c->op);

	out->value = sem ? sem->pid : 0;
}

const struct action model_semctl_GETPID = {
	.find = FIND_ID, .rules = semctl_GET_rules, .commit = semctl_GETPID_commit,
};

static void semctl_GETNCNT_commit(struct call *c, struct outcome *out)
{
	out->value = sleepers(c, c->op->semctl_GETNCNT.num, false);
}

const struct action model_semctl_GETNCNT = {
	.find = FIND_ID, .rules = semctl_GET_rules, .commit = semctl_GETNCNT_commit,
};

static void semctl_GETZCNT_commit(struct call *c, struct outcome *out)
{
	out->value = sleepers(c, c->op->semctl_GETZCNT.num, true);
}

const struct action model_semctl_GETZCNT = {
	.find = FIND_ID, .rules = semctl_GET_rules, .commit = semctl_GETZCNT_commit,
};

/* The argument is a union, of which this command takes the int: LINUX-SEMCTL-SETVAL-6. */
static int32_t new_value(const struct op *op)
{
	return (int32_t)op->semctl_SETVAL.val;
}

static bool new_value_out_of_range(const struct view *v)
{
	int32_t val = new_value(v->op);

	if (val >= 0 && val <= SEMVMX)
		return false;
	note(v, "the value %d is not in 0..%d", val, SEMVMX);
	return true;
}

/* The value comes before the id, and the number before permission: LINUX-SEMCTL-SETVAL-1, -2. */
static const struct rule semctl_SETVAL_rules[] = {
	{ "LINUX-SEMCTL-SETVAL-5", EINVAL, negative_id, SHALL, ONCE, false },
	{ "SEMCTL-ERR-ERANGE", ERANGE, new_value_out_of_range, SHALL, ONCE, false },
	{ "SEMCTL-ERR-EINVAL", EINVAL, no_such_id, SHALL, ONCE, false },
	{ "SEMCTL-ERR-EINVAL", EINVAL, no_such_num, SHALL, ONCE, false },
	{ "SEMCTL-ERR-EACCES", EACCES, may_not_write, SHALL, ONCE, false },
	{ 0 }
};

void name_changer(const struct call *c, enum profile_switch s, struct sem *sem)
{
	enum { UNTOUCHED, SET, OPEN } way = switch_of(c->p, s);

	if (way != UNTOUCHED)
		sem->pid = way == SET ? c->task->pid : PID_ANY;
}

/* Gives n semaphores, from number at on, the values v, of which there are nv; the others become 0. */
static void overwrite(struct call *c, size_t at, size_t n, const uint16_t *v, size_t nv)
{
	struct semset *s = (struct semset *)c->perm;

	for (size_t i = 0; i < n; i++) {
		s->sems[at + i].val = i < nv ? v[i] : 0;
		name_changer(c, SW_setval_sempid, &s->sems[at + i]);
	}
	for (size_t u = 0; u < s->nundos && switch_of(c->p, SW_setval_clears_undo); u++)
		memset(&s->undos[u].adj[at], 0, n * sizeof(*s->undos[u].adj));
	if (switch_of(c->p, SW_setval_ctime))
		c->perm->ctime = c->w->now;
	s->zeroed = any_zero(s);
}

static void semctl_SETVAL_commit(struct call *c, struct outcome *out)
{
	const uint16_t val = (uint16_t)new_value(c->op);

	(void)out;
	if (named_sem((struct semset *)c->perm, c->op))
		overwrite(c, (size_t)c->op->semctl_SETVAL.num, 1, &val, 1);
}

const struct action model_semctl_SETVAL = {
	.find = FIND_ID, .rules = semctl_SETVAL_rules, .commit = semctl_SETVAL_commit,
};

/* ---- semctl: all semaphores --------------------------------------------------------------------- */

/* Where there is no set, at least one value is asked for. */
static size_t bytes_of_values(const struct view *v)
{
	return (the_set(v) ? the_set(v)->nsems : 1) * sizeof(uint16_t);
}

static bool no_place_for_values(const struct view *v)
{
	return !writable(out_place(v->op), bytes_of_values(v));
}

/* The number of a semaphore is not looked at: LINUX-SEMCTL-ALL-1. */
static const struct rule semctl_GETALL_rules[] = {
	ALIGNED,
	{ "SEMCTL-ERR-EINVAL", EINVAL, no_such_id, SHALL, ONCE, false },
	{ "SEMCTL-ERR-EACCES", EACCES, may_not_read, SHALL, ONCE, false },
	{ "SEMCTL-GETALL-1", EFAULT, no_place_for_values, MAY, ONCE, false },
	{ 0 }
};

static bool semctl_GETALL_reserve(struct call *c)
{
	struct world *w = c->w;

	return !c->perm || grow(&w->vals, &w->capvals, ((struct semset *)c->perm)->nsems, sizeof(*w->vals));
}

static void semctl_GETALL_commit(struct call *c, struct outcome *out)
{
	const struct semset *s = (const struct semset *)c->perm;

	for (size_t i = 0; i < s->nsems; i++)
		c->w->vals[i] = (uint16_t)s->sems[i].val;
	out->vals = c->w->vals;
	out->nvals = s->nsems;
}

const struct action model_semctl_GETALL = {
	.find = FIND_ID, .rules = semctl_GETALL_rules, .reserve = semctl_GETALL_reserve,
	.commit = semctl_GETALL_commit,
};

static bool values_unreadable(const struct view *v)
{
	return !readable(v->op->data->where, bytes_of_values(v));
}

/* Values before the first that is too high. Those past the last semaphore are not read. */
static size_t good_values(const struct semset *s, const struct payload *d)
{
	size_t n = d->vals.n < s->nsems ? d->vals.n : s->nsems, i = 0;

	while (i < n && d->vals.v[i] <= SEMVMX)
		i++;
	return i < n ? i : s->nsems;
}

static bool some_value_out_of_range(const struct view *v)
{
	size_t good;

	if (!the_set(v))
		return false;
	good = good_values(the_set(v), v->op->data);
	if (good == the_set(v)->nsems)
		return false;
	note(v, "value %zu, %d, is above %d", good, v->op->data->vals.v[good], SEMVMX);
	return true;
}

static const struct rule semctl_SETALL_rules[] = {
	ALIGNED,
	{ "SEMCTL-ERR-EINVAL", EINVAL, no_such_id, SHALL, ONCE, false },
	{ "SEMCTL-ERR-EACCES", EACCES, may_not_write, SHALL, ONCE, false },
	{ "LINUX-SEMCTL-ALL-2", EFAULT, values_unreadable, MAY, ONCE, false },
	{ "SEMCTL-ERR-ERANGE", ERANGE, some_value_out_of_range, SHALL, ONCE, false },
	{ 0 }
};

static void semctl_SETALL_commit(struct call *c, struct outcome *out)
{
	const struct payload *d = c->op->data;

	(void)out;
	overwrite(c, 0, ((struct semset *)c->perm)->nsems, d->vals.v, d->vals.n);
}

static void semctl_SETALL_failed(struct call *c, int err)
{
	struct semset *s = (struct semset *)c->perm;

	if (err != ERANGE || !s || !switch_of(c->p, SW_setall_range))
		return;
	for (size_t i = good_values(s, c->op->data); i-- > 0;)
		s->sems[i].val = c->op->data->vals.v[i];
}

const struct action model_semctl_SETALL = {
	.find = FIND_ID, .rules = semctl_SETALL_rules, .commit = semctl_SETALL_commit,
	.failed = semctl_SETALL_failed,
};

/* ---- semctl: the set ---------------------------------------------------------------------------- */

static const struct rule semctl_IPC_RMID_rules[] = {
	{ "SEMCTL-ERR-EINVAL", EINVAL, no_such_id, SHALL, ONCE, false },
	{ "SEMCTL-ERR-EPERM", EPERM, may_not_control, SHALL, ONCE, false },
	{ 0 }
};

/* Records go with the set, so that a later set of the same key owes nothing: LINUX-UNDO-8. */
static void semctl_IPC_RMID_commit(struct call *c, struct outcome *out)
{
	(void)out;
	wake_all(c->w, c->perm, SEM, EIDRM);
	table_remove(c->w, SEM, c->perm);
	semset_free(c->perm);
}

const struct action model_semctl_IPC_RMID = {
	.find = FIND_ID, .rules = semctl_IPC_RMID_rules, .commit = semctl_IPC_RMID_commit,
};

static const struct rule semctl_IPC_SET_rules[] = {
	ALIGNED,
	{ "LINUX-ID-NEG-1", EINVAL, negative_id, SHALL, ONCE, false },
	{ "LINUX-SEMCTL-STAT-1", EFAULT, bad_in, MAY, ONCE, false },
	{ "SEMCTL-ERR-EINVAL", EINVAL, no_such_id, SHALL, ONCE, false },
	{ "SEMCTL-ERR-EPERM", EPERM, may_not_control, SHALL, ONCE, false },
	{ "LINUX-PERM-SET-1", EINVAL, unmappable, MAY, ONCE, false },
	{ 0 }
};

static void semctl_IPC_SET_commit(struct call *c, struct outcome *out)
{
	(void)out;
	perm_set(c);
}

const struct action model_semctl_IPC_SET = {
	.find = FIND_ID, .rules = semctl_IPC_SET_rules, .commit = semctl_IPC_SET_commit,
};

#define NOT_POSIX { "SEMCTL-ERR-EINVAL", EINVAL, not_of_posix, MAY, ONCE, true }

static const struct rule semctl_IPC_STAT_rules[] = {
	ALIGNED,
	{ "SEMCTL-ERR-EINVAL", EINVAL, no_such_id, SHALL, ONCE, false },
	{ "SEMCTL-ERR-EACCES", EACCES, may_not_read, SHALL, ONCE, false },
	{ "LINUX-SEMCTL-STAT-1", EFAULT, bad_out, MAY, ONCE, false },
	{ 0 }
};

static void semctl_IPC_STAT_commit(struct call *c, struct outcome *out)
{
	semset_record(c->w, c->perm, &out->rec);
}

const struct action model_semctl_IPC_STAT = {
	.find = FIND_ID, .rules = semctl_IPC_STAT_rules, .commit = semctl_IPC_STAT_commit,
};

static void semctl_SEM_STAT_commit(struct call *c, struct outcome *out)
{
	out->value = c->perm->id;
	semset_record(c->w, c->perm, &out->rec);
}

static const struct rule semctl_SEM_STAT_rules[] = {
	ALIGNED,
	NOT_POSIX,
	{ "SEMCTL-ERR-EINVAL", EINVAL, no_such_id, SHALL, ONCE, false },
	{ "SEMCTL-ERR-EACCES", EACCES, may_not_read, SHALL, ONCE, false },
	{ "LINUX-SEMCTL-STAT-1", EFAULT, bad_out, MAY, ONCE, false },
	{ 0 }
};

const struct action model_semctl_SEM_STAT = {
	.find = FIND_INDEX, .rules = semctl_SEM_STAT_rules, .commit = semctl_SEM_STAT_commit,
};

static const struct rule semctl_SEM_STAT_ANY_rules[] = {
	ALIGNED,
	NOT_POSIX,
	{ "SEMCTL-ERR-EINVAL", EINVAL, no_such_id, SHALL, ONCE, false },
	{ "LINUX-SEMCTL-STAT-1", EFAULT, bad_out, MAY, ONCE, false },
	{ 0 }
};

const struct action model_semctl_SEM_STAT_ANY = {
	.find = FIND_INDEX, .rules = semctl_SEM_STAT_ANY_rules, .commit = semctl_SEM_STAT_commit,
};

static const struct rule semctl_INFO_rules[] = {
	ALIGNED,
	NOT_POSIX,
	{ "LINUX-ID-NEG-1", EINVAL, negative_id, SHALL, ONCE, false },
	{ "LINUX-SEMCTL-INFO-2", EFAULT, bad_out, MAY, ONCE, false },
	{ 0 }
};

/* Members without a limit of the namespace behind them are compile-time values. */
static void semctl_IPC_INFO_commit(struct call *c, struct outcome *out)
{
	out->value = highest_index(c->ns, SEM);
	put(&out->rec, F_semmap, DEF_SEMMNS);
	put(&out->rec, F_semmni, limit_of(c->ns, LIM_semmni));
	put(&out->rec, F_semmns, limit_of(c->ns, LIM_semmns));
	put(&out->rec, F_semmnu, DEF_SEMMNS);
	put(&out->rec, F_semmsl, limit_of(c->ns, LIM_semmsl));
	put(&out->rec, F_semopm, limit_of(c->ns, LIM_semopm));
	put(&out->rec, F_semume, DEF_SEMOPM);
	put(&out->rec, F_semusz, 20);
	put(&out->rec, F_semvmx, SEMVMX);
	put(&out->rec, F_semaem, SEMAEM);
}

const struct action model_semctl_IPC_INFO = {
	.rules = semctl_INFO_rules, .commit = semctl_IPC_INFO_commit,
};

/* Two members count what is in use instead: LINUX-SEMCTL-INFO-1. */
static void semctl_SEM_INFO_commit(struct call *c, struct outcome *out)
{
	semctl_IPC_INFO_commit(c, out);
	put(&out->rec, F_semusz, (int64_t)c->ns->table[SEM].n);
	put(&out->rec, F_semaem, semaphores_in_use(c->ns));
}

const struct action model_semctl_SEM_INFO = {
	.rules = semctl_INFO_rules, .commit = semctl_SEM_INFO_commit,
};

static const struct rule semctl_other_rules[] = {
	{ "SEMCTL-ERR-EINVAL", EINVAL, always, SHALL, ONCE, false },
	{ 0 }
};

const struct action model_semctl_other = { .rules = semctl_other_rules };

/* ---- what world.c asks of a set ----------------------------------------------------------------- */

struct perm *semset_clone(const struct perm *perm)
{
	const struct semset *s = (const struct semset *)perm;
	struct semset *copy = malloc(sizeof(*copy) + s->nsems * sizeof(*s->sems));

	if (!copy)
		return NULL;
	*copy = *s;
	copy->sems = (struct sem *)(copy + 1);
	memcpy(copy->sems, s->sems, s->nsems * sizeof(*s->sems));
	if (undos_clone(copy, s))
		return &copy->perm;
	semset_free(&copy->perm);
	return NULL;
}

void semset_free(struct perm *perm)
{
	undos_free((struct semset *)perm);
	free(perm);
}

void semset_fold(const struct perm *perm, struct sink *sink)
{
	const struct semset *s = (const struct semset *)perm;

	fold(sink, s->otime);
	fold(sink, s->zeroed);
	fold(sink, (int64_t)s->nsems);
	sink->put(sink, s->sems, s->nsems * sizeof(*s->sems));
	undos_fold(s, sink);
}

void semset_record(const struct world *w, const struct perm *perm, struct record *rec)
{
	const struct semset *s = (const struct semset *)perm;

	(void)w;
	perm_record(perm, rec);
	put(rec, F_otime, s->otime);
	put(rec, F_nsems, (int64_t)s->nsems);
}

/* A value above SEMVMX may have been seen on a system that does not check; none is wider than 16 bits. */
bool semset_ok(const struct world *w, const struct perm *perm, char *why, size_t size)
{
	const struct semset *s = (const struct semset *)perm;

	for (size_t i = 0; i < s->nsems; i++)
		if (s->sems[i].val < 0 || s->sems[i].val > UINT16_MAX)
			return broken(why, size, "semaphore %zu of set %lld has the value %d",
				      i, (long long)perm->id, s->sems[i].val);
	return undos_ok(w, s, why, size);
}

/* Adds a sleeper to the counts of the semaphore that it waits for. */
static void view_sleeper(const struct world *w, const struct task *t, struct semview *sems)
{
	const struct view v = view_of(w, &t->call, &profile_linux, NULL);
	const struct decision d = decision_of(&v);
	const struct sop *o = &t->call.data->sops.v[d.at];

	if (d.fate != WAITS)
		return;
	if (o->op)
		sems[o->num].ncnt++;
	else
		sems[o->num].zcnt++;
}

bool semset_view(const struct world *w, const struct perm *perm, struct snapshot *s)
{
	const struct semset *set = (const struct semset *)perm;
	const size_t first = s->nsem;

	for (size_t i = 0; i < set->nsems; i++) {
		struct semview *sem = snapshot_sem(s);

		if (!sem)
			return false;
		*sem = (struct semview){ .val = set->sems[i].val, .pid = set->sems[i].pid };
	}
	for (int i = 0; i < MAXACTORS; i++)
		if (sleeps_on(&w->task[i], perm))
			view_sleeper(w, &w->task[i], &s->sem[first]);
	return true;
}

/* Adjustments are not adopted: they cannot be seen before their process ends. */
void semset_adopt(struct perm *perm, const struct objview *seen, const struct snapshot *s)
{
	struct semset *set = (struct semset *)perm;

	set->otime = seen->rec.v[F_otime];
	for (size_t i = 0; i < set->nsems && i < seen->nsems; i++) {
		set->sems[i].val = (uint16_t)s->sem[seen->sems + i].val;
		if (i < SEMVIEWS)
			set->sems[i].pid = (int)s->sem[seen->sems + i].pid;
	}
}
