BEGIN { number("NUMBER", pick(1, 9)) }
