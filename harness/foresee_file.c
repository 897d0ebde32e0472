/*
 * What the model expects of the creation of what has a name. The world of a file is made for it: the
 * directory that its name lies in, and what has the name, as they are by then.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "foresee.h"

/* The type in the model, how it comes about, and how it is taken when it is there. */
static const struct shape {
	enum nodename name;
	enum opcode make, take;
	int64_t make_flags, take_flags;		/* second argument of those that have flags */
} shapes[NRESOURCES] = {
	[RES_POSIX_MQ] = { NODE_queue, OP_mq_open, OP_mq_open, OPEN_BOTH | OPEN_CREATE | OPEN_EXCLUSIVE,
			   OPEN_BOTH | OPEN_CREATE },
	[RES_POSIX_SHM] = { NODE_memory, OP_shm_open, OP_shm_open, OPEN_BOTH | OPEN_CREATE | OPEN_EXCLUSIVE,
			    OPEN_BOTH },
	[RES_POSIX_SEM] = { NODE_semaphore, OP_sem_open, OP_sem_open, OPEN_CREATE | OPEN_EXCLUSIVE,
			    OPEN_CREATE },
	[RES_DIR] = { NODE_dir_node, OP_mkdir, OP_stat, 0, 0 },
	[RES_FIFO] = { NODE_dir_node, OP_mkfifo, OP_stat, 0, 0 },
	[RES_SOCKET] = { NODE_dir_node, OP_bind, OP_stat, 0, 0 },
};

static struct op call_of(const struct resource *r, int actor, bool take)
{
	const struct shape *h = &shapes[r->type];
	struct op op = { .code = take ? h->take : h->make, .actor = actor };
	int i = 0;

	op.v[i++] = h->name;
	if (h->make_flags)
		op.v[i++] = take ? h->take_flags : h->make_flags;
	if (i < opinfo[op.code].nargs && (!take || op.v[1] & OPEN_CREATE))
		op.v[i] = r->mode;
	return op;
}

/* ---- the world ------------------------------------------------------------------------------------- */

static const struct cred founder = { .caps = CAPS_ALL };

static bool set(struct foresight *f, enum nodename name, uint32_t uid, uint32_t gid, uint32_t mode)
{
	const struct snapshot none = { .nobj = 0 };
	struct objview seen = { .family = NODES, .id = name };

	put(&seen.rec, F_uid, uid);
	put(&seen.rec, F_gid, gid);
	put(&seen.rec, F_mode, mode);
	return model_adopt(f->world, &seen, &none);
}

static bool make_folder(struct foresight *f)
{
	const struct op op = { .code = OP_mkdir, .actor = FOUNDER, .mkdir = { NODE_dir, 0777 } };
	struct outcome out;

	return foresee_perform(f, &op, &out);
}

/* What is there is of the type that is wanted: it makes no difference to who creates. */
static bool found_file(struct foresight *f, const struct resource *r, const struct whereabouts *w)
{
	const struct op make = call_of(r, FOUNDER, false);
	const bool folder = shapes[r->type].name == NODE_dir_node;
	struct outcome out;

	if (folder && w->has_folder && !make_folder(f))
		return false;
	if (w->there && (!foresee_perform(f, &make, &out)
			 || !set(f, shapes[r->type].name, w->uid, w->gid, w->mode & 0777)))
		return false;
	return !folder || !w->has_folder
		|| set(f, NODE_dir, w->folder_uid, w->folder_gid, w->folder_mode & 01777);
}

/* ---- what cannot be foreseen ----------------------------------------------------------------------- */

enum { SOCKET_NAME = 107 };	/* bytes */

static const uint32_t format_of[NRESOURCES] = {
	[RES_DIR] = S_IFDIR, [RES_FIFO] = S_IFIFO, [RES_SOCKET] = S_IFSOCK,
};

/* A reason, or NULL. */
static const char *unknown(const struct resource *r, const struct whereabouts *w, bool take)
{
	const bool folder = shapes[r->type].name == NODE_dir_node;

	if (!w->seen)
		return w->why;
	if (r->type == RES_SOCKET && strlen(r->name) > SOCKET_NAME)
		return "no socket has a name as long as that";
	if (w->has_folder && (w->folder_mode & S_IFMT) != S_IFDIR)
		return "what the name lies in is no directory";
	if (!folder && r->type != RES_POSIX_MQ
	    && (w->folder_uid || (w->folder_mode & 07777) != 01777))
		return "/dev/shm is not as it should be";
	if (take && folder && w->there && (w->mode & S_IFMT) != format_of[r->type])
		return "what is there is of another type";
	return NULL;
}

static uint32_t mode_of_made(const struct resource *m)
{
	const mode_t mask = umask(0);

	umask(mask);
	return format_of[m->type] | ((uint32_t)m->mode & ~mask);
}

/* What is left of name below folder, or NULL. */
static const char *below(const char *name, const char *folder)
{
	const size_t len = strlen(folder);

	return !strncmp(name, folder, len) && name[len] == '/' ? name + len + 1 : NULL;
}

/* What the same command is expected to have made: the directory that it lies in, or what has its name. */
static void count_made(const struct foresight *f, const struct resource *r, struct whereabouts *w)
{
	const struct cred *c = world_cred(f->world, FORESEER);

	for (int i = 0; i < f->nmade; i++) {
		const struct resource *m = f->made[i];
		const uint32_t uid = m->uid < 0 ? c->fsuid : (uint32_t)m->uid;
		const uint32_t gid = m->gid < 0 ? c->fsgid : (uint32_t)m->gid;

		if (!w->has_folder && below(r->name, m->name)) {
			w->has_folder = true;
			w->seen = !strchr(below(r->name, m->name), '/');
			w->why = "it lies deeper in what this command makes";
			w->folder_uid = uid;
			w->folder_gid = gid;
			w->folder_mode = mode_of_made(m);
		} else if (!strcmp(r->name, m->name)) {
			w->there = true;
			w->uid = uid;
			w->gid = gid;
			w->mode = mode_of_made(m);
		}
	}
}

/* ---- calls ----------------------------------------------------------------------------------------- */

/* "mkfifo(dir_node, 0600)" with the resource's own name. */
static void show_name(struct foreseen *s, const struct resource *r)
{
	char rest[sizeof(s->call)];
	size_t at = strcspn(s->call, "(") + 1;

	snprintf(rest, sizeof(rest), "%s", s->call + at + strcspn(s->call + at, ",)"));
	snprintf(s->call + at, sizeof(s->call) - at, "%.200s%.60s", r->name, rest);
}

static struct foreseen *expect(struct foresight *f, const struct op *op, const struct resource *r)
{
	struct outcome out;
	struct foreseen *s = foresee_call(f, op, op, &out);

	show_name(s, r);
	return s;
}

/* NULL when nobody else is to own it. A queue is given away as a file is. */
static struct foreseen *expect_owner(struct foresight *f, const struct resource *r)
{
	struct op op = { .code = OP_chown, .actor = FORESEER };

	if (r->uid < 0 && r->gid < 0)
		return NULL;
	op.chown.name = shapes[r->type].name;
	op.chown.uid = r->uid;
	op.chown.gid = r->gid;
	return expect(f, &op, r);
}

/* The creation path has one word for a name that is taken. */
static int as_told(const struct resource *r, int err)
{
	return r->type == RES_SOCKET && err == EADDRINUSE ? EEXIST : err;
}

static int as_called(const struct resource *r, int err)
{
	return r->type == RES_SOCKET && err == EEXIST ? EADDRINUSE : err;
}

/* The call by its name on Linux. */
static const char *called(enum opcode code)
{
	return code == OP_mkfifo ? "mknod" : opinfo[code].name;
}

/* What comes after the call that creates or takes, and its name in a failure. step NULL: nothing does. */
struct later { struct foreseen *step; const char *call; };

static struct later expect_later(struct foresight *f, const struct resource *r, const struct whereabouts *w,
				 bool take)
{
	struct foreseen *size = r->type == RES_POSIX_SHM ? foresee_size(f, r, w, take) : NULL;

	if (size)
		return (struct later){ size, take ? "its size differs" : "ftruncate" };
	return (struct later){ take ? NULL : expect_owner(f, r), "fchownat" };
}

static bool really(struct resource *r, bool take, struct foreseen *make, const struct later *later,
		   struct failure *why)
{
	const bool ok = take ? resource_take(r, why) : resource_create(r, why);
	const bool reached = ok || (later->step && !strcmp(why->call, later->call));

	make->observed = reached ? 0 : as_called(r, why->err);
	if (later->step)
		later->step->observed = ok ? 0 : reached ? why->err : -1;
	return ok;
}

static bool in_its_world(struct foresight *f, struct resource *r, const struct whereabouts *w, bool take,
			 struct failure *why)
{
	const struct op op = call_of(r, FORESEER, take);
	struct foreseen *make = expect(f, &op, r);
	struct later later = { NULL, "" };

	if (!make->expected && r->type == RES_POSIX_MQ && !w->there)
		foresee_queue(f, r, make);
	if (take && w->hidden)
		foresee_hidden(make);
	if (!make->expected)
		later = expect_later(f, r, w, take);
	*why = (struct failure){ later.call, later.step ? later.step->expected : 0 };
	if (make->expected)
		*why = (struct failure){ called(op.code), as_told(r, make->expected) };
	if (f->live)
		return really(r, take, make, &later, why);
	if (!why->err && !take && format_of[r->type] && f->nmade < NRESOURCES)
		f->made[f->nmade++] = r;
	return !why->err;
}

static bool not_foreseen(struct foresight *f, struct resource *r, bool take, const char *reason,
			 struct failure *why)
{
	struct foreseen *s = foresee_step(f);

	s->unknown = reason;
	snprintf(s->call, sizeof(s->call), "%s: %s %.200s", take ? "take" : "create",
		 resourceinfo[r->type].what, r->name);
	return !f->live || really(r, take, s, &(struct later){ NULL, "" }, why);
}

bool foresee_file(struct foresight *f, struct resource *r, bool take, struct failure *why)
{
	struct world *before = f->world;
	struct cred caller = *world_cred(before, FORESEER);
	struct whereabouts w;
	const char *reason;
	bool ok;

	resource_look(r, &w);
	count_made(f, r, &w);
	reason = unknown(r, &w, take);
	/* Capabilities are of no use where the owner has no name. */
	if (!f->whois.initial_user && (w.folder_uid == f->inventory.files.overflow_uid
					 || w.folder_gid == f->inventory.files.overflow_gid))
		caller.caps = 0;
	f->world = world_new(&f->facts);
	if (f->world)
		world_task(f->world, FOUNDER, &founder);
	if (!f->world || !found_file(f, r, &w))
		reason = reason ? reason : "the model cannot have what is there";
	if (f->world)
		world_task(f->world, FORESEER, &caller);
	ok = reason ? not_foreseen(f, r, take, reason, why) : in_its_world(f, r, &w, take, why);
	world_free(f->world);
	f->world = before;
	return ok;
}
