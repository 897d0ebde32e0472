/* What the worker makes of an answer. The kernel's part is played by the test. */
#include "test.h"

static struct slot *slot;
static char stray[80];

static void get_slot(void)
{
	slot = slot_get(1);
	ck_assert_ptr_nonnull(slot);
}

/* A call that has been answered with ret; change says what was stored. */
static void answer(struct op call, long ret, int number, void (*change)(unsigned char *at))
{
	marshal_call(slot, &call);
	slot->ret = ret;
	slot->err = number;
	if (change)
		change(slot->out.at);
	marshal_answer(slot, &out, stray, sizeof(stray));
}

static void store_nothing(unsigned char *at)
{
	(void)at;
}

static void store_zeros(unsigned char *at)
{
	memset(at, 0, kernel_layouts.status[MSG].size);
}

static void store_dirty_reserve(unsigned char *at)
{
	store_zeros(at);
	at[kernel_layouts.status[MSG].size - 1] = 9;
}

static void store_before(unsigned char *at)
{
	store_zeros(at);
	at[-1] = 0;
}

START_TEST(a_clean_record_is_taken)
{
	answer(op(msgctl_IPC_STAT, A, .id = 1), 0, 0, store_zeros);
	ck_assert_int_eq(out.how, RETURNED);
	ck_assert_ptr_null(out.stray);
	ck_assert_uint_eq(out.rec.has, op_fields(OP_msgctl_IPC_STAT));
}
END_TEST

START_TEST(reserved_bytes_must_be_zero)
{
	answer(op(msgctl_IPC_STAT, A, .id = 1), 0, 0, store_dirty_reserve);
	ck_assert_str_eq(out.stray, sizeof(long) == 8 ? "byte 119, which is reserved, is 0x09" : out.stray);
	answer(op(msgctl_IPC_STAT, A, .id = 1), 0, 0, store_nothing);
	ck_assert_ptr_nonnull(out.stray);
}
END_TEST

START_TEST(nothing_is_stored_before_the_buffer)
{
	answer(op(msgctl_IPC_STAT, A, .id = 1), 0, 0, store_before);
	ck_assert_str_eq(out.stray, "byte -1 of the caller's buffer was overwritten");
}
END_TEST

START_TEST(a_call_that_fails_stores_nothing)
{
	answer(op(msgctl_IPC_STAT, A, .id = 1), -1, EACCES, store_nothing);
	ck_assert_int_eq(out.how, FAILED);
	ck_assert_int_eq(out.err, EACCES);
	ck_assert_ptr_null(out.stray);
	answer(op(msgctl_IPC_STAT, A, .id = 1), -1, EACCES, store_zeros);
	ck_assert_ptr_nonnull(out.stray);
}
END_TEST

START_TEST(only_a_fault_may_come_after_a_part_was_stored)
{
	answer(op(msgctl_IPC_STAT, A, .id = 1), -1, EFAULT, store_zeros);
	ck_assert_ptr_null(out.stray);
	answer(op(msgctl_IPC_STAT, A, .id = 1), -1, EFAULT, store_before);
	ck_assert_ptr_nonnull(out.stray);
}
END_TEST

static void store_message(unsigned char *at)
{
	const long type = 7;

	memcpy(at, &type, sizeof(type));
	memcpy(at + sizeof(type), "abc", 3);
}

START_TEST(a_message_has_the_length_that_was_returned)
{
	answer(op(msgrcv, A, .id = 1, .size = 10), 3, 0, store_message);
	ck_assert_ptr_null(out.stray);
	ck_assert_int_eq(field(F_type), 7);
	ck_assert_uint_eq(out.len, 3);
	ck_assert_mem_eq(out.bytes, "abc", 3);
	answer(op(msgrcv, A, .id = 1, .size = 10), 2, 0, store_message);
	ck_assert_ptr_nonnull(out.stray);
	ck_assert_uint_eq(out.len, 2);
}
END_TEST

START_TEST(a_length_that_is_a_lie_reads_nothing_else)
{
	answer(op(msgrcv, A, .id = 1, .size = 10), 4711, 0, store_message);
	ck_assert_uint_eq(out.len, 10);
	answer(op(msgrcv, A, .id = 1, .size = INT64_MAX), INT64_MAX, 0, NULL);
	ck_assert_uint_le(out.len, PAD_SIZE);
	answer(op(msgrcv, A, .id = 1, .size = 10), -5, 0, NULL);
	ck_assert_uint_eq(out.len, 0);
	answer(op(msgrcv, A, .id = 1, .size = -1), 5, 0, NULL);
	ck_assert_uint_eq(out.len, 0);
	answer(op(msgrcv, A, .id = 1, .size = 10, .buf = P_NULL), 5, 0, NULL);
	ck_assert_uint_eq(out.len, 0);
	ck_assert(!out.rec.has);
}
END_TEST

START_TEST(a_message_lies_as_the_call_wants_it)
{
	const struct payload short_of_text = { .msg = { 5, 6, 2, (const unsigned char *)"ab" } };
	struct op send = with(&short_of_text, msgsnd, A, .id = 1);
	long type;

	answer(op(msgrcv, A, .id = 1, .size = 6), -1, EINVAL, NULL);	/* leaves canaries */
	marshal_call(slot, &send);
	memcpy(&type, slot->buf, sizeof(type));
	ck_assert_int_eq(type, 5);
	ck_assert_uint_eq(slot->size, 6);
	ck_assert_uint_eq(slot->in.room, sizeof(type) + 2);	/* and no more can be read */
	ck_assert_mem_eq(slot->in.at + sizeof(type), "ab", 2);
}
END_TEST

START_TEST(a_timeout_may_be_left_out)
{
	struct payload d = *sops({ 0, 0, 0 });
	struct op call = with(&d, semtimedop, A, .id = 1);
	const int64_t span[2] = { 3, 4 };

	marshal_call(slot, &call);
	ck_assert_ptr_null(slot->timeout);
	d.timeout.given = true;
	d.timeout.sec = 3;
	d.timeout.nsec = 4;
	marshal_call(slot, &call);
	ck_assert_mem_eq(slot->timeout, span, sizeof(span));
	d.timeout.where = P_NULL;
	marshal_call(slot, &call);
	ck_assert_ptr_null(slot->timeout);
}
END_TEST

START_TEST(what_a_sleeper_was_given_is_spoiled_and_restored)
{
	struct payload d = *sops({ 1, 2, 3 });
	struct op call = with(&d, semtimedop, A, .id = 1);
	const struct sop given = { 1, 2, 3 };
	const int64_t span[2] = { 3, 4 };

	d.timeout.given = true;
	d.timeout.sec = 3;
	d.timeout.nsec = 4;
	marshal_call(slot, &call);
	marshal_spoil(slot);
	for (size_t i = 0; i < sizeof(given); i++)
		ck_assert_uint_eq(((unsigned char *)slot->buf)[i], CANARY);
	for (size_t i = 0; i < sizeof(span); i++)
		ck_assert_uint_eq(((unsigned char *)slot->timeout)[i], CANARY);
	marshal_again(slot);
	ck_assert_mem_eq(slot->buf, &given, sizeof(given));
	ck_assert_mem_eq(slot->timeout, span, sizeof(span));
}
END_TEST

START_TEST(values_at_an_odd_address_are_read)
{
	const uint16_t vals[] = { 1, 2 };
	struct op call = op(semctl_GETALL, A, .id = 1, .buf = P_ODD);

	marshal_call(slot, &call);
	slot->out = pad_spot(slot, P_ODD, sizeof(vals));
	memcpy(slot->out.at, vals, sizeof(vals));
	slot->ret = 0;
	marshal_answer(slot, &out, stray, sizeof(stray));
	ck_assert_uint_eq(out.nvals, 2);
	ck_assert_mem_eq(out.vals, vals, sizeof(vals));
}
END_TEST

START_TEST(an_address_is_not_negative)
{
	answer(op(shmat, A, .id = 1), -4096, 0, NULL);
	ck_assert_int_eq(out.how, RETURNED);
	ck_assert_int_eq(out.value, (int64_t)(unsigned long)-4096L);
}
END_TEST

START_TEST(a_signal_is_an_outcome)
{
	struct op call = op(load, A, .addr = 1, .len = 1);

	marshal_call(slot, &call);
	slot->sig = SIGBUS;
	marshal_answer(slot, &out, stray, sizeof(stray));
	ck_assert_int_eq(out.how, FAULTED);
	ck_assert_int_eq(out.err, SIGBUS);
	ck_assert_ptr_null(out.stray);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("marshal");

	tcase_add_checked_fixture(tc, get_slot, NULL);
	tcase_add_test(tc, a_clean_record_is_taken);
	tcase_add_test(tc, reserved_bytes_must_be_zero);
	tcase_add_test(tc, nothing_is_stored_before_the_buffer);
	tcase_add_test(tc, a_call_that_fails_stores_nothing);
	tcase_add_test(tc, only_a_fault_may_come_after_a_part_was_stored);
	tcase_add_test(tc, a_message_has_the_length_that_was_returned);
	tcase_add_test(tc, a_length_that_is_a_lie_reads_nothing_else);
	tcase_add_test(tc, a_message_lies_as_the_call_wants_it);
	tcase_add_test(tc, a_timeout_may_be_left_out);
	tcase_add_test(tc, what_a_sleeper_was_given_is_spoiled_and_restored);
	tcase_add_test(tc, values_at_an_odd_address_are_read);
	tcase_add_test(tc, an_address_is_not_negative);
	tcase_add_test(tc, a_signal_is_an_outcome);
	return run_tests(tc, "marshal");
}
