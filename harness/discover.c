#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discover.h"
#include "pattern.h"
#include "precedence.h"
#include "tree.h"

static bool is_case(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && !strcmp(dot, ".case");
}

bool collection_add(struct collection *c, struct script *s)
{
	if (!grow(&c->v, &c->cap, c->n + 1, sizeof(*c->v)))
		return false;
	c->v[c->n++] = s;
	return true;
}

static bool load(struct collection *c, const char *path, const char *root, const struct requirements *reqs)
{
	char err[1024];
	struct script *s = script_load(path, root, reqs, err, sizeof(err));

	if (s)
		return collection_add(c, s);
	fprintf(stderr, "%s\n", err);
	c->errors++;
	return true;
}

/*
 * The list of errors that cannot meet stands for the cases about those that do, which are generated: see
 * precedence.h.
 */
static bool is_precedence(const char *path)
{
	size_t len = strlen(path), n = sizeof(PRECEDENCE_LIST) - 1;

	return len >= n && !strcmp(path + len - n, PRECEDENCE_LIST);
}

static bool generate(struct collection *c, const char *root, const char *pattern,
		     const struct requirements *reqs)
{
	struct precedence p;
	char err[1024];
	bool ok = precedence_find(&p, pattern, reqs);

	for (size_t i = 0; ok && i < p.n; i++) {
		struct script *s = p.v[i].text
			? precedence_script(&p.v[i], root, reqs, err, sizeof(err)) : NULL;

		if (p.v[i].text && !s)
			fprintf(stderr, "precedence/%s: %s\n", opinfo[p.v[i].code].name, err);
		ok = !p.v[i].text || (s && collection_add(c, s));
	}
	precedence_free(&p);
	return ok;
}

struct search {
	struct collection *c;
	const char *root;
	enum which_cases which;
	const char *pattern;			/* NULL: any */
	const struct requirements *reqs;
};

static bool is_wanted(const struct search *s, const char *path)
{
	size_t len;
	const char *name = script_name(path, s->root, &len);

	return is_case(path) && (!s->pattern || pattern_may_match(s->pattern, name, len));
}

static bool visit(void *ctx, const char *path, bool named)
{
	const struct search *s = ctx;

	if (is_precedence(path))
		return s->which == WRITTEN || generate(s->c, s->root, s->pattern, s->reqs);
	return !(named || is_wanted(s, path)) || load(s->c, path, s->root, s->reqs);
}

/* Folders "bad" hold cases that cannot be read, for tests of what is said about them. */
static bool walk(struct search *s, const char *path)
{
	char err[4200];
	bool ok = tree_walk(path, "bad", visit, s, err, sizeof(err));

	if (*err)
		fprintf(stderr, "%s\n", err);
	return ok;
}

static int by_name(const void *a, const void *b)
{
	const struct script *x = *(struct script *const *)a, *y = *(struct script *const *)b;
	int order = strcmp(x->name, y->name);

	return order ? order : strcmp(x->values ? x->values : "", y->values ? y->values : "");
}

bool discover(struct collection *c, const char *root, char *const *paths, int npaths,
	      enum which_cases which, const char *pattern, const struct requirements *reqs)
{
	struct search s = { c, root, which, pattern, reqs };
	bool ok = true;

	*c = (struct collection){ 0 };
	for (int i = 0; ok && i < npaths; i++)
		ok = walk(&s, paths[i]);
	if (!npaths)
		ok = walk(&s, root);
	if (c->n)
		qsort(c->v, c->n, sizeof(*c->v), by_name);
	return ok;
}

void collection_free(struct collection *c)
{
	for (size_t i = 0; i < c->n; i++)
		script_free(c->v[i]);
	free(c->v);
}
