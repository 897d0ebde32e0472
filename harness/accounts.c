#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounts.h"

/* Where the entries come from: the system, or a file. */
struct origin { FILE *passwd, *group; };

/*
 * A static program cannot load what the C library asks for accounts: there the files are all that there is,
 * and where they are not nobody has an account.
 */
#ifdef INSIDE
#define getpwent() NULL
#define getgrent() NULL
static void rewind_accounts(struct origin *o)
{
	if (!o->passwd && !o->group) {
		o->passwd = fopen("/etc/passwd", "re");
		o->group = fopen("/etc/group", "re");
	}
}
#else
static void rewind_accounts(struct origin *o)
{
	(void)o;
	setpwent();
	setgrent();
}
#endif

static struct passwd *next_user(const struct origin *o)
{
	return o->passwd ? fgetpwent(o->passwd) : getpwent();
}

static struct group *next_group(const struct origin *o)
{
	return o->group ? fgetgrent(o->group) : getgrent();
}

static const char *keep(struct accounts *a, const char *s)
{
	char *copy = arena_alloc(&a->arena, strlen(s) + 1);

	return copy ? memcpy(copy, s, strlen(s) + 1) : NULL;
}

/* The arrays grow outside of the arena while they are read. */
static bool read_users(struct accounts *a, const struct origin *o)
{
	size_t cap = 0;
	struct passwd *p;

	while ((p = next_user(o))) {
		if (!grow(&a->v, &cap, a->n + 1, sizeof(*a->v)))
			return false;
		a->v[a->n] = (struct account){ keep(a, p->pw_name), p->pw_uid, p->pw_gid, 0, NULL };
		if (!a->v[a->n++].name)
			return false;
	}
	return true;
}

static int by_uid(const void *x, const void *y)
{
	const struct account *a = x, *b = y;

	return a->uid != b->uid ? (a->uid < b->uid ? -1 : 1) : strcmp(a->name, b->name);
}

static bool add_group(struct account *to, uint32_t gid)
{
	uint32_t *grown;

	for (size_t i = 0; i < to->ngroups; i++)
		if (to->groups[i] == gid)
			return true;
	grown = realloc(to->groups, (to->ngroups + 1) * sizeof(*grown));
	if (!grown)
		return false;
	to->groups = grown;
	to->groups[to->ngroups++] = gid;
	return true;
}

/* Each account of that name: there may be several. */
static bool add_member(struct accounts *a, const char *name, uint32_t gid)
{
	for (size_t i = 0; i < a->n; i++)
		if (!strcmp(a->v[i].name, name) && !add_group(&a->v[i], gid))
			return false;
	return true;
}

static bool read_groups(struct accounts *a, const struct origin *o)
{
	size_t cap = 0;
	struct group *g;

	while ((g = next_group(o))) {
		if (!grow(&a->group, &cap, a->ngroups + 1, sizeof(*a->group)))
			return false;
		a->group[a->ngroups] = (struct groupname){ keep(a, g->gr_name), g->gr_gid };
		if (!a->group[a->ngroups++].name)
			return false;
		for (char **member = g->gr_mem; *member; member++)
			if (!add_member(a, *member, g->gr_gid))
				return false;
	}
	return true;
}

static FILE *open_in(const char *dir, const char *name, char *err, size_t errsize)
{
	char path[4096];
	FILE *f = NULL;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) < (int)sizeof(path))
		f = fopen(path, "re");
	if (!f)
		snprintf(err, errsize, "%s: %s", path, strerror(errno));
	return f;
}

static bool read_all(struct accounts *a, const struct origin *o, char *err, size_t errsize)
{
	bool ok = read_users(a, o);

	if (ok && a->n)
		qsort(a->v, a->n, sizeof(*a->v), by_uid);
	ok = ok && read_groups(a, o);
	if (!ok)
		snprintf(err, errsize, "out of memory");
	return ok;
}

bool accounts_load(struct accounts *a, const char *dir, char *err, size_t errsize)
{
	struct origin o = { NULL, NULL };
	bool ok = true;

	*a = (struct accounts){ .n = 0 };
	if (dir) {
		o.passwd = open_in(dir, "passwd", err, errsize);
		o.group = o.passwd ? open_in(dir, "group", err, errsize) : NULL;
		ok = o.passwd && o.group;
	}
	rewind_accounts(&o);
	ok = ok && read_all(a, &o, err, errsize);
#ifndef INSIDE
	endpwent();
	endgrent();
#endif
	if (o.passwd)
		fclose(o.passwd);
	if (o.group)
		fclose(o.group);
	if (!ok)
		accounts_free(a);
	return ok;
}

void accounts_free(struct accounts *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->v[i].groups);
	free(a->v);
	free(a->group);
	arena_free(&a->arena);
	*a = (struct accounts){ .n = 0 };
}

const struct account *account_named(const struct accounts *a, const char *name, size_t len)
{
	for (size_t i = 0; i < a->n; i++)
		if (strlen(a->v[i].name) == len && !memcmp(a->v[i].name, name, len))
			return &a->v[i];
	return NULL;
}

const struct account *account_of(const struct accounts *a, uint32_t uid)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].uid == uid)
			return &a->v[i];
	return NULL;
}

const struct groupname *group_named(const struct accounts *a, const char *name, size_t len)
{
	for (size_t i = 0; i < a->ngroups; i++)
		if (strlen(a->group[i].name) == len && !memcmp(a->group[i].name, name, len))
			return &a->group[i];
	return NULL;
}
