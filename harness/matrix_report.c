#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "header.h"
#include "interrupt.h"
#include "jobs.h"
#include "matrix_known.h"
#include "matrix_report.h"
#include "matrix_world.h"
#include "terminal.h"

enum { MOST_RULES = 8, MOST_FINDINGS = 6, MOST_REASONS = 16 };

/* What differs, and in how many cells of a rule. */
/* finding.state tells whether POSIX allows it */
struct tally { struct finding16 finding; size_t cells; };

/* A rule, its tally, and its first cell run alone. */
struct group {
	struct rule rule;
	enum cell_state state;
	struct tally tally[MOST_FINDINGS];
	int ntallies;
	struct cell example;
	char name[200];			/* of it */
	enum verdict_word verdict;	/* what came of it alone */
	char *text, *record;		/* what was said of it */
};

struct reason { const char *why; size_t cells; };

struct report {
	struct walk *walk;
	const struct matrix_about *about;
	struct facts_of_cells *facts;
	struct group group[MOST_RULES];
	int ngroups;
	size_t left;				/* wrong cells in no rule, */
	struct group rest;			/* and what is said of them */
	size_t cells[4];			/* by state */
	size_t known, stale;			/* cells that a baseline explains; rows that explain none */
	size_t broken, skipped;
	struct reason reason[MOST_REASONS];
	int nreasons;
};

/* No cell that there is not is looked at, which would take memory. */
static int first_mode(const struct cell *c)
{
	return cell_exists(c->op, c->relation, c->capset) ? 0 : MODES;
}

#define EACH_CELL(c) \
	for ((c).op = 0; (c).op < matrix_nops; (c).op++) \
		for ((c).relation = 0; (c).relation < matrix_nrelations; (c).relation++) \
			for ((c).capset = 0; (c).capset < matrix_ncapsets; (c).capset++) \
				for ((c).mode = first_mode(&(c)); (c).mode < MODES; (c).mode++)

static struct finding16 found(const struct report *r, const struct cell *c)
{
	return r->walk->cell[cell_place(c->op, c->relation, c->capset) + (size_t)c->mode];
}

/* ---- records ------------------------------------------------------------------------------------------ */

static void write_line(const struct matrix_about *about, struct json *j)
{
	json_raw(j, "\n", 1);
	if (about->records && !j->failed) {
		fputs(j->buf, about->records);
		fflush(about->records);
	}
	json_free(j);
}

void matrix_begin(const struct walk *w, const struct matrix_about *about)
{
	const char *names[MAXOPS];
	struct json j = { 0 };

	header_json(&j, "matrix", w->subject->text, w->profile->name, &about->env, &about->facts);
	json_number(&j, "cells", (int64_t)selection_size(&w->sel));
	for (int i = 0; i < matrix_nrelations; i++)
		names[i] = matrix_relation[i].name;
	json_strings(&j, "relations", names, (size_t)matrix_nrelations);
	for (int i = 0; i < matrix_nrelations; i++)
		names[i] = matrix_relation[i].text;
	json_strings(&j, "meanings", names, (size_t)matrix_nrelations);
	for (int i = 0; i < matrix_ncapsets; i++)
		names[i] = matrix_capset[i].name;
	json_strings(&j, "capsets", names, (size_t)matrix_ncapsets);
	json_end(&j, '}');
	write_line(about, &j);
}

/* How many cells of something there are, and what is to be said of them. */
struct sums { int64_t cells, granted, deviates, permitted, known, apart; };

static void add_finding(struct sums *s, struct finding16 f)
{
	s->cells += f.state != CELL_LEFT_OUT;
	s->granted += f.granted;
	s->deviates += f.state == CELL_DEVIATES && !f.known;
	s->permitted += f.state == CELL_PERMITTED && !f.known;
	s->known += f.known;
	s->apart += f.apart;
}

static void sums_json(struct json *j, const struct sums *s)
{
	json_number(j, "cells", s->cells);
	json_number(j, "granted", s->granted);
	json_number(j, "deviates", s->deviates);
	json_number(j, "permitted", s->permitted);
	json_number(j, "known", s->known);
	json_number(j, "apart", s->apart);
}

/* One of the sums, for each mode. */
static void modes_json(struct json *j, const char *key, const struct sums *s, size_t member)
{
	json_array(j, key);
	for (int m = 0; m < MODES; m++)
		json_number(j, NULL, *(const int64_t *)(const void *)((const char *)&s[m] + member));
	json_end(j, ']');
}

static void write_map(const struct report *r, enum cellkind kind, int relation)
{
	struct sums sums[MODES] = { { 0 } };
	struct json j = { 0 };
	int64_t cells = 0;

	for (int o = 0; o < matrix_nops; o++)
		for (int c = 0; matrix_op[o].kind == kind && c < matrix_ncapsets; c++)
			for (int m = first_mode(&(struct cell){ o, relation, c, 0 }); m < MODES; m++) {
				add_finding(&sums[m], found(r, &(struct cell){ o, relation, c, m }));
				cells += r->walk->cell[cell_place(o, relation, c) + (size_t)m].state != 0;
			}
	if (!cells)
		return;
	json_object(&j, NULL);
	json_string(&j, "record", "map");
	json_string(&j, "kind", cellkindinfo[kind].name);
	json_string(&j, "relation", matrix_relation[relation].name);
	modes_json(&j, "cells", sums, offsetof(struct sums, cells));
	modes_json(&j, "granted", sums, offsetof(struct sums, granted));
	modes_json(&j, "deviates", sums, offsetof(struct sums, deviates));
	modes_json(&j, "permitted", sums, offsetof(struct sums, permitted));
	modes_json(&j, "known", sums, offsetof(struct sums, known));
	modes_json(&j, "apart", sums, offsetof(struct sums, apart));
	json_end(&j, '}');
	write_line(r->about, &j);
}

static void write_operation(const struct report *r, int op, int relation)
{
	struct sums sums = { 0 };
	struct json j = { 0 };
	char buf[80] = "";
	struct text name = { buf, sizeof(buf), 0 };

	for (int c = 0; c < matrix_ncapsets; c++)
		for (int m = first_mode(&(struct cell){ op, relation, c, 0 }); m < MODES; m++)
			add_finding(&sums, found(r, &(struct cell){ op, relation, c, m }));
	if (!sums.cells)
		return;
	cellop_name(op, &name);
	json_object(&j, NULL);
	json_string(&j, "record", "operation");
	json_string(&j, "kind", cellkindinfo[matrix_op[op].kind].name);
	json_string(&j, "operation", buf);
	json_string(&j, "relation", matrix_relation[relation].name);
	sums_json(&j, &sums);
	json_end(&j, '}');
	write_line(r->about, &j);
}

static const char *state_word(enum cell_state s)
{
	return s == CELL_DEVIATES ? "deviates" : s == CELL_PERMITTED ? "permitted" : "conforms";
}

/*
 * A group is unstable when its example, run alone, shows nothing or another thing from one time to the
 * next.
 */
static const char *group_word(const struct group *g)
{
	return g->text && g->verdict != V_deviates && g->verdict != V_permitted ? "unstable"
										: state_word(g->state);
}

static void write_group(const struct report *r, const struct group *g)
{
	struct json j = { 0 };
	char buf[2000] = "";
	struct text rule = { buf, sizeof(buf), 0 };

	rule_text(r->facts, &g->rule, &rule);
	json_object(&j, NULL);
	json_string(&j, "record", "rule");
	json_string(&j, "verdict", group_word(g));
	json_string(&j, "rule", buf);
	json_number(&j, "cells", (int64_t)g->rule.cells);
	json_array(&j, "differences");
	for (int i = 0; i < g->ntallies; i++) {
		char words[120] = "";
		struct text t = { words, sizeof(words), 0 };

		finding_text(g->tally[i].finding, &t);
		json_object(&j, NULL);
		json_string(&j, "what", words);
		json_string(&j, "verdict", state_word(g->tally[i].finding.state));
		json_number(&j, "cells", (int64_t)g->tally[i].cells);
		json_end(&j, '}');
	}
	json_end(&j, ']');
	json_string(&j, "example", g->name);
	json_string(&j, "text", g->text ? g->text : "");
	json_end(&j, '}');
	write_line(r->about, &j);
}

/* Cells that were run. */
static size_t ran(const struct report *r)
{
	return r->cells[CELL_CONFORMS] + r->cells[CELL_PERMITTED] + r->cells[CELL_DEVIATES] + r->known;
}

static void write_end(const struct report *r, int status)
{
	struct json j = { 0 };

	json_object(&j, NULL);
	json_string(&j, "record", "end");
	json_number(&j, "cells", (int64_t)ran(r));
	json_object(&j, "verdicts");
	for (enum cell_state s = CELL_CONFORMS; s <= CELL_DEVIATES; s++)
		json_number(&j, state_word(s), (int64_t)r->cells[s]);
	json_number(&j, "known", (int64_t)r->known);
	json_number(&j, "stale", (int64_t)r->stale);
	json_number(&j, "skipped", (int64_t)r->skipped);
	json_number(&j, "broken", (int64_t)r->broken);
	json_end(&j, '}');
	baseline_json(r->about->baseline, false, &j);
	baseline_json(r->about->baseline, true, &j);
	json_number(&j, "rules", r->ngroups);
	json_number(&j, "unexplained", (int64_t)r->left);
	json_array(&j, "reasons");
	for (int i = 0; i < r->nreasons; i++) {
		json_object(&j, NULL);
		json_string(&j, "why", r->reason[i].why);
		json_number(&j, "cells", (int64_t)r->reason[i].cells);
		json_end(&j, '}');
	}
	json_end(&j, ']');
	json_string(&j, "interrupted", interrupt_name(*r->about->interrupted));
	json_number(&j, "exit", status);
	json_end(&j, '}');
	write_line(r->about, &j);
}

void matrix_nothing(const struct walk *w, const struct matrix_about *about, int status)
{
	const struct report r = { .about = about, .skipped = selection_size(&w->sel) };

	write_end(&r, status);
}

static void write_all(const struct report *r, int status)
{
	for (int i = 0; i < r->ngroups; i++)
		write_group(r, &r->group[i]);
	for (enum cellkind kind = 0; kind < NCELLKINDS; kind++)
		for (int rel = 0; rel < matrix_nrelations; rel++)
			write_map(r, kind, rel);
	for (int o = 0; o < matrix_nops; o++)
		for (int rel = 0; rel < matrix_nrelations; rel++)
			write_operation(r, o, rel);
	write_end(r, status);
}

/*
 * ---- counting -------------------------------------------------------------------------------------------
 */

static void count_reason(struct report *r, const struct block *b, const char *why)
{
	int i = 0;

	r->skipped += b->cells;
	while (i < r->nreasons && strcmp(r->reason[i].why, why))
		i++;
	if (i == MOST_REASONS)
		return;
	r->nreasons += i == r->nreasons;
	r->reason[i].why = why;
	r->reason[i].cells += b->cells;
}

static void count_cells(struct report *r)
{
	struct cell c;

	EACH_CELL(c) {
		const struct finding16 cell = found(r, &c);

		r->cells[cell.state] += !cell.known;
		r->known += cell.known;
	}
	for (size_t i = 0; i < r->walk->nblocks; i++) {
		int state = atomic_load(&r->walk->of[i].state);

		if (state == BLOCK_SKIPPED)
			count_reason(r, &r->walk->block[i], r->walk->of[i].why);
		else if (state != BLOCK_DONE && !*r->about->interrupted)
			r->broken += r->walk->block[i].cells;
	}
}

static bool gather_facts(struct report *r)
{
	struct facts_of_cells *f = r->facts = calloc(1, sizeof(*r->facts));
	struct cell c;

	if (!f)
		return false;
	f->run = calloc(row_count(), sizeof(*f->run));
	f->wrong = calloc(row_count(), sizeof(*f->wrong));
	f->granted = calloc(row_count(), sizeof(*f->granted));
	if (!f->run || !f->wrong || !f->granted)
		return false;
	EACH_CELL(c) {
		const struct finding16 cell = found(r, &c);
		size_t row = row_of(c.op, c.relation, c.capset);

		if (cell.known)
			continue;
		if (cell.state != CELL_LEFT_OUT)
			bits_add(&f->run[row], c.mode);
		if (cell.granted)
			bits_add(&f->granted[row], c.mode);
		if (cell.state >= CELL_PERMITTED)
			bits_add(&f->wrong[row], c.mode);
	}
	return ask_of_all(f, r->walk->facts, r->walk->profile);
}

static bool same_finding(struct finding16 a, struct finding16 b)
{
	return a.state == b.state && a.outcome == b.outcome && a.observed == b.observed
		&& a.expected == b.expected;
}

static void count_finding(struct group *g, struct finding16 f)
{
	int i = 0;

	while (i < g->ntallies && !same_finding(g->tally[i].finding, f))
		i++;
	if (i == MOST_FINDINGS)
		return;
	g->ntallies += i == g->ntallies;
	g->tally[i].finding = f;
	g->tally[i].cells++;
}

/* Does the rule of the group cover the cell? A group without a rule has what no rule covers. */
static bool has_cell(const struct report *r, const struct group *g, const struct cell *c)
{
	if (g != &r->rest)
		return rule_covers(r->facts, &g->rule, c);
	for (int i = 0; i < r->ngroups; i++)
		if (rule_covers(r->facts, &r->group[i].rule, c))
			return false;
	return true;
}

/* Tally and example; the example is the first cell. */
static void describe_group(const struct report *r, struct group *g)
{
	struct text name = { g->name, sizeof(g->name), 0 };
	bool first = true;
	struct cell c;

	EACH_CELL(c) {
		struct finding16 f;

		if (!bits_has(&r->facts->wrong[row_of(c.op, c.relation, c.capset)], c.mode)
		    || !has_cell(r, g, &c))
			continue;
		f = found(r, &c);
		count_finding(g, f);
		if (first || f.state > g->state) {
			g->example = c;
			g->state = f.state;
		}
		first = false;
	}
	cell_name(&g->example, &name);
}

/* One fault can be allowed by POSIX in some cells and not in others: it is still one. */
static void find_groups(struct report *r)
{
	struct rule rule[MOST_RULES];
	int n = rules_find(r->facts, rule, MOST_RULES, &r->left);

	for (int i = 0; i < n; i++) {
		struct group *g = &r->group[r->ngroups++];

		*g = (struct group){ .rule = rule[i] };
		describe_group(r, g);
	}
	if (r->left)
		describe_group(r, &r->rest);
}

/*
 * ---- examples, run alone
 * ----------------------------------------------------------------------------------
 */

struct script *cell_script(const char *name, const char *root, const struct requirements *reqs, char *err,
			   size_t errsize)
{
	char buf[2000] = "", path[4500];
	struct text t = { buf, sizeof(buf), 0 };
	struct cell c;

	if (!cell_find(name, &c, err, errsize))
		return NULL;
	cell_case(&c, &t);
	snprintf(path, sizeof(path), "%s/%s.case", root, name);
	return script_read(buf, t.len, path, root, reqs, err, errsize);
}

static bool take_answer(void *ctx, size_t i, const struct answer *a)
{
	struct report *r = ctx;
	struct group *g = &r->group[i];

	g->verdict = a->verdict;
	g->text = strdup(a->text);
	g->record = strdup(a->record);
	return true;
}

static void run_examples(struct report *r)
{
	struct task_item item[MOST_RULES];
	struct setting set = { .profile = r->walk->profile, .facts = r->about->facts, .reqs = &r->about->reqs,
			       .root = r->about->env.root };
	const struct jobs j = { .set = &set, .item = item, .n = (size_t)r->ngroups, .njobs = 1,
				.each = take_answer, .ctx = r, .interrupted = r->about->interrupted };
	char err[1024] = "";
	bool ok = subject_parse(&set.subject, r->walk->subject->text, err, sizeof(err));
	int n = 0;

	for (; ok && n < r->ngroups; n++) {
		item[n] = (struct task_item){
			cell_script(r->group[n].name, r->about->root, &r->about->reqs, err, sizeof(err)),
			0, false
		};
		ok = item[n].script;
	}
	if (!ok || !jobs_run(&j, err, sizeof(err)))
		fprintf(stderr, "sysvet matrix: examples cannot be run alone: %s\n", err);
	for (int i = 0; i < n; i++)
		if (item[i].script)
			script_free((struct script *)item[i].script);
	subject_forget(&set.subject);
}

/*
 * ---- for a person
 * ------------------------------------------------------------------------------------------
 */

static void add_tallies(struct text *t, const struct group *g)
{
	for (int i = 0; i < g->ntallies; i++) {
		text_add(t, "\n     %-9s ", i ? "" : "observed");
		finding_text(g->tally[i].finding, t);
		text_add(t, ": %zu cells%s", g->tally[i].cells,
			 g->tally[i].finding.state == CELL_PERMITTED ? ", which POSIX permits" : "");
	}
	text_add(t, "\n     %-9s %s\n", "example", g->name);
}

static void print_group(const struct report *r, const struct group *g)
{
	char buf[4000] = "";
	struct text t = { buf, sizeof(buf), 0 };

	text_add(&t, "%s  %zu cells of the permission space\n     %-9s ", group_word(g), g->rule.cells,
		 "rule");
	rule_text(r->facts, &g->rule, &t);
	add_tallies(&t, g);
	terminal_print(buf);
	if (g->text && *g->text)
		terminal_print(g->text);
	else
		printf("     %-9s conforms when it is run alone\n", "");
}

static void print_totals(const struct report *r)
{
	printf("%zu cells in %.1f s: %zu conforms", ran(r), r->walk->seconds, r->cells[CELL_CONFORMS]);
	if (r->cells[CELL_PERMITTED])
		printf(", %zu permitted", r->cells[CELL_PERMITTED]);
	if (r->cells[CELL_DEVIATES])
		printf(", %zu deviates", r->cells[CELL_DEVIATES]);
	if (r->known)
		printf(", %zu known", r->known);
	if (r->stale)
		printf(", %zu stale", r->stale);
	if (r->skipped)
		printf(", %zu skipped", r->skipped);
	if (r->broken)
		printf(", %zu broken", r->broken);
	printf("\n");
	baseline_print_known(r->about->baseline);
	for (int i = 0; i < r->nreasons; i++)
		printf("  not run, %zu: %s\n", r->reason[i].cells, r->reason[i].why);
	if (interrupt_name(*r->about->interrupted))
		printf("  interrupted by %s\n", interrupt_name(*r->about->interrupted));
}

static void print_left(const struct report *r)
{
	char buf[2000] = "";
	struct text t = { buf, sizeof(buf), 0 };

	if (!r->left)
		return;
	text_add(&t, "%s  %zu more cells of the permission space, which no short rule tells from the others",
		 state_word(r->rest.state), r->left);
	add_tallies(&t, &r->rest);
	terminal_print(buf);
}

static int exit_status(const struct report *r)
{
	if (*r->about->interrupted)
		return 128 + *r->about->interrupted;
	if (r->broken)
		return EXIT_BROKEN;
	if (r->cells[CELL_DEVIATES] || (r->about->strict && (r->cells[CELL_PERMITTED] || r->stale)))
		return EXIT_DIFFERS;
	return ran(r) ? EXIT_OK : EXIT_NOTHING_RAN;
}

static void explain_differences(struct report *r)
{
	if (!r->cells[CELL_DEVIATES] && !r->cells[CELL_PERMITTED])
		return;
	if (!gather_facts(r))
		return;
	find_groups(r);
	run_examples(r);
	for (int i = 0; i < r->ngroups; i++)
		print_group(r, &r->group[i]);
	print_left(r);
}

static void forget(struct report *r)
{
	for (int i = 0; i < r->ngroups; i++) {
		free(r->group[i].text);
		free(r->group[i].record);
	}
	if (r->facts) {
		free(r->facts->run);
		free(r->facts->wrong);
		free(r->facts->granted);
	}
	free(r->facts);
}

/* What the baselines explain, which of their rows are stale, and rows for what is new. */
static bool settle_baselines(struct report *r)
{
	const struct matrix_about *about = r->about;
	const struct whereabouts here = { r->walk->subject->kernel, r->walk->subject->text,
					  r->walk->profile->name, &about->env, &about->facts };
	char err[5000] = "out of memory", date[HEADER_DATE];

	baseline_place(about->baseline, &here);
	matrix_know(r->walk, about->baseline);
	r->stale = matrix_settle(r->walk, about->baseline);
	baseline_print_stale(about->baseline);
	if (!about->update)
		return true;
	if (matrix_keep(r->walk, about->baseline, about->strict)
	    && baseline_update(about->baseline, about->update, &here, header_date(date), err, sizeof(err)))
		return true;
	fprintf(stderr, "sysvet matrix: --update-baseline: %s\n", err);
	return false;
}

int matrix_report(struct walk *w, const struct matrix_about *about)
{
	struct report r = { .walk = w, .about = about };
	bool settled = settle_baselines(&r);
	int status;

	count_cells(&r);
	status = settled ? exit_status(&r) : EXIT_BROKEN;
	explain_differences(&r);
	if (about->records)
		write_all(&r, status);
	if (!about->quiet)
		print_totals(&r);
	forget(&r);
	return status;
}
