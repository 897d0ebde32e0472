/* Message queues, rule by rule. */
#include <signal.h>

#include "test.h"

static struct op send_flg(int actor, int64_t q, const struct payload *message, int64_t flg)
{
	return with(message, msgsnd, actor, .id = q, .flg = flg);
}

static struct op send(int actor, int64_t q, const struct payload *message)
{
	return send_flg(actor, q, message, 0);
}

static struct op receive_flg(int actor, int64_t q, int64_t typ, int64_t size, int64_t flg)
{
	return op(msgrcv, actor, .id = q, .typ = typ, .size = size, .flg = flg);
}

static struct op receive(int actor, int64_t q, int64_t typ, int64_t size)
{
	return receive_flg(actor, q, typ, size, 0);
}

static struct op change(int actor, int64_t q, const struct payload *settings)
{
	return with(settings, msgctl_IPC_SET, actor, .id = q);
}

static struct op rmid(int64_t q)
{
	return op(msgctl_IPC_RMID, A, .id = q);
}

static struct op hit(int to, int signo)
{
	return op(signal, -1, .to = to, .signo = signo);
}

/* A queue that everybody may use, of msg_qbytes bytes. */
static int64_t queue_of(int64_t qbytes)
{
	int64_t q = value(op(msgget, A, .flg = 0666));

	run(change(ROOT, q, set(.has = BIT(F_qbytes), .qbytes = qbytes)));
	return q;
}

static int64_t queue(void)
{
	return value(op(msgget, A, .flg = 0666));
}

static void set_limit(enum limit name, int64_t to)
{
	run(op(limit, -1, .name = name, .value = to));
}

static int64_t qnum(int64_t q)
{
	return field(MSG, q, F_qnum);
}

static int64_t cbytes(int64_t q)
{
	return field(MSG, q, F_cbytes);
}

/* The time stamp that the last call gave. */
static int64_t just_now(void)
{
	return model_now(w) - 1;
}

/* Did the call return this message? */
static void got(struct outcome out, int64_t type, const char *words)
{
	ck_assert_int_eq(out.how, RETURNED);
	ck_assert_int_eq(out.rec.v[F_type], type);
	ck_assert_uint_eq(out.rec.has, BIT(F_type));
	ck_assert_uint_eq(out.len, strlen(words));
	ck_assert_int_eq(out.value, (int64_t)strlen(words));
	ck_assert_mem_eq(out.bytes, words, strlen(words));
}

/* Messages of these types, with one letter of text each: a, b, c, ... */
static void fill(int64_t q, const int64_t *types, size_t n)
{
	static const unsigned char letters[] = "abcdefghijklmnopqrstuvwxyz";

	for (size_t i = 0; i < n; i++) {
		const struct payload message = { .msg = { types[i], 1, 1, letters + i } };

		ck_assert_int_eq(err(send(A, q, &message)), 0);
	}
}

/* A message that needs room for 12 bytes. */
#define LONG_TEXT "twelve bytes"

/* ---- msgget ------------------------------------------------------------------------------------- */

START_TEST(a_new_queue_is_empty_and_was_never_used)
{
	int64_t q = queue();
	static const enum field zero[] = { F_qnum, F_cbytes, F_lspid, F_lrpid, F_stime, F_rtime };

	for (size_t i = 0; i < sizeof(zero) / sizeof(*zero); i++)
		ck_assert_int_eq(field(MSG, q, zero[i]), 0);
	ck_assert_int_eq(field(MSG, q, F_ctime), just_now());
	ck_assert_int_eq(field(MSG, q, F_qbytes), DEF_MSGMNB);
}
END_TEST

START_TEST(qbytes_of_a_new_queue_is_the_limit_of_that_moment)
{
	int64_t q = queue();

	set_limit(LIM_msgmnb, 7);
	ck_assert_int_eq(field(MSG, q, F_qbytes), DEF_MSGMNB);
	ck_assert_int_eq(field(MSG, queue(), F_qbytes), 7);
}
END_TEST

/* ---- msgsnd: what fits -------------------------------------------------------------------------- */

START_TEST(a_sent_message_counts_and_leaves_its_mark)
{
	int64_t q = queue(), born = just_now();

	ck_assert_int_eq(value(send(B, q, text(1, "abc"))), 0);
	ck_assert_int_eq(qnum(q), 1);
	ck_assert_int_eq(cbytes(q), 3);
	ck_assert_int_eq(field(MSG, q, F_lspid), B + 1);
	ck_assert_int_eq(field(MSG, q, F_stime), just_now());
	ck_assert_int_eq(field(MSG, q, F_lrpid), 0);
	ck_assert_int_eq(field(MSG, q, F_rtime), 0);
	ck_assert_int_eq(field(MSG, q, F_ctime), born);
}
END_TEST

START_TEST(a_message_fits_as_long_as_qbytes_is_not_exceeded)
{
	int64_t q = queue_of(10);

	ck_assert_int_eq(err(send_flg(A, q, text(1, "12345678901"), IPC_NOWAIT)), EAGAIN);
	ck_assert_int_eq(err(send_flg(A, q, text(1, "1234567"), IPC_NOWAIT)), 0);
	ck_assert_int_eq(err(send_flg(A, q, text(1, "1234"), IPC_NOWAIT)), EAGAIN);
	ck_assert_int_eq(err(send_flg(A, q, text(1, "123"), IPC_NOWAIT)), 0);
	ck_assert_int_eq(err(send_flg(A, q, text(1, "1"), IPC_NOWAIT)), EAGAIN);
	ck_assert_int_eq(err(send_flg(A, q, text(1, ""), IPC_NOWAIT)), 0);
	ck_assert_int_eq(cbytes(q), 10);
}
END_TEST

START_TEST(qbytes_empty_messages_fit_and_no_more)
{
	int64_t q = queue_of(3);

	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(err(send_flg(A, q, text(1, ""), IPC_NOWAIT)), 0);
	ck_assert_int_eq(err(send_flg(A, q, text(1, ""), IPC_NOWAIT)), EAGAIN);
	ck_assert_int_eq(qnum(q), 3);
	ck_assert_int_eq(cbytes(q), 0);
}
END_TEST

START_TEST(a_queue_of_no_bytes_takes_nothing)
{
	int64_t q = queue_of(0);

	ck_assert_int_eq(err(send_flg(A, q, text(1, ""), IPC_NOWAIT)), EAGAIN);
	ck_assert(blocks(send(A, q, text(1, ""))));
}
END_TEST

START_TEST(a_failed_send_changes_nothing_but_the_clock)
{
	int64_t q = queue_of(2);
	struct world *before;

	run(send(A, q, text(1, "ab")));
	before = world_clone(w);
	ck_assert_int_eq(err(send_flg(B, q, text(1, "c"), IPC_NOWAIT)), EAGAIN);
	before->now++;
	ck_assert(world_equal(before, w));
	world_free(before);
}
END_TEST

START_TEST(a_message_above_qbytes_waits_even_for_an_empty_queue)
{
	int64_t q = queue_of(4);

	ck_assert_int_eq(err(send_flg(A, q, text(1, "12345"), IPC_NOWAIT)), EAGAIN);
	ck_assert(blocks(send(A, q, text(1, "12345"))));
}
END_TEST

START_TEST(elsewhere_a_message_above_qbytes_is_einval)
{
	struct profile p = profile_linux;
	int64_t q = queue_of(4);

	p.sw[SW_oversize_message] = 1;
	profile = &p;
	ck_assert_int_eq(err(send(A, q, text(1, "12345"))), EINVAL);
	ck_assert_int_eq(err(send(A, q, text(1, "1234"))), 0);
	ck_assert(blocks(send(A, q, text(1, "1234"))));
}
END_TEST

START_TEST(a_message_has_from_0_to_msgmax_bytes)
{
	static const unsigned char bytes[DEF_MSGMAX + 1];
	static const int64_t bad[] = { -1, DEF_MSGMAX + 1, INT_MAX, INT64_MAX, INT64_MIN, INT64_C(1) << 32 };
	struct payload message = { .msg = { 1, DEF_MSGMAX, DEF_MSGMAX + 1, bytes } };
	int64_t q = queue();

	ck_assert_int_eq(err(send(A, q, &message)), 0);
	ck_assert_int_eq(cbytes(q), DEF_MSGMAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		message.msg.size = bad[i];
		ck_assert_int_eq(err(send(A, q, &message)), EINVAL);
	}
	set_limit(LIM_msgmax, 3);
	ck_assert_int_eq(err(send(A, q, text(1, "1234"))), EINVAL);
	ck_assert_int_eq(err(send(A, q, text(1, "123"))), 0);
}
END_TEST

START_TEST(a_type_is_above_0)
{
	static const int64_t bad[] = { 0, -1, INT64_MIN };
	int64_t q = queue();

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_int_eq(err(send(A, q, text(bad[i], "x"))), EINVAL);
	ck_assert_int_eq(err(send(A, q, text(1, "x"))), 0);
	ck_assert_int_eq(err(send(A, q, text(INT64_MAX, "x"))), 0);
}
END_TEST

START_TEST(a_size_beyond_the_text_is_efault)
{
	int64_t q = queue();
	const struct payload lie = { .msg = { 1, 4, 3, (const unsigned char *)"abc" } };
	const struct payload short_one = { .msg = { 1, 2, 3, (const unsigned char *)"abc" } };

	ck_assert_int_eq(err(send(A, q, &lie)), EFAULT);
	ck_assert_int_eq(err(send(A, 99, &lie)), EFAULT);
	ck_assert_int_eq(qnum(q), 0);
	ck_assert_int_eq(err(send(A, q, &short_one)), 0);
	got(run(receive(A, q, 0, 9)), 1, "ab");
}
END_TEST

START_TEST(where_the_buffer_may_lie)
{
	static const struct { enum place where; int empty, full; } places[] = {
		{ P_OK, 0, 0 }, { P_NULL, EFAULT, EFAULT }, { P_UNMAPPED, EFAULT, EFAULT },
		{ P_READONLY, 0, 0 }, { P_PARTIAL, 0, EFAULT }, { P_ODD, 0, 0 },
	};
	int64_t q = queue();

	for (size_t i = 0; i < NPLACES; i++) {
		struct payload empty = *text(1, ""), full = *text(1, "x");

		empty.where = full.where = places[i].where;
		ck_assert_int_eq(err(send(A, q, &empty)), places[i].empty);
		ck_assert_int_eq(err(send(A, q, &full)), places[i].full);
	}
}
END_TEST

/* ---- order of detection --------------------------------------------------------------------------- */

/* A reason to fail: what brings it about, the rule that then decides, and whether the standard demands it. */
struct reason {
	const char *rule;
	int err;
	void (*make)(struct op *call, struct payload *data);
	bool demanded;
};

/* The standard lets every reason fail the call, and lets the call pass just when it does not demand that. */
static void by_posix(const struct op *call, const struct reason *reason)
{
	struct verdict v;

	model_judge(w, call, &profile_posix, &v);
	ck_assert_msg(v.errs.bits & UINT32_C(1) << err_bit(reason->err), "%s", reason->rule);
	ck_assert_msg(v.success == !reason->demanded, "%s", reason->rule);
}

/* Whatever two reasons are combined, the earlier one decides; alone, each decides. */
static void in_order(struct op call, const struct payload *data, const struct reason *reason, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = i; j < n; j++) {
			struct world *before = world_clone(w);
			struct payload d = *data;
			struct op o = call;

			o.data = &d;
			reason[j].make(&o, &d);
			reason[i].make(&o, &d);
			if (i == j)
				by_posix(&o, &reason[i]);
			ck_assert_str_eq(model_decider(w, &o, &profile_linux), reason[i].rule);
			ck_assert_int_eq(err(o), reason[i].err);
			world_free(w);
			w = before;
		}
}

static void bad_buffer(struct op *call, struct payload *data)
{
	(void)call;
	data->where = P_UNMAPPED;
}

static void half_a_buffer(struct op *call, struct payload *data)
{
	(void)call;
	data->where = P_PARTIAL;
}

static void negative_msgsz(struct op *call, struct payload *data)
{
	(void)call;
	data->msg.size = -1;
}

static void huge_msgsz(struct op *call, struct payload *data)
{
	(void)call;
	data->msg.size = INT64_MAX;
}

static void no_type(struct op *call, struct payload *data)
{
	(void)call;
	data->msg.type = 0;
}

static void negative_id_given(struct op *call, struct payload *data)
{
	(void)data;
	call->v[0] = -1;
}

static void unknown_id(struct op *call, struct payload *data)
{
	(void)data;
	call->v[0] = 77;
}

/* All ways into queue 0 are closed to the caller, who is not its owner. */
static void no_access(struct op *call, struct payload *data)
{
	(void)data;
	by_index(&w->ns[HOME], MSG, 0)->mode = 0;
	call->actor = C;
}

START_TEST(msgsnd_detects_in_this_order)
{
	static const struct reason reason[] = {
		{ "LINUX-MSGSND-ORD-1", EFAULT, bad_buffer, false },
		{ "MSGSND-ERR-EINVAL-3", EINVAL, negative_msgsz, true },
		{ "MSGSND-ERR-EINVAL-3", EINVAL, huge_msgsz, true },
		{ "LINUX-ID-NEG-1", EINVAL, negative_id_given, true },
		{ "MSGSND-ERR-EINVAL-2", EINVAL, no_type, true },
		{ "LINUX-MSGSND-ORD-3", EFAULT, half_a_buffer, false },
		{ "MSGSND-ERR-EINVAL-1", EINVAL, unknown_id, true },
		{ "MSGSND-ERR-EACCES", EACCES, no_access, true },
	};
	int64_t q = queue();

	in_order(send(A, q, NULL), text(1, "x"), reason, sizeof(reason) / sizeof(*reason));
}
END_TEST

START_TEST(every_reason_of_msgsnd_comes_before_a_full_queue)
{
	int64_t q = queue_of(0);
	struct payload data = *text(0, "x");

	ck_assert_int_eq(err(send_flg(A, q, text(1, "x"), IPC_NOWAIT)), EAGAIN);
	ck_assert_int_eq(err(send_flg(A, q, &data, IPC_NOWAIT)), EINVAL);
	by_id(&w->ns[HOME], MSG, q)->mode = 0;
	ck_assert_int_eq(err(send_flg(C, q, text(1, "x"), IPC_NOWAIT)), EACCES);
}
END_TEST

static void negative_room(struct op *call, struct payload *data)
{
	(void)data;
	call->msgrcv.size = -1;
}

static void copy_and_except(struct op *call, struct payload *data)
{
	(void)data;
	call->msgrcv.flg |= MSG_COPY | MSG_EXCEPT;
}

static void copy_and_wait(struct op *call, struct payload *data)
{
	(void)data;
	call->msgrcv.flg |= MSG_COPY;
	call->msgrcv.flg &= ~IPC_NOWAIT;
}

static void copy_without_support(struct op *call, struct payload *data)
{
	(void)data;
	call->msgrcv.flg |= MSG_COPY;
	w->facts.checkpoint_restore = false;
}

static void copy_to_nowhere(struct op *call, struct payload *data)
{
	(void)data;
	call->msgrcv.flg |= MSG_COPY;
	call->msgrcv.buf = P_UNMAPPED;
}

static void little_room(struct op *call, struct payload *data)
{
	(void)data;
	call->msgrcv.size = 1;
}

START_TEST(msgrcv_detects_in_this_order)
{
	static const struct reason reason[] = {
		{ "LINUX-ID-NEG-1", EINVAL, negative_id_given, true },
		{ "LINUX-MSGRCV-ORD-1", EINVAL, negative_room, true },
		{ "LINUX-MSG-COPY-2", EINVAL, copy_and_except, false },
		{ "LINUX-MSG-COPY-1", EINVAL, copy_and_wait, false },
		{ "LINUX-MSG-COPY-8", ENOSYS, copy_without_support, false },
		{ "LINUX-MSG-COPY-6", EFAULT, copy_to_nowhere, false },
		{ "MSGRCV-ERR-EINVAL", EINVAL, unknown_id, true },
		{ "MSGRCV-ERR-EACCES", EACCES, no_access, true },
		{ "MSGRCV-ERR-E2BIG", E2BIG, little_room, true },
	};
	int64_t q = queue();

	run(send(A, q, text(1, LONG_TEXT)));
	in_order(receive_flg(A, q, 0, 99, IPC_NOWAIT), text(1, ""), reason, sizeof(reason) / sizeof(*reason));
}
END_TEST

START_TEST(enomsg_comes_before_e2big_and_a_bad_buffer_and_after_all_else)
{
	int64_t q = queue();
	struct op call = receive_flg(A, q, 5, 0, IPC_NOWAIT);

	run(send(A, q, text(1, LONG_TEXT)));
	call.msgrcv.buf = P_UNMAPPED;
	ck_assert_int_eq(err(call), ENOMSG);
	by_id(&w->ns[HOME], MSG, q)->mode = 0;
	call.actor = C;
	ck_assert_int_eq(err(call), EACCES);
}
END_TEST

static void uid_that_nobody_has(struct op *call, struct payload *data)
{
	(void)call;
	data->set.has |= BIT(F_uid);
	data->set.uid = -1;
}

static void too_many_bytes(struct op *call, struct payload *data)
{
	(void)call;
	data->set.has |= BIT(F_qbytes);
	data->set.qbytes = DEF_MSGMNB + 1;
}

static void no_control(struct op *call, struct payload *data)
{
	(void)data;
	call->actor = C;
}

START_TEST(ipc_set_detects_in_this_order)
{
	static const struct reason reason[] = {
		{ "LINUX-MSGCTL-ORD-3", EINVAL, negative_id_given, true },
		{ "LINUX-MSGCTL-ORD-1", EFAULT, bad_buffer, false },
		{ "MSGCTL-ERR-EINVAL", EINVAL, unknown_id, true },
		{ "MSGCTL-ERR-EPERM-1", EPERM, no_control, true },
		{ "MSGCTL-ERR-EPERM-2", EPERM, too_many_bytes, true },
		{ "LINUX-PERM-SET-1", EINVAL, uid_that_nobody_has, false },
	};

	in_order(change(A, queue(), NULL), set(.has = 0), reason, sizeof(reason) / sizeof(*reason));
}
END_TEST

static void answer_to_nowhere(struct op *call, struct payload *data)
{
	(void)data;
	call->v[1] = P_READONLY;
}

static void no_read_access(struct op *call, struct payload *data)
{
	no_access(call, data);
	by_index(&w->ns[HOME], MSG, 0)->mode = 0222;
}

START_TEST(status_detects_in_this_order)
{
	static const struct reason reason[] = {
		{ "MSGCTL-ERR-EINVAL", EINVAL, unknown_id, true },
		{ "MSGCTL-ERR-EACCES", EACCES, no_read_access, true },
		{ "LINUX-MSGCTL-ORD-2", EFAULT, answer_to_nowhere, false },
	};
	int64_t q = queue();

	in_order(op(msgctl_IPC_STAT, A, .id = q), text(1, ""), reason, 3);
	in_order(op(msgctl_MSG_STAT, A, .id = q), text(1, ""), reason, 3);
}
END_TEST

/* ---- msgrcv: which message ---------------------------------------------------------------------- */

/* The selection table read line by line: position of the message, or n. */
static size_t table_selects(const int64_t *types, size_t n, int64_t typ, int64_t flg)
{
	int64_t best = INT64_MAX;
	size_t at = n;

	for (size_t i = n; i-- > 0;) {
		if (typ == 0)
			at = i;
		else if (typ > 0 && flg & MSG_EXCEPT && types[i] != typ)
			at = i;
		else if (typ > 0 && !(flg & MSG_EXCEPT) && types[i] == typ)
			at = i;
		else if (typ < 0 && (typ == INT64_MIN || types[i] <= -typ) && types[i] <= best)
			best = types[i], at = i;
	}
	return at;
}

START_TEST(the_selection_table_holds_for_every_type_and_queue)
{
	static const int64_t asked[] = {
		0, 1, 2, 3, 4, 5, INT64_MAX, -1, -2, -3, -4, -INT64_MAX, INT64_MIN,
	};
	static const int64_t of[] = { 1, 2, 3, INT64_MAX };

	for (int n = 0; n < 4 * 4 * 4 * 4; n++) {
		const int64_t types[] = { of[n % 4], of[n / 4 % 4], of[n / 16 % 4], of[n / 64] };
		int64_t q = queue();

		fill(q, types, 4);
		for (size_t i = 0; i < 2 * sizeof(asked) / sizeof(*asked); i++) {
			int64_t flg = IPC_NOWAIT | (i & 1 ? MSG_EXCEPT : 0);
			size_t at = table_selects(types, 4, asked[i / 2], flg);
			struct world *before = world_clone(w);
			struct outcome out = run(receive_flg(A, q, asked[i / 2], 9, flg));

			if (at == 4)
				ck_assert_int_eq(out.err, ENOMSG);
			else
				got(out, types[at], (const char[]){ "abcd"[at], 0 });
			world_free(w);
			w = before;
		}
		run(rmid(q));
	}
}
END_TEST

START_TEST(elsewhere_a_negative_type_takes_the_first_that_is_not_above_it)
{
	static const int64_t types[] = { 9, 3, 1, 2 };
	struct profile p = profile_linux;
	int64_t q = queue();

	fill(q, types, 4);
	p.sw[SW_negative_type] = 1;
	profile = &p;
	got(run(receive(A, q, -3, 9)), 3, "b");
	got(run(receive(A, q, -2, 9)), 1, "c");
	got(run(receive(A, q, INT64_MIN, 9)), 9, "a");
}
END_TEST

START_TEST(a_received_message_is_gone_and_leaves_its_mark)
{
	int64_t q = queue(), sent;

	run(send(A, q, text(1, "abc")));
	sent = just_now();
	run(send(A, q, text(2, "de")));
	got(run(receive(B, q, 2, 2)), 2, "de");
	ck_assert_int_eq(qnum(q), 1);
	ck_assert_int_eq(cbytes(q), 3);
	ck_assert_int_eq(field(MSG, q, F_lrpid), B + 1);
	ck_assert_int_eq(field(MSG, q, F_rtime), just_now());
	ck_assert_int_eq(field(MSG, q, F_stime), just_now() - 1);
	ck_assert_int_lt(field(MSG, q, F_ctime), sent);
}
END_TEST

START_TEST(e2big_leaves_the_message_and_changes_nothing)
{
	int64_t q = queue();
	struct world *before;

	run(send(A, q, text(1, "abc")));
	before = world_clone(w);
	ck_assert_int_eq(err(receive(B, q, 0, 2)), E2BIG);
	before->now++;
	ck_assert(world_equal(before, w));
	world_free(before);
	got(run(receive(B, q, 0, 3)), 1, "abc");
}
END_TEST

START_TEST(msg_noerror_cuts_and_the_rest_is_lost)
{
	int64_t q = queue();

	run(send(A, q, text(1, "abc")));
	got(run(receive_flg(B, q, 0, 2, MSG_NOERROR)), 1, "ab");
	ck_assert_int_eq(cbytes(q), 0);
	run(send(A, q, text(1, "abc")));
	got(run(receive_flg(B, q, 0, 0, MSG_NOERROR)), 1, "");
	run(send(A, q, text(1, "abc")));
	got(run(receive_flg(B, q, 0, INT64_MAX, MSG_NOERROR)), 1, "abc");
}
END_TEST

START_TEST(an_empty_message_needs_no_room)
{
	int64_t q = queue();

	run(send(A, q, text(4, "")));
	got(run(receive(B, q, 0, 0)), 4, "");
	ck_assert_int_eq(qnum(q), 0);
}
END_TEST

START_TEST(the_last_of_many_messages_is_taken_like_any_other)
{
	int64_t q = queue();

	for (int i = 0; i < 300; i++)
		run(send(A, q, text(1, "x")));
	run(send(A, q, text(2, "last")));
	ck_assert_int_eq(value(receive(B, q, 2, 9)), 4);
	ck_assert_int_eq(qnum(q), 300);
	ck_assert_int_eq(value(receive(B, q, 0, 9)), 1);
}
END_TEST

START_TEST(a_bad_destination_loses_the_message)
{
	static const enum place bad[] = { P_NULL, P_UNMAPPED, P_READONLY, P_PARTIAL };
	int64_t q = queue();
	struct outcome out;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct op call = receive(B, q, 0, 9);

		run(send(A, q, text(1, "abc")));
		call.msgrcv.buf = bad[i];
		out = run(call);
		ck_assert_int_eq(out.err, EFAULT);
		ck_assert_uint_eq(out.len, 0);
		ck_assert_int_eq(qnum(q), 0);
		ck_assert_int_eq(cbytes(q), 0);
		ck_assert_int_eq(field(MSG, q, F_lrpid), B + 1);
		ck_assert_int_eq(field(MSG, q, F_rtime), just_now());
	}
}
END_TEST

START_TEST(half_a_destination_holds_the_type_of_an_empty_message)
{
	int64_t q = queue();
	struct op call = receive(B, q, 0, 9);

	run(send(A, q, text(1, "")));
	call.msgrcv.buf = P_PARTIAL;
	got(run(call), 1, "");
}
END_TEST

START_TEST(a_bad_destination_makes_room_for_a_sender_all_the_same)
{
	int64_t q = queue_of(3);
	struct op call = receive(B, q, 0, 9);

	run(send(A, q, text(1, "abc")));
	ck_assert(blocks(send(C, q, text(2, "d"))));
	call.msgrcv.buf = P_UNMAPPED;
	ck_assert_int_eq(err(call), EFAULT);
	ck_assert_int_eq(woken_err(C), 0);
	ck_assert_int_eq(qnum(q), 1);
}
END_TEST

/* ---- MSG_COPY ------------------------------------------------------------------------------------ */

static struct op copy(int64_t q, int64_t position, int64_t size, int64_t flg)
{
	return receive_flg(B, q, position, size, MSG_COPY | IPC_NOWAIT | flg);
}

START_TEST(a_copy_is_selected_by_position_and_changes_nothing)
{
	static const int64_t types[] = { 7, 3, 5 };
	int64_t q = queue();
	struct world *before;

	fill(q, types, 3);
	before = world_clone(w);
	got(run(copy(q, 0, 9, 0)), 7, "a");
	got(run(copy(q, 2, 1, 0)), 5, "c");
	got(run(copy(q, 1, 9, 0)), 3, "b");
	before->now += 3;
	ck_assert(world_equal(before, w));
	world_free(before);
}
END_TEST

START_TEST(a_position_that_is_not_there_is_enomsg)
{
	static const int64_t types[] = { 7, 3 };
	static const int64_t bad[] = { 2, 3, -1, INT64_MAX, INT64_MIN, INT64_C(1) << 32 };
	int64_t q = queue();

	fill(q, types, 2);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_int_eq(err(copy(q, bad[i], 9, 0)), ENOMSG);
}
END_TEST

START_TEST(a_copy_is_never_cut)
{
	int64_t q = queue();

	run(send(A, q, text(1, "abc")));
	ck_assert_int_eq(err(copy(q, 0, 2, 0)), E2BIG);
	ck_assert_int_eq(err(copy(q, 0, 2, MSG_NOERROR)), EINVAL);
	got(run(copy(q, 0, 3, MSG_NOERROR)), 1, "abc");
}
END_TEST

START_TEST(a_message_above_the_present_msgmax_cannot_be_copied)
{
	int64_t q = queue();

	run(send(A, q, text(1, "abc")));
	set_limit(LIM_msgmax, 2);
	ck_assert_int_eq(err(copy(q, 0, 99, 0)), EINVAL);
	ck_assert_int_eq(err(copy(q, 0, 99, MSG_NOERROR)), EINVAL);
	ck_assert_int_eq(err(copy(q, 0, 2, 0)), E2BIG);
	got(run(receive(A, q, 0, 99)), 1, "abc");
}
END_TEST

/* Read from its start, for min(msgsz, msgmax) bytes, before the id is looked up; written only in the end. */
START_TEST(the_destination_of_a_copy_must_be_readable)
{
	int64_t q = queue();
	struct op call = copy(q, 0, 9, 0);

	run(send(A, q, text(1, "abc")));
	call.msgrcv.buf = P_PARTIAL;
	ck_assert_int_eq(err(call), EFAULT);
	call.msgrcv.id = 99;
	ck_assert_int_eq(err(call), EFAULT);
	call.msgrcv.size = 8;
	ck_assert_int_eq(err(call), EINVAL);
	set_limit(LIM_msgmax, 8);
	call.msgrcv.size = INT64_MAX;
	ck_assert_int_eq(err(call), EINVAL);
	call = copy(q, 0, 9, 0);
	call.msgrcv.buf = P_READONLY;
	ck_assert_int_eq(err(call), EFAULT);
	ck_assert_int_eq(qnum(q), 1);
	call = copy(99, 0, 9, 0);
	call.msgrcv.buf = P_READONLY;
	ck_assert_int_eq(err(call), EINVAL);
}
END_TEST

START_TEST(a_copy_needs_read_permission_only)
{
	int64_t q = value(op(msgget, A, .flg = 0604));

	run(send(A, q, text(1, "x")));
	w->task[B].cred = user(3000);
	got(run(copy(q, 0, 9, 0)), 1, "x");
	by_id(&w->ns[HOME], MSG, q)->mode = 0602;
	ck_assert_int_eq(err(copy(q, 0, 9, 0)), EACCES);
}
END_TEST

/* ---- hand-off to sleeping receivers -------------------------------------------------------------- */

START_TEST(a_message_goes_to_a_sleeping_receiver_and_is_never_queued)
{
	int64_t q = queue();

	ck_assert(blocks(receive(B, q, 0, 9)));
	ck_assert_int_eq(value(send(A, q, text(3, "abc"))), 0);
	got(woken(B), 3, "abc");
	ck_assert(!asleep(B));
	ck_assert_int_eq(qnum(q), 0);
	ck_assert_int_eq(cbytes(q), 0);
	ck_assert_int_eq(field(MSG, q, F_lspid), A + 1);
	ck_assert_int_eq(field(MSG, q, F_lrpid), B + 1);
	ck_assert_int_eq(field(MSG, q, F_stime), just_now());
	ck_assert_int_eq(field(MSG, q, F_rtime), just_now());
}
END_TEST

START_TEST(the_receiver_that_slept_first_is_served)
{
	int64_t q = queue();

	ck_assert(blocks(receive(D, q, 0, 9)));
	ck_assert(blocks(receive(B, q, 0, 9)));
	ck_assert(blocks(receive(C, q, 0, 9)));
	run(send(A, q, text(1, "a")));
	got(woken(D), 1, "a");
	ck_assert(asleep(B) && asleep(C));
	run(send(A, q, text(1, "b")));
	got(woken(B), 1, "b");
	run(send(A, q, text(1, "c")));
	got(woken(C), 1, "c");
}
END_TEST

START_TEST(receivers_that_want_something_else_are_passed_over)
{
	int64_t q = queue();

	ck_assert(blocks(receive(B, q, 5, 9)));
	ck_assert(blocks(receive(C, q, -3, 9)));
	ck_assert(blocks(receive_flg(D, q, 7, 9, MSG_EXCEPT)));
	run(send(A, q, text(7, "x")));
	ck_assert(asleep(B) && asleep(C) && asleep(D));
	ck_assert_int_eq(qnum(q), 1);
	run(send(A, q, text(4, "y")));
	got(woken(D), 4, "y");
	run(send(A, q, text(3, "z")));
	got(woken(C), 3, "z");
	run(send(A, q, text(5, "w")));
	got(woken(B), 5, "w");
	ck_assert_int_eq(qnum(q), 1);
}
END_TEST

START_TEST(receivers_with_too_little_room_fail_until_one_can_take_it)
{
	int64_t q = queue();

	ck_assert(blocks(receive(B, q, 0, 2)));
	ck_assert(blocks(receive(C, q, 1, 0)));
	ck_assert(blocks(receive(D, q, 0, 3)));
	run(send(A, q, text(1, "abc")));
	ck_assert_int_eq(woken_err(B), E2BIG);
	ck_assert_int_eq(woken_err(C), E2BIG);
	got(woken(D), 1, "abc");
	ck_assert_int_eq(qnum(q), 0);
}
END_TEST

START_TEST(a_message_that_no_sleeper_has_room_for_is_queued)
{
	int64_t q = queue();

	ck_assert(blocks(receive(B, q, 0, 2)));
	run(send(A, q, text(1, "abc")));
	ck_assert_int_eq(woken_err(B), E2BIG);
	ck_assert_int_eq(qnum(q), 1);
	ck_assert_int_eq(field(MSG, q, F_lrpid), 0);
	ck_assert_int_eq(field(MSG, q, F_rtime), 0);
}
END_TEST

START_TEST(a_sleeper_with_msg_noerror_takes_what_it_has_room_for)
{
	int64_t q = queue();

	ck_assert(blocks(receive_flg(B, q, 0, 2, MSG_NOERROR)));
	run(send(A, q, text(1, "abc")));
	got(woken(B), 1, "ab");
	ck_assert_int_eq(qnum(q), 0);
}
END_TEST

START_TEST(a_sleeper_with_a_bad_destination_loses_the_message)
{
	int64_t q = queue();
	struct op call = receive(B, q, 0, 9);

	call.msgrcv.buf = P_UNMAPPED;
	ck_assert(blocks(call));
	ck_assert_int_eq(value(send(A, q, text(1, "abc"))), 0);
	ck_assert_int_eq(woken_err(B), EFAULT);
	ck_assert_int_eq(qnum(q), 0);
	ck_assert_int_eq(field(MSG, q, F_lrpid), B + 1);
}
END_TEST

START_TEST(even_a_message_that_is_handed_over_must_fit)
{
	int64_t q = queue_of(2);

	ck_assert(blocks(receive(B, q, 0, 9)));
	ck_assert_int_eq(err(send_flg(A, q, text(1, "abc"), IPC_NOWAIT)), EAGAIN);
	ck_assert(asleep(B));
}
END_TEST

/* ---- sleeping senders ------------------------------------------------------------------------------ */

START_TEST(a_sender_goes_on_when_a_message_is_received)
{
	int64_t q = queue_of(3);

	run(send(A, q, text(1, "abc")));
	ck_assert(blocks(send(B, q, text(2, "d"))));
	ck_assert_int_eq(qnum(q), 1);
	ck_assert_int_eq(field(MSG, q, F_lspid), A + 1);
	got(run(receive(A, q, 0, 9)), 1, "abc");
	ck_assert_int_eq(woken_err(B), 0);
	ck_assert_int_eq(field(MSG, q, F_lspid), B + 1);
	ck_assert_int_eq(field(MSG, q, F_stime), just_now());
	got(run(receive(A, q, 0, 9)), 2, "d");
}
END_TEST

START_TEST(a_small_message_overtakes_a_large_one_that_does_not_fit)
{
	int64_t q = queue_of(4);

	run(send(A, q, text(1, "12")));
	run(send(A, q, text(2, "34")));
	ck_assert(blocks(send(B, q, text(3, "567"))));
	ck_assert(blocks(send(C, q, text(4, "89"))));
	got(run(receive(A, q, 1, 9)), 1, "12");
	ck_assert(asleep(B));
	ck_assert_int_eq(woken_err(C), 0);
	got(run(receive(A, q, 2, 9)), 2, "34");
	ck_assert(asleep(B));
	got(run(receive(A, q, 4, 9)), 4, "89");
	ck_assert_int_eq(woken_err(B), 0);
}
END_TEST

START_TEST(as_many_senders_go_on_as_fit)
{
	int64_t q = queue_of(4);

	run(send(A, q, text(1, "1234")));
	ck_assert(blocks(send(B, q, text(2, "a"))));
	ck_assert(blocks(send(C, q, text(3, "bcd"))));
	ck_assert(blocks(send(D, q, text(4, "e"))));
	run(receive(A, q, 1, 9));
	ck_assert_int_eq(woken_err(B), 0);
	ck_assert_int_eq(woken_err(C), 0);
	ck_assert(asleep(D));
	ck_assert_int_eq(cbytes(q), 4);
}
END_TEST

START_TEST(a_new_sender_whose_message_fits_does_not_queue_behind_sleepers)
{
	int64_t q = queue_of(4);

	run(send(A, q, text(1, "12")));
	ck_assert(blocks(send(B, q, text(2, "345"))));
	ck_assert_int_eq(err(send_flg(C, q, text(3, "67"), IPC_NOWAIT)), 0);
	ck_assert(asleep(B));
}
END_TEST

START_TEST(senders_go_on_when_qbytes_is_raised)
{
	int64_t q = queue_of(1);

	ck_assert(blocks(send(B, q, text(2, "ab"))));
	ck_assert(blocks(send(C, q, text(2, "abcd"))));
	run(change(A, q, set(.has = BIT(F_qbytes), .qbytes = 2)));
	ck_assert_int_eq(woken_err(B), 0);
	ck_assert(asleep(C));
	run(change(A, q, set(.has = BIT(F_qbytes), .qbytes = 6)));
	ck_assert_int_eq(woken_err(C), 0);
}
END_TEST

START_TEST(a_sender_that_goes_on_feeds_a_sleeping_receiver)
{
	int64_t q = queue_of(3);

	run(send(A, q, text(1, "abc")));
	ck_assert(blocks(receive(B, q, 2, 9)));
	ck_assert(blocks(send(C, q, text(2, "x"))));
	got(run(receive(A, q, 1, 9)), 1, "abc");
	ck_assert_int_eq(woken_err(C), 0);
	got(woken(B), 2, "x");
	ck_assert_int_eq(qnum(q), 0);
}
END_TEST

START_TEST(an_empty_message_waits_for_a_place)
{
	int64_t q = queue_of(1);

	run(send(A, q, text(1, "")));
	ck_assert(blocks(send(B, q, text(2, ""))));
	run(receive(A, q, 0, 0));
	ck_assert_int_eq(woken_err(B), 0);
}
END_TEST

START_TEST(a_changed_msgmax_does_not_reach_a_sleeper)
{
	int64_t q = queue_of(3);

	run(send(A, q, text(1, "abc")));
	ck_assert(blocks(send(B, q, text(2, "de"))));
	set_limit(LIM_msgmax, 1);
	run(receive(A, q, 0, 9));
	ck_assert_int_eq(woken_err(B), 0);
}
END_TEST

/* ---- what ends a sleep ---------------------------------------------------------------------------- */

START_TEST(removal_ends_every_sleep_on_the_queue_with_eidrm)
{
	int64_t other = queue_of(0), q = queue_of(1);

	ck_assert(blocks(send(B, q, text(1, "ab"))));
	ck_assert(blocks(receive(C, q, 0, 9)));
	ck_assert(blocks(send(D, other, text(1, "x"))));
	run(rmid(q));
	ck_assert_int_eq(woken_err(B), EIDRM);
	ck_assert_int_eq(woken_err(C), EIDRM);
	ck_assert(asleep(D));
	ck_assert_int_eq(err(send(B, q, text(1, "x"))), EINVAL);
}
END_TEST

START_TEST(removal_of_another_familys_object_of_that_id_ends_nothing)
{
	int64_t q = queue(), s = value(op(semget, A, .nsems = 1, .flg = 0600));

	ck_assert_int_eq(q, s);
	ck_assert(blocks(receive(B, q, 0, 9)));
	run(op(semctl_IPC_RMID, A, .id = s));
	ck_assert(asleep(B));
}
END_TEST

START_TEST(a_handled_signal_ends_a_sleep_with_eintr)
{
	int64_t q = queue_of(1);

	ck_assert(blocks(receive(B, q, 0, 9)));
	ck_assert(blocks(send(C, q, text(1, "ab"))));
	run(hit(B, SIGUSR1));
	ck_assert_int_eq(woken_err(B), EINTR);
	ck_assert(asleep(C));
	run(hit(C, SIGUSR1));
	ck_assert_int_eq(woken_err(C), EINTR);
	ck_assert_int_eq(qnum(q), 0);
	ck_assert_int_eq(field(MSG, q, F_lspid), 0);
}
END_TEST

START_TEST(who_was_interrupted_has_given_up_its_place)
{
	int64_t q = queue();

	ck_assert(blocks(receive(B, q, 0, 9)));
	ck_assert(blocks(receive(C, q, 0, 9)));
	run(hit(B, SIGUSR1));
	ck_assert(blocks(receive(B, q, 0, 9)));
	run(send(A, q, text(1, "x")));
	got(woken(C), 1, "x");
	ck_assert(asleep(B));
}
END_TEST

START_TEST(a_signal_to_one_that_is_awake_does_nothing)
{
	struct world *before = world_clone(w);
	struct outcome out;

	run(hit(B, SIGUSR1));
	ck_assert(!model_woken(w, B, &out));
	before->now++;
	ck_assert(world_equal(before, w));
	world_free(before);
}
END_TEST

START_TEST(a_killed_sleeper_is_gone)
{
	int64_t q = queue();
	struct op call = receive(B, q, 0, 9);
	char why[100];

	ck_assert(blocks(call));
	run(hit(B, SIGKILL));
	ck_assert_int_eq(woken(B).how, FAULTED);
	ck_assert_int_eq(woken(B).err, SIGKILL);
	ck_assert(!world_alive(w, B));
	ck_assert(!model_ready(w, &call, why, sizeof(why)));
	run(send(A, q, text(1, "x")));
	ck_assert_int_eq(qnum(q), 1);
}
END_TEST

/* ---- permission taken away ---------------------------------------------------------------------- */

static const struct payload closed = { .set = { .has = BIT(F_mode), .mode = 0 } };

START_TEST(a_sleeping_receiver_that_lost_permission_fails_at_once)
{
	int64_t q = queue();

	ck_assert(blocks(receive(B, q, 0, 9)));
	ck_assert(blocks(receive(C, q, 0, 9)));
	run(change(A, q, set(.has = BIT(F_mode), .mode = 0600)));
	ck_assert_int_eq(woken_err(C), EACCES);
	ck_assert(asleep(B));
	run(change(A, q, &closed));
	ck_assert_int_eq(woken_err(B), EACCES);
}
END_TEST

START_TEST(a_sleeping_sender_that_lost_permission_fails_only_when_it_would_fit)
{
	int64_t q = queue_of(3);

	run(send(A, q, text(1, "abc")));
	ck_assert(blocks(send(C, q, text(2, "d"))));
	ck_assert(blocks(send(D, q, text(3, "efg"))));
	run(change(A, q, set(.has = BIT(F_mode), .mode = 0600)));
	ck_assert(asleep(C));
	run(receive(A, q, 0, 9));
	ck_assert_int_eq(woken_err(C), EACCES);
	ck_assert_int_eq(woken_err(D), 0);
	ck_assert_int_eq(cbytes(q), 3);
}
END_TEST

START_TEST(a_sender_that_lost_permission_fails_when_the_same_call_makes_room)
{
	int64_t q = queue_of(1);

	ck_assert(blocks(send(C, q, text(2, "ab"))));
	run(change(A, q, set(.has = BIT(F_mode) | BIT(F_qbytes), .mode = 0600, .qbytes = 9)));
	ck_assert_int_eq(woken_err(C), EACCES);
	ck_assert_int_eq(qnum(q), 0);
}
END_TEST

START_TEST(permission_given_back_in_time_is_never_missed)
{
	int64_t q = queue_of(1);

	ck_assert(blocks(send(C, q, text(2, "ab"))));
	run(change(A, q, &closed));
	run(change(A, q, set(.has = BIT(F_mode), .mode = 0666)));
	run(change(A, q, set(.has = BIT(F_qbytes), .qbytes = 9)));
	ck_assert_int_eq(woken_err(C), 0);
}
END_TEST

/* ---- msgctl ----------------------------------------------------------------------------------------- */

START_TEST(status_reports_every_field)
{
	int64_t q = value(op(msgget, C, .key = -9, .flg = IPC_CREAT | 0640)), born = just_now();
	struct record rec;

	run(change(ROOT, q, set(.has = BIT(F_qbytes) | BIT(F_uid), .qbytes = 33, .uid = 1000)));
	ck_assert_int_eq(field(MSG, q, F_ctime), born + 1);
	run(send(A, q, text(1, "abc")));
	run(send(A, q, text(1, "de")));
	run(receive(B, q, 0, 9));
	rec = run(op(msgctl_IPC_STAT, A, .id = q)).rec;
	ck_assert_uint_eq(rec.has, op_fields(OP_msgctl_IPC_STAT));
	ck_assert_int_eq(rec.v[F_key], -9);
	ck_assert_int_eq(rec.v[F_uid], 1000);
	ck_assert_int_eq(rec.v[F_gid], 2000);
	ck_assert_int_eq(rec.v[F_cuid], 2000);
	ck_assert_int_eq(rec.v[F_cgid], 2000);
	ck_assert_int_eq(rec.v[F_mode], 0640);
	ck_assert_int_eq(rec.v[F_seq], 0);
	ck_assert_int_eq(rec.v[F_stime], born + 3);
	ck_assert_int_eq(rec.v[F_rtime], born + 4);
	ck_assert_int_eq(rec.v[F_ctime], born + 1);
	ck_assert_int_eq(rec.v[F_cbytes], 2);
	ck_assert_int_eq(rec.v[F_qnum], 1);
	ck_assert_int_eq(rec.v[F_qbytes], 33);
	ck_assert_int_eq(rec.v[F_lspid], A + 1);
	ck_assert_int_eq(rec.v[F_lrpid], B + 1);
}
END_TEST

START_TEST(status_by_index_reports_the_same_and_returns_the_id)
{
	int64_t q = queue();
	struct record rec = run(op(msgctl_IPC_STAT, A, .id = q)).rec;
	struct outcome indexed = run(op(msgctl_MSG_STAT, A, .id = q));
	struct outcome any = run(op(msgctl_MSG_STAT_ANY, A, .id = q));

	ck_assert_int_eq(run(op(msgctl_IPC_STAT, A, .id = q)).value, 0);
	ck_assert_int_eq(indexed.value, q);
	ck_assert_int_eq(any.value, q);
	ck_assert_mem_eq(&rec, &indexed.rec, sizeof(rec));
	ck_assert_mem_eq(&rec, &any.rec, sizeof(rec));
}
END_TEST

START_TEST(a_record_needs_a_whole_buffer)
{
	int64_t q = queue();

	for (enum place where = P_NULL; where < P_ODD; where++) {
		ck_assert_int_eq(err(op(msgctl_IPC_STAT, A, .id = q, .buf = where)), EFAULT);
		ck_assert_int_eq(err(op(msgctl_MSG_STAT, A, .id = q, .buf = where)), EFAULT);
		ck_assert_int_eq(err(op(msgctl_MSG_STAT_ANY, A, .id = q, .buf = where)), EFAULT);
		ck_assert_int_eq(err(op(msgctl_IPC_INFO, A, .buf = where)), EFAULT);
		ck_assert_int_eq(err(op(msgctl_MSG_INFO, A, .buf = where)), EFAULT);
	}
}
END_TEST

START_TEST(settings_are_read_from_a_whole_buffer)
{
	int64_t q = queue();
	struct payload settings = *set(.has = BIT(F_mode), .mode = 0);

	for (enum place where = P_OK; where < NPLACES; where++) {
		settings.where = where;
		ck_assert_int_eq(err(change(A, q, &settings)),
				 where == P_OK || where == P_READONLY || where == P_ODD ? 0 : EFAULT);
	}
}
END_TEST

static int set_qbytes(int actor, int64_t q, int64_t qbytes)
{
	return err(change(actor, q, set(.has = BIT(F_qbytes), .qbytes = qbytes)));
}

START_TEST(privilege_is_needed_above_msgmnb_only)
{
	int64_t q = queue();

	ck_assert_int_eq(set_qbytes(A, q, 5), 0);
	ck_assert_int_eq(set_qbytes(A, q, DEF_MSGMNB), 0);
	ck_assert_int_eq(set_qbytes(A, q, DEF_MSGMNB + 1), EPERM);
	ck_assert_int_eq(field(MSG, q, F_qbytes), DEF_MSGMNB);
	set_limit(LIM_msgmnb, 100);
	ck_assert_int_eq(set_qbytes(A, q, 101), EPERM);
	ck_assert_int_eq(set_qbytes(A, q, 100), 0);
	w->task[A].cred.caps = BIT(CAP_SYS_RESOURCE);
	ck_assert_int_eq(set_qbytes(A, q, INT_MAX), 0);
	ck_assert_int_eq(field(MSG, q, F_qbytes), INT_MAX);
}
END_TEST

START_TEST(the_privilege_counts_in_the_initial_user_namespace_only)
{
	int64_t q = queue();

	w->facts.initial_userns = false;
	ck_assert_int_eq(set_qbytes(ROOT, q, DEF_MSGMNB + 1), EPERM);
	ck_assert_int_eq(set_qbytes(ROOT, q, DEF_MSGMNB), 0);
}
END_TEST

START_TEST(other_capabilities_do_not_raise_qbytes)
{
	int64_t q = queue();

	w->task[A].cred.caps = CAPS_ALL & ~BIT(CAP_SYS_RESOURCE);
	ck_assert_int_eq(set_qbytes(A, q, DEF_MSGMNB + 1), EPERM);
}
END_TEST

START_TEST(an_unnamed_qbytes_above_a_lowered_msgmnb_needs_the_privilege_too)
{
	int64_t q = queue();

	set_limit(LIM_msgmnb, 100);
	ck_assert_int_eq(err(change(A, q, set(.has = BIT(F_mode), .mode = 0))), EPERM);
	ck_assert_int_eq(err(change(ROOT, q, set(.has = BIT(F_mode), .mode = 0))), 0);
	ck_assert_int_eq(field(MSG, q, F_qbytes), DEF_MSGMNB);
}
END_TEST

START_TEST(posix_wants_privilege_for_every_rise)
{
	int64_t q = queue_of(10);

	profile = &profile_posix;
	ck_assert_int_eq(set_qbytes(A, q, 11), EPERM);
	ck_assert_int_eq(set_qbytes(A, q, 10), 0);
	ck_assert_int_eq(set_qbytes(A, q, 9), 0);
	ck_assert_int_eq(set_qbytes(ROOT, q, 11), 0);
}
END_TEST

START_TEST(qbytes_passes_through_an_int)
{
	int64_t q = queue();

	ck_assert_int_eq(set_qbytes(A, q, INT64_C(0x100000010)), 0);
	ck_assert_int_eq(field(MSG, q, F_qbytes), 16);
	ck_assert_int_eq(set_qbytes(A, q, INT64_C(0x100000000)), 0);
	ck_assert_int_eq(field(MSG, q, F_qbytes), 0);
	ck_assert_int_eq(set_qbytes(A, q, UINT32_MAX), EPERM);
	ck_assert_int_eq(set_qbytes(A, q, INT64_MIN), 0);
	ck_assert_int_eq(field(MSG, q, F_qbytes), 0);
}
END_TEST

START_TEST(a_negative_qbytes_is_more_than_can_be_used_up)
{
	int64_t q = queue();

	ck_assert_int_eq(set_qbytes(ROOT, q, UINT32_MAX), 0);
	ck_assert_int_eq(field(MSG, q, F_qbytes), INT64_MAX);
	ck_assert_int_eq(err(send(A, q, text(1, "abc"))), 0);
	ck_assert_int_eq(err(send(A, q, text(1, "abc"))), 0);
	ck_assert_int_eq(set_qbytes(A, q, -5), EPERM);
	ck_assert_int_eq(err(change(ROOT, q, set(.has = BIT(F_mode), .mode = 0666))), 0);
	ck_assert_int_eq(field(MSG, q, F_qbytes), INT64_MAX);
}
END_TEST

START_TEST(qbytes_may_be_set_below_what_is_queued)
{
	int64_t q = queue();

	run(send(A, q, text(1, "abc")));
	run(send(A, q, text(1, "def")));
	ck_assert_int_eq(set_qbytes(A, q, 2), 0);
	ck_assert_int_eq(cbytes(q), 6);
	ck_assert_int_eq(err(send_flg(A, q, text(1, ""), IPC_NOWAIT)), EAGAIN);
	got(run(receive(A, q, 0, 9)), 1, "abc");
	ck_assert_int_eq(err(send_flg(A, q, text(1, ""), IPC_NOWAIT)), EAGAIN);
	got(run(receive(A, q, 0, 9)), 1, "def");
	ck_assert_int_eq(err(send_flg(A, q, text(1, "gh"), IPC_NOWAIT)), 0);
}
END_TEST

START_TEST(a_refused_set_changes_nothing)
{
	int64_t q = queue();
	struct world *before = world_clone(w);

	ck_assert_int_eq(err(change(A, q, set(.has = BIT(F_uid) | BIT(F_mode) | BIT(F_qbytes), .uid = 5,
					      .qbytes = DEF_MSGMNB + 1))), EPERM);
	ck_assert_int_eq(err(change(C, q, &closed)), EPERM);
	before->now += 2;
	ck_assert(world_equal(before, w));
	world_free(before);
}
END_TEST

START_TEST(info_tells_limits_and_constants)
{
	struct record rec;

	set_limit(LIM_msgmax, 11);
	set_limit(LIM_msgmnb, 12);
	set_limit(LIM_msgmni, 13);
	queue();
	queue();
	rec = run(op(msgctl_IPC_INFO, C)).rec;
	ck_assert_uint_eq(rec.has, op_fields(OP_msgctl_IPC_INFO));
	ck_assert_int_eq(rec.v[F_msgmax], 11);
	ck_assert_int_eq(rec.v[F_msgmnb], 12);
	ck_assert_int_eq(rec.v[F_msgmni], 13);
	ck_assert_int_eq(rec.v[F_msgpool], 512000);
	ck_assert_int_eq(rec.v[F_msgmap], 16384);
	ck_assert_int_eq(rec.v[F_msgssz], 16);
	ck_assert_int_eq(rec.v[F_msgtql], 16384);
	ck_assert_int_eq(rec.v[F_msgseg], 65535);
	ck_assert_int_eq(value(op(msgctl_IPC_INFO, C)), 1);
}
END_TEST

START_TEST(msg_info_tells_what_is_in_use)
{
	int64_t q = queue(), other = queue();
	struct record rec;

	run(send(A, q, text(1, "abc")));
	run(send(A, q, text(1, "")));
	run(send(A, other, text(1, "de")));
	rec = run(op(msgctl_MSG_INFO, C)).rec;
	ck_assert_uint_eq(rec.has, op_fields(OP_msgctl_MSG_INFO));
	ck_assert_int_eq(rec.v[F_msgpool], 2);
	ck_assert_int_eq(rec.v[F_msgmap], 3);
	ck_assert_int_eq(rec.v[F_msgtql], 5);
	ck_assert_int_eq(rec.v[F_msgmax], DEF_MSGMAX);
	ck_assert_int_eq(value(op(msgctl_MSG_INFO, C)), 1);
}
END_TEST

START_TEST(info_takes_any_id_that_is_not_negative)
{
	ck_assert_int_eq(err(op(msgctl_IPC_INFO, C, .id = 12345)), 0);
	ck_assert_int_eq(err(op(msgctl_IPC_INFO, C, .id = INT_MAX)), 0);
	ck_assert_int_eq(err(op(msgctl_IPC_INFO, C, .id = -1)), EINVAL);
	ck_assert_int_eq(err(op(msgctl_MSG_INFO, C, .id = -1, .buf = P_NULL)), EINVAL);
}
END_TEST

START_TEST(an_unknown_command_is_einval_for_any_id)
{
	int64_t q = queue();

	ck_assert_int_eq(err(op(msgctl_other, A, .id = q, .cmd = 99)), EINVAL);
	ck_assert_int_eq(err(op(msgctl_other, C, .id = 99, .cmd = -1)), EINVAL);
}
END_TEST

START_TEST(removal_discards_messages)
{
	int64_t q = queue();

	run(send(A, q, text(1, "abc")));
	ck_assert_int_eq(value(rmid(q)), 0);
	ck_assert_int_eq(run(op(msgctl_MSG_INFO, A)).rec.v[F_msgmap], 0);
	ck_assert_int_eq(err(receive_flg(A, q, 0, 9, IPC_NOWAIT)), EINVAL);
}
END_TEST

/* ---- posix: errors as a set ------------------------------------------------------------------------- */

START_TEST(posix_allows_every_error_whose_condition_holds)
{
	int64_t q = value(op(msgget, A, .flg = 0600));

	run(send(A, q, text(1, "abc")));
	profile = &profile_posix;
	ck_assert_uint_eq(judge(receive_flg(C, q, 0, 2, IPC_NOWAIT)).errs.bits, errs(EACCES, E2BIG));
	ck_assert_uint_eq(judge(receive_flg(C, q, 9, 2, IPC_NOWAIT)).errs.bits, errs(EACCES, ENOMSG));
	ck_assert_uint_eq(judge(receive_flg(C, q, 9, 2, 0)).errs.bits, errs(EACCES));
	by_id(&w->ns[HOME], MSG, q)->mode = 0;
	((struct queue *)by_id(&w->ns[HOME], MSG, q))->qbytes = 3;
	ck_assert_uint_eq(judge(send_flg(C, q, text(0, "x"), IPC_NOWAIT)).errs.bits,
			  errs(EACCES, EAGAIN, EINVAL));
	ck_assert(!judge(send_flg(C, q, text(1, "x"), IPC_NOWAIT)).success);
}
END_TEST

START_TEST(posix_demands_that_a_call_which_may_not_wait_fails)
{
	int64_t q = queue_of(0);

	profile = &profile_posix;
	ck_assert_uint_eq(judge(send_flg(A, q, text(1, "x"), IPC_NOWAIT)).errs.bits, errs(EAGAIN));
	ck_assert(!judge(send_flg(A, q, text(1, "x"), IPC_NOWAIT)).success);
	ck_assert_uint_eq(judge(receive_flg(A, q, 0, 9, IPC_NOWAIT)).errs.bits, errs(ENOMSG));
	ck_assert(!judge(receive_flg(A, q, 0, 9, IPC_NOWAIT)).success);
}
END_TEST

START_TEST(posix_demands_that_what_is_invalid_fails)
{
	int64_t q = queue();

	profile = &profile_posix;
	ck_assert(!judge(receive(A, q, 0, -1)).success);
	ck_assert(!judge(rmid(99)).success);
	ck_assert(!judge(op(msgctl_other, A, .id = q)).success);
	ck_assert(!judge(op(msgctl_IPC_INFO, A, .id = -1)).success);
}
END_TEST

START_TEST(posix_knows_nothing_of_extensions)
{
	int64_t q = queue();

	run(send(A, q, text(1, "abc")));
	profile = &profile_posix;
	ck_assert(judge(op(msgctl_MSG_STAT_ANY, A, .id = q, .buf = P_NULL)).success);
	ck_assert(judge(op(msgctl_IPC_INFO, A, .buf = P_NULL)).success);
	ck_assert_uint_eq(judge(copy(q, 0, 2, MSG_NOERROR)).errs.bits, errs(EINVAL));
	ck_assert(judge(copy(q, 0, 2, MSG_NOERROR)).success);
}
END_TEST

START_TEST(posix_allows_but_does_not_demand_efault)
{
	int64_t q = queue();
	struct payload nowhere = *text(1, "x");
	struct verdict v;

	nowhere.where = P_UNMAPPED;
	profile = &profile_posix;
	v = judge(send(A, q, &nowhere));
	ck_assert_uint_eq(v.errs.bits, errs(EFAULT));
	ck_assert(v.success);
	ck_assert_int_eq(v.first, 0);
}
END_TEST

START_TEST(posix_says_nothing_of_the_oversize_switch)
{
	struct profile p = profile_posix;
	int64_t q = queue_of(2);

	p.sw[SW_oversize_message] = 1;
	profile = &p;
	ck_assert_uint_eq(judge(send(A, q, text(1, "abc"))).errs.bits, 0);
	ck_assert(judge(send(A, q, text(1, "abc"))).waits);
}
END_TEST

START_TEST(posix_judges_a_huge_size_without_overflow)
{
	int64_t q = queue();
	struct payload huge = *text(1, "x");

	run(send(A, q, text(1, "x")));
	profile = &profile_posix;
	huge.msg.size = INT64_MAX;
	ck_assert_uint_eq(judge(send_flg(A, q, &huge, IPC_NOWAIT)).errs.bits, errs(EINVAL, EFAULT, EAGAIN));
	huge.msg.size = INT64_MIN;
	ck_assert_uint_eq(judge(send_flg(A, q, &huge, IPC_NOWAIT)).errs.bits, errs(EINVAL));
}
END_TEST

/* ---- subjects without a rule -------------------------------------------------------------------------- */

/* What a fault injected by without= lets pass must do something harmless. */
START_TEST(a_subject_without_a_rule_answers_and_stays_whole)
{
	struct profile p = profile_linux;
	struct payload lie = { .msg = { 1, 1000, 1, (const unsigned char *)"x" } };
	int64_t q = queue();

	profile = &p;
	p.without = "MSGSND-ERR-EINVAL-1";
	ck_assert_int_eq(value(send(A, 99, text(1, "x"))), 0);
	p.sw[SW_oversize_message] = 1;
	ck_assert_int_eq(value(send(A, 99, text(1, "x"))), 0);
	p.without = "LINUX-MSGSND-ORD-3";
	ck_assert_int_eq(value(send(A, q, &lie)), 0);
	ck_assert_int_eq(cbytes(q), 1);
	p.without = "MSGSND-ERR-EINVAL-3";
	lie.msg.size = -1;
	ck_assert_int_eq(value(send(A, q, &lie)), 0);
	p.without = "LINUX-MSGRCV-ORD-1";
	got(run(receive_flg(A, q, 0, -1, MSG_NOERROR)), 1, "x");
	p.without = "MSGRCV-ERR-EINVAL";
	ck_assert_int_eq(value(receive(A, 99, 0, 9)), 0);
	p.without = "msgctl_IPC_STAT/MSGCTL-ERR-EINVAL";
	ck_assert_int_eq(value(op(msgctl_IPC_STAT, A, .id = 99)), 0);
	p.without = "MSGCTL-ERR-EINVAL";
	ck_assert_int_eq(value(op(msgctl_MSG_STAT, A, .id = 99)), 0);
	ck_assert_int_eq(value(op(msgctl_other, A, .id = 99)), 0);
	ck_assert_int_eq(value(change(A, 99, &closed)), 0);
	ck_assert_int_eq(value(rmid(99)), 0);
}
END_TEST

static void add_send_and_receive(Suite *s)
{
	TCase *tc;

	tc = tests_of(s, "msgget");
	tcase_add_test(tc, a_new_queue_is_empty_and_was_never_used);
	tcase_add_test(tc, qbytes_of_a_new_queue_is_the_limit_of_that_moment);
	tc = tests_of(s, "msgsnd");
	tcase_add_test(tc, a_sent_message_counts_and_leaves_its_mark);
	tcase_add_test(tc, a_message_fits_as_long_as_qbytes_is_not_exceeded);
	tcase_add_test(tc, qbytes_empty_messages_fit_and_no_more);
	tcase_add_test(tc, a_queue_of_no_bytes_takes_nothing);
	tcase_add_test(tc, a_failed_send_changes_nothing_but_the_clock);
	tcase_add_test(tc, a_message_above_qbytes_waits_even_for_an_empty_queue);
	tcase_add_test(tc, elsewhere_a_message_above_qbytes_is_einval);
	tcase_add_test(tc, a_message_has_from_0_to_msgmax_bytes);
	tcase_add_test(tc, a_type_is_above_0);
	tcase_add_test(tc, a_size_beyond_the_text_is_efault);
	tcase_add_test(tc, where_the_buffer_may_lie);
	tc = tests_of(s, "order");
	tcase_add_test(tc, msgsnd_detects_in_this_order);
	tcase_add_test(tc, every_reason_of_msgsnd_comes_before_a_full_queue);
	tcase_add_test(tc, msgrcv_detects_in_this_order);
	tcase_add_test(tc, enomsg_comes_before_e2big_and_a_bad_buffer_and_after_all_else);
	tcase_add_test(tc, ipc_set_detects_in_this_order);
	tcase_add_test(tc, status_detects_in_this_order);
	tc = tests_of(s, "msgrcv");
	tcase_add_test(tc, the_selection_table_holds_for_every_type_and_queue);
	tcase_add_test(tc, elsewhere_a_negative_type_takes_the_first_that_is_not_above_it);
	tcase_add_test(tc, a_received_message_is_gone_and_leaves_its_mark);
	tcase_add_test(tc, e2big_leaves_the_message_and_changes_nothing);
	tcase_add_test(tc, msg_noerror_cuts_and_the_rest_is_lost);
	tcase_add_test(tc, an_empty_message_needs_no_room);
	tcase_add_test(tc, the_last_of_many_messages_is_taken_like_any_other);
	tcase_add_test(tc, a_bad_destination_loses_the_message);
	tcase_add_test(tc, half_a_destination_holds_the_type_of_an_empty_message);
	tcase_add_test(tc, a_bad_destination_makes_room_for_a_sender_all_the_same);
	tc = tests_of(s, "copy");
	tcase_add_test(tc, a_copy_is_selected_by_position_and_changes_nothing);
	tcase_add_test(tc, a_position_that_is_not_there_is_enomsg);
	tcase_add_test(tc, a_copy_is_never_cut);
	tcase_add_test(tc, a_message_above_the_present_msgmax_cannot_be_copied);
	tcase_add_test(tc, the_destination_of_a_copy_must_be_readable);
	tcase_add_test(tc, a_copy_needs_read_permission_only);
	tc = tests_of(s, "receivers");
	tcase_add_test(tc, a_message_goes_to_a_sleeping_receiver_and_is_never_queued);
	tcase_add_test(tc, the_receiver_that_slept_first_is_served);
	tcase_add_test(tc, receivers_that_want_something_else_are_passed_over);
	tcase_add_test(tc, receivers_with_too_little_room_fail_until_one_can_take_it);
	tcase_add_test(tc, a_message_that_no_sleeper_has_room_for_is_queued);
	tcase_add_test(tc, a_sleeper_with_msg_noerror_takes_what_it_has_room_for);
	tcase_add_test(tc, a_sleeper_with_a_bad_destination_loses_the_message);
	tcase_add_test(tc, even_a_message_that_is_handed_over_must_fit);
}

static void add_control(Suite *s)
{
	TCase *tc;

	tc = tests_of(s, "senders");
	tcase_add_test(tc, a_sender_goes_on_when_a_message_is_received);
	tcase_add_test(tc, a_small_message_overtakes_a_large_one_that_does_not_fit);
	tcase_add_test(tc, as_many_senders_go_on_as_fit);
	tcase_add_test(tc, a_new_sender_whose_message_fits_does_not_queue_behind_sleepers);
	tcase_add_test(tc, senders_go_on_when_qbytes_is_raised);
	tcase_add_test(tc, a_sender_that_goes_on_feeds_a_sleeping_receiver);
	tcase_add_test(tc, an_empty_message_waits_for_a_place);
	tcase_add_test(tc, a_changed_msgmax_does_not_reach_a_sleeper);
	tc = tests_of(s, "endings");
	tcase_add_test(tc, removal_ends_every_sleep_on_the_queue_with_eidrm);
	tcase_add_test(tc, removal_of_another_familys_object_of_that_id_ends_nothing);
	tcase_add_test(tc, a_handled_signal_ends_a_sleep_with_eintr);
	tcase_add_test(tc, who_was_interrupted_has_given_up_its_place);
	tcase_add_test(tc, a_signal_to_one_that_is_awake_does_nothing);
	tcase_add_test(tc, a_killed_sleeper_is_gone);
	tc = tests_of(s, "permission");
	tcase_add_test(tc, a_sleeping_receiver_that_lost_permission_fails_at_once);
	tcase_add_test(tc, a_sleeping_sender_that_lost_permission_fails_only_when_it_would_fit);
	tcase_add_test(tc, a_sender_that_lost_permission_fails_when_the_same_call_makes_room);
	tcase_add_test(tc, permission_given_back_in_time_is_never_missed);
	tc = tests_of(s, "msgctl");
	tcase_add_test(tc, status_reports_every_field);
	tcase_add_test(tc, status_by_index_reports_the_same_and_returns_the_id);
	tcase_add_test(tc, a_record_needs_a_whole_buffer);
	tcase_add_test(tc, settings_are_read_from_a_whole_buffer);
	tcase_add_test(tc, privilege_is_needed_above_msgmnb_only);
	tcase_add_test(tc, the_privilege_counts_in_the_initial_user_namespace_only);
	tcase_add_test(tc, other_capabilities_do_not_raise_qbytes);
	tcase_add_test(tc, an_unnamed_qbytes_above_a_lowered_msgmnb_needs_the_privilege_too);
	tcase_add_test(tc, posix_wants_privilege_for_every_rise);
	tcase_add_test(tc, qbytes_passes_through_an_int);
	tcase_add_test(tc, a_negative_qbytes_is_more_than_can_be_used_up);
	tcase_add_test(tc, qbytes_may_be_set_below_what_is_queued);
	tcase_add_test(tc, a_refused_set_changes_nothing);
	tcase_add_test(tc, info_tells_limits_and_constants);
	tcase_add_test(tc, msg_info_tells_what_is_in_use);
	tcase_add_test(tc, info_takes_any_id_that_is_not_negative);
	tcase_add_test(tc, an_unknown_command_is_einval_for_any_id);
	tcase_add_test(tc, removal_discards_messages);
	tc = tests_of(s, "posix");
	tcase_add_test(tc, posix_allows_every_error_whose_condition_holds);
	tcase_add_test(tc, posix_demands_that_a_call_which_may_not_wait_fails);
	tcase_add_test(tc, posix_demands_that_what_is_invalid_fails);
	tcase_add_test(tc, posix_knows_nothing_of_extensions);
	tcase_add_test(tc, posix_allows_but_does_not_demand_efault);
	tcase_add_test(tc, posix_says_nothing_of_the_oversize_switch);
	tcase_add_test(tc, posix_judges_a_huge_size_without_overflow);
	tc = tests_of(s, "without");
	tcase_add_test(tc, a_subject_without_a_rule_answers_and_stays_whole);
}

int main(void)
{
	Suite *s = suite_create("msg");

	add_send_and_receive(s);
	add_control(s);
	return run_suite(s);
}
