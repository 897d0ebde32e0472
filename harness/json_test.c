#include <check.h>
#include <stdlib.h>

#include "json.h"
#include "suite_test.h"

static struct json j;

static void fresh(void)
{
	j = (struct json){ 0 };
}

static void drop(void)
{
	json_free(&j);
}

START_TEST(members_are_parted_by_commas_at_every_level)
{
	json_object(&j, NULL);
	json_number(&j, "a", -1);
	json_array(&j, "b");
	json_bool(&j, NULL, true);
	json_object(&j, NULL);
	json_end(&j, '}');
	json_end(&j, ']');
	json_string(&j, "c", NULL);
	json_end(&j, '}');
	ck_assert_str_eq(j.buf, "{\"a\":-1,\"b\":[true,{}],\"c\":null}");
}
END_TEST

START_TEST(quotes_backslashes_and_control_characters_are_escaped)
{
	json_string(&j, NULL, "\"\\\n\x01\x7f/");
	ck_assert_str_eq(j.buf, "\"\\\"\\\\\\u000a\\u0001\\u007f/\"");
}
END_TEST

START_TEST(utf8_passes_and_what_is_not_utf8_is_replaced)
{
	json_string(&j, NULL, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
	ck_assert_str_eq(j.buf, "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
	json_clear(&j);
	json_string(&j, NULL, "a\xff" "b\xc3(\xe0\x80\x80\xed\xa0\x80\xf4\x90\x80\x80");
	ck_assert_str_eq(j.buf, "\"a\\ufffdb\\ufffd(\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd"
			 "\\ufffd\\ufffd\\ufffd\\ufffd\"");
}
END_TEST

START_TEST(numbers_reach_both_ends)
{
	json_array(&j, NULL);
	json_number(&j, NULL, INT64_MIN);
	json_number(&j, NULL, INT64_MAX);
	json_unsigned(&j, NULL, UINT64_MAX);
	json_end(&j, ']');
	ck_assert_str_eq(j.buf, "[-9223372036854775808,9223372036854775807,18446744073709551615]");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("json");
	TCase *t = tcase_create("json");

	tcase_add_checked_fixture(t, fresh, drop);
	tcase_add_test(t, members_are_parted_by_commas_at_every_level);
	tcase_add_test(t, quotes_backslashes_and_control_characters_are_escaped);
	tcase_add_test(t, utf8_passes_and_what_is_not_utf8_is_replaced);
	tcase_add_test(t, numbers_reach_both_ends);
	suite_add_tcase(s, t);
	return run_suite(s);
}
