/* Sizes, numbers and modes as util-linux reads them. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "quantity.h"
#include "suite_test.h"

#define K UINT64_C(1024)

static uint64_t size(const char *text)
{
	uint64_t v = 0, meant;

	ck_assert_msg(!size_read(text, BY_DIGIT, &v, &meant), "%s", text);
	return v;
}

static uint64_t exact(const char *text)
{
	uint64_t v, meant = 0;

	ck_assert_msg(!size_read(text, BY_DIGIT, &v, &meant), "%s", text);
	return meant;
}

static int refused(const char *text)
{
	uint64_t v, meant;

	return size_read(text, BY_DIGIT, &v, &meant);
}

START_TEST(a_unit_multiplies)
{
	static const char *const letters[] = { "K", "M", "G", "T", "P", "E" };
	uint64_t two = 1, ten = 1;
	char text[8];

	for (int i = 0; i < 6; i++) {
		two *= 1024;
		ten *= 1000;
		snprintf(text, sizeof(text), "3%s", letters[i]);
		ck_assert_uint_eq(size(text), 3 * two);
		snprintf(text, sizeof(text), "3%siB", letters[i]);
		ck_assert_uint_eq(size(text), 3 * two);
		snprintf(text, sizeof(text), "3%sB", letters[i]);
		ck_assert_uint_eq(size(text), 3 * ten);
	}
	ck_assert_uint_eq(size("3k"), 3 * K);
	ck_assert_uint_eq(size("0Y"), 0);
	ck_assert_uint_eq(size("0x10K"), 16 * K);
	ck_assert_uint_eq(size(" +010"), 8);
}
END_TEST

START_TEST(the_largest_sizes_are_found_out)
{
	ck_assert_uint_eq(size("18446744073709551615"), UINT64_MAX);
	ck_assert_uint_eq(size("15E"), 15 * (K * K * K * K * K * K));
	ck_assert_uint_eq(size("18014398509481983K"), UINT64_MAX - 1023);
	ck_assert_int_eq(refused("18446744073709551616"), ERANGE);
	ck_assert_int_eq(refused("18014398509481984K"), ERANGE);
	ck_assert_int_eq(refused("18014398509481983.9K"), ERANGE);
	ck_assert_int_eq(refused("16E"), ERANGE);
	ck_assert_int_eq(refused("1Z"), ERANGE);
	ck_assert_int_eq(refused("1YB"), ERANGE);
	ck_assert_int_eq(refused("1.99999999999999999999K"), ERANGE);
	ck_assert_int_eq(refused("0.5Z"), ERANGE);
}
END_TEST

START_TEST(what_is_no_size_is_refused)
{
	static const char *const bad[] = {
		"", " ", "x", "-1", " -1", "K", ".5K", "1.", "1.0", "1.5", "1.5.5K", "1.B", "1B", "1iB", "1X",
		"1Ki", "1KiBs", "1K ", "09", "0x", "1 K", "1..K5",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(refused(bad[i]) == EINVAL, "%s", bad[i]);
}
END_TEST

/* Of each text: what util-linux makes of it, and what it means. */
START_TEST(fractions_are_inexact_and_it_is_known_by_how_much)
{
	static const struct { const char *text; uint64_t counts, means; } fractions[] = {
		{ "1.5M", 1572864, 1572864 }, { "0.5MB", 500000, 500000 }, { "0.7K", 1024, 716 },
		{ "0.4K", 512, 409 }, { "0.25G", 268435455, 268435456 }, { "1.05K", 1075, 1075 },
		{ "0.33333M", 384793, 349521 }, { "1..5M", 1572864, 1572864 }, { "1.0.5M", 1101004, 1101004 },
		{ "1.M", 1048576, 1048576 }, { "1.0K", 1024, 1024 },
		{ "3.000000000000000000001M", 3145728, 3145728 },
		/* a power of ten counts as a whole unit, or as many of them */
		{ "1.10K", 2048, 1126 }, { "1.100M", 2097152, 1153433 }, { "1.010K", 1126, 1034 },
		{ "1.20K", 1228, 1228 }, { "1.11K", 1136, 1136 }, { "1.99K", 2141, 2037 },
		{ "1.23456G", 1325924083, 1325598706 }, { "0.123456789123456789G", 132563937, 132560717 },
	};

	for (size_t i = 0; i < sizeof(fractions) / sizeof(*fractions); i++) {
		ck_assert_uint_eq(size(fractions[i].text), fractions[i].counts);
		ck_assert_uint_eq(exact(fractions[i].text), fractions[i].means);
	}
}
END_TEST

START_TEST(fractions_were_hundreds_of_a_smaller_unit)
{
	static const struct { const char *text; uint64_t counts; } fractions[] = {
		{ "1.5K", 1524 }, { "1.5M", 1560576 }, { "1.25M", 3608576 }, { "1.05K", 1074 },
		{ "1.001K", 1025 },
		{ "1.9M", 1970176 }, { "1.00001M", 1048586 }, { "0.07M", 71680 }, { "1.5KB", 1500 },
		{ "1.10MB", 2000000 }, { "1.0.5M", 1099776 }, { "1.0K", 1024 },
		/* octal */
		{ "0.070M", 573440 }, { "1.010K", 1104 }, { "1.017K", 1174 },
	};
	static const char *const bad[] = { "1.M", "1..5M", "1.018K", "1.0001K", "1.0", "1.5", "1.0x5K" };
	uint64_t v, meant;

	for (size_t i = 0; i < sizeof(fractions) / sizeof(*fractions); i++) {
		ck_assert_int_eq(size_read(fractions[i].text, IN_HUNDREDS, &v, &meant), 0);
		ck_assert_msg(v == fractions[i].counts, "%s: %ju", fractions[i].text, (uintmax_t)v);
		ck_assert_uint_eq(meant, exact(fractions[i].text));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(size_read(bad[i], IN_HUNDREDS, &v, &meant) == EINVAL, "%s", bad[i]);
	ck_assert_int_eq(size_read("0.123456789123456789G", IN_HUNDREDS, &v, &meant), ERANGE);
	ck_assert_int_eq(size_read("1.5K", IN_HUNDREDS, &v, &meant), 0);
	ck_assert_uint_eq(meant, 1536);
}
END_TEST

START_TEST(older_sizes_are_plain)
{
	uint64_t v;

	ck_assert_int_eq(plain_size_read("010", &v), 0);
	ck_assert_uint_eq(v, 10);
	ck_assert_int_eq(plain_size_read("10K", &v), EINVAL);
	ck_assert_int_eq(plain_size_read("-1", &v), EINVAL);
	ck_assert_int_eq(plain_size_read("", &v), EINVAL);
	ck_assert_int_eq(plain_size_read("18446744073709551616", &v), ERANGE);
}
END_TEST

START_TEST(numbers_have_32_bits)
{
	int64_t v;

	ck_assert_int_eq(count_read("2147483647", &v), 0);
	ck_assert_int_eq(v, INT32_MAX);
	ck_assert_int_eq(count_read(" -2147483648", &v), 0);
	ck_assert_int_eq(v, INT32_MIN);
	ck_assert_int_eq(count_read("2147483648", &v), ERANGE);
	ck_assert_int_eq(count_read("-2147483649", &v), ERANGE);
	ck_assert_int_eq(count_read("99999999999999999999", &v), ERANGE);
	ck_assert_int_eq(count_read("0x10", &v), EINVAL);
	ck_assert_int_eq(count_read("", &v), EINVAL);
}
END_TEST

START_TEST(modes_are_octal)
{
	uint64_t v;

	ck_assert_int_eq(mode_read("0640", &v), 0);
	ck_assert_uint_eq(v, 0640);
	ck_assert_int_eq(mode_read("64x", &v), EINVAL);
	ck_assert_uint_eq(v, 064);
	ck_assert_int_eq(mode_read("8", &v), EINVAL);
	ck_assert_int_eq(mode_read("", &v), EINVAL);
	ck_assert_int_eq(mode_read("-1", &v), 0);
	ck_assert_uint_gt(v, 0777);
	ck_assert_int_eq(mode_read("7777777777777777777777777", &v), ERANGE);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("quantity");
	Suite *s = suite_create("quantity");

	tcase_add_test(tc, a_unit_multiplies);
	tcase_add_test(tc, the_largest_sizes_are_found_out);
	tcase_add_test(tc, what_is_no_size_is_refused);
	tcase_add_test(tc, fractions_are_inexact_and_it_is_known_by_how_much);
	tcase_add_test(tc, fractions_were_hundreds_of_a_smaller_unit);
	tcase_add_test(tc, older_sizes_are_plain);
	tcase_add_test(tc, numbers_have_32_bits);
	tcase_add_test(tc, modes_are_octal);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
