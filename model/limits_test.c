/* The limits of a namespace. */
#include "test.h"

static int set_limit(enum limit name, int64_t to)
{
	return err(op(limit, -1, .name = name, .value = to));
}

static int64_t read_limit(enum limit name)
{
	return value(op(read_limit, -1, .name = name));
}

START_TEST(limits_are_taken_in_their_range)
{
	static const struct { enum limit name; int64_t from, to; int below, above; } ranges[] = {
		{ LIM_msgmni, 0, IPCMNI, EINVAL, EINVAL },
		{ LIM_msgmax, 0, INT_MAX, EINVAL, EINVAL },
		{ LIM_msgmnb, 0, INT_MAX, EINVAL, EINVAL },
		{ LIM_semmsl, INT_MIN, INT_MAX, EINVAL, EINVAL },
		{ LIM_semmns, INT_MIN, INT_MAX, EINVAL, EINVAL },
		{ LIM_semopm, INT_MIN, INT_MAX, EINVAL, EINVAL },
		{ LIM_semmni, 0, IPCMNI, ERANGE, ERANGE },
		{ LIM_shmmni, 0, IPCMNI, EINVAL, EINVAL },
		{ LIM_shm_rmid_forced, 0, 1, EINVAL, EINVAL },
		{ LIM_msg_next_id, 0, INT_MAX, EINVAL, EINVAL },
		{ LIM_sem_next_id, 0, INT_MAX, EINVAL, EINVAL },
		{ LIM_shm_next_id, 0, INT_MAX, EINVAL, EINVAL },
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
		enum limit name = ranges[i].name;

		ck_assert_int_eq(set_limit(name, ranges[i].from), 0);
		ck_assert_int_eq(set_limit(name, ranges[i].from - 1), ranges[i].below);
		ck_assert_int_eq(limit_of(&w->ns[HOME], name), ranges[i].from);
		ck_assert_int_eq(set_limit(name, ranges[i].to), 0);
		ck_assert_int_eq(set_limit(name, ranges[i].to + 1), ranges[i].above);
		ck_assert_int_eq(set_limit(name, INT64_MAX), EINVAL);
		ck_assert_int_eq(set_limit(name, INT64_MIN), EINVAL);
		ck_assert_int_eq(limit_of(&w->ns[HOME], name), ranges[i].to);
	}
}
END_TEST

START_TEST(limits_of_memory_are_any_number_that_is_not_negative)
{
	static const enum limit wide[] = { LIM_shmmax, LIM_shmall };

	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(set_limit(wide[i], 0), 0);
		ck_assert_int_eq(set_limit(wide[i], INT64_MAX), 0);
		ck_assert_int_eq(set_limit(wide[i], -1), EINVAL);
		ck_assert_int_eq(limit_of(&w->ns[HOME], wide[i]), INT64_MAX);
	}
}
END_TEST

static const char *refusing(enum limit name, int64_t to)
{
	const struct op call = op(limit, -1, .name = name, .value = to);

	return model_decider(w, &call, profile);
}

START_TEST(each_kind_of_limit_has_its_own_rule)
{
	for (enum limit name = 0; name < NLIMITS; name++)
		if (name == LIM_msg_next_id || name == LIM_sem_next_id || name == LIM_shm_next_id)
			ck_assert_str_eq(refusing(name, INT64_MIN), "LINUX-ID-NEXT-5");
		else if (name == LIM_auto_msgmni)
			ck_assert_str_eq(refusing(name, INT64_MIN), "LINUX-LIM-2");
		else
			ck_assert_str_eq(refusing(name, INT64_MIN), "LINUX-LIM-5");
	ck_assert_str_eq(refusing(LIM_msgmni, IPCMNI + 1), "LINUX-LIM-4");
	ck_assert_str_eq(refusing(LIM_shmmni, IPCMNI + 1), "LINUX-LIM-4");
	ck_assert_str_eq(refusing(LIM_msgmax, (int64_t)INT_MAX + 1), "LINUX-LIM-5");
	ck_assert_str_eq(refusing(LIM_semmni, -1), "LINUX-LIM-1");
	ck_assert_str_eq(refusing(LIM_semmni, IPCMNI + 1), "LINUX-LIM-1");
}
END_TEST

START_TEST(the_derivation_tells_the_range)
{
	says(op(limit, -1, .name = LIM_shm_rmid_forced, .value = 2), "shm_rmid_forced takes 0 to 1");
}
END_TEST

START_TEST(auto_msgmni_takes_a_flag_and_stays_0)
{
	ck_assert_int_eq(set_limit(LIM_auto_msgmni, 1), 0);
	ck_assert_int_eq(read_limit(LIM_auto_msgmni), 0);
	ck_assert_int_eq(set_limit(LIM_auto_msgmni, 0), 0);
	ck_assert_int_eq(set_limit(LIM_auto_msgmni, 2), EINVAL);
	ck_assert_int_eq(set_limit(LIM_auto_msgmni, -1), EINVAL);
}
END_TEST

START_TEST(a_limit_is_read_as_it_was_set)
{
	ck_assert_int_eq(set_limit(LIM_semopm, 7), 0);
	ck_assert_int_eq(read_limit(LIM_semopm), 7);
	ck_assert_int_eq(read_limit(LIM_semmni), DEF_SEMMNI);
	ck_assert_int_eq(read_limit(LIM_shm_next_id), -1);
}
END_TEST

/* POSIX knows no limits that could be set. */
START_TEST(a_value_that_posix_lets_pass_is_ignored)
{
	profile = &profile_posix;
	for (enum limit name = 0; name < NLIMITS; name++) {
		int64_t before = limit_of(&w->ns[HOME], name);

		ck_assert_int_eq(set_limit(name, INT64_MIN), 0);
		ck_assert_int_eq(limit_of(&w->ns[HOME], name), before);
	}
	ck_assert_int_eq(set_limit(LIM_semmni, -1), 0);
	ck_assert_int_eq(limit_of(&w->ns[HOME], LIM_semmni), DEF_SEMMNI);
}
END_TEST

/* ---- the four words of kernel.sem --------------------------------------------------------------- */

static int set_words(int64_t semmsl, int64_t semmns, int64_t semopm, int64_t semmni)
{
	return err(op(limit_sem, -1, semmsl, semmns, semopm, semmni));
}

static void have_words(int64_t semmsl, int64_t semmns, int64_t semopm, int64_t semmni)
{
	ck_assert_int_eq(read_limit(LIM_semmsl), semmsl);
	ck_assert_int_eq(read_limit(LIM_semmns), semmns);
	ck_assert_int_eq(read_limit(LIM_semopm), semopm);
	ck_assert_int_eq(read_limit(LIM_semmni), semmni);
}

START_TEST(four_words_are_set_at_once)
{
	ck_assert_int_eq(set_words(INT_MIN, INT_MAX, -3, IPCMNI), 0);
	have_words(INT_MIN, INT_MAX, -3, IPCMNI);
	ck_assert_int_eq(set_words(1, 2, 3, 0), 0);
	have_words(1, 2, 3, 0);
}
END_TEST

START_TEST(a_bad_semmni_leaves_the_other_words_set)
{
	ck_assert_int_eq(set_words(1, 2, 3, IPCMNI + 1), ERANGE);
	have_words(1, 2, 3, DEF_SEMMNI);
	ck_assert_int_eq(set_words(4, 5, 6, -1), ERANGE);
	have_words(4, 5, 6, DEF_SEMMNI);
	ck_assert_int_eq(set_words(7, 8, 9, (int64_t)INT_MAX + 1), EINVAL);
	have_words(7, 8, 9, DEF_SEMMNI);
}
END_TEST

START_TEST(words_from_the_first_bad_one_on_are_not_set)
{
	const int64_t bad = (int64_t)INT_MAX + 1;

	ck_assert_int_eq(set_words(1, 2, bad, 4), EINVAL);
	have_words(1, 2, DEF_SEMOPM, DEF_SEMMNI);
	ck_assert_int_eq(set_words(5, (int64_t)INT_MIN - 1, 7, 8), EINVAL);
	have_words(5, 2, DEF_SEMOPM, DEF_SEMMNI);
	ck_assert_int_eq(set_words(bad, 6, 7, -1), EINVAL);
	have_words(5, 2, DEF_SEMOPM, DEF_SEMMNI);
}
END_TEST

/* ---- shm_rmid_forced ---------------------------------------------------------------------------- */

static int64_t segment(int actor)
{
	return value(op(shmget, actor, .size = 8192, .flg = 0666));
}

static bool lives(int64_t id)
{
	struct record rec;

	return model_record(w, -1, SHM, id, &rec);
}

static void force(bool on)
{
	ck_assert_int_eq(set_limit(LIM_shm_rmid_forced, on), 0);
}

START_TEST(with_forced_removal_the_last_detach_destroys)
{
	int64_t s = segment(A), a;

	force(true);
	a = value(op(shmat, A, .id = s));
	run(op(shmat, B, .id = s, .addr = HOLE));
	run(op(shmdt, A, .addr = a));
	ck_assert(lives(s));
	run(op(munmap, B, .addr = HOLE, .len = 4096));
	ck_assert(lives(s));
	run(op(munmap, B, .addr = HOLE + 4096, .len = 4096));
	ck_assert(!lives(s));
}
END_TEST

START_TEST(with_forced_removal_segments_end_with_their_creator)
{
	int64_t one = segment(A), two = segment(A), three = segment(B), attached = segment(A);

	run(op(shmat, B, .id = attached, .addr = HOLE));
	force(true);
	run(op(fork, A, .child = 9));
	run(op(exit, 9));
	ck_assert(lives(one));
	run(op(exit, A));
	ck_assert(!lives(one));
	ck_assert(!lives(two));
	ck_assert(lives(three));
	ck_assert(lives(attached));
	run(op(shmdt, B, .addr = HOLE));
	ck_assert(!lives(attached));
}
END_TEST

START_TEST(setting_forced_removal_destroys_orphans)
{
	int64_t orphan = segment(A), attached = segment(A), owned = segment(B);

	run(op(shmat, B, .id = attached, .addr = HOLE));
	run(op(exit, A));
	force(false);
	ck_assert(lives(orphan));
	force(true);
	ck_assert(!lives(orphan));
	ck_assert(lives(attached));
	ck_assert(lives(owned));
}
END_TEST

static int attach(int64_t s, int64_t addr, int64_t flg)
{
	return err(op(shmat, C, .id = s, .addr = addr, .flg = flg));
}

START_TEST(with_forced_removal_an_attach_that_finds_no_place_destroys)
{
	int64_t other = segment(A), s = segment(A);

	run(op(shmat, C, .id = other, .addr = HOLE));
	ck_assert_int_eq(attach(s, HOLE, 0), EINVAL);
	ck_assert(lives(s));
	force(true);
	ck_assert_int_eq(attach(s, HOLE + 1, 0), EINVAL);
	ck_assert_int_eq(attach(s, 0, SHM_REMAP), EINVAL);
	ck_assert_int_eq(attach(s, 0, SHM_EXEC), EACCES);
	ck_assert(lives(s));
	ck_assert_int_eq(attach(other, HOLE, 0), EINVAL);
	ck_assert(lives(other));
	ck_assert_int_eq(attach(s, HOLE, 0), EINVAL);
	ck_assert(!lives(s));
}
END_TEST

START_TEST(who_makes_itself_another_namespace_is_no_creator_any_more)
{
	int64_t s = segment(ROOT), kept = segment(A);

	force(true);
	run(op(unshare_ipc, ROOT));
	ck_assert(!lives(s));
	ck_assert(lives(kept));
}
END_TEST

START_TEST(who_joins_another_namespace_stays_the_creator)
{
	const struct cred root = w->task[ROOT].cred;
	int64_t s;

	world_task(w, 9, &root);
	run(op(unshare_ipc, 9));
	s = segment(ROOT);
	force(true);
	run(op(setns_ipc, ROOT, .other = 9));
	ck_assert(lives(s));
	run(op(exit, ROOT));
	ck_assert(!lives(s));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("limits");
	TCase *tc = tests_of(s, "ranges");

	tcase_add_test(tc, limits_are_taken_in_their_range);
	tcase_add_test(tc, limits_of_memory_are_any_number_that_is_not_negative);
	tcase_add_test(tc, each_kind_of_limit_has_its_own_rule);
	tcase_add_test(tc, the_derivation_tells_the_range);
	tcase_add_test(tc, a_value_that_posix_lets_pass_is_ignored);
	tcase_add_test(tc, auto_msgmni_takes_a_flag_and_stays_0);
	tcase_add_test(tc, a_limit_is_read_as_it_was_set);
	tc = tests_of(s, "kernel.sem");
	tcase_add_test(tc, four_words_are_set_at_once);
	tcase_add_test(tc, a_bad_semmni_leaves_the_other_words_set);
	tcase_add_test(tc, words_from_the_first_bad_one_on_are_not_set);
	tc = tests_of(s, "shm_rmid_forced");
	tcase_add_test(tc, with_forced_removal_the_last_detach_destroys);
	tcase_add_test(tc, with_forced_removal_segments_end_with_their_creator);
	tcase_add_test(tc, setting_forced_removal_destroys_orphans);
	tcase_add_test(tc, with_forced_removal_an_attach_that_finds_no_place_destroys);
	tcase_add_test(tc, who_makes_itself_another_namespace_is_no_creator_any_more);
	tcase_add_test(tc, who_joins_another_namespace_stays_the_creator);
	return run_suite(s);
}
