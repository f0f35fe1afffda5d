# The notes of a step are its difference: taken back, they give the step before.
load helper

@test "the steps lead from stage 6 to the sources, to the byte" {
	check
	echo "$output"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "$two: 7 lines whole (0 % quoted), 10 lines changed, 2 fences, 2 notes" ]
	[ "${lines[1]}" = "$one: 32 lines whole (57 % quoted), 9 lines changed, 4 fences, 3 notes" ]
}

@test "a tree: what came later is gone, what ended later is there" {
	run step folder 7.1
	[ "$status" -eq 0 ] && [ "$output" = build/steps/07.1-loop ]
	cd build/steps/07.1-loop
	[ "$(find src -type f | sort | tr '\n' ' ')" = "src/event/loop.c src/event/loop.h src/limit.c src/log.h src/server.c src/text.h " ]
	printf '#include "event/loop.h"\n#include "log.h"\n\n#include <unistd.h>\n\nvoid server_run(int listener)\n{\n\twhile (!stopping) {\n\t\tloop_turn(listener);\n\t}\n}\n' | cmp - <(sed '/^void server_end/,$d' src/server.c | sed '$d')
	grep -q 'limit = 1;' src/limit.c
	cmp Makefile ../../../stages/07-after/Makefile
}

@test "the last step is the stage itself, and 7.n is its name too" {
	[ "$(step folder 7.2)" = stages/07-after ]
	[ "$(step folder 7.n)" = stages/07-after ]
}

@test "a tree made again touches only what is different" {
	step folder 7.1
	touch -d '2001-01-01' build/steps/07.1-loop/src/server.c build/steps/07.1-loop/src/event/loop.c
	change $src/event/loop.c 's/stopping/quitting/'
	step folder 7.1
	[ "$(find build/steps/07.1-loop/src -newermt 2002-01-01 -name '*.c' ! -name limit.c | tr '\n' ' ')" = "build/steps/07.1-loop/src/event/loop.c " ]
	grep -q quitting build/steps/07.1-loop/src/event/loop.c
}

@test "an edit of a function that all steps have reaches all of them, and no note has to be read" {
	change $src/server.c 's/log_line("end")/log_line("the end")/'
	change stages/06-before/server.c 's/log_line("end")/log_line("the end")/'
	check
	echo "$output"
	[ "$status" -eq 0 ]
	step folder 7.1
	grep -q 'the end' build/steps/07.1-loop/src/server.c
}

@test "what the first step leaves is not stage 6: file and line" {
	change stages/06-before/server.c 's/log_line("end")/log_line("fin")/'
	check
	says "stages/06-before/server.c:17: " 'gives another text: `	log_line("end");`'
	echo 'int x;' >stages/06-before/more.c
	rm stages/06-before/log.h
	check
	says "stages/06-before/more.c: " 'does not give this file'
	says "$one:1: " "log.h is there before the first step, and not in stages/06-before"
}

@test "context anywhere: before, between and after the lines that change" {
	cat >>$src/server.c <<'END'

int three(void)
{
	one();
	both();
	two();
	same();
	last();
}
END
	cat >>stages/06-before/server.c <<'END'

int three(void)
{
	both();
	old_two();
	older();
	same();
}
END
	cat >>$one <<'END'

```diff server.c three
+	one();
 	both();
-	old_two();
-	older();
+	two();
...
 	same();
+	last();
 }
```
Three at once.
END
	step bless 7.1 || :
	check
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "gawk, mawk and busybox awk make the same trees, verdicts and pages" {
	change $src/server.c 's/timer_run/timers_run/'
	for awk in awk gawk mawk "busybox awk"; do
		command -v "${awk% *}" >/dev/null || { echo "$awk is not here"; continue; }
		AWK=$awk step check >"verdict.$awk" 2>&1 || :
		cp $two "$two.kept"
		change $two 's/timer_run/timers_run/'
		for k in 1 2; do AWK=$awk FORCE_COLOR=1 COLOR=1 step show 7.$k; AWK=$awk step json 7.$k; AWK=$awk step stub 7.$k stages/06-before; done >>"verdict.$awk" 2>&1
		AWK=$awk STEP_TREES="trees.$awk" step folder 7.1
		cat "trees.$awk"/*/src/*.c "trees.$awk"/*/src/*/*.c >>"verdict.$awk"
		mv "$two.kept" $two
		cmp "verdict.awk" "verdict.$awk"
	done
	[ "$(wc -l <verdict.awk)" -gt 150 ]
}

@test "lists, numbers and messages" {
	[ "$(step list)" = $'7.1\tOne loop\n7.2\tA clock' ]
	[ "$(step before 7.1) $(step before 7.2) $(step after 7.1) $(step after 7.2)" = "6 7.1 7.2 " ]
	[ "$(step property 7.1)" = many-connections ]
	[ "$(step figures | head -n 1)" = $'7.1\tspine\t32\t16\t28\t9\t4\t3\tOne loop' ]
	run step folder 7.9
	[ "$status" -eq 2 ] && [[ $output == "step: there is no step '7.9'; there are 7.1 7.2. 'make diff 7' lists them" ]]
	run "$repo/tools/diff/show" 7
	[ "$status" -eq 0 ] && [[ $output == *"  7.1   One loop"*"  7.2   A clock"* ]]
	run "$repo/tools/diff/show" 7.1
	[ "$status" -eq 0 ] && [[ $output == "7.1 One loop"*"these files come whole: event/loop.h event/loop.c text.h limit.c"*"server.c › server_run"*"The loop is called here."* ]]
	[[ $output != *"Not annotated"* ]]
}

@test "a step's tree to change by hand" {
	step copy 7.1 mine
	[ -f mine/src/server.c ] && [ -f mine/Makefile ]
	run step copy 7.1 mine
	[ "$status" -eq 2 ] && [[ $output == *"name a new folder"* ]]
}
