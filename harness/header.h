/* The first record of a run: what is run, and on what. */
#ifndef HEADER_H
#define HEADER_H

#include "json.h"
#include "real.h"

/* Opens an object with the members that the first records of all commands share; the caller closes it. */
void header_json(struct json *j, const char *record, const char *subject, const char *profile,
		 const struct environment *env, const struct facts *facts);

/* The names of capabilities, a set of BIT(number), as an array. */
void caps_json(struct json *j, const char *key, uint64_t caps);
enum { HEADER_DATE = 32 };
/* Now, as records have it; SOURCE_DATE_EPOCH is honoured. buf has HEADER_DATE bytes. Returns buf. */
const char *header_date(char *buf);

#endif
