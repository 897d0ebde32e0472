#!/usr/bin/env bats
# sysvet reproduce: programs in C that show what a case shows, with nothing of ours.

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	sysvet=${SYSVET:-$tree/build/sysvet}
	program=$BATS_TEST_TMPDIR/program
	cd "$tree" || return 1
}

# printed COMPILER OPTION...: the program of a case, built without a warning.
printed() {
	local compiler=$1

	shift
	command -v "$compiler" >/dev/null || skip "needs $compiler"
	"$sysvet" reproduce "$@" >"$program.c"
	"$compiler" -pthread -std=gnu11 -Wall -Wextra -Wno-unused-parameter -Werror -O1 "$program.c" \
		-o "$program"
}

# lie CODE: what the library says that is preloaded.
lie() {
	printf '%s\n' "$1" >"$program-lie.c"
	"${CC:-cc}" -shared -fPIC "$program-lie.c" -o "$program-lie.so"
}

# with_case: options for a folder with one case, whose text is read: own/case.
with_case() {
	mkdir -p "$BATS_TEST_TMPDIR/cases/own"
	cp cases/requirements.tsv "$BATS_TEST_TMPDIR/cases"
	cat >"$BATS_TEST_TMPDIR/cases/own/case.case"
}

# runs STATUS COMMAND...: and says nothing where nobody may make an IPC namespace.
runs() {
	local want=$1

	shift
	if [ "$(id -u)" != 0 ] || ! unshare --ipc true 2>/dev/null; then
		skip "needs root"
	fi
	run timeout 60 "$@"
	echo "$output"
	[ "$status" -eq "$want" ]
}

# conform: the programs of cases, whose names are read, say nothing of a difference.
conform() {
	local name

	while IFS= read -r name; do
		printed "${CC:-cc}" "$name"
		runs 0 "$program"
		[[ $output == *"end  what is there now  as expected" ]]
	done
}

@test "on this kernel every step does what the model says" {
	conform <<-'END'
		perm/supplementary-group-counts-for-the-creator-group-too[mode=0040,want=0]
		sem/a-wait-is-ended-by-an-operation[ops=[0:1,0:-3],release=[0:1],call=semop]
		msg/a-negative-room-is-einval[size=-1,flg=IPC_NOWAIT|MSG_COPY]
		sem/a-raised-semopm-lets-a-call-have-more-operations
		shm/a-protection-stops-at-a-gap
		sem/a-stopped-sleeper-waits-no-more[ops=[0:-1,1:0],release=semctl_SETVAL(s,0,1)]
		shm/maps-tell-id-key-and-protection[key=-1]
		sem/a-call-with-time-left-is-completed-like-any-other[timeout=@null]
		precedence/mlockall[LINUX-MLOCKALL-1]
		file/a-queue-is-judged-when-it-is-opened
		file/a-sticky-directory-keeps-names-for-owners[make=mkdir,mode=0777,remove=rmdir]
		file/connecting-asks-to-write[who=B,mode=0757,want=EACCES]
		msg/every-kind-of-receive-goes-on-after-a-stop[typ=-2,flg=0,other=3,match=2]
		ids/a-negative-next-id-is-refused[id=-2]
	END
}

@test "actors are threads, other programs and in other namespaces" {
	conform <<-'END'
		sem/threads-share-an-undo-list[first=D,second=C,last=B]
		namespaces/setns-applies-adjustments-first
		namespaces/rows-show-pids-and-ids-to-who-opened-the-file
		namespaces/pids-are-those-of-the-readers-namespace
		precedence/unshare_user[LINUX-NS-8,LINUX-NS-8#2]
	END
}

@test "the program is one for any C library" {
	printed musl-gcc 'precedence/shmat[SHMAT-ERR-EINVAL-2,LINUX-SHMAT-ORD-2]'
	runs 0 "$program"
}

@test "threads and programs are those of any C library" {
	printed musl-gcc 'shm/exec-by-a-thread-detaches-for-its-process[one=C,other=B]'
	runs 0 "$program"
}

@test "a kernel that does otherwise is told by the first step that shows it" {
	printed "${CC:-cc}" 'precedence/semop[SEMOP-ERR-ERANGE-2]'
	lie 'int semop(int id, void *ops, unsigned long n) { (void)id, (void)ops, (void)n; return 0; }'
	runs 1 env LD_PRELOAD="$program-lie.so" "$program"
	[[ $output == *"semop("*"observed success, expected ERANGE" ]]
	name=file/only-the-owner-removes-an-object
	printed "${CC:-cc}" "${name}[open=shm_open,unlink=shm_unlink,name=memory,flags=O_RDWR]"
	lie 'int unlink(const char *path) { (void)path; return 0; }'
	runs 1 env LD_PRELOAD="$program-lie.so" "$program"
	[[ $output == *"1  A  shm_unlink(memory)  observed success, expected ENOENT" ]]
}

# who_sends SENDERS: a case in which they compete for room, up to what makes it.
who_sends() {
	printf '%s\n' 'claim  Who sends first is open.' 'cites  MSGSND-5' '' \
		'A  q = msgget(IPC_PRIVATE, 0600)' 'A  msgctl_IPC_SET(q, qbytes=1)' 'A  msgsnd(q, 1:"x")'
	for sender; do
		echo "$sender  msgsnd(q, 2:\"$sender\")  blocks"
	done
}

@test "where any sleeper may go first, what may come of it is allowed and nothing else" {
	{
		who_sends B C
		printf '%s\n' 'A  msgrcv(q, 1, 1)' 'A  msgctl_IPC_STAT(q)' 'B  wakes' \
			'A  msgrcv(q, 2, 1, IPC_NOWAIT)'
	} | with_case
	printed "${CC:-cc}" --cases "$BATS_TEST_TMPDIR/cases" own/case
	grep -q '{ B, "wakes", NULL, { SUCCESS, BLOCKS }' "$program.c"
	grep -q 'this is open: lspid' "$program.c"
	grep -q 'this is open: text' "$program.c"
	runs 0 "$program"
	lie '#include <errno.h>
	#include <sys/syscall.h>
	#include <unistd.h>
	long msgrcv(int id, void *m, unsigned long size, long type, int flags) {
		errno = ENOMSG;
		return type == 2 ? -1 : syscall(SYS_msgrcv, id, m, size, type, flags);
	}'
	runs 1 env LD_PRELOAD="$program-lie.so" "$program"
	[[ $output == *"observed ENOMSG, expected success" ]]
}

@test "where too much is open nothing is printed" {
	{
		who_sends B C D E F G
		echo 'A  msgctl_IPC_SET(q, qbytes=100)'
	} | with_case
	run "$sysvet" reproduce --cases "$BATS_TEST_TMPDIR/cases" own/case
	[ "$status" -eq 2 ]
	[[ $output == *"found more ways in which sleepers can go than can be followed" ]]
	{
		who_sends B C
		printf '%s\n' 'A  msgrcv(q, 1, 1)' 'B  msgget(0x11, 0600)'
	} | with_case
	run "$sysvet" reproduce --cases "$BATS_TEST_TMPDIR/cases" own/case
	[ "$status" -eq 2 ]
	[[ $output == *"found a step that cannot be made: "* ]]
}

@test "a claim about a standard is printed for that" {
	name='perm/posix-effective-gid-makes-a-group-member[mode=0704,want=EACCES]'
	printed "${CC:-cc}" "$name"
	grep -q "what the profile posix says" "$program.c"
	runs 1 "$program"
	[[ $output == *"observed success, expected EACCES" ]]
	run "$sysvet" reproduce --profile linux "$name"
	[ "$status" -eq 2 ]
	[[ $output == *"found profile linux, expected posix, as the claim is about that" ]]
	[ "$("$sysvet" reproduce --list "$name")" = "$name" ]
	run "$sysvet" reproduce --profile linux --list "$name"
	[ -z "$output" ]
}

@test "what a call leaves is told behind the last step" {
	printed "${CC:-cc}" --steps 2 'sem/the-last-operator-is-named-after-its-end'
	lie 'int semop(int id, void *ops, unsigned long n) { (void)id, (void)ops, (void)n; return 0; }'
	runs 1 env LD_PRELOAD="$program-lie.so" "$program"
	[[ $output == *"end  what is there now  observed "*"GETPID 0 0, expected "* ]]
	printed "${CC:-cc}" --steps 5 'file/an-owner-gives-a-file-to-groups-that-it-is-in'
	lie '#include <errno.h>
	int chown(const char *path, unsigned uid, unsigned gid) {
		(void)path;
		errno = 1;
		return uid == 1001 || gid == 1002 ? -1 : 0;
	}'
	runs 1 env LD_PRELOAD="$program-lie.so" "$program"
	[[ $output == *"  observed tree/node of 1000:1000 0600, expected 1000:1001 0600" ]]
}

@test "files lie where nobody else sees them, and are gone" {
	printed "${CC:-cc}" 'file/a-new-file-can-be-sticky'
	# shellcheck disable=SC2016 # a shell of the lie puts OUTSIDE in
	lie '#define _GNU_SOURCE
	#include <stdlib.h>
	#include <sys/syscall.h>
	#include <unistd.h>
	int umount2(const char *path, int flags) {
		if (system("cat /proc/self/mounts >'"$program-inside"'")
		    || system("cat /proc/$OUTSIDE/mounts >'"$program-outside"'"))
			abort();
		return (int)syscall(SYS_umount2, path, (long)flags);
	}'
	cat >"$program.sh" <<-END
		mount --make-rshared /
		cat /proc/self/mounts >"$program-before"
		OUTSIDE=\$\$ LD_PRELOAD="$program-lie.so" "$program" || exit
		cat /proc/self/mounts >"$program-after"
	END
	runs 0 unshare --mount sh "$program.sh"
	[ "$(grep -c . "$program-inside")" -eq $(($(grep -c . "$program-before") + 1)) ]
	cmp "$program-before" "$program-outside"
	cmp "$program-before" "$program-after"
}

@test "owner, mode and mask of files are looked at" {
	printed "${CC:-cc}" 'file/a-new-file-can-be-sticky'
	lie '#include <sys/syscall.h>
	#include <unistd.h>
	unsigned umask(unsigned mask) { return (unsigned)syscall(SYS_umask, (long)mask) & 02; }'
	runs 1 env LD_PRELOAD="$program-lie.so" "$program"
	[[ $output == *" 10  A  umask(0)  observed value 0002, expected 0022" ]]
	lie '#define _GNU_SOURCE
	#include <fcntl.h>
	#include <sys/stat.h>
	int lstat(const char *path, struct stat *to) {
		int got = fstatat(AT_FDCWD, path, to, AT_SYMLINK_NOFOLLOW);

		to->st_mode &= 0777;
		to->st_gid++;
		return got;
	}'
	runs 1 env LD_PRELOAD="$program-lie.so" "$program"
	[[ $output == *"  3  A  stat(node)  observed gid 1001, expected 1000; mode 0644, expected 1644" ]]
}

@test "a system is not judged by what it lacks: ids for files, user namespaces" {
	printed "${CC:-cc}" file/file-system-ids-count-and-effective-ids-do-not
	runs 0 "$program"
	lie 'int setfsuid(unsigned id) { (void)id; return -1; }
	int setfsgid(unsigned id) { (void)id; return -1; }'
	runs 77 env LD_PRELOAD="$program-lie.so" "$program"
	[[ $output == *"  cannot be judged: needs setfsuid and setfsgid" ]]
	printed "${CC:-cc}" 'precedence/chown[LINUX-FILE-NS-2,FILE-CHOWN-1]'
	lie '#define _GNU_SOURCE
	#include <errno.h>
	#include <sys/syscall.h>
	#include <unistd.h>
	int unshare(int flags) {
		errno = EINVAL;
		return flags == 0x10000000 ? -1 : (int)syscall(SYS_unshare, (long)flags);
	}'
	runs 77 env LD_PRELOAD="$program-lie.so" "$program"
	[[ $output == *"  unshare_user()  cannot be judged: needs user namespaces" ]]
}

@test "a setting that keeps files from who would create them is no difference" {
	with_case <<-'END'
		claim  Who may open an object may also say that it is to be created.
		cites  SHMOPEN-ERR-EACCES
		actors A uid 1000 gid 1000, B uid 1001 gid 1001

		A  shm_open(memory, O_RDWR|O_CREAT, 0666)  = 0
		B  shm_open(memory, O_RDWR|O_CREAT, 0666)  = 0
	END
	printed "${CC:-cc}" --cases "$BATS_TEST_TMPDIR/cases" own/case
	lie '#define _GNU_SOURCE
	#include <stdio.h>
	#include <string.h>
	FILE *fopen(const char *path, const char *mode) {
		return strstr(path, "protected_regular") ? fmemopen("2\n", 2, "r") : fopen64(path, mode);
	}'
	runs 77 env LD_PRELOAD="$program-lie.so" "$program"
	[[ $output == *"B  "*"  cannot be judged: needs fs.protected_regular to be 0" ]]
}

# lies CALLS: a library between the program and syscall(), for which CALLS is what it does before it returns.
lies() {
	cat >"$program-lie.c" <<-END
		#define _GNU_SOURCE
		#include <dlfcn.h>
		#include <stdarg.h>
		#include <string.h>
		#include <sys/ipc.h>
		#include <sys/syscall.h>

		long syscall(long nr, ...)
		{
			long (*real)(long nr, ...) = (long (*)(long nr, ...))dlsym(RTLD_NEXT, "syscall");
			long a[6], got;
			va_list ap;

			va_start(ap, nr);
			for (int i = 0; i < 6; i++)
				a[i] = va_arg(ap, long);
			va_end(ap);
			got = real(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
			$1
			return got;
		}
	END
	"${2:-${CC:-cc}}" -w -shared -fPIC "$program-lie.c" -o "$program-lie.so" -ldl
}

# notices WORDS CALLS NAME: the program of a case says these words of that lie, and none without it.
notices() {
	local said left=0

	printed "${CC:-cc}" "$3"
	runs 0 "$program"
	lies "$2"
	said=$(timeout 60 env LD_PRELOAD="$program-lie.so" "$program") || left=$?
	echo "$said"
	[ "$left" -eq 1 ]
	[[ $said == *"observed "*"$1"* ]]
}

@test "bytes that no member has are 0, and none is stored outside a structure" {
	local case=msg/a-new-queue-is-empty-and-its-creators stat='if (nr == SYS_msgctl && a[1] == IPC_STAT) '

	[ "$(uname -m)" = x86_64 ] || skip "needs the structure of that CPU"
	stat+='((char *)a[2])'
	notices 'byte 112, which is reserved, 0x1' "${stat}[112] = 1;" "$case"
	notices 'byte 119, which is reserved, 0x5a as before the call' "${stat}[119] = 0x5a;" "$case"
	notices 'byte -1 of the buffer was stored into: 0' "${stat}[-1] = 0;" "$case"
	notices 'byte 30, which is reserved, 0x7' 'if (nr == SYS_msgctl) ((char *)a[2])[30] = 7;' \
		ids/a-new-namespace-is-empty-with-default-limits
}

@test "a call that fails leaves the buffer as it was" {
	notices 'byte 3 of the buffer was stored into: 0' 'if (nr == SYS_semctl) ((char *)a[3])[3] = 0;' \
		'ids/an-index-that-is-not-in-use-is-invalid[stat=semctl_SEM_STAT]'
	printed "${CC:-cc}" 'precedence/msgrcv[LINUX-ID-NEG-1,LINUX-MSG-COPY-1]'
	runs 0 "$program"
	cat >"$program-lie.c" <<-'END'
		#include <errno.h>
		long msgrcv(int id, long *to, unsigned long size, long type, int flags)
		{
			(void)id, (void)size, (void)type, (void)flags;
			*to = 1;
			errno = EINVAL;
			return -1;
		}
	END
	"${CC:-cc}" -shared -fPIC "$program-lie.c" -o "$program-lie.so"
	runs 1 env LD_PRELOAD="$program-lie.so" "$program"
	[[ $output == *"observed byte 0 of the buffer was stored into: 0x1"* ]]
}

@test "a message has its type, and is no longer than it is said to be" {
	local case='msg/every-kind-of-receive-goes-on-after-a-stop[typ=-2,flg=0,other=3,match=2]'

	for lie in '*to = 9;|type 9, expected ' '((char *)to)[-1] = 0;|byte -1 of the buffer was stored'; do
		printed "${CC:-cc}" "$case"
		cat >"$program-lie.c" <<-END
			#define _GNU_SOURCE
			#include <sys/syscall.h>
			#include <unistd.h>
			long msgrcv(int id, long *to, unsigned long size, long type, int flags)
			{
				long got = syscall(SYS_msgrcv, id, to, size, type, flags);

				if (got >= 0) {
					${lie%%|*}
				}
				return got;
			}
		END
		"${CC:-cc}" -shared -fPIC "$program-lie.c" -o "$program-lie.so"
		runs 1 env LD_PRELOAD="$program-lie.so" "$program"
		[[ $output == *"observed "*"${lie##*|}"* ]]
	done
}

@test "times and sequence numbers are looked at" {
	[ "$(uname -m)" = x86_64 ] || skip "needs the structures of that CPU"
	notices 'atime ' 'if (nr == SYS_shmctl) ((long *)a[2])[7] = ((long *)a[2])[9];' \
		shm/a-length-of-0-attaches-once-more
	notices 'seq 0, expected 1' 'if (nr == SYS_msgctl) ((short *)a[2])[12] = 0;' \
		ids/automatic-ids-pass-over-an-index-in-use
}

@test "a program of 32 bits knows the structures and limits of such" {
	printed i686-linux-gnu-gcc 'ids/info-returns-the-highest-index-of-a-segment[info=shmctl_IPC_INFO]'
	runs 0 "$program"
	lies 'if (nr == SYS_shmctl) *(unsigned long *)a[2] = 0xfeffffff;' i686-linux-gnu-gcc
	runs 1 env LD_PRELOAD="$program-lie.so" "$program"
	[[ $output == *"shmmax 4278190079, expected 2147483647"* ]]
	printed i686-linux-gnu-gcc msg/a-new-queue-is-empty-and-its-creators
	runs 0 "$program"
	lies 'if (nr == SYS_msgctl) ((unsigned *)a[2])[10] = 0x5a5a5a5a;' i686-linux-gnu-gcc
	runs 1 env LD_PRELOAD="$program-lie.so" "$program"
	[[ $output == *"observed stime "* || $output == *"observed rtime "* ]]
}

@test "32-bit calls of x86 are made by a program of 64 bits" {
	[ "$(uname -m)" = x86_64 ] || skip "needs that CPU"
	for layout in IPC_STAT IPC_STAT_64; do
		printed "${CC:-cc}" "libc/ipc-takes-ipc-64-for-the-layout[layout=$layout]"
		run timeout 60 "$program"
		[[ $output != *"needs a kernel for programs of 32 bits too" ]] || skip "needs such a kernel"
		runs 0 "$program"
		lie 'int msgsnd(int id, const void *m, unsigned long n, int f) { return 0; }'
		runs 1 env LD_PRELOAD="$program-lie.so" "$program"
		[[ $output == *"ipc_msgctl_$layout(q)  observed "*"qnum 0, expected 1"* ]]
	done
	printed "${CC:-cc}" 'libc/ipc-semctl-needs-a-pointer[layout=IPC_STAT,ptr=@odd,want=0]'
	runs 0 "$program"
}

@test "keys of ftok are made of what the program's own files are" {
	printed "${CC:-cc}" 'libc/ftok-gives-the-same-key-for-the-same-file-and-id[path=sealed]'
	runs 0 "$program"
	lie 'int ftok(const char *path, int id) { return 0x5e000000 | (id & 0xff); }'
	runs 1 env LD_PRELOAD="$program-lie.so" "$program"
	[[ $output == *"ftok(sealed, "*"observed key 15770"*", expected "* ]]
}

@test "what headers define is found out by a compiler" {
	printed "${CC:-cc}" 'libc/constants-have-the-numbers-of-every-linux[name=IPC_CREAT,value=01000]'
	runs 0 "$program"
	mkdir -p "$BATS_TEST_TMPDIR/wrong/sys"
	for wrong in '#define IPC_CREAT 7|value 7, expected 512' '|observed ENOENT, expected success'; do
		printf '#include_next <sys/ipc.h>\n#undef IPC_CREAT\n%s\n' "${wrong%%|*}" \
			>"$BATS_TEST_TMPDIR/wrong/sys/ipc.h"
		"${CC:-cc}" -std=gnu11 -I"$BATS_TEST_TMPDIR/wrong" "$program.c" -o "$program"
		runs 1 "$program"
		[[ $output == *"header(IPC_CREAT)  "*"${wrong##*|}" ]]
	done
}

@test "a case in which nobody acts is one for the environment" {
	printed "${CC:-cc}" 'limits/a-limit-keeps-what-it-takes[limit=msgmax,value=1,read=1]'
	runs 0 "$program"
	lie '#define _GNU_SOURCE
	#include <stdio.h>
	#include <string.h>
	FILE *fopen(const char *path, const char *mode) {
		return strstr(path, "msgmax") && *mode == 114 ? fmemopen("5\n", 2, "r") : fopen64(path, mode);
	}'
	runs 1 env LD_PRELOAD="$program-lie.so" "$program"
	[[ $output == *"read_limit(msgmax)  observed value 5, expected 1"* ]]
}

@test "an emulator is not this kernel" {
	qemu=$(command -v qemu-x86_64 || command -v qemu-x86_64-static) || skip "needs qemu-x86_64"
	[ "$(uname -m)" = x86_64 ] || skip "needs a program for that CPU"
	printed "${CC:-cc}" 'precedence/shmat[LINUX-SHMAT-NIL-1]'
	runs 1 "$qemu" "$program"
	[[ $output == *"observed success, expected EPERM" ]]
}

@test "what is there can be listed, and is all that can be printed" {
	run "$sysvet" reproduce --list 'sem/the-last-operator-*'
	[ "$output" = sem/the-last-operator-is-named-after-its-end ]
	[ "$("$sysvet" reproduce --list | wc -l)" -gt 3900 ]
	[ "$("$sysvet" reproduce --list 'file/*' | wc -l)" -gt 200 ]
}

@test "what cannot be printed is refused with the reason" {
	with_case <<-'END'
		claim  Who has ended makes no calls.
		cites  MSGGET-ERR-ENOENT

		A  exit()
		A  msgget(0x11, 0600)
	END
	run "$sysvet" reproduce --cases "$BATS_TEST_TMPDIR/cases" own/case
	[ "$status" -eq 2 ]
	[[ $output == *"own/case: found a step that cannot be made: "* ]]
	run "$sysvet" reproduce --cases "$BATS_TEST_TMPDIR/cases" --list
	[ -z "$output" ]
	run "$sysvet" reproduce sem/nothing
	[ "$status" -eq 2 ]
	[[ $output == *"found no case 'sem/nothing', expected a name as 'sysvet run --list' prints it" ]]
	run "$sysvet" reproduce
	[ "$status" -eq 2 ]
	run "$sysvet" reproduce --profile bsd sem/nothing
	[ "$status" -eq 2 ]
	[[ $output == *"found 'bsd', expected linux or posix" ]]
}
