#include "matrix_world.h"

/* Who stands for each class: relations of matrix.def, without capabilities. */
static const char *const stand_ins[NCLASSES] = {
	[BY_OWNER] = "owner", [BY_GROUP] = "group", [BY_OTHER] = "stranger",
};

/* The object of a cell in a world of its own, made ready. Its id, or -1. */
static int64_t set_scene(struct world *w, const struct op *setup, int n, int mode, int64_t key)
{
	int64_t id = -1;

	for (int i = 0; i < n; i++) {
		struct op op = setup[i];
		struct payload set;
		struct outcome out;

		op.v[0] = i ? id : key;
		if (i + 1 == n) {
			set = *op.data;
			set.set.mode = mode;
			op.data = &set;
		}
		if (!model_apply(w, &op, &profile_linux, 0, &out) || out.how != RETURNED)
			return -1;
		id = i ? id : out.value;
	}
	return id;
}

/* A family under question. */
struct inquiry {
	struct facts_of_cells *f;
	const struct profile *profile;
	enum family family;
	enum pattern pattern;
	struct cellcalls calls;
	struct op setup[MAXSETUP];
	int nsetup;
	struct arena arena;
};

static bool may(const struct inquiry *q, struct world *w, int op, int64_t id)
{
	struct op call = q->calls.call[op];
	struct verdict v;

	call.v[0] = opinfo[call.code].arg[0].kind == KIND_KEY ? q->calls.key : id;
	model_judge(w, &call, q->profile, &v);
	return v.success;
}

static bool of_family(const struct inquiry *q, int op)
{
	return opinfo[matrix_op[op].code].family == q->family;
}

static void ask_classes(const struct inquiry *q, struct world *w, int64_t id, int mode)
{
	struct cred cred;

	for (int class = BY_OWNER; class < NCLASSES; class++) {
		for (int r = 0; r < matrix_nrelations; r++)
			if (relation_is(r, stand_ins[class]) && cell_caller(r, 0, &cred))
				world_task(w, CALLER, &cred);
		for (int i = 0; i < matrix_nops; i++)
			if (of_family(q, i) && may(q, w, i, id))
				bits_add(&q->f->may[i][class], mode);
	}
}

/* The digit that decides for each relation is the one that lets it look when no other does. */
static void ask_relations(const struct inquiry *q, struct world *w, int64_t id, int mode)
{
	struct cred cred;

	for (int r = 0; r < matrix_nrelations; r++) {
		if (matrix_relation[r].pattern != q->pattern || !cell_caller(r, 0, &cred))
			continue;
		world_task(w, CALLER, &cred);
		for (int i = 0; i < matrix_nops; i++)
			if (matrix_op[i].code == OP_msgctl_IPC_STAT && of_family(q, i) && may(q, w, i, id))
				q->f->digit[r] = mode == 0400 ? BY_OWNER : mode == 0040 ? BY_GROUP : BY_OTHER;
	}
}

/* Of an object without any permission: what helps there helps everywhere. */
static void ask_capabilities(const struct inquiry *q, struct world *w, int64_t id)
{
	struct cred cred;

	for (int c = 0; c < matrix_ncapsets; c++) {
		for (int r = 0; r < matrix_nrelations; r++)
			if (relation_is(r, stand_ins[BY_OTHER]) && cell_caller(r, c, &cred))
				world_task(w, CALLER, &cred);
		for (int i = 0; i < matrix_nops; i++)
			q->f->helps[i][c] = of_family(q, i) ? may(q, w, i, id) : q->f->helps[i][c];
	}
}

static bool ask_mode(const struct inquiry *q, const struct facts *facts, int mode)
{
	struct world *w = world_new(facts);
	struct cred maker;
	int64_t id = -1;

	if (w && cell_maker(q->pattern, &maker)) {
		world_task(w, MAKER, &maker);
		id = set_scene(w, q->setup, q->nsetup, mode, q->calls.key);
	}
	if (id >= 0) {
		if (q->pattern == GIVEN)
			ask_classes(q, w, id, mode);
		if (q->pattern == GIVEN && !mode)
			ask_capabilities(q, w, id);
		if (mode == 0400 || mode == 0040 || mode == 0004)
			ask_relations(q, w, id, mode);
	}
	world_free(w);
	return id >= 0;
}

static bool ask_family(struct inquiry *q, const struct facts *facts)
{
	char err[300];
	bool ok = cellcalls_read(&q->calls, q->family, err, sizeof(err));

	q->nsetup = ok ? cell_setup(q->family, q->pattern, q->setup, &q->arena) : 0;
	ok = q->nsetup;
	for (int m = 0; ok && m < MODES; m++)
		if (q->pattern == GIVEN || m == 0400 || m == 0040 || m == 0004)
			ok = ask_mode(q, facts, m);
	cellcalls_free(&q->calls);
	arena_free(&q->arena);
	return ok;
}

bool ask_of_all(struct facts_of_cells *f, const struct facts *facts, const struct profile *p)
{
	for (enum family family = MSG; family < NFAMILIES; family++)
		for (enum pattern pattern = GIVEN; pattern < NPATTERNS; pattern++) {
			struct inquiry q = { .f = f, .profile = p, .family = family, .pattern = pattern };

			if (!ask_family(&q, facts))
				return false;
		}
	return true;
}
