/*
 * Actors that serve several runs. To make a process and to end it takes longer than most cases do. A process
 * that made no calls but those below is as a new one: such a call changes objects or files, which are gone
 * after the run, and nothing of its caller. What a process could still bring along is renewed before its next
 * run, and asked of the kernel: it closes what it has open, joins the fresh IPC namespace, which ends what it
 * has to undo in the old one, and then takes its credentials. Where no namespace can be joined it serves runs
 * in the one that it was made in. In doubt a process is not kept: after any other call, a signal, or a
 * failure of that.
 */
#include <signal.h>
#include <unistd.h>

#include "internal.h"

/*
 * Calls that leave nothing in the process that makes them, but a descriptor perhaps, which is closed when the
 * process is renewed.
 */
static const bool leaves_nothing[NOPS] = {
	[OP_msgget] = true, [OP_msgsnd] = true, [OP_msgrcv] = true, [OP_msgctl_IPC_RMID] = true,
	[OP_msgctl_IPC_SET] = true, [OP_msgctl_IPC_STAT] = true, [OP_msgctl_IPC_INFO] = true,
	[OP_msgctl_MSG_STAT] = true, [OP_msgctl_MSG_INFO] = true, [OP_msgctl_MSG_STAT_ANY] = true,

	[OP_semget] = true, [OP_semop] = true, [OP_semtimedop] = true,
	[OP_semctl_IPC_RMID] = true, [OP_semctl_IPC_SET] = true, [OP_semctl_IPC_STAT] = true,
	[OP_semctl_IPC_INFO] = true, [OP_semctl_GETPID] = true, [OP_semctl_GETVAL] = true,
	[OP_semctl_GETALL] = true, [OP_semctl_GETNCNT] = true, [OP_semctl_GETZCNT] = true,
	[OP_semctl_SETVAL] = true, [OP_semctl_SETALL] = true, [OP_semctl_SEM_STAT] = true,
	[OP_semctl_SEM_INFO] = true, [OP_semctl_SEM_STAT_ANY] = true,

	[OP_shmget] = true, [OP_shmctl_IPC_RMID] = true, [OP_shmctl_IPC_SET] = true,
	[OP_shmctl_IPC_STAT] = true, [OP_shmctl_IPC_INFO] = true, [OP_shmctl_SHM_STAT] = true,
	[OP_shmctl_SHM_INFO] = true, [OP_shmctl_SHM_STAT_ANY] = true,

	[OP_mq_open] = true, [OP_mq_close] = true, [OP_mq_send] = true, [OP_mq_receive] = true,
	[OP_mq_unlink] = true, [OP_shm_open] = true, [OP_shm_unlink] = true, [OP_sem_open] = true,
	[OP_sem_unlink] = true, [OP_open] = true, [OP_mkfifo] = true, [OP_mkdir] = true, [OP_bind] = true,
	[OP_connect] = true, [OP_unlink] = true, [OP_rmdir] = true, [OP_stat] = true, [OP_chmod] = true,
	[OP_chown] = true,

	[OP_become] = true,
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
bool keep_after(const struct slot *s)
{
	return leaves_nothing[s->op.code] && s->abi == ABI_RAW && !s->readonly && !s->timeout_readonly
		&& !may_ask_for_undo(&s->op);
}

static struct { pid_t pid; struct eye eye; unsigned generation; } kept[MAXACTORS];
static bool never;

void keep_none(void)
{
	never = true;
}

bool keep(struct actor *a, int number)
{
	if (never || !a->as_new || a->life != IDLE || !box_ends_all())
		return false;
	kept[number].pid = a->pid;
	kept[number].eye = a->eye;
	kept[number].generation = a->generation;
	a->eye = (struct eye){ .open = false };
	a->life = DEAD;
	return true;
}

void keep_end(void)
{
	for (int i = 0; i < MAXACTORS; i++)
		if (kept[i].pid)
			kill(kept[i].pid, SIGKILL);
}

bool keep_take(struct actor *a, int number)
{
	if (!kept[number].pid)
		return false;
	a->pid = a->tid = kept[number].pid;
	a->eye = kept[number].eye;
	a->generation = kept[number].generation;
	kept[number].pid = 0;
	return true;
}
