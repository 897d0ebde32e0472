/* sysvet requirements: each clause with the cases that witness it and the rules that carry its name. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "discover.h"
#include "model.h"

/* What the tree holds for one clause. */
struct support { size_t cases; bool rule; };

struct ledger {
	struct requirements reqs;
	struct collection cases;
	struct support *support;	/* by position in reqs */
};

/* Strengths in the order of the summary, and how many in a hundred may lack a case before the status is 1. */
static const struct { const char *name; size_t lacking; } strengths[] = {
	{ "POSIX-shall", 0 }, { "POSIX-may", 100 }, { "POSIX-unspecified", 100 },
	{ "Linux", 5 }, { "libc", 100 }, { "BSD", 100 },
};

static void usage(FILE *to)
{
	fputs("usage: sysvet requirements [OPTION...]\n\n"
	      "Prints every clause of requirements.tsv with the number of cases that cite it, and whether\n"
	      "a rule of the model bears its name.\n\n"
	      "  --holes      only clauses that no case cites, with their text\n"
	      "  --cases DIR  folder of cases and of requirements.tsv (default: cases)\n"
	      "  --help, --version\n\n"
	      "exit status: 0, or 1 while a POSIX-shall clause or more than 5 % of the Linux clauses\n"
	      "have no case; 2 usage or a bad file\n", to);
}

static struct support *support_of(const struct ledger *l, const char *id)
{
	const struct requirement *q = requirement_find(&l->reqs, id, strlen(id));

	return q ? &l->support[q - l->reqs.v] : NULL;
}

/* A case that cites an unknown id was refused when it was read. */
static void count_cases(struct ledger *l)
{
	for (size_t i = 0; i < l->cases.n; i++)
		for (int k = 0; k < l->cases.v[i]->ncites; k++)
			support_of(l, l->cases.v[i]->cites[k])->cases++;
}

static void mark_rules(struct ledger *l)
{
	const char *id, *strength;
	int err;

	for (enum opcode code = 0; code < NOPS; code++)
		for (int i = 0; model_rule(code, i, &id, &err, &strength); i++) {
			struct support *s = support_of(l, id);

			if (s)
				s->rule = true;
		}
}

static void print_clauses(const struct ledger *l, bool holes)
{
	for (size_t i = 0; i < l->reqs.n; i++) {
		const struct requirement *q = &l->reqs.v[i];
		const struct support *s = &l->support[i];

		if (holes && !s->cases)
			printf("%-24s %-17s %s\n", q->id, q->strength, q->text);
		else if (!holes)
			printf("%-24s %-17s %4zu cases%s\n", q->id, q->strength, s->cases,
			       s->rule ? "  rule" : "");
	}
}

/* Prints a line for each strength. False when too many of one have no case. */
static bool summarize(const struct ledger *l)
{
	bool enough = true;

	for (size_t k = 0; k < sizeof(strengths) / sizeof(*strengths); k++) {
		size_t all = 0, with = 0;

		for (size_t i = 0; i < l->reqs.n; i++)
			if (!strcmp(l->reqs.v[i].strength, strengths[k].name)) {
				all++;
				with += l->support[i].cases > 0;
			}
		printf("%-17s %3zu of %3zu have a case\n", strengths[k].name, with, all);
		enough = enough && (all - with) * 100 <= all * strengths[k].lacking;
	}
	return enough;
}

static int report(struct ledger *l, const char *root, bool holes)
{
	char path[4096], err[1024];

	snprintf(path, sizeof(path), "%s/requirements.tsv", root);
	if (!requirements_load(&l->reqs, path, err, sizeof(err))) {
		fprintf(stderr, "%s\n", err);
		return EXIT_USAGE;
	}
	l->support = calloc(l->reqs.n + 1, sizeof(*l->support));
	if (!l->support)
		return EXIT_BROKEN;
	if (!discover(&l->cases, root, NULL, 0, &l->reqs) || l->cases.errors)
		return EXIT_USAGE;
	count_cases(l);
	mark_rules(l);
	print_clauses(l, holes);
	putchar('\n');
	return summarize(l) ? EXIT_OK : EXIT_DIFFERS;
}

int command_requirements(int argc, char **argv)
{
	static const struct option options[] = {
		{ "holes", no_argument, NULL, 'o' }, { "cases", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'v' }, { 0 }
	};
	struct ledger l = { .support = NULL };
	const char *root = "cases";
	bool holes = false;
	int c, status;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1)
		switch (c) {
		case 'o': holes = true; break;
		case 'c': root = optarg; break;
		case 'h': usage(stdout); return EXIT_OK;
		case 'v': printf("sysvet %s\n", SYSVET_VERSION); return EXIT_OK;
		default: usage(stderr); return EXIT_USAGE;
		}
	if (optind < argc) {
		fprintf(stderr, "sysvet requirements: found '%s', expected nothing more\n", argv[optind]);
		return EXIT_USAGE;
	}
	status = report(&l, root, holes);
	free(l.support);
	collection_free(&l.cases);
	requirements_free(&l.reqs);
	return status;
}
