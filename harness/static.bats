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

@test "the static program needs no library, and with musl less than 1.5 MB" {
	run ldd "$program"
	[[ $output == *"not a dynamic executable"* || $output == *"statically linked"* ]]
	"$program" run --subject model --output records --quiet cases/ids
	head -n 1 records | grep -q '"libc":"musl"' || skip "built with another C library"
	[ "$(stat -c %s "$program")" -lt 1500000 ]
}

@test "it prints no programs in C, and says so" {
	run "$program" reproduce --list
	[ "$status" -eq 2 ]
	[[ $output == "sysvet reproduce: found the static program, expected that of make all" ]]
	run "$program" reproduce --help
	[ "$status" -eq 0 ]
}

@test "it carries the same cases, clauses and claims as the tree" {
	"$program" run --list >inside
	(cd "$tree" && "$sysvet" run --list) >outside
	cmp inside outside
	"$program" requirements >inside
	(cd "$tree" && "$sysvet" requirements) >outside
	cmp inside outside
	"$program" precedence --holes
	"$program" partitions --holes
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

@test "a baseline on disk goes before one inside, and one that is nowhere is said to be nowhere" {
	"$program" run --profile posix --list --baseline cases/known/linux-posix.tsv cases/ids >/dev/null
	mkdir -p cases/known
	echo "no baseline" >cases/known/linux-posix.tsv
	run "$program" run --profile posix --baseline cases/known/linux-posix.tsv cases/ids
	[ "$status" -eq 2 ]
	[[ $output == *cases/known/linux-posix.tsv:1:1:* ]]
	run "$program" run --baseline cases/known/none.tsv cases/ids
	[ "$status" -eq 2 ]
	[[ $output == *"cases/known/none.tsv:1:1: found no file of that name, neither outside the program"* ]]
}

# In a PID namespace of its own to power off is only to end that namespace.
@test "as the first process of a system it runs all cases and tells records on the console" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	mkdir root
	cp "$program" root/init
	SYSVET_ARGS="--filter ids/* --quiet" \
		run unshare --pid --fork --mount --root=root /init
	printf '%s\n' "$output" >log
	grep -q '^@sv end 0$' log
	"$tree/reports/sysvet-report" summary log >said
	grep -q 'conforms to profile linux' said
	grep -q '^ids  *[1-9]' said
	[ -z "$(ls root/proc)" ]	# what it mounted was its own
}
