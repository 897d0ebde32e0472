/* How an instance is made from the lines of its case. */
#ifndef INSTANCE_H
#define INSTANCE_H

#include "expand.h"
#include "script.h"
#include "source.h"

/* What script->text points to. */
struct code {
	struct source src;
	struct loops loops;
	size_t nactors, nsteps;
	struct line *actors, *steps;
};

/* Instance number i. On failure returns NULL with what is wrong in p. */
struct instance *instance_make(const struct script *sc, int i, struct problem *p);

#endif
