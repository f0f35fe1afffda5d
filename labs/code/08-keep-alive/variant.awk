BEGIN {
	number("BODY_MOST", pick(20, 60) * 1000)
	number("TURN_MOST", pick(8, 24))
	word("LAST_FIELD", choose("X-Last X-Final X-Goodbye X-Once"))
}
