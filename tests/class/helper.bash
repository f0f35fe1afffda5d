# shellcheck shell=bash
# A course of its own: the tools, and one lab that is graded in a moment.
bats_require_minimum_version 1.5.0
. "$BATS_TEST_DIRNAME/../wait.bash"
cd "$BATS_TEST_DIRNAME/../.." || exit 1

course() {
	export CFLAGS=-O0 # the compiler is most of what these tests cost
	mkdir -p "$1/labs/code" "$1/build/labs" build/tools build/labs/03-tiny build/labs/lib
	ln -s "$PWD/build/tools" "$1/build/tools"
	ln -s "$PWD/build/labs/03-tiny" "$PWD/build/labs/lib" "$1/build/labs/"
	ln -s "$PWD/tools" "$1/tools"
	ln -s "$PWD/labs/code/lib" "$1/labs/code/lib"
	cp -Rp tests/class/tiny "$1/labs/code/03-tiny"
}

class() { python3 tools/class/class "$@"; }

# verdicts   "id<tab>verdict score<tab>reason" of OUT/gradebook.csv, a line a student
verdicts() {
	python3 -c '
import csv, sys
for r in csv.DictReader(open(sys.argv[1], newline="")):
    print(r["id"], (r["verdict"] + " " + r["score"]).strip(), r["reason"], sep="\t")' "$OUT/gradebook.csv"
}
