#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "partition.h"
#include "suite_test.h"
#include "text.h"

static int find(void *ctx, const char *s, size_t len)
{
	return (void)ctx, (void)s, len == 1 ? 0 : -1;
}

static const struct nametable names = { find, find, NULL, NULL, NULL };

/* The parts of an argument of an operation that is written as text, with commas. */
static const char *partition(const char *text, int arg)
{
	static char buf[200];
	struct text out = { buf, sizeof(buf), 0 };
	struct arena arena = { 0 };
	struct scan s = { .text = text, .arena = &arena, .names = &names };
	struct op op;
	uint64_t set;

	ck_assert_msg(scan_op(&s, &op), "%s", text);
	buf[0] = '\0';
	set = parts_of(op_kind(&op, arg), op.v[arg], op.data);
	for (int i = 0; i < MAXPARTS; i++)
		if (set >> i & 1)
			text_add(&out, "%s%s", out.len ? ", " : "", part_name(op_kind(&op, arg), i));
	arena_free(&arena);
	return buf;
}

/* An operation, which of its arguments, and the parts that this is in. */
static const struct { const char *text; int arg; const char *parts; } examples[] = {
	{ "msgget(IPC_PRIVATE)", 0, "private" },
	{ "msgget(-2)", 0, "negative" },
	{ "msgget(1, 0600)", 1, "no flag" },
	{ "msgget(1, IPC_CREAT|IPC_EXCL|0600)", 1, "IPC_CREAT, IPC_EXCL" },
	{ "semctl_SETVAL(s, 0, 32767)", 2, "max" },
	{ "mprotect(HOLE, 1, PROT_READ)", 2, "to read" },
	{ "msgctl_IPC_STAT(q, @null)", 1, "null" },
	{ "mq_open(queue, O_RDONLY|O_CREAT)", 1, "O_RDONLY, O_CREAT" },
	{ "mq_open(queue, O_WRONLY)", 1, "O_WRONLY" },
	{ "sem_open(semaphore, 0)", 1, "no flag" },
	{ "limit(msgmni, 1)", 0, "" },
	{ "msgsnd(q, 0:\"x\")", 1, "no type, inside" },
	{ "msgsnd(q, 1:\"\")", 1, "empty" },
	{ "msgsnd(q, 1:\"\"#-1)", 1, "negative size" },
	{ "msgsnd(q, 1:\"x\"*8192)", 1, "max" },
	{ "msgsnd(q, 1:\"x\"*8193)", 1, "beyond" },
	{ "msgsnd(q, 1:\"x\"@null)", 1, "inside, bad pointer" },
	{ "semop(s, [0:1])", 1, "one, up" },
	{ "semop(s, [0:0:IPC_NOWAIT, 0:-1:SEM_UNDO])", 1,
	  "several, down, wait for zero, IPC_NOWAIT, SEM_UNDO" },
	{ "semop(s, []#0)", 1, "none" },
	{ "semop(s, [0:1*500])", 1, "max, up" },
	{ "semop(s, [0:1]#501)", 1, "beyond, up" },
	{ "semop(s, [0:1]@readonly)", 1, "one, up, bad pointer" },
	{ "semop(s, [0:1]@odd)", 1, "one, up" },
	{ "semtimedop(s, [0:1], none)", 2, "none" },
	{ "semtimedop(s, [0:1], 0s)", 2, "zero" },
	{ "semtimedop(s, [0:1], 5ms)", 2, "below a second" },
	{ "semtimedop(s, [0:1], 5s)", 2, "seconds" },
	{ "semtimedop(s, [0:1], 0:1000000000)", 2, "invalid" },
	{ "semtimedop(s, [0:1], -1:0)", 2, "invalid" },
	{ "semtimedop(s, [0:1], @unmapped)", 2, "bad pointer" },
	{ "semctl_SETALL(s, [0, 5, 32767])", 1, "zero, inside, max" },
	{ "semctl_SETALL(s, [32768]@null)", 1, "beyond, bad pointer" },
	{ "msgctl_IPC_SET(q, none)", 1, "nothing" },
	{ "msgctl_IPC_SET(q, uid=1 gid=1 mode=0600 qbytes=5)", 1, "uid, gid, mode, qbytes" },
	{ "semctl_IPC_SET(s, mode=0600 @unmapped)", 1, "mode, bad pointer" },
};

START_TEST(values_are_classified)
{
	ck_assert_str_eq(partition(examples[_i].text, examples[_i].arg), examples[_i].parts);
}
END_TEST

START_TEST(parts_of_a_kind_are_few_and_have_names_of_their_own)
{
	for (enum kind kind = 0; kind < NKINDS; kind++) {
		int n = 0;

		while (part_name(kind, n))
			n++;
		ck_assert_int_le(n, MAXPARTS);
		ck_assert_ptr_null(part_name(kind, n + 1));
		for (int i = 0; i < n; i++)
			for (int k = 0; k < i; k++)
				ck_assert_str_ne(part_name(kind, i), part_name(kind, k));
	}
}
END_TEST

START_TEST(a_payload_that_is_left_out_is_in_no_part)
{
	ck_assert_uint_eq(parts_of(KIND_MSG, 0, NULL), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("partition");
	TCase *tc = tcase_create("partition");

	tcase_add_loop_test(tc, values_are_classified, 0, sizeof(examples) / sizeof(*examples));
	tcase_add_test(tc, parts_of_a_kind_are_few_and_have_names_of_their_own);
	tcase_add_test(tc, a_payload_that_is_left_out_is_in_no_part);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
