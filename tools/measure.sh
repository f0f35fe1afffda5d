# shellcheck shell=sh
# What those share who measure servers: the ladder and the bench. build/tools is in their PATH.

# within SECONDS COMMAND...   until it succeeds
within() {
	last=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -le "$last" ] || return 1
		sleep 0.05
	done
}

# cpu_of PID   the nanoseconds that it and all its descendants have spent on a core
cpu_of() { look cpu "$1" | awk '{ sum += $2 } END { printf "%.0f\n", sum }'; }

# the middle one of the numbers on stdin
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
