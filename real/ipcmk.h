/* The one way in which this project creates objects: what stands behind ipcmk and the get operations. */
#ifndef IPCMK_H
#define IPCMK_H

#include <stdint.h>

#include "vocab.h"

/* A request to create or open one object. */
struct request {
	enum family kind;	/* MSG, SEM or SHM */
	int64_t key;		/* passed on as 32 bits; IPC_PRIVATE or any other */
	uint64_t size;		/* SHM: bytes. SEM: number of semaphores. MSG: unused */
	int64_t mode;		/* low nine bits, may be 0 */
	int64_t flags;		/* IPC_CREAT, IPC_EXCL, ...; or'ed with mode */
	long mark;		/* 0; what the sixth argument is, which the call does not have */
};

/* Makes the get call. Returns the id, or -1 with the errno value in *err. */
int64_t ipcmk(const struct request *rq, int *err);

/* A fresh random key, never 0. -1 is possible. Returns 0 on failure, with the errno value in *err. */
int32_t ipcmk_key(int *err);

#endif
