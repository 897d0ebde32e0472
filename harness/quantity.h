/* Sizes, numbers and modes as releases of util-linux read them. */
#ifndef QUANTITY_H
#define QUANTITY_H

#include <stdbool.h>
#include <stdint.h>

/* All return 0, EINVAL for what cannot be read, or ERANGE for what is too much. */

/*
 * Fractions of a unit are inexact in util-linux. Since release 2.34 each digit counts by a whole quotient:
 * 0.7K is 1024. Before, digits were hundreds of the next smaller unit: 1.5M is 1M and 500K, 1.25M is 1M
 * and 2500K.
 */
enum fractions { BY_DIGIT, IN_HUNDREDS };

/*
 * Bytes: a number with a unit, K, KiB or k being 1024, KB 1000, and so on up to Y. Before a unit there may
 * be a fraction. exact gets what was meant by it.
 */
int size_read(const char *text, enum fractions how, uint64_t *v, uint64_t *exact);
/* Bytes as before release 2.27: a decimal number and nothing else. */
int plain_size_read(const char *text, uint64_t *v);
int count_read(const char *text, int64_t *v);		/* decimal, 32 bits with a sign */
/* Octal, without upper end: a sign counts and wraps around, as in strtoul. */
int mode_read(const char *text, uint64_t *v);

#endif
