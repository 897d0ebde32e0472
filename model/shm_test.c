/* Segments as objects: making, looking at, changing, locking, removing. For attaching: attach_test.c. */
#include "test.h"

enum { PAGE = 4096 };
#define HUGE_SIZE(log2) ((int64_t)(log2) << 26)

static int64_t segment(int actor, int64_t size, int64_t flg)
{
	return value(op(shmget, actor, .size = size, .flg = flg));
}

static int create_err(int actor, int64_t size, int64_t flg)
{
	return err(op(shmget, actor, .size = size, .flg = flg));
}

static int64_t of(int64_t id, enum field which)
{
	return field(SHM, id, which);
}

static bool exists(int64_t id)
{
	struct record rec;

	return model_record(w, -1, SHM, id, &rec);
}

static void become(int actor, struct cred cred)
{
	w->task[actor].cred = cred;
}

static void limit(enum limit which, int64_t value_)
{
	value(op(limit, -1, .name = which, .value = value_));
}

static int64_t attach(int actor, int64_t id)
{
	return value(op(shmat, actor, .id = id));
}

/* ---- shmget: an existing key ------------------------------------------------------------------- */

START_TEST(a_new_segment_starts_as_the_standard_says)
{
	int64_t now = model_now(w), id = segment(C, 5000, 0640);

	ck_assert_int_eq(of(id, F_key), 0);
	ck_assert_int_eq(of(id, F_uid), 2000);
	ck_assert_int_eq(of(id, F_cgid), 2000);
	ck_assert_int_eq(of(id, F_mode), 0640);
	ck_assert_int_eq(of(id, F_ctime), now);
	ck_assert_int_eq(of(id, F_cpid), C + 1);
	ck_assert_int_eq(of(id, F_lpid), 0);
	ck_assert_int_eq(of(id, F_atime), 0);
	ck_assert_int_eq(of(id, F_dtime), 0);
	ck_assert_int_eq(of(id, F_nattch), 0);
}
END_TEST

START_TEST(the_size_is_kept_to_the_byte)
{
	ck_assert_int_eq(of(segment(A, 1, 0600), F_segsz), 1);
	ck_assert_int_eq(of(segment(A, PAGE + 1, 0600), F_segsz), PAGE + 1);
}
END_TEST

START_TEST(a_system_may_round_the_size_to_pages)
{
	struct profile bsd = profile_linux;

	bsd.sw[SW_segsz_rounded] = 1;
	profile = &bsd;
	ck_assert_int_eq(of(segment(A, PAGE + 1, 0600), F_segsz), 2 * PAGE);
	ck_assert_int_eq(of(segment(A, INT64_MAX, 0600 | SHM_NORESERVE), F_segsz), INT64_MAX);
	ck_assert_int_eq(of(segment(A, INT64_MAX - PAGE, 0600 | SHM_NORESERVE), F_segsz),
			 INT64_MAX - PAGE + 1);
}
END_TEST

START_TEST(only_nine_bits_of_the_flag_are_stored)
{
	ck_assert_int_eq(of(segment(A, 1, 0751 | IPC_CREAT | SHM_NORESERVE), F_mode), 0751);
}
END_TEST

START_TEST(an_unknown_key_is_enoent_whatever_the_size)
{
	ck_assert_int_eq(err(op(shmget, A, .key = 7, .size = 0)), ENOENT);
	ck_assert_int_eq(err(op(shmget, A, .key = 7, .size = -1)), ENOENT);
	ck_assert_int_eq(err(op(shmget, A, .key = 7, .size = 1, .flg = IPC_EXCL)), ENOENT);
}
END_TEST

START_TEST(a_key_finds_its_segment)
{
	int64_t other = segment(A, 1, 0);
	int64_t id = value(op(shmget, A, .key = -7, .size = 100, .flg = IPC_CREAT | 0600));

	ck_assert_int_ne(id, other);
	ck_assert_int_eq(value(op(shmget, A, .key = -7, .size = 100)), id);
	ck_assert_int_eq(value(op(shmget, B, .key = -7, .size = 1, .flg = IPC_CREAT | 0600)), id);
	ck_assert_int_eq(value(op(shmget, A, .key = -7, .size = 1, .flg = IPC_EXCL)), id);
}
END_TEST

START_TEST(size_0_matches_any_segment)
{
	int64_t id = value(op(shmget, A, .key = 7, .size = 100, .flg = IPC_CREAT | 0600));

	ck_assert_int_eq(value(op(shmget, A, .key = 7)), id);
}
END_TEST

START_TEST(a_segment_smaller_than_asked_is_einval)
{
	value(op(shmget, A, .key = 7, .size = 100, .flg = IPC_CREAT | 0600));
	ck_assert_int_eq(err(op(shmget, A, .key = 7, .size = 101)), EINVAL);
	ck_assert_int_eq(err(op(shmget, A, .key = 7, .size = -1)), EINVAL);
	ck_assert_int_eq(err(op(shmget, A, .key = 7, .size = PAGE)), EINVAL);
}
END_TEST

START_TEST(for_a_known_key_eexist_then_size_then_permission)
{
	struct op call = op(shmget, C, .key = 7, .size = 101, .flg = IPC_CREAT | IPC_EXCL | 0600);

	value(op(shmget, A, .key = 7, .size = 100, .flg = IPC_CREAT | 0600));
	ck_assert_int_eq(err(call), EEXIST);
	ck_assert_int_eq(err(op(shmget, C, .key = 7, .size = 101, .flg = 0600)), EINVAL);
	ck_assert_int_eq(err(op(shmget, C, .key = 7, .size = 100, .flg = 0600)), EACCES);
	ck_assert_int_eq(err(op(shmget, C, .key = 7, .size = 100)), 0);
}
END_TEST

START_TEST(posix_leaves_the_order_open)
{
	struct op call = op(shmget, C, .key = 7, .size = 101, .flg = IPC_CREAT | IPC_EXCL | 0600);

	value(op(shmget, A, .key = 7, .size = 100, .flg = IPC_CREAT | 0600));
	profile = &profile_posix;
	ck_assert_uint_eq(judge(call).errs.bits, errs(EEXIST, EINVAL, EACCES));
}
END_TEST

START_TEST(a_lower_shmmax_does_not_close_a_larger_segment)
{
	int64_t id = value(op(shmget, A, .key = 7, .size = 100, .flg = IPC_CREAT | 0600));

	limit(LIM_shmmax, 50);
	ck_assert_int_eq(value(op(shmget, A, .key = 7, .size = 100)), id);
	ck_assert_int_eq(create_err(A, 51, 0600), EINVAL);
	ck_assert_int_eq(create_err(A, 50, 0600), 0);
}
END_TEST

/* ---- shmget: creation -------------------------------------------------------------------------- */

START_TEST(a_size_outside_1_to_shmmax_is_einval)
{
	ck_assert_int_eq(create_err(A, 0, 0600), EINVAL);
	ck_assert_int_eq(create_err(A, -1, 0600), EINVAL);
	ck_assert_int_eq(create_err(A, 1, 0600), 0);
}
END_TEST

START_TEST(a_size_of_2_to_the_63_is_einval_even_within_shmmax)
{
	ck_assert_int_eq(create_err(A, INT64_MIN, 0600), EINVAL);
	ck_assert_int_eq(create_err(A, INT64_MIN, 0600 | SHM_NORESERVE), EINVAL);
}
END_TEST

START_TEST(a_size_that_no_machine_can_promise_is_enomem)
{
	ck_assert_int_eq(create_err(A, (int64_t)1 << 62, 0600), ENOMEM);
	ck_assert_int_eq(create_err(A, ((int64_t)1 << 46) + 1, 0600), ENOMEM);
	ck_assert_int_eq(create_err(A, (int64_t)1 << 46, 0600), 0);
	profile = &profile_posix;
	ck_assert_uint_eq(judge(op(shmget, A, .size = (int64_t)1 << 62)).errs.bits, errs(ENOMEM));
	ck_assert(!judge(op(shmget, A, .size = (int64_t)1 << 62)).success);
}
END_TEST

START_TEST(shm_noreserve_asks_for_no_promise)
{
	int64_t id = value(op(shmget, A, .key = 7, .size = INT64_MAX, .flg = IPC_CREAT | SHM_NORESERVE));

	ck_assert_int_eq(of(id, F_segsz), INT64_MAX);
	ck_assert_int_eq(value(op(shmget, A, .key = 7, .size = INT64_MAX)), id);
}
END_TEST

START_TEST(shm_noreserve_is_ignored_where_nothing_is_promised_in_excess)
{
	w->facts.noreserve = false;
	ck_assert_int_eq(create_err(A, INT64_MAX, SHM_NORESERVE), ENOMEM);
	ck_assert_int_eq(create_err(A, 4096, SHM_NORESERVE), 0);
	ck_assert_int_eq(create_err(ROOT, 1, SHM_HUGETLB | SHM_NORESERVE), 0);
}
END_TEST

START_TEST(pages_above_shmall_are_enospc)
{
	limit(LIM_shmall, 3);
	segment(A, PAGE + 1, 0600);
	ck_assert_int_eq(create_err(A, PAGE + 1, 0600), ENOSPC);
	ck_assert_int_eq(create_err(A, PAGE, 0600), 0);
	ck_assert_int_eq(create_err(A, 1, 0600), ENOSPC);
}
END_TEST

START_TEST(posix_does_not_know_shmall)
{
	limit(LIM_shmall, 0);
	profile = &profile_posix;
	ck_assert_uint_eq(judge(op(shmget, A, .size = 1)).errs.bits, errs(ENOMEM));
	ck_assert(judge(op(shmget, A, .size = 1)).success);
}
END_TEST

START_TEST(creation_tells_size_then_shmall_then_memory_then_number)
{
	limit(LIM_shmall, 1);
	limit(LIM_shmmni, 0);
	ck_assert_int_eq(create_err(A, 0, 0600), EINVAL);
	ck_assert_int_eq(create_err(A, INT64_MIN, 0600), ENOSPC);
	ck_assert_int_eq(create_err(A, (int64_t)1 << 62, 0600), ENOSPC);
	limit(LIM_shmall, INT64_MAX);
	ck_assert_int_eq(create_err(A, INT64_MIN, 0600), EINVAL);
	ck_assert_int_eq(create_err(A, (int64_t)1 << 62, 0600), ENOMEM);
	ck_assert_int_eq(create_err(A, 1, 0600), ENOSPC);
}
END_TEST

START_TEST(sizes_that_add_up_to_more_than_64_bits_are_enospc)
{
	w->facts.page = 1;
	segment(A, INT64_MAX, SHM_NORESERVE);
	segment(A, INT64_MAX - (1 << 24), SHM_NORESERVE);
	ck_assert_int_eq(create_err(A, 2, 0600 | SHM_NORESERVE), ENOSPC);
	ck_assert_int_eq(create_err(A, INT64_MAX, 0600 | SHM_NORESERVE), ENOSPC);
	segment(A, 1, SHM_NORESERVE);
	ck_assert_int_eq(create_err(A, 1, 0600 | SHM_NORESERVE), ENOSPC);
}
END_TEST

START_TEST(shmmni_counts_segments_that_are_marked_for_removal)
{
	int64_t id = segment(A, 1, 0600);

	limit(LIM_shmmni, 1);
	attach(A, id);
	value(op(shmctl_IPC_RMID, A, .id = id));
	ck_assert_int_eq(create_err(A, 1, 0600), ENOSPC);
	value(op(shmdt, A, .addr = w->memory[A].attached[0].addr));
	ck_assert_int_eq(create_err(A, 1, 0600), 0);
}
END_TEST

START_TEST(shmall_counts_segments_that_are_marked_for_removal)
{
	int64_t id = segment(A, PAGE, 0600);

	limit(LIM_shmall, 1);
	attach(A, id);
	value(op(shmctl_IPC_RMID, A, .id = id));
	ck_assert_int_eq(create_err(A, 1, 0600), ENOSPC);
	value(op(exit, A));
	ck_assert_int_eq(create_err(B, 1, 0600), 0);
}
END_TEST

START_TEST(a_failed_creation_leaves_the_forced_id_armed)
{
	limit(LIM_shm_next_id, 77);
	ck_assert_int_eq(create_err(A, 0, 0600), EINVAL);
	ck_assert_int_eq(create_err(A, (int64_t)1 << 62, 0600), ENOMEM);
	ck_assert_int_eq(segment(A, 1, 0600), 77);
}
END_TEST

/* ---- huge pages -------------------------------------------------------------------------------- */

START_TEST(huge_pages_are_for_the_privileged_and_for_group_0)
{
	struct cred member = user(1000);

	ck_assert_int_eq(create_err(A, 1, 0600 | SHM_HUGETLB), EPERM);
	ck_assert_int_eq(create_err(ROOT, 1, 0600 | SHM_HUGETLB), ENOMEM);
	member.groups[member.ngroups++] = 0;
	become(A, member);
	ck_assert_int_eq(create_err(A, 1, 0600 | SHM_HUGETLB), ENOMEM);
	member.groups[0] = 7;
	member.groups[member.ngroups++] = 0;
	become(A, member);
	ck_assert_int_eq(create_err(A, 1, 0600 | SHM_HUGETLB), ENOMEM);
	become(A, user(1000));
	w->task[A].cred.egid = 0;
	ck_assert_int_eq(create_err(A, 1, 0600 | SHM_HUGETLB), EPERM);
	w->task[A].cred.fsgid = 0;
	ck_assert_int_eq(create_err(A, 1, 0600 | SHM_HUGETLB), ENOMEM);
}
END_TEST

START_TEST(privilege_in_a_user_namespace_gives_no_huge_pages)
{
	w->facts.initial_userns = false;
	ck_assert_int_eq(create_err(ROOT, 1, 0600 | SHM_HUGETLB), EPERM);
}
END_TEST

START_TEST(an_unknown_huge_page_size_is_einval_before_privilege)
{
	ck_assert_int_eq(create_err(A, 1, 0600 | SHM_HUGETLB | HUGE_SIZE(1)), EINVAL);
	ck_assert_int_eq(create_err(A, 1, 0600 | SHM_HUGETLB | HUGE_SIZE(21)), EPERM);
	ck_assert_int_eq(create_err(ROOT, 1, 0600 | SHM_HUGETLB | HUGE_SIZE(30)), ENOMEM);
	w->facts.huge_sizes = 1 << 20;
	ck_assert_int_eq(create_err(ROOT, 1, 0600 | SHM_HUGETLB | HUGE_SIZE(20)), ENOMEM);
	ck_assert_int_eq(create_err(ROOT, 1, 0600 | SHM_HUGETLB | HUGE_SIZE(21)), EINVAL);
	ck_assert_int_eq(create_err(ROOT, 1, 0600 | SHM_HUGETLB | HUGE_SIZE(63)), EINVAL);
}
END_TEST

START_TEST(the_flag_says_nothing_about_a_segment_that_exists)
{
	int64_t id = value(op(shmget, A, .key = 7, .size = 100, .flg = IPC_CREAT | 0600));

	ck_assert_int_eq(value(op(shmget, A, .key = 7, .flg = SHM_HUGETLB | HUGE_SIZE(1))), id);
}
END_TEST

START_TEST(a_huge_segment_that_reserves_nothing_can_be_made_and_keeps_its_size)
{
	int64_t id = segment(ROOT, PAGE + 1, 0600 | SHM_HUGETLB | SHM_NORESERVE);

	ck_assert_int_eq(of(id, F_segsz), PAGE + 1);
	ck_assert_int_eq(run(op(shmctl_SHM_INFO, A)).rec.v[F_shm_tot], 2);
	ck_assert_int_eq(create_err(ROOT, INT64_MIN, 0600 | SHM_NORESERVE), EINVAL);
	id = segment(ROOT, INT64_MIN, 0600 | SHM_HUGETLB | SHM_NORESERVE);
	ck_assert_int_eq(of(id, F_segsz), INT64_MIN);
}
END_TEST

/* ---- IPC_RMID ---------------------------------------------------------------------------------- */

START_TEST(removal_destroys_a_segment_that_nobody_has_attached)
{
	int64_t id = segment(A, 1, 0600);

	ck_assert_int_eq(value(op(shmctl_IPC_RMID, A, .id = id)), 0);
	ck_assert(!exists(id));
	ck_assert_int_eq(err(op(shmctl_IPC_RMID, A, .id = id)), EINVAL);
	ck_assert_int_eq(err(op(shmctl_IPC_STAT, A, .id = id)), EINVAL);
}
END_TEST

START_TEST(removal_marks_an_attached_segment_and_frees_its_key)
{
	int64_t id = value(op(shmget, A, .key = 7, .size = 1, .flg = IPC_CREAT | 0600)), ctime;

	attach(A, id);
	ctime = of(id, F_ctime);
	ck_assert_int_eq(value(op(shmctl_IPC_RMID, A, .id = id)), 0);
	ck_assert_int_eq(of(id, F_mode), SHM_DEST | 0600);
	ck_assert_int_eq(of(id, F_key), 0);
	ck_assert_int_eq(of(id, F_nattch), 1);
	ck_assert_int_eq(of(id, F_ctime), ctime);
	ck_assert_int_eq(err(op(shmget, A, .key = 7)), ENOENT);
	ck_assert_int_ne(value(op(shmget, A, .key = 7, .size = 1, .flg = IPC_CREAT | IPC_EXCL)), id);
}
END_TEST

START_TEST(a_marked_segment_can_be_looked_at_set_locked_and_removed_again)
{
	int64_t id = segment(A, 1, 0600);

	attach(A, id);
	value(op(shmctl_IPC_RMID, A, .id = id));
	ck_assert_int_eq(err(op(shmctl_IPC_RMID, A, .id = id)), 0);
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, A, .id = id)), 0);
	ck_assert_int_eq(err(with(set(.has = BIT(F_mode), .mode = 0400), shmctl_IPC_SET, A, .id = id)), 0);
	ck_assert_int_eq(of(id, F_mode), SHM_DEST | SHM_LOCKED | 0400);
	ck_assert_int_eq(value(op(shmctl_SHM_STAT, A, .id = id)), id);
	ck_assert_int_eq(run(op(shmctl_IPC_STAT, A, .id = id)).rec.v[F_mode], SHM_DEST | SHM_LOCKED | 0400);
}
END_TEST

START_TEST(posix_lets_the_id_of_a_marked_segment_be_gone)
{
	int64_t id = segment(A, 1, 0600);

	attach(A, id);
	value(op(shmctl_IPC_RMID, A, .id = id));
	profile = &profile_posix;
	ck_assert_uint_eq(judge(op(shmctl_IPC_RMID, A, .id = id)).errs.bits, errs(EINVAL));
	ck_assert(judge(op(shmctl_IPC_RMID, A, .id = id)).success);
	ck_assert_uint_eq(judge(op(shmctl_IPC_STAT, C, .id = id)).errs.bits, errs(EINVAL, EACCES));
	ck_assert(!judge(op(shmctl_IPC_STAT, C, .id = id)).success);
}
END_TEST

START_TEST(a_system_may_keep_the_key_until_the_last_detach)
{
	struct profile other = profile_linux;
	int64_t id = value(op(shmget, A, .key = 7, .size = 1, .flg = IPC_CREAT | 0600));

	other.sw[SW_removed_key] = 1;
	profile = &other;
	attach(A, id);
	value(op(shmctl_IPC_RMID, A, .id = id));
	ck_assert_int_eq(of(id, F_key), 7);
	ck_assert_int_eq(value(op(shmget, A, .key = 7)), id);
}
END_TEST

START_TEST(removal_is_for_owner_creator_and_cap_sys_admin)
{
	int64_t id = segment(A, 1, 0777);

	ck_assert_int_eq(err(op(shmctl_IPC_RMID, C, .id = id)), EPERM);
	w->task[C].cred.caps = BIT(CAP_IPC_OWNER) | BIT(CAP_IPC_LOCK);
	ck_assert_int_eq(err(op(shmctl_IPC_RMID, C, .id = id)), EPERM);
	w->task[C].cred.caps = BIT(CAP_SYS_ADMIN);
	ck_assert_int_eq(err(op(shmctl_IPC_RMID, C, .id = id)), 0);
}
END_TEST

/* ---- IPC_SET, IPC_STAT and those by index ------------------------------------------------------ */

START_TEST(setting_changes_owner_mode_and_ctime_and_nothing_else)
{
	int64_t id = segment(A, 1, 0600), now = model_now(w);

	value(with(set(.has = BIT(F_uid) | BIT(F_gid) | BIT(F_mode), .uid = 5, .gid = 6, .mode = 07777),
		   shmctl_IPC_SET, A, .id = id));
	ck_assert_int_eq(of(id, F_uid), 5);
	ck_assert_int_eq(of(id, F_gid), 6);
	ck_assert_int_eq(of(id, F_cuid), 1000);
	ck_assert_int_eq(of(id, F_mode), 0777);
	ck_assert_int_eq(of(id, F_ctime), now);
	ck_assert_int_eq(of(id, F_atime), 0);
	ck_assert_int_eq(of(id, F_lpid), 0);
}
END_TEST

START_TEST(setting_tells_a_negative_id_then_a_bad_buffer_then_an_unknown_id)
{
	struct payload bad = { .where = P_UNMAPPED };

	ck_assert_int_eq(err(with(&bad, shmctl_IPC_SET, A, .id = -1)), EINVAL);
	ck_assert_int_eq(err(with(&bad, shmctl_IPC_SET, A, .id = 9)), EFAULT);
	bad.where = P_READONLY;
	ck_assert_int_eq(err(with(&bad, shmctl_IPC_SET, A, .id = 9)), EINVAL);
}
END_TEST

START_TEST(setting_tells_missing_right_before_an_impossible_owner)
{
	int64_t id = segment(A, 1, 0600);

	ck_assert_int_eq(err(with(set(.has = BIT(F_uid), .uid = -1), shmctl_IPC_SET, C, .id = id)), EPERM);
	ck_assert_int_eq(err(with(set(.has = BIT(F_uid), .uid = -1), shmctl_IPC_SET, A, .id = id)), EINVAL);
}
END_TEST

START_TEST(status_tells_the_id_then_permission_then_a_bad_buffer)
{
	int64_t id = segment(A, 1, 0600);

	ck_assert_int_eq(err(op(shmctl_IPC_STAT, C, .id = id + 1, .buf = P_UNMAPPED)), EINVAL);
	ck_assert_int_eq(err(op(shmctl_IPC_STAT, C, .id = id, .buf = P_UNMAPPED)), EACCES);
	ck_assert_int_eq(err(op(shmctl_IPC_STAT, A, .id = id, .buf = P_UNMAPPED)), EFAULT);
	ck_assert_int_eq(err(op(shmctl_IPC_STAT, A, .id = id, .buf = P_READONLY)), EFAULT);
	ck_assert_int_eq(err(op(shmctl_IPC_STAT, A, .id = id)), 0);
}
END_TEST

START_TEST(status_by_index_takes_any_sequence_and_gives_the_full_id)
{
	int64_t id;

	limit(LIM_shm_next_id, 3 * IPCMNI + 9);
	id = segment(A, 1, 0600);
	ck_assert_int_eq(value(op(shmctl_SHM_STAT, A, .id = 9)), id);
	ck_assert_int_eq(value(op(shmctl_SHM_STAT, A, .id = IPCMNI + 9)), id);
	ck_assert_int_eq(err(op(shmctl_SHM_STAT, A, .id = 8)), EINVAL);
	ck_assert_int_eq(err(op(shmctl_SHM_STAT, C, .id = 9)), EACCES);
	ck_assert_int_eq(value(op(shmctl_SHM_STAT_ANY, C, .id = 9)), id);
}
END_TEST

START_TEST(status_by_index_tells_the_index_then_permission_then_a_bad_buffer)
{
	segment(A, 1, 0600);
	ck_assert_int_eq(err(op(shmctl_SHM_STAT, C, .id = 1, .buf = P_UNMAPPED)), EINVAL);
	ck_assert_int_eq(err(op(shmctl_SHM_STAT, C, .id = 0, .buf = P_UNMAPPED)), EACCES);
	ck_assert_int_eq(err(op(shmctl_SHM_STAT, A, .id = 0, .buf = P_UNMAPPED)), EFAULT);
	ck_assert_int_eq(err(op(shmctl_SHM_STAT_ANY, C, .id = 1, .buf = P_UNMAPPED)), EINVAL);
	ck_assert_int_eq(err(op(shmctl_SHM_STAT_ANY, C, .id = 0, .buf = P_UNMAPPED)), EFAULT);
}
END_TEST

START_TEST(info_reports_the_limits_and_shmseg_is_shmmni)
{
	struct record rec;

	limit(LIM_shmmni, 77);
	limit(LIM_shmall, 78);
	rec = run(op(shmctl_IPC_INFO, C)).rec;
	ck_assert_uint_eq(rec.has, op_fields(OP_shmctl_IPC_INFO));
	ck_assert_int_eq(rec.v[F_shmmax], DEF_SHMMAX);
	ck_assert_int_eq(rec.v[F_shmmin], 1);
	ck_assert_int_eq(rec.v[F_shmmni], 77);
	ck_assert_int_eq(rec.v[F_shmseg], 77);
	ck_assert_int_eq(rec.v[F_shmall], 78);
}
END_TEST

/* What Linux begins with, more than 32 bits, all of them, and what the program can hold as it is. */
START_TEST(a_kernel_of_64_bits_tells_a_program_of_32_what_it_can_hold)
{
	static const struct { int64_t limit, max, all; } told[] = {
		{ INT64_MAX, INT32_MAX, UINT32_MAX - (1 << 24) },
		{ UINT32_MAX + 2LL, INT32_MAX, 1 },
		{ UINT32_MAX, INT32_MAX, UINT32_MAX },
		{ INT32_MAX, INT32_MAX, INT32_MAX },
		{ 4096, 4096, 4096 },
	};
	struct record rec;

	w->facts.word = 4;
	limit(LIM_shmmax, told[_i].limit);
	limit(LIM_shmall, told[_i].limit);
	rec = run(op(shmctl_IPC_INFO, C)).rec;
	ck_assert_int_eq(rec.v[F_shmmax], told[_i].max);
	ck_assert_int_eq(rec.v[F_shmall], told[_i].all);
	w->facts.kernel_word = 4;
	rec = run(op(shmctl_IPC_INFO, C)).rec;
	ck_assert_int_eq(rec.v[F_shmmax], told[_i].limit);
	ck_assert_int_eq(rec.v[F_shmall], told[_i].limit);
	rec = run(op(compat_shmctl_IPC_INFO, C)).rec;
	ck_assert_int_eq(rec.v[F_shmmax], told[_i].max);
	ck_assert_int_eq(rec.v[F_shmall], told[_i].all);
}
END_TEST

START_TEST(usage_counts_segments_and_pages_those_marked_for_removal_too)
{
	int64_t id = segment(A, 1, 0), rec;

	segment(A, 2 * PAGE + 1, 0);
	ck_assert_int_eq(run(op(shmctl_SHM_INFO, C)).rec.v[F_used_ids], 2);
	ck_assert_int_eq(run(op(shmctl_SHM_INFO, C)).rec.v[F_shm_tot], 4);
	attach(ROOT, id);
	value(op(shmctl_IPC_RMID, A, .id = id));
	ck_assert_int_eq(run(op(shmctl_SHM_INFO, C)).rec.v[F_shm_tot], 4);
	value(op(exit, ROOT));
	rec = run(op(shmctl_SHM_INFO, C)).rec.v[F_shm_tot];
	ck_assert_int_eq(rec, 3);
}
END_TEST

START_TEST(info_gives_the_highest_index_and_takes_any_id_but_a_negative_one)
{
	ck_assert_int_eq(value(op(shmctl_IPC_INFO, C)), 0);
	segment(A, 1, 0);
	segment(A, 1, 0);
	ck_assert_int_eq(value(op(shmctl_IPC_INFO, C, .id = 12345)), 1);
	ck_assert_int_eq(value(op(shmctl_SHM_INFO, C, .id = 12345)), 1);
	ck_assert_int_eq(err(op(shmctl_SHM_INFO, C, .id = -1, .buf = P_NULL)), EINVAL);
	ck_assert_int_eq(err(op(shmctl_SHM_INFO, C, .buf = P_NULL)), EFAULT);
}
END_TEST

START_TEST(an_unknown_command_is_einval)
{
	ck_assert_int_eq(err(op(shmctl_other, A, .id = segment(A, 1, 0600), .cmd = 99)), EINVAL);
}
END_TEST

START_TEST(every_record_has_the_fields_that_its_operation_is_said_to_have)
{
	const struct op calls[] = {
		op(shmctl_IPC_STAT, A), op(shmctl_SHM_STAT, A), op(shmctl_SHM_STAT_ANY, A),
		op(shmctl_IPC_INFO, A), op(shmctl_SHM_INFO, A),
	};

	ck_assert_int_eq(segment(A, 1, 0600), 0);
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		ck_assert_uint_eq(run(calls[i]).rec.has, op_fields(calls[i].code));
}
END_TEST

/* ---- SHM_LOCK, SHM_UNLOCK ---------------------------------------------------------------------- */

START_TEST(a_lock_shows_in_the_mode_and_moves_no_time)
{
	int64_t id = segment(A, 1, 0600), ctime = of(id, F_ctime);

	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, A, .id = id)), 0);
	ck_assert_int_eq(of(id, F_mode), SHM_LOCKED | 0600);
	ck_assert_int_eq(of(id, F_ctime), ctime);
	ck_assert_int_eq(err(op(shmctl_SHM_UNLOCK, A, .id = id)), 0);
	ck_assert_int_eq(of(id, F_mode), 0600);
}
END_TEST

START_TEST(a_second_lock_and_an_unlock_without_lock_do_nothing)
{
	int64_t id = segment(A, MEMLOCK, 0600);

	ck_assert_int_eq(err(op(shmctl_SHM_UNLOCK, A, .id = id)), 0);
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, A, .id = id)), 0);
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, A, .id = id)), 0);
	ck_assert_int_eq(of(id, F_mode), SHM_LOCKED | 0600);
}
END_TEST

START_TEST(locking_is_for_owner_creator_and_cap_ipc_lock_whatever_the_mode)
{
	int64_t id = segment(A, 1, 0);

	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, A, .id = id)), 0);
	ck_assert_int_eq(err(op(shmctl_SHM_UNLOCK, C, .id = id)), EPERM);
	w->task[C].cred.caps = BIT(CAP_SYS_ADMIN) | BIT(CAP_IPC_OWNER);
	ck_assert_int_eq(err(op(shmctl_SHM_UNLOCK, C, .id = id)), EPERM);
	w->task[C].cred.caps = BIT(CAP_IPC_LOCK);
	ck_assert_int_eq(err(op(shmctl_SHM_UNLOCK, C, .id = id)), 0);
}
END_TEST

START_TEST(an_owner_who_is_not_the_creator_may_lock_and_the_creator_still_too)
{
	int64_t id = segment(A, 1, 0);

	value(with(set(.has = BIT(F_uid), .uid = 2000), shmctl_IPC_SET, A, .id = id));
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, C, .id = id)), 0);
	ck_assert_int_eq(err(op(shmctl_SHM_UNLOCK, A, .id = id)), 0);
	become(B, user(3000));
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, B, .id = id)), EPERM);
}
END_TEST

START_TEST(locking_what_is_not_there_is_einval)
{
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, A, .id = 9)), EINVAL);
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, A, .id = -1)), EINVAL);
	ck_assert_int_eq(err(op(shmctl_SHM_UNLOCK, A, .id = 9)), EINVAL);
}
END_TEST

START_TEST(memory_above_rlimit_memlock_is_enomem_and_not_locked)
{
	int64_t most = segment(A, MEMLOCK, 0600), over = segment(A, MEMLOCK + 1, 0600);
	int64_t one = segment(A, 1, 0600);

	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, A, .id = over)), ENOMEM);
	ck_assert_int_eq(of(over, F_mode), 0600);
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, A, .id = most)), 0);
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, B, .id = one)), ENOMEM);
	ck_assert_int_eq(err(op(shmctl_SHM_UNLOCK, B, .id = most)), 0);
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, B, .id = one)), 0);
}
END_TEST

START_TEST(all_that_a_user_has_locked_is_counted)
{
	int64_t free = segment(A, 1, 0600), half = segment(A, MEMLOCK / 2, 0600);
	int64_t other = segment(A, MEMLOCK / 2, 0600), one = segment(A, 1, 0600);

	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, A, .id = half)), 0);
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, A, .id = other)), 0);
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, A, .id = one)), ENOMEM);
	ck_assert_int_eq(err(op(shmctl_SHM_UNLOCK, A, .id = half)), 0);
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, A, .id = one)), 0);
	ck_assert_int_eq(of(free, F_mode), 0600);
}
END_TEST

START_TEST(the_real_user_is_charged)
{
	int64_t most = segment(A, MEMLOCK, 0600), one = segment(A, 1, 0600);

	w->task[A].cred.ruid = 7;
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, A, .id = most)), 0);
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, A, .id = one)), ENOMEM);
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, B, .id = one)), 0);
}
END_TEST

START_TEST(the_privileged_are_charged_and_not_limited)
{
	int64_t over = segment(A, MEMLOCK + 1, 0600), one = segment(A, 1, 0600);

	w->task[ROOT].cred.ruid = 1000;
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, ROOT, .id = over)), 0);
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, A, .id = one)), ENOMEM);
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, A, .id = over)), 0);
}
END_TEST

START_TEST(privilege_in_a_user_namespace_lifts_no_limit)
{
	int64_t over = segment(A, MEMLOCK + 1, 0600);

	w->facts.initial_userns = false;
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, ROOT, .id = over)), ENOMEM);
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, ROOT, .id = segment(A, 1, 0600))), 0);
}
END_TEST

START_TEST(the_charge_ends_with_the_segment_and_not_with_its_removal)
{
	int64_t most = segment(A, MEMLOCK, 0600), one = segment(A, 1, 0600);

	attach(B, most);
	value(op(shmctl_SHM_LOCK, A, .id = most));
	value(op(shmctl_IPC_RMID, A, .id = most));
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, A, .id = one)), ENOMEM);
	value(op(exit, B));
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, A, .id = one)), 0);
}
END_TEST

START_TEST(a_huge_segment_is_never_locked)
{
	int64_t id = segment(ROOT, 2 * MEMLOCK, 0600 | SHM_HUGETLB | SHM_NORESERVE);

	become(A, user(0));
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, A, .id = id)), 0);
	ck_assert_int_eq(of(id, F_mode), 0600);
}
END_TEST

START_TEST(a_system_may_let_anyone_lock_or_move_the_time)
{
	struct profile other = profile_linux;
	int64_t id = segment(A, 1, 0), now;

	other.sw[SW_shm_lock] = 1;
	other.sw[SW_lock_sets_ctime] = 1;
	profile = &other;
	now = model_now(w);
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, C, .id = id)), 0);
	ck_assert_int_eq(of(id, F_ctime), now);
	other.sw[SW_shm_lock] = 2;
	ck_assert_int_eq(err(op(shmctl_SHM_UNLOCK, A, .id = id)), EINVAL);
}
END_TEST

/* ---- why --------------------------------------------------------------------------------------- */

static const char *why(struct op call)
{
	static char buf[2000];
	struct text t = { buf, sizeof(buf), 0 };

	buf[0] = '\0';
	model_derive(w, &call, profile, &t);
	return buf;
}

START_TEST(the_derivation_names_sizes_limits_and_charges)
{
	int64_t id = segment(A, MEMLOCK + 1, 0600);

	ck_assert_str_eq(why(op(shmctl_SHM_LOCK, A, .id = id)),
			 "user 1000 has locked 0 pages, the segment has 257, RLIMIT_MEMLOCK is 256\n"
			 "rule LINUX-SHMLOCK-3 gives ENOMEM\n");
	ck_assert_str_eq(why(op(shmctl_SHM_LOCK, C, .id = id)),
			 "euid 2000 is neither owner 1000 nor creator 1000, and has no CAP_IPC_LOCK\n"
			 "rule LINUX-SHMLOCK-1 gives EPERM\n");
	limit(LIM_shmall, 258);
	ck_assert_str_eq(why(op(shmget, A, .size = 2 * PAGE)),
			 "257 pages are in use, 2 are asked for, shmall is 258\n"
			 "rule LINUX-SHMGET-ALL-1 gives ENOSPC\n");
	ck_assert_str_eq(why(op(shmget, A, .size = 0)),
			 "size 0 is not in 1..shmmax 18446744073692774399\n"
			 "rule SHMGET-ERR-EINVAL-1 gives EINVAL\n");
	limit(LIM_shmall, INT64_MAX);
	ck_assert_str_eq(why(op(shmget, A, .size = (int64_t)1 << 62)),
			 "4611686018427387904 bytes are more than any machine can promise\n"
			 "rule SHMGET-ERR-ENOMEM gives ENOMEM\n");
}
END_TEST

START_TEST(the_deciding_rule_is_the_first_in_linux_order)
{
	struct op call = op(shmget, A, .size = INT64_MIN, .flg = SHM_HUGETLB | HUGE_SIZE(1));

	ck_assert_str_eq(model_decider(w, &call, profile), "LINUX-SHMGET-HUGE-1");
	call.shmget.flg = SHM_HUGETLB;
	ck_assert_str_eq(model_decider(w, &call, profile), "LINUX-SHMGET-HUGE-2");
	call.shmget.flg = 0;
	ck_assert_str_eq(model_decider(w, &call, profile), "LINUX-SHMGET-SIZE-2");
}
END_TEST

/* ---- posix ------------------------------------------------------------------------------------- */

/* Which failures the standard allows of a call, and whether it allows success. */
static void posix_allows(struct op call, uint32_t errs_, bool success)
{
	struct verdict v;

	model_judge(w, &call, &profile_posix, &v);
	ck_assert_msg(v.errs.bits == errs_, "%s", opinfo[call.code].name);
	ck_assert_msg(v.success == success, "%s", opinfo[call.code].name);
}

START_TEST(posix_demands_the_failures_that_it_names)
{
	int64_t id = value(op(shmget, A, .key = 7, .size = 100, .flg = IPC_CREAT | 0600));

	posix_allows(op(shmget, A, .key = 8), errs(ENOENT), false);
	posix_allows(op(shmget, A, .key = 7, .flg = IPC_CREAT | IPC_EXCL), errs(EEXIST), false);
	posix_allows(op(shmget, A, .key = 7, .size = 101), errs(EINVAL), false);
	posix_allows(op(shmget, C, .key = 7, .flg = 0400), errs(EACCES), false);
	posix_allows(op(shmget, A, .size = 0), errs(EINVAL), false);
	posix_allows(op(shmget, A, .size = INT64_MIN), errs(EINVAL, ENOMEM), false);
	posix_allows(op(shmget, A, .size = INT64_MIN, .flg = SHM_NORESERVE), errs(EINVAL), false);
	posix_allows(op(shmctl_IPC_RMID, A, .id = 9), errs(EINVAL), false);
	posix_allows(op(shmctl_IPC_RMID, C, .id = id), errs(EPERM), false);
	posix_allows(with(set(.has = 0), shmctl_IPC_SET, A, .id = 9), errs(EINVAL), false);
	posix_allows(with(set(.has = 0), shmctl_IPC_SET, A, .id = -1), errs(EINVAL), false);
	posix_allows(with(set(.has = 0), shmctl_IPC_SET, C, .id = id), errs(EPERM), false);
	posix_allows(op(shmctl_IPC_STAT, A, .id = 9), errs(EINVAL), false);
	posix_allows(op(shmctl_IPC_STAT, C, .id = id), errs(EACCES), false);
	posix_allows(op(shmctl_other, A, .id = id, .cmd = 99), errs(EINVAL), false);
	limit(LIM_shmmni, 1);
	posix_allows(op(shmget, A, .size = 1), errs(ENOSPC), false);
}
END_TEST

START_TEST(posix_demands_nothing_where_it_says_nothing)
{
	int64_t id = segment(A, MEMLOCK + 1, 0600);
	struct payload bad = { .where = P_UNMAPPED, .set = { .has = BIT(F_uid), .uid = -1 } };

	posix_allows(op(shmget, A, .size = 1, .flg = SHM_HUGETLB), errs(EPERM, ENOMEM), true);
	posix_allows(op(shmget, ROOT, .size = 1, .flg = SHM_HUGETLB | HUGE_SIZE(1)), errs(EINVAL, ENOMEM),
		     true);
	posix_allows(with(&bad, shmctl_IPC_SET, A, .id = id), errs(EFAULT, EINVAL), true);
	posix_allows(op(shmctl_IPC_STAT, A, .id = id, .buf = P_UNMAPPED), errs(EFAULT), true);
	posix_allows(op(shmctl_SHM_LOCK, A, .id = id), errs(EINVAL, ENOMEM), true);
	posix_allows(op(shmctl_SHM_LOCK, C, .id = id), errs(EINVAL, EPERM, ENOMEM), true);
	posix_allows(op(shmctl_SHM_LOCK, C, .id = 9), errs(EINVAL), false);
	posix_allows(op(shmctl_SHM_UNLOCK, C, .id = id), errs(EINVAL, EPERM), true);
	posix_allows(op(shmctl_SHM_UNLOCK, C, .id = 9), errs(EINVAL), false);
}
END_TEST

START_TEST(posix_knows_no_status_by_index_and_no_info)
{
	int64_t id = segment(A, 1, 0600);

	posix_allows(op(shmctl_SHM_STAT, A, .id = id), errs(EINVAL), true);
	posix_allows(op(shmctl_SHM_STAT, A, .id = id, .buf = P_UNMAPPED), errs(EINVAL, EFAULT), true);
	posix_allows(op(shmctl_SHM_STAT, C, .id = id), errs(EINVAL, EACCES), false);
	posix_allows(op(shmctl_SHM_STAT, C, .id = 9), errs(EINVAL), false);
	posix_allows(op(shmctl_SHM_STAT_ANY, C, .id = id), errs(EINVAL), true);
	posix_allows(op(shmctl_SHM_STAT_ANY, C, .id = id, .buf = P_UNMAPPED), errs(EINVAL, EFAULT), true);
	posix_allows(op(shmctl_SHM_STAT_ANY, C, .id = 9), errs(EINVAL), false);
	posix_allows(op(shmctl_IPC_INFO, C), errs(EINVAL), true);
	posix_allows(op(shmctl_SHM_INFO, C, .buf = P_UNMAPPED), errs(EINVAL, EFAULT), true);
	posix_allows(op(shmctl_SHM_INFO, C, .id = -1), errs(EINVAL), false);
}
END_TEST

/* ---- a world of segments ----------------------------------------------------------------------- */

START_TEST(a_copy_is_equal_until_one_of_the_two_is_changed)
{
	int64_t id = segment(A, PAGE, 0600), addr = attach(A, id);
	struct payload x = { .bytes = { 1, (const unsigned char *)"x" } };
	struct world *copy;

	run(with(&x, store, A, .addr = addr));
	copy = world_clone(w);
	ck_assert(world_equal(w, copy));
	ck_assert_uint_eq(world_hash(w), world_hash(copy));
	run(with(&x, store, A, .addr = addr + 1));
	ck_assert(!world_equal(w, copy));
	world_free(copy);
}
END_TEST

START_TEST(stored_zeros_are_no_different_from_none)
{
	int64_t id = segment(A, PAGE, 0600), addr = attach(A, id);
	struct payload zero = { .bytes = { 1, (const unsigned char *)"" } };
	struct world *copy = world_clone(w);

	run(with(&zero, store, A, .addr = addr));
	copy->now = w->now;
	ck_assert(world_equal(w, copy));
	world_free(copy);
}
END_TEST

/* Is the world another one after this was done to its segment? */
#define makes_another_world(change)                                                \
	do {                                                                       \
		struct world *copy_ = world_clone(w);                              \
		struct segment *s = (struct segment *)by_id(&w->ns[HOME], SHM, 0); \
		change;                                                            \
		ck_assert_msg(!world_equal(w, copy_), "%s", #change);              \
		world_free(copy_);                                                 \
	} while (0)

/* Of a page only its last byte is not 0. Who had locked a segment is forgotten. */
START_TEST(a_byte_that_is_stored_is_part_of_the_state_and_a_lock_that_is_gone_is_not)
{
	int64_t id = segment(A, PAGE, 0600), addr = attach(A, id);
	struct payload x = { .bytes = { 1, (const unsigned char *)"x" } };
	struct world *copy = world_clone(w);

	value(op(shmctl_SHM_LOCK, A, .id = id));
	value(op(shmctl_SHM_UNLOCK, A, .id = id));
	copy->now = w->now;
	ck_assert(world_equal(w, copy));
	run(with(&x, store, A, .addr = addr + PAGE - 1));
	copy->now = w->now;
	ck_assert(!world_equal(w, copy));
	world_free(copy);
}
END_TEST

START_TEST(all_that_can_be_asked_of_a_segment_is_part_of_the_state)
{
	struct payload x = { .bytes = { 2, (const unsigned char *)"\0x" } };

	attach(A, segment(A, 2 * PAGE, 0600));
	makes_another_world(s->size++);
	makes_another_world(s->atime++);
	makes_another_world(s->dtime++);
	makes_another_world(s->nattch++);
	makes_another_world(s->cpid++);
	makes_another_world(s->lpid++);
	makes_another_world(s->page *= 2);
	((struct segment *)by_id(&w->ns[HOME], SHM, 0))->page = PAGE;
	makes_another_world(s->perm.mode |= SHM_LOCKED);
	makes_another_world(s->locker++);
	((struct segment *)by_id(&w->ns[HOME], SHM, 0))->nattch--;
	run(with(&x, store, A, .addr = w->memory[A].attached[0].addr));
	run(with(&x, store, A, .addr = w->memory[A].attached[0].addr + PAGE));
	makes_another_world(s->pages[1].bytes[2]++);
	makes_another_world(s->pages[0].bytes[1]++);
	makes_another_world(s->pages[0].bytes[PAGE - 1]++);
	makes_another_world(s->pages[0].number++);
}
END_TEST

/* As where a system has such pages, which the rules know nothing of. */
START_TEST(a_segment_of_larger_pages_than_usual_has_places_for_them)
{
	static const int sizes[] = { 21, 30 };
	struct outcome out;

	for (int i = 0; i < 2; i++) {
		const struct op call = op(shmget, ROOT, .size = 1, .flg = SHM_HUGETLB | HUGE_SIZE(sizes[i]));

		ck_assert(model_apply(w, &call, profile, 0, &out));
		ck_assert_int_eq(out.how, RETURNED);
		ck_assert_int_eq(value(op(shmat, ROOT, .id = out.value)) % ((int64_t)1 << sizes[i]), 0);
	}
}
END_TEST

START_TEST(more_pages_than_a_number_holds_are_told_as_the_most)
{
	w->facts.page = 1;
	segment(A, INT64_MAX, SHM_NORESERVE);
	ck_assert_int_eq(run(op(shmctl_SHM_INFO, A)).rec.v[F_shm_tot], INT64_MAX);
	segment(A, 1, SHM_NORESERVE);
	ck_assert_int_eq(run(op(shmctl_SHM_INFO, A)).rec.v[F_shm_tot], INT64_MAX);
}
END_TEST

START_TEST(what_was_seen_of_a_segment_is_adopted)
{
	int64_t id = segment(A, PAGE, 0600);
	struct objview seen = { .family = SHM, .id = id };
	struct snapshot s = { 0 };

	ck_assert(model_record(w, -1, SHM, id, &seen.rec));
	seen.rec.v[F_mode] = SHM_LOCKED | 0640;
	seen.rec.v[F_segsz] = 100;
	seen.rec.v[F_atime] = TIME_ANY;
	seen.rec.v[F_dtime] = 5;
	seen.rec.v[F_cpid] = D + 1;
	seen.rec.v[F_lpid] = C + 1;
	ck_assert(model_adopt(w, &seen, &s));
	ck_assert_int_eq(of(id, F_mode), SHM_LOCKED | 0640);
	ck_assert_int_eq(of(id, F_segsz), 100);
	ck_assert_int_eq(of(id, F_atime), TIME_ANY);
	ck_assert_int_eq(of(id, F_dtime), 5);
	ck_assert_int_eq(of(id, F_cpid), D + 1);
	ck_assert_int_eq(of(id, F_lpid), C + 1);
	ck_assert_ptr_null(why_not_ok());
	seen.id++;
	ck_assert(!model_adopt(w, &seen, &s));
}
END_TEST

START_TEST(a_wrong_count_of_attaches_breaks_the_invariant)
{
	int64_t id = segment(A, PAGE, 0600);
	struct segment *s = (struct segment *)by_id(&w->ns[HOME], SHM, id);

	attach(A, id);
	s->nattch++;
	ck_assert_str_eq(why_not_ok(), "segment 0 counts 2 attaches and has 1");
	s->nattch--;
	ck_assert_ptr_null(why_not_ok());
}
END_TEST

static void add_get(Suite *s)
{
	TCase *tc = tests_of(s, "get");

	tcase_add_test(tc, a_new_segment_starts_as_the_standard_says);
	tcase_add_test(tc, the_size_is_kept_to_the_byte);
	tcase_add_test(tc, a_system_may_round_the_size_to_pages);
	tcase_add_test(tc, only_nine_bits_of_the_flag_are_stored);
	tcase_add_test(tc, an_unknown_key_is_enoent_whatever_the_size);
	tcase_add_test(tc, a_key_finds_its_segment);
	tcase_add_test(tc, size_0_matches_any_segment);
	tcase_add_test(tc, a_segment_smaller_than_asked_is_einval);
	tcase_add_test(tc, for_a_known_key_eexist_then_size_then_permission);
	tcase_add_test(tc, posix_leaves_the_order_open);
	tcase_add_test(tc, a_lower_shmmax_does_not_close_a_larger_segment);
	tc = tests_of(s, "creation");
	tcase_add_test(tc, a_size_outside_1_to_shmmax_is_einval);
	tcase_add_test(tc, a_size_of_2_to_the_63_is_einval_even_within_shmmax);
	tcase_add_test(tc, a_size_that_no_machine_can_promise_is_enomem);
	tcase_add_test(tc, shm_noreserve_asks_for_no_promise);
	tcase_add_test(tc, shm_noreserve_is_ignored_where_nothing_is_promised_in_excess);
	tcase_add_test(tc, pages_above_shmall_are_enospc);
	tcase_add_test(tc, posix_does_not_know_shmall);
	tcase_add_test(tc, creation_tells_size_then_shmall_then_memory_then_number);
	tcase_add_test(tc, sizes_that_add_up_to_more_than_64_bits_are_enospc);
	tcase_add_test(tc, shmmni_counts_segments_that_are_marked_for_removal);
	tcase_add_test(tc, shmall_counts_segments_that_are_marked_for_removal);
	tcase_add_test(tc, a_failed_creation_leaves_the_forced_id_armed);
	tc = tests_of(s, "huge pages");
	tcase_add_test(tc, huge_pages_are_for_the_privileged_and_for_group_0);
	tcase_add_test(tc, privilege_in_a_user_namespace_gives_no_huge_pages);
	tcase_add_test(tc, an_unknown_huge_page_size_is_einval_before_privilege);
	tcase_add_test(tc, the_flag_says_nothing_about_a_segment_that_exists);
	tcase_add_test(tc, a_huge_segment_that_reserves_nothing_can_be_made_and_keeps_its_size);
}

static void add_control(Suite *s)
{
	TCase *tc = tests_of(s, "removal");

	tcase_add_test(tc, removal_destroys_a_segment_that_nobody_has_attached);
	tcase_add_test(tc, removal_marks_an_attached_segment_and_frees_its_key);
	tcase_add_test(tc, a_marked_segment_can_be_looked_at_set_locked_and_removed_again);
	tcase_add_test(tc, posix_lets_the_id_of_a_marked_segment_be_gone);
	tcase_add_test(tc, a_system_may_keep_the_key_until_the_last_detach);
	tcase_add_test(tc, removal_is_for_owner_creator_and_cap_sys_admin);
	tc = tests_of(s, "set, status, info");
	tcase_add_test(tc, setting_changes_owner_mode_and_ctime_and_nothing_else);
	tcase_add_test(tc, setting_tells_a_negative_id_then_a_bad_buffer_then_an_unknown_id);
	tcase_add_test(tc, setting_tells_missing_right_before_an_impossible_owner);
	tcase_add_test(tc, status_tells_the_id_then_permission_then_a_bad_buffer);
	tcase_add_test(tc, status_by_index_takes_any_sequence_and_gives_the_full_id);
	tcase_add_test(tc, status_by_index_tells_the_index_then_permission_then_a_bad_buffer);
	tcase_add_test(tc, info_reports_the_limits_and_shmseg_is_shmmni);
	tcase_add_loop_test(tc, a_kernel_of_64_bits_tells_a_program_of_32_what_it_can_hold, 0, 5);
	tcase_add_test(tc, usage_counts_segments_and_pages_those_marked_for_removal_too);
	tcase_add_test(tc, info_gives_the_highest_index_and_takes_any_id_but_a_negative_one);
	tcase_add_test(tc, an_unknown_command_is_einval);
	tcase_add_test(tc, every_record_has_the_fields_that_its_operation_is_said_to_have);
	tc = tests_of(s, "lock");
	tcase_add_test(tc, a_lock_shows_in_the_mode_and_moves_no_time);
	tcase_add_test(tc, a_second_lock_and_an_unlock_without_lock_do_nothing);
	tcase_add_test(tc, locking_is_for_owner_creator_and_cap_ipc_lock_whatever_the_mode);
	tcase_add_test(tc, an_owner_who_is_not_the_creator_may_lock_and_the_creator_still_too);
	tcase_add_test(tc, locking_what_is_not_there_is_einval);
	tcase_add_test(tc, memory_above_rlimit_memlock_is_enomem_and_not_locked);
	tcase_add_test(tc, all_that_a_user_has_locked_is_counted);
	tcase_add_test(tc, the_real_user_is_charged);
	tcase_add_test(tc, the_privileged_are_charged_and_not_limited);
	tcase_add_test(tc, privilege_in_a_user_namespace_lifts_no_limit);
	tcase_add_test(tc, the_charge_ends_with_the_segment_and_not_with_its_removal);
	tcase_add_test(tc, a_huge_segment_is_never_locked);
	tcase_add_test(tc, a_system_may_let_anyone_lock_or_move_the_time);
	tc = tests_of(s, "why");
	tcase_add_test(tc, the_derivation_names_sizes_limits_and_charges);
	tcase_add_test(tc, the_deciding_rule_is_the_first_in_linux_order);
	tc = tests_of(s, "posix");
	tcase_add_test(tc, posix_demands_the_failures_that_it_names);
	tcase_add_test(tc, posix_demands_nothing_where_it_says_nothing);
	tcase_add_test(tc, posix_knows_no_status_by_index_and_no_info);
	tc = tests_of(s, "state");
	tcase_add_test(tc, a_copy_is_equal_until_one_of_the_two_is_changed);
	tcase_add_test(tc, stored_zeros_are_no_different_from_none);
	tcase_add_test(tc, a_byte_that_is_stored_is_part_of_the_state_and_a_lock_that_is_gone_is_not);
	tcase_add_test(tc, all_that_can_be_asked_of_a_segment_is_part_of_the_state);
	tcase_add_test(tc, a_segment_of_larger_pages_than_usual_has_places_for_them);
	tcase_add_test(tc, more_pages_than_a_number_holds_are_told_as_the_most);
	tcase_add_test(tc, what_was_seen_of_a_segment_is_adopted);
	tcase_add_test(tc, a_wrong_count_of_attaches_breaks_the_invariant);
}

int main(void)
{
	Suite *s = suite_create("shm");

	add_get(s);
	add_control(s);
	return run_suite(s);
}
