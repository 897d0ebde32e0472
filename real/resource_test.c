/* Resources of every type, created and removed: in a box, in a folder of their own. */
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "resource.h"
#include "test.h"

static struct failure why;

static struct resource wanted(enum resource_type type)
{
	return (struct resource){
		.type = type, .key = 0x11, .name = "/sysvet-test", .size = 10, .mode = 0666, .uid = -1,
		.gid = -1,
	};
}

/* Where files can be made that go with the box; false when that is not allowed. */
static bool nowhere(void)
{
	umask(022);
	return !mount("none", "/dev/shm", "tmpfs", 0, NULL) && !mkdir("/dev/shm/x", 0777)
	       && !chdir("/dev/shm/x");
}

static bool is_file(enum resource_type type)
{
	return type == RES_DIR || type == RES_FIFO || type == RES_SOCKET;
}

BOX_TEST(what_is_created_exists_until_it_is_removed)
{
	if (!nowhere())
		return;
	for (int i = 0; i < NRESOURCES; i++) {
		struct resource one = wanted((enum resource_type)i), again = one;

		if (is_file(one.type))
			one.name = again.name = "thing";
		ck_assert_msg(resource_create(&one, &why), "%d: %s %s", i, why.call, strerror(why.err));
		ck_assert(!resource_create(&again, &why));
		ck_assert_int_eq(why.err, EEXIST);
		ck_assert(resource_take(&again, &why));
		ck_assert(resource_remove(&one, &why));
		ck_assert(!resource_remove(&one, &why));
		ck_assert(resource_create(&again, &why));
		ck_assert(resource_remove(&again, &why));
	}
	ck_assert_int_eq(box_objects(), 0);
}

BOX_TEST(what_has_a_name_is_seen_with_what_it_lies_in)
{
	if (!nowhere())
		return;
	for (int i = 0; i < NRESOURCES; i++) {
		struct resource one = wanted((enum resource_type)i);
		struct whereabouts w;

		if (resource_family(one.type) != NFAMILIES)
			continue;
		one.name = is_file(one.type) ? "thing" : one.name;
		resource_look(&one, &w);
		ck_assert_msg(w.seen && !w.there, "%d: %s", i, w.why);
		ck_assert(resource_create(&one, &why));
		resource_look(&one, &w);
		ck_assert(w.seen && w.there);
		ck_assert_uint_eq(w.mode & 0777, 0644);
		ck_assert_uint_eq(w.uid, geteuid());
		ck_assert_int_eq(w.has_folder, one.type != RES_POSIX_MQ);
		ck_assert(resource_remove(&one, &why));
	}
}

BOX_TEST(names_that_lead_nowhere_are_told_from_those_that_cannot_be)
{
	static const struct { enum resource_type type; const char *name; bool seen, has_folder; } names[] = {
		{ RES_FIFO, "missing/x", true, false }, { RES_FIFO, "x/", false, false },
		{ RES_FIFO, "..", false, false }, { RES_FIFO, "./x", true, true },
		{ RES_FIFO, "/x", true, true }, { RES_POSIX_MQ, "x", false, false },
		{ RES_POSIX_MQ, "/x/y", false, false }, { RES_POSIX_SEM, "/", false, false },
		{ RES_POSIX_SHM, "/y", true, true },
	};

	if (!nowhere())
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct resource one = wanted(names[i].type);
		struct whereabouts w;

		one.name = names[i].name;
		resource_look(&one, &w);
		ck_assert_msg(w.seen == names[i].seen, "%s", one.name);
		ck_assert_msg(w.has_folder == names[i].has_folder, "%s", one.name);
		ck_assert(!w.there);
	}
}

BOX_TEST(the_umask_is_the_systems_affair)
{
	struct resource dir = wanted(RES_DIR), queue = wanted(RES_MSG);
	struct record rec;
	struct stat st;

	if (!nowhere())
		return;
	dir.name = "d";
	ck_assert(resource_create(&dir, &why));
	ck_assert_int_eq(stat("d", &st), 0);
	ck_assert_int_eq(st.st_mode, S_IFDIR | 0644);
	ck_assert(resource_create(&queue, &why));
	ck_assert(look_object(MSG, queue.id, &rec));
	ck_assert_int_eq(rec.v[F_mode], 0666);
}

/* The file that was created has been replaced by another of the same name. */
BOX_TEST(another_file_of_the_name_is_not_removed)
{
	struct resource fifo = wanted(RES_FIFO);

	if (!nowhere())
		return;
	fifo.name = "f";
	ck_assert(resource_create(&fifo, &why));
	ck_assert_int_eq(mkfifo("other", 0600), 0);
	ck_assert_int_eq(rename("other", "f"), 0);
	ck_assert(!resource_remove(&fifo, &why));
	ck_assert_int_eq(why.err, ESTALE);
	fifo.type = RES_SOCKET;
	fifo.ino = 0;
	ck_assert(!resource_remove(&fifo, &why));
	ck_assert_int_eq(access("f", F_OK), 0);
}

/* Nobody may have more than the first process gives away: the owner that is asked for cannot be had. */
BOX_TEST(what_cannot_be_completed_is_not_left_behind)
{
	if (!nowhere())
		return;
	for (int i = 0; i < NRESOURCES; i++) {
		struct resource one = wanted((enum resource_type)i);

		if (is_file(one.type))
			one.name = "thing";
		one.uid = 4294967295 - 1;
		if (resource_create(&one, &why)) {
			ck_assert_int_eq(geteuid(), 0);
			ck_assert(resource_remove(&one, &why));
			continue;
		}
		one.uid = -1;
		ck_assert_msg(resource_create(&one, &why), "%d: %s %s", i, why.call, strerror(why.err));
		ck_assert(resource_remove(&one, &why));
	}
	ck_assert_int_eq(box_objects(), 0);
}

BOX_TEST(a_queue_gets_its_capacity)
{
	struct resource queue = wanted(RES_MSG), posix = wanted(RES_POSIX_MQ);
	struct record rec;

	queue.capacity = 100;
	ck_assert(resource_create(&queue, &why));
	ck_assert(look_object(MSG, queue.id, &rec));
	ck_assert_int_eq(rec.v[F_qbytes], 100);
	posix.capacity = 3;
	ck_assert(resource_create(&posix, &why));
	ck_assert(resource_remove(&posix, &why));
	posix.capacity = 1 << 30;
	ck_assert(!resource_create(&posix, &why));
	queue.key = 0x12;
	queue.capacity = 1 << 30;
	if (!resource_create(&queue, &why))
		ck_assert_int_eq(box_objects(), 1);
}

BOX_TEST(shared_memory_of_another_size_is_not_taken)
{
	struct resource memory = wanted(RES_POSIX_SHM);

	if (!nowhere())
		return;
	ck_assert(resource_create(&memory, &why));
	memory.size++;
	ck_assert(!resource_take(&memory, &why));
	memory.size--;
	ck_assert(resource_take(&memory, &why));
}

BOX_TEST(an_object_is_found_by_its_key)
{
	struct resource set = wanted(RES_SEM);

	ck_assert_int_eq(resource_id(&set, &why), -1);
	ck_assert_int_eq(why.err, ENOENT);
	ck_assert(resource_create(&set, &why));
	ck_assert_int_eq(resource_id(&set, &why), set.id);
}

/* ---- SELinux, whose files are others of their names here ------------------------------------------ */

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_msg(f && fputs(text, f) >= 0 && !fclose(f), "%s: %s", path, strerror(errno));
}

static void pretend(const char *filesystems)
{
	ck_assert_int_eq(mount("none", "/proc", "tmpfs", 0, NULL), 0);
	ck_assert_int_eq(mkdir("/proc/thread-self", 0755), 0);
	ck_assert_int_eq(mkdir("/proc/thread-self/attr", 0755), 0);
	write_file("/proc/filesystems", filesystems);
}

static void pretend_no_longer(void)
{
	ck_assert_int_eq(umount2("/proc", MNT_DETACH), 0);
}

BOX_TEST(a_kernel_has_selinux_when_it_has_its_file_system)
{
	pretend("nodev\ttmpfs\n\text4\n");
	ck_assert(!selinux_here());
	write_file("/proc/filesystems", "nodev\ttmpfs\nnodev\tselinuxfs\n");
	ck_assert(selinux_here());
	pretend_no_longer();
}

BOX_TEST(a_label_is_handed_to_the_kernel_whole)
{
	char text[40] = "";
	FILE *f;

	pretend("nodev\tselinuxfs\n");
	write_file("/proc/thread-self/attr/fscreate", "");
	ck_assert(selinux_label("system_u:object_r:tmp_t:s0", &why));
	f = fopen("/proc/thread-self/attr/fscreate", "r");
	ck_assert(f && fgets(text, sizeof(text), f));
	fclose(f);
	ck_assert_str_eq(text, "system_u:object_r:tmp_t:s0");
	pretend_no_longer();
}

BOX_TEST(a_label_that_the_kernel_does_not_take_is_told)
{
	pretend("nodev\tselinuxfs\n");
	ck_assert(!selinux_label("a:b:c:s0", &why));
	ck_assert_int_eq(why.err, ENOENT);
	ck_assert_str_eq(why.call, "fscreate");
	ck_assert_int_eq(symlink("/dev/full", "/proc/thread-self/attr/fscreate"), 0);
	ck_assert(!selinux_label("a:b:c:s0", &why));
	ck_assert_int_eq(why.err, ENOSPC);
	pretend_no_longer();
}

int main(void)
{
	TCase *tc = tcase_create("resource");

	add_box_test(tc, what_is_created_exists_until_it_is_removed);
	add_box_test(tc, what_has_a_name_is_seen_with_what_it_lies_in);
	add_box_test(tc, names_that_lead_nowhere_are_told_from_those_that_cannot_be);
	add_box_test(tc, the_umask_is_the_systems_affair);
	add_box_test(tc, another_file_of_the_name_is_not_removed);
	add_box_test(tc, what_cannot_be_completed_is_not_left_behind);
	add_box_test(tc, a_queue_gets_its_capacity);
	add_box_test(tc, shared_memory_of_another_size_is_not_taken);
	add_box_test(tc, an_object_is_found_by_its_key);
	add_box_test(tc, a_kernel_has_selinux_when_it_has_its_file_system);
	add_box_test(tc, a_label_is_handed_to_the_kernel_whole);
	add_box_test(tc, a_label_that_the_kernel_does_not_take_is_told);
	return run_tests(tc, "resource");
}
