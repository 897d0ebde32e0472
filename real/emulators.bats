#!/usr/bin/env bats
# A part of the cases on CPUs that qemu emulates for a program.
# shellcheck disable=SC2154 # last and records come from known.bash

load known.bash
export TARGET_ARGUMENTS='--filter */the-*'

@test "qemu's aarch64 differs as is known, and in nothing else" {
	as_known 50 qemu-user-aarch64 qemu-aarch64-static aarch64-linux-gnu-gcc
	[[ $last != *'"known":0,'* ]]
	grep -q '"big_endian":0' "$records"
}

@test "qemu's s390x, whose highest byte comes first, differs as is known, and in nothing else" {
	as_known 50 qemu-user-s390x qemu-s390x-static s390x-linux-gnu-gcc
	[[ $last != *'"known":0,'* ]]
	grep -q '"big_endian":1' "$records"
}
