/* Is everything there that a case needs? */
#include <string.h>

#include "lockstep.h"

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

bool needs_met(struct run *r)
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
