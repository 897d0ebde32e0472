/* Cells: each has one name, is a case that can be read, and patterns select by name. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "matrix.h"
#include "matrix_walk.h"
#include "pattern.h"
#include "script.h"
#include "suite_test.h"

enum { STRIDE = 37 };	/* modes between two that are tried */

static void name_of(const struct cell *c, char buf[200])
{
	struct text t = { buf, 200, 0 };

	buf[0] = '\0';
	cell_name(c, &t);
	ck_assert_uint_lt(t.len, 200);
}

START_TEST(a_name_and_its_cell_are_inverse)
{
	struct cell c, again;
	char name[200], err[300];

	for (c.op = 0; c.op < matrix_nops; c.op++)
		for (c.relation = 0; c.relation < matrix_nrelations; c.relation++)
			for (c.capset = 0; c.capset < matrix_ncapsets; c.capset++)
				for (c.mode = 0; c.mode < MODES; c.mode += STRIDE) {
					name_of(&c, name);
					if (!cell_exists(c.op, c.relation, c.capset)) {
						ck_assert(!cell_find(name, &again, err, sizeof(err)));
						continue;
					}
					ck_assert_msg(cell_find(name, &again, err, sizeof(err)), "%s", err);
					ck_assert_mem_eq(&again, &c, sizeof(c));
				}
}
END_TEST

START_TEST(what_is_no_name_is_refused)
{
	static const char *const bad[] = {
		"", "matrix", "matrix/msg/msgrcv", "matrix/msg/msgrcv[mode=640,as=owner,caps=none]",
		"matrix/msg/msgrcv[mode=1640,as=owner,caps=none]",
		"matrix/msg/msgrcv[mode=0640,as=owner,caps=none",
		"matrix/msg/msgrcv[mode=0640,as=own,caps=none]",
		"matrix/msg/msgrcv[mode=0640,as=owner,caps=]",
		"matrix/sem/msgrcv[mode=0640,as=owner,caps=none]",
		"matrix/msg/msgrcv[mode=0640,as=owner,caps=none,with=zero]",
		"matrix/msg/msgrcv[mode=0640,as=owner,caps=none,with=copy]]",
		"matrix/msg/msgrcv[as=owner,mode=0640,caps=none]",
	};
	struct cell c;
	char err[300];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_msg(!cell_find(bad[i], &c, err, sizeof(err)), "%s", bad[i]);
		ck_assert_ptr_nonnull(strstr(err, "expected "));
	}
}
END_TEST

START_TEST(every_operation_and_relation_makes_a_case)
{
	struct requirements reqs;
	struct cell c;
	char err[1024];

	ck_assert_msg(requirements_load(&reqs, "cases/requirements.tsv", err, sizeof(err)), "%s", err);
	for (c.op = 0; c.op < matrix_nops; c.op++)
		for (c.relation = 0; c.relation < matrix_nrelations; c.relation++) {
			char name[200], path[220], buf[2000] = "";
			struct text t = { buf, sizeof(buf), 0 };
			struct script *sc;

			c.mode = (c.op * STRIDE + c.relation) % MODES;
			c.capset = c.op % 5;
			if (!cell_exists(c.op, c.relation, c.capset))
				c.capset = 0;
			if (!cell_exists(c.op, c.relation, c.capset))
				continue;
			cell_case(&c, &t);
			name_of(&c, name);
			snprintf(path, sizeof(path), "cases/%s.case", name);
			sc = script_read(buf, t.len, path, "cases", &reqs, err, sizeof(err));
			ck_assert_msg(sc, "%s\n%s", err, buf);
			ck_assert_str_eq(sc->name, name);
			script_free(sc);
		}
	requirements_free(&reqs);
}
END_TEST

START_TEST(the_space_is_as_large_as_it_should_be)
{
	struct selection sel;
	size_t cells = 0;

	selection_all(&sel);
	for (int o = 0; o < matrix_nops; o++)
		for (int r = 0; r < matrix_nrelations; r++)
			for (int c = 0; c < matrix_ncapsets; c++)
				cells += cell_exists(o, r, c) ? MODES : 0;
	ck_assert_uint_eq(selection_size(&sel), cells);
	ck_assert_uint_ge(cells, 700000);
	sel.mode[0640] = false;
	ck_assert_uint_eq(selection_size(&sel), cells / MODES * (MODES - 1));
}
END_TEST

START_TEST(the_beginning_of_a_name_may_tell_that_it_cannot_match)
{
	ck_assert(pattern_may_match("sem/a*", "sem", 3));
	ck_assert(pattern_may_match("sem/a*", "sem/abc", 7));
	ck_assert(pattern_may_match("sem/a[n=1]", "sem/a", 5));
	ck_assert(pattern_may_match("*", "sem/a", 5));
	ck_assert(!pattern_may_match("sem/a*", "sem/b", 5));
	ck_assert(!pattern_may_match("sem/a?c", "msg", 3));
}
END_TEST

START_TEST(patterns_match_whole_names)
{
	ck_assert(pattern_matches("group*", "group-by-egid"));
	ck_assert(pattern_matches("*", ""));
	ck_assert(pattern_matches("06?0", "0640"));
	ck_assert(pattern_matches("a*b*c", "axxbyybzzc"));
	ck_assert(!pattern_matches("group", "group-by-egid"));
	ck_assert(!pattern_matches("?", ""));
	ck_assert(pattern_matches("x[mode=*]", "x[mode=0640]"));
	ck_assert(pattern_list_matches("owner,group*", "group-by-egid"));
	ck_assert(pattern_list_matches("owner,group*", "owner"));
	ck_assert(!pattern_list_matches("owner,group", "owner,group"));
	ck_assert(!pattern_list_matches("", "owner"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("matrix");
	TCase *t = tcase_create("matrix");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_name_and_its_cell_are_inverse);
	tcase_add_test(t, what_is_no_name_is_refused);
	tcase_add_test(t, every_operation_and_relation_makes_a_case);
	tcase_add_test(t, the_space_is_as_large_as_it_should_be);
	tcase_add_test(t, the_beginning_of_a_name_may_tell_that_it_cannot_match);
	tcase_add_test(t, patterns_match_whole_names);
	suite_add_tcase(s, t);
	return run_suite(s);
}
