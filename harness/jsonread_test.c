/* JSON read back: what is taken, what is refused, and where. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "jsonread.h"
#include "suite_test.h"

static struct arena arena;
static struct problem p;

static void drop(void)
{
	arena_free(&arena);
}

static const struct value_read *read_text(const char *text)
{
	return json_read(text, &arena, &p);
}

START_TEST(values_are_read)
{
	const struct value_read *v = read_text(" {\"a\" : [1, -2,true , null,\"x\"], \"b\":{}, \"c\":[]}\n");

	ck_assert_ptr_nonnull(v);
	ck_assert_int_eq(v->type, J_OBJECT);
	ck_assert_uint_eq(v->n, 3);
	v = json_member(v, "a");
	ck_assert_uint_eq(v->n, 5);
	ck_assert_int_eq(v->first->number, 1);
	ck_assert_int_eq(v->first->next->number, -2);
	ck_assert_int_eq(v->first->next->next->type, J_BOOL);
	ck_assert_ptr_null(json_member(v, "a"));
	ck_assert_int_eq(read_text("9223372036854775807")->number, INT64_MAX);
	ck_assert_int_eq(read_text("-9223372036854775808")->number, INT64_MIN);
}
END_TEST

START_TEST(strings_are_what_was_written)
{
	static const char *const all[] = { "", "plain", "\"\\/",
					   "\n\t\r\b\f\x01\x1f\x7f", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" };
	struct json j = { 0 };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		json_clear(&j);
		json_string(&j, NULL, all[i]);
		ck_assert_msg(read_text(j.buf) && !strcmp(read_text(j.buf)->string, all[i]), "%s", j.buf);
	}
	json_free(&j);
	ck_assert_str_eq(read_text("\"\\u00e4\\u20ac\\ud83d\\ude00\"")->string,
			 "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
}
END_TEST

START_TEST(what_is_no_json_is_refused_where_it_stands)
{
	static const struct { const char *text; size_t at; } bad[] = {
		{ "", 0 }, { "{", 1 }, { "[1,]", 3 }, { "[1 2]", 3 }, { "{\"a\"}", 4 }, { "{a:1}", 1 },
		{ "1.5", 0 }, { "1e3", 0 }, { "9223372036854775808", 0 }, { "-", 0 }, { "1-1", 0 },
		{ "truth", 0 }, { "\"a", 2 }, { "\"\\x\"", 2 }, { "\"\\u12g4\"", 3 }, { "\"\\u0000\"", 7 },
		{ "\"\\ud800\"", 7 }, { "\"\\ud800\\u0041\"", 13 }, { "\"\\udc00\"", 7 }, { "\"\x01\"", 1 },
		{ "\"\xff\"", 1 }, { "\"\xc3\"", 1 }, { "{\"a\":1,\"a\":2}", 10 }, { "1 1", 2 }, { "nul", 0 },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_msg(!read_text(bad[i].text), "%s", bad[i].text);
		ck_assert_msg(p.at == bad[i].at, "%s: at %zu: %s", bad[i].text, p.at, p.text);
		ck_assert_ptr_nonnull(strstr(p.text, "expected"));
	}
}
END_TEST

START_TEST(depth_and_members_have_a_limit)
{
	char deep[200], wide[5000] = "{";
	size_t len = 1;

	memset(deep, '[', 100);
	memset(deep + 100, ']', 100);
	deep[199] = '\0';
	ck_assert_ptr_null(read_text(deep));
	for (int i = 0; i < 300; i++)
		len += (size_t)snprintf(wide + len, sizeof(wide) - len, "%s\"%d\":0", i ? "," : "", i);
	snprintf(wide + len, sizeof(wide) - len, "}");
	ck_assert_ptr_null(read_text(wide));
}
END_TEST

START_TEST(a_member_that_is_needed_is_missed_by_name)
{
	const struct value_read *v = read_text("{\"a\":1}");

	ck_assert_ptr_nonnull(json_need(v, "a", J_NUMBER, &p));
	ck_assert_ptr_null(json_need(v, "a", J_STRING, &p));
	ck_assert_str_eq(p.text, "found another value of 'a', expected a string");
	ck_assert_ptr_null(json_need(v, "b", J_ARRAY, &p));
	ck_assert_str_eq(p.text, "found no member 'b', expected it to be an array");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("jsonread");
	TCase *tc = tcase_create("jsonread");

	tcase_add_checked_fixture(tc, NULL, drop);
	tcase_add_test(tc, values_are_read);
	tcase_add_test(tc, strings_are_what_was_written);
	tcase_add_test(tc, what_is_no_json_is_refused_where_it_stands);
	tcase_add_test(tc, depth_and_members_have_a_limit);
	tcase_add_test(tc, a_member_that_is_needed_is_missed_by_name);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
