#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "partition.h"
#include "source.h"
#include "tree.h"
#include "untried.h"

enum { MAXPATH = 4096 };

static bool split_words(struct words *w, char *text)
{
	const size_t most = sizeof(w->word) / sizeof(*w->word);
	char *word;

	while ((word = strsep(&text, ","))) {
		if (!*word || (size_t)w->n == most)
			return false;
		w->word[w->n++] = word;
	}
	return w->n;
}

static bool split_row(struct untried_row *r, char *text)
{
	char *column[4], *at = text;

	for (int i = 0; i < 4; i++)
		if (!(column[i] = strsep(&at, "\t")) || !*column[i])
			return false;
	r->reason = column[3];
	return !at && split_words(&r->operation, column[0]) && split_words(&r->argument, column[1])
		&& split_words(&r->part, column[2]);
}

static bool add_row(struct untried *u, const struct untried_row *r)
{
	if (u->n == u->cap) {
		size_t cap = 2 * u->cap + 16;
		struct untried_row *grown = arena_alloc(&u->arena, cap * sizeof(*grown));

		if (!grown)
			return false;
		if (u->n)
			memcpy(grown, u->row, u->n * sizeof(*grown));
		u->row = grown;
		u->cap = cap;
	}
	u->row[u->n++] = *r;
	return true;
}

bool untried_read(struct untried *u, const char *root)
{
	struct problem problem = { .at = 0 };
	char path[MAXPATH], *text, *line;
	size_t len;

	snprintf(path, sizeof(path), "%s/" UNTRIED_LIST, root);
	if (tree_inside(path) ? !tree_text(path, &len) : access(path, F_OK) != 0)
		return true;
	text = file_read(path, FILEMAX, &u->arena, &len, &problem);
	if (!text)
		fprintf(stderr, "%s: %s\n", path, problem.text);
	for (int n = 1; text && (line = strsep(&text, "\n")); n++) {
		struct untried_row row = { .line = n };

		if (n == 1 || !*line)
			continue;
		if (!split_row(&row, line)) {
			fprintf(stderr, "%s:%d: expected operations, arguments, parts and a reason, each "
				"before a tab\n", path, n);
			return false;
		}
		if (!add_row(u, &row))
			return false;
	}
	return u->n || !*problem.text;
}

void untried_free(struct untried *u)
{
	arena_free(&u->arena);
	*u = (struct untried){ 0 };
}

static int fitting(const struct words *w, const char *name)
{
	for (int i = 0; i < w->n; i++)
		if (!fnmatch(w->word[i], name, 0))
			return i;
	return -1;
}

static bool fits(struct untried_row *r, const char *operation, const char *argument, const char *part)
{
	int o = fitting(&r->operation, operation), a = fitting(&r->argument, argument);
	int p = fitting(&r->part, part);

	if (o < 0 || a < 0 || p < 0)
		return false;
	r->operation.used |= 1u << o;
	r->argument.used |= 1u << a;
	r->part.used |= 1u << p;
	return true;
}

const char *untried_reason(struct untried *u, enum opcode code, int arg, int part)
{
	const struct opinfo *o = &opinfo[code];

	for (size_t i = 0; i < u->n; i++)
		if (fits(&u->row[i], o->name, o->arg[arg].name, part_name(o->arg[arg].kind, part)))
			return u->row[i].reason;
	return NULL;
}

static size_t idle_words(const struct words *w, const char *root, int line)
{
	size_t n = 0;

	for (int i = 0; i < w->n; i++)
		if (!(w->used >> i & 1)) {
			fprintf(stderr, "%s/" UNTRIED_LIST ":%d: found '%s', expected what fits a part of an "
				"argument\n", root, line, w->word[i]);
			n++;
		}
	return n;
}

size_t untried_idle(const struct untried *u, const char *root)
{
	size_t n = 0;

	for (size_t i = 0; i < u->n; i++) {
		const struct untried_row *r = &u->row[i];

		n += idle_words(&r->operation, root, r->line) + idle_words(&r->argument, root, r->line)
			+ idle_words(&r->part, root, r->line);
	}
	return n;
}
