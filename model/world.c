/* The state as a whole: making, copying, comparing and checking worlds. */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static const struct {
	struct perm *(*clone)(const struct perm *perm);
	void (*free)(struct perm *perm);
	void (*fold)(const struct perm *perm, struct sink *s);
	void (*record)(const struct world *w, const struct perm *perm, struct record *rec);
	bool (*ok)(const struct world *w, const struct perm *perm, char *why, size_t size);
	bool (*view)(const struct world *w, const struct perm *perm, struct snapshot *s);
	void (*adopt)(struct perm *perm, const struct objview *seen, const struct snapshot *s);
} family[NFAMILIES] = {
	[MSG] = { queue_clone, queue_free, queue_fold, queue_record, queue_ok, queue_view, queue_adopt },
	[SEM] = { semset_clone, semset_free, semset_fold, semset_record, semset_ok, semset_view,
		  semset_adopt },
	[SHM] = { segment_clone, segment_free, segment_fold, segment_record, segment_ok, NULL,
		  segment_adopt },
};

bool reserve_object(struct world *w, size_t size)
{
	free(w->reserved);
	w->reserved = calloc(1, size);
	return w->reserved;
}

void *take_reserved(struct world *w)
{
	void *object = w->reserved;

	w->reserved = NULL;
	return object;
}

/* ---- life --------------------------------------------------------------------------------------- */

void namespace_begin(struct namespace *ns, const struct facts *facts)
{
	*ns = (struct namespace){ .used = true, .limits = facts->limits };
	for (enum family f = MSG; f < NFAMILIES; f++)
		ns->table[f].last = NONE;
}

void namespace_end(struct namespace *ns)
{
	for (enum family f = MSG; f < NFAMILIES; f++) {
		for (size_t i = 0; i < ns->table[f].n; i++)
			family[f].free(ns->table[f].obj[i]);
		free(ns->table[f].obj);
	}
	*ns = (struct namespace){ 0 };
}

struct world *world_new(const struct facts *facts)
{
	struct world *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->facts = *facts;
	for (int i = 0; i < NPATHS; i++)
		w->leads_to[i] = i;
	namespace_begin(&w->ns[HOME], facts);
	return w;
}

void world_free(struct world *w)
{
	if (!w)
		return;
	for (int i = 0; i < MAXSPACES; i++)
		namespace_end(&w->ns[i]);
	for (int i = 0; i < MAXACTORS; i++)
		free(w->memory[i].attached);
	free(w->vals);
	free(w->bytes);
	free(w->reserved);
	free(w);
}

static bool clone_table(struct table *to, const struct table *from, enum family f)
{
	*to = *from;
	to->obj = NULL;
	to->n = to->cap = 0;
	if (!grow(&to->obj, &to->cap, from->n, sizeof(*to->obj)))
		return false;
	for (; to->n < from->n; to->n++) {
		to->obj[to->n] = family[f].clone(from->obj[to->n]);
		if (!to->obj[to->n])
			return false;
	}
	return true;
}

static bool clone_namespace(struct namespace *to, const struct namespace *from)
{
	to->used = from->used;
	to->user = from->user;
	to->number = from->number;
	to->maker = from->maker;
	to->limits = from->limits;
	for (enum family f = MSG; f < NFAMILIES; f++)
		if (!clone_table(&to->table[f], &from->table[f], f))
			return false;
	return true;
}

struct world *world_clone(const struct world *w)
{
	struct world *copy = world_new(&w->facts);
	bool ok = copy;

	if (!copy)
		return NULL;
	copy->now = w->now;
	copy->arrivals = w->arrivals;
	copy->namespaces = w->namespaces;
	copy->nparked = w->nparked;
	for (int i = 0; ok && i < MAXSPACES; i++)
		ok = clone_namespace(&copy->ns[i], &w->ns[i]);
	memcpy(copy->leads_to, w->leads_to, sizeof(w->leads_to));
	memcpy(copy->node, w->node, sizeof(w->node));
	memcpy(copy->task, w->task, sizeof(w->task));
	for (int i = 0; ok && i < MAXACTORS; i++)
		ok = memory_clone(&copy->memory[i], &w->memory[i]);
	if (ok)
		return copy;
	world_free(copy);
	return NULL;
}

void world_task(struct world *w, int actor, const struct cred *cred)
{
	new_task(w, actor, cred);
	memory_new(w, actor);
}

bool world_alive(const struct world *w, int actor)
{
	return w->task[actor].alive;
}

int world_memory(const struct world *w, int actor)
{
	return w->task[actor].memory;
}

const struct cred *world_cred(const struct world *w, int actor)
{
	return &w->task[actor].cred;
}

/* ---- hash, equality ------------------------------------------------------------------------------- */

static void fold_perm(const struct perm *p, struct sink *s)
{
	fold(s, p->id);
	fold(s, p->key);
	fold(s, p->uid);
	fold(s, p->gid);
	fold(s, p->cuid);
	fold(s, p->cgid);
	fold(s, p->mode);
	fold(s, p->ctime);
}

static void fold_cred(const struct cred *c, struct sink *s)
{
	s->put(s, &c->ruid, 8 * sizeof(c->ruid));
	fold(s, (int64_t)c->caps);
	fold(s, c->ngroups);
	s->put(s, c->groups, c->ngroups * sizeof(*c->groups));
}

/* By what it says, not by where it lies, so that equal runs have equal hashes. */
static void fold_payload(const struct payload *d, struct sink *s)
{
	fold(s, d->where);
	fold(s, d->msg.type);
	fold(s, d->msg.size);
	fold(s, (int64_t)d->msg.len);
	s->put(s, d->msg.text, d->msg.len);
	fold(s, (int64_t)d->sops.n);
	fold(s, d->excess);
	s->put(s, d->sops.v, d->sops.n * sizeof(*d->sops.v));
	fold(s, d->timeout.given);
	fold(s, d->timeout.where);
	fold(s, d->timeout.sec);
	fold(s, d->timeout.nsec);
}

/* How many fell asleep before the task. */
static int place_in_order(const struct world *w, const struct task *t)
{
	int place = 0;

	for (int i = 0; i < MAXACTORS; i++)
		place += w->task[i].parked && w->task[i].since < t->since;
	return place;
}

/* Who is the first that ties with the task, or NONE if its place is its own. */
static int first_tied(const struct world *w, const struct task *t)
{
	const struct task *first = w->task;

	if (!t->tie)
		return NONE;
	while (!first->parked || first->tie != t->tie)
		first++;
	return (int)(first - w->task);
}

/* A parked call counts by its order among the others and by what it was given. */
static void fold_parked(const struct world *w, const struct task *t, struct sink *s)
{
	fold(s, t->parked);
	if (!t->parked)
		return;
	fold(s, place_in_order(w, t));
	fold(s, first_tied(w, t));
	fold(s, (int64_t)t->blocker);
	fold(s, t->call.code);
	s->put(s, t->call.v, sizeof(t->call.v));
	if (t->call.data)
		fold_payload(t->call.data, s);
}

static void fold_task(const struct world *w, const struct task *t, struct sink *s)
{
	fold_cred(&t->cred, s);
	fold_spaces(&t->in, s);
	fold(s, t->pid);
	fold(s, t->tid);
	fold(s, t->memory);
	fold(s, t->undo);
	s->put(s, t->rlimit, sizeof(t->rlimit));
	fold(s, t->stopped);
	fold(s, t->interrupted);
	fold_parked(w, t, s);
}

static void fold_namespace(const struct namespace *ns, struct sink *s)
{
	fold(s, ns->used);
	if (!ns->used)
		return;
	fold(s, ns->user);
	fold(s, ns->maker);
	s->put(s, &ns->limits, sizeof(ns->limits));
	for (enum family f = MSG; f < NFAMILIES; f++) {
		const struct table *t = &ns->table[f];

		fold(s, t->next);
		fold(s, t->last);
		fold(s, t->seq);
		fold(s, (int64_t)t->n);
		for (size_t i = 0; i < t->n; i++) {
			fold_perm(t->obj[i], s);
			family[f].fold(t->obj[i], s);
		}
	}
}

static void fold_world(const struct world *w, struct sink *s)
{
	fold(s, w->now);
	s->put(s, w->leads_to, sizeof(w->leads_to));
	for (int i = 0; i < MAXSPACES; i++)
		fold_namespace(&w->ns[i], s);
	nodes_fold(w, s);
	for (int i = 0; i < MAXACTORS; i++)
		if (w->task[i].alive) {
			fold(s, i);
			fold_task(w, &w->task[i], s);
		}
	for (int i = 0; i < MAXACTORS; i++)
		memory_fold(&w->memory[i], s);
}

struct hasher { struct sink sink; uint64_t h; };

/* FNV-1a */
static void hash_put(struct sink *s, const void *p, size_t n)
{
	struct hasher *h = (struct hasher *)s;
	const unsigned char *c = p;

	while (n--)
		h->h = (h->h ^ *c++) * UINT64_C(0x100000001b3);
}

uint64_t world_hash(const struct world *w)
{
	struct hasher h = { { hash_put }, UINT64_C(0xcbf29ce484222325) };

	fold_world(w, &h.sink);
	return h.h;
}

/* Equality by one stream kept and one compared with it. */
struct keeper { struct sink sink; unsigned char *buf; size_t n, cap, at; bool same; };

static void keep_put(struct sink *s, const void *p, size_t n)
{
	struct keeper *k = (struct keeper *)s;

	k->same = k->same && grow(&k->buf, &k->cap, k->n + n, 1);
	if (k->same && n)
		memcpy(k->buf + k->n, p, n);
	k->n += n;
}

static void compare_put(struct sink *s, const void *p, size_t n)
{
	struct keeper *k = (struct keeper *)s;

	/* Counts come before what they count, so that streams differ before one of them ends. */
	k->same = k->same && k->at + n <= k->n;	/* LCOV_EXCL_BR_LINE */
	k->same = k->same && (!n || !memcmp(k->buf + k->at, p, n));
	k->at += n;
}

bool world_equal(const struct world *a, const struct world *b)
{
	struct keeper k = { .sink = { keep_put }, .same = true };
	bool equal;

	fold_world(a, &k.sink);
	k.sink.put = compare_put;
	fold_world(b, &k.sink);
	equal = k.same && k.at == k.n;		/* LCOV_EXCL_BR_LINE: see above */
	free(k.buf);
	return equal;
}

/* ---- invariant ------------------------------------------------------------------------------------- */

bool broken(char *why, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (why)
		vsnprintf(why, size, fmt, ap);
	va_end(ap);
	return false;
}

static bool table_ok(const struct world *w, int ns, enum family f, char *why, size_t size)
{
	const struct table *t = &w->ns[ns].table[f];

	for (size_t i = 0; i < t->n; i++) {
		const struct perm *p = t->obj[i];

		if (p->ns != ns)
			return broken(why, size, "id %lld of namespace %d is in namespace %d",
				      (long long)p->id, p->ns, ns);
		if (p->id < 0 || p->id > INT_MAX)
			return broken(why, size, "id %lld is not a non-negative int", (long long)p->id);
		if (i && (t->obj[i - 1]->id & (IPCMNI - 1)) >= (p->id & (IPCMNI - 1)))
			return broken(why, size, "id %lld is out of order or its index is used twice",
				      (long long)p->id);
		for (size_t j = 0; p->key && j < i; j++)
			if (t->obj[j]->key == p->key)
				return broken(why, size, "key %d names two objects", p->key);
		if (!family[f].ok(w, p, why, size))
			return false;
	}
	return true;
}

/* No parked call could go on: reconsider() has nothing left to do. */
static bool sleeper_ok(const struct world *w, int i, char *why, size_t size)
{
	const struct task *t = &w->task[i];
	const struct view v = view_of(w, &t->call, &profile_linux, NULL);

	if (!t->alive)
		return broken(why, size, "task %d is parked and dead", i);
	if (t->stopped)
		return true;
	if (!v.perm)
		return broken(why, size, "task %d is parked on an object that is gone", i);
	if (!action_of(&t->call)->waits(&v))
		return broken(why, size, "task %d is parked in %s and could go on", i,
			      opinfo[t->call.code].name);
	return true;
}

static bool parked_ok(const struct world *w, char *why, size_t size)
{
	int n = 0;

	for (int i = 0; i < MAXACTORS; i++) {
		n += w->task[i].parked;
		if (w->task[i].parked && !sleeper_ok(w, i, why, size))
			return false;
	}
	if (n != w->nparked)
		return broken(why, size, "%d tasks are parked, counted %d", n, w->nparked);
	return true;
}

/* Threads are of one process if and only if they have one address space. */
static bool threads_ok(const struct world *w, char *why, size_t size)
{
	for (const struct task *t = w->task; t < w->task + MAXACTORS; t++)
		for (const struct task *u = w->task; t->alive && u < t; u++)
			if (u->alive && (t->pid == u->pid) != (t->memory == u->memory))
				return broken(why, size, "tasks %d and %d share one of process and memory",
					      (int)(u - w->task), (int)(t - w->task));
	return true;
}

bool world_ok(const struct world *w, char *why, size_t size)
{
	for (int ns = HOME; ns < MAXSPACES; ns++)
		for (enum family f = MSG; f < NFAMILIES; f++)
			if (!table_ok(w, ns, f, why, size))
				return false;
	return attachments_ok(w, why, size) && parked_ok(w, why, size) && threads_ok(w, why, size);
}

/* Is it aimed at a task besides its actor? Its first argument says at which. */
static bool has_target(const struct op *op)
{
	return op->code == OP_signal || op->code == OP_setns_ipc || op_makes_actor(op->code);
}

/* Everything that an operation names by number is there. */
static bool names_ok(const struct op *op, char *why, size_t size)
{
	if (op->actor >= MAXACTORS || (op->actor < 0 && opinfo[op->code].family != ENV))
		return broken(why, size, "there is no actor %d", op->actor);
	if (has_target(op) && (op->v[0] < 0 || op->v[0] >= MAXACTORS))
		return broken(why, size, "there is no actor %lld", (long long)op->v[0]);
	if ((op->code == OP_limit || op->code == OP_read_limit) && (op->v[0] < 0 || op->v[0] >= NLIMITS))
		return broken(why, size, "there is no limit %lld", (long long)op->v[0]);
	if (op->code == OP_clone && op->clone.flags & ~(int64_t)CLONE_FLAGS)
		return broken(why, size, "there are no clone flags %lld", (long long)op->clone.flags);
	if (op->code == OP_rlimit && (op->rlimit.name < 0 || op->rlimit.name >= NRLIMS))
		return broken(why, size, "there is no resource limit %lld", (long long)op->rlimit.name);
	return true;
}

bool model_ready(const struct world *w, const struct op *op, char *why, size_t size)
{
	const struct task *t;

	if (!names_ok(op, why, size))
		return false;
	t = op->actor < 0 ? NULL : &w->task[op->actor];
	if (t && !t->alive)
		return broken(why, size, "the actor is not alive");
	if (t && t->stopped)
		return broken(why, size, "the actor is stopped");
	if (t && t->parked)
		return broken(why, size, "the actor is blocked in %s", opinfo[t->call.code].name);
	if (op->code == OP_signal && !w->task[op->signal.to].alive)
		return broken(why, size, "the signalled actor is not alive");
	if (op_makes_actor(op->code)
	    && (w->task[op->v[0]].alive || process_lives(w, (int)op->v[0] + 1)))
		return broken(why, size, "the child exists already");
	return process_ready(w, op, why, size) && spaces_ready(w, op, why, size)
		&& nodes_ready(w, op, why, size);
}

/* ---- what tools see --------------------------------------------------------------------------------- */

int64_t model_now(const struct world *w)
{
	return w->now + 1;
}

bool model_snapshot(const struct world *w, struct snapshot *s)
{
	for (enum family f = MSG; f < NFAMILIES; f++)
		for (size_t i = 0; i < w->ns[HOME].table[f].n; i++) {
			const struct perm *p = w->ns[HOME].table[f].obj[i];
			struct objview *o = snapshot_obj(s);

			if (!o)
				return false;
			*o = (struct objview){ .family = f, .id = p->id, .sems = s->nsem, .msgs = s->nmsg };
			family[f].record(w, p, &o->rec);
			if (family[f].view && !family[f].view(w, p, s))
				return false;
			s->obj[s->nobj - 1].nsems = s->nsem - s->obj[s->nobj - 1].sems;
			s->obj[s->nobj - 1].nmsgs = s->nmsg - s->obj[s->nobj - 1].msgs;
		}
	return true;
}

bool model_record(const struct world *w, int actor, enum family f, int64_t id, struct record *rec)
{
	const int ns = ns_of(w, actor);
	const struct perm *p;

	if (f == NODES)
		return node_record(w, ns, id, rec);
	p = by_id(&w->ns[ns], f, id);
	if (!p)
		return false;
	family[f].record(w, p, rec);
	return true;
}

bool model_adopt(struct world *w, const struct objview *seen, const struct snapshot *s)
{
	struct perm *p;

	if (seen->family == NODES)
		return node_adopt(w, HOME, seen->id, &seen->rec);
	p = by_id(&w->ns[HOME], seen->family, seen->id);
	if (!p)
		return false;
	p->key = (int32_t)seen->rec.v[F_key];
	p->uid = (uint32_t)seen->rec.v[F_uid];
	p->gid = (uint32_t)seen->rec.v[F_gid];
	p->cuid = (uint32_t)seen->rec.v[F_cuid];
	p->cgid = (uint32_t)seen->rec.v[F_cgid];
	p->mode = (uint32_t)seen->rec.v[F_mode];
	p->ctime = seen->rec.v[F_ctime];
	family[seen->family].adopt(p, seen, s);
	return true;
}
