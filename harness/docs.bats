#!/usr/bin/env bats
# sysvet docs: claims of documents are tested, and what is not as recorded is noticed.

bats_require_minimum_version 1.5.0

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	sysvet=${SYSVET:-$tree/build/sysvet}
	scratch=$BATS_TEST_TMPDIR
	chmod 755 "$scratch"
	cd "$tree" || return 1
	"$sysvet" docs --claim files-help >/dev/null 2>&1 || skip "no namespaces can be had"
}

is_root() {
	[ "$(id -u)" = 0 ] || skip "needs root"
}

# A copy of the claims and cases in which a line was changed by a command of sed.
copy() {
	rm -rf "$scratch/cases"
	mkdir "$scratch/cases"
	ln -s "$tree"/cases/* "$scratch/cases"
	rm "$scratch/cases/docs"
	cp -r cases/docs "$scratch/cases"
	sed -i "$2" "$scratch/cases/docs/$1.claims"
	! diff -q "cases/docs/$1.claims" "$scratch/cases/docs/$1.claims" >/dev/null
}

# The copy is refused with status 2, and this is said.
refused() {
	run --separate-stderr "$sysvet" docs --cases "$scratch/cases"
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	[[ $stderr == *"$1"* ]]
}

# An ipcmk that is a shell script.
fake() {
	printf '#!/bin/sh\n%s\n' "$1" >"$scratch/fake"
	chmod 755 "$scratch/fake"
}

@test "every claim is as true or false as is known, and more than 120 are tested" {
	run "$sysvet" docs
	[ "$status" -eq 0 ]
	[[ ${lines[-1]} =~ ^([0-9]+)" claims: "([0-9]+)" true, "([0-9]+)" false, " ]]
	[ "${BASH_REMATCH[1]}" -ge 120 ]
	[ "${BASH_REMATCH[2]}" -ge 80 ]
	[ "${BASH_REMATCH[3]}" -ge 50 ]
	[[ ${lines[-1]} == *"; 0 not as recorded" ]]
	[[ $output != *NEW* ]]
}

@test "as root nothing is untested but what lacks a program or a file" {
	is_root
	[ -x /usr/bin/ipcs ] || skip "no ipcs here"
	run "$sysvet" docs --seed xsh
	[[ ${lines[-1]} == *" 0 untested, 0 uncheckable; 0 not as recorded" ]]
}

@test "--json is an object with a list of claims, the same each time" {
	"$sysvet" docs --json >"$scratch/one"
	"$sysvet" docs --json --output "$scratch/two"
	cmp "$scratch/one" "$scratch/two"
	python3 - "$scratch/one" <<-'END'
	import json, sys
	found = json.load(open(sys.argv[1]))
	claims = {claim["id"]: claim for claim in found["claims"]}
	assert len(claims) == len(found["claims"]) >= 120
	assert {claim["document"] for claim in claims.values()} == {one["name"] for one in found["documents"]}
	assert len(found["documents"]) == 5
	for claim in claims.values():
	    assert claim["verdict"] in ("true", "false", "version-dependent", "untested", "uncheckable")
	    assert claim["place"] and claim["claim"] and not claim["unexpected"]
	    assert claim["uncheckable"] or claim["evidence"], claim
	    assert all(one["ran"] and one["came"] for one in claim["evidence"]), claim
	    for rival in claim["contradicts"]:
	        assert claim["id"] in claims[rival]["contradicts"]
	assert any(claim["contradicts"] for claim in claims.values())
	END
}

@test "a flipped claim is noticed, whatever it is about" {
	while read -r file claim change; do
		copy "$file" "/^== $claim\$/,/^\$/$change"
		run "$sysvet" docs --cases "$scratch/cases" --claim "$claim"
		[ "$status" -eq 1 ]
		[[ $output == *"NEW: "* ]]
		[[ ${lines[-1]} == *"; 1 not as recorded" ]]
	done <<-'END'
		files files-shmem-bytes s/size=5000/size=5001/
		files files-version s/ipcmk from/ipcmk of/
		names names-ipcrm s/msg=0/msg=1/
		keys keys-M-key s/holds  dialect/holds  nowhere/
		keys keys-mode-0666 s/mode=0666/mode=0644/
		keys keys-since s/against.*//
		svipc svipc-shm-segsz-size s/segsz=5000/segsz=8192/
		svipc svipc-flags s/holds  nowhere//
		svipc svipc-msg-ctime-set s/claim.*/&\nagainst  It is not so./
		xsh xsh-others s/0004/0040/g
		xsh xsh-denied s/against.*//
	END
}

@test "an ipcmk that misbehaves is noticed, one that does not is as good as the installed one" {
	[ -x /usr/bin/ipcmk ] || skip "no ipcmk here"
	fake 'exec /usr/bin/ipcmk "$@"'
	run "$sysvet" docs --ipcmk "$scratch/fake"
	[ "$status" -eq 0 ]
	while read -r claim script; do
		fake "$script"
		run "$sysvet" docs --ipcmk "$scratch/fake" --claim "$claim"
		[ "$status" -eq 1 ]
		[[ $output == *"NEW: $scratch/fake "* ]]
	done <<-'END'
		files-tldr-queue echo Message queue id: 0
		files-shmem-bytes /usr/bin/ipcmk -M 4096
		files-semaphore-number exec /usr/bin/ipcmk "$@" -p 0600 -S 4
		files-tldr-default-mode exec /usr/bin/ipcmk -p 0666 "$@"
		keys-id-on-stdout /usr/bin/ipcmk "$@" >&2
		keys-one-type-none /usr/bin/ipcmk -Q
		keys-status-1 /usr/bin/ipcmk "$@"; exit 0
		files-help kill -SEGV $$
	END
}

# Otherwise a test could not fail, or never succeed.
@test "each test of a command holds for some ipcmk and fails for another" {
	[ -x /usr/bin/ipcmk ] || skip "no ipcmk here"
	printf '#!/bin/sh\nexit 3\n' >"$scratch/fails"
	printf '#!/bin/sh\nexit 0\n' >"$scratch/idles"
	printf '#!/bin/sh\nexec /usr/bin/ipcmk -M 100 -Q -S 1\n' >"$scratch/makes-all"
	chmod 755 "$scratch/fails" "$scratch/idles" "$scratch/makes-all"
	printf '#!/bin/sh\nipcs | grep -q 0x || exec /usr/bin/ipcmk -M 100\n' >"$scratch/makes-one"
	chmod 755 "$scratch/makes-one"
	run "$sysvet" docs --ipcmk "$scratch/fails" --ipcmk "$scratch/idles" --ipcmk "$scratch/makes-all" \
		--ipcmk "$scratch/makes-one" --json --output "$scratch/docs.json"
	[ "$status" -eq 1 ]
	python3 - "$scratch/docs.json" <<-'END'
	import json, sys
	tested = 0
	for claim in json.load(open(sys.argv[1]))["claims"]:
	    seen = {one["result"] for one in claim["evidence"] if one["party"] in ("command", "dialect")}
	    assert not seen or {"holds", "fails"} <= seen, claim
	    tested += bool(seen)
	assert tested > 80
	END
}

@test "a kernel that lies is noticed" {
	is_root
	lies=$(dirname "$sysvet")/lies.so
	[ -e "$lies" ] || skip "lies.so is not built"
	run env LD_PRELOAD="$lies" "$sysvet" docs --seed xsh
	[ "$status" -eq 0 ]
	while read -r seed lie; do
		run env LIE="$lie" LD_PRELOAD="$lies" "$sysvet" docs --seed "$seed"
		[ "$status" -eq 1 ]
		[[ $output == *"NEW: this kernel "* ]]
	done <<-'END'
		svipc queue_qnum_off_by_one
		svipc set_pid_is_own
		svipc segment_nattch_off_by_one
		svipc queue_excl_ignored
		svipc semop_efbig_is_einval
		xsh queue_sending_needs_no_permission
		xsh set_removal_does_nothing
		xsh attach_eacces_is_eperm
		xsh set_group_read_bit_lost
	END
}

@test "several versions of ipcmk can be told apart" {
	[ -x /usr/bin/ipcmk ] || skip "no ipcmk here"
	fake 'case $* in --version) exec echo "ipcmk from util-linux 2.10" ;; -S) exit 0 ;; esac
		exec /usr/bin/ipcmk "$@"'
	run "$sysvet" docs --ipcmk "$scratch/fake" --claim keys-status-1
	[ "$status" -eq 1 ]
	[[ $output == version-dependent* || $output == *$'\nversion-dependent'* ]]
	copy keys '/^== keys-status-1$/,/^$/s/^claim.*/&\nholds  command>=2.11 dialect/'
	run "$sysvet" docs --cases "$scratch/cases" --ipcmk "$scratch/fake" --claim keys-status-1
	[ "$status" -eq 0 ]
	copy keys '/^== keys-status-1$/,/^$/s/^claim.*/&\nholds  command<2.11 dialect/'
	run "$sysvet" docs --cases "$scratch/cases" --ipcmk "$scratch/fake" --claim keys-status-1
	[ "$status" -eq 1 ]
}

@test "an ipcmk without words for its options is one of before release 2.21" {
	[ -x /usr/bin/ipcmk ] || skip "no ipcmk here"
	fake "case \$1 in --*) echo \"invalid option -- '-'\" >&2; exit 1 ;; esac
		exec /usr/bin/ipcmk \"\$@\""
	for claim in files-shmem-bytes files-help keys-tldr-queue names-tldr-shmem files-short-S; do
		run "$sysvet" docs --ipcmk "$scratch/fake" --claim "$claim"
		[ "$status" -eq 0 ]
	done
	copy files '/^== files-shmem-bytes$/,/^$/s/^holds.*//'
	run "$sysvet" docs --cases "$scratch/cases" --ipcmk "$scratch/fake" --claim files-shmem-bytes
	[ "$status" -eq 1 ]
}

@test "a call that is refused shows nothing of what is said against a claim" {
	[ -x /usr/bin/ipcmk ] || skip "no ipcmk here"
	for script in "exit 1" "exit 0"; do
		fake "$script"
		run "$sysvet" docs --ipcmk "$scratch/fake" --claim files-alters
		[ "$status" -eq 0 ]
		[[ $output == *$'\nfalse '*"$scratch/fake not tested"* ]]
	done
	fake 'ipcs | grep -q 0x || exec /usr/bin/ipcmk "$@"'
	run "$sysvet" docs --ipcmk "$scratch/fake" --claim files-alters
	[ "$status" -eq 1 ]
}

@test "what is wrong with a file is said with its place" {
	copy xsh '3i nonsense x'
	refused "cases/docs/xsh.claims:3:1: found 'nonsense', expected seed, title, dialect, or a section"
	copy svipc '/^== svipc-headers$/,/^$/s/^cites.*/cites  NO-SUCH-1/'
	refused "cases/docs/svipc.claims:8:8: found 'NO-SUCH-1'"
	copy svipc '/^== svipc-rmid$/,/^$/s/msgctl_IPC_RMID(q)/msgctl_IPC_RMDIR(q)/'
	refused "found 'msgctl_IPC_RMDIR'"
	copy svipc 's/^case  msg.sending-stamps-stime-only$/case  msg\/no-such/'
	refused "found 'msg/no-such', expected the name of a case"
	copy keys '/^== keys-id-alone$/,/^$/s/stdout=/stdin=/'
	refused "found 'stdin=0?', expected status="
	copy keys '/^== keys-id-alone$/,/^$/s/^expect.*//'
	refused "found no expect after the command"
	copy keys '/^== keys-id-alone$/,/^$/s/^place.*//'
	refused "found 'keys-id-alone', expected a line that says place"
	copy keys '/^== keys-author$/,/^$/s/^\(run\|expect\).*//'
	refused "found 'keys-author', expected a test"
	copy keys '/^== keys-M-key$/,/^$/s/^contradicts.*//'
	refused "in contradicts, expected a claim that names this one too"
	copy keys 's/^== keys-author$/== keys-since/'
	refused "found 'keys-since', expected an id that no other claim has"
	copy keys 's/^holds  dialect$/holds  dialekt/'
	refused "found 'dialekt', expected nowhere, or who"
}

@test "help is there, and wrong words are refused" {
	run "$sysvet" docs --help
	[ "$status" -eq 0 ]
	[[ $output == "usage: sysvet docs"* ]]
	for words in "--claim no-such" "--seed no-such" "--ipcmk /no/such" "--bogus" extra; do
		# shellcheck disable=SC2086
		run --separate-stderr "$sysvet" docs $words
		[ "$status" -eq 2 ]
		[ -z "$output" ]
		[ -n "$stderr" ]
	done
	run "$sysvet" docs --output /no/such/folder/x --claim files-help
	[ "$status" -eq 99 ]
}

@test "a document is found by its name and by that of its file" {
	for name in svipc 003 003_a66949575acc23a7.txt 'sv*'; do
		run "$sysvet" docs --seed "$name" --claim svipc-flags
		[ "$status" -eq 0 ]
		[[ ${lines[0]} == "svipc (003_a66949575acc23a7.txt)"* ]]
	done
}

@test "killed while a command runs, it leaves nothing" {
	is_root
	before=$(cat /proc/sysvipc/msg /proc/sysvipc/sem /proc/sysvipc/shm; ls /dev/shm)
	fake "/usr/bin/ipcmk -Q; : >left-behind; exec tail -f /dev/null $scratch/no-such"
	"$sysvet" docs --ipcmk "$scratch/fake" >/dev/null 2>&1 &
	pid=$!
	until pgrep -f "tail -f /dev/null $scratch/no-such" >/dev/null; do
		kill -0 $pid
	done
	kill -KILL $pid
	wait $pid || true
	deadline=$((SECONDS + 10))
	while pgrep -f "$scratch/" >/dev/null; do
		[ $SECONDS -lt $deadline ]
	done
	[ "$before" = "$(cat /proc/sysvipc/msg /proc/sysvipc/sem /proc/sysvipc/shm; ls /dev/shm)" ]
}

@test "where programs could change files of the system none is tried" {
	is_root
	unshare --user --map-root-user true || skip "no user namespace can be had"
	run unshare --user --map-root-user "$sysvet" docs --claim files-permission-denied
	[ "$status" -eq 77 ]
	[ ! -e /here ]
}

@test "an ordinary user can run it" {
	is_root
	chmod -R a+rX "$(dirname "$sysvet")" 2>/dev/null || true
	setpriv --reuid 1000 --regid 1000 --clear-groups "$sysvet" docs --claim files-help >/dev/null 2>&1 ||
		skip "no ordinary user can reach it or have namespaces"
	run setpriv --reuid 1000 --regid 1000 --clear-groups "$sysvet" docs
	[ "$status" -eq 0 ]
	[[ ${lines[-1]} == *"; 0 not as recorded" ]]
}
