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
	"$compiler" -std=gnu11 -Wall -Wextra -Wno-unused-parameter -Werror -O1 "$program.c" -o "$program"
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
		precedence/mlockall[LINUX-MLOCKALL-1]
		msg/every-kind-of-receive-goes-on-after-a-stop[typ=-2,flg=0,other=3,match=2]
	END
}

@test "the program is one for any C library" {
	printed musl-gcc 'precedence/shmat[SHMAT-ERR-EINVAL-2,LINUX-SHMAT-ORD-2]'
	runs 0 "$program"
}

@test "a kernel that does otherwise is told by the first step that shows it" {
	printed "${CC:-cc}" 'precedence/semop[SEMOP-ERR-ERANGE-2]'
	cat >"$program-lie.c" <<-'END'
		int semop(int id, void *ops, unsigned long n) { (void)id, (void)ops, (void)n; return 0; }
	END
	"${CC:-cc}" -shared -fPIC "$program-lie.c" -o "$program-lie.so"
	runs 1 env LD_PRELOAD="$program-lie.so" "$program"
	[[ $output == *"semop("*"observed success, expected ERANGE" ]]
}

@test "what a call leaves is told behind the last step" {
	printed "${CC:-cc}" --steps 2 'sem/the-last-operator-is-named-after-its-end'
	cat >"$program-lie.c" <<-'END'
		int semop(int id, void *ops, unsigned long n) { (void)id, (void)ops, (void)n; return 0; }
	END
	"${CC:-cc}" -shared -fPIC "$program-lie.c" -o "$program-lie.so"
	runs 1 env LD_PRELOAD="$program-lie.so" "$program"
	[[ $output == *"end  what is there now  observed "*"GETPID 0 0, expected "* ]]
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
	run "$sysvet" reproduce --list 'file/*'
	[ -z "$output" ]
}

@test "what cannot be printed is refused with the reason" {
	run "$sysvet" reproduce file/two-accesses-are-none-to-a-queue
	[ "$status" -eq 2 ]
	[[ $output == *"found mq_open, expected operations that can be written in C: "* ]]
	run "$sysvet" reproduce sem/nothing
	[ "$status" -eq 2 ]
	[[ $output == *"found no case 'sem/nothing', expected a name as 'sysvet run --list' prints it" ]]
	run "$sysvet" reproduce
	[ "$status" -eq 2 ]
	run "$sysvet" reproduce --profile bsd sem/nothing
	[ "$status" -eq 2 ]
	[[ $output == *"found 'bsd', expected linux or posix" ]]
}
