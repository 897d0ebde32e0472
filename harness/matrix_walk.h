/* A walk through the cells of the permission space, on model and subject side by side. */
#ifndef MATRIX_WALK_H
#define MATRIX_WALK_H

#include <stdatomic.h>

#include "matrix.h"
#include "real.h"
#include "subject.h"

/* ---- what came of a cell ------------------------------------------------------------------------ */

enum cell_state { CELL_LEFT_OUT, CELL_CONFORMS, CELL_PERMITTED, CELL_DEVIATES };

/* What differs, besides the outcome of the call. */
enum cell_aspect {
	ASPECT_VALUE,			/* what the call returned */
	ASPECT_ANSWER,			/* what it stored for the caller */
	ASPECT_STRAY,			/* it stored something beside its answer */
	ASPECT_GONE,			/* the object is gone */
	ASPECT_KEPT,			/* the object is still there */
	ASPECT_VALUES,			/* values of semaphores */
	ASPECT_UNDO,			/* what the call did cannot be taken back */
	ASPECT_RESERVED,		/* reserved bytes of the status */
	ASPECT_FIELD,			/* a field of the status: ASPECT_FIELD + enum field */
};

enum { WENT_WELL = 31, OTHER_ERRNO = 30 };	/* in place of the bit of an errno */

/* All of it in few bits, because there are millions. Where outcome is set, aspect means nothing. */
struct finding16 {
	unsigned state : 2;		/* enum cell_state */
	unsigned granted : 1;		/* the chosen profile expects success */
	/* posix does not allow what linux does; where the outcome differs from posix, that was seen */
	unsigned apart : 1;
	unsigned outcome : 1;		/* success or errno differ, as follows */
	unsigned observed : 5, expected : 5;	/* errno bits; or, without outcome, aspect is in both */
	unsigned known : 1;		/* it differs as a baseline says */
};

static inline int finding_aspect(struct finding16 f)
{
	return (int)(f.observed << 5 | f.expected);
}

/* Several cells may share it: what differs, in words. */
void finding_text(struct finding16 f, struct text *t);

/* ---- the walk ------------------------------------------------------------------------------------- */

/* Which part of the space. */
struct selection { bool op[MAXOPS], relation[MAXRELATIONS], capset[MAXCAPSETS], mode[MODES]; };

/*
 * The cells of one caller, one kind of object and the modes with one owner digit: what a process takes at a
 * time. More objects than these would not fit in a processor's cache.
 */
struct block { enum cellkind kind; int relation, capset, digit; size_t cells; };
enum { DIGITS = 8, MODES_OF_DIGIT = MODES / DIGITS };

enum block_state { BLOCK_WAITS, BLOCK_STARTED, BLOCK_DONE, BLOCK_SKIPPED, BLOCK_BROKEN };

/* Of each block; lies in memory that all jobs share. */
struct progress_of_block { _Atomic int state; char why[120]; };

struct walk {
	struct selection sel;
	const struct profile *profile;
	const struct subject_spec *subject;
	const struct facts *facts;
	bool bare;			/* makes the calls only: no model, no comparison */
	int njobs;
	volatile int *interrupted;
	void (*progress)(size_t done, size_t all);	/* cells */

	struct block *block;
	size_t nblocks;
	struct progress_of_block *of;	/* shared, like the rest */
	struct finding16 *cell;		/* by cell_place */
	_Atomic size_t *next;
	double seconds;			/* the walk took */
};

/* Position of a cell; the modes of a caller and operation lie side by side. */
static inline size_t cell_place(int op, int relation, int capset)
{
	return (((size_t)op * (size_t)matrix_nrelations + (size_t)relation) * (size_t)matrix_ncapsets
		+ (size_t)capset) * MODES;
}

void selection_all(struct selection *sel);
/* Cells of a selection. */
size_t selection_size(const struct selection *sel);

/* Takes memory and lists the blocks. */
bool walk_prepare(struct walk *w);
void walk_free(struct walk *w);
/* Walks. False with a sentence in err when no process can do it. */
bool walk_run(struct walk *w, char *err, size_t errsize);

#endif
