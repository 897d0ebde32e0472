/* Questions, scenes and remedies, over every operation and many relations. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "matrix.h"
#include "suite_test.h"

static struct arena arena;
static struct accounts nobody;
static char err[300];

static void drop(void)
{
	arena_free(&arena);
}

static struct objview object(enum family f, int64_t mode)
{
	struct objview o = { .family = f, .id = -1 };

	put(&o.rec, F_uid, 10);
	put(&o.rec, F_gid, 20);
	put(&o.rec, F_cuid, 11);
	put(&o.rec, F_cgid, 21);
	put(&o.rec, F_mode, mode);
	put(&o.rec, F_key, 1);
	return o;
}

static struct caller caller(uint32_t uid, uint32_t gid, uint64_t caps)
{
	return (struct caller){
		.cred = { uid, uid, uid, uid, gid, gid, gid, gid, caps, 0, { 0 } }, .initial_user = true,
	};
}

static struct scene open_scene(const struct objview *o)
{
	struct scene s;

	ck_assert_msg(scene_open(&s, o, NULL, true, &arena, err, sizeof(err)), "%s", err);
	return s;
}

static struct question usual(enum opcode code)
{
	struct question q;

	ck_assert(question_usual(&q, code, &arena));
	return q;
}

static int answer(struct scene *s, const struct question *q, struct caller c)
{
	const struct cred cred = caller_cred(&c, &s->object);
	struct verdict v;

	scene_caller(s, &cred);
	scene_judge(s, q, &profile_linux, &v);
	ck_assert(!v.waits);
	return v.success ? 0 : v.first;
}

START_TEST(nothing_but_a_permission_stands_in_the_way_of_the_usual_arguments)
{
	enum opcode code;

	for (int i = 0; question_at(i, &code); i++) {
		const struct question q = usual(code);
		struct objview closed = object(opinfo[code].family, 0), open = object(closed.family, 0777);
		struct scene s = open_scene(&open);
		int refusal;

		ck_assert_msg(!answer(&s, &q, caller(10, 20, 0)), "the owner is refused %s", q.text);
		scene_object(&s, &closed);
		refusal = answer(&s, &q, caller(99, 99, 0));
		ck_assert_msg(!refusal || refusal == EACCES || refusal == EPERM, "%s gives %s", q.text,
			      err_name(refusal));
		ck_assert_int_eq(answer(&s, &q, caller(99, 99, CAPS_ALL)), 0);
		scene_close(&s);
	}
}
END_TEST

START_TEST(a_call_is_printed_as_it_can_be_read)
{
	enum opcode code;

	for (int i = 0; question_at(i, &code); i++) {
		const struct question q = usual(code);
		struct question again;

		ck_assert_msg(question_parse(&again, q.text, &arena, err, sizeof(err)), "%s: %s", q.text,
			      err);
		ck_assert_str_eq(again.text, q.text);
		ck_assert_int_eq(again.op.code, q.op.code);
		ck_assert_int_eq(again.names_key, q.names_key);
	}
}
END_TEST

/* Number of changes of the remedy that are needed: each alone must not be enough. */
static void check_remedy(struct scene *s, const struct question *q, struct caller c, const struct remedy *r)
{
	for (int skip = -1; skip < r->n; skip++) {
		struct objview o = s->object;
		struct caller as = c;
		int refusal;

		for (int i = 0; i < r->n; i++) {
			const struct change *ch = &r->change[i];

			if (i == skip)
				continue;
			switch (ch->what) {
			case SET_MODE: o.rec.v[F_mode] = ch->value; break;
			case SET_UID: o.rec.v[F_uid] = ch->value; break;
			case SET_GID: o.rec.v[F_gid] = ch->value; break;
			case BECOME: as.cred.euid = (uint32_t)ch->value; break;
			case HOLD_CAP: as.cred.caps |= BIT(ch->value); break;
			case JOIN_GROUP:
				as.groups = (const uint32_t[]){ (uint32_t)ch->value };
				as.ngroups = 1;
				scene_object(s, &o);
				refusal = answer(s, q, as);
				ck_assert_int_eq(refusal == 0, skip < 0);
				scene_object(s, &s->object);
				return;
			}
		}
		scene_object(s, &o);
		refusal = answer(s, q, as);
		scene_object(s, &s->object);
		ck_assert_msg((refusal == 0) == (skip < 0), "%s: without change %d: %s", q->text, skip,
			      err_name(refusal));
	}
}

/* A mode without one of the bits that were added must not be enough. */
static void check_mode(struct scene *s, const struct question *q, struct caller c, int64_t mode)
{
	for (int64_t bit = 0400; bit; bit >>= 1) {
		struct objview o = s->object;

		o.rec.v[F_mode] = mode & ~bit;
		if (!(mode & bit) || s->object.rec.v[F_mode] & bit)
			continue;
		scene_object(s, &o);
		ck_assert_msg(answer(s, q, c), "%s: bit %o of mode %o is not needed", q->text, (unsigned)bit,
			      (unsigned)mode);
		scene_object(s, &s->object);
	}
}

static void check_remedies(struct scene *s, const struct question *q, struct caller c)
{
	struct remedies list = { .n = 0 };

	if (!answer(s, q, c))
		return;
	ck_assert(remedies_find(&list, s, &c, q, &nobody));
	ck_assert_msg(list.n > 0, "nothing allows %s", q->text);
	for (size_t i = 0; i < list.n; i++) {
		check_remedy(s, q, c, &list.v[i]);
		if (list.v[i].n == 1 && list.v[i].change[0].what == SET_MODE)
			check_mode(s, q, c, list.v[i].change[0].value);
	}
	remedies_free(&list);
}

START_TEST(every_remedy_allows_the_call_and_takes_all_of_its_changes)
{
	static const struct { uint32_t uid, gid; } who[] = { { 10, 99 }, { 11, 99 }, { 99, 20 }, { 99, 21 },
							     { 99, 99 } };
	enum opcode code;

	for (int i = 0; question_at(i, &code); i++)
		for (int mode = 0; mode < 0777; mode += 0111) {
			const struct question q = usual(code);
			struct objview o = object(opinfo[code].family, mode);
			struct scene s = open_scene(&o);

			for (size_t k = 0; k < sizeof(who) / sizeof(*who); k++)
				check_remedies(&s, &q, caller(who[k].uid, who[k].gid, 0));
			scene_close(&s);
		}
}
END_TEST

START_TEST(a_capability_that_counts_in_the_initial_user_namespace_only_is_told)
{
	struct objview o = object(MSG, 0600);
	struct scene s = open_scene(&o);
	struct remedies list = { .n = 0 };
	struct question q;
	struct caller c = caller(10, 20, 0);

	ck_assert(question_parse(&q, "msgctl_IPC_SET(id, qbytes=99999)", &arena, err, sizeof(err)));
	ck_assert(remedies_find(&list, &s, &c, &q, &nobody));
	ck_assert_uint_eq(list.n, 1);
	ck_assert_int_eq(list.v[0].change[0].value, CAP_SYS_RESOURCE);
	ck_assert(list.v[0].initial_user);
	remedies_free(&list);
	q = usual(OP_msgsnd);
	c = caller(99, 99, 0);
	ck_assert(remedies_find(&list, &s, &c, &q, &nobody));
	for (size_t i = 0; i < list.n; i++)
		ck_assert(!list.v[i].initial_user);
	remedies_free(&list);
	scene_close(&s);
}
END_TEST

START_TEST(more_groups_than_a_task_has_are_told_by_those_that_matter)
{
	uint32_t groups[100];
	struct objview o = object(MSG, 0040);
	struct scene s = open_scene(&o);
	const struct question q = usual(OP_msgrcv);
	struct caller c = caller(99, 99, 0);

	for (uint32_t i = 0; i < 100; i++)
		groups[i] = 1000 + i;
	c.groups = groups;
	c.ngroups = 100;
	ck_assert_int_eq(answer(&s, &q, c), EACCES);
	groups[99] = 21;
	ck_assert_int_eq(answer(&s, &q, c), 0);
	scene_close(&s);
}
END_TEST

/* ---- files ------------------------------------------------------------------------------------- */

static struct objview file(enum cellkind kind, int64_t mode)
{
	struct objview o = object(NODES, mode);

	o.type = (int)kind;
	o.rec.v[F_cuid] = o.rec.v[F_uid];
	o.rec.v[F_cgid] = o.rec.v[F_gid];
	return o;
}

static const struct { const char *call; int type, closed; } about_files[] = {
	{ "mq_open", CELLS_POSIX_MQ, EACCES }, { "mq_unlink", CELLS_POSIX_MQ, EPERM },
	{ "shm_open", CELLS_POSIX_SHM, EACCES }, { "shm_unlink", CELLS_POSIX_SHM, EPERM },
	{ "sem_open", CELLS_POSIX_SEM, EACCES }, { "sem_unlink", CELLS_POSIX_SEM, EPERM },
	{ "open", CELLS_FIFO, EACCES }, { "connect", CELLS_SOCKET, EACCES }, { "chmod", CELLS_FIFO, EPERM },
	{ "chown", CELLS_FIFO, 0 }, { "rmdir", CELLS_DIR_EMPTY, EPERM }, { "mkfifo", CELLS_DIR, EACCES },
	{ "mkdir", CELLS_DIR, EACCES }, { "bind", CELLS_DIR, EACCES }, { "stat", CELLS_DIR, EACCES },
	{ "unlink", CELLS_DIR, EACCES }, { "open(dir, O_RDONLY)", CELLS_DIR, EACCES },
	{ "unlink(node)", CELLS_FIFO, EPERM }, { "chmod(memory, 0600)", CELLS_POSIX_SHM, EPERM },
};

START_TEST(calls_on_files_have_usual_objects_and_arguments)
{
	int type = -1;
	struct objview closed, open;
	struct question q;
	struct scene s;

	ck_assert(question_about_file(about_files[_i].call));
	ck_assert_msg(question_file(&q, about_files[_i].call, &type, &arena, err, sizeof(err)), "%s", err);
	ck_assert_int_eq(type, about_files[_i].type);
	open = file((enum cellkind)type, 0777);
	closed = file((enum cellkind)type, 0);
	s = open_scene(&open);
	ck_assert_msg(!answer(&s, &q, caller(10, 20, 0)), "the owner is refused %s", q.text);
	scene_object(&s, &closed);
	ck_assert_int_eq(answer(&s, &q, caller(99, 99, 0)), about_files[_i].closed);
	ck_assert_int_eq(answer(&s, &q, caller(99, 99, CAPS_ALL)), 0);
	scene_close(&s);
}
END_TEST

START_TEST(a_call_and_a_file_must_go_together)
{
	static const struct { const char *call; int type; } bad[] = {
		{ "shm_open", CELLS_FIFO }, { "open(node, O_RDONLY)", CELLS_DIR },
		{ "connect(node) x", CELLS_SOCKET }, { "open(", -1 },
		{ "chmod(memory, 0600)", CELLS_POSIX_SEM },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		int type = bad[i].type;
		struct question q;

		ck_assert_msg(!question_file(&q, bad[i].call, &type, &arena, err, sizeof(err)), "%s",
			      bad[i].call);
		ck_assert_ptr_nonnull(strstr(err, "expected "));
	}
	ck_assert(!question_about_file("msgrcv"));
	ck_assert(!question_about_file("umask"));
}
END_TEST

START_TEST(what_is_told_is_about_the_file_and_not_about_what_it_lies_in)
{
	struct objview o = file(CELLS_SOCKET, 0660);
	struct caller c = caller(99, 20, 0);
	const struct inquiry in = { .accounts = &nobody };
	int type = -1;
	struct explanation e;
	struct question q;
	struct scene s = open_scene(&o);

	ck_assert(question_file(&q, "connect", &type, &arena, err, sizeof(err)));
	ck_assert(explain(&e, &s, &q, &c, &in));
	ck_assert(e.here.verdict.success);
	ck_assert_str_eq(e.here.grounds.class, "group");
	ck_assert_int_eq(e.here.grounds.requested, ACCESS_WRITE);
	ck_assert_int_eq(e.here.grounds.file, NODE_node + 1);
	explanation_free(&e);
	scene_close(&s);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("explain");
	Suite *suite = suite_create("explain");

	tcase_add_checked_fixture(tc, NULL, drop);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, nothing_but_a_permission_stands_in_the_way_of_the_usual_arguments);
	tcase_add_test(tc, a_call_is_printed_as_it_can_be_read);
	tcase_add_test(tc, every_remedy_allows_the_call_and_takes_all_of_its_changes);
	tcase_add_test(tc, a_capability_that_counts_in_the_initial_user_namespace_only_is_told);
	tcase_add_test(tc, more_groups_than_a_task_has_are_told_by_those_that_matter);
	tcase_add_loop_test(tc, calls_on_files_have_usual_objects_and_arguments, 0,
			    (int)(sizeof(about_files) / sizeof(*about_files)));
	tcase_add_test(tc, a_call_and_a_file_must_go_together);
	tcase_add_test(tc, what_is_told_is_about_the_file_and_not_about_what_it_lies_in);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
