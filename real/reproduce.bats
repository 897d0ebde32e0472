#!/usr/bin/env bats
# Deviations and surprises of Linux, and what cases cannot show of qemu-user: programs with nothing of ours
# show each of these, and no other.

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	program=$BATS_TEST_TMPDIR/program
	cd "$tree" || return 1
}

# built NAME COMPILER...: skips the test where there is no such compiler.
built() {
	name=$1
	shift
	command -v "$1" >/dev/null || skip "needs $1"
	"$@" -std=gnu11 -Wall -Wextra -Werror -O1 -pthread "real/reproduce/$name.c" -o "$program"
}

# shows NUMBER: all that can be tried here is there, and at least so much can be; launcher=PROGRAM runs it.
shows() {
	run ${launcher:+"$launcher"} "$program"
	echo "$output"
	[ "$status" -eq 0 ] || [ "$status" -eq 77 ]
	[ "$(grep -c '^shown ' <<<"$output")" -ge "$1" ]
}

# names_of FILE...: the reproducers that a reference or a note names.
names_of() { grep -h -o 'reproducer [a-z-]*' "$@" | cut -d ' ' -f 2 | sort -u; }
parts() { "$program" | awk '{ print $2 }' | sort; }

@test "each deviation is shown by a program in C" {
	built linux "${CC:-cc}"
	shows 10
	[[ $output == *"shown   semop-stop "*"SEMOP-ERR-EINTR: "*": EINTR"* ]]
}

@test "each surprise is shown by a program in C" {
	built surprises "${CC:-cc}"
	shows 14
	[[ $output == *"shown   id-zero "*"LINUX-ID-ZERO-1: the first ids are 0, 0 and 0"* ]]
}

@test "each deviation of dietlibc is shown by a program in C, and of no other library" {
	[ "$(uname -m)" = x86_64 ] || skip "needs x86-64"
	command -v diet >/dev/null || skip "needs diet"
	diet gcc -std=gnu11 -w -O1 real/reproduce/dietlibc.c -lpthread -o "$program"
	shows 11
	[[ $output == *"shown   queue-status "*": a queue of 2 messages has 0, "*"; 16 bytes behind are "* ]]
	diff <(names_of cases/known/dietlibc.tsv reports/findings/notes/dietlibc.md) <(parts)
	built dietlibc "${CC:-cc}"
	run "$program"
	[ "$status" -eq 1 ]
	[[ $output != *"shown "* ]]
}

@test "what no case can show of the emulation of a CPU is shown by a program in C" {
	command -v qemu-aarch64-static >/dev/null || skip "needs qemu-user-static"
	built qemu-user aarch64-linux-gnu-gcc -static
	launcher=qemu-aarch64-static shows 12
	built qemu-user i686-linux-gnu-gcc -static
	launcher=qemu-i386-static shows 16
	[[ $output == *"shown   grow-in-place "*"LINUX-MREMAP-4: "*": ENOMEM"* ]]
}

@test "and is absent without it" {
	built qemu-user "${CC:-cc}"
	run "$program"
	echo "$output"
	[[ $output == *"absent  queue-access "* || $output == *"skipped queue-access "* ]]
	[[ $output != *"shown "* ]]
}

@test "what a table names is in these programs, and what is there is named" {
	built linux "${CC:-cc}"
	diff <(names_of cases/known/linux-posix.tsv reports/findings/notes/linux.md) <(parts)
	built surprises "${CC:-cc}"
	diff <(names_of reports/findings/notes/linux.tsv) <(parts)
	built qemu-user "${CC:-cc}"
	diff <(names_of cases/known/qemu-user.tsv reports/findings/notes/qemu-user.md) <(parts)
}

@test "one that is not there is told as absent, and one that nobody knows refused" {
	built linux musl-gcc -static
	run "$program" nsems-type		# which musl puts right
	[ "$status" -eq 1 ]
	[[ $output == "absent  nsems-type "*"sem_nsems has 2 bytes" ]]
	run "$program" nothing
	[ "$status" -eq 2 ]
}

@test "nothing of them is left behind" {
	mkdir "$BATS_TEST_TMPDIR/empty"
	unshare --ipc true 2>/dev/null || skip "needs the right to make an IPC namespace"
	export TMPDIR=$BATS_TEST_TMPDIR/empty
	for name in linux surprises qemu-user; do
		built "$name" "${CC:-cc}"
		run unshare --ipc sh -c "'$program' >/dev/null; cat /proc/sysvipc/*"
		echo "$output"
		[ "${#lines[@]}" -eq 3 ]	# the headings
	done
	rmdir "$BATS_TEST_TMPDIR/empty"
}
