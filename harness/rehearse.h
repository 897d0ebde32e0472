/* The steps of a case on a model alone: what would happen, before anything does. */
#ifndef REHEARSE_H
#define REHEARSE_H

#include "model.h"
#include "script.h"

/* The operation with names replaced by their values; value is by index of name. */
void resolve(const struct op *op, const int64_t *value, struct op *to);

enum rehearsal {
	THROUGH,		/* every step was carried out */
	WAITS,			/* up to a call that has to wait, or a step about one that did; it was not */
	STUCK,			/* up to a call that cannot be made, or for which there is no memory */
};

/* Carries out the steps on w, whose actors are there. value gets what is bound to names, -1 for a failure. */
enum rehearsal rehearse(struct world *w, const struct instance *in, const struct profile *p, int64_t *value);

#endif
