/* Baselines: files, conditions, signs, what is known and what is stale. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "baseline.h"
#include "suite_test.h"

#define ROWS BASELINE_HEADINGS "\n"

static char path[64], err[1024];
static struct baseline b;
static struct environment env = {
	.sysname = "Linux", .release = "6.6.30-cloud", .version = "#1 SMP", .machine = "x86_64",
	.abi = "raw x86_64", .libc = "glibc 2.36", .lsm = "capability,yama", .target = "",
};
static const struct whereabouts here = { true, "kernel", "linux", &env, &linux_facts };

static void begin(void)
{
	int fd;

	snprintf(path, sizeof(path), "/tmp/baseline_test.XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
	b = (struct baseline){ .n = 0 };
}

static void drop(void)
{
	unlink(path);
	baseline_free(&b);
}

static void say(const char *text)
{
	FILE *f = fopen(path, "we");

	fputs(text, f);
	fclose(f);
}

static bool load(const char *text)
{
	say(text);
	return baseline_load(&b, path, err, sizeof(err));
}

static void load_here(const char *text)
{
	ck_assert_msg(load(text), "%s", err);
	baseline_place(&b, &here);
}

static const char *content(void)
{
	static char buf[2000];
	FILE *f = fopen(path, "re");

	buf[fread(buf, 1, sizeof(buf) - 1, f)] = '\0';
	fclose(f);
	return buf;
}

START_TEST(rows_are_read_and_comments_are_not)
{
	ck_assert_msg(load("# first\n\n" ROWS "a/b\tmsgget 0\t*\tbecause\t\t6.1\n# last\n"), "%s", err);
	ck_assert_uint_eq(b.n, 1);
	ck_assert_str_eq(b.row[0].name, "a/b");
	ck_assert_str_eq(b.row[0].observed, "msgget 0");
	ck_assert_str_eq(b.row[0].reason, "because");
	ck_assert_str_eq(b.row[0].reference, "");
	ck_assert_str_eq(b.row[0].seen, "6.1");
	ck_assert_int_eq(b.row[0].line, 4);
	ck_assert(load(""));
}
END_TEST

START_TEST(what_is_no_baseline_is_refused_where_it_stands)
{
	static const struct { const char *text, *told; } bad[] = {
		{ "case\tobserved\n", ":1:1: found 'case\tobserved', expected the headings case obs" },
		{ ROWS "a\tb\t*\tr\t\n", ":2:1: found 5 columns, expected 6" },
		{ ROWS "a\tb\t*\tr\t\ts\tx\n", ":2:1: found 7 columns, expected 6" },
		{ ROWS "\tb\t*\tr\t\ts\n", ":2:1: found nothing, expected the name of a case or cell" },
		{ ROWS "a\tb\t*\t\t\ts\n", ":2:7: found nothing, expected a reason" },
		{ ROWS "a\tb\t*\tr\t\t\n", ":2:10: found nothing, expected since when it is known" },
		{ ROWS "a\tb\tlinux<6.x\tr\t\ts\n", ":2:11: found '6.x', expected a version, such as 6.12" },
		{ ROWS "a\tb\tlinux,minix\tr\t\ts\n", ":2:11: found 'minix', expected linux, gvisor" },
		{ ROWS "a\tb\tcpu=1\tr\t\ts\n", ":2:5: found 'cpu=1', expected linux, sysname, release" },
		{ ROWS "a\tb\tlibc<2\tr\t\ts\n", ":2:9: found '<2', expected = or !=, because only linux" },
		{ ROWS "a\tb\tpage<6\tr\t\ts\n", ":2:9: found '<6', expected = or !=, because" },
		{ ROWS "a\tb\t<6\tr\t\ts\n", ":2:5: found '<6', expected linux, sysname" },
		{ ROWS "a\tb\tabi=\tr\t\ts\n", ":2:9: found '', expected a value" },
		{ ROWS "a\tb\tlinux,\tr\t\ts\n", ":2:11: found '', expected linux, gvisor" },
		{ ROWS "a\tb\t*\tr\t\ts\na\tb\t*\tq\t\ts\n", ":3:1: found what /tmp/" },
		{ ROWS "a\tb\t*\tr\t\ts", ":2:1: found an open last line, expected a newline" },
		{ ROWS "a\xff\n", ":2:2: found byte 0xff, expected UTF-8 text" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		drop();
		begin();
		ck_assert_msg(!load(bad[i].text), "%zu", i);
		ck_assert_msg(strstr(err, bad[i].told), "%zu: %s", i, err);
	}
}
END_TEST

static bool holds(const char *where, const struct whereabouts *w)
{
	const char *at, *expected;
	bool yes;

	expected = where_holds(where, w, &yes, &at);
	ck_assert_msg(!expected, "%s: %s", where, expected);
	return yes;
}

START_TEST(conditions_hold_where_they_say)
{
	static const char *const yes[] = {
		"*", "linux", "linux=6.6", "linux=6.6.30", "linux<=6.6", "linux>=6.6", "linux>=6.1,<6.12",
		"linux!=6.5", "linux<10", "linux>6.6.9", "machine=x86_64", "abi=raw*", "libc!=musl",
		"lsm=*yama*", "profile=linux", "subject=kernel", "linux=6", "sysname=L*,linux<7,machine=x86*",
		"page=4096", "big_endian!=1,space_end=*",
	};
	static const char *const no[] = {
		"linux<6.6", "linux>6.6", "linux<=6.5", "linux>=6.12", "linux>=6.1,<6.2",
		"linux=6.6.3", "machine=s390x", "gvisor", "qemu-user", "uml", "linux,gvisor", "libc=musl",
		"profile=posix", "subject=model*", "libc!=glibc*", "page=65536", "big_endian=1",
	};

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		ck_assert_msg(holds(yes[i], &here), "%s", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		ck_assert_msg(!holds(no[i], &here), "%s", no[i]);
}
END_TEST

START_TEST(what_only_looks_like_linux_has_no_version_of_it)
{
	struct environment other = env;
	const struct whereabouts there = { true, "kernel", "linux", &other, &linux_facts };
	const struct whereabouts model = { false, "model", "posix", &env, &linux_facts };

	other.target = "gvisor";
	ck_assert(holds("gvisor", &there) && !holds("linux", &there) && !holds("linux>=1", &there));
	ck_assert(holds("release=6.6*", &there) && holds("target!=uml", &there));
	other.target = "qemu-user";
	ck_assert(holds("qemu-user,linux>=6", &there));
	ck_assert(!holds("linux", &model) && !holds("machine=*", &model) && !holds("abi!=x", &model)
		  && !holds("page=*", &model));
	ck_assert(holds("subject=model,profile=posix", &model));
}
END_TEST

static const char *sign_of(const struct finding *f)
{
	static char buf[400];
	struct text t = { buf, sizeof(buf), 0 };

	*buf = '\0';
	finding_sign(f, &t);
	return buf;
}

START_TEST(a_sign_says_what_differs_and_not_by_how_much)
{
	const struct finding failed = { .call = "msgsnd(q, 1:\"(\")", .observed = "EACCES",
					.linux_says = "exactly" };
	const struct finding worked = { .call = "shmget(1, 2)", .observed = "32768",
					.linux_says = "exactly" };
	const struct finding state = { .call = "exit()", .observed = "another state",
				       .because = "set 0 otime: observed 1, expected 0\nqueue 1: gone\n" };
	const struct finding woken = { .call = "signal(B, SIGCONT)", .observed = "B wakes with EINTR" };

	const struct finding as_linux = { .call = "semop(s, [0:0])", .observed = "0", .linux_says = "success",
					  .as_linux = true };

	ck_assert_str_eq(sign_of(&failed), "msgsnd EACCES");
	ck_assert_str_eq(sign_of(&as_linux), "semop 0 as Linux does");
	ck_assert_str_eq(sign_of(&worked), "shmget 0");
	ck_assert_str_eq(sign_of(&state), "exit set 0 otime; queue 1");
	ck_assert_str_eq(sign_of(&woken), "signal B wakes with EINTR");
	ck_assert_str_eq(sign_of(&(struct finding){ .verdict = V_broken }), " ");
}
END_TEST

/* An instance with two findings, and what is said of it. */
static struct trial trial;

static void tried(enum verdict_word first, enum verdict_word second)
{
	trial_free(&trial);
	trial_init(&trial);
	*trial_add(&trial, first, "outcome") = (struct finding){
		.verdict = first, .call = "msgget()", .observed = "EINVAL", .linux_says = "exactly" };
	trial.last = &trial.findings->next;
	*trial_add(&trial, second, "outcome") = (struct finding){
		.verdict = second, .call = "msgsnd()", .observed = "EPERM", .linux_says = "exactly" };
}

START_TEST(a_row_explains_what_it_names_and_nothing_else)
{
	load_here(ROWS "a/*\tmsgget EINVAL\tlinux\tfirst\tR1\ts\na/c\tmsgsnd *\t*\tsecond\t\ts\n"
		  "a/d\t*\tlinux<6\tthird\t\ts\n");
	tried(V_deviates, V_deviates);
	baseline_judge(&b, "a/b", &trial);
	ck_assert_int_eq(trial.verdict, V_deviates);
	ck_assert_int_eq(trial.findings->verdict, V_known);
	ck_assert_str_eq(trial.findings->reason, "first");
	ck_assert_int_eq(trial.findings->next->verdict, V_deviates);
	tried(V_deviates, V_permitted);
	baseline_judge(&b, "a/c", &trial);
	ck_assert_int_eq(trial.verdict, V_known);
	ck_assert_str_eq(trial.reason, "first");
	ck_assert_str_eq(trial.reference, "R1");
	ck_assert_str_eq(trial.findings->next->reason, "second");
	tried(V_deviates, V_deviates);
	baseline_judge(&b, "b/d", &trial);
	ck_assert_int_eq(trial.findings->verdict, V_deviates);
	tried(V_deviates, V_deviates);
	baseline_judge(&b, "a/d", &trial);
	ck_assert_int_eq(trial.findings->next->verdict, V_deviates);
	tried(V_deviates, V_permitted);
	baseline_judge(&b, "b/d", &trial);
	ck_assert_int_eq(trial.verdict, V_deviates);
	tried(V_deviates, V_conflict);
	baseline_judge(&b, "a/c", &trial);
	ck_assert_int_eq(trial.verdict, V_conflict);
	baseline_judge(NULL, "a/c", &trial);
	trial_free(&trial);
}
END_TEST

#define FOUND(verdict, sign) "{\"verdict\":\"" verdict "\",\"sign\":\"" sign "\"}"
#define KNOWN(reason) \
	"{\"name\":\"a/c\",\"verdict\":\"known\",\"reason\":\"" reason "\",\"findings\":[" \
	FOUND("known", "msgget EINVAL") "]}"

START_TEST(runs_that_disagree_are_known_by_a_row_that_says_so)
{
	load_here(ROWS "a/b\t*\t*\tany\t\ts\na/c\tunstable\t*\tnow and then\t\ts\n"
		  "a/c\tmsgget*\t*\talways\t\ts\n");
	tried(V_deviates, V_deviates);
	trial.verdict = V_unstable;
	baseline_judge(&b, "a/b", &trial);
	ck_assert_int_eq(trial.verdict, V_unstable);
	trial.verdict = V_unstable;
	trial.findings->verdict = trial.findings->next->verdict = V_deviates;
	baseline_judge(&b, "a/c", &trial);
	ck_assert_int_eq(trial.verdict, V_known);
	ck_assert_str_eq(trial.reason, "now and then");
	ck_assert(baseline_count(&b, KNOWN("now and then"), false));
	ck_assert_uint_eq(b.row[1].times, 1);
	ck_assert_uint_eq(b.row[2].times, 0);
	ck_assert(baseline_count(&b, KNOWN("always"), false));
	ck_assert_uint_eq(b.row[1].times, 1);
	ck_assert_uint_eq(b.row[2].times, 1);
	trial_free(&trial);
}
END_TEST

START_TEST(records_tell_what_was_explained_and_what_was_not)
{
	static const char record[] = "{\"name\":\"a/b\",\"verdict\":\"deviates\",\"findings\":["
		FOUND("known", "msgget EINVAL") "," FOUND("deviates", "msgsnd EPERM") ","
		FOUND("deviates", "msgsnd EPERM") "," FOUND("permitted", "msgrcv 0") "]}";

	load_here(ROWS "a/*\tmsgget EINVAL\t*\tr\t\ts\n");
	ck_assert(baseline_count(&b, record, false));
	ck_assert_uint_eq(b.row[0].times, 1);
	ck_assert_uint_eq(b.nleft, 1);
	ck_assert_str_eq(b.left[0].name, "a/b");
	ck_assert_str_eq(b.left[0].sign, "msgsnd EPERM");
	ck_assert(baseline_count(&b, record, true));
	ck_assert_uint_eq(b.nleft, 2);
	ck_assert(!baseline_count(&b, "{", true));
}
END_TEST

START_TEST(a_row_is_stale_when_all_that_it_names_ran_and_nothing_differed)
{
	load_here(ROWS "a/b\tx\t*\tr\t\ts\na/*\ty\t*\tr\t\ts\ngone\tx\t*\tr\t\ts\n"
		  "matrix/msg/*\tx\t*\tr\t\ts\na/b\tz\tlinux<6\tr\t\ts\na/b\tseen\t*\tr\t\ts\n");
	b.row[5].times = 1;
	ck_assert(baseline_wants_names(&b, "a/"));
	baseline_named(&b, "a/b", true);
	baseline_named(&b, "a/c", false);
	ck_assert_uint_eq(baseline_settle(&b, false, false), 1);
	ck_assert(b.row[0].stale && !b.row[1].stale);
	ck_assert_uint_eq(baseline_settle(&b, true, false), 2);
	ck_assert(b.row[2].stale && !b.row[3].stale && !b.row[4].stale && !b.row[5].stale);
	ck_assert_uint_eq(baseline_settle(&b, true, true), 2);
	ck_assert(b.row[3].stale && !b.row[2].stale);
}
END_TEST

START_TEST(an_update_appends_and_keeps_what_is_there)
{
	static const char old[] = "# mine\n" ROWS "b\tx\t*\tr\t\ts\n\n# end\na\ty\t*\tr\t\ts\n";
	char expected[1000];
	struct stat st;

	load_here(old);
	chmod(path, 0640);
	ck_assert(baseline_update(&b, path, &here, "2026-01-02T03", err, sizeof(err)));
	ck_assert_str_eq(content(), old);
	ck_assert(baseline_keep(&b, "c[x=1]", "exit a\tb") && baseline_keep(&b, "c[x=1]", "exit a\tb"));
	ck_assert_msg(baseline_update(&b, path, &here, "2026-01-02T03", err, sizeof(err)), "%s", err);
	snprintf(expected, sizeof(expected), "%sc[x=1]\texit a?b\tlinux>=6.6,profile=linux\tunexplained\t\t"
		 "2026-01-02\n", old);
	ck_assert_str_eq(content(), expected);
	ck_assert(!stat(path, &st) && (st.st_mode & 07777) == 0640);
	baseline_free(&b);
	ck_assert_msg(baseline_load(&b, path, err, sizeof(err)), "%s", err);
	baseline_place(&b, &here);
	ck_assert_ptr_eq(baseline_find(&b, "c[x=1]", "exit a\tb"), &b.row[2]);
}
END_TEST

START_TEST(an_update_makes_a_file_or_says_why_it_cannot)
{
	const struct whereabouts model = { false, "model:exec-bit=off", "posix", &env, &linux_facts };

	unlink(path);
	ck_assert_msg(baseline_update(&b, path, &model, "2026-01-02", err, sizeof(err)), "%s", err);
	ck_assert_str_eq(content(), ROWS);
	unlink(path);
	ck_assert(baseline_keep(&b, "a", "x"));
	ck_assert_msg(baseline_update(&b, path, &model, "2026-01-02", err, sizeof(err)), "%s", err);
	ck_assert_str_eq(content(), ROWS "a\tx\tsubject=model*,profile=posix\tunexplained\t\t2026-01-02\n");
	ck_assert(!baseline_update(&b, "/proc/none/x", &model, "2026-01-02", err, sizeof(err)));
	ck_assert_str_eq(err, "/proc/none/x could not be updated: No such file or directory");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("baseline");
	TCase *tc = tcase_create("baseline");

	tcase_add_checked_fixture(tc, begin, drop);
	tcase_add_test(tc, rows_are_read_and_comments_are_not);
	tcase_add_test(tc, what_is_no_baseline_is_refused_where_it_stands);
	tcase_add_test(tc, conditions_hold_where_they_say);
	tcase_add_test(tc, what_only_looks_like_linux_has_no_version_of_it);
	tcase_add_test(tc, a_sign_says_what_differs_and_not_by_how_much);
	tcase_add_test(tc, a_row_explains_what_it_names_and_nothing_else);
	tcase_add_test(tc, runs_that_disagree_are_known_by_a_row_that_says_so);
	tcase_add_test(tc, records_tell_what_was_explained_and_what_was_not);
	tcase_add_test(tc, a_row_is_stale_when_all_that_it_names_ran_and_nothing_differed);
	tcase_add_test(tc, an_update_appends_and_keeps_what_is_there);
	tcase_add_test(tc, an_update_makes_a_file_or_says_why_it_cannot);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
