/* Sleepers of whom it is open which goes first. */
#include "lockstep.h"

enum { MOST_ARRANGEMENTS = 1000 };

/* Did all sleepers fare as those of the world did? */
static bool sleepers_agree(struct run *r, const struct world *w, const struct op before[MAXACTORS],
			   const bool parked[MAXACTORS])
{
	struct differences ignored = { .len = 0 };
	struct outcome out;

	for (int i = 0; i < MAXACTORS; i++) {
		bool woken = parked[i] && model_woken(w, i, &out);

		if (parked[i] && woken != (r->early[i].progress == DONE))
			return false;
		if (woken
		    && !compare_outcome(&r->tr, &before[i], &before[i], &out, &r->early[i].out, &ignored))
			return false;
	}
	return true;
}

/* Does the world, after the call, look like the subject? */
static bool order_explains(struct run *r, const struct turn *t, struct world *w,
			   const struct op before[MAXACTORS], const bool parked[MAXACTORS])
{
	struct differences ignored = { .len = 0 };
	struct outcome out;

	snapshot_clear(&r->model_state);
	return model_apply(w, &t->model_op, r->prof, turn_errno(r, t), &out)
		&& sleepers_agree(r, w, before, parked) && model_snapshot(w, &r->model_state)
		&& compare_snapshot(&r->tr, &r->model_state, &r->subject_state, &ignored);
}

/* Some may end: where a system tells of a sleep for a moment longer, all get time to. */
static void look_at_sleepers(struct run *r, const bool parked[MAXACTORS])
{
	for (int i = 0; i < MAXACTORS; i++) {
		if (!parked[i])
			continue;
		r->early[i].progress = subject_wait(r->s, i, true, 0, &r->early[i].out);
		r->early[i].taken = true;
	}
}

static bool has_rivals(const struct run *r, const bool parked[MAXACTORS])
{
	struct world *copy;
	bool has;
	int n = 0;

	for (int i = 0; i < MAXACTORS; i++)
		n += parked[i];
	copy = n > 1 ? world_clone(r->w) : NULL;
	has = copy && model_arrange(copy, r->prof, 1);
	world_free(copy);
	return has;
}

void settle_order(struct run *r, const struct turn *t, const struct op before[MAXACTORS],
			 const bool parked[MAXACTORS], int64_t from)
{
	struct interval when = { .from = from };
	bool found = false;

	if (turn_unexpected(t, turn_errno(r, t)) || turn_is_short(t) || !has_rivals(r, parked))
		return;
	look_at_sleepers(r, parked);
	when.to = subject_clock(r->s, true);
	snapshot_clear(&r->subject_state);
	if (!translation_step(&r->tr, model_now(r->w), when) || !subject_snapshot(r->s, &r->subject_state))
		return;
	for (int k = 0; !found && k < MOST_ARRANGEMENTS; k++) {
		struct world *copy = world_clone(r->w);

		if (!copy || !model_arrange(copy, r->prof, k))
			k = MOST_ARRANGEMENTS;
		else if (order_explains(r, t, copy, before, parked))
			found = model_arrange(r->w, r->prof, k);
		world_free(copy);
	}
}
