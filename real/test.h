/* Short forms for tests of the real side, so that a test reads as a claim. For *_test.c files only. */
#ifndef TEST_H
#define TEST_H

#include <check.h>
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"
#include "suite_test.h"

enum { A, B, C, D };			/* actors; in the box of an ordinary user all are user 1000 */

static struct real *r;			/* of the running test */
static struct outcome out;		/* of the last call */

/* ---- boxes ----------------------------------------------------------------------------------- */

static inline int run_in_box(void *arg)
{
	(*(void (**)(void))arg)();
	return 0;
}

/* Root's tests are run once more by somebody who has no rights. */
static inline void become_ordinary_user(void)
{
	const uint32_t somebody = 1234;

	if (geteuid())
		return;
	ck_assert_int_eq(setgroups(0, NULL), 0);
	ck_assert_int_eq(setresgid(somebody, somebody, somebody), 0);
	ck_assert_int_eq(setresuid(somebody, somebody, somebody), 0);
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 0);
}

/* Runs a test in a box. Says so when there can be none: nothing was tested then. */
static inline void in_box(const char *name, void (*test)(void), bool ordinary)
{
	char why[200];
	int status = 1;
	pid_t pid;

	if (ordinary)
		become_ordinary_user();
	pid = box_spawn(run_in_box, &test, why, sizeof(why));
	if (pid < 0) {
		fprintf(stderr, "SKIPPED %s: %s\n", name, why);
		return;
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (status)
		exit(1);		/* what failed was told in the box */
}

/* A test whose body runs in a box, of whoever runs the tests and of an ordinary user: see add_box_test(). */
#define BOX_TEST(name) \
static void name##_body(void); \
START_TEST(name) \
{ \
	in_box(#name, name##_body, _i); \
} \
END_TEST \
static void name##_body(void)

static inline void add_box_test(TCase *tc, const TTest *test)
{
	tcase_add_loop_test(tc, test, 0, 2);
}

static inline bool is_root(void)
{
	struct cred other = { .euid = 1 };
	char why[200];

	return box_can_be(&other, why, sizeof(why));
}

/* ---- runs ------------------------------------------------------------------------------------ */

static inline struct cred user(uint32_t id)
{
	return (struct cred){
		.ruid = id, .euid = id, .suid = id, .fsuid = id,
		.rgid = id, .egid = id, .sgid = id, .fsgid = id,
	};
}

/* Other users than 1000 where that can be: 1000 + n, unless the box is an ordinary user's. */
static inline struct cred nth_user(int n)
{
	return user(is_root() ? 1000 + (uint32_t)n : 1000);
}

static inline void new_actor(int actor, struct cred cred)
{
	char why[200];

	ck_assert_msg(real_actor(r, actor, &cred, why, sizeof(why)), "%s", why);
}

/* A run where we are, with n actors of user 1000. */
static inline void next_run(enum real_mode mode, int n)
{
	char why[200];

	r = real_open(mode, why, sizeof(why));
	ck_assert_msg(r != NULL, "%s", why);
	for (int i = 0; i < n; i++)
		new_actor(i, user(1000));
}

/* The same in a fresh namespace. */
static inline void new_run(enum real_mode mode, int n)
{
	char why[200];

	ck_assert_msg(box_fresh(why, sizeof(why)), "%s", why);
	next_run(mode, n);
}

/* Nothing is left over. */
static inline void end_run(void)
{
	real_close(r);
	ck_assert_int_eq(box_objects(), 0);
}

/* ---- calls ----------------------------------------------------------------------------------- */

/* op(msgrcv, A, .id = q, .size = 9) */
#define op(name_, actor_, ...) \
	((struct op){ .code = OP_##name_, .actor = (actor_), .name_ = { __VA_ARGS__ } })
/* The same with a payload: with(text(1, "x"), msgsnd, A, .id = q) */
#define with(payload_, name_, actor_, ...) \
	((struct op){ .code = OP_##name_, .actor = (actor_), .name_ = { __VA_ARGS__ }, .data = (payload_) })

/* Payloads; they live as long as the block that they are written in. */
#define text(type_, s) (&(struct payload){ .msg = { (type_), sizeof(s) - 1, sizeof(s) - 1, \
						    (const unsigned char *)(s) } })
#define sops(...) \
	(&(struct payload){ .sops = { sizeof((struct sop[]){ __VA_ARGS__ }) / sizeof(struct sop), \
				      (struct sop[]){ __VA_ARGS__ } } })
#define bytes(s) (&(struct payload){ .bytes = { sizeof(s) - 1, (const unsigned char *)(s) } })

static inline enum progress start(struct op call, bool expect_block)
{
	enum progress p = real_call(r, &call, expect_block, &out);

	ck_assert_msg(p != LOST, "%s: %s", opinfo[call.code].name, real_why(r));
	return p;
}

/* The call ends; its outcome is in out. */
static inline void run(struct op call)
{
	ck_assert_msg(start(call, false) == DONE, "%s sleeps", opinfo[call.code].name);
	ck_assert_msg(!out.stray, "%s: %s", opinfo[call.code].name, out.stray);
}

/* The errno of a call that fails, 0 of one that does not. */
static inline int err(struct op call)
{
	run(call);
	return out.how == FAILED ? out.err : 0;
}

/* The signal that the call got, 0 if none. */
static inline int fault(struct op call)
{
	run(call);
	return out.how == FAULTED ? out.err : 0;
}

/* The value of a call that succeeds. */
static inline int64_t value(struct op call)
{
	run(call);
	ck_assert_msg(out.how == RETURNED, "%s gave %s", opinfo[call.code].name, err_name(out.err));
	return out.value;
}

static inline bool blocks(struct op call)
{
	return start(call, true) == PARKED;
}

static inline enum progress look_after(int actor, bool expect_end)
{
	enum progress p = real_wait(r, actor, expect_end, 0, &out);

	ck_assert_msg(p != LOST, "%s", real_why(r));
	return p;
}

static inline bool asleep(int actor)
{
	return look_after(actor, false) == PARKED;
}

/* The errno with which actor's call has ended, 0 for success. */
static inline int woken_err(int actor)
{
	ck_assert_msg(look_after(actor, true) == DONE, "actor %d still sleeps", actor);
	return out.how == FAILED ? out.err : 0;
}

/* One field of the last outcome. */
static inline int64_t field(enum field f)
{
	ck_assert_msg(out.how == RETURNED && out.rec.has & BIT(f), "%s is not there", fieldinfo[f].name);
	return out.rec.v[f];
}

/* ---- running --------------------------------------------------------------------------------- */

static inline int run_tests(TCase *tc, const char *name)
{
	Suite *suite;

	real_enter();
	suite = suite_create(name);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}

#endif
