/* ipcmk: creates resources for communication between processes from the command line. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "create.h"
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

static void creation_json(struct json *j, const struct order *o, const struct creation *c)
{
	json_object(j, NULL);
	json_string(j, "dialect", o->dialect->name);
	list_json(j, "created", c, false);
	list_json(j, "existing", c, true);
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

/* What nobody learns of would stay for ever. */
static bool tell(struct order *o, struct creation *c)
{
	struct json t = { 0 };
	bool ok;

	if (o->json)
		creation_json(&t, o, c);
	else
		creation_lines(&t, o, c);
	ok = !t.failed && fputs(t.buf, stdout) >= 0 && !fflush(stdout);
	if (!ok)
		complain(o, "write error: %s", strerror(t.failed ? ENOMEM : errno));
	json_free(&t);
	return ok;
}

static int create(struct order *o)
{
	struct creation c = { 0 };

	if (!create_all(o, &kernel_maker, &c))
		return EXIT_NOT_MADE;
	if (tell(o, &c))
		return EXIT_MADE;
	create_undo(o, &kernel_maker, &c);
	return EXIT_NOT_MADE;
}

int main(int argc, char **argv)
{
	struct order o;
	int status;

	signal(SIGPIPE, SIG_IGN);	/* a reader that is gone is a write error */
	status = order_read(&o, argc, argv) ? create(&o) : o.status;
	order_free(&o);
	return status;
}
