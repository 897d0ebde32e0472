#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

void json_free(struct json *j)
{
	free(j->buf);
	*j = (struct json){ 0 };
}

void json_clear(struct json *j)
{
	j->len = 0;
	j->failed = j->comma = false;
}

void json_raw(struct json *j, const char *text, size_t n)
{
	size_t want = j->cap ? j->cap : 1024;
	char *grown;

	while (want < j->len + n + 1)
		want *= 2;
	if (!j->failed && want > j->cap) {
		grown = realloc(j->buf, want);
		j->failed = !grown;
		j->buf = grown ? grown : j->buf;
		j->cap = grown ? want : j->cap;
	}
	if (j->failed)
		return;
	memcpy(j->buf + j->len, text, n);
	j->len += n;
	j->buf[j->len] = '\0';
}

size_t json_sequence(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n = s[0] < 0x80 ? 1
		: s[0] < 0xc2  ? 0
		: s[0] < 0xe0  ? 2
		: s[0] < 0xf0  ? 3
		: s[0] < 0xf5  ? 4
			       : 0;

	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f)
	    || (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

static void quoted(struct json *j, const char *value)
{
	const unsigned char *s = (const unsigned char *)value;
	char code[8];

	json_raw(j, "\"", 1);
	while (*s) {
		size_t n = json_sequence((const char *)s);

		if (*s == '"' || *s == '\\') {
			snprintf(code, sizeof(code), "\\%c", *s);
			json_raw(j, code, 2);
		} else if (*s < 0x20 || *s == 0x7f) {
			snprintf(code, sizeof(code), "\\u%04x", *s);
			json_raw(j, code, 6);
		} else if (n) {
			json_raw(j, (const char *)s, n);
		} else {
			json_raw(j, "\\ufffd", 6);
		}
		s += n ? n : 1;
	}
	json_raw(j, "\"", 1);
}

static void lead(struct json *j, const char *key)
{
	if (j->comma)
		json_raw(j, ",", 1);
	if (key) {
		quoted(j, key);
		json_raw(j, ":", 1);
	}
	j->comma = true;
}

void json_object(struct json *j, const char *key)
{
	lead(j, key);
	json_raw(j, "{", 1);
	j->comma = false;
}

void json_array(struct json *j, const char *key)
{
	lead(j, key);
	json_raw(j, "[", 1);
	j->comma = false;
}

void json_end(struct json *j, char closer)
{
	json_raw(j, &closer, 1);
	j->comma = true;
}

void json_string(struct json *j, const char *key, const char *value)
{
	lead(j, key);
	if (value)
		quoted(j, value);
	else
		json_raw(j, "null", 4);
}

void json_strings(struct json *j, const char *key, const char *const *values, size_t n)
{
	json_array(j, key);
	for (size_t i = 0; i < n; i++)
		json_string(j, NULL, values[i]);
	json_end(j, ']');
}

void json_number(struct json *j, const char *key, int64_t value)
{
	char text[24];

	lead(j, key);
	snprintf(text, sizeof(text), "%" PRId64, value);
	json_raw(j, text, strlen(text));
}

void json_unsigned(struct json *j, const char *key, uint64_t value)
{
	char text[24];

	lead(j, key);
	snprintf(text, sizeof(text), "%" PRIu64, value);
	json_raw(j, text, strlen(text));
}

void json_bool(struct json *j, const char *key, bool value)
{
	lead(j, key);
	json_raw(j, value ? "true" : "false", value ? 4 : 5);
}
