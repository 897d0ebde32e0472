/* sysvet explain: who may do what to an object, why, and what would change it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "explain.h"
#include "explain_cell.h"
#include "explain_path.h"
#include "inventory.h"
#include "matrix.h"
#include "options.h"
#include "prose.h"

enum { EXIT_DENIED = 1, EXIT_DISAGREES = 3 };
enum { WORDSMAX = 16 };

struct options {
	const char *root, *as, *what_if, *accounts, *snapshot;
	const char *key, *id, *path;	/* of a live object */
	const char *kind;		/* of a file that need not exist */
	enum family family;		/* said with the id; NFAMILIES: not */
	int64_t pid;			/* -1: none */
	bool who, verify, json;
	const char *call;
	int nwords;
	const char *word[WORDSMAX];	/* owner=... */
};

struct session {
	struct options opt;
	struct arena arena;
	struct accounts accounts;
	struct requirements reqs;
	struct collection cases;
	bool have_reqs;
	struct inventory kept;		/* of --snapshot */
	struct nsfiles files;
	bool seen;			/* files is filled */
	struct whois whois;
	struct caller caller;
	struct question question;
	struct objview object;
	struct scene scene;
	char way[300];			/* why it is about another object than what was asked about, or "" */
	char err[1024];
};

static void usage(FILE *to)
{
	fputs("usage: sysvet explain OPERATION OBJECT CALLER [OPTION...]\n\n"
	      "Says whether a call on an object is allowed, by which comparison and clause, what would\n"
	      "change it, and whom else that would admit.\n\n"
	      "OPERATION is msgrcv, semctl_SETVAL, ... or a call in the notation of cases, in which id or\n"
	      "key is the object: 'shmat(id, 0, SHM_RDONLY)', 'msgget(key, 0600)'.\n\n"
	      "Instead of the three, the name of a cell: matrix/msg/msgrcv[mode=0640,as=group,caps=none]\n"
	      "(see sysvet matrix).\n\n"
	      "OBJECT is one of\n"
	      "  --msg ID, --sem ID, --shm ID, --id ID, --key KEY   an object of this IPC namespace, or\n"
	      "                    of that of the process of --pid, or of that of --snapshot FILE, which\n"
	      "                    sysvet snapshot wrote\n"
	      "  owner=UID:GID [creator=UID:GID] [mode=OCTAL] [key=KEY] [nsems=N] [size=N]\n"
	      "                    one that need not exist\n"
	      "  --path FILE       a file, of which also the way there is looked at; or in calls on files\n"
	      "  owner=UID:GID [mode=OCTAL] [kind=posix-mq|posix-shm|posix-sem|fifo|socket|dir]\n"
	      "                    one that need not exist: open, connect, mkfifo, unlink, shm_open, ...\n\n"
	      "CALLER is one of\n"
	      "  --as UID:GID[:GROUP,...][+CAP...]   ids or names; +all is every capability\n"
	      "  --as ACCOUNT      with all groups of the account, and every capability if it is root's\n"
	      "  --pid PID         a process as it is\n\n"
	      "  --what-if CHANGES  mode=0640,uid=1,gid=2,cuid=3,cgid=4: as if the object were so\n"
	      "  --who             every account that could make the call\n"
	      "  --verify          tries it on the kernel in a throw-away namespace\n"
	      "  --json            for a program\n"
	      "  --accounts DIR    passwd and group in DIR instead of the system's accounts\n"
	      "  --cases DIR       folder of cases and of requirements.tsv (default: cases)\n"
	      "  --help, --version\n\n"
	      "exit status: 0 allowed, 1 denied, 2 usage, 3 the kernel disagrees, 99 failure\n", to);
}

static int refuse(const char *what, const char *why)
{
	return option_refuse("explain", what, why);
}

/* ---- options --------------------------------------------------------------------------------- */

enum { OPT_AS = OPT_OWN, OPT_PID, OPT_MSG, OPT_SEM, OPT_SHM, OPT_ID, OPT_KEY, OPT_PATH, OPT_SNAPSHOT,
       OPT_WHAT_IF, OPT_WHO, OPT_VERIFY, OPT_JSON, OPT_ACCOUNTS };

static const struct option long_options[] = {
	{ "as", required_argument, NULL, OPT_AS },
	{ "pid", required_argument, NULL, OPT_PID },
	{ "msg", required_argument, NULL, OPT_MSG },
	{ "sem", required_argument, NULL, OPT_SEM },
	{ "shm", required_argument, NULL, OPT_SHM },
	{ "id", required_argument, NULL, OPT_ID },
	{ "key", required_argument, NULL, OPT_KEY },
	{ "path", required_argument, NULL, OPT_PATH },
	{ "snapshot", required_argument, NULL, OPT_SNAPSHOT },
	{ "what-if", required_argument, NULL, OPT_WHAT_IF },
	{ "who", no_argument, NULL, OPT_WHO },
	{ "verify", no_argument, NULL, OPT_VERIFY },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "accounts", required_argument, NULL, OPT_ACCOUNTS },
	{ "cases", required_argument, NULL, OPT_CASES },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ 0 }
};

static void take_id(struct options *o, int option, const char *text)
{
	static const enum family families[] = { [OPT_MSG] = MSG, [OPT_SEM] = SEM, [OPT_SHM] = SHM,
						[OPT_ID] = NFAMILIES };

	o->id = text;
	o->family = families[option];
}

/* -1: go on; else the exit status. */
static int parse_options(struct options *o, int argc, char **argv)
{
	int c;

	*o = (struct options){ .root = "cases", .family = NFAMILIES, .pid = -1 };
	while ((c = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
		switch (c) {
		case OPT_AS: o->as = optarg; break;
		case OPT_MSG:
		case OPT_SEM:
		case OPT_SHM:
		case OPT_ID:
			if (o->id)
				return refuse("object", "found a second id, expected one");
			take_id(o, c, optarg);
			break;
		case OPT_KEY: o->key = optarg; break;
		case OPT_PATH: o->path = optarg; break;
		case OPT_SNAPSHOT: o->snapshot = optarg; break;
		case OPT_WHAT_IF: o->what_if = optarg; break;
		case OPT_WHO: o->who = true; break;
		case OPT_VERIFY: o->verify = true; break;
		case OPT_JSON: o->json = true; break;
		case OPT_ACCOUNTS: o->accounts = optarg; break;
		case OPT_CASES: o->root = optarg; break;
		case OPT_PID:
			if (!option_pid("explain", optarg, &o->pid))
				return EXIT_USAGE;
			break;
		default: return option_rest(c, usage);
		}
	return -1;
}

static bool is_cell(const char *word)
{
	return word && !strncmp(word, "matrix/", 7);
}

/* Words with = in front of any parenthesis are about the object; the other one is the call. */
static int parse_words(struct options *o, int argc, char **argv)
{
	for (int i = optind; i < argc; i++) {
		size_t len = strcspn(argv[i], "=(");

		if (!strncmp(argv[i], "kind=", 5) && !o->kind) {
			o->kind = argv[i] + 5;
		} else if (argv[i][len] == '=' && !is_cell(argv[i])) {
			if (o->nwords == WORDSMAX)
				return refuse(argv[i], "expected fewer words about the object");
			o->word[o->nwords++] = argv[i];
		} else if (o->call) {
			return refuse(argv[i], "expected one operation");
		} else {
			o->call = argv[i];
		}
	}
	if (!o->call)
		return refuse("operation", "expected one, such as msgrcv (see --help)");
	if (is_cell(o->call))
		return o->id || o->key || o->path || o->kind || o->nwords || o->as || o->pid >= 0
			? refuse(o->call, "expected a cell alone: it says object and caller") : -1;
	if (!!o->id + !!o->key + !!o->path + !!o->nwords != 1)
		return refuse("object", "expected one: an id, a key, a path, or owner=UID:GID mode=OCTAL");
	if (question_about_file(o->call) ? o->id || o->key || o->snapshot : o->path || o->kind)
		return refuse(o->call, "found an object of another kind, expected one of this call's");
	if (o->kind && o->path)
		return refuse("kind=", "found a path too, expected one of them");
	if (o->snapshot && (o->nwords || o->accounts))
		return refuse("--snapshot", "expected an id or a key, and no other accounts");
	if (!o->as == (o->pid < 0))
		return refuse("caller", "expected one: --as or --pid");
	return -1;
}

/* ---- who and what ---------------------------------------------------------------------------- */

static bool find_caller(struct session *s)
{
	const struct options *o = &s->opt;

	if (o->as)
		return caller_parse(&s->caller, o->as, &s->accounts, &s->arena, s->err, sizeof(s->err));
	if (!process_read(&s->whois, (pid_t)o->pid, s->err, sizeof(s->err)))
		return false;
	caller_process(&s->caller, (pid_t)o->pid, &s->whois);
	return true;
}

static bool literal(struct session *s)
{
	const struct options *o = &s->opt;

	for (int i = 0; i < o->nwords; i++)
		if (!object_word(&s->object, o->word[i], &s->accounts, s->err, sizeof(s->err)))
			return false;
	return object_complete(&s->object, s->err, sizeof(s->err));
}

static const struct objview *find(const struct snapshot *all, enum family f, const int64_t *id,
				  const int64_t *key)
{
	for (size_t i = 0; i < all->nobj; i++) {
		const struct objview *o = &all->obj[i];

		if (o->family == f && (id ? o->id == *id : o->rec.v[F_key] == (int32_t)*key))
			return o;
	}
	return NULL;
}

/* A process that hides which namespace it is in is taken to be in this one, and that is told. */
static bool look_at_namespace(struct session *s)
{
	pid_t pid = s->opt.pid < 0 ? 0 : (pid_t)s->opt.pid;
	struct nsfiles *n = &s->files;
	char why[sizeof(n->unseen[0])];

	s->seen = files_read(n, pid, s->err, sizeof(s->err));
	if (s->seen || !pid || errno != EACCES)
		return s->seen;
	snprintf(why, sizeof(why), "%.150s: this one was taken", s->err);
	s->seen = files_read(n, 0, s->err, sizeof(s->err));
	if (s->seen && n->nunseen < UNSEENMAX)
		snprintf(n->unseen[n->nunseen++], sizeof(why), "%s", why);
	return s->seen;
}

static bool existing(struct session *s)
{
	const struct options *o = &s->opt;
	enum family f = s->object.family;
	const struct objview *found;
	int64_t number;

	if (o->family != NFAMILIES && o->family != f) {
		snprintf(s->err, sizeof(s->err), "found --%s, expected --%s for %s", family_name[o->family],
			 family_name[f], s->question.text);
		return false;
	}
	if (o->id ? !number_of(o->id, 0, INT32_MAX, &number)
		  : !number_of(o->key, INT32_MIN, UINT32_MAX, &number) || !number) {
		snprintf(s->err, sizeof(s->err), "found '%s', expected the %s of an object",
			 o->id ? o->id : o->key, o->id ? "id" : "key");
		return false;
	}
	if (!s->seen && !look_at_namespace(s))
		return false;
	found = find(&s->files.objects, f, o->id ? &number : NULL, &number);
	if (found)
		s->object = *found;
	else
		snprintf(s->err, sizeof(s->err), "there is no %s with the %s %s here", object_kind[f],
			 o->id ? "id" : "key", o->id ? o->id : o->key);
	return found;
}

static bool find_object(struct session *s)
{
	s->object = (struct objview){ .family = opinfo[s->question.op.code].family, .id = -1 };
	if (s->opt.nwords ? !literal(s) : !existing(s))
		return false;
	if (s->question.names_key && !s->object.rec.v[F_key]) {
		snprintf(s->err, sizeof(s->err), "the object has no key, so no get call names it");
		return false;
	}
	return true;
}

/* ---- files ----------------------------------------------------------------------------------- */

/* May the caller go through a directory? If not, the question is about it from now on. */
static bool passes(struct session *s, const struct objview *folder)
{
	struct question search = { .names_key = false };
	int type = CELLS_DIR;
	struct cred cred = caller_cred(&s->caller, folder);
	struct scene scene;
	bool may;

	if (!question_file(&search, "stat", &type, &s->arena, s->err, sizeof(s->err))
	    || !scene_open(&scene, folder, NULL, true, &s->arena, s->err, sizeof(s->err)))
		return false;
	scene_caller(&scene, &cred);
	may = scene_allows(&scene, &search);
	scene_close(&scene);
	if (!may) {
		s->object = *folder;
		s->question = search;
	}
	return may;
}

/* Who may not search a directory on the way gets no further. */
static void walk_way(struct session *s, const char *full)
{
	char unseen[200];
	struct objview folder;
	size_t len;

	for (int n = 0; (len = path_folder(&folder, full, n, unseen, sizeof(unseen))); n++)
		if (!passes(s, &folder)) {
			snprintf(s->way, sizeof(s->way), "%.*s, a directory on the way to it, is asked about",
				 (int)len, full);
			return;
		}
	snprintf(s->way, sizeof(s->way), "%.290s", unseen);
}

static bool file_by_path(struct session *s)
{
	char *full = path_object(&s->object, s->opt.path, s->opt.call, s->err, sizeof(s->err));
	bool ok = full && question_file(&s->question, s->opt.call, &s->object.type, &s->arena, s->err,
					sizeof(s->err));

	if (ok)
		walk_way(s, full);
	free(full);
	return ok;
}

static bool file_by_words(struct session *s)
{
	int type;

	if (s->opt.kind && !object_type(&s->object, s->opt.kind, s->err, sizeof(s->err)))
		return false;
	type = s->opt.kind ? s->object.type : -1;
	if (!question_file(&s->question, s->opt.call, &type, &s->arena, s->err, sizeof(s->err)))
		return false;
	s->object = (struct objview){ .family = NODES, .type = type, .id = -1 };
	return literal(s);
}

/* ---- the answer ------------------------------------------------------------------------------ */

/* Without the clause list there is an answer all the same. */
static void load_cases(struct session *s)
{
	char err[1024];

	s->have_reqs = requirements_load_below(&s->reqs, s->opt.root, err, sizeof(err));
	if (s->have_reqs)
		discover(&s->cases, s->opt.root, NULL, 0, WRITTEN, NULL, &s->reqs);
	else
		fprintf(stderr, "sysvet explain: no clauses are cited: %s\n", err);
}

static void print_unseen(struct json *t, int n, const char (*sentence)[200])
{
	for (int i = 0; i < n; i++)
		prose_line(t, i ? "" : "unseen", "%s", sentence[i]);
}

static void unseen_json(struct json *j, const struct session *s)
{
	json_array(j, "unseen");
	for (int i = 0; i < s->files.nunseen; i++)
		json_string(j, NULL, s->files.unseen[i]);
	for (int i = 0; i < s->whois.nunseen; i++)
		json_string(j, NULL, s->whois.unseen[i]);
	json_end(j, ']');
}

/* Where its capabilities are of no use, a process is told so. */
static void print_spaces(struct json *t, const struct whois *w)
{
	if (!*w->user || !*w->owner)
		return;
	if (!strcmp(w->user, w->owner))
		prose_line(t, "userns", "caller and IPC namespace belong to %s", w->owner);
	else
		prose_line(t, "userns", "the caller is in %s, the IPC namespace belongs to %s: only "
			   "capabilities that count there were taken", w->user, w->owner);
}

static int show(const struct session *s, const struct explanation *e)
{
	struct json j = { 0 };
	bool failed;

	if (s->opt.json) {
		json_object(&j, NULL);
		explanation_json(&j, e);
		json_string(&j, "way", s->way);
		unseen_json(&j, s);
		json_end(&j, '}');
		json_raw(&j, "\n", 1);
	} else {
		explanation_print(&j, e);
		if (*s->way)
			prose_line(&j, "way", "%s", s->way);
		print_spaces(&j, &s->whois);
		print_unseen(&j, s->files.nunseen, s->files.unseen);
		print_unseen(&j, s->whois.nunseen, s->whois.unseen);
	}
	failed = j.failed || fputs(j.buf, stdout) == EOF || fflush(stdout) == EOF;
	json_free(&j);
	if (failed)
		return EXIT_BROKEN;
	if (e->tried && e->trial.word == DISAGREES)
		return EXIT_DISAGREES;
	return e->here.verdict.success ? EXIT_OK : EXIT_DENIED;
}

/* Ids that have no name here are shown as one that may be somebody else's. */
static void look_for_unmapped(struct session *s)
{
	static const enum field users[] = { F_uid, F_cuid }, groups[] = { F_gid, F_cgid };
	struct nsfiles *n = &s->files;
	bool found = false;

	for (int i = 0; i < 2; i++)
		found = found || s->object.rec.v[users[i]] == n->overflow_uid
			|| s->object.rec.v[groups[i]] == n->overflow_gid;
	if (s->seen && !n->all_ids_mapped && found && n->nunseen < UNSEENMAX)
		snprintf(n->unseen[n->nunseen++], sizeof(n->unseen[0]),
			 "an id of the object is such: the answer holds for the id that is shown only");
}

static int answer(struct session *s)
{
	const struct inquiry in = {
		.accounts = &s->accounts, .reqs = s->have_reqs ? &s->reqs : NULL, .cases = &s->cases,
		.who = s->opt.who, .verify = s->opt.verify,
	};
	const struct objview sized = object_sized(&s->object, s->question.op.code);
	struct explanation e;
	int status;

	if (!scene_open(&s->scene, &sized, s->seen ? &s->files.limits : NULL, s->caller.initial_user,
			&s->arena, s->err, sizeof(s->err)))
		return refuse("object", s->err);
	if (!explain(&e, &s->scene, &s->question, &s->caller, &in)) {
		refuse("explain", "out of memory");
		return EXIT_BROKEN;
	}
	status = show(s, &e);
	explanation_free(&e);
	return status;
}

/* Objects and accounts are those of then. */
static bool take_snapshot(struct session *s)
{
	if (!inventory_read(&s->kept, s->opt.snapshot, s->err, sizeof(s->err)))
		return false;
	s->files = s->kept.files;
	s->accounts = s->kept.accounts;
	s->kept.files = (struct nsfiles){ .nunseen = 0 };
	s->kept.accounts = (struct accounts){ .n = 0 };
	s->seen = true;
	return true;
}

static int change_and_answer(struct session *s)
{
	const char *change = s->opt.what_if;

	if (change && !object_change(&s->object, change, &s->accounts, s->err, sizeof(s->err)))
		return refuse("--what-if", s->err);
	look_for_unmapped(s);
	load_cases(s);
	return answer(s);
}

static int run(struct session *s)
{
	if (s->opt.snapshot && !take_snapshot(s))
		return refuse("--snapshot", s->err);
	if (!s->opt.snapshot && !accounts_load(&s->accounts, s->opt.accounts, s->err, sizeof(s->err)))
		return refuse("--accounts", s->err);
	if (is_cell(s->opt.call)) {
		if (!cell_explained(s->opt.call, &s->object, &s->caller, &s->question, &s->arena, s->err,
				    sizeof(s->err)))
			return refuse("cell", s->err);
		return change_and_answer(s);
	}
	if (question_about_file(s->opt.call)) {
		if (!find_caller(s))
			return refuse(s->opt.as ? "--as" : "--pid", s->err);
		if (!(s->opt.path ? file_by_path(s) : file_by_words(s)))
			return refuse("object", s->err);
		return change_and_answer(s);
	}
	if (!question_parse(&s->question, s->opt.call, &s->arena, s->err, sizeof(s->err)))
		return refuse("operation", s->err);
	if (!find_caller(s))
		return refuse(s->opt.as ? "--as" : "--pid", s->err);
	if (!find_object(s))
		return refuse("object", s->err);
	return change_and_answer(s);
}

int command_explain(int argc, char **argv)
{
	struct session s = { .seen = false };
	int status = parse_options(&s.opt, argc, argv);

	if (status < 0)
		status = parse_words(&s.opt, argc, argv);
	if (status < 0)
		status = run(&s);
	scene_close(&s.scene);
	collection_free(&s.cases);
	requirements_free(&s.reqs);
	files_free(&s.files);
	inventory_free(&s.kept);
	process_free(&s.whois);
	accounts_free(&s.accounts);
	arena_free(&s.arena);
	return status;
}
