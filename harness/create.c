#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "create.h"
#include "ipcmk.h"

enum { TRIES = 1000 };		/* of random keys, each of which was taken */

/* ---- the kernel ------------------------------------------------------------------------------------ */

static bool kernel_create(void *ctx, struct resource *r, struct failure *f)
{
	(void)ctx;
	return resource_create(r, f);
}

static bool kernel_take(void *ctx, struct resource *r, struct failure *f)
{
	(void)ctx;
	return resource_take(r, f);
}

static int64_t kernel_find(void *ctx, const struct resource *r, struct failure *f)
{
	(void)ctx;
	return resource_id(r, f);
}

static bool kernel_remove(void *ctx, const struct resource *r, struct failure *f)
{
	(void)ctx;
	return resource_remove(r, f);
}

const struct maker kernel_maker = { kernel_create, kernel_take, kernel_find, kernel_remove, NULL };

/* ---- one resource ------------------------------------------------------------------------------------ */

/* Says which call failed, unless it is the one that creates. */
static bool not_made(struct order *o, const struct resource *r, const struct failure *f)
{
	const char *const text = resourceinfo[r->type].failed, *const call = f->call;
	const size_t len = strlen(call);
	const bool creates = (len > 3 && !strcmp(call + len - 3, "get")) || strstr(call, "_open")
			     || !strcmp(call, "ftruncate") || !strcmp(call, "mkdir")
			     || !strcmp(call, "mknod") || !strcmp(call, "bind");

	if (creates)
		return complain(o, "%s: %s", text, strerror(f->err));
	return complain(o, "%s: %s: %s", text, call, strerror(f->err));
}

static bool is_taken(const struct failure *f)
{
	return f->err == EEXIST;
}

static bool has_name(const struct resource *r)
{
	return resource_family(r->type) == NFAMILIES;
}

/* Takes what is there, as util-linux does, and tells, unless it was asked for. */
static bool take(struct order *o, const struct maker *m, struct resource *r, bool *existed)
{
	struct failure f = { 0 };

	if (!o->or_existing && has_name(r)
	    && !doubt(o, "%s %s existed before", resourceinfo[r->type].what, r->name))
		return false;
	if (!o->or_existing && !has_name(r)
	    && !doubt(o, "%s with key 0x%08x existed before", resourceinfo[r->type].what, (unsigned)r->key))
		return false;
	*existed = true;
	return m->take(m->ctx, r, &f) || not_made(o, r, &f);
}

/* What has a name of its own choosing, a path or a key, is created under it or not at all. */
static bool make_named(struct order *o, const struct maker *m, struct resource *r, bool *existed)
{
	const bool may_take = o->or_existing || (o->dialect->since && !o->exclusive && has_name(r));
	struct failure f = { 0 };

	if (m->create(m->ctx, r, &f))
		return true;
	return is_taken(&f) && may_take ? take(o, m, r, existed) : not_made(o, r, &f);
}

/* A random key that is taken is another object's: only util-linux takes that for its own. */
static bool make_keyed(struct order *o, const struct maker *m, struct resource *r, bool *existed)
{
	struct failure f = { .call = "getrandom" };

	for (int i = 0; i < TRIES; i++) {
		r->key = ipcmk_key(&f.err);
		if (!r->key || m->create(m->ctx, r, &f))
			return r->key || not_made(o, r, &f);
		if (!is_taken(&f))
			break;
		if (!o->exclusive && o->dialect->since)
			return take(o, m, r, existed);
	}
	return not_made(o, r, &f);
}

/* The object with the other key instead, if there is one. */
static bool is_there(struct order *o, const struct maker *m, struct resource *r, bool *existed)
{
	struct resource other = *r;
	struct failure f = { 0 };

	if (!o->has_existing)
		return false;
	other.key = o->existing;
	other.id = m->find(m->ctx, &other, &f);
	*existed = other.id >= 0;
	if (*existed)
		*r = other;
	return *existed;
}

static bool make(struct order *o, const struct maker *m, struct resource *r, bool *existed)
{
	*existed = false;
	if (has_name(r))
		return make_named(o, m, r, existed);
	if (!o->has_key)
		return make_keyed(o, m, r, existed);
	r->key = o->key;
	return is_there(o, m, r, existed) || make_named(o, m, r, existed);
}

/* ---- all ----------------------------------------------------------------------------------------------- */

static bool label(struct order *o)
{
	struct failure f = { 0 };

	if (!o->context || o->dry_run || selinux_label(o->context, &f))
		return true;
	return complain(o, "--context: %s: %s", f.call, strerror(f.err));
}

bool create_all(struct order *o, const struct maker *m, struct creation *c)
{
	c->n = 0;
	if (!label(o))
		return false;
	for (int i = 0; i < NRESOURCES; i++) {
		struct resource *r = &c->made[c->n];

		if (!o->wanted[i])
			continue;
		*r = o->wish[i];
		if (!make(o, m, r, &c->existed[c->n])) {
			create_undo(o, m, c);
			return false;
		}
		c->n++;
	}
	return true;
}

void create_undo(struct order *o, const struct maker *m, struct creation *c)
{
	struct failure f = { 0 };

	while (c->n--) {
		const struct resource *r = &c->made[c->n];

		if (!c->existed[c->n] && !m->remove(m->ctx, r, &f))
			complain(o, "%s is left behind: %s: %s", resourceinfo[r->type].what, f.call,
				 strerror(f.err));
	}
	c->n = 0;
}
