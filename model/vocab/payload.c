#include <stddef.h>
#include <string.h>

#include "kinds.h"

/* A bare place stands for an empty value there, or, if that would not be looked at, for the least that is. */
static bool bare_place(struct scan *s)
{
	scan_space(s);
	return s->text[s->pos] == '@';
}

/* ---- messages and bytes --------------------------------------------------------------------- */

SCANNER(scan_message)
{
	(void)v;
	if (bare_place(s))
		return scan_place(s, &data->where);
	if (!scan_plain(s, k, &data->msg.type, ref, data))
		return false;
	if (!scan_char(s, ':'))
		return scan_unexpected(s, s->pos, "':' between type and text");
	if (!scan_string(s, &data->msg.text, &data->msg.len))
		return false;
	data->msg.size = (int64_t)data->msg.len;
	if (s->text[s->pos] == '#' && (s->pos++, !scan_number(s, &data->msg.size)))
		return false;
	return scan_place(s, &data->where);
}

PRINTER(print_message)
{
	const struct payload *p = val->data;

	(void)k;
	if (p->where == P_OK || p->msg.type || p->msg.len || p->msg.size) {
		text_int(t, p->msg.type);
		text_puts(t, ":");
		print_bytes(t, p->msg.text, p->msg.len);
		if (p->msg.size != (int64_t)p->msg.len)
			text_add(t, "#%lld", (long long)p->msg.size);
	}
	if (p->where != P_OK)
		print_place(t, p->where);
}

SCANNER(scan_bytes)
{
	(void)k, (void)v, (void)ref;
	return scan_string(s, &data->bytes.v, &data->bytes.len);
}

PRINTER(print_stored)
{
	(void)k;
	print_bytes(t, val->data->bytes.v, val->data->bytes.len);
}

/* ---- lists ---------------------------------------------------------------------------------- */

/* A list that is being read: n elements of size bytes in v, which has room for cap, at most max. */
struct list {
	char *v;
	size_t n, cap, size, max;
};

static bool list_add(struct scan *s, struct list *l, const void *item, size_t times)
{
	if (times > l->max - l->n)
		return scan_fail(s, s->pos, "found %zu elements, expected at most %zu", l->n + times, l->max);
	if (l->n + times > l->cap) {
		size_t more = l->n + times > 2 * l->cap ? l->n + times : 2 * l->cap;
		char *grown = scan_alloc(s, more * l->size);

		if (!grown)
			return false;
		if (l->n)
			memcpy(grown, l->v, l->n * l->size);
		l->v = grown;
		l->cap = more;
	}
	for (; times; times--)
		memcpy(l->v + l->n++ * l->size, item, l->size);
	return true;
}

/* "[item, item*N, ...]" */
static bool scan_list(struct scan *s, const struct kindinfo *k, struct list *l,
		      bool (*item)(struct scan *, void *))
{
	int64_t times;
	struct sop one = { 0 };		/* or the value of a semaphore */

	if (!scan_char(s, '['))
		return scan_unexpected(s, s->pos, k->text);
	if (scan_char(s, ']'))
		return true;
	do {
		times = 1;
		if (!item(s, &one) || (scan_char(s, '*') && !scan_range(s, &times, 0, (int64_t)l->max)))
			return false;
		if (!list_add(s, l, &one, (size_t)times))
			return false;
	} while (scan_char(s, ','));
	if (!scan_char(s, ']'))
		return scan_unexpected(s, s->pos, "',' or ']'");
	return true;
}

/* How often element i of n is repeated from there on. */
static size_t run_of(const void *list, size_t i, size_t n, size_t size)
{
	const char *v = list;
	size_t run = 1;

	while (i + run < n && memcmp(v + i * size, v + (i + run) * size, size) == 0)
		run++;
	return run;
}

/* What follows element i: its repetition, if that is worth it, and what separates it from the next. */
static size_t print_run(struct text *t, const void *list, size_t i, size_t n, size_t size)
{
	size_t run = run_of(list, i, n, size);

	if (run < 3)
		run = 1;
	else
		text_add(t, "*%zu", run);
	if (i + run < n)
		text_puts(t, ", ");
	return run;
}

static bool scan_sop(struct scan *s, void *to)
{
	int64_t num, op, flg = 0;

	if (!scan_range(s, &num, 0, UINT16_MAX))
		return false;
	if (!scan_char(s, ':'))
		return scan_unexpected(s, s->pos, "':' between number and operation");
	if (!scan_range(s, &op, INT16_MIN, INT16_MAX))
		return false;
	if (scan_char(s, ':') && !scan_bits(s, kindinfo[KIND_SOPS].flags, "IPC_NOWAIT, SEM_UNDO or a number",
					    INT16_MIN, INT16_MAX, &flg))
		return false;
	*(struct sop *)to = (struct sop){ .num = (uint16_t)num, .op = (int16_t)op, .flg = (int16_t)flg };
	return true;
}

/* "#N" after a list: any number of 64 bits may be claimed, so that the difference is one without sign. */
static bool scan_claim(struct scan *s, struct payload *data)
{
	int64_t claimed;

	if (s->text[s->pos] != '#')
		return true;
	s->pos++;
	if (!scan_number(s, &claimed))
		return false;
	data->excess = (int64_t)((uint64_t)claimed - data->sops.n);
	return true;
}

SCANNER(scan_sops)
{
	static const struct sop least;
	struct list l = { .size = sizeof(struct sop), .max = SOPSMAX };

	(void)v, (void)ref;
	if (bare_place(s) ? !list_add(s, &l, &least, 1) : !scan_list(s, k, &l, scan_sop))
		return false;
	data->sops.v = (const struct sop *)(const void *)l.v;
	data->sops.n = l.n;
	return scan_claim(s, data) && scan_place(s, &data->where);
}

static void print_sop(struct text *t, const struct sop *op)
{
	text_int(t, op->num);
	text_puts(t, ":");
	text_int(t, op->op);
	if (!op->flg)
		return;
	text_puts(t, ":");
	print_bits(t, kindinfo[KIND_SOPS].flags, op->flg);
}

PRINTER(print_sops)
{
	const struct payload *p = val->data;
	const struct sop *v = p->sops.v;
	size_t n = p->sops.n;

	(void)k;
	if (p->where == P_OK || n != 1 || p->excess || v->num || v->op || v->flg) {
		text_puts(t, "[");
		for (size_t i = 0; i < n; i += print_run(t, v, i, n, sizeof(*v)))
			print_sop(t, &v[i]);
		text_puts(t, "]");
		if (p->excess)
			text_add(t, "#%lld", (long long)((uint64_t)p->excess + n));
	}
	if (p->where != P_OK)
		print_place(t, p->where);
}

static bool scan_semval(struct scan *s, void *to)
{
	int64_t val;

	if (!scan_range(s, &val, 0, UINT16_MAX))
		return false;
	*(uint16_t *)to = (uint16_t)val;
	return true;
}

SCANNER(scan_semvals)
{
	struct list l = { .size = sizeof(uint16_t), .max = VALSMAX };

	(void)v, (void)ref;
	if (!bare_place(s) && !scan_list(s, k, &l, scan_semval))
		return false;
	data->vals.v = (const uint16_t *)(const void *)l.v;
	data->vals.n = l.n;
	return scan_place(s, &data->where);
}

void print_vals(struct text *t, const uint16_t *v, size_t n)
{
	text_puts(t, "[");
	for (size_t i = 0; i < n; i += print_run(t, v, i, n, sizeof(*v)))
		text_int(t, v[i]);
	text_puts(t, "]");
}

PRINTER(print_semvals)
{
	const struct payload *p = val->data;

	(void)k;
	if (p->where == P_OK || p->vals.n)
		print_vals(t, p->vals.v, p->vals.n);
	if (p->where != P_OK)
		print_place(t, p->where);
}

/* ---- timeouts ------------------------------------------------------------------------------- */

static const struct { const char *name; int64_t per_second, nsec; } units[] = {
	{ "s", 1, 1000000000 }, { "ms", 1000, 1000000 }, { "us", 1000000, 1000 }, { "ns", 1000000000, 1 },
};
enum { NUNITS = sizeof(units) / sizeof(*units) };

/* N and a unit, which touches the number. */
static bool scan_duration(struct scan *s, const struct kindinfo *k, int64_t *sec, int64_t *nsec)
{
	enum { DIGITS = 18 };		/* fewer than overflow */
	const char *p = s->text + s->pos;
	size_t len = strspn(p, "0123456789");
	int64_t n = 0;

	if (!len || len > DIGITS)
		return scan_unexpected(s, s->pos, k->text);
	for (size_t i = 0; i < len; i++)
		n = n * 10 + p[i] - '0';
	s->pos += len;
	for (int i = 0; i < NUNITS; i++)
		if (scan_is(s, units[i].name)) {
			*sec = n / units[i].per_second;
			*nsec = n % units[i].per_second * units[i].nsec;
			return true;
		}
	if (n)
		return scan_unexpected(s, s->pos, "a unit: s, ms, us or ns");
	return true;
}

/* Seconds and nanoseconds as they are, which need not make sense. */
static bool scan_pair(struct scan *s, int64_t *sec, int64_t *nsec)
{
	if (!scan_number(s, sec))
		return false;
	if (!scan_char(s, ':'))
		return scan_unexpected(s, s->pos, "':' between seconds and nanoseconds");
	return scan_number(s, nsec);
}

SCANNER(scan_timeout)
{
	bool pair;

	(void)v, (void)ref;
	if (scan_is(s, "none"))
		return true;
	data->timeout.given = true;
	if (bare_place(s))
		return scan_place(s, &data->timeout.where);
	pair = memchr(s->text + s->pos, ':', strcspn(s->text + s->pos, ",)"));
	if (pair ? !scan_pair(s, &data->timeout.sec, &data->timeout.nsec) :
	    !scan_duration(s, k, &data->timeout.sec, &data->timeout.nsec))
		return false;
	return scan_place(s, &data->timeout.where);
}

/* In the largest unit that fits, as long as the number stays readable. */
static void print_duration(struct text *t, int64_t sec, int64_t nsec)
{
	/* The last unit always fits. */
	for (int i = 0; sec <= (i ? 1000 : 1000000000); i++)
		if (nsec % units[i].nsec == 0) {
			text_int(t, sec * units[i].per_second + nsec / units[i].nsec);
			text_puts(t, units[i].name);
			return;
		}
	text_add(t, "%lld:%lld", (long long)sec, (long long)nsec);
}

PRINTER(print_timeout)
{
	const struct payload *p = val->data;
	int64_t sec = p->timeout.sec, nsec = p->timeout.nsec;

	(void)k;
	if (!p->timeout.given)
		text_puts(t, "none");
	else if (p->timeout.where != P_OK && !sec && !nsec)
		;
	else if (!sec && !nsec)
		text_puts(t, "0");
	else if (sec >= 0 && nsec >= 0 && nsec < 1000000000)
		print_duration(t, sec, nsec);
	else
		text_add(t, "%lld:%lld", (long long)sec, (long long)nsec);
	if (p->timeout.where != P_OK)
		print_place(t, p->timeout.where);
}

/* ---- fields to set -------------------------------------------------------------------------- */

static const struct setting { enum field field; size_t at; } settings[] = {
	{ F_uid, offsetof(struct payload, set.uid) }, { F_gid, offsetof(struct payload, set.gid) },
	{ F_mode, offsetof(struct payload, set.mode) }, { F_qbytes, offsetof(struct payload, set.qbytes) },
};
enum { NSETTINGS = sizeof(settings) / sizeof(*settings) };

static bool scan_setting(struct scan *s, const struct kindinfo *k, size_t len, struct payload *data)
{
	int field = field_find(s->text + s->pos, len);
	const struct kindinfo *of;

	for (int i = 0; i < NSETTINGS; i++) {
		if ((int)settings[i].field != field || (field == F_qbytes && k != &kindinfo[KIND_MSGSET]))
			continue;
		if (data->set.has & BIT(field))
			return scan_unexpected(s, s->pos, "each field once");
		s->pos += len;
		if (!scan_char(s, '='))
			return scan_unexpected(s, s->pos, "'=' and the value of the field");
		data->set.has |= BIT(field);
		of = &kindinfo[fieldinfo[field].kind];
		return of->scan(s, of, (int64_t *)(void *)((char *)data + settings[i].at), NULL, data);
	}
	return scan_unexpected(s, s->pos, k->text);
}

SCANNER(scan_settings)
{
	size_t len;

	(void)v, (void)ref;
	if (scan_is(s, "none"))
		return true;
	if (!bare_place(s) && !scan_word(s))
		return scan_unexpected(s, s->pos, k->text);
	while ((len = scan_word(s)))
		if (!scan_setting(s, k, len, data))
			return false;
	return scan_place(s, &data->where);
}

PRINTER(print_settings)
{
	const struct payload *p = val->data;
	const char *between = "";

	(void)k;
	for (int i = 0; i < NSETTINGS; i++) {
		const struct fieldinfo *field = &fieldinfo[settings[i].field];
		const int64_t *v = (const int64_t *)(const void *)((const char *)p + settings[i].at);

		if (!(p->set.has & BIT(settings[i].field)))
			continue;
		text_puts(t, between);
		text_puts(t, field->name);
		text_puts(t, "=");
		print_value(t, field->kind, *v, 0, NULL, NULL);
		between = " ";
	}
	if (p->where != P_OK)
		print_place(t, p->where);
	else if (!p->set.has)
		text_puts(t, "none");
}

/* ---- credentials ---------------------------------------------------------------------------- */

/* Bits of struct credset. Those of a group id are GIDS further than those of the user id. */
enum {
	RUID = 1, EUID = 2, SUID = 4, FSUID = 8, GIDS = 4,
	HAS_CAPS = 1 << CRED_CAPS, HAS_GROUPS = 1 << CRED_GROUPS,
};

/* A word and the members that it sets: the file system id follows the effective one, as in seteuid. */
static const struct { const char *name; uint32_t has; } words[] = {
	{ "uid", RUID | EUID | SUID | FSUID }, { "ruid", RUID }, { "euid", EUID | FSUID },
	{ "suid", SUID }, { "fsuid", FSUID },
	{ "gid", (RUID | EUID | SUID | FSUID) << GIDS }, { "rgid", RUID << GIDS },
	{ "egid", (EUID | FSUID) << GIDS }, { "sgid", SUID << GIDS }, { "fsgid", FSUID << GIDS },
	{ "caps", HAS_CAPS }, { "groups", HAS_GROUPS },
};
enum { NWORDS = sizeof(words) / sizeof(*words) };

static bool scan_who(struct scan *s, struct credset *set, uint32_t has)
{
	int64_t id;

	if (!scan_range(s, &id, 0, UINT32_MAX))
		return false;
	for (int i = 0; i < CRED_IDS; i++)
		if (has & 1u << i)
			*cred_id(&set->cred, i) = (uint32_t)id;
	return true;
}

static bool scan_groups(struct scan *s, struct credset *set)
{
	struct cred *c = &set->cred;
	int64_t id;

	if (scan_is(s, "none"))
		return true;
	do {
		scan_space(s);
		if (c->ngroups == MAXGROUPS)
			return scan_unexpected(s, s->pos, "no more groups than that");
		if (!scan_range(s, &id, 0, UINT32_MAX))
			return false;
		c->groups[c->ngroups++] = (uint32_t)id;
	} while (scan_char(s, '+'));
	return true;
}

static bool scan_cap(struct scan *s, uint64_t *set)
{
	int64_t number;

	for (int i = 0; i < NCAPS; i++)
		if (scan_is(s, capinfo[i].name)) {
			*set |= BIT(capinfo[i].number);
			return true;
		}
	if (scan_word(s))
		return scan_unexpected(s, s->pos, "a capability such as CAP_IPC_OWNER, or the number of one");
	if (!scan_range(s, &number, 0, 63))
		return false;
	*set |= BIT(number);
	return true;
}

static bool scan_caps(struct scan *s, struct credset *set)
{
	if (scan_is(s, "none"))
		return true;
	if (scan_is(s, "all")) {
		set->cred.caps = CAPS_ALL;
		return true;
	}
	do
		if (!scan_cap(s, &set->cred.caps))
			return false;
	while (scan_char(s, '+'));
	return true;
}

static int find_word(struct scan *s)
{
	for (int i = 0; i < NWORDS; i++)
		if (scan_is(s, words[i].name))
			return i;
	return -1;
}

/* What follows a word that sets these members. */
static bool scan_part(struct scan *s, struct credset *set, uint32_t has)
{
	if (has & HAS_CAPS)
		return scan_caps(s, set);
	if (has & HAS_GROUPS)
		return scan_groups(s, set);
	return scan_who(s, set, has);
}

bool scan_cred(struct scan *s, struct credset *set)
{
	unsigned seen = 0;

	*set = (struct credset){ 0 };
	while (scan_word(s)) {
		size_t start = s->pos;
		int i = find_word(s);

		if (i < 0)
			return scan_unexpected(s, start, "uid, gid, groups, caps or one id such as euid");
		if (seen & 1u << i)
			return scan_unexpected(s, start, "each kind of id once");
		seen |= 1u << i;
		set->has |= words[i].has;
		if (!scan_part(s, set, words[i].has))
			return false;
	}
	return true;
}

SCANNER(scan_credset)
{
	(void)v, (void)ref;
	if (!scan_word(s))
		return scan_unexpected(s, s->pos, k->text);
	return scan_cred(s, &data->cred);
}

static void put_word(struct text *t, const char **between, const char *word)
{
	text_puts(t, *between);
	text_puts(t, word);
	text_puts(t, " ");
	*between = " ";
}

/* User ids when base is 0, group ids when it is GIDS; first is the row of words[] for all four at once. */
static void print_ids(struct text *t, const char **between, const struct credset *set, int base, int first)
{
	uint32_t has = set->has >> base & words[0].has, id[4];
	struct cred c = set->cred;

	for (int i = 0; i < 4; i++)
		id[i] = *cred_id(&c, base + i);
	if (has == words[0].has && id[0] == id[1] && id[0] == id[2] && id[0] == id[3]) {
		put_word(t, between, words[first].name);
		text_int(t, id[0]);
		return;
	}
	for (int i = 0; i < 4; i++) {
		bool follows = 1u << i == FSUID && has & EUID && id[i] == id[1];

		if (!(has & 1u << i) || follows)
			continue;
		put_word(t, between, words[first + 1 + i].name);
		text_int(t, id[i]);
	}
}

static void print_groups(struct text *t, const struct cred *c)
{
	for (uint32_t i = 0; i < c->ngroups; i++)
		text_add(t, "%s%u", i ? "+" : "", c->groups[i]);
	if (!c->ngroups)
		text_puts(t, "none");
}

static void print_caps(struct text *t, uint64_t set)
{
	const char *between = "";

	if (!set || set == CAPS_ALL) {
		text_puts(t, set ? "all" : "none");
		return;
	}
	for (int i = 0; i < NCAPS; i++)
		if (set & BIT(capinfo[i].number)) {
			text_add(t, "%s%s", between, capinfo[i].name);
			between = "+";
			set &= ~BIT(capinfo[i].number);
		}
	for (int n = 0; set; set >>= 1, n++)
		if (set & 1) {
			text_add(t, "%s%d", between, n);
			between = "+";
		}
}

static void print_set(struct text *t, const struct credset *set)
{
	const char *between = "";

	print_ids(t, &between, set, 0, 0);
	print_ids(t, &between, set, GIDS, 5);
	if (set->has & HAS_GROUPS) {
		put_word(t, &between, "groups");
		print_groups(t, &set->cred);
	}
	if (set->has & HAS_CAPS) {
		put_word(t, &between, "caps");
		print_caps(t, set->cred.caps);
	}
}

PRINTER(print_credset)
{
	(void)k;
	print_set(t, &val->data->cred);
}

void print_cred(struct text *t, const struct cred *c)
{
	struct credset set = { .has = (1u << CRED_IDS) - 1, .cred = *c };

	if (c->ngroups)
		set.has |= HAS_GROUPS;
	if (c->caps)
		set.has |= HAS_CAPS;
	print_set(t, &set);
}
