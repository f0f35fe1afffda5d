# A file includes its own folder and lower floors: upward there are only callbacks.
load lib

setup_file() { :; }
teardown_file() { :; }

@test "no file reaches upward" {
	cd "$STAGE/src"
	grep -rHo '^#include "[a-z_/]*\.h"' --include='*.[ch]' . | awk -F'[:"]' '
		function floor(path) {
			sub(/^\.\//, "", path)
			if (path !~ /\//) return 8
			sub(/\/.*/, "", path)
			return path in floors ? floors[path] : -1
		}
		function folder(path) {
			sub(/^\.\//, "", path)
			return path ~ /\// ? substr(path, 1, index(path, "/")) : ""
		}
		BEGIN {
			split("base 0 mem 1 io 2 event 3 conf 4 http 5 modules 6 upstream 6 packet 5 proc 7", list, " ")
			for (i = 1; i in list; i += 2) floors[list[i]] = list[i + 1]
		}
		{
			from = floor($1); to = floor($3)
			if (from < 0 || to < 0 || to > from || (to == from && folder($1) != folder($3))) { print $1 " includes " $3; bad = 1 }
			seen++
		}
		END { print seen " includes"; exit bad || seen < 100 }'
}

# The rooms of http/, from the lowest: each includes itself and lower ones.
@test "no room of http reaches upward" {
	cd "$STAGE/src"
	grep -rHo '^#include "http/[a-z_/]*\.h"' --include='*.[ch]' http | awk -F'[/:"]' '
		BEGIN { for (n = split("message site wire request file answer work client", list, " "); n > 0; n--) rank[list[n]] = n }
		!($2 in rank) || !($6 in rank) || rank[$6] > rank[$2] { print; bad = 1 }
		{ seen++ }
		END { print seen " includes"; exit bad || seen < 100 }'
}

# A unit is a .c file with its .h. Units that include each other in a circle can only be understood together.
@test "no units include each other in a circle" {
	cd "$STAGE/src"
	grep -rHo '^#include "[a-z_/]*\.h"' --include='*.[ch]' . | awk -F'[:"]' '
		{
			sub(/^\.\//, "", $1); sub(/\.[ch]$/, "", $1); sub(/\.h$/, "", $3)
			if ($1 == $3) next
			knows[$1, $3] = 1; unit[$1]; unit[$3]
		}
		END {
			for (over in unit) for (from in unit) if ((from, over) in knows)
				for (to in unit) if ((over, to) in knows) knows[from, to] = 1
			for (u in unit) { units++; if ((u, u) in knows) { print u " is in a circle"; bad = 1 } }
			exit bad || units < 100
		}'
}

@test "a module's headers are for its own room, except the one that has the room's name" {
	cd "$STAGE/src"
	run ls modules/*.h
	[ "$status" -ne 0 ]
	grep -rHo '^#include "modules/[a-z_]*/[a-z_]*' --include='*.[ch]' . | awk -F'[:"]' '
		{ split($3, path, "/"); room = path[1] "/" path[2] "/" }
		index($1, "./" room) != 1 && !($1 ~ "^./modules/" && path[2] == path[3]) { print $1 " includes " $3; bad = 1 }
		{ seen++ }
		END { print seen " includes"; exit bad || seen < 10 }'
}

@test "a room has at most 20 files" {
	cd "$STAGE/src"
	find . -mindepth 2 -name '*.[ch]' | sed 's,/[^/]*$,,' | sort | uniq -c | awk '
		$1 > ($2 == "./modules" ? 30 : 20) { print $2 " has " $1 " files"; bad = 1 }
		END { exit bad || NR < 10 }'
}

# "It includes: `base/`, `mem/`." in a README is what the files of the room do include.
@test "each room says what it is, and what it knows" {
	cd "$STAGE/src"
	for room in base mem io event conf http/* packet proc proc/*/ modules/*/; do
		room=${room%/}
		echo "$room"
		[ -s "$room/README.md" ]
		case $room in modules/*) continue ;; esac
		diff <(sed -n 's/^It includes: //p' "$room/README.md" | grep -o '`[a-z/]*/`' | tr -d '`' | sort) \
			<(grep -ho '^#include "[a-z_/]*/' "$room"/*.[ch] | sed 's/#include "//' | grep -vx "$room/" | sort -u)
	done
}

@test "each file opens with what it is, and has at most 500 lines" {
	cd "$STAGE/src"
	for file in $(find . -name '*.[ch]'); do
		lines=$(wc -l <"$file")
		[ "$lines" -le 500 ] || { echo "$file has $lines lines"; false; }
	done
	for file in $(find . -name '*.h'); do
		[ "$(head -c 2 "$file")" = '/*' ] || { echo "$file does not say what it is"; false; }
	done
}

# A row of the way: | what happens | `function`, ... | `file.c`, ... |
@test "the way of a request names functions that are in these files" {
	cd "$STAGE/src"
	sed -n '/^## The way/,/^## A module/p' README.md | awk -F'|' 'NF == 5 && $4 ~ /\.c`/ { gsub(/[`,]/, " "); print $3 "|" $4 }' >"$BATS_TEST_TMPDIR/way"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/way")" -ge 10 ]
	while IFS='|' read -r functions files; do
		for function in $functions; do
			grep -qE "^[a-z][^;]*\b$function\(" $files || { echo "$function is not in $files"; false; }
		done
	done <"$BATS_TEST_TMPDIR/way"
}
