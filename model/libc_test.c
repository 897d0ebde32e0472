/* Keys of files, and what headers define. */
#include "test.h"

static int64_t key(enum path path, int64_t id)
{
	return value(op(ftok, A, .path = path, .id = id));
}

START_TEST(a_key_is_made_of_inode_device_and_id)
{
	w->facts.files.dev = 0x7f9a;
	w->facts.files.ino[PATH_file] = 0x1234567;
	ck_assert_int_eq(key(PATH_file, 0x5c), 0x5c9a4567);
	ck_assert_int_eq(key(PATH_file, 0x15c), 0x5c9a4567);
	ck_assert_int_eq(key(PATH_file, 0x80), (int32_t)0x809a4567);
	ck_assert_int_eq(key(PATH_file, 0), 0x009a4567);
}
END_TEST

START_TEST(names_of_a_file_have_its_key)
{
	static const enum path names[] = { PATH_hardlink, PATH_symlink, PATH_detour };

	for (int posix = 0; posix < 2; posix++) {
		profile = posix ? &profile_posix : &profile_linux;
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			ck_assert_int_eq(key(names[i], 3), key(PATH_file, 3));
		ck_assert_int_ne(key(PATH_other, 3), key(PATH_file, 3));
		ck_assert_int_ne(key(PATH_file, 4), key(PATH_file, 3));
	}
}
END_TEST

START_TEST(a_twin_has_the_same_key_on_linux_only)
{
	ck_assert_int_eq(key(PATH_twin, 1), key(PATH_file, 1));
	profile = &profile_posix;
	ck_assert_int_ne(key(PATH_twin, 1), key(PATH_file, 1));
}
END_TEST

START_TEST(posix_leaves_the_key_of_id_0_open)
{
	const int open_[] = { EINVAL };
	struct verdict v;

	profile = &profile_posix;
	v = judge(op(ftok, A, .path = PATH_file, .id = 256));
	ck_assert(v.success);
	ck_assert_uint_eq(v.errs.bits, errs_of(open_, 1).bits);
	ck_assert_int_eq(key(PATH_file, 256), 0);
}
END_TEST

START_TEST(paths_that_lead_nowhere_fail)
{
	for (enum path path = 0; path < NPATHS; path++)
		ck_assert_int_eq(err(op(ftok, A, .path = path, .id = 1)), pathinfo[path].err);
	ck_assert_int_eq(err(op(ftok, ROOT, .path = PATH_locked, .id = 1)), 0);
}
END_TEST

START_TEST(a_file_keeps_its_key_under_another_name)
{
	int64_t file = key(PATH_file, 1), other = key(PATH_other, 1);

	run(op(rename, -1, .from = PATH_other, .to = PATH_file));
	ck_assert_int_eq(key(PATH_file, 1), other);
	ck_assert_int_eq(key(PATH_symlink, 1), other);
	ck_assert_int_eq(key(PATH_hardlink, 1), file);
	ck_assert_int_eq(err(op(ftok, A, .path = PATH_other, .id = 1)), ENOENT);
	ck_assert_int_eq(err(op(rename, -1, .from = PATH_other, .to = PATH_spare)), ENOENT);
	run(op(rename, -1, .from = PATH_file, .to = PATH_file));
	ck_assert_int_eq(key(PATH_file, 1), other);
}
END_TEST

START_TEST(a_changed_name_makes_another_world)
{
	struct world *copy = world_clone(w);

	ck_assert(world_equal(w, copy));
	copy->now++;
	run(op(rename, -1, .from = PATH_other, .to = PATH_file));
	ck_assert(!world_equal(w, copy));
	world_free(copy);
	copy = world_clone(w);
	ck_assert(world_equal(w, copy));
	world_free(copy);
}
END_TEST

START_TEST(members_that_hold_a_time_are_as_wide_as_it)
{
	w->facts.seconds = 3;
	ck_assert_int_eq(value(op(header, A, .name = H_time_t)), 3);
	ck_assert_int_eq(value(op(header, A, .name = H_msqid_ds_msg_stime)), 3);
	ck_assert_int_eq(value(op(header, A, .name = H_semid_ds_sem_ctime)), 3);
	ck_assert_int_eq(value(op(header, A, .name = H_shmid_ds_shm_dtime)), 3);
	ck_assert_int_eq(value(op(header, A, .name = H_size_t)), sizeof(long));
}
END_TEST

START_TEST(what_posix_does_not_name_need_not_be_defined)
{
	ck_assert_int_eq(value(op(header, A, .name = H_IPC_CREAT)), 01000);
	ck_assert_int_eq(value(op(header, A, .name = H_sembuf_sem_op)), 2);
	ck_assert_int_eq(value(op(header, A, .name = H_SHMLBA)), w->facts.shmlba);
	profile = &profile_posix;
	ck_assert_int_eq(value(op(header, A, .name = H_semid_ds_sem_nsems)), sizeof(short));
	ck_assert_int_eq(value(op(header, A, .name = H_sembuf_sem_flg)), sizeof(short));
	ck_assert_int_eq(value(op(header, A, .name = H_IPC_CREAT)), 0);
	ck_assert_uint_eq(judge(op(header, A, .name = H_IPC_CREAT)).errs.bits, 0);
	ck_assert_uint_eq(judge(op(header, A, .name = H_MSG_COPY)).errs.bits, 1u << err_bit(ENOENT));
}
END_TEST

START_TEST(a_key_that_no_file_or_every_id_would_have_is_given_by_nobody)
{
	struct profile p = profile_linux;

	p.without = "FTOK-ERR-1";
	profile = &p;
	run(op(rename, A, .from = PATH_file, .to = PATH_other));
	ck_assert_int_eq(value(op(ftok, A, .path = PATH_file, .id = 1)), 0);
	w->facts.files = (struct files){ 0 };
	ck_assert_int_eq(value(op(ftok, A, .path = PATH_other, .id = 1)), 0);
	w->facts.files = linux_facts.files;
	profile = &profile_posix;
	for (int id = 2; id < 8; id++)
		ck_assert_int_ne(value(op(ftok, A, .path = PATH_other, .id = id)),
				 value(op(ftok, A, .path = PATH_other, .id = id + 1)));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("libc");
	TCase *tc = tests_of(s, "libc");

	tcase_add_test(tc, a_key_that_no_file_or_every_id_would_have_is_given_by_nobody);
	tcase_add_test(tc, a_key_is_made_of_inode_device_and_id);
	tcase_add_test(tc, names_of_a_file_have_its_key);
	tcase_add_test(tc, a_twin_has_the_same_key_on_linux_only);
	tcase_add_test(tc, posix_leaves_the_key_of_id_0_open);
	tcase_add_test(tc, paths_that_lead_nowhere_fail);
	tcase_add_test(tc, a_file_keeps_its_key_under_another_name);
	tcase_add_test(tc, a_changed_name_makes_another_world);
	tcase_add_test(tc, members_that_hold_a_time_are_as_wide_as_it);
	tcase_add_test(tc, what_posix_does_not_name_need_not_be_defined);
	return run_suite(s);
}
