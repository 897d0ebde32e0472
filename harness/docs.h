/*
 * What documents claim: cases/docs/NAME.claims, one section for each sentence that can be checked, with the
 * test that shows whether it is true. The format is described in cases/docs/README.md.
 */
#ifndef DOCS_H
#define DOCS_H

#include "arena.h"
#include "json.h"
#include "real.h"
#include "requirements.h"
#include "script.h"
#include "source.h"

/* Who a claim can be true of. A row of docs.def each. */
enum party {
#define PARTY(name, text) PARTY_##name,
#include "docs.def"
#undef PARTY
	NPARTIES
};
struct partyinfo { const char *name, *text; };
extern const struct partyinfo partyinfo[NPARTIES];

/* Something that must be so after a command. */
struct wish {
	int what;			/* index into the table of docs_wish.c */
	const char *value;		/* as written */
};

/* A command that a claim is tested by, and what must come of it. */
struct command {
	int line;
	bool subject;			/* the ipcmk under test; else a program of the system */
	int argc;
	const char **argv;		/* argv[0] is "ipcmk" for the subject */
	int nwishes;
	struct wish *wish;
};

/* Where a claim is known to be true: of this party, in these versions. */
struct known { enum party party; bool from; const char *version; };	/* NULL: any; from it, or before it */

struct claim_of_doc {
	const char *id;
	const struct document *doc;
	int line;			/* of the section */
	const char *place;		/* line or lines of the document */
	const char *text;		/* the claim in our words */
	const char *against;		/* the test shows the contrary: this; else NULL */
	const char *varies;		/* which versions it is true of; else NULL */
	const char *uncheckable;	/* why nothing here can witness it; else NULL */
	const char *note;
	const char *dialect;		/* of our ipcmk, that does what is claimed; NULL: the document's */
	bool everywhere;		/* known to be true of whatever it is tested on */
	int nknown;
	struct known *known;
	int ncommands;
	struct command *command;
	int nscripts;
	struct script **script;
	int nrivals;
	const char **rival;		/* ids of claims that contradict it */
	int nevidence, maxevidence;
	struct evidence *evidence;
};

/* What came of a claim's test for one subject. Texts belong to the arena. */
struct evidence {
	const char *subject;		/* "util-linux 2.38.1", "kernel", ... */
	enum party party;
	const char *version;		/* of an ipcmk; NULL: newer than all */
	bool stand_in;			/* ours, in place of an older release */
	enum { UNTESTED, HOLDS, FAILS } result;
	const char *ran, *came;		/* what was done, and what came of it or why nothing was done */
};

struct document {
	const char *name, *seed, *title, *dialect;	/* dialect: NULL when our ipcmk has none for it */
	const char *file, *text;
	size_t first, n;		/* its claims */
};

struct docs {
	struct document *doc;
	size_t ndocs, capdocs;
	struct claim_of_doc *claim;
	size_t n, cap;
	struct arena arena;
};

/*
 * Reads every *.claims below root/docs, in order of name. False with "file:line:column: found ..., expected
 * ..." in err. Claims that contradict each other name each other.
 */
bool docs_load(struct docs *d, const char *root, const struct requirements *reqs, char *err, size_t errsize);
void docs_free(struct docs *d);
/* A copy of text in the arena, printf-like; "" when out of memory. */
const char *docs_text(struct docs *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ---- what must come of a command ----------------------------------------------------------------- */

/* Reads "status=0 shm=1 stdout=\"*\"". False with the reason in p; at is the offset of text in the file. */
bool wishes_read(struct command *c, const char *text, size_t at, struct arena *a, struct problem *p);
/* Is all so? If not, the first thing that is not is named in why. */
bool wishes_met(const struct command *c, const struct aftermath *after, char *why, size_t size);
/* Was it to succeed and did not, or to make something and made nothing at all? */
bool wishes_refused(const struct command *c, const struct aftermath *after);
/* "exit 0, printed "...", made ..." */
void aftermath_print(struct json *t, const struct aftermath *after);

/* ---- tests ------------------------------------------------------------------------------------------ */

/* An ipcmk to be tested. */
struct tool {
	const char *path, *name;	/* name: "ipcmk of util-linux 2.38.1" */
	const char *version;		/* "2.38.1"; NULL for ours, which is newer than all */
	const char *release;		/* the dialect in which ours stands for an older one; NULL */
	bool ours;
};
enum { MAXTOOLS = 24 };
struct tools { struct tool v[MAXTOOLS]; int n; };

/* Finds the installed ipcmk and ours and adds those named. False with a sentence in err. */
bool tools_find(struct tools *t, struct docs *d, char *const *paths, int npaths, char *err, size_t errsize);
/* Runs the commands of the chosen claims on each tool, in namespaces of their own. False as above. */
bool docs_run_commands(struct docs *d, const struct tools *t, const bool *chosen, char *err, size_t errsize);
/* Runs the steps of the chosen claims on the kernel and on both models. False as above. */
bool docs_run_steps(struct docs *d, const bool *chosen, const struct requirements *reqs, char *err,
		    size_t errsize);
/* A new piece of evidence; NULL when out of memory. */
struct evidence *docs_evidence(struct docs *d, struct claim_of_doc *c, enum party party);

/* ---- verdicts --------------------------------------------------------------------------------------- */

enum doc_verdict { DOC_true, DOC_false, DOC_version_dependent, DOC_untested, DOC_uncheckable, NDOCVERDICTS };

enum doc_verdict docs_verdict(const struct claim_of_doc *c);
/* Is the evidence other than what the claim's section says is known? */
bool docs_unexpected(const struct claim_of_doc *c, const struct evidence *e);

void docs_print(struct json *t, const struct docs *d, const bool *chosen, bool all);
void docs_json(struct json *j, const struct docs *d, const struct tools *t, const bool *chosen, int status);

#endif
