/* Who may do what to an object: the access algorithm and the control rule. */
#include "internal.h"

enum class { OWNER, GROUP, OTHER };
static const int class_shift[] = { [OWNER] = 6, [GROUP] = 3, [OTHER] = 0 };
static const char *const class_name[] = { [OWNER] = "owner", [GROUP] = "group", [OTHER] = "other" };

bool has_cap(const struct view *v, enum cap cap)
{
	return v->task->cred.caps & BIT(cap);
}

/* Does the caller's user id select the owner class? */
static bool owns(const struct view *v, const struct perm *perm)
{
	const struct cred *c = &v->task->cred;
	bool by_fsuid = switch_of(v->p, SW_user_by_fsuid);
	uint32_t id = by_fsuid ? c->fsuid : c->euid;
	const char *what = by_fsuid ? "fsuid" : "euid";

	if (id == perm->uid) {
		note(v, "%s %u = uid %u, so the owner class decides [XSH-2.7-perm-2]", what, id, perm->uid);
		return true;
	}
	if (id == perm->cuid && switch_of(v->p, SW_creator_class)) {
		note(v, "%s %u = cuid %u, so the owner class decides [XSH-2.7-perm-9]", what, id, perm->cuid);
		return true;
	}
	note(v, "%s %u is neither uid %u nor cuid %u", what, id, perm->uid, perm->cuid);
	return false;
}

/* what and clause tell of the id in a derivation. */
static bool group_matches(const struct view *v, const struct perm *perm, uint32_t id, const char *what,
			  const char *clause)
{
	if (id == perm->gid) {
		note(v, "%s %u = gid %u, so the group class decides [%s]", what, id, perm->gid, clause);
		return true;
	}
	if (id == perm->cgid && switch_of(v->p, SW_creator_class)) {
		note(v, "%s %u = cgid %u, so the group class decides [%s]", what, id, perm->cgid, clause);
		return true;
	}
	return false;
}

/* Does one of the caller's group ids select the group class? */
static bool in_group(const struct view *v, const struct perm *perm)
{
	const struct cred *c = &v->task->cred;
	bool by_fsgid = switch_of(v->p, SW_group_by_fsgid);
	uint32_t id = by_fsgid ? c->fsgid : c->egid;
	const char *what = by_fsgid ? "fsgid" : "egid";

	if (group_matches(v, perm, id, what, by_fsgid ? "LINUX-PERM-GID-1" : "XSH-2.7-perm-3"))
		return true;
	for (uint32_t i = 0; switch_of(v->p, SW_supplementary_groups) && i < c->ngroups; i++)
		if (group_matches(v, perm, c->groups[i], "supplementary group", "LINUX-PERM-GID-1"))
			return true;
	note(v, "%s %u%s is neither gid %u nor cgid %u [XSH-2.7-perm-4]", what, id,
	     switch_of(v->p, SW_supplementary_groups) ? " (or a supplementary group)" : "", perm->gid,
	     perm->cgid);
	return false;
}

static int class_bits(const struct view *v, const struct perm *perm, enum class class)
{
	int bits = perm->mode >> class_shift[class] & 7;

	note(v, "mode %04o gives the %s class %d", perm->mode & 0777, class_name[class], bits);
	return bits;
}

/* The access that the mode grants the caller, before privilege. */
static int granted_by_mode(const struct view *v, const struct perm *perm)
{
	bool owner = owns(v, perm), group;

	if (switch_of(v->p, SW_exclusive_classes)) {
		if (owner)
			return class_bits(v, perm, OWNER);
		return class_bits(v, perm, in_group(v, perm) ? GROUP : OTHER);
	}
	group = in_group(v, perm);
	return (owner ? class_bits(v, perm, OWNER) : 0) | (group ? class_bits(v, perm, GROUP) : 0)
		| class_bits(v, perm, OTHER);
}

bool access_granted(const struct view *v, const struct perm *perm, int requested)
{
	int missing;

	if (!switch_of(v->p, SW_exec_bit))
		requested &= ~X;
	missing = requested & ~granted_by_mode(v, perm);
	note(v, "the call asks for %d; %d is missing", requested, missing);
	if (!missing)
		return true;
	if (switch_of(v->p, SW_access_by_ipc_owner) && has_cap(v, CAP_IPC_OWNER)) {
		note(v, "CAP_IPC_OWNER grants what is missing [LINUX-PERM-CAP-1]");
		return true;
	}
	if (switch_of(v->p, SW_access_by_dac_override) && has_cap(v, CAP_DAC_OVERRIDE)) {
		note(v, "CAP_DAC_OVERRIDE grants what is missing [LINUX-PERM-CAP-2]");
		return true;
	}
	return false;
}

bool control_granted(const struct view *v, const struct perm *perm)
{
	uint32_t euid = v->task->cred.euid;

	if (euid == perm->uid || (euid == perm->cuid && switch_of(v->p, SW_creator_class))) {
		note(v, "euid %u is the %s, who may set and remove [LINUX-PERM-SET-3]", euid,
		     euid == perm->uid ? "owner" : "creator");
		return true;
	}
	if (switch_of(v->p, SW_control_by_sys_admin) && has_cap(v, CAP_SYS_ADMIN)) {
		note(v, "CAP_SYS_ADMIN may set and remove [LINUX-PERM-CAP-4]");
		return true;
	}
	if (switch_of(v->p, SW_control_by_ipc_owner) && has_cap(v, CAP_IPC_OWNER)) {
		note(v, "CAP_IPC_OWNER may set and remove [LINUX-PERM-CAP-3]");
		return true;
	}
	note(v, "euid %u is neither owner %u nor creator %u, and has no CAP_SYS_ADMIN", euid, perm->uid,
	     perm->cuid);
	return false;
}

int requested_by_flags(const struct view *v, int64_t flg)
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

bool unmappable(const struct view *v)
{
	const struct payload *d = v->op->data;

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
