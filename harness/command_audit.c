/* sysvet audit: what an auditor should know of an IPC namespace. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "audit_access.h"
#include "commands.h"
#include "options.h"
#include "prose.h"

enum { EXIT_FOUND = 1 };
enum form { TEXT, JSON, SARIF };

struct options {
	int64_t pid, near;
	const char *snapshot, *accounts, *policy;
	const char *before, *after;	/* of --diff */
	bool matrix;
	enum form form;
	int fail_on;			/* level, or NLEVELS: never */
};

struct session {
	struct options opt;
	struct inventory inv, before;
	struct policy policy;
	struct audit audit;
	char err[1024];
};

static void usage(FILE *to)
{
	fputs("usage: sysvet audit [OPTION...] [SNAPSHOT]\n"
	      "       sysvet audit --diff BEFORE AFTER [OPTION...]\n\n"
	      "Looks at an IPC namespace, changes nothing, and needs no right to any object. Who may do\n"
	      "what is asked of the model.\n\n"
	      "  --pid PID        the IPC namespace of that process, instead of this one or of SNAPSHOT\n"
	      "  --matrix         who may do what, for every account, object and operation\n"
	      "  --diff           what changed from one snapshot to another, and who gained access\n"
	      "  --policy FILE    the objects that may be there, a line each:\n"
	      "                   allow|require msg|sem|shm|* [key=KEY] [owner=UID:GID] [creator=UID:GID]\n"
	      "                   [mode=OCTAL|mode<=OCTAL], ids as numbers or names, * for any\n"
	      "  --near PERCENT   how much of a limit is near it (default: 90)\n"
	      "  --fail-on LEVEL  exit with 1 after a finding of level note, warning or error, or above\n"
	      "  --json, --sarif  for a program; SARIF is version 2.1.0\n"
	      "  --rules          print the rules and look at nothing\n"
	      "  --accounts DIR   passwd and group in DIR instead of the system's accounts\n"
	      "  --help, --version\n\n"
	      "exit status: 0; 1 findings of the level of --fail-on, or with --diff a difference;\n"
	      "             2 usage, a bad file or a namespace that cannot be read; 99 failure\n", to);
}

static int refuse(const char *what, const char *why)
{
	return option_refuse("audit", what, why);
}

/* ---- options --------------------------------------------------------------------------------- */

enum { OPT_PID = OPT_OWN, OPT_MATRIX, OPT_DIFF, OPT_POLICY, OPT_NEAR, OPT_FAIL_ON, OPT_JSON, OPT_SARIF,
       OPT_RULES, OPT_ACCOUNTS };

static const struct option long_options[] = {
	{ "pid", required_argument, NULL, OPT_PID },
	{ "matrix", no_argument, NULL, OPT_MATRIX },
	{ "diff", no_argument, NULL, OPT_DIFF },
	{ "policy", required_argument, NULL, OPT_POLICY },
	{ "near", required_argument, NULL, OPT_NEAR },
	{ "fail-on", required_argument, NULL, OPT_FAIL_ON },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "sarif", no_argument, NULL, OPT_SARIF },
	{ "rules", no_argument, NULL, OPT_RULES },
	{ "accounts", required_argument, NULL, OPT_ACCOUNTS },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ 0 }
};

static int print_rules(void)
{
	struct json t = { 0 };

	for (int i = 0; i < NAUDITS; i++) {
		const struct auditinfo *r = &auditinfo[i];

		prose(&t, "%-8s %-22s %s\n", level_name[r->level], r->id, r->title);
		prose_line(&t, "why", "%s", r->why);
		prose_line(&t, "remedy", "%s", r->remedy);
	}
	fputs(t.failed ? "" : t.buf, stdout);
	json_free(&t);
	return EXIT_OK;
}

static bool take_level(struct options *o, const char *text)
{
	for (int l = 0; l < NLEVELS; l++)
		if (!strcmp(text, level_name[l]))
			o->fail_on = l;
	if (o->fail_on == NLEVELS)
		refuse("--fail-on", "expected note, warning or error");
	return o->fail_on != NLEVELS;
}

/* -1: go on; else the exit status. */
static int parse_options(struct options *o, bool *diff, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
		switch (c) {
		case OPT_PID:
			if (!option_pid("audit", optarg, &o->pid))
				return EXIT_USAGE;
			break;
		case OPT_NEAR:
			if (!number_of(optarg, 1, 100, &o->near))
				return refuse("--near", "expected a number from 1 to 100");
			break;
		case OPT_FAIL_ON:
			if (!take_level(o, optarg))
				return EXIT_USAGE;
			break;
		case OPT_MATRIX: o->matrix = true; break;
		case OPT_DIFF: *diff = true; break;
		case OPT_POLICY: o->policy = optarg; break;
		case OPT_JSON: o->form = JSON; break;
		case OPT_SARIF: o->form = SARIF; break;
		case OPT_RULES: return print_rules();
		case OPT_ACCOUNTS: o->accounts = optarg; break;
		default: return option_rest(c, usage);
		}
	return -1;
}

static int parse(struct options *o, int argc, char **argv)
{
	bool diff = false;
	int status, words;

	*o = (struct options){ .near = 90, .fail_on = NLEVELS };
	status = parse_options(o, &diff, argc, argv);
	if (status >= 0)
		return status;
	words = argc - optind;
	if (diff && words != 2)
		return refuse("--diff", "expected two snapshots");
	if (diff ? o->matrix || o->policy || o->pid : words > 1 || (words && o->pid))
		return refuse("options", "expected one thing to look at, and options that go with it");
	if (words && o->accounts)
		return refuse("--accounts", "expected a live namespace: a snapshot has its own");
	if (o->form == SARIF && (diff || o->matrix))
		return refuse("--sarif", "expected it for findings only");
	if (diff) {
		o->before = argv[optind];
		o->after = argv[optind + 1];
	} else if (words) {
		o->snapshot = argv[optind];
	}
	return -1;
}

/* ---- output ---------------------------------------------------------------------------------- */

static int put_out(const struct json *j, int status)
{
	if (!j->failed && fwrite(j->buf, 1, j->len, stdout) == j->len && fflush(stdout) != EOF)
		return status;
	refuse("output", j->failed ? "out of memory" : "cannot be written");
	return EXIT_BROKEN;
}

static void close_object(struct json *j)
{
	json_end(j, '}');
	json_raw(j, "\n", 1);
}

/* Findings of the level that was asked for, or of a higher one. */
static bool fails(const struct session *s)
{
	size_t count[NLEVELS], n = 0;

	audit_count(&s->audit, count);
	for (int l = s->opt.fail_on; l < NLEVELS; l++)
		n += count[l];
	return n > 0;
}

static int show_findings(struct session *s)
{
	struct json j = { 0 };
	int status;

	if (!audit_run(&s->audit, &s->inv, s->opt.policy ? &s->policy : NULL, s->opt.near)) {
		refuse("audit", "out of memory");
		return EXIT_BROKEN;
	}
	if (s->opt.form == TEXT) {
		audit_print(&j, &s->audit);
	} else {
		json_object(&j, NULL);
		if (s->opt.form == JSON)
			audit_json(&j, &s->audit);
		else
			audit_sarif(&j, &s->audit, s->opt.policy);
		close_object(&j);
	}
	status = put_out(&j, fails(s) ? EXIT_FOUND : EXIT_OK);
	json_free(&j);
	audit_free(&s->audit);
	return status;
}

static int show_matrix(const struct session *s)
{
	struct json j = { 0 };
	int status;

	if (s->opt.form == JSON)
		json_object(&j, NULL);
	if (!(s->opt.form == JSON ? matrix_json(&j, &s->inv) : matrix_print(&j, &s->inv)))
		j.failed = true;
	if (s->opt.form == JSON)
		close_object(&j);
	if (!j.len)
		json_raw(&j, "", 0);
	status = put_out(&j, EXIT_OK);
	json_free(&j);
	return status;
}

static int show_diff(const struct session *s)
{
	struct json j = { 0 };
	int n, status;

	if (s->opt.form == JSON)
		json_object(&j, NULL);
	n = (s->opt.form == JSON ? inventory_diff_json : inventory_diff)(&j, &s->before, &s->inv);
	if (s->opt.form == JSON)
		close_object(&j);
	j.failed = j.failed || n < 0;
	status = put_out(&j, n ? EXIT_FOUND : EXIT_OK);
	json_free(&j);
	return status;
}

/* ---- what is looked at ----------------------------------------------------------------------- */

static bool take(struct session *s)
{
	const struct options *o = &s->opt;

	if (o->after)
		return inventory_read(&s->before, o->before, s->err, sizeof(s->err))
			&& inventory_read(&s->inv, o->after, s->err, sizeof(s->err));
	if (o->snapshot)
		return inventory_read(&s->inv, o->snapshot, s->err, sizeof(s->err));
	return inventory_take(&s->inv, (pid_t)o->pid, o->accounts, s->err, sizeof(s->err));
}

int command_audit(int argc, char **argv)
{
	struct session s = { .inv = { .page = 0 } };
	int status = parse(&s.opt, argc, argv);

	if (status >= 0)
		return status;
	if (!take(&s))
		status = refuse(s.opt.snapshot || s.opt.after ? "snapshot" : "namespace", s.err);
	else if (s.opt.policy && !policy_read(&s.policy, s.opt.policy, &s.inv.accounts, s.err, sizeof(s.err)))
		status = refuse("--policy", s.err);
	else
		status = s.opt.after ? show_diff(&s) : s.opt.matrix ? show_matrix(&s) : show_findings(&s);
	policy_free(&s.policy);
	inventory_free(&s.inv);
	inventory_free(&s.before);
	return status;
}
