/* ---- paths for ftok, in that file system -------------------------------------------------------------- */

/* The path that a case calls so. */
TOOL const char *at(const char *name)
{
	static const struct { const char *name, *path; } others[] = {
		{ "detour", "./folder/.././file" }, { "below_file", "file/x" }, { "locked", "nobody/locked" },
		{ "empty", "" }, { "null", NULL }, { "unmapped", (const char *)1 },
	};
	static char word[257], path[4200];

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (!strcmp(others[i].name, name))
			return others[i].path;
	if (!strcmp(name, "long_name"))
		return memset(word, 'x', sizeof(word) - 1);
	if (strcmp(name, "long_path"))
		return name;
	for (size_t i = 0; i < sizeof(path) - sizeof("file"); i++)
		path[i] = i & 1 ? '/' : '.';
	memcpy(path + sizeof(path) - sizeof("file"), "file", sizeof("file"));
	return path;
}

static bool make_plain(const char *name, mode_t mode)
{
	int fd = open(name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode);

	return fd >= 0 && !close(fd);
}

/* A file whose number agrees with that of another in 16 bits: files without a name use up those between. */
static bool make_twin(void)
{
	struct stat first, st = { 0 };

	if (stat("file", &first))
		return false;
	while (st.st_ino < first.st_ino + 0xffff) {
		int fd = open(".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

		if (fd < 0 || fstat(fd, &st) || close(fd))
			return false;
	}
	return make_plain("twin", 0644) && !stat("twin", &st) && st.st_ino == first.st_ino + 0x10000;
}

static bool make_paths(void)
{
	bool twin = false;

	for (int i = 0; i < NSTEPS; i++)
		twin = twin || strstr(steps[i].text, "twin");
	return make_plain("file", 0644) && make_plain("other", 0644) && make_plain("spare", 0644)
		&& !link("file", "hardlink") && !symlink("file", "symlink") && !symlink("missing", "dangling")
		&& !symlink("loop", "loop") && !mkdir("folder", 0755) && !mkdir("nobody", 0700)
		&& make_plain("nobody/locked", 0644) && !chmod("nobody", 0) && make_plain("sealed", 0)
		&& (!twin || make_twin());
}

/* A key may be -1, like a failure: it is told without a sign. */
TOOL long key_of(const char *path, int id)
{
	key_t key;

	errno = 0;
	key = ftok(path, id);
	return key == -1 && errno ? -1 : (long)(unsigned)key;
}

/* What it is made of. A path that cannot be followed to its file is long, and leads to file. */
TOOL long key_made_of(const char *path, int id)
{
	struct stat st;

	if (stat(path, &st) && stat("file", &st))
		return -1;
	return (long)(((unsigned)st.st_ino & 0xffff) | ((unsigned)st.st_dev & 0xff) << 16
		      | (unsigned)id << 24);
}
