/* What must come of a command: how it is written, and when it has come. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "docs.h"
#include "prose.h"
#include "suite_test.h"

static struct arena arena;
static struct command command;
static struct problem p;
static char why[200];

static struct aftermath after;

/* A command that ended well, printed two lines and made a queue and a segment. */
static void fresh(void)
{
	arena = (struct arena){ 0 };
	after = (struct aftermath){
		.done = true, .status = 0, .out = "one\ntwo\n", .objects = { [MSG] = 1, [SHM] = 2 },
		.files = "fifo x 0644",
	};
	after.last[MSG].id = 3;
	put(&after.last[MSG].rec, F_key, -1);
	put(&after.last[MSG].rec, F_mode, 0640);
	put(&after.last[SHM].rec, F_segsz, 4096);
}

static void drop(void)
{
	arena_free(&arena);
}

static bool read_text(const char *text)
{
	command = (struct command){ 0 };
	return wishes_read(&command, text, 7, &arena, &p);
}

static bool met(const char *text)
{
	ck_assert_msg(read_text(text), "%s", p.text);
	return wishes_met(&command, &after, why, sizeof(why));
}

START_TEST(every_wish_must_be_met)
{
	ck_assert(met("status=0 msg=1 sem=0 shm=2"));
	ck_assert(!met("status=0 msg=1 sem=1 shm=2"));
	ck_assert_str_eq(why, "sem=1");
	ck_assert(!met("status=nonzero"));
	after.status = 3;
	ck_assert(met("status=nonzero"));
	ck_assert(met("status=3"));
}
END_TEST

START_TEST(numbers_may_be_octal_or_hexadecimal)
{
	ck_assert(met("mode=0640"));
	ck_assert(met("mode=416"));
	ck_assert(!met("mode=640"));
	ck_assert(met("size=0x1000 id=3"));
}
END_TEST

START_TEST(keys_have_32_bits)
{
	ck_assert(met("key=0xffffffff"));
	ck_assert(met("key=-1"));
	ck_assert(met("key=nonzero"));
	ck_assert(!met("key=1"));
	after.last[MSG].rec.v[F_key] = 0;
	ck_assert(!met("key=nonzero"));
}
END_TEST

START_TEST(texts_are_patterns_and_may_be_quoted)
{
	ck_assert(met("stdout=one*"));
	ck_assert(met("stdout=\"one?two?\""));
	ck_assert(!met("stdout=one"));
	ck_assert(met("stderr=\"\""));
	ck_assert(!met("stderr=?*"));
	ck_assert(met("files=\"fifo x *\" status=0"));
}
END_TEST

START_TEST(what_was_not_made_has_no_fields)
{
	ck_assert(!met("nsems=0"));
	after.objects[MSG] = after.objects[SHM] = 0;
	ck_assert(!met("id=0"));
	ck_assert(!met("mode=0640"));
}
END_TEST

START_TEST(what_is_no_wish_is_refused_with_its_place)
{
	static const char *const bad[] = { "", " ", "status", "status=", "status=x", "colour=1", "status=1x",
					   "mode=0648", "status=99999999999999999999", "status=0 x" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_msg(!read_text(bad[i]), "%s", bad[i]);
		ck_assert_uint_eq(p.at, 7);
		ck_assert_ptr_nonnull(strstr(p.text, "expected"));
	}
}
END_TEST

START_TEST(an_aftermath_names_what_was_made_and_no_random_key)
{
	struct json t = { 0 };

	after.objects[SHM] = 0;
	aftermath_print(&t, &after);
	ck_assert_str_eq(t.buf, "exit 0; stdout: one ...; there is 1 queue (id 3, key not 0, mode 0640); "
			 "files: fifo x 0644");
	json_free(&t);
}
END_TEST

static struct claim_of_doc claim_of(struct evidence *e, int n)
{
	return (struct claim_of_doc){ .everywhere = true, .nevidence = n, .evidence = e };
}

START_TEST(only_what_is_described_decides_the_verdict)
{
	struct evidence e[] = { { .party = PARTY_command, .result = FAILS },
				{ .party = PARTY_dialect, .result = HOLDS },
				{ .party = PARTY_linux, .result = HOLDS },
				{ .party = PARTY_command, .result = UNTESTED } };
	struct claim_of_doc c = claim_of(e, 4);

	ck_assert_int_eq(docs_verdict(&c), DOC_false);
	e[3].result = HOLDS;
	ck_assert_int_eq(docs_verdict(&c), DOC_version_dependent);
	e[0].result = HOLDS;
	ck_assert_int_eq(docs_verdict(&c), DOC_true);
	c.varies = "It does.";
	ck_assert_int_eq(docs_verdict(&c), DOC_version_dependent);
	e[0].result = e[3].result = UNTESTED;
	ck_assert_int_eq(docs_verdict(&c), DOC_untested);
	c.uncheckable = "It is.";
	ck_assert_int_eq(docs_verdict(&c), DOC_uncheckable);
}
END_TEST

START_TEST(versions_decide_what_is_known)
{
	struct known known[] = { { PARTY_command, true, "2.20" }, { PARTY_kernel, false, NULL } };
	struct evidence e = { .party = PARTY_command, .version = "2.9", .result = HOLDS };
	struct claim_of_doc c = { .nknown = 2, .known = known };

	ck_assert(docs_unexpected(&c, &e));
	e.version = "2.20";
	ck_assert(!docs_unexpected(&c, &e));
	e.version = NULL;
	ck_assert(!docs_unexpected(&c, &e));
	e.result = FAILS;
	ck_assert(docs_unexpected(&c, &e));
	known[0].from = false;
	ck_assert(!docs_unexpected(&c, &e));
	e.party = PARTY_kernel;
	ck_assert(docs_unexpected(&c, &e));
	e.result = UNTESTED;
	ck_assert(!docs_unexpected(&c, &e));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("docs");
	TCase *t = tcase_create("docs");

	tcase_add_checked_fixture(t, fresh, drop);
	tcase_add_test(t, every_wish_must_be_met);
	tcase_add_test(t, numbers_may_be_octal_or_hexadecimal);
	tcase_add_test(t, keys_have_32_bits);
	tcase_add_test(t, texts_are_patterns_and_may_be_quoted);
	tcase_add_test(t, what_was_not_made_has_no_fields);
	tcase_add_test(t, what_is_no_wish_is_refused_with_its_place);
	tcase_add_test(t, an_aftermath_names_what_was_made_and_no_random_key);
	tcase_add_test(t, only_what_is_described_decides_the_verdict);
	tcase_add_test(t, versions_decide_what_is_known);
	suite_add_tcase(s, t);
	return run_suite(s);
}
