/*
 * The smallest rules that tell wrong cells from right ones. A rule is a conjunction: some operations, some
 * relations, some sets of capabilities, and conditions on the mode. Rules know nothing of permissions but
 * what the model has said of them.
 */
#ifndef MATRIX_RULE_H
#define MATRIX_RULE_H

#include "matrix.h"

struct bits { uint64_t w[MODES / 64]; };	/* a set of modes */

static inline bool bits_has(const struct bits *b, int mode) { return b->w[mode / 64] >> mode % 64 & 1; }
static inline void bits_add(struct bits *b, int mode) { b->w[mode / 64] |= UINT64_C(1) << mode % 64; }

/* Callers whom only the mode can let in, one for each class: the owner, one of the group, a stranger. */
enum { BY_OWNER, BY_GROUP, BY_OTHER, NCLASSES };
enum { OWNER_AND_OTHER, GROUP_AND_OTHER, OWNER_AND_GROUP, NPAIRS };

/* What is known of all cells. Rows are counted by row_of. */
struct facts_of_cells {
	struct bits *run, *wrong, *granted;	/* by row: cells that were run, differ, and should succeed */
	struct bits may[MAXOPS][NCLASSES];	/* modes that let each class make the call, by the model */
	struct bits apart[MAXOPS][NPAIRS];	/* modes under which the call comes to different things */
	bool helps[MAXOPS][MAXCAPSETS];		/* the capabilities do, of an object that grants nothing */
	struct effort *effort;			/* private */
	/* of the mode, BY_OWNER and so on, that decides for the caller */
	int digit[NCELLKINDS][MAXRELATIONS];
};

static inline size_t row_of(int op, int relation, int capset)
{
	return ((size_t)op * (size_t)matrix_nrelations + (size_t)relation) * (size_t)matrix_ncapsets
		+ (size_t)capset;
}
size_t row_count(void);

struct rule {
	bool op[MAXOPS];
	uint32_t relations, capsets;		/* bit n is number n */
	uint64_t conditions;			/* on the mode and the call; private */
	size_t cells;				/* wrong cells that it covers */
};

/*
 * Finds rules that cover every wrong cell and no right one, at most most of them; how many. *left is the
 * number of wrong cells that no short rule covers. What takes too long to find is left.
 */
int rules_find(struct facts_of_cells *f, struct rule *rule, int most, size_t *left);
/* Is the cell one that the rule covers? */
bool rule_covers(const struct facts_of_cells *f, const struct rule *r, const struct cell *c);
/* "every cell where ..." */
void rule_text(const struct facts_of_cells *f, const struct rule *r, struct text *t);

#endif
