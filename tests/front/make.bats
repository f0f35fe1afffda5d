# make alone, make clean, and words that mean nothing
load lib

@test "make alone lists what there is, a line each" {
	front
	[ "$code" = 0 ]
	[ ! -s "$err" ]
	for goal in 'make stage 3' 'make clean' 'make test'; do
		grep -q "^  $goal  *[a-z]" "$out"
	done
	[ ! -e build ]
}

@test "all that is listed is there" {
	front
	for goal in $(sed -n 's/^  make \([a-z-]*\).*/\1/p' "$out" | sort -u); do
		echo "make -n $goal"
		timeout 60 make -n "$goal" >"$tmp/dry" 2>&1 </dev/null
		not grep -q 'there is no' "$tmp/dry"
	done
}

@test "a word that is no goal: one line that says where to look" {
	front nonsense
	[ "$code" != 0 ]
	[ "$(wc -l <"$err")" -le 2 ]
	grep -q "there is no 'nonsense' here; 'make' alone lists what there is" "$err"
}

@test "make clean removes what was built, and no more" {
	front clean # others may have built here before the copy was made
	find . -type f | sort >"$tmp/before"
	running stage 1 PORT=0
	press_ctrl_c
	make -s -C stages/02-select
	[ -x build/01-blocking*/server ]
	[ -x stages/02-select/build/server ]
	front clean
	[ "$code" = 0 ]
	[ ! -e build ]
	[ ! -e stages/02-select/build ]
	find . -type f | sort | cmp - "$tmp/before"
	front clean # nothing to do is no error
	[ "$code" = 0 ]
}

@test "it works where the path has blanks" {
	mkdir -p "$tmp/with blanks"
	cp -r "$copy" "$tmp/with blanks/lab"
	cd "$tmp/with blanks/lab"
	running stage 2 PORT=0
	curl -sS "$url" | cmp - www/index.html
	press_ctrl_c
}
