# What helps who writes the notes: stub, bless; and the same verdict everywhere.
load helper

@test "stub prints fences that hold once they have prose" {
	"$repo/tools/diff/check" stub 1 >/dev/null
	{ echo '# All of it'; sed -i '/^```diff/,$d' $second/DIFF.md; "$repo/tools/diff/check" stub 2; } >new
	grep -c TODO new
	sed 's/^TODO$/Because./' new >$second/DIFF.md
	check
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "stub of a complete stage prints nothing" {
	run "$repo/tools/diff/check" stub 2
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "bless renews a checksum, says which, and leaves every other byte alone" {
	change $second/server.c 's/nfds++;/++nfds;/'
	cp $second/DIFF.md old
	run "$repo/tools/diff/check" bless 2
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"$second/DIFF.md:22: #"*" is now #"* ]]
	[ "$(diff old $second/DIFF.md | grep -c '^>')" -eq 1 ]
	ls -A $second
	[ "$(ls -A $second | wc -l)" -eq 3 ]
}

@test "bless cannot correct a note that fits nowhere" {
	change $second/server.c '/^	nfds--;/d'
	run "$repo/tools/diff/check" bless 2
	[ "$status" -eq 1 ]
	[[ "$output" == *"nothing changed in \`conn_close\`"* ]]
}

@test "gawk, mawk and busybox awk agree to the byte" {
	change $second/server.c 's/nfds++;/++nfds; \/\* naïve … \*\//; /errno.h/d'
	for awk in awk gawk mawk "busybox awk"; do
		command -v "${awk% *}" >/dev/null || { echo "$awk is not here"; continue; }
		AWK=$awk "$repo/tools/diff/check" 2 >"verdict.$awk" 2>&1 || :
		AWK=$awk FORCE_COLOR=1 "$repo/tools/diff/show" 2 >>"verdict.$awk"
		AWK=$awk "$repo/tools/diff/annotate" json $first $second >>"verdict.$awk" 2>&1
		cmp "verdict.awk" "verdict.$awk"
	done
}

@test "the reader's locale and git settings change nothing" {
	check
	before=$output
	git_here() { HOME=$PWD GIT_DIFF_OPTS=-u0 GIT_EXTERNAL_DIFF=/bin/false LC_ALL=de_DE.UTF-8 LANG=tr_TR.UTF-8 check; }
	printf '[diff]\n\talgorithm = minimal\n\tnoprefix = true\n[color]\n\tui = always\n' >.gitconfig
	git_here
	[ "$output" = "$before" ]
}

@test "git and diff are not needed" {
	mkdir bin
	for tool in sh awk mawk gawk busybox cat sed sort find grep dirname basename tr cut env; do
		path=$(command -v $tool) && ln -s "$path" bin/$tool
	done
	PATH=$PWD/bin run "$repo/tools/diff/check" 1 2
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "the differ loses no line: both sides can be told from its output" {
	for seed in 1 2 3 4 5 6 7 8 9 10 11 12; do
		awk -v s=$seed 'BEGIN { srand(s); for (n = rand() * 40; n > 0; n--) { r = int(rand() * 8)
			print r == 0 ? "" : r == 1 ? "}" : r == 2 ? "\treturn;" : r == 3 ? "{" : "\tline" r int(rand() * 3) } }' >a
		awk -v s=$seed 'BEGIN { srand(s + 99) } { r = rand(); if (r < .1) next; print; if (r > .9) print "new"; if (r > .8 && r < .85) print }' a >b
		printf 'x.c\t%s\t%s\n' a b | LC_ALL=C awk -f "$repo/tools/diff/names.awk" -f "$repo/tools/diff/differ.awk" | sed 1d >stream
		sed -n 's/^[ -][^	]*	//p' stream | cmp - a
		sed -n 's/^[ +][^	]*	//p' stream | cmp - b
	done
}

@test "a block that could sit in two places begins at its own first line" {
	printf 'f()\n{\n\treturn;\n}\n\ng()\n{\n\treturn;\n}\n' >a
	printf 'f()\n{\n\treturn;\n}\n\nnew()\n{\n\treturn;\n}\n\ng()\n{\n\treturn;\n}\n' >b
	printf 'x.c\ta\tb\n' | LC_ALL=C awk -f "$repo/tools/diff/names.awk" -f "$repo/tools/diff/differ.awk" >stream
	cat stream
	[ "$(grep -n '^+' stream | head -1)" = $'7:+new\tnew()' ]
	[ "$(grep -c '^+' stream)" -eq 5 ]
}

@test "the notes of the stages in this repository explain every line" {
	ls "$repo"/stages/*/DIFF.md >/dev/null 2>&1 || skip "no stage has notes yet"
	cd "$repo"
	STAGES=stages run tools/diff/check
	echo "$output"
	[ "$status" -eq 0 ]
}
