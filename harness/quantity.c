#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "quantity.h"

static bool negative(const char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	return *text == '-';
}

/* Reads digits in a base, up to *end. */
static int digits_read(const char *text, int base, uint64_t *v, const char **end)
{
	char *stop;

	errno = 0;
	*v = strtoull(text, &stop, base);
	*end = stop;
	if (stop == text)
		return EINVAL;
	return errno;
}

/* ---- sizes ------------------------------------------------------------------------------------- */

/* digits 0: no fraction, or nothing but zeros. text: the digits after zeros. */
struct fraction { unsigned zeros; uint64_t digits; const char *text; size_t len; };

/* Which power of which base a suffix stands for; false when it is no unit. */
static bool unit_read(const char *suffix, uint64_t *base, int *power)
{
	static const char letters[] = "KMGTPEZY", small[] = "kmgtpezy";
	const char *const rest = suffix + 1, *at = NULL;

	if (*suffix && (at = strchr(letters, *suffix)))
		*power = (int)(at - letters) + 1;
	else if (*suffix && (at = strchr(small, *suffix)))
		*power = (int)(at - small) + 1;
	if (!at)
		return false;
	*base = strcmp(rest, "B") && strcmp(rest, "b") ? 1024 : 1000;
	return !*rest || *base == 1000 || !strcmp(rest, "iB") || !strcmp(rest, "ib");
}

/* False when 64 bits are too few. */
static bool scale(uint64_t *v, uint64_t base, int power)
{
	for (; power > 0; power--)
		if (__builtin_mul_overflow(*v, base, v))
			return false;
	return true;
}

/*
 * Points, zeros and then digits. Of several points all but the last may be followed by zeros only, as in
 * 1..5 or 1.0.5, which is 1.05 to util-linux. Before 2.34 a zero must follow, and makes octal of digits.
 */
static int fraction_read(const char **text, enum fractions how, struct fraction *fr)
{
	const char *p = *text, *start;
	int err;

	*fr = (struct fraction){ .text = "" };
	while (*p == '.' && p[1] && !fr->digits) {
		start = p + 1;
		p = start + strspn(start, "0");
		fr->zeros += (unsigned)(p - start);
		if (isdigit((unsigned char)*p)) {
			fr->text = p;
			err = digits_read(how == IN_HUNDREDS ? start : p, 0, &fr->digits, &p);
			if (err)
				return err;
			fr->len = (size_t)(p - fr->text);
		} else if (how == IN_HUNDREDS && p == start) {
			return EINVAL;
		}
		if (!*p)
			return EINVAL;		/* a part of what? */
	}
	*text = p;
	return 0;
}

static void tenfold(uint64_t *whole, uint64_t *digits)
{
	if (*whole <= UINT64_MAX / 10)
		*whole *= 10;
	else
		*digits /= 10;
}

/*
 * Each digit of a place is worth one / (place / digit), with whole quotients. A power of ten has a place too
 * few: .10 is a whole one.
 */
static uint64_t by_digit(const struct fraction *fr, uint64_t one)
{
	uint64_t digits = fr->digits, whole = 10, sum = 0;

	while (whole < digits)
		tenfold(&whole, &digits);
	for (unsigned i = 0; i < fr->zeros; i++)
		tenfold(&whole, &digits);
	for (uint64_t place = 1; digits; digits /= 10, place *= 10) {
		const uint64_t digit = digits % 10, share = digit ? whole / place / digit : 0;

		if (share)
			sum += one / share;
	}
	return sum;
}

/* The digits are hundreds of the next smaller unit, however many they are. */
static int in_hundreds(const struct fraction *fr, uint64_t base, int power, uint64_t *sum)
{
	static const uint64_t hundreds[] = { 100, 10, 1 };
	const int smaller = power - (int)(fr->zeros / 3) - 1;

	if (!fr->digits)
		return 0;
	if (smaller < 0)
		return EINVAL;
	if (__builtin_mul_overflow(fr->digits, hundreds[fr->zeros % 3], sum) || !scale(sum, base, smaller))
		return ERANGE;
	return 0;
}

/* From the last digit on: a tenth of the digit's share and of what is to its right. */
static uint64_t meant(const struct fraction *fr, uint64_t one)
{
	uint64_t sum = 0;

	for (size_t i = fr->len; i-- > 0; ) {
		const unsigned digit = (unsigned)(fr->text[i] - '0');

		sum = one / 10 * digit + sum / 10 + (one % 10 * digit + sum % 10) / 10;
	}
	for (unsigned i = 0; i < fr->zeros; i++)
		sum /= 10;
	return sum;
}

/* What follows the whole number. */
static int scaled(const char *rest, enum fractions how, uint64_t whole, uint64_t *v, uint64_t *exact)
{
	uint64_t base, one = 1, part = 0;
	struct fraction fr;
	int power, err = fraction_read(&rest, how, &fr);

	if (err || !unit_read(rest, &base, &power))
		return err ? err : EINVAL;
	if (!scale(&whole, base, power) || (!scale(&one, base, power) && fr.digits))
		return ERANGE;
	err = how == IN_HUNDREDS ? in_hundreds(&fr, base, power, &part) : 0;
	if (how == BY_DIGIT)
		part = by_digit(&fr, one);
	if (err || __builtin_add_overflow(whole, part, v))
		return err ? err : ERANGE;
	return __builtin_add_overflow(whole, meant(&fr, one), exact) ? ERANGE : 0;
}

int size_read(const char *text, enum fractions how, uint64_t *v, uint64_t *exact)
{
	const char *rest;
	int err = negative(text) ? EINVAL : digits_read(text, 0, v, &rest);

	if (err)
		return err;
	*exact = *v;
	return *rest ? scaled(rest, how, *v, v, exact) : 0;
}

int plain_size_read(const char *text, uint64_t *v)
{
	const char *end;
	int err = negative(text) ? EINVAL : digits_read(text, 10, v, &end);

	return err ? err : *end ? EINVAL : 0;
}

/* ---- numbers ----------------------------------------------------------------------------------- */

int count_read(const char *text, int64_t *v)
{
	char *end;

	errno = 0;
	*v = strtoll(text, &end, 10);
	if (end == text)
		return EINVAL;
	if (errno)
		return errno;
	if (*end)
		return EINVAL;
	return *v < INT32_MIN || *v > INT32_MAX ? ERANGE : 0;
}

int mode_read(const char *text, uint64_t *v)
{
	const char *end;
	int err = digits_read(text, 8, v, &end);

	return err ? err : *end ? EINVAL : 0;
}
