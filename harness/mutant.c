#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model.h"
#include "mutant.h"
#include "pattern.h"
#include "precedence.h"
#include "source.h"
#include "text.h"

const char *const mutant_kinds[NMUTANTS] = { "rule", "errno", "order", "recheck", "switch", "part" };

enum { MOST = 64 };			/* rules of an operation */

/* The rules of an operation that the profile has. may: POSIX leaves open whether the call fails. */
struct rules { int n; struct { const char *id, *name; int err; bool in_linux, may; } v[MOST]; };

struct finder {
	struct mutants *m;
	const struct precedence *pairs;
	const struct profile *profile;	/* that is broken */
	bool oom;
};

static const char *text_of(struct finder *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static const char *text_of(struct finder *f, const char *fmt, ...)
{
	char buf[400];
	va_list ap;
	char *copy;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	copy = n < 0 || n >= (int)sizeof(buf) ? NULL : arena_alloc(&f->m->arena, (size_t)n + 1);
	if (!copy) {
		f->oom = true;
		return "";
	}
	return memcpy(copy, buf, (size_t)n);
}

static void add(struct finder *f, const struct mutant *m)
{
	struct mutant *copy;

	if (!grow(&f->m->v, &f->m->cap, f->m->n + 1, sizeof(*f->m->v))) {
		f->oom = true;
		return;
	}
	copy = &f->m->v[f->m->n++];
	*copy = *m;
	copy->profile = f->profile;
	if (f->profile != &profile_linux)
		copy->name = text_of(f, "profile=%s:%s", f->profile->name, m->name);
}

/* ---- rules ----------------------------------------------------------------------------------- */

static void rules_of(struct finder *f, enum opcode code, struct rules *r)
{
	const uint64_t known = model_rules(code, f->profile), in_linux = model_rules(code, &profile_linux);
	const char *id, *strength;
	int err;

	r->n = 0;
	for (int i = 0; i < MOST && model_rule(code, i, &id, &err, &strength); i++) {
		int number = 1;

		if (!(known >> i & 1))
			continue;
		for (int k = 0; k < r->n; k++)
			number += !strcmp(r->v[k].id, id);
		r->v[r->n].id = id;
		r->v[r->n].err = err;
		r->v[r->n].in_linux = in_linux >> i & 1;
		r->v[r->n].may = !strcmp(strength, "may");
		r->v[r->n++].name = number == 1 ? id : text_of(f, "%s#%d", id, number);
	}
}

/* Another errno for a rule: that of a later rule of its operation, else one that is hard to tell from it. */
static int other_errno(const struct rules *r, int i)
{
	for (int k = 1; k < r->n; k++) {
		int err = r->v[(i + k) % r->n].err;

		if (err != r->v[i].err && err != ENOSYS)
			return err;
	}
	return r->v[i].err == EINVAL ? EPERM : EINVAL;
}

static void add_rule(struct finder *f, enum opcode code, const struct rules *r, int i)
{
	const char *operation = opinfo[code].name, *name = r->v[i].name;
	struct mutant m = { .kind = MUTANT_RULE, .code = code, .clause = r->v[i].id };
	int err = other_errno(r, i);

	if (f->profile != &profile_linux && r->v[i].may)
		m.excluded = "The call may fail so and need not: as a subject the model does not.";
	m.name = text_of(f, "%s/%s=drop", operation, name);
	m.what = text_of(f, "%s lacks the rule that gives %s.", operation, err_name(r->v[i].err));
	add(f, &m);
	m.kind = MUTANT_ERRNO;
	m.name = text_of(f, "%s/%s=%s", operation, name, err_name(err));
	m.what = text_of(f, "%s gives %s instead of %s.", operation, err_name(err), err_name(r->v[i].err));
	add(f, &m);
	if (!op_may_block(code))
		return;
	m.kind = MUTANT_RECHECK;
	m.name = text_of(f, "%s/%s=recheck", operation, name);
	m.what = text_of(f, "While %s sleeps the rule that gives %s is judged again, or not, as it should.",
			 operation, err_name(r->v[i].err));
	add(f, &m);
}

static const struct meeting *meeting_named(const struct finder *f, enum opcode code, const char *name)
{
	for (size_t i = 0; i < f->pairs->n; i++)
		if (f->pairs->v[i].code == code && !strcmp(f->pairs->v[i].name, name))
			return &f->pairs->v[i];
	return NULL;
}

/* Two rules in the wrong order. No call tells the difference when none breaks both. */
static void add_pair(struct finder *f, enum opcode code, const struct rules *r, int i, int k)
{
	const char *pair = text_of(f, "%s,%s", r->v[i].name, r->v[k].name);
	const struct meeting *meeting = meeting_named(f, code, pair);
	struct mutant m = { .kind = MUTANT_ORDER, .code = code, .clause = r->v[i].id };

	m.name = text_of(f, "%s/%s=swap", opinfo[code].name, pair);
	m.what = text_of(f, "%s finds %s before %s.", opinfo[code].name, err_name(r->v[k].err),
			 err_name(r->v[i].err));
	if (r->v[i].err == r->v[k].err)
		m.excluded = "Both rules give the same errno.";
	else if (!meeting)
		m.excluded = "In which order the operation looks at its arguments is not fixed.";
	else if (!meeting->text)
		m.excluded = text_of(f, "No call breaks both. %s", meeting->reason ? meeting->reason : "");
	add(f, &m);
}

/* ---- the rest of an operation, and switches ------------------------------------------------------ */

static const struct { const char *part, *what; } parts[] = {
	{ "commit=drop", "A success changes nothing." },
	{ "find=swap", "How much of an id counts is mistaken." },
	{ "wait=EAGAIN", "It fails where it should fall asleep." },
	{ "wait=endless", "Who sleeps in it goes on by nothing that others do." },
	{ "wait=silent", "Rules are judged again in its sleep, or not, as they should." },
	{ "sleep=drop", "What should happen when it falls asleep does not." },
	{ "failure=drop", "What a failure should leave behind is missing." },
};

/* An operation that has no such part has no such fault. */
static void add_part(struct finder *f, enum opcode code, size_t i)
{
	struct mutant m = { .kind = MUTANT_PART, .code = code, .what = parts[i].what };
	struct fault *fault;
	char err[400];

	m.name = text_of(f, "%s/%s", opinfo[code].name, parts[i].part);
	fault = fault_new(f->profile, m.name, err, sizeof(err));
	if (fault)
		add(f, &m);
	fault_free(fault);
}

static void add_switch(struct finder *f, const struct switchinfo *s)
{
	for (int i = 0; s->choices[i]; i++) {
		const struct mutant m = {
			.kind = MUTANT_SWITCH, .code = NOPS, .clause = s->source, .what = s->text,
			.name = text_of(f, "%s=%s", s->name, s->choices[i]),
		};

		if (i != f->profile->sw[s - switchinfo])
			add(f, &m);
	}
}

/* Where nothing is said of it an operation is under the standard what it is on Linux. */
static void add_operation_of_posix(struct finder *f, enum opcode code)
{
	struct rules r;

	rules_of(f, code, &r);
	for (int i = 0; i < r.n; i++)
		if (!r.v[i].in_linux)
			add_rule(f, code, &r, i);
}

static void add_operation(struct finder *f, enum opcode code)
{
	struct rules r;

	rules_of(f, code, &r);
	for (int i = 0; i < r.n; i++)
		add_rule(f, code, &r, i);
	for (int i = 0; i < r.n; i++)
		for (int k = i + 1; k < r.n; k++)
			add_pair(f, code, &r, i, k);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		add_part(f, code, i);
}

static void find_in_linux(struct finder *f)
{
	f->profile = &profile_linux;
	for (enum opcode code = 0; !f->oom && code < NOPS; code++)
		add_operation(f, code);
	for (int i = 0; !f->oom && i < NSWITCHES; i++)
		add_switch(f, &switchinfo[i]);
}

/* What the standard has otherwise: its order of rules is open. */
static void find_in_posix(struct finder *f)
{
	f->profile = &profile_posix;
	for (enum opcode code = 0; !f->oom && code < NOPS; code++)
		add_operation_of_posix(f, code);
	for (int i = 0; !f->oom && i < NSWITCHES; i++)
		if (switchinfo[i].posix_value != switchinfo[i].linux_value)
			add_switch(f, &switchinfo[i]);
}

bool mutants_find(struct mutants *m, const struct requirements *reqs, const char *root)
{
	struct precedence pairs = { .n = 0 };
	struct finder f = { .m = m, .pairs = &pairs };
	char path[4096];
	int wrong;

	*m = (struct mutants){ .n = 0 };
	snprintf(path, sizeof(path), "%s/" PRECEDENCE_LIST, root);
	f.oom = !precedence_find(&pairs, NULL, reqs)
		|| (!access(path, F_OK) && !precedence_excuse(&pairs, path, &wrong));
	find_in_linux(&f);
	find_in_posix(&f);
	precedence_free(&pairs);
	return !f.oom;
}

void mutants_free(struct mutants *m)
{
	free(m->v);
	arena_free(&m->arena);
}

/* ---- the list ---------------------------------------------------------------------------------- */

static int complain(const char *path, int line, const char *what, const char *which)
{
	fprintf(stderr, "%s:%d: %s %s\n", path, line, what, which);
	return 1;
}

/* Faults of the model's source, which make mutate tries, begin with its folder. */
static bool of_source(const char *pattern)
{
	return !strncmp(pattern, "model/", 6);
}

/* False when no mutant has such a name. */
static bool excuse(struct mutants *m, int line, const char *pattern, const char *reason)
{
	bool found = false;

	for (size_t i = 0; i < m->n; i++)
		if (!m->v[i].excluded && pattern_matches(pattern, m->v[i].name)) {
			m->v[i].excused = reason;
			m->v[i].line = line;
			found = true;
		}
	return found;
}

/*
 * Patterns with blanks between them, or one for a fault of the source, in which there may be blanks; a tab; a
 * reason. How many complaints there are about the row.
 */
static int take_row(struct mutants *m, const char *path, int line, char *row)
{
	char *patterns = strsep(&row, "\t"), *pattern;
	int wrong = 0;

	if (!row || !*row || strchr(row, '\t'))
		return complain(path, line, "expected patterns, a tab and a reason, found", patterns);
	if (of_source(patterns) != m->of_source)
		return 0;
	while ((pattern = strsep(&patterns, m->of_source ? "\n" : " ")))
		if (!excuse(m, line, pattern, row))
			wrong += complain(path, line, "no fault that is tried has a name like", pattern);
	return wrong;
}

bool mutants_excuse(struct mutants *m, const char *path, int *wrong)
{
	struct problem problem = { .at = 0 };
	size_t len;
	char *text, *line;

	*wrong = 0;
	if (access(path, F_OK))
		return true;
	text = file_read(path, FILEMAX, &m->arena, &len, &problem);
	if (!text) {
		fprintf(stderr, "%s: %s\n", path, problem.text);
		return false;
	}
	for (int n = 1; (line = strsep(&text, "\n")); n++)
		if (n > 1 && *line)
			*wrong += take_row(m, path, n, line);
	return true;
}
