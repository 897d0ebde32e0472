/* Finds and loads case files. */
#ifndef DISCOVER_H
#define DISCOVER_H

#include "script.h"

struct collection {
	struct script **v;		/* in order of name */
	size_t n, cap;
	/* files that could not be loaded; each was complained about on stderr */
	int errors;
};

enum which_cases { WRITTEN, AND_GENERATED };

/*
 * Loads every *.case below each path (a file or a folder), or below root when there is no path. Where
 * precedence/impossible.tsv lies, the cases of precedence.h are generated, if they are asked for. With a
 * pattern, which may be NULL, those can be left out of which no instance matches, but for files that are
 * named. Complaints go to stderr, one line each. False when a path cannot be read or memory is out.
 */
bool discover(struct collection *c, const char *root, char *const *paths, int npaths,
	      enum which_cases which, const char *pattern, const struct requirements *reqs);
/* Adds a script, which the collection owns from then on. False when out of memory. */
bool collection_add(struct collection *c, struct script *s);
void collection_free(struct collection *c);

#endif
