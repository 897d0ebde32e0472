#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "matrix_step.h"

/* ---- objects ------------------------------------------------------------------------------------ */

static int64_t key_of(const struct walker *w, const struct thing *t)
{
	return w->calls.key + t->mode;
}

/* The status of both sides, to compare the next with. */
static bool take_stock(struct walker *w, struct thing *t)
{
	return party_look(&w->party, &t->twin, t->state)
		&& (w->walk->bare || model_record(t->world, -1, w->family, t->id, &t->before));
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

/* Makes the object on both sides, as it is when a cell begins. */
static bool make(struct walker *w, struct thing *t)
{
	t->gone = t->astray = false;
	for (int i = 0; i < w->nsetup; i++) {
		struct op op = w->setup[i];
		struct payload set;
		int64_t mine = t->id, its = t->twin.id;

		if (i == 0) {
			mine = its = key_of(w, t);
		} else if (i + 1 == w->nsetup) {
			set = *op.data;
			set.set.mode = t->mode;
			op.data = &set;
		}
		if (!do_both(w, t, &op, &mine, &its))
			return false;
		if (i == 0) {
			t->id = mine;
			t->twin.id = its;
		}
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

static void remove_twin(struct walker *w, struct thing *t)
{
	static const enum opcode removal[NFAMILIES] = {
		[MSG] = OP_msgctl_IPC_RMID, [SEM] = OP_semctl_IPC_RMID, [SHM] = OP_shmctl_IPC_RMID,
	};
	const struct op op = { .code = removal[w->family], .actor = MAKER, .v = { t->twin.id } };
	int64_t value;

	if (w->party.real)
		party_once(&w->party, &t->twin, &op, &value);
}

static void drop(struct walker *w, struct thing *t)
{
	if (t->twin.id >= 0 && !t->gone)
		remove_twin(w, t);
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
	if (!cell_maker(w->pattern, &maker) || !new_worlds(w, t, &maker) || !make(w, t))
		return false;
	if (t->world)
		world_task(t->world, CALLER, &w->caller);
	if (t->twin.world)
		world_task(t->twin.world, CALLER, &w->caller);
	return true;
}

/* The calls for objects of a kind. */
static bool learn(struct walker *w, enum family f, enum pattern p)
{
	if (w->family != f || !w->calls.call) {
		cellcalls_free(&w->calls);
		if (!cellcalls_read(&w->calls, f, w->err, sizeof(w->err)))
			return false;
	}
	arena_free(&w->arena);
	w->family = w->party.family = f;
	w->pattern = p;
	w->nsetup = cell_setup(f, p, w->setup, &w->arena);
	return w->nsetup;
}

/* One object of each selected mode of the block. */
static bool stock(struct walker *w, const struct block *b)
{
	const enum pattern p = matrix_relation[b->relation].pattern;
	struct cred maker;

	if (w->nthings && w->family == b->family && w->pattern == p && w->digit == b->digit)
		return true;
	clear_stock(w);
	w->digit = b->digit;
	if (!learn(w, b->family, p) || !cell_maker(p, &maker)
	    || !party_hire(&w->party, &maker, w->err, sizeof(w->err)))
		return false;
	for (int m = b->digit * MODES_OF_DIGIT; m < (b->digit + 1) * MODES_OF_DIGIT; m++) {
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

/* Makes good what the cells of a caller have used up: objects, and messages. */
static bool restock(struct walker *w)
{
	for (int i = 0; i < w->nthings; i++) {
		struct thing *t = &w->thing[i];
		struct record now = { 0 };

		if (t->astray && !make_anew(w, t))
			return false;
		if (t->gone && !make(w, t))
			return false;
		if (w->family != MSG)
			continue;
		if (!party_look(&w->party, &t->twin, t->state) || !party_read(&w->party, t->state, &now))
			return false;
		if (now.v[F_qnum] != 1 && !make_anew(w, t))
			return false;
	}
	return true;
}

/* ---- comparison --------------------------------------------------------------------------------- */

static void blame(struct finding16 *f, unsigned aspect)
{
	if (f->state == CELL_DEVIATES)
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

static bool allows(const struct verdict *v, int err)
{
	if (!err)
		return v->success && !v->waits;
	return err_bit(err) >= 0 && v->errs.bits >> err_bit(err) & 1;
}

/* A stamp that the model set anew must be of now; one that it left alone must be what it was. */
static bool field_ok(const struct walker *w, const struct thing *t, enum field f, const struct record *model,
		     const struct record *its, const struct record *its_before)
{
	int64_t seen = its->v[f];

	if (its_before && model->v[f] == t->before.v[f])
		return seen == its_before->v[f];
	switch (fieldinfo[f].kind) {
	case KIND_TIME: return w->since <= seen && seen <= party_clock(&w->party, &t->twin);
	case KIND_PID: return seen == party_pid(&w->party, model->v[f]);
	default: return seen == model->v[f];
	}
}

/* The status after the call, field by field. */
static void compare_fields(struct walker *w, struct thing *t, const struct record *model,
			   const unsigned char *state, struct finding16 *f)
{
	struct record before = { 0 }, now = { 0 };

	party_read(&w->party, t->state, &before);
	if (!party_read(&w->party, state, &now))
		blame(f, ASPECT_RESERVED);
	for (enum field i = 0; model->has >> i; i++)
		if (model->has & BIT(i) && !field_ok(w, t, i, model, &now, &before))
			blame(f, ASPECT_FIELD + i);
}

static bool same_record(const struct record *a, const struct record *b)
{
	for (enum field f = 0; a->has >> f; f++)
		if (a->has & BIT(f) && a->v[f] != b->v[f])
			return false;
	return a->has == b->has;
}

/* Looks at the object after a call, and compares. What was seen is what the next call finds. */
static void compare_state(struct walker *w, struct thing *t, bool changed, struct finding16 *f)
{
	unsigned char state[STATEMAX];
	bool there = party_look(&w->party, &t->twin, state);
	struct record now;
	bool expected = true;

	now.has = 0;
	if (changed)
		expected = model_record(t->world, -1, w->family, t->id, &now);
	t->gone = !there;
	if (there != expected) {
		blame(f, there ? ASPECT_KEPT : ASPECT_GONE);
		t->astray = true;
	}
	if (!there || !expected)
		return;
	changed = changed && !same_record(&now, &t->before);
	if (changed)
		compare_fields(w, t, &now, state, f);
	else if (memcmp(state, t->state, party_state_size(&w->party)))
		compare_fields(w, t, &t->before, state, f);
	t->astray = t->astray || (f->state == CELL_DEVIATES && !f->outcome);
	if (changed)
		t->before = now;
	memcpy(t->state, state, party_state_size(&w->party));
}

static bool value_ok(const struct walker *w, const struct thing *t, const struct op *op,
		     const struct outcome *model, int64_t value)
{
	switch (opinfo[op->code].result) {
	case R_ID: return value == t->twin.id;
	case R_PID: return value == party_pid(&w->party, model->value);
	case R_ADDR: return value && value % w->walk->facts->page == 0;
	default: return value == model->value;
	}
}

static bool same_bytes(const void *a, size_t na, const void *b, size_t nb)
{
	return na == nb && (!na || !memcmp(a, b, na));
}

/* What a call that succeeded stored for the caller. */
static void compare_answer(struct walker *w, struct thing *t, int i, const struct outcome *model,
			   struct finding16 *f)
{
	struct outcome its;
	bool same;

	if (model->rec.has & BIT(F_mode)) {
		if (!party_stored(&w->party, i, t->state))
			blame(f, ASPECT_ANSWER);
		return;
	}
	if (!model->bytes && !model->vals)
		return;
	party_answer(&w->party, i, &its);
	same = same_bytes(its.bytes, its.len, model->bytes, model->len)
		&& same_bytes(its.vals, its.nvals * sizeof(*its.vals), model->vals,
			      model->nvals * sizeof(*model->vals));
	if (!same || (model->bytes && its.rec.v[F_type] != model->rec.v[F_type]))
		blame(f, ASPECT_ANSWER);
	if (its.stray)
		blame(f, ASPECT_STRAY);
	party_wipe(&w->party, i);
}

/* The status of a set does not show its values: both sides are asked for them. */
static bool same_values(struct walker *w, struct thing *t)
{
	const struct op all = { .code = OP_semctl_GETALL, .actor = MAKER, .v = { t->id } };
	uint16_t vals[SEMAPHORES];
	struct outcome out;

	return t->gone
		|| (party_values(&w->party, &t->twin, vals)
		    && model_apply(t->world, &all, &profile_linux, 0, &out)
		    && !memcmp(vals, out.vals, sizeof(vals)));
}

/* ---- a cell ------------------------------------------------------------------------------------- */

/* Does the call change values of semaphores? */
static bool sets_values(enum opcode code)
{
	return code == OP_semop || code == OP_semtimedop || code == OP_semctl_SETVAL
		|| code == OP_semctl_SETALL;
}

/*
 * The model succeeds as the subject did. Where the profile forbids it, it is as if the rule that decided did not
 * exist; if that explains nothing, the object is made anew.
 */
static bool follow(struct walker *w, struct thing *t, const struct op *op, const struct verdict *v,
		   struct outcome *out)
{
	struct profile lenient;
	struct verdict again;

	if (v->success)
		return model_apply(t->world, op, w->profile, 0, out);
	lenient = *w->profile;
	lenient.without = model_decider(t->world, op, w->profile);
	model_judge(t->world, op, &lenient, &again);
	return again.success && !again.waits && model_apply(t->world, op, &lenient, 0, out);
}

/* Takes back what a success did, and looks whether all is as before. */
static void take_back(struct walker *w, struct thing *t, int i, const struct outcome *did, int64_t value,
		      struct finding16 *f)
{
	const bool by_address = opinfo[matrix_op[i].code].result == R_ADDR;
	struct op *op = &w->calls.undo[i];
	struct outcome out;
	int64_t ignored;

	if (op->data) {
		w->set.set.mode = t->mode;
		op->data = &w->set;
		party_mode(&w->party, i, true, t->mode);
	}
	op->v[0] = by_address ? did->value : t->id;
	if (party_call(&w->party, &t->twin, op, i, true, by_address ? value : t->twin.id, &ignored)
	    || !model_apply(t->world, op, w->profile, 0, &out)) {
		t->astray = true;
		return;
	}
	compare_state(w, t, true, f);
}

static void after_success(struct walker *w, struct thing *t, int i, const struct op *op,
			  const struct verdict *v, int64_t value, struct finding16 *f)
{
	struct outcome out;

	if (!follow(w, t, op, v, &out)) {
		t->astray = true;
		return;
	}
	if (!value_ok(w, t, op, &out, value))
		blame(f, ASPECT_VALUE);
	compare_state(w, t, true, f);
	compare_answer(w, t, i, &out, f);
	if (w->calls.undo[i].code != NOPS && !t->astray)
		take_back(w, t, i, &out, value, f);
}

/* Of a call that failed the model has nothing to remember. */
static void after_failure(struct walker *w, struct thing *t, int i, struct finding16 *f)
{
	if (!party_kept_off(&w->party, i)) {
		blame(f, ASPECT_STRAY);
		party_wipe(&w->party, i);
	}
	compare_state(w, t, false, f);
}

/* The call with the object's key or id; an IPC_SET sets the inverse of the object's mode. */
static struct op *aim(struct walker *w, struct thing *t, int i)
{
	struct op *op = &w->calls.call[i];

	op->v[0] = w->by_key[i] ? key_of(w, t) : t->id;
	if (w->calls.undo[i].code == NOPS || !op->data)
		return op;
	w->set = *op->data;
	w->set.set.mode = t->mode ^ 0777;
	op->data = &w->set;
	party_mode(&w->party, i, false, t->mode ^ 0777);
	return op;
}

static struct finding16 judge_cell(struct walker *w, struct thing *t, int i)
{
	const struct op *op = aim(w, t, i);
	struct finding16 f = { .state = CELL_CONFORMS };
	struct verdict v, posix;
	int64_t value;
	int err;

	model_judge(t->world, op, w->profile, &v);
	model_judge(t->world, op, &profile_posix, &posix);
	f.granted = v.success;
	f.apart = !allows(&posix, v.first);
	err = party_call(&w->party, &t->twin, op, i, false, w->by_key[i] ? op->v[0] : t->twin.id, &value);
	if (!allows(&v, err)) {
		f.state = allows(&posix, err) ? CELL_PERMITTED : CELL_DEVIATES;
		f.outcome = true;
		f.observed = errno_bits(err);
		f.expected = errno_bits(v.first);
	}
	if (err)
		after_failure(w, t, i, &f);
	else
		after_success(w, t, i, op, &v, value, &f);
	return f;
}

/* The same calls without model and comparison. */
static void bare_cell(struct walker *w, struct thing *t, int i)
{
	const bool by_address = opinfo[matrix_op[i].code].result == R_ADDR;
	unsigned char state[STATEMAX];
	const struct op *op = aim(w, t, i);
	int64_t value;
	int err = party_call(&w->party, &t->twin, op, i, false, w->by_key[i] ? op->v[0] : t->twin.id, &value);

	t->gone = !party_look(&w->party, &t->twin, state);
	if (err || w->calls.undo[i].code == NOPS)
		return;
	if (op->data)
		party_mode(&w->party, i, true, t->mode);
	party_call(&w->party, &t->twin, &w->calls.undo[i], i, true, by_address ? value : t->twin.id, &value);
	party_look(&w->party, &t->twin, state);
}

/* ---- a block ------------------------------------------------------------------------------------ */

static bool be_caller(struct walker *w)
{
	if (w->party.real)
		return party_caller(&w->party, NULL, 0, &w->caller, w->err, sizeof(w->err));
	return true;
}

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

static struct finding16 *finding_of(const struct walker *w, const struct block *b, const struct thing *t, int i)
{
	return &w->walk->cell[cell_place(i, b->relation, b->capset) + (size_t)t->mode];
}

static bool one_cell(struct walker *w, const struct block *b, struct thing *t, int i)
{
	if ((t->astray || t->gone) && (!make_anew(w, t) || !be_caller(w)))
		return false;
	if (!w->party.real)
		w->since = party_clock(&w->party, &t->twin);
	*finding_of(w, b, t, i) = judge_cell(w, t, i);
	return true;
}

/*
 * Values of semaphores are looked at when the calls that set them are through, because it takes all rights. If
 * they are not what they should be, each call is made again with a look after it.
 */
static bool check_values(struct walker *w, const struct block *b, struct thing *t, const int *op, int nops)
{
	if (same_values(w, t))
		return true;
	for (int k = 0; k < nops; k++) {
		t->astray = true;
		if (!one_cell(w, b, t, op[k]))
			return false;
		if (same_values(w, t))
			continue;
		blame(finding_of(w, b, t, op[k]), ASPECT_VALUES);
	}
	t->astray = true;
	return true;
}

static bool cells_of_mode(struct walker *w, const struct block *b, struct thing *t, const int *op, int nops)
{
	int setters = 0;	/* operations on values before the present one, in a row */

	w->since = party_clock(&w->party, &t->twin);
	for (int k = 0; k < nops; k++) {
		if (!one_cell(w, b, t, op[k]))
			return false;
		setters = sets_values(matrix_op[op[k]].code) ? setters + 1 : 0;
		if (setters && (k + 1 == nops || !sets_values(matrix_op[op[k + 1]].code))
		    && !check_values(w, b, t, &op[k + 1 - setters], setters))
			return false;
	}
	return true;
}

static void bare_mode(struct walker *w, struct thing *t, const int *op, int nops)
{
	uint16_t vals[SEMAPHORES];

	for (int k = 0; k < nops; k++) {
		bare_cell(w, t, op[k]);
		if (sets_values(matrix_op[op[k]].code)
		    && (k + 1 == nops || !sets_values(matrix_op[op[k + 1]].code)))
			party_values(&w->party, &t->twin, vals);
	}
}

bool walker_block(struct walker *w, const struct block *b)
{
	struct cred caller;
	int op[128], nops = 0;

	for (int i = 0; i < matrix_nops; i++)
		if (w->walk->sel.op[i] && opinfo[matrix_op[i].code].family == b->family
		    && cell_exists(i, b->capset))
			op[nops++] = i;
	if (!cell_caller(b->relation, b->capset, &caller)
	    || !stock(w, b) || !present(w, &caller))
		return false;
	for (int i = 0; i < w->nthings; i++) {
		if (w->walk->bare)
			bare_mode(w, &w->thing[i], op, nops);
		else if (!cells_of_mode(w, b, &w->thing[i], op, nops))
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
	if (!w->thing) {
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
}
