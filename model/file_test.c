/* Who may, of files: the rule compared with the standard's sentences said again; what calls make of it. */
#include "test.h"

enum { OWNER_ID = 10, GROUP_ID = 20, STRANGER = 99 };

/* ---- the sentences ---------------------------------------------------------------------------- */

/* XBD 4.5 and the definitions of the file classes; Linux takes the ids of the file system instead. */
static bool standard_grants(uint32_t user, uint32_t group, const struct cred *c, uint32_t mode,
			    int asked)
{
	bool in_group = group == GROUP_ID;

	for (uint32_t i = 0; i < c->ngroups; i++)
		in_group = in_group || c->groups[i] == GROUP_ID;
	if (user == OWNER_ID)
		return (mode & 0700) >> 6 == ((mode & 0700) >> 6 | (uint32_t)asked);
	if (in_group)
		return (mode & 0070) >> 3 == ((mode & 0070) >> 3 | (uint32_t)asked);
	return (mode & 0007) == ((mode & 0007) | (uint32_t)asked);
}

enum { RELATIONS = 32 };

static struct cred relation(int n)
{
	struct cred c = user(STRANGER);

	c.euid = n & 1 ? OWNER_ID : STRANGER;
	c.fsuid = n & 2 ? OWNER_ID : STRANGER;
	c.egid = n & 4 ? GROUP_ID : STRANGER;
	c.fsgid = n & 8 ? GROUP_ID : STRANGER;
	c.groups[0] = 7;
	c.groups[1] = GROUP_ID;
	c.ngroups = n & 16 ? 2 : 1;
	return c;
}

static bool grants(const struct profile *p, const struct cred *c, const struct node *n, int asked)
{
	const struct op op = { .code = OP_open, .actor = 0, .v = { NODE_node } };
	struct view v;

	world_task(w, 0, c);
	v = view_of(w, &op, p, NULL);
	return file_granted(&v, n, asked);
}

START_TEST(every_mode_is_judged_as_the_standard_says)
{
	const struct cred c = relation(_i);

	for (uint32_t mode = 0; mode <= 0777; mode += stride())
		for (int asked = 0; asked <= 7; asked++) {
			const struct node n = {
				.linked = true, .uid = OWNER_ID, .gid = GROUP_ID, .mode = mode,
				.type = FIFO_NODE, .cuid = STRANGER, .cgid = STRANGER,
			};

			ck_assert_int_eq(grants(&profile_posix, &c, &n, asked),
					 standard_grants(c.euid, c.egid, &c, mode, asked));
			ck_assert_int_eq(grants(&profile_linux, &c, &n, asked),
					 standard_grants(c.fsuid, c.fsgid, &c, mode, asked));
		}
}
END_TEST

/* ---- capabilities ------------------------------------------------------------------------------ */

static const struct { enum cap cap; enum nodetype type; int asked; bool helps; } helps[] = {
	{ CAP_DAC_OVERRIDE, FIFO_NODE, R | W, true }, { CAP_DAC_OVERRIDE, DIRECTORY_NODE, W | X, true },
	{ CAP_DAC_READ_SEARCH, FIFO_NODE, R, true }, { CAP_DAC_READ_SEARCH, FIFO_NODE, W, false },
	{ CAP_DAC_READ_SEARCH, FIFO_NODE, R | W, false },
	{ CAP_DAC_READ_SEARCH, DIRECTORY_NODE, R | X, true },
	{ CAP_DAC_READ_SEARCH, DIRECTORY_NODE, W | X, false }, { CAP_IPC_OWNER, FIFO_NODE, R, false },
	{ CAP_FOWNER, FIFO_NODE, R, false }, { CAP_CHOWN, FIFO_NODE, R, false },
	{ CAP_SYS_ADMIN, DIRECTORY_NODE, X, false },
};

START_TEST(capabilities_help_as_linux_has_them)
{
	const struct node n = { .linked = true, .uid = OWNER_ID, .gid = GROUP_ID, .type = helps[_i].type };
	struct cred c = user(STRANGER);

	c.caps = BIT(helps[_i].cap);
	ck_assert_int_eq(grants(&profile_linux, &c, &n, helps[_i].asked), helps[_i].helps);
}
END_TEST

/* ---- switches ---------------------------------------------------------------------------------- */

enum { THEIRS = 1 };	/* a user and a group that nobody is */

/* A file of the owner and the group, and what a caller may do with the switch off and on. */
static const struct {
	const char *off, *on;
	uint32_t uid, cuid, cgid, mode;
	uint64_t caps;
	bool granted_off, granted_on;
} switched[] = {
	{ "file-creator-class=off", "file-creator-class=on", THEIRS, STRANGER, THEIRS, 0400, 0, false, true },
	{ "file-creator-class=off", "file-creator-class=on", THEIRS, THEIRS, STRANGER, 0040, 0, false, true },
	{ "file-creator-class=off", "file-creator-class=on", THEIRS, THEIRS, THEIRS, 0440, 0, false, false },
	{ "file-exclusive-classes=off", "file-exclusive-classes=on", STRANGER, 0, 0, 0004, 0, true, false },
	{ "file-exclusive-classes=off", "file-exclusive-classes=on", STRANGER, 0, 0, 0040, 0, false, false },
	{ "file-exclusive-classes=off", "file-exclusive-classes=on", THEIRS, 0, 0, 0004, 0, true, true },
	{ "file-exclusive-classes=off", "file-exclusive-classes=on", THEIRS, 0, 0, 0440, 0, false, false },
	{ "file-by-cap-ipc-owner=off", "file-by-cap-ipc-owner=on", THEIRS, 0, 0, 0, BIT(CAP_IPC_OWNER),
	  false, true },
	{ "file-by-cap-dac-read-search=off", "file-by-cap-dac-read-search=on", THEIRS, 0, 0, 0,
	  BIT(CAP_DAC_READ_SEARCH), false, true },
};

static struct profile changed(const char *change)
{
	struct profile p = profile_linux;
	char why[200];

	ck_assert_msg(profile_change(&p, change, why, sizeof(why)), "%s", why);
	return p;
}

START_TEST(every_switch_does_what_it_says)
{
	const struct profile off = changed(switched[_i].off), on = changed(switched[_i].on);
	const struct node n = {
		.linked = true, .uid = switched[_i].uid, .gid = GROUP_ID, .mode = switched[_i].mode,
		.type = FIFO_NODE, .cuid = switched[_i].cuid, .cgid = switched[_i].cgid,
	};
	struct cred c = user(STRANGER);

	c.caps = switched[_i].caps;
	ck_assert_int_eq(grants(&off, &c, &n, R), switched[_i].granted_off);
	ck_assert_int_eq(grants(&on, &c, &n, R), switched[_i].granted_on);
}
END_TEST

START_TEST(without_exclusive_classes_a_member_of_the_group_has_rights_of_others_too)
{
	const struct profile p = changed("file-exclusive-classes=off");
	const struct node n = { .linked = true, .uid = OWNER_ID, .gid = STRANGER, .mode = 0024 };
	const struct cred c = user(STRANGER), nobody_else = user(STRANGER + 1);

	ck_assert(!grants(&p, &c, &n, X));
	ck_assert(!grants(&p, &nobody_else, &n, X));
	ck_assert(grants(&p, &c, &n, R | W));
	ck_assert(!grants(&profile_linux, &c, &n, R));
}
END_TEST

START_TEST(without_their_switch_supplementary_groups_count_for_nothing)
{
	const struct profile p = changed("file-supplementary-groups=off");
	const struct node n = { .linked = true, .uid = OWNER_ID, .gid = GROUP_ID, .mode = 0040 };
	struct cred c = user(STRANGER);

	c.groups[c.ngroups++] = GROUP_ID;
	ck_assert(grants(&profile_linux, &c, &n, R));
	ck_assert(!grants(&p, &c, &n, R));
}
END_TEST

/* ---- names and what is open -------------------------------------------------------------------- */

static int result_of(struct op op)
{
	struct verdict v;
	struct outcome out;

	model_judge(w, &op, &profile_linux, &v);
	ck_assert(model_apply(w, &op, &profile_linux, v.first, &out));
	return out.how == FAILED ? out.err : 0;
}

#define CALL(name, ...) result_of((struct op){ .code = OP_##name, .actor = 0, .v = { __VA_ARGS__ } })

START_TEST(queues_that_are_open_outlive_their_names)
{
	struct world *same;
	const struct cred c = user(OWNER_ID);

	world_task(w, 0, &c);
	ck_assert_int_eq(CALL(mq_open, NODE_queue2, OPEN_BOTH | OPEN_CREATE, 0600), 0);
	for (int i = 0; i < QUEUE_ROOM; i++)
		ck_assert_int_eq(CALL(mq_send, NODE_queue2), 0);
	for (int i = 0; i < QUEUE_ROOM; i++)
		ck_assert_int_eq(CALL(mq_receive, NODE_queue2), 0);
	ck_assert_int_eq(CALL(mq_receive, NODE_queue2), EAGAIN);
	for (int i = 0; i < 3 * MAXNODES; i++) {
		ck_assert_int_eq(CALL(mq_open, NODE_queue, OPEN_BOTH | OPEN_CREATE, 0600), 0);
		ck_assert_int_eq(CALL(mq_receive, NODE_queue), EAGAIN);
		ck_assert_int_eq(CALL(mq_send, NODE_queue), 0);
		ck_assert_int_eq(CALL(mq_unlink, NODE_queue), 0);
		ck_assert_int_eq(CALL(mq_send, NODE_queue), 0);
		ck_assert_int_eq(CALL(mq_send, NODE_queue), EAGAIN);
	}
	same = world_clone(w);
	ck_assert(world_equal(w, same));
	ck_assert_int_eq(CALL(mq_receive, NODE_queue), 0);
	same->now = w->now;
	ck_assert(!world_equal(w, same));
	ck_assert_uint_ne(world_hash(w), world_hash(same));
	world_free(same);
}
END_TEST

START_TEST(an_open_queue_can_be_asked_about_at_each_use)
{
	const struct cred c = user(OWNER_ID), other = user(STRANGER);
	struct profile p = changed("queue-by-descriptor=use");

	world_task(w, 0, &c);
	run(op(mq_open, 0, .name = NODE_queue, .flg = OPEN_BOTH | OPEN_CREATE, .mode = 0600));
	profile = &p;
	ck_assert_int_eq(err(op(mq_send, 0, .name = NODE_queue)), 0);
	w->task[0].cred = other;
	ck_assert_int_eq(err(op(mq_receive, 0, .name = NODE_queue)), EBADF);
	profile = &profile_linux;
	ck_assert_int_eq(err(op(mq_receive, 0, .name = NODE_queue)), 0);
}
END_TEST

START_TEST(exec_closes_queues_whatever_becomes_of_attaches)
{
	const struct cred c = user(OWNER_ID);
	struct profile off = changed("exec-detaches=off");

	for (profile = &profile_linux; profile; profile = profile == &off ? NULL : &off) {
		world_task(w, 0, &c);
		run(op(mq_open, 0, .name = NODE_queue, .flg = OPEN_BOTH | OPEN_CREATE, .mode = 0600));
		run(op(exec, 0));
		ck_assert_int_eq(err(op(mq_send, 0, .name = NODE_queue)), EBADF);
		run(op(mq_unlink, 0, .name = NODE_queue));
	}
}
END_TEST

START_TEST(a_process_listens_at_the_last_socket_of_a_name)
{
	const struct cred c = user(OWNER_ID);

	world_task(w, 0, &c);
	ck_assert_int_eq(CALL(bind, NODE_node), 0);
	ck_assert_int_eq(CALL(bind, NODE_node2), 0);
	ck_assert(is_listened_at(w, node_named(w, HOME, NODE_node)));
	ck_assert(is_listened_at(w, node_named(w, HOME, NODE_node2)));
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(CALL(unlink, NODE_node), 0);
		ck_assert_int_eq(CALL(bind, NODE_node), 0);
	}
	ck_assert_uint_eq(w->memory[w->task[0].memory].sockets,
			  BIT(node_named(w, HOME, NODE_node) - w->node)
			  | BIT(node_named(w, HOME, NODE_node2) - w->node));
}
END_TEST

START_TEST(an_owner_may_name_itself_and_the_group_of_the_file)
{
	const struct cred c = user(STRANGER);
	struct node *n;

	world_task(w, 0, &c);
	ck_assert_int_eq(CALL(mkfifo, NODE_node, 0600), 0);
	n = node_named(w, HOME, NODE_node);
	n->gid = GROUP_ID;
	ck_assert_int_eq(CALL(chown, NODE_node, STRANGER, -1), 0);
	ck_assert_uint_eq(n->gid, GROUP_ID);
	ck_assert_int_eq(CALL(chown, NODE_node, -1, GROUP_ID), 0);
	ck_assert_int_eq(CALL(chown, NODE_node, GROUP_ID, -1), EPERM);
	ck_assert_uint_eq(n->uid, STRANGER);
}
END_TEST

/* Without an order, each failure that is told must be one of what is there. */
START_TEST(of_what_is_not_there_nothing_else_is_wrong)
{
	const struct cred c = user(STRANGER);
	struct verdict v;

	world_task(w, 0, &c);
	model_judge(w, &op(chown, 0, .name = NODE_node, .uid = 1, .gid = 1), &profile_posix, &v);
	ck_assert_uint_eq(v.errs.bits, BIT(err_bit(ENOENT)));
	model_judge(w, &op(mkfifo, 0, .name = NODE_dir_node), &profile_posix, &v);
	ck_assert_uint_eq(v.errs.bits, BIT(err_bit(ENOENT)));
}
END_TEST

START_TEST(a_sticky_directory_can_mean_nothing)
{
	struct profile p = changed("sticky-removal=off");
	const struct op remove = op(shm_unlink, C, .name = NODE_memory);

	run(op(shm_open, A, .name = NODE_memory, .flg = OPEN_BOTH | OPEN_CREATE, .mode = 0666));
	ck_assert_int_ne(err(remove), 0);
	profile = &p;
	ck_assert_int_eq(err(remove), 0);
}
END_TEST

START_TEST(a_directory_with_names_in_it_is_not_asked_about)
{
	char why[100];

	run(op(mkdir, A, .name = NODE_dir, .mode = 0777));
	run(op(mkfifo, A, .name = NODE_dir_node, .mode = 0777));
	ck_assert(!model_ready(w, &op(rmdir, A, .name = NODE_dir), why, sizeof(why)));
	ck_assert_str_eq(why, "the directory is not empty");
	ck_assert_int_eq(err(op(unlink, A, .name = NODE_dir_node)), 0);
	ck_assert_int_eq(err(op(rmdir, A, .name = NODE_dir)), 0);
}
END_TEST

START_TEST(only_a_file_that_is_there_has_a_record)
{
	struct record rec = { 0 };

	run(op(mkfifo, A, .name = NODE_node, .mode = 0640));
	ck_assert(!model_record(w, A, NODES, -1, &rec));
	ck_assert(!model_record(w, A, NODES, NNODES, &rec));
	ck_assert(!model_record(w, A, NODES, NODE_node2, &rec));
	ck_assert(model_record(w, A, NODES, NODE_node, &rec));
	ck_assert_int_eq(rec.v[F_mode], 0640);
	rec.v[F_mode] = 0604;
	ck_assert(!node_adopt(w, HOME, -1, &rec));
	ck_assert(!node_adopt(w, HOME, NNODES, &rec));
	ck_assert(!node_adopt(w, HOME, NODE_node2, &rec));
	ck_assert(node_adopt(w, HOME, NODE_node, &rec));
	ck_assert(model_record(w, A, NODES, NODE_node, &rec));
	ck_assert_int_eq(rec.v[F_mode], 0604);
}
END_TEST

#define another_world(change) do { \
	struct world *copy_ = world_clone(w); \
	ck_assert(world_equal(w, copy_)); \
	{ struct node *n = copy_->node; change; } \
	ck_assert_msg(!world_equal(w, copy_), "%s", #change); \
	world_free(copy_); \
} while (0)

/* Of files that have their name or are open. What was there before is nothing. */
START_TEST(all_that_a_file_is_is_part_of_the_state)
{
	const struct cred c = user(OWNER_ID);
	struct world *copy;

	world_task(w, 0, &c);
	ck_assert_int_eq(CALL(mq_open, NODE_queue, OPEN_BOTH | OPEN_CREATE, 0600), 0);
	ck_assert_int_eq(CALL(mkfifo, NODE_node, 0600), 0);
	another_world(n[1].name = NODE_node2);
	another_world(n[1].ns++);
	another_world(n[1].type = SOCKET_NODE);
	another_world(n[1].uid++);
	another_world(n[1].gid++);
	another_world(n[1].mode ^= 1);
	another_world(n[1].cuid++);
	another_world(n[1].cgid++);
	another_world(n[0].messages++);
	another_world(n[0].linked = false);
	another_world((n[2] = n[1], n[1].linked = false));
	ck_assert_int_eq(CALL(mq_unlink, NODE_queue), 0);
	another_world(n[0].messages++);
	ck_assert_int_eq(CALL(mq_close, NODE_queue), 0);
	copy = world_clone(w);
	copy->node[0].messages++;
	copy->node[5].uid++;
	ck_assert(world_equal(w, copy));
	world_free(copy);
}
END_TEST

START_TEST(there_are_no_files_but_those_with_names)
{
	char why[100];

	ck_assert(!model_ready(w, &op(mkfifo, A, .name = NNODES), why, sizeof(why)));
	ck_assert(!model_ready(w, &op(mkfifo, A, .name = -1), why, sizeof(why)));
	ck_assert(model_ready(w, &op(mkfifo, A, .name = NNODES - 1), why, sizeof(why)));
	ck_assert(model_ready(w, &op(mq_unlink, A, .name = NODE_queue), why, sizeof(why)));
}
END_TEST

START_TEST(grounds_name_the_ids_that_count)
{
	const struct profile p = changed("file-user-by-fsuid=off"), r = changed("file-group-by-fsgid=off");
	const struct op look = op(open, 0, .name = NODE_node, .flg = OPEN_BOTH);
	struct cred c = user(OWNER_ID);
	struct grounds g;

	world_task(w, 0, &c);
	ck_assert_int_eq(CALL(mkfifo, NODE_node, 0640), 0);
	model_grounds(w, &look, &profile_linux, &g);
	ck_assert_str_eq(g.mine, "fsuid");
	ck_assert_str_eq(g.clause, "XBD-FILE-PERM-2");
	model_grounds(w, &look, &p, &g);
	ck_assert_str_eq(g.mine, "euid");
	node_named(w, HOME, NODE_node)->uid = STRANGER;
	model_grounds(w, &look, &profile_linux, &g);
	ck_assert_str_eq(g.mine, "fsgid");
	model_grounds(w, &look, &r, &g);
	ck_assert_str_eq(g.mine, "egid");
	node_named(w, HOME, NODE_node)->gid = STRANGER;
	says(look, "and no group is gid");
	model_grounds(w, &op(chmod, 0, .name = NODE_node, .mode = 0), &profile_linux, &g);
	ck_assert_int_eq(g.question, ASKED_CONTROL);
	c.caps = BIT(CAP_DAC_OVERRIDE);
	world_task(w, 0, &c);
	model_grounds(w, &look, &profile_linux, &g);
	ck_assert_str_eq(g.clause, "LINUX-FILE-CAP-1");
}
END_TEST

/* On the way to a file in a directory that only its owner may search. */
static const struct {
	uint32_t who;
	uint64_t caps;
	struct op op;
	int file, cap, missing;
} grounds[] = {
	{ STRANGER, 0, op(open, 0, .name = NODE_dir_node, .flg = OPEN_READ), NODE_dir, -1, X },
	{ STRANGER, BIT(CAP_DAC_OVERRIDE), op(open, 0, .name = NODE_dir_node, .flg = OPEN_READ), NODE_dir,
	  CAP_DAC_OVERRIDE, X },
	{ STRANGER, BIT(CAP_DAC_READ_SEARCH), op(open, 0, .name = NODE_dir_node, .flg = OPEN_WRITE),
	  NODE_dir_node, CAP_DAC_READ_SEARCH, W },
	{ STRANGER, BIT(CAP_DAC_OVERRIDE), op(unlink, 0, .name = NODE_dir_node), NODE_dir, CAP_DAC_OVERRIDE,
	  W | X },
	{ OWNER_ID, 0, op(unlink, 0, .name = NODE_dir_node), NODE_dir, -1, 0 },
};

START_TEST(the_file_that_denies_or_on_which_most_depends_is_told)
{
	struct cred c = user(OWNER_ID);
	struct grounds g;

	world_task(w, 0, &c);
	run(op(mkdir, 0, .name = NODE_dir, .mode = 0700));
	run(op(mkfifo, 0, .name = NODE_dir_node, .mode = 0600));
	c = user(grounds[_i].who);
	c.caps = grounds[_i].caps;
	w->task[0].cred = c;
	model_grounds(w, &grounds[_i].op, profile, &g);
	ck_assert_int_eq(g.file, grounds[_i].file + 1);
	ck_assert_int_eq(g.cap, grounds[_i].cap);
	ck_assert_int_eq(g.missing, grounds[_i].missing);
}
END_TEST

START_TEST(the_queues_of_a_namespace_end_with_it)
{
	run(op(mq_open, A, .name = NODE_queue, .flg = OPEN_BOTH | OPEN_CREATE, .mode = 0666));
	run(op(mkfifo, A, .name = NODE_node, .mode = 0666));
	run(op(unshare_ipc, ROOT));
	run(op(mq_open, ROOT, .name = NODE_queue, .flg = OPEN_BOTH | OPEN_CREATE, .mode = 0666));
	run(op(mq_close, ROOT, .name = NODE_queue));
	run(op(setns_ipc, ROOT, .other = A));
	ck_assert_int_eq(err(op(mq_open, ROOT, .name = NODE_queue, .flg = OPEN_BOTH)), 0);
	ck_assert_int_eq(err(op(stat, ROOT, .name = NODE_node)), 0);
	run(op(unshare_ipc, ROOT));
	ck_assert_int_eq(err(op(mq_open, ROOT, .name = NODE_queue, .flg = OPEN_BOTH)), ENOENT);
}
END_TEST

START_TEST(what_would_create_takes_no_file_of_others_where_regular_files_are_protected)
{
	struct facts facts = linux_facts;
	const struct cred c = user(OWNER_ID), other = user(STRANGER), root = user(0);

	facts.protected_regular = _i;
	world_free(w);
	w = world_new(&facts);
	world_task(w, 0, &c);
	ck_assert_int_eq(CALL(shm_open, NODE_memory, OPEN_BOTH | OPEN_CREATE, 0666), 0);
	ck_assert_int_eq(CALL(shm_open, NODE_memory, OPEN_BOTH | OPEN_CREATE, 0666), 0);
	world_task(w, 0, &other);
	ck_assert_int_eq(CALL(shm_open, NODE_memory, OPEN_BOTH), 0);
	ck_assert_int_eq(CALL(shm_open, NODE_memory, OPEN_BOTH | OPEN_CREATE, 0666), _i ? EACCES : 0);
	node_named(w, HOME, NODE_memory)->gid = STRANGER;
	ck_assert_int_eq(CALL(shm_open, NODE_memory, OPEN_BOTH | OPEN_CREATE, 0666), _i ? EACCES : 0);
	node_named(w, HOME, NODE_memory)->gid = 0;
	ck_assert_int_eq(CALL(shm_open, NODE_memory, OPEN_BOTH | OPEN_CREATE, 0666), _i ? EACCES : 0);
	if (_i)
		says(op(shm_open, 0, .name = NODE_memory, .flg = OPEN_BOTH | OPEN_CREATE),
		     "fs.protected_regular keeps who would create from files of others");
	/* The directory is root's, whose files are open to all. */
	world_task(w, 0, &root);
	ck_assert_int_eq(CALL(shm_open, NODE_memory2, OPEN_BOTH | OPEN_CREATE, 0666), 0);
	world_task(w, 0, &other);
	ck_assert_int_eq(CALL(shm_open, NODE_memory2, OPEN_BOTH | OPEN_CREATE, 0666), 0);
}
END_TEST

/* ---- what is seen and told of files ------------------------------------------------------------ */

static const struct snapshot nothing = { .nobj = 0 };

static struct objview seen(int64_t name, uint32_t mode)
{
	struct objview o = { .family = NODES, .id = name };

	put(&o.rec, F_uid, OWNER_ID);
	put(&o.rec, F_gid, GROUP_ID);
	put(&o.rec, F_mode, mode);
	return o;
}

START_TEST(the_record_of_a_file_is_what_a_stat_gives_and_can_be_overwritten)
{
	const struct objview sticky = seen(NODE_dir, 07777), none = seen(NODE_node, 0), bad = seen(NNODES, 0);
	const struct cred c = user(STRANGER);
	struct record rec = { 0 };

	world_task(w, 0, &c);
	ck_assert_int_eq(CALL(mkdir, NODE_dir, 0700), 0);
	ck_assert(model_record(w, -1, NODES, NODE_dir, &rec));
	ck_assert_int_eq(rec.v[F_uid], STRANGER);
	ck_assert(rec.has == (BIT(F_uid) | BIT(F_gid) | BIT(F_mode)));
	ck_assert(!model_record(w, -1, NODES, NODE_node, &rec));
	ck_assert(!model_record(w, -1, NODES, NNODES, &rec));
	ck_assert(!model_record(w, -1, NODES, -1, &rec));
	ck_assert(model_adopt(w, &sticky, &nothing));
	ck_assert(!model_adopt(w, &none, &nothing));
	ck_assert(!model_adopt(w, &bad, &nothing));
	ck_assert(model_record(w, 0, NODES, NODE_dir, &rec));
	ck_assert_int_eq(rec.v[F_uid], OWNER_ID);
	ck_assert_int_eq(rec.v[F_gid], GROUP_ID);
	ck_assert_int_eq(rec.v[F_mode], 01777);
}
END_TEST

static struct grounds grounds_of(struct op op)
{
	struct grounds g;

	model_grounds(w, &op, &profile_linux, &g);
	return g;
}

/* Of a directory of the owner and a FIFO in it, what decides about an open of the FIFO. */
static struct grounds told(uint32_t folder, uint32_t fifo, uint64_t caps)
{
	const struct objview dir = seen(NODE_dir, folder), file = seen(NODE_dir_node, fifo);
	struct cred c = user(STRANGER);

	c.caps = caps;
	ck_assert(model_adopt(w, &dir, &nothing) && model_adopt(w, &file, &nothing));
	world_task(w, 0, &c);
	return grounds_of((struct op){ .code = OP_open, .v = { NODE_dir_node, OPEN_READ } });
}

START_TEST(of_several_files_that_is_told_which_denies_or_else_the_first)
{
	const struct cred c = user(STRANGER);
	struct grounds g;

	world_task(w, 0, &c);
	ck_assert_int_eq(CALL(mkdir, NODE_dir, 0700), 0);
	ck_assert_int_eq(CALL(mkfifo, NODE_dir_node, 0600), 0);
	g = told(0700, 0777, 0);
	ck_assert_int_eq(g.file, NODE_dir + 1);
	ck_assert_int_eq(g.missing, X);
	g = told(0701, 0770, 0);
	ck_assert_int_eq(g.file, NODE_dir_node + 1);
	ck_assert_int_eq(g.missing, R);
	g = told(0701, 0774, 0);
	ck_assert_int_eq(g.file, NODE_dir + 1);
	ck_assert_int_eq(g.missing, 0);
	g = told(0, 0, BIT(CAP_DAC_READ_SEARCH));
	ck_assert_int_eq(g.file, NODE_dir + 1);
	ck_assert_int_eq(g.cap, CAP_DAC_READ_SEARCH);
	g = grounds_of((struct op){ .code = OP_mkfifo, .v = { NODE_node, 0600 } });
	ck_assert_int_eq(g.question, ASKED_NOTHING);
}
END_TEST

START_TEST(a_capability_that_helped_before_is_still_told)
{
	const struct objview dir = seen(NODE_dir, 0706), file = seen(NODE_dir_node, 0);
	struct cred c = user(STRANGER);
	struct grounds g;

	world_task(w, 0, &c);
	ck_assert_int_eq(CALL(mkdir, NODE_dir, 0700), 0);
	ck_assert_int_eq(CALL(mkfifo, NODE_dir_node, 0600), 0);
	ck_assert(model_adopt(w, &dir, &nothing) && model_adopt(w, &file, &nothing));
	c.caps = BIT(CAP_DAC_READ_SEARCH);
	world_task(w, 0, &c);
	g = grounds_of((struct op){ .code = OP_unlink, .v = { NODE_dir_node } });
	ck_assert_int_eq(g.missing, X);
	ck_assert_int_eq(g.cap, CAP_DAC_READ_SEARCH);
	says(op(unlink, 0, .name = NODE_dir_node), "mode 0706 of dir gives the other class 6");
	says(op(mkfifo, 0, .name = NODE_node), "mode 1777 of the directory of node gives");
}
END_TEST

START_TEST(who_changes_an_owner_is_told_why)
{
	struct cred c = user(STRANGER);

	world_task(w, 0, &c);
	ck_assert_int_eq(CALL(mkfifo, NODE_node, 0600), 0);
	says(op(chown, 0, .name = NODE_node, .uid = -1, .gid = STRANGER), "is the owner");
	says(op(chown, 0, .name = NODE_node, .uid = -1, .gid = GROUP_ID), "group 20 is not one of");
	says(op(chown, 0, .name = NODE_node, .uid = OWNER_ID, .gid = -1), "rule FILE-CHOWN-1 gives EPERM");
	c.caps = BIT(CAP_CHOWN);
	world_task(w, 0, &c);
	says(op(chown, 0, .name = NODE_node, .uid = OWNER_ID, .gid = -1), "CAP_CHOWN permits any change");
	ck_assert_int_eq(CALL(chown, NODE_node, OWNER_ID, GROUP_ID), 0);
	c = user(STRANGER);
	world_task(w, 0, &c);
	says(op(chown, 0, .name = NODE_node, .uid = -1, .gid = STRANGER), "is not the owner 10");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("file");
	TCase *tc = tests_of(s, "file");

	tcase_add_loop_test(tc, every_mode_is_judged_as_the_standard_says, 0, RELATIONS);
	tcase_add_loop_test(tc, capabilities_help_as_linux_has_them, 0, sizeof(helps) / sizeof(*helps));
	tcase_add_loop_test(tc, every_switch_does_what_it_says, 0, sizeof(switched) / sizeof(*switched));
	tcase_add_test(tc, without_exclusive_classes_a_member_of_the_group_has_rights_of_others_too);
	tcase_add_test(tc, without_their_switch_supplementary_groups_count_for_nothing);
	tcase_add_test(tc, queues_that_are_open_outlive_their_names);
	tcase_add_test(tc, an_open_queue_can_be_asked_about_at_each_use);
	tcase_add_test(tc, exec_closes_queues_whatever_becomes_of_attaches);
	tcase_add_test(tc, a_process_listens_at_the_last_socket_of_a_name);
	tcase_add_test(tc, an_owner_may_name_itself_and_the_group_of_the_file);
	tcase_add_test(tc, of_what_is_not_there_nothing_else_is_wrong);
	tcase_add_test(tc, a_sticky_directory_can_mean_nothing);
	tcase_add_test(tc, a_directory_with_names_in_it_is_not_asked_about);
	tcase_add_test(tc, all_that_a_file_is_is_part_of_the_state);
	tcase_add_test(tc, there_are_no_files_but_those_with_names);
	tcase_add_test(tc, grounds_name_the_ids_that_count);
	tcase_add_test(tc, only_a_file_that_is_there_has_a_record);
	tcase_add_loop_test(tc, the_file_that_denies_or_on_which_most_depends_is_told, 0,
			    sizeof(grounds) / sizeof(*grounds));
	tcase_add_test(tc, the_queues_of_a_namespace_end_with_it);
	tcase_add_loop_test(tc, what_would_create_takes_no_file_of_others_where_regular_files_are_protected,
			    0, 2);
	tcase_add_test(tc, the_record_of_a_file_is_what_a_stat_gives_and_can_be_overwritten);
	tcase_add_test(tc, of_several_files_that_is_told_which_denies_or_else_the_first);
	tcase_add_test(tc, a_capability_that_helped_before_is_still_told);
	tcase_add_test(tc, who_changes_an_owner_is_told_why);
	return run_suite(s);
}
