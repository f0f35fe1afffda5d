# shellcheck shell=sh
# What the tools share. Sourced from the top folder.

die() { echo "${0##*/}: $*" >&2; exit 2; }

# about FILE   the comment at the top of FILE
about() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$1"; }

# usage FILE   that, for who has called it wrong
usage() { about "$1" >&2; exit 2; }

# help FILE ARGUMENT ...   that, for who asks for it
help() {
	case ${2:-} in
	-h | --help) about "$1"; exit 0 ;;
	esac
}

need_compiler() {
	command -v "${CC:-cc}" >/dev/null 2>&1 ||
		die "no C compiler '${CC:-cc}' here; on Debian or Ubuntu: sudo apt-get install gcc make"
}

# stage_folder N   "3", "03", "poll" or "03-poll" -> stages/03-poll; "7.4", a step -> its folder, made now;
# "fork", a road -> labs/roads/fork
stage_folder() {
	[ -n "${1:-}" ] || die "which stage? Give its number after the goal, such as 1; 'make' lists the goals"
	case $1 in [0-9].*) tools/steps/step folder "$1" || exit; return ;; esac
	for folder in stages/0"$1"-* stages/"$1"-* stages/0[0-9]-"$1" stages/"$1" labs/roads/"$1"; do
		if [ -f "$folder/Makefile" ]; then
			echo "$folder"
			return
		fi
	done
	die "there is no stage '$1'; there are $(stage_numbers | tr '\n' ' ' | sed 's/ $//'), and roads $(road_names | tr '\n' ' ' | sed 's/ $//'): try 'make stage 1'"
}

# stage_number FOLDER   stages/03-poll -> 3, build/steps/07.4-memory -> 7.4
stage_number() { basename "$1" | sed 's/^0*//; s/-.*//'; }

# stage_before N   what comes before stage or step N; nothing before the first
stage_before() {
	case $1 in
	*.*) tools/steps/step before "$1" ;;
	1) ;;
	*) echo $(($1 - 1)) ;;
	esac
}

stage_numbers() {
	for folder in stages/0*; do
		[ -f "$folder/Makefile" ] && basename "$folder" | sed 's/^0*//; s/-.*//'
	done
}

# The roads of labs/roads: fork handoff ...
road_names() {
	for folder in labs/roads/*/; do
		if [ -f "$folder/Makefile" ]; then basename "$folder"; fi
	done
}

# helper NAME ...   build the small C programs tools/NAME/ that a tool is made of
helper() {
	need_compiler
	for name; do
		make -s -f tools/helpers.mk "build/tools/$name" CC="${CC:-cc}" >&2 ||
			die "tools/$name does not build; 'make doctor' looks at this machine's tools"
	done
}
