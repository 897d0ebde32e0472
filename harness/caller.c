#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "caller.h"
#include "header.h"
#include "object.h"
#include "prose.h"

enum { GROUPSMOST = 65536 };

static bool complain(char *err, size_t size, const char *found, const char *expected)
{
	snprintf(err, size, "found '%s', expected %s", found, expected);
	return false;
}

static struct cred plain(uint32_t uid, uint32_t gid)
{
	return (struct cred){
		.ruid = uid, .euid = uid, .suid = uid, .fsuid = uid,
		.rgid = gid, .egid = gid, .sgid = gid, .fsgid = gid,
	};
}

void caller_account(struct caller *c, const struct account *a)
{
	struct json name = { 0 };

	*c = (struct caller){ .cred = plain(a->uid, a->gid), .groups = a->groups, .ngroups = a->ngroups,
			      .initial_user = true };
	c->cred.caps = a->uid == 0 ? CAPS_ALL : 0;
	prose_name(&name, a->name);
	snprintf(c->label, sizeof(c->label), "%s", name.failed || !name.len ? "" : name.buf);
	json_free(&name);
}

void caller_process(struct caller *c, pid_t pid, const struct whois *w)
{
	*c = (struct caller){ .cred = w->cred, .groups = w->groups, .ngroups = w->ngroups,
			      .initial_user = w->initial_user };
	snprintf(c->label, sizeof(c->label), "process %d", (int)pid);
}

void caller_stranger(struct caller *c, const struct objview *o)
{
	uint32_t id = UINT32_MAX - 2;

	while (id == o->rec.v[F_uid] || id == o->rec.v[F_cuid] || id == o->rec.v[F_gid]
	       || id == o->rec.v[F_cgid])
		id--;
	*c = (struct caller){ .cred = plain(id, id), .initial_user = true, .label = "anybody" };
}

/* ---- text ------------------------------------------------------------------------------------ */

static bool parse_cap(const char *text, size_t len, uint64_t *caps)
{
	char word[32];
	int64_t number;

	if (len >= sizeof(word))
		return false;
	memcpy(word, text, len);
	word[len] = '\0';
	if (!strcmp(word, "all"))
		*caps = CAPS_ALL;
	if (!strcmp(word, "all") || !strcmp(word, "none"))
		return true;
	for (int i = 0; i < NCAPS; i++)
		if (!strcmp(word, capinfo[i].name)) {
			*caps |= BIT(capinfo[i].number);
			return true;
		}
	if (!number_of(word, 0, 63, &number))
		return false;
	*caps |= BIT(number);
	return true;
}

static bool parse_caps(struct caller *c, const char *text, char *err, size_t errsize)
{
	for (size_t len; *text == '+'; text += 1 + len) {
		len = strcspn(text + 1, "+");
		if (!parse_cap(text + 1, len, &c->cred.caps))
			return complain(err, errsize, text + 1,
					"a capability such as CAP_IPC_OWNER, its number, or all");
	}
	return true;
}

/* "5,27", up to a + */
static bool parse_groups(struct caller *c, const char *text, size_t len, const struct accounts *a,
			 struct arena *arena, char *err, size_t errsize)
{
	const char *end = text + len;
	uint32_t *groups = arena_alloc(arena, (len / 2 + 1) * sizeof(*groups));

	if (!groups || len / 2 >= GROUPSMOST)
		return complain(err, errsize, text, "fewer groups");
	for (size_t word; text <= end; text += word + 1) {
		word = strcspn(text, ",+");
		if (!gid_of(text, word, a, &groups[c->ngroups++]))
			return complain(err, errsize, text, "a group, number or name");
	}
	c->groups = groups;
	return true;
}

static bool parse_account(struct caller *c, const char *text, size_t len, const struct accounts *a,
			  char *err, size_t errsize)
{
	const struct account *found = account_named(a, text, len);
	uint32_t uid;

	if (!found && uid_of(text, len, a, &uid))
		found = account_of(a, uid);
	if (!found)
		return complain(err, errsize, text, "uid:gid[:groups][+caps], or an account");
	caller_account(c, found);
	return true;
}

bool caller_parse(struct caller *c, const char *text, const struct accounts *a, struct arena *arena,
		  char *err, size_t errsize)
{
	size_t len = strcspn(text, ":+");
	const char *group = text[len] == ':' ? text + len + 1 : NULL;
	const char *rest = group ? group + strcspn(group, ":+") : text + len;
	uint32_t uid, gid;

	if (!group)
		return parse_account(c, text, len, a, err, errsize) && parse_caps(c, rest, err, errsize);
	if (!uid_of(text, len, a, &uid))
		return complain(err, errsize, text, "a user, number or name");
	if (!gid_of(group, (size_t)(rest - group), a, &gid))
		return complain(err, errsize, group, "a group, number or name");
	*c = (struct caller){ .cred = plain(uid, gid), .initial_user = true };
	if (*rest == ':') {
		len = strcspn(rest + 1, "+");
		if (!parse_groups(c, rest + 1, len, a, arena, err, errsize))
			return false;
		rest += 1 + len;
	}
	return parse_caps(c, rest, err, errsize);
}

/* ---- credentials ----------------------------------------------------------------------------- */

static void add(struct cred *to, uint32_t group)
{
	for (uint32_t i = 0; i < to->ngroups; i++)
		if (to->groups[i] == group)
			return;
	if (to->ngroups < MAXGROUPS)
		to->groups[to->ngroups++] = group;
}

struct cred caller_cred(const struct caller *c, const struct objview *o)
{
	struct cred cred = c->cred;

	cred.ngroups = 0;
	for (size_t i = 0; i < c->ngroups; i++)
		if (c->groups[i] == o->rec.v[F_gid] || c->groups[i] == o->rec.v[F_cgid])
			add(&cred, c->groups[i]);
	for (size_t i = 0; i < c->ngroups && cred.ngroups < MAXGROUPS; i++)
		add(&cred, c->groups[i]);
	return cred;
}

/* ---- printing -------------------------------------------------------------------------------- */

static bool all_equal(const uint32_t *id)
{
	return id[0] == id[1] && id[0] == id[2] && id[0] == id[3];
}

/* Of several ids only those that say something. */
static void print_ids(struct json *t, const char *what, const uint32_t *id)
{
	if (all_equal(id))
		prose(t, "%s %" PRIu32, what, id[0]);
	else
		prose(t, "r%s %" PRIu32 " e%s %" PRIu32 " s%s %" PRIu32 " fs%s %" PRIu32, what, id[0], what,
		      id[1], what, id[2], what, id[3]);
}

/* Of those that have a say. */
static bool has_every(uint64_t caps)
{
	for (int i = 0; i < NCAPS; i++)
		if (!(caps & BIT(capinfo[i].number)))
			return false;
	return true;
}

void caller_print(struct json *t, const struct caller *c)
{
	uint64_t caps = c->cred.caps;

	if (*c->label)
		prose(t, "%s: ", c->label);
	print_ids(t, "uid", &c->cred.ruid);
	prose(t, " ");
	print_ids(t, "gid", &c->cred.rgid);
	for (size_t i = 0; i < c->ngroups && i < MAXGROUPS; i++)
		prose(t, "%s%" PRIu32, i ? "," : " groups ", c->groups[i]);
	if (c->ngroups > MAXGROUPS)
		prose(t, ",... (%zu in all)", c->ngroups);
	if (has_every(caps)) {
		prose(t, " +all capabilities");
		return;
	}
	for (int i = 0; i < NCAPS; i++) {
		if (caps & BIT(capinfo[i].number))
			prose(t, " +%s", capinfo[i].name);
		caps &= ~BIT(capinfo[i].number);
	}
	if (caps)
		prose(t, " and capabilities without a say here");
}

static void ids_json(struct json *j, const uint32_t *id, const char *const name[4])
{
	for (int i = 0; i < 4; i++)
		json_number(j, name[i], id[i]);
}

void caller_json(struct json *j, const char *key, const struct caller *c)
{
	static const char *const users[] = { "ruid", "euid", "suid", "fsuid" };
	static const char *const groups[] = { "rgid", "egid", "sgid", "fsgid" };

	json_object(j, key);
	if (*c->label)
		json_string(j, "name", c->label);
	ids_json(j, &c->cred.ruid, users);
	ids_json(j, &c->cred.rgid, groups);
	json_array(j, "groups");
	for (size_t i = 0; i < c->ngroups; i++)
		json_number(j, NULL, c->groups[i]);
	json_end(j, ']');
	caps_json(j, "caps", c->cred.caps);
	json_end(j, '}');
}
