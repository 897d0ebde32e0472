#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "prose.h"
#include "reproduce.h"
#include "reproduce_plan.h"

/* What all programs have in common. */
extern const char reproduce_frame[];
__asm__(".section .rodata\n" ".globl reproduce_frame\n"
	"reproduce_frame: .incbin \"harness/reproduce/frame.c\"\n" ".byte 0\n" ".previous\n");

enum { ROOM = 1 << 20 };		/* more is not made for an answer */
enum { ASKED = 1, TO = 3 };		/* arguments: the address of shmat, and of mremap */
typedef long long ll;			/* for printf */

/* ---- the table of calls ------------------------------------------------------------------- */

#define MSGCTL(cmd, cast) "msgctl($id, " cmd ", " cast "$buf)"
#define SEMCTL(cmd) "semctl($id, 0, " cmd ", (union semun){ .any = $buf })"
#define SHMCTL(cmd, cast) "shmctl($id, " cmd ", " cast "$buf)"
#define COUNT(cmd) "semctl($id, $num, " cmd ")"

const struct call reproduce_calls[NOPS] = {
	[OP_msgget] = { .text = "msgget($key, $flg)" },
	[OP_msgsnd] = { .text = "msgsnd($id, $msg, $flg)" },
	[OP_msgrcv] = { "msgrcv($id, $buf, $size, $typ, $flg)", MESSAGE, NULL },
	[OP_msgctl_IPC_RMID] = { .text = "msgctl($id, IPC_RMID, NULL)" },
	[OP_msgctl_IPC_SET] = { .text = "msgctl($id, IPC_SET, $set)" },
	[OP_msgctl_IPC_STAT] = { MSGCTL("IPC_STAT", ""), STATUS, "struct msqid_ds" },
	[OP_msgctl_MSG_STAT] = { MSGCTL("MSG_STAT", ""), STATUS, "struct msqid_ds" },
	[OP_msgctl_MSG_STAT_ANY] = { MSGCTL("MSG_STAT_ANY", ""), STATUS, "struct msqid_ds" },
	[OP_msgctl_IPC_INFO] = { MSGCTL("IPC_INFO", "(void *)"), INFO, "struct msginfo" },
	[OP_msgctl_MSG_INFO] = { MSGCTL("MSG_INFO", "(void *)"), INFO, "struct msginfo" },
	[OP_msgctl_other] = { .text = "syscall(SYS_msgctl, $id, $cmd, NULL)" },
	[OP_semget] = { .text = "semget($key, $nsems, $flg)" },
	[OP_semop] = { .text = "semop($id, $sops)" },
	[OP_semtimedop] = { .text = "semtimedop($id, $sops, $timeout)" },
	[OP_semctl_IPC_RMID] = { .text = "semctl($id, 0, IPC_RMID)" },
	[OP_semctl_IPC_SET] = { .text = "semctl($id, 0, IPC_SET, (union semun){ .any = $set })" },
	[OP_semctl_IPC_STAT] = { SEMCTL("IPC_STAT"), STATUS, "struct semid_ds" },
	[OP_semctl_SEM_STAT] = { SEMCTL("SEM_STAT"), STATUS, "struct semid_ds" },
	[OP_semctl_SEM_STAT_ANY] = { SEMCTL("SEM_STAT_ANY"), STATUS, "struct semid_ds" },
	[OP_semctl_IPC_INFO] = { SEMCTL("IPC_INFO"), INFO, "struct seminfo" },
	[OP_semctl_SEM_INFO] = { SEMCTL("SEM_INFO"), INFO, "struct seminfo" },
	[OP_semctl_GETPID] = { .text = COUNT("GETPID") },
	[OP_semctl_GETVAL] = { .text = COUNT("GETVAL") },
	[OP_semctl_GETNCNT] = { .text = COUNT("GETNCNT") },
	[OP_semctl_GETZCNT] = { .text = COUNT("GETZCNT") },
	[OP_semctl_GETALL] = { "semctl($id, $num, GETALL, (union semun){ .any = $buf })", VALUES, NULL },
	[OP_semctl_SETVAL] = { .text = "semctl($id, $num, SETVAL, (union semun){ .val = $val })" },
	[OP_semctl_SETALL] = { .text = "semctl($id, $num, SETALL, (union semun){ .any = $vals })" },
	[OP_semctl_other] = { .text = "syscall(SYS_semctl, $id, 0, $cmd, NULL)" },
	[OP_shmget] = { .text = "shmget($key, $size, $flg)" },
	[OP_shmat] = { .text = "(long)shmat($id, $addr, $flg)" },
	[OP_shmdt] = { .text = "shmdt($addr)" },
	[OP_shmctl_IPC_RMID] = { .text = "shmctl($id, IPC_RMID, NULL)" },
	[OP_shmctl_IPC_SET] = { .text = "shmctl($id, IPC_SET, $set)" },
	[OP_shmctl_IPC_STAT] = { SHMCTL("IPC_STAT", ""), STATUS, "struct shmid_ds" },
	[OP_shmctl_SHM_STAT] = { SHMCTL("SHM_STAT", ""), STATUS, "struct shmid_ds" },
	[OP_shmctl_SHM_STAT_ANY] = { SHMCTL("SHM_STAT_ANY", ""), STATUS, "struct shmid_ds" },
	[OP_shmctl_IPC_INFO] = { SHMCTL("IPC_INFO", "(void *)"), INFO, "struct shminfo" },
	[OP_shmctl_SHM_INFO] = { SHMCTL("SHM_INFO", "(void *)"), INFO, "struct shm_info" },
	[OP_shmctl_SHM_LOCK] = { .text = "shmctl($id, SHM_LOCK, NULL)" },
	[OP_shmctl_SHM_UNLOCK] = { .text = "shmctl($id, SHM_UNLOCK, NULL)" },
	[OP_shmctl_other] = { .text = "syscall(SYS_shmctl, $id, $cmd, NULL)" },
	[OP_munmap] = { .text = "munmap($addr, $len)" },
	[OP_mremap] = { .text = "(long)mremap($addr, $len, $newlen, MREMAP_MAYMOVE$to)" },
	[OP_mprotect] = { .text = "mprotect($addr, $len, $prot)" },
	[OP_madvise_DONTFORK] = { .text = "madvise($addr, $len, MADV_DONTFORK)" },
	[OP_rlimit] = { .text = "bound(RLIMIT_$name, $value)" },
	[OP_proc_maps] = { "mapped($addr, &info)", INFO, "struct row" },
	[OP_mlockall] = { .text = "mlockall(MCL_FUTURE)" },
	[OP_load] = { "load(buf, $addr, $len)", LOADED, NULL },
	[OP_store] = { .text = "store($addr, $bytes)" },
	[OP_become] = { .text = "become(&is)" },
	[OP_fork] = { .text = "forked($child)" },
	[OP_unshare_sysvsem] = { .text = "unshare(CLONE_SYSVSEM)" },
	[OP_exit] = { .text = "(_exit($status), 0)" },
	[OP_signal] = { .text = "send_signal($to, $signo)" },
	[OP_limit] = { .text = "limit($name, $value)" },
	[OP_read_limit] = { .text = "limit($name, -2)" },
	[OP_tick] = { .text = "tick($seconds)" },
};

/* ---- arguments in C ------------------------------------------------------------------------------------ */

static const char *name_of(const struct plan *p, int actor)
{
	return p->in->actor[actor].name;
}

/* Octal escapes have a length that ends. */
static void put_string(struct json *t, const unsigned char *v, size_t n)
{
	prose(t, "\"");
	for (size_t i = 0; i < n; i++)
		if (v[i] < ' ' || v[i] > '~' || v[i] == '"' || v[i] == '\\' || v[i] == '?')
			prose(t, "\\%03o", v[i]);
		else
			prose(t, "%c", v[i]);
	prose(t, "\"");
}

/* "ab", 2, 4: bytes that repeat some of them, and how many they are. */
static void put_bytes(struct json *t, const unsigned char *v, size_t n)
{
	size_t period = 1;

	while (period < n && memcmp(v, v + period, n - period))
		period++;
	put_string(t, v, n ? period : 0);
	prose(t, ", %zu, %zu", period, n);
}

/* data: the name of an object that the place has a copy of, for which size stands. */
static void put_place(struct json *t, enum place where, const char *data, const char *size)
{
	static const char *const names[NPLACES] = {
		[P_UNMAPPED] = "UNMAPPED", [P_READONLY] = "READONLY", [P_PARTIAL] = "PARTIAL",
		[P_ODD] = "ODD",
	};

	if (where == P_NULL)
		prose(t, "NULL");
	else if (where == P_OK)
		prose(t, "%s", data);
	else
		prose(t, "place(%s, %s, %s)", names[where], data, size);
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
	prose(&p->out, "%s%s", !is_wide(k) && (op->v[i] < INT_MIN || op->v[i] > INT_MAX) ? "(int)" : "", buf);
}

/* A name stands for its value of that moment. */
static void put_reference(struct plan *p, const struct op *op, int i)
{
	prose(&p->out, "v->%s", p->in->names[op->ref[i] - 1]);
	if (op->v[i])
		prose(&p->out, " %c %lld", op->v[i] < 0 ? '-' : '+', (ll)llabs(op->v[i]));
}

static void put_address(struct plan *p, const struct op *op, int i)
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
		prose(t, "place(ENDING, sops, sizeof(sops))");
	else
		put_place(t, d->where, "sops", "sizeof(sops)");
	prose(t, ", %lluU", (unsigned long long)((uint64_t)d->excess + d->sops.n));
}

static void put_message(struct plan *p, const struct op *op)
{
	const struct payload *d = op->data;
	char size[40];

	snprintf(size, sizeof(size), "sizeof(long) + %zu", d->msg.len);
	if (d->where == P_OK && d->msg.size > (ll)d->msg.len)
		prose(&p->out, "place(ENDING, &m, %s)", size);
	else
		put_place(&p->out, d->where, "&m", size);
	if (d->msg.size == INT64_MIN)
		prose(&p->out, ", LONG_MIN");
	else
		prose(&p->out, ", %lld", (ll)d->msg.size);
}

/* Of what the call gives back. */
static const char *buffer_of(enum gives gives)
{
	static const char *const names[] = {
		[STATUS] = "&ds", [INFO] = "&info", [MESSAGE] = "&m", [VALUES] = "vals", [LOADED] = "buf",
	};

	return names[gives];
}

static void put_argument(struct plan *p, const struct op *op, int i)
{
	const struct payload *d = op->data;
	enum kind k = opinfo[op->code].arg[i].kind;
	const char *buffer;

	switch (k) {
	case KIND_MSG: put_message(p, op); break;
	case KIND_SOPS: put_list(p, op); break;
	case KIND_SEMVALS: put_place(&p->out, d->where, "vals", "sizeof(vals)"); break;
	case KIND_MSGSET:
	case KIND_PERMSET: put_place(&p->out, d->where, "&set", "sizeof(set)"); break;
	case KIND_BYTES: put_bytes(&p->out, d->bytes.v, d->bytes.len); break;
	case KIND_TIMEOUT:
		put_place(&p->out, d->timeout.given ? d->timeout.where : P_NULL, "&timeout",
			  "sizeof(timeout)");
		break;
	case KIND_OUT:
		buffer = buffer_of(reproduce_calls[op->code].gives);
		put_place(&p->out, (enum place)op->v[i], buffer, "sizeof(long)");
		break;
	case KIND_ACTOR: prose(&p->out, "%s", name_of(p, (int)op->v[i])); break;
	case KIND_LIMIT:
		prose(&p->out, "\"%s\", %d", limitinfo[op->v[i]].file, limitinfo[op->v[i]].place);
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

static void put_call(struct plan *p, const struct op *op)
{
	const char *at = reproduce_calls[op->code].text;

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

static const char *const prefix[NFAMILIES] = { [MSG] = "msg", [SEM] = "sem", [SHM] = "shm" };

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

static void put_values(struct json *t, const uint16_t *v, size_t n)
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

	prose(t, "\tstatic struct %sid_ds set = {\n", family == MSG ? "msq" : name);
	prose(t, "\t\t.%s_perm = { .uid = %lldU, .gid = %lldU, .mode = 0%llo },\n", name,
	      (ll)set_to(at, F_uid, d->set.uid), (ll)set_to(at, F_gid, d->set.gid),
	      (ll)set_to(at, F_mode, d->set.mode));
	if (family == MSG)
		prose(t, "\t\t.msg_qbytes = %lluU,\n",
		      (unsigned long long)set_to(at, F_qbytes, d->set.qbytes));
	prose(t, "\t};\n\n");
}

static void put_who(struct json *t, const struct cred *c)
{
	prose(t, "{\n\t\t.uid = { %u, %u, %u, %u }, .gid = { %u, %u, %u, %u }, .caps = 0x%" PRIx64 "ULL,\n",
	      c->ruid, c->euid, c->suid, c->fsuid, c->rgid, c->egid, c->sgid, c->fsgid, c->caps);
	prose(t, "\t\t.ngroups = %u, .groups = { ", c->ngroups);
	for (uint32_t i = 0; i < c->ngroups; i++)
		prose(t, "%u, ", c->groups[i]);
	prose(t, "%s", c->ngroups ? "},\n\t}" : "0 },\n\t}");
}

static void declare_argument(struct plan *p, const struct prediction *at, enum kind k)
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
	case KIND_CRED:
		prose(&p->out, "\tstatic const struct who is = ");
		put_who(&p->out, &at->cred);
		prose(&p->out, ";\n\n");
		break;
	case KIND_TIMEOUT:
		if (d->timeout.given && d->timeout.where != P_NULL)
			prose(&p->out, "\tstatic const struct timespec timeout = { %lld, %lld };\n\n",
			      (ll)d->timeout.sec, (ll)d->timeout.nsec);
		break;
	default: break;
	}
}

static enum place buffer_place(const struct op *op)
{
	for (int i = 0; i < opinfo[op->code].nargs; i++)
		if (opinfo[op->code].arg[i].kind == KIND_OUT)
			return (enum place)op->v[i];
	return P_OK;
}

/* The room that the caller has. */
static void declare_buffer(struct plan *p, const struct prediction *at)
{
	const struct call *c = &reproduce_calls[at->op.code];
	int64_t room = c->gives == MESSAGE ? at->op.msgrcv.size : c->gives == LOADED ? at->op.load.len : 0;
	struct json *t = &p->out;

	if (buffer_place(&at->op) == P_NULL)
		return;
	room = room < 1 || room > ROOM ? ROOM : room;
	switch (c->gives) {
	case NOTHING: break;
	case STATUS: prose(t, "\tstatic %s ds;\n", c->type); break;
	case INFO: prose(t, "\tstatic %s info;\n", c->type); break;
	case MESSAGE: prose(t, "\tstatic struct { long type; char text[%lld]; } m;\n", (ll)room); break;
	case VALUES: prose(t, "\tstatic unsigned short vals[65536];\n"); break;
	case LOADED: prose(t, "\tstatic char buf[%lld];\n", (ll)room); break;
	}
}

/* ---- what must come of it ----------------------------------------------------------------- */

/* The step that went when the model's clock was there; 0: none. */
static int step_at(const struct plan *p, int64_t time)
{
	for (int i = 0; i < p->nsteps; i++)
		if (p->in->step[i].kind == STEP_CALL && p->of[i].now == time)
			return i + 1;
	return 0;
}

static void check_field(struct plan *p, const char *object, enum field f, int64_t v)
{
	const char *name = fieldinfo[f].name;
	enum kind k = fieldinfo[f].kind;
	struct json *t = &p->out;

	if ((k == KIND_TIME && v == TIME_ANY) || (k == KIND_PID && v == PID_ANY) || k == KIND_SEQ)
		return;
	prose(t, "\t%s(\"%s\", %s(%s%s), ", k == KIND_PID ? "process" : k == KIND_TIME ? "moment"
	      : k == KIND_MODE ? "octal" : "number", name, f == F_shmmax || f == F_shmall ? "most" : "(long)",
	      object, name);
	if (k == KIND_PID)
		prose(t, "%s", v > 0 ? name_of(p, (int)v - 1) : "-1");
	else if (k == KIND_TIME)
		prose(t, "%d", v ? step_at(p, v) : 0);
	else
		prose(t, k == KIND_MODE ? "0%llo" : "%lld", (ll)v);
	prose(t, ");\n");
}

static bool in_perm(enum field f)
{
	return f == F_key || f == F_uid || f == F_gid || f == F_cuid || f == F_cgid || f == F_mode;
}

static void check_record(struct plan *p, enum family family, bool status, const struct record *rec)
{
	for (enum field f = 0; f < NFIELDS; f++) {
		char object[40] = "info.";

		if (!(rec->has & BIT(f)))
			continue;
		if (f == F_type)
			snprintf(object, sizeof(object), "m.");
		else if (status)
			snprintf(object, sizeof(object), "ds.%s%s_%s", f == F_cbytes ? "__" : "",
				 prefix[family], f == F_key ? "perm.__" : in_perm(f) ? "perm." : "");
		check_field(p, object, f, rec->v[f]);
	}
}

/* The name that an object got before. */
static const char *name_before(const struct plan *p, int i, enum family family, int64_t id)
{
	const char *found = NULL;

	for (int k = 0; k < i; k++) {
		const struct step *st = &p->in->step[k];
		const struct opinfo *o = &opinfo[st->op.code];

		if (st->kind == STEP_CALL && st->bind >= 0 && o->result == R_ID && o->family == family
		    && p->of[i].value[st->bind] == id && p->of[k].end.how == RETURNED)
			found = p->in->names[st->bind];
	}
	return found;
}

static void check_address(struct plan *p, const struct step *st, const struct prediction *at)
{
	int place = at->op.code == OP_mremap ? TO : ASKED;
	bool stays = at->op.code == OP_mremap && at->end.value == at->op.mremap.addr;

	if (!stays && !at->op.v[place]) {
		prose(&p->out, "\tnumber(\"distance to a page\", got %% sysconf(_SC_PAGESIZE), 0);\n");
		return;
	}
	prose(&p->out, "\tnumber(\"address\", got, (long)");
	put_address(p, &st->op, stays ? 0 : place);
	prose(&p->out, " + %lld);\n", (ll)(at->end.value - (stays ? at->op.mremap.addr : at->op.v[place])));
}

static void check_value(struct plan *p, int i, const struct prediction *at)
{
	const struct step *st = &p->in->step[i];
	const struct opinfo *o = &opinfo[st->op.code];
	const char *same = o->result == R_ID ? name_before(p, i, o->family, at->end.value) : NULL;
	struct json *t = &p->out;

	if (o->result == R_COUNT || o->result == R_INDEX || (o->result == R_ID && p->sc->check_ids))
		prose(t, "\tnumber(\"value\", got, %lld);\n", (ll)at->end.value);
	else if (same)
		prose(t, "\tnumber(\"id\", got, v->%s);\n", same);
	else if (o->result == R_PID && !op_makes_actor(st->op.code))
		prose(t, "\tprocess(\"pid\", got, %s);\n",
		      at->end.value > 0 ? name_of(p, (int)at->end.value - 1) : "-1");
	else if (o->result == R_ADDR)
		check_address(p, st, at);
}

/* What the call stored; nothing is said of a buffer that lies where it should not. */
static void check_answer(struct plan *p, int i)
{
	const struct prediction *at = &p->of[i];
	const struct outcome *end = &at->end;
	const struct opinfo *o = &opinfo[at->op.code];
	enum gives gives = reproduce_calls[at->op.code].gives;
	struct json *t = &p->out;

	check_value(p, i, at);
	if (buffer_place(&at->op) != P_OK)
		return;
	check_record(p, o->family, gives == STATUS, &end->rec);
	if (gives == VALUES && end->nvals) {
		prose(t, "\tvalues(vals, (const unsigned short[])");
		put_values(t, end->vals, end->nvals);
		prose(t, ", %zu);\n", end->nvals);
	}
	if (gives != MESSAGE && gives != LOADED)
		return;
	if (gives == MESSAGE)
		prose(t, "\ttext(m.text, got, ");
	else
		prose(t, "\ttext(buf, %zu, ", end->len);
	put_bytes(t, end->bytes, end->len);
	prose(t, ");\n");
}

/* ---- the program -------------------------------------------------------------------------- */

static void put_step_text(struct plan *p, int i, bool quoted)
{
	char buf[4096];
	struct text text = { buf, sizeof(buf), 0 };
	const struct step *st = &p->in->step[i];

	*buf = '\0';
	if (quoted) {
		if (st->kind != STEP_CALL)
			snprintf(buf, sizeof(buf), "%s", st->kind == STEP_WAKES ? "wakes" : "sleeps");
		else
			print_op(&text, &st->op, &p->in->table);
		put_string(&p->out, (const unsigned char *)buf, strlen(buf));
		return;
	}
	print_step(&text, p->in, st);
	for (const char *c = buf; *c; c++)	/* a comment neither begins nor ends within */
		prose(&p->out, "%c%s", *c, strchr("*/", c[0]) && c[1] && strchr("*/", c[1]) ? " " : "");
}

/* Adds what was written aside, and frees it. */
static void append(struct plan *p, struct json *aside)
{
	if (aside->len)
		json_raw(&p->out, aside->buf, aside->len);
	p->out.failed = p->out.failed || aside->failed;
	json_free(aside);
}

static struct json checks_of(struct plan *p, int i)
{
	struct json whole = p->out, checks;

	p->out = (struct json){ 0 };
	if (p->of[i].end.how == RETURNED && p->of[i].op.code != OP_exit)
		check_answer(p, i);
	checks = p->out;
	p->out = whole;
	return checks;
}

/* The call, and the checks if there are any. */
static void put_statements(struct plan *p, int i, const struct op *named)
{
	struct json *t = &p->out, checks = checks_of(p, i);
	const bool any = checks.len > 0;
	int bind = p->in->step[i].bind;

	prose(t, "\t%s", any ? "long got = " : "return ");
	if (bind >= 0)
		prose(t, "v->%s = ", p->in->names[bind]);
	put_call(p, named);
	prose(t, ";\n%s", any ? "\n\tif (got == -1)\n\t\treturn got;\n" : "");
	append(p, &checks);
	prose(t, "%s}\n\n", any ? "\treturn got;\n" : "");
}

static void put_function(struct plan *p, int i)
{
	const struct step *st = &p->in->step[i];
	const struct prediction *at = &p->of[i];
	const struct opinfo *o = &opinfo[st->op.code];
	struct prediction unresolved = *at;
	struct op named = st->op;

	unresolved.op.data = st->op.data;
	named.actor = at->op.actor;
	prose(&p->out, "/* ");
	put_step_text(p, i, false);
	prose(&p->out, " */\nstatic long step_%d(void)\n{\n", i + 1);
	declare_buffer(p, at);
	for (int k = 0; k < o->nargs; k++)
		declare_argument(p, &unresolved, o->arg[k].kind);
	put_statements(p, i, &named);
}

static void put_outcome(struct plan *p, const struct outcome *out)
{
	struct json *t = &p->out;

	switch (out->how) {
	case RETURNED: prose(t, "SUCCESS"); break;
	case FAILED: prose(t, "%s", err_name(out->err)); break;
	case BLOCKED: prose(t, "BLOCKS"); break;
	case FAULTED: prose(t, out->err == SIGKILL ? "ENDS" : "SIGNAL(%d)", out->err); break;
	}
}

static void put_row(struct plan *p, int i)
{
	const struct step *st = &p->in->step[i];
	const struct prediction *at = &p->of[i];
	struct json *t = &p->out;
	int room = 7;

	prose(t, "\t{ %s, ", st->actor < 0 ? "-1" : name_of(p, st->actor));
	put_step_text(p, i, true);
	if (st->kind == STEP_CALL)
		prose(t, ", step_%d, { ", i + 1);
	else
		prose(t, ", NULL, { ");
	if (st->kind == STEP_CALL && st->op.code == OP_exit)
		prose(t, "ENDS");
	else
		put_outcome(p, &at->at);
	for (int bit = 0; bit < NERRS && at->at.how == FAILED; bit++)
		if (at->also.bits >> bit & 1 && err_at(bit) != at->at.err && room-- > 0)
			prose(t, ", %s", err_name(err_at(bit)));
	prose(t, " }, %s },\n", at->either ? "true" : "false");
}

static void put_head(struct plan *p)
{
	static const char *const headers[] = {
		"errno.h", "fcntl.h", "grp.h", "limits.h", "poll.h", "sched.h", "setjmp.h", "signal.h",
		"stdarg.h", "stdbool.h", "stdio.h", "stdlib.h", "string.h", "sys/fsuid.h", "sys/ipc.h",
		"sys/mman.h", "sys/msg.h", "sys/prctl.h", "sys/resource.h", "sys/sem.h", "sys/shm.h",
		"sys/syscall.h", "time.h", "unistd.h",
	};
	struct json *t = &p->out;

	prose(t, "/*\n * %s\n *\n * %s\n *\n", p->in->name, p->sc->claim);
	prose(t, " * The calls of this case, and of each whether it does what the profile %s says. Made by\n"
	      " * sysvet reproduce; needs nothing but a C library, and root:\n *\n"
	      " *\tcc -o reproduce reproduce.c && ./reproduce\n *\n"
	      " * exit status: 0 all is as expected; 1 a step is not; 77 that cannot be judged here\n */\n",
	      p->profile->name);
	prose(t, "#define _GNU_SOURCE\n");
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++)
		prose(t, "#include <%s>\n", headers[i]);
	prose(t, "\nenum { ");
	for (int i = 0; i < p->in->nactors; i++)
		prose(t, "%s, ", name_of(p, i));
	prose(t, "NACTORS };\nenum { NSTEPS = %d, MEMLOCK = %lld };\nstruct names { long none", p->nsteps,
	      (ll)MEMLOCK);
	for (int i = 0; i < p->in->nnames; i++)
		prose(t, ", %s", p->in->names[i]);
	prose(t, "; };\n#define ERRORS \\\n");
	for (int bit = 0; bit < NERRS; bit++)
		prose(t, "\t{ %s, \"%s\" },%s\n", err_name(err_at(bit)), err_name(err_at(bit)),
		      bit + 1 < NERRS ? " \\" : "");
	prose(t, "\n");
}

static void put_actors(struct plan *p)
{
	struct json *t = &p->out;

	prose(t, "static const char *const name[NACTORS + 1] = { ");
	for (int i = 0; i < p->in->nactors; i++)
		prose(t, "\"%s\", ", name_of(p, i));
	prose(t, "\"*\" };\nstatic const bool later[NACTORS] = { ");
	for (int i = 0; i < p->in->nactors; i++)
		prose(t, "%s, ", p->in->actor[i].forked ? "true" : "false");
	prose(t, "};\nstatic const struct who who[NACTORS] = {\n");
	for (int i = 0; i < p->in->nactors; i++) {
		prose(t, "\t[%s] = ", name_of(p, i));
		put_who(t, &p->in->actor[i].cred);
		prose(t, ",\n");
	}
	prose(t, "};\n\n");
}

/* ---- what is left ------------------------------------------------------------------------- */

static void look_at_semaphores(struct plan *p, const struct objview *o, const char *name)
{
	static const char *const commands[] = { "GETVAL", "GETNCNT", "GETZCNT" };

	for (size_t i = 0; i < o->nsems && i < SEMVIEWS; i++) {
		const struct semview *s = &p->after.sem[o->sems + i];
		const int64_t values[] = { s->val, s->ncnt, s->zcnt };

		for (size_t k = 0; k < sizeof(values) / sizeof(*values); k++)
			prose(&p->out, "\tnumber(\"%s %zu\", semctl((int)v->%s, %zu, %s), %lld);\n",
			      commands[k], i, name, i, commands[k], (ll)values[k]);
		if (s->pid != PID_ANY)
			prose(&p->out, "\tprocess(\"GETPID %zu\", semctl((int)v->%s, %zu, GETPID), %s);\n", i,
			      name, i, s->pid > 0 ? name_of(p, (int)s->pid - 1) : "-1");
	}
}

/* A function for each object that has a name; names gets what to call. */
static void put_looks(struct plan *p)
{
	static const struct { const char *type, *function, *rest; } stat[NFAMILIES] = {
		[MSG] = { "msqid_ds", "msgctl", "IPC_STAT, &ds" },
		[SEM] = { "semid_ds", "semctl", "0, IPC_STAT, (union semun){ .any = &ds }" },
		[SHM] = { "shmid_ds", "shmctl", "IPC_STAT, &ds" },
	};
	struct json calls = { 0 };

	for (size_t i = 0; i < p->after.nobj; i++) {
		const struct objview *o = &p->after.obj[i];
		const char *name = o->family < NFAMILIES ? name_before(p, p->nsteps, o->family, o->id) : NULL;

		if (!name)
			continue;
		prose(&p->out, "static void look_at_%zu(void)\n{\n\tstruct %s ds;\n\n"
		      "\tif (%s((int)v->%s, %s))\n\t\tdiffer(\"%s: gone\");\n", i, stat[o->family].type,
		      stat[o->family].function, name, stat[o->family].rest, name);
		check_record(p, o->family, true, &o->rec);
		if (o->family == SEM)
			look_at_semaphores(p, o, name);
		prose(&p->out, "}\n\n");
		prose(&calls, "\tlook_at_%zu();\n", i);
	}
	prose(&p->out, "static void look(void)\n{\n");
	append(p, &calls);
	prose(&p->out, "}\n\n");
}

static void put_program(struct plan *p)
{
	put_head(p);
	json_raw(&p->out, reproduce_frame, strlen(reproduce_frame));
	prose(&p->out, "\n/* ---- the case --------------------------------------------------- */\n\n");
	put_actors(p);
	for (int i = 0; i < p->nsteps; i++)
		if (p->in->step[i].kind == STEP_CALL)
			put_function(p, i);
	prose(&p->out, "static const struct step steps[NSTEPS] = {\n");
	for (int i = 0; i < p->nsteps; i++)
		put_row(p, i);
	prose(&p->out, "};\n\n");
	put_looks(p);
	prose(&p->out, "int main(void)\n{\n\treturn reproduce(look);\n}\n");
}

const char *reproduce(FILE *to, const struct script *sc, struct instance *in, int nsteps,
		      const struct profile *profile, char *err, size_t errsize)
{
	struct plan p = {
		.sc = sc, .in = in, .nsteps = nsteps && nsteps < in->nsteps ? nsteps : in->nsteps,
		.profile = profile, .err = err, .errsize = errsize,
	};
	struct world *w = world_new(&linux_facts);
	bool ok = w ? plan_make(&p, w) : plan_refuse(&p, "out of memory");

	if (ok && to) {
		put_program(&p);
		ok = !p.out.failed || plan_refuse(&p, "out of memory");
		if (ok)
			fwrite(p.out.buf, 1, p.out.len, to);
	}
	world_free(w);
	snapshot_free(&p.after);
	json_free(&p.out);
	arena_free(&p.arena);
	return ok ? NULL : err;
}
