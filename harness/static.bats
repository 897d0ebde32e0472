#!/usr/bin/env bats
# The one file for guests: nothing but itself, and the cases inside it.

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	program=$tree/build/sysvet-static
	sysvet=${SYSVET:-$tree/build/sysvet}
	scratch=$(mktemp -d)
	cd "$scratch" || return 1
}

teardown() {
	rm -rf "$scratch"
}

@test "the static program needs no library and less than 1.5 MB" {
	run ldd "$program"
	[[ $output == *"not a dynamic executable"* || $output == *"statically linked"* ]]
	[ "$(stat -c %s "$program")" -lt 1500000 ]
}

@test "it carries the same cases, clauses and claims as the tree" {
	"$program" run --list >inside
	(cd "$tree" && "$sysvet" run --list) >outside
	cmp inside outside
	"$program" requirements >inside
	(cd "$tree" && "$sysvet" requirements) >outside
	cmp inside outside
	"$program" precedence --holes
	run "$program" docs --claim no-such-claim
	[ "$status" -eq 2 ]
	[[ $output == *no-such-claim* ]]
}

@test "it judges the model as the ordinary program does" {
	SOURCE_DATE_EPOCH=1 "$program" run --subject model --quiet --output inside
	(cd "$tree" && SOURCE_DATE_EPOCH=1 "$sysvet" run --subject model --quiet --output -) >outside
	sed 's/"libc":"[^"]*"//' -i inside outside
	cmp inside outside
}

@test "folders and files inside can be named, and folders on disk" {
	[ "$("$program" run --list cases/sem/ | grep -vc ^sem/)" -eq 0 ]
	[ "$("$program" run --list cases/libc/the-number-of-semaphores-is-a-member.case | wc -l)" -eq 1 ]
	run "$program" run --list cases/no-such-family
	[ "$status" -eq 2 ]
	[[ $output == *"nothing of that name among the cases inside"* ]]
	mkdir -p cases/sem
	cp "$tree/cases/requirements.tsv" cases
	cp "$tree/cases/libc/the-number-of-semaphores-is-a-member.case" cases/sem
	[ "$("$program" run --list --cases ./cases)" = sem/the-number-of-semaphores-is-a-member ]
}
