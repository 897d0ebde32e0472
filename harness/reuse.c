#include "reuse.h"

static bool as_fresh;		/* but for ids that were given before */

static bool is_id(enum kind kind)
{
	return kind == KIND_MSGID || kind == KIND_SEMID || kind == KIND_SHMID;
}

/* Also an id some way beside one that has a name. */
static bool gives_number_as_id(const struct op *op)
{
	for (int i = 0; i < opinfo[op->code].nargs; i++)
		if (is_id(opinfo[op->code].arg[i].kind) && (!op->ref[i] || op->v[i]))
			return true;
	return false;
}

static bool is_about_limits(const struct op *op)
{
	return op->code == OP_limit || op->code == OP_limit_sem || op->code == OP_read_limit;
}

/* POSIX queues lie in the namespace too, and go with it: nobody else removes them. */
static bool opens_queue(const struct op *op)
{
	return op->code == OP_mq_open;
}

static bool any(const struct instance *in, bool (*is)(const struct op *op))
{
	for (int i = 0; i < in->nsteps; i++)
		if (in->step[i].kind == STEP_CALL && is(&in->step[i].op))
			return true;
	return false;
}

bool reuse_allowed(const struct script *sc, const struct instance *in)
{
	return as_fresh && !sc->check_ids && !any(in, gives_number_as_id) && !any(in, is_about_limits);
}

void reuse_began(void)
{
	as_fresh = false;
}

void reuse_judged(const struct instance *in, const struct trial *t)
{
	const bool expected = t->verdict == V_conforms || t->verdict == V_known;

	if (t->verdict == V_skipped)
		return;
	as_fresh = expected && !any(in, is_about_limits) && !any(in, opens_queue);
}
