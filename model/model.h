/*
 * The reference model of System V IPC: the whole public face of model/.
 *
 * A world holds IPC namespaces, tasks and a logical clock. A call is judged, then applied:
 *
 *	struct verdict v;
 *	model_judge(w, &op, prof, &v);		pure: what may come of this call, and why
 *	model_apply(w, &op, prof, v.first, &out);	does it; parked calls that can go on now do so
 *
 * Nothing here makes a system call, sets a global variable or prints.
 */
#ifndef MODEL_H
#define MODEL_H

#include "vocab.h"
#include "text.h"

/* ---- profiles ------------------------------------------------------------------------------- */

enum profile_switch {
#define SWITCH(name, ...) SW_##name,
#include "switches.def"
#undef SWITCH
	NSWITCHES
};

/*
 * What behaviour is expected: the value of every switch (an index into its choices), and whether
 * errors come in detection order (the first broken rule) or as a set (every broken rule).
 */
struct profile {
	const char *name;
	bool ordered;
	uint8_t sw[NSWITCHES];
	const char *without;	/* id of a rule to leave out, "ID" or "operation/ID"; NULL for none */
	/* "ID,ID" or "operation/ID,ID": where both are broken the second decides; NULL for none */
	const char *order;
	const struct fault *fault;	/* of one operation; NULL: none */
};
extern const struct profile profile_linux, profile_posix;

/* Profile by name, or NULL. */
const struct profile *profile_find(const char *name);
/*
 * Applies "SWITCH=VALUE", "without=RULE-ID" or "order=RULE-ID,RULE-ID", which p then points into; on failure
 * returns false and says why in err.
 */
bool profile_change(struct profile *p, const char *text, char *err, size_t errsize);

/*
 * A fault of an operation: a copy of its rules and of what it does, with one thing broken. text is
 * "OPERATION/PART=HOW", where PART and HOW are one of
 *
 *	RULE=drop	the rule is gone. RULE is an id, or ID#N for the Nth rule of that id that p has
 *	RULE=ERRNO	it gives that errno
 *	RULE=recheck	it is judged again while the call sleeps; or is not, if it should be
 *	RULE,RULE=swap	the second is judged before the first, which stands before it in the list
 *	find=swap	its object is found by the index bits of an id only; or by the full id
 *	wait=ERRNO	it fails where it should fall asleep
 *	wait=endless	who fell asleep in it is not looked at again
 *	wait=silent	while it must wait no rule is judged again; or all are
 *	commit=drop, sleep=drop, failure=drop
 *			nothing happens when it succeeds, falls asleep or fails
 *
 * NULL with a sentence in err when the text means nothing, or would change nothing.
 */
struct fault;
struct fault *fault_new(const struct profile *p, const char *text, char *err, size_t errsize);
void fault_free(struct fault *f);

struct switchinfo {
	const char *name;		/* "group-ids" */
	const char *const *choices;	/* names of its values, ends with NULL */
	int linux_value, posix_value;
	const char *text;		/* what it decides, one sentence */
	const char *source;		/* requirement ids or document */
};
extern const struct switchinfo switchinfo[NSWITCHES];

/* ---- worlds --------------------------------------------------------------------------------- */

struct world;

/* A world with empty namespaces and no task; NULL when out of memory. */
struct world *world_new(const struct facts *facts);
void world_free(struct world *w);
struct world *world_clone(const struct world *w);	/* NULL when out of memory */
bool world_equal(const struct world *a, const struct world *b);	/* false also when out of memory */
uint64_t world_hash(const struct world *w);
/* The invariant. On false, why (if not NULL) says what is broken. */
bool world_ok(const struct world *w, char *why, size_t size);

/* Makes task number actor, alive, with these credentials and nothing else. */
void world_task(struct world *w, int actor, const struct cred *cred);
bool world_alive(const struct world *w, int actor);
/* The address space of a task that is alive, which the threads of a process share: a number, 0 or more. */
int world_memory(const struct world *w, int actor);
/*
 * Number of the IPC namespace that the actor is in. That which everybody starts in has 0; no number is used
 * for two namespaces of a world.
 */
int64_t world_namespace(const struct world *w, int actor);
const struct cred *world_cred(const struct world *w, int actor);

/* ---- calls ---------------------------------------------------------------------------------- */

/* What may come of a call. Exactly one thing under an ordered profile; under another a choice. */
struct verdict {
	struct errset errs;	/* allowed failures */
	bool success;		/* success is allowed */
	bool waits;		/* if it does not fail, the call must wait */
	int first;		/* errno of the first broken rule that makes the call fail, or 0 */
	/* how it ends if no rule makes it fail and it need not wait: not RETURNED where data has no place */
	struct end { enum how how; int err; } end;
};

/* Judges op in the present state. Pure. The actor must be alive and not blocked (see model_ready). */
void model_judge(const struct world *w, const struct op *op, const struct profile *p, struct verdict *v);

/*
 * Carries op out after its verdict: err 0 to let it succeed or wait, else the errno to fail with
 * (normally v->first). *out gets what the actor sees: RETURNED, FAILED, FAULTED or BLOCKED. Then
 * the clock moves and every parked call is judged again; see model_woken. Returns false, with
 * nothing changed, when there is no memory for it.
 */
bool model_apply(struct world *w, const struct op *op, const struct profile *p, int err, struct outcome *out);

/*
 * False when op cannot be run now: its actor is dead or blocked, or its target does not exist. why as in
 * world_ok.
 */
bool model_ready(const struct world *w, const struct op *op, char *why, size_t size);

/* The call that actor is parked in, or NULL. */
const struct op *model_parked(const struct world *w, int actor);
/*
 * The outcome with which actor's parked call ended during the last model_apply or model_expire; false if
 * none did.
 */
bool model_woken(const struct world *w, int actor, struct outcome *out);
/*
 * Where it is open which of several sleepers goes first, model_apply lets them go by arrival. This puts them
 * in arrangement number k instead, of which 0 is theirs by arrival; false when there is no such number.
 */
bool model_arrange(struct world *w, const struct profile *p, int k);
/* Ends actor's parked semtimedop because its time is up. */
void model_expire(struct world *w, int actor, const struct profile *p);

/* The step number that a time stamp set now would carry; 0 is "never". Grows by one with each model_apply. */
int64_t model_now(const struct world *w);
#define TIME_ANY (-1)	/* a time stamp adopted from a kernel: compared with nothing */
#define PID_ANY (-1)	/* the process of a semaphore's last operation where the profile leaves open which */

/* Why: the rules judged for op and the comparison that decided each, a line each, most telling last. */
void model_derive(const struct world *w, const struct op *op, const struct profile *p, struct text *t);
/*
 * What the permission of a call was decided by. A call may ask for access, which the mode grants to a class,
 * or for control of the object, which its owner and creator have.
 */
struct grounds {
	enum { ASKED_NOTHING, ASKED_ACCESS, ASKED_CONTROL } question;
	/* the ids that were found equal, "fsgid" and "cgid"; NULL when none is */
	const char *mine, *theirs;
	uint32_t id;			/* their value */
	const char *class;		/* of access: "owner", "group" or "other" */
	int requested, granted, missing;	/* of access: ACCESS_READ and so on; granted by the mode */
	int cap;			/* the capability that was needed and was there, or -1 */
	const char *clause;		/* id of the requirement that says so */
	int file;			/* of a file: its enum nodename plus 1; else 0 */
};
enum { ACCESS_READ = 4, ACCESS_WRITE = 2, ACCESS_EXEC = 1 };
/* Judges op up to the rule that decides; ASKED_NOTHING when no rule before that looked at a permission. */
void model_grounds(const struct world *w, const struct op *op, const struct profile *p, struct grounds *g);
/* The id and errno of rule that decides op under p, or NULL when none is broken. */
const char *model_decider(const struct world *w, const struct op *op, const struct profile *p);

/* ---- state ---------------------------------------------------------------------------------- */

/* Appends every object of the namespace that everybody starts in. False when out of memory. */
bool model_snapshot(const struct world *w, struct snapshot *s);
/*
 * The status record of the object that id names where the actor is (-1: the harness), as IPC_STAT would
 * give it; of family NODES id is an enum nodename, and the record what a stat gives. False when there is
 * none.
 */
bool model_record(const struct world *w, int actor, enum family f, int64_t id, struct record *rec);
/*
 * The bytes of the segment behind addr as actor's loads would see them, at most len; returns how many are
 * mapped.
 */
size_t model_bytes(const struct world *w, int actor, int64_t addr, unsigned char *buf, size_t len);
/*
 * What an actor has attached and can read, each from its start: address and size in bytes of number i; false
 * past the last.
 */
bool model_attachment(const struct world *w, int actor, int i, int64_t *addr, int64_t *size);
/*
 * Overwrites what the model believes of object seen->id with what was seen, times as TIME_ANY; of family
 * NODES as for model_record. False if it has no such object.
 */
bool model_adopt(struct world *w, const struct objview *seen, const struct snapshot *s);

/* ---- rules, for tools ----------------------------------------------------------------------- */

/*
 * Rule number i of an operation: its id, errno, and strength for POSIX ("shall", "may", ""); false past the
 * last.
 */
bool model_rule(enum opcode code, int i, const char **id, int *err, const char **strength);
/* The rules of an operation that a profile has: a set of positions, bit i for rule number i. */
uint64_t model_rules(enum opcode code, const struct profile *p);
/* Those of them that op breaks in the present state, in whatever order they are judged. Pure. */
uint64_t model_broken(const struct world *w, const struct op *op, const struct profile *p);

#endif
