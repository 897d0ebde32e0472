#!/usr/bin/env bats
# Every lie about the kernel that lies/lies.c can tell must be noticed by a case.

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	sysvet=${SYSVET:-$tree/build/sysvet}
	lies=$(dirname "$sysvet")/lies.so
	cd "$tree" || return 1
}

@test "without a lie the preloaded library changes nothing" {
	LD_PRELOAD=$lies "$sysvet" run --quiet
}

# Where POSIX leaves the behaviour open, a lie about it is permitted, and said.
@test "every lie is noticed" {
	believed=()
	for lie in $(LIE=list LD_PRELOAD=$lies /bin/true); do
		status=0
		said=$(LIE=$lie LD_PRELOAD=$lies "$sysvet" run --quiet --fail-fast) || status=$?
		if [ "$status" -gt 1 ] || ! grep -qE '^(deviates|unstable|permitted) ' <<<"$said"; then
			believed+=("$lie (exit $status)")
		fi
	done
	printf 'believed: %s\n' "${believed[@]}"
	[ ${#believed[@]} -eq 0 ]
}

@test "what differs in some runs only is unstable, and the runs are counted" {
	run env LIE=send_fails_now_and_then LD_PRELOAD="$lies" "$sysvet" run --quiet cases/msg
	[ "$status" -eq 1 ]
	[[ $output == *"unstable  msg/"*" of 3 runs: deviates"* ]]
}
