/* The outcome part of a step as text. */
#ifndef CLAIM_H
#define CLAIM_H

#include "script.h"

/*
 * Reads what follows '=', an outcome of an operation: "0 {uid=1}", "EACCES", "{0, EAGAIN}". c is
 * all zero. Names and actors come from the scan's table.
 */
bool scan_claim(struct scan *s, enum opcode code, struct claim *c);

#endif
