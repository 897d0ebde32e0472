/*
 * dietlibc: its functions, and the structures of its headers. Only libc.c and headers.c are compiled with it,
 * and linked with those functions alone, whose names are hidden from the program: of threads and of much else
 * it has too little for the rest.
 */
#ifndef DIETLIBC_H
#define DIETLIBC_H

#include <errno.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#undef MSGCTL				/* numbers of ipc(2) */
#undef SEMCTL
#undef SHMCTL

#define OTHER "dietlibc"

/* It does not have this one. errno is that of the program, which its functions set too. */
#define semtimedop(id, ops, n, timeout) ((void)(id), *__errno_location() = ENOSYS, -1)

/* Nor these types: that they have no size tells it. */
typedef struct { char none[0]; } msgqnum_t, msglen_t, shmatt_t;

#endif
