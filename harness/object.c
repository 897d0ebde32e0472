#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "matrix.h"
#include "object.h"
#include "prose.h"

const char *const object_kind[NFAMILIES] = {
	[MSG] = "message queue", [SEM] = "semaphore set", [SHM] = "segment",
};
const char *const family_name[NFAMILIES] = { [MSG] = "msg", [SEM] = "sem", [SHM] = "shm" };

enum { ALL_BITS = 0777 | SHM_DEST | SHM_LOCKED, STICKY = 01000 };

static const char *const file_kind[NCELLKINDS] = {
	[CELLS_POSIX_MQ] = "POSIX message queue", [CELLS_POSIX_SHM] = "POSIX shared memory",
	[CELLS_POSIX_SEM] = "named semaphore", [CELLS_FIFO] = "FIFO", [CELLS_SOCKET] = "socket",
	[CELLS_DIR] = "directory", [CELLS_DIR_STICKY] = "directory", [CELLS_DIR_EMPTY] = "directory",
};

const char *object_kind_of(const struct objview *o)
{
	return o->family == NODES ? file_kind[o->type] : object_kind[o->family];
}

static bool complain(char *err, size_t size, const char *found, const char *expected)
{
	snprintf(err, size, "found '%s', expected %s", found, expected);
	return false;
}

/* ---- numbers and names ----------------------------------------------------------------------- */

bool number_of(const char *text, int64_t lo, int64_t hi, int64_t *v)
{
	const char *digits = text + (*text == '-' || *text == '+');
	char *end;
	long long number;

	if (!isdigit((unsigned char)*digits))
		return false;
	errno = 0;
	number = strtoll(text, &end, 0);
	*v = number;
	return !errno && !*end && number >= lo && number <= hi;
}

/* -1 is no id. */
static bool id_number(const char *text, size_t len, uint32_t *id)
{
	char digits[16];
	int64_t v;

	if (!len || len >= sizeof(digits) || !isdigit((unsigned char)*text))
		return false;
	memcpy(digits, text, len);
	digits[len] = '\0';
	if (strspn(digits, "0123456789") != len || strtoull(digits, NULL, 10) >= UINT32_MAX)
		return false;
	v = (int64_t)strtoull(digits, NULL, 10);
	*id = (uint32_t)v;
	return true;
}

bool uid_of(const char *text, size_t len, const struct accounts *a, uint32_t *id)
{
	const struct account *found;

	if (id_number(text, len, id))
		return true;
	found = account_named(a, text, len);
	if (found)
		*id = found->uid;
	return found;
}

bool gid_of(const char *text, size_t len, const struct accounts *a, uint32_t *id)
{
	const struct groupname *found;

	if (id_number(text, len, id))
		return true;
	found = group_named(a, text, len);
	if (found)
		*id = found->gid;
	return found;
}

/* ---- words ----------------------------------------------------------------------------------- */

static bool put_user(struct record *rec, enum field f, const char *text, size_t len, const struct accounts *a)
{
	uint32_t id;

	if (!uid_of(text, len, a, &id))
		return false;
	put(rec, f, id);
	return true;
}

static bool put_group(struct record *rec, enum field f, const char *text, size_t len,
		      const struct accounts *a)
{
	uint32_t id;

	if (!gid_of(text, len, a, &id))
		return false;
	put(rec, f, id);
	return true;
}

/* "1000:1000" or "alice:staff" */
static bool put_pair(struct record *rec, enum field uid, enum field gid, const char *text,
		     const struct accounts *a)
{
	size_t len = strcspn(text, ":");

	return text[len] && put_user(rec, uid, text, len, a)
		&& put_group(rec, gid, text + len + 1, strlen(text + len + 1), a);
}

/* Always octal, as chmod has it. */
static bool put_mode(struct record *rec, const char *text)
{
	size_t len = strlen(text);
	long v = strtol(text, NULL, 8);

	if (!len || len > 6 || strspn(text, "01234567") != len || v & ~ALL_BITS)
		return false;
	put(rec, F_mode, v);
	return true;
}

static bool put_number(struct record *rec, enum field f, const char *text, int64_t lo, int64_t hi)
{
	int64_t v;

	if (!number_of(text, lo, hi, &v))
		return false;
	put(rec, f, f == F_key ? (int32_t)v : v);
	return true;
}

enum word { OWNER, CREATOR, MODE, KEY, NSEMS, SIZE, UID_, GID_, CUID, CGID, NWORDS };

static const struct { const char *name; uint64_t fields; const char *expected; } words[NWORDS] = {
	[OWNER] = { "owner", BIT(F_uid) | BIT(F_gid), "uid:gid, numbers or names" },
	[CREATOR] = { "creator", BIT(F_cuid) | BIT(F_cgid), "uid:gid, numbers or names" },
	[MODE] = { "mode", BIT(F_mode), "an octal mode" },
	[KEY] = { "key", BIT(F_key), "a key of 32 bits" },
	[NSEMS] = { "nsems", BIT(F_nsems), "a number of semaphores from 1 to 32000" },
	[SIZE] = { "size", BIT(F_segsz), "a size in bytes" },
	[UID_] = { "uid", BIT(F_uid), "a user, number or name" },
	[GID_] = { "gid", BIT(F_gid), "a group, number or name" },
	[CUID] = { "cuid", BIT(F_cuid), "a user, number or name" },
	[CGID] = { "cgid", BIT(F_cgid), "a group, number or name" },
};

static bool put_word(struct record *rec, enum word w, const char *text, const struct accounts *a)
{
	switch (w) {
	case OWNER: return put_pair(rec, F_uid, F_gid, text, a);
	case CREATOR: return put_pair(rec, F_cuid, F_cgid, text, a);
	case MODE: return put_mode(rec, text);
	case KEY: return put_number(rec, F_key, text, INT32_MIN, UINT32_MAX);
	case NSEMS: return put_number(rec, F_nsems, text, 1, DEF_SEMMSL);
	case SIZE: return put_number(rec, F_segsz, text, 1, INT64_MAX);
	case UID_: return put_user(rec, F_uid, text, strlen(text), a);
	case GID_: return put_group(rec, F_gid, text, strlen(text), a);
	case CUID: return put_user(rec, F_cuid, text, strlen(text), a);
	case CGID: return put_group(rec, F_cgid, text, strlen(text), a);
	case NWORDS: break;
	}
	return false;
}

/* The word among first .. last-1 that text begins with, followed by =; or NWORDS. */
static enum word word_of(const char *text, enum word first, enum word last)
{
	size_t len = strcspn(text, "=");

	for (enum word w = first; text[len] && w < last; w++)
		if (strlen(words[w].name) == len && !strncmp(text, words[w].name, len))
			return w;
	return NWORDS;
}

bool object_word(struct objview *o, const char *word, const struct accounts *a, char *err, size_t errsize)
{
	enum word w = word_of(word, OWNER, UID_);

	if (w == NWORDS)
		return complain(err, errsize, word, "owner=, creator=, mode=, key=, nsems= or size=");
	if (o->rec.has & words[w].fields) {
		snprintf(err, errsize, "found '%s' again, expected it once", word);
		return false;
	}
	return put_word(&o->rec, w, strchr(word, '=') + 1, a)
		|| complain(err, errsize, word, words[w].expected);
}

bool object_change(struct objview *o, const char *text, const struct accounts *a, char *err, size_t errsize)
{
	char part[128];
	size_t len;

	for (const char *at = text;; at += len + 1) {
		enum word w = word_of(at, MODE, NWORDS);

		len = strcspn(at, ",");
		if (len >= sizeof(part) || (w != MODE && w < UID_) || w == NWORDS)
			return complain(err, errsize, at, "mode=, uid=, gid=, cuid= or cgid=, with commas");
		memcpy(part, at, len);
		part[len] = '\0';
		if (!strchr(part, '=') || !put_word(&o->rec, w, strchr(part, '=') + 1, a))
			return complain(err, errsize, part, words[w].expected);
		if (!at[len])
			return true;
	}
}

bool object_type(struct objview *o, const char *word, char *err, size_t errsize)
{
	for (enum cellkind k = 0; k < NCELLKINDS; k++)
		if (is_file(k) && !strcmp(word, cellkindinfo[k].name)) {
			*o = (struct objview){ .family = NODES, .type = (int)k, .id = -1 };
			return true;
		}
	return complain(err, errsize, word, "posix-mq, posix-shm, posix-sem, fifo, socket or dir");
}

/* Names are all that there is of a file, and who created it is nobody. */
static bool complete_file(struct objview *o, char *err, size_t errsize)
{
	const bool folder = cellkindinfo[o->type].node == NODE_dir;
	const uint64_t foreign = BIT(F_key) | BIT(F_nsems) | BIT(F_segsz) | (folder ? 0 : BIT(F_cuid));

	if (o->rec.has & foreign)
		return complain(err, errsize, "a word about it", "owner= and mode= of a file");
	if (o->rec.v[F_mode] & ~(folder ? STICKY | 0777 : 0777))
		return complain(err, errsize, "mode", "nine bits, and 1000 of a directory");
	return true;
}

static void put_if_absent(struct record *rec, enum field f, int64_t v)
{
	if (!(rec->has & BIT(f)))
		put(rec, f, v);
}

bool object_complete(struct objview *o, char *err, size_t errsize)
{
	struct record *rec = &o->rec;

	if (!(rec->has & BIT(F_uid)))
		return complain(err, errsize, "no owner=", "owner=uid:gid, or an object by id");
	if (o->family == NODES && !complete_file(o, err, errsize))
		return false;
	put_if_absent(rec, F_cuid, rec->v[F_uid]);
	put_if_absent(rec, F_cgid, rec->v[F_gid]);
	put_if_absent(rec, F_mode, 0600);
	if (o->family == NODES)
		return true;
	put_if_absent(rec, F_key, 1);
	if (o->family != SHM && rec->v[F_mode] & ~0777)
		return complain(err, errsize, "mode", "nine bits: others are for segments");
	return true;
}

/* ---- printing -------------------------------------------------------------------------------- */

static void file_print(struct json *t, const struct objview *o)
{
	const int64_t *v = o->rec.v;

	prose(t, "%s, owner %" PRId64 ":%" PRId64 ", mode %04" PRIo64, object_kind_of(o), v[F_uid], v[F_gid],
	      (uint64_t)v[F_mode]);
	if (o->type != CELLS_DIR_EMPTY && cellkindinfo[o->type].node == NODE_dir)
		prose(t, ", and in it a file of %" PRId64 ":%" PRId64 " that everybody may use", v[F_cuid],
		      v[F_cgid]);
}

void object_print(struct json *t, const struct objview *o)
{
	const int64_t *v = o->rec.v;

	if (o->family == NODES) {
		file_print(t, o);
		return;
	}
	prose(t, "%s", object_kind[o->family]);
	if (o->id >= 0)
		prose(t, " %" PRId64 ", key 0x%08" PRIx32, o->id, (uint32_t)v[F_key]);
	prose(t, ", owner %" PRId64 ":%" PRId64 ", creator %" PRId64 ":%" PRId64 ", mode %04" PRIo64,
	      v[F_uid], v[F_gid], v[F_cuid], v[F_cgid], (uint64_t)v[F_mode]);
}

void object_json(struct json *j, const struct objview *o)
{
	json_object(j, "object");
	json_string(j, "kind", o->family == NODES ? cellkindinfo[o->type].name : family_name[o->family]);
	if (o->id >= 0)
		json_number(j, "id", o->id);
	for (enum field f = 0; f < NFIELDS; f++)
		if (o->rec.has & BIT(f))
			json_number(j, fieldinfo[f].name, o->rec.v[f]);
	json_end(j, '}');
}
