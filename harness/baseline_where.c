/* Conditions of a row of a baseline: on which systems a difference is known. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "pattern.h"

enum trait { TRAIT_LINUX, TRAIT_SYSNAME, TRAIT_RELEASE, TRAIT_VERSION, TRAIT_MACHINE, TRAIT_ABI, TRAIT_LIBC,
	     TRAIT_LSM, TRAIT_TARGET, TRAIT_PROFILE, TRAIT_SUBJECT, NTRAITS };
/* A number from NTRAITS on is that of a fact. */
enum { NNAMES = NTRAITS + NFACTS };

static const char *const trait_name[NTRAITS] = {
	[TRAIT_LINUX] = "linux", [TRAIT_SYSNAME] = "sysname", [TRAIT_RELEASE] = "release",
	[TRAIT_VERSION] = "version", [TRAIT_MACHINE] = "machine", [TRAIT_ABI] = "abi", [TRAIT_LIBC] = "libc",
	[TRAIT_LSM] = "lsm", [TRAIT_TARGET] = "target", [TRAIT_PROFILE] = "profile",
	[TRAIT_SUBJECT] = "subject",
};

/* What only looks like Linux has no version of it. */
static bool is_linux(const struct environment *e)
{
	return !strcmp(e->sysname, "Linux") && strcmp(e->target, "gvisor");
}

static const char *name_of(int f)
{
	return f < NTRAITS ? trait_name[f] : factinfo[f - NTRAITS].name;
}

/* NULL where there is no such thing. */
static const char *trait_value(const struct whereabouts *w, enum trait f)
{
	const struct environment *e = w->env;

	if (f == TRAIT_PROFILE)
		return w->profile;
	if (f == TRAIT_SUBJECT)
		return w->subject;
	if (!w->kernel)
		return NULL;
	switch (f) {
	case TRAIT_LINUX: return is_linux(e) ? e->release : NULL;
	case TRAIT_SYSNAME: return e->sysname;
	case TRAIT_RELEASE: return e->release;
	case TRAIT_VERSION: return e->version;
	case TRAIT_MACHINE: return e->machine;
	case TRAIT_ABI: return e->abi;
	case TRAIT_LIBC: return e->libc;
	case TRAIT_LSM: return e->lsm;
	case TRAIT_TARGET: return e->target;
	default: return NULL;
	}
}

/* Which orders of a value to that of the condition let the condition hold. */
struct relation { const char *text; bool less, equal, more; };
static const struct relation relations[] = {
	{ "<=", true, true, false }, { ">=", false, true, true }, { "!=", true, false, true },
	{ "<", true, false, false }, { ">", false, false, true }, { "=", false, true, false },
};

static const struct relation *relation_at(const char *text)
{
	for (size_t i = 0; i < sizeof(relations) / sizeof(*relations); i++)
		if (!strncmp(text, relations[i].text, strlen(relations[i].text)))
			return &relations[i];
	return NULL;
}

/* Does a version begin here: numbers with dots between, up to the next comma? */
static bool is_version(const char *text, size_t n)
{
	bool digit = false;

	for (size_t i = 0; i < n; i++) {
		if (text[i] == '.' ? !digit : text[i] < '0' || text[i] > '9')
			return false;
		digit = text[i] != '.';
	}
	return digit;
}

/* As many numbers count as the bound has: 6.6.30 equals 6.6. */
static int version_order(const char *release, const char *bound)
{
	for (;;) {
		char *end, *bound_end;
		unsigned long has = strtoul(release, &end, 10), wanted = strtoul(bound, &bound_end, 10);

		if (has != wanted)
			return has < wanted ? -1 : 1;
		if (*bound_end != '.')
			return 0;
		release = end + (*end == '.');
		bound = bound_end + 1;
	}
}

static bool relation_holds(const struct relation *r, int order)
{
	return order < 0 ? r->less : order > 0 ? r->more : r->equal;
}

/* A value may be compared with the n characters at text. */
static bool compare(int f, const struct relation *r, const char *text, size_t n, const struct whereabouts *w)
{
	char wanted[200], number[24];
	const char *value = f < NTRAITS ? trait_value(w, (enum trait)f) : NULL;

	if (f >= NTRAITS && w->kernel) {
		snprintf(number, sizeof(number), "%" PRId64, fact_of(w->facts, (enum fact)(f - NTRAITS)));
		value = number;
	}

	snprintf(wanted, sizeof(wanted), "%.*s", (int)n, text);
	if (!value)
		return false;
	return relation_holds(r, f == TRAIT_LINUX ? version_order(value, wanted)
						 : !pattern_matches(wanted, value));
}

/* Systems that are known by a word of their own, with the fact that has it as its value. */
static const struct { const char *word; enum trait fact; } words[] = {
	{ "linux", TRAIT_LINUX }, { "gvisor", TRAIT_TARGET }, { "qemu-user", TRAIT_TARGET },
	{ "uml", TRAIT_TARGET },
};

static bool is_word(const char *text, size_t n, const char *word)
{
	return strlen(word) == n && !strncmp(text, word, n);
}

/* A condition that is one word. */
static const char *word_holds(const char *text, size_t n, const struct whereabouts *w, bool *holds)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		const char *value = w ? trait_value(w, words[i].fact) : NULL;

		if (!is_word(text, n, words[i].word))
			continue;
		*holds = *holds && value && (words[i].fact == TRAIT_LINUX || !strcmp(value, words[i].word));
		return NULL;
	}
	return "linux, gvisor, qemu-user, uml, or a fact with a comparison, such as machine=x86_64";
}

/* "linux>=6.1", or without a name that of the condition before. */
static const char *comparison(const char **at, size_t name, int *fact, const struct whereabouts *w,
			      bool *holds)
{
	const struct relation *r = relation_at(*at + name);
	int f = name ? 0 : *fact;
	const char *value;
	size_t n;

	while (f < NNAMES && name && !is_word(*at, name, name_of(f)))
		f++;
	if (f == NNAMES)
		return "linux, sysname, release, version, machine, abi, libc, lsm, target, profile, "
		       "subject, or a fact that --fact knows";
	*fact = f;
	*at += name;
	if (f != TRAIT_LINUX && r->less != r->more)
		return "= or !=, because only linux has an order";
	value = *at += strlen(r->text);
	n = strcspn(value, ",");
	if (f == TRAIT_LINUX ? !is_version(value, n) : !n)
		return f == TRAIT_LINUX ? "a version, such as 6.12" : "a value";
	*holds = *holds && (!w || compare(f, r, value, n, w));
	return NULL;
}

const char *where_holds(const char *where, const struct whereabouts *w, bool *holds, const char **at)
{
	int fact = NNAMES;

	*holds = true;
	*at = where;
	if (!strcmp(where, "*"))
		return NULL;
	for (;;) {
		size_t n = strcspn(*at, ","), name = strcspn(*at, ",<=>!");
		const char *begin = *at;
		const char *expected = name < n && relation_at(*at + name)
			? comparison(at, name, &fact, w, holds) : word_holds(*at, n, w, holds);

		if (expected)
			return expected;
		if (!begin[n])
			return NULL;
		*at = begin + n + 1;
	}
}

void baseline_place(struct baseline *b, const struct whereabouts *w)
{
	const char *at;

	for (size_t i = 0; i < b->n; i++)
		where_holds(b->row[i].where, w, &b->row[i].here, &at);
}
