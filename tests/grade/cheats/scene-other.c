
#ifdef WEAVE
int slots_of_weave;
#endif
