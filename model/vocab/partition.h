/* Partitions of kinds: parts are values that should behave alike. Coverage is counted by them. */
#ifndef PARTITION_H
#define PARTITION_H

#include "vocab.h"

#define MAXPARTS 16

/* Name of part i of a kind, NULL past the last. A kind without parts is not partitioned. */
const char *part_name(enum kind kind, int i);

/* The set of BIT(i) of the parts that a value is in; of a value with flags these can be several. */
uint64_t parts_of(enum kind kind, int64_t v, const struct payload *data);

#endif
