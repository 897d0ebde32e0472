/* Profiles: what behaviour is expected, as a record of named switches. */
#include <stdio.h>
#include <string.h>

#include "model.h"

#define SWITCH(name, spelling, linux_, posix_, source, text, ...) \
	static const char *const name##_choices[] = { __VA_ARGS__, NULL };
#include "switches.def"
#undef SWITCH

#define SWITCH(name, spelling, linux_, posix_, source_, text_, ...) \
	[SW_##name] = { spelling, name##_choices, linux_, posix_, text_, source_ },
const struct switchinfo switchinfo[NSWITCHES] = {
#include "switches.def"
};
#undef SWITCH

const struct profile profile_linux = {
	.name = "linux", .ordered = true,
#define SWITCH(name, spelling, linux_, posix_, ...) .sw[SW_##name] = linux_,
#include "switches.def"
#undef SWITCH
};

const struct profile profile_posix = {
	.name = "posix", .ordered = false,
#define SWITCH(name, spelling, linux_, posix_, ...) .sw[SW_##name] = posix_,
#include "switches.def"
#undef SWITCH
};

const struct profile *profile_find(const char *name)
{
	static const struct profile *const all[] = { &profile_linux, &profile_posix };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (!strcmp(all[i]->name, name))
			return all[i];
	return NULL;
}

static bool complain(char *err, size_t size, const char *what, const char *word)
{
	snprintf(err, size, what, word);
	return false;
}

enum { ABSENT = -1 };

/* Position of the rule of that id, from number i on, or ABSENT. */
static int rule_from(enum opcode code, int i, const char *name, size_t len)
{
	const char *id, *strength;
	int err;

	for (; model_rule(code, i, &id, &err, &strength); i++)
		if (strlen(id) == len && !strncmp(id, name, len))
			return i;
	return ABSENT;
}

/* Does an operation have the rules that "ID", "ID,ID" or "operation/ID,ID" names, in that order? */
static bool known_rules(const char *text, bool pair)
{
	const char *slash = strchr(text, '/'), *id = slash ? slash + 1 : text, *comma = strchr(id, ',');
	size_t len = comma ? (size_t)(comma - id) : strlen(id);

	if (pair != !!comma)
		return false;
	for (enum opcode code = 0; code < NOPS; code++) {
		const char *name = opinfo[code].name;
		int at;

		if (slash && (strlen(name) != (size_t)(slash - text) || strncmp(name, text, strlen(name))))
			continue;
		at = rule_from(code, 0, id, len);
		if (at == ABSENT)
			continue;
		if (!pair || rule_from(code, at + 1, comma + 1, strlen(comma + 1)) != ABSENT)
			return true;
	}
	return false;
}

static bool set_switch(struct profile *p, const struct switchinfo *s, const char *value, char *err,
		       size_t size)
{
	for (int i = 0; s->choices[i]; i++)
		if (!strcmp(s->choices[i], value)) {
			p->sw[s - switchinfo] = (uint8_t)i;
			return true;
		}
	return complain(err, size, "found value '%s', expected a choice of that switch (see sysvet describe)",
			value);
}

static bool set_rules(const char **to, const char *value, bool pair, char *err, size_t size)
{
	if (!known_rules(value, pair))
		return complain(err, size,
				pair ? "found '%s', expected two rules of an operation in their order, ID,ID"
				     : "found '%s', expected the id of a rule (see sysvet describe)", value);
	*to = value;
	return true;
}

bool profile_change(struct profile *p, const char *text, char *err, size_t errsize)
{
	const char *equals = strchr(text, '=');

	if (!equals)
		return complain(err, errsize, "found '%s', expected SWITCH=VALUE, without=RULE-ID or "
				"order=RULE-ID,RULE-ID", text);
	if (!strncmp(text, "without=", 8))
		return set_rules(&p->without, equals + 1, false, err, errsize);
	if (!strncmp(text, "order=", 6))
		return set_rules(&p->order, equals + 1, true, err, errsize);
	for (int i = 0; i < NSWITCHES; i++)
		if (strlen(switchinfo[i].name) == (size_t)(equals - text)
		    && !strncmp(switchinfo[i].name, text, (size_t)(equals - text)))
			return set_switch(p, &switchinfo[i], equals + 1, err, errsize);
	return complain(err, errsize,
			"found '%s', expected a switch, 'without' or 'order' (see sysvet describe)", text);
}
