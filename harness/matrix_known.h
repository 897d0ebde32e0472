/* Baselines and the permission space: which cells differ as is known. */
#ifndef MATRIX_KNOWN_H
#define MATRIX_KNOWN_H

#include "baseline.h"
#include "matrix_walk.h"

/* What a baseline knows the difference of a cell by: "msgsnd EACCES", or the operation and what differs. */
void cell_sign(const struct cell *c, struct finding16 f, struct text *t);
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
