/*
 * What the permission space is walked over: the kernel, or a second model with something changed. Of a
 * model each object has a world of its own; the kernel's all lie in one namespace.
 */
#ifndef MATRIX_PARTY_H
#define MATRIX_PARTY_H

#include "matrix.h"
#include "real.h"
#include "subject.h"

struct party {
	const struct profile *profile;	/* of the second model */
	const struct facts *facts;
	enum cellkind kind;
	struct cred maker, caller;	/* who the kernel knows as these */
	struct real *real;		/* the kernel, or NULL */
	struct real_shot **call, **undo;	/* of it, by operation */
	int64_t pid;			/* of it, which every actor is */
	struct outcome out;		/* what the second model's last call came to */
	struct snapshot seen;		/* of the second model */
};

/* An object of the party. */
struct holding { int64_t id; struct world *world; };

/* Room for the status of an object as the party keeps it. */
enum { STATEMAX = STATUSMAX > sizeof(struct record) ? STATUSMAX : sizeof(struct record) };

bool party_open(struct party *p, const struct subject_spec *spec, const struct facts *facts, char *err,
		size_t errsize);
void party_close(struct party *p);
/* Forgets all objects; of the kernel by way of a fresh namespace. False with a sentence in err. */
bool party_renew(struct party *p, char *err, size_t errsize);
/* Who acts from now on, of both actors. False with a sentence in err. */
bool party_hire(struct party *p, const struct cred *maker, char *err, size_t errsize);
bool party_caller(struct party *p, const struct cred *caller, char *err, size_t errsize);
/*
 * Makes the calls of a family ready, with any object of the party. The kernel's calls are prepared; what a
 * model is asked needs no preparation.
 */
bool party_ready(struct party *p, const struct cellcalls *calls, const struct holding *h);
/* Of a party's files, the one that is in the place of file in set number n, from 0. */
int64_t party_file(const struct party *p, int64_t file, int n);
/* Makes a call that is not repeated. 0 or an errno. */
int party_once(struct party *p, struct holding *h, const struct op *op, int64_t *value);
/* The object has been made; is to be removed, with all that came of it. */
bool party_made(struct party *p, const struct holding *h);
void party_remove(struct party *p, struct holding *h);
/* Makes call number i or its undo, with first as argument 0, as op's actor. 0 or an errno. */
int party_call(struct party *p, struct holding *h, const struct op *op, int i, bool undo, int64_t first,
	       int64_t *value);
/* Of a call that sets it: the mode. */
void party_mode(struct party *p, int i, bool undo, int mode);
/* The object's status; false when it is gone. */
bool party_look(struct party *p, const struct holding *h, unsigned char state[STATEMAX]);
size_t party_state_size(const struct party *p);
/* Reads it. False when something is in it that has no place there. */
bool party_read(const struct party *p, const unsigned char *state, struct record *rec);
/* What a call and its undo came to. */
struct seen {
	int err, undo_err;
	int64_t value;
	bool looked;			/* at the object, after each call; else it is taken to be there */
	bool there, undone, there_again, values;
	unsigned char state[STATEMAX], state_again[STATEMAX];
	uint16_t vals[SEMAPHORES];
	struct outcome answer;		/* of a second model */
};
/* Did call number i, which succeeded, store the status of the object that was seen last? */
bool party_stored(struct party *p, int i, const struct seen *s, const unsigned char state[STATEMAX]);
void party_answer(struct party *p, int i, struct outcome *out);
void party_wipe(struct party *p, int i);	/* the answer has been read */
/* Has call number i, which failed, left the caller's buffer alone? */
bool party_kept_off(const struct party *p, int i);
/* The values of a set; false when they cannot be seen. */
bool party_values(struct party *p, const struct holding *h, uint16_t vals[SEMAPHORES]);
/* Now, as the party stamps objects; a process, as it reports it. */
int64_t party_clock(const struct party *p, const struct holding *h);
int64_t party_pid(const struct party *p, int64_t model);

#endif
