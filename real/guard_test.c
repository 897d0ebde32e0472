/* Buffers of calls: where they lie, where they end, and that nothing is stored around them unnoticed. */
#include <sys/mman.h>

#include "test.h"

static struct slot *slot;
static int pipes[2];

static void get_slot(void)
{
	slot = slot_get(2);
	ck_assert_ptr_nonnull(slot);
	ck_assert(slot_guard(slot));
	ck_assert_int_eq(pipe(pipes), 0);
}

/* Can the kernel read, and store, n bytes there? */
static bool kernel_reads(const void *at, size_t n)
{
	return write(pipes[1], at, n) == (ssize_t)n;
}

static bool kernel_stores(void *at, size_t n)
{
	static const char some[64];

	ck_assert_int_eq(write(pipes[1], some, n), (ssize_t)n);
	return read(pipes[0], at, n) == (ssize_t)n;
}

START_TEST(slots_are_apart_and_shared)
{
	struct slot *other = slot_get(3);
	pid_t pid = fork();

	ck_assert(pid >= 0);
	if (pid == 0) {
		slot->ret = 77;
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	ck_assert_int_eq(slot->ret, 77);
	ck_assert_int_eq(other->ret, 0);
	ck_assert_ptr_eq(slot_get(2), slot);
}
END_TEST

START_TEST(a_good_place_ends_at_a_guard)
{
	struct spot spot = pad_spot(slot, P_OK, 24);

	ck_assert_uint_eq(spot.room, 24);
	ck_assert(kernel_reads(spot.at, 24));
	ck_assert(kernel_stores(spot.at, 24));
	ck_assert(!kernel_reads(spot.at, 25));
	spot = timeout_spot(slot, P_OK, 16);
	ck_assert(kernel_reads(spot.at, 16));
	ck_assert(!kernel_reads(spot.at, 17));
}
END_TEST

START_TEST(the_largest_place_has_a_bound)
{
	struct spot spot = pad_spot(slot, P_OK, SIZE_MAX);

	ck_assert_uint_eq(spot.room, PAD_SIZE);
	spot.at[0] = spot.at[PAD_SIZE - 1] = 1;
}
END_TEST

START_TEST(of_a_partial_place_eight_bytes_can_be_used)
{
	struct spot spot = pad_spot(slot, P_PARTIAL, 24);

	ck_assert_uint_eq(spot.room, 8);
	ck_assert(kernel_reads(spot.at, 8));
	ck_assert(!kernel_reads(spot.at, 9));
	ck_assert_uint_eq(pad_spot(slot, P_PARTIAL, 6).room, 6);
}
END_TEST

START_TEST(an_odd_place_ends_at_the_guard_or_a_byte_before)
{
	struct spot even = pad_spot(slot, P_ODD, 24), odd = pad_spot(slot, P_ODD, 25);

	ck_assert_uint_eq((uintptr_t)even.at & (uintptr_t)odd.at & 1, 1);
	ck_assert(kernel_stores(even.at, 24));
	ck_assert(kernel_stores(odd.at, 25));
	ck_assert(!kernel_reads(even.at, 26));
	ck_assert(!kernel_reads(odd.at, 26));
}
END_TEST

START_TEST(bad_places_have_no_room)
{
	ck_assert_ptr_null(pad_spot(slot, P_NULL, 24).at);
	ck_assert_uint_eq(pad_spot(slot, P_NULL, 24).room, 0);
	ck_assert_uint_eq(pad_spot(slot, P_UNMAPPED, 24).room, 0);
	ck_assert(!kernel_reads(pad_spot(slot, P_UNMAPPED, 24).at, 1));
	ck_assert(!kernel_reads(timeout_spot(slot, P_UNMAPPED, 16).at, 1));
}
END_TEST

START_TEST(a_readonly_place_can_be_read_during_the_call_only)
{
	struct spot spot = pad_spot(slot, P_READONLY, 24);

	slot_protect(slot, true);
	ck_assert(kernel_reads(spot.at, 24));
	ck_assert(!kernel_stores(spot.at, 24));
	slot_protect(slot, false);
	ck_assert_int_eq(read(pipes[0], spot.at, 24), 24);
	spot = timeout_spot(slot, P_READONLY, 16);
	slot_protect(slot, true);
	ck_assert(!kernel_stores(spot.at, 16));
	slot_protect(slot, false);
	ck_assert_int_eq(read(pipes[0], spot.at, 16), 16);
}
END_TEST

START_TEST(writing_keeps_within_the_room)
{
	struct spot spot = pad_spot(slot, P_PARTIAL, 24);

	spot_write(spot, 4, "abcdefgh", 8);
	ck_assert_mem_eq(spot.at + 4, "abcd", 4);
	spot_write(spot, 8, "x", 1);
	spot_write(pad_spot(slot, P_NULL, 24), 0, "x", 1);
	spot_write(spot, 0, NULL, 0);
}
END_TEST

START_TEST(dead_canaries_are_found)
{
	struct spot spot = pad_spot(slot, P_OK, 24);

	canary_fill(slot, spot);
	ck_assert_int_eq(canary_broken(slot, spot, 0), 24);
	spot.at[23] = 0;
	ck_assert_int_eq(canary_broken(slot, spot, 0), 23);
	ck_assert_int_eq(canary_broken(slot, spot, 23), 23);
	ck_assert_int_eq(canary_broken(slot, spot, 24), 24);
	spot.at[5] = 0;
	ck_assert_int_eq(canary_broken(slot, spot, 0), 5);
	ck_assert_int_eq(canary_broken(slot, spot, 6), 23);
	spot.at[-3] = 0;
	ck_assert_int_eq(canary_broken(slot, spot, 24), -3);
	spot.at[-16] = 0;
	ck_assert_int_eq(canary_broken(slot, spot, 0), -16);
}
END_TEST

START_TEST(canaries_need_room)
{
	canary_fill(slot, pad_spot(slot, P_NULL, 24));
	ck_assert_int_eq(canary_broken(slot, pad_spot(slot, P_NULL, 24), 0), 0);
	canary_fill(slot, pad_spot(slot, P_OK, SIZE_MAX));
	ck_assert_int_eq(canary_broken(slot, pad_spot(slot, P_OK, SIZE_MAX), 0), PAD_SIZE);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("guard");

	tcase_add_checked_fixture(tc, get_slot, NULL);
	tcase_add_test(tc, slots_are_apart_and_shared);
	tcase_add_test(tc, a_good_place_ends_at_a_guard);
	tcase_add_test(tc, the_largest_place_has_a_bound);
	tcase_add_test(tc, of_a_partial_place_eight_bytes_can_be_used);
	tcase_add_test(tc, an_odd_place_ends_at_the_guard_or_a_byte_before);
	tcase_add_test(tc, bad_places_have_no_room);
	tcase_add_test(tc, a_readonly_place_can_be_read_during_the_call_only);
	tcase_add_test(tc, writing_keeps_within_the_room);
	tcase_add_test(tc, dead_canaries_are_found);
	tcase_add_test(tc, canaries_need_room);
	return run_tests(tc, "guard");
}
