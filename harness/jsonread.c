#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "jsonread.h"

enum { DEPTH = 32, MEMBERS = 256 };

struct reader {
	const char *text;
	size_t at;
	int depth;
	struct arena *arena;
	struct problem *p;
};

static bool expected(struct reader *r, const char *what)
{
	char found[8] = "the end";

	if ((unsigned char)r->text[r->at] < ' ' && r->text[r->at]) {
		snprintf(found, sizeof(found), "\\x%02x", r->text[r->at]);
	} else if (r->text[r->at]) {
		size_t n = json_sequence(r->text + r->at);

		memcpy(found, r->text + r->at, n);
		found[n] = '\0';
	}
	return problem(r->p, r->at, "found '%s', expected %s", found, what);
}

static void space(struct reader *r)
{
	r->at += strspn(r->text + r->at, " \t\r\n");
}

static bool take(struct reader *r, char c)
{
	space(r);
	if (r->text[r->at] != c)
		return false;
	r->at++;
	return true;
}

/* ---- strings --------------------------------------------------------------------------------- */

static bool hex4(struct reader *r, unsigned *v)
{
	char digits[5] = "";

	strncpy(digits, r->text + r->at, 4);
	if (strspn(digits, "0123456789abcdefABCDEF") != 4)
		return expected(r, "four hexadecimal digits");
	*v = (unsigned)strtoul(digits, NULL, 16);
	r->at += 4;
	return true;
}

/* A character beyond 16 bits is two escapes. */
static bool unicode(struct reader *r, unsigned *v)
{
	unsigned low;

	if (!hex4(r, v))
		return false;
	if (*v >= 0xdc00 && *v < 0xe000)
		return expected(r, "the first half of a character before the second");
	if (*v < 0xd800 || *v >= 0xdc00)
		return *v || expected(r, "no NUL");
	if (strncmp(r->text + r->at, "\\u", 2))
		return expected(r, "the second half of a character");
	r->at += 2;
	if (!hex4(r, &low))
		return false;
	if (low < 0xdc00 || low >= 0xe000)
		return expected(r, "the second half of a character");
	*v = 0x10000 + ((*v - 0xd800) << 10) + (low - 0xdc00);
	return true;
}

static size_t utf8(char *to, unsigned v)
{
	size_t n = v < 0x80 ? 1 : v < 0x800 ? 2 : v < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = n; i-- > 1; v >>= 6)
		to[i] = (char)(0x80 | (v & 0x3f));
	to[0] = (char)(lead[n] | v);
	return n;
}

static bool escape(struct reader *r, char *to, size_t *len)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *found = r->text[r->at] ? strchr(names, r->text[r->at]) : NULL;
	unsigned v;

	if (found) {
		to[(*len)++] = values[found - names];
		r->at++;
		return true;
	}
	if (r->text[r->at] != 'u')
		return expected(r, "an escape");
	r->at++;
	if (!unicode(r, &v))
		return false;
	*len += utf8(to + *len, v);
	return true;
}

/* No escape is shorter than what it stands for. */
static const char *string(struct reader *r)
{
	const char *start = r->text + r->at;
	size_t len = 0, most;
	char *to;

	for (most = 0; start[most] && start[most] != '"'; most++)
		most += start[most] == '\\' && start[most + 1];
	to = arena_alloc(r->arena, most + 1);
	if (!to) {
		problem(r->p, r->at, "found no memory for a string, expected some");
		return NULL;
	}
	while (r->text[r->at] != '"') {
		size_t n = json_sequence(r->text + r->at);

		if (r->text[r->at] == '\\') {
			r->at++;
			if (!escape(r, to, &len))
				return NULL;
			continue;
		}
		if (!n || (unsigned char)r->text[r->at] < ' ') {
			expected(r, "a character of a string");
			return NULL;
		}
		memcpy(to + len, r->text + r->at, n);
		len += n;
		r->at += n;
	}
	r->at++;
	return to;
}

/* ---- values ---------------------------------------------------------------------------------- */

static bool value(struct reader *r, struct value_read *v);

static bool number(struct reader *r, struct value_read *v)
{
	const char *start = r->text + r->at;
	size_t len = strspn(start, "-0123456789");
	char *end;

	errno = 0;
	v->number = strtoll(start, &end, 10);
	if (errno || end != start + len || !len || (len && strchr(".eE", start[len]) && start[len]))
		return expected(r, "a whole number of at most 64 bits");
	r->at += len;
	v->type = J_NUMBER;
	return true;
}

static bool word(struct reader *r, struct value_read *v)
{
	static const struct { const char *name; int type, number; } words[] = {
		{ "null", J_NULL, 0 }, { "true", J_BOOL, 1 }, { "false", J_BOOL, 0 },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t len = strlen(words[i].name);

		if (strncmp(r->text + r->at, words[i].name, len))
			continue;
		r->at += len;
		v->type = words[i].type;
		v->number = words[i].number;
		return true;
	}
	return expected(r, "a value");
}

static struct value_read *append(struct reader *r, struct value_read *to, struct value_read ***last)
{
	struct value_read *v = arena_alloc(r->arena, sizeof(*v));

	if (!v) {
		problem(r->p, r->at, "found no memory for a value, expected some");
		return NULL;
	}
	space(r);
	v->at = r->at;
	**last = v;
	*last = &v->next;
	to->n++;
	return v;
}

static bool array(struct reader *r, struct value_read *v)
{
	struct value_read **last = &v->first;

	v->type = J_ARRAY;
	if (take(r, ']'))
		return true;
	do {
		struct value_read *element = append(r, v, &last);

		if (!element || !value(r, element))
			return false;
	} while (take(r, ','));
	return take(r, ']') || expected(r, "] or a comma");
}

static bool member(struct reader *r, struct value_read *object, struct value_read ***last)
{
	const struct value_read *same;
	struct value_read *v;
	const char *key;

	if (object->n == MEMBERS)
		return expected(r, "fewer members");
	if (!take(r, '"'))
		return expected(r, "the name of a member");
	key = string(r);
	if (!key)
		return false;
	same = json_member(object, key);
	if (same)
		return problem(r->p, r->at, "found '%s' again, expected each member once", key);
	if (!take(r, ':'))
		return expected(r, "a colon");
	v = append(r, object, last);
	if (!v)
		return false;
	v->key = key;
	return value(r, v);
}

static bool object(struct reader *r, struct value_read *v)
{
	struct value_read **last = &v->first;

	v->type = J_OBJECT;
	if (take(r, '}'))
		return true;
	do
		if (!member(r, v, &last))
			return false;
	while (take(r, ','));
	return take(r, '}') || expected(r, "} or a comma");
}

static bool value(struct reader *r, struct value_read *v)
{
	bool ok;

	if (++r->depth > DEPTH)
		return expected(r, "values nested less deeply");
	if (take(r, '{')) {
		ok = object(r, v);
	} else if (take(r, '[')) {
		ok = array(r, v);
	} else if (take(r, '"')) {
		v->type = J_STRING;
		v->string = string(r);
		ok = v->string;
	} else if (strspn(r->text + r->at, "-0123456789")) {
		ok = number(r, v);
	} else {
		ok = word(r, v);
	}
	r->depth--;
	return ok;
}

struct value_read *json_read(const char *text, struct arena *a, struct problem *p)
{
	struct reader r = { .text = text, .arena = a, .p = p };
	struct value_read *v = arena_alloc(a, sizeof(*v));

	if (!v) {
		problem(p, 0, "found no memory for a value, expected some");
		return NULL;
	}
	if (!value(&r, v))
		return NULL;
	space(&r);
	if (!text[r.at])
		return v;
	expected(&r, "nothing more");
	return NULL;
}

const struct value_read *json_member(const struct value_read *o, const char *key)
{
	for (const struct value_read *v = o->first; o->type == J_OBJECT && v; v = v->next)
		if (!strcmp(v->key, key))
			return v;
	return NULL;
}

const struct value_read *json_need(const struct value_read *o, const char *key, int type, struct problem *p)
{
	static const char *const names[] = { "null", "true or false", "a number", "a string", "an array",
					     "an object" };
	const struct value_read *v = json_member(o, key);

	if (v && (int)v->type == type)
		return v;
	problem(p, v ? v->at : o->at, v ? "found another value of '%s', expected %s"
		: "found no member '%s', expected it to be %s", key, names[type]);
	return NULL;
}
