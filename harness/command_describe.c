/* sysvet describe: the tables, for people and for programs. */
#include <stdio.h>
#include <string.h>

#include "partition.h"
#include "commands.h"
#include "json.h"
#include "model.h"
#include "options.h"
#include "text.h"
#include "trial.h"

static const char *const family_names[] = {
	[MSG] = "msg", [SEM] = "sem", [SHM] = "shm", [PROC] = "proc", [ENV] = "env", [LIB] = "lib",
	[NODES] = "files",
};
static const char *const result_names[] = {
	[R_ZERO] = "zero",   [R_COUNT] = "count",  [R_ID] = "id",
	[R_INDEX] = "index", [R_ADDR] = "address", [R_PID] = "pid",
	[R_KEY] = "key",     [R_OPEN] = "open",
};

static void usage(FILE *to)
{
	fputs("usage: sysvet describe [--json]\n\n"
	      "Prints the vocabulary: operations with their arguments and rules, kinds of argument,\n"
	      "fields, limits, facts, switches of the profiles, errors and verdicts.\n\n"
	      "  --json   everything as one JSON object\n"
	      "  --help, --version\n", to);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void operation_json(struct json *j, enum opcode code)
{
	const struct opinfo *o = &opinfo[code];
	const char *id, *strength;
	int err;

	json_object(j, NULL);
	json_string(j, "name", o->name);
	json_string(j, "family", family_names[o->family]);
	json_string(j, "result", result_names[o->result]);
	json_array(j, "arguments");
	for (int i = 0; i < o->nargs; i++) {
		json_object(j, NULL);
		json_string(j, "name", o->arg[i].name);
		json_string(j, "kind", kindinfo[o->arg[i].kind].name);
		json_bool(j, "optional", o->arg[i].optional);
		json_end(j, '}');
	}
	json_end(j, ']');
	json_array(j, "rules");
	for (int i = 0; model_rule(code, i, &id, &err, &strength); i++) {
		json_object(j, NULL);
		json_string(j, "id", id);
		json_string(j, "errno", err_name(err));
		json_string(j, "posix", strength);
		json_end(j, '}');
	}
	json_end(j, ']');
	json_end(j, '}');
}

static void kind_json(struct json *j, enum kind kind)
{
	const struct kindinfo *k = &kindinfo[kind];

	json_object(j, NULL);
	json_string(j, "name", k->name);
	json_string(j, "text", k->text);
	json_array(j, "parts");
	for (const struct part *p = k->parts; p && p->name; p++) {
		json_object(j, NULL);
		json_string(j, "name", p->name);
		json_number(j, "lo", p->lo);
		json_number(j, "hi", p->hi);
		json_end(j, '}');
	}
	json_end(j, ']');
	json_array(j, "flags");
	for (const struct part *p = k->flags; p && p->name; p++) {
		json_object(j, NULL);
		json_string(j, "name", p->name);
		json_number(j, "bits", p->lo);
		json_end(j, '}');
	}
	json_end(j, ']');
	json_array(j, "partition");
	for (int i = 0; part_name(kind, i); i++)
		json_string(j, NULL, part_name(kind, i));
	json_end(j, ']');
	json_end(j, '}');
}

static void switch_json(struct json *j, const struct switchinfo *s)
{
	json_object(j, NULL);
	json_string(j, "name", s->name);
	json_array(j, "choices");
	for (int i = 0; s->choices[i]; i++)
		json_string(j, NULL, s->choices[i]);
	json_end(j, ']');
	json_string(j, "linux", s->choices[s->linux_value]);
	json_string(j, "posix", s->choices[s->posix_value]);
	json_string(j, "text", s->text);
	json_string(j, "source", s->source);
	json_end(j, '}');
}

static void verdict_json(struct json *j, const struct verdictinfo *v)
{
	json_object(j, NULL);
	json_string(j, "name", v->name);
	json_string(j, "meaning", v->meaning);
	json_number(j, "exit", v->exit);
	json_end(j, '}');
}

static void tables_json(struct json *j)
{
	json_array(j, "fields");
	for (int i = 0; i < NFIELDS; i++) {
		json_object(j, NULL);
		json_string(j, "name", fieldinfo[i].name);
		json_string(j, "kind", kindinfo[fieldinfo[i].kind].name);
		json_end(j, '}');
	}
	json_end(j, ']');
	json_array(j, "limits");
	for (int i = 0; i < NLIMITS; i++)
		json_string(j, NULL, limitinfo[i].name);
	json_end(j, ']');
	json_array(j, "facts");
	for (enum fact f = 0; f < NFACTS; f++) {
		json_object(j, NULL);
		json_string(j, "name", factinfo[f].name);
		json_number(j, "usual", fact_of(&linux_facts, f));
		json_string(j, "text", factinfo[f].text);
		json_end(j, '}');
	}
	json_end(j, ']');
	json_array(j, "errors");
	for (int i = 0; i < NERRS; i++)
		json_string(j, NULL, err_name(err_at(i)));
	json_end(j, ']');
}

static int describe_json(void)
{
	struct json j = { 0 };

	json_object(&j, NULL);
	json_array(&j, "operations");
	for (enum opcode code = 0; code < NOPS; code++)
		operation_json(&j, code);
	json_end(&j, ']');
	json_array(&j, "kinds");
	for (enum kind k = 0; k < NKINDS; k++)
		kind_json(&j, k);
	json_end(&j, ']');
	tables_json(&j);
	json_array(&j, "switches");
	for (int i = 0; i < NSWITCHES; i++)
		switch_json(&j, &switchinfo[i]);
	json_end(&j, ']');
	json_array(&j, "verdicts");
	for (int i = 0; i < NVERDICTS; i++)
		verdict_json(&j, &verdictinfo[i]);
	json_end(&j, ']');
	json_end(&j, '}');
	if (!j.failed)
		puts(j.buf);
	json_free(&j);
	return j.failed ? EXIT_BROKEN : EXIT_OK;
}

/* ---- text ------------------------------------------------------------------------------------ */

static void print_operation(enum opcode code)
{
	const struct opinfo *o = &opinfo[code];
	const char *id, *strength;
	int err, optional = 0;

	printf("%s(", o->name);
	for (int i = 0; i < o->nargs; i++) {
		optional += o->arg[i].optional;
		printf("%s%s%s: %s", o->arg[i].optional ? "[" : "", i ? ", " : "", o->arg[i].name,
		       kindinfo[o->arg[i].kind].name);
	}
	for (; optional; optional--)
		putchar(']');
	printf(") = %s\n", result_names[o->result]);
	for (int i = 0; model_rule(code, i, &id, &err, &strength); i++)
		printf("    %-8s %-24s %s%s\n", err_name(err), id, *strength ? "posix: " : "linux only",
		       strength);
}

static int describe_text(void)
{
	puts("operations, with the rules that make them fail, in Linux detection order\n");
	for (enum opcode code = 0; code < NOPS; code++)
		print_operation(code);
	puts("\nkinds of argument\n");
	for (enum kind k = 0; k < NKINDS; k++)
		printf("%-8s %s\n", kindinfo[k].name, kindinfo[k].text);
	puts("\nswitches of the profiles\n");
	for (int i = 0; i < NSWITCHES; i++)
		printf("%s\n    %s\n    linux: %s, posix: %s, source: %s\n", switchinfo[i].name,
		       switchinfo[i].text, switchinfo[i].choices[switchinfo[i].linux_value],
		       switchinfo[i].choices[switchinfo[i].posix_value], switchinfo[i].source);
	puts("\nfacts that systems differ in\n");
	for (enum fact f = 0; f < NFACTS; f++)
		printf("%-20s usually %-15lld %s\n", factinfo[f].name, (long long)fact_of(&linux_facts, f),
		       factinfo[f].text);
	puts("\nverdicts\n");
	for (int i = 0; i < NVERDICTS; i++)
		printf("%-12s exit %2d  %s\n", verdictinfo[i].name, verdictinfo[i].exit,
		       verdictinfo[i].meaning);
	return EXIT_OK;
}

int command_describe(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' }, { "help", no_argument, NULL, OPT_HELP },
		{ "version", no_argument, NULL, OPT_VERSION }, { 0 }
	};
	bool json = false;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1)
		switch (c) {
		case 'j': json = true; break;
		default: return option_rest(c, usage);
		}
	if (optind < argc) {
		fprintf(stderr, "sysvet describe: found '%s', expected nothing more\n", argv[optind]);
		return EXIT_USAGE;
	}
	return json ? describe_json() : describe_text();
}
