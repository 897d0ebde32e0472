/*
 * Actors that serve several runs. To make a process and to end it takes longer than most cases do. A process
 * that made no calls but those below is as a new one: such a call changes objects or files, which are gone
 * after the run, and nothing of its caller. What a process could still bring along is renewed before its next
 * run, and asked of the kernel: it joins the fresh IPC namespace, which ends what it has to undo in the old
 * one, and then takes its credentials. In doubt a process is not kept: after any other call, a signal, or a
 * failure of that.
 */
#include <unistd.h>

#include "internal.h"

/* What a call leaves in the process that makes it: all that is not listed, something. */
enum trace { SOMETHING, NOTHING, DESCRIPTOR };	/* which stays open when the call succeeds */

static const uint8_t leaves[NOPS] = {
	[OP_msgget] = NOTHING, [OP_msgsnd] = NOTHING, [OP_msgrcv] = NOTHING, [OP_msgctl_IPC_RMID] = NOTHING,
	[OP_msgctl_IPC_SET] = NOTHING, [OP_msgctl_IPC_STAT] = NOTHING, [OP_msgctl_IPC_INFO] = NOTHING,
	[OP_msgctl_MSG_STAT] = NOTHING, [OP_msgctl_MSG_INFO] = NOTHING, [OP_msgctl_MSG_STAT_ANY] = NOTHING,

	[OP_semget] = NOTHING, [OP_semop] = NOTHING, [OP_semtimedop] = NOTHING,
	[OP_semctl_IPC_RMID] = NOTHING, [OP_semctl_IPC_SET] = NOTHING, [OP_semctl_IPC_STAT] = NOTHING,
	[OP_semctl_IPC_INFO] = NOTHING, [OP_semctl_GETPID] = NOTHING, [OP_semctl_GETVAL] = NOTHING,
	[OP_semctl_GETALL] = NOTHING, [OP_semctl_GETNCNT] = NOTHING, [OP_semctl_GETZCNT] = NOTHING,
	[OP_semctl_SETVAL] = NOTHING, [OP_semctl_SETALL] = NOTHING, [OP_semctl_SEM_STAT] = NOTHING,
	[OP_semctl_SEM_INFO] = NOTHING, [OP_semctl_SEM_STAT_ANY] = NOTHING,

	[OP_shmget] = NOTHING, [OP_shmctl_IPC_RMID] = NOTHING, [OP_shmctl_IPC_SET] = NOTHING,
	[OP_shmctl_IPC_STAT] = NOTHING, [OP_shmctl_IPC_INFO] = NOTHING, [OP_shmctl_SHM_STAT] = NOTHING,
	[OP_shmctl_SHM_INFO] = NOTHING, [OP_shmctl_SHM_STAT_ANY] = NOTHING,

	[OP_mq_open] = DESCRIPTOR, [OP_mq_unlink] = NOTHING, [OP_shm_open] = NOTHING,
	[OP_shm_unlink] = NOTHING, [OP_sem_open] = NOTHING, [OP_sem_unlink] = NOTHING, [OP_open] = NOTHING,
	[OP_mkfifo] = NOTHING, [OP_mkdir] = NOTHING, [OP_bind] = DESCRIPTOR, [OP_connect] = NOTHING,
	[OP_unlink] = NOTHING, [OP_rmdir] = NOTHING, [OP_stat] = NOTHING, [OP_chmod] = NOTHING,
	[OP_chown] = NOTHING,

	[OP_become] = NOTHING,
};

/* What a semop is given beyond its list may ask for an undo as well. */
static bool may_ask_for_undo(const struct op *op)
{
	const struct payload *d = op->data;

	if (op->code != OP_semop && op->code != OP_semtimedop)
		return false;
	for (size_t i = 0; i < d->sops.n; i++)
		if (d->sops.v[i].flg & SEM_UNDO)
			return true;
	return d->excess > 0;
}

/* What the C library keeps to itself cannot be known; nor is a place that was protected surely as before. */
bool keep_after(const struct slot *s, const struct outcome *out)
{
	const enum trace trace = (enum trace)leaves[s->op.code];

	return (trace == NOTHING || (trace == DESCRIPTOR && out->how == FAILED)) && s->abi == ABI_RAW
		&& !s->readonly && !s->timeout_readonly && !may_ask_for_undo(&s->op);
}

static struct { pid_t pid; struct eye eye; } kept[MAXACTORS];
static bool never;

void keep_none(void)
{
	never = true;
}

/* Only where the end of the worker, which is that of the box, takes everybody along. */
bool keep(struct actor *a, int number)
{
	if (never || !a->as_new || a->life != IDLE || getppid() != 1)
		return false;
	kept[number].pid = a->pid;
	kept[number].eye = a->eye;
	a->eye = (struct eye){ .open = false };
	a->life = DEAD;
	return true;
}

bool keep_take(struct actor *a, int number)
{
	if (!kept[number].pid)
		return false;
	a->pid = a->tid = kept[number].pid;
	a->eye = kept[number].eye;
	kept[number].pid = 0;
	return true;
}
