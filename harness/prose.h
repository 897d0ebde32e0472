/* Text for people, appended to a buffer that grows. */
#ifndef PROSE_H
#define PROSE_H

#include "json.h"

/* printf-like. */
void prose(struct json *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A name that came from outside: control characters and bytes that are not UTF-8 as \xHH. */
void prose_name(struct json *t, const char *name);
/* A line of the form "  label     text", printf-like. With label "" it continues the one above. */
void prose_line(struct json *t, const char *label, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Lines that end with a newline each, under one label. */
void prose_lines(struct json *t, const char *label, const char *lines);
/* "r-x" */
const char *prose_bits(int bits, char buf[4]);

#endif
