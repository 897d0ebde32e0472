/*
 * JSON as this project writes it, read back: numbers are whole, and no object has a key twice.
 */
#ifndef JSONREAD_H
#define JSONREAD_H

#include "source.h"

struct value_read {
	enum { J_NULL, J_BOOL, J_NUMBER, J_STRING, J_ARRAY, J_OBJECT } type;
	size_t at;			/* offset in the text */
	const char *key;		/* of a member of an object */
	int64_t number;			/* also of J_BOOL: 0 or 1 */
	const char *string;
	size_t n;			/* members or elements */
	struct value_read *first, *next;
};

/* NULL with what was found and expected in p. The value belongs to the arena. */
struct value_read *json_read(const char *text, struct arena *a, struct problem *p);
/* The member of that name, or NULL. */
const struct value_read *json_member(const struct value_read *object, const char *key);
/* The member of that name and type; NULL with the reason in p. */
const struct value_read *json_need(const struct value_read *object, const char *key, int type,
				   struct problem *p);

#endif
