# shellcheck shell=bash
# What the tests of the judges share: a server with a planted change, and its verdict.

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export TOP=$PWD SHOW='' P='' SERVER=''
	sh -c '. tools/lib.sh; helper hold wire look'
}

setup() { cd "$TOP"; }

# planted STAGE SED-SCRIPT FILE   the server with that change, in $server
planted() {
	folder=$BATS_TEST_TMPDIR/$1
	mkdir -p "$folder"
	cp "stages/$1"/*.[ch] "stages/$1/Makefile" "$folder/"
	cp "$folder/$3" "$BATS_TEST_TMPDIR/before"
	sed -i "$2" "$folder/$3"
	! cmp -s "$folder/$3" "$BATS_TEST_TMPDIR/before" || { echo "the change did not take"; return 1; }
	make -s -C "$folder" BUILD="$folder" CFLAGS='-O1 -w'
	server=$folder/server
}

# The same for stage 7, where only what has changed is compiled.
planted_7() {
	folder=$BATS_TEST_TMPDIR/07-full-server
	tools/stage build 7
	mkdir "$folder"
	cp -a stages/07-full-server/src stages/07-full-server/Makefile "$folder/"
	sed -i "$1" "$folder/src/$2"
	! cmp -s "$folder/src/$2" "stages/07-full-server/src/$2" || { echo "the change did not take"; return 1; }
	objects=$BATS_FILE_TMPDIR/objects
	[ -d "$objects" ] || cp -a build/07-full-server "$objects"
	cp -a "$objects"/. "$folder/"
	find "$folder" -name '*.d' -delete
	make -s -C "$folder" BUILD="$folder"
	server=$folder/server
}

# judge PROPERTY VERDICT WORDS...   of $server
judge() {
	property=$1 verdict=$2
	shift 2
	run "tests/ladder/$property" "$server" 3>&- 4>&-
	echo "$output"
	[ "$status" -eq 0 ]
	[ "${output%%	*}" = "$verdict" ]
	for words; do [[ $output == *"$words"* ]]; done
}
