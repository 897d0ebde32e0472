/* A run in the making, for run.c and the files beside it: what they share and nobody else sees. */
#ifndef LOCKSTEP_H
#define LOCKSTEP_H

#include "compare.h"
#include "run.h"

/* Where a segment is attached, in the model and in the subject. memory is the model's address space. */
struct place_pair { int memory; int64_t model, subject; };

struct run {
	const struct setting *set;
	const struct script *sc;
	const struct instance *in;
	struct trial *trial;
	const struct profile *prof;
	bool patient;
	struct world *w;
	struct subject *s;
	struct facts facts;			/* the system's, and the files of this box */
	struct translation tr;
	int64_t *model_value, *subject_value;	/* of bound names */
	struct { bool ended; enum opcode code; struct outcome out; int64_t when; } woken[MAXACTORS];
	/* see settle_order */
	struct { bool taken; enum progress progress; struct outcome out; } early[MAXACTORS];
	struct place_pair *place;
	size_t nplaces, capplaces;
	struct snapshot model_state, subject_state;
	int at;					/* number of the current step, from 0 */
	bool departed;				/* an earlier step differed: the case does not go there */
};

/* A step in the making. */
struct turn {
	const struct step *step;
	struct op model_op, subject_op;
	struct verdict verdict;
	enum progress progress;
	struct outcome model, seen;
	bool adopted;			/* the model followed what was not expected */
	char because[2000];		/* derivation, taken before the world moves on */
	const char *rule;
};

/* ---- what is said: run_tell.c ------------------------------------------------------------------ */

const char *actor_name(const struct run *r, int actor);
const char *outcome_text(struct run *r, const struct outcome *out);
/* Adds a finding about the current step, with the steps so far. NULL when out of memory. */
struct finding *report_fault(struct run *r, enum verdict_word verdict, const char *aspect);
/* The kind of outcome is wrong: says so, with what each profile makes of it. */
void report_outcome(struct run *r, struct turn *t);
/* What d tells differs; aspect: "outcome" or "state". t may be NULL for a state. */
void report_differences(struct run *r, const char *aspect, const struct turn *t,
			const struct differences *d);
/*
 * The case asks for what cannot be, or its claim is not what the model says. A case says nothing about what
 * comes after a difference: that was found already.
 */
void report_conflict(struct run *r, const char *observed, const char *expected, const char *because);
/* The run is broken, and not the subject. Both return false. */
bool harness_failed(struct run *r, const char *why);
bool out_of_memory(struct run *r);

/* ---- a step: run.c ----------------------------------------------------------------------------- */

/* The errno to carry the call out with: as the subject did, where the profile allows it; 0: none. */
int turn_errno(const struct run *r, const struct turn *t);
/* Is the kind of outcome another than the verdict lets expect? What a success returned is compared later. */
bool turn_unexpected(const struct turn *t, int err);
/* Is what was seen among the outcomes that the verdict allows? */
bool turn_allowed(const struct verdict *v, const struct turn *t);
/* The call has to wait, but not for long: its end is waited for, and the step ends with it. */
bool turn_is_short(const struct turn *t);
/* Has the operation a rule with this errno? */
bool rule_gives(enum opcode code, int err);

/* ---- sleepers of whom it is open which goes first: run_order.c ---------------------------------- */

/*
 * The subject has chosen: puts the model's sleepers into an order that explains what is seen. If none does
 * they stay as they are, and the difference is found. before, parked: the calls that slept before the step,
 * which began at from.
 */
void settle_order(struct run *r, const struct turn *t, const struct op before[MAXACTORS],
		  const bool parked[MAXACTORS], int64_t from);

/* ---- before the first step: run_needs.c ---------------------------------------------------------- */

/* Is everything there that the case needs? If not the trial says what is missing. Looks up the files too. */
bool needs_met(struct run *r);

#endif
