/* Operations of the environment, carried out by the worker. */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

static enum progress call_signal(struct real *r, const struct op *op, struct outcome *out)
{
	if (r->mode == REAL_SOLO)
		return lost(r, "a signal needs a process for each actor");
	return actors_signal(r, (int)op->signal.to, (int)op->signal.signo, out);
}

/* A system without the file lacks the operation. */
static int lacking(int err)
{
	return err == ENOENT ? ENOSYS : err;
}

static enum progress call_limit(struct real *r, const struct op *op, struct outcome *out)
{
	int err;

	if (r->mode == REAL_SOLO)
		cred_take(cred_home(), &err);
	err = lacking(box_limit((enum limit)op->limit.name, op->limit.value));
	*out = (struct outcome){ .how = err ? FAILED : RETURNED, .err = err };
	return DONE;
}

static enum progress call_limit_sem(struct real *r, const struct op *op, struct outcome *out)
{
	int err;

	if (r->mode == REAL_SOLO)
		cred_take(cred_home(), &err);
	err = box_limit_sem(op->v);
	*out = (struct outcome){ .how = err ? FAILED : RETURNED, .err = err };
	return DONE;
}

static enum progress call_read_limit(const struct op *op, struct outcome *out)
{
	*out = (struct outcome){ .how = RETURNED };
	out->err = lacking(box_read_limit((enum limit)op->read_limit.name, &out->value));
	if (out->err)
		out->how = FAILED;
	return DONE;
}

/* Returns when the system clock is past second number s, which the coarse clock shows some time later. */
static bool wait_for_second(int fd, int64_t s)
{
	struct timespec step = { 0, 0 };
	struct itimerspec at = { .it_value = { .tv_sec = (time_t)s } };
	uint64_t n;

	clock_getres(CLOCK_REALTIME_COARSE, &step);
	at.it_value.tv_nsec = step.tv_nsec;
	if (timerfd_settime(fd, TFD_TIMER_ABSTIME, &at, NULL))
		return false;
	return read(fd, &n, sizeof(n)) == sizeof(n) || errno == EINTR;
}

static enum progress call_tick(struct real *r, const struct op *op, struct outcome *out)
{
	int64_t n = op->tick.seconds > 0 ? op->tick.seconds : 1, until = real_seconds() + n;
	bool ok = true;
	int fd;

	if (n * 1000 > WATCHDOG)
		return lost(r, "a tick of %lld seconds is too long", (long long)n);
	fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC);
	while (fd >= 0 && ok && real_seconds() < until)
		ok = wait_for_second(fd, until);
	if (fd < 0 || !ok)
		return lost(r, "no timer: %s", strerror(errno));
	close(fd);
	*out = (struct outcome){ .how = RETURNED };
	return DONE;
}

static enum progress call_rename(const struct op *op, struct outcome *out)
{
	int err = paths_rename((enum path)op->rename.from, (enum path)op->rename.to);

	*out = (struct outcome){ .how = err ? FAILED : RETURNED, .err = err };
	return DONE;
}

enum progress env_call(struct real *r, const struct op *op, struct outcome *out)
{
	switch (op->code) {
	case OP_signal: return call_signal(r, op, out);
	case OP_limit: return call_limit(r, op, out);
	case OP_limit_sem: return call_limit_sem(r, op, out);
	case OP_read_limit: return call_read_limit(op, out);
	case OP_rename: return call_rename(op, out);
	case OP_tick: return call_tick(r, op, out);
	default: return lost(r, "%s is no operation of the environment", opinfo[op->code].name);
	}
}
