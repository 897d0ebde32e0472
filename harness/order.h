/* What ipcmk is asked to create: a command line, read in one of its dialects. */
#ifndef ORDER_H
#define ORDER_H

#include "accounts.h"
#include "resource_text.h"

/* What an option says, whatever it is called. */
enum meaning {
#define MEANING(name, argument, text) MEANS_##name,
#include "dialect.def"
#undef MEANING
	NMEANINGS
};

/* A row of zeros ends a table of them. */
struct spelling {
	char letter;			/* NO_LETTER: it is written in full only */
	const char *word;		/* NULL: it has a letter only */
	enum meaning means;
};

enum { NO_LETTER = '-' };

enum features {
	SUFFIXES = 1,			/* sizes have units and fractions */
	MODE_LEADING = 2,		/* of a mode the leading octal digits count */
	NUMBER_LEADING = 64,		/* of sizes and numbers, too */
	MODE_QUOTED = 4,		/* a bad mode is quoted, like a bad number */
	ID_ALONE = 8,			/* printed is the id and nothing else */
	OLD_FRACTIONS = 16,		/* of sizes: IN_HUNDREDS */
	REASONLESS = 32,		/* it is not said why a number is none */
};

struct order;

struct dialect {
	const char *name;
	const char *alias;		/* number of the description in the project's collection, or "" */
	int since;			/* first release of util-linux, 2042 is 2.42; 0: it is of none */
	const char *source;		/* which document describes it */
	const char *synopsis;		/* NULL: that of the examples is all there is */
	bool example;			/* takes the short examples of its page, too */
	const struct spelling *spelling;	/* ends with letter 0 */
	int features;
	int64_t mode;			/* what objects without a given mode get */
	/* NULL, or takes what is no option; false after a complaint */
	bool (*operand)(struct order *o, const char *text);
	bool (*complete)(struct order *o);	/* NULL, or checks the whole */
};

struct order {
	const struct dialect *dialect;
	bool wanted[NRESOURCES];
	struct resource wish[NRESOURCES];	/* of those that are wanted */
	int64_t mode;			/* -1: not said */
	int64_t uid, gid;		/* -1: not said */
	int64_t file_mode, file_uid, file_gid;	/* the same of files alone */
	const char *context, *file_context;	/* NULL: not said */
	const char *name;
	int64_t size;			/* -1: not said */
	int64_t nsems;
	bool has_key, has_existing;
	int32_t key, existing;
	bool keyed;			/* asked for by an option that is followed by a key */
	bool example;			/* asked for as in the short examples of a page */
	bool strict, exclusive, or_existing, dry_run, explain, json;
	const char *clauses;		/* folder of requirements.tsv */
	int doubts;			/* warnings so far */
	long starter;			/* the process that waits for what this one does; 0: none */
	int status;			/* exit status when nothing is to be created; -1: go on */
	struct accounts accounts;
	bool accounts_loaded;
	struct arena arena;
};

enum { EXIT_MADE = 0, EXIT_NOT_MADE = 1 };

/* False when there is nothing to create: status then says how to exit. Complaints go to stderr. */
bool order_read(struct order *o, int argc, char **argv);
void order_free(struct order *o);

/* "ipcmk: text" on stderr, printf-like; always false, and sets status. */
bool complain(struct order *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same, about a trap: an error under --strict, else a warning; false for an error. */
bool doubt(struct order *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* After a complaint about the command line: "Try 'ipcmk --help' for more information." Always false. */
bool try_help(struct order *o);

/* ---- dialect.c ----------------------------------------------------------------------------------- */

/* By name, alias or release, "util-linux-2.38.1"; NULL when there is none. */
const struct dialect *dialect_find(const char *name);
extern const struct dialect dialects[];		/* ends with name NULL; the first is the usual one */

struct meaninginfo { const char *argument, *text; };		/* argument NULL: takes none */
extern const struct meaninginfo meaninginfo[NMEANINGS];

/* ---- meaning.c ----------------------------------------------------------------------------------- */

/* Takes over what an option says. False after a complaint, or when it said all there is to do. */
bool meaning_take(struct order *o, enum meaning m, const char *argument);
bool take_mode(struct order *o, const char *text, int64_t *mode);

/* Of every dialect, always in full: they have no letter of their own. */
extern const struct spelling common_options[];
/* The one that is word of len characters in full, or NULL. */
const struct spelling *spelling_find(const struct spelling *among, const char *word, size_t len);

/* ---- order_help.c -------------------------------------------------------------------------------- */

void order_help(const struct order *o);

#endif
