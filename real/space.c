/*
 * Namespaces of actors. The worker is at home, in the namespace of the run; to look at an object that an
 * actor has elsewhere it pays a visit. What an actor is to join comes to it as a descriptor by a socket, so
 * that nothing but the kernel's rules for joining decide whether it may.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

static int home = -1;			/* during a visit: the namespace to go back to */
static int mail[2] = { -1, -1 };	/* ends of the worker and of the actors */

/* ---- visits ---------------------------------------------------------------------------------- */

static int own_namespace(void)
{
	return open("/proc/self/ns/ipc", O_RDONLY | O_CLOEXEC);
}

/* One of a thread is asked for by PIDFD_THREAD, which is O_EXCL and newer. */
static int pidfd_of(pid_t tid, bool thread)
{
#ifdef SYS_pidfd_open
	return (int)syscall(SYS_pidfd_open, (long)tid, thread ? (long)O_EXCL : 0L);
#else
	(void)tid, (void)thread;
	errno = ENOSYS;
	return -1;
#endif
}

/* What setns takes: a descriptor of the process or thread, or of its namespace. */
static int descriptor_of(pid_t tid, bool thread)
{
	int fd = pidfd_of(tid, thread);

	return fd < 0 && thread && errno != ESRCH && proc_is_ours() ? open_of(tid, "ns/ipc") : fd;
}

static bool join_namespace(pid_t tid, bool thread)
{
	int fd = descriptor_of(tid, thread);
	bool ok = fd >= 0 && !setns(fd, CLONE_NEWIPC);

	if (fd >= 0)
		close(fd);
	return ok;
}

static void forget_home(void)
{
	close(home);
	home = -1;
}

bool visit(struct real *r, int actor)
{
	const struct actor *a = &r->actor[actor];

	if (!a->away)
		return true;
	home = own_namespace();
	if (home >= 0 && join_namespace(a->tid, a->tid != a->pid))
		return true;
	lost(r, "the namespace of actor %d cannot be visited: %s", actor, strerror(errno));
	if (home >= 0)
		forget_home();
	return false;
}

bool visit_end(struct real *r)
{
	bool back = home < 0 || !setns(home, CLONE_NEWIPC);

	if (!back)
		lost(r, "the worker cannot go home: %s", strerror(errno));
	if (home >= 0)
		forget_home();
	return back;
}

/* ---- what an actor is to join ---------------------------------------------------------------- */

/* An actor may have replaced its program: its end stays open then, under the same number. */
bool mail_open(void)
{
	return mail[0] >= 0 || (!socketpair(AF_UNIX, SOCK_SEQPACKET, 0, mail)
				&& !fcntl(mail[0], F_SETFD, FD_CLOEXEC));
}

/* One descriptor and the byte that it travels with. */
struct parcel {
	struct msghdr head;
	struct iovec iov;
	char byte;
	union {
		struct cmsghdr head;
		unsigned char bytes[CMSG_SPACE(sizeof(int))];
	} space;
};

static void parcel_init(struct parcel *p)
{
	memset(p, 0, sizeof(*p));
	p->iov = (struct iovec){ &p->byte, 1 };
	p->head.msg_iov = &p->iov;
	p->head.msg_iovlen = 1;
	p->head.msg_control = p->space.bytes;
	p->head.msg_controllen = sizeof(p->space.bytes);
}

static bool send_descriptor(int fd)
{
	struct parcel p;
	struct cmsghdr *c;

	parcel_init(&p);
	c = CMSG_FIRSTHDR(&p.head);
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(mail[0], &p.head, MSG_DONTWAIT) == 1;
}

bool mail_send(struct real *r, int actor, struct slot *s)
{
	int fd = -1;
	bool sent;

	if (!visit(r, actor))
		return false;
	fd = own_namespace();
	sent = fd >= 0 && send_descriptor(fd);
	if (!sent)
		lost(r, "the namespace of actor %d cannot be handed on: %s", actor, strerror(errno));
	if (fd >= 0)
		close(fd);
	s->mail = mail[1];
	return visit_end(r) && sent;
}

/* In an actor. */
int mail_receive(int from)
{
	struct parcel p;
	struct cmsghdr *c;
	int fd = -1;

	parcel_init(&p);
	if (syscall(SYS_recvmsg, (long)from, &p.head, (long)(MSG_DONTWAIT | MSG_CMSG_CLOEXEC)) != 1)
		return -1;
	c = CMSG_FIRSTHDR(&p.head);
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

/* ---- what a call means for where actors are -------------------------------------------------- */

void space_note(struct real *r, const struct op *op)
{
	struct actor *a = &r->actor[op->actor];

	switch (op->code) {
	case OP_unshare_ipc:
		a->away = true;
		break;
	case OP_setns_ipc:
		a->away = r->actor[op->setns_ipc.other].away;
		break;
	case OP_unshare_user:
		a->cred.caps = CAPS_ALL;
		break;
	case OP_proc_open:
		a->files_alone = a->alone;
		attach_keeper(r, op->actor)->files_kept = true;
		break;
	default:
		break;
	}
}

void space_inherit(struct real *r, const struct op *op, int child)
{
	int64_t flags = op->code == OP_clone ? op->clone.flags : 0;
	struct actor *a = &r->actor[child];

	a->away = r->actor[op->actor].away || flags & CLONE_NEWIPC;
	a->alone = flags & CLONE_NEWPID;
	a->files_kept = attach_keeper(r, op->actor)->files_kept;
	if (flags & CLONE_NEWUSER)
		a->cred.caps = CAPS_ALL;
}

/* Nobody else has a pid there: a number that is neither 0 nor 1 is made one that is nobody's. */
static int64_t pid_in_box(const struct actor *a, int64_t pid)
{
	return pid == 1 ? a->pid : -pid;
}

void space_pids(const struct actor *a, enum opcode code, struct outcome *out)
{
	bool rows = code == OP_proc_msg || code == OP_proc_sem || code == OP_proc_shm;

	if (!a->alone || (rows && a->files_kept && !a->files_alone))
		return;
	for (enum field f = 0; f < NFIELDS; f++)
		if (out->rec.has & BIT(f) && fieldinfo[f].kind == KIND_PID)
			out->rec.v[f] = pid_in_box(a, out->rec.v[f]);
	if (opinfo[code].result == R_PID)
		out->value = pid_in_box(a, out->value);
}

/* ---- what a box can do ------------------------------------------------------------------------ */

static enum { UNKNOWN, YES, NO } joins;

bool space_joins(void)
{
	if (joins == UNKNOWN)
		joins = join_namespace(getpid(), false) ? YES : NO;
	return joins == YES;
}

void space_join_none(void)
{
	joins = NO;
}

/* Also home again. */
static bool can_visit(void)
{
	int fd = own_namespace();

	if (fd >= 0)
		close(fd);
	return fd >= 0 && space_joins();
}

/* A child tries, because nobody comes back from there. */
static bool can_make_users(void)
{
	static int known = UNKNOWN;
	int status = 1;
	pid_t pid;

	if (known)
		return known == YES;
	pid = fork();
	if (pid == 0)
		_exit(unshare(CLONE_NEWUSER) ? 1 : 0);
	if (pid > 0)
		waitpid(pid, &status, 0);
	known = status ? NO : YES;
	return known == YES;
}

static bool reads_files(enum opcode code)
{
	return code == OP_proc_open || code == OP_proc_msg || code == OP_proc_sem || code == OP_proc_shm;
}

/* A limit that is written as it is must be taken. */
static bool can_limit(void)
{
	static int known = -1;
	int64_t now = 0;

	if (known < 0)
		known = !box_read_limit(LIM_shmmni, &now) && box_limit(LIM_shmmni, now) != EIO;
	return known;
}

static bool beyond_32_bits(int64_t v)
{
	return v > UINT32_MAX || v < INT32_MIN;
}

/* Of 32 bits: a number that a long cannot hold, or a message of which 8 bytes are more than half. */
/* An address or a size is told without a sign: one below 0 stands for the highest of 64 bits. */
static bool counts_from_the_top_of_64_bits(const struct op *op)
{
	return (op->code == OP_shmat && op->shmat.addr < 0) || (op->code == OP_shmget && op->shmget.size < 0);
}

/* Where a long has 32 bits: a number that it cannot hold, or a message of which 8 bytes are not half. */
static bool asks_for_64_bits(const struct op *op)
{
	const struct payload *d = op->data;

	for (int i = 0; i < opinfo[op->code].nargs; i++)
		if (beyond_32_bits(op->v[i]))
			return true;
	if (counts_from_the_top_of_64_bits(op))
		return true;
	if (op->code == OP_msgrcv && op->msgrcv.buf == P_PARTIAL)
		return true;
	return d && (beyond_32_bits(d->msg.type) || beyond_32_bits(d->msg.size) ||
		     beyond_32_bits(d->excess) || beyond_32_bits(d->set.qbytes) ||
		     (op->code == OP_msgsnd && d->where == P_PARTIAL));
}

/* Of commands with the bit of IPC_64 the system takes it off where it must be set. */
static bool asks_for_bit_of_ipc_64(const struct op *op)
{
	return (op->code == OP_msgctl_other && op->msgctl_other.cmd & WIDE)
		|| (op->code == OP_semctl_other && op->semctl_other.cmd & WIDE)
		|| (op->code == OP_shmctl_other && op->shmctl_other.cmd & WIDE);
}

bool box_can(const struct op *op, char *why, size_t size)
{
	int64_t flags = op->code == OP_clone ? op->clone.flags : 0;
	const char *missing = NULL;

	if (op->code == OP_unshare_ipc || op->code == OP_setns_ipc || flags & CLONE_NEWIPC)
		missing = can_visit() ? NULL : "/proc, and namespaces that can be joined by a pidfd";
	if (!missing && (op->code == OP_unshare_user || flags & CLONE_NEWUSER) && !can_make_users())
		missing = "user namespaces";
	if (op->code == OP_exec && !cred_survives_exec())
		missing = "capabilities that can be kept over an exec";
	if ((op->code == OP_limit || op->code == OP_limit_sem) && !can_limit())
		missing = "limits that can be set: a write to them has no effect here";
	if (!missing && op->code == OP_rlimit && !maps_total(getpid()))
		missing = "/proc/PID/statm";
	if (!missing && reads_files(op->code) && access("/proc/sysvipc/msg", R_OK))
		missing = "/proc/sysvipc";
	if (!missing && sizeof(long) < 8 && asks_for_64_bits(op))
		missing = "a long of 64 bits";
	if (!missing && asks_for_bit_of_ipc_64(op))
		missing = "control calls with one set of structures";
	if (missing)
		snprintf(why, size, "needs %s", missing);
	return !missing;
}
