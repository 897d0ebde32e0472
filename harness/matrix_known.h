/* Baselines and the permission space: which cells differ as is known. */
#ifndef MATRIX_KNOWN_H
#define MATRIX_KNOWN_H

#include "baseline.h"
#include "matrix_walk.h"

/* Marks the cells that rows explain, and counts them with those rows. */
void matrix_know(struct walk *w, struct baseline *b);
/* Decides which rows about cells are stale; how many. */
size_t matrix_settle(const struct walk *w, struct baseline *b);
/*
 * Keeps what no row explains, also what POSIX permits if strict: the cells of one caller and operation that
 * differ alike as one difference for any mode, unless they are few. False when out of memory.
 */
bool matrix_keep(const struct walk *w, struct baseline *b, bool strict);

#endif
