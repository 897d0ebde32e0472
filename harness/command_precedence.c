/* sysvet precedence: which of two errors wins, by calls that break both. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "model.h"
#include "options.h"
#include "precedence.h"

static void usage(FILE *to)
{
	fputs("usage: sysvet precedence [OPTION...]\n\n"
	      "Prints, for each two rules of an operation that one call can break at once, the errno that\n"
	      "wins and the simplest such call as a case; and calls that break one rule or none. sysvet run\n"
	      "runs them all as family precedence.\n\n"
	      "  --operation NAME  only this operation\n"
	      "  --holes           only what no call was found for, and has no reason in the list\n"
	      "                    precedence/impossible.tsv\n"
	      "  --cases DIR       folder of that list and of requirements.tsv (default: cases)\n"
	      "  --help, --version\n\n"
	      "exit status: 0; 1 while there are holes, or rows of the list that are wrong;\n"
	      "             2 usage or a bad file\n", to);
}

static bool is_hole(const struct meeting *m)
{
	return !m->text && !m->reason;
}

static const char *errno_of(const struct meeting *m, int rule)
{
	const char *id, *strength;
	int err = 0;

	model_rule(m->code, rule, &id, &err, &strength);
	return err_name(err);
}

static void print_meeting(const struct meeting *m)
{
	const char *steps = m->text ? strstr(m->text, "\n\n") : NULL;

	printf("precedence/%s[%s]", opinfo[m->code].name, m->name);
	if (m->first >= 0)
		printf("  %s", errno_of(m, m->first));
	if (m->second >= 0)
		printf(" before %s", errno_of(m, m->second));
	printf("\n");
	if (!m->text)
		printf("  never: %s\n", m->reason ? m->reason : "no call was found, and no reason is given");
	for (steps = steps ? steps + 2 : ""; *steps; steps += strcspn(steps, "\n") + 1)
		printf("  %.*s\n", (int)strcspn(steps, "\n"), steps);
}

/* The number of holes. */
static int print_all(const struct precedence *p, const struct holes_options *o)
{
	int pairs = 0, found = 0, never = 0, holes = 0, calls = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct meeting *m = &p->v[i];

		if (o->operation && strcmp(o->operation, opinfo[m->code].name))
			continue;
		pairs += m->shows == PAIR;
		found += m->shows == PAIR && m->text;
		never += m->shows == PAIR && !m->text && m->reason;
		calls += m->text != NULL;
		holes += is_hole(m);
		if (!o->holes || is_hole(m))
			print_meeting(m);
	}
	printf("%d pairs of rules: a call breaks %d of them at once, %d have a reason why none can; "
	       "%d calls in all; %d holes\n", pairs, found, never, calls, holes);
	return holes;
}

static int precedence(const struct holes_options *o, const struct requirements *reqs, struct precedence *p)
{
	char path[4096];
	int wrong;

	if (!precedence_find(p, NULL, reqs)) {
		fprintf(stderr, "sysvet precedence: out of memory\n");
		return EXIT_BROKEN;
	}
	snprintf(path, sizeof(path), "%s/" PRECEDENCE_LIST, o->root);
	if (!precedence_excuse(p, path, &wrong))
		return EXIT_USAGE;
	return print_all(p, o) || wrong ? EXIT_DIFFERS : EXIT_OK;
}

int command_precedence(int argc, char **argv)
{
	struct precedence p = { .n = 0 };
	struct requirements reqs;
	struct holes_options o;
	int status = holes_parse(&o, "precedence", argc, argv, usage);

	if (status >= 0)
		return status;
	status = option_clauses(&reqs, o.root) ? precedence(&o, &reqs, &p) : EXIT_USAGE;
	precedence_free(&p);
	requirements_free(&reqs);
	return status;
}
