/* ---- /proc/sysvipc ------------------------------------------------------------------------------------ */

#include <stddef.h>

enum file { MSG, SEM, SHM, NFILES };

struct columns {
	long id, key, mode, uid, gid, cuid, cgid, ctime;
	long cbytes, qnum, lspid, lrpid, stime, rtime;
	long nsems, otime;
	long segsz, cpid, lpid, nattch, atime, dtime;
};

static int proc_file[NFILES] = { -1, -1, -1 };
static bool opened_inside;	/* were they opened by who is alone in a PID namespace? */

static bool alone(void)
{
	return getpid() != shared->pid[me];
}

static int proc_opened(enum file file)
{
	static const char *const paths[NFILES] = {
		[MSG] = "/proc/sysvipc/msg", [SEM] = "/proc/sysvipc/sem", [SHM] = "/proc/sysvipc/shm",
	};
	int fd = open(paths[file], O_RDONLY | O_CLOEXEC);

	return fd < 0 ? (int)unfit("needs /proc/sysvipc") : fd;
}

TOOL long keep_files(void)
{
	for (enum file file = 0; file < NFILES; file++) {
		if (proc_file[file] >= 0)
			close(proc_file[file]);
		proc_file[file] = proc_opened(file);
		if (proc_file[file] < 0)
			return -1;
	}
	opened_inside = alone();
	return 0;
}

static long signed_of(unsigned long number)
{
	return number > LONG_MAX ? LONG_MAX : (long)number;
}

static void set_column(struct columns *row, const char *name, const char *word)
{
#define COLUMN(name, member, base) { name, offsetof(struct columns, member), base }
#define SAME(name) COLUMN(#name, name, 10)
	static const struct { const char *name; size_t at; int base; } columns[] = {
		COLUMN("msqid", id, 10), COLUMN("semid", id, 10), COLUMN("shmid", id, 10),
		COLUMN("perms", mode, 8), COLUMN("size", segsz, 10), SAME(key), SAME(uid), SAME(gid),
		SAME(cuid), SAME(cgid), SAME(ctime), SAME(cbytes), SAME(qnum), SAME(lspid), SAME(lrpid),
		SAME(stime), SAME(rtime), SAME(nsems), SAME(otime), SAME(cpid), SAME(lpid), SAME(nattch),
		SAME(atime), SAME(dtime),
	};

	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		if (!strcmp(columns[i].name, name))
			*(long *)((char *)row + columns[i].at) = *word == '-' ? strtol(word, NULL, 10)
				: signed_of(strtoul(word, NULL, columns[i].base));
}

/* A line below the names of its columns. */
static struct columns understood(const char *head, const char *line)
{
	struct columns row = { .id = -1 };
	char name[32], word[32];
	int n, m;

	while (sscanf(head, "%31s%n", name, &n) == 1 && sscanf(line, "%31s%n", word, &m) == 1) {
		set_column(&row, name, word);
		head += n;
		line += m;
	}
	if (sscanf(head, "%31s", name) == 1 || sscanf(line, "%31s", word) == 1)
		differ("row of %ld with other columns than its head, expected the same", row.id);
	return row;
}

/* What the process is called there is made what it calls itself, and the other way round. */
static void translate(long *pid)
{
	if (*pid == shared->pid[me])
		*pid = getpid();
	else if (*pid == getpid())
		*pid = -*pid;
}

/* ENOENT: there is none. */
TOOL long row(enum file file, long id, struct columns *to)
{
	int fd = proc_file[file] < 0 ? proc_opened(file) : dup(proc_file[file]);
	FILE *f = fd < 0 || lseek(fd, 0, SEEK_SET) ? NULL : fdopen(fd, "r");
	char head[400] = "", line[400];
	bool found = false;

	if (!f)
		return -1;
	if (!fgets(head, sizeof(head), f))
		*head = '\0';
	while (!found && fgets(line, sizeof(line), f)) {
		*to = understood(head, line);
		found = to->id == id;
	}
	if (found && proc_file[file] >= 0 && alone() && !opened_inside)
		for (size_t i = 0; i < 4; i++)
			translate((long *[]){ &to->lspid, &to->lrpid, &to->cpid, &to->lpid }[i]);
	fclose(f);
	errno = ENOENT;
	return found ? 0 : -1;
}
