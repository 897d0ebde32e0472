/* What /proc says of the memory of a process: the worker reads it, who may open files. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

/* A row of /proc/PID/maps about an attached segment. */
struct row { uint64_t start, end, offset; char prot[5]; int64_t id; uint32_t key; };

/* False for a row about anything else. */
static bool read_row(const char *line, struct row *row)
{
	return sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*s %" SCNd64 " /SYSV%8" SCNx32,
		      &row->start, &row->end, row->prot, &row->offset, &row->id, &row->key) == 6;
}

static int64_t prot_of(const struct row *row)
{
	return (row->prot[0] == 'r' ? READABLE : 0) | (row->prot[1] == 'w' ? WRITABLE : 0)
		| (row->prot[2] == 'x' ? EXECUTABLE : 0);
}

static void tell(const struct row *row, struct outcome *out)
{
	*out = (struct outcome){ .how = RETURNED, .value = row->id };
	put(&out->rec, F_key, (int32_t)row->key);
	put(&out->rec, F_prot, prot_of(row));
	put(&out->rec, F_offset, (int64_t)row->offset);
	put(&out->rec, F_length, (int64_t)(row->end - row->start));
}

/* A system without the file lacks the operation. */
enum progress maps_call(struct real *r, const struct op *op, struct outcome *out)
{
	uint64_t addr = (uint64_t)op->proc_maps.addr;
	char path[40], line[512];
	struct row row;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)r->actor[op->actor].tid);
	f = fopen(path, "re");
	*out = (struct outcome){ .how = FAILED, .err = f ? ENOENT : ENOSYS };
	while (f && fgets(line, sizeof(line), f))
		if (read_row(line, &row) && addr >= row.start && addr < row.end)
			tell(&row, out);
	if (f)
		fclose(f);
	return DONE;
}

size_t maps_total(pid_t pid)
{
	char path[40], text[128];

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	if (!read_file(path, text, sizeof(text)))
		return 0;
	return (size_t)strtoull(text, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}
