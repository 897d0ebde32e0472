/* ---- memory ------------------------------------------------------------------------------------------- */

TOOL long load(char *to, const void *from, size_t n)
{
	const volatile char *at = from;

	for (size_t i = 0; i < n; i++)
		to[i] = at[i];
	return 0;
}

/* Bytes that repeat these n. */
TOOL long store(void *to, const char *from, size_t n, size_t size)
{
	volatile char *at = to;

	for (size_t i = 0; i < size; i++)
		at[i] = from[i % n];
	return 0;
}

struct row { long key, prot, offset, length; };

/* The segment that is attached at the address; ENOENT: none is. */
TOOL long mapped(void *address, struct row *row)
{
	unsigned long at = (unsigned long)address, start, end, offset, id;
	FILE *f = fopen("/proc/self/maps", "r");
	char line[512], prot[5];
	long found = -1;
	unsigned key;

	errno = f ? 0 : ENOSYS;
	while (f && found < 0 && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx %4s %lx %*s %lu /SYSV%8x", &start, &end, prot, &offset, &id,
			   &key) != 6 || at < start || at >= end)
			continue;
		row->key = (int)key;
		row->prot = (prot[0] == 'r' ? PROT_READ : 0) | (prot[1] == 'w' ? PROT_WRITE : 0)
			| (prot[2] == 'x' ? PROT_EXEC : 0);
		row->offset = (long)offset;
		row->length = (long)(end - start);
		found = (long)id;
	}
	if (f)
		fclose(f);
	if (f && found < 0)
		errno = ENOENT;
	return found;
}

/* A soft limit; that of the address space comes on top of what is mapped. */
TOOL long bound(int which, long value)
{
	struct rlimit limit;
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f && (fscanf(f, "%ld", &pages) != 1 || which != RLIMIT_AS))
		pages = 0;
	if (f)
		fclose(f);
	getrlimit(which, &limit);
	limit.rlim_cur = value < 0 ? RLIM_INFINITY
		: (rlim_t)value + (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
	return setrlimit(which, &limit);
}
