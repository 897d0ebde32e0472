/*
 * Named things are created as new, or not at all: what cannot be told apart from another's is never
 * removed.
 */
#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "internal.h"
#include "ipcmk.h"
#include "resource.h"

/* Where the C library keeps named semaphores. */
#ifdef __GLIBC__
#define SEM_PATH "/dev/shm/sem.%s"
#else
#define SEM_PATH "/dev/shm/%s"
#endif

static bool failed(struct failure *f, const char *call)
{
	*f = (struct failure){ .call = call, .err = errno };
	return false;
}

static bool refused(struct failure *f, const char *call, int err)
{
	*f = (struct failure){ .call = call, .err = err };
	return false;
}

enum family resource_family(enum resource_type type)
{
	switch (type) {
	case RES_MSG: return MSG;
	case RES_SEM: return SEM;
	case RES_SHM: return SHM;
	default: return NFAMILIES;
	}
}

static bool new_owner(const struct resource *r)
{
	return r->uid >= 0 || r->gid >= 0;
}

/* Of an open descriptor, also one with O_PATH. */
static bool own_descriptor(const struct resource *r, long fd, struct failure *f)
{
	return !new_owner(r)
	       || !syscall(SYS_fchownat, fd, "", (long)r->uid, (long)r->gid, (long)AT_EMPTY_PATH)
	       || failed(f, "fchownat");
}

/* A label ends with a NUL, or not. */
static bool same_label(const char *label, ssize_t len, const char *context)
{
	while (len > 0 && !label[len - 1])
		len--;
	return len >= 0 && (size_t)len == strlen(context) && !memcmp(label, context, (size_t)len);
}

/* What file systems do not give to new files they may give to those that are there: so it is with queues. */
static bool label_descriptor(const struct resource *r, int fd, struct failure *f)
{
	static const char name[] = "security.selinux";
	char path[64], label[4096];

	if (!r->label)
		return true;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (same_label(label, getxattr(path, name, label, sizeof(label)), r->label))
		return true;
	return !setxattr(path, name, r->label, strlen(r->label) + 1, 0) || failed(f, "setxattr");
}

static bool settle_descriptor(const struct resource *r, int fd, struct failure *f)
{
	return label_descriptor(r, fd, f) && own_descriptor(r, fd, f);
}

/* ---- System V ---------------------------------------------------------------------------------- */

static const char *const get_name[NFAMILIES] = { "msgget", "semget", "shmget" };
static const char *const ctl_name[NFAMILIES] = { "msgctl", "semctl", "shmctl" };

static long control(enum family f, int64_t id, long command, void *arg)
{
	switch (f) {
	case MSG: return syscall(SYS_msgctl, (long)id, command, arg);
	case SEM: return syscall(SYS_semctl, (long)id, 0L, command, arg);
	default: return syscall(SYS_shmctl, (long)id, command, arg);
	}
}

static bool get(struct resource *r, int64_t flags, struct failure *f)
{
	const enum family family = resource_family(r->type);
	const struct request rq = {
		.kind = family, .key = r->key, .size = r->size, .mode = r->mode, .flags = flags,
	};

	*f = (struct failure){ .call = get_name[family] };
	r->id = ipcmk(&rq, &f->err);
	return r->id >= 0;
}

/* Owner and capacity are no arguments of the get calls. To look at what is there needs no right to it. */
static bool adjust(const struct resource *r, struct failure *f)
{
	const enum family family = resource_family(r->type);
	const struct layout *l = &kernel_layouts.status[family];
	unsigned char status[STATUSMAX] = { 0 };

	if (!new_owner(r) && !r->capacity)
		return true;
	if (!look_raw(family, r->id, status))
		return failed(f, ctl_name[family]);
	if (r->uid >= 0)
		layout_write(l, status, F_uid, r->uid);
	if (r->gid >= 0)
		layout_write(l, status, F_gid, r->gid);
	if (r->capacity)
		layout_write(l, status, F_qbytes, (int64_t)r->capacity);
	return control(family, r->id, IPC_SET, status) >= 0 || failed(f, ctl_name[family]);
}

static bool remove_object(const struct resource *r, struct failure *f)
{
	const enum family family = resource_family(r->type);

	return control(family, r->id, IPC_RMID, NULL) >= 0 || failed(f, ctl_name[family]);
}

static bool create_object(struct resource *r, struct failure *f)
{
	struct failure ignored;

	if (!get(r, IPC_CREAT | IPC_EXCL, f))
		return false;
	if (adjust(r, f))
		return true;
	remove_object(r, &ignored);
	return false;
}

static bool take_object(struct resource *r, struct failure *f)
{
	return get(r, IPC_CREAT, f);
}

int64_t resource_id(const struct resource *r, struct failure *f)
{
	struct resource found = *r;

	found.size = 0;
	found.mode = 0;
	return get(&found, 0, f) ? found.id : -1;
}

/* ---- POSIX queues, which the kernel names without '/' -------------------------------------------- */

static const char *bare(const char *name)
{
	return name + (*name == '/');
}

/* The C libraries do not agree on a queue's name without '/': here there is none. */
static bool named_well(const struct resource *r, struct failure *f)
{
	return *r->name == '/' || refused(f, "mq_open", EINVAL);
}

static bool queue_limit(const char *name, int64_t *v)
{
	char path[64], text[32];

	snprintf(path, sizeof(path), "/proc/sys/fs/mqueue/%s", name);
	if (!read_file(path, text, sizeof(text)))
		return false;
	*v = strtol(text, NULL, 10);
	return true;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

bool resource_queue_limits(struct queue_limits *l)
{
	struct rlimit most;
	int64_t bytes;

	if (!queue_limit("queues_max", &l->queues) || !queue_limit("msg_max", &l->messages)
	    || !queue_limit("msg_default", &l->usual_messages) || !queue_limit("msgsize_max", &bytes)
	    || !queue_limit("msgsize_default", &l->usual_bytes) || getrlimit(RLIMIT_MSGQUEUE, &most))
		return false;
	l->usual_messages = smaller(l->usual_messages, l->messages);
	l->usual_bytes = smaller(l->usual_bytes, bytes);
	l->bytes = (int64_t)most.rlim_cur;
	if (most.rlim_cur == RLIM_INFINITY || l->bytes < 0)
		l->bytes = INT64_MAX;
	return true;
}

static long open_queue(const struct resource *r, long flags)
{
	struct mq_attr attr = { .mq_maxmsg = (long)r->capacity };
	struct queue_limits l;

	attr.mq_msgsize = resource_queue_limits(&l) ? (long)l.usual_bytes : 8192;
	return syscall(SYS_mq_open, bare(r->name), flags | O_RDWR | O_CREAT | O_CLOEXEC, (long)r->mode,
		       r->capacity ? &attr : NULL);
}

static bool remove_queue(const struct resource *r, struct failure *f)
{
	return !syscall(SYS_mq_unlink, bare(r->name)) || failed(f, "mq_unlink");
}

static bool create_queue(struct resource *r, struct failure *f)
{
	struct failure ignored;
	bool ok;
	long fd;

	if (!named_well(r, f))
		return false;
	fd = open_queue(r, O_EXCL);
	if (fd < 0)
		return failed(f, "mq_open");
	ok = settle_descriptor(r, (int)fd, f);
	close((int)fd);
	if (!ok)
		remove_queue(r, &ignored);
	return ok;
}

static bool take_queue(struct resource *r, struct failure *f)
{
	long fd;

	if (!named_well(r, f))
		return false;
	fd = open_queue(r, 0);
	if (fd < 0)
		return failed(f, "mq_open");
	close((int)fd);
	return true;
}

/* ---- POSIX shared memory: where it lies is the C library's affair ----------------------------------- */

static bool remove_memory(const struct resource *r, struct failure *f)
{
	return !shm_unlink(r->name) || failed(f, "shm_unlink");
}

static bool create_memory(struct resource *r, struct failure *f)
{
	struct failure ignored;
	int fd = shm_open(r->name, O_RDWR | O_CREAT | O_EXCL, (mode_t)r->mode);
	bool ok;

	if (fd < 0)
		return failed(f, "shm_open");
	ok = r->size <= LONG_MAX ? !syscall(SYS_ftruncate, (long)fd, (long)r->size) || failed(f, "ftruncate")
				 : refused(f, "ftruncate", EFBIG);
	ok = ok && settle_descriptor(r, fd, f);
	close(fd);
	if (!ok)
		remove_memory(r, &ignored);
	return ok;
}

/* To change the size of what others use would destroy what they keep there. */
static bool take_memory(struct resource *r, struct failure *f)
{
	int fd = shm_open(r->name, O_RDWR, 0);
	struct stat st;
	bool ok;

	if (fd < 0)
		return failed(f, "shm_open");
	ok = !fstat(fd, &st) || failed(f, "fstat");
	close(fd);
	return ok && ((uint64_t)st.st_size == r->size || refused(f, "its size differs", EEXIST));
}

/* ---- POSIX named semaphores, whose contents are the C library's affair ------------------------------- */

static bool remove_semaphore(const struct resource *r, struct failure *f)
{
	return !sem_unlink(r->name) || failed(f, "sem_unlink");
}

static bool settle_semaphore(const struct resource *r, struct failure *f)
{
	char path[4096];
	bool ok;
	int fd;

	if (!new_owner(r) && !r->label)
		return true;
	snprintf(path, sizeof(path), SEM_PATH, bare(r->name));
	fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return failed(f, "open");
	ok = settle_descriptor(r, fd, f);
	close(fd);
	return ok;
}

static bool open_semaphore(const struct resource *r, int flags, struct failure *f)
{
	sem_t *sem = sem_open(r->name, O_CREAT | flags, (mode_t)r->mode, 0);

	if (sem == SEM_FAILED)
		return failed(f, "sem_open");
	sem_close(sem);
	return true;
}

static bool create_semaphore(struct resource *r, struct failure *f)
{
	struct failure ignored;

	if (!open_semaphore(r, O_EXCL, f))
		return false;
	if (settle_semaphore(r, f))
		return true;
	remove_semaphore(r, &ignored);
	return false;
}

static bool take_semaphore(struct resource *r, struct failure *f)
{
	return open_semaphore(r, 0, f);
}

/* ---- files --------------------------------------------------------------------------------------- */

static const mode_t format_of[NRESOURCES] = {
	[RES_DIR] = S_IFDIR, [RES_FIFO] = S_IFIFO, [RES_SOCKET] = S_IFSOCK,
};

static bool make_folder(const struct resource *r, struct failure *f)
{
	return !syscall(SYS_mkdirat, (long)AT_FDCWD, r->name, (long)r->mode) || failed(f, "mkdir");
}

static bool make_fifo(const struct resource *r, struct failure *f)
{
	return !syscall(SYS_mknodat, (long)AT_FDCWD, r->name, (long)(S_IFIFO | r->mode), 0L)
	       || failed(f, "mknod");
}

/* The file takes the mode that the socket has when it is bound. */
static bool make_socket(const struct resource *r, struct failure *f)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	bool ok;
	long fd;

	if (strlen(r->name) >= sizeof(name.sun_path))
		return refused(f, "bind", ENAMETOOLONG);
	snprintf(name.sun_path, sizeof(name.sun_path), "%s", r->name);
	fd = syscall(SYS_socket, (long)AF_UNIX, (long)(SOCK_STREAM | SOCK_CLOEXEC), 0L);
	if (fd < 0)
		return failed(f, "socket");
	ok = !syscall(SYS_fchmod, fd, (long)r->mode) || failed(f, "fchmod");
	ok = ok && (!syscall(SYS_bind, fd, &name, (long)sizeof(name)) || failed(f, "bind"));
	if (!ok && f->err == EADDRINUSE)
		f->err = EEXIST;
	close((int)fd);
	return ok;
}

/* A file that has the type and, if that is known, is the one that was created. The descriptor, or -1. */
static int hold(const struct resource *r, struct stat *st, struct failure *f)
{
	long fd = syscall(SYS_openat, (long)AT_FDCWD, r->name, (long)(O_PATH | O_NOFOLLOW | O_CLOEXEC), 0L);

	if (fd < 0) {
		failed(f, "open");
		return -1;
	}
	if (fstat((int)fd, st))
		failed(f, "fstat");
	else if ((st->st_mode & S_IFMT) != format_of[r->type])
		refused(f, "it is of another type", r->type == RES_DIR ? ENOTDIR : EEXIST);
	else if (r->ino && (st->st_ino != r->ino || st->st_dev != r->dev))
		refused(f, "it is another file", ESTALE);
	else
		return (int)fd;
	close((int)fd);
	return -1;
}

static bool remove_file(const struct resource *r, struct failure *f)
{
	struct stat st;
	int fd = hold(r, &st, f);

	if (fd < 0)
		return false;
	close(fd);
	if (r->type == RES_DIR)
		return !syscall(SYS_unlinkat, (long)AT_FDCWD, r->name, (long)AT_REMOVEDIR)
		       || failed(f, "rmdir");
	return !syscall(SYS_unlinkat, (long)AT_FDCWD, r->name, 0L) || failed(f, "unlink");
}

static bool settle_file(struct resource *r, struct failure *f)
{
	struct stat st;
	int fd = hold(r, &st, f);
	bool ok;

	if (fd < 0)
		return false;
	r->dev = st.st_dev;
	r->ino = st.st_ino;
	ok = settle_descriptor(r, fd, f);
	close(fd);
	return ok;
}

static bool create_file(struct resource *r, struct failure *f)
{
	static bool (*const make[NRESOURCES])(const struct resource *r, struct failure *f) = {
		[RES_DIR] = make_folder, [RES_FIFO] = make_fifo, [RES_SOCKET] = make_socket,
	};
	struct failure ignored;

	r->ino = 0;
	if (!make[r->type](r, f))
		return false;
	if (settle_file(r, f))
		return true;
	remove_file(r, &ignored);
	return false;
}

static bool take_file(struct resource *r, struct failure *f)
{
	struct stat st;
	int fd = hold(r, &st, f);

	if (fd < 0)
		return f->err == ENOENT && create_file(r, f);
	return !close(fd);
}

/* ---- all types ------------------------------------------------------------------------------------- */

static const struct {
	bool (*create)(struct resource *r, struct failure *f);
	bool (*take)(struct resource *r, struct failure *f);
	bool (*remove)(const struct resource *r, struct failure *f);
} types[NRESOURCES] = {
	[RES_SHM] = { create_object, take_object, remove_object },
	[RES_POSIX_SHM] = { create_memory, take_memory, remove_memory },
	[RES_MSG] = { create_object, take_object, remove_object },
	[RES_POSIX_MQ] = { create_queue, take_queue, remove_queue },
	[RES_SEM] = { create_object, take_object, remove_object },
	[RES_POSIX_SEM] = { create_semaphore, take_semaphore, remove_semaphore },
	[RES_DIR] = { create_file, take_file, remove_file },
	[RES_FIFO] = { create_file, take_file, remove_file },
	[RES_SOCKET] = { create_file, take_file, remove_file },
};

bool resource_create(struct resource *r, struct failure *f)
{
	return types[r->type].create(r, f);
}

bool resource_take(struct resource *r, struct failure *f)
{
	return types[r->type].take(r, f);
}

bool resource_remove(const struct resource *r, struct failure *f)
{
	return types[r->type].remove(r, f);
}

/* ---- what is there ----------------------------------------------------------------------------------- */

/* "/name"; C libraries take it without "/" too, but for queues. */
static bool names_object(const struct resource *r, struct whereabouts *w)
{
	const char *const name = bare(r->name);

	w->why = "the name is none of an object";
	if (*r->name != '/' && r->type == RES_POSIX_MQ)
		return false;
	return *name && strcmp(name, ".") && strcmp(name, "..") && !strchr(name, '/')
	       && strlen(name) <= NAME_MAX;
}

static void look_at_queue(const struct resource *r, struct whereabouts *w)
{
	struct stat st;
	long fd;

	if (!names_object(r, w))
		return;
	fd = syscall(SYS_mq_open, bare(r->name), (long)(O_RDONLY | O_CLOEXEC), 0L, NULL);
	w->there = fd >= 0 || errno != ENOENT;
	w->seen = fd < 0 ? errno == ENOENT || errno == EACCES : !fstat((int)fd, &st);
	w->hidden = fd < 0 && errno == EACCES;
	w->why = "the queue cannot be looked at";
	if (w->seen && fd >= 0) {
		w->uid = st.st_uid;
		w->gid = st.st_gid;
		w->mode = st.st_mode;
	}
	if (fd >= 0)
		close((int)fd);
}

/* The directory of a path, and what comes after it; false when that is no name. */
static bool split(const char *path, char folder[PATH_MAX])
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const size_t len = slash ? (size_t)(slash - path) : 0;

	if (!*name || !strcmp(name, ".") || !strcmp(name, "..") || len >= PATH_MAX)
		return false;
	snprintf(folder, PATH_MAX, "%.*s", (int)len, path);
	if (!len)
		snprintf(folder, PATH_MAX, "%s", slash ? "/" : ".");
	return true;
}

/* What no permission decides. */
static bool is_read_only(const char *folder)
{
	struct statvfs v;

	return !statvfs(folder, &v) && v.f_flag & ST_RDONLY;
}

static void look_at_path(const char *path, struct whereabouts *w)
{
	char folder[PATH_MAX];
	struct stat st;

	w->why = "what is on the way to the name cannot be seen";
	if (!split(path, folder))
		return;
	w->has_folder = !stat(folder, &st);
	if (!w->has_folder) {
		w->seen = errno == ENOENT;
		return;
	}
	w->folder_uid = st.st_uid;
	w->folder_gid = st.st_gid;
	w->folder_mode = st.st_mode;
	w->there = !lstat(path, &st);
	w->seen = w->there || errno == ENOENT || errno == ENOTDIR || errno == EACCES;
	if (w->seen && !w->there && is_read_only(folder)) {
		w->seen = false;
		w->why = "the file system is mounted to be read only";
	}
	if (w->there) {
		w->uid = st.st_uid;
		w->gid = st.st_gid;
		w->mode = st.st_mode;
		w->size = (uint64_t)st.st_size;
	}
}

static void look_at_object(const struct resource *r, struct whereabouts *w)
{
	char path[PATH_MAX];
	int len;

	if (!names_object(r, w))
		return;
	if (r->type == RES_POSIX_SEM)
		len = snprintf(path, sizeof(path), SEM_PATH, bare(r->name));
	else
		len = snprintf(path, sizeof(path), "/dev/shm/%s", bare(r->name));
	if (len < (int)sizeof(path))
		look_at_path(path, w);
}

void resource_look(const struct resource *r, struct whereabouts *w)
{
	*w = (struct whereabouts){ .why = "" };
	switch (r->type) {
	case RES_POSIX_MQ: look_at_queue(r, w); break;
	case RES_POSIX_SHM:
	case RES_POSIX_SEM: look_at_object(r, w); break;
	default: look_at_path(r->name, w); break;
	}
}

/* ---- SELinux ----------------------------------------------------------------------------------------- */

bool selinux_here(void)
{
	char text[4096];

	return read_file("/proc/filesystems", text, sizeof(text)) && strstr(text, "selinuxfs");
}

bool selinux_label(const char *context, struct failure *f)
{
	const size_t len = strlen(context);
	char label[4096];
	bool ok;
	int fd;

	fd = open("/proc/thread-self/attr/fscreate", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return failed(f, "fscreate");
	ok = write(fd, context, len) == (ssize_t)len || failed(f, "fscreate");
	ok = ok && (same_label(label, pread(fd, label, sizeof(label), 0), context)
		    || refused(f, "no context of a policy that is loaded", EINVAL));
	close(fd);
	return ok;
}
