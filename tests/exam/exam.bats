#!/usr/bin/env bats
# The exam bank: papers are the same for the same seed, and every answer is what really happens.

load ../wait

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	unset SEED N TOPIC STAGES OUT TITLE PART JOBS
	out=$BATS_TEST_TMPDIR
}

# The command ends with status $1, and says $2 on stderr.
refused() {
	run tools/exam/exam paper
	[ "$status" = "$1" ]
	[[ $output == *"$2"* ]] || { echo "$output"; return 1; }
}

# awk_is NAME   awk is this one from now on, in PATH; false when there is none
awk_is() {
	command -v "$1" >/dev/null || return 1
	mkdir -p "$out/bin"
	printf '#!/bin/sh\nexec %s%s "$@"\n' "$(command -v "$1")" "$([ "$1" != busybox ] || echo ' awk')" >"$out/bin/awk"
	chmod +x "$out/bin/awk"
	PATH=$out/bin:$PATH
}

@test "the same seed gives the same bytes, in another shell and with another awk; another seed another paper" {
	SEED=7 N=5 OUT=$out/one tools/exam/exam paper
	SEED=8 N=5 OUT=$out/three tools/exam/exam paper
	not cmp -s "$out/one/paper.txt" "$out/three/paper.txt"
	if awk --version 2>/dev/null | grep -q GNU; then awk_is mawk || true; else awk_is gawk || true; fi
	SEED=7 N=5 OUT=$out/two bash tools/exam/exam paper
	diff -r "$out/one" "$out/two"
}

@test "no awk makes another paper of all questions" {
	[ -n "${FULL:-}" ] || skip "it makes the whole bank several times: FULL=1 runs it"
	SEED=3 N=60 OUT=$out/sh tools/exam/exam paper
	for awk in gawk mawk busybox; do
		awk_is $awk || continue
		SEED=3 N=60 OUT=$out/$awk bash tools/exam/exam paper
		diff -r "$out/sh" "$out/$awk"
	done
}

@test "the bank has at least 60 questions, and the parameters of each change with the seed" {
	[ "$(tools/exam/exam list | wc -l)" -ge 60 ]
	for file in tools/exam/questions/*; do
		grep -qE '^(number|choose) ' "$file" || { echo "$file has no parameter"; return 1; }
	done
}

@test "each answer is what happens when it is run (an eighth of them; FULL=1: all)" {
	export BATS_TEST_TIMEOUT=500
	if [ -n "${FULL:-}" ]; then part=1/1; else part=1/8; fi
	SEED=7 PART=$part tools/exam/exam check 3>&- | tee "$out/said"
	grep -q ' 0 not so' "$out/said"
}

@test "an answer that is not so is found, and so is a question that says nothing" {
	mkdir "$out/questions"
	export EXAM_QUESTIONS=$out/questions
	sed 's/^ask "\$BYTES"/ask "$((BYTES + 1))"/' tools/exam/questions/gone-before-accept >"$out/questions/gone"
	sed 's/^verify() {/&\n\treturn/' tools/exam/questions/gone-before-accept >"$out/questions/silent"
	run tools/exam/exam verify gone
	[ "$status" = 1 ]
	[[ $output == 'not ok gone: the key says '*', but it was '* ]]
	run tools/exam/exam verify silent
	[ "$status" = 1 ]
	[[ $output == 'not ok silent: nothing was seen'* ]]
	sed 's/{BYTES} bytes/{LENGTH} bytes/' tools/exam/questions/gone-before-accept >"$out/questions/unknown"
	run tools/exam/exam verify unknown
	[ "$status" = 2 ]
	[[ $output == *'unknown: no parameter has this name: '*'{LENGTH}'* ]]
	sed "s/^option eof/option end/" tools/exam/questions/close-unread >"$out/questions/close"
	run env SEED=3 N=1 OUT="$out/none" sh -c 'rm "$EXAM_QUESTIONS"/[gsu]*; for SEED in 1 2 3 4 5 6 7 8; do export SEED; tools/exam/exam paper || exit; done'
	[ "$status" = 2 ]
	[[ $output == *"its answer 'eof' is not one of its options"* ]]
}

@test "what the platforms get says the same as the key" {
	command -v python3 >/dev/null && command -v zip >/dev/null || skip "needs python3 and zip"
	SEED=11 N=20 OUT=$out/exam tools/exam/exam paper
	python3 tests/exam/exports.py "$out/exam"
}

@test "what is asked for and not there is said in a line" {
	SEED=x refused 2 'SEED=x is not a whole number'
	N=0 refused 2 'N=0: how many questions?'
	N=999 refused 2 'N=999, and there are '
	TOPIC=cheese refused 2 "there is no topic 'cheese'; there are: blocking"
	STAGES=9 refused 2 'STAGES=9: give a stage or two'
	run tools/exam/exam verify ../lib.sh
	[ "$status" = 2 ]
	[[ $output == *"there is no question '../lib.sh'"* ]]
	run tools/exam/exam
	[ "$status" = 2 ]
	[[ $output == *'exam verify NAME'* ]]
	run tools/exam/exam --help
	[ "$status" = 0 ]
	[[ $output == *'exam paper'*'SEED=7'* ]]
}
