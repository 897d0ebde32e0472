#include "rehearse.h"

void resolve(const struct op *op, const int64_t *value, struct op *to)
{
	*to = *op;
	for (int i = 0; i < opinfo[op->code].nargs; i++)
		if (op->ref[i]) {
			to->v[i] = op->v[i] + value[op->ref[i] - 1];
			to->ref[i] = 0;
		}
}

enum rehearsal rehearse(struct world *w, const struct instance *in, const struct profile *p, int64_t *value)
{
	for (int i = 0; i < in->nsteps; i++) {
		const struct step *st = &in->step[i];
		struct verdict v;
		struct outcome out;
		struct op op;

		if (st->kind != STEP_CALL)
			return WAITS;
		resolve(&st->op, value, &op);
		if (!model_ready(w, &op, NULL, 0))
			return STUCK;
		model_judge(w, &op, p, &v);
		if (v.waits)
			return WAITS;
		if (!model_apply(w, &op, p, v.first, &out))
			return STUCK;
		if (st->bind >= 0)
			value[st->bind] = out.how == RETURNED ? out.value : -1;
	}
	return THROUGH;
}
