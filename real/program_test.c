/* Programs are run as who they should be, and what they leave is seen. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "test.h"

static struct aftermath after;

/* Runs a line of the shell in a fresh namespace and folder. */
static void shell(const char *line)
{
	const char *const argv[] = { "sh", "-c", line, NULL };
	char why[200];

	ck_assert_msg(program_stage(why, sizeof(why)), "%s", why);
	program_run(NULL, argv, &after);
	ck_assert(after.done);
}

BOX_TEST(status_and_texts_are_those_of_the_program)
{
	shell("echo said; echo complained >&2; exit 3");
	ck_assert_int_eq(after.status, 3);
	ck_assert_str_eq(after.out, "said\n");
	ck_assert_str_eq(after.err, "complained\n");
	shell("kill -KILL $$");
	ck_assert_int_eq(after.status, 128 + SIGKILL);
	shell("head -c 100000 /dev/zero | tr '\\0' x");
	ck_assert_uint_eq(strlen(after.out), sizeof(after.out) - 1);
}

BOX_TEST(what_cannot_be_started_says_127)
{
	const char *const argv[] = { "no-such-program", NULL };

	program_run(NULL, argv, &after);
	ck_assert_int_eq(after.status, 127);
	ck_assert(strstr(after.err, "no-such-program"));
	program_run("/no/such/file", argv, &after);
	ck_assert_int_eq(after.status, 127);
}

BOX_TEST(it_is_an_ordinary_user_without_rights)
{
	shell("id -u; id -g; umask; cat; grep CapEff /proc/self/status");
	ck_assert_str_eq(after.out, "1000\n1000\n0022\nCapEff:\t0000000000000000\n");
}

BOX_TEST(a_program_is_run_that_its_user_could_not_reach)
{
	const char *const argv[] = { "script", "x", NULL };
	char why[200];
	int fd;

	ck_assert_msg(program_stage(why, sizeof(why)), "%s", why);
	ck_assert_int_eq(mkdir("locked", 0700), 0);
	fd = open("locked/script", O_WRONLY | O_CREAT, 0755);
	dprintf(fd, "#!/bin/sh\necho ran with $1\n");
	close(fd);
	program_run("locked/script", argv, &after);
	ck_assert_str_eq(after.err, "");
	ck_assert_str_eq(after.out, "ran with x\n");
}

BOX_TEST(files_are_listed_with_type_and_mode_and_gone_next_time)
{
	shell("mkfifo b; mkdir a; : >c; chmod 600 c");
	ck_assert_str_eq(after.files, "directory a 0755, fifo b 0644, file c 0600");
	shell(":");
	ck_assert_str_eq(after.files, "");
}

BOX_TEST(objects_are_counted_and_gone_next_time)
{
	char why[200];

	shell(":");
	ck_assert_int_ge(syscall(SYS_msgget, 0x11, IPC_CREAT | 0640), 0);
	ck_assert_int_ge(syscall(SYS_semget, 0x12, 5, IPC_CREAT | 0600), 0);
	ck_assert_int_ge(syscall(SYS_semget, 0x13, 7, IPC_CREAT | 0600), 0);
	program_run(NULL, (const char *const[]){ "true", NULL }, &after);
	ck_assert_int_eq(after.objects[MSG], 1);
	ck_assert_int_eq(after.objects[SEM], 2);
	ck_assert_int_eq(after.objects[SHM], 0);
	ck_assert_int_eq(after.last[MSG].rec.v[F_key], 0x11);
	ck_assert_int_eq(after.last[MSG].rec.v[F_mode], 0640);
	ck_assert_int_eq(after.last[SEM].rec.v[F_nsems], 7);
	ck_assert_msg(program_stage(why, sizeof(why)), "%s", why);
	program_run(NULL, (const char *const[]){ "true", NULL }, &after);
	ck_assert_int_eq(after.objects[MSG] + after.objects[SEM], 0);
}

START_TEST(outside_a_box_nothing_is_staged)
{
	char why[200] = "";

	ck_assert(!program_stage(why, sizeof(why)));
	ck_assert(*why);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("program");

	add_box_test(tc, status_and_texts_are_those_of_the_program);
	add_box_test(tc, what_cannot_be_started_says_127);
	add_box_test(tc, it_is_an_ordinary_user_without_rights);
	add_box_test(tc, a_program_is_run_that_its_user_could_not_reach);
	add_box_test(tc, files_are_listed_with_type_and_mode_and_gone_next_time);
	add_box_test(tc, objects_are_counted_and_gone_next_time);
	tcase_add_test(tc, outside_a_box_nothing_is_staged);
	return run_tests(tc, "program");
}
