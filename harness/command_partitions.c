/* sysvet partitions: which values of arguments the cases try, seen by running them on two models. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "discover.h"
#include "options.h"
#include "run.h"
#include "sight.h"

struct survey {
	struct requirements reqs;
	struct collection cases;
	struct untried untried;
	struct setting set;
	uint64_t seen[SIGHT_PLACES];
	size_t parts, tried, excused, holes, wrong;
};

static void usage(FILE *to)
{
	fputs("usage: sysvet partitions [OPTION...]\n\n"
	      "The values of an argument are divided into parts that should behave alike. Runs all cases on\n"
	      "the model and prints, for each part of each argument, what calls with such a value came to,\n"
	      "or why none is made: a row of untried.tsv in the folder of cases.\n\n"
	      "  --operation NAME  only this operation\n"
	      "  --holes           only parts that no case tries and that have no reason, and parts that\n"
	      "                    are tried and have one\n"
	      "  --cases DIR       folder of cases (default: cases)\n"
	      "  --help, --version\n\n"
	      "exit status: 0; 1 while there are such parts, or rows that fit nothing;\n"
	      "             2 usage or a bad file\n", to);
}

/* ---- what is tried ----------------------------------------------------------------------------- */

static bool run_one(struct survey *s, const struct script *sc, int number)
{
	struct instance *in = script_instance(sc, number);
	struct trial t;

	if (!in)
		return false;
	run_instance(&s->set, sc, in, &t);
	for (size_t i = 0; i < t.nsights; i++)
		s->seen[t.sights[i].place] |= t.sights[i].seen;
	trial_free(&t);
	instance_free(in);
	return true;
}

static bool run_cases(struct survey *s)
{
	for (size_t i = 0; i < s->cases.n; i++)
		for (int k = 0; k < s->cases.v[i]->ninstances; k++)
			if (!run_one(s, s->cases.v[i], k))
				return false;
	return true;
}

/* ---- what is printed --------------------------------------------------------------------------- */

static void print_part(const char *name, uint64_t seen, const char *reason)
{
	char text[32];

	printf("    %-22s", name);
	for (int i = 0; i < 2 * SEEN_WOKEN; i++)
		if (seen >> i & 1) {
			result_text(text, sizeof(text), i);
			printf(" %s", text);
		}
	if (reason)
		printf(" %s%s", seen ? "found outcomes, expected none: " : "untried: ", reason);
	puts(seen || reason ? "" : " no case tries it, and no reason is given");
}

static void survey_part(struct survey *s, const struct holes_options *o, enum opcode code, int arg, int part,
			bool *named)
{
	const struct opinfo *op = &opinfo[code];
	uint64_t seen = s->seen[sight_place(code, arg, part)];
	const char *reason = untried_reason(&s->untried, code, arg, part);

	if (o->operation && strcmp(o->operation, op->name))
		return;
	s->parts++;
	s->tried += seen != 0;
	s->excused += !seen && reason;
	s->holes += !seen && !reason;
	s->wrong += seen && reason;
	if (o->holes && !seen == !!reason)
		return;
	if (!*named)
		printf("%s %s: %s\n", op->name, op->arg[arg].name, kindinfo[op->arg[arg].kind].text);
	*named = true;
	print_part(part_name(op->arg[arg].kind, part), seen, reason);
}

static int report(struct survey *s, const struct holes_options *o)
{
	for (enum opcode code = 0; code < NOPS; code++)
		for (int arg = 0; arg < opinfo[code].nargs; arg++) {
			bool named = false;

			for (int part = 0; part_name(opinfo[code].arg[arg].kind, part); part++)
				survey_part(s, o, code, arg, part, &named);
		}
	printf("%zu parts of arguments: cases try %zu of them, %zu have a reason why none does, "
	       "%zu holes\n", s->parts, s->tried, s->excused, s->holes);
	s->wrong += untried_idle(&s->untried, o->root);
	return s->holes || s->wrong ? EXIT_DIFFERS : EXIT_OK;
}

static int partitions(struct survey *s, const struct holes_options *o)
{
	if (!option_clauses(&s->reqs, o->root) || !untried_read(&s->untried, o->root)
	    || !discover(&s->cases, o->root, NULL, 0, AND_GENERATED, NULL, &s->reqs) || s->cases.errors)
		return EXIT_USAGE;
	return run_cases(s) ? report(s, o) : EXIT_BROKEN;
}

int command_partitions(int argc, char **argv)
{
	struct holes_options o;
	struct survey *s;
	int status = holes_parse(&o, "partitions", argc, argv, usage);

	if (status >= 0)
		return status;
	s = calloc(1, sizeof(*s));
	if (!s)
		return EXIT_BROKEN;
	s->set = (struct setting){ .profile = &profile_linux, .facts = linux_facts, .root = true };
	s->set.subject.profile = profile_linux;
	status = partitions(s, &o);
	untried_free(&s->untried);
	collection_free(&s->cases);
	requirements_free(&s->reqs);
	free(s);
	return status;
}
