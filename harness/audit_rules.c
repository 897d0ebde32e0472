/* The rules of sysvet audit that look at one object. Who may do what is asked of the model: access.h. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "audit.h"
#include "prose.h"

static bool related_may(struct desk *d, enum relation r, enum deed deed)
{
	struct caller c;

	relation_caller(&c, d->object, r);
	return desk_may(d, &c, deed);
}

static int64_t value(const struct desk *d, enum field f)
{
	return d->object->rec.v[f];
}

static bool has(const struct desk *d, enum field f)
{
	return d->object->rec.has & BIT(f);
}

static const char *words(const struct desk *d, enum deed deed)
{
	return deed_words[d->object->family][deed];
}

/* "Set the mode to 0640 instead of 0646." */
static const char *mode_without(struct audit *a, const struct desk *d, int64_t bits)
{
	struct json t = { 0 };
	const char *text;

	prose(&t, "Set the mode to %04" PRIo64 " instead of %04" PRIo64 ".",
	      (uint64_t)(value(d, F_mode) & 0777 & ~bits), (uint64_t)value(d, F_mode) & 0777);
	text = audit_text(a, &t);
	json_free(&t);
	return text;
}

/* What begins at this place begins a sentence. */
static void capital(struct json *t, size_t at)
{
	if (at < t->len)
		t->buf[at] = (char)toupper((unsigned char)t->buf[at]);
}

/* ---- wide access ----------------------------------------------------------------------------- */

static void open_to_all(struct audit *a, struct desk *d, enum audit_rule rule, enum deed deed)
{
	struct json t = { 0 };

	if (!related_may(d, REL_STRANGER, deed))
		return;
	prose(&t, "Anybody may %s.", words(d, deed));
	audit_add(a, rule, d->object, &t, mode_without(a, d, 0007));
}

void rule_world_writable(struct audit *a, struct desk *d)
{
	open_to_all(a, d, AUDIT_world_writable, DEED_WRITE);
}

void rule_world_readable(struct audit *a, struct desk *d)
{
	open_to_all(a, d, AUDIT_world_readable, DEED_READ);
}

/* Accounts that may write because of a group, as a list. How many. */
static size_t writers_by_group(struct audit *a, struct desk *d, struct json *t)
{
	const struct accounts *all = &a->inv->accounts;
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		struct grounds g;
		struct caller c;

		caller_account(&c, &all->v[i]);
		if (!desk_may(d, &c, DEED_WRITE))
			continue;
		desk_grounds(d, &c, DEED_WRITE, &g);
		if (g.cap >= 0 || strcmp(g.class, "group"))
			continue;
		prose(t, n++ ? ", " : ": ");
		user_named(t, c.cred.euid, all);
	}
	return n;
}

void rule_group_writable(struct audit *a, struct desk *d)
{
	bool group = related_may(d, REL_GROUP, DEED_WRITE);
	bool creators = value(d, F_gid) != value(d, F_cgid) && related_may(d, REL_CREATOR_GROUP, DEED_WRITE);
	struct json t = { 0 };

	if ((!group && !creators) || related_may(d, REL_STRANGER, DEED_WRITE))
		return;
	prose(&t, "Members of group ");
	group_of_name(&t, (uint32_t)value(d, group ? F_gid : F_cgid), &a->inv->accounts);
	if (group && creators) {
		prose(&t, " and of its creator's group ");
		group_of_name(&t, (uint32_t)value(d, F_cgid), &a->inv->accounts);
	}
	prose(&t, " may %s", words(d, DEED_WRITE));
	if (!writers_by_group(a, d, &t))
		prose(&t, "; no account is one");
	prose(&t, ".");
	audit_add(a, AUDIT_group_writable, d->object, &t, NULL);
}

/* ---- who counts as what ---------------------------------------------------------------------- */

/* "may set and remove it, read it and write to it" */
static void deeds_of(struct desk *d, enum relation r, struct json *t)
{
	static const enum deed order[] = { DEED_CONTROL, DEED_READ, DEED_WRITE };
	const char *comma = " may still ";

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		if (related_may(d, r, order[i])) {
			prose(t, "%s%s", comma, words(d, order[i]));
			comma = ", ";
		}
}

void rule_creator_differs(struct audit *a, struct desk *d)
{
	struct json t = { 0 };

	if (value(d, F_uid) == value(d, F_cuid) || !related_may(d, REL_CREATOR, DEED_CONTROL))
		return;
	prose(&t, "User ");
	user_named(&t, (uint32_t)value(d, F_cuid), &a->inv->accounts);
	prose(&t, " made it for user ");
	user_named(&t, (uint32_t)value(d, F_uid), &a->inv->accounts);
	prose(&t, " and");
	deeds_of(d, REL_CREATOR, &t);
	prose(&t, ".");
	audit_add(a, AUDIT_creator_differs, d->object, &t, NULL);
}

void rule_class_inversion(struct audit *a, struct desk *d)
{
	static const struct { enum relation who; const char *name; } classes[] = {
		{ REL_OWNER, "its owner" }, { REL_GROUP, "its group" }, { REL_STRANGER, "anybody else" },
	};
	static const enum deed deeds[] = { DEED_READ, DEED_WRITE, DEED_EXEC };
	struct json t = { 0 };
	size_t at;

	for (size_t i = 0; i < sizeof(deeds) / sizeof(*deeds); i++)
		for (int narrow = 0; narrow < 2; narrow++)
			for (int wide = narrow + 1; wide < 3; wide++) {
				if (related_may(d, classes[narrow].who, deeds[i])
				    || !related_may(d, classes[wide].who, deeds[i]))
					continue;
				prose(&t, "%s", t.len ? " " : "");
				at = t.len;
				prose(&t, "%s may %s, %s may not.", classes[wide].name, words(d, deeds[i]),
				      classes[narrow].name);
				capital(&t, at);
			}
	if (t.len)
		audit_add(a, AUDIT_class_inversion, d->object, &t, NULL);
}

void rule_execute_bit(struct audit *a, struct desk *d)
{
	static const struct { enum relation who; const char *name; } classes[] = {
		{ REL_OWNER, "its owner" }, { REL_GROUP, "its group" }, { REL_STRANGER, "anybody else" },
	};
	const char *comma = "";
	struct json t = { 0 };

	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (related_may(d, classes[i].who, DEED_EXEC)) {
			prose(&t, "%s%s", comma, classes[i].name);
			comma = ", ";
		}
	if (!t.len)
		return;
	capital(&t, 0);
	prose(&t, " may %s.", words(d, DEED_EXEC));
	audit_add(a, AUDIT_execute_bit, d->object, &t, mode_without(a, d, 0111));
}

/* ---- owners that are nobody ------------------------------------------------------------------ */

/* Shown as the overflow id because it has no name here? */
static bool unmapped(const struct audit *a, int64_t uid)
{
	return !a->inv->files.all_ids_mapped && uid == a->inv->files.overflow_uid;
}

void rule_owner_without_account(struct audit *a, struct desk *d)
{
	static const struct { enum field field; const char *name; } ids[] = {
		{ F_uid, "owner" }, { F_cuid, "creator" },
	};
	struct json t = { 0 };

	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		int64_t uid = value(d, ids[i].field);

		if (!a->inv->accounts.n || unmapped(a, uid) || account_of(&a->inv->accounts, (uint32_t)uid))
			continue;
		if (i && t.len && uid == value(d, F_uid))
			continue;
		prose(&t, "%sIts %s %" PRId64 " has no account.", t.len ? " " : "", ids[i].name, uid);
	}
	if (t.len)
		audit_add(a, AUDIT_owner_without_account, d->object, &t, NULL);
}

void rule_owner_unmapped(struct audit *a, struct desk *d)
{
	struct json t = { 0 };

	if (!unmapped(a, value(d, F_uid)) && !unmapped(a, value(d, F_cuid)))
		return;
	prose(&t, "Its %s is shown as %" PRIu32 ": what is said of its access holds for that id only.",
	      unmapped(a, value(d, F_uid)) ? "owner" : "creator", a->inv->files.overflow_uid);
	audit_add(a, AUDIT_owner_unmapped, d->object, &t, NULL);
}

/* ---- what is left behind --------------------------------------------------------------------- */

/* No process that the object names lives. A creator in another PID namespace is shown as 0. */
static bool processes_gone(const struct audit *a, const struct desk *d)
{
	static const enum field fields[] = { F_cpid, F_lpid, F_lspid, F_lrpid };

	if (has(d, F_cpid) && !value(d, F_cpid))
		return false;
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (has(d, fields[i]) && inventory_lives(a->inv, value(d, fields[i])))
			return false;
	return true;
}

/* Of a queue and a set nothing tells who made it, but whose it is. */
void rule_leaked(struct audit *a, struct desk *d)
{
	bool segment = d->object->family == SHM;
	bool users = inventory_user_lives(a->inv, (uint32_t)value(d, F_uid))
		|| inventory_user_lives(a->inv, (uint32_t)value(d, F_cuid));
	struct json t = { 0 };

	if (!processes_gone(a, d) || (segment ? value(d, F_nattch) != 0 || !has(d, F_nattch)
					      : users || !a->inv->processes_seen))
		return;
	if (segment)
		prose(&t, "Nothing has it attached, and neither its creator, process %" PRId64 ", nor who "
		      "used it last lives.", value(d, F_cpid));
	else
		prose(&t, "Neither its owner nor its creator has a process%s.", d->object->family == MSG
		      ? ", and neither who sent last nor who received last lives" : "");
	audit_add(a, AUDIT_leaked, d->object, &t, NULL);
}

void rule_removed_attached(struct audit *a, struct desk *d)
{
	struct json t = { 0 };

	if (!(value(d, F_mode) & SHM_DEST) || !value(d, F_nattch))
		return;
	prose(&t, "It is attached %" PRId64 " times and goes with the last of them; %" PRId64 " bytes are "
	      "kept.", value(d, F_nattch), value(d, F_segsz));
	audit_add(a, AUDIT_removed_attached, d->object, &t, NULL);
}

/* ---- keys, modes, limits --------------------------------------------------------------------- */

/* Why a key can be guessed, or NULL. */
static const char *guess(uint32_t key)
{
	static const uint32_t famous[] = { 0x12345678, 0xdeadbeef, 0xcafebabe, 0xabcdef01, 0x87654321 };
	unsigned char byte[] = { (unsigned char)(key >> 24), (unsigned char)(key >> 16),
				 (unsigned char)(key >> 8), (unsigned char)key };
	int printable = 0;

	for (int i = 0; i < 4; i++)
		printable += isgraph(byte[i]) != 0;
	if (key <= 0xffff || key >= 0xffff0000)
		return "a small number";
	if (byte[0] == byte[1] && byte[0] == byte[2] && byte[0] == byte[3])
		return "one byte four times";
	for (size_t i = 0; i < sizeof(famous) / sizeof(*famous); i++)
		if (key == famous[i])
			return "a number that many take";
	return printable == 4 ? "four characters" : NULL;
}

void rule_guessable_key(struct audit *a, struct desk *d)
{
	uint32_t key = (uint32_t)value(d, F_key);
	const char *why = key ? guess(key) : NULL;
	struct json t = { 0 };

	if (!why)
		return;
	prose(&t, "Key 0x%08" PRIx32 " is %s.", key, why);
	audit_add(a, AUDIT_guessable_key, d->object, &t, NULL);
}

static void everybody(struct desk *d, uint32_t ops[NRELATIONS])
{
	for (enum relation r = 0; r < NRELATIONS; r++) {
		struct caller c;

		relation_caller(&c, d->object, r);
		ops[r] = desk_ops(d, &c);
	}
}

/* Bits of the mode without which everybody may do what they may with them. */
static int64_t idle_bits(struct desk *d)
{
	int64_t mode = value(d, F_mode), idle = 0;
	uint32_t before[NRELATIONS], after[NRELATIONS];

	everybody(d, before);
	for (int64_t bit = 0400; bit; bit >>= 1) {
		struct objview without = *d->object;

		if (!(mode & bit))
			continue;
		without.rec.v[F_mode] = mode & ~bit;
		scene_object(&d->scene, &without);
		everybody(d, after);
		if (!memcmp(before, after, sizeof(before)))
			idle |= bit;
	}
	scene_object(&d->scene, d->object);
	return idle;
}

void rule_mode_without_effect(struct audit *a, struct desk *d)
{
	int64_t idle = idle_bits(d);
	struct json t = { 0 };

	if (!idle)
		return;
	prose(&t, "Bits %04" PRIo64 " of mode %04" PRIo64 " allow nobody anything.", (uint64_t)idle,
	      (uint64_t)value(d, F_mode) & 0777);
	audit_add(a, AUDIT_mode_without_effect, d->object, &t, mode_without(a, d, idle));
}

void rule_queue_near_limit(struct audit *a, struct desk *d)
{
	const struct nsfiles *n = &a->inv->files;
	int64_t most = n->limits.v[LIM_msgmnb];
	struct json t = { 0 };

	if (d->object->family != MSG || !(n->limits_seen & BIT(LIM_msgmnb)) || !value(d, F_cbytes))
		return;
	if ((double)value(d, F_cbytes) * 100 < (double)most * (double)a->near)
		return;
	prose(&t, "It holds %" PRId64 " bytes; msgmnb is %" PRId64 ". Its own msg_qbytes is not shown in "
	      "/proc/sysvipc.", value(d, F_cbytes), most);
	audit_add(a, AUDIT_queue_near_limit, d->object, &t, NULL);
}

/* ---- policy ---------------------------------------------------------------------------------- */

void rule_policy_unexpected(struct audit *a, struct desk *d)
{
	const struct policy_line *near = NULL;
	struct finding_of *f;
	struct json t = { 0 };
	const char *field;

	if (!a->policy || policy_allows(a->policy, d->object, &near))
		return;
	if (!near) {
		prose(&t, "No line of the policy is about it.");
	} else {
		prose(&t, "It differs from line %d of the policy in", near->line);
		for (int i = 0; (field = policy_difference(near, d->object, i)); i++)
			prose(&t, "%s %s", i ? "," : "", field);
		prose(&t, ".");
	}
	f = audit_add(a, AUDIT_policy_unexpected, d->object, &t, NULL);
	if (f && near)
		f->line = near->line;
}
