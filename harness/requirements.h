/* The clause list: cases/requirements.tsv, one requirement a row. */
#ifndef REQUIREMENTS_H
#define REQUIREMENTS_H

#include <stdbool.h>
#include <stddef.h>

struct requirement {
	const char *id, *interface, *strength, *source, *text;
	const char *unwitnessed;	/* why no case can show it on an ordinary machine; "" when one can */
};

struct requirements {
	size_t n;
	struct requirement *v;		/* in order of the file */
	void *private_;
};

/* Reads the list. False with "file:line:column: found ..., expected ..." in err. */
bool requirements_load(struct requirements *r, const char *path, char *err, size_t errsize);
/* The same for requirements.tsv in the folder of cases. */
bool requirements_load_below(struct requirements *r, const char *root, char *err, size_t errsize);
void requirements_free(struct requirements *r);
/* NULL when there is no such id. */
const struct requirement *requirement_find(const struct requirements *r, const char *id, size_t len);

#endif
