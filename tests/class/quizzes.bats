#!/usr/bin/env bats
# Quiz sheets are signed with a key of the student's, and a class is verified into one table.
load helper

# One real sheet of each kind is enough: what is forged is made of them.
setup_file() {
	command -v python3 >/dev/null || return 0
	at=$(mktemp -d)
	export at IN=$at/in KEY=$at/course.key
	make -s -C labs/tcp >/dev/null
	mkdir "$IN" "$at/keys"
	python3 tools/class/quiz-key 2>/dev/null
	for id in ada bob eve; do STUDENT=$id python3 tools/class/quiz-key >"$at/keys/$id"; done
	quiz() { printf '%s\n' "$2" a b b | LAB_QUIZ_KEY=$at/keys/$1 labs/tcp/time-wait/run --quiz "$3" >/dev/null 3>&-; }
	quiz ada 'Ada =1+1' "$IN/ada.sheet"
	quiz nobody Nobody "$IN/unsigned.sheet"
	# Eve signs Ada's answers as her own; under another name than Eve; and changes the points
	as() { LAB_QUIZ_KEY=$at/keys/eve python3 -c '
import sys; sys.path.insert(0, "tools/class"); import keys
body = sys.stdin.buffer.read().rpartition(b"\nsignature ")[0] + b"\n"
key = open(sys.argv[1]).read().split()[1]
sys.stdout.buffer.write(body + b"signature " + keys.signature(key, body).encode() + b"\n")' "$1"; }
	sed 's/^id ada/id eve/' "$IN/ada.sheet" | as "$at/keys/eve" >"$IN/copied.sheet"
	sed 's/^id ada/id bob/; s/^when .*/when 2026-01-01T00:00:00Z/' "$IN/ada.sheet" | as "$at/keys/eve" >"$IN/for-bob.sheet"
	mkdir "$IN/carl"
	sed 's/^id ada/id carl/; s/^when .*/when 2026-01-02T00:00:00Z/' "$IN/ada.sheet" >"$IN/carl/changed.sheet"
	ln -s /etc/passwd "$IN/link.sheet"
	echo 'nothing' >"$IN/noise.sheet"
	OUT=$at/out.csv python3 tools/class/quizzes >"$at/said" 2>&1
}
teardown_file() { rm -rf "$at"; }
setup() { command -v python3 >/dev/null || skip "needs python3"; }

@test "quizzes: a signed sheet counts; a copied, a changed, an unsigned and a foreign one are suspect, with the reason" {
	cat "$at/said"
	python3 -c '
import csv, sys
for r in csv.DictReader(open(sys.argv[1], newline="")):
    print(r["id"], r["name"], r["points"], r["verdict"], r["reason"], sep="|")' "$at/out.csv" | tee "$at/was"
	diff - <(sort "$at/was") <<-'EOF'
		Nobody|Nobody||suspect|time-wait: unsigned
		ada|Ada =1+1||suspect|time-wait: the same run as that of eve
		bob|Ada =1+1||suspect|time-wait: the signature is not that of bob
		carl|Ada =1+1||suspect|time-wait: the signature is not that of carl
		eve|Ada =1+1||suspect|time-wait: the same run as that of ada
		link|||suspect|link.sheet: link.sheet is a link or a device, not a file
		noise|||suspect|noise.sheet: not a sheet of an observation
	EOF
	rm "$IN/copied.sheet" "$IN"/{for-bob,unsigned,link,noise}.sheet
	printf 'id,name\nada,=Ada\nbob,Bob\n' >"$at/roster.csv"
	ROSTER=$at/roster.csv OUT=$at/out.csv python3 tools/class/quizzes 2>/dev/null
	diff - "$at/out.csv" <<-'EOF'
		id,name,points,of,time-wait,verdict,reason
		ada,'=Ada,3,3,3,graded,
		bob,Bob,,,,missing,
		carl,Ada =1+1,,,,suspect,time-wait: the signature is not that of carl; time-wait: is not on the roster
	EOF
}

@test "quizzes: the shell signs as RFC 2104 says, in every shell and awk" {
	key=$(cut -d ' ' -f 2 "$at/keys/ada")
	wanted=$(printf 'some text\n' | python3 -c 'import hmac, sys; print(hmac.new(bytes.fromhex(sys.argv[1]), sys.stdin.buffer.read(), "sha256").hexdigest())' "$key")
	sed -n '/^# octal/,/^# ---- verifying/p' labs/tcp/quiz.sh >"$at/hmac.sh"
	for awk in gawk mawk 'busybox awk'; do
		command -v "${awk%% *}" >/dev/null || continue
		for shell in dash bash 'busybox sh'; do
			command -v "${shell%% *}" >/dev/null || continue
			was=$(printf 'some text\n' | $shell -c "awk() { $awk \"\$@\"; }; . $at/hmac.sh; hmac $key")
			echo "$awk, $shell: $was"
			[ "$was" = "$wanted" ]
		done
	done
}

@test "quizzes: a student verifies an own signed sheet; the sheet of another student is not accepted" {
	LAB_QUIZ_KEY=$at/keys/ada run labs/tcp/time-wait/run --verify "$IN/ada.sheet" 3>&-
	[ "$status" = 0 ]
	LAB_QUIZ_KEY=$at/keys/eve run labs/tcp/time-wait/run --verify "$IN/ada.sheet" 3>&-
	[ "$status" = 1 ]
	[[ $output == *'another key than the one here'* ]]
}

@test "quiz-key: the course's key is written once, for its owner alone; a student's depends on the course" {
	[ "$(stat -c %a "$KEY")" = 600 ]
	before=$(cat "$KEY")
	python3 tools/class/quiz-key
	[ "$before" = "$(cat "$KEY")" ]
	[ "$(STUDENT=ada python3 tools/class/quiz-key)" = "$(cat "$at/keys/ada")" ]
	[ "$(STUDENT=ada COURSE=other python3 tools/class/quiz-key)" != "$(cat "$at/keys/ada")" ]
	printf 'id\nada\nbob\n' >"$at/roster.csv"
	ROSTER=$at/roster.csv OUT=$at/all python3 tools/class/quiz-key
	cmp "$at/all/ada.key" "$at/keys/ada"
}
