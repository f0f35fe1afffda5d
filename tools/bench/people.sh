# shellcheck shell=sh disable=SC2154
# What people write: what Debian's nginx.conf and its default site say about requests. nginx and
# stage 7 read the same text.

people_http() {
	cat <<-END
		sendfile on;
		tcp_nopush on;
		types_hash_max_size 2048;
		include $PWD/stages/07-full-server/conf/mime.types;
		default_type application/octet-stream;
		access_log $DIR/access.log;
		gzip on;
	END
}

people_site() {
	cat <<-'END'
		index index.html index.htm index.nginx-debian.html;
		server_name _;
		location / {
			try_files $uri $uri/ =404;
		}
	END
}

# What the lean configuration has in their place.
lean_http() { echo 'access_log off; sendfile on;'; }

# Before another server, on port $BEHIND; $CACHED: its answers are kept. stage 7 and nginx read the same
# text here too.
proxy_http() {
	cat <<-END
		upstream behind { server 127.0.0.1:$BEHIND; keepalive 64; keepalive_requests 1000000000; }
		${CACHED:+proxy_cache_path $DIR/cache levels=1:2 keys_zone=pages:1m;}
	END
}

proxy_site() {
	cat <<-END
		location / {
			proxy_pass http://behind;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			${CACHED:+proxy_cache pages; proxy_cache_valid 1h;}
		}
	END
}
