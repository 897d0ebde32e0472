#include <stddef.h>
#include <string.h>

#include "stage.h"

/* ---- situations -------------------------------------------------------------------------------- */

#define QUEUE	"A  x = msgget(0x11, IPC_CREAT|0600)\n"
#define SET	"A  x = semget(0x11, 1, IPC_CREAT|0600)\n"
#define SEGMENT	"A  x = shmget(0x11, 4096, IPC_CREAT|0600)\n"
/* More than may be locked, and more than the address space holds. */
#define LARGE	"A  x = shmget(0x11, 2097152, IPC_CREAT|0600)\n"
#define HUGE	"A  x = shmget(0x11, 0x4000000000000000, IPC_CREAT|SHM_NORESERVE|0600)\n"
/* Huge pages that nobody has to have set aside. */
#define PAGES	"C  x = shmget(0x11, 0x400000, IPC_CREAT|SHM_HUGETLB|SHM_NORESERVE|0600)\n"
#define OBJECTS	"A  mq_open(queue, O_RDWR|O_CREAT, 0600)\nA  shm_open(memory, O_RDWR|O_CREAT, 0600)\n" \
		"A  sem_open(semaphore, O_CREAT, 0600)\n"
#define DIRECTORY "A  mkdir(dir, 0700)\n"
#define NONE_MORE(limit) "*  limit(" limit ", 0)\n"

const struct scene scenes[] = {
	{ MSG, "" },
	{ MSG, QUEUE },
	{ MSG, QUEUE "A  msgsnd(x, 1:\"text\")\n" },
	{ MSG, QUEUE "A  msgctl_IPC_SET(x, qbytes=0)\n" },
	{ MSG, NONE_MORE("msgmni") },
	{ SEM, "" },
	{ SEM, SET },
	{ SEM, "A  x = semget(0x11, 5, IPC_CREAT|0600)\n" },
	{ SEM, NONE_MORE("semmns") },
	{ SEM, NONE_MORE("semmni") },
	{ SEM, NONE_MORE("semmns") NONE_MORE("semmni") },
	{ SEM, SET NONE_MORE("semmns") },
	{ SHM, "" },
	{ SHM, SEGMENT },
	{ SHM, LARGE },
	{ SHM, SEGMENT "A  shmat(x, HOLE)\n" },
	{ SHM, HUGE },
	{ SHM, NONE_MORE("shmmni") },
	{ SHM, NONE_MORE("shmall") },
	{ SHM, NONE_MORE("shmmax") },
	{ SHM, NONE_MORE("shmall") NONE_MORE("shmmni") },
	{ SHM, NONE_MORE("shmmax") NONE_MORE("shmmni") },
	{ SHM, NONE_MORE("shmmax") NONE_MORE("shmall") },
	{ SHM, SEGMENT "A  shmat(x, HOLE, SHM_RDONLY)\n" },
	{ SHM, SEGMENT "A  rlimit(AS, 0)\n" },
	{ SHM, SEGMENT "A  shmat(x, HOLE)\nA  rlimit(AS, 0)\n" },
	{ SHM, SEGMENT "A  mlockall()\nA  shmat(x, HOLE)\n" },
	{ SHM, SEGMENT "A  mlockall()\nA  shmat(x, HOLE)\nA  rlimit(AS, 0)\n" },
	{ SHM, SEGMENT "A  rlimit(MEMLOCK, 0)\n" },
	{ SHM, SEGMENT "B  rlimit(MEMLOCK, 0)\n" },
	{ SHM, LARGE "A  mlockall()\n" },
	{ SHM, LARGE "A  rlimit(AS, 0)\nA  mlockall()\n" },
	{ SHM, LARGE "B  rlimit(AS, 0)\nB  mlockall()\n" },
	{ SHM, HUGE "A  mlockall()\n" },
	{ SHM, HUGE "A  rlimit(AS, 0)\n" },
	{ SHM, PAGES },
	{ SHM, PAGES "A  shmat(x, HOLE)\n" },
	{ SHM, PAGES "A  shmat(x, HOLE, SHM_RDONLY)\n" },
	{ SHM, PAGES "A  rlimit(AS, 0)\nA  mlockall()\n" },
	{ PROC, "" },
	{ PROC, "A  rlimit(MEMLOCK, 0)\n" },
	{ PROC, "A  thread(T)\n" },
	{ PROC, "A  unshare_user()\n" },
	{ PROC, "A  unshare_user()\nA  thread(T)\n" },
	{ ENV, "" },
	{ ENV, "*  rename(file, other)\n" },
	{ LIB, "" },
	{ NODES, "" },
	{ NODES, OBJECTS },
	{ NODES, OBJECTS "A  mq_open(queue, O_WRONLY)\n" },
	{ NODES, OBJECTS "A  mq_send(queue)\nA  mq_send(queue)\n" },
	{ NODES, OBJECTS "A  mq_send(queue)\nA  mq_send(queue)\nA  mq_open(queue, O_RDONLY)\n" },
	{ NODES, "A  mkfifo(node, 0600)\nA  mkfifo(dir, 0600)\n" },
	{ NODES, "A  mkdir(node, 0700)\n" },
	{ NODES, "A  bind(node)\nA  chmod(node, 0700)\n" },
	{ NODES, DIRECTORY "A  chmod(dir, 0711)\n" },
	{ NODES, DIRECTORY },
	{ NODES, DIRECTORY "A  mkfifo(dir_node, 0600)\n" },
	{ NODES, DIRECTORY "A  mkdir(dir_node, 0700)\n" },
	{ NODES, DIRECTORY "A  mkdir(dir_node, 0700)\nA  chmod(dir, 01700)\n" },
	{ NODES, DIRECTORY "A  mkdir(dir_node, 0700)\nA  chmod(dir, 01755)\n" },
	{ NODES, DIRECTORY "A  mkfifo(dir_node, 0600)\nA  chmod(dir, 01700)\n" },
	{ NODES, DIRECTORY "A  mkfifo(dir_node, 0600)\nA  chmod(dir, 01755)\n" },
	{ NODES, DIRECTORY "A  bind(dir_node)\nA  chmod(dir, 0)\n" },
	{ NODES, "A  mkdir(node, 0700)\nB  unshare_user()\n" },
	{ NODES, DIRECTORY "A  mkfifo(dir_node, 0600)\nB  unshare_user()\n" },
	{ NODES, "B  unshare_user()\n" },
	{ NODES, "A  mkfifo(dir, 0600)\nB  unshare_user()\n" },
	{ NFAMILIES, NULL },
};

/* ---- values -------------------------------------------------------------------------------------- */

#define LIST(...) (const char *const[]){ __VA_ARGS__, NULL }

/* Every semaphore operation that is refused for its place in the set, after those that decide otherwise. */
#define TOO_HIGH	"0:32767, 0:1"
#define TOO_MUCH_UNDO	"0:32767:SEM_UNDO, 0:-32767, 0:32767:SEM_UNDO"
#define NOT_NOW		"0:-1:IPC_NOWAIT"

static const char *const *const of_kind[NKINDS] = {
	[KIND_KEY] = LIST("0x11", "IPC_PRIVATE"),
	[KIND_GETFLG] = LIST("0600", "IPC_CREAT|0600", "IPC_CREAT|IPC_EXCL|0600"),
	[KIND_SHMFLG] = LIST("0600", "IPC_CREAT|0600", "IPC_CREAT|IPC_EXCL|0600",
		"IPC_CREAT|SHM_HUGETLB|0600", "IPC_CREAT|SHM_NORESERVE|0600",
		"IPC_CREAT|SHM_HUGETLB|SHM_NORESERVE|0600", "IPC_CREAT|SHM_HUGETLB|0x4000180",
		"IPC_CREAT|SHM_HUGETLB|SHM_NORESERVE|0x4000180"),
	[KIND_MSGID] = LIST("x", "77", "-1"),
	[KIND_SEMID] = LIST("x", "77", "-1"),
	[KIND_SHMID] = LIST("x", "77", "-1"),
	[KIND_NSEMS] = LIST("1", "0", "2", "-1", "32001"),
	[KIND_SEMNUM] = LIST("0", "1"),
	[KIND_SEMVAL] = LIST("1", "32768"),
	[KIND_SEGSZ] = LIST("4096", "0", "8192", "LONG_MAX", "LONG_MIN", "-1"),
	[KIND_MSGTYP] = LIST("0", "7"),
	[KIND_MSGSZ] = LIST("16", "1", "-1"),
	[KIND_SNDFLG] = LIST("0", "IPC_NOWAIT"),
	[KIND_RCVFLG] = LIST("0", "IPC_NOWAIT", "MSG_COPY", "IPC_NOWAIT|MSG_COPY", "MSG_EXCEPT|MSG_COPY",
		"IPC_NOWAIT|MSG_NOERROR|MSG_COPY", "IPC_NOWAIT|MSG_EXCEPT|MSG_COPY",
		"IPC_NOWAIT|MSG_NOERROR|MSG_EXCEPT|MSG_COPY", "MSG_NOERROR|MSG_COPY"),
	[KIND_ATFLG] = LIST("0", "SHM_RND", "SHM_REMAP", "SHM_EXEC", "SHM_RND|SHM_REMAP",
		"SHM_RND|SHM_EXEC", "SHM_REMAP|SHM_EXEC", "SHM_RND|SHM_REMAP|SHM_EXEC"),
	[KIND_ADDR] = LIST("0", "HOLE", "1", "HOLE+1", "-4096", "-4095", "0x800000000000",
		"0x800000000001", "0x7ff000000000", "HOLE+4096", "0x800000001000"),
	[KIND_CMD] = LIST("99"),
	[KIND_MSG] = LIST("1:\"x\"", "0:\"x\"", "1:\"x\"#-1", "1:\"x\"@partial", "1:\"x\"@unmapped",
		"0:\"x\"#-1", "0:\"x\"@partial", "1:\"x\"*8193", "0:\"x\"*8193", "1:\"x\"*8193@partial",
		"0:\"x\"*8193@partial", "1:\"x\"#-1@unmapped"),
	[KIND_SOPS] = LIST("[0:1]", "[0:-1]", "[1:1]", "[]", "[" NOT_NOW "]", "[0:1]@unmapped",
		"[" TOO_HIGH "]", "[" TOO_MUCH_UNDO "]", "[" NOT_NOW ", 1:1]", "[" TOO_HIGH ", 1:1]",
		"[" TOO_MUCH_UNDO ", 1:1]", "[0:0*501]", "[0:-1*501]", "[0:0*501]@unmapped", "[1:1*501]",
		"[" NOT_NOW "*501]", "[0:32767*501]", "[" TOO_MUCH_UNDO ", 0:0*500]",
		"[1:1, 0:0]@partial", "[" NOT_NOW ", 0:0]@partial",
		"[" TOO_HIGH "]@partial", "[" TOO_MUCH_UNDO "]@partial"),
	[KIND_TIMEOUT] = LIST("none", "0", "-1:0", "@unmapped", "0@partial", "-1:0@partial"),
	[KIND_SEMVALS] = LIST("[1]", "[32768]", "[1]@unmapped", "[32768, 0*4]@partial"),
	[KIND_MSGSET] = LIST("mode=0600", "uid=-1", "qbytes=20000", "uid=-1 qbytes=20000",
		"mode=0600@unmapped", "uid=-1@partial"),
	[KIND_PERMSET] = LIST("mode=0600", "uid=-1", "mode=0600@unmapped", "uid=-1@partial"),
	[KIND_OUT] = LIST("@ok", "@unmapped"),
	[KIND_BYTES] = LIST("\"x\""),
	[KIND_LEN] = LIST("1"),
	[KIND_LIMIT] = LIST("msgmni", "semmni", "msgmax", "auto_msgmni", "msg_next_id"),
	[KIND_PROT] = LIST("PROT_READ", "PROT_READ|PROT_WRITE"),
	[KIND_RLIMIT] = LIST("MEMLOCK"),
	[KIND_ACTOR] = LIST("B"),
	[KIND_PATH] = LIST("file", "missing", "below_file", "loop", "long_name", "long_path", "locked",
		"null"),
	[KIND_FILE] = LIST("file", "spare"),
	[KIND_INT] = LIST("1"),
	[KIND_QUEUE] = LIST("queue"),
	[KIND_MEMORY] = LIST("memory"),
	[KIND_SEMAPHORE] = LIST("semaphore"),
	[KIND_NODE] = LIST("node", "dir_node"),
	[KIND_ANYNODE] = LIST("node", "dir_node"),
	[KIND_OPENFLG] = LIST("O_RDWR", "O_RDWR|O_CREAT", "O_RDWR|O_CREAT|O_EXCL", "O_WRONLY|O_RDWR",
		"O_WRONLY|O_RDWR|O_CREAT|O_EXCL"),
	[KIND_CREATFLG] = LIST("0", "O_CREAT", "O_CREAT|O_EXCL"),
	[KIND_ACCESS] = LIST("O_RDONLY", "O_WRONLY", "O_RDWR"),
	[KIND_FILEMODE] = LIST("0600"),
	[KIND_UID] = LIST("-1", "1002"),
	[KIND_GID] = LIST("-1", "1002"),
	[KIND_PTR] = LIST("@ok", "@null", "@unmapped"),
	[KIND_BADPTR] = LIST("@null", "@unmapped"),
	[KIND_IPCVER] = LIST("0", "1"),
	[KIND_IPCCALL] = LIST("25"),
};

/* Where the kind is not enough: what a number means is up to its operation. */
static const struct { enum opcode code; const char *arg; const char *const *values; } of_argument[] = {
	{ OP_limit, "value", LIST("1", "-2", "40000", "2147483648") },
	{ OP_limit_sem, "semmsl", LIST("32000", "2147483648") },
	{ OP_limit_sem, "semmns", LIST("1024000000") },
	{ OP_limit_sem, "semopm", LIST("500") },
	{ OP_limit_sem, "semmni", LIST("32000", "40000") },
	{ OP_rlimit, "value", LIST("0", "2147483648") },
	{ OP_munmap, "addr", LIST("HOLE", "HOLE+1", "HOLE+4096") },
	{ OP_mprotect, "addr", LIST("HOLE", "HOLE+1", "HOLE+4096") },
	{ OP_madvise_DONTFORK, "addr", LIST("HOLE", "HOLE+1", "HOLE+4096") },
	{ OP_mremap, "addr", LIST("HOLE", "HOLE+1") },
	{ OP_munmap, "len", LIST("4096", "0") },
	{ OP_mprotect, "len", LIST("4096", "0x600000") },
	{ OP_madvise_DONTFORK, "len", LIST("4096", "0x600000") },
	{ OP_mremap, "len", LIST("4096", "8192", "0") },
	{ OP_mremap, "newlen", LIST("4096", "0", "8192", "4194304", "0x7fffffff0000", "LONG_MAX") },
	{ OP_mremap, "to", LIST("0", "HOLE+8192", "HOLE+1", "HOLE") },
};

const char *const *stage_values(enum opcode code, int arg)
{
	for (size_t i = 0; i < sizeof(of_argument) / sizeof(*of_argument); i++)
		if (of_argument[i].code == code && !strcmp(of_argument[i].arg, opinfo[code].arg[arg].name))
			return of_argument[i].values;
	return of_kind[opinfo[code].arg[arg].kind];
}
