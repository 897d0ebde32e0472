/* ---- actors are processes, which one that has all rights tells what to do -------------------------- */

#ifndef MSG_COPY
#define MSG_COPY 040000
#endif
#ifndef MSG_STAT_ANY
#define MSG_STAT_ANY 13
#endif
#ifndef SEM_STAT_ANY
#define SEM_STAT_ANY 20
#endif
#ifndef SHM_STAT_ANY
#define SHM_STAT_ANY 15
#endif
#ifndef CLONE_SYSVSEM
#define CLONE_SYSVSEM 0x00040000
#endif
/* Of ids with 32 bits, where the plain call has 16; the C library's would be about every thread. */
#ifdef SYS_setresuid32
#define ID_CALL(name) SYS_##name##32
#else
#define ID_CALL(name) SYS_##name
#endif
#define HOLE (sizeof(long) == 8 ? (long)0x2000000000LL : 0x50000000L)	/* addresses that are free */
union semun { int val; void *any; };
#define TOOL static __attribute__((unused))

enum {
	SUCCESS = 0, BLOCKS = -1, ENDS = -2,	/* other outcomes are an errno, or minus a signal and 100 */
	GRACE = 1000, PATIENCE = 10000,		/* milliseconds for a call that should sleep, and another */
	LIFE = 60,				/* seconds after which every process ends */
	MOST = 8,
	CANARY = 0x5a, APRON = 64,		/* what fills a buffer before a call, and bytes before it */
};
#define SIGNAL(number) (-100 - (number))

struct who {
	unsigned long long caps;		/* effective; ~0ULL is all that there are */
	uid_t uid[4];				/* real, effective, saved, of the file system */
	gid_t gid[4];
	int ngroups;
	gid_t groups[16];
};

struct step {
	int actor;				/* -1: the environment */
	const char *text;
	long (*call)(void);			/* NULL: it goes on with the call in which it sleeps */
	int want[MOST];				/* the first, or another that is not 0 */
	bool either;				/* success, which the steps behind do not expect */
	bool wakes;				/* it ends the sleep of others, who are waited for */
	void (*meanwhile)(int actor);		/* what is done for it by who has all rights; NULL: nothing */
};

static struct shared {
	struct names v;
	pid_t pid[NACTORS], tid[NACTORS];	/* of processes and threads; a tid of 0 is nobody's */
	int order[NACTORS][2], answer[NACTORS][2];
	time_t from[NSTEPS + 2];		/* of the first step at index 1; 0: it has not begun */
	char cannot[100];			/* why somebody is not who it should be */
	struct who is;				/* for an actor that becomes another program */
	struct result { long value; int outcome; char differs[400], unfit[100]; } result[NACTORS + 1];
} *shared;
static struct names *v;
static const struct step steps[NSTEPS];
static const struct who who[NACTORS];
static const bool later[NACTORS];		/* it comes into being by a fork */
static const char *const name[NACTORS + 1];
static int memory = -1;				/* descriptor of what is shared */
static _Thread_local int me = NACTORS;
static _Thread_local sigjmp_buf after_fault;

static int cannot(const char *why)
{
	printf("cannot be judged: %s\n", why);
	return 77;
}

/* ---- what an answer says ------------------------------------------------------------------------------ */

__attribute__((format(printf, 1, 2)))
TOOL void differ(const char *fmt, ...)
{
	char *to = shared->result[me].differs;
	size_t used = strlen(to), size = sizeof(shared->result[me].differs);
	va_list ap;

	va_start(ap, fmt);
	used += (size_t)snprintf(to + used, size - used, "%s", used ? "; " : "");
	if (used < size)
		vsnprintf(to + used, size - used, fmt, ap);
	va_end(ap);
}

/* What stands in the way of a call: nothing can be said of it. */
TOOL long unfit(const char *why)
{
	snprintf(shared->result[me].unfit, sizeof(shared->result[me].unfit), "%s", why);
	return -1;
}

TOOL void number(const char *what, long long seen, long long want)
{
	if (seen != want)
		differ("%s %lld, expected %lld", what, seen, want);
}

TOOL void octal(const char *what, unsigned seen, unsigned want)
{
	if (seen != want)
		differ("%s %04o, expected %04o", what, seen, want);
}

/* An actor's process, or thread that is not its first; -1: none. The caller's has the number that it sees. */
TOOL void process(const char *what, long seen, int actor)
{
	long want = actor < 0 ? 0 : shared->tid[actor] ? shared->tid[actor] : shared->pid[actor];

	if (want && me < NACTORS && want == shared->pid[me])
		want = getpid();

	if (seen != want)
		differ("%s %ld, expected %ld (%s)", what, seen, want, actor < 0 ? "nobody" : name[actor]);
}

/* By the clock that objects have their times from, which may be a little late. */
static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME_COARSE, &t);
	return t.tv_sec;
}

/* A time from when a step began, up to the beginning of the next; step 0: never. */
TOOL void moment(const char *what, long long seen, int step)
{
	const time_t next = shared->from[step + 1] ? shared->from[step + 1] : now();

	if (step ? seen < shared->from[step] || seen > next : seen != 0)
		differ("%s %lld, expected that of step %d", what, seen, step);
}

TOOL void fill(char *to, const char *from, size_t n, size_t size)
{
	for (size_t i = 0; i < size; i++)
		to[i] = from[i % n];
}

/* Bytes that repeat these n. */
TOOL void text(const char *seen, long got, const char *from, size_t n, long size)
{
	number("length", got, size);
	for (long i = 0; i < size && i < got; i++)
		if (seen[i] != from[(size_t)i % n]) {
			differ("byte %ld %#x, expected %#x", i, (unsigned char)seen[i],
			       (unsigned char)from[(size_t)i % n]);
			return;
		}
}

/* ---- where data lies ---------------------------------------------------------------------------------- */

/* Memory for what a call takes or stores. */
struct room {
	unsigned char *at;
	size_t size, behind;			/* bytes that are there, and such behind them */
};

/* Cannot be reached, or written; of which there are 8 bytes; at an odd address; as it should be. */
enum place { UNMAPPED, READONLY, PARTIAL, ODD, FINE };

/* Within memory, which is full of canaries then; it ends at a gap. */
static struct room room_in(unsigned char *memory, size_t all, enum place where, size_t size)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char *end = memory + all - page - (size_t)(memory + all) % page;

	memset(end - size - 1 - APRON, CANARY, size + 1 + APRON);
	mprotect(end, page, PROT_NONE);
	switch (where) {
	case UNMAPPED: return (struct room){ end, 0, 0 };
	case PARTIAL: size = size < 8 ? size : 8; break;
	case ODD: return (struct room){ end - size - 1 + size % 2, size, 1 - size % 2 };
	case READONLY:
	case FINE: break;
	}
	return (struct room){ end - size, size, 0 };
}

static void protect(struct room r)
{
	const size_t before = (size_t)r.at % (size_t)sysconf(_SC_PAGESIZE);

	mprotect(r.at - before, before + r.size, PROT_READ);
}

enum { SPARE = 4 * 65536 };			/* bytes for a gap, in pages that nothing else shares */

/* A copy of the data that a call takes. */
TOOL void *place(enum place where, const void *data, size_t size)
{
	const size_t all = size + SPARE;
	void *memory = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct room r = room_in(memory, all, where, size);

	memcpy(r.at, data, r.size);
	if (where == READONLY)
		protect(r);
	return r.at;
}

/* ---- what a call stores ------------------------------------------------------------------------------- */

/* A buffer for it of so many bytes. */
#define BUFFER(where, bytes) \
	static unsigned char around[(bytes) + SPARE]; \
	struct room room = room_for(around, sizeof(around), where, bytes)

TOOL struct room room_for(unsigned char *memory, size_t all, enum place where, size_t size)
{
	struct room r = room_in(memory, all, where, size);

	if (where == READONLY)
		protect(r);
	return r;
}

/* Only the first n bytes may have been stored. */
TOOL void bounded(struct room r, size_t n)
{
	const long end = (long)(r.size + r.behind);
	long i = -APRON;

	while (i < end && (r.at[i] == CANARY || (i >= 0 && i < (long)n && i < (long)r.size)))
		i++;
	if (i < end)
		differ("byte %ld of the buffer was stored into: %#x", i, r.at[i]);
}

/* A call that fails stores nothing, but what it can before it finds a fault. */
TOOL long unstored(struct room r)
{
	const int err = errno;

	bounded(r, err == EFAULT ? r.size : 0);
	errno = err;
	return -1;
}

/* The type of a message. */
TOOL long type_in(struct room r)
{
	long type = -1;

	memcpy(&type, r.at, sizeof(type) < r.size ? sizeof(type) : r.size);
	return type;
}

/* The text of a message of got bytes, which repeats these n. */
TOOL void message(struct room r, long got, const char *from, size_t n, long size)
{
	text((const char *)r.at + sizeof(long), got, from, n, size);
	bounded(r, sizeof(long) + (size_t)got);
}

TOOL void values(struct room r, const unsigned short *want, size_t n)
{
	unsigned short seen;

	for (size_t i = 0; i < n; i++) {
		memcpy(&seen, r.at + i * sizeof(seen), sizeof(seen));
		if (seen != want[i]) {
			differ("value %zu %d, expected %d", i, seen, want[i]);
			break;
		}
	}
	bounded(r, r.size);
}

/* ---- who acts ----------------------------------------------------------------------------------------- */

static bool caps(unsigned long long effective)
{
	struct { unsigned version; int pid; } head = { 0x20080522, 0 };
	struct { unsigned effective, permitted, inheritable; } part[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
	unsigned long long may;

	if (syscall(SYS_capget, &head, part))
		return false;
	may = part[0].permitted | (unsigned long long)part[1].permitted << 32;
	if (effective != ~0ULL && (effective & ~may))
		return false;
	part[0].effective = part[0].permitted & (unsigned)effective;
	part[1].effective = part[1].permitted & (unsigned)(effective >> 32);
	return !syscall(SYS_capset, &head, part);
}

/* They follow the effective ids; others there are where they can be set. */
static bool set_file_ids(const struct who *w)
{
	setfsgid(w->gid[3]);
	setfsuid(w->uid[3]);
	return (w->gid[3] == w->gid[1] || (gid_t)setfsgid((gid_t)-1) == w->gid[3])
		&& (w->uid[3] == w->uid[1] || (uid_t)setfsuid((uid_t)-1) == w->uid[3]);
}

/*
 * What is permitted stays, so that anybody can become anybody else. Without ids: who has none in its user
 * namespace can change capabilities alone.
 */
TOOL long become(const struct who *w, bool ids)
{
	static const char needs[] = "needs root, with all capabilities";

	if (!ids)
		return caps(w->caps) ? 0 : unfit(needs);
	if (!caps(~0ULL) || syscall(ID_CALL(setgroups), (long)w->ngroups, w->groups)
	    || syscall(ID_CALL(setresgid), w->gid[0], w->gid[1], w->gid[2])
	    || syscall(ID_CALL(setresuid), w->uid[0], w->uid[1], w->uid[2]) || !caps(~0ULL))
		return unfit(needs);
	if (!set_file_ids(w))
		return unfit("needs setfsuid and setfsgid");
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);	/* it may read what /proc says of it */
	return caps(w->caps) ? 0 : unfit(needs);
}

static void perform(int actor, const struct step *s)
{
	struct result *r = &shared->result[actor];
	int sig = sigsetjmp(after_fault, 1);

	if (sig) {
		r->outcome = SIGNAL(sig);
		return;
	}
	r->value = s->call();
	r->outcome = r->value == -1 ? errno : SUCCESS;
}

static void tell_end(void)
{
	if (write(shared->answer[me][1], "", 1) != 1)
		_exit(0);
}

static void serve(int actor)
{
	int step;

	me = actor;
	alarm(LIFE);
	while (read(shared->order[actor][0], &step, sizeof(step)) == (ssize_t)sizeof(step)) {
		perform(actor, &steps[step]);
		tell_end();
	}
	_exit(0);
}

/* In both processes, behind a fork. */
TOOL long forked(int actor, long pid)
{
	if (!pid)
		serve(actor);
	if (pid > 0)
		shared->pid[actor] = shared->tid[actor] = (pid_t)pid;
	return pid;
}

static void on_fault(int sig)
{
	siglongjmp(after_fault, sig);
}

static void on_signal(int sig)
{
	(void)sig;
}

static void handle(int sig, void (*handler)(int), int flags)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = flags };

	sigaction(sig, &sa, NULL);
}

/* ---- the environment ---------------------------------------------------------------------------------- */

static long milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

static int tell_thread(int actor, int sig)
{
	return (int)syscall(SYS_tgkill, shared->pid[actor], shared->tid[actor], sig);
}

/* 0: that cannot be seen. */
static char state_of(int actor)
{
	char path[60], state = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)shared->pid[actor],
		 (int)shared->tid[actor]);
	f = fopen(path, "r");
	if (f && fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = 0;
	if (f)
		fclose(f);
	return state;
}

/* The first thread of a process can be seen for as long as there are others. */
static bool gone(int actor)
{
	return !shared->tid[actor] || (tell_thread(actor, 0) && errno == ESRCH) || state_of(actor) == 'Z';
}

/* Is an actor as the signal leaves it: ended, stopped, or asleep again? */
static bool settled(int actor, int sig)
{
	return gone(actor) || (sig != SIGKILL && state_of(actor) == (sig == SIGSTOP ? 'T' : 'S'));
}

TOOL long send_signal(int actor, int sig)
{
	long got = tell_thread(actor, sig);

	for (long end = milliseconds() + GRACE; !settled(actor, sig) && milliseconds() < end;)
		sched_yield();
	return got;
}

TOOL long write_limits(const char *path, const long *all, long n)
{
	FILE *f = fopen(path, "w");

	for (long i = 0; f && i < n; i++)
		fprintf(f, "%ld ", all[i]);
	return f && !fclose(f) ? 0 : -1;
}

TOOL int read_limits(const char *path, long all[4])
{
	FILE *f = fopen(path, "r");
	int n = 0;

	while (f && n < 4 && fscanf(f, "%ld", &all[n]) == 1)
		n++;
	if (f)
		fclose(f);
	return n;
}

TOOL long read_limit(const char *path, int k)
{
	long all[4];

	return k < read_limits(path, all) ? all[k] : -1;
}

/* Sets number k of the file. */
TOOL long limit(const char *path, int k, long value)
{
	long all[4];
	int n = read_limits(path, all);

	if (k >= n)
		return unfit("the limits cannot be read");
	all[k] = value;
	return write_limits(path, all, n);
}

TOOL long tick(long seconds)
{
	for (time_t t = now(); now() < t + (seconds ? seconds : 1);)
		sched_yield();
	return 0;
}

/* ---- step by step ------------------------------------------------------------------------------------- */

static const char *told(int outcome)
{
	static char other[40];
	static const struct { int outcome; const char *name; } known[] = {
		{ SUCCESS, "success" }, { BLOCKS, "blocks" }, { ENDS, "its end" },
		{ SIGNAL(SIGSEGV), "SIGSEGV" }, { SIGNAL(SIGBUS), "SIGBUS" },
		ERRORS
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].outcome == outcome)
			return known[i].name;
	snprintf(other, sizeof(other), "%s %d", outcome < 0 ? "signal" : "errno",
		 outcome < 0 ? -100 - outcome : outcome);
	return other;
}

/* The outcome of the call that an actor is in. */
static int await(int actor, int patience)
{
	struct pollfd p = { .fd = shared->answer[actor][0], .events = POLLIN };
	long end = milliseconds() + patience;
	char byte;

	do {
		if (poll(&p, 1, 10) > 0)
			return read(p.fd, &byte, 1) == 1 ? shared->result[actor].outcome : ENDS;
		if (gone(actor))
			return ENDS;
	} while (milliseconds() < end);
	return BLOCKS;
}

/* All sleep, in a call or until they are told to make one. */
static bool quiet(void)
{
	for (int i = 0; i < NACTORS; i++)
		if (!gone(i) && state_of(i) == 'R')
			return false;
	return true;
}

static bool wanted(const struct step *s, int outcome)
{
	bool is = outcome == s->want[0];

	for (int i = 1; i < MOST; i++)
		is = is || (s->want[i] && outcome == s->want[i]);
	return is;
}

static int observed(int number)
{
	const struct step *s = &steps[number];
	int actor = s->actor < 0 ? NACTORS : s->actor;

	if (s->call)
		shared->result[actor] = (struct result){ 0 };
	if (s->actor < 0) {
		perform(actor, s);
		return shared->result[actor].outcome;
	}
	if (s->call && write(shared->order[actor][1], &number, sizeof(number)) != (ssize_t)sizeof(number))
		return ENDS;
	if (s->meanwhile)
		s->meanwhile(actor);
	return await(actor, wanted(s, BLOCKS) ? GRACE : PATIENCE);
}

static void tell_difference(const struct step *s, int outcome)
{
	printf("observed %s, expected %s", told(outcome), told(s->want[0]));
	for (int i = 1; i < MOST && s->want[i]; i++)
		printf(" or %s", told(s->want[i]));
	printf("\n");
}

/* 0: as expected; 1: not; 77: that cannot be judged. */
static int tell(const struct step *s, int outcome)
{
	const struct result *r = &shared->result[s->actor < 0 ? NACTORS : s->actor];

	if (*shared->cannot || *r->unfit)
		return cannot(*shared->cannot ? shared->cannot : r->unfit);
	if (wanted(s, outcome) && !*r->differs) {
		printf("%s\n", told(outcome));
		return 0;
	}
	if (s->either && outcome == SUCCESS) {
		printf("success, which is allowed; the steps behind expect it to fail\n");
		return 77;
	}
	if (outcome == ENOSYS && !wanted(s, outcome))
		return cannot("there is no such call here");
	if (wanted(s, outcome))
		printf("observed %s\n", r->differs);
	else
		tell_difference(s, outcome);
	return 1;
}

static int run(void)
{
	int status = 0;

	for (int i = 0; i < NSTEPS && !status; i++) {
		int outcome;

		printf("%3d  %s  %s  ", i + 1, name[steps[i].actor < 0 ? NACTORS : steps[i].actor],
		       steps[i].text);
		fflush(stdout);
		shared->from[i + 1] = now();
		outcome = observed(i);
		for (long end = milliseconds() + GRACE; steps[i].wakes && !quiet() && milliseconds() < end;)
			sched_yield();
		status = tell(&steps[i], outcome);
	}
	return status;
}

/* What the last step left. */
static int check(void (*look)(void))
{
	struct result *r = &shared->result[NACTORS];

	*r->differs = '\0';
	look();
	printf("end  what is there now  %s%s\n", *r->differs ? "observed " : "as expected", r->differs);
	return *r->differs ? 1 : 0;
}

static bool begins(int actor)
{
	const struct rlimit locked = { MEMLOCK, MEMLOCK };
	pid_t pid = later[actor] ? 0 : fork();

	if (later[actor] || pid) {
		shared->pid[actor] = shared->tid[actor] = pid;
		return pid >= 0;
	}
	for (int i = 0; i < NACTORS; i++)
		close(shared->order[i][1]);
	setrlimit(RLIMIT_MEMLOCK, &locked);
	if (become(&who[actor], true)) {
		memcpy(shared->cannot, shared->result[me].unfit, sizeof(shared->cannot));
		_exit(77);
	}
	serve(actor);
	return true;
}

/* What is shared outlives a program. */
static bool share(void)
{
	const size_t size = sizeof(*shared);
	bool new = memory < 0;

	if (new)
		memory = (int)syscall(SYS_memfd_create, "shared", 0);
	if (new && ftruncate(memory, (off_t)size))
		return false;
	shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	if (shared == MAP_FAILED)
		return false;
	v = &shared->v;
	return true;
}

static void handle_signals(void)
{
	handle(SIGSEGV, on_fault, 0);
	handle(SIGBUS, on_fault, 0);
	handle(SIGUSR1, on_signal, 0);
	handle(SIGUSR2, on_signal, SA_RESTART);
	handle(SIGALRM, _exit, 0);	/* also of the first process of a PID namespace */
	handle(SIGPIPE, SIG_IGN, 0);
	handle(SIGCHLD, SIG_IGN, 0);
}

static int reproduce(void (*look)(void))
{
	int status;

	if (unshare(CLONE_NEWIPC))
		return cannot("needs root, for an IPC namespace of its own");
	prctl(PR_SET_SECUREBITS, 4, 0, 0, 0);	/* ids change without capabilities */
	prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	if (!share())
		return cannot("needs memory that is shared");
	handle_signals();
	alarm(LIFE);
	for (int i = 0; i < NACTORS; i++)
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, shared->order[i]) || pipe(shared->answer[i]))
			return cannot("needs sockets and pipes");
	for (int i = 0; i < NACTORS; i++)
		if (!begins(i))
			return cannot("fork");
	status = run();
	if (!status)
		status = check(look);
	for (int i = 0; i < NACTORS; i++)
		if (shared->pid[i] > 0 && !gone(i))
			kill(shared->pid[i], SIGKILL);
	return *shared->cannot && status != 77 ? cannot(shared->cannot) : status;
}
