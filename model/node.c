/* Files by name, and what they lie in. */
#include <string.h>

#include "internal.h"

static bool is_name(int64_t name)
{
	return name >= 0 && name < NNODES;
}

bool is_queue(enum nodename name)
{
	return name == NODE_queue || name == NODE_queue2;
}

const struct node *cnode_named(const struct world *w, int ns, enum nodename name)
{
	for (const struct node *n = w->node; n < w->node + MAXNODES; n++)
		if (n->linked && n->name == name && (!is_queue(name) || n->ns == ns))
			return n;
	return NULL;
}

struct node *node_named(struct world *w, int ns, enum nodename name)
{
	return (struct node *)cnode_named(w, ns, name);
}

/* Directories that the system provides are sticky, and root's; that of queues is the namespace's maker's. */
struct node folder_of(const struct view *v, enum nodename name)
{
	const enum nodename folder = nodeinfo[name].folder;
	const struct node *n = folder == NODE_none ? NULL : cnode_named(v->w, v->task->in.ipc, folder);

	if (folder != NODE_none)
		return n ? *n : (struct node){ .linked = false };
	return (struct node){
		.linked = true, .provided = true, .name = name, .type = DIRECTORY_NODE, .mode = STICKY | 0777,
		.uid = is_queue(name) ? v->ns->maker : 0,
	};
}

/* ---- queues and sockets that are open ---------------------------------------------------------- */

const struct opened *opened_as(const struct view *v, enum nodename name)
{
	const struct opened *o = &v->memory->queue[name - NODE_queue];

	return o->node ? o : NULL;
}

bool is_listened_at(const struct world *w, const struct node *n)
{
	for (int i = 0; i < MAXACTORS; i++)
		if (w->memory[i].sockets & BIT(n - w->node))
			return true;
	return false;
}

/* Positions of all that somebody has open. */
static uint64_t open_nodes(const struct world *w)
{
	uint64_t open = 0;

	for (const struct memory *m = w->memory; m < w->memory + MAXACTORS; m++) {
		open |= m->sockets;
		for (int q = 0; q < QUEUES; q++)
			open |= m->queue[q].node ? BIT(m->queue[q].node - 1) : 0;
	}
	return open;
}

void queues_end(struct world *w, int ns)
{
	for (struct node *n = w->node; n < w->node + MAXNODES; n++)
		if (is_queue(n->name) && n->ns == ns)
			n->linked = false;
}

/* ---- new ones ---------------------------------------------------------------------------------- */

struct node *node_enter(struct call *c, enum nodename name, enum nodetype type, uint32_t mode)
{
	const struct view v = { .w = c->w, .p = c->p, .op = c->op, .task = c->task };
	const uint64_t open = open_nodes(c->w);
	int i = 0;

	while (c->w->node[i].linked || open >> i & 1)
		i++;
	c->w->node[i] = (struct node){
		.linked = true, .name = name, .ns = c->task->in.ipc, .type = type,
		.uid = file_user(&v), .gid = file_group(&v), .cuid = file_user(&v), .cgid = file_group(&v),
		.mode = mode & (STICKY | 0777) & ~c->memory->umask,
	};
	return &c->w->node[i];
}

bool node_record(const struct world *w, int ns, int64_t name, struct record *rec)
{
	const struct node *n = is_name(name) ? cnode_named(w, ns, (enum nodename)name) : NULL;

	if (!n)
		return false;
	put(rec, F_uid, n->uid);
	put(rec, F_gid, n->gid);
	put(rec, F_mode, n->mode);
	return true;
}

bool node_adopt(struct world *w, int ns, int64_t name, const struct record *seen)
{
	struct node *n = is_name(name) ? node_named(w, ns, (enum nodename)name) : NULL;

	if (!n)
		return false;
	n->uid = (uint32_t)seen->v[F_uid];
	n->gid = (uint32_t)seen->v[F_gid];
	n->mode = (uint32_t)seen->v[F_mode] & (STICKY | 0777);
	return true;
}

/* ---- as a part of the world -------------------------------------------------------------------- */

static void fold_node(const struct node *n, struct sink *s)
{
	fold(s, n->linked);
	fold(s, n->name);
	fold(s, n->ns);
	fold(s, n->type);
	fold(s, n->uid);
	fold(s, n->gid);
	fold(s, n->mode);
	fold(s, n->cuid);
	fold(s, n->cgid);
	fold(s, n->messages);
}

void nodes_fold(const struct world *w, struct sink *s)
{
	const uint64_t open = open_nodes(w);

	for (int i = 0; i < MAXNODES; i++)
		if (w->node[i].linked || open >> i & 1) {
			fold(s, i);
			fold_node(&w->node[i], s);
		}
}

/* What no permission decides is not followed. */
static bool holds_names(const struct world *w, int64_t folder)
{
	for (const struct node *n = w->node; n < w->node + MAXNODES; n++)
		if (n->linked && nodeinfo[n->name].folder == (enum nodename)folder)
			return true;
	return false;
}

bool nodes_ready(const struct world *w, const struct op *op, char *why, size_t size)
{
	if (opinfo[op->code].family == NODES && op->code != OP_umask && !is_name(op->v[0]))
		return broken(why, size, "there is no file %lld", (long long)op->v[0]);
	if (op->code == OP_rmdir && holds_names(w, op->v[0]))
		return broken(why, size, "the directory is not empty");
	return true;
}
