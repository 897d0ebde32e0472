/* What a task does to its attached memory other than by shmat and shmdt, and the limits of it. */
#include <string.h>

#include "internal.h"

/*
 * What cases keep away from: mremap of huge pages, and to another place over the end of an area, where newer
 * systems move several; loads of memory that may only be executed, which some processors permit.
 */

static uint64_t whole_pages(const struct view *v, int64_t size)
{
	return round_up((uint64_t)size, (uint64_t)v->w->facts.page);
}

static bool unaligned(const struct view *v, int64_t addr)
{
	return (uint64_t)addr % (uint64_t)v->w->facts.page;
}

/* munmap, mprotect and madvise name a range by their first two arguments. */
struct range { uint64_t first, last; };	/* empty when last is below first */

static struct range range_of(const struct view *v)
{
	const struct range empty = { 1, 0 };
	uint64_t first = (uint64_t)v->op->v[0], size = whole_pages(v, v->op->v[1]);

	return first + size > first ? (struct range){ first, first + size - 1 } : empty;
}

static bool empty(const struct range *r)
{
	return r->last < r->first;
}

static bool range_wraps(const struct view *v)
{
	const struct range r = range_of(v);

	return v->op->v[1] && empty(&r);
}

static bool range_beyond_space(const struct view *v)
{
	const struct range r = range_of(v);

	return range_wraps(v) || (!empty(&r) && r.last >= space_end(v->w));
}

static bool range_unaligned(const struct view *v)
{
	if (!unaligned(v, v->op->v[0]))
		return false;
	note(v, "the address is not a multiple of %lld, the size of a page", (long long)v->w->facts.page);
	return true;
}

static bool range_empty(const struct view *v)
{
	return !v->op->v[1];
}

static bool range_cuts_huge_page(const struct view *v)
{
	const struct range r = range_of(v);

	return !empty(&r) && cuts_huge_page(v, r.first, r.last);
}

/* The first address of the range that no area has, or at which stop is true; one past the range if none. */
static uint64_t mapped_up_to(const struct memory *m, const struct range *r,
			     bool (*stop)(const struct attachment *a, int64_t arg), int64_t arg)
{
	uint64_t at = r->first;

	while (at <= r->last) {
		size_t i = attachment_at(m, at);
		const struct attachment *a = &m->attached[i];

		if (i == m->nattached || first_of(a) > at || (stop && stop(a, arg)))
			return at;
		at = last_of(a) + 1;
	}
	return r->last + 1;
}

/* ---- munmap ------------------------------------------------------------------------------------ */

static const struct rule munmap_rules[] = {
	{ "MUNMAP-1", EINVAL, range_unaligned, SHALL, ONCE, false },
	{ "MUNMAP-2", EINVAL, range_empty, SHALL, ONCE, false },
	{ "MUNMAP-2", EINVAL, range_beyond_space, SHALL, ONCE, false },
	{ "LINUX-SHM-HUGE-1", EINVAL, range_cuts_huge_page, SHALL, ONCE, false },
	{ 0 }
};

/* What cuts an area at both ends of two ranges, and adds one. */
static bool range_reserve(struct call *c)
{
	return reserve_areas(c->memory, 6);
}

static void munmap_commit(struct call *c, struct outcome *out)
{
	const struct view v = view_of(c->w, c->op, c->p, NULL);
	const struct range r = range_of(&v);

	(void)out;
	unmap(c, r.first, r.last);
}

const struct action model_munmap = {
	.rules = munmap_rules, .reserve = range_reserve, .commit = munmap_commit,
};

/* ---- areas that change ------------------------------------------------------------------------- */

/* The same memory with the same properties, side by side in the right order; an attach is locked whole. */
static bool continues(const struct attachment *a, const struct attachment *b)
{
	return last_of(a) + 1 == first_of(b) && a->offset + a->size == b->offset && a->attach == b->attach
		&& a->prot == b->prot && a->not_inherited == b->not_inherited;
}

/*
 * Part of an area, already like it is to be, is added to the neighbour that is alike: areas of segments are
 * never made one, but where two of an attach meet can move. Older systems cut the area then: before Linux
 * 6.12 where the neighbour lies behind, before 6.4 where it lies before.
 */
static bool moves_boundary(struct memory *m, size_t at, const struct attachment *part)
{
	struct attachment *a = &m->attached[at];
	uint64_t size = (uint64_t)part->size;

	if (first_of(part) == first_of(a) && last_of(part) < last_of(a)) {
		if (!at || !continues(a - 1, part))
			return false;
		a[-1].size += (int64_t)size;
		a->addr += (int64_t)size;
		a->offset += (int64_t)size;
	} else if (first_of(part) > first_of(a) && last_of(part) == last_of(a)) {
		if (at + 1 == m->nattached || !continues(part, a + 1))
			return false;
		a[1].addr -= (int64_t)size;
		a[1].offset -= (int64_t)size;
		a[1].size += (int64_t)size;
	} else {
		return false;
	}
	a->size -= (int64_t)size;
	return true;
}

/* As much of the range as an area has gets another protection or mark. */
static void change(struct call *c, size_t at, const struct range *r, int prot, bool not_inherited)
{
	struct attachment *a = &c->memory->attached[at], part = *a;
	uint64_t first = r->first > first_of(a) ? r->first : first_of(a);
	uint64_t last = r->last < last_of(a) ? r->last : last_of(a);

	if (a->prot == prot && a->not_inherited == not_inherited)
		return;
	part.addr = (int64_t)first;
	part.size = (int64_t)(last - first + 1);
	part.offset += (int64_t)(first - first_of(a));
	part.prot = prot;
	part.not_inherited = not_inherited;
	if (moves_boundary(c->memory, at, &part))
		return;
	at = isolate(c, at, first, last);
	c->memory->attached[at].prot = prot;
	c->memory->attached[at].not_inherited = not_inherited;
}

/* One area after the other, as they were before; with NONE they keep their protection. */
static void change_all(struct call *c, struct range r, int prot, bool not_inherited)
{
	while (!empty(&r) && overlapped(c->memory, r.first, r.last)) {
		size_t at = attachment_at(c->memory, r.first);
		const struct attachment a = c->memory->attached[at];

		change(c, at, &r, prot == NONE ? a.prot : prot, not_inherited || a.not_inherited);
		r.first = last_of(&a) + 1;
	}
}

/* ---- mprotect ---------------------------------------------------------------------------------- */

static bool refuses(const struct attachment *a, int64_t prot)
{
	return prot & WRITABLE && !a->may_write;
}

/* The first address that mprotect cannot do anything about; past the range if there is none. */
static uint64_t protect_up_to(const struct view *v)
{
	const struct range r = range_of(v);

	return mapped_up_to(v->memory, &r, refuses, v->op->mprotect.prot);
}

static bool stops_early(const struct view *v)
{
	const struct range r = range_of(v);

	return !empty(&r) && protect_up_to(v) <= r.last;
}

static bool may_not_be_written(const struct view *v)
{
	uint64_t stop = protect_up_to(v);

	if (!stops_early(v) || !overlapped(v->memory, stop, stop))
		return false;
	note(v, "the segment was attached with SHM_RDONLY at 0x%llx", (unsigned long long)stop);
	return true;
}

static bool protects_nothing(const struct view *v)
{
	uint64_t stop = protect_up_to(v);

	if (range_wraps(v))
		return true;
	if (!stops_early(v) || overlapped(v->memory, stop, stop))
		return false;
	note(v, "nothing is attached at 0x%llx", (unsigned long long)stop);
	return true;
}

static const struct rule mprotect_rules[] = {
	{ "MPROTECT-1", EINVAL, range_unaligned, SHALL, ONCE, false },
	{ "LINUX-SHMAT-PROT-1", EACCES, may_not_be_written, SHALL, ONCE, false },
	{ "LINUX-SHM-HUGE-1", EINVAL, range_cuts_huge_page, SHALL, ONCE, false },
	{ "MPROTECT-2", ENOMEM, protects_nothing, SHALL, ONCE, false },
	{ 0 }
};

static void mprotect_commit(struct call *c, struct outcome *out)
{
	const struct view v = view_of(c->w, c->op, c->p, NULL);

	(void)out;
	change_all(c, range_of(&v), (int)c->op->mprotect.prot, false);
}

/* What comes before the address that stopped it has its new protection. */
static void mprotect_failed(struct call *c, int err)
{
	const struct view v = view_of(c->w, c->op, c->p, NULL);
	struct range r = range_of(&v);

	if (err == EINVAL || empty(&r))
		return;
	r.last = protect_up_to(&v) - 1;
	change_all(c, r, (int)c->op->mprotect.prot, false);
}

const struct action model_mprotect = {
	.rules = mprotect_rules, .reserve = range_reserve, .commit = mprotect_commit,
	.failed = mprotect_failed,
};

/* ---- madvise ----------------------------------------------------------------------------------- */

static bool advises_nothing(const struct view *v)
{
	const struct range r = range_of(v);

	if (empty(&r) || mapped_up_to(v->memory, &r, NULL, 0) > r.last)
		return false;
	note(v, "part of the range is not attached");
	return true;
}

static const struct rule madvise_DONTFORK_rules[] = {
	{ "LINUX-MADVISE-1", EINVAL, range_unaligned, SHALL, ONCE, false },
	{ "LINUX-MADVISE-1", EINVAL, range_wraps, SHALL, ONCE, false },
	{ "LINUX-SHM-HUGE-1", EINVAL, range_cuts_huge_page, SHALL, ONCE, false },
	{ "LINUX-MADVISE-2", ENOMEM, advises_nothing, SHALL, ONCE, false },
	{ 0 }
};

static void madvise_DONTFORK_commit(struct call *c, struct outcome *out)
{
	const struct view v = view_of(c->w, c->op, c->p, NULL);

	(void)out;
	change_all(c, range_of(&v), NONE, true);
}

/* What is attached in the range is marked, though something is missing. */
static void madvise_DONTFORK_failed(struct call *c, int err)
{
	if (err == ENOMEM)
		madvise_DONTFORK_commit(c, NULL);
}

const struct action model_madvise_DONTFORK = {
	.rules = madvise_DONTFORK_rules, .reserve = range_reserve, .commit = madvise_DONTFORK_commit,
	.failed = madvise_DONTFORK_failed,
};

/* ---- mremap ------------------------------------------------------------------------------------ */

static uint64_t old_size(const struct view *v)
{
	return whole_pages(v, v->op->mremap.len);
}

static uint64_t new_size(const struct view *v)
{
	return whole_pages(v, v->op->mremap.newlen);
}

static uint64_t growth(const struct view *v)
{
	return new_size(v) > old_size(v) ? new_size(v) - old_size(v) : 0;
}

/* The area at the old address, or NULL. */
static const struct attachment *area_at(const struct memory *m, uint64_t addr)
{
	size_t i = attachment_at(m, addr);

	return i < m->nattached && first_of(&m->attached[i]) <= addr ? &m->attached[i] : NULL;
}

static bool new_size_impossible(const struct view *v)
{
	/*
	 * Before, only where a place was asked for; else none was found: LINUX-SHMAT-LIM-2. What looked at it
	 * with the new place looks at it first since commit 3215eaceca87.
	 */
	const bool looked_at = v->op->mremap.to || since(v->w, LINUX(6, 17));

	return !new_size(v) || (looked_at && new_size(v) > space_end(v->w));
}

static bool overlaps_itself(const struct view *v)
{
	uint64_t from = (uint64_t)v->op->mremap.addr, to = (uint64_t)v->op->mremap.to;

	if (from >= to + new_size(v) || to >= from + old_size(v))
		return false;
	note(v, "the new place overlaps the old one");
	return true;
}

static bool bad_target(const struct view *v)
{
	uint64_t to = (uint64_t)v->op->mremap.to, size = new_size(v), space = space_end(v->w);

	return to && (unaligned(v, v->op->mremap.to) || size > space || to > space - size
		      || overlaps_itself(v));
}

/* What is given back is looked at where there is something to give back. */
static bool shrinks_beyond_space(const struct view *v)
{
	return old_size(v) > new_size(v) && range_beyond_space(v)
		&& area_at(v->memory, (uint64_t)v->op->mremap.addr);
}

/* What only becomes shorter may reach over the end of its area. */
static bool not_one_area(const struct view *v)
{
	uint64_t addr = (uint64_t)v->op->mremap.addr;
	const struct attachment *a = area_at(v->memory, addr);
	uint64_t size = old_size(v) < new_size(v) ? old_size(v) : new_size(v);

	if (!a) {
		note(v, "nothing is attached at 0x%llx", (unsigned long long)addr);
		return true;
	}
	if (!v->op->mremap.to && !growth(v))
		return false;
	return size && size - 1 > last_of(a) - addr;
}

static bool reaches_over_harness(const struct world *w, uint64_t addr, uint64_t size)
{
	const uint64_t own = (uint64_t)(space_end(w) > OWN_HIGH ? OWN_HIGH : OWN_LOW);

	return addr <= own && size > own - addr;
}

/* Goes on where it is: up to the end of the area, and nothing lies behind. */
static bool grows_in_place(const struct view *v)
{
	uint64_t addr = (uint64_t)v->op->mremap.addr, end = addr + old_size(v);
	const struct attachment *a = area_at(v->memory, addr);
	const uint64_t space = space_end(v->w);

	return a && end - 1 == last_of(a) && end < space && growth(v) <= space - end
		&& !reaches_over_stack(v->w, end, growth(v)) && !reaches_over_harness(v->w, end, growth(v))
		&& !overlapped(v->memory, end, end + growth(v) - 1);
}

static uint64_t new_place(const struct view *v)
{
	if (v->op->mremap.to)
		return (uint64_t)v->op->mremap.to;
	if (!growth(v) || (old_size(v) && grows_in_place(v)))
		return (uint64_t)v->op->mremap.addr;
	return free_place(v, new_size(v), (uint64_t)v->w->facts.shmlba);
}

static bool nowhere_to_go(const struct view *v)
{
	return !new_place(v);
}

static bool grows_too_much_locked(const struct view *v)
{
	const struct attachment *a = area_at(v->memory, (uint64_t)v->op->mremap.addr);

	return a && a->locked && too_much_locked(v, growth(v));
}

static bool grows_too_much(const struct view *v)
{
	return too_much_mapped(v, growth(v), 0);
}

/* A second attach in the place of the first: what is to be attached again is gone by then. */
static bool replaces_itself(const struct view *v)
{
	if (!v->op->mremap.to || v->op->mremap.to != v->op->mremap.addr || old_size(v))
		return false;
	note(v, "the attach is replaced before it is made a second time");
	return true;
}

static const struct rule mremap_rules[] = {
	{ "LINUX-MREMAP-1", EINVAL, range_unaligned, SHALL, ONCE, false },
	{ "LINUX-MREMAP-1", EINVAL, new_size_impossible, SHALL, ONCE, false },
	{ "LINUX-MREMAP-1", EINVAL, bad_target, SHALL, ONCE, false },
	{ "LINUX-MREMAP-1", EINVAL, shrinks_beyond_space, SHALL, ONCE, false },
	{ "LINUX-MREMAP-2", EFAULT, not_one_area, SHALL, ONCE, false },
	{ "LINUX-SHMAT-LIM-3", EAGAIN, grows_too_much_locked, MAY, ONCE, false },
	{ "LINUX-SHMAT-LIM-2", ENOMEM, grows_too_much, MAY, ONCE, false },
	{ "LINUX-SHMAT-LIM-2", ENOMEM, nowhere_to_go, SHALL, ONCE, false },
	{ "LINUX-MREMAP-2", EFAULT, replaces_itself, SHALL, ONCE, false },
	{ 0 }
};

/* A copy that continues an area of the same attach is added to it. */
static void map_copy(struct call *c, const struct attachment *copy)
{
	struct memory *m = c->memory;
	size_t at = attachment_at(m, first_of(copy));

	if (at && continues(&m->attached[at - 1], copy)) {
		m->attached[at - 1].size += copy->size;
	} else if (at < m->nattached && continues(copy, &m->attached[at])) {
		m->attached[at].addr = copy->addr;
		m->attached[at].offset = copy->offset;
		m->attached[at].size += copy->size;
	} else {
		map(c, copy);
	}
}

/* The copy comes first and the old place goes then; with an old size of 0 it stays: LINUX-MREMAP-3. */
static void move(struct call *c, uint64_t addr, uint64_t size, uint64_t to, uint64_t new)
{
	const struct attachment *a = area_at(c->memory, addr);
	struct attachment copy;

	if (!a)
		return;
	copy = *a;
	copy.offset += (int64_t)(addr - first_of(a));
	copy.addr = (int64_t)to;
	copy.size = (int64_t)new;
	map_copy(c, &copy);
	if (size)
		unmap(c, addr, addr + size - 1);
}

static void mremap_commit(struct call *c, struct outcome *out)
{
	const struct view v = view_of(c->w, c->op, c->p, NULL);
	uint64_t addr = (uint64_t)c->op->mremap.addr, to = new_place(&v);
	uint64_t old = old_size(&v), new = new_size(&v);
	bool grows = growth(&v);

	out->value = (int64_t)to;
	if (to != addr)
		unmap(c, to, to + new - 1);
	if (new < old)
		unmap(c, addr + new, addr + old - 1);
	if (to != addr)
		move(c, addr, new < old ? new : old, to, new);
	else if (grows && area_at(c->memory, addr))
		c->memory->attached[attachment_at(c->memory, addr)].size += (int64_t)(new - old);
}

/* The place was made free by then. */
static void mremap_failed(struct call *c, int err)
{
	const struct view v = view_of(c->w, c->op, c->p, NULL);
	const struct rule *r = first_broken(&v, false);

	if (err == EFAULT && r && r->broken == replaces_itself)
		unmap(c, (uint64_t)c->op->mremap.to, (uint64_t)c->op->mremap.to + new_size(&v) - 1);
}

const struct action model_mremap = {
	.rules = mremap_rules, .reserve = range_reserve, .commit = mremap_commit,
	.failed = mremap_failed,
};

/* ---- mlockall, rlimit -------------------------------------------------------------------------- */

static bool may_lock_nothing(const struct view *v)
{
	if (v->task->rlimit[RLIM_MEMLOCK] || has_cap_initially(v, CAP_IPC_LOCK))
		return false;
	note(v, "RLIMIT_MEMLOCK is 0");
	return true;
}

static const struct rule mlockall_rules[] = {
	{ "LINUX-MLOCKALL-1", EPERM, may_lock_nothing, MAY, ONCE, false },
	{ 0 }
};

static void mlockall_commit(struct call *c, struct outcome *out)
{
	(void)out;
	c->memory->locks_all = true;
}

const struct action model_mlockall = { .rules = mlockall_rules, .commit = mlockall_commit };

/* The hard limit of locked memory is MEMLOCK; the address space has none. */
static bool above_hard_limit(const struct view *v)
{
	if (v->op->rlimit.name != RLIM_MEMLOCK || (uint64_t)v->op->rlimit.value <= (uint64_t)MEMLOCK)
		return false;
	note(v, "the hard limit is %lld", (long long)MEMLOCK);
	return true;
}

static const struct rule rlimit_rules[] = {
	{ "SETRLIMIT-1", EINVAL, above_hard_limit, SHALL, ONCE, false },
	{ 0 }
};

/* The limit is that of the whole process. */
static void rlimit_commit(struct call *c, struct outcome *out)
{
	int64_t value = c->op->rlimit.value, attached = 0;

	(void)out;
	for (size_t i = 0; c->op->rlimit.name == RLIM_AS && i < c->memory->nattached; i++)
		attached += c->memory->attached[i].size;
	if (value >= 0)
		value = value < INT64_MAX - attached ? value + attached : INT64_MAX;
	for (struct task *t = c->w->task; t < c->w->task + MAXACTORS; t++)
		if (t->alive && t->pid == c->task->pid)
			t->rlimit[c->op->rlimit.name] = value < 0 ? NONE : value;
}

const struct action model_rlimit = { .rules = rlimit_rules, .commit = rlimit_commit };

/* ---- proc_maps --------------------------------------------------------------------------------- */

static bool nothing_there(const struct view *v)
{
	return !area_at(v->memory, (uint64_t)v->op->proc_maps.addr);
}

static const struct rule proc_maps_rules[] = {
	{ "LINUX-SHM-MAPS-1", ENOENT, nothing_there, SHALL, ONCE, false },
	{ 0 }
};

static void proc_maps_commit(struct call *c, struct outcome *out)
{
	const struct attachment *a = area_at(c->memory, (uint64_t)c->op->proc_maps.addr);

	if (!a)
		return;
	out->value = a->shmid;
	put(&out->rec, F_key, segment_of(c->w, a)->name);
	put(&out->rec, F_prot, a->prot);
	put(&out->rec, F_offset, a->offset);
	put(&out->rec, F_length, a->size);
}

const struct action model_proc_maps = { .rules = proc_maps_rules, .commit = proc_maps_commit };
