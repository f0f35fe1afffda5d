#!/usr/bin/env bats
# A class is graded: what is handed in in every form, and in every hostile one; stopped and
# continued; what students see, and do not see.
# shellcheck disable=SC2030,SC2031  # exported in one test, on purpose
load helper

setup_file() {
	command -v python3 >/dev/null || return 0
	at=$(mktemp -d)
	course "$at/course"
	mkdir "$at/in"
	python3 tests/class/handed-in.py "$at/in" >"$at/expected"
	export at IN=$at/in OUT=$at/out
	cd "$at/course" && class 3 >"$at/said" 2>&1
}
teardown_file() { rm -rf "$at"; }
setup() {
	command -v python3 >/dev/null || skip "needs python3"
	cd "$at/course" || return
}

@test "class: every form of handing in is graded, every hostile one is for a person to look at" {
	cat "$at/said"
	python3 - "$at/expected" "$OUT/gradebook.csv" <<-'EOF'
		import csv, sys
		sys.path.insert(0, 'tools/class')
		from words import cell
		was = {r['id']: r for r in csv.DictReader(open(sys.argv[2], newline=''))}
		bad, n = 0, 0
		for row in open(sys.argv[1], newline=''):
		    id, what, reason = row.rstrip('\n').split('\t')
		    r = was.pop(cell(id.replace('\\n', '\n')), None)
		    got = r and (r['verdict'] + ' ' + r['score']).strip()
		    n += 1
		    if got != what or reason not in r['reason'] or (r['verdict'] != 'graded') != bool(r['reason']):
		        bad += 1
		        print('%r: should be %s %s, is %s %s' % (id, what, reason, got, r and r['reason']))
		print(was)
		sys.exit(bad or was or n < 30)
	EOF
}

@test "class: nothing of an archive is written but the lab's files, and nothing outside" {
	[ -z "$(find "$OUT/submissions" -mindepth 2 ! -name answer.c ! -name own.h)" ]
	[ -z "$(find "$OUT" -type l -o -type p)" ]
	[ "$(ls "$at")" = "$(printf 'course\nexpected\nin\nout\nsaid')" ]
}

@test "class: no cell begins a formula, and every row has all columns" {
	python3 - "$OUT/gradebook.csv" "$OUT/export/canvas.csv" <<-'EOF'
		import csv, sys
		for path in sys.argv[1:]:
		    rows = list(csv.reader(open(path, newline='')))
		    assert len({len(r) for r in rows}) == 1 and len(rows) > 30, path
		    for c in (c for r in rows for c in r):
		        assert c[:1] not in tuple('=+-@\t\r＝＋－＠') and '\n' not in c and '\x1b' not in c and '\u202e' not in c, c
	EOF
}

@test "class: what a student wrote is text in every report and export, never markup, a command, or a colour" {
	cd "$OUT"
	run ! grep -rlE --include='*.html' --include='*.xml' '<script|<b>&' .
	grep -q '&lt;script' reports/half.html export/junit/half.xml
	run ! grep -rlP '\x1b|\xe2\x80\xae' reports export gradebook.csv summary.html similar.tsv
	[ "$(grep -c '^Grade :=>>' export/vpl/half.txt)" = 1 ]
	run ! grep -q -e '>.*--|>' -e '>.*Grade :=>>' export/vpl/half.txt
	for page in reports/*.html summary.html; do grep -q "default-src 'none'" "$page"; done
}

@test "class: each export has the documented shape" {
	python3 "$BATS_TEST_DIRNAME/shapes.py" "$OUT/export"
}

@test "class: run again, it grades what has changed and nothing else; REDO chooses" {
	stamps() { (cd "$OUT/results" && stat -c '%n %y' ./*.json | sort); }
	stamps >"$at/before"
	class 3 >/dev/null || [ $? = 1 ]
	stamps | diff "$at/before" -
	printf '/* changed */\n' >>"$IN/folder/own.h"
	class 3 >/dev/null || [ $? = 1 ]
	[ "$(stamps | diff "$at/before" - | grep -c '^>')" = 1 ]
	# the grader changes: nothing is the grade of this grader any more; here it is one student's key
	stamps >"$at/before"
	sed -i 's/"verdict": "graded"/"verdict": "error"/; s/"score": 100/"score": null/' "$OUT/results/zip.json"
	REDO=failed class 3 >/dev/null || [ $? = 1 ]
	[ "$(stamps | diff "$at/before" - | grep '^>' | cut -d ' ' -f 2)" = ./zip.json ]
	verdicts | grep -q '^zip	graded 100'
}

@test "class: stopped, then continued: nothing is lost, and nothing is graded twice" {
	mkdir "$at/many"
	for i in 1 2 3 4 5 6; do cp -R "$IN/half" "$at/many/s$i"; done
	export IN=$at/many OUT=$at/stopped JOBS=1
	python3 tools/class/class 3 >"$at/first" 2>&1 &
	pid=$!
	second_or_over() { [ -f "$OUT/results/s2.key" ] || [ ! -d "/proc/$pid" ]; }
	within 100 second_or_over
	[ -d "/proc/$pid" ] || { cat "$at/first"; false; }
	kill -INT "$pid"
	wait "$pid" || [ $? = 130 ]
	cat "$at/first"
	grep -q 'stopped: the same command' "$at/first"
	[ "$(verdicts | grep -c '	error	not graded yet')" -ge 1 ]
	(cd "$OUT/results" && stat -c '%n %y' ./*.json) >"$at/before"
	[ "$(wc -l <"$at/before")" -ge 2 ]
	class 3
	[ "$(verdicts | grep -c '	graded 52')" = 6 ]
	(cd "$OUT/results" && stat -c '%n %y' ./*.json) | sort >"$at/after"
	[ -z "$(sort "$at/before" | comm -23 - "$at/after")" ]
	rm -r "$at/many" "$OUT" "$at/before" "$at/after" "$at/first"
}

@test "class: a copy with other names, comments and layout is found, and no other pair" {
	command -v sim_c >/dev/null || skip "needs sim_c (package similarity-tester)"
	cat "$OUT/similar.tsv"
	grep -qE '^[0-9]+	(copied	copy|copy	copied)$' "$OUT/similar.tsv"
	[ "$(wc -l <"$OUT/similar.tsv")" = 2 ]
	grep -q 'A pair is no proof' "$OUT/summary.html"
}

@test "class: who is missing or late is told, from a list, from the files' times, or from a table" {
	export IN=$at/late OUT=$at/late-out DUE='2026-03-01 23:30'
	mkdir "$IN"
	cp "$at/in/single.c" "$IN/one.c"
	cp "$at/in/single.c" "$IN/two.c"
	touch -d '2026-03-02 01:30' "$IN"/*.c
	printf 'id,name\none,=1+1\nmissing,Ada <i>L</i>\n' >"$at/roster.csv"
	ROSTER=$at/roster.csv class 3 >/dev/null 2>&1
	verdicts >"$at/was"
	diff - "$at/was" <<-EOF
		missing	missing	
		one	graded 100	
		two	suspect	is not on the roster
	EOF
	grep -q "^one,'=1+1,100,100,graded,120,," "$OUT/gradebook.csv"
	grep -q '&lt;i&gt;' "$OUT/reports/missing.html"
	grep -q 'handed in 2:00 hours late' "$OUT/reports/one.html"
	printf 'id,time\none,2026-03-01 23:29\n' >"$at/times"
	TIMES=$at/times class 3 >/dev/null 2>&1
	grep -q '^one,,100,100,graded,0,' "$OUT/gradebook.csv"
	rm -r "$IN" "$OUT" "$at/times" "$at/was" "$at/roster.csv"
}

@test "class: the words of hidden checks are nowhere before RELEASE=1" {
	run ! grep -rlE 'UNSEEN|unseen-third' "$OUT/reports" "$OUT/export"
	grep -q 'for checks that you will see later' "$OUT/reports/half.txt"
	RELEASE=1 class 3 >/dev/null || [ $? = 1 ]
	for f in reports/half.html reports/half.txt export/{gradescope/half.json,autolab/half.txt,prairielearn/half.json,vpl/half.txt,junit/half.xml,tap/half.tap}; do
		grep -q UNSEENTITLE "$OUT/$f"
	done
}
