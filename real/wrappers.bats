#!/usr/bin/env bats
# What C libraries do beside the call, each by a program of its own that is built for that library.

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	program=$BATS_TEST_TMPDIR/wrappers
	cd "$tree" || return 1
}

# In an IPC namespace of its own.
alone() {
	if unshare --ipc true 2>/dev/null; then
		unshare --ipc "$1"
	else
		unshare --user --map-root-user --ipc "$1"
	fi
}

# asked COMPILER...: builds and runs the program; skips the test where there is no such compiler.
asked() {
	command -v "$1" >/dev/null || skip "needs $1"
	"$@" -std=gnu11 -D_GNU_SOURCE -O1 -pthread real/wrappers/wrappers.c -o "$program"
	run alone "$program"
	echo "$output"
}

# LIBC-CANCEL-1: who is asleep is cancelled too, and a call that is cancelled has done nothing.
cancels_messages_alone() {
	[ "$status" -eq 0 ]
	[[ $output == *"msgsnd pending: cancelled, 0 left of 0"* ]]
	[[ $output == *"msgsnd asleep: cancelled, 1 left of 1"* ]]
	[[ $output == *"msgrcv pending: cancelled, 1 left of 1"* ]]
	[[ $output == *"msgrcv asleep: cancelled, 0 left of 0"* ]]
	[[ $output == *"semop pending: not cancelled, 0 left of 1"* ]]
	[[ $output == *"semop asleep: not cancelled"* ]]
}

@test "of the C library msgsnd and msgrcv are cancellation points, semop is none" {
	asked "${CC:-cc}"
	cancels_messages_alone
	[[ $output == *"kernel    semget of 70000 semaphores: made"* ]]
}

@test "of musl msgsnd and msgrcv are cancellation points, and semget counts semaphores itself" {
	asked musl-gcc -static
	cancels_messages_alone
	[[ $output == *"library   semget of 70000 semaphores: Invalid argument"* ]]	# LIBC-SEMGET-1
}

@test "of the 32-bit C library msgsnd and msgrcv are cancellation points, semop is none" {
	[ "$(uname -m)" = x86_64 ] || skip "needs x86-64"
	asked i686-linux-gnu-gcc -static
	cancels_messages_alone
	[[ $output == *"kernel    semget of 70000 semaphores: made"* ]]
}

@test "a call that is made without the library cancels nothing, which is noticed" {
	asked musl-gcc -static -DRAW
	[ "$status" -eq 1 ]
	[ "$(grep -c '^deviates  msg' <<<"$output")" -eq 4 ]
	[[ $output == *"deviates  msgsnd pending: not cancelled, 1 left of 0"* ]]
}
