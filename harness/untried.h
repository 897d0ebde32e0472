/* Parts of arguments that no case tries, each with the reason: rows of a file beside the cases. */
#ifndef UNTRIED_H
#define UNTRIED_H

#include "arena.h"
#include "vocab.h"

#define UNTRIED_LIST "untried.tsv"

/* Words divided by commas: patterns, and those that fitted something. */
struct words { const char *word[16]; int n; uint32_t used; };
struct untried_row { int line; struct words operation, argument, part; const char *reason; };

/* All zero: no part has a reason. */
struct untried {
	size_t n, cap;
	struct untried_row *row;
	struct arena arena;
};

/*
 * Reads the list in folder root; that there is none is fine. Complaints go to stderr, one line each. False
 * when a row is not as it should be, or out of memory.
 */
bool untried_read(struct untried *u, const char *root);
void untried_free(struct untried *u);
/* Why the part is not tried; NULL when the list does not say. */
const char *untried_reason(struct untried *u, enum opcode code, int arg, int part);
/* Complains of every word that fitted no part that was asked about. How many there are. */
size_t untried_idle(const struct untried *u, const char *root);

#endif
