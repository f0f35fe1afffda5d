# The configuration: what is refused, and with which words.
load lib

@test "errors name file and line" {
	config_error 'bad.conf:2: unknown directive "nonsense"' $'events {}\nnonsense on;'
	config_error '"listen" directive is not allowed here' 'listen 80;'
	config_error 'invalid number of arguments in "daemon" directive' 'daemon on off;'
	config_error 'it must be "on" or "off"' 'daemon yes;'
	config_error '"daemon" directive is duplicate' 'daemon off; daemon off;'
	config_error 'directive "daemon" is not terminated by ";"' 'daemon off {'
	config_error 'directive "daemon" is not terminated by ";"' 'events { daemon off }'
	config_error 'directive "http" has no opening "{"' 'http;'
	config_error 'unexpected end of file' 'http {'
	config_error 'unexpected "}"' '}'
	config_error 'unexpected ";"' ';'
	config_error 'too long parameter' "error_log '$(printf '%5000s')';"
	config_error 'unexpected end of file' "error_log 'x;"
	config_error 'unknown "nothing" variable' 'http { server { return 200 $nothing; } }'
	config_error 'duplicate location "/a"' 'http { server { location /a {} location /a {} } }'
	config_error 'is outside location' 'http { server { location /a { location /b {} } } }'
	config_error 'PCRE' 'http { server { location ~ "\d+" {} } }'
	config_error 'PCRE' 'http { server { location ~ "(?<x>a)" {} } }'
	config_error 'PCRE' 'http { server { location ~ "a+?" {} } }'
	config_error 'a quantifier behind a quantifier' 'http { server { location ~ "x++" {} } }'
	config_good 'events {} http { access_log off; server { listen 18080; location ~ "^[]*+?]+[^[:alpha:]?*]\\+$" {} } }'
	config_error 'invalid port' 'http { server { listen 127.0.0.1:99999; } }'
	config_error 'No such file' 'include nowhere.conf;'
	config_error 'nested too deeply' 'include bad.conf;'
}

@test "units" {
	for time in 1 30s 1m 1h30m '"1h 30m"' 500ms 1d 1w 2M 1y; do
		config_good "http { send_timeout $time; access_log off; server { listen 127.0.0.1:0; } }"
	done
	for time in 1x 1m1h 1m1m s -1 99999999999999999999 ''; do
		config_error 'invalid value' "http { send_timeout \"$time\"; }"
	done
	for size in 1 8k 8K 2m 2M; do
		config_good "http { access_log off; client_body_buffer_size $size; server { listen 127.0.0.1:0; } }"
	done
	for size in k 1g -1 99999999999999m; do
		config_error 'invalid value' "http { client_body_buffer_size $size; }"
	done
}

@test "-g comes first, -T shows what was read, -q is quiet" {
	config_good 'http { access_log off; server { listen 127.0.0.1:0; } }'
	run "$BUILT/server" -p "$tmp" -c good.conf -g 'worker_processes 1;' -T 3>&-
	[[ $output == *'# configuration file '*'/good.conf:'* ]]
	[[ $output == *'configuration test is successful'* ]]
	run "$BUILT/server" -p "$tmp" -c good.conf -t -q 3>&-
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	run "$BUILT/server" -h 3>&-
	[ "$status" -eq 0 ]
	run "$BUILT/server" -x 3>&-
	[ "$status" -eq 1 ]
	run "$BUILT/server" -v 3>&-
	[[ $output == 'server version: '* ]]
}

@test "includes with a glob, sorted; none is fine" {
	mkdir -p "$tmp/parts"
	echo 'location = /a { return 200 a; }' >"$tmp/parts/a.conf"
	echo 'location = /b { return 200 b; }' >"$tmp/parts/b.conf"
	server 'include parts/*.conf; include parts/*.none;'
	answers 200 /a
	answers 200 /b
	stop
}
