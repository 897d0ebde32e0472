/*
 * On the heap lie all cases that were read, of no use to actors, and each fork copies its page tables. Of a
 * private mapping of a file a fork copies only what was changed, and what is wanted after all is there.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "internal.h"

enum { MOST = 64 };		/* pieces of memory; a heap of more stays where it is */

struct range { uintptr_t start, end; };

extern char __bss_start[], _end[];	/* of the program's own variables, by the linker */

static bool meets(const struct range *r, const void *start, const void *end)
{
	return r->start < (uintptr_t)end && r->end > (uintptr_t)start;
}

/* Without a name lie what malloc maps beside the heap, and what sanitizers look at all the time. */
#ifdef __SANITIZE_ADDRESS__
enum { FIELDS_OF_HEAP = 4 };
#else
enum { FIELDS_OF_HEAP = 3 };
#endif

/* Is it memory of no file that malloc may have taken? Neither the stack nor the program's variables are. */
static bool is_heap(const char *line, struct range *r)
{
	char rights[5], name[20] = "";
	int n = sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s %*s 00:00 0 %19s", &r->start, &r->end, rights,
		       name);

	return n >= FIELDS_OF_HEAP && !strcmp(rights, "rw-p") && (n == 3 || !strcmp(name, "[heap]"))
		&& !meets(r, __bss_start, _end) && !meets(r, name, name + sizeof(name));
}

/* 0 where that cannot be seen. */
static int find(struct range r[MOST])
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[300];
	int n = 0;

	while (maps && n < MOST && fgets(line, sizeof(line), maps))
		n += is_heap(line, &r[n]);
	if (maps)
		fclose(maps);
	return n < MOST ? n : 0;
}

static void put_aside(const struct range *r)
{
	size_t size = r->end - r->start;
	int fd = memfd_create("heap", MFD_CLOEXEC);

	if (fd >= 0 && write_whole(fd, (const void *)r->start, size))
		mmap((void *)r->start, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, 0);
	if (fd >= 0)
		close(fd);
}

void heap_put_aside(void)
{
	struct range r[MOST];
	int n = find(r);

	for (int i = 0; i < n; i++)
		put_aside(&r[i]);
}
