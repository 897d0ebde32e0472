# What all targets share that are a whole system: a kernel of Debian's, booted with sysvet as its first
# process. Beside what common.sh asks for, a script says
#
#	architecture=NAME	Debian's, of the kernel
#	image=PATTERN		of the names of packages that hold such a kernel; the newest is taken
#	compiler=COMMAND	for that CPU
#	more=WORDS		for the kernel's command line
#	console=DEVICE		where the kernel and sysvet write to; empty for the CPU's own choice
#	processors=NUMBER	of the guest; 2 unless told otherwise
#	boot KERNEL INITRAMFS COMMANDLINE
#
# shellcheck shell=sh disable=SC2034,SC2154
# shellcheck source=real/targets/common.sh
. "$(dirname "$0")/common.sh"

architecture=amd64 compiler=musl-gcc image='' console='' more='' processors=2

# The options of qemu that are the same everywhere. The CPU is emulated, so that no guest needs KVM.
emulate() {
	emulator=$1 kernel=$2 initramfs=$3 line=$4
	shift 4
	bounded "$emulator" -accel tcg -m 512 -smp "$processors" -nodefaults -display none -monitor none \
		-serial stdio -no-reboot "$@" -kernel "$kernel" -initrd "$initramfs" -append "$line" \
		</dev/null
}

# ---- the kernel ----------------------------------------------------------------------------------------

# apt for another architecture, with lists and packages of its own: this system's are not touched.
foreign() {
	command=$1
	shift
	mkdir -p "$state/lists/partial" "$state/archives/partial"
	"$command" -q -q -o APT::Architecture="$architecture" -o APT::Architectures="$architecture" \
		-o Dir::State="$state" -o Dir::State::Lists="$state/lists" -o Dir::State::status=/dev/null \
		-o Dir::Cache="$state" -o APT::Sandbox::User= -o Acquire::Languages=none "$@"
}

# The lists of this system, as they are.
ours() {
	command=$1
	shift
	[ "$architecture" = "$(dpkg --print-architecture)" ] || return 1
	"$command" -q -q -o APT::Sandbox::User= "$@"
}

# newest_image LISTS, which is foreign or ours
newest_image() { "$1" apt-cache pkgnames linux-image- | grep -E -x "$image" | sort -V | tail -n 1; }

# Some mirrors lack the index of one suite of an architecture, and have the others.
fetch_kernel() {
	state=$cache/apt/$architecture lists=ours
	mkdir -p "$state/x"
	name=$(newest_image $lists)
	[ -n "$name" ] || { lists=foreign; name=$(newest_image $lists); }
	[ -n "$name" ] || { foreign apt-get update || true; name=$(newest_image $lists); }
	[ -n "$name" ] || fail "apt knows no package $image for $architecture"
	(cd "$state" && $lists apt-get download "$name") || fail "$name cannot be downloaded"
	dpkg-deb --fsys-tarfile "$state/$name"_*.deb | tar -x -C "$state/x" --wildcards './boot/vmlinu*'
	mv "$state"/x/boot/vmlinu* "$1.new"
	rm -r "$state/x" "$state/$name"_*.deb
	mv "$1.new" "$1"
}

kernel() { printf '%s/%s.kernel\n' "$cache" "$self"; }

# ---- what it starts ------------------------------------------------------------------------------------

initramfs() { printf '%s/%s.cpio\n' "$cache" "$self"; }

pack() {
	root=$cache/$self.root
	rm -rf "$root" && mkdir -p "$root"
	cp "$(runner "$compiler")" "$root/init"
	(cd "$root" && echo init | cpio --quiet -o -H newc) >"$(initramfs)"
	rm -r "$root"
}

prepare() {
	[ -z "$image" ] || (
		flock 9
		[ -s "$(kernel)" ] || fetch_kernel "$(kernel)"
	) 9>"$cache/apt.lock"
	build_runner "$compiler"
	pack
}

# Options reach a guest by its kernel's command line, and its records come by the console, in frames. Which
# cases there are is the same for all CPUs.
launch() {
	[ "$2" != --list ] || { shift; "$native" run "$@"; return; }
	log=$piece.console
	status=0
	for rows in abi machines; do
		[ ! -e "$tree/cases/known/$rows.tsv" ] || set -- "$@" --baseline "cases/known/$rows.tsv"
	done
	line="${console:+console=$console }$more quiet panic=-1 rdinit=/init $(behind "$@")"
	boot "$(kernel)" "$(initramfs)" "$line" >"$log" 2>&1 || status=$?
	grep -a -E 'Kernel panic|^@sv end' "$log" >&2 || tail -n 3 "$log" | cut -c 1-300 >&2
	"$report" join --ends /dev/null --models /dev/null -o - "$log" || true
	return $status
}

# As the words of run: those that name the output are the guest's own.
behind() {
	shift
	words=
	for word in "$@"; do
		case $word in
		--output | -) ;;
		*) words="$words $(printf '%s\n' "$word" | sed 's/%/%25/g; s/"/%22/g; s/ /%20/g')" ;;
		esac
	done
	printf 'sysvet.args="%s"' "${words# }"
}
