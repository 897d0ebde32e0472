#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031 # each test is a process of its own, and begins with setup
# sysvet snapshot and sysvet audit.

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	sysvet=${SYSVET:-$tree/build/sysvet}
	ipcmk=${sysvet%/*}/ipcmk
	cd "$tree" || return 1
	scratch=$(mktemp -d)
	export SOURCE_DATE_EPOCH=1
	accounts='{"name":"root","uid":0,"gid":0,"groups":[]},
		{"name":"alice","uid":1000,"gid":1000,"groups":[]},
		{"name":"bob","uid":1001,"gid":1001,"groups":[50]},
		{"name":"carol","uid":1002,"gid":50,"groups":[]}'
	groups='{"name":"team","gid":50}'
	space='"initial":false,"foreign_user":false,"foreign_pid":false,"all_ids_mapped":true'
	limits='"msgmni":32000,"msgmnb":16384,"semmni":32000,"semmns":1024000000,"shmmni":4096,"shmall":1000'
	living='"all_seen":true,"pids":[77],"uids":[0,1000,1001]'
}

teardown() {
	rm -rf "$scratch"
}

is_root() {
	[ "$(id -u)" = 0 ] || skip "needs root"
}

# A snapshot of these objects, in the file named first.
snapshot() {
	file=$1
	shift
	cat >"$scratch/$file" <<-END
	{"sysvet_snapshot":1,"date":"2026-01-01T00:00:00Z","page":4096,
	"namespace":{"ipc":"ipc:[1]",$space,"overflow_uid":65534,"overflow_gid":65534},
	"limits":{$limits},"unseen":[],"living":{$living},"accounts":[$accounts],"groups":[$groups],
	"objects":[$(IFS=,; echo "$*")]}
	END
}

# KIND ID MODE OWNER:GROUP [CREATOR:GROUP [more members]]
object() {
	creator=${5:-$4}
	key='"key":1610612737,'
	[[ ${6:-} != *'"key"'* ]] || key=
	printf '{"kind":"%s","id":%d,%s"mode":%d,"uid":%s,"gid":%s,"cuid":%s,"cgid":%s%s}' "$1" "$2" "$key" \
		$((8#$3)) "${4%:*}" "${4#*:}" "${creator%:*}" "${creator#*:}" "${6:+,$6}"
}

# The rules found, one word after the other.
found() {
	"$sysvet" audit "$@" | sed -n 's/^\(note\|warning\|error\) *\([a-z-]*\) .*/\2/p' | paste -sd' '
}

# Says of one segment that is attached by a living process; other kinds have a living owner.
finds() {
	wanted=$1
	shift
	snapshot one "$(object "$@")"
	[ "$(found "$scratch/one")" = "$wanted" ] || { found "$scratch/one"; false; }
}

attached='"nattch":1,"cpid":77,"lpid":77,"segsz":10'

@test "a private object of a living user is nothing to report" {
	finds "" msg 1 600 1000:1000
	finds "" sem 1 640 1000:1000
	finds "" shm 1 640 1000:1000 1000:1000 "$attached"
}

@test "what anybody may is told by the model, not by the digit alone" {
	finds "world-writable" msg 1 622 1000:1000
	finds "world-writable world-readable" sem 1 666 1000:1000
	finds "world-readable" msg 1 644 1000:1000
	finds "world-writable world-readable" shm 1 666 1000:1000 1000:1000 "$attached"
	# a segment cannot be attached for writing without the right to read
	finds "mode-without-effect" shm 1 602 1000:1000 1000:1000 "$attached"
	run "$sysvet" audit "$scratch/one"
	[[ $output == *"Bits 0002 of mode 0602 allow nobody anything."* ]]
	[[ $output == *"Set the mode to 0600 instead of 0602."* ]]
}

@test "group-writable names the accounts, through whichever group" {
	finds "group-writable" msg 1 660 1000:50
	run "$sysvet" audit "$scratch/one"
	[[ $output == *"Members of group team (50) may send to it: bob (1001), carol (1002)."* ]]
	finds "group-writable creator-differs" msg 1 660 1000:9 1001:50
	run "$sysvet" audit "$scratch/one"
	[[ $output == *"group 9 and of its creator's group team (50) may send to it: carol (1002)."* ]]
	finds "group-writable" sem 1 660 1000:77
	run "$sysvet" audit "$scratch/one"
	[[ $output == *"Members of group 77 may alter its values; no account is one."* ]]
}

@test "a creator who is not the owner keeps control" {
	finds "creator-differs" shm 1 600 1000:1000 1001:1001 "$attached"
	run "$sysvet" audit "$scratch/one"
	[[ $output == *"User bob (1001) made it for user alice (1000) and may still set and remove it, r"* ]]
	finds "creator-differs" shm 1 0 1000:1000 1001:1001 "$attached"
	run "$sysvet" audit "$scratch/one"
	[[ $output == *"and may still set and remove it."* ]]
}

@test "class inversion is told class by class" {
	finds "world-readable class-inversion" msg 1 204 1000:1000
	run "$sysvet" audit "$scratch/one"
	[[ $output == *"Anybody else may receive its messages, its owner may not. Anybody else may r"* ]]
	finds "group-writable class-inversion" msg 1 420 1000:50
	run "$sysvet" audit "$scratch/one"
	[[ $output == *"because   Its group may send to it, its owner may not."* ]]
}

@test "execute bits matter on a segment that can be read, and elsewhere not at all" {
	finds "execute-bit" shm 1 700 1000:1000 1000:1000 "$attached"
	finds "mode-without-effect" shm 1 610 1000:1000 1000:1000 "$attached"
	finds "mode-without-effect" sem 1 711 1000:1000
	run "$sysvet" audit "$scratch/one"
	[[ $output == *"Bits 0111 of mode 0711"* ]]
}

@test "owners without account, and owners that cannot be seen" {
	finds "owner-without-account leaked" msg 1 600 4711:1000
	finds "creator-differs owner-without-account" shm 1 600 1000:1000 4711:1 "$attached"
	run "$sysvet" audit "$scratch/one"
	[[ $output == *"because   Its creator 4711 has no account."* ]]
	finds "owner-without-account" shm 1 600 65534:1000 65534:1 "$attached"
	space=${space/mapped\":true/mapped\":false}
	finds "owner-unmapped" shm 1 600 65534:1000 65534:1 "$attached"
}

@test "leaked is what nobody living made or holds" {
	finds "leaked" shm 1 600 1000:1000 1000:1000 '"nattch":0,"cpid":5,"lpid":6'
	finds "" shm 1 600 1000:1000 1000:1000 '"nattch":1,"cpid":5,"lpid":6'
	finds "" shm 1 600 1000:1000 1000:1000 '"nattch":0,"cpid":77,"lpid":6'
	finds "" shm 1 600 1000:1000 1000:1000 '"nattch":0,"cpid":5,"lpid":77'
	finds "" shm 1 600 1000:1000 1000:1000 '"nattch":0,"cpid":0,"lpid":0'
	finds "leaked" sem 1 600 1002:50
	finds "leaked" msg 1 600 1002:50 1002:50 '"lspid":5,"lrpid":6'
	finds "" msg 1 600 1002:50 1002:50 '"lspid":77,"lrpid":6'
	living=${living/true/false}
	finds "" sem 1 600 1002:50
	run "$sysvet" audit "$scratch/one"
	[[ $output == *"not seen: processes of other users"* ]]
}

@test "keys that can be guessed" {
	for key in 17 65535 -1 -559038737 305419896 1094795585 1633837924; do
		finds "guessable-key" msg 1 600 1000:1000 1000:1000 "\"key\":$key"
	done
	for key in 0 65536 1610612737 -2000000000; do
		finds "" msg 1 600 1000:1000 1000:1000 "\"key\":$key"
	done
}

@test "removed and still attached" {
	finds "removed-attached" shm 1 1600 1000:1000 1000:1000 "\"key\":0,$attached"
	run "$sysvet" audit "$scratch/one"
	[[ $output == *"It is attached 1 times and goes with the last of them; 10 bytes are kept."* ]]
}

@test "limits that are near, of the namespace and of a queue" {
	finds "queue-near-limit" msg 1 600 1000:1000 1000:1000 '"cbytes":14746'
	finds "" msg 1 600 1000:1000 1000:1000 '"cbytes":14745'
	limits=${limits/msgmni\":32000/msgmni\":1}
	finds "near-limit" msg 1 600 1000:1000
	[[ $("$sysvet" audit "$scratch/one") == *"1 message queues of 1 (msgmni) are in use."* ]]
	limits=${limits/semmns\":1024000000/semmns\":100}
	finds "near-limit" sem 1 600 1000:1000 1000:1000 '"nsems":90'
	finds "" sem 1 600 1000:1000 1000:1000 '"nsems":89'
	[ "$(found "$scratch/one" --near 89)" = near-limit ]
	finds "near-limit" shm 1 600 1000:1000 1000:1000 '"nattch":1,"segsz":3682305'
	finds "" shm 1 600 1000:1000 1000:1000 '"nattch":1,"segsz":3682304'
	finds "near-limit" shm 1 600 1000:1000 1000:1000 '"nattch":1,"segsz":9223372036854775807'
}

@test "an IPC namespace shared with the host" {
	space=${space/initial\":false/initial\":true}
	snapshot one
	[ "$(found "$scratch/one")" = "" ]
	space=${space/foreign_pid\":false/foreign_pid\":true}
	snapshot one
	[ "$(found "$scratch/one")" = "shared-with-host" ]
	space=${space/initial\":true/initial\":false}
	snapshot one
	[ "$(found "$scratch/one")" = "" ]
}

@test "a policy allows, requires and tells what differs" {
	snapshot one "$(object msg 1 640 1000:50)" "$(object shm 2 600 1001:1001 1001:1001 "$attached")"
	cat >"$scratch/policy" <<-'END'
	# what may be here
	allow   msg owner=alice:team mode<=0660
	require shm owner=bob:* creator=*:* key=*   # bob's
	END
	[ "$(found --policy "$scratch/policy" "$scratch/one")" = "" ]
	cat >"$scratch/policy" <<-'END'
	allow msg owner=alice:team mode=0600
	require sem
	END
	[ "$(found --policy "$scratch/policy" "$scratch/one")" = \
		"policy-unexpected policy-unexpected policy-missing" ]
	run "$sysvet" audit --policy "$scratch/policy" "$scratch/one"
	[[ $output == *"It differs from line 1 of the policy in mode."* ]]
	[[ $output == *"No line of the policy is about it."* ]]
	[[ $output == *"Nothing matches line 2 of the policy."* ]]
}

@test "a mistake in a policy is told by line and column" {
	snapshot one
	while IFS='|' read -r text where; do
		printf '%b' "allow msg\n$text\n" >"$scratch/policy"
		run "$sysvet" audit --policy "$scratch/policy" "$scratch/one"
		[ "$status" -eq 2 ]
		[[ $output == *"policy:2:$where: found '"*"', expected "* ]]
	done <<-'END'
	deny msg|1
	allow|6
	allow pipe|7
	allow msg mode=0999|16
	allow msg mode=|16
	allow msg key<=5|11
	allow msg owner=alice|17
	allow msg owner=nobody-here:50|17
	allow msg owner=1:-1|19
	allow msg key=4294967296|15
	allow msg mode=0600 mode=0600|21
	allow msg \\x1b|11
	allow msg =1|11
	END
	[[ $output != *$'\x1b'* ]]
	run "$sysvet" audit --policy "$scratch/none" "$scratch/one"
	[ "$status" -eq 2 ]
}

@test "fail-on sets the status" {
	snapshot one "$(object msg 1 644 1000:1000)"
	for pair in note:1 warning:1 error:0; do
		run "$sysvet" audit "$scratch/one" --fail-on "${pair%:*}"
		[ "$status" -eq "${pair#*:}" ]
	done
	run "$sysvet" audit "$scratch/one"
	[ "$status" -eq 0 ]
	run "$sysvet" audit "$scratch/one" --fail-on fatal
	[ "$status" -eq 2 ]
}

@test "snapshots round trip, and mistakes in them are told by line and column" {
	snapshot one "$(object msg 1 640 1000:50)" "$(object shm 2 600 1001:1001 1001:1001 "$attached")"
	"$sysvet" snapshot --from "$scratch/one" >"$scratch/two"
	"$sysvet" snapshot --from "$scratch/two" --output "$scratch/three"
	cmp "$scratch/two" "$scratch/three"
	good=$(cat "$scratch/two")
	while IFS='|' read -r from to; do
		[[ $good == *"$from"* ]]
		echo "${good/"$from"/$to}" >"$scratch/bad"
		run "$sysvet" audit "$scratch/bad"
		[ "$status" -eq 2 ] || { echo "$from -> $to"; false; }
		[[ $output == *bad:[0-9]*:[0-9]*": found "* ]]
		[[ $output != *$'\x1b'* ]]
	done <<-'END'
	"mode":416|"mode":4096
	"mode":416|"mode":-1
	"mode":416|"mode":4.5
	"mode":416|"mode":99999999999999999999
	"mode":416|"mode":416,"mode":416
	"mode":416|"mode":"416"
	"mode":416|"mode":null
	"key":1610612737,|
	"mode":416|"colour":416
	"uid":1000|"uid":-1
	"uid":1000|"uid":4294967296
	"kind":"msg"|"kind":"pipe"
	"kind":"msg"|"kind":"\u0000"
	"kind":"shm","id":2|"kind":"msg","id":1
	"id":1|"id":-1
	"id":1|"id":2147483648
	"sysvet_snapshot":1|"sysvet_snapshot":2
	"ipc:[1]"|"ipc:[11111111111111111111111111111111]"
	"pids":[77]|"pids":[0]
	"pids":[77]|"pids":{}
	"msgmni":32000|"msgnmi":32000
	"name":"bob"|"name":7
	]}|]
	]}|]}x
	"date"|"da\qte"
	"unseen":[]|"unseen":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
	END
	printf '{"a\x1b"' >"$scratch/bad"
	run "$sysvet" audit "$scratch/bad"
	[ "$status" -eq 2 ]
	[[ $output != *$'\x1b'* ]]
	printf '{"a":"b\0"}' >"$scratch/bad"
	run "$sysvet" audit "$scratch/bad"
	[ "$status" -eq 2 ]
	run "$sysvet" audit "$scratch"
	[ "$status" -eq 2 ]
	snapshot bad "$(object shm 1 600 1000:50)" "$(object msg 2 600 1000:50)"
	run "$sysvet" audit "$scratch/bad"
	[ "$status" -eq 2 ]
	[[ $output == *"expected them in order of kind and index"* ]]
}

@test "the matrix says for everybody what the model says" {
	snapshot one "$(object msg 1 640 1000:50)"
	run "$sysvet" audit --matrix "$scratch/one"
	[ "$status" -eq 0 ]
	[[ ${lines[1]} == "  root, alice: everything" ]]
	[[ ${lines[2]} == "  bob, carol:  msgrcv(id, 0, 0) msgctl_IPC_STAT(id) msgctl_MSG_STAT(id) "* ]]
	[[ ${lines[3]} == "  anybody:  msgctl_MSG_STAT_ANY(id)" ]]
	"$sysvet" audit --matrix --json "$scratch/one" >"$scratch/matrix"
	python3 - "$scratch/matrix" "$sysvet" "$scratch/one" <<-'END'
	import json, subprocess, sys
	row, = json.load(open(sys.argv[1]))["matrix"]
	assert [w.get("name") for w in row["who"]] == ["root", "alice", "bob", "carol", None]
	calls = ("msgrcv(id, 0, 0)", 'msgsnd(id, 1:"")', "msgctl_IPC_RMID(id)")
	for who, call in ((who, call) for who in row["who"][:-1] for call in calls):
	    asked = subprocess.run([sys.argv[2], "explain", call, "--snapshot", sys.argv[3], "--id", "1",
	                            "--as", who["name"]], stdout=subprocess.DEVNULL)
	    assert (asked.returncode == 0) == (call in who["may"]), (who, call)
	END
}

@test "the difference of two snapshots tells who gained and who lost" {
	snapshot one "$(object msg 1 640 1000:50)" "$(object msg 3 600 1000:50)" "$(object sem 1 600 1000:50)"
	snapshot two "$(object msg 1 602 1000:50)" "$(object msg 2 600 1001:1001)" \
		"$(object sem 1 600 1000:50)"
	run "$sysvet" audit --diff "$scratch/one" "$scratch/two"
	[ "$status" -eq 1 ]
	[[ $output == *"removed  message queue 3, "* ]]
	[[ $output == *"changed  message queue 1, "*"mode      0640 -> 0602"* ]]
	[[ $output == *"lost      bob: msgrcv(id, 0, 0) "* ]]
	[[ $output == *'gained    anybody: msgsnd(id, 1:"")'* ]]
	[[ $output == *"added    message queue 2, "* ]]
	[[ $output == *"3 objects differ"* ]]
	run "$sysvet" audit --diff "$scratch/one" "$scratch/two" --json
	python3 -c 'import json,sys; d = json.load(sys.stdin)
assert [o["change"] for o in d["objects"]] == ["removed", "changed", "added"]' <<<"$output"
	run "$sysvet" audit --diff "$scratch/one" "$scratch/one"
	[ "$status" -eq 0 ]
}

@test "an id that was given again is another object" {
	snapshot one "$(object msg 1 600 1000:50)"
	snapshot two "$(object msg 1 600 1000:50 1001:50)"
	run "$sysvet" audit --diff "$scratch/one" "$scratch/two"
	[[ ${lines[0]} == removed* && ${lines[1]} == added* ]]
}

@test "the same input gives the same bytes, and SARIF fits its schema" {
	printf 'allow msg mode=0\nrequire sem\n' >"$scratch/a policy"
	snapshot one "$(object msg 1 666 4711:50 3:3 '"key":17')" \
		"$(object shm 2 1777 1001:1001 1001:1001 "$attached")"
	for form in "" --json --sarif; do
		"$sysvet" audit "$scratch/one" --policy "$scratch/a policy" $form >"$scratch/x"
		"$sysvet" audit "$scratch/one" --policy "$scratch/a policy" $form >"$scratch/y"
		cmp "$scratch/x" "$scratch/y"
	done
	for schema in harness/schema/sarif-2.1.0.json ${SARIF_SCHEMA:-}; do
		python3 harness/schema/schema.py "$schema" "$scratch/x"
		for wrong in 's/"level":"error"/"level":"fatal"/' 's/"ruleIndex":/"rule":/' \
			's/"text":/"txt":/' 's/"version":"2.1.0"/"version":"2.1"/' \
			's/"startLine":1/"startLine":0/'; do
			sed "$wrong" "$scratch/x" >"$scratch/y"
			run python3 harness/schema/schema.py "$schema" "$scratch/y"
			[ "$status" -eq 1 ]
		done
	done
	python3 - "$scratch/x" <<-'END'
	import json, sys
	run, = json.load(open(sys.argv[1]))["runs"]
	rules = run["tool"]["driver"]["rules"]
	assert len({r["id"] for r in rules}) == len(rules)
	for r in run["results"]:
	    rule = rules[r["ruleIndex"]]
	    assert rule["id"] == r["ruleId"] and rule["defaultConfiguration"]["level"] == r["level"]
	END
}

@test "what accounts and snapshots are called cannot forge a line" {
	accounts='{"name":"ev\nil\u001b[31m","uid":1000,"gid":1000,"groups":[]}'
	living=${living//1000/1}
	snapshot one "$(object msg 1 660 1000:1000)"
	run "$sysvet" audit "$scratch/one"
	[[ $output == *'ev\x0ail\x1b[31m (1000)'* ]]
	[[ $output != *$'\x1b'* ]]
}

@test "a live namespace is looked at and left as it was" {
	unshare -Ur true 2>/dev/null || [ "$(id -u)" = 0 ] || skip "no namespaces here"
	spaces=$([ "$(id -u)" = 0 ] && echo -i || echo -Uri)
	# shellcheck disable=SC2016
	run unshare "$spaces" sh -c '
		'"$ipcmk"' -M 100 -Q -S 3 -p 0666 >/dev/null
		cat /proc/sysvipc/* >'"$scratch"'/before
		'"$sysvet"' snapshot >'"$scratch"'/live && '"$sysvet"' audit >'"$scratch"'/text
		cat /proc/sysvipc/* | cmp - '"$scratch"'/before
	'
	[ "$status" -eq 0 ]
	[ "$(grep -c '^error *world-writable' "$scratch/text")" -eq 3 ]
	"$sysvet" snapshot --from "$scratch/live" | cmp - "$scratch/live"
}

@test "the namespace of another process" {
	is_root
	mkfifo "$scratch/up" "$scratch/go"
	unshare -i sh -c "$ipcmk -Q -p 0642 >/dev/null; echo >$scratch/up; read -r x <$scratch/go" &
	read -r _ <"$scratch/up"
	run "$sysvet" audit --pid $! --json
	echo >"$scratch/go"
	[ "$status" -eq 0 ]
	[[ $output == *'"rule":"world-writable"'* && $output == *'"mode":418'* ]]
}

@test "usage errors exit 2" {
	for words in "--pid 0" "--pid x" "--near 0" "--near 101" "--fail-on x" "a b" "--diff a" \
		"--diff a b --matrix" "--sarif --matrix" "--pid 1 file" "--accounts /etc file" \
		"--frobnicate" "no/such/file"; do
		# shellcheck disable=SC2086
		run "$sysvet" audit $words
		[ "$status" -eq 2 ]
	done
	run "$sysvet" snapshot --pid 2147483647
	[ "$status" -eq 2 ]
	run "$sysvet" snapshot x
	[ "$status" -eq 2 ]
	for words in "audit --help" "audit --rules" "snapshot --help" "explain --help"; do
		# shellcheck disable=SC2086
		run "$sysvet" $words
		[ "$status" -eq 0 ]
	done
}
