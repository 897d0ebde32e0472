#!/usr/bin/env bats
# Status structures of C libraries, each by a program of its own that is built for that library.

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	source=$tree/real/layouts/layouts.c
	program=$BATS_TEST_TMPDIR/layouts
	cd "$tree" || return 1
}

# In an IPC namespace of its own.
alone() {
	unshare --ipc "$1" 2>/dev/null || unshare --user --map-root-user --ipc "$1"
}

# build COMPILER...: skips the test where there is no such compiler.
build() {
	command -v "$1" >/dev/null || skip "needs $1"
	"$@" -O1 "$source" -o "$program"
}

conforms() {
	build "$@"
	run alone "$program"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(grep -c '^conforms  .* members' <<<"$output")" -eq 4 ]
	[[ $* == *-DRAW* || $output == *"conforms  12 functions"* ]]
}

@test "the C library keeps to its headers" {
	conforms "${CC:-cc}"
}

@test "musl keeps to its headers" {
	conforms musl-gcc -static
}

@test "the kernel keeps to its headers, asked without a library" {
	[ "$(uname -m)" = x86_64 ] || skip "needs x86-64"
	conforms "${CC:-cc}" -DRAW
}

@test "the kernel keeps to its headers, as klibc has them" {
	[ "$(uname -m)" = x86_64 ] || skip "needs x86-64"
	conforms klcc -DRAW
}

@test "the 32-bit C library keeps to its headers, with both sizes of time" {
	conforms i686-linux-gnu-gcc -static
	conforms i686-linux-gnu-gcc -static -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64
}

# LIBC-MODE-1: the kernel's mode has 16 bits there and comes first, that of the library has 32.
@test "of m68k, whose highest byte comes first, the mode goes there and back" {
	command -v qemu-m68k-static >/dev/null || skip "needs qemu-m68k-static"
	build m68k-linux-gnu-gcc -static
	printf '#!/bin/sh\nexec qemu-m68k-static %s\n' "$program" >"$program.sh"
	chmod +x "$program.sh"
	run alone "$program.sh"
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(grep -c '^conforms  .* members' <<<"$output")" -eq 4 ]
}

@test "a member that lies elsewhere is found, with its bytes" {
	build "${CC:-cc}" -include "$tree/real/layouts/wrong.h"
	run alone "$program"
	[ "$status" -eq 1 ]
	[[ $output == *"deviates  msqid_ds.msg_qnum  bytes "*"not written; expected 1"* ]]
	[[ $output == *"deviates  msqid_ds  bytes 120 to 120, behind the structure of 120: found 0x00"* ]]
	[[ $output == *"deviates  shmid_ds.shm_segsz  bytes 48 to 55 of 112: found 0; expected 5000"* ]]
	[[ $output == *"deviates  shmid_ds.shm_perm.mode  bytes 20 to 23 of 112: found 389; expected 416"* ]]
	[[ $output == *"conforms  semid_ds"* ]]
}

@test "the structures of dietlibc are not those that its functions store" {
	[ "$(uname -m)" = x86_64 ] || skip "needs x86-64"
	build diet gcc -w
	run alone "$program"
	[ "$status" -eq 1 ]
	[[ $output == *"deviates  msqid_ds.msg_qnum  bytes 90 to 91 of 104: found 0; expected 1"* ]]
	[[ $output == *"deviates  semid_ds.sem_ctime  bytes 40 to 47 of 88: found 0; expected "* ]]
	[[ $output == *"deviates  shmid_ds.shm_segsz  bytes 28 to 31 of 88: found 0; expected 5000"* ]]
	[[ $output == *"deviates  shmid_ds.shm_nattch  bytes 64 to 65 of 88: found "*"; expected 1"* ]]
	[[ $output == *"deviates  msqid_ds  bytes 104 to 119, behind the structure of 104: found 0x00"* ]]
	[[ $output == *"deviates  shminfo  bytes 20 to 71, behind the structure of 20: found 0x00"* ]]
	[[ $output == *"deviates  shmget  is not declared as int (key_t, size_t, int)"* ]]
	[[ $output == *"deviates  SHMLBA  is not defined"* ]]
}
