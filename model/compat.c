/* Calls of 32-bit x86 on a 64-bit kernel: what differs from the calls of the kernel's own kind. */
#include "internal.h"

/* ---- ipc(2) ------------------------------------------------------------------------------------ */

static const struct rule ipc_other_rules[] = {
	{ "LIBC-IPC-3", ENOSYS, always, SHALL, ONCE, false },
	{ 0 }
};

const struct action model_ipc_other = { .rules = ipc_other_rules };

static bool nothing_to_receive_into(const struct view *v)
{
	return v->op->ipc_msgrcv.ptr == P_NULL;
}

/* In version 0 two words in memory say where the message goes and which type is wanted. */
static const struct rule ipc_msgrcv_rules[] = {
	{ "LIBC-IPC-7", EINVAL, negative_id, SHALL, ONCE, false },
	{ "LIBC-IPC-2", EINVAL, nothing_to_receive_into, SHALL, ONCE, false },
	{ "LIBC-IPC-5", EFAULT, always, SHALL, ONCE, false },
	{ 0 }
};

const struct action model_ipc_msgrcv = { .rules = ipc_msgrcv_rules };

/* ---- status ------------------------------------------------------------------------------------ */

#define NOT_POSIX(id) { id, EINVAL, not_of_posix, MAY, ONCE, true }
#define STAT_RULES(family, id) \
	NOT_POSIX(id), \
	{ family "-ERR-EINVAL", EINVAL, no_such_id, SHALL, ONCE, false }, \
	{ family "-ERR-EACCES", EACCES, may_not_read, SHALL, ONCE, false }, \
	{ id, EFAULT, bad_out, MAY, ONCE, false }

static void status(const struct call *c, struct outcome *out)
{
	model_record(c->w, c->op->actor, opinfo[c->op->code].family, c->perm->id, &out->rec);
}

static void stat_commit(struct call *c, struct outcome *out)
{
	status(c, out);
}

/* The bit for IPC_64 is left in the command, which is then not taken for IPC_STAT where 0 is returned. */
static void stat_64_commit(struct call *c, struct outcome *out)
{
	status(c, out);
	out->value = c->perm->id;
}

static int64_t id_of_16_bits(const struct facts *f, enum field field, int64_t id)
{
	if (id <= UINT16_MAX)
		return id;
	return fieldinfo[field].kind == KIND_UID ? f->overflow_uid : f->overflow_gid;
}

/* Members of 16 bits: ids that do not fit are told as one that nobody has, counters lose what is above. */
static void old_stat_commit(struct call *c, struct outcome *out)
{
	static const enum field ids[] = { F_uid, F_gid, F_cuid, F_cgid };
	static const enum field counters[] = { F_seq, F_cbytes, F_qnum, F_qbytes, F_nsems, F_nattch };
	struct record *rec = &out->rec;

	status(c, out);
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		rec->v[ids[i]] = id_of_16_bits(&c->w->facts, ids[i], rec->v[ids[i]]);
	for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++)
		rec->v[counters[i]] &= UINT16_MAX;
}

static const struct rule compat_msgctl_rules[] = { STAT_RULES("MSGCTL", "LINUX-COMPAT-1"), { 0 } };
static const struct rule compat_semctl_rules[] = { STAT_RULES("SEMCTL", "LINUX-COMPAT-1"), { 0 } };
static const struct rule compat_shmctl_rules[] = { STAT_RULES("SHMCTL", "LINUX-COMPAT-2"), { 0 } };
static const struct rule ipc_msgctl_rules[] = { STAT_RULES("MSGCTL", "LINUX-COMPAT-3"), { 0 } };
static const struct rule ipc_shmctl_rules[] = { STAT_RULES("SHMCTL", "LINUX-COMPAT-3"), { 0 } };

#define STATUS(name, list, result) \
const struct action model_##name = { \
	.find = FIND_ID, .rules = list##_rules, .commit = result##_commit, \
};

STATUS(compat_msgctl_IPC_STAT, compat_msgctl, stat)
STATUS(compat_msgctl_IPC_STAT_64, compat_msgctl, stat_64)
STATUS(compat_semctl_IPC_STAT, compat_semctl, stat)
STATUS(compat_semctl_IPC_STAT_64, compat_semctl, stat_64)
STATUS(compat_shmctl_IPC_STAT, compat_shmctl, stat)
STATUS(ipc_msgctl_IPC_STAT, ipc_msgctl, old_stat)
STATUS(ipc_msgctl_IPC_STAT_64, ipc_msgctl, stat)
STATUS(ipc_shmctl_IPC_STAT, ipc_shmctl, old_stat)
STATUS(ipc_shmctl_IPC_STAT_64, ipc_shmctl, stat)

/* ---- the pointer to the argument of semctl ----------------------------------------------------- */

static enum place pointer(const struct view *v)
{
	return (enum place)v->op->ipc_semctl_IPC_STAT.ptr;
}

static bool pointer_null(const struct view *v)
{
	return pointer(v) == P_NULL;
}

static bool pointer_unreadable(const struct view *v)
{
	enum { POINTER = 4 };		/* bytes */

	return !readable(pointer(v), POINTER);
}

static const struct rule ipc_semctl_rules[] = {
	{ "LIBC-IPC-1", EINVAL, pointer_null, MAY, ONCE, false },
	{ "LIBC-IPC-5", EFAULT, pointer_unreadable, MAY, ONCE, false },
	STAT_RULES("SEMCTL", "LINUX-COMPAT-3"),
	{ 0 }
};

STATUS(ipc_semctl_IPC_STAT, ipc_semctl, old_stat)
STATUS(ipc_semctl_IPC_STAT_64, ipc_semctl, stat)

/* ---- refusals ---------------------------------------------------------------------------------- */

static const struct rule unknown_rules[] = {
	{ "LINUX-COMPAT-2", EINVAL, always, SHALL, ONCE, false },
	{ 0 }
};

const struct action model_compat_shmctl_IPC_STAT_64 = { .rules = unknown_rules };
const struct action model_compat_shmctl_IPC_RMID_64 = { .rules = unknown_rules };
