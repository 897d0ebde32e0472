#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clauses_test.h"
#include "suite_test.h"
#include "script.h"

/*
 * Good case text with random damage. Whatever comes of it, the parser answers with a script whose
 * instances can be printed, or with one line of complaint; the sanitizers watch over the rest.
 */

static const char *const good[] = {
	"# A comment.\n"
	"claim  The creator stays in the owner class\n"
	"       after ownership is given away.\n"
	"cites  XSH-2.7-perm-9, XSH-2.7-perm-8\n"
	"actors A uid 1000 gid 1000, B uid $id groups 5+6 caps CAP_IPC_OWNER+CAP_SYS_ADMIN\n"
	"for    mode want in 0600 0, 0400 {EACCES, EINVAL}\n"
	"for    id in 1..3, 010..011\n"
	"needs  root\n"
	"profile linux\n"
	"check  ids\n"
	"\n"
	"A  q = msgget(IPC_PRIVATE, IPC_CREAT|$mode)  # yes\n"
	"A  msgctl_IPC_SET(q, uid=1001 mode=$mode)  = $want\n"
	"A  msgctl_IPC_STAT(q)  = 0 {uid=1001 cuid=1000 mode=0600 lspid=B stime=now}\n"
	"B  msgrcv(q, -5, 16, IPC_NOWAIT|MSG_NOERROR, @unmapped)  blocks\n"
	"B  sleeps\n"
	"A  msgsnd(q+32768, 1:\"x\\x41\\n\"*8#-1@partial)  = {0, EAGAIN, blocks}\n"
	"B  wakes  = 1 {type=1 text=\"x  # y\"}\n"
	"*  signal(B, SIGKILL)\n",

	"claim  A claim.\n"
	"cites  XSH-2.7-perm-9\n"
	"\n"
	"A  s = semget(0x11, 250, IPC_CREAT|IPC_EXCL|0640)\n"
	"A  semop(s, [0:-1, 1:0:IPC_NOWAIT|SEM_UNDO, 0:1*501])  = EFBIG\n"
	"A  semtimedop(s, [0:1]@readonly, 0:1000000000)  = EINVAL\n"
	"A  semtimedop(s, @unmapped, 10ms)  = {EFAULT, E2BIG}\n"
	"A  semctl_SETALL(s, [1, 2*3, 65535])  = 0\n"
	"A  semctl_GETALL(s)  = 0 {values=[1, 2*3, 65535]}\n"
	"A  semctl_GETPID(s, 0)  = A\n"
	"*  limit(semmsl, 3)  = 0\n"
	"A  fork(C)  = C\n"
	"C  m = shmget(IPC_PRIVATE, 4096, SHM_HUGETLB|0600)\n"
	"C  a = shmat(m, HOLE+4096, SHM_RND|SHM_RDONLY)  = HOLE+4096\n"
	"C  store(a+8, \"hello\")  = SIGSEGV\n"
	"C  load(a, 4)  = 0 {bytes=\"\\0\\0\\0\\0\"}\n"
	"C  become(euid 0 fsuid 5 gid 7)\n"
	"C  exit(3)\n",
};

/* What is put into a text: pieces that mean something, in the wrong place. */
static const char *const pieces[] = {
	"\"", "\\", "$", "$mode", "#", "  # ", "\n", "\n ", "\t", "{", "}", "[", "]", "(", ")", ",", ":", "=",
	"*", "@", "|", "+", "-", "..", "0", "0x", "07777777777777777777777", "9223372036854775808",
	"LONG_MIN", "HOLE", "-9223372036854775808", "for a in 0..9999\n", "for b c in 1 2, 3 4\n",
	"actors D\n", "A  ", "q", "q = ", "blocks", "wakes", "EINVAL", "SIGSEGV", "none", "all", "*65536",
	"*1048576", "\xc3", "\xc3\xa9", "\0", "\r", "\x7f",
	"fork(E)", "signal(A, SIGSTOP)", "{0, blocks}", "text=\"\"", "values=[]", "uid=", "@partial", "#-1",
};
enum { NPIECES = sizeof(pieces) / sizeof(*pieces), NGOOD = sizeof(good) / sizeof(*good), ROOM = 8192 };

static uint64_t state;

static size_t rnd(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)(state % n);
}

/* Replaces the characters [at, end) by a piece. */
static void splice(char *text, size_t *len, size_t at, size_t end, const char *piece, size_t n)
{
	if (*len - (end - at) + n > ROOM)
		return;
	memmove(text + at + n, text + end, *len - end);
	memcpy(text + at, piece, n);
	*len = *len - (end - at) + n;
}

static void damage(char *text, size_t *len)
{
	char copied[64];
	size_t at = rnd(*len + 1), end = at + rnd(rnd(4) ? 8 : 64), from = rnd(*len + 1);
	size_t n = rnd(sizeof(copied));
	const char *piece = pieces[rnd(NPIECES)];

	if (end > *len)
		end = *len;
	if (n > *len - from)
		n = *len - from;
	memcpy(copied, text + from, n);
	switch (rnd(6)) {
	case 0: splice(text, len, at, at, piece, *piece ? strlen(piece) : 1); return;
	case 1: splice(text, len, at, end, "", 0); return;
	case 2: splice(text, len, at, end, piece, *piece ? strlen(piece) : 1); return;
	case 3: splice(text, len, at, at, copied, n); return;
	}
	if (at < *len)
		text[at] ^= 1;			/* mostly another digit or letter */
}

static bool complaint_is_one_line(const char *text)
{
	int line, column, n = 0;

	return sscanf(text, "x.case:%d:%d: found %n", &line, &column, &n) == 2 && n &&
	       line > 0 && column > 0 && strstr(text + n, "expected ") && !strchr(text, '\n');
}

static void print_all(const struct script *sc)
{
	char buf[300] = "";

	for (int i = 0; i < sc->ninstances && i < 3; i++) {
		struct instance *in = script_instance(sc, i);

		for (int k = 0; k < in->nsteps; k++) {
			struct text t = { buf, sizeof(buf), 0 };

			print_step(&t, in, &in->step[k]);
		}
		instance_free(in);
	}
}

START_TEST(good_text_is_read)
{
	const char *text = good[_i];
	struct script *sc = script_read(text, strlen(text), "x.case", "cases", &reqs, err, sizeof(err));

	ck_assert_msg(sc, "%s", err);
	script_free(sc);
}
END_TEST

START_TEST(damaged_text_is_read_or_refused)
{
	enum { ROUNDS = 20000 };
	char text[ROOM];
	int read = 0, refused = 0;

	state = 88172645463325252u;
	for (int i = 0; i < ROUNDS; i++) {
		const char *from = good[rnd(NGOOD)];
		size_t len = strlen(from);
		struct script *sc;
		char *exact;

		memcpy(text, from, len);
		for (size_t n = 1 + rnd(3); n; n--)
			damage(text, &len);
		exact = malloc(len ? len : 1);	/* so that the sanitizer sees a byte too far */
		memcpy(exact, text, len);
		sc = script_read(exact, len, "x.case", "cases", &reqs, err, sizeof(err));
		if (!sc && !complaint_is_one_line(err))
			ck_abort_msg("round %d: %s", i, err);
		free(exact);
		if (sc) {
			print_all(sc);
			script_free(sc);
		}
		*(sc ? &read : &refused) += 1;
	}
	ck_assert_int_gt(read, ROUNDS / 20);
	ck_assert_int_gt(refused, ROUNDS / 2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("script_fuzz");
	TCase *tc = tcase_create("script_fuzz");

	tcase_add_checked_fixture(tc, load_requirements, free_requirements);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, good_text_is_read, 0, NGOOD);
	tcase_add_test(tc, damaged_text_is_read_or_refused);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
