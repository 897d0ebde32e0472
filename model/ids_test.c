/* What names what: ids, their reuse, forced ids, keys and the limits on objects; alike for all families. */
#include <stdio.h>

#include "test.h"

static struct op get(enum family f, int actor, int32_t key, int64_t flg)
{
	if (f == MSG)
		return op(msgget, actor, .key = key, .flg = flg);
	if (f == SEM)
		return op(semget, actor, .key = key, .nsems = 1, .flg = flg);
	return op(shmget, actor, .key = key, .size = 1, .flg = flg);
}

static struct op rmid(enum family f, int64_t id)
{
	if (f == MSG)
		return op(msgctl_IPC_RMID, A, .id = id);
	if (f == SEM)
		return op(semctl_IPC_RMID, A, .id = id);
	return op(shmctl_IPC_RMID, A, .id = id);
}

static struct op stat(enum family f, int64_t id)
{
	if (f == MSG)
		return op(msgctl_IPC_STAT, A, .id = id);
	if (f == SEM)
		return op(semctl_IPC_STAT, A, .id = id);
	return op(shmctl_IPC_STAT, A, .id = id);
}

static struct op stat_index(enum family f, int64_t id)
{
	if (f == MSG)
		return op(msgctl_MSG_STAT, A, .id = id);
	if (f == SEM)
		return op(semctl_SEM_STAT, A, .id = id);
	return op(shmctl_SHM_STAT, A, .id = id);
}

static struct op stat_any(enum family f, int64_t id)
{
	if (f == MSG)
		return op(msgctl_MSG_STAT_ANY, A, .id = id);
	if (f == SEM)
		return op(semctl_SEM_STAT_ANY, A, .id = id);
	return op(shmctl_SHM_STAT_ANY, A, .id = id);
}

static struct op info(enum family f)
{
	if (f == MSG)
		return op(msgctl_IPC_INFO, A);
	if (f == SEM)
		return op(semctl_IPC_INFO, A);
	return op(shmctl_IPC_INFO, A);
}

/* A private object of A. */
static int64_t make(enum family f)
{
	return value(get(f, A, IPC_PRIVATE, 0600));
}

static int64_t make_and_remove(enum family f)
{
	int64_t id = make(f);

	run(rmid(f, id));
	return id;
}

static const enum limit most_of[] = { LIM_msgmni, LIM_semmni, LIM_shmmni };
static const enum limit next_of[] = { LIM_msg_next_id, LIM_sem_next_id, LIM_shm_next_id };

static int set_limit(enum limit name, int64_t to)
{
	return err(op(limit, -1, .name = name, .value = to));
}

static int64_t next_id(enum family f)
{
	return limit_of(&w->ns[HOME], next_of[f]);
}

static void force(enum family f, int64_t id)
{
	ck_assert_int_eq(set_limit(next_of[f], id), 0);
}

/* Every test runs once for each family. */
#define FAMILY ((enum family)_i)

/* ---- automatic ids ------------------------------------------------------------------------------ */

START_TEST(the_first_id_is_0)
{
	ck_assert_int_eq(make(FAMILY), 0);
}
END_TEST

START_TEST(families_count_separately)
{
	for (enum family f = MSG; f < NFAMILIES; f++)
		for (int i = 0; i < 3; i++)
			ck_assert_int_eq(make(f), i);
}
END_TEST

START_TEST(an_index_comes_back_after_64_creations)
{
	for (int seq = 0; seq < 3; seq++)
		for (int idx = 0; idx < 64; idx++)
			ck_assert_int_eq(make_and_remove(FAMILY), seq * IPCMNI + idx);
}
END_TEST

START_TEST(the_window_grows_to_one_and_a_half_of_what_is_in_use)
{
	for (int i = 0; i < 70; i++)
		ck_assert_int_eq(make(FAMILY), i);
	run(rmid(FAMILY, 3));
	for (int i = 70; i < 103; i++)		/* 69 in use: indexes below 103 */
		ck_assert_int_eq(make_and_remove(FAMILY), i);
	ck_assert_int_eq(make(FAMILY), IPCMNI + 3);
}
END_TEST

START_TEST(the_sequence_grows_only_when_the_index_does_not)
{
	make(FAMILY);
	for (int i = 1; i < 64; i++)
		make_and_remove(FAMILY);
	ck_assert_int_eq(make(FAMILY), IPCMNI + 1);
	ck_assert_int_eq(make(FAMILY), IPCMNI + 2);
}
END_TEST

START_TEST(the_sequence_wraps_to_0_after_65534)
{
	w->ns[HOME].table[FAMILY].seq = 65533;
	for (int i = 0; i < 64; i++)
		make_and_remove(FAMILY);
	ck_assert_int_eq(make_and_remove(FAMILY), INT64_C(65534) * IPCMNI);
	for (int i = 1; i < 64; i++)
		make_and_remove(FAMILY);
	ck_assert_int_eq(make(FAMILY), 0);
}
END_TEST

/* The catalogue's recipe for an id, on an array of flags. */
struct recipe { bool used[IPCMNI]; int in_use, next, last, seq; };

static int first_free(const struct recipe *r, int from, int below)
{
	for (; from < below; from++)
		if (!r->used[from])
			return from;
	return -1;
}

static int64_t recipe_id(struct recipe *r)
{
	int window = r->in_use * 3 / 2, idx;

	if (window < 64)
		window = 64;
	if (window > IPCMNI)
		window = IPCMNI;
	idx = first_free(r, r->next, window);
	if (idx < 0)
		idx = first_free(r, 0, window);
	r->next = idx + 1;
	if (idx <= r->last && ++r->seq == 65535)
		r->seq = 0;
	r->last = idx;
	r->used[idx] = true;
	r->in_use++;
	return (int64_t)r->seq * IPCMNI + idx;
}

/* Phases in which more is made than removed, and the other way round. */
START_TEST(long_histories_of_ids_follow_the_recipe)
{
	static struct recipe r;
	const struct table *t = &w->ns[HOME].table[FAMILY];
	uint32_t rnd = 1;

	memset(&r, 0, sizeof(r));
	r.last = -1;
	for (int step = 0; step < often(6000); step++) {
		bool more = step / 500 % 2 == 0;

		rnd = rnd * 1664525 + 1013904223;
		if (!t->n || rnd >> 16 & 3 ? more : !more) {
			ck_assert_int_eq(make(FAMILY), recipe_id(&r));
		} else if (t->n) {
			int64_t id = t->obj[(rnd >> 8) % t->n]->id;

			r.used[id % IPCMNI] = false;
			r.in_use--;
			run(rmid(FAMILY, id));
		}
	}
	ck_assert_uint_gt(r.seq, 0);
}
END_TEST

START_TEST(before_5_2_the_lowest_index_is_taken_and_every_creation_counts)
{
	struct profile old = profile_linux;

	old.sw[SW_id_policy] = 1;
	profile = &old;
	ck_assert_int_eq(make_and_remove(FAMILY), 0);
	ck_assert_int_eq(make_and_remove(FAMILY), 32769 - 1);
	ck_assert_int_eq(make(FAMILY), 2 * IPCMNI);
	ck_assert_int_eq(make(FAMILY), 3 * IPCMNI + 1);
	run(rmid(FAMILY, 2 * IPCMNI));
	ck_assert_int_eq(make(FAMILY), 4 * IPCMNI);
	w->ns[HOME].table[FAMILY].seq = 65535;
	ck_assert_int_eq(make(FAMILY), INT64_C(65535) * IPCMNI + 2);
	ck_assert_int_eq(make(FAMILY), 3);
}
END_TEST

/* ---- forced ids --------------------------------------------------------------------------------- */

START_TEST(a_forced_id_is_given_once)
{
	force(FAMILY, 98309);
	ck_assert_int_eq(make(FAMILY), 98309);
	ck_assert_int_eq(next_id(FAMILY), -1);
	ck_assert_int_eq(make(FAMILY), 0);
	force(FAMILY, 2 * IPCMNI);
	run(rmid(FAMILY, 0));
	ck_assert_int_eq(make(FAMILY), 2 * IPCMNI);
}
END_TEST

START_TEST(id_0_can_be_forced_like_any_other)
{
	make_and_remove(FAMILY);
	force(FAMILY, 0);
	ck_assert_int_eq(make(FAMILY), 0);
	ck_assert_int_eq(next_id(FAMILY), -1);
	ck_assert_int_eq(make(FAMILY), 1);
}
END_TEST

START_TEST(the_highest_id_can_only_be_forced)
{
	force(FAMILY, INT_MAX);
	ck_assert_int_eq(make(FAMILY), INT_MAX);
	ck_assert_int_eq(field(FAMILY, INT_MAX, F_seq), 65535);
}
END_TEST

START_TEST(a_busy_slot_gives_the_next_free_one_with_the_sequence_asked_for)
{
	force(FAMILY, 98309);
	make(FAMILY);
	force(FAMILY, 98309);
	ck_assert_int_eq(make(FAMILY), 98310);
	force(FAMILY, 5);
	ck_assert_int_eq(make(FAMILY), 7);
}
END_TEST

START_TEST(a_forced_id_leaves_cursor_and_sequence_alone)
{
	struct table before;

	for (int i = 0; i < 100; i++)
		make_and_remove(FAMILY);
	before = w->ns[HOME].table[FAMILY];
	force(FAMILY, 7 * IPCMNI + 50);
	make(FAMILY);
	ck_assert_int_eq(w->ns[HOME].table[FAMILY].next, before.next);
	ck_assert_int_eq(w->ns[HOME].table[FAMILY].last, before.last);
	ck_assert_int_eq(w->ns[HOME].table[FAMILY].seq, before.seq);
	ck_assert_int_eq(make(FAMILY), IPCMNI + 36);
}
END_TEST

START_TEST(automatic_ids_pass_over_a_forced_one)
{
	force(FAMILY, 1);
	make(FAMILY);
	ck_assert_int_eq(make(FAMILY), 0);
	ck_assert_int_eq(make(FAMILY), 2);
}
END_TEST

START_TEST(lookups_and_earlier_failures_leave_the_setting_armed)
{
	int64_t id = value(get(FAMILY, A, 5, IPC_CREAT | 0600));

	force(FAMILY, 77);
	ck_assert_int_eq(value(get(FAMILY, A, 5, 0)), id);
	ck_assert_int_eq(err(get(FAMILY, A, 6, 0)), ENOENT);
	ck_assert_int_eq(err(get(FAMILY, A, 5, IPC_CREAT | IPC_EXCL)), EEXIST);
	ck_assert_int_eq(err(get(FAMILY, C, 5, 0400)), EACCES);
	ck_assert_int_eq(set_limit(most_of[FAMILY], 1), 0);
	ck_assert_int_eq(err(get(FAMILY, A, IPC_PRIVATE, 0)), ENOSPC);
	ck_assert_int_eq(next_id(FAMILY), 77);
	ck_assert_int_eq(set_limit(most_of[FAMILY], 2), 0);
	ck_assert_int_eq(make(FAMILY), 77);
}
END_TEST

START_TEST(a_forced_id_with_no_free_index_above_it_is_enospc_and_used_up)
{
	force(FAMILY, IPCMNI - 1);
	ck_assert_int_eq(make(FAMILY), IPCMNI - 1);
	force(FAMILY, IPCMNI - 1);
	ck_assert_int_eq(err(get(FAMILY, A, IPC_PRIVATE, 0600)), ENOSPC);
	ck_assert_int_eq(next_id(FAMILY), -1);
	ck_assert_int_eq(make(FAMILY), 0);
}
END_TEST

START_TEST(the_limit_of_objects_comes_before_the_forced_id)
{
	force(FAMILY, IPCMNI - 1);
	make(FAMILY);
	force(FAMILY, IPCMNI - 1);
	set_limit(most_of[FAMILY], 1);
	ck_assert_int_eq(err(get(FAMILY, A, IPC_PRIVATE, 0600)), ENOSPC);
	ck_assert_int_eq(next_id(FAMILY), IPCMNI - 1);
}
END_TEST

START_TEST(a_next_id_is_an_int_that_is_not_negative)
{
	static const int64_t bad[] = { -1, -2, INT_MIN, INT64_C(1) << 31, INT64_MAX, INT64_MIN };

	force(FAMILY, 9);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_int_eq(set_limit(next_of[FAMILY], bad[i]), EINVAL);
	ck_assert_int_eq(next_id(FAMILY), 9);
}
END_TEST

/* ---- looking an id up --------------------------------------------------------------------------- */

/* Two objects with different sequence numbers that have had index 2. */
static int64_t stale(enum family f)
{
	int64_t old;

	make(f);
	make(f);
	old = make_and_remove(f);
	for (int i = 3; i < 64; i++)
		make_and_remove(f);
	ck_assert_int_eq(make(f), IPCMNI + 2);
	return old;
}

START_TEST(a_stale_id_names_nothing)
{
	int64_t old = stale(FAMILY);

	ck_assert_int_eq(err(stat(FAMILY, old)), EINVAL);
	ck_assert_int_eq(err(rmid(FAMILY, old)), EINVAL);
	ck_assert_int_eq(err(stat(FAMILY, old + IPCMNI)), 0);
	ck_assert_int_eq(err(stat(FAMILY, old + 2 * IPCMNI)), EINVAL);
}
END_TEST

START_TEST(status_by_index_looks_at_the_index_alone_and_returns_the_full_id)
{
	int64_t old = stale(FAMILY);

	for (int64_t seq = 0; seq < 65536; seq += 4369) {
		ck_assert_int_eq(value(stat_index(FAMILY, seq * IPCMNI + old)), IPCMNI + 2);
		ck_assert_int_eq(value(stat_any(FAMILY, seq * IPCMNI + old)), IPCMNI + 2);
	}
	ck_assert_int_eq(err(stat_index(FAMILY, 3)), EINVAL);
	ck_assert_int_eq(err(stat_any(FAMILY, 3)), EINVAL);
	ck_assert_int_eq(run(stat_index(FAMILY, old)).rec.v[F_seq], 1);
}
END_TEST

START_TEST(what_is_no_id_names_nothing)
{
	static const int64_t bad[] = {
		-1, INT_MIN, INT64_MIN, IPCMNI, INT_MAX, INT64_C(1) << 31, INT64_C(1) << 32, INT64_MAX,
	};

	make(FAMILY);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_int_eq(err(stat(FAMILY, bad[i])), EINVAL);
		ck_assert_int_eq(err(rmid(FAMILY, bad[i])), EINVAL);
		if (bad[i] < 0 || bad[i] == INT_MAX) {
			ck_assert_int_eq(err(stat_index(FAMILY, bad[i])), EINVAL);
			ck_assert_int_eq(err(stat_any(FAMILY, bad[i])), EINVAL);
		}
	}
}
END_TEST

START_TEST(a_removed_object_is_einval_at_once)
{
	int64_t id = make_and_remove(FAMILY);

	ck_assert_int_eq(err(stat(FAMILY, id)), EINVAL);
	ck_assert_int_eq(err(rmid(FAMILY, id)), EINVAL);
	ck_assert_int_eq(err(stat_index(FAMILY, id)), EINVAL);
}
END_TEST

START_TEST(an_id_of_another_family_names_nothing)
{
	for (enum family f = MSG; f < NFAMILIES; f++)
		if (f != FAMILY)
			make(f);
	ck_assert_int_eq(err(stat(FAMILY, 0)), EINVAL);
}
END_TEST

START_TEST(info_returns_the_highest_index_in_use)
{
	int64_t id;

	ck_assert_int_eq(value(info(FAMILY)), 0);
	make(FAMILY);
	ck_assert_int_eq(value(info(FAMILY)), 0);
	force(FAMILY, 3 * IPCMNI + 40);
	id = make(FAMILY);
	make(FAMILY);
	ck_assert_int_eq(value(info(FAMILY)), 40);
	run(rmid(FAMILY, id));
	ck_assert_int_eq(value(info(FAMILY)), 1);
}
END_TEST

/* ---- keys ---------------------------------------------------------------------------------------- */

START_TEST(the_private_key_always_creates_and_is_never_found)
{
	ck_assert_int_eq(value(get(FAMILY, A, IPC_PRIVATE, 0)), 0);
	ck_assert_int_eq(value(get(FAMILY, A, IPC_PRIVATE, IPC_CREAT | IPC_EXCL)), 1);
	ck_assert_int_eq(value(get(FAMILY, A, IPC_PRIVATE, IPC_CREAT)), 2);
	ck_assert_int_eq(value(get(FAMILY, C, IPC_PRIVATE, 0777)), 3);
	ck_assert_int_eq(field(FAMILY, 0, F_key), 0);
}
END_TEST

START_TEST(any_other_number_is_a_key)
{
	static const int32_t keys[] = { 1, -1, INT_MAX, INT_MIN, 0x01000000, -2 };

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		ck_assert_int_eq(err(get(FAMILY, A, keys[i], 0)), ENOENT);
		ck_assert_int_eq(value(get(FAMILY, A, keys[i], IPC_CREAT | 0600)), i);
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		ck_assert_int_eq(value(get(FAMILY, A, keys[i], 0)), i);
		ck_assert_int_eq(field(FAMILY, (int64_t)i, F_key), keys[i]);
	}
}
END_TEST

START_TEST(a_key_is_created_found_or_refused_as_the_flags_say)
{
	ck_assert_int_eq(err(get(FAMILY, A, 5, 0600)), ENOENT);
	ck_assert_int_eq(err(get(FAMILY, A, 5, IPC_EXCL | 0600)), ENOENT);
	ck_assert_int_eq(value(get(FAMILY, A, 5, IPC_CREAT | IPC_EXCL | 0600)), 0);
	ck_assert_int_eq(value(get(FAMILY, A, 5, IPC_CREAT | 0600)), 0);
	ck_assert_int_eq(value(get(FAMILY, A, 5, 0600)), 0);
	ck_assert_int_eq(value(get(FAMILY, A, 5, IPC_EXCL | 0600)), 0);
	ck_assert_int_eq(err(get(FAMILY, A, 5, IPC_CREAT | IPC_EXCL | 0600)), EEXIST);
}
END_TEST

START_TEST(eexist_comes_before_eacces)
{
	value(get(FAMILY, A, 5, IPC_CREAT));
	ck_assert_int_eq(err(get(FAMILY, C, 5, IPC_CREAT | 0600)), EACCES);
	ck_assert_int_eq(err(get(FAMILY, C, 5, IPC_CREAT | IPC_EXCL | 0600)), EEXIST);
	profile = &profile_posix;
	ck_assert_uint_eq(judge(get(FAMILY, C, 5, IPC_CREAT | IPC_EXCL | 0600)).errs.bits,
			  errs(EEXIST, EACCES));
}
END_TEST

START_TEST(one_key_can_name_one_object_of_each_family)
{
	for (enum family f = MSG; f < NFAMILIES; f++)
		for (int i = 0; i <= (int)f; i++)
			make(f);
	for (enum family f = MSG; f < NFAMILIES; f++)
		ck_assert_int_eq(value(get(f, A, 5, IPC_CREAT | IPC_EXCL | 0600)), f + 1);
	for (enum family f = MSG; f < NFAMILIES; f++)
		ck_assert_int_eq(value(get(f, A, 5, 0)), f + 1);
}
END_TEST

START_TEST(a_key_is_free_again_after_removal)
{
	run(rmid(FAMILY, value(get(FAMILY, A, 5, IPC_CREAT | 0600))));
	ck_assert_int_eq(err(get(FAMILY, A, 5, 0)), ENOENT);
	ck_assert_int_eq(value(get(FAMILY, A, 5, IPC_CREAT | IPC_EXCL | 0600)), 1);
}
END_TEST

START_TEST(posix_demands_every_error_of_a_get_call)
{
	value(get(FAMILY, A, 5, IPC_CREAT | 0600));
	profile = &profile_posix;
	ck_assert(!judge(get(FAMILY, A, 6, 0600)).success);
	ck_assert(!judge(get(FAMILY, A, 5, IPC_CREAT | IPC_EXCL | 0600)).success);
	ck_assert(!judge(get(FAMILY, C, 5, 0600)).success);
	set_limit(most_of[FAMILY], 1);
	ck_assert(!judge(get(FAMILY, A, IPC_PRIVATE, 0600)).success);
	ck_assert_uint_eq(judge(get(FAMILY, A, IPC_PRIVATE, 0600)).errs.bits, errs(ENOSPC));
}
END_TEST

/* ---- limits ---------------------------------------------------------------------------------------- */

START_TEST(as_many_objects_exist_as_the_limit_allows)
{
	set_limit(most_of[FAMILY], 2);
	ck_assert_int_eq(value(get(FAMILY, A, 5, IPC_CREAT | 0600)), 0);
	make(FAMILY);
	ck_assert_int_eq(err(get(FAMILY, A, IPC_PRIVATE, 0600)), ENOSPC);
	ck_assert_int_eq(err(get(FAMILY, ROOT, 6, IPC_CREAT)), ENOSPC);
	ck_assert_int_eq(value(get(FAMILY, A, 5, IPC_CREAT | 0600)), 0);
	ck_assert_int_eq(err(get(FAMILY, A, 6, 0)), ENOENT);
	run(rmid(FAMILY, 1));
	ck_assert_int_eq(make(FAMILY), 2);
}
END_TEST

START_TEST(a_limit_below_what_exists_removes_nothing)
{
	for (int i = 0; i < 5; i++)
		make(FAMILY);
	ck_assert_int_eq(set_limit(most_of[FAMILY], 0), 0);
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(err(stat(FAMILY, i)), 0);
	ck_assert_int_eq(err(get(FAMILY, A, IPC_PRIVATE, 0600)), ENOSPC);
}
END_TEST

START_TEST(the_limit_of_objects_is_at_most_32768)
{
	int refused = FAMILY == SEM ? ERANGE : EINVAL;

	ck_assert_int_eq(set_limit(most_of[FAMILY], IPCMNI), 0);
	ck_assert_int_eq(set_limit(most_of[FAMILY], 0), 0);
	ck_assert_int_eq(set_limit(most_of[FAMILY], IPCMNI + 1), refused);
	ck_assert_int_eq(set_limit(most_of[FAMILY], -1), refused);
	ck_assert_int_eq(limit_of(&w->ns[HOME], most_of[FAMILY]), 0);
}
END_TEST

START_TEST(a_full_table_has_every_index_in_use)
{
	set_limit(most_of[FAMILY], IPCMNI);
	for (int i = 0; i < IPCMNI; i++) {
		const struct op call = get(FAMILY, A, IPC_PRIVATE, 0600);
		struct outcome out;

		ck_assert(model_apply(w, &call, profile, 0, &out));
	}
	ck_assert_ptr_null(why_not_ok());
	ck_assert_int_eq(value(info(FAMILY)), IPCMNI - 1);
	ck_assert_int_eq(err(get(FAMILY, A, IPC_PRIVATE, 0600)), ENOSPC);
	for (int seq = 0; seq < 2; seq++) {
		run(rmid(FAMILY, seq * IPCMNI + 12345));
		ck_assert_int_eq(make(FAMILY), (seq + 1) * IPCMNI + 12345);
	}
}
END_TEST

/* ---- why --------------------------------------------------------------------------------------------- */

START_TEST(the_derivation_says_what_is_wrong_with_a_name)
{
	static const char *const of[] = { "msg", "sem", "shm" };
	char line[80];

	value(get(FAMILY, A, 5, IPC_CREAT | 0600));
	says(stat(FAMILY, 9), "no object has the id 9\n");
	says(get(FAMILY, A, 6, 0), "the key names nothing and IPC_CREAT is absent\n");
	says(get(FAMILY, A, 5, IPC_CREAT | IPC_EXCL),
	     "the key names object 0, and IPC_CREAT and IPC_EXCL are both given\n");
	set_limit(most_of[FAMILY], 1);
	snprintf(line, sizeof(line), "%smni is 1 and that many objects exist\n", of[FAMILY]);
	says(get(FAMILY, A, 6, IPC_CREAT), line);
	set_limit(most_of[FAMILY], 2);
	force(FAMILY, IPCMNI - 1);
	make(FAMILY);
	set_limit(most_of[FAMILY], 3);
	force(FAMILY, IPCMNI - 1);
	snprintf(line, sizeof(line), "%s_next_id is 32767 and no index is free from there on\n", of[FAMILY]);
	says(get(FAMILY, A, 6, IPC_CREAT), line);
}
END_TEST

#define add_for_each_family(tc, test) tcase_add_loop_test(tc, test, MSG, NFAMILIES)

/* ---- pointers ----------------------------------------------------------------------------------- */

START_TEST(posix_lets_a_system_refuse_what_is_not_aligned)
{
	static const struct sop up = { 0, 1, 0 };
	struct payload odd = { .where = P_ODD, .msg = { 1, 1, 1, (const unsigned char *)"x" } };
	struct payload late = { .sops = { 1, &up }, .timeout = { true, P_ODD, 1, 0 } };
	int64_t q = value(op(msgget, A, .flg = 0600)), s = value(op(semget, A, .nsems = 1, .flg = 0600));

	profile = &profile_posix;
	ck_assert_uint_eq(judge(op(msgctl_IPC_STAT, A, .id = q, .buf = P_ODD)).errs.bits, errs(EFAULT));
	ck_assert_uint_eq(judge(op(msgctl_IPC_STAT, A, .id = q)).errs.bits, 0);
	ck_assert_uint_eq(judge(with(&odd, msgsnd, A, .id = q)).errs.bits, errs(EFAULT));
	odd.where = P_OK;
	ck_assert_uint_eq(judge(with(&odd, msgsnd, A, .id = q)).errs.bits, 0);
	ck_assert_uint_eq(judge(with(&late, semtimedop, A, .id = s)).errs.bits, errs(EFAULT));
	late.timeout.where = P_OK;
	ck_assert_uint_eq(judge(with(&late, semtimedop, A, .id = s)).errs.bits, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ids");
	TCase *tc = tests_of(s, "automatic");

	add_for_each_family(tc, the_first_id_is_0);
	tcase_add_test(tc, families_count_separately);
	add_for_each_family(tc, an_index_comes_back_after_64_creations);
	add_for_each_family(tc, the_window_grows_to_one_and_a_half_of_what_is_in_use);
	add_for_each_family(tc, the_sequence_grows_only_when_the_index_does_not);
	add_for_each_family(tc, the_sequence_wraps_to_0_after_65534);
	add_for_each_family(tc, long_histories_of_ids_follow_the_recipe);
	add_for_each_family(tc, before_5_2_the_lowest_index_is_taken_and_every_creation_counts);
	tc = tests_of(s, "forced");
	add_for_each_family(tc, a_forced_id_is_given_once);
	add_for_each_family(tc, id_0_can_be_forced_like_any_other);
	add_for_each_family(tc, the_highest_id_can_only_be_forced);
	add_for_each_family(tc, a_busy_slot_gives_the_next_free_one_with_the_sequence_asked_for);
	add_for_each_family(tc, a_forced_id_leaves_cursor_and_sequence_alone);
	add_for_each_family(tc, automatic_ids_pass_over_a_forced_one);
	add_for_each_family(tc, lookups_and_earlier_failures_leave_the_setting_armed);
	add_for_each_family(tc, a_forced_id_with_no_free_index_above_it_is_enospc_and_used_up);
	add_for_each_family(tc, the_limit_of_objects_comes_before_the_forced_id);
	add_for_each_family(tc, a_next_id_is_an_int_that_is_not_negative);
	tc = tests_of(s, "lookup");
	add_for_each_family(tc, a_stale_id_names_nothing);
	add_for_each_family(tc, status_by_index_looks_at_the_index_alone_and_returns_the_full_id);
	add_for_each_family(tc, what_is_no_id_names_nothing);
	add_for_each_family(tc, a_removed_object_is_einval_at_once);
	add_for_each_family(tc, an_id_of_another_family_names_nothing);
	add_for_each_family(tc, info_returns_the_highest_index_in_use);
	tc = tests_of(s, "keys");
	add_for_each_family(tc, the_private_key_always_creates_and_is_never_found);
	add_for_each_family(tc, any_other_number_is_a_key);
	add_for_each_family(tc, a_key_is_created_found_or_refused_as_the_flags_say);
	add_for_each_family(tc, eexist_comes_before_eacces);
	tcase_add_test(tc, one_key_can_name_one_object_of_each_family);
	add_for_each_family(tc, a_key_is_free_again_after_removal);
	add_for_each_family(tc, posix_demands_every_error_of_a_get_call);
	tc = tests_of(s, "limits");
	add_for_each_family(tc, as_many_objects_exist_as_the_limit_allows);
	add_for_each_family(tc, a_limit_below_what_exists_removes_nothing);
	add_for_each_family(tc, the_limit_of_objects_is_at_most_32768);
	add_for_each_family(tc, a_full_table_has_every_index_in_use);
	tc = tests_of(s, "pointers");
	tcase_add_test(tc, posix_lets_a_system_refuse_what_is_not_aligned);
	tc = tests_of(s, "why");
	add_for_each_family(tc, the_derivation_says_what_is_wrong_with_a_name);
	return run_suite(s);
}
