/* ---- programs, of which this one becomes itself anew -------------------------------------------------- */

/* As root, who has all rights behind it; who it is then to be waits in what is shared. */
TOOL long replaced(const struct who *is)
{
	static const struct who root = { .caps = ~0ULL };
	char name[] = "reproduce", handed[40], *argv[] = { name, NULL };

	shared->is = *is;
	snprintf(handed, sizeof(handed), "%d,%d", memory, me);
	if (!become(&root, true) && !setenv("REPRODUCE", handed, 1))
		execv("/proc/self/exe", argv);
	return unfit("needs an exec of itself");
}

/* Serves on behind it, where all other threads of the process are gone. */
TOOL bool go_on(void)
{
	const char *handed = getenv("REPRODUCE");
	int actor;

	if (!handed || sscanf(handed, "%d,%d", &memory, &actor) != 2)
		return true;
	if (!share())
		return false;
	unsetenv("REPRODUCE");
	me = actor;
	for (int i = 0; i < NACTORS; i++)
		if (i != me && shared->pid[i] == shared->pid[me])
			shared->tid[i] = 0;
	shared->tid[me] = shared->pid[me];
	handle_signals();
	prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	become(&shared->is, true);
	tell_end();
	serve(me);
	return true;
}
