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

@test "on this kernel every step does what the model says" {
	while IFS= read -r name; do
		printed "${CC:-cc}" "$name"
		runs 0 "$program"
		[[ $output == *"end  what is there now  as expected" ]]
	done <<-'END'
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
	while IFS= read -r name; do
		printed "${CC:-cc}" "$name"
		runs 0 "$program"
		[[ $output == *"end  what is there now  as expected" ]]
	done <<-'END'
		sem/threads-share-an-undo-list[first=D,second=C,last=B]
		namespaces/setns-applies-adjustments-first
		namespaces/rows-show-pids-and-ids-to-who-opened-the-file
		namespaces/pids-are-those-of-the-readers-namespace
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
	lie '#define _GNU_SOURCE
	#include <stdlib.h>
	#include <sys/syscall.h>
	#include <unistd.h>
	int umount2(const char *path, int flags) {
		if (system("cat /proc/self/mounts >'"$program-inside"'")
		    || system("cat /proc/'$$'/mounts >'"$program-outside"'"))
			abort();
		return (int)syscall(SYS_umount2, path, (long)flags);
	}'
	cat /proc/self/mounts >"$program-before"
	runs 0 env LD_PRELOAD="$program-lie.so" "$program"
	[ "$(grep -c . "$program-inside")" -eq $(($(grep -c . "$program-before") + 1)) ]
	cmp "$program-before" "$program-outside"
	cmp "$program-before" /proc/self/mounts
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

@test "a system without ids for files is not judged by who has them" {
	printed "${CC:-cc}" file/file-system-ids-count-and-effective-ids-do-not
	runs 0 "$program"
	lie 'int setfsuid(unsigned id) { (void)id; return -1; }
	int setfsgid(unsigned id) { (void)id; return -1; }'
	runs 77 env LD_PRELOAD="$program-lie.so" "$program"
	[[ $output == *"  cannot be judged: needs setfsuid and setfsgid" ]]
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
	[ "$("$sysvet" reproduce --list | wc -l)" -gt 2500 ]
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
