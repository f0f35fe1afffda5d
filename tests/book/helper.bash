# What the tests of the book share.

need_node() {
	command -v node >/dev/null && command -v npm >/dev/null || skip "no node and npm here: sudo apt-get install nodejs npm"
	[ "$(node -p 'parseInt(process.versions.node)')" -ge 18 ] || skip "node is older than 18"
}

# The command finds nothing. ("! command" alone would not fail a test.)
nothing() {
	if "$@"; then return 1; fi
}
