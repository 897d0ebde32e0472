#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tree.h"

/* ---- inside -------------------------------------------------------------------------------------- */

#ifdef INSIDE
/*
 * INSIDE is the folder of two files that the makefile made: index, a line "BYTES PATH" for each file in order
 * of path, and data, their texts one after the other.
 */
extern const char inside_index[], inside_index_end[], inside_data[];
__asm__(".section .rodata\n"
	".balign 8\n" ".globl inside_index\n" "inside_index: .incbin \"" INSIDE "/index\"\n"
	".globl inside_index_end\n" ".balign 8, 0\n" "inside_index_end: .byte 0\n"
	".balign 8\n" ".globl inside_data\n" "inside_data: .incbin \"" INSIDE "/data\"\n" ".byte 0\n"
	".previous\n");
#else
static const char inside_index[1], *const inside_index_end = inside_index, inside_data[1];
#endif

struct row { const char *path, *text; size_t pathlen, len; };

/* Reads the line at *at, of a text at *text, and moves both on. False at the end. */
static bool next_row(const char **at, const char **text, struct row *row)
{
	char *path;

	if (*at >= inside_index_end || !**at)
		return false;
	row->len = strtoul(*at, &path, 10);
	row->path = path + 1;
	row->pathlen = strcspn(row->path, "\n");
	row->text = *text;
	*at = row->path + row->pathlen + 1;
	*text += row->len;
	return true;
}

bool tree_inside(const char *path)
{
	return *inside_index && !strncmp(path, "cases", 5) && (!path[5] || path[5] == '/');
}

const char *tree_text(const char *path, size_t *len)
{
	const char *at = inside_index, *text = inside_data;
	size_t n = strlen(path);
	struct row row;

	while (next_row(&at, &text, &row))
		if (row.pathlen == n && !strncmp(row.path, path, n)) {
			*len = row.len;
			return row.text;
		}
	return NULL;
}

/* ---- walks --------------------------------------------------------------------------------------- */

struct walk {
	const char *pass_over;
	tree_visit *visit;
	void *ctx;
	char *err;
	size_t errsize;
};

static bool unreadable(const struct walk *w, const char *path, const char *why)
{
	snprintf(w->err, w->errsize, "%s: found %s, expected a case file or a folder of them", path, why);
	return false;
}

static bool visit_row(const struct walk *w, const struct row *row, bool named)
{
	char *path = strndup(row->path, row->pathlen);
	bool ok = path ? w->visit(w->ctx, path, named) : unreadable(w, row->path, "no memory");

	free(path);
	return ok;
}

static bool walk_inside(const struct walk *w, const char *path)
{
	const char *at = inside_index, *text = inside_data;
	bool ok = true, found = false;
	size_t n = strlen(path);
	struct row row;

	while (n && path[n - 1] == '/')
		n--;
	while (ok && next_row(&at, &text, &row)) {
		if (row.pathlen < n || strncmp(row.path, path, n) || (row.pathlen > n && row.path[n] != '/'))
			continue;
		found = true;
		ok = visit_row(w, &row, row.pathlen == n);
	}
	return found ? ok : unreadable(w, path, "nothing of that name among the cases inside");
}

static bool walk_disk(const struct walk *w, const char *path, bool top);

static bool walk_entry(const struct walk *w, const char *folder, const char *name)
{
	char *path;
	bool ok;

	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return true;
	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return unreadable(w, folder, "no memory");
	ok = walk_disk(w, path, false);
	free(path);
	return ok;
}

static bool walk_folder(const struct walk *w, const char *path)
{
	struct dirent **entry;
	int n = scandir(path, &entry, NULL, alphasort);
	bool ok = n >= 0 || unreadable(w, path, strerror(errno));

	for (int i = 0; i < n; i++) {
		ok = ok && walk_entry(w, path, entry[i]->d_name);
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
	return ok;
}

static bool passed_over(const struct walk *w, const char *path)
{
	const char *slash = strrchr(path, '/');

	return w->pass_over && slash && !strcmp(slash + 1, w->pass_over);
}

static bool walk_disk(const struct walk *w, const char *path, bool top)
{
	struct stat st;

	if (top ? stat(path, &st) : lstat(path, &st))
		return unreadable(w, path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return (!top && passed_over(w, path)) || walk_folder(w, path);
	return !S_ISREG(st.st_mode) || w->visit(w->ctx, path, top);
}

bool tree_walk(const char *path, const char *pass_over, tree_visit *visit, void *ctx, char *err,
	       size_t errsize)
{
	const struct walk w = { pass_over, visit, ctx, err, errsize };

	*err = '\0';
	return tree_inside(path) ? walk_inside(&w, path) : walk_disk(&w, path, true);
}
