/*
 * Calls that file access permissions decide. Files lie in the file system of paths.c, which is the actors'
 * current directory, queues in the IPC namespace. No path but those of nodes.def is ever used.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "internal.h"

/* Small, because what queues take is counted for each user; a third message does not fit. */
enum { ROOM = 2, LENGTH = 8 };
struct attributes { long flags, maxmsg, msgsize, curmsgs, reserved[4]; };

/* What this process has open, by set and name: a descriptor plus 1, 0 for none. */
static int queue[1 + FILESETS][2], sockets[1 + FILESETS][NNODES];

static enum nodename name_in(int64_t file)
{
	return (enum nodename)(file % FILESET);
}

static int set_of(int64_t file)
{
	return (int)(file / FILESET);
}

/* Names of files of the sets beside that of cases, filled in when they are made. */
static char set_path[1 + FILESETS][NNODES][24];

/* Names of each set in calls since they were removed, a bit for each: there can be no others. */
static uint32_t used_names[1 + FILESETS];
_Static_assert(NNODES <= 32, "names are a set of 32 bits");

static const char *path_to(int64_t file)
{
	const enum nodename name = name_in(file);

	used_names[set_of(file)] |= UINT32_C(1) << name;
	return set_of(file) ? set_path[set_of(file)][name] : nodeinfo[name].path;
}

static const char *path_of(const struct slot *s)
{
	return path_to(s->op.v[0]);
}

static void made(struct slot *s, long ret)
{
	s->ret = ret;
	s->err = errno;
}

static void close_quietly(long fd)
{
	int err = errno;

	syscall(SYS_close, fd);
	errno = err;
}

/* A call, with the mark of one that is to fail in the place of its sixth argument. */
#define CALL(s, nr, a, b, c, d, e) \
	syscall(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), call_mark(s))

/* What was opened is closed; that it could be opened is all that counts. */
static void opened(struct slot *s, long fd)
{
	made(s, fd < 0 ? -1 : 0);
	if (fd >= 0)
		close_quietly(fd);
}

/* Architectures give other numbers to what creates. */
static long flags_of(int64_t flg)
{
	return (long)(flg & OPEN_ACCESS) | (flg & OPEN_CREATE ? O_CREAT : 0)
		| (flg & OPEN_EXCLUSIVE ? O_EXCL : 0);
}

/* ---- queues ------------------------------------------------------------------------------------ */

static int *queue_of(const struct slot *s)
{
	return &queue[set_of(s->op.v[0])][name_in(s->op.v[0]) - NODE_queue];
}

void node_mq_open(struct slot *s)
{
	struct attributes small = { .maxmsg = ROOM, .msgsize = LENGTH };
	long fd = CALL(s, SYS_mq_open, path_of(s), flags_of(s->op.mq_open.flg) | O_NONBLOCK | O_CLOEXEC,
		       s->op.mq_open.mode, &small, 0);

	made(s, fd < 0 ? -1 : 0);
	if (fd < 0)
		return;
	if (*queue_of(s))
		close_quietly(*queue_of(s) - 1);
	*queue_of(s) = (int)fd + 1;
}

void node_mq_close(struct slot *s)
{
	made(s, syscall(SYS_close, (long)*queue_of(s) - 1));
	*queue_of(s) = 0;
}

void node_mq_send(struct slot *s)
{
	made(s, CALL(s, SYS_mq_timedsend, *queue_of(s) - 1, "text", 4, 0, 0));
}

void node_mq_receive(struct slot *s)
{
	char text[LENGTH];
	long n = CALL(s, SYS_mq_timedreceive, *queue_of(s) - 1, text, LENGTH, 0, 0);

	made(s, n < 0 ? -1 : 0);
}

void node_mq_unlink(struct slot *s)
{
	made(s, CALL(s, SYS_mq_unlink, path_of(s), 0, 0, 0, 0));
}

/* ---- memory and semaphores, as the C library has them ------------------------------------------ */

static long open_it(const struct slot *s, long flags, int64_t mode)
{
	return CALL(s, SYS_openat, AT_FDCWD, path_of(s), flags | O_CLOEXEC | O_NOFOLLOW, mode, 0);
}

void node_shm_open(struct slot *s)
{
	opened(s, open_it(s, flags_of(s->op.shm_open.flg), s->op.shm_open.mode));
}

/* What is there is opened as if it were not to be created. */
void node_sem_open(struct slot *s)
{
	const long flags = flags_of(s->op.sem_open.flg);
	long fd = -1;

	errno = ENOENT;
	if ((flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL))
		fd = open_it(s, O_RDWR, 0);
	if (fd < 0 && errno == ENOENT && flags & O_CREAT)
		fd = open_it(s, O_RDWR | O_CREAT | O_EXCL, s->op.sem_open.mode);
	opened(s, fd);
}

static void remove_name(struct slot *s, int flags)
{
	made(s, CALL(s, SYS_unlinkat, AT_FDCWD, path_of(s), flags, 0, 0));
}

void node_unlink(struct slot *s)
{
	remove_name(s, 0);
}

void node_rmdir(struct slot *s)
{
	remove_name(s, AT_REMOVEDIR);
}

/* ---- FIFOs, directories, sockets --------------------------------------------------------------- */

void node_open(struct slot *s)
{
	opened(s, open_it(s, flags_of(s->op.open.flg) | O_NONBLOCK, 0));
}

void node_mkfifo(struct slot *s)
{
	made(s, CALL(s, SYS_mknodat, AT_FDCWD, path_of(s), s->op.mkfifo.mode | S_IFIFO, 0, 0));
}

void node_mkdir(struct slot *s)
{
	made(s, CALL(s, SYS_mkdirat, AT_FDCWD, path_of(s), s->op.mkdir.mode, 0, 0));
}

enum { BACKLOG = 4096 };	/* connections that nobody accepts */

/* A new socket with which call number nr was made; -1 and closed when that failed. */
static long with_socket(struct slot *s, long nr)
{
	const long type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	long fd = syscall(SYS_socket, (long)AF_UNIX, type, 0L);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path_of(s));
	made(s, fd < 0 ? -1 : CALL(s, nr, fd, &to, sizeof(to), 0, 0));
	if (fd < 0 || !s->ret)
		return fd;
	close_quietly(fd);
	return -1;
}

void node_bind(struct slot *s)
{
	int *kept = &sockets[set_of(s->op.v[0])][name_in(s->op.v[0])];
	long fd = with_socket(s, SYS_bind);

	if (fd < 0)
		return;
	if (*kept)
		close_quietly(*kept - 1);
	*kept = (int)fd + 1;
	made(s, syscall(SYS_listen, fd, (long)BACKLOG));
}

void node_connect(struct slot *s)
{
	long fd = with_socket(s, SYS_connect);

	if (fd >= 0)
		close_quietly(fd);
}

/* ---- owner and mode ---------------------------------------------------------------------------- */

void node_stat(struct slot *s)
{
	struct node_ds ds;
	struct statx st;

	made(s, CALL(s, SYS_statx, AT_FDCWD, path_of(s), AT_SYMLINK_NOFOLLOW,
		     STATX_UID | STATX_GID | STATX_MODE, &st));
	if (s->ret)
		return;
	ds = (struct node_ds){ st.stx_uid, st.stx_gid, st.stx_mode & 07777 };
	memcpy(s->out.at, &ds, sizeof(ds));
}

void node_chmod(struct slot *s)
{
	made(s, CALL(s, SYS_fchmodat, AT_FDCWD, path_of(s), s->op.chmod.mode, 0, 0));
}

void node_chown(struct slot *s)
{
	made(s, CALL(s, SYS_fchownat, AT_FDCWD, path_of(s), s->op.chown.uid, s->op.chown.gid, 0));
}

void node_umask(struct slot *s)
{
	made(s, syscall(SYS_umask, (long)s->op.umask.mask));
}

/* ---- the folders that are there ---------------------------------------------------------------- */

static bool used;

void nodes_begin(void)
{
	used = true;
}

static bool make_folder(int root, const char *name)
{
	return !mkdirat(root, name, 0) && !fchmodat(root, name, 01777, 0);
}

bool nodes_make(int root)
{
	return make_folder(root, "shared") && make_folder(root, "tree");
}

/* What lies in a directory comes after it in the table; who made it may have left it without a right. */
static void remove_names(int root, uint32_t names)
{
	if (names >> NODE_dir & 1)
		fchmodat(root, nodeinfo[NODE_dir].path, 0700, 0);
	for (int name = NNODES - 1; name > NODE_queue2; name--)
		if (names >> name & 1 && unlinkat(root, nodeinfo[name].path, 0))
			unlinkat(root, nodeinfo[name].path, AT_REMOVEDIR);
}

void nodes_remove_all(int root)
{
	int err;

	if (!used || root < 0)
		return;
	used = false;
	cred_take(cred_home(), &err);
	remove_names(root, UINT32_MAX);
}

/* ---- sets of files ----------------------------------------------------------------------------- */

static int watched[1 + FILESETS];	/* a file of each set: a descriptor plus 1, 0 for none */

static bool make_set(int root, int set)
{
	char folder[16];
	int at;
	bool ok;

	for (int name = 0; name < NNODES; name++) {
		char *to = set_path[set][name];
		const size_t size = sizeof(set_path[set][name]);

		if (name <= NODE_queue2)
			snprintf(to, size, "%s.%d", nodeinfo[name].path, set);
		else
			snprintf(to, size, "%d/%s", set, nodeinfo[name].path);
	}
	snprintf(folder, sizeof(folder), "%d", set);
	if (mkdirat(root, folder, 0755))
		return errno == EEXIST;
	at = openat(root, folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ok = !fchmodat(root, folder, 0755, 0) && at >= 0 && nodes_make(at);
	close(at);
	return ok;
}

bool nodes_make_sets(int root)
{
	int err;

	cred_take(cred_home(), &err);
	for (int set = 1; set <= FILESETS; set++)
		if (!make_set(root, set))
			return false;
	return true;
}

static void shut(int *kept)
{
	if (*kept)
		close(*kept - 1);
	*kept = 0;
}

void nodes_close(void)
{
	for (int name = NODE_queue; name <= NODE_queue2; name++)
		shut(&queue[0][name - NODE_queue]);
	for (int name = 0; name < NNODES; name++)
		shut(&sockets[0][name]);
}

/* The queue itself, or of another file its name's, which takes no right to have. */
bool real_watch(int64_t file)
{
	int *kept = &watched[set_of(file)];
	long fd;

	shut(kept);
	cred_raise();
	if (name_in(file) <= NODE_queue2)
		fd = syscall(SYS_mq_open, path_to(file), (long)(O_RDONLY | O_CLOEXEC), 0L, NULL);
	else
		fd = openat(AT_FDCWD, path_to(file), O_PATH | O_NOFOLLOW | O_CLOEXEC);
	*kept = (int)fd + 1;
	return *kept;
}

bool node_look(int64_t file, unsigned char *raw)
{
	struct node_ds ds;
	struct statx st;

	if (!watched[set_of(file)]
	    || syscall(SYS_statx, (long)watched[set_of(file)] - 1, "", (long)AT_EMPTY_PATH,
		       (long)(STATX_UID | STATX_GID | STATX_MODE | STATX_NLINK), &st))
		return false;
	ds = (struct node_ds){ st.stx_uid, st.stx_gid, st.stx_mode & 07777 };
	memcpy(raw, &ds, sizeof(ds));
	return st.stx_nlink;
}

void real_remove(int64_t file)
{
	const int set = set_of(file);
	char folder[16];
	int at;

	if (!used_names[set])
		return;
	cred_raise();
	snprintf(folder, sizeof(folder), "%d", set);
	at = openat(AT_FDCWD, folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (at >= 0) {
		remove_names(at, used_names[set]);
		close(at);
	}
	for (int name = NODE_queue; name <= NODE_queue2; name++) {
		if (used_names[set] >> name & 1)
			syscall(SYS_mq_unlink, set_path[set][name]);
		shut(&queue[set][name - NODE_queue]);
	}
	for (int name = 0; name < NNODES; name++)
		shut(&sockets[set][name]);
	shut(&watched[set]);
	used_names[set] = 0;
}

void nodes_remove_sets(void)
{
	for (int set = 1; set <= FILESETS; set++)
		real_remove((int64_t)FILESET * set);
}
