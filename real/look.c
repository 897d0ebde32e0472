/* The state of the namespace. Whoever looks has all rights, and changes nothing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

#define TYPE sizeof(long)	/* bytes of a message's type, before its text */
enum { MOST_UNSEEN = 65536 };	/* messages listed of a queue that does not show any */

static const struct {
	long nr;
	int usage, stat_any, stat;	/* commands */
	enum field used;		/* objects that exist */
} family[NFAMILIES] = {
	[MSG] = { SYS_msgctl, MSG_INFO, MSG_STAT_ANY, MSG_STAT, F_msgpool },
	[SEM] = { SYS_semctl, SEM_INFO, SEM_STAT_ANY, SEM_STAT, F_semusz },
	[SHM] = { SYS_shmctl, SHM_INFO, SHM_STAT_ANY, SHM_STAT, F_used_ids },
};

union status { long align; unsigned char bytes[256]; };

static long ctl(enum family f, int64_t id, int cmd, void *buf)
{
	if (f == SEM)
		return syscall(family[f].nr, (long)id, 0L, (long)cmd, buf);
	return syscall(family[f].nr, (long)id, (long)cmd, buf);
}

/* How many objects exist, and the highest index that one of them has. */
static int64_t count(enum family f, int64_t *highest)
{
	struct record rec = { .has = 0 };
	union status buf;

	*highest = ctl(f, 0, family[f].usage, &buf);
	if (*highest < 0)
		return 0;
	layout_read(&kernel_layouts.usage[f], buf.bytes, &rec);
	return rec.v[family[f].used];
}

static bool has_any[NFAMILIES];	/* *_STAT_ANY was seen to work, */
static bool tells_ids[NFAMILIES];	/* and to tell whose status it is */

bool look_needs_no_right(enum family f)
{
	return tells_ids[f];
}

/*
 * Status of the object at an index, as it is stored. Its id, or -1. Where there is no *_STAT_ANY, the
 * rights we have do; that there is none can be told from an empty index only as long as it has found
 * nothing.
 */
static long raw_at(enum family f, int64_t index, void *buf)
{
	long id = ctl(f, index, family[f].stat_any, buf);

	if (id >= 0)
		has_any[f] = true;
	else if (errno == EINVAL && !has_any[f])
		id = ctl(f, index, family[f].stat, buf);
	return id;
}

/*
 * A system may keep objects at other indexes, or know none; an id is then looked up with the rights we
 * have.
 */
bool look_raw(enum family f, int64_t id, unsigned char *raw)
{
	if (id < 0)
		return false;
	if (raw_at(f, id % IPCMNI, raw) != id)
		return ctl(f, id, IPC_STAT, raw) == 0;
	/* a system that tells no ids says 0 */
	tells_ids[f] = tells_ids[f] || (id && has_any[f]);
	return true;
}

static int64_t status_at(enum family f, int64_t index, struct record *rec)
{
	union status buf;
	long id = raw_at(f, index, &buf);

	if (id < 0)
		return -1;
	rec->has = 0;
	layout_read(&kernel_layouts.status[f], buf.bytes, rec);
	told_correct(f, id, rec);
	return id;
}

/* Indexes from both ends: objects lie at the low end, but for those that were asked for at a high index. */
struct search { int64_t low, high; bool took_low; };

/* The next index, or -1 when all have been given. */
static int64_t search_next(struct search *s)
{
	if (s->low > s->high)
		return -1;
	s->took_low = !s->took_low;
	return s->took_low ? s->low++ : s->high--;
}

bool look_object(enum family f, int64_t id, struct record *rec)
{
	union status buf;

	if (!look_raw(f, id, buf.bytes))
		return false;
	rec->has = 0;
	layout_read(&kernel_layouts.status[f], buf.bytes, rec);
	told_correct(f, id, rec);
	return true;
}

/* ---- objects that were made ------------------------------------------------------------------ */

/* For systems that do not list what there is. */
static struct { int64_t *id; size_t n, cap; } made[NFAMILIES];

bool look_note(enum family f, int64_t id)
{
	for (size_t i = 0; i < made[f].n; i++)
		if (made[f].id[i] == id)
			return true;
	if (!grow(&made[f].id, &made[f].cap, made[f].n + 1, sizeof(id)))
		return false;
	made[f].id[made[f].n++] = id;
	return true;
}

static bool is_among(int64_t id, const struct objview *o, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (o[i].id == id)
			return true;
	return false;
}

/* An object that was made, is there and is not among the first n in o; -1 when there is none. */
static int64_t unlisted(enum family f, const struct objview *o, size_t n, struct record *rec)
{
	for (size_t i = made[f].n; i-- > 0;) {
		int64_t id = made[f].id[i];

		if (is_among(id, o, n))
			continue;
		if (look_object(f, id, rec))
			return id;
		made[f].id[i] = made[f].id[--made[f].n];
	}
	return -1;
}

/* Objects of the family that can be found: a system may tell of more than it has. */
static int64_t found(enum family f)
{
	struct search all = { .low = 0 };
	struct record rec;
	int64_t i, told = count(f, &all.high), n = (int64_t)made[f].n;

	while (n < told && (i = search_next(&all)) >= 0)
		n += status_at(f, i, &rec) >= 0;
	return n < told ? n : told;
}

int box_objects(void)
{
	return (int)(found(MSG) + found(SEM) + found(SHM));
}

/* Those that cannot be removed are kept in mind. */
static void remove_made(enum family f)
{
	struct record rec;
	size_t left = 0;

	for (size_t i = 0; i < made[f].n; i++) {
		int64_t id = made[f].id[i];

		ctl(f, id, IPC_RMID, NULL);
		if (look_object(f, id, &rec))
			made[f].id[left++] = id;
	}
	made[f].n = left;
}

void look_remove_all(void)
{
	for (enum family f = 0; f < NFAMILIES; f++) {
		struct search all = { .low = 0 };
		struct record rec;
		int64_t i, id, left = count(f, &all.high);

		while (left > 0 && (i = search_next(&all)) >= 0) {
			if ((id = status_at(f, i, &rec)) < 0)
				continue;
			ctl(f, id, IPC_RMID, NULL);
			left--;
		}
		remove_made(f);
	}
}

bool look_nothing_left(void)
{
	int64_t highest;

	for (enum family f = 0; f < NFAMILIES; f++)
		if (made[f].n || count(f, &highest))
			return false;
	return true;
}

/* ---- snapshots ------------------------------------------------------------------------------- */

/* Room for one answer, ending at a guard: a system may store more than it says. */
static unsigned char *room(void)
{
	static unsigned char *at;
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (PAD_SIZE + page - 1) / page * page;
	void *p;

	if (at)
		return at;
	p = mmap(NULL, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		 -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	at = p;
	mprotect(at + size, page, PROT_NONE);
	return at;
}

static int64_t sem_number(int64_t id, size_t num, int cmd)
{
	return syscall(SYS_semctl, (long)id, (long)num, (long)cmd, 0L);
}

static bool look_at_set(struct objview *o, struct snapshot *s)
{
	const uint16_t *vals = (const uint16_t *)(const void *)room();
	const size_t most = PAD_SIZE / sizeof(*vals);
	int64_t id = o->id, nsems = o->rec.v[F_nsems];
	size_t n = nsems < 0 ? 0 : (uint64_t)nsems < most ? (size_t)nsems : most;
	bool known = syscall(SYS_semctl, (long)id, 0L, (long)GETALL, vals) == 0;

	o->nsems = n;
	o->sems = s->nsem;
	for (size_t i = 0; i < n; i++) {
		struct semview *v = snapshot_sem(s);

		if (!v)
			return false;
		v->val = known ? vals[i] : -1;
		if (i >= SEMVIEWS)
			continue;
		v->pid = sem_number(id, i, GETPID);
		v->ncnt = sem_number(id, i, GETNCNT);
		v->zcnt = sem_number(id, i, GETZCNT);
	}
	return true;
}

static bool keep_text(struct snapshot *s, const unsigned char *text, size_t len)
{
	if (!grow(&s->text, &s->captext, s->ntext + len, 1))
		return false;
	if (len)
		memcpy(s->text + s->ntext, text, len);
	s->ntext += len;
	return true;
}

/* A message that is there but is not shown keeps type 0. */
static bool look_at_queue(struct objview *o, struct snapshot *s)
{
	unsigned char *buf = room();
	const int64_t most = PAD_SIZE - TYPE, cbytes = o->rec.v[F_cbytes];
	long size = (long)(cbytes < 0 || cbytes > most ? most : cbytes);

	o->msgs = s->nmsg;
	for (int64_t i = 0; i < o->rec.v[F_qnum] && i < MOST_UNSEEN; i++) {
		long len = syscall(SYS_msgrcv, (long)o->id, buf, size, (long)i,
				   (long)(MSG_COPY | IPC_NOWAIT));
		struct msgview *v;
		long type;

		if (len < 0 && errno == ENOMSG)
			break;
		v = snapshot_msg(s);
		if (!v)
			return false;
		o->nmsgs++;
		if (len < 0 || len > size)
			continue;
		memcpy(&type, buf, TYPE);
		v->type = type;
		v->len = (size_t)len;
		if (!keep_text(s, buf + TYPE, v->len))
			return false;
	}
	return true;
}

static bool look_at_segment(struct objview *o, struct snapshot *s)
{
	(void)o;
	(void)s;
	return true;
}

static int by_index(const void *a, const void *b)
{
	int64_t x = ((const struct objview *)a)->id % IPCMNI, y = ((const struct objview *)b)->id % IPCMNI;

	return (x > y) - (x < y);
}

static bool add_object(struct snapshot *s, const struct objview *seen)
{
	static bool (*const look_at[NFAMILIES])(struct objview *o, struct snapshot *s) = {
		[MSG] = look_at_queue, [SEM] = look_at_set, [SHM] = look_at_segment,
	};
	struct objview *o = snapshot_obj(s);

	if (!o)
		return false;
	*o = *seen;
	return look_at[o->family](o, s);
}

static bool look_at_family(enum family f, struct snapshot *s)
{
	struct search all = { .low = 0 };
	int64_t i, left = count(f, &all.high);
	struct objview seen = { .family = f };
	size_t first = s->nobj;

	while (left > 0 && (i = search_next(&all)) >= 0) {
		seen.id = status_at(f, i, &seen.rec);
		if (seen.id < 0)
			continue;
		if (!add_object(s, &seen))
			return false;
		left--;
	}
	while ((seen.id = unlisted(f, s->obj + first, s->nobj - first, &seen.rec)) >= 0)
		if (!add_object(s, &seen))
			return false;
	if (s->nobj > first + 1)
		qsort(s->obj + first, s->nobj - first, sizeof(*s->obj), by_index);
	return true;
}

/* The storage of texts moves while it grows: only now is it known where each lies. */
static void point_at_texts(struct snapshot *s)
{
	size_t at = 0;

	for (size_t i = 0; i < s->nmsg; i++) {
		s->msg[i].text = s->text ? s->text + at : (const unsigned char *)"";
		at += s->msg[i].len;
	}
}

bool real_snapshot(struct real *r, struct snapshot *s)
{
	if (!room() || (r->mode == REAL_SOLO && !cred_raise()))
		return false;
	for (enum family f = 0; f < NFAMILIES; f++)
		if (!look_at_family(f, s))
			return false;
	point_at_texts(s);
	return true;
}
