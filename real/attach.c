/*
 * What the worker knows of its actors' attachments, so that a case can neither read nor overwrite memory
 * of the harness: not by load and store, and not by an attach that replaces what is there.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "internal.h"

static uintptr_t page(void)
{
	return (uintptr_t)sysconf(_SC_PAGESIZE);
}

static size_t whole_pages(uint64_t size)
{
	return ((size_t)size + page() - 1) / page() * page();
}

/* Bytes from addr on that lie in the range; 0 when addr does not. */
static size_t inside(uintptr_t addr, uintptr_t start, size_t size)
{
	return addr >= start && addr - start < size ? size - (addr - start) : 0;
}

/* Bytes from addr on that are the actor's own: attached, or in the hole. */
static size_t own(const struct actor *a, uintptr_t addr)
{
	size_t most = inside(addr, (uintptr_t)HOLE, (size_t)HOLE_SIZE);

	for (size_t i = 0; i < a->nattached; i++) {
		size_t n = inside(addr, a->attached[i].addr, a->attached[i].size);

		most = n > most ? n : most;
	}
	return most;
}

struct actor *attach_keeper(struct real *r, int actor)
{
	return &r->actor[r->actor[actor].memory];
}

void attach_drop(struct real *r, int actor)
{
	struct actor *a = attach_keeper(r, actor);

	a->nattached = 0;
	a->moved_in = true;
}

size_t attach_reach(struct real *r, const struct op *op)
{
	const struct actor *a = attach_keeper(r, op->actor);
	uintptr_t start = (uintptr_t)op->v[0], at = start;
	size_t n;

	while ((n = own(a, at)) && at + n > at)
		at += n;
	return at - start;
}

/*
 * Is nothing at all mapped there in the worker, of which the actors are copies? A system that knows no
 * MAP_FIXED_NOREPLACE takes another place, and so do some for the first 64 KiB, where nothing of ours lies.
 */
static bool vacant(uintptr_t addr, size_t size)
{
	const uintptr_t end = addr + size, lowest = 65536;
	void *p;

	if (end <= lowest)
		return true;
	addr = addr < lowest ? lowest : addr;
	size = end - addr;
	p = mmap((void *)addr, size, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (p == MAP_FAILED)
		return errno != EEXIST;
	munmap(p, size);
	return (uintptr_t)p == addr;
}

/* Bytes from addr, which is not the actor's own, to what is; at most most. */
static size_t gap(const struct actor *a, uintptr_t addr, size_t most)
{
	uintptr_t hole = (uintptr_t)HOLE;
	size_t n = hole > addr && hole - addr < most ? hole - addr : most;

	for (size_t i = 0; i < a->nattached; i++) {
		uintptr_t start = a->attached[i].addr;

		n = start > addr && start - addr < n ? start - addr : n;
	}
	return n;
}

static bool may_replace(const struct actor *a, uintptr_t addr, size_t size)
{
	while (size) {
		size_t n = own(a, addr);

		if (!n) {
			n = gap(a, addr, size);
			if (a->moved_in || !vacant(addr, n))
				return false;
		}
		n = n < size ? n : size;
		addr += n;
		size -= n;
	}
	return true;
}

static size_t segment_size(int64_t id)
{
	struct record rec;

	if (!look_object(SHM, id, &rec))
		return 0;
	return whole_pages((uint64_t)rec.v[F_segsz]);
}

/* May the pages of size bytes from addr on change? Of no bytes there are none, whatever the address. */
static bool may_change(const struct actor *a, uintptr_t addr, size_t size)
{
	uintptr_t at = addr, end = whole_pages(addr + size);

	if (!size)
		return true;
	if (end < addr || size > end)
		return false;
	while (at < end) {
		size_t n = own(a, at);

		if (!n)
			return false;
		at = n < end - at ? at + n : end;
	}
	return true;
}

/* A call that moves an attach may replace something as well. */
static bool may_move(const struct actor *a, const struct op *op)
{
	uintptr_t to = (uintptr_t)op->mremap.to;

	return may_change(a, (uintptr_t)op->mremap.addr, op->mremap.len ? (size_t)op->mremap.len : 1)
		&& (!to || to % page() || may_replace(a, to, (size_t)op->mremap.newlen));
}

/* Does the call keep to what is the actor's own? */
static bool keeps_within(const struct actor *a, const struct op *op)
{
	switch (op->code) {
	case OP_munmap: case OP_mprotect: case OP_madvise_DONTFORK:
		return may_change(a, (uintptr_t)op->v[0], (size_t)op->v[1]);
	case OP_mremap:
		return may_move(a, op);
	default:
		return true;
	}
}

/* What has no room anywhere replaces nothing. */
static bool has_room(size_t size)
{
	void *p = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p != MAP_FAILED)
		munmap(p, size);
	return p != MAP_FAILED || errno != ENOMEM;
}

bool attach_check(struct real *r, const struct op *op)
{
	uintptr_t addr = (uintptr_t)op->shmat.addr / page() * page();
	size_t size;

	if (!keeps_within(attach_keeper(r, op->actor), op)) {
		lost(r, "%s at 0x%llx would change memory of the harness", opinfo[op->code].name,
		     (unsigned long long)op->v[0]);
		return false;
	}
	if (op->code != OP_shmat || !(op->shmat.flg & SHM_REMAP) || !addr)
		return true;		/* where the system chooses the place, nothing is in its way */
	size = segment_size(op->shmat.id);
	if (addr + size < addr || !has_room(size) || may_replace(attach_keeper(r, op->actor), addr, size))
		return true;
	lost(r, "an attach at 0x%llx would replace memory of the harness", (unsigned long long)addr);
	return false;
}

/* ---- pieces ---------------------------------------------------------------------------------- */

static bool add(struct actor *a, const struct attachment *piece)
{
	if (!grow(&a->attached, &a->capattached, a->nattached + 1, sizeof(*a->attached)))
		return false;
	a->attached[a->nattached++] = *piece;
	return true;
}

static void take_out(struct actor *a, size_t i)
{
	a->attached[i] = a->attached[--a->nattached];
}

/* What is left of a piece on either side of start .. start + size takes its place. */
static bool cut(struct actor *a, size_t i, uintptr_t start, size_t size)
{
	struct attachment p = a->attached[i], left = p, right = p;

	take_out(a, i);
	left.size = start > p.addr ? start - p.addr : 0;
	right.addr = start + size;
	right.size = p.addr + p.size > right.addr ? p.addr + p.size - right.addr : 0;
	return (!left.size || add(a, &left)) && (!right.size || add(a, &right));
}

static bool overlaps(const struct attachment *p, uintptr_t start, size_t size)
{
	return p->addr < start + size && start < p->addr + p->size;
}

/* An attach may lie on top of others, which are then cut. Where an attach was moved from stays its own. */
bool attach_note(struct real *r, const struct op *op, int64_t addr)
{
	struct actor *a = attach_keeper(r, op->actor);
	const struct attachment piece = {
		.addr = (uintptr_t)addr,
		.size = op->code == OP_mremap ? whole_pages((uint64_t)op->mremap.newlen)
					      : segment_size(op->shmat.id),
		.base = (uintptr_t)addr, .call = r->calls,
	};

	if (op->code == OP_mremap)
		return add(a, &piece);
	for (size_t i = a->nattached; i-- > 0;)
		if (overlaps(&a->attached[i], piece.addr, piece.size) && !cut(a, i, piece.addr, piece.size))
			return false;
	return add(a, &piece);
}

/*
 * A detach takes every piece of one attach: of that which has the lowest piece, where several were at this
 * address. An actor process keeps what it had: nothing else of it will ever lie there, so that an access
 * after the detach can be tried. The worker may get other memory there.
 */
void attach_forget(struct real *r, const struct op *op)
{
	struct actor *a = attach_keeper(r, op->actor);
	const struct attachment *lowest = NULL;
	uint64_t call;

	if (r->mode != REAL_SOLO)
		return;
	for (const struct attachment *p = a->attached; p < a->attached + a->nattached; p++)
		if (p->base == (uintptr_t)op->shmdt.addr && (!lowest || p->addr < lowest->addr))
			lowest = p;
	call = lowest ? lowest->call : 0;
	for (size_t i = a->nattached; lowest && i-- > 0;)
		if (a->attached[i].call == call)
			take_out(a, i);
}

bool attach_inherit(struct real *r, int parent, int child)
{
	const struct actor *from = attach_keeper(r, parent);

	r->actor[child].moved_in = from->moved_in;
	for (size_t i = 0; i < from->nattached; i++)
		if (!add(&r->actor[child], &from->attached[i]))
			return false;
	return true;
}
