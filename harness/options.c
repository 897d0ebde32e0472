#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "console.h"
#include "jobs.h"
#include "object.h"
#include "options.h"
#include "prose.h"

int option_rest(int c, void (*usage)(FILE *to))
{
	switch (c) {
	case OPT_HELP: usage(stdout); return EXIT_OK;
	case OPT_VERSION: printf("sysvet %s\n", SYSVET_VERSION); return EXIT_OK;
	default: usage(stderr); return EXIT_USAGE;
	}
}

bool option_wrong(const char *command, const char *option, const char *found, const char *expected)
{
	fprintf(stderr, "sysvet %s: %s: found '%s', expected %s\n", command, option, found, expected);
	return false;
}

int option_refuse(const char *command, const char *what, const char *why)
{
	struct json t = { 0 };

	prose(&t, "sysvet %s: %s: ", command, what);
	prose_name(&t, why);
	fprintf(stderr, "%s\n", t.failed ? "out of memory" : t.buf);
	json_free(&t);
	return EXIT_USAGE;
}

bool option_count(const char *command, const char *option, const char *text, long most, long *to)
{
	char *end, expected[64];

	errno = 0;
	*to = strtol(text, &end, 10);
	if (!errno && end != text && !*end && *to >= 1 && *to <= most)
		return true;
	snprintf(expected, sizeof(expected), "a number from 1 to %ld", most);
	return option_wrong(command, option, text, expected);
}

bool option_pid(const char *command, const char *text, int64_t *pid)
{
	if (number_of(text, 1, INT32_MAX, pid))
		return true;
	option_refuse(command, "--pid", "expected the id of a process");
	return false;
}

long option_default_jobs(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > MAXJOBS ? MAXJOBS : n;
}

bool option_clauses(struct requirements *r, const char *root)
{
	char err[1024];
	bool ok = requirements_load_below(r, root, err, sizeof(err));

	if (!ok)
		fprintf(stderr, "%s\n", err);
	return ok;
}

/* ---- what commands that judge a subject are told ----------------------------------------------- */

struct common_options common_default(void)
{
	return (struct common_options){ .root = "cases", .profile = "linux", .subject = "kernel",
					.jobs = option_default_jobs() };
}

int common_take(struct common_options *o, const char *command, int c, void (*usage)(FILE *to))
{
	switch (c) {
	case OPT_PROFILE: o->profile = optarg; return -1;
	case OPT_SUBJECT: o->subject = optarg; return -1;
	case OPT_OUTPUT: o->output = optarg; return -1;
	case OPT_CASES: o->root = optarg; return -1;
	case OPT_LIST: o->list = true; return -1;
	case OPT_STRICT: o->strict = true; return -1;
	case OPT_QUIET: o->quiet = true; return -1;
	case OPT_CONSOLE: o->console = true; return -1;
	case OPT_JOBS: return option_count(command, "--jobs", optarg, MAXJOBS, &o->jobs) ? -1 : EXIT_USAGE;
	default: return option_rest(c, usage);
	}
}

bool baseline_take(struct baseline_options *o, const char *command, int c)
{
	if (c == OPT_UPDATE_BASELINE)
		return o->update = true;
	if (c != OPT_BASELINE)
		return false;
	if (o->n == MAXBASELINES)
		return option_wrong(command, "--baseline", optarg, "at most 16 files");
	o->file[o->n++] = optarg;
	return true;
}

bool baseline_open(struct baseline *b, const struct baseline_options *o, const char *command)
{
	char err[1024];

	if (o->update && !o->n)
		return option_wrong(command, "--update-baseline", "", "a file that --baseline names");
	for (int i = 0; i < o->n; i++) {
		bool is_new = o->update && i == o->n - 1 && access(o->file[i], F_OK) && errno == ENOENT;

		if (is_new || baseline_load(b, o->file[i], err, sizeof(err)))
			continue;
		fprintf(stderr, "%s\n", err);
		return false;
	}
	return true;
}

bool common_resolve(const struct common_options *o, const char *command, const struct profile **profile,
		    struct subject_spec *subject, struct requirements *reqs)
{
	char err[1024];

	*profile = profile_find(o->profile);
	if (!*profile)
		return option_wrong(command, "--profile", o->profile, "linux or posix");
	if (!subject_parse(subject, o->subject, err, sizeof(err))) {
		fprintf(stderr, "sysvet %s: --subject: %s\n", command, err);
		return false;
	}
	return option_clauses(reqs, o->root);
}

/* Records alone: what people read goes to standard error from now on. */
static FILE *records_on_stdout(void)
{
	int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	FILE *records = fd < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0 ? NULL : fdopen(fd, "w");

	if (!records && fd >= 0)
		close(fd);
	return records;
}

bool common_open_records(const struct common_options *o, const char *command, FILE **records)
{
	const char *name = o->console ? "console" : o->output;

	*records = NULL;
	if (o->console && o->output)
		return option_wrong(command, "--output", o->output, "no file beside --console");
	if (!name)
		return true;
	if (o->console) {
		setvbuf(stdout, NULL, _IOLBF, 0);	/* what people read stays in lines of its own */
		*records = console_open(STDOUT_FILENO);
	} else {
		*records = strcmp(name, "-") ? fopen(name, "we") : records_on_stdout();
	}
	if (!*records)
		fprintf(stderr, "sysvet %s: %s: %s\n", command, name, strerror(errno));
	return *records;
}

/* ---- commands about operations and their holes ---------------------------------------------------- */

enum { OPT_OPERATION = OPT_OWN, OPT_HOLES };

int holes_parse(struct holes_options *o, const char *command, int argc, char **argv, void (*usage)(FILE *to))
{
	static const struct option options[] = {
		{ "operation", required_argument, NULL, OPT_OPERATION },
		{ "holes", no_argument, NULL, OPT_HOLES },
		{ "cases", required_argument, NULL, OPT_CASES },
		{ "help", no_argument, NULL, OPT_HELP }, { "version", no_argument, NULL, OPT_VERSION }, { 0 }
	};
	int c;

	*o = (struct holes_options){ .root = "cases" };
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1)
		switch (c) {
		case OPT_OPERATION: o->operation = optarg; break;
		case OPT_HOLES: o->holes = true; break;
		case OPT_CASES: o->root = optarg; break;
		default: return option_rest(c, usage);
		}
	if (optind < argc) {
		fprintf(stderr, "sysvet %s: found '%s', expected an option\n", command, argv[optind]);
		return EXIT_USAGE;
	}
	if (o->operation && op_find(o->operation, strlen(o->operation)) < 0) {
		option_wrong(command, "--operation", o->operation, "an operation");
		return EXIT_USAGE;
	}
	return -1;
}
