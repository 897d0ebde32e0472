# What all targets share. A target is a system that cases run on; its script says what it needs and how
# sysvet is started there:
#
#	describe=SENTENCE	what it is
#	needs=PACKAGES		of Debian, beyond those of make conformance; may be empty
#	limit=SECONDS		after which a start of it counts as hanging
#	spared=PATTERNS		instances that are known to end it, a word each, and run alone; may be empty
#	known=FILE		of cases/known: what it is known to do otherwise; may be empty
#	prepare			builds and fetches what a run takes
#	launch ARGUMENT...	starts sysvet there; its standard output is ours
#
# and ends with: target "$@". A target that prints a console instead of records defines run itself.
#
# shellcheck shell=sh disable=SC2034,SC2154 # describe, needs and limit are set there, and read below
set -eu

self=$(basename "$0")
tree=$(cd "$(dirname "$0")/../.." && pwd)
O=${O:-$tree/build}
case $O in
/*) ;;
*) O=$tree/$O ;;
esac
cache=$O/targets
arguments=${TARGET_ARGUMENTS-}	# of sysvet run: for example --filter msg/*, without blanks in a word
starts=${TARGET_STARTS:-60}	# of one run at most
spared=
known=
report="$tree/reports/sysvet-report"
native=$O/sysvet

# What is started so ends with this script, however that ends.
tied() { setpriv --pdeathsig TERM "$@"; }

say() { printf '%s: %s\n' "$self" "$*" >&2; }
fail() { say "$*"; exit 99; }

# ---- what runs there ---------------------------------------------------------------------------------

# runner [COMPILER]: the path of the program that carries its cases; build_runner [COMPILER [GOAL]] builds it.
runner() { printf '%s/static/%s/sysvet\n' "$O" "${1:-musl-gcc}"; }
# Tests that run beside each other must not build the same.
build_runner() {
	mkdir -p "$O/static"
	tied flock "$O/static/lock" setpriv --pdeathsig TERM \
		make -s -C "$tree" O="$O" CC="${1:-musl-gcc}" "${2:-static}" >/dev/null
}

# ---- watchdog ----------------------------------------------------------------------------------------

# bounded COMMAND...: ends it after $limit seconds, and when this script ends, with all that it started. Root
# puts it into a PID namespace, whose processes all die with the first; others have a process group at least.
bounded() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --pdeathsig KILL timeout -k 5 "$limit" \
			setpriv --pdeathsig KILL unshare --pid --mount-proc --fork --kill-child -- "$@"
	else
		tied timeout -k 5 "$limit" "$@"
	fi
}

# through ABI PROGRAM run ARGUMENT...: that program, bounded, with --abi and what is known of ABIs.
through() {
	way=$1 program=$2
	shift 3
	rows=$tree/cases/known/abi.tsv
	[ ! -e "$rows" ] || set -- --baseline "$rows" "$@"
	bounded "$program" run --abi "$way" "$@"
}

# ---- a run, and what is left of one that the target does not survive -----------------------------------

records() { grep -c '^{"record":"case".*}$' "$1" || true; }
is_complete() { tail -n 1 "$1" | grep -q '^{"record":"end".*}$'; }
# Where the target is a program for each process, it can end under one job alone.
survived() { is_complete "$1" && ! grep -q '"verdict":"broken","reason":"the job ended' "$1"; }
nth() { sed -n "$2p" "$1"; }

# Starts sysvet on the target; what it says goes into files beside piece number $1.
start() {
	piece=$work/$1
	shift
	status=0
	launch run --quiet --output - "$@" >"$piece" 2>"$piece.log" || status=$?
	printf '%s\n' "$status" >"$piece.status"
}

# Options that leave out what is spared.
without_spared() {
	set -f
	for pattern in $spared; do printf '%s=%s\n' --exclude "$pattern"; done
	set +f
}

# Those that are spared, each by itself: they must go on to end the target.
start_spared() {
	[ -n "$spared" ] || return 0
	# shellcheck disable=SC2086 # options are words
	launch run --list $arguments | grep -vxF -f "$work/names" >"$work/spared" || true
	while IFS= read -r name; do
		start_alone "$name" || true
	done <"$work/spared"
}

# One instance. False when it ends the target, which is written down then.
start_alone() {
	number=$((number + 1))
	# shellcheck disable=SC2046 # options are words
	start "$number" --filter "$1" $(judged) </dev/null
	survived "$piece" || { printf '%s\t%s\n' "$1" "$(last_words "$piece")" >>"$work/ends"; false; }
}

judged() { [ -z "$known" ] || printf '%s\n' --baseline "$tree/cases/known/$known"; }

# What the target said last, for somebody who asks why it ended.
last_words() {
	case $(cat "$1.status") in
	124 | 137) printf 'no end after %s s; ' "$limit" ;;
	esac
	grep -a -i -m 1 -E '^(panic|fatal error|Bail out|.*kernel panic)' "$1.log" ||
		printf 'exit status %s\n' "$(cat "$1.status")"
}

# All cases, in as many starts as it takes: where one ends early, the first instance without a record is
# among those that were under way. They are run again one after the other, and those without a record then one
# by one, for records can be lost in the end: that tells which ends the target.
run_pieces() {
	total=$(wc -l <"$work/names") at=1 number=0 alone=
	while [ "$at" -le "$total" ] && [ "$number" -lt "$starts" ]; do
		number=$((number + 1))
		# shellcheck disable=SC2046,SC2086 # options are words
		start "$number" --from "$(nth "$work/names" "$at")" \
			$alone $arguments $(judged) $(without_spared)
		at=$((at + $(records "$piece")))
		is_complete "$piece" && break
		[ "$number" != 1 ] || [ -s "$piece" ] || { cat "$piece.log" >&2; fail "it does not start"; }
		if [ -n "$alone" ]; then
			find_culprit
			alone=
		else
			alone="--jobs=1"
		fi
	done
}

find_culprit() {
	for _ in 1 2 3 4 5 6 7 8; do
		[ "$at" -le "$total" ] || return 0
		at=$((at + 1))
		start_alone "$(nth "$work/names" $((at - 1)))" || return 0
	done
}

# The records of cases that ended the target are those of a run on the model, with another verdict.
on_model() {
	cut -f 1 "$work/ends" | while IFS= read -r name; do
		"$native" run --subject model --quiet --output - --filter "$name" || true
	done
}

run() {
	work=$1.work
	rm -rf "$work" && mkdir -p "$work"
	: >"$work/ends"
	set -f	# patterns among the arguments are for names of cases
	# shellcheck disable=SC2046,SC2086 # options are words
	launch run --list $arguments $(without_spared) >"$work/names" ||
		fail "sysvet cannot list its cases there"
	run_pieces
	start_spared
	on_model >"$work/models"
	# shellcheck disable=SC2046 # a word for each piece
	"$report" join --ends "$work/ends" --models "$work/models" $(judged) -o "$1" \
		$(i=0; while [ "$i" -lt "$number" ]; do i=$((i + 1)); printf '%s\n' "$work/$i"; done)
	set +f
	cat "$work"/*.log >"$1.log"
	grep -E 'The kernel said|lost on the console' "$1.log" >&2 || true
}

# ---- the face of every target --------------------------------------------------------------------------

target() {
	limit=${TARGET_LIMIT:-$limit}
	case "${1-} ${2:+file}" in
	"needs ") printf '%s\n' "$needs" ;;
	"describe ") printf '%s\n' "$describe" ;;
	"prepare ") mkdir -p "$cache"; prepare ;;
	"run file") run "$2" ;;
	*) echo "usage: $0 needs|describe|prepare|run RECORDS" >&2; exit 2 ;;
	esac
}
