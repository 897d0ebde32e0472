#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "subject.h"

struct subject {
	struct real *real;		/* the kernel, or NULL */
	struct world *world;		/* the second model, or NULL */
	const struct profile *profile;	/* of it */
	struct {
		bool ended;
		struct outcome out;
	} pending[MAXACTORS]; /* parked calls of it that have come to an end */
	uint64_t calls;
	char why[200];			/* it could not make a call */
};

static bool complain(char *err, size_t errsize, const char *found, const char *expected)
{
	snprintf(err, errsize, "found '%s', expected %s", found, expected);
	return false;
}

/*
 * Attached memory is accessed by no call, or by one that is not of System V IPC. To close a queue and to set
 * the file mode creation mask decides about no file.
 */
static bool can_fail(const char *name, int code)
{
	if (opinfo[code].family == NODES)
		return code != OP_mq_close && code != OP_umask;
	return !strncmp(name, "msg", 3) || !strncmp(name, "sem", 3) || !strncmp(name, "shm", 3);
}

/* "OPERATION=ERRNO" or "OPERATION=ERRNO:N" */
static bool parse_injection(struct injection *i, const char *text, char *err, size_t errsize)
{
	size_t name = strcspn(text, "=");
	const char *value = text + name + (text[name] == '=');
	size_t len = strcspn(value, ":");
	int code = op_find(text, name);
	char *end;

	if (code < 0 || !can_fail(text, code))
		return complain(err, errsize, text, "OPERATION=ERRNO, with a call on an object or a file");
	*i = (struct injection){ .code = (enum opcode)code, .err = err_number(value, len) };
	if (!i->err)
		return complain(err, errsize, value, "the name of an errno after the operation");
	if (!value[len])
		return true;
	errno = 0;
	i->nth = strtoull(value + len + 1, &end, 10);
	if (errno || *end || value[len + 1] < '1' || value[len + 1] > '9')
		return complain(err, errsize, value + len + 1, "the number of a call, from 1");
	return true;
}

/* "OPERATION/...", but not "without=OPERATION/..." */
static bool is_fault(const char *change)
{
	return change[strcspn(change, "/=")] == '/';
}

static bool take_fault(struct subject_spec *spec, const char *text, char *err, size_t errsize)
{
	if (spec->fault)
		return complain(err, errsize, text, "one fault");
	spec->fault = fault_new(&spec->profile, text, err, errsize);
	spec->profile.fault = spec->fault;
	return spec->fault;
}

/* What a model starts from; changes that stand before it are lost, so that it has to be the first. */
static bool take_profile(struct subject_spec *spec, const char *name, bool first, char *err, size_t errsize)
{
	const struct profile *p = profile_find(name);

	if (!p || !first)
		return complain(err, errsize, name, "profile=linux or profile=posix before all changes");
	spec->profile = *p;
	return true;
}

static bool take_change(struct subject_spec *spec, const char *text, char *err, size_t errsize)
{
	if (!strncmp(text, "profile=", 8))
		return take_profile(spec, text + 8, text == spec->changes + 1, err, errsize);
	return is_fault(text) ? take_fault(spec, text, err, errsize)
			      : profile_change(&spec->profile, text, err, errsize);
}

void subject_forget(struct subject_spec *spec)
{
	fault_free(spec->fault);
	spec->fault = NULL;
}

bool subject_parse(struct subject_spec *spec, const char *text, char *err, size_t errsize)
{
	char *part, *rest;

	*spec = (struct subject_spec){ .profile = profile_linux };
	if (snprintf(spec->text, sizeof(spec->text), "%s", text) >= (int)sizeof(spec->text)) {
		snprintf(err, errsize, "found %zu characters, expected less than %zu", strlen(text),
			 sizeof(spec->text));
		return false;
	}
	spec->kernel = !strncmp(text, "kernel", 6);
	if (!strcmp(text, "kernel"))
		return true;
	if (!strncmp(text, "kernel:", 7))
		return parse_injection(&spec->injection, text + 7, err, errsize);
	if (strncmp(text, "model", 5) || (text[5] && text[5] != ':'))
		return complain(err, errsize, text,
				"kernel, kernel:OPERATION=ERRNO[:N] or model[:CHANGE]...");
	snprintf(spec->changes, sizeof(spec->changes), "%s", spec->text + 5);
	for (part = strtok_r(spec->changes, ":", &rest); part; part = strtok_r(NULL, ":", &rest))
		if (!take_change(spec, part, err, errsize)) {
			subject_forget(spec);
			return false;
		}
	return true;
}

static bool open_kernel(struct subject *s, const struct subject_spec *spec, enum real_mode mode, enum abi abi,
			char *err, size_t errsize)
{
	s->real = real_open(mode, err, errsize);
	if (!s->real)
		return false;
	real_inject(s->real, &spec->injection);
	real_through(s->real, abi);
	return true;
}

static bool open_model(struct subject *s, const struct facts *facts, char *err, size_t errsize)
{
	s->world = world_new(facts);
	if (!s->world)
		snprintf(err, errsize, "out of memory");
	return s->world;
}

struct subject *subject_open(const struct subject_spec *spec, const struct facts *facts, enum real_mode mode,
			     enum abi abi, char *err, size_t errsize)
{
	struct subject *s = calloc(1, sizeof(*s));

	if (!s) {
		snprintf(err, errsize, "out of memory");
		return NULL;
	}
	s->profile = &spec->profile;
	if (spec->kernel ? open_kernel(s, spec, mode, abi, err, errsize) : open_model(s, facts, err, errsize))
		return s;
	free(s);
	return NULL;
}

int subject_close(struct subject *s)
{
	int left = 0;

	if (s->real) {
		real_close(s->real);
		left = box_objects();
	}
	world_free(s->world);
	free(s);
	return left;
}

bool subject_actor(struct subject *s, int actor, const struct cred *cred, char *err, size_t errsize)
{
	if (s->real)
		return real_actor(s->real, actor, cred, err, errsize);
	world_task(s->world, actor, cred);
	return true;
}

static enum progress model_call(struct subject *s, const struct op *op, struct outcome *out)
{
	struct verdict v;

	s->calls++;
	if (!model_ready(s->world, op, s->why, sizeof(s->why)))
		return LOST;
	snprintf(s->why, sizeof(s->why), "the second model is out of memory");
	model_judge(s->world, op, s->profile, &v);
	if (!model_apply(s->world, op, s->profile, v.first, out))
		return LOST;
	for (int i = 0; i < MAXACTORS; i++)
		if (model_woken(s->world, i, &s->pending[i].out))
			s->pending[i].ended = true;
	return out->how == BLOCKED ? PARKED : DONE;
}

enum progress subject_call(struct subject *s, const struct op *op, bool expect_block, struct outcome *out)
{
	return s->real ? real_call(s->real, op, expect_block, out) : model_call(s, op, out);
}

enum progress subject_wait(struct subject *s, int actor, bool expect_end, int deadline_ms,
			   struct outcome *out)
{
	if (s->real)
		return real_wait(s->real, actor, expect_end, deadline_ms, out);
	if (deadline_ms && model_parked(s->world, actor)) {
		model_expire(s->world, actor, s->profile);
		s->pending[actor].ended = model_woken(s->world, actor, &s->pending[actor].out);
	}
	if (!s->pending[actor].ended)
		return PARKED;
	s->pending[actor].ended = false;
	*out = s->pending[actor].out;
	return DONE;
}

const char *subject_why(const struct subject *s)
{
	return s->real ? real_why(s->real) : s->why;
}

void subject_be_patient(struct subject *s)
{
	if (s->real)
		real_be_patient(s->real);
}

bool subject_timed(const struct subject *s)
{
	return s->real && real_timed(s->real);
}

int64_t subject_pid(const struct subject *s, int actor)
{
	return s->real ? real_pid(s->real, actor) : actor + 1;
}

int64_t subject_clock(const struct subject *s, bool after)
{
	if (s->real)
		return real_seconds();
	return model_now(s->world) - after;
}

bool subject_snapshot(struct subject *s, struct snapshot *to)
{
	return s->real ? real_snapshot(s->real, to) : model_snapshot(s->world, to);
}

size_t subject_bytes(struct subject *s, int actor, int64_t addr, unsigned char *buf, size_t len)
{
	return s->real ? real_bytes(s->real, actor, addr, buf, len)
		       : model_bytes(s->world, actor, addr, buf, len);
}

uint64_t subject_calls(const struct subject *s)
{
	return s->real ? real_calls(s->real) : s->calls;
}
