/* Who may do what to an object: the access algorithm and the control rule. */
#include "internal.h"

const char *const class_name[] = {
	[OWNER_CLASS] = "owner", [GROUP_CLASS] = "group", [OTHER_CLASS] = "other",
};

int class_grants(uint32_t mode, enum class class)
{
	static const int shift[] = { [OWNER_CLASS] = 6, [GROUP_CLASS] = 3, [OTHER_CLASS] = 0 };

	return (int)(mode >> shift[class] & 7);
}

bool same_id(struct grounds *g, const char *mine, uint32_t id, const char *theirs, uint32_t other)
{
	if (id != other)
		return false;
	g->mine = mine;
	g->theirs = theirs;
	g->id = id;
	return true;
}

/* What is needed and the caller has. */
static bool privileged(const struct view *v, struct grounds *g, bool counts, enum cap cap, const char *clause)
{
	if (!counts || !has_cap(v, cap))
		return false;
	g->cap = (int)cap;
	g->clause = clause;
	return true;
}

static const char *cap_name(const struct grounds *g)
{
	const struct capinfo *c = capinfo;

	while ((int)c->number != g->cap)
		c++;
	return c->name;
}

/* ---- access ------------------------------------------------------------------------------------ */

static bool selects(const struct view *v, struct grounds *g, enum class class, const char *clause)
{
	g->clause = clause;
	note(v, "%s %u = %s %u, so the %s class decides [%s]", g->mine, g->id, g->theirs, g->id,
	     class_name[class], clause);
	return true;
}

/* Does the caller's user id select the owner class? */
static bool owns(const struct view *v, const struct perm *perm, struct grounds *g)
{
	const struct cred *c = &v->task->cred;
	bool by_fsuid = switch_of(v->p, SW_user_by_fsuid);
	uint32_t id = by_fsuid ? c->fsuid : c->euid;
	const char *what = by_fsuid ? "fsuid" : "euid";

	if (same_id(g, what, id, "uid", perm->uid))
		return selects(v, g, OWNER_CLASS, "XSH-2.7-perm-2");
	if (switch_of(v->p, SW_creator_class) && same_id(g, what, id, "cuid", perm->cuid))
		return selects(v, g, OWNER_CLASS, "XSH-2.7-perm-9");
	note(v, "%s %u is neither uid %u nor cuid %u", what, id, perm->uid, perm->cuid);
	return false;
}

/* mine and clause tell of the id in a derivation. */
static bool group_matches(const struct view *v, const struct perm *perm, struct grounds *g, const char *mine,
			  uint32_t id, const char *clause)
{
	if (same_id(g, mine, id, "gid", perm->gid))
		return selects(v, g, GROUP_CLASS, clause);
	if (switch_of(v->p, SW_creator_class) && same_id(g, mine, id, "cgid", perm->cgid))
		return selects(v, g, GROUP_CLASS, clause);
	return false;
}

/* Does one of the caller's group ids select the group class? */
static bool in_group(const struct view *v, const struct perm *perm, struct grounds *g)
{
	const struct cred *c = &v->task->cred;
	bool by_fsgid = switch_of(v->p, SW_group_by_fsgid);
	uint32_t id = by_fsgid ? c->fsgid : c->egid;
	const char *what = by_fsgid ? "fsgid" : "egid";

	if (group_matches(v, perm, g, what, id, by_fsgid ? "LINUX-PERM-GID-1" : "XSH-2.7-perm-3"))
		return true;
	for (uint32_t i = 0; switch_of(v->p, SW_supplementary_groups) && i < c->ngroups; i++)
		if (group_matches(v, perm, g, "supplementary group", c->groups[i], "LINUX-PERM-GID-1"))
			return true;
	note(v, "%s %u%s is neither gid %u nor cgid %u [XSH-2.7-perm-4]", what, id,
	     switch_of(v->p, SW_supplementary_groups) ? " (or a supplementary group)" : "", perm->gid,
	     perm->cgid);
	return false;
}

static int class_bits(const struct view *v, const struct perm *perm, struct grounds *g, enum class class)
{
	int bits = class_grants(perm->mode, class);

	g->class = class_name[class];
	note(v, "mode %04o gives the %s class %d", perm->mode & 0777, g->class, bits);
	return bits;
}

/* The access that the mode grants the caller, before privilege. */
static int granted_by_mode(const struct view *v, const struct perm *perm, struct grounds *g)
{
	bool owner = owns(v, perm, g), group;

	if (switch_of(v->p, SW_exclusive_classes)) {
		if (owner)
			return class_bits(v, perm, g, OWNER_CLASS);
		return class_bits(v, perm, g, in_group(v, perm, g) ? GROUP_CLASS : OTHER_CLASS);
	}
	group = in_group(v, perm, g);
	return (owner ? class_bits(v, perm, g, OWNER_CLASS) : 0)
		| (group ? class_bits(v, perm, g, GROUP_CLASS) : 0) | class_bits(v, perm, g, OTHER_CLASS);
}

void keep_grounds(const struct view *v, const struct grounds *g)
{
	struct grounds *to = v->grounds;
	struct grounds before;

	if (!to)
		return;
	before = *to;
	*to = *g;
	if (before.cap != NONE)
		to->cap = before.cap;
	to->requested |= before.requested;
	to->missing = to->requested & ~to->granted;
}

static bool granted_all(const struct view *v, const struct perm *perm, int requested)
{
	struct grounds g = { .question = ASKED_ACCESS, .cap = NONE, .clause = "XSH-2.7-perm-4" };
	bool granted;

	g.requested = requested;
	g.granted = granted_by_mode(v, perm, &g);
	g.missing = g.requested & ~g.granted;
	note(v, "the call asks for %d; %d is missing", g.requested, g.missing);
	granted = !g.missing
		|| privileged(v, &g, switch_of(v->p, SW_access_by_ipc_owner), CAP_IPC_OWNER,
			      "LINUX-PERM-CAP-1")
		|| privileged(v, &g, switch_of(v->p, SW_access_by_dac_override), CAP_DAC_OVERRIDE,
			      "LINUX-PERM-CAP-2");
	if (g.cap >= 0)
		note(v, "%s grants what is missing [%s]", cap_name(&g), g.clause);
	keep_grounds(v, &g);
	return granted;
}

/* Whether the execute bit is a permission. */
enum exec_bit { OFF, ON, OPEN };

bool access_granted(const struct view *v, const struct perm *perm, int requested)
{
	return granted_all(v, perm, switch_of(v->p, SW_exec_bit) == ON ? requested : requested & ~X);
}

bool exec_refused(const struct view *v, const struct perm *perm, int requested)
{
	enum exec_bit bit = switch_of(v->p, SW_exec_bit);

	if (!(requested & X) || bit == OFF)
		return false;
	if (bit == ON)
		return !granted_all(v, perm, requested);
	note(v, "the call asks for execution, which POSIX gives no meaning: it may be refused");
	return true;
}

/* ---- control ----------------------------------------------------------------------------------- */

static bool owns_or_created(const struct view *v, const struct perm *perm, struct grounds *g)
{
	uint32_t euid = v->task->cred.euid;

	return same_id(g, "euid", euid, "uid", perm->uid)
		|| (switch_of(v->p, SW_creator_class) && same_id(g, "euid", euid, "cuid", perm->cuid));
}

/* May the caller set and remove the object? */
static bool control_granted(const struct view *v, const struct perm *perm)
{
	static const char *const clause[NFAMILIES] = {
		[MSG] = "MSGCTL-PERM-1", [SEM] = "SEMCTL-PERM-1", [SHM] = "SHMCTL-PERM-1",
	};
	struct grounds g = { .question = ASKED_CONTROL, .cap = NONE };
	bool owns = owns_or_created(v, perm, &g), granted;

	g.clause = owns && g.id != perm->uid ? "LINUX-PERM-SET-3" : clause[opinfo[v->op->code].family];
	granted = owns
		|| privileged(v, &g, switch_of(v->p, SW_control_by_sys_admin), CAP_SYS_ADMIN,
			      "LINUX-PERM-CAP-4")
		|| privileged(v, &g, switch_of(v->p, SW_control_by_ipc_owner), CAP_IPC_OWNER,
			      "LINUX-PERM-CAP-3");
	if (owns)
		note(v, "euid %u is the %s, who may set and remove [%s]", g.id,
		     g.id == perm->uid ? "owner" : "creator", g.clause);
	else if (granted)
		note(v, "%s may set and remove [%s]", cap_name(&g), g.clause);
	else
		note(v, "euid %u is neither owner %u nor creator %u, and has no CAP_SYS_ADMIN",
		     v->task->cred.euid, perm->uid, perm->cuid);
	keep_grounds(v, &g);
	return granted;
}

bool lock_granted(const struct view *v, const struct perm *perm)
{
	struct grounds g = { .question = ASKED_CONTROL, .cap = NONE, .clause = "LINUX-SHMLOCK-1" };
	bool granted = privileged(v, &g, true, CAP_IPC_LOCK, g.clause) || owns_or_created(v, perm, &g);

	if (!granted)
		note(v, "euid %u is neither owner %u nor creator %u, and has no CAP_IPC_LOCK",
		     v->task->cred.euid, perm->uid, perm->cuid);
	keep_grounds(v, &g);
	return granted;
}

/* ---- what a call asks for ----------------------------------------------------------------------- */

/* Requested access in the flags of a get call. */
static int requested_by_flags(const struct view *v, int64_t flg)
{
	static const int none = 0;

	switch (switch_of(v->p, SW_get_request)) {
	case 0: return (flg >> 6 | flg >> 3 | flg) & 7;
	case 1: return flg >> 6 & 7;
	}
	return none;
}

bool may_not_read(const struct view *v)
{
	return v->perm && !access_granted(v, v->perm, R);
}

bool may_not_write(const struct view *v)
{
	return v->perm && !access_granted(v, v->perm, W);
}

bool may_not_control(const struct view *v)
{
	return v->perm && !control_granted(v, v->perm);
}

bool may_not_get(const struct view *v)
{
	return v->perm && !access_granted(v, v->perm, requested_by_flags(v, get_flags(v->op)));
}

bool may_not_get_to_execute(const struct view *v)
{
	return v->perm && exec_refused(v, v->perm, requested_by_flags(v, get_flags(v->op)));
}

bool unmappable(const struct view *v)
{
	const struct payload *d = v->op->data;

	if (v->task->in.user != HOME) {
		note(v, "nobody has an id in the user namespace of the caller [LINUX-PERM-NS-3]");
		return true;
	}
	return (d->set.has & BIT(F_uid) && (uint32_t)d->set.uid == UINT32_MAX)
		|| (d->set.has & BIT(F_gid) && (uint32_t)d->set.gid == UINT32_MAX);
}

void perm_record(const struct perm *perm, struct record *rec)
{
	put(rec, F_key, perm->key);
	put(rec, F_uid, perm->uid);
	put(rec, F_gid, perm->gid);
	put(rec, F_cuid, perm->cuid);
	put(rec, F_cgid, perm->cgid);
	put(rec, F_mode, perm->mode);
	put(rec, F_seq, perm->id / IPCMNI);
	put(rec, F_ctime, perm->ctime);
}

/* A field that was left out is set to the value that it has. */
void perm_set(struct call *c)
{
	const struct payload *d = c->op->data;

	if (d->set.has & BIT(F_uid))
		c->perm->uid = (uint32_t)d->set.uid;
	if (d->set.has & BIT(F_gid))
		c->perm->gid = (uint32_t)d->set.gid;
	if (d->set.has & BIT(F_mode))
		c->perm->mode = (c->perm->mode & ~0777U) | (d->set.mode & 0777);
	c->perm->ctime = c->w->now;
}
