#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "vocab.h"

/* ---- tables --------------------------------------------------------------------------------- */

#define NARGS(name) ((int)(sizeof(((struct op *)0)->name) / sizeof(int64_t)))

const struct opinfo opinfo[NOPS] = {
#define ARG(name, kind) { #name, KIND_##kind, false },
#define OPT(name, kind) { #name, KIND_##kind, true },
#define OP(name, family, result, args) [OP_##name] = { #name, family, result, NARGS(name), { args } },
#include "ops.def"
#undef OP
#undef OPT
#undef ARG
};

const struct limitinfo limitinfo[NLIMITS] = {
#define LIMIT(name, file, place) [LIM_##name] = { #name, file, place },
#include "limits.def"
#undef LIMIT
};

const struct fieldinfo fieldinfo[NFIELDS] = {
#define FIELD(name, kind) [F_##name] = { #name, KIND_##kind },
#include "fields.def"
#undef FIELD
};

const struct pathinfo pathinfo[NPATHS] = {
#define PATH(name, err, text) [PATH_##name] = { #name, err, text },
#include "paths.def"
#undef PATH
};

const struct nodeinfo nodeinfo[NNODES] = {
#define NODE(name, folder, path, text) [NODE_##name] = { #name, NODE_##folder, path, text },
#include "nodes.def"
#undef NODE
};

const struct headerinfo headerinfo[NDEFINITIONS] = {
#define CONSTANT(name, value, clause) [H_##name] = { #name, clause },
#define TYPE(name, type, size, clause) [H_##name] = { #name, clause },
#define MEMBER(structure, member, size, clause) \
	[H_##structure##_##member] = { #structure "_" #member, clause },
#include "headers.def"
#undef CONSTANT
#undef TYPE
#undef MEMBER
};

static bool same(const char *name, const char *s, size_t len)
{
	return strncmp(name, s, len) == 0 && name[len] == '\0';
}

int op_find(const char *name, size_t len)
{
	for (int i = 0; i < NOPS; i++)
		if (same(opinfo[i].name, name, len))
			return i;
	return -1;
}

bool op_needs_ia32(enum opcode code)
{
	_Static_assert(OP_ipc_other == NOPS - 1, "calls of 32-bit x86 come last");
	return code >= OP_compat_msgctl_IPC_STAT;
}

int field_find(const char *name, size_t len)
{
	for (int i = 0; i < NFIELDS; i++)
		if (same(fieldinfo[i].name, name, len))
			return i;
	return -1;
}

int limit_find(const char *name, size_t len)
{
	for (int i = 0; i < NLIMITS; i++)
		if (same(limitinfo[i].name, name, len))
			return i;
	return -1;
}

enum kind op_kind(const struct op *op, int i)
{
	return i < opinfo[op->code].nargs ? opinfo[op->code].arg[i].kind : NKINDS;
}

bool op_may_block(enum opcode code)
{
	return code == OP_msgsnd || code == OP_msgrcv || code == OP_semop || code == OP_semtimedop;
}

bool op_makes_actor(enum opcode code)
{
	return opinfo[code].family == PROC && opinfo[code].result == R_PID;
}

/* ---- fields --------------------------------------------------------------------------------- */

/* All fields from one to another, in the order of fields.def. */
#define SPAN(first, last) ((BIT(last) - BIT(first)) | BIT(last))

enum { FIRST_PERM = F_key, LAST_PERM = F_seq };
#define PERM_FIELDS	SPAN(FIRST_PERM, LAST_PERM)
#define QUEUE_FIELDS	(PERM_FIELDS | SPAN(F_stime, F_lrpid))
#define SET_FIELDS	(PERM_FIELDS | BIT(F_otime) | BIT(F_ctime) | BIT(F_nsems))
#define SEGMENT_FIELDS	(PERM_FIELDS | BIT(F_ctime) | SPAN(F_segsz, F_nattch))

uint64_t op_fields(enum opcode code)
{
	static const uint64_t fields[NOPS] = {
		[OP_msgrcv] = BIT(F_type),
		[OP_msgctl_IPC_STAT] = QUEUE_FIELDS,
		[OP_msgctl_MSG_STAT] = QUEUE_FIELDS,
		[OP_msgctl_MSG_STAT_ANY] = QUEUE_FIELDS,
		[OP_msgctl_IPC_INFO] = SPAN(F_msgpool, F_msgseg),
		[OP_msgctl_MSG_INFO] = SPAN(F_msgpool, F_msgseg),
		[OP_semctl_IPC_STAT] = SET_FIELDS,
		[OP_semctl_SEM_STAT] = SET_FIELDS,
		[OP_semctl_SEM_STAT_ANY] = SET_FIELDS,
		[OP_semctl_IPC_INFO] = SPAN(F_semmap, F_semaem),
		[OP_semctl_SEM_INFO] = SPAN(F_semmap, F_semaem),
		[OP_shmctl_IPC_STAT] = SEGMENT_FIELDS,
		[OP_shmctl_SHM_STAT] = SEGMENT_FIELDS,
		[OP_shmctl_SHM_STAT_ANY] = SEGMENT_FIELDS,
		[OP_shmctl_IPC_INFO] = SPAN(F_shmmax, F_shmall),
		[OP_compat_shmctl_IPC_INFO] = SPAN(F_shmmax, F_shmall),
		[OP_compat_msgctl_IPC_STAT] = QUEUE_FIELDS,
		[OP_compat_msgctl_IPC_STAT_64] = QUEUE_FIELDS,
		[OP_ipc_msgctl_IPC_STAT] = QUEUE_FIELDS,
		[OP_ipc_msgctl_IPC_STAT_64] = QUEUE_FIELDS,
		[OP_compat_semctl_IPC_STAT] = SET_FIELDS,
		[OP_compat_semctl_IPC_STAT_64] = SET_FIELDS,
		[OP_ipc_semctl_IPC_STAT] = SET_FIELDS,
		[OP_ipc_semctl_IPC_STAT_64] = SET_FIELDS,
		[OP_compat_shmctl_IPC_STAT] = SEGMENT_FIELDS,
		[OP_compat_shmctl_IPC_STAT_64] = SEGMENT_FIELDS,
		[OP_ipc_shmctl_IPC_STAT] = SEGMENT_FIELDS,
		[OP_ipc_shmctl_IPC_STAT_64] = SEGMENT_FIELDS,
		[OP_proc_maps] = BIT(F_key) | SPAN(F_prot, F_length),
		[OP_proc_msg] = QUEUE_FIELDS & ~(BIT(F_seq) | BIT(F_qbytes)),
		[OP_proc_sem] = SET_FIELDS & ~BIT(F_seq),
		[OP_proc_shm] = SEGMENT_FIELDS & ~BIT(F_seq),
		[OP_stat] = BIT(F_uid) | BIT(F_gid) | BIT(F_mode),
		[OP_shmctl_SHM_INFO] = BIT(F_used_ids) | BIT(F_shm_tot),
	};

	return fields[code];
}

/* ---- errno values --------------------------------------------------------------------------- */

int err_bit(int err)
{
	switch (err) {
#define ERR(name) case name: return ERRBIT_##name;
#include "errs.def"
#undef ERR
	}
	return -1;
}

int err_at(int bit)
{
	static const int errs[NERRS] = {
#define ERR(name) [ERRBIT_##name] = name,
#include "errs.def"
#undef ERR
	};

	return errs[bit];
}

/* Names for numbers that no call should give; 512 and up are the kernel's own, which must never get out. */
static const char *stray_name(int err)
{
#define TEN(n) { "errno " #n "0", "errno " #n "1", "errno " #n "2", "errno " #n "3", "errno " #n "4", \
		 "errno " #n "5", "errno " #n "6", "errno " #n "7", "errno " #n "8", "errno " #n "9" }
	static const char *const name[][10] = {
		{ "errno 0", "errno 1", "errno 2", "errno 3", "errno 4",
		  "errno 5", "errno 6", "errno 7", "errno 8", "errno 9" },
		TEN(1), TEN(2), TEN(3), TEN(4), TEN(5), TEN(6), TEN(7), TEN(8), TEN(9), TEN(10), TEN(11),
		TEN(12), TEN(13), [51] = TEN(51), TEN(52), TEN(53),
	};
#undef TEN

	if (err < 0 || err >= (int)(sizeof(name) / sizeof(*name)) * 10 || !name[err / 10][0])
		return "an unknown errno";
	return name[err / 10][err % 10];
}

#define CAP(name, number) { #name, name },
const struct capinfo capinfo[NCAPS] = {
#include "caps.def"
};
#undef CAP

const char *err_name(int err)
{
	switch (err) {
#define ERR(name) case name: return #name;
#include "errs.def"
#undef ERR
	}
	return stray_name(err);
}

int err_number(const char *name, size_t len)
{
#define ERR(known) if (same(#known, name, len)) return known;
#include "errs.def"
#undef ERR
	return 0;
}

/* ---- snapshots ------------------------------------------------------------------------------ */

void snapshot_clear(struct snapshot *s)
{
	s->nobj = s->nsem = s->nmsg = s->ntext = 0;
}

void snapshot_free(struct snapshot *s)
{
	free(s->obj);
	free(s->sem);
	free(s->msg);
	free(s->text);
	*s = (struct snapshot){ 0 };
}

/* Appends a zeroed element of size bytes to an array that has n and room for cap of them. */
static void *append(void **v, size_t *n, size_t *cap, size_t size)
{
	if (!grow(v, cap, *n + 1, size))
		return NULL;
	return memset((char *)*v + (*n)++ * size, 0, size);
}

struct objview *snapshot_obj(struct snapshot *s)
{
	void *v = s->obj;
	struct objview *added = append(&v, &s->nobj, &s->capobj, sizeof(*s->obj));

	s->obj = v;
	return added;
}

struct semview *snapshot_sem(struct snapshot *s)
{
	void *v = s->sem;
	struct semview *added = append(&v, &s->nsem, &s->capsem, sizeof(*s->sem));

	s->sem = v;
	return added;
}

struct msgview *snapshot_msg(struct snapshot *s)
{
	void *v = s->msg;
	struct msgview *added = append(&v, &s->nmsg, &s->capmsg, sizeof(*s->msg));

	s->msg = v;
	return added;
}

/* ---- facts ---------------------------------------------------------------------------------- */

/* One past the last address of a process of x86, in which 32-bit kernels keep the last quarter. */
#define SPACE_END (sizeof(void *) == 8 ? ((int64_t)1 << 47) - 4096 : (int64_t)3 << 30)

const struct facts linux_facts = {
#define FACT(name, type, usual, text) .name = usual,
#include "facts.def"
#undef FACT
	.limits = { {
		[LIM_msgmni] = DEF_MSGMNI, [LIM_msgmax] = DEF_MSGMAX, [LIM_msgmnb] = DEF_MSGMNB,
		[LIM_semmsl] = DEF_SEMMSL, [LIM_semmns] = DEF_SEMMNS, [LIM_semopm] = DEF_SEMOPM,
		[LIM_semmni] = DEF_SEMMNI,
		[LIM_shmmax] = DEF_SHMMAX, [LIM_shmall] = DEF_SHMALL, [LIM_shmmni] = DEF_SHMMNI,
		[LIM_shm_rmid_forced] = 0, [LIM_auto_msgmni] = 0,
		[LIM_msg_next_id] = -1, [LIM_sem_next_id] = -1, [LIM_shm_next_id] = -1,
	} },
	.files = { .dev = 0x2a, .ino = {
		[PATH_file] = 2, [PATH_other] = 3, [PATH_spare] = 4, [PATH_hardlink] = 2, [PATH_symlink] = 2,
		[PATH_detour] = 2, [PATH_twin] = 0x10002, [PATH_folder] = 5, [PATH_sealed] = 6,
		[PATH_long_path] = 2, [PATH_locked] = 7,
	} },
};

#undef SPACE_END

const struct factinfo factinfo[NFACTS] = {
#define FACT(name, type, usual, text) { #name, text, sizeof(type) == sizeof(bool), (type)-1 > 1 },
#include "facts.def"
#undef FACT
};

int64_t fact_of(const struct facts *f, enum fact fact)
{
	const int64_t value[] = {
#define FACT(name, type, usual, text) [FACT_##name] = (int64_t)f->name,
#include "facts.def"
#undef FACT
	};

	return value[fact];
}

void fact_set(struct facts *f, enum fact fact, int64_t v)
{
#define FACT(name_, type, usual, text) \
	if (fact == FACT_##name_) \
		f->name_ = (type)v;
#include "facts.def"
#undef FACT
}

static size_t number_read(const char *text, uint64_t most, int64_t *v)
{
	uint64_t u = 0;
	size_t n;

	for (n = 0; text[n] >= '0' && text[n] <= '9'; n++) {
		if (u > (most - 9) / 10)
			return 0;
		u = 10 * u + (uint64_t)(text[n] - '0');
	}
	*v = (int64_t)u;
	return n;
}

size_t fact_read(const char *text, enum fact *fact, int64_t *v)
{
	const bool no = !strncmp(text, "no-", 3);
	const char *name = text + (no ? 3 : 0);
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789"), digits;
	uint64_t most;

	for (*fact = 0; *fact < NFACTS; ++*fact)
		if (strlen(factinfo[*fact].name) == n && !strncmp(factinfo[*fact].name, name, n))
			break;
	*v = !no;
	if (*fact == NFACTS || (no && !factinfo[*fact].flag))
		return 0;
	if (factinfo[*fact].flag && (no || name[n] != '='))
		return (size_t)(name - text) + n;
	most = factinfo[*fact].wide ? UINT64_MAX : INT64_MAX;
	digits = name[n] == '=' ? number_read(name + n + 1, most, v) : 0;
	return digits && (factinfo[*fact].flag ? (uint64_t)*v <= 1 : *v != 0) ? n + 1 + digits : 0;
}

/* ---- credentials ---------------------------------------------------------------------------- */

uint32_t *cred_id(struct cred *c, int i)
{
	static const size_t at[CRED_IDS] = {
		offsetof(struct cred, ruid), offsetof(struct cred, euid), offsetof(struct cred, suid),
		offsetof(struct cred, fsuid), offsetof(struct cred, rgid), offsetof(struct cred, egid),
		offsetof(struct cred, sgid), offsetof(struct cred, fsgid),
	};

	return (uint32_t *)(void *)((char *)c + at[i]);
}

void credset_apply(struct cred *c, const struct credset *set)
{
	struct cred from = set->cred;

	for (int i = 0; i < CRED_IDS; i++)
		if (set->has & BIT(i))
			*cred_id(c, i) = *cred_id(&from, i);
	if (set->has & BIT(CRED_CAPS))
		c->caps = from.caps;
	if (set->has & BIT(CRED_GROUPS)) {
		c->ngroups = from.ngroups;
		memcpy(c->groups, from.groups, sizeof(c->groups));
	}
}
