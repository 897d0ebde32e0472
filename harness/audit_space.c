/* The rules of sysvet audit that look at the namespace as a whole. */
#include <inttypes.h>

#include "audit.h"
#include "prose.h"

static size_t objects_of(const struct audit *a, enum family f)
{
	const struct snapshot *s = &a->inv->files.objects;
	size_t n = 0;

	for (size_t i = 0; i < s->nobj; i++)
		n += s->obj[i].family == f;
	return n;
}

/* The sum of a field over a family; of segments in whole pages. What does not fit is the highest value. */
static int64_t sum_of(const struct audit *a, enum family f, enum field field)
{
	const struct snapshot *s = &a->inv->files.objects;
	int64_t sum = 0, page = field == F_segsz ? a->inv->page : 1;

	for (size_t i = 0; i < s->nobj; i++) {
		int64_t v = s->obj[i].family == f ? s->obj[i].rec.v[field] : 0;

		v = v / page + (v % page != 0);
		if (v < 0 || sum > INT64_MAX - v)
			return INT64_MAX;
		sum += v;
	}
	return sum;
}

static void check(struct audit *a, enum limit lim, const char *what, int64_t used)
{
	const struct nsfiles *n = &a->inv->files;
	int64_t most = n->limits.v[lim];
	struct json t = { 0 };

	if (!(n->limits_seen & BIT(lim)) || !used || (double)used * 100 < (double)most * (double)a->near)
		return;
	prose(&t, "%" PRId64 " %s of %" PRId64 " (%s) are in use.", used, what, most, limitinfo[lim].name);
	audit_add(a, AUDIT_near_limit, NULL, &t, NULL);
}

void rule_near_limit(struct audit *a)
{
	check(a, LIM_msgmni, "message queues", (int64_t)objects_of(a, MSG));
	check(a, LIM_semmni, "semaphore sets", (int64_t)objects_of(a, SEM));
	check(a, LIM_semmns, "semaphores", sum_of(a, SEM, F_nsems));
	check(a, LIM_shmmni, "segments", (int64_t)objects_of(a, SHM));
	check(a, LIM_shmall, "pages", sum_of(a, SHM, F_segsz));
}

void rule_shared_with_host(struct audit *a)
{
	const struct nsfiles *n = &a->inv->files;
	struct json t = { 0 };

	if (!n->initial_ipc || (!n->foreign_user && !n->foreign_pid))
		return;
	prose(&t, "It is the one that the system started with, seen from %s.",
	      n->foreign_user ? n->foreign_pid ? "another user and PID namespace" : "another user namespace"
			      : "another PID namespace");
	audit_add(a, AUDIT_shared_with_host, NULL, &t, NULL);
}

static bool present(const struct audit *a, const struct policy_line *l)
{
	const struct snapshot *s = &a->inv->files.objects;

	for (size_t i = 0; i < s->nobj; i++)
		if (policy_matches(l, &s->obj[i]))
			return true;
	return false;
}

void rule_policy_missing(struct audit *a)
{
	for (size_t i = 0; a->policy && i < a->policy->n; i++) {
		const struct policy_line *l = &a->policy->v[i];
		struct finding_of *f;
		struct json t = { 0 };

		if (!l->required || present(a, l))
			continue;
		prose(&t, "Nothing matches line %d of the policy.", l->line);
		f = audit_add(a, AUDIT_policy_missing, NULL, &t, NULL);
		if (f)
			f->line = l->line;
	}
}
