# A real browser for tests: Debian's chromium, driven by puppeteer-core, which tests/book has.

# Why there is none; nothing: it is there. From the top of the repository.
browser_missing() {
	command -v node >/dev/null && command -v npm >/dev/null || { echo "no node and npm here: sudo apt-get install nodejs npm"; return; }
	command -v chromium >/dev/null || command -v chromium-browser >/dev/null || { echo "no chromium here: sudo apt-get install chromium"; return; }
	mkdir -p build
	flock build/browser.lock sh -c 'cmp -s tests/book/package-lock.json tests/book/node_modules/.installed ||
		{ (cd tests/book && npm ci --no-audit --no-fund --loglevel=error) && cp tests/book/package-lock.json tests/book/node_modules/.installed; } >&2' 3>&- ||
		echo "npm could not install puppeteer-core"
}
