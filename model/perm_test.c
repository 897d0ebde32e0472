/* Who may: the access algorithm and the control rule, compared with the standard's sentences said again. */
#include "test.h"

/* ---- the sentences ---------------------------------------------------------------------------- */

/* Ids of the object that is asked for, and one that nobody has. */
enum { UID = 10, CUID = 11, GID = 20, CGID = 21, ELSE = 99 };

static bool either(uint32_t id, uint32_t a, uint32_t b)
{
	return id == a || id == b;
}

/* XSH 2.7.1 says when one kind of access, reading or writing, is granted: any of four sentences will do. */
static bool standard_grants(const struct cred *c, const struct perm *p, uint32_t user_bit, uint32_t group_bit,
			    uint32_t other_bit)
{
	bool privileged = c->caps & BIT(CAP_IPC_OWNER);
	bool is_user = either(c->euid, p->uid, p->cuid);
	bool is_group = either(c->egid, p->gid, p->cgid);

	if (privileged)
		return true;
	if (is_user && p->mode & user_bit)
		return true;
	if (!is_user && is_group && p->mode & group_bit)
		return true;
	return !is_user && !is_group && p->mode & other_bit;
}

static bool posix_grants(const struct cred *c, const struct perm *p, int requested)
{
	if (requested & R && !standard_grants(c, p, 0400, 0040, 0004))
		return false;
	return !(requested & W) || standard_grants(c, p, 0200, 0020, 0002);
}

/* Linux: fsgid or a supplementary group instead of the effective gid, and x is an access like any other. */
static bool linux_grants(const struct cred *c, const struct perm *p, int requested)
{
	struct cred seen = *c;

	seen.egid = c->fsgid;
	for (uint32_t i = 0; i < c->ngroups; i++)
		if (either(c->groups[i], p->gid, p->cgid))
			seen.egid = c->groups[i];
	if (requested & X && !standard_grants(&seen, p, 0100, 0010, 0001))
		return false;
	return posix_grants(&seen, p, requested);
}

/* ---- everybody's relation to the object --------------------------------------------------------- */

static const uint32_t some_users[] = { UID, CUID, ELSE };
static const uint32_t some_groups[] = { GID, CGID, ELSE };
static const uint64_t some_caps[] = {
	0, BIT(CAP_IPC_OWNER),
	BIT(CAP_SYS_ADMIN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_SYS_RESOURCE)
		| BIT(CAP_IPC_LOCK),
};
enum { RELATIONS = 3 * 2 * 3 * 3 * 3 * 3 };

/* Relation number n: euid, fsuid, egid, fsgid, the second supplementary group, capabilities. */
static struct cred relation(int n)
{
	struct cred c = user(ELSE);

	c.euid = some_users[n % 3];
	c.fsuid = some_users[n / 3 % 2];
	c.egid = some_groups[n / 6 % 3];
	c.fsgid = some_groups[n / 18 % 3];
	c.groups[0] = ELSE;
	c.groups[1] = some_groups[n / 54 % 3];
	c.ngroups = c.groups[1] == ELSE ? 1 : 2;
	c.caps = some_caps[n / 162 % 3];
	return c;
}

static struct perm object(uint32_t mode)
{
	return (struct perm){ .uid = UID, .cuid = CUID, .gid = GID, .cgid = CGID, .mode = mode };
}

/* Do the algorithm and the sentences agree on all relations, modes and requests? */
static bool agree(const struct profile *p, bool (*grants)(const struct cred *, const struct perm *, int))
{
	const struct op any = op(msgget, A);
	const struct view v = view_of(w, &any, p, NULL);

	for (int n = 0; n < RELATIONS; n++) {
		w->task[A].cred = relation(n);
		for (int i = 0; i <= 07777; i += (int)stride()) {
			const struct perm perm = object((uint32_t)i >> 3);

			if (access_granted(&v, &perm, i & 7) != grants(&w->task[A].cred, &perm, i & 7))
				return false;
		}
	}
	return true;
}

START_TEST(posix_access_is_what_the_four_sentences_say)
{
	ck_assert(agree(&profile_posix, posix_grants));
}
END_TEST

START_TEST(linux_access_takes_the_group_from_fsgid_and_groups_and_knows_x)
{
	ck_assert(agree(&profile_linux, linux_grants));
}
END_TEST

START_TEST(every_switch_of_the_algorithm_changes_an_answer)
{
	static const enum profile_switch of_access[] = {
		SW_user_by_fsuid, SW_group_by_fsgid, SW_supplementary_groups, SW_creator_class,
		SW_exclusive_classes, SW_exec_bit, SW_access_by_ipc_owner, SW_access_by_dac_override,
	};

	for (size_t i = 0; i < sizeof(of_access) / sizeof(*of_access); i++) {
		struct profile changed = profile_linux;

		changed.sw[of_access[i]] ^= 1;
		ck_assert_msg(!agree(&changed, linux_grants), "%s", switchinfo[of_access[i]].name);
	}
}
END_TEST

/* With other switches, where one bit is enough to tell. */
static bool granted(const struct profile *p, const struct cred *c, uint32_t mode, int requested)
{
	const struct op any = op(msgget, A);
	const struct perm perm = object(mode);
	const struct view v = view_of(w, &any, p, NULL);

	w->task[A].cred = *c;
	return access_granted(&v, &perm, requested);
}

START_TEST(without_exclusive_classes_every_matching_class_grants)
{
	struct profile p = profile_linux;
	struct cred c = user(UID);

	p.sw[SW_exclusive_classes] = 0;
	c.fsgid = GID;
	ck_assert(granted(&p, &c, 0040, R));
	ck_assert(granted(&p, &c, 0004, R));
	ck_assert(granted(&p, &c, 0402, R | W));
	ck_assert(!granted(&p, &c, 0444, W));
	c.fsgid = ELSE;
	ck_assert(!granted(&p, &c, 0040, R));
	c.euid = ELSE;
	for (int bit = 1; bit <= 4; bit *= 2)
		ck_assert(!granted(&p, &c, 0770, bit));
}
END_TEST

START_TEST(without_the_creator_class_only_the_owner_counts)
{
	struct profile p = profile_linux;
	const struct cred creator = user(CUID), owner = user(UID);
	struct cred group = user(ELSE);

	p.sw[SW_creator_class] = 0;
	ck_assert(!granted(&p, &creator, 0600, R));
	ck_assert(granted(&p, &owner, 0600, R));
	group.fsgid = CGID;
	ck_assert(!granted(&p, &group, 0060, R));
	group.fsgid = GID;
	ck_assert(granted(&p, &group, 0060, R));
}
END_TEST

START_TEST(what_lies_behind_the_last_supplementary_group_is_none)
{
	struct cred c = user(ELSE);

	c.ngroups = 2;
	c.groups[0] = c.groups[1] = ELSE;
	c.groups[2] = GID;
	ck_assert(!granted(&profile_linux, &c, 0060, R));
	c.ngroups = 3;
	ck_assert(granted(&profile_linux, &c, 0060, R));
}
END_TEST

START_TEST(asking_for_nothing_is_always_granted)
{
	const struct cred stranger = user(ELSE);

	ck_assert(granted(&profile_linux, &stranger, 0, 0));
	ck_assert(granted(&profile_posix, &stranger, 0, 0));
}
END_TEST

START_TEST(kernel_owned_mode_bits_grant_nothing)
{
	const struct cred stranger = user(ELSE);

	ck_assert(!granted(&profile_linux, &stranger, SHM_DEST | SHM_LOCKED, R));
	ck_assert(!granted(&profile_linux, &stranger, SHM_DEST | SHM_LOCKED, W));
}
END_TEST

/* ---- what each call asks for ------------------------------------------------------------------- */

/* A queue of user and group 10 and 20, made by 11 and 21, with one message and this mode. */
static int64_t queue_of_mode(uint32_t mode)
{
	int64_t q = value(op(msgget, ROOT, .key = 5, .flg = IPC_CREAT));
	struct perm *perm = by_id(&w->ns[HOME], MSG, q);

	run(with(text(1, "x"), msgsnd, ROOT, .id = q));
	perm->uid = UID, perm->cuid = CUID, perm->gid = GID, perm->cgid = CGID;
	perm->mode = mode;
	return q;
}

/* One cred for each class. */
static struct cred of_class(int class)
{
	struct cred c = user(class == 0 ? UID : ELSE);

	if (class < 2)
		c.egid = c.fsgid = GID;
	return c;
}

static int class_digit(uint32_t mode, int class)
{
	return mode >> (6 - 3 * class) & 7;
}

/* Is call judged EACCES just when the mode does not grant the class all of needs? */
static void asks_for(struct op call, int64_t q, int needs)
{
	for (int class = 0; class < 3; class++) {
		w->task[A].cred = of_class(class);
		for (uint32_t mode = 0; mode <= 0777; mode++) {
			int expected = needs & ~class_digit(mode, class) ? EACCES : 0;

			by_id(&w->ns[HOME], MSG, q)->mode = mode;
			if (judge(call).first != expected)
				ck_abort_msg("%s, class %d, mode %04o", opinfo[call.code].name, class, mode);
		}
	}
}

START_TEST(sending_asks_for_w)
{
	int64_t q = queue_of_mode(0);

	asks_for(with(text(1, "x"), msgsnd, A, .id = q), q, W);
	asks_for(with(text(1, "x"), msgsnd, A, .id = q, .flg = IPC_NOWAIT), q, W);
}
END_TEST

START_TEST(receiving_and_copying_ask_for_r)
{
	int64_t q = queue_of_mode(0);

	asks_for(op(msgrcv, A, .id = q, .size = 1), q, R);
	asks_for(op(msgrcv, A, .id = q, .size = 1, .flg = MSG_COPY | IPC_NOWAIT), q, R);
}
END_TEST

START_TEST(status_asks_for_r_and_status_for_anybody_for_nothing)
{
	int64_t q = queue_of_mode(0);

	asks_for(op(msgctl_IPC_STAT, A, .id = q), q, R);
	asks_for(op(msgctl_MSG_STAT, A, .id = q), q, R);
	asks_for(op(msgctl_MSG_STAT_ANY, A, .id = q), q, 0);
	asks_for(op(msgctl_IPC_INFO, A, .id = q), q, 0);
	asks_for(op(msgctl_MSG_INFO, A, .id = q), q, 0);
}
END_TEST

static int merged(int64_t flg)
{
	return (int)(flg >> 6 | flg >> 3 | flg) & 7;
}

static int owner_digit(int64_t flg)
{
	return (int)flg >> 6 & 7;
}

static int nothing(int64_t flg)
{
	(void)flg;
	return 0;
}

/* Over all modes, flags and classes: a get call is refused just when what it asks for is not granted. */
static void get_asks_for(const struct profile *p, int (*request)(int64_t flg), int known)
{
	struct verdict v;
	int64_t q = queue_of_mode(0);

	for (int n = 0; n < 3 * 512 * 512; n += (int)stride()) {
		int class = n % 3, flg = n / 3 % 512, mode = n / 3 / 512;
		const struct op get = op(msgget, A, .key = 5, .flg = flg | (n & 1 ? IPC_CREAT : 0));

		by_id(&w->ns[HOME], MSG, q)->mode = (uint32_t)mode;
		w->task[A].cred = of_class(class);
		model_judge(w, &get, p, &v);
		if (v.success != !(request(flg) & known & ~class_digit((uint32_t)mode, class)))
			ck_abort_msg("class %d asks %04o of mode %04o", class, flg, mode);
	}
}

START_TEST(a_get_call_asks_for_all_digits_merged)
{
	get_asks_for(&profile_linux, merged, R | W | X);
}
END_TEST

START_TEST(a_get_call_asks_posix_for_no_x)
{
	get_asks_for(&profile_posix, merged, R | W);
}
END_TEST

/* The standard says of six bits what they mean: what the others ask for may be refused, or not. */
START_TEST(posix_lets_a_system_refuse_x_of_a_get_call)
{
	struct verdict v;
	int64_t q = queue_of_mode(0654);

	for (int n = 0; n < 3 * 512; n++) {
		const struct op get = op(msgget, A, .key = 5, .flg = n / 3);
		int class = n % 3, wanted = merged(n / 3), missing = wanted & ~class_digit(0654, class) & ~X;

		w->task[A].cred = of_class(class);
		model_judge(w, &get, &profile_posix, &v);
		ck_assert_uint_eq(v.errs.bits, missing || wanted & X ? errs(EACCES) : 0);
		ck_assert_int_eq(v.success, !missing);
	}
	ck_assert(by_id(&w->ns[HOME], MSG, q));
}
END_TEST

START_TEST(a_get_call_may_ask_for_the_owner_digit_alone)
{
	struct profile p = profile_linux;

	p.sw[SW_get_request] = 1;
	get_asks_for(&p, owner_digit, R | W | X);
}
END_TEST

START_TEST(a_get_call_may_ask_for_nothing)
{
	struct profile p = profile_linux;

	p.sw[SW_get_request] = 2;
	get_asks_for(&p, nothing, R | W | X);
}
END_TEST

START_TEST(the_examples_of_the_catalogue_hold)
{
	int64_t q = value(op(msgget, A, .key = 7, .flg = IPC_CREAT | 0600));

	ck_assert_int_eq(err(op(msgget, A, .key = 7, .flg = 0700)), EACCES);
	ck_assert_int_eq(value(op(msgget, A, .key = 7, .flg = 0066)), q);
	ck_assert_int_eq(value(op(msgget, C, .key = 7, .flg = 0)), q);
	ck_assert_int_eq(err(op(msgget, C, .key = 7, .flg = 0400)), EACCES);
	ck_assert_int_eq(err(op(msgget, C, .key = 7, .flg = IPC_CREAT | 0004)), EACCES);
	ck_assert_int_eq(value(op(msgget, ROOT, .key = 7, .flg = 0777)), q);
}
END_TEST

START_TEST(flag_bits_above_the_mode_ask_for_nothing)
{
	static const int64_t others[] = {
		IPC_CREAT, IPC_EXCL, IPC_NOWAIT, SHM_NORESERVE, 020000, 040000, 0100000, INT_MIN,
		INT_MAX & ~0777 & ~IPC_EXCL,
	};
	int64_t q = value(op(msgget, A, .key = 7, .flg = IPC_CREAT | 0000));

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		ck_assert_int_eq(value(op(msgget, C, .key = 7, .flg = others[i])), q);
}
END_TEST

static struct op change(int actor, int64_t q, const struct payload *settings)
{
	return with(settings, msgctl_IPC_SET, actor, .id = q);
}

/* ---- the control rule ---------------------------------------------------------------------------- */

/* Who is refused does not depend on mode or groups; linux and posix agree. */
START_TEST(control_is_for_owner_creator_and_cap_sys_admin)
{
	int64_t q = queue_of_mode(0);
	const struct op calls[] = {
		op(msgctl_IPC_RMID, A, .id = q), change(A, q, set(.has = 0)),
	};

	for (int n = 0; n < RELATIONS; n++)
		for (uint32_t mode = 0; mode <= 0777; mode += 0111) {
			const struct cred *c = &w->task[A].cred;
			bool may;

			w->task[A].cred = relation(n);
			by_id(&w->ns[HOME], MSG, q)->mode = mode;
			may = c->euid == UID || c->euid == CUID || c->caps & BIT(CAP_SYS_ADMIN);
			for (int i = 0; i < 2; i++) {
				profile = &profile_linux;
				ck_assert_int_eq(judge(calls[i]).first, may ? 0 : EPERM);
				profile = &profile_posix;
				ck_assert_int_eq(judge(calls[i]).success, may);
			}
		}
}
END_TEST

static bool may_remove(const struct profile *p, struct cred c)
{
	int64_t q = queue_of_mode(0);
	struct verdict v;

	w->task[A].cred = c;
	model_judge(w, &op(msgctl_IPC_RMID, A, .id = q), p, &v);
	run(op(msgctl_IPC_RMID, ROOT, .id = q));
	return v.success;
}

START_TEST(switches_say_who_else_has_control)
{
	struct profile p = profile_linux;
	struct cred capable = user(ELSE);

	p.sw[SW_creator_class] = 0;
	ck_assert(!may_remove(&p, user(CUID)));
	ck_assert(may_remove(&p, user(UID)));
	capable.caps = BIT(CAP_SYS_ADMIN);
	ck_assert(may_remove(&p, capable));
	p.sw[SW_control_by_sys_admin] = 0;
	ck_assert(!may_remove(&p, capable));
	capable.caps = BIT(CAP_IPC_OWNER);
	ck_assert(!may_remove(&p, capable));
	p.sw[SW_control_by_ipc_owner] = 1;
	ck_assert(may_remove(&p, capable));
}
END_TEST

START_TEST(the_holder_of_cap_sys_admin_can_take_an_object_and_then_read_it)
{
	int64_t q = value(op(msgget, A, .flg = 0600));

	w->task[C].cred.caps = BIT(CAP_SYS_ADMIN);
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, C, .id = q)), EACCES);
	ck_assert_int_eq(err(change(C, q, set(.has = BIT(F_uid), .uid = 2000))), 0);
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, C, .id = q)), 0);
}
END_TEST

START_TEST(an_owner_without_any_mode_bit_can_still_set_and_remove)
{
	int64_t q = value(op(msgget, A, .flg = 0));

	ck_assert_int_eq(err(op(msgctl_IPC_STAT, A, .id = q)), EACCES);
	ck_assert_int_eq(err(change(A, q, set(.has = BIT(F_mode), .mode = 0))), 0);
	ck_assert_int_eq(err(op(msgctl_IPC_RMID, A, .id = q)), 0);
}
END_TEST

/* ---- what IPC_SET sets ----------------------------------------------------------------------------- */

START_TEST(creation_stores_effective_ids_and_nine_mode_bits)
{
	struct cred odd = {
		.ruid = 1, .euid = 2, .suid = 3, .fsuid = 4, .rgid = 5, .egid = 6, .sgid = 7, .fsgid = 8,
	};
	int64_t q;

	w->task[A].cred = odd;
	q = value(op(msgget, A, .flg = 0177777));
	ck_assert_int_eq(field(MSG, q, F_uid), 2);
	ck_assert_int_eq(field(MSG, q, F_cuid), 2);
	ck_assert_int_eq(field(MSG, q, F_gid), 6);
	ck_assert_int_eq(field(MSG, q, F_cgid), 6);
	ck_assert_int_eq(field(MSG, q, F_mode), 0777);
	ck_assert_int_eq(field(MSG, q, F_ctime), model_now(w) - 1);
}
END_TEST

START_TEST(setting_changes_owner_and_nine_mode_bits_and_never_the_creator)
{
	int64_t q = value(op(msgget, A, .flg = 0600));

	run(change(A, q, set(.has = BIT(F_uid) | BIT(F_gid) | BIT(F_mode), .uid = 2000, .gid = 3000,
			     .mode = 07777)));
	ck_assert_int_eq(field(MSG, q, F_uid), 2000);
	ck_assert_int_eq(field(MSG, q, F_gid), 3000);
	ck_assert_int_eq(field(MSG, q, F_mode), 0777);
	ck_assert_int_eq(field(MSG, q, F_cuid), 1000);
	ck_assert_int_eq(field(MSG, q, F_cgid), 1000);
	ck_assert_int_eq(field(MSG, q, F_ctime), model_now(w) - 1);
}
END_TEST

START_TEST(setting_keeps_the_mode_bits_that_the_kernel_owns)
{
	int64_t q = value(op(msgget, A, .flg = 0600));

	by_id(&w->ns[HOME], MSG, q)->mode |= SHM_DEST | SHM_LOCKED;
	run(change(A, q, set(.has = BIT(F_mode), .mode = 0)));
	ck_assert_int_eq(field(MSG, q, F_mode), SHM_DEST | SHM_LOCKED);
}
END_TEST

START_TEST(a_field_that_is_not_named_keeps_its_value)
{
	int64_t q = value(op(msgget, A, .flg = 0640));

	run(change(A, q, set(.has = BIT(F_uid), .uid = 2000)));
	ck_assert_int_eq(field(MSG, q, F_uid), 2000);
	ck_assert_int_eq(field(MSG, q, F_gid), 1000);
	ck_assert_int_eq(field(MSG, q, F_mode), 0640);
	ck_assert_int_eq(field(MSG, q, F_qbytes), DEF_MSGMNB);
	run(change(A, q, set(.has = BIT(F_qbytes), .qbytes = 7)));
	ck_assert_int_eq(field(MSG, q, F_uid), 2000);
	ck_assert_int_eq(field(MSG, q, F_qbytes), 7);
}
END_TEST

START_TEST(an_id_that_nobody_has_is_refused_and_nothing_is_set)
{
	int64_t q = value(op(msgget, A, .flg = 0600)), born = field(MSG, q, F_ctime);

	ck_assert_int_eq(err(change(A, q, set(.has = BIT(F_uid) | BIT(F_mode), .uid = -1))), EINVAL);
	ck_assert_int_eq(err(change(A, q, set(.has = BIT(F_gid) | BIT(F_mode), .gid = UINT32_MAX))), EINVAL);
	ck_assert_int_eq(field(MSG, q, F_uid), 1000);
	ck_assert_int_eq(field(MSG, q, F_gid), 1000);
	ck_assert_int_eq(field(MSG, q, F_mode), 0600);
	ck_assert_int_eq(field(MSG, q, F_ctime), born);
}
END_TEST

START_TEST(only_a_named_id_is_looked_at)
{
	int64_t q = value(op(msgget, A, .flg = 0600));

	ck_assert_int_eq(err(change(A, q, set(.has = BIT(F_mode), .uid = -1, .gid = -1, .mode = 0400))), 0);
	ck_assert_int_eq(field(MSG, q, F_uid), 1000);
}
END_TEST

START_TEST(creator_and_owner_both_keep_control_after_giving_away)
{
	int64_t q = value(op(msgget, A, .flg = 0600));

	run(change(A, q, set(.has = BIT(F_uid), .uid = 2000)));
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, A, .id = q)), 0);
	ck_assert_int_eq(err(op(msgctl_IPC_STAT, C, .id = q)), 0);
	ck_assert_int_eq(err(change(C, q, set(.has = BIT(F_mode), .mode = 0))), 0);
	ck_assert_int_eq(err(op(msgctl_IPC_RMID, A, .id = q)), 0);
}
END_TEST

/* ---- why ----------------------------------------------------------------------------------------- */

START_TEST(the_derivation_names_the_comparison_that_decides)
{
	int64_t q = queue_of_mode(0640);
	const struct op receive = op(msgrcv, A, .id = q, .size = 1);
	const struct op send = with(text(1, "x"), msgsnd, A, .id = q);

	w->task[A].cred = user(UID);
	says(receive, "euid 10 = uid 10, so the owner class decides [XSH-2.7-perm-2]\n"
		      "mode 0640 gives the owner class 6\n");
	w->task[A].cred = user(CUID);
	says(receive, "euid 11 = cuid 11, so the owner class decides [XSH-2.7-perm-9]\n");
	w->task[A].cred = of_class(1);
	says(receive, "euid 99 is neither uid 10 nor cuid 11\nfsgid 20 = gid 20, so the group class");
	says(send, "mode 0640 gives the group class 4\nthe call asks for 2; 2 is missing\n"
		   "rule MSGSND-ERR-EACCES gives EACCES\n");
	w->task[A].cred.fsgid = CGID;
	says(send, "fsgid 21 = cgid 21, so the group class decides [LINUX-PERM-GID-1]\n");
	w->task[A].cred.fsgid = ELSE;
	w->task[A].cred.ngroups = 1;
	w->task[A].cred.groups[0] = GID;
	says(receive, "supplementary group 20 = gid 20, so the group");
	w->task[A].cred.ngroups = 0;
	says(receive, "fsgid 99 (or a supplementary group) is neither gid 20 nor cgid 21 [XSH-2.7-perm-4]\n"
		      "mode 0640 gives the other class 0\nthe call asks for 4; 4 is missing\n");
	w->task[A].cred.caps = BIT(CAP_IPC_OWNER);
	says(receive, "4 is missing\nCAP_IPC_OWNER grants what is missing [LINUX-PERM-CAP-1]\n");
	says(receive, "no rule forbids it\n");
}
END_TEST

START_TEST(the_derivation_names_the_effective_gid_where_that_is_looked_at)
{
	int64_t q = queue_of_mode(0640);

	profile = &profile_posix;
	w->task[A].cred = of_class(1);
	says(op(msgrcv, A, .id = q, .size = 1),
	     "egid 20 = gid 20, so the group class decides [XSH-2.7-perm-3]\n");
	w->task[A].cred.egid = ELSE;
	says(op(msgrcv, A, .id = q, .size = 1), "egid 99 is neither gid 20 nor cgid 21 [XSH-2.7-perm-4]\n");
}
END_TEST

static struct grounds grounds_of(struct op call)
{
	struct grounds g;

	model_grounds(w, &call, profile, &g);
	return g;
}

START_TEST(the_grounds_are_what_the_derivation_says)
{
	int64_t q = queue_of_mode(0640);
	const struct op send = with(text(1, "x"), msgsnd, A, .id = q);
	struct grounds g;

	w->task[A].cred = user(CUID);
	g = grounds_of(send);
	ck_assert_int_eq(g.question, ASKED_ACCESS);
	ck_assert_str_eq(g.mine, "euid");
	ck_assert_str_eq(g.theirs, "cuid");
	ck_assert_uint_eq(g.id, CUID);
	ck_assert_str_eq(g.class, "owner");
	ck_assert_str_eq(g.clause, "XSH-2.7-perm-9");
	ck_assert_int_eq(g.granted, 6);
	w->task[A].cred = of_class(1);
	g = grounds_of(send);
	ck_assert_str_eq(g.mine, "fsgid");
	ck_assert_str_eq(g.theirs, "gid");
	ck_assert_str_eq(g.class, "group");
	ck_assert_int_eq(g.requested, 2);
	ck_assert_int_eq(g.granted, 4);
	ck_assert_int_eq(g.missing, 2);
	ck_assert_int_eq(g.cap, -1);
	w->task[A].cred = user(ELSE);
	w->task[A].cred.caps = BIT(CAP_IPC_OWNER);
	g = grounds_of(send);
	ck_assert_ptr_null(g.mine);
	ck_assert_str_eq(g.class, "other");
	ck_assert_int_eq(g.missing, 2);
	ck_assert_int_eq(g.cap, CAP_IPC_OWNER);
	ck_assert_str_eq(g.clause, "LINUX-PERM-CAP-1");
}
END_TEST

START_TEST(the_grounds_of_several_questions_add_up)
{
	int64_t s = value(op(shmget, A, .size = 1, .flg = 0600));
	struct grounds g = grounds_of(op(shmat, A, .id = s, .flg = SHM_EXEC));

	ck_assert_int_eq(g.requested, 7);
	ck_assert_int_eq(g.granted, 6);
	ck_assert_int_eq(g.missing, 1);
	w->task[B].cred = user(ELSE);
	w->task[B].cred.caps = BIT(CAP_IPC_OWNER);
	g = grounds_of(op(shmat, B, .id = s, .flg = SHM_EXEC));
	ck_assert_int_eq(g.requested, 7);
	ck_assert_int_eq(g.missing, 7);
	ck_assert_int_eq(g.cap, CAP_IPC_OWNER);
	by_id(&w->ns[HOME], SHM, s)->mode = 0111;
	g = grounds_of(op(shmat, B, .id = s, .flg = SHM_EXEC));
	ck_assert_int_eq(g.missing, 6);
	ck_assert_int_eq(g.cap, CAP_IPC_OWNER);
}
END_TEST

START_TEST(where_fsuid_counts_no_other_id_does)
{
	struct profile p = profile_linux;
	int64_t q = queue_of_mode(0400);
	struct op look = op(msgctl_IPC_STAT, A, .id = q);

	p.sw[SW_user_by_fsuid] = 1;
	profile = &p;
	w->task[A].cred = user(ELSE);
	w->task[A].cred.fsuid = UID;
	ck_assert_int_eq(err(look), 0);
	w->task[A].cred = user(UID);
	w->task[A].cred.fsuid = ELSE;
	ck_assert_int_eq(err(look), EACCES);
	w->task[A].cred = user(ELSE);
	w->task[A].cred.fsgid = UID;
	ck_assert_int_eq(err(look), EACCES);
}
END_TEST

START_TEST(where_the_execute_bit_is_off_nobody_needs_it)
{
	int64_t s = value(op(shmget, A, .size = 1, .flg = 0600));
	const struct op call = op(shmat, A, .id = s, .flg = SHM_EXEC);
	struct profile p = profile_linux;

	p.sw[SW_exec_bit] = 0;
	ck_assert_int_eq(err(call), EACCES);
	profile = &p;
	ck_assert_int_eq(err(call), 0);
}
END_TEST

START_TEST(the_grounds_of_control_are_owner_creator_or_capability)
{
	int64_t q = queue_of_mode(0), s = value(op(shmget, B, .size = 1, .flg = 0));
	struct grounds g;

	w->task[A].cred = user(CUID);
	g = grounds_of(op(msgctl_IPC_RMID, A, .id = q));
	ck_assert_int_eq(g.question, ASKED_CONTROL);
	ck_assert_str_eq(g.theirs, "cuid");
	ck_assert_int_eq(g.cap, -1);
	w->task[A].cred = user(ELSE);
	ck_assert_ptr_null(grounds_of(op(msgctl_IPC_RMID, A, .id = q)).mine);
	ck_assert_int_eq(grounds_of(op(msgctl_IPC_RMID, ROOT, .id = q)).cap, CAP_SYS_ADMIN);
	ck_assert_int_eq(grounds_of(op(shmctl_SHM_LOCK, ROOT, .id = s)).cap, CAP_IPC_LOCK);
	ck_assert_str_eq(grounds_of(op(shmctl_SHM_LOCK, B, .id = s)).theirs, "uid");
	ck_assert_int_eq(grounds_of(op(msgctl_MSG_STAT_ANY, A, .id = q)).question, ASKED_NOTHING);
}
END_TEST

START_TEST(the_derivation_names_the_right_to_control)
{
	int64_t q = queue_of_mode(0);
	const struct op rm = op(msgctl_IPC_RMID, A, .id = q);

	w->task[A].cred = user(UID);
	says(rm, "euid 10 is the owner, who may set and remove [MSGCTL-PERM-1]\n");
	w->task[A].cred = user(CUID);
	says(rm, "euid 11 is the creator, who may set and remove [LINUX-PERM-SET-3]\n");
	w->task[A].cred = user(ELSE);
	says(rm, "euid 99 is neither owner 10 nor creator 11, and has no CAP_SYS_ADMIN\n"
		 "rule MSGCTL-ERR-EPERM-1 gives EPERM\n");
	w->task[A].cred.caps = BIT(CAP_SYS_ADMIN);
	says(rm, "CAP_SYS_ADMIN may set and remove [LINUX-PERM-CAP-4]\n");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("perm");
	TCase *tc = tests_of(s, "access");

	tcase_add_test(tc, posix_access_is_what_the_four_sentences_say);
	tcase_add_test(tc, linux_access_takes_the_group_from_fsgid_and_groups_and_knows_x);
	tcase_add_test(tc, every_switch_of_the_algorithm_changes_an_answer);
	tcase_add_test(tc, without_exclusive_classes_every_matching_class_grants);
	tcase_add_test(tc, without_the_creator_class_only_the_owner_counts);
	tcase_add_test(tc, what_lies_behind_the_last_supplementary_group_is_none);
	tcase_add_test(tc, asking_for_nothing_is_always_granted);
	tcase_add_test(tc, kernel_owned_mode_bits_grant_nothing);
	tc = tests_of(s, "requests");
	tcase_add_test(tc, sending_asks_for_w);
	tcase_add_test(tc, receiving_and_copying_ask_for_r);
	tcase_add_test(tc, status_asks_for_r_and_status_for_anybody_for_nothing);
	tcase_add_test(tc, a_get_call_asks_for_all_digits_merged);
	tcase_add_test(tc, a_get_call_asks_posix_for_no_x);
	tcase_add_test(tc, posix_lets_a_system_refuse_x_of_a_get_call);
	tcase_add_test(tc, a_get_call_may_ask_for_the_owner_digit_alone);
	tcase_add_test(tc, a_get_call_may_ask_for_nothing);
	tcase_add_test(tc, the_examples_of_the_catalogue_hold);
	tcase_add_test(tc, flag_bits_above_the_mode_ask_for_nothing);
	tc = tests_of(s, "control");
	tcase_add_test(tc, control_is_for_owner_creator_and_cap_sys_admin);
	tcase_add_test(tc, switches_say_who_else_has_control);
	tcase_add_test(tc, the_holder_of_cap_sys_admin_can_take_an_object_and_then_read_it);
	tcase_add_test(tc, an_owner_without_any_mode_bit_can_still_set_and_remove);
	tc = tests_of(s, "set");
	tcase_add_test(tc, creation_stores_effective_ids_and_nine_mode_bits);
	tcase_add_test(tc, setting_changes_owner_and_nine_mode_bits_and_never_the_creator);
	tcase_add_test(tc, setting_keeps_the_mode_bits_that_the_kernel_owns);
	tcase_add_test(tc, a_field_that_is_not_named_keeps_its_value);
	tcase_add_test(tc, an_id_that_nobody_has_is_refused_and_nothing_is_set);
	tcase_add_test(tc, only_a_named_id_is_looked_at);
	tcase_add_test(tc, creator_and_owner_both_keep_control_after_giving_away);
	tc = tests_of(s, "why");
	tcase_add_test(tc, the_derivation_names_the_comparison_that_decides);
	tcase_add_test(tc, the_derivation_names_the_effective_gid_where_that_is_looked_at);
	tcase_add_test(tc, the_derivation_names_the_right_to_control);
	tcase_add_test(tc, the_grounds_are_what_the_derivation_says);
	tcase_add_test(tc, the_grounds_of_several_questions_add_up);
	tcase_add_test(tc, where_fsuid_counts_no_other_id_does);
	tcase_add_test(tc, where_the_execute_bit_is_off_nobody_needs_it);
	tcase_add_test(tc, the_grounds_of_control_are_owner_creator_or_capability);
	return run_suite(s);
}
