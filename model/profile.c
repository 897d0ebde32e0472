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

static bool known_rule(const char *text)
{
	const char *slash = strchr(text, '/'), *id, *strength;
	int err;

	for (enum opcode code = 0; code < NOPS; code++) {
		const char *name = opinfo[code].name;

		if (slash && (strlen(name) != (size_t)(slash - text) || strncmp(name, text, strlen(name))))
			continue;
		for (int i = 0; model_rule(code, i, &id, &err, &strength); i++)
			if (!strcmp(id, slash ? slash + 1 : text))
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

bool profile_change(struct profile *p, const char *text, char *err, size_t errsize)
{
	const char *equals = strchr(text, '=');

	if (!equals)
		return complain(err, errsize, "found '%s', expected SWITCH=VALUE or without=RULE-ID", text);
	if (!strncmp(text, "without=", 8)) {
		if (!known_rule(equals + 1))
			return complain(err, errsize,
					"found '%s', expected the id of a rule (see sysvet describe)",
					equals + 1);
		p->without = equals + 1;
		return true;
	}
	for (int i = 0; i < NSWITCHES; i++)
		if (strlen(switchinfo[i].name) == (size_t)(equals - text)
		    && !strncmp(switchinfo[i].name, text, (size_t)(equals - text)))
			return set_switch(p, &switchinfo[i], equals + 1, err, errsize);
	return complain(err, errsize, "found '%s', expected a switch or 'without' (see sysvet describe)",
			text);
}
