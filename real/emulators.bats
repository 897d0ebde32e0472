#!/usr/bin/env bats
# A part of the cases where no processor of this machine's own runs them: on emulated CPUs and by other ABIs.

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	cd "$tree" || return 1
	O=$(dirname "${SYSVET:-$tree/build/sysvet}")
	export O TARGET_LIMIT=120 TARGET_STARTS=1 TARGET_ARGUMENTS='--filter */the-*'
	records=$BATS_TEST_TMPDIR/records
}

# as_known TARGET COMMAND...: it differs as its baseline says and in nothing else.
as_known() {
	target=$1
	shift
	for command; do
		command -v "$command" >/dev/null || skip "no $command"
	done
	"real/targets/$target" prepare
	status=0
	"real/targets/$target" run "$records" || status=$?
	case $(cat "$records.work/1.status") in
	124 | 137) skip "no end after $TARGET_LIMIT s: this machine is busy" ;;
	esac
	last=$(tail -n 1 "$records")
	echo "$last"
	[ "$status" -eq 0 ]
	[[ $last == *'"deviates":0,'*'"exit":0}' ]]
	[ "$(grep -c '"verdict":"conforms"' "$records")" -ge "$conform" ]
}

@test "qemu's aarch64 differs as is known, and in nothing else" {
	[ "$(id -u)" = 0 ] || skip "its cases need root"
	conform=50
	as_known qemu-user-aarch64 qemu-aarch64-static aarch64-linux-gnu-gcc
	[[ $last != *'"known":0,'* ]]
	grep -q '"big_endian":0' "$records"
}

@test "qemu's s390x, whose highest byte comes first, differs as is known, and in nothing else" {
	[ "$(id -u)" = 0 ] || skip "its cases need root"
	conform=50
	as_known qemu-user-s390x qemu-s390x-static s390x-linux-gnu-gcc
	[[ $last != *'"known":0,'* ]]
	grep -q '"big_endian":1' "$records"
}

@test "the C libraries, 32-bit programs and ipc(2) differ as is known, and in nothing else" {
	[ "$(id -u)" = 0 ] || skip "its cases need root"
	TARGET_ARGUMENTS='--filter */s*' conform=400
	for abi in abi-glibc abi-musl; do
		as_known "$abi" musl-gcc
	done
	for abi in real/targets/abi-i386*; do
		as_known "$(basename "$abi")" i686-linux-gnu-gcc
	done
}
