/*
 * The thing under judgement: the kernel, or a second model with something changed, so that the
 * harness can be shown to notice faults. Both answer in terms of their own ids, pids and clock.
 */
#ifndef SUBJECT_H
#define SUBJECT_H

#include "model.h"
#include "real.h"

/* What --subject asked for. */
struct subject_spec {
	bool kernel;
	enum abi abi;			/* of the kernel: how cases call it */
	struct injection injection;	/* of the kernel; no call fails by it unless err is set */
	struct profile profile;		/* of the second model */
	char text[200];			/* as given, for records */
	char changes[200];		/* private: profile.without points here, so a spec is not copied */
	struct fault *fault;		/* that profile.fault is, or NULL */
};

/*
 * Parses "kernel", "kernel:OPERATION=ERRNO[:N]" or "model[:CHANGE]...", see profile_change, and fault_new
 * for a CHANGE that begins with "OPERATION/". There can be one fault. False with a sentence in err.
 */
bool subject_parse(struct subject_spec *spec, const char *text, char *err, size_t errsize);
void subject_forget(struct subject_spec *spec);	/* frees what it points to */

struct subject;

/* A fresh subject with no actor, the kernel to be called by abi. NULL with a sentence in err. */
struct subject *subject_open(const struct subject_spec *spec, const struct facts *facts, enum real_mode mode,
			     enum abi abi, char *err, size_t errsize);
/*
 * Ends it and removes what it made. Returns how many objects are left in its namespace: 0 unless something
 * leaked.
 */
int subject_close(struct subject *s);

bool subject_actor(struct subject *s, int actor, const struct cred *cred, char *err, size_t errsize);
/* As real_call and real_wait. */
enum progress subject_call(struct subject *s, const struct op *op, bool expect_block, struct outcome *out);
enum progress subject_wait(struct subject *s, int actor, bool expect_end, int deadline_ms,
			   struct outcome *out);
const char *subject_why(const struct subject *s);
bool subject_timed(const struct subject *s);
void subject_be_patient(struct subject *s);	/* as real_be_patient */
int64_t subject_pid(const struct subject *s, int actor);
/*
 * What a stamp set from now on would at least be (after = false), or set up to now would at most be (after
 * = true).
 */
int64_t subject_clock(const struct subject *s, bool after);
bool subject_snapshot(struct subject *s, struct snapshot *to);
size_t subject_bytes(struct subject *s, int actor, int64_t addr, unsigned char *buf, size_t len);
uint64_t subject_calls(const struct subject *s);

#endif
