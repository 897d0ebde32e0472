#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source.h"
#include "tree.h"

/* ---- problems ------------------------------------------------------------------------------- */

bool problem(struct problem *p, size_t at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->text, sizeof(p->text), fmt, ap);
	va_end(ap);
	p->at = at;
	return false;
}

int line_of(const char *text, size_t at)
{
	int line = 1;

	for (size_t i = 0; i < at; i++)
		line += text[i] == '\n';
	return line;
}

void problem_print(const struct problem *p, const char *file, const char *text, char *err, size_t errsize)
{
	int column = 1;

	for (size_t i = p->at; i > 0 && text[i - 1] != '\n'; i--)
		column += (text[i - 1] & 0xc0) != 0x80;
	snprintf(err, errsize, "%s:%d:%d: %s", file, line_of(text, p->at), column, p->text);
}

/* ---- files ---------------------------------------------------------------------------------- */

/* Everything that can be read from fd, up to max bytes and one more. */
static bool read_all(int fd, char *text, size_t max, size_t *len)
{
	ssize_t n;

	for (*len = 0; *len <= max; *len += (size_t)n) {
		n = read(fd, text + *len, max + 1 - *len);
		if (n < 0)
			return false;
		if (n == 0)
			break;
	}
	return true;
}

static char *read_open(int fd, size_t max, struct arena *a, size_t *len, struct problem *p)
{
	struct stat st;
	char *text;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		problem(p, 0, "found no regular file, expected text");
		return NULL;
	}
	if (st.st_size > (off_t)max) {
		problem(p, 0, "found %lld bytes, expected at most %zu", (long long)st.st_size, max);
		return NULL;
	}
	text = arena_alloc(a, (size_t)st.st_size + 2);
	if (!text || !read_all(fd, text, (size_t)st.st_size, len)) {
		problem(p, 0, "found a file that cannot be read, expected text");
		return NULL;
	}
	text[*len] = '\0';
	return text;
}

/* A file that the program carries. */
static char *read_inside(const char *path, size_t max, struct arena *a, size_t *len, struct problem *p)
{
	const char *inside = tree_text(path, len);
	char *text = inside && *len <= max ? arena_alloc(a, *len + 1) : NULL;

	if (text) {
		memcpy(text, inside, *len);
		text[*len] = '\0';
		return text;
	}
	problem(p, 0, inside ? "found no room for the file, expected some"
		: "found no file of that name inside the program, expected text");
	return NULL;
}

static char *read_on_disk(const char *path, size_t max, struct arena *a, size_t *len, struct problem *p)
{
	char *text;
	int fd;

	/* O_NONBLOCK: a pipe with a case's name must not stop the run. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		problem(p, 0, "found no file that can be opened (%s), expected text", strerror(errno));
		return NULL;
	}
	text = read_open(fd, max, a, len, p);
	close(fd);
	return text;
}

char *file_read(const char *path, size_t max, struct arena *a, size_t *len, struct problem *p)
{
	return (tree_inside(path) ? read_inside : read_on_disk)(path, max, a, len, p);
}

char *file_read_named(const char *path, size_t max, struct arena *a, size_t *len, struct problem *p)
{
	char *text;

	if (!tree_inside(path) || !access(path, F_OK))
		return read_on_disk(path, max, a, len, p);
	text = read_inside(path, max, a, len, p);
	if (!text && !tree_text(path, len))
		problem(p, 0, "found no file of that name, neither outside the program nor inside it, "
			"expected text");
	return text;
}

/* ---- characters ----------------------------------------------------------------------------- */

/* Bytes of the well-formed UTF-8 character at p, 0 if there is none; n bytes are left. */
static size_t character(const unsigned char *p, size_t n)
{
	static const struct { unsigned char first, last, low, high; size_t len; } rows[] = {
		{ 0x00, 0x7f, 0, 0, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};	/* second: range of the second byte, which excludes overlong forms and surrogates */

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (*p < rows[i].first || *p > rows[i].last)
			continue;
		if (rows[i].len > n || (rows[i].len > 1 && (p[1] < rows[i].low || p[1] > rows[i].high)))
			return 0;
		for (size_t k = 2; k < rows[i].len; k++)
			if ((p[k] & 0xc0) != 0x80)
				return 0;
		return rows[i].len;
	}
	return 0;
}

bool text_check(const char *text, size_t len, struct problem *p)
{
	size_t start = 0, n;

	for (size_t i = 0; i < len; i += n) {
		unsigned char c = (unsigned char)text[i];

		n = character((const unsigned char *)text + i, len - i);
		if (!n)
			return problem(p, i, "found byte 0x%02x, expected UTF-8 text", c);
		if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f)
			return problem(p, i, "found control character 0x%02x, expected text", c);
		if (c == '\n')
			start = i + 1;
		else if (i + n - start > LINEMAX)
			return problem(p, i, "found a longer line, expected at most %zu bytes", LINEMAX);
	}
	return true;
}

/* ---- lines ---------------------------------------------------------------------------------- */

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Offset of the comment in line [start, end): # first on the line, or after two blanks outside a string. */
static size_t comment(const char *text, size_t start, size_t end)
{
	bool quoted = false, first = true;

	for (size_t i = start; i < end; i++) {
		bool apart = first || (i >= start + 2 && blank(text[i - 1]) && blank(text[i - 2]));

		if (text[i] == '#' && !quoted && apart)
			return i;
		if (text[i] == '\\' && quoted)
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		first = first && blank(text[i]);
	}
	return end;
}

/* What counts of line [*start, *end): no comment, no blanks around it. */
static void strip(const char *text, size_t *start, size_t *end)
{
	*end = comment(text, *start, *end);
	while (*end > *start && blank(text[*end - 1]))
		--*end;
	while (*start < *end && blank(text[*start]))
		++*start;
}

/* A line of the file: characters [first, end) are what counts of it. */
struct physical { int number; size_t start, first, end; };

/* Enters a line; *close is where the last one ended. */
static bool add_line(struct source *src, const struct physical *line, size_t *close, struct problem *p)
{
	bool continues = line->first > line->start, header = src->nlines && src->line[src->nlines - 1].header;
	char c = src->text[line->first];

	if (continues && !header)
		return problem(p, line->first, "found an indented line, expected a header line or a step");
	if (continues)
		memset(src->text + *close, ' ', line->first - *close);
	else
		src->line[src->nlines++] = (struct line){ line->first, line->number, c >= 'a' && c <= 'z' };
	src->text[line->end] = '\0';
	*close = line->end;
	return true;
}

bool source_split(struct source *src, struct arena *a, const char *text, size_t len, struct problem *p)
{
	struct physical line = { 0 };
	size_t close = 0, next;

	*src = (struct source){ .len = len };
	if (len > FILEMAX)
		return problem(p, 0, "found %zu bytes, expected at most %zu", len, FILEMAX);
	if (!text_check(text, len, p))
		return false;
	src->text = arena_alloc(a, len + 1);
	src->line = arena_alloc(a, (size_t)line_of(text, len) * sizeof(*src->line));
	if (!src->text || !src->line)
		return problem(p, 0, "found no memory for the file, expected some");
	memcpy(src->text, text, len);
	for (; line.start < len; line.start = next + 1) {
		const char *newline = memchr(text + line.start, '\n', len - line.start);

		next = newline ? (size_t)(newline - text) : len;
		line = (struct physical){ line.number + 1, line.start, line.start, next };
		strip(text, &line.first, &line.end);
		if (line.first < line.end && !add_line(src, &line, &close, p))
			return false;
	}
	return true;
}
