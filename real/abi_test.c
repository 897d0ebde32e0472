/* Structures of the kernel, and limits whose headers cannot be included beside those of abi.c. */
#include "test.h"

#define LIMITS \
	THEIRS(SEMVMX) THEIRS(SEMAEM) MINE(MSGMNI) MINE(MSGMAX) MINE(MSGMNB) MINE(SEMMSL) MINE(SEMMNS) \
	MINE(SEMOPM) MINE(SEMMNI) MINE(SHMMNI)
enum {
#define THEIRS(name) OURS_##name = name,
#define MINE(name) OURS_##name = DEF_##name,
	LIMITS
#undef THEIRS
#undef MINE
};
#define semid_ds linux_semid_ds
#include <linux/msg.h>
#include <linux/sem.h>
#include <linux/shm.h>
#define THEIRS(name) _Static_assert(OURS_##name == (name), #name);
#define MINE(name) _Static_assert(OURS_##name == (name), #name);
LIMITS

/* Every operation that stores a structure, by number. */
static const struct layout *layout_at(int code)
{
	return layout_of(ABI_RAW, (enum opcode)code);
}

START_TEST(cells_lie_inside_and_apart)
{
	const struct layout *l = layout_at(_i);
	bool taken[STATUSMAX] = { false };

	for (int i = 0; l && i < l->ncells; i++)
		for (int k = 0; k < l->cells[i].size; k++) {
			const size_t at = (size_t)l->cells[i].offset + (size_t)k;

			ck_assert_uint_lt(at, l->size);
			ck_assert(!taken[at]);
			taken[at] = true;
		}
}
END_TEST

START_TEST(a_record_has_every_field_that_its_operation_reports)
{
	const struct layout *l = layout_at(_i);
	unsigned char zeros[256] = { 0 };
	struct record rec = { 0 };

	if (!l)
		return;
	ck_assert_int_eq(layout_read(l, zeros, &rec), -1);
	ck_assert_uint_eq(rec.has, op_fields((enum opcode)_i));
}
END_TEST

/* A byte that is set shows in a field or as reserved, unless it is defined and not reported. */
START_TEST(no_byte_goes_unnoticed)
{
	const struct layout *l = layout_at(_i);
	size_t silent = 0, defined = 0;

	if (!l)
		return;
	for (int i = 0; i < l->ncells; i++)
		defined += l->cells[i].field == NFIELDS ? l->cells[i].size : 0;
	for (size_t at = 0; at < l->size; at++) {
		unsigned char bytes[256] = { 0 };
		struct record rec = { 0 };
		bool seen;

		bytes[at] = 1;
		seen = layout_read(l, bytes, &rec) >= 0;
		for (enum field f = 0; f < NFIELDS; f++)
			seen = seen || (rec.has & BIT(f) && rec.v[f]);
		silent += !seen;
	}
	ck_assert_uint_eq(silent, defined);
}
END_TEST

START_TEST(what_is_written_is_read)
{
	const struct layout *l = layout_at(_i);
	unsigned char bytes[256] = { 0 };
	struct record rec = { 0 };

	if (!l)
		return;
	for (enum field f = 0; f < NFIELDS; f++)
		layout_write(l, bytes, f, f + 1);
	layout_read(l, bytes, &rec);
	for (enum field f = 0; f < NFIELDS; f++)
		if (rec.has & BIT(f))
			ck_assert_int_eq(rec.v[f], f + 1);
}
END_TEST

static int64_t read_back(enum family family, enum field f, int64_t v)
{
	unsigned char bytes[256] = { 0 };
	struct record rec = { 0 };

	layout_write(&kernel_layouts.status[family], bytes, f, v);
	layout_read(&kernel_layouts.status[family], bytes, &rec);
	return rec.v[f];
}

START_TEST(signs_are_those_of_the_kernel)
{
	ck_assert_int_eq(read_back(MSG, F_key, -1), -1);
	ck_assert_int_eq(read_back(MSG, F_uid, -1), UINT32_MAX);
	ck_assert_int_eq(read_back(MSG, F_lspid, -1), -1);
	ck_assert_int_eq(read_back(MSG, F_seq, -1), UINT16_MAX);
}
END_TEST

START_TEST(what_needs_all_bits_is_the_highest_value)
{
	if (sizeof(long) == 8)
		ck_assert_int_eq(read_back(SHM, F_segsz, -1), INT64_MAX);
	ck_assert_int_eq(read_back(SHM, F_segsz, 0x7fffffff), 0x7fffffff);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("abi");

	tcase_add_loop_test(tc, cells_lie_inside_and_apart, 0, NOPS);
	tcase_add_loop_test(tc, a_record_has_every_field_that_its_operation_reports, 0, NOPS);
	tcase_add_loop_test(tc, no_byte_goes_unnoticed, 0, NOPS);
	tcase_add_loop_test(tc, what_is_written_is_read, 0, NOPS);
	tcase_add_test(tc, signs_are_those_of_the_kernel);
	tcase_add_test(tc, what_needs_all_bits_is_the_highest_value);
	return run_tests(tc, "abi");
}
