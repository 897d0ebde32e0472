/* Rows of the files below /proc/sysvipc, read by the names of their columns. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

enum { ID = NFIELDS, UNKNOWN };		/* columns that are no field */

/* One blank-separated word of a line; NULL past its last. */
static const char *next_word(const char **at, size_t *len)
{
	const char *word = *at + strspn(*at, " \t");

	*len = strcspn(word, " \t\n");
	*at = word + *len;
	return *len ? word : NULL;
}

static int column_of(const char *word, size_t len)
{
	static const struct { const char *name; int column; } others[] = {
		{ "perms", F_mode }, { "size", F_segsz },
		{ "msqid", ID }, { "semid", ID }, { "shmid", ID },
	};
	int f = field_find(word, len);

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (strlen(others[i].name) == len && !memcmp(others[i].name, word, len))
			return others[i].column;
	return f < 0 ? UNKNOWN : f;
}

static const char *next_line(const char *at)
{
	at += strcspn(at, "\n");
	return *at ? at + 1 : at;
}

void rows_open(struct rows *r, const char *text)
{
	const char *word;
	size_t len;

	for (r->n = 0; r->n < ROWSMAX && (word = next_word(&text, &len)); r->n++)
		r->column[r->n] = column_of(word, len);
	r->at = next_line(text);
}

/* What does not fit in 63 bits is told as the highest value that does. */
static bool number(const char *word, size_t len, int base, int64_t *v)
{
	bool negative = *word == '-';
	unsigned long long n;
	char *end;

	if (!isdigit((unsigned char)word[negative]))
		return false;
	errno = 0;
	n = strtoull(word + negative, &end, base);
	if (errno || end != word + len)
		return false;
	*v = n > INT64_MAX ? INT64_MAX : (int64_t)n;
	*v = negative ? -*v : *v;
	return true;
}

static bool read_row(struct rows *r, int64_t *id, struct record *rec)
{
	const char *word;
	size_t len;
	int64_t v;
	int n = 0;

	*id = -1;
	rec->has = 0;
	for (; (word = next_word(&r->at, &len)); n++) {
		if (n == r->n || !number(word, len, r->column[n] == F_mode ? 8 : 10, &v))
			return false;
		if (r->column[n] == ID)
			*id = v;
		else if (r->column[n] != UNKNOWN)
			put(rec, (enum field)r->column[n], v);
	}
	return n == r->n && *id >= 0;
}

enum row_found rows_next(struct rows *r, int64_t *id, struct record *rec)
{
	bool fits;

	if (!*r->at)
		return ROWS_END;
	fits = read_row(r, id, rec);
	r->at = next_line(r->at);
	return fits ? ROW : MISFIT;
}
