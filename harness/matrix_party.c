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
	p->maker = *maker;
	return !p->real || real_actor(p->real, MAKER, maker, err, errsize);
}

bool party_caller(struct party *p, const struct cred *caller, char *err, size_t errsize)
{
	p->caller = *caller;
	return !p->real || real_be(caller, err, errsize);
}

bool party_renew(struct party *p, char *err, size_t errsize)
{
	if (!p->real)
		return true;
	discard_calls(p);
	real_close(p->real);
	p->real = box_fresh(err, errsize) ? real_open(REAL_SOLO, err, errsize) : NULL;
	return p->real && (!is_file(p->kind) || real_files(p->real, err, errsize));
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

		if (matrix_op[i].kind != p->kind)
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

int64_t party_file(const struct party *p, int64_t file, int n)
{
	return p->real ? file + (int64_t)FILESET * (n + 1) : file;
}

bool party_made(struct party *p, const struct holding *h)
{
	return !p->real || !is_file(p->kind) || real_watch(h->id);
}

static void remove_object(struct party *p, struct holding *h)
{
	static const enum opcode removal[NFAMILIES] = {
		[MSG] = OP_msgctl_IPC_RMID, [SEM] = OP_semctl_IPC_RMID, [SHM] = OP_shmctl_IPC_RMID,
	};
	const struct op op = {
		.code = removal[cellkindinfo[p->kind].family], .actor = MAKER, .v = { h->id },
	};
	int64_t value;

	party_once(p, h, &op, &value);
}

void party_remove(struct party *p, struct holding *h)
{
	if (p->real && is_file(p->kind))
		real_remove(h->id);
	else if (p->real)
		remove_object(p, h);
}

/* A kernel's maker is the caller's process, for as long as the call takes. */
static int call_as_maker(struct party *p, struct real_shot *shot, int64_t first, int64_t *value)
{
	char ignored[200];
	int err;

	if (!real_be(&p->maker, ignored, sizeof(ignored)))
		return EINTR;
	err = real_fire(shot, first, value);
	return real_be(&p->caller, ignored, sizeof(ignored)) ? err : EINTR;
}

int party_call(struct party *p, struct holding *h, const struct op *op, int i, bool undo, int64_t first,
	       int64_t *value)
{
	struct op asked;

	if (p->real && op->actor == MAKER)
		return call_as_maker(p, undo ? p->undo[i] : p->call[i], first, value);
	if (p->real)
		return real_fire(undo ? p->undo[i] : p->call[i], first, value);
	asked = aimed(op, first);
	return ask_model(p, h, &asked, value);
}

void party_mode(struct party *p, int i, bool undo, int mode)
{
	if (p->real)
		real_set_field(undo ? p->undo[i] : p->call[i], F_mode, mode);
}

bool party_look(struct party *p, const struct holding *h, unsigned char state[STATEMAX])
{
	const enum family f = cellkindinfo[p->kind].family;
	struct record rec = { 0 };

	if (p->real)
		return real_status(f, h->id, state);
	if (!model_record(h->world, -1, f, h->id, &rec))
		return false;
	memcpy(state, &rec, sizeof(rec));
	return true;
}

size_t party_state_size(const struct party *p)
{
	return p->real ? real_status_size(cellkindinfo[p->kind].family) : sizeof(struct record);
}

bool party_read(const struct party *p, const unsigned char *state, struct record *rec)
{
	if (p->real)
		return real_status_read(cellkindinfo[p->kind].family, state, rec) < 0;
	memcpy(rec, state, sizeof(*rec));
	return true;
}

bool party_stored(struct party *p, int i, const struct seen *s, const unsigned char state[STATEMAX])
{
	bool same;

	if (!p->real)
		return !memcmp(&s->answer.rec, state, sizeof(s->answer.rec));
	same = !memcmp(real_stored(p->call[i]), state, real_status_size(cellkindinfo[p->kind].family));
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
