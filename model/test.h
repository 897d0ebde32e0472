/* Short forms for tests of the model, so that a test reads as a claim. For *_test.c files only. */
#ifndef TEST_H
#define TEST_H

#include <check.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "suite_test.h"

/* A, B and D are processes of user 1000, C is one of user 2000, ROOT has every capability. */
enum { A, B, C, D, ROOT };

static struct world *w;			/* of the running test */
static const struct profile *profile;	/* that run() and what is built on it go by */

static inline struct cred user(uint32_t id)
{
	return (struct cred){
		.ruid = id, .euid = id, .suid = id, .fsuid = id,
		.rgid = id, .egid = id, .sgid = id, .fsgid = id,
	};
}

static inline void setup_world(void)
{
	const struct cred ordinary = user(1000), other = user(2000);
	struct cred root = user(0);

	root.caps = CAPS_ALL;
	profile = &profile_linux;
	w = world_new(&linux_facts);
	ck_assert_ptr_nonnull(w);
	world_task(w, A, &ordinary);
	world_task(w, B, &ordinary);
	world_task(w, C, &other);
	world_task(w, D, &ordinary);
	world_task(w, ROOT, &root);
}

static inline void free_world(void)
{
	world_free(w);
	w = NULL;
}

/* ---- calls ---------------------------------------------------------------------------------- */

/* op(msgrcv, A, .id = q, .size = 9) */
#define op(name_, actor_, ...) \
	((struct op){ .code = OP_##name_, .actor = (actor_), .name_ = { __VA_ARGS__ } })
/* The same with a payload: with(text(1, "x"), msgsnd, A, .id = q) */
#define with(payload_, name_, actor_, ...) \
	((struct op){ .code = OP_##name_, .actor = (actor_), .name_ = { __VA_ARGS__ }, .data = (payload_) })

/* Payloads; they live as long as the block that they are written in. */
#define text(type_, s) (&(struct payload){ .msg = { (type_), sizeof(s) - 1, sizeof(s) - 1, \
						    (const unsigned char *)(s) } })
#define set(...) (&(struct payload){ .set = { __VA_ARGS__ } })
#define cred(...) (&(struct payload){ .cred = { __VA_ARGS__ } })

/* How often a test repeats what it does by chance. HASTE in the environment divides that. */
static inline int often(int n)
{
	const char *haste = getenv("HASTE");
	int times = haste ? n / (int)strtol(haste, NULL, 10) : n;

	return times ? times : 1;
}

/* The step through all values of something, which is 1 unless there is HASTE. */
static inline unsigned stride(void)
{
	const char *haste = getenv("HASTE");

	return haste ? (unsigned)strtol(haste, NULL, 10) | 1 : 1;
}

static inline const char *why_not_ok(void)
{
	static char why[200];

	return world_ok(w, why, sizeof(why)) ? NULL : why;
}

/* Carries out a call as its profile judges it. The invariant holds afterwards. */
static inline struct outcome run(struct op call)
{
	struct outcome out;
	struct verdict v;
	char why[200];

	ck_assert_msg(model_ready(w, &call, why, sizeof(why)), "%s", why);
	model_judge(w, &call, profile, &v);
	ck_assert(model_apply(w, &call, profile, v.first, &out));
	ck_assert_ptr_null(why_not_ok());
	return out;
}

/* The errno of a call that fails, 0 of one that does not. */
static inline int err(struct op call)
{
	struct outcome out = run(call);

	return out.how == FAILED ? out.err : 0;
}

/* The value of a call that succeeds. */
static inline int64_t value(struct op call)
{
	struct outcome out = run(call);

	ck_assert_msg(out.how == RETURNED, "%s gave %s", opinfo[call.code].name,
		      out.how == BLOCKED ? "no answer" : err_name(out.err));
	return out.value;
}

static inline bool blocks(struct op call)
{
	return run(call).how == BLOCKED;
}

static inline bool asleep(int actor)
{
	return model_parked(w, actor) != NULL;
}

/* The outcome with which actor's call ended in the last step. */
static inline struct outcome woken(int actor)
{
	struct outcome out;

	ck_assert_msg(model_woken(w, actor, &out), "actor %d was not woken", actor);
	return out;
}

/* The errno with which actor's call ended in the last step, 0 for success. */
static inline int woken_err(int actor)
{
	struct outcome out = woken(actor);

	return out.how == FAILED ? out.err : 0;
}

static inline struct verdict judge(struct op call)
{
	struct verdict v;

	model_judge(w, &call, profile, &v);
	return v;
}

static inline struct errset errs_of(const int *list, size_t n)
{
	struct errset errs = { 0 };

	for (size_t i = 0; i < n; i++)
		errs.bits |= UINT32_C(1) << err_bit(list[i]);
	return errs;
}
#define errs(...) \
	errs_of((const int[]){ __VA_ARGS__ }, sizeof((const int[]){ __VA_ARGS__ }) / sizeof(int)).bits

/* One field of an object's status record. */
static inline int64_t field(enum family f, int64_t id, enum field which)
{
	struct record rec = { 0 };

	ck_assert(model_record(w, -1, f, id, &rec));
	ck_assert(rec.has & BIT(which));
	return rec.v[which];
}

/* Why: the derivation of a call; lives until the next. */
static inline const char *derived(struct op call)
{
	static char buf[4000];
	struct text t = { .buf = buf, .size = sizeof(buf) };

	buf[0] = '\0';
	model_derive(w, &call, profile, &t);
	return buf;
}

/* The derivation of the call has this text in it. */
static inline void says(struct op call, const char *words)
{
	const char *all = derived(call);

	ck_assert_msg(strstr(all, words) != NULL, "'%s' is not in:\n%s", words, all);
}

/* ---- running -------------------------------------------------------------------------------- */

static inline TCase *tests_of(Suite *s, const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, setup_world, free_world);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(s, tc);
	return tc;
}

#endif
