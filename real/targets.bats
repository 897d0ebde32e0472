#!/usr/bin/env bats
# Targets that do not survive: shown with one whose sysvet is a script that dies at a case, or hangs.

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	export O="$BATS_TEST_TMPDIR/build"
	mkdir -p "$O/real/targets" "$O/reports"
	ln -s "${SYSVET:-$tree/build/sysvet}" "$O/sysvet"
	cp "$tree/real/targets/common.sh" "$O/real/targets"
	ln -s "$tree/reports/sysvet-report" "$tree/reports/sysvet_report" "$O/reports"
	cd "$tree" || return 1
	export TARGET_ARGUMENTS='--filter ids/a-*'
}

# The lines on standard input are what its launch does.
# shellcheck disable=SC2016 # they are expanded when it runs
a_target() {
	{
		printf '#!/bin/sh\n. "$(dirname "$0")/common.sh"\n'
		echo 'describe=d needs= limit=${LIMIT:-60}'
		echo 'prepare() { :; }'
		echo 'sysvet() { "$O/sysvet" "$@" --cases '"$tree"'/cases --subject model; }'
		echo 'launch() {'
		cat
		printf '}\ntarget "$@"\n'
	} >"$O/real/targets/mine"
	chmod +x "$O/real/targets/mine"
}

verdict_of() { grep -F "\"name\":\"$1\"" "$O/out" | sed 's/.*"verdict":"\([a-z]*\)","reason".*/\1/'; }

@test "every target says what it is and what it needs" {
	for name in $(real/targets/list); do
		run "real/targets/$name" describe
		[ "$status" -eq 0 ]
		[ -n "$output" ]
		run "real/targets/$name" needs
		[ "$status" -eq 0 ]
	done
	run real/targets/native frobnicate
	[ "$status" -eq 2 ]
	run real/targets/matrix no-such-target
	[ "$status" -eq 2 ]
	run make -s deps-targets TARGETS=no-such-target
	[ "$status" -eq 2 ]
}

@test "a target that survives gives the records as they are" {
	a_target <<<'sysvet "$@"'
	"$O/real/targets/mine" run "$O/out"
	tail -n 1 "$O/out" | grep -q '^{"record":"end".*"exit":0}$'
	build/sysvet run --list --filter 'ids/a-*' >"$O/names"
	[ "$(grep -c '^{"record":"case"' "$O/out")" -eq "$(wc -l <"$O/names")" ]
}

@test "the case that ends a target is found and named, and all others have a record" {
	culprit=$(build/sysvet run --list --filter 'ids/a-*' | sed -n 4p)
	export culprit
	a_target <<'END'
	case "$* " in
	*--list*) sysvet "$@" ;;
	*) sysvet "$@" | awk -v name="$culprit" 'index($0, "\"name\":\"" name "\"") { exit } { print }'
		sysvet "$@" 2>/dev/null | grep -qF "\"name\":\"$culprit\"" || return 0
		echo 'panic: out of order' >&2; return 3 ;;
	esac
END
	"$O/real/targets/mine" run "$O/out"
	[ "$(verdict_of "$culprit")" = deviates ]
	grep -F "\"name\":\"$culprit\"" "$O/out" | grep -q 'the target ended: panic: out of order'
	[ "$(grep -c '"verdict":"deviates","reason"' "$O/out")" -eq 1 ]
	tail -n 1 "$O/out" | grep -q '"deaths":2,.*"exit":1}$'
	real/targets/totals "$O/out" | grep -qx '[0-9]* conforms, 1 deviates; died and begun again: 2'
	reports/sysvet-report summary "$O/out" >/dev/null
}

@test "a target that hangs is ended with all that it started" {
	a_target <<'END'
	case "$* " in
	*--list*) sysvet "$@" ;;
	*) sysvet "$@" | head -n 2
		: >"$O/one"; : >"$O/two"
		bounded sh -c "tail -f '$O/one' & tail -f '$O/two'" ;;
	esac
END
	export TARGET_ARGUMENTS='--filter ids/a-negative-id-names-no-queue*' LIMIT=1
	"$O/real/targets/mine" run "$O/out"
	grep -q 'no end after 1 s' "$O/out"
	run pgrep -f "tail -f $O"
	[ "$status" -eq 1 ]
}

with_matrix() { (cd "$tree/real/targets" && cp matrix list totals "$O/real/targets"); }

@test "a target that comes to nothing is named in the report of the others" {
	with_matrix
	a_target <<<'sysvet "$@"'
	cd "$O/real/targets"
	sed 's/^prepare() .*/prepare() { false; }/' mine >lame
	sed '/^launch() /,/^}/ s/^sysvet .*/false/' mine >mute
	cp mine other
	chmod +x lame mute other
	run ./matrix lame mine mute other
	[ "$status" -eq 1 ]
	[[ $output == *"lame "*"nothing: It could not be prepared."*"report: $O/targets/index.html" ]]
	for report in "$O/targets/index.html" "$O/targets/index.md"; do
		grep -q 'lame is missing:.* It could not be prepared.' "$report"
		grep -q 'mute is missing:.* Its run left no records.' "$report"
	done
	run ./matrix mine no-such
	[ "$status" -eq 2 ]
	[[ $output == "no target is called no-such, but lame mine mute other" ]]
}

# All that a target starts holds the end of a pipe, whose reader ends when the last of it is gone.
@test "whoever kills the matrix, at whatever target, has ended all that it started" {
	with_matrix
	mkfifo "$O/began" "$O/ends"
	a_target <<'END'
	bounded sh -c 'exec >"$0/ends"; echo >"$0/began"; tail -f /dev/null & tail -f /dev/null' "$O"
END
	timeout 60 cat "$O/ends" &
	reader=$!
	"$O/real/targets/matrix" mine 3>&- &
	matrix=$!
	timeout 60 cat "$O/began"
	kill -9 "$matrix"
	wait "$reader"
}

@test "of a console of which lines are lost the run does not count as whole" {
	build/sysvet run --subject model --console --filter 'ids/a-*' >"$O/log"
	reports/sysvet-report join --ends /dev/null --models /dev/null -o "$O/out" "$O/log"
	tail -n 1 "$O/out" | grep -q '^{"record":"end"'
	sed -i "/^@sv 000012 /d" "$O/log"
	run reports/sysvet-report join --ends /dev/null --models /dev/null -o "$O/out" "$O/log"
	[[ $output == *"/log: 1 line lost on the console, as line "*" of the log shows."* ]]
	run grep -c '^{"record":"\(end\|operation\)"' "$O/out"
	[ "$output" = 0 ]
	grep -q '^{"record":"case"' "$O/out"
}

@test "gVisor differs in what callers may do as is known, and in nothing else" {
	[ "$(id -u)" = 0 ] || skip "only root starts it"
	command -v runsc >/dev/null || skip "no runsc"
	O=$(dirname "${SYSVET:-$tree/build/sysvet}")
	records=$BATS_TEST_TMPDIR/records
	TARGET_ARGUMENTS="--filter perm/*"
	real/targets/gvisor prepare
	real/targets/gvisor run "$records"
	head -n 1 "$records" | grep -q '"initial_userns":1,'
	last=$(tail -n 1 "$records")
	[[ $last == *'"deviates":0,'*'"exit":0}' ]]
	[[ $last != *'"conforms":0,'* && $last != *'"known":0,'* ]]
	TARGET_ARGUMENTS="--filter shm/exec-detaches-everything"
	real/targets/gvisor run "$records"
	tail -n 1 "$records" | grep -q '"known":1,.*"exit":0}'
	# the permission space is judged there as well
	said=$(timeout -k 5 100 runsc --network=none --platform=ptrace --ignore-cgroups "do" \
		"$O/static/musl-gcc/sysvet" matrix --kind msg --operation msgsnd,msgctl_IPC_SET --mode 0640 \
		--caps none --relation owner,owner-by-fsuid,stranger | cat)
	[[ $said == "4 cells in "*" s: 4 conforms, 2 skipped"* ]]
	[[ $said == *"not run, 2: needs setfsuid"* ]]
}

@test "a kernel of Debian's boots, and does with segments what it is to do" {
	command -v qemu-system-x86_64 >/dev/null || skip "no qemu-system-x86_64"
	command -v cpio >/dev/null || skip "no cpio"
	O=$(dirname "${SYSVET:-$tree/build/sysvet}")
	timeout -k 5 120 real/targets/qemu-x86_64-6.1 prepare || skip "its kernel cannot be had"
	records=$BATS_TEST_TMPDIR/records
	run env TARGET_ARGUMENTS='--filter shm/a*' TARGET_STARTS=1 TARGET_LIMIT=120 \
		real/targets/qemu-x86_64-6.1 run "$records"
	case $(cat "$records.work/1.status") in
	124 | 137) skip "no end after 120 s: this machine is busy" ;;
	esac
	[ "$status" -eq 0 ]
	grep -q '"release":"6\.1\.' "$records"
	last=$(tail -n 1 "$records")
	[[ $last == *'"deviates":0,'*'"exit":0}' ]]
	[ "$(grep -c '"verdict":"conforms"' "$records")" -gt 100 ]
}

@test "where the kernel has SELinux, what ipcmk makes has the label that is asked for, or is not made" {
	for program in qemu-system-x86_64 cpio checkpolicy busybox getfattr; do
		command -v "$program" >/dev/null || skip "no $program"
	done
	O=$(dirname "${SYSVET:-$tree/build/sysvet}")
	timeout -k 5 120 real/targets/qemu-x86_64-6.1 prepare || skip "its kernel cannot be had"
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root/bin"
	real/selinux/policy "$root/policy"
	cp real/selinux/init "$root/init"
	cp "$(command -v busybox)" "$(command -v getfattr)" "$O/ipcmk" "$root/bin"
	for library in $(ldd "$O/ipcmk" "$(command -v getfattr)" | grep -o '[[:blank:]]/[^ ]*' | sort -u); do
		mkdir -p "$root${library%/*}"
		cp -L "$library" "$root$library"
	done
	(cd "$root" && find . | cpio --quiet -o -H newc) >"$root.cpio"
	run timeout -k 5 120 qemu-system-x86_64 -accel tcg -cpu max -m 512 -nodefaults -display none \
		-monitor none -serial stdio -no-reboot -initrd "$root.cpio" \
		-kernel "$O/targets/qemu-x86_64-6.1.kernel" \
		-append "console=ttyS0 no_timer_check quiet panic=-1 selinux=1 security=selinux" </dev/null
	[ "$status" -ne 124 ] || skip "no end after 120 s: this machine is busy"
	expected="> ipcmk --dialect files -D early -t u:object_r:kept_t
ipcmk: --context: no context of a policy that is loaded: Invalid argument
status 1
> ipcmk --dialect files -D d -F f -N s -t u:object_r:kept_t
Directory path: d
FIFO path: f
Socket path: s
status 0
> ipcmk -m 5 -s -q -n /x --context u:object_r:kept_t
POSIX shared memory name: /x
POSIX message queue name: /x
POSIX semaphore name: /x
status 0
d u:object_r:kept_t
f u:object_r:kept_t
s u:object_r:kept_t
/dev/shm/x u:object_r:kept_t
/dev/shm/sem.x u:object_r:kept_t
/dev/mqueue/x u:object_r:kept_t
> ipcmk -q -n /plain
POSIX message queue name: /plain
status 0
/dev/mqueue/plain u:object_r:usual_t
> ipcmk --dialect files -D wrong -t u:object_r:unknown_t
ipcmk: --context: no context of a policy that is loaded: Invalid argument
status 1
> ipcmk -Q --context u:object_r:kept_t
ipcmk: --context: a System V object has the label of its creator
status 1
> ipcmk --dialect files -F new -D /tmp/fixed/d -t u:object_r:kept_t
ipcmk: create directory failed: setxattr: Operation not supported
status 1
.:
d
f
s

/tmp/fixed:
end"
	diff <(sed -n "s/\r$//; /^>/,/^end/p" <<<"$output") <(echo "$expected")
}
