#include <stdlib.h>
#include <string.h>

#include "object.h"
#include "policy.h"
#include "source.h"

enum { MODES = 0777 | SHM_DEST | SHM_LOCKED };
enum { FIELDS = 4 };

static const char *const fields[FIELDS] = { "key", "owner", "creator", "mode" };

/* ---- one word -------------------------------------------------------------------------------- */

struct parser {
	const char *text;
	const struct accounts *accounts;
	struct problem *p;
};

static bool expected(const struct parser *r, const char *word, size_t len, const char *what)
{
	return problem(r->p, (size_t)(word - r->text), "found '%.*s', expected %s",
		       (int)(len > 80 ? 80 : len), word, what);
}

static bool is_any(const char *s, size_t len)
{
	return len == 1 && *s == '*';
}

static void exactly(struct wanted *r, int64_t v)
{
	*r = (struct wanted){ true, v };
}

static bool parse_pair(const struct parser *r, struct wanted *user, struct wanted *group, const char *s,
		       size_t len)
{
	const char *colon = memchr(s, ':', len);
	size_t left = colon ? (size_t)(colon - s) : len;
	uint32_t id;

	if (!colon)
		return expected(r, s, len, "uid:gid, either may be *");
	if (!is_any(s, left)) {
		if (!uid_of(s, left, r->accounts, &id))
			return expected(r, s, left, "a user, number or name");
		exactly(user, id);
	}
	if (!is_any(colon + 1, len - left - 1)) {
		if (!gid_of(colon + 1, len - left - 1, r->accounts, &id))
			return expected(r, colon + 1, len - left - 1, "a group, number or name");
		exactly(group, id);
	}
	return true;
}

static bool parse_number(const struct parser *r, struct wanted *to, const char *s, size_t len, bool octal)
{
	const char *what = octal ? "an octal mode" : "a key of 32 bits";
	char word[24];
	int64_t v;

	if (is_any(s, len))
		return true;
	if (!len || len >= sizeof(word) || (octal && strspn(s, "01234567") < len))
		return expected(r, s, len, what);
	memcpy(word, s, len);
	word[len] = '\0';
	if (octal)
		v = strtoll(word, NULL, 8);
	else if (!number_of(word, INT32_MIN, UINT32_MAX, &v))
		return expected(r, s, len, what);
	if (octal && v & ~MODES)
		return expected(r, s, len, what);
	exactly(to, octal ? v : (int32_t)v);
	return true;
}

static int field_at(const char *s, size_t len)
{
	for (int i = 0; i < FIELDS; i++)
		if (strlen(fields[i]) == len && !strncmp(fields[i], s, len))
			return i;
	return -1;
}

/* "owner=alice:team"; seen are the fields that the line had before. */
static bool parse_field(const struct parser *r, struct policy_line *l, const char *word, size_t len,
			unsigned *seen)
{
	const char *equals = memchr(word, '=', len);
	size_t name = equals ? (size_t)(equals - word) : len;
	bool most = equals && name && word[name - 1] == '<';
	int field = equals ? field_at(word, name - most) : -1;
	const char *v = equals + 1;
	size_t n = len - name - 1;

	if (field < 0 || (most && field != 3))
		return expected(r, word, len, "key=, owner=, creator=, mode= or mode<=");
	if (*seen & 1U << field)
		return expected(r, word, len, "each field once");
	*seen |= 1U << field;
	l->most = l->most || most;
	switch (field) {
	case 0: return parse_number(r, &l->key, v, n, false);
	case 1: return parse_pair(r, &l->uid, &l->gid, v, n);
	case 2: return parse_pair(r, &l->cuid, &l->cgid, v, n);
	}
	return parse_number(r, &l->mode, v, n, true);
}

/* ---- lines ----------------------------------------------------------------------------------- */

static const char *next_word(const char *s, size_t *len)
{
	s += strspn(s, " \t");
	*len = strcspn(s, " \t\n#");
	return s;
}

static bool is_word(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && !strncmp(s, word, len);
}

static bool parse_kind(const struct parser *r, struct policy_line *l, const char *s, size_t len)
{
	l->family = NFAMILIES;
	for (enum family f = 0; f < NFAMILIES; f++)
		if (is_word(s, len, family_name[f]))
			l->family = f;
	return l->family != NFAMILIES || is_any(s, len) || expected(r, s, len, "msg, sem, shm or *");
}

/* A line that says nothing leaves line 0. */
static bool parse_line(const struct parser *r, struct policy_line *l, const char *s, int line)
{
	unsigned seen = 0;
	size_t len;

	*l = (struct policy_line){ .line = 0 };
	s = next_word(s, &len);
	if (!len)
		return true;
	l->required = is_word(s, len, "require");
	if (!l->required && !is_word(s, len, "allow"))
		return expected(r, s, len, "allow or require");
	s = next_word(s + len, &len);
	if (!parse_kind(r, l, s, len))
		return false;
	for (s = next_word(s + len, &len); len; s = next_word(s + len, &len))
		if (!parse_field(r, l, s, len, &seen))
			return false;
	l->line = line;
	return true;
}

static bool parse(struct policy *to, const struct parser *r)
{
	int line = 1;

	for (const char *s = r->text; *s; s += strcspn(s, "\n"), s += *s == '\n') {
		struct policy_line l;

		if (!parse_line(r, &l, s, line++))
			return false;
		if (!l.line)
			continue;
		if (!grow(&to->v, &to->cap, to->n + 1, sizeof(*to->v)))
			return problem(r->p, 0, "found no memory, expected some");
		to->v[to->n++] = l;
	}
	return true;
}

bool policy_read(struct policy *to, const char *path, const struct accounts *a, char *err, size_t errsize)
{
	struct problem p = { 0, "out of memory" };
	size_t len = 0;
	char *text;

	*to = (struct policy){ .n = 0 };
	text = file_read_named(path, FILEMAX, &to->arena, &len, &p);
	if (text && strlen(text) != len)
		problem(&p, strlen(text), "found a NUL byte, expected text");
	else if (text && parse(to, &(struct parser){ text, a, &p }))
		return true;
	problem_print(&p, path, text ? text : "", err, errsize);
	policy_free(to);
	return false;
}

void policy_free(struct policy *p)
{
	free(p->v);
	arena_free(&p->arena);
	*p = (struct policy){ .n = 0 };
}

/* ---- asked ----------------------------------------------------------------------------------- */

static bool in(const struct wanted *r, int64_t v)
{
	return !r->given || v == r->v;
}

static bool mode_matches(const struct policy_line *l, int64_t mode)
{
	return l->most ? !l->mode.given || !(mode & ~l->mode.v) : in(&l->mode, mode);
}

static bool field_matches(const struct policy_line *l, const struct objview *o, int field)
{
	const int64_t *v = o->rec.v;

	switch (field) {
	case 0: return in(&l->key, v[F_key]);
	case 1: return in(&l->uid, v[F_uid]) && in(&l->gid, v[F_gid]);
	case 2: return in(&l->cuid, v[F_cuid]) && in(&l->cgid, v[F_cgid]);
	}
	return mode_matches(l, v[F_mode]);
}

const char *policy_difference(const struct policy_line *l, const struct objview *o, int i)
{
	for (int field = 0; field < FIELDS; field++)
		if (!field_matches(l, o, field) && i-- == 0)
			return fields[field];
	return NULL;
}

static int differences(const struct policy_line *l, const struct objview *o)
{
	int n = 0;

	if (l->family != NFAMILIES && l->family != o->family)
		return FIELDS;
	while (policy_difference(l, o, n))
		n++;
	return n;
}

bool policy_matches(const struct policy_line *l, const struct objview *o)
{
	return !differences(l, o);
}

const struct policy_line *policy_allows(const struct policy *p, const struct objview *o,
					const struct policy_line **near)
{
	int least = 2;		/* one that differs in more is about something else */

	*near = NULL;
	for (size_t i = 0; i < p->n; i++) {
		int n = differences(&p->v[i], o);

		if (!n)
			return &p->v[i];
		if (n < least) {
			least = n;
			*near = &p->v[i];
		}
	}
	return NULL;
}
