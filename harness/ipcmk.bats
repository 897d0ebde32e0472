#!/usr/bin/env bats
# The ipcmk command: always in an IPC namespace of its own, and with a /dev/shm of its own.
# shellcheck disable=SC2016 # what a namespace is given to do is expanded there

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	ipcmk=$(dirname "${SYSVET:-$tree/build/sysvet}")/ipcmk
	scratch=$BATS_TEST_TMPDIR
	namespace=(unshare --ipc --mount)
	[ "$(id -u)" = 0 ] || namespace=(unshare --user --map-root-user --ipc --mount)
	"${namespace[@]}" true || skip "no IPC namespace can be had"
}

# The rest of a line runs in namespaces of its own, $ipcmk being ours.
inside() {
	run --separate-stderr "${namespace[@]}" env ipcmk="$ipcmk" scratch="$scratch" bash -c \
		"mount -t tmpfs none /dev/shm; $1"
}

# Runs ipcmk, then shows the table of a kind: key id perms size-or-count ... as it is in /proc/sysvipc.
table_after() {
	local kind=$1
	shift
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

# What a strace of ipcmk shows of the calls named first.
calls_of() {
	local calls=$1
	shift
	command -v strace >/dev/null || skip "no strace here"
	"${namespace[@]}" strace -o "$scratch/probe" true 2>/dev/null || skip "ptrace is refused here"
	run --separate-stderr "${namespace[@]}" strace -f -o "$scratch/calls" -e trace="$calls" "$ipcmk" "$@"
	calls=$(grep -v '^[0-9]* *+++' "$scratch/calls" | sed 's/^[0-9]* *//')
	seen=$calls
}

bats_require_minimum_version 1.5.0

# ---- the command of util-linux ----------------------------------------------------------------------

@test "help and version go to standard output" {
	run --separate-stderr "$ipcmk" --help
	[ "$status" -eq 0 ]
	[[ $output == usage:* ]]
	[ -z "$stderr" ]
	run "$ipcmk" -V
	[ "$status" -eq 0 ]
	[[ $output == "ipcmk from sysvet "[0-9]* ]]
	for dialect in util-linux util-linux-2.38 util-linux-2.30.1 files 000 keys 001 tldr names 002; do
		run --separate-stderr "$ipcmk" --dialect "$dialect" --help
		[ "$status" -eq 0 ]
		[[ $output == usage:* ]]
	done
	run "$ipcmk" --help
	for dialect in util-linux-2.21 files keys tldr names; do
		[[ $output == *"$dialect"* ]]
	done
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

@test "the mode is octal and has nine bits" {
	table_after msg -Q -p 600
	[ "$mode" = 600 ]
	table_after msg --mode=0 --queue
	[ "$mode" = 0 ]
	for mode in 999 1x -1 "" 1000 7777 4000644 99999999999999999999999; do
		refused -Q -p "$mode"
		refused --dialect util-linux-2.38 -Q -p "$mode"
	done
	refused -Q -p
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
		1.5K 1536
	EOF
	for text in "" x 1X 1Ki 1KiBs 1B 1iB -5 1.5 1.5.5 99999999999999999999 16E 20EB 1Z 1YB; do
		refused --shmem "$text"
		refused --posix-shmem "$text" --name /n
	done
}

@test "a set has as many semaphores as asked for" {
	table_after sem --semaphore 7
	[ "$size" = 7 ]
	for text in "" x 5x -1 0x10 2147483648; do
		refused -S "$text"
	done
}

@test "what is missing, unknown or too much is an error" {
	refused
	refused --bogus
	refused --strict -Q extra
	refused -M
	refused --key
	refused --json=1 -Q
	refused --dialect cobol -Q
	refused --exclusive --or-existing -Q
	refused --key 5 -q -n /x
	for key in "" x 5x 4294967296 -2147483649; do
		refused --key "$key" -Q
	done
	for who in "" nobody-of-this-name 4294967295 1x; do
		refused --owner "$who" -Q
		refused --group "$who" -Q
	done
	refused --strict -M 0.7K
}

@test "an option that needs a value is refused without one, in every dialect" {
	for dialect in util-linux util-linux-2.38 files keys tldr names; do
		options=$("$ipcmk" --dialect "$dialect" --help |
			sed -n 's/^  \(-[A-Za-z]\)\(, \(--[a-z-]*\)\)\? [A-Z].*/\1 \3/p
				s/^      \(--[a-z-]*\) [A-Z].*/\1/p')
		for option in $options; do
			[ "$option" = --dialect ] || refused --dialect "$dialect" "$option"
		done
		[[ $options == *"--key"*"--owner"* ]]
	done
	refused --dialect
}

@test "an option is refused with garbage and with too much, in every dialect" {
	for value in "" x -1x 99999999999999999999999999; do
		for option in -M -S -m -o -u -g; do
			refused --dialect files -D "$scratch/d" "$option" "$value"
		done
		for option in -M -Q -S -o; do
			refused --dialect keys -p 5 "$option" "$value"
		done
		refused --dialect keys -S 5 -s "$value"
		refused --dialect keys -Q 5 -p "$value"
		for option in -M -Q -S; do
			refused --dialect names "$option" "$value" name
		done
		for dialect in files keys tldr names; do
			for option in --shmem --semaphore; do
				refused --dialect "$dialect" "$option" "$value"
			done
			refused --dialect "$dialect" --queue "$value"
			refused --dialect "$dialect" --shmem 10 "$value"
		done
		refused --key "$value" -Q
		refused --owner "$value" -Q
		refused --group "$value" -Q
	done
	[ ! -e "$scratch/d" ]
}

# Prints status, output and objects of each line of arguments, all in one namespace.
battery() {
	"${namespace[@]}" bash -c '
		while IFS= read -r line; do
			eval "words=($line)"
			(exec -a ipcmk "$@" "${words[@]}") >"$0/out" 2>"$0/err"
			echo "[$line] $?"
			cat "$0/out" "$0/err"
			awk "FNR > 1 { print FILENAME, \$2, \$3, \$4 }" /proc/sysvipc/*
			ipcrm --all
		done' "$@"
}

@test "lines, sizes and statuses are those of the installed command, byte for byte" {
	theirs=$(PATH=/usr/bin:/bin command -v ipcmk) || skip "there is no command of util-linux here"
	version=$("$theirs" -V | sed -n 's/.*util-linux \([0-9.]*\).*/\1/p')
	[ -n "$version" ] || skip "the installed command is not that of util-linux"
	export LC_ALL=C
	mkdir "$scratch/a" "$scratch/b"
	cat >"$scratch/lines" <<-'EOF'

		-Q
		-S 3 -Q -M 10
		-M
		-M ''
		-M abc
		-M -5
		-M ' 5'
		-M +5
		-M 5X
		-M 5k
		-M 5kb
		-M 5kib
		-M 5Kib
		-M 5Ki
		-M 1.5
		-M 1.
		-M 1.0
		-M 1.5M
		-M 1..5M
		-M 1.0.5M
		-M 1.5.5M
		-M 1.M
		-M 1.B
		-M .5K
		-M 1iB
		-M 0.25G
		-M 1.05K
		-M 0.33333M
		-M 0.123456789123456789G
		-M 2.00000000000000000000000001M
		-M 1.99999999999999999999999K
		-M 1.10K
		-M 1.010K
		-M 1.100M
		-M 1.101K
		-M 99999999999999999999
		-M 99999999999999999999K
		-M 16E
		-M 1Z
		-M 0Z
		-M 5zb
		-M 0
		-M 010
		-M 09
		-M 0x10K
		-M 0x
		-M1
		-S ''
		-S 5x
		-S 0x10
		-S 010
		-S ' 5'
		-S +5
		-S 0
		-S -1
		-S 2147483648
		-S 99999999999999999999
		-S 3 -S 4 -M 1 -M 2
		-p 600 -Q -p 640
		-p 8 -Q
		-p '' -Q
		-p abc -Q
		-p 0x1 -Q
		-p ' 600' -Q
		--s 3
		--se 3
		--sh=10
		--q
		--mo 600 -Q
		--m=600 --queue
		--bogus
		--queue=3
		-x
		--shmem
		-Qx
		-QM10
		-Q --
		-Q -- -h
		-M x -p y
		-p y -M x
	EOF
	battery "$scratch/a" "$theirs" <"$scratch/lines" >"$scratch/theirs"
	battery "$scratch/b" "$ipcmk" --dialect "util-linux-$version" <"$scratch/lines" |
		sed '/^ipcmk: .* as in util-linux; exact would be /d; /^ipcmk: operand .* is ignored$/d' \
			>"$scratch/ours"
	grep -q '^\[-M 1.05K\] 0$' "$scratch/theirs"
	diff "$scratch/theirs" "$scratch/ours"
}

@test "what util-linux passes over in silence is a warning, and an error under --strict" {
	inside '$ipcmk -Q one -- two'
	[ "$status" -eq 0 ]
	[ "$output" = "Message queue id: 0" ]
	[[ $stderr == *"'one'"*"'two'"* ]]
	inside '$ipcmk -M 0.7K; tail -n +2 /proc/sysvipc/shm'
	[[ $output == *" 1024 "* ]]
	[[ $stderr == *716* ]]
	inside '$ipcmk --strict -M 0.5K'
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
}

@test "where options end at the first operand, they do here" {
	inside 'POSIXLY_CORRECT=1 $ipcmk -Q word -S 3'
	[ "$output" = "Message queue id: 0" ]
	inside '$ipcmk -Q word -S 3'
	[ "${lines[1]}" = "Semaphore id: 0" ]
}

@test "releases differ in what they take" {
	inside '$ipcmk --dialect util-linux-2.30 -m 5 -n /x'
	[ "$status" -eq 1 ]
	inside '$ipcmk --dialect util-linux-2.26 -M 5K'
	[ "$status" -eq 1 ]
	[ "$stderr" = "ipcmk: failed to parse size: '5K'" ]
	inside '$ipcmk --dialect util-linux-2.26 -M 010; tail -n +2 /proc/sysvipc/shm'
	[[ $output == *" 10 "* ]]
	inside '$ipcmk --dialect util-linux-2.37 -Q -p 60x; tail -n +2 /proc/sysvipc/msg'
	[[ $output == *" 60 "* ]]
	[[ $stderr == *"counts as 60"* ]]
	inside '$ipcmk --dialect util-linux-2.33 -M 1.5K; $ipcmk -M 1.5K; $ipcmk -M 1.10K
		awk "FNR > 1 { print \$4 }" /proc/sysvipc/shm'
	[ "${output#*id: 2}" = $'\n1524\n1536\n2048' ]
	[[ $stderr == *"1524 bytes, as in util-linux; exact would be 1536"*"2048 bytes"*"1126" ]]
	inside '$ipcmk --dialect util-linux-2.20 -M 5K -S 3x -p 60x
		awk "FNR > 1 { print \$3, \$4 }" /proc/sysvipc/s*m'
	[[ $output == *$'\n60 3\n60 5' ]]
	[[ $stderr == *"'5K' counts as 5"*"'3x' counts as 3"* ]]
	refused --dialect util-linux-2.20 --strict -M 5K
	refused --dialect util-linux-2.20 --queue
	refused --dialect util-linux-2.20 -M 99999999999
	refused --dialect util-linux-2.14 -Q
	refused --dialect util-linux-2.40 -q -n /x
	inside '$ipcmk --dialect util-linux-2.41 -q -n /x'
	[ "$status" -eq 0 ]
	refused --dialect util-linux-2.27 -M 5X
	[ "$stderr" = "ipcmk: failed to parse size: '5X'" ]
	refused --dialect util-linux-2.28 -M 5X
	[ "$stderr" = "ipcmk: failed to parse size: '5X': Invalid argument" ]
	refused --dialect util-linux-2.42 -Q -p x
	[ "$stderr" = "ipcmk: failed to parse mode: Success" ]
	refused -Q -p x
	[ "$stderr" = "ipcmk: failed to parse mode: 'x'" ]
	for mode in -1 -1x; do
		refused -Q -p "$mode"
		[ "$stderr" = "ipcmk: failed to parse mode: '$mode': Numerical result out of range" ]
	done
}

# ---- safer than that ---------------------------------------------------------------------------------

@test "what the system refuses is said, and undoes what was done" {
	refused -M 0
	[ "$stderr" = "ipcmk: create share memory failed: Invalid argument" ]
	refused -S 0
	[ "$stderr" = "ipcmk: create semaphore failed: Invalid argument" ]
	inside '$ipcmk -M 10 -m 10 -Q -q -n /left -S 0; cat /proc/sysvipc/* | wc -l; ls /dev/shm
		$ipcmk --exclusive -q -n /left'
	[ "$output" = $'3\nPOSIX message queue name: /left' ]
}

@test "what is explained is undone too when one of it fails, and the clause is told" {
	inside '$ipcmk -q -n /jobs >&2; cd '"$tree"'
		$ipcmk --explain --exclusive -Q -M 4K -q -n /jobs; echo $?
		sed 1d /proc/sysvipc/msg; sed 1d /proc/sysvipc/shm
		$ipcmk --dry-run --explain --json --exclusive -q -n /jobs'
	[[ $output == '1
{"dialect":'*'"expected":"EEXIST"'*'"id":"MQOPEN-ERR-EEXIST","text":"EEXIST with '* ]]
	[[ $stderr == *'  observed  EEXIST
'*'  clause    MQOPEN-ERR-EEXIST '* ]]
}

@test "what nobody could be told of is undone" {
	inside '$ipcmk -Q >/dev/full; echo $?; tail -n +2 /proc/sysvipc/msg'
	[ "$output" = 1 ]
	[ "$stderr" = "ipcmk: write error: No space left on device" ]
	inside 'mkfifo $scratch/pipe; exec 5<>$scratch/pipe 6>$scratch/pipe 5>&-
		$ipcmk -Q >&6; echo $?; sed 1d /proc/sysvipc/msg'
	[ "$output" = 1 ]
	[ "$stderr" = "ipcmk: write error: Broken pipe" ]
}

# ipcmk is made to stop in its last call; $kill, which is given its process id and then the other's, kills it.
killed() {
	command -v strace >/dev/null || skip "no strace here"
	"${namespace[@]}" strace -o "$scratch/probe" -e inject=getpid:error=EIO true 2>/dev/null ||
		skip "calls cannot be made to fail here"
	rm -f "$scratch/calls"
	inside "kill='$1'"'
		strace -f -o $scratch/calls -e trace=semget,execve -e inject=semget:signal=STOP \
			setsid "$ipcmk" -M 5 -Q -q -n /x -S 1 >$scratch/told 2>$scratch/said &
		until grep -q "stopped by SIGSTOP" $scratch/calls 2>/dev/null; do
			jobs %1 >/dev/null || exit 9
		done
		starter=$(sed -n "s/^\([0-9]*\) *execve.*/\1/p" $scratch/calls | tail -n 1)
		worker=$(sed -n "s/^\([0-9]*\) *--- stopped by SIGSTOP.*/\1/p" $scratch/calls)
		eval "$kill"
		[[ $kill != *KILL*starter ]] ||
			until ! grep -q "^State:.[^XZ]" /proc/$starter/status; do :; done
		kill -CONT $worker
		wait
		cat $scratch/told; sed -s 1d /proc/sysvipc/*
		$ipcmk --exclusive -q -n /x'
}

@test "killed halfway, it leaves nothing, whoever is meant" {
	for kill in 'kill -KILL $starter' 'kill -KILL -- -$starter'; do
		killed "$kill"
		[ "$output" = "POSIX message queue name: /x" ]
	done
	killed 'kill -KILL $worker'
	[[ $(<"$scratch/said") == *"the process that creates was killed: something may be left behind" ]]
	[[ $output == *" 644 "*" 644 "* ]]
}

@test "signals do not stop it halfway" {
	for signal in HUP INT QUIT TERM USR1 ALRM XCPU XFSZ PIPE TSTP; do
		killed 'kill -'$signal' $starter $worker'
		[[ $output == "Shared memory id: 0
Message queue id: 0
POSIX message queue name: /x
Semaphore id: 0
"* ]]
	done
	inside 'ulimit -f 1; $ipcmk -Q -m 1025 -n /x; echo $?; ls /dev/shm; sed 1d /proc/sysvipc/msg'
	[ "$output" = 1 ]
	[ "$stderr" = "ipcmk: create POSIX shared memory failed: File too large" ]
}

@test "a key can be said, and what exists is taken on request only" {
	inside '$ipcmk --key 0x11 -Q; $ipcmk --key 17 -Q; $ipcmk --key 021 -Q --or-existing
		$ipcmk --key 17 -Q --exclusive; sed 1d /proc/sysvipc/msg | wc -l'
	[ "$output" = $'Message queue id: 0\nMessage queue id: 0\n1' ]
	[[ $stderr == "ipcmk: create message queue failed: File exists"*"File exists" ]]
	inside '$ipcmk --key -1 -Q; sed 1d /proc/sysvipc/msg; $ipcmk --key 4294967295 -Q --json --or-existing'
	[[ $output == *" -1 "*'"existing":[{"type":"msg","id":0,"key":-1}]'* ]]
}

@test "POSIX objects are made, taken with a warning, and never cut short" {
	umask 027
	inside 'umask 027; $ipcmk -m 1K -s -q -n /thing -p 666; stat -c "%n %a %s" /dev/shm/*'
	[ "${lines[0]}" = "POSIX shared memory name: /thing" ]
	[ "${lines[1]}" = "POSIX message queue name: /thing" ]
	[ "${lines[2]}" = "POSIX semaphore name: /thing" ]
	[ "${lines[3]}" = "/dev/shm/sem.thing 640 32" ]
	[ "${lines[4]}" = "/dev/shm/thing 640 1024" ]
	inside '$ipcmk -m 10 -n /a; $ipcmk -m 10 -n /a; $ipcmk --strict -m 10 -n /a; $ipcmk -m 5 -n /a
		stat -c %s /dev/shm/a'
	[ "$output" = $'POSIX shared memory name: /a\nPOSIX shared memory name: /a\n10' ]
	[[ $stderr == *"existed before"*"existed before"*"size differs"* ]]
	inside '$ipcmk -q -n /a; $ipcmk -q -n /a --or-existing; $ipcmk -q -n /a --exclusive'
	[ "$output" = $'POSIX message queue name: /a\nPOSIX message queue name: /a' ]
	[ "$stderr" = "ipcmk: create POSIX message queue failed: File exists" ]
	refused -q
	[ "$stderr" = $'ipcmk: name is required for POSIX IPC\nTry \'ipcmk --help\' for more information.' ]
	refused -q -n noslash
	[ "$stderr" = "ipcmk: create POSIX message queue failed: Invalid argument" ]
	refused -m 5 -n ""
	refused -m 5 -n $'/a\nMessage queue id: 0'
}

@test "owner and group are given, and that failing undoes" {
	inside '$ipcmk -Q -M 5 -S 1 -m 5 -s -q -n /x --owner 1 --group 2; cut -c 1-80 /proc/sysvipc/sem
		stat -c %u:%g /dev/shm/*'
	[ "$(id -u)" = 0 ] || skip "needs root: other users"
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = 1:2 ]
	[ "${lines[-2]}" = 1:2 ]
	run "${namespace[@]}" setpriv --reuid 1000 --regid 1000 --clear-groups "$ipcmk" -Q -q -n /x --owner 0
	[ "$status" -eq 1 ]
	[ "$output" = "ipcmk: create POSIX message queue failed: fchownat: Operation not permitted" ]
	inside 'setpriv --reuid 1000 --regid 1000 --clear-groups $ipcmk -Q -q -n /x --owner 0
		sed 1d /proc/sysvipc/msg; $ipcmk --exclusive -q -n /x'
	[ "$output" = "POSIX message queue name: /x" ]
}

@test "a label is refused before anything is made where there is no SELinux" {
	if grep -q selinuxfs /proc/filesystems; then skip "the kernel has SELinux"; fi
	inside '$ipcmk -m 10 -n /x --context a:b:c:s0; ls /dev/shm
		$ipcmk --dialect files -D $scratch/d -t a:b:c:s0; ls -d $scratch/d'
	[ -z "$output" ]
	[[ $stderr == "ipcmk: --context: this kernel has no SELinux"* ]]
}

# ---- what is called ------------------------------------------------------------------------------------

# A kernel that says it had SELinux; real/targets.bats starts one that has it.
@test "a label is set before anything is created, and nothing is when it cannot be" {
	inside 'mount -t tmpfs none /mnt; cd /mnt; mount -t tmpfs none /proc; mkdir -p /proc/thread-self/attr
		echo "nodev selinuxfs" >/proc/filesystems; attr=/proc/thread-self/attr/fscreate
		$ipcmk --dialect files -F first -t a:b:c:s0; ls
		ln -s /dev/full $attr; $ipcmk --dialect files -F second -t a:b:c:s0; ls
		ln -s /dev/zero zero; rm $attr; ln -s /mnt/zero $attr
		$ipcmk --dialect files -F third -t a:b:c:s0; ls
		rm $attr; : >$attr; $ipcmk --dialect files -F fourth -t a:b:c:s0; cat $attr; ls'
	[ "$output" = $'zero\na:b:c:s0zero' ]
	[[ $stderr == *"--context: fscreate: No such file or directory"*"--context: fscreate: No space "* ]]
	[[ $stderr == *"--context: no context of a policy that is loaded: Invalid argument"* ]]
	[[ $stderr == *"create FIFO failed: setxattr: No such file or directory" ]]
}

@test "the calls made are the get calls with mode and IPC_CREAT" {
	calls_of msgget,semget,shmget,getrandom -S 3 -Q -M 4K -p 0640
	[ "$status" -eq 0 ]
	[[ $seen == *shmget\(0x*", 4096, IPC_CREAT|IPC_EXCL|0640) = 0"* ]]
	[[ $seen == *msgget\(0x*", IPC_CREAT|IPC_EXCL|0640) = 0"* ]]
	[[ $seen == *semget\(0x*", 3, IPC_CREAT|IPC_EXCL|0640) = 0"* ]]
	[ "$(grep -c 'getrandom(.*, 4, 0) *= 4' <<<"$seen")" -eq 3 ]
}

@test "a key that is taken is another's: --exclusive tries a fresh one" {
	command -v strace >/dev/null || skip "no strace here"
	"${namespace[@]}" strace -o "$scratch/probe" -e inject=getpid:error=EIO true 2>/dev/null ||
		skip "calls cannot be made to fail here"
	taken=(strace -f -o "$scratch/calls" -e trace=msgget -e inject=msgget:error=EEXIST:when=1)
	run "${namespace[@]}" "${taken[@]}" "$ipcmk" --exclusive -Q
	[ "$output" = "Message queue id: 0" ]
	keys=$(sed -n 's/^[0-9]* *msgget(\(0x[0-9a-f]*\), IPC_CREAT|IPC_EXCL|0644).*/\1/p' "$scratch/calls")
	[ "$(sort -u <<<"$keys" | wc -l)" -eq 2 ]
	run "${namespace[@]}" "${taken[@]}" "$ipcmk" -Q
	[[ $output == *"existed before"*"Message queue id: 0" ]]
	[[ $(<"$scratch/calls") == *"IPC_CREAT|0644)"* ]]
	run "${namespace[@]}" strace -f -o "$scratch/calls" -e trace=semget -e inject=semget:error=EEXIST \
		"$ipcmk" --exclusive -S 1
	[ "$status" -eq 1 ]
}

@test "a random number of 0 is no key" {
	calls_of getrandom -Q
	nth=$(awk '/, 4, 0\) *= 4/ { print n[$1] + 1; exit } { n[$1]++ }' "$scratch/calls")
	run "${namespace[@]}" strace -f -o "$scratch/calls" -e trace=getrandom,msgget \
		-e inject=getrandom:poke_exit=@arg1=00000000:when="$nth" "$ipcmk" -Q
	[ "$status" -eq 0 ] || skip "memory cannot be changed by this strace"
	[ "$(grep -c ', 4, 0) *= 4' "$scratch/calls")" -eq 2 ]
	[ "$(grep -c 'msgget(0x[0-9a-f]*,' "$scratch/calls")" -eq 1 ]
}

@test "what was made before a step failed is removed by its own id or name" {
	calls_of msgget,msgctl,mq_open,mq_unlink,semget -Q -q -n /gone -S 0
	[ "$status" -eq 1 ]
	[[ $seen == *"msgget("*"mq_open(\"gone\""*"semget("*"mq_unlink(\"gone\")"*"msgctl(0, IPC_RMID"* ]]
}

@test "whichever call fails, nothing is left" {
	command -v strace >/dev/null || skip "no strace here"
	"${namespace[@]}" strace -o "$scratch/probe" -e inject=getpid:error=EIO true 2>/dev/null ||
		skip "calls cannot be made to fail here"
	mkdir "$scratch/in"
	all='-M 5 -Q -S 1 -m 5 -q -s -n /x'
	files='--dialect files -M 100 -S 1 -Q x -D d -F f -N s -u '$(id -u)
	while IFS='|' read -r call nth arguments; do
		inside 'cd $scratch/in; strace -f -o $scratch/calls -e inject='"$call:error=EIO:when=$nth"' \
				$ipcmk '"$arguments"' >$scratch/told; echo $?
			sed -s 1d /proc/sysvipc/*; ls /dev/shm; ls; $ipcmk -q -n /x --exclusive'
		[ "$output" = $'1\nPOSIX message queue name: /x' ]
		grep -q INJECTED "$scratch/calls"
	done <<-END
		shmget|1|$all
		ftruncate|1|$all
		fchownat|1|$all --owner $(id -u)
		msgget|1|$all
		mq_open|1|$all
		fchownat|2|$all --owner $(id -u)
		semget|1|$all
		link|1|$all
		fchownat|3|$all --owner $(id -u)
		write|1|$all
		write|1|$all --json
		msgget|1|$files
		msgctl|2|$files
		mkdirat|1|$files
		fchownat|1|$files
		mknodat|1|$files
		fchownat|2|$files
		socket|1|$files
		fchmod|1|$files
		bind|1|$files
		fchownat|3|$files
		write|1|$files
	END
}

# ---- dialects ---------------------------------------------------------------------------------------------

@test "files: queues with a size, POSIX queues, directories, FIFOs and sockets" {
	umask 022
	inside 'cd $scratch; umask 022; $ipcmk --dialect files --message 1000 --semaphore 2 --shmem 5000 \
		--posixmq mine --directory d --fifo f --socket s --mode 775 >out || exit
		cat out; stat -c "%n %F %a" d f s
		awk "FNR > 1 { print FILENAME, \$2, \$3, \$4 }" /proc/sysvipc/*'
	[ "$status" -eq 0 ]
	[ "$output" = "Shared memory id: 0
Message queue id: 0
POSIX message queue name: /mine
Semaphore id: 0
Directory path: d
FIFO path: f
Socket path: s
d directory 755
f fifo 755
s socket 755
/proc/sysvipc/msg 0 644 0
/proc/sysvipc/sem 0 644 2
/proc/sysvipc/shm 0 644 5000" ]
	[ "$(id -u)" = 0 ] || return 0
	inside 'cd $scratch; rmdir d; rm f s
		$ipcmk --dialect 000 -D d -F f -N s -u 1 -g daemon >out; stat -c %u:%G d f s'
	[ "$output" = $'1:daemon\n1:daemon\n1:daemon' ]
}

@test "files: a size of a queue is its capacity, and mode and owner are for files only" {
	calls_of msgctl --dialect files -M 1000
	[[ $seen == *"msgctl(0, IPC_SET, {msg_perm={uid="*"msg_qbytes=1000"* ]]
	refused --dialect files -M 10 -o 600
	refused --dialect files -Q x --uid 1
	refused --dialect files -M 10 -g 1
	refused --dialect files -M 10 -t x
	refused --dialect files -D
	refused --dialect files -D ""
	refused --dialect files --queue=5
}

@test "files: what has the name already stays, and what was made goes" {
	inside 'mkdir $scratch/in; cd $scratch/in; mkdir taken; echo kept >taken/file; mkfifo pipe
		$ipcmk --dialect files -M 10 -D new -F taken; $ipcmk --dialect files -D taken
		$ipcmk --dialect files -N pipe; $ipcmk --dialect files -D taken -F fresh -N pipe --or-existing
		ls; cat taken/file; sed 1d /proc/sysvipc/msg'
	[ "$output" = $'pipe\ntaken\nkept' ]
	[[ $stderr == *"create FIFO failed: File exists"*"create directory failed: File exists"* ]]
	[[ $stderr == *"create socket failed: File exists"*"another type"* ]]
	refused --dialect files -N "$(printf '%0200d' 1)"
	[[ $stderr == *"File name too long"* ]]
}

@test "keys: an object of a key, or the one that is there" {
	inside 'k="$ipcmk --dialect keys"; $k -S 0x10 -s 4; $k -S 16; $k -S 5 -o 020; $k -S 9 -o 8
		$k -M 7 -p 100; $k -Q 7 -p 512; $k -Q 0 -p 512; $k -S 2; sed 1d /proc/sysvipc/sem'
	[ "${lines[0]}" = 0 ]
	[ "${lines[1]}" = 0 ]
	[ "${lines[2]}" = 1 ]
	[ "${lines[3]}" = 0 ]
	[ "${lines[4]}" = 0 ]
	[ "${lines[5]}" = 1 ]
	[ "${lines[6]}" = 2 ]
	read -r key _ mode nsems _ <<<"${lines[7]}"
	[ "$key $mode $nsems" = "16 666 4" ]
	[ "$stderr" = "ipcmk: create semaphore failed: File exists" ]
	refused --dialect keys -M 7
	refused --dialect keys -Q 7
	refused --dialect keys -M 7 -S 8 -p 5
	refused --dialect keys -M x -p 5
	refused --dialect keys -M 4294967296 -p 5
	refused --dialect keys -M 7 -p 99999999999999999999
	refused --dialect keys -S 7 -s x
	refused --dialect keys -S 7 -o x
	refused --dialect keys -S
	refused --dialect keys -p 5
}

@test "tldr: a mode as last word" {
	inside 't="$ipcmk --dialect tldr"; $t --shmem 10; $t --shmem 11 600; $t --semaphore 2; $t --queue 0660
		awk "FNR > 1 { print FILENAME, \$3, \$4 }" /proc/sysvipc/*'
	[[ $output == *"msg 660 0"*"sem 644 2"*"shm 644 10"*"shm 600 11" ]]
	refused --dialect tldr --shmem 10 899
	refused --dialect tldr --shmem 10 7777
	refused --dialect tldr --strict --shmem 10 600 600
	refused --dialect tldr
}

@test "what a page shows at its head works in its dialect, beside the options that it describes" {
	for dialect in files keys names tldr; do
		inside "t='$ipcmk --dialect $dialect'"'
			$t --shmem 10 && $t --shmem 11 600 && $t --semaphore 2 && $t --queue || exit
			awk "FNR > 1 { print FILENAME, \$3, \$4 }" /proc/sysvipc/*'
		[ "$status" -eq 0 ]
		[ -z "$stderr" ]
		[[ $output == *"msg 644 0"*"sem 644 2"*"shm 644 10"*"shm 600 11" ]]
		refused --dialect "$dialect" --shmem 10 899
		refused --dialect "$dialect" --strict --shmem 10 600 600
		refused --dialect "$dialect" --strict 600 --shmem 10
		for option in -h --help -V --version; do
			run --separate-stderr "$ipcmk" --dialect "$dialect" "$option"
			[ "$status" -eq 0 ]
			[ -z "$stderr" ]
		done
	done
	refused --dialect files --strict -M 10 600
	refused --dialect keys --shmem 10 -o 5
	refused --dialect keys -M 5 --shmem 10
	refused --dialect keys -p 5 --queue
	refused --dialect names -M 10 --shmem 10 five
}

@test "names: an identifier as last word" {
	inside 'n="$ipcmk --dialect names"; $n -M 1024 myshm; $n -Q 7 mymq; $n -S 1 mysem
		stat -c "%n %s" /dev/shm/*'
	[ "$output" = "POSIX shared memory name: /myshm
POSIX message queue name: /mymq
POSIX semaphore name: /mysem
/dev/shm/myshm 1024
/dev/shm/sem.mysem 32" ]
	calls_of mq_open --dialect 002 -Q 5 mymq
	[[ $seen == *'mq_open("mymq"'*"mq_maxmsg=5"* ]]
	refused --dialect names -M 1024
	refused --dialect names -S 2 two
	refused --dialect names -Q 0 none
	refused --dialect names -M 1 -Q 1 both
}

# ---- the model -------------------------------------------------------------------------------------------

@test "what the model expects of a call is what the kernel then does" {
	cat >"$scratch/lines" <<-'EOF'
		-Q
		-Q
		-Q
		-S 0
		-S -1
		-S 5
		-S 6
		-S 3
		-S 1
		-M 0
		-M 5000
		-M 5001
		-M 5000
		-M 8E
		--key 1 -Q
		--key 1 -Q --or-existing
		--key 1 -S 2 --or-existing
		--key 1 -S 3 --or-existing
		--key 1 -M 101 --or-existing
		--key 1 -M 0 --or-existing
		--key 1 -M 50 -p 666 --or-existing
		--key 2 -Q --or-existing -p 0
		--key 2 -Q --or-existing
		--key 9 -S 0 --or-existing
		--dialect keys -M 1 -p 8 -o 9
		--dialect keys -M 9 -p 8 -o 1
		--dialect files -M 99999999
	EOF
	for who in 0 1000; do
		[ "$(id -u)" = 0 ] || [ "$who" = 0 ] || continue
		inside "scratch=$scratch; cd $scratch; as='setpriv --reuid $who --clear-groups'
			[ $who = 0 ] && as="'
			echo 4 2>/dev/null >/proc/sys/kernel/msgmni && echo "5 9 3 4" >/proc/sys/kernel/sem
			echo 5000 2>/dev/null >/proc/sys/kernel/shmmax && echo 3 >/proc/sys/kernel/shmall
			$ipcmk --key 1 -Q -S 2 -M 100 >/dev/null; $ipcmk --key 2 -Q -p 0 --owner 1 >/dev/null
			while read -r line; do
				$as $ipcmk $line --dry-run >told 2>foreseen
				expected=$?
				was=$(tail -qn +2 /proc/sysvipc/* | wc -l)
				$as $ipcmk $line >made 2>seen
				status=$?
				cmp -s foreseen seen || echo "$line: $(cat foreseen) but $(cat seen)"
				[ $expected = $status ] || echo "$line: $expected but $status"
				now=$(tail -qn +2 /proc/sysvipc/* | wc -l)
				[ $status = 0 ] || [ $was = $now ] || echo "$line: $was objects, then $now"
				n=$((n + 1))
			done <lines; echo "$n lines"'
		[ "$output" = "$(wc -l <"$scratch/lines") lines" ]
	done
}

@test "a dry run makes no call that creates" {
	calls_of msgget,semget,shmget,msgctl,semctl,shmctl,mq_open,mkdir,mknod,bind,openat \
		-Q -M 5 -S 1 -q -m 5 -s -n /x --dry-run
	[ "$status" -eq 0 ]
	[[ $output == *"shmget("*"expected  success"*"mq_open(/x, "*"expected  success"* ]]
	run grep -c 'get(\|IPC_SET\|IPC_RMID\|mkdir\|mknod\|bind\|O_CREAT' <<<"$seen"
	[ "$output" = 0 ]
}

@test "what a dry run says of files comes true, for root and for others" {
	cat >"$scratch/lines" <<-'END'
		-F new
		-F there
		-D there
		-N there
		-N new -o 0600
		-D closed/new
		-F open/new
		-F open/there
		-F missing/new
		-D spool -F spool/new
		-D own/new -F own/new
		-D own/new -F own/new/f -N own/new/s -u 1000
		-D own/new -F own/new/f -o 0
		-F own/new -N own/new
		-D own/new -F own/new/f -N own/new/f
		-F new -u 1000
		-F new -u 0
		-N new -g 4242
		-D own/new -u 1000 -g 1000
	END
	for who in 0 1000; do
		[ "$(id -u)" = 0 ] || [ "$who" = 0 ] || continue
		inside "as='setpriv --reuid $who --regid $who --clear-groups'; lines=$scratch/lines"'
			mount -t tmpfs none /mnt && cd /mnt && chmod 755 . && umask 022
			mkdir -m 700 closed; mkdir -m 1777 open; mkdir own; mkfifo there open/there
			[ "$(id -u)" != 0 ] || chown 1000:1000 own 2>/dev/null
			n=0
			while read -r line; do
				$as $ipcmk --dialect files $line --dry-run >told 2>foreseen; expected=$?
				$as $ipcmk --dialect files $line >made 2>seen; status=$?
				cmp -s foreseen seen || echo "$line: $(cat foreseen) but $(cat seen)"
				[ $expected = $status ] || echo "$line: $expected but $status"
				rm -rf new closed/new open/new spool own/new
				n=$((n + 1))
			done <$lines; echo "$n lines"'
		[ "$output" = "$(wc -l <"$scratch/lines") lines" ]
	done
}

@test "what a dry run says of POSIX objects comes true: of sizes, limits, modes and owners" {
	cat >"$scratch/lines" <<-'END'
		-q -n /new
		-s -n /new -p 0
		-s -n bare
		-m 5 -n bare -p 777
		-m 5 -n /old
		-m 4096 -n /old
		-m 4096 -n /old --or-existing
		-m 4096 -n /old --exclusive
		-m 4096 -n /old --strict
		-m 4096 -n /closed
		-q -n /closed
		-q -n /old
		-s -n /old --exclusive
		-s -n /closed
		-m 0 -n /new
		-m 8E -n /new
		-m 1024 -n /new
		-m 1025 -n /new
		-m 9223372036854775807 -n /new
		-q -n /new --owner 0
		-q -n /new --owner 1000 --group 0
		-s -n /new --owner 0
		-m 1 -n /new --group 1000
		-m 1025 -n /new --owner 0
		-q -s -m 5 -n /new
		--dialect names -Q 1 new
		--dialect names -Q 5 new
		--dialect names -Q 6 new
		--dialect names -Q 16 new
		--dialect names -Q 65537 new
		--dialect files -Q new
	END
	[ "$(id -u)" = 0 ] || skip "needs root: other users, whose queues do not count"
	grep -E '(names .*|-q|-m 102[45]|-s) (-n /)?new$' "$scratch/lines" >"$scratch/bounded"
	while IFS='|' read -r who lines limits; do
		inside "lines=$scratch/$lines limits='$limits' who=$who"'
			as="setpriv --reuid $who --regid $who --clear-groups"
			[ "$limits" = "${limits#--}" ] || as="prlimit $limits $as"
			set -- $limits
			setpriv --reuid 77 --clear-groups $ipcmk -q -s -m 4096 -n /old -p 666 >/dev/null
			setpriv --reuid 77 --clear-groups $ipcmk -q -s -m 4096 -n /closed -p 0 >/dev/null
			if [ $# = 2 ]; then echo "$2" 2>/dev/null >"/proc/sys/fs/mqueue/$1" || exit 0; fi
			while read -r line; do
				$as $ipcmk $line --dry-run >$scratch/told 2>$scratch/foreseen; expected=$?
				$as $ipcmk $line >$scratch/made 2>$scratch/seen; status=$?
				cmp -s $scratch/foreseen $scratch/seen ||
					echo "$line: $(<$scratch/foreseen) but $(<$scratch/seen)"
				[ $expected = $status ] || echo "$line: $expected but $status"
				if grep "not known" $scratch/told; then echo "$line"; fi
				rm -f /dev/shm/*new /dev/shm/*bare
				[ $status = 1 ] || '"${ipcmk%/ipcmk}"'/sysvet rm posix-mq:/new >/dev/null 2>&1
			done <$lines'
		[ -z "$output" ]
	done <<-'END'
		0|lines|
		1000|lines|
		0|bounded|--fsize=1024
		1000|bounded|--msgqueue=82879
		1000|bounded|--msgqueue=82880
		1000|bounded|--msgqueue=8287
		1000|bounded|msg_max 5
		1000|bounded|msgsize_max 200
		1000|bounded|queues_max 0
		1000|bounded|msg_default 3
	END
}

@test "a limit that is foreseen is told" {
	inside 'ulimit -q 82879
		$ipcmk -q -n /x --explain; $ipcmk -m 5 -n /x >&2; $ipcmk -m 6 -n /x --explain --or-existing'
	[[ $stderr == *"mq_open(/x, "*"expected  EMFILE"*"observed  EMFILE"*"10 messages of 8192 bytes"* ]]
	[[ $stderr == *"keep(/x, 6)"*"expected  EEXIST"*"observed  EEXIST"*"it has 5 bytes"* ]]
	inside 'ulimit -f 1; $ipcmk -m 1025 -n /x --explain'
	[[ $stderr == *"ftruncate(/x, 1025)"*"expected  EFBIG"*"observed  EFBIG"*"may have 1024 bytes"* ]]
	[[ $stderr != *"is wrong"* ]]
	[ "$(id -u)" = 0 ] || return 0
	inside '$ipcmk -q -n /x -p 600 >&2
		setpriv --reuid 1000 --clear-groups $ipcmk -q -n /x --or-existing --explain'
	[[ $stderr == *"observed  EACCES"*"the queue may not be read"* ]]
	[[ $stderr != *"mode 0000"* && $stderr != *"is wrong"* ]]
}

@test "what has a name is foreseen with its reason, and the model is right" {
	inside 'cd '"$tree"'; $ipcmk -q -n /here >/dev/null
		$ipcmk -q -n /here --dry-run --explain --exclusive; $ipcmk -q -n /here --or-existing --explain
		$ipcmk --dialect files -N '"$scratch"'/sock --explain
		$ipcmk --dialect files -N '"$scratch"'/sock --explain'
	[[ $output == *"mq_open(/here, O_RDWR|O_CREAT|O_EXCL, 0644)"*"expected  EEXIST"* ]]
	[[ $output == *"rule MQOPEN-ERR-EEXIST gives EEXIST"*"clause    MQOPEN-ERR-EEXIST ("* ]]
	[[ $stderr == *"mq_open(/here, O_RDWR|O_CREAT, 0644)"*"observed  success"* ]]
	[[ $stderr == *"bind($scratch/sock)"*"observed  success"*"observed  EADDRINUSE"* ]]
	[[ $stderr != *"the model is wrong"* ]]
}

@test "what the model has no word for is not foreseen" {
	long=$(head -c 150 /dev/zero | tr '\0' s)
	inside 'mount -t tmpfs none /mnt; mount -o remount,ro /mnt
		for line in "-q -n x" "-q -n /a/b" "-s -n /a/b" "--dialect files -F x/" \
			"--dialect files -F /mnt/x" "--dialect files -N '"$long"'"; do
			$ipcmk $line --dry-run | grep -c "expected  not known: "
		done'
	[ "$output" = $'1\n1\n1\n1\n1\n1' ]
}

@test "it is said why: call, rule and clause" {
	inside '$ipcmk --key 5 -Q >/dev/null; cd '"$tree"'; $ipcmk --key 5 -Q --dry-run --explain'
	[ "$status" -eq 1 ]
	[[ $output == *"msgget(0x5, IPC_CREAT|IPC_EXCL|0644)"*"expected  EEXIST"* ]]
	[[ $output == *"the key names object 0"*"rule MSGGET-ERR-EEXIST"*"clause    MSGGET-ERR-EEXIST ("* ]]
	inside 'cd '"$tree"'; $ipcmk -S 3 --explain --owner 0'
	[ "$output" = "Semaphore id: 0" ]
	[[ $stderr == *"semget("*"observed  success"*"semctl_IPC_SET(id, uid=0)"*"clause    SEMCTL-PERM-1"* ]]
	inside '$ipcmk -S 0 --explain --json --clauses /nonexistent'
	[ "$status" -eq 1 ]
	[[ $stderr == *"no clauses are cited"*"observed  EINVAL"*"rule SEMGET-ERR-EINVAL"* ]]
	inside 'cd '"$tree"'; $ipcmk --key 7 -Q -q -n /x --dry-run --explain --json'
	python3 -c 'import json, sys
steps = json.loads(sys.argv[1])["steps"]
assert steps[0]["call"] == "msgget(0x7, IPC_CREAT|IPC_EXCL|0644)", steps
assert steps[0]["expected"] == "success" and steps[0]["observed"] is None
assert steps[1]["call"] == "mq_open(/x, O_RDWR|O_CREAT|O_EXCL, 0644)", steps
assert steps[1]["expected"] == "success", steps' "$output"
}

@test "a kernel that does otherwise than expected is noticed" {
	command -v strace >/dev/null || skip "no strace here"
	"${namespace[@]}" strace -o "$scratch/probe" -e inject=getpid:error=EIO true 2>/dev/null ||
		skip "calls cannot be made to fail here"
	run "${namespace[@]}" strace -f -o "$scratch/calls" -e inject=msgget:error=ENOMEM \
		"$ipcmk" -Q --explain
	[ "$status" -eq 1 ]
	[[ $output == *"expected  success"*"observed  ENOMEM: the model is wrong"* ]]
}

@test "a lie of the kernel about IPC_EXCL is noticed" {
	lies=$(dirname "$ipcmk")/lies.so
	[ -f "$lies" ] || skip "lies.so is not built"
	inside "lies=$lies"'; $ipcmk --key 5 -Q -M 1 -S 1 >/dev/null
		LIE=queue_excl_ignored LD_PRELOAD=$lies $ipcmk --key 5 -Q --explain
		LIE=set_excl_ignored LD_PRELOAD=$lies $ipcmk --key 5 -S 1 --explain
		LIE=segment_excl_ignored LD_PRELOAD=$lies $ipcmk --key 5 -M 1 --explain'
	[ "$(grep -c '^  observed  success: the model is wrong' <<<"$stderr")" -eq 3 ]
	[ "$(grep -c '^  expected  EEXIST' <<<"$stderr")" -eq 3 ]
}
