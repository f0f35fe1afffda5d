# shellcheck shell=sh
# needs_install PACKAGE ...   install the Debian packages that are missing, when
# we may; otherwise print the one command to run. Sourced by the tools that need more than
# a compiler and make.

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

needs_install() {
	missing=
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
	if ! { $as_root apt-get update -qq >&2 &&
	       DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null; }; then
		echo "could not install:$missing; run: sudo apt-get install$missing" >&2
		return 1
	fi
}
