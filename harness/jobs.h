/* Many instances at once: processes that take the next instance, run it and send what came of it. */
#ifndef JOBS_H
#define JOBS_H

#include "run.h"

/* One instance to run. tells: its record holds the text of its steps. */
struct task_item { const struct script *script; int instance; bool tells; };

/* What a job sends of one instance. Texts are NUL-terminated and live until the callback returns. */
struct answer {
	enum verdict_word verdict;
	int steps, leaks;
	uint64_t calls;
	const uint64_t *seen;		/* outcomes of each operation on the subject, as in struct trial */
	const struct sight *sights;	/* and of its arguments */
	size_t nsights;
	const char *record;		/* JSON line */
	const char *text;		/* for a terminal; "" when there is nothing to say */
	const char *reason;		/* of skipped, "" if none */
};

struct jobs {
	const struct setting *set;
	const struct task_item *item;
	size_t n;
	int njobs;			/* 1 .. MAXJOBS */
	/* Called in order of item. False: stop here. */
	bool (*each)(void *ctx, size_t i, const struct answer *a);
	void (*progress)(void *ctx, size_t done);	/* NULL: none */
	void *ctx;
	bool notes;			/* each instance is told on stdout when it begins: console_note */
	int *deaths;			/* jobs that ended too early are counted here; NULL: not */
	volatile int *interrupted;	/* a signal number once one came; the jobs then end */
};
#define MAXJOBS 64

/*
 * Runs all. A job that dies or hangs gives its instance the verdict broken, and another takes its place; one
 * that dies between two instances is told on stderr too. False with a sentence in err when no job can start.
 */
bool jobs_run(const struct jobs *j, char *err, size_t errsize);

/*
 * Asks a box for the facts of the system; with a model as subject there is no box and they are linux_facts.
 */
bool jobs_facts(const struct subject_spec *subject, struct facts *facts, struct environment *env, char *err,
		size_t errsize);

#endif
