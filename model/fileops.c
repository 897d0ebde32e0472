/* The calls that file access permissions decide: who may create, open, use and remove. */
#include <string.h>

#include "internal.h"

static enum nodename name_of(const struct op *op)
{
	return (enum nodename)op->v[0];
}

static const struct node *the_node(const struct view *v)
{
	return cnode_named(v->w, v->task->in.ipc, name_of(v->op));
}

static struct node *its_node(struct call *c)
{
	return node_named(c->w, c->task->in.ipc, name_of(c->op));
}

/* ---- on the way to a name ---------------------------------------------------------------------- */

static bool folder_missing(const struct view *v)
{
	return !folder_of(v, name_of(v->op)).linked;
}

static bool folder_is_none(const struct view *v)
{
	struct node folder = folder_of(v, name_of(v->op));

	return folder.linked && folder.type != DIRECTORY_NODE;
}

static bool reached(const struct view *v)
{
	return !folder_missing(v) && !folder_is_none(v);
}

static bool may_not_search(const struct view *v)
{
	struct node folder = folder_of(v, name_of(v->op));

	return reached(v) && !file_granted(v, &folder, X);
}

#define REACH \
	{ "XBD-PATH-1", ENOENT, folder_missing, SHALL, ONCE, false }, \
	{ "XBD-PATH-2", ENOTDIR, folder_is_none, SHALL, ONCE, false }, \
	{ "XBD-PATH-3", EACCES, may_not_search, SHALL, ONCE, false }

/* ---- what is there ----------------------------------------------------------------------------- */

static bool absent(const struct view *v)
{
	return reached(v) && !the_node(v);
}

static bool taken(const struct view *v)
{
	return the_node(v);
}

/* In a directory, names are added and removed by who may write to it and search it. */
static bool may_not_change_folder(const struct view *v)
{
	struct node folder = folder_of(v, name_of(v->op));

	return reached(v) && !file_granted(v, &folder, W | X);
}

static bool sticks(const struct view *v)
{
	const struct node *n = the_node(v);
	struct node folder = folder_of(v, name_of(v->op));

	if (!n || !(folder.mode & STICKY) || !switch_of(v->p, SW_sticky_removal))
		return false;
	if (folder.uid == file_user(v)) {
		note(v, "the caller owns the directory, which is sticky [FILE-STICKY-1]");
		return false;
	}
	return !file_controlled(v, n);
}

static bool is_directory(const struct view *v)
{
	const struct node *n = the_node(v);

	return n && n->type == DIRECTORY_NODE;
}

static bool is_no_directory(const struct view *v)
{
	const struct node *n = the_node(v);

	return n && n->type != DIRECTORY_NODE;
}

static void create(struct call *c, enum nodetype type, int64_t mode)
{
	if (!its_node(c))
		node_enter(c, name_of(c->op), type, (uint32_t)mode);
}

static void remove_commit(struct call *c, struct outcome *out)
{
	struct node *n = its_node(c);

	(void)out;
	if (n)
		n->linked = false;
}

/* ---- opening ----------------------------------------------------------------------------------- */

static int64_t open_flags(const struct op *op)
{
	return op->v[1];
}

/* A caller that asks for all at once has both bits set, as if each were a flag. */
static int requested_access(const struct view *v)
{
	static const int asked[] = {
		[OPEN_READ] = R, [OPEN_WRITE] = W, [OPEN_BOTH] = R | W, [OPEN_ACCESS] = R | W,
	};

	return v->op->code == OP_sem_open ? R | W : asked[open_flags(v->op) & OPEN_ACCESS];
}

static bool may_not_open(const struct view *v)
{
	const struct node *n = the_node(v);

	return n && !file_granted(v, n, requested_access(v));
}

static bool exclusive_and_there(const struct view *v)
{
	const int64_t both = OPEN_CREATE | OPEN_EXCLUSIVE;

	return the_node(v) && (open_flags(v->op) & both) == both;
}

static bool absent_and_not_created(const struct view *v)
{
	return absent(v) && !(open_flags(v->op) & OPEN_CREATE);
}

/* fs.protected_regular: in a sticky directory of all, an open that would create takes no file of others. */
static bool protected(const struct view *v)
{
	const struct node *n = the_node(v);
	struct node folder = folder_of(v, name_of(v->op));

	if (!n || !v->w->facts.protected_regular || !(open_flags(v->op) & OPEN_CREATE)
	    || n->uid == folder.uid || n->uid == file_user(v))
		return false;
	note(v, "fs.protected_regular keeps who would create from files of others [LINUX-FILE-PROT-1]");
	return true;
}

static void shm_open_commit(struct call *c, struct outcome *out)
{
	(void)out;
	create(c, MEMORY_NODE, c->op->shm_open.mode);
}

static void sem_open_commit(struct call *c, struct outcome *out)
{
	(void)out;
	create(c, SEMAPHORE_NODE, c->op->sem_open.mode);
}

static const struct rule shm_open_rules[] = {
	{ "SHMOPEN-ERR-EEXIST", EEXIST, exclusive_and_there, SHALL, ONCE, false },
	{ "SHMOPEN-ERR-ENOENT", ENOENT, absent_and_not_created, SHALL, ONCE, false },
	{ "SHMOPEN-ERR-EACCES", EACCES, protected, MAY, ONCE, false },
	{ "SHMOPEN-ERR-EACCES", EACCES, may_not_open, SHALL, ONCE, false },
	{ 0 }
};

static const struct rule sem_open_rules[] = {
	{ "SEMOPEN-ERR-EEXIST", EEXIST, exclusive_and_there, SHALL, ONCE, false },
	{ "SEMOPEN-ERR-ENOENT", ENOENT, absent_and_not_created, SHALL, ONCE, false },
	{ "SEMOPEN-ERR-EACCES", EACCES, may_not_open, SHALL, ONCE, false },
	{ 0 }
};

const struct action model_shm_open = { .rules = shm_open_rules, .commit = shm_open_commit };
const struct action model_sem_open = { .rules = sem_open_rules, .commit = sem_open_commit };

static bool opens_directory_to_write(const struct view *v)
{
	return is_directory(v) && requested_access(v) & W;
}

/* Nobody keeps a FIFO open. */
static bool fifo_without_reader(const struct view *v)
{
	const struct node *n = the_node(v);

	return n && n->type == FIFO_NODE && requested_access(v) == W;
}

static bool is_socket(const struct view *v)
{
	const struct node *n = the_node(v);

	return n && n->type == SOCKET_NODE;
}

static const struct rule open_rules[] = {
	REACH,
	{ "FILE-ABSENT-1", ENOENT, absent, SHALL, ONCE, false },
	{ "OPEN-ERR-EISDIR", EISDIR, opens_directory_to_write, SHALL, ONCE, false },
	{ "OPEN-ERR-EACCES", EACCES, may_not_open, SHALL, ONCE, false },
	{ "OPEN-ERR-ENXIO", ENXIO, fifo_without_reader, SHALL, ONCE, false },
	{ "LINUX-OPEN-1", ENXIO, is_socket, MAY, ONCE, false },
	{ 0 }
};

const struct action model_open = { .rules = open_rules, .commit = do_nothing };

/* ---- queues ------------------------------------------------------------------------------------ */

static bool access_without_meaning(const struct view *v)
{
	return the_node(v) && (open_flags(v->op) & OPEN_ACCESS) == OPEN_ACCESS;
}

static const struct rule mq_open_rules[] = {
	{ "MQOPEN-ERR-EEXIST", EEXIST, exclusive_and_there, SHALL, ONCE, false },
	{ "MQOPEN-ERR-ENOENT", ENOENT, absent_and_not_created, SHALL, ONCE, false },
	{ "LINUX-MQOPEN-1", EINVAL, access_without_meaning, MAY, ONCE, false },
	{ "MQOPEN-ERR-EACCES", EACCES, may_not_open, SHALL, ONCE, false },
	{ 0 }
};

static struct opened *its_queue(struct call *c)
{
	return &c->memory->queue[name_of(c->op) - NODE_queue];
}

/* Who creates a queue has it open for what was asked for, whatever its mode. */
static void mq_open_commit(struct call *c, struct outcome *out)
{
	const struct view v = { .p = c->p, .op = c->op };

	(void)out;
	create(c, QUEUE_NODE, c->op->mq_open.mode);
	*its_queue(c) = (struct opened){
		.node = (int)(its_node(c) - c->w->node) + 1, .access = requested_access(&v),
	};
}

const struct action model_mq_open = { .rules = mq_open_rules, .commit = mq_open_commit };

static bool not_open(const struct view *v)
{
	return !opened_as(v, name_of(v->op));
}

static bool not_open_to(const struct view *v, int access)
{
	const struct opened *o = opened_as(v, name_of(v->op));

	if (!o || !(o->access & access))
		return true;
	return !switch_of(v->p, SW_queue_by_descriptor)
		&& !file_granted(v, &v->w->node[o->node - 1], access);
}

static bool not_open_to_send(const struct view *v)
{
	return not_open_to(v, W);
}

static bool not_open_to_receive(const struct view *v)
{
	return not_open_to(v, R);
}

static bool holds(const struct view *v, int messages)
{
	const struct opened *o = opened_as(v, name_of(v->op));

	return o && v->w->node[o->node - 1].messages == messages;
}

static bool queue_full(const struct view *v)
{
	return holds(v, QUEUE_ROOM);
}

static bool queue_empty(const struct view *v)
{
	return holds(v, 0);
}

static void mq_close_commit(struct call *c, struct outcome *out)
{
	(void)out;
	*its_queue(c) = (struct opened){ 0 };
}

static void add_messages(struct call *c, int n)
{
	const struct opened *o = its_queue(c);

	if (o->node)
		c->w->node[o->node - 1].messages += n;
}

static void mq_send_commit(struct call *c, struct outcome *out)
{
	(void)out;
	add_messages(c, 1);
}

static void mq_receive_commit(struct call *c, struct outcome *out)
{
	(void)out;
	add_messages(c, -1);
}

static const struct rule mq_close_rules[] = {
	{ "MQCLOSE-ERR-EBADF", EBADF, not_open, SHALL, ONCE, false },
	{ 0 }
};
static const struct rule mq_send_rules[] = {
	{ "MQSEND-ERR-EBADF", EBADF, not_open_to_send, SHALL, ONCE, false },
	{ "MQSEND-ERR-EAGAIN", EAGAIN, queue_full, SHALL, ONCE, false },
	{ 0 }
};
static const struct rule mq_receive_rules[] = {
	{ "MQRECEIVE-ERR-EBADF", EBADF, not_open_to_receive, SHALL, ONCE, false },
	{ "MQRECEIVE-ERR-EAGAIN", EAGAIN, queue_empty, SHALL, ONCE, false },
	{ 0 }
};

const struct action model_mq_close = { .rules = mq_close_rules, .commit = mq_close_commit };
const struct action model_mq_send = { .rules = mq_send_rules, .commit = mq_send_commit };
const struct action model_mq_receive = { .rules = mq_receive_rules, .commit = mq_receive_commit };

/* ---- creating ---------------------------------------------------------------------------------- */

static const struct rule create_rules[] = {
	REACH,
	{ "FILE-CREATE-1", EEXIST, taken, SHALL, ONCE, false },
	{ "FILE-CREATE-2", EACCES, may_not_change_folder, SHALL, ONCE, false },
	{ 0 }
};
static const struct rule bind_rules[] = {
	REACH,
	{ "BIND-ERR-EADDRINUSE", EADDRINUSE, taken, SHALL, ONCE, false },
	{ "FILE-CREATE-2", EACCES, may_not_change_folder, SHALL, ONCE, false },
	{ 0 }
};

static void mkfifo_commit(struct call *c, struct outcome *out)
{
	(void)out;
	create(c, FIFO_NODE, c->op->mkfifo.mode);
}

static void mkdir_commit(struct call *c, struct outcome *out)
{
	(void)out;
	create(c, DIRECTORY_NODE, c->op->mkdir.mode);
}

/* The process listens at it from now on, and no longer at one that had the name before. */
static void bind_commit(struct call *c, struct outcome *out)
{
	const struct node *before = c->w->node;

	(void)out;
	for (int i = 0; i < MAXNODES; i++)
		if (before[i].name == name_of(c->op))
			c->memory->sockets &= ~BIT(i);
	create(c, SOCKET_NODE, 0777);
	c->memory->sockets |= BIT(its_node(c) - before);
}

const struct action model_mkfifo = { .rules = create_rules, .commit = mkfifo_commit };
const struct action model_mkdir = { .rules = create_rules, .commit = mkdir_commit };
const struct action model_bind = { .rules = bind_rules, .commit = bind_commit };

static bool may_not_connect(const struct view *v)
{
	const struct node *n = the_node(v);

	return n && !file_granted(v, n, W);
}

static bool nobody_listens(const struct view *v)
{
	const struct node *n = the_node(v);

	return n && !is_listened_at(v->w, n);
}

static const struct rule connect_rules[] = {
	REACH,
	{ "FILE-ABSENT-1", ENOENT, absent, SHALL, ONCE, false },
	{ "CONNECT-ERR-EACCES", EACCES, may_not_connect, SHALL, ONCE, false },
	{ "CONNECT-ERR-ECONNREFUSED", ECONNREFUSED, nobody_listens, SHALL, ONCE, false },
	{ 0 }
};

const struct action model_connect = { .rules = connect_rules, .commit = do_nothing };

/* ---- removing ---------------------------------------------------------------------------------- */

#define REMOVE \
	REACH, \
	{ "FILE-ABSENT-1", ENOENT, absent, SHALL, ONCE, false }, \
	{ "FILE-REMOVE-1", EACCES, may_not_change_folder, SHALL, ONCE, false }, \
	{ "FILE-STICKY-1", EPERM, sticks, SHALL, ONCE, false }, \
	{ "FILE-STICKY-1", EACCES, sticks, SHALL, ONCE, true }

static const struct rule unlink_rules[] = {
	REMOVE,
	{ "LINUX-UNLINK-1", EISDIR, is_directory, NO, ONCE, false },
	{ "UNLINK-ERR-EPERM", EPERM, is_directory, SHALL, ONCE, true },
	{ 0 }
};
static const struct rule rmdir_rules[] = {
	REMOVE,
	{ "RMDIR-ERR-ENOTDIR", ENOTDIR, is_no_directory, SHALL, ONCE, false },
	{ 0 }
};
/* The system call fails with EPERM, of which the functions of the C library make EACCES. */
#define REMOVE_OBJECT(absence, refusal) { \
	{ absence, ENOENT, absent, SHALL, ONCE, false }, \
	{ "LINUX-FILE-STICKY-1", EPERM, sticks, MAY, ONCE, false }, \
	{ refusal, EACCES, sticks, SHALL, ONCE, true }, \
	{ 0 } \
}
static const struct rule mq_unlink_rules[] = REMOVE_OBJECT("MQUNLINK-ERR-ENOENT", "MQUNLINK-ERR-EACCES");
static const struct rule shm_unlink_rules[] = REMOVE_OBJECT("SHMUNLINK-ERR-ENOENT", "SHMUNLINK-ERR-EACCES");
static const struct rule sem_unlink_rules[] = REMOVE_OBJECT("SEMUNLINK-ERR-ENOENT", "SEMUNLINK-ERR-EACCES");

const struct action model_unlink = { .rules = unlink_rules, .commit = remove_commit };
const struct action model_rmdir = { .rules = rmdir_rules, .commit = remove_commit };
const struct action model_mq_unlink = { .rules = mq_unlink_rules, .commit = remove_commit };
const struct action model_shm_unlink = { .rules = shm_unlink_rules, .commit = remove_commit };
const struct action model_sem_unlink = { .rules = sem_unlink_rules, .commit = remove_commit };

/* ---- owner and mode ---------------------------------------------------------------------------- */

static const struct rule stat_rules[] = {
	REACH,
	{ "FILE-ABSENT-1", ENOENT, absent, SHALL, ONCE, false },
	{ 0 }
};

static void stat_commit(struct call *c, struct outcome *out)
{
	node_record(c->w, c->task->in.ipc, name_of(c->op), &out->rec);
}

const struct action model_stat = { .rules = stat_rules, .commit = stat_commit };

static bool may_not_chmod(const struct view *v)
{
	const struct node *n = the_node(v);

	return n && !file_controlled(v, n);
}

static const struct rule chmod_rules[] = {
	REACH,
	{ "FILE-ABSENT-1", ENOENT, absent, SHALL, ONCE, false },
	{ "FILE-CHMOD-1", EPERM, may_not_chmod, SHALL, ONCE, false },
	{ 0 }
};

static void chmod_commit(struct call *c, struct outcome *out)
{
	struct node *n = its_node(c);

	(void)out;
	if (n)
		n->mode = c->op->chmod.mode & (STICKY | 0777);
}

const struct action model_chmod = { .rules = chmod_rules, .commit = chmod_commit };

/* -1 leaves as it is. */
static bool is_kept(int64_t id)
{
	return (uint32_t)id == UINT32_MAX;
}

/* An owner may name itself, and give the file to groups that it is in. */
static bool may_not_chown(const struct view *v)
{
	const struct node *n = the_node(v);
	const int64_t uid = v->op->chown.uid, gid = v->op->chown.gid;
	bool owner = n && n->uid == file_user(v);
	bool member = n && (gid == n->gid || in_file_group(v, (uint32_t)gid));

	if (!n)
		return false;
	if (has_file_cap(v, CAP_CHOWN)) {
		note(v, "CAP_CHOWN permits any change of owner and group [LINUX-FILE-CAP-5]");
		return false;
	}
	note(v, "user %u is %sthe owner %u [FILE-CHOWN-1]", file_user(v), owner ? "" : "not ", n->uid);
	if (!is_kept(gid))
		note(v, "group %lld is %sone of the caller's, or the file's", (long long)gid,
		     member ? "" : "not ");
	return (!is_kept(uid) && !(owner && uid == n->uid)) || (!is_kept(gid) && !(owner && member));
}

static bool id_without_name(const struct view *v)
{
	return v->task->in.user != HOME && (!is_kept(v->op->chown.uid) || !is_kept(v->op->chown.gid));
}

static const struct rule chown_rules[] = {
	REACH,
	{ "FILE-ABSENT-1", ENOENT, absent, SHALL, ONCE, false },
	{ "LINUX-FILE-NS-2", EINVAL, id_without_name, MAY, ONCE, false },
	{ "FILE-CHOWN-1", EPERM, may_not_chown, SHALL, ONCE, false },
	{ 0 }
};

static void chown_commit(struct call *c, struct outcome *out)
{
	struct node *n = its_node(c);

	(void)out;
	if (n && !is_kept(c->op->chown.uid))
		n->uid = (uint32_t)c->op->chown.uid;
	if (n && !is_kept(c->op->chown.gid))
		n->gid = (uint32_t)c->op->chown.gid;
}

const struct action model_chown = { .rules = chown_rules, .commit = chown_commit };

static const struct rule no_rules[] = { { 0 } };

static void umask_commit(struct call *c, struct outcome *out)
{
	out->value = c->memory->umask;
	c->memory->umask = c->op->umask.mask & 0777;
}

const struct action model_umask = { .rules = no_rules, .commit = umask_commit };
