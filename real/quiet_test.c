/* Whether a process is asleep in a call is seen, whatever else it does. */
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "test.h"

static pid_t pid;
static struct eye eye;

/* A child that does something for ever. Its name tries to look like a state. */
static void child_does(void (*what)(void))
{
	pid = fork();
	ck_assert(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_NAME, "x) S (x) R");
		what();
		_exit(0);
	}
}

static void stop_child(void)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	eye_close(&eye);
}

/* Waits until the sight is this one. */
static void becomes(enum sight sight, long nr)
{
	int64_t end = clock_ms() + WATCHDOG;

	while (eye_look(&eye, pid, (const long[]){ nr, -1 }, true) != sight) {
		ck_assert_msg(clock_ms() < end, "never");
		sched_yield();
	}
}

static void pause_for_ever(void)
{
	for (;;)
		pause();
}

static void spin_for_ever(void)
{
	for (;;)
		continue;
}

BOX_TEST(sleep_is_seen_in_the_call_that_sleeps)
{
	child_does(pause_for_ever);
	becomes(ASLEEP, SYS_pause);
	ck_assert_int_eq(eye_look(&eye, pid, (const long[]){ SYS_msgrcv, -1 }, true), AWAKE);
	stop_child();
}

BOX_TEST(who_runs_is_awake)
{
	child_does(spin_for_ever);
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(eye_look(&eye, pid, (const long[]){ SYS_pause, -1 }, true), AWAKE);
	stop_child();
}

BOX_TEST(who_is_stopped_does_not_sleep)
{
	child_does(pause_for_ever);
	becomes(ASLEEP, SYS_pause);
	kill(pid, SIGSTOP);
	becomes(AWAKE, SYS_pause);
	kill(pid, SIGCONT);
	becomes(ASLEEP, SYS_pause);
	stop_child();
}

BOX_TEST(the_dead_are_not_seen_asleep)
{
	child_does(pause_for_ever);
	becomes(ASLEEP, SYS_pause);
	kill(pid, SIGKILL);
	becomes(AWAKE, SYS_pause);
	waitpid(pid, NULL, 0);
	ck_assert_int_eq(eye_look(&eye, pid, (const long[]){ SYS_pause, -1 }, true), UNSEEN);
	eye_close(&eye);
}

BOX_TEST(an_eye_is_opened_again)
{
	child_does(pause_for_ever);
	becomes(ASLEEP, SYS_pause);
	stop_child();
	child_does(spin_for_ever);
	ck_assert_int_eq(eye_look(&eye, pid, (const long[]){ SYS_pause, -1 }, true), AWAKE);
	stop_child();
}

/* Of a system that tells no calls. */
BOX_TEST(a_sleep_counts_when_the_call_was_entered)
{
	child_does(pause_for_ever);
	becomes(ASLEEP, SYS_pause);
	close(eye.call);
	eye.call = -1;
	ck_assert_int_eq(eye_look(&eye, pid, (const long[]){ SYS_pause, -1 }, false), AWAKE);
	ck_assert_int_eq(eye_look(&eye, pid, (const long[]){ SYS_pause, -1 }, true), ASLEEP);
	stop_child();
}

BOX_TEST(states_of_a_process_are_told_apart)
{
	int status;

	child_does(pause_for_ever);
	becomes(ASLEEP, SYS_pause);
	ck_assert_int_eq(process_state(pid), 'S');
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	ck_assert_int_eq(process_state(pid), 'T');
	stop_child();
	ck_assert_int_eq(process_state(pid), '\0');
}

static int wait_on(void *arg)
{
	(void)arg;
	return (int)syscall(SYS_pause);
}

static void leave_a_thread(void)
{
	static char stack[4096] __attribute__((aligned(16)));

	clone(wait_on, stack + sizeof(stack), CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD
	      | CLONE_SYSVSEM, NULL);
	syscall(SYS_exit, 0L);
}

BOX_TEST(a_process_goes_on_when_its_first_thread_has_ended)
{
	int64_t end = clock_ms() + WATCHDOG;

	child_does(leave_a_thread);
	while (!thread_gone(pid, pid))
		ck_assert_msg(clock_ms() < end, "never");
	ck_assert_int_eq(process_state(pid), '?');
	kill(pid, SIGKILL);
	while (process_state(pid) == '?')
		ck_assert_msg(clock_ms() < end, "never");
	ck_assert_int_eq(process_state(pid), 'Z');
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

/* A process that is over and not collected is what a first thread is that ended before others. */
BOX_TEST(the_end_of_a_thread_is_seen)
{
	int64_t end = clock_ms() + WATCHDOG;

	child_does(pause_for_ever);
	ck_assert(thread_end_shows(pid, pid));
	for (int i = 0; i < 100; i++)
		ck_assert(!thread_gone(pid, pid));
	kill(pid, SIGKILL);
	while (!thread_gone(pid, pid))
		ck_assert_msg(clock_ms() < end, "never");
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert(thread_gone(pid, pid));
}

int main(void)
{
	TCase *tc = tcase_create("quiet");

	add_box_test(tc, sleep_is_seen_in_the_call_that_sleeps);
	add_box_test(tc, who_runs_is_awake);
	add_box_test(tc, who_is_stopped_does_not_sleep);
	add_box_test(tc, the_dead_are_not_seen_asleep);
	add_box_test(tc, an_eye_is_opened_again);
	add_box_test(tc, a_sleep_counts_when_the_call_was_entered);
	add_box_test(tc, states_of_a_process_are_told_apart);
	add_box_test(tc, a_process_goes_on_when_its_first_thread_has_ended);
	add_box_test(tc, the_end_of_a_thread_is_seen);
	return run_tests(tc, "quiet");
}
