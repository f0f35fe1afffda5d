/* loop.h - waits for all. */
void loop_turn(int listener);
