#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "matrix_step.h"

/* ---- objects ------------------------------------------------------------------------------------ */

static bool status_in_model(const struct walker *w, const struct thing *t, struct record *rec)
{
	return model_record(t->world, -1, cellkindinfo[w->kind].family, t->id, rec);
}

/* The status of both sides, to compare the next with. */
static bool take_stock(struct walker *w, struct thing *t)
{
	if (!party_made(&w->party, &t->twin) || !party_look(&w->party, &t->twin, t->state)) {
		snprintf(w->err, sizeof(w->err), "the status of an object just made cannot be had");
		return false;
	}
	return w->walk->bare || status_in_model(w, t, &t->before);
}

static bool do_both(struct walker *w, struct thing *t, const struct op *call, int64_t *mine, int64_t *its)
{
	struct op op = *call;
	struct outcome out;
	int err;

	op.v[0] = *mine;
	if (!w->walk->bare && (!model_apply(t->world, &op, &profile_linux, 0, &out) || out.how != RETURNED))
		return false;
	*mine = w->walk->bare ? 0 : out.value;
	op.v[0] = *its;
	err = party_once(&w->party, &t->twin, &op, its);
	if (err)
		snprintf(w->err, sizeof(w->err), "%s of the maker: %s", opinfo[op.code].name, err_name(err));
	return !err;
}

/* Makes a call of the setup on both sides. The first gives the ids that the others want. */
static bool set_up(struct walker *w, struct thing *t, const struct op *op, bool first)
{
	int64_t mine = first ? t->key : t->id, its = first ? t->key : t->twin.id;

	if (is_file(w->kind)) {
		mine = op->v[0];
		its = op->v[0] + t->twin.id - t->id;
		return do_both(w, t, op, &mine, &its);
	}
	if (!do_both(w, t, op, &mine, &its))
		return false;
	if (first) {
		t->id = mine;
		t->twin.id = its;
	}
	return true;
}

/* Makes the object on both sides, as it is when a cell begins. */
static bool make(struct walker *w, struct thing *t)
{
	/* a key of its own: a subject may have kept what was removed */
	t->key = w->calls.key + t->mode + (int64_t)MODES * t->made++;
	t->gone = false;
	if (is_file(w->kind)) {
		t->id = cellkindinfo[w->kind].node;
		t->twin.id = party_file(&w->party, t->id, (int)(t - w->thing));
	}
	for (int i = 0; i < w->nsetup; i++) {
		struct op op = w->setup[i];
		struct payload set;

		if (call_sets_mode(&op))
			call_set_mode(&op, w->kind, t->mode, &set);
		if (!set_up(w, t, &op, i == 0))
			return false;
	}
	return take_stock(w, t);
}

static bool new_worlds(struct walker *w, struct thing *t, const struct cred *maker)
{
	if (!w->walk->bare) {
		t->world = world_new(w->walk->facts);
		if (!t->world)
			return false;
		world_task(t->world, MAKER, maker);
	}
	if (!w->party.real) {
		t->twin.world = world_new(w->walk->facts);
		if (!t->twin.world)
			return false;
		world_task(t->twin.world, MAKER, maker);
	}
	return true;
}

static void drop(struct walker *w, struct thing *t)
{
	if (t->twin.id >= 0 && (!t->gone || is_file(w->kind)))
		party_remove(&w->party, &t->twin);
	world_free(t->world);
	world_free(t->twin.world);
	t->world = t->twin.world = NULL;
	t->twin.id = -1;
}

static void clear_stock(struct walker *w)
{
	for (int i = 0; i < w->nthings; i++)
		drop(w, &w->thing[i]);
	w->nthings = 0;
}

/* An object made anew in worlds of its own. The caller is no longer who acts on the kernel. */
static bool make_anew(struct walker *w, struct thing *t)
{
	struct cred maker;

	drop(w, t);
	if (!cell_maker(w->kind, w->pattern, &maker) || !new_worlds(w, t, &maker) || !make(w, t))
		return false;
	if (t->world)
		world_task(t->world, CALLER, &w->caller);
	if (t->twin.world)
		world_task(t->twin.world, CALLER, &w->caller);
	return true;
}

/* The calls for objects of a kind. */
static bool learn(struct walker *w, enum cellkind k, enum pattern p)
{
	if (w->kind != k || w->pattern != p || !w->calls.call) {
		cellcalls_free(&w->calls);
		if (!cellcalls_read(&w->calls, k, p, w->err, sizeof(w->err)))
			return false;
	}
	arena_free(&w->arena);
	w->kind = w->party.kind = k;
	w->pattern = p;
	w->nsetup = cell_setup(k, p, w->setup, &w->arena);
	return w->nsetup;
}

/* One object of each selected mode of the block, and none beside them. */
static bool fill(struct walker *w)
{
	struct cred maker;

	clear_stock(w);
	if (!party_renew(&w->party, w->err, sizeof(w->err)) || !cell_maker(w->kind, w->pattern, &maker)
	    || !party_hire(&w->party, &maker, w->err, sizeof(w->err)))
		return false;
	for (int m = w->digit * MODES_OF_DIGIT; m < (w->digit + 1) * MODES_OF_DIGIT; m++) {
		struct thing *t = &w->thing[w->nthings];

		if (!w->walk->sel.mode[m])
			continue;
		w->nthings++;
		*t = (struct thing){ .mode = m, .twin = { .id = -1 } };
		if (!make_anew(w, t))
			return false;
	}
	return party_ready(&w->party, &w->calls, &w->thing[0].twin);
}

static bool stock(struct walker *w, const struct block *b)
{
	const enum pattern p = matrix_relation[b->relation].pattern;

	if (w->nthings && w->kind == b->kind && w->pattern == p && w->digit == b->digit)
		return true;
	clear_stock(w);
	w->digit = b->digit;
	return learn(w, b->kind, p) && fill(w);
}

static bool be_caller(struct walker *w)
{
	return party_caller(&w->party, &w->caller, w->err, sizeof(w->err));
}

/*
 * An object as at the start. A subject that keeps what was removed comes to its limits: then all are made
 * anew.
 */
static bool renew(struct walker *w, struct thing *t)
{
	return (make_anew(w, t) || fill(w)) && be_caller(w);
}

/* Makes good what the cells of a caller have used up: objects, and messages. */
static bool restock(struct walker *w)
{
	for (int i = 0; i < w->nthings; i++) {
		struct thing *t = &w->thing[i];
		struct record now = { 0 };

		if (t->gone && !make(w, t) && !fill(w))
			return false;
		if (w->kind != CELLS_MSG)
			continue;
		if (!party_look(&w->party, &t->twin, t->state) || !party_read(&w->party, t->state, &now))
			return false;
		if (now.v[F_qnum] != 1 && !make_anew(w, t) && !fill(w))
			return false;
	}
	return true;
}

/* ---- what the model expects ----------------------------------------------------------------------- */

/* Does the call set the mode, and its undo as well? */
static bool turns_mode(const struct walker *w, int i)
{
	return w->calls.undo[i].code == w->calls.call[i].code && call_sets_mode(&w->calls.call[i]);
}

/* The call with the object's key or id; one that sets the mode sets the inverse of the object's. */
static struct op *aim(struct walker *w, struct thing *t, int i)
{
	struct op *op = &w->calls.call[i];

	if (!is_file(w->kind))
		op->v[0] = w->by_key[i] ? t->key : t->id;
	if (turns_mode(w, i))
		call_set_mode(op, w->kind, t->mode ^ 0777, &w->set);
	return op;
}

static struct op *aim_undo(struct walker *w, struct thing *t, int i, int64_t address)
{
	struct op *op = &w->calls.undo[i];

	if (!is_file(w->kind))
		op->v[0] = opinfo[matrix_op[i].code].result == R_ADDR ? address : t->id;
	if (turns_mode(w, i))
		call_set_mode(op, w->kind, t->mode, &w->set);
	return op;
}

/* What the subject is given instead of the model's first argument. */
static int64_t first_of(const struct walker *w, const struct thing *t, int i, bool undo, const struct op *op)
{
	if (is_file(w->kind))
		return op->v[0] + t->twin.id - t->id;
	if (undo)
		return opinfo[matrix_op[i].code].result == R_ADDR ? op->v[0] : t->twin.id;
	return w->by_key[i] ? op->v[0] : t->twin.id;
}

static bool allows(const struct verdict *v, int err)
{
	if (!err)
		return v->success && !v->waits;
	return err_bit(err) >= 0 && v->errs.bits >> err_bit(err) & 1;
}

/* Does the call change values of semaphores? */
static bool sets_values(enum opcode code)
{
	return code == OP_semop || code == OP_semtimedop || code == OP_semctl_SETVAL
		|| code == OP_semctl_SETALL;
}

static bool same_record(const struct record *a, const struct record *b)
{
	for (enum field f = 0; a->has >> f; f++)
		if (a->has & BIT(f) && a->v[f] != b->v[f])
			return false;
	return a->has == b->has;
}

/* The object's status in the model now. */
static void expect_status(struct walker *w, const struct thing *t, struct expected_status *s)
{
	s->rec.has = 0;
	s->there = status_in_model(w, t, &s->rec);
}

static void expect_values(const struct thing *t, uint16_t vals[SEMAPHORES])
{
	const struct op all = { .code = OP_semctl_GETALL, .actor = MAKER, .v = { t->id } };
	struct outcome out;

	memset(vals, 0, SEMAPHORES * sizeof(*vals));
	if (model_apply(t->world, &all, &profile_linux, 0, &out) && out.vals)
		memcpy(vals, out.vals, SEMAPHORES * sizeof(*vals));
}

/* Values that a call gives live until the next: they are kept where those that are looked at would be. */
static void keep_values(struct expected *e)
{
	if (!e->out.vals || e->out.nvals > SEMAPHORES)
		return;
	memcpy(e->vals, e->out.vals, e->out.nvals * sizeof(*e->vals));
	e->out.vals = e->vals;
}

/* As far as the model goes the call comes to what Linux does, until it is known what the subject did. */
static void judge(struct walker *w, struct thing *t, int i, struct expected *e)
{
	const struct op *op = aim(w, t, i);

	model_judge(t->world, op, &profile_linux, &e->linux_verdict);
	model_judge(t->world, op, &profile_posix, &e->posix);
	e->verdict = w->profile->ordered ? e->linux_verdict : e->posix;
	e->changes = allows(&e->linux_verdict, 0);
}

static bool apply(struct walker *w, struct thing *t, const struct op *op, struct outcome *out)
{
	if (model_apply(t->world, op, w->profile, 0, out))
		return true;
	snprintf(w->err, sizeof(w->err), "out of memory");
	return false;
}

/* Of a call that fails the model has nothing to remember. One that is to succeed may have to wait instead. */
static bool carry_out(struct walker *w, struct thing *t, int i, bool look_at_values, struct expected *e)
{
	struct outcome ignored;

	if (e->changes) {
		if (!apply(w, t, aim(w, t, i), &e->out))
			return false;
		e->changes = e->out.how == RETURNED;
		expect_status(w, t, &e->after);
		keep_values(e);
	}
	if (e->changes && w->calls.undo[i].code != NOPS) {
		if (!apply(w, t, aim_undo(w, t, i, e->out.value), &ignored))
			return false;
		expect_status(w, t, &e->undone);
	}
	if (look_at_values)
		expect_values(t, e->vals);
	return true;
}

/* ---- what the subject does ------------------------------------------------------------------------- */

/* Success that changes nothing in the status of the object. */
static const bool leaves_no_trace[NOPS] = {
	[OP_msgget] = true, [OP_msgctl_IPC_STAT] = true, [OP_msgctl_MSG_STAT] = true,
	[OP_msgctl_MSG_STAT_ANY] = true, [OP_semget] = true, [OP_semctl_IPC_STAT] = true,
	[OP_semctl_SEM_STAT] = true, [OP_semctl_SEM_STAT_ANY] = true, [OP_semctl_GETPID] = true,
	[OP_semctl_GETVAL] = true, [OP_semctl_GETALL] = true, [OP_semctl_GETNCNT] = true,
	[OP_semctl_GETZCNT] = true, [OP_shmget] = true, [OP_shmctl_IPC_STAT] = true,
	[OP_shmctl_SHM_STAT] = true, [OP_shmctl_SHM_STAT_ANY] = true, [OP_mq_open] = true,
	[OP_shm_open] = true, [OP_sem_open] = true, [OP_open] = true, [OP_stat] = true, [OP_connect] = true,
	[OP_mkfifo] = true, [OP_mkdir] = true, [OP_bind] = true,
};

enum look { LOOK_ALWAYS, LOOK_AFTER_CHANGES };

/*
 * Makes the call, looks at the object, takes back what a success did, and looks again; or looks only where
 * something may have changed.
 */
static void perform(struct walker *w, struct thing *t, int i, enum look look, bool look_at_values,
		    struct seen *s)
{
	const struct op *op = aim(w, t, i);
	struct party *p = &w->party;
	int64_t ignored;

	if (turns_mode(w, i))
		party_mode(p, i, false, (t->mode ^ 0777) | cellkindinfo[w->kind].always);
	s->err = party_call(p, &t->twin, op, i, false, first_of(w, t, i, false, op), &s->value);
	s->looked = look == LOOK_ALWAYS || (!s->err && !leaves_no_trace[op->code]);
	s->there = !s->looked || party_look(p, &t->twin, s->state);
	s->undone = !s->err && s->there && w->calls.undo[i].code != NOPS;
	if (!p->real)
		s->answer = p->out;
	if (s->undone) {
		const struct op *undo = aim_undo(w, t, i, s->value);

		if (turns_mode(w, i))
			party_mode(p, i, true, t->mode | cellkindinfo[w->kind].always);
		s->undo_err = party_call(p, &t->twin, undo, i, true, first_of(w, t, i, true, undo),
					 &ignored);
		s->there_again = !s->looked || party_look(p, &t->twin, s->state_again);
	}
	if (look_at_values)
		s->values = party_values(p, &t->twin, s->vals);
}

/* ---- comparison ------------------------------------------------------------------------------------ */

/* An outcome that differs is told alone. */
static void blame(struct walker *w, struct finding16 *f, unsigned aspect)
{
	w->same = false;
	if (f->state == CELL_DEVIATES || f->state == CELL_PERMITTED)
		return;
	f->state = CELL_DEVIATES;
	f->outcome = false;
	f->observed = aspect >> 5;
	f->expected = aspect & 31;
}

static unsigned errno_bits(int err)
{
	int bit = err ? err_bit(err) : WENT_WELL;

	return (unsigned)(bit < 0 ? OTHER_ERRNO : bit);
}

/* A stamp that the model set anew must be of now; one that it left alone must be what it was. */
static bool field_ok(const struct walker *w, const struct thing *t, enum field f, int64_t model, int64_t seen,
		     int64_t seen_before)
{
	if (model == t->before.v[f])
		return seen == seen_before;
	switch (fieldinfo[f].kind) {
	case KIND_TIME: return w->since <= seen && seen <= w->until;
	case KIND_PID: return seen == party_pid(&w->party, model);
	default: return seen == model;
	}
}

/* The status after the call, field by field. */
static void compare_fields(struct walker *w, const struct thing *t, const struct record *model,
			   const unsigned char *state, struct finding16 *f)
{
	struct record before, now;

	party_read(&w->party, t->state, &before);
	if (!party_read(&w->party, state, &now))
		blame(w, f, ASPECT_RESERVED);
	for (enum field i = 0; model->has >> i; i++)
		if (model->has & BIT(i) && !field_ok(w, t, i, model->v[i], now.v[i], before.v[i]))
			blame(w, f, ASPECT_FIELD + i);
}

/*
 * expected is NULL where nothing may have changed. What was seen is what the next call finds. Where nobody
 * looked nothing should have changed.
 */
static void compare_status(struct walker *w, struct thing *t, const struct expected_status *expected,
			   bool looked, bool there, const unsigned char *state, struct finding16 *f)
{
	const bool should = !expected || expected->there;

	if (!looked) {
		w->same = w->same && should && (!expected || same_record(&expected->rec, &t->before));
		return;
	}
	t->gone = !there;
	if (there != should)
		blame(w, f, there ? ASPECT_KEPT : ASPECT_GONE);
	if (!there || !should)
		return;
	if (expected && !same_record(&expected->rec, &t->before)) {
		compare_fields(w, t, &expected->rec, state, f);
		t->before = expected->rec;
	} else if (memcmp(state, t->state, party_state_size(&w->party))) {
		compare_fields(w, t, &t->before, state, f);
		/* where only something was seen that no field shows */
		blame(w, f, ASPECT_RESERVED);
	}
	memcpy(t->state, state, party_state_size(&w->party));
}

static bool value_ok(const struct walker *w, const struct thing *t, enum opcode code, int64_t model,
		     int64_t seen)
{
	switch (opinfo[code].result) {
	case R_ID: return seen == t->twin.id;
	case R_PID: return model == PID_ANY || seen == party_pid(&w->party, model);
	case R_ADDR: return seen && seen % w->walk->facts->page == 0;
	default: return seen == model;
	}
}

static bool same_bytes(const void *a, size_t na, const void *b, size_t nb)
{
	return na == nb && (!na || !memcmp(a, b, na));
}

/* What a call that succeeded stored for the caller. */
static void compare_answer(struct walker *w, const struct thing *t, int i, const struct outcome *model,
			   const struct seen *s, struct finding16 *f)
{
	const bool status = model->rec.has & BIT(F_mode);
	struct outcome its = s->answer;

	if (status && w->calls.call[i].v[0] == t->id) {
		if (!party_stored(&w->party, i, s, t->state))
			blame(w, f, ASPECT_ANSWER);
		return;
	}
	if (!status && !model->bytes && !model->vals)
		return;
	if (w->party.real)
		party_answer(&w->party, i, &its);
	if (!same_bytes(its.bytes, its.len, model->bytes, model->len)
	    || !same_bytes(its.vals, its.nvals * sizeof(*its.vals), model->vals,
			   model->nvals * sizeof(*model->vals))
	    || (model->bytes && its.rec.v[F_type] != model->rec.v[F_type])
	    || (status && !same_record(&its.rec, &model->rec)))
		blame(w, f, ASPECT_ANSWER);
	if (its.stray)
		blame(w, f, ASPECT_STRAY);
	party_wipe(&w->party, i);
}

static void compare_success(struct walker *w, struct thing *t, int i, const struct expected *e,
			    const struct seen *s, struct finding16 *f)
{
	if (!value_ok(w, t, matrix_op[i].code, e->out.value, s->value))
		blame(w, f, ASPECT_VALUE);
	compare_status(w, t, &e->after, s->looked, s->there, s->state, f);
	compare_answer(w, t, i, &e->out, s, f);
	if (w->calls.undo[i].code == NOPS)
		return;
	if (!s->undone || s->undo_err)
		blame(w, f, ASPECT_UNDO);
	else
		compare_status(w, t, &e->undone, s->looked, s->there_again, s->state_again, f);
}

static struct finding16 compare(struct walker *w, struct thing *t, int i, const struct expected *e,
				const struct seen *s, bool looked_at_values)
{
	struct finding16 f = { .state = CELL_CONFORMS, .granted = e->verdict.success,
			       .apart = !allows(&e->posix, e->linux_verdict.first) };

	if (!allows(&e->verdict, s->err)) {
		f.state = allows(&e->posix, s->err) ? CELL_PERMITTED : CELL_DEVIATES;
		f.apart = f.apart && (w->profile->ordered || allows(&e->linux_verdict, s->err));
		f.outcome = true;
		f.observed = errno_bits(s->err);
		f.expected = errno_bits(e->verdict.first);
	}
	if (s->err && !party_kept_off(&w->party, i)) {
		blame(w, &f, ASPECT_STRAY);
		party_wipe(&w->party, i);
	}
	if (s->err)
		compare_status(w, t, NULL, s->looked, s->there, s->state, &f);
	else if (e->changes)
		compare_success(w, t, i, e, s, &f);
	else
		party_wipe(&w->party, i);
	if (looked_at_values && s->there
	    && (!s->values || memcmp(s->vals, e->vals, sizeof(s->vals)) != 0))
		blame(w, &f, ASPECT_VALUES);
	return f;
}

/* ---- cells ----------------------------------------------------------------------------------------- */

/* Is it the last of those in a row that set values? They are looked at then, because it takes all rights. */
static bool last_setter(const int *op, int n, int k)
{
	return sets_values(matrix_op[op[k]].code) && (k + 1 == n || !sets_values(matrix_op[op[k + 1]].code));
}

static struct finding16 *finding_of(const struct walker *w, const struct block *b, const struct thing *t,
				    int i)
{
	return &w->walk->cell[cell_place(i, b->relation, b->capset) + (size_t)t->mode];
}

/* What came of a cell. True if the object is now the same on both sides. */
static bool settle(struct walker *w, const struct block *b, struct thing *t, int i, int k, bool look)
{
	w->same = w->expected[k].changes == !w->seen[k].err;
	*finding_of(w, b, t, i) = compare(w, t, i, &w->expected[k], &w->seen[k], look);
	return w->same;
}

/* What a cell did that should have done nothing must be seen before the next may change the same. */
static enum look look_in_row(const int *op, int k, int n)
{
	return k + 1 == n || !leaves_no_trace[matrix_op[op[k + 1]].code] ? LOOK_ALWAYS : LOOK_AFTER_CHANGES;
}

/* Those in a row before good went well; that at wrong is the first that did not. Both n: all went well. */
struct row { int good, wrong; };

/*
 * The cells of an object in a row: the model goes first, then the subject, then what came of it is compared;
 * one after the other, because a processor that comes out of the kernel has forgotten much. Nobody looks at
 * the object where nothing should have changed and the next cell changes nothing: what another cell finds
 * changed can be the doing of any since the last look. After a cell that goes wrong the object is not the
 * same on both sides, and what came of those that follow means nothing.
 */
static bool cells_in_a_row(struct walker *w, const struct block *b, struct thing *t, const int *op, int n,
			   struct row *r)
{
	bool look[MAXOPS];
	int sure = 0;

	for (int k = 0; k < n; k++)
		look[k] = last_setter(op, n, k);
	for (int k = 0; k < n; k++) {
		judge(w, t, op[k], &w->expected[k]);
		if (!carry_out(w, t, op[k], look[k], &w->expected[k]))
			return false;
	}
	w->since = party_clock(&w->party, &t->twin);
	for (int k = 0; k < n; k++)
		perform(w, t, op[k], look_in_row(op, k, n), look[k], &w->seen[k]);
	w->until = party_clock(&w->party, &t->twin);
	*r = (struct row){ n, n };
	for (int k = 0; k < n; k++) {
		const bool same = settle(w, b, t, op[k], k, look[k]);

		if (!same && r->wrong == n)
			*r = (struct row){ sure, k };
		if (same && w->seen[k].looked)
			sure = k + 1;
	}
	return true;
}

/* By itself: the model goes on as the subject did, whether that is allowed or not. same is as in settle. */
static bool one_cell(struct walker *w, const struct block *b, struct thing *t, int i, bool *same)
{
	const bool look = sets_values(matrix_op[i].code);
	struct expected *e = &w->expected[0];
	struct seen *s = &w->seen[0];

	judge(w, t, i, e);
	w->since = party_clock(&w->party, &t->twin);
	perform(w, t, i, LOOK_ALWAYS, look, s);
	w->until = party_clock(&w->party, &t->twin);
	e->changes = !s->err;
	if (!carry_out(w, t, i, look, e))
		return false;
	*same = settle(w, b, t, i, 0, look);
	return true;
}

/*
 * Each cell by itself, on an object that is the same on both sides. What was seen in the row of the one that
 * went wrong there stays if nothing differs now, nor was the doing of one before: to differ once is enough.
 */
static bool cell_by_cell(struct walker *w, const struct block *b, struct thing *t, const int *op, int n,
			 int wrong)
{
	const struct finding16 in_row = *finding_of(w, b, t, op[wrong]);
	bool same = false, explained = false;

	for (int k = 0; k < n; k++) {
		struct finding16 *f = finding_of(w, b, t, op[k]);

		if (((!same || t->gone) && !renew(w, t)) || !one_cell(w, b, t, op[k], &same))
			return false;
		explained = explained || !same;
		if (k == wrong && !explained && f->state == CELL_CONFORMS)
			*f = in_row;
	}
	return same || renew(w, t);
}

static bool cells_of_object(struct walker *w, const struct block *b, struct thing *t, const int *op, int n)
{
	struct row r;

	return cells_in_a_row(w, b, t, op, n, &r)
		&& (r.good == n || cell_by_cell(w, b, t, op + r.good, n - r.good, r.wrong - r.good));
}

static void bare_cells(struct walker *w, struct thing *t, const int *op, int n)
{
	for (int k = 0; k < n; k++)
		perform(w, t, op[k], look_in_row(op, k, n), last_setter(op, n, k), &w->seen[k]);
	t->gone = !w->seen[n - 1].there;
}

/* ---- a block ------------------------------------------------------------------------------------ */

/* The caller in every world. */
static bool present(struct walker *w, const struct cred *caller)
{
	w->caller = *caller;
	for (int i = 0; i < w->nthings; i++) {
		struct thing *t = &w->thing[i];

		if (t->world)
			world_task(t->world, CALLER, caller);
		if (t->twin.world)
			world_task(t->twin.world, CALLER, caller);
	}
	return be_caller(w);
}

bool walker_block(struct walker *w, const struct block *b)
{
	struct cred caller;
	int op[MAXOPS], nops = 0;

	for (int i = 0; i < matrix_nops; i++)
		if (w->walk->sel.op[i] && matrix_op[i].kind == b->kind
		    && cell_exists(i, b->relation, b->capset))
			op[nops++] = i;
	if (!cell_caller(b->relation, b->capset, &caller)
	    || !stock(w, b) || !present(w, &caller))
		return false;
	for (int i = 0; i < w->nthings; i++) {
		if (w->walk->bare)
			bare_cells(w, &w->thing[i], op, nops);
		else if (!cells_of_object(w, b, &w->thing[i], op, nops))
			return false;
	}
	return restock(w);
}

bool walker_open(struct walker *w, struct walk *walk)
{
	*w = (struct walker){ .walk = walk, .profile = walk->profile };
	for (int i = 0; i < matrix_nops; i++)
		w->by_key[i] = opinfo[matrix_op[i].code].arg[0].kind == KIND_KEY;
	w->thing = calloc(MODES_OF_DIGIT, sizeof(*w->thing));
	w->expected = calloc((size_t)matrix_nops, sizeof(*w->expected));
	w->seen = calloc((size_t)matrix_nops, sizeof(*w->seen));
	if (!w->thing || !w->expected || !w->seen) {
		snprintf(w->err, sizeof(w->err), "out of memory");
		return false;
	}
	return party_open(&w->party, walk->subject, walk->facts, w->err, sizeof(w->err));
}

void walker_close(struct walker *w)
{
	clear_stock(w);
	party_close(&w->party);
	cellcalls_free(&w->calls);
	arena_free(&w->arena);
	free(w->thing);
	free(w->expected);
	free(w->seen);
}
