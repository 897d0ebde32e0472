#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite_test.h"
#include "tree.h"

static char folder[40], seen[1000], err[400];

static void write_to(const char *path)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fclose(f);
}

static void make_files(void)
{
	snprintf(folder, sizeof(folder), "/tmp/sysvet-tree-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
	ck_assert(!mkdir("b", 0700) && !mkdir("b/bad", 0700) && !mkdir("a", 0700) && !mkdir("none", 0700));
	write_to("c");
	write_to("b/2");
	write_to("b/10");
	write_to("b/bad/1");
	write_to("a/9");
	ck_assert_int_eq(symlink("../a", "b/link"), 0);
	ck_assert_int_eq(symlink("a", "link"), 0);
	*seen = '\0';
}

static void remove_files(void)
{
	char command[100];

	ck_assert_int_eq(chdir("/"), 0);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static bool note(void *ctx, const char *path, bool named)
{
	const char *last = ctx;

	snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%s%s ", path, named ? "!" : "");
	return !last || strcmp(path, last) != 0;
}

START_TEST(files_come_folder_by_folder_in_order_of_name)
{
	ck_assert(tree_walk(".", NULL, note, NULL, err, sizeof(err)));
	ck_assert_str_eq(seen, "./a/9 ./b/10 ./b/2 ./b/bad/1 ./c ");
}
END_TEST

START_TEST(a_folder_that_is_passed_over_is_read_when_it_is_named)
{
	ck_assert(tree_walk("b", "bad", note, NULL, err, sizeof(err)));
	ck_assert_str_eq(seen, "b/10 b/2 ");
	ck_assert(tree_walk("b/bad", "bad", note, NULL, err, sizeof(err)));
	ck_assert_str_eq(seen, "b/10 b/2 b/bad/1 ");
}
END_TEST

START_TEST(a_file_is_told_to_be_named_and_a_link_is_followed_only_then)
{
	ck_assert(tree_walk("c", NULL, note, NULL, err, sizeof(err)));
	ck_assert(tree_walk("link", NULL, note, NULL, err, sizeof(err)));
	ck_assert_str_eq(seen, "c! link/9 ");
}
END_TEST

START_TEST(a_visit_ends_the_walk_and_that_is_no_error)
{
	char last[] = "./b/10";

	ck_assert(!tree_walk(".", NULL, note, last, err, sizeof(err)));
	ck_assert_str_eq(seen, "./a/9 ./b/10 ");
	ck_assert_str_eq(err, "");
}
END_TEST

START_TEST(what_is_not_there_is_an_error_and_an_empty_folder_is_none)
{
	ck_assert(!tree_walk("d", NULL, note, NULL, err, sizeof(err)));
	ck_assert_str_eq(err, "d: found No such file or directory, expected a case file or a folder of them");
	ck_assert(tree_walk("none", NULL, note, NULL, err, sizeof(err)));
	ck_assert_str_eq(seen, "");
}
END_TEST

START_TEST(an_ordinary_program_carries_no_file)
{
	size_t len;

	ck_assert(!tree_inside("cases"));
	ck_assert_ptr_null(tree_text("cases/requirements.tsv", &len));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tree");
	TCase *files = tcase_create("files");

	tcase_add_checked_fixture(files, make_files, remove_files);
	tcase_add_test(files, files_come_folder_by_folder_in_order_of_name);
	tcase_add_test(files, a_folder_that_is_passed_over_is_read_when_it_is_named);
	tcase_add_test(files, a_file_is_told_to_be_named_and_a_link_is_followed_only_then);
	tcase_add_test(files, a_visit_ends_the_walk_and_that_is_no_error);
	tcase_add_test(files, what_is_not_there_is_an_error_and_an_empty_folder_is_none);
	tcase_add_test(files, an_ordinary_program_carries_no_file);
	suite_add_tcase(s, files);
	return run_suite(s);
}
