/* Why a call on an object is allowed or denied: all that sysvet explain says. */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "discover.h"
#include "remedy.h"
#include "requirements.h"

/* What one profile says. */
struct judgement {
	struct verdict verdict;
	struct grounds grounds;
	const char *decider;		/* id of the rule that is broken, or NULL */
	char because[2000];		/* the derivation, a line each */
};

/* An account that may, and by what. */
struct admitted { const struct account *account; struct grounds grounds; };

struct explanation {
	const struct scene *scene;
	const struct question *question;
	const struct caller *caller;
	struct judgement here, posix;	/* here: on Linux */
	bool about_permission;		/* a failure is one that somebody else would not meet */
	uint64_t switches;		/* of profiles: each alone leads Linux to the answer of POSIX */
	struct remedies remedies;	/* of a denial */
	bool tried;
	struct trial_answer trial;
	bool asked_who;
	size_t nwho;
	struct admitted *who;
	bool anybody;			/* may call too */
	uint64_t caps;			/* each alone lets anybody call */
	int nclauses;
	const struct requirement *clause[3];	/* the comparison's and the rule's */
	const struct script *proof;	/* a case that cites one of them */
};

/* What is to be found out. Members may be NULL: the explanation then goes without. */
struct inquiry {
	const struct accounts *accounts;
	const struct requirements *reqs;
	const struct collection *cases;
	bool who, verify;
};

/* False when out of memory. The scene is as before afterwards; it must outlive the explanation. */
bool explain(struct explanation *e, struct scene *s, const struct question *q, const struct caller *c,
	     const struct inquiry *in);
void explanation_free(struct explanation *e);
void explanation_print(struct json *t, const struct explanation *e);
/* Members of an open object. */
void explanation_json(struct json *j, const struct explanation *e);

#endif
