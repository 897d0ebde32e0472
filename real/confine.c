/*
 * What an actor may do: the IPC calls, taking credentials, and what it needs to live and to start anew. A
 * filter in the language of the kernel's packet filters, written by hand so that no library is needed.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/membarrier.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"
#include "machine.h"

/* The name that musl has for the call with 32 bits of time. */
#ifndef SYS_clock_gettime
#define SYS_clock_gettime SYS_clock_gettime32
#endif

/*
 * The calls of System V IPC. None has six arguments: where the sixth is FAIL_MARK and an errno, the call is
 * not made and fails with that.
 */
static const int ipc_calls[] = {
	SYS_msgget, SYS_msgsnd, SYS_msgrcv, SYS_msgctl, SYS_semget, SYS_semctl, SYS_shmget, SYS_shmat,
	SYS_shmdt, SYS_shmctl,
#ifdef SYS_semop
	SYS_semop,
#endif
#ifdef SYS_semtimedop
	SYS_semtimedop,
#endif
#ifdef SYS_semtimedop_time64
	SYS_semtimedop_time64,
#endif
};

/*
 * Calls that decide about files, as nodes.c makes them. What is true of the calls of System V IPC when they
 * are marked is true of these; whether they may be made otherwise is told below.
 */
static const int file_calls[] = {
	SYS_mq_open, SYS_mq_unlink, SYS_mq_timedsend, SYS_mq_timedreceive, SYS_openat, SYS_mkdirat,
	SYS_mknodat, SYS_unlinkat, SYS_bind, SYS_connect, SYS_fchmodat, SYS_fchownat,
#ifdef SYS_statx
	SYS_statx,
#endif
};

/* Calls that may be made with any arguments. */
static const int free_calls[] = {
#ifdef SYS_ipc
	SYS_ipc,
#endif
	SYS_futex, SYS_sched_yield, SYS_exit, SYS_exit_group, SYS_rt_sigreturn, SYS_rt_sigaction,
	SYS_rt_sigprocmask, SYS_sigaltstack, SYS_restart_syscall, SYS_mprotect, SYS_munmap, SYS_mremap,
	SYS_brk,
	SYS_clock_gettime, SYS_capget, SYS_capset, SYS_setgroups, SYS_setresgid, SYS_setfsgid, SYS_setresuid,
	SYS_setfsuid,
	SYS_getresuid, SYS_getresgid, SYS_getgroups, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid,
	SYS_getpid, SYS_getppid, SYS_gettid,
	/* the start of a program, and of a thread; ftok: no path but those of paths.c is ever looked at */
	SYS_read, SYS_pread64, SYS_lseek, SYS_close, SYS_set_tid_address, SYS_set_robust_list, SYS_getrandom,
	SYS_readlinkat, SYS_faccessat, SYS_uname, SYS_sched_getaffinity, SYS_madvise,
	/* no path but those of nodes.def is ever used, and everything else is mounted to be read only */
	SYS_mkdirat, SYS_mknodat, SYS_unlinkat, SYS_fchmodat, SYS_fchownat, SYS_umask,
	SYS_bind, SYS_listen, SYS_connect, SYS_mq_open, SYS_mq_unlink, SYS_mq_timedsend, SYS_mq_timedreceive,
#ifdef SYS_rseq
	SYS_rseq,
#endif
#ifdef SYS_arch_prctl
	SYS_arch_prctl,
#endif
#ifdef SYS_set_thread_area
	SYS_set_thread_area,
#endif
#ifdef __ARM_NR_set_tls
	__ARM_NR_set_tls,
#endif
#ifdef SYS_ugetrlimit
	SYS_ugetrlimit,
#endif
#ifdef SYS_access
	SYS_access, SYS_readlink,
#endif
#ifdef SYS_fstat
	SYS_fstat,
#endif
#ifdef SYS_newfstatat
	SYS_newfstatat,
#endif
#ifdef SYS_fstat64
	SYS_fstat64, SYS_fstatat64,
#endif
#ifdef SYS_statx
	SYS_statx,
#endif
#ifdef SYS_stat64
	SYS_stat64,
#endif
#ifdef SYS_stat
	SYS_stat,
#endif
#ifdef SYS_sigreturn
	SYS_sigreturn,
#endif
#ifdef SYS_setresuid32
	SYS_setgroups32, SYS_setresgid32, SYS_setfsgid32, SYS_setresuid32, SYS_setfsuid32, SYS_getresuid32,
	SYS_getresgid32, SYS_getgroups32, SYS_getuid32, SYS_geteuid32, SYS_getgid32, SYS_getegid32,
#endif
#ifdef SYS_futex_time64
	SYS_futex_time64, SYS_clock_gettime64,
#endif
};

/* 32-bit calls of x86. On another machine no call comes under their name. */
static const int ia32_calls[] = { IA32_IPC, IA32_SEMCTL, IA32_SHMCTL, IA32_MSGCTL };

/*
 * With other arguments than those below: a preloaded library may try to open a log, and does without. Of one
 * that is not there the loader complains, to nobody. Arguments of clone3 cannot be looked at: the C library
 * does without it.
 */
static const struct { int nr, err; } refused_calls[] = {
	{ SYS_writev, EACCES },
	{ SYS_openat, EACCES },
#ifdef SYS_open
	{ SYS_open, EACCES },
#endif
#ifdef SYS_clone3
	{ SYS_clone3, ENOSYS },
#endif
};

/* A call of which arguments are looked at: the low 32 bits of each, under a mask, must have this value. */
struct bound { int nr; struct { int arg; uint32_t mask, value; } on[2]; };

#define EVERY UINT32_MAX
#ifdef SYS_mmap2
#define MMAP SYS_mmap2
#else
#define MMAP SYS_mmap
#endif
/* What the C library makes a thread with, and an older one besides. */
#define THREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM \
		| CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

/* Namespaces that an actor may be alone in. */
#define SPACES (CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID)

static const struct bound bound_calls[] = {
	/* a fork, with new namespaces or not, or a thread */
	{ SYS_clone, { { CLONE_FLAGS, (uint32_t)~(CLONE_PARENT | CLONE_SYSVSEM | SPACES | 0xff), 0 } } },
	{ SYS_clone, { { CLONE_FLAGS, (uint32_t)~CLONE_DETACHED, THREAD } } },
	{ SYS_unshare, { { 0, (uint32_t)~(CLONE_SYSVSEM | CLONE_NEWIPC | CLONE_NEWUSER), 0 } } },
	{ SYS_setns, { { 1, EVERY, CLONE_NEWIPC } } },
	{ SYS_membarrier, { { 0, EVERY, MEMBARRIER_CMD_GLOBAL } } },
	{ SYS_recvmsg, { { 2, EVERY, MSG_DONTWAIT | MSG_CMSG_CLOEXEC } } },
	{ SYS_mlockall, { { 0, EVERY, MCL_FUTURE } } },
	{ SYS_prlimit64, { { 0, EVERY, 0 } } },				/* limits of its own */
	{ SYS_prctl, { { 0, EVERY, PR_SET_DUMPABLE } } },
	{ SYS_prctl, { { 0, EVERY, PR_CAP_AMBIENT } } },	/* to keep capabilities over an exec */
	{ SYS_prctl, { { 0, EVERY, PR_GET_SECUREBITS } } },
	{ SYS_prctl, { { 0, EVERY, PR_SET_KEEPCAPS } } },
	{ SYS_write, { { 0, EVERY, STDERR_FILENO } } },			/* last words */
	{ MMAP, { { 3, MAP_SHARED, 0 } } },
	{ SYS_socket, { { 0, EVERY, AF_UNIX } } },
	/* files of nodes.def, as nodes.c opens them */
	{ SYS_openat, { { 2, O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC, O_NOFOLLOW | O_CLOEXEC } } },
	/* the start of a program: what only looks */
	{ SYS_openat, { { 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY } } },
#ifdef SYS_fcntl
	{ SYS_fcntl, { { 1, EVERY, F_SETFD } } },
#endif
#ifdef SYS_fcntl64
	{ SYS_fcntl64, { { 1, EVERY, F_SETFD } } },
#endif
#ifdef SYS_open
	{ SYS_open, { { 1, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY } } },
#endif
	{ SYS_prctl, { { 0, EVERY, PR_GET_DUMPABLE } } },		/* of sanitizers */
#ifdef COUNTERS
	{ MMAP, { { 3, MAP_SHARED, MAP_SHARED }, { 4, EVERY, COUNTERS } } },	/* of make coverage */
#endif
};

#define NIPC (sizeof(ipc_calls) / sizeof(*ipc_calls))
#define NFILE (sizeof(file_calls) / sizeof(*file_calls))
#define NFREE (sizeof(free_calls) / sizeof(*free_calls))
#define NBOUND (sizeof(bound_calls) / sizeof(*bound_calls))
#define NREFUSED (sizeof(refused_calls) / sizeof(*refused_calls))
#define NIA32 (sizeof(ia32_calls) / sizeof(*ia32_calls))
enum { PER_IPC = 9, PER_FILE = 9, PER_CALL = 2, PER_BOUND = 9, HANDED = 2, AROUND = 8 };
#define LENGTH (AROUND + PER_IPC * NIPC + PER_FILE * NFILE \
		+ PER_CALL * (NFREE + NREFUSED + NIA32) + PER_BOUND * (NBOUND + HANDED))

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LOW_HALF 0
#else
#define LOW_HALF 4
#endif

struct program { struct sock_filter *at; };

static void emit(struct program *p, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	*p->at++ = (struct sock_filter){ code, yes, no, k };
}

static void load(struct program *p, size_t offset)
{
	emit(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void finish(struct program *p, uint32_t action)
{
	emit(p, BPF_RET | BPF_K, action, 0, 0);
}

/* Jumps over n instructions unless the accumulator is k. */
static void unless(struct program *p, uint32_t k, uint8_t n)
{
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, k, 0, n);
}

static void load_argument(struct program *p, int arg, uint32_t mask)
{
	load(p, offsetof(struct seccomp_data, args) + 8 * (size_t)arg + LOW_HALF);
	emit(p, BPF_ALU | BPF_AND | BPF_K, mask, 0, 0);
}

/* Goes on behind it unless the call is marked to fail; the accumulator is lost then. */
static void fail_if_marked(struct program *p)
{
	load_argument(p, 5, ~(uint32_t)FAIL_ERRNO);
	unless(p, FAIL_MARK, 4);
	load_argument(p, 5, FAIL_ERRNO);
	emit(p, BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO, 0, 0);
	emit(p, BPF_RET | BPF_A, 0, 0, 0);
}

static void let_ipc(struct program *p, int nr)
{
	unless(p, (uint32_t)nr, PER_IPC - 1);
	fail_if_marked(p);
	finish(p, SECCOMP_RET_ALLOW);
}

static void fail_file(struct program *p, int nr)
{
	unless(p, (uint32_t)nr, PER_FILE - 1);
	fail_if_marked(p);
	load(p, offsetof(struct seccomp_data, nr));
}

static void answer(struct program *p, int nr, uint32_t action)
{
	unless(p, (uint32_t)nr, PER_CALL - 1);
	finish(p, action);
}

/* Goes on behind the rule unless everything is as it asks for. */
static void let_bound(struct program *p, const struct bound *b)
{
	load(p, offsetof(struct seccomp_data, nr));
	unless(p, (uint32_t)b->nr, PER_BOUND - 2);
	for (uint8_t i = 0; i < 2; i++) {
		load_argument(p, b->on[i].arg, b->on[i].mask);
		unless(p, b->on[i].value, (uint8_t)(4 - 3 * i));
	}
	finish(p, SECCOMP_RET_ALLOW);
}

/* Instructions between the look at the architecture and the calls of our own: the 32-bit ones. */
#define FOREIGN (uint8_t)(3 + PER_CALL * NIA32)

static unsigned short build(struct sock_filter *filter, int slots, int itself)
{
	const struct bound handed[HANDED] = {
		{ MMAP, { { 3, MAP_SHARED, MAP_SHARED }, { 4, EVERY, (uint32_t)slots } } },
		{ SYS_execveat, { { 0, EVERY, (uint32_t)itself }, { 4, EVERY, AT_EMPTY_PATH } } },
	};
	struct program p = { filter };

	load(&p, offsetof(struct seccomp_data, arch));
	emit(&p, BPF_JMP | BPF_JEQ | BPF_K, MACHINE_AUDIT, FOREIGN, 0);
	emit(&p, BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_I386, 0, FOREIGN - 2);
	load(&p, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < NIA32; i++)
		answer(&p, ia32_calls[i], SECCOMP_RET_ALLOW);
	finish(&p, SECCOMP_RET_KILL_PROCESS);
	load(&p, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < NIPC; i++)
		let_ipc(&p, ipc_calls[i]);
	for (size_t i = 0; i < NFILE; i++)
		fail_file(&p, file_calls[i]);
	for (size_t i = 0; i < NFREE; i++)
		answer(&p, free_calls[i], SECCOMP_RET_ALLOW);
	for (size_t i = 0; i < NBOUND; i++)
		let_bound(&p, &bound_calls[i]);
	for (size_t i = 0; i < HANDED; i++)
		let_bound(&p, &handed[i]);
	load(&p, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < NREFUSED; i++)
		answer(&p, refused_calls[i].nr, SECCOMP_RET_ERRNO | (uint32_t)refused_calls[i].err);
	finish(&p, SECCOMP_RET_KILL_PROCESS);
	return (unsigned short)(p.at - filter);
}

bool confine_possible(void)
{
	/* a filter that cannot be read is looked at by a system that has filters */
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL) && errno != ENOSYS;
}

bool confine(int slots, int itself)
{
	struct sock_filter filter[LENGTH];
	const struct sock_fprog program = { build(filter, slots, itself), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return false;
	return !syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) || errno == ENOSYS;
}
