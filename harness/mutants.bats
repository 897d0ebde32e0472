#!/usr/bin/env bats
# Faults in the model's C source: how they are written, and what finds them.

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	sysvet=${SYSVET:-$tree/build/sysvet}
	mutants=$(dirname "$sysvet")/mutate/mutants
	scratch=$(mktemp -d)
	mkdir -p "$scratch/model" "$scratch/out"
	ln -s "$tree/harness" "$scratch/harness"
	cd "$scratch" || return 1
}

teardown() {
	rm -rf "$scratch"
}

# The source on standard input with its mutants, and a line "KIND: BEFORE => AFTER" for each.
write() {
	cat >model/tiny.c
	"$("$tree/harness/deps.sh" python)" harness/mutants/schemata.py out model/tiny.c
	local place='^\t\{ "model.tiny.c", ([0-9]*), [0-9]*, '
	sed -nE "s/$place"'"([a-z]*)", "f", "(.*)", "(.*)" \},$/\1 \2: \3 => \4/p' out/table.c
}

# What f returns for the argument while that mutant is awake.
value() {
	[ -x prog ] || cc -w -Iharness/mutants -o prog out/model/tiny.c out/table.c harness/mutants/number.c
	MUTANT=$1 ./prog "$2"
}

main='int main(int argc, char **argv) { printf("%d", f(argv[1][0] - 48)); return 0; }'

need_program() {
	[ -x "$mutants" ] || skip "make mutate has not been run"
	cd "$tree" || return 1
}

@test "bounds, conditions, constants, operators and statements become mutants" {
	run write <<-END
	#include <stdio.h>
	int f(int x)
	{
		int n = 0;
		if (x < 3 && x)
			n = x + 2;
		return n;
	}
	$main
	END
	[ "$status" -eq 0 ]
	[[ $output == *"5 bound: x < 3 => x <= 3"* ]]
	[[ $output == *"5 logic: (x < 3) && x => (x < 3) || x"* ]]
	[[ $output == *"5 constant: 3 => 3 + 1"* ]]
	[[ $output == *"6 operator: x + 2 => x - 2"* ]]
	[[ $output == *"6 statement: n = x + 2 => "* ]]
	[[ $output == *"4 constant: 0 => 0 + 1"* ]]
	[[ $output != *printf* ]]
}

@test "one mutant is awake at a time, and none without being asked for" {
	write <<-END
	#include <stdio.h>
	int f(int x)
	{
		return x < 3;
	}
	$main
	END
	[ "$(value 0 2)$(value 0 3)$(value 0 4)" = 100 ]
	[ "$(value 1 2)$(value 1 3)$(value 1 4)" = 110 ]
	[ "$(value 2 2)$(value 2 3)$(value 2 4)" = 110 ]
	[[ $(MUTANT_REACHED=reached ./prog 1; od -An -tx1 reached) == "1 00 01 01 "* ]]
}

@test "a mutant that does not compile is left out, and so is what a macro brings" {
	run write <<-END
	#include <stdio.h>
	#define FOUR (2 + 2)
	int f(int x)
	{
		const char *a = "a", *b = a + x;
		return b - a + FOUR;
	}
	$main
	END
	[ "$status" -eq 0 ]
	[[ $output == *"operator: a + x => a - x"* ]]
	[[ $output != *"b + a"* ]]
	[[ $output != *"2 - 2"* ]]
	[ "$(value 0 3)" = 7 ]
}

@test "fields of one type are exchanged, on either side of an assignment" {
	run write <<-END
	#include <stdio.h>
	struct s { int uid, gid; };
	int f(int x)
	{
		struct s s = { 1, 2 };
		s.uid = x;
		return s.gid;
	}
	$main
	END
	[[ $output == *"field: s.uid => s.gid"*"field: s.gid => s.uid"* ]]
	[ "$(value 0 9)" = 2 ]
	[[ $(for i in 1 2 3 4 5 6; do value $i 9; done) == *9* ]]
}

@test "a fault in the access algorithm is noticed" {
	need_program
	run "$mutants" --filter 'model/perm.c:access_granted:*' --quiet
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "what no test comes to survives" {
	need_program
	mkdir -p "$scratch/cases/msg"
	cp cases/requirements.tsv "$scratch/cases"
	printf 'claim  A queue is there.\ncites  MSGGET-ERR-ENOENT\n\nA  msgget(0x11)  = ENOENT\n' \
		>"$scratch/cases/msg/one.case"
	run "$mutants" --cases "$scratch/cases" --filter 'model/sem.c:*' --sample 3 \
		--output "$scratch/m.jsonl"
	[ "$status" -eq 1 ]
	[[ $output == *"survives  model/sem.c:"*"before"*"after"*"0 instances"* ]]
	[[ $output == *"3 of "*" mutants of the source: 0 noticed, 3 survive"* ]]
	[ "$(grep -c '"record":"mutant"' "$scratch/m.jsonl")" = 3 ]
	grep -q '"record":"end","mutants":3,"noticed":0,"survived":3' "$scratch/m.jsonl"
}

@test "a unit test that fails by itself shows nothing" {
	need_program
	run "$mutants" --sample 1 /bin/false
	[ "$status" -eq 99 ]
	[[ $output == *"/bin/false fails though no mutant is awake"* ]]
}

@test "the same seed chooses the same mutants" {
	need_program
	"$mutants" --list --sample 20 --seed 7 >"$scratch/a"
	"$mutants" --list --sample 20 --seed 7 >"$scratch/b"
	"$mutants" --list --sample 20 --seed 8 >"$scratch/c"
	[ "$(wc -l <"$scratch/a")" = 20 ]
	cmp "$scratch/a" "$scratch/b"
	run cmp -s "$scratch/a" "$scratch/c"
	[ "$status" -eq 1 ]
}
