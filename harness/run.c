/*
 * The lockstep. For every step: the model judges the call, the subject makes it, the outcomes are
 * compared, the model carries it out as the subject did, parked calls are followed on both sides,
 * and the states are compared. After a deviation the model adopts what was seen, if it can explain
 * it, so that one fault is one finding.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep.h"
#include "rehearse.h"
#include "reuse.h"
#include "witness.h"

/* ---- resolving ------------------------------------------------------------------------------- */

/* IPC_SET takes a whole record: what the case left out is what the object has. */
static bool complete_set(struct run *r, struct turn *t)
{
	enum family f = opinfo[t->model_op.code].family;
	const struct payload *d = t->model_op.data;
	struct payload *full;
	struct record now = { 0 };

	if (!d || (op_kind(&t->model_op, 1) != KIND_MSGSET && op_kind(&t->model_op, 1) != KIND_PERMSET))
		return true;
	full = arena_alloc(&r->trial->arena, sizeof(*full));
	if (!full)
		return false;
	*full = *d;
	model_record(r->w, t->model_op.actor, f, t->model_op.v[0], &now);
	if (!(d->set.has & BIT(F_uid)))
		full->set.uid = now.v[F_uid];
	if (!(d->set.has & BIT(F_gid)))
		full->set.gid = now.v[F_gid];
	if (!(d->set.has & BIT(F_mode)))
		full->set.mode = now.v[F_mode];
	if (!(d->set.has & BIT(F_qbytes)))
		full->set.qbytes = now.v[F_qbytes];
	full->set.has |= BIT(F_uid) | BIT(F_gid) | BIT(F_mode) | BIT(F_qbytes);
	t->model_op.data = t->subject_op.data = full;
	return true;
}

/* ---- outcomes -------------------------------------------------------------------------------- */

/* Milliseconds after which a semtimedop ends by itself; 0 if that is not soon, or never. */
static int time_limit(const struct op *op)
{
	const struct payload *d = op->data;

	if (op->code != OP_semtimedop || !d->timeout.given || d->timeout.where == P_NULL || d->timeout.sec)
		return 0;
	return (int)(d->timeout.nsec / 1000000) + 1;
}

bool turn_is_short(const struct turn *t)
{
	return t->verdict.waits && time_limit(&t->model_op);
}

int turn_errno(const struct run *r, const struct turn *t)
{
	const struct verdict *v = &t->verdict;
	int bit;

	if (t->seen.how == FAILED && (bit = err_bit(t->seen.err)) >= 0 && v->errs.bits >> bit & 1)
		return t->seen.err;
	if (r->prof->ordered || v->success)
		return v->first;
	for (bit = 0; !(v->errs.bits >> bit & 1);)
		bit++;
	return err_at(bit);
}

/* Did the call end as it does when no rule forbids it? */
static bool ended_so(const struct verdict *v, const struct turn *t)
{
	const struct end *end = &v->end;

	return t->seen.how == end->how && (end->how == RETURNED || t->seen.err == end->err);
}

bool turn_unexpected(const struct turn *t, int err)
{
	if (err)
		return t->seen.how != FAILED || t->seen.err != err;
	if (t->verdict.waits)
		return t->progress != PARKED
			&& !(turn_is_short(t) && t->seen.how == FAILED && t->seen.err == EAGAIN);
	return !ended_so(&t->verdict, t);
}

bool turn_allowed(const struct verdict *v, const struct turn *t)
{
	if (t->seen.how == FAILED && err_bit(t->seen.err) >= 0 && v->errs.bits >> err_bit(t->seen.err) & 1)
		return true;
	return v->success && (v->waits ? t->progress == PARKED : ended_so(v, t));
}

static void take_derivation(struct run *r, struct turn *t)
{
	struct text text = { t->because, sizeof(t->because), 0 };

	t->because[0] = '\0';
	model_derive(r->w, &t->model_op, r->prof, &text);
}

/*
 * The subject succeeded where the profile says it fails: go on as if the deciding rule did not
 * exist, if that is all that stood in the way. Returns false when no state explains what was seen.
 */
static bool adopt_success(struct run *r, struct turn *t)
{
	struct profile lenient = *r->prof;
	struct verdict v;

	lenient.without = t->rule;
	if (!t->rule || r->prof->without)
		return false;
	model_judge(r->w, &t->model_op, &lenient, &v);
	if (!v.success || v.waits || !model_apply(r->w, &t->model_op, &lenient, 0, &t->model))
		return false;
	if (t->model.how == RETURNED) {
		struct differences ignored = { .len = 0 };

		compare_outcome(&r->tr, &t->model_op, &t->subject_op, &t->model, &t->seen, &ignored);
	}
	return true;
}

/* After an unexpected kind of outcome: true if the case can go on. */
static bool adopt(struct run *r, struct turn *t)
{
	if (t->progress == PARKED || t->seen.how == FAULTED)
		return false;
	if (t->seen.how == FAILED)
		return model_apply(r->w, &t->model_op, r->prof, t->seen.err, &t->model);
	return !t->verdict.waits && adopt_success(r, t);
}

/* The world moves; what it says is compared with what was seen. False when the case cannot go on. */
static bool carry_out(struct run *r, struct turn *t, int err)
{
	struct differences d = { .len = 0 };

	if (!model_apply(r->w, &t->model_op, r->prof, err, &t->model))
		return out_of_memory(r);
	if (turn_is_short(t) && t->model.how == BLOCKED) {
		model_expire(r->w, t->model_op.actor, r->prof);
		model_woken(r->w, t->model_op.actor, &t->model);
	}
	if (t->model.how == BLOCKED && t->progress == PARKED)
		return true;
	if (compare_outcome(&r->tr, &t->model_op, &t->subject_op, &t->model, &t->seen, &d))
		return true;
	report_differences(r, "outcome", t, &d);
	return t->model.how == RETURNED && t->seen.how == RETURNED;
}

static bool settle_outcome(struct run *r, struct turn *t)
{
	int err = turn_errno(r, t);
	bool wrong = turn_unexpected(t, err);

	if (wrong)
		take_derivation(r, t);
	if (wrong || err)
		t->rule = model_decider(r->w, &t->model_op, r->prof);
	if (err && t->rule)
		trial_rule(r->trial, t->rule);
	if (!wrong)
		return carry_out(r, t, err);
	report_outcome(r, t);
	t->adopted = true;
	return adopt(r, t);
}

/* ---- the claim ------------------------------------------------------------------------------- */

static void check_claim(struct run *r, const struct claim *c, enum opcode code, const struct outcome *model,
			int64_t now)
{
	struct differences d = { .len = 0 };
	char claimed[512] = "";
	struct text text = { claimed, sizeof(claimed), 0 };

	if (claim_holds(c, code, model, now, r->model_value, &d))
		return;
	print_claim(&text, c, &opinfo[code], &r->in->table);
	report_conflict(r, outcome_text(r, model), trial_text(r->trial, "claimed: %s", claimed), d.text);
}

/* Is one of the outcomes that the claim names among those that the verdict allows? */
static bool claim_possible(const struct claim *c, const struct verdict *v)
{
	if (c->errs.bits & v->errs.bits)
		return true;
	if (!v->success || v->waits)
		return v->success && c->blocks;
	switch (v->end.how) {
	case FAILED: return c->errs.bits >> err_bit(v->end.err) & 1;
	case FAULTED: return c->signo == v->end.err;
	default: return c->success;
	}
}

/*
 * The claim of a call. The outcome in t is the model's own choice only under an ordered profile that was not
 * overruled by the subject; otherwise it is enough that the claim names something that the model allows.
 */
static void check_call_claim(struct run *r, const struct turn *t)
{
	const struct claim *c = &t->step->claim;
	struct outcome said = { .how = FAILED, .err = t->verdict.first };

	if (!c->given)
		return;
	if (!t->adopted && (r->prof->ordered || (t->model.how == RETURNED && c->success)))
		check_claim(r, c, t->step->op.code, &t->model, model_now(r->w) - 1);
	else if (!claim_possible(c, &t->verdict))
		check_claim(r, c, t->step->op.code, t->verdict.first ? &said : &t->model,
			    model_now(r->w) - 1);
}

/* ---- parked calls ---------------------------------------------------------------------------- */

static void wrong_sleep(struct run *r, int actor, const char *observed, const char *expected)
{
	struct finding *f = report_fault(r, V_deviates, "outcome");

	if (!f)
		return;
	f->observed = trial_text(r->trial, "%s %s", actor_name(r, actor), observed);
	f->expected = trial_text(r->trial, "%s %s", actor_name(r, actor), expected);
}

static enum progress watch(struct run *r, int actor, bool expect_end, struct outcome *out)
{
	if (!r->early[actor].taken)
		return subject_wait(r->s, actor, expect_end, 0, out);
	r->early[actor].taken = false;
	*out = r->early[actor].out;
	return r->early[actor].progress;
}

/* The model says that actor's call has ended with out. */
static bool follow_wake(struct run *r, int actor, const struct outcome *out, const struct op *call)
{
	struct differences d = { .len = 0 };
	struct turn t = { .model_op = *call, .subject_op = *call, .model = *out };

	r->woken[actor].ended = true;
	r->woken[actor].code = call->code;
	r->woken[actor].out = *out;
	r->woken[actor].when = model_now(r->w) - 1;
	switch (watch(r, actor, true, &t.seen)) {
	case LOST:
		return harness_failed(r, subject_why(r->s));
	case PARKED:
		wrong_sleep(r, actor, "still sleeps",
			    trial_text(r->trial, "wakes with %s", outcome_text(r, out)));
		return false;
	case DONE:
		break;
	}
	trial_saw(r->trial, &t.model_op, &t.seen, true);
	if (compare_outcome(&r->tr, &t.model_op, &t.subject_op, &t.model, &t.seen, &d))
		return true;
	t.seen.how == out->how && out->how == RETURNED ? report_differences(r, "outcome", &t, &d)
		: wrong_sleep(r, actor, trial_text(r->trial, "wakes with %s", outcome_text(r, &t.seen)),
			      trial_text(r->trial, "wakes with %s", outcome_text(r, out)));
	return false;
}

static bool follow_sleep(struct run *r, int actor)
{
	struct outcome seen;

	switch (watch(r, actor, false, &seen)) {
	case LOST:
		return harness_failed(r, subject_why(r->s));
	case PARKED:
		return true;
	case DONE:
		break;
	}
	wrong_sleep(r, actor, trial_text(r->trial, "wakes with %s", outcome_text(r, &seen)), "still sleeps");
	return false;
}

/* Calls that were parked before the step: both sides must agree on which went on, and how. */
static bool follow_parked(struct run *r, const struct op before[MAXACTORS], const bool parked[MAXACTORS],
			  int caller)
{
	struct outcome out;

	for (int i = 0; i < MAXACTORS; i++) {
		if (!parked[i] || i == caller)
			continue;
		if (model_woken(r->w, i, &out) ? !follow_wake(r, i, &out, &before[i]) : !follow_sleep(r, i))
			return false;
	}
	return true;
}

/* ---- state ----------------------------------------------------------------------------------- */

static bool note_place(struct run *r, int actor, int64_t model, int64_t subject)
{
	if (!grow(&r->place, &r->capplaces, r->nplaces + 1, sizeof(*r->place)))
		return false;
	r->place[r->nplaces++] = (struct place_pair){ world_memory(r->w, actor), model, subject };
	return true;
}

static int64_t place_of(const struct run *r, int actor, int64_t model)
{
	for (size_t i = r->nplaces; i-- > 0;)
		if (r->place[i].memory == world_memory(r->w, actor) && r->place[i].model == model)
			return r->place[i].subject;
	return -1;
}

/* A thread has its parent's places as its own. */
static bool inherit_places(struct run *r, int parent, int child)
{
	int memory = world_memory(r->w, parent);
	size_t n = memory == world_memory(r->w, child) ? 0 : r->nplaces;

	for (size_t i = 0; i < n; i++)
		if (r->place[i].memory == memory
		    && !note_place(r, child, r->place[i].model, r->place[i].subject))
			return false;
	return true;
}

#define BYTES_COMPARED 256	/* at the start of each attached segment */

static void compare_bytes(struct run *r, struct differences *d)
{
	unsigned char model[BYTES_COMPARED], seen[BYTES_COMPARED];
	int64_t addr, size;

	for (int a = 0; a < MAXACTORS; a++) {
		if (!world_alive(r->w, a) || model_parked(r->w, a))
			continue;
		for (int i = 0; model_attachment(r->w, a, i, &addr, &size); i++) {
			int64_t there = place_of(r, a, addr);	/* -1: ipc_shmat could not tell it */
			size_t n = size < BYTES_COMPARED ? (size_t)size : BYTES_COMPARED;
			size_t want = model_bytes(r->w, a, addr, model, n);
			size_t got = there < 0 ? want : subject_bytes(r->s, a, there, seen, n);

			if (there < 0)
				continue;
			if (want != got || memcmp(model, seen, want))
				differ(d, "bytes that %s has attached at 0x%" PRIx64 ": other than expected",
				       actor_name(r, a), there);
		}
	}
}

/*
 * Takes over what was seen of every object that both sides have. True if that explains the difference: not
 * if somebody would not sleep in such a state.
 */
static bool adopt_state(struct run *r)
{
	struct differences left = { .len = 0 };

	for (size_t i = 0; i < r->subject_state.nobj; i++) {
		struct objview seen = r->subject_state.obj[i];

		if (!translate_object(&r->tr, &seen, &r->subject_state)
		    || !model_adopt(r->w, &seen, &r->subject_state))
			return false;
	}
	snapshot_clear(&r->model_state);
	snapshot_clear(&r->subject_state);
	if (!model_snapshot(r->w, &r->model_state) || !subject_snapshot(r->s, &r->subject_state))
		return false;
	return compare_snapshot(&r->tr, &r->model_state, &r->subject_state, &left) && world_ok(r->w, NULL, 0);
}

static bool settle_state(struct run *r, const struct turn *t)
{
	struct differences d = { .len = 0 };

	snapshot_clear(&r->model_state);
	snapshot_clear(&r->subject_state);
	if (!model_snapshot(r->w, &r->model_state))
		return out_of_memory(r);
	if (!subject_snapshot(r->s, &r->subject_state))
		return harness_failed(r, "the state of the subject cannot be read");
	compare_snapshot(&r->tr, &r->model_state, &r->subject_state, &d);
	compare_bytes(r, &d);
	if (!d.count)
		return true;
	report_differences(r, "state", t, &d);
	return adopt_state(r);
}

/* ---- steps ----------------------------------------------------------------------------------- */

static bool bind_result(struct run *r, const struct turn *t)
{
	int name = t->step->bind;
	int64_t m = t->model.how == RETURNED ? t->model.value : -1,
		s = t->seen.how == RETURNED ? t->seen.value : -1;

	if (name >= 0) {
		r->model_value[name] = m;
		r->subject_value[name] = s;
	}
	if (t->model.how != RETURNED)
		return true;
	if (opinfo[t->model_op.code].result == R_ADDR)
		return note_place(r, t->model_op.actor, m, s);
	if (!op_makes_actor(t->model_op.code))
		return true;
	r->tr.pid[t->model_op.v[0]] = t->seen.value;
	return inherit_places(r, t->model_op.actor, (int)t->model_op.v[0]);
}

/* A call that does not fit on the tape is left out: the benchmark then plays less. */
static void note_call(struct tape *tape, const struct op *op)
{
	if (grow(&tape->op, &tape->cap, tape->n + 1, sizeof(*op)))
		tape->op[tape->n++] = *op;
}

/* The call on the subject. False when the harness failed. */
static bool call_subject(struct run *r, struct turn *t)
{
	struct op asked = t->model_op;
	int deadline;

	asked.data = t->step->op.data;		/* what the case sets, not all that IPC_SET takes */
	if (r->set->tape)
		note_call(r->set->tape, &t->subject_op);
	t->progress = subject_call(r->s, &t->subject_op, t->verdict.waits, &t->seen);
	/* Linux may fall asleep for a moment even when the time is 0. */
	deadline = time_limit(&t->subject_op);
	if (t->progress == PARKED && deadline)
		t->progress = subject_wait(r->s, t->subject_op.actor, true, deadline, &t->seen);
	if (t->progress == LOST)
		return harness_failed(r, subject_why(r->s));
	if (t->progress == PARKED)
		t->seen = (struct outcome){ .how = BLOCKED };
	trial_saw(r->trial, &asked, &t->seen, false);
	return true;
}

/* A system without the call is not judged by it. */
static bool lacks_call(struct run *r, const struct turn *t)
{
	if (t->seen.how != FAILED || t->seen.err != ENOSYS || t->verdict.errs.bits >> err_bit(ENOSYS) & 1)
		return false;
	trial_say(r->trial, V_unsupported,
		  trial_text(r->trial, "the system has no %s", opinfo[t->model_op.code].name));
	return true;
}

bool rule_gives(enum opcode code, int err)
{
	const char *id, *strength;
	int given;

	for (int i = 0; model_rule(code, i, &id, &given, &strength); i++)
		if (given == err)
			return true;
	return false;
}

/* Failures of a system that has not enough of something, whatever it was asked. */
static bool of_resources(int err)
{
	return err == ENOMEM || err == ENFILE || err == EMFILE || err == ENOBUFS;
}

/* Does success bring about an object or a mapping? Memory for those is not counted by any rule. */
static bool makes_something(enum opcode code)
{
	return opinfo[code].result == R_ID || opinfo[code].result == R_ADDR;
}

/*
 * A call that should succeed and fails for want of something says nothing about the rules. Where a rule gives
 * that errno, as RLIMIT_MEMLOCK does to SHM_LOCK, the failure is a statement about the rule.
 */
static bool ran_short(struct run *r, const struct turn *t)
{
	enum opcode code = t->model_op.code;
	struct finding *f;

	if (t->seen.how != FAILED || !of_resources(t->seen.err) || !t->verdict.success
	    || (t->verdict.errs.bits >> err_bit(t->seen.err) & 1)
	    || (rule_gives(code, t->seen.err) && !makes_something(code)))
		return false;
	if (r->trial->verdict >= V_unstable)
		return true;
	f = report_fault(r, V_unresolved, "outcome");
	if (f) {
		f->observed = outcome_text(r, &t->seen);
		f->expected = "success";
	}
	trial_say(r->trial, V_unresolved,
		  trial_text(r->trial, "%s gave %s, and no rule says why: the system is short of something",
			     opinfo[code].name, err_name(t->seen.err)));
	return true;
}

/* Does the call use a name that stands for nothing, because what was to make it differed? */
static bool names_nothing(const struct run *r, const struct op *op)
{
	for (int i = 0; r->trial->findings && i < opinfo[op->code].nargs; i++)
		if (op->ref[i] && r->subject_value[op->ref[i] - 1] == -1)
			return true;
	return false;
}

static bool run_call(struct run *r, const struct step *st)
{
	struct turn t = { .step = st };
	struct op before[MAXACTORS];
	bool parked[MAXACTORS], go_on;
	struct interval when;
	char why[160];

	if (names_nothing(r, &st->op))
		return false;
	resolve(&st->op, r->model_value, &t.model_op);
	resolve(&st->op, r->subject_value, &t.subject_op);
	if (!complete_set(r, &t))
		return out_of_memory(r);
	if (!model_ready(r->w, &t.model_op, why, sizeof(why))) {
		report_conflict(r, "cannot be done", "a call that can be made now", why);
		return false;
	}
	for (int i = 0; i < MAXACTORS; i++) {
		const struct op *call = model_parked(r->w, i);

		parked[i] = call;
		if (call)
			before[i] = *call;
	}
	model_judge(r->w, &t.model_op, r->prof, &t.verdict);
	r->tr.space = world_namespace(r->w, t.model_op.actor);
	when.from = subject_clock(r->s, false);
	if (!call_subject(r, &t) || lacks_call(r, &t) || ran_short(r, &t))
		return false;
	settle_order(r, &t, before, parked, when.from);
	go_on = settle_outcome(r, &t);
	if (!go_on)
		return false;
	if (!follow_parked(r, before, parked, -1))
		return false;
	when.to = subject_clock(r->s, true);
	if (!translation_step(&r->tr, model_now(r->w) - 1, when) || !bind_result(r, &t))
		return out_of_memory(r);
	check_call_claim(r, &t);
	/* What was taken over from a subject that is wrong may be no state at all. */
	if (!world_ok(r->w, why, sizeof(why)))
		return !t.adopted
			&& harness_failed(r, trial_text(r->trial, "the model is inconsistent: %s", why));
	return settle_state(r, &t);
}

static bool run_wakes(struct run *r, const struct step *st)
{
	int a = st->actor;

	if (!r->woken[a].ended) {
		report_conflict(r, model_parked(r->w, a) ? "still asleep" : "not in a call",
				"claimed: wakes", "");
		return false;
	}
	r->woken[a].ended = false;
	check_claim(r, &st->claim, r->woken[a].code, &r->woken[a].out, r->woken[a].when);
	return true;
}

static bool run_sleeps(struct run *r, const struct step *st)
{
	if (model_parked(r->w, st->actor))
		return true;
	report_conflict(r, "not asleep", "claimed: sleeps", "");
	return false;
}

static bool differed(const struct trial *t)
{
	for (const struct finding *f = t->findings; f; f = f->next)
		if (f->verdict == V_permitted || f->verdict == V_deviates)
			return true;
	return false;
}

static bool run_step(struct run *r, const struct step *st)
{
	r->trial->steps++;
	r->departed = differed(r->trial);
	switch (st->kind) {
	case STEP_CALL: return run_call(r, st);
	case STEP_WAKES: return run_wakes(r, st);
	case STEP_SLEEPS: return run_sleeps(r, st);
	}
	return false;
}

/* ---- instances ------------------------------------------------------------------------------- */

/* Does the operation leave its process's mark, or need one of its own? */
static bool marks_process(const struct op *op)
{
	switch (op->code) {
	case OP_msgsnd: case OP_msgrcv: case OP_semop: case OP_semtimedop: case OP_semctl_SETVAL:
	case OP_semctl_SETALL: case OP_shmget: case OP_shmat: case OP_shmdt: case OP_load: case OP_store:
		return true;
	default:
		return false;
	}
}

/*
 * Can one process play every actor? Not if anybody sleeps, or lives and dies, two leave marks that must
 * differ, or calls are to be failed: that is done to actors who are confined.
 */
static enum real_mode mode_of(struct run *r)
{
	const struct instance *in = r->in;
	int marker = -1;

	if (r->set->subject.injection.err)
		return REAL_PROCESSES;
	for (int i = 0; i < in->nsteps; i++) {
		const struct step *st = &in->step[i];

		if (st->kind != STEP_CALL || real_needs_process(st->op.code))
			return REAL_PROCESSES;
		if (!marks_process(&st->op))
			continue;
		if (marker >= 0 && marker != st->actor)
			return REAL_PROCESSES;
		marker = st->actor;
	}
	return rehearse(r->w, in, r->prof, r->model_value) == WAITS ? REAL_PROCESSES : REAL_SOLO;
}

/* A new world with the actors that exist from the start. */
static bool open_world(struct run *r)
{
	world_free(r->w);
	r->w = world_new(&r->facts);
	for (int i = 0; r->w && i < r->in->nactors; i++)
		if (!r->in->actor[i].forked)
			world_task(r->w, i, &r->in->actor[i].cred);
	return r->w;
}

/* Some claims are about the C library. */
static enum abi abi_of(const struct run *r)
{
	return r->sc->libc ? ABI_LIBC : r->set->subject.abi;
}

static bool enter_namespace(struct run *r)
{
	char err[200];

	if (!r->set->subject.kernel || (reuse_allowed(r->sc, r->in) && box_again()))
		return true;
	return box_fresh(err, sizeof(err)) || harness_failed(r, err);
}

static bool open_subject(struct run *r, enum real_mode mode)
{
	char err[200];

	r->trial->how = !r->set->subject.kernel ? "model" : mode == REAL_SOLO ? "solo" : "processes";
	if (!enter_namespace(r))
		return false;
	reuse_began();
	r->s = subject_open(&r->set->subject, &r->set->facts, mode, abi_of(r), err, sizeof(err));
	if (!r->s)
		return harness_failed(r, err);
	if (r->patient)
		subject_be_patient(r->s);
	for (int i = 0; i < r->in->nactors; i++) {
		r->tr.pid[i] = -1;
		if (r->in->actor[i].forked)
			continue;
		if (!subject_actor(r->s, i, &r->in->actor[i].cred, err, sizeof(err)))
			return harness_failed(r, err);
		r->tr.pid[i] = subject_pid(r->s, i);
	}
	return true;
}

static bool open_run(struct run *r)
{
	enum real_mode mode;

	r->model_value = calloc((size_t)r->in->nnames + 1, sizeof(int64_t));
	r->subject_value = calloc((size_t)r->in->nnames + 1, sizeof(int64_t));
	if (!r->model_value || !r->subject_value || !open_world(r))
		return out_of_memory(r);
	mode = mode_of(r);
	if (!open_world(r))
		return out_of_memory(r);
	r->tr.exact_ids = r->sc->check_ids;
	r->tr.exact = r->prof->ordered;
	r->tr.page = r->set->facts.page;
	return open_subject(r, mode);
}

static void close_run(struct run *r)
{
	if (r->s) {
		r->trial->calls = subject_calls(r->s);
		if (subject_timed(r->s))
			r->trial->how = "timed";
		r->trial->leaks = subject_close(r->s);
	}
	world_free(r->w);
	free(r->model_value);
	free(r->subject_value);
	free(r->place);
	translation_free(&r->tr);
	snapshot_free(&r->model_state);
	snapshot_free(&r->subject_state);
}

static const char *replay_text(const struct setting *set, const struct instance *in, struct trial *t)
{
	const char *subject =
		strcmp(set->subject.text, "kernel") ? trial_text(t, " --subject %s", set->subject.text) : "";
	const char *profile =
		set->profile == &profile_linux ? "" : trial_text(t, " --profile %s", set->profile->name);

	const char *abi =
		set->subject.abi == ABI_RAW ? "" : trial_text(t, " --abi %s", abi_name(set->subject.abi));

	return trial_text(t, "sysvet run%s%s%s --filter '%s'", profile, subject, abi, in->name);
}

enum { MOST_FINDINGS = 8 };	/* a case that repeats a step says the same again and again */

static void run(const struct setting *set, const struct script *sc, const struct instance *in, bool patient,
		struct trial *t)
{
	struct run r = {
		.set = set, .sc = sc, .in = in, .trial = t, .prof = set->profile, .patient = patient,
	};

	r.facts = set->facts;
	trial_init(t);
	t->replay = replay_text(set, in, t);
	if (needs_met(&r) && open_run(&r))
		while (r.at < in->nsteps && t->nfindings < MOST_FINDINGS && run_step(&r, &in->step[r.at]))
			r.at++;
	if (t->findings)
		t->left = in->nsteps - t->steps;
	close_run(&r);
}

void run_instance(const struct setting *set, const struct script *sc, const struct instance *in,
		  struct trial *t)
{
	run(set, sc, in, false, t);
}

void run_patiently(const struct setting *set, const struct script *sc, const struct instance *in,
		   struct trial *t)
{
	run(set, sc, in, true, t);
}
