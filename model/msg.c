/* Message queues. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* ---- msgget ----------------------------------------------------------------------------------- */

static const struct rule msgget_rules[] = {
	{ "MSGGET-ERR-ENOENT", ENOENT, key_unknown, SHALL, ONCE, false },
	{ "MSGGET-ERR-EEXIST", EEXIST, key_taken, SHALL, ONCE, false },
	{ "MSGGET-ERR-EACCES", EACCES, may_not_get, SHALL, ONCE, false },
	MAY_NOT_GET_TO_EXECUTE,
	{ "MSGGET-ERR-ENOSPC", ENOSPC, table_full, SHALL, ONCE, false },
	{ 0 }
};

static bool msgget_reserve(struct call *c)
{
	return c->perm || (table_reserve(&c->ns->table[MSG]) && reserve_object(c->w, sizeof(struct queue)));
}

static void msgget_commit(struct call *c, struct outcome *out)
{
	struct queue *q;

	if (c->perm) {
		out->value = c->perm->id;
		return;
	}
	q = take_reserved(c->w);
	q->qbytes = limit_of(c->ns, LIM_msgmnb);
	table_enter(c, &q->perm, c->op->msgget.flg);
	out->value = q->perm.id;
}

const struct action model_msgget = {
	.find = FIND_KEY, .rules = msgget_rules, .reserve = msgget_reserve, .commit = msgget_commit,
	.failed = get_failed,
};

/* ---- msgsnd ----------------------------------------------------------------------------------- */

static bool type_unreadable(const struct view *v)
{
	return !readable(v->op->data->where, 8);
}

static bool size_out_of_range(const struct view *v)
{
	int64_t size = v->op->data->msg.size, max = limit_of(v->ns, LIM_msgmax);

	if (size >= 0 && size <= max)
		return false;
	note(v, "msgsz %lld is not in 0..msgmax %lld", (long long)size, (long long)max);
	return true;
}

static bool type_below_one(const struct view *v)
{
	if (v->op->data->msg.type >= 1)
		return false;
	note(v, "the type %lld is below 1", (long long)v->op->data->msg.type);
	return true;
}

/* A size that lies about the text reaches into the unmapped page behind it. */
static bool text_unreadable(const struct view *v)
{
	const struct payload *d = v->op->data;

	if (d->msg.size <= 0)
		return false;
	return (uint64_t)d->msg.size > d->msg.len || !readable(d->where, 8 + (size_t)d->msg.size);
}

static bool fits(const struct view *v, const struct queue *q)
{
	int64_t size = v->op->data->msg.size;

	note(v, "%lld bytes and %zu messages are queued, the message has %lld, msg_qbytes is %lld",
	     (long long)q->cbytes, q->nmsgs, (long long)size, (long long)q->qbytes);
	return size <= q->qbytes - q->cbytes && (int64_t)q->nmsgs < q->qbytes;
}

static bool no_room(const struct view *v)
{
	return the_queue(v) && !fits(v, the_queue(v));
}

static bool may_not_wait_to_send(const struct view *v)
{
	return v->op->msgsnd.flg & IPC_NOWAIT && no_room(v);
}

static bool never_fits(const struct view *v)
{
	return switch_of(v->p, SW_oversize_message) && the_queue(v)
		&& v->op->data->msg.size > the_queue(v)->qbytes;
}

static const struct rule msgsnd_rules[] = {
	ALIGNED,
	{ "LINUX-MSGSND-ORD-1", EFAULT, type_unreadable, MAY, ONCE, false },
	{ "MSGSND-ERR-EINVAL-3", EINVAL, size_out_of_range, SHALL, ONCE, false },
	{ "LINUX-ID-NEG-1", EINVAL, negative_id, SHALL, ONCE, false },
	{ "MSGSND-ERR-EINVAL-2", EINVAL, type_below_one, SHALL, ONCE, false },
	{ "LINUX-MSGSND-ORD-3", EFAULT, text_unreadable, MAY, ONCE, false },
	{ "MSGSND-ERR-EINVAL-1", EINVAL, no_such_id, SHALL, ONCE, false },
	{ "MSGSND-ERR-EACCES", EACCES, may_not_write, SHALL, RECHECK, false },
	{ "BSD-MSG-1", EINVAL, never_fits, NO, ONCE, false },
	{ "MSGSND-ERR-EAGAIN", EAGAIN, may_not_wait_to_send, SHALL, ONCE, false },
	{ 0 }
};

/* Room for everybody who may be asleep in msgsnd, so that waking them needs no memory. */
static bool msgsnd_reserve(struct call *c)
{
	struct queue *q = (struct queue *)c->perm;

	return !q || grow(&q->msgs, &q->cap, q->nmsgs + MAXACTORS, sizeof(*q->msgs));
}

static void msgsnd_commit(struct call *c, struct outcome *out)
{
	struct queue *q = (struct queue *)c->perm;
	const struct payload *d = c->op->data;
	/* Only a subject without the rule lets a size pass that is wrong. */
	size_t len = (uint64_t)d->msg.size < d->msg.len ? (size_t)d->msg.size : d->msg.len;

	(void)out;
	q->msgs[q->nmsgs++] = (struct message){ d->msg.type, len, d->msg.text };
	q->cbytes += (int64_t)len;
	q->lspid = c->task->pid;
	q->stime = c->w->now;
}

const struct action model_msgsnd = {
	.find = FIND_ID, .rules = msgsnd_rules, .waits = no_room, .silent = true,
	.reserve = msgsnd_reserve, .commit = msgsnd_commit,
};

/* ---- msgrcv ----------------------------------------------------------------------------------- */

/* Position of the first message of the lowest type not above bound; nmsgs if there is none. */
static size_t lowest_type(const struct view *v, const struct queue *q, int64_t bound)
{
	size_t best = q->nmsgs;

	for (size_t i = 0; i < q->nmsgs; i++) {
		if (q->msgs[i].type > bound || (best < q->nmsgs && q->msgs[i].type >= q->msgs[best].type))
			continue;
		best = i;
		if (switch_of(v->p, SW_negative_type))
			break;
	}
	return best;
}

static size_t first_of_type(const struct queue *q, int64_t type, bool except)
{
	size_t i = 0;

	while (i < q->nmsgs && (q->msgs[i].type == type) == except)
		i++;
	return i;
}

/* Position of the message that the call selects; nmsgs if there is none. */
static size_t selected(const struct view *v, const struct queue *q)
{
	int64_t typ = v->op->msgrcv.typ, flg = v->op->msgrcv.flg;

	if (flg & MSG_COPY)
		return typ >= 0 && (uint64_t)typ < q->nmsgs ? (size_t)typ : q->nmsgs;
	if (typ == 0)
		return 0;
	if (typ < 0)
		return lowest_type(v, q, typ == INT64_MIN ? INT64_MAX : -typ);
	return first_of_type(q, typ, flg & MSG_EXCEPT);
}

static const struct message *selected_message(const struct view *v)
{
	const struct queue *q = the_queue(v);
	size_t at;

	if (!q)
		return NULL;
	at = selected(v, q);
	return at < q->nmsgs ? &q->msgs[at] : NULL;
}

static bool negative_size(const struct view *v)
{
	return v->op->msgrcv.size < 0;
}

static bool copying(const struct view *v)
{
	return v->op->msgrcv.flg & MSG_COPY;
}

static bool copy_unsupported(const struct view *v)
{
	return copying(v) && !v->w->facts.checkpoint_restore;
}

static bool copy_except(const struct view *v)
{
	return copying(v) && v->op->msgrcv.flg & MSG_EXCEPT;
}

static bool copy_would_wait(const struct view *v)
{
	return copying(v) && !(v->op->msgrcv.flg & IPC_NOWAIT);
}

/* The kernel reads the caller's buffer from its start to size its copy. */
static int64_t copy_room(const struct view *v)
{
	int64_t max = limit_of(v->ns, LIM_msgmax);

	return v->op->msgrcv.size < max ? v->op->msgrcv.size : max;
}

static bool copy_unreadable(const struct view *v)
{
	return copying(v) && !readable(out_place(v->op), (size_t)copy_room(v));
}

static bool too_long(const struct view *v)
{
	const struct message *m = selected_message(v);

	if (!m || v->op->msgrcv.flg & MSG_NOERROR || v->op->msgrcv.size >= (int64_t)m->len)
		return false;
	note(v, "the message has %zu bytes, the caller has room for %lld", m->len,
	     (long long)v->op->msgrcv.size);
	return true;
}

static bool copy_too_long(const struct view *v)
{
	const struct message *m = selected_message(v);

	return copying(v) && m && (int64_t)m->len > copy_room(v);
}

static bool nothing_selected(const struct view *v)
{
	if (!the_queue(v) || selected_message(v))
		return false;
	note(v, "none of %zu messages is selected by type %lld", the_queue(v)->nmsgs,
	     (long long)v->op->msgrcv.typ);
	return true;
}

static bool may_not_wait_to_receive(const struct view *v)
{
	return v->op->msgrcv.flg & IPC_NOWAIT && nothing_selected(v);
}

static const struct rule msgrcv_rules[] = {
	ALIGNED,
	{ "LINUX-ID-NEG-1", EINVAL, negative_id, SHALL, ONCE, false },
	{ "LINUX-MSGRCV-ORD-1", EINVAL, negative_size, SHALL, ONCE, false },
	{ "LINUX-MSG-COPY-2", EINVAL, copy_except, MAY, ONCE, false },
	{ "LINUX-MSG-COPY-1", EINVAL, copy_would_wait, MAY, ONCE, false },
	{ "LINUX-MSG-COPY-8", ENOSYS, copy_unsupported, MAY, ONCE, false },
	{ "LINUX-MSG-COPY-6", EFAULT, copy_unreadable, MAY, ONCE, false },
	{ "MSGRCV-ERR-EINVAL", EINVAL, no_such_id, SHALL, ONCE, false },
	{ "MSGRCV-ERR-EACCES", EACCES, may_not_read, SHALL, RECHECK, false },
	{ "MSGRCV-ERR-E2BIG", E2BIG, too_long, SHALL, RECHECK, false },
	{ "LINUX-MSG-COPY-5", EINVAL, copy_too_long, MAY, ONCE, false },
	{ "MSGRCV-ERR-ENOMSG", ENOMSG, may_not_wait_to_receive, SHALL, ONCE, false },
	{ 0 }
};

static void take_message(struct call *c, struct queue *q, size_t at)
{
	q->cbytes -= (int64_t)q->msgs[at].len;
	q->nmsgs--;
	memmove(&q->msgs[at], &q->msgs[at + 1], (q->nmsgs - at) * sizeof(*q->msgs));
	q->lrpid = c->task->parked && switch_of(c->p, SW_handoff_lrpid) ? c->task->tid : c->task->pid;
	q->rtime = c->w->now;
}

/* Bytes of text that the caller gets of the message. */
static size_t received(const struct op *op, const struct message *m)
{
	uint64_t size = (uint64_t)op->msgrcv.size;

	return m->len < size ? m->len : (size_t)size;
}

static void msgrcv_ends(const struct view *v, struct outcome *out)
{
	const struct message *m = selected_message(v);

	if (!writable(out_place(v->op), 8 + received(v->op, m)))
		*out = (struct outcome){ .how = FAILED, .err = EFAULT };
}

static void msgrcv_commit(struct call *c, struct outcome *out)
{
	const struct view v = view_of(c->w, c->op, c->p, NULL);
	struct queue *q = (struct queue *)c->perm;
	size_t at = selected(&v, q);
	const struct message m = q->msgs[at];
	size_t len = received(c->op, &m);

	msgrcv_ends(&v, out);
	if (!copying(&v))
		take_message(c, q, at);
	if (writable(out_place(c->op), 8))
		put(&out->rec, F_type, m.type);
	/* The message is gone all the same: LINUX-MSGRCV-EFAULT-1. */
	if (out->how != RETURNED)
		return;
	out->value = (int64_t)len;
	out->bytes = m.text;
	out->len = len;
}

const struct action model_msgrcv = {
	.find = FIND_ID, .rules = msgrcv_rules, .waits = nothing_selected, .ends = msgrcv_ends,
	.commit = msgrcv_commit,
};

/* ---- msgctl ----------------------------------------------------------------------------------- */

static const struct rule msgctl_IPC_RMID_rules[] = {
	{ "MSGCTL-ERR-EINVAL", EINVAL, no_such_id, SHALL, ONCE, false },
	{ "MSGCTL-ERR-EPERM-1", EPERM, may_not_control, SHALL, ONCE, false },
	{ 0 }
};

static void msgctl_IPC_RMID_commit(struct call *c, struct outcome *out)
{
	(void)out;
	wake_all(c->w, c->perm, MSG, EIDRM);
	table_remove(c->w, MSG, c->perm);
	queue_free(c->perm);
}

const struct action model_msgctl_IPC_RMID = {
	.find = FIND_ID, .rules = msgctl_IPC_RMID_rules, .commit = msgctl_IPC_RMID_commit,
};

/*
 * The limit that a set asks for; one that was left out stays. Linux passes it through a C int and takes
 * what is negative then for an unsigned long: more than can ever be used up.
 */
static int64_t new_qbytes(const struct view *v)
{
	const struct payload *d = v->op->data;
	int64_t asked = d->set.has & BIT(F_qbytes) ? d->set.qbytes : the_queue(v)->qbytes;

	if (!switch_of(v->p, SW_qbytes_width))
		asked = (int32_t)asked;
	return asked < 0 ? INT64_MAX : asked;
}

/* CAP_SYS_RESOURCE counts in the initial user namespace only: LINUX-MSGCTL-QB-2. */
static bool may_not_raise(const struct view *v)
{
	int64_t free, wanted;

	if (!the_queue(v))
		return false;
	free = switch_of(v->p, SW_qbytes_raise) ? the_queue(v)->qbytes : limit_of(v->ns, LIM_msgmnb);
	wanted = new_qbytes(v);
	note(v, "msg_qbytes %lld is asked for; privilege is needed above %lld", (long long)wanted,
	     (long long)free);
	return wanted > free && !has_cap_initially(v, CAP_SYS_RESOURCE);
}

static const struct rule msgctl_IPC_SET_rules[] = {
	ALIGNED,
	{ "LINUX-MSGCTL-ORD-3", EINVAL, negative_id, SHALL, ONCE, false },
	{ "LINUX-MSGCTL-ORD-1", EFAULT, bad_in, MAY, ONCE, false },
	{ "MSGCTL-ERR-EINVAL", EINVAL, no_such_id, SHALL, ONCE, false },
	{ "MSGCTL-ERR-EPERM-1", EPERM, may_not_control, SHALL, ONCE, false },
	{ "MSGCTL-ERR-EPERM-2", EPERM, may_not_raise, SHALL, ONCE, false },
	{ "LINUX-PERM-SET-1", EINVAL, unmappable, MAY, ONCE, false },
	{ 0 }
};

static void msgctl_IPC_SET_commit(struct call *c, struct outcome *out)
{
	const struct view v = view_of(c->w, c->op, c->p, NULL);

	(void)out;
	perm_set(c);
	((struct queue *)c->perm)->qbytes = new_qbytes(&v);
	requeue(c->w, c->perm, OP_msgrcv);
}

const struct action model_msgctl_IPC_SET = {
	.find = FIND_ID, .rules = msgctl_IPC_SET_rules, .commit = msgctl_IPC_SET_commit,
};

static const struct rule msgctl_IPC_STAT_rules[] = {
	ALIGNED,
	{ "MSGCTL-ERR-EINVAL", EINVAL, no_such_id, SHALL, ONCE, false },
	{ "MSGCTL-ERR-EACCES", EACCES, may_not_read, SHALL, ONCE, false },
	{ "LINUX-MSGCTL-ORD-2", EFAULT, bad_out, MAY, ONCE, false },
	{ 0 }
};

static void msgctl_IPC_STAT_commit(struct call *c, struct outcome *out)
{
	queue_record(c->w, c->perm, &out->rec);
}

const struct action model_msgctl_IPC_STAT = {
	.find = FIND_ID, .rules = msgctl_IPC_STAT_rules, .commit = msgctl_IPC_STAT_commit,
};

#define NOT_POSIX { "MSGCTL-ERR-EINVAL", EINVAL, not_of_posix, MAY, ONCE, true }

static const struct rule msgctl_MSG_STAT_rules[] = {
	ALIGNED,
	NOT_POSIX,
	{ "MSGCTL-ERR-EINVAL", EINVAL, no_such_id, SHALL, ONCE, false },
	{ "MSGCTL-ERR-EACCES", EACCES, may_not_read, SHALL, ONCE, false },
	{ "LINUX-MSGCTL-ORD-2", EFAULT, bad_out, MAY, ONCE, false },
	{ 0 }
};

static void msgctl_MSG_STAT_commit(struct call *c, struct outcome *out)
{
	out->value = c->perm->id;
	queue_record(c->w, c->perm, &out->rec);
}

const struct action model_msgctl_MSG_STAT = {
	.find = FIND_INDEX, .rules = msgctl_MSG_STAT_rules, .commit = msgctl_MSG_STAT_commit,
};

static const struct rule msgctl_MSG_STAT_ANY_rules[] = {
	ALIGNED,
	NOT_POSIX,
	{ "MSGCTL-ERR-EINVAL", EINVAL, no_such_id, SHALL, ONCE, false },
	{ "LINUX-MSGCTL-ORD-2", EFAULT, bad_out, MAY, ONCE, false },
	{ 0 }
};

const struct action model_msgctl_MSG_STAT_ANY = {
	.find = FIND_INDEX, .rules = msgctl_MSG_STAT_ANY_rules, .commit = msgctl_MSG_STAT_commit,
};

static const struct rule msgctl_INFO_rules[] = {
	ALIGNED,
	NOT_POSIX,
	{ "LINUX-MSGCTL-ORD-3", EINVAL, negative_id, SHALL, ONCE, false },
	{ "LINUX-MSGCTL-INFO-1", EFAULT, bad_out, MAY, ONCE, false },
	{ 0 }
};

/* Members that no limit of the namespace governs: compile-time values. */
static void fixed_info(const struct namespace *ns, struct record *rec)
{
	put(rec, F_msgmax, limit_of(ns, LIM_msgmax));
	put(rec, F_msgmnb, limit_of(ns, LIM_msgmnb));
	put(rec, F_msgmni, limit_of(ns, LIM_msgmni));
	put(rec, F_msgssz, 16);
	put(rec, F_msgseg, 65535);
}

static void msgctl_IPC_INFO_commit(struct call *c, struct outcome *out)
{
	out->value = highest_index(c->ns, MSG);
	fixed_info(c->ns, &out->rec);
	put(&out->rec, F_msgpool, 32000 * 16384 / 1024);
	put(&out->rec, F_msgmap, 16384);
	put(&out->rec, F_msgtql, 16384);
}

const struct action model_msgctl_IPC_INFO = {
	.rules = msgctl_INFO_rules, .commit = msgctl_IPC_INFO_commit,
};

static void msgctl_MSG_INFO_commit(struct call *c, struct outcome *out)
{
	const struct table *t = &c->ns->table[MSG];
	int64_t messages = 0, bytes = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct queue *q = (const struct queue *)t->obj[i];

		messages += (int64_t)q->nmsgs;
		bytes += q->cbytes;
	}
	out->value = highest_index(c->ns, MSG);
	fixed_info(c->ns, &out->rec);
	put(&out->rec, F_msgpool, (int64_t)t->n);
	put(&out->rec, F_msgmap, messages);
	put(&out->rec, F_msgtql, bytes);
}

const struct action model_msgctl_MSG_INFO = {
	.rules = msgctl_INFO_rules, .commit = msgctl_MSG_INFO_commit,
};

static const struct rule msgctl_other_rules[] = {
	{ "MSGCTL-ERR-EINVAL", EINVAL, always, SHALL, ONCE, false },
	{ 0 }
};

const struct action model_msgctl_other = { .rules = msgctl_other_rules };

/* ---- what world.c asks of a queue --------------------------------------------------------------- */

struct perm *queue_clone(const struct perm *perm)
{
	const struct queue *q = (const struct queue *)perm;
	struct queue *copy = malloc(sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = *q;
	copy->msgs = NULL;
	copy->cap = 0;
	if (!grow(&copy->msgs, &copy->cap, q->nmsgs + MAXACTORS, sizeof(*q->msgs))) {
		free(copy);
		return NULL;
	}
	if (q->nmsgs)
		memcpy(copy->msgs, q->msgs, q->nmsgs * sizeof(*q->msgs));
	return &copy->perm;
}

void queue_free(struct perm *perm)
{
	free(((struct queue *)perm)->msgs);
	free(perm);
}

void queue_fold(const struct perm *perm, struct sink *s)
{
	const struct queue *q = (const struct queue *)perm;

	fold(s, q->stime);
	fold(s, q->rtime);
	fold(s, q->qbytes);
	fold(s, q->cbytes);
	fold(s, q->lspid);
	fold(s, q->lrpid);
	fold(s, (int64_t)q->nmsgs);
	for (size_t i = 0; i < q->nmsgs; i++) {
		fold(s, q->msgs[i].type);
		fold(s, (int64_t)q->msgs[i].len);
		s->put(s, q->msgs[i].text, q->msgs[i].len);
	}
}

void queue_record(const struct world *w, const struct perm *perm, struct record *rec)
{
	const struct queue *q = (const struct queue *)perm;

	(void)w;
	perm_record(perm, rec);
	put(rec, F_stime, q->stime);
	put(rec, F_rtime, q->rtime);
	put(rec, F_cbytes, q->cbytes);
	put(rec, F_qnum, (int64_t)q->nmsgs);
	put(rec, F_qbytes, q->qbytes);
	put(rec, F_lspid, q->lspid);
	put(rec, F_lrpid, q->lrpid);
}

bool queue_ok(const struct world *w, const struct perm *perm, char *why, size_t size)
{
	const struct queue *q = (const struct queue *)perm;
	int64_t bytes = 0;

	(void)w;
	for (size_t i = 0; i < q->nmsgs; i++) {
		if (q->msgs[i].type < 1)
			return broken(why, size, "queue %lld holds a message of type %lld",
				      (long long)perm->id, (long long)q->msgs[i].type);
		bytes += (int64_t)q->msgs[i].len;
	}
	if (bytes != q->cbytes)
		return broken(why, size, "queue %lld counts %lld bytes and holds %lld",
			      (long long)perm->id, (long long)q->cbytes, (long long)bytes);
	if (q->qbytes < 0)
		return broken(why, size, "queue %lld has a limit of %lld bytes",
			      (long long)perm->id, (long long)q->qbytes);
	return true;
}

bool queue_view(const struct world *w, const struct perm *perm, struct snapshot *s)
{
	const struct queue *q = (const struct queue *)perm;

	(void)w;
	for (size_t i = 0; i < q->nmsgs; i++) {
		struct msgview *m = snapshot_msg(s);

		if (!m)
			return false;
		*m = (struct msgview){ q->msgs[i].type, q->msgs[i].len, q->msgs[i].text };
	}
	return true;
}

/* Messages are not adopted: which they were cannot be told from what is left. */
void queue_adopt(struct perm *perm, const struct objview *seen, const struct snapshot *s)
{
	struct queue *q = (struct queue *)perm;

	(void)s;
	q->stime = seen->rec.v[F_stime];
	q->rtime = seen->rec.v[F_rtime];
	q->qbytes = seen->rec.v[F_qbytes];
	q->lspid = (int)seen->rec.v[F_lspid];
	q->lrpid = (int)seen->rec.v[F_lrpid];
}
