#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "model.h"

static const char *const family_name[NFAMILIES] = { [MSG] = "queue", [SEM] = "set", [SHM] = "segment" };

enum { HOME_SPACE };			/* the namespace that snapshots show */

/* ---- translation -------------------------------------------------------------------------------- */

void translation_free(struct translation *t)
{
	free(t->id);
	free(t->step);
	*t = (struct translation){ 0 };
}

bool translation_step(struct translation *t, int64_t step, struct interval when)
{
	if (!grow(&t->step, &t->capsteps, (size_t)step + 1, sizeof(*t->step)))
		return false;
	while (t->nsteps <= (size_t)step)
		t->step[t->nsteps++] = when;
	t->step[step] = when;
	return true;
}

/* The subject's name for a model id in a namespace, or -1 when it has none. */
static int64_t translation_id(const struct translation *t, int64_t space, enum family f, int64_t model)
{
	for (size_t i = t->nid; i-- > 0;)
		if (t->id[i].space == space && t->id[i].family == f && t->id[i].model == model)
			return t->id[i].subject;
	return -1;
}

static int64_t model_id(const struct translation *t, int64_t space, enum family f, int64_t subject)
{
	for (size_t i = t->nid; i-- > 0;)
		if (t->id[i].space == space && t->id[i].family == f && t->id[i].subject == subject)
			return t->id[i].model;
	return -1;
}

static void translation_enter(struct translation *t, enum family f, int64_t model, int64_t subject)
{
	if (grow(&t->id, &t->capid, t->nid + 1, sizeof(*t->id)))
		t->id[t->nid++] = (struct pair){ t->space, f, model, subject };
}

enum { KEYS = NFAMILIES };	/* the family of keys that ftok gave */

/* ---- differences --------------------------------------------------------------------------------- */

void differ(struct differences *d, const char *fmt, ...)
{
	va_list ap;
	size_t left = sizeof(d->text) - d->len;
	int n;

	d->count++;
	va_start(ap, fmt);
	n = vsnprintf(d->text + d->len, left, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n + 1 >= left) {
		d->text[d->len] = '\0'; /* a line that does not fit is left out whole; it is counted */
		return;
	}
	d->len += (size_t)n;
	d->text[d->len++] = '\n';
	d->text[d->len] = '\0';
}

static bool pid_agrees(const struct translation *t, int64_t model, int64_t subject)
{
	if (model <= 0 || model > MAXACTORS)
		return model == PID_ANY || model == subject;
	return t->pid[model - 1] == subject;
}

static bool time_agrees(const struct translation *t, int64_t model, int64_t subject)
{
	if (model == TIME_ANY)
		return true;
	if (model == 0 || (size_t)model >= t->nsteps)
		return model == subject;
	return t->step[model].from <= subject && subject <= t->step[model].to;
}

/* A key that ftok gave is that of the same file there; every other is the same number. */
static bool key_agrees(const struct translation *t, int64_t model, int64_t subject)
{
	for (size_t i = t->nid; i-- > 0;)
		if ((int)t->id[i].family == KEYS && t->id[i].model == model)
			return t->id[i].subject == subject;
	return model == subject;
}

static bool field_agrees(const struct translation *t, enum field f, int64_t model, int64_t subject)
{
	switch (fieldinfo[f].kind) {
	case KIND_PID: return pid_agrees(t, model, subject);
	case KIND_KEY: return key_agrees(t, model, subject);
	case KIND_TIME: return time_agrees(t, model, subject);
	case KIND_SEQ: return !t->exact_ids || model == subject;
	default: return model == subject;
	}
}

static void field_text(const struct translation *t, enum field f, int64_t v, bool of_model, char *buf,
		       size_t size)
{
	int actor = -1;

	if (fieldinfo[f].kind == KIND_MODE) {
		snprintf(buf, size, "%04" PRIo64, v);
	} else if (fieldinfo[f].kind == KIND_TIME && of_model && v > 0 && (size_t)v < t->nsteps) {
		snprintf(buf, size, "%" PRId64 "..%" PRId64, t->step[v].from, t->step[v].to);
	} else if (fieldinfo[f].kind == KIND_PID && v > 0) {
		for (int i = 0; i < MAXACTORS; i++)
			if (of_model ? i == v - 1 : t->pid[i] == v)
				actor = i;
		snprintf(buf, size, actor < 0 ? "pid %" PRId64 : "actor %" PRId64,
			 actor < 0 ? v : (int64_t)actor + 1);
	} else {
		snprintf(buf, size, "%" PRId64, v);
	}
}

static void compare_record(const struct translation *t, const char *of, const struct record *model,
			   const struct record *subject, struct differences *d)
{
	uint64_t either = model->has | subject->has;

	for (enum field f = 0; either >> f; f++) {
		char seen[48], want[48];

		if (!(either & BIT(f)))
			continue;
		if (!(model->has & BIT(f)) || !(subject->has & BIT(f))) {
			differ(d, "%s%s: %s", of, fieldinfo[f].name,
			       model->has & BIT(f) ? "missing" : "reported, not expected");
			continue;
		}
		if (field_agrees(t, f, model->v[f], subject->v[f]))
			continue;
		field_text(t, f, subject->v[f], false, seen, sizeof(seen));
		field_text(t, f, model->v[f], true, want, sizeof(want));
		differ(d, "%s%s: observed %s, expected %s", of, fieldinfo[f].name, seen, want);
	}
}

/* ---- outcomes ------------------------------------------------------------------------------------ */

static void compare_id(struct translation *t, enum family f, int64_t model, int64_t subject,
		       struct differences *d)
{
	int64_t want = translation_id(t, t->space, f, model), other = model_id(t, t->space, f, subject);

	if (subject < 0)
		differ(d, "id: observed %" PRId64 ", expected a non-negative number", subject);
	else if (t->exact_ids && model != subject)
		differ(d, "id: observed %" PRId64 ", expected %" PRId64, subject, model);
	else if (want >= 0 && want != subject)
		differ(d, "id: observed %" PRId64 ", expected %" PRId64 ", the id of the same object",
		       subject, want);
	else if (want < 0 && other >= 0)
		differ(d, "id: observed %" PRId64 ", which already names another object", subject);
	if (want < 0 && subject >= 0)
		translation_enter(t, f, model, subject);
}

/* Equal keys must be equal on both sides, and different ones different. Key 0 of the model is any key. */
static void compare_key(struct translation *t, int64_t model, int64_t subject, struct differences *d)
{
	bool known = false;

	if (t->exact && model != subject)
		differ(d, "key: observed 0x%" PRIx64 ", expected 0x%" PRIx64, subject, model);
	if (t->exact || !model)
		return;
	for (size_t i = 0; i < t->nid; i++) {
		const struct pair *p = &t->id[i];

		if ((int)p->family != KEYS)
			continue;
		known = known || p->model == model;
		if (p->model == model && p->subject != subject)
			differ(d, "key: observed 0x%" PRIx64 ", expected the one of before", subject);
		if (p->model != model && p->subject == subject)
			differ(d, "key: observed 0x%" PRIx64 ", that of another file or id", subject);
	}
	if (!known)
		translation_enter(t, (enum family)KEYS, model, subject);
}

/* The address that an operation asks for; 0: none. */
static int64_t address_asked(const struct op *op)
{
	return op->code == OP_mremap ? op->mremap.to : op->shmat.addr;
}

/* An address that the caller chose, or had, must be kept; one that the system chose must be aligned. */
static void compare_addr(const struct translation *t, const struct op *model_op, const struct op *subject_op,
			 int64_t model, int64_t subject, struct differences *d)
{
	bool stays = model_op->code == OP_mremap && model == model_op->mremap.addr;
	int64_t asked = stays ? subject_op->mremap.addr : address_asked(subject_op);
	int64_t want = asked + (model - (stays ? model : address_asked(model_op)));

	if (model_op->code == OP_mremap && !asked && subject == subject_op->mremap.addr)
		differ(d, "address: observed 0x%" PRIx64 ", expected another", subject);
	else if (asked && subject != want)
		differ(d, "address: observed 0x%" PRIx64 ", expected 0x%" PRIx64, subject, want);
	else if (subject % t->page)
		differ(d, "address: 0x%" PRIx64 " is not a multiple of %" PRId64, subject, t->page);
}

static void compare_value(struct translation *t, const struct op *model_op, const struct op *subject_op,
			  int64_t model, int64_t subject, struct differences *d)
{
	const struct opinfo *o = &opinfo[model_op->code];

	switch (o->result) {
	case R_ID:
		compare_id(t, o->family, model, subject, d);
		return;
	case R_ADDR:
		compare_addr(t, model_op, subject_op, model, subject, d);
		return;
	case R_PID:
		if (!op_makes_actor(model_op->code) && !pid_agrees(t, model, subject))
			differ(d, "value: observed pid %" PRId64 ", expected %s %" PRId64, subject,
			       model ? "actor" : "none,", model);
		return;
	case R_KEY:
		compare_key(t, model, subject, d);
		return;
	case R_OPEN:
		if (!t->exact && !model)
			return;
		/* fall through */
	case R_ZERO:
	case R_COUNT:
	case R_INDEX:
		if (model != subject)
			differ(d, "value: observed %" PRId64 ", expected %" PRId64, subject, model);
		return;
	}
}

static bool same_bytes(const void *a, size_t na, const void *b, size_t nb)
{
	return na == nb && (!na || !memcmp(a, b, na));
}

bool compare_outcome(struct translation *t, const struct op *model_op, const struct op *subject_op,
		     const struct outcome *model, const struct outcome *subject, struct differences *d)
{
	int before = d->count;

	if (subject->stray)
		differ(d, "%s", subject->stray);
	if (model->how != subject->how || (model->how != RETURNED && model->err != subject->err)) {
		differ(d, "outcome: another than expected");
		return false;
	}
	compare_record(t, "", &model->rec, &subject->rec, d);
	if (model->how != RETURNED)
		return d->count == before;
	compare_value(t, model_op, subject_op, model->value, subject->value, d);
	if (!same_bytes(model->bytes, model->len, subject->bytes, subject->len))
		differ(d, "bytes: other than expected (%zu observed, %zu expected)", subject->len,
		       model->len);
	if (!same_bytes(model->vals, model->nvals * sizeof(*model->vals), subject->vals,
			subject->nvals * sizeof(*subject->vals)))
		differ(d, "values: other than expected (%zu observed, %zu expected)", subject->nvals,
		       model->nvals);
	return d->count == before;
}

/* ---- state --------------------------------------------------------------------------------------- */

static void compare_sems(const struct translation *t, const char *of, const struct semview *model,
			 const struct semview *subject, size_t n, struct differences *d)
{
	for (size_t i = 0; i < n; i++) {
		if (model[i].val != subject[i].val)
			differ(d, "%ssemval[%zu]: observed %" PRId64 ", expected %" PRId64, of, i,
			       subject[i].val, model[i].val);
		if (i >= SEMVIEWS)
			continue;
		if (!pid_agrees(t, model[i].pid, subject[i].pid))
			differ(d, "%ssempid[%zu]: observed pid %" PRId64 ", expected actor %" PRId64, of, i,
			       subject[i].pid, model[i].pid);
		if (model[i].ncnt != subject[i].ncnt)
			differ(d, "%ssemncnt[%zu]: observed %" PRId64 ", expected %" PRId64, of, i,
			       subject[i].ncnt, model[i].ncnt);
		if (model[i].zcnt != subject[i].zcnt)
			differ(d, "%ssemzcnt[%zu]: observed %" PRId64 ", expected %" PRId64, of, i,
			       subject[i].zcnt, model[i].zcnt);
	}
}

static void compare_msgs(const char *of, const struct msgview *model, const struct msgview *subject, size_t n,
			 struct differences *d)
{
	for (size_t i = 0; i < n; i++) {
		if (subject[i].type == 0)	/* cannot be looked at there */
			continue;
		if (model[i].type != subject[i].type)
			differ(d, "%smessage[%zu].type: observed %" PRId64 ", expected %" PRId64, of, i,
			       subject[i].type, model[i].type);
		if (!same_bytes(model[i].text, model[i].len, subject[i].text, subject[i].len))
			differ(d,
			       "%smessage[%zu].text: other than expected (%zu bytes observed, %zu expected)",
			       of, i, subject[i].len, model[i].len);
	}
}

static const struct objview *object_of(const struct snapshot *s, enum family f, int64_t id)
{
	for (size_t i = 0; i < s->nobj; i++)
		if (s->obj[i].family == f && s->obj[i].id == id)
			return &s->obj[i];
	return NULL;
}

/* An object is called by the id that it has in the model, which does not depend on what was there before. */
static void compare_object(const struct translation *t, const struct objview *model,
			   const struct snapshot *ms, const struct objview *subject,
			   const struct snapshot *ss, struct differences *d)
{
	char of[48];

	snprintf(of, sizeof(of), "%s %" PRId64 " ", family_name[model->family], model->id);
	compare_record(t, of, &model->rec, &subject->rec, d);
	if (model->nsems != subject->nsems)
		differ(d, "%ssemaphores: observed %zu, expected %zu", of, subject->nsems, model->nsems);
	else
		compare_sems(t, of, ms->sem + model->sems, ss->sem + subject->sems, model->nsems, d);
	if (model->nmsgs != subject->nmsgs)
		differ(d, "%smessages: observed %zu, expected %zu", of, subject->nmsgs, model->nmsgs);
	else
		compare_msgs(of, ms->msg + model->msgs, ss->msg + subject->msgs, model->nmsgs, d);
}

bool compare_snapshot(const struct translation *t, const struct snapshot *model,
		      const struct snapshot *subject, struct differences *d)
{
	int before = d->count;

	for (size_t i = 0; i < model->nobj; i++) {
		const struct objview *m = &model->obj[i];
		int64_t id = translation_id(t, HOME_SPACE, m->family, m->id);
		const struct objview *s = object_of(subject, m->family, id);

		if (s)
			compare_object(t, m, model, s, subject, d);
		else
			differ(d, "%s %" PRId64 ": gone, expected to exist", family_name[m->family],
			       m->id);
	}
	for (size_t i = 0; i < subject->nobj; i++) {
		const struct objview *s = &subject->obj[i];
		int64_t id = model_id(t, HOME_SPACE, s->family, s->id);

		if (id < 0 || !object_of(model, s->family, id))
			differ(d, "%s %" PRId64 ": exists, not expected", family_name[s->family], s->id);
	}
	return d->count == before;
}

static int64_t pid_in_model(const struct translation *t, int64_t pid)
{
	for (int i = 0; i < MAXACTORS; i++)
		if (t->pid[i] == pid)
			return i + 1;
	return 0;
}

bool translate_object(const struct translation *t, struct objview *seen, struct snapshot *s)
{
	seen->id = model_id(t, HOME_SPACE, seen->family, seen->id);
	for (enum field f = 0; f < NFIELDS; f++) {
		if (fieldinfo[f].kind == KIND_TIME && seen->rec.v[f])
			seen->rec.v[f] = TIME_ANY;
		if (fieldinfo[f].kind == KIND_PID)
			seen->rec.v[f] = pid_in_model(t, seen->rec.v[f]);
	}
	for (size_t i = 0; i < seen->nsems; i++)
		s->sem[seen->sems + i].pid = pid_in_model(t, s->sem[seen->sems + i].pid);
	return seen->id >= 0;
}
