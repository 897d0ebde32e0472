#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "commands.h"
#include "console.h"
#include "guest.h"

bool guest_begins(const char *argv0)
{
	const char *slash = argv0 ? strrchr(argv0, '/') : NULL;

	return getpid() == 1 && slash && !strcmp(slash, "/init");
}

/* ---- what is asked for ----------------------------------------------------------------------- */

/* Cuts the next word off, in which blanks can stand between double quotes, which are dropped. NULL: none. */
static char *next_word(char **at)
{
	char *from = *at + strspn(*at, " \n"), *to = from, *word = from;
	bool quoted = false;

	if (!*from)
		return NULL;
	for (; *from && (quoted || !isspace((unsigned char)*from)); from++) {
		if (*from == '"')
			quoted = !quoted;
		else
			*to++ = *from;
	}
	*at = from + (*from != '\0');
	*to = '\0';
	return word;
}

/* What stands behind the last of these words: the value of sysvet.args, or the rest of the line behind --. */
static char *asked_for(char *cmdline)
{
	char *word, *found = cmdline + strlen(cmdline);

	while ((word = next_word(&cmdline))) {
		if (!strncmp(word, "sysvet.args=", 12))
			found = word + 12;
		if (!strcmp(word, "--"))
			return cmdline;
	}
	return found;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* A kernel has no way to write a quote between quotes: %22 is one, and %25 the sign itself. */
static void decode(char *word)
{
	char *to = word;

	for (; *word; word++) {
		int high = *word == '%' ? hex_digit(word[1]) : -1, low = high < 0 ? -1 : hex_digit(word[2]);

		if (low >= 0) {
			*to++ = (char)(16 * high + low);
			word += 2;
		} else {
			*to++ = *word;
		}
	}
	*to = '\0';
}

int guest_words(char *cmdline, char *words[GUEST_WORDS])
{
	static char program[] = "sysvet", command[] = "run", option[] = "--console";
	char *rest = asked_for(cmdline), *word = next_word(&rest);
	int n = 0;

	words[n++] = program;
	if (!word || !islower((unsigned char)*word) || strchr(word, '/')) {
		words[n++] = command;
		words[n++] = option;
	}
	for (; word && n < GUEST_WORDS - 1; word = next_word(&rest)) {
		decode(word);
		words[n++] = word;
	}
	words[n] = NULL;
	return n;
}

/* ---- a system to run in ---------------------------------------------------------------------- */

static const struct { const char *type, *on, *data; mode_t mode; } mounts[] = {
	{ "proc", "/proc", NULL, 0555 },
	{ "sysfs", "/sys", NULL, 0555 },
	{ "securityfs", "/sys/kernel/security", NULL, 0555 },
	{ "devtmpfs", "/dev", "mode=0755", 0755 },
	{ "tmpfs", "/dev/shm", "mode=1777", 01777 },
	{ "mqueue", "/dev/mqueue", NULL, 01777 },
	{ "tmpfs", "/tmp", "mode=1777", 01777 },
};

/* What cannot be mounted is lacking in what the run then finds: that is the run's to tell. */
static void mount_all(void)
{
	chmod("/", 0755);		/* whoever packs a folder of mkdtemp shuts everybody out */
	for (size_t i = 0; i < sizeof(mounts) / sizeof(*mounts); i++) {
		mkdir(mounts[i].on, mounts[i].mode);
		mount(mounts[i].type, mounts[i].on, mounts[i].type, MS_NOSUID, mounts[i].data);
	}
}

/* The kernel opens the console for its first process only if /dev/console lay in the initramfs. */
static void open_console(void)
{
	int fd;

	if (fcntl(STDOUT_FILENO, F_GETFD) >= 0)
		return;
	mknod("/dev/console", S_IFCHR | 0600, makedev(5, 1));
	fd = open("/dev/console", O_RDWR | O_NOCTTY);
	for (int to = STDIN_FILENO; fd >= 0 && to <= STDERR_FILENO; to++)
		dup2(fd, to);
	if (fd > STDERR_FILENO)
		close(fd);
}

/* ---- its life -------------------------------------------------------------------------------- */

/* The environment is what the kernel makes of NAME=VALUE on its command line. */
static void read_cmdline(char *cmdline, size_t size)
{
	const char *asked = getenv("SYSVET_ARGS");
	FILE *f = asked ? NULL : fopen("/proc/cmdline", "re");

	if (asked)
		snprintf(cmdline, size, "-- %s", asked);
	if (f) {
		cmdline[fread(cmdline, 1, size - 1, f)] = '\0';
		fclose(f);
	}
}

static _Noreturn void work(int (*command)(int argc, char **argv))
{
	static char cmdline[4096];
	char *words[GUEST_WORDS];

	read_cmdline(cmdline, sizeof(cmdline));
	setenv("NO_COLOR", "1", 1);
	exit(command(guest_words(cmdline, words), words));
}

static int status_of(pid_t pid)
{
	int status = EXIT_BROKEN << 8;
	pid_t ended;

	while ((ended = wait(&status)) != pid)
		if (ended < 0 && errno != EINTR)
			return EXIT_BROKEN;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Where a machine cannot be powered off it starts again, which whoever watches it can prevent. */
static _Noreturn void power_off(void)
{
	sync();
	tcdrain(STDOUT_FILENO);
	reboot(RB_POWER_OFF);
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}

void guest_main(int (*command)(int argc, char **argv))
{
	char text[12];
	pid_t pid;

	mount_all();
	open_console();
	pid = fork();
	if (pid == 0)
		work(command);
	snprintf(text, sizeof(text), "%d", pid < 0 ? EXIT_BROKEN : status_of(pid));
	console_note(STDOUT_FILENO, "end", text);
	power_off();
}
