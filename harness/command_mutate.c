/* sysvet mutate: which cases notice a fault, for every fault that a rule or a switch can have. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "header.h"
#include "interrupt.h"
#include "mutate.h"
#include "options.h"
#include "pattern.h"
#include "terminal.h"

struct options { struct common_options common; const char *filter; bool all, excluded; };

struct tally { size_t mutants, noticed, survived, excused, excluded, wrong; };

struct session {
	struct options opt;
	struct requirements reqs;
	struct collection cases;
	struct mutants mutants;
	struct mutation run;
	bool *chosen;
	FILE *records;
	struct tally kind[NMUTANTS], total;
};

static void usage(FILE *to)
{
	fputs("usage: sysvet mutate [OPTION...] [PATH...]\n\n"
	      "Breaks each rule of the model in turn (gone, with another errno, before its neighbour,\n"
	      "judged again or not), each switch and each part of an operation, takes the result as the\n"
	      "subject of the cases below PATH (default: the folder given by --cases), and says which\n"
	      "faults no case notices. No kernel takes part. Rules that only POSIX has, and switches\n"
	      "that it wants otherwise than Linux, are broken too, with both sides under the posix\n"
	      "profile: their names begin with profile=posix:\n\n"
	      "  --filter NAME  only mutants of that name or pattern (* ? match anything)\n"
	      "  --all          count all instances that notice a mutant, not just the first\n"
	      "  --excluded     print also what nobody could tell from the model, and is not tried\n"
	      "  --list         print the names of the mutants instead of trying them\n"
	      "  --jobs N       processes at work at once (default: one for each CPU)\n"
	      "  --output FILE  write records, JSON lines as reports/README.md describes; - is stdout\n"
	      "  --quiet        print survivors only\n"
	      "  --cases DIR    folder of cases, requirements.tsv and " MUTANT_LIST " (default: cases)\n"
	      "  --help, --version\n\n"
	      "A mutant is run by sysvet run --subject model:NAME. What need not be noticed is listed with\n"
	      "its reason in " MUTANT_LIST " and tried all the same.\n\n"
	      "exit status: 0 each mutant is noticed or has a reason, 1 one survives or has a reason and is\n"
	      "             noticed, 2 usage or a bad file, 99 the cases fail on the model itself\n", to);
}

enum { OPT_ALL = OPT_TRIED, OPT_EXCLUDED };

static const struct option long_options[] = {
	MUTATE_OPTIONS,
	{ "all", no_argument, NULL, OPT_ALL },
	{ "excluded", no_argument, NULL, OPT_EXCLUDED },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ 0 }
};

/* -1: go on; else the exit status. */
static int parse_options(struct options *o, int argc, char **argv)
{
	int c, status;

	*o = (struct options){ .common = common_default() };
	while ((c = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
		switch (c) {
		case OPT_FILTER: o->filter = optarg; break;
		case OPT_ALL: o->all = true; break;
		case OPT_EXCLUDED: o->excluded = true; break;
		default:
			status = common_take(&o->common, "mutate", c, usage);
			if (status >= 0)
				return status;
		}
	return -1;
}

/* ---- records --------------------------------------------------------------------------------------- */

static void write_line(struct session *s, struct json *j)
{
	json_end(j, '}');
	json_raw(j, "\n", 1);
	if (s->records && !j->failed)
		fputs(j->buf, s->records);
	json_free(j);
}

static void write_begin(struct session *s)
{
	struct environment env;
	struct json j = { 0 };

	real_environment(&env);
	header_json(&j, "mutate", "model", profile_linux.name, &env, &linux_facts);
	json_string(&j, "source", "rules");
	json_number(&j, "cases", (int64_t)s->cases.n);
	json_bool(&j, "all", s->opt.all);
	write_line(s, &j);
}

static const char *item_name(struct session *s, size_t i, char *buf, size_t size)
{
	const struct task_item *item = &s->run.item[i];
	struct instance *in = script_instance(item->script, item->instance);

	snprintf(buf, size, "%s", in ? in->name : item->script->name);
	if (in)
		instance_free(in);
	return buf;
}

static void write_mutant(struct session *s, size_t i)
{
	const struct mutant *m = &s->mutants.v[i];
	const struct attempt *a = &s->run.attempt[i];
	char name[400];
	struct json j = { 0 };

	json_object(&j, NULL);
	json_string(&j, "record", "mutant");
	json_string(&j, "name", m->name);
	json_string(&j, "kind", mutant_kinds[m->kind]);
	json_string(&j, "clause", m->clause);
	json_string(&j, "what", m->what);
	json_bool(&j, "noticed", a->noticed);
	json_string(&j, "how", a->how);
	json_number(&j, "by", (int64_t)a->by);
	json_array(&j, "cases");
	for (size_t k = 0; k < a->by && k < FEW; k++)
		json_string(&j, NULL, item_name(s, a->item[k], name, sizeof(name)));
	json_end(&j, ']');
	json_number(&j, "ran", (int64_t)a->ran);
	json_string(&j, "excluded", m->excluded);
	json_string(&j, "excused", m->excused);
	write_line(s, &j);
}

static void tally_json(struct json *j, const char *key, const struct tally *t)
{
	if (key)
		json_object(j, key);
	json_number(j, "mutants", (int64_t)t->mutants);
	json_number(j, "noticed", (int64_t)t->noticed);
	json_number(j, "survived", (int64_t)t->survived);
	json_number(j, "excused", (int64_t)t->excused);
	json_number(j, "excluded", (int64_t)t->excluded);
	if (key)
		json_end(j, '}');
}

static void write_end(struct session *s, int status)
{
	struct json j = { 0 };

	json_object(&j, NULL);
	json_string(&j, "record", "end");
	tally_json(&j, NULL, &s->total);
	json_object(&j, "kinds");
	for (int i = 0; i < NMUTANTS; i++)
		tally_json(&j, mutant_kinds[i], &s->kind[i]);
	json_end(&j, '}');
	json_string(&j, "interrupted", interrupt_name(interrupted));
	json_number(&j, "exit", status);
	write_line(s, &j);
}

/* ---- for a person ------------------------------------------------------------------------------------- */

static void count(struct tally *t, const struct mutant *m, const struct attempt *a)
{
	t->excluded += m->excluded != NULL;
	t->mutants += a->tried;
	t->noticed += a->noticed;
	t->excused += a->tried && !a->noticed && m->excused;
	t->survived += a->tried && !a->noticed && !m->excused;
	t->wrong += a->noticed && m->excused;
}

static void print_survivor(const struct session *s, const struct mutant *m, const struct attempt *a)
{
	const char *id = m->clause ? m->clause : "";
	const struct requirement *q = requirement_find(&s->reqs, id, strcspn(id, " "));

	printf("survives  %s\n     %-9s %s\n", m->name, mutant_kinds[m->kind], m->what);
	if (q)
		printf("     %-9s %s  %s\n", "clause", q->id, q->text);
	printf("     %-9s %zu instances that touch it\n", "unseen by", a->ran);
	printf("     %-9s sysvet run%s%s --subject model:%s\n", "replay",
	       m->profile == &profile_linux ? "" : " --profile ",
	       m->profile == &profile_linux ? "" : m->profile->name, m->name);
}

static void print_wrong(const struct session *s, const struct mutant *m)
{
	fprintf(stderr, "%s/" MUTANT_LIST ":%d: found %s noticed, expected that no case can\n",
		s->opt.common.root, m->line, m->name);
}

static void print_reason(const char *word, const struct mutant *m, const char *reason)
{
	printf("%-9s %s\n     %s\n", word, m->name, reason);
}

static void print_mutants(const struct session *s)
{
	for (size_t i = 0; i < s->mutants.n; i++)
		if (s->run.attempt[i].tried && !s->run.attempt[i].noticed && !s->mutants.v[i].excused)
			print_survivor(s, &s->mutants.v[i], &s->run.attempt[i]);
	for (size_t i = 0; i < s->mutants.n; i++)
		if (s->run.attempt[i].noticed && s->mutants.v[i].excused)
			print_wrong(s, &s->mutants.v[i]);
	for (size_t i = 0; !s->opt.common.quiet && i < s->mutants.n; i++)
		if (s->run.attempt[i].tried && !s->run.attempt[i].noticed && s->mutants.v[i].excused)
			print_reason("excused", &s->mutants.v[i], s->mutants.v[i].excused);
	for (size_t i = 0; s->opt.excluded && i < s->mutants.n; i++)
		if (s->chosen[i] && s->mutants.v[i].excluded)
			print_reason("excluded", &s->mutants.v[i], s->mutants.v[i].excluded);
}

static void print_tally(const char *name, const struct tally *t)
{
	printf("%-8s %6zu %8zu %8zu %8zu %9zu\n", name, t->mutants, t->noticed, t->survived, t->excused,
	       t->excluded);
}

static void print_totals(const struct session *s)
{
	printf("\n%-8s %6s %8s %8s %8s %9s\n", "kind", "tried", "noticed", "survive", "excused", "excluded");
	for (int i = 0; i < NMUTANTS; i++)
		print_tally(mutant_kinds[i], &s->kind[i]);
	print_tally("all", &s->total);
	if (interrupted)
		printf("  interrupted by %s\n", interrupt_name(interrupted));
}

/* ---- the command ------------------------------------------------------------------------------------- */

static int list(const struct session *s)
{
	for (size_t i = 0; i < s->mutants.n; i++)
		if (s->chosen[i] && !s->mutants.v[i].excluded)
			puts(s->mutants.v[i].name);
	return EXIT_OK;
}

static int conclude(struct session *s)
{
	int status;

	for (size_t i = 0; i < s->mutants.n; i++) {
		if (!s->chosen[i])
			continue;
		count(&s->kind[s->mutants.v[i].kind], &s->mutants.v[i], &s->run.attempt[i]);
		count(&s->total, &s->mutants.v[i], &s->run.attempt[i]);
		if (s->run.attempt[i].tried || s->mutants.v[i].excluded)
			write_mutant(s, i);
	}
	status = interrupted ? 128 + interrupted
		: s->total.survived || s->total.wrong ? EXIT_DIFFERS : EXIT_OK;
	write_end(s, status);
	print_mutants(s);
	if (!s->opt.common.quiet)
		print_totals(s);
	return status;
}

static int mutate(struct session *s)
{
	s->run = (struct mutation){
		.mutants = &s->mutants, .cases = &s->cases, .chosen = s->chosen, .all = s->opt.all,
		.njobs = (int)s->opt.common.jobs,
	};
	write_begin(s);
	return mutation_show(&s->run, "sysvet mutate", s->opt.common.quiet) ? conclude(s) : EXIT_BROKEN;
}

static bool choose(struct session *s)
{
	bool any = false;

	s->chosen = calloc(s->mutants.n + 1, sizeof(*s->chosen));
	for (size_t i = 0; s->chosen && i < s->mutants.n; i++) {
		s->chosen[i] = !s->opt.filter || pattern_matches(s->opt.filter, s->mutants.v[i].name);
		any = any || s->chosen[i];
	}
	return any || option_wrong("mutate", "--filter", s->opt.filter, "the name of a mutant (see --list)");
}

/* Everything that can be wrong with what the user gave. -1: go on. */
static int prepare(struct session *s, int argc, char **argv)
{
	const char *root = s->opt.common.root;
	char path[4096];
	int wrong;

	if (!option_clauses(&s->reqs, root))
		return EXIT_USAGE;
	if (!discover(&s->cases, root, argv, argc, AND_GENERATED, NULL, &s->reqs) || s->cases.errors)
		return EXIT_USAGE;
	if (!mutants_find(&s->mutants, &s->reqs, root)) {
		fprintf(stderr, "sysvet mutate: the mutants cannot be made\n");
		return EXIT_BROKEN;
	}
	snprintf(path, sizeof(path), "%s/" MUTANT_LIST, root);
	if (!mutants_excuse(&s->mutants, path, &wrong) || wrong || !choose(s))
		return EXIT_USAGE;
	return common_open_records(&s->opt.common, "mutate", &s->records) ? -1 : EXIT_USAGE;
}

int command_mutate(int argc, char **argv)
{
	struct session s = { .cases = { 0 } };
	int status = parse_options(&s.opt, argc, argv);

	if (status < 0)
		status = prepare(&s, argc - optind, argv + optind);
	if (status < 0)
		status = s.opt.common.list ? list(&s) : mutate(&s);
	if (s.records && (ferror(s.records) || fflush(s.records))) {
		fprintf(stderr, "sysvet mutate: %s could not be written\n", s.opt.common.output);
		status = EXIT_BROKEN;
	}
	if (s.records)
		fclose(s.records);
	free(s.chosen);
	mutation_free(&s.run);
	mutants_free(&s.mutants);
	collection_free(&s.cases);
	requirements_free(&s.reqs);
	return status;
}
