#include "matrix_world.h"

/* Who stands for each class: relations of matrix.def, without capabilities. */
static const char *const stand_ins[NCLASSES] = {
	[BY_OWNER] = "owner", [BY_GROUP] = "group", [BY_OTHER] = "stranger",
};

/* A kind under question. */
struct inquiry {
	struct facts_of_cells *f;
	const struct profile *profile;
	enum cellkind kind;
	enum pattern pattern;
	struct cellcalls calls;
	struct op setup[MAXSETUP];
	int nsetup;
	struct arena arena;
};

/* The object of a cell in a world of its own, made ready. Its id, or -1. */
static int64_t set_scene(struct world *w, const struct inquiry *q, int mode)
{
	int64_t id = -1;

	for (int i = 0; i < q->nsetup; i++) {
		struct op op = q->setup[i];
		struct payload set;
		struct outcome out;

		if (!is_file(q->kind))
			op.v[0] = i ? id : q->calls.key;
		if (call_sets_mode(&op))
			call_set_mode(&op, q->kind, mode, &set);
		if (!model_apply(w, &op, &profile_linux, 0, &out) || out.how != RETURNED)
			return -1;
		id = i ? id : out.value;
	}
	return id;
}

/* The errno that the call fails with, 0 for success. */
static int outcome(const struct inquiry *q, struct world *w, int op, int64_t id)
{
	struct op call = q->calls.call[op];
	struct verdict v;

	if (!is_file(q->kind))
		call.v[0] = opinfo[call.code].arg[0].kind == KIND_KEY ? q->calls.key : id;
	model_judge(w, &call, q->profile, &v);
	return v.success ? 0 : v.first;
}

static bool of_kind(const struct inquiry *q, int op)
{
	return matrix_op[op].kind == q->kind;
}

static void let_act(struct world *w, const char *relation, int capset)
{
	struct cred cred;

	for (int r = 0; r < matrix_nrelations; r++)
		if (relation_is(r, relation) && cell_caller(r, capset, &cred))
			world_task(w, CALLER, &cred);
}

static void ask_classes(const struct inquiry *q, struct world *w, int64_t id, int mode)
{
	static const int pair[NPAIRS][2] = {
		[OWNER_AND_OTHER] = { BY_OWNER, BY_OTHER }, [GROUP_AND_OTHER] = { BY_GROUP, BY_OTHER },
		[OWNER_AND_GROUP] = { BY_OWNER, BY_GROUP },
	};
	int came_to[MAXOPS][NCLASSES];

	for (int class = BY_OWNER; class < NCLASSES; class++) {
		let_act(w, stand_ins[class], 0);
		for (int i = 0; i < matrix_nops; i++) {
			came_to[i][class] = of_kind(q, i) ? outcome(q, w, i, id) : 0;
			if (of_kind(q, i) && !came_to[i][class])
				bits_add(&q->f->may[i][class], mode);
		}
	}
	for (int i = 0; i < matrix_nops; i++)
		for (int p = 0; p < NPAIRS; p++)
			if (came_to[i][pair[p][0]] != came_to[i][pair[p][1]])
				bits_add(&q->f->apart[i][p], mode);
}

/* Does the mode decide, and does every digit do so alike? */
static bool by_mode(const struct inquiry *q, int op)
{
	const struct bits *may_stranger = &q->f->may[op][BY_OTHER];

	return of_kind(q, op) && bits_has(may_stranger, 07) && !bits_has(may_stranger, 0770);
}

/* The digit that decides for each relation is the one that lets it call when no other does. */
static void ask_relations(const struct inquiry *q, struct world *w, int64_t id, int mode)
{
	struct cred cred;

	for (int r = 0; r < matrix_nrelations; r++) {
		if (matrix_relation[r].pattern != q->pattern || !cell_caller(r, 0, &cred))
			continue;
		world_task(w, CALLER, &cred);
		for (int i = 0; i < matrix_nops; i++)
			if (by_mode(q, i) && !outcome(q, w, i, id))
				q->f->digit[q->kind][r] =
					mode == 0700 ? BY_OWNER : mode == 0070 ? BY_GROUP : BY_OTHER;
	}
}

/* Of an object without any permission: what helps there helps everywhere. */
static void ask_capabilities(const struct inquiry *q, struct world *w, int64_t id)
{
	for (int i = 0; i < matrix_nops; i++) {
		int without;

		if (!of_kind(q, i))
			continue;
		let_act(w, stand_ins[BY_OTHER], 0);
		without = outcome(q, w, i, id);
		for (int c = 0; c < matrix_ncapsets; c++) {
			let_act(w, stand_ins[BY_OTHER], c);
			q->f->helps[i][c] = without && outcome(q, w, i, id) != without;
		}
	}
}

/* Modes with one full digit. */
static bool is_digit(int mode)
{
	return mode == 0700 || mode == 0070 || mode == 0007;
}

/* Asks of all modes first who may, and of those of one digit in another round. */
static bool ask_mode(const struct inquiry *q, const struct facts *facts, int mode, bool digits)
{
	struct world *w = world_new(facts);
	struct cred maker;
	int64_t id = -1;

	if (w && cell_maker(q->kind, q->pattern, &maker)) {
		world_task(w, MAKER, &maker);
		id = set_scene(w, q, mode);
	}
	if (id >= 0) {
		if (digits)
			ask_relations(q, w, id, mode);
		else
			ask_classes(q, w, id, mode);
		if (!digits && !mode)
			ask_capabilities(q, w, id);
	}
	world_free(w);
	return id >= 0;
}

static bool ask_kind(struct inquiry *q, const struct facts *facts)
{
	char err[300];
	bool ok = cellcalls_read(&q->calls, q->kind, q->pattern, err, sizeof(err));

	q->nsetup = ok ? cell_setup(q->kind, q->pattern, q->setup, &q->arena) : 0;
	ok = q->nsetup;
	for (int m = 0; ok && m < MODES && q->pattern == GIVEN; m++)
		ok = ask_mode(q, facts, m, false);
	for (int m = 0; ok && m < MODES; m++)
		if (is_digit(m))
			ok = ask_mode(q, facts, m, true);
	cellcalls_free(&q->calls);
	arena_free(&q->arena);
	return ok;
}

bool ask_of_all(struct facts_of_cells *f, const struct facts *facts, const struct profile *p)
{
	for (enum cellkind kind = 0; kind < NCELLKINDS; kind++)
		for (enum pattern pattern = GIVEN; pattern < NPATTERNS; pattern++) {
			struct inquiry q = { .f = f, .profile = p, .kind = kind, .pattern = pattern };

			if (!ask_kind(&q, facts))
				return false;
		}
	return true;
}
