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

/* "": no fraction. */
struct fraction { unsigned zeros; uint64_t digits; const char *text; size_t len; };

/* What one of a unit is in bytes: 0 when it is none, UINT64_MAX when that is too much for 64 bits. */
static uint64_t unit(const char *suffix)
{
	static const char letters[] = "KMGTPEZY", small[] = "kmgtpezy";
	const char *const rest = suffix + 1, *at = NULL;
	uint64_t base = 1024, v = 1;
	long power;

	if (*suffix && (at = strchr(letters, *suffix)))
		power = at - letters;
	else if (*suffix && (at = strchr(small, *suffix)))
		power = at - small;
	if (!at)
		return 0;
	if (!strcmp(rest, "B") || !strcmp(rest, "b"))
		base = 1000;
	else if (*rest && strcmp(rest, "iB") && strcmp(rest, "ib"))
		return 0;
	for (; power >= 0; power--)
		if (__builtin_mul_overflow(v, base, &v))
			return UINT64_MAX;
	return v;
}

/*
 * Points, zeros and then digits. Of several points all but the last may be followed by zeros only, as in
 * 1..5 or 1.0.5, which is 1.05 to util-linux.
 */
static int fraction_read(const char **text, struct fraction *fr)
{
	const char *p = *text;
	int err;

	*fr = (struct fraction){ .text = "" };
	while (*p == '.' && p[1] && !fr->len) {
		for (p++; *p == '0'; p++)
			fr->zeros++;
		if (isdigit((unsigned char)*p)) {
			fr->text = p;
			err = digits_read(p, 10, &fr->digits, text);
			if (err)
				return err;
			fr->len = (size_t)(*text - fr->text);
			p = *text;
		}
		if (!*p)
			return EINVAL;		/* a part of what? */
	}
	*text = p;
	return 0;
}

static uint64_t tenfold(uint64_t v)
{
	return v <= UINT64_MAX / 10 ? v * 10 : 0;
}

/* Each digit of a place is worth unit / (place / digit), with whole quotients. */
static uint64_t inexact(const struct fraction *fr, uint64_t one)
{
	uint64_t place = 1, sum = 0;

	for (size_t i = 0; i < fr->zeros && place; i++)
		place = tenfold(place);
	for (size_t i = 0; i < fr->len && place; i++) {
		const unsigned digit = (unsigned)(fr->text[i] - '0');

		place = tenfold(place);
		if (digit && place)
			sum += one / (place / digit);
	}
	return sum;
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

int size_read(const char *text, uint64_t *v, uint64_t *exact)
{
	uint64_t one, whole;
	struct fraction fr;
	const char *rest;
	int err = negative(text) ? EINVAL : digits_read(text, 0, &whole, &rest);

	if (err)
		return err;
	*v = *exact = whole;
	if (!*rest)
		return 0;
	err = fraction_read(&rest, &fr);
	one = unit(rest);
	if (err || !one)
		return err ? err : EINVAL;
	if (one == UINT64_MAX ? whole > 0 || fr.len : __builtin_mul_overflow(whole, one, &whole))
		return ERANGE;
	if (one == UINT64_MAX)
		one = 0;
	*exact = whole + meant(&fr, one);
	return __builtin_add_overflow(whole, inexact(&fr, one), v) ? ERANGE : 0;
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
