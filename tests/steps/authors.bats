# What helps who writes the notes of a step: stub, bless.
load helper

@test "stub writes fences that lead back to the tree that it was given, whatever the two differ in" {
	for seed in 1 2 3 4 5 6 7 8; do
		rm -rf stages/07-after old
		mkdir -p stages/07-after/src/a stages/07-after/steps old/a
		for file in one.c a/two.c a/three.h; do
			awk -v s="$seed$file" 'BEGIN { srand(length(s) + substr(s, 1, 1) * 7); for (f = 1; f <= 6; f++) {
				print "static int f" f "(int a)\n{\n\tint b;\n"
				for (n = 2 + rand() * 9; n > 0; n--) { r = int(rand() * 5); print r == 0 ? "" : r == 1 ? "\tif (a)\n\t\treturn b;" : "\tb = call" r "(a" int(rand() * 3) ");" }
				print "\treturn b;\n}\n" } print "/* the end */" }' | cat -s >old/$file
			awk -v s="$seed$file" 'BEGIN { srand(length(s) + substr(s, 1, 1) * 31) } { r = rand(); if ($0 ~ /^[^\t]/ || $0 == "") { print; next }
				if (r < .12) next; if (r > .9) print "\tnew(" int(r * 100000) ");"; print; if (r > .84 && r < .9) print "\n\tmore(" int(r * 100000) ");" }' old/$file | cat -s >stages/07-after/src/$file
		done
		rm -rf stages/06-before && cp -r old stages/06-before
		printf '# 7.1 x\n' >stages/07-after/steps/01-x.md
		{ printf '# 7.1 x\n<!-- rest -->\n'; step stub 7.1 old; } >notes
		cp notes stages/07-after/steps/01-x.md
		run step check
		echo "$seed: $output"
		[ "$status" -eq 0 ]
		[ "$(grep -c '^```diff' notes)" -gt 5 ]
	done
}

@test "stub: new files with stops for their long functions, and which last versions are to be copied" {
	run step stub 7.1 stages/06-before
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *'```new event/loop.c event/loop.h limit.c text.h'* ]]
	[[ $output == *$'```diff event/loop.c loop_turn\n+void loop_turn(int listener)\n...\n+}\n```'* ]]
	[[ $output == *'```old conn.h'* && $output != *"copy"* ]]
	step folder 7.1
	run step stub 7.2
	[[ $output == *"text.h ends: copy build/steps/07.1-loop/src/text.h beside the notes"* ]]
}

@test "bless renews checksums, says which, and leaves every other byte alone" {
	change $src/server.c 's/conn_close(t)/client_close(t)/'
	cp $two old
	run step bless 7.2
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"$two:7: #"*" is now #"* ]]
	[ "$(diff old $two | grep -c '^>')" -eq 1 ]
}

@test "bless can't correct a note that fits nowhere" {
	change $src/server.c 's/timer_run();/timers_run();/'
	cp $two old
	run step bless 7.2
	[ "$status" -ne 0 ]
	[[ $output == *"no such line in server.c, server_run"* ]]
	cmp old $two
}

@test "the goals of make: diffs-check, stub and bless know steps" {
	run "$repo/tools/diff/check" 7.2 7.1
	echo "$output"
	[ "$status" -eq 0 ] && [[ $output == *"$two: "*"$one: "* ]]
	run "$repo/tools/diff/check" bless 7.1
	[ "$status" -eq 0 ]
	OLD=stages/06-before run "$repo/tools/diff/check" stub 7.1
	[[ $output == *'```new event/loop.c'* ]]
}
