/*
 * Calls that are prepared once and made many times. Buffers are filled when a call is prepared; when it is
 * made only the argument that names an object differs, and answers are decoded only when somebody asks.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

struct real_shot {
	struct slot *slot;
	int charging;			/* holds the turn to lock memory, or -1 */
	char stray[80];
};

/* What a call keeps of the object is looked at, which the caller need not be allowed to do. */
static void marshal_with_rights(struct slot *slot, const struct op *op)
{
	const uint64_t before = cred_lift();

	marshal_call(slot, op);
	cred_lower(before);
}

struct real_shot *real_prepare(const struct op *op)
{
	struct real_shot *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	/* Never more than one page at a time, which does not disturb others who do the same. */
	s->charging = op->code == OP_shmctl_SHM_LOCK ? turn_of_charging(false) : -1;
	s->slot = slot_new();
	if (s->slot && slot_guard(s->slot)) {
		marshal_with_rights(s->slot, op);
		return s;
	}
	real_discard(s);
	return NULL;
}

void real_discard(struct real_shot *s)
{
	if (s && s->slot)
		slot_free(s->slot);
	if (s && s->charging >= 0)
		close(s->charging);
	free(s);
}

int real_fire(struct real_shot *s, int64_t first, int64_t *value)
{
	struct slot *slot = s->slot;

	slot->op.v[0] = first;
	call_run(slot);
	*value = slot->op.code == OP_shmat ? (int64_t)(unsigned long)slot->ret : slot->ret;
	return slot->ret == -1 ? slot->err : 0;
}

void real_answer(struct real_shot *s, struct outcome *out)
{
	marshal_answer(s->slot, out, s->stray, sizeof(s->stray));
}

const unsigned char *real_stored(const struct real_shot *s)
{
	return s->slot->out.at;
}

bool real_untouched(const struct real_shot *s)
{
	return canary_broken(s->slot, s->slot->out, 0) == (long)s->slot->out.room;
}

void real_wipe(struct real_shot *s)
{
	canary_fill(s->slot, s->slot->out);
}

void real_set_field(struct real_shot *s, enum field f, int64_t v)
{
	if (s->slot->op.code == OP_chmod)
		s->slot->op.chmod.mode = v;
	else
		layout_write(&kernel_layouts.status[opinfo[s->slot->op.code].family], s->slot->buf, f, v);
}

/* ---- who calls ------------------------------------------------------------------------------- */

static struct cred self;

bool real_be(const struct cred *cred, char *err, size_t errsize)
{
	int number, step = cred_take(cred, &number);

	self = *cred;
	if (step)
		cred_explain(step, number, err, errsize);
	return !step;
}

/* ---- what an object is like ------------------------------------------------------------------ */

static const struct layout *layout_in(enum family f)
{
	return f == NODES ? layout_of(ABI_RAW, OP_stat) : &kernel_layouts.status[f];
}

size_t real_status_size(enum family f)
{
	return layout_in(f)->size;
}

/* A system without *_STAT_ANY, or that tells no id by it, shows an object to who has all rights. */
static bool look_with_rights(enum family f, int64_t id, unsigned char *raw)
{
	const uint64_t before = cred_lift();
	const bool seen = look_raw(f, id, raw);

	cred_lower(before);
	return seen;
}

bool real_status(enum family f, int64_t id, unsigned char *raw)
{
	if (f == NODES)
		return node_look(id, raw);
	return look_raw(f, id, raw) || (!look_needs_no_right(f) && look_with_rights(f, id, raw));
}

int real_status_read(enum family f, const unsigned char *raw, struct record *rec)
{
	rec->has = 0;
	return layout_read(layout_in(f), raw, rec);
}

bool real_values(int64_t id, uint16_t *vals)
{
	bool seen;
	int err;

	cred_raise();
	seen = syscall(SYS_semctl, (long)id, 0L, (long)GETALL, vals) == 0;
	return cred_take(&self, &err) == 0 && seen;
}
