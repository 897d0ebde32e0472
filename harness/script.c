#include <stdlib.h>
#include <string.h>

#include "expand.h"
#include "instance.h"
#include "script.h"

/* ---- header lines --------------------------------------------------------------------------- */

/* A file while it is read. */
struct loader {
	struct script *sc;
	struct code *code;
	const struct requirements *reqs;
	struct problem *p;
	bool seen[8];			/* the keywords that were met, by their row in headers[] */
};

/* Reads what follows the keyword, which s is behind. */
typedef bool header_reader(struct loader *l, struct scan *s, const struct line *line);

static bool header_problem(struct loader *l, const struct scan *s, const struct line *line)
{
	return problem(l->p, line->start + s->errpos, "%s", s->err);
}

static bool unexpected(struct loader *l, struct scan *s, const struct line *line, const char *expected)
{
	scan_unexpected(s, s->pos, expected);
	return header_problem(l, s, line);
}

/* A claim that goes over several lines is one sentence. */
static char *one_line(char *text)
{
	size_t n = 0;

	for (const char *p = text; *p; p++)
		if (*p != ' ' || (n && text[n - 1] != ' '))
			text[n++] = *p;
	text[n] = '\0';
	return text;
}

static bool read_claim(struct loader *l, struct scan *s, const struct line *line)
{
	scan_space(s);
	l->sc->claim = one_line(l->code->src.text + line->start + s->pos);
	l->sc->line = line->number;
	return *l->sc->claim ? true : unexpected(l, s, line, "a sentence");
}

static size_t cite_length(const char *p)
{
	return strcspn(p, ", \t");
}

/* Room for every citation of the line. */
static const char **room_for_cites(struct scan *s)
{
	size_t n = 1;

	for (const char *p = s->text; (p = strchr(p, ',')); p++)
		n++;
	return scan_alloc(s, n * sizeof(const char *));
}

/* Why the id of len characters cannot be cited, or NULL. */
static const char *cite_fault(const struct script *sc, const struct requirement *req, size_t len)
{
	if (!len)
		return "a requirement id";
	if (!req)
		return "the id of a requirement";
	for (int i = 0; i < sc->ncites; i++)
		if (sc->cites[i] == req->id)
			return "each requirement once";
	return NULL;
}

static bool read_cite(struct loader *l, struct scan *s, const struct line *line)
{
	const struct requirement *req;
	const char *id, *fault;
	size_t len;

	scan_space(s);
	id = s->text + s->pos;
	len = cite_length(id);
	req = requirement_find(l->reqs, id, len);
	fault = cite_fault(l->sc, req, len);
	if (!len)
		return unexpected(l, s, line, fault);
	if (fault)
		return problem(l->p, line->start + s->pos, "found '%.*s', expected %s",
			       len < 60 ? (int)len : 60, id, fault);
	l->sc->cites[l->sc->ncites++] = req->id;
	s->pos += len;
	return true;
}

static bool read_cites(struct loader *l, struct scan *s, const struct line *line)
{
	l->sc->cites = room_for_cites(s);
	if (!l->sc->cites)
		return header_problem(l, s, line);
	do
		if (!read_cite(l, s, line))
			return false;
	while (scan_char(s, ','));
	return s->text[s->pos] ? unexpected(l, s, line, "',' or the end of the line") : true;
}

/* Actors may depend on variables and are read anew for every instance. */
static bool read_actors(struct loader *l, struct scan *s, const struct line *line)
{
	(void)s;
	l->code->actors[l->code->nactors++] = *line;
	return true;
}

static bool read_for(struct loader *l, struct scan *s, const struct line *line)
{
	(void)s;
	return loops_add(&l->code->loops, &l->sc->arena, &l->code->src, line->start, l->p);
}

/* The line must hold one of these words and nothing else. */
static bool read_word(struct loader *l, struct scan *s, const struct line *line, const char *const *words,
		      const char **found, const char *expected)
{
	for (*found = NULL; *words && !*found; words++)
		if (scan_is(s, *words))
			*found = *words;
	scan_space(s);
	if (!*found || s->text[s->pos])
		return unexpected(l, s, line, *found ? "the end of the line" : expected);
	return true;
}

static bool read_fact(struct script *sc, struct scan *s)
{
	struct need *n = &sc->need[sc->nneeds];
	size_t len = fact_read(s->text + s->pos, &n->fact, &n->v);

	s->pos += len;
	sc->nneeds += len != 0;
	return len;
}

static bool another(struct scan *s)
{
	bool comma = s->text[s->pos] == ',';

	s->pos += comma;
	return comma;
}

static bool read_needs(struct loader *l, struct scan *s, const struct line *line)
{
	struct script *sc = l->sc;
	bool root;

	do {
		scan_space(s);
		root = scan_is(s, "root");
		sc->needs_root = sc->needs_root || root;
		if (!root && (sc->nneeds == sizeof(sc->need) / sizeof(*sc->need) || !read_fact(sc, s)))
			return unexpected(l, s, line,
					  "root or a fact, such as hugetlb, no-hugetlb or page=4096");
		scan_space(s);
	} while (another(s));
	return !s->text[s->pos] || unexpected(l, s, line, "a comma or the end of the line");
}

static bool read_check(struct loader *l, struct scan *s, const struct line *line)
{
	const char *found;

	l->sc->check_ids = true;
	return read_word(l, s, line, (const char *const[]){ "ids", NULL }, &found, "ids");
}

static bool read_abi(struct loader *l, struct scan *s, const struct line *line)
{
	const char *found;

	l->sc->libc = true;
	return read_word(l, s, line, (const char *const[]){ "libc", NULL }, &found, "libc");
}

static bool read_profile(struct loader *l, struct scan *s, const struct line *line)
{
	return read_word(l, s, line, (const char *const[]){ "linux", "posix", NULL }, &l->sc->profile,
			 "linux or posix");
}

static const struct { const char *word; header_reader *read; bool repeats; } headers[] = {
	{ "claim", read_claim, false }, { "cites", read_cites, false }, { "actors", read_actors, true },
	{ "for", read_for, true }, { "needs", read_needs, false }, { "profile", read_profile, false },
	{ "check", read_check, false }, { "abi", read_abi, false },
};
enum { CLAIM, CITES, NHEADERS = sizeof(headers) / sizeof(*headers) };

static bool read_header(struct loader *l, const struct line *line)
{
	struct scan s = { .text = l->code->src.text + line->start, .arena = &l->sc->arena };

	if (l->code->nsteps)
		return unexpected(l, &s, line, "a step: header lines come first");
	for (int i = 0; i < NHEADERS; i++) {
		if (!scan_is(&s, headers[i].word))
			continue;
		if (l->seen[i] && !headers[i].repeats)
			return problem(l->p, line->start, "found a second %s line, expected one",
				       headers[i].word);
		l->seen[i] = true;
		return headers[i].read(l, &s, line);
	}
	return unexpected(l, &s, line, "claim, cites, actors, for, needs, profile, check, abi, or an actor");
}

/* ---- the whole file ------------------------------------------------------------------------- */

static bool read_line(struct loader *l, const struct line *line)
{
	if (!line->header) {
		l->code->steps[l->code->nsteps++] = *line;
		return true;
	}
	return read_header(l, line);
}

static bool check_headers(struct loader *l)
{
	const struct code *code = l->code;
	size_t at = code->nsteps ? code->steps[0].start : code->src.len;

	for (int i = CLAIM; i <= CITES; i++)
		if (!l->seen[i])
			return problem(l->p, at, "found no %s line, expected one before the first step",
				       headers[i].word);
	return code->nsteps ? true : problem(l->p, at, "found the end of the file, expected a step");
}

/* Variables can be looked for only when all for lines are known. */
static bool check_variables(struct loader *l)
{
	struct code *code = l->code;

	for (size_t i = 0; i < code->nactors; i++)
		if (!loops_check_line(&code->loops, &code->src, code->actors[i].start, l->p))
			return false;
	for (size_t i = 0; i < code->nsteps; i++)
		if (!loops_check_line(&code->loops, &code->src, code->steps[i].start, l->p))
			return false;
	return loops_check_used(&code->loops, l->p);
}

/* Every instance is made once, so that a run never meets a mistake half way. */
static bool check_instances(struct loader *l)
{
	const size_t most = (size_t)256 << 20;	/* bytes for all of them together */
	size_t used = 0;

	for (int i = 0; i < l->sc->ninstances; i++) {
		struct instance *in = instance_make(l->sc, i, l->p);

		if (!in)
			return false;
		used += in->arena.used + 4 * l->code->src.len;	/* text counts too: it takes time */
		instance_free(in);
		if (used > most)
			return problem(l->p, 0, "found instances of more than %zu MiB, expected fewer",
				       most >> 20);
	}
	return true;
}

static bool read_file(struct loader *l, const char *text, size_t len)
{
	struct code *code = l->code;
	struct arena *a = &l->sc->arena;

	if (!source_split(&code->src, a, text, len, l->p))
		return false;
	loops_init(&code->loops);
	code->actors = arena_alloc(a, code->src.nlines * sizeof(*code->actors));
	code->steps = arena_alloc(a, code->src.nlines * sizeof(*code->steps));
	if (!code->actors || !code->steps)
		return problem(l->p, 0, "found no memory for the file, expected some");
	for (size_t i = 0; i < code->src.nlines; i++)
		if (!read_line(l, &code->src.line[i]))
			return false;
	l->sc->ninstances = code->loops.ninstances;
	return check_headers(l) && check_variables(l) && check_instances(l);
}

/* ---- names ---------------------------------------------------------------------------------- */

static char *copy(struct arena *a, const char *s, size_t len)
{
	char *to = arena_alloc(a, len + 1);

	return to ? memcpy(to, s, len) : NULL;
}

bool script_is_about(const struct script *sc, const char *profile)
{
	return !sc->profile || !strcmp(sc->profile, profile);
}

/* "perm/only-read" for root/perm/only-read.case; a file elsewhere goes by its last name. */
const char *script_name(const char *path, const char *root, size_t *end)
{
	const char *last = strrchr(path, '/'), *name = path;
	size_t len = strlen(root);

	while (len && root[len - 1] == '/')
		len--;
	if (strncmp(path, root, len) == 0 && path[len] == '/')
		name += len + 1;
	else if (last)
		name = last + 1;
	while (*name == '/')
		name++;
	*end = strlen(name);
	if (*end > 5 && strcmp(name + *end - 5, ".case") == 0)
		*end -= 5;
	return name;
}

static bool name_script(struct script *sc, const char *path, const char *root)
{
	size_t end;
	const char *name = script_name(path, root, &end), *slash;

	slash = memchr(name, '/', end);
	sc->file = copy(&sc->arena, path, strlen(path));
	sc->name = copy(&sc->arena, name, end);
	sc->family = slash ? copy(&sc->arena, name, (size_t)(slash - name)) : "other";
	return sc->file && sc->name && sc->family;
}

/* ---- the public face ------------------------------------------------------------------------ */

static struct script *new_script(const char *path, const char *root)
{
	struct script *sc = calloc(1, sizeof(*sc));

	if (!sc)
		return NULL;
	sc->text = arena_alloc(&sc->arena, sizeof(struct code));
	if (sc->text && name_script(sc, path, root))
		return sc;
	script_free(sc);
	return NULL;
}

static struct script *failed(struct script *sc, const struct problem *p, const char *path, const char *text,
			     char *err, size_t errsize)
{
	problem_print(p, path, text, err, errsize);
	if (sc)
		script_free(sc);
	return NULL;
}

struct script *script_read(const char *text, size_t len, const char *path, const char *root,
			   const struct requirements *reqs, char *err, size_t errsize)
{
	struct problem p = { 0, "found no memory, expected some" };
	struct script *sc = new_script(path, root);
	struct loader l = { .sc = sc, .code = sc ? sc->text : NULL, .reqs = reqs, .p = &p };

	if (sc && read_file(&l, text, len))
		return sc;
	return failed(sc, &p, path, text, err, errsize);
}

struct script *script_load(const char *path, const char *root, const struct requirements *reqs,
			   char *err, size_t errsize)
{
	struct problem p = { 0 };
	struct arena arena = { 0 };
	size_t len;
	char *text = file_read(path, FILEMAX, &arena, &len, &p);
	struct script *sc;

	if (!text)
		return failed(NULL, &p, path, "", err, errsize);
	sc = script_read(text, len, path, root, reqs, err, errsize);
	arena_free(&arena);
	return sc;
}

void script_free(struct script *s)
{
	arena_free(&s->arena);
	free(s);
}

struct instance *script_instance(const struct script *s, int i)
{
	struct problem p = { 0 };

	return instance_make(s, i, &p);
}

void instance_free(struct instance *in)
{
	arena_free(&in->arena);
	free(in);
}
