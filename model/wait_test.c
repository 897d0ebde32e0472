/* Sleepers: who goes first, and where that is open. */
#include "test.h"

enum { FULL = 4 };	/* bytes that the queue of a test holds */

static struct op send(int actor, int64_t q, const struct payload *message)
{
	return with(message, msgsnd, actor, .id = q);
}

static struct op receive(int actor, int64_t q)
{
	return op(msgrcv, actor, .id = q, .size = 9);
}

static int64_t queue(void)
{
	int64_t q = value(op(msgget, A, .flg = 0666));

	run(with(set(.has = BIT(F_qbytes), .qbytes = FULL), msgctl_IPC_SET, A, .id = q));
	return q;
}

static void look_again(int64_t q)
{
	run(with(set(.has = BIT(F_qbytes), .qbytes = FULL), msgctl_IPC_SET, A, .id = q));
}

/* B and those behind it, n in all, wait to send to a full queue what fits one at a time. */
static int64_t senders(int n)
{
	static const struct payload full = { .msg = { 1, FULL, FULL, (const unsigned char *)"full" } },
				    most = { .msg = { 2, 3, 3, (const unsigned char *)"abc" } };
	int64_t q = queue();

	value(send(A, q, &full));
	for (int i = 0; i < n; i++)
		ck_assert(blocks(send(B + i, q, &most)));
	return q;
}

static int64_t three_receivers(void)
{
	int64_t q = queue();

	ck_assert(blocks(receive(B, q)));
	ck_assert(blocks(receive(C, q)));
	ck_assert(blocks(receive(D, q)));
	return q;
}

/* The one who does not sleep any more. */
static int the_woken(void)
{
	int who = -1;

	for (int i = B; i <= D; i++)
		if (!asleep(i)) {
			ck_assert_int_eq(who, -1);
			who = i;
		}
	return who;
}

START_TEST(arrangement_0_is_that_by_arrival)
{
	int64_t q = senders(3);

	ck_assert(model_arrange(w, profile, 0));
	value(receive(A, q));
	ck_assert_int_eq(the_woken(), B);
}
END_TEST

START_TEST(every_order_of_senders_is_an_arrangement)
{
	static const int firsts[] = { B, C, D, B, C, D };
	struct world *before;
	int64_t q = senders(3);

	before = world_clone(w);
	ck_assert_ptr_nonnull(before);
	for (int k = 0; k < 6; k++) {
		world_free(w);
		w = world_clone(before);
		ck_assert(model_arrange(w, profile, k));
		ck_assert_ptr_null(why_not_ok());
		value(receive(A, q));
		ck_assert_int_eq(the_woken(), firsts[k]);
	}
	for (int k = 6; k < 12; k++)
		ck_assert(!model_arrange(before, profile, k));
	world_free(before);
}
END_TEST

START_TEST(receivers_stay_in_order_until_a_set)
{
	int64_t q = three_receivers();

	ck_assert(!model_arrange(w, profile, 1));
	look_again(q);
	ck_assert(model_arrange(w, profile, 1));
	value(send(A, q, text(1, "x")));
	ck_assert_int_eq(the_woken(), C);
}
END_TEST

START_TEST(a_set_leaves_receivers_in_the_order_of_arrival)
{
	int64_t q = value(op(msgget, ROOT, .flg = 0666));
	const struct op again = with(set(.has = BIT(F_mode), .mode = 0666), msgctl_IPC_SET, ROOT, .id = q);

	ck_assert(blocks(receive(D, q)));
	ck_assert(blocks(receive(B, q)));
	ck_assert(blocks(receive(A, q)));
	run(again);
	ck_assert_int_ne(w->task[A].tie, 0);
	ck_assert_int_lt(w->task[D].since, w->task[B].since);
	ck_assert_int_lt(w->task[B].since, w->task[A].since);
	ck_assert(model_arrange(w, profile, 5));
	ck_assert_int_lt(w->task[A].since, w->task[B].since);
	ck_assert_int_lt(w->task[B].since, w->task[D].since);
	value(send(ROOT, q, text(1, "x")));
	ck_assert(!asleep(A));
	ck_assert(blocks(receive(A, q)));
	ck_assert_int_eq(w->task[A].tie, 0);
}
END_TEST

START_TEST(a_receiver_that_comes_later_has_no_part)
{
	int64_t q = queue();

	ck_assert(blocks(receive(B, q)));
	look_again(q);
	ck_assert(blocks(receive(C, q)));
	ck_assert(blocks(receive(D, q)));
	ck_assert(!model_arrange(w, profile, 1));
	look_again(q);
	ck_assert(model_arrange(w, profile, 5));
	ck_assert(!model_arrange(w, profile, 6));
}
END_TEST

START_TEST(sleepers_on_another_queue_have_no_part)
{
	int64_t q = queue(), other = queue();

	value(send(A, q, text(1, "full")));
	value(send(A, other, text(1, "full")));
	ck_assert(blocks(send(B, q, text(2, "x"))));
	ck_assert(blocks(send(C, other, text(2, "x"))));
	ck_assert(!model_arrange(w, profile, 1));
}
END_TEST

START_TEST(a_set_concerns_receivers_of_its_queue_alone)
{
	int64_t q = senders(1), other = queue();

	ck_assert(blocks(receive(C, other)));
	ck_assert(blocks(receive(D, other)));
	look_again(q);
	ck_assert(!model_arrange(w, profile, 1));
	ck_assert_int_eq(w->task[B].tie, 0);
	run(op(unshare_ipc, ROOT));
	ck_assert_int_eq(value(op(msgget, ROOT, .flg = 0666)), q);
	run(with(set(.has = BIT(F_qbytes), .qbytes = FULL), msgctl_IPC_SET, ROOT, .id = q));
	ck_assert_int_eq(w->task[B].tie, 0);
	ck_assert_int_eq(w->task[C].tie, 0);
}
END_TEST

START_TEST(groups_of_rivals_are_arranged_each_for_itself)
{
	int64_t q = senders(2);

	ck_assert(blocks(op(msgrcv, D, .id = q, .typ = 8, .size = 9)));
	ck_assert(blocks(op(msgrcv, ROOT, .id = q, .typ = 9, .size = 9)));
	look_again(q);
	ck_assert(model_arrange(w, profile, 3));
	ck_assert(!model_arrange(w, profile, 4));
}
END_TEST

START_TEST(under_posix_every_order_is_open)
{
	three_receivers();
	ck_assert(!model_arrange(w, &profile_linux, 1));
	ck_assert(model_arrange(w, &profile_posix, 5));
	ck_assert(!model_arrange(w, &profile_posix, 6));
}
END_TEST

START_TEST(sleepers_on_the_same_id_of_another_namespace_have_no_part)
{
	int64_t q = queue();

	ck_assert(blocks(op(msgrcv, A, .id = q, .size = 9)));
	run(op(unshare_ipc, ROOT));
	ck_assert_int_eq(value(op(msgget, ROOT, .flg = 0666)), q);
	ck_assert(blocks(op(msgrcv, ROOT, .id = q, .size = 9)));
	ck_assert(!model_arrange(w, &profile_posix, 1));
}
END_TEST

START_TEST(worlds_that_differ_in_what_is_open_are_not_equal)
{
	struct world *copy;
	int64_t q = three_receivers();

	copy = world_clone(w);
	ck_assert(world_equal(w, copy));
	requeue(w, by_id(&w->ns[HOME], MSG, q), OP_msgrcv);
	ck_assert(!world_equal(w, copy));
	requeue(copy, by_id(&copy->ns[HOME], MSG, q), OP_msgrcv);
	requeue(copy, by_id(&copy->ns[HOME], MSG, q), OP_msgrcv);
	ck_assert(world_equal(w, copy));
	world_free(copy);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("wait");
	TCase *tc = tcase_create("order");

	tcase_add_checked_fixture(tc, setup_world, free_world);
	tcase_add_test(tc, arrangement_0_is_that_by_arrival);
	tcase_add_test(tc, every_order_of_senders_is_an_arrangement);
	tcase_add_test(tc, receivers_stay_in_order_until_a_set);
	tcase_add_test(tc, a_set_leaves_receivers_in_the_order_of_arrival);
	tcase_add_test(tc, a_receiver_that_comes_later_has_no_part);
	tcase_add_test(tc, sleepers_on_another_queue_have_no_part);
	tcase_add_test(tc, a_set_concerns_receivers_of_its_queue_alone);
	tcase_add_test(tc, groups_of_rivals_are_arranged_each_for_itself);
	tcase_add_test(tc, under_posix_every_order_is_open);
	tcase_add_test(tc, sleepers_on_the_same_id_of_another_namespace_have_no_part);
	tcase_add_test(tc, worlds_that_differ_in_what_is_open_are_not_equal);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
