/*
 * Comparison by meaning. Model and subject name the same thing differently: an id, a process, an
 * address, a moment. A translation holds which belongs to which; two answers agree when they are
 * equal under it.
 */
#ifndef COMPARE_H
#define COMPARE_H

#include "vocab.h"

struct pair { int64_t space; enum family family; int64_t model, subject; };
struct interval { int64_t from, to; };

struct translation {
	struct pair *id; size_t nid, capid;	/* objects: each once, in order of first sight */
	int64_t pid[MAXACTORS];			/* subject's process of each actor, or -1 */
	struct interval *step; size_t nsteps, capsteps;	/* clock of the subject during model step number i */
	int64_t space;				/* IPC namespace in which the ids of the next outcome count */
	bool exact_ids;				/* ids must be equal, not only mean the same */
	bool exact;				/* keys and what else POSIX leaves open must be equal too */
	int64_t page;
};

void translation_free(struct translation *t);
/* The subject ran model step number step within this interval of its clock. False when out of memory. */
bool translation_step(struct translation *t, int64_t step, struct interval when);

/* Texts of differences, a line each, in a fixed order. */
struct differences { char text[1600]; size_t len; int count; };
void differ(struct differences *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Compares what op's call gave on both sides. model_op and subject_op are op as resolved for each.
 * A new id is entered into the translation. Returns true when nothing differs.
 */
bool compare_outcome(struct translation *t, const struct op *model_op, const struct op *subject_op,
		     const struct outcome *model, const struct outcome *subject, struct differences *d);
/*
 * Compares all objects. Objects of the subject that the model lacks, and the other way round, are
 * differences.
 */
bool compare_snapshot(const struct translation *t, const struct snapshot *model,
		      const struct snapshot *subject, struct differences *d);
/*
 * Rewrites an object that the subject showed in the model's terms; times become TIME_ANY. False when it has
 * no model id.
 */
bool translate_object(const struct translation *t, struct objview *seen, struct snapshot *s);

#endif
