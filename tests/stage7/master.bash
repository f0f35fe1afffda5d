# shellcheck shell=bash
# What the tests of master and workers share, beside lib.bash:
#
#   master 'DIRECTIVES'       a master and two workers (WORKERS=) with these inside server {};
#                             OUTSIDE= goes before everything else; $pid is the master's
#   with_http 'DIRECTIVES'    the same inside http {}; LISTEN stands for an address with a free port
#   change 's/one/two/'       edits the configuration
#   reload                    SIGHUP, and the log says that it was taken on
#   crew                      the process numbers of the workers, in order
#   tool NAME                 one of tools/, built: its path

with_http() {
	cat >"$tmp/server.conf" <<-END
		daemon off; worker_processes ${WORKERS:-2}; pid server.pid; error_log ${ERROR_LOG:-stderr} info; ${OUTSIDE:-}
		events { worker_connections ${CONNECTIONS:-256}; }
		http { access_log off; client_body_temp_path $tmp/body; ${1//LISTEN/127.0.0.1:0} }
	END
	start_with
	within 20 workers_are "${WORKERS:-2}"
	within 20 titled
}

master() {
	with_http "server { listen LISTEN ${REUSEPORT:-}; root $site; $1 }"
}

workers() { pgrep -P "${1:-$pid}" || true; } # of the master $1, or ours
crew() { workers "$@" | sort -n; }
title() { echo $(tr '\0' ' ' <"/proc/$1/cmdline"); }
# a child that is about to be a worker, or another binary, has another title still
titled() { not grep -qv worker <(for w in $(workers); do title "$w"; done); }

workers_are() { [ "$(workers | wc -l)" -eq "$1" ]; }
port_closed() { not curl -s -o /dev/null -m 2 "$url/"; }
says() { [ "$(curl -s -m 5 "$url/")" = "$1" ]; }
logged() { grep -qE -- "$1" "$log"; }
times_logged() { [ "$(grep -cE -- "$2" "$log")" -ge "$1" ]; }
gone() { not kill -0 "$1" 2>/dev/null; }
gone_or_zombie() { ! [ -d "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"; }
replaced() { workers_are 2 && not grep -qx "$1" <(workers); }
others() { workers_are "${2:-2}" && [ -z "$(comm -12 <(sort <<<"$1") <(workers | sort))" ]; }

change() { sed -i "$1" "$tmp/server.conf"; }
reload() {
	local before
	before=$(grep -c 'reloaded$' "$log" || true)
	kill -HUP "$pid"
	within 20 times_logged $((before + 1)) 'reloaded$'
}

tool() {
	(cd "$TOP" && locked make -s -f tools/helpers.mk "build/tools/$1" >&2)
	echo "$TOP/build/tools/$1"
}

# The new master is not our child: only its pid file tells who it is.
new_master() { [ -s "$tmp/server.pid" ] && [ "$(cat "$tmp/server.pid")" != "$1" ] && [ "$(workers "$(cat "$tmp/server.pid")" | wc -l)" -eq "${WORKERS:-2}" ]; }
upgrade_from() { # upgrade_from MASTER   the new one's number is $new
	kill -USR2 "$1"
	within 20 new_master "$1"
	new=$(cat "$tmp/server.pid")
}
is_master() { [ -s "$tmp/server.pid" ] && [ "$(cat "$tmp/server.pid")" = "$1" ] && [ ! -e "$tmp/server.pid.oldbin" ]; }
