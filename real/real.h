/*
 * The operations of model/vocab on a kernel: the whole public face of real/. Knows nothing of the
 * model. Every call goes through the C library's syscall() function, so that a preloaded library
 * can falsify a kernel; errno is saved on the next line.
 */
#ifndef REAL_H
#define REAL_H

#include <sys/types.h>

#include "text.h"
#include "vocab.h"

/* ---- boxes: where cases run ------------------------------------------------------------------ */

/*
 * Runs body(arg) in PID, mount and IPC namespaces of its own, with /proc mounted for it and a session
 * of its own; when the caller may not make namespaces, or there is no user 1000, also in a user
 * namespace in which it is user 1000, group 1000. Returns the pid of the init of these namespaces, or -1
 * with a sentence in err. That process dies with its parent, and everything in the namespaces with it; it
 * ends with the status that body returned, or with 128 + N when signal N ended body.
 *
 * Boxes take turns in choosing the one processor that all their processes run on. Children of body
 * that it did not fork itself are this directory's: it must not wait for just any child.
 */
pid_t box_spawn(int (*body)(void *arg), void *arg, char *err, size_t errsize);

/*
 * Runs body(arg) in a child without a box, for what makes no calls of IPC: it dies with its parent, however
 * that ends, and ends with the status that body returned. Returns its pid, or -1 and errno.
 */
pid_t plain_spawn(int (*body)(void *arg), void *arg);

/* What the kernel gives a box: page size, limits of a fresh namespace, ... Call it inside a box. */
void box_facts(struct facts *facts);
/* What keeps actors from harm, and may be missing on a system: a set of BIT(enum protection). */
enum protection { CONFINED_CALLS, READ_ONLY_FILES, OWN_PROCESSES, NPROTECTIONS };
extern const char *const unprotected_text[NPROTECTIONS];	/* a sentence on each that is missing */
/* Those that are missing. Call it in a box with nothing else to do: its files are read-only then. */
unsigned box_unprotected(void);
/*
 * The files that ftok is asked about, in a box; with the one whose inode number agrees with another's only if
 * twin, because that takes half a second. False with the reason in why when they cannot be had.
 */
bool box_files(struct files *files, bool twin, char *why, size_t size);
/* Replaces the caller's IPC namespace by a fresh one; only in a box. Undo lists of the caller are applied. */
bool box_fresh(char *err, size_t errsize);
/*
 * Can a run take place in the namespace of the run before it? Only where no process can join a namespace, so
 * that with a fresh one all would have to be made again, and where the system tells of nothing that is left
 * there.
 */
bool box_again(void);
/* True if a process here can take these credentials; else says why not in why ("needs root: uid 1001"). */
bool box_can_be(const struct cred *cred, char *why, size_t size);
/* True if a call can be tried here at all; else says what it needs in why. */
bool box_can(const struct op *op, char *why, size_t size);
/* Sets a limit of the caller's IPC namespace. 0, or the errno of the write: EACCES for an ordinary user. */
int box_limit(enum limit lim, int64_t value);
/* The same for the four words of kernel.sem at once: semmsl, semmns, semopm, semmni. */
int box_limit_sem(const int64_t words[4]);
/* What a limit is now. 0, or an errno value: ENOENT where there is no such limit. */
int box_read_limit(enum limit lim, int64_t *value);
/* Objects in the caller's IPC namespace, over all families. */
int box_objects(void);

/* Environment of a run, for the header of its records. Strings live as long as the process. */
struct environment {
	const char *sysname, *release, *machine, *version;	/* uname */
	const char *libc;		/* "glibc 2.36", "musl", "klibc" */
	const char *abi;		/* "raw x86_64" */
	const char *target;		/* "gvisor", "qemu-user", "uml"; "" for a kernel of its own */
	const char *lsm;		/* active security modules, "" when unknown */
	int cpus;
	bool root;			/* ids of any user can be taken */
	uint64_t caps;			/* effective capabilities of the caller */
	const char *refused;		/* why nothing can be judged here; NULL: it can */
	unsigned unprotected;		/* what actors go without: a set of BIT(enum protection) */
};
void real_environment(struct environment *env);
/*
 * Does something answer for the kernel when credentials are asked for or changed, as fakeroot and proot -0
 * do? A sentence that lives until the next call, or NULL.
 */
const char *real_faked(void);

/* ---- what the kernel's own files tell: only reads, and needs no right to any object ------------- */

#define SPACENAME 32		/* bytes of "ipc:[4026531839]" */
enum { UNSEENMAX = 12 };

/* An IPC namespace. Of its objects the fields are known that /proc/sysvipc has columns for. */
struct nsfiles {
	struct snapshot objects;
	struct limits limits;
	uint64_t limits_seen;		/* set of BIT(LIM_...) */
	char ipc[SPACENAME];		/* which it is; "" when that cannot be seen */
	bool initial_ipc;		/* it is the one that the system started with */
	bool foreign_user, foreign_pid;	/* the process is in another user, PID namespace than that */
	bool joined;			/* rows were read in the process's user namespace, and translated */
	bool all_ids_mapped;		/* every user and group has a name where they were read, else */
	uint32_t overflow_uid, overflow_gid;	/* others are shown as these */
	int nunseen;
	char unseen[UNSEENMAX][200];	/* what could not be seen, a sentence each */
};
/* That of process pid, 0 for the caller's. False with a sentence in err, and errno, when it cannot be had. */
bool files_read(struct nsfiles *n, pid_t pid, char *err, size_t errsize);
void files_free(struct nsfiles *n);

/* Who a process is to the IPC namespace that it is in. */
struct whois {
	struct cred cred;		/* without supplementary groups; caps that count there */
	uint32_t *groups;
	size_t ngroups;
	bool initial_user;		/* its capabilities are held in the initial user namespace */
	char user[SPACENAME], owner[SPACENAME];	/* its user namespace, and the one that must be had; or "" */
	int nunseen;
	char unseen[UNSEENMAX][200];
};
bool process_read(struct whois *who, pid_t pid, char *err, size_t errsize);
void process_free(struct whois *who);

/* Which of these processes exist, and which of these users have one: what is not there is set to false. */
void files_living(const int64_t *pids, size_t npids, bool *alive);
bool files_living_users(const uint32_t *uids, size_t nuids, bool *alive);	/* false: cannot be seen */

/* Writes all n bytes, however often signals break that off. False with errno. */
bool write_whole(int fd, const void *from, size_t n);

/* ---- other programs ------------------------------------------------------------------------------ */

enum { PROGRAM_SECONDS = 30 };	/* SIGALRM then ends it, which ends most programs */

/* What a program did, in memory that a box can share. */
struct aftermath {
	bool done;
	int status;			/* as a shell would say it; 127: it could not be started */
	char out[1000], err[1000];	/* what it printed, cut off */
	int objects[NFAMILIES];		/* in the IPC namespace after it, by family */
	struct { int64_t id; struct record rec; } last[NFAMILIES];	/* the one with the highest index */
	char files[200];		/* POSIX objects and what lies in its folder: "fifo x 0644" */
};

/*
 * Makes the caller's IPC namespace a fresh one and its folder an empty one of memory, which no process
 * outside the box sees; only in a box, and not where its ordinary user owns the system's files. False with a
 * sentence in err.
 */
bool program_stage(char *err, size_t errsize);
/*
 * Runs a program as user and group 1000, with umask 022 and nothing to read, for PROGRAM_SECONDS at most:
 * path, or where it is NULL the program argv[0] of the search path. argv ends with NULL.
 */
void program_run(const char *path, const char *const argv[], struct aftermath *after);

/*
 * First thing in main() of every program that makes runs: an actor that becomes another program becomes this
 * one, and goes on here, never to return. Does nothing in any other process.
 */
void real_enter(void);

/* ---- a run of one case ----------------------------------------------------------------------- */

/*
 * SOLO: every actor is the calling process, which takes the credentials of whoever acts; for
 * cases in which nobody blocks, forks, exits or attaches beside another. PROCESSES: each actor is
 * a process of its own, confined by seccomp to the calls that operations need.
 */
enum real_mode { REAL_SOLO, REAL_PROCESSES };

/* Is the operation for runs of PROCESSES only? */
bool real_needs_process(enum opcode code);

struct real;

/* Opens a run in the caller's IPC namespace, which should be fresh. NULL with a sentence in err. */
struct real *real_open(enum real_mode mode, char *err, size_t errsize);
/*
 * A failure that is not the kernel's: calls of one operation are not made, and fail. The operation must be a
 * call of System V IPC or decide about a file, the run of mode PROCESSES.
 */
struct injection {
	enum opcode code;
	int err;			/* 0: none fails */
	uint64_t nth;			/* only this one of the run, from 1; 0: every one */
};
void real_inject(struct real *r, const struct injection *i);

/*
 * By what way calls of System V IPC reach the kernel: raw, as they are, unless real_through() says otherwise
 * for a run; through the functions and structures of the C library that this is built with; or by ipc(2),
 * where a machine has that, with structures of today or with those of old.
 */
enum abi { ABI_RAW, ABI_LIBC, ABI_IPC, ABI_IPC_OLD, NABIS };
bool abi_exists(enum abi abi);
void real_through(struct real *r, enum abi abi);
/* "raw", "libc", "ipc", "ipc-old"; and with the processor for records, "raw x86_64". */
const char *abi_name(enum abi abi);
enum abi abi_find(const char *name, size_t len);	/* NABIS: none is called so */
const char *abi_text(enum abi abi);
/* Kills what is left of the actors, detaches and removes what the run created, frees. */
void real_close(struct real *r);

/* Makes an actor and gives it credentials, which are read back. False with a sentence in err. */
bool real_actor(struct real *r, int actor, const struct cred *cred, char *err, size_t errsize);

enum progress {
	DONE,			/* the call has come to an end: see the outcome */
	PARKED,			/* the actor was seen asleep in the call, or is stopped, or loads for ever */
	LOST,			/* harness defect or an actor died: real_why() */
};

/*
 * Starts op for its actor, and waits until it has ended or is seen to block. expect_block tells
 * what to look for first; it never decides the answer. op is resolved to this side's ids and
 * addresses. Operations of family ENV are carried out by the caller's process.
 *
 * To load and store, memory that is neither attached nor in the hole counts as unmapped; an attach that
 * would replace such memory is LOST. Of a run of one process PARKED means that the call slept and was
 * given up after some 200 ms.
 */
enum progress real_call(struct real *r, const struct op *op, bool expect_block, struct outcome *out);

/*
 * Has the call that actor is parked in ended? With expect_end, waits until it has or the actor is
 * seen asleep in it again; otherwise the same, looking for sleep first. With deadline_ms > 0, for a
 * call whose own timeout is running, waits up to that long for the end. A call whose actor was killed
 * ends with FAULTED, SIGKILL. One process that plays everybody breaks off a call that sleeps; it stays
 * PARKED.
 */
enum progress real_wait(struct real *r, int actor, bool expect_end, int deadline_ms, struct outcome *out);

/* Why the last call said LOST. */
const char *real_why(const struct real *r);
/* True once a PARKED was concluded from a grace period because sleep could not be observed. */
bool real_timed(const struct real *r);
/* From now on that grace period is a second for calls that should end, instead of a twentieth. */
void real_be_patient(struct real *r);

/* Process id of an actor as the kernel reports it in this namespace, also after its death. -1 if unknown. */
int64_t real_pid(const struct real *r, int actor);
/* Seconds of the clock that the kernel stamps objects with, now. */
int64_t real_seconds(void);

/*
 * Appends every object of the namespace that the run was opened in, seen with all rights; changes nothing.
 * False when out of memory.
 */
bool real_snapshot(struct real *r, struct snapshot *s);
/* The bytes at addr in actor's memory; how many of len could be read. */
size_t real_bytes(struct real *r, int actor, int64_t addr, unsigned char *buf, size_t len);

/* ---- one call many times ---------------------------------------------------------------------- */

/*
 * For spaces of many cells: in a run of one process, a call is prepared once and then made for one object
 * after the other by whoever the process is at the time. Nothing is decoded unless it is asked for.
 */
struct real_shot;

/* Prepares op, which must not sleep; its payload is not needed afterwards. NULL when out of memory. */
struct real_shot *real_prepare(const struct op *op);
void real_discard(struct real_shot *s);
/* Makes the call with first as argument 0. 0 with *value, or an errno. */
int real_fire(struct real_shot *s, int64_t first, int64_t *value);
/* What the last call came to. Bytes and values live until the next. */
void real_answer(struct real_shot *s, struct outcome *out);
/* Where the answer lies as the kernel stored it; has the call left it alone since it was wiped? */
const unsigned char *real_stored(const struct real_shot *s);
bool real_untouched(const struct real_shot *s);
void real_wipe(struct real_shot *s);
/* Of an IPC_SET: what it is to set; of a chmod: F_mode. */
void real_set_field(struct real_shot *s, enum field f, int64_t v);

/*
 * Of files there are sets in such a run, where name + FILESET * n is the file of that name in set n, from 1
 * to FILESETS, for calls of family NODES and below. real_files() makes the sets, with which the run goes on
 * in a folder of its own and with a file mode creation mask of 0 until it is closed. False with a sentence.
 */
enum { FILESETS = 64, FILESET = 256 };
bool real_files(struct real *r, char *err, size_t errsize);
/* Keeps hold of a file that was made, one of each set, so that its status can be had from now on. */
bool real_watch(int64_t file);
/* Removes all files of its set. */
void real_remove(int64_t file);

/* Makes the process who makes the calls. False with a sentence in err. */
bool real_be(const struct cred *cred, char *err, size_t errsize);

#define STATUSMAX 256	/* bytes that no status structure exceeds */
/*
 * The status structure of an object as the kernel stores it; of family NODES that of a file that is watched.
 * No right is needed. False when there is none.
 */
bool real_status(enum family f, int64_t id, unsigned char *raw);	/* room for STATUSMAX bytes */
size_t real_status_size(enum family f);		/* bytes */
/* Its fields. Returns the offset of a reserved byte that is not 0, or -1. */
int real_status_read(enum family f, const unsigned char *raw, struct record *rec);
/* The values of a set, as many as it has, seen with all rights. */
bool real_values(int64_t id, uint16_t *vals);

/* System calls made by actors so far, for benchmarks. */
uint64_t real_calls(const struct real *r);

#endif
