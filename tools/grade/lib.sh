# shellcheck shell=sh disable=SC2034  # what lab.conf sets is used by the tools
# What the tools for the labs share. Sourced from the top folder, after tools/lib.sh.

top=$(pwd)
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
	number='' may='' version='' title='' stage='' hours='' submit='' imports='' use='' from_stage='' scenes='' weave='' starter_score=
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
	for f in $from_stage; do cp stages/0"$stage"-*/"$f" "$1/"; done
	awk -v seed="$2" -f "$code/lib/variant.awk" -f "$folder/variant.awk" >"$1/variant"
	awk 'BEGIN { print "/* variant.h - the numbers and words of your variant; grading writes it again */\n#pragma once\n" }
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

# submitted FROM DEST   copies the files of submit= and nothing else; says what is wrong. What no
# honest submission has, a link or a pipe, is for a person to look at: DEST/suspect
submitted() {
	for f in $submit; do
		copied=0
		build/tools/confine copy "$1/$f" "$2/$f" || copied=$?
		case $copied in
		0) ;;
		3) echo "$f is missing: it is one of the files that you hand in"; return 1 ;;
		5) echo "$f is larger than 256 KiB"; return 1 ;;
		*)
			echo "$f is a link, or it is no regular file" | tee -a "$2/suspect"
			return 1 ;;
		esac
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

# boxed DIR NAME FOLDER... -- VERB ...   tools/grade/build for the tree DIR/NAME: as it is when the submission
# is our own, else in the sandbox, where DIR/NAME and these folders of DIR are all that there is
boxed() (
	cd "$1" || exit
	tree=$2
	shift 2
	folders=
	while [ "$1" != -- ]; do folders="$folders $(pwd)/$1"; shift; done
	shift
	compiler=${CC:-cc}
	# what is our own shares objects, where LAB_OBJECTS says so; never submissions of others: each has its own
	[ "$isolation${LAB_OBJECTS:+ shared}" != "none shared" ] || compiler=$top/tools/grade/cc
	set -- env CC="$compiler" LAB_CC="${CC:-cc}" SAN="$san" submit="$submit" imports="$imports" scenes="$scenes" weave="$weave" may="$may" sh "$@"
	# shellcheck disable=SC2086  # words
	[ "$isolation" = none ] || set -- "$confine" build "$(pwd)/$tree" $folders -- "$@"
	exec timeout -k 1 "${LAB_BUILD_LIMIT:-60}" "$@" </dev/null
)

# built DIR NAME [SAN]   what went wrong is in DIR/NAME/failed. What the compiler says about our scenes is
# not told: it would quote checks that a student should not see. With a sanitizer there are no scenes.
built() {
	made=$1/$2
	san=${3:-}
	boxed "$1" "$2" tools -- tools/build submission "$2" >"$made/log" 2>&1 || {
		{ echo "the submission does not build:"; head -n 30 "$made/log" | cut -c 1-300; } >"$made/failed"
		return
	}
	[ -z "$scenes" ] || [ -n "$san" ] || boxed "$1" "$2" tools ours -- tools/build scenes "$2" ours >"$made/log" 2>&1 || {
		echo "the submission cannot be linked with the scenes of the checks" >"$made/failed"
	}
}

judge_build() {
	make -s -f "$code/lib/judge.mk" LAB="$lab" CC="${CC:-cc}" >&2 || die "the judge of lab $lab does not build"
}

columns() { grep -v '^#' "$folder/checks.tsv"; }

# LAB_SCAN=1: what is our own is scanned, too. labs-check does it: no right solution may be suspect.
LAB_SCAN=${LAB_SCAN:-}

# trees DIR SUBMISSION SEED [BUILD...]   the builds of a submission, below DIR
trees() {
	trees_in=$1 trees_from=$2 trees_seed=$3
	shift 3
	mkdir -p "$trees_in/tools" "$trees_in/ours"
	cp tools/grade/build tools/grade/scan "$trees_in/tools/"
	[ -z "$scenes" ] || for f in "$code/lib" "$folder/scenes" "$folder/hidden"; do
		[ ! -d "$f" ] || cp -R "$f" "$trees_in/ours/"
	done
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
			mkdir -p "$trees_in/$b/build"
			[ "$isolation" = none ] || [ "$LAB_UID" = 0 ] || chown "$LAB_UID" "$trees_in/$b/build"
			built "$trees_in" "$b" "$san" &
		else
			mv "$trees_in/$b/log" "$trees_in/$b/failed"
		fi
	done
	wait
	[ "$isolation$LAB_SCAN" = none ] || [ ! -d "$trees_in/plain/build" ] || suspicions "$trees_in" "$trees_seed"
}

# suspicions DIR SEED   DIR/plain/suspect: what a person should look at
suspicions() {
	given "$1/starter" "$2"
	if [ -d "$folder/solution" ]; then written starter "$folder/solution" "$1/starter"; fi
	san='' made=$1/plain
	boxed "$1" plain tools starter -- tools/scan plain starter 2>"$made/log" | tr -cd '\n\40-\176' | cut -c 1-200 >"$made/scanned"
	[ "$(tail -n 1 "$made/scanned")" = . ] || echo "the scan of the submission did not come to its end" >"$made/suspect"
	sed '$d' "$made/scanned" | sort -u | head -n 20 >>"$made/suspect"
	[ -s "$made/suspect" ] || rm "$made/suspect"
}

# isolate KIND   sets $isolation to it, or for auto to the best kind that works here; $network and
# $isolation_note belong to it. Root lends a user number to the submission: no two that are graded at
# a time have the same.
isolate() {
	confine=$(pwd)/build/tools/confine
	isolation=none network=shared isolation_note="the student's own machine" LAB_UID=0
	[ "$1" != none ] || return 0
	[ "$(id -u)" != 0 ] || LAB_UID=$((1900000000 + $$))
	export LAB_UID
	IFS='	' read -r isolation network isolation_note <<-EOF
		$("$confine" kind "${1#auto}")
	EOF
	export LAB_ISOLATION="$isolation"
}

sanitizers() {
	mkdir -p build/tools
	[ ! -f build/tools/sanitizers-work ] || return 0
	echo 'int main(void) { return 0; }' | ${CC:-cc} -fsanitize=address,undefined -x c - -o "build/tools/sanitizers.$$" 2>/dev/null &&
		mv "build/tools/sanitizers.$$" build/tools/sanitizers-work
}
