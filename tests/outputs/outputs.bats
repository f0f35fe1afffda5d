# Output shown in a text is the output of today, or the check is red.
# long: it begins early

# The last one plays all the texts there are, which may take longer than a test usually may.
setup_file() { export BATS_TEST_TIMEOUT=600; }

setup() {
	repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	lab=$BATS_TEST_TMPDIR/lab
	mkdir -p "$lab/tools" "$lab/text"
	cp -r "$repo/tools/outputs" "$lab/tools/"
	cd "$lab" || return
	echo 'hello' >text/word
}

text() { cat >text/README.md; }
outputs() { run tools/outputs/outputs "$@"; echo "$output"; }

@test "a true output passes; write leaves the file alone" {
	text <<'END'
```console
$ cat word
hello
```
END
	cp text/README.md before
	outputs check text/README.md
	[ "$status" -eq 0 ]
	outputs write
	[ "$status" -eq 0 ]
	cmp before text/README.md
}

@test "a drifted output fails with its line, and write corrects it" {
	text <<'END'
# Text

```console
$ cat word
goodbye
$ echo still here
still here
```

The end.
END
	outputs check
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = 'text/README.md:4: the output of this command has drifted: $ cat word' ]
	[[ "$output" == *"shown  | goodbye"*"today  | hello"* ]]
	outputs write
	grep -x hello text/README.md
	[ "$(tail -n 1 text/README.md)" = "The end." ]
	outputs check
	[ "$status" -eq 0 ]
}

@test "times, dates, process ids and client ports may change; words may not" {
	text <<'END'
```console
$ echo "took 17 ms on Fri, 20 Nov 2026 18:57:42 GMT, worker $$, 127.0.0.1:54321 [$$]"
took 3.5 ms on Mon, 01 Jan 2024 00:00:00 GMT, worker 99, 127.0.0.1:33333 [1]
$ echo 3 apples
4 apples
```
END
	outputs check
	[ "$status" -eq 1 ]
	[ "$(printf '%s\n' "$output" | grep -c drifted)" -eq 1 ]
	[[ "$output" == *"README.md:4: "* ]]
}

@test "three dots stand for any lines; numbers and order can be ignored" {
	text <<'END'
```console
$ seq 9
1
...
8
9
```

```console numbers unordered
$ echo b 2; echo a 1
a 7
b 8
```
END
	outputs check
	[ "$status" -eq 0 ]
}

@test "a fence shares a shell, begins in the file's folder, and cannot touch it" {
	text <<'END'
<!-- run: echo made >unseen -->

```console
$ cat unseen; x=1; rm word
made
$ echo $x
1
```

```console
$ echo "${x:-gone}"; ls
gone
README.md
unseen
```
END
	outputs check
	[ "$status" -eq 0 ]
	[ -f text/word ]
	[ ! -e text/unseen ]
}

@test "a server in the background: a free port stands in for 8080, and it ends with the fence" {
	cat >text/server.py <<'END'
import socket, sys
s = socket.socket(); s.bind(("127.0.0.1", int(sys.argv[1]))); s.listen()
print("listening on http://127.0.0.1:%s/" % sys.argv[1], flush=True)
while True:
    c, _ = s.accept(); c.recv(999); c.send(b"HTTP/1.0 200 OK\r\n\r\nserved on port " + sys.argv[1].encode() + b"\n"); c.close()
END
	command -v python3 >/dev/null || skip "no python3 to play the server"
	text <<'END'
```console
$ python3 server.py 8080 &
$ curl -s http://127.0.0.1:8080/
```
END
	outputs write
	cat text/README.md
	grep -x 'listening on http://127.0.0.1:8080/' text/README.md
	grep -x 'served on port 8080' text/README.md
	outputs check
	[ "$status" -eq 0 ]
	! pgrep -f "^python3 server.py 21"
}

@test "a command that does not end is stopped, and named" {
	printf '```console\n$ echo a\n$ sleep 33.77\n```\n' | text
	OUTPUTS_DEADLINE=1 outputs check
	[ "$status" -ne 0 ]
	[[ "$output" == *"text/README.md:3: still running after 1 s"* ]]
	! pgrep -f 'sleep 33.77'
}

@test "what this repository's texts show is what their commands print today" {
	cd "$repo"
	outputs check
	[ "$status" -eq 0 ]
}
