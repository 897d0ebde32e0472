/* What changed in a namespace between two snapshots. */
#include <inttypes.h>
#include <string.h>

#include "audit.h"
#include "audit_access.h"
#include "prose.h"

enum change_kind { ADDED, REMOVED, CHANGED };
static const char *const change_word[] = { [ADDED] = "added", [REMOVED] = "removed", [CHANGED] = "changed" };

/* An id that was given again names another object: it has another creator or was made with another key. */
static bool same_object(const struct objview *a, const struct objview *b)
{
	const int64_t *x = a->rec.v, *y = b->rec.v;
	bool key = x[F_key] == y[F_key] || y[F_mode] & SHM_DEST;

	return key && x[F_cuid] == y[F_cuid] && x[F_cgid] == y[F_cgid];
}

struct difference {
	const struct inventory *before, *after;
	struct menu menu;
	struct arena arena;
	struct json *out;
	bool json;			/* write for programs */
	bool failed;
	int n;
};

static void value_print(struct json *t, enum field f, int64_t v)
{
	if (f == F_mode)
		prose(t, "%04" PRIo64, (uint64_t)v);
	else if (f == F_key)
		prose(t, "0x%08" PRIx32, (uint32_t)v);
	else
		prose(t, "%" PRId64, v);
}

static void print_fields(struct json *t, const struct objview *a, const struct objview *b)
{
	for (enum field f = 0; f < NFIELDS; f++) {
		if (!(a->rec.has & b->rec.has & BIT(f)) || a->rec.v[f] == b->rec.v[f])
			continue;
		prose(t, "  %-9s ", fieldinfo[f].name);
		value_print(t, f, a->rec.v[f]);
		prose(t, " -> ");
		value_print(t, f, b->rec.v[f]);
		prose(t, "\n");
	}
}

static void fields_json(struct json *j, const struct objview *a, const struct objview *b)
{
	json_array(j, "fields");
	for (enum field f = 0; f < NFIELDS; f++) {
		if (!(a->rec.has & b->rec.has & BIT(f)) || a->rec.v[f] == b->rec.v[f])
			continue;
		json_object(j, NULL);
		json_string(j, "field", fieldinfo[f].name);
		json_number(j, "before", a->rec.v[f]);
		json_number(j, "after", b->rec.v[f]);
		json_end(j, '}');
	}
	json_end(j, ']');
}

static bool equal(const struct objview *a, const struct objview *b)
{
	for (enum field f = 0; f < NFIELDS; f++)
		if (a->rec.has & b->rec.has & BIT(f) && a->rec.v[f] != b->rec.v[f])
			return false;
	return true;
}

/* ---- who gained and who lost ----------------------------------------------------------------- */

static void tell_ops(struct difference *d, enum family f, const struct caller *c, const char *word,
		     uint32_t ops)
{
	if (!ops)
		return;
	if (d->json) {
		json_object(d->out, NULL);
		json_string(d->out, "who", c->label);
		json_number(d->out, "uid", c->cred.euid);
		json_array(d->out, word);
		for (int i = 0; i < d->menu.nops[f]; i++)
			if (ops & UINT32_C(1) << i)
				json_string(d->out, NULL, d->menu.op[f][i].text);
		json_end(d->out, ']');
		json_end(d->out, '}');
		return;
	}
	prose(d->out, "  %-9s %s:", word, c->label);
	for (int i = 0; i < d->menu.nops[f]; i++)
		if (ops & UINT32_C(1) << i)
			prose(d->out, " %s", d->menu.op[f][i].text);
	prose(d->out, "\n");
}

/* The accounts are those of after. */
static void tell_access(struct difference *d, const struct objview *a, const struct objview *b)
{
	const struct accounts *all = &d->after->accounts;
	struct desk old, new;

	if (!desk_open(&old, &d->menu, a, &d->before->files.limits)) {
		d->failed = true;
		return;
	}
	d->failed = !desk_open(&new, &d->menu, b, &d->after->files.limits);
	for (size_t i = 0; !d->failed && i <= all->n; i++) {
		struct caller c;
		uint32_t x, y;

		if (i < all->n)
			caller_account(&c, &all->v[i]);
		else
			caller_stranger(&c, b);
		x = desk_ops(&old, &c);
		y = desk_ops(&new, &c);
		tell_ops(d, b->family, &c, "gained", y & ~x);
		tell_ops(d, b->family, &c, "lost", x & ~y);
	}
	desk_close(&old);
	if (!d->failed)
		desk_close(&new);
}

/* ---- object by object ------------------------------------------------------------------------ */

static void tell(struct difference *d, enum change_kind kind, const struct objview *a,
		 const struct objview *b)
{
	const struct accounts *accounts = kind == REMOVED ? &d->before->accounts : &d->after->accounts;

	d->n++;
	if (!d->json) {
		prose(d->out, "%-8s ", change_word[kind]);
		object_named(d->out, b ? b : a, accounts);
		prose(d->out, "\n");
		if (kind == CHANGED)
			print_fields(d->out, a, b);
		if (kind == CHANGED)
			tell_access(d, a, b);
		return;
	}
	json_object(d->out, NULL);
	json_string(d->out, "change", change_word[kind]);
	object_json(d->out, b ? b : a);
	if (kind == CHANGED) {
		fields_json(d->out, a, b);
		json_array(d->out, "access");
		tell_access(d, a, b);
		json_end(d->out, ']');
	}
	json_end(d->out, '}');
}

static void compare(struct difference *d)
{
	const struct snapshot *old = &d->before->files.objects, *new = &d->after->files.objects;

	for (size_t i = 0; i < old->nobj; i++) {
		const struct objview *a = &old->obj[i], *b = inventory_find(d->after, a->family, a->id);

		if (!b || !same_object(a, b))
			tell(d, REMOVED, a, NULL);
	}
	for (size_t i = 0; !d->failed && i < new->nobj; i++) {
		const struct objview *b = &new->obj[i], *a = inventory_find(d->before, b->family, b->id);

		if (!a || !same_object(a, b))
			tell(d, ADDED, NULL, b);
		else if (!equal(a, b))
			tell(d, CHANGED, a, b);
	}
}

static int diff(struct json *to, const struct inventory *before, const struct inventory *after, bool json)
{
	struct difference d = { .before = before, .after = after, .out = to, .json = json };

	d.failed = !menu_read(&d.menu, &d.arena);
	if (!d.failed)
		compare(&d);
	arena_free(&d.arena);
	return d.failed ? -1 : d.n;
}

int inventory_diff(struct json *t, const struct inventory *before, const struct inventory *after)
{
	int n = diff(t, before, after, false);

	if (n >= 0)
		prose(t, "%d objects differ\n", n);
	return n;
}

int inventory_diff_json(struct json *j, const struct inventory *before, const struct inventory *after)
{
	int n;

	json_array(j, "objects");
	n = diff(j, before, after, true);
	json_end(j, ']');
	return n;
}
