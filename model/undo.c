/*
 * What SEM_UNDO keeps. An undo list belongs to all tasks that share it; each set holds the adjustments that
 * the lists owe it, and they are applied when the last task gives its list up.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

bool wants_undo(const struct op *op)
{
	for (size_t i = 0; i < nops(op); i++)
		if (op->data->sops.v[i].flg & SEM_UNDO)
			return true;
	return false;
}

bool any_zero(const struct semset *s)
{
	for (size_t i = 0; i < s->nsems; i++)
		if (!s->sems[i].val)
			return true;
	return false;
}

static int undo_number(const struct task *t)
{
	return t->undo;
}

struct undo *undo_of(const struct semset *s, int list)
{
	for (size_t i = 0; i < s->nundos; i++)
		if (s->undos[i].list == list)
			return &s->undos[i];
	return NULL;
}

/* ---- records ------------------------------------------------------------------------------------ */

static bool lacks_undo(const struct call *c)
{
	return c->perm && wants_undo(c->op) && !undo_of((const struct semset *)c->perm, c->task->undo);
}

bool undo_reserve(struct call *c)
{
	struct semset *s = (struct semset *)c->perm;

	return !lacks_undo(c) || (grow(&s->undos, &s->capundos, s->nundos + 1, sizeof(*s->undos))
				  && reserve_object(c->w, (s->nsems + 1) * sizeof(*s->undos->adj)));
}

/* A task without an undo list gets one that nobody else has. */
static void list_begin(const struct call *c)
{
	if (c->task->undo < 0)
		c->task->undo = unused_number(c->w, undo_number, c->actor);
}

void undo_begin(struct call *c)
{
	struct semset *s = (struct semset *)c->perm;
	size_t at = 0;

	if (!lacks_undo(c))
		return;
	list_begin(c);
	while (at < s->nundos && s->undos[at].list < c->task->undo)
		at++;
	memmove(&s->undos[at + 1], &s->undos[at], (s->nundos - at) * sizeof(*s->undos));
	s->undos[at] = (struct undo){ c->task->undo, take_reserved(c->w) };
	s->nundos++;
}

void undo_share(struct call *c, struct task *child)
{
	if (!switch_of(c->p, SW_clone_shares_undo))
		return;
	list_begin(c);
	child->undo = c->task->undo;
}

/* ---- the end of a list -------------------------------------------------------------------------- */

static void undo_end(struct semset *s, struct undo *u)
{
	size_t at = (size_t)(u - s->undos);

	free(u->adj);
	s->nundos--;
	memmove(u, u + 1, (s->nundos - at) * sizeof(*u));
}

/* Adds an adjustment to its semaphore. Nobody is asked for permission, and nothing is waited for. */
static void undo_apply(const struct call *c, struct sem *sem, int adj)
{
	enum { CLAMP, SKIP, NOTHING } way = switch_of(c->p, SW_undo_exit);
	int val = sem->val + adj;

	if (!adj || way == NOTHING || (way == SKIP && (val < 0 || val > SEMVMX)))
		return;
	sem->val = val < 0 ? 0 : val > SEMVMX ? SEMVMX : val;
	name_changer(c, SW_exit_sets_sempid, sem);
}

static void stamp_exit(const struct call *c, struct semset *s)
{
	enum { UNTOUCHED, SET, OPEN } stamp = switch_of(c->p, SW_exit_sets_otime);

	if (stamp == SET)
		s->otime = c->w->now;
	else if (stamp == OPEN && s->otime)
		s->otime = TIME_ANY;
}

static void undo_set(struct call *c, struct semset *s, struct undo *u)
{
	for (size_t n = 0; n < s->nsems; n++)
		undo_apply(c, &s->sems[n], u->adj[n]);
	stamp_exit(c, s);
	s->zeroed = any_zero(s);
	undo_end(s, u);
}

void undo_leave(struct call *c)
{
	const struct table *t = &c->ns->table[SEM];
	bool shared = switch_of(c->p, SW_undo_by_last) && number_shared(c->w, undo_number, c->task);

	for (size_t i = 0; !shared && i < t->n; i++) {
		struct semset *s = (struct semset *)t->obj[i];
		struct undo *u = undo_of(s, c->task->undo);

		if (u)
			undo_set(c, s, u);
	}
	c->task->undo = NONE;
}

/* ---- what a set asks of its records ------------------------------------------------------------- */

bool undos_clone(struct semset *copy, const struct semset *s)
{
	const size_t size = (s->nsems + 1) * sizeof(*s->undos->adj);

	copy->undos = NULL;
	copy->nundos = copy->capundos = 0;
	if (!grow(&copy->undos, &copy->capundos, s->nundos, sizeof(*s->undos)))
		return false;
	for (; copy->nundos < s->nundos; copy->nundos++) {
		struct undo *u = &copy->undos[copy->nundos];

		*u = (struct undo){ s->undos[copy->nundos].list, malloc(size) };
		if (!u->adj)
			return false;
		memcpy(u->adj, s->undos[copy->nundos].adj, size);
	}
	return true;
}

void undos_free(struct semset *s)
{
	for (size_t i = 0; i < s->nundos; i++)
		free(s->undos[i].adj);
	free(s->undos);
}

void undos_fold(const struct semset *s, struct sink *sink)
{
	fold(sink, (int64_t)s->nundos);
	for (size_t i = 0; i < s->nundos; i++) {
		fold(sink, s->undos[i].list);
		sink->put(sink, s->undos[i].adj, s->nsems * sizeof(*s->undos[i].adj));
	}
}

static bool undo_ok(const struct world *w, const struct semset *s, size_t i, char *why, size_t size)
{
	const struct undo *u = &s->undos[i];

	if (unused_number(w, undo_number, u->list) == u->list)
		return broken(why, size, "set %lld owes undo list %d, which nobody has",
			      (long long)s->perm.id, u->list);
	if (i && u[-1].list >= u->list)
		return broken(why, size, "set %lld has records out of order", (long long)s->perm.id);
	for (size_t n = 0; n < s->nsems; n++)
		if (u->adj[n] < INT16_MIN || u->adj[n] > INT16_MAX)
			return broken(why, size, "set %lld owes undo list %d the adjustment %d",
				      (long long)s->perm.id, u->list, u->adj[n]);
	return true;
}

bool undos_ok(const struct world *w, const struct semset *s, char *why, size_t size)
{
	for (size_t i = 0; i < s->nundos; i++)
		if (!undo_ok(w, s, i, why, size))
			return false;
	return true;
}
