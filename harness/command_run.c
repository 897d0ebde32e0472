/* sysvet run: cases on the model and on a subject, side by side. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "discover.h"
#include "header.h"
#include "interrupt.h"
#include "jobs.h"
#include "matrix_report.h"
#include "options.h"
#include "pattern.h"
#include "terminal.h"

enum { MOST_EXCLUDED = 64 };

struct options {
	struct common_options common;
	struct baseline_options known;
	const char *filter, *exclude[MOST_EXCLUDED], *from;
	int nexcluded;
	bool fail_fast, outcomes;
	bool assumed[NFACTS];		/* by --fact, with the values in facts */
	struct facts facts;
	int nabis;			/* ways by which all is run, one after the other */
	enum abi abi[NABIS];
};

struct session {
	struct options opt;
	struct setting set;
	struct environment env;
	struct requirements reqs;
	struct baseline baseline;
	struct untried untried;
	struct collection cases;
	struct task_item *item;
	size_t nitems, ncases;		/* selected */
	size_t *permitted;		/* positions of the items that were, as many as verdicts[] says */
	FILE *records;			/* NULL: nobody asked */
	size_t verdicts[NVERDICTS], steps;
	size_t leaks, strays;		/* left behind; those of what is not known to differ */
	int deaths;			/* of jobs */
	uint64_t seen[NOPS];		/* outcomes on the subject, of instances that are evidence, */
	uint64_t sights[SIGHT_PLACES];	/* and by classes of arguments */
	struct {
		const char *text;
		size_t n;
	} reason[8]; /* why instances were skipped, most common kinds */
	bool *ran;			/* by item: what came of it is evidence */
	bool whole;			/* every instance there is was selected */
	bool write_failed, update_failed;
};

static void usage(FILE *to)
{
	fputs("usage: sysvet run [OPTION...] [PATH...]\n\n"
	      "Runs every case below PATH (default: the folder given by --cases) on the reference\n"
	      "model and on the subject, compares outcomes and states, and reports differences.\n\n"
	      "  --profile NAME   what is expected: linux (default) or posix\n"
	      "  --subject WHAT   kernel (default), kernel:OPERATION=ERRNO[:N] to fail its calls, all or\n"
	      "                   the Nth of each instance, or a second model with something changed:\n"
	      "                   model:SWITCH=VALUE, model:without=RULE-ID,\n"
	      "                   model:order=RULE-ID,RULE-ID (see sysvet describe), or model:MUTANT\n"
	      "                   (see sysvet mutate --list)\n"
	      "  --abi LIST       how calls reach the kernel: raw (default), libc (by the functions and\n"
	      "                   structures of the C library), ipc and ipc-old (by ipc(2), where that\n"
	      "                   is, with IPC_64 or without). With commas: one run for each, and\n"
	      "                   records in FILE with the name put in, results.libc.jsonl\n"
	      "  --filter NAME    only instances of that name, case or pattern (* ? match anything)\n"
	      "  --exclude NAME   not these; may be given again\n"
	      "  --from NAME      only this instance and those that are listed after it\n"
	      "  --jobs N         processes at work at once (default: one for each CPU)\n"
	      "  --output FILE    write records, JSON lines as reports/README.md describes; - is stdout\n"
	      "  --fact NAME=N    of a second model: what it is to be like (see describe); may repeat\n"
	      "  --console        write records to stdout in frames that outlive what others write there\n"
	      "  --outcomes       print every outcome of each operation that was seen on the subject\n"
	      "  --list           print the names of the instances instead of running them\n"
	      "  --strict         what POSIX permits and the profile does not is a difference too\n"
	      "  --fail-fast      stop at the first instance that differs\n"
	      BASELINE_USAGE
	      "  --quiet          print differences only\n"
	      "  --cases DIR      folder of cases and of requirements.tsv (default: cases)\n"
	      "  --help, --version\n\n"
	      "exit status: 0 no difference, 1 differences, 2 usage or a bad case file,\n"
	      "             77 nothing could be run, 99 the harness failed\n", to);
}

enum { OPT_FILTER = OPT_OWN, OPT_ABI, OPT_EXCLUDE, OPT_FROM, OPT_OUTCOMES, OPT_FAIL_FAST, OPT_FACT };

static const struct option long_options[] = {
	COMMON_OPTIONS,
	BASELINE_OPTIONS,
	{ "abi", required_argument, NULL, OPT_ABI },
	{ "filter", required_argument, NULL, OPT_FILTER },
	{ "exclude", required_argument, NULL, OPT_EXCLUDE },
	{ "from", required_argument, NULL, OPT_FROM },
	{ "outcomes", no_argument, NULL, OPT_OUTCOMES },
	{ "fail-fast", no_argument, NULL, OPT_FAIL_FAST },
	{ "fact", required_argument, NULL, OPT_FACT },
	{ 0 }
};

static bool take_fact(struct options *o, const char *text)
{
	enum fact fact;
	int64_t v;
	size_t n = fact_read(text, &fact, &v);

	if (!n || text[n])
		return option_wrong("run", "--fact", text,
				    "a fact, such as hugetlb, no-hugetlb or page=4096");
	o->assumed[fact] = true;
	fact_set(&o->facts, fact, v);
	return true;
}

/* False when a name means nothing, or comes twice. */
static bool take_abis(struct options *o, const char *list)
{
	const char *at = list;

	for (o->nabis = 0; ; at++) {
		size_t len = strcspn(at, ",");
		enum abi abi = abi_find(at, len);
		bool again = false;

		for (int i = 0; i < o->nabis; i++)
			again = again || o->abi[i] == abi;
		if (abi == NABIS || again || !abi_exists(abi))
			return option_wrong("run", "--abi", at,
					    abi_exists(ABI_IPC) ? "raw, libc, ipc or ipc-old, each once"
					    : "raw or libc, each once");
		o->abi[o->nabis++] = abi;
		at += len;
		if (!*at)
			return true;
	}
}

/* -1: go on; else the exit status. */
static int parse_options(struct options *o, int argc, char **argv)
{
	int c, status;

	*o = (struct options){ .common = common_default(), .nabis = 1, .abi = { ABI_RAW } };
	while ((c = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
		switch (c) {
		case OPT_FILTER: o->filter = optarg; break;
		case OPT_EXCLUDE:
			if (o->nexcluded == MOST_EXCLUDED) {
				fprintf(stderr, "sysvet run: found --exclude more than %d times\n",
					MOST_EXCLUDED);
				return EXIT_USAGE;
			}
			o->exclude[o->nexcluded++] = optarg;
			break;
		case OPT_ABI:
			if (!take_abis(o, optarg))
				return EXIT_USAGE;
			break;
		case OPT_FROM: o->from = optarg; break;
		case OPT_OUTCOMES: o->outcomes = true; break;
		case OPT_FAIL_FAST: o->fail_fast = true; break;
		case OPT_FACT:
			if (!take_fact(o, optarg))
				return EXIT_USAGE;
			break;
		default:
			if (baseline_take(&o->known, "run", c))
				break;
			status = common_take(&o->common, "run", c, usage);
			if (status >= 0)
				return status;
		}
	return -1;
}

/* ---- what to run ----------------------------------------------------------------------------- */

static bool selects(const char *pattern, const struct script *sc, const struct instance *in)
{
	return pattern_matches(pattern, in->name) || pattern_matches(pattern, sc->name);
}

static bool excluded(const struct options *o, const struct script *sc, const struct instance *in)
{
	for (int i = 0; i < o->nexcluded; i++)
		if (selects(o->exclude[i], sc, in))
			return true;
	return false;
}

/* Once the instance to begin with is met, o->from is NULL. */
static bool selected(struct options *o, const struct script *sc, int i, bool *oom)
{
	struct instance *in;
	bool yes;

	if (!o->filter && !o->nexcluded && !o->from)
		return true;
	in = script_instance(sc, i);
	if (!in) {
		*oom = true;
		return false;
	}
	if (o->from && !strcmp(o->from, in->name))
		o->from = NULL;
	yes = !o->from && (!o->filter || selects(o->filter, sc, in)) && !excluded(o, sc, in);
	instance_free(in);
	return yes;
}

/* Generated cases of one name are one case. */
static bool begins_case(const struct session *s, size_t first)
{
	return s->nitems > first
		&& (!first || strcmp(s->item[first - 1].script->name, s->item[first].script->name));
}

static bool select_items(struct session *s)
{
	size_t total = 0;
	bool oom = false;

	for (size_t i = 0; i < s->cases.n; i++)
		total += (size_t)s->cases.v[i]->ninstances;
	s->item = calloc(total + 1, sizeof(*s->item));
	s->permitted = calloc(total + 1, sizeof(*s->permitted));
	s->ran = calloc(total + 1, sizeof(*s->ran));
	oom = !s->item || !s->permitted || !s->ran;
	for (size_t i = 0; !oom && i < s->cases.n; i++) {
		size_t before = s->nitems;

		for (int k = 0; k < s->cases.v[i]->ninstances; k++)
			if (selected(&s->opt, s->cases.v[i], k, &oom))
				s->item[s->nitems++] = (struct task_item){ s->cases.v[i], k, false };
		if (begins_case(s, before)) {
			s->item[before].tells = true;
			s->ncases++;
		}
	}
	if (oom)
		fprintf(stderr, "sysvet run: out of memory\n");
	return !oom;
}

static int list_items(const struct session *s)
{
	for (size_t i = 0; i < s->nitems; i++) {
		struct instance *in = script_instance(s->item[i].script, s->item[i].instance);

		if (!in)
			return EXIT_BROKEN;
		puts(in->name);
		instance_free(in);
	}
	return EXIT_OK;
}

/* ---- records --------------------------------------------------------------------------------- */

static void write_record(struct session *s, const char *line)
{
	if (!s->records)
		return;
	if (fputs(line, s->records) == EOF || fflush(s->records) == EOF)
		s->write_failed = true;
}

static void write_begin(struct session *s)
{
	struct json j = { 0 };

	header_json(&j, "begin", s->set.subject.text, s->set.profile->name, &s->env, &s->set.facts);
	json_number(&j, "cases", (int64_t)s->ncases);
	json_number(&j, "instances", (int64_t)s->nitems);
	json_end(&j, '}');
	json_raw(&j, "\n", 1);
	write_record(s, j.failed ? "" : j.buf);
	json_free(&j);
}

/* Calls visit for each pair of an operation and an outcome that was seen. Returns their number. */
static size_t each_outcome(const struct session *s, void (*visit)(const char *text))
{
	char text[64];
	size_t n = 0;

	for (enum opcode code = 0; code < NOPS; code++)
		for (int i = 0; i < 2 * SEEN_WOKEN; i++) {
			if (!(s->seen[code] >> i & 1))
				continue;
			n++;
			seen_text(text, sizeof(text), code, i);
			if (visit)
				visit(text);
		}
	return n;
}

static void write_sights(struct session *s)
{
	struct json j = { 0 };

	sights_json(s->sights, &s->untried, &j);
	write_record(s, j.failed ? "" : j.buf);
	json_free(&j);
}

static void write_end(struct session *s, int status)
{
	struct json j = { 0 };
	size_t run = 0;

	json_object(&j, NULL);
	json_string(&j, "record", "end");
	json_object(&j, "verdicts");
	for (int i = 0; i < NVERDICTS; i++) {
		json_number(&j, verdictinfo[i].name, (int64_t)s->verdicts[i]);
		run += i == V_stale ? 0 : s->verdicts[i];
	}
	json_end(&j, '}');
	baseline_json(&s->baseline, false, &j);
	baseline_json(&s->baseline, true, &j);
	json_number(&j, "cases", (int64_t)s->ncases);
	json_number(&j, "instances", (int64_t)run);
	json_number(&j, "steps", (int64_t)s->steps);
	json_number(&j, "outcomes", (int64_t)each_outcome(s, NULL));
	json_number(&j, "leaks", (int64_t)s->leaks);
	json_number(&j, "deaths", s->deaths);
	json_string(&j, "interrupted", interrupt_name(interrupted));
	json_number(&j, "exit", status);
	json_end(&j, '}');
	json_raw(&j, "\n", 1);
	write_record(s, j.failed ? "" : j.buf);
	json_free(&j);
}

/* ---- the run --------------------------------------------------------------------------------- */

static void count_reason(struct session *s, const struct answer *a)
{
	size_t most = sizeof(s->reason) / sizeof(*s->reason);

	if (a->verdict != V_skipped && a->verdict != V_unsupported)
		return;
	for (size_t i = 0; i < most; i++) {
		if (s->reason[i].text && strcmp(s->reason[i].text, a->reason))
			continue;
		if (!s->reason[i].text)
			s->reason[i].text = strdup(a->reason);
		s->reason[i].n++;
		return;
	}
}

static bool is_evidence(enum verdict_word v)
{
	return v != V_skipped && v != V_unsupported && v != V_unresolved && v != V_broken;
}

static int exit_for(const struct session *s, enum verdict_word v)
{
	bool counts = s->opt.common.strict && (v == V_permitted || v == V_stale);

	return counts ? EXIT_DIFFERS : verdictinfo[v].exit;
}

/* What the baselines have to do with an instance. */
static void count_known(struct session *s, size_t i, const struct answer *a)
{
	s->ran[i] = is_evidence(a->verdict);
	if (s->opt.known.n && a->verdict != V_conforms && s->ran[i]
	    && !baseline_count(&s->baseline, a->record, s->opt.common.strict))
		s->update_failed = true;
}

static bool each(void *ctx, size_t i, const struct answer *a)
{
	struct session *s = ctx;

	if (a->verdict == V_permitted)
		s->permitted[s->verdicts[V_permitted]] = i;
	s->verdicts[a->verdict]++;
	s->steps += (size_t)a->steps;
	s->leaks += (size_t)a->leaks;
	s->strays += a->verdict == V_known ? 0 : (size_t)a->leaks;
	for (enum opcode code = 0; is_evidence(a->verdict) && code < NOPS; code++)
		s->seen[code] |= a->seen[code];
	for (size_t k = 0; is_evidence(a->verdict) && k < a->nsights; k++)
		s->sights[a->sights[k].place] |= a->sights[k].seen;
	count_reason(s, a);
	count_known(s, i, a);
	write_record(s, a->record);
	if (*a->text) {
		terminal_erase();
		terminal_print(a->text);
	}
	return !s->opt.fail_fast || !exit_for(s, a->verdict);
}

static void progress(void *ctx, size_t done)
{
	struct session *s = ctx;

	if (!s->opt.common.quiet && !s->opt.common.console)
		terminal_progress(done, s->nitems);
}

static int exit_status(const struct session *s)
{
	int status = EXIT_OK;
	size_t ran = 0;

	for (enum verdict_word i = 0; i < NVERDICTS; i++) {
		if (s->verdicts[i] && exit_for(s, i) > status)
			status = exit_for(s, i);
		if (i != V_skipped && i != V_unsupported && i != V_stale)
			ran += s->verdicts[i];
	}
	/* Where removal itself is at fault, what is left behind is a consequence of the difference. */
	if (s->write_failed || s->update_failed || (s->strays && !status))
		return EXIT_BROKEN;
	if (interrupted)
		return 128 + interrupted;
	return ran ? status : EXIT_NOTHING_RAN;
}

static void print_line(const char *text)
{
	puts(text);
}

/* They are told from what conforms to the last, though the exit status may not tell. */
static void print_permitted(const struct session *s)
{
	size_t n = s->verdicts[V_permitted], most = n > 20 ? 20 : n;

	if (n)
		printf("  permitted, %zu: not what profile %s predicts, but POSIX allows it:\n", n,
		       s->set.profile->name);
	for (size_t i = 0; i < most; i++) {
		const struct task_item *item = &s->item[s->permitted[i]];
		struct instance *in = script_instance(item->script, item->instance);

		if (in) {
			printf("    %s\n", in->name);
			instance_free(in);
		}
	}
	if (n > most)
		printf("    and %zu more\n", n - most);
}

static void print_totals(const struct session *s)
{
	const char *sep = "";

	printf("%zu cases, %zu instances, %zu steps: ", s->ncases, s->nitems, s->steps);
	for (int i = 0; i < NVERDICTS; i++)
		if (s->verdicts[i]) {
			printf("%s%zu %s", sep, s->verdicts[i], verdictinfo[i].name);
			sep = ", ";
		}
	printf("%s\n", *sep ? "" : "nothing ran");
	printf("  %zu distinct outcomes of operations were seen\n", each_outcome(s, NULL));
	print_permitted(s);
	baseline_print_known(&s->baseline);
	for (size_t i = 0; i < sizeof(s->reason) / sizeof(*s->reason) && s->reason[i].text; i++)
		printf("  not run, %zu: %s\n", s->reason[i].n, s->reason[i].text);
	for (enum protection p = 0; p < NPROTECTIONS; p++)
		if (s->env.unprotected & BIT(p))
			printf("  unprotected: %s\n", unprotected_text[p]);
	if (s->leaks)
		printf("  %zu objects were left behind\n", s->leaks);
	if (interrupted)
		printf("  interrupted by %s\n", interrupt_name(interrupted));
	if (s->write_failed)
		fprintf(stderr, "sysvet run: %s could not be written\n",
			s->opt.common.console ? "the console" : s->opt.common.output);
}

/* Tells the baselines of every instance that there is, whether it was selected or not. */
static bool name_all(struct session *s)
{
	size_t at = 0;

	for (size_t i = 0; i < s->cases.n; i++)
		for (int k = 0; k < s->cases.v[i]->ninstances; k++) {
			const struct task_item *item = &s->item[at];
			bool chosen = at < s->nitems && item->script == s->cases.v[i] && item->instance == k;
			struct instance *in = script_instance(s->cases.v[i], k);

			if (!in)
				return false;
			baseline_named(&s->baseline, in->name, chosen && s->ran[at]);
			instance_free(in);
			at += chosen;
		}
	return true;
}

/* Which rows of the baselines are stale, and rows for what they do not explain. */
static void settle_baselines(struct session *s)
{
	const struct common_options *o = &s->opt.common;
	const struct whereabouts here = { s->set.subject.kernel, o->subject, o->profile, &s->env,
					  &s->set.facts };
	char err[5000], date[HEADER_DATE];

	if (baseline_wants_names(&s->baseline, "") && !name_all(s))
		s->update_failed = true;
	s->verdicts[V_stale] = baseline_settle(&s->baseline, s->whole, false);
	baseline_print_stale(&s->baseline);
	if (!s->opt.known.update
	    || baseline_update(&s->baseline, s->opt.known.file[s->opt.known.n - 1], &here, header_date(date),
			       err, sizeof(err)))
		return;
	fprintf(stderr, "sysvet run: --update-baseline: %s\n", err);
	s->update_failed = true;
}

static int run_all(struct session *s)
{
	const struct jobs j = {
		.set = &s->set, .item = s->item, .n = s->nitems, .njobs = (int)s->opt.common.jobs,
		.each = each, .progress = progress, .ctx = s, .interrupted = &interrupted,
		.notes = s->opt.common.console, .deaths = &s->deaths,
	};
	char err[200];
	int status;

	interrupts_keep();
	write_begin(s);
	if (!jobs_run(&j, err, sizeof(err))) {
		fprintf(stderr, "sysvet run: nothing can be run: %s\n", err);
		write_end(s, EXIT_NOTHING_RAN);
		return EXIT_NOTHING_RAN;
	}
	terminal_erase();
	settle_baselines(s);
	status = exit_status(s);
	write_sights(s);
	write_end(s, status);
	if (s->write_failed)
		status = EXIT_BROKEN;
	if (s->opt.outcomes)
		each_outcome(s, print_line);
	if (!s->opt.common.quiet)
		print_totals(s);
	return status;
}

/* A cell of the permission space is no file: it is a case as soon as somebody asks for it. */
static bool add_cell(struct session *s)
{
	char err[1024];
	struct script *cell = cell_script(s->opt.filter, s->opt.common.root, &s->reqs, err, sizeof(err));

	if (!cell)
		fprintf(stderr, "sysvet run: --filter: %s\n", err);
	return cell && collection_add(&s->cases, cell);
}

/* Everything that can be wrong with what the user gave. -1: go on. */
static int prepare(struct session *s, enum abi abi, int argc, char **argv)
{
	const char *root = s->opt.common.root;

	if (!common_resolve(&s->opt.common, "run", &s->set.profile, &s->set.subject, &s->reqs))
		return EXIT_USAGE;
	for (enum fact f = 0; f < NFACTS && s->set.subject.kernel; f++)
		if (s->opt.assumed[f]) {
			option_wrong("run", "--fact", factinfo[f].name, "a model as the subject");
			return EXIT_USAGE;
		}
	if (abi != ABI_RAW && !s->set.subject.kernel)
		return option_refuse("run", "--abi", "a model as subject makes no calls");
	s->set.subject.abi = abi;
	if (!discover(&s->cases, root, argv, argc, AND_GENERATED, s->opt.filter, &s->reqs) || s->cases.errors)
		return EXIT_USAGE;
	if (!baseline_open(&s->baseline, &s->opt.known, "run") || !untried_read(&s->untried, root))
		return EXIT_USAGE;
	s->whole = !argc && !s->opt.filter && !s->opt.nexcluded && !s->opt.from;
	if (s->opt.filter && !strncmp(s->opt.filter, "matrix/", 7) && !add_cell(s))
		return EXIT_USAGE;
	if (!select_items(s))
		return EXIT_BROKEN;
	if (!s->nitems) {
		fprintf(stderr, "sysvet run: no case is selected\n");
		return EXIT_USAGE;
	}
	return -1;
}

/* Records say so too, for whoever looks at nothing else. */
static int refuse(struct session *s)
{
	if (common_open_records(&s->opt.common, "run", &s->records)) {
		write_begin(s);
		write_end(s, EXIT_BROKEN);
	}
	return EXIT_BROKEN;
}

/* Attachments are of whole pages, so that a larger page alone makes a larger SHMLBA. */
static void assume(const struct options *o, struct facts *facts)
{
	for (enum fact f = 0; f < NFACTS; f++)
		if (o->assumed[f])
			fact_set(facts, f, fact_of(&o->facts, f));
	if (facts->shmlba < facts->page && !o->assumed[FACT_shmlba])
		facts->shmlba = facts->page;
}

static int run(struct session *s)
{
	const struct common_options *o = &s->opt.common;
	const struct whereabouts here = { s->set.subject.kernel, o->subject, o->profile, &s->env,
					  &s->set.facts };
	char err[200];

	if (o->list)
		return list_items(s);
	if (!jobs_facts(&s->set.subject, &s->set.facts, &s->env, err, sizeof(err))) {
		fprintf(stderr, "sysvet run: nothing can be run: %s\n", err);
		return s->env.refused ? refuse(s) : EXIT_NOTHING_RAN;
	}
	assume(&s->opt, &s->set.facts);
	s->set.root = s->env.root;
	s->set.reqs = &s->reqs;
	baseline_place(&s->baseline, &here);
	s->set.baseline = &s->baseline;
	return common_open_records(&s->opt.common, "run", &s->records) ? run_all(s) : EXIT_USAGE;
}

static int run_one(const struct options *opt, enum abi abi, int argc, char **argv)
{
	struct session s = { .opt = *opt };
	int status = prepare(&s, abi, argc, argv);

	if (status < 0)
		status = run(&s);
	if (s.records && fclose(s.records))
		status = EXIT_BROKEN;
	for (size_t i = 0; i < sizeof(s.reason) / sizeof(*s.reason); i++)
		free((char *)s.reason[i].text);
	free(s.item);
	free(s.permitted);
	free(s.ran);
	baseline_free(&s.baseline);
	untried_free(&s.untried);
	collection_free(&s.cases);
	requirements_free(&s.reqs);
	subject_forget(&s.set.subject);
	return status;
}

/* "results.jsonl" as "results.libc.jsonl". False when out of memory. */
static bool name_records(char **name, const char *given, enum abi abi)
{
	const char *slash = strrchr(given, '/'), *dot = strrchr(slash ? slash : given, '.');
	int len = (int)(dot ? (size_t)(dot - given) : strlen(given));

	return asprintf(name, "%.*s.%s%s", len, given, abi_name(abi), given + len) >= 0;
}

/* Something ran beats that nothing did; of the rest the worst counts. */
static int worse(int a, int b)
{
	if (a == EXIT_NOTHING_RAN || b == EXIT_NOTHING_RAN)
		return a == EXIT_NOTHING_RAN ? b : a;
	return a > b ? a : b;
}

static int run_each(const struct options *opt, int argc, char **argv)
{
	int status = EXIT_NOTHING_RAN;

	if (opt->common.console || (opt->common.output && !strcmp(opt->common.output, "-")))
		return option_refuse("run", "--abi", "records of more than one run need files: --output");
	for (int i = 0; i < opt->nabis && !interrupted && status != EXIT_USAGE; i++) {
		struct options one = *opt;
		char *name = NULL;

		if (one.common.output && !name_records(&name, one.common.output, opt->abi[i]))
			return EXIT_BROKEN;
		one.common.output = name;
		if (!one.common.quiet)
			printf("%s\n", abi_text(opt->abi[i]));
		status = worse(status, run_one(&one, opt->abi[i], argc, argv));
		free(name);
	}
	return status;
}

int command_run(int argc, char **argv)
{
	struct options opt;
	int status = parse_options(&opt, argc, argv);

	if (status >= 0)
		return status;
	argc -= optind;
	argv += optind;
	return opt.nabis > 1 ? run_each(&opt, argc, argv) : run_one(&opt, opt.abi[0], argc, argv);
}
