/* What calls came to, by the part that each of their arguments is in. */
#ifndef SIGHT_H
#define SIGHT_H

#include "json.h"
#include "partition.h"
#include "untried.h"
#include "vocab.h"

/* Every part of every argument of every operation has a place. */
enum { SIGHT_PLACES = NOPS * MAXARGS * MAXPARTS };
static inline size_t sight_place(enum opcode code, int arg, int part)
{
	return ((size_t)code * MAXARGS + (size_t)arg) * MAXPARTS + (size_t)part;
}

/* Outcomes that were seen of calls with an argument in a part: positions as in struct trial's seen. */
struct sight { size_t place; uint64_t seen; };

/*
 * Appends a record for each operation that has an argument with parts, one line each. seen has
 * SIGHT_PLACES sets; untried says why cases leave some parts out.
 */
void sights_json(const uint64_t *seen, struct untried *untried, struct json *j);

#endif
