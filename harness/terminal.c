#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "terminal.h"

static void add(struct json *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add(struct json *text, const char *fmt, ...)
{
	char line[4096];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n > 0)
		json_raw(text, line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

/* A labelled text; further lines are indented below the first. */
static void add_row(struct json *text, const char *label, const char *value)
{
	while (value && *value) {
		size_t n = strcspn(value, "\n");

		add(text, "     %-9s %.*s\n", label, (int)n, value);
		value += n + (value[n] == '\n');
		label = "";
	}
}

void terminal_trial(const struct trial *t, const struct instance *in, struct json *text)
{
	if (t->verdict == V_unstable || t->verdict == V_unresolved
	    || (t->verdict == V_broken && !t->findings))
		add(text, "%s  %s\n     %s\n", verdictinfo[t->verdict].name, in->name,
		    t->reason ? t->reason : "");
	for (const struct finding *f = t->findings; f; f = f->next) {
		if (f->verdict == V_known)
			continue;
		add(text, "%s  %s  step %d\n  %s  %s\n", verdictinfo[f->verdict].name, in->name, f->step,
		    f->actor ? f->actor : "", f->call ? f->call : "");
		add_row(text, "observed", f->observed);
		if (f->linux_says)
			add(text, "     %-9s %-16s  linux: %s   posix: %s\n", "expected", f->expected,
			    f->linux_says, f->posix_says);
		else
			add_row(text, "expected", f->expected);
		add_row(text, "because", f->because);
		if (f->rule)
			add(text, "     %-9s %s  %s\n", "clause", f->rule, f->clause ? f->clause : "");
		add_row(text, "replay", t->replay);
		if (!f->next && t->left)
			add(text, "     not run   %d more steps of it, after what was found\n", t->left);
	}
}

static const char *colour_of(const char *line)
{
	static const struct { const char *word, *colour; } colours[] = {
		{ "deviates", "\033[31m" }, { "conflict", "\033[31m" }, { "unstable", "\033[31m" },
		{ "broken", "\033[35m" }, { "unresolved", "\033[35m" },
		{ "permitted", "\033[33m" }, { "stale", "\033[33m" },
	};

	for (size_t i = 0; i < sizeof(colours) / sizeof(*colours); i++)
		if (!strncmp(line, colours[i].word, strlen(colours[i].word)))
			return colours[i].colour;
	return NULL;
}

void terminal_print(const char *text)
{
	bool colours = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");

	while (*text) {
		size_t n = strcspn(text, "\n");
		const char *colour = colours ? colour_of(text) : NULL;

		printf("%s%.*s%s\n", colour ? colour : "", (int)n, text, colour ? "\033[0m" : "");
		text += n + (text[n] == '\n');
	}
}

void terminal_progress(size_t done, size_t total)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%zu of %zu", done, total);
}

void terminal_erase(void)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
}
