
#if __has_include("@REPO@/labs/code/02-chat/hidden/hidden.c")
int hidden_is_there = 1;
#endif
