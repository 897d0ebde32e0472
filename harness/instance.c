#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "instance.h"

enum { MAXNAMES = 256 };		/* of an instance: they are looked up one after the other */

/* An instance while it is made. */
struct maker {
	const struct code *code;
	struct instance *in;
	const char *value[MAXVARS];
	struct nametable table;		/* adds actors when they are named first */
	struct scan s;			/* the line being read */
	bool closed;			/* the case has an actors line: there are no others */
	int parent;			/* of the actor that a fork makes; -1: actors must be there */
	const char *expected;		/* what a name should have been that was not found */
	bool slept[MAXACTORS];		/* has called what can block, and has not been seen awake since */
	enum opcode call[MAXACTORS];	/* which */
	char buf[LINEMAX + 1];
	struct problem *p;
};

/* ---- tables of names ------------------------------------------------------------------------ */

static bool same(const char *name, const char *s, size_t len)
{
	return strncmp(name, s, len) == 0 && name[len] == '\0';
}

static int find_name(void *ctx, const char *s, size_t len)
{
	const struct instance *in = ctx;

	for (int i = 0; i < in->nnames; i++)
		if (same(in->names[i], s, len))
			return i;
	return -1;
}

static int find_actor(void *ctx, const char *s, size_t len)
{
	const struct instance *in = ctx;

	for (int i = 0; i < in->nactors; i++)
		if (same(in->actor[i].name, s, len))
			return i;
	return -1;
}

static const char *name_of(void *ctx, int i)
{
	const struct instance *in = ctx;

	return i >= 0 && i < in->nnames ? in->names[i] : NULL;
}

static const char *actor_of(void *ctx, int i)
{
	const struct instance *in = ctx;

	return i >= 0 && i < in->nactors ? in->actor[i].name : NULL;
}

/* ---- errors --------------------------------------------------------------------------------- */

static bool unexpected(struct maker *m, size_t pos, const char *expected)
{
	return scan_unexpected(&m->s, pos, expected);
}

/* Passes on what is wrong with the line that begins at start, in terms of the file. */
static bool passed_on(struct maker *m, size_t start)
{
	const char *line = m->code->src.text + start;
	size_t at = m->s.errpos;
	char with[200] = "";
	struct text t = { with, sizeof(with), 0 };

	if (m->s.text != line) {
		at = expand_origin(&m->code->loops, m->value, line, at);
		text_puts(&t, " (with ");
		loops_print(&m->code->loops, m->value, &t);
		text_puts(&t, ")");
	}
	return problem(m->p, start + at, "%s%s", m->s.err, with);
}

/* ---- actors --------------------------------------------------------------------------------- */

static const struct cred ordinary = {
	.ruid = 1000, .euid = 1000, .suid = 1000, .fsuid = 1000,
	.rgid = 1000, .egid = 1000, .sgid = 1000, .fsgid = 1000,
};

static char *copy(struct maker *m, const char *s, size_t len)
{
	char *to = scan_alloc(&m->s, len + 1);

	return to ? memcpy(to, s, len) : NULL;
}

/* An outcome must not be taken for an actor. */
static bool actor_name(const char *s, size_t len)
{
	return len && *s >= 'A' && *s <= 'Z' && !err_number(s, len) && strncmp(s, "SIG", 3) != 0;
}

/* A new actor with the name of len characters at s->pos, or -1. */
static int add_actor(struct maker *m, size_t len, const struct cred *cred, bool forked)
{
	struct instance *in = m->in;
	const char *name = m->s.text + m->s.pos;

	if (!actor_name(name, len))
		m->expected = "the name of an actor, which begins with a capital letter";
	else if (in->nactors == MAXACTORS)
		m->expected = "no more actors than that";
	else if ((name = copy(m, name, len)))
		in->actor[in->nactors++] = (struct script_actor){ name, *cred, forked };
	return m->expected || !name ? -1 : in->nactors - 1;
}

/* How names of actors in arguments are found: the one of a fork is made, others must be there. */
static int argument_actor(void *ctx, const char *s, size_t len)
{
	struct maker *m = ctx;
	int found = find_actor(m->in, s, len);

	if (m->parent >= 0 && found < 0)
		return add_actor(m, len, &m->in->actor[m->parent].cred, true);
	if (m->parent >= 0)
		m->expected = "an actor that is not there yet";
	else if (found < 0)
		m->expected = "an actor that is there";
	return m->expected ? -1 : found;
}

static int argument_name(void *ctx, const char *s, size_t len)
{
	struct maker *m = ctx;

	return find_name(m->in, s, len);
}

static bool read_declaration(struct maker *m)
{
	struct scan *s = &m->s;
	size_t len = scan_word(s);
	struct cred cred = ordinary;
	struct credset set;
	int actor;

	if (len && find_actor(m->in, s->text + s->pos, len) >= 0)
		return unexpected(m, s->pos, "each actor once");
	actor = add_actor(m, len, &cred, false);
	if (actor < 0)
		return m->expected ? unexpected(m, s->pos, m->expected) : false;
	s->pos += len;
	if (!scan_cred(s, &set))
		return false;
	credset_apply(&m->in->actor[actor].cred, &set);
	return true;
}

static bool read_declarations(struct maker *m)
{
	scan_is(&m->s, "actors");
	do
		if (!read_declaration(m))
			return false;
	while (scan_char(&m->s, ','));
	return m->s.text[m->s.pos] ? unexpected(m, m->s.pos, "',' or the end of the line") : true;
}

/* Who acts: the first word of a step. */
static bool read_actor(struct maker *m, int *actor)
{
	struct scan *s = &m->s;
	size_t len;

	*actor = -1;
	if (scan_char(s, '*'))
		return true;
	len = scan_word(s);
	*actor = len ? find_actor(m->in, s->text + s->pos, len) : -1;
	if (*actor < 0 && m->closed)
		return unexpected(m, s->pos, "an actor that the actors line names, or *");
	if (*actor < 0)
		*actor = add_actor(m, len, &ordinary, false);
	if (*actor < 0)
		return m->expected ? unexpected(m, s->pos, m->expected) : false;
	s->pos += len;
	return true;
}

/* ---- steps ---------------------------------------------------------------------------------- */

/* The name before '=' that takes the result, if there is one: its length, with s->pos at it. */
static size_t bind_length(struct scan *s)
{
	size_t len = scan_word(s), end = s->pos + len;

	end += strspn(s->text + end, " \t");
	return len && s->text[end] == '=' ? len : 0;
}

static bool check_bind(struct maker *m, size_t pos, size_t len)
{
	const char *name = m->s.text + pos;

	if (*name < 'a' || *name > 'z')
		return unexpected(m, pos, "a name that begins with a small letter");
	for (size_t i = 0; i < len; i++)
		if (name[i] >= 'A' && name[i] <= 'Z')
			return unexpected(m, pos, "a name in small letters");
	if (same("blocks", name, len))
		return unexpected(m, pos, "a name that is no outcome");
	return true;
}

static bool add_name(struct maker *m, struct step *st, size_t pos, size_t len)
{
	struct instance *in = m->in;
	enum result result = opinfo[st->op.code].result;

	if (result != R_ID && result != R_ADDR && result != R_KEY)
		return unexpected(m, pos, "a name only where an id, an address or a key is returned");
	if (st->claim.given && !st->claim.success)
		return unexpected(m, pos, "a name only where the call may succeed");
	st->bind = find_name(in, m->s.text + pos, len);
	if (st->bind >= 0)
		return true;
	if (in->nnames == MAXNAMES)
		return unexpected(m, pos, "no more names than that");
	st->bind = in->nnames;
	in->names[in->nnames] = copy(m, m->s.text + pos, len);
	return in->names[in->nnames++];
}

static bool read_outcome(struct maker *m, struct step *st)
{
	struct scan *s = &m->s;
	bool may_block = st->kind == STEP_CALL && op_may_block(st->op.code);

	if (scan_char(s, '=')) {
		if (!scan_claim(s, st->op.code, &st->claim))
			return false;
	} else if (may_block && scan_is(s, "blocks")) {
		st->claim = (struct claim){ .given = true, .blocks = true, .actor = -1 };
	}
	scan_space(s);
	if (!s->text[s->pos])
		return true;
	if (st->claim.given)
		return unexpected(m, s->pos, "the end of the line");
	return unexpected(m, s->pos, may_block ? "'=' and an outcome, or blocks" : "'=' and an outcome");
}

static bool check_family(struct maker *m, const struct step *st, size_t pos)
{
	bool environment = opinfo[st->op.code].family == ENV;

	if (environment && st->actor >= 0)
		return unexpected(m, pos, "an operation of an actor: this one is for *");
	if (!environment && st->actor < 0)
		return unexpected(m, pos, "an operation of the environment: signal, limit or tick");
	return true;
}

static bool scan_call(struct maker *m, struct step *st)
{
	struct scan *s = &m->s;
	size_t len = scan_word(s);
	int code = op_find(s->text + s->pos, len);

	m->parent = code >= 0 && op_makes_actor((enum opcode)code) ? st->actor : -1;
	st->op.actor = st->actor;
	if (!scan_op(s, &st->op))
		return m->expected ? unexpected(m, s->errpos, m->expected) : false;
	m->parent = -1;
	return true;
}

static bool read_call(struct maker *m, struct step *st)
{
	struct scan *s = &m->s;
	size_t name, len = bind_length(s), pos;

	name = s->pos;
	if (len && !check_bind(m, name, len))
		return false;
	s->pos += len;
	if (len)
		scan_char(s, '=');
	scan_space(s);
	pos = s->pos;
	if (!scan_call(m, st) || !check_family(m, st, pos) || !read_outcome(m, st))
		return false;
	if (st->actor >= 0 && op_may_block(st->op.code)) {
		m->slept[st->actor] = true;
		m->call[st->actor] = st->op.code;
	}
	return len ? add_name(m, st, name, len) : true;
}

/* "B wakes = 0" and "B sleeps" are about a call that B made before. */
static bool read_sleeper(struct maker *m, struct step *st, size_t pos)
{
	if (st->actor < 0 || !m->slept[st->actor])
		return unexpected(m, pos, "an operation: this actor has made no call to be asleep in");
	st->op.code = m->call[st->actor];
	st->op.actor = st->actor;
	if (st->kind == STEP_WAKES) {
		m->slept[st->actor] = false;
		return read_outcome(m, st);
	}
	scan_space(&m->s);
	return m->s.text[m->s.pos] ? unexpected(m, m->s.pos, "the end of the line") : true;
}

static bool read_step(struct maker *m, struct step *st)
{
	size_t pos;

	st->bind = -1;
	if (!read_actor(m, &st->actor))
		return false;
	scan_space(&m->s);
	pos = m->s.pos;
	if (scan_is(&m->s, "wakes"))
		st->kind = STEP_WAKES;
	else if (scan_is(&m->s, "sleeps"))
		st->kind = STEP_SLEEPS;
	else
		return read_call(m, st);
	return read_sleeper(m, st, pos);
}

/* ---- instances ------------------------------------------------------------------------------ */

/* Points the scan to a line with its variables replaced. */
static bool begin_line(struct maker *m, const struct line *line)
{
	const char *text = m->code->src.text + line->start;
	size_t pos = 0;

	m->s = (struct scan){ .arena = &m->in->arena, .names = &m->table };
	m->s.text = expand(&m->code->loops, m->value, text, m->buf, &pos);
	m->expected = NULL;
	m->parent = -1;
	if (m->s.text)
		return true;
	return problem(m->p, line->start + pos, "found a line that goes on when its variables are replaced, "
		       "expected at most %zu bytes", LINEMAX);
}

static bool read_lines(struct maker *m)
{
	const struct code *code = m->code;
	struct instance *in = m->in;

	for (size_t i = 0; i < code->nactors; i++) {
		if (!begin_line(m, &code->actors[i]))
			return false;
		if (!read_declarations(m))
			return passed_on(m, code->actors[i].start);
	}
	m->closed = code->nactors;
	for (size_t i = 0; i < code->nsteps; i++) {
		in->step[in->nsteps].line = code->steps[i].number;
		if (!begin_line(m, &code->steps[i]))
			return false;
		if (!read_step(m, &in->step[in->nsteps++]))
			return passed_on(m, code->steps[i].start);
	}
	return true;
}

/* "mode=0400"; NULL when out of memory. */
static const char *values_text(struct maker *m)
{
	struct text t = { NULL, 0, 0 };

	loops_print(&m->code->loops, m->value, &t);
	t.size = t.len + 1;
	t.len = 0;
	t.buf = arena_alloc(&m->in->arena, t.size);
	if (t.buf)
		loops_print(&m->code->loops, m->value, &t);
	return t.buf;
}

/* "perm/only-read[mode=0400]" */
static bool name_instance(struct maker *m, const struct script *sc)
{
	struct instance *in = m->in;
	struct text t = { NULL, 0, 0 };

	in->name = sc->name;
	in->values = sc->values;
	if (!in->values && !m->code->loops.nvars)
		return true;
	if (!in->values)
		in->values = values_text(m);
	t.size = in->values ? strlen(sc->name) + strlen(in->values) + 3 : 0;
	t.buf = arena_alloc(&in->arena, t.size);
	if (!in->values || !t.buf)
		return false;
	text_add(&t, "%s[%s]", sc->name, in->values);
	in->name = t.buf;
	return true;
}

static bool make(struct maker *m, const struct script *sc)
{
	const struct code *code = m->code;
	struct instance *in = m->in;
	size_t names = code->nsteps < MAXNAMES ? code->nsteps : MAXNAMES;

	in->arena.limit = (size_t)64 << 20;
	in->step = arena_alloc(&in->arena, code->nsteps * sizeof(*in->step));
	in->names = arena_alloc(&in->arena, names * sizeof(*in->names));
	in->table = (struct nametable){ find_name, find_actor, name_of, actor_of, in };
	m->table = (struct nametable){ argument_name, argument_actor, NULL, NULL, m };
	if (in->step && in->names && name_instance(m, sc))
		return read_lines(m);
	return problem(m->p, 0, "found more than memory is set aside for, expected a smaller case");
}

struct instance *instance_make(const struct script *sc, int i, struct problem *p)
{
	struct maker m = { .code = sc->text, .in = calloc(1, sizeof(*m.in)), .p = p };

	if (!m.in) {
		problem(p, 0, "found no memory, expected some");
		return NULL;
	}
	loops_pick(&m.code->loops, i, m.value);
	if (make(&m, sc))
		return m.in;
	instance_free(m.in);
	return NULL;
}

/* ---- writing -------------------------------------------------------------------------------- */

void print_step(struct text *t, const struct instance *in, const struct step *st)
{
	const struct claim *c = &st->claim;
	bool only_blocks;

	text_puts(t, st->actor < 0 ? "*" : in->actor[st->actor].name);
	text_puts(t, "  ");
	if (st->kind == STEP_WAKES)
		text_puts(t, "wakes");
	else if (st->kind == STEP_SLEEPS)
		text_puts(t, "sleeps");
	else if (st->bind >= 0)
		text_add(t, "%s = ", in->names[st->bind]);
	if (st->kind == STEP_CALL)
		print_op(t, &st->op, &in->table);
	if (!c->given)
		return;
	only_blocks = c->blocks && !c->success && !c->errs.bits && !c->signo;
	text_puts(t, only_blocks ? " " : " = ");
	print_claim(t, c, &opinfo[st->op.code], &in->table);
}
