/* What the C library does by itself: ftok, and what its headers define. */
#include <string.h>

#include "internal.h"

/* ---- ftok -------------------------------------------------------------------------------------- */

/* A symbolic link, a detour and a path that is too long lead to whatever is called file. */
static enum path name_followed(enum path path)
{
	return path == PATH_symlink || path == PATH_detour || path == PATH_long_path ? PATH_file : path;
}

static bool no_file_there(const struct view *v)
{
	enum path path = (enum path)v->op->ftok.path;

	return pathinfo[path].err == ENOENT
		|| (!pathinfo[path].err && v->w->leads_to[name_followed(path)] == NPATHS);
}

static bool leads_through_a_file(const struct view *v)
{
	return pathinfo[v->op->ftok.path].err == ENOTDIR;
}

static bool goes_in_circles(const struct view *v)
{
	return pathinfo[v->op->ftok.path].err == ELOOP;
}

static bool name_too_long(const struct view *v)
{
	return v->op->ftok.path == PATH_long_name;
}

static bool path_too_long(const struct view *v)
{
	return v->op->ftok.path == PATH_long_path;
}

static bool may_not_search(const struct view *v)
{
	return pathinfo[v->op->ftok.path].err == EACCES
		&& !has_cap(v, CAP_DAC_OVERRIDE) && !has_cap(v, CAP_DAC_READ_SEARCH);
}

static bool path_unreadable(const struct view *v)
{
	return pathinfo[v->op->ftok.path].err == EFAULT;
}

static bool id_without_low_bits(const struct view *v)
{
	return !(v->op->ftok.id & 0xff);
}

static const struct rule ftok_rules[] = {
	{ "LIBC-FTOK-2", EFAULT, path_unreadable, MAY, ONCE, false },
	{ "FTOK-ERR-2", ENAMETOOLONG, path_too_long, MAY, ONCE, false },
	{ "FTOK-ERR-1", EACCES, may_not_search, SHALL, ONCE, false },
	{ "FTOK-ERR-1", ENAMETOOLONG, name_too_long, SHALL, ONCE, false },
	{ "FTOK-ERR-1", ELOOP, goes_in_circles, SHALL, ONCE, false },
	{ "FTOK-ERR-1", ENOENT, no_file_there, SHALL, ONCE, false },
	{ "FTOK-ERR-1", ENOTDIR, leads_through_a_file, SHALL, ONCE, false },
	{ "FTOK-5", EINVAL, id_without_low_bits, MAY, ONCE, true },
	{ 0 }
};

/* A key for each file and each id: files are told apart by their inode numbers, all bits of them. */
static int64_t distinct_key(const struct files *files, enum path at, int64_t id)
{
	enum path first = PATH_file;

	while (files->ino[first] != files->ino[at])
		first++;
	return 0x5e000000 | (int64_t)first << 8 | (id & 0xff);
}

static int64_t key_of_some_bits(const struct files *files, enum path at, int64_t id)
{
	return (int32_t)((uint32_t)(files->ino[at] & 0xffff) | (uint32_t)(files->dev & 0xff) << 16
			 | (uint32_t)(id & 0xff) << 24);
}

/* Where the standard leaves the key open it is 0, which is no key and compared with none. */
static void ftok_commit(struct call *c, struct outcome *out)
{
	const struct files *files = &c->w->facts.files;
	int at = c->w->leads_to[name_followed((enum path)c->op->ftok.path)];
	int64_t id = c->op->ftok.id;

	if (at == NPATHS || !files->ino[at])
		return;
	if (!switch_of(c->p, SW_ftok_key))
		out->value = key_of_some_bits(files, (enum path)at, id);
	else if (id & 0xff)
		out->value = distinct_key(files, (enum path)at, id);
}

const struct action model_ftok = { .rules = ftok_rules, .commit = ftok_commit };

/* ---- files that change their names -------------------------------------------------------------- */

static bool nothing_to_rename(const struct view *v)
{
	return v->w->leads_to[v->op->rename.from] == NPATHS;
}

static const struct rule rename_rules[] = {
	{ "FTOK-1", ENOENT, nothing_to_rename, SHALL, ONCE, false },
	{ 0 }
};

static void rename_commit(struct call *c, struct outcome *out)
{
	int *leads_to = c->w->leads_to;

	(void)out;
	if (c->op->rename.from == c->op->rename.to)
		return;
	leads_to[c->op->rename.to] = leads_to[c->op->rename.from];
	leads_to[c->op->rename.from] = NPATHS;
}

const struct action model_rename = { .rules = rename_rules, .commit = rename_commit };

/* ---- headers ------------------------------------------------------------------------------------ */

static bool not_of_the_standard(const struct view *v)
{
	return !strcmp(headerinfo[v->op->header.name].clause, "LINUX-HDR-2");
}

static const struct rule header_rules[] = {
	{ "LINUX-HDR-2", ENOENT, not_of_the_standard, MAY, ONCE, true },
	{ 0 }
};

static int64_t value_on_linux(enum header name, const struct facts *facts)
{
#define CONSTANT(name, value, clause) [H_##name] = value,
#define TYPE(name, type, size, clause) [H_##name] = (int64_t)(size),
#define MEMBER(structure, member, size, clause) [H_##structure##_##member] = (int64_t)(size),
	const int64_t value[] = {
#include "headers.def"
	};
#undef CONSTANT
#undef TYPE
#undef MEMBER

	return value[name];
}

/* Members to which the standard gives a type of C have its size; what it leaves open is 0. */
static int64_t value_of_the_standard(enum header name)
{
	switch (name) {
	case H_sembuf_sem_num:
	case H_semid_ds_sem_nsems:
	case H_sembuf_sem_op:
	case H_sembuf_sem_flg: return sizeof(short);	/* with and without sign */
	default: return 0;
	}
}

static void header_commit(struct call *c, struct outcome *out)
{
	enum header name = (enum header)c->op->header.name;

	out->value = switch_of(c->p, SW_header_sizes) ? value_of_the_standard(name)
						      : value_on_linux(name, &c->w->facts);
}

const struct action model_header = { .rules = header_rules, .commit = header_commit };
