# What tests wait with: within S COMMAND ... tries until it succeeds, and fails after S seconds.
# not COMMAND ... turns its result round ("! command" alone would not fail a test).

not() {
	! "$@"
}

exec {nap}<> <(:)
within() {
	local last=$((SECONDS + $1))
	while ! "${@:2}"; do
		if [ "$SECONDS" -gt "$last" ]; then
			echo "not within $1 s: ${*:2}"
			return 1
		fi
		read -r -t 0.02 -u "$nap" || true
	done
}
