# shellcheck shell=sh disable=SC2034  # what lab.conf sets is used by the tools
# What the tools for the labs share. Sourced from the top folder, after tools/lib.sh.

code=labs/code

# lab_load N   "1", "01", "parser" or "01-parser": sets $lab, $folder and what lab.conf says
lab_load() {
	[ -n "${1:-}" ] || die "which lab? there are: $(lab_names)"
	folder=
	for f in "$code/0$1"-* "$code/$1"-* "$code"/[01][0-9]-"$1" "$code/$1"; do
		if [ -f "$f/lab.conf" ]; then folder=$f; break; fi
	done
	[ -n "$folder" ] || die "there is no lab '$1'; there are: $(lab_names)"
	lab=$(basename "$folder")
	number='' version='' title='' stage='' hours='' submit='' imports='' use='' scenes='' weave='' starter_score=
	# shellcheck source=/dev/null
	. "$folder/lab.conf"
}

lab_names() {
	for f in "$code"/[01][0-9]-*; do
		[ ! -f "$f/lab.conf" ] || printf '%s ' "$(basename "$f")"
	done
}

# seed_of STUDENT   8 hex digits; COURSE and TERM_NAME keep courses apart
seed_of() {
	printf '%s/%s/%s/%s' "${COURSE:-}" "${TERM_NAME:-}" "$1" "$lab" | sha256sum | cut -c 1-8
}

other_seed() { printf '%s/other' "$1" | sha256sum | cut -c 1-8; }

# given DEST SEED   everything in a student's folder but the files to write
given() {
	mkdir -p "$1"
	cp -R "$folder/given/." "$1/"
	cp "$code/lib/lab.mk" "$1/"
	for f in $use; do cp "$code/lib/$f" "$1/"; done
	awk -v seed="$2" -f "$code/lib/variant.awk" -f "$folder/variant.awk" >"$1/variant"
	awk 'BEGIN { print "/* variant.h - the numbers and words of your variant; grading makes it anew */\n#pragma once\n" }
		$1 == "SEED" { next }
		$2 ~ /^-?[0-9]+$/ { print "#define " $1 " " $2; next }
		{ name = $1; sub(/^[^ ]* /, ""); print "#define " name " \"" $0 "\"" }' "$1/variant" >"$1/variant.h"
}

# written starter|solution FROM DEST   the files of submit=, made from those with the markers
written() {
	for f in $submit; do
		awk -v solution="$([ "$1" = solution ] && echo 1)" -f "$code/lib/starter.awk" "$2/$f" >"$3/$f" || return 1
	done
}

# submitted FROM DEST   copies the files of submit= and nothing else; says what is wrong
submitted() {
	for f in $submit; do
		if [ -L "$1/$f" ] || [ ! -f "$1/$f" ]; then
			echo "$f is missing: it is one of the files that you hand in"
			return 1
		fi
		if [ "$(wc -c <"$1/$f")" -gt 262144 ]; then
			echo "$f is larger than 256 KiB"
			return 1
		fi
		cat "$1/$f" >"$2/$f"
	done
}

# fingerprint TREE   what was handed in, as rows of the result: the hash of all, and of each file
fingerprint() {
	files=$(cd "$1" && for f in $submit; do
		[ ! -f "$f" ] || printf '@file\t%s\t%d\t%s\n' "$f" "$(wc -c <"$f")" "$(sha256sum <"$f" | cut -c 1-64)"
	done)
	printf '@submitted\t%s\n%s\n' "$(echo "$files" | sha256sum | cut -c 1-64)" "$files"
}

uptime_now() { cut -d ' ' -f 1 /proc/uptime; }

# allowed TREE   does the submission call only what lab.conf allows? (imports=)
allowed() {
	[ -n "$imports" ] || return 0
	for f in $submit; do
		case $f in *.c) ;; *) continue ;; esac
		if grep -nE '(^|[^a-z_])(__)?asm(__)?[^a-z_]' "$1/$f"; then
			echo "$f: this lab does not allow asm"
			return 1
		fi
		nm -u "$1/build/${f%.c}.o"
	done | awk -v ok="$imports fprintf fputs fputc putc fwrite stderr _GLOBAL_OFFSET_TABLE_ __stack_chk_fail __assert_fail" '
		BEGIN { n = split(ok, list, " "); for (i = 1; i <= n; i++) known[list[i]] = 1 }
		$1 == "U" { name = $2; sub(/^__/, "", name); sub(/_chk$/, "", name); if (!(name in known) && !($2 in known)) { print "this lab does not allow a call of " $2; bad = 1 } next }
		{ print; bad = 1 }
		END { exit bad }'
}

# object SOURCE OBJECT FLAG...   compiles, where it was not taken from objects_get
object() {
	from=$1 to=$2
	shift 2
	[ -f "$to" ] || ${CC:-cc} "$@" -c "$from" -o "$to"
}

# scenes_build TREE   build/scenes: the submission's code, linked with the scenes that look at it.
# Its code goes into a section of its own, so that step.c knows its instructions.
scenes_build() {
	[ -n "$scenes" ] || return 0
	tree=$1
	set -- -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -O2 -g ${weave:+-DWEAVE} -I"$tree" -I"$code/lib" -I"$folder/scenes"
	runner=step objects=
	[ -z "$weave" ] || runner=weave
	for f in $scenes; do
		o=$tree/build/student-${f%.c}.o
		object "$tree/$f" "$o" "$@" && objcopy --rename-section .text=student "$o" || return 1
		objects="$objects $o"
	done
	for f in "$folder"/scenes/*.c "$folder"/hidden/scenes/*.c "$code/lib/scene.c" "$code/lib/$runner.c"; do
		[ -f "$f" ] || continue
		o=$tree/build/$(echo "${f%.c}" | tr / -).o
		object "$f" "$o" "$@" || return 1
		objects="$objects $o"
	done
	# shellcheck disable=SC2086
	${CC:-cc} $objects -Wl,-z,now -lpthread -o "$tree/build/scenes"
}

# Objects that many submissions share, in labs-check: what is not compiled from a file of submit=, with
# the same headers and flags. LAB_OBJECTS is the folder where they are kept; without it there are none.
objects_key() {
	(cd "$1" && cat ./*.h Makefile lab.mk; echo "$lab ${CC:-cc} $2") | cksum | tr ' ' -
}

objects_get() {
	mkdir -p "$1/build"
	[ -z "${LAB_OBJECTS:-}" ] || cp "$LAB_OBJECTS/$(objects_key "$1" "$2")"/*.o "$1/build/" 2>/dev/null || :
}

objects_keep() {
	[ -n "${LAB_OBJECTS:-}" ] || return 0
	kept=$LAB_OBJECTS/$(objects_key "$1" "$2")
	if [ -d "$kept" ]; then return; fi
	new=$(mktemp -d "$LAB_OBJECTS/new.XXXXXX")
	cp "$1"/build/*.o "$new/"
	for f in $submit; do rm -f "$new/${f%.c}.o" "$new/student-${f%.c}.o"; done
	mv "$new" "$kept" 2>/dev/null || rm -rf "$new"
}

# build TREE [SAN]   what went wrong is in TREE/failed. With a sanitizer there are no scenes.
build() {
	objects_get "$1" "${2:-}"
	if ${LAB_SANDBOX_BUILD:-} timeout "${LAB_BUILD_LIMIT:-60}" make -s -C "$1" CC="${CC:-cc}" ${2:+SAN="$2"} >"$1/log" 2>&1 </dev/null &&
		{ [ -n "${2:-}" ] || { allowed "$1" && scenes_build "$1"; } >>"$1/log" 2>&1; }; then
		objects_keep "$1" "${2:-}"
		return
	fi
	{ echo "the submission does not build:"; head -n 30 "$1/log"; } >"$1/failed"
}

judge_build() {
	make -s -f "$code/lib/judge.mk" LAB="$lab" CC="${CC:-cc}" >&2 || die "the judge of lab $lab does not build"
}

columns() { grep -v '^#' "$folder/checks.tsv"; }

# trees DIR SUBMISSION SEED [BUILD...]   the builds of a submission, below DIR
trees() {
	trees_in=$1 trees_from=$2 trees_seed=$3
	shift 3
	for b in "${@:-plain}"; do
		s=$trees_seed san=
		case $b in
		other) s=$(other_seed "$trees_seed") ;;
		clean)
			san=address,undefined
			if ! sanitizers; then
				mkdir -p "$trees_in/clean"
				echo "this compiler has no sanitizers (package libasan, or clang)" >"$trees_in/clean/missing"
				continue
			fi ;;
		esac
		given "$trees_in/$b" "$s"
		if submitted "$trees_from" "$trees_in/$b" >"$trees_in/$b/log"; then
			build "$trees_in/$b" "$san" &
		else
			mv "$trees_in/$b/log" "$trees_in/$b/failed"
		fi
	done
	wait
}

sanitizers() {
	mkdir -p build/tools
	[ ! -f build/tools/sanitizers-work ] || return 0
	echo 'int main(void) { return 0; }' | ${CC:-cc} -fsanitize=address,undefined -x c - -o "build/tools/sanitizers.$$" 2>/dev/null &&
		mv "build/tools/sanitizers.$$" build/tools/sanitizers-work
}
