#include "partition.h"
#include "text.h"

/* ---- numbers and flags ------------------------------------------------------------------------ */

static int named(const struct part *p)
{
	int n = 0;

	while (p && p[n].name)
		n++;
	return n;
}

/* O_RDONLY is no bit: it is there when the other ways to open are not. */
static bool has_flag(const struct part *f, int64_t v)
{
	return f->lo ? (v & f->lo) == f->lo : !(v & OPEN_ACCESS);
}

static bool by_flags(const struct kindinfo *k)
{
	return k->flags && !k->parts;
}

/* A kind that is divided by its flags has one more part, none of them, unless there always is one. */
static bool has_plain(const struct kindinfo *k)
{
	return by_flags(k) && k->flags[0].lo;
}

static const char *number_part(const struct kindinfo *k, int i)
{
	int parts = named(k->parts), flags = by_flags(k) ? named(k->flags) : 0;

	if (i < parts)
		return k->parts[i].name;
	if (i < flags)
		return k->flags[i].name;
	return i == flags && has_plain(k) ? "no flag" : NULL;
}

static uint64_t number_parts(const struct kindinfo *k, int64_t v)
{
	uint64_t set = 0;
	int n;

	for (n = 0; k->parts && k->parts[n].name; n++)
		if (v >= k->parts[n].lo && v <= k->parts[n].hi)
			set |= BIT(n);
	if (!by_flags(k))
		return set;
	for (n = 0; k->flags[n].name; n++)
		if (has_flag(&k->flags[n], v))
			set |= BIT(n);
	return set ? set : BIT(n);
}

/* ---- what is no number ------------------------------------------------------------------------ */

/* A part by name, and the values that are in it. */
struct sort { const char *name; bool (*has)(const struct payload *d); };

static bool is_bad(const struct payload *d) { return d->where != P_OK && d->where != P_ODD; }

static bool untyped(const struct payload *d) { return d->msg.type < 1; }
static bool negative(const struct payload *d) { return d->msg.size < 0; }
static bool empty(const struct payload *d) { return d->msg.size == 0; }
static bool inside(const struct payload *d) { return d->msg.size > 0 && d->msg.size < DEF_MSGMAX; }
static bool longest(const struct payload *d) { return d->msg.size == DEF_MSGMAX; }
static bool too_long(const struct payload *d) { return d->msg.size > DEF_MSGMAX; }

static const struct sort messages[] = {
	{ "no type", untyped }, { "negative size", negative }, { "empty", empty }, { "inside", inside },
	{ "max", longest }, { "beyond", too_long }, { "bad pointer", is_bad }, { 0 },
};

static int64_t count(const struct payload *d) { return (int64_t)d->sops.n + d->excess; }

static bool any_sop(const struct payload *d, bool (*is)(const struct sop *s))
{
	for (size_t i = 0; i < d->sops.n; i++)
		if (is(&d->sops.v[i]))
			return true;
	return false;
}

static bool is_up(const struct sop *s) { return s->op > 0; }
static bool is_down(const struct sop *s) { return s->op < 0; }
static bool is_zero(const struct sop *s) { return s->op == 0; }
static bool is_nowait(const struct sop *s) { return s->flg & IPC_NOWAIT; }
static bool is_undo(const struct sop *s) { return s->flg & SEM_UNDO; }

static bool no_sop(const struct payload *d) { return count(d) == 0; }
static bool one_sop(const struct payload *d) { return count(d) == 1; }
static bool some_sops(const struct payload *d) { return count(d) > 1 && count(d) < DEF_SEMOPM; }
static bool most_sops(const struct payload *d) { return count(d) == DEF_SEMOPM; }
static bool too_many(const struct payload *d) { return count(d) > DEF_SEMOPM || count(d) < 0; }
static bool up(const struct payload *d) { return any_sop(d, is_up); }
static bool down(const struct payload *d) { return any_sop(d, is_down); }
static bool zero(const struct payload *d) { return any_sop(d, is_zero); }
static bool nowait(const struct payload *d) { return any_sop(d, is_nowait); }
static bool undo(const struct payload *d) { return any_sop(d, is_undo); }

static const struct sort sops[] = {
	{ "none", no_sop }, { "one", one_sop }, { "several", some_sops }, { "max", most_sops },
	{ "beyond", too_many }, { "up", up }, { "down", down }, { "wait for zero", zero },
	{ "IPC_NOWAIT", nowait }, { "SEM_UNDO", undo }, { "bad pointer", is_bad }, { 0 },
};

#define SECOND 1000000000

static bool no_time(const struct payload *d) { return !d->timeout.given; }
static bool timed(const struct payload *d) { return d->timeout.given && d->timeout.where == P_OK; }
static bool valid(const struct payload *d)
{
	return timed(d) && d->timeout.sec >= 0 && d->timeout.nsec >= 0 && d->timeout.nsec < SECOND;
}
static bool at_once(const struct payload *d) { return valid(d) && !d->timeout.sec && !d->timeout.nsec; }
static bool soon(const struct payload *d) { return valid(d) && !d->timeout.sec && d->timeout.nsec; }
static bool later(const struct payload *d) { return valid(d) && d->timeout.sec; }
static bool invalid(const struct payload *d) { return timed(d) && !valid(d); }
static bool time_bad(const struct payload *d) { return d->timeout.given && d->timeout.where != P_OK; }

static const struct sort timeouts[] = {
	{ "none", no_time }, { "zero", at_once }, { "below a second", soon }, { "seconds", later },
	{ "invalid", invalid }, { "bad pointer", time_bad }, { 0 },
};

static bool any_val(const struct payload *d, uint16_t lo, uint16_t hi)
{
	for (size_t i = 0; i < d->vals.n; i++)
		if (d->vals.v[i] >= lo && d->vals.v[i] <= hi)
			return true;
	return false;
}

static bool zeros(const struct payload *d) { return any_val(d, 0, 0); }
static bool vals_inside(const struct payload *d) { return any_val(d, 1, SEMVMX - 1); }
static bool vals_max(const struct payload *d) { return any_val(d, SEMVMX, SEMVMX); }
static bool vals_beyond(const struct payload *d) { return any_val(d, SEMVMX + 1, UINT16_MAX); }

static const struct sort semvals[] = {
	{ "zero", zeros }, { "inside", vals_inside }, { "max", vals_max }, { "beyond", vals_beyond },
	{ "bad pointer", is_bad }, { 0 },
};

static bool no_field(const struct payload *d) { return !d->set.has; }
static bool sets_uid(const struct payload *d) { return d->set.has >> F_uid & 1; }
static bool sets_gid(const struct payload *d) { return d->set.has >> F_gid & 1; }
static bool sets_mode(const struct payload *d) { return d->set.has >> F_mode & 1; }
static bool sets_qbytes(const struct payload *d) { return d->set.has >> F_qbytes & 1; }

#define OWNERSHIP { "uid", sets_uid }, { "gid", sets_gid }, { "mode", sets_mode }
static const struct sort permsets[] = {
	{ "nothing", no_field }, OWNERSHIP, { "bad pointer", is_bad }, { 0 },
};
static const struct sort msgsets[] = {
	{ "nothing", no_field }, OWNERSHIP, { "qbytes", sets_qbytes }, { "bad pointer", is_bad }, { 0 },
};

static const struct sort *const sorts[NKINDS] = {
	[KIND_MSG] = messages,	  [KIND_SOPS] = sops,	     [KIND_TIMEOUT] = timeouts,
	[KIND_SEMVALS] = semvals, [KIND_PERMSET] = permsets, [KIND_MSGSET] = msgsets,
};

/* ---- both ------------------------------------------------------------------------------------- */

const char *part_name(enum kind kind, int i)
{
	const struct sort *s = sorts[kind];

	if (!s)
		return kindinfo[kind].payload ? NULL : number_part(&kindinfo[kind], i);
	for (int n = 0; n < i; n++)
		if (!s[n].name)
			return NULL;
	return s[i].name;
}

uint64_t parts_of(enum kind kind, int64_t v, const struct payload *data)
{
	uint64_t set = 0;

	if (!kindinfo[kind].payload)
		return number_parts(&kindinfo[kind], v);
	for (int i = 0; data && sorts[kind] && sorts[kind][i].name; i++)
		if (sorts[kind][i].has(data))
			set |= BIT(i);
	return set;
}
