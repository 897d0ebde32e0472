/* The files that ftok is asked about are what their names say, for every kind of run. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "test.h"

static struct files files;

static void find(enum real_mode mode)
{
	char why[120];

	new_run(mode, 2);
	ck_assert_msg(box_files(&files, false, why, sizeof(why)), "%s", why);
}

static int64_t key(int actor, enum path path)
{
	return value(op(ftok, actor, .path = path, .id = 1));
}

BOX_TEST(paths_lead_where_they_say)
{
	for (int mode = REAL_SOLO; mode <= REAL_PROCESSES; mode++) {
		find((enum real_mode)mode);
		for (enum path path = 0; path < NPATHS; path++)
			if (path != PATH_twin)
				ck_assert_int_eq(err(op(ftok, B, .path = path, .id = 1)), pathinfo[path].err);
		ck_assert_int_eq(key(A, PATH_hardlink), key(B, PATH_file));
		ck_assert_int_eq(key(A, PATH_other) & 0xffff, files.ino[PATH_other] & 0xffff);
		end_run();
	}
}

BOX_TEST(a_twin_is_made_when_it_is_asked_for)
{
	char why[120];

	find(REAL_SOLO);
	ck_assert_int_eq(err(op(ftok, A, .path = PATH_twin, .id = 1)), ENOENT);
	ck_assert_msg(box_files(&files, true, why, sizeof(why)), "%s", why);
	ck_assert_int_eq(files.ino[PATH_twin], files.ino[PATH_file] + 0x10000);
	ck_assert_int_eq(key(A, PATH_twin), key(A, PATH_file));
	end_run();
}

static void be_without_fsopen(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fsopen, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { sizeof(code) / sizeof(*code), code };

	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter), 0);
	ck_assert_int_eq(syscall(SYS_fsopen, "tmpfs", 0L), -1);
	ck_assert_int_eq(errno, ENOSYS);
}

static uint64_t device_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_dev;
}

BOX_TEST(there_are_files_without_fsopen_too_and_nothing_stays_mounted)
{
	const char *const places[] = { "/mnt", "/tmp", "/proc" };
	uint64_t before[3];

	be_without_fsopen();
	for (int i = 0; i < 3; i++)
		before[i] = device_of(places[i]);
	find(REAL_PROCESSES);
	ck_assert_int_eq(key(A, PATH_hardlink), key(B, PATH_file));
	ck_assert_int_eq(value(op(mkfifo, B, .name = NODE_node, .mode = 0600)), 0);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(device_of(places[i]), before[i]);
	end_run();
}

BOX_TEST(names_are_given_back_at_the_end)
{
	int64_t before;

	find(REAL_PROCESSES);
	before = key(A, PATH_file);
	ck_assert_int_eq(value(op(rename, -1, .from = PATH_other, .to = PATH_file)), 0);
	ck_assert_int_ne(key(A, PATH_file), before);
	ck_assert_int_eq(err(op(rename, -1, .from = PATH_other, .to = PATH_file)), ENOENT);
	end_run();
	find(REAL_PROCESSES);
	ck_assert_int_eq(key(A, PATH_file), before);
	ck_assert_int_ne(key(A, PATH_other), before);
	end_run();
}

BOX_TEST(the_caller_stays_where_it_was)
{
	char before[200], after[200];

	ck_assert_ptr_nonnull(getcwd(before, sizeof(before)));
	find(REAL_SOLO);
	key(A, PATH_file);
	end_run();
	ck_assert_ptr_nonnull(getcwd(after, sizeof(after)));
	ck_assert_str_eq(before, after);
}

BOX_TEST(headers_define_what_they_should)
{
	new_run(REAL_SOLO, 1);
	ck_assert_int_eq(value(op(header, A, .name = H_IPC_EXCL)), 02000);
	ck_assert_int_eq(value(op(header, A, .name = H_SHMLBA)), abi_shmlba());
	ck_assert_int_eq(value(op(header, A, .name = H_key_t)), 4);
	ck_assert_int_eq(value(op(header, A, .name = H_sembuf_sem_flg)), 2);
	end_run();
}

int main(void)
{
	TCase *tc = tcase_create("paths");

	add_box_test(tc, paths_lead_where_they_say);
	add_box_test(tc, a_twin_is_made_when_it_is_asked_for);
	add_box_test(tc, there_are_files_without_fsopen_too_and_nothing_stays_mounted);
	add_box_test(tc, names_are_given_back_at_the_end);
	add_box_test(tc, the_caller_stays_where_it_was);
	add_box_test(tc, headers_define_what_they_should);
	return run_tests(tc, "paths");
}
