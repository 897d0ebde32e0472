/* Rules cover every wrong cell and no right one, and are as short as what is wrong allows. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "matrix_world.h"
#include "suite_test.h"

enum { MOST = 8 };

static struct facts_of_cells f;
static struct rule rule[MOST];
static size_t left;
static char text[4000];

static struct bits *rows(void)
{
	struct bits *b = calloc(row_count(), sizeof(*b));

	ck_assert_ptr_nonnull(b);
	return b;
}

/*
 * A space in which all was run and nothing is wrong; what should succeed is what the mode grants to
 * strangers.
 */
static void fresh(void)
{
	memset(&f, 0, sizeof(f));
	f.run = rows();
	f.wrong = rows();
	f.granted = rows();
	ck_assert(ask_of_all(&f, &linux_facts, &profile_linux));
	for (int o = 0; o < matrix_nops; o++)
		for (int r = 0; r < matrix_nrelations; r++)
			for (int c = 0; c < matrix_ncapsets; c++) {
				if (!cell_exists(o, r, c))
					continue;
				memset(&f.run[row_of(o, r, c)], 0xff, sizeof(struct bits));
				f.granted[row_of(o, r, c)] = f.may[o][BY_OTHER];
			}
}

static void drop(void)
{
	free(f.run);
	free(f.wrong);
	free(f.granted);
}

static int relation(const char *name)
{
	for (int r = 0; r < matrix_nrelations; r++)
		if (relation_is(r, name))
			return r;
	ck_abort_msg("no relation %s", name);
	return -1;
}

#define EACH_CELL(c) \
	for (c = (struct cell){ 0, 0, 0, 0 }; c.op < matrix_nops; c.op++) \
		for (c.relation = 0; c.relation < matrix_nrelations; c.relation++) \
			for (c.capset = 0; c.capset < matrix_ncapsets; c.capset++) \
				for (c.mode = 0; c.mode < MODES; c.mode++)

/* Finds rules, and checks that they say neither too much nor too little. */
static int find(void)
{
	int n = rules_find(&f, rule, MOST, &left);
	struct text t = { text, sizeof(text), 0 };
	struct cell c;
	size_t lies = 0;

	text[0] = '\0';
	EACH_CELL(c) {
		size_t row = row_of(c.op, c.relation, c.capset);
		bool covered = false;

		for (int i = 0; i < n; i++)
			covered = covered || rule_covers(&f, &rule[i], &c);
		lies += (left == 0 || covered) && covered != bits_has(&f.wrong[row], c.mode);
	}
	ck_assert_uint_eq(lies, 0);
	if (n)
		rule_text(&f, &rule[0], &t);
	return n;
}

static bool named(int op, const char *name)
{
	return !strcmp(opinfo[matrix_op[op].code].name, name);
}

START_TEST(where_nothing_is_wrong_there_is_no_rule)
{
	ck_assert_int_eq(find(), 0);
	ck_assert_uint_eq(left, 0);
}
END_TEST

START_TEST(a_relation_is_one_rule)
{
	struct cell c;

	EACH_CELL(c)
		if (cell_exists(c.op, c.relation, c.capset) && c.relation == relation("creator-group"))
			bits_add(&f.wrong[row_of(c.op, c.relation, c.capset)], c.mode);
	ck_assert_int_eq(find(), 1);
	ck_assert_str_eq(text, "every cell where as=creator-group");
}
END_TEST

START_TEST(a_bit_of_the_mode_is_one_rule)
{
	struct cell c;

	EACH_CELL(c)
		if (cell_exists(c.op, c.relation, c.capset) && c.mode & 0040 && named(c.op, "msgrcv"))
			bits_add(&f.wrong[row_of(c.op, c.relation, c.capset)], c.mode);
	ck_assert_int_eq(find(), 1);
	ck_assert_str_eq(text, "every cell where operation=msgrcv, and the mode has 0040");
}
END_TEST

START_TEST(one_cell_is_a_rule)
{
	struct cell c;

	for (c.op = 0; !named(c.op, "shmctl_IPC_SET"); c.op++)
		;
	bits_add(&f.wrong[row_of(c.op, relation("owner"), 0)], 0640);
	ck_assert_int_eq(find(), 1);
	ck_assert_uint_eq(rule[0].cells, 1);
	ck_assert_ptr_nonnull(strstr(text, "operation=shmctl_IPC_SET, and as=owner, and caps=none"));
}
END_TEST

START_TEST(two_faults_are_two_rules)
{
	struct cell c;

	EACH_CELL(c)
		if (cell_exists(c.op, c.relation, c.capset)
		    && (named(c.op, "semctl_GETVAL")
			|| (c.relation == relation("stranger") && c.mode & 0001)))
			bits_add(&f.wrong[row_of(c.op, c.relation, c.capset)], c.mode);
	ck_assert_int_eq(find(), 2);
	ck_assert_uint_eq(left, 0);
}
END_TEST

START_TEST(noise_is_left_rather_than_lied_about)
{
	struct cell c;
	unsigned seed = 1;

	EACH_CELL(c) {
		seed = seed * 1103515245 + 12345;
		if (cell_exists(c.op, c.relation, c.capset) && seed >> 16 & 1)
			bits_add(&f.wrong[row_of(c.op, c.relation, c.capset)], c.mode);
	}
	find();
	ck_assert_uint_gt(left, 0);
}
END_TEST

START_TEST(the_model_says_which_digit_decides)
{
	static const struct { const char *relation; int ipc, file; } by[] = {
		{ "owner", BY_OWNER, BY_OWNER }, { "owner-and-creator", BY_OWNER, BY_OWNER },
		{ "creator", BY_OWNER, BY_OTHER }, { "group", BY_GROUP, BY_GROUP },
		{ "creator-group", BY_GROUP, BY_OTHER }, { "both-groups", BY_GROUP, BY_GROUP },
		{ "group-by-egid", BY_OTHER, BY_OTHER }, { "owner-by-fsuid", BY_OTHER, BY_OWNER },
	};

	for (size_t i = 0; i < sizeof(by) / sizeof(*by); i++)
		for (enum cellkind k = 0; k < NCELLKINDS; k++) {
			const int r = relation(by[i].relation);
			const bool creates = !strncmp(by[i].relation, "creator", 7);

			if ((k == CELLS_POSIX_MQ && creates) || k == CELLS_DIR_EMPTY)
				continue;
			ck_assert_msg(f.digit[k][r] == (is_file(k) ? by[i].file : by[i].ipc), "%s of %s",
				      by[i].relation, cellkindinfo[k].name);
		}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("matrix_rule");
	TCase *t = tcase_create("matrix_rule");

	tcase_set_timeout(t, 120);
	tcase_add_unchecked_fixture(t, fresh, drop);	/* each test has a copy of its own */
	tcase_add_test(t, where_nothing_is_wrong_there_is_no_rule);
	tcase_add_test(t, a_relation_is_one_rule);
	tcase_add_test(t, a_bit_of_the_mode_is_one_rule);
	tcase_add_test(t, one_cell_is_a_rule);
	tcase_add_test(t, two_faults_are_two_rules);
	tcase_add_test(t, noise_is_left_rather_than_lied_about);
	tcase_add_test(t, the_model_says_which_digit_decides);
	suite_add_tcase(s, t);
	return run_suite(s);
}
