/* What the files of the model share: the state, and the shape of a rule. */
#ifndef INTERNAL_H
#define INTERNAL_H

#include "model.h"

/* ---- state ---------------------------------------------------------------------------------- */

enum { NONE = -1 };	/* no capability, creator, index, memory, undo list, limit, protection */

/* Common head of every object. Times are step numbers, 0 never; pids are actor + 1, 0 none. */
struct perm {
	int ns;			/* index of the namespace that it is in */
	int64_t id;
	int32_t key;		/* 0: private, or released by removal of an attached segment */
	uint32_t uid, gid, cuid, cgid;
	uint32_t mode;		/* nine bits, and SHM_DEST and SHM_LOCKED */
	int64_t ctime;
};

/* text belongs to the script */
struct message { int64_t type; size_t len; const unsigned char *text; };

struct queue {
	struct perm perm;
	int64_t stime, rtime, qbytes, cbytes;
	int lspid, lrpid;
	size_t nmsgs, cap;
	struct message *msgs;	/* in order of arrival */
};

struct sem { int val, pid; };

struct undo { int list; int32_t *adj; };	/* what an undo list holds for a set: one per semaphore */

struct semset {
	struct perm perm;
	int64_t otime;
	size_t nsems;
	struct sem *sems;	/* lie behind the set in its own block of memory */
	size_t nundos, capundos;
	struct undo *undos;	/* in order of list */
	bool zeroed;		/* the last change left one of the semaphores that it may have changed at 0 */
};

struct page { int64_t number; unsigned char *bytes; };	/* a page that something was stored in */

struct segment {
	struct perm perm;
	int64_t size, atime, dtime, nattch;
	int cpid, lpid;
	int32_t name;		/* key that it was made with, by which its memory is known for ever */
	/* task that made it, unless that has ended or called unshare_ipc since; else NONE */
	int creator;
	int64_t page;		/* bytes in a page of its attachments: the system's, or that of a huge one */
	uint32_t locker;	/* real user whose locked memory it counts against while it is SHM_LOCKED */
	size_t npages, cappages;
	struct page *pages;	/* in order of number; all others are zero */
};

/* One table of objects: msg, sem or shm. Objects are in order of index. */
struct table {
	struct perm **obj;	/* each the head of a struct queue, semset or segment */
	size_t n, cap;
	int next, last, seq;	/* cyclic cursor, index given last or NONE, sequence number */
};

/* In every kind of namespace HOME is the one that everybody starts in; snapshots show that of IPC. */
enum { HOME, MAXSPACES = 8 };

enum nodetype { QUEUE_NODE, MEMORY_NODE, SEMAPHORE_NODE, FIFO_NODE, DIRECTORY_NODE, SOCKET_NODE };
enum { STICKY = 01000 };		/* of a directory's mode */

/* A file, or whatever else file access permissions protect. */
struct node {
	bool linked;			/* it has its name; a queue may outlive that */
	bool provided;			/* a directory that the system has for files of that name */
	enum nodename name;
	int ns;				/* of a queue: index of the IPC namespace */
	enum nodetype type;
	uint32_t uid, gid, mode;	/* nine bits and STICKY */
	uint32_t cuid, cgid;		/* who created it, which should mean nothing */
	int messages;			/* in a queue */
};
/* Files of all names, and queues and sockets that lost their name and are open. */
enum { MAXNODES = 64, QUEUES = 2, QUEUE_ROOM = 2 };	/* QUEUE_ROOM messages fill a queue */

/* A queue that a process has open. */
struct opened { int node; int access; };	/* position in the world's nodes plus 1, 0 for none */

/* An IPC namespace, known by index. */
struct namespace {
	bool used;		/* somebody is in it, or something of it is held */
	int user;		/* the user namespace that owns it */
	int64_t number;		/* in order of making; never used again */
	uint32_t maker;		/* file system uid of who made it, who owns the directory of its queues */
	struct table table[NFAMILIES];
	struct limits limits;
};

/* An area of a task's memory in which a segment is attached. What cuts an attach leaves several of them. */
struct attachment {
	int64_t addr, size;	/* size in bytes, whole pages */
	int64_t offset;		/* of addr in the segment: not 0 when the attach began further down */
	int ns;			/* index of the namespace of the segment */
	int64_t shmid;
	int64_t attach;		/* step of the shmat that it comes from, which tells attaches apart */
	int prot;		/* READABLE and so on */
	bool may_write;		/* attached without SHM_RDONLY: mprotect can make it WRITABLE */
	bool not_inherited;	/* MADV_DONTFORK */
	bool locked;		/* counts against RLIMIT_MEMLOCK */
};

/*
 * Where somebody is, or was when a file was opened. A user namespace is known by the actor that made it, a
 * PID namespace by the only one that is in it: actor + 1.
 */
struct spaces { int ipc, user, pid; };

/* What the threads of a process share. */
struct memory {
	size_t nattached, capattached;
	struct attachment *attached;	/* in order of address, which counts as unsigned */
	bool locks_all;			/* what it maps from now on is locked: mlockall */
	struct opened queue[QUEUES];	/* by name */
	uint64_t sockets;		/* positions in the world's nodes of those that it listens at */
	uint32_t umask;
	bool files_open;		/* the files below /proc/sysvipc, in */
	struct spaces files;
};

/*
 * A thread. What several may share it names by number, and that is there as long as a task that is alive
 * names it. Numbers are given by unused_number() and say nothing else.
 */
struct task {
	bool alive;
	struct cred cred;
	struct spaces in;
	/* of its process, which is called after its first thread, and its own */
	int pid, tid;
	int memory;			/* address space, shared by threads of a process; NONE when dead */
	int undo;			/* undo list, shared by threads and CLONE_SYSVSEM; NONE at first */
	int64_t rlimit[NRLIMS];		/* soft limits in bytes, or NONE. Of AS: of what is attached */
	/* by SIGSTOP: it makes no call, and one that it slept in is off the queues */
	bool stopped;
	bool interrupted;		/* stopped, and that call is to end with EINTR when it continues */
	bool parked;
	int64_t since;			/* order in which parked calls fell asleep */
	int64_t tie;			/* what those have in common whose order is open, or 0 */
	struct op call;			/* what it is parked in */
	size_t blocker;			/* semop: the operation that it was last found to wait for */
	struct outcome result;		/* with which the call ended that it slept in */
};

struct world {
	struct facts facts;
	/* the path that led to the same file at first; NPATHS: there is none */
	int leads_to[NPATHS];
	struct namespace ns[MAXSPACES];
	struct node node[MAXNODES];
	struct task task[MAXACTORS];
	struct memory memory[MAXACTORS];
	int64_t now;			/* logical clock */
	int64_t arrivals;		/* last value of since */
	int64_t namespaces;		/* made so far; the last value of number */
	int nparked;			/* tasks that are parked */
	uint32_t woken;			/* tasks whose calls ended in the current step: bit n is task n */
	uint16_t *vals;			/* storage behind outcome.vals */
	size_t capvals;
	unsigned char *bytes;		/* storage behind outcome.bytes of a load */
	size_t capbytes;
	void *reserved;			/* a zeroed object for a commit that creates one */
};

/* ---- a stream of the state ------------------------------------------------------------------ */

/* Takes a world's state as a stream of bytes: to hash it, or to compare it with another's. */
struct sink { void (*put)(struct sink *s, const void *p, size_t n); };
static inline void fold(struct sink *s, int64_t v) { s->put(s, &v, sizeof(v)); }

/* ---- a call under judgement ------------------------------------------------------------------ */

/* What the rules look at. Everything a rule needs is reached from here; nothing here can be changed. */
struct view {
	const struct world *w;
	const struct profile *p;
	const struct op *op;
	int actor;			/* index of the calling task */
	const struct task *task;	/* it */
	const struct namespace *ns;	/* the one that it is in */
	const struct memory *memory;	/* its address space */
	/* the object that the call names, or NULL: by id, index or key, see enum find */
	const struct perm *perm;
	struct text *trace;		/* where note() writes, or NULL */
	struct grounds *grounds;	/* what permission was decided by goes here, or NULL */
};

/* Typed access to view->perm; NULL when there is no object. */
static inline const struct queue *the_queue(const struct view *v) { return (const struct queue *)v->perm; }
static inline const struct semset *the_set(const struct view *v) { return (const struct semset *)v->perm; }
static inline const struct segment *the_segment(const struct view *v)
{
	return (const struct segment *)v->perm;
}

/* What the text of POSIX says of a rule. */
enum strength {
	NO,			/* nothing, and the failure is not allowed: a rule of Linux alone */
	MAY,			/* nothing forbids the failure: unspecified, undefined or named as optional */
	SHALL,			/* the call shall fail */
};

/*
 * A reason to fail. broken is total (false where what it tests is absent) and pure.
 * A list is in Linux detection order and ends with an empty row.
 */
struct rule {
	const char *id;		/* requirement id, as in cases/requirements.tsv */
	int err;
	bool (*broken)(const struct view *v);
	enum strength posix;
	enum { ONCE, RECHECK } when;	/* RECHECK: judged again whenever a parked call is */
	bool posix_only;	/* left out under an ordered profile */
};

/* How the object of a call is found. */
enum find {
	FIND_NONE,
	FIND_ID,		/* argument 0 is a full id: index and sequence must match */
	FIND_INDEX,		/* argument 0 counts by its index bits only */
	FIND_KEY,		/* argument 0 is a key */
};

/* A call being carried out. */
struct call {
	struct world *w;
	const struct profile *p;
	const struct op *op;
	int actor;
	struct task *task;
	struct namespace *ns;
	struct memory *memory;
	struct perm *perm;		/* as in struct view, or NULL */
};

/*
 * What an operation is. Rules, then wait, then commit: if no rule is broken the call waits while
 * waits() holds, else commit() runs, which always succeeds in changing the world; it fills *out,
 * which comes in as RETURNED 0, and may make it FAILED where an answer cannot be stored (EFAULT). reserve()
 * provides beforehand all memory that commit will need; it may be NULL.
 */
struct action {
	enum find find;
	const struct rule *rules;
	bool (*waits)(const struct view *v);		/* NULL: never */
	/* makes *out, RETURNED, what commit() will make of it where it has no place for data; may be NULL */
	void (*ends)(const struct view *v, struct outcome *out);
	bool (*reserve)(struct call *c);		/* false: out of memory, nothing has changed */
	void (*commit)(struct call *c, struct outcome *out);
	void (*failed)(struct call *c, int err);	/* what a failed call leaves behind; NULL: nothing */
	void (*slept)(struct call *c);	/* it falls asleep, or sleeps on when judged again; may be NULL */
	/* while waits() holds no RECHECK rule is looked at: the sleeper is not woken to see it */
	bool silent;
	bool deaf;	/* of a fault: who sleeps in it is not judged again */
};

/* The namespace of an actor; HOME for the environment. */
static inline int ns_of(const struct world *w, int actor)
{
	return actor < 0 ? HOME : w->task[actor].in.ipc;
}

/* Every operation defines one: model_msgget and so on. Families PROC and ENV too. */
#define OP(name, family, result, args) extern const struct action model_##name;
#include "ops.def"
#undef OP

/* ---- judge.c ---------------------------------------------------------------------------------- */

/* Writes one line of a derivation; costs nothing unless one was asked for. */
#define note(v, ...) do { if ((v)->trace) note_line((v), __VA_ARGS__); } while (0)
void note_line(const struct view *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The view of op as called by its actor. trace may be NULL. */
struct view view_of(const struct world *w, const struct op *op, const struct profile *p, struct text *trace);
/* The first broken rule, or NULL; with recheck_only, among those that are judged again for a parked call. */
const struct rule *first_broken(const struct view *v, bool recheck_only);
/* What an operation is, and what it is under a profile, which may have a fault. */
const struct action *action_of(const struct op *op);
const struct action *action_under(const struct profile *p, enum opcode code);
void do_nothing(struct call *c, struct outcome *out);	/* the commit of what changes nothing */
static inline int switch_of(const struct profile *p, enum profile_switch s) { return p->sw[s]; }

/* ---- fault.c: an operation with something broken ------------------------------------------------ */

enum opcode fault_code(const struct fault *f);
const struct action *fault_action(const struct fault *f);

/* ---- perm.c: who may -------------------------------------------------------------------------- */

enum { R = ACCESS_READ, W = ACCESS_WRITE, X = ACCESS_EXEC };

/* True if the caller may have all of the requested access (R, W, X or'ed) to the object. */
bool access_granted(const struct view *v, const struct perm *perm, int requested);
/* True if the request holds the execute bit and, where that is a permission, not all of it is granted. */
bool exec_refused(const struct view *v, const struct perm *perm, int requested);
/* True if the caller may lock and unlock the segment. */
bool lock_granted(const struct view *v, const struct perm *perm);

/* Predicates for rules; all are false when there is no object. */
bool may_not_read(const struct view *v);
bool may_not_write(const struct view *v);
bool may_not_control(const struct view *v);
bool may_not_get(const struct view *v);
bool may_not_get_to_execute(const struct view *v);
/* Of the nine bits of a flag POSIX says what six mean. */
#define MAY_NOT_GET_TO_EXECUTE { "LINUX-PERM-MODE-4", EACCES, may_not_get_to_execute, MAY, ONCE, true }
/* The three digits of a mode. */
enum class { OWNER_CLASS, GROUP_CLASS, OTHER_CLASS };
extern const char *const class_name[];
int class_grants(uint32_t mode, enum class class);	/* the bits R, W and X of its digit */
/* Is an id of the caller's one of the object's? If so that is what decides; mine and theirs name the two. */
bool same_id(struct grounds *g, const char *mine, uint32_t id, const char *theirs, uint32_t other);
/* What a call was decided by adds to what it was before: it may ask more than once. */
void keep_grounds(const struct view *v, const struct grounds *g);
/* key uid gid cuid cgid mode seq ctime */
void perm_record(const struct perm *perm, struct record *rec);
void perm_set(struct call *c);						/* IPC_SET: uid, gid, mode, ctime */
/* The set's uid or gid is the invalid id -1. */
bool unmappable(const struct view *v);

/* ---- file.c: who may, of files ------------------------------------------------------------------- */

/* True if the caller may have all of the requested access (R, W, X or'ed) to the file. */
bool file_granted(const struct view *v, const struct node *n, int requested);
/* True if the caller may do what its owner may. */
bool file_controlled(const struct view *v, const struct node *n);
/* A capability counts if the caller's user namespace has names for the owner of the file. */
bool has_file_cap(const struct view *v, enum cap cap);
uint32_t file_user(const struct view *v);	/* the user id that counts, and that files are created with */
uint32_t file_group(const struct view *v);
bool in_file_group(const struct view *v, uint32_t gid);

/* ---- node.c: files by name ----------------------------------------------------------------------- */

bool is_queue(enum nodename name);
/* The file of that name, of a queue in that IPC namespace; NULL when there is none. */
struct node *node_named(struct world *w, int ns, enum nodename name);
const struct node *cnode_named(const struct world *w, int ns, enum nodename name);
/* Overwrites them with what was seen. False as below. */
bool node_adopt(struct world *w, int ns, int64_t name, const struct record *seen);
/* uid gid mode; false when there is no file of that name, of a queue in that IPC namespace. */
bool node_record(const struct world *w, int ns, int64_t name, struct record *rec);
/* What the name lies in. Not linked when it is missing. */
struct node folder_of(const struct view *v, enum nodename name);
/* A new file of the name and type, by the caller. There always is room. */
struct node *node_enter(struct call *c, enum nodename name, enum nodetype type, uint32_t mode);
/* The queue that the caller has open under a name, or NULL; access is then what it was opened for. */
const struct opened *opened_as(const struct view *v, enum nodename name);
/* Does any process listen at the socket? */
bool is_listened_at(const struct world *w, const struct node *n);
void queues_end(struct world *w, int ns);	/* names of queues go with their namespace */
void nodes_fold(const struct world *w, struct sink *s);
/* For model_ready: what the model does not follow. */
bool nodes_ready(const struct world *w, const struct op *op, char *why, size_t size);

/* ---- ids.c: what names what ------------------------------------------------------------------- */

struct perm *by_id(const struct namespace *ns, enum family f, int64_t id);	/* NULL if none */
struct perm *by_index(const struct namespace *ns, enum family f, int64_t id);
struct perm *by_key(const struct namespace *ns, enum family f, int32_t key);	/* NULL for IPC_PRIVATE */
int highest_index(const struct namespace *ns, enum family f);		/* 0 when there is none */
bool table_reserve(struct table *t);			/* room for one more object */
/*
 * Gives perm an id and enters it; fills key, ids, mode and ctime from the caller and the op's flags. Room
 * is there.
 */
void table_enter(struct call *c, struct perm *perm, int64_t flg);
void table_remove(struct world *w, enum family f, struct perm *perm);	/* takes it out; does not free it */

/* Predicates for rules. */
/* FIND_ID, FIND_INDEX: nothing there, or id negative */
bool no_such_id(const struct view *v);
bool negative_id(const struct view *v);
bool key_unknown(const struct view *v);			/* not found and IPC_CREAT absent */
bool key_taken(const struct view *v);			/* found, IPC_CREAT and IPC_EXCL given */
bool creating(const struct view *v);			/* the get call would create */
bool table_full(const struct view *v);			/* creating, and no index can be given */
/* a *_next_id that cannot be given is used up all the same */
void get_failed(struct call *c, int err);
int64_t get_flags(const struct op *op);			/* the flg argument of a get call */
bool bad_out(const struct view *v);			/* the OUT argument cannot be written */
bool bad_in(const struct view *v);			/* the payload cannot be read */
bool misaligned(const struct view *v);			/* an argument is at an odd address */
/* The first row of every call with a pointer. */
#define ALIGNED { "LINUX-PTR-1", EFAULT, misaligned, MAY, ONCE, true }
bool always(const struct view *v);			/* for *ctl_other */
bool not_of_posix(const struct view *v);		/* for commands that another system need not have */
enum place out_place(const struct op *op);		/* of the OUT argument; P_OK when there is none */
bool readable(enum place where, size_t size);		/* size bytes can be read there */
bool writable(enum place where, size_t size);

/* ---- wait.c: parked calls --------------------------------------------------------------------- */

void park(struct call *c);
/* Is the task asleep in a call, in its place among the others? */
static inline bool queued(const struct task *t) { return t->parked && !t->stopped; }
/* A call that a stop broke off is made again from the start. judge.c */
void begin_again(struct world *w, const struct profile *p, int actor);
/* Ends actor's parked call with this outcome. */
void wake(struct world *w, int actor, const struct outcome *out);
/* Everybody parked on the object fails with err. */
void wake_all(struct world *w, const struct perm *perm, enum family f, int err);
/* Those asleep in such a call on the object queue anew, in an order that is open. */
void requeue(struct world *w, const struct perm *perm, enum opcode code);
/* Judges every parked call again, in order, and from the start whenever one went on, until none can. */
void reconsider(struct world *w, const struct profile *p);
/*
 * Operations of a semop that count; a claim of more than there are has failed before anybody looks at them.
 * sem.c
 */
size_t nops(const struct op *op);
/* Order in which calls parked on a set are looked at: smaller first, equal by arrival. sem.c */
int sem_wake_class(const struct op *op);

/* ---- limits.c ---------------------------------------------------------------------------------- */

static inline int64_t limit_of(const struct namespace *ns, enum limit l)
{
	return ns->limits.v[l];
}

/* ---- proc.c: tasks and what they share ---------------------------------------------------------- */

/* Makes task number actor, alive, as the first thread of a process that shares nothing. */
struct task *new_task(struct world *w, int actor, const struct cred *cred);
/* Which of the numbers 0 .. MAXACTORS-1 nobody alive has; the one that is preferred if it is among them. */
int unused_number(const struct world *w, int (*number_of)(const struct task *t), int preferred);
/* Is a thread of the process alive? */
bool process_lives(const struct world *w, int pid);
/* For model_ready: what the model does not follow. */
bool process_ready(const struct world *w, const struct op *op, char *why, size_t size);
/* Does another task that is alive have the same number as t? */
bool number_shared(const struct world *w, int (*number_of)(const struct task *t), const struct task *t);

/* ---- undo.c: what SEM_UNDO keeps ---------------------------------------------------------------- */

/* What the undo list holds for the set, or NULL; there is none for list NONE. */
struct undo *undo_of(const struct semset *s, int list);
/* Room for the record that the caller's semop may need. */
bool undo_reserve(struct call *c);
/* The caller's record is made as soon as it asks for one, and stays, all zero or not, until its list goes. */
void undo_begin(struct call *c);
/* The child uses the caller's undo list from now on. */
void undo_share(struct call *c, struct task *child);
/* The task gives its undo list up. Adjustments are applied when nobody else has it: LINUX-UNDO-6. */
void undo_leave(struct call *c);
/* The caller becomes the process of the semaphore's last operation, or not, or it is open which that is. */
void name_changer(const struct call *c, enum profile_switch s, struct sem *sem);
bool wants_undo(const struct op *op);		/* is there an operation with SEM_UNDO? */
bool any_zero(const struct semset *s);
bool undos_clone(struct semset *copy, const struct semset *s);
void undos_fold(const struct semset *s, struct sink *sink);
bool undos_ok(const struct world *w, const struct semset *s, char *why, size_t size);
void undos_free(struct semset *s);

/* ---- shm.c, attach.c, memory.c: what they share ------------------------------------------------ */

static inline uint64_t round_up(uint64_t size, uint64_t unit)
{
	return size / unit * unit + (size % unit ? unit : 0);
}

bool is_huge(const struct world *w, const struct segment *s);		/* made of huge pages */
bool marked_for_removal(const struct view *v);				/* a predicate for rules */
/* Destroys the segment if nobody has it attached and its mode or shm_rmid_forced wants that. */
void segment_release(struct call *c, struct segment *s);
/* The calling task ends or makes itself another namespace: it is no creator any more. LINUX-SHMFORCE-2, -5 */
void shm_orphan(struct call *c);
/* shm_rmid_forced was set: segments whose creator is gone go too, if it wants that. LINUX-SHMFORCE-3 */
void shm_destroy_orphans(struct call *c);
/* Version-dependent behaviour names the version in which it changed. */
static inline bool since(const struct world *w, int64_t version)
{
	return w->facts.linux >= version;
}

/* One past the last address that can be used. */
static inline uint64_t space_end(const struct world *w)
{
	return w->facts.space_end;
}

/* Addresses and sizes are unsigned: a caller may ask for any 64 bits. */
static inline uint64_t first_of(const struct attachment *a)
{
	return (uint64_t)a->addr;
}

/* The last byte and not the first one behind, which may be address 2^64. */
static inline uint64_t last_of(const struct attachment *a)
{
	return (uint64_t)a->addr + (uint64_t)a->size - 1;
}

struct segment *segment_of(const struct world *w, const struct attachment *a);
/* Position of the first area that does not end below addr. */
size_t attachment_at(const struct memory *m, uint64_t addr);
bool overlapped(const struct memory *m, uint64_t first, uint64_t last);
/* Where size bytes fit that may go anywhere; 0: nowhere. */
uint64_t free_place(const struct view *v, uint64_t size, uint64_t align);
/* It begins below the stack, and does not end there: it overlaps the stack. */
bool reaches_over_stack(const struct world *w, uint64_t addr, uint64_t size);
/* Room for n areas more. */
bool reserve_areas(struct memory *m, size_t n);
/*
 * What changes areas of the calling task, with the counts and times of the segment. There is room: unmap
 * needs it for one area more, split for one, map for one. unmap takes first..last out of whatever is there.
 */
void unmap(struct call *c, uint64_t first, uint64_t last);
void map(struct call *c, const struct attachment *a);
/* Takes first..last of an area, or as much of it as there is, for an area of its own. Its position. */
size_t isolate(struct call *c, size_t at, uint64_t first, uint64_t last);
/* first..last would cut a huge page of an area. */
bool cuts_huge_page(const struct view *v, uint64_t first, uint64_t last);
/*
 * Resource limits: would the task, with size bytes more, have more locked than it may, or more mapped?
 * replaced bytes go at the same time.
 */
bool too_much_locked(const struct view *v, uint64_t size);
bool too_much_mapped(const struct view *v, uint64_t size, uint64_t replaced);
/* Areas of a segment that tasks have, or attaches, each counted once however many areas are left of it. */
int64_t count_areas(const struct world *w, const struct perm *perm);
int64_t count_attaches(const struct world *w, const struct perm *perm);

bool attachments_ok(const struct world *w, char *why, size_t size);	/* the invariant of all attachments */

#define CLONE_FLAGS (CLONE_SYSVSEM | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID)

/* ---- space.c: who is where --------------------------------------------------------------------- */

/* Is the capability effective against the user namespace that owns the caller's IPC namespace? */
bool has_cap(const struct view *v, enum cap cap);
/* The same, against the initial user namespace. */
bool has_cap_initially(const struct view *v, enum cap cap);
/* Hides from the caller what has no name where it looks from: ids and pids of other namespaces. */
void hide_others(const struct call *c, struct outcome *out);
/* Ends the namespaces that nobody holds any more. */
void abandon_namespaces(struct world *w);
/* Rules of clone, and what it does to the child besides. */
extern const struct rule clone_rules[];
void clone_spaces(struct call *c, struct task *child);
/* For model_ready: what the model does not follow. */
bool spaces_ready(const struct world *w, const struct op *op, char *why, size_t size);
void fold_spaces(const struct spaces *in, struct sink *s);

/* ---- families: what world.c must do for each object -------------------------------------------- */

struct perm *queue_clone(const struct perm *q);		/* NULL when out of memory */
struct perm *semset_clone(const struct perm *s);
struct perm *segment_clone(const struct perm *s);
void queue_free(struct perm *q);
void semset_free(struct perm *s);
void segment_free(struct perm *s);
/* Feeds all that makes up the object's state to the sink, in a fixed order. */
void queue_fold(const struct perm *q, struct sink *s);
void semset_fold(const struct perm *set, struct sink *s);
void segment_fold(const struct perm *seg, struct sink *s);
void queue_record(const struct world *w, const struct perm *q, struct record *rec);
void semset_record(const struct world *w, const struct perm *s, struct record *rec);
void segment_record(const struct world *w, const struct perm *s, struct record *rec);
/* The invariant of one object; false with a reason in why. */
bool queue_ok(const struct world *w, const struct perm *q, char *why, size_t size);
bool semset_ok(const struct world *w, const struct perm *s, char *why, size_t size);
bool segment_ok(const struct world *w, const struct perm *s, char *why, size_t size);
/* Appends semaphores or messages to the snapshot's object o. False when out of memory. */
bool queue_view(const struct world *w, const struct perm *q, struct snapshot *s);
bool semset_view(const struct world *w, const struct perm *set, struct snapshot *s);
/* Overwrites with what was seen. */
void queue_adopt(struct perm *q, const struct objview *seen, const struct snapshot *s);
void semset_adopt(struct perm *set, const struct objview *seen, const struct snapshot *s);
void segment_adopt(struct perm *seg, const struct objview *seen, const struct snapshot *s);

/* attach.c */
struct memory *memory_of(struct world *w, const struct task *t);
const struct memory *cmemory_of(const struct world *w, const struct task *t);
/* The task gives its address space up. All is detached when nobody else has it. */
void memory_leave(struct call *c);
/* Queues and sockets that a process has open are closed. */
void memory_close(struct memory *m);
/* It gets an empty one. */
void memory_new(struct world *w, int actor);
/* The child's is a copy of the caller's: attachments are inherited. */
bool memory_copy_reserve(struct call *c, int child);
void memory_copy(struct call *c, struct task *child);
void memory_fold(const struct memory *m, struct sink *s);
bool memory_clone(struct memory *copy, const struct memory *m);	/* false when out of memory */

void namespace_begin(struct namespace *ns, const struct facts *facts);
void namespace_end(struct namespace *ns);	/* frees what is in it */

/* The reason for a broken invariant, or for anything else that is false; always returns false. */
bool broken(char *why, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Sets aside a zeroed object for the commit that follows, which takes it; it is free()d when none does. */
bool reserve_object(struct world *w, size_t size);
void *take_reserved(struct world *w);


#endif
