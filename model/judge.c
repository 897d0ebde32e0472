/* Rules, then wait, then commit: how every call is decided and carried out. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

#define OP(name, family, result, args) [OP_##name] = &model_##name,
static const struct action *const actions[NOPS] = {
#include "ops.def"
};
#undef OP

const struct action *action_under(const struct profile *p, enum opcode code)
{
	return p->fault && fault_code(p->fault) == code ? fault_action(p->fault) : actions[code];
}

const struct action *action_of(const struct op *op)
{
	return actions[op->code];
}

void do_nothing(struct call *c, struct outcome *out)
{
	(void)c;
	(void)out;
}

void note_line(const struct view *v, const char *fmt, ...)
{
	char line[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	text_add(v->trace, "%s\n", line);
}

static const struct perm *find(const struct world *w, const struct op *op, const struct profile *p)
{
	const struct namespace *ns = &w->ns[ns_of(w, op->actor)];
	enum family f = opinfo[op->code].family;
	const enum find by = action_under(p, op->code)->find;

	if (by == FIND_ID)
		return by_id(ns, f, op->v[0]);
	if (by == FIND_INDEX)
		return by_index(ns, f, op->v[0]);
	return by == FIND_KEY ? by_key(ns, f, (int32_t)op->v[0]) : NULL;
}

struct view view_of(const struct world *w, const struct op *op, const struct profile *p, struct text *trace)
{
	return (struct view){
		.w = w, .p = p, .op = op, .actor = op->actor,
		.task = op->actor < 0 ? NULL : &w->task[op->actor],
		.ns = &w->ns[ns_of(w, op->actor)],
		.memory = op->actor < 0 ? NULL : cmemory_of(w, &w->task[op->actor]),
		.perm = find(w, op, p), .trace = trace,
	};
}

/* The ids in "ID", "ID,ID" or "operation/ID", or NULL when the text is about another operation. */
static const char *ids_in(const struct view *v, const char *text)
{
	const char *name = opinfo[v->op->code].name, *slash = strchr(text, '/');

	if (!slash)
		return text;
	return strlen(name) == (size_t)(slash - text) && strncmp(text, name, strlen(name)) == 0 ? slash + 1
												: NULL;
}

static bool called(const struct rule *r, const char *id, size_t len)
{
	return strlen(r->id) == len && strncmp(r->id, id, len) == 0;
}

static bool left_out(const struct view *v, const struct rule *r)
{
	const char *without = ids_in(v, v->p->without);

	return without && called(r, without, strlen(without));
}

/* Does the rule exist in the profile? */
static inline bool applies(const struct view *v, const struct rule *r)
{
	if (v->p->ordered ? r->posix_only : r->posix == NO)
		return false;
	return !v->p->without || !left_out(v, r);
}

static bool decides(const struct view *v, const struct rule *r, bool recheck_only)
{
	if ((recheck_only && r->when != RECHECK) || (!v->p->ordered && r->posix != SHALL))
		return false;
	return applies(v, r) && r->broken(v);
}

/* The rule that a profile with another order puts before r, if that is broken too; else r. */
static const struct rule *overtaken(const struct view *v, const struct rule *r, bool recheck_only)
{
	const char *pair = v->p->order ? ids_in(v, v->p->order) : NULL;
	size_t len;

	if (!pair)
		return r;
	len = strcspn(pair, ",");
	if (!called(r, pair, len))
		return r;
	for (const struct rule *q = r + 1; q->id; q++)
		if (called(q, pair + len + 1, strlen(pair + len + 1)) && decides(v, q, recheck_only))
			return q;
	return r;
}

const struct rule *first_broken(const struct view *v, bool recheck_only)
{
	for (const struct rule *r = action_under(v->p, v->op->code)->rules; r->id; r++)
		if (decides(v, r, recheck_only))
			return overtaken(v, r, recheck_only);
	return NULL;
}

static void add_error(struct errset *set, int err)
{
	set->bits |= UINT32_C(1) << err_bit(err);
}

/* Every failure that a profile without an order allows; those that must come stand in the way of success. */
static void judge_all(const struct view *v, struct verdict *out)
{
	for (const struct rule *r = action_under(v->p, v->op->code)->rules; r->id; r++) {
		if (!applies(v, r) || !r->broken(v))
			continue;
		add_error(&out->errs, r->err);
		if (r->posix == MAY)
			continue;
		out->success = false;
		if (!out->first)
			out->first = r->err;
	}
}

/* A call whose refusing rule was left out may name no object, or no command: it then does nothing. */
static bool has_effect(const struct action *a, const struct perm *perm)
{
	return a->commit && (perm || a->find == FIND_NONE || a->find == FIND_KEY);
}

static struct end end_of(const struct view *v)
{
	const struct action *a = action_under(v->p, v->op->code);
	struct outcome out = { .how = RETURNED };

	if (a->ends && has_effect(a, v->perm))
		a->ends(v, &out);
	return (struct end){ out.how, out.err };
}

void model_judge(const struct world *w, const struct op *op, const struct profile *p, struct verdict *out)
{
	const struct view v = view_of(w, op, p, NULL);
	const struct action *a = action_under(p, op->code);
	const struct rule *r;

	*out = (struct verdict){ .success = true };
	if (!p->ordered) {
		judge_all(&v, out);
	} else if ((r = first_broken(&v, false))) {
		add_error(&out->errs, r->err);
		out->success = false;
		out->first = r->err;
	}
	out->waits = out->success && a->waits && a->waits(&v);
	if (out->success && !out->waits)
		out->end = end_of(&v);
}

static struct call call_of(struct world *w, const struct op *op, const struct profile *p)
{
	return (struct call){
		.w = w, .p = p, .op = op, .actor = op->actor,
		.task = op->actor < 0 ? NULL : &w->task[op->actor],
		.ns = &w->ns[ns_of(w, op->actor)],
		.memory = op->actor < 0 ? NULL : memory_of(w, &w->task[op->actor]),
		.perm = (struct perm *)find(w, op, p),
	};
}

/* The call goes on as far as it can: it fails with err, or parks, or is done. */
static void carry_out(struct call *c, int err, struct outcome *out)
{
	const struct action *a = action_under(c->p, c->op->code);
	const struct view v = view_of(c->w, c->op, c->p, NULL);

	*out = (struct outcome){ .how = RETURNED };
	if (err) {
		*out = (struct outcome){ .how = FAILED, .err = err };
		if (a->failed)
			a->failed(c, err);
	} else if (a->waits && a->waits(&v)) {
		out->how = BLOCKED;
		if (a->slept)
			a->slept(c);
		park(c);
	} else if (has_effect(a, c->perm)) {
		a->commit(c, out);
		hide_others(c, out);
	}
}

bool model_apply(struct world *w, const struct op *op, const struct profile *p, int err, struct outcome *out)
{
	struct call c = call_of(w, op, p);

	if (action_under(p, op->code)->reserve && !action_under(p, op->code)->reserve(&c))
		return false;
	w->now++;
	w->woken = 0;
	carry_out(&c, err, out);
	abandon_namespaces(w);
	reconsider(w, p);
	return true;
}

void begin_again(struct world *w, const struct profile *p, int actor)
{
	struct task *t = &w->task[actor];
	const struct op op = t->call;
	struct call c = call_of(w, &op, p);
	struct verdict v;

	t->parked = false;
	w->nparked--;
	model_judge(w, &op, p, &v);
	carry_out(&c, v.first, &t->result);
	if (t->result.how != BLOCKED)
		w->woken |= UINT32_C(1) << actor;
}

/* Judges a parked call again. True if it has come to an end. */
static bool goes_on(struct world *w, const struct profile *p, int actor)
{
	struct task *t = &w->task[actor];
	const struct view v = view_of(w, &t->call, p, NULL);
	const struct action *a = action_under(p, t->call.code);
	bool waits = a->waits(&v);
	const struct rule *r = waits && a->silent ? NULL : first_broken(&v, true);
	struct outcome out = { .how = RETURNED };
	struct call c = call_of(w, &t->call, p);

	if (a->deaf)
		return false;
	if (!r && waits) {
		if (a->slept)
			a->slept(&c);
		return false;
	}
	if (r)
		out = (struct outcome){ .how = FAILED, .err = r->err };
	else if (a->commit)
		a->commit(&c, &out);
	wake(w, actor, &out);
	return true;
}

static bool sooner(const struct profile *p, const struct task *a, const struct task *b)
{
	enum { ZERO_FIRST, FIFO, LIFO } order = switch_of(p, SW_wake_order);
	int ca = sem_wake_class(&a->call), cb = sem_wake_class(&b->call);

	if (order == LIFO)
		return a->since > b->since;
	return order == ZERO_FIRST && ca != cb ? ca < cb : a->since < b->since;
}

/* Actors with a parked call, in the order in which they are looked at. Returns how many. */
static int parked_in_order(const struct world *w, const struct profile *p, int order[MAXACTORS])
{
	int n = 0;

	for (int i = 0; i < MAXACTORS; i++) {
		int at = n;

		if (!queued(&w->task[i]))
			continue;
		for (; at > 0 && sooner(p, &w->task[i], &w->task[order[at - 1]]); at--)
			order[at] = order[at - 1];
		order[at] = i;
		n++;
	}
	return n;
}

void reconsider(struct world *w, const struct profile *p)
{
	int order[MAXACTORS], n, i;

	do {
		n = w->nparked ? parked_in_order(w, p, order) : 0;
		for (i = 0; i < n; i++)
			if (goes_on(w, p, order[i]))
				break;
	} while (i < n);
}

/* ---- why ------------------------------------------------------------------------------------ */

void model_derive(const struct world *w, const struct op *op, const struct profile *p, struct text *t)
{
	const struct view v = view_of(w, op, p, t);
	const struct action *a = action_under(p, op->code);
	bool forbidden = false;

	for (const struct rule *r = a->rules; r->id; r++) {
		if (!applies(&v, r) || !r->broken(&v))
			continue;
		text_add(t, "rule %s %s %s\n", r->id, p->ordered || r->posix == SHALL ? "gives" : "permits",
			 err_name(r->err));
		forbidden = forbidden || r->posix == SHALL;
		if (p->ordered)
			return;
	}
	if (!forbidden)
		text_add(t, "no rule forbids it%s\n", a->waits && a->waits(&v) ? "; it must wait" : "");
}

void model_grounds(const struct world *w, const struct op *op, const struct profile *p, struct grounds *g)
{
	struct view v = view_of(w, op, p, NULL);

	*g = (struct grounds){ .cap = NONE };
	v.grounds = g;
	first_broken(&v, false);
}

const char *model_decider(const struct world *w, const struct op *op, const struct profile *p)
{
	const struct view v = view_of(w, op, p, NULL);
	const struct rule *r = first_broken(&v, false);

	return r ? r->id : NULL;
}

bool model_rule(enum opcode code, int i, const char **id, int *err, const char **strength)
{
	static const char *const strengths[] = { [NO] = "", [MAY] = "may", [SHALL] = "shall" };
	const struct rule *r = actions[code]->rules;

	for (int n = 0; n < i && r->id; n++)
		r++;
	if (!r->id)
		return false;
	*id = r->id;
	*err = r->err;
	*strength = strengths[r->posix];
	return true;
}

uint64_t model_rules(enum opcode code, const struct profile *p)
{
	const struct op op = { .code = code };
	const struct view v = { .p = p, .op = &op };
	const struct rule *rules = action_under(p, code)->rules;
	uint64_t set = 0;

	for (int i = 0; rules[i].id; i++)
		if (applies(&v, &rules[i]))
			set |= BIT(i);
	return set;
}

uint64_t model_broken(const struct world *w, const struct op *op, const struct profile *p)
{
	const struct view v = view_of(w, op, p, NULL);
	const struct rule *rules = action_under(p, op->code)->rules;
	uint64_t set = 0;

	for (int i = 0; rules[i].id; i++)
		if (applies(&v, &rules[i]) && rules[i].broken(&v))
			set |= BIT(i);
	return set;
}
