#!/usr/bin/env bats
# The ipcmk command: always in an IPC namespace of its own.

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	ipcmk=$(dirname "${SYSVET:-$tree/build/sysvet}")/ipcmk
	namespace=(unshare --ipc)
	[ "$(id -u)" = 0 ] || namespace=(unshare --user --map-root-user --ipc)
	"${namespace[@]}" true || skip "no IPC namespace can be had"
}

# Runs ipcmk, then shows the table of a kind: key id perms size-or-count ... as it is in /proc/sysvipc.
table_after() {
	local kind=$1
	shift
	# shellcheck disable=SC2016
	run "${namespace[@]}" sh -c 'kind=$1; shift; "$@" >/dev/null; tail -n +2 "/proc/sysvipc/$kind"' \
		sh "$kind" "$ipcmk" "$@"
	read -r key _ mode size _ <<<"$output"
}

# Is refused, with a status of 1, a word to the user and nothing on standard output.
refused() {
	run --separate-stderr "${namespace[@]}" "$ipcmk" "$@"
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[[ $stderr == *"ipcmk"* ]]
}

bats_require_minimum_version 1.5.0

@test "help and version go to standard output" {
	run --separate-stderr "$ipcmk" --help
	[ "$status" -eq 0 ]
	[[ $output == usage:* ]]
	[ -z "$stderr" ]
	run "$ipcmk" -V
	[ "$status" -eq 0 ]
	[[ $output == "ipcmk from sysvet "[0-9]* ]]
}

@test "objects are made in a fixed order and their ids are printed" {
	run "${namespace[@]}" "$ipcmk" -S 3 -Q -M 10
	[ "$status" -eq 0 ]
	[ "$output" = $'Shared memory id: 0\nMessage queue id: 0\nSemaphore id: 0' ]
}

@test "a queue has a random key and mode 0644" {
	table_after msg --queue
	[ "$mode" = 644 ]
	[ "$key" != 0 ]
	first=$key
	table_after msg --queue
	[ "$key" != "$first" ]
}

@test "the mode is octal and keeps its low nine bits" {
	table_after msg -Q -p 600
	[ "$mode" = 600 ]
	table_after msg --mode=0 --queue
	[ "$mode" = 0 ]
	table_after msg -Q -p 7777
	[ "$mode" = 777 ]
	refused -Q -p 999
	refused -Q -p 1x
	refused -Q -p -1
	refused -Q -p ""
}

@test "a size has a unit" {
	while read -r text bytes; do
		table_after shm -M "$text"
		[ "$size" = "$bytes" ]
	done <<-EOF
		1 1
		0x10 16
		3K 3072
		3KiB 3072
		3KB 3000
		2M 2097152
		2MB 2000000
		1GiB 1073741824
	EOF
	for text in "" x 1X 1Ki 1KiBs 1B 1iB -5 1.5.5 99999999999999999999 16E 20EB; do
		refused --shmem "$text"
	done
}

@test "a set has as many semaphores as asked for" {
	table_after sem --semaphore 7
	[ "$size" = 7 ]
	for text in "" x 5x -1 2147483648; do
		refused -S "$text"
	done
}

@test "what the system refuses is said, and ends the command" {
	refused -M 0
	[[ $stderr == "ipcmk: Shared memory cannot be created: Invalid argument" ]]
	refused -S 0 -Q -M 0
}

@test "what is missing, unknown or too much is an error" {
	refused
	refused --bogus
	refused -Q extra
	refused -M
}
