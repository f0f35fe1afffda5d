/* text.h - a line. */
void text_put(char *to);
