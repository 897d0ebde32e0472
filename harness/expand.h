/* The for lines of a case: variables, their values, and lines with variables replaced. */
#ifndef EXPAND_H
#define EXPAND_H

#include "source.h"

enum { MAXVARS = 16, MAXINSTANCES = 10000 };

struct tuple {
	size_t at;			/* offset in the file */
	int nvalues;
	const char **value;
};

struct loops {
	int nvars, nloops, ninstances;
	struct variable { const char *name; size_t len, at; bool used; } var[MAXVARS];
	struct loop { int first, nvars, ntuples, room; struct tuple *tuple; } loop[MAXVARS];
};

/* A loops without any has one instance. */
void loops_init(struct loops *l);
/* Reads a for line, which begins at offset start of src; pos is behind the word for. */
bool loops_add(struct loops *l, struct arena *a, const struct source *src, size_t start, struct problem *p);
/* Every variable in the line that begins at offset start must be known; it is used then. */
bool loops_check_line(struct loops *l, const struct source *src, size_t start, struct problem *p);
bool loops_check_used(const struct loops *l, struct problem *p);

/* The values of instance i, one per variable. The first loop varies slowest. */
void loops_pick(const struct loops *l, int i, const char *value[MAXVARS]);
/* "mode=0400,want=EACCES" */
void loops_print(const struct loops *l, const char *const value[MAXVARS], struct text *t);

/*
 * The line with variables replaced: line itself when it has none, else in buf. NULL when that
 * would be longer than LINEMAX; *pos is then where.
 */
const char *expand(const struct loops *l, const char *const value[MAXVARS], const char *line,
		   char buf[LINEMAX + 1], size_t *pos);
/* Offset in line of what stands at pos of the expanded line. */
size_t expand_origin(const struct loops *l, const char *const value[MAXVARS], const char *line, size_t pos);

#endif
