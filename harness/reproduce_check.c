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

/* Keys that ftok gives are made of files, which are others each time: the name that one has, or NULL. */
static const char *name_of_key(const struct plan *p, int64_t key)
{
	const char *found = NULL;

	for (int i = 0; i < p->nsteps; i++)
		if (p->in->step[i].kind == STEP_CALL && p->in->step[i].op.code == OP_ftok
		    && p->in->step[i].bind >= 0 && p->of[i].end.value == key)
			found = p->in->names[p->in->step[i].bind];
	return found;
}

/* narrow: in 16 bits, for which a process may have too high a number. */
static void check_field(struct plan *p, const char *object, enum field f, int64_t v, bool narrow)
{
	const char *name = fieldinfo[f].name;
	enum kind k = fieldinfo[f].kind;
	struct json *t = &p->out;

	if (k == KIND_PID)
		prose(t, "\tprocess%s(\"%s\", %s, %s);\n", narrow ? "_16" : "", name, object,
		      v > 0 ? name_of(p, (int)v - 1) : "-1");
	else if (k == KIND_TIME)
		prose(t, "\tmoment(\"%s\", %s, %d);\n", name, object, v ? step_at(p, v) : 0);
	else if (k == KIND_KEY && name_of_key(p, v))
		prose(t, "\tnumber(\"%s\", (unsigned)%s, (unsigned)v->%s);\n", name, object,
		      name_of_key(p, v));
	else if (k == KIND_MODE)
		prose(t, "\toctal(\"%s\", %s, 0%llo);\n", name, object, (ll)v);
	else if (f == F_shmmax || f == F_shmall)
		prose(t, "\tmost(\"%s\", %s, %lld);\n", name, object, (ll)v);
	else
		prose(t, "\tnumber(\"%s\", %s, %lld);\n", name, object, (ll)v);
}

static bool in_perm(enum field f)
{
	return f == F_key || f == F_uid || f == F_gid || f == F_cuid || f == F_cgid || f == F_mode
		|| f == F_seq;
}

/* Sequence numbers are those of ids, which not every case is about. */
static bool told(const struct plan *p, enum field f, int64_t v)
{
	enum kind k = fieldinfo[f].kind;

	return !(k == KIND_TIME && v == TIME_ANY) && !(k == KIND_PID && v == PID_ANY)
		&& (k != KIND_SEQ || p->sc->check_ids);
}

/* A time has a word, two halves, or in structures of old one. */
static const char *time_of(const char *type)
{
	const char *bits = type ? strrchr(type, '_') : NULL;

	return bits && !strcmp(bits, "_32") ? "HALVES" : bits && !strcmp(bits, "_16") ? "" : "WHEN";
}

void check_record(struct plan *p, enum family family, const char *type, const struct record *rec)
{
	for (enum field f = 0; f < NFIELDS; f++) {
		char object[60];
		enum kind k = fieldinfo[f].kind;

		if (!(rec->has & BIT(f)) || f == F_type || !told(p, f, rec->v[f]))
			continue;
		if (type)
			snprintf(object, sizeof(object), k == KIND_TIME ? "%s(ds.%s_%s%s)" : "%sds.%s_%s%s",
				 k == KIND_TIME ? time_of(type) : "", prefix[family],
				 in_perm(f) ? "perm." : "", fieldinfo[f].name);
		else
			snprintf(object, sizeof(object), "info.%s", fieldinfo[f].name);
		check_field(p, object, f, rec->v[f], type && strstr(type, "_16"));
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

	if (at->op.code == OP_ftok && p->profile->ordered) {
		prose(t, "\tnumber(\"key\", got, key_made_of(at(\"%s\"), %lld));\n",
		      pathinfo[at->op.ftok.path].name, (ll)at->op.ftok.id);
	} else if (o->result == R_OPEN && p->profile->ordered) {
		prose(t, "\tnumber(\"value\", got, ");
		put_defined(t, (enum header)at->op.header.name, at->end.value);
		prose(t, ");\n");
	} else if (at->op.code == OP_umask)
		prose(t, "\toctal(\"value\", got, 0%llo);\n", (ll)at->end.value);
	else if (o->result == R_COUNT || (o->result == R_OPEN && at->end.value) || o->result == R_INDEX
		 || (o->result == R_ID && p->sc->check_ids))
		prose(t, "\tnumber(\"value\", got, %lld);\n", (ll)at->end.value);
	else if (same)
		prose(t, "\tnumber(\"id\", got, v->%s);\n", same);
	else if (o->result == R_PID && !op_makes_actor(st->op.code))
		prose(t, "\tprocess(\"pid\", got, %s);\n",
		      at->end.value > 0 ? name_of(p, (int)at->end.value - 1) : "-1");
	else if (o->result == R_ADDR)
		check_address(p, st, at);
}

/* A structure, of which every byte is looked at. */
static void check_structure(struct plan *p, const struct prediction *at)
{
	const struct call *c = &reproduce_calls[at->op.code];
	const char *name = c->gives == STATUS ? "ds" : "info";
	struct json *t = &p->out;

	prose(t, "\tmemcpy(&%s, room.at, sizeof(%s));\n", name, name);
	check_record(p, opinfo[at->op.code].family, c->gives == STATUS ? c->type : NULL, &at->end.rec);
	prose(t, "\treserved(room, %s_members);\n", c->type);
}

static void check_message(struct plan *p, const struct prediction *at)
{
	const struct outcome *end = &at->end;
	struct json *t = &p->out;

	if (end->rec.has & BIT(F_type))
		prose(t, "\tnumber(\"type\", type_in(room), %lld);\n", (ll)end->rec.v[F_type]);
	if (end->how != RETURNED || at->open & OPEN_BYTES)
		return;
	prose(t, "\tmessage(room, got, ");
	put_bytes(t, end->bytes, end->len);
	prose(t, ");\n");
}

/* What the call stored. */
static void check_stored(struct plan *p, const struct prediction *at)
{
	const struct outcome *end = &at->end;
	struct json *t = &p->out;

	switch (reproduce_calls[at->op.code].gives) {
	case NOTHING: break;
	case STATUS:
	case INFO: check_structure(p, at); break;
	case ROW: check_record(p, opinfo[at->op.code].family, NULL, &end->rec); break;
	case MESSAGE: check_message(p, at); break;
	case VALUES:
		if (at->open & OPEN_VALS)
			break;
		prose(t, "\tvalues(room, (const unsigned short[])");
		put_values(t, end->vals, end->nvals);
		prose(t, ", %zu);\n", end->nvals);
		break;
	case LOADED:
		if (at->open & OPEN_BYTES)
			break;
		prose(t, "\ttext(buf, %zu, ", end->len);
		put_bytes(t, end->bytes, end->len);
		prose(t, ");\n");
		break;
	}
}

static void tell_open(struct plan *p, const struct prediction *at)
{
	struct json *t = &p->out;

	if (!at->open && !at->open_fields)
		return;
	prose(t, "\t/* as sleepers may go in any order this is open:%s%s%s",
	      at->open & OPEN_VALUE ? " value" : "", at->open & OPEN_BYTES ? " text" : "",
	      at->open & OPEN_VALS ? " values" : "");
	for (enum field f = 0; f < NFIELDS; f++)
		if (at->open_fields & BIT(f))
			prose(t, " %s", fieldinfo[f].name);
	prose(t, " */\n");
}

void check_answer(struct plan *p, int i)
{
	const struct prediction *at = &p->of[i];

	if (at->end.how != RETURNED || at->op.code == OP_exit)
		return;
	tell_open(p, at);
	if (!(at->open & OPEN_VALUE))
		check_value(p, i, at);
	if (buffer_place(&at->op) != P_NULL)
		check_stored(p, at);
}

void check_failure(struct plan *p, int i)
{
	const struct prediction *at = &p->of[i];

	if (at->end.how == FAILED && has_room(&at->op) && reproduce_calls[at->op.code].gives == MESSAGE)
		check_message(p, at);
}
