/*
 * Do status records say what the kernel's own files say? A program that translates calls for another CPU may
 * lay them out wrongly, and then they are no way to see a state: what a call of a case reports is judged,
 * what objects are like is read from the files.
 */
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

static const char *const paths[NFAMILIES] = {
	[MSG] = "/proc/sysvipc/msg", [SEM] = "/proc/sysvipc/sem", [SHM] = "/proc/sysvipc/shm",
};

static bool wrong;	/* records were seen to be */

bool told_wrongly(void)
{
	return wrong;
}

/* The row of an object in the kernel's file; false where there is none, or no such file. */
static bool row_of(enum family f, int64_t id, struct record *row)
{
	char stray[100], *text = read_whole(paths[f]);
	bool found = text && proc_find(text, id, row, stray, sizeof(stray));

	free(text);
	return found;
}

void told_correct(enum family f, int64_t id, struct record *rec)
{
	struct record row;

	if (!wrong || !row_of(f, id, &row))
		return;
	for (enum field i = 0; i < NFIELDS; i++)
		if (row.has & rec->has & BIT(i))
			rec->v[i] = row.v[i];
}

/* ---- finding out ------------------------------------------------------------------------------------- */

static bool differ(const struct record *a, const struct record *b)
{
	for (enum field i = 0; i < NFIELDS; i++)
		if (a->has & b->has & BIT(i) && a->v[i] != b->v[i])
			return true;
	return false;
}

static bool is_told_wrongly(enum family f, int64_t id)
{
	union { long align; unsigned char bytes[256]; } status;
	struct record rec = { .has = 0 }, row;

	memset(&status, CANARY, sizeof(status));
	if (!look_raw(f, id, status.bytes) || !row_of(f, id, &row))
		return false;
	layout_read(&kernel_layouts.status[f], status.bytes, &rec);
	return differ(&rec, &row);
}

/* A queue with a last sender and a last receiver, a set and a segment, each with an own mode. */
static bool any_is_told_wrongly(void)
{
	struct { long type; char text[sizeof(long)]; } message = { .type = 1 };
	const long q = syscall(SYS_msgget, 0L, 0640L), set = syscall(SYS_semget, 0L, 1L, 0604L);
	const long segment = syscall(SYS_shmget, 0L, 1L, 0406L);

	syscall(SYS_msgsnd, q, &message, (long)sizeof(message.text), 0L);
	syscall(SYS_msgrcv, q, &message, (long)sizeof(message.text), 0L, (long)IPC_NOWAIT);
	return is_told_wrongly(MSG, q) || is_told_wrongly(SEM, set) || is_told_wrongly(SHM, segment);
}

void told_learn(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)		/* ids that it takes are not missed in a namespace of its own */
		_exit(!unshare(CLONE_NEWIPC) && any_is_told_wrongly());
	wrong = pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 1;
}
