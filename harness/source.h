/* The text of a case before anybody knows what it means: checked, without comments, in logical lines. */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdarg.h>

#include "arena.h"
#include "text.h"

#define FILEMAX ((size_t)1 << 20)	/* bytes of a file */
#define LINEMAX ((size_t)4096)		/* bytes of a line, also with variables replaced */

/* What is wrong with a text: where, as an offset, and what was found and expected. */
struct problem { size_t at; char text[400]; };
bool problem(struct problem *p, size_t at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

struct line {
	size_t start;			/* offset of its first character */
	int number;			/* from 1 */
	bool header;			/* begins with a small letter; may span several lines of the file */
};

struct source {
	size_t len;
	char *text;			/* as in the file, but no comments, NUL after each logical line */
	size_t nlines;
	struct line *line;
};

/* Reads a regular file of at most max bytes. NULL with the reason in p. NUL-terminated. */
char *file_read(const char *path, size_t max, struct arena *a, size_t *len, struct problem *p);
/* The same for a file that a person names: one on disk goes before one of that name inside the program. */
char *file_read_named(const char *path, size_t max, struct arena *a, size_t *len, struct problem *p);
/* Is it UTF-8 without control characters, in lines of at most LINEMAX bytes? */
bool text_check(const char *text, size_t len, struct problem *p);
/* Checks, copies and splits the text. */
bool source_split(struct source *src, struct arena *a, const char *text, size_t len, struct problem *p);
/* "file:line:column: text"; columns count characters from 1. */
void problem_print(const struct problem *p, const char *file, const char *text, char *err, size_t errsize);
int line_of(const char *text, size_t at);	/* line number of an offset, from 1 */

#endif
