#include <stdlib.h>
#include <string.h>

#include "expand.h"

void loops_init(struct loops *l)
{
	*l = (struct loops){ .ninstances = 1 };
}

/* ---- reading for lines ---------------------------------------------------------------------- */

/* A for line while it is read. */
struct reader {
	struct scan s;
	struct loops *l;
	struct loop *loop;
	size_t start;			/* of the line in the file */
	struct problem *p;
};

/* Passes on what went wrong in the scan. */
static bool passed_on(struct reader *r)
{
	return problem(r->p, r->start + r->s.errpos, "%s", r->s.err);
}

static bool unexpected(struct reader *r, size_t pos, const char *expected)
{
	scan_unexpected(&r->s, pos, expected);
	return passed_on(r);
}

static bool small_word(const char *s, size_t len)
{
	if (*s < 'a' || *s > 'z')
		return false;
	for (size_t i = 1; i < len; i++)
		if (s[i] >= 'A' && s[i] <= 'Z')
			return false;
	return true;
}

static int find_var(const struct loops *l, const char *s, size_t len)
{
	for (int i = 0; i < l->nvars; i++)
		if (l->var[i].len == len && memcmp(l->var[i].name, s, len) == 0)
			return i;
	return -1;
}

static bool read_names(struct reader *r)
{
	struct scan *s = &r->s;
	size_t len;

	while (!scan_is(s, "in")) {
		const char *name;

		len = scan_word(s);
		name = s->text + s->pos;
		if (!len || !small_word(name, len))
			return unexpected(r, s->pos, "a variable in small letters, or in and its values");
		if (find_var(r->l, name, len) >= 0)
			return unexpected(r, s->pos, "each variable once");
		if (r->l->nvars == MAXVARS)
			return unexpected(r, s->pos, "no more variables than that");
		r->l->var[r->l->nvars++] = (struct variable){ name, len, r->start + s->pos, false };
		r->loop->nvars++;
		s->pos += len;
	}
	return r->loop->nvars ? true : unexpected(r, s->pos - 2, "a variable before in");
}

/* Length of a value: up to a blank or comma that is not in a string or in brackets. */
static size_t value_length(const char *p)
{
	bool quoted = false;
	size_t n;
	int depth = 0;

	for (n = 0; p[n]; n++) {
		if (p[n] == '\\' && quoted && p[n + 1])
			n++;
		else if (p[n] == '"')
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (strchr("([{", p[n]))
			depth++;
		else if (strchr(")]}", p[n]))
			depth--;
		else if (strchr(" \t,", p[n]) && depth <= 0)
			break;
	}
	return n;
}

static char *copy(struct reader *r, const char *s, size_t len)
{
	char *to = scan_alloc(&r->s, len + 1);

	return to ? memcpy(to, s, len) : NULL;
}

/* A new tuple of the loop, with room for its values. */
static struct tuple *add_tuple(struct reader *r, size_t pos)
{
	struct loop *loop = r->loop;
	const char **value = scan_alloc(&r->s, (size_t)loop->nvars * sizeof(*value));

	if (value && loop->ntuples == loop->room) {
		int room = loop->room ? 2 * loop->room : 8;
		struct tuple *grown = scan_alloc(&r->s, (size_t)room * sizeof(*grown));

		if (grown && loop->ntuples)
			memcpy(grown, loop->tuple, (size_t)loop->ntuples * sizeof(*grown));
		loop->tuple = grown;
		loop->room = grown ? room : 0;
	}
	if (!value || !loop->room) {
		passed_on(r);
		return NULL;
	}
	if (loop->ntuples == MAXINSTANCES) {
		unexpected(r, pos, "at most 10000 values");
		return NULL;
	}
	loop->tuple[loop->ntuples] = (struct tuple){ .at = r->start + pos, .value = value };
	return &loop->tuple[loop->ntuples++];
}

/* The numbers of a range in the spelling of its upper bound: base, and as many digits. */
static bool add_range(struct reader *r, size_t pos, int64_t lo, int64_t hi, const char *last, size_t len)
{
	char digits[32];
	bool octal = len > 1 && last[0] == '0' && last[1] != 'x', hex = len > 1 && last[1] == 'x';

	if (hi - lo >= MAXINSTANCES)
		return unexpected(r, pos, "a range of at most 10000 numbers");
	for (int64_t v = lo; v <= hi; v++) {
		struct text t = { digits, sizeof(digits), 0 };
		struct tuple *tuple = add_tuple(r, pos);

		if (octal)
			text_add(&t, "0%0*llo", (int)len - 1, (unsigned long long)v);
		else if (hex)
			text_add(&t, "0x%0*llx", (int)len - 2, (unsigned long long)v);
		else
			text_int(&t, v);
		if (!tuple || !(tuple->value[tuple->nvalues++] = copy(r, digits, t.len)))
			return false;
	}
	return true;
}

/* Reads "0..0777" at pos; false without a problem when it is something else. */
static bool read_range(struct reader *r, size_t len, bool *failed)
{
	char text[64];
	struct scan s = { .text = text };
	struct text t = { text, sizeof(text), 0 };
	const char *from = r->s.text + r->s.pos, *dots = memmem(from, len, "..", 2), *last;
	int64_t lo, hi;

	*failed = false;
	if (!dots || *from == '"' || len >= sizeof(text))
		return false;
	text_put(&t, from, len);
	text[dots - from] = '\0';
	last = text + (dots - from) + 2;
	if (!scan_number(&s, &lo) || s.pos != (size_t)(dots - from))
		return false;
	s = (struct scan){ .text = last };
	if (!scan_number(&s, &hi) || last[s.pos])
		return false;
	if (lo > hi || hi > INT32_MAX || lo < INT32_MIN || (lo < 0 && *last == '0' && last[1]))
		*failed = !unexpected(r, r->s.pos, "a range from low to high");
	else if (r->loop->nvars > 1)
		*failed = !unexpected(r, r->s.pos, "a range only where there is one variable");
	else
		*failed = !add_range(r, r->s.pos, lo, hi, last, strlen(last));
	r->s.pos += len;
	return !*failed;
}

static bool read_tuple(struct reader *r)
{
	struct scan *s = &r->s;
	struct tuple *tuple;
	bool failed;
	size_t len;

	scan_space(s);
	if (read_range(r, value_length(s->text + s->pos), &failed))
		return true;
	if (failed || !(tuple = add_tuple(r, s->pos)))
		return false;
	while (tuple->nvalues < r->loop->nvars) {
		scan_space(s);
		len = value_length(s->text + s->pos);
		if (!len)
			return unexpected(r, s->pos, "a value for each variable");
		if (!(tuple->value[tuple->nvalues++] = copy(r, s->text + s->pos, len)))
			return passed_on(r);
		s->pos += len;
	}
	return true;
}

static int by_value(const void *a, const void *b)
{
	const struct tuple *x = a, *y = b;
	int order = 0;

	for (int i = 0; i < x->nvalues && !order; i++)
		order = strcmp(x->value[i], y->value[i]);
	return order ? order : x->at < y->at ? -1 : x->at > y->at;
}

/* The same values twice would give two instances of one name. */
static bool check_distinct(struct reader *r)
{
	const struct loop *loop = r->loop;
	struct tuple *sorted = scan_alloc(&r->s, (size_t)loop->ntuples * sizeof(*sorted));

	if (!sorted)
		return passed_on(r);
	memcpy(sorted, loop->tuple, (size_t)loop->ntuples * sizeof(*sorted));
	qsort(sorted, (size_t)loop->ntuples, sizeof(*sorted), by_value);
	for (int i = 1; i < loop->ntuples; i++) {
		struct tuple *a = &sorted[i - 1], *b = &sorted[i];
		int same = 0;

		while (same < a->nvalues && strcmp(a->value[same], b->value[same]) == 0)
			same++;
		if (same == a->nvalues)
			return unexpected(r, b->at - r->start, "each value once");
	}
	return true;
}

bool loops_add(struct loops *l, struct arena *a, const struct source *src, size_t start, struct problem *p)
{
	struct reader r = {
		.s = { .text = src->text + start, .pos = strlen("for"), .arena = a },
		.l = l, .loop = &l->loop[l->nloops], .start = start, .p = p,
	};

	if (l->nloops == MAXVARS)
		return problem(p, start, "found more than %d for lines, expected at most that", MAXVARS);
	r.loop->first = l->nvars;
	if (!read_names(&r))
		return false;
	do
		if (!read_tuple(&r))
			return false;
	while (scan_char(&r.s, ','));
	if (r.s.text[r.s.pos])
		return unexpected(&r, r.s.pos, "',' or the end of the line");
	if (!check_distinct(&r))
		return false;
	if (r.loop->ntuples > MAXINSTANCES / l->ninstances)
		return problem(p, start, "found %d times %d instances, expected at most %d", l->ninstances,
			       r.loop->ntuples, MAXINSTANCES);
	l->ninstances *= r.loop->ntuples;
	l->nloops++;
	return true;
}

/* ---- replacing ------------------------------------------------------------------------------ */

/* Length of the variable's name after a $, 0 if it is just a dollar. */
static size_t name_length(const char *p)
{
	size_t n = 0;

	if ((*p < 'a' || *p > 'z') && (*p < 'A' || *p > 'Z'))
		return 0;
	while ((p[n] >= 'a' && p[n] <= 'z') || (p[n] >= 'A' && p[n] <= 'Z') || (p[n] >= '0' && p[n] <= '9') ||
	       p[n] == '_')
		n++;
	return n;
}

bool loops_check_line(struct loops *l, const struct source *src, size_t start, struct problem *p)
{
	const char *line = src->text + start;

	for (const char *at = line; (at = strchr(at, '$')); at++) {
		size_t len = name_length(at + 1);
		int var = find_var(l, at + 1, len);

		if (len && var < 0)
			return problem(p, start + (size_t)(at - line), "found '$%.*s', expected a variable",
				       len < 40 ? (int)len : 40, at + 1);
		if (len)
			l->var[var].used = true;
	}
	return true;
}

bool loops_check_used(const struct loops *l, struct problem *p)
{
	for (int i = 0; i < l->nvars; i++)
		if (!l->var[i].used)
			return problem(p, l->var[i].at, "found '%.*s', expected a variable that a step uses",
				       (int)l->var[i].len, l->var[i].name);
	return true;
}

void loops_pick(const struct loops *l, int i, const char *value[MAXVARS])
{
	for (int k = l->nloops; k-- > 0; ) {
		const struct loop *loop = &l->loop[k];
		const struct tuple *tuple = &loop->tuple[i % loop->ntuples];

		memcpy(value + loop->first, tuple->value, (size_t)loop->nvars * sizeof(*value));
		i /= loop->ntuples;
	}
}

void loops_print(const struct loops *l, const char *const value[MAXVARS], struct text *t)
{
	for (int i = 0; i < l->nvars; i++)
		text_add(t, "%s%.*s=%s", i ? "," : "", (int)l->var[i].len, l->var[i].name, value[i]);
}

const char *expand(const struct loops *l, const char *const value[MAXVARS], const char *line,
		   char buf[LINEMAX + 1], size_t *pos)
{
	struct text t = { buf, LINEMAX + 1, 0 };
	const char *dollar;

	if (!l->nvars || !strchr(line, '$'))
		return line;
	for (*pos = 0; (dollar = strchr(line + *pos, '$')); ) {
		size_t len = name_length(dollar + 1);

		text_put(&t, line + *pos, (size_t)(dollar - line) - *pos + !len);
		if (len)
			text_puts(&t, value[find_var(l, dollar + 1, len)]);
		*pos = (size_t)(dollar - line);
		if (t.len > LINEMAX)
			return NULL;
		*pos += 1 + len;
	}
	text_puts(&t, line + *pos);
	return t.len > LINEMAX ? NULL : buf;
}

size_t expand_origin(const struct loops *l, const char *const value[MAXVARS], const char *line, size_t pos)
{
	size_t at = 0, done = 0;

	if (!l->nvars)
		return pos;
	while (line[at] && done < pos) {
		size_t len = line[at] == '$' ? name_length(line + at + 1) : 0;
		size_t width = len ? strlen(value[find_var(l, line + at + 1, len)]) : 1;

		if (done + width > pos)
			return at;
		done += width;
		at += 1 + len;
	}
	return at;
}
