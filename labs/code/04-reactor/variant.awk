BEGIN {
	number("EVENTS", pick(4, 64))
	number("SIGNAL", choose("10 12 23 28"))
	number("READY_READ", choose("1 2 4"))
	number("READY_WRITE", choose("8 16 32"))
}
