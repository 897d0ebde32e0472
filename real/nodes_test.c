/* Calls that file access permissions decide, made by processes and in sets by one process. */
#include "test.h"

#include <fcntl.h>
#include <sys/stat.h>

static const int all_names[] = {
	NODE_memory, NODE_memory2, NODE_semaphore, NODE_semaphore2, NODE_node, NODE_node2, NODE_dir,
};

static int make(int actor, enum nodename name, int64_t mode)
{
	switch (name) {
	case NODE_memory:
	case NODE_memory2:
		return err(op(shm_open, actor, .name = name, .flg = OPEN_BOTH | OPEN_CREATE | OPEN_EXCLUSIVE,
			      .mode = mode));
	case NODE_semaphore:
	case NODE_semaphore2:
		return err(op(sem_open, actor, .name = name, .flg = OPEN_CREATE | OPEN_EXCLUSIVE,
			      .mode = mode));
	case NODE_dir: return err(op(mkdir, actor, .name = name, .mode = mode));
	default: return err(op(mkfifo, actor, .name = name, .mode = mode));
	}
}

BOX_TEST(every_name_is_a_file_of_its_own_with_the_mode_asked_for)
{
	const int64_t n = sizeof(all_names) / sizeof(*all_names);

	new_run(REAL_PROCESSES, 1);
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(make(A, (enum nodename)all_names[i], 0101 * (i % 7 + 1)), 0);
	for (int i = 0; i < n; i++) {
		ck_assert_int_eq(make(A, (enum nodename)all_names[i], 0), EEXIST);
		ck_assert_int_eq(err(op(stat, A, .name = all_names[i])), 0);
		ck_assert_int_eq(field(F_mode), 0101 * (i % 7 + 1));
		ck_assert_int_eq(field(F_uid), 1000);
	}
	end_run();
}

BOX_TEST(nothing_is_left_for_the_next_run_even_in_a_directory_without_rights)
{
	for (int round = 0; round < 2; round++) {
		new_run(REAL_PROCESSES, 1);
		ck_assert_int_eq(make(A, NODE_dir, 0700), 0);
		ck_assert_int_eq(make(A, NODE_dir_node, 0), 0);
		ck_assert_int_eq(err(op(mkdir, A, .name = NODE_dir_node2, .mode = 0)), 0);
		ck_assert_int_eq(err(op(chmod, A, .name = NODE_dir, .mode = 0)), 0);
		ck_assert_int_eq(make(A, NODE_memory, 0), 0);
		ck_assert_int_eq(err(op(bind, A, .name = NODE_node)), 0);
		end_run();
	}
}

BOX_TEST(a_process_has_its_own_queues_by_name)
{
	new_run(REAL_PROCESSES, 2);
	ck_assert_int_eq(err(op(mq_send, A, .name = NODE_queue)), EBADF);
	ck_assert_int_eq(err(op(mq_open, A, .name = NODE_queue, .flg = OPEN_BOTH | OPEN_CREATE,
				.mode = 0600)), 0);
	ck_assert_int_eq(err(op(mq_send, B, .name = NODE_queue)), EBADF);
	ck_assert_int_eq(err(op(mq_send, A, .name = NODE_queue2)), EBADF);
	ck_assert_int_eq(err(op(mq_send, A, .name = NODE_queue)), 0);
	ck_assert_int_eq(err(op(mq_send, A, .name = NODE_queue)), 0);
	ck_assert_int_eq(err(op(mq_send, A, .name = NODE_queue)), EAGAIN);
	ck_assert_int_eq(err(op(mq_open, B, .name = NODE_queue, .flg = OPEN_READ)), 0);
	ck_assert_int_eq(err(op(mq_receive, B, .name = NODE_queue)), 0);
	ck_assert_int_eq(err(op(mq_send, B, .name = NODE_queue)), EBADF);
	ck_assert_int_eq(err(op(mq_close, A, .name = NODE_queue)), 0);
	ck_assert_int_eq(err(op(mq_receive, A, .name = NODE_queue)), EBADF);
	ck_assert_int_eq(err(op(mq_close, A, .name = NODE_queue)), EBADF);
	ck_assert_int_eq(err(op(mq_unlink, B, .name = NODE_queue)), 0);
	ck_assert_int_eq(err(op(mq_receive, B, .name = NODE_queue)), 0);
	end_run();
}

BOX_TEST(a_socket_listens_from_its_bind_on)
{
	new_run(REAL_PROCESSES, 2);
	ck_assert_int_eq(err(op(connect, B, .name = NODE_node)), ENOENT);
	ck_assert_int_eq(err(op(bind, A, .name = NODE_node)), 0);
	ck_assert_int_eq(err(op(connect, B, .name = NODE_node)), 0);
	ck_assert_int_eq(err(op(bind, B, .name = NODE_node)), EADDRINUSE);
	ck_assert_int_eq(err(op(unlink, A, .name = NODE_node)), 0);
	ck_assert_int_eq(err(op(mkfifo, A, .name = NODE_node, .mode = 0600)), 0);
	ck_assert_int_eq(err(op(connect, B, .name = NODE_node)), ECONNREFUSED);
	end_run();
}

BOX_TEST(a_semaphore_that_is_there_is_opened_and_not_created)
{
	new_run(REAL_PROCESSES, 1);
	ck_assert_int_eq(err(op(sem_open, A, .name = NODE_semaphore, .flg = 0)), ENOENT);
	ck_assert_int_eq(err(op(sem_open, A, .name = NODE_semaphore, .flg = OPEN_CREATE, .mode = 0200)), 0);
	ck_assert_int_eq(err(op(sem_open, A, .name = NODE_semaphore, .flg = OPEN_CREATE)), EACCES);
	ck_assert_int_eq(err(op(stat, A, .name = NODE_semaphore)), 0);
	ck_assert_int_eq(field(F_mode), 0200);
	end_run();
}

BOX_TEST(the_creation_mask_is_that_of_a_process_and_0_at_first)
{
	new_run(REAL_PROCESSES, 2);
	ck_assert_int_eq(value(op(umask, A, .mask = 027)), 0);
	ck_assert_int_eq(value(op(umask, A, .mask = 077)), 027);
	ck_assert_int_eq(make(A, NODE_node, 0777), 0);
	ck_assert_int_eq(make(B, NODE_node2, 0777), 0);
	ck_assert_int_eq(err(op(stat, B, .name = NODE_node)), 0);
	ck_assert_int_eq(field(F_mode), 0700);
	ck_assert_int_eq(err(op(stat, B, .name = NODE_node2)), 0);
	ck_assert_int_eq(field(F_mode), 0777);
	end_run();
}

BOX_TEST(calls_can_be_made_to_fail)
{
	const struct injection i = { .code = OP_mkfifo, .err = ENOSPC, .nth = 2 };

	new_run(REAL_PROCESSES, 1);
	real_inject(r, &i);
	ck_assert_int_eq(make(A, NODE_node, 0600), 0);
	ck_assert_int_eq(make(A, NODE_node2, 0600), ENOSPC);
	ck_assert_int_eq(make(A, NODE_node2, 0600), 0);
	end_run();
}

/* ---- sets, in a run of one process -------------------------------------------------------------- */

static void new_sets(void)
{
	char why[200];

	new_run(REAL_SOLO, 1);
	ck_assert_msg(real_files(r, why, sizeof(why)), "%s", why);
}

static int64_t in_set(int64_t name, int set)
{
	return name + (int64_t)FILESET * set;
}

static int64_t mode_of(int64_t file)
{
	unsigned char raw[STATUSMAX];
	struct record rec;

	if (!real_status(NODES, file, raw))
		return -1;
	ck_assert_int_eq(real_status_read(NODES, raw, &rec), -1);
	return rec.v[F_mode];
}

BOX_TEST(without_sets_one_process_makes_no_such_call)
{
	const struct op call = op(mkfifo, A, .name = NODE_node, .mode = 0600);

	new_run(REAL_SOLO, 1);
	ck_assert_int_eq(real_call(r, &call, false, &out), LOST);
	end_run();
}

BOX_TEST(sets_do_not_meet)
{
	static const int sets[] = { 1, 2, FILESETS };

	new_sets();
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(err(op(mkfifo, A, .name = in_set(NODE_node, sets[i]), .mode = 0600 + i)), 0);
		ck_assert_int_eq(err(op(mkfifo, A, .name = in_set(NODE_node, sets[i]), .mode = 0)), EEXIST);
		ck_assert(real_watch(in_set(NODE_node, sets[i])));
		ck_assert_int_eq(err(op(mq_open, A, .name = in_set(NODE_queue, sets[i]),
					.flg = OPEN_BOTH | OPEN_CREATE | OPEN_EXCLUSIVE)), 0);
	}
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(mode_of(in_set(NODE_node, sets[i])), 0600 + i);
	real_remove(in_set(NODE_node, 2));
	ck_assert_int_eq(mode_of(in_set(NODE_node, 2)), -1);
	ck_assert_int_eq(mode_of(in_set(NODE_node, FILESETS)), 0602);
	end_run();
}

BOX_TEST(what_is_watched_is_seen_by_nobody_with_rights_and_until_its_name_is_gone)
{
	static const struct { int name; enum opcode make, remove; } kinds[] = {
		{ NODE_memory, OP_shm_open, OP_shm_unlink }, { NODE_node, OP_mkfifo, OP_unlink },
		{ NODE_node2, OP_bind, OP_unlink }, { NODE_dir, OP_mkdir, OP_rmdir },
		{ NODE_queue, OP_mq_open, OP_mq_unlink },
	};

	new_sets();
	for (int i = 0; i < 5; i++) {
		const int64_t file = in_set(kinds[i].name, 3);
		struct op call = { .code = kinds[i].make, .actor = A };
		int arg = 0;

		call.v[arg++] = file;
		if (opinfo[call.code].nargs == 3)
			call.v[arg++] = OPEN_BOTH | OPEN_CREATE;
		call.v[arg] = 0;
		ck_assert_int_eq(err(call), 0);
		ck_assert(real_watch(file));
		ck_assert_int_eq(mode_of(file), kinds[i].make == OP_bind ? 0777 : 0);
		call = (struct op){ .code = kinds[i].remove, .actor = A, .v = { file } };
		ck_assert_int_eq(err(call), 0);
		ck_assert_int_eq(mode_of(file), -1);
	}
	end_run();
}

BOX_TEST(a_prepared_call_goes_through_sets_and_sets_the_mode_that_it_is_told)
{
	const struct op call = op(chmod, A, .name = NODE_node, .mode = 0600);
	struct real_shot *s;
	int64_t value;

	new_sets();
	s = real_prepare(&call);
	for (int set = 1; set < 4; set++) {
		ck_assert_int_eq(err(op(mkfifo, A, .name = in_set(NODE_node, set), .mode = 0)), 0);
		ck_assert(real_watch(in_set(NODE_node, set)));
		real_set_field(s, F_mode, 0100 * set);
		ck_assert_int_eq(real_fire(s, in_set(NODE_node, set), &value), 0);
		ck_assert_int_eq(mode_of(in_set(NODE_node, set)), 0100 * set);
	}
	ck_assert_int_eq(real_fire(s, in_set(NODE_node, 4), &value), ENOENT);
	real_discard(s);
	end_run();
}

BOX_TEST(sets_are_gone_at_the_end_and_the_process_is_as_it_was)
{
	char before[200], after[200];
	const mode_t mask = umask(025);

	ck_assert_ptr_nonnull(getcwd(before, sizeof(before)));
	for (int round = 0; round < 2; round++) {
		new_sets();
		ck_assert_int_eq(err(op(mkdir, A, .name = in_set(NODE_dir, 1), .mode = 0777)), 0);
		ck_assert_int_eq(err(op(mkfifo, A, .name = in_set(NODE_dir_node, 1), .mode = 0)), 0);
		ck_assert_int_eq(err(op(chmod, A, .name = in_set(NODE_dir, 1), .mode = 0)), 0);
		ck_assert(real_watch(in_set(NODE_dir, 1)));
		ck_assert_int_eq(mode_of(in_set(NODE_dir, 1)), 0);
		end_run();
	}
	ck_assert_ptr_nonnull(getcwd(after, sizeof(after)));
	ck_assert_str_eq(before, after);
	ck_assert_int_eq(umask(mask), 025);
}

int main(void)
{
	TCase *tc = tcase_create("nodes");

	add_box_test(tc, every_name_is_a_file_of_its_own_with_the_mode_asked_for);
	add_box_test(tc, nothing_is_left_for_the_next_run_even_in_a_directory_without_rights);
	add_box_test(tc, a_process_has_its_own_queues_by_name);
	add_box_test(tc, a_socket_listens_from_its_bind_on);
	add_box_test(tc, a_semaphore_that_is_there_is_opened_and_not_created);
	add_box_test(tc, the_creation_mask_is_that_of_a_process_and_0_at_first);
	add_box_test(tc, calls_can_be_made_to_fail);
	add_box_test(tc, without_sets_one_process_makes_no_such_call);
	add_box_test(tc, sets_do_not_meet);
	add_box_test(tc, what_is_watched_is_seen_by_nobody_with_rights_and_until_its_name_is_gone);
	add_box_test(tc, a_prepared_call_goes_through_sets_and_sets_the_mode_that_it_is_told);
	add_box_test(tc, sets_are_gone_at_the_end_and_the_process_is_as_it_was);
	return run_tests(tc, "nodes");
}
