#!/usr/bin/env bats
# Where Linux does not keep the standard: a program with nothing of ours shows each of these, and no other.

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	program=$BATS_TEST_TMPDIR/linux
	cd "$tree" || return 1
}

# built COMPILER...: skips the test where there is no such compiler.
built() {
	command -v "$1" >/dev/null || skip "needs $1"
	"$@" -std=gnu11 -Wall -Wextra -Werror -O1 -pthread real/reproduce/linux.c -o "$program"
}

@test "each difference from the standard is shown by a program in C" {
	built "${CC:-cc}"
	run "$program"
	echo "$output"
	[ "$status" -eq 0 ] || [ "$status" -eq 77 ]
	[ "$(grep -c '^shown ' <<<"$output")" -ge 10 ]
	[[ $output == *"shown   semop-stop "*"SEMOP-ERR-EINTR: "*": EINTR"* ]]
}

@test "what a row of the baseline names is in that program, and what is there has a row or a note" {
	built "${CC:-cc}"
	"$program" | awk '{ print $2 }' | sort >"$BATS_TEST_TMPDIR/there"
	{
		grep -o 'reproducer [a-z-]*$' <(cut -f5 cases/known/linux-posix.tsv)
		grep -o 'reproducer [a-z-]*' reports/findings/notes/linux.md
	} | cut -d ' ' -f 2 | sort -u >"$BATS_TEST_TMPDIR/named"
	diff "$BATS_TEST_TMPDIR/named" "$BATS_TEST_TMPDIR/there"
}

@test "one that is not there is told as absent, and one that nobody knows refused" {
	built musl-gcc -static
	run "$program" nsems-type		# which musl puts right
	[ "$status" -eq 1 ]
	[[ $output == "absent  nsems-type "*"sem_nsems has 2 bytes" ]]
	run "$program" nothing
	[ "$status" -eq 2 ]
}

@test "nothing of it is left behind" {
	built "${CC:-cc}"
	mkdir "$BATS_TEST_TMPDIR/empty"
	unshare --ipc true 2>/dev/null || skip "needs the right to make an IPC namespace"
	export TMPDIR=$BATS_TEST_TMPDIR/empty
	run unshare --ipc sh -c "'$program' >/dev/null; cat /proc/sysvipc/*"
	echo "$output"
	[ "${#lines[@]}" -eq 3 ]	# the headings
	rmdir "$BATS_TEST_TMPDIR/empty"
}
