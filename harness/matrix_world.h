/* What the model says of cells, apart from any walk. */
#ifndef MATRIX_WORLD_H
#define MATRIX_WORLD_H

#include "matrix_rule.h"

/* Fills in what rules may speak of: who may make each call under each mode, and whether capabilities help. */
bool ask_of_all(struct facts_of_cells *f, const struct facts *facts, const struct profile *p);

#endif
