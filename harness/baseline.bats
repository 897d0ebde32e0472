#!/usr/bin/env bats
# Differences that are known: what a run makes of them, and what it writes down.

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	sysvet=${SYSVET:-$tree/build/sysvet}
	cd "$tree" || return 1
	scratch=$(mktemp -d)
	headings=$'case\tobserved\twhere\treason\treference\tseen'
	mkdir -p "$scratch/cases/msg"
	cp cases/requirements.tsv "$scratch/cases"
	cat >"$scratch/cases/msg/one.case" <<-'END'
	claim  Who lacks the bits may neither send nor receive.
	cites  MSGSND-ERR-EACCES
	actors A uid 1000 gid 1000, B uid 1001 gid 1001
	for    mode in 0600, 0640

	A  q = msgget(IPC_PRIVATE, $mode)
	B  msgsnd(q, 1:"x", IPC_NOWAIT)  = EACCES
	B  msgrcv(q, 0, 8, IPC_NOWAIT)   = EACCES
	END
	sends=model:without=MSGSND-ERR-EACCES
}

teardown() {
	rm -rf "$scratch"
}

# A baseline of these rows, without the last three columns, and a run with it.
rows() {
	printf '%s\n' "$headings" >"$scratch/known.tsv"
	printf '%s\tsent away\t#12\t6.1\n' "$@" >>"$scratch/known.tsv"
}
with() {
	run "$sysvet" run --cases "$scratch/cases" --baseline "$scratch/known.tsv" \
		--output "$scratch/r" "$@"
}

@test "what is known is no news, keeps its reason, and is counted by row" {
	rows $'msg/one[*]\tmsgsnd 0\t*'
	with --subject "$sends" --strict
	[ "$status" -eq 0 ]
	[[ $output == *": 2 known"* ]]
	[[ $output == *"  known, 2: msg/one[*]  msgsnd 0"*"sent away  #12"* ]]
	[[ $output != *deviates* ]]
	[ "$(grep -c '"verdict":"known","reason":"sent away","reference":"#12"' "$scratch/r")" -eq 2 ]
	[ "$(grep -c '"verdict":"known","sign":"msgsnd 0","reason":"sent away"' "$scratch/r")" -eq 2 ]
	tail -1 "$scratch/r" | grep -q '"known":\[{"name":"msg/one\[\*\]".*"line":2,"times":2}\],"stale":\[\]'
}

@test "a row hides no other instance, no other outcome and nothing on another system" {
	for row in $'msg/one[mode=0600]\tmsgsnd 0\t*' $'msg/one[*]\tmsgsnd EINVAL\t*' \
		$'msg/one[*]\tmsgrcv 0\t*' $'msg/one[*]\tmsgsnd 0\tlinux' \
		$'msg/one[*]\tmsgsnd 0\tprofile=posix'; do
		rows "$row"
		with --subject "$sends"
		[ "$status" -eq 1 ]
		[[ $output == *"deviates  msg/one[mode=0640]"* ]]
	done
	rows $'msg/one[*]\tmsgsnd 0\tsubject=model*,profile=linux'
	with --subject "$sends"
	[ "$status" -eq 0 ]
}

@test "a second fault in the same case is news" {
	cat >"$scratch/cases/msg/two.case" <<-'END'
	claim  A member of the group may send and look.
	cites  MSGSND-ERR-EACCES
	profile linux
	actors A uid 1000 gid 1000, B uid 1001 gid 1001 groups 1000

	A  q = msgget(IPC_PRIVATE, 0660)
	B  msgsnd(q, 1:"x", IPC_NOWAIT)  = 0
	B  msgctl_IPC_STAT(q)            = 0
	END
	rows $'msg/two\tmsgsnd EACCES\t*'
	with --subject model:supplementary-groups=off --filter msg/two --strict
	[ "$status" -eq 1 ]
	[[ $output == *"permitted  msg/two  step 3"* ]]
	[ "$(grep -c '^permitted' <<<"$output")" -eq 1 ]
	rows $'msg/two\tmsgsnd EACCES\t*' $'msg/two\tmsgctl_IPC_STAT EACCES\t*'
	with --subject model:supplementary-groups=off --filter msg/two --strict
	[ "$status" -eq 0 ]
}

@test "a row that nothing fits any more is stale, and counts with --strict" {
	rows $'msg/one[*]\tmsgsnd 0\t*'
	with --subject model
	[ "$status" -eq 0 ]
	[[ $output == *"stale  msg/one[*]  msgsnd 0"*"known.tsv:2"*"sent away"* ]]
	[[ $output == *": 2 conforms, 1 stale"* ]]
	tail -1 "$scratch/r" | grep -q '"stale":1,.*"instances":2,'
	with --subject model --strict
	[ "$status" -eq 1 ]
	rows $'msg/two\tmsgsnd 0\t*'
	with --subject model --strict
	[ "$status" -eq 1 ]
	[[ $output == *"stale  msg/two  msgsnd 0"*"nothing has such a name"* ]]
}

@test "rows for what did not run, for another system and for cells are not stale" {
	rows $'msg/one[*]\tmsgsnd 0\t*'
	with --subject model --strict --filter 'msg/one[mode=0600]'
	[ "$status" -eq 0 ]
	rows $'msg/two\tmsgsnd 0\t*'
	with --subject model --strict "$scratch/cases/msg"
	[ "$status" -eq 0 ]
	rows $'msg/one[*]\tmsgsnd 0\tlinux<2' $'msg/one[*]\tmsgsnd 0\tgvisor' $'matrix/msg/*\tmsgsnd 0\t*'
	with --subject model --strict
	[ "$status" -eq 0 ]
	[[ $output != *stale* ]]
}

@test "several baselines count together" {
	rows $'msg/one[mode=0600]\tmsgsnd 0\t*'
	mv "$scratch/known.tsv" "$scratch/first.tsv"
	rows $'msg/one[mode=0640]\tmsgsnd 0\t*'
	with --subject "$sends" --baseline "$scratch/first.tsv"
	[ "$status" -eq 0 ]
}

@test "an update writes a row for each new difference, after which none is left" {
	run "$sysvet" run --cases "$scratch/cases" --subject "$sends" --baseline "$scratch/new.tsv"
	[ "$status" -eq 2 ]
	[[ $output == *"new.tsv:1:1: found no file"* ]]
	run "$sysvet" run --cases "$scratch/cases" --subject "$sends" --update-baseline
	[ "$status" -eq 2 ]
	rows $'msg/one[mode=0600]\tmsgsnd 0\t*'
	printf '# last\n' >>"$scratch/known.tsv"
	cp "$scratch/known.tsv" "$scratch/before"
	SOURCE_DATE_EPOCH=86400 with --subject "$sends" --update-baseline
	[ "$status" -eq 1 ]
	head -n 3 "$scratch/known.tsv" | cmp - "$scratch/before"
	[ "$(tail -n +4 "$scratch/known.tsv")" = \
		$'msg/one[mode=0640]\tmsgsnd 0\tsubject=model*,profile=linux\tunexplained\t\t1970-01-02' ]
	with --subject "$sends" --strict --update-baseline
	[ "$status" -eq 0 ]
	[ "$(wc -l <"$scratch/known.tsv")" -eq 4 ]
	[ "$(find "$scratch" -name 'known.tsv*' | wc -l)" -eq 1 ]
}

@test "two updates at once lose no row of the other" {
	rows $'msg/none\tmsgsnd 0\t*'
	for mode in 0600 0640; do
		"$sysvet" run --cases "$scratch/cases" --subject "$sends" --baseline "$scratch/known.tsv" \
			--update-baseline --filter "msg/one[mode=$mode]" >/dev/null 3>&- &
	done
	wait
	[ "$(grep -c unexplained "$scratch/known.tsv")" -eq 2 ]
	grep -q '^msg/none' "$scratch/known.tsv"
}

@test "what POSIX permits can be listed, and is written down when it counts" {
	local order=model:order=semctl_SETVAL/SEMCTL-ERR-ERANGE,SEMCTL-ERR-EACCES
	local -a which=(--subject "$order" --filter 'precedence/semctl_SETVAL*' --baseline "$scratch/p.tsv")

	run "$sysvet" run "${which[@]}" --update-baseline
	[ "$status" -eq 0 ]
	[ "$(wc -l <"$scratch/p.tsv")" -eq 1 ]
	run "$sysvet" run "${which[@]}" --update-baseline --strict
	[ "$status" -eq 1 ]
	run "$sysvet" run "${which[@]}" --strict
	[ "$status" -eq 0 ]
	[[ $output == *" known"* ]]
}

@test "a file that is no baseline ends the run before it begins" {
	rows $'msg/one[*]\tmsgsnd 0\tlinux<six'
	with --subject model
	[ "$status" -eq 2 ]
	[[ $output == *"known.tsv:2:27: found 'six', expected a version, such as 6.12"* ]]
	[ ! -e "$scratch/r" ]
}

@test "what keeps Linux from the standard is listed" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	run "$sysvet" run --profile posix --strict --baseline cases/known/linux-posix.tsv
	[ "$status" -eq 0 ]
	[[ $output == *" known"* && $output != *" stale"* && $output != *" deviates"* ]]
	run "$sysvet" run --strict --quiet --baseline cases/known/linux-posix.tsv --filter 'msg/*'
	[ "$status" -eq 0 ]
}

@test "cells that are known to differ are counted by row, and others are still told" {
	local -a owners=(--subject model:creator-class=off --kind msg --operation "msgrcv,msgsnd")

	run "$sysvet" matrix "${owners[@]}" --baseline "$scratch/m.tsv" --update-baseline
	[ "$status" -eq 1 ]
	grep -q $'^matrix/msg/msgsnd\\[mode=\\*,as=creator,caps=none\\]\tmsgsnd EACCES\t' "$scratch/m.tsv"
	run "$sysvet" matrix "${owners[@]}" --baseline "$scratch/m.tsv" --output "$scratch/m.jsonl"
	[ "$status" -eq 0 ]
	[[ $output =~ ", "([0-9]+)" known" ]]
	[[ $output == *"  known, "*": matrix/msg/ms"*"unexplained"* ]]
	tail -1 "$scratch/m.jsonl" | grep -q "\"deviates\":0,\"known\":${BASH_REMATCH[1]},\"stale\":0,"
	grep -v 'as=creator,caps=none' "$scratch/m.tsv" >"$scratch/less.tsv"
	run "$sysvet" matrix "${owners[@]}" --baseline "$scratch/less.tsv"
	[ "$status" -eq 1 ]
	[[ $output == *"deviates  "*"rule      every cell where as=creator, and caps=none"* ]]
}

@test "a few cells are listed one by one, and each is known as a case too" {
	local cell='matrix/msg/msgsnd[mode=0640,as=stranger,caps=none]'
	local -a strangers=(--subject "$sends" --operation msgsnd --relation stranger --caps none)

	run "$sysvet" matrix "${strangers[@]}" --mode '06?0' --baseline "$scratch/m.tsv" --update-baseline
	[ "$status" -eq 1 ]
	[ "$(grep -c '^matrix/msg/msgsnd.mode=06.0,as=stranger,caps=none.' "$scratch/m.tsv")" -eq 8 ]
	run "$sysvet" run --subject "$sends" --baseline "$scratch/m.tsv" --filter "$cell" --strict
	[ "$status" -eq 0 ]
	[[ $output == *"1 known"* ]]
	run "$sysvet" matrix "${strangers[@]}" --mode '04?0' --baseline "$scratch/m.tsv"
	[ "$status" -eq 1 ]
	[[ $output != *known* ]]
}

@test "rows for cells are stale when all cells that they name ran" {
	rows $'matrix/msg/msgsnd[mode=*,as=stranger,caps=none]\tmsgsnd 0\t*' $'matrix/pipe/*\tmsgsnd 0\t*' \
		$'msg/one\tmsgsnd 0\t*'
	local -a sends_here=(--subject model --operation msgsnd --baseline "$scratch/known.tsv")

	run "$sysvet" matrix "${sends_here[@]}" --strict
	[ "$status" -eq 1 ]
	[[ $output == *"stale  matrix/msg/msgsnd["*"stale  matrix/pipe/*"*"nothing has such a name"* ]]
	[[ $output == *", 2 stale"* ]]
	[[ $output != *"stale  msg/one"* ]]
	run "$sysvet" matrix "${sends_here[@]}" --mode '06??'
	[ "$status" -eq 0 ]
	[[ $output == *", 1 stale"* && $output != *"stale  matrix/msg"* ]]
}
