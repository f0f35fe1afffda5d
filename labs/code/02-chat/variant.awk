BEGIN {
	word("WORD_NAME", choose("NAME NICK IAM CALL"))
	word("WORD_SAY", choose("SAY TELL TALK ALL"))
	word("WORD_TO", choose("TO MSG PRIV ONLY"))
	word("WORD_BYE", choose("BYE QUIT LEAVE END"))
	word("WORD_WELCOME", choose("welcome hello greetings hi"))
	word("SIGN_COMES", choose("+ > *"))
	word("SIGN_LEAVES", choose("- < ~"))
	number("LINE_MOST", pick(100, 400))
	number("UNSENT_MOST", 1024 * pick(16, 64))
}
