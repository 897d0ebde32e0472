/*
 * What is known of limits, where the model of files knows of permissions alone: of queues, of the size of a
 * file, and that memory which is there is left as it is.
 */
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>

#include "foresee.h"

enum {
	HARD_MESSAGES = 65536,		/* of a queue, for CAP_SYS_RESOURCE too */
	PRIORITIES = 32768,
	RECORD = 6 * sizeof(long),	/* bytes beside those of a message, and the same of a priority */
};

static void forbid(struct foreseen *s, int err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void forbid(struct foreseen *s, int err, const char *fmt, ...)
{
	va_list ap;

	s->modelled = true;
	s->expected = err;
	s->rule = NULL;
	s->nclauses = 0;
	va_start(ap, fmt);
	vsnprintf(s->because, sizeof(s->because), fmt, ap);
	va_end(ap);
}

/* ---- queues ---------------------------------------------------------------------------------- */

/* CAP_SYS_RESOURCE has to be that of the initial user namespace. */
static bool may_exceed(const struct foresight *f)
{
	return f->whois.initial_user && world_cred(f->world, FORESEER)->caps & BIT(CAP_SYS_RESOURCE);
}

/* What it counts against RLIMIT_MSGQUEUE, as getrlimit(2) says. */
static int64_t queue_bytes(int64_t messages, int64_t bytes)
{
	return messages * (bytes + RECORD) + (messages < PRIORITIES ? messages : PRIORITIES) * RECORD;
}

void foresee_queue(const struct foresight *f, const struct resource *r, struct foreseen *make)
{
	const bool exceeds = may_exceed(f);
	struct queue_limits l;
	int64_t messages, most;

	if (!resource_queue_limits(&l))
		return;
	messages = r->capacity ? (int64_t)r->capacity : l.usual_messages;
	most = exceeds ? HARD_MESSAGES : l.messages;
	if (!l.queues && !exceeds)
		forbid(make, ENOSPC, "queues_max allows no queue without CAP_SYS_RESOURCE");
	else if (r->capacity && messages > most)
		forbid(make, EINVAL, "%lld messages are more than %lld, msg_max%s", (long long)messages,
		       (long long)most, exceeds ? " of CAP_SYS_RESOURCE" : " without CAP_SYS_RESOURCE");
	else if (queue_bytes(messages, l.usual_bytes) > l.bytes)
		forbid(make, EMFILE, "%lld messages of %lld bytes take more than %lld, RLIMIT_MSGQUEUE",
		       (long long)messages, (long long)l.usual_bytes, (long long)l.bytes);
}

void foresee_hidden(struct foreseen *take)
{
	forbid(take, EACCES, "the queue may not be read, so that nobody can tell whose it is and its mode");
}

/* ---- memory ---------------------------------------------------------------------------------- */

static struct foreseen *new_step(struct foresight *f, const char *call, const struct resource *r)
{
	struct foreseen *s = foresee_step(f);

	snprintf(s->call, sizeof(s->call), "%s(%.200s, %llu)", call, r->name, (unsigned long long)r->size);
	return s;
}

struct foreseen *foresee_size(struct foresight *f, const struct resource *r, const struct whereabouts *w,
			      bool take)
{
	uint64_t most = INT64_MAX;
	struct rlimit limit;
	struct foreseen *s;

	if (take && w->size == r->size)
		return NULL;
	if (take) {
		s = new_step(f, "keep", r);
		forbid(s, EEXIST, "it has %llu bytes, and is never cut or made longer",
		       (unsigned long long)w->size);
		return s;
	}
	if (!getrlimit(RLIMIT_FSIZE, &limit) && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < most)
		most = limit.rlim_cur;
	if (r->size <= most)
		return NULL;
	s = new_step(f, "ftruncate", r);
	forbid(s, EFBIG, "a file may have %llu bytes here, by its type and RLIMIT_FSIZE",
	       (unsigned long long)most);
	return s;
}
