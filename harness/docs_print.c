/* Verdicts on claims, as a table and as JSON. */
#include <string.h>

#include "docs.h"
#include "prose.h"

static const char *const doc_verdicts[NDOCVERDICTS] = {
	[DOC_true] = "true", [DOC_false] = "false", [DOC_version_dependent] = "version-dependent",
	[DOC_untested] = "untested", [DOC_uncheckable] = "uncheckable",
};

/* ---- verdicts ---------------------------------------------------------------------------------------- */

struct evidence *docs_evidence(struct docs *d, struct claim_of_doc *c, enum party party)
{
	if (c->nevidence == c->maxevidence) {
		int most = 2 * c->maxevidence + 8;
		struct evidence *more = arena_alloc(&d->arena, (size_t)most * sizeof(*more));

		if (!more)
			return NULL;
		if (c->nevidence)
			memcpy(more, c->evidence, (size_t)c->nevidence * sizeof(*more));
		c->evidence = more;
		c->maxevidence = most;
	}
	c->evidence[c->nevidence] = (struct evidence){ .party = party, .subject = "", .ran = "", .came = "" };
	return &c->evidence[c->nevidence++];
}

/* The sentence is about the real thing: neither the model nor a dialect made for it decides. */
static bool decides(enum party p)
{
	return p == PARTY_command || p == PARTY_system || p == PARTY_kernel;
}

enum doc_verdict docs_verdict(const struct claim_of_doc *c)
{
	int holds = 0, fails = 0;

	if (c->uncheckable)
		return DOC_uncheckable;
	for (int i = 0; i < c->nevidence; i++) {
		if (!decides(c->evidence[i].party))
			continue;
		holds += c->evidence[i].result == HOLDS;
		fails += c->evidence[i].result == FAILS;
	}
	if (!holds && !fails)
		return DOC_untested;
	if (c->varies || (holds && fails))
		return DOC_version_dependent;
	return holds ? DOC_true : DOC_false;
}

/* Without a version it is newer than any. */
static bool in_range(const struct known *k, const char *version)
{
	bool newer;

	if (!k->version)
		return true;
	newer = !version || strverscmp(version, k->version) >= 0;
	return newer == k->from;
}

bool docs_unexpected(const struct claim_of_doc *c, const struct evidence *e)
{
	bool known = c->everywhere;

	if (e->result == UNTESTED)
		return false;
	for (int i = 0; i < c->nknown; i++)
		known = known || (c->known[i].party == e->party && in_range(&c->known[i], e->version));
	return known != (e->result == HOLDS);
}

static int count_unexpected(const struct claim_of_doc *c)
{
	int n = 0;

	for (int i = 0; i < c->nevidence; i++)
		n += docs_unexpected(c, &c->evidence[i]);
	return n;
}

/* ---- the table --------------------------------------------------------------------------------------- */

static const char *word_of(const struct evidence *e)
{
	return e->result == HOLDS ? "holds" : e->result == FAILS ? "fails" : "not tested";
}

static void print_rivals(struct json *t, const struct claim_of_doc *c)
{
	for (int i = 0; i < c->nrivals; i++)
		prose(t, "%s%s", i ? ", " : "    contradicts ", c->rival[i]);
	if (c->nrivals)
		prose(t, "\n");
}

/* Is there nothing to see in the evidence that is not known, or seen from another subject? */
static bool plain(const struct claim_of_doc *c, const struct evidence *e)
{
	if (docs_unexpected(c, e))
		return false;
	return docs_verdict(c) == DOC_true ? e->result == HOLDS
		: e->stand_in && e->result == c->evidence[0].result;
}

/* What was done stands above the subjects that it was done to. */
static void print_evidence(struct json *t, const struct claim_of_doc *c, bool all)
{
	const char *done = "";

	for (int i = 0; i < c->nevidence; i++) {
		const struct evidence *e = &c->evidence[i];

		if (!all && plain(c, e))
			continue;
		if (strcmp(done, e->ran))
			prose(t, "    %s\n", e->ran);
		done = e->ran;
		prose(t, "      %s%s %s: %s\n", docs_unexpected(c, e) ? "NEW: " : "", e->subject, word_of(e),
		      e->came);
	}
}

static void print_claim_of_doc(struct json *t, const struct claim_of_doc *c, bool all)
{
	enum doc_verdict v = docs_verdict(c);

	prose(t, "%-17s  %-6s %s: %s\n", doc_verdicts[v], c->place, c->id, c->text);
	if (c->uncheckable)
		prose(t, "    because  %s\n", c->uncheckable);
	if (c->against && (all || v != DOC_true))
		prose(t, "    against  %s\n", c->against);
	if (c->varies && (all || v != DOC_true))
		prose(t, "    varies   %s\n", c->varies);
	print_evidence(t, c, all);
	print_rivals(t, c);
}

static int chosen_in(const struct docs *d, const struct document *doc, const bool *chosen)
{
	int n = 0;

	for (size_t i = doc->first; i < doc->first + doc->n; i++)
		n += d->claim[i].id && chosen[i];
	return n;
}

static void print_totals(struct json *t, const struct docs *d, const bool *chosen)
{
	int n[NDOCVERDICTS] = { 0 }, total = 0, unexpected = 0;

	for (size_t i = 0; i < d->n; i++) {
		if (!chosen[i])
			continue;
		n[docs_verdict(&d->claim[i])]++;
		unexpected += count_unexpected(&d->claim[i]) > 0;
		total++;
	}
	prose(t, "%d claims:", total);
	for (int i = 0; i < NDOCVERDICTS; i++)
		prose(t, "%s %d %s", i ? "," : "", n[i], doc_verdicts[i]);
	prose(t, "; %d not as recorded\n", unexpected);
}

void docs_print(struct json *t, const struct docs *d, const bool *chosen, bool all)
{
	for (size_t k = 0; k < d->ndocs; k++) {
		const struct document *doc = &d->doc[k];

		if (!chosen_in(d, doc, chosen))
			continue;
		prose(t, "%s (%s): %s\n\n", doc->name, doc->seed, doc->title);
		for (size_t i = doc->first; i < doc->first + doc->n; i++)
			if (chosen[i])
				print_claim_of_doc(t, &d->claim[i], all);
		prose(t, "\n");
	}
	print_totals(t, d, chosen);
}

/* ---- JSON -------------------------------------------------------------------------------------------- */

static void json_evidence(struct json *j, const struct claim_of_doc *c, const struct evidence *e)
{
	json_object(j, NULL);
	json_string(j, "subject", e->subject);
	json_string(j, "party", partyinfo[e->party].name);
	json_string(j, "result", word_of(e));
	json_string(j, "ran", e->ran);
	json_string(j, "came", e->came);
	json_bool(j, "unexpected", docs_unexpected(c, e));
	json_end(j, '}');
}

static void json_claim(struct json *j, const struct claim_of_doc *c)
{
	json_object(j, NULL);
	json_string(j, "id", c->id);
	json_string(j, "document", c->doc->name);
	json_string(j, "seed", c->doc->seed);
	json_string(j, "place", c->place);
	json_string(j, "claim", c->text);
	json_string(j, "verdict", doc_verdicts[docs_verdict(c)]);
	json_bool(j, "unexpected", count_unexpected(c) > 0);
	json_string(j, "against", c->against);
	json_string(j, "varies", c->varies);
	json_string(j, "uncheckable", c->uncheckable);
	json_string(j, "note", c->note);
	json_strings(j, "contradicts", c->rival, (size_t)c->nrivals);
	json_array(j, "evidence");
	for (int i = 0; i < c->nevidence; i++)
		json_evidence(j, c, &c->evidence[i]);
	json_end(j, ']');
	json_end(j, '}');
}

static void json_documents(struct json *j, const struct docs *d)
{
	json_array(j, "documents");
	for (size_t i = 0; i < d->ndocs; i++) {
		json_object(j, NULL);
		json_string(j, "name", d->doc[i].name);
		json_string(j, "seed", d->doc[i].seed);
		json_string(j, "title", d->doc[i].title);
		json_end(j, '}');
	}
	json_end(j, ']');
}

static void json_tools(struct json *j, const struct tools *t)
{
	json_array(j, "commands");
	for (int i = 0; i < t->n; i++) {
		json_object(j, NULL);
		json_string(j, "name", t->v[i].name);
		json_string(j, "path", t->v[i].path);
		json_string(j, "version", t->v[i].version);
		json_end(j, '}');
	}
	json_end(j, ']');
}

void docs_json(struct json *j, const struct docs *d, const struct tools *t, const bool *chosen, int status)
{
	json_object(j, NULL);
	json_number(j, "format", 1);
	json_string(j, "sysvet", SYSVET_VERSION);
	json_documents(j, d);
	json_tools(j, t);
	json_array(j, "claims");
	for (size_t i = 0; i < d->n; i++)
		if (chosen[i])
			json_claim(j, &d->claim[i]);
	json_end(j, ']');
	json_number(j, "exit", status);
	json_end(j, '}');
	json_raw(j, "\n", 1);
}
