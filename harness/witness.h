/* The first of the three voices, the person's claim, against the second, the model. */
#ifndef WITNESS_H
#define WITNESS_H

#include "compare.h"
#include "script.h"

/*
 * Does what the model says satisfy the claim? out is in the model's terms: pids are actor + 1,
 * stamps are step numbers, of which now is the current. value_of gives the model's value of a bound
 * name. Adds what does not agree to d; true when the claim holds.
 */
bool claim_holds(const struct claim *c, enum opcode code, const struct outcome *out, int64_t now,
		 const int64_t *value_of, struct differences *d);

#endif
