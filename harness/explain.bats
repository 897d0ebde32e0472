#!/usr/bin/env bats
# sysvet explain as a person and as a program meet it.

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	sysvet=${SYSVET:-$tree/build/sysvet}
	ipcmk=${sysvet%/*}/ipcmk
	cd "$tree" || return 1
	scratch=$(mktemp -d)
	mkdir "$scratch/etc"
	printf '%s\n' root:x:0:0:::  alice:x:1000:1000::: bob:x:1001:1001::: carol:x:1002:1002::: \
		>"$scratch/etc/passwd"
	printf '%s\n' root:x:0: alice:x:1000: team:x:50:bob,carol >"$scratch/etc/group"
}

teardown() {
	rm -rf "$scratch"
}

is_root() {
	[ "$(id -u)" = 0 ] || skip "needs root"
}

explain() {
	run "$sysvet" explain --accounts "$scratch/etc" "$@"
}

# The first word of the answer, its errno if it has one, and the status are what the first argument says.
answers() {
	wanted=$1
	shift
	explain "$@"
	case $wanted in
	allowed) [ "$status" -eq 0 ] ;;
	*) [ "$status" -eq 1 ] ;;
	esac
	[[ ${lines[0]} == "$wanted"* ]]
}

@test "the class is the first that matches, and tells by which comparison" {
	answers allowed msgrcv owner=1000:1000 mode=0640 --as 1000:7
	[[ $output == *"class     owner class: euid 1000 = uid"$'\n'* ]]
	answers "denied EACCES" msgsnd owner=1000:1000 mode=0440 --as 1000:7
	[[ $output == *"requested -w-, granted r--, missing -w-"* ]]
	answers allowed msgrcv owner=1:1 creator=1000:2 mode=0640 --as 1000:7
	[[ $output == *"class     owner class: euid 1000 = cuid"$'\n'* ]]
	answers "denied EACCES" msgsnd owner=1:7 mode=0646 --as 1000:7
	[[ $output == *"class     group class: fsgid 7 = gid"$'\n'* ]]
	answers allowed msgrcv owner=1:1 creator=2:9 mode=0640 --as 1000:7:5,9
	[[ $output == *"class     group class: supplementary group 9 = cgid"$'\n'* ]]
	answers "denied EACCES" msgsnd owner=1:1 mode=0664 --as 1000:7
	[[ $output == *"class     other class: no id is the object's"$'\n'* ]]
}

@test "the clause, its source and a case that cites it are named" {
	answers "denied EACCES" semctl_SETVAL owner=1:1 mode=0644 --as 1000:7
	[[ $output == *"clause    XSH-2.7-perm-4 (POSIX-shall, XSH 2.7.1): "* ]]
	[[ $output == *"clause    SEMCTL-ERR-EACCES (POSIX-shall, XSH semctl): "* ]]
	name=$(sed -n "s/.*sysvet run --filter '\(.*\)'/\1/p" <<<"$output")
	grep -q 'SEMCTL-ERR-EACCES' "cases/$name.case"
	run "$sysvet" run --filter "$name" --list
	[ "$status" -eq 0 ]
}

@test "what would allow it is minimal and says whom else it admits" {
	answers "denied EACCES" msgsnd owner=1000:50 mode=0640 --as bob
	[[ $output == *"to allow  set the mode to 0660"$'\n'*"admits carol (1002)"$'\n'* ]]
	[[ $output == *"call as user 1000"* ]]
	[[ $output == *"give the caller CAP_IPC_OWNER in the user namespace that owns the IPC namespace"* ]]
	[[ $output != *0666* ]]
	answers "denied EACCES" msgrcv owner=1000:1000 mode=0640 --as bob
	[[ $output == *"set the mode to 0644"$'\n'*"admits anybody"$'\n'* ]]
	[[ $output == *"let the caller have group 1000"$'\n'*"admits nobody else"$'\n'* ]]
	answers "denied EPERM" shmctl_IPC_RMID owner=1000:50 mode=0777 --as bob
	[[ $output == *"give the caller CAP_SYS_ADMIN in"* ]]
	[[ $output != *"set the mode"* && $output != *"caller CAP_IPC_OWNER"* && $output != *"have group"* ]]
	answers "denied EPERM" 'msgctl_IPC_SET(id, qbytes=20000)' owner=1001:50 --as bob
	[[ $output == *"give the caller CAP_SYS_RESOURCE in the initial user namespace"* ]]
	answers "denied EPERM" 'msgctl_IPC_SET(id, qbytes=20000)' owner=1000:50 --as bob
	[[ $output == *"call as user 1000, and give the caller CAP_SYS_RESOURCE in the initial user name"* ]]
}

@test "each change that is named does allow it" {
	answers "denied EACCES" shmat owner=1000:50 mode=0440 --as bob
	for change in mode=0460 mode=0466; do
		run "$sysvet" explain shmat owner=1000:50 mode=0440 --as 1001:1001:50 --what-if "$change"
		[ "$status" -eq 0 ]
	done
	run "$sysvet" explain shmat owner=1000:50 mode=0440 --as 1001:1001:50 --what-if mode=0640
	[ "$status" -eq 1 ]
	run "$sysvet" explain shmat owner=1000:50 mode=0640 --as 1001:1001:50 --what-if uid=1001
	[ "$status" -eq 0 ]
}

@test "where the profiles differ, and by which switch" {
	answers allowed msgrcv owner=1:50 mode=0640 --as 1001:1001:50
	[[ $output == *"profiles  linux: success; posix: EACCES"* ]]
	[[ $output == *"switch supplementary-groups: "* ]]
	answers "denied EACCES" 'msgget(key, 0700)' owner=1000:50 mode=0600 --as 1000:50
	[[ $output == *"switch exec-bit: "* ]]
	answers allowed msgrcv owner=1:50 mode=0640 --as 1:1
	[[ $output == *"profiles  linux and posix agree"* ]]
}

@test "who lists every account that could, and anybody" {
	answers "denied EACCES" msgrcv owner=1000:50 mode=0640 --as 4000:4000 --who
	[[ $output == *"who may   root (0): other class"*", with CAP_IPC_OWNER"* ]]
	[[ $output == *"alice (1000): owner class"*"bob (1001): group class"*"carol (1002): group class"* ]]
	[[ $output == *"and whoever holds CAP_IPC_OWNER"* ]]
	answers allowed msgrcv owner=1000:50 mode=0604 --as 4000:4000 --who
	[[ $output != *"bob (1001)"* ]]
	[[ $output == *"and anybody, with or without an account"* ]]
}

@test "a failure that nobody would escape is no denial" {
	answers "fails EINVAL" 'semctl_SETVAL(id, 3, 1)' owner=1000:50 nsems=3 --as 1000:50
	[[ $output == *"no question of permission"* ]]
	[[ $output != *"to allow"* ]]
	answers allowed 'semctl_SETVAL(id, 2, 1)' owner=1000:50 nsems=3 --as 1000:50
	answers allowed 'semop(id, [0:-2])' owner=1000:50 --as 1000:50
	[[ $output == *"it must wait"* ]]
}

@test "get calls name the object by key" {
	answers allowed msgget owner=1000:50 key=-5 mode=0 --as 7:7
	answers "denied EACCES" 'semget(key, 0, 0002)' owner=1000:50 mode=0644 --as 7:7
	explain shmget owner=1000:50 key=0 --as 7:7
	[ "$status" -eq 2 ]
	[[ $output == *"has no key"* ]]
	explain 'msgget(5, 0600)' owner=1000:50 --as 7:7
	[ "$status" -eq 2 ]
}

@test "capabilities count as the model says" {
	answers allowed msgrcv owner=1:1 mode=0 --as 7:7+CAP_IPC_OWNER
	answers "denied EACCES" msgrcv owner=1:1 mode=0 --as 0:0
	answers "denied EACCES" msgrcv owner=1:1 mode=0 --as 0:0+CAP_DAC_OVERRIDE+CAP_SYS_ADMIN
	answers "denied EPERM" msgctl_IPC_RMID owner=1:1 --as 7:7+15
	answers allowed msgctl_IPC_RMID owner=1:1 --as 7:7+21
	answers allowed msgctl_IPC_RMID owner=1:1 --as root
	answers allowed shmctl_SHM_LOCK owner=1:1 --as 7:7+CAP_IPC_LOCK
}

@test "names and numbers that are none are refused" {
	for as in 4711 -1:0 4294967295:0 4294967296:0 1:99999999999999999999 1:1:x 1:1:1,,2 1:1+CAP_X 1:1+64 \
		1:1+-1 nobody-here: : '' 0x10:1 ' 1:1'; do
		explain msgrcv owner=1:1 --as "$as"
		[ "$status" -eq 2 ]
		[[ $output == *"--as: found '"*", expected "* ]]
	done
	for word in owner=1 owner=1:-1 owner=: mode=8 mode=10000 mode= mode=-1 nsems=0 nsems=99999 size=0 \
		size=99999999999999999999 key=4294967296 key=x x=1 =; do
		explain semop owner=1:1 "$word" --as 1:1
		[ "$status" -eq 2 ]
	done
	explain msgrcv owner=1:1 owner=1:1 --as 1:1
	[ "$status" -eq 2 ]
	[[ $output == *"expected it once"* ]]
	explain msgrcv mode=0600 --as 1:1
	[ "$status" -eq 2 ]
	for what in '' mode "uid=1," "uid=-1," mode=9 key=1; do
		explain msgrcv owner=1:1 --as 1:1 --what-if "$what"
		[ "$status" -eq 2 ]
	done
	for call in '' msg shmdt fork 'msgrcv(' 'msgrcv(id)' 'msgrcv(id, 0, 0' 'msgrcv(7, 0, 0)' \
		'msgrcv(id, 0, 0) x' 'msgrcv(idx, 0, 0)' 'shmat(id, id)'; do
		explain "$call" owner=1:1 --as 1:1
		[ "$status" -eq 2 ]
	done
	for pid in 0 -1 x 99999999999 2147483647; do
		explain msgrcv owner=1:1 --pid "$pid"
		[ "$status" -eq 2 ]
	done
	for id in -1 x 99999999999 0x7fffffffff; do
		explain msgrcv --msg "$id" --as 1:1
		[ "$status" -eq 2 ]
	done
	explain msgrcv --sem 0 --as 1:1
	[ "$status" -eq 2 ]
	[[ $output == *"expected --msg"* ]]
	explain msgrcv --as 1:1
	[ "$status" -eq 2 ]
	explain msgrcv owner=1:1
	[ "$status" -eq 2 ]
}

@test "what an account is called cannot forge a line" {
	printf 'evil\x1b[31m\\x:x:1000:1000:::\n' >>"$scratch/etc/passwd"
	explain msgrcv owner=1000:1000 --as 4000:4000 --who
	[[ $output == *'evil\x1b[31m\x5cx (1000)'* ]]
	[[ $output != *$'\x1b'* ]]
	explain msgrcv owner=1000:1000 --as 4000:4000 --who --json
	python3 -c 'import json,sys; json.load(sys.stdin)' <<<"$output"
}

@test "json says the same" {
	explain msgsnd owner=1000:50 mode=0640 --as bob --who --json
	[ "$status" -eq 1 ]
	python3 - "$output" <<-'END'
	import json, sys
	e = json.loads(sys.argv[1])
	assert e["verdict"] == "denied" and e["errno"] == "EACCES"
	g = e["linux"]["grounds"]
	assert (g["class"], g["requested"], g["granted"], g["missing"]) == ("group", "-w-", "r--", "-w-")
	assert (g["caller_id"], g["object_id"], g["value"]) == ("supplementary group", "gid", 50)
	assert e["linux"]["rule"] == "MSGSND-ERR-EACCES"
	first = e["remedies"][0]
	assert first["changes"] == [{"change": "mode", "value": 0o660}]
	assert [a["name"] for a in first["admits"]] == ["carol"]
	assert [a["name"] for a in e["who"]["accounts"]] == ["root", "alice"]
	assert e["case"]
	END
}

@test "live objects by id and by key, seen and unseen" {
	unshare -Ur true 2>/dev/null || [ "$(id -u)" = 0 ] || skip "no namespaces here"
	spaces=$([ "$(id -u)" = 0 ] && echo -i || echo -Uri)
	# shellcheck disable=SC2016
	run unshare "$spaces" sh -c '
		shm=$('"$ipcmk"' -M 100 -p 0604 | sed "s/.*: //")
		msg=$('"$ipcmk"' -Q -p 0600 | sed "s/.*: //")
		key=$(awk -v id="$msg" "\$2 == id { print \$1 }" /proc/sysvipc/msg)
		'"$sysvet"' explain shmat --shm "$shm" --as 12345:12345 | sed -n 1,2p
		'"$sysvet"' explain "shmat(id, 0, SHM_RDONLY)" --id "$shm" --as 12345:12345 | sed -n 1p
		'"$sysvet"' explain msgsnd --key "$key" --as 12345:12345 | sed -n 1,2p
		'"$sysvet"' explain msgsnd --key "$key" --pid $$ | sed -n 1p
		'"$sysvet"' explain msgsnd --msg 4711 --as 1:1
	'
	[[ ${lines[0]} == "denied EACCES  shmat(id)" ]]
	[[ ${lines[1]} == *"segment 0, key 0x"*", mode 0604" ]]
	[[ ${lines[2]} == "allowed  shmat(id, 0, SHM_RDONLY)" ]]
	[[ ${lines[3]} == "denied EACCES  msgsnd(id, 1:"* ]]
	[[ ${lines[4]} == *"message queue 0, key 0x"*", mode 0600" ]]
	[[ ${lines[5]} == "allowed  msgsnd"* ]]
	[[ $output == *"there is no message queue with the id 4711 here"* ]]
}

@test "a process in a user namespace of its own has no say outside of it" {
	is_root
	mkfifo "$scratch/up" "$scratch/go"
	unshare -Ur sh -c "echo >$scratch/up; read -r x <$scratch/go" &
	read -r _ <"$scratch/up"
	# shellcheck disable=SC2016
	run unshare -i sh -c "$ipcmk -Q -p 0600 >/dev/null; $sysvet explain msgsnd --msg 0 --pid $!"
	[[ $output == *"there is no message queue"* ]]		# it is in another IPC namespace
	explain msgsnd owner=5:5 mode=0 --pid $!
	echo >"$scratch/go"
	[ "$status" -eq 1 ]
	[[ $output == *"only capabilities that count there were taken"* ]]
	explain msgsnd owner=5:5 mode=0 --pid $$
	[ "$status" -eq 0 ]
}

@test "an ordinary user's own container is seen with the ids of outside" {
	as=()
	[ "$(id -u)" != 0 ] || as=(setpriv --reuid 1234 --regid 1234 --clear-groups)
	"${as[@]}" unshare -Uri "$sysvet" --version >/dev/null 2>&1 || skip "no user namespaces here"
	mkfifo -m 666 "$scratch/up" "$scratch/go"
	chmod 755 "$scratch"
	"${as[@]}" unshare -Uri \
		sh -c "$ipcmk -Q -p 0604 >/dev/null; echo >$scratch/up; read -r x <$scratch/go" &
	read -r _ <"$scratch/up"
	run "${as[@]}" "$sysvet" explain msgsnd --msg 0 --pid $!
	echo >"$scratch/go"
	uid=$("${as[@]}" id -u)
	[ "$status" -eq 0 ]
	[[ $output == *", owner $uid:"*"class     owner class: euid $uid = uid"* ]]
	[[ $output == *"unseen    ids without a name in the process's user namespace"* ]]
}

@test "what is tried on the kernel agrees" {
	is_root
	for call in msgrcv msgsnd 'msgget(key, 0070)' msgctl_IPC_SET semop 'semop(id, [0:0])' semctl_GETALL \
		semctl_IPC_RMID shmat 'shmat(id, 0, SHM_RDONLY)' 'shmat(id, 0, SHM_EXEC)' shmctl_SHM_LOCK; do
		for as in 1000:7 3:50 3:3:9,50 3:3 3:3+CAP_IPC_OWNER 0:0 0:0+CAP_SYS_ADMIN 4:4+all; do
			explain "$call" owner=1000:50 creator=3:8 mode=0740 --as "$as" --verify
			[ "$status" -le 1 ]
			[[ $output == *"verify    the kernel agrees: "* ]]
		done
	done
}

@test "json tells what was tried, and what the kernel answered" {
	is_root
	run "$sysvet" explain msgsnd owner=1:9 mode=0600 --as 2:9 --verify --json
	[ "$status" -eq 1 ]
	[[ $output == *'"verify":{"result":"agrees","answer":"EACCES",'* ]]
	[ -e "${sysvet%/*}/lies.so" ] || skip "the lies are not built"
	LIE=send_eacces_is_eperm LD_PRELOAD=${sysvet%/*}/lies.so run "$sysvet" explain msgsnd owner=1:9 \
		mode=0600 --as 2:9 --verify --json
	[ "$status" -eq 3 ]
	[[ $output == *'"verify":{"result":"disagrees","answer":'* ]]
}

@test "a kernel that disagrees is told by exit 3" {
	is_root
	[ -e "${sysvet%/*}/lies.so" ] || skip "the lies are not built"
	LIE=send_eacces_is_eperm LD_PRELOAD=${sysvet%/*}/lies.so run "$sysvet" explain msgsnd owner=1:9 \
		--as 3:3 --verify
	[ "$status" -eq 3 ]
	[[ $output == *"the kernel DISAGREES: "* ]]
}

@test "sizes, times and ids in a call are those of the call" {
	is_root
	answers allowed 'shmget(key, 5000)' owner=1:1 size=5000 --as 1:1 --verify
	[[ $output == *"the kernel agrees"* ]]
	answers "fails EINVAL" 'shmget(key, 5001)' owner=1:1 size=5000 --as 1:1 --verify
	[[ $output == *"the kernel agrees"* ]]
	answers allowed shmctl_SHM_LOCK owner=1:1 size=999999999999 --as 1:1 --verify
	[[ $output == *"the kernel agrees"* ]]
	answers allowed 'semtimedop(id, [0:-2], 1ms)' owner=1:1 --as 1:1 --verify
	[[ $output == *"the kernel agrees: the call waits"* ]]
	answers allowed 'msgctl_IPC_SET(id, uid=77 gid=78)' owner=1:1 --as 1:1 --verify
	[[ $output == *"the kernel agrees"* ]]
	answers "fails EINVAL" 'msgctl_IPC_SET(id, uid=4294967295)' owner=1:1 --as 1:1 --verify
	[[ $output == *"the kernel agrees"* ]]
}

@test "a segment that is marked for removal and locked is one in the box too" {
	is_root
	answers allowed shmat owner=1:1 key=0 mode=3600 --as 1:1 --verify
	[[ $output == *"the kernel agrees"* ]]
	[[ $output == *"posix: success or EINVAL"* || $output == *"posix: EINVAL"* ]]
}

@test "a cell of the permission space is explained by its name" {
	answers "denied EACCES" 'matrix/msg/msgsnd[mode=0640,as=group-by-supplementary,caps=none]'
	[[ $output == *"owner 1002:1002, creator 1001:1001, mode 0640"* ]]
	[[ $output == *"group class: supplementary group 1002 = gid"* ]]
	answers allowed 'matrix/sem/semop[mode=0640,as=owner,caps=none,with=decrement]'
	answers allowed 'matrix/shm/shmctl_IPC_SET[mode=0000,as=creator,caps=none]'
	[[ ${lines[0]} == "allowed  shmctl_IPC_SET(id, mode=0777)" ]]
	for name in matrix/ matrix/msg/msgsnd 'matrix/msg/semop[mode=0640,as=owner,caps=none]' \
		'matrix/msg/msgsnd[mode=0640,as=nobody,caps=none]'; do
		explain "$name"
		[ "$status" -eq 2 ]
	done
	explain 'matrix/msg/msgsnd[mode=0640,as=owner,caps=none]' --as 1:1
	[ "$status" -eq 2 ]
	is_root
	for as in owner owner-by-fsuid creator group-by-fsgid group-by-egid stranger both-groups; do
		while read -r call; do
			explain "matrix/${call/X/$as}" --verify
			[[ $output == *"the kernel agrees"* ]]
		done <<-'END'
		msg/msgget[mode=0670,as=X,caps=none,with=0010]
		msg/msgrcv[mode=0670,as=X,caps=none,with=copy]
		sem/semtimedop[mode=0440,as=X,caps=none,with=zero]
		sem/semctl_SETALL[mode=0420,as=X,caps=none]
		shm/shmat[mode=0560,as=X,caps=none,with=read-exec]
		shm/shmctl_SHM_LOCK[mode=0000,as=X,caps=ipc-lock]
		END
	done
}

@test "files are explained by what file access permissions say" {
	answers "denied EACCES" connect owner=0:999 mode=0660 --as 1000:1000
	[[ $output == *"object    socket, owner 0:999, mode 0660"* ]]
	[[ $output == *"bits      requested -w-, granted ---, missing -w-"* ]]
	[[ $output == *"let the caller have group 999"* && $output == *"CAP_DAC_OVERRIDE"* ]]
	[[ $output != *CAP_IPC_OWNER* && $output != *"IPC namespace"* ]]
	answers allowed connect owner=0:999 mode=0660 --as 1000:1000:999
	[[ $output == *"group class: supplementary group 999 = gid"* ]]
	answers "denied EPERM" unlink kind=dir owner=0:0 mode=1777 creator=5:5 --as 1000:1000
	[[ $output == *"give the caller CAP_FOWNER in the user namespace that knows the owner"* ]]
	answers "denied EACCES" 'open(dir_node, O_RDONLY)' owner=0:0 mode=0700 --as 1:1 --who
	[[ $output == *"and whoever holds CAP_DAC_READ_SEARCH in the user namespace that knows"* ]]
	explain shm_open owner=7:7 mode=0600 --as 7:7 --json
	[ "$status" -eq 0 ]
	[[ $output == *'"kind":"posix-shm"'*'"requested":"rw-"'* ]]
	answers allowed 'matrix/dir/unlink[mode=0700,as=owner,caps=none,with=below]'
	answers "denied EPERM" 'matrix/fifo/chown[mode=0640,as=stranger,caps=none,with=group]'
	[[ ${lines[0]} == "denied EPERM  chown(node, -1, 1003)" ]]
}

@test "a file that is there is explained, and what keeps one from getting to it" {
	chmod 755 "$scratch"
	mkdir -m 755 "$scratch/way" "$scratch/way/closed"
	mkfifo -m 640 "$scratch/way/closed/fifo"
	answers "denied EACCES" open --path "$scratch/way/closed/fifo" --as 54321:54321
	[[ $output == *"object    FIFO, owner "*", mode 0640"* ]]
	chmod 700 "$scratch/way/closed"
	answers "denied EACCES" open --path "$scratch/way/closed/fifo" --as 54321:54321
	[[ $output == *"way       "*"/way/closed, a directory on the way to it, is asked about"* ]]
	answers allowed open --path "$scratch/way/closed/fifo" --as "$(id -u):$(id -g)"
	answers "denied EACCES" mkfifo --path "$scratch/way" --as 54321:54321
	answers allowed mkfifo --path "$scratch/way" --as "$(id -u):$(id -g)"
}

@test "questions about files that make no sense are refused" {
	touch "$scratch/plain"
	while read -r words; do
		# shellcheck disable=SC2086
		explain $words --as 1:1
		[ "$status" -eq 2 ]
		[[ $output == *"expected "* || $output == *"No such file"* ]]
	done <<-END
		open --msg 3
		msgrcv --path /tmp
		msgrcv owner=1:1 kind=fifo
		open owner=0:0 kind=queue
		open owner=0:0 mode=1777
		open owner=0:0 kind=dir mode=2777
		open owner=0:0 key=3
		open owner=0:0 creator=3:3
		open(queue,0) owner=0:0
		open kind=fifo --path /tmp
		open --path /nonexistent/x
		open --path $scratch/plain
		open --path /dev/null
		umask owner=0:0
	END
}

@test "a kernel agrees about files" {
	is_root
	while read -r call; do
		# shellcheck disable=SC2086
		# shellcheck disable=SC2086 # words of the command line
		explain $call --verify
		[[ $output == *"the kernel agrees"* ]]
	done <<-'END'
		mq_open owner=5:6 mode=0640 --as 7:6
		mq_unlink owner=5:6 --as 7:6
		shm_open owner=5:6 mode=0660 --as 7:8:6
		sem_open owner=5:6 mode=0400 --as 5:6
		open owner=5:6 mode=0044 --as 5:6
		connect owner=5:6 mode=0002 --as 7:8
		rmdir owner=5:6 --as 5:6
		unlink owner=5:6 mode=1777 creator=7:8 --as 7:8
		unlink owner=5:6 mode=1777 creator=7:8 --as 9:9
		mkdir owner=5:6 mode=0770 --as 7:6
		stat owner=5:6 mode=0700 --as 7:6+CAP_DAC_READ_SEARCH
		matrix/posix-mq/mq_open[mode=0640,as=group-by-fsgid,caps=none,with=both]
		matrix/dir-sticky/unlink[mode=0777,as=creator,caps=none,with=below]
		matrix/dir-empty/rmdir[mode=0000,as=owner-by-fsuid,caps=none]
	END
}

@test "an ordinary user learns what could not be tried" {
	run setpriv --reuid 1234 --regid 1234 --clear-groups \
		"$sysvet" explain msgrcv owner=5:5 --as 6:6 --verify
	[[ $status != 127 ]] || skip "no setpriv here"
	[ "$status" -le 1 ] || skip "the program cannot be run by others here"
	[[ $output == *"verify    not tried: who is in it: needs root: uid 5"* ]]
	run setpriv --reuid 1234 --regid 1234 --clear-groups \
		"$sysvet" explain msgrcv owner=5:5 mode=0300 --as 5:5 --verify
	[[ $output == *"not tried: namespaces cannot be had"* ||
		$output == *"the kernel agrees: EACCES (with other ids: "* ]]
}
