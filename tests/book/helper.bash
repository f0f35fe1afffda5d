# The book is built once for each file of tests, from a copy of what it is made of.

need_node() {
	command -v node >/dev/null && command -v npm >/dev/null || skip "no node and npm here: sudo apt-get install nodejs npm"
	[ "$(node -p 'parseInt(process.versions.node)')" -ge 18 ] || skip "node is older than 18"
}
