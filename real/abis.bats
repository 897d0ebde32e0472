#!/usr/bin/env bats
# A part of the cases by other ABIs. 64 bits of time of a 32-bit program are for make abis: they take a build.
# shellcheck disable=SC2154 # records comes from known.bash

load known.bash
export TARGET_ARGUMENTS='--filter */s*'

@test "by the functions of two C libraries nothing differs but what is known" {
	as_known 400 abi-glibc
	as_known 400 abi-musl musl-gcc
}

@test "by the structures of klibc nothing differs" {
	as_known 400 abi-klibc klcc musl-gcc
}

@test "by the functions and structures of dietlibc differs what is known" {
	as_known 250 abi-dietlibc diet musl-gcc
	for structure in msqid_ds semid_ds shmid_ds shminfo; do
		grep -q "\"verdict\":\"known\",\"reason\":\"struct $structure has " "$records"
	done
}

@test "called by a 32-bit program nothing differs but what is known" {
	for abi in abi-i386 abi-i386-glibc abi-i386-ipc abi-i386-ipc-old; do
		as_known 400 $abi i686-linux-gnu-gcc
	done
}
