#include <check.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "suite_test.h"
#include "text.h"

static struct arena arena;

static void give_back(void)
{
	arena_free(&arena);
}

static struct scan reading(const char *text)
{
	return (struct scan){ .text = text, .arena = &arena };
}

/* ---- numbers and strings -------------------------------------------------------------------- */

static const struct { const char *text; int64_t v; } numbers[] = {
	{ "0", 0 }, { "42", 42 }, { "-1", -1 }, { "+7", 7 }, { "0640", 0640 }, { "0x1f", 31 }, { "0X1F", 31 },
	{ "-0x1F", -31 },
	{ "9223372036854775807", INT64_MAX }, { "-9223372036854775808", INT64_MIN }, { "-0", 0 },
	{ "INT_MAX", INT32_MAX }, { "INT_MIN", INT32_MIN }, { "LONG_MAX", INT64_MAX },
	{ "LONG_MIN", INT64_MIN },
	{ "0x7fffffffffffffff", INT64_MAX }, { "0777777777777777777777", INT64_MAX }, { "  \t5", 5 },
};

START_TEST(numbers_are_read_in_three_bases)
{
	struct scan s = reading(numbers[_i].text);
	int64_t v;

	ck_assert(scan_number(&s, &v));
	ck_assert_int_eq(v, numbers[_i].v);
	ck_assert_uint_eq(s.pos, strlen(numbers[_i].text));
}
END_TEST

static const struct { const char *text; size_t pos; const char *err; } bad_numbers[] = {
	{ "", 0, "found the end of the line, expected a number" },
	{ " abc", 1, "found 'abc', expected a number" },
	{ "-", 0, "found '-', expected a number" },
	{ "08", 0, "found '08', expected a number with digits of base 8" },
	{ "12ab", 0, "found '12ab', expected a number with digits of base 10" },
	{ "0x", 0, "found '0x', expected a number" },
	{ "0xfg", 0, "found '0xfg', expected a number with digits of base 16" },
	{ "9223372036854775808", 0, "found '9223372036854775808', expected a number of 64 bits" },
	{ "-9223372036854775809", 0, "found '-9223372036854775809', expected a number of 64 bits" },
	{ "18446744073709551616", 0, "found '18446744073709551616', expected a number of 64 bits" },
	{ "12x4567890123456789012345678901234567890x", 0,
	  "found '12x4567890123456789012345678901234567890...', expected a number with digits of base 10" },
	{ "INT_MA", 0, "found 'INT_MA', expected a number" },
	{ "\xc3\xa9", 0, "found '\xc3\xa9', expected a number" },
	{ "\"x\"", 0, "found a string, expected a number" },
	{ "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddX", 0,
	  "found 'aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd...', expected a number" },
};

START_TEST(bad_numbers_are_named)
{
	struct scan s = reading(bad_numbers[_i].text);
	int64_t v;

	ck_assert(!scan_number(&s, &v));
	ck_assert_str_eq(s.err, bad_numbers[_i].err);
	ck_assert_uint_eq(s.errpos, bad_numbers[_i].pos);
}
END_TEST

START_TEST(a_number_has_its_range)
{
	struct scan s = reading("32768");
	int64_t v;

	ck_assert(!scan_range(&s, &v, -32768, 32767));
	ck_assert_str_eq(s.err, "found '32768', expected -32768..32767");
}
END_TEST

static const struct { const char *text, *v; size_t len; const char *printed; } strings[] = {
	{ "\"\"", "", 0, "\"\"" },
	{ "\"a b\"", "a b", 3, "\"a b\"" },
	{ "\"\\n\\t\\0\\\\\\\"\\xfF\"", "\n\t\0\\\"\xff", 6, "\"\\n\\t\\0\\\\\\\"\\xff\"" },
	{ "\"x\"*3", "xxx", 3, "\"xxx\"" },
	{ "\"ab\"*10", "abababababababababab", 20, "\"ab\"*10" },
	{ "\"x\"*0", "", 0, "\"\"" },
	{ "\"\"*5", "", 0, "\"\"" },
	{ "\"\xc3\xa9\"", "\xc3\xa9", 2, "\"\\xc3\\xa9\"" },
};

START_TEST(strings_are_read_and_printed)
{
	struct scan s = reading(strings[_i].text);
	char buf[64];
	struct text t = { buf, sizeof(buf), 0 };
	const unsigned char *v;
	size_t len;

	ck_assert(scan_string(&s, &v, &len));
	ck_assert_uint_eq(len, strings[_i].len);
	ck_assert_mem_eq(v, strings[_i].v, len);
	print_bytes(&t, v, len);
	ck_assert_str_eq(buf, strings[_i].printed);
}
END_TEST

static const struct { const char *text; size_t pos; const char *err; } bad_strings[] = {
	{ "x", 0, "found 'x', expected a string in double quotes" },
	{ "\"abc", 4, "found the end of the line, expected a closing quote" },
	{ "\"a\\q\"", 2, "found '\\q', expected one of \\n \\t \\0 \\\\ \\\" \\xHH" },
	{ "\"\\x4\"", 1, "found '\\x', expected one of \\n \\t \\0 \\\\ \\\" \\xHH" },
	{ "\"\\", 1, "found '\\', expected one of \\n \\t \\0 \\\\ \\\" \\xHH" },
	{ "\"x\"*-1", 4, "found '-1', expected 0..1048576" },
	{ "\"x\"*1048577", 4, "found '1048577', expected 0..1048576" },
	{ "\"xy\"*1048576", 5, "found 2097152 bytes of text, expected at most 1048576" },
};

START_TEST(bad_strings_are_named)
{
	struct scan s = reading(bad_strings[_i].text);
	const unsigned char *v;
	size_t len;

	ck_assert(!scan_string(&s, &v, &len));
	ck_assert_str_eq(s.err, bad_strings[_i].err);
	ck_assert_uint_eq(s.errpos, bad_strings[_i].pos);
}
END_TEST

/* ---- writing -------------------------------------------------------------------------------- */

START_TEST(text_is_cut_short_never_overrun)
{
	char buf[6] = "?????";
	struct text t = { buf, 5, 0 }, none = { NULL, 0, 0 };

	text_puts(&t, "abc");
	text_int(&t, -123);
	ck_assert_str_eq(buf, "abc-");
	text_add(&t, "%d", 45);
	text_puts(&t, "x");
	ck_assert_str_eq(buf, "abc-");
	ck_assert_uint_eq(t.len, 10);
	text_puts(&none, "abc");
	text_add(&none, "%d", 1);
	ck_assert_uint_eq(none.len, 4);
}
END_TEST

START_TEST(extreme_numbers_are_written)
{
	char buf[64];
	struct text t = { buf, sizeof(buf), 0 };

	text_int(&t, INT64_MIN);
	text_puts(&t, " ");
	text_int(&t, INT64_MAX);
	text_puts(&t, " ");
	text_int(&t, 0);
	ck_assert_str_eq(buf, "-9223372036854775808 9223372036854775807 0");
}
END_TEST

/* ---- arenas --------------------------------------------------------------------------------- */

START_TEST(an_arena_gives_zeroed_aligned_memory_apart)
{
	static const unsigned char zeros[3000];
	struct arena a = { 0 };
	int wrong = 0;

	for (size_t n = 0; n < sizeof(zeros); n += 7) {
		unsigned char *p = arena_alloc(&a, n);

		ck_assert_ptr_nonnull(p);
		wrong += (uintptr_t)p % _Alignof(max_align_t) || memcmp(p, zeros, n) != 0;
		memset(p, 0xff, n);
	}
	ck_assert_int_eq(wrong, 0);
	arena_free(&a);
	ck_assert_ptr_null(a.chunks);
}
END_TEST

START_TEST(an_arena_keeps_its_limit)
{
	struct arena a = { .limit = 1000 };

	ck_assert_ptr_nonnull(arena_alloc(&a, 900));
	ck_assert_ptr_null(arena_alloc(&a, 100));
	ck_assert_ptr_nonnull(arena_alloc(&a, 1));
	ck_assert_ptr_null(arena_alloc(&a, SIZE_MAX));
	arena_free(&a);
	ck_assert_ptr_nonnull(arena_alloc(&a, 900));
	arena_free(&a);
}
END_TEST

static const char *add_text(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static const char *add_text(struct arena *a, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = arena_text(a, fmt, ap);
	va_end(ap);
	return text;
}

START_TEST(a_text_for_which_there_is_no_room_is_empty)
{
	struct arena a = { .limit = 2 * sizeof(max_align_t) };

	ck_assert_str_eq(add_text(&a, "%s %d", "seven", 7), "seven 7");
	ck_assert_str_eq(add_text(&a, "%99d", 7), "");
	ck_assert_str_eq(add_text(&a, "%d", 8), "8");
	arena_free(&a);
}
END_TEST

static bool refuse;
void *__wrap_calloc(size_t n, size_t size);
void *__real_calloc(size_t n, size_t size);

void *__wrap_calloc(size_t n, size_t size)
{
	return refuse ? NULL : __real_calloc(n, size);
}

START_TEST(an_arena_has_nothing_where_memory_runs_out)
{
	struct arena a = { 0 };
	void *more;

	ck_assert_ptr_nonnull(arena_alloc(&a, 1));
	refuse = true;
	more = arena_alloc(&a, 5000);
	refuse = false;
	ck_assert_ptr_null(more);
	ck_assert_ptr_nonnull(arena_alloc(&a, 5000));
	arena_free(&a);
}
END_TEST

#define EACH(tc, test, table) tcase_add_loop_test(tc, test, 0, (int)(sizeof(table) / sizeof(*(table))))

int main(void)
{
	Suite *suite = suite_create("text");
	TCase *tc = tcase_create("text");

	tcase_add_checked_fixture(tc, NULL, give_back);
	EACH(tc, numbers_are_read_in_three_bases, numbers);
	EACH(tc, bad_numbers_are_named, bad_numbers);
	tcase_add_test(tc, a_number_has_its_range);
	EACH(tc, strings_are_read_and_printed, strings);
	EACH(tc, bad_strings_are_named, bad_strings);
	tcase_add_test(tc, text_is_cut_short_never_overrun);
	tcase_add_test(tc, extreme_numbers_are_written);
	tcase_add_test(tc, an_arena_gives_zeroed_aligned_memory_apart);
	tcase_add_test(tc, an_arena_keeps_its_limit);
	tcase_add_test(tc, an_arena_has_nothing_where_memory_runs_out);
	tcase_add_test(tc, a_text_for_which_there_is_no_room_is_empty);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
