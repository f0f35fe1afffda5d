#!/usr/bin/env bats
# The students' edition: nothing of the solutions in it or in its history, and nothing of a
# student's work lost when it is handed out again.
bats_require_minimum_version 1.5.0
cd "$BATS_TEST_DIRNAME/../.." || exit 1

# A small course in a repository of its own: two stages, the tools, one lab.
setup_file() {
	export at
	at=$(mktemp -d)
	mkdir -p "$at/course/labs/code" "$at/course/stages"
	cp -R www Makefile README.md GLOSSARY.md .gitignore "$at/course/"
	mkdir "$at/course/tools"
	cp -R tools/grade tools/confine tools/handout tools/*.* tools/stage tools/doctor "$at/course/tools/"
	cp -R stages/01-* stages/02-* "$at/course/stages/"
	cp -R labs/code/lib "$at/course/labs/code/lib"
	cp -R tests/class/tiny "$at/course/labs/code/03-tiny"
	export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t
	cd "$at/course" || return
	git init -q && git add -A && OUT=$at/out tools/handout/handout >"$at/said" 2>&1
}
teardown_file() { rm -rf "$at"; }

links_lead_somewhere() {
	local page to
	while read -r page; do
		while read -r to; do
			[ -e "$(dirname "$page")/$to" ] || { echo "$page: $to is not there"; return 1; }
		done < <(grep -oE '\]\([^)#: ]+' "$page" | cut -c 3-)
	done < <(find "$1" -name '*.md')
}

@test "handout: of this repository, with every lab: no leak, nothing of the instructor's, links lead somewhere" {
	git rev-parse -q --verify HEAD >/dev/null || skip "no git repository"
	out=$(mktemp -d)
	OUT=$out tools/handout/handout 2>&1 | tee "$at/real"
	run ! grep -qE '(^|/)(solution|others|mutants|hidden|class|handout|author.mk|exam)(/|$)' <(git -C "$out" ls-files)
	[ "$(find "$out/labs/code" -path '*/starter/*' -type f | wc -l)" -ge "$(find labs/code -path '*/solution/*' -type f | wc -l)" ]
	links_lead_somewhere "$out"
	rm -rf "$out"
}

@test "handout: a lab is made, built and graded there, and says what is not seen" {
	cat "$at/said"
	git clone -q "$at/out" "$at/student"
	cd "$at/student"
	make lab 3 STUDENT=ada
	make grade 3 ALL=1 | tee "$at/grade"
	grep -qx '2 of 72 points; 28 more are for checks that you do not see' "$at/grade"
	make hint 3 | grep -q 'Read it.'
	# a hidden check has neither its name nor its title there
	run ! git grep -q -e UNSEEN -e unseen-third
}

@test "handout: planted anywhere, a line of the instructor's is found" {
	cd "$at/course"
	git clone -q "$at/out" "$at/leaky"
	tools/handout/leaks "$at/leaky"
	while IFS='|' read -r file text; do
		printf '%s\n' "$text" >>"$at/leaky/$file"
		run tools/handout/leaks "$at/leaky"
		echo "$output"
		[ "$status" = 1 ]
		[[ $output == *"$file: $text"* ]]
		git -C "$at/leaky" checkout -q "$file"
	done <<-'EOF'
		README.md|    static const char solution_word[] = "SOLUTIONWORD";
		labs/code/03-tiny/hints.tsv|+return line > 0 ? solution_word : "";
		labs/code/03-tiny/checks.tsv|UNSEENTITLE: it says it three times
		www/index.html|expect_text("UNSEENWORDS", "SOLUTIONWORD", program_line(p));
	EOF
	cp labs/code/03-tiny/solution/answer.c "$at/leaky/www/"
	git -C "$at/leaky" add -A
	git -C "$at/leaky" commit -qm oops
	git -C "$at/leaky" rm -q www/answer.c
	git -C "$at/leaky" commit -qm 'never happened'
	run tools/handout/leaks "$at/leaky"
	[ "$status" = 1 ]
	[[ $output == *'in the history'*'SOLUTIONWORD'* ]]
}

@test "handout: what leaks is not committed" {
	cd "$at/course"
	printf '\nLook: static const char solution_word[] = "SOLUTIONWORD";\nstatic const char solution_word[] = "SOLUTIONWORD";\n' >>labs/code/03-tiny/given/main.c
	cp labs/code/03-tiny/given/main.c www/copy.html
	git checkout -q labs/code/03-tiny/given/main.c
	git add www/copy.html
	OUT=$at/refused run tools/handout/handout
	git rm -qf www/copy.html
	[ "$status" = 2 ]
	[[ $output == *'not committed'* ]]
	run ! git -C "$at/refused" rev-parse -q --verify HEAD
}

@test "handout: again during the term: new labs come, students' work and changes stay" {
	git clone -q "$at/out" "$at/pulls"
	(cd "$at/pulls" && make -s lab 3 STUDENT=ada && echo '// mine' >>work/03-tiny/answer.c)
	echo '# changed by hand' >>"$at/out/GLOSSARY.md"
	mkdir -p "$at/out/work" && echo kept >"$at/out/work/notes"
	cd "$at/course"
	cp -R labs/code/03-tiny labs/code/04-tiny
	sed -i s/number=3/number=4/ labs/code/04-tiny/lab.conf
	git rm -q --cached www/icon.svg && git add labs
	OUT=$at/out run tools/handout/handout
	echo "$output"
	[[ $output == *'GLOSSARY.md was changed'* ]]
	[ "$(tail -n 1 "$at/out/GLOSSARY.md.mine")" = '# changed by hand' ]
	cmp "$at/out/GLOSSARY.md" GLOSSARY.md
	[ "$(cat "$at/out/work/notes")" = kept ]
	[ ! -e "$at/out/www/icon.svg" ]
	[ "$(git -C "$at/out" log --oneline | wc -l)" = 2 ]
	git -C "$at/pulls" pull -q --ff-only
	[ -f "$at/pulls/labs/code/04-tiny/starter/answer.c" ]
	[ ! -e "$at/pulls/www/icon.svg" ]
	[ "$(tail -n 1 "$at/pulls/work/03-tiny/answer.c")" = '// mine' ]
	OUT=$at/out tools/handout/handout | grep -q 'nothing is new'
}

@test "handout: STAGES and LABS leave out what comes later, and README fits" {
	cd "$at/course"
	OUT=$at/first STAGES=1 LABS=7-9 tools/handout/handout
	[ "$(ls "$at/first/stages")" = 01-blocking ]
	[ ! -e "$at/first/labs/code/03-tiny" ]
	[ ! -e "$at/first/tools/steps" ]
	run ! grep -qE 'stages/02|stage 2\}|\{' "$at/first/README.md"
	links_lead_somewhere "$at/first"
	for wrong in 2 3-1 x 1-2,4; do
		OUT=$at/wrong STAGES=$wrong run tools/handout/handout
		[ "$status" = 2 ]
		[ ! -e "$at/wrong" ]
	done
}
