/*
 * The lockstep. For every step: the model judges the call, the subject makes it, the outcomes are
 * compared, the model carries it out as the subject did, parked calls are followed on both sides,
 * and the states are compared. After a deviation the model adopts what was seen, if it can explain
 * it, so that one fault is one finding.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rehearse.h"
#include "reuse.h"
#include "run.h"
#include "witness.h"

/* Where a segment is attached, in the model and in the subject. memory is the model's address space. */
struct place_pair { int memory; int64_t model, subject; };

struct run {
	const struct setting *set;
	const struct script *sc;
	const struct instance *in;
	struct trial *trial;
	const struct profile *prof;
	bool patient;
	struct world *w;
	struct subject *s;
	struct facts facts;			/* the system's, and the files of this box */
	struct translation tr;
	int64_t *model_value, *subject_value;	/* of bound names */
	struct { bool ended; enum opcode code; struct outcome out; int64_t when; } woken[MAXACTORS];
	/* see settle_order */
	struct { bool taken; enum progress progress; struct outcome out; } early[MAXACTORS];
	struct place_pair *place;
	size_t nplaces, capplaces;
	struct snapshot model_state, subject_state;
	int at;					/* number of the current step, from 0 */
	bool departed;				/* an earlier step differed: the case does not go there */
};

/* A step in the making. */
struct turn {
	const struct step *step;
	struct op model_op, subject_op;
	struct verdict verdict;
	enum progress progress;
	struct outcome model, seen;
	bool adopted;			/* the model followed what was not expected */
	char because[2000];		/* derivation, taken before the world moves on */
	const char *rule;
};

/* ---- findings -------------------------------------------------------------------------------- */

static const char *steps_so_far(struct run *r)
{
	char buf[8192];
	struct text t = { buf, sizeof(buf), 0 };

	for (int i = 0; i <= r->at && i < r->in->nsteps; i++) {
		print_step(&t, r->in, &r->in->step[i]);
		text_add(&t, "\n");
	}
	return trial_text(r->trial, "%s", buf);
}

static const char *actor_name(const struct run *r, int actor)
{
	return actor < 0 ? "*" : r->in->actor[actor].name;
}

static struct finding *find_fault(struct run *r, enum verdict_word verdict, const char *aspect)
{
	const struct step *st = &r->in->step[r->at];
	struct finding *f = trial_add(r->trial, verdict, aspect);
	char call[1024] = "";
	struct text t = { call, sizeof(call), 0 };

	if (!f)
		return NULL;
	if (st->kind == STEP_CALL)
		print_op(&t, &st->op, &r->in->table);
	else
		text_add(&t, st->kind == STEP_WAKES ? "wakes" : "sleeps");
	f->step = r->at + 1;
	f->line = st->line;
	f->actor = trial_text(r->trial, "%s", actor_name(r, st->actor));
	f->call = trial_text(r->trial, "%s", call);
	f->steps = steps_so_far(r);
	return f;
}

static const char *outcome_text(struct run *r, const struct outcome *out)
{
	switch (out->how) {
	case RETURNED: return trial_text(r->trial, "%" PRId64, out->value);
	case FAILED: return trial_text(r->trial, "%s", err_name(out->err));
	case BLOCKED: return "blocks";
	case FAULTED: return trial_text(r->trial, "signal %d", out->err);
	}
	return "";
}

/* What comes of a call that no rule forbids. */
static const char *unforbidden_text(struct run *r, const struct verdict *v)
{
	const struct outcome out = { .how = v->end.how, .err = v->end.err };

	return v->waits ? "blocks" : v->end.how == RETURNED ? "success" : outcome_text(r, &out);
}

/* "EACCES", "{EACCES, EINVAL}", "0", "blocks": what a verdict allows. */
static const char *allowed_text(struct run *r, const struct verdict *v)
{
	char buf[256];
	struct text t = { buf, sizeof(buf), 0 };
	const char *sep = "";
	int n = v->success;

	for (int i = 0; i < NERRS; i++)
		n += v->errs.bits >> i & 1;
	text_add(&t, n > 1 ? "{" : "");
	for (int i = 0; i < NERRS; i++)
		if (v->errs.bits >> i & 1) {
			text_add(&t, "%s%s", sep, err_name(err_at(i)));
			sep = ", ";
		}
	if (v->success)
		text_add(&t, "%s%s", sep, unforbidden_text(r, v));
	text_add(&t, n > 1 ? "}" : "");
	return trial_text(r->trial, "%s", buf);
}

static void cite(struct run *r, struct finding *f, const char *rule)
{
	const struct requirement *q =
		rule && r->set->reqs ? requirement_find(r->set->reqs, rule, strlen(rule)) : NULL;

	f->rule = rule;
	f->clause = q ? q->text : NULL;
}

static bool harness_failed(struct run *r, const char *why)
{
	struct finding *f = find_fault(r, V_broken, "harness");

	trial_say(r->trial, V_broken, why);
	if (f)
		f->observed = trial_text(r->trial, "%s", why);
	return false;
}

static bool out_of_memory(struct run *r)
{
	return harness_failed(r, "out of memory");
}

/*
 * The case asks for what cannot be, or its claim is not what the model says. A case says nothing about what
 * comes after a difference: that was found already.
 */
static void conflict(struct run *r, const char *observed, const char *expected, const char *because)
{
	struct finding *f = r->departed ? NULL : find_fault(r, V_conflict, "claim");

	if (!f)
		return;
	f->observed = observed;
	f->expected = expected;
	f->because = trial_text(r->trial, "%s", because);
}

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

/* The call has to wait, but not for long: its end is waited for, and the step ends with it. */
static bool short_wait(const struct turn *t)
{
	return t->verdict.waits && time_limit(&t->model_op);
}

/* The errno to carry the call out with: as the subject did, where the profile allows it. */
static int choose(const struct run *r, const struct turn *t)
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

/* Is the kind of outcome another than the verdict lets expect? What a success returned is compared later. */
static bool unexpected(const struct turn *t, int err)
{
	if (err)
		return t->seen.how != FAILED || t->seen.err != err;
	if (t->verdict.waits)
		return t->progress != PARKED
			&& !(short_wait(t) && t->seen.how == FAILED && t->seen.err == EAGAIN);
	return !ended_so(&t->verdict, t);
}

/* The clause that the derivation names last, in brackets; NULL if it names none. */
static const char *last_clause(struct run *r, const char *because)
{
	const char *open = strrchr(because, '[');

	return open ? trial_text(r->trial, "%.*s", (int)strcspn(open + 1, "]"), open + 1) : NULL;
}

static void take_derivation(struct run *r, struct turn *t)
{
	struct text text = { t->because, sizeof(t->because), 0 };

	t->because[0] = '\0';
	model_derive(r->w, &t->model_op, r->prof, &text);
}

static bool allows(const struct verdict *v, const struct turn *t)
{
	if (t->seen.how == FAILED && err_bit(t->seen.err) >= 0 && v->errs.bits >> err_bit(t->seen.err) & 1)
		return true;
	return v->success && (v->waits ? t->progress == PARKED : ended_so(v, t));
}

/* What a profile makes of the expected outcome, in words. */
static const char *profile_text(struct run *r, const struct verdict *v, const char *expected,
				const char *only)
{
	const char *allowed = allowed_text(r, v);

	if (!strcmp(allowed, expected))
		return only;
	return *allowed == '{' ? trial_text(r->trial, "one of %s", allowed) : allowed;
}

static bool rule_gives(enum opcode code, int err)
{
	const char *id, *strength;
	int given;

	for (int i = 0; model_rule(code, i, &id, &given, &strength); i++)
		if (given == err)
			return true;
	return false;
}

/* What refuses a call that nobody has to be permitted is not System V IPC. */
static const char *refusal(struct run *r, const struct turn *t)
{
	enum opcode code = t->model_op.code;

	if (t->seen.how != FAILED || (t->seen.err != EPERM && t->seen.err != EACCES)
	    || rule_gives(code, t->seen.err))
		return "";
	return trial_text(r->trial, "%s needs no permission that is refused with %s: a filter or a security "
			  "module may stand before it\n", opinfo[code].name, err_name(t->seen.err));
}

/* The kind of outcome is wrong: says so, with what each profile makes of it. */
static void report_outcome(struct run *r, struct turn *t)
{
	struct verdict linux_verdict, posix_verdict;
	bool permitted;
	struct finding *f;

	model_judge(r->w, &t->model_op, &profile_linux, &linux_verdict);
	model_judge(r->w, &t->model_op, &profile_posix, &posix_verdict);
	permitted = r->prof->ordered && allows(&posix_verdict, t);
	f = find_fault(r, permitted ? V_permitted : V_deviates, "outcome");
	if (!f)
		return;
	f->observed = outcome_text(r, &t->seen);
	f->expected = allowed_text(r, &t->verdict);
	f->linux_says = profile_text(r, &linux_verdict, f->expected, "exactly");
	f->posix_says = profile_text(r, &posix_verdict, f->expected, "the only allowed outcome");
	f->as_linux = allows(&linux_verdict, t);
	f->because = trial_text(r->trial, "%s%s", refusal(r, t), t->because);
	cite(r, f, t->rule ? t->rule : last_clause(r, t->because));
}

static void report_differences(struct run *r, const char *aspect, const struct turn *t,
			       const struct differences *d)
{
	struct finding *f = find_fault(r, V_deviates, aspect);

	if (!f)
		return;
	f->observed = t && t->seen.how == RETURNED && strcmp(aspect, "state") ? outcome_text(r, &t->seen)
									      : "another state";
	f->expected = t && strcmp(aspect, "state") ? outcome_text(r, &t->model) : "the state of the model";
	f->because = trial_text(r->trial, "%s", d->text);
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
	if (short_wait(t) && t->model.how == BLOCKED) {
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
	int err = choose(r, t);
	bool wrong = unexpected(t, err);

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
	conflict(r, outcome_text(r, model), trial_text(r->trial, "claimed: %s", claimed), d.text);
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
	struct finding *f = find_fault(r, V_deviates, "outcome");

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

/* ---- order ----------------------------------------------------------------------------------- */

enum { MOST_ARRANGEMENTS = 1000 };

/* Did all sleepers fare as those of the world did? */
static bool sleepers_agree(struct run *r, const struct world *w, const struct op before[MAXACTORS],
			   const bool parked[MAXACTORS])
{
	struct differences ignored = { .len = 0 };
	struct outcome out;

	for (int i = 0; i < MAXACTORS; i++) {
		bool woken = parked[i] && model_woken(w, i, &out);

		if (parked[i] && woken != (r->early[i].progress == DONE))
			return false;
		if (woken
		    && !compare_outcome(&r->tr, &before[i], &before[i], &out, &r->early[i].out, &ignored))
			return false;
	}
	return true;
}

/* Does the world, after the call, look like the subject? */
static bool order_explains(struct run *r, const struct turn *t, struct world *w,
			   const struct op before[MAXACTORS], const bool parked[MAXACTORS])
{
	struct differences ignored = { .len = 0 };
	struct outcome out;

	snapshot_clear(&r->model_state);
	return model_apply(w, &t->model_op, r->prof, choose(r, t), &out)
		&& sleepers_agree(r, w, before, parked) && model_snapshot(w, &r->model_state)
		&& compare_snapshot(&r->tr, &r->model_state, &r->subject_state, &ignored);
}

static void look_at_sleepers(struct run *r, const bool parked[MAXACTORS])
{
	for (int i = 0; i < MAXACTORS; i++) {
		if (!parked[i])
			continue;
		r->early[i].progress = subject_wait(r->s, i, false, 0, &r->early[i].out);
		r->early[i].taken = true;
	}
}

static bool has_rivals(const struct run *r, const bool parked[MAXACTORS])
{
	struct world *copy;
	bool has;
	int n = 0;

	for (int i = 0; i < MAXACTORS; i++)
		n += parked[i];
	copy = n > 1 ? world_clone(r->w) : NULL;
	has = copy && model_arrange(copy, r->prof, 1);
	world_free(copy);
	return has;
}

/*
 * Where it is open which of several sleepers goes first, the subject has chosen: puts the model's sleepers
 * into an order that explains what is seen. If none does they stay as they are, and the difference is found.
 */
static void settle_order(struct run *r, const struct turn *t, const struct op before[MAXACTORS],
			 const bool parked[MAXACTORS], int64_t from)
{
	struct interval when = { .from = from };
	bool found = false;

	if (unexpected(t, choose(r, t)) || short_wait(t) || !has_rivals(r, parked))
		return;
	look_at_sleepers(r, parked);
	when.to = subject_clock(r->s, true);
	snapshot_clear(&r->subject_state);
	if (!translation_step(&r->tr, model_now(r->w), when) || !subject_snapshot(r->s, &r->subject_state))
		return;
	for (int k = 0; !found && k < MOST_ARRANGEMENTS; k++) {
		struct world *copy = world_clone(r->w);

		if (!copy || !model_arrange(copy, r->prof, k))
			k = MOST_ARRANGEMENTS;
		else if (order_explains(r, t, copy, before, parked))
			found = model_arrange(r->w, r->prof, k);
		world_free(copy);
	}
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
	f = find_fault(r, V_unresolved, "outcome");
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
		conflict(r, "cannot be done", "a call that can be made now", why);
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
		conflict(r, model_parked(r->w, a) ? "still asleep" : "not in a call", "claimed: wakes", "");
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
	conflict(r, "not asleep", "claimed: sleeps", "");
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

static bool skip(struct run *r, const char *why)
{
	trial_say(r->trial, V_skipped, why);
	return false;
}

static bool can_be(struct run *r, const struct cred *cred)
{
	char why[120];

	return box_can_be(cred, why, sizeof(why)) || skip(r, why);
}

/*
 * An id that is given to an object must exist in the user namespace; -1 exists nowhere, and is there to
 * fail.
 */
static void add_owner(struct cred *c, const struct payload *d)
{
	if (d->set.has & BIT(F_uid) && (uint32_t)d->set.uid != UINT32_MAX)
		c->suid = (uint32_t)d->set.uid;
	if (d->set.has & BIT(F_gid) && (uint32_t)d->set.gid != UINT32_MAX)
		c->sgid = (uint32_t)d->set.gid;
}

static bool makes_user_namespace(const struct op *op)
{
	return op->code == OP_unshare_user || (op->code == OP_clone && op->clone.flags & CLONE_NEWUSER);
}

static bool asks_for_huge_pages(const struct op *op)
{
	return op->code == OP_shmget && op->shmget.flg & SHM_HUGETLB;
}

/* Is there a name in the user namespace for who a file is given to? */
static bool chown_can_be(struct run *r, const struct step *st)
{
	struct cred c = r->in->actor[st->actor].cred;

	if ((uint32_t)st->op.chown.uid != UINT32_MAX)
		c.suid = (uint32_t)st->op.chown.uid;
	if ((uint32_t)st->op.chown.gid != UINT32_MAX)
		c.sgid = (uint32_t)st->op.chown.gid;
	return can_be(r, &c);
}

static bool step_can_be(struct run *r, const struct step *st)
{
	struct cred c;
	char why[120];

	if (st->kind != STEP_CALL)
		return true;
	if (!box_can(&st->op, why, sizeof(why)))
		return skip(r, why);
	if (st->op.code == OP_limit || st->op.code == OP_limit_sem)
		return r->set->root || skip(r, "needs root: limits");
	if (asks_for_huge_pages(&st->op) && !r->set->facts.hugetlb)
		return skip(r, "needs a system that knows huge pages");
	if (asks_for_huge_pages(&st->op) && r->set->facts.huge_page > HOLE_SIZE)
		return skip(r, "huge pages are larger here than the place for attaches at a fixed address");
	if (asks_for_huge_pages(&st->op) && r->set->facts.huge_pages)
		return skip(r, "huge pages can be had here, and the model counts on none");
	if (makes_user_namespace(&st->op) && !r->set->facts.user_namespaces)
		return skip(r, "needs user namespaces");
	if (op_needs_ia32(st->op.code) && !r->set->facts.ia32)
		return skip(r, "needs 32-bit calls of x86");
	if (st->op.code == OP_chown)
		return chown_can_be(r, st);
	if (st->actor < 0 || !st->op.data)
		return true;
	c = r->in->actor[st->actor].cred;
	if (st->op.code == OP_become)
		credset_apply(&c, &st->op.data->cred);
	add_owner(&c, st->op.data);
	return can_be(r, &c);
}

/* The files that the case is about must be there, and the model must know them. */
static bool find_files(struct run *r)
{
	bool any = false, twin = false;
	char why[120];

	for (int i = 0; i < r->in->nsteps; i++) {
		const struct step *st = &r->in->step[i];

		if (st->kind != STEP_CALL || (st->op.code != OP_ftok && opinfo[st->op.code].family != NODES))
			continue;
		any = true;
		twin = twin || (st->op.code == OP_ftok && st->op.ftok.path == PATH_twin);
	}
	if (!any || box_files(&r->facts.files, twin, why, sizeof(why)))
		return true;
	return skip(r, trial_text(r->trial, "%s", why));
}

/* Is everything there that the case needs? */
static bool needs_met(struct run *r)
{
	if (!script_is_about(r->sc, r->prof->name))
		return skip(r, trial_text(r->trial, "the claim is about profile %s", r->sc->profile));
	for (const struct need *n = r->sc->need; n < r->sc->need + r->sc->nneeds; n++)
		if (fact_of(&r->facts, n->fact) != n->v)
			return skip(r, trial_text(r->trial, "needs %s to be %lld: %s",
						  factinfo[n->fact].name, (long long)n->v,
						  factinfo[n->fact].text));
	if (!r->set->subject.kernel)
		return true;
	if (r->sc->needs_root && !r->set->root)
		return skip(r, "needs root");
	for (int i = 0; i < r->in->nactors; i++)
		if (!can_be(r, &r->in->actor[i].cred))
			return false;
	for (int i = 0; i < r->in->nsteps; i++)
		if (!step_can_be(r, &r->in->step[i]))
			return false;
	return find_files(r);
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
