/* Calls that sleep. A parked call keeps nothing but itself: whether it can go on is judged from the state. */
#include <string.h>

#include "internal.h"

void park(struct call *c)
{
	c->task->parked = true;
	c->task->since = ++c->w->arrivals;
	c->task->tie = 0;
	c->task->call = *c->op;
	c->w->nparked++;
}

void wake(struct world *w, int actor, const struct outcome *out)
{
	struct task *t = &w->task[actor];

	t->parked = false;
	w->woken |= UINT32_C(1) << actor;
	t->result = *out;
	w->nparked--;
}

/* Puts the task, as number n + 1, in its place among those that are in order of arrival. */
static void enter_by_arrival(const struct world *w, int actor, int order[MAXACTORS], int n)
{
	for (; n > 0 && w->task[order[n - 1]].since > w->task[actor].since; n--)
		order[n] = order[n - 1];
	order[n] = actor;
}

/* Who sleeps in such a call on the object, by arrival. Returns how many. */
static int sleepers_on(const struct world *w, const struct perm *perm, enum opcode code, int order[MAXACTORS])
{
	int n = 0;

	for (int i = 0; i < MAXACTORS; i++) {
		const struct task *t = &w->task[i];

		if (queued(t) && t->call.code == code && t->in.ipc == perm->ns && t->call.v[0] == perm->id)
			enter_by_arrival(w, i, order, n++);
	}
	return n;
}

void wake_all(struct world *w, const struct perm *perm, enum family f, int err)
{
	const struct outcome out = { .how = FAILED, .err = err };

	for (int i = 0; i < MAXACTORS; i++)
		if (queued(&w->task[i]) && w->task[i].in.ipc == perm->ns
		    && opinfo[w->task[i].call.code].family == f && w->task[i].call.v[0] == perm->id)
			wake(w, i, &out);
}

void requeue(struct world *w, const struct perm *perm, enum opcode code)
{
	int order[MAXACTORS], n = sleepers_on(w, perm, code, order);

	for (int i = 0; i < n; i++) {
		w->task[order[i]].since = ++w->arrivals;
		w->task[order[i]].tie = w->arrivals - i;
	}
}

/* ---- rivals ----------------------------------------------------------------------------------- */

static bool same_object(const struct task *a, const struct task *b)
{
	return opinfo[a->call.code].family == opinfo[b->call.code].family
		&& a->call.v[0] == b->call.v[0] && a->in.ipc == b->in.ipc;
}

/*
 * Is it open which of two sleepers goes first? All senders for whom there is room wake up and run for it:
 * LINUX-MSG-ORDER-1. So do receivers whom IPC_SET made look again, for their places: LINUX-MSGRCV-FIFO-1.
 */
static bool rivals(const struct profile *p, const struct task *a, const struct task *b)
{
	enum { AS_LINUX, OPEN } order = switch_of(p, SW_sleeper_order);

	if (!queued(a) || !queued(b) || !same_object(a, b))
		return false;
	if (order == OPEN)
		return true;
	return a->call.code == b->call.code && (a->call.code == OP_msgsnd || (a->tie && a->tie == b->tie));
}

/* Actor and its rivals, by arrival. Returns how many. */
static int rivals_of(const struct world *w, const struct profile *p, int actor, int order[MAXACTORS])
{
	int n = 0;

	for (int i = 0; i < MAXACTORS; i++)
		if (rivals(p, &w->task[actor], &w->task[i]))
			enter_by_arrival(w, i, order, n++);
	return n;
}

/* Gives n sleepers the places that they have among them in arrangement k. Returns what is left of k. */
static int arrange(struct world *w, int *order, int n, int k)
{
	int64_t since[MAXACTORS];

	for (int i = 0; i < n; i++)
		since[i] = w->task[order[i]].since;
	for (int at = 0; at < n; at++) {
		int pick = at + k % (n - at), chosen = order[pick];

		k /= n - at;
		memmove(&order[at + 1], &order[at], (size_t)(pick - at) * sizeof(*order));
		w->task[chosen].since = since[at];
	}
	return k;
}

bool model_arrange(struct world *w, const struct profile *p, int k)
{
	bool placed[MAXACTORS] = { false };

	for (int i = 0; i < MAXACTORS; i++) {
		int order[MAXACTORS], n;

		if (placed[i])
			continue;
		n = rivals_of(w, p, i, order);
		for (int j = 0; j < n; j++)
			placed[order[j]] = true;
		k = arrange(w, order, n, k);
	}
	return k == 0;
}

/* ---- what became of a call ---------------------------------------------------------------------- */

const struct op *model_parked(const struct world *w, int actor)
{
	return w->task[actor].parked ? &w->task[actor].call : NULL;
}

bool model_woken(const struct world *w, int actor, struct outcome *out)
{
	if (!(w->woken >> actor & 1))
		return false;
	*out = w->task[actor].result;
	return true;
}

void model_expire(struct world *w, int actor, const struct profile *p)
{
	const struct outcome out = { .how = FAILED, .err = EAGAIN };

	w->woken = 0;
	wake(w, actor, &out);
	reconsider(w, p);
}
