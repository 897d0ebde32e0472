#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pattern.h"
#include "precedence.h"
#include "rehearse.h"
#include "source.h"
#include "stage.h"

enum { MAXRULES = 64, MAXSCENES = 96, NCALLERS = 3 };

/* ---- rules by name ----------------------------------------------------------------------------- */

struct rules { int n; uint64_t known; const char *id[MAXRULES]; int err[MAXRULES]; };

static void rules_of(enum opcode code, struct rules *r)
{
	const char *strength;

	*r = (struct rules){ .known = model_rules(code, &profile_linux) };
	while (r->n < MAXRULES && model_rule(code, r->n, &r->id[r->n], &r->err[r->n], &strength))
		r->n++;
}

/* "SEMGET-ERR-ENOSPC", and "SEMGET-ERR-ENOSPC#2" for the second rule of that id. */
static void print_rule(struct text *t, const struct rules *r, int i)
{
	int number = 1;

	for (int k = 0; k < i; k++)
		number += r->known >> k & 1 && !strcmp(r->id[k], r->id[i]);
	text_puts(t, r->id[i]);
	if (number > 1)
		text_add(t, "#%d", number);
}

/* ---- the stage ----------------------------------------------------------------------------------- */

/* A scene that has been played on a model. */
struct stage { struct script *sc; struct instance *in; struct world *w; int64_t *value; };

static bool play(struct stage *s, const struct scene *scene, const struct requirements *reqs)
{
	char text[1024], err[400];
	int n = snprintf(text, sizeof(text),
			 "claim It is so.\ncites %s\nactors " STAGE_ACTORS "\n%s*  tick()\n",
			 reqs->v[0].id, scene->setup);

	s->sc = script_read(text, (size_t)n, "scene", "", reqs, err, sizeof(err));
	s->in = s->sc ? script_instance(s->sc, 0) : NULL;
	s->w = world_new(&linux_facts);
	if (!s->in || !s->w)
		return false;
	s->value = calloc((size_t)s->in->nnames + 1, sizeof(*s->value));
	for (int i = 0; i < s->in->nactors; i++)
		if (!s->in->actor[i].forked)
			world_task(s->w, i, &s->in->actor[i].cred);
	return s->value && rehearse(s->w, s->in, &profile_linux, s->value) == THROUGH;
}

static void clear_away(struct stage *s)
{
	if (s->in)
		instance_free(s->in);
	if (s->sc)
		script_free(s->sc);
	world_free(s->w);
	free(s->value);
}

/* ---- the search ---------------------------------------------------------------------------------- */

/* A call that was found: what it is made of, by position in the lists of stage.h. The least cost is best. */
struct call { int cost; uint8_t scene, actor, choice[MAXARGS]; };

enum { NOT_FOUND = 0, COST_RULE = 10000, COST_LINE = 100, COST_STRANGER = 20, COST_VALUE = 1 };

struct search {
	const struct stage *stage;
	struct op op;
	struct payload data[MAXARGS + 1];	/* that of the first arguments, after so many of them */
	struct call call;
	struct arena arena;
	struct call pair[MAXRULES][MAXRULES];	/* on the diagonal: one rule alone */
	struct call success, sleep;
};

static void offer(struct call *best, const struct search *s, int cost)
{
	if (best->cost != NOT_FOUND && best->cost <= cost)
		return;
	*best = s->call;
	best->cost = cost;
}

/* The rules that are broken besides those that the call is to break make it less simple. */
static void offer_broken(struct search *s, uint64_t broken, int cost)
{
	int first = 0, n = 0;

	while (!(broken >> first & 1))
		first++;
	for (int i = first; i < MAXRULES; i++)
		n += broken >> i & 1;
	if (n == 1)
		offer(&s->pair[first][first], s, cost);
	for (int i = first + 1; i < MAXRULES; i++)
		if (broken >> i & 1)
			offer(&s->pair[first][i], s, cost + (n - 2) * COST_RULE);
}

static void judge(struct search *s)
{
	uint64_t broken = model_broken(s->stage->w, &s->op, &profile_linux);
	struct verdict v;

	if (broken) {
		offer_broken(s, broken, s->call.cost);
		return;
	}
	model_judge(s->stage->w, &s->op, &profile_linux, &v);
	offer(v.waits ? &s->sleep : &s->success, s, s->call.cost);
}

/* Reads a text as argument number arg. False when it means nothing in the scene. */
static bool take_value(struct search *s, int arg, const char *text)
{
	struct scan scan = { .text = text, .arena = &s->arena, .names = &s->stage->in->table };
	struct payload *data = &s->data[arg + 1];
	enum kind kind = opinfo[s->op.code].arg[arg].kind;
	uint16_t ref = 0;

	*data = s->data[arg];
	if (!scan_value(&scan, kind, &s->op.v[arg], &ref, data))
		return false;
	if (ref)
		s->op.v[arg] += s->stage->value[ref - 1];
	if (kindinfo[kind].payload)
		s->op.v[arg] = 0;
	return true;
}

/* Every combination of values for the arguments from number arg on. */
static void try_values(struct search *s, int arg)
{
	const char *const *values;

	if (arg == opinfo[s->op.code].nargs) {
		s->op.data = &s->data[arg];
		judge(s);
		return;
	}
	values = stage_values(s->op.code, arg);
	for (int i = 0; values && values[i]; i++) {
		if (!take_value(s, arg, values[i]))
			continue;
		s->call.choice[arg] = (uint8_t)i;
		s->call.cost += i * COST_VALUE;
		try_values(s, arg + 1);
		s->call.cost -= i * COST_VALUE;
	}
}

static int lines(const char *text)
{
	int n = 0;

	while ((text = strchr(text, '\n'))) {
		text++;
		n++;
	}
	return n;
}

static void try_callers(struct search *s, enum family family, int scene)
{
	int callers = family == ENV ? 1 : NCALLERS;

	for (int actor = 0; actor < callers; actor++) {
		s->op.actor = family == ENV ? -1 : actor;
		s->call = (struct call){ .scene = (uint8_t)scene, .actor = (uint8_t)actor };
		s->call.cost = 1 + lines(scenes[scene].setup) * COST_LINE + actor * COST_STRANGER;
		try_values(s, 0);
	}
}

/* ---- texts --------------------------------------------------------------------------------------- */

static char *print_to(struct arena *a, const struct text *t)
{
	char *copy = t->len < t->size ? arena_alloc(a, t->len + 1) : NULL;

	return copy ? memcpy(copy, t->buf, t->len) : NULL;
}

/* What an argument is when it is left out, as text. */
static const char *left_out(enum kind kind)
{
	return kind == KIND_OUT || kind == KIND_PTR ? "@ok" : kind == KIND_TIMEOUT ? "none" : "0";
}

static int args_needed(enum opcode code, const char *const text[])
{
	int n = opinfo[code].nargs;

	while (n && opinfo[code].arg[n - 1].optional
	       && !strcmp(text[n - 1], left_out(opinfo[code].arg[n - 1].kind)))
		n--;
	return n;
}

static void print_call(struct text *t, enum opcode code, const struct call *c)
{
	const char *text[MAXARGS];
	int n;

	for (int i = 0; i < opinfo[code].nargs; i++)
		text[i] = stage_values(code, i)[c->choice[i]];
	n = args_needed(code, text);
	text_add(t, "%c  %s(", opinfo[code].family == ENV ? '*' : 'A' + c->actor, opinfo[code].name);
	for (int i = 0; i < n; i++)
		text_add(t, "%s%s", i ? ", " : "", text[i]);
	text_puts(t, ")\n");
}

/* Who succeeds is let pass by every rule: the one about who may is the one to cite. */
static int rule_let_pass(const struct rules *r)
{
	int at = -1;

	for (int i = r->n - 1; i >= 0; i--)
		if (r->known >> i & 1 && (at < 0 || r->err[i] == EACCES || r->err[i] == EPERM
					  || (r->err[at] != EACCES && r->err[at] != EPERM)))
			at = i;
	return at;
}

static void print_cites(struct text *t, const struct rules *r, const struct meeting *m)
{
	int at = m->first < 0 ? rule_let_pass(r) : m->first;

	text_add(t, "cites  %s", r->id[at]);
	if (m->second >= 0 && strcmp(r->id[m->second], r->id[at]))
		text_add(t, ", %s", r->id[m->second]);
	text_puts(t, "\n");
}

/* Is anybody but A, who is a plain user, in the case? */
static bool others_act(enum opcode code, const struct call *c)
{
	const char *setup = scenes[c->scene].setup;
	bool named = c->actor || strstr(setup, "B  ") || strstr(setup, "C  ");

	for (int i = 0; i < opinfo[code].nargs; i++)
		named = named || opinfo[code].arg[i].kind == KIND_ACTOR;
	return named;
}

/* The rule that decides on Linux is none of POSIX: there is no question there which of the two wins. */
static bool of_linux_alone(const struct meeting *m)
{
	return m->first >= 0 && !(model_rules(m->code, &profile_posix) >> m->first & 1);
}

/* No outcome is claimed: what the model decides is what is to be compared. */
static const char *case_text(struct arena *a, const struct rules *r, const struct meeting *m,
			     const struct call *c)
{
	char buf[4096];
	struct text t = { buf, sizeof(buf), 0 };

	text_add(&t, "claim  Of the rules that %s breaks, the first in its list decides.\n",
		 opinfo[m->code].name);
	print_cites(&t, r, m);
	if (of_linux_alone(m))
		text_puts(&t, "profile linux\n");
	if (others_act(m->code, c))
		text_puts(&t, "actors " STAGE_ACTORS "\n");
	text_add(&t, "\n%s", scenes[c->scene].setup);
	print_call(&t, m->code, c);
	return print_to(a, &t);
}

/* ---- what came of it ----------------------------------------------------------------------------- */

static const char *meeting_name(struct arena *a, const struct rules *r, const struct meeting *m)
{
	char buf[300];
	struct text t = { buf, sizeof(buf), 0 };

	if (m->shows == SUCCESS || m->shows == SLEEP)
		return m->shows == SUCCESS ? "success" : "blocks";
	print_rule(&t, r, m->first);
	if (m->shows == PAIR) {
		text_puts(&t, ",");
		print_rule(&t, r, m->second);
	}
	return print_to(a, &t);
}

static bool add(struct precedence *p, const struct rules *r, struct meeting m, const struct call *c)
{
	if (!grow(&p->v, &p->cap, p->n + 1, sizeof(*p->v)))
		return false;
	m.name = meeting_name(&p->arena, r, &m);
	m.text = c->cost == NOT_FOUND ? NULL : case_text(&p->arena, r, &m, c);
	p->v[p->n++] = m;
	return m.name && (m.text || c->cost == NOT_FOUND);
}

/* A rule that is never broken alone need not be, if it decides in company. */
static bool decides(const struct search *s, int i)
{
	for (int k = i; k < MAXRULES; k++)
		if (s->pair[i][k].cost != NOT_FOUND)
			return true;
	return false;
}

/* mremap is no call of System V IPC, and looks at its arguments in another order in each version of Linux. */
static bool order_is_fixed(enum opcode code)
{
	return code != OP_mremap;
}

static bool add_rule(struct precedence *p, const struct search *s, const struct rules *r, int i)
{
	const struct meeting alone = { ALONE, s->op.code, i, -1, NULL, NULL, NULL };
	bool ok = true;

	if (s->pair[i][i].cost != NOT_FOUND || !decides(s, i))
		ok = add(p, r, alone, &s->pair[i][i]);
	for (int k = i + 1; ok && k < r->n && order_is_fixed(s->op.code); k++)
		if (r->known >> k & 1)
			ok = add(p, r, (struct meeting){ PAIR, s->op.code, i, k, NULL, NULL, NULL },
				 &s->pair[i][k]);
	return ok;
}

static bool add_all(struct precedence *p, const struct search *s, const struct rules *r)
{
	enum opcode code = s->op.code;
	bool ok = true;

	if (opinfo[code].family < NFAMILIES || opinfo[code].family == NODES)
		ok = add(p, r, (struct meeting){ SUCCESS, code, -1, -1, NULL, NULL, NULL }, &s->success);
	if (ok && op_may_block(code))
		ok = add(p, r, (struct meeting){ SLEEP, code, -1, -1, NULL, NULL, NULL }, &s->sleep);
	for (int i = 0; ok && i < r->n; i++)
		if (r->known >> i & 1)
			ok = add_rule(p, s, r, i);
	return ok;
}

static bool find_for(struct precedence *p, enum opcode code, const struct stage *stage)
{
	struct search *s = calloc(1, sizeof(*s));
	struct rules r;
	bool ok;

	if (!s)
		return false;
	rules_of(code, &r);
	s->op.code = code;
	for (int i = 0; scenes[i].setup; i++) {
		s->stage = &stage[i];
		if (scenes[i].family == opinfo[code].family)
			try_callers(s, opinfo[code].family, i);
	}
	ok = !r.known || add_all(p, s, &r);
	arena_free(&s->arena);
	free(s);
	return ok;
}

static bool is_wanted(const char *pattern, enum opcode code)
{
	char name[100];

	snprintf(name, sizeof(name), "precedence/%s", opinfo[code].name);
	return !pattern || pattern_may_match(pattern, name, strlen(name));
}

bool precedence_find(struct precedence *p, const char *pattern, const struct requirements *reqs)
{
	struct stage stage[MAXSCENES] = { { NULL, NULL, NULL, NULL } };
	bool ok = true;

	*p = (struct precedence){ .n = 0 };
	for (int i = 0; ok && scenes[i].setup; i++)
		ok = play(&stage[i], &scenes[i], reqs);
	for (enum opcode code = 0; ok && code < NOPS; code++)
		ok = !is_wanted(pattern, code) || find_for(p, code, stage);
	for (int i = 0; i < MAXSCENES; i++)
		clear_away(&stage[i]);
	return ok;
}

void precedence_free(struct precedence *p)
{
	free(p->v);
	arena_free(&p->arena);
}

struct script *precedence_script(const struct meeting *m, const char *root, const struct requirements *reqs,
				 char *err, size_t errsize)
{
	char path[4096];
	struct script *sc;

	snprintf(path, sizeof(path), "%s/precedence/%s", root, opinfo[m->code].name);
	sc = script_read(m->text, strlen(m->text), path, root, reqs, err, errsize);
	if (!sc)
		return NULL;
	sc->values = arena_alloc(&sc->arena, strlen(m->name) + 1);
	if (!sc->values) {
		snprintf(err, errsize, "out of memory");
		script_free(sc);
		return NULL;
	}
	memcpy(sc->values, m->name, strlen(m->name));
	return sc;
}

/* ---- what cannot be ------------------------------------------------------------------------------ */

enum { MAXWITH = 32 };

/* A row of the list: operations, a rule, those that are never broken with it, all patterns; and why. */
struct row { const char *operation, *rule, *with[MAXWITH], *reason; int nwith, line; uint64_t used; };

struct list { const char *path; struct precedence *p; int wrong; };

static void complain(struct list *l, int line, const char *what, const char *which)
{
	fprintf(stderr, "%s:%d: %s %s\n", l->path, line, what, which);
	l->wrong++;
}

static bool split_row(struct row *row, char *text)
{
	char *at = text, *with, *rest;

	row->operation = strsep(&at, "\t");
	row->rule = strsep(&at, "\t");
	with = strsep(&at, "\t");
	row->reason = strsep(&at, "\t");
	if (!row->reason || at || !*row->reason)
		return false;
	with = strtok_r(with, ",", &rest);
	for (; with && row->nwith < MAXWITH; with = strtok_r(NULL, ",", &rest))
		row->with[row->nwith++] = with;
	return row->nwith && !with;
}

/* Position of the pattern for a rule among those that the row's rule is never broken with; -1 for none. */
static int listed(const struct row *row, const char *rule)
{
	for (int i = 0; i < row->nwith; i++)
		if (!fnmatch(row->with[i], rule, 0))
			return i;
	return -1;
}

/* The same when the row is about the meeting. A rule without company is with "alone". */
static int speaks_of(const struct row *row, const struct meeting *m)
{
	const char *comma = strchr(m->name, ','), *second = comma ? comma + 1 : "alone";
	char first[100];
	int at = -1;

	snprintf(first, sizeof(first), "%.*s", (int)strcspn(m->name, ","), m->name);
	if (fnmatch(row->operation, opinfo[m->code].name, 0))
		return -1;
	if (!fnmatch(row->rule, first, 0))
		at = listed(row, second);
	return at < 0 && comma && !fnmatch(row->rule, second, 0) ? listed(row, first) : at;
}

static void apply_row(struct list *l, struct row *row)
{
	for (size_t i = 0; i < l->p->n; i++) {
		struct meeting *m = &l->p->v[i];
		int at = speaks_of(row, m);

		if (at < 0)
			continue;
		row->used |= BIT(at);
		if (m->text)
			complain(l, row->line, "found a call, expected none that can break", m->name);
		m->reason = row->reason;
	}
	for (int i = 0; i < row->nwith; i++)
		if (!(row->used & BIT(i)))
			complain(l, row->line, "found nothing that this is about, expected two rules of an "
				 "operation:", row->with[i]);
}

bool precedence_excuse(struct precedence *p, const char *path, int *wrong)
{
	struct list l = { .path = path, .p = p };
	struct problem problem = { .at = 0 };
	size_t len;
	char *text = file_read(path, FILEMAX, &p->arena, &len, &problem), *line;

	if (!text) {
		fprintf(stderr, "%s: %s\n", path, problem.text);
		return false;
	}
	for (int n = 1; (line = strsep(&text, "\n")); n++) {
		struct row row = { .line = n };

		if (n == 1 || !*line)
			continue;
		if (split_row(&row, line))
			apply_row(&l, &row);
		else
			complain(&l, n, "expected operation, rule, rules and reason, each before a tab, in",
				 line);
	}
	*wrong = l.wrong;
	return true;
}
