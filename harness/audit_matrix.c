/* Users x objects x operations. */
#include <stdlib.h>

#include "audit.h"
#include "audit_access.h"
#include "prose.h"

/* One line: people, and what they may do. The last is anybody. */
struct row { struct caller caller; uint32_t ops; bool told; };

struct rows { size_t n; struct row *v; };

static bool rows_open(struct rows *r, const struct accounts *a)
{
	*r = (struct rows){ a->n + 1, calloc(a->n + 1, sizeof(*r->v)) };
	for (size_t i = 0; r->v && i < a->n; i++)
		caller_account(&r->v[i].caller, &a->v[i]);
	return r->v;
}

static bool rows_fill(struct rows *r, const struct menu *m, const struct objview *o,
		      const struct limits *limits)
{
	struct desk d;

	if (!desk_open(&d, m, o, limits))
		return false;
	caller_stranger(&r->v[r->n - 1].caller, o);
	for (size_t i = 0; i < r->n; i++) {
		r->v[i].ops = desk_ops(&d, &r->v[i].caller);
		r->v[i].told = false;
	}
	desk_close(&d);
	return true;
}

static void print_ops(struct json *t, const struct menu *m, enum family f, uint32_t ops)
{
	uint32_t all = (UINT32_C(1) << m->nops[f]) - 1;

	if (ops == all) {
		prose(t, "everything");
		return;
	}
	for (int i = 0; i < m->nops[f]; i++)
		if (ops & UINT32_C(1) << i)
			prose(t, " %s", m->op[f][i].text);
}

/* Accounts that may no more than anybody are not named. */
static void print_rows(struct json *t, struct rows *r, const struct menu *m, enum family f)
{
	const uint32_t anybody = r->v[r->n - 1].ops;

	for (size_t i = 0; i < r->n; i++) {
		const char *comma = "  ";

		if (r->v[i].told || (i + 1 < r->n && r->v[i].ops == anybody))
			continue;
		for (size_t k = i; k < r->n; k++)
			if (r->v[k].ops == r->v[i].ops && (r->v[i].ops != anybody || k + 1 == r->n)) {
				prose(t, "%s%s", comma, r->v[k].caller.label);
				r->v[k].told = true;
				comma = ", ";
			}
		prose(t, ": ");
		print_ops(t, m, f, r->v[i].ops);
		prose(t, "\n");
	}
}

bool matrix_print(struct json *t, const struct inventory *v)
{
	struct arena arena = { NULL, 0, 0 };
	struct menu menu;
	struct rows rows;
	bool ok = rows_open(&rows, &v->accounts) && menu_read(&menu, &arena);

	for (size_t i = 0; ok && i < v->files.objects.nobj; i++) {
		const struct objview *o = &v->files.objects.obj[i];

		ok = rows_fill(&rows, &menu, o, &v->files.limits);
		if (!ok)
			break;
		object_named(t, o, &v->accounts);
		prose(t, "\n");
		print_rows(t, &rows, &menu, o->family);
	}
	free(rows.v);
	arena_free(&arena);
	return ok;
}

static void row_json(struct json *j, const struct row *r, const struct account *a, const struct menu *m,
		     enum family f)
{
	json_object(j, NULL);
	if (a)
		json_string(j, "name", a->name);
	if (a)
		json_number(j, "uid", a->uid);
	else
		json_bool(j, "anybody", true);
	json_array(j, "may");
	for (int i = 0; i < m->nops[f]; i++)
		if (r->ops & UINT32_C(1) << i)
			json_string(j, NULL, m->op[f][i].text);
	json_end(j, ']');
	json_end(j, '}');
}

bool matrix_json(struct json *j, const struct inventory *v)
{
	struct arena arena = { NULL, 0, 0 };
	struct menu menu;
	struct rows rows;
	bool ok = rows_open(&rows, &v->accounts) && menu_read(&menu, &arena);

	json_array(j, "matrix");
	for (size_t i = 0; ok && i < v->files.objects.nobj; i++) {
		const struct objview *o = &v->files.objects.obj[i];

		ok = rows_fill(&rows, &menu, o, &v->files.limits);
		if (!ok)
			break;
		json_object(j, NULL);
		object_json(j, o);
		json_array(j, "who");
		for (size_t k = 0; k < rows.n; k++)
			row_json(j, &rows.v[k], k + 1 < rows.n ? &v->accounts.v[k] : NULL, &menu, o->family);
		json_end(j, ']');
		json_end(j, '}');
	}
	json_end(j, ']');
	free(rows.v);
	arena_free(&arena);
	return ok;
}
