/* sysvet snapshot: an IPC namespace as a file, for sysvet audit and sysvet explain. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "inventory.h"
#include "options.h"

struct options { int64_t pid; const char *output, *from, *accounts; };

static void usage(FILE *to)
{
	fputs("usage: sysvet snapshot [OPTION...]\n\n"
	      "Writes the objects and limits of this IPC namespace as JSON, with the accounts and which\n"
	      "processes live: all that sysvet audit looks at. It reads the kernel's own files, needs no\n"
	      "right to any object, and changes nothing.\n\n"
	      "  --pid PID       the IPC namespace of that process\n"
	      "  --from FILE     a snapshot instead: checks it and writes it again\n"
	      "  --accounts DIR  passwd and group in DIR instead of the system's accounts\n"
	      "  --output FILE   default: stdout\n"
	      "  --help, --version\n\n"
	      "exit status: 0, 2 usage, a bad snapshot or a namespace that cannot be read, 99 failure\n", to);
}

static int refuse(const char *what, const char *why)
{
	return option_refuse("snapshot", what, why);
}

enum { OPT_PID = OPT_OWN, OPT_FROM, OPT_ACCOUNTS };

static const struct option long_options[] = {
	{ "pid", required_argument, NULL, OPT_PID }, { "from", required_argument, NULL, OPT_FROM },
	{ "accounts", required_argument, NULL, OPT_ACCOUNTS },
	{ "output", required_argument, NULL, OPT_OUTPUT }, { "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION }, { 0 }
};

/* -1: go on; else the exit status. */
static int parse_options(struct options *o, int argc, char **argv)
{
	int c;

	*o = (struct options){ .pid = 0 };
	while ((c = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
		switch (c) {
		case OPT_PID:
			if (!option_pid("snapshot", optarg, &o->pid))
				return EXIT_USAGE;
			break;
		case OPT_FROM: o->from = optarg; break;
		case OPT_ACCOUNTS: o->accounts = optarg; break;
		case OPT_OUTPUT: o->output = optarg; break;
		default: return option_rest(c, usage);
		}
	if (optind < argc)
		return refuse(argv[optind], "expected nothing more");
	return -1;
}

static int write_to(const char *path, const struct json *j)
{
	FILE *to = path ? fopen(path, "we") : stdout;
	bool ok;

	if (!to)
		return refuse(path, strerror(errno));
	ok = !j->failed && fwrite(j->buf, 1, j->len, to) == j->len;
	ok = !fflush(to) && ok;
	if (path && fclose(to))
		ok = false;
	if (!ok)
		refuse(path ? path : "stdout", "cannot be written");
	return ok ? EXIT_OK : EXIT_BROKEN;
}

int command_snapshot(int argc, char **argv)
{
	struct inventory v;
	struct json j = { 0 };
	struct options o;
	char err[1024];
	int status = parse_options(&o, argc, argv);

	if (status >= 0)
		return status;
	if (o.from ? !inventory_read(&v, o.from, err, sizeof(err))
		   : !inventory_take(&v, (pid_t)o.pid, o.accounts, err, sizeof(err)))
		return refuse(o.from ? "--from" : "namespace", err);
	inventory_json(&j, &v);
	status = write_to(o.output, &j);
	json_free(&j);
	inventory_free(&v);
	return status;
}
