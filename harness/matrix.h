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
enum { MAXOPS = 192, MAXRELATIONS = 32, MAXCAPSETS = 16 };	/* room for the axes */
enum { MAXSETUP = 4 };

enum cellkind {
#define CELLKIND(word, name, family, node, always, ...) CELLS_##word,
#include "matrix.def"
	NCELLKINDS
};

/* node: of family NODES, the name of the object. always: bits that every mode has besides the nine. */
struct cellkindinfo {
	const char *name;
	enum family family;
	enum nodename node;
	int always;
	const char *setup[MAXSETUP];
};
extern const struct cellkindinfo cellkindinfo[NCELLKINDS];

struct relation { const char *name; enum pattern pattern; const char *cred, *text; };
struct capset {
	const char *name, *caps;
	enum { EVERYWHERE, WITH_IPC, WITH_FILES, LOCKING, GIVING } where;
};
struct cellop { enum cellkind kind; enum opcode code; const char *with, *call, *undo; };

extern const struct relation matrix_relation[];
extern const struct capset matrix_capset[];
extern const struct cellop matrix_op[];
extern const int matrix_nrelations, matrix_ncapsets, matrix_nops;

/* Indexes into the axes, and the mode itself. */
struct cell { int op, relation, capset, mode; };

static inline enum cellkind cell_kind(const struct cell *c)
{
	return matrix_op[c->op].kind;
}

/* Is the object known by a name, and not by an id or a key? */
static inline bool is_file(enum cellkind k)
{
	return cellkindinfo[k].family == NODES;
}

/* Are the cells part of the space? Some capabilities and relations mean nothing to some operations. */
bool cell_exists(int op, int relation, int capset);
/* "matrix/msg/msgrcv[mode=0640,as=owner,caps=none]", with ",with=copy" before the bracket for a variant. */
void cell_name(const struct cell *c, struct text *t);
/* The cell of that name; false with a sentence in err. */
bool cell_find(const char *name, struct cell *c, char *err, size_t errsize);
bool relation_is(int relation, const char *name);
/* "msgrcv" or "msgrcv:copy" */
void cellop_name(int op, struct text *t);
/* Its call alone: "open(node, O_RDONLY)". */
void cell_call(const struct cell *c, struct text *t);
/* The cell as the text of a case, as cases/README.md describes it. */
void cell_case(const struct cell *c, struct text *t);

/* ---- the same for a model ---------------------------------------------------------------------- */

enum { CALLER, MAKER };			/* actors: who is judged, and who makes the object ready */

/* The calls of the cells of a kind, read once. Ids and keys in them are to be replaced. */
struct cellcalls {
	struct arena arena;
	struct op *call, *undo;		/* by operation; undo of NOPS where there is none */
	int64_t key;
};
bool cellcalls_read(struct cellcalls *c, enum cellkind k, enum pattern p, char *err, size_t errsize);
void cellcalls_free(struct cellcalls *c);
/* Credentials of the caller, and of who makes the objects of a pattern. */
bool cell_caller(int relation, int capset, struct cred *cred);
bool cell_maker(enum cellkind k, enum pattern p, struct cred *cred);
/*
 * The calls by which the maker makes an object of mode 0 ready; how many. The first creates it and wants its
 * key, the others its id, unless it has a name; one sets the mode.
 */
int cell_setup(enum cellkind k, enum pattern p, struct op op[MAXSETUP], struct arena *arena);
/* Does the call set the mode of an object that is there, or create a queue, which has one from the start? */
bool call_sets_mode(const struct op *op);
/* Lets op, a call that sets the mode, set this one. set is room for what it needs. */
void call_set_mode(struct op *op, enum cellkind k, int mode, struct payload *set);

#endif
