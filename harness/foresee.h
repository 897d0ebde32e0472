/*
 * What the model expects of the calls of ipcmk, from the objects and limits that the namespace has: a maker
 * that creates nothing, or one that has the kernel create and notes whether the model was right.
 */
#ifndef FORESEE_H
#define FORESEE_H

#include "caller.h"
#include "create.h"
#include "inventory.h"
#include "model.h"
#include "requirements.h"
#include "scene.h"

enum { STEPSMAX = 4 * NRESOURCES, CLAUSESMAX = 4 };

/* A call, and what was expected and seen of it. */
struct foreseen {
	char call[300];
	bool modelled;			/* something is expected of it; else */
	const char *unknown;		/* why nothing is */
	int expected, observed;		/* errno values, 0: success; observed -1: it was not made */
	const char *rule;		/* id of the rule that decides, or NULL */
	char because[2000];		/* the derivation, a line each */
	int nclauses;
	const struct requirement *clause[CLAUSESMAX];
};

/* An object as the model and as the kernel calls it. */
struct twin { enum family family; int64_t mine, real; };

struct foresight {
	bool live;			/* the kernel makes every call too */
	struct world *world;
	struct facts facts;
	struct inventory inventory;
	struct whois whois;
	struct caller caller;
	size_t ntwins, captwins;
	struct twin *twin;
	int nsteps;
	struct foreseen step[STEPSMAX];
	int nmade;
	const struct resource *made[NRESOURCES];	/* files that are expected to be there by then */
	struct requirements reqs;
	bool have_reqs;
	struct arena arena;
};

/*
 * False with a sentence in err when the namespace cannot be known. clauses is a folder, or NULL for no
 * clauses.
 */
bool foresee_open(struct foresight *f, bool live, const char *clauses, char *err, size_t errsize);
void foresee_close(struct foresight *f);
/* The maker that f is the context of. */
struct maker foresee_maker(struct foresight *f);

/* ---- foresee_file.c: what has a name -------------------------------------------------------------- */

/* Creates or takes it, as the functions of a maker do. */
bool foresee_file(struct foresight *f, struct resource *r, bool take, struct failure *why);

/* ---- foresee_bound.c: limits that the model does not know ------------------------------------------ */

/* The creation of a queue, which the model allows, fails if a limit forbids it. */
void foresee_queue(const struct foresight *f, const struct resource *r, struct foreseen *make);
/* A queue is there that this process may not read. */
void foresee_hidden(struct foreseen *take);
/* A new step that fails for the size of POSIX memory, created or taken; or NULL. */
struct foreseen *foresee_size(struct foresight *f, const struct resource *r, const struct whereabouts *w,
			      bool take);

/* ---- of foresee.c --------------------------------------------------------------------------------- */

enum { FOUNDER, FORESEER };		/* actors: who made what is there, and who runs the command */
/* A new step. There always is one. */
struct foreseen *foresee_step(struct foresight *f);
/* Makes a call in the world, whether it is to be told or not. False when it fails. */
bool foresee_perform(struct foresight *f, const struct op *op, struct outcome *out);
/* Judges the call, notes it as it is to be told, and lets it happen in the world. */
struct foreseen *foresee_call(struct foresight *f, const struct op *op, const struct op *as_text,
			      struct outcome *out);

/* The steps as text, with the reasons if explain is set; as an array of JSON named steps. */
void foresee_print(struct json *t, const struct foresight *f, bool explain);
void foresee_json(struct json *j, const struct foresight *f, bool explain);

#endif
