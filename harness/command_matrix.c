/* sysvet matrix: the permission space in full, on the model and on a subject. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "interrupt.h"
#include "jobs.h"
#include "matrix_report.h"
#include "options.h"
#include "pattern.h"
#include "terminal.h"

struct options {
	struct common_options common;
	struct baseline_options known;
	const char *kind, *operation, *relation, *mode, *caps;	/* NULL: all */
	bool bare;
};

static void usage(FILE *to)
{
	fputs("usage: sysvet matrix [OPTION...]\n\n"
	      "Makes every call that judges a permission for every mode, relation of the caller to the\n"
	      "object and set of capabilities, compares outcome and state with the model, and reports\n"
	      "where they differ as the smallest rule that tells wrong cells from right ones.\n\n"
	      "  --kind NAMES       only these kinds of objects: msg, sem, shm, posix-mq, posix-shm,\n"
	      "                     posix-sem, fifo, socket, dir, dir-sticky, dir-empty\n"
	      "  --operation NAMES  only these operations, with or without variant: msgrcv, semop:alter\n"
	      "  --relation NAMES   only these relations: owner, group-by-supplementary, ...\n"
	      "  --mode NAMES       only these modes, four octal digits: 0640, 06??\n"
	      "  --caps NAMES       only these sets of capabilities: none, ipc-owner, ...\n"
	      "                     NAMES are separated by commas; * and ? match anything\n"
	      "  --profile NAME     what is expected: linux (default) or posix\n"
	      "  --subject WHAT     kernel (default), or a second model with something changed:\n"
	      "                     model:SWITCH=VALUE or model:without=RULE-ID (see sysvet describe)\n"
	      "  --jobs N           processes at work at once (default: one for each CPU)\n"
	      "  --output FILE      write records, JSON lines as reports/README.md describes; - is stdout\n"
	      "  --console          write them to stdout in frames that outlive what others write there\n"
	      "  --list             print the names of the cells instead of running them\n"
	      "  --bare             make the calls only, without model and comparison, to measure them\n"
	      "  --strict           what POSIX permits and the profile does not is a difference too\n"
	      BASELINE_USAGE
	      "  --quiet            print differences only\n"
	      "  --cases DIR        folder of requirements.tsv (default: cases)\n"
	      "  --help, --version\n\n"
	      "A cell is run alone by sysvet run --filter 'NAME OF THE CELL'.\n\n"
	      "exit status: 0 no difference, 1 differences, 2 usage, 77 nothing could be run,\n"
	      "             99 the harness failed\n", to);
}

enum { OPT_KIND = OPT_OWN, OPT_OPERATION, OPT_RELATION, OPT_MODE, OPT_CAPS, OPT_BARE };

static const struct option long_options[] = {
	{ "kind", required_argument, NULL, OPT_KIND },
	{ "operation", required_argument, NULL, OPT_OPERATION },
	{ "relation", required_argument, NULL, OPT_RELATION },
	{ "mode", required_argument, NULL, OPT_MODE },
	{ "caps", required_argument, NULL, OPT_CAPS },
	COMMON_OPTIONS,
	BASELINE_OPTIONS,
	{ "bare", no_argument, NULL, OPT_BARE },
	{ 0 }
};

/* -1: go on; else the exit status. */
static int parse_options(struct options *o, int argc, char **argv)
{
	int c, status;

	*o = (struct options){ .common = common_default() };
	while ((c = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
		switch (c) {
		case OPT_KIND: o->kind = optarg; break;
		case OPT_OPERATION: o->operation = optarg; break;
		case OPT_RELATION: o->relation = optarg; break;
		case OPT_MODE: o->mode = optarg; break;
		case OPT_CAPS: o->caps = optarg; break;
		case OPT_BARE: o->bare = true; break;
		default:
			if (baseline_take(&o->known, "matrix", c))
				break;
			status = common_take(&o->common, "matrix", c, usage);
			if (status >= 0)
				return status;
		}
	if (optind == argc)
		return -1;
	option_wrong("matrix", "argument", argv[optind], "options only");
	return EXIT_USAGE;
}

/* ---- what to walk through ---------------------------------------------------------------------------- */

/* Each name of a list must select something. */
static bool known(const char *option, const char *names, bool any, const char *expected)
{
	return any || option_wrong("matrix", option, names, expected);
}

static bool select_ops(struct selection *sel, const struct options *o)
{
	bool kind = false, any = false;

	for (int i = 0; i < matrix_nops; i++) {
		char buf[80] = "";
		struct text t = { buf, sizeof(buf), 0 };
		bool right = !o->kind
			|| pattern_list_matches(o->kind, cellkindinfo[matrix_op[i].kind].name);

		cellop_name(i, &t);
		kind = kind || right;
		sel->op[i] = right
			&& (!o->operation || pattern_list_matches(o->operation, buf)
			    || pattern_list_matches(o->operation, opinfo[matrix_op[i].code].name));
		any = any || sel->op[i];
	}
	return known("--kind", o->kind, kind, "msg, posix-mq, fifo, ... (see --help)")
		&& known("--operation", o->operation, any, "an operation of the space (see --list)");
}

static bool select_callers(struct selection *sel, const struct options *o)
{
	bool relation = false, capset = false;

	for (int i = 0; i < matrix_nrelations; i++) {
		sel->relation[i] = !o->relation || pattern_list_matches(o->relation, matrix_relation[i].name);
		relation = relation || sel->relation[i];
	}
	for (int i = 0; i < matrix_ncapsets; i++) {
		sel->capset[i] = !o->caps || pattern_list_matches(o->caps, matrix_capset[i].name);
		capset = capset || sel->capset[i];
	}
	return known("--relation", o->relation, relation, "a relation of the permission space (see --list)")
		&& known("--caps", o->caps, capset,
			 "none, ipc-owner, sys-admin, ipc-owner+sys-admin, dac-override, dac-read-search, "
			 "fowner, chown or ipc-lock");
}

static bool select_modes(struct selection *sel, const struct options *o)
{
	bool any = false;
	char name[8];

	for (int m = 0; m < MODES; m++) {
		snprintf(name, sizeof(name), "%04o", (unsigned)m);
		sel->mode[m] = !o->mode || pattern_list_matches(o->mode, name);
		any = any || sel->mode[m];
	}
	return known("--mode", o->mode, any, "four octal digits, 0000 to 0777");
}

static bool selected(const struct selection *sel, const struct cell *c)
{
	return sel->op[c->op] && sel->relation[c->relation] && sel->capset[c->capset] && sel->mode[c->mode]
		&& cell_exists(c->op, c->relation, c->capset);
}

static void list_cells(const struct selection *sel)
{
	struct cell c;

	for (c.op = 0; c.op < matrix_nops; c.op++)
		for (c.relation = 0; c.relation < matrix_nrelations; c.relation++)
			for (c.capset = 0; c.capset < matrix_ncapsets; c.capset++)
				for (c.mode = 0; c.mode < MODES; c.mode++) {
					char buf[200] = "";
					struct text t = { buf, sizeof(buf), 0 };

					if (!selected(sel, &c))
						continue;
					cell_name(&c, &t);
					puts(buf);
				}
}

/* ---- the walk ---------------------------------------------------------------------------------------- */

static int measure(const struct walk *w)
{
	size_t cells = selection_size(&w->sel);

	printf("%zu cells, calls alone: %.3f s, %.0f cells/s\n", cells, w->seconds,
	       (double)cells / w->seconds);
	return EXIT_OK;
}

static bool open_records(struct matrix_about *about, const struct options *o)
{
	const struct common_options *c = &o->common;

	about->strict = c->strict;
	about->quiet = c->quiet;
	about->root = c->root;
	return common_open_records(c, "matrix", &about->records);
}

static int walk_and_report(struct walk *w, const struct options *o, struct matrix_about *about)
{
	char err[200];
	int status;

	interrupts_keep();
	w->progress = o->common.quiet || o->common.console ? NULL : terminal_progress;
	if (!open_records(about, o))
		return EXIT_USAGE;
	matrix_begin(w, about);
	if (!walk_run(w, err, sizeof(err))) {
		fprintf(stderr, "sysvet matrix: nothing can be run: %s\n", err);
		matrix_nothing(w, about, EXIT_NOTHING_RAN);
		return EXIT_NOTHING_RAN;
	}
	terminal_erase();
	status = o->bare ? measure(w) : matrix_report(w, about);
	if (about->records && (ferror(about->records) || fflush(about->records))) {
		fprintf(stderr, "sysvet matrix: %s could not be written\n", o->common.output);
		status = EXIT_BROKEN;
	}
	if (about->records)
		fclose(about->records);
	return status;
}

static int prepare(struct walk *w, const struct options *o, struct matrix_about *about,
		   struct subject_spec *spec)
{
	char err[1024];

	if (!common_resolve(&o->common, "matrix", &w->profile, spec, &about->reqs))
		return EXIT_USAGE;
	if (!select_ops(&w->sel, o) || !select_callers(&w->sel, o) || !select_modes(&w->sel, o)
	    || !known("the selection", "no cell", selection_size(&w->sel), "some that all options have"))
		return EXIT_USAGE;
	if (o->common.list) {
		list_cells(&w->sel);
		return EXIT_OK;
	}
	if (!baseline_open(about->baseline, &o->known, "matrix"))
		return EXIT_USAGE;
	about->update = o->known.update ? o->known.file[o->known.n - 1] : NULL;
	if (!jobs_facts(spec, &about->facts, &about->env, err, sizeof(err))) {
		fprintf(stderr, "sysvet matrix: nothing can be run: %s\n", err);
		return about->env.refused ? EXIT_BROKEN : EXIT_NOTHING_RAN;
	}
	if (walk_prepare(w))
		return -1;
	fprintf(stderr, "sysvet matrix: out of memory\n");
	return EXIT_BROKEN;
}

int command_matrix(int argc, char **argv)
{
	struct options o;
	struct subject_spec spec = { .fault = NULL };
	struct baseline baseline = { .n = 0 };
	struct matrix_about about = { .interrupted = &interrupted, .baseline = &baseline };
	struct walk w = { .subject = &spec, .facts = &about.facts, .interrupted = &interrupted };
	int status = parse_options(&o, argc, argv);

	if (status < 0)
		status = prepare(&w, &o, &about, &spec);
	if (status < 0) {
		w.njobs = (int)o.common.jobs;
		w.bare = o.bare;
		status = walk_and_report(&w, &o, &about);
	}
	walk_free(&w);
	requirements_free(&about.reqs);
	baseline_free(&baseline);
	subject_forget(&spec);
	return status;
}
