BEGIN {
	number("LINE_MOST", pick(200, 900))
	number("HEADERS_MOST", pick(10, 40))
	number("HEAD_MOST", pick(2000, 6000))
	word("EXTRA_METHOD", choose("PUT PATCH DELETE OPTIONS TRACE"))
}
