#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "prose.h"

enum { LINE = 4096 };

static void append(struct json *t, const char *fmt, va_list ap)
{
	char line[LINE];
	int n = vsnprintf(line, sizeof(line), fmt, ap);

	json_raw(t, line, n < 0 ? 0 : n < LINE ? (size_t)n : LINE - 1);
}

void prose(struct json *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	append(t, fmt, ap);
	va_end(ap);
}

void prose_name(struct json *t, const char *name)
{
	size_t n;

	for (const char *s = name; *s; s += n) {
		n = json_sequence(s);
		if (n > 1 || (n == 1 && *s != '\\' && (unsigned char)*s >= ' ' && *s != 0x7f)) {
			json_raw(t, s, n);
			continue;
		}
		prose(t, "\\x%02x", (unsigned char)*s);
		n = 1;
	}
}

void prose_line(struct json *t, const char *label, const char *fmt, ...)
{
	va_list ap;

	prose(t, "  %-9s ", label);
	va_start(ap, fmt);
	append(t, fmt, ap);
	va_end(ap);
	json_raw(t, "\n", 1);
}

void prose_lines(struct json *t, const char *label, const char *lines)
{
	for (const char *at = lines, *end; *at; at = *end ? end + 1 : end) {
		end = at + strcspn(at, "\n");
		prose_line(t, at == lines ? label : "", "%.*s", (int)(end - at), at);
	}
}

const char *prose_bits(int bits, char buf[4])
{
	snprintf(buf, 4, "%c%c%c", bits & 4 ? 'r' : '-', bits & 2 ? 'w' : '-', bits & 1 ? 'x' : '-');
	return buf;
}
