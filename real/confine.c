/*
 * What an actor may do: the IPC calls, taking credentials, and what it needs to live. A filter in the
 * language of the kernel's packet filters, written by hand so that no library is needed.
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define ARCH AUDIT_ARCH_I386
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#elif defined(__arm__)
#define ARCH AUDIT_ARCH_ARM
#else
#error "the name of this architecture in linux/audit.h is missing here"
#endif

/* Calls that may be made with any arguments. */
static const int free_calls[] = {
	SYS_futex, SYS_msgget, SYS_msgsnd, SYS_msgrcv, SYS_msgctl, SYS_semget, SYS_semctl, SYS_shmget,
	SYS_shmat, SYS_shmdt, SYS_shmctl,
#ifdef SYS_semop
	SYS_semop,
#endif
#ifdef SYS_semtimedop
	SYS_semtimedop,
#endif
#ifdef SYS_semtimedop_time64
	SYS_semtimedop_time64,
#endif
#ifdef SYS_ipc
	SYS_ipc,
#endif
	SYS_sched_yield, SYS_exit, SYS_exit_group, SYS_rt_sigreturn, SYS_rt_sigaction, SYS_rt_sigprocmask,
	SYS_sigaltstack, SYS_restart_syscall, SYS_mprotect, SYS_munmap, SYS_mremap, SYS_brk,
	SYS_clock_gettime, SYS_capget, SYS_capset, SYS_setgroups, SYS_setresgid, SYS_setfsgid, SYS_setresuid,
	SYS_setfsuid,
	SYS_getresuid, SYS_getresgid, SYS_getgroups, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid,
	SYS_getpid, SYS_getppid, SYS_gettid,
#ifdef SYS_newfstatat
	SYS_newfstatat,			/* ftok: no path but those of paths.c is ever looked at */
#endif
#ifdef SYS_fstatat64
	SYS_fstatat64,
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

/* Calls of which one argument is looked at: the low 32 bits of it, under a mask, must have this value. */
static const struct bound { int nr; int arg; uint32_t mask, value; } bound_calls[] = {
	/* a fork and no new namespace */
	{ SYS_clone, 0, (uint32_t)~(CLONE_PARENT | CLONE_SYSVSEM | 0xff), 0 },
	{ SYS_unshare, 0, UINT32_MAX, CLONE_SYSVSEM },
	{ SYS_setns, 1, UINT32_MAX, CLONE_NEWIPC },			/* the nursery follows its worker */
	{ SYS_madvise, 2, UINT32_MAX, MADV_DONTFORK },
	{ SYS_mlockall, 0, UINT32_MAX, MCL_FUTURE },
	{ SYS_prlimit64, 0, UINT32_MAX, 0 },				/* limits of its own */
	{ SYS_prctl, 0, UINT32_MAX, PR_SET_DUMPABLE },
	{ SYS_write, 0, UINT32_MAX, STDERR_FILENO },			/* last words */
#ifdef SYS_mmap2
	{ SYS_mmap2, 3, MAP_ANONYMOUS, MAP_ANONYMOUS },
#else
	{ SYS_mmap, 3, MAP_ANONYMOUS, MAP_ANONYMOUS },
#endif
};

#define NFREE (sizeof(free_calls) / sizeof(*free_calls))
#define NBOUND (sizeof(bound_calls) / sizeof(*bound_calls))
enum { PER_FREE = 2, PER_BOUND = 6, AROUND = 5 };
#define LENGTH (AROUND + PER_FREE * NFREE + PER_BOUND * NBOUND)

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

static void let_free(struct program *p, int nr)
{
	unless(p, (uint32_t)nr, PER_FREE - 1);
	finish(p, SECCOMP_RET_ALLOW);
}

static void let_bound(struct program *p, const struct bound *b)
{
	unless(p, (uint32_t)b->nr, PER_BOUND - 1);
	load(p, offsetof(struct seccomp_data, args) + 8 * (size_t)b->arg + LOW_HALF);
	emit(p, BPF_ALU | BPF_AND | BPF_K, b->mask, 0, 0);
	unless(p, b->value, 1);
	finish(p, SECCOMP_RET_ALLOW);
	finish(p, SECCOMP_RET_KILL_PROCESS);
}

static unsigned short build(struct sock_filter *filter)
{
	struct program p = { filter };

	load(&p, offsetof(struct seccomp_data, arch));
	emit(&p, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	finish(&p, SECCOMP_RET_KILL_PROCESS);
	load(&p, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < NFREE; i++)
		let_free(&p, free_calls[i]);
	for (size_t i = 0; i < NBOUND; i++)
		let_bound(&p, &bound_calls[i]);
	finish(&p, SECCOMP_RET_KILL_PROCESS);
	return (unsigned short)(p.at - filter);
}

bool confine(void)
{
	struct sock_filter filter[LENGTH];
	const struct sock_fprog program = { build(filter), filter };

	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
		&& !syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}
