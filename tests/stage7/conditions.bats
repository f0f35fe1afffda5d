# Conditional requests and ranges.
load lib

make_site() {
	printf '0123456789' >"$site/ten"
	touch -d 'Sun, 06 Nov 1994 08:49:37 GMT' "$site/ten"
}

@test "not modified" {
	server ''
	same='Sun, 06 Nov 1994 08:49:37 GMT' later='Mon, 07 Nov 1994 08:49:37 GMT' earlier='Sat, 05 Nov 1994 08:49:37 GMT'
	fetch /ten
	tag=$(header ETag)
	answers 304 -H "If-Modified-Since: $same" /ten
	[ "$(header ETag)" = "$tag" ]
	[ -z "$(header Content-Length)" ]
	[ -z "$(header Content-Type)" ]
	answers 200 -H "If-Modified-Since: $later" /ten
	answers 200 -H "If-Modified-Since: $earlier" /ten
	answers 304 -H "If-None-Match: $tag" /ten
	answers 304 -H "If-None-Match: \"a,b\", W/$tag" /ten
	answers 304 -H 'If-None-Match: *' /ten
	answers 200 -H 'If-None-Match: "x"' /ten
	answers 304 -H "If-None-Match: $tag" -H "If-Modified-Since: $earlier" /ten
	answers 200 -H 'If-None-Match: "x"' -H "If-Modified-Since: $same" /ten
	answers 412 -H 'If-Match: "x"' /ten
	answers 200 -H "If-Match: \"x\", $tag" /ten
	answers 412 -H "If-Match: W/$tag" /ten
	answers 412 -H "If-Unmodified-Since: $earlier" /ten
	answers 200 -H "If-Unmodified-Since: $same" /ten
	stop
	server 'if_modified_since before;'
	answers 304 -H "If-Modified-Since: $later" /ten
	stop
}

@test "several lines of tags are one list" {
	server ''
	fetch /ten
	tag=$(header ETag)
	for other in '"x"' 'W/"x", "y"' ''; do
		answers 304 -H "If-None-Match: $tag" -H "If-None-Match: $other" /ten
		answers 304 -H "If-None-Match: $other" -H "if-none-match: W/$tag" /ten
		answers 200 -H "If-None-Match: $other" -H 'If-None-Match: "z"' /ten
		answers 200 -H "If-Match: $tag" -H "If-Match: $other" /ten
		answers 200 -H "If-Match: $other" -H "if-match: $tag" /ten
		answers 412 -H "If-Match: $other" -H 'If-Match: "z"' /ten
	done
	answers 412 -H 'If-Match: "z"' -H "If-None-Match: $tag" /ten
	# another name, where underscores are let in
	stop
	server 'underscores_in_headers on;'
	answers 200 -H 'If-None-Match: "x"' -H "If_None_Match: $tag" /ten
	stop
}

@test "a part" {
	server ''
	part() { # part RANGE STATUS BODY
		fetch -H "Range: $1" /ten
		[ "$status" = "$2" ] && [ "$(cat "$body")" = "$3" ]
	}
	part bytes=0-4 206 01234
	[ "$(header Content-Range)" = 'bytes 0-4/10' ]
	[ "$(header Content-Length)" = 5 ]
	part bytes=5- 206 56789
	part bytes=-3 206 789
	part bytes=-99 206 0123456789
	part bytes=8-99 206 89
	part bytes=10- 416 ''
	[ "$(header Content-Range)" = 'bytes */10' ]
	part items=0-4 200 0123456789
	part bytes=4-2 200 0123456789
	part bytes=x 200 0123456789
	fetch /ten
	tag=$(header ETag)
	answers 206 -H 'Range: bytes=0-0' -H "If-Range: $tag" /ten
	answers 200 -H 'Range: bytes=0-0' -H 'If-Range: "x"' /ten
	answers 206 -H 'Range: bytes=0-0' -H 'If-Range: Sun, 06 Nov 1994 08:49:37 GMT' /ten
	answers 200 -H 'Range: bytes=0-0' -H "If-Range: W/$tag" /ten
	answers 200 -H 'Range: bytes=0-0' -H 'If-Range: Mon, 07 Nov 1994 08:49:37 GMT' /ten
	answers 200 -H 'Range: bytes=0-0' -H 'If-Range: yesterday' /ten
	answers 200 -X HEAD -I -H 'Range: bytes=0-0' /ten
	# beyond 64 bits is beyond the end
	part bytes=7-99999999999999999999 206 789
	part bytes=99999999999999999999- 416 ''
	part bytes=-99999999999999999999 206 0123456789
	part bytes=-0 416 ''
	part 'bytes= 2-3 , ' 206 23
	part 'bytes=2 - 3' 200 0123456789
	part 'bytes=' 200 0123456789
	part 'bytes=-' 200 0123456789
	part 'Bytes=1-1' 206 1
	stop
	server 'max_ranges 0;'
	part bytes=0-4 200 0123456789
	[ -z "$(header Accept-Ranges)" ]
	stop
}

@test "several parts" {
	server 'charset utf-8; charset_types text/x; default_type text/x;'
	parts() { # parts RANGES CONTENT...   each "from-to:bytes"
		local boundary wanted=
		fetch -H "Range: bytes=$1" "/ten"
		[ "$status" = 206 ]
		[ -z "$(header Content-Range)" ]
		boundary=$(header Content-Type)
		[[ $boundary =~ ^'multipart/byteranges; boundary='[0-9]{20}$ ]]
		boundary=${boundary##*=}
		[ "$(header Content-Length)" = "$(wc -c <"$body")" ]
		for part in "${@:2}"; do
			wanted+="
--$boundary
Content-Type: text/x; charset=utf-8
Content-Range: bytes ${part%%:*}/10

${part#*:}"
		done
		[ "$(tr -d '\r' <"$body")" = "$wanted
--$boundary--" ]
	}
	parts 0-1,3-4 0-1:01 3-4:34
	parts 0-0,-1 0-0:0 9-9:9
	parts -1,0-0 9-9:9 0-0:0
	parts 0-4,5-9 0-4:01234 5-9:56789
	parts 0-1,50-60,3-4 0-1:01 3-4:34
	parts 0-2,2-4,6-6 0-4:01234 6-6:6
	fetch -H 'Range: bytes=0-1,3-4' /ten
	first=$(header Content-Type)
	fetch -H 'Range: bytes=0-1,3-4' /ten
	[ "$(header Content-Type)" != "$first" ]
	# one part is left, or they overlap: no multipart
	answers 206 -H 'Range: bytes=0-1,50-60' /ten
	[ "$(header Content-Range)" = 'bytes 0-1/10' ]
	answers 206 -H 'Range: bytes=0-4,2-6' /ten
	[ "$(header Content-Range)" = 'bytes 0-6/10' ]
	answers 416 -H 'Range: bytes=10-,50-60' /ten
	[ "$(header Content-Range)" = 'bytes */10' ]
	answers 200 -H 'Range: bytes=0-1,x' /ten
	answers 200 -H 'Range: bytes=0-1,3-2' /ten
	stop
}

@test "several parts: abuse gets the whole" {
	head -c 1000000 /dev/urandom >"$site/large"
	head -c 200 /dev/urandom >"$site/small"
	server ''
	answers 206 -H 'Range: bytes=0-1,90-91,40-41,20-21' /large
	answers 200 -H 'Range: bytes=90-91,40-41,20-21,0-1' /large
	answers 200 -H 'Range: bytes=0-900000,950000-999999,100000-800000' /large
	# many small ones, each with a head of its own
	answers 206 -H "Range: bytes=$(awk 'BEGIN { for (i = 0; i < 500; i++) printf "%d-%d,", 2 * i, 2 * i }')" /large
	answers 200 -H "Range: bytes=$(awk 'BEGIN { for (i = 0; i < 60; i++) printf "%d-%d,", 2 * i, 2 * i }')" /small
	stop
	server 'max_ranges 2;'
	answers 206 -H 'Range: bytes=0-1,3-4' /ten
	answers 200 -H 'Range: bytes=0-1,3-4,6-7' /ten
	answers 200 -H 'Range: bytes=0-1,3-4,60-70' /ten
	stop
	rm "$site/large" "$site/small"
}

@test "several parts of a large file" {
	seq 100000 >"$site/numbers"
	server ''
	fetch -H 'Range: bytes=500000-549999,0-9,100000-299999' /numbers
	[ "$status" = 206 ]
	[ "$(header Content-Length)" = "$(wc -c <"$body")" ]
	cut() { tail -c +$(($1 + 1)) "$site/numbers" | head -c "$2"; }
	boundary=$(header Content-Type)
	boundary=${boundary##*=}
	size=$(wc -c <"$site/numbers")
	{
		for part in '500000 50000' '0 10' '100000 200000'; do
			read -r from count <<<"$part"
			printf '\r\n--%s\r\nContent-Type: text/plain\r\nContent-Range: bytes %d-%d/%d\r\n\r\n' \
				"$boundary" "$from" $((from + count - 1)) "$size"
			cut "$from" "$count"
		done
		printf '\r\n--%s--\r\n' "$boundary"
	} | cmp - "$body"
	stop
	rm "$site/numbers"
}

@test "max_ranges: what is wrong" {
	config_error 'bad.conf:1: invalid value "x" in "max_ranges" directive' 'http { max_ranges x; }'
	config_error 'bad.conf:1: "max_ranges" directive is duplicate' 'http { max_ranges 1; max_ranges 2; }'
}
