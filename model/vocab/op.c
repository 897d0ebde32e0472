#include <string.h>

#include "text.h"

/* ---- reading -------------------------------------------------------------------------------- */

bool scan_value(struct scan *s, enum kind kind, int64_t *v, uint16_t *ref, struct payload *data)
{
	return kindinfo[kind].scan(s, &kindinfo[kind], v, ref, data);
}

enum { LONGEST = 40 };			/* name that is worth comparing */

/* Insertions, deletions and replacements that make b of a. */
static int distance(const char *a, size_t alen, const char *b)
{
	int row[LONGEST + 1], diagonal, above;

	for (size_t i = 0; i <= alen; i++)
		row[i] = (int)i;
	for (; *b; b++) {
		diagonal = row[0]++;
		for (size_t i = 1; i <= alen; i++) {
			above = row[i];
			row[i] = diagonal + (a[i - 1] != *b);
			if (above + 1 < row[i])
				row[i] = above + 1;
			if (row[i - 1] + 1 < row[i])
				row[i] = row[i - 1] + 1;
			diagonal = above;
		}
	}
	return row[alen];
}

static bool unknown_op(struct scan *s, size_t len)
{
	const char *word = s->text + s->pos, *best = NULL;
	int least = (int)len / 2 + 1;

	for (int i = 0; i < NOPS && len && len <= LONGEST; i++) {
		int d = distance(word, len, opinfo[i].name);

		if (d < least) {
			least = d;
			best = opinfo[i].name;
		}
	}
	if (!best)
		return scan_unexpected(s, s->pos, "an operation such as msgget");
	return scan_fail(s, s->pos, "found '%.*s', expected an operation such as %s", (int)len, word, best);
}

static bool has_payload(const struct opinfo *info)
{
	for (int i = 0; i < info->nargs; i++)
		if (kindinfo[info->arg[i].kind].payload)
			return true;
	return false;
}

/* A command that has a name must be called by it: the outcome of *ctl_other is always a failure. */
static bool check_command(struct scan *s, size_t start, const struct op *op)
{
	static const struct { enum opcode code; int64_t known; } commands[] = {	/* bit n is command n */
		{ OP_msgctl_other, 0x380f }, { OP_semctl_other, 0x1ff80f }, { OP_shmctl_other, 0xf80f },
	};

	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		int64_t cmd = op->v[1];

		if (commands[i].code == op->code && cmd >= 0 && cmd < 63 && commands[i].known >> cmd & 1)
			return scan_unexpected(s, start, "a command that has no operation of its own");
	}
	return true;
}

static bool missing(struct scan *s, const struct opinfo *info, int i)
{
	return scan_fail(s, s->pos, "found ')', expected argument %s of %s: %s", info->arg[i].name,
			 info->name, kindinfo[info->arg[i].kind].text);
}

static bool scan_args(struct scan *s, struct op *op, struct payload *data)
{
	const struct opinfo *info = &opinfo[op->code];
	size_t start = 0;

	for (int i = 0; i < info->nargs; i++) {
		scan_space(s);
		if (s->text[s->pos] == ')' || (i && s->text[s->pos] != ',')) {
			if (info->arg[i].optional || s->text[s->pos] != ')')
				break;
			return missing(s, info, i);
		}
		s->pos += i > 0;
		scan_space(s);
		start = s->pos;
		if (!scan_value(s, info->arg[i].kind, &op->v[i], &op->ref[i], data))
			return false;
	}
	if (scan_char(s, ')'))
		return check_command(s, start, op);
	if (s->text[s->pos] != ',')
		return scan_unexpected(s, s->pos, "',' or ')'");
	return scan_fail(s, s->pos, "found ',', expected ')': %s takes at most %d argument%s", info->name,
			 info->nargs, info->nargs == 1 ? "" : "s");
}

bool scan_op(struct scan *s, struct op *op)
{
	size_t len = scan_word(s);
	int code = op_find(s->text + s->pos, len), actor = op->actor;
	struct payload *data = NULL;

	if (!len || code < 0)
		return unknown_op(s, len);
	s->pos += len;
	*op = (struct op){ .code = (enum opcode)code, .actor = actor };
	if (!scan_char(s, '('))
		return scan_unexpected(s, s->pos, "'(' and the arguments");
	if (has_payload(&opinfo[code])) {
		data = scan_alloc(s, sizeof(*data));
		if (!data)
			return false;
	}
	op->data = data;
	return scan_args(s, op, data);
}

/* ---- writing -------------------------------------------------------------------------------- */

void print_value(struct text *t, enum kind kind, int64_t v, uint16_t ref, const struct payload *data,
		 const struct nametable *names)
{
	struct value val = { .v = v, .ref = ref, .data = data, .names = names };

	kindinfo[kind].print(t, &kindinfo[kind], &val);
}

static bool is_default(const struct op *op, int i)
{
	if (opinfo[op->code].arg[i].kind == KIND_TIMEOUT)
		return !op->data->timeout.given;
	return !op->v[i] && !op->ref[i];
}

void print_op(struct text *t, const struct op *op, const struct nametable *names)
{
	const struct opinfo *info = &opinfo[op->code];
	int n = info->nargs;

	while (n && info->arg[n - 1].optional && is_default(op, n - 1))
		n--;
	text_puts(t, info->name);
	text_puts(t, "(");
	for (int i = 0; i < n; i++) {
		if (i)
			text_puts(t, ", ");
		print_value(t, info->arg[i].kind, op->v[i], op->ref[i], op->data, names);
	}
	text_puts(t, ")");
}
