BEGIN {
	number("BUFFER", pick(4, 16) * 4096)
	number("SHARE", pick(2, 4) * 65536)
	number("REFUSED_RESETS", pick(0, 1))
}
