/*
 * Memory for calls, shared by worker and actors. Every slot has a pad that ends at a page that cannot be
 * accessed, so that a kernel that reads or stores too much gets a fault:
 *
 *	struct slot | page for a timeout | guard | pad | guard
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

#define APRON 16	/* bytes before the place of an answer that are watched */
#define WORD 8		/* bytes that P_PARTIAL leaves */

static size_t page(void)
{
	static size_t size;

	if (!size)
		size = (size_t)sysconf(_SC_PAGESIZE);
	return size;
}

static size_t pad_size(void)
{
	return (PAD_SIZE + page() - 1) / page() * page();
}

unsigned char *slot_timeout_end(const struct slot *s)
{
	return (unsigned char *)s + 2 * page();
}

static unsigned char *pad_start(const struct slot *s)
{
	return slot_timeout_end(s) + page();
}

unsigned char *slot_pad_end(const struct slot *s)
{
	return pad_start(s) + pad_size();
}

/*
 * One mapping for all slots: each one more would make every fork dearer. It is of a file without a name and
 * at a place that nothing else takes, so that a program that an actor becomes can have it there too: far from
 * the hole, which huge segments reach out of, where addresses have 47 bits.
 */
static const uint64_t places[] = { OWN_HIGH, OWN_LOW };
static struct { unsigned char *at; int fd; } area;

static size_t slot_size(void)
{
	return pad_size() + 4 * page();
}

static bool area_map(int fd, uint64_t place)
{
	size_t size = MAXACTORS * slot_size();
	void *want = (void *)(uintptr_t)place, *p;

	if (place > UINTPTR_MAX - size)
		return false;
	p = mmap(want, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);
	if (p == want) {
		area.at = p;
		area.fd = fd;
	} else if (p != MAP_FAILED) {
		munmap(p, size);
	}
	return p == want;
}

static bool area_make(void)
{
	int fd = memfd_create("sysvet", 0), err;

	if (fd < 0)
		return false;
	if (!ftruncate(fd, (off_t)(MAXACTORS * slot_size()))
	    && (area_map(fd, places[0]) || area_map(fd, places[1])))
		return true;
	err = errno;
	close(fd);
	errno = err;
	return false;
}

int slots_handed(uint64_t *place)
{
	*place = (uintptr_t)area.at;
	return area.at ? area.fd : -1;
}

bool slots_take(int fd, uint64_t place)
{
	struct stat st;

	return !fstat(fd, &st) && st.st_size == (off_t)(MAXACTORS * slot_size()) && area_map(fd, place);
}

struct slot *slot_get(int i)
{
	if (!area.at && !area_make())
		return NULL;
	return (struct slot *)(area.at + (size_t)i * slot_size());
}

struct slot *slot_new(void)
{
	void *p = mmap(NULL, slot_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE,
		       -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void slot_free(struct slot *s)
{
	munmap(s, slot_size());
}

bool slot_guard(const struct slot *s)
{
	return !mprotect(slot_timeout_end(s), page(), PROT_NONE)
		&& !mprotect(slot_pad_end(s), page(), PROT_NONE);
}

void slot_protect(const struct slot *s, bool on)
{
	int may = on ? PROT_READ : PROT_READ | PROT_WRITE;

	if (s->readonly)
		mprotect(pad_start(s), pad_size(), may);
	if (s->timeout_readonly)
		mprotect(slot_timeout_end(s) - page(), page(), may);
}

/* ---- places ---------------------------------------------------------------------------------- */

static struct spot spot_before(unsigned char *end, enum place where, size_t size)
{
	switch (where) {
	case P_OK:
	case P_READONLY: return (struct spot){ end - size, size };
	case P_PARTIAL: return (struct spot){ end - WORD, size < WORD ? size : WORD };
	case P_ODD: return (struct spot){ end - size - !(size & 1), size };
	case P_UNMAPPED: return (struct spot){ end, 0 };
	case P_NULL:
	case NPLACES: break;
	}
	return (struct spot){ NULL, 0 };
}

struct spot pad_spot(struct slot *s, enum place where, size_t size)
{
	s->readonly = where == P_READONLY;
	return spot_before(slot_pad_end(s), where, size < PAD_SIZE ? size : PAD_SIZE);
}

struct spot timeout_spot(struct slot *s, enum place where, size_t size)
{
	s->timeout_readonly = where == P_READONLY;
	return spot_before(slot_timeout_end(s), where, size);
}

void spot_write(struct spot spot, size_t offset, const void *from, size_t n)
{
	if (offset >= spot.room || !n)
		return;
	memcpy(spot.at + offset, from, n < spot.room - offset ? n : spot.room - offset);
}

/* ---- canaries -------------------------------------------------------------------------------- */

/* Bytes before the spot that lie in the pad and are watched. */
static size_t apron(const struct slot *s, struct spot spot)
{
	size_t before = spot.room ? (size_t)(spot.at - pad_start(s)) : 0;

	return before < APRON ? before : APRON;
}

void canary_fill(const struct slot *s, struct spot spot)
{
	size_t before = apron(s, spot);

	if (spot.room)
		memset(spot.at - before, CANARY, before + spot.room);
}

static bool all_canaries(const unsigned char *p, size_t n)
{
	return !n || (p[0] == CANARY && !memcmp(p, p + 1, n - 1));
}

long canary_broken(const struct slot *s, struct spot spot, size_t offset)
{
	long at = -(long)apron(s, spot);

	if (!spot.room)
		return 0;
	if (all_canaries(spot.at + at, (size_t)-at))
		at = offset < spot.room ? (long)offset : (long)spot.room;
	if (at >= 0 && all_canaries(spot.at + at, spot.room - (size_t)at))
		return (long)spot.room;
	while (spot.at[at] == CANARY)
		at++;
	return at;
}
