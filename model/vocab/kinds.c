#include <signal.h>
#include <string.h>

#include "kinds.h"

/* ---- names ---------------------------------------------------------------------------------- */

static const struct part *find_name(struct scan *s, const struct part *names)
{
	for (; names->name; names++)
		if (scan_is(s, names->name))
			return names;
	return NULL;
}

bool scan_bits(struct scan *s, const struct part *names, const char *expected, int64_t lo, int64_t hi,
	       int64_t *v)
{
	const struct part *name;
	int64_t bits;

	*v = 0;
	do {
		scan_space(s);
		name = find_name(s, names);
		bits = name ? name->lo : 0;
		if (!name && scan_word(s))
			return scan_unexpected(s, s->pos, expected);
		if (!name && !scan_range(s, &bits, lo, hi))
			return false;
		*v |= bits;
	} while (scan_char(s, '|'));
	return true;
}

static void put_octal(struct text *t, int64_t v)
{
	text_add(t, "0%03llo", (unsigned long long)v);
}

void print_bits(struct text *t, const struct part *names, int64_t v)
{
	const char *between = "";

	if (v <= 0) {
		text_int(t, v);
		return;
	}
	for (; names->name; names++) {
		if (!(v & names->lo))
			continue;
		text_puts(t, between);
		text_puts(t, names->name);
		between = "|";
		v &= ~names->lo;
	}
	if (v) {
		text_puts(t, between);
		put_octal(t, v);
	}
}

static const struct part places[] = {
	[P_OK] = { "ok", P_OK, P_OK }, [P_NULL] = { "null", P_NULL, P_NULL },
	[P_UNMAPPED] = { "unmapped", P_UNMAPPED, P_UNMAPPED },
	[P_READONLY] = { "readonly", P_READONLY, P_READONLY },
	[P_PARTIAL] = { "partial", P_PARTIAL, P_PARTIAL }, [P_ODD] = { "odd", P_ODD, P_ODD },
	[NPLACES] = { 0 },
};

bool scan_place(struct scan *s, enum place *where)
{
	const struct part *place;

	*where = P_OK;
	if (!scan_char(s, '@'))
		return true;
	place = find_name(s, places);
	if (!place)
		return scan_unexpected(s, s->pos, "one of ok, null, unmapped, readonly, partial, odd");
	*where = (enum place)place->lo;
	return true;
}

void print_place(struct text *t, enum place where)
{
	text_puts(t, "@");
	text_puts(t, places[where].name);
}

/* ---- numbers -------------------------------------------------------------------------------- */

SCANNER(scan_plain)
{
	(void)ref, (void)data;
	scan_space(s);
	if (strchr("+-0123456789IL", s->text[s->pos]) && s->text[s->pos])
		return scan_range(s, v, k->lo, k->hi);
	return scan_unexpected(s, s->pos, k->text);
}

static PRINTER(print_plain)
{
	(void)k;
	text_int(t, val->v);
}

static PRINTER(print_mode)
{
	(void)k;
	if (val->v > 0)
		put_octal(t, val->v);
	else
		text_int(t, val->v);
}

/* Of 32 bits, but -1 is the value that no user and no group has. */
static SCANNER(scan_user)
{
	if (!scan_plain(s, k, v, ref, data))
		return false;
	if (*v == UINT32_MAX)
		*v = -1;
	return true;
}

static SCANNER(scan_flags)
{
	(void)ref, (void)data;
	return scan_bits(s, k->flags, k->text, k->lo, k->hi, v);
}

static PRINTER(print_flags)
{
	print_bits(t, k->flags, val->v);
}

/* ---- values with names ---------------------------------------------------------------------- */

static SCANNER(scan_out)
{
	enum place where;

	(void)ref, (void)data;
	scan_space(s);
	if (s->text[s->pos] != '@')
		return scan_unexpected(s, s->pos, k->text);
	if (!scan_place(s, &where))
		return false;
	*v = where;
	return true;
}

static SCANNER(scan_badptr)
{
	size_t start = s->pos;

	if (!scan_out(s, k, v, ref, data))
		return false;
	if (*v < k->lo || *v > k->hi)
		return scan_unexpected(s, start, k->text);
	return true;
}

static PRINTER(print_out)
{
	(void)k;
	print_place(t, (enum place)val->v);
}

static SCANNER(scan_limit)
{
	size_t len = scan_word(s);
	int found = limit_find(s->text + s->pos, len);

	(void)ref, (void)data;
	if (!len || found < 0)
		return scan_unexpected(s, s->pos, k->text);
	s->pos += len;
	*v = found;
	return true;
}

static PRINTER(print_limit)
{
	(void)k;
	text_puts(t, limitinfo[val->v].name);
}

/* One of a list of names, from number k->lo to k->hi. */
static bool scan_listed(struct scan *s, const struct kindinfo *k, const char *(*name)(int64_t), int64_t *v)
{
	for (*v = k->lo; *v <= k->hi; ++*v)
		if (scan_is(s, name(*v)))
			return true;
	return scan_unexpected(s, s->pos, k->text);
}

static const char *path_name(int64_t v)
{
	return pathinfo[v].name;
}

static const char *node_name(int64_t v)
{
	return nodeinfo[v].name;
}

static const char *header_name(int64_t v)
{
	return headerinfo[v].name;
}

static SCANNER(scan_path)
{
	(void)ref, (void)data;
	return scan_listed(s, k, path_name, v);
}

static PRINTER(print_path)
{
	(void)k;
	text_puts(t, path_name(val->v));
}

static SCANNER(scan_node)
{
	(void)ref, (void)data;
	return scan_listed(s, k, node_name, v);
}

static PRINTER(print_node)
{
	(void)k;
	text_puts(t, node_name(val->v));
}

static SCANNER(scan_header)
{
	(void)ref, (void)data;
	return scan_listed(s, k, header_name, v);
}

static PRINTER(print_header)
{
	(void)k;
	text_puts(t, header_name(val->v));
}

static SCANNER(scan_named)
{
	const struct part *named = find_name(s, k->parts);

	(void)ref, (void)data;
	if (!named)
		return scan_unexpected(s, s->pos, k->text);
	*v = named->lo;
	return true;
}

static PRINTER(print_named)
{
	const struct part *named = part_of((enum kind)(k - kindinfo), val->v);

	if (named)
		text_puts(t, named->name);
	else
		text_int(t, val->v);
}

/* No protection has a name too. */
static SCANNER(scan_prot)
{
	if (scan_is(s, "PROT_NONE")) {
		*v = 0;
		return true;
	}
	return scan_flags(s, k, v, ref, data);
}

static PRINTER(print_prot)
{
	if (val->v)
		print_flags(t, k, val);
	else
		text_puts(t, "PROT_NONE");
}

/* To read has no bit. */
static PRINTER(print_open)
{
	if (!(val->v & OPEN_ACCESS))
		text_puts(t, val->v ? "O_RDONLY|" : "O_RDONLY");
	if (val->v)
		print_flags(t, k, val);
}

/* Index of the name at pos, of len characters, in one half of the table of names; -1 when unknown. */
static int lookup(struct scan *s, int (*find)(void *ctx, const char *name, size_t len), size_t len)
{
	return len && find ? find(s->names->ctx, s->text + s->pos, len) : -1;
}

static SCANNER(scan_actor)
{
	size_t len = scan_word(s);
	int found = lookup(s, s->names ? s->names->actor : NULL, len);

	(void)ref, (void)data;
	if (found < 0)
		return scan_unexpected(s, s->pos, k->text);
	s->pos += len;
	*v = found;
	return true;
}

static void put_actor(struct text *t, int64_t actor, const struct nametable *names)
{
	bool known = names && names->actor_of && actor >= 0;
	const char *name = known ? names->actor_of(names->ctx, (int)actor) : NULL;

	if (name)
		text_puts(t, name);
	else
		text_add(t, "actor%lld", (long long)actor);
}

static PRINTER(print_actor)
{
	(void)k;
	put_actor(t, val->v, val->names);
}

static SCANNER(scan_pid)
{
	if (scan_char(s, '0')) {
		*v = 0;
		return true;
	}
	if (!scan_actor(s, k, v, ref, data))
		return false;
	(*v)++;
	return true;
}

static PRINTER(print_pid)
{
	(void)k;
	if (val->v)
		put_actor(t, val->v - 1, val->names);
	else
		text_puts(t, "0");
}

/* +N or -N after a name, or nothing. */
static bool scan_offset(struct scan *s, int64_t span, int64_t *v)
{
	*v = 0;
	if (s->text[s->pos] != '+' && s->text[s->pos] != '-')
		return true;
	return scan_range(s, v, -span, span);
}

static void put_offset(struct text *t, int64_t v)
{
	if (v > 0)
		text_puts(t, "+");
	if (v)
		text_int(t, v);
}

/* A bound name, perhaps with an offset. False without an error when there is no such name. */
static bool scan_name(struct scan *s, uint16_t *ref)
{
	size_t len = ref ? scan_word(s) : 0;
	int found = lookup(s, s->names ? s->names->name : NULL, len);

	if (found < 0 || found >= UINT16_MAX)
		return false;
	s->pos += len;
	*ref = (uint16_t)(found + 1);
	return true;
}

static void put_name(struct text *t, const struct value *val)
{
	const struct nametable *names = val->names;
	const char *name = names && names->name_of ? names->name_of(names->ctx, val->ref - 1) : NULL;

	if (name)
		text_puts(t, name);
	else
		text_add(t, "name%d", val->ref - 1);
	put_offset(t, val->v);
}

static SCANNER(scan_key)
{
	if (scan_is(s, "IPC_PRIVATE")) {
		*v = IPC_PRIVATE;
		return true;
	}
	if (scan_name(s, ref)) {
		*v = 0;
		return true;
	}
	if (!scan_plain(s, k, v, ref, data))
		return false;
	if (*v > INT32_MAX)
		*v -= (int64_t)UINT32_MAX + 1;
	return true;
}

static PRINTER(print_key)
{
	(void)k;
	if (val->ref)
		put_name(t, val);
	else if (val->v == IPC_PRIVATE)
		text_puts(t, "IPC_PRIVATE");
	else if (val->v < 0)
		text_int(t, val->v);
	else
		text_add(t, "0x%llx", (unsigned long long)val->v);
}

static SCANNER(scan_id)
{
	if (scan_name(s, ref))
		return scan_offset(s, INT32_MAX, v);
	return scan_plain(s, k, v, ref, data);
}

static PRINTER(print_id)
{
	(void)k;
	if (val->ref)
		put_name(t, val);
	else
		text_int(t, val->v);
}

enum { ADDRESS_BITS = 47 };	/* of an offset: a sum of addresses and offsets stays far from overflow */

static SCANNER(scan_addr)
{
	if (scan_is(s, "HOLE")) {
		if (!scan_offset(s, (int64_t)1 << ADDRESS_BITS, v))
			return false;
		*v += HOLE;
		return true;
	}
	if (scan_name(s, ref))
		return scan_offset(s, (int64_t)1 << ADDRESS_BITS, v);
	return scan_plain(s, k, v, ref, data);
}

static PRINTER(print_addr)
{
	if (val->ref || val->v < HOLE - HOLE_SIZE || val->v > HOLE + HOLE_SIZE) {
		print_id(t, k, val);
		return;
	}
	text_puts(t, "HOLE");
	put_offset(t, val->v - HOLE);
}

/* ---- partitions ----------------------------------------------------------------------------- */

#define IS(name) { #name, name, name }
#define PARTS(...) (const struct part[]){ __VA_ARGS__, { 0 } }

static const struct part ids[] = {
	{ "negative", INT32_MIN, -1 }, { "first", 0, 0 }, { "sequence 0", 1, IPCMNI - 1 },
	{ "later sequence", IPCMNI, INT32_MAX }, { 0 },
};
static const struct part signs[] = {
	{ "negative", INT64_MIN, -1 }, { "zero", 0, 0 }, { "positive", 1, INT64_MAX }, { 0 },
};
static const struct part users[] = {
	{ "nobody's", -1, -1 }, { "root", 0, 0 }, { "ordinary", 1, UINT32_MAX }, { 0 },
};
static const struct part modes[] = {
	{ "negative", INT64_MIN, -1 }, { "none", 0, 0 }, { "permissions", 1, 0777 },
	{ "beyond", 01000, INT64_MAX }, { 0 },
};

static const struct part prots[] = {
	{ "PROT_READ", READABLE, READABLE }, { "PROT_WRITE", WRITABLE, WRITABLE },
	{ "PROT_EXEC", EXECUTABLE, EXECUTABLE }, { 0 },
};
static const struct part prot_parts[] = {
	{ "nothing", 0, 0 }, { "to read", READABLE, READABLE }, { "to write", WRITABLE, READABLE | WRITABLE },
	{ "to execute", EXECUTABLE, 7 }, { 0 },
};

/* ---- the table ------------------------------------------------------------------------------ */

#define KIND(name, text) static const char text_##name[] = text;
#include "kinds.def"
#undef KIND

#define ROW(kind, reader, writer, ...) \
	[KIND_##kind] = { .name = #kind, .text = text_##kind, .scan = reader, .print = writer, __VA_ARGS__ }
#define RANGE(from, to)	.lo = (from), .hi = (to)
#define INTS		RANGE(INT32_MIN, INT32_MAX)
#define LONGS		RANGE(INT64_MIN, INT64_MAX)
#define BITS(...)	INTS, .flags = PARTS(__VA_ARGS__)
#define PAYLOAD		.payload = true
#define CREATION	{ "O_CREAT", OPEN_CREATE, OPEN_CREATE }, { "O_EXCL", OPEN_EXCLUSIVE, OPEN_EXCLUSIVE }

const struct kindinfo kindinfo[NKINDS] = {
	ROW(KEY, scan_key, print_key, RANGE(INT32_MIN, UINT32_MAX), .parts = PARTS(
		{ "private", 0, 0 }, { "positive", 1, INT32_MAX }, { "minus one", -1, -1 },
		{ "negative", INT32_MIN, -2 })),
	ROW(GETFLG, scan_flags, print_flags, BITS(IS(IPC_CREAT), IS(IPC_EXCL), IS(IPC_NOWAIT))),
	/* IPC_NOWAIT is read too, for cases about all three get calls; it is the bit of SHM_HUGETLB */
	ROW(SHMFLG, scan_flags, print_flags, BITS(
		IS(IPC_CREAT), IS(IPC_EXCL), IS(SHM_HUGETLB), IS(SHM_NORESERVE), IS(IPC_NOWAIT))),
	ROW(MSGID, scan_id, print_id, INTS, .parts = ids),
	ROW(SEMID, scan_id, print_id, INTS, .parts = ids),
	ROW(SHMID, scan_id, print_id, INTS, .parts = ids),
	ROW(NSEMS, scan_plain, print_plain, INTS, .parts = PARTS(
		{ "negative", INT32_MIN, -1 }, { "zero", 0, 0 }, { "one", 1, 1 },
		{ "inside", 2, DEF_SEMMSL - 1 }, { "max", DEF_SEMMSL, DEF_SEMMSL },
		{ "beyond", DEF_SEMMSL + 1, INT32_MAX })),
	ROW(SEMNUM, scan_plain, print_plain, INTS, .parts = PARTS(
		{ "negative", INT32_MIN, -1 }, { "first", 0, 0 }, { "inside", 1, DEF_SEMMSL - 1 },
		{ "beyond", DEF_SEMMSL, INT32_MAX })),
	ROW(SEMVAL, scan_plain, print_plain, LONGS, .parts = PARTS(
		{ "negative", INT64_MIN, -1 }, { "zero", 0, 0 }, { "inside", 1, SEMVMX - 1 },
		{ "max", SEMVMX, SEMVMX }, { "beyond", SEMVMX + 1, INT32_MAX },
		{ "beyond an int", (int64_t)INT32_MAX + 1, INT64_MAX })),
	ROW(SEGSZ, scan_plain, print_plain, LONGS, .parts = PARTS(
		{ "huge", INT64_MIN, -1 }, { "zero", 0, 0 }, { "below a page", 1, 4095 },
		{ "a page", 4096, 4096 }, { "pages", 4097, 1 << 20 }, { "large", (1 << 20) + 1, INT64_MAX })),
	ROW(MSGTYP, scan_plain, print_plain, LONGS, .parts = PARTS(
		{ "lowest", INT64_MIN, INT64_MIN }, { "at most", INT64_MIN + 1, -1 }, { "any", 0, 0 },
		{ "this", 1, INT64_MAX - 1 }, { "highest", INT64_MAX, INT64_MAX })),
	ROW(MSGSZ, scan_plain, print_plain, LONGS, .parts = PARTS(
		{ "negative", INT64_MIN, -1 }, { "zero", 0, 0 }, { "inside", 1, DEF_MSGMAX - 1 },
		{ "max", DEF_MSGMAX, DEF_MSGMAX }, { "beyond", DEF_MSGMAX + 1, INT64_MAX })),
	ROW(SNDFLG, scan_flags, print_flags, BITS(IS(IPC_NOWAIT))),
	ROW(RCVFLG, scan_flags, print_flags, BITS(
		IS(IPC_NOWAIT), IS(MSG_NOERROR), IS(MSG_EXCEPT), IS(MSG_COPY))),
	ROW(ATFLG, scan_flags, print_flags, BITS(IS(SHM_RDONLY), IS(SHM_RND), IS(SHM_REMAP), IS(SHM_EXEC))),
	ROW(ADDR, scan_addr, print_addr, LONGS, .parts = PARTS(
		{ "negative", INT64_MIN, -1 }, { "null", 0, 0 }, { "below the hole", 1, HOLE - 1 },
		{ "in the hole", HOLE, HOLE + HOLE_SIZE - 1 },
		{ "above the hole", HOLE + HOLE_SIZE, INT64_MAX })),
	ROW(PROT, scan_prot, print_prot, RANGE(0, 7), .flags = prots, .parts = prot_parts),
	ROW(RLIMIT, scan_named, print_named, .parts = PARTS(
		{ "MEMLOCK", RLIM_MEMLOCK, RLIM_MEMLOCK }, { "AS", RLIM_AS, RLIM_AS })),
	ROW(CMD, scan_plain, print_plain, INTS, .parts = PARTS(
		{ "negative", INT32_MIN, -1 }, { "of some family", 0, 20 }, { "unknown", 21, 255 },
		{ "with IPC_64", 256, 511 }, { "beyond", 512, INT32_MAX })),
	ROW(MSG, scan_message, print_message, LONGS, PAYLOAD),
	ROW(SOPS, scan_sops, print_sops, PAYLOAD, .flags = PARTS(IS(IPC_NOWAIT), IS(SEM_UNDO))),
	ROW(TIMEOUT, scan_timeout, print_timeout, PAYLOAD),
	ROW(SEMVALS, scan_semvals, print_semvals, PAYLOAD),
	ROW(MSGSET, scan_settings, print_settings, PAYLOAD),
	ROW(PERMSET, scan_settings, print_settings, PAYLOAD),
	ROW(OUT, scan_out, print_out, .parts = places),
	ROW(BYTES, scan_bytes, print_stored, PAYLOAD),
	ROW(LEN, scan_plain, print_plain, RANGE(0, STRINGMAX), .parts = PARTS(
		{ "zero", 0, 0 }, { "some", 1, 4096 }, { "more than a page", 4097, STRINGMAX })),
	ROW(CRED, scan_credset, print_credset, PAYLOAD),
	ROW(ACTOR, scan_actor, print_actor, RANGE(0, MAXACTORS - 1)),
	ROW(SIGNO, scan_named, print_named, .parts = PARTS(
		IS(SIGUSR1), IS(SIGUSR2), IS(SIGKILL), IS(SIGSTOP), IS(SIGCONT))),
	ROW(CLONEFLG, scan_flags, print_flags, RANGE(0, 0), .flags = PARTS(
		IS(CLONE_SYSVSEM), IS(CLONE_NEWIPC), IS(CLONE_NEWUSER), IS(CLONE_NEWPID))),
	ROW(LIMIT, scan_limit, print_limit, RANGE(0, NLIMITS - 1)),
	ROW(PTR, scan_out, print_out, .parts = places),
	ROW(BADPTR, scan_badptr, print_out, RANGE(P_NULL, P_UNMAPPED)),
	ROW(IPCVER, scan_plain, print_plain, RANGE(0, 1)),
	ROW(IPCCALL, scan_plain, print_plain, RANGE(25, 65535)),
	ROW(PATH, scan_path, print_path, RANGE(0, NPATHS - 1)),
	ROW(FILE, scan_path, print_path, RANGE(PATH_file, PATH_spare)),
	ROW(QUEUE, scan_node, print_node, RANGE(NODE_queue, NODE_queue2)),
	ROW(MEMORY, scan_node, print_node, RANGE(NODE_memory, NODE_memory2)),
	ROW(SEMAPHORE, scan_node, print_node, RANGE(NODE_semaphore, NODE_semaphore2)),
	ROW(NODE, scan_node, print_node, RANGE(NODE_node, NODE_dir_node2)),
	ROW(ANYNODE, scan_node, print_node, RANGE(NODE_memory, NODE_dir_node2)),
	ROW(OPENFLG, scan_flags, print_open, RANGE(0, 0), .flags = PARTS(
		{ "O_RDONLY", OPEN_READ, OPEN_READ }, { "O_WRONLY", OPEN_WRITE, OPEN_WRITE },
		{ "O_RDWR", OPEN_BOTH, OPEN_BOTH }, CREATION)),
	ROW(CREATFLG, scan_flags, print_flags, RANGE(0, 0), .flags = PARTS(CREATION)),
	ROW(ACCESS, scan_named, print_named, .parts = PARTS(
		{ "O_RDONLY", OPEN_READ, OPEN_READ }, { "O_WRONLY", OPEN_WRITE, OPEN_WRITE },
		{ "O_RDWR", OPEN_BOTH, OPEN_BOTH })),
	ROW(FILEMODE, scan_plain, print_mode, RANGE(0, 01777), .parts = PARTS(
		{ "none", 0, 0 }, { "permissions", 1, 0777 }, { "sticky", 01000, 01777 })),
	ROW(INT, scan_plain, print_plain, INTS, .parts = PARTS(
		{ "negative", INT32_MIN, -1 }, { "zero", 0, 0 }, { "a byte", 1, 255 },
		{ "more", 256, INT32_MAX })),
	ROW(HEADER, scan_header, print_header, RANGE(0, NDEFINITIONS - 1)),
	ROW(NUMBER, scan_plain, print_plain, LONGS, .parts = signs),
	ROW(UID, scan_user, print_plain, RANGE(-1, UINT32_MAX), .parts = users),
	ROW(GID, scan_user, print_plain, RANGE(-1, UINT32_MAX), .parts = users),
	ROW(MODE, scan_plain, print_mode, RANGE(0, 0177777), .parts = modes),
	ROW(SEQ, scan_plain, print_plain, RANGE(0, INT32_MAX), .parts = signs),
	ROW(TIME, scan_plain, print_plain, LONGS, .parts = signs),
	ROW(PID, scan_pid, print_pid, RANGE(0, MAXACTORS)),
	ROW(COUNT, scan_plain, print_plain, LONGS, .parts = signs),
};

const struct part *part_of(enum kind kind, int64_t v)
{
	for (const struct part *p = kindinfo[kind].parts; p && p->name; p++)
		if (v >= p->lo && v <= p->hi)
			return p;
	return NULL;
}
