/* Calls that sleep. A parked call keeps nothing but itself: whether it can go on is judged from the state. */
#include <string.h>

#include "internal.h"

void park(struct call *c)
{
	c->task->parked = true;
	c->task->since = ++c->w->arrivals;
	c->task->call = *c->op;
	c->w->nparked++;
}

void wake(struct world *w, int actor, const struct outcome *out)
{
	struct task *t = &w->task[actor];

	t->parked = false;
	t->woken = true;
	t->result = *out;
	w->nparked--;
}

void wake_all(struct world *w, const struct perm *perm, enum family f, int err)
{
	const struct outcome out = { .how = FAILED, .err = err };

	for (int i = 0; i < MAXACTORS; i++)
		if (queued(&w->task[i]) && w->task[i].ns == perm->ns
		    && opinfo[w->task[i].call.code].family == f && w->task[i].call.v[0] == perm->id)
			wake(w, i, &out);
}

const struct op *model_parked(const struct world *w, int actor)
{
	return w->task[actor].parked ? &w->task[actor].call : NULL;
}

bool model_woken(const struct world *w, int actor, struct outcome *out)
{
	if (!w->task[actor].woken)
		return false;
	*out = w->task[actor].result;
	return true;
}

void model_expire(struct world *w, int actor, const struct profile *p)
{
	const struct outcome out = { .how = FAILED, .err = EAGAIN };

	for (int i = 0; i < MAXACTORS; i++)
		w->task[i].woken = false;
	wake(w, actor, &out);
	reconsider(w, p);
}
