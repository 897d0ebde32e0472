/*
 * The files that ftok is asked about, and the directories of those that nodes.c makes. They lie in a file
 * system of the box's own, in memory, which is mounted nowhere: it is reached through a descriptor and is
 * gone with the last process that has it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

/* Of linux/mount.h, which cannot be included beside sys/mount.h everywhere. */
enum { OPEN_CLOEXEC = 1, MOUNT_CLOEXEC = 1, CONFIG_STRING = 1, CONFIG_CREATE = 6 };

enum { LOW_BITS = 0xffff };		/* of an inode number that ftok looks at */

static int root = -1;			/* of that file system */
static int home = -1;			/* where the caller was before paths_enter() */
static char why_not[120];		/* why there is none */
static struct files found;
static bool renamed;

/* ---- paths ------------------------------------------------------------------------------------- */

static const char *const short_paths[NPATHS] = {
	[PATH_file] = "file", [PATH_other] = "other", [PATH_spare] = "spare", [PATH_hardlink] = "hardlink",
	[PATH_symlink] = "symlink", [PATH_detour] = "./folder/.././file", [PATH_twin] = "twin",
	[PATH_folder] = "folder", [PATH_sealed] = "sealed", [PATH_missing] = "missing", [PATH_empty] = "",
	[PATH_dangling] = "dangling", [PATH_below_file] = "file/x", [PATH_loop] = "loop",
	[PATH_locked] = "nobody/locked", [PATH_unmapped] = (const char *)1,
};

static const char *long_name(void)
{
	static char name[257];

	memset(name, 'x', sizeof(name) - 1);
	return name;
}

static const char *long_path(void)
{
	static char path[4200];
	size_t n = sizeof(path) - sizeof("file");

	for (size_t i = 0; i < n; i++)
		path[i] = i & 1 ? '/' : '.';
	memcpy(path + n, "file", sizeof("file"));
	return path;
}

/* The path as ftok is given it. */
static const char *path_text(enum path path)
{
	switch (path) {
	case PATH_long_name: return long_name();
	case PATH_long_path: return long_path();
	default: return short_paths[path];
	}
}

/* ---- making them ------------------------------------------------------------------------------- */

/* Where there is no fsopen: mounted for a moment, and left to its descriptor. */
static int mount_for_a_moment(void)
{
	static const char *const places[] = { "/mnt", "/tmp", "/proc" };
	const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
	int at = -1;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places) && at < 0; i++) {
		if (mount("tmpfs", places[i], "tmpfs", flags, "size=1m,mode=0755"))
			continue;
		at = open(places[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		umount2(places[i], MNT_DETACH);
	}
	return at;
}

/* Boxes that share mounts may come by each other's, or by what lies below: it is whose mark is on it. */
static int mount_alone(void)
{
	struct statfs is;

	for (int tries = 0; tries < 100; tries++) {
		int at = mount_for_a_moment();

		if (at < 0)
			return -1;
		if (!fstatfs(at, &is) && is.f_type == TMPFS_MAGIC && !mkdirat(at, "taken", 0))
			return at;
		close(at);
	}
	errno = EBUSY;
	return -1;
}

static int new_file_system(void)
{
	int fs = (int)syscall(SYS_fsopen, "tmpfs", (long)OPEN_CLOEXEC), at = -1;

	if (fs < 0)
		return errno == ENOSYS ? mount_alone() : -1;
	syscall(SYS_fsconfig, (long)fs, (long)CONFIG_STRING, "size", "1m", 0L);
	syscall(SYS_fsconfig, (long)fs, (long)CONFIG_STRING, "mode", "0755", 0L);
	if (!syscall(SYS_fsconfig, (long)fs, (long)CONFIG_CREATE, NULL, NULL, 0L))
		at = (int)syscall(SYS_fsmount, (long)fs, (long)MOUNT_CLOEXEC, 0L);
	close(fs);
	return at;
}

/* Each file that can be renamed keeps a second name, so that it can get its first one back. */
static bool make_file(const char *name, const char *kept)
{
	int fd = openat(root, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);

	if (fd >= 0)
		close(fd);
	return fd >= 0 && (!kept || !linkat(root, name, root, kept, 0));
}

static const char *const kept_as[] = {
	[PATH_file] = "kept-file", [PATH_other] = "kept-other", [PATH_spare] = "kept-spare",
};

static bool make_all(void)
{
	for (enum path path = PATH_file; path <= PATH_spare; path++)
		if (!make_file(path_text(path), kept_as[path]))
			return false;
	return !linkat(root, "file", root, "hardlink", 0) && !symlinkat("file", root, "symlink")
		&& !symlinkat("missing", root, "dangling") && !symlinkat("loop", root, "loop")
		&& !mkdirat(root, "folder", 0755) && !mkdirat(root, "nobody", 0700)
		&& make_file("nobody/locked", NULL) && !fchmodat(root, "nobody", 0, 0)
		&& make_file("sealed", NULL) && !fchmodat(root, "sealed", 0, 0) && nodes_make(root);
}

static void look_up(enum path path)
{
	struct stat st;

	if (!pathinfo[path].err && !fstatat(root, path_text(path), &st, 0)) {
		found.ino[path] = (int64_t)st.st_ino;
		found.dev = (int64_t)st.st_dev;
	}
}

bool paths_make(void)
{
	struct stat st;

	if (root >= 0 || why_not[0])
		return root >= 0;
	root = new_file_system();
	if (root < 0 || !make_all()) {
		snprintf(why_not, sizeof(why_not), "no files: %s", strerror(errno));
		root = -1;
		return false;
	}
	for (enum path path = 0; path < NPATHS; path++)
		look_up(path);
	found.ino[PATH_long_path] = found.ino[PATH_file];
	if (!fstatat(root, "nobody/locked", &st, 0))
		found.ino[PATH_locked] = (int64_t)st.st_ino;
	return true;
}

/* Numbers of new files count upward: files without a name use up those in between. */
static bool use_up_to(int64_t number)
{
	struct stat st = { 0 };

	while (!st.st_ino || ((int64_t)st.st_ino < number && number - (int64_t)st.st_ino <= LOW_BITS)) {
		int fd = openat(root, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

		if (fd < 0 || fstat(fd, &st))
			return false;
		close(fd);
	}
	return (int64_t)st.st_ino == number;
}

static bool make_twin(void)
{
	int64_t number = found.ino[PATH_file] + LOW_BITS + 1;
	int err;

	cred_take(cred_home(), &err);
	if (!found.ino[PATH_twin] && use_up_to(number - 1) && make_file("twin", NULL))
		look_up(PATH_twin);
	return found.ino[PATH_twin] == number;
}

bool box_files(struct files *files, bool twin, char *why, size_t size)
{
	if (!paths_make())
		snprintf(why, size, "%s", why_not);
	else if (twin && !make_twin())
		snprintf(why, size, "inode numbers do not count upward here");
	else {
		*files = found;
		return true;
	}
	return false;
}

/* ---- using them -------------------------------------------------------------------------------- */

void paths_enter(void)
{
	if (root < 0)
		return;
	if (home < 0)
		home = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fchdir(root))
		root = -1;
}

void paths_leave(void)
{
	if (home >= 0 && fchdir(home))
		home = -1;
}

bool paths_sets(void)
{
	return root >= 0 && nodes_make_sets(root);
}

/* A key may be -1 like a failure; only a failure sets errno. */
int64_t path_key(enum path path, int id, int *err)
{
	long key;

	errno = 0;
	key = libc_key(path_text(path), id);
	*err = errno;
	return key == -1 && *err ? -1 : (int64_t)(uint32_t)key;
}

int paths_rename(enum path from, enum path to)
{
	renamed = true;
	return renameat(root, path_text(from), root, path_text(to)) ? errno : 0;
}

void paths_restore(void)
{
	for (enum path path = PATH_file; renamed && path <= PATH_spare; path++) {
		unlinkat(root, path_text(path), 0);
		linkat(root, kept_as[path], root, path_text(path), 0);
	}
	renamed = false;
	nodes_remove_all(root);
}
