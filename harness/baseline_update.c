/* Rows for differences that nothing explains yet, appended to a baseline. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "baseline.h"

/* ---- rows -------------------------------------------------------------------------------------------- */

/* A character that would end a cell is written as the pattern that fits it. */
static void add_cell(struct json *to, const char *text)
{
	for (; *text; text++)
		json_raw(to, (unsigned char)*text < ' ' || *text == 0x7f ? "?" : text, 1);
}

/* Kernels up to the next one that has no row of its own: as this one, or later. */
static void add_where(struct json *to, const struct whereabouts *w)
{
	const struct environment *e = w->env;
	char buf[200] = "";
	struct text t = { buf, sizeof(buf), 0 };
	size_t series = strcspn(e->release, ".");

	series += e->release[series] == '.' ? 1 + strspn(e->release + series + 1, "0123456789") : 0;
	if (!w->kernel)
		text_add(&t, "subject=model*");
	else if (*e->target)
		text_add(&t, "target=%s", e->target);
	else if (!strcmp(e->sysname, "Linux"))
		text_add(&t, "linux>=%.*s", (int)series, e->release);
	else
		text_add(&t, "sysname=%s", e->sysname);
	text_add(&t, ",profile=%s", w->profile);
	json_raw(to, buf, strlen(buf));
}

static void add_row(struct json *to, const struct unexplained *u, const struct whereabouts *w,
		    const char *date)
{
	add_cell(to, u->name);
	json_raw(to, "\t", 1);
	add_cell(to, u->sign);
	json_raw(to, "\t", 1);
	add_where(to, w);
	json_raw(to, "\tunexplained\t\t", 14);
	json_raw(to, date, strnlen(date, 10));
	json_raw(to, "\n", 1);
}

/* What the file says now, and the rows after it. */
static bool add_all(struct json *to, const struct baseline *b, int fd, const struct whereabouts *w,
		    const char *date)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		json_raw(to, buf, (size_t)n);
	if (n < 0)
		return false;
	if (!to->len)
		json_raw(to, BASELINE_HEADINGS "\n", sizeof(BASELINE_HEADINGS));
	else if (to->buf[to->len - 1] != '\n')
		json_raw(to, "\n", 1);
	for (size_t i = 0; i < b->nleft; i++)
		add_row(to, &b->left[i], w, date);
	errno = ENOMEM;
	return !to->failed;
}

/* ---- the file ---------------------------------------------------------------------------------------- */

/*
 * Opens the file for nobody else who updates it. Who waited for the lock may hold a file that was replaced
 * meanwhile. -1 with errno.
 */
static int open_locked(const char *path)
{
	struct stat held, there;
	int fd;

	for (;;) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
		if (fd < 0)
			return -1;
		if (flock(fd, LOCK_EX) || fstat(fd, &held))
			break;
		if (!stat(path, &there) && there.st_dev == held.st_dev && there.st_ino == held.st_ino)
			return fd;
		close(fd);
	}
	close(fd);
	return -1;
}

static bool write_out(int fd, const struct json *text, mode_t mode)
{
	return write_whole(fd, text->buf, text->len) && !fchmod(fd, mode & 07777) && !fsync(fd);
}

/* A new file beside the old one takes its name when all of it is written. */
static bool replace(const char *path, const struct json *text, int old)
{
	char fresh[4096 + 16];
	struct stat st;
	bool ok;
	int fd;

	if (fstat(old, &st))
		return false;
	snprintf(fresh, sizeof(fresh), "%s.XXXXXX", path);
	fd = mkostemp(fresh, O_CLOEXEC);
	if (fd < 0)
		return false;
	ok = write_out(fd, text, st.st_mode);
	close(fd);
	if (ok && !rename(fresh, path))
		return true;
	unlink(fresh);
	return false;
}

bool baseline_update(const struct baseline *b, const char *path, const struct whereabouts *w,
		     const char *date, char *err, size_t errsize)
{
	struct json text = { 0 };
	char real[4096];
	int fd = -1;
	bool ok;

	if (!b->nleft && !access(path, F_OK))
		return true;
	fd = open_locked(path);
	ok = fd >= 0 && realpath(path, real) && add_all(&text, b, fd, w, date) && replace(real, &text, fd);
	if (!ok)
		snprintf(err, errsize, "%s could not be updated: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	json_free(&text);
	return ok;
}
