/* Credentials are what was asked for, or it is told which step failed. */
#include <errno.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "test.h"

#ifdef SYS_setfsuid32
#define SETFSUID SYS_setfsuid32
#else
#define SETFSUID SYS_setfsuid
#endif

/* What setfsuid is to answer in place of the kernel. */
static struct { bool on; long value; int err; } fsuid;
/* Are of ids only the lower halves stored? */
static bool halves;

static void store_halves(const long to[3], const uint32_t ids[3])
{
	for (int i = 0; i < 3; i++) {
		uint32_t *id = (uint32_t *)(uintptr_t)to[i];

		*id = (*id & 0xffff0000) | (ids[i] & 0xffff);
	}
}

long __real_syscall(long nr, ...);
long __wrap_syscall(long nr, ...);

/* Takes more arguments than there may be, as the function of the C library does. */
__attribute__((no_sanitize("address"))) long __wrap_syscall(long nr, ...)
{
	long a[6];
	va_list ap;

	va_start(ap, nr);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (halves && (nr == SYS_getresuid || nr == SYS_getresgid)) {
		uint32_t ids[3];
		long ret = __real_syscall(nr, &ids[0], &ids[1], &ids[2]);

		store_halves(a, ids);
		return ret;
	}
	if (!fsuid.on || nr != SETFSUID)
		return __real_syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	errno = fsuid.err;
	return fsuid.value;
}

static void take(struct cred want)
{
	char why[200];
	int number, step = cred_take(&want, &number);

	if (step)
		cred_explain(step, number, why, sizeof(why));
	ck_assert_msg(!step, "%s", why);
}

static int refused(struct cred want, char *why, size_t size)
{
	int number, step = cred_take(&want, &number);

	if (step)
		cred_explain(step, number, why, size);
	return step;
}

/* What the system says of the caller, without cred.c. */
static struct cred seen(void)
{
	struct cred c = { 0 };
	uint64_t permitted;

	getresuid(&c.ruid, &c.euid, &c.suid);
	getresgid(&c.rgid, &c.egid, &c.sgid);
	c.fsuid = (uint32_t)syscall(SYS_setfsuid, -1L);
	c.fsgid = (uint32_t)syscall(SYS_setfsgid, -1L);
	c.ngroups = is_root() ? (uint32_t)getgroups(MAXGROUPS, c.groups) : 0;
	cred_read_caps(&c.caps, &permitted);
	return c;
}

/* The leak checker of the unit tests cannot work under other ids. */
static void go_home(void)
{
	take(*cred_home());
}

static void is(struct cred want)
{
	struct cred now = seen();

	ck_assert_mem_eq(&now, &want, offsetof(struct cred, groups));
	ck_assert_mem_eq(now.groups, want.groups, want.ngroups * sizeof(*want.groups));
}

BOX_TEST(every_id_is_set_by_itself)
{
	const struct cred want = {
		.ruid = 11, .euid = 12, .suid = 13, .fsuid = 14,
		.rgid = 21, .egid = 22, .sgid = 23, .fsgid = 24,
		.ngroups = 3, .groups = { 31, 32, 33 },
	};

	if (!is_root())
		return;
	cred_init();
	take(want);
	is(want);
	go_home();
}

BOX_TEST(anybody_can_become_anybody_else)
{
	struct cred c = nth_user(0), d = nth_user(1), home;

	cred_init();
	home = *cred_home();
	c.caps = BIT(CAP_IPC_OWNER) | BIT(CAP_SYS_ADMIN);
	for (int i = 0; i < 3; i++) {
		take(c);
		is(c);
		take(d);
		is(d);
		take(home);
		is(home);
	}
}

BOX_TEST(capabilities_are_those_asked_for)
{
	struct cred c = nth_user(0);

	cred_init();
	take(c);
	ck_assert_uint_eq(seen().caps, 0);
	ck_assert(cred_raise());
	ck_assert_uint_eq(seen().caps, cred_home()->caps);
	c.caps = BIT(CAP_IPC_LOCK);
	take(c);
	ck_assert_uint_eq(seen().caps, BIT(CAP_IPC_LOCK));
	c.caps = CAPS_ALL;
	take(c);
	ck_assert_uint_eq(seen().caps, cred_home()->caps);
}

BOX_TEST(the_order_of_groups_does_not_matter)
{
	struct cred c = user(1000), sorted;

	if (!is_root())
		return;
	c.ngroups = 3;
	c.groups[0] = 9, c.groups[1] = 7, c.groups[2] = 8;
	sorted = c;
	sorted.groups[0] = 7, sorted.groups[1] = 8, sorted.groups[2] = 9;
	cred_init();
	take(c);
	is(sorted);
	take(c);
	is(sorted);
	go_home();
}

BOX_TEST(an_id_that_cannot_be_had_is_told)
{
	char why[200] = "";
	struct cred c = nth_user(0);

	cred_init();
	c.ruid = c.euid = c.suid = c.fsuid = UINT32_MAX - 1;
	if (is_root())
		c.ngroups = MAXGROUPS, c.euid = c.fsuid = UINT32_MAX;	/* -1 leaves an id as it is */
	ck_assert_int_ne(refused(c, why, sizeof(why)), 0);
	ck_assert_ptr_nonnull(strstr(why, is_root() ? "read back" : "setresuid: Invalid argument"));
	go_home();
}

BOX_TEST(ids_that_calls_store_halves_of_are_told_by_a_file)
{
	struct cred want = { .ruid = 70011, .euid = 70012, .suid = 70013, .fsuid = 70012,
			     .rgid = 70021, .egid = 70022, .sgid = 70023, .fsgid = 70022 };

	if (!is_root())
		return;
	halves = true;
	ck_assert(!cred_ids_whole());
	cred_init();
	take(want);
	is(want);
	go_home();
	halves = false;
	ck_assert(cred_ids_whole());
	cred_init();
}
END_TEST

static uint32_t fsuid_read(long value, int err)
{
	fsuid.on = true;
	fsuid.value = value;
	fsuid.err = err;
	cred_init();
	fsuid.on = false;
	return cred_home()->fsuid;
}

/* In a long of 32 bits the id 4294967294 is an error, and others are negative. */
BOX_TEST(ids_are_read_that_look_like_errors)
{
	ck_assert_uint_eq(fsuid_read(77, 0), 77);
	ck_assert_uint_eq(fsuid_read(-1, 2), UINT32_MAX - 1);
	ck_assert_uint_eq(fsuid_read(-1, 4095), UINT32_MAX - 4094);
	ck_assert_uint_eq(fsuid_read(INT32_MIN, 0), UINT32_C(1) << 31);
	ck_assert_uint_eq(fsuid_read(-1, ENOSYS), geteuid());
	cred_init();
}

/* As on a system that has no such bit. */
BOX_TEST(capabilities_survive_where_ids_touch_them)
{
	struct cred plain = nth_user(0), armed = nth_user(1);
	const uint64_t before = seen().caps;

	if (!is_root())
		return;
	ck_assert_int_eq(prctl(PR_SET_SECUREBITS, 0, 0, 0, 0), 0);
	ck_assert_int_eq(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), 0);
	cred_init();
	armed.caps = before;
	take(armed);
	is(armed);
	take(plain);
	is(plain);
	go_home();
	ck_assert_uint_eq(seen().caps, before);
}

int main(void)
{
	TCase *tc = tcase_create("cred");

	add_box_test(tc, every_id_is_set_by_itself);
	add_box_test(tc, anybody_can_become_anybody_else);
	add_box_test(tc, capabilities_are_those_asked_for);
	add_box_test(tc, the_order_of_groups_does_not_matter);
	add_box_test(tc, an_id_that_cannot_be_had_is_told);
	add_box_test(tc, ids_that_calls_store_halves_of_are_told_by_a_file);
	add_box_test(tc, ids_are_read_that_look_like_errors);
	add_box_test(tc, capabilities_survive_where_ids_touch_them);
	return run_tests(tc, "cred");
}
