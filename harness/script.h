/*
 * Cases as text: a claim, what it cites, who acts, and steps of actor, call and outcome. The format
 * is described in cases/README.md. A file is checked whole when it is loaded, for every instance
 * that its for lines make of it; errors name file, line, column, what was found and what was expected.
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "requirements.h"
#include "text.h"
#include "vocab.h"

/* What a person says must come of a step. All zero: nothing was said, the model decides. */
struct claim {
	bool given;
	bool blocks;			/* the actor falls asleep in the call */
	struct errset errs;		/* it may fail with one of these */
	int signo;			/* or get this signal, 0 for none */
	bool success;			/* or succeed, with the value below */
	int64_t value;			/* a number; or, with ref, an offset */
	uint16_t ref;			/* as in struct op: 1 + name, 0 for none */
	int actor;			/* value is this actor's process, -1 for none */
	struct record rec;		/* fields; of kind PID: an actor or -1 for none; TIME: enum when */
	bool has_bytes;			/* text= or bytes= */
	const unsigned char *bytes;
	size_t len;
	bool has_vals;			/* values= */
	const uint16_t *vals;
	size_t nvals;
};
enum when { WHEN_NEVER, WHEN_NOW, WHEN_SET };

enum step_kind {
	STEP_CALL,
	STEP_WAKES,			/* the actor's parked call has ended, by an earlier step */
	STEP_SLEEPS,			/* the actor is still asleep in its call */
};

struct step {
	int line;			/* in the file */
	enum step_kind kind;
	int actor;			/* -1 for the environment */
	struct op op;			/* unresolved, see struct op; of other kinds its code alone */
	int bind;			/* name that takes the result, or -1 */
	struct claim claim;
};

struct script_actor {
	const char *name;
	struct cred cred;
	bool forked;			/* comes into being by a fork, not at the start */
};

/* One instance of a case. Memory belongs to its arena; script_instance_free gives it all back. */
struct instance {
	const char *name;		/* "perm/only-read[mode=0400]", or the case's name */
	const char *values;		/* what stands in brackets, or NULL */
	int nactors;
	struct script_actor actor[MAXACTORS];
	int nsteps;
	struct step *step;
	int nnames;
	const char **names;		/* bound names, by index */
	struct nametable table;		/* for printing and parsing */
	struct arena arena;
};

/* A case file. */
struct script {
	const char *file;		/* path as given */
	const char *name;		/* "perm/only-read" */
	char *values;			/* of a generated case: what its instance has in brackets; or NULL */
	const char *family;		/* "perm": the folder */
	const char *claim;
	int line;			/* of the claim */
	int ncites;
	const char **cites;
	const char *profile;		/* the only profile that the claim is about, or NULL */
	bool check_ids;
	bool libc;			/* it is about the C library, by which its calls are made */
	bool needs_root;		/* was written; box_can_be finds what follows from actors */
	int nneeds;
	struct need { enum fact fact; int64_t v; } need[4];	/* facts that must be so */
	int ninstances;
	struct arena arena;
	void *text;			/* private: what instances are made from */
};

/*
 * Loads and checks a file. root is the folder that names are relative to. reqs are the known
 * requirement ids. On failure returns NULL and err is "file:line:column: found ..., expected ...".
 */
struct script *script_load(const char *path, const char *root, const struct requirements *reqs,
			   char *err, size_t errsize);
/* The same for text that is there already; path only names it. */
struct script *script_read(const char *text, size_t len, const char *path, const char *root,
			   const struct requirements *reqs, char *err, size_t errsize);
/* The name, of *len characters, that the script of such a file has. It lies in path. */
const char *script_name(const char *path, const char *root, size_t *len);
/* Is its claim about the profile of that name? Most are about every one. */
bool script_is_about(const struct script *sc, const char *profile);
void script_free(struct script *s);
/* Instance number i, 0 .. ninstances-1. NULL when out of memory. It must not outlive its script. */
struct instance *script_instance(const struct script *s, int i);
void instance_free(struct instance *in);

/* The step as canonical text, "A  q = msgget(IPC_PRIVATE, 0600) = 0". */
void print_step(struct text *t, const struct instance *in, const struct step *step);
/* The outcome part of a step, "0 {uid=1}", "{EACCES, EINVAL}", "blocks". */
void print_claim(struct text *t, const struct claim *c, const struct opinfo *op,
		 const struct nametable *names);

#endif
