/* One instance of a case on the model and on the subject, in lockstep. */
#ifndef RUN_H
#define RUN_H

#include "script.h"
#include "subject.h"
#include "trial.h"

/*
 * The calls that the subject was asked to make, in order, for benchmarks. Payloads live as long as the
 * trial.
 */
struct tape { struct op *op; size_t n, cap; };

/* What a run of cases is about; the same for every instance. */
struct setting {
	const struct profile *profile;		/* the chosen one */
	struct subject_spec subject;
	struct facts facts;
	const struct requirements *reqs;	/* for the text of clauses; NULL: none */
	const struct baseline *baseline;	/* differences that are known; NULL: none */
	bool root;				/* actors can be any user */
	struct tape *tape;			/* calls are noted here; NULL: nowhere */
};

/* Runs the instance. Everything that is to be said goes into t, which is initialized here. */
void run_instance(const struct setting *set, const struct script *sc, const struct instance *in,
		  struct trial *t);
/* As that, but on a system that does not tell who sleeps in a call: see real_be_patient. */
void run_patiently(const struct setting *set, const struct script *sc, const struct instance *in,
		   struct trial *t);

#endif
