# Every directive where it may stand and nowhere else, every variable with its value: the lists are
# inventory.txt and variables.txt. Where nginx is installed it is asked, too.
# long: it begins early
load lib

setup_file() {
	export BATS_TEST_TIMEOUT=400 # some hundred servers, one after the other
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/lab-stage7.XXXXXX")
	chmod 755 "$tmp"
	export tmp site=$tmp/site
	mkdir -p "$site/dir" "$tmp/logs"
	echo page >"$site/dir/page.html"
	BUILT=$OURS/stage7 SANITIZE='' build "$OURS/stage7/server" "$OURS/stage7/parts.a"
}

zones='proxy_cache_path pages keys_zone=pages:1m; limit_conn_zone $binary_remote_addr zone=per_address:1m; limit_req_zone $binary_remote_addr zone=per_request:1m rate=10r/s;'

# in_place PLACE 'DIRECTIVE'   a configuration with it at that place
in_place() {
	local packet='' events='events { }' main='error_log stderr; pid server.pid;' http="access_log off; $zones" server='listen 127.0.0.1:18080;'
	case $2 in pid*) main='error_log stderr;' ;; access_log*) http=$zones ;; esac
	case $1 in
	M) main+=" $2" ;;
	E) events="events { $2 }" ;;
	H) http+=" $2" ;;
	S) server+=" $2" ;;
	L) server+=" location /x { $2 }" ;;
	s) server+=" if (\$host) { $2 }" ;;
	l) server+=" location / { if (\$host) { $2 } }" ;;
	X) server+=" location / { limit_except GET { $2 } }" ;;
	P) packet="packet { $2 }" ;;
	U) http+=" upstream some { server 127.0.0.1:18082; $2 }" ;;
	esac
	printf '%s %s %s http { %s server { %s } }\n' "$main" "$events" "$packet" "$http" "$server"
}

# places BINARY 'DIRECTIVE'   found: where that accepts it
places() {
	local place said elsewhere='is not allowed here|unknown directive|is not terminated by|has no opening'
	found=
	for place in M E H S L s l X P U; do
		in_place "$place" "$2" >"$tmp/place.conf"
		if "$1" -p "$tmp" -c "$tmp/place.conf" -t >"$tmp/said" 2>&1 3>&-; then
			found+=$place
		else
			IFS= read -r -d '' said <"$tmp/said" || :
			[[ $said =~ $elsewhere ]] || found+="($place: ${said%%$'\n'*})"
		fi
	done
}

# each_directive COMMAND   gets PLACES and the directive
each_directive() {
	local where directive
	while read -r where directive; do
		case $where in '' | '#'*) continue ;; esac
		case $directive in *\}) ;; *) directive+=';' ;; esac
		"$1" "$where" "$directive"
	done <"$BATS_TEST_DIRNAME/inventory.txt"
}

compare() { # compare BINARY PLACES 'DIRECTIVE'
	local found
	places "$1" "$3"
	[ "$found" = "$2" ] || echo "$3 is accepted in '$found' and not in '$2'" | tee -a "$tmp/wrong"
}

ours() { compare "$OURS/stage7/server" "${1%+}" "$2"; }

theirs() {
	case $1 in *+) return 0 ;; esac
	case $2 in user*) return 0 ;; esac # it wants a group of that name
	compare nginx "${1//P/}" "$2" # which has no packet {}
}

a_part_of_theirs() {
	n=$((n + 1))
	if [ -n "${FULL:-}" ] || [ $((n % 4)) -eq 0 ]; then theirs "$@"; fi
}

@test "each directive is accepted where it belongs, and nowhere else" {
	rm -f "$tmp/wrong"
	each_directive ours
	[ ! -e "$tmp/wrong" ]
}

# The list changes seldom, and nginx never: a quarter of it, and all with FULL=1.
@test "and that is where nginx accepts it" {
	command -v nginx >/dev/null || skip 'nginx is not installed'
	rm -f "$tmp/wrong"
	n=0
	each_directive a_part_of_theirs
	[ ! -e "$tmp/wrong" ]
}

@test "each directive that the server knows is in the list" {
	list() { awk '/^[^#]/ { print $2 }' "$BATS_TEST_DIRNAME/inventory.txt" | sort -u; }
	"${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -I"$STAGE/src" "$BATS_TEST_DIRNAME/modules/list.c" "$OURS/stage7/modules.o" \
		"$OURS/stage7/parts.a" -lpthread -o "$tmp/list"
	"$tmp/list" | grep -vxE 'http|events' | sort -u >"$tmp/known"
	[ "$(wc -l <"$tmp/known")" -gt 100 ]
	# "include" is the parser's own
	diff <(list | grep -vx include) "$tmp/known"
}

@test "each variable has its value" {
	local format='' name pattern wrong=''
	while IFS=$'\t' read -r name pattern; do
		case $name in '' | '#'*) continue ;; esac
		format+="$name \${$name}"$'\n'
	done <"$BATS_TEST_DIRNAME/variables.txt"
	BUILT=$OURS/stage7 http "
		log_format all '$format';
		limit_conn_zone \$remote_addr zone=a:1m;
		server {
			listen LISTEN; root $site; server_name example.org www.example.org; access_log $tmp/access.log all;
			add_header X-From here;
			location ~ ^/(.*)/(.*)[.]html { set \$mine \"made of \$1\"; }
		}"
	raw 'GET /dir/./page%2Ehtml?a=one&b=%20two HTTP/1.1\r\nHost: www.EXAMPLE.org:80\r\nConnection: close\r\nUser-Agent: tester\r\nX-Mine: some\r\nX-Mine: more\r\nCookie: b=1; c=crumb\r\nAuthorization: Basic bWU6c2VjcmV0\r\nContent-Type: text/x\r\nContent-Length: 0\r\n\r\n'
	[ "$status" = 200 ]
	real=$pid
	stop
	while IFS=$'\t' read -r name pattern; do
		case $name in '' | '#'*) continue ;; esac
		pattern=${pattern/SITE/$site} pattern=${pattern/HOSTNAME/$(uname -n)} pattern=${pattern/PORT/$port} pattern=${pattern/PID/$real}
		value=$(sed -n "s/^$name //p" "$tmp/access.log")
		[[ $value =~ ^($pattern)$ ]] || wrong+="\$$name is '$value' and not '$pattern'"$'\n'
	done <"$BATS_TEST_DIRNAME/variables.txt"
	echo "$wrong"
	[ -z "$wrong" ]
}
