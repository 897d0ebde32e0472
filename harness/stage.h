/*
 * What generated calls are made of: situations in which they are made, and values for their arguments. Each
 * list begins with the simplest, and the simplest call that does what is wanted is taken.
 */
#ifndef STAGE_H
#define STAGE_H

#include "vocab.h"

/* Who calls in a scene: A, a stranger, A's user in the group of huge pages. Of family ENV none of them. */
#define STAGE_ACTORS "A uid 1000 gid 1000, B uid 1001 gid 1001, C uid 1000 gid 0"

/* A situation, as steps: the object that the call is about is x, its key 0x11, and A has made it. */
struct scene { enum family family; const char *setup; };

/* The scenes; the last has no setup, NULL. */
extern const struct scene scenes[];

/* Texts for an argument, the last NULL; NULL when there are none for its kind. */
const char *const *stage_values(enum opcode code, int arg);

#endif
