
#include "/proc/self/environ"
