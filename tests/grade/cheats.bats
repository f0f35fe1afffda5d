#!/usr/bin/env bats
# Cheats, and what becomes of each. The tables are probes.tsv (what a program can do in the sandbox)
# and cheats.tsv (what is handed in, and what the result says).

cd "$BATS_TEST_DIRNAME/../.." || exit 1
here=$BATS_TEST_DIRNAME

setup_file() {
	export BATS_TEST_TIMEOUT=600
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

none() { [ ! -e "$1" ]; }

# one row of cheats.tsv; what is wrong is said
row() (
	cheat=$1 lab=$2 options=$3 verdict=$4 points=$5 pattern=$6
	at=$at/$cheat kept=$kept/$cheat
	mkdir "$at" "$kept"
	limit=60
	# a row that waits for a deadline has a near one; the others have time on a busy machine
	case $pattern in
	*TIMEOUT*) slow=0.4 ;;
	*still*) slow=1.5 ;;
	*) slow=4 ;;
	esac
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
	sed -i "s|@NAME@|left$BATS_ROOT_PID|" "$at/in"/*.c
	# shellcheck disable=SC2086  # words
	LAB_SLOW=$slow LAB_MEMORY=100 LAB_BUILD_LIMIT=$limit grade bubblewrap "$lab" $options || { touch "$kept/../bad.$cheat"; echo "$cheat: it could not be graded"; return; }
	said=$(awk -F '\t' '$1 == "@reason" { reasons = reasons " " $2 } !/^@/ && $4 !~ /SKIPPED|BLOCKED/ { text = text $4 " " $9 } END { print text reasons }' "$at/result")
	[ "$(value verdict)" = "$verdict" ] && { [ "$points" = - ] || [ "$(value judged)" = "$points" ]; } &&
		{ [ "$pattern" = - ] || echo "$said" | grep -q -e "$pattern"; } && return
	touch "$kept/../bad.$cheat"
	echo "$cheat: should be $verdict, $points points, /$pattern/; it is $(value verdict), $(value judged) points: $said"
)

@test "cheats, row by row of cheats.tsv" {
	works_here || skip "bubblewrap may not make namespaces here"
	rows=0 started=''
	while IFS='	' read -r cheat lab options verdict points pattern _; do
		[ "${cheat#\#}" = "$cheat" ] || continue
		rows=$((rows + 1))
		row "$cheat" "$lab" "$options" "$verdict" "$points" "$pattern" &
		started="$started $!"
		# shellcheck disable=SC2086  # numbers; without them wait would wait for bats' own
		if [ $((rows % 4)) = 0 ]; then wait $started; started=''; fi # they mostly sleep
	done <"$here/cheats.tsv"
	wait $started
	[ "$rows" -ge 20 ]
	none "$kept"/bad.*
	# daemon.c has called its process so; nothing may be left of it
	if grep -l "^left$BATS_ROOT_PID" /proc/[0-9]*/comm 2>/dev/null; then return 1; fi
	# what a terminal would obey has not come through
	if LC_ALL=C grep -l "$(printf '[\001-\011\013-\037\177]')" "$at"/*/json; then return 1; fi
}

# ---- what is handed in ----

# handed VERDICT JUDGED PATTERN   the submission in $at/in, lab 2
handed() {
	LAB_SLOW=1 grade bubblewrap 2
	said="$(message) $(awk -F '\t' '$1 == "@reason" { print $2 }' "$at/result")"
	[ "$(value verdict) $(value judged)" = "$1 $2" ] && echo "$said" | grep -q -e "$3" && return
	echo "should be $1, $2 points, /$3/; it is $(value verdict), $(value judged) points: $said"
	return 1
}

@test "links, pipes, folders and large files are not read; what is not asked for is ignored" {
	works_here || skip "bubblewrap may not make namespaces here"
	solution=$BATS_FILE_TMPDIR/2/chat.c
	mkdir "$at/in"
	handed graded 0 'chat.c is missing'
	ln -s "$solution" "$at/in/chat.c"
	handed suspect 0 'is a link'
	rm "$at/in/chat.c"; cp "$solution" "$at/other"; ln "$at/other" "$at/in/chat.c"
	handed suspect 0 'is a link'
	rm "$at/in/chat.c"; mkfifo "$at/in/chat.c"
	handed suspect 0 'no regular file'
	rm "$at/in/chat.c"; mkdir "$at/in/chat.c"
	handed suspect 0 'no regular file'
	rmdir "$at/in/chat.c"; head -c 300000 /dev/zero >"$at/in/chat.c"
	handed graded 0 'larger than 256 KiB'
	head -c 300 /dev/zero >"$at/in/chat.c"
	handed suspect 0 'control bytes'
	# our names, with other things in them: another student's variant, a Makefile that prints points
	cp "$solution" "$at/in/chat.c"
	for f in Makefile lab.mk main.c net.c variant.h variant checks.tsv result.json; do echo 'all:; echo verdict PASS' >"$at/in/$f"; done
	handed graded 2 PASS
}

@test "a folder's name is no part of a command, and no part of the result" {
	works_here || skip "bubblewrap may not make namespaces here"
	name=$(printf 'a b\n"c'\''$(touch %s);=1+1<b>*' "$at/touched")
	mkdir -p "$at/in/$name"
	cp "$BATS_FILE_TMPDIR/2/chat.c" "$at/in/$name/"
	LAB_BUILT=1 tools/grade/grade -q -o starts -J "$at/json" 2 "$at/in/$name"
	grep -q '"judged": 2,' "$at/json"
	if grep 'touch' "$at/json"; then return 1; fi
	[ ! -e "$at/touched" ]
}

@test "graded again, the result has the same bytes but for times" {
	works_here || skip "bubblewrap may not make namespaces here"
	mkdir "$at/in"
	OUT="$at/in" tools/grade/lab starter 2
	LAB_BUILT=1 tools/grade/grade -q -v -s 0badcafe -J "$at/json" 2 "$at/in"
	grep -q '"seed": "0badcafe"' "$at/json"
	run env LAB_BUILT=1 tools/grade/regrade "$at/json" "$at/in"
	echo "$output"
	[ "$status" = 0 ] && [ "$output" = "the same result: 2 of 66 points, graded" ]
	# another submission is another result
	cp "$BATS_FILE_TMPDIR/2/chat.c" "$at/in/"
	run env LAB_BUILT=1 tools/grade/regrade "$at/json" "$at/in"
	[ "$status" = 1 ] && [ "${lines[0]}" = "the result differs:" ]
}
