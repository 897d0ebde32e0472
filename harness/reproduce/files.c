/* ---- files, in a file system of the program's own ------------------------------------------------------ */

#include <mqueue.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { ROOM = 2, LENGTH = 8, BACKLOG = 4096 };	/* of a queue; connections that nobody accepts */

/* A place that nobody else sees; gVisor has no namespaces of mounts, and nobody else. */
static bool own_mounts(void)
{
	return access("/proc/self/ns/mnt", F_OK)
		|| (!unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
}

/* It lies there for a moment only. */
static bool own_file_system(void)
{
	static const char *const places[] = { "/mnt", "/tmp", "/proc" };
	const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (!mount("tmpfs", places[i], "tmpfs", flags, "size=1m,mode=0755"))
			return !chdir(places[i]) && !umount2(places[i], MNT_DETACH);
	return false;
}

static bool make_folder(const char *name)
{
	return !mkdir(name, 0) && !chmod(name, 01777);
}

/* Objects lie in one folder, FIFOs, directories and sockets in another; both are sticky and everybody's. */
static bool make_files(void)
{
	umask(0);
	return own_mounts() && own_file_system() && make_folder("shared") && make_folder("tree");
}

/* Descriptors of queues and sockets, which stay open. */
static int *kept(const char *name)
{
	static struct { const char *name; int fd; } all[12];
	int i = 0;

	while (all[i].name && strcmp(all[i].name, name))
		i++;
	if (!all[i].name) {
		all[i].name = name;
		all[i].fd = -1;
	}
	return &all[i].fd;
}

static void keep(const char *name, int fd)
{
	if (*kept(name) >= 0)
		close(*kept(name));
	*kept(name) = fd;
}

/* What else is opened is closed; that it could be opened is all that counts. */
TOOL long opened(int fd)
{
	return fd < 0 ? -1 : close(fd);
}

/* ---- queues -------------------------------------------------------------------------------------------- */

/* The C library would leave out the slash before the name, and make EACCES of EPERM. */
TOOL long queue_open(const char *name, int flags, mode_t mode)
{
	struct mq_attr small = { .mq_maxmsg = ROOM, .mq_msgsize = LENGTH };
	long fd = syscall(SYS_mq_open, name, flags | O_NONBLOCK | O_CLOEXEC, mode, &small);

	if (fd < 0)
		return -1;
	keep(name, (int)fd);
	return 0;
}

TOOL long queue_close(const char *name)
{
	int fd = *kept(name);

	*kept(name) = -1;
	return close(fd);
}

TOOL long queue_send(const char *name)
{
	return syscall(SYS_mq_timedsend, *kept(name), "text", 4L, 0L, NULL);
}

TOOL long queue_receive(const char *name)
{
	char text[LENGTH];

	return syscall(SYS_mq_timedreceive, *kept(name), text, (long)LENGTH, NULL, NULL) < 0 ? -1 : 0;
}

/* ---- memory and semaphores, which are files of the C library ------------------------------------------- */

static int open_file(const char *name, int flags, mode_t mode)
{
	return open(name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
}

/* fs.protected_regular: in these folders nobody opens a file of others to create it. */
static bool protected(const char *name)
{
	struct stat st;

	return read_limit("/proc/sys/fs/protected_regular", 0) > 0 && !lstat(name, &st) && st.st_uid
		&& st.st_uid != (uid_t)setfsuid((uid_t)-1);
}

TOOL long memory_open(const char *name, int flags, mode_t mode)
{
	if ((flags & (O_CREAT | O_EXCL)) == O_CREAT && protected(name))
		return unfit("needs fs.protected_regular to be 0");
	return opened(open_file(name, flags, mode));
}

/* What is there is opened as if it were not to be created. */
TOOL long semaphore_open(const char *name, int flags, mode_t mode)
{
	int fd = -1;

	errno = ENOENT;
	if ((flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL))
		fd = open_file(name, O_RDWR, 0);
	if (fd < 0 && errno == ENOENT && flags & O_CREAT)
		fd = open_file(name, O_RDWR | O_CREAT | O_EXCL, mode);
	return opened(fd);
}

/* ---- FIFOs, directories, sockets ----------------------------------------------------------------------- */

TOOL long open_node(const char *name, int flags)
{
	return opened(open_file(name, flags | O_NONBLOCK, 0));
}

/* A socket that is bound to the name, or connected to it; closed when that failed. */
static int socket_at(const char *name, bool bound)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), err;

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", name);
	if (fd < 0 || !(bound ? bind(fd, (struct sockaddr *)&to, sizeof(to))
			: connect(fd, (struct sockaddr *)&to, sizeof(to))))
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

/* The process listens there until it ends, or gives the name to another socket. */
TOOL long bind_socket(const char *name)
{
	int fd = socket_at(name, true);

	if (fd < 0)
		return -1;
	keep(name, fd);
	return listen(fd, BACKLOG);
}

TOOL long connect_socket(const char *name)
{
	return opened(socket_at(name, false));
}

/* ---- owner and mode ------------------------------------------------------------------------------------ */

struct owner { long uid, gid, mode; };

TOOL long owner_of(const char *name, struct owner *to)
{
	struct stat st;

	if (lstat(name, &st))
		return -1;
	*to = (struct owner){ (long)st.st_uid, (long)st.st_gid, (long)st.st_mode & 07777 };
	return 0;
}

/* What is left, seen by who may see everything. */
TOOL void left(const char *file, const struct owner *want)
{
	struct owner is;

	if (owner_of(file, &is)) {
		if (want)
			differ("%s: gone", file);
	} else if (!want) {
		differ("%s: there", file);
	} else if (is.uid != want->uid || is.gid != want->gid || is.mode != want->mode) {
		differ("%s of %ld:%ld %04lo, expected %ld:%ld %04lo", file, is.uid, is.gid, is.mode,
		       want->uid, want->gid, want->mode);
	}
}
