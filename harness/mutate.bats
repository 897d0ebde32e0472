#!/usr/bin/env bats
# Faults of the model, and which of them cases notice.

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	sysvet=${SYSVET:-$tree/build/sysvet}
	cd "$tree" || return 1
	scratch=$(mktemp -d)
	mkdir -p "$scratch/cases/msg"
	cp cases/requirements.tsv "$scratch/cases"
	cat >"$scratch/cases/msg/one.case" <<-'END'
	claim  A stranger may not write without the bit.
	cites  MSGSND-ERR-EACCES
	actors A uid 1000 gid 1000, B uid 1001 gid 1001
	for    mode in 0600, 0604

	A  q = msgget(IPC_PRIVATE, $mode)
	B  msgsnd(q, 1:"x", IPC_NOWAIT)  = EACCES
	END
}

teardown() {
	rm -rf "$scratch"
}

# The list with one row.
excuse() {
	printf 'mutants\treason\n%b' "$1" >"$scratch/cases/mutants.tsv"
}

# mutate FILTER [OPTION...]: on the one case
mutate() {
	run "$sysvet" mutate --cases "$scratch/cases" --filter "$@"
}

@test "every fault of every rule and switch is noticed, or has a reason not to be" {
	run "$sysvet" mutate --quiet
	echo "$output"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "a fault that a case is about is noticed" {
	mutate 'msgsnd/MSGSND-ERR-EACCES=drop'
	[ "$status" -eq 0 ]
	[[ $output == *"rule          1        1        0        0         0"* ]]
}

@test "a fault that no case is about survives, and is told with its clause" {
	mutate 'msgsnd/MSGSND-ERR-EINVAL-1=drop'
	[ "$status" -eq 1 ]
	[[ $output == *"survives  msgsnd/MSGSND-ERR-EINVAL-1=drop"* ]]
	[[ $output == *"rule      msgsnd lacks the rule that gives EINVAL."* ]]
	[[ $output == *"clause    MSGSND-ERR-EINVAL-1  EINVAL "* ]]
	[[ $output == *"2 instances that touch it"* ]]
	[[ $output == *"replay    sysvet run --subject model:msgsnd/MSGSND-ERR-EINVAL-1=drop"* ]]
}

@test "the command that is told replays it" {
	run "$sysvet" run --cases "$scratch/cases" --subject model:msgsnd/MSGSND-ERR-EACCES=EPERM
	[ "$status" -eq 1 ]
	[[ $output == *"observed  EPERM"* ]]
	run "$sysvet" run --cases "$scratch/cases" --subject model:msgsnd/MSGSND-ERR-EINVAL-1=drop
	[ "$status" -eq 0 ]
}

@test "a subject has one fault of its own, and changes besides" {
	run "$sysvet" run --cases "$scratch/cases" --quiet \
		--subject model:msgsnd/MSGSND-ERR-EACCES=drop:exclusive-classes=off
	[ "$status" -eq 1 ]
	run "$sysvet" run --cases "$scratch/cases" \
		--subject model:msgsnd/MSGSND-ERR-EACCES=drop:msgsnd/commit=drop
	[ "$status" -eq 2 ]
	[[ $output == *"found 'msgsnd/commit=drop', expected one fault"* ]]
	run "$sysvet" run --subject model:msgsnd/NO-SUCH-RULE=drop
	[ "$status" -eq 2 ]
	[[ $output == *"found 'msgsnd/NO-SUCH-RULE=drop', expected a rule"* ]]
}

@test "what the standard has otherwise than Linux is broken with the standard on both sides" {
	cp cases/perm/posix-effective-gid-makes-a-group-member.case "$scratch/cases/msg/two.case"
	rm "$scratch/cases/msg/one.case"
	mutate 'profile=posix:group-by-fsgid=on' --output -
	[ "$status" -eq 0 ]
	[[ $output == *'"cases":["msg/two[mode=0040,want=0]"],"ran":1'* ]]
	mutate 'profile=posix:file-group-by-fsgid=on'
	[ "$status" -eq 1 ]
	[[ $output == *"run --profile posix --subject model:profile=posix:file-group-by-fsgid=on"* ]]
	mutate 'profile=posix:*' --list
	[[ $output == *profile=posix:unlink/UNLINK-ERR-EPERM=drop* && $output != *MSGSND-ERR-EACCES* ]]
	[[ $output != *=swap* && $output != *creator-class* ]]
}

@test "a model starts from a profile, which is named first" {
	two=cases/perm/posix-effective-gid-makes-a-group-member.case
	run "$sysvet" run --profile posix --subject model:profile=posix "$two"
	[ "$status" -eq 0 ]
	run "$sysvet" run --profile posix --subject model:profile=linux "$two"
	[ "$status" -eq 1 ]
	for profile in profile=minix group-by-fsgid=on:profile=posix; do
		run "$sysvet" run --subject "model:$profile"
		[ "$status" -eq 2 ]
		[[ $output == *"expected profile=linux or profile=posix before all changes"* ]]
	done
}

@test "with --all every instance that notices is counted" {
	mutate 'msgsnd/MSGSND-ERR-EACCES=drop' --output - --all
	[[ $output == *'"by":2,"cases":["msg/one[mode=0600]","msg/one[mode=0604]"],"ran":2'* ]]
	mutate 'msgsnd/MSGSND-ERR-EACCES=drop' --output -
	[[ $output == *'"by":1,"cases":["msg/one[mode=0600]"],"ran":1'* ]]
}

@test "records add up" {
	"$sysvet" mutate --cases "$scratch/cases" --filter 'msg*' --quiet --output "$scratch/m.jsonl" || true
	python3 - "$scratch/m.jsonl" <<-'END'
	import json, sys
	begin, *mutants, end = map(json.loads, open(sys.argv[1]))
	assert begin["record"] == "mutate" and begin["source"] == "rules" and begin["cases"] == 1
	assert len({m["name"] for m in mutants}) == len(mutants) > 100
	assert all(m["record"] == "mutant" for m in mutants)
	tried = [m for m in mutants if not m["excluded"]]
	assert end["mutants"] == len(tried) and end["excluded"] == len(mutants) - len(tried) > 0
	assert end["noticed"] == sum(m["noticed"] for m in tried) > 0
	assert end["survived"] == len(tried) - end["noticed"] > 0 == end["excused"]
	assert all(sum(kind[of] for kind in end["kinds"].values()) == end[of]
	           for of in ("mutants", "noticed", "survived", "excused", "excluded"))
	assert end["exit"] == 1 and end["interrupted"] is None
	END
}

@test "what need not be noticed is listed with a reason, and must not be noticed" {
	excuse 'msgsnd/MSGSND-ERR-EINVAL-1=drop\tNobody asks.\n'
	mutate 'msgsnd/MSGSND-ERR-EINVAL-1=drop'
	[ "$status" -eq 0 ]
	[[ $output == *"excused   msgsnd/MSGSND-ERR-EINVAL-1=drop"*"Nobody asks."* ]]
	excuse 'msgsnd/MSGSND-ERR-EACCES=drop\tNobody asks.\n'
	mutate 'msgsnd/MSGSND-ERR-EACCES=drop'
	[ "$status" -eq 1 ]
	[[ $output == *"mutants.tsv:2: found msgsnd/MSGSND-ERR-EACCES=drop noticed, expected"* ]]
}

@test "a list that names nothing, or gives no reason, is a mistake" {
	excuse 'msgsnd/commit=drop nothing/*\tNobody asks.\n'
	mutate 'msgsnd/commit=drop'
	[ "$status" -eq 2 ]
	[[ $output == *"mutants.tsv:2: no fault that is tried has a name like nothing/*"* ]]
	excuse 'msgsnd/commit=drop\n'
	mutate 'msgsnd/commit=drop'
	[ "$status" -eq 2 ]
	[[ $output == *"mutants.tsv:2: expected patterns, a tab and a reason, found msgsnd/commit=drop"* ]]
}

@test "two rules that no call breaks at once are not tried, and told when asked" {
	mutate 'msgget/MSGGET-ERR-ENOENT,MSGGET-ERR-EEXIST=swap' --excluded
	[ "$status" -eq 0 ]
	[[ $output == *"excluded  msgget/MSGGET-ERR-ENOENT,MSGGET-ERR-EEXIST=swap"*"No call breaks both."* ]]
	mutate 'msgget/*=swap' --list
	[[ $output != *ENOENT* ]]
}

@test "cases that fail on the model itself show nothing" {
	sed -i 's/= EACCES/= EPERM/' "$scratch/cases/msg/one.case"
	mutate 'msgsnd/MSGSND-ERR-EACCES=drop'
	[ "$status" -eq 99 ]
	[[ $output == *"msg/one conflict on the model itself"* ]]
}

@test "mistakes in the command line are told" {
	mutate 'no-such-mutant'
	[ "$status" -eq 2 ]
	[[ $output == *"--filter: found 'no-such-mutant', expected the name of a mutant"* ]]
	run "$sysvet" mutate --output /no/such/folder/file
	[ "$status" -eq 2 ]
	run "$sysvet" mutate --help
	[ "$status" -eq 0 ]
	[[ $output == "usage: sysvet mutate"* ]]
}
