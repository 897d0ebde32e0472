#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "jobs.h"
#include "matrix_step.h"

#define HANG_MS 60000	/* a walk in which nothing moves for so long is ended */
#define LOOK_MS 100	/* between two looks at whether anything moves */
#define TELL_EVERY 64	/* blocks between two reports of progress */

/* ---- words -------------------------------------------------------------------------------------- */

static const char *outcome_word(unsigned bits)
{
	return bits == WENT_WELL      ? "success"
		: bits == OTHER_ERRNO ? "another errno"
				      : err_name(err_at((int)bits));
}

void finding_text(struct finding16 f, struct text *t)
{
	static const char *const words[ASPECT_FIELD] = {
		[ASPECT_VALUE] = "another value is returned",
		[ASPECT_ANSWER] = "another answer is stored",
		[ASPECT_STRAY] = "something is stored beside the answer",
		[ASPECT_GONE] = "the object is gone",
		[ASPECT_KEPT] = "the object is still there",
		[ASPECT_VALUES] = "the semaphores have other values",
		[ASPECT_UNDO] = "what it did cannot be taken back",
		[ASPECT_RESERVED] = "reserved bytes of the status are not 0",
	};
	int aspect = finding_aspect(f);

	if (f.outcome)
		text_add(t, "%s instead of %s", outcome_word(f.observed), outcome_word(f.expected));
	else if (aspect < ASPECT_FIELD)
		text_puts(t, words[aspect]);
	else
		text_add(t, "another %s in the status of the object", fieldinfo[aspect - ASPECT_FIELD].name);
}

/* ---- the space ---------------------------------------------------------------------------------- */

/* Selected modes from first on, of n. */
static size_t selected_modes(const struct selection *sel, int first, int n)
{
	size_t found = 0;

	for (int m = first; m < first + n; m++)
		found += sel->mode[m];
	return found;
}

void selection_all(struct selection *sel)
{
	memset(sel, true, sizeof(*sel));
}

size_t selection_size(const struct selection *sel)
{
	size_t n = 0;

	for (int o = 0; o < matrix_nops; o++)
		for (int r = 0; sel->op[o] && r < matrix_nrelations; r++)
			for (int c = 0; sel->relation[r] && c < matrix_ncapsets; c++)
				n += sel->capset[c] && cell_exists(o, r, c);
	return n * selected_modes(sel, 0, MODES);
}

/* Cells for which there is room. */
static size_t matrix_size(void)
{
	return cell_place(matrix_nops, 0, 0);
}

/* Cells of a block that are selected. */
static size_t block_size(const struct walk *w, const struct block *b)
{
	size_t n = 0;

	for (int o = 0; o < matrix_nops; o++)
		n += w->sel.op[o] && matrix_op[o].kind == b->kind
			&& cell_exists(o, b->relation, b->capset);
	return n * selected_modes(&w->sel, b->digit * MODES_OF_DIGIT, MODES_OF_DIGIT);
}

/* All callers of some objects. */
static void list_callers(struct walk *w, enum cellkind k, enum pattern p, int digit)
{
	for (int r = 0; r < matrix_nrelations; r++)
		for (int c = 0; c < matrix_ncapsets; c++) {
			struct block b = { k, r, c, digit, 0 };

			b.cells = block_size(w, &b);
			if (w->sel.relation[r] && matrix_relation[r].pattern == p && w->sel.capset[c]
			    && b.cells)
				w->block[w->nblocks++] = b;
		}
}

/* Neighbours share objects, so that a process seldom makes new ones. */
static void list_blocks(struct walk *w)
{
	for (enum cellkind k = 0; k < NCELLKINDS; k++)
		for (enum pattern p = GIVEN; p < NPATTERNS; p++)
			for (int digit = 0; digit < DIGITS; digit++)
				list_callers(w, k, p, digit);
}

static void *shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static size_t most_blocks(void)
{
	return (size_t)NCELLKINDS * (size_t)matrix_nrelations * (size_t)matrix_ncapsets * DIGITS;
}

bool walk_prepare(struct walk *w)
{
	w->nblocks = 0;
	w->block = calloc(most_blocks(), sizeof(*w->block));
	w->of = shared(most_blocks() * sizeof(*w->of));
	w->cell = shared(matrix_size() * sizeof(*w->cell));
	w->next = shared(sizeof(*w->next));
	if (!w->block || !w->of || !w->cell || !w->next)
		return false;
	list_blocks(w);
	return true;
}

void walk_free(struct walk *w)
{
	free(w->block);
	if (w->of)
		munmap(w->of, most_blocks() * sizeof(*w->of));
	if (w->cell)
		munmap(w->cell, matrix_size() * sizeof(*w->cell));
	if (w->next)
		munmap(w->next, sizeof(*w->next));
}

/* ---- in a process ------------------------------------------------------------------------------- */

struct job_of_walk { struct walk *walk; int fd; };

static bool possible(const struct walk *w, const struct block *b, char *why, size_t size)
{
	struct cred caller, maker;

	return !w->subject->kernel
		|| (cell_caller(b->relation, b->capset, &caller)
		    && cell_maker(b->kind, matrix_relation[b->relation].pattern, &maker)
		    && box_can_be(&maker, why, size) && box_can_be(&caller, why, size));
}

static enum block_state do_block(struct walker *w, size_t i)
{
	const struct block *b = &w->walk->block[i];
	struct progress_of_block *of = &w->walk->of[i];

	if (!possible(w->walk, b, of->why, sizeof(of->why)))
		return BLOCK_SKIPPED;
	if (walker_block(w, b))
		return BLOCK_DONE;
	snprintf(of->why, sizeof(of->why), "%.*s", (int)sizeof(of->why) - 1, w->err);
	return BLOCK_BROKEN;
}

static int work(void *arg)
{
	const struct job_of_walk *j = arg;
	struct walk *walk = j->walk;
	struct walker w;
	bool ok = walker_open(&w, walk);
	size_t i;

	while (ok && (i = atomic_fetch_add(walk->next, 1)) < walk->nblocks) {
		enum block_state came_to;

		atomic_store(&walk->of[i].state, BLOCK_STARTED);
		came_to = do_block(&w, i);
		atomic_store(&walk->of[i].state, came_to);
		ok = came_to != BLOCK_BROKEN && write(j->fd, "", 1) == 1;
	}
	if (!ok && w.err[0])
		fprintf(stderr, "sysvet matrix: %s\n", w.err);
	walker_close(&w);
	return ok ? 0 : 1;
}

/* ---- outside ------------------------------------------------------------------------------------ */

static pid_t spawn(const struct walk *w, struct job_of_walk *j, char *err, size_t errsize)
{
	pid_t pid;

	if (w->subject->kernel)
		return box_spawn(work, j, err, errsize);
	pid = plain_spawn(work, j);
	if (pid < 0)
		snprintf(err, errsize, "no process: %s", strerror(errno));
	return pid;
}

static size_t cells_done(const struct walk *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->nblocks; i++)
		if (atomic_load(&w->of[i].state) > BLOCK_STARTED)
			n += w->block[i].cells;
	return n;
}

/* Until nobody holds the other end of the pipe: each byte is a block. False when nothing moved any more. */
static bool attend(struct walk *w, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int quiet = 0;
	char bytes[64];
	ssize_t got = 0;
	size_t told = 0;

	while (!*w->interrupted && quiet < HANG_MS) {
		int n = poll(&p, 1, LOOK_MS);

		quiet = n ? 0 : quiet + LOOK_MS;
		if (n > 0 && (got = read(fd, bytes, sizeof(bytes))) <= 0)
			return true;
		told += n > 0 ? (size_t)got : 0;
		if (w->progress && told % TELL_EVERY < (size_t)got)
			w->progress(cells_done(w), selection_size(&w->sel));
	}
	return false;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

bool walk_run(struct walk *w, char *err, size_t errsize)
{
	pid_t pid[MAXJOBS];
	int fd[2], started = 0;
	double start = seconds();

	if (pipe2(fd, O_CLOEXEC)) {
		snprintf(err, errsize, "no pipe: %s", strerror(errno));
		return false;
	}
	for (int i = 0; i < w->njobs; i++) {
		struct job_of_walk j = { w, fd[1] };

		pid[started] = spawn(w, &j, err, errsize);
		started += pid[started] > 0;
	}
	close(fd[1]);
	if (started && !attend(w, fd[0]))
		for (int i = 0; i < started; i++)
			kill(pid[i], SIGKILL);
	for (int i = 0; i < started; i++)
		waitpid(pid[i], NULL, 0);
	close(fd[0]);
	w->seconds = seconds() - start;
	return started;
}
