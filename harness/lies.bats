#!/usr/bin/env bats
# Every lie about the kernel that lies/lies.c can tell must turn a case red.

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	sysvet=${SYSVET:-$tree/build/sysvet}
	lies=$(dirname "$sysvet")/lies.so
	cd "$tree" || return 1
}

@test "without a lie the preloaded library changes nothing" {
	LD_PRELOAD=$lies "$sysvet" run --quiet
}

@test "every lie is noticed, and as a deviation" {
	believed=()
	for lie in $(LIE=list LD_PRELOAD=$lies /bin/true); do
		status=0
		said=$(LIE=$lie LD_PRELOAD=$lies "$sysvet" run --quiet --fail-fast) || status=$?
		if [ "$status" -ne 1 ] || [[ $said != *deviates* ]]; then
			believed+=("$lie (exit $status)")
		fi
	done
	printf 'believed: %s\n' "${believed[@]}"
	[ ${#believed[@]} -eq 0 ]
}
