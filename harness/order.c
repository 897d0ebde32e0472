/*
 * A command line of ipcmk. Options of the dialect are read by getopt_long, abbreviations included; those of
 * every dialect are written in full and taken from in between, so that they make no abbreviation ambiguous.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "order.h"
#include "prose.h"

enum { OPTIONSMAX = 24 };

/* ---- complaints -------------------------------------------------------------------------------------- */

static void say(const char *fmt, va_list ap)
{
	char text[1000];
	struct json t = { 0 };

	vsnprintf(text, sizeof(text), fmt, ap);
	prose_name(&t, text);
	fprintf(stderr, "ipcmk: %s\n", t.failed ? "out of memory" : t.buf);
	json_free(&t);
}

bool complain(struct order *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	o->status = EXIT_NOT_MADE;
	return false;
}

bool doubt(struct order *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	o->doubts++;
	if (o->strict)
		o->status = EXIT_NOT_MADE;
	return !o->strict;
}

bool try_help(struct order *o)
{
	fprintf(stderr, "Try 'ipcmk --help' for more information.\n");
	o->status = EXIT_NOT_MADE;
	return false;
}

/* ---- options of every dialect ---------------------------------------------------------------- */

const struct spelling common_options[] = {
	{ NO_LETTER, "exclusive", MEANS_exclusive },
	{ NO_LETTER, "key", MEANS_key },
	{ NO_LETTER, "or-existing", MEANS_or_existing },
	{ NO_LETTER, "owner", MEANS_owner },
	{ NO_LETTER, "group", MEANS_group },
	{ NO_LETTER, "context", MEANS_context },
	{ NO_LETTER, "strict", MEANS_strict },
	{ NO_LETTER, "json", MEANS_json },
	{ NO_LETTER, "dry-run", MEANS_dry_run },
	{ NO_LETTER, "explain", MEANS_explain },
	{ NO_LETTER, "clauses", MEANS_clauses },
	{ NO_LETTER, "dialect", MEANS_dialect },
	{ NO_LETTER, "help", MEANS_help },
	{ NO_LETTER, "version", MEANS_version },
	{ 0 }
};

const struct spelling *spelling_find(const struct spelling *among, const char *word, size_t len)
{
	for (const struct spelling *s = among; s->letter; s++)
		if (s->word && strlen(s->word) == len && !strncmp(s->word, word, len))
			return s;
	return NULL;
}

/* The spelling that word is, in full; a value after = goes to *value. A dialect's own word comes first. */
static const struct spelling *common_find(const struct dialect *d, const char *word, const char **value)
{
	size_t len;

	if (strncmp(word, "--", 2))
		return NULL;
	word += 2;
	len = strcspn(word, "=");
	*value = word[len] ? word + len + 1 : NULL;
	return spelling_find(d->spelling, word, len) ? NULL : spelling_find(common_options, word, len);
}

/* Takes the option of argv[optind], if it is one of these. -1: it is none; else whether to go on. */
static int take_common(struct order *o, int argc, char **argv)
{
	const char *value = NULL;
	const struct spelling *s = optind < argc ? common_find(o->dialect, argv[optind], &value) : NULL;

	if (!s)
		return -1;
	optind++;
	if (value && !meaninginfo[s->means].argument) {
		complain(o, "option '--%s' doesn't allow an argument", s->word);
		return try_help(o);
	}
	if (!value && meaninginfo[s->means].argument && optind < argc)
		value = argv[optind++];
	if (!value && meaninginfo[s->means].argument) {
		complain(o, "option '--%s' requires an argument", s->word);
		return try_help(o);
	}
	return meaning_take(o, s->means, value);
}

/* What must be known before the first option is read: the dialect, and what becomes of doubts. */
static bool look_ahead(struct order *o, int argc, char **argv)
{
	const char *name = NULL;

	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		if (!strncmp(argv[i], "--dialect=", 10))
			name = argv[i] + 10;
		else if (!strcmp(argv[i], "--dialect") && i + 1 < argc)
			name = argv[i + 1];
		else if (!strcmp(argv[i], "--strict"))
			o->strict = true;
	}
	o->dialect = name ? dialect_find(name) : &dialects[0];
	if (o->dialect)
		return true;
	complain(o, "found '%s', expected a dialect", name);
	return try_help(o);
}

/* ---- options of the dialect ------------------------------------------------------------------ */

enum { WORD = 256 };		/* and the row of a word, as getopt_long says which it found */

/* letters needs room for 2 + 2 for each option. */
static void getopt_tables(const struct dialect *d, struct option *words, char *letters)
{
	*letters++ = '-';		/* operands where they stand */
	for (const struct spelling *s = d->spelling; s->letter; s++) {
		const bool argument = meaninginfo[s->means].argument;

		if (s->letter != NO_LETTER)
			*letters++ = s->letter;
		if (s->letter != NO_LETTER && argument)
			*letters++ = ':';
		if (s->word)
			*words++ = (struct option){ s->word, argument, NULL, WORD + (int)(s - d->spelling) };
	}
	*letters = '\0';
	*words = (struct option){ 0 };
}

static bool take_found(struct order *o, int found)
{
	if (found >= WORD)
		return meaning_take(o, o->dialect->spelling[found - WORD].means, optarg);
	for (const struct spelling *s = o->dialect->spelling; s->letter; s++)
		if (s->letter == found)
			return meaning_take(o, s->means, optarg);
	return try_help(o);
}

static bool take_operand(struct order *o, const char *text)
{
	return o->dialect->operand(o, text);
}

static bool read_options(struct order *o, int argc, char **argv)
{
	const bool stops = getenv("POSIXLY_CORRECT");
	struct option words[OPTIONSMAX];
	char letters[2 + 2 * OPTIONSMAX];
	int c;

	getopt_tables(o->dialect, words, letters);
	optind = 0;		/* with nothing to read: forgets what was read before, and goes to 1 */
	getopt_long(1, argv, letters, words, NULL);
	for (;;) {
		int took = take_common(o, argc, argv);

		if (took < 0) {
			c = getopt_long(argc, argv, letters, words, NULL);
			if (c == -1)
				break;
			if (c == 1 && stops) {
				optind--;
				break;
			}
			took = c == 1 ? take_operand(o, optarg) : take_found(o, c);
		}
		if (!took)
			return false;
	}
	for (; optind < argc; optind++)
		if (!take_operand(o, argv[optind]))
			return false;
	return true;
}

/* ---- the order as a whole -------------------------------------------------------------------- */

static bool anything(const struct order *o)
{
	for (int i = 0; i < NRESOURCES; i++)
		if (o->wanted[i])
			return true;
	return false;
}

static bool system_v(const struct order *o)
{
	return o->wanted[RES_SHM] || o->wanted[RES_MSG] || o->wanted[RES_SEM];
}

/* mkdir and its kin take these, less the umask, when nothing is said. */
static int64_t usual_mode(const struct order *o, enum resource_type type)
{
	if (type == RES_DIR || type == RES_SOCKET)
		return 0777;
	return type == RES_FIFO ? 0666 : o->dialect->mode;
}

static void share_out(struct order *o)
{
	for (int i = 0; i < NRESOURCES; i++) {
		struct resource *r = &o->wish[i];
		const bool file = i == RES_DIR || i == RES_FIFO || i == RES_SOCKET;
		const int64_t mode = file ? o->file_mode : o->mode;

		r->mode = mode < 0 ? usual_mode(o, (enum resource_type)i) : mode;
		r->uid = file && o->file_uid >= 0 ? o->file_uid : o->uid;
		r->gid = file && o->file_gid >= 0 ? o->file_gid : o->gid;
	}
	if (!o->context)
		o->context = o->file_context;
	for (int i = 0; i < NRESOURCES; i++)
		o->wish[i].label = o->context;
}

static bool agrees(struct order *o)
{
	if (o->exclusive && o->or_existing)
		return complain(o, "--exclusive and --or-existing contradict each other");
	if (o->has_key && !system_v(o))
		return complain(o, "--key is for System V objects only");
	if (!o->context)
		return true;
	if (!selinux_here())
		return complain(o, "--context: this kernel has no SELinux");
	if (system_v(o) && o->context != o->file_context)
		return complain(o, "--context: a System V object has the label of its creator");
	return true;
}

bool order_read(struct order *o, int argc, char **argv)
{
	*o = (struct order){
		.mode = -1, .uid = -1, .gid = -1, .file_mode = -1, .file_uid = -1, .file_gid = -1,
		.size = -1, .nsems = 1, .clauses = "cases", .status = -1,
	};
	if (!look_ahead(o, argc, argv) || !read_options(o, argc, argv))
		return false;
	if (!anything(o)) {
		complain(o, "bad usage");
		return try_help(o);
	}
	if (o->dialect->complete && !o->dialect->complete(o))
		return false;
	share_out(o);
	return agrees(o);
}

void order_free(struct order *o)
{
	accounts_free(&o->accounts);
	arena_free(&o->arena);
}
