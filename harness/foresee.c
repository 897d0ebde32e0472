#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "foresee.h"

static const enum opcode get_of[NFAMILIES] = { OP_msgget, OP_semget, OP_shmget };
static const enum opcode set_of[NFAMILIES] = { OP_msgctl_IPC_SET, OP_semctl_IPC_SET, OP_shmctl_IPC_SET };
static const char *const control_of[NFAMILIES] = { "msgctl", "semctl", "shmctl" };
static const enum opcode rmid_of[NFAMILIES] = { OP_msgctl_IPC_RMID, OP_semctl_IPC_RMID, OP_shmctl_IPC_RMID };

/* ---- the namespace as a world ---------------------------------------------------------------- */

/* Makes a call in the world, which an object that exists cannot fail to have made. False when it does. */
bool foresee_perform(struct foresight *f, const struct op *op, struct outcome *out)
{
	struct verdict v;

	model_judge(f->world, op, &profile_linux, &v);
	return model_apply(f->world, op, &profile_linux, v.first, out) && out->how == RETURNED;
}

static struct op get_call(enum family f, int actor, int64_t key, int64_t size, int64_t flags)
{
	struct op op = { .code = get_of[f], .actor = actor };

	switch (f) {
	case MSG: op.msgget.flg = flags; break;
	case SEM: op.semget.nsems = size; op.semget.flg = flags; break;
	default: op.shmget.size = size; op.shmget.flg = flags; break;
	}
	op.v[0] = key;
	return op;
}

static bool add_twin(struct foresight *f, enum family family, int64_t mine, int64_t real)
{
	if (!grow(&f->twin, &f->captwins, f->ntwins + 1, sizeof(*f->twin)))
		return false;
	f->twin[f->ntwins++] = (struct twin){ family, mine, real };
	return true;
}

/* The model's id of an object of the kernel, or the other way; -1 when there is none. */
static int64_t twin_of(const struct foresight *f, enum family family, int64_t id, bool mine)
{
	for (size_t i = f->ntwins; i-- > 0; )
		if (f->twin[i].family == family && (mine ? f->twin[i].real : f->twin[i].mine) == id)
			return mine ? f->twin[i].mine : f->twin[i].real;
	return -1;
}

static struct op limit_call(int name, int64_t value)
{
	struct op op = { .code = OP_limit, .actor = -1 };

	op.limit.name = name;
	op.limit.value = value;
	return op;
}

/* Its creator makes it, with the id that it has, and gives it away. */
static bool found(struct foresight *f, const struct objview *o)
{
	const struct record *rec = &o->rec;
	const struct cred maker = scene_maker(o);
	struct payload data = { .set.has = BIT(F_uid) | BIT(F_gid) | BIT(F_mode) };
	struct op op = limit_call(LIM_msg_next_id + (int)o->family, o->id);
	struct outcome out;

	world_task(f->world, FOUNDER, &maker);
	if (!foresee_perform(f, &op, &out))
		return false;
	op = get_call(o->family, FOUNDER, rec->v[F_key], rec->v[o->family == SEM ? F_nsems : F_segsz],
		      IPC_CREAT | IPC_EXCL | (rec->v[F_mode] & 0777));
	if (!foresee_perform(f, &op, &out) || !add_twin(f, o->family, out.value, o->id))
		return false;
	data.set.uid = rec->v[F_uid];
	data.set.gid = rec->v[F_gid];
	data.set.mode = rec->v[F_mode] & 0777;
	op = (struct op){ .code = set_of[o->family], .actor = FOUNDER, .data = &data };
	op.v[0] = f->twin[f->ntwins - 1].mine;
	return foresee_perform(f, &op, &out);
}

/* Limits come last: there may be more objects than they would allow by now. */
static bool limit(struct foresight *f)
{
	const struct nsfiles *n = &f->inventory.files;
	struct outcome out;

	for (int i = 0; i <= LIM_shmmni; i++) {
		const struct op op = limit_call(i, n->limits.v[i]);

		if (n->limits_seen & BIT(i) && !foresee_perform(f, &op, &out))
			return false;
	}
	return true;
}

static bool populate(struct foresight *f)
{
	const struct snapshot *s = &f->inventory.files.objects;
	const struct objview nobody = { .family = MSG };
	const struct cred caller = caller_cred(&f->caller, &nobody);

	f->facts = linux_facts;
	f->facts.initial_userns = f->whois.initial_user;
	f->facts.page = f->inventory.page;
	f->world = world_new(&f->facts);
	if (!f->world)
		return false;
	for (size_t i = 0; i < s->nobj; i++)
		if (!found(f, &s->obj[i]))
			return false;
	world_task(f->world, FORESEER, &caller);
	return limit(f);
}

/* As /proc calls this process, which may be of another PID namespace. */
static pid_t myself(void)
{
	char text[32];
	ssize_t n = readlink("/proc/self", text, sizeof(text) - 1);

	text[n < 0 ? 0 : n] = '\0';
	return n < 0 ? getpid() : (pid_t)strtol(text, NULL, 10);
}

bool foresee_open(struct foresight *f, bool live, const char *clauses, char *err, size_t errsize)
{
	char why[1024];

	*f = (struct foresight){ .live = live };
	if (!inventory_take(&f->inventory, 0, NULL, err, errsize)
	    || !process_read(&f->whois, myself(), err, errsize))
		return false;
	caller_process(&f->caller, 0, &f->whois);
	if (!populate(f)) {
		snprintf(err, errsize, "the model cannot have the objects of this namespace");
		return false;
	}
	f->have_reqs = clauses && requirements_load_below(&f->reqs, clauses, why, sizeof(why));
	if (clauses && !f->have_reqs)
		fprintf(stderr, "ipcmk: no clauses are cited: %s\n", why);
	return true;
}

void foresee_close(struct foresight *f)
{
	world_free(f->world);
	inventory_free(&f->inventory);
	process_free(&f->whois);
	requirements_free(&f->reqs);
	free(f->twin);
	arena_free(&f->arena);
}

/* ---- one call -------------------------------------------------------------------------------- */

/* What is named by reference is the object that was just created. */
static const char *object_name(void *ctx, int index)
{
	(void)ctx;
	(void)index;
	return "id";
}

static void add_clause(struct foresight *f, struct foreseen *s, const char *id, size_t len)
{
	const struct requirement *r = f->have_reqs && len ? requirement_find(&f->reqs, id, len) : NULL;

	for (int i = 0; i < s->nclauses; i++)
		if (s->clause[i] == r)
			return;
	if (r && s->nclauses < CLAUSESMAX)
		s->clause[s->nclauses++] = r;
}

/* The rule's clause, and those that the derivation names in brackets. */
static void cite(struct foresight *f, struct foreseen *s)
{
	for (const char *at = strchr(s->because, '['); at; at = strchr(at + 1, '['))
		add_clause(f, s, at + 1, strcspn(at + 1, "]"));
	if (s->rule)
		add_clause(f, s, s->rule, strlen(s->rule));
}

struct foreseen *foresee_step(struct foresight *f)
{
	struct foreseen *s = &f->step[f->nsteps < STEPSMAX - 1 ? f->nsteps++ : f->nsteps];

	*s = (struct foreseen){ .observed = -1 };
	return s;
}

/* Judges the call, notes it, and lets it happen in the world. */
struct foreseen *foresee_call(struct foresight *f, const struct op *op, const struct op *as_text,
			      struct outcome *out)
{
	const struct nametable names = { .name_of = object_name };
	struct foreseen *s = foresee_step(f);
	struct text call = { .buf = s->call, .size = sizeof(s->call) };
	struct text because = { .buf = s->because, .size = sizeof(s->because) };

	print_op(&call, as_text, &names);
	model_derive(f->world, op, &profile_linux, &because);
	s->modelled = true;
	s->rule = model_decider(f->world, op, &profile_linux);
	cite(f, s);
	s->expected = foresee_perform(f, op, out) ? 0 : out->err;
	return s;
}

static struct foreseen *expect_get(struct foresight *f, const struct resource *r, int64_t flags,
				   struct outcome *out)
{
	const struct op op = get_call(resource_family(r->type), FORESEER, r->key, (int64_t)r->size,
				      flags | r->mode);

	return foresee_call(f, &op, &op, out);
}

/* Owner and capacity, where they are asked for. NULL when none is. */
static struct foreseen *expect_set(struct foresight *f, const struct resource *r, int64_t id)
{
	struct payload *data = arena_alloc(&f->arena, sizeof(*data));
	struct op op = { .code = set_of[resource_family(r->type)], .actor = FORESEER, .data = data }, named;
	struct outcome out;

	if (!data || (r->uid < 0 && r->gid < 0 && !r->capacity))
		return NULL;
	data->set.has = (r->uid >= 0 ? BIT(F_uid) : 0) | (r->gid >= 0 ? BIT(F_gid) : 0)
			| (r->capacity ? BIT(F_qbytes) : 0);
	data->set.uid = r->uid;
	data->set.gid = r->gid;
	data->set.qbytes = (int64_t)r->capacity;
	op.v[0] = id;
	named = op;
	named.v[0] = 0;
	named.ref[0] = 1;
	return foresee_call(f, &op, &named, &out);
}

static void expect_removal(struct foresight *f, enum family family, int64_t id)
{
	struct op op = { .code = rmid_of[family], .actor = FORESEER };
	struct outcome out;

	op.v[0] = id;
	foresee_perform(f, &op, &out);
}

/* ---- the maker ------------------------------------------------------------------------------- */

/* The call in which the kernel failed is that which creates, or that which came after it. */
static void observe(struct foreseen *get, struct foreseen *set, bool ok, const struct failure *why)
{
	const bool later = !ok && set && strstr(why->call, "ctl");

	get->observed = ok || later ? 0 : why->err;
	if (set)
		set->observed = ok ? 0 : later ? why->err : -1;
}

static bool foresee_create(void *ctx, struct resource *r, struct failure *why)
{
	const enum family family = resource_family(r->type);
	struct foreseen *get, *set = NULL;
	struct foresight *f = ctx;
	struct outcome out;
	bool ok;

	if (family == NFAMILIES)
		return foresee_file(f, r, false, why);
	get = expect_get(f, r, IPC_CREAT | IPC_EXCL, &out);
	if (!get->expected)
		set = expect_set(f, r, out.value);
	*why = (struct failure){ .call = get->expected ? opinfo[get_of[family]].name : control_of[family],
				 .err = get->expected ? get->expected : set ? set->expected : 0 };
	ok = !why->err;
	if (set && set->expected)
		expect_removal(f, family, out.value);
	if (f->live) {
		ok = resource_create(r, why);
		observe(get, set, ok, why);
	} else if (ok) {
		r->id = out.value;
	}
	if (ok && !get->expected)
		add_twin(f, family, out.value, r->id);
	return ok;
}

static bool foresee_take(void *ctx, struct resource *r, struct failure *why)
{
	struct foresight *f = ctx;
	struct foreseen *s;
	struct outcome out;
	bool ok;

	if (resource_family(r->type) == NFAMILIES)
		return foresee_file(f, r, true, why);
	s = expect_get(f, r, IPC_CREAT, &out);
	*why = (struct failure){ .call = opinfo[get_of[resource_family(r->type)]].name, .err = s->expected };
	r->id = s->expected ? -1 : twin_of(f, resource_family(r->type), out.value, false);
	if (!f->live)
		return !s->expected;
	ok = resource_take(r, why);
	s->observed = ok ? 0 : why->err;
	return ok;
}

static int64_t foresee_find(void *ctx, const struct resource *r, struct failure *why)
{
	struct foresight *f = ctx;
	const struct op op = get_call(resource_family(r->type), FORESEER, r->key, 0, 0);
	struct outcome out;
	struct foreseen *s = foresee_call(f, &op, &op, &out);
	int64_t id;

	*why = (struct failure){ .call = opinfo[op.code].name, .err = s->expected };
	if (!f->live)
		return s->expected ? -1 : twin_of(f, resource_family(r->type), out.value, false);
	id = resource_id(r, why);
	s->observed = id >= 0 ? 0 : why->err;
	return id;
}

static bool foresee_remove(void *ctx, const struct resource *r, struct failure *why)
{
	const enum family family = resource_family(r->type);
	struct foresight *f = ctx;

	if (family != NFAMILIES)
		expect_removal(f, family, twin_of(f, family, r->id, true));
	return !f->live || resource_remove(r, why);
}

struct maker foresee_maker(struct foresight *f)
{
	return (struct maker){ foresee_create, foresee_take, foresee_find, foresee_remove, f };
}
