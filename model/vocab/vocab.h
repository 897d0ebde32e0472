/*
 * The shared language of model, real side and harness: what an operation is and what can come of
 * it. A leaf: it includes nothing of ours and no system IPC header. Constants have the values of
 * the Linux ABI, which are the same on every architecture; real/abi.c asserts that they are.
 */
#ifndef VOCAB_H
#define VOCAB_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- constants ------------------------------------------------------------------------------ */

enum {
	IPC_PRIVATE = 0,
	IPC_CREAT = 01000, IPC_EXCL = 02000, IPC_NOWAIT = 04000,
	SEM_UNDO = 0x1000,
	MSG_NOERROR = 010000, MSG_EXCEPT = 020000, MSG_COPY = 040000,
	SHM_HUGETLB = 04000, SHM_NORESERVE = 010000,			/* of shmget */
	SHM_RDONLY = 010000, SHM_RND = 020000, SHM_REMAP = 040000, SHM_EXEC = 0100000,	/* of shmat */
	SHM_DEST = 01000, SHM_LOCKED = 02000,				/* of a segment's mode */
	SEMVMX = 32767,		/* highest value of a semaphore */
	SEMAEM = 32767,		/* highest adjustment; the lowest is -SEMAEM - 1 */
	IPCMNI = 32768,		/* indexes in a table; an id is seq * IPCMNI + index */
};

/* Of clone. Written as system headers do, which may define it again in the same words. */
#define CLONE_SYSVSEM 0x00040000
#define CLONE_NEWIPC 0x08000000
#define CLONE_NEWUSER 0x10000000
#define CLONE_NEWPID 0x20000000

/* Flags of the calls that open: O_RDONLY, O_WRONLY, O_RDWR, O_CREAT and O_EXCL, as fcntl.h calls them. */
enum {
	OPEN_READ = 0, OPEN_WRITE = 1, OPEN_BOTH = 2, OPEN_ACCESS = 3,
	OPEN_CREATE = 0100, OPEN_EXCLUSIVE = 0200,
};

/* Limits of a new namespace on Linux; the boundaries of partitions lie at them. */
enum {
	DEF_MSGMNI = 32000, DEF_MSGMAX = 8192, DEF_MSGMNB = 16384,
	DEF_SEMMSL = 32000, DEF_SEMMNS = 1024000000, DEF_SEMOPM = 500, DEF_SEMMNI = 32000,
	DEF_SHMMNI = 4096,
};
/* shmmax and shmall are unsigned there; what does not fit in 63 bits is the highest value here. */
#define DEF_SHMMAX INT64_MAX
#define DEF_SHMALL INT64_MAX

/*
 * The real side keeps HOLE .. HOLE+HOLE_SIZE of every actor free, for attaching at a fixed address. Some
 * systems of 64 bits have 39 bits of address space; AddressSanitizer needs most of that for its shadow.
 */
#ifdef __SANITIZE_ADDRESS__
#define HOLE INT64_C(0x200000000000)
#else
#define HOLE ((int64_t)(sizeof(void *) == 8 ? 0x2000000000 : 0x50000000))
#endif
#define HOLE_SIZE ((int64_t)16 << 20)
/*
 * It has memory of its own at the first of these places that lies in the address space, which on some CPUs of
 * 32 bits has 31.
 */
#define OWN_HIGH INT64_C(0x480000000000)
#define OWN_LOW (HOLE + ((int64_t)1 << (sizeof(void *) == 8 ? 30 : 28)))

/* RLIMIT_MEMLOCK of every actor, in bytes: small enough to exceed, large enough to lock a few pages. */
#define MEMLOCK ((int64_t)1 << 20)

/* What may be done to memory: PROT_READ, PROT_WRITE and PROT_EXEC, as sys/mman.h calls them. */
enum { READABLE = 1, WRITABLE = 2, EXECUTABLE = 4 };

/* Soft resource limits that an actor can set. */
enum rlim { RLIM_MEMLOCK, RLIM_AS, NRLIMS };

#define MAXACTORS 16		/* tasks in a world, actors in a case */
#define MAXARGS 5		/* arguments of an operation */
#define MAXGROUPS 16		/* supplementary groups of a task */

/* ---- tables --------------------------------------------------------------------------------- */

enum opcode {
#define OP(name, family, result, args) OP_##name,
#include "ops.def"
#undef OP
	NOPS
};

enum kind {
#define KIND(name, text) KIND_##name,
#include "kinds.def"
#undef KIND
	NKINDS
};

enum field {
#define FIELD(name, kind) F_##name,
#include "fields.def"
#undef FIELD
	NFIELDS
};

enum limit {
#define LIMIT(name, file, place) LIM_##name,
#include "limits.def"
#undef LIMIT
	NLIMITS
};

enum path {
#define PATH(name, err, text) PATH_##name,
#include "paths.def"
#undef PATH
	NPATHS
};

enum nodename {
#define NODE(name, folder, path, text) NODE_##name,
#include "nodes.def"
#undef NODE
	NNODES,
	NODE_none = NNODES
};

/* What a header defines: IPC_CREAT is H_IPC_CREAT. */
enum header {
#define CONSTANT(name, value, clause) H_##name,
#define TYPE(name, type, size, clause) H_##name,
#define MEMBER(structure, member, size, clause) H_##structure##_##member,
#include "headers.def"
#undef CONSTANT
#undef TYPE
#undef MEMBER
	NDEFINITIONS
};

/* Position of an errno value in a set. */
enum errbit {
#define ERR(name) ERRBIT_##name,
#include "errs.def"
#undef ERR
	NERRS
};

enum family { MSG, SEM, SHM, NFAMILIES, PROC = NFAMILIES, ENV, LIB, NODES };

/* What success returns, hence how two results are compared. */
enum result {
	R_ZERO,			/* 0 */
	R_COUNT,		/* a number, compared exactly */
	R_ID,			/* an id of the operation's family, compared by what it names */
	R_INDEX,		/* highest used index of the table, compared exactly */
	R_ADDR,			/* an address, compared by alignment and distance */
	R_PID,			/* a process, compared by actor; 0 is none */
	R_KEY,			/* a key, compared by which others it equals, or exactly */
	R_OPEN,			/* a number; 0 under posix where the standard leaves it open */
};

/* ---- credentials ---------------------------------------------------------------------------- */

enum cap {
#define CAP(name, number) name = number,
#include "caps.def"
#undef CAP
};

struct capinfo { const char *name; enum cap number; };
enum {
#define CAP(name, number) CAPINFO_##name,
#include "caps.def"
#undef CAP
	NCAPS
};
extern const struct capinfo capinfo[NCAPS];

/* Shown for a user or group that has no id in the reader's user namespace; a system may choose another. */

#define CAPS_ALL UINT64_MAX	/* credset, cred: every capability that the system has */

/* Who a task is. Ids are those of the user namespace that owns the IPC namespace. */
struct cred {
	uint32_t ruid, euid, suid, fsuid;
	uint32_t rgid, egid, sgid, fsgid;
	uint64_t caps;		/* effective set: bit n is capability n */
	uint32_t ngroups;
	uint32_t groups[MAXGROUPS];
};

/*
 * A change of credentials: the value of each member that has its bit replaces the task's. Bits are
 * in the order of struct cred: ruid is bit 0, fsgid bit 7.
 */
enum { CRED_IDS = 8, CRED_CAPS = 8, CRED_GROUPS = 9 };
struct credset {
	uint32_t has;
	struct cred cred;
};
void credset_apply(struct cred *c, const struct credset *set);
uint32_t *cred_id(struct cred *c, int i);	/* the user or group id of bit i */

/* ---- operations ----------------------------------------------------------------------------- */

/* Where a buffer lies. Everything but P_OK is a bad pointer. An OUT argument holds one of these. */
enum place {
	P_OK,			/* readable and writable, ends at an unmapped page */
	P_NULL,			/* address 0 */
	P_UNMAPPED,		/* no page there */
	P_READONLY,		/* contents are good, not writable */
	P_PARTIAL,		/* the first 8 bytes are good, the rest unmapped */
	P_ODD,			/* good, at an odd address */
	NPLACES
};

struct sop {			/* struct sembuf */
	uint16_t num;
	int16_t op;
	int16_t flg;
};

/*
 * The part of an operation that is not a number. Immutable; belongs to the arena of the script or
 * generator that made it and must outlive every world that has seen it. Which members count
 * follows from the operation's kinds: MSG text.., SOPS sops.., and so on.
 */
struct payload {
	enum place where;	/* MSG, SOPS, SEMVALS, MSGSET, PERMSET: where the caller's buffer lies */
	struct {		/* MSG */
		int64_t type;
		int64_t size;		/* the msgsz argument; may lie about len */
		size_t len;
		const unsigned char *text;
	} msg;
	struct {		/* SOPS; n is at most SOPSMAX */
		size_t n;
		const struct sop *v;
	} sops;
	int64_t excess;		/* SOPS: the nsops argument is sops.n + excess; not 0 when it lies */
	struct {		/* TIMEOUT; given is false for none */
		bool given;
		enum place where;
		int64_t sec, nsec;
	} timeout;
	struct {		/* SEMVALS, at most VALSMAX: fewer than the set has are filled up with 0 */
		size_t n;
		const uint16_t *v;
	} vals;
	struct {		/* MSGSET, PERMSET: has is a set of field bits */
		uint64_t has;
		int64_t uid, gid, mode, qbytes;
	} set;
	struct {		/* BYTES */
		size_t len;
		const unsigned char *v;
	} bytes;
	struct credset cred;	/* CRED */
};
#define SOPSMAX 4096
#define VALSMAX 65536

/*
 * One call of one actor. Arguments by position for tools, by name for handlers. When ref[i] is not
 * 0, argument i is a bound name: v[i] is then an offset to add to the value of name ref[i] - 1, and
 * the operation must be resolved before a model or a kernel sees it.
 */
struct op {
	enum opcode code;
	int actor;		/* 0 .. MAXACTORS-1, or -1 for family ENV */
	uint16_t ref[MAXARGS];
	union {
		int64_t v[MAXARGS];
#define ARG(name, kind) int64_t name;
#define OPT(name, kind) int64_t name;
#define OP(name, family, result, args) struct { args } name;
#include "ops.def"
#undef OP
#undef OPT
#undef ARG
	};
	const struct payload *data;	/* NULL unless a kind needs it */
};

/* Description of an operation, from ops.def. */
struct opinfo {
	const char *name;
	enum family family;
	enum result result;
	int nargs;
	struct { const char *name; enum kind kind; bool optional; } arg[MAXARGS];
};
extern const struct opinfo opinfo[NOPS];

/* Kind of argument i of op, or NKINDS when it has no such argument. */
enum kind op_kind(const struct op *op, int i);

/* The operation of that name, or -1. */
int op_find(const char *name, size_t len);
/* True for calls of 32-bit x86. */
bool op_needs_ia32(enum opcode code);
/* True for operations that can put their caller to sleep. */
bool op_may_block(enum opcode code);
/* True for operations that make an actor, which they name by their first argument: fork and its kin. */
bool op_makes_actor(enum opcode code);

/* ---- outcomes ------------------------------------------------------------------------------- */

/* Some of the fields of fields.def. */
struct record {
	uint64_t has;		/* set of BIT(F_...) */
	int64_t v[NFIELDS];
};
#define BIT(n) (UINT64_C(1) << (n))

static inline void put(struct record *r, enum field f, int64_t v)
{
	r->has |= BIT(f);
	r->v[f] = v;
}

struct fieldinfo { const char *name; enum kind kind; };
extern const struct fieldinfo fieldinfo[NFIELDS];
int field_find(const char *name, size_t len);	/* -1 when unknown */
/* The set of fields that an operation reports when it succeeds. */
uint64_t op_fields(enum opcode code);

enum how {
	RETURNED,		/* with value, and what the call stored */
	FAILED,			/* with err */
	BLOCKED,		/* the actor sleeps in the call */
	FAULTED,		/* the actor got signal err instead of an answer (SIGSEGV, SIGBUS) */
};

/*
 * What came of a call. Values that differ by nature between two sides are given in each side's own
 * terms: an id or address of that side; a pid of that side; a time of that side, which is a number
 * of seconds on a kernel and a step number in a model.
 */
struct outcome {
	enum how how;
	int err;
	int64_t value;
	/* status or information record; type of a received message, also when only that could be stored */
	struct record rec;
	const unsigned char *bytes;	/* message text or loaded bytes, len of them; NULL if none. */
	size_t len;
	const uint16_t *vals;		/* semctl_GETALL, nvals of them. Both belong to the side that */
	size_t nvals;			/* answered and live until its next call. */
	const char *stray;		/* what the call stored beside its answer, in words; else NULL */
};

/* A set of errno values. */
struct errset { uint32_t bits; };
int err_bit(int err);			/* position of err, or -1 when it is not in errs.def */
const char *err_name(int err);		/* "EINVAL"; "errno 95" when it is not in errs.def */
int err_number(const char *name, size_t len);	/* 0 when unknown */
int err_at(int bit);			/* the errno value at a position */

/* ---- state of a namespace, as either side reports it ---------------------------------------- */

struct semview { int64_t val, pid, ncnt, zcnt; };
struct msgview {
	int64_t type;			/* 0: this side cannot look at the message without taking it */
	size_t len;
	const unsigned char *text;
};

/* Of a set, pids and counts are looked at for the first SEMVIEWS semaphores only; values for all. */
#define SEMVIEWS 16

struct objview {
	enum family family;
	int type;			/* of family NODES, where a program has several */
	int64_t id;
	struct record rec;		/* as *_STAT_ANY reports it */
	size_t nsems, nmsgs;		/* SEM, MSG */
	size_t sems, msgs;		/* first of them in the snapshot's sem[] and msg[] */
};

/* Every object of a namespace in index order: queues, sets, segments. Grows as needed, is reused. */
struct snapshot {
	struct objview *obj; size_t nobj, capobj;
	struct semview *sem; size_t nsem, capsem;
	struct msgview *msg; size_t nmsg, capmsg;
	unsigned char *text; size_t ntext, captext;	/* storage behind msgview.text, where needed */
};
void snapshot_clear(struct snapshot *s);	/* empties, keeps the memory */
void snapshot_free(struct snapshot *s);
/* Append one, zeroed; NULL when out of memory. A pointer lives until the next append. */
struct objview *snapshot_obj(struct snapshot *s);
struct semview *snapshot_sem(struct snapshot *s);
struct msgview *snapshot_msg(struct snapshot *s);

/* ---- limits --------------------------------------------------------------------------------- */

struct limits { int64_t v[NLIMITS]; };
struct limitinfo { const char *name, *file; int place; };
extern const struct limitinfo limitinfo[NLIMITS];
int limit_find(const char *name, size_t len);	/* -1 when unknown */

/* ---- files ---------------------------------------------------------------------------------- */

struct pathinfo { const char *name; int err; const char *text; };
extern const struct pathinfo pathinfo[NPATHS];
struct nodeinfo { const char *name; enum nodename folder; const char *path, *text; };
extern const struct nodeinfo nodeinfo[NNODES];
struct headerinfo { const char *name, *clause; };
extern const struct headerinfo headerinfo[NDEFINITIONS];

/* Inode number of the file that each path leads to before anything was renamed, and their device. 0: none. */
struct files { int64_t dev, ino[NPATHS]; };

/* What a system is like before anything happened: facts.def, and more. */
struct facts {
#define FACT(name, type, usual, text) type name;
#include "facts.def"
#undef FACT
	struct limits limits;		/* of a new namespace; *_next_id are -1 */
	struct files files;
};
extern const struct facts linux_facts;	/* Linux 6.x, x86-64, root */

/* The facts of facts.def by number, for whom one is like the other. What is true or false is 1 or 0. */
enum fact {
#define FACT(name, type, usual, text) FACT_##name,
#include "facts.def"
#undef FACT
	NFACTS
};
#define LINUX(major, minor) ((int64_t)(major) * 1000 + (minor))	/* as the fact has it */
struct factinfo {
	const char *name, *text;
	bool flag;			/* true or false, not a number */
	bool wide;			/* of type uint64_t, which as int64_t is below 0 from 2^63 on */
};
extern const struct factinfo factinfo[NFACTS];
int64_t fact_of(const struct facts *f, enum fact fact);
void fact_set(struct facts *f, enum fact fact, int64_t v);
/*
 * "NAME=NUMBER" with a number above 0, at text; of a flag "NAME", which stands for 1, "no-NAME" for 0, or
 * "NAME=0" and "NAME=1". Returns how many characters were read, 0 for none.
 */
size_t fact_read(const char *text, enum fact *fact, int64_t *v);

#endif
