/* What a run says of its steps: differences with what each profile makes of them, conflicts, failures. */
#include <inttypes.h>
#include <string.h>

#include "lockstep.h"

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

const char *actor_name(const struct run *r, int actor)
{
	return actor < 0 ? "*" : r->in->actor[actor].name;
}

struct finding *report_fault(struct run *r, enum verdict_word verdict, const char *aspect)
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

const char *outcome_text(struct run *r, const struct outcome *out)
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

bool harness_failed(struct run *r, const char *why)
{
	struct finding *f = report_fault(r, V_broken, "harness");

	trial_say(r->trial, V_broken, why);
	if (f)
		f->observed = trial_text(r->trial, "%s", why);
	return false;
}

bool out_of_memory(struct run *r)
{
	return harness_failed(r, "out of memory");
}

void report_conflict(struct run *r, const char *observed, const char *expected, const char *because)
{
	struct finding *f = r->departed ? NULL : report_fault(r, V_conflict, "claim");

	if (!f)
		return;
	f->observed = observed;
	f->expected = expected;
	f->because = trial_text(r->trial, "%s", because);
}

/* The clause that the derivation names last, in brackets; NULL if it names none. */
static const char *last_clause(struct run *r, const char *because)
{
	const char *open = strrchr(because, '[');

	return open ? trial_text(r->trial, "%.*s", (int)strcspn(open + 1, "]"), open + 1) : NULL;
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

void report_outcome(struct run *r, struct turn *t)
{
	struct verdict linux_verdict, posix_verdict;
	bool permitted;
	struct finding *f;

	model_judge(r->w, &t->model_op, &profile_linux, &linux_verdict);
	model_judge(r->w, &t->model_op, &profile_posix, &posix_verdict);
	permitted = r->prof->ordered && turn_allowed(&posix_verdict, t);
	f = report_fault(r, permitted ? V_permitted : V_deviates, "outcome");
	if (!f)
		return;
	f->observed = outcome_text(r, &t->seen);
	f->expected = allowed_text(r, &t->verdict);
	f->linux_says = profile_text(r, &linux_verdict, f->expected, "exactly");
	f->posix_says = profile_text(r, &posix_verdict, f->expected, "the only allowed outcome");
	f->as_linux = turn_allowed(&linux_verdict, t);
	f->because = trial_text(r->trial, "%s%s", refusal(r, t), t->because);
	cite(r, f, t->rule ? t->rule : last_clause(r, t->because));
}

void report_differences(struct run *r, const char *aspect, const struct turn *t,
			       const struct differences *d)
{
	struct finding *f = report_fault(r, V_deviates, aspect);

	if (!f)
		return;
	f->observed = t && t->seen.how == RETURNED && strcmp(aspect, "state") ? outcome_text(r, &t->seen)
									      : "another state";
	f->expected = t && strcmp(aspect, "state") ? outcome_text(r, &t->model) : "the state of the model";
	f->because = trial_text(r->trial, "%s", d->text);
}
