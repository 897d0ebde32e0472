#include <stdio.h>
#include <string.h>

#include "matrix_known.h"

enum { FEW = 8 };	/* modes that are listed one by one */

/* ---- names ------------------------------------------------------------------------------------------- */

static struct finding16 *finding_at(const struct walk *w, const struct cell *c)
{
	return &w->cell[cell_place(c->op, c->relation, c->capset) + (size_t)c->mode];
}

static bool differs(struct finding16 f)
{
	return f.state >= CELL_PERMITTED;
}

/* Does Linux what POSIX does not allow, where POSIX is asked for? */
static bool as_linux(const struct walk *w, struct finding16 f)
{
	return !w->profile->ordered && f.outcome && f.apart;
}

/* What a baseline knows the difference of a cell by: "msgsnd EACCES", or the operation and what differs. */
static void cell_sign(const struct walk *w, const struct cell *c, struct finding16 f, struct text *t)
{
	char words[120] = "";
	struct text what = { words, sizeof(words), 0 };
	const char *name = opinfo[matrix_op[c->op].code].name;
	char *expected;

	finding_text(f, &what);
	expected = strstr(words, " instead of ");
	if (expected)
		*expected = '\0';
	text_add(t, "%s %s%s", name, f.outcome && f.observed == WENT_WELL ? "0" : words,
		 as_linux(w, f) ? AS_LINUX : "");
}

struct names { char name[200], sign[200]; };

static void name_cell(const struct walk *w, const struct cell *c, struct finding16 f, struct names *n)
{
	struct text name = { n->name, sizeof(n->name), 0 }, sign = { n->sign, sizeof(n->sign), 0 };

	*n->name = *n->sign = '\0';
	cell_name(c, &name);
	if (differs(f))
		cell_sign(w, c, f, &sign);
}

/* "mode=0640" becomes "mode=*". */
static void any_mode(char *name)
{
	char *digits = strstr(name, "mode=");

	if (!digits)
		return;
	digits[5] = '*';
	memmove(digits + 6, digits + 9, strlen(digits + 9) + 1);
}

/* ---- walks ------------------------------------------------------------------------------------------- */

/* The cells of one operation, relation and set of capabilities. */
typedef bool visit(const struct walk *w, struct baseline *b, struct cell c, bool strict);

static bool each_caller(const struct walk *w, struct baseline *b, bool strict, visit *each)
{
	struct cell c = { 0 };

	for (c.op = 0; c.op < matrix_nops; c.op++)
		for (c.relation = 0; c.relation < matrix_nrelations; c.relation++)
			for (c.capset = 0; c.capset < matrix_ncapsets; c.capset++)
				if (cell_exists(c.op, c.relation, c.capset) && !each(w, b, c, strict))
					return false;
	return true;
}

static bool know(const struct walk *w, struct baseline *b, struct cell c, bool strict)
{
	struct names n;

	(void)strict;
	for (c.mode = 0; c.mode < MODES; c.mode++) {
		struct finding16 *f = finding_at(w, &c);
		struct baseline_row *row;

		if (!differs(*f))
			continue;
		name_cell(w, &c, *f, &n);
		row = baseline_find(b, n.name, n.sign);
		if (!row)
			continue;
		f->known = true;
		row->times++;
	}
	return true;
}

void matrix_know(struct walk *w, struct baseline *b)
{
	if (b->n)
		each_caller(w, b, false, know);
}

static bool tell_names(const struct walk *w, struct baseline *b, struct cell c, bool strict)
{
	struct names n;

	(void)strict;
	name_cell(w, &c, (struct finding16){ .state = CELL_CONFORMS }, &n);
	n.name[strcspn(n.name, "[")] = '\0';
	if (!baseline_wants_names(b, n.name))
		return true;
	for (c.mode = 0; c.mode < MODES; c.mode++) {
		name_cell(w, &c, (struct finding16){ .state = CELL_CONFORMS }, &n);
		baseline_named(b, n.name, finding_at(w, &c)->state != CELL_LEFT_OUT);
	}
	return true;
}

size_t matrix_settle(const struct walk *w, struct baseline *b)
{
	if (baseline_wants_names(b, "matrix/"))
		each_caller(w, b, false, tell_names);
	return baseline_settle(b, true, true);
}

/* ---- what is new ------------------------------------------------------------------------------------- */

static bool is_new(struct finding16 f, bool strict)
{
	return !f.known && f.state >= (strict ? CELL_PERMITTED : CELL_DEVIATES);
}

static bool same(const struct walk *w, struct finding16 f, struct finding16 g)
{
	return as_linux(w, f) == as_linux(w, g) && f.outcome == g.outcome && f.observed == g.observed
		&& (f.outcome || f.expected == g.expected);
}

/* How many of the caller's cells differ as that of c does; 0 if it is not the first of them. */
static int alike(const struct walk *w, const struct cell *c, bool strict)
{
	const struct finding16 f = *finding_at(w, c);
	struct cell other = *c;
	int n = 0;

	for (other.mode = 0; other.mode < MODES; other.mode++) {
		const struct finding16 g = *finding_at(w, &other);

		if (!is_new(g, strict) || !same(w, f, g))
			continue;
		if (other.mode < c->mode)
			return 0;
		n++;
	}
	return n;
}

static bool keep_one(const struct walk *w, struct baseline *b, const struct cell *c, bool whatever_mode)
{
	struct names n;

	name_cell(w, c, *finding_at(w, c), &n);
	if (whatever_mode)
		any_mode(n.name);
	return baseline_keep(b, n.name, n.sign);
}

/* The cells of a caller that differ like the one of c, which is the first of them. */
static bool keep_alike(const struct walk *w, struct baseline *b, struct cell c, bool strict)
{
	const struct finding16 f = *finding_at(w, &c);

	if (alike(w, &c, strict) > FEW)
		return keep_one(w, b, &c, true);
	for (; c.mode < MODES; c.mode++) {
		const struct finding16 g = *finding_at(w, &c);

		if (is_new(g, strict) && same(w, f, g) && !keep_one(w, b, &c, false))
			return false;
	}
	return true;
}

static bool keep(const struct walk *w, struct baseline *b, struct cell c, bool strict)
{
	for (c.mode = 0; c.mode < MODES; c.mode++)
		if (is_new(*finding_at(w, &c), strict) && alike(w, &c, strict)
		    && !keep_alike(w, b, c, strict))
			return false;
	return true;
}

bool matrix_keep(const struct walk *w, struct baseline *b, bool strict)
{
	return each_caller(w, b, strict, keep);
}
