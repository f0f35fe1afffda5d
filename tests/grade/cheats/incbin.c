
__asm__(".incbin \"@REPO@/labs/code/02-chat/hidden/hidden.c\"");
