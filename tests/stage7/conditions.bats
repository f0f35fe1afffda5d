# Conditional requests and single ranges.
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
	stop
	server 'max_ranges 0;'
	part bytes=0-4 200 0123456789
	[ -z "$(header Accept-Ranges)" ]
	stop
}
