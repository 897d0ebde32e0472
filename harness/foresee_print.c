#include <string.h>

#include "foresee.h"
#include "prose.h"

static const char *outcome_word(int err)
{
	return err ? err_name(err) : "success";
}

static bool differs(const struct foreseen *s)
{
	return s->modelled && s->observed >= 0 && s->observed != s->expected;
}

static void reasons(struct json *t, const struct foreseen *s)
{
	prose_lines(t, "because", s->because);
	for (int i = 0; i < s->nclauses; i++)
		prose_line(t, "clause", "%s (%s, %s): %s", s->clause[i]->id, s->clause[i]->strength,
			   s->clause[i]->source, s->clause[i]->text);
}

void foresee_print(struct json *t, const struct foresight *f, bool explain)
{
	for (int i = 0; i < f->nsteps; i++) {
		const struct foreseen *s = &f->step[i];

		prose_name(t, s->call);
		prose(t, "\n");
		prose_line(t, "expected", "%s%s", s->modelled ? outcome_word(s->expected) : "not known: ",
			   s->modelled ? "" : s->unknown);
		if (s->observed >= 0)
			prose_line(t, "observed", "%s%s", outcome_word(s->observed),
				   differs(s) ? ": the model is wrong, or does not know the reason" : "");
		if (explain && s->modelled)
			reasons(t, s);
	}
}

static void reasons_json(struct json *j, const struct foreseen *s)
{
	json_string(j, "rule", s->rule);
	json_string(j, "because", s->because);
	json_array(j, "clauses");
	for (int i = 0; i < s->nclauses; i++) {
		json_object(j, NULL);
		json_string(j, "id", s->clause[i]->id);
		json_string(j, "text", s->clause[i]->text);
		json_end(j, '}');
	}
	json_end(j, ']');
}

void foresee_json(struct json *j, const struct foresight *f, bool explain)
{
	json_array(j, "steps");
	for (int i = 0; i < f->nsteps; i++) {
		const struct foreseen *s = &f->step[i];

		json_object(j, NULL);
		json_string(j, "call", s->call);
		json_string(j, "expected", s->modelled ? outcome_word(s->expected) : NULL);
		json_string(j, "observed", s->observed < 0 ? NULL : outcome_word(s->observed));
		if (explain && s->modelled)
			reasons_json(j, s);
		json_end(j, '}');
	}
	json_end(j, ']');
}
