/* Calls in C: their arguments, and the objects that these stand for. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prose.h"
#include "reproduce_write.h"

enum { ROOM = 1 << 20 };		/* more is not made for an answer */
typedef long long ll;			/* for printf */

/* ---- arguments in C ---------------------------------------------------------------------- */

const char *name_of(const struct plan *p, int actor)
{
	return p->in->actor[actor].name;
}

/* Octal escapes have a length that ends. */
void put_string(struct json *t, const unsigned char *v, size_t n)
{
	prose(t, "\"");
	for (size_t i = 0; i < n; i++)
		if (v[i] < ' ' || v[i] > '~' || v[i] == '"' || v[i] == '\\' || v[i] == '?')
			prose(t, "\\%03o", v[i]);
		else
			prose(t, "%c", v[i]);
	prose(t, "\"");
}

void put_file(struct json *t, enum nodename name)
{
	const char *path = nodeinfo[name].path;

	if (name == NODE_queue)
		prose(t, "&\"/%s\"[1]", path);
	else
		put_string(t, (const unsigned char *)path, strlen(path));
}

/* "ab", 2, 4: bytes that repeat some of them, and how many they are. */
void put_bytes(struct json *t, const unsigned char *v, size_t n)
{
	size_t period = 1;

	while (period < n && memcmp(v, v + period, n - period))
		period++;
	put_string(t, v, n ? period : 0);
	prose(t, ", %zu, %zu", period, n);
}

static const char *const place_names[NPLACES] = {
	[P_UNMAPPED] = "UNMAPPED", [P_READONLY] = "READONLY", [P_PARTIAL] = "PARTIAL", [P_ODD] = "ODD",
	[P_OK] = "FINE",
};

/* data: the name of an object that the place has a copy of, for which size stands. */
static void put_place(struct json *t, enum place where, const char *data, const char *size)
{
	if (where == P_NULL)
		prose(t, "NULL");
	else if (where == P_OK)
		prose(t, "%s", data);
	else
		prose(t, "place(%s, %s, %s)", place_names[where], data, size);
}

static bool is_wide(enum kind k)
{
	return k == KIND_MSGSZ || k == KIND_SEGSZ || k == KIND_MSGTYP || k == KIND_NUMBER || k == KIND_LEN
		|| k == KIND_ADDR;
}

static void put_number(struct plan *p, enum kind k, const struct op *op, int i)
{
	char buf[200];
	struct text text = { buf, sizeof(buf), 0 };

	*buf = '\0';
	print_value(&text, k, op->v[i], 0, NULL, &p->in->table);
	if (op->v[i] == INT64_MIN)
		snprintf(buf, sizeof(buf), "LONG_MIN");
	prose(&p->out, "%s%s", op->v[i] >= INT_MIN && op->v[i] <= INT_MAX ? ""
	      : is_wide(k) ? "(long)" : "(int)", buf);
}

/* A name stands for its value of that moment. */
static void put_reference(struct plan *p, const struct op *op, int i)
{
	prose(&p->out, "v->%s", p->in->names[op->ref[i] - 1]);
	if (op->v[i])
		prose(&p->out, " %c %lld", op->v[i] < 0 ? '-' : '+', (ll)llabs(op->v[i]));
}

void put_address(struct plan *p, const struct op *op, int i)
{
	prose(&p->out, "(void *)(");
	if (op->ref[i])
		put_reference(p, op, i);
	else
		put_number(p, KIND_ADDR, op, i);
	prose(&p->out, ")");
}

static void put_list(struct plan *p, const struct op *op)
{
	const struct payload *d = op->data;
	struct json *t = &p->out;

	if (d->where == P_OK && d->excess > 0)
		prose(t, "place(FINE, sops, sizeof(sops))");
	else
		put_place(t, d->where, "sops", "sizeof(sops)");
	prose(t, ", (size_t)%lluU", (unsigned long long)((uint64_t)d->excess + d->sops.n));
}

static void put_message(struct plan *p, const struct op *op)
{
	const struct payload *d = op->data;
	char size[40];

	snprintf(size, sizeof(size), "sizeof(long) + %zu", d->msg.len);
	if (d->where == P_OK && d->msg.size > (ll)d->msg.len)
		prose(&p->out, "place(FINE, &m, %s)", size);
	else
		put_place(&p->out, d->where, "&m", size);
	if (d->msg.size == INT64_MIN)
		prose(&p->out, ", LONG_MIN");
	else
		prose(&p->out, ", (size_t)%lld", (ll)d->msg.size);
}

static void put_argument(struct plan *p, const struct op *op, int i)
{
	const struct payload *d = op->data;
	enum kind k = opinfo[op->code].arg[i].kind;

	switch (k) {
	case KIND_MSG: put_message(p, op); break;
	case KIND_SOPS: put_list(p, op); break;
	case KIND_SEMVALS: put_place(&p->out, d->where, "vals", "sizeof(vals)"); break;
	case KIND_MSGSET:
	case KIND_PERMSET:
		if (d->where == P_OK)
			prose(&p->out, "place(FINE, &set, sizeof(set))");
		else
			put_place(&p->out, d->where, "&set", "sizeof(set)");
		break;
	case KIND_BYTES: put_bytes(&p->out, d->bytes.v, d->bytes.len); break;
	case KIND_TIMEOUT:
		put_place(&p->out, d->timeout.given ? d->timeout.where : P_NULL, "&timeout",
			  "sizeof(timeout)");
		break;
	case KIND_QUEUE:
	case KIND_MEMORY:
	case KIND_SEMAPHORE:
	case KIND_NODE:
	case KIND_ANYNODE: put_file(&p->out, (enum nodename)op->v[i]); break;
	case KIND_CRED:
		prose(&p->out, "&is, %s", d->cred.has & ~(uint32_t)BIT(CRED_CAPS) ? "true" : "false");
		break;
	case KIND_PATH:
	case KIND_FILE: prose(&p->out, "at(\"%s\")", pathinfo[op->v[i]].name); break;
	case KIND_PTR:
	case KIND_BADPTR:
		if (op->v[i] == P_NULL)
			prose(&p->out, "0");
		else
			prose(&p->out, "pointer(%s, %s)", place_names[op->v[i]],
			      has_room(op) ? "room.at" : "NULL");
		break;
	case KIND_OUT: prose(&p->out, op->v[i] == P_NULL ? "NULL" : "room.at"); break;
	case KIND_ACTOR: prose(&p->out, "%s", name_of(p, (int)op->v[i])); break;
	case KIND_LIMIT:
		prose(&p->out, "\"/proc/sys/kernel/%s\", %d", limitinfo[op->v[i]].file,
		      limitinfo[op->v[i]].place);
		break;
	case KIND_ADDR:
		if (op->code == OP_mremap && i == TO && !op->v[i] && !op->ref[i])
			break;
		prose(&p->out, "%s", op->code == OP_mremap && i == TO ? " | MREMAP_FIXED, " : "");
		put_address(p, op, i);
		break;
	default: op->ref[i] ? put_reference(p, op, i) : put_number(p, k, op, i); break;
	}
}

static int argument_named(enum opcode code, const char *name, size_t len)
{
	const struct opinfo *o = &opinfo[code];

	for (int i = 0; i < o->nargs; i++)
		if (strlen(o->arg[i].name) == len && !strncmp(o->arg[i].name, name, len))
			return i;
	return -1;
}

void put_call(struct plan *p, const char *at, const struct op *op)
{
	while (*at) {
		size_t plain = strcspn(at, "$"), word;

		json_raw(&p->out, at, plain);
		at += plain;
		if (!*at)
			break;
		word = strspn(++at, "abcdefghijklmnopqrstuvwxyz");
		put_argument(p, op, argument_named(op->code, at, word));
		at += word;
	}
}

/* ---- objects that a call needs ------------------------------------------------------------ */

const char *const prefix[NFAMILIES] = { [MSG] = "msg", [SEM] = "sem", [SHM] = "shm" };

static void declare_message(struct plan *p, const struct payload *d)
{
	struct json *t = &p->out;

	prose(t, "\tstatic struct { long type; char text[%zu]; } m = { .type = ",
	      d->msg.len ? d->msg.len : 1);
	if (d->msg.type == INT64_MIN)
		prose(t, "LONG_MIN };\n\n");
	else
		prose(t, "%lld };\n\n", (ll)d->msg.type);
	if (!d->msg.len)
		return;
	prose(t, "\tfill(m.text, ");
	put_bytes(t, d->msg.text, d->msg.len);
	prose(t, ");\n");
}

/* How many from i on are alike; what repeats is written once. */
static size_t run_of(const void *v, size_t i, size_t n, size_t size)
{
	const char *c = v;
	size_t k = 1;

	while (i + k < n && !memcmp(c + i * size, c + (i + k) * size, size))
		k++;
	return k;
}

/* Before element i of n: says for how many it stands, which it returns. */
static size_t put_index(struct json *t, const void *v, size_t i, size_t n, size_t size)
{
	size_t run = run_of(v, i, n, size);

	prose(t, "%s", i ? ", " : " ");
	if (run <= 2)
		return 1;
	prose(t, "[%zu ... %zu] = ", i, i + run - 1);
	return run;
}

static void declare_sops(struct plan *p, const struct payload *d)
{
	struct json *t = &p->out;

	prose(t, "\tstatic struct sembuf sops[%zu] = {", d->sops.n ? d->sops.n : 1);
	for (size_t i = 0, run; i < d->sops.n; i += run) {
		const struct sop *s = &d->sops.v[i];

		run = put_index(t, d->sops.v, i, d->sops.n, sizeof(*s));
		prose(t, "{ %u, %d, %s%s%s }", s->num, s->op, (s->flg & IPC_NOWAIT) ? "IPC_NOWAIT | " : "",
		      (s->flg & SEM_UNDO) ? "SEM_UNDO | " : "", "0");
		if (s->flg & ~(IPC_NOWAIT | SEM_UNDO))
			prose(t, " /* and %#x */", (unsigned)s->flg);
	}
	prose(t, " };\n\n");
}

void put_values(struct json *t, const uint16_t *v, size_t n)
{
	prose(t, "{");
	for (size_t i = 0, run; i < n; i += run) {
		run = put_index(t, v, i, n, sizeof(*v));
		prose(t, "%u", v[i]);
	}
	prose(t, " }");
}

/* As many as the set has. */
static void declare_vals(struct plan *p, const struct prediction *at)
{
	const struct payload *d = at->op.data;
	size_t n = at->before.has & BIT(F_nsems) ? (size_t)at->before.v[F_nsems] : 1;

	prose(&p->out, "\tstatic unsigned short vals[%zu] = ", n > d->vals.n ? n : d->vals.n);
	put_values(&p->out, d->vals.n ? d->vals.v : (const uint16_t[]){ 0 }, d->vals.n ? d->vals.n : 1);
	prose(&p->out, ";\n\n");
}

/* A field that is not given is as the object has it. */
static int64_t set_to(const struct prediction *at, enum field f, int64_t given)
{
	return at->op.data->set.has & BIT(f) ? given : at->before.v[f];
}

static void declare_set(struct plan *p, const struct prediction *at)
{
	const struct payload *d = at->op.data;
	enum family family = opinfo[at->op.code].family;
	const char *name = prefix[family];
	struct json *t = &p->out;

	prose(t, "\tstatic struct %sid64_ds set = {\n", family == MSG ? "msq" : name);
	prose(t, "\t\t.%s_perm = { .uid = %lldU, .gid = %lldU, .mode = 0%llo },\n", name,
	      (ll)set_to(at, F_uid, d->set.uid), (ll)set_to(at, F_gid, d->set.gid),
	      (ll)set_to(at, F_mode, d->set.mode));
	if (family == MSG)
		prose(t, "\t\t.msg_qbytes = (unsigned long)%lluU,\n",
		      (unsigned long long)set_to(at, F_qbytes, d->set.qbytes));
	prose(t, "\t};\n\n");
}

void put_who(struct json *t, const struct cred *c)
{
	prose(t, "{\n\t\t.uid = { %u, %u, %u, %u }, .gid = { %u, %u, %u, %u }, .caps = 0x%" PRIx64 "ULL,\n",
	      c->ruid, c->euid, c->suid, c->fsuid, c->rgid, c->egid, c->sgid, c->fsgid, c->caps);
	prose(t, "\t\t.ngroups = %u, .groups = { ", c->ngroups);
	for (uint32_t i = 0; i < c->ngroups; i++)
		prose(t, "%u, ", c->groups[i]);
	prose(t, "%s", c->ngroups ? "},\n\t}" : "0 },\n\t}");
}

void declare_who(struct plan *p, const struct prediction *at)
{
	prose(&p->out, "\tstatic const struct who is = ");
	put_who(&p->out, &at->cred);
	prose(&p->out, ";\n\n");
}

void declare_argument(struct plan *p, const struct prediction *at, enum kind k)
{
	const struct payload *d = at->op.data;

	if (kindinfo[k].payload && k != KIND_TIMEOUT && d->where == P_NULL)
		return;
	switch (k) {
	case KIND_MSG: declare_message(p, d); break;
	case KIND_SOPS: declare_sops(p, d); break;
	case KIND_SEMVALS: declare_vals(p, at); break;
	case KIND_MSGSET:
	case KIND_PERMSET: declare_set(p, at); break;
	case KIND_CRED: declare_who(p, at); break;
	case KIND_TIMEOUT:
		if (d->timeout.given && d->timeout.where != P_NULL)
			prose(&p->out, "\tstatic const struct timespec timeout = "
			      "{ (time_t)%lld, (long)%lld };\n\n",
			      (ll)d->timeout.sec, (ll)d->timeout.nsec);
		break;
	default: break;
	}
}

enum place buffer_place(const struct op *op)
{
	for (int i = 0; i < opinfo[op->code].nargs; i++)
		if (opinfo[op->code].arg[i].kind == KIND_OUT)
			return (enum place)op->v[i];
	return P_OK;
}

bool has_room(const struct op *op)
{
	enum gives gives = reproduce_calls[op->code].gives;

	return buffer_place(op) != P_NULL
		&& (gives == STATUS || gives == INFO || gives == MESSAGE || gives == VALUES);
}

/* Bytes of the caller's buffer. */
static void put_size(struct plan *p, const struct prediction *at)
{
	const struct call *c = &reproduce_calls[at->op.code];
	int64_t n = at->op.msgrcv.size, values = at->before.has & BIT(F_nsems) ? at->before.v[F_nsems] : 1;

	if (c->gives == MESSAGE)
		prose(&p->out, "sizeof(long) + %lld", (ll)(n < 0 || n > ROOM ? ROOM : n));
	else if (c->gives == VALUES)
		prose(&p->out, "%lld * sizeof(short)", (ll)values);
	else
		prose(&p->out, "sizeof(struct %s)", c->type);
}

/* The room that the caller has. */
void declare_buffer(struct plan *p, const struct prediction *at)
{
	enum gives gives = reproduce_calls[at->op.code].gives;
	struct json *t = &p->out;

	if (gives == ROW)
		prose(t, "\tstatic %s info;\n", reproduce_calls[at->op.code].type);
	if (gives == LOADED)
		prose(t, "\tstatic char buf[%lld];\n",
		      (ll)(at->op.load.len < 1 || at->op.load.len > ROOM ? ROOM : at->op.load.len));
	if (!has_room(&at->op))
		return;
	prose(t, "\t%sBUFFER(%s, ", reproduce_calls[at->op.code].tools == ENTRIES ? "LOW_" : "",
	      place_names[buffer_place(&at->op)]);
	put_size(p, at);
	prose(t, ");\n");
	if ((gives == STATUS || gives == INFO) && at->end.how == RETURNED)
		prose(t, "\tstruct %s %s;\n", reproduce_calls[at->op.code].type,
		      gives == STATUS ? "ds" : "info");
}

/* ---- definitions in headers ------------------------------------------------------------------- */

/* How each is asked for in C; of types and members also how many bytes they have. */
static const struct { const char *text, *size; } definitions[NDEFINITIONS] = {
#define CONSTANT(name, value, clause) [H_##name] = { #name, NULL },
#define TYPE(name, type, size, clause) [H_##name] = { "sizeof(" #type ")", #size },
#define MEMBER(structure, member, size, clause) \
	[H_##structure##_##member] = { "sizeof(((struct " #structure " *)0)->" #member ")", #size },
#include "headers.def"
#undef CONSTANT
#undef TYPE
#undef MEMBER
};

/* A type or a member that is missing does not compile. */
void put_definition(struct json *t, enum header name)
{
	const char *text = definitions[name].text;

	prose(t, "static long header_%s(void)\n{\n", headerinfo[name].name);
	if (definitions[name].size)
		prose(t, "\treturn (long)%s;\n}\n\n", text);
	else
		prose(t, "#ifdef %s\n\treturn (long)(%s);\n#else\n\terrno = ENOENT;\n\treturn -1;\n"
		      "#endif\n}\n\n", text, text);
}

/* Sizes follow that of a long, or of a time. */
void put_defined(struct json *t, enum header name, int64_t value)
{
	const char *size = definitions[name].size;

	if (size && strstr(size, "facts"))
		prose(t, "sizeof(long) == 8 ? %lld : (long)sizeof(time_t)", (ll)value);
	else if (size && strstr(size, "sizeof"))
		prose(t, "(long)(%s)", size);
	else
		prose(t, "%lld", (ll)value);
}
