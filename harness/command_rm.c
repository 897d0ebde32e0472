/* sysvet rm: removes resources, those that it is told and no other. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "prose.h"
#include "removal.h"

static void usage(FILE *to)
{
	fputs("usage: sysvet rm TYPE:NAME...\n"
	      "       sysvet rm --from FILE\n\n"
	      "Removes resources by which processes communicate: those that are named, and no other. When\n"
	      "a name cannot be understood nothing is removed.\n\n"
	      "  msg:ID, sem:ID, shm:ID           System V objects; key=KEY may stand for ID\n"
	      "  posix-mq:/NAME, posix-sem:/NAME, posix-shm:/NAME\n"
	      "  dir:PATH, fifo:PATH, socket:PATH   if the file is of the type; a directory if empty\n\n"
	      "  --from FILE    what ipcmk printed, plain or --json; - is standard input. What ipcmk found\n"
	      "                 there already is left alone.\n"
	      "  --help, --version\n\n"
	      "exit status: 0 all removed, 1 not all, 2 usage, 77 nothing was named, 99 failure\n", to);
}

static int refuse(const char *text)
{
	struct json t = { 0 };

	prose_name(&t, text);
	fprintf(stderr, "sysvet rm: %s\n", t.failed ? "out of memory" : t.buf);
	json_free(&t);
	return EXIT_USAGE;
}

/* ---- what is to be removed ----------------------------------------------------------------------------- */

/* A pipe is no file that file_read takes. NULL with the reason in p. */
static char *read_stdin(struct arena *a, size_t *len, struct problem *p)
{
	char *text = arena_alloc(a, FILEMAX + 2);

	if (!text) {
		problem(p, 0, "out of memory");
		return NULL;
	}
	*len = fread(text, 1, FILEMAX + 1, stdin);
	if (!ferror(stdin) && *len <= FILEMAX)
		return text;
	problem(p, 0, ferror(stdin) ? "cannot be read" : "found more than a mebibyte, expected less");
	return NULL;
}

static int from_file(struct removals *all, const char *path)
{
	const bool standard = !strcmp(path, "-");
	char err[1024], *text;
	struct problem p = { .at = 0 };
	size_t len;

	text = standard ? read_stdin(&all->arena, &len, &p)
			: file_read_named(path, FILEMAX, &all->arena, &len, &p);
	if (text && removals_text(all, text, len, &p))
		return EXIT_OK;
	problem_print(&p, standard ? "stdin" : path, text ? text : "", err, sizeof(err));
	return refuse(err);
}

/* A command line is a text of one word a line. */
static int from_words(struct removals *all, int n, char **word)
{
	char err[1024], which[40];
	struct problem p = { .at = 0 };

	for (int i = 0; i < n; i++) {
		if (removals_word(all, word[i], &p))
			continue;
		snprintf(which, sizeof(which), "argument %d", i + 1);
		snprintf(err, sizeof(err), "%s:%d: %s", which, (int)p.at + 1, p.text);
		return refuse(err);
	}
	return EXIT_OK;
}

/* ---- removing -------------------------------------------------------------------------------- */

static void name_of(struct json *t, const struct doomed *d)
{
	prose(t, "%s:", resourceinfo[d->r.type].word);
	if (d->by_key)
		prose(t, "key=0x%x", (unsigned)d->r.key);
	else if (resourceinfo[d->r.type].named == NAMED_BY_ID)
		prose(t, "%lld", (long long)d->r.id);
	else
		prose_name(t, d->r.name);
}

static bool gone(struct doomed *d, struct failure *f)
{
	if (d->by_key)
		d->r.id = resource_id(&d->r, f);
	return (!d->by_key || d->r.id >= 0) && resource_remove(&d->r, f);
}

static int remove_all(const struct removals *all)
{
	int status = EXIT_OK;

	for (struct doomed *d = all->first; d; d = d->next) {
		struct failure f = { 0 };
		struct json t = { 0 };

		name_of(&t, d);
		if (gone(d, &f)) {
			printf("removed %s\n", t.failed ? "" : t.buf);
		} else {
			fprintf(stderr, "sysvet rm: %s: %s: %s\n", t.failed ? "" : t.buf, f.call,
				strerror(f.err));
			status = EXIT_DIFFERS;
		}
		json_free(&t);
	}
	return fflush(stdout) ? EXIT_BROKEN : status;
}

int command_rm(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "from", required_argument, NULL, 'f' }, { "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' }, { 0 }
	};
	const char *from = NULL;
	struct removals all;
	int c, status;

	while ((c = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
		switch (c) {
		case 'f': from = optarg; break;
		case 'h': usage(stdout); return EXIT_OK;
		case 'V': printf("sysvet %s\n", SYSVET_VERSION); return EXIT_OK;
		default: usage(stderr); return EXIT_USAGE;
		}
	if (!from == (optind == argc))
		return refuse("expected either names, TYPE:NAME, or --from FILE (see --help)");
	removals_open(&all);
	status = from ? from_file(&all, from) : from_words(&all, argc - optind, argv + optind);
	if (status == EXIT_OK)
		status = all.first ? remove_all(&all) : EXIT_NOTHING_RAN;
	removals_free(&all);
	return status;
}
