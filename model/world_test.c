/* The state as a whole: copies, equality, hash, the invariant, and what tools see of it. */
#include <signal.h>

#include "test.h"

/* ---- a world with something of everything ------------------------------------------------------ */

static const struct payload three_letters = { .msg = { 5, 3, 3, (const unsigned char *)"abc" } };
static const struct payload too_long = { .msg = { 6, 8, 8, (const unsigned char *)"too long" } };
static const struct sop two_ops[] = { { 0, 2, SEM_UNDO }, { 1, 1, 0 } };
static const struct sop far_down[] = { { 1, -5, 0 } };
static const struct payload raise_both = { .sops = { 2, two_ops } };
static const struct payload lower = {
	.sops = { 1, far_down }, .timeout = { .given = true, .sec = 3, .nsec = 4 },
};
static const struct payload stored = { .bytes = { 4, (const unsigned char *)"data" } };

/* One queue, one set and one segment, all of id 0 and used; B, C and D are asleep, C stopped. */
static void furnish(void)
{
	int64_t addr;

	run(op(msgget, A, .key = 5, .flg = IPC_CREAT | 0666));
	run(with(&three_letters, msgsnd, A));
	run(with(set(.has = BIT(F_qbytes), .qbytes = 7), msgctl_IPC_SET, A));
	run(op(semget, A, .key = 6, .nsems = 2, .flg = IPC_CREAT | 0666));
	run(with(&raise_both, semop, A));
	run(op(shmget, A, .key = 7, .size = 5000, .flg = IPC_CREAT | 0666));
	addr = value(op(shmat, A));
	run(with(&stored, store, A, .addr = addr));
	run(op(shmctl_SHM_LOCK, A));
	w->task[A].cred.groups[0] = 77;
	w->task[A].cred.ngroups = 1;
	ck_assert(blocks(op(msgrcv, B, .typ = 9, .size = 3)));
	ck_assert(blocks(with(&too_long, msgsnd, C)));
	ck_assert(blocks(with(&lower, semtimedop, D)));
	run(op(signal, -1, .to = C, .signo = SIGSTOP));
}

static struct queue *queue_in(struct world *x)
{
	return (struct queue *)by_id(&x->ns[HOME], MSG, 0);
}

static struct semset *set_in(struct world *x)
{
	return (struct semset *)by_id(&x->ns[HOME], SEM, 0);
}

static struct segment *segment_in(struct world *x)
{
	return (struct segment *)by_id(&x->ns[HOME], SHM, 0);
}

static struct world *copy_of(const struct world *x)
{
	struct world *copy = world_clone(x);

	ck_assert_ptr_nonnull(copy);
	return copy;
}

static bool same(const struct world *a, const struct world *b)
{
	bool equal = world_equal(a, b);

	ck_assert_int_eq(equal, world_equal(b, a));
	ck_assert_int_eq(equal, world_hash(a) == world_hash(b));
	return equal;
}

/* ---- copies --------------------------------------------------------------------------------------- */

START_TEST(a_copy_is_equal)
{
	struct world *copy;

	furnish();
	copy = copy_of(w);
	ck_assert(same(w, copy));
	ck_assert(world_ok(copy, NULL, 0));
	world_free(copy);
}
END_TEST

/* What is done to one must not be seen in the other, and each outlives the other. */
START_TEST(a_copy_leads_a_life_of_its_own)
{
	struct world *copy, *again;

	furnish();
	copy = copy_of(w);
	again = copy_of(w);
	run(with(&three_letters, msgsnd, A));
	run(op(semctl_SETVAL, A, .num = 1, .val = 3));
	run(with(&three_letters, store, A, .addr = w->memory[A].attached[0].addr));
	run(op(signal, -1, .to = C, .signo = SIGKILL));
	run(op(msgctl_IPC_RMID, A));
	run(op(semctl_IPC_RMID, A));
	run(op(exit, A));
	ck_assert(same(copy, again));
	world_free(w);
	w = copy;
	ck_assert(same(copy, again));
	world_free(again);
	run(op(signal, -1, .to = C, .signo = SIGCONT));
	ck_assert(asleep(C));
	run(with(&three_letters, msgsnd, A, .flg = IPC_NOWAIT));
	run(op(semctl_SETVAL, A, .num = 1, .val = 5));
	ck_assert_int_eq(woken_err(D), 0);
}
END_TEST

START_TEST(the_same_call_has_the_same_effect_on_a_copy)
{
	const struct op call = op(msgrcv, A, .size = 9);
	struct outcome there, here;
	struct world *copy;

	furnish();
	copy = copy_of(w);
	ck_assert(model_apply(copy, &call, profile, 0, &there));
	here = run(call);
	ck_assert_int_eq(there.how, here.how);
	ck_assert_int_eq(there.value, here.value);
	ck_assert(same(w, copy));
	world_free(copy);
}
END_TEST

/* Where sleepers have changed places more often than steps were made. */
START_TEST(who_falls_asleep_in_a_copy_comes_last)
{
	const struct op sleep = op(msgrcv, A, .size = 9);
	struct outcome out;
	struct world *copy;

	run(op(msgget, ROOT, .flg = 0666));
	for (int i = B; i <= D; i++)
		ck_assert(blocks(op(msgrcv, i, .size = 9)));
	for (int i = 0; i < 9; i++)
		requeue(w, by_id(&w->ns[HOME], MSG, 0), OP_msgrcv);
	copy = copy_of(w);
	ck_assert(model_apply(copy, &sleep, profile, 0, &out));
	for (int i = B; i <= D; i++)
		ck_assert_int_lt(copy->task[i].since, copy->task[A].since);
	world_free(copy);
}
END_TEST

/* Who falls asleep in it comes after those that it was copied with. */
START_TEST(a_copy_goes_on_counting)
{
	const struct op sleep = op(msgrcv, A, .typ = 8, .size = 9), leave = op(unshare_ipc, ROOT);
	struct outcome out;
	struct world *copy;

	furnish();
	run(op(unshare_ipc, ROOT));
	copy = copy_of(w);
	ck_assert(model_apply(copy, &sleep, profile, 0, &out));
	ck_assert(blocks(sleep));
	ck_assert(same(w, copy));
	ck_assert(model_apply(copy, &leave, profile, 0, &out));
	run(leave);
	ck_assert_int_eq(copy->ns[copy->task[ROOT].in.ipc].number, w->ns[w->task[ROOT].in.ipc].number);
	world_free(copy);
}
END_TEST

START_TEST(a_new_world_is_empty_and_right)
{
	struct world *fresh = world_new(&linux_facts);
	struct snapshot s = { 0 };

	ck_assert(world_ok(fresh, NULL, 0));
	ck_assert(model_snapshot(fresh, &s));
	ck_assert_uint_eq(s.nobj, 0);
	for (int i = 0; i < MAXACTORS; i++)
		ck_assert(!world_alive(fresh, i));
	ck_assert_int_eq(model_now(fresh), 1);
	ck_assert(!same(fresh, w));
	world_free(fresh);
	world_free(NULL);
	snapshot_free(&s);
}
END_TEST

/* ---- equality and hash ------------------------------------------------------------------------------ */

/* Member number n of the state, NULL past the last. Counts are odd: flipping a bit makes them smaller. */
static void *member(struct world *x, size_t n, const char **name)
{
	struct queue *q = queue_in(x);
	struct semset *s = set_in(x);
	struct segment *g = segment_in(x);
	struct task *t = x->task;
	struct memory *m = x->memory;
	struct table *table = x->ns[HOME].table;
	const struct { const char *name; void *at; } members[] = {
#define M(member) { #member, &(member) }
		M(x->now), M(x->leads_to[1]), M(x->node[0].linked), M(x->ns[HOME].user),
		M(x->ns[HOME].maker),
		M(table[MSG].next), M(table[MSG].last), M(table[MSG].seq), M(table[MSG].n),
		M(table[SEM].next), M(table[SEM].last), M(table[SEM].seq), M(table[SEM].n),
		M(table[SHM].next), M(table[SHM].last), M(table[SHM].seq), M(table[SHM].n),
		M(q->perm.id), M(q->perm.key), M(q->perm.uid), M(q->perm.gid), M(q->perm.cuid),
		M(q->perm.cgid), M(q->perm.mode), M(q->perm.ctime),
		M(q->stime), M(q->rtime), M(q->qbytes), M(q->cbytes), M(q->lspid), M(q->lrpid),
		M(q->nmsgs), M(q->msgs[0].type), M(q->msgs[0].len),
		M(s->perm.key), M(s->perm.uid), M(s->perm.mode), M(s->perm.ctime),
		M(s->otime), M(s->zeroed), M(s->sems[0].val), M(s->sems[1].val), M(s->sems[0].pid),
		M(s->sems[1].pid),
		M(s->nundos), M(s->undos[0].list), M(s->undos[0].adj[0]), M(s->undos[0].adj[1]),
		M(g->perm.key), M(g->perm.uid), M(g->perm.mode), M(g->perm.ctime),
		M(g->size), M(g->atime), M(g->dtime), M(g->nattch), M(g->cpid), M(g->lpid), M(g->locker),
		M(g->npages), M(g->pages[0].number), M(g->pages[0].bytes[0]), M(g->pages[0].bytes[4095]),
		M(t[A].alive), M(t[A].stopped), M(t[C].stopped), M(t[C].interrupted),
		M(t[A].cred.ruid), M(t[A].cred.euid), M(t[A].cred.suid), M(t[A].cred.fsuid),
		M(t[A].cred.rgid), M(t[A].cred.egid), M(t[A].cred.sgid), M(t[A].cred.fsgid),
		M(t[A].cred.caps), M(t[A].cred.ngroups), M(t[A].cred.groups[0]),
		M(t[A].in.ipc), M(t[A].in.user), M(t[A].in.pid), M(m->files_open),
		M(t[A].pid), M(t[A].tid), M(t[A].memory), M(t[A].undo),
		M(m->nattached), M(m->attached[0].addr), M(m->attached[0].size),
		M(m->attached[0].offset), M(m->attached[0].ns), M(m->attached[0].shmid),
		M(m->attached[0].attach),
		M(m->attached[0].prot), M(m->attached[0].may_write),
		M(m->attached[0].not_inherited), M(m->attached[0].locked), M(m->locks_all),
		M(m->umask), M(m->sockets), M(m->queue[0]),
		M(t[A].rlimit[RLIM_MEMLOCK]), M(t[A].rlimit[RLIM_AS]), M(g->name), M(g->creator),
		M(t[B].parked), M(t[B].call.code), M(t[B].call.v[0]), M(t[B].call.v[1]), M(t[B].call.v[2]),
		M(t[B].call.v[3]), M(t[B].call.v[4]), M(t[D].blocker),
#undef M
	};

	if (n >= sizeof(members) / sizeof(*members))
		return NULL;
	*name = members[n].name;
	return members[n].at;
}

START_TEST(a_change_of_any_member_is_seen)
{
	struct world *copy;
	unsigned char *at;
	const char *name;

	furnish();
	copy = copy_of(w);
	for (size_t n = 0; (at = member(copy, n, &name)); n++) {
		*at ^= 1;
		ck_assert_msg(!world_equal(w, copy), "world_equal does not see %s", name);
		ck_assert_msg(!world_equal(copy, w), "world_equal does not see %s", name);
		ck_assert_msg(world_hash(w) != world_hash(copy), "world_hash does not see %s", name);
		*at ^= 1;
		ck_assert_msg(same(w, copy), "%s", name);
	}
	world_free(copy);
}
END_TEST

/* Of several processes that have a file open. */
START_TEST(who_has_a_file_open_is_seen)
{
	struct memory *last = &w->memory[w->task[B].memory];
	struct world *copy;

	for (int i = A; i <= B; i++) {
		w->memory[w->task[i].memory].sockets = 1;
		w->memory[w->task[i].memory].queue[0] = (struct opened){ 2, 1 };
	}
	copy = copy_of(w);
	last->sockets = 0;
	ck_assert(!same(w, copy));
	last->sockets = 1;
	last->queue[0].node = 0;
	ck_assert(!same(w, copy));
	world_free(copy);
}
END_TEST

START_TEST(a_change_of_any_limit_is_seen)
{
	struct world *copy = copy_of(w);

	for (int i = 0; i < NLIMITS; i++) {
		copy->ns[HOME].limits.v[i]--;
		ck_assert_msg(!same(w, copy), "%s", limitinfo[i].name);
		copy->ns[HOME].limits.v[i]++;
	}
	ck_assert(same(w, copy));
	world_free(copy);
}
END_TEST

/* Where a message or a call's data lies is no state, what it says is. */
START_TEST(texts_count_by_what_they_say)
{
	static const unsigned char twin[] = "abc", other[] = "abd";
	static const struct sop twin_op[] = { { 1, -5, 0 } };
	struct payload twin_of_lower = lower;
	struct world *copy;

	furnish();
	copy = copy_of(w);
	twin_of_lower.sops.v = twin_op;
	queue_in(copy)->msgs[0].text = twin;
	copy->task[D].call.data = &twin_of_lower;
	ck_assert(same(w, copy));
	queue_in(copy)->msgs[0].text = other;
	ck_assert(!same(w, copy));
	world_free(copy);
}
END_TEST

/* Neither the order nor the borders of messages can be changed unseen. */
START_TEST(every_message_counts)
{
	static const struct payload ab = { .msg = { 1, 2, 2, (const unsigned char *)"ab" } };
	static const struct payload cd = { .msg = { 1, 2, 2, (const unsigned char *)"cd" } };
	static const struct payload *const sent[][2] = {
		{ &ab, &ab }, { &ab, &cd }, { &cd, &ab }, { &cd, &cd },
	};
	struct world *of[4];

	run(op(msgget, A, .flg = 0600));
	for (int i = 0; i < 4; i++) {
		struct world *empty = copy_of(w);

		run(with(sent[i][0], msgsnd, A));
		run(with(sent[i][1], msgsnd, A));
		of[i] = w;
		w = empty;
	}
	for (int i = 0; i < 4; i++)
		for (int j = 0; j < 4; j++)
			ck_assert_int_eq(same(of[i], of[j]), i == j);
	for (int i = 0; i < 4; i++)
		world_free(of[i]);
}
END_TEST

/* The last of three is changed. */
START_TEST(every_object_and_every_attachment_counts)
{
	struct world *copy;

	for (int i = 0; i < 3; i++) {
		run(op(msgget, A));
		run(op(semget, A, .nsems = 1));
		run(op(shmget, A, .size = 1, .flg = 0600));
		run(op(shmat, A, .id = i));
	}
	copy = copy_of(w);
	for (enum family f = MSG; f < NFAMILIES; f++) {
		by_id(&copy->ns[HOME], f, 2)->uid++;
		ck_assert(!same(w, copy));
		by_id(&copy->ns[HOME], f, 2)->uid--;
	}
	copy->memory[A].attached[2].addr--;
	ck_assert(!same(w, copy));
	copy->memory[A].attached[2].addr++;
	ck_assert(same(w, copy));
	world_free(copy);
}
END_TEST

START_TEST(who_lives_counts)
{
	struct world *copy = copy_of(w);

	world_task(w, 9, world_cred(w, A));
	world_task(copy, 10, world_cred(w, A));
	ck_assert(!same(w, copy));
	world_task(w, 10, world_cred(w, A));
	world_task(copy, 9, world_cred(w, A));
	ck_assert(same(w, copy));
	copy->task[11] = copy->task[10];
	copy->task[10].alive = false;
	ck_assert(!same(w, copy));
	world_free(copy);
}
END_TEST

START_TEST(what_a_sleeper_was_given_is_seen)
{
	static const struct sop others[] = { { 2, -5, 0 }, { 1, -6, 0 }, { 1, -5, 1 } };
	struct payload changed[] = {
		too_long, too_long, too_long, too_long, too_long,
		lower, lower, lower, lower, lower, lower, lower, lower, lower,
	};
	struct world *copy;

	furnish();
	changed[0].msg.type++;
	changed[1].msg.text = (const unsigned char *)"too bold";
	changed[2].msg.len = changed[2].msg.size = 7;
	changed[3].where = P_READONLY;
	changed[4].msg.size++;
	for (int i = 0; i < 3; i++)
		changed[5 + i].sops.v = &others[i];
	changed[8].timeout.given = false;
	changed[9].timeout.sec++;
	changed[10].timeout.nsec++;
	changed[11].sops.n = 0;
	changed[12].timeout.where = P_NULL;
	changed[13].excess = INT64_C(1) << 32;
	copy = copy_of(w);
	for (int i = 0; i < 14; i++) {
		const struct op *call = &copy->task[i < 5 ? C : D].call;
		const struct payload *real_data = call->data;

		((struct op *)call)->data = &changed[i];
		ck_assert_msg(!same(w, copy), "change %d", i);
		((struct op *)call)->data = real_data;
	}
	ck_assert(same(w, copy));
	world_free(copy);
}
END_TEST

START_TEST(sleepers_count_by_their_order_alone)
{
	struct world *copy;

	furnish();
	copy = copy_of(w);
	copy->task[D].since += 100;
	ck_assert(same(w, copy));
	copy->task[D].since = copy->task[B].since - 1;
	ck_assert(!same(w, copy));
	copy->task[D].since = w->task[B].since;
	copy->task[B].since = w->task[D].since;
	ck_assert(!same(w, copy));
	world_free(copy);
}
END_TEST

START_TEST(sleepers_count_by_who_ties_with_whom)
{
	struct task *t = w->task, *u;
	struct world *copy;

	furnish();
	ck_assert(blocks(op(msgrcv, ROOT, .typ = 9, .size = 3)));
	t[B].tie = t[C].tie = 7;
	t[D].tie = t[ROOT].tie = 8;
	copy = copy_of(w);
	u = copy->task;
	u[B].tie = u[C].tie = 9;
	ck_assert(same(w, copy));
	u[B].tie = u[D].tie = 7;
	u[C].tie = u[ROOT].tie = 8;
	ck_assert(!same(w, copy));
	world_free(copy);
}
END_TEST

START_TEST(what_a_step_answered_is_no_state)
{
	struct world *copy;

	furnish();
	copy = copy_of(w);
	copy->woken ^= 1;
	copy->task[A].result.value++;
	ck_assert(same(w, copy));
	world_free(copy);
}
END_TEST

START_TEST(a_dead_task_has_no_state)
{
	struct world *copy = copy_of(w);

	copy->task[9].cred.euid = 5;
	ck_assert(same(w, copy));
	world_free(copy);
}
END_TEST

/* ---- the invariant ------------------------------------------------------------------------------------ */

static void negative_id_in_table(void)
{
	queue_in(w)->perm.id = -1;
}

static void huge_id(void)
{
	queue_in(w)->perm.id = INT64_C(1) << 31;
}

static void swapped(void)
{
	struct perm **obj = w->ns[HOME].table[MSG].obj, *first = obj[0];

	run(op(msgget, A));
	obj = w->ns[HOME].table[MSG].obj;
	obj[0] = obj[1];
	obj[1] = first;
}

static void one_index_twice(void)
{
	run(op(msgget, A));
	w->ns[HOME].table[MSG].obj[1]->id = IPCMNI;
}

static void one_key_twice(void)
{
	run(op(msgget, A, .key = 8, .flg = IPC_CREAT));
	run(op(msgget, A, .key = 9, .flg = IPC_CREAT));
	w->ns[HOME].table[MSG].obj[2]->key = 5;
}

static void late_key_twice(void)
{
	run(op(msgget, A, .key = 8, .flg = IPC_CREAT));
	run(op(msgget, A, .key = 9, .flg = IPC_CREAT));
	w->ns[HOME].table[MSG].obj[2]->key = 8;
}

static void odd_index_twice(void)
{
	run(op(msgget, A));
	run(op(msgget, A));
	w->ns[HOME].table[MSG].obj[2]->id = w->ns[HOME].table[MSG].obj[1]->id + IPCMNI;
}

static void type_0(void)
{
	queue_in(w)->msgs[0].type = 0;
}

static void bytes_miscounted(void)
{
	queue_in(w)->cbytes++;
}

static void message_shrunk(void)
{
	queue_in(w)->msgs[0].len--;
}

static void negative_qbytes(void)
{
	queue_in(w)->qbytes = -1;
}

static void negative_value(void)
{
	set_in(w)->sems[1].val = -1;
}

static void huge_value(void)
{
	set_in(w)->sems[0].val = 65536;
}

static void huge_adjustment(void)
{
	set_in(w)->undos[0].adj[0] = 32768;
}

static void low_adjustment(void)
{
	set_in(w)->undos[0].adj[0] = -32769;
}

static void debt_of_the_dead(void)
{
	set_in(w)->undos[0].list = 9;
}

static void attaches_miscounted(void)
{
	segment_in(w)->nattch++;
}

static void page_out_of_order(void)
{
	segment_in(w)->pages[0].number = -1;
}

static void attached_to_nothing(void)
{
	w->memory[A].attached[0].shmid = 99;
	segment_in(w)->nattch--;
}

static void attached_to_the_dead(void)
{
	w->task[A].alive = false;
	w->task[B].undo = w->task[A].undo;
}

static void dead_sleeper(void)
{
	w->task[B].alive = false;
}

static void asleep_on_nothing(void)
{
	w->task[B].call.v[0] = 99;
}

static void asleep_without_need(void)
{
	w->task[B].call.v[1] = 5;
}

static void asleep_in_a_set_without_need(void)
{
	set_in(w)->sems[1].val = 5;
}

static void sleepers_miscounted(void)
{
	w->nparked++;
}

static const struct { void (*damage)(void); const char *words; } damages[] = {
	{ negative_id_in_table, "id -1 is not a non-negative int" },
	{ huge_id, "id 2147483648 is not a non-negative int" },
	{ swapped, "id 0 is out of order or its index is used twice" },
	{ one_index_twice, "id 32768 is out of order or its index is used twice" },
	{ one_key_twice, "key 5 names two objects" },
	{ late_key_twice, "key 8 names two objects" },
	{ odd_index_twice, "id 32769 is out of order or its index is used twice" },
	{ type_0, "queue 0 holds a message of type 0" },
	{ bytes_miscounted, "queue 0 counts 4 bytes and holds 3" },
	{ message_shrunk, "queue 0 counts 3 bytes and holds 2" },
	{ negative_qbytes, "queue 0 has a limit of -1 bytes" },
	{ negative_value, "semaphore 1 of set 0 has the value -1" },
	{ huge_value, "semaphore 0 of set 0 has the value 65536" },
	{ huge_adjustment, "set 0 owes undo list 0 the adjustment 32768" },
	{ low_adjustment, "set 0 owes undo list 0 the adjustment -32769" },
	{ debt_of_the_dead, "set 0 owes undo list 9, which nobody has" },
	{ attaches_miscounted, "segment 0 counts 2 attaches and has 1" },
	{ page_out_of_order, "page -1 of segment 0 is out of order" },
	{ attached_to_nothing, "memory 0 has attached segment 99, which is gone" },
	{ attached_to_the_dead, "segments are attached to memory 0, which nobody has" },
	{ dead_sleeper, "task 1 is parked and dead" },
	{ asleep_on_nothing, "task 1 is parked on an object that is gone" },
	{ asleep_without_need, "task 1 is parked in msgrcv and could go on" },
	{ asleep_in_a_set_without_need, "task 3 is parked in semtimedop and could go on" },
	{ sleepers_miscounted, "3 tasks are parked, counted 4" },
};
enum { NDAMAGES = sizeof(damages) / sizeof(*damages) };

START_TEST(the_invariant_refuses_what_is_damaged)
{
	char why[200] = "";

	furnish();
	ck_assert_ptr_null(why_not_ok());
	damages[_i].damage();
	ck_assert(!world_ok(w, why, sizeof(why)));
	ck_assert_str_eq(why, damages[_i].words);
	ck_assert(!world_ok(w, NULL, 0));
}
END_TEST

START_TEST(a_stopped_sleeper_may_well_be_able_to_go_on)
{
	furnish();
	w->task[C].interrupted = false;
	queue_in(w)->qbytes = 99;
	ck_assert_ptr_null(why_not_ok());
}
END_TEST

START_TEST(a_value_of_16_bits_is_whole)
{
	furnish();
	set_in(w)->sems[0].val = UINT16_MAX;
	ck_assert_ptr_null(why_not_ok());
}
END_TEST

/* ---- what tools see --------------------------------------------------------------------------------- */

START_TEST(a_snapshot_shows_every_object_in_order_of_family_and_index)
{
	struct snapshot s = { 0 };

	furnish();
	run(op(msgget, A, .flg = 0600));
	for (int i = 0; i < 3; i++)
		run(with(&three_letters, msgsnd, A, .id = 1));
	ck_assert(model_snapshot(w, &s));
	ck_assert_uint_eq(s.nobj, 4);
	ck_assert(s.obj[0].family == MSG && s.obj[0].id == 0 && s.obj[1].family == MSG && s.obj[1].id == 1);
	ck_assert(s.obj[2].family == SEM && s.obj[3].family == SHM);
	ck_assert_uint_eq(s.obj[0].nmsgs, 1);
	ck_assert_uint_eq(s.obj[1].nmsgs, 3);
	ck_assert_uint_eq(s.obj[1].msgs, 1);
	ck_assert_uint_eq(s.obj[2].nsems, 2);
	ck_assert_int_eq(s.msg[s.obj[0].msgs].type, 5);
	ck_assert_uint_eq(s.msg[s.obj[0].msgs].len, 3);
	ck_assert_mem_eq(s.msg[s.obj[0].msgs].text, "abc", 3);
	ck_assert_int_eq(s.sem[s.obj[2].sems].val, 2);
	ck_assert_int_eq(s.sem[s.obj[2].sems].pid, A + 1);
	ck_assert_int_eq(s.sem[s.obj[2].sems + 1].ncnt, 1);
	ck_assert_int_eq(s.obj[0].rec.v[F_qbytes], 7);
	snapshot_free(&s);
}
END_TEST

START_TEST(a_record_is_what_status_would_say)
{
	struct record rec = { 0 };
	struct outcome out;

	furnish();
	ck_assert(model_record(w, -1, MSG, 0, &rec));
	out = run(op(msgctl_IPC_STAT, A));
	ck_assert_uint_eq(rec.has, out.rec.has);
	ck_assert_mem_eq(rec.v, out.rec.v, sizeof(rec.v));
	ck_assert(!model_record(w, -1, MSG, 1, &rec));
	ck_assert(!model_record(w, -1, MSG, -1, &rec));
}
END_TEST

START_TEST(what_was_seen_of_a_queue_is_adopted)
{
	struct snapshot s = { 0 };
	struct record rec = { 0 };

	furnish();
	ck_assert(model_snapshot(w, &s));
	put(&s.obj[0].rec, F_key, 99);
	put(&s.obj[0].rec, F_uid, 9);
	put(&s.obj[0].rec, F_gid, 10);
	put(&s.obj[0].rec, F_cuid, 11);
	put(&s.obj[0].rec, F_cgid, 12);
	put(&s.obj[0].rec, F_mode, 0640);
	put(&s.obj[0].rec, F_ctime, TIME_ANY);
	put(&s.obj[0].rec, F_qbytes, 5);
	put(&s.obj[0].rec, F_stime, TIME_ANY);
	put(&s.obj[0].rec, F_rtime, TIME_ANY);
	put(&s.obj[0].rec, F_lspid, D + 1);
	put(&s.obj[0].rec, F_lrpid, C + 1);
	ck_assert(model_adopt(w, &s.obj[0], &s));
	ck_assert(model_record(w, -1, MSG, 0, &rec));
	ck_assert_mem_eq(rec.v, s.obj[0].rec.v, sizeof(rec.v));
	ck_assert_ptr_null(why_not_ok());
	s.obj[0].id = 1;
	ck_assert(!model_adopt(w, &s.obj[0], &s));
	snapshot_free(&s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("world");
	TCase *tc = tests_of(s, "copies");

	tcase_add_test(tc, a_copy_is_equal);
	tcase_add_test(tc, a_copy_leads_a_life_of_its_own);
	tcase_add_test(tc, the_same_call_has_the_same_effect_on_a_copy);
	tcase_add_test(tc, a_copy_goes_on_counting);
	tcase_add_test(tc, who_falls_asleep_in_a_copy_comes_last);
	tcase_add_test(tc, a_new_world_is_empty_and_right);
	tc = tests_of(s, "equality");
	tcase_add_test(tc, a_change_of_any_member_is_seen);
	tcase_add_test(tc, who_has_a_file_open_is_seen);
	tcase_add_test(tc, a_change_of_any_limit_is_seen);
	tcase_add_test(tc, texts_count_by_what_they_say);
	tcase_add_test(tc, every_message_counts);
	tcase_add_test(tc, every_object_and_every_attachment_counts);
	tcase_add_test(tc, who_lives_counts);
	tcase_add_test(tc, what_a_sleeper_was_given_is_seen);
	tcase_add_test(tc, sleepers_count_by_their_order_alone);
	tcase_add_test(tc, sleepers_count_by_who_ties_with_whom);
	tcase_add_test(tc, what_a_step_answered_is_no_state);
	tcase_add_test(tc, a_dead_task_has_no_state);
	tc = tests_of(s, "invariant");
	tcase_add_loop_test(tc, the_invariant_refuses_what_is_damaged, 0, NDAMAGES);
	tcase_add_test(tc, a_stopped_sleeper_may_well_be_able_to_go_on);
	tcase_add_test(tc, a_value_of_16_bits_is_whole);
	tc = tests_of(s, "tools");
	tcase_add_test(tc, a_snapshot_shows_every_object_in_order_of_family_and_index);
	tcase_add_test(tc, a_record_is_what_status_would_say);
	tcase_add_test(tc, what_was_seen_of_a_queue_is_adopted);
	return run_suite(s);
}
