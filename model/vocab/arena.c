#include <stdint.h>
#include <stdlib.h>

#include "arena.h"

struct chunk {
	struct chunk *next;
	size_t used, size;		/* bytes of room */
	max_align_t room[];
};

enum { CHUNK = 4096 };

static struct chunk *new_chunk(struct arena *a, size_t n)
{
	size_t size = n > CHUNK ? n : CHUNK;
	struct chunk *c = calloc(1, sizeof(*c) + size);

	if (!c)
		return NULL;
	c->size = size;
	/* A big piece does not take the place of a chunk that still has room. */
	if (a->chunks && n > CHUNK / 4) {
		c->next = a->chunks->next;
		a->chunks->next = c;
	} else {
		c->next = a->chunks;
		a->chunks = c;
	}
	return c;
}

void *arena_alloc(struct arena *a, size_t n)
{
	const size_t align = sizeof(max_align_t);
	struct chunk *c = a->chunks;

	if (n > PTRDIFF_MAX || (a->limit && n > a->limit - a->used))
		return NULL;
	n = n ? (n + align - 1) / align * align : align;
	if (!c || n > c->size - c->used)
		c = new_chunk(a, n);
	if (!c)
		return NULL;
	c->used += n;
	a->used += n;
	return (char *)c->room + c->used - n;
}

void arena_free(struct arena *a)
{
	struct chunk *next;

	for (struct chunk *c = a->chunks; c; c = next) {
		next = c->next;
		free(c);
	}
	a->chunks = NULL;
	a->used = 0;
}
