#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "jsonread.h"
#include "pattern.h"

enum { COLUMNS = 6, BASELINE_MAX = 16 << 20 };	/* bytes of a file */

/* ---- files ------------------------------------------------------------------------------------------- */

/* A file being read; its text is cut into cells, and original stays whole for messages. */
struct reading {
	struct baseline *b;
	const char *path;
	char *text;
	const char *original;
	bool headed;			/* the names of the columns have been read */
	struct problem *p;
};

static bool check_where(struct reading *r, const struct baseline_row *row)
{
	const char *at, *expected;
	bool holds;

	expected = where_holds(row->where, NULL, &holds, &at);
	if (expected)
		return problem(r->p, (size_t)(at - r->text), "found '%.*s', expected %s",
			       (int)strcspn(at, ","), at, expected);
	return true;
}

static bool is_new(struct reading *r, const struct baseline_row *row)
{
	for (size_t i = 0; i < r->b->n; i++) {
		const struct baseline_row *old = &r->b->row[i];

		if (!strcmp(old->name, row->name) && !strcmp(old->observed, row->observed)
		    && !strcmp(old->where, row->where))
			return problem(r->p, (size_t)(row->name - r->text),
				       "found what %s:%d says, expected each difference once", old->file,
				       old->line);
	}
	return true;
}

static bool read_row(struct reading *r, char *line)
{
	struct baseline_row row = { .file = r->path, .line = line_of(r->original, (size_t)(line - r->text)) };
	struct { const char **to, *name; bool may_lack; } column[COLUMNS] = {
		{ &row.name, "the name of a case or cell", false },
		{ &row.observed, "what is observed", false },
		{ &row.where, "on which systems", false }, { &row.reason, "a reason", false },
		{ &row.reference, "a reference", true }, { &row.seen, "since when it is known", false },
	};
	size_t start = (size_t)(line - r->text);
	int n = 0;

	for (char *next = line, *tab; next; next = tab ? tab + 1 : NULL, n++) {
		tab = strchr(next, '\t');
		if (tab)
			*tab = '\0';
		if (n < COLUMNS)
			*column[n].to = next;
	}
	if (n != COLUMNS)
		return problem(r->p, start, "found %d columns, expected %d", n, COLUMNS);
	for (n = 0; n < COLUMNS; n++)
		if (!**column[n].to && !column[n].may_lack)
			return problem(r->p, (size_t)(*column[n].to - r->text), "found nothing, expected %s",
				       column[n].name);
	if (!check_where(r, &row) || !is_new(r, &row))
		return false;
	if (!grow(&r->b->row, &r->b->cap, r->b->n + 1, sizeof(row)))
		return problem(r->p, start, "found no memory for the row, expected some");
	r->b->row[r->b->n++] = row;
	return true;
}

static bool read_line(struct reading *r, char *line)
{
	if (!*line || *line == '#')
		return true;
	if (r->headed)
		return read_row(r, line);
	r->headed = true;
	if (strcmp(line, BASELINE_HEADINGS))
		return problem(r->p, (size_t)(line - r->text), "found '%.60s', expected the headings case "
			       "observed where reason reference seen, with tabs between", line);
	return true;
}

static bool read_lines(struct reading *r, size_t len)
{
	for (char *line = r->text, *end; line < r->text + len; line = end + 1) {
		end = strchr(line, '\n');
		if (!end)
			return problem(r->p, (size_t)(line - r->text),
				       "found an open last line, expected a newline");
		*end = '\0';
		if (!read_line(r, line))
			return false;
	}
	return true;
}

bool baseline_load(struct baseline *b, const char *path, char *err, size_t errsize)
{
	struct problem p = { 0 };
	struct reading r = { .b = b, .p = &p, .original = "" };
	char *copy, *file = arena_alloc(&b->arena, strlen(path) + 1);
	size_t len = 0;

	if (file)
		r.path = memcpy(file, path, strlen(path) + 1);
	r.text = file_read_named(path, BASELINE_MAX, &b->arena, &len, &p);
	copy = r.text ? arena_alloc(&b->arena, len + 1) : NULL;
	if (copy)
		r.original = memcpy(copy, r.text, len);
	else if (r.text)
		problem(&p, 0, "found no memory for the file, expected some");
	if (file && copy && text_check(r.text, len, &p) && read_lines(&r, len))
		return true;
	problem_print(&p, path, r.original, err, errsize);
	return false;
}

void baseline_free(struct baseline *b)
{
	arena_free(&b->arena);
	free(b->row);
	free(b->left);
	*b = (struct baseline){ .n = 0 };
}

/* ---- signs ------------------------------------------------------------------------------------------- */

/* The part of each line before its colon says what differs, the rest by how much. */
static void add_aspects(const char *lines, struct text *t)
{
	for (const char *sep = " "; *lines; sep = "; ") {
		size_t n = strcspn(lines, "\n");

		text_add(t, "%s%.*s", sep, (int)strcspn(lines, ":\n"), lines);
		lines += n + (lines[n] == '\n');
	}
}

void finding_sign(const struct finding *f, struct text *t)
{
	const char *call = f->call ? f->call : "", *observed = f->observed ? f->observed : "";
	bool success = (*observed >= '0' && *observed <= '9') || *observed == '-';

	text_add(t, "%.*s", (int)strcspn(call, "("), call);
	if (!f->linux_says && f->because && *f->because)
		add_aspects(f->because, t);
	else
		text_add(t, " %s%s", success ? "0" : observed, f->as_linux ? AS_LINUX : "");
}

/* ---- judging ----------------------------------------------------------------------------------------- */

struct baseline_row *baseline_find(const struct baseline *b, const char *name, const char *sign)
{
	for (size_t i = 0; b && i < b->n; i++) {
		struct baseline_row *row = &b->row[i];

		if (row->here && pattern_matches(row->observed, sign) && pattern_matches(row->name, name))
			return row;
	}
	return NULL;
}

/* An instance whose runs disagree is known only by a row that says so. */
static const char unstable[] = "unstable";

static struct baseline_row *find_unstable(const struct baseline *b, const char *name)
{
	for (size_t i = 0; b && i < b->n; i++)
		if (b->row[i].here && !strcmp(b->row[i].observed, unstable)
		    && pattern_matches(b->row[i].name, name))
			return &b->row[i];
	return NULL;
}

/* Where a row says that a call always fails so, the system is not short of anything. */
static bool can_be_known(enum verdict_word v)
{
	return v == V_deviates || v == V_permitted || v == V_unresolved;
}

static void explain(struct finding *f, const struct baseline_row *row)
{
	f->verdict = V_known;
	f->reason = row->reason;
	f->reference = row->reference;
}

/* The verdict that the findings leave. */
static void judge_again(struct trial *t)
{
	enum verdict_word v = V_conforms;
	const struct finding *first = NULL;

	for (const struct finding *f = t->findings; f; f = f->next) {
		v = f->verdict > v ? f->verdict : v;
		first = !first && f->verdict == V_known ? f : first;
	}
	if (v == V_known) {
		t->reason = first->reason;
		t->reference = first->reference;
	}
	t->verdict = v;
}

void baseline_judge(const struct baseline *b, const char *name, struct trial *t)
{
	const struct baseline_row *disagree = t->verdict == V_unstable ? find_unstable(b, name) : NULL;

	for (struct finding *f = t->findings; f; f = f->next) {
		char buf[2000] = "";
		struct text sign = { buf, sizeof(buf), 0 };
		const struct baseline_row *row;

		if (!can_be_known(f->verdict))
			continue;
		finding_sign(f, &sign);
		row = disagree ? disagree : baseline_find(b, name, buf);
		if (row)
			explain(f, row);
	}
	if (t->findings && (disagree || can_be_known(t->verdict)))
		judge_again(t);
}

/* ---- counting ---------------------------------------------------------------------------------------- */

bool baseline_keep(struct baseline *b, const char *name, const char *sign)
{
	size_t nname = strlen(name) + 1, nsign = strlen(sign) + 1;
	char *copy;

	for (size_t i = b->nleft; i-- > 0 && !strcmp(b->left[i].name, name);)
		if (!strcmp(b->left[i].sign, sign))
			return true;
	copy = arena_alloc(&b->arena, nname + nsign);
	if (!copy || !grow(&b->left, &b->capleft, b->nleft + 1, sizeof(*b->left)))
		return false;
	memcpy(copy, name, nname);
	memcpy(copy + nname, sign, nsign);
	b->left[b->nleft++] = (struct unexplained){ copy, copy + nname };
	return true;
}

static const char *text_of(const struct value_read *object, const char *key)
{
	const struct value_read *v = json_member(object, key);

	return v && v->type == J_STRING ? v->string : "";
}

static bool count_finding(struct baseline *b, const char *name, const struct value_read *f, bool strict)
{
	const char *verdict = text_of(f, "verdict"), *sign = text_of(f, "sign");
	struct baseline_row *row = NULL;

	if (!strcmp(verdict, verdictinfo[V_deviates].name)
	    || (strict && !strcmp(verdict, verdictinfo[V_permitted].name)))
		return baseline_keep(b, name, sign);
	if (!strcmp(verdict, verdictinfo[V_known].name))
		row = baseline_find(b, name, sign);
	if (row)
		row->times++;
	return true;
}

bool baseline_count(struct baseline *b, const char *record, bool strict)
{
	struct arena arena = { 0 };
	struct problem p;
	const struct value_read *v = json_read(record, &arena, &p);
	const struct value_read *findings = v ? json_member(v, "findings") : NULL;
	const char *verdict = v ? text_of(v, "verdict") : "", *name = v ? text_of(v, "name") : "";
	bool ok = v;
	struct baseline_row *row = find_unstable(b, name);

	/* What differs only now and then is no row to be written by a program. */
	if (row && !strcmp(verdict, verdictinfo[V_known].name) && !strcmp(text_of(v, "reason"), row->reason))
		row->times++;
	else if (findings && strcmp(verdict, verdictinfo[V_unstable].name))
		for (const struct value_read *f = findings->first; ok && f; f = f->next)
			ok = count_finding(b, name, f, strict);
	arena_free(&arena);
	return ok;
}
