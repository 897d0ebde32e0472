/*
 * What Linux does and its manual would not let one expect, though the standard allows it: a program with
 * nothing of ours, which shows each of these in a few calls, as linux.c shows deviations.
 *
 *	cc -pthread -o surprises surprises.c && ./surprises [NAME...]
 *
 * Exit status: 0 all of them were shown, 1 one was not, 2 there is none of that name, 77 one could not be
 * tried.
 */
#include "tools.h"

#ifndef MSG_COPY
#define MSG_COPY 040000
#endif
#ifndef SHM_EXEC
#define SHM_EXEC 0100000
#endif

union argument { int val; struct semid_ds *buf; unsigned short *array; };

/* ---- queues ------------------------------------------------------------------------------------ */

/* With a message of one byte of each of these types. */
static int queue_with(const char *types)
{
	int id = msgget(IPC_PRIVATE, 0600);

	for (; *types; types++) {
		const struct message m = { *types - '0', "x" };

		msgsnd(id, &m, 1, 0);
	}
	return id;
}

static unsigned long messages_in(int id)
{
	struct msqid_ds ds = { .msg_qnum = 0 };

	msgctl(id, IPC_STAT, &ds);
	return (unsigned long)ds.msg_qnum;
}

static enum answer received_nowhere(void)
{
	void *nowhere = mmap(NULL, (size_t)page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int id = queue_with("1");
	long got = result(msgrcv(id, nowhere, 1, 0, 0));

	return shown_if(got == -EFAULT && !messages_in(id), "msgrcv into bad memory: %s, messages left: %lu",
			told(got), messages_in(id));
}

static enum answer above_qbytes(void)
{
	const struct message m = { 1, "xxxx" };
	int id = msgget(IPC_PRIVATE, 0600);
	struct msqid_ds ds;
	long got;

	msgctl(id, IPC_STAT, &ds);
	ds.msg_qbytes = 3;
	if (msgctl(id, IPC_SET, &ds))
		return cannot("needs ids that can be set");
	got = result(msgsnd(id, &m, 4, IPC_NOWAIT));
	return shown_if(got == -EAGAIN, "4 bytes to an empty queue that holds 3: %s", told(got));
}

static void send_one(int id)
{
	const struct message m = { 1, "x" };

	msgsnd(id, &m, 1, 0);
}

/* A receiver on the waker's CPU, which from now on it leaves to others, or takes from them. */
static pid_t receiver_of(int id, int policy)
{
	const struct sched_param urgent = { .sched_priority = policy == SCHED_FIFO };
	pid_t child = started(receive, id);

	wait_until_asleep(child);
	return sched_setscheduler(child, policy, &urgent) ? -1 : child;
}

/* What IPC_SET wakes queues anew in the order in which it runs: here the second comes first. */
static enum answer receivers_anew(void)
{
	int id = msgget(IPC_PRIVATE, 0600);
	pid_t first, second, served;
	struct msqid_ds ds;
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		return cannot("needs a CPU to itself");
	first = receiver_of(id, SCHED_IDLE);
	second = receiver_of(id, SCHED_FIFO);
	if (first < 0 || second < 0)
		return cannot("needs CAP_SYS_NICE");
	msgctl(id, IPC_STAT, &ds);
	msgctl(id, IPC_SET, &ds);
	wait_until_asleep(second);
	sched_setscheduler(first, SCHED_OTHER, &(struct sched_param){ 0 });
	wait_until_asleep(first);
	send_one(id);
	served = waitpid(-1, NULL, 0);
	send_one(id);
	waitpid(-1, NULL, 0);
	return shown_if(served == second, "behind a needless IPC_SET who came first is served %s",
			served == second ? "last" : "first");
}

/* The first of two receivers is stopped and goes on; the second is served. */
static enum answer stopped_receiver(void)
{
	int id = msgget(IPC_PRIVATE, 0600);
	pid_t first = started(receive, id), second;
	bool lost;

	wait_until_asleep(first);
	second = started(receive, id);
	wait_until_asleep(second);
	stop(first);
	kill(first, SIGCONT);
	waitpid(first, NULL, WCONTINUED);
	wait_until_asleep(first);
	send_one(id);
	lost = waitpid(-1, NULL, 0) == second;
	send_one(id);
	waitpid(-1, NULL, 0);
	return shown_if(lost, "who came first, and was stopped and continued, is served %s",
			lost ? "last" : "first");
}

static enum answer copy_not_cut(void)
{
	const struct message m = { 1, "abcd" };
	int id = msgget(IPC_PRIVATE, 0600);
	struct message into;
	long got;

	msgsnd(id, &m, 4, 0);
	got = result(msgrcv(id, &into, 2, 0, MSG_COPY | IPC_NOWAIT | MSG_NOERROR));
	return shown_if(got == -EINVAL, "2 bytes of 4 with MSG_COPY and MSG_NOERROR: %s", told(got));
}

/* The type and 8 bytes of text end where memory does; the message has one. */
static enum answer copy_reads(void)
{
	char *at = mmap(NULL, (size_t)page * 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *buf = at + page - sizeof(long) - 8;
	int id = queue_with("1");
	long copied, received;

	mprotect(at + page, (size_t)page, PROT_NONE);
	copied = result(msgrcv(id, buf, 64, 0, MSG_COPY | IPC_NOWAIT));
	received = result(msgrcv(id, buf, 64, 0, IPC_NOWAIT));
	return shown_if(copied == -EFAULT && received == 1,
			"room not all there: %s with MSG_COPY, %s without", told(copied), told(received));
}

static enum answer copy_above_msgmax(void)
{
	const struct message m = { 1, "abcd" };
	int id = msgget(IPC_PRIVATE, 0600);
	struct message into;
	long copied, received;

	msgsnd(id, &m, 4, 0);
	if (!written("/proc/sys/kernel/msgmax", "3"))
		return cannot("needs the right to set limits");
	copied = result(msgrcv(id, &into, 8, 0, MSG_COPY | IPC_NOWAIT));
	received = result(msgrcv(id, &into, 8, 0, IPC_NOWAIT));
	return shown_if(copied == -EINVAL && received == 4,
			"4 bytes, msgmax now 3: %s with MSG_COPY, %s without", told(copied), told(received));
}

static enum answer negative_type(void)
{
	struct message m = { 0, "" };

	msgrcv(queue_with("4321"), &m, sizeof(m.text), -2, 0);
	return shown_if(m.type == 1, "of types 4, 3, 2, 1 type -2 receives %ld", m.type);
}

/* ---- semaphores -------------------------------------------------------------------------------- */

static long change(int id, unsigned short num, short by, short flags)
{
	struct sembuf op = { num, by, flags };

	return result(semop(id, &op, 1));
}

static int value_of(int id, int cmd, int num)
{
	return semctl(id, num, cmd);
}

static enum answer adjustment_bounds(void)
{
	int id = semget(IPC_PRIVATE, 1, 0600);
	long got;

	change(id, 0, 32767, SEM_UNDO);
	change(id, 0, -32767, 0);
	change(id, 0, 1, SEM_UNDO);
	got = change(id, 0, 1, SEM_UNDO);
	return shown_if(got == -ERANGE, "from 1 to 2 with an adjustment of -32768: %s", told(got));
}

static long take_as_other(int id)
{
	become(OTHER, OTHER, 0);
	return change(id, 0, -1, 0) ? -1 : 0;
}

static void set_mode(int id, unsigned short mode)
{
	struct semid_ds ds;
	union argument arg = { .buf = &ds };

	semctl(id, 0, IPC_STAT, arg);
	ds.sem_perm.mode = mode;
	semctl(id, 0, IPC_SET, arg);
}

static enum answer right_taken_away(void)
{
	int id = semget(IPC_PRIVATE, 1, 0602);
	pid_t child;

	if (!is_root)
		return cannot("needs root");
	child = started(take_as_other, id);
	wait_until_asleep(child);
	set_mode(id, 0600);
	change(id, 0, 1, 0);
	waitpid(child, NULL, 0);
	return shown_if(*shared == 0, "semop whose right was taken away in its sleep: %s", told(*shared));
}

static long take_both(int id)
{
	struct sembuf ops[] = { { 0, -1, 0 }, { 1, -1, 0 } };

	return semop(id, ops, 2);
}

static long wait_for_zeros(int id)
{
	struct sembuf ops[] = { { 0, 0, 0 }, { 1, 0, 0 } };

	return semop(id, ops, 2);
}

static void end(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static enum answer first_blocker(void)
{
	int id = semget(IPC_PRIVATE, 2, 0600), first, second;
	pid_t child = started(take_both, id);

	wait_until_asleep(child);
	first = value_of(id, GETNCNT, 0);
	second = value_of(id, GETNCNT, 1);
	end(child);
	return shown_if(first == 1 && !second, "who waits for two semaphores counts %d and %d", first,
			second);
}

/* The first of two rises from 0 after the sleeper was found to wait for the second. */
static enum answer count_stays(void)
{
	int id = semget(IPC_PRIVATE, 2, 0600), first, second;
	pid_t child;

	change(id, 1, 1, 0);
	child = started(wait_for_zeros, id);
	wait_until_asleep(child);
	change(id, 0, 1, 0);
	first = value_of(id, GETZCNT, 0);
	second = value_of(id, GETZCNT, 1);
	end(child);
	return shown_if(!first && second == 1, "neither is 0: who waits for both counts %d and %d", first,
			second);
}

static enum answer setval_order(void)
{
	const union argument arg = { .val = 40000 };
	long unknown = result(semctl(12345, 0, SETVAL, arg)), negative = result(semctl(-1, 0, SETVAL, arg));

	return shown_if(unknown == -ERANGE && negative == -EINVAL, "40000 for no set: %s, for set -1: %s",
			told(unknown), told(negative));
}

static enum answer timeout_unneeded(void)
{
	const struct timespec no_time = { 0, 2000000000 };
	struct sembuf up = { 0, 1, 0 };
	long got = result(semtimedop(semget(IPC_PRIVATE, 1, 0600), &up, 1, &no_time));

	return shown_if(got == -EINVAL, "semtimedop that need not wait, with 2000000000 ns: %s", told(got));
}

static enum answer setns_own(void)
{
	int id = semget(IPC_PRIVATE, 1, 0600), fd = open("/proc/self/ns/ipc", O_RDONLY);
	long got;

	change(id, 0, 1, SEM_UNDO);
	got = result(setns(fd, CLONE_NEWIPC));
	return shown_if(!got && !value_of(id, GETVAL, 0), "setns to the same namespace: %s, value %d",
			told(got), value_of(id, GETVAL, 0));
}

static long set_value(int id)
{
	const union argument arg = { .val = 3 };

	return semctl(id, 0, SETVAL, arg);
}

static enum answer setval_sempid(void)
{
	int id = semget(IPC_PRIVATE, 1, 0600);
	pid_t child = started(set_value, id), last;

	waitpid(child, NULL, 0);
	last = value_of(id, GETPID, 0);
	return shown_if(last == child, "sempid after SETVAL, without any semop: %d, its caller %d", last,
			child);
}

/* Three words are stored, and the fourth is refused. */
static enum answer kernel_sem(void)
{
	char text[64] = "";
	bool done = written("/proc/sys/kernel/sem", "20 30 40 50000");
	int fd = open("/proc/sys/kernel/sem", O_RDONLY);

	if (read(fd, text, sizeof(text) - 1) <= 0 || access("/proc/sys/kernel/sem", W_OK))
		return cannot("needs the right to set limits");
	text[strcspn(text, "\n")] = 0;
	return shown_if(!done && !strncmp(text, "20\t30\t40\t", 9),
			"20 30 40 50000 is refused, and stored as %s", text);
}

/* ---- shared memory ----------------------------------------------------------------------------- */

static char *attached(int *id, size_t pages)
{
	*id = shmget(IPC_PRIVATE, pages * (size_t)page, 0600);
	return shmat(*id, NULL, 0);
}

static unsigned long attaches(int id)
{
	return (unsigned long)segment_of(id).shm_nattch;
}

static enum answer nattch_protection(void)
{
	unsigned long cut, alike;
	char *at;
	int id;

	at = attached(&id, 3);
	mprotect(at + page, (size_t)page, PROT_READ);
	cut = attaches(id);
	mprotect(at + page, (size_t)page, PROT_READ | PROT_WRITE);
	alike = attaches(id);
	return shown_if(cut == 3, "with a page protected an attach counts %lu, then %lu", cut, alike);
}

static enum answer areas_stay(void)
{
	char *at;
	int id;

	at = attached(&id, 3);
	mprotect(at + page, (size_t)page, PROT_READ);
	mprotect(at + page, (size_t)page, PROT_READ | PROT_WRITE);
	return shown_if(attaches(id) == 3, "one attach, protected alike again, counts %lu", attaches(id));
}

static enum answer nattch_pieces(void)
{
	int id, other = shmget(IPC_PRIVATE, (size_t)page, 0600);
	unsigned long before, after;
	char *at = attached(&id, 3);

	shmat(other, at + page, SHM_REMAP);
	before = attaches(id);
	shmdt(at);
	after = attaches(id);
	return shown_if(before == 2 && !after, "with its middle replaced it counts %lu, then %lu", before,
			after);
}

static bool forced(void)
{
	return written("/proc/sys/kernel/shm_rmid_forced", "1");
}

static long status(int id)
{
	struct shmid_ds ds;

	return result(shmctl(id, IPC_STAT, &ds));
}

static enum answer forced_attach(void)
{
	int id = shmget(IPC_PRIVATE, (size_t)page, 0600);
	long got;

	if (!forced())
		return cannot("needs the right to set limits");
	got = result((long)shmat(id, (char *)&page - (uintptr_t)&page % (uintptr_t)page, 0));
	return shown_if(got == -EINVAL && status(id) == -EINVAL,
			"shmat where something is: %s, then IPC_STAT: %s", told(got), told(status(id)));
}

static void *make_segment(void *id)
{
	*(int *)id = shmget(IPC_PRIVATE, (size_t)page, 0600);
	return NULL;
}

static enum answer forced_thread(void)
{
	pthread_t thread;
	int id;

	if (!forced() || pthread_create(&thread, NULL, make_segment, &id))
		return cannot("needs the right to set limits");
	pthread_join(thread, NULL);
	while (!status(id))
		sched_yield();
	return shown_if(true, "a segment whose maker was a thread that ended: %s", told(status(id)));
}

static enum answer forced_spares(void)
{
	int id = shmget(IPC_PRIVATE, (size_t)page, 0600);

	if (!forced())
		return cannot("needs the right to set limits");
	return shown_if(!status(id), "what nobody has attached, and whose maker is there: %s",
			told(status(id)));
}

static long execute_later(int id)
{
	char *at;

	become(OWNER, OWNER, 0);
	id = shmget(IPC_PRIVATE, (size_t)page, 0600);
	if (result((long)shmat(id, NULL, SHM_EXEC)) != -EACCES)
		return -1;
	at = shmat(id, NULL, 0);
	return mprotect(at, (size_t)page, PROT_READ | PROT_EXEC);
}

static enum answer exec_later(void)
{
	long got;

	if (!is_root)
		return cannot("needs root");
	got = done_by_process(execute_later, 0);
	return shown_if(!got, "what SHM_EXEC was refused for, made executable by mprotect: %s", told(got));
}

static long attach_at_zero(int id)
{
	become(OWNER, OWNER, 0);
	id = shmget(IPC_PRIVATE, (size_t)page, 0600);
	return (long)shmat(id, (void *)1, SHM_RND);
}

static enum answer page_zero(void)
{
	long got;

	if (!is_root)
		return cannot("needs root");
	got = done_by_process(attach_at_zero, 0);
	return shown_if(got == -EPERM, "shmat near address 0 with SHM_RND, unprivileged: %s", told(got));
}

static long lock_two_pages(int id)
{
	const struct rlimit limit = { 3 * (rlim_t)page, 3 * (rlim_t)page };

	setrlimit(RLIMIT_MEMLOCK, &limit);
	become(OWNER, OWNER, 0);
	id = shmget(IPC_PRIVATE, 2 * (size_t)page, 0600);
	return shmctl(id, SHM_LOCK, NULL);
}

static enum answer lock_outlives(void)
{
	long first, second;

	if (!is_root)
		return cannot("needs root");
	first = done_by_process(lock_two_pages, 0);
	second = done_by_process(lock_two_pages, 0);
	return shown_if(!first && second == -ENOMEM, "2 pages of 3 locked: %s; after its end again: %s",
			told(first), told(second));
}

/* ---- who may ----------------------------------------------------------------------------------- */

enum { KEY = 0x53765643 };

static long ask_for_execution(int id)
{
	(void)id;
	become(OWNER, OWNER, 0);
	msgget(KEY, IPC_CREAT | 0600);
	return msgget(KEY, 0100);
}

static enum answer execute_bit(void)
{
	long got;

	if (!is_root)
		return cannot("needs root");
	got = done_by_process(ask_for_execution, 0);
	return shown_if(got == -EACCES, "an owner who opens with 0100: %s", told(got));
}

static long open_with_nothing(int id)
{
	(void)id;
	become(OTHER, OTHER, 0);
	return msgget(KEY, 0);
}

static enum answer flag_zero(void)
{
	long got;

	if (!is_root)
		return cannot("needs root");
	msgget(KEY, IPC_CREAT);
	got = done_by_process(open_with_nothing, 0);
	return shown_if(got >= 0, "a stranger who opens a queue of mode 0 with flag 0: %s", told(got));
}

static long open_too_large(int id)
{
	long large, small;

	(void)id;
	become(OTHER, OTHER, 0);
	large = result(shmget(KEY, (size_t)page + 1, 0600));
	small = result(shmget(KEY, (size_t)page, 0600));
	errno = large == -EINVAL && small == -EACCES ? 0 : EIO;
	return errno ? -1 : 0;
}

static enum answer size_leaks(void)
{
	if (!is_root)
		return cannot("needs root");
	shmget(KEY, (size_t)page, IPC_CREAT);
	return shown_if(!done_by_process(open_too_large, 0), "%s",
			"a stranger finds a segment too small by EINVAL, else EACCES");
}

static enum answer id_zero(void)
{
	int queue = msgget(IPC_PRIVATE, 0600), set = semget(IPC_PRIVATE, 1, 0600);
	int segment = shmget(IPC_PRIVATE, 1, 0600);

	return shown_if(!queue && !set && !segment, "the first ids are %d, %d and %d", queue, set, segment);
}

static const struct surprise surprises[] = {
	{ "received-nowhere", "LINUX-MSGRCV-EFAULT-1", received_nowhere },
	{ "above-qbytes", "LINUX-MSGSND-BIG-1", above_qbytes },
	{ "receivers-anew", "LINUX-MSGRCV-FIFO-1", receivers_anew },
	{ "stopped-receiver", "LINUX-MSG-SIG-2", stopped_receiver },
	{ "copy-not-cut", "LINUX-MSG-COPY-5", copy_not_cut },
	{ "copy-reads", "LINUX-MSG-COPY-6", copy_reads },
	{ "copy-above-msgmax", "LINUX-MSG-COPY-7", copy_above_msgmax },
	{ "negative-type", "MSGRCV-3", negative_type },
	{ "adjustment-bounds", "LINUX-SEMOP-ADJ-1", adjustment_bounds },
	{ "right-taken-away", "LINUX-SEMOP-PERM-2", right_taken_away },
	{ "first-blocker", "LINUX-SEMCNT-1", first_blocker },
	{ "count-stays", "LINUX-SEMCNT-2", count_stays },
	{ "setval-order", "LINUX-SEMCTL-SETVAL-1", setval_order },
	{ "timeout-unneeded", "LINUX-SEMOP-ORD-4", timeout_unneeded },
	{ "setns-own", "LINUX-NS-3", setns_own },
	{ "setval-sempid", "LINUX-SEMCTL-SETVAL-4", setval_sempid },
	{ "kernel-sem", "LINUX-LIM-1", kernel_sem },
	{ "nattch-protection", "LINUX-NATTCH-1", nattch_protection },
	{ "areas-stay", "LINUX-NATTCH-1", areas_stay },
	{ "nattch-pieces", "LINUX-NATTCH-1", nattch_pieces },
	{ "forced-attach", "LINUX-SHMFORCE-4", forced_attach },
	{ "forced-thread", "LINUX-SHMFORCE-2", forced_thread },
	{ "forced-spares", "LINUX-SHMFORCE-3", forced_spares },
	{ "exec-later", "LINUX-SHMAT-PROT-2", exec_later },
	{ "page-zero", "LINUX-SHMAT-NIL-1", page_zero },
	{ "lock-outlives", "LINUX-SHMLOCK-6", lock_outlives },
	{ "execute-bit", "LINUX-PERM-MODE-4", execute_bit },
	{ "flag-zero", "LINUX-PERM-GET-1", flag_zero },
	{ "size-leaks", "LINUX-KEY-4", size_leaks },
	{ "id-zero", "LINUX-ID-ZERO-1", id_zero },
};

int main(int argc, char **argv)
{
	return show_each(surprises, sizeof(surprises) / sizeof(*surprises), argc - 1, argv + 1);
}
