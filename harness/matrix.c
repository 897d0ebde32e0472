/* The axes of the permission space, the names of its cells, and cells as cases. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "matrix.h"

#define COUNT(table) (int)(sizeof(table) / sizeof(*(table)))

const struct cellkindinfo cellkindinfo[NCELLKINDS] = {
#define CELLKIND(word, name, family, node, always, ...) \
	{ name, family, NODE_##node, always, { __VA_ARGS__ } },
#include "matrix.def"
};
const struct relation matrix_relation[] = {
#define RELATION(name, pattern, cred, text) { name, pattern, cred, text },
#include "matrix.def"
};
const struct capset matrix_capset[] = {
#define CAPSET(name, caps, where) { name, caps, where },
#include "matrix.def"
};
const struct cellop matrix_op[] = {
#define CELLOP(kind, name, with, call, undo) { CELLS_##kind, OP_##name, with, call, undo },
#include "matrix.def"
};
const int matrix_nrelations = COUNT(matrix_relation), matrix_ncapsets = COUNT(matrix_capset),
	  matrix_nops = COUNT(matrix_op);

_Static_assert(COUNT(matrix_op) <= MAXOPS && COUNT(matrix_relation) <= MAXRELATIONS
	       && COUNT(matrix_capset) <= MAXCAPSETS, "the axes have room");

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* Nobody but its owner has made a queue. Of a file the creator is nobody, whichever ids tell who that is. */
static bool relation_exists(enum cellkind k, int relation)
{
	const char *name = matrix_relation[relation].name;

	return !is_file(k) || !begins(name, k == CELLS_POSIX_MQ ? "creator" : "creator-group-by-");
}

/* CAP_IPC_LOCK frees from the limit of locked memory, and lets anybody lock. */
bool cell_exists(int op, int relation, int capset)
{
	const struct cellop *o = &matrix_op[op];

	if (!relation_exists(o->kind, relation))
		return false;
	switch (matrix_capset[capset].where) {
	case EVERYWHERE: return true;
	case WITH_IPC: return !is_file(o->kind);
	case WITH_FILES: return is_file(o->kind);
	case LOCKING: return o->code == OP_shmctl_SHM_LOCK || o->code == OP_shmctl_SHM_UNLOCK;
	case GIVING: return o->code == OP_chown;
	}
	return false;
}

/* ---- names ------------------------------------------------------------------------------------ */

void cell_name(const struct cell *c, struct text *t)
{
	const struct cellop *o = &matrix_op[c->op];

	text_add(t, "matrix/%s/%s[mode=%04o,as=%s,caps=%s%s%s]", cellkindinfo[cell_kind(c)].name,
		 opinfo[o->code].name, (unsigned)c->mode, matrix_relation[c->relation].name,
		 matrix_capset[c->capset].name, *o->with ? ",with=" : "", o->with);
}

bool relation_is(int relation, const char *name)
{
	return !strcmp(matrix_relation[relation].name, name);
}

void cellop_name(int op, struct text *t)
{
	const struct cellop *o = &matrix_op[op];

	text_add(t, "%s%s%s", opinfo[o->code].name, *o->with ? ":" : "", o->with);
}

/* A part of a name that is being read: what stands before the next of the characters in ends. */
struct part_of_name { const char *at; size_t len; };

static bool is_word(const struct part_of_name *p, const char *word)
{
	return strlen(word) == p->len && !memcmp(p->at, word, p->len);
}

/* Takes label, and what follows it up to one of ends. */
static bool take(const char **at, const char *label, const char *ends, struct part_of_name *p)
{
	size_t n = strlen(label);

	if (strncmp(*at, label, n))
		return false;
	*p = (struct part_of_name){ *at + n, strcspn(*at + n, ends) };
	*at = p->at + p->len;
	return true;
}

static bool read_mode(const struct part_of_name *p, int *mode)
{
	*mode = 0;
	for (size_t i = 0; i < p->len; i++) {
		if (p->at[i] < '0' || p->at[i] > '7')
			return false;
		*mode = *mode * 8 + p->at[i] - '0';
	}
	return p->len == 4 && *mode < MODES;
}

static bool refuse(char *err, size_t size, const char *name, const char *expected)
{
	snprintf(err, size, "found '%s', expected %s", name, expected);
	return false;
}

static int find_op(const struct part_of_name *kind, const struct part_of_name *op,
		   const struct part_of_name *with)
{
	for (int i = 0; i < matrix_nops; i++)
		if (is_word(kind, cellkindinfo[matrix_op[i].kind].name)
		    && is_word(op, opinfo[matrix_op[i].code].name) && is_word(with, matrix_op[i].with))
			return i;
	return -1;
}

static int find_relation(const struct part_of_name *p)
{
	for (int i = 0; i < matrix_nrelations; i++)
		if (is_word(p, matrix_relation[i].name))
			return i;
	return -1;
}

static int find_capset(const struct part_of_name *p)
{
	for (int i = 0; i < matrix_ncapsets; i++)
		if (is_word(p, matrix_capset[i].name))
			return i;
	return -1;
}

bool cell_find(const char *name, struct cell *c, char *err, size_t errsize)
{
	struct part_of_name kind, op, mode, as, caps, with = { "", 0 };
	const char *at = name;

	if (!take(&at, "matrix/", "/", &kind) || !take(&at, "/", "[", &op)
	    || !take(&at, "[mode=", ",]", &mode) || !take(&at, ",as=", ",]", &as)
	    || !take(&at, ",caps=", ",]", &caps) || (*at == ',' && !take(&at, ",with=", "]", &with))
	    || strcmp(at, "]"))
		return refuse(err, errsize, name, "matrix/KIND/OPERATION[mode=NNNN,as=RELATION,caps=SET]");
	c->op = find_op(&kind, &op, &with);
	c->relation = find_relation(&as);
	c->capset = find_capset(&caps);
	if (!read_mode(&mode, &c->mode))
		return refuse(err, errsize, name, "mode=0000 to mode=0777");
	if (c->op < 0)
		return refuse(err, errsize, name, "a kind and an operation of the permission space");
	if (c->relation < 0 || c->capset < 0 || !cell_exists(c->op, c->relation, c->capset))
		return refuse(err, errsize, name, "a relation and a set of capabilities of that operation");
	return true;
}

/* ---- text ------------------------------------------------------------------------------------- */

enum { FIRST_KEY = 0x4d580000 };

static int64_t key_of(int mode)
{
	return FIRST_KEY + mode;
}

/* What giving a file away takes, and putting one back below a directory of others. */
#define MAY_GIVE " caps CAP_CHOWN+CAP_FOWNER+CAP_DAC_OVERRIDE"
static const char *const maker[NPATTERNS] = {
	[GIVEN] = "uid 1001 gid 1001", [KEPT] = "uid 1000 gid 1000",
};
static const char *const file_maker[NPATTERNS] = {
	[GIVEN] = "uid 1001 gid 1001" MAY_GIVE, [KEPT] = "uid 1000 gid 1000" MAY_GIVE,
};
static const char *const queue_maker[NPATTERNS] = {
	[GIVEN] = "uid 1002 gid 1002", [KEPT] = "uid 1000 gid 1000",
};
static const char *const owner[NPATTERNS] = {
	[GIVEN] = "uid=1002 gid=1002", [KEPT] = "uid=1000 gid=1000",
};
static const char *const ids[NPATTERNS] = { [GIVEN] = "1002, 1002", [KEPT] = "1000, 1000" };

static const char *const other[NPATTERNS] = { [GIVEN] = "1003", [KEPT] = "1000" };

static const char *maker_of(enum cellkind k, enum pattern p)
{
	return k == CELLS_POSIX_MQ ? queue_maker[p] : is_file(k) ? file_maker[p] : maker[p];
}

/* What placeholders stand for. */
struct filling { enum cellkind kind; enum pattern pattern; int mode; int64_t key; };

/* A call with its placeholders filled in. */
static void fill(struct text *t, const char *call, const struct filling *f)
{
	const unsigned always = (unsigned)cellkindinfo[f->kind].always;

	while (*call) {
		size_t plain = strcspn(call, "$");

		text_put(t, call, plain);
		call += plain;
		if (!strncmp(call, "$key", 4))
			text_add(t, "0x%llx", (unsigned long long)f->key);
		else if (!strncmp(call, "$mode", 5))
			text_add(t, "0%03o", (unsigned)f->mode | always);
		else if (!strncmp(call, "$owner", 6))
			text_puts(t, owner[f->pattern]);
		else if (!strncmp(call, "$ids", 4))
			text_puts(t, ids[f->pattern]);
		else if (!strncmp(call, "$other", 6))
			text_puts(t, other[f->pattern]);
		else if (*call)
			text_add(t, "0%03o", ((unsigned)f->mode ^ 0777) | always);
		call += strspn(call, "$abcdefghijklmnopqrstuvwxyz");
	}
}

static bool by_maker(const char *call)
{
	return begins(call, "C ");
}

static void step_text(struct text *t, const char *call, const struct filling *f)
{
	text_puts(t, by_maker(call) ? "C  " : "A  ");
	fill(t, by_maker(call) ? call + 2 : call, f);
	text_puts(t, "\n");
}

void cell_call(const struct cell *c, struct text *t)
{
	const struct filling f = {
		cell_kind(c), matrix_relation[c->relation].pattern, c->mode, key_of(c->mode),
	};

	fill(t, matrix_op[c->op].call, &f);
}

void cell_case(const struct cell *c, struct text *t)
{
	const struct relation *r = &matrix_relation[c->relation];
	const struct cellop *o = &matrix_op[c->op];
	const struct filling f = { o->kind, r->pattern, c->mode, key_of(c->mode) };
	const bool file = is_file(o->kind);

	text_add(t, "claim  %s, mode %04o, by a caller of whom %s; capabilities: %s.\n",
		 opinfo[o->code].name, (unsigned)c->mode, r->text, matrix_capset[c->capset].name);
	text_add(t, "cites  %s\n", file ? "XBD-FILE-PERM-2, XBD-FILE-PERM-3, XBD-FILE-PERM-4, XBD-FILE-PERM-5"
					  : "XSH-2.7-perm-1, XSH-2.7-perm-5, XSH-2.7-perm-7");
	text_add(t, "actors A %s caps %s, C %s\n\n", r->cred, matrix_capset[c->capset].caps,
		 maker_of(o->kind, r->pattern));
	for (int i = 0; i < MAXSETUP; i++) {
		const char *call = cellkindinfo[o->kind].setup[i];

		if (!call)
			continue;
		text_add(t, "C  %s", i || file ? "" : "x = ");
		fill(t, call, &f);
		text_add(t, "\n");
	}
	step_text(t, o->call, &f);
	/* Of files nothing is looked at after each step. */
	if (file && o->undo)
		step_text(t, o->undo, &f);
	if (file && o->kind != CELLS_POSIX_MQ)
		text_add(t, "C  stat(%s)\n", nodeinfo[cellkindinfo[o->kind].node].name);
}

/* ---- calls and credentials as values ---------------------------------------------------------- */

static int name_index(void *ctx, const char *s, size_t len)
{
	(void)ctx;
	return len == 1 && (*s == 'x' || *s == 'a') ? *s == 'a' : -1;
}

/* Of mode 0. The maker makes those that begin with C. */
static bool read_call(const char *call, enum cellkind k, enum pattern p, struct op *op, struct arena *arena,
		      char *err, size_t errsize)
{
	const struct filling f = { .kind = k, .pattern = p, .key = FIRST_KEY };
	static const struct nametable names = { .name = name_index };
	char buf[200] = "";
	struct text t = { buf, sizeof(buf), 0 };
	struct scan s = { .text = buf, .arena = arena, .names = &names };

	fill(&t, by_maker(call) ? call + 2 : call, &f);
	*op = (struct op){ .actor = by_maker(call) ? MAKER : CALLER };
	if (!scan_op(&s, op)) {
		snprintf(err, errsize, "%s: %s", buf, s.err);
		return false;
	}
	memset(op->ref, 0, sizeof(op->ref));
	return true;
}

bool cellcalls_read(struct cellcalls *c, enum cellkind k, enum pattern p, char *err, size_t errsize)
{
	const size_t size = (size_t)matrix_nops * sizeof(*c->call);

	*c = (struct cellcalls){ .key = FIRST_KEY };
	c->call = arena_alloc(&c->arena, size);
	c->undo = arena_alloc(&c->arena, size);
	for (int i = 0; c->call && c->undo && i < matrix_nops; i++) {
		const struct cellop *o = &matrix_op[i];

		c->undo[i].code = NOPS;
		if (o->kind != k)
			continue;
		if (!read_call(o->call, k, p, &c->call[i], &c->arena, err, errsize)
		    || (o->undo && !read_call(o->undo, k, p, &c->undo[i], &c->arena, err, errsize)))
			return false;
	}
	return c->call && c->undo;
}

void cellcalls_free(struct cellcalls *c)
{
	arena_free(&c->arena);
}

static bool read_cred(const char *text, struct cred *cred)
{
	struct scan s = { .text = text };
	struct credset set = { 0 };

	*cred = (struct cred){ 0 };
	if (!scan_cred(&s, &set))
		return false;
	credset_apply(cred, &set);
	return true;
}

bool cell_caller(int relation, int capset, struct cred *cred)
{
	char buf[200];

	snprintf(buf, sizeof(buf), "%s caps %s", matrix_relation[relation].cred, matrix_capset[capset].caps);
	return read_cred(buf, cred);
}

bool cell_maker(enum cellkind k, enum pattern p, struct cred *cred)
{
	return read_cred(maker_of(k, p), cred);
}

int cell_setup(enum cellkind k, enum pattern p, struct op op[MAXSETUP], struct arena *arena)
{
	char err[300];
	int n = 0;

	for (int i = 0; i < MAXSETUP; i++) {
		const char *call = cellkindinfo[k].setup[i];

		if (!call)
			continue;
		if (!read_call(call, k, p, &op[n], arena, err, sizeof(err)))
			return 0;
		op[n++].actor = MAKER;
	}
	return n;
}

bool call_sets_mode(const struct op *op)
{
	return op->code == OP_chmod || op->code == OP_mq_open
		|| (op->data && op->data->set.has & BIT(F_mode));
}

/* The mode of a file is the last argument of calls that have one. */
void call_set_mode(struct op *op, enum cellkind k, int mode, struct payload *set)
{
	if (is_file(k)) {
		op->v[opinfo[op->code].nargs - 1] = mode | cellkindinfo[k].always;
		return;
	}
	*set = *op->data;
	set->set.mode = mode;
	op->data = set;
}
