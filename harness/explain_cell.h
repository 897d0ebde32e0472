/* A cell of the permission space as what explain takes. */
#ifndef EXPLAIN_CELL_H
#define EXPLAIN_CELL_H

#include "scene.h"

/* False with "found ..., expected ..." in err. Texts and groups belong to the arena. */
bool cell_explained(const char *name, struct objview *o, struct caller *c, struct question *q,
		    struct arena *a, char *err, size_t errsize);

#endif
