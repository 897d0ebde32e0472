/* Namespaces: who is where, which capabilities count there, and what can be seen from there. */
#include "internal.h"

void fold_spaces(const struct spaces *in, struct sink *s)
{
	fold(s, in->ipc);
	fold(s, in->user);
	fold(s, in->pid);
}

/* ---- user namespaces --------------------------------------------------------------------------- */

/*
 * A namespace below the caller's belongs to the user who made it, who has every capability in it. Its maker
 * cannot take other ids afterwards, so that they are still those of before.
 */
static bool made_by(const struct view *v, int user)
{
	return v->w->task[user - 1].cred.euid == v->task->cred.euid;
}

/* Capabilities count in the caller's own user namespace and in those below, of which only HOME has any. */
static bool capable_in(const struct view *v, int user, enum cap cap)
{
	if (v->task->in.user != user && v->task->in.user != HOME)
		return false;
	return v->task->cred.caps & BIT(cap) || (v->task->in.user != user && made_by(v, user));
}

bool has_cap(const struct view *v, enum cap cap)
{
	if (capable_in(v, v->ns->user, cap))
		return true;
	if (v->task->cred.caps & BIT(cap))
		note(v, "capabilities are held in another user namespace than the one that owns the IPC"
			" namespace, and do not count [LINUX-PERM-NS-2]");
	return false;
}

bool has_cap_initially(const struct view *v, enum cap cap)
{
	return v->w->facts.initial_userns && v->task->in.user == HOME && v->task->cred.caps & BIT(cap);
}

static bool has_cap_here(const struct view *v, enum cap cap)
{
	return capable_in(v, v->task->in.user, cap);
}

/* ---- what is seen ------------------------------------------------------------------------------ */

/* Of another PID namespace than the first nobody can be seen but who is in it. */
static int64_t pid_seen(const struct spaces *in, int64_t pid)
{
	return in->pid == HOME || in->pid == pid || pid == PID_ANY ? pid : 0;
}

static int64_t field_seen(const struct world *w, const struct spaces *in, enum field f, int64_t v)
{
	switch (fieldinfo[f].kind) {
	case KIND_UID: return in->user == HOME ? v : w->facts.overflow_uid;
	case KIND_GID: return in->user == HOME ? v : w->facts.overflow_gid;
	case KIND_PID: return pid_seen(in, v);
	default: return v;
	}
}

static bool reads_files(const struct op *op)
{
	return op->code == OP_proc_msg || op->code == OP_proc_sem || op->code == OP_proc_shm;
}

/* Where a call looks from: for files that are open, where they were opened. */
static const struct spaces *looks_from(const struct world *w, const struct task *t, const struct op *op)
{
	const struct memory *m = cmemory_of(w, t);

	return reads_files(op) && m->files_open ? &m->files : &t->in;
}

void hide_others(const struct call *c, struct outcome *out)
{
	const struct spaces *in = c->task ? looks_from(c->w, c->task, c->op) : NULL;

	if (!in || (in->user == HOME && in->pid == HOME))
		return;
	for (enum field f = 0; f < NFIELDS; f++)
		if (out->rec.has & BIT(f))
			out->rec.v[f] = field_seen(c->w, in, f, out->rec.v[f]);
	if (opinfo[c->op->code].result == R_PID)
		out->value = pid_seen(in, out->value);
}

/* ---- IPC namespaces ---------------------------------------------------------------------------- */

static int unused(const struct world *w)
{
	int i = HOME;

	while (i < MAXSPACES && w->ns[i].used)
		i++;
	return i;
}

/* A new IPC namespace: LINUX-NS-1. */
static int namespace_new(struct world *w, int user, const struct task *maker)
{
	int i = unused(w);

	namespace_begin(&w->ns[i], &w->facts);
	w->ns[i].user = user;
	w->ns[i].maker = maker->cred.fsuid;
	w->ns[i].number = ++w->namespaces;
	return i;
}

/* Is a segment of the namespace attached, or were files opened in it? */
static bool held_by(const struct memory *m, int ns)
{
	for (size_t i = 0; i < m->nattached; i++)
		if (m->attached[i].ns == ns)
			return true;
	return m->files_open && m->files.ipc == ns;
}

/* Members hold a namespace, and so do attached segments and open files: LINUX-NS-4, LINUX-PROC-NS-1. */
static bool held(const struct world *w, int ns)
{
	for (int i = 0; i < MAXACTORS; i++) {
		const struct task *t = &w->task[i];

		if ((t->alive && t->in.ipc == ns) || held_by(cmemory_of(w, t), ns))
			return true;
	}
	return false;
}

void abandon_namespaces(struct world *w)
{
	for (int i = HOME + 1; i < MAXSPACES; i++)
		if (w->ns[i].used && !held(w, i)) {
			queues_end(w, i);
			namespace_end(&w->ns[i]);
		}
}

int64_t world_namespace(const struct world *w, int actor)
{
	return w->ns[ns_of(w, actor)].number;
}

/* Adjustments are due in the namespace that is left: LINUX-NS-2, LINUX-NS-3. */
static void move_to(struct call *c, int ns)
{
	undo_leave(c);
	c->task->in.ipc = ns;
}

static bool may_not_make_namespaces(const struct view *v)
{
	return !has_cap_here(v, CAP_SYS_ADMIN);
}

static const struct rule unshare_ipc_rules[] = {
	{ "LINUX-NS-6", EPERM, may_not_make_namespaces, MAY, ONCE, false },
	{ 0 }
};

static void unshare_ipc_commit(struct call *c, struct outcome *out)
{
	(void)out;
	shm_orphan(c);
	move_to(c, namespace_new(c->w, c->task->in.user, c->task));
}

const struct action model_unshare_ipc = { .rules = unshare_ipc_rules, .commit = unshare_ipc_commit };

static int joined(const struct world *w, const struct op *op)
{
	return w->task[op->setns_ipc.other].in.ipc;
}

static bool may_not_join(const struct view *v)
{
	int owner = v->w->ns[joined(v->w, v->op)].user;

	return !has_cap_here(v, CAP_SYS_ADMIN) || !capable_in(v, owner, CAP_SYS_ADMIN);
}

static const struct rule setns_ipc_rules[] = {
	{ "LINUX-NS-7", EPERM, may_not_join, MAY, ONCE, false },
	{ 0 }
};

/* Adjustments are applied also when the namespace is the one that the caller is in. */
static void setns_ipc_commit(struct call *c, struct outcome *out)
{
	(void)out;
	move_to(c, joined(c->w, c->op));
}

const struct action model_setns_ipc = { .rules = setns_ipc_rules, .commit = setns_ipc_commit };

/* ---- a user namespace without a map ------------------------------------------------------------- */

/* Who makes one must have ids in the one that it lies in. */
static bool has_no_ids(const struct view *v)
{
	return v->task->in.user != HOME;
}

/* The first thread of a process counts until all others have ended too. */
static bool has_threads(const struct view *v)
{
	if (v->task->tid != v->task->pid)
		return true;
	for (const struct task *t = v->w->task; t < v->w->task + MAXACTORS; t++)
		if (t != v->task && t->alive && t->pid == v->task->pid)
			return true;
	return false;
}

static const struct rule unshare_user_rules[] = {
	{ "LINUX-NS-8", EINVAL, has_threads, MAY, ONCE, false },
	{ "LINUX-NS-8", EPERM, has_no_ids, MAY, ONCE, false },
	{ 0 }
};

/* Nothing that the caller owns changes, but it now holds every capability in there, and none outside. */
static void unshare_user_commit(struct call *c, struct outcome *out)
{
	(void)out;
	c->task->in.user = c->actor + 1;
	c->task->cred.caps = CAPS_ALL;
}

const struct action model_unshare_user = { .rules = unshare_user_rules, .commit = unshare_user_commit };

/* ---- clone --------------------------------------------------------------------------------------- */

static bool clones_user_without_ids(const struct view *v)
{
	return v->op->clone.flags & CLONE_NEWUSER && has_no_ids(v);
}

/* In a new user namespace the child may make others. */
static bool may_not_clone_namespaces(const struct view *v)
{
	int64_t flags = v->op->clone.flags;

	if (!(flags & (CLONE_NEWIPC | CLONE_NEWPID)) || flags & CLONE_NEWUSER)
		return false;
	return may_not_make_namespaces(v);
}

static bool shares_adjustments_across(const struct view *v)
{
	return v->op->clone.flags & CLONE_NEWIPC && v->op->clone.flags & CLONE_SYSVSEM;
}

const struct rule clone_rules[] = {
	{ "LINUX-NS-8", EPERM, clones_user_without_ids, MAY, ONCE, false },
	{ "LINUX-NS-6", EPERM, may_not_clone_namespaces, MAY, ONCE, false },
	{ "LINUX-NS-5", EINVAL, shares_adjustments_across, MAY, ONCE, false },
	{ 0 }
};

void clone_spaces(struct call *c, struct task *child)
{
	if (c->op->clone.flags & CLONE_NEWUSER) {
		child->in.user = child->pid;
		child->cred.caps = CAPS_ALL;
	}
	if (c->op->clone.flags & CLONE_NEWIPC)
		child->in.ipc = namespace_new(c->w, child->in.user, c->task);
	if (c->op->clone.flags & CLONE_NEWPID)
		child->in.pid = child->pid;
}

/* ---- /proc/sysvipc ------------------------------------------------------------------------------ */

static const struct rule no_rules[] = { { 0 } };

static void proc_open_commit(struct call *c, struct outcome *out)
{
	(void)out;
	memory_of(c->w, c->task)->files_open = true;
	memory_of(c->w, c->task)->files = c->task->in;
}

const struct action model_proc_open = { .rules = no_rules, .commit = proc_open_commit };

static const struct perm *row_of(const struct world *w, const struct task *t, const struct op *op)
{
	static const enum family families[NOPS] = {
		[OP_proc_msg] = MSG, [OP_proc_sem] = SEM, [OP_proc_shm] = SHM,
	};

	return by_id(&w->ns[looks_from(w, t, op)->ipc], families[op->code], op->v[0]);
}

/* Nobody is asked for permission: LINUX-MSG-PROC-1. */
static bool no_row(const struct view *v)
{
	if (row_of(v->w, v->task, v->op))
		return false;
	note(v, "the file has no row for %lld", (long long)v->op->v[0]);
	return true;
}

#define ROW_RULES(clause) { \
	{ clause, ENOENT, no_row, SHALL, ONCE, false }, \
	{ clause, ENOENT, not_of_posix, MAY, ONCE, true }, \
	{ 0 } \
}
static const struct rule proc_msg_rules[] = ROW_RULES("LINUX-MSG-PROC-1");
static const struct rule proc_sem_rules[] = ROW_RULES("LINUX-SEM-PROC-1");
static const struct rule proc_shm_rules[] = ROW_RULES("LINUX-SHM-PROC-1");

/* A row has fewer columns than a status record has fields. */
static void tell_row(struct call *c, struct outcome *out,
		     void (*record)(const struct world *w, const struct perm *perm, struct record *rec))
{
	const struct perm *perm = row_of(c->w, c->task, c->op);

	if (perm)
		record(c->w, perm, &out->rec);
	out->rec.has &= op_fields(c->op->code);
}

static void proc_msg_commit(struct call *c, struct outcome *out)
{
	tell_row(c, out, queue_record);
}

static void proc_sem_commit(struct call *c, struct outcome *out)
{
	tell_row(c, out, semset_record);
}

static void proc_shm_commit(struct call *c, struct outcome *out)
{
	tell_row(c, out, segment_record);
}

const struct action model_proc_msg = { .rules = proc_msg_rules, .commit = proc_msg_commit };
const struct action model_proc_sem = { .rules = proc_sem_rules, .commit = proc_sem_commit };
const struct action model_proc_shm = { .rules = proc_shm_rules, .commit = proc_shm_commit };

/* ---- what is not modelled ------------------------------------------------------------------------ */

/* Who has no ids of its own can take no others. */
static bool takes_ids(const struct op *op)
{
	return op->code == OP_become && op->data->cred.has & ~(uint32_t)BIT(CRED_CAPS);
}

static bool makes_namespace(const struct op *op)
{
	return op->code == OP_unshare_ipc || (op->code == OP_clone && op->clone.flags & CLONE_NEWIPC);
}

bool spaces_ready(const struct world *w, const struct op *op, char *why, size_t size)
{
	const struct task *t = op->actor < 0 ? NULL : &w->task[op->actor];

	if (op->code == OP_setns_ipc && !w->task[op->setns_ipc.other].alive)
		return broken(why, size, "the actor whose namespace is to be joined is not alive");
	if (makes_namespace(op) && unused(w) == MAXSPACES)
		return broken(why, size, "there is no room for one more namespace");
	if (t && t->in.user != HOME && takes_ids(op))
		return broken(why, size, "the actor has no ids in its user namespace");
	if (t && t->in.user != HOME && op->code == OP_exec)
		return broken(why, size, "a program without ids cannot tell who it is");
	if (t && t->in.pid != HOME && op_makes_actor(op->code))
		return broken(why, size, "the actor is to stay alone in its PID namespace");
	return true;
}
