#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "precedence.h"
#include "rehearse.h"
#include "suite_test.h"

static struct requirements reqs;
static struct precedence p;

static void find(void)
{
	char err[1024];

	ck_assert_msg(requirements_load(&reqs, "cases/requirements.tsv", err, sizeof(err)), "%s", err);
	ck_assert(precedence_find(&p, NULL, &reqs));
}

static void drop(void)
{
	precedence_free(&p);
	requirements_free(&reqs);
}

/* A generated case up to its last call, which is the one that it is about. */
struct played { struct script *sc; struct instance *in; struct world *w; int64_t value[16]; struct op last; };

static void play(struct played *g, const struct meeting *m)
{
	char err[1024];

	*g = (struct played){ .sc = precedence_script(m, "cases", &reqs, err, sizeof(err)) };
	ck_assert_msg(g->sc != NULL, "%s: %s", m->name, err);
	g->in = script_instance(g->sc, 0);
	g->w = world_new(&linux_facts);
	ck_assert(g->in && g->w && g->in->nnames < 16);
	for (int i = 0; i < g->in->nactors; i++)
		if (!g->in->actor[i].forked)
			world_task(g->w, i, &g->in->actor[i].cred);
	g->in->nsteps--;
	ck_assert_int_eq(rehearse(g->w, g->in, &profile_linux, g->value), THROUGH);
	resolve(&g->in->step[g->in->nsteps].op, g->value, &g->last);
	ck_assert_int_eq(g->last.code, m->code);
}

static void stop(struct played *g)
{
	instance_free(g->in);
	script_free(g->sc);
	world_free(g->w);
}

static const char *id_of(const struct meeting *m, int rule, int *err)
{
	const char *id = NULL, *strength;

	ck_assert(model_rule(m->code, rule, &id, err, &strength));
	return id;
}

/* ---- what is generated --------------------------------------------------------------------------- */

START_TEST(each_case_breaks_what_it_is_named_for_and_nothing_before_that)
{
	size_t found = 0;

	for (size_t i = 0; i < p.n; i++) {
		const struct meeting *m = &p.v[i];
		struct played g;
		uint64_t broken;

		if (!m->text)
			continue;
		play(&g, m);
		broken = model_broken(g.w, &g.last, &profile_linux);
		ck_assert_str_eq(g.in->values, m->name);
		if (m->first < 0)
			ck_assert_uint_eq(broken, 0);
		else
			ck_assert_uint_eq(broken & (BIT(m->first + 1) - 1), BIT(m->first));
		if (m->shows == ALONE)
			ck_assert_uint_eq(broken, BIT(m->first));
		if (m->shows == PAIR)
			ck_assert_msg(broken >> m->second & 1, "%s: %s", m->name, m->text);
		found++;
		stop(&g);
	}
	ck_assert_uint_gt(found, 400);
}
END_TEST

START_TEST(success_returns_and_sleep_sleeps)
{
	for (size_t i = 0; i < p.n; i++) {
		const struct meeting *m = &p.v[i];
		struct verdict v;
		struct played g;

		if (!m->text || m->first >= 0)
			continue;
		play(&g, m);
		model_judge(g.w, &g.last, &profile_linux, &v);
		ck_assert(v.success);
		ck_assert_int_eq(v.waits, m->shows == SLEEP);
		stop(&g);
	}
}
END_TEST

/* Rules of one id cannot be told apart by name, and errors that are equal not by the outcome. */
static bool can_be_swapped(const struct meeting *m, char *order, size_t size)
{
	int first, second;
	const char *a, *b;

	if (m->shows != PAIR || !m->text || strchr(m->name, '#'))
		return false;
	a = id_of(m, m->first, &first);
	b = id_of(m, m->second, &second);
	snprintf(order, size, "order=%s/%s,%s", opinfo[m->code].name, a, b);
	return first != second && strcmp(a, b);
}

START_TEST(each_pair_notices_the_other_order)
{
	int swapped = 0;

	for (size_t i = 0; i < p.n; i++) {
		struct profile other = profile_linux;
		char order[200], err[200];
		struct verdict usual, v;
		struct played g;

		if (!can_be_swapped(&p.v[i], order, sizeof(order)))
			continue;
		play(&g, &p.v[i]);
		ck_assert_msg(profile_change(&other, order, err, sizeof(err)), "%s", err);
		model_judge(g.w, &g.last, &profile_linux, &usual);
		model_judge(g.w, &g.last, &other, &v);
		ck_assert_int_ne(v.first, usual.first);
		ck_assert_int_ne(v.first, 0);
		swapped++;
		stop(&g);
	}
	ck_assert_int_gt(swapped, 150);
}
END_TEST

START_TEST(names_are_unique_and_every_search_finds_the_same)
{
	struct precedence again;

	ck_assert(precedence_find(&again, NULL, &reqs));
	ck_assert_uint_eq(again.n, p.n);
	for (size_t i = 0; i < p.n; i++) {
		ck_assert_str_eq(p.v[i].name, again.v[i].name);
		ck_assert_str_eq(p.v[i].text ? p.v[i].text : "", again.v[i].text ? again.v[i].text : "");
		for (size_t k = i + 1; k < p.n && p.v[k].code == p.v[i].code; k++)
			ck_assert_str_ne(p.v[i].name, p.v[k].name);
	}
	precedence_free(&again);
}
END_TEST

/* ---- the list of what cannot be ------------------------------------------------------------------ */

static int excuse(const char *rows)
{
	char path[] = "/tmp/sysvet-precedence-XXXXXX";
	int wrong = -1, fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");

	ck_assert_ptr_nonnull(f);
	fprintf(f, "operation\trule\tnever with\treason\n%s", rows);
	fclose(f);
	ck_assert(precedence_excuse(&p, path, &wrong));
	unlink(path);
	return wrong;
}

static const struct meeting *meeting(enum opcode code, const char *name)
{
	for (size_t i = 0; i < p.n; i++)
		if (p.v[i].code == code && !strcmp(p.v[i].name, name))
			return &p.v[i];
	ck_abort_msg("%s", name);
	return NULL;
}

START_TEST(a_row_excuses_what_it_names_in_either_order)
{
	ck_assert_int_eq(excuse("msgget\tMSGGET-ERR-ENOSPC\tMSGGET-ERR-EEXIST,MSGGET-ERR-EACCES\t"
				"So it is.\n"), 0);
	ck_assert_str_eq(meeting(OP_msgget, "MSGGET-ERR-EEXIST,MSGGET-ERR-ENOSPC")->reason, "So it is.");
	ck_assert_str_eq(meeting(OP_msgget, "MSGGET-ERR-EACCES,MSGGET-ERR-ENOSPC")->reason, "So it is.");
	ck_assert_ptr_null(meeting(OP_msgget, "MSGGET-ERR-ENOENT,MSGGET-ERR-ENOSPC")->reason);
	ck_assert_int_eq(excuse("msgsnd\tBSD-MSG-1\t*\tNot here.\n???ctl_other\tsuccess\t*\tNever.\n"), 0);
	ck_assert_str_eq(meeting(OP_msgsnd, "BSD-MSG-1")->reason, "Not here.");
	ck_assert_str_eq(meeting(OP_msgsnd, "BSD-MSG-1,MSGSND-ERR-EAGAIN")->reason, "Not here.");
	ck_assert_str_eq(meeting(OP_semctl_other, "success")->reason, "Never.");
}
END_TEST

START_TEST(alone_excuses_a_rule_without_company)
{
	ck_assert_int_eq(excuse("shmat\tBSD-SHM-4\talone\tNo.\n"), 0);
	ck_assert_str_eq(meeting(OP_shmat, "BSD-SHM-4")->reason, "No.");
	ck_assert_ptr_null(meeting(OP_shmat, "SHMAT-ERR-EINVAL-1,BSD-SHM-4")->reason);
}
END_TEST

START_TEST(a_row_that_is_wrong_is_counted)
{
	/* found all the same */
	ck_assert_int_eq(excuse("msgget\tMSGGET-ERR-EEXIST\tMSGGET-ERR-EACCES\tNo.\n"), 1);
	/* about nothing */
	ck_assert_int_eq(excuse("msgget\tMSGGET-ERR-EEXIST\tMSGGET-ERR-E2BIG\tNo.\n"), 1);
	ck_assert_int_eq(excuse("msgput\tMSGGET-ERR-ENOENT\tMSGGET-ERR-ENOSPC\tNo.\n"), 1);
	/* no row */
	ck_assert_int_eq(excuse("msgget\tMSGGET-ERR-ENOENT\tMSGGET-ERR-ENOSPC\n"), 1);
	ck_assert_int_eq(excuse("msgget\tMSGGET-ERR-ENOENT\tMSGGET-ERR-ENOSPC\t\n"), 1);
	ck_assert_int_eq(excuse("msgget\tMSGGET-ERR-ENOENT\t\tNo.\n"), 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("precedence");
	TCase *t = tcase_create("precedence");

	tcase_add_checked_fixture(t, find, drop);
	tcase_add_test(t, each_case_breaks_what_it_is_named_for_and_nothing_before_that);
	tcase_add_test(t, success_returns_and_sleep_sleeps);
	tcase_add_test(t, each_pair_notices_the_other_order);
	tcase_add_test(t, names_are_unique_and_every_search_finds_the_same);
	tcase_add_test(t, a_row_excuses_what_it_names_in_either_order);
	tcase_add_test(t, alone_excuses_a_rule_without_company);
	tcase_add_test(t, a_row_that_is_wrong_is_counted);
	suite_add_tcase(s, t);
	return run_suite(s);
}
