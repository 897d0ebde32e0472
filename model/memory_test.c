/* What a task does to its attached memory other than by shmat and shmdt. */
#include <signal.h>

#include "test.h"

enum { PAGE = 4096, FAR = 16 * PAGE };

static int64_t s;		/* a segment of five pages, attached by A at HOLE */

static int64_t of(enum field which)
{
	return field(SHM, s, which);
}

static void attach(int64_t size)
{
	s = value(op(shmget, A, .key = 0x11, .size = size, .flg = IPC_CREAT | 0666));
	run(op(shmat, A, .id = s, .addr = HOLE));
}

static int attach_err(int actor, int64_t page)
{
	return err(op(shmat, actor, .id = s, .addr = HOLE + page * PAGE));
}

/* Ranges in pages from HOLE. */
static struct op unmapping(int64_t page, int64_t n)
{
	return op(munmap, A, .addr = HOLE + page * PAGE, .len = n * PAGE);
}

static struct op protecting(int64_t page, int64_t n, int64_t prot)
{
	return op(mprotect, A, .addr = HOLE + page * PAGE, .len = n * PAGE, .prot = prot);
}

static struct op advising(int64_t page, int64_t n)
{
	return op(madvise_DONTFORK, A, .addr = HOLE + page * PAGE, .len = n * PAGE);
}

/* to: -1 leaves the place to the system */
static struct op moving(int64_t page, int64_t n, int64_t new, int64_t to)
{
	return op(mremap, A, .addr = HOLE + page * PAGE, .len = n * PAGE, .newlen = new * PAGE,
		  .to = to < 0 ? 0 : HOLE + to * PAGE);
}

/* The signal that a load of one byte gives, or 0. */
static int touch(int actor, int64_t page)
{
	struct outcome out = run(op(load, actor, .addr = HOLE + page * PAGE, .len = 1));

	return out.how == FAULTED ? out.err : 0;
}

/* The area at a page begins there, with this offset, length (in pages) and protection. */
static void is_area(int64_t page, int64_t offset, int64_t length, int prot)
{
	struct outcome out = run(op(proc_maps, A, .addr = HOLE + page * PAGE));

	ck_assert_int_eq(out.how, RETURNED);
	ck_assert_int_eq(out.value, s);
	ck_assert_int_eq(out.rec.v[F_key], 0x11);
	ck_assert_int_eq(out.rec.v[F_offset], offset * PAGE);
	ck_assert_int_eq(out.rec.v[F_length], length * PAGE);
	ck_assert_int_eq(out.rec.v[F_prot], prot);
}

enum { RW = READABLE | WRITABLE };

/* ---- areas -------------------------------------------------------------------------------------- */

#define WHOLE_SPACE linux_facts.space_end

START_TEST(a_part_with_another_protection_is_an_area_of_its_own)
{
	int64_t now;

	attach(5 * PAGE);
	now = model_now(w);
	run(protecting(2, 1, READABLE));
	ck_assert_int_eq(of(F_nattch), 3);
	ck_assert_int_eq(of(F_atime), now);
	ck_assert_int_eq(of(F_dtime), 0);
	is_area(0, 0, 2, RW);
	is_area(2, 2, 1, READABLE);
	is_area(3, 3, 2, RW);
	run(unmapping(3, 1));
	ck_assert_int_eq(of(F_nattch), 3);
	run(op(shmdt, A, .addr = HOLE));
	ck_assert_int_eq(of(F_nattch), 0);
}
END_TEST

START_TEST(areas_are_never_made_one)
{
	attach(3 * PAGE);
	run(protecting(1, 1, RW));
	is_area(0, 0, 3, RW);
	ck_assert_int_eq(of(F_nattch), 1);
	run(protecting(1, 1, 0));
	run(protecting(1, 1, RW));
	ck_assert_int_eq(of(F_nattch), 3);
	is_area(1, 1, 1, RW);
}
END_TEST

/* Pages at the edge of an area join the one beside it that is alike, with no change of counts and times. */
START_TEST(where_two_areas_meet_can_move)
{
	int64_t atime;

	attach(5 * PAGE);
	run(protecting(2, 1, READABLE));
	atime = of(F_atime);
	run(protecting(1, 1, READABLE));
	is_area(1, 1, 2, READABLE);
	run(protecting(3, 1, READABLE));
	is_area(1, 1, 3, READABLE);
	is_area(4, 4, 1, RW);
	ck_assert_int_eq(of(F_nattch), 3);
	ck_assert_int_eq(of(F_atime), atime);
}
END_TEST

START_TEST(a_range_over_the_boundary_moves_it_too)
{
	attach(4 * PAGE);
	run(protecting(3, 1, READABLE));
	run(protecting(2, 2, READABLE));
	is_area(2, 2, 2, READABLE);
	ck_assert_int_eq(of(F_nattch), 2);
	run(op(shmat, B, .id = s, .addr = HOLE));
	run(op(madvise_DONTFORK, B, .addr = HOLE + 3 * PAGE, .len = PAGE));
	run(op(madvise_DONTFORK, B, .addr = HOLE + 2 * PAGE, .len = 2 * PAGE));
	ck_assert_int_eq(of(F_nattch), 4);
	ck_assert_int_eq(w->memory[B].attached[1].size, 2 * PAGE);
	run(op(madvise_DONTFORK, B, .addr = HOLE + PAGE, .len = PAGE));
	ck_assert_int_eq(of(F_nattch), 4);
}
END_TEST

/* Behind the last area there is nothing, not even what was there before. */
START_TEST(what_is_gone_does_not_grow)
{
	attach(3 * PAGE);
	run(protecting(2, 1, READABLE));
	run(unmapping(2, 1));
	run(protecting(1, 1, READABLE));
	is_area(0, 0, 1, RW);
	is_area(1, 1, 1, READABLE);
	ck_assert_int_eq(of(F_nattch), 2);
}
END_TEST

START_TEST(a_copy_does_not_join_what_is_gone)
{
	s = value(op(shmget, A, .key = 0x11, .size = 4 * PAGE, .flg = IPC_CREAT | 0666));
	run(op(shmat, A, .id = s, .addr = HOLE + FAR));
	run(moving(18, 1, 1, 0));
	run(unmapping(19, 1));
	run(protecting(16, 2, READABLE));
	run(moving(0, 1, 1, 18));
	is_area(16, 0, 2, READABLE);
	is_area(18, 2, 1, RW);
	ck_assert_int_eq(of(F_nattch), 2);
}
END_TEST

START_TEST(areas_of_other_attaches_do_not_grow)
{
	attach(4 * PAGE);
	run(op(shmat, A, .id = s, .addr = HOLE + FAR));
	run(unmapping(2, 2));
	run(moving(18, 2, 2, 2));
	run(protecting(2, 2, READABLE));
	ck_assert_int_eq(of(F_nattch), 3);
	run(protecting(1, 1, READABLE));
	ck_assert_int_eq(of(F_nattch), 4);
	is_area(1, 1, 1, READABLE);
	is_area(2, 2, 2, READABLE);
}
END_TEST

START_TEST(areas_with_another_mark_do_not_grow)
{
	attach(3 * PAGE);
	run(advising(0, 1));
	run(protecting(0, 1, READABLE));
	run(protecting(1, 1, READABLE));
	ck_assert_int_eq(of(F_nattch), 3);
	is_area(0, 0, 1, READABLE);
	is_area(1, 1, 1, READABLE);
}
END_TEST

START_TEST(a_cut_stamps_both_times_and_the_pid)
{
	int64_t now;

	attach(3 * PAGE);
	run(op(shmat, B, .id = s, .addr = HOLE));
	now = model_now(w);
	run(unmapping(1, 1));
	ck_assert_int_eq(of(F_nattch), 3);
	ck_assert_int_eq(of(F_atime), now);
	ck_assert_int_eq(of(F_dtime), now);
	ck_assert_int_eq(of(F_lpid), A + 1);
	ck_assert_int_eq(touch(A, 1), SIGSEGV);
	ck_assert_int_eq(touch(B, 1), 0);
}
END_TEST

START_TEST(the_whole_goes_like_a_detach)
{
	int64_t atime, now;

	attach(3 * PAGE);
	atime = of(F_atime);
	now = model_now(w);
	run(unmapping(-1, 9));
	ck_assert_int_eq(of(F_nattch), 0);
	ck_assert_int_eq(of(F_atime), atime);
	ck_assert_int_eq(of(F_dtime), now);
}
END_TEST

START_TEST(a_marked_segment_goes_with_its_last_area)
{
	attach(2 * PAGE);
	run(op(shmctl_IPC_RMID, A, .id = s));
	run(unmapping(0, 1));
	ck_assert_int_eq(of(F_nattch), 1);
	run(unmapping(1, 1));
	ck_assert_int_eq(err(op(shmctl_IPC_STAT, A, .id = s)), EINVAL);
}
END_TEST

START_TEST(posix_counts_an_attach_once)
{
	int64_t atime;

	profile = &profile_posix;
	attach(3 * PAGE);
	atime = of(F_atime);
	run(protecting(1, 1, READABLE));
	run(unmapping(1, 1));
	ck_assert_int_eq(of(F_nattch), 1);
	ck_assert_int_eq(of(F_atime), atime);
	ck_assert_int_eq(of(F_dtime), 0);
	run(op(fork, A, .child = 9));
	ck_assert_int_eq(of(F_nattch), 2);
	run(op(exit, 9));
	ck_assert_int_eq(of(F_nattch), 1);
	run(unmapping(0, 1));
	ck_assert_int_eq(of(F_nattch), 1);
	run(unmapping(2, 1));
	ck_assert_int_eq(of(F_nattch), 0);
}
END_TEST

/* ---- refusals ----------------------------------------------------------------------------------- */

static void refused(struct op call, int want, const char *rule)
{
	ck_assert_int_eq(judge(call).first, want);
	ck_assert_str_eq(model_decider(w, &call, profile), rule);
}

START_TEST(ranges_that_cannot_be)
{
	const int64_t odd = HOLE + 1;

	attach(2 * PAGE);
	refused(op(munmap, A, .addr = odd, .len = 1), EINVAL, "MUNMAP-1");
	refused(unmapping(0, 0), EINVAL, "MUNMAP-2");
	refused(op(munmap, A, .addr = HOLE, .len = INT64_MAX), EINVAL, "MUNMAP-2");
	refused(op(munmap, A, .addr = HOLE, .len = -1), EINVAL, "MUNMAP-2");
	refused(op(mprotect, A, .addr = odd, .len = 1), EINVAL, "MPROTECT-1");
	refused(op(mprotect, A, .addr = HOLE, .len = -1), ENOMEM, "MPROTECT-2");
	refused(protecting(0, 3, 0), ENOMEM, "MPROTECT-2");
	refused(protecting(-1, 2, 0), ENOMEM, "MPROTECT-2");
	refused(op(madvise_DONTFORK, A, .addr = odd, .len = 1), EINVAL, "LINUX-MADVISE-1");
	refused(op(madvise_DONTFORK, A, .addr = HOLE, .len = -1), EINVAL, "LINUX-MADVISE-1");
	refused(op(madvise_DONTFORK, A, .addr = -PAGE, .len = PAGE), EINVAL, "LINUX-MADVISE-1");
	refused(op(madvise_DONTFORK, A, .addr = -2 * PAGE, .len = PAGE), ENOMEM, "LINUX-MADVISE-2");
	refused(advising(1, 2), ENOMEM, "LINUX-MADVISE-2");
	refused(op(proc_maps, A, .addr = HOLE + 2 * PAGE), ENOENT, "LINUX-SHM-MAPS-1");
	ck_assert_int_eq(err(protecting(9, 0, 0)), 0);
	ck_assert_int_eq(err(advising(9, 0)), 0);
	ck_assert_int_eq(err(unmapping(9, 1)), 0);
}
END_TEST

START_TEST(what_reaches_beyond_the_space_is_looked_at_when_something_is_given_back)
{
	const int64_t last = (int64_t)w->facts.space_end - PAGE;

	attach(PAGE);
	run(op(shmat, A, .id = s, .addr = last));
	ck_assert_int_eq(value(op(mremap, A, .addr = last, .len = 2 * PAGE, .newlen = 2 * PAGE)), last);
	refused(op(mremap, A, .addr = last, .len = 2 * PAGE, .newlen = PAGE), EINVAL, "LINUX-MREMAP-1");
}
END_TEST

START_TEST(moves_that_cannot_be)
{
	attach(4 * PAGE);
	run(protecting(2, 2, READABLE));
	refused(op(mremap, A, .addr = HOLE + 1, .len = 1, .newlen = 1), EINVAL, "LINUX-MREMAP-1");
	refused(moving(0, 1, 0, -1), EINVAL, "LINUX-MREMAP-1");
	refused(moving(0, 2, 2, 0), EINVAL, "LINUX-MREMAP-1");
	refused(moving(1, 1, 2, 0), EINVAL, "LINUX-MREMAP-1");
	refused(op(mremap, A, .addr = HOLE, .len = PAGE, .newlen = PAGE, .to = HOLE + FAR + 1), EINVAL,
		"LINUX-MREMAP-1");
	refused(op(mremap, A, .addr = HOLE, .len = PAGE, .newlen = INT64_MAX, .to = HOLE + FAR), EINVAL,
		"LINUX-MREMAP-1");
	refused(moving(8, 1, 1, -1), EFAULT, "LINUX-MREMAP-2");
	refused(moving(0, 3, 4, -1), EFAULT, "LINUX-MREMAP-2");
	refused(moving(0, 3, 3, 16), EFAULT, "LINUX-MREMAP-2");
	refused(op(mremap, A, .addr = HOLE + 2 * PAGE, .len = 2 * PAGE, .newlen = INT64_MAX), EINVAL,
		"LINUX-MREMAP-1");
	refused(op(mremap, A, .addr = HOLE + 2 * PAGE, .len = 2 * PAGE, .newlen = WHOLE_SPACE), ENOMEM,
		"LINUX-SHMAT-LIM-2");
	refused(op(mremap, A, .addr = -2 * PAGE, .len = 4 * PAGE, .newlen = 4 * PAGE), EFAULT,
		"LINUX-MREMAP-2");
	refused(op(mremap, A, .addr = -2 * PAGE, .len = 4 * PAGE, .newlen = PAGE), EFAULT,
		"LINUX-MREMAP-2");
	refused(op(mremap, A, .addr = HOLE, .len = INT64_MIN, .newlen = PAGE), EINVAL, "LINUX-MREMAP-1");
	refused(op(mremap, A, .addr = w->facts.space_end - PAGE, .len = 2 * PAGE, .newlen = PAGE,
		   .to = HOLE + FAR), EFAULT, "LINUX-MREMAP-2");
	refused(op(mremap, A, .addr = HOLE, .len = PAGE, .newlen = PAGE, .to = w->facts.space_end), EINVAL,
		"LINUX-MREMAP-1");
	ck_assert_int_eq(judge(op(mremap, A, .addr = HOLE, .len = PAGE, .newlen = PAGE,
				  .to = w->facts.space_end - PAGE)).first, 0);
	ck_assert_int_eq(err(moving(0, 4, 3, -1)), 0);
}
END_TEST

/* What becomes shorter as it moves may reach over the end of its area; a place may be beside it. */
START_TEST(moves_that_can_be)
{
	attach(4 * PAGE);
	ck_assert_int_eq(err(moving(2, 4, 1, 16)), 0);
	is_area(0, 0, 2, RW);
	is_area(16, 2, 1, RW);
	ck_assert_int_eq(err(moving(1, 1, 1, 0)), 0);
	is_area(0, 1, 1, RW);
	ck_assert_int_eq(err(moving(0, 1, 1, 1)), 0);
	is_area(1, 1, 1, RW);
}
END_TEST

/* What lies just behind is left alone. */
START_TEST(growing_and_shrinking_end_where_they_should)
{
	attach(4 * PAGE);
	run(op(shmat, A, .id = s, .addr = HOLE + 4 * PAGE));
	ck_assert_int_eq(value(moving(0, 4, 2, -1)), HOLE);
	is_area(0, 0, 2, RW);
	is_area(4, 0, 4, RW);
	ck_assert_int_eq(value(moving(0, 2, 4, -1)), HOLE);
	is_area(0, 0, 4, RW);
}
END_TEST

START_TEST(without_the_rule_what_reaches_over_an_area_or_is_not_there_does_no_harm)
{
	struct profile p = profile_linux;

	attach(2 * PAGE);
	run(op(shmat, A, .id = s, .addr = HOLE + 2 * PAGE));
	p.without = "LINUX-MREMAP-2";
	profile = &p;
	run(moving(0, 4, 6, -1));
	run(moving(8, 1, 1, 16));
	ck_assert_int_eq(touch(A, 16), SIGSEGV);
}
END_TEST

START_TEST(before_6_17_no_place_is_found_for_a_length_above_the_space)
{
	attach(4 * PAGE);
	w->facts.linux = LINUX(6, 16);
	refused(op(mremap, A, .addr = HOLE, .len = PAGE, .newlen = INT64_MAX), ENOMEM, "LINUX-SHMAT-LIM-2");
	refused(op(mremap, A, .addr = HOLE, .len = PAGE, .newlen = INT64_MAX, .to = HOLE + FAR), EINVAL,
		"LINUX-MREMAP-1");
	w->facts.linux = LINUX(6, 17);
	refused(op(mremap, A, .addr = HOLE, .len = PAGE, .newlen = INT64_MAX), EINVAL, "LINUX-MREMAP-1");
}
END_TEST

START_TEST(a_failed_mprotect_has_gone_up_to_what_stopped_it)
{
	attach(3 * PAGE);
	run(unmapping(1, 1));
	ck_assert_int_eq(err(protecting(0, 3, 0)), ENOMEM);
	ck_assert_int_eq(touch(A, 0), SIGSEGV);
	ck_assert_int_eq(touch(A, 2), 0);
	run(op(fork, A, .child = 9));
	ck_assert_int_eq(w->memory[9].nattached, 2);
	run(op(shmat, A, .id = s, .addr = HOLE + FAR, .flg = SHM_RDONLY));
	run(op(mprotect, A, .addr = HOLE + FAR, .len = PAGE, .prot = 0));
	ck_assert_int_eq(err(op(mprotect, A, .addr = HOLE + FAR, .len = PAGE, .prot = RW)), EACCES);
	ck_assert_int_eq(touch(A, 16), SIGSEGV);
	ck_assert_int_eq(err(op(mprotect, A, .addr = HOLE + FAR, .len = PAGE, .prot = 5)), 0);
	ck_assert_int_eq(touch(A, 16), 0);
}
END_TEST

START_TEST(no_bytes_are_a_range_in_which_nothing_is_missing)
{
	attach(5 * PAGE);
	ck_assert_int_eq(err(op(mprotect, A, .addr = 0, .len = 0, .prot = READABLE)), 0);
	ck_assert_int_eq(err(op(mprotect, A, .addr = HOLE, .len = 0, .prot = READABLE)), 0);
	ck_assert_int_eq(err(op(madvise_DONTFORK, A, .addr = 0, .len = 0)), 0);
	is_area(0, 0, 5, RW);
}
END_TEST

START_TEST(at_the_end_of_the_space_nothing_grows_in_place)
{
	static const struct { int actor, before_end, grown; bool in_place; } areas[] = {
		{ A, 1, 2, false }, { B, 2, 4, false }, { D, 2, 2, true },
	};

	s = value(op(shmget, A, .key = 0x11, .size = PAGE, .flg = IPC_CREAT | 0666));
	for (size_t i = 0; i < sizeof(areas) / sizeof(*areas); i++) {
		int64_t at = linux_facts.space_end - areas[i].before_end * PAGE;
		const struct op grow = op(mremap, areas[i].actor, .addr = at, .len = PAGE,
					  .newlen = areas[i].grown * PAGE);

		ck_assert_int_eq(value(op(shmat, areas[i].actor, .id = s, .addr = at)), at);
		ck_assert_int_eq(value(grow) == at, areas[i].in_place);
	}
}
END_TEST

START_TEST(nothing_grows_into_the_stack)
{
	const int64_t stack = (int64_t)1 << 46;
	const struct op grow = op(mremap, A, .addr = HOLE, .len = PAGE, .newlen = stack - HOLE + PAGE);

	attach(PAGE);
	w->facts.stack_end = (uint64_t)stack;
	w->facts.space_end = -(uint64_t)PAGE;
	w->facts.beyond_stack = true;
	ck_assert_uint_ge((uint64_t)value(grow), w->facts.stack_end);
}
END_TEST

START_TEST(nothing_grows_over_what_is_the_harness_s)
{
	const int64_t ends[] = { OWN_HIGH - HOLE, OWN_HIGH - HOLE + PAGE };

	w->facts.stack_end = w->facts.space_end = (uint64_t)1 << 48;
	attach(PAGE);
	for (int i = 0; i < 2; i++) {
		const struct op grow = op(mremap, A, .addr = HOLE, .len = PAGE, .newlen = ends[i]);
		struct world *copy = world_clone(w);

		ck_assert_int_eq(value(grow) == HOLE, i == 0);
		world_free(w);
		w = copy;
	}
}
END_TEST

START_TEST(what_ends_where_memory_of_the_harness_begins_does_not_grow)
{
	w->facts.stack_end = w->facts.space_end = (uint64_t)1 << 48;
	attach(PAGE);
	run(op(shmat, A, .id = s, .addr = OWN_HIGH - PAGE));
	ck_assert_int_ne(value(op(mremap, A, .addr = OWN_HIGH - PAGE, .len = PAGE, .newlen = 2 * PAGE)),
			 OWN_HIGH - PAGE);
}
END_TEST

START_TEST(nothing_grows_over_the_end_of_the_space)
{
	w->facts.beyond_stack = true;
	w->facts.space_end = -(uint64_t)PAGE;
	attach(PAGE);
	run(op(shmat, A, .id = s, .addr = -3 * PAGE));
	ck_assert_int_ne(value(op(mremap, A, .addr = -3 * PAGE, .len = PAGE, .newlen = 3 * PAGE)), -3 * PAGE);
}
END_TEST

/* Only an attach that replaces itself is gone by the time that it is refused. */
START_TEST(a_fault_against_the_rules_moves_nothing)
{
	const struct op call = moving(0, 1, 1, 16);
	struct outcome out;

	attach(PAGE);
	ck_assert(model_apply(w, &call, profile, EFAULT, &out));
	is_area(0, 0, 1, RW);
	ck_assert_int_eq(of(F_nattch), 1);
}
END_TEST

START_TEST(why_is_told)
{
	attach(PAGE);
	says(op(mprotect, A, .addr = HOLE + 1), "not a multiple of 4096");
	says(protecting(0, 2, 0), "nothing is attached at 0x");
	says(advising(0, 2), "part of the range is not attached");
	says(moving(3, 1, 1, -1), "nothing is attached at 0x");
	says(moving(0, 1, 1, 0), "the new place overlaps the old one");
	says(op(rlimit, A, .name = RLIM_MEMLOCK, .value = MEMLOCK + 1), "the hard limit is 1048576");
	run(op(rlimit, A, .name = RLIM_MEMLOCK, .value = 0));
	says(op(mlockall, A), "RLIMIT_MEMLOCK is 0");
	says(op(shmctl_SHM_LOCK, A, .id = s), "RLIMIT_MEMLOCK is 0");
}
END_TEST

/* ---- marks, moves ------------------------------------------------------------------------------- */

START_TEST(marked_areas_are_not_inherited)
{
	attach(3 * PAGE);
	ck_assert_int_eq(err(advising(1, 9)), ENOMEM);
	ck_assert_int_eq(of(F_nattch), 2);
	run(op(fork, A, .child = 9));
	ck_assert_int_eq(of(F_nattch), 3);
	ck_assert_int_eq(touch(9, 0), 0);
	ck_assert_int_eq(touch(9, 1), SIGSEGV);
	ck_assert_int_eq(touch(A, 1), 0);
}
END_TEST

START_TEST(a_moved_attach_counts_once_and_stamps_both_times)
{
	int64_t now;

	attach(2 * PAGE);
	now = model_now(w);
	ck_assert_int_eq(value(moving(0, 2, 2, 16)), HOLE + FAR);
	ck_assert_int_eq(of(F_nattch), 1);
	ck_assert_int_eq(of(F_atime), now);
	ck_assert_int_eq(of(F_dtime), now);
	is_area(16, 0, 2, RW);
	ck_assert_int_eq(err(op(shmdt, A, .addr = HOLE)), EINVAL);
	ck_assert_int_eq(err(op(shmdt, A, .addr = HOLE + FAR)), 0);
}
END_TEST

START_TEST(a_part_that_comes_back_is_no_area_of_its_own)
{
	attach(3 * PAGE);
	run(moving(1, 1, 1, 16));
	ck_assert_int_eq(of(F_nattch), 3);
	run(moving(16, 1, 1, 1));
	ck_assert_int_eq(of(F_nattch), 2);
	is_area(0, 0, 2, RW);
	run(moving(0, 1, 1, 16));
	run(moving(16, 1, 1, 0));
	is_area(0, 0, 2, RW);
	run(moving(2, 1, 1, 16));
	run(moving(0, 1, 1, 32));
	run(moving(32, 1, 1, 0));
	is_area(0, 0, 2, RW);
	run(unmapping(0, 2));
	run(moving(16, 1, 1, 2));
	is_area(2, 2, 1, RW);
	ck_assert_int_eq(of(F_nattch), 1);
}
END_TEST

START_TEST(an_attach_grows_where_it_is_if_there_is_room)
{
	int64_t atime;

	attach(PAGE + 1);
	atime = of(F_atime);
	ck_assert_int_eq(value(moving(0, 2, 5, -1)), HOLE);
	ck_assert_int_eq(of(F_nattch), 1);
	ck_assert_int_eq(of(F_atime), atime);
	ck_assert_int_eq(touch(A, 1), 0);
	ck_assert_int_eq(touch(A, 2), SIGBUS);
	ck_assert_int_eq(touch(A, 4), SIGBUS);
	ck_assert_int_eq(touch(A, 5), SIGSEGV);
	run(op(shmat, A, .id = s, .addr = HOLE + 5 * PAGE));
	ck_assert_int_ne(value(moving(0, 5, 6, -1)), HOLE);
	ck_assert_int_eq(touch(A, 0), SIGSEGV);
}
END_TEST

/* What mremap made longer is behind what shmdt looks for, but the first area goes whatever its length. */
START_TEST(shmdt_leaves_what_was_made_longer_behind_it)
{
	attach(3 * PAGE);
	run(protecting(0, 1, READABLE));
	run(moving(1, 2, 4, -1));
	run(op(shmdt, A, .addr = HOLE));
	ck_assert_int_eq(of(F_nattch), 1);
	ck_assert_int_eq(touch(A, 0), SIGSEGV);
	ck_assert_int_eq(touch(A, 1), 0);
	run(op(shmdt, A, .addr = HOLE));
	ck_assert_int_eq(of(F_nattch), 0);
}
END_TEST

START_TEST(a_length_of_0_attaches_once_more)
{
	attach(2 * PAGE);
	ck_assert_int_eq(value(moving(0, 0, 2, 16)), HOLE + FAR);
	ck_assert_int_eq(of(F_nattch), 2);
	ck_assert_int_eq(of(F_dtime), 0);
	ck_assert_int_ne(value(moving(0, 0, 1, -1)), HOLE);
	ck_assert_int_eq(of(F_nattch), 3);
	ck_assert_int_eq(err(op(shmdt, A, .addr = HOLE)), 0);
	ck_assert_int_eq(of(F_nattch), 2);
}
END_TEST

START_TEST(an_attach_cannot_take_its_own_place_a_second_time)
{
	attach(4 * PAGE);
	says(moving(0, 0, 2, 0), "the attach is replaced before it is made a second time");
	ck_assert_int_eq(err(moving(0, 0, 2, 0)), EFAULT);
	ck_assert_int_eq(touch(A, 0), SIGSEGV);
	is_area(2, 2, 2, RW);
	ck_assert_int_eq(err(moving(8, 0, 2, 2)), EFAULT);
	is_area(2, 2, 2, RW);
	ck_assert_int_eq(value(moving(2, 0, 1, 3)), HOLE + 3 * PAGE);
	is_area(3, 2, 1, RW);
	ck_assert_int_eq(of(F_nattch), 2);
}
END_TEST

START_TEST(a_shorter_attach_loses_its_end)
{
	attach(4 * PAGE);
	ck_assert_int_eq(value(moving(0, 4, 3, -1)), HOLE);
	is_area(0, 0, 3, RW);
	ck_assert_int_eq(value(moving(0, 3, 1, 16)), HOLE + FAR);
	is_area(16, 0, 1, RW);
	ck_assert_int_eq(of(F_nattch), 1);
}
END_TEST

/* ---- limits ------------------------------------------------------------------------------------- */

static int set_rlimit(int actor, enum rlim name, int64_t to)
{
	return err(op(rlimit, actor, .name = name, .value = to));
}

START_TEST(the_address_space_has_room_for_what_the_limit_says)
{
	attach(2 * PAGE);
	ck_assert_int_eq(set_rlimit(A, RLIM_AS, 2 * PAGE - 1), 0);
	ck_assert_int_eq(attach_err(A, 16), ENOMEM);
	ck_assert_int_eq(judge(moving(0, 2, 4, -1)).first, ENOMEM);
	ck_assert_int_eq(judge(moving(0, 2, 3, -1)).first, 0);
	ck_assert_int_eq(set_rlimit(A, RLIM_AS, 2 * PAGE), 0);
	ck_assert_int_eq(attach_err(A, 16), 0);
	ck_assert_int_eq(attach_err(A, 32), ENOMEM);
	ck_assert_int_eq(set_rlimit(A, RLIM_AS, 0), 0);
	ck_assert_int_eq(w->task[A].rlimit[RLIM_AS], 2 * field(SHM, s, F_segsz));
	ck_assert_int_eq(err(op(shmat, A, .id = s, .addr = HOLE + FAR, .flg = SHM_REMAP)), 0);
	ck_assert_int_eq(attach_err(B, 32), 0);
	ck_assert_int_eq(set_rlimit(A, RLIM_AS, -1), 0);
	ck_assert_int_eq(attach_err(A, 32), 0);
	ck_assert_int_eq(set_rlimit(A, RLIM_AS, INT64_MAX), 0);
	ck_assert_int_eq(attach_err(A, 48), 0);
}
END_TEST

/* Of five pages that are attached over two areas, three are there already. */
START_TEST(what_is_replaced_makes_room_under_the_limit)
{
	const int64_t five = value(op(shmget, A, .size = 5 * PAGE, .flg = 0600));
	const struct op replace = op(shmat, A, .id = five, .addr = HOLE + 2 * PAGE, .flg = SHM_REMAP);

	attach(4 * PAGE);
	run(op(shmat, A, .id = s, .addr = HOLE + 6 * PAGE));
	ck_assert_int_eq(set_rlimit(A, RLIM_AS, PAGE), 0);
	ck_assert_int_eq(judge(replace).first, ENOMEM);
	ck_assert_int_eq(set_rlimit(A, RLIM_AS, 2 * PAGE), 0);
	ck_assert_int_eq(judge(replace).first, 0);
}
END_TEST

START_TEST(what_is_locked_has_a_limit)
{
	attach(2 * PAGE);
	ck_assert_int_eq(set_rlimit(A, RLIM_MEMLOCK, 4 * PAGE), 0);
	run(op(mlockall, A));
	ck_assert_int_eq(attach_err(A, 16), 0);
	ck_assert_int_eq(attach_err(A, 32), 0);
	ck_assert_int_eq(attach_err(A, 48), EAGAIN);
	ck_assert_int_eq(judge(moving(16, 2, 3, -1)).first, EAGAIN);
	ck_assert_int_eq(judge(moving(0, 2, 3, -1)).first, 0);
	run(unmapping(16, 1));
	ck_assert_int_eq(judge(moving(17, 1, 2, -1)).first, 0);
	run(op(fork, A, .child = 9));
	ck_assert_int_eq(attach_err(9, 48), 0);
	ck_assert_int_eq(attach_err(9, 64), 0);
	run(op(mlockall, 9));
	ck_assert_int_eq(attach_err(9, 80), 0);
}
END_TEST

START_TEST(soft_limits_stay_below_the_hard_one)
{
	ck_assert_int_eq(set_rlimit(A, RLIM_MEMLOCK, MEMLOCK + 1), EINVAL);
	ck_assert_int_eq(set_rlimit(A, RLIM_MEMLOCK, -1), EINVAL);
	ck_assert_int_eq(set_rlimit(A, RLIM_MEMLOCK, MEMLOCK), 0);
	ck_assert_int_eq(set_rlimit(A, RLIM_MEMLOCK, 0), 0);
	ck_assert_int_eq(err(op(mlockall, A)), EPERM);
	ck_assert_int_eq(err(op(mlockall, B)), 0);
	ck_assert_int_eq(set_rlimit(ROOT, RLIM_MEMLOCK, 0), 0);
	ck_assert_int_eq(err(op(mlockall, ROOT)), 0);
	attach(PAGE);
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, A, .id = s)), EPERM);
	ck_assert_int_eq(err(op(shmctl_SHM_UNLOCK, A, .id = s)), 0);
	ck_assert_int_eq(err(op(shmctl_SHM_LOCK, ROOT, .id = s)), 0);
	ck_assert_int_eq(attach_err(ROOT, 0), 0);
}
END_TEST

START_TEST(a_limit_is_that_of_all_threads)
{
	attach(PAGE);
	run(op(thread, A, .child = 9));
	ck_assert_int_eq(set_rlimit(9, RLIM_MEMLOCK, 0), 0);
	ck_assert_int_eq(err(op(mlockall, A)), EPERM);
	ck_assert_int_eq(err(op(mlockall, 9)), EPERM);
}
END_TEST

START_TEST(a_huge_page_is_cut_by_nothing)
{
	const int64_t huge = 1 << 21;

	w->facts.initial_userns = true;
	s = value(op(shmget, ROOT, .size = 2 * huge, .flg = SHM_HUGETLB | SHM_NORESERVE | 0666));
	run(op(shmat, A, .id = s, .addr = HOLE));
	refused(unmapping(0, 1), EINVAL, "LINUX-SHM-HUGE-1");
	refused(protecting(1, 1, 0), EINVAL, "LINUX-SHM-HUGE-1");
	refused(advising(0, 1), EINVAL, "LINUX-SHM-HUGE-1");
	ck_assert_int_eq(err(op(munmap, A, .addr = HOLE + huge, .len = huge)), 0);
	ck_assert_int_eq(of(F_nattch), 1);
}
END_TEST

static void add_areas(Suite *suite)
{
	TCase *tc = tests_of(suite, "areas");

	tcase_add_test(tc, a_part_with_another_protection_is_an_area_of_its_own);
	tcase_add_test(tc, areas_are_never_made_one);
	tcase_add_test(tc, where_two_areas_meet_can_move);
	tcase_add_test(tc, a_range_over_the_boundary_moves_it_too);
	tcase_add_test(tc, what_is_gone_does_not_grow);
	tcase_add_test(tc, a_copy_does_not_join_what_is_gone);
	tcase_add_test(tc, areas_of_other_attaches_do_not_grow);
	tcase_add_test(tc, areas_with_another_mark_do_not_grow);
	tcase_add_test(tc, a_cut_stamps_both_times_and_the_pid);
	tcase_add_test(tc, the_whole_goes_like_a_detach);
	tcase_add_test(tc, a_marked_segment_goes_with_its_last_area);
	tcase_add_test(tc, posix_counts_an_attach_once);
	tc = tests_of(suite, "refusals");
	tcase_add_test(tc, ranges_that_cannot_be);
	tcase_add_test(tc, what_reaches_beyond_the_space_is_looked_at_when_something_is_given_back);
	tcase_add_test(tc, moves_that_cannot_be);
	tcase_add_test(tc, moves_that_can_be);
	tcase_add_test(tc, growing_and_shrinking_end_where_they_should);
	tcase_add_test(tc, without_the_rule_what_reaches_over_an_area_or_is_not_there_does_no_harm);
	tcase_add_test(tc, a_failed_mprotect_has_gone_up_to_what_stopped_it);
	tcase_add_test(tc, before_6_17_no_place_is_found_for_a_length_above_the_space);
	tcase_add_test(tc, no_bytes_are_a_range_in_which_nothing_is_missing);
	tcase_add_test(tc, at_the_end_of_the_space_nothing_grows_in_place);
	tcase_add_test(tc, nothing_grows_into_the_stack);
	tcase_add_test(tc, nothing_grows_over_what_is_the_harness_s);
	tcase_add_test(tc, what_ends_where_memory_of_the_harness_begins_does_not_grow);
	tcase_add_test(tc, nothing_grows_over_the_end_of_the_space);
	tcase_add_test(tc, a_fault_against_the_rules_moves_nothing);
	tcase_add_test(tc, why_is_told);
	tcase_add_test(tc, a_huge_page_is_cut_by_nothing);
}

int main(void)
{
	Suite *suite = suite_create("memory");
	TCase *tc;

	add_areas(suite);
	tc = tests_of(suite, "marks and moves");
	tcase_add_test(tc, marked_areas_are_not_inherited);
	tcase_add_test(tc, a_moved_attach_counts_once_and_stamps_both_times);
	tcase_add_test(tc, a_part_that_comes_back_is_no_area_of_its_own);
	tcase_add_test(tc, an_attach_grows_where_it_is_if_there_is_room);
	tcase_add_test(tc, shmdt_leaves_what_was_made_longer_behind_it);
	tcase_add_test(tc, a_length_of_0_attaches_once_more);
	tcase_add_test(tc, an_attach_cannot_take_its_own_place_a_second_time);
	tcase_add_test(tc, a_shorter_attach_loses_its_end);
	tc = tests_of(suite, "resource limits");
	tcase_add_test(tc, the_address_space_has_room_for_what_the_limit_says);
	tcase_add_test(tc, what_is_replaced_makes_room_under_the_limit);
	tcase_add_test(tc, what_is_locked_has_a_limit);
	tcase_add_test(tc, soft_limits_stay_below_the_hard_one);
	tcase_add_test(tc, a_limit_is_that_of_all_threads);
	return run_suite(suite);
}
