/* Where several things may come of a step: what they have in common. */
#include <string.h>

#include "reproduce_plan.h"

static bool same_bytes(const void *a, size_t na, const void *b, size_t nb)
{
	return na == nb && (!na || !memcmp(a, b, na));
}

static bool same_vals(const struct outcome *a, const struct outcome *b)
{
	return same_bytes(a->vals, a->nvals * sizeof(*a->vals), b->vals, b->nvals * sizeof(*b->vals));
}

/* The fields that are not the same in both. */
static uint64_t different(const struct record *a, const struct record *b)
{
	uint64_t fields = a->has ^ b->has;

	for (enum field f = 0; f < NFIELDS; f++)
		if ((a->has & b->has & BIT(f)) && a->v[f] != b->v[f])
			fields |= BIT(f);
	return fields;
}

void merge_end(struct prediction *to, const struct outcome *from)
{
	uint64_t fields;

	if (from->how != RETURNED)
		return;
	if (to->end.how != RETURNED) {
		to->end = *from;
		return;
	}
	fields = different(&to->end.rec, &from->rec);
	to->open_fields |= fields;
	to->end.rec.has &= ~to->open_fields;
	if (to->end.value != from->value)
		to->open |= OPEN_VALUE;
	if (!same_vals(&to->end, from))
		to->open |= OPEN_VALS;
	if (!same_bytes(to->end.bytes, to->end.len, from->bytes, from->len))
		to->open |= OPEN_BYTES;
}

void merge_prediction(struct prediction *to, const struct prediction *from)
{
	int bit = from->at.how == FAILED ? err_bit(from->at.err) : -1;

	merge_end(to, &from->end);
	to->either = to->either || from->either;
	to->wakes = to->wakes || from->wakes;
	to->also.bits |= from->also.bits | (bit < 0 ? 0U : 1U << bit);
	if (to->at.how != from->at.how)
		to->others |= BIT(from->at.how);
}

/* ---- what is left ------------------------------------------------------------------------- */

static bool same_object(const struct objview *a, const struct objview *b)
{
	return a->family == b->family && a->id == b->id && a->nsems == b->nsems;
}

static bool same_objects(const struct snapshot *a, const struct snapshot *b)
{
	bool same = a->nobj == b->nobj && a->nsem == b->nsem;

	for (size_t i = 0; same && i < a->nobj; i++)
		same = same_object(&a->obj[i], &b->obj[i]);
	return same;
}

bool merge_snapshot(struct snapshot *to, const struct snapshot *from)
{
	bool same = same_objects(to, from);

	for (size_t i = 0; same && i < to->nobj; i++)
		to->obj[i].rec.has &= ~different(&to->obj[i].rec, &from->obj[i].rec);
	for (size_t i = 0; same && i < to->nsem; i++) {
		struct semview *a = &to->sem[i];
		const struct semview *b = &from->sem[i];

		same = a->val == b->val && a->ncnt == b->ncnt && a->zcnt == b->zcnt;
		if (a->pid != b->pid)
			a->pid = PID_ANY;
	}
	return same;
}

/* ---- courses that cannot be told apart ----------------------------------------------------- */

static bool same_snapshot(const struct snapshot *a, const struct snapshot *b)
{
	bool same = same_objects(a, b) && a->nmsg == b->nmsg
		&& same_bytes(a->sem, a->nsem * sizeof(*a->sem), b->sem, b->nsem * sizeof(*b->sem));

	for (size_t i = 0; same && i < a->nobj; i++)
		same = !different(&a->obj[i].rec, &b->obj[i].rec);
	for (size_t i = 0; same && i < a->nmsg; i++)
		same = a->msg[i].type == b->msg[i].type
			&& same_bytes(a->msg[i].text, a->msg[i].len, b->msg[i].text, b->msg[i].len);
	return same;
}

static bool same_outcome(const struct outcome *a, const struct outcome *b)
{
	return a->how == b->how && a->err == b->err && a->value == b->value && !different(&a->rec, &b->rec)
		&& same_bytes(a->bytes, a->len, b->bytes, b->len) && same_vals(a, b);
}

static bool same_sleepers(const struct course *a, const struct course *b)
{
	for (int i = 0; i < MAXACTORS; i++)
		if (a->pending[i] != b->pending[i]
		    || (a->pending[i] >= 0 && !same_outcome(a->end[i], b->end[i])))
			return false;
	return true;
}

bool courses_alike(const struct course *a, const struct course *b)
{
	struct snapshot x = { .nobj = 0 }, y = { .nobj = 0 };
	bool same = same_sleepers(a, b) && model_snapshot(a->world, &x) && model_snapshot(b->world, &y)
		&& same_snapshot(&x, &y);

	snapshot_free(&x);
	snapshot_free(&y);
	return same;
}

bool courses_meet(const struct course *a, const struct course *b)
{
	return same_sleepers(a, b) && world_equal(a->world, b->world);
}
