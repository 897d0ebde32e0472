/* Operations that can be asked about, and their usual arguments. */
#include <stdio.h>
#include <string.h>

#include "matrix.h"
#include "scene.h"

/* What follows the object. The arguments are such that nothing but a permission can stand in the way. */
static const struct { enum opcode code; const char *args; } usual[] = {
	{ OP_msgget, "" },
	{ OP_msgsnd, ", 1:\"\"" },
	{ OP_msgrcv, ", 0, 0" },
	{ OP_msgctl_IPC_STAT, "" },
	{ OP_msgctl_MSG_STAT, "" },
	{ OP_msgctl_MSG_STAT_ANY, "" },
	{ OP_msgctl_IPC_SET, ", none" },
	{ OP_msgctl_IPC_RMID, "" },
	{ OP_semget, ", 0" },
	{ OP_semop, ", [0:1]" },
	{ OP_semtimedop, ", [0:1]" },
	{ OP_semctl_GETVAL, ", 0" },
	{ OP_semctl_GETPID, ", 0" },
	{ OP_semctl_GETNCNT, ", 0" },
	{ OP_semctl_GETZCNT, ", 0" },
	{ OP_semctl_GETALL, "" },
	{ OP_semctl_SETVAL, ", 0, 0" },
	{ OP_semctl_SETALL, ", [0]" },
	{ OP_semctl_IPC_STAT, "" },
	{ OP_semctl_SEM_STAT, "" },
	{ OP_semctl_SEM_STAT_ANY, "" },
	{ OP_semctl_IPC_SET, ", none" },
	{ OP_semctl_IPC_RMID, "" },
	{ OP_shmget, ", 0" },
	{ OP_shmat, ", 0" },
	{ OP_shmctl_IPC_STAT, "" },
	{ OP_shmctl_SHM_STAT, "" },
	{ OP_shmctl_SHM_STAT_ANY, "" },
	{ OP_shmctl_SHM_LOCK, "" },
	{ OP_shmctl_SHM_UNLOCK, "" },
	{ OP_shmctl_IPC_SET, ", none" },
	{ OP_shmctl_IPC_RMID, "" },
};
enum { NUSUAL = sizeof(usual) / sizeof(*usual) };

static int row_of(enum opcode code)
{
	for (int i = 0; i < NUSUAL; i++)
		if (usual[i].code == code)
			return i;
	return -1;
}

bool question_at(int i, enum opcode *code)
{
	if (i < NUSUAL)
		*code = usual[i].code;
	return i < NUSUAL;
}

/* The object is the only thing that has a name. */
static int name_of(void *ctx, const char *s, size_t len)
{
	return len == strlen(ctx) && !strncmp(s, ctx, len) ? 0 : -1;
}

static int no_actor(void *ctx, const char *s, size_t len)
{
	(void)ctx;
	(void)s;
	(void)len;
	return -1;
}

static const char *print_name(void *ctx, int index)
{
	(void)index;
	return ctx;
}

static const char *print_actor(void *ctx, int index)
{
	(void)ctx;
	(void)index;
	return "?";
}

/* Of a get call the first argument is a key, for which a number stands while it is read. */
static bool read_call(struct question *q, const char *text, struct arena *a, char *err, size_t errsize)
{
	static char id[] = "id";
	const struct nametable names = { name_of, no_actor, print_name, print_actor, id };
	struct scan s = { .text = text, .arena = a, .names = &names };
	struct text to = { .buf = q->text, .size = sizeof(q->text) };

	if (!scan_op(&s, &q->op) || (scan_space(&s), s.text[s.pos])) {
		if (!*s.err)
			scan_unexpected(&s, s.pos, "nothing more");
		snprintf(err, errsize, "%s", s.err);
		return false;
	}
	q->names_key = !q->op.ref[0];
	for (int i = 1; i < MAXARGS; i++)
		if (q->op.ref[i]) {
			snprintf(err, errsize, "found the object again, expected it as the first argument");
			return false;
		}
	print_op(&to, &q->op, &names);
	return true;
}

/* "msgget(1" back to "msgget(key" */
static void show_key(struct question *q)
{
	char rest[sizeof(q->text)];
	size_t at = strcspn(q->text, "(") + 1;

	snprintf(rest, sizeof(rest), "%s", q->text + at + strcspn(q->text + at, ",)"));
	snprintf(q->text + at, sizeof(q->text) - at, "key%s", rest);
}

/* name( first argument rest */
static bool read_with_key(struct question *q, const char *name, const char *rest, struct arena *a, char *err,
			  size_t errsize)
{
	char line[1024];

	if (snprintf(line, sizeof(line), "%s(1%s", name, rest) >= (int)sizeof(line)) {
		snprintf(err, errsize, "found too long a call, expected a shorter one");
		return false;
	}
	if (!read_call(q, line, a, err, errsize))
		return false;
	show_key(q);
	return true;
}

static bool is_get(enum opcode code)
{
	return opinfo[code].nargs && opinfo[code].arg[0].kind == KIND_KEY;
}

bool question_usual(struct question *q, enum opcode code, struct arena *a)
{
	const char *name = opinfo[code].name;
	char line[200], err[200];
	int row = row_of(code);

	*q = (struct question){ .names_key = false };
	if (row < 0)
		return false;
	if (is_get(code)) {
		snprintf(line, sizeof(line), "%s)", usual[row].args);
		return read_with_key(q, name, line, a, err, sizeof(err));
	}
	snprintf(line, sizeof(line), "%s(id%s)", name, usual[row].args);
	return read_call(q, line, a, err, sizeof(err));
}

bool question_parse(struct question *q, const char *text, struct arena *a, char *err, size_t errsize)
{
	size_t len = strcspn(text, "(");
	int code = op_find(text, len);
	const char *first = text + len + !!text[len];

	*q = (struct question){ .names_key = false };
	if (code < 0 || row_of((enum opcode)code) < 0) {
		snprintf(err, errsize, "found '%s', expected an operation on an object, such as msgrcv, "
			 "semctl_SETVAL or 'shmat(id, 0, SHM_RDONLY)'", text);
		return false;
	}
	if (!text[len])
		return question_usual(q, (enum opcode)code, a);
	first += strspn(first, " ");
	if (is_get((enum opcode)code)) {
		if (strncmp(first, "key", 3) || !strchr(" ,)", first[3])) {
			snprintf(err, errsize, "found '%s', expected key, the object's", first);
			return false;
		}
		return read_with_key(q, opinfo[code].name, first + 3, a, err, errsize);
	}
	if (strncmp(first, "id", 2) || !first[2] || !strchr(" ,)", first[2])) {
		snprintf(err, errsize, "found '%s', expected id, the object's", first);
		return false;
	}
	return read_call(q, text, a, err, errsize);
}

/* ---- files ------------------------------------------------------------------------------------- */

/* What follows the name; what the object is when nobody says; what is named in it if it is a directory. */
static const struct file_usual {
	enum opcode code;
	const char *args;
	enum cellkind kind;
	enum nodename in;
} file_usual[] = {
	{ OP_mq_open, ", O_RDWR", CELLS_POSIX_MQ, NODE_dir },
	{ OP_mq_unlink, "", CELLS_POSIX_MQ, NODE_dir },
	{ OP_shm_open, ", O_RDWR", CELLS_POSIX_SHM, NODE_dir },
	{ OP_shm_unlink, "", CELLS_POSIX_SHM, NODE_dir },
	{ OP_sem_open, ", 0", CELLS_POSIX_SEM, NODE_dir },
	{ OP_sem_unlink, "", CELLS_POSIX_SEM, NODE_dir },
	{ OP_open, ", O_RDONLY", CELLS_FIFO, NODE_dir },
	{ OP_connect, "", CELLS_SOCKET, NODE_dir },
	{ OP_chmod, ", 0600", CELLS_FIFO, NODE_dir },
	{ OP_chown, ", -1, -1", CELLS_FIFO, NODE_dir },
	{ OP_rmdir, "", CELLS_DIR_EMPTY, NODE_dir },
	{ OP_mkfifo, ", 0600", CELLS_DIR, NODE_dir_node2 },
	{ OP_mkdir, ", 0700", CELLS_DIR, NODE_dir_node2 },
	{ OP_bind, "", CELLS_DIR, NODE_dir_node2 },
	{ OP_stat, "", CELLS_DIR, NODE_dir_node },
	{ OP_unlink, "", CELLS_DIR, NODE_dir_node },
};
enum { NFILEUSUAL = sizeof(file_usual) / sizeof(*file_usual) };

static int file_row(const char *text)
{
	const int code = op_find(text, strcspn(text, "("));

	for (int i = 0; i < NFILEUSUAL; i++)
		if (code == (int)file_usual[i].code)
			return i;
	return -1;
}

bool question_about_file(const char *text)
{
	return file_row(text) >= 0;
}

static bool names_folder(const struct question *q)
{
	return q->op.v[0] == NODE_dir || nodeinfo[q->op.v[0]].folder == NODE_dir;
}

static bool fits(const struct question *q, enum cellkind k)
{
	const enum nodename node = cellkindinfo[k].node;

	return q->op.v[0] == (int64_t)node || (node == NODE_dir && names_folder(q));
}

/* The first kind that has the name. */
static enum cellkind kind_named(const struct question *q)
{
	enum cellkind k = 0;

	while (k < CELLS_DIR && !(is_file(k) && fits(q, k)))
		k++;
	return k;
}

static bool read_file_call(struct question *q, const char *text, struct arena *a, char *err, size_t errsize)
{
	struct scan s = { .text = text, .arena = a };
	struct text to;

	*q = (struct question){ .names_key = false };
	to = (struct text){ .buf = q->text, .size = sizeof(q->text) };
	if (!scan_op(&s, &q->op) || (scan_space(&s), s.text[s.pos])) {
		if (!*s.err)
			scan_unexpected(&s, s.pos, "nothing more");
		snprintf(err, errsize, "%s", s.err);
		return false;
	}
	print_op(&to, &q->op, NULL);
	return true;
}

bool question_file(struct question *q, const char *text, int *type, struct arena *a, char *err,
		   size_t errsize)
{
	const int row = file_row(text);
	const enum cellkind usual_kind = file_usual[row].kind;
	const enum nodename node = cellkindinfo[*type < 0 ? usual_kind : (enum cellkind)*type].node;
	char line[200];

	snprintf(line, sizeof(line), "%s(%s%s)", opinfo[file_usual[row].code].name,
		 nodeinfo[node == NODE_dir ? file_usual[row].in : node].name, file_usual[row].args);
	if (!read_file_call(q, text[strcspn(text, "(")] ? text : line, a, err, errsize))
		return false;
	if (*type < 0)
		*type = (int)(fits(q, usual_kind) ? usual_kind : kind_named(q));
	if (fits(q, (enum cellkind)*type))
		return true;
	snprintf(err, errsize, "found %s, expected a call on %s", q->text, cellkindinfo[*type].name);
	return false;
}
