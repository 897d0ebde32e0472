/* Where segments are attached, and what is stored in them. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/*
 * What a machine decides and the model takes for granted; cases keep away from what lies between. Page 0
 * alone is below vm.mmap_min_addr. Newer systems leave what SHM_REMAP would have replaced in part cut, though
 * the attach failed for RLIMIT_AS.
 */

/* ---- areas ------------------------------------------------------------------------------------- */

struct segment *segment_of(const struct world *w, const struct attachment *a)
{
	return (struct segment *)by_id(&w->ns[a->ns], SHM, a->shmid);
}

size_t attachment_at(const struct memory *m, uint64_t addr)
{
	size_t i = 0;

	while (i < m->nattached && last_of(&m->attached[i]) < addr)
		i++;
	return i;
}

bool overlapped(const struct memory *m, uint64_t first, uint64_t last)
{
	size_t i = attachment_at(m, first);

	return i < m->nattached && first_of(&m->attached[i]) <= last;
}

bool reserve_areas(struct memory *m, size_t n)
{
	return grow(&m->attached, &m->capattached, m->nattached + n, sizeof(*m->attached));
}

/* Is no other area of the task left of the same attach? */
static bool alone(const struct memory *m, size_t at)
{
	for (size_t i = 0; i < m->nattached; i++)
		if (i != at && m->attached[i].attach == m->attached[at].attach)
			return false;
	return true;
}

/* The actor counts as an attacher: time and pid. */
static void touch_atime(const struct call *c, struct segment *s)
{
	s->atime = c->w->now;
	s->lpid = c->task->pid;
}

static void touch_dtime(const struct call *c, struct segment *s)
{
	s->dtime = c->w->now;
	s->lpid = c->task->pid;
}

static void drop_attach(struct call *c, struct segment *s)
{
	s->nattch--;
	segment_release(c, s);
}

static size_t insert_area(struct memory *m, const struct attachment *a)
{
	size_t at = attachment_at(m, first_of(a));

	memmove(&m->attached[at + 1], &m->attached[at], (m->nattached - at) * sizeof(*a));
	m->attached[at] = *a;
	m->nattached++;
	return at;
}

static void remove_area(struct memory *m, size_t at)
{
	m->nattached--;
	memmove(&m->attached[at], &m->attached[at + 1], (m->nattached - at) * sizeof(*m->attached));
}

/* An area counts like an attach, or an attach counts once whatever is left of it. */
static bool counts(const struct call *c, const struct memory *m, size_t at)
{
	return switch_of(c->p, SW_areas_count) || alone(m, at);
}

/* The area goes, and with it perhaps the segment. */
static void detach(struct call *c, size_t at)
{
	struct segment *s = segment_of(c->w, &c->memory->attached[at]);
	bool counted = counts(c, c->memory, at);

	remove_area(c->memory, at);
	if (!counted)
		return;
	touch_dtime(c, s);
	drop_attach(c, s);
}

void map(struct call *c, const struct attachment *a)
{
	size_t at = insert_area(c->memory, a);
	struct segment *s = segment_of(c->w, a);

	if (!counts(c, c->memory, at))
		return;
	s->nattch++;
	touch_atime(c, s);
}

/* Makes two areas of one: addr is the first of the second. */
static void split(struct call *c, size_t at, uint64_t addr)
{
	struct attachment *lower = &c->memory->attached[at], upper = *lower;
	uint64_t size = addr - first_of(lower);

	lower->size = (int64_t)size;
	upper.addr = (int64_t)addr;
	upper.offset = (int64_t)((uint64_t)upper.offset + size);
	upper.size = (int64_t)((uint64_t)upper.size - size);
	map(c, &upper);
}

size_t isolate(struct call *c, size_t at, uint64_t first, uint64_t last)
{
	if (first_of(&c->memory->attached[at]) < first)
		split(c, at++, first);
	if (last < last_of(&c->memory->attached[at]))
		split(c, at, last + 1);
	return at;
}

void unmap(struct call *c, uint64_t first, uint64_t last)
{
	while (first <= last && overlapped(c->memory, first, last))
		detach(c, isolate(c, attachment_at(c->memory, first), first, last));
}

/* At the end of the highest gap below end that holds it, and not below least; 0: there is none. */
static uint64_t place_between(const struct view *v, uint64_t size, uint64_t align, uint64_t least,
			      uint64_t end)
{
	const struct memory *m = v->memory;
	uint64_t at;

	for (size_t i = m->nattached; size <= end; i--) {
		uint64_t below = i ? last_of(&m->attached[i - 1]) + 1 : 0;

		at = (end - size) / align * align;
		if (at >= below && at >= least)
			return at;
		if (at < least)
			return 0;
		if (first_of(&m->attached[i - 1]) < end)
			end = first_of(&m->attached[i - 1]);
	}
	return 0;
}

/*
 * Where the system puts an attach that may go anywhere: above the hole, and as high as it can. An address
 * that was given up may thus name a later attach, as it does on Linux. 0: nowhere.
 */
uint64_t free_place(const struct view *v, uint64_t size, uint64_t align)
{
	const struct facts *f = &v->w->facts;
	uint64_t at = place_between(v, size, align, (uint64_t)(HOLE + HOLE_SIZE), f->stack_end);

	return at || !f->beyond_stack ? at : place_between(v, size, align, f->stack_end, f->space_end);
}

/* ---- shmat ------------------------------------------------------------------------------------- */

static bool address_given(const struct view *v)
{
	return v->op->shmat.addr;
}

static uint64_t address_asked(const struct view *v)
{
	uint64_t addr = (uint64_t)v->op->shmat.addr;

	return v->op->shmat.flg & SHM_RND ? addr - addr % (uint64_t)v->w->facts.shmlba : addr;
}

/* Bytes of the address space that the segment takes. */
static uint64_t span(const struct segment *s)
{
	return round_up((uint64_t)s->size, (uint64_t)s->page);
}

static uint64_t place(const struct view *v)
{
	const struct segment *s = the_segment(v);
	int64_t lba = v->w->facts.shmlba;

	return address_given(v) ? address_asked(v)
		: free_place(v, span(s), (uint64_t)(s->page > lba ? s->page : lba));
}

static bool remaps(const struct view *v)
{
	return v->op->shmat.flg & SHM_REMAP;
}

static bool remap_anywhere(const struct view *v)
{
	return remaps(v) && !address_given(v);
}

static bool remap_at_null(const struct view *v)
{
	return remaps(v) && address_given(v) && !address_asked(v);
}

static bool address_unaligned(const struct view *v)
{
	if (address_asked(v) % (uint64_t)v->w->facts.shmlba == 0)
		return false;
	note(v, "the address is not a multiple of SHMLBA %lld, and SHM_RND is absent",
	     (long long)v->w->facts.shmlba);
	return true;
}

static bool removed_and_refused(const struct view *v)
{
	return switch_of(v->p, SW_attach_removed) && marked_for_removal(v);
}

static bool may_not_attach(const struct view *v)
{
	int requested = R;

	if (!(v->op->shmat.flg & SHM_RDONLY))
		requested = switch_of(v->p, SW_attach_reads) ? R | W : W;
	return v->perm && !access_granted(v, v->perm, requested);
}

static bool may_not_execute(const struct view *v)
{
	return v->perm && v->op->shmat.flg & SHM_EXEC && exec_refused(v, v->perm, X);
}

/* A huge segment counts with its whole pages, any other with the bytes that were asked for. */
static bool range_wraps(const struct view *v)
{
	const struct segment *s = the_segment(v);
	uint64_t addr = address_asked(v);

	if (!s || !address_given(v) || remaps(v))
		return false;
	return addr + (is_huge(v->w, s) ? span(s) : (uint64_t)s->size) < addr;
}

/* The last byte that the attach would have. */
static uint64_t last_asked(const struct view *v)
{
	return address_asked(v) + span(the_segment(v)) - 1;
}

bool reaches_over_stack(const struct world *w, uint64_t addr, uint64_t size)
{
	return addr < w->facts.stack_end && size > w->facts.stack_end - addr;
}

/* Linux does not look at what page 0 overlaps: LINUX-SHMAT-NIL-1. */
static bool overlaps(const struct view *v)
{
	const struct segment *s = the_segment(v);
	uint64_t addr = address_asked(v);

	if (!s || !addr || remaps(v))
		return false;
	if (!reaches_over_stack(v->w, addr, span(s)) && !overlapped(v->memory, addr, last_asked(v)))
		return false;
	note(v, "something is attached or mapped between 0x%llx and 0x%llx, and SHM_REMAP is absent",
	     (unsigned long long)addr, (unsigned long long)(addr + span(s)));
	return true;
}

static bool beyond_space(const struct view *v)
{
	const struct segment *s = the_segment(v);
	const uint64_t end = space_end(v->w);

	return s && address_given(v) && (span(s) > end || address_asked(v) > end - span(s));
}

/* What is mapped with huge pages is not cut inside one. */
static bool replaces_part_of_huge_page(const struct view *v)
{
	uint64_t addr = address_asked(v);

	return the_segment(v) && addr && cuts_huge_page(v, addr, last_asked(v));
}

/* Until 6.12 it was ENOMEM, whatever kept memory from being replaced. */
static bool replacement_is_einval(const struct world *w)
{
	return since(w, LINUX(6, 12));
}

static bool cannot_be_replaced(const struct view *v)
{
	return !replacement_is_einval(v->w) && replaces_part_of_huge_page(v);
}

static bool no_space(const struct view *v)
{
	if (cannot_be_replaced(v))
		return true;
	if (!beyond_space(v) && (!the_segment(v) || address_given(v) || place(v)))
		return false;
	note(v, "%llu bytes do not fit in the address space there", (unsigned long long)span(the_segment(v)));
	return true;
}

bool cuts_huge_page(const struct view *v, uint64_t first, uint64_t last)
{
	const struct memory *m = v->memory;

	for (size_t i = attachment_at(m, first); i < m->nattached && first_of(&m->attached[i]) <= last; i++) {
		const struct attachment *a = &m->attached[i];
		uint64_t page = (uint64_t)segment_of(v->w, a)->page;

		if ((first > first_of(a) && first % page) || (last < last_of(a) && (last + 1) % page))
			return true;
	}
	return false;
}

/* A huge page is mapped whole. What is larger than the address space is found first: ENOMEM. */
static bool breaks_huge_page(const struct view *v)
{
	const struct segment *s = the_segment(v);
	uint64_t addr = address_asked(v);

	if (!s || !addr || span(s) > space_end(v->w))
		return false;
	return addr % (uint64_t)s->page
		|| (replacement_is_einval(v->w) && replaces_part_of_huge_page(v));
}

static bool at_page_zero(const struct view *v)
{
	return the_segment(v) && address_given(v) && !address_asked(v);
}

static bool may_not_use_page_zero(const struct view *v)
{
	return at_page_zero(v) && !has_cap_initially(v, CAP_SYS_RAWIO);
}

/* ---- resource limits --------------------------------------------------------------------------- */

static uint64_t mapped(const struct memory *m)
{
	uint64_t total = 0;

	for (size_t i = 0; i < m->nattached; i++)
		total += (uint64_t)m->attached[i].size;
	return total;
}

static uint64_t mapped_between(const struct memory *m, uint64_t first, uint64_t last)
{
	uint64_t total = 0;

	for (size_t i = attachment_at(m, first); i < m->nattached && first_of(&m->attached[i]) <= last; i++) {
		const struct attachment *a = &m->attached[i];

		total += (last < last_of(a) ? last : last_of(a))
			- (first > first_of(a) ? first : first_of(a)) + 1;
	}
	return total;
}

static uint64_t locked(const struct memory *m)
{
	uint64_t total = 0;

	for (size_t i = 0; i < m->nattached; i++)
		total += m->attached[i].locked ? (uint64_t)m->attached[i].size : 0;
	return total;
}

/* A limit counts in whole pages. */
static bool exceeds(const struct view *v, uint64_t bytes, enum rlim which)
{
	int64_t limit = v->task->rlimit[which], page = v->w->facts.page;

	if (limit < 0 || bytes <= (uint64_t)(limit / page * page))
		return false;
	note(v, "%llu bytes would be %s, the limit is %lld", (unsigned long long)bytes,
	     which == RLIM_AS ? "attached" : "locked", (long long)limit);
	return true;
}

bool too_much_locked(const struct view *v, uint64_t size)
{
	if (!size || has_cap_initially(v, CAP_IPC_LOCK))
		return false;
	return exceeds(v, locked(v->memory) + size, RLIM_MEMLOCK);
}

bool too_much_mapped(const struct view *v, uint64_t size, uint64_t replaced)
{
	return size > replaced && exceeds(v, mapped(v->memory) + size - replaced, RLIM_AS);
}

static bool attaches_too_much_locked(const struct view *v)
{
	return the_segment(v) && v->memory->locks_all && too_much_locked(v, span(the_segment(v)));
}

static bool attaches_too_much(const struct view *v)
{
	const struct segment *s = the_segment(v);
	uint64_t at = s ? place(v) : 0;

	return s && too_much_mapped(v, span(s), mapped_between(v->memory, at, at + span(s) - 1));
}

/* ---- shmat: what it does ----------------------------------------------------------------------- */

static const struct rule shmat_rules[] = {
	{ "LINUX-ID-NEG-1", EINVAL, negative_id, SHALL, ONCE, false },
	{ "LINUX-SHMAT-REMAP-1", EINVAL, remap_anywhere, MAY, ONCE, false },
	{ "LINUX-SHMAT-REMAP-2", EINVAL, remap_at_null, MAY, ONCE, false },
	{ "SHMAT-ERR-EINVAL-2", EINVAL, address_unaligned, SHALL, ONCE, false },
	{ "SHMAT-ERR-EINVAL-1", EINVAL, no_such_id, SHALL, ONCE, false },
	{ "BSD-SHM-4", EINVAL, removed_and_refused, MAY, ONCE, false },
	{ "SHMAT-ERR-EACCES", EACCES, may_not_attach, SHALL, ONCE, false },
	{ "LINUX-SHMAT-EXEC-1", EACCES, may_not_execute, MAY, ONCE, false },
	{ "LINUX-SHMAT-WRAP-1", EINVAL, range_wraps, SHALL, ONCE, false },
	{ "LINUX-SHMAT-OVL-1", EINVAL, overlaps, MAY, ONCE, false },
	{ "LINUX-SHMAT-ORD-2", EINVAL, breaks_huge_page, MAY, ONCE, false },
	{ "SHMAT-ERR-EINVAL-2", EINVAL, beyond_space, SHALL, ONCE, true },
	{ "SHMAT-ERR-ENOMEM", ENOMEM, no_space, SHALL, ONCE, false },
	{ "SHMAT-ERR-EINVAL-2", EINVAL, at_page_zero, MAY, ONCE, true },
	{ "LINUX-SHMAT-NIL-1", EPERM, may_not_use_page_zero, MAY, ONCE, false },
	{ "LINUX-SHMAT-LIM-3", EAGAIN, attaches_too_much_locked, MAY, ONCE, false },
	{ "LINUX-SHMAT-LIM-2", ENOMEM, attaches_too_much, MAY, ONCE, false },
	{ 0 }
};

/* Room for the attach and for one area more: it may lie in the middle of another. */
static bool shmat_reserve(struct call *c)
{
	return reserve_areas(c->memory, 3);
}

static void shmat_commit(struct call *c, struct outcome *out)
{
	const struct view v = view_of(c->w, c->op, c->p, NULL);
	struct segment *s = (struct segment *)c->perm;
	bool read_only = c->op->shmat.flg & SHM_RDONLY;
	const struct attachment a = {
		.addr = (int64_t)place(&v), .size = (int64_t)span(s), .ns = s->perm.ns,
		.shmid = s->perm.id, .attach = c->w->now, .may_write = !read_only,
		.prot = READABLE | (read_only ? 0 : WRITABLE)
			| (c->op->shmat.flg & SHM_EXEC ? EXECUTABLE : 0),
		.locked = c->memory->locks_all && !is_huge(c->w, s),
	};

	/* Counted before what it replaces goes, which may be the last attach of the same segment. */
	s->nattch++;
	unmap(c, first_of(&a), last_of(&a));
	s->nattch--;
	map(c, &a);
	out->value = a.addr;
}

/* Was it refused before the segment counted as attached, which is when its address is looked for? */
static bool refused_unattached(const struct view *v)
{
	for (const struct rule *r = shmat_rules; r->broken != range_wraps; r++)
		if (r->broken(v))
			return true;
	return false;
}

/* The segment was attached for a moment: LINUX-SHMFORCE-4. */
static void shmat_failed(struct call *c, int err)
{
	const struct view v = view_of(c->w, c->op, c->p, NULL);

	(void)err;
	if (c->perm && !refused_unattached(&v))
		segment_release(c, (struct segment *)c->perm);
}

const struct action model_shmat = {
	.find = FIND_ID, .rules = shmat_rules, .reserve = shmat_reserve, .commit = shmat_commit,
	.failed = shmat_failed,
};

/* Through ipc(2), which stores the address at a pointer. */
static bool no_such_version(const struct view *v)
{
	return v->op->ipc_shmat.version;
}

/* It gives no address, and what shmat finds wrong with one is never found here. */
static const struct rule ipc_shmat_rules[] = {
	{ "LIBC-IPC-6", EINVAL, no_such_version, SHALL, ONCE, false },
	{ "LINUX-ID-NEG-1", EINVAL, negative_id, SHALL, ONCE, false },
	{ "LINUX-SHMAT-REMAP-1", EINVAL, remap_anywhere, MAY, ONCE, false },
	{ "SHMAT-ERR-EINVAL-1", EINVAL, no_such_id, SHALL, ONCE, false },
	{ "BSD-SHM-4", EINVAL, removed_and_refused, MAY, ONCE, false },
	{ "SHMAT-ERR-EACCES", EACCES, may_not_attach, SHALL, ONCE, false },
	{ "LINUX-SHMAT-EXEC-1", EACCES, may_not_execute, MAY, ONCE, false },
	{ "SHMAT-ERR-ENOMEM", ENOMEM, no_space, SHALL, ONCE, false },
	{ "LINUX-SHMAT-LIM-3", EAGAIN, attaches_too_much_locked, MAY, ONCE, false },
	{ "LINUX-SHMAT-LIM-2", ENOMEM, attaches_too_much, MAY, ONCE, false },
	{ 0 }
};

/* The pointer is bad, and the segment stays attached: LIBC-IPC-4. */
static void ipc_shmat_ends(const struct view *v, struct outcome *out)
{
	(void)v;
	*out = (struct outcome){ .how = FAILED, .err = EFAULT };
}

static void ipc_shmat_commit(struct call *c, struct outcome *out)
{
	shmat_commit(c, out);
	ipc_shmat_ends(NULL, out);
}

const struct action model_ipc_shmat = {
	.find = FIND_ID, .rules = ipc_shmat_rules, .reserve = shmat_reserve, .ends = ipc_shmat_ends,
	.commit = ipc_shmat_commit, .failed = shmat_failed,
};

/* ---- shmdt ------------------------------------------------------------------------------------- */

/* Position of the first piece, from a position on, of an attach that began at addr; past the last if none. */
static size_t piece_of(const struct memory *m, uint64_t addr, size_t from)
{
	while (from < m->nattached
	       && (first_of(&m->attached[from]) < addr
		   || first_of(&m->attached[from]) - addr != (uint64_t)m->attached[from].offset))
		from++;
	return from;
}

static bool not_page_aligned(const struct view *v)
{
	return (uint64_t)v->op->shmdt.addr % (uint64_t)v->w->facts.page;
}

static bool not_attached(const struct view *v)
{
	if (piece_of(v->memory, (uint64_t)v->op->shmdt.addr, 0) < v->memory->nattached)
		return false;
	note(v, "none of %zu attachments began at 0x%llx", v->memory->nattached,
	     (unsigned long long)v->op->shmdt.addr);
	return true;
}

static const struct rule shmdt_rules[] = {
	{ "LINUX-SHMDT-1", EINVAL, not_page_aligned, SHALL, ONCE, false },
	{ "SHMDT-ERR-EINVAL", EINVAL, not_attached, SHALL, ONCE, false },
	{ 0 }
};

/* Does the area end where the attach ended at first, or before? One that mremap made longer does not. */
static bool within(const struct call *c, const struct attachment *a, uint64_t addr)
{
	return last_of(a) - addr < span(segment_of(c->w, a));
}

/* The first area goes in any case, and those behind it as far as the attach reached when it was made. */
static void shmdt_commit(struct call *c, struct outcome *out)
{
	struct memory *m = c->memory;
	uint64_t addr = (uint64_t)c->op->shmdt.addr;
	size_t at = piece_of(m, addr, 0);
	int64_t attach;

	(void)out;
	if (at == m->nattached)
		return;
	attach = m->attached[at].attach;
	for (bool first = true; at < m->nattached; first = false) {
		if (!first && (m->attached[at].attach != attach || !within(c, &m->attached[at], addr)))
			at++;
		else
			detach(c, at);
		at = piece_of(m, addr, at);
	}
}

const struct action model_shmdt = { .rules = shmdt_rules, .commit = shmdt_commit };

/* ---- contents ---------------------------------------------------------------------------------- */

/* Position of the first page that is not below number. */
static size_t page_at(const struct segment *s, int64_t number)
{
	size_t lo = 0, hi = s->npages;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->pages[mid].number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The bytes of a page; NULL for one in which nothing was stored. */
static unsigned char *page_bytes(const struct segment *s, int64_t number)
{
	size_t at = page_at(s, number);

	return at < s->npages && s->pages[at].number == number ? s->pages[at].bytes : NULL;
}

/* Gives the page bytes to store in, all zero at first: no change that anyone could see. */
static bool provide_page(struct segment *s, int64_t number, size_t size)
{
	size_t at = page_at(s, number);
	unsigned char *bytes;

	if (page_bytes(s, number))
		return true;
	if (!grow(&s->pages, &s->cappages, s->npages + 1, sizeof(*s->pages)))
		return false;
	bytes = calloc(1, size);
	if (!bytes)
		return false;
	memmove(&s->pages[at + 1], &s->pages[at], (s->npages - at) * sizeof(*s->pages));
	s->pages[at] = (struct page){ number, bytes };
	s->npages++;
	return true;
}

/* Bytes of one page that an actor can reach. */
struct stretch {
	struct segment *s;
	int64_t page;		/* number in the segment */
	size_t at, n;		/* offset in the page; n is 0 where nothing can be reached */
	int signal;		/* that the actor gets then */
};

static struct stretch stretch_at(const struct world *w, int actor, uint64_t addr, size_t len, bool store)
{
	const struct memory *m = cmemory_of(w, &w->task[actor]);
	size_t i = attachment_at(m, addr), page = (size_t)w->facts.page;
	const struct attachment *a = i < m->nattached ? &m->attached[i] : NULL;
	struct stretch r = { .signal = SIGSEGV };
	uint64_t offset;

	if (!a || first_of(a) > addr || !(a->prot & (store ? WRITABLE : READABLE | WRITABLE)))
		return r;
	r.s = segment_of(w, a);
	r.signal = SIGBUS;
	if (is_huge(w, r.s))
		return r;
	offset = addr - first_of(a) + (uint64_t)a->offset;
	if (offset >= span(r.s))
		return r;
	r.page = (int64_t)(offset / page);
	r.at = (size_t)(offset % page);
	r.n = len < page - r.at ? len : page - r.at;
	return r;
}

/*
 * Bytes are loaded and stored in order of address: those before a bad one are stored. No actor loads more
 * than STRINGMAX bytes at once; the length of a longer load counts as that.
 */
static size_t load_len(const struct op *op)
{
	if (op->load.len < 0)
		return 0;
	return op->load.len < (int64_t)STRINGMAX ? (size_t)op->load.len : STRINGMAX;
}

size_t model_bytes(const struct world *w, int actor, int64_t addr, unsigned char *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		struct stretch r = stretch_at(w, actor, (uint64_t)addr + done, len - done, false);
		const unsigned char *bytes = r.n ? page_bytes(r.s, r.page) : NULL;

		if (!r.n)
			break;
		if (bytes)
			memcpy(buf + done, bytes + r.at, r.n);
		else
			memset(buf + done, 0, r.n);
		done += r.n;
	}
	return done;
}

static const struct rule no_rules[] = { { 0 } };

/* The first byte of len that the actor cannot load or store ends the access with a signal. */
static void access_ends(const struct view *v, uint64_t addr, size_t len, bool store, struct outcome *out)
{
	struct stretch r;

	for (size_t done = 0; done < len; done += r.n) {
		r = stretch_at(v->w, v->actor, addr + done, len - done, store);
		if (r.n)
			continue;
		*out = (struct outcome){ .how = FAULTED, .err = r.signal };
		return;
	}
}

static void load_ends(const struct view *v, struct outcome *out)
{
	access_ends(v, (uint64_t)v->op->load.addr, load_len(v->op), false, out);
}

static bool load_reserve(struct call *c)
{
	return grow(&c->w->bytes, &c->w->capbytes, load_len(c->op), 1);
}

static void load_commit(struct call *c, struct outcome *out)
{
	const struct view v = view_of(c->w, c->op, c->p, NULL);
	size_t len = load_len(c->op);

	load_ends(&v, out);
	if (out->how != RETURNED)
		return;
	model_bytes(c->w, c->actor, c->op->load.addr, c->w->bytes, len);
	out->bytes = c->w->bytes;
	out->len = len;
}

const struct action model_load = {
	.rules = no_rules, .reserve = load_reserve, .ends = load_ends, .commit = load_commit,
};

static bool store_reserve(struct call *c)
{
	size_t len = c->op->data->bytes.len;
	struct stretch r;

	for (size_t done = 0; done < len; done += r.n) {
		r = stretch_at(c->w, c->actor, (uint64_t)c->op->store.addr + done, len - done, true);
		if (!r.n)
			break;
		if (!provide_page(r.s, r.page, (size_t)c->w->facts.page))
			return false;
	}
	return true;
}

static void store_ends(const struct view *v, struct outcome *out)
{
	access_ends(v, (uint64_t)v->op->store.addr, v->op->data->bytes.len, true, out);
}

/* Bytes before the one that cannot be stored are stored. */
static void store_commit(struct call *c, struct outcome *out)
{
	const struct view v = view_of(c->w, c->op, c->p, NULL);
	const struct payload *d = c->op->data;
	uint64_t addr = (uint64_t)c->op->store.addr;
	struct stretch r;

	store_ends(&v, out);
	for (size_t done = 0; done < d->bytes.len; done += r.n) {
		r = stretch_at(c->w, c->actor, addr + done, d->bytes.len - done, true);
		if (!r.n)
			return;
		memcpy(page_bytes(r.s, r.page) + r.at, d->bytes.v + done, r.n);
	}
}

const struct action model_store = {
	.rules = no_rules, .reserve = store_reserve, .ends = store_ends, .commit = store_commit,
};

/* ---- address spaces ---------------------------------------------------------------------------- */

static int memory_number(const struct task *t)
{
	return t->memory;
}

struct memory *memory_of(struct world *w, const struct task *t)
{
	return &w->memory[t->memory];
}

/* A task that is dead has an empty one. */
const struct memory *cmemory_of(const struct world *w, const struct task *t)
{
	static const struct memory none;

	return t->alive ? &w->memory[t->memory] : &none;
}

void memory_new(struct world *w, int actor)
{
	w->task[actor].memory = unused_number(w, memory_number, actor);
}

bool memory_copy_reserve(struct call *c, int child)
{
	return reserve_areas(&c->w->memory[unused_number(c->w, memory_number, child)], c->memory->nattached);
}

/* The parent counts as the one who attached: LINUX-NATTCH-4. Locks are not inherited. */
void memory_copy(struct call *c, struct task *child)
{
	enum { UNTOUCHED, ATTACHES, OPEN } way = switch_of(c->p, SW_fork_attaches);
	struct memory *to = memory_of(c->w, child);

	for (size_t i = 0; i < c->memory->nattached; i++) {
		struct attachment a = c->memory->attached[i];
		struct segment *s = segment_of(c->w, &a);

		if (a.not_inherited)
			continue;
		a.locked = false;
		if (!counts(c, to, insert_area(to, &a)))
			continue;
		s->nattch++;
		if (way == ATTACHES)
			touch_atime(c, s);
		else if (way == OPEN)
			s->atime = TIME_ANY;
	}
	to->files_open = c->memory->files_open;
	to->files = c->memory->files;
	to->umask = c->memory->umask;
	to->sockets = c->memory->sockets;
	memcpy(to->queue, c->memory->queue, sizeof(to->queue));
}

static void leave_area(struct call *c, struct memory *m, size_t at)
{
	struct segment *s = segment_of(c->w, &m->attached[at]);
	bool counted = counts(c, m, at);
	int lpid = s->lpid;

	m->nattached--;
	if (!counted)
		return;
	touch_dtime(c, s);
	if (!switch_of(c->p, SW_exit_sets_lpid))
		s->lpid = lpid;
	drop_attach(c, s);
}

void memory_close(struct memory *m)
{
	memset(m->queue, 0, sizeof(m->queue));
	m->sockets = 0;
}

void memory_leave(struct call *c)
{
	struct memory *m = memory_of(c->w, c->task);
	bool shared = number_shared(c->w, memory_number, c->task);

	while (!shared && m->nattached)
		leave_area(c, m, m->nattached - 1);
	if (!shared)
		m->locks_all = m->files_open = false;
	if (!shared)
		memory_close(m);
	c->task->memory = NONE;
}

bool memory_clone(struct memory *copy, const struct memory *m)
{
	*copy = *m;
	copy->attached = NULL;
	copy->capattached = 0;
	if (!grow(&copy->attached, &copy->capattached, m->nattached, sizeof(*copy->attached)))
		return false;
	if (m->nattached)
		memcpy(copy->attached, m->attached, m->nattached * sizeof(*copy->attached));
	return true;
}

static void fold_area(const struct attachment *a, struct sink *s)
{
	fold(s, a->addr);
	fold(s, a->size);
	fold(s, a->offset);
	fold(s, a->ns);
	fold(s, a->shmid);
	fold(s, a->attach);
	fold(s, a->prot);
	fold(s, a->may_write);
	fold(s, a->not_inherited);
	fold(s, a->locked);
}

void memory_fold(const struct memory *m, struct sink *s)
{
	fold(s, (int64_t)m->nattached);
	for (size_t i = 0; i < m->nattached; i++)
		fold_area(&m->attached[i], s);
	fold(s, m->locks_all);
	fold(s, m->umask);
	fold(s, (int64_t)m->sockets);
	s->put(s, m->queue, sizeof(m->queue));
	fold(s, m->files_open);
	if (m->files_open)
		fold_spaces(&m->files, s);
}

bool model_attachment(const struct world *w, int actor, int i, int64_t *addr, int64_t *size)
{
	const struct memory *m = cmemory_of(w, &w->task[actor]);

	for (size_t at = 0; at < m->nattached; at++) {
		if (m->attached[at].offset || !(m->attached[at].prot & READABLE) || i--)
			continue;
		*addr = m->attached[at].addr;
		*size = m->attached[at].size;
		return true;
	}
	return false;
}

int64_t count_areas(const struct world *w, const struct perm *perm)
{
	int64_t n = 0;

	for (int i = 0; i < MAXACTORS; i++)
		for (size_t k = 0; k < w->memory[i].nattached; k++)
			n += segment_of(w, &w->memory[i].attached[k]) == (const struct segment *)perm;
	return n;
}

/* The last area of an attach stands for it. */
int64_t count_attaches(const struct world *w, const struct perm *perm)
{
	int64_t n = 0;

	for (int i = 0; i < MAXACTORS; i++)
		for (size_t k = 0; k < w->memory[i].nattached; k++) {
			const struct attachment *a = w->memory[i].attached;
			size_t later = k + 1;

			while (later < w->memory[i].nattached && a[later].attach != a[k].attach)
				later++;
			n += later == w->memory[i].nattached
				&& segment_of(w, &a[k]) == (const struct segment *)perm;
		}
	return n;
}

bool attachments_ok(const struct world *w, char *why, size_t size)
{
	for (int i = 0; i < MAXACTORS; i++) {
		const struct memory *m = &w->memory[i];

		if (m->nattached && unused_number(w, memory_number, i) == i)
			return broken(why, size, "segments are attached to memory %d, which nobody has", i);
		for (size_t k = 0; k < m->nattached; k++) {
			const struct attachment *a = &m->attached[k];

			if (!segment_of(w, a))
				return broken(why, size, "memory %d has attached segment %lld, which is gone",
					      i, (long long)a->shmid);
			if (k && last_of(a - 1) >= first_of(a))
				return broken(why, size, "attachments of memory %d overlap at 0x%llx", i,
					      (unsigned long long)a->addr);
		}
	}
	return true;
}
