/* A scene played on the kernel, in a box that is thrown away. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scene.h"

struct play {
	const struct scene *scene;	/* as asked for */
	const struct question *question;
	struct scene stand_in;		/* as it can be had here */
	struct arena arena;
	struct cred caller;
	struct trial_answer *to;	/* in memory that the box shares */
};

static int not_tried(struct trial_answer *to, const char *what, const char *why)
{
	to->word = NOT_TRIED;
	snprintf(to->why, sizeof(to->why), "%s: %s", what, why);
	return 0;
}

/* ---- standing in ------------------------------------------------------------------------------------ */

static bool all_are(const uint32_t *id, size_t n, int64_t v)
{
	for (size_t i = 0; i < n; i++)
		if (id[i] != v)
			return false;
	return true;
}

/* Users and groups of owner, creator and caller are one and the same. */
static bool one_person(const struct objview *o, const struct cred *c)
{
	const int64_t *v = o->rec.v;

	return v[F_cuid] == v[F_uid] && v[F_cgid] == v[F_gid] && !c->ngroups
		&& all_are(&c->ruid, 4, v[F_uid]) && all_are(&c->rgid, 4, v[F_gid]);
}

/* Whoever runs this can at least be himself. */
static void rename_all(struct objview *o, struct cred *c)
{
	uint32_t uid = geteuid(), gid = getegid();

	c->ruid = c->euid = c->suid = c->fsuid = uid;
	c->rgid = c->egid = c->sgid = c->fsgid = gid;
	put(&o->rec, F_uid, uid);
	put(&o->rec, F_gid, gid);
	put(&o->rec, F_cuid, uid);
	put(&o->rec, F_cgid, gid);
}

static bool can_be(const struct objview *o, const struct cred *caller, char *why, size_t size)
{
	struct cred maker = scene_maker(o), owner = maker;

	owner.euid = (uint32_t)o->rec.v[F_uid];
	owner.egid = (uint32_t)o->rec.v[F_gid];
	return box_can_be(&maker, why, size) && box_can_be(&owner, why, size)
		&& box_can_be(caller, why, size);
}

/* An id that the call sets must have a name here. */
static bool settable(const struct question *q, char *why, size_t size)
{
	const struct payload *d = q->op.data;
	struct cred c = { .ruid = geteuid(), .rgid = getegid() };

	c.euid = c.suid = c.fsuid = c.ruid;
	c.egid = c.sgid = c.fsgid = c.rgid;
	if (!d)
		return true;
	if (d->set.has & BIT(F_uid) && (uint32_t)d->set.uid != UINT32_MAX)
		c.euid = (uint32_t)d->set.uid;
	if (d->set.has & BIT(F_gid) && (uint32_t)d->set.gid != UINT32_MAX)
		c.egid = (uint32_t)d->set.gid;
	return box_can_be(&c, why, size);
}

static bool same_verdict(const struct play *p)
{
	struct verdict asked, here;

	scene_judge(p->scene, p->question, &profile_linux, &asked);
	scene_judge(&p->stand_in, p->question, &profile_linux, &here);
	return asked.success == here.success && asked.first == here.first && asked.waits == here.waits;
}

/* What cannot be had here, or NULL. */
static const char *cast(struct play *p, char *why, size_t size)
{
	struct objview o = p->scene->object;
	struct environment env;
	struct facts box;

	real_environment(&env);
	box_facts(&box);
	p->caller = *world_cred(p->scene->world, SCENE_CALLER);
	p->caller.caps &= env.caps;
	if (!settable(p->question, why, size))
		return "what it sets";
	if (!can_be(&o, &p->caller, why, size)) {
		if (!one_person(&o, &p->caller))
			return "who is in it";
		rename_all(&o, &p->caller);
		p->to->renamed = true;
		if (!can_be(&o, &p->caller, why, size))
			return "who is in it";
	}
	if (!scene_open(&p->stand_in, &o, &p->scene->facts.limits, box.initial_userns, &p->arena, why, size))
		return "the object";
	scene_caller(&p->stand_in, &p->caller);
	if (same_verdict(p))
		return NULL;
	snprintf(why, size, "what decides cannot be had in a box here");
	return "the caller's capabilities";
}

/* Limits that differ from those of a new namespace have a say in few calls. */
static bool set_limits(const struct scene *s)
{
	static const enum limit some[] = { LIM_msgmax, LIM_msgmnb, LIM_semopm };
	struct facts box;

	box_facts(&box);
	for (size_t i = 0; i < sizeof(some) / sizeof(*some); i++)
		if (box.limits.v[some[i]] != s->facts.limits.v[some[i]]
		    && box_limit(some[i], s->facts.limits.v[some[i]]))
			return false;
	return true;
}

/* ---- the play ------------------------------------------------------------------------------------------ */

/* A call that waits for a time only has waited when that is over. */
static const char *outcome_words(const struct outcome *out, enum progress p, const struct op *op, bool waits)
{
	bool in_vain = waits && op->code == OP_semtimedop && out->how == FAILED && out->err == EAGAIN;

	if (p == PARKED || in_vain)
		return "the call waits";
	return out->how == FAILED ? err_name(out->err) : "success";
}

/* The same, as the model's verdict foretells it. */
static const char *verdict_words(const struct verdict *v)
{
	if (!v->success)
		return err_name(v->first);
	return v->waits ? "the call waits" : "success";
}

/* Makes the object. Its id, or -1 with the reason told. */
static int64_t make(struct real *r, const struct play *p)
{
	struct outcome out = { .how = FAILED };
	int64_t id = -1;

	for (int i = 0; i < p->stand_in.nsetup; i++) {
		const struct op op = scene_step(p->stand_in.setup[i], id);

		if (real_call(r, &op, false, &out) != DONE || out.how != RETURNED) {
			not_tried(p->to, opinfo[op.code].name,
				  *real_why(r) ? real_why(r) : err_name(out.err));
			return -1;
		}
		if (i == 0)
			id = out.value;
	}
	return id;
}

static void call(struct real *r, struct play *p, int64_t id)
{
	struct outcome out = { .how = FAILED };
	enum progress progress;
	struct verdict v;
	struct op op;

	scene_judge(p->scene, p->question, &profile_linux, &v);
	p->stand_in.id = id;
	op = scene_call(&p->stand_in, p->question);
	progress = real_call(r, &op, v.waits, &out);
	if (progress == LOST) {
		not_tried(p->to, "the call", real_why(r));
		return;
	}
	snprintf(p->to->why, sizeof(p->to->why), "%s", outcome_words(&out, progress, &op, v.waits));
	p->to->word = strcmp(p->to->why, verdict_words(&v)) ? DISAGREES : AGREES;
}

static void play(struct play *p)
{
	const struct cred maker = scene_maker(&p->stand_in.object);
	char why[200];
	const bool file = p->stand_in.object.family == NODES;
	struct real *r = real_open(file ? REAL_PROCESSES : REAL_SOLO, why, sizeof(why));
	int64_t id;

	if (!r) {
		not_tried(p->to, "the box", why);
		return;
	}
	if (!real_actor(r, SCENE_MAKER, &maker, why, sizeof(why))
	    || !real_actor(r, SCENE_CALLER, &p->caller, why, sizeof(why)))
		not_tried(p->to, "the credentials", why);
	else if ((id = make(r, p)) >= 0)
		call(r, p, id);
	real_close(r);
}

static int in_box(void *arg)
{
	struct play *p = arg;
	char why[200];
	const char *lacking = cast(p, why, sizeof(why));

	if (lacking)
		not_tried(p->to, lacking, why);
	else if (!set_limits(&p->stand_in))
		not_tried(p->to, "the namespace", "its limits cannot be had in a box here");
	else
		play(p);
	scene_close(&p->stand_in);
	arena_free(&p->arena);
	return 0;
}

void scene_verify(const struct scene *s, const struct question *q, struct trial_answer *to)
{
	struct play p = { .scene = s, .question = q };
	char err[200];
	pid_t pid;

	*to = (struct trial_answer){ .word = NOT_TRIED };
	snprintf(to->why, sizeof(to->why), "out of memory");
	p.to = mmap(NULL, sizeof(*to), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p.to == MAP_FAILED)
		return;
	not_tried(p.to, "the box", "it died");
	pid = box_spawn(in_box, &p, err, sizeof(err));
	if (pid < 0)
		not_tried(p.to, "the box", err);
	else
		waitpid(pid, NULL, 0);
	*to = *p.to;
	munmap(p.to, sizeof(*to));
}
