#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clauses_test.h"
#include "expand.h"
#include "script.h"
#include "source.h"
#include "suite_test.h"

#define HEAD "claim  A claim.\ncites  XSH-2.7-perm-9\n"

static struct script *reading(const char *text)
{
	const char *path = "cases/perm/x.case";
	struct script *sc = script_read(text, strlen(text), path, "cases", &reqs, err, sizeof(err));

	ck_assert_msg(sc, "%s", err);
	return sc;
}

/* The steps of an instance, a line each. */
static const char *steps_of(const struct script *sc, int i)
{
	static char buf[1 << 16];
	struct text t = { buf, sizeof(buf), 0 };
	struct instance *in = script_instance(sc, i);

	ck_assert_ptr_nonnull(in);
	for (int k = 0; k < in->nsteps; k++) {
		print_step(&t, in, &in->step[k]);
		text_puts(&t, "\n");
	}
	instance_free(in);
	ck_assert_uint_lt(t.len, sizeof(buf));
	return buf;
}

static void check_steps(const char *steps, const char *expected)
{
	char text[4096];
	struct script *sc;

	snprintf(text, sizeof(text), "%s\n%s", HEAD, steps);
	sc = reading(text);
	ck_assert_str_eq(steps_of(sc, 0), expected);
	script_free(sc);
}

/* What is said of a text that cannot be read, without the file's name. */
static const char *complaint(const char *text, size_t len)
{
	struct script *sc = script_read(text, len, "x.case", "cases", &reqs, err, sizeof(err));

	ck_assert_ptr_null(sc);
	ck_assert(strncmp(err, "x.case:", 7) == 0);
	return err + 7;
}

/* ---- what is read --------------------------------------------------------------------------- */

START_TEST(a_header_is_read)
{
	struct script *sc = reading("# A comment.\n"
				    "claim  The creator stays\n"
				    "       in the class.   # so it is\n"
				    "cites  XSH-2.7-perm-9,\n"
				    "# in between\n"
				    "       XSH-2.7-perm-8\n"
				    "needs  page=4096, root, no-hugetlb\n"
				    "profile linux\n"
				    "check  ids\n"
				    "\n"
				    "A  msgget(IPC_PRIVATE)\n");

	ck_assert_str_eq(sc->name, "perm/x");
	ck_assert_str_eq(sc->family, "perm");
	ck_assert_str_eq(sc->file, "cases/perm/x.case");
	ck_assert_str_eq(sc->claim, "The creator stays in the class.");
	ck_assert_int_eq(sc->line, 2);
	ck_assert_int_eq(sc->ncites, 2);
	ck_assert_str_eq(sc->cites[1], "XSH-2.7-perm-8");
	ck_assert(sc->needs_root && sc->check_ids && sc->nneeds == 2);
	ck_assert(sc->need[0].fact == FACT_page && sc->need[0].v == 4096);
	ck_assert(sc->need[1].fact == FACT_hugetlb && sc->need[1].v == 0);
	ck_assert_str_eq(sc->profile, "linux");
	ck_assert_int_eq(sc->ninstances, 1);
	script_free(sc);
}
END_TEST

START_TEST(a_header_may_say_little)
{
	struct script *sc = reading(HEAD "A  msgget(IPC_PRIVATE)");

	ck_assert(!sc->needs_root && !sc->check_ids && !sc->nneeds);
	ck_assert_ptr_null(sc->profile);
	script_free(sc);
}
END_TEST

static const struct { const char *path, *root, *name, *family; } names[] = {
	{ "cases/perm/only-read.case", "cases", "perm/only-read", "perm" },
	{ "cases/perm/only-read.case", "cases/", "perm/only-read", "perm" },
	{ "cases//perm/only-read.case", "cases", "perm/only-read", "perm" },
	{ "cases/known/linux/a.case", "cases", "known/linux/a", "known" },
	{ "cases/a.case", "cases", "a", "other" },
	{ "elsewhere/perm/a.case", "cases", "a", "other" },
	{ "a", "cases", "a", "other" },
};

START_TEST(a_case_is_named_after_its_file)
{
	const char *text = HEAD "A  msgget(1)\n", *path = names[_i].path;
	struct script *sc = script_read(text, strlen(text), path, names[_i].root, &reqs, err, sizeof(err));

	ck_assert_msg(sc, "%s", err);
	ck_assert_str_eq(sc->name, names[_i].name);
	ck_assert_str_eq(sc->family, names[_i].family);
	script_free(sc);
}
END_TEST

START_TEST(steps_have_a_canonical_spelling)
{
	check_steps("A q=msgget( 0 ,0600 )\n"
		    "B\tmsgrcv(q, 0, 16)     blocks   # so\n"
		    "B  sleeps\n"
		    "A  msgsnd(q, 1:\"x  # y\")    = {EAGAIN,0}\n"
		    "B  wakes             = 1 { text=\"x\" type=1 }\n"
		    "*  limit(msgmni,3) = 0\n"
		    "A  msgget(5)         = q\n"
		    "A  semctl_GETPID(q, 0) = B\n"
		    "A  semctl_GETPID(q, 0) = 0\n"
		    "A  fork(C) = C\n"
		    "C  a = shmat(q)\n"
		    "C  a = shmat(q, a+4096) = a+4096\n"
		    "C  load(a, 2) = 0 {bytes=\"ab\"}\n"
		    "C  semctl_GETALL(q) = 0 {values=[1,1,1,2]}\n"
		    "C  shmdt(a) = SIGSEGV\n"
		    "C  store(a, \"\\\"  # b\\\\\")  # c\n"
		    "C  msgctl_IPC_STAT(q) = 0 {key=17 lspid=C lrpid=0 stime=now rtime=set ctime=0}\n"
		    "C  semop(q, [0:1]) = {blocks, EAGAIN, 0}\n",
		    "A  q = msgget(IPC_PRIVATE, 0600)\n"
		    "B  msgrcv(q, 0, 16) blocks\n"
		    "B  sleeps\n"
		    "A  msgsnd(q, 1:\"x  # y\") = {0, EAGAIN}\n"
		    "B  wakes = 1 {type=1 text=\"x\"}\n"
		    "*  limit(msgmni, 3) = 0\n"
		    "A  msgget(0x5) = q\n"
		    "A  semctl_GETPID(q, 0) = B\n"
		    "A  semctl_GETPID(q, 0) = 0\n"
		    "A  fork(C) = C\n"
		    "C  a = shmat(q)\n"
		    "C  a = shmat(q, a+4096) = a+4096\n"
		    "C  load(a, 2) = 0 {bytes=\"ab\"}\n"
		    "C  semctl_GETALL(q) = 0 {values=[1*3, 2]}\n"
		    "C  shmdt(a) = SIGSEGV\n"
		    "C  store(a, \"\\\"  # b\\\\\")\n"
		    "C  msgctl_IPC_STAT(q) = 0 {key=0x11 stime=now rtime=set ctime=0 lspid=C lrpid=0}\n"
		    "C  semop(q, [0:1]) = {0, blocks, EAGAIN}\n");
}
END_TEST

START_TEST(a_step_holds_what_was_said)
{
	struct script *sc = reading(HEAD "\nB  q = msgget(IPC_PRIVATE)\n\n"
				    "A  msgctl_MSG_STAT(q)  = {q+5, EACCES, EINVAL} {lspid=B lrpid=0 "
				    "stime=now uid=-1}\n"
				    "B  msgrcv(q, 0, 1)  blocks\n"
				    "B  wakes  = EIDRM\n");
	struct instance *in = script_instance(sc, 0);

	ck_assert_int_eq(in->nsteps, 4);
	ck_assert_int_eq(in->nactors, 2);
	ck_assert_str_eq(in->actor[0].name, "B");
	ck_assert_str_eq(in->names[0], "q");
	ck_assert_int_eq(in->step[0].bind, 0);
	ck_assert_int_eq(in->step[0].line, 4);
	ck_assert(!in->step[0].claim.given);
	ck_assert_int_eq(in->step[1].line, 6);
	ck_assert_int_eq(in->step[1].bind, -1);
	ck_assert_int_eq(in->step[1].op.actor, 1);
	ck_assert_int_eq(in->step[1].op.ref[0], 1);
	ck_assert(in->step[1].claim.success);
	ck_assert_int_eq(in->step[1].claim.ref, 1);
	ck_assert_int_eq(in->step[1].claim.value, 5);
	ck_assert_int_eq(in->step[1].claim.actor, -1);
	ck_assert_uint_eq(in->step[1].claim.errs.bits, 1u << err_bit(EACCES) | 1u << err_bit(EINVAL));
	ck_assert_int_eq(in->step[1].claim.rec.v[F_lspid], 0);
	ck_assert_int_eq(in->step[1].claim.rec.v[F_lrpid], -1);
	ck_assert_int_eq(in->step[1].claim.rec.v[F_stime], WHEN_NOW);
	ck_assert_int_eq(in->step[1].claim.rec.v[F_uid], -1);
	ck_assert(in->step[2].claim.blocks && in->step[2].claim.given);
	ck_assert_int_eq(in->step[3].kind, STEP_WAKES);
	ck_assert_int_eq(in->step[3].op.code, OP_msgrcv);
	ck_assert_uint_eq(in->step[3].claim.errs.bits, 1u << err_bit(EIDRM));
	instance_free(in);
	script_free(sc);
}
END_TEST

START_TEST(actors_have_the_credentials_declared)
{
	struct script *sc = reading(HEAD "actors A uid 5 gid 6 groups 7+8,\n"
				    "       B euid 0 caps CAP_IPC_OWNER+CAP_SYS_ADMIN\n"
				    "actors C\n"
				    "A  fork(D)\n"
				    "D  msgget(1)\n");
	struct instance *in = script_instance(sc, 0);

	ck_assert_int_eq(in->nactors, 4);
	ck_assert_uint_eq(in->actor[0].cred.fsuid, 5);
	ck_assert_uint_eq(in->actor[0].cred.sgid, 6);
	ck_assert_uint_eq(in->actor[0].cred.ngroups, 2);
	ck_assert_uint_eq(in->actor[0].cred.groups[1], 8);
	ck_assert_uint_eq(in->actor[1].cred.ruid, 1000);
	ck_assert_uint_eq(in->actor[1].cred.fsuid, 0);
	ck_assert_uint_eq(in->actor[1].cred.caps, 1u << CAP_IPC_OWNER | 1u << CAP_SYS_ADMIN);
	ck_assert_uint_eq(in->actor[2].cred.euid, 1000);
	ck_assert_uint_eq(in->actor[2].cred.caps, 0);
	ck_assert(in->actor[3].forked && !in->actor[0].forked);
	ck_assert_uint_eq(in->actor[3].cred.ruid, 5);
	instance_free(in);
	script_free(sc);
}
END_TEST

START_TEST(a_name_can_be_bound_again)
{
	struct script *sc = reading(HEAD "A  q = msgget(1)\nA  s = semget(1, 1)\nA  q = msgget(2)\n");
	struct instance *in = script_instance(sc, 0);

	ck_assert_int_eq(in->nnames, 2);
	ck_assert_int_eq(in->step[2].bind, 0);
	instance_free(in);
	script_free(sc);
}
END_TEST

/* ---- instances ------------------------------------------------------------------------------ */

static const char *instance_name(const struct script *sc, int i)
{
	static char buf[200];
	struct instance *in = script_instance(sc, i);

	snprintf(buf, sizeof(buf), "%s|%s", in->name, in->values ? in->values : "");
	instance_free(in);
	return buf;
}

START_TEST(for_lines_multiply)
{
	struct script *sc = reading(HEAD "for  mode want in 0600 0, 0400 {EACCES, EINVAL}\n"
				    "for  key in 1..3\n"
				    "A  msgget($key, $mode)  = $want\n");

	ck_assert_int_eq(sc->ninstances, 6);
	ck_assert_str_eq(instance_name(sc, 0), "perm/x[mode=0600,want=0,key=1]|mode=0600,want=0,key=1");
	ck_assert_str_eq(instance_name(sc, 5), "perm/x[mode=0400,want={EACCES, EINVAL},key=3]|"
			 "mode=0400,want={EACCES, EINVAL},key=3");
	ck_assert_str_eq(steps_of(sc, 4), "A  msgget(0x2, 0400) = {EACCES, EINVAL}\n");
	script_free(sc);
}
END_TEST

static const struct { const char *list; int n; const char *first, *last; } ranges[] = {
	{ "0..7", 8, "0", "7" }, { "00..07", 8, "00", "07" }, { "0..0777", 512, "0000", "0777" },
	{ "-2..2", 5, "-2", "2" }, { "5..5", 1, "5", "5" }, { "9..11", 3, "9", "11" },
	{ "0x8..0x10", 9, "0x08", "0x10" }, { "1..2, 7, 9..10", 5, "1", "10" }, { "-1..0", 2, "-1", "0" },
	{ "1..10000", 10000, "1", "10000" },
};

START_TEST(a_range_keeps_its_spelling)
{
	char text[200], expected[50];
	struct script *sc;

	snprintf(text, sizeof(text), HEAD "for n in %s\nA  msgget($n)\n", ranges[_i].list);
	sc = reading(text);
	ck_assert_int_eq(sc->ninstances, ranges[_i].n);
	snprintf(expected, sizeof(expected), "perm/x[n=%s]|n=%s", ranges[_i].first, ranges[_i].first);
	ck_assert_str_eq(instance_name(sc, 0), expected);
	snprintf(expected, sizeof(expected), "perm/x[n=%s]|n=%s", ranges[_i].last, ranges[_i].last);
	ck_assert_str_eq(instance_name(sc, sc->ninstances - 1), expected);
	script_free(sc);
}
END_TEST

START_TEST(variables_are_replaced_anywhere_in_a_step)
{
	struct script *sc = reading(HEAD "actors $who uid $id, Z uid 1\n"
				    "for who id op text in B 7 msgget(1) \"a $ b, c\",\n"
				    "    C 8 shmget(1,1) \"d\"\n"
				    "$who  q = $op\n"
				    "Z  msgsnd(q, $id:$text)\n");
	struct instance *in = script_instance(sc, 0);

	ck_assert_str_eq(in->actor[0].name, "B");
	ck_assert_uint_eq(in->actor[0].cred.euid, 7);
	instance_free(in);
	ck_assert_str_eq(steps_of(sc, 0), "B  q = msgget(0x1)\nZ  msgsnd(q, 7:\"a $ b, c\")\n");
	ck_assert_str_eq(steps_of(sc, 1), "C  q = shmget(0x1, 1)\nZ  msgsnd(q, 8:\"d\")\n");
	script_free(sc);
}
END_TEST

/* ---- mistakes ------------------------------------------------------------------------------- */

static bool read_text(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(buf, 1, size - 1, f) : 0;

	buf[n] = '\0';
	if (f)
		fclose(f);
	return n;
}

START_TEST(every_bad_case_is_refused_with_its_message)
{
	char path[400], expected[1024], said[1100];
	DIR *dir = opendir("cases/bad");
	struct dirent *e;
	int n = 0;

	ck_assert_ptr_nonnull(dir);
	while ((e = readdir(dir))) {
		size_t len = strlen(e->d_name);
		struct script *sc;

		if (len < 5 || strcmp(e->d_name + len - 5, ".case"))
			continue;
		snprintf(path, sizeof(path), "cases/bad/%s", e->d_name);
		sc = script_load(path, "cases", &reqs, err, sizeof(err));
		ck_assert_msg(!sc, "%s was read", path);
		snprintf(said, sizeof(said), "%s\n", err + strlen(path) + 1);
		snprintf(path + strlen(path) - 5, 5, ".err");
		ck_assert_msg(read_text(path, expected, sizeof(expected)), "%s is missing", path);
		ck_assert_msg(strcmp(said, expected) == 0, "%s: said %s", path, said);
		n++;
	}
	closedir(dir);
	ck_assert_int_ge(n, 40);
}
END_TEST

START_TEST(text_must_be_text)
{
	static const struct { const char *text; size_t len; const char *said; } texts[] = {
		{ "claim \xff", 7, "1:7: found byte 0xff, expected UTF-8 text" },
		{ "claim a\0b", 9, "1:8: found control character 0x00, expected text" },
		{ "\n\xc3\xa9\xc0\x80", 5, "2:2: found byte 0xc0, expected UTF-8 text" },
		{ "\xe0\x80\x80", 3, "1:1: found byte 0xe0, expected UTF-8 text" },
		{ "\xed\xa0\x80", 3, "1:1: found byte 0xed, expected UTF-8 text" },
		{ "\xf4\x90\x80\x80", 4, "1:1: found byte 0xf4, expected UTF-8 text" },
		{ "\xe2\x82", 2, "1:1: found byte 0xe2, expected UTF-8 text" },
		{ "\xe2\x82x", 3, "1:1: found byte 0xe2, expected UTF-8 text" },
		{ "claim  A claim.\r\n", 17, "1:16: found control character 0x0d, expected text" },
		{ "", 0, "1:1: found no claim line, expected one before the first step" },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		ck_assert_str_eq(complaint(texts[i].text, texts[i].len), texts[i].said);
}
END_TEST

/* Memory that is not followed by NUL, as a mapped file would be. */
START_TEST(text_need_not_end_with_nul)
{
	static const char text[] = HEAD "A  msgget(1)";
	char *exact = malloc(sizeof(text) - 1);
	struct script *sc;

	memcpy(exact, text, sizeof(text) - 1);
	sc = script_read(exact, sizeof(text) - 1, "x.case", "cases", &reqs, err, sizeof(err));
	ck_assert_msg(sc, "%s", err);
	script_free(sc);
	free(exact);
}
END_TEST

START_TEST(sizes_have_bounds)
{
	size_t size = FILEMAX + 2, head = strlen(HEAD);
	char *text = malloc(size);

	memcpy(text, HEAD, head);
	memset(text + head, '#', size - head);
	ck_assert_str_eq(complaint(text, size), "1:1: found 1048578 bytes, expected at most 1048576");
	ck_assert_str_eq(complaint(text, head + LINEMAX + 1),
			 "3:4097: found a longer line, expected at most 4096 bytes");
	ck_assert_str_eq(complaint(text, head + LINEMAX),
			 "3:4097: found the end of the file, expected a step");
	free(text);
}
END_TEST

START_TEST(a_line_has_its_bound_when_variables_are_replaced_too)
{
	char text[LINEMAX * 2], value[2001];
	struct text t = { text, sizeof(text), 0 };

	memset(value, 'x', 2000);
	value[2000] = '\0';
	text_add(&t, HEAD "for v in \"%s\"\nA  msgsnd(0, 1:$v$v$v)\n", value);
	ck_assert_str_eq(complaint(text, t.len), "4:20: found a line that goes on when its variables are "
			 "replaced, expected at most 4096 bytes");
}
END_TEST

START_TEST(names_have_a_bound)
{
	char text[16384];
	struct text t = { text, sizeof(text), 0 };

	text_puts(&t, HEAD);
	for (int i = 0; i < 257; i++)
		text_add(&t, "A  name%d = msgget(IPC_PRIVATE)\n", i);
	ck_assert_str_eq(complaint(text, t.len), "259:4: found 'name256', expected no more names than that");
}
END_TEST

START_TEST(instances_have_a_bound_in_memory)
{
	static const char one[] = HEAD "A  msgsnd(0, 1:\"x\"*1048576)\n";
	static const char many[] = HEAD "for n in 1..10000\nA  msgsnd(0, $n:\"x\"*1048576)\n";
	char *text = malloc(1 << 16);
	struct text t = { text, 1 << 16, 0 };

	script_free(reading(one));
	ck_assert_str_eq(complaint(many, strlen(many)),
			 "1:1: found instances of more than 256 MiB, expected fewer");
	text_puts(&t, HEAD);
	for (int i = 0; i < 100; i++)
		text_puts(&t, "A  msgsnd(0, 1:\"x\"*1048576)\n");
	ck_assert_str_eq(complaint(text, t.len), "66:27: found more than memory is set aside for, "
			 "expected a smaller case");
	free(text);
}
END_TEST

START_TEST(files_that_are_none_are_refused)
{
	char folder[] = "/tmp/script_test.XXXXXX", path[64];

	ck_assert_ptr_null(script_load("cases/none.case", "cases", &reqs, err, sizeof(err)));
	ck_assert_str_eq(err, "cases/none.case:1:1: found no file that can be opened "
			 "(No such file or directory), expected text");
	ck_assert_ptr_null(script_load("cases", "cases", &reqs, err, sizeof(err)));
	ck_assert_str_eq(err, "cases:1:1: found no regular file, expected text");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/pipe.case", folder);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_ptr_null(script_load(path, "cases", &reqs, err, sizeof(err)));
	ck_assert_ptr_nonnull(strstr(err, "found no regular file"));
	unlink(path);
	rmdir(folder);
}
END_TEST

/* ---- the manual ----------------------------------------------------------------------------- */

/* A block of cases/README.md is a case, or steps without a header, or, in one place, a complaint. */
static void check_block(const char *block, size_t len)
{
	char text[4096];
	struct script *sc;

	if (strncmp(block, "cases/", 6) == 0)
		return;
	snprintf(text, sizeof(text), "%s%.*s", *block == 'A' ? HEAD : "", (int)len, block);
	sc = script_read(text, strlen(text), "README.case", "cases", &reqs, err, sizeof(err));
	ck_assert_msg(sc, "%s", err);
	script_free(sc);
}

START_TEST(examples_of_the_manual_are_right)
{
	static char text[1 << 16];
	char *open, *close = text;
	int n = 0;

	ck_assert(read_text("cases/README.md", text, sizeof(text)));
	while ((open = strstr(close, "```\n"))) {
		open += 4;
		close = strstr(open, "```\n");
		ck_assert_ptr_nonnull(close);
		check_block(open, (size_t)(close - open));
		close += 4;
		n++;
	}
	ck_assert_int_eq(n, 3);
}
END_TEST

/* ---- requirements --------------------------------------------------------------------------- */

START_TEST(requirements_are_found_by_id)
{
	const struct requirement *r = requirement_find(&reqs, "XSH-2.7-perm-9 and more", 14);

	ck_assert_uint_gt(reqs.n, 100);
	ck_assert_ptr_nonnull(r);
	ck_assert_str_eq(r->id, "XSH-2.7-perm-9");
	ck_assert_str_eq(r->strength, "POSIX-shall");
	ck_assert_str_eq(reqs.v[0].id, "XSH-2.7-id-1");
	ck_assert_ptr_null(requirement_find(&reqs, "XSH-2.7-perm-", 13));
	ck_assert_ptr_null(requirement_find(&reqs, "XSH-2.7-perm-99", 15));
	ck_assert_ptr_null(requirement_find(&reqs, "", 0));
	for (size_t i = 0; i < reqs.n; i++)
		if (requirement_find(&reqs, reqs.v[i].id, strlen(reqs.v[i].id)) != &reqs.v[i])
			ck_abort_msg("%s is not found", reqs.v[i].id);
}
END_TEST

static const struct { const char *text, *said; } lists[] = {
	{ "", "1:1: found no names of columns, expected them, id being the first" },
	{ "id\tinterface\tstrength\tsource\tparaphrase\nA\tb\n",
	  "2:1: found 2 columns, expected an id and 5 more" },
	{ "id\t\nA\tb\tc\td\te\tf\tg\n", "2:1: found 7 columns, expected an id and 5 more" },
	{ "id\t\n\tb\tc\td\te\t\n", "2:1: found 6 columns, expected an id and 5 more" },
	{ "id\t\nA\tb\tc\td\te\t\nB\tb\tc\td\te\t\nA\tb\tc\td\te\t\n",
	  "4:1: found 'A' again, expected each id once" },
	{ "id\t\nA\tb\tc\td\te\t", "2:1: found an open last row, expected a newline" },
};

START_TEST(a_bad_list_of_requirements_is_refused)
{
	char path[] = "/tmp/script_test.XXXXXX";
	int fd = mkstemp(path);
	struct requirements list;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, lists[_i].text, strlen(lists[_i].text)), (ssize_t)strlen(lists[_i].text));
	close(fd);
	ck_assert(!requirements_load(&list, path, err, sizeof(err)));
	ck_assert_str_eq(err + strlen(path) + 1, lists[_i].said);
	unlink(path);
}
END_TEST

/* ---- printing ------------------------------------------------------------------------------- */

/* Every case of the tree, printed and read again, is printed the same. */
static void check_printed(const struct script *sc)
{
	struct instance *in = script_instance(sc, 0);
	char *text = malloc(1 << 17), *steps = strdup(steps_of(sc, 0));
	struct text t = { text, 1 << 17, 0 };
	struct script *again;

	text_puts(&t, HEAD);
	for (int i = 0; i < in->nactors; i++)
		if (!in->actor[i].forked) {
			text_add(&t, "actors %s ", in->actor[i].name);
			print_cred(&t, &in->actor[i].cred);
			text_puts(&t, "\n");
		}
	text_puts(&t, steps);
	again = script_read(text, t.len, "x.case", "cases", &reqs, err, sizeof(err));
	ck_assert_msg(again, "%s: %s", sc->name, err);
	ck_assert_str_eq(steps_of(again, 0), steps);
	script_free(again);
	instance_free(in);
	free(steps);
	free(text);
}

static void check_folder(const char *folder)
{
	char path[800];
	DIR *dir = opendir(folder);
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		struct script *sc;
		const char *dot = strrchr(e->d_name, '.');

		if (!dot || strcmp(dot, ".case"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		sc = script_load(path, "cases", &reqs, err, sizeof(err));
		ck_assert_msg(sc, "%s", err);
		check_printed(sc);
		script_free(sc);
	}
	if (dir)
		closedir(dir);
}

START_TEST(cases_survive_printing_and_reading)
{
	char path[400];
	DIR *dir = opendir("cases");
	struct dirent *e;

	ck_assert_ptr_nonnull(dir);
	while ((e = readdir(dir))) {
		snprintf(path, sizeof(path), "cases/%s", e->d_name);
		if (e->d_name[0] != '.' && strcmp(e->d_name, "bad") != 0)
			check_folder(path);
	}
	closedir(dir);
}
END_TEST

#define EACH(tc, test, table) tcase_add_loop_test(tc, test, 0, (int)(sizeof(table) / sizeof(*(table))))

int main(void)
{
	Suite *suite = suite_create("script");
	TCase *tc = tcase_create("script");

	tcase_add_checked_fixture(tc, load_requirements, free_requirements);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_header_is_read);
	tcase_add_test(tc, a_header_may_say_little);
	EACH(tc, a_case_is_named_after_its_file, names);
	tcase_add_test(tc, steps_have_a_canonical_spelling);
	tcase_add_test(tc, a_step_holds_what_was_said);
	tcase_add_test(tc, actors_have_the_credentials_declared);
	tcase_add_test(tc, a_name_can_be_bound_again);
	tcase_add_test(tc, for_lines_multiply);
	EACH(tc, a_range_keeps_its_spelling, ranges);
	tcase_add_test(tc, variables_are_replaced_anywhere_in_a_step);
	tcase_add_test(tc, every_bad_case_is_refused_with_its_message);
	tcase_add_test(tc, text_must_be_text);
	tcase_add_test(tc, text_need_not_end_with_nul);
	tcase_add_test(tc, sizes_have_bounds);
	tcase_add_test(tc, a_line_has_its_bound_when_variables_are_replaced_too);
	tcase_add_test(tc, names_have_a_bound);
	tcase_add_test(tc, instances_have_a_bound_in_memory);
	tcase_add_test(tc, files_that_are_none_are_refused);
	tcase_add_test(tc, examples_of_the_manual_are_right);
	tcase_add_test(tc, requirements_are_found_by_id);
	EACH(tc, a_bad_list_of_requirements_is_refused, lists);
	tcase_add_test(tc, cases_survive_printing_and_reading);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
