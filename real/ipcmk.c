#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ipcmk.h"

static long get(const struct request *rq)
{
	const long key = (long)rq->key, size = (long)rq->size, flg = (long)(rq->mode | rq->flags);

	switch (rq->kind) {
	case MSG: return syscall(SYS_msgget, key, flg, 0L, 0L, 0L, rq->mark);
	case SEM: return syscall(SYS_semget, key, size, flg, 0L, 0L, rq->mark);
	case SHM: return syscall(SYS_shmget, key, size, flg, 0L, 0L, rq->mark);
	default: break;
	}
	errno = EINVAL;
	return -1;
}

int64_t ipcmk(const struct request *rq, int *err)
{
	long id = get(rq);

	*err = errno;
	return id;
}

int32_t ipcmk_key(int *err)
{
	int32_t key = 0;

	while (!key)
		if (syscall(SYS_getrandom, &key, sizeof(key), 0) != (long)sizeof(key)) {
			*err = errno;
			return 0;
		}
	return key;
}
