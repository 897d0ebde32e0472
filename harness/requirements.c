#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "requirements.h"
#include "source.h"

/* Everything behind a list. */
struct store {
	struct arena arena;
	struct requirement **sorted;	/* by id, for finding */
};

enum { COLUMNS = 6 };

static int by_id(const void *a, const void *b)
{
	const struct requirement *const *x = a, *const *y = b;

	return strcmp((*x)->id, (*y)->id);
}

/* Splits the row at text in place; the newline has become NUL. */
static bool read_row(const char *start, char *row, struct requirement *to, struct problem *p)
{
	const char **column[COLUMNS] = { &to->id, &to->interface, &to->strength, &to->source, &to->text,
				  &to->unwitnessed };
	int n = 0;

	for (char *next = row, *tab; next; next = tab ? tab + 1 : NULL, n++) {
		tab = strchr(next, '\t');
		if (tab)
			*tab = '\0';
		if (n < COLUMNS)
			*column[n] = next;
	}
	if (n != COLUMNS || !*to->id)
		return problem(p, (size_t)(row - start), "found %d columns, expected an id and %d more", n,
			       COLUMNS - 1);
	return true;
}

static bool read_rows(struct requirements *r, char *text, struct problem *p)
{
	struct store *store = r->private_;
	char *next = strchr(text, '\n');	/* the first row names the columns */

	if (!next || strncmp(text, "id\t", 3))
		return problem(p, 0, "found no names of columns, expected them, id being the first");
	for (char *row = next + 1; *row; row = next + 1) {
		next = strchr(row, '\n');
		if (!next)
			return problem(p, (size_t)(row - text), "found an open last row, expected a newline");
		*next = '\0';
		if (!read_row(text, row, &r->v[r->n], p))
			return false;
		store->sorted[r->n] = &r->v[r->n];
		r->n++;
	}
	qsort(store->sorted, r->n, sizeof(*store->sorted), by_id);
	for (size_t i = 1; i < r->n; i++) {
		const char *id = store->sorted[i]->id;

		if (strcmp(store->sorted[i - 1]->id, id) == 0)
			return problem(p, (size_t)(id - text), "found '%s' again, expected each id once", id);
	}
	return true;
}

static bool load(struct requirements *r, const char *path, char **original, struct problem *p)
{
	struct store *store = r->private_;
	size_t len, rows;
	char *text = file_read(path, FILEMAX, &store->arena, &len, p);

	*original = NULL;
	if (!text)
		return false;
	if (strlen(text) != len)
		return problem(p, 0, "found a NUL byte, expected text");
	rows = (size_t)line_of(text, len);
	*original = arena_alloc(&store->arena, len + 1);
	r->v = arena_alloc(&store->arena, rows * sizeof(*r->v));
	store->sorted = arena_alloc(&store->arena, rows * sizeof(*store->sorted));
	if (!*original || !r->v || !store->sorted)
		return problem(p, 0, "found no memory for the file, expected some");
	memcpy(*original, text, len);
	return read_rows(r, text, p);
}

bool requirements_load(struct requirements *r, const char *path, char *err, size_t errsize)
{
	struct problem p = { 0, "found no memory for the list, expected some" };
	char *original = NULL;

	*r = (struct requirements){ .private_ = calloc(1, sizeof(struct store)) };
	if (r->private_ && load(r, path, &original, &p))
		return true;
	problem_print(&p, path, original ? original : "", err, errsize);
	requirements_free(r);
	return false;
}

bool requirements_load_below(struct requirements *r, const char *root, char *err, size_t errsize)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/requirements.tsv", root);
	return requirements_load(r, path, err, errsize);
}

void requirements_free(struct requirements *r)
{
	struct store *store = r->private_;

	if (store)
		arena_free(&store->arena);
	free(store);
	*r = (struct requirements){ 0 };
}

struct key { const char *id; size_t len; };

static int compare_key(const void *key, const void *element)
{
	const struct key *k = key;
	const struct requirement *const *e = element;
	int order = strncmp(k->id, (*e)->id, k->len);

	return order ? order : -(*e)->id[k->len];
}

const struct requirement *requirement_find(const struct requirements *r, const char *id, size_t len)
{
	const struct store *store = r->private_;
	struct key key = { id, len };
	struct requirement **found;

	if (!r->n)
		return NULL;
	found = bsearch(&key, store->sorted, r->n, sizeof(*store->sorted), compare_key);
	return found ? *found : NULL;
}
