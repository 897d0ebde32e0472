#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "inventory.h"

/* ---- from the system ------------------------------------------------------------------------- */

static void set_date(char date[32])
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	time_t t = epoch ? (time_t)strtoll(epoch, NULL, 10) : time(NULL);
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(date, 32, "%Y-%m-%dT%H:%M:%SZ", &tm))
		snprintf(date, 32, "unknown");
}

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Sorts and drops what is there twice. Returns how many are left. */
static size_t unique(int64_t *v, size_t n)
{
	size_t kept = 0;

	if (n)
		qsort(v, n, sizeof(*v), by_number);
	for (size_t i = 0; i < n; i++)
		if (!kept || v[kept - 1] != v[i])
			v[kept++] = v[i];
	return kept;
}

/* The values of some fields over all objects, each once. NULL without memory. */
static int64_t *values_of(struct inventory *v, const enum field *fields, size_t nfields, size_t *n)
{
	const struct snapshot *s = &v->files.objects;
	int64_t *values = arena_alloc(&v->arena, (s->nobj * nfields + 1) * sizeof(*values));

	*n = 0;
	for (size_t i = 0; values && i < s->nobj; i++)
		for (size_t k = 0; k < nfields; k++)
			if (s->obj[i].rec.has & BIT(fields[k]))
				values[(*n)++] = s->obj[i].rec.v[fields[k]];
	if (values)
		*n = unique(values, *n);
	return values;
}

static bool look_for_processes(struct inventory *v)
{
	static const enum field fields[] = { F_lspid, F_lrpid, F_cpid, F_lpid };
	size_t n;
	int64_t *pids = values_of(v, fields, sizeof(fields) / sizeof(*fields), &n);
	bool *alive = arena_alloc(&v->arena, n + 1);

	if (!pids || !alive)
		return false;
	files_living(pids, n, alive);
	v->pids = pids;
	for (size_t i = 0; i < n; i++)
		if (alive[i])
			v->pids[v->npids++] = pids[i];
	return true;
}

static bool look_for_users(struct inventory *v)
{
	static const enum field fields[] = { F_uid, F_cuid };
	size_t n;
	int64_t *values = values_of(v, fields, sizeof(fields) / sizeof(*fields), &n);
	bool *alive = arena_alloc(&v->arena, n + 1);

	v->uids = arena_alloc(&v->arena, (n + 1) * sizeof(*v->uids));
	if (!values || !alive || !v->uids)
		return false;
	for (size_t i = 0; i < n; i++)
		v->uids[i] = (uint32_t)values[i];
	v->processes_seen = files_living_users(v->uids, n, alive);
	for (size_t i = 0; i < n; i++)
		if (alive[i])
			v->uids[v->nuids++] = v->uids[i];
	return true;
}

bool inventory_take(struct inventory *v, pid_t pid, const char *accounts, char *err, size_t errsize)
{
	*v = (struct inventory){ .page = sysconf(_SC_PAGESIZE) };
	set_date(v->date);
	if (!files_read(&v->files, pid, err, errsize))
		return false;
	if (!accounts_load(&v->accounts, accounts, err, errsize)) {
		inventory_free(v);
		return false;
	}
	if (look_for_processes(v) && look_for_users(v))
		return true;
	snprintf(err, errsize, "out of memory");
	inventory_free(v);
	return false;
}

void inventory_free(struct inventory *v)
{
	files_free(&v->files);
	accounts_free(&v->accounts);
	arena_free(&v->arena);
}

/* ---- asked ----------------------------------------------------------------------------------- */

bool inventory_lives(const struct inventory *v, int64_t pid)
{
	for (size_t i = 0; i < v->npids; i++)
		if (v->pids[i] == pid)
			return true;
	return false;
}

bool inventory_user_lives(const struct inventory *v, uint32_t uid)
{
	for (size_t i = 0; i < v->nuids; i++)
		if (v->uids[i] == uid)
			return true;
	return false;
}

const struct objview *inventory_find(const struct inventory *v, enum family f, int64_t id)
{
	const struct snapshot *s = &v->files.objects;

	for (size_t i = 0; i < s->nobj; i++)
		if (s->obj[i].family == f && s->obj[i].id == id)
			return &s->obj[i];
	return NULL;
}
