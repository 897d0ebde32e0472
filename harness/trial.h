/* What came of running one instance of a case. */
#ifndef TRIAL_H
#define TRIAL_H

#include "arena.h"
#include "json.h"
#include "script.h"
#include "sight.h"
#include "vocab.h"

enum verdict_word {
#define VERDICT(name, exit, meaning) V_##name,
#include "verdicts.def"
#undef VERDICT
	NVERDICTS
};
struct verdictinfo { const char *name, *meaning; int exit; };
extern const struct verdictinfo verdictinfo[NVERDICTS];

/* Something to be said about one step. Texts belong to the trial's arena; NULL where there is none. */
struct finding {
	enum verdict_word verdict;
	const char *aspect;		/* "outcome", "state", "ids", "claim" or "harness" */
	int step;			/* from 1 */
	int line;			/* in the case file */
	const char *actor, *call;
	const char *observed, *expected;
	const char *linux_says, *posix_says;
	bool as_linux;			/* the linux profile allows what was observed */
	const char *because;		/* lines of the derivation */
	const char *reason, *reference;	/* of a difference that is known */
	const char *rule;		/* requirement id, and */
	const char *clause;		/* its text, or NULL */
	const char *steps;		/* the case up to and with this step, a line each */
	struct finding *next;
};

#define MAXRULES 64
/*
 * Positions in the outcome set of an operation, after those of errs.def. The end of a call that slept is the
 * same outcome, and one of its own that lies SEEN_WOKEN further.
 */
enum { SEEN_SUCCESS = NERRS, SEEN_BLOCKS, SEEN_SIGSEGV, SEEN_SIGBUS, SEEN_SIGKILL, NSEEN };
enum { SEEN_WOKEN = 32 };
_Static_assert((int)NSEEN <= (int)SEEN_WOKEN, "outcomes of an operation are a set of 64 bits");

struct trial {
	enum verdict_word verdict;
	const char *reason;		/* of skipped, unsupported, broken, known; NULL */
	const char *reference;		/* of known; NULL */
	/* "solo", "processes", "timed", "model", or NULL if it never started */
	const char *how;
	const char *replay;		/* command that runs the instance again in the same way */
	int steps;			/* that were run */
	int left;			/* steps that were not, because of what was found before */
	int leaks;			/* objects left behind */
	uint64_t calls;			/* system calls made by actors */
	uint64_t seen[NOPS];		/* outcomes of each operation on the subject, and */
	struct sight *sights;		/* of its arguments; no place twice */
	size_t nsights, sightmax;
	int nrules;
	const char *rules[MAXRULES];	/* that decided a failure */
	struct finding *findings, **last;
	int nfindings;
	struct arena arena;
};

void trial_init(struct trial *r);
void trial_free(struct trial *r);
/* A copy of text in the trial's arena; "" when out of memory. */
const char *trial_text(struct trial *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Adds a finding and raises the verdict. Returns it to be filled in; NULL when out of memory. */
struct finding *trial_add(struct trial *r, enum verdict_word verdict, const char *aspect);
/* Sets the verdict with a reason, unless something graver was said. */
void trial_say(struct trial *r, enum verdict_word verdict, const char *reason);
/* woken: it is the end of a call that slept. */
void trial_saw(struct trial *r, const struct op *op, const struct outcome *out, bool woken);
void trial_rule(struct trial *r, const char *id);

/* "EACCES": an outcome by its position in a set such as trial.seen. */
void result_text(char *buf, size_t size, int position);
/* "msgsnd EACCES": an operation and an outcome of it by its position in a set such as trial.seen. */
void seen_text(char *buf, size_t size, enum opcode code, int position);

/* Appends the instance's record, one line with its newline. tells: with the text of all its steps. */
void trial_json(const struct trial *r, const struct script *sc, const struct instance *in, bool tells,
		struct json *j);

#endif
