BEGIN {
	number("ACCOUNTS", pick(3, 9))
	number("FIRST", pick(100, 5000))
	number("LOCK_BYTE", pick(3, 900))
	word("MOVE", choose("MOVE PAY GIVE SEND"))
	word("SUM", choose("SUM TOTAL ALL COUNT"))
}
