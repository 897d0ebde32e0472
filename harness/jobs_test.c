#include <check.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jobs.h"
#include "suite_test.h"

enum { ITEMS = 6 };

/* ---- jobs that die when they are told to ------------------------------------------------------ */

/* Seen by the jobs. */
static struct plan {
	pid_t parent;
	atomic_int spawned, stillborn;		/* jobs made; how many more die at once */
	int dies_at;				/* the run in which a job dies, from 1; 0: none */
	int dies_after;				/* each job dies behind its first so many answers; 0: no */
	int together;				/* so many instances run at the same time */
	int survives;				/* what a job that dies leaves ends when this can be read */
	atomic_int runs, pipes;			/* instances begun; most ends of pipes for reading in a job */
} *plan;
static int answers;				/* of this job */

pid_t __real_plain_spawn(int (*body)(void *arg), void *arg);
pid_t __wrap_plain_spawn(int (*body)(void *arg), void *arg);
void __real_instance_free(struct instance *in);
void __wrap_instance_free(struct instance *in);
void __wrap_run_instance(const struct setting *set, const struct script *sc, const struct instance *in,
			 struct trial *t);

static int die(void *arg)
{
	(void)arg;
	return raise(SIGKILL);
}

pid_t __wrap_plain_spawn(int (*body)(void *arg), void *arg)
{
	atomic_fetch_add(&plan->spawned, 1);
	return __real_plain_spawn(atomic_fetch_sub(&plan->stillborn, 1) > 0 ? die : body, arg);
}

static int pipes_to_read(void)
{
	struct stat st;
	int n = 0;

	for (int fd = 0; fd < 64; fd++)
		n += !fstat(fd, &st) && S_ISFIFO(st.st_mode)
			&& (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY;
	return n;
}

/* A process that holds all that the job had open, until the test closes the other end. */
static void leave_somebody(void)
{
	char byte;

	if (plan->survives && fork() == 0)
		_exit((int)read(plan->survives, &byte, 1));
}

void __wrap_run_instance(const struct setting *set, const struct script *sc, const struct instance *in,
			 struct trial *t)
{
	int pipes = pipes_to_read();

	(void)set, (void)sc, (void)in;
	if (pipes > atomic_load(&plan->pipes))
		atomic_store(&plan->pipes, pipes);
	if (atomic_fetch_add(&plan->runs, 1) + 1 == plan->dies_at) {
		leave_somebody();
		raise(SIGKILL);
	}
	while (atomic_load(&plan->runs) < plan->together)
		sched_yield();
	trial_init(t);
}

/* A job frees an instance when its answer has been sent. */
void __wrap_instance_free(struct instance *in)
{
	__real_instance_free(in);
	if (getpid() != plan->parent && ++answers == plan->dies_after)
		raise(SIGKILL);
}

/* ---- a run ------------------------------------------------------------------------------------ */

static struct requirements reqs;
static struct script *script;
static int deaths;
static struct { size_t n; enum verdict_word verdict[ITEMS]; char reason[ITEMS][80]; } got;

static void begin(void)
{
	static const char text[] = "claim  A claim.\ncites  XSH-2.7-perm-9\n"
		"for n in 1, 2, 3, 4, 5, 6\nA  msgget($n, 0600)\n";
	char err[1024];

	plan = mmap(NULL, sizeof(*plan), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(plan != MAP_FAILED);
	plan->parent = getpid();
	ck_assert_msg(requirements_load(&reqs, "cases/requirements.tsv", err, sizeof(err)), "%s", err);
	script = script_read(text, strlen(text), "x.case", "cases", &reqs, err, sizeof(err));
	ck_assert_msg(script, "%s", err);
	ck_assert_int_eq(script->ninstances, ITEMS);
	ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
}

static void end(void)
{
	script_free(script);
	requirements_free(&reqs);
	munmap(plan, sizeof(*plan));
}

static bool each(void *ctx, size_t i, const struct answer *a)
{
	(void)ctx;
	ck_assert_uint_eq(i, got.n);
	ck_assert_uint_lt(got.n, ITEMS);
	got.verdict[i] = a->verdict;
	snprintf(got.reason[got.n++], sizeof(got.reason[0]), "%s", a->reason);
	return true;
}

/* Runs all; each instance has an answer. */
static void run_by(int njobs)
{
	static volatile int interrupted;
	const struct setting set = { .profile = &profile_linux };
	struct task_item item[ITEMS];
	const struct jobs j = {
		.set = &set, .item = item, .n = ITEMS, .njobs = njobs, .each = each, .deaths = &deaths,
		.interrupted = &interrupted,
	};
	char err[200];

	for (int i = 0; i < ITEMS; i++)
		item[i] = (struct task_item){ .script = script, .instance = i };
	ck_assert_msg(jobs_run(&j, err, sizeof(err)), "%s", err);
	ck_assert_uint_eq(got.n, ITEMS);
}

static int that_conform(void)
{
	int n = 0;

	for (int i = 0; i < ITEMS; i++)
		n += got.verdict[i] == V_conforms;
	return n;
}

/* ---- tests ------------------------------------------------------------------------------------ */

START_TEST(jobs_that_live_run_everything)
{
	run_by(2);
	ck_assert_int_eq(that_conform(), ITEMS);
	ck_assert_int_eq(plan->runs, ITEMS);
	ck_assert_int_eq(plan->spawned, 2);
	ck_assert_int_eq(deaths, 0);
}
END_TEST

START_TEST(an_instance_whose_job_dies_is_broken_and_the_others_run)
{
	plan->dies_at = 2;
	run_by(1);
	ck_assert_int_eq(that_conform(), ITEMS - 1);
	ck_assert_int_eq(got.verdict[1], V_broken);
	ck_assert_str_eq(got.reason[1], "the job died of signal 9");
	ck_assert_int_eq(deaths, 1);
}
END_TEST

START_TEST(a_job_that_dies_and_leaves_somebody_is_replaced)
{
	int held[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, held), 0);
	plan->survives = held[0];
	plan->dies_at = 2;
	run_by(1);
	shutdown(held[1], SHUT_RDWR);
	ck_assert_int_eq(that_conform(), ITEMS - 1);
	ck_assert_str_eq(got.reason[1], "the job died of signal 9");
	ck_assert_int_eq(deaths, 1);
}
END_TEST

START_TEST(a_job_that_dies_between_two_instances_is_replaced)
{
	plan->dies_after = 1;
	run_by(1);
	ck_assert_int_eq(that_conform(), ITEMS);
	ck_assert_int_eq(plan->runs, ITEMS);
	ck_assert_int_eq(plan->spawned, ITEMS + 1);
	ck_assert_int_eq(deaths, ITEMS);
}
END_TEST

START_TEST(jobs_that_die_before_they_begin_are_replaced)
{
	plan->stillborn = 3;
	run_by(1);
	ck_assert_int_eq(that_conform(), ITEMS);
	ck_assert_int_eq(deaths, 3);
}
END_TEST

START_TEST(what_nobody_was_left_for_is_begun_anew)
{
	plan->stillborn = 6;
	run_by(1);
	ck_assert_int_eq(that_conform(), ITEMS);
	ck_assert_int_eq(deaths, 6);
}
END_TEST

START_TEST(jobs_that_always_die_are_given_up)
{
	plan->stillborn = 1000;
	run_by(2);
	ck_assert_int_eq(that_conform(), 0);
	for (int i = 0; i < ITEMS; i++)
		ck_assert_str_eq(got.reason[i], "no job was left to run it");
	ck_assert_int_eq(plan->spawned, 24);
}
END_TEST

START_TEST(a_job_holds_no_end_at_which_others_are_read)
{
	int before = pipes_to_read();

	plan->together = 4;
	run_by(4);
	ck_assert_int_eq(plan->pipes, before);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("jobs");
	TCase *t = tcase_create("jobs");

	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, jobs_that_live_run_everything);
	tcase_add_test(t, an_instance_whose_job_dies_is_broken_and_the_others_run);
	tcase_add_test(t, a_job_that_dies_and_leaves_somebody_is_replaced);
	tcase_add_test(t, a_job_that_dies_between_two_instances_is_replaced);
	tcase_add_test(t, jobs_that_die_before_they_begin_are_replaced);
	tcase_add_test(t, what_nobody_was_left_for_is_begun_anew);
	tcase_add_test(t, jobs_that_always_die_are_given_up);
	tcase_add_test(t, a_job_holds_no_end_at_which_others_are_read);
	suite_add_tcase(s, t);
	return run_suite(s);
}
