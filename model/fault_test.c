/* Operations with something broken. */
#include <stdio.h>

#include "test.h"

static char why[300];
static struct profile broken_profile;
static struct fault *fault;

static void break_it(const char *what)
{
	fault_free(fault);
	fault = fault_new(&profile_linux, what, why, sizeof(why));
	ck_assert_msg(fault, "%s", why);
	broken_profile = profile_linux;
	broken_profile.fault = fault;
	profile = &broken_profile;
}

static void free_all(void)
{
	fault_free(fault);
	fault = NULL;
	free_world();
}

static int64_t queue(uint32_t mode)
{
	return value(op(msgget, A, .flg = mode));
}

/* ---- rules ----------------------------------------------------------------------------------- */

START_TEST(a_rule_that_is_gone_denies_nothing)
{
	int64_t q = queue(0600);

	ck_assert_int_eq(err(op(msgctl_IPC_STAT, C, .id = q)), EACCES);
	break_it("msgctl_IPC_STAT/MSGCTL-ERR-EACCES=drop");
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, C, .id = q)), 0);
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, C, .id = q + 1)), EINVAL);
	ck_assert_int_eq(err(op(msgctl_MSG_STAT, C, .id = q)), EACCES);
}
END_TEST

START_TEST(a_rule_gives_another_errno)
{
	int64_t q = queue(0600);

	break_it("msgctl_IPC_STAT/MSGCTL-ERR-EACCES=EIDRM");
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, C, .id = q)), EIDRM);
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, A, .id = q)), 0);
	ck_assert_int_eq(err(op(msgctl_MSG_STAT, C, .id = q)), EACCES);
}
END_TEST

START_TEST(the_second_rule_of_an_id_has_a_number)
{
	run(op(limit, -1, .name = LIM_semmns, .value = 0));
	break_it("semget/SEMGET-ERR-ENOSPC#2=E2BIG");
	ck_assert_int_eq(err(op(semget, A, .nsems = 1)), ENOSPC);
	run(op(limit, -1, .name = LIM_semmns, .value = 9));
	run(op(limit, -1, .name = LIM_semmni, .value = 0));
	ck_assert_int_eq(err(op(semget, A, .nsems = 1)), E2BIG);
}
END_TEST

START_TEST(two_rules_change_places)
{
	int64_t s = value(op(semget, A, .nsems = 1, .flg = 0600));
	struct op call = op(semctl_SETVAL, C, .id = s, .num = 0, .val = 40000);

	ck_assert_int_eq(err(call), ERANGE);
	break_it("semctl_SETVAL/SEMCTL-ERR-ERANGE,SEMCTL-ERR-EACCES=swap");
	ck_assert_int_eq(err(call), EACCES);
	call.semctl_SETVAL.val = 1;
	ck_assert_int_eq(err(call), EACCES);
	call.actor = A;
	call.semctl_SETVAL.val = 40000;
	ck_assert_int_eq(err(call), ERANGE);
}
END_TEST

/* A sender falls asleep, and has no right to send any more when there is room for it. */
static struct outcome send_without_right(const struct op *send, int64_t q)
{
	struct outcome out;

	run(with(set(.has = BIT(F_mode) | BIT(F_qbytes), .mode = 0666), msgctl_IPC_SET, ROOT, .id = q));
	ck_assert_int_eq(run(*send).how, BLOCKED);
	run(with(set(.has = BIT(F_mode) | BIT(F_qbytes), .mode = 0600, .qbytes = 9), msgctl_IPC_SET, ROOT,
		 .id = q));
	ck_assert(model_woken(w, C, &out));
	return out;
}

START_TEST(a_rule_is_not_judged_again)
{
	int64_t q = queue(0666);
	const struct op send = with(text(1, "x"), msgsnd, C, .id = q);

	ck_assert_int_eq(send_without_right(&send, q).err, EACCES);
	break_it("msgsnd/MSGSND-ERR-EACCES=recheck");
	ck_assert_int_eq(send_without_right(&send, q).how, RETURNED);
}
END_TEST

/* ---- the rest of an operation ------------------------------------------------------------------ */

START_TEST(a_success_without_commit_changes_nothing)
{
	int64_t q = queue(0600);

	break_it("msgctl_IPC_RMID/commit=drop");
	ck_assert_int_eq(err(op(msgctl_IPC_RMID, A, .id = q)), 0);
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, A, .id = q)), 0);
}
END_TEST

START_TEST(a_sleeper_without_commit_wakes_with_nothing_done)
{
	int64_t q = queue(0600);

	run(op(msgrcv, B, .id = q, .size = 9));
	break_it("msgrcv/commit=drop");
	run(with(text(1, "x"), msgsnd, A, .id = q));
	ck_assert_int_eq(woken_err(B), 0);
	ck_assert_int_eq(field(MSG, q, F_qnum), 1);
}
END_TEST

START_TEST(a_call_fails_where_it_should_sleep)
{
	int64_t q = queue(0600);

	break_it("msgrcv/wait=EAGAIN");
	ck_assert_int_eq(err(op(msgrcv, A, .id = q, .size = 9)), EAGAIN);
	run(with(text(1, "x"), msgsnd, A, .id = q));
	ck_assert_int_eq(value(op(msgrcv, A, .id = q, .size = 9)), 1);
}
END_TEST

START_TEST(a_sleeper_is_never_woken_but_by_removal)
{
	int64_t q = queue(0600);
	struct outcome out;

	break_it("msgrcv/wait=endless");
	ck_assert_int_eq(run(op(msgrcv, B, .id = q, .size = 9)).how, BLOCKED);
	/* by hand: the model's own invariant knows no sleeper that could go on */
	ck_assert(model_apply(w, &with(text(1, "x"), msgsnd, A, .id = q), profile, 0, &out));
	ck_assert(!model_woken(w, B, &out));
	ck_assert(model_apply(w, &op(msgctl_IPC_RMID, A, .id = q), profile, 0, &out));
	ck_assert(model_woken(w, B, &out));
	ck_assert_int_eq(out.err, EIDRM);
}
END_TEST

START_TEST(an_id_counts_by_its_index_alone)
{
	queue(0600);
	break_it("msgctl_IPC_STAT/find=swap");
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, A, .id = 32768)), 0);
	break_it("msgctl_MSG_STAT/find=swap");
	ck_assert_int_eq(err(op(msgctl_MSG_STAT, A, .id = 32768)), EINVAL);
}
END_TEST

START_TEST(what_a_sleeper_or_a_failure_leaves_behind_is_left_out)
{
	int64_t s = value(op(semget, A, .nsems = 1, .flg = 0600));
	const struct semset *set = (const struct semset *)by_id(&w->ns[HOME], SEM, s);
	static const struct sop down = { 0, -1, SEM_UNDO }, try = { 0, -1, SEM_UNDO | IPC_NOWAIT };
	const struct payload sleeps = { .sops = { 1, &down } }, fails = { .sops = { 1, &try } };

	break_it("semop/failure=drop");
	ck_assert_int_eq(err(with(&fails, semop, A, .id = s)), EAGAIN);
	ck_assert_uint_eq(set->nundos, 0);
	break_it("semop/sleep=drop");
	ck_assert(blocks(with(&sleeps, semop, A, .id = s)));
	ck_assert_uint_eq(set->nundos, 0);
	ck_assert_int_eq(err(with(&fails, semop, B, .id = s)), EAGAIN);
	ck_assert_uint_eq(set->nundos, 1);
}
END_TEST

START_TEST(a_silent_sleeper_is_told_at_once)
{
	int64_t q = queue(0666);
	struct outcome out;

	run(with(set(.has = BIT(F_qbytes)), msgctl_IPC_SET, ROOT, .id = q));
	break_it("msgsnd/wait=silent");
	ck_assert(blocks(with(text(1, "x"), msgsnd, C, .id = q)));
	ck_assert(model_apply(w, &with(set(.has = BIT(F_mode), .mode = 0600), msgctl_IPC_SET, ROOT, .id = q),
			      profile, 0, &out));
	ck_assert(model_woken(w, C, &out));
	ck_assert_int_eq(out.err, EACCES);
}
END_TEST

START_TEST(the_first_two_rules_change_places)
{
	const struct op call = with(&(struct payload){ .where = P_NULL }, msgctl_IPC_SET, A, .id = -1);

	break_it("msgctl_IPC_SET/LINUX-MSGCTL-ORD-3,LINUX-MSGCTL-ORD-1=swap");
	ck_assert_int_eq(err(call), EFAULT);
	profile = &profile_linux;
	ck_assert_int_eq(err(call), EINVAL);
}
END_TEST

/* Of every operation: whatever the fault, the rules that are left are those of the table. */
START_TEST(every_rule_of_every_operation_can_be_broken)
{
	const char *id, *strength;
	char what[200];
	int given;

	for (enum opcode code = 0; code < NOPS; code++)
		for (int i = 0; model_rule(code, i, &id, &given, &strength); i++) {
			uint64_t before = model_rules(code, &profile_linux);

			if (!(before >> i & 1))
				continue;
			snprintf(what, sizeof(what), "%s/%s=drop", opinfo[code].name, id);
			break_it(what);
			ck_assert_int_eq(__builtin_popcountll(model_rules(code, profile)),
					 __builtin_popcountll(before) - 1);
			ck_assert_uint_eq(model_rules(code, &profile_linux), before);
		}
}
END_TEST

/* ---- what means nothing ------------------------------------------------------------------------ */

static const char *const refused[] = {
	"", "msgsnd", "msgsnd/", "msgsnd/MSGSND-ERR-EACCES", "nothing/commit=drop", "msgsnd=commit/drop",
	"msgsnd/NO-SUCH-RULE=drop", "msgsnd/MSGSND-ERR-EACCES=gone", "msgsnd/MSGSND-ERR-EACCES=",
	"msgsnd/MSGSND-ERR-EACCES=EACCES", "msgsnd/MSGSND-ERR-EACCES#2=drop",
	"msgsnd/MSGSND-ERR-EACCES#=drop", "msgsnd/MSGSND-ERR-EACCES#x=drop", "ipc_other/commit=drop",
	"msgsnd/MSGSND-ERR-EACCES#1=drop", "msgsnd/MSGSND-ERR-EACCES#22=drop", "msgsnd/commit=gone",
	"semget/MSGSND-ERR-EACCES=drop", "msgget/MSGGET-ERR-EACCES=recheck", "msgget/wait=EAGAIN",
	"msgget/wait=endless", "msgget/wait=silent", "msgget/find=swap", "msgsnd/failure=drop",
	"msgget/sleep=drop", "tick/commit=drop", "msgsnd/wait=often", "msgsnd/,=swap",
	"msgsnd/MSGSND-ERR-EAGAIN,MSGSND-ERR-EACCES=swap", "msgsnd/MSGSND-ERR-EACCES,=swap",
	"msgsnd/MSGSND-ERR-EACCES,MSGSND-ERR-EAGAIN=drop", "msgsnd/MSGSND-ERR-EACCES,MSGSND-ERR-EACCES=swap",
};

START_TEST(what_means_nothing_is_refused)
{
	why[0] = '\0';
	ck_assert_msg(!fault_new(&profile_linux, refused[_i], why, sizeof(why)), "%s", refused[_i]);
	ck_assert_msg(!strncmp(why, "found '", 7), "%s: %s", refused[_i], why);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("fault");
	TCase *tc = tcase_create("fault");

	tcase_add_checked_fixture(tc, setup_world, free_all);
	tcase_add_test(tc, a_rule_that_is_gone_denies_nothing);
	tcase_add_test(tc, a_rule_gives_another_errno);
	tcase_add_test(tc, the_second_rule_of_an_id_has_a_number);
	tcase_add_test(tc, two_rules_change_places);
	tcase_add_test(tc, a_rule_is_not_judged_again);
	tcase_add_test(tc, a_success_without_commit_changes_nothing);
	tcase_add_test(tc, a_sleeper_without_commit_wakes_with_nothing_done);
	tcase_add_test(tc, a_call_fails_where_it_should_sleep);
	tcase_add_test(tc, a_sleeper_is_never_woken_but_by_removal);
	tcase_add_test(tc, an_id_counts_by_its_index_alone);
	tcase_add_test(tc, what_a_sleeper_or_a_failure_leaves_behind_is_left_out);
	tcase_add_test(tc, a_silent_sleeper_is_told_at_once);
	tcase_add_test(tc, the_first_two_rules_change_places);
	tcase_add_test(tc, every_rule_of_every_operation_can_be_broken);
	tcase_add_loop_test(tc, what_means_nothing_is_refused, 0, sizeof(refused) / sizeof(*refused));
	suite_add_tcase(s, tc);
	return run_suite(s);
}
