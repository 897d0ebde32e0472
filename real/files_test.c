/* What the kernel's own files tell, also where they are not as expected. */
#include <fcntl.h>
#include <sched.h>

#include "ipcmk.h"
#include "test.h"

static struct snapshot rows;

static bool reads(enum family f, const char *text)
{
	snapshot_clear(&rows);
	return files_rows(f, text, &rows);
}

#define MSG_HEAD "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid" \
		 "      stime      rtime      ctime\n"

START_TEST(a_row_is_read_by_the_names_of_its_columns)
{
	const struct objview *o;

	ck_assert(reads(MSG, MSG_HEAD "-559038737 32768 1640 12 3 4 5 1000 1001 1002 4294967295 7 8 9\n"));
	ck_assert_uint_eq(rows.nobj, 1);
	o = &rows.obj[0];
	ck_assert_int_eq(o->family, MSG);
	ck_assert_int_eq(o->id, 32768);
	ck_assert_int_eq(o->rec.v[F_key], -559038737);
	ck_assert_int_eq(o->rec.v[F_mode], 01640);
	ck_assert_int_eq(o->rec.v[F_cbytes], 12);
	ck_assert_int_eq(o->rec.v[F_qnum], 3);
	ck_assert_int_eq(o->rec.v[F_lspid], 4);
	ck_assert_int_eq(o->rec.v[F_cgid], 4294967295);
	ck_assert_int_eq(o->rec.v[F_ctime], 9);
	ck_assert(reads(SHM,
			"shmid key new perms size uid gid cuid cgid\n"
			"1 2 3 600 18446744073709551615 4 5 6 7"));
	ck_assert_int_eq(rows.obj[0].rec.v[F_segsz], INT64_MAX);
	ck_assert_int_eq(rows.obj[0].rec.v[F_gid], 5);
	ck_assert(!(rows.obj[0].rec.has & BIT(F_nattch)));
}
END_TEST

START_TEST(what_is_no_row_is_refused)
{
	static const char *const bad[] = {
		MSG_HEAD "1 2 600\n",
		MSG_HEAD "1 2 600 1 1 1 1 1 1 1 1 1 1 x\n",
		MSG_HEAD "1 2 600 1 1 1 1 1 1 1 1 1 1 1 1\n",
		MSG_HEAD "1 -2 600 1 1 1 1 1 1 1 1 1 1 1\n",
		MSG_HEAD "1 2 698 1 1 1 1 1 1 1 1 1 1 1\n",
		MSG_HEAD "1 2 600 99999999999999999999 1 1 1 1 1 1 1 1 1 1\n",
		MSG_HEAD "\n",
		"msqid perms\n1 600\n",
		"1 2 3\n1 2 3\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(!reads(MSG, bad[i]), "%s", bad[i]);
	ck_assert(reads(MSG, MSG_HEAD));
	ck_assert(reads(MSG, ""));
	ck_assert_uint_eq(rows.nobj, 0);
}
END_TEST

BOX_TEST(the_files_tell_what_a_snapshot_does)
{
	const struct request rq[] = {
		{ .kind = MSG, .key = 7, .mode = 0604, .flags = IPC_CREAT },
		{ .kind = SEM, .key = -7, .size = 5, .mode = 0, .flags = IPC_CREAT },
		{ .kind = SHM, .key = 0, .size = 5000, .mode = 0777, .flags = IPC_CREAT },
	};
	struct nsfiles n;
	char why[200];
	int number;

	for (int i = 0; i < 3; i++)
		ck_assert_int_ge(ipcmk(&rq[i], &number), 0);
	ck_assert(files_read(&n, 0, why, sizeof(why)));
	ck_assert_uint_eq(n.objects.nobj, 3);
	for (size_t i = 0; i < 3; i++) {
		const struct objview *o = &n.objects.obj[i];
		struct record rec;

		ck_assert_int_eq(o->family, rq[i].kind);
		ck_assert(look_object(o->family, o->id, &rec));
		for (enum field f = 0; f < NFIELDS; f++)
			if (o->rec.has & rec.has & BIT(f))
				ck_assert_msg(o->rec.v[f] == rec.v[f], "%s", fieldinfo[f].name);
		ck_assert_int_eq(o->rec.v[F_key], rq[i].key);
		ck_assert_int_eq(o->rec.v[F_mode], rq[i].mode);
	}
	ck_assert(!n.initial_ipc);
	ck_assert(n.limits_seen & BIT(LIM_shmmni));
	ck_assert_int_eq(n.limits.v[LIM_shmmni], DEF_SHMMNI);
	files_free(&n);
}

/* Forks a process that is in an IPC namespace of its own, and waits for the end of link. */
static pid_t elsewhere(int link[2])
{
	const struct request rq = { .kind = MSG, .key = 7, .mode = 0604, .flags = IPC_CREAT };
	int ready[2], number;
	char c;
	pid_t pid;

	ck_assert(!pipe(link) && !pipe(ready));
	pid = fork();
	if (pid == 0) {
		close(link[1]);
		if (unshare(CLONE_NEWIPC) || ipcmk(&rq, &number) < 0)
			_exit(1);
		close(ready[1]);
		_exit(read(link[0], &c, 1) != 0);
	}
	close(ready[1]);
	close(link[0]);
	ck_assert_int_eq(read(ready[0], &c, 1), 0);
	close(ready[0]);
	return pid;
}

BOX_TEST(the_namespace_of_another_process_is_entered)
{
	int link[2];
	pid_t pid = elsewhere(link);
	struct nsfiles n;
	char why[200];

	ck_assert_msg(files_read(&n, pid, why, sizeof(why)), "%s", why);
	ck_assert_uint_eq(n.objects.nobj, 1);
	ck_assert_int_eq(n.objects.obj[0].rec.v[F_mode], 0604);
	files_free(&n);
	ck_assert(files_read(&n, 0, why, sizeof(why)));
	ck_assert_uint_eq(n.objects.nobj, 0);
	files_free(&n);
	close(link[1]);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert(!files_read(&n, pid, why, sizeof(why)));
}

BOX_TEST(a_process_is_who_its_status_says)
{
	struct whois who;
	char why[200];

	ck_assert_msg(process_read(&who, getpid(), why, sizeof(why)), "%s", why);
	ck_assert_uint_eq(who.cred.euid, geteuid());
	ck_assert_uint_eq(who.cred.fsgid, getegid());
	ck_assert(who.cred.caps & BIT(CAP_SYS_ADMIN));
	ck_assert_uint_eq(who.ngroups, (size_t)getgroups(0, NULL));
	ck_assert_str_eq(who.user, who.owner);
	process_free(&who);
	ck_assert(!process_read(&who, 4711, why, sizeof(why)));
}

BOX_TEST(who_lives_is_told)
{
	const int64_t pids[] = { getpid(), 4711, 0, -1, INT64_MAX };
	const uint32_t uids[] = { geteuid(), 4711 };
	bool alive[5];

	files_living(pids, 5, alive);
	ck_assert(alive[0]);
	for (int i = 1; i < 5; i++)
		ck_assert(!alive[i]);
	ck_assert(files_living_users(uids, 2, alive));
	ck_assert(alive[0]);
	ck_assert(!alive[1]);
}

int main(void)
{
	TCase *tc = tcase_create("files");

	tcase_add_test(tc, a_row_is_read_by_the_names_of_its_columns);
	tcase_add_test(tc, what_is_no_row_is_refused);
	add_box_test(tc, the_files_tell_what_a_snapshot_does);
	add_box_test(tc, the_namespace_of_another_process_is_entered);
	add_box_test(tc, a_process_is_who_its_status_says);
	add_box_test(tc, who_lives_is_told);
	return run_tests(tc, "files");
}
