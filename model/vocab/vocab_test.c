#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "suite_test.h"
#include "vocab.h"

START_TEST(operations_know_their_arguments)
{
	const struct opinfo *recv = &opinfo[OP_msgrcv];
	struct op op = { .code = OP_msgrcv };

	ck_assert_str_eq(recv->name, "msgrcv");
	ck_assert_int_eq(recv->family, MSG);
	ck_assert_int_eq(recv->result, R_COUNT);
	ck_assert_int_eq(recv->nargs, 5);
	ck_assert_str_eq(recv->arg[1].name, "typ");
	ck_assert(!recv->arg[2].optional && recv->arg[3].optional);
	ck_assert_int_eq(op_kind(&op, 1), KIND_MSGTYP);
	ck_assert_int_eq(op_kind(&op, 5), NKINDS);
}
END_TEST

START_TEST(arguments_have_a_place_and_a_name)
{
	struct op op = { .code = OP_semctl_SETVAL };

	op.semctl_SETVAL.id = 1;
	op.semctl_SETVAL.num = 2;
	op.semctl_SETVAL.val = 3;
	ck_assert_int_eq(op.v[0], 1);
	ck_assert_int_eq(op.v[1], 2);
	ck_assert_int_eq(op.v[2], 3);
}
END_TEST

START_TEST(every_name_finds_its_row)
{
	for (int i = 0; i < NOPS; i++)
		ck_assert_int_eq(op_find(opinfo[i].name, strlen(opinfo[i].name)), i);
	for (int i = 0; i < NFIELDS; i++)
		ck_assert_int_eq(field_find(fieldinfo[i].name, strlen(fieldinfo[i].name)), i);
	for (int i = 0; i < NLIMITS; i++)
		ck_assert_int_eq(limit_find(limitinfo[i].name, strlen(limitinfo[i].name)), i);
	ck_assert_int_eq(op_find("msgge", 5), -1);
	ck_assert_int_eq(op_find("msggetx", 7), -1);
	ck_assert_int_eq(field_find("", 0), -1);
	ck_assert_int_eq(limit_find("msgmnx", 6), -1);
}
END_TEST

/* An operation that may leave out an argument may leave out all that follow. */
START_TEST(optional_arguments_come_last)
{
	for (int i = 0; i < NOPS; i++)
		for (int j = 1; j < opinfo[i].nargs; j++)
			ck_assert_msg(opinfo[i].arg[j].optional || !opinfo[i].arg[j - 1].optional, "%s",
				      opinfo[i].name);
}
END_TEST

START_TEST(ids_come_first)
{
	for (int i = 0; i < NOPS; i++)
		for (int j = 1; j < opinfo[i].nargs; j++) {
			enum kind k = opinfo[i].arg[j].kind;

			ck_assert_msg(k != KIND_MSGID && k != KIND_SEMID && k != KIND_SHMID, "%s",
				      opinfo[i].name);
		}
}
END_TEST

START_TEST(errno_values_have_positions_and_names)
{
	for (int bit = 0; bit < NERRS; bit++) {
		int err = err_at(bit);

		ck_assert_int_eq(err_bit(err), bit);
		ck_assert_int_eq(err_number(err_name(err), strlen(err_name(err))), err);
	}
	ck_assert_str_eq(err_name(EINVAL), "EINVAL");
	ck_assert_int_eq(err_bit(0), -1);
	ck_assert_int_eq(err_bit(EPIPE), -1);
	ck_assert_int_eq(err_number("EINVA", 5), 0);
	ck_assert_int_eq(err_number("EINVALX", 7), 0);
}
END_TEST

START_TEST(stray_errno_values_have_a_name_too)
{
	char expected[20];

	for (int err = 1; err < 140; err++) {
		snprintf(expected, sizeof(expected), "errno %d", err);
		ck_assert(err_bit(err) >= 0 || strcmp(err_name(err), expected) == 0);
	}
	ck_assert_str_eq(err_name(512), "errno 512");
	ck_assert_str_eq(err_name(-1), "an unknown errno");
	ck_assert_str_eq(err_name(200), "an unknown errno");
	ck_assert_str_eq(err_name(INT32_MAX), "an unknown errno");
}
END_TEST

START_TEST(fields_are_reported_where_they_belong)
{
	ck_assert(op_fields(OP_msgctl_IPC_STAT) & BIT(F_lrpid));
	ck_assert(op_fields(OP_msgctl_IPC_STAT) & BIT(F_ctime));
	ck_assert(!(op_fields(OP_msgctl_IPC_STAT) & BIT(F_otime)));
	ck_assert(op_fields(OP_semctl_SEM_STAT) == op_fields(OP_semctl_IPC_STAT));
	ck_assert(!(op_fields(OP_semctl_IPC_STAT) & BIT(F_segsz)));
	ck_assert(op_fields(OP_shmctl_IPC_STAT) & BIT(F_nattch));
	ck_assert(!(op_fields(OP_shmctl_IPC_STAT) & BIT(F_type)));
	ck_assert(op_fields(OP_msgget) == 0);
	ck_assert(op_fields(OP_msgrcv) == BIT(F_type));
	ck_assert(op_fields(OP_shmctl_IPC_INFO) & BIT(F_shmmin));
	ck_assert(!(op_fields(OP_semctl_IPC_INFO) & BIT(F_shmmax)));
}
END_TEST

START_TEST(a_snapshot_grows_and_is_reused)
{
	struct snapshot s = { 0 };
	bool zeroed = true;

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 100; i++) {
			struct objview *obj = snapshot_obj(&s);
			struct semview *sem = snapshot_sem(&s);
			struct msgview *msg = snapshot_msg(&s);

			ck_assert(obj && sem && msg);
			zeroed &= !obj->rec.has && !obj->id && !sem->val && !msg->type;
			obj->id = obj->rec.has = 1;
			sem->val = msg->type = 1;
		}
		ck_assert(zeroed);
		ck_assert_uint_eq(s.nobj, 100);
		ck_assert_uint_eq(s.nsem, 100);
		ck_assert_uint_eq(s.nmsg, 100);
		snapshot_clear(&s);
		ck_assert_uint_eq(s.nobj + s.nsem + s.nmsg, 0);
	}
	snapshot_free(&s);
	ck_assert_ptr_null(s.obj);
}
END_TEST

START_TEST(facts_are_those_of_linux)
{
	ck_assert_int_eq(linux_facts.page, 4096);
	ck_assert_int_eq(linux_facts.limits.v[LIM_msgmnb], 16384);
	ck_assert_int_eq(linux_facts.limits.v[LIM_shmmax], INT64_MAX);
	ck_assert_int_eq(linux_facts.limits.v[LIM_sem_next_id], -1);
	ck_assert_str_eq(limitinfo[LIM_semmni].file, "sem");
	ck_assert_int_eq(limitinfo[LIM_semmni].place, 3);
	ck_assert_int_eq(fact_of(&linux_facts, FACT_page), 4096);
	ck_assert_int_eq(fact_of(&linux_facts, FACT_huge_pages), 0);
}
END_TEST

START_TEST(a_fact_that_is_set_is_read_back_and_no_other_changes)
{
	for (enum fact f = 0; f < NFACTS; f++) {
		struct facts facts = linux_facts;
		int64_t v = !fact_of(&facts, f);

		fact_set(&facts, f, v);
		for (enum fact g = 0; g < NFACTS; g++)
			ck_assert_int_eq(fact_of(&facts, g), g == f ? v : fact_of(&linux_facts, g));
	}
}
END_TEST

START_TEST(facts_are_read_as_people_write_them)
{
	static const struct { const char *text; size_t len; enum fact fact; int64_t v; } rows[] = {
		{ "hugetlb", 7, FACT_hugetlb, 1 }, { "no-hugetlb", 10, FACT_hugetlb, 0 },
		{ "page=65536, x", 10, FACT_page, 65536 }, { "hugetlb=0", 9, FACT_hugetlb, 0 },
		{ "huge", 0, NFACTS, 0 }, { "hugetlbs", 0, NFACTS, 0 }, { "page=", 0, 0, 0 },
		{ "page=x", 0, 0, 0 }, { "page=-1", 0, 0, 0 }, { "page=99999999999999999999", 0, 0, 0 },
		{ "no-page=1", 0, 0, 0 }, { "page", 0, 0, 0 }, { "page=0", 0, 0, 0 },
		{ "hugetlb=2", 0, 0, 0 }, { "page=9223372036854775809", 0, 0, 0 },
		{ "space_end=18446744073709547520", 30, FACT_space_end, -4096 },
		{ "space_end=0", 0, 0, 0 }, { "space_end=18446744073709551620", 0, 0, 0 },
		{ "", 0, NFACTS, 0 }, { "no-", 0, NFACTS, 0 }, { "hugetlb=1", 9, FACT_hugetlb, 1 },
	};
	enum fact fact;
	int64_t v;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ck_assert_uint_eq(fact_read(rows[i].text, &fact, &v), rows[i].len);
		ck_assert(!rows[i].len || (fact == rows[i].fact && v == rows[i].v));
	}
}
END_TEST

START_TEST(room_is_made_for_as_many_as_asked_for_and_never_wraps)
{
	int *v = NULL;
	size_t cap = 0;

	ck_assert(grow(&v, &cap, 0, sizeof(*v)));
	for (size_t n = 1; n < 100; n++) {
		ck_assert(grow(&v, &cap, n, sizeof(*v)));
		ck_assert_uint_ge(cap, n);
		v[n - 1] = (int)n;
	}
	for (int n = 1; n < 100; n++)
		ck_assert_int_eq(v[n - 1], n);
	ck_assert(!grow(&v, &cap, SIZE_MAX, sizeof(*v)));
	ck_assert(!grow(&v, &cap, SIZE_MAX / sizeof(*v), sizeof(*v)));
	ck_assert(!grow(&v, &cap, SIZE_MAX / 2 + 2, 1));
	free(v);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vocab");
	TCase *tc = tcase_create("vocab");

	tcase_add_test(tc, operations_know_their_arguments);
	tcase_add_test(tc, arguments_have_a_place_and_a_name);
	tcase_add_test(tc, every_name_finds_its_row);
	tcase_add_test(tc, optional_arguments_come_last);
	tcase_add_test(tc, ids_come_first);
	tcase_add_test(tc, errno_values_have_positions_and_names);
	tcase_add_test(tc, stray_errno_values_have_a_name_too);
	tcase_add_test(tc, fields_are_reported_where_they_belong);
	tcase_add_test(tc, a_snapshot_grows_and_is_reused);
	tcase_add_test(tc, facts_are_those_of_linux);
	tcase_add_test(tc, a_fact_that_is_set_is_read_back_and_no_other_changes);
	tcase_add_test(tc, facts_are_read_as_people_write_them);
	tcase_add_test(tc, room_is_made_for_as_many_as_asked_for_and_never_wraps);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
