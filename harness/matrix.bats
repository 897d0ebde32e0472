#!/usr/bin/env bats
# The permission space: its size, its names, and that what differs is told as a short rule.

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	sysvet=${SYSVET:-$tree/build/sysvet}
	lies=$(dirname "$sysvet")/lies.so
	cd "$tree" || return 1
	scratch=$(mktemp -d)
	chmod 755 "$scratch"
}

teardown() {
	rm -rf "$scratch"
}

is_root() {
	[ "$(id -u)" = 0 ] || skip "needs root"
}

# What the matrix says of a lie, rules and counts only.
rules_of() {
	local lie=$1
	shift
	status=0
	said=$(LIE=$lie LD_PRELOAD=$lies "$sysvet" matrix "$@") || status=$?
	rules=$(grep -c '^     rule  ' <<<"$said") || true
}

# The whole space is walked by make conformance, and has as many cells as are listed.
@test "every cell that is listed is walked and conforms, and the records add up" {
	is_root
	listed=$("$sysvet" matrix --list --caps none | wc -l)
	run "$sysvet" matrix --caps none --output "$scratch/m.jsonl"
	[ "$status" -eq 0 ]
	[[ $output =~ ^([0-9]+)" cells in "[0-9.]+" s: "([0-9]+)" conforms"$ ]]
	[ "${BASH_REMATCH[1]}" -eq "${BASH_REMATCH[2]}" ]
	[ "${BASH_REMATCH[1]}" -eq "$listed" ]
	tail -1 "$scratch/m.jsonl" | grep -q "\"record\":\"end\",\"cells\":${BASH_REMATCH[1]},"
	[ "$(grep -c '"record":"map"' "$scratch/m.jsonl")" -eq $((3 * 17 + 7 * 14 + 12)) ]
}

@test "a CI reads a walk as a test for each operation and rule" {
	words=(matrix --subject model:creator-class=off --kind msg --quiet --output "$scratch/m.jsonl")
	run "$sysvet" "${words[@]}"
	[ "$status" -eq 1 ]
	run reports/sysvet-report tap --exit-status "$scratch/m.jsonl"
	[ "$status" -eq 1 ]
	grep -q '^not ok [0-9]* - matrix/rule/1$' <<<"$output"
	grep -q '^not ok [0-9]* - matrix/msg/msgctl_IPC_RMID$' <<<"$output"
	grep -q '^ok [0-9]* - matrix/msg/msgctl_MSG_STAT_ANY$' <<<"$output"
	run "$sysvet" matrix --subject model --kind msg --quiet --output "$scratch/m.jsonl"
	run reports/sysvet-report tap --exit-status "$scratch/m.jsonl"
	[ "$status" -eq 0 ]
	[[ $output != *"not ok"* ]]
}

@test "options restrict the space, and what selects nothing is refused" {
	cells=$("$sysvet" matrix --list --kind msg --operation msgrcv --relation 'group*' --mode 06?0 \
		--caps none)
	[ "$(wc -l <<<"$cells")" -eq $((2 * 4 * 8)) ]
	grep -qxF 'matrix/msg/msgrcv[mode=0640,as=group-by-supplementary,caps=none]' <<<"$cells"
	grep -qxF 'matrix/msg/msgrcv[mode=0640,as=group-by-supplementary,caps=none,with=copy]' <<<"$cells"
	listed=$("$sysvet" matrix --list | wc -l)
	[ "$listed" -ge 5000000 ]
	[ "$("$sysvet" matrix --list | LC_ALL=C sort -u | wc -l)" -eq "$listed" ]
	for words in "--kind pipe" "--operation fork" "--relation nobody" "--mode 0888" "--caps all" \
		"--jobs 0" "--kind fifo --caps ipc-owner" "--kind posix-mq --relation creator" \
		"--profile minix" "--subject model:exec-bit=maybe" "extra"; do
		# shellcheck disable=SC2086
		run "$sysvet" matrix $words
		[ "$status" -eq 2 ]
		[[ $output == *"found '"*"', expected "* ]] || [[ $output == *"found value 'maybe'"* ]]
	done
}

@test "a cell is run alone by its name, and a name that is none is refused" {
	is_root
	run "$sysvet" run --filter 'matrix/shm/shmat[mode=0644,as=group-by-egid,caps=none,with=write]'
	[ "$status" -eq 0 ]
	[[ $output == "1 cases, 1 instances"*"1 conforms"* ]]
	for name in 'matrix/msg/msgrcv[mode=0640]' \
		'matrix/msg/semop[mode=0640,as=owner,caps=none,with=zero]' \
		'matrix/msg/msgrcv[mode=0840,as=owner,caps=none]' \
		'matrix/msg/msgrcv[mode=0640,as=owner,caps=none]x' \
		'matrix/msg/msgrcv[mode=0640,as=owner,caps=ipc-lock]'; do
		run "$sysvet" run --filter "$name"
		[ "$status" -eq 2 ]
		[[ $output == *"found '$name', expected "* ]]
	done
}

@test "cells that POSIX permits are a difference for --strict" {
	local -a cells=(--subject model:exec-bit=off --kind msg --operation 'msgget:01*' --mode '06?0')

	run "$sysvet" matrix "${cells[@]}"
	[ "$status" -eq 0 ]
	[[ $output == *" permitted"* && $output != *deviates* ]]
	run "$sysvet" matrix --strict "${cells[@]}"
	[ "$status" -eq 1 ]
	run "$sysvet" matrix --strict "${cells[@]:2}" --subject model
	[ "$status" -eq 0 ]
}

@test "alone and in a row cells come to the same" {
	is_root
	caps=none,ipc-owner,dac-override,chown
	for family in msg sem shm posix-mq posix-shm posix-sem fifo socket dir dir-sticky dir-empty; do
		"$sysvet" matrix --list --kind "$family" --mode 0421 --caps "$caps" >"$scratch/names"
		shuf -n 5 --random-source=/dev/zero "$scratch/names" >"$scratch/some"
		while read -r name; do
			"$sysvet" run --quiet --filter "$name"
		done <"$scratch/some"
	done
}

@test "a model with a changed switch is told as one rule for each thing that it changes" {
	some=(--kind "msg,sem,fifo,posix-shm" --caps "none,ipc-owner,dac-override")
	run "$sysvet" matrix --subject model:supplementary-groups=off "${some[@]}"
	[ "$status" -eq 1 ]
	[ "$(grep -c '^     rule  ' <<<"$output")" -eq 1 ]
	[[ $output == *"is of System V, and as=group-by-supplementary or creator-group-by-supplementary,"* ]]
	run "$sysvet" matrix --subject model:creator-class=off "${some[@]}"
	[ "$status" -eq 1 ]
	[ "$(grep -c '^     rule  ' <<<"$output")" -eq 2 ]
	[[ $output == *"as=creator, and no capability of the caller allows it, and owner and oth"* ]]
	run "$sysvet" matrix --subject model:without=MSGSND-ERR-EACCES "${some[@]}"
	[[ $output == *"rule      every cell where operation=msgsnd, and the call should fail"* ]]
	[[ $output == *"run --subject model:without=MSGSND-ERR-EACCES --filter 'matrix/msg/msgsnd["* ]]
}

@test "a model that is unchanged conforms" {
	run "$sysvet" matrix --subject model
	[ "$status" -eq 0 ]
}

@test "where the standard leaves an outcome open the model goes on as the subject did" {
	for change in "" :exec-bit=off :exec-bit=open :shm-lock=anyone; do
		run "$sysvet" matrix --profile posix --kind shm --subject "model$change" \
			--caps none,ipc-owner --relation 'owner*,creator,both-groups,stranger'
		[ "$status" -eq 0 ]
		[[ $output =~ ^([0-9]+)" cells in "[0-9.]+" s: "([0-9]+)" conforms"$ ]]
		[ "${BASH_REMATCH[1]}" -eq "${BASH_REMATCH[2]}" ]
	done
}

@test "a call that should have failed leaves nothing that other cells are blamed for" {
	is_root
	run "$sysvet" matrix --profile posix --quiet --kind msg,sem,shm --relation group-by-egid --caps none \
		--operation '*_IPC_STAT,*_GETVAL,shmat' --baseline "$scratch/new.tsv" --update-baseline
	[ "$status" -eq 1 ]
	sed 1d "$scratch/new.tsv" | cut -f 2 | cut -d ' ' -f 2- | sort -u >"$scratch/signs"
	diff - "$scratch/signs" <<<$'0 as Linux does\nEACCES as Linux does'
}

@test "where Linux keeps to the standard less than a baseline says, that is news" {
	is_root
	known=(--profile posix --strict --baseline cases/known/linux-posix.tsv --kind msg --caps none)
	run "$sysvet" matrix "${known[@]}"
	[ "$status" -eq 0 ]
	[[ $output == *" known"* && $output != *stale* ]]
	rules_of queue_status_refused_to_supplementary_groups "${known[@]}"
	[ "$status" -eq 1 ]
	[[ $said == *"operation=msgctl_IPC_STAT"*"EACCES instead of success"* ]]
	run "$sysvet" matrix "${known[@]:0:5}" --subject model --kind msg --caps none
	[ "$status" -eq 1 ]
}

@test "lies about one relation, one bit of the mode and one call are told as one rule each" {
	is_root
	rules_of queue_status_refused_to_supplementary_groups --kind msg --caps none,ipc-owner
	[ "$status" -eq 1 ]
	[ "$rules" -eq 1 ]
	[[ $said == *"operation=msgctl_IPC_STAT, and as=group-by-supplementary or creator-group-by-s"* ]]
	rules_of queue_sending_needs_no_permission --kind msg --caps none,ipc-owner
	[ "$rules" -eq 1 ]
	[[ $said == *"every cell where operation=msgsnd, and the call should fail"* ]]
	rules_of segment_creator_may_not_remove --kind shm --caps none,sys-admin
	[ "$rules" -eq 1 ]
	[[ $said == *"every cell where operation=shmctl_IPC_RMID, and as=creator"* ]]
	rules_of set_getncnt_needs_no_permission --kind sem --caps none,ipc-owner
	[ "$rules" -eq 1 ]
	[[ $said == *"every cell where operation=semctl_GETNCNT, and the call should fail"* ]]
	rules_of set_group_read_bit_lost --kind sem --operation 'semctl_GET*' \
		--relation 'group*,owner,stranger'
	[ "$rules" -eq 1 ]
	[[ $said == *"has 4"* || $said == *"0040"* || $said == *"should succeed"* ]]
}

@test "a status that comes without an id is had by other means, and nothing else differs" {
	is_root
	rules_of queue_stat_any_tells_no_id --kind msg --caps none --mode 06?0 --output "$scratch/m.jsonl"
	[ "$status" -eq 1 ]
	[[ $said == *"operation=msgctl_MSG_STAT_ANY"* && $said == *" another value is returned: "* ]]
	[[ $said != *" broken"* && $said != *"the object is gone"* ]]
	[ "$(grep -c '"record":"map"' "$scratch/m.jsonl")" -gt 10 ]
}

@test "lies about files are told as one rule each, and of no other kind" {
	is_root
	rules_of file_refused_to_supplementary_groups --kind fifo,dir,posix-shm --caps none \
		--operation open:read,open:both,shm_open
	[ "$status" -eq 1 ]
	[ "$rules" -eq 1 ]
	[[ $said == *"every cell where kind=fifo, and as=group-by-supplementary, and the call should suc"* ]]
	rules_of directory_takes_names_without_permission --kind dir,dir-sticky --caps none,dac-override
	[ "$rules" -eq 1 ]
	[[ $said == *"every cell where operation=mkfifo, and the call should fail"* ]]
	rules_of connect_needs_no_permission --kind socket
	[[ $said == *"ECONNREFUSED instead of EACCES"* ]]
	rules_of queue_opens_for_all --kind posix-mq --operation mq_open:read,mq_open:write --caps none
	[ "$rules" -eq 1 ]
	[[ $said == *"the call should fail"* ]]
	rules_of sticky_means_nothing --kind dir-sticky --caps none
	[[ $said == *"operation=unlink, and as="*"success instead of EPERM"* ]]
	rules_of file_mode_keeps_a_bit --kind dir --operation chmod --caps none
	[[ $said == *"another mode in the status of the object"* ]]
}

@test "a model of files with a changed switch is told as a rule about files" {
	run "$sysvet" matrix --subject model:file-supplementary-groups=off --kind msg,fifo,posix-shm
	[ "$status" -eq 1 ]
	[ "$(grep -c '^     rule  ' <<<"$output")" -eq 1 ]
	[[ $output == *"every cell where the object is a file, and as=group-by-supplementary, and no cap"* ]]
	run "$sysvet" matrix --subject model:without=CONNECT-ERR-EACCES --kind fifo,socket
	[[ $output == *"rule      every cell where operation=connect, and the call should fail"* ]]
}

@test "a status that shows another mode is noticed" {
	is_root
	rules_of queue_mode_keeps_a_bit --kind msg --operation msgctl_IPC_SET --caps none,sys-admin
	[ "$status" -eq 1 ]
	[[ $said == *"another mode in the status of the object"* ]]
}

@test "a change by a call that should change nothing is told of that call alone" {
	is_root
	rules_of lookup_for_write_changes_the_mode --kind msg --relation owner,creator,stranger \
		--caps none,ipc-owner
	[ "$status" -eq 1 ]
	[ "$rules" -eq 1 ]
	[[ $said == *"every cell where operation=msgget:0200, and as=owner or creator, and "* ]]
	[[ $said == *"observed  another mode in the status of the object: "* && $said != *" more cells"* ]]
}

@test "what differs only now and then is unstable, and never lost" {
	is_root
	rules_of queue_status_fails_now_and_then --kind msg --operation msgctl_IPC_STAT --relation owner
	[ "$status" -eq 1 ]
	[[ $said == *"EINVAL instead of "* ]]
}

@test "an ordinary user gets what one user can have, and is told why the rest is skipped" {
	is_root
	nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	"${nobody[@]}" unshare -Ur true || skip "user namespaces are refused"
	cp -r cases "$scratch"
	install -m 755 "$sysvet" "$scratch/sysvet"
	run "${nobody[@]}" "$scratch/sysvet" matrix --cases "$scratch/cases"
	[ "$status" -eq 0 ]
	[[ ${lines[0]} =~ ^([0-9]+)" cells in ".*" conforms, "([0-9]+)" skipped"$ ]]
	[ "${BASH_REMATCH[1]}" -gt 100000 ]
	[[ $output == *"not run, "*": needs root: uid "* ]]
}

@test "a walk that is interrupted says so, and leaves no process" {
	is_root
	"$sysvet" matrix --output "$scratch/m.jsonl" >"$scratch/out" 3>&- &
	walk=$!
	until grep -q '"record":"matrix"' "$scratch/m.jsonl" 2>/dev/null; do
		kill -0 "$walk"
	done
	kill -TERM "$walk"
	status=0
	wait "$walk" || status=$?
	[ "$status" -eq $((128 + 15)) ]
	tail -1 "$scratch/m.jsonl" | grep -q '"interrupted":"SIGTERM"'
}
