/* Every mutant as the subject of the cases that could notice it. */
#ifndef MUTATE_H
#define MUTATE_H

#include "discover.h"
#include "jobs.h"
#include "mutant.h"
#include "options.h"

enum { FEW = 4 };			/* cases that are named of those that noticed */

/*
 * Where a mutant is not a change of the subject: it is another's business to wake it, and to know which
 * instances come to its place.
 */
struct strange_mutants {
	/* the instance has been run while none was awake */
	void (*rehearsed)(void *ctx, size_t item);
	bool (*touched)(void *ctx, size_t mutant, size_t item);
	void (*wake)(void *ctx, size_t mutant);		/* in a process of its own */
	const char *(*other)(void *ctx, size_t mutant);	/* what else notices it, after all cases; or NULL */
	void *ctx;
};

/* What came of one mutant. */
struct attempt {
	bool tried;			/* false: excluded, or the run was interrupted */
	bool noticed;
	const char *how;		/* the first verdict; "crashes", "endless"; NULL when not noticed */
	char other[60];			/* what else noticed it, or "" */
	size_t ran;			/* instances that it was the subject of */
	size_t by;			/* that noticed it: one at most, unless all were asked */
	size_t item[FEW];		/* the first of them */
};

struct mutation {
	const struct mutants *mutants;
	const struct collection *cases;
	const struct strange_mutants *strange;	/* NULL: each is a change of the subject */
	bool all;			/* go on after the first instance that notices */
	int njobs;
	const bool *chosen;		/* by mutant */
	volatile int *interrupted;
	void (*progress)(size_t done, size_t total);	/* NULL: none */

	/* results */
	struct task_item *item;		/* the instances, by the numbers in attempts; once for each profile */
	size_t nitems;
	struct attempt *attempt;	/* by mutant */
};

/*
 * First the cases on two models without a fault, which must agree. Then each mutant that is chosen and not
 * excluded, in a process of its own, because it may crash or never end. False with a sentence in err when the
 * cases fail already, or memory or processes are out.
 */
bool mutation_run(struct mutation *m, char *err, size_t errsize);
/*
 * The same, with signals kept in interrupted, and with progress unless it is to be quiet. What is wrong is
 * told to stderr after the name of the program.
 */
bool mutation_show(struct mutation *m, const char *program, bool quiet);
void mutation_free(struct mutation *m);

/* Options of every command that tries mutants; its own begin at OPT_TRIED. */
enum { OPT_FILTER = OPT_OWN, OPT_TRIED };
#define MUTATE_OPTIONS \
	{ "filter", required_argument, NULL, OPT_FILTER }, \
	{ "list", no_argument, NULL, OPT_LIST }, \
	{ "jobs", required_argument, NULL, OPT_JOBS }, \
	{ "output", required_argument, NULL, OPT_OUTPUT }, \
	{ "quiet", no_argument, NULL, OPT_QUIET }, \
	{ "cases", required_argument, NULL, OPT_CASES }, \
	{ "help", no_argument, NULL, OPT_HELP }

#endif
