#include <string.h>

#include "pattern.h"

/* A pattern of n characters. */
static bool matches(const char *p, size_t n, const char *s)
{
	const char *const end = p + n, *star = NULL, *from = s;

	while (*s) {
		if (p < end && *p == '*') {
			star = p++;
			from = s;
		} else if (p < end && (*p == '?' || *p == *s)) {
			p++;
			s++;
		} else if (star) {
			p = star + 1;
			s = ++from;
		} else {
			return false;
		}
	}
	while (p < end && *p == '*')
		p++;
	return p == end;
}

bool pattern_matches(const char *pattern, const char *s)
{
	return matches(pattern, strlen(pattern), s);
}

bool pattern_list_matches(const char *patterns, const char *s)
{
	for (;;) {
		size_t n = strcspn(patterns, ",");

		if (matches(patterns, n, s))
			return true;
		if (!patterns[n])
			return false;
		patterns += n + 1;
	}
}

bool pattern_may_match(const char *pattern, const char *beginning, size_t n)
{
	const size_t literal = strcspn(pattern, "*?");

	return !strncmp(pattern, beginning, literal < n ? literal : n);
}
