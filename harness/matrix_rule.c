#include <stdlib.h>
#include <string.h>

#include "matrix_rule.h"

size_t row_count(void)
{
	return row_of(matrix_nops, 0, 0);
}

/* ---- sets of modes ------------------------------------------------------------------------------- */

enum { WORDS = MODES / 64 };

static bool empty(const struct bits *b)
{
	uint64_t any = 0;

	for (int i = 0; i < WORDS; i++)
		any |= b->w[i];
	return !any;
}

static bool subset(const struct bits *a, const struct bits *b)
{
	for (int i = 0; i < WORDS; i++)
		if (a->w[i] & ~b->w[i])
			return false;
	return true;
}

static void keep_only(struct bits *b, const struct bits *of, bool in)
{
	for (int i = 0; i < WORDS; i++)
		b->w[i] &= in ? of->w[i] : ~of->w[i];
}

static size_t count(const struct bits *b)
{
	size_t n = 0;

	for (int i = 0; i < WORDS; i++)
		n += (size_t)__builtin_popcountll(b->w[i]);
	return n;
}

/* ---- conditions ----------------------------------------------------------------------------------- */

/* In the order in which they are preferred where they tell the same. */
enum condition {
	SHOULD_SUCCEED, SHOULD_FAIL,
	BY_MODE, BY_IDS,
	CAPS_HELP_NOT, CAPS_HELP,
	OWNER_OTHER_DIFFER, GROUP_OTHER_DIFFER, OWNER_GROUP_DIFFER,
	CLASS_MAY, CLASS_MAY_NOT,
	DIGIT_SET,				/* three of them, 1 2 4, and then */
	DIGIT_CLEAR = DIGIT_SET + 3,
	BIT_SET = DIGIT_CLEAR + 3,		/* nine of them, and then */
	BIT_CLEAR = BIT_SET + 9,
	OWNER_MAY = BIT_CLEAR + 9, OWNER_MAY_NOT, GROUP_MAY, GROUP_MAY_NOT, OTHER_MAY, OTHER_MAY_NOT,
	NCONDITIONS
};

/* The modes that have a bit: the lower six repeat in every word, the others fill whole words. */
static struct bits bit_modes(int bit)
{
	static const uint64_t pattern[] = {
		UINT64_C(0xaaaaaaaaaaaaaaaa), UINT64_C(0xcccccccccccccccc), UINT64_C(0xf0f0f0f0f0f0f0f0),
		UINT64_C(0xff00ff00ff00ff00), UINT64_C(0xffff0000ffff0000), UINT64_C(0xffffffff00000000),
	};
	struct bits b;

	for (int i = 0; i < WORDS; i++)
		b.w[i] = bit < 6 ? pattern[bit] : i >> (bit - 6) & 1 ? UINT64_MAX : 0;
	return b;
}

/* Is the call for some and for nobody else, whatever the mode? */
static bool by_ids(const struct bits *may)
{
	return bits_has(&may[BY_OWNER], 0) && !bits_has(&may[BY_OTHER], MODES - 1);
}

struct place_of_row { int op, relation, capset; size_t row; };

static int digit_of(const struct facts_of_cells *f, const struct place_of_row *p)
{
	return f->digit[matrix_op[p->op].kind][p->relation];
}

/* Keeps of b the modes that meet the condition in a row. */
static void meet(const struct facts_of_cells *f, const struct place_of_row *p, enum condition c,
		 struct bits *b)
{
	static const int shift_of_digit[NCLASSES] = { [BY_OWNER] = 6, [BY_GROUP] = 3, [BY_OTHER] = 0 };
	const struct bits *may = f->may[p->op];
	bool helps = f->helps[p->op][p->capset];
	struct bits of;

	switch (c) {
	case SHOULD_SUCCEED:
	case SHOULD_FAIL: keep_only(b, &f->granted[p->row], c == SHOULD_SUCCEED); return;
	case CAPS_HELP:
	case CAPS_HELP_NOT:
		if (helps != (c == CAPS_HELP))
			*b = (struct bits){ { 0 } };
		return;
	case BY_MODE:
	case BY_IDS:
		if (by_ids(may) != (c == BY_IDS))
			*b = (struct bits){ { 0 } };
		return;
	case OWNER_OTHER_DIFFER: keep_only(b, &f->apart[p->op][OWNER_AND_OTHER], true); return;
	case GROUP_OTHER_DIFFER: keep_only(b, &f->apart[p->op][GROUP_AND_OTHER], true); return;
	case OWNER_GROUP_DIFFER: keep_only(b, &f->apart[p->op][OWNER_AND_GROUP], true); return;
	case CLASS_MAY:
	case CLASS_MAY_NOT: keep_only(b, &may[digit_of(f, p)], c == CLASS_MAY); return;
	case OWNER_MAY:
	case OWNER_MAY_NOT: keep_only(b, &may[BY_OWNER], c == OWNER_MAY); return;
	case GROUP_MAY:
	case GROUP_MAY_NOT: keep_only(b, &may[BY_GROUP], c == GROUP_MAY); return;
	case OTHER_MAY:
	case OTHER_MAY_NOT: keep_only(b, &may[BY_OTHER], c == OTHER_MAY); return;
	default: break;
	}
	if (c < BIT_SET) {
		of = bit_modes(shift_of_digit[digit_of(f, p)] + ((int)c - DIGIT_SET) % 3);
		keep_only(b, &of, c < DIGIT_CLEAR);
		return;
	}
	of = bit_modes(c < BIT_CLEAR ? (int)c - BIT_SET : (int)c - BIT_CLEAR);
	keep_only(b, &of, c < BIT_CLEAR);
}

/* ---- what a rule covers ----------------------------------------------------------------------------- */

#define EACH_ROW(p) \
	for ((p).row = 0, (p).op = 0; (p).op < matrix_nops; (p).op++) \
		for ((p).relation = 0; (p).relation < matrix_nrelations; (p).relation++) \
			for ((p).capset = 0; (p).capset < matrix_ncapsets; (p).capset++, (p).row++)

static bool in_box(const struct rule *r, const struct place_of_row *p)
{
	return r->op[p->op] && r->relations >> p->relation & 1 && r->capsets >> p->capset & 1;
}

/* Rows that may still be looked at, and the one that last refused a rule: it is likely to refuse the next. */
struct effort { long left; struct place_of_row refused; };

static struct bits cover(const struct facts_of_cells *f, const struct rule *r, const struct place_of_row *p)
{
	struct bits b = { { 0 } };

	if (!in_box(r, p))
		return b;
	b = f->run[p->row];
	for (enum condition c = 0; r->conditions >> c; c++)
		if (r->conditions >> c & 1)
			meet(f, p, c, &b);
	return b;
}

static bool fits_row(const struct facts_of_cells *f, const struct rule *r, const struct bits *part,
		     const struct place_of_row *p)
{
	struct bits b;

	if (!in_box(r, p))
		return empty(&part[p->row]);
	f->effort->left--;
	b = cover(f, r, p);
	return subset(&part[p->row], &b) && subset(&b, &f->wrong[p->row]);
}

/* Every cell of part, and none that is right. */
static bool fits(const struct facts_of_cells *f, const struct rule *r, const struct bits *part)
{
	struct place_of_row p;

	if (f->effort->left < 0 || !fits_row(f, r, part, &f->effort->refused))
		return false;
	EACH_ROW(p)
		if (!fits_row(f, r, part, &p)) {
			f->effort->refused = p;
			return false;
		}
	return true;
}

bool rule_covers(const struct facts_of_cells *f, const struct rule *r, const struct cell *c)
{
	const struct place_of_row p = {
		c->op, c->relation, c->capset, row_of(c->op, c->relation, c->capset)
	};
	const struct bits b = cover(f, r, &p);

	return bits_has(&b, c->mode);
}

/* ---- the smallest rule for some wrong cells ----------------------------------------------------------- */

/* Which values the cells have on each axis. */
static struct rule box_of(const struct bits *part)
{
	struct rule r = { .cells = 0 };
	struct place_of_row p;

	EACH_ROW(p) {
		if (empty(&part[p.row]))
			continue;
		r.op[p.op] = true;
		r.relations |= UINT32_C(1) << p.relation;
		r.capsets |= UINT32_C(1) << p.capset;
		r.cells += count(&part[p.row]);
	}
	return r;
}

/* The conditions that every cell meets. */
static uint64_t common(const struct facts_of_cells *f, const struct bits *part)
{
	uint64_t met = 0;

	for (enum condition c = 0; c < NCONDITIONS; c++) {
		struct place_of_row p;
		bool all = true;

		EACH_ROW(p) {
			struct bits b = part[p.row];

			if (!all || empty(&b))
				continue;
			f->effort->left--;
			meet(f, &p, c, &b);
			all = subset(&part[p.row], &b);
		}
		met |= all ? UINT64_C(1) << c : 0;
	}
	return met;
}

/* Ways to name the operations of a box, from the widest to the narrowest, and what each costs. */
enum ops_named { ALL_OPS, FILES_OR_NOT, WHOLE_KINDS, WHOLE_OPERATIONS, THESE_OPS, NOPS_NAMED };

static bool alike(enum ops_named way, int a, int b)
{
	switch (way) {
	case ALL_OPS: return true;
	case FILES_OR_NOT: return is_file(matrix_op[a].kind) == is_file(matrix_op[b].kind);
	case WHOLE_KINDS: return matrix_op[a].kind == matrix_op[b].kind;
	case WHOLE_OPERATIONS: return matrix_op[a].code == matrix_op[b].code;
	default: return a == b;
	}
}

static void widen_ops(const struct rule *box, enum ops_named way, struct rule *r)
{
	for (int i = 0; i < matrix_nops; i++) {
		r->op[i] = false;
		for (int k = 0; k < matrix_nops && !r->op[i]; k++)
			r->op[i] = box->op[k] && alike(way, i, k);
	}
}

struct search {
	const struct facts_of_cells *f;
	const struct bits *part;
	struct rule box, found;
	enum condition met[NCONDITIONS];
	int nmet;
};

/* The box as it is named in one of the ways, with these conditions. */
static bool try_box(struct search *s, uint64_t conditions, enum ops_named ops, bool relations, bool capsets)
{
	struct rule r = s->box;

	widen_ops(&s->box, ops, &r);
	r.relations = relations ? s->box.relations : UINT32_MAX;
	r.capsets = capsets ? s->box.capsets : UINT32_MAX;
	r.conditions = conditions;
	if (!fits(s->f, &r, s->part))
		return false;
	s->found = r;
	return true;
}

/* All boxes that cost so much. */
static bool try_boxes(struct search *s, uint64_t conditions, int cost)
{
	static const int price[NOPS_NAMED] = { 0, 1, 1, 1, 2 };

	for (int narrowed = 0; narrowed < 4; narrowed++) {
		int rest = cost - (narrowed & 1) - (narrowed >> 1);

		for (enum ops_named ops = ALL_OPS; ops < NOPS_NAMED; ops++)
			if (price[ops] == rest
			    && try_box(s, conditions, ops, narrowed & 1, narrowed >> 1))
				return true;
	}
	return false;
}

/* All choices of n conditions from number first on, together with those chosen already. */
static bool try_conditions(struct search *s, uint64_t chosen, int first, int n, int cost)
{
	if (n == 0)
		return try_boxes(s, chosen, cost);
	for (int i = first; i + n <= s->nmet; i++)
		if (try_conditions(s, chosen | UINT64_C(1) << s->met[i], i + 1, n - 1, cost))
			return true;
	return false;
}

enum { MOST_EFFORT = 8000000 };	/* rows looked at; a second or so */
enum { MOST_CONDITIONS = 3, MOST_COST = 6 };

/* A rule with all conditions that the cells have in common fits; takes away what it does not need. */
static void simplify(struct search *s, uint64_t met)
{
	for (enum condition c = NCONDITIONS; c-- > 0;)
		if (met >> c & 1)
			try_box(s, s->found.conditions & ~(UINT64_C(1) << c), THESE_OPS, true, true);
	for (enum ops_named ops = THESE_OPS; ops-- > ALL_OPS;)
		try_box(s, s->found.conditions, ops, true, true);
}

static bool solve(const struct facts_of_cells *f, const struct bits *part, struct rule *r)
{
	struct search s = { .f = f, .part = part, .box = box_of(part) };
	const uint64_t met = s.box.cells ? common(f, part) : 0;
	struct rule all = s.box;

	f->effort->left -= (long)row_count() / 4;
	for (enum condition c = 0; c < NCONDITIONS; c++)
		if (met >> c & 1)
			s.met[s.nmet++] = c;
	/* Where the narrowest does not fit nothing will. */
	all.conditions = met;
	if (!s.box.cells || !fits(f, &all, part))
		return false;
	for (int cost = 0; cost <= MOST_COST; cost++)
		for (int n = 0; n <= MOST_CONDITIONS && n <= cost; n++)
			if (try_conditions(&s, 0, 0, n, cost - n)) {
				*r = s.found;
				return true;
			}
	s.found = all;
	simplify(&s, met);
	*r = s.found;
	return true;
}

/* ---- several rules ------------------------------------------------------------------------------------ */

static size_t gain(const struct facts_of_cells *f, const struct rule *r, const struct bits *left)
{
	struct place_of_row p;
	size_t n = 0;

	EACH_ROW(p) {
		struct bits b = cover(f, r, &p);

		f->effort->left -= in_box(r, &p);
		keep_only(&b, &left[p.row], true);
		n += count(&b);
	}
	return n;
}

static void adopt_wider(const struct facts_of_cells *f, struct rule *r, const struct rule *more,
			const struct bits *nothing)
{
	if (fits(f, more, nothing) && gain(f, more, f->wrong) > gain(f, r, f->wrong))
		*r = *more;
}

/* Adds to each axis the values that bring wrong cells and no right one. */
static void widen(const struct facts_of_cells *f, struct rule *r, const struct bits *nothing)
{
	struct rule more = *r;

	for (int i = 0; i < matrix_nrelations; i++, more = *r) {
		more.relations |= UINT32_C(1) << i;
		adopt_wider(f, r, &more, nothing);
	}
	for (int i = 0; i < matrix_ncapsets; i++, more = *r) {
		more.capsets |= UINT32_C(1) << i;
		adopt_wider(f, r, &more, nothing);
	}
	for (int i = 0; i < matrix_nops; i++, more = *r) {
		more.op[i] = true;
		adopt_wider(f, r, &more, nothing);
	}
}

/*
 * The ways to take a part of what is left: one relation, one operation, one set of capabilities, and both
 * results.
 */
enum axis { BY_RELATION, BY_OPERATION, BY_CAPSET, BY_RESULT, NAXES };

static int values_of(enum axis a)
{
	switch (a) {
	case BY_RELATION: return matrix_nrelations;
	case BY_OPERATION: return matrix_nops;
	case BY_CAPSET: return matrix_ncapsets;
	default: return 2;
	}
}

static bool has_value(const struct place_of_row *p, enum axis a, int value)
{
	switch (a) {
	case BY_RELATION: return p->relation == value;
	case BY_OPERATION: return p->op == value;
	case BY_CAPSET: return p->capset == value;
	default: return true;
	}
}

static void take_part(const struct facts_of_cells *f, const struct bits *left, enum axis a, int value,
		      struct bits *part)
{
	struct place_of_row p;

	EACH_ROW(p) {
		part[p.row] = has_value(&p, a, value) ? left[p.row] : (struct bits){ { 0 } };
		if (a == BY_RESULT)
			keep_only(&part[p.row], &f->granted[p.row], value);
	}
}

static bool same_rule(const struct rule *a, const struct rule *b)
{
	return !memcmp(a->op, b->op, sizeof(a->op)) && a->relations == b->relations
		&& a->capsets == b->capsets && a->conditions == b->conditions;
}

/* The rule for a part of what is left that covers most of it. part and nothing are room for rows. */
static bool best_part(const struct facts_of_cells *f, const struct bits *left, struct bits *part,
		      struct bits *nothing, struct rule *best)
{
	struct rule r, before = { .cells = 0 };

	best->cells = 0;
	memset(nothing, 0, row_count() * sizeof(*nothing));
	for (enum axis a = BY_RELATION; a < NAXES; a++)
		for (int v = 0; v < values_of(a); v++) {
			take_part(f, left, a, v, part);
			if (f->effort->left < 0 || !solve(f, part, &r) || same_rule(&r, &before))
				continue;
			before = r;
			widen(f, &r, nothing);
			r.cells = gain(f, &r, left);
			if (r.cells > best->cells)
				*best = r;
		}
	return best->cells;
}

/* Where no value of an axis can be told by a rule: the cells of the first row that is left, then wider. */
static bool first_row(const struct facts_of_cells *f, const struct bits *left, struct bits *part,
		      struct bits *nothing, struct rule *r)
{
	enum { MOST_TRIES = 32 };
	struct place_of_row p;
	int tries = 0;

	memset(part, 0, row_count() * sizeof(*part));
	memset(nothing, 0, row_count() * sizeof(*nothing));
	EACH_ROW(p) {
		if (empty(&left[p.row]) || f->effort->left < 0 || tries++ >= MOST_TRIES)
			continue;
		for (int granted = 0; granted < 2; granted++) {
			part[p.row] = left[p.row];
			keep_only(&part[p.row], &f->granted[p.row], granted);
			if (solve(f, part, r)) {
				widen(f, r, nothing);
				r->cells = gain(f, r, left);
				return true;
			}
		}
		part[p.row] = (struct bits){ { 0 } };
	}
	return false;
}

static void subtract(const struct facts_of_cells *f, const struct rule *r, struct bits *left)
{
	struct place_of_row p;

	EACH_ROW(p) {
		const struct bits b = cover(f, r, &p);

		keep_only(&left[p.row], &b, false);
	}
}

static size_t count_all(const struct bits *b)
{
	size_t n = 0;

	for (size_t i = 0; i < row_count(); i++)
		n += count(&b[i]);
	return n;
}

int rules_find(struct facts_of_cells *f, struct rule *rule, int most, size_t *left)
{
	static struct bits rest[MAXOPS * MAXRELATIONS * MAXCAPSETS], part[MAXOPS * MAXRELATIONS * MAXCAPSETS],
		nothing[MAXOPS * MAXRELATIONS * MAXCAPSETS];
	int n = 0;

	memcpy(rest, f->wrong, row_count() * sizeof(*rest));
	*left = count_all(rest);
	f->effort = calloc(1, sizeof(*f->effort));
	if (!f->effort)
		return 0;
	f->effort->left = MOST_EFFORT;
	while (*left && n < most) {
		if (solve(f, rest, &rule[n]))
			rule[n].cells = *left;
		else if (!best_part(f, rest, part, nothing, &rule[n])
			 && !first_row(f, rest, part, nothing, &rule[n]))
			break;
		subtract(f, &rule[n++], rest);
		*left = count_all(rest);
	}
	free(f->effort);
	f->effort = NULL;
	return n;
}

/* ---- in words ------------------------------------------------------------------------------------------ */

struct words { struct text *t; int n; };

/* What stands between the conditions of a rule. */
static void next(struct words *w)
{
	text_puts(w->t, w->n++ ? ", and " : " where ");
}

static bool was_run(const struct facts_of_cells *f, int op, int relation, int capset)
{
	struct place_of_row p;

	EACH_ROW(p)
		if ((op < 0 || p.op == op) && (relation < 0 || p.relation == relation)
		    && (capset < 0 || p.capset == capset) && !empty(&f->run[p.row]))
			return true;
	return false;
}

enum { MOST_NAMES = 8 };

/* A list of names is cut when it is long. */
static void add_name(struct text *t, const char *name, int shown)
{
	if (shown < MOST_NAMES)
		text_add(t, "%s%s", shown ? " or " : "", name);
}

static void add_rest(struct text *t, int shown)
{
	if (shown > MOST_NAMES)
		text_add(t, " or %d others", shown - MOST_NAMES);
}

static void relations_text(const struct facts_of_cells *f, const struct rule *r, struct words *w)
{
	int shown = 0;
	bool all = true;

	for (int i = 0; i < matrix_nrelations; i++)
		all = all && (r->relations >> i & 1 || !was_run(f, -1, i, -1));
	if (all)
		return;
	next(w);
	text_puts(w->t, "as=");
	for (int i = 0; i < matrix_nrelations; i++)
		if (r->relations >> i & 1)
			add_name(w->t, matrix_relation[i].name, shown++);
	add_rest(w->t, shown);
}

static void capsets_text(const struct facts_of_cells *f, const struct rule *r, struct words *w)
{
	int shown = 0;
	bool all = true;

	for (int i = 0; i < matrix_ncapsets; i++)
		all = all && (r->capsets >> i & 1 || !was_run(f, -1, -1, i));
	if (all)
		return;
	next(w);
	text_puts(w->t, "caps=");
	for (int i = 0; i < matrix_ncapsets; i++)
		if (r->capsets >> i & 1)
			add_name(w->t, matrix_capset[i].name, shown++);
}

/* Of the operations that were run, are those of the rule all that are alike to one of them? */
static bool closed(const struct facts_of_cells *f, const struct rule *r, enum ops_named way)
{
	for (int i = 0; i < matrix_nops; i++)
		for (int k = 0; k < matrix_nops && !r->op[i]; k++)
			if (r->op[k] && alike(way, i, k) && was_run(f, i, -1, -1) && was_run(f, k, -1, -1))
				return false;
	return true;
}

static bool files_only(const struct rule *r)
{
	for (int i = 0; i < matrix_nops; i++)
		if (r->op[i] && !is_file(matrix_op[i].kind))
			return false;
	return true;
}

static void ops_text(const struct facts_of_cells *f, const struct rule *r, struct words *w)
{
	enum ops_named way = ALL_OPS;
	int shown = 0, last = -1;

	while (way < THESE_OPS && !closed(f, r, way))
		way++;
	if (way == ALL_OPS)
		return;
	next(w);
	if (way == FILES_OR_NOT) {
		text_puts(w->t, files_only(r) ? "the object is a file" : "the object is of System V");
		return;
	}
	text_puts(w->t, way == WHOLE_KINDS ? "kind=" : "operation=");
	for (int i = 0; i < matrix_nops; i++) {
		const enum cellkind kind = matrix_op[i].kind;
		char buf[80] = "";
		struct text name = { buf, sizeof(buf), 0 };

		if (!r->op[i] || !was_run(f, i, -1, -1) || (last >= 0 && alike(way, i, last)))
			continue;
		last = i;
		if (way == WHOLE_OPERATIONS)
			text_puts(&name, opinfo[matrix_op[i].code].name);
		else
			text_puts(&name, way == WHOLE_KINDS || is_file(kind) ? cellkindinfo[kind].name : "");
		if (way == THESE_OPS) {
			text_puts(&name, is_file(kind) ? "/" : "");
			cellop_name(i, &name);
		}
		add_name(w->t, buf, shown++);
	}
	add_rest(w->t, shown);
}

static void conditions_text(const struct rule *r, struct words *w)
{
	static const char *const words[NCONDITIONS] = {
		[SHOULD_SUCCEED] = "the call should succeed",
		[SHOULD_FAIL] = "the call should fail",
		[BY_MODE] = "the mode decides",
		[BY_IDS] = "it is for owner and creator alone",
		[CAPS_HELP_NOT] = "no capability of the caller allows it",
		[CAPS_HELP] = "a capability of the caller allows it",
		[OWNER_OTHER_DIFFER] = "owner and others have different rights to it",
		[GROUP_OTHER_DIFFER] = "group and others have different rights to it",
		[OWNER_GROUP_DIFFER] = "owner and group have different rights to it",
		[CLASS_MAY] = "the digit that decides grants it",
		[CLASS_MAY_NOT] = "the digit that decides does not grant it",
		[OWNER_MAY] = "the owner may", [OWNER_MAY_NOT] = "the owner may not",
		[GROUP_MAY] = "the group may", [GROUP_MAY_NOT] = "the group may not",
		[OTHER_MAY] = "others may", [OTHER_MAY_NOT] = "others may not",
	};

	for (enum condition c = 0; r->conditions >> c; c++) {
		if (!(r->conditions >> c & 1))
			continue;
		next(w);
		if (c >= DIGIT_SET && c < BIT_SET)
			text_add(w->t, "the digit that decides %s %d", c < DIGIT_CLEAR ? "has" : "lacks",
				 1 << ((int)c - DIGIT_SET) % 3);
		else if (c < BIT_SET || c >= OWNER_MAY)
			text_puts(w->t, words[c]);
		else
			text_add(w->t, "the mode %s %04o", c < BIT_CLEAR ? "has" : "lacks",
				 1U << (c < BIT_CLEAR ? c - BIT_SET : c - BIT_CLEAR));
	}
}

void rule_text(const struct facts_of_cells *f, const struct rule *r, struct text *t)
{
	struct words w = { t, 0 };

	text_puts(t, "every cell");
	ops_text(f, r, &w);
	relations_text(f, r, &w);
	capsets_text(f, r, &w);
	conditions_text(r, &w);
}
