/* One process of a walk: a block of cells after the other. */
#ifndef MATRIX_STEP_H
#define MATRIX_STEP_H

#include "matrix_party.h"
#include "matrix_walk.h"

/* An object of the model, and its twin of the subject. */
struct thing {
	struct world *world;
	int64_t id, key;		/* id of a file: its name */
	int made;			/* how often */
	struct holding twin;
	int mode;
	bool gone;
	struct record before;		/* status in the model */
	unsigned char state[STATEMAX];	/* and of the subject */
};

/* What the model expects of a cell. */
struct expected_status { bool there; struct record rec; };
struct expected {
	struct verdict verdict;		/* of the chosen profile */
	struct verdict linux_verdict, posix;
	bool changes;			/* in the model it succeeds, and comes to out */
	struct outcome out;
	struct expected_status after, undone;
	uint16_t vals[SEMAPHORES];
};

struct walker {
	struct walk *walk;
	const struct profile *profile;
	struct party party;
	struct cellcalls calls;
	bool by_key[MAXOPS];		/* of each operation: argument 0 is a key */
	struct op setup[MAXSETUP];
	int nsetup;
	struct arena arena;		/* of setup */
	struct thing *thing;		/* those of the selected modes of a block */
	int nthings;
	enum cellkind kind;
	enum pattern pattern;
	int digit;
	struct payload set;		/* of the call at hand that sets the mode */
	struct cred caller;
	struct expected *expected;	/* of the cells at hand, */
	struct seen *seen;		/* and what was seen of them */
	int64_t since, until;		/* the subject's clock before and after */
	bool same;			/* after the cell at hand the object is the same on both sides */
	char err[200];
};

bool walker_open(struct walker *w, struct walk *walk);
void walker_close(struct walker *w);
/* All cells of the block. False with a sentence in err when it cannot be done. */
bool walker_block(struct walker *w, const struct block *b);

#endif
