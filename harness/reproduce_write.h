/* The parts of a program in C: each adds text to plan->out. */
#ifndef REPRODUCE_WRITE_H
#define REPRODUCE_WRITE_H

#include "reproduce_plan.h"

enum { TO = 3 };		/* the argument of mremap that is a new address */
extern const char *const prefix[NFAMILIES];	/* of the members of a status record */

const char *name_of(const struct plan *p, int actor);
/* The name that an object got before step i; NULL: none. */
const char *name_before(const struct plan *p, int i, enum family family, int64_t id);
/* Where an operation has its buffer; P_OK also when it has none. */
enum place buffer_place(const struct op *op);

/* Has it a buffer for an answer whose bytes are all looked at? */
bool has_room(const struct op *op);

void put_string(struct json *t, const unsigned char *v, size_t n);
/* The path that a file has in the program. */
void put_file(struct json *t, enum nodename name);
/* "ab", 2, 4: bytes that repeat some of them, and how many they are. */
void put_bytes(struct json *t, const unsigned char *v, size_t n);
void put_values(struct json *t, const uint16_t *v, size_t n);
void put_who(struct json *t, const struct cred *c);
/* The address that is argument i. */
void put_address(struct plan *p, const struct op *op, int i);
/* A text of the row of reproduce_calls, with the operation's arguments; op has its references still. */
void put_call(struct plan *p, const char *at, const struct op *op);

/* Who the actor is behind the call. */
void declare_who(struct plan *p, const struct prediction *at);
/* An object that an argument of this kind stands for, if it needs one; and the room for an answer. */
void declare_argument(struct plan *p, const struct prediction *at, enum kind k);
void declare_buffer(struct plan *p, const struct prediction *at);

/* A function that tells what a header defines. */
void put_definition(struct json *t, enum header name);
/* What it should tell. */
void put_defined(struct json *t, enum header name, int64_t value);

/* Compares what a call gave back with what the model says, if that is anything. */
void check_answer(struct plan *p, int i);
/* The same of a call that fails, which may have stored something. */
void check_failure(struct plan *p, int i);
/* type: of the status record, which is named ds; NULL: it is another, and named info. */
void check_record(struct plan *p, enum family family, const char *type, const struct record *rec);

#endif
