/* Operations into slots, and answers out of them. What is done follows from the kinds of the arguments. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "internal.h"

#define TYPE sizeof(long)	/* bytes of a message's type, before its text */

/* ---- arguments into the slot ----------------------------------------------------------------- */

/* A length in bytes as a call is given it, cut to what a pad can hold. */
static size_t fit(int64_t n)
{
	return n < 0 ? 0 : n < (int64_t)(PAD_SIZE - TYPE) ? (size_t)n : PAD_SIZE - TYPE;
}

static int64_t set_size(int64_t id)
{
	struct record rec = { 0 };

	return look_object(SEM, id, &rec) ? rec.v[F_nsems] : 0;
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* Behind a structure that a C library has made too small there is room, to see what is stored there. */
static size_t with_rest(enum abi abi, const struct layout *l, const struct layout *kernels)
{
	return abi == ABI_LIBC ? larger(l->size, kernels->size) : l->size;
}

static size_t answer_size(enum abi abi, const struct op *op)
{
	const struct layout *l = layout_of(abi, op->code);

	if (l)
		return with_rest(abi, l, layout_of(ABI_RAW, op->code));
	return op->code == OP_msgrcv ? TYPE + fit(op->msgrcv.size)
		: sizeof(uint16_t) * fit(set_size(op->semctl_GETALL.id));
}

static void put_answer_place(struct slot *s, const struct op *op, int arg)
{
	s->out = pad_spot(s, (enum place)op->v[arg], answer_size(s->abi, op));
	s->buf = s->out.at;
	canary_fill(s, s->out);
}

static void put_message(struct slot *s, const struct op *op, int arg)
{
	const struct payload *d = op->data;
	const long type = (long)d->msg.type;
	const struct spot spot = pad_spot(s, d->where, TYPE + d->msg.len);

	(void)arg;
	spot_write(spot, 0, &type, TYPE);
	spot_write(spot, TYPE, d->msg.text, d->msg.len);
	s->in = spot;
	s->buf = spot.at;
	s->size = (size_t)d->msg.size;
}

static void put_sops(struct slot *s, const struct op *op, int arg)
{
	const struct payload *d = op->data;
	const struct spot spot = pad_spot(s, d->where, d->sops.n * sizeof(*d->sops.v));

	(void)arg;
	spot_write(spot, 0, d->sops.v, d->sops.n * sizeof(*d->sops.v));
	s->in = spot;
	s->buf = spot.at;
	s->size = d->sops.n + (size_t)d->excess;
}

/* What has no room in a structure is as much as has. */
static long saturated(int64_t v)
{
	return v > LONG_MAX ? LONG_MAX : v < LONG_MIN ? LONG_MIN : (long)v;
}

/* The timeout as the call takes it: the library's own structure, of longs by ipc(2), else of 64 bits. */
static size_t timeout_bytes(enum abi abi, int64_t sec, int64_t nsec, unsigned char *to)
{
	const struct timespec library = {
		.tv_sec = sizeof(library.tv_sec) == sizeof(sec) ? (time_t)sec : (time_t)saturated(sec),
		.tv_nsec = saturated(nsec),
	};
	const long words[2] = { saturated(sec), saturated(nsec) };
	const int64_t whole[2] = { sec, nsec };
	const void *from = abi == ABI_LIBC ? &library : abi == ABI_RAW ? whole : (const void *)words;
	size_t size = abi == ABI_LIBC ? sizeof(library) : abi == ABI_RAW ? sizeof(whole) : sizeof(words);

	memcpy(to, from, size);
	return size;
}

static void put_timeout(struct slot *s, const struct op *op, int arg)
{
	const struct payload *d = op->data;
	unsigned char bytes[2 * sizeof(int64_t)];
	struct spot spot = { NULL, 0 };
	size_t size = timeout_bytes(s->abi, d ? d->timeout.sec : 0, d ? d->timeout.nsec : 0, bytes);

	(void)arg;
	if (d && d->timeout.given)
		spot = timeout_spot(s, d->timeout.where, size);
	spot_write(spot, 0, bytes, size);
	s->timeout_in = spot;
	s->timeout = spot.at;
}

/* As many values as the set has: the kernel reads no more and no less. */
static void put_values(struct slot *s, const struct op *op, int arg)
{
	const struct payload *d = op->data;
	size_t n = fit(set_size(op->v[0])), given = d->vals.n;
	const struct spot spot = pad_spot(s, d->where, (n ? n : given) * sizeof(*d->vals.v));

	(void)arg;
	if (spot.room)
		memset(spot.at, 0, spot.room);
	spot_write(spot, 0, d->vals.v, given * sizeof(*d->vals.v));
	s->buf = spot.at;
}

/* What is not to be set keeps its value; what the kernel must not look at is full of canaries. */
static void put_status(struct slot *s, const struct op *op, int arg)
{
	static const enum field settable[] = { F_uid, F_gid, F_mode, F_qbytes };
	const enum family family = opinfo[op->code].family;
	const struct layout *l = &abi_layouts(s->abi)->status[family];
	const struct payload *d = op->data;
	const int64_t want[] = { d->set.uid, d->set.gid, d->set.mode, d->set.qbytes };
	const size_t size = with_rest(s->abi, l, &kernel_layouts.status[family]);
	const struct spot spot = pad_spot(s, d->where, size);
	struct record now = { 0 };
	unsigned char ds[256];

	(void)arg;
	look_object(family, op->v[0], &now);
	memset(ds, CANARY, sizeof(ds));
	for (int i = 0; i < 4; i++) {
		enum field f = settable[i];

		layout_write(l, ds, f, d->set.has & BIT(f) ? want[i] : now.v[f]);
	}
	spot_write(spot, 0, ds, size);
	s->buf = spot.at;
}

/* Of 32 bits, to the buffer: what it is is known when the call is made. */
static void put_pointer(struct slot *s, const struct op *op, int arg)
{
	s->timeout = timeout_spot(s, (enum place)op->v[arg], sizeof(uint32_t)).at;
}

static void put_bytes(struct slot *s, const struct op *op, int arg)
{
	const struct spot spot = pad_spot(s, P_OK, op->data->bytes.len);

	(void)arg;
	spot_write(spot, 0, op->data->bytes.v, op->data->bytes.len);
	s->buf = spot.at;
	s->size = op->data->bytes.len;
}

static void put_room(struct slot *s, const struct op *op, int arg)
{
	s->out = pad_spot(s, P_OK, fit(op->v[arg]));
	s->buf = s->out.at;
	s->size = s->out.room;
}

static void (*const put_kind[NKINDS])(struct slot *s, const struct op *op, int arg) = {
	[KIND_OUT] = put_answer_place,
	[KIND_PTR] = put_pointer,
	[KIND_BADPTR] = put_pointer,
	[KIND_MSG] = put_message,
	[KIND_SOPS] = put_sops,
	[KIND_TIMEOUT] = put_timeout,
	[KIND_SEMVALS] = put_values,
	[KIND_MSGSET] = put_status,
	[KIND_PERMSET] = put_status,
	[KIND_BYTES] = put_bytes,
	[KIND_LEN] = put_room,
};

/* Is the answer the text of a file below /proc? */
static bool answers_text(enum opcode code)
{
	return code == OP_proc_msg || code == OP_proc_sem || code == OP_proc_shm;
}

void marshal_call(struct slot *s, const struct op *op)
{
	const struct opinfo *info = &opinfo[op->code];

	s->op = *op;
	s->readonly = s->timeout_readonly = false;
	s->timeout = NULL;
	s->out = s->in = s->timeout_in = (struct spot){ NULL, 0 };
	s->sig = 0;
	s->fail = 0;
	s->home = NO_HOME;
	for (int i = 0; i < info->nargs; i++)
		if (put_kind[info->arg[i].kind])
			put_kind[info->arg[i].kind](s, op, i);
	if (answers_text(op->code))
		s->out = pad_spot(s, P_OK, PAD_SIZE);
	if (op->code == OP_stat) {
		s->out = pad_spot(s, P_OK, layout_of(s->abi, op->code)->size);
		canary_fill(s, s->out);
	}
}

static void spoil(struct spot spot)
{
	if (spot.room)
		memset(spot.at, CANARY, spot.room);
}

void marshal_spoil(struct slot *s)
{
	spoil(s->in);
	spoil(s->timeout_in);
}

void marshal_again(struct slot *s)
{
	const struct op op = s->op;

	if (s->in.room || s->timeout_in.room)
		marshal_call(s, &op);
}

/* ---- the answer out of it -------------------------------------------------------------------- */

/* Bytes from the start of the place that the call may have stored into. */
static size_t may_be_stored(const struct slot *s)
{
	const struct layout *l = layout_of(s->abi, s->op.code);

	if (s->ret == -1)
		return s->err == EFAULT ? s->out.room : 0;
	if (s->op.code == OP_msgrcv)
		return TYPE + fit(s->ret) < s->out.room ? TYPE + fit(s->ret) : s->out.room;
	return l && l->size < s->out.room ? l->size : s->out.room;
}

static void check_canaries(const struct slot *s, char *stray, size_t size)
{
	long broken;

	if (!s->out.room)
		return;
	broken = canary_broken(s, s->out, may_be_stored(s));
	if (broken < (long)s->out.room)
		snprintf(stray, size, "byte %ld of the caller's buffer was overwritten", broken);
}

/* Of a status record that did not fit, what was stored must be the beginning. */
static void check_beginning(const struct slot *s, char *stray, size_t size)
{
	const enum family family = opinfo[s->op.code].family;
	const struct layout *l = layout_of(s->abi, s->op.code);
	struct record now = { 0 };
	unsigned char ds[256] = { 0 };

	if (s->ret != -1 || s->err != EFAULT || !s->out.room || !l
	    || l != &abi_layouts(s->abi)->status[family]
	    || canary_broken(s, s->out, 0) == (long)s->out.room || !look_object(family, s->op.v[0], &now))
		return;
	for (enum field f = 0; f < NFIELDS; f++)
		layout_write(l, ds, f, now.v[f]);
	if (memcmp(s->out.at, ds, s->out.room))
		snprintf(stray, size, "what was stored before the fault is not the beginning of the record");
}

static void take_record(const struct slot *s, struct outcome *out, char *stray, size_t size)
{
	const struct layout *l = layout_of(s->abi, s->op.code);
	int bad;

	if (s->out.room < l->size)
		return;
	bad = layout_read(l, s->out.at, &out->rec);
	if (s->abi == ABI_LIBC)
		bad = layout_reserved(l, s->out.at, CANARY);
	if (bad >= 0 && !stray[0])
		snprintf(stray, size, "byte %d, which is reserved, is 0x%02x", bad, s->out.at[bad]);
}

/* The type is stored first, and stays there when the text does not fit. */
static void take_type(const struct slot *s, struct outcome *out)
{
	long type;

	if (s->out.room < TYPE || canary_broken(s, s->out, 0) == (long)s->out.room)
		return;
	memcpy(&type, s->out.at, TYPE);
	put(&out->rec, F_type, type);
}

static void take_message(const struct slot *s, struct outcome *out)
{
	take_type(s, out);
	if (s->out.room < TYPE)
		return;
	out->bytes = s->out.at + TYPE;
	out->len = may_be_stored(s) - TYPE;
}

/* Values that were stored at an odd address are moved to the even one below, which is the pad's too. */
static const uint16_t *aligned(struct spot spot)
{
	unsigned char *to = spot.at - ((uintptr_t)spot.at & 1);

	if (to != spot.at)
		memmove(to, spot.at, spot.room);
	return (const uint16_t *)(const void *)to;
}

static void take_row(const struct slot *s, struct outcome *out, char *stray, size_t size)
{
	struct record row;

	out->value = 0;
	if (s->ret == (long)s->out.room) {
		snprintf(stray, size, "the file is longer than %zu bytes", s->out.room);
		return;
	}
	s->out.at[s->ret] = '\0';
	if (proc_find((const char *)s->out.at, s->op.v[0], &row, stray, size))
		out->rec = row;
	else
		*out = (struct outcome){ .how = FAILED, .err = ENOENT };
}

static void take_success(const struct slot *s, struct outcome *out, char *stray, size_t size)
{
	out->value = opinfo[s->op.code].result == R_ADDR ? (int64_t)(unsigned long)s->ret
		: opinfo[s->op.code].result == R_KEY ? (int32_t)s->ret : s->ret;
	if (layout_of(s->abi, s->op.code))
		take_record(s, out, stray, size);
	else if (answers_text(s->op.code))
		take_row(s, out, stray, size);
	else if (s->op.code == OP_msgrcv)
		take_message(s, out);
	else if (s->op.code == OP_semctl_GETALL) {
		out->vals = aligned(s->out);
		out->nvals = s->out.room / sizeof(*out->vals);
	} else if (s->op.code == OP_load) {
		out->bytes = s->out.at;
		out->len = s->out.room;
	}
}

void marshal_answer(const struct slot *s, struct outcome *out, char *stray, size_t size)
{
	*out = (struct outcome){ .how = RETURNED };
	stray[0] = '\0';
	if (s->sig) {
		out->how = FAULTED;
		out->err = s->sig;
		return;
	}
	if (s->op.code != OP_load && !answers_text(s->op.code)) {
		check_canaries(s, stray, size);
		check_beginning(s, stray, size);
	}
	if (s->ret == -1) {
		out->how = FAILED;
		out->err = s->err;
		if (s->op.code == OP_msgrcv && s->err == EFAULT)
			take_type(s, out);
	} else {
		take_success(s, out, stray, size);
	}
	out->stray = stray[0] ? stray : NULL;
}
