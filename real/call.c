/*
 * One raw call for each operation, made by the process that acts. A handler places the arguments; call()
 * makes the call, through the C library's syscall() so that a preloaded library can come between.
 */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"
#include "ipcmk.h"

long call_mark(const struct slot *s)
{
	return s->fail ? FAIL_MARK | s->fail : 0;
}

static void call(struct slot *s, long nr, long a, long b, long c, long d, long e)
{
	s->ret = syscall(nr, a, b, c, d, e, call_mark(s));
	s->err = errno;
}

/* A control call with only an id and numbers, and one with a buffer. */
#define CTL(name, nr, ...) \
static void real_##name(struct slot *s) \
{ \
	call(s, nr, (long)s->op.name.id, __VA_ARGS__); \
}
#define BUF ((long)s->buf)

/* ---- creation -------------------------------------------------------------------------------- */

static void get(struct slot *s, enum family kind, int64_t key, int64_t size, int64_t flg)
{
	const struct request rq = {
		.kind = kind, .key = key, .size = (uint64_t)size, .mode = flg & 0777, .flags = flg & ~0777,
		.mark = call_mark(s),
	};

	s->ret = (long)ipcmk(&rq, &s->err);
}

static void real_msgget(struct slot *s)
{
	get(s, MSG, s->op.msgget.key, 0, s->op.msgget.flg);
}

static void real_semget(struct slot *s)
{
	get(s, SEM, s->op.semget.key, s->op.semget.nsems, s->op.semget.flg);
}

static void real_shmget(struct slot *s)
{
	get(s, SHM, s->op.shmget.key, s->op.shmget.size, s->op.shmget.flg);
}

/* ---- queues ---------------------------------------------------------------------------------- */

static void real_msgsnd(struct slot *s)
{
	call(s, SYS_msgsnd, (long)s->op.msgsnd.id, BUF, (long)s->size, (long)s->op.msgsnd.flg, 0);
}

static void real_msgrcv(struct slot *s)
{
	call(s, SYS_msgrcv, (long)s->op.msgrcv.id, BUF, (long)s->op.msgrcv.size, (long)s->op.msgrcv.typ,
	     (long)s->op.msgrcv.flg);
}

CTL(msgctl_IPC_RMID, SYS_msgctl, IPC_RMID, 0, 0, 0)
CTL(msgctl_IPC_SET, SYS_msgctl, IPC_SET, BUF, 0, 0)
CTL(msgctl_IPC_STAT, SYS_msgctl, IPC_STAT, BUF, 0, 0)
CTL(msgctl_IPC_INFO, SYS_msgctl, IPC_INFO, BUF, 0, 0)
CTL(msgctl_MSG_STAT, SYS_msgctl, MSG_STAT, BUF, 0, 0)
CTL(msgctl_MSG_INFO, SYS_msgctl, MSG_INFO, BUF, 0, 0)
CTL(msgctl_MSG_STAT_ANY, SYS_msgctl, MSG_STAT_ANY, BUF, 0, 0)
CTL(msgctl_other, SYS_msgctl, (long)s->op.msgctl_other.cmd, 0, 0, 0)

/* ---- semaphore sets -------------------------------------------------------------------------- */

/* Systems of 32 bits have the call with a 64-bit timeout, and some have no plain semop. */
#ifdef SYS_semtimedop_time64
#define TIMEDOP SYS_semtimedop_time64
#else
#define TIMEDOP SYS_semtimedop
#endif
#ifdef SYS_semop
#define PLAINOP SYS_semop
#else
#define PLAINOP TIMEDOP
#endif
/* What a C library uses where it has a timeout of 32 bits to give. */
#if defined(SYS_semtimedop) && defined(SYS_semtimedop_time64)
#define OLDOP SYS_semtimedop
#else
#define OLDOP TIMEDOP
#endif

static void real_semop(struct slot *s)
{
	call(s, PLAINOP, (long)s->op.semop.id, BUF, (long)s->size, 0, 0);
}

static void real_semtimedop(struct slot *s)
{
	call(s, TIMEDOP, (long)s->op.semtimedop.id, BUF, (long)s->size, (long)s->timeout, 0);
}

#define NUM(name) ((long)s->op.name.num)

/* union semun is passed by value: where in the register an int lies depends on the order of bytes. */
static void real_semctl_SETVAL(struct slot *s)
{
	union { int val; long word; } arg = { .word = (long)s->op.semctl_SETVAL.val };

	arg.val = (int)s->op.semctl_SETVAL.val;
	call(s, SYS_semctl, (long)s->op.semctl_SETVAL.id, NUM(semctl_SETVAL), SETVAL, arg.word, 0);
}

CTL(semctl_IPC_RMID, SYS_semctl, 0, IPC_RMID, 0, 0)
CTL(semctl_IPC_SET, SYS_semctl, 0, IPC_SET, BUF, 0)
CTL(semctl_IPC_STAT, SYS_semctl, 0, IPC_STAT, BUF, 0)
CTL(semctl_IPC_INFO, SYS_semctl, 0, IPC_INFO, BUF, 0)
CTL(semctl_GETPID, SYS_semctl, NUM(semctl_GETPID), GETPID, 0, 0)
CTL(semctl_GETVAL, SYS_semctl, NUM(semctl_GETVAL), GETVAL, 0, 0)
CTL(semctl_GETALL, SYS_semctl, NUM(semctl_GETALL), GETALL, BUF, 0)
CTL(semctl_GETNCNT, SYS_semctl, NUM(semctl_GETNCNT), GETNCNT, 0, 0)
CTL(semctl_GETZCNT, SYS_semctl, NUM(semctl_GETZCNT), GETZCNT, 0, 0)
CTL(semctl_SETALL, SYS_semctl, NUM(semctl_SETALL), SETALL, BUF, 0)
CTL(semctl_SEM_STAT, SYS_semctl, 0, SEM_STAT, BUF, 0)
CTL(semctl_SEM_INFO, SYS_semctl, 0, SEM_INFO, BUF, 0)
CTL(semctl_SEM_STAT_ANY, SYS_semctl, 0, SEM_STAT_ANY, BUF, 0)
CTL(semctl_other, SYS_semctl, 0, (long)s->op.semctl_other.cmd, 0, 0)

/* ---- segments -------------------------------------------------------------------------------- */

static void real_shmat(struct slot *s)
{
	call(s, SYS_shmat, (long)s->op.shmat.id, (long)s->op.shmat.addr, (long)s->op.shmat.flg, 0, 0);
}

static void real_shmdt(struct slot *s)
{
	call(s, SYS_shmdt, (long)s->op.shmdt.addr, 0, 0, 0, 0);
}

CTL(shmctl_IPC_RMID, SYS_shmctl, IPC_RMID, 0, 0, 0)
CTL(shmctl_IPC_SET, SYS_shmctl, IPC_SET, BUF, 0, 0)
CTL(shmctl_IPC_STAT, SYS_shmctl, IPC_STAT, BUF, 0, 0)
CTL(shmctl_IPC_INFO, SYS_shmctl, IPC_INFO, BUF, 0, 0)
CTL(shmctl_SHM_LOCK, SYS_shmctl, SHM_LOCK, 0, 0, 0)
CTL(shmctl_SHM_UNLOCK, SYS_shmctl, SHM_UNLOCK, 0, 0, 0)
CTL(shmctl_SHM_STAT, SYS_shmctl, SHM_STAT, BUF, 0, 0)
CTL(shmctl_SHM_INFO, SYS_shmctl, SHM_INFO, BUF, 0, 0)
CTL(shmctl_SHM_STAT_ANY, SYS_shmctl, SHM_STAT_ANY, BUF, 0, 0)
CTL(shmctl_other, SYS_shmctl, (long)s->op.shmctl_other.cmd, 0, 0, 0)

/* ---- the actor's address space ----------------------------------------------------------------- */

static void real_munmap(struct slot *s)
{
	call(s, SYS_munmap, (long)s->op.munmap.addr, (long)s->op.munmap.len, 0, 0, 0);
}

static void real_mremap(struct slot *s)
{
	long flags = MREMAP_MAYMOVE | (s->op.mremap.to ? MREMAP_FIXED : 0);

	call(s, SYS_mremap, (long)s->op.mremap.addr, (long)s->op.mremap.len, (long)s->op.mremap.newlen, flags,
	     (long)s->op.mremap.to);
}

static void real_mprotect(struct slot *s)
{
	call(s, SYS_mprotect, (long)s->op.mprotect.addr, (long)s->op.mprotect.len, (long)s->op.mprotect.prot,
	     0, 0);
}

static void real_madvise_DONTFORK(struct slot *s)
{
	call(s, SYS_madvise, (long)s->op.madvise_DONTFORK.addr, (long)s->op.madvise_DONTFORK.len,
	     MADV_DONTFORK, 0, 0);
}

static void real_mlockall(struct slot *s)
{
	call(s, SYS_mlockall, MCL_FUTURE, 0, 0, 0, 0);
}

/* What is said of the address space comes on top of what is mapped. The hard limit stays. */
static void real_rlimit(struct slot *s)
{
	const int numbers[NRLIMS] = { [RLIM_MEMLOCK] = RLIMIT_MEMLOCK, [RLIM_AS] = RLIMIT_AS };
	long which = numbers[s->op.rlimit.name];
	struct { uint64_t soft, hard; } limit = { 0, 0 };
	uint64_t value = (uint64_t)s->op.rlimit.value;

	syscall(SYS_prlimit64, 0L, which, NULL, &limit);
	limit.soft = s->op.rlimit.value < 0 ? UINT64_MAX : s->size + value;
	call(s, SYS_prlimit64, 0, which, (long)&limit, 0, 0);
}

/* The worker reads it: maps.c. */
#define real_proc_maps NULL

/* ---- 32-bit calls of x86 ----------------------------------------------------------------------- */

static void ia32(struct slot *s, long nr, long a, long b, long c, long d, long e)
{
	const long arg[] = { nr, a, b, c, d, e };

	s->ret = ia32_call(arg, &s->err);
}

enum { SEMCTL = 3, MSGRCV = 12, MSGCTL = 14, SHMAT = 21, SHMCTL = 24 };		/* calls of ipc(2) */
enum { IPC_64 = 0x100 };

#define IA32(name, nr, ...) \
static void real_##name(struct slot *s) \
{ \
	ia32(s, nr, __VA_ARGS__); \
}
#define ID(name) ((long)s->op.name.id)
#define LOW low_address(s, s->buf)
#define POINTER low_address(s, s->timeout)

IA32(compat_msgctl_IPC_STAT, IA32_MSGCTL, ID(compat_msgctl_IPC_STAT), IPC_STAT, LOW, 0, 0)
IA32(compat_msgctl_IPC_STAT_64, IA32_MSGCTL, ID(compat_msgctl_IPC_STAT_64), IPC_STAT | IPC_64, LOW, 0, 0)
IA32(compat_semctl_IPC_STAT, IA32_SEMCTL, ID(compat_semctl_IPC_STAT), 0, IPC_STAT, LOW, 0)
IA32(compat_semctl_IPC_STAT_64, IA32_SEMCTL, ID(compat_semctl_IPC_STAT_64), 0, IPC_STAT | IPC_64, LOW, 0)
IA32(compat_shmctl_IPC_STAT, IA32_SHMCTL, ID(compat_shmctl_IPC_STAT), IPC_STAT, LOW, 0, 0)
IA32(compat_shmctl_IPC_STAT_64, IA32_SHMCTL, ID(compat_shmctl_IPC_STAT_64), IPC_STAT | IPC_64, LOW, 0, 0)
IA32(compat_shmctl_IPC_RMID_64, IA32_SHMCTL, ID(compat_shmctl_IPC_RMID_64), IPC_RMID | IPC_64, 0, 0, 0)
IA32(compat_shmctl_IPC_INFO, IA32_SHMCTL, ID(compat_shmctl_IPC_INFO), IPC_INFO, LOW, 0, 0)
IA32(ipc_msgctl_IPC_STAT, IA32_IPC, MSGCTL, ID(ipc_msgctl_IPC_STAT), IPC_STAT, 0, LOW)
IA32(ipc_msgctl_IPC_STAT_64, IA32_IPC, MSGCTL, ID(ipc_msgctl_IPC_STAT_64), IPC_STAT | IPC_64, 0, LOW)
IA32(ipc_shmctl_IPC_STAT, IA32_IPC, SHMCTL, ID(ipc_shmctl_IPC_STAT), IPC_STAT, 0, LOW)
IA32(ipc_shmctl_IPC_STAT_64, IA32_IPC, SHMCTL, ID(ipc_shmctl_IPC_STAT_64), IPC_STAT | IPC_64, 0, LOW)
IA32(ipc_semctl_IPC_STAT, IA32_IPC, SEMCTL, ID(ipc_semctl_IPC_STAT), 0, IPC_STAT, POINTER)
IA32(ipc_semctl_IPC_STAT_64, IA32_IPC, SEMCTL, ID(ipc_semctl_IPC_STAT_64), 0, IPC_STAT | IPC_64,
     POINTER)
IA32(ipc_msgrcv, IA32_IPC, MSGRCV, ID(ipc_msgrcv), 0, IPC_NOWAIT, POINTER)
IA32(ipc_other, IA32_IPC, (long)s->op.ipc_other.call, 0, 0, 0, 0)

/* The upper half of the call's number is its version; the address is stored at the third argument. */
static void real_ipc_shmat(struct slot *s)
{
	ia32(s, IA32_IPC, SHMAT | (long)s->op.ipc_shmat.version << 16, ID(ipc_shmat),
	     (long)s->op.ipc_shmat.flg, POINTER, 0);
}

/* ---- attached memory ------------------------------------------------------------------------- */

static sigjmp_buf after_fault;
static const int faults[] = { SIGSEGV, SIGBUS };

static void on_fault(int sig)
{
	siglongjmp(after_fault, sig);
}

/*
 * Byte by byte, so that what was copied before a fault is always the bytes below it. Behind s->reach lies
 * nothing of the actor's but memory of the harness, which counts as not there.
 */
__attribute__((no_sanitize("address", "undefined")))
static int copy(volatile unsigned char *to, const volatile unsigned char *from, const struct slot *s)
{
	int sig = sigsetjmp(after_fault, 0);
	size_t i;

	if (sig)
		return sig;
	for (i = 0; i < s->size && i < s->reach; i++)
		to[i] = from[i];
	return i < s->size ? SIGSEGV : 0;
}

/* SA_NODEFER: the handler is left by a jump, which does not put the signal mask back. */
static void access_memory(struct slot *s, void *to, const void *from)
{
	const struct sigaction sa = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };
	struct sigaction old[2];

	for (int i = 0; i < 2; i++)
		sigaction(faults[i], &sa, &old[i]);
	s->ret = 0;
	s->sig = copy(to, from, s);
	for (int i = 0; i < 2; i++)
		sigaction(faults[i], &old[i], NULL);
}

static void real_load(struct slot *s)
{
	access_memory(s, s->buf, (const void *)(uintptr_t)s->op.load.addr);
}

static void real_store(struct slot *s)
{
	access_memory(s, (void *)(uintptr_t)s->op.store.addr, s->buf);
}

/* ---- processes ------------------------------------------------------------------------------- */

static void real_become(struct slot *s)
{
	s->ret = 0;
	if (s->home != NO_HOME) {
		nodes_close();
		s->ret = cred_rejoin(s->home, &s->err);
	}
	if (!s->ret)
		s->ret = cred_take(&s->cred, &s->err);
}

static void real_fork(struct slot *s)
{
	s->ret = actor_clone((int)s->op.fork.child, 0);
	s->err = errno;
}

static void real_clone(struct slot *s)
{
	s->ret = actor_clone((int)s->op.clone.child, (long)s->op.clone.flags);
	s->err = errno;
}

static void real_thread(struct slot *s)
{
	s->ret = actor_thread((int)s->op.thread.child);
	s->err = errno;
}

static void real_exec(struct slot *s)
{
	s->ret = cred_steel(&s->cred, &s->err);
	if (s->ret)
		return;
	s->ret = actor_exec(s->op.actor);
	s->err = errno;
}

static void real_unshare_sysvsem(struct slot *s)
{
	call(s, SYS_unshare, CLONE_SYSVSEM, 0, 0, 0, 0);
}

static void real_unshare_ipc(struct slot *s)
{
	int tries = 0;

	do
		call(s, SYS_unshare, CLONE_NEWIPC, 0, 0, 0, 0);
	while (s->ret && box_has_room(tries++));
}

static void real_setns_ipc(struct slot *s)
{
	int fd = mail_receive(s->mail);

	call(s, SYS_setns, fd, CLONE_NEWIPC, 0, 0, 0);
	syscall(SYS_close, (long)fd);
}

static void real_unshare_user(struct slot *s)
{
	call(s, SYS_unshare, CLONE_NEWUSER, 0, 0, 0, 0);
	if (!s->ret)
		cred_gained();
}

#define real_proc_open proc_keep
#define ROW(name, family) \
static void real_##name(struct slot *s) \
{ \
	proc_read(s, family); \
}
ROW(proc_msg, MSG)
ROW(proc_sem, SEM)
ROW(proc_shm, SHM)

/* Of the thread; the last one takes its process along. */
static void real_exit(struct slot *s)
{
	syscall(SYS_exit, (long)s->op.exit.status);
}

/* ---- the C library -------------------------------------------------------------------------------- */

static void real_ftok(struct slot *s)
{
	s->ret = (long)path_key((enum path)s->op.ftok.path, (int)s->op.ftok.id, &s->err);
}

static void real_header(struct slot *s)
{
	s->ret = header_value((enum header)s->op.header.name, &s->err);
}

/* ---- files: nodes.c ----------------------------------------------------------------------------------- */

#define real_mq_open node_mq_open
#define real_mq_close node_mq_close
#define real_mq_send node_mq_send
#define real_mq_receive node_mq_receive
#define real_mq_unlink node_mq_unlink
#define real_shm_open node_shm_open
#define real_shm_unlink node_unlink
#define real_sem_open node_sem_open
#define real_sem_unlink node_unlink
#define real_open node_open
#define real_mkfifo node_mkfifo
#define real_mkdir node_mkdir
#define real_bind node_bind
#define real_connect node_connect
#define real_unlink node_unlink
#define real_rmdir node_rmdir
#define real_stat node_stat
#define real_chmod node_chmod
#define real_chown node_chown
#define real_umask node_umask

/* Operations of family ENV are the worker's: env.c. */
#define real_rename NULL
#define real_signal NULL
#define real_limit NULL
#define real_limit_sem NULL
#define real_read_limit NULL
#define real_tick NULL

/* ---- all ------------------------------------------------------------------------------------- */

static void (*const calls[NOPS])(struct slot *s) = {
#define OP(name, family, result, args) [OP_##name] = real_##name,
#include "ops.def"
#undef OP
};

/* By which way the call goes. A failure that is not the kernel's is one of a raw call. */
static enum abi way(const struct slot *s)
{
	const enum opcode code = s->op.code;
	bool other = s->abi == ABI_LIBC ? libc_has(code) : s->abi != ABI_RAW && mux_has(code);

	return other && !s->fail ? s->abi : ABI_RAW;
}

static void run_way(struct slot *s)
{
	switch (way(s)) {
	case ABI_LIBC: libc_call(s); break;
	case ABI_IPC:
	case ABI_IPC_OLD: mux_call(s); break;
	case ABI_RAW:
	case NABIS: calls[s->op.code](s); break;
	}
}

static void run_ia32(struct slot *s)
{
	if (!low_begin(s)) {
		s->ret = -1;
		s->err = ENOMEM;
		return;
	}
	calls[s->op.code](s);
	low_end(s);
}

void call_run(struct slot *s)
{
	const bool protect = s->readonly || s->timeout_readonly;

	if (protect)
		slot_protect(s, true);
	atomic_store(&s->entered, 1);
	if (op_needs_ia32(s->op.code))
		run_ia32(s);
	else
		run_way(s);
	if (protect)
		slot_protect(s, false);
}

/* The C library may turn one into another, or use ipc(2). */
#ifdef SYS_ipc
#define MULTIPLEXER SYS_ipc
#else
#define MULTIPLEXER -1
#endif

const long *call_sleeps(enum opcode code)
{
	static const long send[] = { SYS_msgsnd, MULTIPLEXER, -1 };
	static const long receive[] = { SYS_msgrcv, MULTIPLEXER, -1 };
	static const long operate[] = { PLAINOP, TIMEDOP, OLDOP, MULTIPLEXER, -1 }, none[] = { -1 };

	switch (code) {
	case OP_msgsnd: return send;
	case OP_msgrcv: return receive;
	case OP_semop:
	case OP_semtimedop: return operate;
	default: return none;
	}
}
