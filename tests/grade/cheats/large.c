
char large[1 << 30] = {1};
