/*
 * Which faults in the model's source are noticed: make mutate. This program holds the model twice. The one
 * that predicts has all mutants in it, one of which is awake at a time; the other, which is the subject, is
 * sound. What no case notices is shown to the unit tests, which are given as programs with the same mutants.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "header.h"
#include "interrupt.h"
#include "jsonread.h"
#include "mutant_number.h"
#include "mutate.h"
#include "options.h"
#include "pattern.h"
#include "source.h"
#include "terminal.h"

enum { CPU_FIRST = 20 };	/* seconds that a unit test may take while no mutant is awake */
enum { SLOWER = 4 };		/* a mutant may take so many times as long, and a second */
enum { MOST_TESTS = 64 };
#define HASTE "32"		/* what tests repeat they repeat less, by that */

struct test { const char *path, *name; unsigned char *reached; long cpu; };	/* milliseconds */

struct session {
	struct common_options opt;
	const char *filter, *again;
	struct survivors { const char **name; size_t n, cap; struct arena arena; } before;
	long sample, seed, floor;
	struct requirements reqs;
	struct collection cases;
	struct mutants mutants;
	struct mutation run;
	bool *chosen;
	unsigned char **reached;	/* by item: a bit for each mutant */
	size_t nreached, capreached;
	struct test test[MOST_TESTS];
	int ntests;
	size_t tried, noticed, excused, survived, wrong;
};

static void usage(FILE *to)
{
	fputs("usage: mutants [OPTION...] [UNIT-TEST...]\n\n"
	      "Wakes one fault in the model's source after the other, and says which of them neither the\n"
	      "cases nor the unit tests notice. make mutate builds and runs it.\n\n"
	      "  --sample N     only N mutants, chosen by chance\n"
	      "  --seed S       which ones (default: 1)\n"
	      "  --filter NAME  only mutants of that name or pattern (* ? match anything)\n"
	      "  --floor N      how many in a hundred must be noticed (default: 95)\n"
	      "  --again FILE   only those that survived without a reason when these records were written\n"
	      "  --list         print the names of the mutants instead of trying them\n"
	      "  --jobs N       processes at work at once (default: one for each CPU)\n"
	      "  --output FILE  write records, JSON lines as reports/README.md describes\n"
	      "  --quiet        print survivors only\n"
	      "  --cases DIR    folder of cases, requirements.tsv and " MUTANT_LIST " (default: cases)\n\n"
	      "exit status: 0 enough are noticed, 1 not enough, or one is noticed that has a reason not to\n"
	      "             be, 2 usage or a bad file, 99 the cases or tests fail by themselves\n", to);
}

/* ---- what comes to the place of a mutant --------------------------------------------------------- */

static void rehearsed(void *ctx, size_t item)
{
	struct session *s = ctx;
	unsigned char *bits = calloc(s->mutants.n / 8 + 1, 1);

	if (!bits || !grow(&s->reached, &s->capreached, item + 1, sizeof(*s->reached)))
		abort();
	for (size_t i = 0; i < s->mutants.n; i++)
		if (mutant_reached[i + 1])
			bits[i / 8] |= (unsigned char)(1 << i % 8);
	memset(mutant_reached, 0, s->mutants.n + 1);
	s->reached[item] = bits;
	s->nreached = item + 1;
}

static bool touched(void *ctx, size_t mutant, size_t item)
{
	const struct session *s = ctx;

	return s->reached[item][mutant / 8] >> mutant % 8 & 1;
}

/* What the C library says of a fault as it ends the process is not for people to read. */
static void wake(void *ctx, size_t mutant)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)ctx;
	dup2(null, STDERR_FILENO);
	mutant_number = (int)mutant + 1;
}

/* ---- unit tests -------------------------------------------------------------------------------------- */

static void exec_test(const struct test *t, size_t number, const char *reached)
{
	const rlim_t most = number ? (rlim_t)(t->cpu * SLOWER / 1000 + 1) : CPU_FIRST;
	const struct rlimit limit = { most, most };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char text[24];

	snprintf(text, sizeof(text), "%zu", number);
	setenv("MUTANT", text, 1);
	setenv("CK_FORK", "no", 1);
	setenv("HASTE", HASTE, 1);
	if (reached)
		setenv("MUTANT_REACHED", reached, 1);
	setrlimit(RLIMIT_CPU, &limit);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	execl(t->path, t->path, (char *)NULL);
	_exit(127);
}

static bool passes(struct test *t, size_t number, const char *reached)
{
	struct rusage used = { 0 };
	int status = 1;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0)
		exec_test(t, number, reached);
	while (pid > 0 && wait4(pid, &status, 0, &used) < 0 && errno == EINTR)
		;
	if (!number)
		t->cpu = used.ru_utime.tv_sec * 1000 + used.ru_utime.tv_usec / 1000;
	return pid > 0 && !status;
}

static bool read_reached(struct test *t, const char *path, size_t n)
{
	FILE *from = fopen(path, "re");
	bool ok;

	t->reached = calloc(n + 1, 1);
	ok = from && t->reached && fread(t->reached, 1, n + 1, from) == n + 1;
	if (from)
		fclose(from);
	return ok;
}

static int by_cpu(const void *a, const void *b)
{
	const struct test *t = a, *u = b;

	return (t->cpu > u->cpu) - (t->cpu < u->cpu);
}

/* Each test must pass while no mutant is awake, and tells which it comes to. The shortest is asked first. */
static bool prepare_tests(struct session *s, char *const *path, int n)
{
	char file[] = "/tmp/sysvet-mutants.XXXXXX";
	int fd = n ? mkstemp(file) : -1;
	bool ok = true;

	for (int i = 0; ok && i < n && i < MOST_TESTS; i++) {
		struct test *t = &s->test[s->ntests];
		const char *slash = strrchr(path[i], '/');

		*t = (struct test){ .path = path[i], .name = slash ? slash + 1 : path[i] };
		ok = passes(t, 0, file) && read_reached(t, file, s->mutants.n);
		s->ntests += ok;
		if (!ok)
			fprintf(stderr, "mutants: %s fails though no mutant is awake\n", path[i]);
	}
	if (fd >= 0) {
		close(fd);
		unlink(file);
	}
	qsort(s->test, (size_t)s->ntests, sizeof(*s->test), by_cpu);
	return ok;
}

/* "model/msg_test" for a fault in model/msg.c */
static bool is_of(const struct test *t, const char *file)
{
	const char *base = strrchr(file, '/') + 1;
	size_t len = strcspn(base, ".");

	return !strncmp(t->name, base, len) && !strcmp(t->name + len, "_test");
}

static const char *ask_tests(void *ctx, size_t mutant)
{
	struct session *s = ctx;

	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; i < s->ntests; i++) {
			struct test *t = &s->test[i];

			if (is_of(t, source_mutants[mutant].file) == !pass && t->reached[mutant + 1]
			    && !passes(t, mutant + 1, NULL))
				return t->name;
		}
	return NULL;
}

/* ---- what to try ------------------------------------------------------------------------------------ */

static bool is_same(const struct source_mutant *a, const struct source_mutant *b)
{
	return !strcmp(a->file, b->file) && !strcmp(a->function, b->function) && !strcmp(a->before, b->before)
		&& !strcmp(a->after, b->after);
}

/* "", or " #2" for the second place in its function where the same is exchanged for the same. */
static const char *number_of(int i, char buf[16])
{
	int number = 1;

	for (int k = i - 1; k >= 0 && !strcmp(source_mutants[k].function, source_mutants[i].function); k--)
		number += is_same(&source_mutants[k], &source_mutants[i]);
	snprintf(buf, 16, number > 1 ? " #%d" : "", number);
	return buf;
}

/* Its name has no line in it, so that a reason outlives other changes of the file. */
static bool make_mutants(struct mutants *m)
{
	m->of_source = true;
	for (int i = 0; i < source_nmutants; i++) {
		const struct source_mutant *from = &source_mutants[i];
		char name[500], number[16];
		char *copy;
		int n = snprintf(name, sizeof(name), "%s:%s: %s => %s%s", from->file, from->function,
				 from->before, *from->after ? from->after : "nothing", number_of(i, number));

		copy = arena_alloc(&m->arena, (size_t)n + 1);
		if (!copy || !grow(&m->v, &m->cap, m->n + 1, sizeof(*m->v)))
			return false;
		memcpy(copy, name, (size_t)n);
		m->v[m->n++] = (struct mutant){ .code = NOPS, .name = copy };
	}
	return true;
}

/* A line of records: the name of a mutant that was not noticed and had no reason, or NULL. */
static const char *survivor_in(const char *line, struct arena *a, struct problem *p)
{
	const struct value_read *record = json_read(line, a, p);
	const struct value_read *kind = record ? json_need(record, "record", J_STRING, p) : NULL;
	const struct value_read *name = kind ? json_member(record, "name") : NULL;
	const struct value_read *noticed = name ? json_need(record, "noticed", J_BOOL, p) : NULL;
	const struct value_read *excused = name ? json_member(record, "excused") : NULL;

	return noticed && !noticed->number && !(excused && excused->string) ? name->string : NULL;
}

static bool add_survivor(struct survivors *to, const char *line)
{
	struct problem p = { 0 };
	const char *name = survivor_in(line, &to->arena, &p);

	if (*p.text || (name && !grow(&to->name, &to->cap, to->n + 1, sizeof(*to->name))))
		return false;
	if (name)
		to->name[to->n++] = name;
	return true;
}

static bool read_survivors(struct session *s)
{
	FILE *from = s->again ? fopen(s->again, "re") : NULL;
	char *line = NULL;
	size_t size = 0;
	bool ok = from;

	while (ok && getline(&line, &size, from) > 0)
		ok = add_survivor(&s->before, line);
	free(line);
	if (from)
		fclose(from);
	return ok || !s->again || option_wrong("mutate", "--again", s->again, "records of make mutate");
}

static bool survived_before(const struct session *s, const char *name)
{
	for (size_t i = 0; i < s->before.n; i++)
		if (!strcmp(s->before.name[i], name))
			return true;
	return false;
}

static bool is_asked_for(const struct session *s, const char *name)
{
	return (!s->filter || pattern_matches(s->filter, name)) && (!s->again || survived_before(s, name));
}

/* Those of a sample are the first of all in an order by chance. */
static bool choose(struct session *s)
{
	size_t n = s->mutants.n, left = s->sample ? (size_t)s->sample : n;
	size_t *order = calloc(n + 1, sizeof(*order));

	s->chosen = calloc(n + 1, sizeof(*s->chosen));
	if (!order || !s->chosen)
		return false;
	srandom((unsigned)s->seed);
	for (size_t i = 0; i < n; i++) {
		size_t at = (size_t)random() % (i + 1);

		order[i] = order[at];
		order[at] = i;
	}
	for (size_t i = 0; i < n && left; i++) {
		s->chosen[order[i]] = is_asked_for(s, s->mutants.v[order[i]].name);
		left -= s->chosen[order[i]];
	}
	free(order);
	return true;
}

/* ---- what came of it ---------------------------------------------------------------------------------- */

static void end_line(FILE *to, struct json *j)
{
	json_end(j, '}');
	json_raw(j, "\n", 1);
	if (!j->failed)
		fputs(j->buf, to);
	json_free(j);
}

static void write_begin(const struct session *s, FILE *to)
{
	struct environment env;
	struct json j = { 0 };

	real_environment(&env);
	header_json(&j, "mutate", "model", "linux", &env, &linux_facts);
	json_string(&j, "source", "source");
	json_number(&j, "cases", (int64_t)s->cases.n);
	json_bool(&j, "all", false);
	json_number(&j, "sample", s->sample);
	json_number(&j, "seed", s->seed);
	end_line(to, &j);
}

static void write_mutant(const struct session *s, size_t i, FILE *to)
{
	const struct source_mutant *from = &source_mutants[i];
	const struct attempt *a = &s->run.attempt[i];
	struct json j = { 0 };

	json_object(&j, NULL);
	json_string(&j, "record", "mutant");
	json_string(&j, "name", s->mutants.v[i].name);
	json_string(&j, "kind", from->kind);
	json_string(&j, "clause", NULL);
	json_string(&j, "what", NULL);
	json_string(&j, "file", from->file);
	json_number(&j, "line", from->line);
	json_number(&j, "column", from->column);
	json_string(&j, "before", from->before);
	json_string(&j, "after", from->after);
	json_bool(&j, "noticed", a->noticed);
	json_string(&j, "how", a->how);
	json_number(&j, "by", (int64_t)a->by);
	json_array(&j, "cases");
	if (*a->other)
		json_string(&j, NULL, a->other);
	for (size_t k = 0; k < a->by && k < FEW; k++)
		json_string(&j, NULL, s->run.item[a->item[k]].script->name);
	json_end(&j, ']');
	json_number(&j, "ran", (int64_t)a->ran);
	json_string(&j, "excluded", NULL);
	json_string(&j, "excused", s->mutants.v[i].excused);
	end_line(to, &j);
}

static void write_end(const struct session *s, int status, FILE *to)
{
	struct json j = { 0 };

	json_object(&j, NULL);
	json_string(&j, "record", "end");
	json_number(&j, "mutants", (int64_t)s->tried);
	json_number(&j, "noticed", (int64_t)s->noticed);
	json_number(&j, "survived", (int64_t)s->survived);
	json_number(&j, "excused", (int64_t)s->excused);
	json_number(&j, "excluded", 0);
	json_object(&j, "kinds");
	json_end(&j, '}');
	json_string(&j, "interrupted", interrupt_name(interrupted));
	json_number(&j, "exit", status);
	end_line(to, &j);
}

static void tell(struct session *s, size_t i)
{
	const struct source_mutant *from = &source_mutants[i];
	const struct mutant *m = &s->mutants.v[i];
	const struct attempt *a = &s->run.attempt[i];

	s->tried++;
	s->noticed += a->noticed;
	s->excused += !a->noticed && m->excused;
	s->survived += !a->noticed && !m->excused;
	s->wrong += a->noticed && m->excused;
	if (a->noticed && m->excused)
		fprintf(stderr, "%s/" MUTANT_LIST ":%d: found %s noticed, expected that it is not\n",
			s->opt.root, m->line, m->name);
	if (!a->noticed && !m->excused)
		printf("survives  %s:%d:%d: in %s\n     %-9s %s\n     %-9s %s\n     %-9s %zu instances\n",
		       from->file, from->line, from->column, from->function, "before", from->before, "after",
		       *from->after ? from->after : "(nothing)", "unseen by", a->ran);
}

/* How many in a hundred of those that have to be. */
static double score(const struct session *s)
{
	return s->tried == s->excused ? 100 : 100.0 * (double)s->noticed / (double)(s->tried - s->excused);
}

static int conclude(struct session *s)
{
	FILE *records = s->opt.output ? fopen(s->opt.output, "we") : NULL;
	int status;

	if (s->opt.output && !records) {
		fprintf(stderr, "mutants: %s: %s\n", s->opt.output, strerror(errno));
		return EXIT_USAGE;
	}
	if (records)
		write_begin(s, records);
	for (size_t i = 0; i < s->mutants.n; i++)
		if (s->run.attempt[i].tried) {
			tell(s, i);
			if (records)
				write_mutant(s, i, records);
		}
	status = interrupted ? 128 + interrupted
		: s->wrong || score(s) < (double)s->floor ? EXIT_DIFFERS : EXIT_OK;
	if (records) {
		write_end(s, status, records);
		if (fclose(records))
			status = EXIT_BROKEN;
	}
	if (!s->opt.quiet)
		printf("%zu of %zu mutants of the source: %zu noticed, %zu survive, %zu have a reason to; "
		       "%.1f %% noticed of those that have to be\n", s->tried, s->mutants.n, s->noticed,
		       s->survived, s->excused, score(s));
	return status;
}

/* ---- the command ------------------------------------------------------------------------------------- */

enum { OPT_SAMPLE = OPT_TRIED, OPT_SEED, OPT_FLOOR, OPT_AGAIN };

/* -1: go on; else the exit status. */
static int parse_options(struct session *s, int argc, char **argv)
{
	static const struct option options[] = {
		MUTATE_OPTIONS,
		{ "sample", required_argument, NULL, OPT_SAMPLE },
		{ "seed", required_argument, NULL, OPT_SEED },
		{ "again", required_argument, NULL, OPT_AGAIN },
		{ "floor", required_argument, NULL, OPT_FLOOR },
		{ 0 }
	};
	bool ok = true;
	int c, status;

	*s = (struct session){ .opt = common_default(), .seed = 1, .floor = 95 };
	while (ok && (c = getopt_long(argc, argv, "h", options, NULL)) != -1)
		switch (c) {
		case OPT_SAMPLE: ok = option_count("mutate", "--sample", optarg, 100000, &s->sample); break;
		case OPT_SEED: ok = option_count("mutate", "--seed", optarg, INT32_MAX, &s->seed); break;
		case OPT_FLOOR: ok = option_count("mutate", "--floor", optarg, 100, &s->floor); break;
		case OPT_FILTER: s->filter = optarg; break;
		case OPT_AGAIN: s->again = optarg; break;
		default:
			status = common_take(&s->opt, "mutate", c, usage);
			if (status >= 0)
				return status;
		}
	return ok ? -1 : EXIT_USAGE;
}

static int mutate(struct session *s, char *const *tests, int ntests)
{
	const struct strange_mutants strange = {
		.rehearsed = rehearsed, .touched = touched, .wake = wake, .other = ask_tests, .ctx = s,
	};
	s->run = (struct mutation){
		.mutants = &s->mutants, .cases = &s->cases, .strange = &strange,
		.chosen = s->chosen, .njobs = (int)s->opt.jobs,
	};
	if (!prepare_tests(s, tests, ntests))
		return EXIT_BROKEN;
	memset(mutant_reached, 0, s->mutants.n + 1);
	return mutation_show(&s->run, "mutants", s->opt.quiet) ? conclude(s) : EXIT_BROKEN;
}

static int prepare(struct session *s)
{
	char path[4096];
	int wrong;

	if (!read_survivors(s) || !option_clauses(&s->reqs, s->opt.root))
		return EXIT_USAGE;
	if (!discover(&s->cases, s->opt.root, NULL, 0, AND_GENERATED, NULL, &s->reqs) || s->cases.errors)
		return EXIT_USAGE;
	if (!make_mutants(&s->mutants) || !choose(s))
		return EXIT_BROKEN;
	snprintf(path, sizeof(path), "%s/" MUTANT_LIST, s->opt.root);
	if (!mutants_excuse(&s->mutants, path, &wrong) || wrong)
		return EXIT_USAGE;
	return -1;
}

static int list(const struct session *s)
{
	for (size_t i = 0; i < s->mutants.n; i++)
		if (s->chosen[i])
			printf("%s:%d:%d: %s\n", source_mutants[i].file, source_mutants[i].line,
			       source_mutants[i].column, s->mutants.v[i].name);
	return EXIT_OK;
}

int main(int argc, char **argv)
{
	struct session s;
	int status = parse_options(&s, argc, argv);

	if (status < 0)
		status = prepare(&s);
	if (status < 0)
		status = s.opt.list ? list(&s) : mutate(&s, argv + optind, argc - optind);
	for (size_t i = 0; i < s.nreached; i++)
		free(s.reached[i]);
	free(s.reached);
	for (int i = 0; i < s.ntests; i++)
		free(s.test[i].reached);
	free(s.chosen);
	free(s.before.name);
	arena_free(&s.before.arena);
	mutation_free(&s.run);
	mutants_free(&s.mutants);
	collection_free(&s.cases);
	requirements_free(&s.reqs);
	return status;
}
