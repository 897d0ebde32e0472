/* The access matrix of a namespace, and what changed between two times. */
#ifndef AUDIT_ACCESS_H
#define AUDIT_ACCESS_H

#include "access.h"

/*
 * Every account and every operation for each object, or for one family's (NFAMILIES: all); accounts with the
 * same answers share a line. False when out of memory.
 */
bool matrix_print(struct json *t, const struct inventory *v);
bool matrix_json(struct json *j, const struct inventory *v);	/* members of an open object */

/*
 * What is in one of two inventories only, and what differs, with who gained and who lost access. Returns how
 * many objects differ; -1 when out of memory.
 */
int inventory_diff(struct json *t, const struct inventory *before, const struct inventory *after);
int inventory_diff_json(struct json *j, const struct inventory *before, const struct inventory *after);

#endif
