/* The limits of a namespace: what they can be set to, and what that does at once. */
#include <limits.h>

#include "internal.h"

/* What the files below /proc/sys/kernel take. */
static const struct { int64_t from, to; } takes[NLIMITS] = {
	[LIM_msgmni] = { 0, IPCMNI },
	[LIM_msgmax] = { 0, INT_MAX },
	[LIM_msgmnb] = { 0, INT_MAX },
	[LIM_semmsl] = { INT_MIN, INT_MAX },
	[LIM_semmns] = { INT_MIN, INT_MAX },
	[LIM_semopm] = { INT_MIN, INT_MAX },
	[LIM_semmni] = { INT_MIN, INT_MAX },
	[LIM_shmmax] = { 0, INT64_MAX },
	[LIM_shmall] = { 0, INT64_MAX },
	[LIM_shmmni] = { 0, IPCMNI },
	[LIM_shm_rmid_forced] = { 0, 1 },
	[LIM_auto_msgmni] = { 0, 1 },
	[LIM_msg_next_id] = { 0, INT_MAX },
	[LIM_sem_next_id] = { 0, INT_MAX },
	[LIM_shm_next_id] = { 0, INT_MAX },
};

static bool outside(int64_t value, int64_t from, int64_t to)
{
	return value < from || value > to;
}

static bool not_taken(enum limit name, int64_t value)
{
	return outside(value, takes[name].from, takes[name].to);
}

/* semmni is taken as an int first, and then refused in another way than all others. */
static bool semmni_out_of_range(int64_t value)
{
	return outside(value, 0, IPCMNI);
}

/* ---- limit ------------------------------------------------------------------------------------- */

static bool refused(const struct view *v)
{
	const struct op *op = v->op;

	if (!not_taken((enum limit)op->limit.name, op->limit.value))
		return false;
	note(v, "%s takes %lld to %lld", limitinfo[op->limit.name].name,
	     (long long)takes[op->limit.name].from, (long long)takes[op->limit.name].to);
	return true;
}

static bool bad_next_id(const struct view *v)
{
	int64_t name = v->op->limit.name;

	return (name == LIM_msg_next_id || name == LIM_sem_next_id || name == LIM_shm_next_id) && refused(v);
}

static bool bad_auto_msgmni(const struct view *v)
{
	return v->op->limit.name == LIM_auto_msgmni && refused(v);
}

/* More objects than there are indexes. */
static bool above_index(const struct view *v)
{
	int64_t name = v->op->limit.name;

	if ((name != LIM_msgmni && name != LIM_shmmni) || v->op->limit.value <= IPCMNI)
		return false;
	return refused(v);
}

static bool bad_limit(const struct view *v)
{
	return !bad_next_id(v) && !bad_auto_msgmni(v) && !above_index(v) && refused(v);
}

static bool bad_semmni(const struct view *v)
{
	return v->op->limit.name == LIM_semmni && semmni_out_of_range(v->op->limit.value);
}

static const struct rule limit_rules[] = {
	{ "LINUX-ID-NEXT-5", EINVAL, bad_next_id, MAY, ONCE, false },
	{ "LINUX-LIM-2", EINVAL, bad_auto_msgmni, MAY, ONCE, false },
	{ "LINUX-LIM-4", EINVAL, above_index, MAY, ONCE, false },
	{ "LINUX-LIM-5", EINVAL, bad_limit, MAY, ONCE, false },
	{ "LINUX-LIM-1", ERANGE, bad_semmni, MAY, ONCE, false },
	{ 0 }
};

/* Where a value out of range is not refused, it is ignored: the limit keeps within its range. */
static void store(struct namespace *ns, enum limit name, int64_t value)
{
	if (name == LIM_auto_msgmni || not_taken(name, value)
	    || (name == LIM_semmni && semmni_out_of_range(value)))
		return;
	ns->limits.v[name] = value;
}

static void limit_commit(struct call *c, struct outcome *out)
{
	(void)out;
	store(c->ns, (enum limit)c->op->limit.name, c->op->limit.value);
	if (c->op->limit.name == LIM_shm_rmid_forced)
		shm_destroy_orphans(c);
}

const struct action model_limit = { .rules = limit_rules, .commit = limit_commit };

/* ---- limit_sem --------------------------------------------------------------------------------- */

/* The words of kernel.sem, which are the arguments in order; semmni is the last. */
static const enum limit words[] = { LIM_semmsl, LIM_semmns, LIM_semopm, LIM_semmni };
enum { NWORDS = sizeof(words) / sizeof(*words), LAST_WORD = NWORDS - 1 };

/* The first word that is no int; NWORDS if all are. */
static int first_bad_word(const struct op *op)
{
	int i = 0;

	while (i < NWORDS && !not_taken(words[i], op->v[i]))
		i++;
	return i;
}

static bool word_is_no_int(const struct view *v)
{
	return first_bad_word(v->op) < NWORDS;
}

static bool last_word_out_of_range(const struct view *v)
{
	return semmni_out_of_range(v->op->limit_sem.semmni);
}

static const struct rule limit_sem_rules[] = {
	{ "LINUX-LIM-5", EINVAL, word_is_no_int, MAY, ONCE, false },
	{ "LINUX-LIM-1", ERANGE, last_word_out_of_range, MAY, ONCE, false },
	{ 0 }
};

static void store_words(struct call *c, int n)
{
	for (int i = 0; i < n; i++)
		store(c->ns, words[i], c->op->v[i]);
}

static void limit_sem_commit(struct call *c, struct outcome *out)
{
	(void)out;
	store_words(c, NWORDS);
}

/* The words before the bad one are stored. When any is bad semmni is not: LINUX-LIM-1. */
static void limit_sem_failed(struct call *c, int err)
{
	int bad = first_bad_word(c->op);

	(void)err;
	store_words(c, bad < LAST_WORD ? bad : LAST_WORD);
}

const struct action model_limit_sem = {
	.rules = limit_sem_rules, .commit = limit_sem_commit, .failed = limit_sem_failed,
};

/* ---- read_limit -------------------------------------------------------------------------------- */

static const struct rule no_rules[] = { { 0 } };

static void read_limit_commit(struct call *c, struct outcome *out)
{
	out->value = limit_of(c->ns, (enum limit)c->op->read_limit.name);
}

const struct action model_read_limit = { .rules = no_rules, .commit = read_limit_commit };
