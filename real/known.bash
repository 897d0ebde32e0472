# What tests of targets share: a part of the cases is run there, and differs as is known.

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	cd "$tree" || return 1
	O=$(dirname "${SYSVET:-$tree/build/sysvet}")
	export O TARGET_LIMIT=120 TARGET_STARTS=1
	records=$BATS_TEST_TMPDIR/records
	[ "$(id -u)" = 0 ] || skip "its cases need root"
}

# as_known NUMBER TARGET COMMAND...: at least so many instances conform, the others differ as a baseline says.
as_known() {
	number=$1 target=$2
	shift 2
	for command; do
		command -v "$command" >/dev/null || skip "no $command"
	done
	"real/targets/$target" prepare
	status=0
	"real/targets/$target" run "$records" || status=$?
	case $(cat "$records.work/1.status") in
	124 | 137) skip "no end after $TARGET_LIMIT s: this machine is busy" ;;
	esac
	last=$(tail -n 1 "$records")
	echo "$target: $last"
	[ "$status" -eq 0 ]
	[[ $last == *'"deviates":0,'*'"exit":0}' ]]
	[ "$(grep -c '"verdict":"conforms"' "$records")" -ge "$number" ]
}
