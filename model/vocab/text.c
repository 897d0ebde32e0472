#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

/* ---- reading: errors ------------------------------------------------------------------------ */

bool scan_fail(struct scan *s, size_t pos, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->err, sizeof(s->err), fmt, ap);
	va_end(ap);
	s->errpos = pos;
	return false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool starts_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool in_word(char c)
{
	return starts_word(c) || is_digit(c);
}

static size_t word_length(const char *p)
{
	size_t n = 0;

	while (in_word(p[n]))
		n++;
	return n;
}

/* Bytes of the character at p, so that an error never shows half of one. */
static size_t char_length(const char *p)
{
	size_t n = 1;

	while (((unsigned char)p[n] & 0xc0) == 0x80)
		n++;
	return n;
}

bool scan_unexpected(struct scan *s, size_t pos, const char *expected)
{
	const char *p = s->text + pos;
	size_t sign = *p == '-' || *p == '+';
	size_t len = sign + word_length(p + sign);
	const int longest = 40;

	if (!*p)
		return scan_fail(s, pos, "found the end of the line, expected %s", expected);
	if (*p == '"')
		return scan_fail(s, pos, "found a string, expected %s", expected);
	if (!len)
		len = char_length(p);
	if (len > (size_t)longest)
		return scan_fail(s, pos, "found '%.*s...', expected %s", longest, p, expected);
	return scan_fail(s, pos, "found '%.*s', expected %s", (int)len, p, expected);
}

void *scan_alloc(struct scan *s, size_t n)
{
	void *p = arena_alloc(s->arena, n);

	if (!p)
		scan_fail(s, s->pos, "found more than memory is set aside for, expected a smaller case");
	return p;
}

/* ---- reading: words and numbers ------------------------------------------------------------- */

void scan_space(struct scan *s)
{
	while (s->text[s->pos] == ' ' || s->text[s->pos] == '\t')
		s->pos++;
}

bool scan_char(struct scan *s, char c)
{
	scan_space(s);
	if (s->text[s->pos] != c)
		return false;
	s->pos++;
	return true;
}

size_t scan_word(struct scan *s)
{
	scan_space(s);
	return starts_word(s->text[s->pos]) ? word_length(s->text + s->pos) : 0;
}

bool scan_is(struct scan *s, const char *word)
{
	size_t len = scan_word(s);

	if (!len || strlen(word) != len || memcmp(word, s->text + s->pos, len) != 0)
		return false;
	s->pos += len;
	return true;
}

static bool named_number(struct scan *s, int64_t *v)
{
	static const struct { const char *name; int64_t v; } names[] = {
		{ "INT_MIN", INT32_MIN }, { "INT_MAX", INT32_MAX },
		{ "LONG_MIN", INT64_MIN }, { "LONG_MAX", INT64_MAX },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (scan_is(s, names[i].name)) {
			*v = names[i].v;
			return true;
		}
	return false;
}

static int digit_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return INT_MAX;
}

/* The digits of a number without its sign, up to the end of the word. */
static bool magnitude(struct scan *s, size_t start, uint64_t *v)
{
	const char *p = s->text + s->pos;
	unsigned base = p[0] != '0' ? 10 : (p[1] == 'x' || p[1] == 'X') ? 16 : 8;
	size_t len = word_length(p), i = base == 16 ? 2 : 0;

	if (i == len)
		return scan_unexpected(s, start, "a number");
	for (*v = 0; i < len; i++) {
		unsigned d = (unsigned)digit_value(p[i]);

		if (d >= base)
			return scan_fail(s, start, "found '%.*s%s', expected a number with digits of base %u",
					 len > 40 ? 40 : (int)len, p, len > 40 ? "..." : "", base);
		if (*v > (UINT64_MAX - d) / base)
			return scan_unexpected(s, start, "a number of 64 bits");
		*v = *v * base + d;
	}
	s->pos += len;
	return true;
}

bool scan_number(struct scan *s, int64_t *v)
{
	uint64_t size = 0;
	bool minus;
	size_t start;

	scan_space(s);
	start = s->pos;
	if (starts_word(s->text[start]) && named_number(s, v))
		return true;
	minus = s->text[start] == '-';
	s->pos += minus || s->text[start] == '+';
	if (!is_digit(s->text[s->pos]))
		return scan_unexpected(s, start, "a number");
	if (!magnitude(s, start, &size))
		return false;
	if (size > (uint64_t)INT64_MAX + minus)
		return scan_unexpected(s, start, "a number of 64 bits");
	*v = minus && size ? -(int64_t)(size - 1) - 1 : (int64_t)size;
	return true;
}

bool scan_range(struct scan *s, int64_t *v, int64_t lo, int64_t hi)
{
	size_t start;
	char expected[64];

	scan_space(s);
	start = s->pos;
	if (!scan_number(s, v))
		return false;
	if (*v >= lo && *v <= hi)
		return true;
	snprintf(expected, sizeof(expected), "%" PRId64 "..%" PRId64, lo, hi);
	return scan_unexpected(s, start, expected);
}

/* ---- reading: strings ----------------------------------------------------------------------- */

/* What may follow a backslash, and what it then means. */
static const char letters[] = "nt0\\\"", meanings[] = "\n\t\0\\\"";

/* The character that an escape stands for; p moves from behind the backslash past it. -1: no such escape. */
static int escaped(const char **p)
{
	const char *at = **p ? strchr(letters, **p) : NULL;

	if (at) {
		(*p)++;
		return meanings[at - letters];
	}
	if (**p != 'x' || digit_value((*p)[1]) > 15 || digit_value((*p)[2]) > 15)
		return -1;
	*p += 3;
	return digit_value((*p)[-2]) * 16 + digit_value((*p)[-1]);
}

/* Reads up to the closing quote into v, which has room, or is NULL to count only. */
static bool quoted(struct scan *s, unsigned char *v, size_t *len)
{
	const char *p = s->text + s->pos + 1;

	for (*len = 0; *p != '"'; (*len)++) {
		const char *start = p++;
		int c = (unsigned char)*start;

		if (!c)
			return scan_unexpected(s, (size_t)(start - s->text), "a closing quote");
		if (c == '\\' && (c = escaped(&p)) < 0)
			return scan_fail(s, (size_t)(start - s->text), "found '\\%.*s', expected one of "
					 "\\n \\t \\0 \\\\ \\\" \\xHH", *p ? (int)char_length(p) : 0, p);
		if (v)
			v[*len] = (unsigned char)c;
	}
	if (v)
		s->pos = (size_t)(p + 1 - s->text);
	return true;
}

bool scan_string(struct scan *s, const unsigned char **v, size_t *len)
{
	int64_t times = 1;
	size_t one, start;
	unsigned char *text;

	scan_space(s);
	start = s->pos;
	if (s->text[start] != '"')
		return scan_unexpected(s, start, "a string in double quotes");
	if (!quoted(s, NULL, &one))
		return false;
	text = scan_alloc(s, one);
	if (!text)
		return false;
	quoted(s, text, &one);
	start = s->pos + 1;
	if (s->text[s->pos] == '*' && (s->pos++, !scan_range(s, &times, 0, STRINGMAX)))
		return false;
	*len = one * (size_t)times;
	*v = text;
	if (times == 1)
		return true;
	if (*len > STRINGMAX)
		return scan_fail(s, start, "found %zu bytes of text, expected at most %zu", *len, STRINGMAX);
	text = scan_alloc(s, *len);
	for (size_t done = 0, more; text && done < *len; done += more) {
		more = !done ? one : done < *len - done ? done : *len - done;
		memcpy(text + done, done ? text : *v, more);
	}
	*v = text;
	return text;
}

/* ---- writing -------------------------------------------------------------------------------- */

void text_put(struct text *t, const char *s, size_t len)
{
	if (t->len < t->size) {
		size_t room = t->size - t->len - 1;

		memcpy(t->buf + t->len, s, len < room ? len : room);
		t->buf[t->len + (len < room ? len : room)] = '\0';
	}
	t->len += len;
}

void text_puts(struct text *t, const char *s)
{
	text_put(t, s, strlen(s));
}

void text_int(struct text *t, int64_t v)
{
	char digits[24], *p = digits + sizeof(digits);
	uint64_t size = v < 0 ? -(uint64_t)v : (uint64_t)v;

	do
		*--p = (char)('0' + size % 10);
	while (size /= 10);
	if (v < 0)
		*--p = '-';
	text_put(t, p, (size_t)(digits + sizeof(digits) - p));
}

void text_add(struct text *t, const char *fmt, ...)
{
	size_t room = t->len < t->size ? t->size - t->len : 0;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(room ? t->buf + t->len : NULL, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->len += (size_t)n;
}

/* The shortest text that v is a repetition of, if that makes it shorter to write; else len. */
static size_t period(const unsigned char *v, size_t len)
{
	enum { LONGEST = 16 };

	for (size_t p = 1; p <= LONGEST && p + 8 <= len; p++)
		if (len % p == 0 && memcmp(v, v + p, len - p) == 0)
			return p;
	return len;
}

static void put_byte(struct text *t, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	const char *named = memchr(meanings, c, sizeof(meanings) - 1);

	if (named)
		text_put(t, (char[]){ '\\', letters[named - meanings] }, 2);
	else
		text_put(t, (char[]){ '\\', 'x', hex[c >> 4], hex[c & 15] }, 4);
}

static bool plain(unsigned char c)
{
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

void print_bytes(struct text *t, const unsigned char *v, size_t len)
{
	size_t one = period(v, len);

	text_put(t, "\"", 1);
	for (size_t i = 0, run; i < one; i += run) {
		for (run = 0; i + run < one && plain(v[i + run]); run++)
			;
		text_put(t, (const char *)v + i, run);
		if (!run) {
			put_byte(t, v[i]);
			run = 1;
		}
	}
	text_put(t, "\"", 1);
	if (one < len)
		text_add(t, "*%zu", len / one);
}
