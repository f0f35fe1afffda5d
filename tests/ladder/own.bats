# A server from elsewhere, started by a command, is judged against what a stage can do.
# long: it begins early
bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.."
	export TOP=$PWD SHOW='' P='' SERVER='' ADAPTER='' EXPECT='' JSON='' NO_COLOR=1
	command=$(tools/stage build 5)
	export command
}

setup() {
	cd "$TOP"
	json=$BATS_TEST_TMPDIR/result.json
}

# judged EXIT EXPECT PROPERTIES COMMAND
judged() {
	run -"$1" env EXPECT="$2" P="$3" SERVER="$4" JSON="$json" tools/ladder 3>&- 4>&-
	echo "$output"
}

@test "what it must do holds: the score is full, and the exit status 0" {
	judged 0 5 "answers-get silent-client keep-alive" "$command %p %r"
	[[ $output == *"2 of 2 properties that stage 5 has: all of them"* ]]
	grep -q '"schema": "ladder/1"' "$json"
	grep -q '"score": 2,' "$json"
	grep -q '"max": 2,' "$json"
	grep -q '"name": "keep-alive".*"required": false.*"verdict": "breaks"' "$json"
}

@test "what is missing is named, with the reason: the exit status is 1" {
	judged 1 7 "answers-get keep-alive" "$command %p %r"
	[[ $output == *"keep-alive "*"breaks!"*"closed"* ]]
	[[ $output == *"1 of 2 properties that stage 7 has"* ]]
	grep -q '"score": 1,' "$json"
}

@test "without EXPECT= nothing is required, and nothing is a score" {
	judged 0 '' "keep-alive" "$command %p %r"
	grep -q '"score": null' "$json"
}

@test "words of the command: workers are as many as the judge asks for" {
	judged 0 6 "worker-crash" "$(tools/stage build 6) %p %r %w"
	grep -q '"verdict": "holds".*a new process took the place' "$json"
}

@test "a program without %p is called as stages 1 to 5 are" {
	judged 0 5 "answers-get" "$command"
}

@test "a program that does not start is no pass, and what it said is the reason" {
	judged 1 5 "answers-get" "sh -c 'echo no module named flask >&2; exit 1' %p"
	[[ $output == *"no module named flask"* ]]
	grep -q '"score": 0,' "$json"
}

@test "the JSON is JSON, whatever the command and the evidence say" {
	command -v node >/dev/null || skip "no node"
	judged 1 5 "answers-get" "sh -c 'echo \"a \\\\ \\\"b\\\"	c\" >&2; exit 1' %p"
	node -e 'const r = JSON.parse(require("fs").readFileSync(process.argv[1])); if (r.properties.length !== 1) process.exit(1)' "$json"
}

@test "a mistake in the words is one line that says what to do" {
	judged 2 9 "answers-get" "$command %p"
	[[ $output == *"EXPECT=9: there is no such stage"* ]]
	judged 2 5 "answers-get" "python3 my.py"
	[[ $output == *"needs %p where its port belongs"* ]]
	run -2 env SERVER='' EXPECT=5 tools/ladder
	[[ $output == *"it needs SERVER="* ]]
	run -2 env SERVER="$command" ADAPTER=nowhere tools/ladder
	[[ $output == *"cannot be read"* ]]
}
