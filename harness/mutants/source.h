/* The mutants that schemata.py has written into the source of the model. */
#ifndef SOURCE_MUTANTS_H
#define SOURCE_MUTANTS_H

struct source_mutant {
	const char *file;
	int line, column;		/* from 1 */
	const char *kind, *function;
	const char *before, *after;	/* text; after is "" for what is dropped */
};

/* By number, which begins with 1: that of number 1 comes first. */
extern const struct source_mutant source_mutants[];
extern const int source_nmutants;

#endif
