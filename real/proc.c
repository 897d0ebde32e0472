/* The files below /proc/sysvipc: read by an actor, understood by the worker. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

/* ---- in an actor ----------------------------------------------------------------------------- */

static int kept[NFAMILIES] = { -1, -1, -1 };

static int open_file(enum family f)
{
	static const char *const paths[NFAMILIES] = {
		[MSG] = "/proc/sysvipc/msg", [SEM] = "/proc/sysvipc/sem", [SHM] = "/proc/sysvipc/shm",
	};

	return (int)syscall(SYS_openat, (long)AT_FDCWD, paths[f], (long)(O_RDONLY | O_CLOEXEC), 0L);
}

static void close_file(int fd)
{
	if (fd >= 0)
		syscall(SYS_close, (long)fd);
}

void proc_keep(struct slot *s)
{
	s->ret = 0;
	for (enum family f = 0; f < NFAMILIES && !s->ret; f++) {
		close_file(kept[f]);
		kept[f] = open_file(f);
		s->err = errno;
		s->ret = kept[f] < 0 ? -1 : 0;
	}
}

/* All of the file from its start, as far as there is room. */
static long read_rows(int fd, const struct spot *to)
{
	size_t done = 0;
	long n = syscall(SYS_lseek, (long)fd, 0L, (long)SEEK_SET);

	if (n < 0)
		return n;
	while ((n = syscall(SYS_read, (long)fd, to->at + done, (long)(to->room - done))) > 0)
		done += (size_t)n;
	return n < 0 ? n : (long)done;
}

void proc_read(struct slot *s, enum family f)
{
	int fd = kept[f] >= 0 ? kept[f] : open_file(f);

	s->ret = fd < 0 ? -1 : read_rows(fd, &s->out);
	s->err = errno;
	if (fd != kept[f])
		close_file(fd);
}

/* ---- in the worker --------------------------------------------------------------------------- */

bool proc_find(const char *text, int64_t id, struct record *rec, char *stray, size_t size)
{
	struct rows rows;
	struct record row;
	int64_t before = -1, here;
	bool found = false;
	enum row_found word;

	rows_open(&rows, text);
	while ((word = rows_next(&rows, &here, &row)) != ROWS_END) {
		if (word == MISFIT)
			snprintf(stray, size, "a row does not fit its head");
		else if (here % IPCMNI <= before)
			snprintf(stray, size, "the row of id %lld is out of order", (long long)here);
		before = here % IPCMNI;
		if (word == MISFIT || here != id)
			continue;
		*rec = row;
		found = true;
	}
	return found;
}
