# shellcheck shell=sh
# steps.sh - where the steps of stage 7 are, and how their trees are made. Sourced, with $here set.
#
#	stages/07-full-server/src	the tree of the last step, the only source
#	stages/07-full-server/steps	NN-name.md: the notes of step 7.NN; NN-name/: last versions of files that end there
#	build/steps/7.N/src		the tree of step 7.N, made from those two
LC_ALL=C; export LC_ALL		# bytes, so that every awk counts alike
: "${AWK:=awk}"
# shellcheck source=tools/diff/stages.sh
. "${here:?}/../diff/stages.sh"

whole_stage=$(stage_dir 7) || { echo "${0##*/}: there is no stage 7 in $STAGES" >&2; exit 2; }
parent_stage=$(stage_dir 6) || parent_stage=/dev/null
steps=$whole_stage/steps step_source=$whole_stage/src
: "${STEP_TREES:=build/steps}"

# The numbers of the steps, in order: 1 2 3 ... 99
step_numbers() {
	for step_file in "$steps"/[0-9]*-*.md; do
		[ -f "$step_file" ] || continue
		step_file=${step_file##*/}
		step_file=${step_file%%-*}
		echo "${step_file#0}"
	done
}

# step_notes N   the notes of step 7.N; false when there is no such step
step_notes() {
	for step_file in "$steps/$1"-*.md "$steps/0$1"-*.md; do
		if [ -f "$step_file" ]; then echo "$step_file"; return; fi
	done
	return 1
}

step_title() { sed -n 's/^# *\(7\.[0-9n]*\)\{0,1\} *//p' "$(step_notes "$1")" | head -n 1; }

# step_before N   the step before 7.N: a number, or 0 for stage 6
step_before() { { echo 0; step_numbers; } | awk -v n="$1" '$1 < n { before = $1 } END { print before }'; }

# step_number WORD   7.4, 7.04 or 7.n (the last) -> 4
step_number() {
	case $1 in
	7.n) step_numbers | tail -n 1; return ;;
	7.*) step_word=${1#7.} ;;
	*) return 1 ;;
	esac
	step_word=${step_word#0}
	case $step_word in ''|*[!0-9]*) return 1 ;; esac
	step_notes "$step_word" >/dev/null && echo "$step_word"
}

no_such_step() {
	echo "${0##*/}: there is no step '$1'; there are $(step_numbers | sed 's/^/7./' | tr '\n' ' ' | sed 's/ $//')." \
		"'make diff 7' lists them" >&2
	exit 2
}

# list_of TREE FILE   its sources, a name a line
list_of() { (cd "$1" && find . -name '*.[ch]' | sed 's|^\./||' | sort) >"$2"; }

# one_back MODE N FROM TO   what step 7.N brought is taken back from the tree FROM, its notes judged or shown as
# MODE says; TO, if there is one, becomes the tree before it. 1: the notes are wrong, 2: that tree can't be made
one_back() {
	back_notes=$(step_notes "$2")
	list_of "$3" "$work/list"
	: >"$work/plan"
	back_status=0
	[ -z "$4" ] || copy_tree "$3" "$4"
	# shellcheck disable=SC2086  # AWK may be two words: busybox awk
	$AWK -v mode="$1" -v md="$back_notes" -v from="$3" -v to="$4" -v list="$work/list" -v plan="$work/plan" \
		-v source="$step_source" -v beside="${back_notes%.md}" -v parent="$parent_stage" -v number="7.$2" \
		-v old="7.$(step_before "$2")" -v new="7.$2" -v title="7.$2" -v width="${WIDTH:-80}" -v color="${COLOR:-0}" \
		-f "$here/../diff/names.awk" -f "$here/../diff/read.awk" -f "$here/../diff/sum.awk" -f "$here/../diff/words.awk" \
		-f "$here/place.awk" -f "$here/back.awk" -f "$here/judge.awk" \
		-f "$here/../diff/show.awk" -f "$here/../diff/json.awk" -f "$here/../diff/bless.awk" -f "$here/main.awk" </dev/null || back_status=$?
	[ -n "$4" ] && [ "$back_status" -lt 2 ] || return "$back_status"
	while IFS='	' read -r kind name last; do
		case $kind in
		new) rm "$4/$name" ;;
		*) mkdir -p "$(dirname "$4/$name")" && cp "$last" "$4/$name" ;;
		esac
	done <"$work/plan"
	find "$4" -type d -empty -delete
	return "$back_status"
}

# copy_tree FROM TO   the sources alone
copy_tree() { mkdir -p "$2" && cp -R "$1/." "$2/" && find "$2" -type f ! -name '*.[ch]' -exec rm {} +; }

# tree_of N   where chain() has it
tree_of() { if [ "$1" = "$last_step" ]; then echo "$step_source"; else echo "$work/$1"; fi; }

# chain N   the trees of all steps from the last one down to 7.N (0: what stage 6 must be)
chain() {
	last_step=$(step_numbers | tail -n 1)
	for chain_step in $(step_numbers | sort -rn); do
		[ "$chain_step" -gt "$1" ] || break
		chain_to=$work/$(step_before "$chain_step")
		[ -d "$chain_to" ] || one_back back "$chain_step" "$(tree_of "$chain_step")" "$chain_to" || return 1
	done
}

# settle FROM TO   TO becomes a copy of FROM; what is the same already is not touched, so that make builds the rest only
settle() {
	mkdir -p "$2"
	list_of "$1" "$work/there"
	list_of "$2" "$work/here"
	while IFS= read -r name; do
		cmp -s "$1/$name" "$2/$name" && continue
		mkdir -p "$(dirname "$2/$name")"
		cp "$1/$name" "$2/$name.new.$$" && mv "$2/$name.new.$$" "$2/$name"
	done <"$work/there"
	comm -13 "$work/there" "$work/here" | while IFS= read -r name; do rm "$2/$name"; done
}

work_begin() {
	work=$(mktemp -d "${TMPDIR:-/tmp}/steps.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	trap 'exit 130' INT TERM
}
