/* All that was ordered or nothing, by a maker that only keeps a list. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "create.h"
#include "suite_test.h"

static struct order o;
static struct creation c;
static char said[500];			/* what the maker was asked for */
static int collisions;			/* how many more keys are taken */
static int refuses;			/* the type that cannot be created, or -1 */
static int32_t keys[4];			/* the last keys that were tried */
static int ntried;

static void note(const char *what, const struct resource *r)
{
	const size_t len = strlen(said);

	snprintf(said + len, sizeof(said) - len, "%s %s; ", what, resourceinfo[r->type].word);
}

static bool fake_create(void *ctx, struct resource *r, struct failure *f)
{
	(void)ctx;
	keys[ntried++ % 4] = r->key;
	*f = (struct failure){ "msgget", (int)r->type == refuses ? ENOSPC : EEXIST };
	if ((int)r->type == refuses || collisions-- > 0)
		return false;
	note("create", r);
	r->id = 7;
	return true;
}

static bool fake_take(void *ctx, struct resource *r, struct failure *f)
{
	(void)ctx;
	*f = (struct failure){ "msgget", 0 };
	note("take", r);
	return true;
}

static int64_t fake_find(void *ctx, const struct resource *r, struct failure *f)
{
	(void)ctx;
	*f = (struct failure){ "msgget", ENOENT };
	return r->key == 0x22 ? 9 : -1;
}

static bool fake_remove(void *ctx, const struct resource *r, struct failure *f)
{
	(void)ctx;
	*f = (struct failure){ "msgctl", 0 };
	note("remove", r);
	return true;
}

static const struct maker fake = { fake_create, fake_take, fake_find, fake_remove, NULL };

/* An order as that command line makes it, whose words are separated by blanks. */
static bool order(const char *line)
{
	static char words[200], *argv[20];
	char *rest = words;
	int argc = 1;

	order_free(&o);
	snprintf(words, sizeof(words), "%s", line);
	argv[0] = (char[]){ "ipcmk" };
	for (char *word; (word = strsep(&rest, " ")); )
		argv[argc++] = word;
	argv[argc] = NULL;
	*said = '\0';
	collisions = ntried = 0;
	refuses = -1;
	return order_read(&o, argc, argv);
}

static void fresh(void)
{
	memset(&o, 0, sizeof(o));
}

static void drop(void)
{
	order_free(&o);
}

START_TEST(several_are_created_in_their_order)
{
	ck_assert(order("-S 2 -q -n /x -M 5"));
	ck_assert(create_all(&o, &fake, &c));
	ck_assert_str_eq(said, "create shm; create posix-mq; create sem; ");
	ck_assert_uint_eq(c.n, 3);
	ck_assert_int_eq(c.made[2].id, 7);
	ck_assert(keys[0] && keys[2]);
	ck_assert_int_ne(keys[0], keys[2]);
}
END_TEST

START_TEST(a_failure_undoes_the_others_last_first)
{
	ck_assert(order("-S 2 -Q -M 5"));
	refuses = RES_SEM;
	ck_assert(!create_all(&o, &fake, &c));
	ck_assert_str_eq(said, "create shm; create msg; remove msg; remove shm; ");
	ck_assert_uint_eq(c.n, 0);
}
END_TEST

START_TEST(what_was_there_is_not_undone)
{
	ck_assert(order("--key 5 -S 2 -Q --or-existing"));
	refuses = RES_SEM;
	collisions = 1;
	ck_assert(!create_all(&o, &fake, &c));
	ck_assert_str_eq(said, "take msg; ");
}
END_TEST

START_TEST(a_random_key_that_is_taken_gives_way_to_another)
{
	ck_assert(order("--exclusive -Q"));
	collisions = 3;
	ck_assert(create_all(&o, &fake, &c));
	ck_assert_str_eq(said, "create msg; ");
	ck_assert_int_eq(ntried, 4);
	ck_assert(keys[0] != keys[1] && keys[1] != keys[2] && keys[2] != keys[3]);
	ck_assert(order("--dialect files -S 3"));
	collisions = 1;
	ck_assert(create_all(&o, &fake, &c));
	ck_assert_str_eq(said, "create sem; ");
}
END_TEST

START_TEST(keys_are_not_tried_for_ever)
{
	ck_assert(order("--exclusive -Q"));
	collisions = 1 << 30;
	ck_assert(!create_all(&o, &fake, &c));
	ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(util_linux_takes_what_has_the_key_or_name)
{
	ck_assert(order("-Q"));
	collisions = 1;
	ck_assert(create_all(&o, &fake, &c));
	ck_assert_str_eq(said, "take msg; ");
	ck_assert(c.existed[0]);
	ck_assert(order("-q -n /x"));
	collisions = 1;
	ck_assert(create_all(&o, &fake, &c));
	ck_assert_str_eq(said, "take posix-mq; ");
	ck_assert(order("--strict -Q"));
	collisions = 1;
	ck_assert(!create_all(&o, &fake, &c));
	ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(a_key_that_was_said_is_not_replaced)
{
	static const char *const lines[] = {
		"--key 5 -Q", "--exclusive --key 5 -Q", "--exclusive -q -n /x", "--dialect files -Q x",
		"--dialect keys -S 5",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		ck_assert(order(lines[i]));
		collisions = 1;
		ck_assert(!create_all(&o, &fake, &c));
		ck_assert_str_eq(said, "");
		ck_assert_int_eq(ntried, 1);
	}
}
END_TEST

START_TEST(the_object_of_another_key_comes_first)
{
	ck_assert(order("--dialect keys -S 0x11 -o 0x22"));
	ck_assert(create_all(&o, &fake, &c));
	ck_assert_str_eq(said, "");
	ck_assert(c.existed[0]);
	ck_assert_int_eq(c.made[0].id, 9);
	ck_assert(order("--dialect keys -S 0x11 -o 0x23"));
	ck_assert(create_all(&o, &fake, &c));
	ck_assert_str_eq(said, "create sem; ");
	ck_assert_int_eq(c.made[0].key, 0x11);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("create");
	TCase *tc = tcase_create("create");

	tcase_add_checked_fixture(tc, fresh, drop);
	tcase_add_test(tc, several_are_created_in_their_order);
	tcase_add_test(tc, a_failure_undoes_the_others_last_first);
	tcase_add_test(tc, what_was_there_is_not_undone);
	tcase_add_test(tc, a_random_key_that_is_taken_gives_way_to_another);
	tcase_add_test(tc, keys_are_not_tried_for_ever);
	tcase_add_test(tc, util_linux_takes_what_has_the_key_or_name);
	tcase_add_test(tc, a_key_that_was_said_is_not_replaced);
	tcase_add_test(tc, the_object_of_another_key_comes_first);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
