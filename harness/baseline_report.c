/* What a run has shown of the rows of its baselines: which explained something, and which are stale. */
#include <stdio.h>
#include <string.h>

#include "baseline.h"
#include "pattern.h"
#include "terminal.h"

/* Can it still turn out to be stale? Not where one of those that it fits was left out. */
static bool is_open(const struct baseline_row *row)
{
	return row->here && !row->times && row->ran == row->named;
}

/* Can the pattern fit a name with that beginning? */
static bool may_begin(const char *pattern, const char *prefix)
{
	size_t n = strcspn(pattern, "*?"), m = strlen(prefix);

	return !strncmp(pattern, prefix, n < m ? n : m);
}

bool baseline_wants_names(const struct baseline *b, const char *prefix)
{
	for (size_t i = 0; i < b->n; i++)
		if (is_open(&b->row[i]) && may_begin(b->row[i].name, prefix))
			return true;
	return false;
}

void baseline_named(struct baseline *b, const char *name, bool ran)
{
	for (size_t i = 0; i < b->n; i++) {
		struct baseline_row *row = &b->row[i];

		if (!is_open(row) || !pattern_matches(row->name, name))
			continue;
		row->named++;
		row->ran += ran;
	}
}

static bool about_cells(const struct baseline_row *row)
{
	return !strncmp(row->name, "matrix/", 7);
}

size_t baseline_settle(struct baseline *b, bool whole, bool cells)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		struct baseline_row *row = &b->row[i];

		row->stale = is_open(row) && (row->named || (whole && about_cells(row) == cells));
		n += row->stale;
	}
	return n;
}

enum { MOST_PRINTED = 20 };

void baseline_print_known(const struct baseline *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		const struct baseline_row *row = &b->row[i];

		if (!row->times)
			continue;
		if (n++ < MOST_PRINTED)
			printf("  known, %zu: %s  %s\n      %s%s%s\n", row->times, row->name, row->observed,
			       row->reason, *row->reference ? "  " : "", row->reference);
	}
	if (n > MOST_PRINTED)
		printf("  and by %zu more rows of the baseline\n", n - MOST_PRINTED);
}

void baseline_print_stale(const struct baseline *b)
{
	char buf[4096];

	for (size_t i = 0; i < b->n; i++) {
		const struct baseline_row *row = &b->row[i];

		if (!row->stale)
			continue;
		snprintf(buf, sizeof(buf), "%s  %s  %s\n     %-9s %s:%d\n     %-9s %s\n",
			 verdictinfo[V_stale].name, row->name, row->observed, "listed", row->file, row->line,
			 "reason", row->reason);
		terminal_print(buf);
		if (!row->named)
			printf("     %-9s nothing has such a name\n", "");
	}
}

void baseline_json(const struct baseline *b, bool stale, struct json *j)
{
	json_array(j, stale ? "stale" : "known");
	for (size_t i = 0; i < b->n; i++) {
		const struct baseline_row *row = &b->row[i];

		if (stale ? !row->stale : !row->times)
			continue;
		json_object(j, NULL);
		json_string(j, "name", row->name);
		json_string(j, "observed", row->observed);
		json_string(j, "where", row->where);
		json_string(j, "reason", row->reason);
		json_string(j, "reference", row->reference);
		json_string(j, "seen", row->seen);
		json_string(j, "file", row->file);
		json_number(j, "line", row->line);
		json_number(j, "times", (int64_t)row->times);
		json_end(j, '}');
	}
	json_end(j, ']');
}
