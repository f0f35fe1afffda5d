void timer_run(void);
