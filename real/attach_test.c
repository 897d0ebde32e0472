/* A case can touch its own segments and nothing of the harness. */
#include <sys/mman.h>

#include "test.h"

static int64_t page, m;
static int precious = 42;		/* memory of the harness */

/* A run with a segment of five pages, whose pages hold "0" to "4". */
static void segment(enum real_mode mode)
{
	static const char *const digits[] = { "0", "1", "2", "3", "4" };
	int64_t p;

	new_run(mode, 2);
	page = sysconf(_SC_PAGESIZE);
	m = value(op(shmget, A, .size = 5 * page, .flg = 0600));
	p = value(op(shmat, A, .id = m));
	for (int i = 0; i < 5; i++) {
		const struct payload d = { .bytes = { 1, (const unsigned char *)digits[i] } };

		run(with(&d, store, A, .addr = p + i * page));
	}
	run(op(shmdt, A, .addr = p));
}

static int byte_at(int64_t addr)
{
	run(op(load, A, .addr = addr, .len = 1));
	return out.how == FAULTED ? -out.err : out.bytes[0];
}

static void memory_of_the_harness_counts_as_unmapped(enum real_mode mode)
{
	const int64_t ours = (int64_t)(uintptr_t)&precious;

	segment(mode);
	ck_assert_int_eq(byte_at(ours), -SIGSEGV);
	ck_assert_int_eq(fault(with(bytes("xxxx"), store, A, .addr = ours)), SIGSEGV);
	ck_assert_int_eq(precious, 42);
	end_run();
}

BOX_TEST(memory_of_the_harness_counts_as_unmapped_in_one_process)
{
	memory_of_the_harness_counts_as_unmapped(REAL_SOLO);
}

BOX_TEST(memory_of_the_harness_counts_as_unmapped_in_an_actor)
{
	memory_of_the_harness_counts_as_unmapped(REAL_PROCESSES);
}

BOX_TEST(memory_that_comes_where_a_segment_was_is_not_the_case_s)
{
	int64_t p;
	char *ours;

	segment(REAL_SOLO);
	p = value(op(shmat, A, .id = m));
	run(op(shmdt, A, .addr = p));
	ours = mmap((void *)(uintptr_t)p, (size_t)page, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	ck_assert_ptr_eq(ours, (void *)(uintptr_t)p);
	ck_assert_int_eq(fault(with(bytes("xxxx"), store, A, .addr = p)), SIGSEGV);
	ck_assert_int_eq(byte_at(p), -SIGSEGV);
	ck_assert_int_eq(ours[0], 0);
	munmap(ours, (size_t)page);
	end_run();
}

static void harness_is_not_replaced(enum real_mode mode)
{
	struct op call;

	segment(mode);
	call = op(shmat, A, .id = m, .addr = (int64_t)(uintptr_t)&precious / page * page, .flg = SHM_REMAP);
	ck_assert_int_eq(real_call(r, &call, false, &out), LOST);
	ck_assert_ptr_nonnull(strstr(real_why(r), "would replace memory of the harness"));
	call.shmat.addr -= 2 * page;
	ck_assert_int_eq(real_call(r, &call, false, &out), LOST);
	call.shmat.addr = (int64_t)(uintptr_t)&precious | 1;
	call.shmat.flg = SHM_REMAP | SHM_RND;
	ck_assert_int_eq(real_call(r, &call, false, &out), LOST);
	ck_assert_int_eq(precious, 42);
	ck_assert_int_eq(err(op(shmat, A, .id = m, .addr = call.shmat.addr / page * page)), EINVAL);
	end_run();
}

BOX_TEST(harness_is_not_replaced_in_one_process)
{
	harness_is_not_replaced(REAL_SOLO);
}

BOX_TEST(harness_is_not_replaced_in_an_actor)
{
	harness_is_not_replaced(REAL_PROCESSES);
}

static void attachments_are_replaced(enum real_mode mode)
{
	int64_t other;

	segment(mode);
	other = value(op(shmget, A, .size = 2 * page, .flg = 0600));
	ck_assert_int_eq(value(op(shmat, A, .id = m, .addr = HOLE)), HOLE);
	run(op(shmat, A, .id = other, .addr = HOLE + page, .flg = SHM_REMAP));
	ck_assert_int_eq(out.value, HOLE + page);
	ck_assert_int_eq(byte_at(HOLE), '0');
	ck_assert_int_eq(byte_at(HOLE + page), 0);
	ck_assert_int_eq(byte_at(HOLE + 3 * page), '3');
	run(op(shmdt, A, .addr = HOLE + page));
	ck_assert_int_eq(byte_at(HOLE + page), -SIGSEGV);
	ck_assert_int_eq(byte_at(HOLE + 4 * page), '4');
	run(op(shmdt, A, .addr = HOLE));
	ck_assert_int_eq(byte_at(HOLE), -SIGSEGV);
	ck_assert_int_eq(byte_at(HOLE + 4 * page), -SIGSEGV);
	end_run();
}

BOX_TEST(attachments_are_replaced_in_one_process)
{
	attachments_are_replaced(REAL_SOLO);
}

BOX_TEST(attachments_are_replaced_in_an_actor)
{
	attachments_are_replaced(REAL_PROCESSES);
}

/* The same where the system chose the address, of which the hole says nothing. */
static void pieces_keep_apart(enum real_mode mode)
{
	int64_t other, p;

	segment(mode);
	other = value(op(shmget, A, .size = 2 * page, .flg = 0600));
	p = value(op(shmat, A, .id = m));
	ck_assert_int_eq(value(op(shmat, A, .id = other, .addr = p, .flg = SHM_REMAP)), p);
	ck_assert_int_eq(byte_at(p + page), 0);
	ck_assert_int_eq(byte_at(p + 2 * page), '2');
	ck_assert_uint_eq(attach_reach(r, &op(load, A, .addr = p + page)), (size_t)(4 * page));
	run(op(shmdt, A, .addr = p));
	ck_assert_int_eq(byte_at(p), -SIGSEGV);
	ck_assert_int_eq(byte_at(p + 2 * page), '2');
	run(op(shmdt, A, .addr = p));
	ck_assert_int_eq(byte_at(p + 2 * page), -SIGSEGV);
	end_run();
}

BOX_TEST(pieces_keep_apart_in_one_process)
{
	pieces_keep_apart(REAL_SOLO);
}

BOX_TEST(pieces_keep_apart_in_an_actor)
{
	pieces_keep_apart(REAL_PROCESSES);
}

BOX_TEST(an_attach_may_go_where_nothing_is)
{
	const int64_t somewhere = HOLE + 16 * HOLE_SIZE;

	segment(REAL_SOLO);
	ck_assert_int_eq(value(op(shmat, A, .id = m, .addr = somewhere, .flg = SHM_REMAP)), somewhere);
	ck_assert_int_eq(byte_at(somewhere + page), '1');
	ck_assert_int_eq(value(op(shmat, A, .id = m, .addr = somewhere - 2 * page, .flg = SHM_REMAP)),
			 somewhere - 2 * page);
	ck_assert_int_eq(byte_at(somewhere), '2');
	end_run();
}

BOX_TEST(huge_segments_and_strange_addresses)
{
	static const int64_t addr[] = { 1, -1, INT64_MIN, INT64_MAX, (int64_t)1 << 47, -4096 };

	segment(REAL_SOLO);
	for (size_t i = 0; i < sizeof(addr) / sizeof(*addr); i++) {
		ck_assert_int_eq(fault(op(load, A, .addr = addr[i], .len = 9)), SIGSEGV);
		run(op(shmdt, A, .addr = addr[i]));
		ck_assert_int_eq(out.how, FAILED);
		start(op(shmat, A, .id = m, .addr = addr[i], .flg = SHM_RND), false);
		ck_assert_int_eq(out.how, FAILED);
	}
	run(op(shmget, A, .key = 9, .size = (int64_t)1 << 45, .flg = IPC_CREAT | SHM_NORESERVE | 0600));
	if (out.how == RETURNED)
		start(op(shmat, A, .id = out.value, .addr = HOLE, .flg = SHM_REMAP), false);
	end_run();
}

/* ---- calls that change what is mapped --------------------------------------------------------- */

static void is_refused(struct op call)
{
	ck_assert_int_eq(real_call(r, &call, false, &out), LOST);
	ck_assert_ptr_nonnull(strstr(real_why(r), "would change memory of the harness"));
}

BOX_TEST(memory_of_the_harness_is_not_changed)
{
	const int64_t ours = (int64_t)(uintptr_t)&precious & -sysconf(_SC_PAGESIZE);

	segment(REAL_PROCESSES);
	ck_assert_int_eq(value(op(shmat, A, .id = m, .addr = HOLE)), HOLE);
	is_refused(op(munmap, A, .addr = ours, .len = page));
	is_refused(op(mprotect, A, .addr = ours, .len = 1, .prot = 0));
	is_refused(op(madvise_DONTFORK, A, .addr = ours, .len = page));
	is_refused(op(mremap, A, .addr = ours, .len = page, .newlen = page, .to = HOLE));
	is_refused(op(mremap, A, .addr = ours, .len = 0, .newlen = page));
	is_refused(op(mremap, A, .addr = HOLE, .len = page, .newlen = page, .to = ours));
	is_refused(op(mremap, A, .addr = HOLE, .len = page, .newlen = page, .to = ours - 2 * page));
	is_refused(op(munmap, A, .addr = HOLE, .len = HOLE_SIZE + 1));
	is_refused(op(munmap, A, .addr = HOLE - 1, .len = 2));
	is_refused(op(munmap, A, .addr = HOLE, .len = -1));
	is_refused(op(mprotect, A, .addr = HOLE, .len = INT64_MAX, .prot = 0));
	for (int off = 0; off < 2; off++) {
		run(op(munmap, A, .addr = ours + off, .len = 0));
		ck_assert_int_eq(out.err, EINVAL);
	}
	ck_assert_int_eq(byte_at(HOLE + page), '1');
	ck_assert_int_eq(precious, 42);
	end_run();
}

BOX_TEST(a_case_may_change_its_attachments_and_its_hole)
{
	int64_t p, q;

	segment(REAL_PROCESSES);
	p = value(op(shmat, A, .id = m));
	run(op(mprotect, A, .addr = p + page, .len = page, .prot = 0));
	ck_assert_int_eq(byte_at(p + page), -SIGSEGV);
	run(op(munmap, A, .addr = p + page, .len = page - 1));
	ck_assert_int_eq(byte_at(p), '0');
	q = value(op(mremap, A, .addr = p + 2 * page, .len = 3 * page, .newlen = 4 * page));
	ck_assert_int_eq(byte_at(q), '2');
	ck_assert_int_eq(byte_at(q + 3 * page), -SIGBUS);
	run(op(munmap, A, .addr = q + page, .len = 3 * page));
	ck_assert_int_eq(byte_at(q + page), -SIGSEGV);
	ck_assert_int_eq(value(op(mremap, A, .addr = q, .len = page, .newlen = page, .to = HOLE + page)),
			 HOLE + page);
	ck_assert_int_eq(byte_at(HOLE + page), '2');
	ck_assert_int_eq(value(op(munmap, A, .addr = HOLE, .len = HOLE_SIZE)), 0);
	ck_assert_int_eq(byte_at(HOLE + page), -SIGSEGV);
	end_run();
}

BOX_TEST(a_child_does_not_have_what_is_not_inherited)
{
	segment(REAL_PROCESSES);
	run(op(shmat, A, .id = m, .addr = HOLE));
	run(op(madvise_DONTFORK, A, .addr = HOLE + page, .len = page));
	run(op(fork, A, .child = C));
	run(op(load, C, .addr = HOLE, .len = 1));
	ck_assert_int_eq(out.how, RETURNED);
	ck_assert_int_eq(fault(op(load, C, .addr = HOLE + page, .len = 1)), SIGSEGV);
	end_run();
}

BOX_TEST(a_row_of_maps_tells_what_is_attached)
{
	int64_t other;

	segment(REAL_PROCESSES);
	other = value(op(shmget, A, .key = -559038737, .size = 2 * page, .flg = IPC_CREAT | 0600));
	run(op(shmat, A, .id = other, .addr = HOLE, .flg = SHM_RDONLY));
	run(op(munmap, A, .addr = HOLE, .len = page));
	ck_assert_int_eq(value(op(proc_maps, A, .addr = HOLE + 2 * page - 1)), other);
	ck_assert_int_eq(out.rec.v[F_key], -559038737);
	ck_assert_int_eq(out.rec.v[F_prot], READABLE);
	ck_assert_int_eq(out.rec.v[F_offset], page);
	ck_assert_int_eq(out.rec.v[F_length], page);
	ck_assert_int_eq(err(op(proc_maps, A, .addr = HOLE)), ENOENT);
	ck_assert_int_eq(err(op(proc_maps, A, .addr = (int64_t)(uintptr_t)&precious)), ENOENT);
	ck_assert_int_eq(err(op(proc_maps, B, .addr = HOLE + page)), ENOENT);
	end_run();
}

BOX_TEST(resource_limits_are_those_of_one_actor)
{
	segment(REAL_PROCESSES);
	ck_assert_int_eq(value(op(rlimit, A, .name = RLIM_AS, .value = 5 * page - 1)), 0);
	ck_assert_int_eq(err(op(shmat, A, .id = m)), ENOMEM);
	run(op(shmat, B, .id = m));
	ck_assert_int_eq(out.how, RETURNED);
	ck_assert_int_eq(value(op(rlimit, A, .name = RLIM_AS, .value = 5 * page)), 0);
	ck_assert_int_eq(value(op(shmat, A, .id = m, .addr = HOLE)), HOLE);
	ck_assert_int_eq(err(op(shmat, A, .id = m)), ENOMEM);
	ck_assert_int_eq(value(op(rlimit, A, .name = RLIM_AS, .value = -1)), 0);
	ck_assert_int_eq(value(op(rlimit, A, .name = RLIM_MEMLOCK, .value = 5 * page)), 0);
	ck_assert_int_eq(value(op(mlockall, A)), 0);
	run(op(shmat, A, .id = m));
	ck_assert_int_eq(out.how, RETURNED);
	ck_assert_int_eq(err(op(shmat, A, .id = m)), EAGAIN);
	ck_assert_int_eq(err(op(rlimit, A, .name = RLIM_MEMLOCK, .value = MEMLOCK + 1)), EINVAL);
	end_run();
}

int main(void)
{
	TCase *tc = tcase_create("attach");

	add_box_test(tc, memory_of_the_harness_counts_as_unmapped_in_one_process);
	add_box_test(tc, memory_of_the_harness_counts_as_unmapped_in_an_actor);
	add_box_test(tc, memory_that_comes_where_a_segment_was_is_not_the_case_s);
	add_box_test(tc, harness_is_not_replaced_in_one_process);
	add_box_test(tc, harness_is_not_replaced_in_an_actor);
	add_box_test(tc, attachments_are_replaced_in_one_process);
	add_box_test(tc, attachments_are_replaced_in_an_actor);
	add_box_test(tc, pieces_keep_apart_in_one_process);
	add_box_test(tc, pieces_keep_apart_in_an_actor);
	add_box_test(tc, an_attach_may_go_where_nothing_is);
	add_box_test(tc, huge_segments_and_strange_addresses);
	add_box_test(tc, memory_of_the_harness_is_not_changed);
	add_box_test(tc, a_case_may_change_its_attachments_and_its_hole);
	add_box_test(tc, a_child_does_not_have_what_is_not_inherited);
	add_box_test(tc, a_row_of_maps_tells_what_is_attached);
	add_box_test(tc, resource_limits_are_those_of_one_actor);
	return run_tests(tc, "attach");
}
