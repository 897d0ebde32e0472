/* What the command lines of several commands have in common. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <getopt.h>
#include <stdio.h>

#include "baseline.h"
#include "requirements.h"

/* What getopt_long answers; the options of one command alone begin at OPT_OWN. */
enum { OPT_HELP = 'h', OPT_VERSION = 256, OPT_PROFILE, OPT_SUBJECT, OPT_JOBS, OPT_OUTPUT, OPT_LIST,
       OPT_STRICT, OPT_QUIET, OPT_CASES, OPT_CONSOLE, OPT_OWN };

/*
 * The names of commands are without "sysvet". What is told goes to stderr, but for the help that was asked
 * for. Where an exit status is returned, -1 means: go on.
 */

/* --help, --version, or an option that does not exist. The exit status. */
int option_rest(int c, void (*usage)(FILE *to));
/* "sysvet COMMAND: OPTION: found 'FOUND', expected EXPECTED". Returns false. */
bool option_wrong(const char *command, const char *option, const char *found, const char *expected);
/* "sysvet COMMAND: WHAT: WHY", with WHY as prose_name writes it. Returns EXIT_USAGE. */
int option_refuse(const char *command, const char *what, const char *why);
/* A decimal number from 1 to most. */
bool option_count(const char *command, const char *option, const char *text, long most, long *to);
/* --pid */
bool option_pid(const char *command, const char *text, int64_t *pid);
/* As many as there are CPUs, 1 .. MAXJOBS. */
long option_default_jobs(void);
/* requirements.tsv in the folder of --cases. */
bool option_clauses(struct requirements *r, const char *root);

/* What is said in the same way to every command that judges a subject. */
struct common_options {
	const char *root;		/* folder of --cases */
	const char *output;		/* NULL: no records */
	const char *profile, *subject;
	long jobs;
	bool list, strict, quiet;
	bool console;			/* records go to stdout, as console.h says */
};

#define COMMON_OPTIONS \
	{ "profile", required_argument, NULL, OPT_PROFILE }, \
	{ "subject", required_argument, NULL, OPT_SUBJECT }, \
	{ "jobs", required_argument, NULL, OPT_JOBS }, \
	{ "output", required_argument, NULL, OPT_OUTPUT }, \
	{ "list", no_argument, NULL, OPT_LIST }, \
	{ "strict", no_argument, NULL, OPT_STRICT }, \
	{ "quiet", no_argument, NULL, OPT_QUIET }, \
	{ "cases", required_argument, NULL, OPT_CASES }, \
	{ "console", no_argument, NULL, OPT_CONSOLE }, \
	{ "help", no_argument, NULL, OPT_HELP }, \
	{ "version", no_argument, NULL, OPT_VERSION }

struct common_options common_default(void);
/* Takes what getopt_long answered for a row of COMMON_OPTIONS, or for no option at all. */
int common_take(struct common_options *o, const char *command, int c, void (*usage)(FILE *to));
/* Files of known differences, which commands that judge a subject take too. */
enum { OPT_BASELINE = 512, OPT_UPDATE_BASELINE, MAXBASELINES = 16 };
struct baseline_options {
	const char *file[MAXBASELINES];
	int n;
	bool update;			/* the last file gets a row for each difference that is not known */
};
#define BASELINE_OPTIONS \
	{ "baseline", required_argument, NULL, OPT_BASELINE }, \
	{ "update-baseline", no_argument, NULL, OPT_UPDATE_BASELINE }
#define BASELINE_USAGE \
	"  --baseline FILE  differences that are known, with reasons (cases/README.md); may repeat\n" \
	"  --update-baseline  add a row for each other difference to the last of these files\n"
/* Takes what getopt_long answered. False when it is another option, or one file too many. */
bool baseline_take(struct baseline_options *o, const char *command, int c);
/* Loads the files. False when one is not as it should be. One that is to be updated need not exist. */
bool baseline_open(struct baseline *b, const struct baseline_options *o, const char *command);

/* What the names stand for. False when one stands for nothing. */
bool common_resolve(const struct common_options *o, const char *command, const struct profile **profile,
		    struct subject_spec *subject, struct requirements *reqs);
/*
 * Where records go: a stream that the caller closes, or NULL when nobody asked. Where that is standard output
 * they have it to themselves: stdout is standard error then.
 */
bool common_open_records(const struct common_options *o, const char *command, FILE **records);

/* Of commands that tell, of one operation or all, what the cases do not reach. */
struct holes_options {
	const char *root;		/* folder of --cases */
	const char *operation;		/* NULL: all */
	bool holes;			/* nothing else */
};
/* Takes all options. -1: go on; else the exit status. */
int holes_parse(struct holes_options *o, const char *command, int argc, char **argv, void (*usage)(FILE *to));

#endif
