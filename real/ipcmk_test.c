/* One request creates or opens one object of any kind. */
#include "ipcmk.h"
#include "test.h"

static int64_t make(struct request rq)
{
	int number = 0;
	int64_t id = ipcmk(&rq, &number);

	return id < 0 ? -number : id;
}

BOX_TEST(a_request_creates_what_it_says)
{
	static const struct request rq[] = {
		{ .kind = MSG, .key = 7, .mode = 0604, .flags = IPC_CREAT },
		{ .kind = SEM, .key = 7, .size = 5, .mode = 0604, .flags = IPC_CREAT },
		{ .kind = SHM, .key = 7, .size = 5000, .mode = 0604, .flags = IPC_CREAT },
	};
	struct record rec;

	for (int i = 0; i < 3; i++) {
		int64_t id = make(rq[i]);

		ck_assert(look_object(rq[i].kind, id, &rec));
		ck_assert_int_eq(rec.v[F_key], 7);
		ck_assert_int_eq(rec.v[F_mode], 0604);
		ck_assert_int_eq(make(rq[i]), id);
		if (i)
			ck_assert_uint_eq((uint64_t)rec.v[i == 1 ? F_nsems : F_segsz], rq[i].size);
	}
	ck_assert_int_eq(box_objects(), 3);
}

BOX_TEST(flags_are_passed_on)
{
	struct request rq = { .kind = MSG, .key = 7 };

	ck_assert_int_eq(make(rq), -ENOENT);
	rq.flags = IPC_CREAT;
	ck_assert_int_ge(make(rq), 0);
	rq.flags = IPC_CREAT | IPC_EXCL;
	ck_assert_int_eq(make(rq), -EEXIST);
	rq.kind = SEM;
	ck_assert_int_eq(make(rq), -EINVAL);
	rq.kind = PROC;
	ck_assert_int_eq(make(rq), -EINVAL);
}

START_TEST(keys_are_random_and_not_private)
{
	int number = 0, same = 0;
	int32_t first = ipcmk_key(&number);

	for (int i = 0; i < 100; i++) {
		int32_t key = ipcmk_key(&number);

		ck_assert_int_ne(key, IPC_PRIVATE);
		same += key == first;
	}
	ck_assert_int_lt(same, 3);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("ipcmk");

	add_box_test(tc, a_request_creates_what_it_says);
	add_box_test(tc, flags_are_passed_on);
	tcase_add_test(tc, keys_are_random_and_not_private);
	return run_tests(tc, "ipcmk");
}
