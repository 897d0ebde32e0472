#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "matrix_party.h"

bool party_open(struct party *p, const struct subject_spec *spec, const struct facts *facts, char *err,
		size_t errsize)
{
	*p = (struct party){ .profile = &spec->profile, .facts = facts, .pid = getpid() };
	if (!spec->kernel)
		return true;
	p->call = calloc((size_t)matrix_nops, sizeof(*p->call));
	p->undo = calloc((size_t)matrix_nops, sizeof(*p->undo));
	if (p->call && p->undo)
		p->real = real_open(REAL_SOLO, err, errsize);
	return p->real;
}

static void discard_calls(struct party *p)
{
	for (int i = 0; p->call && p->undo && i < matrix_nops; i++) {
		real_discard(p->call[i]);
		real_discard(p->undo[i]);
		p->call[i] = p->undo[i] = NULL;
	}
}

void party_close(struct party *p)
{
	discard_calls(p);
	if (p->real)
		real_close(p->real);
	free(p->call);
	free(p->undo);
	snapshot_free(&p->seen);
}

bool party_hire(struct party *p, const struct cred *maker, char *err, size_t errsize)
{
	return !p->real || real_actor(p->real, MAKER, maker, err, errsize);
}

bool party_caller(struct party *p, const struct holding *h, size_t n, const struct cred *caller, char *err,
		  size_t errsize)
{
	if (p->real)
		return real_be(caller, err, errsize);
	for (size_t i = 0; i < n; i++)
		world_task(h[i].world, CALLER, caller);
	return true;
}

bool party_renew(struct party *p, char *err, size_t errsize)
{
	if (!p->real)
		return true;
	discard_calls(p);
	real_close(p->real);
	p->real = box_fresh(err, errsize) ? real_open(REAL_SOLO, err, errsize) : NULL;
	return p->real;
}

/* As op, for this object. */
static struct op aimed(const struct op *op, int64_t first)
{
	struct op copy = *op;

	copy.v[0] = first;
	return copy;
}

bool party_ready(struct party *p, const struct cellcalls *calls, const struct holding *h)
{
	discard_calls(p);
	for (int i = 0; p->real && i < matrix_nops; i++) {
		const struct op call = aimed(&calls->call[i], h->id), undo = aimed(&calls->undo[i], h->id);

		if (opinfo[matrix_op[i].code].family != p->family)
			continue;
		p->call[i] = real_prepare(&call);
		p->undo[i] = undo.code == NOPS ? NULL : real_prepare(&undo);
		if (!p->call[i] || (undo.code != NOPS && !p->undo[i]))
			return false;
	}
	return true;
}

static int ask_model(struct party *p, struct holding *h, const struct op *op, int64_t *value)
{
	struct verdict v;

	model_judge(h->world, op, p->profile, &v);
	if (!model_apply(h->world, op, p->profile, v.first, &p->out))
		return ENOMEM;
	*value = p->out.value;
	return p->out.how == FAILED ? p->out.err : p->out.how == RETURNED ? 0 : EINTR;
}

int party_once(struct party *p, struct holding *h, const struct op *op, int64_t *value)
{
	if (!p->real)
		return ask_model(p, h, op, value);
	if (real_call(p->real, op, false, &p->out) != DONE)
		return EINTR;
	*value = p->out.value;
	return p->out.how == RETURNED ? 0 : p->out.err;
}

int party_call(struct party *p, struct holding *h, const struct op *op, int i, bool undo, int64_t first,
	       int64_t *value)
{
	if (p->real)
		return real_fire(undo ? p->undo[i] : p->call[i], first, value);
	else {
		const struct op asked = aimed(op, first);

		return ask_model(p, h, &asked, value);
	}
}

void party_mode(struct party *p, int i, bool undo, int mode)
{
	if (p->real)
		real_set_field(undo ? p->undo[i] : p->call[i], F_mode, mode);
}

bool party_look(struct party *p, const struct holding *h, unsigned char state[STATEMAX])
{
	struct record rec = { 0 };

	if (p->real)
		return real_status(p->family, h->id, state);
	if (!model_record(h->world, -1, p->family, h->id, &rec))
		return false;
	memcpy(state, &rec, sizeof(rec));
	return true;
}

size_t party_state_size(const struct party *p)
{
	return p->real ? real_status_size(p->family) : sizeof(struct record);
}

bool party_read(const struct party *p, const unsigned char *state, struct record *rec)
{
	if (p->real)
		return real_status_read(p->family, state, rec) < 0;
	memcpy(rec, state, sizeof(*rec));
	return true;
}

bool party_stored(struct party *p, int i, const struct seen *s)
{
	bool same;

	if (!p->real)
		return !memcmp(&s->answer.rec, s->state, sizeof(s->answer.rec));
	same = !memcmp(real_stored(p->call[i]), s->state, real_status_size(p->family));
	real_wipe(p->call[i]);
	return same;
}

void party_answer(struct party *p, int i, struct outcome *out)
{
	if (p->real)
		real_answer(p->call[i], out);
	else
		*out = p->out;
}

void party_wipe(struct party *p, int i)
{
	if (p->real)
		real_wipe(p->call[i]);
}

bool party_kept_off(const struct party *p, int i)
{
	return !p->real || real_untouched(p->call[i]);
}

bool party_values(struct party *p, const struct holding *h, uint16_t vals[SEMAPHORES])
{
	if (p->real)
		return real_values(h->id, vals);
	snapshot_clear(&p->seen);
	if (!model_snapshot(h->world, &p->seen) || p->seen.nsem != SEMAPHORES)
		return false;
	for (int i = 0; i < SEMAPHORES; i++)
		vals[i] = (uint16_t)p->seen.sem[i].val;
	return true;
}

int64_t party_clock(const struct party *p, const struct holding *h)
{
	return p->real ? real_seconds() : model_now(h->world) - 1;
}

int64_t party_pid(const struct party *p, int64_t model)
{
	return p->real && model > 0 ? p->pid : model;
}
