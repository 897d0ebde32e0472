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

enum { MOST = 24 };			/* columns */
enum { ID = NFIELDS, UNKNOWN };		/* columns that are no field */

struct columns { int n, of[MOST]; };

/* One blank-separated word of a line; NULL past its last. */
static const char *next_word(const char **at, size_t *len)
{
	const char *word = *at + strspn(*at, " \t");

	*len = strcspn(word, " \t\n");
	*at = word + *len;
	return *len ? word : NULL;
}

static int column_of(const char *word, size_t len)
{
	static const struct { const char *name; int column; } others[] = {
		{ "perms", F_mode }, { "size", F_segsz },
		{ "msqid", ID }, { "semid", ID }, { "shmid", ID },
	};
	int f = field_find(word, len);

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (strlen(others[i].name) == len && !memcmp(others[i].name, word, len))
			return others[i].column;
	return f < 0 ? UNKNOWN : f;
}

static void read_head(const char **at, struct columns *c)
{
	const char *word;
	size_t len;

	for (c->n = 0; c->n < MOST && (word = next_word(at, &len)); c->n++)
		c->of[c->n] = column_of(word, len);
}

static int64_t number(const char *word, int column)
{
	if (*word == '-')
		return strtoll(word, NULL, column == F_mode ? 8 : 10);
	return (int64_t)strtoull(word, NULL, column == F_mode ? 8 : 10);
}

/* The id in a row, whose fields it gives; -1 when the row has another number of columns than the head. */
static int64_t read_row(const char **at, const struct columns *c, struct record *rec)
{
	const char *word;
	int64_t id = -1;
	size_t len;
	int n = 0;

	rec->has = 0;
	for (; (word = next_word(at, &len)); n++) {
		if (n == c->n)
			return -1;
		if (c->of[n] == ID)
			id = number(word, ID);
		else if (c->of[n] != UNKNOWN)
			put(rec, (enum field)c->of[n], number(word, c->of[n]));
	}
	return n == c->n ? id : -1;
}

static const char *next_line(const char *at)
{
	at += strcspn(at, "\n");
	return *at ? at + 1 : at;
}

bool proc_find(const char *text, int64_t id, struct record *rec, char *stray, size_t size)
{
	struct columns columns;
	struct record row;
	int64_t before = -1, here;
	bool found = false;

	read_head(&text, &columns);
	for (text = next_line(text); *text; text = next_line(text)) {
		here = read_row(&text, &columns, &row);
		if (here < 0)
			snprintf(stray, size, "a row does not fit its head");
		else if (here % IPCMNI <= before)
			snprintf(stray, size, "the row of id %lld is out of order", (long long)here);
		before = here % IPCMNI;
		if (here != id)
			continue;
		*rec = row;
		found = true;
	}
	return found;
}
