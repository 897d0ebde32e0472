/*
 * The permission space in full: every mode of an object, every relation of the caller to it, every set of
 * capabilities and every operation that judges a permission. A point of it is a cell. matrix.def holds the
 * axes.
 */
#ifndef MATRIX_H
#define MATRIX_H

#include "model.h"

enum pattern { GIVEN, KEPT, NPATTERNS };	/* what an object's ids are: matrix.def */
enum { MODES = 512, SEMAPHORES = 3 };	/* semaphores in a set */
enum { MAXOPS = 128, MAXRELATIONS = 32, MAXCAPSETS = 8 };	/* room for the axes */

struct relation { const char *name; enum pattern pattern; const char *cred, *text; };
struct capset { const char *name, *caps; };
struct cellop { enum opcode code; const char *with, *call, *undo; };

extern const struct relation matrix_relation[];
extern const struct capset matrix_capset[];
extern const struct cellop matrix_op[];
extern const int matrix_nrelations, matrix_ncapsets, matrix_nops;

/* Indexes into the axes, and the mode itself. */
struct cell { int op, relation, capset, mode; };

static inline enum family cell_family(const struct cell *c)
{
	return opinfo[matrix_op[c->op].code].family;
}

/* Is the cell one of the space? A few sets of capabilities matter to some operations only. */
bool cell_exists(int op, int capset);
/* "matrix/msg/msgrcv[mode=0640,as=owner,caps=none]", with ",with=copy" before the bracket for a variant. */
void cell_name(const struct cell *c, struct text *t);
/* The cell of that name; false with a sentence in err. */
bool cell_find(const char *name, struct cell *c, char *err, size_t errsize);
bool relation_is(int relation, const char *name);
/* "msgrcv" or "msgrcv:copy" */
void cellop_name(int op, struct text *t);
/* The cell as the text of a case, as cases/README.md describes it. */
void cell_case(const struct cell *c, struct text *t);

/* ---- the same for a model ---------------------------------------------------------------------- */

enum { CALLER, MAKER };			/* actors: who is judged, and who makes the object ready */
enum { MAXSETUP = 3 };

/* The calls of the cells of a family, read once. Ids and keys in them are to be replaced. */
struct cellcalls {
	struct arena arena;
	struct op *call, *undo;		/* by operation; undo of NOPS where there is none */
	int64_t key;
};
bool cellcalls_read(struct cellcalls *c, enum family f, char *err, size_t errsize);
void cellcalls_free(struct cellcalls *c);
/* Credentials of the caller, and of who makes the objects of a pattern. */
bool cell_caller(int relation, int capset, struct cred *cred);
bool cell_maker(enum pattern p, struct cred *cred);
/*
 * The calls by which the maker makes an object of mode 0 ready; how many. The first creates it and wants its
 * key, the others its id; the last sets owner and mode.
 */
int cell_setup(enum family f, enum pattern p, struct op op[MAXSETUP], struct arena *arena);

#endif
