/*
 * Baselines: differences that are known, a row each, with the systems that have them and the reason. A row
 * explains a difference when its conditions hold here and its patterns fit the name of the instance or cell
 * and the sign of the difference. cases/README.md describes the file.
 */
#ifndef BASELINE_H
#define BASELINE_H

#include "source.h"
#include "subject.h"
#include "trial.h"

#define BASELINE_HEADINGS "case\tobserved\twhere\treason\treference\tseen"

struct baseline_row {
	const char *name, *observed;	/* patterns */
	const char *where;		/* conditions */
	const char *reason, *reference, *seen;
	const char *file;
	int line;
	bool here;			/* its conditions hold: baseline_place */
	size_t times;			/* differences that it explained */
	size_t named, ran;		/* instances or cells that its name fits; those that ran */
	bool stale;			/* baseline_settle */
};

/* A difference that no row explains. */
struct unexplained { const char *name, *sign; };

/* All zero: no row. Rows keep the order of their files. */
struct baseline {
	struct arena arena;
	struct baseline_row *row;
	size_t n, cap;
	struct unexplained *left;
	size_t nleft, capleft;
};

/* What conditions are about. */
struct whereabouts {
	bool kernel;			/* the subject is one; a model has no system */
	const char *subject, *profile;	/* as the command line names them */
	const struct environment *env;
	const struct facts *facts;
};

/* Adds the rows of a file. False with "file:line:column: found ..., expected ..." in err. */
bool baseline_load(struct baseline *b, const char *path, char *err, size_t errsize);
void baseline_free(struct baseline *b);

/*
 * Do the conditions hold? NULL when they can be read; else what is expected at *at, which is set to the place
 * of the mistake. Without w nothing is asked but whether they can be read.
 */
const char *where_holds(const char *where, const struct whereabouts *w, bool *holds, const char **at);
/* Which rows count here. */
void baseline_place(struct baseline *b, const struct whereabouts *w);

/* In a sign it follows an outcome that differs from what the profile expects, and is what Linux does. */
#define AS_LINUX " as Linux does"
/*
 * What a difference is known by, without anything that changes from run to run: the operation with an errno,
 * 0 for a success, or the parts of the state that differ.
 */
void finding_sign(const struct finding *f, struct text *t);
/* The first row that explains it here, or NULL. b may be NULL. */
struct baseline_row *baseline_find(const struct baseline *b, const char *name, const char *sign);
/* Findings that are explained become known, and with the last of them the instance. b may be NULL. */
void baseline_judge(const struct baseline *b, const char *name, struct trial *t);

/*
 * Counts what the record of an instance says is known, and keeps what is not, also what POSIX permits if
 * strict. False when out of memory.
 */
bool baseline_count(struct baseline *b, const char *record, bool strict);
/* Keeps a difference that no row explains. False when out of memory. */
bool baseline_keep(struct baseline *b, const char *name, const char *sign);

/* An instance or cell of that name exists; ran: what came of it is evidence. */
void baseline_named(struct baseline *b, const char *name, bool ran);
/* Is there a row for which that has to be known of names that begin with prefix? */
bool baseline_wants_names(const struct baseline *b, const char *prefix);
/*
 * Decides which rows are stale: those that count here, explained nothing, and whose instances or cells all
 * ran. A row that names none is stale if all there are were looked at (whole), and if it is about cells where
 * cells ran. Returns how many.
 */
size_t baseline_settle(struct baseline *b, bool whole, bool cells);

/* Rows that explained something, and those that are stale, for a person. */
void baseline_print_known(const struct baseline *b);
void baseline_print_stale(const struct baseline *b);
/* An array of the rows that explained something, or of those that are stale. */
void baseline_json(const struct baseline *b, bool stale, struct json *j);

/*
 * Appends a row for each difference that was kept. The file is replaced as a whole, or not at all; what it
 * says stays. Where there is none one is made, even if nothing was kept. False with a sentence in err.
 */
bool baseline_update(const struct baseline *b, const char *path, const struct whereabouts *w,
		     const char *date, char *err, size_t errsize);

#endif
