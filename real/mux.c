/*
 * Calls of System V IPC by way of ipc(2), one system call for them all, where a machine has it. A flag in the
 * command of a control call, IPC_64, says which of two sets of structures is meant.
 */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cells.h"
#include "internal.h"

/* Those of s390x and sparc64 have other arguments. */
#if defined(SYS_ipc) && !defined(__s390x__) && !defined(__sparc__)
#define MUX true
#else
#define MUX false
#undef SYS_ipc
#define SYS_ipc (-1L)
#endif

enum { IPC_64 = 0x100 };
enum {
	SEMOP = 1, SEMGET = 2, SEMCTL = 3, SEMTIMEDOP = 4, MSGSND = 11, MSGRCV = 12, MSGGET = 13, MSGCTL = 14,
	SHMAT = 21, SHMDT = 22, SHMGET = 23, SHMCTL = 24,
	VERSION_1 = 1 << 16,		/* of MSGRCV: the type is an argument of its own */
};

/* ---- structures ------------------------------------------------------------------------------ */

/* All are int there. What counts bytes and pages is cut to as many bits, and has no sign. */
struct old_shminfo { uint32_t shmmax; int32_t shmmin, shmmni, shmseg; uint32_t shmall; };

static const struct cell old_shminfo_cells[] = {
	CELL(old_shminfo, shmmax) CELL(old_shminfo, shmmin) CELL(old_shminfo, shmmni)
	CELL(old_shminfo, shmseg) CELL(old_shminfo, shmall)
};

const struct layout old_info_layout = LAYOUT(old_shminfo);

/* ---- calls ----------------------------------------------------------------------------------- */

static long command(const struct slot *s, long cmd)
{
	return s->abi == ABI_IPC ? cmd | IPC_64 : cmd;
}

static void ipc(struct slot *s, int nr, long first, long second, long third, const void *p, long fifth)
{
	s->ret = syscall(SYS_ipc, (long)nr, first, second, third, p, fifth);
	s->err = errno;
}

#define CALL(name, ...) \
static void mux_##name(struct slot *s) \
{ \
	ipc(s, __VA_ARGS__); \
}
#define ARG(name, arg) ((long)s->op.name.arg)
#define ID(name) ARG(name, id)
#define ADDRESS(name) ((const void *)(uintptr_t)s->op.name.addr)
#define SIZE ((long)s->size)

CALL(msgget, MSGGET, ARG(msgget, key), ARG(msgget, flg), 0, NULL, 0)
CALL(semget, SEMGET, ARG(semget, key), ARG(semget, nsems), ARG(semget, flg), NULL, 0)
CALL(shmget, SHMGET, ARG(shmget, key), ARG(shmget, size), ARG(shmget, flg), NULL, 0)
CALL(msgsnd, MSGSND, ID(msgsnd), SIZE, ARG(msgsnd, flg), s->buf, 0)
CALL(msgrcv, MSGRCV | VERSION_1, ID(msgrcv), ARG(msgrcv, size), ARG(msgrcv, flg), s->buf, ARG(msgrcv, typ))
CALL(semop, SEMOP, ID(semop), SIZE, 0, s->buf, 0)
CALL(semtimedop, SEMTIMEDOP, ID(semtimedop), SIZE, 0, s->buf, (long)s->timeout)
CALL(shmdt, SHMDT, 0, 0, 0, ADDRESS(shmdt), 0)

/* The address is stored at the third argument. */
static void mux_shmat(struct slot *s)
{
	unsigned long at;

	ipc(s, SHMAT, ID(shmat), ARG(shmat, flg), (long)&at, ADDRESS(shmat), 0);
	if (!s->ret)
		s->ret = (long)at;
}

#define MSGCTL_(name, cmd) CALL(name, MSGCTL, ID(name), command(s, cmd), 0, s->buf, 0)
#define SHMCTL_(name, cmd) CALL(name, SHMCTL, ID(name), command(s, cmd), 0, s->buf, 0)
MSGCTL_(msgctl_IPC_RMID, 0)
MSGCTL_(msgctl_IPC_SET, 1)
MSGCTL_(msgctl_IPC_STAT, 2)
MSGCTL_(msgctl_IPC_INFO, 3)
MSGCTL_(msgctl_MSG_STAT, 11)
MSGCTL_(msgctl_MSG_INFO, 12)
MSGCTL_(msgctl_MSG_STAT_ANY, 13)
MSGCTL_(msgctl_other, ARG(msgctl_other, cmd))
SHMCTL_(shmctl_IPC_RMID, 0)
SHMCTL_(shmctl_IPC_SET, 1)
SHMCTL_(shmctl_IPC_STAT, 2)
SHMCTL_(shmctl_IPC_INFO, 3)
SHMCTL_(shmctl_SHM_LOCK, 11)
SHMCTL_(shmctl_SHM_UNLOCK, 12)
SHMCTL_(shmctl_SHM_STAT, 13)
SHMCTL_(shmctl_SHM_INFO, 14)
SHMCTL_(shmctl_SHM_STAT_ANY, 15)
SHMCTL_(shmctl_other, ARG(shmctl_other, cmd))

/* The argument is given by its address. */
union argument { int val; void *buf; };

#define SEMCTL_(name, num, cmd, ...) \
static void mux_##name(struct slot *s) \
{ \
	const union argument arg = { __VA_ARGS__ }; \
\
	ipc(s, SEMCTL, ID(name), num, command(s, cmd), &arg, 0); \
}
#define NUM(name) ARG(name, num)
SEMCTL_(semctl_IPC_RMID, 0, 0, 0)
SEMCTL_(semctl_IPC_SET, 0, 1, .buf = s->buf)
SEMCTL_(semctl_IPC_STAT, 0, 2, .buf = s->buf)
SEMCTL_(semctl_IPC_INFO, 0, 3, .buf = s->buf)
SEMCTL_(semctl_GETPID, NUM(semctl_GETPID), 11, 0)
SEMCTL_(semctl_GETVAL, NUM(semctl_GETVAL), 12, 0)
SEMCTL_(semctl_GETALL, NUM(semctl_GETALL), 13, .buf = s->buf)
SEMCTL_(semctl_GETNCNT, NUM(semctl_GETNCNT), 14, 0)
SEMCTL_(semctl_GETZCNT, NUM(semctl_GETZCNT), 15, 0)
SEMCTL_(semctl_SETVAL, NUM(semctl_SETVAL), 16, .val = (int)s->op.semctl_SETVAL.val)
SEMCTL_(semctl_SETALL, NUM(semctl_SETALL), 17, .buf = s->buf)
SEMCTL_(semctl_SEM_STAT, 0, 18, .buf = s->buf)
SEMCTL_(semctl_SEM_INFO, 0, 19, .buf = s->buf)
SEMCTL_(semctl_SEM_STAT_ANY, 0, 20, .buf = s->buf)
SEMCTL_(semctl_other, 0, ARG(semctl_other, cmd), 0)

#define CALLED(name) [OP_##name] = mux_##name,
static void (*const calls[NOPS])(struct slot *s) = {
#include "called.def"
#undef CALLED
};

bool mux_has(enum opcode code)
{
	return MUX && calls[code];
}

void mux_call(struct slot *s)
{
	calls[s->op.code](s);
}
