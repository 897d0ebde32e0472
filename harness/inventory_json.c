/* An inventory as a file: both ways. What is written is listed once, in the order of the file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inventory.h"
#include "jsonread.h"
#include "object.h"

enum { VERSION = 1 };
#define SIZEMAX ((size_t)256 << 20)

/* ---- writing --------------------------------------------------------------------------------- */

static void objects_json(struct json *j, const struct snapshot *s)
{
	json_array(j, "objects");
	for (size_t i = 0; i < s->nobj; i++) {
		json_raw(j, i ? ",\n\t\t" : "\n\t\t", i ? 4 : 3);
		j->comma = false;
		json_object(j, NULL);
		json_string(j, "kind", family_name[s->obj[i].family]);
		json_number(j, "id", s->obj[i].id);
		for (enum field f = 0; f < NFIELDS; f++)
			if (s->obj[i].rec.has & BIT(f))
				json_number(j, fieldinfo[f].name, s->obj[i].rec.v[f]);
		json_end(j, '}');
	}
	json_end(j, ']');
}

static void accounts_json(struct json *j, const struct accounts *a)
{
	json_array(j, "accounts");
	for (size_t i = 0; i < a->n; i++) {
		json_object(j, NULL);
		json_string(j, "name", a->v[i].name);
		json_number(j, "uid", a->v[i].uid);
		json_number(j, "gid", a->v[i].gid);
		json_array(j, "groups");
		for (size_t k = 0; k < a->v[i].ngroups; k++)
			json_number(j, NULL, a->v[i].groups[k]);
		json_end(j, ']');
		json_end(j, '}');
	}
	json_end(j, ']');
	json_array(j, "groups");
	for (size_t i = 0; i < a->ngroups; i++) {
		json_object(j, NULL);
		json_string(j, "name", a->group[i].name);
		json_number(j, "gid", a->group[i].gid);
		json_end(j, '}');
	}
	json_end(j, ']');
}

static void space_json(struct json *j, const struct nsfiles *n)
{
	json_object(j, "namespace");
	json_string(j, "ipc", n->ipc);
	json_bool(j, "initial", n->initial_ipc);
	json_bool(j, "foreign_user", n->foreign_user);
	json_bool(j, "foreign_pid", n->foreign_pid);
	json_bool(j, "all_ids_mapped", n->all_ids_mapped);
	json_number(j, "overflow_uid", n->overflow_uid);
	json_number(j, "overflow_gid", n->overflow_gid);
	json_end(j, '}');
	json_object(j, "limits");
	for (int i = 0; i < NLIMITS; i++)
		if (n->limits_seen & BIT(i))
			json_number(j, limitinfo[i].name, n->limits.v[i]);
	json_end(j, '}');
	json_array(j, "unseen");
	for (int i = 0; i < n->nunseen; i++)
		json_string(j, NULL, n->unseen[i]);
	json_end(j, ']');
}

static void next_line(struct json *j)
{
	json_raw(j, ",\n\t", 3);
	j->comma = false;
}

void inventory_json(struct json *j, const struct inventory *v)
{
	json_object(j, NULL);
	json_number(j, "sysvet_snapshot", VERSION);
	json_string(j, "date", v->date);
	json_number(j, "page", v->page);
	next_line(j);
	space_json(j, &v->files);
	next_line(j);
	json_object(j, "living");
	json_bool(j, "all_seen", v->processes_seen);
	json_array(j, "pids");
	for (size_t i = 0; i < v->npids; i++)
		json_number(j, NULL, v->pids[i]);
	json_end(j, ']');
	json_array(j, "uids");
	for (size_t i = 0; i < v->nuids; i++)
		json_number(j, NULL, v->uids[i]);
	json_end(j, ']');
	json_end(j, '}');
	next_line(j);
	accounts_json(j, &v->accounts);
	next_line(j);
	objects_json(j, &v->files.objects);
	json_raw(j, "}\n", 2);
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool get_string(const struct value_read *o, const char *key, char *to, size_t size, struct problem *p)
{
	const struct value_read *v = json_need(o, key, J_STRING, p);

	if (!v)
		return false;
	if (strlen(v->string) >= size)
		return problem(p, v->at, "found a long string, expected less than %zu bytes", size);
	snprintf(to, size, "%s", v->string);
	return true;
}

static bool get_bool(const struct value_read *o, const char *key, bool *to, struct problem *p)
{
	const struct value_read *v = json_need(o, key, J_BOOL, p);

	if (v)
		*to = v->number;
	return v;
}

static bool in_range(const struct value_read *v, int64_t lo, int64_t hi, struct problem *p)
{
	if (v->type == J_NUMBER && v->number >= lo && v->number <= hi)
		return true;
	return problem(p, v->at, "found another value, expected a number from %lld to %lld", (long long)lo,
		       (long long)hi);
}

static bool get_number(const struct value_read *o, const char *key, int64_t lo, int64_t hi, int64_t *to,
		       struct problem *p)
{
	const struct value_read *v = json_need(o, key, J_NUMBER, p);

	if (!v || !in_range(v, lo, hi, p))
		return false;
	*to = v->number;
	return true;
}

static bool get_id(const struct value_read *o, const char *key, uint32_t *to, struct problem *p)
{
	int64_t v;

	if (!get_number(o, key, 0, UINT32_MAX, &v, p))
		return false;
	*to = (uint32_t)v;
	return true;
}

/* The range of a field; that it can be there at all is checked before. */
static bool get_field(struct record *rec, enum field f, const struct value_read *v, struct problem *p)
{
	int64_t lo = 0, hi = INT64_MAX;

	switch (fieldinfo[f].kind) {
	case KIND_KEY: lo = INT32_MIN; hi = INT32_MAX; break;
	case KIND_UID:
	case KIND_GID: hi = UINT32_MAX; break;
	case KIND_MODE: hi = 0777 | SHM_DEST | SHM_LOCKED; break;
	case KIND_TIME: lo = INT64_MIN; break;
	default: break;
	}
	if (!in_range(v, lo, hi, p))
		return false;
	put(rec, f, v->number);
	return true;
}

static bool get_member(struct objview *o, const struct value_read *v, struct problem *p)
{
	int f = field_find(v->key, strlen(v->key));

	if (!strcmp(v->key, "kind"))
		return true;
	if (!strcmp(v->key, "id")) {
		o->id = v->number;
		return in_range(v, 0, INT32_MAX, p);
	}
	if (f < 0)
		return problem(p, v->at, "found member '%s', expected a field of an object", v->key);
	return get_field(&o->rec, (enum field)f, v, p);
}

static bool get_object(const struct value_read *from, struct snapshot *s, struct problem *p)
{
	const uint64_t all = BIT(F_key) | BIT(F_uid) | BIT(F_gid) | BIT(F_cuid) | BIT(F_cgid) | BIT(F_mode);
	const struct value_read *kind = json_need(from, "kind", J_STRING, p);
	struct objview o = { .family = NFAMILIES, .id = -1 }, *to;

	for (enum family f = 0; kind && f < NFAMILIES; f++)
		if (!strcmp(kind->string, family_name[f]))
			o.family = f;
	if (!kind)
		return false;
	if (o.family == NFAMILIES)
		return problem(p, kind->at, "found '%s', expected msg, sem or shm", kind->string);
	for (const struct value_read *v = from->first; v; v = v->next)
		if (!get_member(&o, v, p))
			return false;
	if (o.id < 0 || (o.rec.has & all) != all)
		return problem(p, from->at,
			       "found an object without all of id, key, uid, gid, cuid, cgid and mode");
	to = snapshot_obj(s);
	if (to)
		*to = o;
	return to || problem(p, from->at, "found no memory, expected some");
}

/* In order of kind and id, each once. */
static bool in_order(const struct snapshot *s)
{
	for (size_t i = 1; i < s->nobj; i++) {
		const struct objview *a = &s->obj[i - 1], *b = &s->obj[i];

		if (a->family > b->family || (a->family == b->family && a->id % IPCMNI >= b->id % IPCMNI))
			return false;
	}
	return true;
}

static bool get_objects(struct inventory *v, const struct value_read *top, struct problem *p)
{
	const struct value_read *list = json_need(top, "objects", J_ARRAY, p);

	for (const struct value_read *o = list ? list->first : NULL; o; o = o->next)
		if (!get_object(o, &v->files.objects, p))
			return false;
	if (list && !in_order(&v->files.objects))
		return problem(p, list->at, "found objects out of order or twice, expected them in order of "
			       "kind and index");
	return list;
}

static bool get_limits(struct nsfiles *n, const struct value_read *top, struct problem *p)
{
	const struct value_read *o = json_need(top, "limits", J_OBJECT, p);

	for (const struct value_read *v = o ? o->first : NULL; v; v = v->next) {
		int lim = limit_find(v->key, strlen(v->key));

		if (lim < 0)
			return problem(p, v->at, "found '%s', expected the name of a limit", v->key);
		if (!in_range(v, INT32_MIN, INT64_MAX, p))
			return false;
		n->limits.v[lim] = v->number;
		n->limits_seen |= BIT(lim);
	}
	return o;
}

static bool get_unseen(struct nsfiles *n, const struct value_read *top, struct problem *p)
{
	const struct value_read *list = json_need(top, "unseen", J_ARRAY, p);

	for (const struct value_read *v = list ? list->first : NULL; v; v = v->next) {
		if (v->type != J_STRING || n->nunseen == UNSEENMAX)
			return problem(p, v->at, "found another value, expected at most %d sentences",
				       UNSEENMAX);
		snprintf(n->unseen[n->nunseen++], sizeof(n->unseen[0]), "%s", v->string);
	}
	return list;
}

static bool get_space(struct nsfiles *n, const struct value_read *top, struct problem *p)
{
	const struct value_read *o = json_need(top, "namespace", J_OBJECT, p);

	return o && get_string(o, "ipc", n->ipc, sizeof(n->ipc), p)
		&& get_bool(o, "initial", &n->initial_ipc, p)
		&& get_bool(o, "foreign_user", &n->foreign_user, p)
		&& get_bool(o, "foreign_pid", &n->foreign_pid, p)
		&& get_bool(o, "all_ids_mapped", &n->all_ids_mapped, p)
		&& get_id(o, "overflow_uid", &n->overflow_uid, p)
		&& get_id(o, "overflow_gid", &n->overflow_gid, p)
		&& get_limits(n, top, p) && get_unseen(n, top, p);
}

static bool get_living(struct inventory *v, const struct value_read *top, struct problem *p)
{
	const struct value_read *o = json_need(top, "living", J_OBJECT, p);
	const struct value_read *pids = o ? json_need(o, "pids", J_ARRAY, p) : NULL;
	const struct value_read *uids = pids ? json_need(o, "uids", J_ARRAY, p) : NULL;

	if (!uids || !get_bool(o, "all_seen", &v->processes_seen, p))
		return false;
	v->pids = arena_alloc(&v->arena, (pids->n + 1) * sizeof(*v->pids));
	v->uids = arena_alloc(&v->arena, (uids->n + 1) * sizeof(*v->uids));
	if (!v->pids || !v->uids)
		return problem(p, o->at, "found no memory, expected some");
	for (const struct value_read *e = pids->first; e; e = e->next) {
		if (!in_range(e, 1, INT32_MAX, p))
			return false;
		v->pids[v->npids++] = e->number;
	}
	for (const struct value_read *e = uids->first; e; e = e->next) {
		if (!in_range(e, 0, UINT32_MAX, p))
			return false;
		v->uids[v->nuids++] = (uint32_t)e->number;
	}
	return true;
}

static bool get_account(struct account *a, const struct value_read *from, struct problem *p)
{
	const struct value_read *name = json_need(from, "name", J_STRING, p);
	const struct value_read *groups = name ? json_need(from, "groups", J_ARRAY, p) : NULL;

	if (!groups || !get_id(from, "uid", &a->uid, p) || !get_id(from, "gid", &a->gid, p))
		return false;
	a->name = name->string;
	a->groups = calloc(groups->n + 1, sizeof(*a->groups));
	if (!a->groups)
		return problem(p, from->at, "found no memory, expected some");
	for (const struct value_read *g = groups->first; g; g = g->next) {
		if (!in_range(g, 0, UINT32_MAX, p))
			return false;
		a->groups[a->ngroups++] = (uint32_t)g->number;
	}
	return true;
}

static bool get_accounts(struct accounts *a, const struct value_read *top, struct problem *p)
{
	const struct value_read *list = json_need(top, "accounts", J_ARRAY, p);
	const struct value_read *groups = list ? json_need(top, "groups", J_ARRAY, p) : NULL;

	if (!groups)
		return false;
	a->v = calloc(list->n + 1, sizeof(*a->v));
	a->group = calloc(groups->n + 1, sizeof(*a->group));
	if (!a->v || !a->group)
		return problem(p, top->at, "found no memory, expected some");
	for (const struct value_read *v = list->first; v; v = v->next)
		if (!get_account(&a->v[a->n++], v, p))
			return false;
	for (const struct value_read *v = groups->first; v; v = v->next) {
		struct groupname *g = &a->group[a->ngroups];
		const struct value_read *name = json_need(v, "name", J_STRING, p);

		if (!name || !get_id(v, "gid", &g->gid, p))
			return false;
		g->name = name->string;
		a->ngroups++;
	}
	return true;
}

static bool get_all(struct inventory *v, const struct value_read *top, struct problem *p)
{
	int64_t version;

	return get_number(top, "sysvet_snapshot", VERSION, VERSION, &version, p)
		&& get_string(top, "date", v->date, sizeof(v->date), p)
		&& get_number(top, "page", 1, 1 << 30, &v->page, p) && get_space(&v->files, top, p)
		&& get_living(v, top, p) && get_accounts(&v->accounts, top, p) && get_objects(v, top, p);
}

bool inventory_read(struct inventory *v, const char *path, char *err, size_t errsize)
{
	struct problem p = { 0, "out of memory" };
	const struct value_read *top = NULL;
	size_t len = 0;
	char *text;

	*v = (struct inventory){ .files.limits = linux_facts.limits };
	text = file_read_named(path, SIZEMAX, &v->arena, &len, &p);
	if (text && strlen(text) != len)
		problem(&p, strlen(text), "found a NUL byte, expected text");
	else if (text)
		top = json_read(text, &v->arena, &p);
	if (top && get_all(v, top, &p))
		return true;
	problem_print(&p, path, text ? text : "", err, errsize);
	inventory_free(v);
	return false;
}
