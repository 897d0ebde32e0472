/*
 * klibc has no functions of System V IPC. What stands here in their place are bare calls, and the structures
 * of the kernel's headers as klibc brings them. Only libc.c is compiled with it: for the rest klibc lacks
 * syscall(), names of system calls, streams of one's own, threads' variables and sets of processors.
 */
#ifndef KLIBC_H
#define KLIBC_H

#include <stdarg.h>
#include <asm/msgbuf.h>
#include <asm/sembuf.h>
#include <asm/shmbuf.h>
#include <linux/msg.h>
#define semun kernels_semun		/* libc.c has its own, as callers of semctl do */
#include <linux/sem.h>
#undef semun
#include <linux/shm.h>
#undef MSGCTL				/* numbers of ipc(2) */
#undef SEMCTL
#undef SHMCTL

#include "bare.h"

#define OTHER "klibc"
#define msqid_ds msqid64_ds
#define semid_ds semid64_ds
#define shmid_ds shmid64_ds
#define shminfo shminfo64

/* errno of klibc is no more that of the program than its other functions would be. */
int *__errno_location(void);

static inline long answer(long ret)
{
	if (ret >= 0 || ret < -4095)
		return ret;
	*__errno_location() = (int)-ret;
	return -1;
}

#define msgget(key, flg) answer(bare(__NR_msgget, key, flg, 0, 0))
#define semget(key, nsems, flg) answer(bare(__NR_semget, key, nsems, flg, 0))
#define shmget(key, size, flg) answer(bare(__NR_shmget, key, (long)(size), flg, 0))
#define msgsnd(id, buf, size, flg) answer(bare(__NR_msgsnd, id, (long)(buf), (long)(size), flg))
#define msgrcv(id, buf, size, typ, flg) answer(bare5(__NR_msgrcv, id, (long)(buf), (long)(size), typ, flg))
#define semop(id, ops, n) answer(bare(__NR_semop, id, (long)(ops), (long)(n), 0))
#define semtimedop(id, ops, n, timeout) \
	answer(bare(__NR_semtimedop, id, (long)(ops), (long)(n), (long)(timeout)))
#define shmat(id, addr, flg) answer(bare(__NR_shmat, id, (long)(addr), flg, 0))
#define shmdt(addr) answer(bare(__NR_shmdt, (long)(addr), 0, 0, 0))
#define msgctl(id, cmd, buf) answer(bare(__NR_msgctl, id, cmd, (long)(buf), 0))
#define shmctl(id, cmd, buf) answer(bare(__NR_shmctl, id, cmd, (long)(buf), 0))
key_t ftok(const char *path, int id);	/* klibc has none: that of the program */

/* The union comes as what a long would come as. */
static long semctl(int id, int num, int cmd, ...)
{
	va_list ap;
	long arg;

	va_start(ap, cmd);
	arg = va_arg(ap, long);
	va_end(ap);
	return answer(bare(__NR_semctl, id, num, cmd, arg));
}

#endif
