# www/status.html draws what /status says: in a real browser, while things happen to the server.
load lib
load ../browser

make_site() {
	cp "$TOP"/www/*.{html,css,svg} "$site"
	truncate -s 100M "$site/large"
}

@test "the page shows connections, workers, tasks, parked slots, zones and servers behind as they come and go" {
	local missing
	missing=$(cd "$TOP" && browser_missing)
	[ -z "$missing" ] || skip "$missing"
	cat >"$tmp/server.conf" <<-END
		daemon off; worker_processes 2; pid server.pid; error_log stderr info;
		events { worker_connections 256; connection_recycle_delay 6s; }
		http {
			access_log off;
			include $STAGE/conf/mime.types;
			limit_req_zone \$remote_addr zone=addresses:1m rate=1000r/s;
			server {
				listen 127.0.0.1:0; root $site;
				limit_req zone=addresses burst=1000 nodelay;
				location = /status { status; }
				location /slow { demo_slow 3s; }
				location /behind { proxy_pass http://behind; }
			}
			upstream behind { server unix:$tmp/behind.sock max_conns=1; zone behind 64k; queue 10; }
			server { listen unix:$tmp/behind.sock; location / { demo_slow 2s; } }
		}
	END
	start_with
	timeout 110 node "$TOP/tests/stage7/status-page.mjs" "$url" "$pid" >"$tmp/seen" 2>&1 3>&- 4>&- || echo "missing: the driver ended with $?" >>"$tmp/seen"
	cat "$tmp/seen"
	not grep -q '^missing' "$tmp/seen"
	[ "$(grep -c '^seen' "$tmp/seen")" -eq 20 ]
	within 20 not kill -0 "$pid" 2>/dev/null
	wait "$pid"
	pid=
}
