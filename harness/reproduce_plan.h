/* What the model says of the steps of an instance that is to be a program in C. */
#ifndef REPRODUCE_PLAN_H
#define REPRODUCE_PLAN_H

#include "json.h"
#include "model.h"
#include "script.h"

/* Parts of an answer beside the fields of its record. */
enum { OPEN_VALUE = 1, OPEN_BYTES = 2, OPEN_VALS = 4 };

/*
 * What the model says of a step. Where it is open which of several sleepers goes first, how else it may end,
 * and what of its answer is then not looked at.
 */
struct prediction {
	struct op op;			/* resolved; of the call in which the actor sleeps */
	struct outcome at;		/* what is seen at this step */
	struct outcome end;		/* how the call that it makes ends, perhaps later; BLOCKED: never */
	struct errset also;		/* other errors that are allowed */
	bool either;			/* success is allowed, and something else was gone on with */
	bool wakes;			/* it ends the sleep of others */
	unsigned others;		/* bits of enum how; with FAILED there are more in also */
	unsigned open;			/* OPEN_VALUE and so on */
	uint64_t open_fields;
	struct record before;		/* status of the object that it is about */
	struct cred cred;		/* of the actor, behind it */
	int64_t now;			/* on the model's clock */
	int64_t space;			/* the IPC namespace that it is made in */
	int64_t *value;			/* of names, before it */
};

/* A way that things can go. */
struct course {
	struct world *world;
	int pending[MAXACTORS];		/* the step whose call the actor sleeps in, or -1 */
	const struct outcome *end[MAXACTORS];	/* of that call */
};
enum { MOST_COURSES = 256 };
struct courses { int n; struct course v[MOST_COURSES]; };

struct plan {
	const struct script *sc;
	struct instance *in;
	int nsteps;
	const struct profile *profile;
	struct prediction *of;		/* each step; behind the last stands one with values alone */
	int64_t *value;			/* of names, in the end */
	struct courses *now, *next;	/* before a step, and behind it */
	struct snapshot after;
	struct record left[NNODES];	/* files; of one that is not there nothing */
	struct arena arena;
	struct json out;		/* the program */
	char *err;
	size_t errsize;
};

/*
 * A call in C, where $NAME stands for an argument; what it gives back in its buffer, of which type; and which
 * file of harness/reproduce/ has the functions that it needs.
 */
enum tools { ALWAYS, KERNEL, PROGRAMS, MEMORY, FILES, PROCFILES, THREADS, SPACES, ENTRIES, PATHS, NTOOLS };
struct call {
	const char *text;		/* NULL: there is none */
	enum gives { NOTHING, STATUS, INFO, MESSAGE, VALUES, LOADED, ROW } gives;
	const char *type;
	enum tools tools;
};
extern const struct call reproduce_calls[NOPS];
/* What who has all rights does for the actor that was told to make the call, in C; NULL: nothing. */
extern const char *const reproduce_meanwhile[NOPS];

/* Says in err what is in the way. Returns false. */
bool plan_refuse(struct plan *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Asks the model about every step. False with a sentence in err if one cannot be told. */
bool plan_make(struct plan *p);

/* Adds what may come of the same step, or of its end, on another course. */
void merge_prediction(struct prediction *to, const struct prediction *from);
void merge_end(struct prediction *to, const struct outcome *from);
/* The same of what is left. False when what there is differs, or the values of semaphores. */
bool merge_snapshot(struct snapshot *to, const struct snapshot *from);
/* Did the same sleepers wake in the same way, and does all look the same? False also when out of memory. */
bool courses_alike(const struct course *a, const struct course *b);
/* The same, and is there no difference that would show later? */
bool courses_meet(const struct course *a, const struct course *b);

#endif
