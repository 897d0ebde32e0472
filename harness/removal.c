#include <stdio.h>
#include <string.h>

#include "object.h"
#include "removal.h"

void removals_open(struct removals *all)
{
	*all = (struct removals){ .first = NULL };
	all->end = &all->first;
}

void removals_free(struct removals *all)
{
	arena_free(&all->arena);
}

/* Takes over a copy. */
static bool add(struct removals *all, const struct doomed *one, struct problem *p)
{
	struct doomed *d = arena_alloc(&all->arena, sizeof(*d));

	if (!d)
		return problem(p, 0, "out of memory");
	*d = *one;
	*all->end = d;
	all->end = &d->next;
	return true;
}

/* ---- one resource ------------------------------------------------------------------------------------ */

static bool put_id(struct doomed *d, const char *text, size_t at, struct problem *p)
{
	if (number_of(text, 0, INT32_MAX, &d->r.id))
		return true;
	return problem(p, at, "found '%.100s', expected the id of a %s", text, resourceinfo[d->r.type].what);
}

static bool put_key(struct doomed *d, const char *text, size_t at, struct problem *p)
{
	int64_t key;

	if (!number_of(text, INT32_MIN, UINT32_MAX, &key) || !key)
		return problem(p, at, "found '%.100s', expected a key that is not 0", text);
	d->r.key = (int32_t)key;
	d->by_key = true;
	return true;
}

static bool put_name(struct removals *all, struct doomed *d, const char *text, size_t at, struct problem *p)
{
	const bool slash = resourceinfo[d->r.type].named == NAMED_BY_SLASH && *text != '/';
	const size_t size = strlen(text) + 2;
	char *name = arena_alloc(&all->arena, size);

	if (!name)
		return problem(p, at, "out of memory");
	if (!resource_name_ok(text))
		return problem(p, at, "found %s, expected the name of a %s",
			       *text ? "a control character" : "nothing", resourceinfo[d->r.type].what);
	snprintf(name, size, "%s%s", slash ? "/" : "", text);
	d->r.name = name;
	return true;
}

static bool put_value(struct removals *all, struct doomed *d, const char *text, size_t at, struct problem *p)
{
	if (resourceinfo[d->r.type].named != NAMED_BY_ID)
		return put_name(all, d, text, at, p);
	if (!strncmp(text, "key=", 4))
		return put_key(d, text + 4, at + 4, p);
	return put_id(d, text, at, p);
}

bool removals_word(struct removals *all, const char *word, struct problem *p)
{
	const size_t len = strcspn(word, ":");
	struct doomed d = { .r.type = resource_type_of(word, len) };

	if (d.r.type == NRESOURCES)
		return problem(p, 0, "found '%.*s', expected a type, such as msg or posix-mq",
			       len < 100 ? (int)len : 100, word);
	if (!word[len])
		return problem(p, len, "found no ':', expected TYPE:NAME");
	return put_value(all, &d, word + len + 1, len + 1, p) && add(all, &d, p);
}

/* ---- what ipcmk printed ---------------------------------------------------------------------- */

/* "Message queue id: 5" */
static bool plain(struct removals *all, const char *line, size_t at, struct problem *p)
{
	for (int i = 0; i < NRESOURCES; i++) {
		const size_t len = strlen(resourceinfo[i].line);
		struct doomed d = { .r.type = (enum resource_type)i };

		if (strncmp(line, resourceinfo[i].line, len) || strncmp(line + len, ": ", 2))
			continue;
		line += len + 2;
		at += len + 2;
		if (resourceinfo[i].named == NAMED_BY_ID ? !put_id(&d, line, at, p)
							 : !put_name(all, &d, line, at, p))
			return false;
		return add(all, &d, p);
	}
	return problem(p, at, "found '%.60s', expected a line of ipcmk, such as 'Message queue id: 5'", line);
}

static bool member(struct removals *all, const struct value_read *v, struct problem *p)
{
	const struct value_read *type, *value;
	struct doomed d = { .by_key = false };

	if (v->type != J_OBJECT)
		return problem(p, v->at, "found no object, expected one with type, and id or name");
	type = json_need(v, "type", J_STRING, p);
	if (!type)
		return false;
	d.r.type = resource_type_of(type->string, strlen(type->string));
	if (d.r.type == NRESOURCES)
		return problem(p, type->at, "found '%.60s', expected a type of resource", type->string);
	if (resourceinfo[d.r.type].named != NAMED_BY_ID) {
		value = json_need(v, "name", J_STRING, p);
		return value && put_name(all, &d, value->string, value->at, p) && add(all, &d, p);
	}
	value = json_need(v, "id", J_NUMBER, p);
	if (value && (value->number < 0 || value->number > INT32_MAX))
		return problem(p, value->at, "found %lld, expected an id", (long long)value->number);
	if (value)
		d.r.id = value->number;
	return value && add(all, &d, p);
}

/* What existed before is not of ipcmk's making, and stays. */
static bool document(struct removals *all, const char *line, size_t at, struct problem *p)
{
	const struct value_read *root = json_read(line, &all->arena, p);
	const struct value_read *created = root ? json_need(root, "created", J_ARRAY, p) : NULL;
	bool ok = created;

	for (const struct value_read *v = ok ? created->first : NULL; v && ok; v = v->next)
		ok = member(all, v, p);
	if (!ok)
		p->at += at;
	return ok;
}

bool removals_text(struct removals *all, const char *text, size_t len, struct problem *p)
{
	const char *nul = memchr(text, '\0', len);
	size_t n;

	if (nul)
		return problem(p, (size_t)(nul - text), "found a NUL, expected text");
	for (size_t at = 0; at < len; at += n + 1) {
		char *line;

		n = strcspn(text + at, "\n");
		line = arena_alloc(&all->arena, n + 1);
		if (!line)
			return problem(p, at, "out of memory");
		memcpy(line, text + at, n);
		if (*line == '{' ? !document(all, line, at, p) : !plain(all, line, at, p))
			return false;
	}
	return true;
}
