# shellcheck shell=sh
# player.sh - play a fence: one shell, command after command, as a reader would
# type them. Sourced by outputs; $work is where the outputs go.
: "${work:?}"
said=0			# how much of the background's words has been collected
: >"$work/background"

# at LINE COMMAND: run it; its output goes to $work/LINE.out
at() {
	now=$1
	echo "$now" >"$work/now"
	case $(printf '%s\n' "$2" | sed '$!d; s/[ 	]*#.*$//; s/[ 	]*$//') in
	*'&&') eval "$2" >"$work/$now.out" 2>&1 ;;
	*'&')
		eval "$2" >>"$work/background" 2>&1
		: >"$work/$now.out"
		await_start $! "$2"
		;;
	*) eval "$2" >"$work/$now.out" 2>&1 ;;
	esac
	[ -z "$(jobs -p 2>/dev/null)" ] || sleep 0.1		# let the background have its say
	spoken=$(wc -c <"$work/background")
	tail -c "+$((said + 1))" "$work/background" | head -c "$((spoken - said))" >>"$work/$now.out"
	said=$spoken
}

# A background job has started when the port that it names is open; one that names
# none, when it has said something, has ended, or half a second has passed.
await_start() {
	port=$(printf '%s\n' "$2" | grep -E 'server|make' | tr -c '0-9\n' '\n' | grep -x '[2-9][0-9][0-9][0-9]' | head -n 1)
	tries=0
	while [ $tries -lt 200 ] && kill -0 "$1" 2>/dev/null; do
		if [ -n "$port" ]; then
			if grep -q ":$(printf %04X "$port") [0-9A-F]*:0000 0A" /proc/net/tcp /proc/net/tcp6 2>/dev/null; then break; fi
		elif [ "$(wc -c <"$work/background")" -gt "$said" ] || [ $tries -ge 10 ]; then
			break
		fi
		sleep 0.05
		tries=$((tries + 1))
	done
}

# quiet LINE COMMAND: must succeed, says nothing
quiet() {
	echo "$1" >"$work/now"
	eval "$2" || exit 1
}
