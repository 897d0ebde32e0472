/* Semaphore sets, rule by rule. */
#include <signal.h>
#include <stdio.h>

#include "test.h"

/* ---- short forms -------------------------------------------------------------------------------- */

#define array(...) \
	.sops = { sizeof((struct sop[]){ __VA_ARGS__ }) / sizeof(struct sop), (struct sop[]){ __VA_ARGS__ } }
/* does(A, s, { 0, -1, 0 }, { 1, 1, SEM_UNDO }): a semop by A on set s */
#define does(actor_, set_, ...) with((&(struct payload){ array(__VA_ARGS__) }), semop, actor_, .id = (set_))
/* The same as a semtimedop of so many s and ns: within(0, 1000, A, s, { 0, -1, 0 }) */
#define within(sec_, nsec_, actor_, set_, ...) \
	with((&(struct payload){ array(__VA_ARGS__), .timeout = { true, P_OK, sec_, nsec_ } }), \
	     semtimedop, actor_, .id = (set_))
#define values(...) (&(struct payload){ \
	.vals = { sizeof((uint16_t[]){ __VA_ARGS__ }) / sizeof(uint16_t), (uint16_t[]){ __VA_ARGS__ } } })

static struct op get(int actor, int64_t key, int64_t nsems, int64_t flg)
{
	return op(semget, actor, .key = key, .nsems = nsems, .flg = flg);
}

/* A set of A's that everybody may use. */
static int64_t set_of(int64_t nsems)
{
	return value(get(A, IPC_PRIVATE, nsems, 0666));
}

/* A set of A's that nobody else may use. */
static int64_t private_set(int64_t nsems)
{
	return value(get(A, IPC_PRIVATE, nsems, 0600));
}

static struct op setval(int actor, int64_t s, int64_t num, int64_t val)
{
	return op(semctl_SETVAL, actor, .id = s, .num = num, .val = val);
}

static struct op chmod_set(int64_t s, int64_t mode)
{
	static struct payload settings[2];
	struct payload *p = &settings[mode != 0];

	*p = (struct payload){ .set = { .has = BIT(F_mode), .mode = mode } };
	return with(p, semctl_IPC_SET, A, .id = s);
}

static struct op rmid(int64_t s)
{
	return op(semctl_IPC_RMID, A, .id = s);
}

static struct op hit(int to, int signo)
{
	return op(signal, -1, .to = to, .signo = signo);
}

static void set_limit(enum limit name, int64_t to)
{
	run(op(limit, -1, .name = name, .value = to));
}

/* State is looked at without a call, so that woken() still speaks of the call before. */
static const struct semset *the(int64_t s)
{
	const struct perm *perm = by_id(&w->ns[HOME], SEM, s);

	ck_assert_ptr_nonnull(perm);
	return (const struct semset *)perm;
}

static int val(int64_t s, size_t num)
{
	return the(s)->sems[num].val;
}

/* The actor whose process a semaphore names, or -1. */
static int last(int64_t s, size_t num)
{
	return the(s)->sems[num].pid - 1;
}

static int64_t ncnt(int64_t s, int64_t num)
{
	return value(op(semctl_GETNCNT, ROOT, .id = s, .num = num));
}

static int64_t zcnt(int64_t s, int64_t num)
{
	return value(op(semctl_GETZCNT, ROOT, .id = s, .num = num));
}

static int64_t otime(int64_t s)
{
	return field(SEM, s, F_otime);
}

static int64_t ctime_of(int64_t s)
{
	return field(SEM, s, F_ctime);
}

/* The time stamp that the last call gave. */
static int64_t just_now(void)
{
	return model_now(w) - 1;
}

/* From here on the profile of the name, with one thing changed unless change is NULL. */
static void go_by(const struct profile *p, const char *change)
{
	static struct profile changed;
	char why[200];

	changed = *p;
	profile = &changed;
	if (change)
		ck_assert_msg(profile_change(&changed, change, why, sizeof(why)), "%s", why);
}

static const char *derivation(struct op call)
{
	static char buf[2000];
	struct text t = { buf, sizeof(buf), 0 };

	memset(buf, 0, sizeof(buf));
	model_derive(w, &call, profile, &t);
	return buf;
}

#define tells(call_, words_) ck_assert_msg(strstr(derivation(call_), words_), "%s", derivation(call_))

/* What the profile allows of a call: these failures, and success or not. */
#define allowed(call_, success_, errs_) do { \
	struct verdict v_ = judge(call_); \
	ck_assert_uint_eq(v_.errs.bits, errs_); \
	ck_assert_int_eq(v_.success, success_); \
} while (0)
#define NOTHING 0U

/* ---- semget ------------------------------------------------------------------------------------- */

START_TEST(a_new_set_is_all_zero_and_was_never_used)
{
	int64_t s = set_of(3);

	ck_assert_int_eq(field(SEM, s, F_nsems), 3);
	ck_assert_int_eq(otime(s), 0);
	ck_assert_int_eq(ctime_of(s), just_now());
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(val(s, i), 0);
		ck_assert_int_eq(last(s, i), -1);
	}
}
END_TEST

START_TEST(a_new_set_belongs_to_its_creator)
{
	int64_t s = value(get(C, 5, 1, 03640));

	ck_assert_int_eq(field(SEM, s, F_uid), 2000);
	ck_assert_int_eq(field(SEM, s, F_cuid), 2000);
	ck_assert_int_eq(field(SEM, s, F_gid), 2000);
	ck_assert_int_eq(field(SEM, s, F_mode), 0640);
	ck_assert_int_eq(field(SEM, s, F_key), 5);
}
END_TEST

START_TEST(a_size_that_no_set_can_have_is_refused_before_the_key_is_looked_up)
{
	value(get(A, 5, 2, 01600));
	ck_assert_int_eq(err(get(A, 5, -1, 03600)), EINVAL);
	ck_assert_int_eq(err(get(A, 5, DEF_SEMMSL + 1, 03600)), EINVAL);
	ck_assert_int_eq(err(get(A, 6, DEF_SEMMSL + 1, 0)), EINVAL);
	ck_assert_int_eq(err(get(A, 6, 0, 0)), ENOENT);
}
END_TEST

START_TEST(exclusive_creation_is_decided_before_size_and_permission)
{
	value(get(A, 5, 2, 01600));
	ck_assert_int_eq(err(get(C, 5, 3, 03600)), EEXIST);
	ck_assert_int_eq(err(get(C, 5, 3, 01600)), EINVAL);
	ck_assert_int_eq(err(get(C, 5, 2, 01600)), EACCES);
}
END_TEST

START_TEST(an_existing_set_is_opened_by_any_size_up_to_its_own)
{
	int64_t other = set_of(1), s = value(get(A, 5, 2, 01600));

	ck_assert_int_ne(s, other);
	for (int64_t n = 0; n <= 2; n++)
		ck_assert_int_eq(value(get(A, 5, n, 0600)), s);
	ck_assert_int_eq(err(get(A, 5, 3, 0600)), EINVAL);
}
END_TEST

START_TEST(an_empty_set_cannot_be_created)
{
	ck_assert_int_eq(err(get(A, IPC_PRIVATE, 0, 0600)), EINVAL);
	ck_assert_int_eq(err(get(A, 5, 0, 01600)), EINVAL);
}
END_TEST

START_TEST(creation_stops_at_the_limit_of_semaphores)
{
	set_limit(LIM_semmns, 5);
	value(get(A, IPC_PRIVATE, 3, 0600));
	ck_assert_int_eq(err(get(A, IPC_PRIVATE, 3, 0600)), ENOSPC);
	private_set(2);
	ck_assert_int_eq(err(get(A, IPC_PRIVATE, 0, 0600)), EINVAL);
}
END_TEST

START_TEST(creation_stops_at_the_limit_of_sets)
{
	int64_t s;

	set_limit(LIM_semmni, 2);
	s = set_of(1);
	set_of(1);
	ck_assert_int_eq(err(get(A, IPC_PRIVATE, 1, 0600)), ENOSPC);
	run(rmid(s));
	set_of(1);
}
END_TEST

/* ---- semop: what an array does ------------------------------------------------------------------ */

START_TEST(operations_add_and_subtract)
{
	int64_t s = set_of(2);

	value(does(A, s, { 0, 5, 0 }, { 1, 2, 0 }));
	value(does(A, s, { 0, -3, 0 }));
	ck_assert_int_eq(val(s, 0), 2);
	ck_assert_int_eq(val(s, 1), 2);
}
END_TEST

START_TEST(success_stamps_the_set_and_marks_the_semaphores_it_names)
{
	int64_t s = set_of(3), born = just_now();

	value(does(B, s, { 0, 1, 0 }, { 1, 0, 0 }));
	ck_assert_int_eq(otime(s), just_now());
	ck_assert_int_eq(ctime_of(s), born);
	ck_assert_int_eq(last(s, 0), B);
	ck_assert_int_eq(last(s, 1), B);
	ck_assert_int_eq(last(s, 2), -1);
}
END_TEST

START_TEST(a_wait_for_zero_alone_stamps_and_marks_too)
{
	int64_t s = set_of(1);

	value(does(B, s, { 0, 0, 0 }));
	ck_assert_int_eq(last(s, 0), B);
	ck_assert_int_eq(otime(s), just_now());
}
END_TEST

START_TEST(an_array_is_applied_as_a_whole_or_not_at_all)
{
	int64_t s = set_of(2);

	ck_assert_int_eq(err(does(A, s, { 0, 5, 0 }, { 1, -1, IPC_NOWAIT })), EAGAIN);
	ck_assert_int_eq(err(does(A, s, { 0, 5, 0 }, { 1, SEMVMX, 0 }, { 1, 1, 0 })), ERANGE);
	ck_assert_int_eq(val(s, 0), 0);
	ck_assert_int_eq(val(s, 1), 0);
	ck_assert_int_eq(last(s, 0), -1);
	ck_assert_int_eq(otime(s), 0);
}
END_TEST

START_TEST(operations_see_what_those_before_them_did)
{
	int64_t s = set_of(1);

	ck_assert_int_eq(err(does(A, s, { 0, 1, 0 }, { 0, -1, 0 }, { 0, 0, 0 })), 0);
	ck_assert_int_eq(err(does(A, s, { 0, 0, 0 }, { 0, 1, 0 })), 0);
	ck_assert_int_eq(err(does(A, s, { 0, 0, IPC_NOWAIT }, { 0, 1, 0 })), EAGAIN);
	ck_assert_int_eq(val(s, 0), 1);
	ck_assert(blocks(does(A, s, { 0, -2, 0 }, { 0, 1, 0 })));
}
END_TEST

START_TEST(the_highest_value_is_semvmx)
{
	int64_t s = set_of(1);

	ck_assert_int_eq(err(does(A, s, { 0, SEMVMX, 0 })), 0);
	ck_assert_int_eq(err(does(A, s, { 0, 1, 0 })), ERANGE);
	ck_assert_int_eq(err(does(A, s, { 0, -1, 0 }, { 0, 1, 0 })), 0);
	ck_assert_int_eq(err(does(A, s, { 0, -SEMVMX - 1, IPC_NOWAIT })), EAGAIN);
}
END_TEST

START_TEST(the_first_operation_that_cannot_proceed_decides)
{
	int64_t s = set_of(2);

	run(setval(A, s, 1, SEMVMX));
	ck_assert_int_eq(err(does(A, s, { 1, 1, 0 }, { 0, -1, IPC_NOWAIT })), ERANGE);
	ck_assert_int_eq(err(does(A, s, { 0, -1, IPC_NOWAIT }, { 1, 1, 0 })), EAGAIN);
	ck_assert(blocks(does(A, s, { 0, -1, 0 }, { 1, 1, 0 })));
}
END_TEST

START_TEST(only_the_flag_of_the_blocking_operation_counts)
{
	int64_t s = set_of(2);

	ck_assert(blocks(does(A, s, { 0, 0, IPC_NOWAIT }, { 0, -1, 0 }, { 1, -1, IPC_NOWAIT })));
	ck_assert_int_eq(err(does(B, s, { 0, 0, 0 }, { 0, -1, IPC_NOWAIT }, { 1, -1, 0 })), EAGAIN);
}
END_TEST

START_TEST(unknown_flags_are_ignored)
{
	int64_t s = set_of(1);

	ck_assert_int_eq(err(does(A, s, { 0, 1, 0x4000 | 1 })), 0);
	ck_assert_int_eq(val(s, 0), 1);
}
END_TEST

/* ---- semop: what is refused --------------------------------------------------------------------- */

static const struct payload nothing = { .where = P_NULL };

START_TEST(too_many_operations_is_the_first_thing_noticed)
{
	static const struct sop many[DEF_SEMOPM + 1];
	const struct payload all = { .where = P_UNMAPPED, .sops = { DEF_SEMOPM + 1, many } };
	const struct payload most = { .sops = { DEF_SEMOPM, many } };

	ck_assert_int_eq(err(with(&all, semop, A, .id = -1)), E2BIG);
	ck_assert_int_eq(err(with(&most, semop, A, .id = set_of(1))), 0);
}
END_TEST

START_TEST(the_limit_of_operations_is_compared_unsigned)
{
	int64_t s = set_of(1);

	set_limit(LIM_semopm, 0);
	ck_assert_int_eq(err(does(A, s, { 0, 1, 0 })), E2BIG);
	ck_assert_int_eq(err(with(&nothing, semop, A, .id = s)), EINVAL);
	set_limit(LIM_semopm, -1);
	ck_assert_int_eq(err(does(A, s, { 0, 1, 0 })), 0);
}
END_TEST

START_TEST(no_operations_are_refused_before_the_buffer_is_read)
{
	ck_assert_int_eq(err(with(&nothing, semop, A, .id = set_of(1))), EINVAL);
}
END_TEST

START_TEST(the_buffer_is_read_before_the_id_is_looked_up)
{
	struct payload bad = { array({ 0, 1, 0 }), .where = P_UNMAPPED };

	ck_assert_int_eq(err(with(&bad, semop, A, .id = -1)), EFAULT);
	bad.where = P_READONLY;
	ck_assert_int_eq(err(with(&bad, semop, A, .id = -1)), EINVAL);
}
END_TEST

START_TEST(a_buffer_cut_off_after_eight_bytes_holds_one_operation)
{
	const struct payload one = { array({ 0, 1, 0 }), .where = P_PARTIAL };
	const struct payload two = { array({ 0, 1, 0 }, { 0, 1, 0 }), .where = P_PARTIAL };
	int64_t s = set_of(1);

	ck_assert_int_eq(err(with(&one, semop, A, .id = s)), 0);
	ck_assert_int_eq(err(with(&two, semop, A, .id = s)), EFAULT);
}
END_TEST

static int claiming(const struct profile *p, int64_t s, uint64_t n)
{
	const struct payload two = { array({ 0, 1, 0 }, { 1, 1, 0 }), .excess = (int64_t)(n - 2) };
	struct op call = with(&two, semop, A, .id = s);
	struct verdict v;

	model_judge(w, &call, p, &v);
	return v.first;
}

START_TEST(thirty_two_bits_of_the_number_of_operations_count)
{
	const uint64_t high = UINT64_C(1) << 32;
	int64_t s = set_of(2);

	ck_assert_int_eq(claiming(&profile_linux, s, high + 2), 0);
	ck_assert_int_eq(claiming(&profile_linux, s, high), EINVAL);
	ck_assert_int_eq(claiming(&profile_linux, s, high + 3), EFAULT);
	ck_assert_int_eq(claiming(&profile_linux, s, high + DEF_SEMOPM + 1), E2BIG);
	ck_assert_int_eq(claiming(&profile_posix, s, high + 2), E2BIG);
}
END_TEST

START_TEST(operations_that_are_not_claimed_do_not_count)
{
	const struct payload two = { array({ 0, 1, 0 }, { 9, -1, 0 }), .excess = -1 };
	int64_t s = set_of(2);

	ck_assert_int_eq(err(with(&two, semop, A, .id = s)), 0);
	ck_assert_int_eq(run(op(semctl_GETVAL, A, .id = s, .num = 0)).value, 1);
}
END_TEST

START_TEST(an_id_that_names_no_set_is_invalid)
{
	int64_t s = set_of(1);

	ck_assert_int_eq(err(does(A, -1, { 0, 1, 0 })), EINVAL);
	ck_assert_int_eq(err(does(A, s + IPCMNI, { 0, 1, 0 })), EINVAL);
	run(rmid(s));
	ck_assert_int_eq(err(does(A, s, { 0, 1, 0 })), EINVAL);
}
END_TEST

START_TEST(a_semaphore_outside_the_set_is_noticed_before_permission)
{
	int64_t s = private_set(2);

	ck_assert_int_eq(err(does(C, s, { 0, 1, 0 }, { 2, 1, 0 })), EFBIG);
	ck_assert_int_eq(err(does(C, s, { 0, 1, 0 }, { 1, 1, 0 })), EACCES);
}
END_TEST

START_TEST(an_array_that_alters_needs_write_permission_only)
{
	int64_t s = value(get(A, IPC_PRIVATE, 1, 0602));

	ck_assert_int_eq(err(does(C, s, { 0, 1, 0 })), 0);
	ck_assert_int_eq(err(does(C, s, { 0, -1, 0 }, { 0, 0, 0 })), 0);
	ck_assert_int_eq(err(does(C, s, { 0, 0, 0 })), EACCES);
}
END_TEST

START_TEST(an_array_that_waits_for_zero_needs_read_permission_only)
{
	int64_t s = value(get(A, IPC_PRIVATE, 1, 0604));

	ck_assert_int_eq(err(does(C, s, { 0, 0, 0 }, { 0, 0, 0 })), 0);
	ck_assert_int_eq(err(does(C, s, { 0, 0, 0 }, { 0, 1, 0 })), EACCES);
}
END_TEST

/* ---- semtimedop --------------------------------------------------------------------------------- */

START_TEST(a_timeout_of_nothing_tries_once)
{
	int64_t s = set_of(1);

	ck_assert_int_eq(err(within(0, 0, A, s, { 0, -1, 0 })), EAGAIN);
	ck_assert_int_eq(err(within(0, 0, A, s, { 0, 1, 0 })), 0);
	ck_assert_int_eq(err(within(0, 0, A, s, { 0, -1, 0 })), 0);
}
END_TEST

START_TEST(a_timeout_that_is_no_time_is_refused_even_if_nothing_would_wait)
{
	int64_t s = set_of(1);

	ck_assert_int_eq(err(within(-1, 0, A, s, { 0, 1, 0 })), EINVAL);
	ck_assert_int_eq(err(within(0, -1, A, s, { 0, 1, 0 })), EINVAL);
	ck_assert_int_eq(err(within(0, 1000000000, A, s, { 0, 1, 0 })), EINVAL);
	ck_assert_int_eq(err(within(0, 999999999, A, s, { 0, 1, 0 })), 0);
	ck_assert_int_eq(err(within(-1, 0, A, s, { 9, 1, 0 })), EINVAL);
}
END_TEST

START_TEST(the_timeout_is_read_first_of_all_and_judged_after_the_operations_are_read)
{
	static const struct sop many[DEF_SEMOPM + 1];
	struct payload p = { .sops = { DEF_SEMOPM + 1, many }, .timeout = { true, P_PARTIAL, 0, 0 } };

	ck_assert_int_eq(err(with(&p, semtimedop, A, .id = -1)), EFAULT);
	p.timeout.where = P_OK;
	p.timeout.sec = -1;
	ck_assert_int_eq(err(with(&p, semtimedop, A, .id = -1)), E2BIG);
	p.sops.n = 1;
	p.where = P_NULL;
	ck_assert_int_eq(err(with(&p, semtimedop, A, .id = set_of(1))), EFAULT);
}
END_TEST

START_TEST(no_timeout_waits_without_limit)
{
	int64_t s = set_of(1);
	const struct payload none = { array({ 0, -1, 0 }) };
	const struct payload null = { array({ 0, -1, 0 }), .timeout = { true, P_NULL, -1, 0 } };

	ck_assert(blocks(with(&none, semtimedop, A, .id = s)));
	ck_assert(blocks(with(&null, semtimedop, B, .id = s)));
}
END_TEST

START_TEST(expiry_gives_eagain_and_changes_nothing)
{
	int64_t s = set_of(1);

	ck_assert(blocks(within(1, 0, A, s, { 0, -1, 0 })));
	model_expire(w, A, profile);
	ck_assert_int_eq(woken_err(A), EAGAIN);
	ck_assert(!asleep(A));
	ck_assert_int_eq(ncnt(s, 0), 0);
	ck_assert_int_eq(otime(s), 0);
}
END_TEST

/* ---- sleepers ----------------------------------------------------------------------------------- */

START_TEST(an_increment_completes_who_waits_for_it)
{
	int64_t s = set_of(1);

	ck_assert(blocks(does(A, s, { 0, -2, 0 })));
	value(does(B, s, { 0, 1, 0 }));
	ck_assert(asleep(A));
	value(does(B, s, { 0, 1, 0 }));
	ck_assert_int_eq(woken_err(A), 0);
	ck_assert_int_eq(val(s, 0), 0);
}
END_TEST

START_TEST(a_completed_sleeper_leaves_its_own_mark_at_that_moment)
{
	int64_t s = set_of(1);

	ck_assert(blocks(does(A, s, { 0, -1, 0 })));
	run(op(tick, -1, 0));
	value(does(B, s, { 0, 1, 0 }));
	ck_assert_int_eq(last(s, 0), A);
	ck_assert_int_eq(otime(s), just_now());
}
END_TEST

START_TEST(a_decrement_to_zero_completes_who_waits_for_zero)
{
	int64_t s = set_of(1);

	run(setval(A, s, 0, 1));
	ck_assert(blocks(does(A, s, { 0, 0, 0 })));
	value(does(B, s, { 0, -1, 0 }));
	ck_assert_int_eq(woken_err(A), 0);
	ck_assert_int_eq(last(s, 0), A);
}
END_TEST

START_TEST(a_chain_of_sleepers_completes_in_one_step)
{
	int64_t s = set_of(3);

	ck_assert(blocks(does(A, s, { 0, -1, 0 }, { 1, 1, 0 })));
	ck_assert(blocks(does(B, s, { 1, -1, 0 }, { 2, 1, 0 })));
	ck_assert(blocks(does(C, s, { 2, -1, 0 })));
	value(does(D, s, { 0, 1, 0 }));
	ck_assert_int_eq(woken_err(A), 0);
	ck_assert_int_eq(woken_err(B), 0);
	ck_assert_int_eq(woken_err(C), 0);
}
END_TEST

START_TEST(calls_that_alter_complete_in_order_of_arrival)
{
	int64_t s = set_of(1);

	ck_assert(blocks(does(B, s, { 0, -1, 0 })));
	ck_assert(blocks(does(A, s, { 0, -1, 0 })));
	value(does(C, s, { 0, 1, 0 }));
	ck_assert_int_eq(woken_err(B), 0);
	ck_assert(asleep(A));
}
END_TEST

START_TEST(a_call_that_can_proceed_overtakes_one_that_cannot)
{
	int64_t s = set_of(1);

	ck_assert(blocks(does(A, s, { 0, -5, 0 })));
	ck_assert(blocks(does(B, s, { 0, -1, 0 })));
	value(does(C, s, { 0, 1, 0 }));
	ck_assert_int_eq(woken_err(B), 0);
	ck_assert(asleep(A));
	value(does(B, s, { 0, 4, 0 }));
	ck_assert(asleep(A));
}
END_TEST

START_TEST(who_waits_for_zero_goes_before_who_alters)
{
	int64_t s = set_of(1);

	run(setval(A, s, 0, 1));
	ck_assert(blocks(does(A, s, { 0, 0, 0 }, { 0, 1, 0 })));
	ck_assert(blocks(does(B, s, { 0, 0, 0 })));
	value(does(C, s, { 0, -1, 0 }));
	ck_assert_int_eq(woken_err(A), 0);
	ck_assert_int_eq(woken_err(B), 0);	/* had A gone first, the value would be 1 again */
	ck_assert_int_eq(last(s, 0), A);
}
END_TEST

START_TEST(a_single_wait_for_zero_goes_before_an_array_of_them)
{
	int64_t s = set_of(1);

	run(setval(A, s, 0, 1));
	ck_assert(blocks(does(A, s, { 0, 0, 0 }, { 0, 0, 0 })));
	ck_assert(blocks(does(B, s, { 0, 0, 0 })));
	value(does(C, s, { 0, -1, 0 }));
	ck_assert_int_eq(last(s, 0), A);	/* so A came last */
}
END_TEST

START_TEST(a_sleeper_completes_though_its_permission_is_gone)
{
	int64_t s = set_of(1);

	ck_assert(blocks(does(C, s, { 0, -1, 0 })));
	run(chmod_set(s, 0));
	ck_assert(asleep(C));
	value(does(ROOT, s, { 0, 1, 0 }));
	ck_assert_int_eq(woken_err(C), 0);
}
END_TEST

START_TEST(a_sleeper_ends_when_a_later_operation_is_out_of_range)
{
	int64_t s = set_of(2);

	run(setval(A, s, 1, SEMVMX));
	ck_assert(blocks(does(A, s, { 0, -1, 0 }, { 1, 1, 0 })));
	value(does(B, s, { 0, 1, 0 }));
	ck_assert_int_eq(woken_err(A), ERANGE);
	ck_assert_int_eq(val(s, 0), 1);
	ck_assert_int_eq(last(s, 0), B);
}
END_TEST

START_TEST(a_sleeper_ends_when_a_later_operation_may_not_wait)
{
	int64_t s = set_of(2);

	ck_assert(blocks(does(A, s, { 0, -1, 0 }, { 1, -1, IPC_NOWAIT })));
	value(does(B, s, { 0, 1, 0 }));
	ck_assert_int_eq(woken_err(A), EAGAIN);
	ck_assert_int_eq(val(s, 0), 1);
}
END_TEST

START_TEST(a_sleeper_ends_when_an_earlier_operation_comes_to_be_out_of_range)
{
	int64_t s = set_of(2);

	ck_assert(blocks(does(A, s, { 0, 1, 0 }, { 1, -1, 0 })));
	run(setval(B, s, 0, SEMVMX));
	ck_assert_int_eq(woken_err(A), ERANGE);
}
END_TEST

START_TEST(a_failed_sleeper_does_not_move_otime)
{
	int64_t s = set_of(2);

	ck_assert(blocks(does(A, s, { 0, -1, 0 }, { 1, -1, IPC_NOWAIT })));
	run(setval(B, s, 0, 1));
	ck_assert_int_eq(woken_err(A), EAGAIN);
	ck_assert_int_eq(otime(s), 0);
}
END_TEST

START_TEST(removal_ends_every_sleeper)
{
	int64_t s = set_of(1), other = set_of(1);

	ck_assert(blocks(does(A, s, { 0, -1, 0 })));
	ck_assert(blocks(does(B, other, { 0, -1, 0 })));
	run(op(semctl_IPC_RMID, ROOT, .id = s));
	ck_assert_int_eq(woken_err(A), EIDRM);
	ck_assert(asleep(B));
}
END_TEST

START_TEST(a_signal_ends_a_sleeper)
{
	int64_t s = set_of(1);

	ck_assert(blocks(does(A, s, { 0, -1, 0 })));
	run(hit(A, SIGUSR1));
	ck_assert_int_eq(woken_err(A), EINTR);
	ck_assert_int_eq(ncnt(s, 0), 0);
}
END_TEST

/* ---- counts ------------------------------------------------------------------------------------- */

START_TEST(a_sleeper_is_counted_for_what_it_waits_for)
{
	int64_t s = set_of(2);

	run(setval(A, s, 1, 1));
	ck_assert(blocks(does(A, s, { 0, -1, 0 })));
	ck_assert(blocks(does(B, s, { 0, -1, 0 })));
	ck_assert(blocks(does(C, s, { 1, 0, 0 })));
	ck_assert_int_eq(ncnt(s, 0), 2);
	ck_assert_int_eq(zcnt(s, 0), 0);
	ck_assert_int_eq(ncnt(s, 1), 0);
	ck_assert_int_eq(zcnt(s, 1), 1);
}
END_TEST

START_TEST(a_sleeper_is_counted_once_and_the_count_moves_with_its_blocker)
{
	int64_t s = set_of(2);

	ck_assert(blocks(does(A, s, { 0, -1, 0 }, { 1, -1, 0 })));
	ck_assert_int_eq(ncnt(s, 0), 1);
	ck_assert_int_eq(ncnt(s, 1), 0);
	value(does(B, s, { 0, 1, 0 }));
	ck_assert_int_eq(ncnt(s, 0), 0);
	ck_assert_int_eq(ncnt(s, 1), 1);
	run(setval(B, s, 0, 0));
	ck_assert_int_eq(ncnt(s, 0), 1);
}
END_TEST

START_TEST(who_waits_for_zeros_alone_is_looked_at_only_when_there_is_a_zero)
{
	int64_t s = set_of(2);

	run(setval(A, s, 1, 1));
	ck_assert(blocks(does(A, s, { 0, 0, IPC_NOWAIT }, { 1, 0, 0 })));
	run(setval(B, s, 0, 7));
	ck_assert(asleep(A));
	ck_assert_int_eq(zcnt(s, 0), 0);
	ck_assert_int_eq(zcnt(s, 1), 1);
	run(setval(B, s, 1, 0));
	ck_assert_int_eq(woken_err(A), EAGAIN);
}
END_TEST

START_TEST(of_a_semop_only_the_semaphores_it_names_can_be_that_zero)
{
	int64_t s = set_of(3);

	run(setval(A, s, 1, 1));
	ck_assert(blocks(does(A, s, { 0, 0, 0 }, { 1, 0, 0 })));
	value(does(B, s, { 0, 2, 0 }));
	ck_assert_int_eq(zcnt(s, 1), 1);
	value(does(B, s, { 0, -1, 0 }, { 2, 0, 0 }));
	ck_assert_int_eq(zcnt(s, 0), 1);
}
END_TEST

START_TEST(after_setval_and_exit_any_semaphore_of_the_set_can_be_that_zero)
{
	int64_t s = set_of(3);

	run(setval(D, s, 2, 1));
	ck_assert(blocks(does(A, s, { 1, 0, 0 }, { 2, 0, 0 })));
	value(does(B, s, { 1, 1, 0 }));
	ck_assert_int_eq(zcnt(s, 2), 1);
	run(setval(D, s, 2, 2));		/* number 0 is 0 */
	ck_assert_int_eq(zcnt(s, 1), 1);
	run(hit(A, SIGUSR1));
	value(does(B, s, { 1, -1, 0 }));
	ck_assert(blocks(does(A, s, { 1, 0, 0 }, { 2, 0, 0 })));
	value(does(B, s, { 2, -1, SEM_UNDO }, { 1, 5, 0 }));
	ck_assert_int_eq(zcnt(s, 2), 1);
	run(op(exit, B, 0));
	ck_assert_int_eq(zcnt(s, 1), 1);
}
END_TEST

START_TEST(a_snapshot_shows_the_same_counts)
{
	int64_t s = set_of(2);
	struct snapshot shot = { 0 };

	run(setval(A, s, 1, 3));
	ck_assert(blocks(does(A, s, { 0, -1, 0 })));
	ck_assert(blocks(does(B, s, { 1, 0, 0 })));
	ck_assert(model_snapshot(w, &shot));
	ck_assert_uint_eq(shot.nsem, 2);
	ck_assert_int_eq(shot.sem[0].ncnt, 1);
	ck_assert_int_eq(shot.sem[0].zcnt, 0);
	ck_assert_int_eq(shot.sem[1].zcnt, 1);
	ck_assert_int_eq(shot.sem[1].val, 3);
	ck_assert_int_eq(shot.sem[1].pid, A + 1);
	snapshot_free(&shot);
}
END_TEST

/* ---- SEM_UNDO ----------------------------------------------------------------------------------- */

START_TEST(exit_takes_back_what_was_done_with_undo)
{
	int64_t s = set_of(2), born = just_now();

	value(does(A, s, { 0, 3, SEM_UNDO }, { 1, 4, 0 }));
	value(does(B, s, { 0, 2, 0 }, { 1, 1, 0 }));
	run(op(exit, A, 0));
	ck_assert_int_eq(val(s, 0), 2);
	ck_assert_int_eq(val(s, 1), 5);
	ck_assert_int_eq(last(s, 0), A);
	ck_assert_int_eq(last(s, 1), B);
	ck_assert_int_eq(otime(s), just_now());
	ck_assert_int_eq(ctime_of(s), born);
}
END_TEST

START_TEST(an_adjustment_at_exit_stops_at_the_bounds)
{
	int64_t s = set_of(2);

	value(does(A, s, { 0, 5, SEM_UNDO }));
	value(does(A, s, { 1, 5, 0 }));
	value(does(A, s, { 1, -5, SEM_UNDO }));
	value(does(B, s, { 0, -3, 0 }, { 1, SEMVMX - 2, 0 }));
	run(op(exit, A, 0));
	ck_assert_int_eq(val(s, 0), 0);
	ck_assert_int_eq(val(s, 1), SEMVMX);
}
END_TEST

START_TEST(adjustments_are_applied_when_a_process_is_killed_in_its_sleep)
{
	int64_t s = set_of(1);

	value(does(A, s, { 0, 2, SEM_UNDO }));
	ck_assert(blocks(does(A, s, { 0, -7, 0 })));
	run(hit(A, SIGKILL));
	ck_assert_int_eq(woken(A).how, FAULTED);
	ck_assert_int_eq(val(s, 0), 0);
}
END_TEST

START_TEST(adjustments_are_applied_without_permission)
{
	int64_t s = set_of(1);

	value(does(C, s, { 0, 2, SEM_UNDO }));
	run(chmod_set(s, 0));
	run(op(exit, C, 0));
	ck_assert_int_eq(val(s, 0), 0);
}
END_TEST

START_TEST(exit_can_complete_a_sleeper)
{
	int64_t s = set_of(2);

	value(does(A, s, { 0, 1, 0 }));
	value(does(A, s, { 0, -1, SEM_UNDO }, { 1, 1, SEM_UNDO }));
	ck_assert(blocks(does(B, s, { 0, -1, 0 })));
	ck_assert(blocks(does(C, s, { 1, 0, 0 })));
	run(op(exit, A, 0));
	ck_assert_int_eq(woken_err(B), 0);
	ck_assert_int_eq(woken_err(C), 0);
	ck_assert_int_eq(last(s, 0), B);
}
END_TEST

START_TEST(a_record_of_zeros_moves_otime_at_exit_and_nothing_else)
{
	int64_t s = set_of(1);

	value(does(A, s, { 0, 1, SEM_UNDO }, { 0, -1, SEM_UNDO }));
	value(does(B, s, { 0, 1, 0 }));
	run(op(exit, A, 0));
	ck_assert_int_eq(otime(s), just_now());
	ck_assert_int_eq(last(s, 0), B);
	ck_assert_int_eq(val(s, 0), 1);
}
END_TEST

START_TEST(a_process_without_a_record_leaves_otime_alone)
{
	int64_t s = set_of(1), when;

	value(does(A, s, { 0, 1, 0 }));
	when = just_now();
	run(op(exit, A, 0));
	ck_assert_int_eq(otime(s), when);
}
END_TEST

/* Does B's exit move sem_otime after its call failed so? */
static bool leaves_record(struct op call, int expected)
{
	int64_t s = call.v[0];

	ck_assert_int_eq(err(call), expected);
	ck_assert_int_eq(otime(s), 0);
	run(op(exit, call.actor, 0));
	return otime(s) == just_now();
}

START_TEST(the_record_is_made_before_semaphores_and_permission_are_looked_at)
{
	ck_assert(leaves_record(does(B, set_of(1), { 9, 1, SEM_UNDO }), EFBIG));
	ck_assert(leaves_record(does(C, private_set(1), { 0, 1, SEM_UNDO }), EACCES));
	ck_assert(leaves_record(does(D, set_of(1), { 0, -1, SEM_UNDO | IPC_NOWAIT }), EAGAIN));
	ck_assert(leaves_record(does(A, set_of(1), { 0, SEMVMX, 0 }, { 0, 1, SEM_UNDO }), ERANGE));
}
END_TEST

START_TEST(no_record_is_made_for_what_fails_earlier)
{
	const struct payload bad = { array({ 0, 1, SEM_UNDO }), .where = P_NULL };

	ck_assert(!leaves_record(with(&bad, semop, B, .id = set_of(1)), EFAULT));
	ck_assert(!leaves_record(within(-1, 0, C, set_of(1), { 0, 1, SEM_UNDO }), EINVAL));
	set_limit(LIM_semopm, 1);
	ck_assert(!leaves_record(does(D, set_of(1), { 0, 1, SEM_UNDO }, { 0, 1, 0 }), E2BIG));
}
END_TEST

START_TEST(the_record_of_a_sleeper_exists_while_it_sleeps)
{
	int64_t s = set_of(1);

	ck_assert(blocks(does(A, s, { 0, -1, SEM_UNDO })));
	run(hit(A, SIGUSR1));
	run(op(exit, A, 0));
	ck_assert_int_eq(otime(s), just_now());
}
END_TEST

START_TEST(a_sleeper_completed_by_another_owes_its_adjustment)
{
	int64_t s = set_of(1);

	ck_assert(blocks(does(A, s, { 0, -2, SEM_UNDO })));
	value(does(B, s, { 0, 2, 0 }));
	ck_assert_int_eq(woken_err(A), 0);
	run(op(exit, A, 0));
	ck_assert_int_eq(val(s, 0), 2);
}
END_TEST

START_TEST(adjustments_reach_from_minus_32768_to_32767)
{
	int64_t s = set_of(1);

	value(does(A, s, { 0, SEMVMX, SEM_UNDO }));
	run(does(A, s, { 0, -1, 0 }));
	ck_assert_int_eq(err(does(A, s, { 0, 1, SEM_UNDO })), 0);
	run(does(A, s, { 0, -1, 0 }));
	ck_assert_int_eq(err(does(A, s, { 0, 1, SEM_UNDO })), ERANGE);
	run(setval(A, s, 0, SEMVMX));
	ck_assert_int_eq(err(does(A, s, { 0, -SEMVMX, SEM_UNDO })), 0);
	run(does(A, s, { 0, 1, 0 }));
	ck_assert_int_eq(err(does(A, s, { 0, -1, SEM_UNDO })), ERANGE);
}
END_TEST

START_TEST(adjustments_add_up_within_an_array_too)
{
	int64_t s = set_of(1);

	run(does(B, s, { 0, SEMVMX, 0 }));
	value(does(A, s, { 0, -30000, SEM_UNDO }));
	run(setval(B, s, 0, 0));
	value(does(A, s, { 0, 20000, SEM_UNDO }, { 0, -20000, 0 }, { 0, 12768, SEM_UNDO }, { 0, -12768, 0 }));
	ck_assert_int_eq(err(does(A, s, { 0, 1, SEM_UNDO })), ERANGE);
}
END_TEST

START_TEST(a_child_owes_nothing)
{
	int64_t s = set_of(1);
	enum { CHILD = 9 };

	value(does(A, s, { 0, 1, SEM_UNDO }));
	value(op(fork, A, .child = CHILD));
	run(op(exit, CHILD, 0));
	ck_assert_int_eq(val(s, 0), 1);
	run(op(exit, A, 0));
	ck_assert_int_eq(val(s, 0), 0);
}
END_TEST

START_TEST(setval_clears_the_adjustments_of_that_semaphore_in_every_process)
{
	int64_t s = set_of(2);

	value(does(A, s, { 0, 1, SEM_UNDO }, { 1, 1, SEM_UNDO }));
	value(does(B, s, { 0, 1, SEM_UNDO }));
	run(setval(C, s, 0, 7));
	run(op(exit, A, 0));
	run(op(exit, B, 0));
	ck_assert_int_eq(val(s, 0), 7);
	ck_assert_int_eq(val(s, 1), 0);
	ck_assert_int_eq(last(s, 0), C);
}
END_TEST

START_TEST(setall_clears_all_adjustments)
{
	int64_t s = set_of(2);

	value(does(A, s, { 0, 1, SEM_UNDO }, { 1, 1, SEM_UNDO }));
	run(with(values(5, 6), semctl_SETALL, B, .id = s));
	run(op(exit, A, 0));
	ck_assert_int_eq(val(s, 0), 5);
	ck_assert_int_eq(val(s, 1), 6);
}
END_TEST

START_TEST(a_set_made_after_removal_is_owed_nothing)
{
	int64_t s = value(get(A, 5, 1, 01666));

	value(does(A, s, { 0, 1, SEM_UNDO }));
	run(rmid(s));
	s = value(get(A, 5, 1, 01666));
	value(does(B, s, { 0, 3, 0 }));
	run(op(exit, A, 0));
	ck_assert_int_eq(val(s, 0), 3);
}
END_TEST

/* ---- semctl: one semaphore ---------------------------------------------------------------------- */

START_TEST(permission_to_look_comes_before_the_number)
{
	int64_t s = private_set(2);

	ck_assert_int_eq(err(op(semctl_GETVAL, C, .id = s, .num = 2)), EACCES);
	ck_assert_int_eq(err(op(semctl_GETVAL, A, .id = s, .num = 2)), EINVAL);
	ck_assert_int_eq(err(op(semctl_GETPID, A, .id = s, .num = -1)), EINVAL);
	ck_assert_int_eq(err(op(semctl_GETNCNT, C, .id = s, .num = 0)), EACCES);
	ck_assert_int_eq(err(op(semctl_GETZCNT, A, .id = s + 1, .num = 0)), EINVAL);
}
END_TEST

START_TEST(getval_and_getpid_tell_value_and_process)
{
	int64_t s = set_of(2);

	value(does(B, s, { 1, 3, 0 }));
	ck_assert_int_eq(value(op(semctl_GETVAL, A, .id = s, .num = 1)), 3);
	ck_assert_int_eq(value(op(semctl_GETPID, A, .id = s, .num = 1)), B + 1);
	ck_assert_int_eq(value(op(semctl_GETPID, A, .id = s, .num = 0)), 0);
}
END_TEST

START_TEST(setval_stores_the_value_its_process_and_the_time)
{
	int64_t s = set_of(2);

	run(op(tick, -1, 0));
	value(setval(B, s, 1, SEMVMX));
	ck_assert_int_eq(val(s, 1), SEMVMX);
	ck_assert_int_eq(last(s, 1), B);
	ck_assert_int_eq(last(s, 0), -1);
	ck_assert_int_eq(ctime_of(s), just_now());
	ck_assert_int_eq(otime(s), 0);
}
END_TEST

START_TEST(setval_moves_otime_if_it_completes_a_sleeper)
{
	int64_t s = set_of(1);

	ck_assert(blocks(does(A, s, { 0, -1, 0 })));
	value(setval(B, s, 0, 1));
	ck_assert_int_eq(woken_err(A), 0);
	ck_assert_int_eq(otime(s), just_now());
	ck_assert_int_eq(last(s, 0), A);
}
END_TEST

START_TEST(setval_looks_at_sign_of_id_value_id_number_permission)
{
	int64_t s = private_set(2);

	ck_assert_int_eq(err(setval(C, -1, 9, 40000)), EINVAL);
	ck_assert_int_eq(err(setval(C, s + 1, 9, 40000)), ERANGE);
	ck_assert_int_eq(err(setval(C, s + 1, 0, 1)), EINVAL);
	ck_assert_int_eq(err(setval(C, s, 2, SEMVMX + 1)), ERANGE);
	ck_assert_int_eq(err(setval(C, s, 2, 1)), EINVAL);
	ck_assert_int_eq(err(setval(C, s, 1, -1)), ERANGE);
	ck_assert_int_eq(err(setval(C, s, 1, 1)), EACCES);
	ck_assert_int_eq(err(setval(A, s, 1, 1)), 0);
}
END_TEST

START_TEST(setval_takes_the_low_32_bits_of_its_argument)
{
	int64_t s = set_of(1);

	ck_assert_int_eq(err(setval(A, s, 0, 0x100000005)), 0);
	ck_assert_int_eq(val(s, 0), 5);
	ck_assert_int_eq(err(setval(A, s, 0, 0x1ffffffff)), ERANGE);
}
END_TEST

/* ---- semctl: all semaphores --------------------------------------------------------------------- */

START_TEST(getall_tells_every_value_and_ignores_the_number)
{
	int64_t s = set_of(3);
	struct outcome out;

	value(does(A, s, { 0, 1, 0 }, { 2, SEMVMX, 0 }));
	out = run(op(semctl_GETALL, B, .id = s, .num = 99));
	ck_assert_uint_eq(out.nvals, 3);
	ck_assert_uint_eq(out.vals[0], 1);
	ck_assert_uint_eq(out.vals[1], 0);
	ck_assert_uint_eq(out.vals[2], SEMVMX);
}
END_TEST

START_TEST(getall_needs_two_bytes_for_each_value)
{
	ck_assert_int_eq(err(op(semctl_GETALL, A, .id = set_of(4), .buf = P_PARTIAL)), 0);
	ck_assert_int_eq(err(op(semctl_GETALL, A, .id = set_of(5), .buf = P_PARTIAL)), EFAULT);
	ck_assert_int_eq(err(op(semctl_GETALL, A, .id = set_of(1), .buf = P_READONLY)), EFAULT);
	ck_assert_int_eq(err(op(semctl_GETALL, C, .id = private_set(1), .buf = P_NULL)), EACCES);
}
END_TEST

START_TEST(setall_stores_every_value_its_process_and_the_time)
{
	int64_t s = set_of(3);

	value(does(A, s, { 2, 9, 0 }));
	value(with(values(1, SEMVMX), semctl_SETALL, B, .id = s, .num = 99));
	ck_assert_int_eq(val(s, 0), 1);
	ck_assert_int_eq(val(s, 1), SEMVMX);
	ck_assert_int_eq(val(s, 2), 0);
	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(last(s, i), B);
	ck_assert_int_eq(ctime_of(s), just_now());
	ck_assert_int_eq(otime(s), just_now() - 1);
}
END_TEST

START_TEST(setall_can_complete_several_sleepers)
{
	int64_t s = set_of(2);

	value(does(D, s, { 0, 1, 0 }));
	ck_assert(blocks(does(A, s, { 1, -1, 0 })));
	ck_assert(blocks(does(B, s, { 0, 0, 0 })));
	value(with(values(0, 1), semctl_SETALL, C, .id = s));
	ck_assert_int_eq(woken_err(A), 0);
	ck_assert_int_eq(woken_err(B), 0);
	ck_assert_int_eq(otime(s), just_now());
}
END_TEST

START_TEST(setall_looks_at_id_permission_buffer_values_and_stores_nothing_on_error)
{
	int64_t s = private_set(5);
	struct payload *bad = values(1, SEMVMX + 1);

	bad->where = P_PARTIAL;
	ck_assert_int_eq(err(with(bad, semctl_SETALL, C, .id = -1)), EINVAL);
	ck_assert_int_eq(err(with(bad, semctl_SETALL, C, .id = s)), EACCES);
	ck_assert_int_eq(err(with(bad, semctl_SETALL, A, .id = s)), EFAULT);
	bad->where = P_READONLY;
	ck_assert_int_eq(err(with(bad, semctl_SETALL, A, .id = s)), ERANGE);
	ck_assert_int_eq(val(s, 0), 0);
	ck_assert_int_eq(last(s, 0), -1);
}
END_TEST

START_TEST(setall_does_not_look_past_the_last_semaphore)
{
	int64_t s = set_of(1);

	ck_assert_int_eq(err(with(values(2, UINT16_MAX), semctl_SETALL, A, .id = s)), 0);
	ck_assert_int_eq(val(s, 0), 2);
	ck_assert_int_eq(err(with(values(UINT16_MAX, 2), semctl_SETALL, A, .id = s)), ERANGE);
}
END_TEST

/* ---- semctl: the set ---------------------------------------------------------------------------- */

START_TEST(removal_and_change_are_for_owner_creator_and_privilege)
{
	int64_t s = set_of(1);

	ck_assert_int_eq(err(op(semctl_IPC_RMID, C, .id = s)), EPERM);
	ck_assert_int_eq(err(with(set(.has = BIT(F_mode), .mode = 0), semctl_IPC_SET, C, .id = s)), EPERM);
	ck_assert_int_eq(err(with(set(.has = BIT(F_uid), .uid = 2000), semctl_IPC_SET, A, .id = s)), 0);
	ck_assert_int_eq(err(with(set(.has = BIT(F_mode), .mode = 07640), semctl_IPC_SET, C, .id = s)), 0);
	ck_assert_int_eq(field(SEM, s, F_mode), 0640);
	ck_assert_int_eq(ctime_of(s), just_now());
	ck_assert_int_eq(otime(s), 0);
	ck_assert_int_eq(err(op(semctl_IPC_RMID, A, .id = s)), 0);
	ck_assert_int_eq(err(op(semctl_IPC_RMID, A, .id = s)), EINVAL);
}
END_TEST

START_TEST(ipc_set_reads_its_buffer_between_sign_and_id)
{
	struct payload *bad = set(.has = BIT(F_uid), .uid = -1);
	int64_t s = set_of(1);

	bad->where = P_PARTIAL;
	ck_assert_int_eq(err(with(bad, semctl_IPC_SET, A, .id = -1)), EINVAL);
	ck_assert_int_eq(err(with(bad, semctl_IPC_SET, A, .id = 77)), EFAULT);
	bad->where = P_READONLY;
	ck_assert_int_eq(err(with(bad, semctl_IPC_SET, C, .id = s)), EPERM);
	ck_assert_int_eq(err(with(bad, semctl_IPC_SET, A, .id = s)), EINVAL);
}
END_TEST

START_TEST(ipc_stat_tells_the_record_to_readers)
{
	int64_t s = value(get(A, 5, 2, 01600));
	struct outcome out = run(op(semctl_IPC_STAT, A, .id = s));

	ck_assert_uint_eq(out.rec.has, op_fields(OP_semctl_IPC_STAT));
	ck_assert_int_eq(out.rec.v[F_nsems], 2);
	ck_assert_int_eq(out.rec.v[F_key], 5);
	ck_assert_int_eq(err(op(semctl_IPC_STAT, C, .id = s, .buf = P_NULL)), EACCES);
	ck_assert_int_eq(err(op(semctl_IPC_STAT, C, .id = s + 1, .buf = P_NULL)), EINVAL);
	ck_assert_int_eq(err(op(semctl_IPC_STAT, A, .id = s, .buf = P_PARTIAL)), EFAULT);
}
END_TEST

START_TEST(stat_by_index_gives_the_full_id)
{
	int64_t old = set_of(1), s;

	run(rmid(old));
	for (int i = 0; i < 63; i++)
		run(rmid(set_of(1)));
	s = value(get(A, 5, 1, 01600));
	ck_assert_int_eq(s, IPCMNI);
	ck_assert_int_eq(value(op(semctl_SEM_STAT, A, .id = old)), s);
	ck_assert_uint_eq(run(op(semctl_SEM_STAT, A, .id = old)).rec.has, op_fields(OP_semctl_SEM_STAT));
	ck_assert_int_eq(err(op(semctl_SEM_STAT, C, .id = 0)), EACCES);
	ck_assert_int_eq(value(op(semctl_SEM_STAT_ANY, C, .id = 0)), s);
	ck_assert_int_eq(err(op(semctl_SEM_STAT_ANY, C, .id = 1)), EINVAL);
	ck_assert_int_eq(err(op(semctl_SEM_STAT_ANY, C, .id = -1)), EINVAL);
	ck_assert_int_eq(err(op(semctl_SEM_STAT_ANY, C, .id = 0, .buf = P_READONLY)), EFAULT);
}
END_TEST

START_TEST(ipc_info_tells_the_limits_and_sem_info_what_is_in_use)
{
	struct outcome out;

	ck_assert_int_eq(value(op(semctl_IPC_INFO, C, 0)), 0);
	set_of(2);
	set_of(3);
	set_limit(LIM_semopm, 17);
	out = run(op(semctl_IPC_INFO, C, 0));
	ck_assert_uint_eq(out.rec.has, op_fields(OP_semctl_IPC_INFO));
	ck_assert_int_eq(out.value, 1);
	ck_assert_int_eq(out.rec.v[F_semopm], 17);
	ck_assert_int_eq(out.rec.v[F_semmap], 1024000000);
	ck_assert_int_eq(out.rec.v[F_semusz], 20);
	ck_assert_int_eq(out.rec.v[F_semaem], SEMAEM);
	out = run(op(semctl_SEM_INFO, C, 0));
	ck_assert_uint_eq(out.rec.has, op_fields(OP_semctl_SEM_INFO));
	ck_assert_int_eq(out.value, 1);
	ck_assert_int_eq(out.rec.v[F_semusz], 2);
	ck_assert_int_eq(out.rec.v[F_semaem], 5);
	ck_assert_int_eq(err(op(semctl_SEM_INFO, C, .id = -1, .buf = P_NULL)), EINVAL);
	ck_assert_int_eq(err(op(semctl_SEM_INFO, C, .id = 77, .buf = P_NULL)), EFAULT);
}
END_TEST

START_TEST(an_unknown_command_is_invalid)
{
	ck_assert_int_eq(err(op(semctl_other, A, .id = set_of(1), .cmd = 99)), EINVAL);
}
END_TEST

/* ---- why ---------------------------------------------------------------------------------------- */

START_TEST(a_derivation_names_the_rule_and_the_comparison)
{
	int64_t s = set_of(2);

	tells(does(A, s, { 0, 1, 0 }, { 1, -3, IPC_NOWAIT }),
	      "semaphore 1 has the value 0: operation 1, -3 with IPC_NOWAIT, cannot proceed\n"
	      "rule SEMOP-ERR-EAGAIN gives EAGAIN\n");
	tells(does(A, s, { 0, SEMVMX, 0 }, { 0, 2, 0 }), "has the value 0: operation 1, +2, would exceed");
	tells(does(A, s, { 0, SEMVMX, 0 }, { 0, 2, 0 }), "rule SEMOP-ERR-ERANGE-1 gives ERANGE\n");
	tells(does(A, s, { 2, 1, 0 }),
	      "operation 0 names semaphore 2, the set has 2\nrule SEMOP-ERR-EFBIG gives EFBIG\n");
	tells(setval(A, s, 5, 1), "the set has 2 semaphores, the call names number 5\n");
	tells(setval(A, s, 0, 40000),
	      "the value 40000 is not in 0..32767\nrule SEMCTL-ERR-ERANGE gives ERANGE\n");
	tells(get(A, 7, -2, 0), "nsems -2 is not in 0..semmsl 32000\nrule LINUX-SEMGET-ORD-1 gives EINVAL\n");
}
END_TEST

START_TEST(a_derivation_says_what_a_sleeper_waits_for)
{
	int64_t s = set_of(1);

	tells(does(A, s, { 0, -1, 0 }),
	      "operation 0, -1, cannot proceed\nno rule forbids it; it must wait\n");
	tells(does(A, s, { 0, 1, 0 }), "no rule forbids it\n");
}
END_TEST

START_TEST(the_deciding_rule_has_the_id_of_its_requirement)
{
	int64_t s = value(get(A, 5, 1, 01600));
	struct op call = does(C, s, { 0, 1, 0 });

	ck_assert_str_eq(model_decider(w, &call, profile), "SEMOP-ERR-EACCES");
	call = does(A, s, { 0, SEMVMX, SEM_UNDO }, { 0, -5, 0 }, { 0, 2, SEM_UNDO });
	ck_assert_str_eq(model_decider(w, &call, profile), "SEMOP-ERR-ERANGE-2");
	call = within(0, 0, A, s, { 0, -1, 0 });
	ck_assert_str_eq(model_decider(w, &call, profile), "LINUX-SEMTIMED-1");
	call = get(A, 5, 2, 0);
	ck_assert_str_eq(model_decider(w, &call, profile), "SEMGET-ERR-EINVAL-2");
	call = get(A, 6, 0, 01600);
	ck_assert_str_eq(model_decider(w, &call, profile), "SEMGET-ERR-EINVAL-1");
}
END_TEST

/* ---- posix -------------------------------------------------------------------------------------- */

START_TEST(posix_leaves_the_order_of_errors_open)
{
	int64_t s = value(get(A, 5, 1, 01600));

	go_by(&profile_posix, NULL);
	allowed(does(C, s, { 9, 1, 0 }), false, errs(EFBIG, EACCES));
	allowed(get(C, 5, 3, 03600), false, errs(EEXIST, EINVAL, EACCES));
	allowed(setval(C, s, 9, 40000), false, errs(ERANGE, EINVAL, EACCES));
	allowed(setval(C, 77, 0, 40000), false, errs(ERANGE, EINVAL));
	allowed(get(A, 6, 0, 0), false, errs(ENOENT));
	allowed(get(A, 6, -1, 0), false, errs(ENOENT, EINVAL));
	allowed(get(A, 6, -1, 01600), false, errs(EINVAL));
}
END_TEST

/* Rules of which POSIX says nothing, or that it leaves to the system. */
static bool only_permitted(const char *id, int errnum)
{
	static const char *const ids[] = {
		"LINUX-SEMGET-ORD-1", "LINUX-SEMOP-NOPS-1", "LINUX-SEMOP-ORD-4", "LINUX-SEMTIMED-1",
		"LINUX-PERM-SET-1", "SEMOP-ERR-EINVAL-2", "SEMOP-ERR-ENOSPC",
	};

	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		if (!strcmp(id, ids[i]))
			return true;
	return errnum == EFAULT;
}

/* Has the operation a rule of this id before number n? */
static bool again(enum opcode code, int n, const char *id)
{
	const char *earlier, *strength;
	int errnum;

	for (int i = 0; i < n && model_rule(code, i, &earlier, &errnum, &strength); i++)
		if (!strcmp(earlier, id))
			return true;
	return false;
}

START_TEST(posix_demands_what_it_describes)
{
	const char *id, *strength;
	int errnum;

	for (enum opcode code = OP_semget; code <= OP_semctl_other; code++)
		for (int i = 0; model_rule(code, i, &id, &errnum, &strength); i++) {
			const char *expected = only_permitted(id, errnum) ? "may" : "shall";
			const struct rule *r = &action_of(&(struct op){ .code = code })->rules[i];
			bool linux_too = !again(code, i, id) && !r->posix_only;

			/* what Linux does not do, or a second row of an id, may be weaker */
			if (linux_too || strcmp(strength, "may"))
				ck_assert_msg(!strcmp(strength, expected), "%s: %s", opinfo[code].name, id);
		}
}
END_TEST

START_TEST(posix_lets_a_useless_size_pass_for_an_existing_set)
{
	value(get(A, 5, 1, 01600));
	go_by(&profile_posix, NULL);
	allowed(get(A, 5, -1, 0600), true, errs(EINVAL));
	allowed(get(A, 5, 2, 0600), false, errs(EINVAL));
}
END_TEST

START_TEST(posix_neither_demands_nor_forbids_what_it_does_not_describe)
{
	const struct payload bad = { array({ 0, 1, 0 }), .where = P_NULL };
	int64_t s = set_of(1);

	go_by(&profile_posix, NULL);
	allowed(with(&nothing, semop, A, .id = s), true, errs(EINVAL));
	allowed(with(&bad, semop, A, .id = s), true, errs(EFAULT));
	allowed(op(semctl_GETALL, A, .id = s, .buf = P_NULL), true, errs(EFAULT));
	allowed(op(semctl_IPC_STAT, A, .id = s, .buf = P_NULL), true, errs(EFAULT));
	allowed(within(-1, 0, A, s, { 0, 1, 0 }), true, errs(EINVAL));
	allowed(with(set(.has = BIT(F_uid), .uid = -1), semctl_IPC_SET, A, .id = s), true, errs(EINVAL));
}
END_TEST

START_TEST(posix_lets_any_operation_of_an_array_be_looked_at_first)
{
	int64_t s = set_of(2);

	run(setval(A, s, 1, SEMVMX));
	go_by(&profile_posix, NULL);
	allowed(does(A, s, { 0, -1, 0 }, { 1, 1, 0 }), true, errs(ERANGE));
	ck_assert(judge(does(A, s, { 0, -1, 0 }, { 1, 1, 0 })).waits);
	allowed(does(A, s, { 0, -1, 0 }, { 1, 0, IPC_NOWAIT }), true, errs(EAGAIN));
	allowed(does(A, s, { 1, 1, 0 }, { 0, -1, IPC_NOWAIT }), false, errs(ERANGE, EAGAIN));
	allowed(does(A, s, { 0, -1, 0 }, { 1, -1, IPC_NOWAIT }), true, NOTHING);
}
END_TEST

START_TEST(posix_lets_a_system_limit_undo)
{
	int64_t s = set_of(2);

	go_by(&profile_posix, NULL);
	allowed(does(A, s, { 0, 1, SEM_UNDO }), true, errs(EINVAL, ENOSPC));
	value(does(A, s, { 0, 1, SEM_UNDO }));
	allowed(does(A, s, { 0, 1, SEM_UNDO }), true, NOTHING);
	allowed(does(A, s, { 1, 1, SEM_UNDO }), true, errs(EINVAL));
	allowed(does(A, s, { 0, 1, 0 }, { 1, 1, SEM_UNDO }), true, errs(EINVAL));
	allowed(does(A, s, { 1, 1, 0 }), true, NOTHING);
}
END_TEST

START_TEST(posix_asks_for_what_each_operation_needs)
{
	int64_t s = value(get(A, IPC_PRIVATE, 1, 0602));

	go_by(&profile_posix, NULL);
	allowed(does(C, s, { 0, 1, 0 }), true, NOTHING);
	allowed(does(C, s, { 0, 0, 0 }, { 0, 1, 0 }), false, errs(EACCES));
}
END_TEST

START_TEST(posix_leaves_otime_open_after_an_exit)
{
	int64_t s = set_of(1), when;

	go_by(&profile_posix, NULL);
	value(does(A, s, { 0, 1, SEM_UNDO }));
	when = just_now();
	run(op(exit, B, 0));
	ck_assert_int_eq(otime(s), when);
	run(op(exit, A, 0));
	ck_assert_int_eq(val(s, 0), 0);
	ck_assert_int_eq(otime(s), TIME_ANY);
}
END_TEST

START_TEST(posix_has_no_otime_before_a_semop_succeeds)
{
	int64_t s = set_of(1);

	go_by(&profile_posix, NULL);
	ck_assert_int_eq(err(does(A, s, { 1, 1, SEM_UNDO })), EFBIG);
	run(op(exit, A, 0));
	ck_assert_int_eq(otime(s), 0);
}
END_TEST

START_TEST(posix_retries_sleepers_like_linux)
{
	int64_t s = set_of(2);

	go_by(&profile_posix, NULL);
	ck_assert(blocks(does(A, s, { 0, -1, 0 }, { 1, -1, IPC_NOWAIT })));
	run(setval(B, s, 0, 1));
	ck_assert_int_eq(woken_err(A), EAGAIN);
}
END_TEST

/* ---- switches ----------------------------------------------------------------------------------- */

START_TEST(semop_access_can_always_ask_to_alter)
{
	int64_t s = value(get(A, IPC_PRIVATE, 1, 0604));

	go_by(&profile_linux, "semop-access=alter");
	ck_assert_int_eq(err(does(C, s, { 0, 0, 0 })), EACCES);
}
END_TEST

START_TEST(semop_recheck_ends_a_sleeper_without_permission)
{
	int64_t s = set_of(1);

	go_by(&profile_linux, "semop-recheck=on");
	ck_assert(blocks(does(C, s, { 0, -1, 0 })));
	run(chmod_set(s, 0600));
	ck_assert_int_eq(woken_err(C), EACCES);
}
END_TEST

START_TEST(semop_atomic_off_applies_what_came_before)
{
	int64_t s = set_of(2);

	go_by(&profile_linux, "semop-atomic=off");
	ck_assert_int_eq(err(does(A, s, { 0, 5, 0 }, { 1, -1, IPC_NOWAIT }, { 0, 5, 0 })), EAGAIN);
	ck_assert_int_eq(val(s, 0), 5);
	ck_assert_int_eq(err(does(C, private_set(2), { 0, 5, 0 }, { 1, -1, IPC_NOWAIT })), EACCES);
	s = set_of(2);
	ck_assert_int_eq(err(does(A, s, { 0, 5, 0 }, { 2, 1, 0 })), EFBIG);
	ck_assert_int_eq(val(s, 0), 0);
}
END_TEST

START_TEST(nsops_zero_can_succeed)
{
	int64_t s = set_of(1);

	go_by(&profile_linux, "nsops-zero=succeeds");
	ck_assert_int_eq(err(with(&nothing, semop, A, .id = s)), 0);
	ck_assert_int_eq(otime(s), just_now());
}
END_TEST

START_TEST(zero_op_sets_sempid_off_leaves_it)
{
	int64_t s = set_of(1);

	go_by(&profile_linux, "zero-op-sets-sempid=off");
	value(does(A, s, { 0, 0, 0 }));
	ck_assert_int_eq(last(s, 0), -1);
}
END_TEST

START_TEST(wake_order_decides_who_goes_first)
{
	static const struct { const char *change; int first; } orders[] = {
		{ "wake-order=zero-first", B }, { "wake-order=fifo", A }, { "wake-order=lifo", C },
	};

	for (size_t i = 0; i < 3; i++) {
		int64_t s = set_of(1);

		go_by(&profile_linux, orders[i].change);
		run(setval(D, s, 0, 1));
		ck_assert(blocks(does(A, s, { 0, 0, 0 }, { 0, 1, 0 })));
		ck_assert(blocks(does(B, s, { 0, 0, 0 }, { 0, 0, 0 })));
		ck_assert(blocks(does(C, s, { 0, 0, 0 }, { 0, 1, 0 })));
		value(does(D, s, { 0, -1, 0 }));
		ck_assert_int_eq(woken_err(orders[i].first), 0);
		ck_assert(asleep(A) || asleep(C));
		run(op(semctl_IPC_RMID, ROOT, .id = s));
	}
}
END_TEST

START_TEST(sem_counts_can_count_every_blocker)
{
	int64_t s = set_of(2);

	go_by(&profile_linux, "sem-counts=every-blocker");
	ck_assert(blocks(does(A, s, { 0, -1, 0 }, { 1, -1, 0 }, { 1, 0, 0 })));
	ck_assert_int_eq(ncnt(s, 0), 1);
	ck_assert_int_eq(ncnt(s, 1), 1);
	ck_assert_int_eq(zcnt(s, 1), 1);
}
END_TEST

START_TEST(setval_can_leave_pid_time_and_adjustments_alone)
{
	int64_t s = set_of(1), born = just_now();

	go_by(&profile_linux, "setval-sempid=off");
	run(setval(A, s, 0, 1));
	ck_assert_int_eq(last(s, 0), -1);
	ck_assert_int_eq(ctime_of(s), just_now());
	s = set_of(1);
	born = just_now();
	go_by(&profile_linux, "setval-ctime=off");
	run(setval(A, s, 0, 1));
	ck_assert_int_eq(ctime_of(s), born);
	go_by(&profile_linux, "setval-clears-undo=off");
	value(does(B, s, { 0, 1, SEM_UNDO }));
	run(setval(A, s, 0, 5));
	run(op(exit, B, 0));
	ck_assert_int_eq(val(s, 0), 4);
}
END_TEST

START_TEST(setall_range_can_store_the_earlier_values)
{
	int64_t s = set_of(3);

	go_by(&profile_linux, "setall-range=earlier");
	ck_assert_int_eq(err(with(values(4, 40000, 5), semctl_SETALL, A, .id = s)), ERANGE);
	ck_assert_int_eq(val(s, 0), 4);
	ck_assert_int_eq(val(s, 2), 0);
	ck_assert_int_eq(err(with(values(9), semctl_SETALL, C, .id = private_set(1))), EACCES);
	ck_assert_int_eq(val(1, 0), 0);
}
END_TEST

START_TEST(refused_undo_recorded_off_leaves_no_record)
{
	go_by(&profile_linux, "refused-undo-recorded=off");
	ck_assert(!leaves_record(does(B, set_of(1), { 9, 1, SEM_UNDO }), EFBIG));
	ck_assert(leaves_record(does(A, set_of(1), { 0, -1, SEM_UNDO | IPC_NOWAIT }), EAGAIN));
}
END_TEST

START_TEST(undo_exit_can_skip_or_do_nothing)
{
	static const struct { const char *change; int left, other; } ways[] = {
		{ "undo-exit=clamp", 0, 0 }, { "undo-exit=skip", 2, 0 }, { "undo-exit=none", 2, 5 },
	};

	for (int i = 0; i < 3; i++) {
		int64_t s = set_of(2);

		go_by(&profile_linux, ways[i].change);
		value(does(B + i, s, { 0, 5, SEM_UNDO }, { 1, 5, SEM_UNDO }));
		value(does(ROOT, s, { 0, -3, 0 }));
		run(op(exit, B + i, 0));
		ck_assert_int_eq(val(s, 0), ways[i].left);
		ck_assert_int_eq(val(s, 1), ways[i].other);
	}
}
END_TEST

START_TEST(undo_exit_can_skip_what_leads_above_the_highest_value)
{
	int64_t s = set_of(1);

	go_by(&profile_linux, "undo-exit=skip");
	run(setval(A, s, 0, 5));
	value(does(B, s, { 0, -5, SEM_UNDO }));
	value(does(A, s, { 0, SEMVMX - 1, 0 }));
	run(op(exit, B, 0));
	ck_assert_int_eq(val(s, 0), SEMVMX - 1);
	value(does(C, s, { 0, -5, SEM_UNDO }));
	value(does(A, s, { 0, 1, 0 }));
	run(op(exit, C, 0));
	ck_assert_int_eq(val(s, 0), SEMVMX);
}
END_TEST

START_TEST(exit_can_leave_its_marks_out)
{
	int64_t s = set_of(1);

	go_by(&profile_linux, "exit-sets-sempid=off");
	value(does(A, s, { 0, 1, SEM_UNDO }));
	value(does(B, s, { 0, 1, 0 }));
	run(op(exit, A, 0));
	ck_assert_int_eq(last(s, 0), B);
	ck_assert_int_eq(otime(s), just_now());
	go_by(&profile_linux, "exit-sets-otime=off");
	value(does(B, s, { 0, 1, SEM_UNDO }));
	run(op(exit, B, 0));
	ck_assert_int_eq(otime(s), just_now() - 1);
}
END_TEST

START_TEST(posix_leaves_open_who_is_named_but_by_semop)
{
	int64_t s = set_of(2);

	go_by(&profile_posix, NULL);
	value(does(A, s, { 0, 3, SEM_UNDO }));
	value(setval(B, s, 0, 5));
	ck_assert_int_eq(value(op(semctl_GETPID, A, .id = s, .num = 0)), PID_ANY);
	value(does(B, s, { 0, 1, 0 }));
	ck_assert_int_eq(last(s, 0), B);
	value(does(A, s, { 1, 1, SEM_UNDO }));
	value(does(B, s, { 1, 1, 0 }));
	run(op(exit, A, 0));
	ck_assert_int_eq(value(op(semctl_GETPID, B, .id = s, .num = 1)), PID_ANY);
	ck_assert_int_eq(last(s, 0), B);
}
END_TEST

/* ---- worlds ------------------------------------------------------------------------------------- */

START_TEST(a_clone_is_equal_and_goes_its_own_way)
{
	int64_t s = set_of(2);
	struct world *copy;

	value(does(A, s, { 0, 3, SEM_UNDO }));
	ck_assert(blocks(does(B, s, { 1, -1, 0 })));
	copy = world_clone(w);
	ck_assert_ptr_nonnull(copy);
	ck_assert(world_equal(w, copy));
	ck_assert_uint_eq(world_hash(w), world_hash(copy));
	run(op(exit, A, 0));
	ck_assert(!world_equal(w, copy));
	ck_assert_int_eq(((const struct semset *)by_id(&copy->ns[HOME], SEM, s))->sems[0].val, 3);
	ck_assert(world_ok(copy, NULL, 0));
	world_free(copy);
}
END_TEST

/* The only set of a copy of the world, to be damaged. */
static struct semset *set_in(struct world **copy)
{
	*copy = world_clone(w);
	ck_assert_ptr_nonnull(*copy);
	return (struct semset *)by_id(&(*copy)->ns[HOME], SEM, 0);
}

START_TEST(worlds_that_differ_in_any_part_of_a_set_differ)
{
	struct world *copy = NULL;

	set_of(2);
	value(does(A, 0, { 0, 1, SEM_UNDO }));
	for (int part = 0; part < 8; part++) {
		struct semset *s = set_in(&copy);

		switch (part) {
		case 0: s->otime++; break;
		case 1: s->zeroed = !s->zeroed; break;
		case 2: s->sems[0].val++; break;
		case 3: s->sems[1].pid++; break;
		case 4: s->undos[0].adj[1]++; break;
		case 5: s->undos[0].list++; break;
		case 6: s->perm.mode ^= 1; break;
		}
		ck_assert_int_eq(world_equal(w, copy), part == 7);
		ck_assert_int_eq(world_hash(w) == world_hash(copy), part == 7);
		world_free(copy);
	}
}
END_TEST

START_TEST(the_invariant_notices_damage)
{
	struct world *copy = NULL;
	char why[200];

	set_of(2);
	value(does(B, 0, { 0, 1, SEM_UNDO }));
	value(does(A, 0, { 0, 1, SEM_UNDO }));
	for (int part = 0; part < 7; part++) {
		struct semset *s = set_in(&copy);

		switch (part) {
		case 0: s->sems[0].val = -1; break;
		case 1: s->sems[1].val = UINT16_MAX + 1; break;
		case 2: s->undos[0].adj[0] = INT16_MAX + 1; break;
		case 3: s->undos[1].adj[1] = INT16_MIN - 1; break;
		case 4: s->undos[1].list = A; break;
		case 5: copy->task[A].alive = false; break;
		}
		ck_assert_int_eq(world_ok(copy, why, sizeof(why)), part == 6);
		world_free(copy);
	}
}
END_TEST

/* Whoever could go on is asleep no more, though nobody has been woken yet. */
START_TEST(who_could_go_on_after_what_was_seen_is_not_counted)
{
	int64_t s = set_of(1);
	struct snapshot shot = { 0 };

	ck_assert(blocks(does(A, s, { 0, -1, 0 })));
	ck_assert(model_snapshot(w, &shot));
	ck_assert_int_eq(shot.sem[0].ncnt, 1);
	shot.sem[0].val = 1;
	ck_assert(model_adopt(w, &shot.obj[0], &shot));
	snapshot_free(&shot);
	ck_assert(model_snapshot(w, &shot));
	ck_assert_int_eq(shot.sem[0].ncnt, 0);
	ck_assert_int_eq(shot.sem[0].val, 1);
	snapshot_free(&shot);
}
END_TEST

START_TEST(a_subject_without_the_rule_has_no_value_for_a_number_that_is_not_there)
{
	struct profile p = profile_linux;
	int64_t s = set_of(1);

	p.without = "SEMCTL-ERR-EINVAL";
	profile = &p;
	run(setval(A, s, 0, 3));
	ck_assert_int_eq(value(op(semctl_GETVAL, A, .id = s, .num = 0)), 3);
	ck_assert_int_eq(value(op(semctl_GETVAL, A, .id = s, .num = 1)), 0);
	ck_assert_int_eq(value(op(semctl_GETVAL, A, .id = s, .num = -1)), 0);
	ck_assert_int_eq(value(op(semctl_GETPID, A, .id = s, .num = 1)), 0);
}
END_TEST

START_TEST(a_subject_without_the_rule_leaves_a_semaphore_alone_that_is_not_there)
{
	struct profile p = profile_linux;
	int64_t s = set_of(2);

	p.without = "SEMOP-ERR-EFBIG";
	profile = &p;
	value(does(A, s, { 2, 3, SEM_UNDO }, { 1, 5, SEM_UNDO }, { 3, -1, 0 }));
	ck_assert_int_eq(val(s, 0), 0);
	ck_assert_int_eq(val(s, 1), 5);
	run(op(exit, A, 0));
	ck_assert_int_eq(val(s, 1), 0);
}
END_TEST

START_TEST(posix_names_the_limits_of_adjustments_only_where_they_can_count)
{
	int64_t first = set_of(1), s = set_of(1);

	profile = &profile_posix;
	ck_assert_uint_eq(judge(does(A, s, { 1, 1, SEM_UNDO })).errs.bits, errs(EFBIG, ENOSPC));
	ck_assert_uint_eq(judge(does(A, s, { 0, 1, SEM_UNDO })).errs.bits, errs(EINVAL, ENOSPC));
	value(does(A, s, { 0, 1, SEM_UNDO }));
	ck_assert_uint_eq(judge(does(A, s, { 0, 1, SEM_UNDO })).errs.bits, 0);
	ck_assert_uint_eq(judge(does(A, first, { 0, 1, SEM_UNDO })).errs.bits, errs(EINVAL));
	ck_assert_uint_eq(judge(does(B, s, { 0, 1, SEM_UNDO })).errs.bits, errs(EINVAL, ENOSPC));
}
END_TEST

START_TEST(a_refused_setall_of_no_set_stores_nothing)
{
	const struct op call = with(values(4, 40000), semctl_SETALL, A, .id = 77);
	struct outcome out;

	go_by(&profile_linux, "setall-range=earlier");
	ck_assert(model_apply(w, &call, profile, ERANGE, &out));
	ck_assert_int_eq(out.err, ERANGE);
	ck_assert_ptr_null(why_not_ok());
}
END_TEST

START_TEST(what_was_seen_of_a_set_is_adopted)
{
	int64_t s = set_of(SEMVIEWS + 1);
	struct snapshot shot = { 0 };

	value(does(B, s, { 0, 1, 0 }, { SEMVIEWS, 1, 0 }));
	ck_assert(model_snapshot(w, &shot));
	shot.sem[0] = (struct semview){ .val = 7, .pid = C + 1 };
	shot.sem[SEMVIEWS - 1] = (struct semview){ .val = 8, .pid = C + 1 };
	shot.sem[SEMVIEWS] = (struct semview){ .val = 9 };
	shot.obj[0].rec.v[F_otime] = TIME_ANY;
	ck_assert(model_adopt(w, &shot.obj[0], &shot));
	ck_assert_int_eq(val(s, 0), 7);
	ck_assert_int_eq(last(s, 0), C);
	ck_assert_int_eq(last(s, SEMVIEWS - 1), C);
	ck_assert_int_eq(val(s, SEMVIEWS), 9);
	ck_assert_int_eq(last(s, SEMVIEWS), B);	/* of those not looked at only the value was seen */
	ck_assert_int_eq(otime(s), TIME_ANY);
	snapshot_free(&shot);
}
END_TEST

START_TEST(every_record_of_a_set_is_copied_and_compared)
{
	int64_t s = set_of(1);
	struct world *copy;

	for (int i = A; i <= ROOT; i++)
		value(does(i, s, { 0, 1, SEM_UNDO }));
	copy = world_clone(w);
	ck_assert(world_equal(w, copy));
	the(s)->undos[ROOT].adj[0]++;
	ck_assert(!world_equal(w, copy));
	the(s)->undos[ROOT].adj[0]--;
	world_free(copy);
}
END_TEST

START_TEST(of_a_set_of_another_size_is_adopted_what_both_have)
{
	int64_t s = set_of(2), larger = set_of(3);
	struct snapshot shot = { 0 };

	value(does(B, larger, { 0, 1, 0 }, { 1, 2, 0 }, { 2, 3, 0 }));
	ck_assert(model_snapshot(w, &shot));
	shot.obj[1].id = s;
	ck_assert(model_adopt(w, &shot.obj[1], &shot));
	ck_assert_int_eq(val(s, 0), 1);
	ck_assert_int_eq(val(s, 1), 2);
	shot.obj[0].id = larger;
	ck_assert(model_adopt(w, &shot.obj[0], &shot));
	ck_assert_int_eq(val(larger, 1), 0);
	ck_assert_int_eq(val(larger, 2), 3);
	snapshot_free(&shot);
}
END_TEST

START_TEST(the_largest_set_works_like_a_small_one)
{
	int64_t s = set_of(DEF_SEMMSL);
	struct snapshot shot = { 0 };
	struct world *copy;

	value(does(A, s, { DEF_SEMMSL - 1, 5, SEM_UNDO }));
	ck_assert(blocks(does(B, s, { DEF_SEMMSL - 2, -1, 0 })));
	ck_assert_int_eq(err(does(A, s, { DEF_SEMMSL, 5, SEM_UNDO })), EFBIG);
	ck_assert(model_snapshot(w, &shot));
	ck_assert_uint_eq(shot.nsem, DEF_SEMMSL);
	ck_assert_int_eq(shot.sem[DEF_SEMMSL - 2].ncnt, 1);
	snapshot_free(&shot);
	copy = world_clone(w);
	ck_assert(world_equal(w, copy));
	world_free(copy);
	run(op(exit, A, 0));
	ck_assert_int_eq(val(s, DEF_SEMMSL - 1), 0);
}
END_TEST

/* ---- anything goes ------------------------------------------------------------------------------ */

static uint64_t dice;			/* state of the generator, set by each test */

static int64_t any(int64_t n)
{
	dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (int64_t)((dice >> 33) % (uint64_t)n);
}

/* One of a few values, the odd ones less often. */
static int64_t one_of(const int64_t *v, int n)
{
	return v[any(any(n) + 1)];
}
#define pick(...) \
	one_of((const int64_t[]){ __VA_ARGS__ }, sizeof((const int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t))

enum { MOST_OPS = 5 };

struct roll { struct payload data; struct sop sops[MOST_OPS]; uint16_t vals[MOST_OPS]; };

static void roll_payload(struct roll *r)
{
	memset(r, 0, sizeof(*r));
	r->data.where = (enum place)pick(P_OK, P_OK, P_OK, P_READONLY, P_PARTIAL, P_NULL);
	r->data.sops.n = (size_t)pick(1, 2, 3, 1, MOST_OPS, 0);
	r->data.sops.v = r->sops;
	r->data.vals.n = (size_t)any(MOST_OPS + 1);
	r->data.vals.v = r->vals;
	for (int i = 0; i < MOST_OPS; i++) {
		r->sops[i].num = (uint16_t)pick(0, 1, 2, 2, UINT16_MAX);
		r->sops[i].op = (int16_t)pick(-1, 1, 0, -2, 3, INT16_MAX, INT16_MIN);
		r->sops[i].flg = (int16_t)pick(0, SEM_UNDO, IPC_NOWAIT, SEM_UNDO | IPC_NOWAIT, -1);
		r->vals[i] = (uint16_t)pick(0, 1, SEMVMX, UINT16_MAX);
	}
	r->data.timeout.given = any(2);
	r->data.timeout.sec = pick(5, 0, -1);
	r->data.timeout.where = (enum place)pick(P_OK, P_OK, P_NULL, P_UNMAPPED);
	r->data.set.has = (uint64_t)any(4) << F_uid | BIT(F_mode);
	r->data.set.mode = pick(0666, 0600, 0, 07777);
	r->data.set.uid = pick(1000, 2000, -1);
	r->data.set.gid = pick(1000, -1);
}

/* A call that is free to be made, of nearly any kind. */
static struct op roll(struct roll *r)
{
	struct op call = { .code = (enum opcode)pick(OP_semop, OP_semop, OP_semtimedop, OP_semop,
						     OP_semget + any(OP_semctl_other - OP_semget + 1)),
			   .actor = (int)any(ROOT + 1), .data = &r->data };

	roll_payload(r);
	call.v[0] = pick(0, 1, 2, 0, IPCMNI, -1, 77);
	call.v[1] = pick(0, 1, 2, 3, -1, INT32_MAX);
	call.v[2] = pick(0, 1, 01666, 03600, SEMVMX + 1, -1, INT64_MAX);
	if (call.code != OP_semop && call.code != OP_semtimedop && any(40) == 0)
		call.code = OP_exit;
	if (any(15) == 0)
		call = hit((int)any(ROOT + 1), any(3) ? SIGUSR1 : SIGKILL);
	for (int i = 0; i < opinfo[call.code].nargs; i++)
		if (opinfo[call.code].arg[i].kind == KIND_OUT)
			call.v[i] = any(NPLACES);
	return call;
}

/* Many random calls; payloads live as long as somebody may sleep in them. */
static void riot(int calls)
{
	struct roll *rolls = calloc((size_t)calls, sizeof(*rolls));
	const struct cred other = user(2000);

	ck_assert_ptr_nonnull(rolls);
	for (int i = 0; i < often(calls); i++) {
		struct op call = roll(&rolls[i]);

		for (int actor = A; actor <= ROOT; actor++)
			if (!world_alive(w, actor))
				world_task(w, actor, &other);
		if (model_ready(w, &call, NULL, 0)) {
			derivation(call);
			run(call);
		}
	}
	free_world();
	setup_world();
	free(rolls);
}

START_TEST(no_order_of_calls_breaks_the_invariant)
{
	for (uint64_t seed = 0; seed < 5; seed++) {
		dice = seed;
		for (int64_t n = 1; n <= 3; n++)
			set_of(n);
		riot(2000);
	}
}
END_TEST

START_TEST(no_switch_breaks_the_invariant)
{
	char change[100];

	for (int i = 0; i < NSWITCHES; i++) {
		const struct switchinfo *sw = &switchinfo[i];

		for (int c = 0; sw->choices[c]; c++) {
			snprintf(change, sizeof(change), "%s=%s", sw->name, sw->choices[c]);
			dice = (uint64_t)i;
			set_of(2);
			set_of(3);
			go_by(i % 2 ? &profile_linux : &profile_posix, change);
			riot(300);
		}
	}
}
END_TEST

/* Calls that a rule would have refused are carried out somehow. */
START_TEST(no_missing_rule_breaks_the_invariant)
{
	const char *id, *strength;
	char change[100];
	int errnum;

	for (enum opcode code = OP_semget; code <= OP_semctl_other; code++)
		for (int i = 0; model_rule(code, i, &id, &errnum, &strength); i++) {
			snprintf(change, sizeof(change), "without=%s/%s", opinfo[code].name, id);
			dice = (uint64_t)i;
			set_of(2);
			set_of(3);
			go_by(&profile_linux, change);
			riot(300);
		}
}
END_TEST

/* ---- all of them -------------------------------------------------------------------------------- */

static void get_tests(TCase *tc)
{
	tcase_add_test(tc, a_new_set_is_all_zero_and_was_never_used);
	tcase_add_test(tc, a_new_set_belongs_to_its_creator);
	tcase_add_test(tc, a_size_that_no_set_can_have_is_refused_before_the_key_is_looked_up);
	tcase_add_test(tc, exclusive_creation_is_decided_before_size_and_permission);
	tcase_add_test(tc, an_existing_set_is_opened_by_any_size_up_to_its_own);
	tcase_add_test(tc, an_empty_set_cannot_be_created);
	tcase_add_test(tc, creation_stops_at_the_limit_of_semaphores);
	tcase_add_test(tc, creation_stops_at_the_limit_of_sets);
}

static void arrays_tests(TCase *tc)
{
	tcase_add_test(tc, operations_add_and_subtract);
	tcase_add_test(tc, success_stamps_the_set_and_marks_the_semaphores_it_names);
	tcase_add_test(tc, a_wait_for_zero_alone_stamps_and_marks_too);
	tcase_add_test(tc, an_array_is_applied_as_a_whole_or_not_at_all);
	tcase_add_test(tc, operations_see_what_those_before_them_did);
	tcase_add_test(tc, the_highest_value_is_semvmx);
	tcase_add_test(tc, the_first_operation_that_cannot_proceed_decides);
	tcase_add_test(tc, only_the_flag_of_the_blocking_operation_counts);
	tcase_add_test(tc, unknown_flags_are_ignored);
}

static void refusals_tests(TCase *tc)
{
	tcase_add_test(tc, too_many_operations_is_the_first_thing_noticed);
	tcase_add_test(tc, the_limit_of_operations_is_compared_unsigned);
	tcase_add_test(tc, no_operations_are_refused_before_the_buffer_is_read);
	tcase_add_test(tc, the_buffer_is_read_before_the_id_is_looked_up);
	tcase_add_test(tc, a_buffer_cut_off_after_eight_bytes_holds_one_operation);
	tcase_add_test(tc, thirty_two_bits_of_the_number_of_operations_count);
	tcase_add_test(tc, operations_that_are_not_claimed_do_not_count);
	tcase_add_test(tc, an_id_that_names_no_set_is_invalid);
	tcase_add_test(tc, a_semaphore_outside_the_set_is_noticed_before_permission);
	tcase_add_test(tc, an_array_that_alters_needs_write_permission_only);
	tcase_add_test(tc, an_array_that_waits_for_zero_needs_read_permission_only);
}

static void timeouts_tests(TCase *tc)
{
	tcase_add_test(tc, a_timeout_of_nothing_tries_once);
	tcase_add_test(tc, a_timeout_that_is_no_time_is_refused_even_if_nothing_would_wait);
	tcase_add_test(tc, the_timeout_is_read_first_of_all_and_judged_after_the_operations_are_read);
	tcase_add_test(tc, no_timeout_waits_without_limit);
	tcase_add_test(tc, expiry_gives_eagain_and_changes_nothing);
}

static void sleepers_tests(TCase *tc)
{
	tcase_add_test(tc, an_increment_completes_who_waits_for_it);
	tcase_add_test(tc, a_completed_sleeper_leaves_its_own_mark_at_that_moment);
	tcase_add_test(tc, a_decrement_to_zero_completes_who_waits_for_zero);
	tcase_add_test(tc, a_chain_of_sleepers_completes_in_one_step);
	tcase_add_test(tc, calls_that_alter_complete_in_order_of_arrival);
	tcase_add_test(tc, a_call_that_can_proceed_overtakes_one_that_cannot);
	tcase_add_test(tc, who_waits_for_zero_goes_before_who_alters);
	tcase_add_test(tc, a_single_wait_for_zero_goes_before_an_array_of_them);
	tcase_add_test(tc, a_sleeper_completes_though_its_permission_is_gone);
	tcase_add_test(tc, a_sleeper_ends_when_a_later_operation_is_out_of_range);
	tcase_add_test(tc, a_sleeper_ends_when_a_later_operation_may_not_wait);
	tcase_add_test(tc, a_sleeper_ends_when_an_earlier_operation_comes_to_be_out_of_range);
	tcase_add_test(tc, a_failed_sleeper_does_not_move_otime);
	tcase_add_test(tc, removal_ends_every_sleeper);
	tcase_add_test(tc, a_signal_ends_a_sleeper);
}

static void counts_tests(TCase *tc)
{
	tcase_add_test(tc, a_sleeper_is_counted_for_what_it_waits_for);
	tcase_add_test(tc, a_sleeper_is_counted_once_and_the_count_moves_with_its_blocker);
	tcase_add_test(tc, who_waits_for_zeros_alone_is_looked_at_only_when_there_is_a_zero);
	tcase_add_test(tc, of_a_semop_only_the_semaphores_it_names_can_be_that_zero);
	tcase_add_test(tc, after_setval_and_exit_any_semaphore_of_the_set_can_be_that_zero);
	tcase_add_test(tc, a_snapshot_shows_the_same_counts);
}

static void undo_tests(TCase *tc)
{
	tcase_add_test(tc, exit_takes_back_what_was_done_with_undo);
	tcase_add_test(tc, an_adjustment_at_exit_stops_at_the_bounds);
	tcase_add_test(tc, adjustments_are_applied_when_a_process_is_killed_in_its_sleep);
	tcase_add_test(tc, adjustments_are_applied_without_permission);
	tcase_add_test(tc, exit_can_complete_a_sleeper);
	tcase_add_test(tc, a_record_of_zeros_moves_otime_at_exit_and_nothing_else);
	tcase_add_test(tc, a_process_without_a_record_leaves_otime_alone);
	tcase_add_test(tc, the_record_is_made_before_semaphores_and_permission_are_looked_at);
	tcase_add_test(tc, no_record_is_made_for_what_fails_earlier);
	tcase_add_test(tc, the_record_of_a_sleeper_exists_while_it_sleeps);
	tcase_add_test(tc, a_sleeper_completed_by_another_owes_its_adjustment);
	tcase_add_test(tc, adjustments_reach_from_minus_32768_to_32767);
	tcase_add_test(tc, adjustments_add_up_within_an_array_too);
	tcase_add_test(tc, a_child_owes_nothing);
	tcase_add_test(tc, setval_clears_the_adjustments_of_that_semaphore_in_every_process);
	tcase_add_test(tc, setall_clears_all_adjustments);
	tcase_add_test(tc, a_set_made_after_removal_is_owed_nothing);
}

static void semctl_one_tests(TCase *tc)
{
	tcase_add_test(tc, permission_to_look_comes_before_the_number);
	tcase_add_test(tc, getval_and_getpid_tell_value_and_process);
	tcase_add_test(tc, setval_stores_the_value_its_process_and_the_time);
	tcase_add_test(tc, setval_moves_otime_if_it_completes_a_sleeper);
	tcase_add_test(tc, setval_looks_at_sign_of_id_value_id_number_permission);
	tcase_add_test(tc, setval_takes_the_low_32_bits_of_its_argument);
}

static void semctl_all_tests(TCase *tc)
{
	tcase_add_test(tc, getall_tells_every_value_and_ignores_the_number);
	tcase_add_test(tc, getall_needs_two_bytes_for_each_value);
	tcase_add_test(tc, setall_stores_every_value_its_process_and_the_time);
	tcase_add_test(tc, setall_can_complete_several_sleepers);
	tcase_add_test(tc, setall_looks_at_id_permission_buffer_values_and_stores_nothing_on_error);
	tcase_add_test(tc, setall_does_not_look_past_the_last_semaphore);
}

static void semctl_set_tests(TCase *tc)
{
	tcase_add_test(tc, removal_and_change_are_for_owner_creator_and_privilege);
	tcase_add_test(tc, ipc_set_reads_its_buffer_between_sign_and_id);
	tcase_add_test(tc, ipc_stat_tells_the_record_to_readers);
	tcase_add_test(tc, stat_by_index_gives_the_full_id);
	tcase_add_test(tc, ipc_info_tells_the_limits_and_sem_info_what_is_in_use);
	tcase_add_test(tc, an_unknown_command_is_invalid);
}

static void why_tests(TCase *tc)
{
	tcase_add_test(tc, a_derivation_names_the_rule_and_the_comparison);
	tcase_add_test(tc, a_derivation_says_what_a_sleeper_waits_for);
	tcase_add_test(tc, the_deciding_rule_has_the_id_of_its_requirement);
}

static void posix_tests(TCase *tc)
{
	tcase_add_test(tc, posix_leaves_the_order_of_errors_open);
	tcase_add_test(tc, posix_demands_what_it_describes);
	tcase_add_test(tc, posix_lets_a_useless_size_pass_for_an_existing_set);
	tcase_add_test(tc, posix_neither_demands_nor_forbids_what_it_does_not_describe);
	tcase_add_test(tc, posix_lets_any_operation_of_an_array_be_looked_at_first);
	tcase_add_test(tc, posix_lets_a_system_limit_undo);
	tcase_add_test(tc, posix_asks_for_what_each_operation_needs);
	tcase_add_test(tc, posix_leaves_otime_open_after_an_exit);
	tcase_add_test(tc, posix_has_no_otime_before_a_semop_succeeds);
	tcase_add_test(tc, posix_retries_sleepers_like_linux);
}

static void switches_tests(TCase *tc)
{
	tcase_add_test(tc, semop_access_can_always_ask_to_alter);
	tcase_add_test(tc, semop_recheck_ends_a_sleeper_without_permission);
	tcase_add_test(tc, semop_atomic_off_applies_what_came_before);
	tcase_add_test(tc, nsops_zero_can_succeed);
	tcase_add_test(tc, zero_op_sets_sempid_off_leaves_it);
	tcase_add_test(tc, wake_order_decides_who_goes_first);
	tcase_add_test(tc, sem_counts_can_count_every_blocker);
	tcase_add_test(tc, setval_can_leave_pid_time_and_adjustments_alone);
	tcase_add_test(tc, setall_range_can_store_the_earlier_values);
	tcase_add_test(tc, refused_undo_recorded_off_leaves_no_record);
	tcase_add_test(tc, undo_exit_can_skip_or_do_nothing);
	tcase_add_test(tc, undo_exit_can_skip_what_leads_above_the_highest_value);
	tcase_add_test(tc, exit_can_leave_its_marks_out);
	tcase_add_test(tc, posix_leaves_open_who_is_named_but_by_semop);
}

static void worlds_tests(TCase *tc)
{
	tcase_add_test(tc, a_clone_is_equal_and_goes_its_own_way);
	tcase_add_test(tc, worlds_that_differ_in_any_part_of_a_set_differ);
	tcase_add_test(tc, the_invariant_notices_damage);
	tcase_add_test(tc, who_could_go_on_after_what_was_seen_is_not_counted);
	tcase_add_test(tc, a_subject_without_the_rule_has_no_value_for_a_number_that_is_not_there);
	tcase_add_test(tc, a_subject_without_the_rule_leaves_a_semaphore_alone_that_is_not_there);
	tcase_add_test(tc, posix_names_the_limits_of_adjustments_only_where_they_can_count);
	tcase_add_test(tc, every_record_of_a_set_is_copied_and_compared);
	tcase_add_test(tc, of_a_set_of_another_size_is_adopted_what_both_have);
	tcase_add_test(tc, a_refused_setall_of_no_set_stores_nothing);
	tcase_add_test(tc, what_was_seen_of_a_set_is_adopted);
	tcase_add_test(tc, the_largest_set_works_like_a_small_one);
}

static void anything_tests(TCase *tc)
{
	tcase_add_test(tc, no_order_of_calls_breaks_the_invariant);
	tcase_add_test(tc, no_switch_breaks_the_invariant);
	tcase_add_test(tc, no_missing_rule_breaks_the_invariant);
}

int main(void)
{
	Suite *s = suite_create("sem");

	get_tests(tests_of(s, "semget"));
	arrays_tests(tests_of(s, "semop: what an array does"));
	refusals_tests(tests_of(s, "semop: what is refused"));
	timeouts_tests(tests_of(s, "semtimedop"));
	sleepers_tests(tests_of(s, "sleepers"));
	counts_tests(tests_of(s, "counts"));
	undo_tests(tests_of(s, "SEM_UNDO"));
	semctl_one_tests(tests_of(s, "semctl: one semaphore"));
	semctl_all_tests(tests_of(s, "semctl: all semaphores"));
	semctl_set_tests(tests_of(s, "semctl: the set"));
	why_tests(tests_of(s, "why"));
	posix_tests(tests_of(s, "posix"));
	switches_tests(tests_of(s, "switches"));
	worlds_tests(tests_of(s, "worlds"));
	anything_tests(tests_of(s, "anything goes"));
	return run_suite(s);
}
