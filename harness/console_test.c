#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "console.h"
#include "suite_test.h"

/* At every second write a signal comes: before the first byte where cut is 0, else after so many. */
static struct { bool on, now; size_t cut; } signals;

ssize_t __real_write(int fd, const void *bytes, size_t n);
ssize_t __wrap_write(int fd, const void *bytes, size_t n);
ssize_t __wrap_write(int fd, const void *bytes, size_t n)
{
	signals.now = signals.on && !signals.now;
	if (!signals.now)
		return __real_write(fd, bytes, n);
	if (signals.cut)
		return __real_write(fd, bytes, n < signals.cut ? n : signals.cut);
	errno = EINTR;
	return -1;
}

static char told[4000];
static int end[2];
static FILE *records;

static void open_pipe(void)
{
	ck_assert_int_eq(pipe(end), 0);
	records = console_open(end[1]);
	ck_assert_ptr_nonnull(records);
	signals.on = false;
}

/* What has come through; the stream is at its end then. */
static const char *heard(void)
{
	ssize_t n;

	fclose(records);
	close(end[1]);
	n = read(end[0], told, sizeof(told) - 1);
	told[n < 0 ? 0 : n] = '\0';
	close(end[0]);
	return told;
}

START_TEST(the_check_value_of_the_sum_is_the_published_one)
{
	ck_assert_uint_eq(crc32_of(0, "123456789", 9), 0xcbf43926);
	ck_assert_uint_eq(crc32_of(crc32_of(0, "1234", 4), "56789", 5), 0xcbf43926);
}
END_TEST

START_TEST(a_line_is_a_frame_with_number_seal_and_mark)
{
	char expected[80];

	fputs("{\"a\":1}\n{}\n", records);
	snprintf(expected, sizeof(expected), "@sv 000000 %08x . {\"a\":1}\n@sv 000001 %08x . {}\n",
		 crc32_of(0, "000000 . {\"a\":1}", 16), crc32_of(0, "000001 . {}", 11));
	ck_assert_str_eq(heard(), expected);
}
END_TEST

START_TEST(a_long_line_is_several_frames_of_which_the_last_says_so)
{
	const char *at;

	for (int i = 0; i < 2 * PIECE; i++)
		putc('a' + i % 26, records);
	putc('\n', records);
	at = heard();
	ck_assert(!strncmp(at, "@sv 000000 ", 11) && !strncmp(at + 19, " + abcd", 7));
	ck_assert_uint_eq(strcspn(at, "\n"), 22 + PIECE);
	at += 23 + PIECE;
	ck_assert(!strncmp(at, "@sv 000001 ", 11) && !strncmp(at + 19, " . ", 3));
	ck_assert_uint_eq(strlen(at), 23 + PIECE);
}
END_TEST

/* The frames before are for nobody. */
START_TEST(after_the_last_number_comes_the_first)
{
	int nobody = open("/dev/null", O_WRONLY), console = dup(nobody);
	FILE *f = console_open(console);

	ck_assert(nobody >= 0 && console >= 0 && f);
	setvbuf(f, NULL, _IOFBF, 1 << 20);
	for (int i = 0; i < 999999; i++)
		putc('\n', f);
	fflush(f);
	ck_assert_int_eq(dup2(end[1], console), console);
	fputs("\n\n", f);
	fclose(f);
	close(console);
	close(nobody);
	heard();
	ck_assert(!strncmp(told, "@sv 999999 ", 11) && strstr(told, "\n@sv 000000 "));
}
END_TEST

START_TEST(a_line_comes_out_when_it_is_flushed_and_not_before_its_end)
{
	fputs("half", records);
	fflush(records);
	fputs(" and half\nrest", records);
	ck_assert_str_eq(strchr(heard(), '.'), ". half and half\n");
}
END_TEST

/* To a terminal, whose writes a signal can end in the middle. */
START_TEST(a_frame_that_signals_cut_off_goes_on_where_it_was_cut)
{
	char expected[80];

	snprintf(expected, sizeof(expected), "@sv 000000 %08x . {\"a\":1}\n@sv end 0\n",
		 crc32_of(0, "000000 . {\"a\":1}", 16));
	signals.on = true;
	signals.cut = (size_t)_i;
	fputs("{\"a\":1}\n", records);
	fflush(records);
	console_note(end[1], "end", "0");
	ck_assert_str_eq(heard(), expected);
}
END_TEST

START_TEST(nothing_more_is_written_to_a_console_that_is_gone)
{
	close(end[0]);
	end[0] = dup(end[1]);
	fputs("x\n", records);
	ck_assert_int_eq(fflush(records), EOF);
	heard();
}
END_TEST

START_TEST(a_note_is_a_line_of_its_own)
{
	console_note(end[1], "start", "sem/one[n=1]");
	ck_assert_str_eq(heard(), "@sv start sem/one[n=1]\n");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("console");
	TCase *sum = tcase_create("sum"), *t = tcase_create("console");

	signal(SIGPIPE, SIG_IGN);
	tcase_add_checked_fixture(t, open_pipe, NULL);
	tcase_add_test(sum, the_check_value_of_the_sum_is_the_published_one);
	tcase_add_test(t, a_line_is_a_frame_with_number_seal_and_mark);
	tcase_add_test(t, a_long_line_is_several_frames_of_which_the_last_says_so);
	tcase_add_test(t, after_the_last_number_comes_the_first);
	tcase_add_test(t, a_line_comes_out_when_it_is_flushed_and_not_before_its_end);
	tcase_add_loop_test(t, a_frame_that_signals_cut_off_goes_on_where_it_was_cut, 0, 34);
	tcase_add_test(t, nothing_more_is_written_to_a_console_that_is_gone);
	tcase_add_test(t, a_note_is_a_line_of_its_own);
	suite_add_tcase(s, sum);
	suite_add_tcase(s, t);
	return run_suite(s);
}
