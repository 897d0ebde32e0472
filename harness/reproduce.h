/* Instances as programs in C that need nothing of ours: their calls, and what the model says of each. */
#ifndef REPRODUCE_H
#define REPRODUCE_H

#include <stdio.h>

#include "model.h"
#include "script.h"

/*
 * Writes the program of the first nsteps steps to a stream, or with NULL only finds out whether it can.
 * Returns NULL, or in err a sentence why there is no such program.
 */
const char *reproduce(FILE *to, const struct script *sc, struct instance *in, int nsteps,
		      const struct profile *p, char *err, size_t errsize);

#endif
