/* Memory that is given back all at once: what is read from a case file lives in the arena of its script. */
#ifndef ARENA_H
#define ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct arena {				/* all zero: empty */
	struct chunk *chunks;
	size_t used;			/* bytes given out */
	size_t limit;			/* bytes that may be given out; 0: any number */
};

/* n zeroed bytes, aligned for any type; NULL when out of memory or past the limit. */
void *arena_alloc(struct arena *a, size_t n);
/* A text, printf-like; "" when there is no room. */
const char *arena_text(struct arena *a, const char *fmt, va_list ap);
void arena_free(struct arena *a);	/* keeps the limit */

/*
 * Makes room for n elements of size bytes in an array with room for *cap of them. array is the address of
 * the pointer to it, which may be NULL at first. False, with nothing changed, when out of memory.
 */
bool grow(void *array, size_t *cap, size_t n, size_t size);

#endif
