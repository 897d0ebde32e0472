/* Files that are there, as objects whose access is asked about. */
#ifndef EXPLAIN_PATH_H
#define EXPLAIN_PATH_H

#include "object.h"

/*
 * What the path leads to, about which the operation asks; in full, which the caller frees. NULL with a
 * sentence in err when it leads to nothing that the operation can be about.
 */
char *path_object(struct objview *o, const char *path, const char *operation, char *err, size_t errsize);
/*
 * The directory number n, from 0 for the root, on the way to a full path, and how many bytes of the path
 * are its name. 0: there are no more, or it cannot be seen, of which the sentence in err then tells; else
 * it is "".
 */
size_t path_folder(struct objview *o, const char *full, int n, char *err, size_t errsize);

#endif
