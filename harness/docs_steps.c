/* Claims that are shown by cases: on the kernel, and on the model under either profile. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "docs.h"
#include "jobs.h"
#include "jsonread.h"
#include "prose.h"

/* A run of the instances of all chosen claims on one subject. */
struct pass {
	const char *name, *subject;
	const struct profile *profile;
	enum party party;
};

static const struct pass passes[] = {
	{ "this kernel", "kernel", &profile_linux, PARTY_kernel },
	{ "linux model", "model", &profile_linux, PARTY_linux },
	{ "posix model", "model", &profile_posix, PARTY_posix },
};

/* What came of the instances of one claim. */
struct tally {
	int held, failed, skipped, broken;
	const char *said;		/* of the first that did not hold, or did not run */
};

struct collector {
	struct docs *d;
	const struct pass *pass;
	struct task_item *item;
	size_t *claim;			/* of each item */
	size_t n;
	struct tally *tally;		/* by claim */
};

/* ---- what a record says ---------------------------------------------------------------------------- */

static const char *member(const struct value_read *object, const char *key)
{
	const struct value_read *v = json_member(object, key);

	return v && v->type == J_STRING ? v->string : "";
}

/* The first finding of a trial in words; *disagree: kernel and model differ as well as claim and model. */
static const char *first_finding(struct collector *c, const struct value_read *record, bool *disagree)
{
	const struct value_read *list = record ? json_member(record, "findings") : NULL, *f;
	bool conflict = false, deviates = false;

	f = list && list->type == J_ARRAY ? list->first : NULL;
	for (const struct value_read *i = f; i; i = i->next) {
		bool of_claim = !strcmp(member(i, "verdict"), "conflict");

		conflict = conflict || of_claim;
		deviates = deviates || !of_claim;
	}
	*disagree = conflict && deviates;
	if (!f)
		return NULL;
	return docs_text(c->d, "%s %s: observed %s, expected %s", member(f, "actor"), member(f, "call"),
			 member(f, "observed"), member(f, "expected"));
}

static void count(struct collector *c, struct tally *t, const struct answer *a)
{
	struct arena arena = { 0 };
	struct problem p;
	struct value_read *record = json_read(a->record, &arena, &p);
	bool disagree = false;
	const char *said = first_finding(c, record, &disagree);

	switch (a->verdict) {
	case V_conforms: case V_known:
		t->held++;
		break;
	case V_skipped: case V_unsupported:
		t->skipped++;
		break;
	case V_unresolved: case V_broken: case V_unstable: case V_stale:
		t->broken++;
		break;
	default:
		disagree ? t->broken++ : t->failed++;
		break;
	}
	if (a->verdict != V_conforms && !t->said)
		t->said = said ? said : docs_text(c->d, "%s", a->reason);
	arena_free(&arena);
}

static bool each(void *ctx, size_t i, const struct answer *a)
{
	struct collector *c = ctx;

	count(c, &c->tally[c->claim[i]], a);
	return true;
}

/* ---- what ran -------------------------------------------------------------------------------------- */

/* The steps that a section of claims has of its own, of their first instance. */
static void print_steps(struct json *t, const struct script *sc)
{
	struct instance *in = script_instance(sc, 0);
	char buf[1024];

	for (int i = 0; in && i < in->nsteps; i++) {
		struct text line = { buf, sizeof(buf), 0 };

		*buf = '\0';
		print_step(&line, in, &in->step[i]);
		prose(t, "%s%s", i ? "; " : "", buf);
	}
	if (sc->ninstances > 1)
		prose(t, "; and %d more", sc->ninstances - 1);
	if (in)
		instance_free(in);
}

static const char *what_ran(struct docs *d, const struct claim_of_doc *claim)
{
	struct json t = { 0 };
	const char *copy;

	for (int i = 0; i < claim->nscripts; i++) {
		const struct script *sc = claim->script[i];

		prose(&t, "%s", i ? "; " : "");
		if (!strncmp(sc->name, "docs/", 5))
			print_steps(&t, sc);
		else
			prose(&t, "sysvet run --filter %s", sc->name);
	}
	copy = docs_text(d, "%.*s", (int)t.len, t.buf ? t.buf : "");
	json_free(&t);
	return copy;
}

/* ---- a pass ----------------------------------------------------------------------------------------- */

static void conclude_claim(struct collector *c, struct claim_of_doc *claim, const struct tally *t)
{
	struct evidence *e = docs_evidence(c->d, claim, c->pass->party);

	if (!e)
		return;
	e->subject = c->pass->name;
	e->ran = what_ran(c->d, claim);
	e->result = t->failed ? FAILS : t->held && !t->broken ? HOLDS : UNTESTED;
	if (claim->against && e->result != UNTESTED)
		e->result = e->result == HOLDS ? FAILS : HOLDS;
	e->came = docs_text(c->d, "%d of %d went as written%s%s", t->held,
			    t->held + t->failed + t->skipped + t->broken, t->said ? "; " : "",
			    t->said ? t->said : "");
}

static bool run_pass(struct collector *c, const struct requirements *reqs, const bool *chosen, char *err,
		     size_t errsize)
{
	static volatile int never;
	struct setting set = { .profile = c->pass->profile, .reqs = reqs };
	struct environment env;
	const struct jobs j = {
		.set = &set, .item = c->item, .n = c->n, .njobs = 2, .each = each, .ctx = c,
		.interrupted = &never,
	};

	memset(c->tally, 0, c->d->n * sizeof(*c->tally));
	if (!subject_parse(&set.subject, c->pass->subject, err, errsize)
	    || !jobs_facts(&set.subject, &set.facts, &env, err, errsize))
		return false;
	set.root = env.root;
	if (c->n && !jobs_run(&j, err, errsize))
		return false;
	for (size_t i = 0; i < c->d->n; i++)
		if (chosen[i] && c->d->claim[i].nscripts)
			conclude_claim(c, &c->d->claim[i], &c->tally[i]);
	return true;
}

static size_t instances_of(const struct claim_of_doc *claim)
{
	size_t n = 0;

	for (int i = 0; i < claim->nscripts; i++)
		n += (size_t)claim->script[i]->ninstances;
	return n;
}

static void add_items(struct collector *c, size_t claim)
{
	const struct claim_of_doc *of = &c->d->claim[claim];

	for (int i = 0; i < of->nscripts; i++)
		for (int k = 0; k < of->script[i]->ninstances; k++) {
			c->claim[c->n] = claim;
			c->item[c->n++] = (struct task_item){ of->script[i], k, false };
		}
}

bool docs_run_steps(struct docs *d, const bool *chosen, const struct requirements *reqs, char *err,
		    size_t errsize)
{
	struct collector c = { .d = d };
	size_t total = 0;
	bool ok;

	for (size_t i = 0; i < d->n; i++)
		total += chosen[i] ? instances_of(&d->claim[i]) : 0;
	c.item = calloc(total + 1, sizeof(*c.item));
	c.claim = calloc(total + 1, sizeof(*c.claim));
	c.tally = calloc(d->n + 1, sizeof(*c.tally));
	ok = c.item && c.claim && c.tally;
	snprintf(err, errsize, "out of memory");
	for (size_t i = 0; ok && i < d->n; i++)
		if (chosen[i])
			add_items(&c, i);
	for (size_t i = 0; ok && i < sizeof(passes) / sizeof(*passes); i++) {
		c.pass = &passes[i];
		ok = run_pass(&c, reqs, chosen, err, errsize);
	}
	free(c.item);
	free(c.claim);
	free(c.tally);
	return ok;
}
