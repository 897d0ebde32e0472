/* What a walk through the permission space has shown: for a person, and for a program. */
#ifndef MATRIX_REPORT_H
#define MATRIX_REPORT_H

#include <stdio.h>

#include "baseline.h"
#include "matrix_walk.h"
#include "requirements.h"
#include "script.h"

struct matrix_about {
	struct environment env;
	struct facts facts;
	struct requirements reqs;
	struct baseline *baseline;	/* differences that are known */
	const char *update;		/* baseline to which rows are added; NULL: none */
	const char *root;		/* folder of cases, in whose name cells are run alone */
	volatile int *interrupted;
	FILE *records;			/* NULL: nobody asked */
	bool quiet, strict;		/* strict: what POSIX permits counts as a difference */
};

/* The first record, before the walk. */
void matrix_begin(const struct walk *w, const struct matrix_about *about);
/* Prints and writes what came of the walk. Returns the exit status. */
int matrix_report(struct walk *w, const struct matrix_about *about);
/* The last record of a walk that never was. */
void matrix_nothing(const struct walk *w, const struct matrix_about *about, int status);

/* The cell of that name as a case. NULL with a sentence in err. */
struct script *cell_script(const char *name, const char *root, const struct requirements *reqs, char *err,
			   size_t errsize);

#endif
