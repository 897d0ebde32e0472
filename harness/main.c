/* sysvet: the first word chooses the command. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "guest.h"
#include "real.h"

static const struct { const char *name; int (*main)(int argc, char **argv); const char *text;
} commands[] = {
	{ "run", command_run, "run cases on the model and on a subject, and compare" },
	{ "explain", command_explain, "who may do what to an object, why, and what would change it" },
	{ "snapshot", command_snapshot, "keep an IPC namespace as a file, for audit and explain" },
	{ "audit", command_audit, "what an auditor should know of an IPC namespace" },
	{ "rm", command_rm, "remove resources by which processes communicate, such as ipcmk creates" },
	{ "matrix", command_matrix,
	  "the permission space in full: every mode, relation, capability and call" },
	{ "requirements", command_requirements, "which clause has which cases and rules" },
	{ "partitions", command_partitions, "which values of arguments the cases try" },
	{ "precedence", command_precedence, "which of two errors wins, by calls that break both rules" },
	{ "mutate", command_mutate, "which cases notice a fault, for every fault of a rule or a switch" },
	{ "docs", command_docs, "is what documents say of System V IPC and of ipcmk true here?" },
	{ "reproduce", command_reproduce, "print a case as a program in C that needs nothing of ours" },
	{ "bench", command_bench, "measure speed against the bare system calls" },
	{ "describe", command_describe,
	  "print what the program knows: operations, kinds, switches, verdicts" },
};

static void usage(FILE *to)
{
	fprintf(to, "usage: sysvet COMMAND [OPTION...]\n\n"
		"Tells whether a kernel does System V IPC right, and why not.\n\ncommands:\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		fprintf(to, "  %-13s %s\n", commands[i].name, commands[i].text);
	fprintf(to, "\n'sysvet COMMAND --help' says more. Also: --help, --version.\n");
}

static int run_command(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";

	if (!strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help")) {
		usage(stdout);
		return EXIT_OK;
	}
	if (!strcmp(word, "--version")) {
		printf("sysvet %s\n", SYSVET_VERSION);
		return EXIT_OK;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(word, commands[i].name))
			return commands[i].main(argc - 1, argv + 1);
	if (*word)
		fprintf(stderr, "sysvet: found '%s', expected a command\n", word);
	usage(stderr);
	return EXIT_USAGE;
}

/* What nobody could read is not said. */
static int written_out(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	fprintf(stderr, "sysvet: standard output could not be written\n");
	return status ? status : EXIT_BROKEN;
}

int main(int argc, char **argv)
{
	real_enter();
	if (guest_begins(argv[0]))
		guest_main(run_command);
	return written_out(run_command(argc, argv));
}
