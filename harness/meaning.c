/* What each option of ipcmk does to the order. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "object.h"
#include "order.h"
#include "quantity.h"

static bool want(struct order *o, enum resource_type type)
{
	o->wanted[type] = true;
	o->wish[type].type = type;
	return true;
}

/* ---- numbers ------------------------------------------------------------------------------------- */

/* A number that is negative goes to the kernel like any other, which says what it thinks of it. */
static bool take_count(struct order *o, const char *text, const char *what, int64_t *count)
{
	int err = count_read(text, count);

	if (err == EINVAL && o->dialect->features & NUMBER_LEADING)
		return doubt(o, "%s '%s' counts as %lld", what, text, (long long)*count);
	if (err == ERANGE && !(o->dialect->features & REASONLESS))
		return complain(o, "failed to parse %s: '%s': %s", what, text, strerror(err));
	return !err || complain(o, "failed to parse %s: '%s'", what, text);
}

static bool take_int(struct order *o, const char *text, uint64_t *size)
{
	int64_t count;
	const bool ok = take_count(o, text, "size", &count);

	*size = (uint64_t)count;
	return ok;
}

static bool take_size(struct order *o, const char *text, uint64_t *size)
{
	const int features = o->dialect->features;
	uint64_t exact;
	int err;

	if (features & NUMBER_LEADING)
		return take_int(o, text, size);
	if (features & SUFFIXES)
		err = size_read(text, features & OLD_FRACTIONS ? IN_HUNDREDS : BY_DIGIT, size, &exact);
	else
		err = plain_size_read(text, size);
	if (err == EINVAL && features & REASONLESS)
		return complain(o, "failed to parse size: '%s'", text);
	if (err)
		return complain(o, "failed to parse size: '%s': %s", text, strerror(err));
	if (!(features & SUFFIXES) || exact == *size)
		return true;
	return doubt(o, "size '%s' counts as %llu bytes, as in util-linux; exact would be %llu", text,
		     (unsigned long long)*size, (unsigned long long)exact);
}

/* Bits beyond the permissions would reach the calls as flags: util-linux lets them. */
bool take_mode(struct order *o, const char *text, int64_t *mode)
{
	const int features = o->dialect->features;
	uint64_t v = 0;
	int err = mode_read(text, &v);

	if (err == EINVAL && features & MODE_LEADING) {
		if (!doubt(o, "mode '%s' counts as %llo", text, (unsigned long long)v))
			return false;
		err = 0;
	}
	if (err && !(features & (MODE_QUOTED | MODE_LEADING)) && o->dialect->since)
		return complain(o, "failed to parse mode: %s", strerror(err == EINVAL ? 0 : err));
	if (err == EINVAL && !(features & MODE_QUOTED && v > INT64_MAX))
		return complain(o, "failed to parse mode: '%s'", text);
	if (err || v > 0777)
		return complain(o, "failed to parse mode: '%s': %s", text, strerror(ERANGE));
	*mode = (int64_t)v;
	return true;
}

static bool take_key(struct order *o, const char *text, int32_t *key, bool *has)
{
	int64_t v;

	if (!number_of(text, INT32_MIN, UINT32_MAX, &v))
		return complain(o, "found '%s', expected a key: decimal, 0octal or 0xhex, 32 bits", text);
	*key = (int32_t)v;
	*has = true;
	return true;
}

/* ---- names ---------------------------------------------------------------------------------------- */

static bool take_name(struct order *o, const char *text, const char **name)
{
	if (!resource_name_ok(text))
		return complain(o, *text ? "found a control character, expected none in a name"
					 : "found '', expected a name");
	*name = text;
	return true;
}

static bool take_path(struct order *o, enum resource_type type, const char *text)
{
	return want(o, type) && take_name(o, text, &o->wish[type].name);
}

static bool take_slash_name(struct order *o, const char *text)
{
	struct resource *r = &o->wish[RES_POSIX_MQ];
	char *name = arena_alloc(&o->arena, strlen(text) + 2);

	if (!name)
		return complain(o, "out of memory");
	snprintf(name, strlen(text) + 2, "/%s", text + (*text == '/'));
	return want(o, RES_POSIX_MQ) && take_name(o, text, &r->name) && take_name(o, name, &r->name);
}

static bool take_account(struct order *o, const char *text, bool group, int64_t *to)
{
	char err[200];
	uint32_t id;

	if (!o->accounts_loaded && !accounts_load(&o->accounts, NULL, err, sizeof(err)))
		return complain(o, "accounts: %s", err);
	o->accounts_loaded = true;
	if (group ? !gid_of(text, strlen(text), &o->accounts, &id)
		  : !uid_of(text, strlen(text), &o->accounts, &id))
		return complain(o, "found '%s', expected a %s, number or name", text,
				group ? "group" : "user");
	*to = id;
	return true;
}

/* ---- options that stand for a type ------------------------------------------------------------------ */

static bool sized(struct order *o, enum resource_type type, const char *text)
{
	return take_size(o, text, &o->wish[type].size) && want(o, type);
}

static bool holding(struct order *o, const char *text)
{
	return take_size(o, text, &o->wish[RES_MSG].capacity) && want(o, RES_MSG);
}

static bool counted(struct order *o, const char *text)
{
	int64_t count;

	if (!take_count(o, text, "elements", &count))
		return false;
	o->wish[RES_SEM].size = (uint64_t)count;
	return want(o, RES_SEM);
}

static bool keyed(struct order *o, enum resource_type type, const char *text)
{
	o->keyed = true;
	return take_key(o, text, &o->key, &o->has_key) && want(o, type);
}

static bool bytes(struct order *o, const char *text)
{
	uint64_t size;

	if (!take_size(o, text, &size))
		return false;
	if (size > INT64_MAX)
		return complain(o, "failed to parse size: '%s': %s", text, strerror(ERANGE));
	o->size = (int64_t)size;
	return true;
}

static bool messages(struct order *o, const char *text)
{
	int64_t count;

	if (!take_count(o, text, "number of messages", &count))
		return false;
	if (count < 1)
		return complain(o, "failed to parse number of messages: '%s': %s", text, strerror(ERANGE));
	o->wish[RES_POSIX_MQ].capacity = (uint64_t)count;
	return want(o, RES_POSIX_MQ);
}

static bool single(struct order *o, const char *text)
{
	int64_t count;

	if (!take_count(o, text, "elements", &count))
		return false;
	if (count != 1)
		return complain(o, "found '%s' semaphores, expected 1: a name stands for one", text);
	return want(o, RES_POSIX_SEM);
}

/* ---- all options --------------------------------------------------------------------------------------- */

static bool stop(struct order *o)
{
	o->status = fflush(stdout) ? EXIT_NOT_MADE : EXIT_MADE;
	return false;
}

static bool say_version(struct order *o)
{
	printf("ipcmk from sysvet " SYSVET_VERSION "\n");
	return stop(o);
}

static bool say_help(struct order *o)
{
	order_help(o);
	return stop(o);
}

static bool turn_on(bool *on)
{
	*on = true;
	return true;
}

static bool take_text(const char *text, const char **to)
{
	*to = text;
	return true;
}

bool meaning_take(struct order *o, enum meaning m, const char *text)
{
	switch (m) {
	case MEANS_shm_size: return sized(o, RES_SHM, text);
	case MEANS_posix_shm_size: return sized(o, RES_POSIX_SHM, text);
	case MEANS_sem_count: return counted(o, text);
	case MEANS_posix_sem: return want(o, RES_POSIX_SEM);
	case MEANS_msg: return want(o, RES_MSG);
	case MEANS_posix_mq: return want(o, RES_POSIX_MQ);
	case MEANS_mode: return take_mode(o, text, &o->mode);
	case MEANS_name: return take_name(o, text, &o->name);
	case MEANS_help: return say_help(o);
	case MEANS_version: return say_version(o);
	case MEANS_msg_size: return holding(o, text);
	case MEANS_posix_mq_name: return take_slash_name(o, text);
	case MEANS_dir: return take_path(o, RES_DIR, text);
	case MEANS_fifo: return take_path(o, RES_FIFO, text);
	case MEANS_socket: return take_path(o, RES_SOCKET, text);
	case MEANS_file_mode: return take_mode(o, text, &o->file_mode);
	case MEANS_file_uid: return take_account(o, text, false, &o->file_uid);
	case MEANS_file_gid: return take_account(o, text, true, &o->file_gid);
	case MEANS_file_context: return take_text(text, &o->file_context);
	case MEANS_shm_key: return keyed(o, RES_SHM, text);
	case MEANS_msg_key: return keyed(o, RES_MSG, text);
	case MEANS_sem_key: return keyed(o, RES_SEM, text);
	case MEANS_existing_key: return take_key(o, text, &o->existing, &o->has_existing);
	case MEANS_size: return bytes(o, text);
	case MEANS_nsems: return take_count(o, text, "elements", &o->nsems);
	case MEANS_named_shm: return sized(o, RES_POSIX_SHM, text);
	case MEANS_named_mq: return messages(o, text);
	case MEANS_named_sem: return single(o, text);
	case MEANS_example_shm: return turn_on(&o->example) && sized(o, RES_SHM, text);
	case MEANS_example_sem: return turn_on(&o->example) && counted(o, text);
	case MEANS_example_msg: return turn_on(&o->example) && want(o, RES_MSG);
	case MEANS_exclusive: return turn_on(&o->exclusive);
	case MEANS_key: return take_key(o, text, &o->key, &o->has_key);
	case MEANS_or_existing: return turn_on(&o->or_existing);
	case MEANS_owner: return take_account(o, text, false, &o->uid);
	case MEANS_group: return take_account(o, text, true, &o->gid);
	case MEANS_context: return take_text(text, &o->context);
	case MEANS_strict: return turn_on(&o->strict);
	case MEANS_json: return turn_on(&o->json);
	case MEANS_dry_run: return turn_on(&o->dry_run);
	case MEANS_explain: return turn_on(&o->explain);
	case MEANS_clauses: return take_text(text, &o->clauses);
	case MEANS_dialect: return true;	/* it was looked for first */
	case NMEANINGS: break;
	}
	return false;
}
