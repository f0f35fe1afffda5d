/* Small, for a while. */
int limit = 1;
