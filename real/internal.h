/* What the files of the real side share. */
#ifndef INTERNAL_H
#define INTERNAL_H

#include <stdatomic.h>

#include "real.h"

/* ---- abi.c: the kernel's own structures ------------------------------------------------------ */

/*
 * Where control calls were calls of their own before structures were widened, they have to be asked for the
 * wide ones: IPC_64.
 */
#if defined(__arm__) || defined(__mips64) || defined(__alpha__)
#define WIDE 0x100
#else
#define WIDE 0
#endif

/* Commands of the control calls that vocab.h has no use for, as the calls are given them. */
enum {
	IPC_RMID = WIDE, IPC_SET = WIDE + 1, IPC_STAT = WIDE + 2, IPC_INFO = WIDE + 3,
	MSG_STAT = WIDE + 11, MSG_INFO = WIDE + 12, MSG_STAT_ANY = WIDE + 13,
	GETPID = WIDE + 11, GETVAL = WIDE + 12, GETALL = WIDE + 13, GETNCNT = WIDE + 14,
	GETZCNT = WIDE + 15, SETVAL = WIDE + 16, SETALL = WIDE + 17,
	SEM_STAT = WIDE + 18, SEM_INFO = WIDE + 19, SEM_STAT_ANY = WIDE + 20,
	SHM_LOCK = WIDE + 11, SHM_UNLOCK = WIDE + 12, SHM_STAT = WIDE + 13, SHM_INFO = WIDE + 14,
	SHM_STAT_ANY = WIDE + 15,
};

/* Where the fields of a structure lie. What no cell covers is reserved, and the kernel stores 0 there. */
struct layout {
	size_t size;
	int ncells;
	const struct cell *cells;		/* in any order; none overlaps another */
};

struct cell {
	uint16_t offset;
	uint8_t size;				/* 2, 4 or 8 */
	uint8_t field;				/* NFIELDS: defined, but nothing that is reported */
	bool is_signed;
	bool high;				/* upper half of a field whose lower half came before */
};

/* The structures of one ABI, by family: of IPC_STAT, of IPC_INFO, and of MSG_INFO, SEM_INFO and SHM_INFO. */
struct layouts { struct layout status[NFAMILIES], info[NFAMILIES], usage[NFAMILIES]; };
extern const struct layouts kernel_layouts;	/* struct msqid64_ds, semid64_ds, shmid64_ds, ... */
const struct layouts *abi_layouts(enum abi abi);
/* The structure that an operation stores into its OUT argument; NULL if it stores something else. */
const struct layout *layout_of(enum abi abi, enum opcode code);
/* Reads every field of a structure. Returns the offset of a reserved byte that is not 0, or -1. */
int layout_read(const struct layout *l, const unsigned char *p, struct record *rec);
/*
 * The same offset where bytes may have another value too: a function of the C library may leave alone what it
 * has no use for.
 */
int layout_reserved(const struct layout *l, const unsigned char *p, unsigned char also);
/* Writes one field of a structure. */
void layout_write(const struct layout *l, unsigned char *p, enum field f, int64_t v);
/* Bytes to which the kernel wants addresses of attachments aligned. */
int64_t abi_shmlba(void);
/* Bytes of what status structures begin with. */
int64_t abi_ipc_perm(void);

/* ---- guard.c: shared memory between worker and actors ---------------------------------------- */

enum turn { WORKER, ACTOR };

/* Instead of a pidfd: a process that is new; one that served before, in the namespace where it is. */
enum home { NO_HOME = -1, SAME_HOME = -2 };

/* Part of a slot's memory that a call is given: address, and how many bytes can be accessed from there. */
struct spot { unsigned char *at; size_t room; };

/*
 * A call on its way to an actor, and its answer on the way back. Lies in memory that worker and
 * actor share. The worker prepares all buffers, so that an actor does little more than the call.
 */
struct slot {
	_Atomic uint32_t turn;		/* enum turn: who may touch the rest. A futex */
	struct op op;			/* its payload is the worker's, and nothing to actors */
	enum abi abi;			/* how the call is to be made */
	struct cred cred;		/* become: what to become */
	int home;			/* become: pidfd of whose IPC namespace to join, or enum home */
	void *buf;			/* payload or place of the answer, as the call is given it */
	size_t size;			/* of what is at buf, in the call's unit: bytes or operations */
	void *timeout;			/* semtimedop */
	_Atomic uint32_t entered;	/* an actor that sleeps does so in the call, or has come out of it */
	struct spot out;		/* where the answer is stored */
	struct spot in, timeout_in;	/* what the call reads: the payload, and the timeout */
	bool readonly;			/* the pad is not writable during the call */
	bool timeout_readonly;
	int mail;			/* setns_ipc: the socket by which the namespace comes */
	size_t reach;			/* load, store: bytes from the address on that are attached */
	int fail;			/* errno that the call is to fail with without being made, or 0 */
	long ret;
	int err;			/* counts when ret is -1 */
	int sig;			/* the signal that the access raised, or 0 */
};

/* Bytes of the largest buffer of a call. */
#define PAD_SIZE (STRINGMAX + 65536)
#define CANARY 0x5a		/* what fills a place before the kernel stores something there */

/* A slot beside those of actors, or NULL. */
struct slot *slot_new(void);
void slot_free(struct slot *s);
/* Slot number i; NULL when there is no memory for slots. All slots exist as soon as one does. */
struct slot *slot_get(int i);
/* The guards behind the page of a timeout and behind the pad. */
unsigned char *slot_timeout_end(const struct slot *s);
unsigned char *slot_pad_end(const struct slot *s);
/* Makes the guards of the slot inaccessible to the calling process. */
bool slot_guard(const struct slot *s);
/* Descriptor and address of the memory of all slots, for a program that an actor becomes, which takes it. */
int slots_handed(uint64_t *place);
bool slots_take(int fd, uint64_t place);
/* Takes away and gives back the right to write, in the calling process, as the slot's flags ask. */
void slot_protect(const struct slot *s, bool on);
/* The place for size bytes in the slot's pad, or for a timeout. At most PAD_SIZE bytes have room. */
struct spot pad_spot(struct slot *s, enum place where, size_t size);
struct spot timeout_spot(struct slot *s, enum place where, size_t size);
/* Stores n bytes at offset, as far as there is room. */
void spot_write(struct spot spot, size_t offset, const void *from, size_t n);
/* Fills the spot in the pad, and some bytes before it, with canaries. */
void canary_fill(const struct slot *s, struct spot spot);
/* The first byte before the spot (negative) or from offset on that is no canary any more; else the room. */
long canary_broken(const struct slot *s, struct spot spot, size_t offset);

/* ---- marshal.c: operations into slots, answers out of them ----------------------------------- */

/* Puts op with all that it needs into the slot. */
void marshal_call(struct slot *s, const struct op *op);
/*
 * A call that sleeps has read its arguments, so that its buffers can be spoiled: had the kernel not taken
 * copies, it would be seen. A call that is to be made again, because a stop broke it off, gets them back.
 */
void marshal_spoil(struct slot *s);
void marshal_again(struct slot *s);
/*
 * The outcome of the call in the slot, of which it points to parts. If the call stored something beside
 * its answer, that is said in stray.
 */
void marshal_answer(const struct slot *s, struct outcome *out, char *stray, size_t size);

/* ---- call.c: one raw call for each operation ------------------------------------------------- */

/* Carries out the slot's operation in the calling process. */
void call_run(struct slot *s);
/* The sixth argument of the calls that it makes: see FAIL_MARK. */
long call_mark(const struct slot *s);
/* Numbers of the system calls in which an operation can sleep, up to one that is -1. */
const long *call_sleeps(enum opcode code);

/* ---- mux.c: the same calls by ipc(2) ----------------------------------------------------------- */

extern const struct layout old_info_layout;	/* what IPC_INFO of shmctl stored of old */
bool mux_has(enum opcode code);
void mux_call(struct slot *s);

/* ---- libc.c, called.c: the same calls through the C library ------------------------------------- */

extern const struct layouts libc_layouts;	/* struct msqid_ds, semid_ds, shmid_ds, ... */
extern const char libc_other[];			/* which, if not that of the program; else empty */
/* The function that has the operation, or NULL. */
long (*libc_function(enum opcode code))(const struct slot *s);
bool libc_has(enum opcode code);
/* Calls the function that has the operation. */
void libc_call(struct slot *s);
/* Its ftok. */
long libc_key(const char *path, int id);

/* ---- proc.c: the files below /proc/sysvipc ---------------------------------------------------- */

/* In an actor: keeps the files open from now on; reads one of them, kept or not, into the slot's place. */
void proc_keep(struct slot *s);
void proc_read(struct slot *s, enum family f);
/*
 * The row of an object in the text of such a file; false when there is none. What is wrong with the rows is
 * said in stray.
 */
bool proc_find(const char *text, int64_t id, struct record *rec, char *stray, size_t size);

/* ---- cred.c: who the calling process is ------------------------------------------------------ */

/* From now on a change of ids takes no capability away for good. False with errno. */
bool cred_keep_caps(void);
/* Are there user and group ids for access to files beside the effective ones? */
bool cred_has_fsids(void);
/* Are ids and groups stored and read as the kernel does it? */
bool cred_ids_whole(void);
/* What a line of a status file below /proc tells, such as "\nUid:". False when there is none. */
bool cred_told(const char *file, const char *line, uint32_t *real, uint32_t *effective, uint32_t *saved);
/* Can capabilities be kept over an exec? */
bool cred_survives_exec(void);
/* Finds out who the calling process is; it is then at home. */
void cred_init(void);
/* The same of a new thread of a process that is at home. */
void cred_begin(void);
/*
 * Makes the caller one that an exec leaves every capability that it may have: its effective ids become all of
 * its ids, or root's where nobody else keeps any. Of *now, which it was, only capabilities that it may have
 * are left. Returns as cred_take.
 */
int cred_steel(struct cred *now, int *err);
/* After that exec: takes these credentials. Returns as cred_take. */
int cred_resume(const struct cred *want, int *err);
/*
 * Takes these credentials and reads them back. Returns 0, or the number of the step that failed, with its
 * errno value in *err.
 */
int cred_take(const struct cred *want, int *err);
/*
 * Asks the kernel who the caller is, and joins the IPC namespace of the process that home is a pidfd of, if
 * it is not SAME_HOME. Returns as cred_take.
 */
int cred_rejoin(int home, int *err);
/* The process has got other capabilities than it took: finds out which. */
void cred_gained(void);
/* Makes every capability effective that the process may have. */
bool cred_raise(void);
/* The same for a while: which were effective before, to be made the only ones again. */
uint64_t cred_lift(void);
void cred_lower(uint64_t effective);
/* Who the process was at cred_init. */
const struct cred *cred_home(void);
/* Says why step failed, "setresuid: Operation not permitted". */
void cred_explain(int step, int err, char *why, size_t size);
/* The capabilities that are effective, and those that could be. */
bool cred_read_caps(uint64_t *effective, uint64_t *permitted);

/* ---- compat.c: 32-bit calls of x86 ------------------------------------------------------------ */

enum { IA32_GETPID = 20, IA32_IPC = 117, IA32_SEMCTL = 394, IA32_SHMCTL = 396, IA32_MSGCTL = 402 };

/* Structures without and with 16-bit members. */
extern const struct layout compat_layout[NFAMILIES], old_layout[NFAMILIES], compat_info_layout;
/*
 * Copies what a call may be given to where 32-bit addresses reach, at the same distance from a guard, and
 * what came of it back. low_address() is then the address of a place in the slot. False: no memory.
 */
bool low_begin(struct slot *s);
/*
 * Sets the memory for that aside, for this process and those that it forks: later an actor may have reached a
 * limit. False: no memory.
 */
bool low_reserve(void);
void low_end(struct slot *s);
long low_address(const struct slot *s, const void *p);
/* Makes a call with five arguments, of which the low 32 bits count. -1 with an errno value in *err. */
long ia32_call(const long arg[6], int *err);
/* Can such calls be made here? Asks a process of its own, which does not survive it if not. */
bool ia32_works(void);

/* ---- paths.c: the files that ftok is asked about ---------------------------------------------- */

/* Makes them if that was not done; false when they cannot be had. */
bool paths_make(void);
/* What ftok makes of it, without sign, or -1 with an errno value. */
int64_t path_key(enum path path, int id, int *err);
/* Makes the folder that they lie in the caller's current one, and goes back from there. */
void paths_enter(void);
void paths_leave(void);
/* Makes sets of files in it. False with errno. */
bool paths_sets(void);
/* 0 or an errno value. */
int paths_rename(enum path from, enum path to);
/* Gives every file the name back that it had at first. */
void paths_restore(void);

/* ---- nodes.c: calls that file access permissions decide ---------------------------------------- */

void node_mq_open(struct slot *s);
void node_mq_close(struct slot *s);
void node_mq_send(struct slot *s);
void node_mq_receive(struct slot *s);
void node_mq_unlink(struct slot *s);
void node_shm_open(struct slot *s);
void node_sem_open(struct slot *s);
void node_open(struct slot *s);
void node_mkfifo(struct slot *s);
void node_mkdir(struct slot *s);
void node_bind(struct slot *s);
void node_connect(struct slot *s);
void node_unlink(struct slot *s);
void node_rmdir(struct slot *s);
void node_stat(struct slot *s);
void node_chmod(struct slot *s);
void node_chown(struct slot *s);
void node_umask(struct slot *s);
/* In an actor: closes the queues and sockets that it has open. */
void nodes_close(void);

struct node_ds { uint32_t uid, gid, mode; };	/* what a stat answers */

/* Makes the directories that names lie in, below that of paths.c. */
bool nodes_make(int root);
/* From now on there may be files; removes all that there are. */
void nodes_begin(void);
void nodes_remove_all(int root);
/* The same for sets of files, of which nodes_make_sets() makes the directories. */
bool nodes_make_sets(int root);
void nodes_remove_sets(void);
/* A file that is watched, as struct node_ds. False when its name is gone. */
bool node_look(int64_t file, unsigned char *raw);

/* ---- headers.c --------------------------------------------------------------------------------- */

/* The value of a macro, or the size of a type or member; -1 with ENOENT in *err when it is not defined. */
long header_value(enum header name, int *err);

/* ---- confine.c ------------------------------------------------------------------------------- */

/*
 * The sixth argument of a call of System V IPC or of nodes.c, which has none, when it is to fail with an
 * errno instead of being made: FAIL_MARK | errno. It has an effect on who is confined only.
 */
enum { FAIL_MARK = 0x5f5a0000, FAIL_ERRNO = 0xffff };

/*
 * From now on the caller and its children can make no system call but those that operations need. They can
 * map the memory of slots, and become the program; each is a descriptor, or -1. A system that has no filters
 * goes without.
 */
bool confine(int slots, int program);
bool confine_possible(void);	/* the system has filters */

/* ---- heap.c: forks of a process with much on its heap ---------------------------------------- */

/*
 * From now on forks copy nothing of what the heap of the caller, which has one thread, holds. All stays where
 * it is. Does nothing where the memory of a process cannot be seen.
 */
void heap_put_aside(void);

/* ---- quiet.c: is a process asleep in a call? ------------------------------------------------- */

/* Does /proc show the PID namespace that we are in, so that a number means there whom it means here? */
bool proc_is_ours(void);
/* A file of a process or thread in /proc, to be read; or -1. */
int open_of(pid_t pid, const char *file);
/*
 * The letter that /proc/PID/stat has for the state of a process; '?' when it cannot be read, or is that of a
 * first thread that has ended before others; 0: no process.
 */
char process_state(pid_t pid);
/* Descriptors of /proc/PID/syscall and stat, or -1. All zero: not open yet. */
struct eye { bool open; int call, state; };
enum sight { AWAKE, ASLEEP, UNSEEN };

/*
 * Is pid asleep in one of the system calls with these numbers, which end with -1? UNSEEN when the system does
 * not tell. Where it tells of a sleep but not of the call, entered says whether a sleep is one in that call.
 */
enum sight eye_look(struct eye *e, pid_t pid, const long *numbers, bool entered);
void eye_close(struct eye *e);
/* Has the thread come to its end, with all that the kernel does then? */
bool thread_gone(pid_t pid, pid_t tid);
bool thread_end_shows(pid_t pid, pid_t tid);	/* can that be seen here? */

/* ---- box.c, facts.c -------------------------------------------------------------------------- */

/* True in the body of a box, where the IPC namespace is ours alone. */
bool box_private(void);
/* Changes with every fresh namespace. */
unsigned box_generation(void);
/* Does the end of the box end all that was started in it? */
bool box_ends_all(void);
/* Which ids there are in the caller's user namespace; box_can_be knows them from then on. */
void ids_learn(void);
/* Is there such a user and such a group? */
bool ids_have(uint32_t id);
enum { ORDINARY = 1000 };		/* user and group in the box of an ordinary user; actors', mostly */
/*
 * After a failure to make an IPC namespace: may it work now? Linux 6.1 counts namespaces until they are
 * freed, each of which takes a grace period of RCU after it was left: such a one is waited for. False after
 * so many tries, or with an errno other than ENOSPC.
 */
bool box_has_room(int tries);
/* Reads at most size - 1 bytes of a file and ends them with NUL. False when it cannot be read. */
bool read_file(const char *path, char *buf, size_t size);

/* Reads a limit of the caller's IPC namespace. False when the system does not tell. */
bool limit_read(enum limit lim, int64_t *v);

/* ---- rows.c: rows of the files below /proc/sysvipc -------------------------------------------- */

enum { ROWSMAX = 24 };
struct rows { const char *at; int n, column[ROWSMAX]; };
enum row_found { ROW, MISFIT, ROWS_END };

/* text must outlive r. The first line names the columns. */
void rows_open(struct rows *r, const char *text);
/* MISFIT: the next row is not understood, or has another number of columns than the head. */
enum row_found rows_next(struct rows *r, int64_t *id, struct record *rec);

/* ---- files.c: what the kernel's own files tell ------------------------------------------------ */

/* A whole file, NUL-terminated, to be freed; NULL with errno. */
char *read_whole(const char *path);
/* Appends the rows of a file of /proc/sysvipc. False when one is not understood, or without memory. */
bool files_rows(enum family f, const char *text, struct snapshot *s);

/* ---- told.c: do status records say what the kernel's own files say? ---------------------------- */

/* Finds out. Makes objects in a namespace of its own for that, which is left at once. */
void told_learn(void);
/* They were seen not to; false before it was found out. */
bool told_wrongly(void);
/* Where they do not, the fields of a record of that object are replaced by those of the files. */
void told_correct(enum family f, int64_t id, struct record *rec);

/* ---- look.c: the state of the namespace, seen with all rights -------------------------------- */

/* Status of the object that id names; false when there is none. Changes nothing, needs no rights. */
bool look_object(enum family f, int64_t id, struct record *rec);
/* The same as the kernel stored it: kernel_layouts tells how to read it. There must be room for 256 bytes. */
bool look_raw(enum family f, int64_t id, unsigned char *raw);
/* Has *_STAT_ANY been seen to work, and to tell which object it is of? */
bool look_needs_no_right(enum family f);
/* An object that was made: it is looked for also where it is not listed. False when out of memory. */
bool look_note(enum family f, int64_t id);
/* Removes every object of the namespace. */
void look_remove_all(void);
/* Does the system tell of no object there? One that is removed may be told of all the same. */
bool look_nothing_left(void);

/* ---- a run ----------------------------------------------------------------------------------- */

/* A piece of an attach, which was made at address base by call number call of the run. */
struct attachment { uintptr_t addr; size_t size; uintptr_t base; uint64_t call; };

struct actor {
	enum { ABSENT, IDLE, BUSY, DEAD } life;		/* BUSY: in the call of the slot */
	bool stopped;					/* by SIGSTOP */
	bool killed;					/* while BUSY, by a signal operation */
	bool away;				/* in another IPC namespace than the worker */
	bool alone;				/* in a PID namespace of its own, where its pid is 1 */
	bool files_kept;			/* its process keeps the files of /proc/sysvipc open */
	bool files_alone;			/* they were opened when it was alone */
	pid_t pid, tid;				/* of its process, and its own */
	int memory;				/* the actor that keeps what its process has attached */
	struct slot *slot;
	struct cred cred;
	struct eye eye;
	size_t nattached, capattached;
	struct attachment *attached;
	bool moved_in;				/* its memory is no copy of the worker's any more */
	bool as_new;				/* no call has changed anything of its process */
	unsigned generation;			/* of the IPC namespace that it was made in, or has joined */
	char stray[80];
};

struct real {
	enum real_mode mode;
	struct actor actor[MAXACTORS];
	uint64_t calls;
	enum abi abi;
	struct injection injection;
	uint64_t injectable;				/* calls of its operation so far */
	int charging;					/* holds the turn to lock memory, or -1 */
	bool files;					/* of one process, with sets of files */
	mode_t umask;					/* before it had them */
	bool timed;
	bool patient;
	char why[200];
};

/* Records why, printf-like. Always returns LOST. */
enum progress lost(struct real *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Takes over what a call that came to an end means for the run: outcome, attachments, life. */
enum progress conclude(struct real *r, int actor, struct outcome *out);
/* Milliseconds of a clock that only goes forward. */
int64_t clock_ms(void);
/*
 * Locked memory is charged to the user, over all namespaces: who locks some takes turns with other runs, or,
 * if not alone, with those only that want to be. The turn is a lock on the root directory, which everybody
 * has and may open; it ends when the descriptor that is returned is closed. -1 when there can be none.
 */
int turn_of_charging(bool alone);
#define WATCHDOG 10000	/* milliseconds after which a call that neither ends nor sleeps is given up */

/* attach.c */
/* False, with why recorded, when op would replace or change memory of the harness. */
bool attach_check(struct real *r, const struct op *op);
/* Bytes from the address of a load or store on that are the actor's own. */
size_t attach_reach(struct real *r, const struct op *op);
/* After a shmat or mremap that gave addr, a shmdt, a fork. False when out of memory. */
bool attach_note(struct real *r, const struct op *op, int64_t addr);
void attach_forget(struct real *r, const struct op *op);
bool attach_inherit(struct real *r, int parent, int child);
/* The actor that keeps what this one has attached. */
struct actor *attach_keeper(struct real *r, int actor);
/* After an exec: nothing is attached, and nobody knows what lies where. */
void attach_drop(struct real *r, int actor);

/* space.c */
/*
 * From here to visit_end the worker is in the namespace of an actor. Both are false, with why recorded, when
 * that fails.
 */
bool visit(struct real *r, int actor);
bool visit_end(struct real *r);
/*
 * Can a process join the IPC namespace of another here? After space_join_none nobody can, for tests of what
 * is done then.
 */
bool space_joins(void);
void space_join_none(void);
/* Before the nursery is forked: the socket by which actors are shown namespaces. */
bool mail_open(void);
/* Sends the namespace of an actor to whoever makes the call in the slot. False with why recorded. */
bool mail_send(struct real *r, int actor, struct slot *s);
int mail_receive(int from);				/* in an actor: a descriptor, or -1 */
/* After op returned, and when it has made an actor. */
void space_note(struct real *r, const struct op *op);
void space_inherit(struct real *r, const struct op *op, int child);
/* Turns the pids that an actor alone in its PID namespace was told into those of the box. */
void space_pids(const struct actor *a, enum opcode code, struct outcome *out);

/* solo.c */
bool solo_open(void);
void solo_close(struct real *r);
bool solo_actor(struct real *r, int actor, char *err, size_t errsize);
enum progress solo_call(struct real *r, int actor, struct outcome *out);

/* actor.c */
void actors_close(struct real *r);
bool actors_actor(struct real *r, int actor, char *err, size_t errsize);
enum progress actors_call(struct real *r, int actor, bool expect_block, struct outcome *out);
enum progress actors_wait(struct real *r, int actor, bool expect_end, int deadline_ms, struct outcome *out);
/* Sends the signal; returns when what it does to the process by itself (to end, stop, go on) is done. */
enum progress actors_signal(struct real *r, int actor, int signo, struct outcome *out);
/* The actor has become another program: other threads are gone, and its process is called after it. */
void actors_after_exec(struct real *r, int actor);

/* keep.c: actors that serve several runs */
/* Is a process that made the call in the slot as it was before, or will be when it is renewed? */
bool keep_after(const struct slot *s);
/*
 * The process of actor number is kept for the next run, with what the worker has open of it, and the actor is
 * DEAD. False when it may not be kept.
 */
bool keep(struct actor *a, int number);
/* Gives the actor a process that was kept for this number, which is its own again. False: there is none. */
bool keep_take(struct actor *a, int number);
/* Ends those that are kept: not every box ends all that was started in it as soon as its body does. */
void keep_end(void);
/* From now on no process is kept. */
void keep_none(void);

/* serve.c */
/* A copy of the caller, made by a raw call. On s390 the address of a stack comes before the flags. */
long clone_copy(long flags);
#ifdef __s390__
#define CLONE_FLAGS 1			/* which argument they are */
#else
#define CLONE_FLAGS 0
#endif
/* Works on a turn: whoever has it works, the other sleeps. */
void give_turn(_Atomic uint32_t *turn, uint32_t to);
void take_turn(_Atomic uint32_t *turn, uint32_t who);
/* Waits at most some milliseconds, or shorter. */
void wait_turn(_Atomic uint32_t *turn, uint32_t who, int64_t ms);
/* What the harness does with signals is not for actors. */
void reset_signals(void);
/* A descriptor of this program, the same at each call; -1 when it cannot be found. */
int program_open(void);
/* In an actor: another thread of its process, which serves the slot. Its id, or -1 with errno. */
long actor_thread(int actor);
/* In an actor: becomes this program afresh, which serves the same slot. -1 with errno when it cannot. */
long actor_exec(int actor);
/*
 * In an actor or the nursery: a copy of the caller that serves the slot. flags are those of clone beside what
 * every actor is made with. Its pid, or -1 with errno.
 */
long actor_clone(int actor, long flags);

/* maps.c: what /proc says of an actor's memory */
enum progress maps_call(struct real *r, const struct op *op, struct outcome *out);
/* Bytes that the process has mapped; 0 when that cannot be read. */
size_t maps_total(pid_t pid);

/* env.c: operations that the worker carries out */
enum progress env_call(struct real *r, const struct op *op, struct outcome *out);

#endif
