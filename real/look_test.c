/* The state of the namespace is seen whole, with all rights, and looking changes nothing. */
#include "test.h"

static struct snapshot snap, again;

static void look(struct snapshot *to)
{
	snapshot_clear(to);
	ck_assert(real_snapshot(r, to));
}

static void free_snapshots(void)
{
	snapshot_free(&snap);
	snapshot_free(&again);
}

static void is_message(size_t i, int64_t type, const char *words)
{
	ck_assert_int_eq(snap.msg[i].type, type);
	ck_assert_uint_eq(snap.msg[i].len, strlen(words));
	ck_assert_mem_eq(snap.msg[i].text, words, strlen(words));
}

BOX_TEST(an_empty_namespace_has_nothing)
{
	new_run(REAL_SOLO, 1);
	look(&snap);
	ck_assert_uint_eq(snap.nobj, 0);
	end_run();
	free_snapshots();
}

BOX_TEST(objects_come_in_order)
{
	int64_t id[6];

	new_run(REAL_SOLO, 1);
	for (int i = 0; i < 6; i += 3) {
		id[i] = value(op(shmget, A, .size = 5000, .flg = 0600));
		id[i + 1] = value(op(semget, A, .nsems = 2, .flg = 0600));
		id[i + 2] = value(op(msgget, A, .flg = 0600));
	}
	run(op(msgctl_IPC_RMID, A, .id = id[2]));
	id[2] = value(op(msgget, A, .flg = 0600));
	look(&snap);
	ck_assert_uint_eq(snap.nobj, 6);
	for (int i = 0; i < 6; i++)
		ck_assert_int_eq(snap.obj[i].family, i / 2);
	ck_assert_int_eq(snap.obj[0].id, id[5]);
	ck_assert_int_eq(snap.obj[1].id, id[2]);
	ck_assert_int_eq(snap.obj[4].id, id[0]);
	ck_assert_int_eq(snap.obj[4].rec.v[F_segsz], 5000);
	ck_assert_uint_eq(snap.obj[4].rec.has, op_fields(OP_shmctl_SHM_STAT_ANY));
	end_run();
	free_snapshots();
}

/* Whoever looks may read what nobody else may. */
static void messages_are_seen(enum real_mode mode)
{
	int64_t q;

	new_run(mode, 1);
	q = value(op(msgget, A, .flg = 0600));
	run(with(text(5, "first"), msgsnd, A, .id = q));
	run(with(text(6, ""), msgsnd, A, .id = q));
	run(with(text(7, "third one"), msgsnd, A, .id = q));
	look(&snap);
	ck_assert_uint_eq(snap.obj[0].nmsgs, 3);
	is_message(0, 5, "first");
	is_message(1, 6, "");
	is_message(2, 7, "third one");
	ck_assert_int_eq(value(op(msgrcv, A, .id = q, .size = 9)), 5);
	ck_assert_mem_eq(out.bytes, "first", 5);
	end_run();
	free_snapshots();
}

BOX_TEST(messages_are_seen_from_one_process)
{
	messages_are_seen(REAL_SOLO);
}

BOX_TEST(messages_are_seen_from_beside)
{
	messages_are_seen(REAL_PROCESSES);
}

BOX_TEST(modes_hide_nothing)
{
	struct payload d = { .set = { .has = BIT(F_mode) } };
	int64_t q, s;

	new_run(REAL_SOLO, 1);
	q = value(op(msgget, A, .flg = 0600));
	s = value(op(semget, A, .nsems = 1, .flg = 0600));
	run(with(text(5, "x"), msgsnd, A, .id = q));
	run(op(semctl_SETVAL, A, .id = s, .val = 4));
	run(with(&d, msgctl_IPC_SET, A, .id = q));
	run(with(&d, semctl_IPC_SET, A, .id = s));
	look(&snap);
	ck_assert_uint_eq(snap.nobj, 2);
	is_message(0, 5, "x");
	ck_assert_int_eq(snap.sem[0].val, 4);
	ck_assert_int_eq(err(op(msgrcv, A, .id = q, .size = 9)), EACCES);
	end_run();
	free_snapshots();
}

BOX_TEST(semaphores_are_seen)
{
	int64_t s;

	new_run(REAL_PROCESSES, 3);
	s = value(op(semget, A, .nsems = SEMVIEWS + 4, .flg = 0600));
	run(op(semctl_SETVAL, B, .id = s, .num = 1, .val = 4));
	run(op(semctl_SETVAL, B, .id = s, .num = SEMVIEWS + 3, .val = 5));
	ck_assert(blocks(with(sops({ 0, -1, 0 }), semop, A, .id = s)));
	ck_assert(blocks(with(sops({ 1, 0, 0 }), semop, C, .id = s)));
	look(&snap);
	ck_assert_uint_eq(snap.obj[0].nsems, SEMVIEWS + 4);
	ck_assert_int_eq(snap.sem[1].val, 4);
	ck_assert_int_eq(snap.sem[1].pid, real_pid(r, B));
	ck_assert_int_eq(snap.sem[0].pid, 0);
	ck_assert_int_eq(snap.sem[0].ncnt, 1);
	ck_assert_int_eq(snap.sem[0].zcnt, 0);
	ck_assert_int_eq(snap.sem[1].zcnt, 1);
	ck_assert_int_eq(snap.sem[SEMVIEWS + 3].val, 5);
	ck_assert_int_eq(snap.sem[SEMVIEWS + 3].pid, 0);
	end_run();
	free_snapshots();
}

static bool same(const struct snapshot *a, const struct snapshot *b)
{
	return a->nobj == b->nobj && a->nsem == b->nsem && a->nmsg == b->nmsg && a->ntext == b->ntext
		&& !memcmp(a->obj, b->obj, a->nobj * sizeof(*a->obj))
		&& !memcmp(a->sem, b->sem, a->nsem * sizeof(*a->sem))
		&& !memcmp(a->text, b->text, a->ntext);
}

BOX_TEST(looking_changes_nothing)
{
	int64_t q, s, m;

	new_run(REAL_SOLO, 1);
	q = value(op(msgget, A, .flg = 0600));
	s = value(op(semget, A, .nsems = 3, .flg = 0600));
	m = value(op(shmget, A, .size = 4096, .flg = 0600));
	run(with(text(5, "first"), msgsnd, A, .id = q));
	run(with(sops({ 0, 2, 0 }), semop, A, .id = s));
	run(op(shmat, A, .id = m));
	run(op(shmctl_IPC_RMID, A, .id = m));
	look(&snap);
	run(op(tick, -1));
	look(&again);
	ck_assert(same(&snap, &again));
	end_run();
	free_snapshots();
}

BOX_TEST(a_message_that_is_not_shown_is_there)
{
	int64_t q;

	if (!is_root())
		return;
	new_run(REAL_SOLO, 1);
	q = value(op(msgget, A, .flg = 0600));
	run(with(text(5, "long"), msgsnd, A, .id = q));
	run(with(text(6, "x"), msgsnd, A, .id = q));
	run(op(limit, -1, .name = LIM_msgmax, .value = 2));
	look(&snap);
	ck_assert_uint_eq(snap.obj[0].nmsgs, 2);
	ck_assert_int_eq(snap.msg[0].type, 0);
	is_message(1, 6, "x");
	end_run();
	free_snapshots();
}

BOX_TEST(large_messages_and_sets_are_seen_whole)
{
	static unsigned char large[DEF_MSGMAX];
	const struct payload d = { .msg = { 1, sizeof(large), sizeof(large), large } };
	int64_t q;

	new_run(REAL_SOLO, 1);
	memset(large, 'z', sizeof(large));
	q = value(op(msgget, A, .flg = 0600));
	run(op(semget, A, .nsems = DEF_SEMMSL, .flg = 0600));
	run(with(&d, msgsnd, A, .id = q));
	run(with(&d, msgsnd, A, .id = q));
	look(&snap);
	ck_assert_uint_eq(snap.nsem, DEF_SEMMSL);
	ck_assert_uint_eq(snap.msg[1].len, sizeof(large));
	ck_assert_mem_eq(snap.msg[1].text, large, sizeof(large));
	end_run();
	free_snapshots();
}

BOX_TEST(an_object_is_found_by_its_whole_id)
{
	struct record rec;
	int64_t q;

	new_run(REAL_SOLO, 1);
	q = value(op(msgget, A, .flg = 0640));
	ck_assert(look_object(MSG, q, &rec));
	ck_assert_int_eq(rec.v[F_mode], 0640);
	ck_assert(!look_object(MSG, q + IPCMNI, &rec));
	ck_assert(!look_object(MSG, -1, &rec));
	ck_assert(!look_object(SEM, q, &rec));
	end_run();
}

int main(void)
{
	TCase *tc = tcase_create("look");

	add_box_test(tc, an_empty_namespace_has_nothing);
	add_box_test(tc, objects_come_in_order);
	add_box_test(tc, messages_are_seen_from_one_process);
	add_box_test(tc, messages_are_seen_from_beside);
	add_box_test(tc, modes_hide_nothing);
	add_box_test(tc, semaphores_are_seen);
	add_box_test(tc, looking_changes_nothing);
	add_box_test(tc, a_message_that_is_not_shown_is_there);
	add_box_test(tc, large_messages_and_sets_are_seen_whole);
	add_box_test(tc, an_object_is_found_by_its_whole_id);
	return run_tests(tc, "look");
}
