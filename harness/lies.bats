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
noticed() {
	local status=0 said

	said=$(LD_PRELOAD=$lies "$sysvet" run --quiet --fail-fast --jobs 1 "$@") || status=$?
	[ "$status" -le 1 ] && grep -qE '^(deviates|unstable|permitted) ' <<<"$said"
}

# The family that a lie seems to be about is asked first, which saves most of the time; then all cases.
believed() {
	local family

	export LIE=$1
	case $1 in
	library_*) family=cases/libc ;;
	*file* | *folder* | directory_* | connect_* | ch???_* | umask_* | sticky_*) family=cases/file ;;
	*segment* | *attach* | *detach* | *shm* | *area* | *lock* | *protect* | *map*) family=cases/shm ;;
	*queue* | *send* | *receive* | *message* | *msg* | *copy*) family=cases/msg ;;
	set_* | *sem* | *value* | *undo* | *adjust* | *zero* | *count*) family=cases/sem ;;
	*row* | *proc* | *unshare* | *setns* | *namespace*) family=cases/namespaces ;;
	*) family=cases/perm ;;
	esac
	noticed $family || noticed || echo "believed: $1"
}

# Runs wait for a second to pass now and then, so that more than one for each processor are made at once.
@test "every lie is noticed" {
	export lies sysvet
	export -f believed noticed
	told=$(LIE=list LD_PRELOAD=$lies /bin/true)
	[ "$(wc -l <<<"$told")" -gt 100 ]
	found=$(xargs -P "$(($(nproc) * 2))" -I{} bash -c 'believed {}' <<<"$told")
	echo "$found"
	[ -z "$found" ]
}

@test "what differs in some runs only is unstable, and the runs are counted" {
	run env LIE=send_fails_now_and_then LD_PRELOAD="$lies" "$sysvet" run --quiet cases/msg
	[ "$status" -eq 1 ]
	[[ $output == *"unstable  msg/"*" of 3 runs: deviates"* ]]
}

@test "a state in which a sleeper would not sleep is one finding, and the case ends" {
	scratch=$(mktemp -d)
	cp cases/requirements.tsv "$scratch"
	mkdir "$scratch/msg"
	cat >"$scratch/msg/one.case" <<-'CASE'
		claim  A sender sleeps on a queue.
		cites  MSGSND-5

		A  q = msgget(IPC_PRIVATE, 0600)
		A  msgctl_IPC_SET(q, qbytes=0)  = 0
		B  msgsnd(q, 1:"x")             blocks
		A  msgctl_IPC_SET(q, mode=0640)
		A  msgctl_MSG_INFO()
	CASE
	run env LIE=queue_qbytes_depends_on_mode LD_PRELOAD="$lies" "$sysvet" run --quiet --cases "$scratch"
	rm -r "$scratch"
	[ "$status" -eq 1 ]
	[ "$(grep -c '^deviates ' <<<"$output")" -eq 1 ]
	[[ $output != *broken* ]]
}

@test "where status records are wrong, states are read from the kernel's own files" {
	out=$BATS_TEST_TMPDIR/records
	run env LIE=queue_mode_keeps_a_bit LD_PRELOAD="$lies" "$sysvet" run --quiet --output "$out" \
		--filter 'perm/*-after-giving-*'
	[ "$status" -eq 1 ]
	grep -q '"true_records":0' "$out"
	grep -q '"sign":"msgctl_IPC_STAT mode"' "$out"
	run grep -F '"aspect":"state"' "$out"
	[ "$status" -eq 1 ]
	"$sysvet" run --quiet --output "$out" --filter 'perm/*-after-giving-*'
	grep -q '"true_records":1' "$out"
}
