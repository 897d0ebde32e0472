#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prose.h"
#include "remedy.h"

/* What is tried on. */
struct attempt {
	struct remedies *list;
	struct scene *scene;
	const struct caller *caller;
	const struct cred cred;		/* the caller's, as they are */
	const struct question *question;
	const struct accounts *accounts;
	bool failed;			/* out of memory */
};

/* ---- one change ------------------------------------------------------------------------------ */

static void apply(const struct change *c, struct objview *o, struct cred *cred)
{
	switch (c->what) {
	case SET_MODE: o->rec.v[F_mode] = c->value; break;
	case SET_UID: o->rec.v[F_uid] = c->value; break;
	case SET_GID: o->rec.v[F_gid] = c->value; break;
	case JOIN_GROUP: cred->groups[cred->ngroups < MAXGROUPS ? cred->ngroups++ : 0] = (uint32_t)c->value;
		break;
	case BECOME: cred->euid = cred->fsuid = (uint32_t)c->value; break;
	case HOLD_CAP: cred->caps |= BIT(c->value); break;
	}
}

/* Lets object and caller be as after n changes. */
static void stage(struct attempt *t, const struct change *change, int n)
{
	struct objview o = t->scene->object;
	struct cred cred = t->cred;

	for (int i = 0; i < n; i++)
		apply(&change[i], &o, &cred);
	scene_object(t->scene, &o);
	scene_caller(t->scene, &cred);
}

static bool helps(struct attempt *t, const struct change *change, int n)
{
	stage(t, change, n);
	return scene_allows(t->scene, t->question);
}

static bool of_object(const struct change *c)
{
	return c->what == SET_MODE || c->what == SET_UID || c->what == SET_GID;
}

/* ---- who else -------------------------------------------------------------------------------- */

static bool may(struct scene *s, const struct question *q, const struct caller *c)
{
	const struct cred cred = caller_cred(c, &s->object);

	scene_caller(s, &cred);
	return scene_allows(s, q);
}

/* Could not before, and can with the object as it would be. */
static bool newly(struct attempt *t, const struct remedy *r, const struct caller *c)
{
	stage(t, NULL, 0);
	if (may(t->scene, t->question, c))
		return false;
	stage(t, r->change, r->n);
	return may(t->scene, t->question, c);
}

static bool is_caller(const struct attempt *t, const struct account *a)
{
	return a->uid == t->caller->cred.euid;
}

/* A change of the caller alone admits nobody else. */
static void find_admitted(struct attempt *t, struct remedy *r)
{
	struct caller c;
	bool object = false;

	for (int i = 0; i < r->n; i++)
		object = object || of_object(&r->change[i]);
	if (!object)
		return;
	caller_stranger(&c, &t->scene->object);
	r->anybody = newly(t, r, &c);
	r->admitted = arena_alloc(t->scene->arena, (t->accounts->n + 1) * sizeof(struct account *));
	t->failed = t->failed || !r->admitted;
	for (size_t i = 0; r->admitted && i < t->accounts->n; i++) {
		if (is_caller(t, &t->accounts->v[i]))
			continue;
		caller_account(&c, &t->accounts->v[i]);
		if (newly(t, r, &c))
			r->admitted[r->nadmitted++] = &t->accounts->v[i];
	}
}

static void take(struct attempt *t, const struct change *change, int n)
{
	struct remedies *l = t->list;

	if (!grow(&l->v, &l->cap, l->n + 1, sizeof(*l->v))) {
		t->failed = true;
		return;
	}
	l->v[l->n] = (struct remedy){ .n = n, .file = t->scene->object.family == NODES };
	memcpy(l->v[l->n].change, change, (size_t)n * sizeof(*change));
	find_admitted(t, &l->v[l->n++]);
}

/* ---- what can be changed --------------------------------------------------------------------- */

static int ones(int64_t bits)
{
	int n = 0;

	for (; bits; bits &= bits - 1)
		n++;
	return n;
}

/* Modes with bits added, fewest first, but none that adds to what is enough already. */
static void try_modes(struct attempt *t)
{
	int64_t mode = t->scene->object.rec.v[F_mode], enough[512] = { 0 };
	int n = 0;

	for (int count = 1; count <= 9; count++)
		for (int64_t add = 1; add <= 0777; add++) {
			const struct change c = { SET_MODE, mode | add };
			bool more = false;

			for (int i = 0; i < n; i++)
				more = more || (add & enough[i]) == enough[i];
			if (more || ones(add) != count || add & mode || !helps(t, &c, 1))
				continue;
			enough[n++] = add;
			take(t, &c, 1);
		}
}

enum { CHANGESMAX = 64 };
struct choices { int n; struct change v[CHANGESMAX]; };

static void choose(struct choices *to, int what, int64_t value)
{
	for (int i = 0; i < to->n; i++)
		if ((int)to->v[i].what == what && to->v[i].value == value)
			return;
	if (to->n < CHANGESMAX)
		to->v[to->n++] = (struct change){ .what = what, .value = value };
}

/* Every change but that of single mode bits. What would change nothing helps nothing. */
static void choices_of(struct choices *to, const struct attempt *t)
{
	const int64_t *v = t->scene->object.rec.v;
	const struct cred *c = &t->cred;

	choose(to, SET_UID, c->euid);
	choose(to, SET_GID, c->fsgid);
	for (uint32_t i = 0; i < c->ngroups; i++)
		choose(to, SET_GID, c->groups[i]);
	choose(to, JOIN_GROUP, v[F_gid]);
	choose(to, JOIN_GROUP, v[F_cgid]);
	choose(to, BECOME, v[F_uid]);
	choose(to, BECOME, v[F_cuid]);
	for (int i = 0; i < NCAPS; i++)
		choose(to, HOLD_CAP, capinfo[i].number);
}

static void try_single(struct attempt *t, const struct choices *all)
{
	for (int i = 0; i < all->n; i++)
		if (helps(t, &all->v[i], 1))
			take(t, &all->v[i], 1);
}

/* With modes that give one class everything. */
static void try_pairs(struct attempt *t, struct choices *all)
{
	for (int64_t class = 0700; class; class >>= 3)
		choose(all, SET_MODE, t->scene->object.rec.v[F_mode] | class);
	for (int i = 0; i < all->n; i++)
		for (int k = i + 1; k < all->n; k++) {
			const struct change pair[] = { all->v[i], all->v[k] };

			if (helps(t, pair, 2))
				take(t, pair, 2);
		}
}

/* Which capabilities would help only where they are held in the initial user namespace. */
static void try_user_namespaces(struct attempt *t)
{
	struct scene away;
	char err[200];

	if (!scene_open(&away, &t->scene->object, &t->scene->facts.limits, false, t->scene->arena, err,
			sizeof(err))) {
		t->failed = true;
		return;
	}
	for (size_t i = 0; i < t->list->n; i++) {
		struct attempt there = {
			.scene = &away, .cred = t->cred, .question = t->question,
		};
		struct remedy *r = &t->list->v[i];

		r->initial_user = !helps(&there, r->change, r->n);
	}
	scene_close(&away);
}

bool remedies_find(struct remedies *list, struct scene *s, const struct caller *c, const struct question *q,
		   const struct accounts *a)
{
	struct attempt t = {
		.list = list, .scene = s, .caller = c, .cred = caller_cred(c, &s->object), .question = q,
		.accounts = a,
	};
	struct choices all = { .n = 0 };

	choices_of(&all, &t);
	try_modes(&t);
	try_single(&t, &all);
	if (!list->n)
		try_pairs(&t, &all);
	try_user_namespaces(&t);
	stage(&t, NULL, 0);
	return !t.failed;
}

void remedies_free(struct remedies *list)
{
	free(list->v);
	*list = (struct remedies){ .n = 0 };
}

/* ---- words ----------------------------------------------------------------------------------- */

static const char *cap_name(int64_t number)
{
	for (int i = 0; i < NCAPS; i++)
		if ((int64_t)capinfo[i].number == number)
			return capinfo[i].name;
	return "";
}

static void change_print(struct json *t, const struct change *c)
{
	switch (c->what) {
	case SET_MODE: prose(t, "set the mode to %04" PRIo64, (uint64_t)c->value & 0777); break;
	case SET_UID: prose(t, "give the object to user %" PRId64, c->value); break;
	case SET_GID: prose(t, "give the object to group %" PRId64, c->value); break;
	case JOIN_GROUP: prose(t, "let the caller have group %" PRId64, c->value); break;
	case BECOME: prose(t, "call as user %" PRId64, c->value); break;
	case HOLD_CAP: prose(t, "give the caller %s", cap_name(c->value)); break;
	}
}

void remedy_print(struct json *t, const struct remedy *r)
{
	for (int i = 0; i < r->n; i++) {
		prose(t, "%s", i ? ", and " : "");
		change_print(t, &r->change[i]);
		if (r->change[i].what == HOLD_CAP)
			prose(t, " in the %s", r->initial_user ? "initial user namespace"
			      : r->file ? "user namespace that knows the owner"
			      : "user namespace that owns the IPC namespace");
	}
}

void remedy_json(struct json *j, const struct remedy *r)
{
	static const char *const names[] = {
		[SET_MODE] = "mode", [SET_UID] = "uid", [SET_GID] = "gid", [JOIN_GROUP] = "join-group",
		[BECOME] = "become", [HOLD_CAP] = "capability",
	};

	json_object(j, NULL);
	json_array(j, "changes");
	for (int i = 0; i < r->n; i++) {
		json_object(j, NULL);
		json_string(j, "change", names[r->change[i].what]);
		if (r->change[i].what == HOLD_CAP) {
			json_string(j, "value", cap_name(r->change[i].value));
			json_string(j, "user_namespace", r->initial_user ? "initial" : "owner");
		} else {
			json_number(j, "value", r->change[i].value);
		}
		json_end(j, '}');
	}
	json_end(j, ']');
	json_bool(j, "admits_anybody", r->anybody);
	json_array(j, "admits");
	for (size_t i = 0; i < r->nadmitted; i++) {
		json_object(j, NULL);
		json_string(j, "name", r->admitted[i]->name);
		json_number(j, "uid", r->admitted[i]->uid);
		json_end(j, '}');
	}
	json_end(j, ']');
	json_end(j, '}');
}
