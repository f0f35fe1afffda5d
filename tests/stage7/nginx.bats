# Configurations as people write them for nginx, served by both: the same answers, but for what the
# README's table says is not like nginx. nginx/NAME.conf is what stands in http {}, with ADDRESS, SITE
# and LOGS put in; nginx/NAME.requests has the requests, as curl's arguments.
load lib

NGINX=$BATS_TEST_DIRNAME/nginx

make_site() {
	mkdir -p "$site"/{assets,files/sub,manual/sub,sub,errors,sites/www,sites/joe,.git,x}
	for name in index.html page.html errors/403.html errors/404.html errors/50x.html errors/ok.html sub/index.html sites/www/index.html \
		sites/www/404.html sites/joe/index.html 'with space.html' with+plus.html umlaut-ä.html; do
		echo "<p>$name</p>" >"$site/$name"
	done
	for name in assets/app.css style.css script.js assets/logo.png logo.png LOGO.PNG photo.JPG manual/read.txt .git/config \
		x/.htaccess nothtml.unknown maintenance.flag; do
		echo "this is $name" >"$site/$name"
	done
	seq 5000 >"$site/files/a.bin"
	head -c 2000 /dev/zero | tr '\0' b >"$tmp/big"
	find "$site" -exec touch -d '2020-02-02 02:02:02' {} +
}

setup() { command -v nginx >/dev/null || skip 'nginx is not installed'; }

conf() { # conf NAME ADDRESS WHO   what stands in http {}
	mkdir -p "$tmp/$3"
	sed "s|ADDRESS|$2|; s|SITE|$site|g; s|LOGS|$tmp/$3|" "$NGINX/$1.conf"
}

eval "ours_$(declare -f teardown)"
teardown() {
	ours_teardown
	if [ -n "${nginx:-}" ]; then
		kill "$nginx" 2>/dev/null || true
		wait "$nginx" || true
	fi
}

start_both() { # start_both NAME
	server '' # for the port that it gets, and its name
	own=$(curl -sI "$url/" | sed -n 's/^Server: \([^/ \r]*\).*/\1/p')
	stop
	# not off: that would count for the other logs of this level, too
	ACCESS_LOG=$tmp/unread.log http "$(conf "$1" "127.0.0.1:$port" ours)"
	cat >"$tmp/nginx.conf" <<-END
		daemon off; master_process off; pid nginx.pid; error_log $tmp/nginx.log info;
		events { }
		http {
			access_log $tmp/unread.log;
			include $STAGE/conf/mime.types;
			client_body_temp_path $tmp/body; proxy_temp_path $tmp/proxy; fastcgi_temp_path $tmp/fastcgi;
			uwsgi_temp_path $tmp/uwsgi; scgi_temp_path $tmp/scgi;
			$(conf "$1" "127.0.0.2:$port" theirs)
		}
	END
	# another address of this machine, and the same port: it is in redirects
	nginx -p "$tmp" -c "$tmp/nginx.conf" 2>"$tmp/nginx.err" 3>&- 4>&- &
	nginx=$!
	within 20 listens || cat "$tmp/nginx.err"
}

listens() { (exec 3<>"/dev/tcp/127.0.0.2/$port") 2>/dev/null; }

# What there is to compare of an answer: not who gave it, when, and in which order it says so, nor the
# names of statuses, which are those of the RFC here.
digest() { # digest HOST WORD...   of a request
	local host=$1 code
	shift
	code=$(curl -s --path-as-is -m 20 -D "$tmp/$host.head" -o "$tmp/$host.body" -w '%{http_code}' "${@:1:$#-1}" "http://$host:$port${*: -1}") || code=$code/$?
	case " $* " in *' -I '*) : >"$tmp/$host.body" ;; esac # it would be the head once more
	echo "status $code"
	sed -n '1d; s/\r$//; /^Date: /d; /^Server: /d; /^Allow: GET, HEAD$/d; s/^\(Expires: .*\):..:.. GMT/\1/; s/boundary=[0-9]*/boundary/; /./p' "$tmp/$host.head" |
		sed 's/127\.0\.0\.2/127.0.0.1/' | sort | built_in
	sed -E "s#<center>(nginx|$own)[^<]*</center>#<center>server</center>#; s/^--[0-9]{20}/--boundary/; s/127\.0\.0\.2/127.0.0.1/" "$tmp/$host.body" |
		sed -E 's#(<h1>|<title>)(302|401|405|413|414|416|503|504) [^<]*#\1\2#'
}

built_in() { # the length of a page with the server's name in it says nothing
	if [ ! -s "$tmp/$host.body" ] || grep -q '<hr><center>' "$tmp/$host.body"; then sed '/^Content-Length: 1[0-9][0-9]$/d'; else cat; fi
}

# same_answers NAME   to all requests; a "!" before one: it has to be another, which is in the README
same_answers() {
	local words known
	: >"$tmp/wrong"
	while read -r -a words; do
		known=
		if [ "${words[0]}" = ! ]; then known=yes words=("${words[@]:1}"); fi
		words=("${words[@]//BIG/$tmp/big}")
		for host in 127.0.0.1 127.0.0.2; do
			: >"$tmp/$host.head"
			: >"$tmp/$host.body"
			digest "$host" "${words[@]}" >"$tmp/$host.txt"
		done
		diff "$tmp/127.0.0.2.txt" "$tmp/127.0.0.1.txt" >"$tmp/diff" && same=yes || same=
		[ "$same" != "$known" ] || printf '%s\n' "== ${words[*]}: ${known:+should not be the same}" "$(cat "$tmp/diff")" >>"$tmp/wrong"
	done <"$NGINX/$1.requests"
	cat "$tmp/wrong"
	[ ! -s "$tmp/wrong" ]
}

same_logs() { # same_logs NAME ...   but for the length of built-in pages, and the README's [address]
	for name; do
		for who in ours theirs; do
			[ -s "$tmp/$who/$name.log" ]
			sed -E 's/" ([3-5]..) [0-9]+ /" \1 N /; s/127\.0\.0\.2/127.0.0.1/; /"\[2001:/d' "$tmp/$who/$name.log" >"$tmp/$who.txt"
		done
		diff "$tmp/theirs.txt" "$tmp/ours.txt"
	done
}

compare() { # compare NAME [LOG ...]
	start_both "$1"
	same_answers "$1"
	stop
	same_logs "${@:2}"
}

@test "a static site with many locations" { compare site; }
@test "virtual hosts" { compare hosts hosts; }
@test "limits, addresses behind a balancer, logs" { compare limits main short raw quiet; }
@test "maps" { compare maps maps errors; }
@test "error pages, try_files, rewrites" { compare pages; }
