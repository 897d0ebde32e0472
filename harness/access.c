#include <string.h>

#include "access.h"

const char *const deed_words[NFAMILIES][NDEEDS] = {
	[MSG] = { [DEED_READ] = "receive its messages", [DEED_WRITE] = "send to it",
		  [DEED_CONTROL] = "set and remove it" },
	[SEM] = { [DEED_READ] = "read its values", [DEED_WRITE] = "alter its values",
		  [DEED_CONTROL] = "set and remove it" },
	[SHM] = { [DEED_READ] = "read it", [DEED_WRITE] = "write to it",
		  [DEED_CONTROL] = "set and remove it", [DEED_EXEC] = "map it as code" },
};

static const char *const deed_calls[NFAMILIES][NDEEDS] = {
	[MSG] = { [DEED_READ] = "msgrcv", [DEED_WRITE] = "msgsnd", [DEED_CONTROL] = "msgctl_IPC_RMID" },
	[SEM] = { [DEED_READ] = "semctl_GETALL", [DEED_WRITE] = "semctl_SETALL",
		  [DEED_CONTROL] = "semctl_IPC_RMID" },
	[SHM] = { [DEED_READ] = "shmat(id, 0, SHM_RDONLY)", [DEED_WRITE] = "shmat",
		  [DEED_CONTROL] = "shmctl_IPC_RMID", [DEED_EXEC] = "shmat(id, 0, SHM_RDONLY|SHM_EXEC)" },
};

/* Besides the operations with their usual arguments. */
static const char *const variants[] = {
	"semop(id, [0:0])", "shmat(id, 0, SHM_RDONLY)", "shmat(id, 0, SHM_RDONLY|SHM_EXEC)",
};

/* ---- questions ------------------------------------------------------------------------------- */

static bool add(struct menu *m, const char *text, struct arena *a)
{
	struct question q;
	char err[300];
	enum family f;

	if (!question_parse(&q, text, a, err, sizeof(err)))
		return false;
	f = opinfo[q.op.code].family;
	if (m->nops[f] == OPSMAX)
		return false;
	m->op[f][m->nops[f]++] = q;
	return true;
}

/* A get call with flags 0 asks for nothing, so it says nothing of an object. */
static bool says_nothing(enum opcode code)
{
	return code == OP_msgget || code == OP_semget || code == OP_shmget;
}

bool menu_read(struct menu *m, struct arena *a)
{
	enum opcode code;
	char err[300];

	*m = (struct menu){ .nops = { 0 } };
	for (int i = 0; question_at(i, &code); i++)
		if (!says_nothing(code) && !add(m, opinfo[code].name, a))
			return false;
	for (size_t i = 0; i < sizeof(variants) / sizeof(*variants); i++)
		if (!add(m, variants[i], a))
			return false;
	for (enum family f = 0; f < NFAMILIES; f++)
		for (enum deed d = 0; d < NDEEDS; d++) {
			const char *call = deed_calls[f][d];

			if (call && !question_parse(&m->deed[f][d], call, a, err, sizeof(err)))
				return false;
		}
	return true;
}

/* ---- answers --------------------------------------------------------------------------------- */

bool desk_open(struct desk *d, const struct menu *m, const struct objview *o, const struct limits *limits)
{
	const struct objview sized = object_sized(o, OP_shmat);
	char err[300];

	*d = (struct desk){ .menu = m, .object = o };
	if (scene_open(&d->scene, &sized, limits, true, &d->arena, err, sizeof(err)))
		return true;
	arena_free(&d->arena);
	return false;
}

void desk_close(struct desk *d)
{
	scene_close(&d->scene);
	arena_free(&d->arena);
}

static void come(struct desk *d, const struct caller *c)
{
	const struct cred cred = caller_cred(c, d->object);

	scene_caller(&d->scene, &cred);
}

bool desk_may(struct desk *d, const struct caller *c, enum deed deed)
{
	come(d, c);
	return deed_words[d->object->family][deed]
		&& scene_allows(&d->scene, &d->menu->deed[d->object->family][deed]);
}

void desk_grounds(struct desk *d, const struct caller *c, enum deed deed, struct grounds *g)
{
	struct op op;

	come(d, c);
	op = scene_call(&d->scene, &d->menu->deed[d->object->family][deed]);
	model_grounds(d->scene.world, &op, &profile_linux, g);
}

uint32_t desk_ops(struct desk *d, const struct caller *c)
{
	enum family f = d->object->family;
	uint32_t allowed = 0;

	come(d, c);
	for (int i = 0; i < d->menu->nops[f]; i++)
		if (scene_allows(&d->scene, &d->menu->op[f][i]))
			allowed |= UINT32_C(1) << i;
	return allowed;
}

/* ---- people ---------------------------------------------------------------------------------- */

static void set_user(struct cred *c, int64_t uid)
{
	c->ruid = c->euid = c->suid = c->fsuid = (uint32_t)uid;
}

static void set_group(struct cred *c, int64_t gid)
{
	c->rgid = c->egid = c->sgid = c->fsgid = (uint32_t)gid;
}

void relation_caller(struct caller *c, const struct objview *o, enum relation r)
{
	caller_stranger(c, o);
	switch (r) {
	case REL_OWNER: set_user(&c->cred, o->rec.v[F_uid]); break;
	case REL_CREATOR: set_user(&c->cred, o->rec.v[F_cuid]); break;
	case REL_GROUP: set_group(&c->cred, o->rec.v[F_gid]); break;
	case REL_CREATOR_GROUP: set_group(&c->cred, o->rec.v[F_cgid]); break;
	case REL_STRANGER:
	case NRELATIONS: break;
	}
}
