/* sysvet reproduce: an instance of a case as a program in C. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "discover.h"
#include "options.h"
#include "pattern.h"
#include "reproduce.h"

enum { OPT_STEPS = OPT_OWN };

/* Where guests run there is no compiler, and the static program is small. */
#ifdef INSIDE
enum { CAN_PRINT = false };
#else
enum { CAN_PRINT = true };
#endif

struct reproduce_options {
	const char *root, *name;	/* name of an instance, or a pattern for --list; NULL: all */
	const struct profile *profile;	/* NULL: that of each claim */
	long steps;			/* 0: all */
	bool list;
};

static void usage(FILE *to)
{
	fputs("usage: sysvet reproduce [OPTION...] CASE\n"
	      "       sysvet reproduce [OPTION...] --list [PATTERN]\n\n"
	      "Prints a program in C that makes the calls of an instance of a case, such as\n"
	      "'perm/only-read[mode=0400]', and says after each what came of it and what the model expects.\n"
	      "It needs a C library, root, and nothing of ours; it works in an IPC namespace of its own.\n\n"
	      "  --list          the names of the instances that can be printed\n"
	      "  --steps N       the first N steps, and then what they left\n"
	      "  --profile NAME  what is expected: linux or posix (default: as the claim says, or linux)\n"
	      "  --cases DIR     folder of cases (default: cases)\n"
	      "  --help, --version\n\n"
	      "exit status: 0; 2 usage, a bad file, no such case, or one that cannot be printed\n", to);
}

static int options_parse(struct reproduce_options *o, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "list", no_argument, NULL, OPT_LIST }, { "steps", required_argument, NULL, OPT_STEPS },
		{ "profile", required_argument, NULL, OPT_PROFILE },
		{ "cases", required_argument, NULL, OPT_CASES }, { "help", no_argument, NULL, OPT_HELP },
		{ "version", no_argument, NULL, OPT_VERSION }, { 0 },
	};
	int c;

	*o = (struct reproduce_options){ .root = "cases" };
	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (c == OPT_LIST)
			o->list = true;
		else if (c == OPT_CASES)
			o->root = optarg;
		else if (c == OPT_STEPS && !option_count("reproduce", "--steps", optarg, 100000, &o->steps))
			return EXIT_USAGE;
		else if (c == OPT_PROFILE)
			o->profile = profile_find(optarg);
		else if (c != OPT_STEPS)
			return option_rest(c, usage);
		if (c == OPT_PROFILE && !o->profile) {
			option_wrong("reproduce", "--profile", optarg, "linux or posix");
			return EXIT_USAGE;
		}
	}
	o->name = argv[optind];
	if (argc - optind == 1 || (o->list && argc == optind))
		return -1;
	fprintf(stderr, "sysvet reproduce: found %d names, expected that of one case\n", argc - optind);
	return EXIT_USAGE;
}

/* Is it the one that was asked for? Brackets and stars of a name are part of it, but in a list. */
static bool chosen(const struct reproduce_options *o, const char *name)
{
	if (o->list)
		return !o->name || pattern_matches(o->name, name);
	return !strcmp(o->name, name);
}

static const struct profile *profile_for(const struct reproduce_options *o, const struct script *sc)
{
	const struct profile *own = sc->profile ? profile_find(sc->profile) : NULL;

	return o->profile ? o->profile : own ? own : &profile_linux;
}

static int print_one(const struct reproduce_options *o, const struct script *sc, struct instance *in)
{
	const struct profile *profile = profile_for(o, sc);
	char err[300];

	if (!script_is_about(sc, profile->name)) {
		fprintf(stderr, "sysvet reproduce: %s: found profile %s, expected %s, as the claim is about "
			"that\n", in->name, profile->name, sc->profile);
		return EXIT_USAGE;
	}
	if (!reproduce(stdout, sc, in, (int)o->steps, profile, err, sizeof(err)))
		return EXIT_OK;
	fprintf(stderr, "sysvet reproduce: %s: %s\n", in->name, err);
	return EXIT_USAGE;
}

/* -1: go on. */
static int take(const struct reproduce_options *o, const struct script *sc, int number)
{
	const struct profile *profile = profile_for(o, sc);
	struct instance *in = script_instance(sc, number);
	char err[300];
	int status = -1;

	if (!in)
		return EXIT_BROKEN;
	if (chosen(o, in->name)) {
		if (!o->list)
			status = print_one(o, sc, in);
		else if (script_is_about(sc, profile->name)
			 && !reproduce(NULL, sc, in, 0, profile, err, sizeof(err)))
			printf("%s\n", in->name);
	}
	instance_free(in);
	return status;
}

static int search(const struct reproduce_options *o, const struct collection *c)
{
	int status = -1;

	for (size_t i = 0; i < c->n; i++)
		for (int k = 0; k < c->v[i]->ninstances && status < 0; k++)
			status = take(o, c->v[i], k);
	if (status >= 0 || o->list)
		return status < 0 ? EXIT_OK : status;
	fprintf(stderr, "sysvet reproduce: found no case '%s', expected a name as 'sysvet run --list' prints "
		"it\n", o->name);
	return EXIT_USAGE;
}

int command_reproduce(int argc, char **argv)
{
	struct collection cases = { .n = 0 };
	struct requirements reqs;
	struct reproduce_options o;
	int status = options_parse(&o, argc, argv);

	if (status >= 0)
		return status;
	if (!CAN_PRINT) {
		fputs("sysvet reproduce: found the static program, expected that of make all\n", stderr);
		return EXIT_USAGE;
	}
	if (!option_clauses(&reqs, o.root))
		return EXIT_USAGE;
	if (discover(&cases, o.root, NULL, 0, AND_GENERATED, o.list ? NULL : o.name, &reqs))
		status = search(&o, &cases);
	else
		status = EXIT_USAGE;
	collection_free(&cases);
	requirements_free(&reqs);
	return status;
}
