#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "matrix.h"
#include "scene.h"

/* ---- how the object comes about -------------------------------------------------------------- */

static struct op *step(struct scene *s, enum opcode code)
{
	struct op *op = &s->setup[s->nsetup++];

	*op = (struct op){ .code = code, .actor = SCENE_MAKER };
	op->ref[0] = s->nsetup > 1;
	return op;
}

static void make_queue(struct scene *s, int64_t flags)
{
	static const struct payload nothing = { .msg = { .type = 1, .text = (const unsigned char *)"" } };

	step(s, OP_msgget)->msgget.flg = flags;
	if (s->facts.limits.v[LIM_msgmnb] > 0)
		step(s, OP_msgsnd)->data = &nothing;		/* something to receive */
}

static void make_set(struct scene *s, int64_t flags)
{
	struct op *op = step(s, OP_semget);

	op->semget.nsems = s->object.rec.has & BIT(F_nsems) ? s->object.rec.v[F_nsems] : 1;
	op->semget.flg = flags;
	if (op->semget.nsems > DEF_SEMMSL)
		op->semget.nsems = DEF_SEMMSL;
	step(s, OP_semctl_SETVAL)->semctl_SETVAL.val = 1;	/* something to take */
}

struct objview object_sized(const struct objview *o, enum opcode code)
{
	struct objview sized = *o;

	if (code != OP_shmget)
		sized.rec.has &= ~BIT(F_segsz);
	return sized;
}

static void make_segment(struct scene *s, int64_t flags)
{
	const struct record *rec = &s->object.rec;
	struct op *op = step(s, OP_shmget);

	op->shmget.size = rec->has & BIT(F_segsz) ? rec->v[F_segsz] : 1;
	op->shmget.flg = flags;
	if (rec->v[F_mode] & SHM_LOCKED)
		step(s, OP_shmctl_SHM_LOCK);
	if (!(rec->v[F_mode] & SHM_DEST))
		return;
	step(s, OP_shmat);
	step(s, OP_shmctl_IPC_RMID);
}

/* ---- files: who owns one makes it -------------------------------------------------------------- */

static struct op *step_file(struct scene *s, enum opcode code, enum nodename name)
{
	struct op *op = step(s, code);

	op->ref[0] = 0;
	op->v[0] = name;
	return op;
}

/* Somebody else's file in a directory. */
static void fill_folder(struct scene *s)
{
	const int64_t *v = s->object.rec.v;
	struct op *op;

	step_file(s, OP_mkfifo, NODE_dir_node)->mkfifo.mode = 0666;
	if (v[F_cuid] == v[F_uid] && v[F_cgid] == v[F_gid])
		return;
	op = step_file(s, OP_chown, NODE_dir_node);
	op->chown.uid = v[F_cuid];
	op->chown.gid = v[F_cgid];
}

static void plan_file(struct scene *s)
{
	const int64_t mode = s->object.rec.v[F_mode], make = OPEN_BOTH | OPEN_CREATE | OPEN_EXCLUSIVE;
	const enum nodename name = cellkindinfo[s->object.type].node;
	struct op *op;

	switch ((enum cellkind)s->object.type) {
	case CELLS_POSIX_MQ:
		op = step_file(s, OP_mq_open, name);
		op->mq_open.flg = make;
		op->mq_open.mode = mode;
		return;
	case CELLS_POSIX_SHM: step_file(s, OP_shm_open, name)->shm_open.flg = make; break;
	case CELLS_POSIX_SEM: step_file(s, OP_sem_open, name)->sem_open.flg = make & ~OPEN_ACCESS; break;
	case CELLS_FIFO: step_file(s, OP_mkfifo, name); break;
	case CELLS_SOCKET: step_file(s, OP_bind, name); break;
	default: step_file(s, OP_mkdir, name)->mkdir.mode = 0700; break;
	}
	if (name == NODE_dir && s->object.type != CELLS_DIR_EMPTY)
		fill_folder(s);
	step_file(s, OP_chmod, name)->chmod.mode = mode;
}

/* ---- what there is to do ----------------------------------------------------------------------- */

static bool plan(struct scene *s)
{
	static const enum opcode set[NFAMILIES] = {
		[MSG] = OP_msgctl_IPC_SET, [SEM] = OP_semctl_IPC_SET, [SHM] = OP_shmctl_IPC_SET,
	};
	static void (*const make[NFAMILIES])(struct scene *s, int64_t flags) = {
		[MSG] = make_queue, [SEM] = make_set, [SHM] = make_segment,
	};
	const struct record *rec = &s->object.rec;
	struct payload *data = arena_alloc(s->arena, sizeof(*data));

	if (s->object.family == NODES) {
		plan_file(s);
		return true;
	}
	if (!data)
		return false;
	data->set.has = BIT(F_uid) | BIT(F_gid) | BIT(F_mode);
	data->set.uid = rec->v[F_uid];
	data->set.gid = rec->v[F_gid];
	data->set.mode = rec->v[F_mode] & 0777;
	make[s->object.family](s, IPC_CREAT | IPC_EXCL | 0600);
	s->setup[0].v[0] = rec->v[F_key];
	step(s, set[s->object.family])->data = data;
	return true;
}

struct cred scene_maker(const struct objview *o)
{
	const bool file = o->family == NODES, gives = file && o->rec.v[F_cuid] != o->rec.v[F_uid];
	uint32_t uid = (uint32_t)o->rec.v[file ? F_uid : F_cuid];
	uint32_t gid = (uint32_t)o->rec.v[file ? F_gid : F_cgid];

	return (struct cred){
		.caps = gives || (file && o->rec.v[F_cgid] != o->rec.v[F_gid]) ? BIT(CAP_CHOWN) : 0,
		.ruid = uid, .euid = uid, .suid = uid, .fsuid = uid,
		.rgid = gid, .egid = gid, .sgid = gid, .fsgid = gid,
	};
}

struct op scene_step(struct op op, int64_t id)
{
	if (op.ref[0])
		op.v[0] += id;
	op.ref[0] = 0;
	return op;
}

/* ---- in the model ---------------------------------------------------------------------------- */

static bool perform(struct scene *s, const struct op *unresolved, struct outcome *out)
{
	const struct op op = scene_step(*unresolved, s->id);
	struct verdict v;

	model_judge(s->world, &op, &profile_linux, &v);
	return model_apply(s->world, &op, &profile_linux, v.first, out) && out->how == RETURNED;
}

static bool make(struct scene *s, char *err, size_t errsize)
{
	const struct cred maker = scene_maker(&s->object);
	struct outcome out;

	world_task(s->world, SCENE_MAKER, &maker);
	s->id = s->object.family == NODES ? (int64_t)cellkindinfo[s->object.type].node : -1;
	for (int i = 0; i < s->nsetup; i++) {
		if (!perform(s, &s->setup[i], &out)) {
			snprintf(err, errsize, "no such object can be made: %s: %s",
				 opinfo[s->setup[i].code].name, err_name(out.err));
			return false;
		}
		if (i == 0 && s->object.family != NODES)
			s->id = out.value;
	}
	return model_record(s->world, -1, s->object.family, s->id, &s->rec);
}

/* The limits that say whether there can be an object at all are those of a new namespace. */
static struct facts facts_of(const struct limits *limits, bool initial_user)
{
	struct facts facts = linux_facts;

	facts.initial_userns = initial_user;
	if (!limits)
		return facts;
	facts.limits.v[LIM_msgmax] = limits->v[LIM_msgmax];
	facts.limits.v[LIM_msgmnb] = limits->v[LIM_msgmnb];
	facts.limits.v[LIM_semopm] = limits->v[LIM_semopm];
	return facts;
}

bool scene_open(struct scene *s, const struct objview *o, const struct limits *limits, bool initial_user,
		struct arena *a, char *err, size_t errsize)
{
	*s = (struct scene){ .object = *o, .arena = a, .facts = facts_of(limits, initial_user) };
	s->world = world_new(&s->facts);
	snprintf(err, errsize, "out of memory");
	if (!s->world || !plan(s) || !make(s, err, errsize)) {
		scene_close(s);
		return false;
	}
	return true;
}

void scene_close(struct scene *s)
{
	world_free(s->world);
	s->world = NULL;
}

void scene_object(struct scene *s, const struct objview *o)
{
	const struct snapshot none = { .nobj = 0 };
	struct objview seen = { .family = s->object.family, .id = s->id, .rec = s->rec };

	put(&seen.rec, F_uid, o->rec.v[F_uid]);
	put(&seen.rec, F_gid, o->rec.v[F_gid]);
	put(&seen.rec, F_mode, (s->rec.v[F_mode] & ~0777) | (o->rec.v[F_mode] & 0777));
	model_adopt(s->world, &seen, &none);
}

void scene_caller(struct scene *s, const struct cred *c)
{
	world_task(s->world, SCENE_CALLER, c);
}

struct op scene_call(const struct scene *s, const struct question *q)
{
	struct op op = scene_step(q->op, s->id);

	op.actor = SCENE_CALLER;
	if (q->names_key)
		op.v[0] = s->object.rec.v[F_key];
	return op;
}

void scene_judge(const struct scene *s, const struct question *q, const struct profile *p, struct verdict *v)
{
	const struct op op = scene_call(s, q);

	model_judge(s->world, &op, p, v);
}

bool scene_allows(const struct scene *s, const struct question *q)
{
	struct verdict v;

	scene_judge(s, q, &profile_linux, &v);
	return v.success;
}
