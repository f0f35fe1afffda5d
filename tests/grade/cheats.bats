#!/usr/bin/env bats
# Cheats, and what becomes of each. The tables are probes.tsv (what a program can do in the sandbox)
# and cheats.tsv (what is handed in, and what the result says).

cd "$BATS_TEST_DIRNAME/../.." || exit 1
here=$BATS_TEST_DIRNAME
export BATS_TEST_TIMEOUT=300

setup_file() {
	command -v bwrap >/dev/null || skip "bubblewrap is not installed"
	solutions=$BATS_FILE_TMPDIR
	for lab in 1 2 9; do
		mkdir "$solutions/$lab"
		OUT="$solutions/$lab" tools/grade/lab solution $lab
		tools/grade/grade -q -i none -o starts $lab "$solutions/$lab" # builds the judge, and the tools
	done
}

setup() {
	at=$(mktemp -d "${TMPDIR:-/tmp}/cheats.XXXXXX")
	kept=$(mktemp -d "${TMPDIR:-/tmp}/cheats.XXXXXX")
	chmod 755 "$kept"
}

teardown() { rm -rf "$at" "$kept"; }

# grade KIND LAB [OPTION ...]   the submission in $at/in; the result's table is $at/result
grade() {
	kind=$1 number=$2
	shift 2
	timeout 120 env LAB_BUILT=1 tools/grade/grade -q -i "$kind" -j 2 -k "$kept/k" -T "$at/result" -J "$at/json" -o starts "$@" "$number" "$at/in"
}

value() { awk -F '\t' -v k="@$1" '$1 == k { print $2 }' "$at/result"; }
message() { awk -F '\t' '$1 == "starts" { print $4, $9 }' "$at/result"; }

# with LAB CHEAT   the solution, with the cheat at the end of its first file
with() {
	cp -R "$BATS_FILE_TMPDIR/$1" "$at/in"
	first=$(cd "$at/in" && ls ./*.c | head -n 1)
	sed "s|@REPO@|$PWD|; s|@LAB@|$kept/k|g" "$here/cheats/$2" >>"$at/in/$first"
}

works_here() { [ "$(LAB_UID=$([ "$(id -u)" != 0 ] || echo 1900000001) build/tools/confine kind | cut -f 1)" = bubblewrap ]; }

probes() { # KIND COLUMN
	with 2 probes.c
	LAB_SLOW=1 grade "$1" 2
	message | sed 's/\\n/\n/g' | awk -v column="$2" '
		FNR == NR { if ($2 == "allowed" || $2 == "denied") is[$1] = $2; next }
		/^#/ { next }
		{ rows++; split($0, cell, "\t"); if (is[$1] == "" || (cell[column] != "-" && is[$1] != cell[column])) { print $1 " should be " cell[column] ", it is " is[$1]; bad = 1 } }
		END { exit bad || rows < 20 }' - "$here/probes.tsv"
}

@test "bubblewrap: what a program tries is denied, row by row of probes.tsv" {
	works_here || skip "bubblewrap may not make namespaces here"
	probes bubblewrap 2
	[ "$(value isolation)" = bubblewrap ]
}

@test "another user: what that denies, and what it does not, row by row of probes.tsv" {
	[ "$(id -u)" = 0 ] || skip "only root can become another user"
	probes uid 3
	[ "$(value isolation)" = uid ]
}

# one row of cheats.tsv; what is wrong is said
row() {
	cheat=$1 lab=$2 options=$3 verdict=$4 points=$5 pattern=$6
	rm -rf "$at" && mkdir "$at"
	limit=60
	case $options in
	-) options='' ;;
	build=*) limit=${options#*=} options='' ;;
	esac
	case $cheat in
	*.h)
		cp -R "$BATS_FILE_TMPDIR/$lab" "$at/in"
		cat "$here/cheats/$cheat" "$BATS_FILE_TMPDIR/$lab/own.h" >"$at/in/own.h" ;;
	*) with "$lab" "$cheat" ;;
	esac
	sed -i "s|@NAME@|left$$|" "$at/in"/*.c
	# shellcheck disable=SC2086  # words
	LAB_SLOW=0.4 LAB_MEMORY=100 LAB_BUILD_LIMIT=$limit grade bubblewrap "$lab" $options || { echo "$cheat: it could not be graded"; return 1; }
	said=$(awk -F '\t' '$1 == "@reason" { reasons = reasons " " $2 } !/^@/ && $4 !~ /SKIPPED|BLOCKED/ { text = text $4 " " $9 } END { print text reasons }' "$at/result")
	[ "$(value verdict)" = "$verdict" ] && { [ "$points" = - ] || [ "$(value judged)" = "$points" ]; } &&
		{ [ "$pattern" = - ] || echo "$said" | grep -q -e "$pattern"; } && return
	echo "$cheat: should be $verdict, $points points, /$pattern/; it is $(value verdict), $(value judged) points: $said"
	return 1
}

@test "cheats, row by row of cheats.tsv" {
	works_here || skip "bubblewrap may not make namespaces here"
	bad=0 rows=0
	while IFS='	' read -r cheat lab options verdict points pattern _; do
		[ "${cheat#\#}" = "$cheat" ] || continue
		rows=$((rows + 1))
		row "$cheat" "$lab" "$options" "$verdict" "$points" "$pattern" || bad=$((bad + 1))
	done <"$here/cheats.tsv"
	echo "$bad of $rows rows are not as they should be"
	[ "$rows" -ge 20 ] && [ "$bad" = 0 ]
}
