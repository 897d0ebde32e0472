/*
 * Who may do what to a file: the access rule of POSIX message queues, shared memory, named semaphores, FIFOs,
 * directories and sockets. It knows an owner, a group and others, as that of System V IPC in perm.c does, but
 * no creator, and capabilities of its own.
 */
#include "internal.h"

/* ---- classes ----------------------------------------------------------------------------------- */

uint32_t file_user(const struct view *v)
{
	const struct cred *c = &v->task->cred;

	return switch_of(v->p, SW_file_user_by_fsuid) ? c->fsuid : c->euid;
}

uint32_t file_group(const struct view *v)
{
	const struct cred *c = &v->task->cred;

	return switch_of(v->p, SW_file_group_by_fsgid) ? c->fsgid : c->egid;
}

static const char *user_word(const struct view *v)
{
	return switch_of(v->p, SW_file_user_by_fsuid) ? "fsuid" : "euid";
}

static const char *group_word(const struct view *v)
{
	return switch_of(v->p, SW_file_group_by_fsgid) ? "fsgid" : "egid";
}

static bool owns(const struct view *v, const struct node *n, struct grounds *g)
{
	return same_id(g, user_word(v), file_user(v), "uid", n->uid)
		|| (switch_of(v->p, SW_file_creator_class)
		    && same_id(g, user_word(v), file_user(v), "cuid", n->cuid));
}

static bool belongs(const struct view *v, struct grounds *g, const char *theirs, uint32_t gid)
{
	const struct cred *c = &v->task->cred;

	if (same_id(g, group_word(v), file_group(v), theirs, gid))
		return true;
	for (uint32_t i = 0; switch_of(v->p, SW_file_supplementary_groups) && i < c->ngroups; i++)
		if (same_id(g, "supplementary group", c->groups[i], theirs, gid))
			return true;
	return false;
}

bool in_file_group(const struct view *v, uint32_t gid)
{
	struct grounds g;

	return belongs(v, &g, "gid", gid);
}

static bool in_group(const struct view *v, const struct node *n, struct grounds *g)
{
	return belongs(v, g, "gid", n->gid)
		|| (switch_of(v->p, SW_file_creator_class) && belongs(v, g, "cgid", n->cgid));
}

static int class_bits(const struct view *v, const struct node *n, struct grounds *g, enum class class)
{
	static const char *const clause[] = {
		[OWNER_CLASS] = "XBD-FILE-PERM-2", [GROUP_CLASS] = "XBD-FILE-PERM-3",
		[OTHER_CLASS] = "XBD-FILE-PERM-4",
	};
	int bits = class_grants(n->mode, class);

	g->class = class_name[class];
	g->clause = clause[class];
	if (class == OTHER_CLASS)
		note(v, "%s %u is not uid %u, and no group is gid %u, so the other class decides [%s]",
		     user_word(v), file_user(v), n->uid, n->gid, g->clause);
	else
		note(v, "%s %u = %s %u, so the %s class decides [%s]", g->mine, g->id, g->theirs, g->id,
		     g->class, g->clause);
	note(v, "mode %04o of %s%s gives the %s class %d", n->mode, n->provided ? "the directory of " : "",
	     nodeinfo[n->name].name, g->class, bits);
	return bits;
}

static int granted_by_mode(const struct view *v, const struct node *n, struct grounds *g)
{
	if (switch_of(v->p, SW_file_exclusive_classes)) {
		if (owns(v, n, g))
			return class_bits(v, n, g, OWNER_CLASS);
		return class_bits(v, n, g, in_group(v, n, g) ? GROUP_CLASS : OTHER_CLASS);
	}
	return (owns(v, n, g) ? class_bits(v, n, g, OWNER_CLASS) : 0)
		| (in_group(v, n, g) ? class_bits(v, n, g, GROUP_CLASS) : 0)
		| class_bits(v, n, g, OTHER_CLASS);
}

/* ---- capabilities ------------------------------------------------------------------------------ */

bool has_file_cap(const struct view *v, enum cap cap)
{
	if (!(v->task->cred.caps & BIT(cap)))
		return false;
	if (v->task->in.user == HOME)
		return true;
	note(v, "capabilities are held in a user namespace in which the owner has no id, and do not count "
	     "[LINUX-FILE-NS-1]");
	return false;
}

static bool helps(const struct view *v, struct grounds *g, bool counts, enum cap cap, const char *clause)
{
	if (!counts || !has_file_cap(v, cap))
		return false;
	g->cap = (int)cap;
	g->clause = clause;
	note(v, "capability %d grants what is missing [%s]", g->cap, clause);
	return true;
}

/* Who may only read and search may not write, and not search what is no directory. */
static bool to_look(const struct node *n, int requested)
{
	return !(requested & (n->type == DIRECTORY_NODE ? W : W | X));
}

/* Of several files on the way to one that first which denies is told, or that on which most depends. */
static void keep_file_grounds(const struct view *v, const struct node *n, bool granted, struct grounds g)
{
	struct grounds *to = v->grounds;

	g.file = (int)n->name + 1;
	if (!to || (granted && (n->provided || (to->file && to->file != g.file))))
		return;
	if (g.cap == NONE)
		g.cap = to->cap;
	*to = g;
}

bool file_granted(const struct view *v, const struct node *n, int requested)
{
	struct grounds g = { .question = ASKED_ACCESS, .cap = NONE, .requested = requested };
	bool granted;

	g.granted = granted_by_mode(v, n, &g);
	g.missing = requested & ~g.granted;
	note(v, "the call asks for %d; %d is missing [XBD-FILE-PERM-5]", requested, g.missing);
	granted = !g.missing
		|| helps(v, &g, switch_of(v->p, SW_file_by_dac_override), CAP_DAC_OVERRIDE,
			 "LINUX-FILE-CAP-1")
		|| helps(v, &g, switch_of(v->p, SW_file_by_dac_read_search) && to_look(n, requested),
			 CAP_DAC_READ_SEARCH, "LINUX-FILE-CAP-2")
		|| helps(v, &g, switch_of(v->p, SW_file_by_ipc_owner), CAP_IPC_OWNER, "LINUX-FILE-CAP-3");
	keep_file_grounds(v, n, granted, g);
	return granted;
}

bool file_controlled(const struct view *v, const struct node *n)
{
	struct grounds g = { .question = ASKED_CONTROL, .cap = NONE, .clause = "FILE-CHMOD-1" };
	bool controlled = owns(v, n, &g)
		|| helps(v, &g, switch_of(v->p, SW_file_control_by_fowner), CAP_FOWNER, "LINUX-FILE-CAP-4");

	if (!controlled)
		note(v, "%s %u is not the owner %u, and has no CAP_FOWNER", user_word(v), file_user(v),
		     n->uid);
	keep_file_grounds(v, n, controlled, g);
	return controlled;
}
