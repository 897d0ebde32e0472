#include <stdlib.h>
#include <string.h>

#include "explain.h"

static void judge(const struct scene *s, const struct question *q, const struct profile *p,
		  struct judgement *to)
{
	const struct op op = scene_call(s, q);
	struct text because = { .buf = to->because, .size = sizeof(to->because) };

	to->because[0] = '\0';
	model_judge(s->world, &op, p, &to->verdict);
	model_grounds(s->world, &op, p, &to->grounds);
	model_derive(s->world, &op, p, &because);
	to->decider = model_decider(s->world, &op, p);
}

static bool same_answer(const struct verdict *a, const struct verdict *b)
{
	return a->success == b->success && (a->success || a->first == b->first);
}

/* Which switches, each set as POSIX has it, lead Linux to another answer. */
static uint64_t deciding_switches(const struct scene *s, const struct question *q,
				  const struct verdict *before)
{
	uint64_t found = 0;

	for (int i = 0; i < NSWITCHES; i++) {
		struct profile p = profile_linux;
		struct verdict v;

		p.sw[i] = profile_posix.sw[i];
		scene_judge(s, q, &p, &v);
		if (!same_answer(&v, before))
			found |= BIT(i);
	}
	return found;
}

/* Would somebody who is owner and creator, with every bit and every capability, meet the same failure? */
static bool is_about_permission(struct scene *s, const struct question *q, const struct caller *c)
{
	const struct cred before = caller_cred(c, &s->object);
	struct cred all = before;
	struct objview open = s->object;
	bool allowed;

	open.rec.v[F_mode] |= 0777;
	all.euid = all.fsuid = (uint32_t)s->object.rec.v[F_uid];
	all.caps = CAPS_ALL;
	scene_object(s, &open);
	scene_caller(s, &all);
	allowed = scene_allows(s, q);
	scene_object(s, &s->object);
	scene_caller(s, &before);
	return allowed;
}

/* ---- who may --------------------------------------------------------------------------------- */

static bool may(struct scene *s, const struct question *q, const struct caller *c, struct grounds *g)
{
	const struct cred cred = caller_cred(c, &s->object);
	struct op op;

	scene_caller(s, &cred);
	op = scene_call(s, q);
	model_grounds(s->world, &op, &profile_linux, g);
	return scene_allows(s, q);
}

static void find_who(struct explanation *e, struct scene *s, const struct accounts *a)
{
	struct caller c;
	struct grounds g;

	for (size_t i = 0; i < a->n; i++) {
		caller_account(&c, &a->v[i]);
		if (may(s, e->question, &c, &g))
			e->who[e->nwho++] = (struct admitted){ &a->v[i], g };
	}
	caller_stranger(&c, &s->object);
	e->anybody = may(s, e->question, &c, &g);
	for (int i = 0; i < NCAPS; i++) {
		c.cred.caps = BIT(capinfo[i].number);
		if (!e->anybody && may(s, e->question, &c, &g))
			e->caps |= BIT(capinfo[i].number);
	}
}

/* ---- clauses and cases ----------------------------------------------------------------------- */

static void add_clause(struct explanation *e, const struct requirements *reqs, const char *id)
{
	const struct requirement *found = id ? requirement_find(reqs, id, strlen(id)) : NULL;

	for (int i = 0; i < e->nclauses; i++)
		if (e->clause[i] == found)
			return;
	if (found)
		e->clause[e->nclauses++] = found;
}

static bool calls(const struct script *sc, enum opcode code)
{
	struct instance *in = script_instance(sc, 0);
	bool found = false;

	for (int i = 0; in && i < in->nsteps; i++)
		found = found || in->step[i].op.code == code;
	if (in)
		instance_free(in);
	return found;
}

/* How well a case proves the explanation; 0: not at all. The last clause is the most particular one. */
static int weight(const struct explanation *e, const struct script *sc)
{
	int best = 0;

	for (int i = 0; i < e->nclauses; i++)
		for (int k = 0; k < sc->ncites; k++)
			if (!strcmp(sc->cites[k], e->clause[i]->id) && best < 1 + i)
				best = 1 + i;
	if (!best)
		return 0;
	return best * 4 + 2 * calls(sc, e->question->op.code) + !strcmp(sc->family, "perm");
}

static void find_proof(struct explanation *e, const struct collection *cases)
{
	int best = 0;

	for (size_t i = 0; e->nclauses && i < cases->n; i++) {
		int w = weight(e, cases->v[i]);

		if (w > best) {
			best = w;
			e->proof = cases->v[i];
		}
	}
}

/* ---- all of it ------------------------------------------------------------------------------- */

static bool gather(struct explanation *e, struct scene *s, const struct inquiry *in)
{
	const struct question *q = e->question;

	if (in->reqs) {
		if (e->here.grounds.question)
			add_clause(e, in->reqs, e->here.grounds.clause);
		add_clause(e, in->reqs, e->here.decider);
	}
	if (in->cases)
		find_proof(e, in->cases);
	if (!e->here.verdict.success) {
		e->about_permission = is_about_permission(s, q, e->caller);
		if (e->about_permission && in->accounts
		    && !remedies_find(&e->remedies, s, e->caller, q, in->accounts))
			return false;
	}
	if (!in->who || !in->accounts)
		return true;
	e->asked_who = true;
	e->who = calloc(in->accounts->n + 1, sizeof(*e->who));
	if (e->who)
		find_who(e, s, in->accounts);
	return e->who;
}

bool explain(struct explanation *e, struct scene *s, const struct question *q, const struct caller *c,
	     const struct inquiry *in)
{
	const struct cred cred = caller_cred(c, &s->object);
	bool ok;

	*e = (struct explanation){ .scene = s, .question = q, .caller = c };
	scene_caller(s, &cred);
	judge(s, q, &profile_linux, &e->here);
	judge(s, q, &profile_posix, &e->posix);
	if (e->here.verdict.success != e->posix.verdict.success)
		e->switches = deciding_switches(s, q, &e->here.verdict);
	ok = gather(e, s, in);
	scene_caller(s, &cred);
	if (ok && in->verify) {
		e->tried = true;
		scene_verify(s, q, &e->trial);
	}
	if (!ok)
		explanation_free(e);
	return ok;
}

void explanation_free(struct explanation *e)
{
	remedies_free(&e->remedies);
	free(e->who);
	e->who = NULL;
}
