/* The first process of a guest: what the kernel starts as /init of an initramfs. */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>

/* Is this that process? Any other that has pid 1, in a container, is called by another name than "init". */
bool guest_begins(const char *argv0);
/*
 * Mounts what a run needs, lets a child do what the kernel's command line asks for, tells its exit status and
 * powers off. What the command line asks for is the value of SYSVET_ARGS or sysvet.args, or all that follows
 * --.
 */
_Noreturn void guest_main(int (*command)(int argc, char **argv));

enum { GUEST_WORDS = 64 };

/*
 * The words for the command from the kernel's command line, which is cut into pieces: "sysvet" first, then
 * "run --console" unless they begin with a command. In them %22 stands for a quote, and so on for any byte.
 * Returns how many, with a NULL behind them.
 */
int guest_words(char *cmdline, char *words[GUEST_WORDS]);

#endif
