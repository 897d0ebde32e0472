/*
 * Where Linux does not do what the standard says: a program with nothing of ours, which shows each of these
 * in a few calls. It leaves the IPC namespace that it was started in alone.
 *
 *	cc -pthread -o linux linux.c && ./linux [NAME...]
 *
 *	shown   lrpid-thread              MSGRCV-5: msg_lrpid is 4712, not 4711, the process
 *
 * Exit status: 0 all of them were shown, 1 one was not, 2 there is none of that name, 77 one could not be
 * tried. With a C library that puts things right some are absent: nsems-type with musl.
 */
#include "tools.h"

/* ---- who may ----------------------------------------------------------------------------------- */

static long status_of_queue(int id)
{
	struct msqid_ds ds;

	return msgctl(id, IPC_STAT, &ds);
}

static long status_by_effective_group(int id)
{
	const gid_t none = 0;

	if (setgroups(0, &none) || setresgid(OTHER, OWNER, OTHER) || setresuid(OTHER, OTHER, OTHER))
		_exit(77);
	setfsgid(OTHER);
	return status_of_queue(id);
}

/* The effective group is that of the queue, and that of the file system another. */
static enum answer fsgid(void)
{
	long got;

	if (!is_root)
		return cannot("needs root");
	got = done_by_process(status_by_effective_group, queue_of(0, OWNER, 0040));
	return shown_if(got == -EACCES, "IPC_STAT by whose effective group is the queue's: %s", told(got));
}

static long status_by_supplementary_group(int id)
{
	become(OTHER, OTHER, OWNER);
	return status_of_queue(id);
}

static enum answer supplementary_groups(void)
{
	long got;

	if (!is_root)
		return cannot("needs root");
	got = done_by_process(status_by_supplementary_group, queue_of(0, OWNER, 0040));
	return shown_if(got == 0, "IPC_STAT by who has the queue's group beside others: %s", told(got));
}

static long read_by_effective_user(int id)
{
	const gid_t none = 0;

	(void)id;
	if (setgroups(0, &none) || setresgid(OTHER, OTHER, OTHER) || setresuid(OTHER, OWNER, OTHER))
		_exit(77);
	setfsuid(OTHER);
	return open(in_folder("file"), O_RDONLY);
}

static enum answer fsuid(void)
{
	const char *file = in_folder("file");
	long got;
	int fd;

	if (!is_root)
		return cannot("needs root");
	fd = open(file, O_CREAT | O_WRONLY, 0400);
	if (fchown(fd, OWNER, OWNER) || chmod(folder, 0755))
		return cannot("needs a file system with owners");
	close(fd);
	got = done_by_process(read_by_effective_user, 0);
	unlink(file);
	return shown_if(got == -EACCES, "open by who has the file's owner as effective user: %s", told(got));
}

static long wait_and_raise(int id)
{
	struct sembuf ops[] = { { 0, 0, 0 }, { 0, 1, 0 } };

	become(OWNER, OWNER, 0);
	return semop(id, ops, 2);
}

static enum answer mixed_semop(void)
{
	int id = semget(IPC_PRIVATE, 1, 0600);
	union { int val; struct semid_ds *buf; } arg;
	struct semid_ds ds = { .sem_perm.uid = OWNER, .sem_perm.mode = 0200 };
	long got;

	arg.buf = &ds;
	if (!is_root || semctl(id, 0, IPC_SET, arg))
		return cannot("needs root");
	got = done_by_process(wait_and_raise, id);
	return shown_if(got == 0, "semop that also waits for zero, without a right to read: %s", told(got));
}

static enum answer unlink_directory(void)
{
	const char *path = in_folder("directory");
	long got = mkdir(path, 0700) ? -1 : result(unlink(path));

	rmdir(path);
	return shown_if(got == -EISDIR, "unlink of a directory: %s", told(got));
}

/* ---- queues ------------------------------------------------------------------------------------ */

static struct msqid_ds with_qbytes(int id, unsigned long qbytes)
{
	struct msqid_ds ds = { .msg_qbytes = 0 };

	if (msgctl(id, IPC_STAT, &ds))
		_exit(77);
	ds.msg_qbytes = qbytes;
	return ds;
}

static long raise_qbytes(int id)
{
	struct msqid_ds low, high;

	become(OWNER, OWNER, 0);
	low = with_qbytes(id, 10);
	high = with_qbytes(id, 11);
	return msgctl(id, IPC_SET, &low) ? -1 : msgctl(id, IPC_SET, &high);
}

static enum answer qbytes_raise(void)
{
	long got;

	if (!is_root)
		return cannot("needs root");
	got = done_by_process(raise_qbytes, queue_of(OWNER, OWNER, 0600));
	return shown_if(got == 0, "msg_qbytes raised from 10 to 11 without privilege: %s", told(got));
}

static long ask_for_much(int id)
{
	struct msqid_ds ds;

	become(OWNER, OWNER, 0);
	ds = with_qbytes(id, (1UL << 31 << 1) + 7);
	return msgctl(id, IPC_SET, &ds);
}

static enum answer qbytes_width(void)
{
	struct msqid_ds ds;
	long got;
	int id;

	if (!is_root || sizeof(long) == 4)
		return cannot("needs root, and longs of 64 bits");
	id = queue_of(OWNER, OWNER, 0600);
	got = done_by_process(ask_for_much, id);
	msgctl(id, IPC_STAT, &ds);
	return shown_if(got == 0 && ds.msg_qbytes == 7, "msg_qbytes of 2^32+7 unprivileged: %s, then %lu",
			told(got), (unsigned long)ds.msg_qbytes);
}

static volatile pid_t thread_id;

static void *receive_in_thread(void *arg)
{
	struct message m;

	thread_id = (pid_t)syscall(SYS_gettid);
	msgrcv(*(int *)arg, &m, sizeof(m.text), 0, 0);
	return NULL;
}

static enum answer lrpid_thread(void)
{
	const struct message m = { 1, "x" };
	int id = msgget(IPC_PRIVATE, 0600);
	struct msqid_ds ds;
	pthread_t thread;

	if (pthread_create(&thread, NULL, receive_in_thread, &id))
		return cannot("needs a thread");
	while (!thread_id)
		sched_yield();
	wait_until_asleep(thread_id);
	msgsnd(id, &m, 1, 0);
	pthread_join(thread, NULL);
	msgctl(id, IPC_STAT, &ds);
	return shown_if(ds.msg_lrpid == thread_id, "msg_lrpid is %d, not %d, the process", ds.msg_lrpid,
			getpid());
}

static enum answer removed_while_stopped(void)
{
	int id = msgget(IPC_PRIVATE, 0600);
	pid_t child = started(receive, id);

	wait_until_asleep(child);
	stop(child);
	msgctl(id, IPC_RMID, NULL);
	kill(child, SIGCONT);
	waitpid(child, NULL, 0);
	return shown_if(*shared == -EINVAL, "msgrcv whose process was stopped when the queue was removed: %s",
			told(*shared));
}

/* ---- semaphores -------------------------------------------------------------------------------- */

static long take(int id)
{
	struct sembuf down = { 0, -1, 0 };

	return semop(id, &down, 1);
}

static enum answer semop_stop(void)
{
	pid_t child = started(take, semget(IPC_PRIVATE, 1, 0600));

	wait_until_asleep(child);
	stop(child);
	kill(child, SIGCONT);
	waitpid(child, NULL, 0);
	return shown_if(*shared == -EINTR, "semop that was stopped and continued, with no signal caught: %s",
			told(*shared));
}

static enum answer nsops_width(void)
{
	struct sembuf up = { 0, 1, 0 };
	int id = semget(IPC_PRIVATE, 1, 0600);
	long got;

	if (sizeof(long) == 4)
		return cannot("needs longs of 64 bits");
	got = result(semop(id, &up, (1UL << 31 << 1) + 1));
	return shown_if(got == 0, "semop of 2^32+1 operations: %s, and the value is %d", told(got),
			semctl(id, 0, GETVAL));
}

static long fail_with_undo(int id)
{
	struct sembuf down = { 0, -1, SEM_UNDO | IPC_NOWAIT };

	return semop(id, &down, 1);
}

static enum answer otime_at_exit(void)
{
	int id = semget(IPC_PRIVATE, 1, 0600);
	union { int val; struct semid_ds *buf; } arg;
	struct semid_ds ds;
	long got = done_by_process(fail_with_undo, id);

	arg.buf = &ds;
	semctl(id, 0, IPC_STAT, arg);
	return shown_if(got == -EAGAIN && ds.sem_otime, "the only semop came to %s, and sem_otime is %s",
			told(got), ds.sem_otime ? "set" : "0");
}

static enum answer nsems_type(void)
{
	const struct semid_ds ds = { .sem_nsems = 0 };

	return shown_if(sizeof(ds.sem_nsems) != sizeof(unsigned short), "sem_nsems has %zu bytes",
			sizeof(ds.sem_nsems));
}

/* ---- shared memory ----------------------------------------------------------------------------- */

static long attach(int id)
{
	return shmat(id, NULL, 0) == (void *)-1 ? -1 : 0;
}

#define LAST shared[2]			/* shm_lpid */

static long attach_and_end(int id)
{
	long got = attach(id);

	TURN = READY;
	take_turn(GO);
	return got;
}

static long attach_and_execute(int id)
{
	char *const arguments[] = { (char *)"true", NULL };

	*shared = attach_and_end(id);
	return execve("/bin/true", arguments, arguments + 1);
}

static long attach_and_fork(int id)
{
	pid_t child;

	attach_and_end(id);
	child = fork();
	if (!child) {
		LAST = segment_of(id).shm_lpid;
		_exit(0);
	}
	waitpid(child, NULL, 0);
	return 0;
}

/* Attached by a child first and by this process last, before the child goes on. */
static enum answer lpid_after(long (*call)(int id), const char *what)
{
	int id = shmget(IPC_PRIVATE, (size_t)page, 0600);
	pid_t child;

	TURN = NOT_YET;
	LAST = 0;
	child = started(call, id);
	take_turn(READY);
	attach(id);
	TURN = GO;
	waitpid(child, NULL, 0);
	if (!LAST)
		LAST = segment_of(id).shm_lpid;
	return shown_if(!*shared && LAST == child, "shm_lpid after %s: %s", what,
			LAST == child ? "that process" : "who called shmat last");
}

static enum answer lpid_at_exit(void)
{
	return lpid_after(attach_and_end, "the end of a process");
}

static enum answer lpid_at_exec(void)
{
	return lpid_after(attach_and_execute, "exec");
}

static enum answer lpid_at_fork(void)
{
	return lpid_after(attach_and_fork, "fork");
}

static enum answer nattch_areas(void)
{
	int id = shmget(IPC_PRIVATE, (size_t)page * 3, 0600);
	char *at = shmat(id, NULL, 0);
	unsigned long attached;

	if (mlock(at + page, (size_t)page))
		return cannot("needs memory that can be locked");
	attached = (unsigned long)segment_of(id).shm_nattch;
	return shown_if(attached != 1, "shm_nattch of one attach with a page locked: %lu", attached);
}

static enum answer shmall_errno(void)
{
	long got;

	if (!written("/proc/sys/kernel/shmall", "0"))
		return cannot("needs the right to set limits");
	got = result(shmget(IPC_PRIVATE, (size_t)page, 0600));
	return shown_if(got == -ENOSPC, "shmget with no memory left for segments, and no segment there: %s",
			told(got));
}

/* ---- keys -------------------------------------------------------------------------------------- */

/* Files of one file system, until two that exist together have the lower bits of their numbers alike. */
static enum answer ftok_twins(void)
{
	struct stat first, other;
	char path[64], twin[64];
	int fd = memfd_create("first", 0), next;

	fstat(fd, &first);
	for (int i = 0; i < 1 << 20; i++) {
		next = memfd_create("other", 0);
		fstat(next, &other);
		if (other.st_ino != first.st_ino && !((other.st_ino ^ first.st_ino) & 0xffff))
			break;
		close(next);
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	snprintf(twin, sizeof(twin), "/proc/self/fd/%d", next);
	return shown_if(other.st_dev == first.st_dev && other.st_ino != first.st_ino
			&& ftok(path, 1) == ftok(twin, 1), "files %llu and %llu have the key %#x",
			(unsigned long long)first.st_ino, (unsigned long long)other.st_ino,
			(unsigned)ftok(twin, 1));
}

/* ---- all of them ------------------------------------------------------------------------------- */

static const struct surprise deviations[] = {
	{ "file-fsuid", "XBD-FILE-PERM-2", fsuid },
	{ "unlink-directory", "UNLINK-ERR-EPERM", unlink_directory },
	{ "ftok-twins", "FTOK-3", ftok_twins },
	{ "nsems-type", "SEMH-ds-1", nsems_type },
	{ "shmall-errno", "SHMGET-ERR-ENOMEM", shmall_errno },
	{ "qbytes-width", "MSGCTL-SET-3", qbytes_width },
	{ "qbytes-raise", "MSGCTL-ERR-EPERM-2", qbytes_raise },
	{ "lrpid-thread", "MSGRCV-5", lrpid_thread },
	{ "removed-while-stopped", "MSGRCV-ERR-EIDRM", removed_while_stopped },
	{ "ipc-fsgid", "XSH-2.7-perm-3", fsgid },
	{ "ipc-supplementary-groups", "XSH-2.7-perm-3", supplementary_groups },
	{ "semop-stop", "SEMOP-ERR-EINTR", semop_stop },
	{ "semop-mixed", "SEMOP-12", mixed_semop },
	{ "nsops-width", "SEMOP-ERR-E2BIG", nsops_width },
	{ "otime-at-exit", "SEMOP-11", otime_at_exit },
	{ "lpid-at-exit", "SHMEXIT-1", lpid_at_exit },
	{ "lpid-at-exec", "SHMEXEC-1", lpid_at_exec },
	{ "lpid-at-fork", "SHMH-ds-1", lpid_at_fork },
	{ "nattch-areas", "SHMAT-5", nattch_areas },
};

int main(int argc, char **argv)
{
	return show_each(deviations, sizeof(deviations) / sizeof(*deviations), argc - 1, argv + 1);
}
