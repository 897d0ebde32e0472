/* An operation with one thing broken, to show what a fault looks like and that cases notice it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

struct fault {
	enum opcode code;
	struct action action;		/* its rules are those below */
	int nrules;			/* that the operation has without it */
	struct rule rule[];		/* room for one more, and for the empty row */
};

/* A text taken apart: "msgsnd", "MSGSND-ERR-EACCES", "drop". */
struct words { const char *operation, *part, *how; size_t noperation, npart; };

enum opcode fault_code(const struct fault *f)
{
	return f->code;
}

const struct action *fault_action(const struct fault *f)
{
	return &f->action;
}

void fault_free(struct fault *f)
{
	free(f);
}

static void complain(char *err, size_t size, const char *found, const char *expected)
{
	snprintf(err, size, "found '%s', expected %s", found, expected);
}

static bool is(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && !strncmp(text, word, len);
}

/* ---- rules ----------------------------------------------------------------------------------- */

static struct rule take(struct fault *f, int i)
{
	const struct rule r = f->rule[i];

	memmove(&f->rule[i], &f->rule[i + 1], (size_t)(f->nrules - i) * sizeof(*f->rule));
	return r;
}

static void insert(struct fault *f, int i, struct rule r)
{
	memmove(&f->rule[i + 1], &f->rule[i], (size_t)(f->nrules + 1 - i) * sizeof(*f->rule));
	f->rule[i] = r;
}

/* Position of "ID" or "ID#N" among the rules that the profile has, or NONE. */
static int position(const struct fault *f, const struct profile *p, const char *name, size_t len)
{
	const char *hash = memchr(name, '#', len);
	size_t idlen = hash ? (size_t)(hash - name) : len;
	int number = !hash ? 1 : len == idlen + 2 && hash[1] >= '2' && hash[1] <= '9' ? hash[1] - '0' : 0;
	uint64_t known = model_rules(f->code, p);

	for (int i = 0; i < f->nrules; i++)
		if (known >> i & 1 && is(name, idlen, f->rule[i].id) && --number == 0)
			return i;
	return NONE;
}

static bool swap(struct fault *f, const struct profile *p, const struct words *w)
{
	const char *comma = memchr(w->part, ',', w->npart);
	size_t len = (size_t)(comma - w->part);
	int first = position(f, p, w->part, len), second = position(f, p, comma + 1, w->npart - len - 1);

	if (first == NONE || second <= first || strcmp(w->how, "swap"))
		return false;
	insert(f, first, take(f, second));
	return true;
}

static bool change_errno(struct rule *r, const char *how)
{
	int err = err_number(how, strlen(how)), before = r->err;

	if (err)
		r->err = err;
	return err && err != before;
}

static bool change_rule(struct fault *f, int i, const char *how)
{
	struct rule *r = &f->rule[i];

	if (!strcmp(how, "drop")) {
		take(f, i);
		return true;
	}
	if (strcmp(how, "recheck"))
		return change_errno(r, how);
	r->when = r->when == RECHECK ? ONCE : RECHECK;
	return f->action.waits;
}

/* ---- the rest of an operation ------------------------------------------------------------------ */

static bool drop_commit(struct action *a)
{
	bool had = a->commit && a->commit != do_nothing;

	a->commit = NULL;
	return had;
}

static bool drop_sleep(struct action *a)
{
	bool had = a->slept;

	a->slept = NULL;
	return had;
}

static bool drop_failure(struct action *a)
{
	bool had = a->failed;

	a->failed = NULL;
	return had;
}

static bool swap_find(struct action *a)
{
	if (a->find != FIND_ID && a->find != FIND_INDEX)
		return false;
	a->find = a->find == FIND_ID ? FIND_INDEX : FIND_ID;
	return true;
}

static bool make_endless(struct action *a)
{
	a->deaf = true;
	return a->waits;
}

static bool swap_silence(struct action *a)
{
	a->silent = !a->silent;
	return a->waits;
}

static const struct { const char *part, *how; bool (*change)(struct action *a); } parts[] = {
	{ "commit", "drop", drop_commit },
	{ "sleep", "drop", drop_sleep },
	{ "failure", "drop", drop_failure },
	{ "find", "swap", swap_find },
	{ "wait", "endless", make_endless },
	{ "wait", "silent", swap_silence },
};

/* A call that would have to wait fails. */
static bool refuse_to_wait(struct fault *f, const char *how)
{
	struct rule r = { .id = "wait", .broken = f->action.waits, .posix = SHALL };

	if (!r.broken || !change_errno(&r, how))
		return false;
	insert(f, f->nrules, r);
	return true;
}

static bool change_part(struct fault *f, const struct words *w)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (is(w->part, w->npart, parts[i].part) && !strcmp(w->how, parts[i].how))
			return parts[i].change(&f->action);
	return is(w->part, w->npart, "wait") && refuse_to_wait(f, w->how);
}

/* ---- as a whole -------------------------------------------------------------------------------- */

static bool take_apart(struct words *w, const char *text)
{
	const char *slash = strchr(text, '/'), *equals = slash ? strchr(slash, '=') : NULL;

	if (!equals)
		return false;
	*w = (struct words){ .operation = text, .noperation = (size_t)(slash - text), .part = slash + 1,
			     .npart = (size_t)(equals - slash - 1), .how = equals + 1 };
	return true;
}

static struct fault *copy_of(enum opcode code)
{
	const struct action *a = action_of(&(struct op){ .code = code });
	struct fault *f;
	int n = 0;

	while (a->rules[n].id)
		n++;
	f = calloc(1, sizeof(*f) + (size_t)(n + 2) * sizeof(*f->rule));
	if (!f)
		return NULL;
	f->code = code;
	f->action = *a;
	f->action.rules = f->rule;
	f->nrules = n;
	memcpy(f->rule, a->rules, (size_t)n * sizeof(*f->rule));
	return f;
}

static bool change(struct fault *f, const struct profile *p, const struct words *w)
{
	int rule;

	if (memchr(w->part, ',', w->npart))
		return swap(f, p, w);
	rule = position(f, p, w->part, w->npart);
	return rule != NONE ? change_rule(f, rule, w->how) : change_part(f, w);
}

struct fault *fault_new(const struct profile *p, const char *text, char *err, size_t errsize)
{
	struct words w;
	struct fault *f;
	int code = take_apart(&w, text) ? op_find(w.operation, w.noperation) : NONE;

	if (code < 0) {
		complain(err, errsize, text, "OPERATION/PART=HOW");
		return NULL;
	}
	f = copy_of((enum opcode)code);
	if (!f) {
		snprintf(err, errsize, "out of memory");
		return NULL;
	}
	if (change(f, p, &w))
		return f;
	complain(err, errsize, text,
		 "a rule or another part of that operation, and what can be broken of it");
	fault_free(f);
	return NULL;
}
