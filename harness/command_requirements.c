/*
 * sysvet requirements: each clause with the cases that witness it. Where it is a rule of the model, the cases
 * are run on two models, to see whether they show both what the rule denies and what it lets pass.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "discover.h"
#include "options.h"
#include "run.h"

/* What the tree holds for one clause. */
struct support {
	size_t cases;			/* that cite it */
	bool rule;			/* of the model, and not for POSIX alone */
	bool passable;			/* it is one of an operation that succeeds in some case */
	size_t denied, allowed;		/* instances of these cases that show either side of the rule */
};

struct ledger {
	struct requirements reqs;
	struct collection cases;
	struct support *support;	/* by position in reqs */
	struct setting set;
	bool succeeds[NOPS];		/* in some case */
};

/*
 * Strengths in the order of the summary. Of some, each clause needs a case or a reason why none can be had;
 * and only so many in a hundred may go without a case.
 */
static const struct { const char *name; bool accounted; size_t lacking; } strengths[] = {
	{ "POSIX-shall", true, 5 }, { "POSIX-may", true, 100 }, { "POSIX-unspecified", true, 100 },
	{ "Linux", true, 5 }, { "libc", true, 100 }, { "BSD", false, 100 },
};
enum { NSTRENGTHS = sizeof(strengths) / sizeof(*strengths) };

static void usage(FILE *to)
{
	fputs("usage: sysvet requirements [OPTION...]\n\n"
	      "Prints every clause of requirements.tsv with the number of cases that cite it; for a rule of\n"
	      "the model, in how many instances it denies and in how many it lets pass; or the reason why\n"
	      "no case can show it.\n\n"
	      "  --holes      only what is missing: clauses that have neither a case nor a reason, or\n"
	      "               both, and rules of which only one side is shown\n"
	      "  --cases DIR  folder of cases and of requirements.tsv (default: cases)\n"
	      "  --help, --version\n\n"
	      "exit status: 0, or 1 while something is missing or more than 5 % of the Linux clauses\n"
	      "have no case; 2 usage or a bad file\n", to);
}

static struct support *support_of(const struct ledger *l, const char *id)
{
	const struct requirement *q = requirement_find(&l->reqs, id, strlen(id));

	return q ? &l->support[q - l->reqs.v] : NULL;
}

static bool deny(const struct trial *t, const char *id)
{
	for (int i = 0; i < t->nrules; i++)
		if (!strcmp(t->rules[i], id))
			return true;
	return false;
}

/* Did an operation that the rule guards get past it? */
static bool allow(const struct trial *t, const char *rule)
{
	const char *id, *strength;
	int err;

	for (enum opcode code = 0; code < NOPS; code++)
		for (int i = 0; t->seen[code] >> SEEN_SUCCESS && model_rule(code, i, &id, &err, &strength);
		     i++)
			if (!strcmp(id, rule))
				return true;
	return false;
}

static bool run_one(struct ledger *l, const struct script *sc, int number)
{
	struct instance *in = script_instance(sc, number);
	struct trial t;

	if (!in)
		return false;
	run_instance(&l->set, sc, in, &t);
	for (enum opcode code = 0; code < NOPS; code++)
		l->succeeds[code] |= t.seen[code] >> SEEN_SUCCESS & 1;
	for (int k = 0; k < sc->ncites; k++) {
		struct support *s = support_of(l, sc->cites[k]);

		s->denied += deny(&t, sc->cites[k]);
		s->allowed += allow(&t, sc->cites[k]);
	}
	trial_free(&t);
	instance_free(in);
	return true;
}

/* A case that cites an unknown id was refused when it was read. */
static bool count_cases(struct ledger *l)
{
	for (size_t i = 0; i < l->cases.n; i++) {
		const struct script *sc = l->cases.v[i];

		l->set.profile = sc->profile ? profile_find(sc->profile) : &profile_linux;
		l->set.subject.profile = *l->set.profile;
		for (int k = 0; k < sc->ncites; k++)
			support_of(l, sc->cites[k])->cases++;
		for (int k = 0; k < sc->ninstances; k++)
			if (!run_one(l, sc, k))
				return false;
	}
	return true;
}

static void mark_rules(struct ledger *l)
{
	const char *id, *strength;
	int err;

	for (enum opcode code = 0; code < NOPS; code++)
		for (int i = 0; model_rule(code, i, &id, &err, &strength); i++) {
			struct support *s = support_of(l, id);

			if (!s || !(model_rules(code, &profile_linux) >> i & 1))
				continue;
			s->rule = true;
			s->passable |= l->succeeds[code];
		}
}

/* ---- what is missing --------------------------------------------------------------------------- */

static size_t strength_of(const struct requirement *q)
{
	size_t k = 0;

	while (k < NSTRENGTHS - 1 && strcmp(q->strength, strengths[k].name))
		k++;
	return k;
}

/* What a clause lacks, or NULL. */
static const char *lack(const struct requirement *q, const struct support *s)
{
	if (!strengths[strength_of(q)].accounted)
		return NULL;
	if (!s->cases)
		return *q->unwitnessed ? NULL : "no case cites it";
	if (*q->unwitnessed)
		return "it has a case, and a reason why it has none";
	if (s->rule && !s->denied)
		return "no case that cites it is denied by it";
	if (s->passable && !s->allowed)
		return "in no case that cites it the call succeeds";
	return NULL;
}

static void print_clause(const struct requirement *q, const struct support *s)
{
	printf("%-24s %-17s ", q->id, q->strength);
	if (s->rule && s->cases)
		printf("%4zu cases  rule, denies in %zu instances, lets pass in %zu\n", s->cases, s->denied,
		       s->allowed);
	else if (s->cases || !*q->unwitnessed)
		printf("%4zu cases\n", s->cases);
	else
		printf("   - %s\n", q->unwitnessed);
}

/* False when something is missing. */
static bool print_clauses(const struct ledger *l, bool holes)
{
	bool complete = true;

	for (size_t i = 0; i < l->reqs.n; i++) {
		const struct requirement *q = &l->reqs.v[i];
		const char *missing = lack(q, &l->support[i]);

		complete = complete && !missing;
		if (!holes)
			print_clause(q, &l->support[i]);
		else if (missing)
			printf("%-24s %-17s %s\n%42s %s\n", q->id, q->strength, missing, "", q->text);
	}
	return complete;
}

/* Prints a line for each strength. False when too many of one have no case. */
static bool summarize(const struct ledger *l)
{
	size_t all[NSTRENGTHS] = { 0 }, with[NSTRENGTHS] = { 0 }, reason[NSTRENGTHS] = { 0 };
	bool enough = true;

	for (size_t i = 0; i < l->reqs.n; i++) {
		const size_t k = strength_of(&l->reqs.v[i]);

		all[k]++;
		with[k] += l->support[i].cases > 0;
		reason[k] += *l->reqs.v[i].unwitnessed != '\0';
	}
	putchar('\n');
	for (size_t k = 0; k < NSTRENGTHS; k++) {
		printf("%-17s %3zu of %3zu have a case, %zu a reason for none\n", strengths[k].name, with[k],
		       all[k], reason[k]);
		enough = enough && (all[k] - with[k]) * 100 <= all[k] * strengths[k].lacking;
	}
	return enough;
}

static int report(struct ledger *l, const char *root, bool holes)
{
	bool complete;

	if (!option_clauses(&l->reqs, root))
		return EXIT_USAGE;
	l->support = calloc(l->reqs.n + 1, sizeof(*l->support));
	if (!l->support)
		return EXIT_BROKEN;
	if (!discover(&l->cases, root, NULL, 0, AND_GENERATED, NULL, &l->reqs) || l->cases.errors)
		return EXIT_USAGE;
	if (!count_cases(l))
		return EXIT_BROKEN;
	mark_rules(l);
	complete = print_clauses(l, holes);
	return summarize(l) && complete ? EXIT_OK : EXIT_DIFFERS;
}

int command_requirements(int argc, char **argv)
{
	static const struct option options[] = {
		{ "holes", no_argument, NULL, 'o' }, { "cases", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, OPT_HELP }, { "version", no_argument, NULL, OPT_VERSION }, { 0 }
	};
	struct ledger l = { .set = { .facts = linux_facts, .root = true } };
	const char *root = "cases";
	bool holes = false;
	int c, status;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1)
		switch (c) {
		case 'o': holes = true; break;
		case 'c': root = optarg; break;
		default: return option_rest(c, usage);
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
