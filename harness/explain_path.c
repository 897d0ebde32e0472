#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "explain_path.h"
#include "matrix.h"

enum { BITS = 01777 };		/* of a mode that have a say */

static void fill(struct objview *o, enum cellkind kind, const struct stat *st)
{
	*o = (struct objview){ .family = NODES, .type = (int)kind, .id = -1 };
	put(&o->rec, F_uid, st->st_uid);
	put(&o->rec, F_gid, st->st_gid);
	put(&o->rec, F_cuid, st->st_uid);
	put(&o->rec, F_cgid, st->st_gid);
	put(&o->rec, F_mode, st->st_mode & (S_ISDIR(st->st_mode) ? BITS : 0777));
}

/* Objects of POSIX are regular files where they can be seen; NCELLKINDS for what has no model. */
static enum cellkind kind_of(const struct stat *st, const char *operation)
{
	switch (st->st_mode & S_IFMT) {
	case S_IFIFO: return CELLS_FIFO;
	case S_IFSOCK: return CELLS_SOCKET;
	case S_IFDIR: return strncmp(operation, "rmdir", 5) ? CELLS_DIR : CELLS_DIR_EMPTY;
	case S_IFREG:
		return !strncmp(operation, "mq_", 3) ? CELLS_POSIX_MQ
			: !strncmp(operation, "shm_", 4) ? CELLS_POSIX_SHM
			: !strncmp(operation, "sem_", 4) ? CELLS_POSIX_SEM : NCELLKINDS;
	default: return NCELLKINDS;
	}
}

char *path_object(struct objview *o, const char *path, const char *operation, char *err, size_t errsize)
{
	char *full = realpath(path, NULL);
	struct stat st;

	if (!full || stat(full, &st)) {
		snprintf(err, errsize, "%s: %s", path, strerror(errno));
		free(full);
		return NULL;
	}
	if (kind_of(&st, operation) == NCELLKINDS) {
		snprintf(err, errsize, "found '%s', expected a FIFO, socket or directory, or a regular file "
			 "and mq_open, shm_open or sem_open", path);
		free(full);
		return NULL;
	}
	fill(o, kind_of(&st, operation), &st);
	return full;
}

size_t path_folder(struct objview *o, const char *full, int n, char *err, size_t errsize)
{
	const char *at = full;
	struct stat st;
	char *folder;
	size_t len;

	*err = '\0';
	/* each slash ends the name of a directory */
	while (at && n-- > 0)
		at = strchr(at + 1, '/');
	if (!at || !full[1])
		return 0;
	len = at == full ? 1 : (size_t)(at - full);
	folder = strndup(full, len);
	if (!folder || stat(folder, &st)) {
		snprintf(err, errsize, "%.*s cannot be seen", (int)len, full);
		len = 0;
	} else {
		fill(o, CELLS_DIR, &st);
	}
	free(folder);
	return len;
}
