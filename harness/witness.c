#include <inttypes.h>
#include <string.h>

#include "model.h"
#include "witness.h"

static bool time_holds(int64_t claimed, int64_t stamp, int64_t now)
{
	switch ((enum when)claimed) {
	case WHEN_NEVER: return stamp == 0;
	case WHEN_NOW: return stamp == now;
	case WHEN_SET: return stamp != 0;
	}
	return false;
}

static bool field_holds(enum field f, int64_t claimed, int64_t said, int64_t now)
{
	switch (fieldinfo[f].kind) {
	case KIND_TIME: return time_holds(claimed, said, now);
	case KIND_PID: return said == claimed + 1;
	default: return said == claimed;
	}
}

static void check_fields(const struct claim *c, const struct outcome *out, int64_t now, struct differences *d)
{
	for (enum field f = 0; c->rec.has >> f; f++) {
		if (!(c->rec.has & BIT(f)))
			continue;
		if (!(out->rec.has & BIT(f)))
			differ(d, "%s: claimed, the model does not report it", fieldinfo[f].name);
		else if (!field_holds(f, c->rec.v[f], out->rec.v[f], now))
			differ(d,
			       fieldinfo[f].kind == KIND_MODE
				       ? "%s: claimed %" PRIo64 ", the model says %" PRIo64
				       : "%s: claimed %" PRId64 ", the model says %" PRId64,
			       fieldinfo[f].name, c->rec.v[f], out->rec.v[f]);
	}
}

static bool value_holds(const struct claim *c, const struct outcome *out, const int64_t *value_of)
{
	if (c->actor >= 0)
		return out->value == c->actor + 1 || out->value == PID_ANY;
	return out->value == c->value + (c->ref ? value_of[c->ref - 1] : 0);
}

static void check_success(const struct claim *c, const struct outcome *out, int64_t now,
			  const int64_t *value_of, struct differences *d)
{
	if (!c->success)
		differ(d, "outcome: the model says it succeeds");
	else if (!value_holds(c, out, value_of))
		differ(d, "value: the model says %" PRId64, out->value);
	check_fields(c, out, now, d);
	if (c->has_bytes && (c->len != out->len || (c->len && memcmp(c->bytes, out->bytes, c->len))))
		differ(d, "text: the model says otherwise (%zu bytes)", out->len);
	if (c->has_vals
	    && (c->nvals != out->nvals
		|| (c->nvals && memcmp(c->vals, out->vals, c->nvals * sizeof(*c->vals)))))
		differ(d, "values: the model says otherwise (%zu values)", out->nvals);
}

bool claim_holds(const struct claim *c, enum opcode code, const struct outcome *out, int64_t now,
		 const int64_t *value_of, struct differences *d)
{
	int before = d->count;

	if (!c->given)
		return true;
	switch (out->how) {
	case RETURNED:
		if (c->success && opinfo[code].result == R_ADDR && !c->ref)
			break; /* an address that the system chose: no number can be claimed */
		check_success(c, out, now, value_of, d);
		break;
	case FAILED:
		if (!(c->errs.bits >> err_bit(out->err) & 1))
			differ(d, "outcome: the model says %s", err_name(out->err));
		break;
	case BLOCKED:
		if (!c->blocks)
			differ(d, "outcome: the model says it blocks");
		break;
	case FAULTED:
		if (c->signo != out->err)
			differ(d, "outcome: the model says signal %d", out->err);
		break;
	}
	return d->count == before;
}
