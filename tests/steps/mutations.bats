# Sources and notes that have drifted apart: each must fail, name the place, and say what is there instead.
load helper

# red FILE SED-EXPRESSION WHERE WORDS: a case a line in the tables below
red() {
	cp -r stages kept
	change "$1" "$2" || { echo "nothing changed: $1 $2"; return 1; }
	check
	says "$3" "$4"
	rm -rf stages && mv kept stages
}

@test "lines of the sources that notes quote" {
	red $src/server.c 's/timer_run();/timers_run();/' "$two:20: " "no such line in server.c, server_run, after the lines quoted above it: \`timer_run();\`; nearest is $src/server.c:19 \`timers_run();\`"
	red $src/server.c '/timer_start/d' "$two:17: " 'after the lines quoted above it: `timer_start(&timer);`'
	red $src/server.c 's/static void on_timeout/static void on_time/' "$two:7: " 'no definition `on_timeout` in '"$src"'/server.c; there are on_time, server_run, server_end'
	red $src/server.c 's/conn_close(t)/client_close(t)/' "$two:7: " 'the code of this note is not what it was (#'
	red $src/server.c 's/loop_turn(listener)/loop_turns(listener)/' "$one:35: " "no such line in server.c, server_run, after the lines quoted above it: \`loop_turn(listener);\`; there is $src/server.c:18 \`loop_turns(listener);\`"
	red $src/event/loop.c 's/run_posted/posted_run/' "$one:11: " 'is not what it was'
	red $src/event/loop.c 's/loop_turn/loop_once/' "$one:11: " 'no definition `loop_turn` in '"$src"'/event/loop.c; there are first, loop_once'
} 2>&1

@test "the steps before one that can't be taken back wait for it" {
	change $src/server.c 's/timer_run();/timers_run();/'
	check
	says "$two: " "the steps before 7.2 wait for this"
	[[ $output != *"$one"* ]]
	run step folder 7.1
	[ "$status" -ne 0 ] && [ ! -d build/steps/07.1-loop/src ]
}

@test "notes that are not well made" {
	red $two 's/^+static void on_timeout.*/...&/' "$two:8: " 'a quoted line begins with'
	red $two 's/^+	timer_start.*/...\n...\n&/' "$two:" '`...` stands between two quoted lines'
	red $two 's/^Late\.$//' "$two:7: " 'no prose below the fence'
	red $two 's/^Late\.$/TODO/' "$two:7: " 'no prose below the fence'
	red $two 's/ #[0-9a-f]*$//' "$two:7: " 'no checksum; read the prose beside the code, then run `make bless 7.2`'
	red $two 's/^```diff server.c on_timeout/```diff sever.c on_timeout/' "$two:7: " "there is no sever.c in step 7.2"
	red $two 's/^```diff server.c on_timeout/```diff x\/server.c on_timeout/' "$two:7: " "is it server.c?"
	red $two 's/^ 	while (!stopping) {$/+&/; s/^+ 	while/+	while/' "$one:34: " 'no such line in server.c, server_run: `while (!stopping) {`; nothing there is like it'
	red $one '/^ #include "log.h"$/d' "$one:20: " 'nothing here says where these lines were'
	red $one '/^ #include "log.h"$/s/.*/ }/' "$one:20: " 'fits 2 places, server.c:'
}

@test "a quote twice, and lines that return into a file that comes whole" {
	printf '\n```diff server.c on_timeout\n+	conn_close(t);\n```\nTwice.\n' >>$two
	check
	says "$two:25: " "overlaps the note of line 7, at $src/server.c:9 \`conn_close(t);\`"
	printf '\n```diff event/loop.c first\n+	return ready & -ready;\n-	return 0;\n```\nNo.\n' >>$one
	change $two '/^```diff server.c on_timeout$/,$d'
	check
	says "$one:" 'event/loop.c comes whole with this step: no line of it was there before'
}

@test "files that come and end" {
	red $one 's/^```new event\/loop.h/```new event\/lop.h event\/loop.h/' "$one:7: " 'there is no event/lop.h in step 7.1'
	red $one 's/^```old conn.h/```old cnn.h/' "$one:9: " 'the last version of cnn.h is missing'
	red $two 's/^```old text.h limit.c/```old limit.c/' "$one:7: " 'there is no text.h in step 7.1'
	red $two 's/^```old text.h limit.c/```old text.h limit.c log.h/' "$two:5: " 'log.h is still there'
	rm stages/07-after/steps/02-timer/text.h
	check
	says "$two:5: " 'the last version of text.h is missing: it stands in stages/07-after/steps/02-timer/, or is that of stages/06-before'
}

@test "what comes whole is told: a share of its lines, and each long function" {
	change $one '/^```diff event\/loop.c loop_turn/,/^```$/d'
	check
	says "$one:1: " '0 % of the 28 lines that come whole are quoted; 40 % should be'
	says "$src/event/loop.c:9: " 'loop_turn, 18 lines, comes with this step, and no note quotes it'
	cp "$repo/$one" $one 2>/dev/null || cp "$repo/tests/steps/$one" $one
	change $one 's/^# 7.1 One loop/&\n<!-- breadth -->/; /^```diff event\/loop.c loop_turn/,/^```$/d'
	check
	says "$one:1: " '15 % should be'
}

@test "more than 60 lines under one note" {
	awk '{ print } /conn_close\(t\);/ { for (i = 0; i < 60; i++) print "\tx(" i ");" }' $src/server.c >long
	mv long $src/server.c
	check
	says "$two:7: " 'covers 65 lines; 60 are as many as one note can explain'
}

@test "the rest: nothing is asked of it but that it can be taken back" {
	change $two 's/^# 7.2 A clock/&\n<!-- rest -->/; s/^Late.$//; s/ #[0-9a-f]*$//'
	check
	echo "$output"
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "$two: 7 lines in files that come whole, 10 lines that change: not told yet" ]]
	change $src/server.c '/timer_start/d'
	check
	says "$two:" 'no such line'
}
