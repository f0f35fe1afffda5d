# What the fuzzers have found, and what they began with, once more: no clang is needed for that.
# `make fuzz` looks for more.
load ../stage7/lib

setup_file() {
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/lab-fuzz.XXXXXX")
	export tmp
	build "$BUILT/server" "$BUILT/parts.a"
}

# replay TARGET   every file of its corpus
replay() {
	local fuzz=$BATS_TEST_DIRNAME
	"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -g -O1 -Wall -Wextra -Werror -I"$STAGE/src" -I"$fuzz" \
		-fsanitize=address,undefined -fno-sanitize-recover=all -DALLOC_PASS_THROUGH \
		"$fuzz/$1.c" "$fuzz/replay.c" "$BUILT/modules.o" "$BUILT/parts.a" -lpthread -o "$tmp/$1"
	FUZZ_SITE=$fuzz/site "$tmp/$1" "$fuzz/corpus/$1"/*
}

@test "head: lines, the request line, headers, paths" { replay head; }
@test "values: dates, numbers, lists, escapes" { replay values; }
@test "chunked: the decoder, in one piece and in many" { replay chunked; }
@test "ranges: what a Range header asks for" { replay ranges; }
@test "tags: lists of entity tags" { replay tags; }
@test "ssi: commands in a page, in one piece and in many" { replay ssi; }
@test "packet: in one piece and in many" { replay packet; }
@test "reply: the head of another server's answer" { replay reply; }
@test "stored: the head of a file of the cache" { replay stored; }
@test "conf: configurations, good and bad" { replay conf; }
@test "exchange: all that a client may send, to the whole server" { replay exchange; }

@test "every target has its test here, and no input is larger than 1 KiB" {
	cd "$BATS_TEST_DIRNAME"
	for folder in corpus/*/; do
		name=$(basename "$folder")
		[ -f "$name.c" ]
		grep -q "replay $name;" replay.bats
	done
	[ -z "$(find corpus -type f -size +1024c)" ]
}
