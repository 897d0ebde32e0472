#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "prose.h"

const char *const level_name[NLEVELS] = {
	[LEVEL_NOTE] = "note", [LEVEL_WARNING] = "warning", [LEVEL_ERROR] = "error",
};

#define OBJECT_RULE(name, ...) [AUDIT_##name] = { __VA_ARGS__ },
#define SPACE_RULE(name, ...) [AUDIT_##name] = { __VA_ARGS__ },
const struct auditinfo auditinfo[NAUDITS] = {
#include "audit.def"
};
#undef OBJECT_RULE
#undef SPACE_RULE

/* ---- findings -------------------------------------------------------------------------------- */

const char *audit_text(struct audit *a, const struct json *text)
{
	char *copy = text->failed ? NULL : arena_alloc(&a->arena, text->len + 1);

	if (!copy)
		a->failed = true;
	else if (text->len)
		memcpy(copy, text->buf, text->len);
	return copy ? copy : "";
}

struct finding_of *audit_add(struct audit *a, enum audit_rule rule, const struct objview *o,
			     struct json *reason, const char *remedy)
{
	struct finding_of *f = NULL;

	if (grow(&a->v, &a->cap, a->n + 1, sizeof(*a->v))) {
		f = &a->v[a->n++];
		*f = (struct finding_of){ .rule = rule, .object = o, .reason = audit_text(a, reason),
					  .remedy = remedy ? remedy : auditinfo[rule].remedy };
	}
	a->failed = a->failed || !f;
	json_free(reason);
	return f;
}

static void look_at(struct audit *a, const struct objview *o)
{
	struct desk d;

	if (!desk_open(&d, &a->menu, o, &a->inv->files.limits)) {
		a->failed = true;
		return;
	}
#define OBJECT_RULE(name, ...) rule_##name(a, &d);
#define SPACE_RULE(name, ...)
#include "audit.def"
#undef OBJECT_RULE
#undef SPACE_RULE
	desk_close(&d);
}

bool audit_run(struct audit *a, const struct inventory *inv, const struct policy *policy, int64_t near)
{
	const struct snapshot *s = &inv->files.objects;

	*a = (struct audit){ .inv = inv, .policy = policy, .near = near };
	a->failed = !menu_read(&a->menu, &a->arena);
	for (size_t i = 0; !a->failed && i < s->nobj; i++)
		look_at(a, &s->obj[i]);
#define OBJECT_RULE(name, ...)
#define SPACE_RULE(name, ...) rule_##name(a);
#include "audit.def"
#undef OBJECT_RULE
#undef SPACE_RULE
	if (a->failed)
		audit_free(a);
	return !a->failed;
}

void audit_free(struct audit *a)
{
	free(a->v);
	a->v = NULL;
	a->n = 0;
	arena_free(&a->arena);
}

void audit_count(const struct audit *a, size_t count[NLEVELS])
{
	for (enum level l = 0; l < NLEVELS; l++)
		count[l] = 0;
	for (size_t i = 0; i < a->n; i++)
		count[auditinfo[a->v[i].rule].level]++;
}

/* ---- names ----------------------------------------------------------------------------------- */

void user_named(struct json *t, uint32_t uid, const struct accounts *a)
{
	const struct account *found = account_of(a, uid);

	if (!found) {
		prose(t, "%" PRIu32, uid);
		return;
	}
	prose_name(t, found->name);
	prose(t, " (%" PRIu32 ")", uid);
}

void group_of_name(struct json *t, uint32_t gid, const struct accounts *a)
{
	for (size_t i = 0; i < a->ngroups; i++)
		if (a->group[i].gid == gid) {
			prose_name(t, a->group[i].name);
			prose(t, " (%" PRIu32 ")", gid);
			return;
		}
	prose(t, "%" PRIu32, gid);
}

static void pair_named(struct json *t, const struct objview *o, enum field uid, enum field gid,
		       const struct accounts *a)
{
	user_named(t, (uint32_t)o->rec.v[uid], a);
	prose(t, " : ");
	group_of_name(t, (uint32_t)o->rec.v[gid], a);
}

void object_named(struct json *t, const struct objview *o, const struct accounts *a)
{
	prose(t, "%s %" PRId64 ", key 0x%08" PRIx32 ", owner ", object_kind[o->family], o->id,
	      (uint32_t)o->rec.v[F_key]);
	pair_named(t, o, F_uid, F_gid, a);
	if (o->rec.v[F_uid] != o->rec.v[F_cuid] || o->rec.v[F_gid] != o->rec.v[F_cgid]) {
		prose(t, ", creator ");
		pair_named(t, o, F_cuid, F_cgid, a);
	}
	prose(t, ", mode %04" PRIo64, (uint64_t)o->rec.v[F_mode]);
}
