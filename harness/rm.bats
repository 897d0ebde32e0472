#!/usr/bin/env bats
# sysvet rm: always in namespaces of its own.
# shellcheck disable=SC2016,SC2154 # what a namespace is given to do is expanded there

bats_require_minimum_version 1.5.0

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	sysvet=${SYSVET:-$tree/build/sysvet}
	scratch=$BATS_TEST_TMPDIR/work
	mkdir "$scratch"
	namespace=(unshare --ipc --mount)
	[ "$(id -u)" = 0 ] || namespace=(unshare --user --map-root-user --ipc --mount)
	"${namespace[@]}" true || skip "no IPC namespace can be had"
}

# Runs commands in $scratch, in namespaces of their own; $rm and $ipcmk are ours.
inside() {
	run --separate-stderr "${namespace[@]}" env rm="$sysvet rm" ipcmk="${sysvet%/*}/ipcmk" bash -c \
		"mount -t tmpfs none /dev/shm; cd $scratch; $1"
}

# What all tables, /dev/shm and the folder hold, as one word a line.
left='left() { awk "FNR > 1 { print FILENAME \":\" \$2 }" /proc/sysvipc/*; ls /dev/shm; ls; }; '

@test "every type that can be created is removed by its name" {
	inside "$left"'$ipcmk -M 5 -S 1 -Q -m 5 -s -q -n /x >../log
		$ipcmk --dialect files -D d -F f -N s >>../log
		left | wc -w
		$rm shm:0 sem:0 msg:0 posix-shm:/x posix-sem:/x posix-mq:/x dir:d fifo:f socket:s; left
		$ipcmk -q -n /x --exclusive'
	[ "$status" -eq 0 ]
	[ "$output" = "8
removed shm:0
removed sem:0
removed msg:0
removed posix-shm:/x
removed posix-sem:/x
removed posix-mq:/x
removed dir:d
removed fifo:f
removed socket:s
POSIX message queue name: /x" ]
}

@test "what ipcmk printed is removed, plain or JSON" {
	inside "$left"'$ipcmk -M 5 -S 1 -Q -m 5 -s -q -n /x >../log
		$ipcmk --dialect files -D d -F f -N s >>../log
		$ipcmk -Q -m 5 -n /y --json >>../log; $rm --from ../log; echo $?; left'
	[ "${#lines[@]}" -eq 12 ]
	[ "${lines[11]}" = 0 ]
	inside "$left"'$ipcmk -Q -S 2 --json | $rm --from -; left'
	[ "$output" = $'removed msg:0\nremoved sem:0' ]
}

@test "what existed before stays" {
	inside "$left"'$ipcmk --key 5 -Q >/dev/null
		$ipcmk --key 5 -Q -S 1 --or-existing --json | $rm --from -; left'
	[ "$output" = $'removed sem:0\n/proc/sysvipc/msg:0' ]
}

@test "an object can be named by its key" {
	inside "$left"'$ipcmk --key 0x11 -Q -S 1 >/dev/null
		$rm sem:key=0x11; $rm msg:key=021; left; $rm msg:key=17'
	[ "$output" = $'removed sem:key=0x11\nremoved msg:key=0x11' ]
	[ "$status" -eq 1 ]
	[ "$stderr" = "sysvet rm: msg:key=0x11: msgget: No such file or directory" ]
}

@test "words for types are those of the dialects too" {
	inside '$ipcmk -M 5 -S 1 -Q -m 5 -s -q -n /x >/dev/null
		$rm shmem:0 semaphore:0 queue:0 posix-shmem:x posix-semaphore:x posix-mqueue:x'
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 6 ]
}

@test "nothing is removed when a name is not understood" {
	for bad in msg msg: msg:x msg:-1 msg:1x msg:2147483648 msg:key=0 msg:key= msg:key=x cat:1 : "" \
		posix-mq: dir: "posix-mq:a
b"; do
		inside "$left"'$ipcmk -Q >/dev/null; $rm msg:0 "'"$bad"'"; echo $?; left'
		[ "$output" = $'2\n/proc/sysvipc/msg:0' ]
		[[ $stderr == "sysvet rm: argument 2:"[0-9]*": found "*", expected "* ]]
	done
	inside '$rm msg:0 sem:abc'
	[ "$stderr" = "sysvet rm: argument 2:5: found 'abc', expected the id of a semaphore set" ]
}

@test "a list that is not understood is refused with line and column, and removes nothing" {
	while IFS='|' read -r text where; do
		printf '%b' "$text" >"$BATS_TEST_TMPDIR/list"
		inside "$left"'$ipcmk -Q >/dev/null; $rm --from ../list; echo $?; left'
		[ "$output" = $'2\n/proc/sysvipc/msg:0' ]
		[[ $stderr == "sysvet rm: ../list:$where: "*found*", expected "* ]]
	done <<-'EOF'
		Message queue id: 0\nMessage queue id: x\n|2:19
		Message queue id: 0\n42\n|2:1
		Message queue id: 0\n\n|2:1
		Message queue id: -1|1:19
		Message queue id:0|1:1
		Directory path: |1:17
		Message queue id: 0\0\n|1:20
		Message queue id: 0\n{"created":[{"type":"msg","id":-1}]}\n|2:32
		{"created":[{"type":"cow","id":1}]}|1:21
		{"created":[{"type":"msg","name":"x"}]}|1:13
		{"created":[{"type":"dir","id":1}]}|1:13
		{"created":[1]}|1:13
		{"created":1}|1:12
		{"made":[]}|1:1
		{"created":[|1:13
	EOF
}

@test "what cannot be removed is said, and the rest is removed" {
	inside "$left"'mkdir full; touch full/x plain; mkfifo pipe; ln -s pipe link; $ipcmk -Q >/dev/null
		$rm msg:7 dir:full dir:plain fifo:link fifo:none socket:pipe dir:pipe fifo:plain \
			posix-mq:/none msg:0; left'
	[ "$output" = $'removed msg:0\nfull\nlink\npipe\nplain' ]
	[[ $stderr == *"msg:7: msgctl: Invalid argument"*"dir:full: rmdir: Directory not empty"* ]]
	[[ $stderr == *"dir:plain: it is of another type"*"fifo:link: it is"*"fifo:none: open: No such"* ]]
	[[ $stderr == *"socket:pipe: it is"*"dir:pipe: it is"*"fifo:plain: it is"* ]]
	[[ $stderr == *"posix-mq:/none: mq_unlink: No such"* ]]
	inside '$rm msg:7'
	[ "$status" -eq 1 ]
}

@test "statuses of a command line that makes no sense, and of nothing to do" {
	for arguments in "" "--from" "--bogus" "--from x msg:0" "--from /nonexistent"; do
		inside "\$rm $arguments"
		[ "$status" -eq 2 ]
		[ -z "$output" ]
	done
	inside '$rm --from - </dev/null'
	[ "$status" -eq 77 ]
	run "$sysvet" rm --help
	[ "$status" -eq 0 ]
	[[ $output == usage:* ]]
}

@test "only what is named is called for" {
	command -v strace >/dev/null || skip "no strace here"
	"${namespace[@]}" strace -o "$scratch/probe" true 2>/dev/null || skip "ptrace is refused here"
	rm "$scratch/probe"
	inside '$ipcmk -Q -M 5 -S 1 >/dev/null
		strace -o ../calls -e trace=msgctl,semctl,shmctl,mq_unlink,unlink,unlinkat,rmdir \
			$rm msg:0 posix-mq:/none'
	[ "$(grep -c '(' "$BATS_TEST_TMPDIR/calls")" -eq 2 ]
	grep -q 'msgctl(0, IPC_RMID' "$BATS_TEST_TMPDIR/calls"
	grep -q 'mq_unlink("none")' "$BATS_TEST_TMPDIR/calls"
}
