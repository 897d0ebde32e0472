/* Shared memory segments: making, looking at, changing, locking and removing them. For the rest: attach.c. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/*
 * What a machine decides and the model takes for granted; cases keep away from what lies between. A
 * segment of ACCOUNTED bytes is taken to fit in memory: a machine refuses from some lower size on. No huge
 * pages are set aside.
 */
#define ACCOUNTED ((uint64_t)1 << 46)
enum { HUGE_SHIFT = 26, HUGE_MASK = 63 };

/* Sizes are unsigned in rules: a caller may ask for any 64 bits. */
static uint64_t pages_of(const struct world *w, int64_t size)
{
	uint64_t page = (uint64_t)w->facts.page;

	return round_up((uint64_t)size, page) / page;
}

/* Limits are kept in 63 bits. Linux starts with more, which is what the highest value stands for. */
static uint64_t unsigned_limit(const struct namespace *ns, enum limit which)
{
	int64_t limit = limit_of(ns, which);

	return limit == INT64_MAX ? UINT64_MAX - (1 << 24) : (uint64_t)limit;
}

bool is_huge(const struct world *w, const struct segment *s)
{
	return s->page != w->facts.page;
}

static void segment_destroy(struct world *w, struct segment *s)
{
	table_remove(w, SHM, &s->perm);
	segment_free(&s->perm);
}

/*
 * While anything has it attached it stays. With shm_rmid_forced no mark is needed: LINUX-SHMFORCE-1.
 */
void segment_release(struct call *c, struct segment *s)
{
	bool forced = limit_of(&c->w->ns[s->perm.ns], LIM_shm_rmid_forced);
	bool marked = s->perm.mode & SHM_DEST && switch_of(c->p, SW_last_detach_destroys);

	if (!s->nattch && (forced || marked))
		segment_destroy(c->w, s);
}

/* Every segment of the namespace whose creator is one of those, from the last: one that goes moves others. */
static void release_all(struct call *c, const struct namespace *ns, int creator)
{
	const struct table *t = &ns->table[SHM];

	for (size_t i = t->n; i-- > 0;) {
		struct segment *s = (struct segment *)t->obj[i];

		if (s->creator != creator)
			continue;
		s->creator = NONE;
		if (limit_of(ns, LIM_shm_rmid_forced))
			segment_release(c, s);
	}
}

/* Wherever it was when it made them: to join another namespace does not end a creator. */
void shm_orphan(struct call *c)
{
	for (int i = 0; i < MAXSPACES; i++)
		release_all(c, &c->w->ns[i], c->actor);
}

void shm_destroy_orphans(struct call *c)
{
	release_all(c, c->ns, NONE);
}

bool marked_for_removal(const struct view *v)
{
	if (!v->perm || !(v->perm->mode & SHM_DEST))
		return false;
	note(v, "the segment is marked for removal");
	return true;
}

/* ---- shmget ------------------------------------------------------------------------------------ */

static bool larger_than_segment(const struct view *v)
{
	uint64_t size = (uint64_t)v->op->shmget.size;

	if (!the_segment(v) || size <= (uint64_t)the_segment(v)->size)
		return false;
	note(v, "%llu bytes are asked for, the segment has %lld", (unsigned long long)size,
	     (long long)the_segment(v)->size);
	return true;
}

static bool size_out_of_range(const struct view *v)
{
	uint64_t size = (uint64_t)v->op->shmget.size, max = unsigned_limit(v->ns, LIM_shmmax);

	if (!creating(v) || (size >= 1 && size <= max))
		return false;
	note(v, "size %llu is not in 1..shmmax %llu", (unsigned long long)size, (unsigned long long)max);
	return true;
}

/* Pages of all segments, those that are marked for removal too. */
static uint64_t total_pages(const struct world *w, const struct namespace *ns)
{
	const struct table *t = &ns->table[SHM];
	uint64_t total = 0;

	for (size_t i = 0; i < t->n; i++)
		total += pages_of(w, ((const struct segment *)t->obj[i])->size);
	return total;
}

static bool too_many_pages(const struct view *v)
{
	uint64_t used, wanted, limit = unsigned_limit(v->ns, LIM_shmall);

	if (!creating(v))
		return false;
	used = total_pages(v->w, v->ns);
	wanted = pages_of(v->w, v->op->shmget.size);
	if (used + wanted >= used && used + wanted <= limit)
		return false;
	note(v, "%llu pages are in use, %llu are asked for, shmall is %llu", (unsigned long long)used,
	     (unsigned long long)wanted, (unsigned long long)limit);
	return true;
}

static bool wants_huge(const struct view *v)
{
	return creating(v) && v->op->shmget.flg & SHM_HUGETLB;
}

static int huge_code(const struct op *op)
{
	return (int)(op->shmget.flg >> HUGE_SHIFT & HUGE_MASK);
}

/* In bytes; 0 when the flags ask for a size that does not exist. */
static int64_t huge_page_asked(const struct world *w, const struct op *op)
{
	int code = huge_code(op);

	return code ? w->facts.huge_sizes & (int64_t)((uint64_t)1 << code) : w->facts.huge_page;
}

static bool huge_size_unknown(const struct view *v)
{
	return wants_huge(v) && !huge_page_asked(v->w, v->op);
}

/* vm.hugetlb_shm_group starts as group 0. Both count in the initial user namespace only. */
static bool may_use_huge(const struct view *v)
{
	const struct cred *c = &v->task->cred;
	bool member = c->fsgid == 0;

	for (uint32_t i = 0; i < c->ngroups; i++)
		member = member || c->groups[i] == 0;
	return v->w->facts.initial_userns && (member || has_cap_initially(v, CAP_IPC_LOCK));
}

static bool may_not_use_huge(const struct view *v)
{
	return wants_huge(v) && !may_use_huge(v);
}

/* SHM_NORESERVE puts the question off until the pages are touched. */
static bool reserves(const struct view *v)
{
	return !(v->op->shmget.flg & SHM_NORESERVE);
}

/* Where nothing is promised that is not there the flag counts for huge pages alone: LINUX-SHMGET-NORES-1. */
static bool is_accounted(const struct view *v)
{
	return !wants_huge(v) && (reserves(v) || !v->w->facts.noreserve);
}

static bool no_huge_pages(const struct view *v)
{
	return wants_huge(v) && reserves(v);
}

static bool size_is_no_offset(const struct view *v)
{
	return creating(v) && !wants_huge(v) && v->op->shmget.size < 0;
}

static bool not_accountable(const struct view *v)
{
	uint64_t size = (uint64_t)v->op->shmget.size;

	if (!creating(v) || !is_accounted(v) || size <= ACCOUNTED)
		return false;
	note(v, "%llu bytes are more than any machine can promise", (unsigned long long)size);
	return true;
}

static const struct rule shmget_rules[] = {
	{ "SHMGET-ERR-ENOENT", ENOENT, key_unknown, SHALL, ONCE, false },
	{ "SHMGET-ERR-EEXIST", EEXIST, key_taken, SHALL, ONCE, false },
	{ "SHMGET-ERR-EINVAL-2", EINVAL, larger_than_segment, SHALL, ONCE, false },
	{ "SHMGET-ERR-EACCES", EACCES, may_not_get, SHALL, ONCE, false },
	MAY_NOT_GET_TO_EXECUTE,
	{ "SHMGET-ERR-EINVAL-1", EINVAL, size_out_of_range, SHALL, ONCE, false },
	{ "LINUX-SHMGET-ALL-1", ENOSPC, too_many_pages, NO, ONCE, false },
	{ "BSD-SHM-2", ENOMEM, too_many_pages, MAY, ONCE, true },
	{ "LINUX-SHMGET-HUGE-1", EINVAL, huge_size_unknown, MAY, ONCE, false },
	{ "LINUX-SHMGET-HUGE-2", EPERM, may_not_use_huge, MAY, ONCE, false },
	{ "LINUX-SHMGET-HUGE-3", ENOMEM, no_huge_pages, MAY, ONCE, false },
	{ "LINUX-SHMGET-SIZE-2", EINVAL, size_is_no_offset, SHALL, ONCE, false },
	{ "SHMGET-ERR-ENOMEM", ENOMEM, not_accountable, SHALL, ONCE, false },
	{ "SHMGET-ERR-ENOSPC", ENOSPC, table_full, SHALL, ONCE, false },
	{ 0 }
};

static bool shmget_reserve(struct call *c)
{
	return c->perm || (table_reserve(&c->ns->table[SHM]) && reserve_object(c->w, sizeof(struct segment)));
}

static int64_t page_asked(const struct call *c)
{
	int64_t asked = huge_page_asked(c->w, c->op);

	if (!(c->op->shmget.flg & SHM_HUGETLB))
		return c->w->facts.page;
	return asked ? asked : c->w->facts.huge_page;
}

static int64_t size_kept(const struct call *c)
{
	int64_t size = c->op->shmget.size;

	if (!switch_of(c->p, SW_segsz_rounded) || size > INT64_MAX - c->w->facts.page)
		return size;
	return (int64_t)round_up((uint64_t)size, (uint64_t)c->w->facts.page);
}

static void shmget_commit(struct call *c, struct outcome *out)
{
	struct segment *s;

	if (c->perm) {
		out->value = c->perm->id;
		return;
	}
	s = take_reserved(c->w);
	s->size = size_kept(c);
	s->page = page_asked(c);
	s->cpid = c->task->pid;
	s->name = (int32_t)c->op->shmget.key;
	s->creator = c->actor;
	table_enter(c, &s->perm, c->op->shmget.flg);
	out->value = s->perm.id;
}

const struct action model_shmget = {
	.find = FIND_KEY, .rules = shmget_rules, .reserve = shmget_reserve, .commit = shmget_commit,
	.failed = get_failed,
};

/* ---- shmctl ------------------------------------------------------------------------------------ */

/* POSIX lets the id of a removed segment be gone at once: a second removal may fail, as may all else. */
#define GONE_EARLY { "SHMCTL-ERR-EINVAL", EINVAL, marked_for_removal, MAY, ONCE, true }
#define NOT_POSIX { "SHMCTL-ERR-EINVAL", EINVAL, not_of_posix, MAY, ONCE, true }

static const struct rule shmctl_IPC_RMID_rules[] = {
	{ "SHMCTL-ERR-EINVAL", EINVAL, no_such_id, SHALL, ONCE, false },
	GONE_EARLY,
	{ "SHMCTL-ERR-EPERM", EPERM, may_not_control, SHALL, ONCE, false },
	{ 0 }
};

static void shmctl_IPC_RMID_commit(struct call *c, struct outcome *out)
{
	struct segment *s = (struct segment *)c->perm;

	(void)out;
	if (!s->nattch) {
		segment_destroy(c->w, s);
		return;
	}
	s->perm.mode |= SHM_DEST;
	if (!switch_of(c->p, SW_removed_key))
		s->perm.key = IPC_PRIVATE;
}

const struct action model_shmctl_IPC_RMID = {
	.find = FIND_ID, .rules = shmctl_IPC_RMID_rules, .commit = shmctl_IPC_RMID_commit,
};

static const struct rule shmctl_IPC_SET_rules[] = {
	ALIGNED,
	{ "LINUX-ID-NEG-1", EINVAL, negative_id, SHALL, ONCE, false },
	{ "LINUX-SHMCTL-ORD-1", EFAULT, bad_in, MAY, ONCE, false },
	{ "SHMCTL-ERR-EINVAL", EINVAL, no_such_id, SHALL, ONCE, false },
	GONE_EARLY,
	{ "SHMCTL-ERR-EPERM", EPERM, may_not_control, SHALL, ONCE, false },
	{ "LINUX-PERM-SET-1", EINVAL, unmappable, MAY, ONCE, false },
	{ 0 }
};

static void shmctl_IPC_SET_commit(struct call *c, struct outcome *out)
{
	(void)out;
	perm_set(c);
}

const struct action model_shmctl_IPC_SET = {
	.find = FIND_ID, .rules = shmctl_IPC_SET_rules, .commit = shmctl_IPC_SET_commit,
};

static const struct rule shmctl_IPC_STAT_rules[] = {
	ALIGNED,
	{ "SHMCTL-ERR-EINVAL", EINVAL, no_such_id, SHALL, ONCE, false },
	GONE_EARLY,
	{ "SHMCTL-ERR-EACCES", EACCES, may_not_read, SHALL, ONCE, false },
	{ "LINUX-SHMCTL-ORD-1", EFAULT, bad_out, MAY, ONCE, false },
	{ 0 }
};

static void shmctl_IPC_STAT_commit(struct call *c, struct outcome *out)
{
	segment_record(c->w, c->perm, &out->rec);
}

const struct action model_shmctl_IPC_STAT = {
	.find = FIND_ID, .rules = shmctl_IPC_STAT_rules, .commit = shmctl_IPC_STAT_commit,
};

static const struct rule shmctl_SHM_STAT_rules[] = {
	ALIGNED,
	NOT_POSIX,
	{ "SHMCTL-ERR-EINVAL", EINVAL, no_such_id, SHALL, ONCE, false },
	{ "SHMCTL-ERR-EACCES", EACCES, may_not_read, SHALL, ONCE, false },
	{ "LINUX-SHMCTL-ORD-1", EFAULT, bad_out, MAY, ONCE, false },
	{ 0 }
};

static void shmctl_SHM_STAT_commit(struct call *c, struct outcome *out)
{
	out->value = c->perm->id;
	segment_record(c->w, c->perm, &out->rec);
}

const struct action model_shmctl_SHM_STAT = {
	.find = FIND_INDEX, .rules = shmctl_SHM_STAT_rules, .commit = shmctl_SHM_STAT_commit,
};

static const struct rule shmctl_SHM_STAT_ANY_rules[] = {
	ALIGNED,
	NOT_POSIX,
	{ "SHMCTL-ERR-EINVAL", EINVAL, no_such_id, SHALL, ONCE, false },
	{ "LINUX-SHMCTL-ORD-1", EFAULT, bad_out, MAY, ONCE, false },
	{ 0 }
};

const struct action model_shmctl_SHM_STAT_ANY = {
	.find = FIND_INDEX, .rules = shmctl_SHM_STAT_ANY_rules, .commit = shmctl_SHM_STAT_commit,
};

static const struct rule shmctl_INFO_rules[] = {
	ALIGNED,
	NOT_POSIX,
	{ "LINUX-ID-NEG-1", EINVAL, negative_id, SHALL, ONCE, false },
	{ "LINUX-SHMCTL-ORD-1", EFAULT, bad_out, MAY, ONCE, false },
	{ 0 }
};

/* Does a kernel of 64 bits answer a program of 32? */
static bool answers_narrower(const struct world *w)
{
	return w->facts.word < w->facts.kernel_word;
}

/* LINUX-COMPAT-5: as a long of 32 bits the highest int in place of more. */
static int64_t told_shmmax(const struct call *c, bool narrow)
{
	const int64_t max = limit_of(c->ns, LIM_shmmax);

	return narrow && max > INT32_MAX ? INT32_MAX : max;
}

/* LINUX-COMPAT-5: as a long of 32 bits the low half. */
static int64_t told_shmall(const struct call *c, bool narrow)
{
	return narrow ? (uint32_t)unsigned_limit(c->ns, LIM_shmall) : limit_of(c->ns, LIM_shmall);
}

static void tell_limits(const struct call *c, bool narrow, struct outcome *out)
{
	out->value = highest_index(c->ns, SHM);
	put(&out->rec, F_shmmax, told_shmmax(c, narrow));
	put(&out->rec, F_shmmin, 1);
	put(&out->rec, F_shmmni, limit_of(c->ns, LIM_shmmni));
	put(&out->rec, F_shmseg, limit_of(c->ns, LIM_shmmni));
	put(&out->rec, F_shmall, told_shmall(c, narrow));
}

static void shmctl_IPC_INFO_commit(struct call *c, struct outcome *out)
{
	tell_limits(c, answers_narrower(c->w), out);
}

const struct action model_shmctl_IPC_INFO = {
	.rules = shmctl_INFO_rules, .commit = shmctl_IPC_INFO_commit,
};

static void compat_shmctl_IPC_INFO_commit(struct call *c, struct outcome *out)
{
	tell_limits(c, true, out);
}

const struct action model_compat_shmctl_IPC_INFO = {
	.rules = shmctl_INFO_rules, .commit = compat_shmctl_IPC_INFO_commit,
};

static void shmctl_SHM_INFO_commit(struct call *c, struct outcome *out)
{
	uint64_t total = total_pages(c->w, c->ns);

	out->value = highest_index(c->ns, SHM);
	put(&out->rec, F_used_ids, (int64_t)c->ns->table[SHM].n);
	put(&out->rec, F_shm_tot, total < INT64_MAX ? (int64_t)total : INT64_MAX);
}

const struct action model_shmctl_SHM_INFO = {
	.rules = shmctl_INFO_rules, .commit = shmctl_SHM_INFO_commit,
};

static const struct rule shmctl_other_rules[] = {
	{ "SHMCTL-ERR-EINVAL", EINVAL, always, SHALL, ONCE, false },
	{ 0 }
};

const struct action model_shmctl_other = { .rules = shmctl_other_rules };

/* ---- SHM_LOCK, SHM_UNLOCK ---------------------------------------------------------------------- */

enum { LOCK_BY_OWNER, LOCK_BY_ANYONE, LOCK_MISSING };	/* choices of the switch shm-lock */

static bool lock_missing(const struct view *v)
{
	return switch_of(v->p, SW_shm_lock) == LOCK_MISSING;
}

static bool may_not_lock(const struct view *v)
{
	return v->perm && switch_of(v->p, SW_shm_lock) != LOCK_BY_ANYONE && !lock_granted(v, v->perm);
}

/* What a real user has locked in a namespace; what anybody locked is charged, privileged or not. */
static uint64_t locked_pages_in(const struct world *w, const struct namespace *ns, uint32_t ruid)
{
	const struct table *t = &ns->table[SHM];
	uint64_t total = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct segment *s = (const struct segment *)t->obj[i];

		if (s->perm.mode & SHM_LOCKED && s->locker == ruid)
			total += pages_of(w, s->size);
	}
	return total;
}

/* Namespaces have no limit of their own: what is locked in one counts in all. */
static uint64_t locked_pages(const struct world *w, uint32_t ruid)
{
	uint64_t total = 0;

	for (int i = 0; i < MAXSPACES; i++)
		total += locked_pages_in(w, &w->ns[i], ruid);
	return total;
}

/* CAP_IPC_LOCK lifts the limit in the initial user namespace only. */
static bool above_memlock(const struct view *v)
{
	const struct segment *s = the_segment(v);
	uint64_t locked, wanted, limit = (uint64_t)(v->task->rlimit[RLIM_MEMLOCK] / v->w->facts.page);
	uint32_t ruid = v->task->cred.ruid;

	if (!s || s->perm.mode & SHM_LOCKED || is_huge(v->w, s))
		return false;
	if (has_cap_initially(v, CAP_IPC_LOCK))
		return false;
	locked = locked_pages(v->w, ruid);
	wanted = pages_of(v->w, s->size);
	note(v, "user %u has locked %llu pages, the segment has %llu, RLIMIT_MEMLOCK is %llu", ruid,
	     (unsigned long long)locked, (unsigned long long)wanted, (unsigned long long)limit);
	return locked > limit || wanted > limit - locked;
}

static bool memlock_zero(const struct view *v)
{
	if (!v->perm || v->task->rlimit[RLIM_MEMLOCK] || has_cap(v, CAP_IPC_LOCK))
		return false;
	note(v, "RLIMIT_MEMLOCK is 0");
	return true;
}

static const struct rule shmctl_SHM_LOCK_rules[] = {
	{ "BSD-SHM-7", EINVAL, lock_missing, MAY, ONCE, false },
	{ "SHMCTL-ERR-EINVAL", EINVAL, no_such_id, SHALL, ONCE, false },
	{ "LINUX-SHMLOCK-1", EPERM, may_not_lock, MAY, ONCE, false },
	{ "LINUX-SHMLOCK-2", EPERM, memlock_zero, MAY, ONCE, false },
	{ "LINUX-SHMLOCK-3", ENOMEM, above_memlock, MAY, ONCE, false },
	{ 0 }
};

static void set_locked(struct call *c, bool locked)
{
	struct segment *s = (struct segment *)c->perm;

	if (switch_of(c->p, SW_lock_sets_ctime))
		s->perm.ctime = c->w->now;
	if (is_huge(c->w, s) || locked == !!(s->perm.mode & SHM_LOCKED))
		return;
	s->perm.mode ^= SHM_LOCKED;
	s->locker = c->task->cred.ruid;
}

static void shmctl_SHM_LOCK_commit(struct call *c, struct outcome *out)
{
	(void)out;
	set_locked(c, true);
}

const struct action model_shmctl_SHM_LOCK = {
	.find = FIND_ID, .rules = shmctl_SHM_LOCK_rules, .commit = shmctl_SHM_LOCK_commit,
};

static const struct rule shmctl_SHM_UNLOCK_rules[] = {
	{ "BSD-SHM-7", EINVAL, lock_missing, MAY, ONCE, false },
	{ "SHMCTL-ERR-EINVAL", EINVAL, no_such_id, SHALL, ONCE, false },
	{ "LINUX-SHMLOCK-1", EPERM, may_not_lock, MAY, ONCE, false },
	{ 0 }
};

static void shmctl_SHM_UNLOCK_commit(struct call *c, struct outcome *out)
{
	(void)out;
	set_locked(c, false);
}

const struct action model_shmctl_SHM_UNLOCK = {
	.find = FIND_ID, .rules = shmctl_SHM_UNLOCK_rules, .commit = shmctl_SHM_UNLOCK_commit,
};

/* ---- what world.c asks of a segment ------------------------------------------------------------ */

/* Only segments with the system's own pages have any: nothing can be stored in a huge one. */
static bool copy_pages(struct segment *to, const struct segment *from)
{
	size_t size = (size_t)from->page;

	if (!grow(&to->pages, &to->cappages, from->npages, sizeof(*from->pages)))
		return false;
	for (; to->npages < from->npages; to->npages++) {
		unsigned char *bytes = malloc(size);

		if (!bytes)
			return false;
		memcpy(bytes, from->pages[to->npages].bytes, size);
		to->pages[to->npages] = (struct page){ from->pages[to->npages].number, bytes };
	}
	return true;
}

struct perm *segment_clone(const struct perm *perm)
{
	const struct segment *s = (const struct segment *)perm;
	struct segment *copy = malloc(sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = *s;
	copy->pages = NULL;
	copy->npages = copy->cappages = 0;
	if (copy_pages(copy, s))
		return &copy->perm;
	segment_free(&copy->perm);
	return NULL;
}

void segment_free(struct perm *perm)
{
	struct segment *s = (struct segment *)perm;

	for (size_t i = 0; i < s->npages; i++)
		free(s->pages[i].bytes);
	free(s->pages);
	free(s);
}

static bool all_zero(const unsigned char *bytes, size_t n)
{
	return !bytes[0] && !memcmp(bytes, bytes + 1, n - 1);
}

/* A page of zeros is the same as none. */
void segment_fold(const struct perm *perm, struct sink *sink)
{
	const struct segment *s = (const struct segment *)perm;
	size_t size = (size_t)s->page;

	fold(sink, s->size);
	fold(sink, s->atime);
	fold(sink, s->dtime);
	fold(sink, s->nattch);
	fold(sink, s->cpid);
	fold(sink, s->lpid);
	fold(sink, s->name);
	fold(sink, s->creator);
	fold(sink, s->page);
	fold(sink, perm->mode & SHM_LOCKED ? s->locker : 0);
	for (size_t i = 0; i < s->npages; i++)
		if (!all_zero(s->pages[i].bytes, size)) {
			fold(sink, s->pages[i].number);
			sink->put(sink, s->pages[i].bytes, size);
		}
	fold(sink, NONE);
}

void segment_record(const struct world *w, const struct perm *perm, struct record *rec)
{
	const struct segment *s = (const struct segment *)perm;

	(void)w;
	perm_record(perm, rec);
	put(rec, F_segsz, s->size);
	put(rec, F_atime, s->atime);
	put(rec, F_dtime, s->dtime);
	put(rec, F_cpid, s->cpid);
	put(rec, F_lpid, s->lpid);
	put(rec, F_nattch, s->nattch);
}

bool segment_ok(const struct world *w, const struct perm *perm, char *why, size_t size)
{
	const struct segment *s = (const struct segment *)perm;
	int64_t areas = count_areas(w, perm), attaches = count_attaches(w, perm);

	if (s->nattch != areas && s->nattch != attaches)
		return broken(why, size, "segment %lld counts %lld attaches and has %lld",
			      (long long)perm->id, (long long)s->nattch, (long long)areas);
	for (size_t i = 0; i < s->npages; i++)
		if (s->pages[i].number < 0 || (i && s->pages[i - 1].number >= s->pages[i].number))
			return broken(why, size, "page %lld of segment %lld is out of order",
				      (long long)s->pages[i].number, (long long)perm->id);
	return true;
}

/* The number of attaches is not adopted: which of them are gone cannot be told from it. */
void segment_adopt(struct perm *perm, const struct objview *seen, const struct snapshot *shot)
{
	struct segment *s = (struct segment *)perm;

	(void)shot;
	s->size = seen->rec.v[F_segsz];
	s->atime = seen->rec.v[F_atime];
	s->dtime = seen->rec.v[F_dtime];
	s->cpid = (int)seen->rec.v[F_cpid];
	s->lpid = (int)seen->rec.v[F_lpid];
}
