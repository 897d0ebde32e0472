/*
 * Where a program that runs on qemu's emulation of another CPU does not get what Linux gives, and no case can
 * show it: a program with nothing of ours, which shows each of these in a few calls.
 *
 *	aarch64-linux-gnu-gcc -static -pthread -o qemu-user qemu-user.c
 *	qemu-aarch64-static ./qemu-user [NAME...]
 *
 * Without the emulator all are absent. Exit status: 0 all of them were shown, 1 one was not, 2 there is none
 * of that name, 77 one could not be tried: some are about 32-bit programs, or those of x86.
 */
#include "tools.h"

#include <dirent.h>
#include <mqueue.h>

enum { PAGES = 8, ATTACHES = 40, LIMIT = 4 << 20 };

/* Memory of one's own, at a place or anywhere. */
static char *memory_at(void *place, int pages)
{
	int how = MAP_PRIVATE | MAP_ANONYMOUS | (place ? MAP_FIXED : 0);
	void *at = mmap(place, (size_t)(pages * page), PROT_READ | PROT_WRITE, how, -1, 0);

	if (at == MAP_FAILED)
		_exit(77);
	return at;
}

static char *attach_of(int pages)
{
	char *at = shmat(shmget(IPC_PRIVATE, (size_t)(pages * page), 0600), NULL, 0);

	if (at == (char *)-1)
		_exit(77);
	return at;
}

/* A call that takes a byte from there. */
static long taken(const char *from)
{
	int ends[2];
	long got;

	if (pipe(ends))
		return -errno;
	got = result(write(ends[1], from, 1));
	close(ends[0]);
	close(ends[1]);
	return got;
}

/* A call that stores something there. */
static long stored(void *to)
{
	union { void *array; } values = { to };

	return semctl(semget(IPC_PRIVATE, 1, 0600), 0, GETALL, values);
}

static bool ended(long value)
{
	return value == -ECHILD;
}

static const char *fate(long value)
{
	return ended(value) ? "the end of the process" : told(value);
}

/* ---- attached memory --------------------------------------------------------------------------- */

static long store_after_many(int id)
{
	char *at[ATTACHES];

	for (int i = 0; i < ATTACHES; i++)
		at[i] = shmat(id, NULL, 0);
	for (int i = 0; i < ATTACHES; i++)
		shmdt(at[i]);
	return stored(at[ATTACHES - 1]);
}

/* The emulator's list of attaches has 32 places: what came later stays good memory for it. */
static enum answer attach_after_32(void)
{
	long got = done_by_process(store_after_many, shmget(IPC_PRIVATE, (size_t)page, 0600));

	return shown_if(ended(got), "to store where the last of %d attaches was is %s", ATTACHES, fate(got));
}

static long store_after_move(int id)
{
	char *to = memory_at(NULL, 1), *from = shmat(id, NULL, 0);

	if (mremap(from, (size_t)page, (size_t)page, MREMAP_MAYMOVE | MREMAP_FIXED, to) != to || shmdt(to))
		_exit(77);
	return stored(to);
}

/* Nor does it look for an attach elsewhere than where it began. */
static enum answer attach_moved(void)
{
	long got = done_by_process(store_after_move, shmget(IPC_PRIVATE, (size_t)page, 0600));

	return shown_if(ended(got), "to store where a moved attach was is %s", fate(got));
}

/* An attach that was unmapped is still in the list; shmdt fails there, and other memory is lost to calls. */
static enum answer attach_stale(void)
{
	char *at = attach_of(2);

	munmap(at, (size_t)(2 * page));
	memory_at(at, 2);
	if (shmdt(at) == 0)
		return cannot("needs memory at a chosen address");
	return shown_if(taken(at) == -EFAULT, "write from memory after a shmdt that failed: %s",
			told(taken(at)));
}

/* So is memory of another kind that was mapped inside an attach. */
static enum answer attach_with_other(void)
{
	char *at = attach_of(4), *own = memory_at(at + page, 1);

	if (shmdt(at))
		return cannot("needs memory inside an attach");
	return shown_if(taken(own) == -EFAULT, "write from memory that was mapped inside an attach: %s",
			told(taken(own)));
}

static enum answer attach_wraps(void)
{
	char *const last = (char *)-page;
	int id = shmget(IPC_PRIVATE, (size_t)(2 * page), 0600);
	long got = result((long)shmat(id, last, SHM_REMAP));

	return shown_if(got == -EINVAL, "SHM_REMAP over the end of the address space: %s", told(got));
}

static enum answer attach_half_page(void)
{
	enum { HOST = 4096 };
	const char *at = shmat(shmget(IPC_PRIVATE, 1, 0600), NULL, 0);
	long got;

	if (page <= HOST)
		return cannot("needs a CPU whose pages are longer than 4 KiB");
	got = taken(at + HOST);
	return shown_if(got == -EFAULT, "a byte of the last page of an attach, %d behind its start: %s", HOST,
			told(got));
}

static enum answer protection_of_nothing(void)
{
	enum { NO_PROTECTION = 0x40 };
	long got = result(mprotect(memory_at(NULL, 1), 0, NO_PROTECTION));

	return shown_if(got == -EINVAL, "mprotect of no bytes, to what is no protection: %s", told(got));
}

#if defined(__x86_64__) || defined(__i386__)

static const unsigned char returns[][6] = { { 0xb8, 1, 0, 0, 0, 0xc3 }, { 0xb8, 2, 0, 0, 0, 0xc3 } };

static int run_at(const void *place)
{
	int (*code)(void);

	memcpy(&code, &place, sizeof(code));
	return code();
}

static long run_attached(int id)
{
	char *at = shmat(id, NULL, SHM_EXEC);

	memcpy(at, returns[0], sizeof(returns[0]));
	return run_at(at);
}

static enum answer attach_execution(void)
{
	long got = done_by_process(run_attached, shmget(IPC_PRIVATE, (size_t)page, 0700));

	return shown_if(ended(got), "to run code where SHM_EXEC attached it is %s", fate(got));
}

static long rewrite(int id)
{
	memcpy(shmat(id, NULL, 0), returns[1], sizeof(returns[1]));
	return 0;
}

/* Code that another process changes is run as it was translated. */
static enum answer code_from_elsewhere(void)
{
	int id = shmget(IPC_PRIVATE, (size_t)page, 0700), first, second;
	char *at = shmat(id, NULL, 0);

	memcpy(at, returns[0], sizeof(returns[0]));
	if (mprotect(at, (size_t)page, PROT_READ | PROT_WRITE | PROT_EXEC))
		return cannot("needs memory that can be written and executed");
	first = run_at(at);
	done_by_process(rewrite, id);
	second = run_at(at);
	return shown_if(first == second, "what returned %d and then should return 2 returns %d", first,
			second);
}

#else

static enum answer attach_execution(void)
{
	return cannot("needs a program of x86");
}

static enum answer code_from_elsewhere(void)
{
	return cannot("needs a program of x86");
}

#endif

/* ---- memory of 32-bit programs ----------------------------------------------------------------- */

static const char narrow[] = "needs a 32-bit program";

static long load_behind(int zero)
{
	char *at = memory_at(NULL, PAGES);

	at[4 * page] = 1;
	if (mremap(at, (size_t)(4 * page), (size_t)(2 * page), zero) != at)
		return -errno;
	return at[4 * page];
}

/* Where an area is made shorter, as much as is cut off is lost behind its old end. */
static enum answer shrink(void)
{
	long got;

	if (sizeof(long) != sizeof(int32_t))
		return cannot(narrow);
	got = done_by_process(load_behind, 0);
	return shown_if(ended(got), "to load from behind an area that was made shorter is %s", fate(got));
}

static enum answer grow(void)
{
	char *at = memory_at(NULL, PAGES);
	void *grown;

	if (sizeof(long) != sizeof(int32_t))
		return cannot(narrow);
	munmap(at + page, (size_t)((PAGES - 1) * page));
	grown = mremap(at, (size_t)page, (size_t)(2 * page), 0);
	return shown_if(grown == MAP_FAILED, "mremap where nothing is in the way: %s",
			grown == MAP_FAILED ? told(-errno) : "success");
}

/* ---- processes --------------------------------------------------------------------------------- */

static enum answer user_namespace(void)
{
	long got = result(unshare(CLONE_NEWUSER));

	return shown_if(got == -EINVAL, "unshare(CLONE_NEWUSER) of the only thread: %s", told(got));
}

/* Is a task of this process in another IPC namespace than its first one? */
static bool elsewhere(const char *task, const char *own)
{
	char path[300], space[64] = "";

	snprintf(path, sizeof(path), "/proc/self/task/%s/ns/ipc", task);
	return readlink(path, space, sizeof(space) - 1) > 0 && strcmp(space, own);
}

/* A thread of the emulator's stays in a namespace that the guest has left, and keeps it. */
static enum answer old_namespace(void)
{
	char own[64] = "";
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *entry;
	bool kept = false;

	if (!tasks || unshare(CLONE_NEWIPC) || readlink("/proc/self/ns/ipc", own, sizeof(own) - 1) < 0)
		return cannot("needs /proc and the right to make a namespace");
	while ((entry = readdir(tasks)))
		if (entry->d_name[0] != '.')
			kept |= elsewhere(entry->d_name, own);
	closedir(tasks);
	return shown_if(kept, "the namespace that the only thread left has %s task", kept ? "a" : "no");
}

static volatile sig_atomic_t left_by_child;

/* It is made a fork: the parent neither waits nor sees what the child stores. */
static enum answer vfork_memory(void)
{
	pid_t child = vfork();

	if (!child) {
		left_by_child = 1;
		_exit(0);
	}
	waitpid(child, NULL, 0);
	return shown_if(!left_by_child, "what a child of vfork stored is %s",
			left_by_child ? "there" : "gone");
}

static long lock_all(int flags)
{
	const struct rlimit limit = { LIMIT, LIMIT };

	if (setrlimit(RLIMIT_MEMLOCK, &limit))
		return -errno;
	become(OTHER, OTHER, 0);
	return mlockall(flags);
}

/* What is locked is all that the emulator has mapped. */
static enum answer lock_of_emulator(void)
{
	long got;

	if (!is_root)
		return cannot("needs root");
	got = done_by_process(lock_all, MCL_CURRENT);
	return shown_if(got == -ENOMEM, "mlockall with room for 4 MiB: %s", told(got));
}

/* Calls that fail otherwise on Linux when they are given nothing. */
static enum answer missing_calls(void)
{
	static const long calls[] = { SYS_mbind, SYS_set_mempolicy, SYS_mlock2, SYS_process_vm_readv,
		SYS_seccomp };
	const int n = sizeof(calls) / sizeof(*calls);
	int missing = 0;

	for (int i = 0; i < n; i++)
		missing += syscall(calls[i], -1L, -1L, -1L, -1L, -1L, -1L) && errno == ENOSYS;
	return shown_if(missing == n, "of %d calls %d are ENOSYS", n, missing);
}

/* ---- POSIX message queues ---------------------------------------------------------------------- */

static mqd_t queue(void)
{
	mqd_t q = mq_open("/reproduce", O_CREAT | O_RDWR | O_NONBLOCK, 0600, NULL);

	if (q < 0)
		_exit(77);
	return q;
}

static enum answer queue_access(void)
{
	mqd_t q = queue(), again = mq_open("/reproduce", O_WRONLY | O_RDWR);

	mq_unlink("/reproduce");
	return shown_if(q >= 0 && again >= 0, "mq_open with both O_WRONLY and O_RDWR: %s",
			told(result(again)));
}

static long unlink_as_other(int unused)
{
	static const char name[] = "/reproduce";

	(void)unused;
	become(OTHER, OTHER, 0);
	return syscall(SYS_mq_unlink, name + 1);
}

/* The emulator asks its C library, which makes EACCES of what the call says. */
static enum answer queue_unlink(void)
{
	long got;

	if (!is_root)
		return cannot("needs root");
	queue();
	got = done_by_process(unlink_as_other, 0);
	return shown_if(got == -EACCES, "the system call mq_unlink by who is not the owner: %s", told(got));
}

static enum answer queue_notify(void)
{
	const struct sigevent event = { .sigev_notify = SIGEV_NONE };
	long got = result(mq_notify(queue(), &event));

	mq_unlink("/reproduce");
	return shown_if(got == -ENOSYS, "mq_notify: %s", told(got));
}

/* The timeout is stored back once the message was sent. */
static enum answer queue_timeout(void)
{
	long *never = (long *)memory_at(NULL, 1);	/* as the call has it: a 32-bit C library copies it */
	mqd_t q = queue();
	struct mq_attr attr;
	long got;

	mq_unlink("/reproduce");
	*never = INT32_MAX;
	mprotect(never, (size_t)page, PROT_READ);
	got = result(syscall(SYS_mq_timedsend, q, "x", 1L, 0L, never));
	mq_getattr(q, &attr);
	return shown_if(got == -EFAULT && attr.mq_curmsgs == 1,
			"mq_timedsend until a time that can only be read: %s, and %ld messages sent",
			told(got), (long)attr.mq_curmsgs);
}

static enum answer queue_priority(void)
{
	static char text[8192];
	const unsigned int before = 0x5a5a5a5a;
	unsigned int priority = before;
	long got = result(mq_receive(queue(), text, sizeof(text), &priority));

	mq_unlink("/reproduce");
	return shown_if(priority != before, "mq_receive that failed with %s has stored a priority: %s",
			told(got), priority == before ? "no" : "yes");
}

static enum answer queue_attributes(void)
{
	long none = result(syscall(SYS_mq_getsetattr, -1, NULL, NULL));
	long out = result(syscall(SYS_mq_getsetattr, queue(), NULL, page / 2));

	mq_unlink("/reproduce");
	return shown_if(none == 0 && out == 0, "mq_getsetattr of no queue: %s; into no memory: %s",
			told(none), told(out));
}

/* ---- System V IPC ------------------------------------------------------------------------------ */

static struct { char *at; int id; long got; volatile pid_t task; } sleeper;

static void *receive_there(void *unused)
{
	(void)unused;
	sleeper.task = (pid_t)syscall(SYS_gettid);
	sleeper.got = result(msgrcv(sleeper.id, sleeper.at, 0, 0, 0));
	return NULL;
}

/* Not only for a moment, as the emulator does in between. */
static void wait_until_received(void)
{
	while (!sleeper.task)
		sched_yield();
	for (int i = 0; i < 1000; i++)
		wait_until_asleep(sleeper.task);
}

static long receive_into_unmapped(int id)
{
	const struct message m = { .type = 1 };
	pthread_t thread;

	sleeper.id = id;
	sleeper.at = memory_at(NULL, 1);
	if (pthread_create(&thread, NULL, receive_there, NULL))
		return -errno;
	wait_until_received();
	munmap(sleeper.at, (size_t)page);
	if (msgsnd(id, &m, 0, 0) || pthread_join(thread, NULL))
		return -EINVAL;
	errno = (int)-sleeper.got;
	return -1;
}

/* The type is stored without another look at the memory. */
static enum answer buffer_gone(void)
{
	long got = done_by_process(receive_into_unmapped, msgget(IPC_PRIVATE, 0600));

	return shown_if(ended(got), "to receive into memory that was unmapped meanwhile is %s", fate(got));
}

#ifdef SYS_ipc

enum { SEMCTL = 3, MSGRCV = 12, MSGCTL = 14 };

static enum answer ipc_pointer(void)
{
	int set = semget(IPC_PRIVATE, 1, 0600), id = msgget(IPC_PRIVATE, 0600);
	long value = result(syscall(SYS_ipc, SEMCTL, set, 0, GETVAL, NULL, 0));
	long words = result(syscall(SYS_ipc, MSGRCV, id, 0, IPC_NOWAIT, NULL, 0));

	return shown_if(value == 0 && words == -EFAULT, "ipc(SEMCTL) without a pointer: %s; ipc(MSGRCV): %s",
			told(value), told(words));
}

#else

static enum answer ipc_pointer(void)
{
	return cannot("needs a CPU with ipc(2)");
}

#endif

#ifdef __i386__

/* Without IPC_64 in the command the structures of old are asked for, with ids and modes of 16 bits. */
static enum answer ipc_old(void)
{
	const uint16_t mode = 0640;
	struct { uint32_t key; uint16_t owner[4], mode, rest[200]; } old = { 0 };
	long got = result(syscall(SYS_ipc, MSGCTL, msgget(IPC_PRIVATE, mode), IPC_STAT, 0, &old, 0));

	return shown_if(got == 0 && old.mode != mode, "mode of a queue of %o in the structure of old: %o",
			mode, old.mode);
}

#else

static enum answer ipc_old(void)
{
	return cannot("needs a 32-bit program of x86");
}

#endif

#ifdef __x86_64__

static long pid_by_trap(int number)
{
	long got;

	__asm__ volatile("int $0x80" : "=a"(got) : "0"((long)number), "b"(-1L), "c"(0L), "d"(0L) : "memory");
	shared[1] = getpid();
	return got;
}

/* The old trap makes the calls of 64-bit programs, by the numbers of 32-bit ones. */
static enum answer trap(void)
{
	enum { GETPID_32 = 20 };
	long got = done_by_process(pid_by_trap, GETPID_32);

	if (ended(got))
		return cannot("needs a kernel for 32-bit programs");
	return shown_if(got != shared[1], "int $0x80 with the number of getpid: %s",
			got == shared[1] ? "the process" : told(got));
}

#else

static enum answer trap(void)
{
	return cannot("needs a 64-bit program of x86");
}

#endif

static const struct surprise causes[] = {
	{ "attach-after-many", "SHMDT-1", attach_after_32 },
	{ "attach-moved", "SHMDT-1", attach_moved },
	{ "attach-stale", "SHMDT-3", attach_stale },
	{ "attach-with-other", "SHMDT-1", attach_with_other },
	{ "attach-wraps", "SHMAT-ERR-ENOMEM", attach_wraps },
	{ "attach-half-page", "LINUX-SHM-ZERO-1", attach_half_page },
	{ "protection-of-nothing", "no clause", protection_of_nothing },
	{ "attach-execution", "LINUX-SHMAT-EXEC-1", attach_execution },
	{ "code-from-elsewhere", "no clause", code_from_elsewhere },
	{ "shrink-in-place", "no clause", shrink },
	{ "grow-in-place", "LINUX-MREMAP-4", grow },
	{ "user-namespace", "LINUX-NS-8", user_namespace },
	{ "old-namespace", "LINUX-NS-4", old_namespace },
	{ "vfork-memory", "no clause", vfork_memory },
	{ "lock-of-emulator", "no clause", lock_of_emulator },
	{ "missing-calls", "no clause", missing_calls },
	{ "queue-access", "LINUX-MQOPEN-1", queue_access },
	{ "queue-unlink", "LINUX-FILE-STICKY-1", queue_unlink },
	{ "queue-notify", "no clause", queue_notify },
	{ "queue-timeout", "no clause", queue_timeout },
	{ "queue-priority", "no clause", queue_priority },
	{ "queue-attributes", "no clause", queue_attributes },
	{ "buffer-gone", "LINUX-MSGRCV-EFAULT-1", buffer_gone },
	{ "ipc-pointer", "LIBC-IPC-5", ipc_pointer },
	{ "ipc-old", "LINUX-COMPAT-4", ipc_old },
	{ "trap", "no clause", trap },
};

int main(int argc, char **argv)
{
	return show_each(causes, sizeof(causes) / sizeof(*causes), argc - 1, argv + 1);
}
