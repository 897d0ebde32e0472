/* Runs: what is common to one process that plays everybody and to a process per actor. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

enum progress lost(struct real *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->why, sizeof(r->why), fmt, ap);
	va_end(ap);
	return LOST;
}

int64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t real_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME_COARSE, &t);
	return t.tv_sec;
}

/* ---- opening and closing --------------------------------------------------------------------- */

/* What is free here is free in actors, which are copies of this process. */
static bool hole_is_free(void)
{
	void *p = mmap((void *)(uintptr_t)HOLE, (size_t)HOLE_SIZE, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (p != MAP_FAILED)
		munmap(p, (size_t)HOLE_SIZE);
	return p == (void *)(uintptr_t)HOLE;
}

/* What has to be done once in a box. */
static bool prepare(char *err, size_t errsize)
{
	static bool prepared;

	if (prepared)
		return true;
	if (!box_private()) {
		snprintf(err, errsize, "a run is for processes in a box only");
		return false;
	}
	if (!hole_is_free() || !slot_get(0)) {
		snprintf(err, errsize, "no room in the address space: %s", strerror(errno));
		return false;
	}
	cred_init();
	paths_make();
	prepared = true;
	return true;
}

struct real *real_open(enum real_mode mode, char *err, size_t errsize)
{
	struct real *r;

	if (!prepare(err, errsize))
		return NULL;
	r = low_reserve() ? calloc(1, sizeof(*r)) : NULL;
	if (!r) {
		snprintf(err, errsize, "out of memory");
		return NULL;
	}
	r->mode = mode;
	r->charging = -1;
	if (mode == REAL_PROCESSES || solo_open())
		return r;
	snprintf(err, errsize, "the pad has no guard: %s", strerror(errno));
	free(r);
	return NULL;
}

void real_close(struct real *r)
{
	if (r->mode == REAL_SOLO)
		solo_close(r);
	else
		actors_close(r);
	look_remove_all();
	paths_restore();
	if (r->charging >= 0)
		close(r->charging);
	for (int i = 0; i < MAXACTORS; i++)
		free(r->actor[i].attached);
	free(r);
}

/* ---- actors ---------------------------------------------------------------------------------- */

static struct actor *enter(struct real *r, int actor, const struct cred *cred)
{
	struct actor *a = &r->actor[actor];

	a->cred = *cred;
	a->life = IDLE;
	a->memory = actor;
	a->slot = slot_get(r->mode == REAL_SOLO ? 0 : actor);
	return a;
}

bool real_actor(struct real *r, int actor, const struct cred *cred, char *err, size_t errsize)
{
	enter(r, actor, cred);
	if (r->mode == REAL_SOLO)
		return solo_actor(r, actor, err, errsize);
	return actors_actor(r, actor, err, errsize);
}

int64_t real_pid(const struct real *r, int actor)
{
	return r->actor[actor].life == ABSENT ? -1 : r->actor[actor].tid;
}

/* ---- calls ----------------------------------------------------------------------------------- */

static enum progress conclude_fork(struct real *r, const struct op *op, const struct outcome *out)
{
	const struct actor *parent = &r->actor[op->actor];
	int number = (int)op->v[0];
	struct actor *child;

	if (out->how == FAILED && op->code == OP_clone && (out->err == EPERM || out->err == EINVAL))
		return DONE;
	if (out->how != RETURNED)
		return lost(r, "no process for actor %d: %s", number, strerror(out->err));
	child = enter(r, number, &parent->cred);
	child->pid = child->tid = (pid_t)out->value;
	space_inherit(r, op, number);
	if (op->code == OP_thread) {
		child->pid = parent->pid;
		child->memory = parent->memory;
		attach_keeper(r, number)->moved_in = true;
		return DONE;
	}
	return attach_inherit(r, op->actor, number) ? DONE : lost(r, "out of memory");
}

static enum progress conclude_become(struct real *r, struct actor *a)
{
	const struct slot *s = a->slot;

	if (s->ret) {
		cred_explain((int)s->ret, s->err, r->why, sizeof(r->why));
		return LOST;
	}
	a->cred = s->cred;
	return DONE;
}

/* A system without the call fails with ENOSYS, as a call does that is judged. */
static enum progress conclude_exec(struct real *r, int actor)
{
	struct actor *a = &r->actor[actor];
	const struct slot *s = a->slot;

	if (s->ret == -1)
		return s->err == ENOSYS ? DONE : lost(r, "no exec: %s", strerror(s->err));
	actors_after_exec(r, actor);
	attach_drop(r, actor);
	attach_keeper(r, actor)->files_kept = false;
	return conclude_become(r, a);
}

static enum progress conclude_attach(struct real *r, const struct op *op, int64_t addr)
{
	bool noted;

	if (!visit(r, op->actor))
		return LOST;
	noted = attach_note(r, op, addr);
	if (!visit_end(r))
		return LOST;
	return noted ? DONE : lost(r, "out of memory");
}

enum progress conclude(struct real *r, int actor, struct outcome *out)
{
	struct actor *a = &r->actor[actor];
	const struct op *op = &a->slot->op;

	a->life = IDLE;
	marshal_answer(a->slot, out, a->stray, sizeof(a->stray));
	a->as_new = a->as_new && keep_after(a->slot);
	if (a->slot->fail && (out->how != FAILED || out->err != a->slot->fail))
		return lost(r, "%s could not be made to fail: it is no call of System V IPC, or its actor is "
			    "not confined", opinfo[op->code].name);
	if (op->code == OP_become)
		return conclude_become(r, a);
	if (op->code == OP_exec)
		return conclude_exec(r, actor);
	if (op_makes_actor(op->code))
		return conclude_fork(r, op, out);
	if (out->how != RETURNED)
		return DONE;
	if (opinfo[op->code].result == R_ID && !a->away && !look_note(opinfo[op->code].family, out->value))
		return lost(r, "out of memory");
	space_note(r, op);
	space_pids(a, op->code, out);
	if (opinfo[op->code].result == R_ADDR)
		return conclude_attach(r, op, out->value);
	if (op->code == OP_shmdt)
		attach_forget(r, op);
	return DONE;
}

bool real_needs_process(enum opcode code)
{
	switch (code) {
	case OP_ipc_shmat: case OP_munmap: case OP_mremap: case OP_mprotect: case OP_madvise_DONTFORK:
		return true;
	default:
		return opinfo[code].family == ENV || opinfo[code].family == NODES
			|| (opinfo[code].family == PROC && code != OP_become);
	}
}

static enum progress may_start(struct real *r, const struct op *op)
{
	const struct actor *a = &r->actor[op->actor];

	if (a->life != IDLE)
		return lost(r, "actor %d is %s", op->actor, a->life == BUSY ? "in a call" : "no process");
	if (op_makes_actor(op->code) && r->actor[op->v[0]].life != ABSENT)
		return lost(r, "actor %d, to be forked, is there already", (int)op->v[0]);
	if (r->mode == REAL_SOLO && real_needs_process(op->code)
	    && !(r->files && opinfo[op->code].family == NODES))
		return lost(r, "%s needs a process for each actor", opinfo[op->code].name);
	if (op->code == OP_rlimit && !maps_total(a->tid))
		return lost(r, "how much an actor has mapped cannot be read");
	return attach_check(r, op) ? DONE : LOST;
}

int turn_of_charging(bool alone)
{
	const int64_t end = clock_ms() + WATCHDOG;
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (fd >= 0 && flock(fd, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) && clock_ms() < end)
		sched_yield();
	return fd;
}

void real_through(struct real *r, enum abi abi)
{
	r->abi = abi;
}

void real_inject(struct real *r, const struct injection *i)
{
	r->injection = *i;
}

/* The errno that the call is to fail with, or 0. */
static int injected(struct real *r, const struct op *op)
{
	const struct injection *i = &r->injection;

	if (!i->err || op->code != i->code)
		return 0;
	r->injectable++;
	return !i->nth || i->nth == r->injectable ? i->err : 0;
}

/* Puts op into the slot of its actor. */
static void prepare_call(struct real *r, const struct op *op)
{
	struct slot *s = r->actor[op->actor].slot;

	s->abi = r->abi;
	marshal_call(s, op);
	s->fail = injected(r, op);
	if (op->code == OP_load || op->code == OP_store)
		s->reach = attach_reach(r, op);
	if (op->code == OP_rlimit)
		s->size = op->rlimit.name == RLIM_AS ? maps_total(r->actor[op->actor].tid) : 0;
	if (op->code == OP_become) {
		s->cred = r->actor[op->actor].cred;
		credset_apply(&s->cred, &op->data->cred);
	}
	if (op->code == OP_exec) {
		s->cred = r->actor[op->actor].cred;
		s->cred.suid = s->cred.fsuid = s->cred.euid;
		s->cred.sgid = s->cred.fsgid = s->cred.egid;
	}
	if (opinfo[op->code].family == NODES)
		nodes_begin();
	if (op->code == OP_shmctl_SHM_LOCK && r->charging < 0)
		r->charging = turn_of_charging(true);
	r->calls += opinfo[op->code].family < NFAMILIES;
}

/* What is looked up for a call is looked up where its actor is. */
static enum progress make_ready(struct real *r, const struct op *op)
{
	struct slot *s = r->actor[op->actor].slot;
	enum progress ready;

	if (!visit(r, op->actor))
		return LOST;
	ready = may_start(r, op);
	if (ready == DONE)
		prepare_call(r, op);
	if (!visit_end(r))
		return LOST;
	if (ready == DONE && op->code == OP_setns_ipc && !mail_send(r, (int)op->setns_ipc.other, s))
		return LOST;
	return ready;
}

enum progress real_call(struct real *r, const struct op *op, bool expect_block, struct outcome *out)
{
	r->why[0] = '\0';
	if (opinfo[op->code].family == ENV)
		return env_call(r, op, out);
	if (make_ready(r, op) == LOST)
		return LOST;
	if (op->code == OP_proc_maps)
		return maps_call(r, op, out);
	if (r->mode == REAL_SOLO)
		return solo_call(r, op->actor, out);
	return actors_call(r, op->actor, expect_block, out);
}

enum progress real_wait(struct real *r, int actor, bool expect_end, int deadline_ms, struct outcome *out)
{
	r->why[0] = '\0';
	if (r->mode == REAL_SOLO) {	/* the call was broken off when it fell asleep */
		*out = (struct outcome){ .how = BLOCKED };
		return PARKED;
	}
	return actors_wait(r, actor, expect_end, deadline_ms, out);
}

const char *real_why(const struct real *r)
{
	return r->why;
}

void real_be_patient(struct real *r)
{
	r->patient = true;
}

bool real_timed(const struct real *r)
{
	return r->timed;
}

uint64_t real_calls(const struct real *r)
{
	return r->calls;
}

/* How much of the memory an actor itself can read; nothing while it is in a call. */
static size_t ask_for_bytes(struct real *r, int actor, int64_t addr, unsigned char *buf, size_t len)
{
	struct outcome out = { .how = FAILED };
	const struct op load = { .code = OP_load, .actor = actor, .load = { addr, (int64_t)len } };

	if (r->actor[actor].life != IDLE || real_call(r, &load, false, &out) != DONE || out.how != RETURNED)
		return 0;
	memcpy(buf, out.bytes, out.len);
	return out.len;
}

size_t real_bytes(struct real *r, int actor, int64_t addr, unsigned char *buf, size_t len)
{
	const struct iovec to = { buf, len }, from = { (void *)(uintptr_t)addr, len };
	long n = syscall(SYS_process_vm_readv, (long)r->actor[actor].tid, &to, 1L, &from, 1L, 0L);

	if (n < 0 && errno != EFAULT)
		return ask_for_bytes(r, actor, addr, buf, len);
	return n < 0 ? 0 : (size_t)n;
}
