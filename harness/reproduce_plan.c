#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "rehearse.h"
#include "reproduce_plan.h"

bool plan_refuse(struct plan *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->err, p->errsize, fmt, ap);
	va_end(ap);
	return false;
}

static bool keep(struct plan *p, struct outcome *to, const struct outcome *from)
{
	unsigned char *bytes = arena_alloc(&p->arena, from->len + 1);
	uint16_t *vals = arena_alloc(&p->arena, (from->nvals + 1) * sizeof(*vals));

	if (!bytes || !vals)
		return plan_refuse(p, "out of memory");
	*to = *from;
	if (from->len)
		to->bytes = memcpy(bytes, from->bytes, from->len);
	if (from->nvals)
		to->vals = memcpy(vals, from->vals, from->nvals * sizeof(*vals));
	return true;
}

static bool make_ready(struct plan *p, struct world *w, const struct step *st, struct prediction *at)
{
	char why[160];

	if (!reproduce_calls[st->op.code].text)
		return plan_refuse(p, "found %s, expected operations that can be written in C",
				   opinfo[st->op.code].name);
	resolve(&st->op, p->value, &at->op);
	if (!model_ready(w, &at->op, why, sizeof(why)))
		return plan_refuse(p, "found a step that cannot be made: %s", why);
	if (opinfo[st->op.code].family < NFAMILIES && st->op.code != OP_msgget && st->op.code != OP_semget
	    && st->op.code != OP_shmget)
		model_record(w, at->op.actor, opinfo[st->op.code].family, at->op.v[0], &at->before);
	return true;
}

static bool has_timeout(const struct op *op)
{
	return op->code == OP_semtimedop && op->data->timeout.given && op->data->timeout.where != P_NULL;
}

static bool short_wait(const struct op *op)
{
	return has_timeout(op) && !op->data->timeout.sec;
}

/* Where the model of a standard leaves a choice the program follows the first error, as the model does. */
static bool call_step(struct plan *p, struct world *w, int i)
{
	const struct step *st = &p->in->step[i];
	struct prediction *at = &p->of[i];
	struct outcome out;
	struct verdict v;

	if (!make_ready(p, w, st, at))
		return false;
	model_judge(w, &at->op, p->profile, &v);
	at->also = v.errs;
	at->either = v.success && v.first;
	if (!model_apply(w, &at->op, p->profile, v.first, &out))
		return plan_refuse(p, "out of memory");
	if (out.how == BLOCKED && short_wait(&at->op)) {
		model_expire(w, at->op.actor, p->profile);
		model_woken(w, at->op.actor, &out);
	}
	if (out.how == BLOCKED)
		p->pending[at->op.actor] = i;
	else if (at->op.actor >= 0 && world_alive(w, at->op.actor))
		at->cred = *world_cred(w, at->op.actor);
	if (st->bind >= 0)
		p->value[st->bind] = out.how == RETURNED ? out.value : -1;
	return keep(p, &at->at, &out) && keep(p, &at->end, &out);
}

/* Calls that have ended; their steps were before. */
static bool wake_sleepers(struct plan *p, struct world *w)
{
	for (int a = 0; a < MAXACTORS; a++) {
		struct outcome out;

		if (p->pending[a] >= 0 && model_woken(w, a, &out)
		    && !keep(p, &p->of[p->pending[a]].end, &out))
			return false;
	}
	return true;
}

static bool look_step(struct plan *p, struct world *w, int i)
{
	int actor = p->in->step[i].actor, call = p->pending[actor];
	const struct op *op = model_parked(w, actor);
	struct outcome out;

	if (call < 0)
		return plan_refuse(p, "found a step about a call that does not sleep");
	if (p->in->step[i].kind == STEP_WAKES && op && has_timeout(op)) {
		model_expire(w, actor, p->profile);
		if (model_woken(w, actor, &out) && !keep(p, &p->of[call].end, &out))
			return false;
	}
	p->of[i].op = p->of[call].op;
	p->of[i].at = p->of[call].end;
	if (p->of[i].at.how != BLOCKED)
		p->pending[actor] = -1;
	return true;
}

static bool rivals(const struct plan *p, const struct world *w)
{
	struct world *copy = world_clone(w);
	bool has = copy && model_arrange(copy, p->profile, 1);

	world_free(copy);
	return has;
}

static bool foresee_step(struct plan *p, struct world *w, int i)
{
	struct prediction *at = &p->of[i];
	size_t names = (size_t)p->in->nnames * sizeof(*p->value);

	at->value = arena_alloc(&p->arena, names + 1);
	if (!at->value)
		return plan_refuse(p, "out of memory");
	memcpy(at->value, p->value, names);
	at->now = model_now(w);
	at->space = world_namespace(w, p->in->step[i].actor);
	if (p->in->step[i].kind != STEP_CALL)
		return look_step(p, w, i);
	if (rivals(p, w))
		return plan_refuse(p, "found sleepers of whom any may go first, expected only one answer");
	return call_step(p, w, i) && wake_sleepers(p, w);
}

bool plan_make(struct plan *p, struct world *w)
{
	bool ok = true;

	p->of = arena_alloc(&p->arena, (size_t)(p->nsteps + 1) * sizeof(*p->of));
	p->value = arena_alloc(&p->arena, (size_t)(p->in->nnames + 1) * sizeof(*p->value));
	if (!p->of || !p->value)
		return plan_refuse(p, "out of memory");
	p->of[p->nsteps].value = p->value;
	for (int i = 0; i < MAXACTORS; i++)
		p->pending[i] = -1;
	for (int i = 0; i < p->in->nactors; i++)
		if (!p->in->actor[i].forked)
			world_task(w, i, &p->in->actor[i].cred);
	for (int i = 0; ok && i < p->nsteps; i++)
		ok = foresee_step(p, w, i);
	for (int name = 0; name < NNODES; name++)
		model_record(w, -1, NODES, name, &p->left[name]);
	return ok && (model_snapshot(w, &p->after) || plan_refuse(p, "out of memory"));
}
