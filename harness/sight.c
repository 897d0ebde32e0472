#include "sight.h"
#include "text.h"
#include "trial.h"

static void part_json(const char *name, uint64_t seen, const char *reason, struct json *j)
{
	char text[32];

	json_object(j, NULL);
	json_string(j, "name", name);
	json_array(j, "outcomes");
	for (int bit = 0; bit < 2 * SEEN_WOKEN; bit++)
		if (seen >> bit & 1) {
			result_text(text, sizeof(text), bit);
			json_string(j, NULL, text);
		}
	json_end(j, ']');
	json_string(j, "untried", reason);
	json_end(j, '}');
}

static void argument_json(enum opcode code, int arg, const uint64_t *seen, struct untried *untried,
			  struct json *j)
{
	enum kind kind = opinfo[code].arg[arg].kind;

	json_object(j, NULL);
	json_string(j, "name", opinfo[code].arg[arg].name);
	json_string(j, "kind", kindinfo[kind].name);
	json_array(j, "parts");
	for (int i = 0; part_name(kind, i); i++)
		part_json(part_name(kind, i), seen[sight_place(code, arg, i)],
			  untried_reason(untried, code, arg, i), j);
	json_end(j, ']');
	json_end(j, '}');
}

static bool has_parts(enum opcode code)
{
	for (int i = 0; i < opinfo[code].nargs; i++)
		if (part_name(opinfo[code].arg[i].kind, 0))
			return true;
	return false;
}

void sights_json(const uint64_t *seen, struct untried *untried, struct json *j)
{
	for (enum opcode code = 0; code < NOPS; code++) {
		if (!has_parts(code))
			continue;
		j->comma = false;
		json_object(j, NULL);
		json_string(j, "record", "operation");
		json_string(j, "operation", opinfo[code].name);
		json_array(j, "arguments");
		for (int i = 0; i < opinfo[code].nargs; i++)
			if (part_name(opinfo[code].arg[i].kind, 0))
				argument_json(code, i, seen, untried, j);
		json_end(j, ']');
		json_end(j, '}');
		json_raw(j, "\n", 1);
	}
}
