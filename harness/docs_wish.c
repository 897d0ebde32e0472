/* What must come of a command, and what came of it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "docs.h"
#include "pattern.h"
#include "prose.h"
#include "source.h"

/* What a wish can be about: a text that a pattern matches, or a number. */
enum { STATUS, OUT, ERR, FILES, MSGS, SEMS, SHMS, FIELD, ID, NOTHING };
static const struct { const char *name; int what; enum field field; } wishes[] = {
	{ "status", STATUS, 0 }, { "stdout", OUT, 0 }, { "stderr", ERR, 0 }, { "files", FILES, 0 },
	{ "msg", MSGS, 0 }, { "sem", SEMS, 0 }, { "shm", SHMS, 0 }, { "id", ID, 0 },
	{ "key", FIELD, F_key }, { "mode", FIELD, F_mode }, { "size", FIELD, F_segsz },
	{ "nsems", FIELD, F_nsems }, { "uid", FIELD, F_uid }, { "gid", FIELD, F_gid },
	{ "cuid", FIELD, F_cuid }, { "cgid", FIELD, F_cgid },
};
enum { NWISHES = sizeof(wishes) / sizeof(*wishes) };

/* ---- reading ------------------------------------------------------------------------------------- */

static int wish_of(const char *name, size_t len)
{
	for (int i = 0; i < NWISHES; i++)
		if (strlen(wishes[i].name) == len && !strncmp(wishes[i].name, name, len))
			return i;
	return -1;
}

static bool is_text(int wish)
{
	return wishes[wish].what == OUT || wishes[wish].what == ERR || wishes[wish].what == FILES;
}

/* A number, or "nonzero". */
static bool number(const char *value, int64_t *v)
{
	char *end;

	errno = 0;
	*v = strtoll(value, &end, 0);
	return !errno && end > value && !*end;
}

/* The value at s up to a blank, or between quotes. */
static const char *read_value(const char **s, struct arena *a)
{
	bool quoted = **s == '"';
	size_t len = strcspn(*s + quoted, quoted ? "\"" : " \t");
	char *value = arena_alloc(a, len + 1);

	if (value)
		memcpy(value, *s + quoted, len);
	*s += quoted + len;
	*s += quoted && **s == '"';
	return value;
}

static bool read_wish(const char **s, struct wish *w, struct arena *a)
{
	size_t len = strcspn(*s, "= \t");
	int64_t v;

	w->what = wish_of(*s, len);
	if (w->what < 0 || (*s)[len] != '=')
		return false;
	*s += len + 1;
	w->value = read_value(s, a);
	return w->value && (is_text(w->what) || !strcmp(w->value, "nonzero") || number(w->value, &v));
}

bool wishes_read(struct command *c, const char *text, size_t at, struct arena *a, struct problem *p)
{
	const char *s = text, *begin;

	c->wish = arena_alloc(a, (strlen(text) / 2 + 1) * sizeof(*c->wish));
	if (!c->wish)
		return problem(p, at, "found no memory, expected some");
	for (s += strspn(s, " \t"); *s; s += strspn(s, " \t")) {
		begin = s;
		if (!read_wish(&s, &c->wish[c->nwishes++], a))
			return problem(p, at, "found '%.60s', expected status=, stdout=, stderr=, "
				       "files=, msg=, sem=, shm=, id=, key=, mode=, size=, nsems=, uid=, "
				       "gid=, cuid= or cgid=, with a pattern or number", begin);
	}
	return c->nwishes || problem(p, at, "found nothing, expected what must come of the command");
}

/* ---- judging ------------------------------------------------------------------------------------- */

/* The only object that was made, or the newest of those that have the field. */
static bool field_of(const struct aftermath *after, enum field f, int64_t *v)
{
	for (int k = 0; k < 3; k++)
		if (after->objects[k] && after->last[k].rec.has & BIT(f)) {
			*v = after->last[k].rec.v[f];
			return true;
		}
	return false;
}

static bool id_of(const struct aftermath *after, int64_t *v)
{
	for (int k = 0; k < 3; k++)
		if (after->objects[k]) {
			*v = after->last[k].id;
			return true;
		}
	return false;
}

static bool number_of_after(const struct aftermath *after, int wish, int64_t *v)
{
	switch (wishes[wish].what) {
	case STATUS: *v = after->status; return true;
	case MSGS: *v = after->objects[MSG]; return true;
	case SEMS: *v = after->objects[SEM]; return true;
	case SHMS: *v = after->objects[SHM]; return true;
	case ID: return id_of(after, v);
	default: return field_of(after, wishes[wish].field, v);
	}
}

static const char *text_of_after(const struct aftermath *after, int wish)
{
	return wishes[wish].what == OUT ? after->out : wishes[wish].what == ERR ? after->err : after->files;
}

static bool met(const struct wish *w, const struct aftermath *after)
{
	int64_t is, wanted = 0;

	if (is_text(w->what))
		return pattern_matches(w->value, text_of_after(after, w->what));
	if (!number_of_after(after, w->what, &is))
		return false;
	if (number(w->value, &wanted))
		return wishes[w->what].field == F_key && wishes[w->what].what == FIELD
			? (int32_t)is == (int32_t)wanted : is == wanted;
	return is != 0;
}

bool wishes_met(const struct command *c, const struct aftermath *after, char *why, size_t size)
{
	for (int i = 0; i < c->nwishes; i++) {
		const struct wish *w = &c->wish[i];

		if (met(w, after))
			continue;
		snprintf(why, size, "%s=%s", wishes[w->what].name, w->value);
		return false;
	}
	return true;
}

static bool wants(const struct command *c, int what)
{
	int64_t wanted;

	for (int i = 0; i < c->nwishes; i++)
		if (!is_text(c->wish[i].what) && number(c->wish[i].value, &wanted)
		    && wishes[c->wish[i].what].what == what)
			return what == STATUS ? !wanted : wanted;
	return false;
}

bool wishes_refused(const struct command *c, const struct aftermath *after)
{
	const bool made = after->objects[MSG] || after->objects[SEM] || after->objects[SHM] || *after->files;

	if (wants(c, STATUS) && after->status)
		return true;
	return !made && (wants(c, MSGS) || wants(c, SEMS) || wants(c, SHMS));
}

/* ---- printing ------------------------------------------------------------------------------------ */

/* Keys are random. */
static void print_object(struct json *t, const struct aftermath *after, enum family f)
{
	static const char *const words[] = { [MSG] = "queue", [SEM] = "set", [SHM] = "segment" };
	const struct record *rec = &after->last[f].rec;
	int n = after->objects[f];

	prose(t, "%d %s%s (id %lld, key %s, mode %04llo", n, words[f], n == 1 ? "" : "s",
	      (long long)after->last[f].id, rec->v[F_key] ? "not 0" : "0", (long long)rec->v[F_mode]);
	if (f == SEM)
		prose(t, ", %lld semaphores", (long long)rec->v[F_nsems]);
	if (f == SHM)
		prose(t, ", %lld bytes", (long long)rec->v[F_segsz]);
	prose(t, ")");
}

/* The first line with something on it, and whether there are more. */
static void print_text(struct json *t, const char *label, const char *text)
{
	char line[200];
	size_t len;

	text += strspn(text, "\n");
	len = strcspn(text, "\n");
	if (!len)
		return;
	snprintf(line, sizeof(line), "%.*s", (int)len, text);
	prose(t, "; %s: ", label);
	prose_name(t, line);
	if (text[len] && text[len + 1])
		prose(t, " ...");
}

void aftermath_print(struct json *t, const struct aftermath *after)
{
	static const enum family order[] = { MSG, SEM, SHM };
	const char *sep = "; there is ";

	if (after->status == 128 + SIGALRM)
		prose(t, "no end within %d s", PROGRAM_SECONDS);
	else
		prose(t, "exit %d", after->status);
	print_text(t, "stdout", after->out);
	print_text(t, "stderr", after->err);
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		if (!after->objects[order[i]])
			continue;
		prose(t, "%s", sep);
		print_object(t, after, order[i]);
		sep = ", ";
	}
	if (*after->files)
		prose(t, "; files: %s", after->files);
	if (*sep == ';' && !*after->files)
		prose(t, "; there is no object");
}
