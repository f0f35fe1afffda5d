# shellcheck shell=bash
# What the tests of the packet server share, besides lib:
#
#   packets 'DIRECTIVES'   starts the server with these inside packet {}: $pid, $packet_port. LISTEN, HTTP: other
#                          addresses; MASTER=on WORKERS=2: with workers; IN: a command that runs it
#   port_of http           the port of the first such address
#   py <<'END' ...         a client's side, in Python with all that packets.py has
#   client ping ...        tools/packet

packets() {
	cat >"$tmp/server.conf" <<-END
		daemon off; pid server.pid; error_log stderr info;
		master_process ${MASTER:-off}; worker_processes ${WORKERS:-1}; ${OUTSIDE:-}
		events { worker_connections ${CONNECTIONS:-256}; }
		http { access_log off; server { listen ${HTTP:-127.0.0.1:0}; root $site; location = /status { status; } } }
		packet { listen ${LISTEN:-127.0.0.1:0}; $1 }
	END
	log=$tmp/$BATS_TEST_NUMBER.log
	: >"$tmp/said"
	# shellcheck disable=SC2086  # words
	$IN "$BUILT/server" -p "$tmp" -c server.conf >"$tmp/said" 2>"$log" 3>&- 4>&- &
	pid=$!
	within 60 grep -q '^listening on http:' "$tmp/said"
	packet_port=$(port_of packet)
	export packet_port pid
}
port_of() { sed -n "s|^listening on $1://.*:\(.*\)/\$|\1|p" "$tmp/said"; }

py() {
	{ echo 'from packets import *'; cat; } >"$tmp/test.py"
	PYTHONPATH=$BATS_TEST_DIRNAME PYTHONDONTWRITEBYTECODE=1 timeout "${1:-60}" python3 "$tmp/test.py" 3>&- 4>&-
}

client() { "$TOP/build/tools/packet" "$packet_port" "$@" 3>&- 4>&-; }

# What the log says of a client that was silent for so many ms, and not for much longer.
silent_for() {
	local ms
	ms=$(sed -n 's/.*heartbeats missed, silent for \([0-9]*\) ms$/\1/p' "$log")
	[ "$ms" -ge "$1" ] && [ "$ms" -lt $(($1 + 2000)) ]
}

setup_file() {
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/lab-stage7.XXXXXX")
	chmod 755 "$tmp"
	export tmp site=$tmp/site
	mkdir -p "$site"
	build
	(cd "$TOP" && sh -c '. tools/lib.sh; helper packet')
}
