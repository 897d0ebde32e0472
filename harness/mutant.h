/*
 * Faults of the model, one for each thing that it says: every rule gone, with another errno, in another
 * place; every switch turned; every part of an operation taken away. What cases do not notice they do not
 * test.
 */
#ifndef MUTANT_H
#define MUTANT_H

#include "arena.h"
#include "model.h"
#include "requirements.h"
#include "vocab.h"

/* Below the folder of cases: which mutants need not be noticed, and why. */
#define MUTANT_LIST "mutants.tsv"

enum mutant_kind { MUTANT_RULE, MUTANT_ERRNO, MUTANT_ORDER, MUTANT_RECHECK, MUTANT_SWITCH, MUTANT_PART,
		   NMUTANTS };
extern const char *const mutant_kinds[NMUTANTS];

struct mutant {
	enum mutant_kind kind;
	enum opcode code;		/* what is broken; NOPS: a switch, which belongs to no operation */
	const struct profile *profile;	/* of both sides: posix for what it has otherwise than linux */
	/* as after "model:" in --subject: "msgsnd/MSGSND-ERR-EACCES=drop", "profile=posix:semop-stop=on" */
	const char *name;
	const char *clause;		/* requirement id; of a switch all of its source; NULL for none */
	const char *what;		/* a sentence */
	const char *excluded;		/* why nobody could tell it from the model: not tried; or NULL */
	const char *excused;		/* why it need not be noticed, as the list says; NULL: it has to be */
	int line;			/* of the list, for that */
};

struct mutants {			/* all zero: empty */
	size_t n, cap;
	struct mutant *v;
	bool of_source;			/* of the model's source, whose names begin with a file */
	struct arena arena;
};

/* All of them, in order of operation and kind, switches last. False when out of memory. */
bool mutants_find(struct mutants *m, const struct requirements *reqs, const char *root);
/*
 * Reads the list, if there is one. Complaints go to stderr, one line each: *wrong of them. False when it
 * cannot be read.
 */
bool mutants_excuse(struct mutants *m, const char *path, int *wrong);
void mutants_free(struct mutants *m);

#endif
