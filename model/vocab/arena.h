/* Memory that is given back all at once: what is read from a case file lives in the arena of its script. */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

struct arena { struct chunk *chunks; };		/* all zero: empty */

/* n zeroed bytes, aligned for any type; NULL when out of memory. */
void *arena_alloc(struct arena *a, size_t n);
void arena_free(struct arena *a);

#endif
