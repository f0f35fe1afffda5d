#!/usr/bin/env bats
# What other platforms need, run as they run it: Gradescope's two scripts, the workflow of a
# classroom, the command of a pod.
load helper

setup_file() {
	command -v python3 >/dev/null || return 0
	export at
	at=$(mktemp -d)
	course "$at/course"
	python3 tests/class/handed-in.py --some "$at" half folder
	# no package is installed by a test
	mkdir "$at/bin"
	for stub in apt-get sudo; do printf '#!/bin/sh\n' >"$at/bin/$stub"; done
	chmod +x "$at"/bin/*
	cd "$at/course" && OUT=$at/out COURSE=c tools/class/autograder 3 >"$at/said"
}
teardown_file() { rm -rf "$at"; }
setup() {
	command -v python3 >/dev/null || skip "needs python3"
	PATH=$at/bin:$PATH
	cd "$at" || return
}

@test "autograder: Gradescope's setup.sh and run_autograder: results.json, hidden checks hidden, another student's metadata harmless" {
	export AUTOGRADER=$at/gradescope
	mkdir -p "$AUTOGRADER/source"
	python3 -m zipfile -e out/gradescope.zip "$AUTOGRADER/source"
	run ! grep -rl 'solution_word' <(tar -xzOf "$AUTOGRADER/source/grader.tar.gz")
	bash "$AUTOGRADER/source/setup.sh" >setup 2>&1 || { cat setup; false; }
	cp -R half "$AUTOGRADER/submission"
	echo '{"users": [{"email": "ada@example.org", "name": "=1"}]}' >"$AUTOGRADER/submission_metadata.json"
	bash "$AUTOGRADER/source/run_autograder"
	python3 - "$AUTOGRADER/results/results.json" <<-'EOF'
		import json, sys
		r = json.load(open(sys.argv[1]))
		assert [(t['score'], t['visibility']) for t in r['tests']] == [(2, 'visible'), (50, 'visible'), (0, 'visible'), (0, 'hidden')], r
		assert 'UNSEEN' not in json.dumps(r) and 'score' not in r
	EOF
	# without metadata, with a link, and with a grader that is broken: a result is always there
	rm "$AUTOGRADER/results/results.json" "$AUTOGRADER/submission_metadata.json" "$AUTOGRADER/submission/answer.c"
	ln -s /etc/passwd "$AUTOGRADER/submission/answer.c"
	bash "$AUTOGRADER/source/run_autograder"
	grep -q 'a person will look' "$AUTOGRADER/results/results.json"
	rm "$AUTOGRADER/results/results.json"
	mv "$AUTOGRADER/source/grader/tools/grade" "$AUTOGRADER/source/grader/tools/gone"
	bash "$AUTOGRADER/source/run_autograder" 2>/dev/null
	python3 -c 'import json, sys; assert json.load(open(sys.argv[1]))["score"] == 0' "$AUTOGRADER/results/results.json"
	mv "$AUTOGRADER/source/grader/tools/gone" "$AUTOGRADER/source/grader/tools/grade"
}

@test "autograder: a classroom's workflow leaves result.json; its grader has no hidden check" {
	mkdir repo && cp -R folder/. repo/ && cp -R out/classroom/. repo/
	mkdir tree && tar -xzf out/classroom/.github/grader.tar.gz -C tree
	"$at/course/tools/handout/leaks" "$at/tree"
	run ! grep -rqE 'UNSEEN|unseen' tree
	# the lines of its step, as the runner takes them
	awk '/run: \|/ { inside = 1; next } inside && !/^          / { exit } inside { print substr($0, 11) }' repo/.github/workflows/classroom.yml >step
	export RUNNER_TEMP=$at/runner GITHUB_ACTOR=ada
	mkdir "$RUNNER_TEMP"
	(cd repo && bash -e ../step) >said 2>&1 || { cat said; false; }
	python3 - repo/result.json <<-'EOF'
		import json, sys
		r = json.load(open(sys.argv[1]))
		assert (r['schema'], r['score'], r['max-score'], len(r['tests'])) == ('classroom50/result/v1', 72, 72, 3), r
		assert r['classroom'] == 'c' and all(t['passed'] for t in r['tests'])
	EOF
}

@test "autograder: a pod grades the student of its index, once; the class is finished here" {
	[ -d gradescope/source/grader ] || skip "the test above has built the grader"
	export IN=$at/in OUT=$at/class COURSE=c
	mkdir "$IN" && cp -R half folder "$IN/"
	(cd course && ENGINE=list class 3) >said 2>&1 || [ $? = 130 ]
	[ "$(sort "$OUT/left")" = "$(printf 'folder\nhalf')" ]
	# the command of the image, with this machine's places
	command=$(sed -n 's/^CMD //p' out/kubernetes/Dockerfile | python3 -c 'import json, sys; print(json.load(sys.stdin)[2])' | sed "s|/class|$OUT|g; s|tools$OUT|tools/class|")
	for index in 0 1 1; do
		(cd gradescope/source/grader && JOB_COMPLETION_INDEX=$index LAB_BUILT=1 sh -c "$command")
		[ "$index" = 0 ] || { [ -f stamps ] || stat -c %y "$OUT"/results/*.json >stamps; }
	done
	stat -c %y "$OUT"/results/*.json | diff stamps -
	(cd course && class 3) >said 2>&1
	grep -q '^2 graded' said
	run ! grep -q 'of 2 graded' said
	python3 - out/kubernetes/job.yaml <<-'EOF'
		import sys
		text = open(sys.argv[1]).read()
		for word in ('apiVersion: batch/v1', 'kind: Job', 'completionMode: Indexed', 'completions:', 'restartPolicy: Never', 'name: grade-03-tiny'):
		    assert word in text, word
		assert '\t' not in text and '@' not in text
	EOF
}
