/* Memory that is given back all at once: what is read from a case file lives in the arena of its script. */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

struct arena {				/* all zero: empty */
	struct chunk *chunks;
	size_t used;			/* bytes given out */
	size_t limit;			/* bytes that may be given out; 0: any number */
};

/* n zeroed bytes, aligned for any type; NULL when out of memory or past the limit. */
void *arena_alloc(struct arena *a, size_t n);
void arena_free(struct arena *a);	/* keeps the limit */

#endif
