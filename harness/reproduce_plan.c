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

/* On another course it must be the same. */
static bool bind_name(struct plan *p, int name, int64_t value)
{
	if (p->next->n && p->value[name] != value)
		return plan_refuse(p, "found a name whose value depends on which sleeper goes first");
	p->value[name] = value;
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
static bool call_step(struct plan *p, struct course *c, int i, struct prediction *at)
{
	const struct step *st = &p->in->step[i];
	static const struct outcome sleeps = { .how = BLOCKED };
	struct world *w = c->world;
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
		c->pending[at->op.actor] = i;
	else if (at->op.actor >= 0 && world_alive(w, at->op.actor))
		at->cred = *world_cred(w, at->op.actor);
	if (!keep(p, &at->at, &out))
		return false;
	at->end = at->at;
	if (out.how == BLOCKED)
		c->end[at->op.actor] = &sleeps;
	return st->bind < 0 || bind_name(p, st->bind, out.how == RETURNED ? out.value : -1);
}

/* A call that has ended; its step was before. */
static bool wake_sleeper(struct plan *p, struct course *c, int actor)
{
	struct outcome out, *end;

	if (c->pending[actor] < 0 || !model_woken(c->world, actor, &out))
		return true;
	end = arena_alloc(&p->arena, sizeof(*end));
	if (!end || !keep(p, end, &out))
		return plan_refuse(p, "out of memory");
	merge_end(&p->of[c->pending[actor]], end);
	c->end[actor] = end;
	return true;
}

static bool wake_sleepers(struct plan *p, struct course *c)
{
	for (int a = 0; a < MAXACTORS; a++)
		if (!wake_sleeper(p, c, a))
			return false;
	return true;
}

static bool anybody_woke(const struct course *c)
{
	struct outcome out;

	for (int a = 0; a < MAXACTORS; a++)
		if (c->pending[a] >= 0 && model_woken(c->world, a, &out))
			return true;
	return false;
}

/* Takes the world over, also when it fails. Courses that meet are one; behind from, those that look alike. */
static bool add_course(struct plan *p, struct course *c, int from, int i, const struct prediction *at)
{
	struct courses *next = p->next;
	bool met = false;

	for (int k = 0; k < next->n && !met; k++)
		met = (k >= from && courses_alike(&next->v[k], c)) || courses_meet(&next->v[k], c);
	if (next->n)
		merge_prediction(&p->of[i], at);
	else
		p->of[i] = *at;
	if (met)
		world_free(c->world);
	else
		next->v[next->n++] = *c;
	return next->n < MOST_COURSES
		|| plan_refuse(p, "found more ways in which sleepers can go than can be followed");
}

static bool look_step(struct plan *p, struct course *c, int i)
{
	struct prediction at = p->of[i];
	const int actor = p->in->step[i].actor, call = c->pending[actor];
	const struct op *op = model_parked(c->world, actor);

	if (call < 0) {
		world_free(c->world);
		return plan_refuse(p, "found a step about a call that does not sleep");
	}
	if (p->in->step[i].kind == STEP_WAKES && op && has_timeout(op)) {
		model_expire(c->world, actor, p->profile);
		if (!wake_sleeper(p, c, actor)) {
			world_free(c->world);
			return false;
		}
	}
	at.op = p->of[call].op;
	at.at = *c->end[actor];
	if (at.at.how != BLOCKED)
		c->pending[actor] = -1;
	return add_course(p, c, p->next->n, i, &at);
}

/* A call with the sleepers in arrangement k. 1: nothing new will come of others; -1: it cannot be told. */
static int try_arrangement(struct plan *p, const struct course *c, int i, int k, int from)
{
	struct prediction at = p->of[i];
	struct course copy = *c;
	bool ok;

	at.others = at.open = 0;
	at.open_fields = 0;
	copy.world = world_clone(c->world);
	if (copy.world && k && !model_arrange(copy.world, p->profile, k)) {
		world_free(copy.world);
		return 1;
	}
	ok = copy.world ? call_step(p, &copy, i, &at) && wake_sleepers(p, &copy)
		: plan_refuse(p, "out of memory");
	at.wakes = ok && anybody_woke(&copy);
	if (!ok)
		world_free(copy.world);
	if (!ok || !add_course(p, &copy, from, i, &at))
		return -1;
	return at.wakes ? 0 : 1;
}

/* Who goes first matters only where somebody goes. */
static bool call_in_any_order(struct plan *p, struct course *c, int i)
{
	int from = p->next->n, told = 0;

	for (int k = 0; !told; k++)
		told = try_arrangement(p, c, i, k, from);
	world_free(c->world);
	return told > 0;
}

static bool foresee_step(struct plan *p, int i)
{
	struct prediction *at = &p->of[i];
	size_t names = (size_t)p->in->nnames * sizeof(*p->value);
	struct courses *now = p->now;
	bool ok = true;

	at->value = arena_alloc(&p->arena, names + 1);
	if (!at->value)
		return plan_refuse(p, "out of memory");
	memcpy(at->value, p->value, names);
	at->now = model_now(now->v[0].world);
	at->space = world_namespace(now->v[0].world, p->in->step[i].actor);
	p->next->n = 0;
	for (int k = 0; k < now->n; k++)
		if (!ok)
			world_free(now->v[k].world);
		else if (p->in->step[i].kind == STEP_CALL)
			ok = call_in_any_order(p, &now->v[k], i);
		else
			ok = look_step(p, &now->v[k], i);
	p->now = p->next;
	p->next = now;
	return ok;
}

static bool begin(struct plan *p)
{
	struct course *first = &p->now->v[0];

	first->world = world_new(&linux_facts);
	if (!first->world)
		return plan_refuse(p, "out of memory");
	p->now->n = 1;
	for (int i = 0; i < MAXACTORS; i++)
		first->pending[i] = -1;
	for (int i = 0; i < p->in->nactors; i++)
		if (!p->in->actor[i].forked)
			world_task(first->world, i, &p->in->actor[i].cred);
	return true;
}

static bool finish(struct plan *p)
{
	struct snapshot other = { .nobj = 0 };
	bool ok = model_snapshot(p->now->v[0].world, &p->after) || plan_refuse(p, "out of memory");

	for (int name = 0; name < NNODES; name++)
		model_record(p->now->v[0].world, -1, NODES, name, &p->left[name]);
	for (int k = 1; k < p->now->n && ok; k++) {
		snapshot_clear(&other);
		ok = model_snapshot(p->now->v[k].world, &other) && merge_snapshot(&p->after, &other);
		if (!ok)
			plan_refuse(p, "found objects that are left, or not, as sleepers go");
	}
	snapshot_free(&other);
	return ok;
}

bool plan_make(struct plan *p)
{
	bool ok;

	p->of = arena_alloc(&p->arena, (size_t)(p->nsteps + 1) * sizeof(*p->of));
	p->value = arena_alloc(&p->arena, (size_t)(p->in->nnames + 1) * sizeof(*p->value));
	p->now = arena_alloc(&p->arena, sizeof(*p->now));
	p->next = arena_alloc(&p->arena, sizeof(*p->next));
	if (!p->of || !p->value || !p->now || !p->next)
		return plan_refuse(p, "out of memory");
	p->of[p->nsteps].value = p->value;
	ok = begin(p);
	for (int i = 0; ok && i < p->nsteps; i++)
		ok = foresee_step(p, i);
	ok = ok && finish(p);
	for (int k = 0; k < p->now->n; k++)
		world_free(p->now->v[k].world);
	return ok;
}
