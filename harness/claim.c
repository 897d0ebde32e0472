#include <signal.h>
#include <string.h>

#include "claim.h"

/* ---- reading alternatives ------------------------------------------------------------------- */

static const struct { const char *name; int signo; } signals[] = {
	{ "SIGSEGV", SIGSEGV }, { "SIGBUS", SIGBUS }, { "SIGKILL", SIGKILL },
};
enum { NSIGNALS = sizeof(signals) / sizeof(*signals) };

/* How success is written, by the operation's result. */
static const char *const outcomes[] = {
	[R_ZERO] = "0, an errno such as EINVAL, or a set of these",
	[R_COUNT] = "a number, an errno such as EINVAL, or a set of these",
	[R_ID] = "a bound name, an id, an errno such as EINVAL, or a set of these",
	[R_INDEX] = "a number, an errno such as EINVAL, or a set of these",
	[R_ADDR] = "a bound name, HOLE, an address, an errno such as EINVAL, or a set of these",
	[R_KEY] = "a bound name, a key, an errno such as EINVAL, or a set of these",
	[R_OPEN] = "a number, an errno such as EINVAL, or a set of these",
	[R_PID] = "an actor, 0, an errno such as EINVAL, or a set of these",
};

static enum kind success_kind(enum opcode code)
{
	static const enum kind ids[] = { [MSG] = KIND_MSGID, [SEM] = KIND_SEMID, [SHM] = KIND_SHMID };

	switch (opinfo[code].result) {
	case R_ID: return ids[opinfo[code].family];
	case R_ADDR: return KIND_ADDR;
	case R_PID: return KIND_PID;
	case R_KEY: return KIND_KEY;
	case R_ZERO: case R_COUNT: case R_INDEX: case R_OPEN: break;
	}
	return KIND_COUNT;
}

static bool scan_success(struct scan *s, enum opcode code, struct claim *c)
{
	size_t start;
	enum kind kind = success_kind(code);

	scan_space(s);
	start = s->pos;
	if (c->success)
		return scan_unexpected(s, start, "one value of success at most");
	if (!scan_value(s, kind, &c->value, &c->ref, NULL) || (opinfo[code].result == R_ZERO && c->value))
		return scan_unexpected(s, start, outcomes[opinfo[code].result]);
	if (kind == KIND_PID && c->value) {
		c->actor = (int)c->value - 1;
		c->value = 0;
	}
	c->success = true;
	return true;
}

static bool scan_errno(struct scan *s, struct claim *c)
{
	size_t len = scan_word(s);
	int err = len ? err_number(s->text + s->pos, len) : 0;

	if (!err)
		return false;
	s->pos += len;
	c->errs.bits |= UINT32_C(1) << err_bit(err);
	return true;
}

static bool scan_death(struct scan *s, struct claim *c)
{
	for (int i = 0; i < NSIGNALS && !c->signo; i++)
		if (scan_is(s, signals[i].name))
			c->signo = signals[i].signo;
	return c->signo;
}

static bool scan_alternative(struct scan *s, enum opcode code, bool in_set, struct claim *c)
{
	if (scan_errno(s, c) || (!c->signo && scan_death(s, c)))
		return true;
	if (in_set && op_may_block(code) && scan_is(s, "blocks")) {
		c->blocks = true;
		return true;
	}
	return scan_success(s, code, c);
}

static bool scan_set(struct scan *s, enum opcode code, struct claim *c)
{
	do
		if (!scan_alternative(s, code, true, c))
			return false;
	while (scan_char(s, ','));
	return scan_char(s, '}') ? true : scan_unexpected(s, s->pos, "',' or '}'");
}

/* ---- reading fields ------------------------------------------------------------------------- */

static bool scan_when(struct scan *s, int64_t *v)
{
	if (scan_is(s, "now"))
		*v = WHEN_NOW;
	else if (scan_is(s, "set"))
		*v = WHEN_SET;
	else if (scan_char(s, '0'))
		*v = WHEN_NEVER;
	else
		return scan_unexpected(s, s->pos, "0 (never), now (by this step) or set (at some time)");
	return true;
}

static bool scan_field(struct scan *s, enum field f, struct record *rec)
{
	enum kind kind = fieldinfo[f].kind;
	int64_t v = 0;

	if (kind == KIND_TIME ? !scan_when(s, &v) : !scan_value(s, kind, &v, NULL, NULL))
		return false;
	put(rec, f, kind == KIND_PID ? v - 1 : v);
	return true;
}

/* What an operation gives back beside a record. */
enum extra { NO_EXTRA, TEXT, BYTES, VALUES };

static enum extra extra_of(enum opcode code, const char *name, size_t len)
{
	static const struct { enum opcode code; const char *name; enum extra extra; } extras[] = {
		{ OP_msgrcv, "text", TEXT }, { OP_load, "bytes", BYTES },
		{ OP_semctl_GETALL, "values", VALUES },
	};

	for (size_t i = 0; i < sizeof(extras) / sizeof(*extras); i++) {
		const char *word = extras[i].name;

		if (extras[i].code == code && strlen(word) == len && memcmp(word, name, len) == 0)
			return extras[i].extra;
	}
	return NO_EXTRA;
}

static bool scan_extra(struct scan *s, enum extra extra, struct claim *c)
{
	struct payload p = { 0 };

	if (extra != VALUES) {
		c->has_bytes = true;
		return scan_string(s, &c->bytes, &c->len);
	}
	if (!scan_value(s, KIND_SEMVALS, NULL, NULL, &p))
		return false;
	if (p.where != P_OK)
		return scan_unexpected(s, s->pos, "values without a place");
	c->has_vals = true;
	c->vals = p.vals.v;
	c->nvals = p.vals.n;
	return true;
}

static bool scan_item(struct scan *s, enum opcode code, struct claim *c)
{
	size_t len = scan_word(s), start = s->pos;
	int f = len ? field_find(s->text + start, len) : -1;
	enum extra extra = extra_of(code, s->text + start, len);
	bool reported = f >= 0 && op_fields(code) & BIT(f);
	char expected[80];
	struct text t = { expected, sizeof(expected), 0 };

	text_add(&t, "a field that %s reports", opinfo[code].name);
	if (!extra && !reported)
		return scan_unexpected(s, start, expected);
	if (extra == VALUES ? c->has_vals : extra ? c->has_bytes : c->rec.has & BIT(f))
		return scan_unexpected(s, start, "each field once");
	s->pos += len;
	if (!scan_char(s, '='))
		return scan_unexpected(s, s->pos, "'=' and the value of the field");
	return extra ? scan_extra(s, extra, c) : scan_field(s, (enum field)f, &c->rec);
}

static bool scan_fields(struct scan *s, enum opcode code, struct claim *c)
{
	if (!c->success)
		return scan_unexpected(s, s->pos - 1, "fields only where the call may succeed");
	do
		if (!scan_item(s, code, c))
			return false;
	while (!scan_char(s, '}'));
	return true;
}

bool scan_claim(struct scan *s, enum opcode code, struct claim *c)
{
	c->given = true;
	c->actor = -1;
	if (scan_char(s, '{') ? !scan_set(s, code, c) : !scan_alternative(s, code, false, c))
		return false;
	return scan_char(s, '{') ? scan_fields(s, code, c) : true;
}

/* ---- writing -------------------------------------------------------------------------------- */

static void print_success(struct text *t, const struct claim *c, const struct opinfo *op,
			  const struct nametable *names)
{
	enum kind kind = success_kind((enum opcode)(op - opinfo));

	if (kind == KIND_PID)
		print_value(t, kind, c->actor + 1, 0, NULL, names);
	else
		print_value(t, kind, c->value, c->ref, NULL, names);
}

static int alternatives(const struct claim *c)
{
	int n = c->success + c->blocks + (c->signo != 0);

	for (uint32_t bits = c->errs.bits; bits; bits &= bits - 1)
		n++;
	return n;
}

static void print_alternatives(struct text *t, const struct claim *c, const struct opinfo *op,
			       const struct nametable *names)
{
	const char *between = "";

	if (c->success) {
		print_success(t, c, op, names);
		between = ", ";
	}
	if (c->blocks) {
		text_add(t, "%sblocks", between);
		between = ", ";
	}
	for (int bit = 0; bit < NERRS; bit++)
		if (c->errs.bits >> bit & 1) {
			text_add(t, "%s%s", between, err_name(err_at(bit)));
			between = ", ";
		}
	for (int i = 0; i < NSIGNALS; i++)
		if (signals[i].signo == c->signo)
			text_add(t, "%s%s", between, signals[i].name);
}

static void print_field(struct text *t, enum field f, int64_t v, const struct nametable *names)
{
	static const char *const when[] = { [WHEN_NEVER] = "0", [WHEN_NOW] = "now", [WHEN_SET] = "set" };

	text_puts(t, fieldinfo[f].name);
	text_puts(t, "=");
	if (fieldinfo[f].kind == KIND_TIME)
		text_puts(t, when[v]);
	else
		print_value(t, fieldinfo[f].kind, fieldinfo[f].kind == KIND_PID ? v + 1 : v, 0, NULL, names);
}

static void print_fields(struct text *t, const struct claim *c, const struct opinfo *op,
			 const struct nametable *names)
{
	const char *between = " {";

	for (int f = 0; f < NFIELDS; f++)
		if (c->rec.has & BIT(f)) {
			text_puts(t, between);
			print_field(t, (enum field)f, c->rec.v[f], names);
			between = " ";
		}
	if (c->has_bytes) {
		text_add(t, "%s%s=", between, op == &opinfo[OP_load] ? "bytes" : "text");
		print_bytes(t, c->bytes, c->len);
		between = " ";
	}
	if (c->has_vals) {
		text_add(t, "%svalues=", between);
		print_vals(t, c->vals, c->nvals);
		between = " ";
	}
	if (between[1] == '\0')
		text_puts(t, "}");
}

void print_claim(struct text *t, const struct claim *c, const struct opinfo *op,
		 const struct nametable *names)
{
	bool set = alternatives(c) > 1;

	if (!c->given)
		return;
	text_puts(t, set ? "{" : "");
	print_alternatives(t, c, op, names);
	text_puts(t, set ? "}" : "");
	print_fields(t, c, op, names);
}
