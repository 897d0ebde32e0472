/* The dialects of ipcmk: a table each. */
#include <stdio.h>
#include <string.h>

#include "order.h"

const struct meaninginfo meaninginfo[NMEANINGS] = {
#define MEANING(name, argument, text) { argument, text },
#include "dialect.def"
#undef MEANING
};

/* ---- util-linux ---------------------------------------------------------------------------------- */

static const struct spelling with_posix[] = {
	{ 'M', "shmem", MEANS_shm_size },
	{ 'm', "posix-shmem", MEANS_posix_shm_size },
	{ 'S', "semaphore", MEANS_sem_count },
	{ 's', "posix-semaphore", MEANS_posix_sem },
	{ 'Q', "queue", MEANS_msg },
	{ 'q', "posix-mqueue", MEANS_posix_mq },
	{ 'p', "mode", MEANS_mode },
	{ 'n', "name", MEANS_name },
	{ 'V', "version", MEANS_version },
	{ 'h', "help", MEANS_help },
	{ 0 }
};

static const struct spelling without_posix[] = {
	{ 'M', "shmem", MEANS_shm_size },
	{ 'S', "semaphore", MEANS_sem_count },
	{ 'Q', "queue", MEANS_msg },
	{ 'p', "mode", MEANS_mode },
	{ 'V', "version", MEANS_version },
	{ 'h', "help", MEANS_help },
	{ 0 }
};

static const struct spelling without_words[] = {
	{ 'M', NULL, MEANS_shm_size },
	{ 'S', NULL, MEANS_sem_count },
	{ 'Q', NULL, MEANS_msg },
	{ 'p', NULL, MEANS_mode },
	{ 'h', NULL, MEANS_help },
	{ 0 }
};

static bool ignored(struct order *o, const char *text)
{
	return doubt(o, "operand '%s' means nothing and is ignored", text);
}

static bool posix_has_name(struct order *o)
{
	static const enum resource_type posix[] = { RES_POSIX_SHM, RES_POSIX_MQ, RES_POSIX_SEM };
	const bool both = o->wanted[RES_SHM] && o->wanted[RES_POSIX_SHM];

	for (int i = 0; i < 3; i++) {
		if (o->wanted[posix[i]] && !o->name) {
			complain(o, "name is required for POSIX IPC");
			return try_help(o);
		}
		o->wish[posix[i]].name = o->name;
	}
	return !both || o->wish[RES_SHM].size == o->wish[RES_POSIX_SHM].size
	       || doubt(o, "two sizes: util-linux gives both segments the later one, here each has its own");
}

/* ---- short examples ----------------------------------------------------------------------------------- */

static const struct spelling examples[] = {
	{ 'M', "shmem", MEANS_example_shm },
	{ 'S', "semaphore", MEANS_example_sem },
	{ 'Q', "queue", MEANS_example_msg },
	{ 'h', "help", MEANS_help },
	{ 'V', "version", MEANS_version },
	{ 0 }
};

/* Behind what an example asks for. */
static bool is_mode(struct order *o, const char *text)
{
	return o->mode < 0 && o->example ? take_mode(o, text, &o->mode) : ignored(o, text);
}

/* ---- directories, FIFOs and sockets ----------------------------------------------------------------- */

static const struct spelling files[] = {
	{ 'M', "message", MEANS_msg_size },
	{ 'S', "semaphore", MEANS_example_sem },
	{ 'm', "shmem", MEANS_example_shm },
	{ NO_LETTER, "queue", MEANS_example_msg },
	{ 'Q', "posixmq", MEANS_posix_mq_name },
	{ 'D', "directory", MEANS_dir },
	{ 'F', "fifo", MEANS_fifo },
	{ 'N', "socket", MEANS_socket },
	{ 'o', "mode", MEANS_file_mode },
	{ 'u', "uid", MEANS_file_uid },
	{ 'g', "gid", MEANS_file_gid },
	{ 't', "context", MEANS_file_context },
	{ 'h', "help", MEANS_help },
	{ 'V', "version", MEANS_version },
	{ 0 }
};

static bool only_for_files(struct order *o)
{
	const bool said = o->file_mode >= 0 || o->file_uid >= 0 || o->file_gid >= 0 || o->file_context;

	if (!said || o->wanted[RES_DIR] || o->wanted[RES_FIFO] || o->wanted[RES_SOCKET])
		return true;
	return complain(o, "--mode, --uid, --gid and --context are for directories, FIFOs and sockets");
}

/* ---- keys ------------------------------------------------------------------------------------------- */

static const struct spelling keys[] = {
	{ 'M', NULL, MEANS_shm_key },
	{ 'Q', NULL, MEANS_msg_key },
	{ 'S', NULL, MEANS_sem_key },
	{ 'o', NULL, MEANS_existing_key },
	{ 'p', NULL, MEANS_size },
	{ 's', NULL, MEANS_nsems },
	{ NO_LETTER, "shmem", MEANS_example_shm },
	{ NO_LETTER, "semaphore", MEANS_example_sem },
	{ NO_LETTER, "queue", MEANS_example_msg },
	{ 'h', "help", MEANS_help },
	{ 'V', "version", MEANS_version },
	{ 0 }
};

/* The page's examples have sizes where its options have keys, and another mode. */
static bool key_or_example(struct order *o)
{
	if (o->keyed || o->has_existing || o->size >= 0)
		return complain(o, "-M, -Q, -S, -o and -p are not for --shmem, --semaphore and --queue");
	if (o->mode < 0)
		o->mode = 0644;
	return true;
}

static bool one_with_size(struct order *o)
{
	if (o->example)
		return key_or_example(o);
	if (o->wanted[RES_SHM] + o->wanted[RES_MSG] + o->wanted[RES_SEM] != 1)
		return complain(o, "exactly one of -M, -Q and -S is required");
	if (!o->wanted[RES_SEM] && o->size < 0)
		return complain(o, "-p is required with -M and -Q: Invalid argument");
	o->wish[RES_SHM].size = (uint64_t)o->size;
	o->wish[RES_MSG].capacity = (uint64_t)o->size;
	o->wish[RES_SEM].size = (uint64_t)o->nsems;
	return true;
}

/* ---- names -------------------------------------------------------------------------------------------- */

static const struct spelling names[] = {
	{ 'M', NULL, MEANS_named_shm },
	{ 'Q', NULL, MEANS_named_mq },
	{ 'S', NULL, MEANS_named_sem },
	{ NO_LETTER, "shmem", MEANS_example_shm },
	{ NO_LETTER, "semaphore", MEANS_example_sem },
	{ NO_LETTER, "queue", MEANS_example_msg },
	{ 'h', "help", MEANS_help },
	{ 'V', "version", MEANS_version },
	{ 0 }
};

static bool is_name(struct order *o, const char *text)
{
	if (o->example)
		return is_mode(o, text);
	if (o->name)
		return ignored(o, text);
	return meaning_take(o, MEANS_name, text);
}

static bool one_with_name(struct order *o)
{
	const int named = o->wanted[RES_POSIX_SHM] + o->wanted[RES_POSIX_MQ] + o->wanted[RES_POSIX_SEM];
	char *name;

	if (o->example && !named)
		return !o->name || ignored(o, o->name);
	if (o->example || named != 1 || !o->name)
		return complain(o, "exactly one of -M, -Q and -S and an identifier are required");
	name = arena_alloc(&o->arena, strlen(o->name) + 2);
	if (!name)
		return complain(o, "out of memory");
	snprintf(name, strlen(o->name) + 2, "/%s", o->name + (*o->name == '/'));
	for (int i = 0; i < NRESOURCES; i++)
		o->wish[i].name = name;
	return true;
}

/* ---- the table ------------------------------------------------------------------------------- */

#define UTIL_LINUX(release, number, text, spellings, what, check) \
	{ \
		.name = release, .alias = "", .since = number, .source = text, \
		.synopsis = "[OPTION...]", .spelling = spellings, .features = what, .mode = 0644, \
		.operand = ignored, .complete = check, \
	}

const struct dialect dialects[] = {
	UTIL_LINUX("util-linux", 2043, "its newest command", with_posix,
		   SUFFIXES | MODE_QUOTED, posix_has_name),
	UTIL_LINUX("util-linux-2.41", 2041, "it has POSIX objects",
		   with_posix, SUFFIXES, posix_has_name),
	UTIL_LINUX("util-linux-2.38", 2038, "no POSIX objects; a mode must be octal to its end",
		   without_posix, SUFFIXES, NULL),
	UTIL_LINUX("util-linux-2.34", 2034, "the octal digits that a mode begins with count",
		   without_posix, SUFFIXES | MODE_LEADING, NULL),
	UTIL_LINUX("util-linux-2.28", 2028, "the digits of a fraction are hundreds of a smaller unit",
		   without_posix, SUFFIXES | OLD_FRACTIONS | MODE_LEADING, NULL),
	UTIL_LINUX("util-linux-2.27", 2027, "it is not said why a number is none",
		   without_posix, SUFFIXES | OLD_FRACTIONS | MODE_LEADING | REASONLESS, NULL),
	UTIL_LINUX("util-linux-2.21", 2021, "sizes without unit",
		   without_posix, MODE_LEADING | REASONLESS, NULL),
	UTIL_LINUX("util-linux-2.15", 2015, "the first one: letters only, leading digits count",
		   without_words, MODE_LEADING | NUMBER_LEADING, NULL),
	{
		.name = "files", .alias = "000",
		.source = "a page of LinuxCommandLibrary that knows directories, FIFOs and sockets",
		.synopsis = "[OPTION...]", .example = true, .spelling = files, .features = SUFFIXES,
		.mode = 0644, .operand = is_mode, .complete = only_for_files,
	},
	{
		.name = "keys", .alias = "001",
		.source = "a page of LinuxCommandLibrary on which options are followed by keys",
		.synopsis = "[-M KEY | -Q KEY | -S KEY] [-o KEY] [-p SIZE] [-s NUMBER]", .example = true,
		.spelling = keys, .features = SUFFIXES | ID_ALONE, .mode = 0666, .operand = is_mode,
		.complete = one_with_size,
	},
	{
		.name = "tldr", .alias = "",
		.source = "the examples of tldr pages, with the mode as last word",
		.example = true, .spelling = examples, .features = SUFFIXES, .mode = 0644,
		.operand = is_mode,
	},
	{
		.name = "names", .alias = "002",
		.source = "an answer of a chat program: the last word is an identifier, as of POSIX objects",
		.synopsis = "-M SIZE | -Q NUMBER | -S 1 IDENTIFIER", .example = true, .spelling = names,
		.features = SUFFIXES, .mode = 0644, .operand = is_name, .complete = one_with_name,
	},
	{ 0 }
};

/* The newest row that is no newer than the release; 0 when text names none. */
static const struct dialect *of_release(const char *text)
{
	unsigned major, minor;

	if (sscanf(text, "util-linux-%2u.%3u", &major, &minor) != 2)
		return NULL;
	for (const struct dialect *d = dialects; d->since; d++)
		if ((unsigned)d->since <= major * 1000 + minor)
			return d;
	return NULL;
}

const struct dialect *dialect_find(const char *name)
{
	for (const struct dialect *d = dialects; d->name; d++)
		if (!strcmp(name, d->name) || (*d->alias && !strcmp(name, d->alias)))
			return d;
	return of_release(name);
}
