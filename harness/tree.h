/* Files by path: on disk, or inside a program that carries the cases with it. */
#ifndef TREE_H
#define TREE_H

#include <stdbool.h>
#include <stddef.h>

/* Is the path that of the cases inside, "cases", or below it? Never so in a program that carries none. */
bool tree_inside(const char *path);
/*
 * The text of a file inside, which lives as long as the program and has no NUL behind it; NULL: none there.
 */
const char *tree_text(const char *path, size_t *len);

/* named: the caller of tree_walk named this very file. False ends the walk. */
typedef bool tree_visit(void *ctx, const char *path, bool named);

/*
 * Visits path when it is a file, else every file below it, folder by folder in order of name; but no folder
 * below it that is called pass_over. Links below it are not followed. False when visit said so, with err
 * empty, or with a sentence in err.
 */
bool tree_walk(const char *path, const char *pass_over, tree_visit *visit, void *ctx, char *err,
	       size_t errsize);

#endif
