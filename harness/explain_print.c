/* An explanation for people and for programs. */
#include <inttypes.h>
#include <stdio.h>

#include "explain.h"
#include "header.h"
#include "prose.h"

enum { NAMED = 8 };			/* accounts that are named; others are counted */

static const char *cap_name(int number)
{
	for (int i = 0; i < NCAPS; i++)
		if ((int)capinfo[i].number == number)
			return capinfo[i].name;
	return "";
}

static const char *word_of(const struct explanation *e)
{
	return e->here.verdict.success ? "allowed" : e->about_permission ? "denied" : "fails";
}

/* "group: fsgid 5 = gid 5"; "nobody: ..." */
static void print_grounds(struct json *t, const struct grounds *g)
{
	if (g->question == ASKED_NOTHING) {
		prose(t, "no permission is judged");
		return;
	}
	if (g->question == ASKED_ACCESS)
		prose(t, "%s class: ", g->class);
	if (g->mine)
		prose(t, "%s %" PRIu32 " = %s", g->mine, g->id, g->theirs);
	else
		prose(t, g->question == ASKED_ACCESS ? "no id is the object's"
		      : g->file ? "not the owner" : "neither owner nor creator");
	if (g->cap >= 0)
		prose(t, ", with %s", cap_name(g->cap));
}

static void print_head(struct json *t, const struct explanation *e)
{
	prose(t, "%s%s%s  %s\n", word_of(e), e->here.verdict.success ? "" : " ",
	      e->here.verdict.success ? "" : err_name(e->here.verdict.first), e->question->text);
	prose(t, "  %-9s ", "object");
	object_print(t, &e->scene->object);
	prose(t, "\n  %-9s ", "caller");
	caller_print(t, e->caller);
	prose(t, "\n");
}

static void print_bits(struct json *t, const struct grounds *g)
{
	char asked[4], granted[4], missing[4];

	if (g->question == ASKED_ACCESS)
		prose_line(t, "bits", "requested %s, granted %s, missing %s", prose_bits(g->requested, asked),
			   prose_bits(g->granted, granted), prose_bits(g->missing, missing));
}

static void print_judgement(struct json *t, const struct explanation *e)
{
	prose(t, "  %-9s ", "class");
	print_grounds(t, &e->here.grounds);
	prose(t, "\n");
	print_bits(t, &e->here.grounds);
	prose_lines(t, "because", e->here.because);
	if (e->here.verdict.success)
		prose_line(t, "", "what the object holds is not known: it may %s for other reasons",
			   op_may_block(e->question->op.code) ? "wait or fail" : "fail");
	else if (!e->about_permission)
		prose_line(t, "", "this is no question of permission: nobody would succeed");
}

static void print_clauses(struct json *t, const struct explanation *e)
{
	for (int i = 0; i < e->nclauses; i++) {
		const struct requirement *c = e->clause[i];

		prose_line(t, "clause", "%s (%s, %s): %s", c->id, c->strength, c->source, c->text);
	}
	if (e->proof)
		prose_line(t, "case", "%s: sysvet run --filter '%s'", e->proof->claim, e->proof->name);
}

static void print_errors(struct json *t, const struct errset *errs)
{
	const char *comma = "";

	for (int i = 0; i < NERRS; i++)
		if (errs->bits & UINT32_C(1) << i) {
			prose(t, "%s%s", comma, err_name(err_at(i)));
			comma = ", ";
		}
}

/* Is what Linux does among what POSIX allows, and is it the only thing? */
static bool posix_allows(const struct explanation *e, bool *only)
{
	const struct verdict *here = &e->here.verdict, *posix = &e->posix.verdict;
	uint32_t mine = here->success ? 0 : UINT32_C(1) << err_bit(here->first);

	*only = posix->success ? !posix->errs.bits && here->success : posix->errs.bits == mine;
	return here->success ? posix->success : posix->errs.bits & mine;
}

static bool profiles_differ(const struct explanation *e)
{
	bool only;

	return !posix_allows(e, &only) || e->here.verdict.success != e->posix.verdict.success;
}

static void print_posix(struct json *t, const struct explanation *e)
{
	const struct verdict *posix = &e->posix.verdict;

	prose(t, "  %-9s linux: ", "profiles");
	prose(t, "%s; posix: ", e->here.verdict.success ? "success" : err_name(e->here.verdict.first));
	if (posix->success)
		prose(t, "success%s", posix->errs.bits ? " or " : "");
	print_errors(t, &posix->errs);
	prose(t, "\n");
}

static void print_profiles(struct json *t, const struct explanation *e)
{
	bool only;

	if (posix_allows(e, &only) && only) {
		prose_line(t, "profiles", "linux and posix agree");
		return;
	}
	print_posix(t, e);
	if (!profiles_differ(e))
		return;
	prose_lines(t, "  posix", e->posix.because);
	for (int i = 0; i < NSWITCHES; i++)
		if (e->switches & BIT(i))
			prose_line(t, "", "switch %s: %s [%s]", switchinfo[i].name, switchinfo[i].text,
				   switchinfo[i].source);
}

/* ---- who ------------------------------------------------------------------------------------- */

static void print_account(struct json *t, const struct account *a)
{
	prose_name(t, a->name);
	prose(t, " (%" PRIu32 ")", a->uid);
}

static void print_admitted(struct json *t, const struct remedy *r)
{
	prose(t, "  %-9s   admits ", "");
	if (r->anybody)
		prose(t, "anybody");
	else if (!r->nadmitted)
		prose(t, "nobody else");
	for (size_t i = 0; !r->anybody && i < r->nadmitted && i < NAMED; i++) {
		prose(t, i ? ", " : "");
		print_account(t, r->admitted[i]);
	}
	if (!r->anybody && r->nadmitted > NAMED)
		prose(t, " and %zu more", r->nadmitted - NAMED);
	prose(t, "\n");
}

static void print_remedies(struct json *t, const struct explanation *e)
{
	for (size_t i = 0; i < e->remedies.n; i++) {
		prose(t, "  %-9s ", i ? "" : "to allow");
		remedy_print(t, &e->remedies.v[i]);
		prose(t, "\n");
		print_admitted(t, &e->remedies.v[i]);
	}
	if (e->about_permission && !e->here.verdict.success && !e->remedies.n)
		prose_line(t, "to allow", "it takes more than two changes");
}

static void print_who(struct json *t, const struct explanation *e)
{
	if (!e->asked_who)
		return;
	for (size_t i = 0; i < e->nwho; i++) {
		prose(t, "  %-9s ", i ? "" : "who may");
		print_account(t, e->who[i].account);
		prose(t, ": ");
		print_grounds(t, &e->who[i].grounds);
		prose(t, "\n");
	}
	if (!e->nwho)
		prose_line(t, "who may", "no account");
	if (e->anybody)
		prose_line(t, "", "and anybody, with or without an account");
	for (int i = 0; i < NCAPS; i++)
		if (e->caps & BIT(capinfo[i].number))
			prose_line(t, "", "and whoever holds %s in the user namespace that %s",
				   capinfo[i].name, e->scene->object.family == NODES
				   ? "knows the owner" : "owns the IPC namespace");
}

static void print_trial(struct json *t, const struct explanation *e)
{
	if (!e->tried)
		return;
	if (e->trial.word == NOT_TRIED)
		prose_line(t, "verify", "not tried: %s", e->trial.why);
	else
		prose_line(t, "verify", "the kernel %s: %s%s",
			   e->trial.word == AGREES ? "agrees" : "DISAGREES", e->trial.why,
			   e->trial.renamed ? " (with other ids: these cannot be had here)" : "");
}

void explanation_print(struct json *t, const struct explanation *e)
{
	print_head(t, e);
	print_judgement(t, e);
	print_clauses(t, e);
	print_profiles(t, e);
	print_remedies(t, e);
	print_who(t, e);
	print_trial(t, e);
}

/* ---- for programs ---------------------------------------------------------------------------- */

static void grounds_json(struct json *j, const struct grounds *g)
{
	static const char *const asked[] = { "nothing", "access", "control" };
	char bits[4];

	json_object(j, "grounds");
	json_string(j, "asked", asked[g->question]);
	if (g->question == ASKED_ACCESS) {
		json_string(j, "class", g->class);
		json_string(j, "requested", prose_bits(g->requested, bits));
		json_string(j, "granted", prose_bits(g->granted, bits));
		json_string(j, "missing", prose_bits(g->missing, bits));
	}
	json_string(j, "caller_id", g->mine);
	json_string(j, "object_id", g->theirs);
	if (g->mine)
		json_number(j, "value", g->id);
	json_string(j, "capability", g->cap >= 0 ? cap_name(g->cap) : NULL);
	json_string(j, "clause", g->clause);
	json_end(j, '}');
}

static void lines_json(struct json *j, const char *key, const char *lines)
{
	char line[256];

	json_array(j, key);
	for (const char *at = lines, *end; *at; at = *end ? end + 1 : end) {
		for (end = at; *end && *end != '\n'; end++)
			;
		snprintf(line, sizeof(line), "%.*s", (int)(end - at), at);
		json_string(j, NULL, line);
	}
	json_end(j, ']');
}

static void judgement_json(struct json *j, const char *key, const struct judgement *g)
{
	json_object(j, key);
	json_bool(j, "success", g->verdict.success);
	json_bool(j, "waits", g->verdict.waits);
	json_array(j, "errors");
	for (int i = 0; i < NERRS; i++)
		if (g->verdict.errs.bits & UINT32_C(1) << i)
			json_string(j, NULL, err_name(err_at(i)));
	json_end(j, ']');
	json_string(j, "rule", g->decider);
	grounds_json(j, &g->grounds);
	lines_json(j, "because", g->because);
	json_end(j, '}');
}

static void clauses_json(struct json *j, const struct explanation *e)
{
	json_array(j, "clauses");
	for (int i = 0; i < e->nclauses; i++) {
		json_object(j, NULL);
		json_string(j, "id", e->clause[i]->id);
		json_string(j, "strength", e->clause[i]->strength);
		json_string(j, "source", e->clause[i]->source);
		json_string(j, "text", e->clause[i]->text);
		json_end(j, '}');
	}
	json_end(j, ']');
	json_string(j, "case", e->proof ? e->proof->name : NULL);
}

static void who_json(struct json *j, const struct explanation *e)
{
	if (!e->asked_who)
		return;
	json_object(j, "who");
	json_bool(j, "anybody", e->anybody);
	caps_json(j, "capabilities", e->caps);
	json_array(j, "accounts");
	for (size_t i = 0; i < e->nwho; i++) {
		json_object(j, NULL);
		json_string(j, "name", e->who[i].account->name);
		json_number(j, "uid", e->who[i].account->uid);
		grounds_json(j, &e->who[i].grounds);
		json_end(j, '}');
	}
	json_end(j, ']');
	json_end(j, '}');
}

void explanation_json(struct json *j, const struct explanation *e)
{
	static const char *const words[] = { "not-tried", "agrees", "disagrees" };

	json_string(j, "verdict", word_of(e));
	json_string(j, "errno", e->here.verdict.success ? NULL : err_name(e->here.verdict.first));
	json_string(j, "call", e->question->text);
	object_json(j, &e->scene->object);
	caller_json(j, "caller", e->caller);
	judgement_json(j, "linux", &e->here);
	judgement_json(j, "posix", &e->posix);
	json_bool(j, "profiles_differ", profiles_differ(e));
	json_array(j, "switches");
	for (int i = 0; i < NSWITCHES; i++)
		if (e->switches & BIT(i))
			json_string(j, NULL, switchinfo[i].name);
	json_end(j, ']');
	clauses_json(j, e);
	json_array(j, "remedies");
	for (size_t i = 0; i < e->remedies.n; i++)
		remedy_json(j, &e->remedies.v[i]);
	json_end(j, ']');
	who_json(j, e);
	if (e->tried) {
		json_object(j, "verify");
		json_string(j, "result", words[e->trial.word]);
		json_string(j, "answer", e->trial.why);
		json_bool(j, "renamed", e->trial.renamed);
		json_end(j, '}');
	}
}
