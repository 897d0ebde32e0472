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
 * Runs body(arg) in a child that is init of a PID namespace of its own, in private mount and IPC
 * namespaces, with /proc mounted for it; when the caller is not root also in a user namespace in
 * which it is user 1000, group 1000. The child dies with its parent, and everything in the
 * namespaces with it. Returns the child's pid, or -1 with a sentence in err.
 */
pid_t box_spawn(int (*body)(void *arg), void *arg, char *err, size_t errsize);

/* What the kernel gives a box: page size, limits of a fresh namespace, ... Call it inside a box. */
void box_facts(struct facts *facts);
/* Replaces the caller's IPC namespace by a fresh one. Undo lists of the caller are applied by that. */
bool box_fresh(char *err, size_t errsize);
/* True if a process here can take these credentials; else says why not in why ("needs root: uid 1001"). */
bool box_can_be(const struct cred *cred, char *why, size_t size);
/* Sets a limit of the caller's IPC namespace. 0, or the errno of the write. */
int box_limit(enum limit lim, int64_t value);
/* Objects in the caller's IPC namespace, over all families. */
int box_objects(void);

/* Environment of a run, for the header of its records. Strings live as long as the process. */
struct environment {
	const char *sysname, *release, *machine, *version;	/* uname */
	const char *libc;		/* "glibc 2.36", "musl" */
	const char *abi;		/* "raw x86_64" */
	const char *lsm;		/* active security modules, "" when unknown */
	int cpus;
	bool root;			/* ids of any user can be taken */
	uint64_t caps;			/* effective capabilities of the caller */
};
void real_environment(struct environment *env);

/* ---- a run of one case ------------------------------------------------------------------------ */

/*
 * SOLO: every actor is the calling process, which takes the credentials of whoever acts; for
 * cases in which nobody blocks, forks, exits or attaches beside another. PROCESSES: each actor is
 * a process of its own, confined by seccomp to the calls that operations need.
 */
enum real_mode { REAL_SOLO, REAL_PROCESSES };

struct real;

/* Opens a run in the caller's IPC namespace, which should be fresh. NULL, with a sentence in err, when it cannot be had. */
struct real *real_open(enum real_mode mode, char *err, size_t errsize);
/* Kills what is left of the actors, detaches and removes what the run created, frees. */
void real_close(struct real *r);

/* Makes an actor and gives it credentials, which are read back and compared. False with a sentence in err. */
bool real_actor(struct real *r, int actor, const struct cred *cred, char *err, size_t errsize);

enum progress {
	DONE,			/* the call has come to an end: see the outcome */
	PARKED,			/* the actor was seen asleep in the call */
	LOST,			/* harness defect or an actor died: real_why() */
};

/*
 * Starts op for its actor, and waits until it has ended or is seen to block. expect_block tells
 * what to look for first; it never decides the answer. op is resolved to this side's ids and
 * addresses. Operations of family ENV are carried out by the caller's process.
 */
enum progress real_call(struct real *r, const struct op *op, bool expect_block, struct outcome *out);

/*
 * Has the call that actor is parked in ended? With expect_end, waits until it has or the actor is
 * seen asleep in it again; otherwise the same, looking for sleep first. With deadline_ms > 0, for a
 * call whose own timeout is running, waits up to that long for the end.
 */
enum progress real_wait(struct real *r, int actor, bool expect_end, int deadline_ms, struct outcome *out);

/* Why the last call said LOST. */
const char *real_why(const struct real *r);
/* True when the last PARKED was concluded from a grace period because sleep could not be observed. */
bool real_timed(const struct real *r);

/* Process id of an actor as the kernel reports it in this namespace; stays valid after its death. -1 when unknown. */
int64_t real_pid(const struct real *r, int actor);
/* Seconds of the clock that the kernel stamps objects with, now. */
int64_t real_seconds(void);

/* Appends every object of the namespace, seen with all rights, changing nothing. False when out of memory. */
bool real_snapshot(struct real *r, struct snapshot *s);
/* The bytes at addr in actor's memory; how many of len could be read. */
size_t real_bytes(struct real *r, int actor, int64_t addr, unsigned char *buf, size_t len);

/* System calls made by actors so far, for benchmarks. */
uint64_t real_calls(const struct real *r);

#endif
