/* What the answer of a call is compared with. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prose.h"
#include "reproduce_write.h"

enum { ASKED = 1 };		/* argument: the address of shmat */
typedef long long ll;			/* for printf */

/* The step that went when the model's clock was there; 0: none. */
static int step_at(const struct plan *p, int64_t time)
{
	for (int i = 0; i < p->nsteps; i++)
		if (p->in->step[i].kind == STEP_CALL && p->of[i].now == time)
			return i + 1;
	return 0;
}

static void check_field(struct plan *p, const char *object, enum field f, int64_t v)
{
	const char *name = fieldinfo[f].name;
	enum kind k = fieldinfo[f].kind;
	struct json *t = &p->out;

	if ((k == KIND_TIME && v == TIME_ANY) || (k == KIND_PID && v == PID_ANY) || k == KIND_SEQ)
		return;
	prose(t, "\t%s(\"%s\", %s(%s%s), ", k == KIND_PID ? "process" : k == KIND_TIME ? "moment"
	      : k == KIND_MODE ? "octal" : "number", name, f == F_shmmax || f == F_shmall ? "most" : "(long)",
	      object, name);
	if (k == KIND_PID)
		prose(t, "%s", v > 0 ? name_of(p, (int)v - 1) : "-1");
	else if (k == KIND_TIME)
		prose(t, "%d", v ? step_at(p, v) : 0);
	else
		prose(t, k == KIND_MODE ? "0%llo" : "%lld", (ll)v);
	prose(t, ");\n");
}

static bool in_perm(enum field f)
{
	return f == F_key || f == F_uid || f == F_gid || f == F_cuid || f == F_cgid || f == F_mode;
}

void check_record(struct plan *p, enum family family, bool status, const struct record *rec)
{
	for (enum field f = 0; f < NFIELDS; f++) {
		char object[40] = "info.";

		if (!(rec->has & BIT(f)))
			continue;
		if (f == F_type)
			snprintf(object, sizeof(object), "m.");
		else if (status)
			snprintf(object, sizeof(object), "ds.%s%s_%s", f == F_cbytes ? "__" : "",
				 prefix[family], f == F_key ? "perm.__" : in_perm(f) ? "perm." : "");
		check_field(p, object, f, rec->v[f]);
	}
}

/* The name that an object got before; ids of another namespace mean nothing. */
const char *name_before(const struct plan *p, int i, enum family family, int64_t id)
{
	const char *found = NULL;

	for (int k = 0; k < i; k++) {
		const struct step *st = &p->in->step[k];
		const struct opinfo *o = &opinfo[st->op.code];

		if (st->kind == STEP_CALL && st->bind >= 0 && o->result == R_ID && o->family == family
		    && p->of[i].value[st->bind] == id && p->of[k].end.how == RETURNED
		    && p->of[k].space == p->of[i].space)
			found = p->in->names[st->bind];
	}
	return found;
}

static void check_address(struct plan *p, const struct step *st, const struct prediction *at)
{
	int place = at->op.code == OP_mremap ? TO : ASKED;
	bool stays = at->op.code == OP_mremap && at->end.value == at->op.mremap.addr;

	if (!stays && !at->op.v[place]) {
		prose(&p->out, "\tnumber(\"distance to a page\", got %% sysconf(_SC_PAGESIZE), 0);\n");
		return;
	}
	prose(&p->out, "\tnumber(\"address\", got, (long)");
	put_address(p, &st->op, stays ? 0 : place);
	prose(&p->out, " + %lld);\n", (ll)(at->end.value - (stays ? at->op.mremap.addr : at->op.v[place])));
}

static void check_value(struct plan *p, int i, const struct prediction *at)
{
	const struct step *st = &p->in->step[i];
	const struct opinfo *o = &opinfo[st->op.code];
	const char *same = o->result == R_ID ? name_before(p, i, o->family, at->end.value) : NULL;
	struct json *t = &p->out;

	if (at->op.code == OP_umask)
		prose(t, "\toctal(\"value\", got, 0%llo);\n", (ll)at->end.value);
	else if (o->result == R_COUNT || o->result == R_INDEX || (o->result == R_ID && p->sc->check_ids))
		prose(t, "\tnumber(\"value\", got, %lld);\n", (ll)at->end.value);
	else if (same)
		prose(t, "\tnumber(\"id\", got, v->%s);\n", same);
	else if (o->result == R_PID && !op_makes_actor(st->op.code))
		prose(t, "\tprocess(\"pid\", got, %s);\n",
		      at->end.value > 0 ? name_of(p, (int)at->end.value - 1) : "-1");
	else if (o->result == R_ADDR)
		check_address(p, st, at);
}

/* What the call stored; nothing is said of a buffer that lies where it should not. */
void check_answer(struct plan *p, int i)
{
	const struct prediction *at = &p->of[i];
	const struct outcome *end = &at->end;
	const struct opinfo *o = &opinfo[at->op.code];
	enum gives gives = reproduce_calls[at->op.code].gives;
	struct json *t = &p->out;

	check_value(p, i, at);
	if (buffer_place(&at->op) != P_OK)
		return;
	check_record(p, o->family, gives == STATUS, &end->rec);
	if (gives == VALUES && end->nvals) {
		prose(t, "\tvalues(vals, (const unsigned short[])");
		put_values(t, end->vals, end->nvals);
		prose(t, ", %zu);\n", end->nvals);
	}
	if (gives != MESSAGE && gives != LOADED)
		return;
	if (gives == MESSAGE)
		prose(t, "\ttext(m.text, got, ");
	else
		prose(t, "\ttext(buf, %zu, ", end->len);
	put_bytes(t, end->bytes, end->len);
	prose(t, ");\n");
}
