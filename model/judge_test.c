/* Rules, then wait, then commit: how calls are judged, carried out, parked and judged again. */
#include <signal.h>
#include <stdio.h>

#include "test.h"

static struct op receive(int actor, int64_t q, int64_t typ)
{
	return op(msgrcv, actor, .id = q, .typ = typ, .size = 9);
}

static struct op send(int actor, int64_t q, const struct payload *message)
{
	return with(message, msgsnd, actor, .id = q);
}

static int64_t queue_of(int64_t qbytes)
{
	int64_t q = value(op(msgget, A, .flg = 0666));

	run(with(set(.has = BIT(F_qbytes), .qbytes = qbytes), msgctl_IPC_SET, A, .id = q));
	return q;
}

static int64_t queue(void)
{
	return queue_of(DEF_MSGMNB);
}

static const struct payload nowhere = { .where = P_UNMAPPED, .msg = { 0, 9, 1, (const unsigned char *)"x" } };

/* ---- verdicts --------------------------------------------------------------------------------------- */

START_TEST(an_ordered_profile_stops_at_the_first_broken_rule)
{
	const struct op call = with(&nowhere, msgsnd, C, .id = -1, .flg = IPC_NOWAIT);
	struct verdict v = judge(call);

	ck_assert_uint_eq(v.errs.bits, errs(EFAULT));
	ck_assert_int_eq(v.first, EFAULT);
	ck_assert(!v.success);
	ck_assert(!v.waits);
	ck_assert_str_eq(model_decider(w, &call, profile), "LINUX-MSGSND-ORD-1");
}
END_TEST

START_TEST(posix_collects_every_broken_rule)
{
	const struct op call = with(&nowhere, msgsnd, C, .id = -1, .flg = IPC_NOWAIT);
	struct verdict v;

	profile = &profile_posix;
	v = judge(call);
	ck_assert_uint_eq(v.errs.bits, errs(EFAULT, EINVAL));
	ck_assert_int_eq(v.first, EINVAL);
	ck_assert(!v.success);
	ck_assert_str_eq(model_decider(w, &call, profile), "LINUX-ID-NEG-1");
}
END_TEST

START_TEST(an_unbroken_call_is_allowed_to_succeed_and_nothing_else)
{
	const struct op call = op(msgget, A, .flg = 0600);

	for (int i = 0; i < 2; i++) {
		struct verdict v = judge(call);

		ck_assert(v.success);
		ck_assert(!v.waits);
		ck_assert_int_eq(v.first, 0);
		ck_assert_uint_eq(v.errs.bits, 0);
		ck_assert_ptr_null(model_decider(w, &call, profile));
		profile = &profile_posix;
	}
}
END_TEST

START_TEST(what_posix_permits_does_not_forbid_success)
{
	int64_t q = queue();
	struct verdict v;

	profile = &profile_posix;
	v = judge(op(msgctl_IPC_STAT, A, .id = q, .buf = P_UNMAPPED));
	ck_assert(v.success);
	ck_assert_int_eq(v.first, 0);
	ck_assert_uint_eq(v.errs.bits, errs(EFAULT));
}
END_TEST

START_TEST(posix_permits_but_does_not_demand_that_a_command_it_does_not_name_is_missing)
{
	static const enum opcode extensions[] = {
		OP_msgctl_IPC_INFO, OP_msgctl_MSG_INFO, OP_msgctl_MSG_STAT, OP_msgctl_MSG_STAT_ANY,
		OP_semctl_IPC_INFO, OP_semctl_SEM_INFO, OP_semctl_SEM_STAT, OP_semctl_SEM_STAT_ANY,
		OP_shmctl_IPC_INFO, OP_shmctl_SHM_INFO, OP_shmctl_SHM_STAT, OP_shmctl_SHM_STAT_ANY,
	};

	run(op(msgget, A, .flg = 0600));
	run(op(semget, A, .nsems = 1, .flg = 0600));
	run(op(shmget, A, .size = 1, .flg = 0600));
	for (size_t i = 0; i < sizeof(extensions) / sizeof(*extensions); i++) {
		const struct op call = { .code = extensions[i], .actor = A };

		profile = &profile_linux;
		ck_assert_uint_eq(judge(call).errs.bits, 0);
		profile = &profile_posix;
		ck_assert_uint_eq(judge(call).errs.bits, errs(EINVAL));
		ck_assert(judge(call).success);
	}
}
END_TEST

START_TEST(a_call_waits_only_if_nothing_forbids_it)
{
	int64_t q = queue();

	ck_assert(judge(receive(A, q, 0)).waits);
	ck_assert(judge(receive(A, q, 0)).success);
	ck_assert(!judge(receive(A, 99, 0)).waits);
	ck_assert(!judge(op(msgrcv, A, .id = q, .flg = IPC_NOWAIT)).waits);
	run(send(A, q, text(1, "x")));
	ck_assert(!judge(receive(A, q, 0)).waits);
	ck_assert(judge(receive(A, q, 2)).waits);
}
END_TEST

START_TEST(judging_changes_nothing)
{
	struct world *before;
	int64_t q = queue_of(1);
	char buf[500];
	struct text t = { .buf = buf, .size = sizeof(buf) };

	ck_assert(blocks(send(B, q, text(1, "ab"))));
	before = world_clone(w);
	for (int i = 0; i < 2; i++) {
		judge(op(msgctl_IPC_RMID, A, .id = q));
		judge(op(msgget, A));
		judge(op(exit, A));
		model_derive(w, &op(msgctl_IPC_RMID, A, .id = q), profile, &t);
		model_decider(w, &op(msgctl_IPC_RMID, C, .id = q), profile);
		profile = &profile_posix;
	}
	ck_assert(world_equal(before, w));
	world_free(before);
}
END_TEST

/* ---- carrying out ------------------------------------------------------------------------------------- */

START_TEST(the_caller_chooses_the_error)
{
	const struct op call = op(msgget, A, .flg = 0600);
	struct world *before = world_clone(w);
	struct outcome out;

	ck_assert(model_apply(w, &call, profile, ENOMEM, &out));
	ck_assert_int_eq(out.how, FAILED);
	ck_assert_int_eq(out.err, ENOMEM);
	before->now++;
	ck_assert(world_equal(before, w));
	world_free(before);
}
END_TEST

START_TEST(a_success_against_the_rules_does_what_can_be_done)
{
	int64_t q = queue();
	struct outcome out;

	ck_assert(model_apply(w, &op(msgctl_IPC_STAT, C, .id = 99), profile, 0, &out));
	ck_assert_int_eq(out.how, RETURNED);
	ck_assert(model_apply(w, &op(msgctl_other, C, .id = q, .cmd = 5), profile, 0, &out));
	ck_assert_int_eq(out.how, RETURNED);
	ck_assert(model_apply(w, &op(msgctl_IPC_RMID, C, .id = q), profile, 0, &out));
	ck_assert_int_eq(out.how, RETURNED);
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, A, .id = q)), EINVAL);
}
END_TEST

START_TEST(every_step_moves_the_clock_by_one)
{
	int64_t q = queue(), now = model_now(w);

	run(op(msgctl_IPC_STAT, A, .id = q));
	ck_assert_int_eq(model_now(w), now + 1);
	run(op(msgctl_IPC_STAT, A, .id = 99));
	ck_assert_int_eq(model_now(w), now + 2);
	ck_assert(blocks(receive(B, q, 0)));
	ck_assert_int_eq(model_now(w), now + 3);
	run(send(A, q, text(1, "x")));
	ck_assert_int_eq(model_now(w), now + 4);
}
END_TEST

START_TEST(who_is_asleep_makes_no_call)
{
	int64_t q = queue();
	const struct op stat = op(msgctl_IPC_STAT, B, .id = q);
	char why[100];

	ck_assert(model_ready(w, &stat, NULL, 0));
	ck_assert_ptr_null(model_parked(w, B));
	ck_assert(blocks(receive(B, q, 0)));
	ck_assert_int_eq(model_parked(w, B)->code, OP_msgrcv);
	ck_assert(!model_ready(w, &stat, why, sizeof(why)));
	ck_assert_str_eq(why, "the actor is blocked in msgrcv");
	run(send(A, q, text(1, "x")));
	ck_assert(model_ready(w, &stat, NULL, 0));
}
END_TEST

/* ---- waking ------------------------------------------------------------------------------------------- */

START_TEST(a_wake_up_is_told_for_one_step)
{
	int64_t q = queue();
	struct outcome out;

	for (int i = A; i <= B; i++) {
		ck_assert(blocks(receive(i, q, 0)));
		ck_assert(!model_woken(w, i, &out));
		run(send(C, q, text(1, "x")));
		ck_assert(model_woken(w, i, &out));
		ck_assert(!model_woken(w, C, &out));
		run(op(tick, -1));
		ck_assert(!model_woken(w, i, &out));
	}
}
END_TEST

/* B's message makes room needed by C: each step of the chain needs the one before. */
START_TEST(one_wake_up_leads_to_the_next)
{
	int64_t q = queue_of(3);

	run(send(A, q, text(1, "abc")));
	ck_assert(blocks(send(B, q, text(2, "x"))));
	ck_assert(blocks(receive(C, q, 2)));
	ck_assert(blocks(send(D, q, text(3, "def"))));
	run(receive(A, q, 1));
	ck_assert_int_eq(woken_err(B), 0);
	ck_assert_int_eq(woken(C).value, 1);
	ck_assert_int_eq(woken_err(D), 0);
	ck_assert_int_eq(field(MSG, q, F_cbytes), 3);
}
END_TEST

START_TEST(sleepers_go_on_in_the_order_in_which_they_fell_asleep)
{
	int64_t q = queue_of(1);
	static const int order[] = { D, B, C };
	const struct payload *message = text(1, "y");

	run(send(A, q, message));
	for (int i = 0; i < 3; i++)
		ck_assert(blocks(send(order[i], q, message)));
	for (int i = 0; i < 3; i++) {
		run(receive(A, q, 0));
		ck_assert_int_eq(woken_err(order[i]), 0);
		for (int j = i + 1; j < 3; j++)
			ck_assert(asleep(order[j]));
	}
}
END_TEST

START_TEST(a_subject_may_wake_the_last_first)
{
	struct profile p = profile_linux;
	int64_t q = queue();

	profile = &p;
	p.sw[SW_wake_order] = 2;
	ck_assert(blocks(receive(B, q, 0)));
	ck_assert(blocks(receive(C, q, 0)));
	run(send(A, q, text(1, "x")));
	ck_assert(asleep(B));
	ck_assert_int_eq(woken(C).value, 1);
}
END_TEST

START_TEST(all_tasks_at_once_can_sleep_and_be_woken)
{
	const struct payload *message = text(1, "abc");
	int64_t q = queue();

	for (int i = 0; i < MAXACTORS; i++)
		if (!world_alive(w, i))
			run(op(fork, A, .child = i));
	for (int i = 0; i < MAXACTORS; i++)
		if (i != A)
			ck_assert(blocks(receive(i, q, 0)));
	run(op(msgctl_IPC_RMID, A, .id = q));
	for (int i = 0; i < MAXACTORS; i++)
		if (i != A)
			ck_assert_int_eq(woken_err(i), EIDRM);
	q = queue_of(1);
	for (int i = 0; i < MAXACTORS; i++)
		if (i != A)
			ck_assert(blocks(send(i, q, message)));
	run(with(set(.has = BIT(F_qbytes), .qbytes = 99), msgctl_IPC_SET, A, .id = q));
	ck_assert_int_eq(field(MSG, q, F_qnum), MAXACTORS - 1);
}
END_TEST

START_TEST(time_ends_a_timed_call_and_nothing_else)
{
	static const struct sop down[] = { { 0, -1, 0 } };
	static const struct payload patient = { .sops = { 1, down }, .timeout = { .given = true, .sec = 1 } };
	int64_t s = value(op(semget, A, .nsems = 1, .flg = 0666)), now;
	struct outcome out;

	ck_assert(blocks(with(&patient, semtimedop, A, .id = s)));
	ck_assert(blocks(with(&patient, semtimedop, B, .id = s)));
	ck_assert(blocks(with(&patient, semtimedop, C, .id = s)));
	run(op(signal, -1, .to = A, .signo = SIGUSR1));
	ck_assert_int_eq(woken_err(A), EINTR);
	now = model_now(w);
	model_expire(w, B, profile);
	ck_assert_int_eq(woken_err(B), EAGAIN);
	ck_assert(!model_woken(w, A, &out));
	ck_assert_int_eq(model_now(w), now);
	ck_assert(asleep(C));
	ck_assert_int_eq(value(op(semctl_GETNCNT, A, .id = s)), 1);
}
END_TEST

/* ---- why ------------------------------------------------------------------------------------------- */

START_TEST(the_derivation_ends_with_what_decides)
{
	int64_t q = queue();

	says(send(A, q, text(0, "x")), "the type 0 is below 1\nrule MSGSND-ERR-EINVAL-2 gives EINVAL\n");
	says(receive(A, q, 7), "none of 0 messages is selected by type 7\n");
	says(receive(A, q, 7), "no rule forbids it; it must wait\n");
	says(op(msgget, A), "no rule forbids it\n");
}
END_TEST

START_TEST(the_derivation_of_posix_names_every_rule)
{
	int64_t q = value(op(msgget, A, .flg = 0600));

	run(send(A, q, text(1, "abc")));
	profile = &profile_posix;
	says(op(msgrcv, C, .id = q, .size = 1), "rule MSGRCV-ERR-EACCES gives EACCES\n"
						"the message has 3 bytes, the caller has room for 1\n"
						"rule MSGRCV-ERR-E2BIG gives E2BIG\n");
	ck_assert_ptr_null(strstr(derived(op(msgrcv, C, .id = q, .size = 1)), "no rule forbids"));
	says(op(msgctl_IPC_STAT, A, .id = q, .buf = P_NULL), "rule LINUX-MSGCTL-ORD-2 permits EFAULT\n"
							     "no rule forbids it\n");
}
END_TEST

START_TEST(a_derivation_is_cut_where_its_buffer_ends)
{
	char buf[10] = "xxxxxxxxx";
	struct text t = { .buf = buf, .size = 5 };

	model_derive(w, &op(msgget, A, .key = 3), profile, &t);
	ck_assert_str_eq(buf, "the ");
	ck_assert_uint_gt(t.len, 5);
	ck_assert_str_eq(buf + 5, "xxxx");
}
END_TEST

/* ---- the tables of rules ---------------------------------------------------------------------------- */

static bool can_only_fail(enum opcode code)
{
	struct verdict v;

	model_judge(w, &(struct op){ .code = code, .actor = A }, profile, &v);
	return !v.success;
}

START_TEST(every_operation_can_be_carried_out)
{
	for (enum opcode code = 0; code < NOPS; code++) {
		const struct action *a = action_of(&(struct op){ .code = code });

		ck_assert_ptr_nonnull(a);
		ck_assert_ptr_nonnull(a->rules);
		ck_assert_int_eq(a->waits != NULL, op_may_block(code));
		ck_assert_msg(a->commit || can_only_fail(code), "%s", opinfo[code].name);
	}
}
END_TEST

START_TEST(every_rule_gives_an_errno_that_has_a_place_in_sets)
{
	static const char *const words[] = { [NO] = "", [MAY] = "may", [SHALL] = "shall" };
	const char *id, *strength;
	int given;

	for (enum opcode code = 0; code < NOPS; code++)
		for (int i = 0; model_rule(code, i, &id, &given, &strength); i++) {
			const struct rule *r = &action_of(&(struct op){ .code = code })->rules[i];

			ck_assert_int_ge(err_bit(given), 0);
			ck_assert_ptr_nonnull(r->broken);
			ck_assert_str_eq(id, r->id);
			ck_assert_int_eq(given, r->err);
			ck_assert_str_eq(strength, words[r->posix]);
			ck_assert_msg(r->when == ONCE || op_may_block(code), "%s is not judged again", id);
		}
}
END_TEST

/* A line of the catalogue has to begin with this id. */
static void known(const char *catalogue, const char *id, size_t len, const char *who)
{
	for (const char *line = catalogue; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, id, len) == 0 && line[len] == '\t')
			return;
	}
	ck_abort_msg("%s cites %.*s", who, (int)len, id);
}

START_TEST(every_rule_and_every_switch_cites_a_known_requirement)
{
	static char list[1 << 17];
	FILE *f = fopen("cases/requirements.tsv", "r");
	const char *id, *strength;
	int given;

	ck_assert_msg(f, "cases/requirements.tsv: run this at the top of the tree");
	ck_assert_uint_lt(fread(list, 1, sizeof(list) - 1, f), sizeof(list) - 1);
	fclose(f);
	for (enum opcode code = 0; code < NOPS; code++)
		for (int i = 0; model_rule(code, i, &id, &given, &strength); i++)
			known(list, id, strlen(id), opinfo[code].name);
	for (int i = 0; i < NSWITCHES; i++)
		for (const char *word = switchinfo[i].source; *word; word += strspn(word, " ")) {
			size_t len = strcspn(word, " ");

			known(list, word, len, switchinfo[i].name);
			word += len;
		}
}
END_TEST

START_TEST(an_answer_that_finds_no_place_is_foretold)
{
	static const unsigned char x[] = "x";
	const struct payload bytes = { .bytes = { 1, x } };
	int64_t q = queue(), s = value(op(shmget, A, .size = 1, .flg = 0600));
	struct verdict v = judge(op(msgrcv, A, .id = q, .size = 9, .buf = P_UNMAPPED));

	ck_assert(v.success && v.waits);
	ck_assert_int_eq(v.end.how, RETURNED);
	run(send(A, q, text(1, "x")));
	v = judge(op(msgrcv, A, .id = q, .size = 9, .buf = P_UNMAPPED));
	ck_assert(v.success && !v.first);
	ck_assert_int_eq(v.end.how, FAILED);
	ck_assert_int_eq(v.end.err, EFAULT);
	ck_assert_int_eq(judge(op(msgrcv, A, .id = q, .size = 9)).end.how, RETURNED);
	v = judge(op(load, A, .addr = HOLE, .len = 1));
	ck_assert_int_eq(v.end.how, FAULTED);
	ck_assert_int_eq(v.end.err, SIGSEGV);
	run(op(shmat, A, .id = s, .addr = HOLE, .flg = SHM_RDONLY));
	ck_assert_int_eq(judge(op(load, A, .addr = HOLE, .len = 1)).end.how, RETURNED);
	ck_assert_int_eq(judge(with(&bytes, store, A, .addr = HOLE)).end.how, FAULTED);
}
END_TEST

START_TEST(broken_rules_are_told_by_position_whatever_their_order)
{
	const struct op call = with(&nowhere, msgsnd, C, .id = -1, .flg = IPC_NOWAIT);
	uint64_t broken = model_broken(w, &call, profile);
	struct verdict v = judge(call);
	const char *id, *strength;
	int err;

	for (int i = 0; model_rule(OP_msgsnd, i, &id, &err, &strength); i++) {
		struct profile without = profile_linux;

		without.without = id;
		ck_assert_uint_eq(model_broken(w, &call, &without), broken & ~BIT(i));
		if (v.first && broken >> i & 1)
			ck_assert_str_eq(id, "LINUX-MSGSND-ORD-1");
		v.first = broken >> i & 1 ? 0 : v.first;
	}
	ck_assert_uint_ne(broken & (broken - 1), 0);
	ck_assert_uint_eq(broken & ~model_rules(OP_msgsnd, profile), 0);
	ck_assert_uint_eq(model_broken(w, &(struct op){ .code = OP_msgget, .actor = A }, profile), 0);
	ck_assert(!model_rule(OP_msgsnd, 1000, &id, &err, &strength));
}
END_TEST

START_TEST(the_first_rule_is_told_and_overtaken_like_any_other)
{
	const struct op call = op(shmdt, A, .addr = HOLE + 1);
	struct profile p = profile_linux;

	ck_assert_uint_eq(model_broken(w, &call, profile), BIT(0) | BIT(1));
	ck_assert_str_eq(model_decider(w, &call, profile), "LINUX-SHMDT-1");
	p.order = "LINUX-SHMDT-1,SHMDT-ERR-EINVAL";
	ck_assert_str_eq(model_decider(w, &call, &p), "SHMDT-ERR-EINVAL");
}
END_TEST

START_TEST(rules_of_another_profile_are_not_among_those_of_this_one)
{
	const struct op call = { .code = OP_msgctl_MSG_STAT, .actor = A };
	const uint64_t added =
		model_rules(call.code, &profile_posix) & ~model_rules(call.code, &profile_linux);

	ck_assert_uint_ne(added, 0);
	ck_assert_uint_eq(model_broken(w, &call, &profile_linux) & added, 0);
	ck_assert_uint_ne(model_broken(w, &call, &profile_posix) & added, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("judge");
	TCase *tc = tests_of(s, "verdicts");

	tcase_add_test(tc, an_ordered_profile_stops_at_the_first_broken_rule);
	tcase_add_test(tc, posix_collects_every_broken_rule);
	tcase_add_test(tc, an_unbroken_call_is_allowed_to_succeed_and_nothing_else);
	tcase_add_test(tc, what_posix_permits_does_not_forbid_success);
	tcase_add_test(tc, posix_permits_but_does_not_demand_that_a_command_it_does_not_name_is_missing);
	tcase_add_test(tc, a_call_waits_only_if_nothing_forbids_it);
	tcase_add_test(tc, an_answer_that_finds_no_place_is_foretold);
	tcase_add_test(tc, judging_changes_nothing);
	tc = tests_of(s, "carrying out");
	tcase_add_test(tc, the_caller_chooses_the_error);
	tcase_add_test(tc, a_success_against_the_rules_does_what_can_be_done);
	tcase_add_test(tc, every_step_moves_the_clock_by_one);
	tcase_add_test(tc, who_is_asleep_makes_no_call);
	tc = tests_of(s, "waking");
	tcase_add_test(tc, a_wake_up_is_told_for_one_step);
	tcase_add_test(tc, one_wake_up_leads_to_the_next);
	tcase_add_test(tc, sleepers_go_on_in_the_order_in_which_they_fell_asleep);
	tcase_add_test(tc, a_subject_may_wake_the_last_first);
	tcase_add_test(tc, all_tasks_at_once_can_sleep_and_be_woken);
	tcase_add_test(tc, time_ends_a_timed_call_and_nothing_else);
	tc = tests_of(s, "why");
	tcase_add_test(tc, the_derivation_ends_with_what_decides);
	tcase_add_test(tc, the_derivation_of_posix_names_every_rule);
	tcase_add_test(tc, a_derivation_is_cut_where_its_buffer_ends);
	tc = tests_of(s, "rules");
	tcase_add_test(tc, the_first_rule_is_told_and_overtaken_like_any_other);
	tcase_add_test(tc, broken_rules_are_told_by_position_whatever_their_order);
	tcase_add_test(tc, rules_of_another_profile_are_not_among_those_of_this_one);
	tcase_add_test(tc, every_operation_can_be_carried_out);
	tcase_add_test(tc, every_rule_gives_an_errno_that_has_a_place_in_sets);
	tcase_add_test(tc, every_rule_and_every_switch_cites_a_known_requirement);
	return run_suite(s);
}
