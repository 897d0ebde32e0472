#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

struct chunk {
	struct chunk *next;
	size_t used, size;		/* bytes of room */
	max_align_t room[];
};

enum { CHUNK = 4096 };

/* A big piece has a chunk of its own, which does not take the place of one that still has room. */
static struct chunk *new_chunk(struct arena *a, size_t n)
{
	bool big = n > CHUNK / 4;
	size_t size = big ? n : CHUNK;
	struct chunk *c = calloc(1, sizeof(*c) + size);

	if (!c)
		return NULL;
	c->size = size;
	if (big && a->chunks) {
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

	if (n > PTRDIFF_MAX)
		return NULL;
	n = n ? (n + align - 1) / align * align : align;
	if (a->limit && n > a->limit - a->used)
		return NULL;
	if (!c || n > c->size - c->used)
		c = new_chunk(a, n);
	if (!c)
		return NULL;
	c->used += n;
	a->used += n;
	return (char *)c->room + c->used - n;
}

const char *arena_text(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char *text;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	text = arena_alloc(a, (size_t)n + 1);
	if (text)
		vsnprintf(text, (size_t)n + 1, fmt, ap);
	return text ? text : "";
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

bool grow(void *array, size_t *cap, size_t n, size_t size)
{
	size_t want = *cap ? *cap : 4;
	void *old, *grown;

	if (n <= *cap)
		return true;
	if (n > PTRDIFF_MAX / size)
		return false;
	while (want < n)
		want *= 2;
	memcpy(&old, array, sizeof(old));
	grown = realloc(old, want * size);
	if (!grown)
		return false;
	memcpy(array, &grown, sizeof(grown));
	*cap = want;
	return true;
}
