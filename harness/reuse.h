/*
 * Which instances may run in the IPC namespace of the instance before them. A fresh one for each costs next
 * to nothing where processes can join it, and there none is used twice. Where they cannot, all processes
 * would be made again with it: on gVisor most of the time of a run. There it is used again when no case can
 * tell.
 */
#ifndef REUSE_H
#define REUSE_H

#include "script.h"
#include "trial.h"

/*
 * Can the instance not tell an empty namespace from a fresh one? By ids it could: those that it gives as
 * numbers, or checks; and by limits, which another may have changed. No instance may after one that was not
 * judged as below.
 */
bool reuse_allowed(const struct script *sc, const struct instance *in);
/* An instance runs. */
void reuse_began(void);
/*
 * It has ended, and was judged: after a difference that nobody knows anything may be left. After limits that
 * it changed and POSIX queues, which nothing but the end of the namespace takes away, something is.
 */
void reuse_judged(const struct instance *in, const struct trial *t);

#endif
