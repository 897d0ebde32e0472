/* Where segments are attached: shmat, shmdt, what is stored there, fork and exit. */
#include <signal.h>
#include <stdio.h>

#include "test.h"

enum { PAGE = 4096, HUGE_PAGE = 1 << 21 };

static int64_t segment(int actor, int64_t size, int64_t flg)
{
	return value(op(shmget, actor, .size = size, .flg = flg));
}

static int64_t of(int64_t id, enum field which)
{
	return field(SHM, id, which);
}

static bool exists(int64_t id)
{
	struct record rec;

	return model_record(w, -1, SHM, id, &rec);
}

static int64_t at(int actor, int64_t id, int64_t addr, int64_t flg)
{
	return value(op(shmat, actor, .id = id, .addr = addr, .flg = flg));
}

static int at_err(int actor, int64_t id, int64_t addr, int64_t flg)
{
	return err(op(shmat, actor, .id = id, .addr = addr, .flg = flg));
}

static int dt(int actor, int64_t addr)
{
	return err(op(shmdt, actor, .addr = addr));
}

static void remove_segment(int64_t id)
{
	value(op(shmctl_IPC_RMID, ROOT, .id = id));
}

static void set_mode(int64_t id, int64_t mode)
{
	value(with(set(.has = BIT(F_mode), .mode = mode), shmctl_IPC_SET, ROOT, .id = id));
}

#define bytes(s) (&(struct payload){ .bytes = { sizeof(s) - 1, (const unsigned char *)(s) } })
#define put_text(actor, addr_, s) run(with(bytes(s), store, actor, .addr = (addr_)))

/* The text at an address, or the number of the signal that looking at it gives. */
static const char *get_text(int actor, int64_t addr, size_t len)
{
	static char text[100];
	struct outcome out = run(op(load, actor, .addr = addr, .len = (int64_t)len));

	if (out.how == FAULTED) {
		snprintf(text, sizeof(text), "signal %d", out.err);
		return text;
	}
	ck_assert_uint_eq(out.len, len);
	memcpy(text, out.bytes, len);
	text[len] = '\0';
	return text;
}

static int signal_of(struct outcome out)
{
	return out.how == FAULTED ? out.err : 0;
}

/* ---- where an attach goes ---------------------------------------------------------------------- */

START_TEST(an_attach_counts_and_sets_atime_and_lpid)
{
	int64_t id = segment(A, 1, 0666), ctime = of(id, F_ctime), now = model_now(w);

	at(C, id, 0, 0);
	ck_assert_int_eq(of(id, F_nattch), 1);
	ck_assert_int_eq(of(id, F_atime), now);
	ck_assert_int_eq(of(id, F_lpid), C + 1);
	ck_assert_int_eq(of(id, F_cpid), A + 1);
	ck_assert_int_eq(of(id, F_dtime), 0);
	ck_assert_int_eq(of(id, F_ctime), ctime);
}
END_TEST

START_TEST(a_failed_attach_leaves_everything_as_it_was)
{
	int64_t id = segment(A, 1, 0600);
	struct world *before = world_clone(w);

	ck_assert_int_eq(at_err(C, id, 0, 0), EACCES);
	ck_assert_int_eq(at_err(A, id, HOLE + 1, 0), EINVAL);
	ck_assert_int_eq(at_err(A, id, (int64_t)1 << 60, 0), ENOMEM);
	before->now = w->now;
	ck_assert(world_equal(w, before));
	world_free(before);
}
END_TEST

START_TEST(a_system_chosen_address_is_aligned_and_outside_the_hole)
{
	int64_t one = segment(A, 1, 0600), addr = at(A, one, 0, 0), other = at(A, one, 0, 0);

	ck_assert_int_eq(addr % w->facts.shmlba, 0);
	ck_assert_int_ne(addr, other);
	ck_assert(addr < HOLE || addr >= HOLE + HOLE_SIZE);
	ck_assert(other < HOLE || other >= HOLE + HOLE_SIZE);
}
END_TEST

START_TEST(attaches_are_placed_downwards_without_gaps)
{
	int64_t one = segment(A, 1, 0600), two = segment(A, 2 * PAGE, 0600), addr = at(A, one, 0, 0);

	ck_assert_int_eq(at(A, two, 0, 0), addr - 2 * PAGE);
	ck_assert_int_eq(at(A, one, 0, 0), addr - 3 * PAGE);
}
END_TEST

START_TEST(the_highest_gap_that_is_large_enough_is_used_again_from_its_end)
{
	int64_t one = segment(A, 1, 0600), two = segment(A, 2 * PAGE, 0600);
	int64_t three = segment(A, 3 * PAGE, 0600);
	int64_t top = at(A, one, 0, 0), gap = at(A, two, 0, 0), end = at(A, one, 0, 0);

	ck_assert_int_eq(dt(A, gap), 0);
	ck_assert_int_eq(at(A, three, 0, 0), end - 3 * PAGE);
	ck_assert_int_eq(at(A, one, 0, 0), gap + PAGE);
	ck_assert_int_eq(dt(A, gap), EINVAL);
	ck_assert_int_eq(dt(A, top), 0);
	ck_assert_int_eq(at(A, one, 0, 0), top);
}
END_TEST

START_TEST(a_large_alignment_is_kept_for_chosen_and_rounded_addresses)
{
	int64_t one = segment(A, 1, 0600);

	w->facts.shmlba = 4 * PAGE;
	ck_assert_int_eq(at(A, one, 0, 0) % (4 * PAGE), 0);
	ck_assert_int_eq(at(A, one, 0, 0) % (4 * PAGE), 0);
	ck_assert_int_eq(at_err(A, one, HOLE + PAGE, 0), EINVAL);
	ck_assert_int_eq(at(A, one, HOLE + 5 * PAGE, SHM_RND), HOLE + 4 * PAGE);
}
END_TEST

START_TEST(a_given_address_is_used_as_it_is)
{
	ck_assert_int_eq(at(A, segment(A, 1, 0600), HOLE + PAGE, 0), HOLE + PAGE);
}
END_TEST

START_TEST(shm_rnd_rounds_down_and_without_it_an_unaligned_address_is_einval)
{
	int64_t id = segment(A, 1, 0600);

	ck_assert_int_eq(at(A, id, HOLE + 2 * PAGE - 1, SHM_RND), HOLE + PAGE);
	ck_assert_int_eq(at_err(A, id, HOLE + 1, 0), EINVAL);
	ck_assert_int_eq(at_err(A, id, 1, 0), EINVAL);
	ck_assert_int_eq(at_err(A, id, -1, 0), EINVAL);
}
END_TEST

START_TEST(a_negative_or_stale_or_removed_id_is_einval)
{
	int64_t id = segment(A, 1, 0600);

	ck_assert_int_eq(at_err(A, -1, 0, 0), EINVAL);
	ck_assert_int_eq(at_err(A, id + IPCMNI, 0, 0), EINVAL);
	remove_segment(id);
	ck_assert_int_eq(at_err(A, id, 0, 0), EINVAL);
}
END_TEST

START_TEST(address_errors_come_before_the_id_and_the_id_before_permission)
{
	struct op bad = op(shmat, A, .id = 9, .addr = 1);

	segment(A, 1, 0);
	ck_assert_str_eq(model_decider(w, &bad, profile), "SHMAT-ERR-EINVAL-2");
	bad.shmat.addr = 0;
	ck_assert_str_eq(model_decider(w, &bad, profile), "SHMAT-ERR-EINVAL-1");
	bad.shmat.id = 0;
	ck_assert_str_eq(model_decider(w, &bad, profile), "SHMAT-ERR-EACCES");
}
END_TEST

START_TEST(permission_comes_before_overlap)
{
	int64_t id = segment(A, 1, 0600), other = segment(ROOT, 1, 0);

	at(A, id, HOLE, 0);
	ck_assert_int_eq(at_err(A, other, HOLE, 0), EACCES);
}
END_TEST

START_TEST(a_range_that_wraps_is_einval_and_one_beyond_the_address_space_enomem)
{
	int64_t page = segment(A, PAGE, 0600), one = segment(A, 1, 0600);

	ck_assert_int_eq(at_err(A, page, -PAGE, 0), EINVAL);
	ck_assert_int_eq(at_err(A, one, -PAGE, 0), ENOMEM);
	ck_assert_int_eq(at_err(A, page, -PAGE, SHM_REMAP), ENOMEM);
	ck_assert_int_eq(at_err(A, page, INT64_MIN, 0), ENOMEM);
	ck_assert_int_eq(at_err(A, page, (int64_t)1 << 60, 0), ENOMEM);
	ck_assert_int_eq(at_err(A, page, w->facts.space_end, 0), ENOMEM);
	ck_assert_int_eq(at_err(A, page, w->facts.space_end - PAGE, 0), 0);
}
END_TEST

START_TEST(posix_names_an_illegal_address_einval_and_a_full_space_enomem)
{
	struct op call = op(shmat, A, .id = segment(A, PAGE, 0600), .addr = (int64_t)1 << 60);

	profile = &profile_posix;
	ck_assert_uint_eq(judge(call).errs.bits, errs(EINVAL, ENOMEM));
	ck_assert(!judge(call).success);
}
END_TEST

START_TEST(what_does_not_fit_is_enomem_and_reaching_over_the_stack_is_einval)
{
	int64_t id = segment(A, (int64_t)1 << 47, 0600 | SHM_NORESERVE);

	ck_assert_int_eq(at_err(A, id, 0, 0), ENOMEM);
	ck_assert_int_eq(at_err(A, id, HOLE, 0), EINVAL);
	ck_assert_int_eq(at_err(A, id, HOLE, SHM_REMAP), ENOMEM);
	id = segment(A, INT64_MAX, 0600 | SHM_NORESERVE);
	ck_assert_int_eq(at_err(A, id, 0, 0), ENOMEM);
	ck_assert_int_eq(at_err(A, id, INT64_MIN + PAGE, 0), EINVAL);
}
END_TEST

START_TEST(a_space_that_is_used_up_is_enomem)
{
	int64_t id = segment(A, (int64_t)1 << 46, 0600 | SHM_NORESERVE);

	at(A, id, 0, 0);
	ck_assert_int_eq(at_err(A, id, 0, 0), ENOMEM);
	at(B, id, 0, 0);
}
END_TEST

START_TEST(above_the_hole_all_is_used)
{
	int64_t id = segment(A, PAGE, 0600);

	w->facts.space_end = w->facts.stack_end = HOLE + HOLE_SIZE + PAGE;
	ck_assert_int_eq(at(A, id, 0, 0), HOLE + HOLE_SIZE);
	ck_assert_int_eq(at_err(A, id, 0, 0), ENOMEM);
}
END_TEST

START_TEST(page_zero_is_for_cap_sys_rawio)
{
	int64_t id = segment(A, 1, 0600);

	ck_assert_int_eq(at_err(A, id, 1, SHM_RND), EPERM);
	w->task[A].cred.caps = BIT(CAP_SYS_RAWIO);
	ck_assert_int_eq(at(A, id, 1, SHM_RND), 0);
	ck_assert_int_eq(at(A, id, PAGE - 1, SHM_RND), 0);
	ck_assert_int_eq(of(id, F_nattch), 1);
	ck_assert_int_eq(dt(A, 0), 0);
	w->facts.initial_userns = false;
	ck_assert_int_eq(at_err(A, id, 1, SHM_RND), EPERM);
}
END_TEST

START_TEST(posix_says_nothing_of_page_zero)
{
	struct op call = op(shmat, A, .id = segment(A, 1, 0600), .addr = 1, .flg = SHM_RND);

	profile = &profile_posix;
	ck_assert_uint_eq(judge(call).errs.bits, errs(EINVAL, EPERM));
	ck_assert(judge(call).success);
	w->task[A].cred.caps = BIT(CAP_SYS_RAWIO);
	ck_assert_uint_eq(judge(call).errs.bits, errs(EINVAL));
}
END_TEST

/* ---- permission -------------------------------------------------------------------------------- */

START_TEST(a_read_write_attach_needs_both_and_a_read_only_one_r)
{
	int64_t id = segment(A, 1, 0400);

	ck_assert_int_eq(at_err(A, id, 0, 0), EACCES);
	ck_assert_int_eq(at_err(A, id, 0, SHM_RDONLY), 0);
	set_mode(id, 0200);
	ck_assert_int_eq(at_err(A, id, 0, 0), EACCES);
	ck_assert_int_eq(at_err(A, id, 0, SHM_RDONLY), EACCES);
	set_mode(id, 0600);
	ck_assert_int_eq(at_err(A, id, 0, 0), 0);
}
END_TEST

START_TEST(a_system_may_attach_for_writing_with_w_alone)
{
	struct profile other = profile_linux;
	int64_t id = segment(A, 1, 0200);

	other.sw[SW_attach_reads] = 0;
	profile = &other;
	ck_assert_int_eq(at_err(A, id, 0, 0), 0);
	ck_assert_int_eq(at_err(A, id, 0, SHM_RDONLY), EACCES);
}
END_TEST

START_TEST(shm_exec_needs_x_on_linux_and_may_elsewhere)
{
	int64_t id = segment(A, 1, 0644);
	struct verdict v;

	model_judge(w, &op(shmat, C, .id = id, .flg = SHM_RDONLY | SHM_EXEC), &profile_posix, &v);
	ck_assert(v.success);
	ck_assert_uint_eq(v.errs.bits, errs(EACCES));
	ck_assert_int_eq(at_err(C, id, 0, SHM_RDONLY | SHM_EXEC), EACCES);
	profile = &profile_posix;
	ck_assert_int_eq(at_err(C, id, 0, SHM_RDONLY | SHM_EXEC), 0);
	profile = &profile_linux;
	set_mode(id, 0645);
	ck_assert_int_eq(at_err(C, id, 0, SHM_RDONLY | SHM_EXEC), 0);
}
END_TEST

START_TEST(cap_ipc_owner_attaches_anything)
{
	int64_t id = segment(A, 1, 0);

	w->task[C].cred.caps = BIT(CAP_IPC_OWNER);
	ck_assert_int_eq(at_err(C, id, 0, SHM_EXEC), 0);
}
END_TEST

START_TEST(unknown_flags_are_ignored)
{
	ck_assert_int_eq(at_err(A, segment(A, 1, 0600), 0, 07777 | 1 << 20), 0);
}
END_TEST

/* ---- overlap, SHM_REMAP ------------------------------------------------------------------------ */

START_TEST(an_overlap_is_einval_and_a_neighbour_is_none)
{
	int64_t id = segment(A, 2 * PAGE, 0600);

	at(A, id, HOLE + 2 * PAGE, 0);
	ck_assert_int_eq(at_err(A, id, HOLE + 2 * PAGE, 0), EINVAL);
	ck_assert_int_eq(at_err(A, id, HOLE + PAGE, 0), EINVAL);
	ck_assert_int_eq(at_err(A, id, HOLE + 3 * PAGE, 0), EINVAL);
	ck_assert_int_eq(at_err(A, id, HOLE, 0), 0);
	ck_assert_int_eq(at_err(A, id, HOLE + 4 * PAGE, 0), 0);
	ck_assert_int_eq(at_err(B, id, HOLE, 0), 0);
}
END_TEST

START_TEST(posix_allows_to_refuse_an_overlap_and_to_replace)
{
	int64_t one = segment(A, 1, 0600), two = segment(A, 1, 0600);

	at(A, one, HOLE, 0);
	profile = &profile_posix;
	ck_assert_uint_eq(judge(op(shmat, A, .id = two, .addr = HOLE)).errs.bits, errs(EINVAL));
	ck_assert(judge(op(shmat, A, .id = two, .addr = HOLE)).success);
	at(A, two, HOLE, 0);
	ck_assert_int_eq(of(one, F_nattch), 0);
	ck_assert_int_eq(of(two, F_nattch), 1);
}
END_TEST

START_TEST(shm_remap_without_an_address_is_einval)
{
	int64_t id = segment(A, 1, 0600);

	ck_assert_int_eq(at_err(A, id, 0, SHM_REMAP), EINVAL);
	ck_assert_int_eq(at_err(A, id, 1, SHM_REMAP | SHM_RND), EINVAL);
}
END_TEST

START_TEST(shm_remap_replaces_a_whole_attach)
{
	int64_t one = segment(A, 1, 0600), two = segment(A, 1, 0600), now;

	at(A, one, HOLE, 0);
	now = model_now(w);
	at(A, two, HOLE, SHM_REMAP);
	ck_assert_int_eq(of(one, F_nattch), 0);
	ck_assert_int_eq(of(one, F_dtime), now);
	ck_assert_int_lt(of(one, F_atime), now);
	ck_assert_int_eq(of(two, F_nattch), 1);
	ck_assert_int_eq(of(two, F_dtime), 0);
}
END_TEST

START_TEST(shm_remap_of_a_part_leaves_pieces_that_count)
{
	int64_t five = segment(A, 5 * PAGE, 0600), one = segment(A, 1, 0600), now;

	at(A, five, HOLE, 0);
	put_text(A, HOLE + PAGE, "second");
	put_text(A, HOLE + 3 * PAGE, "fourth");
	now = model_now(w);
	at(A, one, HOLE + 2 * PAGE, SHM_REMAP);
	ck_assert_int_eq(of(five, F_nattch), 2);
	ck_assert_int_eq(of(five, F_atime), now);
	ck_assert_int_eq(of(five, F_dtime), now);
	ck_assert_str_eq(get_text(A, HOLE + PAGE, 6), "second");
	ck_assert_str_eq(get_text(A, HOLE + 2 * PAGE, 6), "");
	ck_assert_str_eq(get_text(A, HOLE + 3 * PAGE, 6), "fourth");
}
END_TEST

START_TEST(one_shmdt_takes_all_pieces_and_none_by_itself)
{
	int64_t five = segment(A, 5 * PAGE, 0600), one = segment(A, 1, 0600);

	at(A, five, HOLE, 0);
	at(A, one, HOLE + 2 * PAGE, SHM_REMAP);
	ck_assert_int_eq(dt(A, HOLE + 3 * PAGE), EINVAL);
	ck_assert_int_eq(dt(A, HOLE), 0);
	ck_assert_int_eq(of(five, F_nattch), 0);
	ck_assert_int_eq(of(one, F_nattch), 1);
	ck_assert_int_eq(dt(A, HOLE + 2 * PAGE), 0);
}
END_TEST

START_TEST(the_old_start_detaches_what_is_left_when_its_first_page_is_replaced)
{
	int64_t five = segment(A, 5 * PAGE, 0600), one = segment(A, 1, 0600);

	at(A, five, HOLE, 0);
	at(A, one, HOLE, SHM_REMAP);
	at(A, one, HOLE + PAGE, SHM_REMAP);
	ck_assert_int_eq(of(five, F_nattch), 1);
	ck_assert_int_eq(dt(A, HOLE), 0);
	ck_assert_int_eq(of(one, F_nattch), 1);
	ck_assert_int_eq(of(five, F_nattch), 1);
	ck_assert_int_eq(dt(A, HOLE), 0);
	ck_assert_int_eq(of(five, F_nattch), 0);
	ck_assert_int_eq(dt(A, HOLE), EINVAL);
	ck_assert_int_eq(dt(A, HOLE + PAGE), 0);
}
END_TEST

START_TEST(shm_remap_reaches_over_several_attaches)
{
	int64_t two = segment(A, 2 * PAGE, 0600), four = segment(A, 4 * PAGE, 0600);

	at(A, two, HOLE, 0);
	at(A, two, HOLE + 2 * PAGE, 0);
	at(A, two, HOLE + 4 * PAGE, 0);
	at(A, four, HOLE + PAGE, SHM_REMAP);
	ck_assert_int_eq(of(two, F_nattch), 2);
	ck_assert_uint_eq(w->memory[A].nattached, 3);
}
END_TEST

START_TEST(a_segment_that_replaces_its_own_last_attach_lives_on)
{
	int64_t id = segment(A, 1, 0600);

	at(A, id, HOLE, 0);
	remove_segment(id);
	at(A, id, HOLE, SHM_REMAP);
	ck_assert_int_eq(of(id, F_nattch), 1);
	at(A, segment(A, 1, 0600), HOLE, SHM_REMAP);
	ck_assert(!exists(id));
}
END_TEST

START_TEST(only_attaches_that_still_have_their_start_are_listed)
{
	int64_t five = segment(A, 5 * PAGE, 0600), one = segment(A, 1, 0600), addr, size;

	at(A, five, HOLE, 0);
	at(A, one, HOLE + 2 * PAGE, SHM_REMAP);
	ck_assert(model_attachment(w, A, 0, &addr, &size));
	ck_assert_int_eq(addr, HOLE);
	ck_assert_int_eq(size, 2 * PAGE);
	ck_assert(model_attachment(w, A, 1, &addr, &size));
	ck_assert_int_eq(addr, HOLE + 2 * PAGE);
	ck_assert_int_eq(size, PAGE);
	ck_assert(!model_attachment(w, A, 2, &addr, &size));
	ck_assert(!model_attachment(w, B, 0, &addr, &size));
	run(op(mprotect, A, .addr = HOLE + 2 * PAGE, .len = PAGE, .prot = 0));
	ck_assert(!model_attachment(w, A, 1, &addr, &size));
}
END_TEST

/* ---- shmdt ------------------------------------------------------------------------------------- */

START_TEST(a_detach_counts_and_sets_dtime_and_lpid)
{
	int64_t id = segment(A, 1, 0600), addr = at(A, id, 0, 0), atime = of(id, F_atime), now;

	at(B, id, HOLE, 0);
	now = model_now(w);
	ck_assert_int_eq(dt(A, addr), 0);
	ck_assert_int_eq(of(id, F_nattch), 1);
	ck_assert_int_eq(of(id, F_dtime), now);
	ck_assert_int_gt(of(id, F_atime), atime);
	ck_assert_int_lt(of(id, F_atime), now);
	ck_assert_int_eq(of(id, F_lpid), A + 1);
}
END_TEST

START_TEST(an_address_at_which_no_attach_began_is_einval)
{
	int64_t id = segment(A, 2 * PAGE, 0600);

	at(A, id, HOLE, 0);
	ck_assert_int_eq(dt(A, HOLE + 1), EINVAL);
	ck_assert_int_eq(dt(A, HOLE + PAGE), EINVAL);
	ck_assert_int_eq(dt(A, HOLE + 2 * PAGE), EINVAL);
	ck_assert_int_eq(dt(A, HOLE - PAGE), EINVAL);
	ck_assert_int_eq(dt(A, 0), EINVAL);
	ck_assert_int_eq(dt(A, INT64_MIN), EINVAL);
	ck_assert_int_eq(dt(B, HOLE), EINVAL);
	ck_assert_int_eq(dt(A, HOLE), 0);
	ck_assert_int_eq(dt(A, HOLE), EINVAL);
}
END_TEST

START_TEST(a_neighbour_of_the_same_segment_stays_attached)
{
	int64_t id = segment(A, PAGE, 0600);

	at(A, id, HOLE, 0);
	at(A, id, HOLE + PAGE, 0);
	ck_assert_int_eq(dt(A, HOLE), 0);
	ck_assert_int_eq(of(id, F_nattch), 1);
	ck_assert_int_eq(dt(A, HOLE + PAGE), 0);
}
END_TEST

START_TEST(detaching_asks_for_no_permission)
{
	int64_t id = segment(A, PAGE, 0600), addr = at(A, id, 0, 0);

	w->task[A].cred = user(7);
	ck_assert_int_eq(dt(A, addr), 0);
}
END_TEST

/* ---- after removal ----------------------------------------------------------------------------- */

START_TEST(a_marked_segment_can_be_attached_with_the_usual_permission)
{
	int64_t id = segment(A, PAGE, 0600);

	at(A, id, 0, 0);
	remove_segment(id);
	ck_assert_int_eq(at_err(C, id, 0, 0), EACCES);
	ck_assert_int_eq(at_err(B, id, 0, 0), 0);
	ck_assert_int_eq(of(id, F_nattch), 2);
}
END_TEST

START_TEST(posix_leaves_attaching_after_removal_open)
{
	int64_t id = segment(A, PAGE, 0600);
	struct profile other = profile_linux;

	at(A, id, 0, 0);
	remove_segment(id);
	profile = &profile_posix;
	ck_assert_uint_eq(judge(op(shmat, B, .id = id)).errs.bits, errs(EINVAL));
	ck_assert(judge(op(shmat, B, .id = id)).success);
	other.sw[SW_attach_removed] = 1;
	profile = &other;
	ck_assert_int_eq(at_err(B, id, 0, 0), EINVAL);
}
END_TEST

START_TEST(the_last_detach_destroys_a_marked_segment)
{
	int64_t id = segment(A, PAGE, 0600), addr = at(A, id, 0, 0);

	at(B, id, HOLE, 0);
	remove_segment(id);
	ck_assert_int_eq(dt(A, addr), 0);
	ck_assert(exists(id));
	ck_assert_int_eq(dt(B, HOLE), 0);
	ck_assert(!exists(id));
}
END_TEST

START_TEST(an_unmarked_segment_outlives_its_last_detach)
{
	int64_t id = segment(A, PAGE, 0600), addr = at(A, id, 0, 0);

	ck_assert_int_eq(dt(A, addr), 0);
	ck_assert(exists(id));
}
END_TEST

START_TEST(a_system_may_forget_to_destroy_a_marked_segment)
{
	struct profile other = profile_linux;
	int64_t id = segment(A, PAGE, 0600), addr = at(A, id, 0, 0);

	other.sw[SW_last_detach_destroys] = 0;
	profile = &other;
	remove_segment(id);
	ck_assert_int_eq(dt(A, addr), 0);
	ck_assert_int_eq(of(id, F_nattch), 0);
	remove_segment(id);
	ck_assert(!exists(id));
}
END_TEST

/* ---- fork, exit -------------------------------------------------------------------------------- */

static void free_actor(int actor)
{
	value(op(exit, actor));
}

START_TEST(a_child_inherits_attaches_and_the_parent_counts_as_attacher)
{
	int64_t id = segment(A, PAGE, 0600), now;

	at(B, id, HOLE, 0);
	at(A, id, HOLE, 0);
	at(A, id, HOLE + PAGE, SHM_RDONLY);
	value(op(shmdt, B, .addr = HOLE));
	free_actor(D);
	now = model_now(w);
	value(op(fork, A, .child = D));
	ck_assert_int_eq(of(id, F_nattch), 4);
	ck_assert_int_eq(of(id, F_atime), now);
	ck_assert_int_eq(of(id, F_lpid), A + 1);
	put_text(A, HOLE, "shared");
	ck_assert_str_eq(get_text(D, HOLE + PAGE, 6), "shared");
	ck_assert_int_eq(signal_of(put_text(D, HOLE + PAGE, "x")), SIGSEGV);
	ck_assert_int_eq(dt(D, HOLE), 0);
	ck_assert_int_eq(of(id, F_nattch), 3);
	ck_assert_str_eq(get_text(A, HOLE, 6), "shared");
}
END_TEST

START_TEST(posix_does_not_count_fork_as_an_attach)
{
	int64_t id = segment(A, PAGE, 0600);

	at(A, id, HOLE, 0);
	at(B, id, HOLE, 0);
	value(op(shmdt, B, .addr = HOLE));
	free_actor(D);
	profile = &profile_posix;
	value(op(fork, A, .child = D));
	ck_assert_int_eq(of(id, F_nattch), 2);
	ck_assert_int_eq(of(id, F_atime), TIME_ANY);
	ck_assert_int_eq(of(id, F_lpid), B + 1);
}
END_TEST

START_TEST(a_system_may_leave_a_segment_untouched_by_fork)
{
	struct profile p = profile_linux;
	int64_t id = segment(A, PAGE, 0600), atime;

	p.sw[SW_fork_attaches] = 0;
	at(A, id, HOLE, 0);
	atime = of(id, F_atime);
	free_actor(D);
	profile = &p;
	value(op(fork, A, .child = D));
	ck_assert_int_eq(of(id, F_nattch), 2);
	ck_assert_int_eq(of(id, F_atime), atime);
}
END_TEST

START_TEST(an_area_beyond_the_space_takes_no_place_in_it)
{
	struct profile p = profile_linux;
	int64_t id = segment(A, PAGE, 0600), first = at(A, id, 0, 0);

	value(op(shmdt, A, .addr = first));
	p.without = "SHMAT-ERR-ENOMEM";
	profile = &p;
	at(A, id, linux_facts.space_end + 16 * PAGE, 0);
	profile = &profile_linux;
	ck_assert_int_eq(at(A, id, 0, 0), first);
}
END_TEST

START_TEST(above_the_stack_addresses_are_chosen_only_where_the_system_does_so)
{
	const int64_t stack = (int64_t)1 << 46, large = (int64_t)1 << 47;
	int64_t small = segment(A, PAGE, 0600), id = segment(A, large, 0600 | SHM_NORESERVE), addr;

	w->facts.stack_end = (uint64_t)stack;
	w->facts.space_end = -(uint64_t)PAGE;
	ck_assert_int_eq(at_err(A, id, 0, 0), ENOMEM);
	ck_assert_int_eq(at_err(A, id, HOLE, 0), EINVAL);
	ck_assert_int_eq(at(A, small, 0, 0), stack - PAGE);
	ck_assert_int_eq(at(A, small, -2 * PAGE, 0), -2 * PAGE);
	ck_assert_int_eq(at_err(A, small, -PAGE, 0), EINVAL);
	w->facts.beyond_stack = true;
	ck_assert_int_eq(at(A, small, 0, 0), stack - 2 * PAGE);
	addr = at(A, id, 0, 0);
	ck_assert_uint_ge((uint64_t)addr, w->facts.stack_end);
	ck_assert_uint_le((uint64_t)addr, w->facts.space_end - (uint64_t)large);
}
END_TEST

START_TEST(a_huge_page_is_as_large_as_was_asked_for_or_is_usual)
{
	const int64_t flg = 0600 | SHM_HUGETLB | SHM_NORESERVE, mebibyte = 1 << 20;
	int64_t id;

	w->facts.huge_page = mebibyte;
	w->facts.huge_sizes |= mebibyte;
	id = segment(ROOT, 1, flg);
	ck_assert_int_eq(at_err(ROOT, id, HOLE + mebibyte / 2, 0), EINVAL);
	at(ROOT, id, HOLE + mebibyte, 0);
	id = segment(ROOT, 1, flg | 21 << 26);
	ck_assert_int_eq(at_err(ROOT, id, HOLE + 3 * mebibyte, 0), EINVAL);
	at(ROOT, id, HOLE + 4 * mebibyte, 0);
}
END_TEST

START_TEST(the_end_of_a_process_detaches_all)
{
	int64_t one = segment(A, PAGE, 0600), two = segment(A, PAGE, 0600), now;

	at(B, one, HOLE, 0);
	at(B, one, 0, 0);
	at(B, two, 0, 0);
	at(A, one, 0, 0);
	remove_segment(two);
	now = model_now(w);
	value(op(exit, B));
	ck_assert_int_eq(of(one, F_nattch), 1);
	ck_assert_int_eq(of(one, F_dtime), now);
	ck_assert_int_eq(of(one, F_lpid), B + 1);
	ck_assert(!exists(two));
}
END_TEST

START_TEST(the_end_of_a_process_by_a_signal_detaches_as_that_process)
{
	int64_t id = segment(A, PAGE, 0600);

	at(B, id, HOLE, 0);
	value(op(signal, -1, .to = B, .signo = SIGKILL));
	ck_assert_int_eq(of(id, F_nattch), 0);
	ck_assert_int_eq(of(id, F_lpid), B + 1);
}
END_TEST

START_TEST(posix_does_not_count_the_end_of_a_process_as_an_operation)
{
	int64_t id = segment(A, PAGE, 0600);

	at(B, id, HOLE, 0);
	at(A, id, HOLE, 0);
	profile = &profile_posix;
	value(op(exit, B));
	ck_assert_int_eq(of(id, F_nattch), 1);
	ck_assert_int_eq(of(id, F_lpid), A + 1);
}
END_TEST

/* ---- contents ---------------------------------------------------------------------------------- */

START_TEST(a_segment_starts_with_zeros_to_the_end_of_its_last_page)
{
	int64_t addr = at(A, segment(A, PAGE + 1, 0600), HOLE, 0);
	struct outcome out = run(op(load, A, .addr = addr, .len = 2 * PAGE));

	ck_assert_uint_eq(out.len, 2 * PAGE);
	for (size_t i = 0; i < out.len; i++)
		ck_assert_uint_eq(out.bytes[i], 0);
}
END_TEST

START_TEST(bytes_behind_the_size_in_the_last_page_are_kept)
{
	int64_t id = segment(A, 1, 0600), addr = at(A, id, 0, 0);

	put_text(A, addr + PAGE - 4, "tail");
	ck_assert_int_eq(dt(A, addr), 0);
	ck_assert_str_eq(get_text(B, at(B, id, 0, SHM_RDONLY) + PAGE - 4, 4), "tail");
}
END_TEST

START_TEST(contents_are_shared_by_all_attaches_and_outlive_them)
{
	int64_t id = segment(A, 2 * PAGE, 0600);

	at(A, id, HOLE, 0);
	at(A, id, HOLE + 2 * PAGE, SHM_RDONLY);
	at(B, id, HOLE, 0);
	put_text(A, HOLE + PAGE - 2, "over");
	ck_assert_str_eq(get_text(A, HOLE + 3 * PAGE - 2, 4), "over");
	ck_assert_str_eq(get_text(B, HOLE + PAGE - 2, 4), "over");
	value(op(exit, A));
	value(op(exit, B));
	ck_assert_str_eq(get_text(D, at(D, id, 0, 0) + PAGE - 2, 4), "over");
}
END_TEST

START_TEST(two_segments_do_not_share_contents)
{
	int64_t one = at(A, segment(A, 1, 0600), 0, 0), two = at(A, segment(A, 1, 0600), 0, 0);

	put_text(A, one, "one");
	ck_assert_str_eq(get_text(A, two, 3), "");
}
END_TEST

START_TEST(what_is_not_mapped_is_sigsegv)
{
	int64_t id = segment(A, 1, 0600);

	at(A, id, HOLE, 0);
	ck_assert_int_eq(signal_of(run(op(load, A, .addr = 0, .len = 1))), SIGSEGV);
	ck_assert_int_eq(signal_of(run(op(load, A, .addr = HOLE - 1, .len = 1))), SIGSEGV);
	ck_assert_int_eq(signal_of(run(op(load, A, .addr = HOLE + PAGE, .len = 1))), SIGSEGV);
	ck_assert_int_eq(signal_of(run(op(load, A, .addr = HOLE + PAGE - 1, .len = 2))), SIGSEGV);
	ck_assert_int_eq(signal_of(run(op(load, B, .addr = HOLE, .len = 1))), SIGSEGV);
	ck_assert_int_eq(signal_of(run(op(load, A, .addr = -1, .len = 2))), SIGSEGV);
	ck_assert_int_eq(dt(A, HOLE), 0);
	ck_assert_int_eq(signal_of(run(op(load, A, .addr = HOLE, .len = 1))), SIGSEGV);
}
END_TEST

START_TEST(a_read_only_attach_can_be_loaded_and_not_stored_in)
{
	at(A, segment(A, 1, 0600), HOLE, SHM_RDONLY);
	ck_assert_int_eq(signal_of(put_text(A, HOLE, "x")), SIGSEGV);
	ck_assert_str_eq(get_text(A, HOLE, 1), "");
}
END_TEST

START_TEST(what_lies_before_a_bad_address_is_stored)
{
	at(A, segment(A, 1, 0600), HOLE, 0);
	ck_assert_int_eq(signal_of(put_text(A, HOLE + PAGE - 2, "abc")), SIGSEGV);
	ck_assert_str_eq(get_text(A, HOLE + PAGE - 2, 2), "ab");
}
END_TEST

START_TEST(a_store_reaches_over_adjacent_attaches)
{
	int64_t one = segment(A, 1, 0600), two = segment(A, 1, 0600);

	at(A, one, HOLE, 0);
	at(A, two, HOLE + PAGE, 0);
	put_text(A, HOLE + PAGE - 1, "12");
	ck_assert_str_eq(get_text(B, at(B, two, 0, 0), 1), "2");
}
END_TEST

START_TEST(nothing_is_touched_by_a_length_of_0)
{
	ck_assert_int_eq(run(op(load, A, .addr = 0, .len = 0)).how, RETURNED);
	ck_assert_int_eq(run(op(load, A, .addr = 0, .len = -5)).how, RETURNED);
	ck_assert_int_eq(put_text(A, 0, "").how, RETURNED);
}
END_TEST

START_TEST(a_longer_load_counts_as_one_of_stringmax)
{
	at(A, segment(A, 4 * (int64_t)STRINGMAX, 0600), HOLE, 0);
	ck_assert_uint_eq(run(op(load, A, .addr = HOLE, .len = INT64_MAX)).len, STRINGMAX);
}
END_TEST

START_TEST(loads_and_stores_move_no_time)
{
	int64_t id = segment(A, 1, 0600), atime;

	at(A, id, HOLE, 0);
	atime = of(id, F_atime);
	put_text(A, HOLE, "x");
	get_text(A, HOLE, 1);
	ck_assert_int_eq(of(id, F_atime), atime);
	ck_assert_int_eq(of(id, F_lpid), A + 1);
	ck_assert_int_eq(of(id, F_nattch), 1);
}
END_TEST

START_TEST(bytes_can_be_seen_without_a_call)
{
	unsigned char buf[8];

	at(A, segment(A, 1, 0600), HOLE, 0);
	put_text(A, HOLE + PAGE - 4, "tail");
	ck_assert_uint_eq(model_bytes(w, A, HOLE + PAGE - 4, buf, sizeof(buf)), 4);
	ck_assert_mem_eq(buf, "tail", 4);
	ck_assert_uint_eq(model_bytes(w, B, HOLE, buf, sizeof(buf)), 0);
}
END_TEST

/* ---- huge pages -------------------------------------------------------------------------------- */

static int64_t huge_segment(void)
{
	return segment(ROOT, PAGE + 1, 0600 | SHM_HUGETLB | SHM_NORESERVE);
}

START_TEST(a_huge_segment_takes_whole_huge_pages)
{
	int64_t id = huge_segment(), addr, size;

	ck_assert_int_eq(at(ROOT, id, 0, 0) % HUGE_PAGE, 0);
	ck_assert(model_attachment(w, ROOT, 0, &addr, &size));
	ck_assert_int_eq(size, HUGE_PAGE);
	ck_assert_int_eq(at_err(ROOT, id, HOLE + PAGE, 0), EINVAL);
	ck_assert_int_eq(at_err(ROOT, id, -HUGE_PAGE, 0), EINVAL);
	ck_assert_int_eq(at_err(ROOT, id, HOLE + HUGE_PAGE, 0), 0);
}
END_TEST

START_TEST(a_huge_segment_larger_than_the_address_space_is_enomem_wherever_it_is_to_go)
{
	int64_t id = segment(ROOT, (int64_t)1 << 62, 0600 | SHM_HUGETLB | SHM_NORESERVE);

	ck_assert_int_eq(at_err(ROOT, id, HOLE + PAGE, SHM_REMAP), ENOMEM);
	ck_assert_int_eq(at_err(ROOT, huge_segment(), ((int64_t)1 << 60) + PAGE, 0), EINVAL);
	w->facts.space_end = (int64_t)1 << 62;
	ck_assert_int_eq(at_err(ROOT, id, HOLE + PAGE, SHM_REMAP), EINVAL);
}
END_TEST

START_TEST(a_huge_page_that_cannot_be_had_is_sigbus)
{
	int64_t id = huge_segment();

	at(ROOT, id, HOLE, 0);
	at(ROOT, id, HOLE + HUGE_PAGE, SHM_RDONLY);
	ck_assert_int_eq(signal_of(run(op(load, ROOT, .addr = HOLE, .len = 1))), SIGBUS);
	ck_assert_int_eq(signal_of(put_text(ROOT, HOLE, "x")), SIGBUS);
	ck_assert_int_eq(signal_of(put_text(ROOT, HOLE + HUGE_PAGE, "x")), SIGSEGV);
}
END_TEST

START_TEST(a_huge_page_is_not_cut)
{
	int64_t page = segment(ROOT, PAGE, 0600);
	struct verdict v;

	at(ROOT, huge_segment(), HOLE, 0);
	ck_assert_int_eq(at_err(ROOT, page, HOLE, SHM_REMAP), EINVAL);
	ck_assert_int_eq(at_err(ROOT, page, HOLE + PAGE, SHM_REMAP), EINVAL);
	ck_assert_int_eq(at_err(ROOT, page, HOLE + HUGE_PAGE - PAGE, SHM_REMAP), EINVAL);
	w->facts.linux = LINUX(6, 11);
	ck_assert_int_eq(at_err(ROOT, page, HOLE + PAGE, SHM_REMAP), ENOMEM);
	ck_assert_int_eq(at_err(ROOT, page, 0, SHM_REMAP), EINVAL);
	ck_assert_int_eq(at_err(ROOT, page + 77, HOLE + PAGE, SHM_REMAP), EINVAL);
	model_judge(w, &(struct op){ .code = OP_shmat, .actor = ROOT, .v = { page + 77, HOLE + PAGE } },
		    &profile_posix, &v);
	ck_assert_uint_eq(v.errs.bits, errs(EINVAL));
	w->facts.linux = LINUX(6, 12);
	ck_assert_int_eq(at_err(ROOT, page, HOLE + PAGE, SHM_REMAP), EINVAL);
	at(ROOT, page, HOLE - PAGE, 0);
	ck_assert_int_eq(at_err(ROOT, segment(ROOT, 2 * PAGE, 0600), HOLE - PAGE, SHM_REMAP), EINVAL);
	ck_assert_int_eq(at_err(ROOT, page, HOLE + HUGE_PAGE, SHM_REMAP), 0);
	ck_assert_int_eq(at_err(ROOT, page, HOLE - PAGE, SHM_REMAP), 0);
}
END_TEST

/* ---- posix ------------------------------------------------------------------------------------- */

/* Which failures the standard allows of a call, and whether it allows success. */
static void posix_allows(struct op call, uint32_t errs_, bool success)
{
	struct verdict v;

	model_judge(w, &call, &profile_posix, &v);
	ck_assert_msg(v.errs.bits == errs_, "%s", opinfo[call.code].name);
	ck_assert_msg(v.success == success, "%s", opinfo[call.code].name);
}

START_TEST(posix_demands_the_failures_that_it_names)
{
	int64_t id = segment(A, PAGE, 0600), giant = segment(A, INT64_MAX, 0600 | SHM_NORESERVE);

	at(A, id, HOLE, 0);
	posix_allows(op(shmat, A, .id = -1), errs(EINVAL), false);
	posix_allows(op(shmat, A, .id = 9), errs(EINVAL), false);
	posix_allows(op(shmat, A, .id = id, .addr = HOLE + 1), errs(EINVAL), false);
	posix_allows(op(shmat, C, .id = id), errs(EACCES), false);
	posix_allows(op(shmat, C, .id = id, .addr = HOLE + 1), errs(EINVAL, EACCES), false);
	posix_allows(op(shmat, A, .id = id, .addr = -PAGE), errs(EINVAL, ENOMEM), false);
	posix_allows(op(shmat, A, .id = giant), errs(ENOMEM), false);
	posix_allows(op(shmdt, A, .addr = HOLE + 1), errs(EINVAL), false);
	posix_allows(op(shmdt, A, .addr = HOLE + PAGE), errs(EINVAL), false);
	posix_allows(op(shmdt, A, .addr = HOLE), 0, true);
}
END_TEST

START_TEST(posix_demands_nothing_where_it_says_nothing)
{
	int64_t id = segment(A, PAGE, 0600), huge = huge_segment();

	at(A, id, HOLE, 0);
	posix_allows(op(shmat, A, .id = id, .flg = SHM_REMAP), errs(EINVAL), true);
	posix_allows(op(shmat, A, .id = id, .addr = HOLE), errs(EINVAL), true);
	posix_allows(op(shmat, A, .id = id, .addr = HOLE, .flg = SHM_REMAP), 0, true);
	posix_allows(op(shmat, ROOT, .id = huge, .addr = HOLE + PAGE), errs(EINVAL), true);
	posix_allows(op(shmat, ROOT, .id = id, .addr = 1, .flg = SHM_RND | SHM_REMAP), errs(EINVAL), true);
}
END_TEST

/* ---- why, and whatever may come ---------------------------------------------------------------- */

START_TEST(the_derivation_names_addresses_and_what_is_missing)
{
	int64_t id = segment(A, 1, 0600);
	struct op call = op(shmat, A, .id = id, .addr = HOLE);
	char buf[1000];
	struct text t = { buf, sizeof(buf), 0 };

	at(A, id, HOLE, 0);
	model_derive(w, &call, profile, &t);
	ck_assert_ptr_nonnull(strstr(buf, "the call asks for 6; 0 is missing\n"));
	ck_assert_ptr_nonnull(strstr(buf, "something is attached or mapped between 0x"));
	ck_assert_ptr_nonnull(strstr(buf, "rule LINUX-SHMAT-OVL-1 gives EINVAL\n"));
	call = op(shmdt, A, .addr = HOLE + PAGE);
	t.len = 0;
	model_derive(w, &call, profile, &t);
	ck_assert_ptr_nonnull(strstr(buf, "none of 1 attachments began at 0x"));
	ck_assert_ptr_nonnull(strstr(buf, "rule SHMDT-ERR-EINVAL gives EINVAL\n"));
}
END_TEST

START_TEST(broken_attachments_break_the_invariant)
{
	int64_t id = segment(A, PAGE, 0600);
	struct attachment *a;

	at(A, id, HOLE, 0);
	at(A, id, HOLE + PAGE, 0);
	a = w->memory[A].attached;
	a[1].addr = HOLE;
	ck_assert_ptr_nonnull(strstr(why_not_ok(), "attachments of memory 0 overlap at 0x"));
	a[1].addr = HOLE + PAGE;
	w->task[A].alive = false;
	ck_assert_str_eq(why_not_ok(), "segments are attached to memory 0, which nobody has");
	w->task[A].alive = true;
	a[0].shmid = a[1].shmid = id + 1;
	((struct segment *)by_id(&w->ns[HOME], SHM, id))->nattch = 0;
	ck_assert_str_eq(why_not_ok(), "memory 0 has attached segment 1, which is gone");
	w->memory[A].nattached = 0;
	ck_assert_ptr_null(why_not_ok());
}
END_TEST

START_TEST(pages_out_of_order_break_the_invariant)
{
	int64_t id = segment(A, 2 * PAGE, 0600);
	struct segment *s = (struct segment *)by_id(&w->ns[HOME], SHM, id);

	at(A, id, HOLE, 0);
	put_text(A, HOLE + PAGE, "x");
	put_text(A, HOLE, "x");
	s->pages[1].number = 0;
	ck_assert_str_eq(why_not_ok(), "page 0 of segment 0 is out of order");
	s->pages[1].number = 1;
	ck_assert_ptr_null(why_not_ok());
}
END_TEST

/* Numbers that look random and are the same in every run. */
static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* A call of this family on few and mostly near objects, sizes and addresses. */
static struct op any_call(uint32_t *seed, const struct payload *data)
{
	static const int64_t numbers[] = {
		0, 1, -1, PAGE, 3 * PAGE, 5 * PAGE + 1, -PAGE, INT64_MIN, INT64_MAX, (int64_t)1 << 46,
		(int64_t)1 << 60, HOLE, HOLE + 1, HOLE + PAGE, HOLE + 3 * PAGE, HOLE + HUGE_PAGE, HOLE - PAGE,
	};
	enum { COUNT = sizeof(numbers) / sizeof(*numbers), CALLS = OP_store - OP_shmget + 1 };
	struct op call = { .code = OP_shmget + next(seed) % CALLS, .data = data };

	call.actor = next(seed) % 2 ? ROOT : A;
	for (int i = 0; i < MAXARGS; i++)
		call.v[i] = numbers[next(seed) % COUNT];
	if (opinfo[call.code].arg[0].kind == KIND_SHMID || call.code == OP_shmget)
		call.v[0] = next(seed) % 4;
	if (call.code == OP_shmat)
		call.shmat.flg = next(seed) & 0170000;
	if (call.code == OP_shmget)
		call.shmget.flg = 0600 | (next(seed) & 017000);
	for (int i = 0; i < opinfo[call.code].nargs; i++)
		if (opinfo[call.code].arg[i].kind == KIND_OUT)
			call.v[i] = next(seed) % NPLACES;
	return call;
}

static const struct payload stored = {
	.bytes = { 2, (const unsigned char *)"xy" },
	.set = { .has = BIT(F_mode), .mode = 0700 },
};

/* Carries out calls; each succeeds where it may. With sound the invariant must hold. */
static void any_calls(const struct profile *p, int n, bool sound)
{
	uint32_t seed = 1;
	struct outcome out;
	struct verdict v;

	for (int i = 0; i < often(n); i++) {
		struct op call = any_call(&seed, &stored);

		model_judge(w, &call, p, &v);
		ck_assert(model_apply(w, &call, p, v.success ? 0 : v.first, &out));
		if (sound)
			ck_assert_ptr_null(why_not_ok());
	}
}

START_TEST(the_invariant_holds_after_any_calls)
{
	any_calls(&profile_linux, 20000, true);
}
END_TEST

START_TEST(the_invariant_holds_after_whatever_posix_allows)
{
	any_calls(&profile_posix, 20000, true);
}
END_TEST

START_TEST(no_call_does_harm_where_any_one_rule_is_left_out)
{
	const char *strength;
	int err_;

	for (enum opcode code = OP_shmget; code <= OP_store; code++)
		for (int i = 0;; i++) {
			struct profile p = profile_linux;

			if (!model_rule(code, i, &p.without, &err_, &strength))
				break;
			any_calls(&p, 1000, false);
			free_world();
			setup_world();
		}
}
END_TEST

START_TEST(no_call_does_harm_where_any_one_switch_is_turned)
{
	for (int i = 0; i < NSWITCHES; i++)
		for (uint8_t k = 0; switchinfo[i].choices[k]; k++) {
			struct profile p = profile_linux;

			p.sw[i] = k;
			any_calls(&p, 1000, false);
			free_world();
			setup_world();
		}
}
END_TEST

START_TEST(a_copied_world_goes_the_same_way)
{
	struct world *copy, *first = w;
	uint32_t seed = 9;
	struct outcome out[2];
	struct verdict v;

	any_calls(&profile_linux, 2000, true);
	copy = world_clone(w);
	for (int i = 0; i < 500; i++) {
		struct op call = any_call(&seed, &stored);

		model_judge(w, &call, &profile_linux, &v);
		ck_assert(model_apply(first, &call, &profile_linux, v.first, &out[0]));
		ck_assert(model_apply(copy, &call, &profile_linux, v.first, &out[1]));
		ck_assert_int_eq(out[0].value, out[1].value);
		ck_assert(world_equal(first, copy));
	}
	world_free(copy);
}
END_TEST

static void add_places(Suite *s)
{
	TCase *tc = tests_of(s, "places");

	tcase_add_test(tc, an_attach_counts_and_sets_atime_and_lpid);
	tcase_add_test(tc, a_failed_attach_leaves_everything_as_it_was);
	tcase_add_test(tc, a_system_chosen_address_is_aligned_and_outside_the_hole);
	tcase_add_test(tc, attaches_are_placed_downwards_without_gaps);
	tcase_add_test(tc, the_highest_gap_that_is_large_enough_is_used_again_from_its_end);
	tcase_add_test(tc, a_large_alignment_is_kept_for_chosen_and_rounded_addresses);
	tcase_add_test(tc, a_given_address_is_used_as_it_is);
	tcase_add_test(tc, shm_rnd_rounds_down_and_without_it_an_unaligned_address_is_einval);
	tcase_add_test(tc, a_negative_or_stale_or_removed_id_is_einval);
	tcase_add_test(tc, address_errors_come_before_the_id_and_the_id_before_permission);
	tcase_add_test(tc, permission_comes_before_overlap);
	tcase_add_test(tc, a_range_that_wraps_is_einval_and_one_beyond_the_address_space_enomem);
	tcase_add_test(tc, posix_names_an_illegal_address_einval_and_a_full_space_enomem);
	tcase_add_test(tc, what_does_not_fit_is_enomem_and_reaching_over_the_stack_is_einval);
	tcase_add_test(tc, a_space_that_is_used_up_is_enomem);
	tcase_add_test(tc, above_the_hole_all_is_used);
	tcase_add_test(tc, page_zero_is_for_cap_sys_rawio);
	tcase_add_test(tc, posix_says_nothing_of_page_zero);
	tc = tests_of(s, "permission");
	tcase_add_test(tc, a_read_write_attach_needs_both_and_a_read_only_one_r);
	tcase_add_test(tc, a_system_may_attach_for_writing_with_w_alone);
	tcase_add_test(tc, shm_exec_needs_x_on_linux_and_may_elsewhere);
	tcase_add_test(tc, cap_ipc_owner_attaches_anything);
	tcase_add_test(tc, unknown_flags_are_ignored);
	tc = tests_of(s, "overlap");
	tcase_add_test(tc, an_overlap_is_einval_and_a_neighbour_is_none);
	tcase_add_test(tc, posix_allows_to_refuse_an_overlap_and_to_replace);
	tcase_add_test(tc, shm_remap_without_an_address_is_einval);
	tcase_add_test(tc, shm_remap_replaces_a_whole_attach);
	tcase_add_test(tc, shm_remap_of_a_part_leaves_pieces_that_count);
	tcase_add_test(tc, one_shmdt_takes_all_pieces_and_none_by_itself);
	tcase_add_test(tc, the_old_start_detaches_what_is_left_when_its_first_page_is_replaced);
	tcase_add_test(tc, shm_remap_reaches_over_several_attaches);
	tcase_add_test(tc, a_segment_that_replaces_its_own_last_attach_lives_on);
	tcase_add_test(tc, only_attaches_that_still_have_their_start_are_listed);
}

static void add_ends(Suite *s)
{
	TCase *tc = tests_of(s, "shmdt");

	tcase_add_test(tc, a_detach_counts_and_sets_dtime_and_lpid);
	tcase_add_test(tc, an_address_at_which_no_attach_began_is_einval);
	tcase_add_test(tc, a_neighbour_of_the_same_segment_stays_attached);
	tcase_add_test(tc, detaching_asks_for_no_permission);
	tc = tests_of(s, "after removal");
	tcase_add_test(tc, a_marked_segment_can_be_attached_with_the_usual_permission);
	tcase_add_test(tc, posix_leaves_attaching_after_removal_open);
	tcase_add_test(tc, the_last_detach_destroys_a_marked_segment);
	tcase_add_test(tc, an_unmarked_segment_outlives_its_last_detach);
	tcase_add_test(tc, a_system_may_forget_to_destroy_a_marked_segment);
	tc = tests_of(s, "fork, exit");
	tcase_add_test(tc, a_child_inherits_attaches_and_the_parent_counts_as_attacher);
	tcase_add_test(tc, posix_does_not_count_fork_as_an_attach);
	tcase_add_test(tc, a_system_may_leave_a_segment_untouched_by_fork);
	tcase_add_test(tc, an_area_beyond_the_space_takes_no_place_in_it);
	tcase_add_test(tc, above_the_stack_addresses_are_chosen_only_where_the_system_does_so);
	tcase_add_test(tc, a_huge_page_is_as_large_as_was_asked_for_or_is_usual);
	tcase_add_test(tc, the_end_of_a_process_detaches_all);
	tcase_add_test(tc, the_end_of_a_process_by_a_signal_detaches_as_that_process);
	tcase_add_test(tc, posix_does_not_count_the_end_of_a_process_as_an_operation);
}

static void add_contents(Suite *s)
{
	TCase *tc = tests_of(s, "contents");

	tcase_add_test(tc, a_segment_starts_with_zeros_to_the_end_of_its_last_page);
	tcase_add_test(tc, bytes_behind_the_size_in_the_last_page_are_kept);
	tcase_add_test(tc, contents_are_shared_by_all_attaches_and_outlive_them);
	tcase_add_test(tc, two_segments_do_not_share_contents);
	tcase_add_test(tc, what_is_not_mapped_is_sigsegv);
	tcase_add_test(tc, a_read_only_attach_can_be_loaded_and_not_stored_in);
	tcase_add_test(tc, what_lies_before_a_bad_address_is_stored);
	tcase_add_test(tc, a_store_reaches_over_adjacent_attaches);
	tcase_add_test(tc, nothing_is_touched_by_a_length_of_0);
	tcase_add_test(tc, a_longer_load_counts_as_one_of_stringmax);
	tcase_add_test(tc, loads_and_stores_move_no_time);
	tcase_add_test(tc, bytes_can_be_seen_without_a_call);
	tc = tests_of(s, "huge pages");
	tcase_add_test(tc, a_huge_segment_takes_whole_huge_pages);
	tcase_add_test(tc, a_huge_segment_larger_than_the_address_space_is_enomem_wherever_it_is_to_go);
	tcase_add_test(tc, a_huge_page_that_cannot_be_had_is_sigbus);
	tcase_add_test(tc, a_huge_page_is_not_cut);
	tc = tests_of(s, "posix");
	tcase_add_test(tc, posix_demands_the_failures_that_it_names);
	tcase_add_test(tc, posix_demands_nothing_where_it_says_nothing);
	tc = tests_of(s, "why, and any calls");
	tcase_add_test(tc, the_derivation_names_addresses_and_what_is_missing);
	tcase_add_test(tc, broken_attachments_break_the_invariant);
	tcase_add_test(tc, pages_out_of_order_break_the_invariant);
	tcase_add_test(tc, the_invariant_holds_after_any_calls);
	tcase_add_test(tc, the_invariant_holds_after_whatever_posix_allows);
	tcase_add_test(tc, no_call_does_harm_where_any_one_rule_is_left_out);
	tcase_add_test(tc, no_call_does_harm_where_any_one_switch_is_turned);
	tcase_add_test(tc, a_copied_world_goes_the_same_way);
}

int main(void)
{
	Suite *s = suite_create("attach");

	add_places(s);
	add_ends(s);
	add_contents(s);
	return run_suite(s);
}
