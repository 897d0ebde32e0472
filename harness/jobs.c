#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "console.h"
#include "baseline.h"
#include "jobs.h"
#include "reuse.h"
#include "terminal.h"

#define HANG_MS 60000 /* a job that sends nothing for so long is ended; steps have watchdogs of their own */
#define GLANCE_MS 1000 /* when nobody sent anything for so long jobs are looked at */
#define IDLE ((size_t)-1)
#define MAXBARREN 3	/* a job that died so often with nothing begun and nothing brought is given up */
#define MAXROUNDS 3	/* so often are instances begun anew that nobody was left for */
#define MAXWAITERS 32
#define MAXCREW (MAXJOBS + MAXWAITERS)

/*
 * Instances that wait for the clock are run by jobs of their own, all at once, so that they share its
 * ticks.
 */
enum lane { BUSY, WAITING, NLANES };

/* Seen by all jobs. */
struct shared {
	atomic_size_t next[NLANES];		/* position of the next item to take */
	_Atomic size_t current[MAXCREW];	/* the item that each job works on, or IDLE */
};

/* What goes through a job's pipe: this, then its sights, then three texts with their NULs. */
struct frame {
	size_t item;
	int verdict, steps, leaks;
	uint64_t calls;
	size_t nsights, nrecord, ntext, nreason;
	uint64_t seen[NOPS];
};

struct job {
	pid_t pid;			/* 0: not running */
	int fd;
	char *buf;
	size_t len, cap;
	int barren;			/* deaths in a row with nothing to show for */
};

/* What a job process is given. */
struct work { struct crew *crew; int number, fd, own; };	/* own: the other end of fd */

struct crew {
	const struct jobs *jobs;
	struct shared *shared;
	size_t *item[NLANES], nitems[NLANES];
	struct job job[MAXCREW];	/* the first jobs->njobs are BUSY, the others WAITING */
	int njobs;
	struct frame **done;		/* by item: answers that wait for their turn */
	size_t turn;			/* next item to hand on */
	size_t ndone;
	bool stopped;
	int deaths;
	int silent;			/* milliseconds since somebody sent something */
};

/* ---- in a job -------------------------------------------------------------------------------- */

/* All at once: on some systems each call is slow. */
static bool send_frame(int fd, const struct frame *f, const struct sight *sights, const char *record,
		       const char *text, const char *reason)
{
	struct json whole = { 0 };
	bool ok;

	json_raw(&whole, (const char *)f, sizeof(*f));
	if (f->nsights)
		json_raw(&whole, (const char *)sights, f->nsights * sizeof(*sights));
	json_raw(&whole, record, f->nrecord);
	json_raw(&whole, text, f->ntext);
	json_raw(&whole, reason, f->nreason);
	ok = !whole.failed && write_whole(fd, whole.buf, whole.len);
	json_free(&whole);
	return ok;
}

static bool send_trial(const struct work *k, size_t item, const struct script *sc, const struct instance *in,
		       const struct trial *t)
{
	struct json record = { 0 }, text = { 0 };
	const char *reason = t->reason ? t->reason : "";
	struct frame f = { .item = item, .verdict = t->verdict, .steps = t->steps, .leaks = t->leaks,
			   .calls = t->calls, .nsights = t->nsights, .nreason = strlen(reason) + 1 };
	bool ok;

	memcpy(f.seen, t->seen, sizeof(f.seen));
	trial_json(t, sc, in, k->crew->jobs->item[item].tells, &record);
	terminal_trial(t, in, &text);
	f.nrecord = record.len + 1;
	f.ntext = text.len + 1;
	ok = !record.failed && !text.failed
		&& send_frame(k->fd, &f, t->sights, record.buf, text.buf ? text.buf : "", reason);
	json_free(&record);
	json_free(&text);
	return ok;
}

static bool is_news(const struct setting *set, const struct trial *t)
{
	return set->subject.kernel && (t->verdict == V_deviates || t->verdict == V_permitted);
}

/* With a difference that rests on time alone, of who was slow perhaps, the instance is judged again. */
static void judge(const struct setting *set, const struct script *sc, const struct instance *in,
		  struct trial *t)
{
	run_instance(set, sc, in, t);
	baseline_judge(set->baseline, in->name, t);
	if (!is_news(set, t) || strcmp(t->how, "timed"))
		return;
	trial_free(t);
	run_patiently(set, sc, in, t);
	baseline_judge(set->baseline, in->name, t);
}

#define REPEATS 2	/* of an instance that differed, to see whether it always does */

/*
 * Runs an instance again that differed otherwise than is known. If not all runs agree the verdict is
 * unstable, and the reason counts them.
 */
static void repeat(const struct setting *set, const struct script *sc, const struct instance *in,
		   struct trial *t)
{
	int runs[NVERDICTS] = { 0 };
	char counts[200];
	struct text text = { counts, sizeof(counts), 0 };

	if (!is_news(set, t))
		return;
	runs[t->verdict] = 1;
	for (int i = 0; i < REPEATS; i++) {
		struct trial again;

		judge(set, sc, in, &again);
		runs[again.verdict]++;
		trial_free(&again);
	}
	if (runs[t->verdict] == 1 + REPEATS)
		return;
	for (int i = 0; i < NVERDICTS; i++)
		if (runs[i])
			text_add(&text, "%s%d of %d runs: %s", text.len ? ", " : "", runs[i], 1 + REPEATS,
				 verdictinfo[i].name);
	t->verdict = V_unstable;
	t->reason = trial_text(t, "%s", counts);
	baseline_judge(set->baseline, in->name, t);
}

static bool run_item(const struct work *k, size_t item)
{
	const struct jobs *j = k->crew->jobs;
	const struct task_item *it = &j->item[item];
	struct instance *in = script_instance(it->script, it->instance);
	struct trial t;
	bool ok;

	if (!in)
		return false;
	if (j->notes)
		console_note(STDOUT_FILENO, "start", in->name);
	judge(j->set, it->script, in, &t);
	reuse_judged(in, &t);
	repeat(j->set, it->script, in, &t);
	ok = send_trial(k, item, it->script, in, &t);
	trial_free(&t);
	instance_free(in);
	return ok;
}

/* The ends at which the crew reads are none of a job's business, nor of what it starts. */
static void let_go(const struct crew *c)
{
	for (int i = 0; i < MAXCREW; i++)
		if (c->job[i].pid)
			close(c->job[i].fd);
}

/* Main function of a job. */
static int work(void *arg)
{
	const struct work *k = arg;
	struct crew *c = k->crew;
	enum lane lane = k->number < c->jobs->njobs ? BUSY : WAITING;
	size_t at;

	close(k->own);
	let_go(c);
	while ((at = atomic_fetch_add(&c->shared->next[lane], 1)) < c->nitems[lane]) {
		atomic_store(&c->shared->current[k->number], c->item[lane][at]);
		if (!run_item(k, c->item[lane][at]))
			return 1;
		atomic_store(&c->shared->current[k->number], IDLE);
	}
	return 0;
}

/* ---- the crew -------------------------------------------------------------------------------- */

static bool start(struct crew *c, int number, char *err, size_t errsize)
{
	struct job *job = &c->job[number];
	struct work k = { c, number, -1, -1 };
	int fd[2];

	atomic_store(&c->shared->current[number], IDLE);
	if (pipe2(fd, O_CLOEXEC)) {
		snprintf(err, errsize, "no pipe: %s", strerror(errno));
		return false;
	}
	k.fd = fd[1];
	k.own = fd[0];
	if (c->jobs->set->subject.kernel) {	/* a second model needs no box */
		job->pid = box_spawn(work, &k, err, errsize);
	} else {
		job->pid = plain_spawn(work, &k);
		if (job->pid < 0)
			snprintf(err, errsize, "no process: %s", strerror(errno));
	}
	close(fd[1]);
	job->fd = fd[0];
	job->len = 0;
	if (job->pid > 0)
		return true;
	job->pid = 0;
	close(fd[0]);
	return false;
}

/* Keeps the frame until its turn. Takes what frame points to. */
static void keep(struct crew *c, struct frame *f)
{
	if (f->item >= c->jobs->n || c->done[f->item]) {
		free(f);
		return;
	}
	c->done[f->item] = f;
	c->ndone++;
}

/* Hands on whatever is in turn. */
static void hand_on(struct crew *c)
{
	struct frame *f;

	while (!c->stopped && c->turn < c->jobs->n && (f = c->done[c->turn])) {
		const struct sight *sights = (const struct sight *)(f + 1);
		const char *text = (const char *)(sights + f->nsights);
		const struct answer a = {
			f->verdict, f->steps, f->leaks, f->calls, f->seen, sights, f->nsights,
			text, text + f->nrecord, text + f->nrecord + f->ntext,
		};

		c->stopped = !c->jobs->each(c->jobs->ctx, c->turn++, &a);
		free(f);
		c->done[c->turn - 1] = NULL;
	}
	if (c->jobs->progress)
		c->jobs->progress(c->jobs->ctx, c->ndone);
}

/* Cuts whole frames off the job's buffer. */
static void unpack(struct crew *c, struct job *job)
{
	struct frame f;
	size_t whole;

	while (job->len >= sizeof(f)) {
		struct frame *copy;

		memcpy(&f, job->buf, sizeof(f));
		whole = sizeof(f) + f.nsights * sizeof(struct sight) + f.nrecord + f.ntext + f.nreason;
		if (job->len < whole)
			return;
		copy = malloc(whole);
		if (!copy)
			return;
		memcpy(copy, job->buf, whole);
		memmove(job->buf, job->buf + whole, job->len - whole);
		job->len -= whole;
		job->barren = 0;
		keep(c, copy);
	}
}

/* Reads what is there. False at the end of the job. */
static bool receive(struct crew *c, struct job *job)
{
	ssize_t n;

	if (job->cap - job->len < 65536) {
		char *grown = realloc(job->buf, job->cap + 262144);

		if (!grown)
			return false;
		job->buf = grown;
		job->cap += 262144;
	}
	n = read(job->fd, job->buf + job->len, job->cap - job->len);
	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0)
		return false;
	job->len += (size_t)n;
	unpack(c, job);
	return true;
}

/* An instance whose job died gets a record that says so. */
static void bury(struct crew *c, size_t item, const char *why)
{
	const struct task_item *it = &c->jobs->item[item];
	struct instance *in = script_instance(it->script, it->instance);
	struct json record = { 0 }, text = { 0 };
	struct trial t;
	struct frame *f;

	trial_init(&t);
	trial_say(&t, V_broken, why);
	if (in) {
		trial_json(&t, it->script, in, it->tells, &record);
		terminal_trial(&t, in, &text);
	}
	f = calloc(1, sizeof(*f) + record.len + text.len + strlen(why) + 3);
	if (f) {
		char *p = (char *)(f + 1);

		*f = (struct frame){ .item = item, .verdict = V_broken, .nrecord = record.len + 1,
				     .ntext = text.len + 1, .nreason = strlen(why) + 1 };
		memcpy(p, record.buf ? record.buf : "", record.len);
		memcpy(p + f->nrecord, text.buf ? text.buf : "", text.len);
		memcpy(p + f->nrecord + f->ntext, why, f->nreason);
		keep(c, f);
	}
	json_free(&record);
	json_free(&text);
	trial_free(&t);
	if (in)
		instance_free(in);
}

/* How a job ended; buf has 60 bytes. A box tells the signal that its body died of as a shell would. */
static const char *manner(char *buf, int status, bool hung)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : code > 128 ? code - 128 : 0;

	if (hung)
		snprintf(buf, 60, "sent nothing for %d s", HANG_MS / 1000);
	else if (sig)
		snprintf(buf, 60, "died of signal %d", sig);
	else
		snprintf(buf, 60, "ended with status %d", code);
	return buf;
}

/* Takes the place of a job that ended too early, unless that comes to nothing again and again. */
static void replace(struct crew *c, int number, const char *how)
{
	struct job *job = &c->job[number];
	char err[200];

	c->deaths++;
	if (job->barren > MAXBARREN)
		fprintf(stderr, "sysvet: a job that %s is not started again: it comes to nothing\n", how);
	else if (!start(c, number, err, sizeof(err)))
		fprintf(stderr, "sysvet: a job could not be started again: %s\n", err);
}

static void ended(struct crew *c, int number, bool hung)
{
	struct job *job = &c->job[number];
	size_t item = atomic_load(&c->shared->current[number]);
	char how[60], why[80];
	int status = 0;

	close(job->fd);
	waitpid(job->pid, &status, 0);
	job->pid = 0;
	manner(how, status, hung);
	if (item < c->jobs->n && !c->done[item] && item >= c->turn) {
		snprintf(why, sizeof(why), "the job %s", how);
		bury(c, item, why);
	} else if (status == 0) {
		return;		/* nothing was left for it */
	} else {
		job->barren++;
		fprintf(stderr, "sysvet: a job %s between two instances; another goes on\n", how);
	}
	replace(c, number, how);
}

static int running(const struct crew *c)
{
	int n = 0;

	for (int i = 0; i < c->njobs; i++)
		n += c->job[i].pid != 0;
	return n;
}

/* Where the end of a job is not that of all that it started its pipe stays open. */
static bool has_died(const struct job *job)
{
	siginfo_t info = { .si_pid = 0 };

	return !waitid(P_PID, (id_t)job->pid, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid;
}

/* Nothing is left to be read. */
static void attend_silent(struct crew *c, int number)
{
	const bool hung = c->silent >= HANG_MS;

	if (hung)
		kill(c->job[number].pid, SIGKILL);
	if (hung || has_died(&c->job[number]))
		ended(c, number, hung);
}

/* Waits for news of any job and takes it in. */
static void attend(struct crew *c)
{
	struct pollfd p[MAXCREW];
	int number[MAXCREW], n = 0, ready;

	for (int i = 0; i < c->njobs; i++)
		if (c->job[i].pid) {
			p[n] = (struct pollfd){ .fd = c->job[i].fd, .events = POLLIN };
			number[n++] = i;
		}
	ready = poll(p, (nfds_t)n, GLANCE_MS);
	c->silent = ready ? 0 : c->silent + GLANCE_MS;
	for (int i = 0; i < n && ready >= 0; i++) {
		if (ready == 0)
			attend_silent(c, number[i]);
		else if (p[i].revents && !receive(c, &c->job[number[i]]))
			ended(c, number[i], false);
	}
	hand_on(c);
}

static void dismiss(struct crew *c)
{
	for (int i = 0; i < MAXCREW; i++) {
		struct job *job = &c->job[i];

		if (job->pid) {
			kill(job->pid, SIGKILL);
			waitpid(job->pid, NULL, 0);
			close(job->fd);
		}
		free(job->buf);
	}
	for (size_t i = 0; c->done && i < c->jobs->n; i++)
		free(c->done[i]);
	free(c->done);
	for (enum lane l = BUSY; l < NLANES; l++)
		free(c->item[l]);
	if (c->shared != MAP_FAILED)
		munmap(c->shared, sizeof(*c->shared));
}

static bool ticks(const struct script *sc)
{
	struct instance *in = script_instance(sc, 0);
	bool yes = false;

	for (int i = 0; in && i < in->nsteps; i++)
		yes = yes || (in->step[i].kind == STEP_CALL && in->step[i].op.code == OP_tick);
	if (in)
		instance_free(in);
	return yes;
}

/* All that has no answer. Items of one case lie side by side: each case is looked at once. */
static void fill_lanes(struct crew *c)
{
	const struct task_item *item = c->jobs->item;
	const struct script *last = NULL;
	enum lane lane = BUSY;

	for (enum lane l = BUSY; l < NLANES; l++) {
		c->nitems[l] = 0;
		atomic_store(&c->shared->next[l], 0);
	}
	for (size_t i = c->turn; i < c->jobs->n; i++) {
		if (c->done[i])
			continue;
		if (item[i].script != last)
			lane = ticks(item[i].script) ? WAITING : BUSY;
		last = item[i].script;
		c->item[lane][c->nitems[lane]++] = i;
	}
	c->njobs = c->jobs->njobs + (int)(c->nitems[WAITING] < MAXWAITERS ? c->nitems[WAITING] : MAXWAITERS);
}

static bool gather(struct crew *c)
{
	bool ok;

	c->shared = mmap(NULL, sizeof(*c->shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	c->done = calloc(c->jobs->n + 1, sizeof(*c->done));
	ok = c->shared != MAP_FAILED && c->done;
	for (enum lane l = BUSY; l < NLANES; l++) {
		c->item[l] = calloc(c->jobs->n + 1, sizeof(*c->item[l]));
		ok = ok && c->item[l];
	}
	return ok;
}

/* Runs what has no answer yet. False when no job can start. */
static bool crew_round(struct crew *c, char *err, size_t errsize)
{
	bool started = false;

	fill_lanes(c);
	for (int i = 0; i < c->njobs; i++) {
		c->job[i].barren = 0;
		started = start(c, i, err, errsize) || started;
	}
	while (running(c) && !c->stopped && !*c->jobs->interrupted)
		attend(c);
	hand_on(c);
	return started;
}

bool jobs_run(const struct jobs *j, char *err, size_t errsize)
{
	struct crew c = { .jobs = j };
	bool started;

	if (!gather(&c)) {
		dismiss(&c);
		snprintf(err, errsize, "out of memory");
		return false;
	}
	started = crew_round(&c, err, errsize);
	/* a job that dies between taking an instance and saying so takes it along */
	for (int i = 1; i < MAXROUNDS && started && c.turn < j->n && !c.stopped && !*j->interrupted; i++)
		if (!crew_round(&c, err, errsize))
			break;
	/* What a job lost without anybody noticing is never silently missing. */
	for (size_t i = c.turn; started && !c.stopped && !*j->interrupted && i < j->n; i++)
		if (!c.done[i])
			bury(&c, i, "no job was left to run it");
	hand_on(&c);
	dismiss(&c);
	if (j->deaths)
		*j->deaths = c.deaths;
	return started;
}

/* ---- facts ----------------------------------------------------------------------------------- */

struct learned { struct facts facts; unsigned unprotected; };

static int learn(void *arg)
{
	struct learned *l = arg;

	box_facts(&l->facts);
	l->unprotected = box_unprotected();
	return 0;
}

bool jobs_facts(const struct subject_spec *subject, struct facts *facts, struct environment *env, char *err,
		size_t errsize)
{
	struct learned *l;
	int status = 1;
	pid_t pid;

	*facts = linux_facts;
	real_environment(env);
	env->abi = abi_text(subject->abi);
	if (!subject->kernel)
		return true;
	env->refused = real_faked();
	if (env->refused) {
		snprintf(err, errsize, "%s", env->refused);
		return false;
	}
	l = mmap(NULL, sizeof(*l), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (l == MAP_FAILED) {
		snprintf(err, errsize, "out of memory");
		return false;
	}
	fflush(NULL);
	pid = box_spawn(learn, l, err, errsize);
	if (pid > 0 && waitpid(pid, &status, 0) == pid && status != 0)
		snprintf(err, errsize, "the box that reads the system's facts ended with status %d", status);
	if (pid > 0 && status == 0) {
		*facts = l->facts;
		env->unprotected = l->unprotected;
	}
	munmap(l, sizeof(*l));
	return pid > 0 && status == 0;
}
