/* What names what: tables, ids, keys, and the part that the three get calls share. */
#include <string.h>

#include "internal.h"

static int index_of(int64_t id)
{
	return (int)(id & (IPCMNI - 1));
}

/* Position of the first object whose index is not below idx. */
static size_t place_of(const struct table *t, int idx)
{
	size_t lo = 0, hi = t->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (index_of(t->obj[mid]->id) < idx)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct perm *by_index(const struct namespace *ns, enum family f, int64_t id)
{
	const struct table *t = &ns->table[f];
	size_t at;

	if (id < 0 || id > INT32_MAX)
		return NULL;
	at = place_of(t, index_of(id));
	return at < t->n && index_of(t->obj[at]->id) == index_of(id) ? t->obj[at] : NULL;
}

struct perm *by_id(const struct namespace *ns, enum family f, int64_t id)
{
	struct perm *perm = by_index(ns, f, id);

	return perm && perm->id == id ? perm : NULL;
}

struct perm *by_key(const struct namespace *ns, enum family f, int32_t key)
{
	const struct table *t = &ns->table[f];

	for (size_t i = 0; key != IPC_PRIVATE && i < t->n; i++)
		if (t->obj[i]->key == key)
			return t->obj[i];
	return NULL;
}

int highest_index(const struct namespace *ns, enum family f)
{
	const struct table *t = &ns->table[f];

	return t->n ? index_of(t->obj[t->n - 1]->id) : 0;
}

bool table_reserve(struct table *t)
{
	return grow(&t->obj, &t->cap, t->n + 1, sizeof(*t->obj));
}

/* ---- allocation of ids ------------------------------------------------------------------------ */

static const enum limit next_id[NFAMILIES] = {
	[MSG] = LIM_msg_next_id, [SEM] = LIM_sem_next_id, [SHM] = LIM_shm_next_id,
};
static const enum limit most[NFAMILIES] = {
	[MSG] = LIM_msgmni, [SEM] = LIM_semmni, [SHM] = LIM_shmmni,
};

/* First free index in from .. below, or NONE. */
static int free_index(const struct table *t, int from, int below)
{
	size_t at = place_of(t, from);

	while (from < below && at < t->n && index_of(t->obj[at]->id) == from)
		at++, from++;
	return from < below ? from : NONE;
}

/* A window that grows with use keeps an index from being used again soon after it was freed. */
static int cyclic_index(struct table *t)
{
	int window = (int)(t->n * 3 / 2), idx;

	window = window < 64 ? 64 : window > IPCMNI ? IPCMNI : window;
	idx = free_index(t, t->next, window);
	if (idx < 0)
		idx = free_index(t, 0, window);
	t->next = idx + 1;
	if (idx <= t->last)
		t->seq = (t->seq + 1) % 65535;
	t->last = idx;
	return idx;
}

static int64_t automatic_id(struct table *t, const struct profile *p)
{
	int idx, seq;

	if (switch_of(p, SW_id_policy)) {
		idx = free_index(t, 0, IPCMNI);
		seq = t->seq;
		t->seq = (t->seq + 1) % 65536;
	} else {
		idx = cyclic_index(t);
		seq = t->seq;
	}
	return (int64_t)seq * IPCMNI + idx;
}

/* The id that a *_next_id asked for, or the next that is free; the setting is used up. */
static int64_t forced_id(const struct table *t, int64_t *setting)
{
	int64_t want = *setting;

	*setting = -1;
	return want / IPCMNI * IPCMNI + free_index(t, index_of(want), IPCMNI);
}

/* From the index that a *_next_id asks for to the end of the table all are in use. */
static bool no_index_left(const struct namespace *ns, enum family f)
{
	int64_t want = limit_of(ns, next_id[f]);

	return want >= 0 && free_index(&ns->table[f], index_of(want), IPCMNI) < 0;
}

void table_enter(struct call *c, struct perm *perm, int64_t flg)
{
	enum family f = opinfo[c->op->code].family;
	struct table *t = &c->ns->table[f];
	int64_t *setting = &c->ns->limits.v[next_id[f]];
	const struct cred *cred = &c->task->cred;
	size_t at;

	perm->ns = c->task->in.ipc;
	perm->id = *setting >= 0 ? forced_id(t, setting) : automatic_id(t, c->p);
	perm->key = (int32_t)c->op->v[0];
	perm->uid = perm->cuid = cred->euid;
	perm->gid = perm->cgid = cred->egid;
	perm->mode = flg & 0777;
	perm->ctime = c->w->now;
	at = place_of(t, index_of(perm->id));
	memmove(&t->obj[at + 1], &t->obj[at], (t->n - at) * sizeof(*t->obj));
	t->obj[at] = perm;
	t->n++;
}

void table_remove(struct world *w, enum family f, struct perm *perm)
{
	struct table *t = &w->ns[perm->ns].table[f];
	size_t at = place_of(t, index_of(perm->id));

	t->n--;
	memmove(&t->obj[at], &t->obj[at + 1], (t->n - at) * sizeof(*t->obj));
}

/* ---- predicates ------------------------------------------------------------------------------- */

bool negative_id(const struct view *v)
{
	if (v->op->v[0] >= 0)
		return false;
	note(v, "the id is negative");
	return true;
}

bool no_such_id(const struct view *v)
{
	if (v->perm)
		return false;
	note(v, "no object has the id %lld", (long long)v->op->v[0]);
	return true;
}

int64_t get_flags(const struct op *op)
{
	if (op->code == OP_msgget)
		return op->msgget.flg;
	return op->code == OP_semget ? op->semget.flg : op->shmget.flg;
}

static bool private(const struct view *v)
{
	return (int32_t)v->op->v[0] == IPC_PRIVATE;
}

bool creating(const struct view *v)
{
	return private(v) || (!v->perm && get_flags(v->op) & IPC_CREAT);
}

bool key_unknown(const struct view *v)
{
	if (v->perm || creating(v))
		return false;
	note(v, "the key names nothing and IPC_CREAT is absent");
	return true;
}

bool key_taken(const struct view *v)
{
	int64_t both = IPC_CREAT | IPC_EXCL;

	if (!v->perm || (get_flags(v->op) & both) != both)
		return false;
	note(v, "the key names object %lld, and IPC_CREAT and IPC_EXCL are both given",
	     (long long)v->perm->id);
	return true;
}

static bool limit_reached(const struct namespace *ns, enum family f)
{
	int64_t limit = limit_of(ns, most[f]);

	return (int64_t)ns->table[f].n >= (limit < IPCMNI ? limit : IPCMNI);
}

bool table_full(const struct view *v)
{
	enum family f = opinfo[v->op->code].family;

	if (!creating(v))
		return false;
	if (limit_reached(v->ns, f)) {
		note(v, "%s is %lld and that many objects exist", limitinfo[most[f]].name,
		     (long long)limit_of(v->ns, most[f]));
		return true;
	}
	if (!no_index_left(v->ns, f))
		return false;
	note(v, "%s is %lld and no index is free from there on", limitinfo[next_id[f]].name,
	     (long long)limit_of(v->ns, next_id[f]));
	return true;
}

void get_failed(struct call *c, int err)
{
	const struct view v = view_of(c->w, c->op, c->p, NULL);
	enum family f = opinfo[c->op->code].family;
	const struct rule *r = err == ENOSPC ? first_broken(&v, false) : NULL;

	if (r && r->broken == table_full && !limit_reached(c->ns, f))
		c->ns->limits.v[next_id[f]] = -1;
}

/* ---- buffers ---------------------------------------------------------------------------------- */

bool readable(enum place where, size_t size)
{
	return where == P_OK || where == P_ODD || where == P_READONLY || (where == P_PARTIAL && size <= 8)
		|| !size;
}

bool writable(enum place where, size_t size)
{
	return where == P_OK || where == P_ODD || (where == P_PARTIAL && size <= 8);
}

enum place out_place(const struct op *op)
{
	const struct opinfo *o = &opinfo[op->code];

	for (int i = 0; i < o->nargs; i++)
		if (o->arg[i].kind == KIND_OUT)
			return op->v[i];
	return P_OK;
}

/* Status and information records are longer than the 8 bytes that P_PARTIAL has. */
bool bad_out(const struct view *v)
{
	if (writable(out_place(v->op), 9))
		return false;
	note(v, "the buffer cannot be written");
	return true;
}

bool bad_in(const struct view *v)
{
	if (readable(v->op->data->where, 9))
		return false;
	note(v, "the buffer cannot be read");
	return true;
}

/* Linux asks for no alignment. To C, a pointer that is not aligned for its type is none. */
bool misaligned(const struct view *v)
{
	const struct payload *d = v->op->data;

	return out_place(v->op) == P_ODD
		|| (d && (d->where == P_ODD || (d->timeout.given && d->timeout.where == P_ODD)));
}

bool not_of_posix(const struct view *v)
{
	note(v, "POSIX does not name this command");
	return true;
}

bool always(const struct view *v)
{
	note(v, "there is no such command");
	return true;
}
