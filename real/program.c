/* Programs of the system, run where they can leave nothing behind. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

#define FOLDER "/dev/shm"	/* where the C library keeps POSIX shared memory */
#define QUEUES ".mqueue"

/* Where root has the only id that there is, the ordinary user of the box is root to the system's files. */
static bool owns_the_system(void)
{
	struct stat st;

	return geteuid() == ORDINARY && (stat("/", &st) || st.st_uid == ORDINARY);
}

bool program_stage(char *err, size_t errsize)
{
	static bool mounted;

	if (owns_the_system()) {
		snprintf(err, errsize, "no ordinary user can be had, and no other may try programs");
		return false;
	}
	if (!box_fresh(err, errsize))
		return false;
	if (chdir("/") || (mounted && umount2(FOLDER, MNT_DETACH))
	    || mount("sysvet", FOLDER, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=1m") || chdir(FOLDER)) {
		snprintf(err, errsize, "no folder of memory: %s", strerror(errno));
		return false;
	}
	mounted = true;
	/* Without them POSIX message queues are made and just not seen. */
	if (!mkdir(QUEUES, 0777))
		mount("sysvet", QUEUES, "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	return true;
}

/* ---- the program --------------------------------------------------------------------------------- */

/* No capability outlives the exec of a user who is not root. */
static bool become_ordinary(void)
{
	if (geteuid() == ORDINARY)
		return true;
	return !setgroups(0, NULL) && !setresgid(ORDINARY, ORDINARY, ORDINARY)
		&& !setresuid(ORDINARY, ORDINARY, ORDINARY);
}

/* Opened before the caller is somebody else, who may not reach it. */
static void start(const char *path, const char *const argv[])
{
	int fd = path ? open(path, O_RDONLY) : -1;

	if ((path && fd < 0) || !become_ordinary())
		return;
	clearenv();
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("LC_ALL", "C", 1);
	umask(022);
	alarm(PROGRAM_SECONDS);
	if (path)
		fexecve(fd, (char *const *)argv, environ);
	else
		execvp(argv[0], (char *const *)argv);
}

static _Noreturn void child(const char *path, const char *const argv[], int out, int err)
{
	int in = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (dup2(in, 0) == 0 && dup2(out, 1) == 1 && dup2(err, 2) == 2)
		start(path, argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static void read_back(int fd, char *to, size_t size)
{
	ssize_t n = pread(fd, to, size - 1, 0);

	to[n > 0 ? n : 0] = '\0';
}

static void await(pid_t pid, struct aftermath *after)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	after->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* ---- what it left -------------------------------------------------------------------------------- */

static void look_at_objects(struct aftermath *after)
{
	struct nsfiles n;
	char err[200];

	if (!files_read(&n, 0, err, sizeof(err)))
		return;
	for (size_t i = 0; i < n.objects.nobj; i++) {
		const struct objview *o = &n.objects.obj[i];

		after->objects[o->family]++;
		after->last[o->family].id = o->id;
		after->last[o->family].rec = o->rec;
	}
	files_free(&n);
}

static const char *type_of(mode_t mode)
{
	return S_ISFIFO(mode) ? "fifo" : S_ISSOCK(mode) ? "socket" : S_ISDIR(mode) ? "directory" : "file";
}

/* type: of what lies there; NULL where the mode tells. */
static void look_into(const char *folder, const char *type, struct text *t)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), n;
	struct dirent **entry;
	struct stat st;

	if (fd < 0)
		return;
	n = scandir(folder, &entry, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		const char *name = entry[i]->d_name;

		if (*name != '.' && !fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW))
			text_add(t, "%s%s %s %04o", t->len ? ", " : "", type ? type : type_of(st.st_mode),
				 name, (unsigned)st.st_mode & 07777);
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
	close(fd);
}

static void look_at_files(struct aftermath *after)
{
	struct text t = { after->files, sizeof(after->files), 0 };

	look_into(".", NULL, &t);
	look_into(QUEUES, "queue", &t);
}

void program_run(const char *path, const char *const argv[], struct aftermath *after)
{
	int out = memfd_create("out", MFD_CLOEXEC), err = memfd_create("err", MFD_CLOEXEC);
	pid_t pid = out >= 0 && err >= 0 ? fork() : -1;

	*after = (struct aftermath){ .status = 127 };
	if (pid == 0)
		child(path, argv, out, err);
	if (pid > 0) {
		await(pid, after);
		read_back(out, after->out, sizeof(after->out));
		read_back(err, after->err, sizeof(after->err));
		look_at_objects(after);
		look_at_files(after);
		after->done = true;
	}
	close(out);
	close(err);
}
