/*
 * Random calls. Whatever a model is asked, it answers, stays whole, and judges the same way twice; and
 * where memory runs out it refuses a step and has changed nothing.
 *
 * The link wraps the allocators. A failure prints its seed and the calls that led to it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "test.h"

/* A huge request is to fail, as it does where memory is really short. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

/* ---- allocators that can fail ------------------------------------------------------------------- */

static long allocations_left = -1;	/* until one is refused; negative: none is */
static bool refused;

static bool refuse(void)
{
	if (allocations_left < 0 || allocations_left--)
		return false;
	refused = true;
	return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_malloc(size_t size)
{
	return refuse() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return refuse() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return refuse() ? NULL : __real_realloc(p, size);
}

/* ---- chance ------------------------------------------------------------------------------------- */

static uint64_t chance;

/* splitmix64 */
static uint64_t draw(void)
{
	uint64_t z = chance += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static int64_t below(int64_t n)
{
	return (int64_t)(draw() % (uint64_t)n);
}

static int64_t from_to(int64_t lo, int64_t hi)
{
	uint64_t span = (uint64_t)hi - (uint64_t)lo + 1;

	return (int64_t)((uint64_t)lo + (span ? draw() % span : draw()));
}

static bool one_in(int64_t n)
{
	return below(n) == 0;
}

#define one_of(...) \
	(((const int64_t[]){ __VA_ARGS__ })[below(sizeof((int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t))])

static int64_t extreme(void)
{
	return one_of(INT64_MIN, INT64_MIN + 1, -(INT64_C(1) << 32), INT32_MIN, INT16_MIN, -4096, -1, 0, 1,
		      32767, 32768, 65535, 65536, INT32_MAX, INT64_C(1) << 31, UINT32_MAX,
		      INT64_C(1) << 32, INT64_MAX - 4096, INT64_MAX - 1, INT64_MAX);
}

/* Usually a sensible value; else one of some part of the kind, or anything. */
static int64_t number(enum kind kind, int64_t sensible)
{
	const struct part *parts = kindinfo[kind].parts;
	int64_t n = 0;

	if (!one_in(8))
		return sensible;
	while (parts && parts[n].name)
		n++;
	if (!n || one_in(3))
		return extreme();
	n = below(n);
	return one_in(2) ? from_to(parts[n].lo, parts[n].hi) : one_in(2) ? parts[n].lo : parts[n].hi;
}

/* ---- random arguments ------------------------------------------------------------------------------ */

static unsigned char letters[20000];
static struct arena arena;

static int64_t some_id(enum family f)
{
	const struct table *t = &w->ns[HOME].table[f];
	int64_t id = t->n ? t->obj[below((int64_t)t->n)]->id : below(4);

	return one_in(12) ? id + IPCMNI * from_to(-1, 1) : id;
}

static int64_t some_flags(enum kind kind)
{
	int64_t flags = 0;

	for (const struct part *flag = kindinfo[kind].flags; flag->name; flag++)
		flags |= one_in(3) ? flag->lo : 0;
	if (kind == KIND_GETFLG || kind == KIND_SHMFLG)
		flags |= one_of(0, IPC_CREAT) | one_of(0, 0600, 0666, 0777, 0400, 0222, 0640, 0060, 0006);
	return flags;
}

static int64_t some_address(const struct op *op_)
{
	const struct memory *m = cmemory_of(w, &w->task[op_->actor < 0 ? A : op_->actor]);

	if (m->nattached && !one_in(4)) {
		const struct attachment *a = &m->attached[below((int64_t)m->nattached)];

		return a->addr + one_of(0, 0, 0, 1, 4095, 4096, -4096, a->size - 1, a->size);
	}
	return one_of(0, HOLE, HOLE + 4096, HOLE + 8192, HOLE + 1, HOLE - 4096, HOLE + HOLE_SIZE, 4096);
}

static int64_t some_value_of(enum limit name)
{
	int64_t common = linux_facts.limits.v[name];

	switch (name) {
	case LIM_msgmni:
	case LIM_semmni:
	case LIM_shmmni: return below(7);
	case LIM_msgmax:
	case LIM_msgmnb: return one_of(0, 1, 5, 20, common);
	case LIM_semmsl: return one_of(-1, 0, 2, 5, 40);
	case LIM_semmns: return one_of(0, 5, 20, common);
	case LIM_semopm: return one_of(-1, 0, 1, 2, common);
	case LIM_shmmax:
	case LIM_shmall: return one_of(0, 1, 2, 5000, common);
	default: return one_of(0, 1, 5, 70, IPCMNI - 1, 3 * IPCMNI + 2, INT_MAX);
	}
}

static int64_t argument(const struct op *op_, int i)
{
	enum kind kind = op_kind(op_, i);

	switch (kind) {
	case KIND_KEY: return number(kind, below(4));
	case KIND_GETFLG:
	case KIND_SHMFLG:
	case KIND_SNDFLG:
	case KIND_RCVFLG:
	case KIND_ATFLG: return number(kind, some_flags(kind));
	case KIND_MSGID: return number(kind, some_id(MSG));
	case KIND_SEMID: return number(kind, some_id(SEM));
	case KIND_SHMID: return number(kind, some_id(SHM));
	case KIND_NSEMS: return number(kind, 1 + below(3));
	case KIND_SEMNUM: return number(kind, below(4));
	case KIND_SEMVAL: return number(kind, below(3));
	case KIND_SEGSZ: return number(kind, 1 + below(10000));
	case KIND_MSGTYP: return number(kind, from_to(-3, 3));
	case KIND_MSGSZ: return number(kind, below(12));
	case KIND_ADDR: return number(kind, some_address(op_));
	case KIND_LEN: return below(one_in(8) ? 10000 : 10);
	case KIND_OUT: return one_in(6) ? below(NPLACES) : P_OK;
	case KIND_ACTOR: return below(MAXACTORS);
	case KIND_CLONEFLG: return some_flags(kind);
	case KIND_SIGNO: return one_of(SIGUSR1, SIGUSR1, SIGSTOP, SIGCONT, SIGCONT, SIGKILL);
	case KIND_LIMIT: return below(NLIMITS);
	case KIND_RLIMIT: return below(NRLIMS);
	case KIND_PROT: return below(8);
	case KIND_PTR: return below(NPLACES);
	case KIND_BADPTR: return one_of(P_NULL, P_UNMAPPED);
	case KIND_IPCVER: return below(2);
	case KIND_IPCCALL: return 25 + below(100);
	case KIND_PATH: return below(NPATHS);
	case KIND_FILE: return below(PATH_spare + 1);
	case KIND_HEADER: return below(NDEFINITIONS);
	case KIND_NUMBER: return one_in(8) ? extreme() : one_of(0, 1, 4096, 4097, 8192, 12288, 65536);
	default: return extreme();
	}
}

static void *copied(const void *v, size_t size)
{
	void *copy = arena_alloc(&arena, size);

	ck_assert_ptr_nonnull(copy);
	return size ? memcpy(copy, v, size) : copy;
}

static void some_message(struct payload *d)
{
	d->msg.type = number(KIND_MSGTYP, 1 + below(3));
	d->msg.len = (size_t)below(one_in(20) ? 10000 : 12);
	d->msg.size = one_in(8) ? number(KIND_MSGSZ, below(12)) : (int64_t)d->msg.len;
	d->msg.text = letters + below(100);
}

static void some_sops(struct payload *d)
{
	struct sop v[4];

	d->sops.n = (size_t)below(5);
	for (int i = 0; i < 4; i++)
		v[i] = (struct sop){
			.num = (uint16_t)(one_in(30) ? extreme() : below(4)),
			.op = (int16_t)(one_in(12) ? extreme() : from_to(-2, 2)),
			.flg = (int16_t)one_of(0, 0, 0, IPC_NOWAIT, SEM_UNDO, IPC_NOWAIT | SEM_UNDO, -1),
		};
	d->sops.v = copied(v, d->sops.n * sizeof(*v));
}

static void some_timeout(struct payload *d)
{
	d->timeout.given = one_in(2);
	d->timeout.where = one_in(8) ? (enum place)below(NPLACES) : P_OK;
	d->timeout.sec = one_in(8) ? extreme() : below(3);
	d->timeout.nsec = one_in(8) ? extreme() : below(1000000000);
}

static void some_semvals(struct payload *d)
{
	uint16_t v[5];

	d->vals.n = (size_t)below(6);
	for (int i = 0; i < 5; i++)
		v[i] = (uint16_t)(one_in(12) ? extreme() : below(4));
	d->vals.v = copied(v, d->vals.n * sizeof(*v));
}

static void some_settings(struct payload *d)
{
	d->set.has = draw() & (BIT(F_uid) | BIT(F_gid) | BIT(F_mode) | BIT(F_qbytes));
	d->set.uid = one_of(1000, 1000, 2000, 0, -1, UINT32_MAX);
	d->set.gid = one_of(1000, 1000, 2000, 0, -1, UINT32_MAX);
	d->set.mode = one_of(0666, 0600, 0, 0444, 0222, 07777, draw() & 0777);
	d->set.qbytes = one_of(0, 1, 3, 10, 40, DEF_MSGMNB, DEF_MSGMNB + 1, extreme());
}

static uint32_t somebody(void)
{
	return (uint32_t)one_of(0, 1000, 1000, 2000, 3000);
}

static void some_credentials(struct credset *set)
{
	struct cred c = {
		.ruid = somebody(), .euid = somebody(), .suid = somebody(), .fsuid = somebody(),
		.rgid = somebody(), .egid = somebody(), .sgid = somebody(), .fsgid = somebody(),
		.caps = one_in(2) ? 0 : one_in(2) ? CAPS_ALL : BIT(below(40)),
		.ngroups = (uint32_t)below(MAXGROUPS + 1),
	};

	for (uint32_t i = 0; i < c.ngroups; i++)
		c.groups[i] = somebody();
	*set = (struct credset){ .has = draw() & 0x3ff, .cred = c };
}

static const struct payload *some_payload(void)
{
	struct payload *d = arena_alloc(&arena, sizeof(*d));

	ck_assert_ptr_nonnull(d);
	d->where = one_in(12) ? (enum place)below(NPLACES) : P_OK;
	some_message(d);
	some_sops(d);
	some_timeout(d);
	some_semvals(d);
	some_settings(d);
	some_credentials(&d->cred);
	d->bytes.len = (size_t)below(one_in(8) ? 9000 : 9);
	d->bytes.v = letters;
	return d;
}

/* ---- a random call ---------------------------------------------------------------------------------- */

static bool has_payload(const struct op *op_)
{
	for (int i = 0; i < opinfo[op_->code].nargs; i++)
		if (kindinfo[op_kind(op_, i)].payload)
			return true;
	return false;
}

static struct op any_call(void)
{
	struct op o = { .code = (enum opcode)below(NOPS), .actor = (int)below(MAXACTORS) };

	if ((o.code == OP_exit || o.code == OP_limit || o.code == OP_become) && !one_in(3))
		o.code = OP_msgsnd;
	if (opinfo[o.code].family == ENV)
		o.actor = -1;
	for (int i = 0; i < opinfo[o.code].nargs; i++)
		o.v[i] = argument(&o, i);
	if (o.code == OP_limit && !one_in(8))
		o.limit.value = some_value_of((enum limit)o.limit.name);
	if (o.code == OP_signal && o.signal.signo == SIGKILL && !one_in(4))
		o.signal.signo = SIGUSR1;
	o.data = has_payload(&o) ? some_payload() : NULL;
	return o;
}

/* A call that can be made now. Somebody always lives and is awake, or can be woken by a signal. */
static struct op some_call(void)
{
	struct op o;

	if (!process_lives(w, A + 1))
		world_task(w, A, &(const struct cred){ .euid = 1000, .egid = 1000, .fsgid = 1000 });
	do
		o = any_call();
	while (!model_ready(w, &o, NULL, 0));
	return o;
}

/* ---- a run, and what to do when it fails ---------------------------------------------------------- */

enum { STEPS = 400, USUAL = 64 };

/* In how many worlds each test makes calls. RANDOM_WORLDS in the environment asks for more. */
static uint64_t worlds(void)
{
	const char *asked = getenv("RANDOM_WORLDS");

	return asked ? strtoull(asked, NULL, 10) : (uint64_t)often(USUAL);
}

static struct op history[STEPS];
static int steps;
static uint64_t seed;

static void new_run(uint64_t from)
{
	struct facts facts = linux_facts;

	facts.limits.v[LIM_msgmni] = facts.limits.v[LIM_semmni] = facts.limits.v[LIM_shmmni] = 5;
	facts.limits.v[LIM_semmsl] = 40;
	seed = chance = from;
	facts.initial_userns = !one_in(4);
	facts.checkpoint_restore = !one_in(4);
	steps = 0;
	profile = &profile_linux;
	w = world_new(&facts);
	for (int i = 0; i < 4; i++)
		world_task(w, i, &(struct cred){ 0 });
	w->task[A].cred = w->task[B].cred = user(1000);
	w->task[C].cred = user(2000);
	w->task[D].cred.caps = CAPS_ALL;
}

static void end_run(void)
{
	world_free(w);
	w = NULL;
	arena_free(&arena);
}

/* Prints how it came to this, and ends the test. */
static void give_up(const char *what)
{
	static char buf[1 << 16];
	struct text t = { .buf = buf, .size = sizeof(buf) };

	for (int i = 0; i < steps; i++) {
		text_add(&t, "%d\t", history[i].actor);
		print_op(&t, &history[i], NULL);
		text_puts(&t, "\n");
	}
	fputs(buf, stderr);
	ck_abort_msg("seed %llu, step %d, %s: %s", (unsigned long long)seed, steps, profile->name, what);
}

static void require(bool holds, const char *what)
{
	if (!holds)
		give_up(what);
}

/* ---- what must hold of every state ------------------------------------------------------------------ */

static void check_whole(void)
{
	char why[200];

	if (!world_ok(w, why, sizeof(why)))
		give_up(why);
}

static void check_time(int64_t t)
{
	require(t == TIME_ANY || (t >= 0 && t <= w->now), "a time stamp lies in the future");
}

static void check_pid(int pid)
{
	require(pid >= 0 && pid <= MAXACTORS, "a pid is that of nobody");
}

static void check_queue(const struct queue *q)
{
	int64_t bytes = 0;

	for (size_t i = 0; i < q->nmsgs; i++)
		bytes += (int64_t)q->msgs[i].len;
	require(bytes == q->cbytes, "bytes are not the sum of messages");
	require(q->qbytes >= 0, "msg_qbytes is negative");
	check_time(q->stime);
	check_time(q->rtime);
	check_pid(q->lspid);
	check_pid(q->lrpid);
}

static bool someone_has(int list)
{
	for (int i = 0; i < MAXACTORS; i++)
		if (w->task[i].alive && w->task[i].undo == list)
			return true;
	return false;
}

static void check_set(const struct semset *s)
{
	for (size_t i = 0; i < s->nsems; i++) {
		require(s->sems[i].val >= 0 && s->sems[i].val <= SEMVMX, "a value is out of range");
		if (s->sems[i].pid != PID_ANY)
			check_pid(s->sems[i].pid);
	}
	for (size_t i = 0; i < s->nundos; i++)
		require(someone_has(s->undos[i].list), "adjustments are on a list that nobody has");
	check_time(s->otime);
}

static void check_segment(const struct segment *s)
{
	bool areas = switch_of(profile, SW_areas_count);

	require(s->nattch == (areas ? count_areas : count_attaches)(w, &s->perm),
		"nattch is not the number of attachments");
	require(s->nattch || !(s->perm.mode & SHM_DEST), "a removed segment without attachments lives");
	check_time(s->atime);
	check_time(s->dtime);
	check_pid(s->cpid);
	check_pid(s->lpid);
}

static void check_names(const struct table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		check_time(t->obj[i]->ctime);
		for (size_t j = 0; j < i; j++) {
			require((t->obj[i]->id ^ t->obj[j]->id) & (IPCMNI - 1), "an index is used twice");
			require(!t->obj[i]->key || t->obj[i]->key != t->obj[j]->key, "a key has two objects");
		}
	}
}

/* Every call that sleeps in the queue of an object has to, and nothing would end it. */
static void check_sleepers(void)
{
	for (int i = 0; i < MAXACTORS; i++) {
		const struct task *t = &w->task[i];
		struct view v;

		if (!queued(t))
			continue;
		v = view_of(w, &t->call, profile, NULL);
		require(v.perm != NULL, "a call sleeps on nothing");
		require(action_of(&t->call)->waits(&v), "a sleeping call could go on");
		require(action_of(&t->call)->silent || !first_broken(&v, true), "a sleeper should fail");
	}
}

static void check_namespace(const struct namespace *ns)
{
	const struct table *t = ns->table;

	for (enum family f = MSG; f < NFAMILIES; f++)
		check_names(&t[f]);
	for (size_t i = 0; i < t[MSG].n; i++)
		check_queue((const struct queue *)t[MSG].obj[i]);
	for (size_t i = 0; i < t[SEM].n; i++)
		check_set((const struct semset *)t[SEM].obj[i]);
	for (size_t i = 0; i < t[SHM].n; i++)
		check_segment((const struct segment *)t[SHM].obj[i]);
}

static void check_state(void)
{
	check_whole();
	for (int i = HOME; i < MAXSPACES; i++)
		check_namespace(&w->ns[i]);
	check_sleepers();
}

/* Each sleeping semop is counted once, and a snapshot has everything. */
static void check_snapshot(void)
{
	static struct snapshot s;
	int64_t counted = 0, asleep_in_sets = 0;
	size_t objects = 0;

	snapshot_clear(&s);
	require(model_snapshot(w, &s), "no snapshot");
	for (enum family f = MSG; f < NFAMILIES; f++)
		objects += w->ns[HOME].table[f].n;
	require(s.nobj == objects, "a snapshot lacks an object");
	for (size_t i = 0; i < s.nsem; i++)
		counted += s.sem[i].ncnt + s.sem[i].zcnt;
	for (int i = 0; i < MAXACTORS; i++)
		asleep_in_sets += queued(&w->task[i]) && w->task[i].in.ipc == HOME
			&& opinfo[w->task[i].call.code].family == SEM;
	require(counted == asleep_in_sets, "semncnt and semzcnt are not the number of sleepers");
}

/* Bytes of one that can be read: not of huge pages, of which there are none, nor behind the segment. */
static size_t can_be_read(const struct attachment *a, int64_t at)
{
	const struct segment *s = segment_of(w, a);

	return a->prot & (READABLE | WRITABLE) && !is_huge(w, s)
		&& (uint64_t)(a->offset + at) < round_up((uint64_t)s->size, (uint64_t)w->facts.page);
}

/* What is attached can be read, as far as its protection and its segment go. */
static void check_memory(void)
{
	int64_t addr, size;
	unsigned char byte;

	for (int i = 0; i < MAXACTORS; i++)
		for (int k = 0; model_attachment(w, i, k, &addr, &size); k++)
			require(size > 0 && size % w->facts.page == 0, "a mapping is not whole pages");
	for (int i = 0; i < MAXACTORS; i++)
		for (size_t k = 0; k < cmemory_of(w, &w->task[i])->nattached; k++) {
			const struct attachment *a = &cmemory_of(w, &w->task[i])->attached[k];

			require(model_bytes(w, i, a->addr, &byte, 1) == can_be_read(a, 0), "the first byte");
			require(model_bytes(w, i, a->addr + a->size - 1, &byte, 1)
				== can_be_read(a, a->size - 1), "the last byte");
		}
}

/* ---- what must hold of every step ------------------------------------------------------------------- */

static struct verdict judged(const struct op *o)
{
	struct verdict v;

	model_judge(w, o, profile, &v);
	return v;
}

static int errors_in(struct errset set)
{
	int n = 0;

	for (; set.bits; set.bits &= set.bits - 1)
		n++;
	return n;
}

/* Judges under both standards. Nothing changes, and there is always something that may happen. */
static void check_judgement(const struct op *o, const struct world *twin)
{
	static char buf[4000];
	struct text t = { .buf = buf, .size = sizeof(buf) };
	uint64_t hash = world_hash(w);
	struct verdict v;

	model_judge(w, o, &profile_posix, &v);
	require(v.success || v.errs.bits, "posix allows nothing");
	require(v.success == !v.first, "posix allows success in spite of a failure that shall be");
	require(!v.first || v.errs.bits & UINT32_C(1) << err_bit(v.first), "the first error is not allowed");
	require(!v.waits || v.success, "posix lets a call wait that fails");
	model_judge(w, o, &profile_linux, &v);
	require(errors_in(v.errs) + v.success == 1, "linux allows not exactly one outcome");
	require((v.first == 0) == v.success, "linux allows success in spite of a failure");
	require(!v.success == (model_decider(w, o, &profile_linux) != NULL), "nothing decides");
	model_derive(w, o, &profile_linux, &t);
	require(t.len > 0, "no reason is given");
	model_derive(w, o, &profile_posix, &t);
	require(world_hash(w) == hash && world_equal(w, twin), "a judgement changed the world");
}

static bool same_bytes(const void *a, const void *b, size_t n)
{
	return n == 0 || (a && b && !memcmp(a, b, n));
}

static bool same_outcome(const struct outcome *a, const struct outcome *b)
{
	if (a->how != b->how || a->err != b->err || a->value != b->value || a->rec.has != b->rec.has)
		return false;
	for (int f = 0; f < NFIELDS; f++)
		if (a->rec.has & BIT(f) && a->rec.v[f] != b->rec.v[f])
			return false;
	return a->len == b->len && a->nvals == b->nvals && same_bytes(a->bytes, b->bytes, a->len)
		&& same_bytes(a->vals, b->vals, a->nvals * sizeof(*a->vals));
}

static void check_twin(const struct world *twin, const struct outcome *here, const struct outcome *there)
{
	struct outcome a, b;

	require(same_outcome(here, there), "a copy answers differently");
	for (int i = 0; i < MAXACTORS; i++) {
		bool woken_here = model_woken(w, i, &a);

		require(woken_here == model_woken(twin, i, &b), "a copy wakes others");
		require(!woken_here || same_outcome(&a, &b), "a copy wakes with another outcome");
	}
	require(world_equal(w, twin) && world_hash(w) == world_hash(twin), "a copy ends up differently");
}

static void check_outcome(const struct op *o, int error, bool allowed, const struct outcome *out)
{
	bool rightly = allowed && !error && !profile->without && out->how == RETURNED;

	require(!error || (out->how == FAILED && out->err == error), "the error was not given");
	require(out->how != BLOCKED || op_may_block(o->code), "an operation blocks that cannot");
	require(!allowed || (out->how == BLOCKED) == (o->actor >= 0 && model_parked(w, o->actor) != NULL),
		"blocked and not parked, or the other way round");
	require(!rightly || out->rec.has == op_fields(o->code), "fields are missing");
}

/* An error leaves everything as it was, unless the operation says what it leaves behind. */
static void check_unchanged(const struct op *o, struct world *before)
{
	if (action_of(o)->failed)
		return;
	before->now = w->now;
	require(world_equal(w, before), "a failed call changed something");
}

/* Makes the call on the world and on a copy of it. Error 0 lets it succeed or wait. */
static void step(const struct op *o, int error)
{
	struct world *twin = world_clone(w);
	const struct verdict v = judged(o);
	bool allowed = v.success;
	struct outcome here, there;

	history[steps++] = *o;
	check_judgement(o, twin);
	require(model_apply(w, o, profile, error, &here), "out of memory");
	check_outcome(o, error, allowed, &here);
	require(error || !allowed
			|| (v.waits ? here.how == BLOCKED : here.how == v.end.how && here.err == v.end.err),
		"a call ended in another way than was foretold");
	if (error)
		check_unchanged(o, twin);
	else
		require(model_apply(twin, o, profile, error, &there), "out of memory");
	if (!error)
		check_twin(twin, &here, &there);
	world_free(twin);
}

/* Lets the time of a sleeping call run out, if there is one that has a time. */
static void let_time_pass(void)
{
	int i = (int)below(MAXACTORS);
	const struct op *call = model_parked(w, i);
	struct outcome out;

	if (!call || !queued(&w->task[i]) || call->code != OP_semtimedop || !call->data->timeout.given)
		return;
	model_expire(w, i, profile);
	require(model_woken(w, i, &out) && out.err == EAGAIN, "time does not end a call");
}

/* ---- runs ------------------------------------------------------------------------------------------- */

START_TEST(linux_answers_everything_and_stays_whole)
{
	for (uint64_t n = 0; n < worlds(); n++) {
		new_run((uint64_t)_i << 32 | n);
		while (steps < STEPS) {
			const struct op o = some_call();

			step(&o, judged(&o).first);
			check_state();
			if (one_in(8))
				check_snapshot();
			if (one_in(8))
				check_memory();
			if (one_in(8))
				let_time_pass();
		}
		end_run();
	}
}
END_TEST

/* One of the outcomes that a verdict allows: an error, or 0 for success. */
static int any_of(const struct verdict *v)
{
	int n = (int)below(errors_in(v->errs) + v->success);
	uint32_t bits = v->errs.bits;

	for (int bit = 0; bit < NERRS; bit++)
		if (bits & UINT32_C(1) << bit && n-- == 0)
			return err_at(bit);
	return 0;
}

START_TEST(posix_stays_whole_whatever_allowed_outcome_is_chosen)
{
	for (uint64_t n = 0; n < (worlds() + 3) / 4; n++) {
		new_run((uint64_t)_i << 32 | n);
		profile = &profile_posix;
		while (steps < STEPS) {
			const struct op o = some_call();
			const struct verdict v = judged(&o);

			step(&o, any_of(&v));
			check_state();
		}
		end_run();
	}
}
END_TEST

/* A short run of a subject with one thing changed. */
static void run_subject(const struct profile *subject, uint64_t from)
{
	new_run(from);
	profile = subject;
	while (steps < STEPS / 2) {
		const struct op o = some_call();

		step(&o, judged(&o).first);
		if (!subject->without)
			check_whole();
	}
	end_run();
}

/* Fewer worlds than usual, fewer subjects. */
static bool left_out(uint64_t n)
{
	return n % USUAL >= worlds();
}

START_TEST(a_subject_with_another_switch_answers_and_stays_whole)
{
	struct profile subject = _i & 1 ? profile_posix : profile_linux;
	uint64_t n = 0;

	for (int sw = 0; sw < NSWITCHES; sw++)
		for (int choice = 0; switchinfo[sw].choices[choice]; choice++) {
			uint8_t before = subject.sw[sw];

			if (left_out(n++))
				continue;
			subject.sw[sw] = (uint8_t)choice;
			run_subject(&subject, (uint64_t)_i << 32 | (uint64_t)sw << 16 | (uint64_t)choice);
			subject.sw[sw] = before;
		}
}
END_TEST

START_TEST(a_subject_without_a_rule_answers)
{
	struct profile subject = profile_linux;
	const char *strength;
	uint64_t n = 0;
	int given;

	for (enum opcode code = 0; code < NOPS; code++)
		for (int i = 0; model_rule(code, i, &subject.without, &given, &strength); i++)
			if (!left_out(n++))
				run_subject(&subject,
					    (uint64_t)_i << 32 | (uint64_t)code << 16 | (uint64_t)i);
}
END_TEST

/* An object, but seen differently, as a kernel with faults may show it. Then whoever can go on does. */
static void adopt_something(void)
{
	struct snapshot s = { 0 };
	struct record *rec;

	require(model_snapshot(w, &s), "no snapshot");
	if (s.nobj) {
		struct objview *o = &s.obj[below((int64_t)s.nobj)];

		rec = &o->rec;
		rec->v[F_uid] = one_of(0, 1000, UINT32_MAX);
		rec->v[F_mode] = one_of(0, 0666, 01777, 07777);
		rec->v[F_ctime] = TIME_ANY;
		rec->v[F_qbytes] = one_of(0, 3, INT64_MAX);
		rec->v[F_segsz] = one_of(1, rec->v[F_segsz], 8192);
		rec->v[F_lspid] = rec->v[F_lpid] = below(MAXACTORS + 1);
		for (size_t i = 0; i < o->nsems; i++)
			s.sem[o->sems + i].val = one_of(0, 1, SEMVMX, SEMVMX + 1, UINT16_MAX);
		require(model_adopt(w, o, &s), "an object cannot be adopted");
	}
	snapshot_free(&s);
	step(&op(tick, -1), 0);
}

/* As a harness does that adopts what it saw, however wrong it is. */
START_TEST(any_error_or_success_can_be_forced_and_any_object_adopted)
{
	for (uint64_t n = 0; n < worlds(); n++) {
		new_run((uint64_t)_i << 32 | n);
		while (steps < STEPS / 4) {
			const struct op o = some_call();

			if (one_in(4))
				step(&o, one_in(3) ? err_at((int)below(NERRS)) : 0);
			else
				step(&o, judged(&o).first);
			if (one_in(16))
				adopt_something();
		}
		end_run();
	}
}
END_TEST

/* ---- memory that runs out ----------------------------------------------------------------------------- */

/* From now on the allocation after the next n is refused. */
static void refuse_after(long n)
{
	refused = false;
	allocations_left = n;
}

static void refuse_none(void)
{
	allocations_left = -1;
}

/* Every allocation of the step is refused in turn; then the step is made. */
static void step_in_need(const struct op *o, int error)
{
	struct world *before = world_clone(w);
	struct outcome out;
	bool done = false;

	history[steps++] = *o;
	for (long n = 0; !done; n++) {
		refuse_after(n);
		done = model_apply(w, o, profile, error, &out);
		refuse_none();
		require(done == !refused, "a step though memory ran out, or the other way round");
		require(done || world_equal(w, before), "a refused step changed something");
	}
	world_free(before);
}

static void look_in_need(const struct op *o)
{
	char buf[100];
	struct text t = { .buf = buf, .size = sizeof(buf) };
	struct verdict v;

	refuse_after(0);
	model_judge(w, o, profile, &v);
	model_derive(w, o, profile, &t);
	world_hash(w);
	world_ok(w, NULL, 0);
	refuse_none();
	require(!refused, "looking at a world takes memory");
}

/* Worlds of which nothing can be remembered are not said to be equal. */
static void equal_in_need(const struct world *copy)
{
	bool equal = false;

	for (long n = 0; !equal; n++) {
		refuse_after(n);
		equal = world_equal(w, copy);
		refuse_none();
		require(equal == !refused, "equal though memory ran out, or the other way round");
	}
}

static void clone_in_need(void)
{
	struct world *copy = NULL;

	for (long n = 0; !copy; n++) {
		refuse_after(n);
		copy = world_clone(w);
		refuse_none();
		require(!copy == refused, "a copy though memory ran out, or the other way round");
	}
	require(world_equal(w, copy), "a copy differs");
	equal_in_need(copy);
	world_free(copy);
}

static void snapshot_in_need(void)
{
	bool done = false;

	for (long n = 0; !done; n++) {
		struct snapshot s = { 0 };

		refuse_after(n);
		done = model_snapshot(w, &s);
		refuse_none();
		require(done == !refused, "a snapshot though memory ran out, or the other way round");
		snapshot_free(&s);
	}
}

START_TEST(where_memory_runs_out_a_step_is_refused_and_nothing_changes)
{
	for (uint64_t n = 0; n < worlds() / 4; n++) {
		new_run((uint64_t)_i << 32 | n);
		while (steps < STEPS) {
			const struct op o = some_call();

			look_in_need(&o);
			step_in_need(&o, judged(&o).first);
			check_whole();
			if (one_in(8))
				clone_in_need();
			if (one_in(8))
				snapshot_in_need();
		}
		end_run();
	}
}
END_TEST

/* What chance comes to seldom: bytes are kept, and an object holds what has to be copied. */
START_TEST(where_memory_runs_out_nothing_is_stored)
{
	const struct payload bytes = { .bytes = { 9000, letters } };
	struct op o = op(shmget, D, .key = 7, .size = 9000, .flg = IPC_CREAT);

	new_run(0);
	step_in_need(&o, 0);
	o = op(shmat, D, .id = w->ns[HOME].table[SHM].obj[0]->id);
	step_in_need(&o, 0);
	o = with(&bytes, store, D, .addr = w->memory[D].attached[0].addr);
	step_in_need(&o, 0);
	clone_in_need();
	end_run();
}
END_TEST

START_TEST(where_memory_runs_out_nothing_is_copied_or_shown)
{
	const struct payload message = { .msg = { 1, 9, 9, letters } };
	struct sop up = { 0, 1, SEM_UNDO };
	const struct payload array = { .sops = { 1, &up } };
	const struct op calls[] = {
		op(msgget, A, .flg = 0600),
		with(&message, msgsnd, A, .id = 0), with(&message, msgsnd, A, .id = 0),
		op(semget, A, .nsems = 3, .flg = 0600), with(&array, semop, A, .id = 0),
		with(&array, semop, D, .id = 0), op(shmget, A, .size = 1, .flg = 0600), op(shmat, A, .id = 0),
	};

	new_run(0);
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		require(!judged(&calls[i]).first, "refused");
		step_in_need(&calls[i], 0);
		clone_in_need();
		snapshot_in_need();
	}
	end_run();
}
END_TEST

START_TEST(where_memory_runs_out_there_is_no_fault)
{
	struct fault *fault;
	char why[100];

	refuse_after(0);
	fault = fault_new(&profile_linux, "msgrcv/commit=drop", why, sizeof(why));
	refuse_none();
	ck_assert_ptr_null(fault);
	ck_assert(refused);
	ck_assert_str_eq(why, "out of memory");
}
END_TEST

START_TEST(where_memory_runs_out_there_is_no_new_world)
{
	struct world *fresh;

	refuse_after(0);
	fresh = world_new(&linux_facts);
	refuse_none();
	ck_assert_ptr_null(fresh);
	ck_assert(refused);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("random");
	TCase *tc = tcase_create("calls");

	for (size_t i = 0; i < sizeof(letters); i++)
		letters[i] = (unsigned char)(i * 7);
	tcase_set_timeout(tc, 250);
	tcase_add_loop_test(tc, linux_answers_everything_and_stays_whole, 0, 8);
	tcase_add_loop_test(tc, posix_stays_whole_whatever_allowed_outcome_is_chosen, 0, 4);
	tcase_add_loop_test(tc, a_subject_with_another_switch_answers_and_stays_whole, 0, 2);
	tcase_add_test(tc, a_subject_without_a_rule_answers);
	tcase_add_loop_test(tc, any_error_or_success_can_be_forced_and_any_object_adopted, 0, 4);
	tcase_add_loop_test(tc, where_memory_runs_out_a_step_is_refused_and_nothing_changes, 0, 4);
	tcase_add_test(tc, where_memory_runs_out_nothing_is_stored);
	tcase_add_test(tc, where_memory_runs_out_nothing_is_copied_or_shown);
	tcase_add_test(tc, where_memory_runs_out_there_is_no_new_world);
	tcase_add_test(tc, where_memory_runs_out_there_is_no_fault);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
