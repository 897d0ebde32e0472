/* sysvet docs: is what documents say of System V IPC and of ipcmk true here? */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "docs.h"
#include "options.h"
#include "pattern.h"

enum { MAXPATHS = 19 };

struct options {
	const char *root, *seed, *claim, *output;
	char *path[MAXPATHS];
	int npaths;
	bool json, all;
};

static void usage(FILE *to)
{
	fputs("usage: sysvet docs [OPTION...]\n\n"
	      "Tests what three descriptions of ipcmk found on the web, svipc(7) and the XSH text claim: on\n"
	      "each ipcmk, this system, this kernel and the model. A row for each claim: verdict, place in\n"
	      "the document, claim; evidence where it is not simply true.\n\n"
	      "  --seed NAME    only claims of this document, by its name or file name; * ? match anything\n"
	      "  --claim ID     only this claim, with all evidence; * ? match anything\n"
	      "  --ipcmk PATH   also test this ipcmk; may repeat\n"
	      "  --all          print the evidence of every claim\n"
	      "  --json         print an object: documents, commands, and a list claims\n"
	      "  --output FILE  print to this file\n"
	      "  --cases DIR    folder of docs/*.claims, cases and requirements.tsv (default: cases)\n"
	      "  --help, --version\n\n"
	      "verdicts: true, false; version-dependent where versions differ, here or by their history;\n"
	      "          untested where something is missing; uncheckable where nothing can witness it.\n"
	      "exit status: 0 every claim is as true or false as its section says is known, 1 one is not,\n"
	      "             2 usage or a bad file, 77 nothing could be tested, 99 the harness failed\n", to);
}

enum { OPT_SEED = OPT_OWN, OPT_CLAIM, OPT_IPCMK, OPT_ALL, OPT_JSON };

static const struct option long_options[] = {
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "claim", required_argument, NULL, OPT_CLAIM },
	{ "ipcmk", required_argument, NULL, OPT_IPCMK },
	{ "all", no_argument, NULL, OPT_ALL },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "output", required_argument, NULL, OPT_OUTPUT },
	{ "cases", required_argument, NULL, OPT_CASES },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ 0 }
};

static int complain(const char *option, const char *found, const char *expected)
{
	option_wrong("docs", option, found, expected);
	return EXIT_USAGE;
}

/* -1: go on; else the exit status. */
static int parse_options(struct options *o, int argc, char **argv)
{
	int c;

	*o = (struct options){ .root = "cases" };
	while ((c = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
		switch (c) {
		case OPT_SEED: o->seed = optarg; break;
		case OPT_CLAIM: o->claim = optarg; break;
		case OPT_ALL: o->all = true; break;
		case OPT_JSON: o->json = true; break;
		case OPT_OUTPUT: o->output = optarg; break;
		case OPT_CASES: o->root = optarg; break;
		case OPT_IPCMK:
			if (o->npaths == MAXPATHS)
				return complain("--ipcmk", optarg, "at most 19 of them");
			o->path[o->npaths++] = optarg;
			break;
		default: return option_rest(c, usage);
		}
	return optind < argc ? complain("operand", argv[optind], "an option") : -1;
}

/* ---- which claims ------------------------------------------------------------------------------------ */

static bool selects_document(const char *pattern, const struct document *doc)
{
	size_t len = strlen(pattern);

	return !pattern || pattern_matches(pattern, doc->name) || pattern_matches(pattern, doc->seed)
		|| (len && !strncmp(doc->seed, pattern, len) && strchr("_.", doc->seed[len]));
}

static size_t choose(const struct docs *d, const struct options *o, bool *chosen)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++) {
		chosen[i] = (!o->seed || selects_document(o->seed, d->claim[i].doc))
			&& (!o->claim || pattern_matches(o->claim, d->claim[i].id));
		n += chosen[i];
	}
	return n;
}

static int exit_status(const struct docs *d)
{
	int tested = 0;

	for (size_t i = 0; i < d->n; i++)
		for (int k = 0; k < d->claim[i].nevidence; k++) {
			tested += d->claim[i].evidence[k].result != UNTESTED;
			if (docs_unexpected(&d->claim[i], &d->claim[i].evidence[k]))
				return EXIT_DIFFERS;
		}
	return tested ? EXIT_OK : EXIT_NOTHING_RAN;
}

/* ---- the run ------------------------------------------------------------------------------------------ */

static bool show(const struct options *o, const struct docs *d, const struct tools *t, const bool *chosen,
		 int status)
{
	FILE *to = o->output ? fopen(o->output, "we") : stdout;
	struct json text = { 0 };
	bool ok;

	if (o->json)
		docs_json(&text, d, t, chosen, status);
	else
		docs_print(&text, d, chosen, o->all || o->claim);
	ok = to && !text.failed && fwrite(text.buf, 1, text.len, to) == text.len && !fflush(to);
	if (!ok)
		fprintf(stderr, "sysvet docs: %s: %s\n", o->output ? o->output : "standard output",
			text.failed ? "out of memory" : strerror(errno));
	if (to && o->output)
		fclose(to);
	json_free(&text);
	return ok;
}

static int test(const struct options *o, struct docs *d, const struct requirements *reqs, const bool *chosen)
{
	struct tools tools;
	char err[1024];
	int status;

	if (!tools_find(&tools, d, o->path, o->npaths, err, sizeof(err))) {
		fprintf(stderr, "sysvet docs: %s\n", err);
		return !strncmp(err, "--ipcmk", 7) ? EXIT_USAGE
			: show(o, d, &tools, chosen, EXIT_NOTHING_RAN) ? EXIT_NOTHING_RAN : EXIT_BROKEN;
	}
	if (!docs_run_commands(d, &tools, chosen, err, sizeof(err))
	    || !docs_run_steps(d, chosen, reqs, err, sizeof(err))) {
		fprintf(stderr, "sysvet docs: %s\n", err);
		return EXIT_BROKEN;
	}
	status = exit_status(d);
	return show(o, d, &tools, chosen, status) ? status : EXIT_BROKEN;
}

static int docs(const struct options *o, struct docs *d, const struct requirements *reqs)
{
	bool *chosen;
	char err[1024];
	int status;

	if (!docs_load(d, o->root, reqs, err, sizeof(err))) {
		fprintf(stderr, "%s\n", err);
		return EXIT_USAGE;
	}
	chosen = calloc(d->n + 1, sizeof(*chosen));
	if (!chosen)
		return EXIT_BROKEN;
	if (choose(d, o, chosen))
		status = test(o, d, reqs, chosen);
	else
		status = complain("--seed, --claim", o->claim ? o->claim : o->seed, "one that is there");
	free(chosen);
	return status;
}

int command_docs(int argc, char **argv)
{
	struct docs d = { .n = 0 };
	struct requirements reqs;
	struct options o;
	int status = parse_options(&o, argc, argv);

	if (status >= 0)
		return status;
	if (!option_clauses(&reqs, o.root))
		return EXIT_USAGE;
	status = docs(&o, &d, &reqs);
	docs_free(&d);
	requirements_free(&reqs);
	return status;
}
