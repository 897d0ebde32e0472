/* Signals that ask a run to end. */
#ifndef INTERRUPT_H
#define INTERRUPT_H

/* The number of the one that came last; 0: none came. */
extern volatile int interrupted;

/* From now on SIGINT, SIGTERM and SIGHUP are kept in interrupted and do nothing else. */
void interrupts_keep(void);
/* The name of such a number; NULL for 0. */
const char *interrupt_name(int signo);

#endif
