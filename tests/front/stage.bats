# make stage N
load lib

@test "make stage 3: builds, serves www/, says where and three things to try" {
	running stage 3 PORT=0
	[[ $url =~ ^http://127\.0\.0\.1:[0-9]+/$ ]]
	curl -sS "$url" | cmp - www/index.html
	port=${url##*:} port=${port%/}
	within 10 grep -q '^Try' "$out"
	within 10 [ "$(sed '1,/^Try/d' "$out" | grep -c .)" = 3 ]
	grep -q "$url\|:$port" <(sed '1,/^Try/d' "$out")
	not grep -q 8080 "$out"
	press_ctrl_c
	not curl -sS "$url" 2>"$err"
}

@test "what it says to try with curl works" {
	for n in 1 2 3 4 5 6; do
		running stage "$n" PORT=0
		within 10 [ "$(sed '1,/^Try/d' "$out" | grep -c .)" = 3 ]
		sed '1,/^Try/d' "$out" | sed 's/^  //; s/ *#.*//' | grep '^curl.*[^& ] *$' >"$tmp/try" || true
		while read -r line; do
			echo "stage $n: $line"
			timeout 20 bash -c "$line" >"$tmp/tried" 2>&1 3>&- 4>&- </dev/null
			[ -s "$tmp/tried" ]
		done <"$tmp/try"
		press_ctrl_c
	done
}

@test "Ctrl-C and SIGTERM leave nothing behind, in every stage" {
	for n in 1 2 3 4 5 6; do
		for signal in INT TERM; do
			running stage "$n" PORT=0
			curl -sS -o "$tmp/page" "$url"
			press_ctrl_c "$signal"
			not curl -sS -o "$tmp/page" "$url" 2>"$tmp/refused"
			# make has nothing to report; that it has no child left is a race within make itself
			[ "$signal" = TERM ] || not grep '\*\*\*' <(grep -v 'wait: No child processes\|Waiting for unfinished jobs' "$err")
		done
	done
}

@test "a compiler, make and coreutils are enough: neither sed nor awk, grep, find, cmp" {
	mkdir -p "$tmp/few"
	for folder in /usr/local/bin /usr/bin /bin; do cp -rsn "$folder"/. "$tmp/few/" 2>/dev/null || true; done
	rm -f "$tmp/few"/sed "$tmp/few"/*awk "$tmp/few"/*grep "$tmp/few"/find "$tmp/few"/cmp
	for n in 3 7; do
		running stage "$n" PORT=0 PATH="$tmp/few"
		within 10 [ "$(sed '1,/^Try/d' "$out" | grep -c .)" = 3 ]
		press_ctrl_c
		not grep 'not found' "$err"
	done
}

@test "stage 7 with a configuration: how to send packets stands there too, and Ctrl-C ends what would be a daemon" {
	cat >"$tmp/packets.conf" <<-END
		pid $tmp/packets.pid; error_log stderr; events {}
		http { access_log off; server { listen 127.0.0.1:0; } }
		packet { listen 127.0.0.1:0; }
	END
	running stage 7 CONF="$tmp/packets.conf"
	within 10 grep -q '^  make packet [1-9][0-9]* ping$' "$out"
	[ "$(grep -c '^Try' "$out")" = 1 ]
	press_ctrl_c
	[ ! -e "$tmp/packets.pid" ]
}

@test "make stage N=3, make stage 03, make stage poll" {
	for words in N=3 03 poll 03-poll; do
		running stage "$words" PORT=0
		[ -x build/03-poll*/server ]
		press_ctrl_c
	done
}

@test "ROOT= and WORKERS=" {
	mkdir -p "$tmp/my site"
	echo mine >"$tmp/my site/index.html"
	running stage 6 PORT=0 ROOT="$tmp/my site" WORKERS=3
	[ "$(curl -sS "$url")" = mine ]
	within 10 three_workers
	press_ctrl_c
}
three_workers() {
	[ "$(ps -o args= -s "$pid" | grep -c '^server: worker')" = 3 ]
}

@test "CC=clang, and SAN=address,undefined" {
	running stage 2 PORT=0 SAN=address,undefined
	curl -sS "$url" | cmp - www/index.html
	press_ctrl_c
	grep -qa __asan_init build/02-select-address,undefined*/server
	command -v clang >/dev/null || skip 'no clang here'
	running stage 2 PORT=0 CC=clang
	curl -sS "$url" | cmp - www/index.html
	press_ctrl_c
	grep -qa 'clang version' build/02-select*clang*/server
}

@test "a busy port: one line that says who holds it" {
	running stage 1 PORT=0
	port=${url##*:} port=${port%/}
	cp "$out" "$tmp/first"
	front stage 3 PORT="$port"
	[ "$code" != 0 ]
	[ "$(grep -v '^make' "$err" | wc -l)" = 1 ]
	grep -q "port $port is busy: 'server' (process [0-9]*)" "$err"
	[ ! -s "$out" ]
	curl -sS "$url" | cmp - www/index.html
	press_ctrl_c
}

@test "a stage that is not there, a root that is not there, a bad port: one line" {
	front stage 99
	[ "$code" != 0 ]
	grep -q "there is no stage '99'; there are 1 2 3 4 5 6.*make stage 1" "$err"
	[ "$(grep -v '^make' "$err" | wc -l)" = 1 ]
	front stage
	[ "$code" != 0 ]
	grep -q 'which stage?' "$err"
	[ "$(grep -v '^make' "$err" | wc -l)" = 1 ]
	front stage 1 ROOT="$tmp/gone"
	[ "$code" != 0 ]
	grep -q "cannot serve $tmp/gone: No such file or directory" "$err"
	[ "$(grep -v '^make' "$err" | wc -l)" = 1 ]
	front stage 1 PORT=99999
	[ "$code" != 0 ]
	grep -q "bad port '99999'" "$err"
	[ "$(grep -v '^make' "$err" | wc -l)" = 1 ]
}

@test "a compiler that is not there: what to install" {
	front stage 1 CC=no-such-cc
	[ "$code" != 0 ]
	grep -q "no C compiler 'no-such-cc' here.*apt-get install gcc make" "$err"
	[ "$(grep -v '^make' "$err" | wc -l)" = 1 ]
}
