/* How values in a payload are read and written: payload.c, for the table in kinds.c. */
#ifndef KINDS_H
#define KINDS_H

#include "text.h"

#define SCANNER(name) bool name(struct scan *s, const struct kindinfo *k, int64_t *v, uint16_t *ref, \
				struct payload *data)
#define PRINTER(name) void name(struct text *t, const struct kindinfo *k, const struct value *val)

SCANNER(scan_plain);		/* a number from k->lo to k->hi */
SCANNER(scan_message);
SCANNER(scan_sops);
SCANNER(scan_timeout);
SCANNER(scan_semvals);
SCANNER(scan_settings);
SCANNER(scan_bytes);
SCANNER(scan_credset);
PRINTER(print_message);
PRINTER(print_sops);
PRINTER(print_timeout);
PRINTER(print_semvals);
PRINTER(print_settings);
PRINTER(print_stored);
PRINTER(print_credset);

/* Names joined by |, and numbers for other bits. */
bool scan_bits(struct scan *s, const struct part *names, const char *expected, int64_t lo, int64_t hi,
	       int64_t *v);
void print_bits(struct text *t, const struct part *names, int64_t v);
/* "@unmapped" and so on; P_OK when there is no @. */
bool scan_place(struct scan *s, enum place *where);
void print_place(struct text *t, enum place where);

#endif
