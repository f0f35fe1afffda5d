# Each stage's folder: builds alone, with both compilers, and differs from its neighbour where it says so.
# long: it begins early
load lib

setup_file() {
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/lab-stages.XXXXXX")
	export tmp
}

# A road is built from its stage's folder too: see labs/roads/road.mk.
alone() {
	mkdir -p "$tmp/else where"
	case $stage in
	0*)
		cp -r "$TOP/stages/$stage" "$tmp/else where"
		cd "$tmp/else where/$stage"
		;;
	*)
		mkdir -p "$tmp/else where/labs"
		cp -r "$TOP/stages" "$tmp/else where"
		cp -r "$TOP/labs/roads" "$tmp/else where/labs"
		cd "$tmp/else where/labs/roads/$stage"
		;;
	esac
	rm -rf build
	env -u MAKEFLAGS make -s
	[ "$(./build/server --help | head -n 1 | cut -c1-6)" = usage: ]
	[ -z "$(env -u MAKEFLAGS make -s)" ] # nothing to do
	env -u MAKEFLAGS make -s clean
	[ ! -e build ]
}
@test "a stage's folder builds alone, somewhere else" {
	each_stage alone
}

without_warnings() {
	env -u MAKEFLAGS make -s -C "$(folder_of "$stage")" BUILD="$tmp/$cc-$stage" CC="$cc" CFLAGS="$flags"
	[ -x "$tmp/$cc-$stage/server" ]
}
@test "gcc has nothing to say" {
	cc=gcc flags='-O3 -D_FORTIFY_SOURCE=2'
	command -v gcc >/dev/null || skip 'no gcc here'
	each_stage without_warnings
}
@test "clang has nothing to say" {
	cc=clang flags=-O1
	command -v clang >/dev/null || skip 'no clang here'
	each_stage without_warnings
}

tidy() {
	clang-format --dry-run -Werror "$(folder_of "$stage")"/*.[ch]
}
@test "formatted as .clang-format says" {
	command -v clang-format >/dev/null || skip 'no clang-format here'
	each_stage tidy
	clang-format --dry-run -Werror "$TOP"/tests/tools/*.c
}

# same A B FILE ...   files that B has from A, unchanged
same() {
	local a b
	a=$(echo "$TOP/stages/0$1-"*)
	b=$(echo "$TOP/stages/0$2-"*)
	for file in "${@:3}"; do
		echo "$b/$file"
		cmp "$a/$file" "$b/$file"
	done
}
@test "what is not a stage's idea is its neighbour's, byte by byte" {
	common=(Makefile http.c http.h log.c log.h net.c net.h owner.c owner.h)
	for n in 1 2 3; do
		same "$n" $((n + 1)) "${common[@]}" conn.c conn.h main.c server.h
	done
	same 4 5 Makefile http.c http.h log.c log.h net.h owner.c owner.h server.h # not net.c: the listener no longer blocks
	same 5 6 "${common[@]}" conn.c conn.h
}

# The names of functions and their order: what a reader finds again in the next stage.
functions() {
	sed -n 's/^[a-z].*[ *]\([a-z_]*\)(.*[^;]$/\1/p' "$1"
}
@test "functions keep their names and their order" {
	for file in http.c net.c log.c conn.c main.c; do
		functions "$TOP"/stages/01-*/"$file" >"$tmp/first"
		[ -s "$tmp/first" ]
		for stage in $(only 1 2 3 4 5 6); do
			echo "$stage/$file"
			# those of the first stage, in their order, maybe with others between them
			functions "$TOP/stages/$stage/$file" | grep -Fx -f "$tmp/first" | cmp - "$tmp/first"
		done
	done
	for stage in $STAGES; do
		functions "$(folder_of "$stage")/server.c" | grep -qx on_accept
		[ "$(functions "$(folder_of "$stage")/server.c" | tail -n 1)" = server_run ]
	done
}
