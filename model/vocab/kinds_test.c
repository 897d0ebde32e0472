#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "suite_test.h"
#include "text.h"

/* ---- names, as a script would have them ----------------------------------------------------- */

static const char *const bound[] = { "q", "s2", "a" }, *const actors[] = { "A", "B", "Carol" };

static int find(const char *const *names, const char *s, size_t len)
{
	for (int i = 0; i < 3; i++)
		if (strlen(names[i]) == len && memcmp(names[i], s, len) == 0)
			return i;
	return -1;
}

static int find_bound(void *ctx, const char *s, size_t len) { return (void)ctx, find(bound, s, len); }
static int find_actor(void *ctx, const char *s, size_t len) { return (void)ctx, find(actors, s, len); }
static const char *name_bound(void *ctx, int i) { return (void)ctx, i < 3 ? bound[i] : NULL; }
static const char *name_actor(void *ctx, int i) { return (void)ctx, i < 3 ? actors[i] : NULL; }

static const struct nametable names = { find_bound, find_actor, name_bound, name_actor, NULL };
static struct arena arena;

static void give_back(void)
{
	arena_free(&arena);
}

static struct scan reading(const char *text)
{
	return (struct scan){ .text = text, .arena = &arena, .names = &names };
}

/* ---- canonical spelling --------------------------------------------------------------------- */

/* What is read, and how it is printed; NULL where that is the same. */
static const struct { const char *text, *printed; } spellings[] = {
	{ "msgget(IPC_PRIVATE)", NULL },
	{ "msgget( 0 , 0600 )", "msgget(IPC_PRIVATE, 0600)" },
	{ "msgget(17, IPC_CREAT|IPC_EXCL|0640)", "msgget(0x11, IPC_CREAT|IPC_EXCL|0640)" },
	{ "msgget(0xffffffff, 0640|IPC_CREAT)", "msgget(-1, IPC_CREAT|0640)" },
	{ "msgget(-1, 0x10000|7)", "msgget(-1, 0200007)" },
	{ "msgget(-1, -1)", NULL },
	{ "shmget(0x1, 4096, SHM_HUGETLB|SHM_NORESERVE|0600)", NULL },
	{ "semget(IPC_PRIVATE, 1, 04600)", "semget(IPC_PRIVATE, 1, IPC_NOWAIT|0600)" },
	{ "semget(IPC_PRIVATE, INT_MIN, 0)", "semget(IPC_PRIVATE, -2147483648)" },
	{ "msgrcv(q+32768, -5, 16, MSG_NOERROR | IPC_NOWAIT, @unmapped)",
	  "msgrcv(q+32768, -5, 16, IPC_NOWAIT|MSG_NOERROR, @unmapped)" },
	{ "msgrcv(q, LONG_MIN, 0, 0, @ok)", "msgrcv(q, -9223372036854775808, 0)" },
	{ "msgrcv(q, 0, 1, 0, @null)", NULL },
	{ "msgsnd(q, 1:\"x\")", NULL },
	{ "msgsnd(q, -1:\"x\"*8192)", NULL },
	{ "msgsnd(q, 1:\"x\"#-1, IPC_NOWAIT)", NULL },
	{ "msgsnd(q, 1:\"xxxx\" @partial)", "msgsnd(q, 1:\"xxxx\"@partial)" },
	{ "msgsnd(q, @unmapped)", NULL },
	{ "msgsnd(q, 0:\"\")", NULL },
	{ "msgsnd(q, 0:\"\"#8@null)", NULL },
	{ "msgctl_IPC_SET(q, qbytes=10 uid=1)", "msgctl_IPC_SET(q, uid=1 qbytes=10)" },
	{ "msgctl_IPC_SET(q, uid=4294967295 mode=0777@readonly)",
	  "msgctl_IPC_SET(q, uid=-1 mode=0777@readonly)" },
	{ "msgctl_IPC_SET(q, none)", NULL },
	{ "semctl_IPC_SET(s2, @unmapped)", NULL },
	{ "msgctl_IPC_INFO(0)", "msgctl_IPC_INFO()" },
	{ "msgctl_IPC_INFO(0, @null)", NULL },
	{ "semop(s2-1, [0:-1, 1:0:IPC_NOWAIT|SEM_UNDO, 0:1*501])", NULL },
	{ "semop(s2, [])", NULL },
	{ "semop(s2, [0:1, 0:1])", NULL },
	{ "semop(s2, [0:1,0:1,0:1,0:1:SEM_UNDO])", "semop(s2, [0:1*3, 0:1:SEM_UNDO])" },
	{ "semop(s2, @unmapped)", NULL },
	{ "semop(s2, [0:0]@unmapped)", "semop(s2, @unmapped)" },
	{ "semop(s2, []@unmapped)", NULL },
	{ "semop(s2, [0:0:IPC_NOWAIT]@unmapped)", NULL },
	{ "semop(s2, [0:1:-1])", NULL },
	{ "semtimedop(s2, [0:1])", NULL },
	{ "semtimedop(s2, [0:1], none)", "semtimedop(s2, [0:1])" },
	{ "semtimedop(s2, [0:1], 0)", NULL },
	{ "semtimedop(s2, [0:1], 0s)", "semtimedop(s2, [0:1], 0)" },
	{ "semtimedop(s2, [0:1], 10ms)", NULL },
	{ "semtimedop(s2, [0:1], 1500ms)", NULL },
	{ "semtimedop(s2, [0:1], 2000ms)", "semtimedop(s2, [0:1], 2s)" },
	{ "semtimedop(s2, [0:1], 7us)", NULL },
	{ "semtimedop(s2, [0:1], 7ns)", NULL },
	{ "semtimedop(s2, [0:1], -1:0)", NULL },
	{ "semtimedop(s2, [0:1], 0:1000000000)", NULL },
	{ "semtimedop(s2, [0:1], LONG_MAX:0)", "semtimedop(s2, [0:1], 9223372036854775807:0)" },
	{ "semtimedop(s2, [0:1], @unmapped)", NULL },
	{ "semtimedop(s2, [0:1], 1s@partial)", NULL },
	{ "semctl_SETALL(s2, [1,2, 3])", "semctl_SETALL(s2, [1, 2, 3])" },
	{ "semctl_SETALL(s2, [7*250, 65535])", NULL },
	{ "semctl_SETALL(s2, [])", NULL },
	{ "semctl_SETALL(s2, @readonly)", NULL },
	{ "semctl_GETALL(s2)", NULL },
	{ "msgctl_other(q, 99)", NULL },
	{ "msgctl_other(q, 16)", NULL },
	{ "shmat(q)", NULL },
	{ "shmat(q, HOLE+4096, SHM_RND|SHM_RDONLY)", "shmat(q, HOLE+4096, SHM_RDONLY|SHM_RND)" },
	{ "shmat(-1, a-1)", NULL },
	{ "shmdt(HOLE)", NULL },
	{ "shmdt(12345)", NULL },
	{ "semop(q, [0:1]#4294967297)", NULL },
	{ "semop(q, [0:1, 0:1*2]#-1@odd)", "semop(q, [0:1*3]#-1@odd)" },
	{ "semop(q, [0:1]#1)", "semop(q, [0:1])" },
	{ "store(a+8, \"hello\")", NULL },
	{ "load(a, 16)", NULL },
	{ "become(uid 1 gid 2 groups 5+6 caps CAP_SYS_ADMIN+CAP_IPC_OWNER)",
	  "become(uid 1 gid 2 groups 5+6 caps CAP_IPC_OWNER+CAP_SYS_ADMIN)" },
	{ "become(euid 0)", NULL },
	{ "become(euid 0 fsuid 5)", NULL },
	{ "become(euid 0 fsuid 0)", "become(euid 0)" },
	{ "become(uid 1 euid 2)", "become(ruid 1 euid 2 suid 1)" },
	{ "become(ruid 1 euid 1 suid 1 fsuid 1)", "become(uid 1)" },
	{ "become(groups none caps none)", NULL },
	{ "become(caps all)", NULL },
	{ "become(caps 7+40)", NULL },
	{ "fork(Carol)", NULL },
	{ "exit()", NULL },
	{ "exit(3)", NULL },
	{ "signal(B, SIGSTOP)", NULL },
	{ "limit(msg_next_id, 777)", NULL },
	{ "tick(5)", NULL },
};

START_TEST(operations_have_a_canonical_spelling)
{
	struct scan s = reading(spellings[_i].text);
	char buf[300];
	struct text t = { buf, sizeof(buf), 0 };
	struct op op = { .actor = 7 };

	ck_assert_msg(scan_op(&s, &op), "%s: %zu: %s", s.text, s.errpos + 1, s.err);
	ck_assert_uint_eq(s.pos, strlen(s.text));
	ck_assert_int_eq(op.actor, 7);
	print_op(&t, &op, &names);
	ck_assert_str_eq(buf, spellings[_i].printed ? spellings[_i].printed : spellings[_i].text);
}
END_TEST

START_TEST(values_are_what_the_text_says)
{
	struct scan s = reading("msgrcv(q+3, -5, 16, IPC_NOWAIT, @readonly)");
	struct op op;

	ck_assert(scan_op(&s, &op));
	ck_assert_int_eq(op.code, OP_msgrcv);
	ck_assert_int_eq(op.ref[0], 1);
	ck_assert_int_eq(op.msgrcv.id, 3);
	ck_assert_int_eq(op.msgrcv.typ, -5);
	ck_assert_int_eq(op.msgrcv.flg, IPC_NOWAIT);
	ck_assert_int_eq(op.msgrcv.buf, P_READONLY);
	s = reading("semtimedop(0, [3:-2:SEM_UNDO]@readonly, 1:-5)");
	ck_assert(scan_op(&s, &op));
	ck_assert_uint_eq(op.data->sops.n, 1);
	ck_assert_int_eq(op.data->sops.v[0].num, 3);
	ck_assert_int_eq(op.data->sops.v[0].op, -2);
	ck_assert_int_eq(op.data->sops.v[0].flg, SEM_UNDO);
	ck_assert_int_eq(op.data->where, P_READONLY);
	ck_assert(op.data->timeout.given);
	ck_assert_int_eq(op.data->timeout.sec, 1);
	ck_assert_int_eq(op.data->timeout.nsec, -5);
	s = reading("signal(Carol, SIGKILL)");
	ck_assert(scan_op(&s, &op));
	ck_assert_int_eq(op.signal.to, 2);
	ck_assert_int_eq(op.signal.signo, SIGKILL);
	s = reading("become(euid 9 caps CAP_IPC_LOCK)");
	ck_assert(scan_op(&s, &op));
	ck_assert_uint_eq(op.data->cred.has, 1u << 1 | 1u << 3 | 1u << 8);
	ck_assert_uint_eq(op.data->cred.cred.fsuid, 9);
	ck_assert_uint_eq(op.data->cred.cred.caps, 1u << CAP_IPC_LOCK);
}
END_TEST

/* ---- errors --------------------------------------------------------------------------------- */

static const struct { const char *text; int column; const char *err; } mistakes[] = {
	{ "", 1, "found the end of the line, expected an operation such as msgget" },
	{ "msggit(1)", 1, "found 'msggit', expected an operation such as msgget" },
	{ "msgctl_RMID(1)", 1, "found 'msgctl_RMID', expected an operation such as msgctl_IPC_RMID" },
	{ "frobnicate(1)", 1, "found 'frobnicate', expected an operation such as msgget" },
	{ "msgget 1", 8, "found '1', expected '(' and the arguments" },
	{ "msgget()", 8,
	  "found ')', expected argument key of msgget: key: a 32-bit number, IPC_PRIVATE or a bound name" },
	{ "msgget(x)", 8, "found 'x', expected key: a 32-bit number, IPC_PRIVATE or a bound name" },
	{ "msgget(4294967296)", 8, "found '4294967296', expected -2147483648..4294967295" },
	{ "msgget(1", 9, "found the end of the line, expected ',' or ')'" },
	{ "msgget(1 2)", 10, "found '2', expected ',' or ')'" },
	{ "msgget(1, 0600, 3)", 15, "found ',', expected ')': msgget takes at most 2 arguments" },
	{ "msgget(1, IPC_CREATE)", 11,
	  "found 'IPC_CREATE', expected flags of a get call: mode | IPC_CREAT | IPC_EXCL | IPC_NOWAIT" },
	{ "msgget(1, IPC_CREAT|)", 21, "found ')', expected a number" },
	{ "msgget(1, 4294967296)", 11, "found '4294967296', expected -2147483648..2147483647" },
	{ "msgrcv(nope, 0, 1)", 8,
	  "found 'nope', expected message queue id: a bound name, name+N or a number" },
	{ "msgrcv(q+x, 0, 1)", 9, "found '+x', expected a number" },
	{ "msgrcv(q, 0, 1, 0, @nowhere)", 21,
	  "found 'nowhere', expected one of ok, null, unmapped, readonly, partial, odd" },
	{ "msgsnd(q, \"x\")", 11, "found a string, expected message to send: "
	  "type:\"text\", with *N to repeat the text, #N to claim another size, @place" },
	{ "msgsnd(q, 1 \"x\")", 13, "found a string, expected ':' between type and text" },
	{ "msgsnd(q, 1:x)", 13, "found 'x', expected a string in double quotes" },
	{ "msgctl_IPC_SET(q, nonsense=1)", 19, "found 'nonsense', expected fields to set: "
	  "uid=N gid=N mode=N qbytes=N or none, @place; a field left out keeps its value" },
	{ "semctl_IPC_SET(q, qbytes=1)", 19, "found 'qbytes', expected fields to set: "
	  "uid=N gid=N mode=N or none, @place; a field left out keeps its value" },
	{ "msgctl_IPC_SET(q, uid=1 uid=1)", 25, "found 'uid', expected each field once" },
	{ "msgctl_IPC_SET(q, mode=0200000)", 24, "found '0200000', expected 0..65535" },
	{ "semop(s2, 0:1)", 11, "found '0', expected semaphore operations: "
	  "[num:op:flags, ...], with *N to repeat one, #N to claim N, @place" },
	{ "semop(s2, [0])", 13, "found ']', expected ':' between number and operation" },
	{ "semop(s2, [65536:1])", 12, "found '65536', expected 0..65535" },
	{ "semop(s2, [0:32768])", 14, "found '32768', expected -32768..32767" },
	{ "semop(s2, [0:1*4097])", 16, "found '4097', expected 0..4096" },
	{ "semop(s2, [0:1*4096, 0:1])", 25, "found 4097 elements, expected at most 4096" },
	{ "semop(s2, [0:1 0:1])", 16, "found '0', expected ',' or ']'" },
	{ "semtimedop(s2, [0:1], soon)", 23,
	  "found 'soon', expected time to wait: none, N with unit s ms us ns, sec:nsec, or @place" },
	{ "semtimedop(s2, [0:1], 5)", 24, "found ')', expected a unit: s, ms, us or ns" },
	{ "semtimedop(s2, [0:1], 5min)", 24, "found 'min', expected a unit: s, ms, us or ns" },
	{ "semctl_SETALL(s2, [65536])", 20, "found '65536', expected 0..65535" },
	{ "msgctl_other(q, 2)", 17, "found '2', expected a command that has no operation of its own" },
	{ "semctl_other(q, 16)", 17, "found '16', expected a command that has no operation of its own" },
	{ "become()", 8, "found ')', expected argument cred of become: "
	  "credentials: uid N gid N groups N+N caps NAME+NAME; what is left out stays" },
	{ "become(user 1)", 8, "found 'user', expected uid, gid, groups, caps or one id such as euid" },
	{ "become(uid 1 uid 2)", 14, "found 'uid', expected each kind of id once" },
	{ "become(uid -1)", 12, "found '-1', expected 0..4294967295" },
	{ "become(caps CAP_KILL)", 13,
	  "found 'CAP_KILL', expected a capability such as CAP_IPC_OWNER, or the number of one" },
	{ "become(groups 1+2+3+4+5+6+7+8+9+10+11+12+13+14+15+16+17)", 54,
	  "found '17', expected no more groups than that" },
	{ "fork(D)", 6, "found 'D', expected name of an actor" },
	{ "signal(A, SIGHUP)", 11,
	  "found 'SIGHUP', expected signal: SIGUSR1, SIGUSR2, SIGKILL, SIGSTOP, SIGCONT" },
	{ "limit(msgmin, 1)", 7, "found 'msgmin', expected name of a limit of the namespace: "
	  "msgmni, semmsl, shmall, msg_next_id, ..." },
	{ "shmat(q, HOLE+x)", 14, "found '+x', expected a number" },
	{ "shmdt(b)", 7,
	  "found 'b', expected address: a number, a bound name, HOLE, or either of these +N or -N" },
	{ "load(a, -1)", 9, "found '-1', expected 0..1048576" },
	{ "an_operation_of_more_letters_than_any_of_ours(1)", 1,
	  "found 'an_operation_of_more_letters_than_any_of...', expected an operation such as msgget" },
	{ "semop(s2, [0:1", 15, "found the end of the line, expected ',' or ']'" },
	{ "semtimedop(s2, [0:1], 1234567890123456789s)", 23, "found '1234567890123456789s', expected time to "
	  "wait: none, N with unit s ms us ns, sec:nsec, or @place" },
	{ "ipc_msgrcv(q, 5)", 15, "found '5', expected pointer to nothing: @null, @unmapped" },
	{ "ipc_msgrcv(q, @ok)", 15, "found '@', expected pointer to nothing: @null, @unmapped" },
	{ "ipc_msgrcv(q, @nowhere)", 16,
	  "found 'nowhere', expected one of ok, null, unmapped, readonly, partial, odd" },
	{ "ipc_msgrcv(q, @partial)", 15, "found '@', expected pointer to nothing: @null, @unmapped" },
	{ "ftok(nowhere, 1)", 6,
	  "found 'nowhere', expected path for ftok: file, other, hardlink, symlink, missing, locked, ..." },
};

START_TEST(mistakes_are_named_with_their_column)
{
	struct scan s = reading(mistakes[_i].text);
	struct op op;

	ck_assert_msg(!scan_op(&s, &op), "%s", s.text);
	ck_assert_str_eq(s.err, mistakes[_i].err);
	ck_assert_int_eq((int)s.errpos + 1, mistakes[_i].column);
}
END_TEST

START_TEST(a_small_arena_is_an_error)
{
	struct arena small = { .limit = 600 };
	struct scan s = { .text = "semop(q, [0:1*500])", .arena = &small, .names = &names };
	struct op op;

	ck_assert(!scan_op(&s, &op));
	ck_assert_str_eq(s.err, "found more than memory is set aside for, expected a smaller case");
	arena_free(&small);
}
END_TEST

/* With room for nothing, and for a payload without what it points to. */
START_TEST(an_arena_without_room_is_an_error)
{
	const size_t align = sizeof(max_align_t), rooms[] = { 1, sizeof(struct payload) + align - 1 };

	for (size_t i = 0; i < sizeof(rooms) / sizeof(*rooms); i++) {
		struct arena small = { .limit = rooms[i] };
		struct scan s = { .text = "msgsnd(q, 1:\"x\"*99)", .arena = &small, .names = &names };
		struct op op;

		ck_assert(!scan_op(&s, &op));
		ck_assert_int_eq(small.used > 0, i);
		ck_assert_str_eq(s.err,
				 "found more than memory is set aside for, expected a smaller case");
		arena_free(&small);
	}
}
END_TEST

/* ---- without names ---------------------------------------------------------------------------- */

static int too_many(void *ctx, const char *s, size_t len)
{
	return (void)ctx, (void)s, (void)len, UINT16_MAX;
}

START_TEST(without_a_table_there_are_no_names)
{
	static const struct nametable none = { 0 }, many = { .name = too_many };
	static const struct nametable *const tables[] = { NULL, &none, &many };
	struct op op;

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		struct scan s = { .text = "shmdt(a)", .arena = &arena, .names = tables[i] };

		ck_assert(!scan_op(&s, &op));
		ck_assert_int_eq((int)s.errpos, 6);
		s = (struct scan){ .text = "fork(B)", .arena = &arena, .names = tables[i] };
		ck_assert(!scan_op(&s, &op));
		ck_assert_str_eq(s.err, "found 'B', expected name of an actor");
	}
}
END_TEST

static const struct { struct op op; const struct nametable *names; const char *printed; } nameless[] = {
	{ { .code = OP_fork, .v = { 1 } }, &names, "fork(B)" },
	{ { .code = OP_fork, .v = { 3 } }, &names, "fork(actor3)" },
	{ { .code = OP_fork, .v = { -1 } }, &names, "fork(actor-1)" },
	{ { .code = OP_fork, .v = { 1 } }, NULL, "fork(actor1)" },
	{ { .code = OP_fork, .v = { 1 } }, &(const struct nametable){ 0 }, "fork(actor1)" },
	{ { .code = OP_shmdt, .v = { 8 }, .ref = { 3 } }, &names, "shmdt(a+8)" },
	{ { .code = OP_shmdt, .v = { 8 }, .ref = { 4 } }, &names, "shmdt(name3+8)" },
	{ { .code = OP_shmdt, .v = { 8 }, .ref = { 3 } }, NULL, "shmdt(name2+8)" },
	{ { .code = OP_shmdt, .v = { 8 }, .ref = { 3 } }, &(const struct nametable){ 0 }, "shmdt(name2+8)" },
	{ { .code = OP_signal, .v = { 0, SIGHUP } }, &names, "signal(A, 1)" },
	{ { .code = OP_limit, .v = { LIM_msgmni, 1 } }, &names, "limit(msgmni, 1)" },
};

START_TEST(what_has_no_name_is_printed_by_its_number)
{
	char buf[100];
	struct text t = { buf, sizeof(buf), 0 };

	print_op(&t, &nameless[_i].op, nameless[_i].names);
	ck_assert_str_eq(buf, nameless[_i].printed);
}
END_TEST

START_TEST(no_time_to_wait_has_a_word)
{
	static const struct payload forever = { 0 };
	char buf[100];
	struct text t = { buf, sizeof(buf), 0 };

	print_value(&t, KIND_TIMEOUT, 0, 0, &forever, NULL);
	ck_assert_str_eq(buf, "none");
}
END_TEST

/* ---- partitions ----------------------------------------------------------------------------- */

START_TEST(partitions_are_disjoint_and_cover_what_can_be_written)
{
	for (int k = 0; k < NKINDS; k++) {
		const struct kindinfo *info = &kindinfo[k];

		for (const struct part *p = info->parts; p && p->name; p++) {
			ck_assert_msg(p->lo <= p->hi, "%s %s", info->name, p->name);
			for (const struct part *o = info->parts; o < p; o++)
				ck_assert_msg(p->hi < o->lo || o->hi < p->lo, "%s: %s and %s", info->name,
					      p->name, o->name);
			ck_assert_ptr_eq(part_of((enum kind)k, p->lo), p);
			ck_assert_ptr_eq(part_of((enum kind)k, p->hi), p);
		}
		if (info->parts && info->lo < info->hi && k != KIND_KEY) {
			ck_assert_msg(part_of((enum kind)k, info->lo), "%s", info->name);
			ck_assert_msg(part_of((enum kind)k, info->hi), "%s", info->name);
		}
	}
	ck_assert_str_eq(part_of(KIND_SEMVAL, SEMVMX)->name, "max");
	ck_assert_str_eq(part_of(KIND_KEY, -5)->name, "negative");
	ck_assert_ptr_null(part_of(KIND_MSG, 0));
}
END_TEST

START_TEST(every_kind_reads_and_prints)
{
	for (int k = 0; k < NKINDS; k++)
		ck_assert_msg(kindinfo[k].name && kindinfo[k].scan && kindinfo[k].print, "kind %d", k);
}
END_TEST

/* ---- random operations ---------------------------------------------------------------------- */

static uint64_t state;

static uint64_t rnd(uint64_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % n;
}

/* A number of a random part of the kind, its bounds more often than what is between them. */
static int64_t some_number(const struct kindinfo *k)
{
	int n = 0, i;
	uint64_t span;

	while (k->parts && k->parts[n].name)
		n++;
	if (!n)
		return k->lo + (int64_t)rnd((uint64_t)(k->hi - k->lo) + 1);
	i = (int)rnd((uint64_t)n);
	span = (uint64_t)k->parts[i].hi - (uint64_t)k->parts[i].lo;
	switch (rnd(3)) {
	case 0: return k->parts[i].lo;
	case 1: return k->parts[i].hi;
	}
	return (int64_t)((uint64_t)k->parts[i].lo + (span == UINT64_MAX ? rnd(UINT64_MAX) : rnd(span + 1)));
}

static int64_t some_flags(const struct kindinfo *k)
{
	bool numbers = k->lo < k->hi || k->payload;	/* not names alone */
	uint64_t most = k->hi >= 0 && k->hi < 0777 && !k->payload ? (uint64_t)k->hi : 0777;
	int64_t v = numbers && rnd(2) ? (int64_t)rnd(most + 1) : 0;

	for (const struct part *f = k->flags; f->name; f++)
		if (rnd(2))
			v |= f->lo;
	return rnd(20) || !numbers || (!k->payload && k->lo >= 0) ? v : -(int64_t)rnd(5);
}

static enum place some_place(void)
{
	return rnd(4) ? P_OK : (enum place)rnd(NPLACES);
}

static const unsigned char *some_text(size_t *len)
{
	static const int letters[] = { 256, 1, 2, 26 };
	int choice = letters[rnd(4)];
	unsigned char *v;

	*len = rnd(40);
	v = arena_alloc(&arena, *len + 1);
	for (size_t i = 0; i < *len; i++)
		v[i] = (unsigned char)(choice == 2 ? 'a' + (int)i % 2 : 'a' + (int)rnd((uint64_t)choice));
	return v;
}

static void some_sops(struct payload *p)
{
	struct sop *v;

	p->sops.n = rnd(8);
	v = arena_alloc(&arena, (p->sops.n + 1) * sizeof(*v));
	for (size_t i = 0; i < p->sops.n; i++)
		if (i && rnd(2))
			v[i] = v[i - 1];
		else
			v[i] = (struct sop){ (uint16_t)rnd(rnd(2) ? 3 : 65536), (int16_t)rnd(65536),
					     (int16_t)(rnd(2) ? some_flags(&kindinfo[KIND_SOPS]) : 0) };
	p->sops.v = v;
	p->excess = rnd(4) ? 0 : some_number(&kindinfo[KIND_MSGTYP]);
}

static void some_vals(struct payload *p)
{
	uint16_t *v;

	p->vals.n = rnd(8);
	v = arena_alloc(&arena, (p->vals.n + 1) * sizeof(*v));
	for (size_t i = 0; i < p->vals.n; i++)
		v[i] = (uint16_t)(i && rnd(2) ? v[i - 1] : rnd(65536));
	p->vals.v = v;
}

static int64_t some_seconds(void)
{
	switch (rnd(4)) {
	case 0: return 0;
	case 1: return (int64_t)rnd(2000);
	case 2: return -(int64_t)rnd(3);
	}
	return (int64_t)rnd(INT64_MAX);
}

static void some_set(struct payload *p, bool queue)
{
	const uint64_t all = BIT(F_uid) | BIT(F_gid) | BIT(F_mode) | (queue ? BIT(F_qbytes) : 0);

	p->set.has = (rnd(2) ? all : rnd(all + 1)) & all;
	if (p->set.has & BIT(F_uid))
		p->set.uid = (int64_t)rnd(UINT32_MAX) - 1;
	if (p->set.has & BIT(F_gid))
		p->set.gid = (int64_t)rnd(3) - 1;
	if (p->set.has & BIT(F_mode))
		p->set.mode = (int64_t)rnd(0200000);
	if (p->set.has & BIT(F_qbytes))
		p->set.qbytes = some_number(&kindinfo[KIND_MSGTYP]);
}

/* Only what text can say: the file system id is given with the effective one. */
static void some_cred(struct credset *set)
{
	struct cred *c = &set->cred;
	uint32_t *id[] = { &c->ruid, &c->euid, &c->suid, &c->fsuid, &c->rgid, &c->egid, &c->sgid, &c->fsgid };

	set->has = (uint32_t)(1 + rnd(0x3ff));
	set->has |= set->has << 2 & (1u << 3 | 1u << 7);
	for (int i = 0; i < 8; i++)
		if (set->has & 1u << i)
			*id[i] = (uint32_t)(rnd(2) ? rnd(2) : rnd(UINT32_MAX));
	if (set->has & 1u << 8)
		c->caps = rnd(2) ? rnd(UINT64_MAX) : CAPS_ALL * rnd(2);
	if (set->has & 1u << 9)
		for (c->ngroups = (uint32_t)rnd(MAXGROUPS + 1); set->cred.groups[0] == 0 && c->ngroups; )
			for (uint32_t i = 0; i < c->ngroups; i++)
				c->groups[i] = (uint32_t)rnd(UINT32_MAX) + 1;
}

static void some_timeout(struct payload *p)
{
	static const int64_t grains[] = { 1, 1000, 1000000, 1000000000 };

	p->timeout.given = rnd(4);
	if (!p->timeout.given)
		return;
	p->timeout.sec = some_seconds();
	p->timeout.nsec = ((int64_t)rnd(3000) - 500) * grains[rnd(4)];
	p->timeout.where = some_place();
}

static void some_payload(struct payload *p, enum kind kind)
{
	switch (kind) {
	case KIND_MSG:
		p->msg.text = some_text(&p->msg.len);
		p->msg.size = rnd(3) ? (int64_t)p->msg.len : (int64_t)rnd(UINT64_MAX);
		p->msg.type = some_number(&kindinfo[KIND_MSGTYP]);
		p->where = some_place();
		return;
	case KIND_SOPS: p->where = some_place(), some_sops(p); return;
	case KIND_TIMEOUT: some_timeout(p); return;
	case KIND_SEMVALS: p->where = some_place(), some_vals(p); return;
	case KIND_MSGSET: p->where = some_place(), some_set(p, true); return;
	case KIND_PERMSET: p->where = some_place(), some_set(p, false); return;
	case KIND_BYTES: p->bytes.v = some_text(&p->bytes.len); return;
	default: some_cred(&p->cred);
	}
}

static void some_op(struct op *op, enum opcode code)
{
	struct payload *p = arena_alloc(&arena, sizeof(*p));

	*op = (struct op){ .code = code, .data = p };
	for (int i = 0; i < opinfo[code].nargs; i++) {
		enum kind kind = opinfo[code].arg[i].kind;
		const struct kindinfo *k = &kindinfo[kind];

		if (k->payload) {
			some_payload(p, kind);
		} else if ((kind == KIND_ADDR || kind <= KIND_SHMID) && kind >= KIND_MSGID && rnd(2)) {
			op->ref[i] = (uint16_t)(1 + rnd(3));
			op->v[i] = rnd(2) ? 0 : (int64_t)rnd(UINT32_MAX) - INT32_MAX;
		} else if (kind == KIND_ACTOR) {
			op->v[i] = (int64_t)rnd(3);
		} else {
			op->v[i] = k->flags ? some_flags(k) : some_number(k);
		}
		if ((kind == KIND_UID || kind == KIND_GID) && op->v[i] == UINT32_MAX)
			op->v[i] = -1;
		if (kind == KIND_CMD && op->v[i] >= 0 && op->v[i] <= 20)
			op->v[i] = 21;
	}
}

static bool same_bytes(const void *a, size_t alen, const void *b, size_t blen, size_t size)
{
	return alen == blen && (!alen || memcmp(a, b, alen * size) == 0);
}

static bool same_timeout(const struct payload *a, const struct payload *b)
{
	return a->timeout.given == b->timeout.given && a->timeout.where == b->timeout.where &&
	       a->timeout.sec == b->timeout.sec && a->timeout.nsec == b->timeout.nsec;
}

static bool same_cred(const struct credset *a, const struct credset *b)
{
	const size_t ids = offsetof(struct cred, caps);

	return a->has == b->has && memcmp(&a->cred, &b->cred, ids) == 0 && a->cred.caps == b->cred.caps &&
	       same_bytes(a->cred.groups, a->cred.ngroups, b->cred.groups, b->cred.ngroups, sizeof(uint32_t));
}

static bool same_payload(const struct payload *a, const struct payload *b)
{
	return a->where == b->where && a->msg.type == b->msg.type && a->msg.size == b->msg.size &&
	       same_bytes(a->msg.text, a->msg.len, b->msg.text, b->msg.len, 1) &&
	       same_bytes(a->sops.v, a->sops.n, b->sops.v, b->sops.n, sizeof(*a->sops.v)) &&
	       a->excess == b->excess && same_timeout(a, b) &&
	       same_bytes(a->vals.v, a->vals.n, b->vals.v, b->vals.n, sizeof(*a->vals.v)) &&
	       memcmp(&a->set, &b->set, sizeof(a->set)) == 0 &&
	       same_bytes(a->bytes.v, a->bytes.len, b->bytes.v, b->bytes.len, 1) &&
	       same_cred(&a->cred, &b->cred);
}

static bool same_op(const struct op *a, const struct op *b)
{
	return a->code == b->code && memcmp(a->ref, b->ref, sizeof(a->ref)) == 0 &&
	       memcmp(a->v, b->v, sizeof(a->v)) == 0 && (!b->data || same_payload(a->data, b->data));
}

START_TEST(parsing_undoes_printing)
{
	char buf[4096];

	state = 88172645463325252u + (uint64_t)_i;
	for (int round = 0; round < 300; round++) {
		struct text t = { buf, sizeof(buf), 0 };
		struct scan s = reading(buf);
		struct op op, again;

		some_op(&op, (enum opcode)_i);
		print_op(&t, &op, &names);
		if (!scan_op(&s, &again))
			ck_abort_msg("%s: %zu: %s", buf, s.errpos + 1, s.err);
		if (!same_op(&op, &again) || s.pos != t.len)
			ck_abort_msg("%s is read as something else", buf);
		arena_free(&arena);
	}
}
END_TEST

START_TEST(printing_needs_no_names)
{
	struct op op = { .code = OP_msgget, .ref = { 0 } }, rcv = { .code = OP_msgrcv, .ref = { 2 } };
	struct op forks = { .code = OP_fork, .fork = { 5 } };
	char buf[100];
	struct text t = { buf, sizeof(buf), 0 };

	print_op(&t, &op, NULL);
	print_op(&t, &rcv, NULL);
	print_op(&t, &forks, &names);
	ck_assert_str_eq(buf, "msgget(IPC_PRIVATE)msgrcv(name1, 0, 0)fork(actor5)");
}
END_TEST

START_TEST(credentials_are_printed_whole)
{
	struct cred c = {
		.ruid = 1, .euid = 0, .suid = 1, .fsuid = 0, .rgid = 5, .egid = 5, .sgid = 5, .fsgid = 7,
	};
	char buf[100];
	struct text t = { buf, sizeof(buf), 0 };

	print_cred(&t, &c);
	ck_assert_str_eq(buf, "ruid 1 euid 0 suid 1 rgid 5 egid 5 sgid 5 fsgid 7");
}
END_TEST

#define EACH(tc, test, table) tcase_add_loop_test(tc, test, 0, (int)(sizeof(table) / sizeof(*(table))))

int main(void)
{
	Suite *suite = suite_create("kinds");
	TCase *tc = tcase_create("kinds");

	tcase_add_checked_fixture(tc, NULL, give_back);
	EACH(tc, operations_have_a_canonical_spelling, spellings);
	tcase_add_test(tc, values_are_what_the_text_says);
	EACH(tc, mistakes_are_named_with_their_column, mistakes);
	tcase_add_test(tc, a_small_arena_is_an_error);
	tcase_add_test(tc, an_arena_without_room_is_an_error);
	tcase_add_test(tc, without_a_table_there_are_no_names);
	EACH(tc, what_has_no_name_is_printed_by_its_number, nameless);
	tcase_add_test(tc, no_time_to_wait_has_a_word);
	tcase_add_test(tc, partitions_are_disjoint_and_cover_what_can_be_written);
	tcase_add_test(tc, every_kind_reads_and_prints);
	tcase_add_loop_test(tc, parsing_undoes_printing, 0, NOPS);
	tcase_add_test(tc, printing_needs_no_names);
	tcase_add_test(tc, credentials_are_printed_whole);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
