/*
 * sysvet bench: how fast cases run, and how much of that time is the harness's own. The ratio
 * compares a run with the same system calls made without model and comparison, in the same process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "commands.h"
#include "discover.h"
#include "jobs.h"
#include "matrix_walk.h"
#include "options.h"

/* What one job measured; seconds add up over jobs that ran side by side. */
struct measure {
	size_t instances, steps, calls;
	double run, observed, bare;	/* seconds: the run; its calls and observations; its calls alone */
};

/* What can be measured. */
enum workload { SOLO, PROCESSES, LONG, MATRIX, NLOADS };
static const char *const load_name[NLOADS] = { "solo", "processes", "long", "matrix" };

struct bench {
	struct setting set;
	struct environment env;
	struct requirements reqs;
	struct collection cases;
	struct script *steady;		/* one long case */
	long jobs, rounds;
	bool wanted[NLOADS];
	struct measure (*done)[MAXJOBS];	/* by workload but the last and by job; shared */
};

struct bench_job { struct bench *bench; int number; };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Plays the tape in a fresh namespace; returns seconds, or a negative number when it cannot. */
static double play(const struct tape *tape, const struct instance *in, bool observe)
{
	double start = now();
	struct snapshot seen = { 0 };
	char err[200];
	struct real *r = box_fresh(err, sizeof(err)) ? real_open(REAL_SOLO, err, sizeof(err)) : NULL;

	if (!r)
		return -1;
	for (int i = 0; i < in->nactors; i++)
		if (!real_actor(r, i, &in->actor[i].cred, err, sizeof(err)))
			return -1;
	for (size_t i = 0; i < tape->n; i++) {
		struct outcome out;

		real_call(r, &tape->op[i], false, &out);
		snapshot_clear(&seen);
		if (observe && !real_snapshot(r, &seen))
			return -1;
	}
	real_close(r);
	snapshot_free(&seen);
	return now() - start;
}

/* A tick waits for the clock: that says nothing of speed. */
static bool ticks(const struct instance *in)
{
	for (int i = 0; i < in->nsteps; i++)
		if (in->step[i].kind == STEP_CALL && in->step[i].op.code == OP_tick)
			return true;
	return false;
}

/* Runs instance number of sc and adds what it cost to the job's sum. */
static bool measure_instance(struct bench *b, int job, const struct script *sc, int number)
{
	struct instance *in = script_instance(sc, number);
	struct tape tape = { 0 };
	struct setting set = b->set;
	enum workload load;
	struct trial t;
	double start, spent, observed = 0, bare = 0;

	if (!in || ticks(in)) {
		if (in)
			instance_free(in);
		return in;
	}
	set.tape = &tape;
	start = now();
	run_instance(&set, sc, in, &t);
	spent = now() - start;
	load = !t.how || strcmp(t.how, "solo") ? PROCESSES : sc == b->steady ? LONG : SOLO;
	if (load != PROCESSES && b->wanted[load]) {
		observed = play(&tape, in, true);
		bare = play(&tape, in, false);
	}
	if (t.verdict != V_skipped && observed >= 0 && bare >= 0) {
		struct measure *m = &b->done[load][job];

		m->instances++;
		m->steps += (size_t)t.steps;
		m->calls += tape.n;
		m->run += spent;
		m->observed += observed;
		m->bare += bare;
	}
	trial_free(&t);
	instance_free(in);
	free(tape.op);
	return true;
}

/* Main function of a job: every njobs-th instance, rounds times. */
static int work(void *arg)
{
	const struct bench_job *k = arg;
	struct bench *b = k->bench;

	for (long round = 0; round < b->rounds; round++) {
		long n = 0;

		if (b->wanted[LONG] && !measure_instance(b, k->number, b->steady, 0))
			return 1;
		for (size_t i = 0; (b->wanted[SOLO] || b->wanted[PROCESSES]) && i < b->cases.n; i++)
			for (int v = 0; v < b->cases.v[i]->ninstances; v++, n++)
				if (n % b->jobs == k->number
				    && !measure_instance(b, k->number, b->cases.v[i], v))
					return 1;
	}
	return 0;
}

static bool start_jobs(struct bench *b)
{
	pid_t pid[MAXJOBS];
	bool ok = true;
	char err[200];
	int status;

	for (int i = 0; i < b->jobs; i++) {
		struct bench_job k = { b, i };

		fflush(NULL);
		pid[i] = box_spawn(work, &k, err, sizeof(err));
		if (pid[i] < 0)
			fprintf(stderr, "sysvet bench: %s\n", err);
	}
	for (int i = 0; i < b->jobs; i++)
		ok = pid[i] > 0 && waitpid(pid[i], &status, 0) == pid[i] && status == 0 && ok;
	return ok;
}

static struct measure sum(const struct measure *v, long n)
{
	struct measure s = { 0 };

	for (long i = 0; i < n; i++) {
		s.instances += v[i].instances;
		s.steps += v[i].steps;
		s.calls += v[i].calls;
		s.run += v[i].run;
		s.observed += v[i].observed;
		s.bare += v[i].bare;
	}
	return s;
}

/* Time is that of all jobs together, so a rate over them is jobs times the rate over the time. */
static void print(const struct bench *b, const char *name, const struct measure *m)
{
	double share = m->run / (double)b->jobs;

	if (!m->instances) {
		printf("%-10s nothing to measure\n", name);
		return;
	}
	printf("%-10s %7zu instances %8zu steps %10.0f cases/s %10.0f steps/s", name, m->instances, m->steps,
	       (double)m->instances / share, (double)m->steps / share);
	if (m->observed > 0)
		printf("   %.2f x its calls and observations, %.2f x its calls alone", m->run / m->observed,
		       m->run / m->bare);
	putchar('\n');
}

enum { WALKS = 3 };	/* of each sort at most; the fastest counts, because others use the machine too */

/* The permission space, judged and as bare calls in turn. */
static int measure_matrix(struct bench *b)
{
	volatile int never = 0;
	struct walk w = { .profile = &profile_linux, .subject = &b->set.subject, .facts = &b->set.facts,
			  .njobs = (int)b->jobs, .interrupted = &never };
	const int walks = b->rounds < WALKS ? (int)b->rounds : WALKS;
	double best[2] = { 0, 0 };
	char err[200] = "out of memory";
	bool ok;
	size_t cells;

	selection_all(&w.sel);
	cells = selection_size(&w.sel);
	ok = walk_prepare(&w);
	for (int i = 0; ok && i < 2 * walks; i++) {
		w.bare = i % 2;
		atomic_store(w.next, 0);
		ok = walk_run(&w, err, sizeof(err));
		if (!best[w.bare] || w.seconds < best[w.bare])
			best[w.bare] = w.seconds;
	}
	if (ok)
		printf("%-10s %7zu cells %26.0f cells/s   %.2f s, its calls alone %.2f s: %.2f x\n", "matrix",
		       cells, (double)cells / best[0], best[0], best[1], best[0] / best[1]);
	else
		fprintf(stderr, "sysvet bench: %s\n", err);
	walk_free(&w);
	return ok ? EXIT_OK : EXIT_BROKEN;
}

/* All workloads but the permission space. */
static int measure_cases(struct bench *b)
{
	size_t size = MATRIX * sizeof(*b->done), found = 0;
	void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		return EXIT_BROKEN;
	b->done = shared;
	if (!start_jobs(b))
		return EXIT_BROKEN;
	printf("%ld jobs, %ld rounds, fresh namespace for each instance\n", b->jobs, b->rounds);
	for (enum workload load = SOLO; load < MATRIX; load++) {
		struct measure m = sum(b->done[load], b->jobs);

		if (b->wanted[load])
			print(b, load_name[load], &m);
		found += m.instances;
	}
	munmap(shared, size);
	return found ? EXIT_OK : EXIT_NOTHING_RAN;
}

static int measure_all(struct bench *b)
{
	int status = EXIT_OK;

	if (b->wanted[SOLO] || b->wanted[PROCESSES] || b->wanted[LONG])
		status = measure_cases(b);
	return status == EXIT_OK && b->wanted[MATRIX] ? measure_matrix(b) : status;
}

/* A case of many steps shows what a step costs when namespace and credentials are there already. */
static struct script *make_steady(const struct requirements *reqs, char *err, size_t errsize)
{
	static const char head[] =
		"claim  Steps in a row.\ncites  MSGSND-3, MSGRCV-5, SEMOP-5\n"
		"actors A uid 1000 gid 1000, B uid 1001 gid 1001\n\n"
		"A  q = msgget(IPC_PRIVATE, 0604)\nA  s = semget(IPC_PRIVATE, 2, 0600)\n";
	static const char round[] =
		"A  msgsnd(q, 1:\"abc\")\nA  msgctl_IPC_STAT(q)\nA  semop(s, [0:1, 1:1])\n"
		"A  semctl_GETVAL(s, 0)\nB  msgctl_IPC_STAT(q)\nB  msgctl_IPC_RMID(q)\n"
		"A  semop(s, [0:-1, 1:-1])\nA  semctl_SETVAL(s, 1, 0)\n"
		"A  msgrcv(q, 1, 8)\nA  msgrcv(q, 1, 8, IPC_NOWAIT)\n";
	char text[sizeof(head) + 100 * sizeof(round)];
	struct text t = { text, sizeof(text), 0 };

	text_add(&t, "%s", head);
	for (int i = 0; i < 100; i++)
		text_add(&t, "%s", round);
	return script_read(text, t.len, "long.case", ".", reqs, err, errsize);
}

static void usage(FILE *to)
{
	fputs("usage: sysvet bench [OPTION...] [WORKLOAD...]\n\n"
	      "Runs the cases and the permission space on the kernel and measures: cases, steps and cells\n"
	      "per second, and the ratio of the time to that of the same system calls made without model\n"
	      "and comparison. Without a WORKLOAD all are measured: solo, cases that one process plays;\n"
	      "processes, those with a process for each actor; long, one of many steps; matrix.\n\n"
	      "  --jobs N     processes at work at once (default: one for each CPU)\n"
	      "  --rounds N   how often (default 5)\n"
	      "  --cases DIR  folder of cases and of requirements.tsv (default: cases)\n"
	      "  --help, --version\n", to);
}

static bool choose_loads(struct bench *b, int n, char **name)
{
	for (enum workload load = 0; load < NLOADS; load++)
		b->wanted[load] = !n;
	for (int i = 0; i < n; i++) {
		enum workload load = 0;

		while (load < NLOADS && strcmp(load_name[load], name[i]))
			load++;
		if (load == NLOADS) {
			fprintf(stderr, "sysvet bench: found '%s', expected a workload: solo, processes, "
				"long or matrix\n", name[i]);
			return false;
		}
		b->wanted[load] = true;
	}
	return true;
}

/* -1: go on; else the exit status. */
static int parse_options(struct bench *b, const char **root, int argc, char **argv)
{
	static const struct option options[] = {
		{ "jobs", required_argument, NULL, 'j' }, { "rounds", required_argument, NULL, 'r' },
		{ "cases", required_argument, NULL, 'c' }, { "help", no_argument, NULL, OPT_HELP },
		{ "version", no_argument, NULL, OPT_VERSION }, { 0 }
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1)
		switch (c) {
		case 'j':
			if (!option_count("bench", "--jobs", optarg, MAXJOBS, &b->jobs))
				return EXIT_USAGE;
			break;
		case 'r':
			if (!option_count("bench", "--rounds", optarg, 100000, &b->rounds))
				return EXIT_USAGE;
			break;
		case 'c': *root = optarg; break;
		default: return option_rest(c, usage);
		}
	return choose_loads(b, argc - optind, argv + optind) ? -1 : EXIT_USAGE;
}

int command_bench(int argc, char **argv)
{
	struct bench b = { .jobs = option_default_jobs(),
			   .rounds = 5,
			   .set = { .profile = &profile_linux } };
	const char *root = "cases";
	char err[1024];
	int status = parse_options(&b, &root, argc, argv);

	if (status >= 0)
		return status;
	subject_parse(&b.set.subject, "kernel", err, sizeof(err));
	if (!requirements_load_below(&b.reqs, root, err, sizeof(err))
	    || !jobs_facts(&b.set.subject, &b.set.facts, &b.env, err, sizeof(err))) {
		fprintf(stderr, "sysvet bench: %s\n", err);
		return b.env.refused ? EXIT_BROKEN : EXIT_USAGE;
	}
	b.set.root = b.env.root;
	b.steady = make_steady(&b.reqs, err, sizeof(err));
	if (!b.steady) {
		fprintf(stderr, "sysvet bench: %s\n", err);
		return EXIT_BROKEN;
	}
	status = discover(&b.cases, root, NULL, 0, AND_GENERATED, NULL, &b.reqs) && !b.cases.errors
		? measure_all(&b) : EXIT_USAGE;
	script_free(b.steady);
	collection_free(&b.cases);
	requirements_free(&b.reqs);
	return status;
}
