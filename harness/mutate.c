#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interrupt.h"
#include "mutate.h"
#include "terminal.h"

enum { CPU_SECONDS = 1 };		/* that an instance may take, which is a few microseconds otherwise */
enum { WORDS = (NOPS + 63) / 64 };

/* What an instance touches on a model without faults. */
struct footprint {
	bool runs;			/* it is not skipped */
	const struct profile *profile;
	uint64_t ops[WORDS];		/* operations that are called */
	int nrules;
	const char *rule[MAXRULES];	/* that decide a failure */
};

struct campaign {
	struct mutation *m;
	struct footprint *print;	/* by item */
	struct shared { struct attempt attempt; size_t at; bool done; } *shared; /* by mutant; seen by all */
	struct { pid_t pid; size_t mutant; } job[MAXJOBS];
	int busy;
	size_t ndone, total;
};

/* ---- one instance ------------------------------------------------------------------------------ */

static bool run_one(const struct campaign *c, size_t i, struct setting *set, struct trial *t)
{
	const struct task_item *item = &c->m->item[i];
	struct instance *in = script_instance(item->script, item->instance);

	if (!in)
		return false;
	set->profile = c->print[i].profile;
	if (!set->subject.changes[0])
		set->subject.profile = *set->profile;
	run_instance(set, item->script, in, t);
	instance_free(in);
	return true;
}

static void take_footprint(struct footprint *f, const struct trial *t)
{
	f->runs = t->verdict == V_conforms;
	for (int code = 0; code < NOPS; code++)
		if (t->seen[code])
			f->ops[code / 64] |= BIT(code % 64);
	f->nrules = t->nrules;
	memcpy(f->rule, t->rules, sizeof(f->rule));
}

/* All instances on two models that are the same. */
static bool rehearse_all(struct campaign *c, char *err, size_t errsize)
{
	struct setting set = { .facts = linux_facts, .root = true };

	if (!subject_parse(&set.subject, "model", err, errsize))
		return false;
	for (size_t i = 0; i < c->m->nitems && !*c->m->interrupted; i++) {
		struct trial t;
		bool good;

		if (!run_one(c, i, &set, &t)) {
			snprintf(err, errsize, "out of memory");
			return false;
		}
		take_footprint(&c->print[i], &t);
		if (c->m->strange)
			c->m->strange->rehearsed(c->m->strange->ctx, i);
		/* What a case says of Linux need not hold under the other profile. */
		good = t.verdict == V_conforms || t.verdict == V_skipped
			|| c->print[i].profile != &profile_linux;
		if (!good)
			snprintf(err, errsize, "%s %s on the model itself", c->m->item[i].script->name,
				 verdictinfo[t.verdict].name);
		trial_free(&t);
		if (!good)
			return false;
	}
	return true;
}

/* ---- which instances first ------------------------------------------------------------------------ */

static bool touches(const struct campaign *c, const struct mutant *mutant, size_t i)
{
	const struct strange_mutants *strange = c->m->strange;
	const struct footprint *f = &c->print[i];

	if (strange)
		return f->runs && strange->touched(strange->ctx, (size_t)(mutant - c->m->mutants->v), i);
	return f->runs && f->profile == mutant->profile
		&& (mutant->code == NOPS || f->ops[mutant->code / 64] >> mutant->code % 64 & 1);
}

/* Is the instance about what is broken? A clause of a rule is one id, that of a switch a list of them. */
static bool concerns(const struct campaign *c, const struct mutant *mutant, size_t i)
{
	const struct footprint *f = &c->print[i];
	const struct script *sc = c->m->item[i].script;

	if (!mutant->clause)
		return false;
	for (int k = 0; k < f->nrules; k++)
		if (!strcmp(f->rule[k], mutant->clause))
			return true;
	for (int k = 0; k < sc->ncites; k++)
		if (strstr(mutant->clause, sc->cites[k]))
			return true;
	return false;
}

/* ---- one mutant, in a process of its own ------------------------------------------------------------ */

static bool noticed(enum verdict_word v)
{
	return v == V_permitted || v == V_deviates || v == V_conflict || v == V_unstable || v == V_broken;
}

/* An instance that does not end is ended by a signal, after time that it was computing. */
static void start_clock(void)
{
	const struct itimerval limit = { .it_value.tv_sec = CPU_SECONDS };

	setitimer(ITIMER_VIRTUAL, &limit, NULL);
}

static void note_attempt(struct attempt *a, const char *how, size_t item)
{
	if (!a->noticed)
		a->how = how;
	a->noticed = true;
	if (a->by < FEW)
		a->item[a->by] = item;
	a->by++;
}

static bool try_instance(struct campaign *c, struct setting *set, struct shared *s, size_t item)
{
	struct trial t;

	s->at = item;
	start_clock();
	if (!run_one(c, item, set, &t))
		return false;
	s->attempt.ran++;
	if (noticed(t.verdict))
		note_attempt(&s->attempt, verdictinfo[t.verdict].name, item);
	trial_free(&t);
	return true;
}

/* From now on the mutant is awake: in the subject, or where it is at home. */
static bool wake(const struct campaign *c, size_t number, struct subject_spec *subject)
{
	char text[sizeof(subject->text)], err[400];

	snprintf(text, sizeof(text), c->m->strange ? "model" : "model:%s", c->m->mutants->v[number].name);
	if (!subject_parse(subject, text, err, sizeof(err))) {
		fprintf(stderr, "sysvet mutate: %s\n", err);
		return false;
	}
	if (c->m->strange)
		c->m->strange->wake(c->m->strange->ctx, number);
	return true;
}

static void ask_others(const struct campaign *c, size_t number, struct attempt *a)
{
	const char *other = a->noticed || !c->m->strange ? NULL
		: c->m->strange->other(c->m->strange->ctx, number);

	if (!other)
		return;
	a->noticed = true;
	a->how = "test";
	snprintf(a->other, sizeof(a->other), "%s", other);
}

struct try { struct campaign *c; size_t number; };

/* Main function of a process for one fault. */
static int try_mutant(void *arg)
{
	struct campaign *c = ((struct try *)arg)->c;
	size_t number = ((struct try *)arg)->number;
	const struct mutant *mutant = &c->m->mutants->v[number];
	struct setting set = { .facts = linux_facts, .root = true };
	struct shared *s = &c->shared[number];
	bool ok = wake(c, number, &set.subject);

	for (int pass = 0; ok && pass < 2; pass++)
		for (size_t i = 0; ok && i < c->m->nitems; i++) {
			if (s->attempt.noticed && !c->m->all)
				break;
			if (touches(c, mutant, i) && concerns(c, mutant, i) == !pass)
				ok = try_instance(c, &set, s, i);
		}
	subject_forget(&set.subject);
	if (ok)
		ask_others(c, number, &s->attempt);
	s->done = ok;
	return !ok;
}

/* ---- all of them -------------------------------------------------------------------------------------- */

static bool start(struct campaign *c, size_t mutant)
{
	int free_place = 0;
	pid_t pid;

	while (c->job[free_place].pid)
		free_place++;
	pid = plain_spawn(try_mutant, &(struct try){ c, mutant });
	if (pid < 0)
		return false;
	c->job[free_place].pid = pid;
	c->job[free_place].mutant = mutant;
	c->busy++;
	return true;
}

/* The process ended by itself, or the fault was the end of it: that is to be noticed too. */
static bool conclude(struct campaign *c, size_t mutant, int status)
{
	struct shared *s = &c->shared[mutant];
	struct attempt *a = &c->m->attempt[mutant];
	int signo = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (!s->done && !signo)
		return false;
	if (signo)
		note_attempt(&s->attempt, signo == SIGVTALRM ? "endless" : "crashes", s->at);
	*a = s->attempt;
	a->tried = true;
	c->ndone++;
	if (c->m->progress)
		c->m->progress(c->ndone, c->total);
	return true;
}

static bool await(struct campaign *c)
{
	int status;
	pid_t pid = waitpid(-1, &status, 0);

	for (int i = 0; pid > 0 && i < MAXJOBS; i++)
		if (c->job[i].pid == pid) {
			c->job[i].pid = 0;
			c->busy--;
			return conclude(c, c->job[i].mutant, status);
		}
	return pid > 0 || errno == EINTR;
}

static void stop_all(struct campaign *c)
{
	for (int i = 0; i < MAXJOBS; i++)
		if (c->job[i].pid) {
			kill(c->job[i].pid, SIGKILL);
			waitpid(c->job[i].pid, NULL, 0);
		}
}

static bool is_to_try(const struct campaign *c, size_t i)
{
	return c->m->chosen[i] && !c->m->mutants->v[i].excluded;
}

static bool try_all(struct campaign *c)
{
	size_t next = 0, n = c->m->mutants->n;
	bool ok = true;

	for (size_t i = 0; i < n; i++)
		c->total += is_to_try(c, i);
	while (ok && !*c->m->interrupted && (next < n || c->busy)) {
		while (next < n && !is_to_try(c, next))
			next++;
		ok = next < n && c->busy < c->m->njobs ? start(c, next++) : !c->busy || await(c);
	}
	stop_all(c);
	return ok;
}

/* ---- setting up -------------------------------------------------------------------------------------- */

/* The instances under a profile, if there is anything to break in it. */
static void add_items(struct campaign *c, const struct profile *p)
{
	const struct collection *cases = c->m->cases;
	bool any = c->m->strange;

	for (size_t i = 0; i < c->m->mutants->n; i++)
		any = any || (is_to_try(c, i) && c->m->mutants->v[i].profile == p);
	for (size_t i = 0; any && i < cases->n; i++)
		for (int k = 0; k < cases->v[i]->ninstances; k++) {
			c->print[c->m->nitems].profile = p;
			c->m->item[c->m->nitems++] = (struct task_item){ cases->v[i], k, false };
		}
}

static bool gather(struct campaign *c)
{
	const struct collection *cases = c->m->cases;
	size_t n = 0;

	for (size_t i = 0; i < cases->n; i++)
		n += (size_t)cases->v[i]->ninstances * 2;
	c->m->item = calloc(n + 1, sizeof(*c->m->item));
	c->m->attempt = calloc(c->m->mutants->n + 1, sizeof(*c->m->attempt));
	c->print = calloc(n + 1, sizeof(*c->print));
	if (!c->m->item || !c->m->attempt || !c->print)
		return false;
	add_items(c, &profile_linux);
	add_items(c, &profile_posix);
	return true;
}

bool mutation_run(struct mutation *m, char *err, size_t errsize)
{
	struct campaign c = { .m = m };
	size_t size = (m->mutants->n + 1) * sizeof(*c.shared);
	bool ok = false;

	snprintf(err, errsize, "out of memory");
	c.shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (c.shared == MAP_FAILED)
		return false;
	if (gather(&c) && rehearse_all(&c, err, errsize)) {
		snprintf(err, errsize, "a process could not be started, or did not do its work");
		ok = try_all(&c);
	}
	free(c.print);
	munmap(c.shared, size);
	return ok;
}

bool mutation_show(struct mutation *m, const char *program, bool quiet)
{
	char err[400];
	bool ok;

	m->interrupted = &interrupted;
	m->progress = quiet ? NULL : terminal_progress;
	interrupts_keep();
	ok = mutation_run(m, err, sizeof(err));
	terminal_erase();
	if (!ok)
		fprintf(stderr, "%s: %s\n", program, err);
	return ok;
}

void mutation_free(struct mutation *m)
{
	free(m->item);
	free(m->attempt);
}
