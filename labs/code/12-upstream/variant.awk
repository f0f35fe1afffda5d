BEGIN {
	number("MAX", pick(2, 6))
	number("QUEUE", pick(3, 8))
	number("TAKE_NEWEST", pick(0, 1))
}
