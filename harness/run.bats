#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031 # each test is a process of its own, and begins with setup
# The command as a person and as a program meet it.

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	sysvet=${SYSVET:-$tree/build/sysvet}
	cd "$tree" || return 1
	scratch=$(mktemp -d)
}

teardown() {
	rm -rf "$scratch"
}

# A folder of one case, with the clause list beside it.
one_case() {
	mkdir -p "$scratch/cases/msg"
	cp cases/requirements.tsv "$scratch/cases"
	cat >"$scratch/cases/msg/one.case"
}

is_root() {
	[ "$(id -u)" = 0 ] || skip "needs root"
}

@test "help and version are there for the program and for every command" {
	for command in "" run matrix requirements describe bench; do
		run "$sysvet" ${command:+"$command"} --help
		[ "$status" -eq 0 ]
		[[ $output == usage:* ]]
	done
	run "$sysvet" --version
	[[ $output == "sysvet "[0-9]* ]]
}

@test "usage errors name what was found and what was expected, and exit 2" {
	run "$sysvet"
	[ "$status" -eq 2 ]
	run "$sysvet" frobnicate
	[ "$status" -eq 2 ]
	[[ $output == *"found 'frobnicate', expected a command"* ]]
	run "$sysvet" run --jobs 0
	[ "$status" -eq 2 ]
	[[ $output == *"found '0', expected a number from 1 to"* ]]
	run "$sysvet" run --jobs 2x
	[ "$status" -eq 2 ]
	run "$sysvet" run --profile minix
	[ "$status" -eq 2 ]
	[[ $output == *"found 'minix', expected linux or posix"* ]]
	run "$sysvet" run --subject model:exec-bit=maybe
	[ "$status" -eq 2 ]
	[[ $output == *"found value 'maybe'"* ]]
	run "$sysvet" run --subject model:without=NO-SUCH-RULE
	[ "$status" -eq 2 ]
	run "$sysvet" run --filter no/such/case
	[ "$status" -eq 2 ]
	run "$sysvet" run no/such/folder
	[ "$status" -eq 2 ]
	[[ $output == *"no/such/folder: found "*", expected a case file or a folder of them"* ]]
}

@test "calls go through the C library when they are to, and what it changes is noticed" {
	LD_PRELOAD=$(dirname "$sysvet")/lies.so
	export LD_PRELOAD
	run "$sysvet" run --abi libc --quiet cases/msg/each-refused-call-leaves-the-record-alone.case
	[ "$status" -eq 0 ]
	LIE=library_msgctl_swaps_members run "$sysvet" run --abi libc --quiet \
		cases/msg/each-refused-call-leaves-the-record-alone.case
	[ "$status" -eq 1 ]
	[[ $output == *"replay    sysvet run --abi libc --filter"* ]]
	LIE=library_msgctl_swaps_members run "$sysvet" run --quiet \
		cases/msg/each-refused-call-leaves-the-record-alone.case
	[ "$status" -eq 0 ]
}

@test "each of several ABIs has records of its own, and the worst of them counts" {
	local name=$BATS_TEST_TMPDIR/r

	LD_PRELOAD=$(dirname "$sysvet")/lies.so
	export LD_PRELOAD
	LIE=library_msgctl_swaps_members run "$sysvet" run --abi libc,raw --output "$name.jsonl" \
		cases/msg/each-refused-call-leaves-the-record-alone.case
	[ "$status" -eq 1 ]
	[ ! -e "$name.jsonl" ]
	head -n 1 "$name.raw.jsonl" | grep -q '"abi":"raw '
	tail -n 1 "$name.raw.jsonl" | grep -q '"exit":0'
	head -n 1 "$name.libc.jsonl" | grep -q '"abi":"libc '
	tail -n 1 "$name.libc.jsonl" | grep -q '"exit":1'
	run "$sysvet" run --abi raw,libc --output - cases/msg
	[ "$status" -eq 2 ]
	run "$sysvet" run --abi raw,raw
	[ "$status" -eq 2 ]
	[[ $output == *"found 'raw', expected"* ]]
	run "$sysvet" run --abi libc --subject model
	[ "$status" -eq 2 ]
}

@test "the same run gives the same list and the same records" {
	SOURCE_DATE_EPOCH=1 "$sysvet" run --subject model --jobs 1 --quiet --output "$scratch/a"
	SOURCE_DATE_EPOCH=1 "$sysvet" run --subject model --jobs 7 --quiet --output "$scratch/b"
	cmp "$scratch/a" "$scratch/b"
	"$sysvet" run --list >"$scratch/list"
	[ "$(wc -l <"$scratch/list")" -eq "$(grep -c '"record":"case"' "$scratch/a")" ]
	[ "$(sort "$scratch/list" | uniq -d | wc -l)" -eq 0 ]
}

@test "the unchanged model conforms to itself under both profiles" {
	run "$sysvet" run --subject model
	[ "$status" -eq 0 ]
	run "$sysvet" run --subject model --profile posix
	[ "$status" -le 1 ]
	[[ $output != *broken* ]]
}

@test "a fault in the subject is found, explained and can be replayed" {
	one_case <<-'END'
	claim  A stranger may not write without the bit.
	cites  MSGSND-ERR-EACCES
	actors A uid 1000 gid 1000, B uid 1001 gid 1001

	A  q = msgget(IPC_PRIVATE, 0604)
	B  msgsnd(q, 1:"x", IPC_NOWAIT)  = EACCES
	END
	run "$sysvet" run --cases "$scratch/cases" --subject model:without=MSGSND-ERR-EACCES
	[ "$status" -eq 1 ]
	[[ $output == *"deviates  msg/one  step 2"* ]]
	[[ $output == *"observed  0"* ]]
	[[ $output == *"expected  EACCES"* ]]
	[[ $output == *"euid 1001 is neither uid 1000 nor cuid 1000"* ]]
	[[ $output == *"clause    MSGSND-ERR-EACCES"* ]]
	[[ $output == *"sysvet run --subject model:without=MSGSND-ERR-EACCES --filter 'msg/one'"* ]]
	run "$sysvet" run --cases "$scratch/cases" --subject model:without=MSGSND-ERR-EACCES \
		--filter msg/one --quiet
	[ "$status" -eq 1 ]
}

@test "a claim that the model does not share is a conflict, whatever the subject does" {
	one_case <<-'END'
	claim  Sending always fails.
	cites  MSGSND-3

	A  q = msgget(IPC_PRIVATE, 0600)
	A  msgsnd(q, 1:"x")  = EACCES
	END
	run "$sysvet" run --cases "$scratch/cases" --subject model
	[ "$status" -eq 1 ]
	[[ $output == *"conflict  msg/one  step 2"* ]]
}

@test "one fault is one finding: the run goes on with what was seen" {
	one_case <<-'END'
	claim  The fault is said once.
	cites  LINUX-PERM-MODE-4
	profile linux

	A  q = msgget(0x11, IPC_CREAT|0600)
	A  msgget(0x11, 0700)  = EACCES
	A  msgget(0x11, 0600)  = q
	END
	run "$sysvet" run --cases "$scratch/cases" --subject model:exec-bit=off
	[ "$status" -eq 0 ]
	[ "$(grep -c '^permitted' <<<"$output")" -eq 1 ]
	[ "$(grep -c '^deviates' <<<"$output")" -eq 0 ]
}

@test "a case stops after many findings, and the record tells what was not run" {
	{
		printf 'claim  It is said again and again.\ncites  LINUX-PERM-MODE-4\nprofile linux\n\n'
		echo 'A  q = msgget(0x11, IPC_CREAT|0600)'
		for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo 'A  msgget(0x11, 0700)  = EACCES'; done
	} | one_case
	run "$sysvet" run --cases "$scratch/cases" --subject model:exec-bit=off --output "$scratch/r"
	[ "$status" -eq 0 ]
	[[ $output == *"not run   4 more steps of it, after what was found"* ]]
	[ "$(grep -c 'not run' <<<"$output")" -eq 1 ]
	grep -q '"steps":9,"left":4,' "$scratch/r"
	"$sysvet" run --quiet --subject model --output "$scratch/r" cases/msg
	[ "$(grep '"record":"case"' "$scratch/r" | grep -vc '"left":0,')" -eq 0 ]
}

@test "nothing that could be run is told by exit 77" {
	one_case <<-'END'
	claim  This is about another profile.
	cites  MSGSND-3
	profile posix

	A  q = msgget(IPC_PRIVATE, 0600)
	END
	run "$sysvet" run --cases "$scratch/cases" --subject model
	[ "$status" -eq 77 ]
	[[ $output == *"1 skipped"* ]]
	[[ $output == *"the claim is about profile posix"* ]]
}

@test "SIGINT and SIGTERM end in a footer that says so" {
	for sig in INT TERM; do
		"$sysvet" run --quiet --jobs 1 --output "$scratch/records" &
		pid=$!
		until [ "$(grep -c '"record":"case"' "$scratch/records" 2>/dev/null)" -gt 3 ]; do
			kill -0 $pid
		done
		kill -$sig $pid
		status=0
		wait $pid || status=$?
		tail -n 1 "$scratch/records" | grep -q "\"interrupted\":\"SIG$sig\""
		[ "$status" -gt 128 ]
		rm "$scratch/records"
	done
}

killed_at_any_moment() {
	before=$(cat /proc/sysvipc/msg /proc/sysvipc/sem /proc/sysvipc/shm)
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		"$sysvet" run "$@" --quiet --output "$scratch/records" >/dev/null 2>&1 &
		pid=$!
		# a different moment each time: after so many bytes of records
		until [ "$(stat -c %s "$scratch/records" 2>/dev/null || echo 0)" -ge $((i * 911)) ]; do
			kill -0 $pid 2>/dev/null || break
		done
		kill -KILL $pid 2>/dev/null || true
		wait $pid || true
		deadline=$((SECONDS + 10))
		while pgrep -f "$scratch/records" >/dev/null; do
			[ $SECONDS -lt $deadline ]
		done
		rm -f "$scratch/records"
	done
	[ "$before" = "$(cat /proc/sysvipc/msg /proc/sysvipc/sem /proc/sysvipc/shm)" ]
}

@test "killed at any moment, a run leaves no process and no object" {
	is_root
	killed_at_any_moment
}

@test "killed at any moment, a run on two models leaves no process" {
	killed_at_any_moment --subject model
}

@test "an ordinary user can run it: what needs more is skipped with its reason" {
	is_root
	setpriv --reuid 4321 --regid 4321 --clear-groups unshare --user true ||
		skip "needs user namespaces for ordinary users"
	run setpriv --reuid 4321 --regid 4321 --clear-groups "$sysvet" run --jobs 1
	[ "$status" -eq 0 ]
	[[ $output == *conforms* ]]
	[[ $output == *skipped* ]]
}

@test "records that cannot be written are an error, not a pass" {
	[ -e /dev/full ] || skip "needs /dev/full"
	run "$sysvet" run --subject model --quiet --output /dev/full
	[ "$status" -eq 99 ]
	for command in "run --subject model cases/ids" "run --subject model --console cases/ids" describe; do
		status=0
		# shellcheck disable=SC2086 # words
		"$sysvet" $command >/dev/full 2>"$scratch/said" || status=$?
		[ "$status" -eq 99 ]
		grep -q '^sysvet.*: \(standard output\|the console\) could not be written$' "$scratch/said"
	done
}

@test "records on standard output have it to themselves, and a pipe can end as the run does" {
	for command in "run cases/perm" "matrix --kind sem --operation semget"; do
		# shellcheck disable=SC2086 # words of a command
		"$sysvet" $command --subject model:creator-class=off --output - \
			>"$scratch/records" 2>"$scratch/text" || [ $? -eq 1 ]
		run grep -cv '^{"record":"' "$scratch/records"
		[ "$output" -eq 0 ]
		grep -q '^deviates  ' "$scratch/text"
	done
	python=$("$tree/harness/deps.sh" python)
	run bash -c '"$0" run --subject "$1" --quiet --output - cases/perm 2>/dev/null |
		"$2" reports/sysvet-report tap --exit-status -' "$sysvet" model:creator-class=off "$python"
	[ "$status" -eq 1 ]
	[[ $output == "TAP version 13"*"not ok "* && $output != *"Bail out!"* ]]
}

@test "a clause without a case is a hole, and a POSIX-shall hole is told by exit 1" {
	one_case <<-'END'
	claim  A message can be sent.
	cites  MSGSND-3

	A  q = msgget(IPC_PRIVATE, 0600)
	A  msgsnd(q, 1:"x")  = 0
	END
	run "$sysvet" requirements --cases "$scratch/cases" --holes
	[ "$status" -eq 1 ]
	[[ $output == *"MSGRCV-5 "* ]]
	[[ $output != *"MSGSND-3 "* ]]
	grep -E '^(id|MSGSND-3)	' cases/requirements.tsv >"$scratch/cases/requirements.tsv"
	run "$sysvet" requirements --cases "$scratch/cases"
	[ "$status" -eq 0 ]
	[[ $output == *"MSGSND-3 "*"1 cases"* ]]
}

@test "every two errors that can meet are run, and there is a reason for all others" {
	run "$sysvet" precedence --holes
	[ "$status" -eq 0 ]
	[[ $output == *"; 0 holes"* ]]
	run "$sysvet" precedence --operation msgsnd
	[ "$status" -eq 0 ]
	[[ $output == *"precedence/msgsnd[MSGSND-ERR-EACCES,MSGSND-ERR-EAGAIN]  EACCES before EAGAIN"* ]]
	[[ $output == *"never: A type that cannot be read has no value."* ]]
	run "$sysvet" precedence --operation msgfoo
	[ "$status" -eq 2 ]
	run "$sysvet" run --list --filter precedence/msgget
	[ "${#lines[@]}" -gt 4 ]
	[ "$("$sysvet" run --list cases/precedence/impossible.tsv | wc -l)" -gt 400 ]
}

@test "a pattern selects what it matches of all there is, although not all is read for it" {
	"$sysvet" run --list >"$scratch/all"
	while read -r pattern expression; do
		found=$(grep -cE "$expression" "$scratch/all")
		[ "$found" -gt 0 ]
		[ "$("$sysvet" run --list --filter "$pattern" | wc -l)" -eq "$found" ]
	done <<-'END'
		sem/a-c* ^sem/a-c
		*/a-co* /a-co
		precedence/shmat[SHMAT* ^precedence/shmat.SHMAT
		precedence/msg?et* ^precedence/msg.et
		msg/a-truncated-message-frees-its-whole-length[room=0] ^msg/a-truncated-message-f.*.room=0.$
	END
}

@test "every part of an argument is tried, or there is a reason" {
	run "$sysvet" partitions --holes
	[ "$status" -eq 0 ]
	[[ $output == *", 0 holes" ]]
	run "$sysvet" partitions --operation msgsnd
	[ "$status" -eq 0 ]
	[[ $output == *"msgsnd msg: message to send"*"    no type                EINVAL"* ]]
	run "$sysvet" partitions --operation msgfoo
	[ "$status" -eq 2 ]
}

# A folder of one case that tries few parts, with a list of its own: its rows are given.
few_parts() {
	one_case <<-'END'
	claim  A queue is found by its key.
	cites  MSGGET-ERR-ENOENT

	A  msgget(0x11, 0600)  = ENOENT
	END
	printf 'operation\targument\tpart\treason\n' >"$scratch/cases/untried.tsv"
	printf %b "$1" >>"$scratch/cases/untried.tsv"
	run "$sysvet" partitions --cases "$scratch/cases" --holes --operation msgget
}

@test "a part without case or reason, and a row that is wrong, end sysvet partitions with 1" {
	few_parts 'msg*,sem*,shm*\t*\t*\tNobody tries it.\n'
	[ "$status" -eq 1 ]
	[[ $output == *"positive               ENOENT found outcomes, expected none: Nobody tries it."* ]]
	[[ $output != *"private "* ]]
	few_parts 'msgget\tkey,flg\tprivate,minus*,negative,IPC_*\tNobody tries it.\n'
	[ "$status" -eq 0 ]
	[[ $output == *"cases try 2 of them, 6 have a reason why none does, 0 holes" ]]
	few_parts 'msgget\tkey,flg\tprivate,minus*,IPC_*\tNobody tries it.\n'
	[ "$status" -eq 1 ]
	[[ $output == *"negative               no case tries it, and no reason is given"*", 1 holes" ]]
	few_parts 'msgget\tkey,flg\tprivate,minus*,negative,IPC_*,none\tNobody tries it.\n'
	[ "$status" -eq 1 ]
	[[ $output == *"untried.tsv:2: found 'none', expected what fits a part of an argument"* ]]
	for row in 'msgget\tkey\tprivate\n' 'msgget\tkey,\tprivate\tx\n' 'msgget\tkey\tprivate\tx\ty\n'; do
		few_parts "$row"
		[ "$status" -eq 2 ]
		[[ $output == *"untried.tsv:2: expected operations, arguments, parts and a reason"* ]]
		run "$sysvet" run --cases "$scratch/cases" --subject model
		[ "$status" -eq 2 ]
	done
}

@test "the record of an operation tells why a part is not tried" {
	few_parts 'msgget\tkey\tprivate\tIt has "no" name.\n'
	run "$sysvet" run --cases "$scratch/cases" --subject model --output "$scratch/r" --quiet
	[ "$status" -eq 0 ]
	parts=$(grep '"record":"operation","operation":"msgget"' "$scratch/r")
	[[ $parts == *'{"name":"private","outcomes":[],"untried":"It has \"no\" name."}'* ]]
	[[ $parts == *'{"name":"negative","outcomes":[],"untried":null}'* ]]
	rm "$scratch/cases/untried.tsv"
	run "$sysvet" run --cases "$scratch/cases" --subject model --quiet
	[ "$status" -eq 0 ]
}

@test "a hole in the list, and a row that is wrong, end sysvet precedence with 1" {
	mkdir -p "$scratch/cases/precedence"
	cp cases/requirements.tsv "$scratch/cases"
	list=$scratch/cases/precedence/impossible.tsv
	grep -v '^msgsnd.BSD-MSG-1' cases/precedence/impossible.tsv >"$list"
	run "$sysvet" precedence --holes --cases "$scratch/cases"
	[ "$status" -eq 1 ]
	[[ $output == *"precedence/msgsnd[BSD-MSG-1]"* ]]
	[[ $output == *"; 9 holes"* ]]
	cp cases/precedence/impossible.tsv "$scratch/cases/precedence"
	printf 'msgget\tMSGGET-ERR-EEXIST\tMSGGET-ERR-EACCES\tIt is found.\n' \
		>>"$list"
	run "$sysvet" precedence --holes --cases "$scratch/cases"
	[ "$status" -eq 1 ]
	[[ $output == *"expected none that can break MSGGET-ERR-EEXIST,MSGGET-ERR-EACCES"* ]]
	rm "$list"
	run "$sysvet" precedence --cases "$scratch/cases"
	[ "$status" -eq 2 ]
}

@test "another order of two errors is noticed, and permitted where POSIX leaves it open" {
	run "$sysvet" run --subject model:order=semctl_SETVAL/SEMCTL-ERR-ERANGE,SEMCTL-ERR-EACCES \
		cases/precedence
	[ "$status" -eq 0 ]
	[[ $output == *"permitted  precedence/semctl_SETVAL[SEMCTL-ERR-ERANGE,SEMCTL-ERR-EACCES]"* ]]
	run "$sysvet" run --subject model:order=semctl_SETVAL/SEMCTL-ERR-ERANGE,SEMCTL-ERR-EACCES \
		--profile posix cases/precedence --filter 'precedence/semctl_SETVAL*'
	[ "$status" -eq 0 ]
	[[ $output != *permitted* ]]
}

@test "what POSIX permits is named below the totals, and is a difference for --strict" {
	local order=model:order=semctl_SETVAL/SEMCTL-ERR-ERANGE,SEMCTL-ERR-EACCES
	local name='precedence/semctl_SETVAL[SEMCTL-ERR-ERANGE,SEMCTL-ERR-EACCES]'

	run "$sysvet" run --subject "$order" --filter 'precedence/semctl_SETVAL*'
	[ "$status" -eq 0 ]
	[[ $output == *"  permitted, 1: not what profile linux predicts, but POSIX"*$'\n'"    $name"* ]]
	run "$sysvet" run --strict --subject "$order" --filter 'precedence/semctl_SETVAL*'
	[ "$status" -eq 1 ]
	run "$sysvet" run --strict --subject model --filter 'precedence/semctl_SETVAL*'
	[ "$status" -eq 0 ]
	[[ $output != *permitted* ]]
}

@test "distinct outcomes on the subject are counted, listed and summed up from the records" {
	one_case <<-'END'
	claim  Outcomes are counted once.
	cites  MSGGET-ERR-ENOENT

	A  msgget(0x11, 0600)
	A  msgget(0x12, 0600)
	A  q = msgget(0x11, IPC_CREAT|0600)
	B  msgrcv(q, 0, 8)
	A  msgctl_IPC_RMID(q)
	END
	run "$sysvet" run --cases "$scratch/cases" --subject model --outcomes --output "$scratch/r"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "msgget ENOENT" ]
	[ "${lines[1]}" = "msgget 0" ]
	[ "${lines[2]}" = "msgrcv EIDRM" ]
	[ "${lines[3]}" = "msgrcv blocks" ]
	[ "${lines[4]}" = "msgrcv wakes EIDRM" ]
	[ "${lines[5]}" = "msgctl_IPC_RMID 0" ]
	[[ ${lines[7]} == *"6 distinct outcomes"* ]]
	[[ $(tail -n 1 "$scratch/r") == *'"outcomes":6,'* ]]
}

@test "outcomes are recorded by the part that an argument is in" {
	one_case <<-'END'
	claim  A queue is found by its key.
	cites  MSGGET-ERR-ENOENT
	actors A uid 1000 gid 1000, B uid 1001 gid 1001

	A  msgget(0x11, 0600)
	A  q = msgget(0x11, IPC_CREAT|0600)
	A  msgctl_IPC_SET(q, mode=0400)
	B  msgrcv(q, 0, 8)                     = EACCES
	END
	run "$sysvet" run --cases "$scratch/cases" --subject model --output "$scratch/r" --quiet
	[ "$status" -eq 0 ]
	parts=$(grep '"record":"operation","operation":"msgget"' "$scratch/r")
	[[ $parts == *'{"name":"negative","outcomes":[],'* ]]
	[[ $parts == *'{"name":"positive","outcomes":["ENOENT","0"],'* ]]
	[[ $parts == *'{"name":"IPC_CREAT","outcomes":["0"],'* ]]
	[[ $parts == *'{"name":"no flag","outcomes":["ENOENT"],'* ]]
	parts=$(grep '"record":"operation","operation":"msgctl_IPC_SET"' "$scratch/r")
	[[ $parts == *'{"name":"mode","outcomes":["0"],'*'{"name":"qbytes","outcomes":[],'* ]]
	[[ $(grep '"operation":"msgrcv"' "$scratch/r") == *'{"name":"any","outcomes":["EACCES"],'* ]]
}

@test "the first instance selected of a case tells its steps" {
	one_case <<-'END'
	claim  Who waits for a message gets it.
	cites  MSGRCV-7
	for    type in 1..3

	A  q = msgget(IPC_PRIVATE, 0600)
	B  msgrcv(q, $type, 8)     blocks
	A  msgsnd(q, $type:"x")    = 0
	B  wakes                   = 1 {type=$type}
	END
	for first in 1 2; do
		run "$sysvet" run --cases "$scratch/cases" --subject model --output "$scratch/r" --quiet \
			--from "msg/one[type=$first]"
		[ "$status" -eq 0 ]
		told=$(grep -F "\"msg/one[type=$first]\"" "$scratch/r")
		[[ $told == *'"script":["A  q = msgget(IPC_PRIVATE, 0600)",'* ]]
		[[ $told == *"\"B  msgrcv(q, $first, 8) blocks\",\"A  msgsnd(q, $first:"* ]]
		[[ $told == *"\"B  wakes = 1 {type=$first}\"]"* ]]
		[ "$(grep -c '"script":\[\]' "$scratch/r")" -eq $((3 - first)) ]
	done
}

# A case that is run on a kernel of which some calls fail by a filter.
refused() {
	one_case <<-'END'
	claim  What is sent is received.
	cites  MSGSND-3

	A  q = msgget(IPC_PRIVATE, 0600)
	A  msgsnd(q, 1:"x")  = 0
	A  msgsnd(q, 1:"y")  = 0
	A  msgrcv(q, 0, 8)   = 1 {text="x"}
	END
	run "$sysvet" run --cases "$scratch/cases" --subject "$@" --output "$scratch/r"
}

@test "a call that the system lacks makes a case unsupported, whichever call it is" {
	refused kernel:msgrcv=ENOSYS
	[ "$status" -eq 77 ]
	[[ $output == *"1 unsupported"*"not run, 1: the system has no msgrcv"* ]]
	grep -q '"verdict":"unsupported","reason":"the system has no msgrcv"' "$scratch/r"
}

@test "what a case that is no evidence came to is not recorded by parts" {
	refused kernel:msgrcv=ENOSYS
	[ "$(grep -c '"record":"operation".*"outcomes":\["' "$scratch/r")" -eq 0 ]
	refused kernel:msgrcv=EINTR
	[ "$(grep -c '"record":"operation".*"outcomes":\["' "$scratch/r")" -eq 3 ]
}

@test "a system that is short of something is never said to conform, nor to deviate" {
	for errno in ENOMEM ENFILE EMFILE; do
		refused kernel:msgget=$errno
		[ "$status" -eq 99 ]
		[[ $output == *"unresolved  msg/one"*"msgget gave $errno, and no rule says why"* ]]
		[[ $output == *"1 instances, 1 steps: 1 unresolved"* ]]
		[[ $output != *conforms* && $output != *deviates* ]]
	done
	refused kernel:msgsnd=ENOMEM:2
	[ "$status" -eq 99 ]
	[[ $output == *"1 instances, 3 steps: 1 unresolved"* ]]
}

@test "where a row says that a call fails so a system is short of nothing" {
	{
		printf 'case\tobserved\twhere\treason\treference\tseen\n'
		printf 'msg/one\tmsgget ENOMEM\t*\tby nature\t\tever\n'
	} >"$scratch/known"
	refused kernel:msgget=ENOMEM --baseline "$scratch/known"
	[ "$status" -eq 0 ]
	[[ $output == *"1 instances, 1 steps: 1 known"* ]]
	refused kernel:msgget=ENFILE --baseline "$scratch/known"
	[ "$status" -eq 99 ]
}

@test "a resource that a rule counts is the business of that rule, and so is another error" {
	run "$sysvet" run --subject kernel:shmctl_SHM_LOCK=ENOMEM \
		--filter 'precedence/shmctl_SHM_LOCK[success]'
	[ "$status" -eq 1 ]
	[[ $output == *"observed  ENOMEM"*"expected  success"* ]]
	run "$sysvet" run --subject kernel:msgget=ENOMEM --filter 'precedence/msgget[MSGGET-ERR-ENOSPC]'
	[ "$status" -eq 1 ]
	[[ $output == *"observed  ENOMEM"*"expected  ENOSPC"* ]]
}

@test "a call that is refused deviates, with the remark that nothing there needs a permission" {
	refused kernel:msgget=EPERM
	[ "$status" -eq 1 ]
	[[ $output == *"deviates  msg/one  step 1"*"observed  EPERM"* ]]
	[[ $output == *"msgget needs no permission that is refused with EPERM"* ]]
	[[ $output == *"replay    sysvet run --subject kernel:msgget=EPERM --filter 'msg/one'"* ]]
	[[ $output != *conflict* ]]
	refused kernel:msgsnd=EACCES
	[ "$status" -eq 1 ]
	[[ $output != *"needs no permission"* ]]
}

@test "one call of many can be failed, and what follows is judged from there" {
	refused kernel:msgsnd=EINTR:1
	[ "$status" -eq 1 ]
	[[ $output == *"deviates  msg/one  step 2"* ]]
	[ "$(grep -c '^deviates' <<<"$output")" -eq 1 ]
	refused kernel:msgsnd=EINTR:3
	[ "$status" -eq 0 ]
	for words in kernel:load=EINVAL kernel:msgget kernel:msgget=EFOO kernel:msgget=EPERM:0 kernels; do
		refused $words
		[ "$status" -eq 2 ]
	done
}

@test "calls on files can be failed too, but for those that decide nothing" {
	file=cases/file/only-the-owner-removes-an-object.case
	run "$sysvet" run --subject kernel:shm_open=ENOSYS "$file"
	[[ $output == *" unsupported"* ]]
	run "$sysvet" run --subject kernel:shm_unlink=EPERM cases/file
	[ "$status" -eq 1 ]
	[[ $output == *"shm_unlink(memory)"*"observed  EPERM"*"expected  success"* ]]
	run "$sysvet" run --subject kernel:connect=EACCES:1 cases/file/connecting-asks-to-write.case
	[ "$status" -eq 1 ]
	for call in mq_close umask become; do
		run "$sysvet" run --subject "kernel:$call=EPERM" "$file"
		[ "$status" -eq 2 ]
		[[ $output == *"expected OPERATION=ERRNO, with a call on an object or a file"* ]]
	done
}

@test "a run can begin where another ended" {
	"$sysvet" run --list cases/ids >"$scratch/all"
	from=$(sed -n 5p "$scratch/all")
	"$sysvet" run --list cases/ids --from "$from" | diff - <(tail -n +5 "$scratch/all")
	run "$sysvet" run --list cases/ids --from ids/no-such-case
	[ "$status" -eq 2 ]
}

# Every claim holds for other systems too, or says what it needs.
@test "a second model can be like another system, and no claim is at odds with it" {
	for facts in page=65536,big_endian page=16384,shmlba=262144 no-checkpoint_restore no-hugetlb \
		no-initial_userns overflow_uid=99,overflow_gid=98 space_end=4398046511104 \
		linux=6001,no-glibc no-noreserve; do
		run "$sysvet" run --subject model --fact "${facts%,*}" --fact "${facts#*,}"
		[ "$status" -eq 0 ]
		[[ $output != *conflict* && $output != *deviates* ]]
	done
	run "$sysvet" run --subject model --fact page=65536 --filter limits/shmall-counts-pages
	[ "$status" -eq 77 ]
	[[ $output == *"needs page to be 4096: bytes of a page"* ]]
	run "$sysvet" run --subject model --fact no-checkpoint_restore --filter msg/copy-does-not-truncate
	[ "$status" -eq 77 ]
}

@test "no claim that is not of Linux alone is at odds with the standard" {
	run "$sysvet" run --profile posix --subject model:profile=posix
	[ "$status" -eq 0 ]
	[[ $output != *conflict* && $output != *permitted* ]]
}

@test "a fact is refused where it is none, and of a kernel" {
	run "$sysvet" run --subject model --fact page
	[ "$status" -eq 2 ]
	run "$sysvet" run --subject model --fact pages=4096
	[ "$status" -eq 2 ]
	[[ $output == *"found 'pages=4096', expected a fact"* ]]
	run "$sysvet" run --subject model --fact page=4096x
	[ "$status" -eq 2 ]
	run "$sysvet" run --fact page=4096
	[ "$status" -eq 2 ]
	[[ $output == *"expected a model as the subject"* ]]
}

# A library that answers for the kernel, to who asks the C library or the kernel itself.
@test "a preloaded library that is not there ends no actor that becomes another program" {
	run env LD_PRELOAD=/nonexistent/lib.so "$sysvet" run --filter 'shm/*exec*'
	[ "$status" -eq 0 ]
	[[ $output == *conforms* && $output != *broken* ]]
}

@test "what does not protect from actors here is told, and nothing else" {
	run "$sysvet" run --output "$scratch/r" cases/ids
	[[ $output != *unprotected* ]]
	grep -q '"unprotected":\[\],' "$scratch/r"
	cat >"$scratch/old.c" <<-'END'
	#define _GNU_SOURCE
	#include <dlfcn.h>
	#include <errno.h>
	#include <sys/syscall.h>
	long syscall(long nr, long a, long b, long c, long d, long e, long f)
	{
		long (*next)(long, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");

		if (nr == SYS_seccomp || nr == SYS_mount_setattr) {
			errno = ENOSYS;
			return -1;
		}
		return next(nr, a, b, c, d, e, f);
	}
	END
	"${CC:-cc}" -shared -fPIC -o "$scratch/old.so" "$scratch/old.c" -ldl
	run env LD_PRELOAD="$scratch/old.so" "$sysvet" run --output "$scratch/r" cases/ids
	[ "$status" -eq 0 ]
	[[ $output == *"unprotected: the system has no seccomp filters"* ]]
	[[ $output == *"unprotected: files cannot be made read-only"* ]]
	[[ $output != *"PID namespace of their own"* ]]
	grep -q '"unprotected":\["the system has no seccomp .*","files cannot be made .*"\]' "$scratch/r"
}

fake() {
	cat >"$scratch/fake.c"
	cc -shared -fPIC -o "$scratch/fake.so" "$scratch/fake.c" -ldl
	run env LD_PRELOAD="$scratch/fake.so" "$sysvet" run --output "$scratch/r" cases/ids
	[ "$status" -eq 99 ]
	[[ $output == *"nothing can be run: credentials are faked"* ]]
	grep -q '"refused":"credentials are faked' "$scratch/r"
	tail -n 1 "$scratch/r" | grep -q '"exit":99'
}

@test "credentials that the C library fakes are refused" {
	fake <<-'END'
	int geteuid(void) { return 4321; }
	END
}

@test "credentials that are faked only after a change are refused" {
	is_root
	fake <<-'END'
	#define _GNU_SOURCE
	#include <dlfcn.h>
	#include <sys/syscall.h>
	static long now = -1;
	int geteuid(void) { return now < 0 ? 0 : now; }
	long syscall(long nr, long a, long b, long c, long d, long e, long f)
	{
		long (*real)(long, long, long, long, long, long, long) = dlsym((void *)-1L, "syscall");

		if (nr == SYS_setresuid) {
			now = b;
			return 0;
		}
		return nr == SYS_geteuid && now >= 0 ? now : real(nr, a, b, c, d, e, f);
	}
	END
}

@test "fakeroot and proot -0 are refused, proot alone is not" {
	command -v fakeroot >/dev/null && command -v proot >/dev/null || skip "needs fakeroot and proot"
	for program in fakeroot "proot -0"; do
		# shellcheck disable=SC2086 # a word or two
		run $program "$sysvet" run --quiet cases/ids
		[ "$status" -eq 99 ]
		[[ $output == *"credentials are faked"* ]]
	done
	run proot "$sysvet" run --quiet cases/ids
	[ "$status" -eq 0 ]
}

@test "where root has the only id that there is, what ordinary users can run is run" {
	alone=(unshare --user --map-root-user)
	"${alone[@]}" true || skip "no user namespace can be had"
	run "${alone[@]}" "$sysvet" run --output "$scratch/r" cases/ids
	[ "$status" -eq 0 ]
	grep -q '"root":false' "$scratch/r"
	[ "$(grep -c '"verdict":"conforms"' "$scratch/r")" -gt 40 ]
}

@test "an ordinary user below proot is known to have one id" {
	is_root
	command -v proot >/dev/null || skip "needs proot"
	user=(setpriv --reuid 1000 --regid 1000 --clear-groups)
	"${user[@]}" "$sysvet" run --list cases/ids >/dev/null 2>&1 || skip "others cannot reach the program"
	run "${user[@]}" proot "$sysvet" run --quiet cases/ids cases/msg/a-failed-set-wakes-nobody.case
	[ "$status" -eq 0 ]
}
