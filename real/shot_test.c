/* A call that is prepared once says each time what it says when it is made in the usual way. */
#include <fcntl.h>
#include <sys/file.h>

#include "test.h"

static int fire(struct real_shot *s, int64_t first)
{
	int64_t value;

	return real_fire(s, first, &value);
}

BOX_TEST(a_shot_is_made_for_one_object_after_the_other)
{
	const struct op stat = op(msgctl_IPC_STAT, A, .id = 0);
	struct outcome answer;
	struct real_shot *s;
	int64_t q[2];

	new_run(REAL_SOLO, 1);
	q[0] = value(op(msgget, A, .flg = 0640));
	q[1] = value(op(msgget, A, .flg = 0604));
	s = real_prepare(&stat);
	ck_assert_ptr_nonnull(s);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(fire(s, q[i]), 0);
		real_answer(s, &answer);
		ck_assert_int_eq(answer.how, RETURNED);
		ck_assert_int_eq(answer.rec.v[F_mode], i ? 0604 : 0640);
		ck_assert(!real_untouched(s));
		real_wipe(s);
	}
	ck_assert_int_eq(fire(s, q[1] + IPCMNI), EINVAL);
	ck_assert(real_untouched(s));
	real_discard(s);
	end_run();
}

BOX_TEST(who_locks_pages_one_by_one_lets_others_do_so_too_but_nobody_alone)
{
	const struct op lock = op(shmctl_SHM_LOCK, A, .id = 0);
	int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct real_shot *s = real_prepare(&lock);

	ck_assert_ptr_nonnull(s);
	ck_assert_int_eq(flock(root, LOCK_SH | LOCK_NB), 0);
	ck_assert_int_eq(flock(root, LOCK_EX | LOCK_NB), -1);
	ck_assert_int_eq(errno, EWOULDBLOCK);
	real_discard(s);
	close(root);
}

BOX_TEST(a_status_is_seen_as_the_call_stores_it)
{
	unsigned char raw[STATUSMAX];
	struct record rec;
	int64_t q;

	new_run(REAL_SOLO, 1);
	q = value(op(msgget, A, .flg = 0));
	ck_assert(real_status(MSG, q, raw));
	ck_assert_int_eq(real_status_read(MSG, raw, &rec), -1);
	ck_assert_int_eq(rec.v[F_mode], 0);
	ck_assert_int_eq(rec.v[F_seq], q / IPCMNI);
	raw[real_status_size(MSG) - 1] = 1;
	ck_assert_int_eq(real_status_read(MSG, raw, &rec), (int)real_status_size(MSG) - 1);
	ck_assert(!real_status(MSG, q + IPCMNI, raw));
	ck_assert(!real_status(SEM, q, raw));
	end_run();
}

BOX_TEST(values_are_seen_where_nobody_may_and_rights_are_given_back)
{
	uint16_t vals[3] = { 9, 9, 9 };
	int64_t s;
	uint64_t effective, permitted;
	struct cred self;
	char why[200];

	new_run(REAL_SOLO, 1);
	s = value(op(semget, A, .nsems = 3, .flg = 0));
	self = *cred_home();
	self.caps = 0;
	ck_assert_msg(real_be(&self, why, sizeof(why)), "%s", why);
	ck_assert(real_values(s, vals));
	ck_assert_uint_eq(vals[0] | vals[1] | vals[2], 0);
	ck_assert(cred_read_caps(&effective, &permitted));
	ck_assert_uint_eq(effective, 0);
	end_run();
}

BOX_TEST(a_field_to_be_set_can_be_changed)
{
	const struct payload data = { .set = { .has = BIT(F_mode), .mode = 0600 } };
	unsigned char raw[STATUSMAX];
	struct record rec;
	struct op set;
	struct real_shot *s;
	int64_t q;

	new_run(REAL_SOLO, 1);
	q = value(op(msgget, A, .flg = 0640));
	set = op(msgctl_IPC_SET, A, .id = q);
	set.data = &data;
	s = real_prepare(&set);
	real_set_field(s, F_mode, 0417);
	ck_assert_int_eq(fire(s, q), 0);
	ck_assert(real_status(MSG, q, raw));
	real_status_read(MSG, raw, &rec);
	ck_assert_int_eq(rec.v[F_mode], 0417);
	real_discard(s);
	end_run();
}

int main(void)
{
	TCase *tc = tcase_create("shot");

	add_box_test(tc, a_shot_is_made_for_one_object_after_the_other);
	add_box_test(tc, who_locks_pages_one_by_one_lets_others_do_so_too_but_nobody_alone);
	add_box_test(tc, a_status_is_seen_as_the_call_stores_it);
	add_box_test(tc, values_are_seen_where_nobody_may_and_rights_are_given_back);
	add_box_test(tc, a_field_to_be_set_can_be_changed);
	return run_tests(tc, "shot");
}
