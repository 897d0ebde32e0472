/*
 * The functions of the C library that this is built with, and the structures of its headers. Nothing else of
 * that library may be used here: it can be another than that of the program (klibc.h, dietlibc.h).
 */
#include <stddef.h>

#include "cells.h"
#include "internal.h"

/* After internal.h: its constants of the same names are the kernel's, these are the library's. */
#if defined(__KLIBC__)
#include "klibc.h"
#elif defined(__dietlibc__)
#include "dietlibc.h"
#else
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#define OTHER ""
#endif

const char libc_other[] = OTHER;

/* ---- structures ------------------------------------------------------------------------------ */

#ifdef __GLIBC__
#define KEY __key
#define SEQ __seq
#else
#define KEY key
#define SEQ seq
#endif

/* On a 32-bit CPU musl leaves the halves where the kernel stored them, and has times behind the rest. */
#if defined(__GLIBC__) || defined(__KLIBC__) || __SIZEOF_LONG__ == 8
#define SECONDS NAMED
#else
#define SECONDS(type, prefix, field) \
	NAMED(type, prefix, field) \
	SILENT(type, __##prefix##field##_lo) SILENT(type, __##prefix##field##_hi)
#endif

static const struct cell msqid_ds_cells[] = { QUEUE(msqid_ds, KEY, SEQ, SECONDS) };
static const struct cell semid_ds_cells[] = { SET(semid_ds, KEY, SEQ, SECONDS) };
static const struct cell shmid_ds_cells[] = { SEGMENT(shmid_ds, KEY, SEQ, SECONDS) };
static const struct cell msginfo_cells[] = { QUEUE_INFO(msginfo) };
static const struct cell seminfo_cells[] = { SET_INFO(seminfo) };
static const struct cell shminfo_cells[] = { SEGMENT_INFO(shminfo) };
static const struct cell shm_info_cells[] = { SEGMENT_USAGE(shm_info) };

const struct layouts libc_layouts = {
	.status = { [MSG] = LAYOUT(msqid_ds), [SEM] = LAYOUT(semid_ds), [SHM] = LAYOUT(shmid_ds) },
	.info = { [MSG] = LAYOUT(msginfo), [SEM] = LAYOUT(seminfo), [SHM] = LAYOUT(shminfo) },
	.usage = { [MSG] = LAYOUT(msginfo), [SEM] = LAYOUT(seminfo), [SHM] = LAYOUT(shm_info) },
};

/* ---- functions ------------------------------------------------------------------------------- */

/* What a caller of semctl has to define. */
union semun { int val; struct semid_ds *buf; unsigned short *array; struct seminfo *info; };

#define CALL(name, ...) \
static long libc_##name(const struct slot *s) \
{ \
	return (long)(__VA_ARGS__); \
}
#define ARG(name, arg) ((int)s->op.name.arg)
#define LONG(name, arg) ((long)s->op.name.arg)
#define ID(name) ARG(name, id)
#define SIZE(name, arg) ((size_t)s->op.name.arg)
#define ADDRESS(name) ((void *)(uintptr_t)s->op.name.addr)

CALL(msgget, msgget(ARG(msgget, key), ARG(msgget, flg)))
CALL(semget, semget(ARG(semget, key), ARG(semget, nsems), ARG(semget, flg)))
CALL(shmget, shmget(ARG(shmget, key), SIZE(shmget, size), ARG(shmget, flg)))

CALL(msgsnd, msgsnd(ID(msgsnd), s->buf, s->size, ARG(msgsnd, flg)))
CALL(msgrcv, msgrcv(ID(msgrcv), s->buf, SIZE(msgrcv, size), LONG(msgrcv, typ), ARG(msgrcv, flg)))
CALL(semop, semop(ID(semop), s->buf, s->size))
CALL(semtimedop, semtimedop(ID(semtimedop), s->buf, s->size, s->timeout))
CALL(shmat, (intptr_t)shmat(ID(shmat), ADDRESS(shmat), ARG(shmat, flg)))
CALL(shmdt, shmdt(ADDRESS(shmdt)))

#define MSGCTL(name, command) CALL(name, msgctl(ID(name), command, s->buf))
MSGCTL(msgctl_IPC_SET, IPC_SET)
MSGCTL(msgctl_IPC_STAT, IPC_STAT)
MSGCTL(msgctl_IPC_INFO, IPC_INFO)
MSGCTL(msgctl_MSG_STAT, MSG_STAT)
MSGCTL(msgctl_MSG_INFO, MSG_INFO)
MSGCTL(msgctl_MSG_STAT_ANY, MSG_STAT_ANY)
CALL(msgctl_IPC_RMID, msgctl(ID(msgctl_IPC_RMID), IPC_RMID, NULL))
CALL(msgctl_other, msgctl(ID(msgctl_other), ARG(msgctl_other, cmd), NULL))

/* With a fourth argument where the command takes one, and with three where it does not. */
#define SEMCTL(name, num, command) \
	CALL(name, semctl(ID(name), num, command, (union semun){ .buf = s->buf }))
#define BARE(name, num, command) CALL(name, semctl(ID(name), num, command))
#define NUM(name) ARG(name, num)
SEMCTL(semctl_IPC_SET, 0, IPC_SET)
SEMCTL(semctl_IPC_STAT, 0, IPC_STAT)
SEMCTL(semctl_IPC_INFO, 0, IPC_INFO)
SEMCTL(semctl_SEM_STAT, 0, SEM_STAT)
SEMCTL(semctl_SEM_INFO, 0, SEM_INFO)
SEMCTL(semctl_SEM_STAT_ANY, 0, SEM_STAT_ANY)
SEMCTL(semctl_GETALL, NUM(semctl_GETALL), GETALL)
SEMCTL(semctl_SETALL, NUM(semctl_SETALL), SETALL)
BARE(semctl_IPC_RMID, 0, IPC_RMID)
BARE(semctl_GETPID, NUM(semctl_GETPID), GETPID)
BARE(semctl_GETVAL, NUM(semctl_GETVAL), GETVAL)
BARE(semctl_GETNCNT, NUM(semctl_GETNCNT), GETNCNT)
BARE(semctl_GETZCNT, NUM(semctl_GETZCNT), GETZCNT)
BARE(semctl_other, 0, ARG(semctl_other, cmd))
CALL(semctl_SETVAL, semctl(ID(semctl_SETVAL), NUM(semctl_SETVAL), SETVAL,
			   (union semun){ .val = ARG(semctl_SETVAL, val) }))

#define SHMCTL(name, command) CALL(name, shmctl(ID(name), command, s->buf))
SHMCTL(shmctl_IPC_SET, IPC_SET)
SHMCTL(shmctl_IPC_STAT, IPC_STAT)
SHMCTL(shmctl_IPC_INFO, IPC_INFO)
SHMCTL(shmctl_SHM_STAT, SHM_STAT)
SHMCTL(shmctl_SHM_INFO, SHM_INFO)
SHMCTL(shmctl_SHM_STAT_ANY, SHM_STAT_ANY)
CALL(shmctl_IPC_RMID, shmctl(ID(shmctl_IPC_RMID), IPC_RMID, NULL))
CALL(shmctl_SHM_LOCK, shmctl(ID(shmctl_SHM_LOCK), SHM_LOCK, NULL))
CALL(shmctl_SHM_UNLOCK, shmctl(ID(shmctl_SHM_UNLOCK), SHM_UNLOCK, NULL))
CALL(shmctl_other, shmctl(ID(shmctl_other), ARG(shmctl_other, cmd), NULL))

long libc_key(const char *path, int id)
{
	return ftok(path, id);
}

#define CALLED(name) [OP_##name] = libc_##name,
static long (*const functions[NOPS])(const struct slot *s) = {
#include "called.def"
#undef CALLED
};

long (*libc_function(enum opcode code))(const struct slot *s)
{
	return functions[code];
}
