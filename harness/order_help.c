#include <stdio.h>
#include <string.h>

#include "order.h"

static void option_line(const struct spelling *s)
{
	const struct meaninginfo *info = &meaninginfo[s->means];
	char left[60];

	if (!s->word)
		snprintf(left, sizeof(left), "-%c", s->letter);
	else if (s->letter == NO_LETTER)
		snprintf(left, sizeof(left), "    --%s", s->word);
	else
		snprintf(left, sizeof(left), "-%c, --%s", s->letter, s->word);
	printf("  %s%s%-*s %s\n", left, info->argument ? " " : "",
	       (int)(29 - snprintf(NULL, 0, "%s%s", left, info->argument ? " " : "")),
	       info->argument ? info->argument : "", info->text);
}

static void dialect_lines(void)
{
	printf("\ndialects:\n");
	for (const struct dialect *d = dialects; d->name; d++) {
		char name[40];

		snprintf(name, sizeof(name), *d->alias ? "%s, %s" : "%s", d->name, d->alias);
		printf("  %-17s %s\n", name, d->source);
	}
	printf("\nutil-linux is the newest release; util-linux-2.30 is that one, or the last one\n"
	       "listed before it, in what options and numbers it takes.\n");
}

static void size_lines(void)
{
	printf("\nSIZE may end in K, KiB, M, MiB, ... to Y, which count by 1024, or KB, MB, ...,\n"
	       "which count by 1000, and have a fraction before that.\n");
}

void order_help(const struct order *o)
{
	const char *start = "usage:";

	if (o->dialect->synopsis) {
		printf("usage: ipcmk %s\n", o->dialect->synopsis);
		start = "      ";
	}
	if (o->dialect->example)
		printf("%s ipcmk --shmem SIZE | --semaphore NUMBER | --queue [MODE]\n", start);
	printf("Creates resources for communication between processes and says which.\n\n");
	for (const struct spelling *s = o->dialect->spelling; s->letter; s++)
		option_line(s);
	printf("\nin every dialect, written in full:\n");
	for (const struct spelling *s = common_options; s->letter; s++)
		if (!spelling_find(o->dialect->spelling, s->word, strlen(s->word)))
			option_line(s);
	if (o->dialect->features & SUFFIXES)
		size_lines();
	dialect_lines();
	printf("\nNothing is left behind when one of several resources cannot be created.\n"
	       "exit status: 0 created, 1 not\n");
}
