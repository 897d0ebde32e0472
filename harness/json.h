/* JSON as text, appended to a buffer that grows. */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero: empty. After an allocation failed, failed is set and nothing more is appended. */
struct json {
	char *buf;
	size_t len, cap;
	bool failed;
	bool comma;		/* a value has been written at this level: the next needs a comma */
};

void json_free(struct json *j);
void json_clear(struct json *j);		/* empties, keeps the memory */
/* key is NULL inside an array. */
void json_object(struct json *j, const char *key);
void json_array(struct json *j, const char *key);
void json_end(struct json *j, char closer);	/* '}' or ']' */
void json_string(struct json *j, const char *key,
		 const char *value); /* NULL gives null; bytes that are not UTF-8 become U+FFFD */
/* An array of n strings. */
void json_strings(struct json *j, const char *key, const char *const *values, size_t n);
void json_number(struct json *j, const char *key, int64_t value);
void json_unsigned(struct json *j, const char *key, uint64_t value);
void json_bool(struct json *j, const char *key, bool value);
/* Length of the UTF-8 sequence at s, or 0 when it is not one. Surrogates and overlong forms are not. */
size_t json_sequence(const char *s);
void json_raw(struct json *j, const char *text, size_t n);

#endif
