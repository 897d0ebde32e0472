/* Patterns for names. */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/* Does the whole of s match? Brackets are part of names, so only * and ? have a meaning. */
bool pattern_matches(const char *pattern, const char *s);
/* The same for one of several patterns, with commas between. */
bool pattern_list_matches(const char *patterns, const char *s);
/* May a text match that begins with these n characters? Only what stands before the first * or ? decides. */
bool pattern_may_match(const char *pattern, const char *beginning, size_t n);

#endif
