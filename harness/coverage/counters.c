/*
 * Part of the programs that make coverage builds, and of no other. The counters of a program are mapped from
 * a file, PROGRAM.counters, that all its processes share: what a process has counted is there at once,
 * whether it then exits, is killed, becomes somebody else or may write to no file at all.
 *
 * GCOV_WRITE in the environment makes the program add the counters to the .gcda files, and end.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of libgcov, and what the compiler leaves for it in the section that -fprofile-info-section names. */
struct gcov_info;
void __gcov_init(struct gcov_info *info);
void __gcov_dump(void);
extern struct gcov_info *const __start_gcov_info[], *const __stop_gcov_info[];

/* Of counters.ld. */
extern char counters_start[], counters_end[];

/* Between two symbols of the linker, which are no parts of one array. */
static size_t bytes(const void *start, const void *end)
{
	return (uintptr_t)end - (uintptr_t)start;
}

static bool file_of_program(char *path, size_t size)
{
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe));

	return n > 0 && snprintf(path, size, "%.*s.counters", (int)n, exe) < (int)size;
}

/*
 * What an actor becomes by exec may open nothing for writing, but map one more descriptor than usual:
 * COUNTERS, where its former life has the file open. A program that another one starts finds that one's.
 */
static bool opened_before(const struct stat *file)
{
	struct stat st;

	return !fstat(COUNTERS, &st) && st.st_dev == file->st_dev && st.st_ino == file->st_ino;
}

static bool open_file(void)
{
	char path[4200];
	struct stat st;
	int fd;

	if (!file_of_program(path, sizeof(path)) || stat(path, &st))
		return false;
	if (opened_before(&st))
		return true;
	fd = open(path, O_RDWR);
	if (fd < 0 || ftruncate(fd, (off_t)bytes(counters_start, counters_end))
	    || dup2(fd, COUNTERS) != COUNTERS)
		return false;
	return !close(fd);
}

static void write_and_end(void)
{
	size_t n = bytes(__start_gcov_info, __stop_gcov_info) / sizeof(*__start_gcov_info);

	for (size_t i = 0; i < n; i++)
		__gcov_init(__start_gcov_info[i]);
	__gcov_dump();
	_exit(0);
}

__attribute__((constructor(101))) static void share_counters(void)
{
	if (open_file() && mmap(counters_start, bytes(counters_start, counters_end), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_FIXED, COUNTERS, 0) == MAP_FAILED) {
		perror("counters");
		abort();
	}
	if (getenv("GCOV_WRITE"))
		write_and_end();
}
