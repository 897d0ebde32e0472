/* ---- namespaces --------------------------------------------------------------------------------------- */

/* As fork(2), but for the flags. */
TOOL long cloned(int actor, long flags)
{
#if defined(__s390__) || defined(__CRIS__)
	return forked(actor, syscall(SYS_clone, 0L, flags | SIGCHLD, 0L, 0L, 0L));
#else
	return forked(actor, syscall(SYS_clone, flags | SIGCHLD, 0L, 0L, 0L, 0L));
#endif
}

/* Can a process that has no threads? */
static bool process_can_unshare_user(void)
{
	int told[2];
	char byte;
	bool can;

	if (pipe(told))
		return true;
	if (!fork())
		_exit((unshare(CLONE_NEWUSER) && errno == EINVAL) || write(told[1], "", 1) != 1);
	close(told[1]);
	can = read(told[0], &byte, 1) == 1;
	close(told[0]);
	return can;
}

/* A system without such namespaces refuses them to all, as an emulator does that has threads of its own. */
TOOL long user_unshared(void)
{
	long got = unshare(CLONE_NEWUSER);
	int err = errno;

	if (got && err == EINVAL && !process_can_unshare_user())
		return unfit("needs user namespaces");
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	errno = err;
	return got;
}

/* A message with one descriptor. */
struct parcel {
	struct msghdr head;
	struct iovec iov;
	char byte;
	union { struct cmsghdr head; char bytes[CMSG_SPACE(sizeof(int))]; } space;
};

static struct msghdr *wrap(struct parcel *p)
{
	memset(p, 0, sizeof(*p));
	p->iov = (struct iovec){ &p->byte, 1 };
	p->head.msg_iov = &p->iov;
	p->head.msg_iovlen = 1;
	p->head.msg_control = p->space.bytes;
	p->head.msg_controllen = sizeof(p->space.bytes);
	p->space.head = (struct cmsghdr){
		.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS,
	};
	return &p->head;
}

/* Sends an actor the IPC namespace of another, so that nothing but the right to join it is judged. */
TOOL void hand_over(int actor, int of)
{
	struct parcel p;
	char path[60];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/ns/ipc", (int)shared->pid[of], (int)shared->tid[of]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	wrap(&p);
	memcpy(CMSG_DATA(&p.space.head), &fd, sizeof(fd));
	if (fd < 0 || sendmsg(shared->order[actor][1], &p.head, 0) != 1)
		shutdown(shared->order[actor][1], SHUT_WR);
	close(fd);
}

TOOL long joined(void)
{
	struct parcel p;
	int fd = -1;
	long got;

	if (recvmsg(shared->order[me][0], wrap(&p), MSG_CMSG_CLOEXEC) != 1)
		return unfit("needs /proc/PID/ns/ipc");
	memcpy(&fd, CMSG_DATA(&p.space.head), sizeof(fd));
	got = setns(fd, CLONE_NEWIPC);
	if (close(fd))
		return -1;
	return got;
}
