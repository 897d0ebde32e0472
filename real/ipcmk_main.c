/* ipcmk: creates System V objects from the command line. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipcmk.h"

/* In the order in which they are created. */
static struct {
	const enum family kind;
	const char *const what;
	bool wanted;
	uint64_t size;
} wishes[] = {
	{ SHM, "Shared memory", false, 0 },
	{ MSG, "Message queue", false, 0 },
	{ SEM, "Semaphore", false, 0 },
};

static const char help[] =
	"usage: ipcmk [-M SIZE] [-Q] [-S NUMBER] [-p MODE]\n"
	"Creates System V objects with random keys and prints their ids.\n"
	"\n"
	"  -M, --shmem SIZE        a shared memory segment of SIZE bytes\n"
	"  -Q, --queue             a message queue\n"
	"  -S, --semaphore NUMBER  a set of NUMBER semaphores\n"
	"  -p, --mode MODE         permissions in octal, 0644 by default\n"
	"  -h, --help              this text\n"
	"  -V, --version           the version\n"
	"\n"
	"SIZE may end in K, M, G, T, P, E (or KiB, MiB, ...), which count by 1024,\n"
	"or in KB, MB, ..., which count by 1000.\n";

/* ---- numbers --------------------------------------------------------------------------------- */

static bool parse_number(const char *text, int base, uint64_t *v, const char **end)
{
	char *stop;

	errno = 0;
	*v = strtoull(text, &stop, base);
	*end = stop;
	return text[0] >= '0' && text[0] <= '9' && !errno;
}

/* What a suffix multiplies by; 0 when it is none, or when that is too much. */
static uint64_t unit(const char *suffix)
{
	static const char letters[] = "KMGTPE";
	const char *at = *suffix ? strchr(letters, *suffix) : NULL;
	uint64_t base = strcmp(suffix + !!*suffix, "B") ? 1024 : 1000, v = base;

	if (!*suffix)
		return 1;
	if (!at || (suffix[1] && strcmp(suffix + 1, "B") && strcmp(suffix + 1, "iB")))
		return 0;
	for (; at > letters; at--)
		v *= base;
	return v;
}

static bool parse_size(const char *text, uint64_t *v)
{
	const char *end;
	uint64_t by;

	if (!parse_number(text, 0, v, &end) || !(by = unit(end)) || *v > UINT64_MAX / by)
		return false;
	*v *= by;
	return true;
}

static bool parse_count(const char *text, uint64_t *v)
{
	const char *end;

	return parse_number(text, 0, v, &end) && !*end && *v <= INT32_MAX;
}

static bool parse_mode(const char *text, int64_t *mode)
{
	const char *end;
	uint64_t v;

	if (!parse_number(text, 8, &v, &end) || *end || v > 07777)
		return false;
	*mode = (int64_t)v & 0777;
	return true;
}

/* ---- creation -------------------------------------------------------------------------------- */

/* A key that is in use already is no reason to fail, nor to take what it names. */
static int64_t create(enum family kind, uint64_t size, int64_t mode, int *err)
{
	int64_t id;

	do {
		const struct request rq = {
			.kind = kind, .key = ipcmk_key(err), .size = size, .mode = mode,
			.flags = IPC_CREAT | IPC_EXCL,
		};

		id = rq.key ? ipcmk(&rq, err) : -1;
	} while (id < 0 && *err == EEXIST);
	return id;
}

static int create_all(int64_t mode)
{
	for (size_t i = 0; i < sizeof(wishes) / sizeof(*wishes); i++) {
		int err;
		int64_t id;

		if (!wishes[i].wanted)
			continue;
		id = create(wishes[i].kind, wishes[i].size, mode, &err);
		if (id < 0) {
			fprintf(stderr, "ipcmk: %s cannot be created: %s\n", wishes[i].what, strerror(err));
			return EXIT_FAILURE;
		}
		printf("%s id: %lld\n", wishes[i].what, (long long)id);
	}
	return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* ---- command line ---------------------------------------------------------------------------- */

static int usage(const char *found, const char *expected)
{
	if (expected)
		fprintf(stderr, "ipcmk: found '%s', expected %s\n", found, expected);
	fprintf(stderr, "Try 'ipcmk --help' for more information.\n");
	return EXIT_FAILURE;
}

static int show(const char *text)
{
	return fputs(text, stdout) < 0 || fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

enum { SHM_WISH, MSG_WISH, SEM_WISH };

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "shmem", required_argument, NULL, 'M' }, { "queue", no_argument, NULL, 'Q' },
		{ "semaphore", required_argument, NULL, 'S' }, { "mode", required_argument, NULL, 'p' },
		{ "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'V' }, { 0 },
	};
	int64_t mode = 0644;
	int c;

	while ((c = getopt_long(argc, argv, "M:QS:p:hV", options, NULL)) != -1)
		switch (c) {
		case 'M':
			wishes[SHM_WISH].wanted = true;
			if (!parse_size(optarg, &wishes[SHM_WISH].size))
				return usage(optarg, "a size in bytes");
			break;
		case 'Q':
			wishes[MSG_WISH].wanted = true;
			break;
		case 'S':
			wishes[SEM_WISH].wanted = true;
			if (!parse_count(optarg, &wishes[SEM_WISH].size))
				return usage(optarg, "a number of semaphores");
			break;
		case 'p':
			if (!parse_mode(optarg, &mode))
				return usage(optarg, "an octal mode");
			break;
		case 'h':
			return show(help);
		case 'V':
			return show("ipcmk from sysvet " SYSVET_VERSION "\n");
		default:
			return usage(NULL, NULL);
		}
	if (optind < argc)
		return usage(argv[optind], "an option");
	if (!wishes[SHM_WISH].wanted && !wishes[MSG_WISH].wanted && !wishes[SEM_WISH].wanted)
		return usage("", "-M, -Q or -S");
	return create_all(mode);
}
