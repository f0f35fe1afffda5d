
#include "puppet.h"
#define say_bytes(what, bytes, n) say("%s %d", what, bytes == 0 && n == 0)
