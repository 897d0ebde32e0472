/*
 * Which of several errors wins: for each operation and each two of its rules that can be broken at once, the
 * simplest call that breaks them, found by asking the model. Also a call that breaks each rule alone, one
 * that breaks none, and one that sleeps. Each is the text of a case, judged like any other.
 */
#ifndef PRECEDENCE_H
#define PRECEDENCE_H

#include "script.h"

/* Below the folder of cases: what cannot be broken together. Where it lies, cases are generated. */
#define PRECEDENCE_LIST "precedence/impossible.tsv"

/* What a generated call is to show of its operation. */
enum shows {
	PAIR,			/* rules first and second are broken, and no rule before them */
	ALONE,			/* only the first is broken */
	SUCCESS,		/* none, and it need not wait */
	SLEEP,			/* none, and it has to wait */
};

struct meeting {
	enum shows shows;
	enum opcode code;
	int first, second;		/* positions in the list of rules, -1 where there is none */
	const char *name;		/* "MSGGET-ERR-ENOENT,MSGGET-ERR-ENOSPC", "success", "blocks" */
	const char *text;		/* the case; NULL when no call was found */
	const char *reason;		/* why there is none; NULL when nothing is said */
};

/* All of them, in order of operation and position. All zero: empty. */
struct precedence {
	size_t n, cap;
	struct meeting *v;
	struct arena arena;
};

/*
 * Looks for all of them; with a pattern, not NULL, perhaps only for those of which the name of the case may
 * match. False when out of memory. reqs are needed to read the scenes.
 */
bool precedence_find(struct precedence *p, const char *pattern, const struct requirements *reqs);
void precedence_free(struct precedence *p);
/*
 * Reads the list of what cannot be broken together, and fills in reasons. Complaints about rows that are
 * wrong go to stderr, one line each: *wrong of them. False when the file cannot be read.
 */
bool precedence_excuse(struct precedence *p, const char *path, int *wrong);
/* The case of a meeting that was found, in family precedence below root. NULL with a sentence in err. */
struct script *precedence_script(const struct meeting *m, const char *root, const struct requirements *reqs,
				 char *err, size_t errsize);

#endif
