#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "explain_cell.h"
#include "matrix.h"

enum { GIVEN_TO = 1002 };	/* whom objects are given to that are: matrix.def */

/* The call of a cell, in which x is the object, in the words of a question. */
static void call_text(const struct cell *c, struct text *t)
{
	for (const char *at = matrix_op[c->op].call; *at; at++) {
		if (!strncmp(at, "(x", 2)) {
			text_puts(t, "(id");
			at++;
		} else if (*at != '$') {
			text_put(t, at, 1);
		} else {
			if (!strncmp(at, "$key", 4))
				text_puts(t, "key");
			else
				text_add(t, "%04o", (unsigned)c->mode ^ (at[1] == 'i' ? 0777 : 0));
			at += strspn(at + 1, "abcdefghijklmnopqrstuvwxyz");
		}
	}
}

static bool file_of(const struct cell *c, struct objview *o)
{
	const bool given = matrix_relation[c->relation].pattern == GIVEN;
	const enum cellkind k = cell_kind(c);
	struct cred maker;

	if (!cell_maker(k, matrix_relation[c->relation].pattern, &maker))
		return false;
	*o = (struct objview){ .family = NODES, .type = (int)k, .id = -1 };
	put(&o->rec, F_uid, given ? GIVEN_TO : maker.euid);
	put(&o->rec, F_gid, given ? GIVEN_TO : maker.egid);
	put(&o->rec, F_cuid, maker.euid);
	put(&o->rec, F_cgid, maker.egid);
	put(&o->rec, F_mode, c->mode | cellkindinfo[k].always);
	return true;
}

/* The maker's last call gives the object away. */
static bool object_of(const struct cell *c, struct objview *o, struct arena *a)
{
	enum pattern p = matrix_relation[c->relation].pattern;
	struct op setup[MAXSETUP];
	struct cred maker;
	int n = cell_setup(cell_kind(c), p, setup, a);
	const struct payload *given = n ? setup[n - 1].data : NULL;

	if (!given || !cell_maker(cell_kind(c), p, &maker))
		return false;
	*o = (struct objview){ .family = cellkindinfo[cell_kind(c)].family, .id = -1 };
	put(&o->rec, F_key, 1);
	put(&o->rec, F_uid, given->set.uid);
	put(&o->rec, F_gid, given->set.gid);
	put(&o->rec, F_cuid, maker.euid);
	put(&o->rec, F_cgid, maker.egid);
	put(&o->rec, F_mode, c->mode);
	if (o->family == SEM)
		put(&o->rec, F_nsems, SEMAPHORES);
	return true;
}

static bool caller_of(const struct cell *c, struct caller *to, struct arena *a)
{
	struct cred cred;
	uint32_t *groups = arena_alloc(a, sizeof(cred.groups));

	if (!groups || !cell_caller(c->relation, c->capset, &cred))
		return false;
	memcpy(groups, cred.groups, sizeof(cred.groups));
	*to = (struct caller){
		.cred = cred, .groups = groups, .ngroups = cred.ngroups, .initial_user = true,
	};
	snprintf(to->label, sizeof(to->label), "%s", matrix_relation[c->relation].name);
	return true;
}

bool cell_explained(const char *name, struct objview *o, struct caller *c, struct question *q,
		    struct arena *a, char *err, size_t errsize)
{
	char buf[200] = "";
	struct text call = { buf, sizeof(buf), 0 };
	struct cell cell;

	if (!cell_find(name, &cell, err, errsize))
		return false;
	if (!(is_file(cell_kind(&cell)) ? file_of(&cell, o) : object_of(&cell, o, a))
	    || !caller_of(&cell, c, a)) {
		snprintf(err, errsize, "out of memory");
		return false;
	}
	if (is_file(cell_kind(&cell))) {
		cell_call(&cell, &call);
		return question_file(q, buf, &o->type, a, err, errsize);
	}
	call_text(&cell, &call);
	return question_parse(q, buf, a, err, errsize);
}
