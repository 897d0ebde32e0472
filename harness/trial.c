#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "trial.h"

#define VERDICT(name, exit, meaning) [V_##name] = { #name, meaning, exit },
const struct verdictinfo verdictinfo[NVERDICTS] = {
#include "verdicts.def"
};
#undef VERDICT

void trial_init(struct trial *r)
{
	*r = (struct trial){ .verdict = V_conforms };
	r->last = &r->findings;
}

void trial_free(struct trial *r)
{
	arena_free(&r->arena);
}

const char *trial_text(struct trial *r, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = arena_text(&r->arena, fmt, ap);
	va_end(ap);
	return text;
}

void trial_say(struct trial *r, enum verdict_word verdict, const char *reason)
{
	if (verdict < r->verdict)
		return;
	r->verdict = verdict;
	if (reason)
		r->reason = trial_text(r, "%s", reason);
}

struct finding *trial_add(struct trial *r, enum verdict_word verdict, const char *aspect)
{
	struct finding *f = arena_alloc(&r->arena, sizeof(*f));

	trial_say(r, verdict, NULL);
	if (!f)
		return NULL;
	f->verdict = verdict;
	f->aspect = aspect;
	*r->last = f;
	r->last = &f->next;
	r->nfindings++;
	return f;
}

/* The entry of a place, which is made when there is none; NULL when out of memory. */
static struct sight *sight_at(struct trial *r, size_t place)
{
	for (size_t i = 0; i < r->nsights; i++)
		if (r->sights[i].place == place)
			return &r->sights[i];
	if (r->nsights == r->sightmax) {
		size_t most = 2 * r->sightmax + 32;
		struct sight *grown = arena_alloc(&r->arena, most * sizeof(*grown));

		if (!grown)
			return NULL;
		if (r->nsights)
			memcpy(grown, r->sights, r->nsights * sizeof(*grown));
		r->sights = grown;
		r->sightmax = most;
	}
	r->sights[r->nsights].place = place;
	return &r->sights[r->nsights++];
}

static void saw_arguments(struct trial *r, const struct op *op, uint64_t seen)
{
	for (int i = 0; i < opinfo[op->code].nargs; i++) {
		uint64_t set = parts_of(opinfo[op->code].arg[i].kind, op->v[i], op->data);

		for (int part = 0; part < MAXPARTS; part++) {
			struct sight *s = NULL;

			if (set >> part & 1)
				s = sight_at(r, sight_place(op->code, i, part));
			if (s)
				s->seen |= seen;
		}
	}
}

void trial_saw(struct trial *r, const struct op *op, const struct outcome *out, bool woken)
{
	uint64_t seen;
	int bit = SEEN_SUCCESS;

	if (out->how == FAILED)
		bit = err_bit(out->err);
	else if (out->how == BLOCKED)
		bit = SEEN_BLOCKS;
	else if (out->how == FAULTED)
		bit = out->err == SIGSEGV ? SEEN_SIGSEGV : out->err == SIGBUS ? SEEN_SIGBUS : SEEN_SIGKILL;
	if (bit < 0)
		return;
	seen = BIT(bit) | (woken ? BIT(bit + SEEN_WOKEN) : 0);
	r->seen[op->code] |= seen;
	saw_arguments(r, op, seen);
}

void trial_rule(struct trial *r, const char *id)
{
	for (int i = 0; i < r->nrules; i++)
		if (!strcmp(r->rules[i], id))
			return;
	if (r->nrules < MAXRULES)
		r->rules[r->nrules++] = id;
}

/* ---- record ---------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void result_text(char *buf, size_t size, int position)
{
	static const char *const names[] = {
		[SEEN_SUCCESS - NERRS] = "0",	    [SEEN_BLOCKS - NERRS] = "blocks",
		[SEEN_SIGSEGV - NERRS] = "SIGSEGV", [SEEN_SIGBUS - NERRS] = "SIGBUS",
		[SEEN_SIGKILL - NERRS] = "SIGKILL",
	};
	int bit = position % SEEN_WOKEN;

	snprintf(buf, size, "%s%s", position < SEEN_WOKEN ? "" : "wakes ",
		 bit < NERRS ? err_name(err_at(bit)) : names[bit - NERRS]);
}

void seen_text(char *buf, size_t size, enum opcode code, int position)
{
	char result[32];

	result_text(result, sizeof(result), position);
	snprintf(buf, size, "%s %s", opinfo[code].name, result);
}

static void outcomes_json(const struct trial *r, struct json *j)
{
	char text[64];

	json_array(j, "outcomes");
	for (enum opcode code = 0; code < NOPS; code++)
		for (int bit = 0; bit < 2 * SEEN_WOKEN; bit++)
			if (r->seen[code] >> bit & 1) {
				seen_text(text, sizeof(text), code, bit);
				json_string(j, NULL, text);
			}
	json_end(j, ']');
}

static void rules_json(const struct trial *r, struct json *j)
{
	const char *sorted[MAXRULES];

	memcpy(sorted, r->rules, sizeof(sorted));
	qsort(sorted, (size_t)r->nrules, sizeof(*sorted), by_text);
	json_strings(j, "rules", sorted, (size_t)r->nrules);
}

/* A text of lines as an array of strings. */
static void lines_json(struct json *j, const char *key, const char *lines)
{
	char line[4096];

	json_array(j, key);
	while (lines && *lines) {
		size_t n = strcspn(lines, "\n");

		snprintf(line, sizeof(line), "%.*s", (int)n, lines);
		json_string(j, NULL, line);
		lines += n + (lines[n] == '\n');
	}
	json_end(j, ']');
}

static void finding_json(const struct trial *r, const struct finding *f, struct json *j)
{
	char buf[2000] = "";
	struct text sign = { buf, sizeof(buf), 0 };

	finding_sign(f, &sign);
	json_object(j, NULL);
	json_string(j, "verdict", verdictinfo[f->verdict].name);
	json_string(j, "sign", buf);
	json_string(j, "reason", f->reason);
	json_string(j, "reference", f->reference);
	json_string(j, "aspect", f->aspect);
	json_number(j, "step", f->step);
	json_number(j, "line", f->line);
	json_string(j, "actor", f->actor ? f->actor : "");
	json_string(j, "call", f->call ? f->call : "");
	json_string(j, "observed", f->observed ? f->observed : "");
	json_string(j, "expected", f->expected ? f->expected : "");
	json_string(j, "linux", f->linux_says ? f->linux_says : "not judged");
	json_string(j, "posix", f->posix_says ? f->posix_says : "not judged");
	lines_json(j, "because", f->because);
	json_string(j, "rule", f->rule);
	json_string(j, "replay", r->replay ? r->replay : "");
	lines_json(j, "steps", f->steps);
	json_end(j, '}');
}

static void script_json(const struct instance *in, int nsteps, struct json *j)
{
	char buf[4096];

	json_array(j, "script");
	for (int i = 0; i < nsteps; i++) {
		struct text line = { buf, sizeof(buf), 0 };

		*buf = '\0';
		print_step(&line, in, &in->step[i]);
		json_string(j, NULL, buf);
	}
	json_end(j, ']');
}

void trial_json(const struct trial *r, const struct script *sc, const struct instance *in, bool tells,
		struct json *j)
{
	j->comma = false;
	json_object(j, NULL);
	json_string(j, "record", "case");
	json_string(j, "name", in->name);
	json_string(j, "case", sc->name);
	json_string(j, "instance", in->values);
	json_string(j, "family", sc->family);
	json_string(j, "file", sc->file);
	json_number(j, "line", sc->line);
	json_string(j, "claim", sc->claim);
	json_strings(j, "cites", sc->cites, (size_t)sc->ncites);
	json_string(j, "verdict", verdictinfo[r->verdict].name);
	json_string(j, "reason", r->reason);
	json_string(j, "reference", r->reference);
	json_string(j, "how", r->how);
	json_number(j, "steps", r->steps);
	json_number(j, "left", r->left);
	outcomes_json(r, j);
	rules_json(r, j);
	json_array(j, "findings");
	for (const struct finding *f = r->findings; f; f = f->next)
		finding_json(r, f, j);
	json_end(j, ']');
	script_json(in, tells ? in->nsteps : 0, j);
	json_end(j, '}');
	json_raw(j, "\n", 1);
}
