/* What schemata.py writes into the source of the model: which of its mutants is awake. */
#ifndef MUTANT_NUMBER_H
#define MUTANT_NUMBER_H

extern int mutant_number;			/* from 1; 0: none is awake */
extern unsigned char mutant_reached[];		/* by number: its place was come to */

#define MUTANT(n) (mutant_reached[n] = 1, mutant_number == (n))

#endif
