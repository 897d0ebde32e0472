#!/usr/bin/env bats
# Commands that tell what sysvet itself knows, and what becomes of a run that loses one of its processes.

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	sysvet=${SYSVET:-$tree/build/sysvet}
	python=$("$tree/harness/deps.sh" python)
	cd "$tree" || return 1
	scratch=$(mktemp -d)
}

teardown() {
	rm -rf "$scratch"
}

@test "what cannot be asked is named, and ends with 2" {
	for command in describe precedence requirements bench; do
		run "$sysvet" "$command" words
		[ "$status" -eq 2 ]
		[[ $output == "sysvet $command: found 'words', expected "* ]]
		run "$sysvet" "$command" --no-such-option
		[ "$status" -eq 2 ]
	done
	run "$sysvet" precedence --operation mssget
	[ "$status" -eq 2 ]
	[[ $output == *"--operation: found 'mssget', expected an operation"* ]]
}

@test "a description has every operation, kind, switch and verdict that the one for programs has" {
	"$sysvet" describe >"$scratch/text"
	"$sysvet" describe --json >"$scratch/json"
	run "$python" - "$scratch/text" "$scratch/json" <<-'END'
	import json, sys
	text, told = open(sys.argv[1]).read().split("\n"), json.load(open(sys.argv[2]))
	for operation in told["operations"]:
	    at = next(i for i, line in enumerate(text) if line.startswith(operation["name"] + "("))
	    assert text[at].endswith("= " + operation["result"]), text[at]
	    for argument in operation["arguments"]:
	        assert f"{argument['name']}: {argument['kind']}" in text[at], argument
	    for i, rule in enumerate(operation["rules"]):
	        assert text[at + 1 + i].split()[:2] == [rule["errno"], rule["id"]], rule
	for table in "kinds", "switches", "verdicts":
	    for row in told[table]:
	        assert any(line.split()[:1] == [row["name"]] for line in text), row
	print(len(told["operations"]), len(told["switches"]), len(told["verdicts"]))
	END
	[ "$status" -eq 0 ]
	[[ $output =~ ^[0-9]{2,}\ [0-9]{2,}\ 11$ ]]
}

@test "the calls that show which of two errors wins are printed, or why none can" {
	run "$sysvet" precedence --operation msgget
	[ "$status" -eq 0 ]
	[[ $output == *"precedence/msgget[MSGGET-ERR-EEXIST,MSGGET-ERR-EACCES]  EEXIST before EACCES
  A  x = msgget(0x11, IPC_CREAT|0600)
  B  msgget(0x11, IPC_CREAT|IPC_EXCL|0600)
"* ]]
	[[ $output == *"[MSGGET-ERR-EEXIST,MSGGET-ERR-ENOSPC]  EEXIST before ENOSPC
  never: "* ]]
	[[ $output != *precedence/msgsnd* ]]
	[[ ${lines[-1]} == *" pairs of rules: "*"; 0 holes" ]]
}

@test "the list of clauses says by how many cases each is witnessed, or why by none" {
	run "$sysvet" requirements
	[ "$status" -eq 0 ]
	grep -qE '^MSGSND-ERR-EACCES +POSIX-shall +[0-9]+ cases  rule, denies in [0-9]+ ' <<<"$output"
	grep -qE '^[A-Za-z0-9.-]+ +[A-Za-z-]+ +- [A-Z]' <<<"$output"
}

@test "a job that dies breaks the instance that it was at, and the run goes on to its end" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	"$sysvet" run --jobs 1 --output "$scratch/records" >"$scratch/said" 2>&1 &
	pid=$!
	until [ -s "$scratch/records" ] && [ "$(wc -l <"$scratch/records")" -gt 3 ]; do
		kill -0 $pid
	done
	kill -KILL "$(pgrep -o -P $pid)"
	status=0
	wait $pid || status=$?
	[ "$status" -eq 99 ]
	grep -q '^broken  ' "$scratch/said"
	grep -qE 'the job (died of signal 9|ended with status 137)|no job was left' "$scratch/said"
	ran=$(grep -c '^{"record":"case"' "$scratch/records")
	[ "$ran" -eq "$("$sysvet" run --list | wc -l)" ]
	tail -n 1 "$scratch/records" | grep -q '"interrupted":null,"exit":99}$'
}
