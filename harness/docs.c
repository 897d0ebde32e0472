/* Claims of documents: reading them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "docs.h"
#include "source.h"
#include "tree.h"

const struct partyinfo partyinfo[NPARTIES] = {
#define PARTY(name, text) { #name, text },
#include "docs.def"
#undef PARTY
};

const char *docs_text(struct docs *d, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = arena_text(&d->arena, fmt, ap);
	va_end(ap);
	return text;
}

static struct claim_of_doc *find_claim(const struct docs *d, const char *id)
{
	for (size_t i = 0; i < d->n; i++)
		if (!strcmp(d->claim[i].id, id))
			return &d->claim[i];
	return NULL;
}

/* ---- header lines of a claim --------------------------------------------------------------------- */

/* A file while it is read. */
struct reader {
	struct docs *d;
	const char *root, *path, *text;
	const struct requirements *reqs;
	struct document *doc;
	struct claim_of_doc *claim;	/* NULL before the first section */
	size_t start;			/* of the section's first line */
	bool steps, cites;		/* the section has some */
	struct problem p;
	char *err;			/* of a case that was read; has its own place */
	size_t errsize;
};

static bool bad(struct reader *r, size_t at, const char *found, const char *expected)
{
	return problem(&r->p, at, "found '%.80s', expected %s", found, expected);
}

static bool no_memory(struct reader *r, size_t at)
{
	return problem(&r->p, at, "found no memory, expected some");
}

/* The next word of *s, which may be quoted and may have quoted parts; NULL at the end. */
static const char *next_word(struct reader *r, const char **s)
{
	char *word = arena_alloc(&r->d->arena, strlen(*s) + 1), *to = word;
	bool quoted = false;

	*s += strspn(*s, " \t");
	if (!word || !**s)
		return NULL;
	for (; **s && (quoted || (**s != ' ' && **s != '\t')); ++*s) {
		if (**s == '"')
			quoted = !quoted;
		else
			*to++ = **s;
	}
	return word;
}

static bool set_text(struct reader *r, const char **field, const char *value, size_t at)
{
	if (*field)
		return bad(r, at, value, "this line once in a section");
	*field = value;
	return true;
}

/* Adds an element of size bytes to an array of the arena, in steps of eight. */
static void *append(struct docs *d, void *array, int n, size_t size)
{
	void *old, *more;

	memcpy(&old, array, sizeof(old));
	if (n % 8)
		return (char *)old + (size_t)n * size;
	more = arena_alloc(&d->arena, (size_t)(n + 8) * size);
	if (!more)
		return NULL;
	if (n)
		memcpy(more, old, (size_t)n * size);
	memcpy(array, &more, sizeof(more));
	return (char *)more + (size_t)n * size;
}

static bool add_command(struct reader *r, const char *value, size_t at, bool subject)
{
	struct claim_of_doc *c = r->claim;
	struct command *k = append(r->d, &c->command, c->ncommands, sizeof(*k));
	const char *word;

	if (!k)
		return no_memory(r, at);
	*k = (struct command){ .line = line_of(r->text, at), .subject = subject };
	k->argv = arena_alloc(&r->d->arena, (strlen(value) + 3) * sizeof(*k->argv));
	if (!k->argv)
		return no_memory(r, at);
	if (subject)
		k->argv[k->argc++] = "ipcmk";
	while ((word = next_word(r, &value)))
		k->argv[k->argc++] = word;
	c->ncommands++;
	return k->argc || bad(r, at, value, "a command");
}

static bool add_wishes(struct reader *r, const char *value, size_t at)
{
	struct claim_of_doc *c = r->claim;

	if (!c->ncommands || c->command[c->ncommands - 1].nwishes)
		return bad(r, at, value, "a command before this line");
	return wishes_read(&c->command[c->ncommands - 1], value, at, &r->d->arena, &r->p);
}

/* "command>=2.20", "command<2.20", "dialect" */
static bool read_known(struct reader *r, const char *word, size_t at)
{
	size_t len = strcspn(word, "<>");
	struct claim_of_doc *c = r->claim;
	struct known *k = append(r->d, &c->known, c->nknown, sizeof(*k));

	if (!k)
		return no_memory(r, at);
	*k = (struct known){ .party = NPARTIES, .from = word[len] == '>' };
	for (enum party p = 0; p < NPARTIES; p++)
		if (strlen(partyinfo[p].name) == len && !strncmp(partyinfo[p].name, word, len))
			k->party = p;
	if (k->party == NPARTIES || (word[len] == '>' && word[len + 1] != '='))
		return bad(r, at, word, "nowhere, or who the claim is true of, as in command>=2.20, dialect");
	if (word[len])
		k->version = word + len + (word[len] == '>' ? 2 : 1);
	c->nknown++;
	return true;
}

static bool add_known(struct reader *r, const char *value, size_t at)
{
	const char *word;

	r->claim->everywhere = false;
	if (!strcmp(value, "nowhere"))
		return true;
	while ((word = next_word(r, &value)))
		if (!read_known(r, word, at))
			return false;
	return true;
}

static bool add_rivals(struct reader *r, const char *value, size_t at)
{
	struct claim_of_doc *c = r->claim;
	const char *word, **rival;

	while ((word = next_word(r, &value))) {
		rival = append(r->d, &c->rival, c->nrivals, sizeof(*rival));
		if (!rival)
			return no_memory(r, at);
		*rival = word;
		c->nrivals++;
	}
	return true;
}

static bool keep_script(struct reader *r, struct script *sc, size_t at)
{
	struct claim_of_doc *c = r->claim;
	struct script **to = sc ? append(r->d, &c->script, c->nscripts, sizeof(*to)) : NULL;

	if (sc && !to) {
		script_free(sc);
		return no_memory(r, at);
	}
	if (!sc)
		return false;
	*to = sc;
	c->nscripts++;
	return true;
}

static bool add_cases(struct reader *r, const char *value, size_t at)
{
	const char *word;

	while ((word = next_word(r, &value))) {
		const char *path = docs_text(r->d, "%s/%s.case", r->root, word);
		struct script *sc = script_load(path, r->root, r->reqs, r->err, r->errsize);

		if (!keep_script(r, sc, at)) {
			if (!sc)
				bad(r, at, word, "the name of a case, such as perm/mode-bits");
			*r->err = '\0';
			return false;
		}
	}
	return true;
}

/* Lines that are part of a case, and are read with its steps. */
static bool of_case(const char *word)
{
	static const char *const words[] = { "cites", "actors", "for", "profile", "needs", "check", "abi" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(word, words[i]))
			return true;
	return false;
}

static bool header_of_claim(struct reader *r, const char *word, const char *value, size_t at)
{
	struct claim_of_doc *c = r->claim;
	const struct { const char *word, **field; } texts[] = {
		{ "place", &c->place }, { "claim", &c->text }, { "against", &c->against },
		{ "varies", &c->varies }, { "uncheckable", &c->uncheckable }, { "note", &c->note },
		{ "dialect", &c->dialect },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (!strcmp(word, texts[i].word))
			return set_text(r, texts[i].field, value, at);
	if (!strcmp(word, "ipcmk"))
		return add_command(r, value, at, true);
	if (!strcmp(word, "run"))
		return add_command(r, value, at, false);
	if (!strcmp(word, "expect"))
		return add_wishes(r, value, at);
	if (!strcmp(word, "holds"))
		return add_known(r, value, at);
	if (!strcmp(word, "contradicts"))
		return add_rivals(r, value, at);
	if (!strcmp(word, "case"))
		return add_cases(r, value, at);
	r->cites = r->cites || !strcmp(word, "cites");
	return of_case(word) || bad(r, at, word, "a line that cases/docs/README.md names");
}

static bool header_of_document(struct reader *r, const char *word, const char *value, size_t at)
{
	struct document *doc = r->doc;

	if (!strcmp(word, "seed"))
		return set_text(r, &doc->seed, value, at);
	if (!strcmp(word, "title"))
		return set_text(r, &doc->title, value, at);
	if (!strcmp(word, "dialect"))
		return set_text(r, &doc->dialect, value, at);
	return bad(r, at, word, "seed, title, dialect, or a section");
}

/* ---- sections ---------------------------------------------------------------------------------- */

/* Of line [at, end) of a section, is it for the case? Header lines that are ours become blank. */
static bool is_for_case(const char *text, size_t at, bool *ours)
{
	char word[16] = "";
	size_t len = strspn(text + at, "abcdefghijklmnopqrstuvwxyz");

	if (text[at] == ' ' || text[at] == '\t')
		return !*ours;
	*ours = len > 0 || text[at] == '=';
	if (len && len < sizeof(word)) {
		memcpy(word, text + at, len);
		*ours = !of_case(word) && strcmp(word, "claim");
	}
	return !*ours;
}

/* The section as the text of a case, in which each line is where it is in the file. */
static char *case_text(struct reader *r, size_t end)
{
	char *text = arena_alloc(&r->d->arena, end + 1);
	bool ours = true;

	if (!text)
		return NULL;
	memcpy(text, r->text, end);
	for (size_t at = 0, next; at < end; at = next + 1) {
		next = at + strcspn(r->text + at, "\n");
		if (at < r->start || !is_for_case(r->text, at, &ours))
			memset(text + at, ' ', next < end ? next - at : end - at);
	}
	return text;
}

static bool read_steps(struct reader *r, size_t end)
{
	char *text = case_text(r, end);
	struct script *sc;
	bool kept;

	if (!text)
		return no_memory(r, r->start);
	sc = script_read(text, end, r->path, r->root, r->reqs, r->err, r->errsize);
	kept = keep_script(r, sc, r->start);
	if (kept)
		sc->name = docs_text(r->d, "docs/%s", r->claim->id);
	return kept;
}

static bool has_test(const struct claim_of_doc *c)
{
	return c->uncheckable || c->ncommands || c->nscripts;
}

static bool check_section(struct reader *r)
{
	struct claim_of_doc *c = r->claim;

	if (!c->place)
		return bad(r, r->start, c->id, "a line that says place: which line of the document");
	if (!c->text)
		return bad(r, r->start, c->id, "a line that says claim");
	if (!has_test(c))
		return bad(r, r->start, c->id, "a test: ipcmk, run, case, steps, or why it is uncheckable");
	for (int i = 0; i < c->ncommands; i++)
		if (!c->command[i].nwishes)
			return problem(&r->p, r->start, "found no expect after the command of line %d, "
				       "expected what must come of it", c->command[i].line);
	return true;
}

/* The section that is open ends at this offset. */
static bool close_section(struct reader *r, size_t end)
{
	if (!r->claim)
		return true;
	if (r->steps && !read_steps(r, end))
		return false;
	r->doc->n++;
	return check_section(r);
}

static bool open_section(struct reader *r, const char *id, size_t at)
{
	struct docs *d = r->d;

	if (!r->doc->seed || !r->doc->title)
		return bad(r, at, id, "lines that say seed and title first");
	if (!*id || find_claim(d, id))
		return bad(r, at, id, "an id that no other claim has");
	d->claim[d->n] = (struct claim_of_doc){
		.id = id, .doc = r->doc, .line = line_of(r->text, at), .everywhere = true,
	};
	r->claim = &d->claim[d->n++];
	r->start = at;
	r->steps = false;
	return true;
}

/* ---- lines -------------------------------------------------------------------------------------- */

/* The value of the header line at at, with the lines that continue it; *next is behind them. */
static char *value_of(struct reader *r, size_t at, size_t *next)
{
	size_t end = at + strcspn(r->text + at, "\n"), len;
	char *value;

	while (r->text[end] && (r->text[end + 1] == ' ' || r->text[end + 1] == '\t'))
		end += 1 + strcspn(r->text + end + 1, "\n");
	*next = end + (r->text[end] == '\n');
	at += strspn(r->text + at, " \t");
	len = end > at ? end - at : 0;
	value = arena_alloc(&r->d->arena, len + 1);
	if (!value)
		return NULL;
	for (size_t i = 0, to = 0; i < len; i++) {
		value[to++] = r->text[at + i];
		if (value[to - 1] != '\n')
			continue;
		value[to - 1] = ' ';
		i += strspn(r->text + at + i + 1, " \t");
	}
	return value;
}

static bool read_header(struct reader *r, size_t at, size_t *next)
{
	size_t len = strspn(r->text + at, "abcdefghijklmnopqrstuvwxyz");
	const char *word = docs_text(r->d, "%.*s", (int)len, r->text + at), *value;

	value = value_of(r, at + len, next);
	if (!value)
		return no_memory(r, at);
	return r->claim ? header_of_claim(r, word, value, at) : header_of_document(r, word, value, at);
}

static bool read_line(struct reader *r, size_t at, size_t *next)
{
	const char *line = r->text + at;
	size_t len = strcspn(line, "\n");

	*next = at + len + (line[len] == '\n');
	if (*line == '#' || strspn(line, " \t") == len)
		return true;
	if (!strncmp(line, "== ", 3))
		return close_section(r, at)
			&& open_section(r, docs_text(r->d, "%.*s", (int)len - 3, line + 3), at);
	if (*line >= 'a' && *line <= 'z')
		return read_header(r, at, next);
	if (!r->claim || *line == ' ' || *line == '\t')
		return bad(r, at, "a line", "a section, a header line or a step");
	r->steps = true;
	return true;
}

static bool read_document(struct reader *r)
{
	size_t at = 0, next, len = strlen(r->text);

	for (; at < len; at = next)
		if (!read_line(r, at, &next))
			return false;
	return close_section(r, len);
}

/* ---- files -------------------------------------------------------------------------------------- */

/* "svipc" of "cases/docs/svipc.claims" */
static const char *name_of(struct docs *d, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	return docs_text(d, "%.*s", (int)strcspn(name, "."), name);
}

static size_t sections_of(const char *text)
{
	size_t n = !strncmp(text, "== ", 3);

	while ((text = strstr(text, "\n== "))) {
		text++;
		n++;
	}
	return n;
}

static bool load_document(struct docs *d, struct reader *r)
{
	size_t len;

	r->text = file_read(r->path, FILEMAX, &d->arena, &len, &r->p);
	if (!r->text) {
		r->text = "";
		return false;
	}
	if (!grow(&d->claim, &d->cap, d->n + sections_of(r->text) + 1, sizeof(*d->claim)))
		return no_memory(r, 0);
	r->doc = &d->doc[d->ndocs++];
	*r->doc = (struct document){ .name = name_of(d, r->path), .file = r->path, .text = r->text,
				     .first = d->n };
	return read_document(r);
}

static bool load_path(struct docs *d, const char *root, const char *path, const struct requirements *reqs,
		      char *err, size_t errsize)
{
	struct reader r = {
		.d = d, .root = root, .path = docs_text(d, "%s", path), .reqs = reqs, .err = err,
		.errsize = errsize,
	};

	*err = '\0';
	if (load_document(d, &r))
		return true;
	if (!*err)
		problem_print(&r.p, path, r.text, err, errsize);
	return false;
}

static bool names(const struct claim_of_doc *c, const char *id)
{
	for (int i = 0; i < c->nrivals; i++)
		if (!strcmp(c->rival[i], id))
			return true;
	return false;
}

static bool check_rivals(const struct docs *d, char *err, size_t errsize)
{
	for (size_t i = 0; i < d->n; i++)
		for (int k = 0; k < d->claim[i].nrivals; k++) {
			const struct claim_of_doc *c = &d->claim[i], *other = find_claim(d, c->rival[k]);

			if (other && names(other, c->id))
				continue;
			snprintf(err, errsize, "%s:%d:1: found '%s' in contradicts, expected %s",
				 c->doc->file, c->line, c->rival[k],
				 other ? "a claim that names this one too" : "the id of a claim");
			return false;
		}
	return true;
}

struct search {
	struct docs *d;
	const char *root;
	const struct requirements *reqs;
	char *err;
	size_t errsize, found;
};

static bool is_document(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && !strcmp(dot, ".claims");
}

static bool count_document(void *ctx, const char *path, bool named)
{
	(void)named;
	((struct search *)ctx)->found += is_document(path);
	return true;
}

static bool visit_document(void *ctx, const char *path, bool named)
{
	const struct search *s = ctx;

	(void)named;
	return !is_document(path) || load_path(s->d, s->root, path, s->reqs, s->err, s->errsize);
}

bool docs_load(struct docs *d, const char *root, const struct requirements *reqs, char *err, size_t errsize)
{
	struct search s = { .d = d, .root = root, .reqs = reqs, .err = err, .errsize = errsize };
	char folder[4096], why[4200];

	*d = (struct docs){ .n = 0 };
	snprintf(folder, sizeof(folder), "%s/docs", root);
	if (!tree_walk(folder, NULL, count_document, &s, why, sizeof(why)) || !s.found
	    || !grow(&d->doc, &d->capdocs, s.found, sizeof(*d->doc))) {
		snprintf(err, errsize, "%s: found no file, expected claims of documents", folder);
		return false;
	}
	return tree_walk(folder, NULL, visit_document, &s, why, sizeof(why)) && check_rivals(d, err, errsize);
}

void docs_free(struct docs *d)
{
	for (size_t i = 0; i < d->n; i++)
		for (int k = 0; k < d->claim[i].nscripts; k++)
			script_free(d->claim[i].script[k]);
	free(d->claim);
	free(d->doc);
	arena_free(&d->arena);
}
