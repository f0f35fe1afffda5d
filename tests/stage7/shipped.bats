# nginx.conf as distributions ship it: it starts as it is, but for ports, paths and the user.
load lib

make_site() {
	echo '<p>welcome</p>' >"$site/index.html"
	echo page >"$site/page.html"
}

# start_shipped FOLDER   with FOLDER/nginx.conf, and no master
start_shipped() {
	local line=
	log=$tmp/$BATS_TEST_NUMBER.log
	mkfifo "$tmp/$BATS_TEST_NUMBER.out"
	"$BUILT/server" -c "$1/nginx.conf" -g 'daemon off; master_process off;' >"$tmp/$BATS_TEST_NUMBER.out" 2>"$log" 3>&- 4>&- &
	pid=$!
	while [[ ! $line =~ 127\.0\.0\.1:([0-9]+)/ ]]; do
		read -r -t 60 line <&3 || return 1
	done 3<"$tmp/$BATS_TEST_NUMBER.out"
	url=http://127.0.0.1:${BASH_REMATCH[1]}
}

serves_as_shipped() {
	answers 200 /
	[ "$(cat "$body")" = '<p>welcome</p>' ]
	[ "$(header Content-Type)" = text/html ]
	answers 200 /page.html
	answers 404 /missing
	stop QUIT
	[ "$(wc -l <"$tmp/access.log")" -eq 3 ]
}

# without_effect FILE NAME ...   each is warned of, with its line in FILE
without_effect() {
	local name line
	for name in "${@:2}"; do
		line=$(grep -nE "^\s*$name " "$1" | cut -d : -f 1)
		grep -qF "$1:$line: \"$name\" " "$log"
	done
}

# IPv6 is often missing in containers; nginx would not start there, either
without_ipv6() { if [ -e /proc/net/if_inet6 ]; then cat; else sed '/listen \[::/d'; fi; }

@test "as people write it for a Debian" {
	mkdir -p "$tmp/etc"/{conf.d,modules-enabled,sites-enabled}
	echo 'load_module modules/ngx_http_echo_module.so;' >"$tmp/etc/modules-enabled/50-mod.conf"
	echo 'map $http_upgrade $connection_upgrade { default upgrade; "" close; }' >"$tmp/etc/conf.d/upgrade.conf"
	cp "$STAGE/conf/mime.types" "$tmp/etc/"
	cat >"$tmp/etc/nginx.conf" <<-END
		user $(id -un);
		worker_processes auto;
		worker_priority -5;
		pid $tmp/nginx.pid;
		error_log $tmp/error.log;
		include $tmp/etc/modules-enabled/*.conf;

		events {
			worker_connections 768;
			use epoll;
			multi_accept on;
		}

		http {
			sendfile on;
			tcp_nopush on;
			tcp_nodelay on;
			keepalive_timeout 65;
			types_hash_max_size 2048;
			server_tokens off;
			server_names_hash_bucket_size 64;

			include $tmp/etc/mime.types;
			default_type application/octet-stream;

			ssl_protocols TLSv1.2 TLSv1.3;
			ssl_prefer_server_ciphers on;

			access_log $tmp/access.log;

			gzip on;
			gzip_vary on;
			gzip_proxied any;
			gzip_comp_level 6;
			gzip_buffers 16 8k;
			gzip_http_version 1.1;
			gzip_types text/plain text/css application/json;

			include $tmp/etc/conf.d/*.conf;
			include $tmp/etc/sites-enabled/*;
		}
	END
	without_ipv6 >"$tmp/etc/sites-enabled/default" <<-END
		server {
			listen 127.0.0.1:0 default_server;
			listen [::1]:0 default_server;
			root $site;
			index index.html index.htm;
			server_name _;
			location / {
				try_files \$uri \$uri/ =404;
			}
		}
	END
	start_shipped "$tmp/etc"
	serves_as_shipped
	without_effect "$tmp/etc/nginx.conf" worker_priority types_hash_max_size server_names_hash_bucket_size ssl_protocols \
		ssl_prefer_server_ciphers gzip gzip_proxied gzip_buffers gzip_http_version
	without_effect "$tmp/etc/modules-enabled/50-mod.conf" load_module
	[ "$(grep -c "$tmp/etc/" "$log")" -eq 10 ]
}

@test "Debian's own" {
	[ -e /etc/nginx/nginx.conf ] && [ -e /etc/nginx/sites-available/default ] || skip 'nginx-common is not installed'
	rm -f "$tmp/access.log"
	cp -r /etc/nginx "$tmp/debian"
	rm -rf "$tmp/debian/sites-enabled"
	mkdir "$tmp/debian/sites-enabled"
	without_ipv6 <"$tmp/debian/sites-available/default" | sed "s|listen 80|listen 127.0.0.1:0|; s|listen \[::\]:80|listen [::1]:0|; s|/var/www/html|$site|" \
		>"$tmp/debian/sites-enabled/default"
	sed -i "s|/etc/nginx|$tmp/debian|; s|/var/log/nginx|$tmp|; s|/run/nginx.pid|$tmp/nginx.pid|; s|^user .*|user $(id -un);|" "$tmp/debian/nginx.conf"
	start_shipped "$tmp/debian"
	serves_as_shipped
	without_effect "$tmp/debian/nginx.conf" types_hash_max_size
}

@test "what would change an answer stays an error" {
	for line in 'auth_basic x;' 'ssl_certificate a.pem;' 'http2 on;' 'fastcgi_pass a;' 'sub_filter a b;'; do
		config_error "unknown directive \"${line%% *}\"" "http { server { location / { $line } } }"
	done
	config_error 'unknown directive "stream"' 'stream { }'
	config_error 'this server has epoll alone' 'events { use poll; }'
}
