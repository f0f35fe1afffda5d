# shellcheck shell=sh
# needs_install [--unstarted] PACKAGE ...   install the Debian packages that are missing, when
# we may; otherwise print the one command to run. Sourced by the tools that need more than
# a compiler and make. Debian starts a service as soon as it is installed: --unstarted, and it
# is not.

needs_command() {	# the command by which a package is known to be there
	case $1 in
	net-tools) echo netstat ;;
	iproute2) echo ss ;;
	procps) echo ps ;;
	nodejs) echo node ;;
	chromium-driver) echo chromedriver ;;
	libclang-rt-14-dev) echo clang ;;
	*) echo "$1" ;;
	esac
}

# apt-get, as who may; with a first word, no service starts: a package's scripts find others in
# place of what they would call for it.
needs_apt() {
	starters=
	if [ -n "$1" ]; then
		starters=$(mktemp -d "${TMPDIR:-/tmp}/unstarted.XXXXXX")
		for starter in invoke-rc.d deb-systemd-invoke; do ln -s /bin/true "$starters/$starter"; done
	fi
	shift
	applied=0
	# shellcheck disable=SC2086  # two words, or none
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq \
		${starters:+-o "DPkg::Path=$starters:/usr/sbin:/usr/bin:/sbin:/bin"} "$@" || applied=$?
	[ -z "$starters" ] || rm -r "$starters"
	return $applied
}

needs_install() {
	missing='' unstarted=
	if [ "$1" = --unstarted ]; then unstarted=1; shift; fi
	for package; do
		command -v "$(needs_command "$package")" >/dev/null 2>&1 || missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	if ! command -v apt-get >/dev/null 2>&1; then
		echo "needed and not installed:$missing; install them with your package manager, then run this again" >&2
		return 1
	fi
	if [ "$(id -u)" = 0 ]; then as_root=
	elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then as_root='sudo -n'
	else
		echo "needed and not installed:$missing; run: sudo apt-get install$missing" >&2
		return 1
	fi
	echo "installing:$missing" >&2
	# shellcheck disable=SC2086  # words on purpose
	if ! { needs_apt '' update >&2 && needs_apt "$unstarted" install -y --no-install-recommends $missing >/dev/null; }; then
		echo "could not install:$missing; run: sudo apt-get install$missing" >&2
		return 1
	fi
}
