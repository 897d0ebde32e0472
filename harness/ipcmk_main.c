/* ipcmk: creates resources for communication between processes from the command line. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "foresee.h"
#include "prose.h"

/* ---- what was created -------------------------------------------------------------------------------- */

static void resource_json(struct json *j, const struct resource *r)
{
	const bool has_id = resourceinfo[r->type].named == NAMED_BY_ID;

	json_object(j, NULL);
	json_string(j, "type", resourceinfo[r->type].word);
	if (has_id) {
		json_number(j, "id", r->id);
		json_number(j, "key", r->key);
	} else {
		json_string(j, "name", r->name);
	}
	json_end(j, '}');
}

static void list_json(struct json *j, const char *key, const struct creation *c, bool existed)
{
	json_array(j, key);
	for (size_t i = 0; i < c->n; i++)
		if (c->existed[i] == existed)
			resource_json(j, &c->made[i]);
	json_end(j, ']');
}

static void creation_json(struct json *j, const struct order *o, const struct creation *c,
			  const struct foresight *f)
{
	json_object(j, NULL);
	json_string(j, "dialect", o->dialect->name);
	if (!o->dry_run) {
		list_json(j, "created", c, false);
		list_json(j, "existing", c, true);
	}
	if (f)
		foresee_json(j, f, o->explain);
	json_end(j, '}');
	json_raw(j, "\n", 1);
}

static void creation_lines(struct json *t, const struct order *o, const struct creation *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (o->dialect->features & ID_ALONE)
			prose(t, "%lld\n", (long long)c->made[i].id);
		else
			resource_line(t, &c->made[i]);
}

/* ---- creation ------------------------------------------------------------------------------------------ */

static bool write_to(struct order *o, FILE *to, struct json *t)
{
	bool ok = !t->failed && fputs(t->buf ? t->buf : "", to) >= 0 && !fflush(to);

	if (!ok)
		complain(o, "write error: %s", strerror(t->failed ? ENOMEM : errno));
	json_free(t);
	return ok;
}

/* Reasons are for people, beside what programs read. */
static void tell_reasons(struct order *o, const struct foresight *f)
{
	struct json t = { 0 };

	foresee_print(&t, f, true);
	write_to(o, stderr, &t);
}

static bool tell(struct order *o, struct creation *c, const struct foresight *f)
{
	struct json t = { 0 };

	if (o->json)
		creation_json(&t, o, c, f);
	else
		creation_lines(&t, o, c);
	return write_to(o, stdout, &t);
}

/* Who started this process for the work is gone, and with it whoever would have had the answer. */
static bool abandoned(const struct order *o)
{
	return o->starter && getppid() != o->starter;
}

/* What nobody learns of would stay for ever. */
static int create(struct order *o, const struct maker *m, const struct foresight *f)
{
	struct creation c = { 0 };
	const bool made = create_all(o, m, &c);
	bool told;

	if (f && !(o->json && made))
		tell_reasons(o, f);
	told = made && !abandoned(o) && tell(o, &c, f);
	if (made && !told)
		create_undo(o, m, &c);
	return told ? EXIT_MADE : EXIT_NOT_MADE;
}

static int foretell(struct order *o, const struct maker *m, const struct foresight *f)
{
	struct creation c = { 0 };
	const bool made = create_all(o, m, &c);
	struct json t = { 0 };

	if (o->json)
		creation_json(&t, o, &c, f);
	else
		foresee_print(&t, f, o->explain);
	return write_to(o, stdout, &t) && made ? EXIT_MADE : EXIT_NOT_MADE;
}

static int with_model(struct order *o)
{
	struct foresight f;
	struct maker m = foresee_maker(&f);
	int status = EXIT_NOT_MADE;
	char err[1024];

	if (!foresee_open(&f, !o->dry_run, o->explain ? o->clauses : NULL, err, sizeof(err)))
		complain(o, "%s: %s", o->dry_run ? "--dry-run" : "--explain", err);
	else
		status = o->dry_run ? foretell(o, &m, &f) : create(o, &m, &f);
	foresee_close(&f);
	return status;
}

/* ---- whole or not at all --------------------------------------------------------------------- */

/* Who is stopped halfway could not undo. A reader that is gone, or a file too large, is an error then. */
static void hold_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
}

static int work(struct order *o)
{
	return o->dry_run || o->explain ? with_model(o) : create(o, &kernel_maker, NULL);
}

static int answer(struct order *o, pid_t worker)
{
	int status;

	if (waitpid(worker, &status, 0) == worker && WIFEXITED(status))
		return WEXITSTATUS(status);
	complain(o, "the process that creates was killed: something may be left behind");
	return EXIT_NOT_MADE;
}

/*
 * SIGKILL cannot be held. So a child does the work, in a process group of its own, and whoever kills this
 * process, or its group, has the child undo it. Where no child can be had there is no such protection.
 */
static int work_apart(struct order *o)
{
	const pid_t starter = getpid();
	pid_t worker;

	fflush(NULL);
	worker = fork();
	if (worker > 0)
		return answer(o, worker);
	if (worker < 0)
		return work(o);
	setpgid(0, 0);
	o->starter = starter;
	return work(o);
}

int main(int argc, char **argv)
{
	struct order o;
	int status;

	hold_signals();
	if (!order_read(&o, argc, argv))
		status = o.status;
	else
		status = o.dry_run ? work(&o) : work_apart(&o);
	order_free(&o);
	return status;
}
