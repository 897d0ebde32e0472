/* Claims that are shown by commands: each ipcmk, and programs of the system. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "docs.h"
#include "prose.h"

enum { MAXWORDS = 64 };

/* ---- which ipcmk there are ------------------------------------------------------------------------ */

static bool executable(const char *path)
{
	return access(path, X_OK) == 0;
}

/* The ipcmk of the search path; NULL when there is none. */
static const char *installed(struct docs *d)
{
	const char *path = getenv("PATH"), *at;
	size_t len;

	for (at = path ? path : ""; *at; at += len + (at[len] == ':')) {
		const char *file;

		len = strcspn(at, ":");
		file = docs_text(d, "%.*s/ipcmk", (int)len, at);
		if (*file == '/' && executable(file))
			return file;
	}
	return NULL;
}

/* Beside this program where it is built, and where it is installed. */
static const char *our_own(struct docs *d)
{
	char self[PATH_MAX] = "", *slash;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *built, *placed;

	slash = n > 0 ? strrchr(self, '/') : NULL;
	if (!slash)
		return NULL;
	*slash = '\0';
	built = docs_text(d, "%s/ipcmk", self);
	placed = docs_text(d, "%s/../libexec/sysvet/ipcmk", self);
	return executable(built) ? built : executable(placed) ? placed : NULL;
}

static bool add_tool(struct tools *t, const struct tool *tool)
{
	for (int i = 0; i < t->n; i++)
		if (!strcmp(t->v[i].path, tool->path) && !tool->ours)
			return true;
	if (t->n == MAXTOOLS)
		return false;
	t->v[t->n++] = *tool;
	return true;
}

/* As it is, and where it stands for older releases, which are seldom at hand. */
static bool add_ours(struct tools *t, const char *path)
{
	const struct tool ours[] = {
		{ path, "our ipcmk", NULL, NULL, true },
		{ path, "our ipcmk as util-linux 2.38", "2.38", "util-linux-2.38", true },
		{ path, "our ipcmk as util-linux 2.27", "2.27", "util-linux-2.27", true },
		{ path, "our ipcmk as util-linux 2.21", "2.21", "util-linux-2.21", true },
	};

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (!add_tool(t, &ours[i]))
			return false;
	return true;
}

/* ---- in a box -------------------------------------------------------------------------------------- */

/* A series of commands in one fresh namespace. */
struct errand {
	struct claim_of_doc *claim;	/* NULL: asks for the version */
	const struct tool *tool;	/* NULL: none of the commands is for one */
	const char *dialect;		/* of the document; NULL: none is asked for */
	size_t after;			/* index of the first */
};

struct errands {
	struct errand *v;
	size_t n, cap, nresults;
	struct aftermath *after;		/* shared with the box */
};

static const char *dialect_of(const struct errand *e)
{
	return e->dialect ? e->dialect : e->tool ? e->tool->release : NULL;
}

static void run_command(const struct errand *e, const struct command *c, struct aftermath *after)
{
	const char *argv[MAXWORDS + 3];
	int n = 0;

	for (int i = 0; i < c->argc && i < MAXWORDS; i++) {
		argv[n++] = c->argv[i];
		if (i == 0 && c->subject && dialect_of(e)) {
			argv[n++] = "--dialect";
			argv[n++] = dialect_of(e);
		}
	}
	argv[n] = NULL;
	program_run(c->subject ? e->tool->path : NULL, argv, after);
}

static void run_errand(const struct errand *e, struct aftermath *after)
{
	static const char *const version[] = { "ipcmk", "--version", NULL };

	if (!e->claim) {
		program_run(e->tool->path, version, after);
		return;
	}
	for (int i = 0; i < e->claim->ncommands; i++)
		run_command(e, &e->claim->command[i], &after[i]);
}

static int in_box(void *arg)
{
	const struct errands *all = arg;
	char err[200];

	for (size_t i = 0; i < all->n; i++) {
		if (!program_stage(err, sizeof(err))) {
			fprintf(stderr, "sysvet docs: %s\n", err);
			return 1;
		}
		run_errand(&all->v[i], &all->after[all->v[i].after]);
	}
	return 0;
}

static bool add_errand(struct errands *all, struct claim_of_doc *c, const struct tool *tool,
		       const char *dialect)
{
	if (!grow(&all->v, &all->cap, all->n + 1, sizeof(*all->v)))
		return false;
	all->v[all->n++] = (struct errand){ c, tool, dialect, all->nresults };
	all->nresults += c ? (size_t)c->ncommands : 1;
	return true;
}

/* What came of them is there as long as they are not freed. */
static bool run_errands(struct errands *all, char *err, size_t errsize)
{
	size_t size = (all->nresults + 1) * sizeof(*all->after);
	int status = 0;
	pid_t pid;

	all->after = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (all->after == MAP_FAILED) {
		all->after = NULL;
		snprintf(err, errsize, "out of memory");
		return false;
	}
	pid = box_spawn(in_box, all, err, errsize);
	if (pid < 0)
		return false;
	waitpid(pid, &status, 0);
	if (status)
		snprintf(err, errsize, "the box in which commands run ended with status %d", status);
	return !status;
}

static void free_errands(struct errands *all)
{
	if (all->after)
		munmap(all->after, (all->nresults + 1) * sizeof(*all->after));
	free(all->v);
}

/* ---- versions -------------------------------------------------------------------------------------- */

/* The last word of the first line, if it is like 2.38. The last release that had no words is 2.20. */
static const char *version_in(struct docs *d, const struct aftermath *after)
{
	const char *const said = after->out;
	size_t len = strcspn(said, "\n"), at = len;

	while (at && said[at - 1] != ' ')
		at--;
	if (said[at] >= '0' && said[at] <= '9' && memchr(said + at, '.', len - at))
		return docs_text(d, "%.*s", (int)(len - at), said + at);
	return strstr(after->err, "invalid option -- '-'") ? "2.20" : NULL;
}

static bool ask_versions(struct tools *t, struct docs *d, char *err, size_t errsize)
{
	struct errands all = { .n = 0 };
	bool ok = true;

	for (int i = 0; ok && i < t->n; i++)
		ok = add_errand(&all, NULL, &t->v[i], NULL);
	ok = ok && run_errands(&all, err, errsize);
	for (int i = 0; ok && i < t->n; i++) {
		const struct aftermath *after = &all.after[i];

		if (t->v[i].ours)
			continue;
		t->v[i].version = version_in(d, after);
		if (!t->v[i].name)
			t->v[i].name = docs_text(d, "util-linux %s",
						 t->v[i].version ? t->v[i].version : "of some release");
	}
	free_errands(&all);
	return ok;
}

bool tools_find(struct tools *t, struct docs *d, char *const *paths, int npaths, char *err, size_t errsize)
{
	const char *path = installed(d), *ours = our_own(d);

	*t = (struct tools){ .n = 0 };
	if (path)
		add_tool(t, &(struct tool){ .path = path });
	for (int i = 0; i < npaths; i++) {
		char *full = realpath(paths[i], NULL);
		const struct tool tool = { .path = docs_text(d, "%s", full ? full : ""), .name = paths[i] };

		if (!full || !executable(full) || !add_tool(t, &tool)) {
			snprintf(err, errsize, "--ipcmk: found '%s', expected a program", paths[i]);
			free(full);
			return false;
		}
		free(full);
	}
	if (ours && !add_ours(t, ours)) {
		snprintf(err, errsize, "--ipcmk: found too many, expected at most %d", MAXTOOLS - 5);
		return false;
	}
	return ask_versions(t, d, err, errsize);
}

/* ---- claims ----------------------------------------------------------------------------------------- */

static bool has_subject(const struct claim_of_doc *c)
{
	for (int i = 0; i < c->ncommands; i++)
		if (c->command[i].subject)
			return true;
	return false;
}

static bool add_claim(struct errands *all, struct claim_of_doc *c, const struct tools *t)
{
	const char *dialect = c->dialect ? c->dialect : c->doc->dialect;
	bool ok = true;

	if (!c->ncommands)
		return true;
	if (!has_subject(c))
		return add_errand(all, c, NULL, NULL);
	for (int i = 0; ok && i < t->n; i++) {
		ok = add_errand(all, c, &t->v[i], NULL);
		if (ok && t->v[i].ours && !t->v[i].release && dialect)
			ok = add_errand(all, c, &t->v[i], dialect);
	}
	return ok;
}

static void print_command(struct json *t, const struct errand *e, const struct command *c)
{
	prose(t, "%s", c->argv[0]);
	if (c->subject && dialect_of(e))
		prose(t, " --dialect %s", dialect_of(e));
	for (int i = 1; i < c->argc; i++)
		prose(t, strpbrk(c->argv[i], " *?$") || !*c->argv[i] ? " '%s'" : " %s", c->argv[i]);
}

/* A program that is not there, or a file that it should read, says nothing of the claim. */
static bool was_missing(const struct command *c, const struct aftermath *after)
{
	return after->status == 127 || (!c->subject && strstr(after->err, "No such file or directory"));
}

static void judge(struct evidence *to, const struct errand *e, const struct aftermath *after,
		  struct json *ran, struct json *came)
{
	bool refused = false;
	char why[200];

	to->result = HOLDS;
	for (int i = 0; i < e->claim->ncommands; i++) {
		const struct command *c = &e->claim->command[i];

		prose(ran, "%s", i ? " && " : "");
		print_command(ran, e, c);
		prose(came, "%s", i ? " | " : "");
		aftermath_print(came, &after[i]);
		if (was_missing(c, &after[i]))
			to->result = UNTESTED;
		refused = refused || wishes_refused(c, &after[i]);
		if (to->result == HOLDS && !wishes_met(c, &after[i], why, sizeof(why))) {
			prose(came, "; not %s", why);
			to->result = FAILS;
		}
	}
	if (e->claim->against && to->result != UNTESTED)
		to->result = to->result == HOLDS ? FAILS : refused ? UNTESTED : HOLDS;
}

static bool conclude(struct docs *d, const struct errand *e, const struct aftermath *after)
{
	struct evidence *to = docs_evidence(d, e->claim, !e->tool ? PARTY_system : e->dialect ? PARTY_dialect
					    : PARTY_command);
	struct json ran = { 0 }, came = { 0 };

	if (!to)
		return false;
	to->subject = !e->tool ? "this system" : !e->dialect ? e->tool->name
		: docs_text(d, "%s as %s", e->tool->name, e->dialect);
	to->version = e->tool ? e->tool->version : NULL;
	to->stand_in = e->tool && e->tool->release;
	judge(to, e, after, &ran, &came);
	to->ran = docs_text(d, "%.*s", (int)ran.len, ran.buf ? ran.buf : "");
	to->came = docs_text(d, "%.*s", (int)came.len, came.buf ? came.buf : "");
	json_free(&ran);
	json_free(&came);
	return true;
}

bool docs_run_commands(struct docs *d, const struct tools *t, const bool *chosen, char *err, size_t errsize)
{
	struct errands all = { .n = 0 };
	bool ok = true;

	snprintf(err, errsize, "out of memory");
	for (size_t i = 0; ok && i < d->n; i++)
		ok = !chosen[i] || add_claim(&all, &d->claim[i], t);
	ok = ok && run_errands(&all, err, errsize);
	for (size_t i = 0; ok && i < all.n; i++)
		ok = conclude(d, &all.v[i], &all.after[all.v[i].after]);
	free_errands(&all);
	return ok;
}
