/*
 * Operations as text, and back. Parsing and printing are inverses: print_op(scan_op(t)) is t in
 * canonical spelling, and scan_op(print_op(op)) equals op.
 */
#ifndef TEXT_H
#define TEXT_H

#include "arena.h"
#include "vocab.h"

/* How names in text become numbers. Each returns an index, or -1 when there is no such name. */
struct nametable {
	int (*name)(void *ctx, const char *s, size_t len);	/* of an id or address bound earlier */
	int (*actor)(void *ctx, const char *s, size_t len);
	const char *(*name_of)(void *ctx, int index);		/* for printing */
	const char *(*actor_of)(void *ctx, int index);
	void *ctx;
};

/* A text being read. After a failure err says what was found and what was expected, at errpos. */
struct scan {
	const char *text;		/* NUL-terminated */
	size_t pos;			/* next character to read */
	struct arena *arena;		/* for payloads */
	const struct nametable *names;
	size_t errpos;
	char err[200];
};

/* Record an error at pos: printf-like. Always returns false, so that callers can return it. */
bool scan_fail(struct scan *s, size_t pos, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The same with the usual words: "found 'x', expected a number". */
bool scan_unexpected(struct scan *s, size_t pos, const char *expected);
void scan_space(struct scan *s);			/* skips blanks */
bool scan_char(struct scan *s, char c);			/* skips blanks, then c if it is there */
size_t scan_word(struct scan *s);			/* skips blanks; length of the identifier at pos */
bool scan_is(struct scan *s, const char *word);		/* skips blanks, then the identifier if it is there */
/* Decimal, 0octal or 0xhex with a sign, or INT_MIN, INT_MAX, LONG_MIN, LONG_MAX; range-checked to 64 bits. */
bool scan_number(struct scan *s, int64_t *v);
bool scan_range(struct scan *s, int64_t *v, int64_t lo, int64_t hi);	/* a number from lo to hi */
/* "text" with \n \t \0 \\ \" \xHH, then *N; at most STRINGMAX bytes. */
bool scan_string(struct scan *s, const unsigned char **v, size_t *len);
#define STRINGMAX ((size_t)1 << 20)
/* n zeroed bytes of the arena; NULL with an error recorded when there are none. */
void *scan_alloc(struct scan *s, size_t n);

/* Reads "name(arguments)" into op; op->actor is left alone. */
bool scan_op(struct scan *s, struct op *op);
/* Reads one value of a kind into v (and ref, unless NULL) and data. */
bool scan_value(struct scan *s, enum kind kind, int64_t *v, uint16_t *ref, struct payload *data);
/* Reads credentials as written after an actor's name: "uid 1000 gid 1000 groups 5,6 caps CAP_IPC_OWNER". */
bool scan_cred(struct scan *s, struct credset *set);

/* A text being written; cut short, never overrun: len is what the whole text would need. */
struct text { char *buf; size_t size, len; };
void text_add(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_put(struct text *t, const char *s, size_t len);
void text_puts(struct text *t, const char *s);
void text_int(struct text *t, int64_t v);

void print_op(struct text *t, const struct op *op, const struct nametable *names);
void print_value(struct text *t, enum kind kind, int64_t v, uint16_t ref, const struct payload *data,
		 const struct nametable *names);
void print_bytes(struct text *t, const unsigned char *v, size_t len);	/* quoted, runs folded as "x"*N */
void print_vals(struct text *t, const uint16_t *v, size_t n);		/* [1, 2, 3*4] */
void print_cred(struct text *t, const struct cred *c);

/* ---- the table of kinds ----------------------------------------------------------------------- */

/* A class of values of a kind: lo..hi, or the value or bit that has this name. Lists end with name NULL. */
struct part { const char *name; int64_t lo, hi; };

/* A value to be printed. */
struct value {
	int64_t v;
	uint16_t ref;
	const struct payload *data;
	const struct nametable *names;
};

struct kindinfo {
	const char *name, *text;
	bool (*scan)(struct scan *s, const struct kindinfo *k, int64_t *v, uint16_t *ref,
		     struct payload *data);
	void (*print)(struct text *t, const struct kindinfo *k, const struct value *val);
	int64_t lo, hi;			/* numbers that can be written */
	const struct part *parts;	/* NULL when the kind is not partitioned by number */
	const struct part *flags;	/* names of bits; NULL unless there are flags in it */
	bool payload;			/* its value is in struct payload */
};
extern const struct kindinfo kindinfo[NKINDS];

/* The part that v falls into, or NULL. */
const struct part *part_of(enum kind kind, int64_t v);

#endif
