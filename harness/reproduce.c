#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "prose.h"
#include "reproduce.h"
#include "reproduce_write.h"

#define TEXT(name) extern const char reproduce_##name[]; \
	__asm__(".section .rodata\n" ".globl reproduce_" #name "\n" \
		"reproduce_" #name ": .incbin \"harness/reproduce/" #name ".c\"\n" ".byte 0\n" ".previous\n")
TEXT(frame);
TEXT(kernel);
TEXT(memory);
TEXT(files);
TEXT(procfiles);
TEXT(threads);
TEXT(spaces);
TEXT(entries);
TEXT(paths);
TEXT(programs);

#define ROOT "root, to make what the case is about"

/*
 * What programs have beside their case. begin: a function that must be true before anybody acts; else they
 * need what follows.
 */
static const struct { const char *text, *begin, *need; } tools_of[NTOOLS] = {
	[ALWAYS] = { .text = reproduce_frame }, [KERNEL] = { .text = reproduce_kernel },
	[PROGRAMS] = { reproduce_programs, "go_on", ROOT }, [MEMORY] = { .text = reproduce_memory },
	[FILES] = { reproduce_files, "make_files", ROOT }, [PROCFILES] = { .text = reproduce_procfiles },
	[THREADS] = { .text = reproduce_threads }, [SPACES] = { .text = reproduce_spaces },
	[PATHS] = { reproduce_paths, "make_paths", ROOT },
	[ENTRIES] = { reproduce_entries, "traps", "a kernel for programs of 32 bits too" },
};

typedef long long ll;			/* for printf */

/* ---- the program -------------------------------------------------------------------------- */

static void put_step_text(struct plan *p, int i, bool quoted)
{
	char buf[4096];
	struct text text = { buf, sizeof(buf), 0 };
	const struct step *st = &p->in->step[i];

	*buf = '\0';
	if (quoted) {
		if (st->kind != STEP_CALL)
			snprintf(buf, sizeof(buf), "%s", st->kind == STEP_WAKES ? "wakes" : "sleeps");
		else
			print_op(&text, &st->op, &p->in->table);
		put_string(&p->out, (const unsigned char *)buf, strlen(buf));
		return;
	}
	print_step(&text, p->in, st);
	for (const char *c = buf; *c; c++)	/* a comment neither begins nor ends within */
		prose(&p->out, "%c%s", *c, strchr("*/", c[0]) && c[1] && strchr("*/", c[1]) ? " " : "");
}

/* Adds what was written aside, and frees it. */
static void append(struct plan *p, struct json *aside)
{
	if (aside->len)
		json_raw(&p->out, aside->buf, aside->len);
	p->out.failed = p->out.failed || aside->failed;
	json_free(aside);
}

static struct json checks_of(struct plan *p, int i, void (*check)(struct plan *p, int i))
{
	struct json whole = p->out, checks;

	p->out = (struct json){ 0 };
	check(p, i);
	checks = p->out;
	p->out = whole;
	return checks;
}

/* What is said of a call that fails. */
static void put_failure(struct plan *p, int i)
{
	struct json checks = checks_of(p, i, check_failure);
	const bool any = checks.len > 0;

	prose(&p->out, "\n\tif (got == -1)%s\n", any ? " {" : "");
	append(p, &checks);
	prose(&p->out, "\t\treturn %s;\n%s", has_room(&p->of[i].op) ? "unstored(room)" : "got",
	      any ? "\t}\n" : "");
}

/* The call, and the checks if there are any. */
static void put_statements(struct plan *p, int i, const struct op *named)
{
	struct json *t = &p->out, checks = checks_of(p, i, check_answer);
	const bool any = checks.len > 0 || has_room(&p->of[i].op);
	int bind = p->in->step[i].bind;

	prose(t, "\t%s", any ? "long got = " : "return ");
	if (bind >= 0)
		prose(t, "v->%s = ", p->in->names[bind]);
	put_call(p, reproduce_calls[named->code].text, named);
	prose(t, ";\n");
	if (any)
		put_failure(p, i);
	append(p, &checks);
	prose(t, "%s}\n\n", any ? "\treturn got;\n" : "");
}

static void put_function(struct plan *p, int i)
{
	const struct step *st = &p->in->step[i];
	const struct prediction *at = &p->of[i];
	const struct opinfo *o = &opinfo[st->op.code];
	const char *meanwhile = reproduce_meanwhile[st->op.code];
	struct prediction unresolved = *at;
	struct op named = st->op;

	unresolved.op.data = st->op.data;
	named.actor = at->op.actor;
	prose(&p->out, "/* ");
	put_step_text(p, i, false);
	prose(&p->out, " */\nstatic long step_%d(void)\n{\n", i + 1);
	declare_buffer(p, at);
	for (int k = 0; k < o->nargs; k++)
		declare_argument(p, &unresolved, o->arg[k].kind);
	if (st->op.code == OP_exec)
		declare_who(p, at);
	put_statements(p, i, &named);
	if (!meanwhile)
		return;
	prose(&p->out, "static void meanwhile_%d(int actor)\n{\n\t", i + 1);
	put_call(p, meanwhile, &named);
	prose(&p->out, ";\n}\n\n");
}

static void put_outcome(struct plan *p, enum how how, int err)
{
	struct json *t = &p->out;

	switch (how) {
	case RETURNED: prose(t, "SUCCESS"); break;
	case FAILED: prose(t, "%s", err_name(err)); break;
	case BLOCKED: prose(t, "BLOCKS"); break;
	case FAULTED: prose(t, err == SIGKILL ? "ENDS" : "SIGNAL(%d)", err); break;
	}
}

/* All that may come of a step. Success stands first: behind that 0 is nothing. */
static void put_outcomes(struct plan *p, const struct prediction *at)
{
	const unsigned others = at->others & ~(unsigned)(BIT(at->at.how) | BIT(FAILED));
	const enum how first = others & BIT(RETURNED) ? RETURNED : at->at.how;
	int room = 7;

	put_outcome(p, first, at->at.err);
	for (enum how how = FAILED; how <= FAULTED; how++)
		if (how != first && (how == at->at.how || others & BIT(how)) && room-- > 0) {
			prose(&p->out, ", ");
			put_outcome(p, how, how == at->at.how ? at->at.err : SIGKILL);
		}
	for (int bit = 0; bit < NERRS && (at->at.how == FAILED || at->others & BIT(FAILED)); bit++)
		if (at->also.bits >> bit & 1 && err_at(bit) != at->at.err && room-- > 0)
			prose(&p->out, ", %s", err_name(err_at(bit)));
}

static void put_row(struct plan *p, int i)
{
	const struct step *st = &p->in->step[i];
	const struct prediction *at = &p->of[i];
	struct json *t = &p->out;

	prose(t, "\t{ %s, ", st->actor < 0 ? "-1" : name_of(p, st->actor));
	put_step_text(p, i, true);
	if (st->kind == STEP_CALL)
		prose(t, ", step_%d, { ", i + 1);
	else
		prose(t, ", NULL, { ");
	if (st->kind == STEP_CALL && st->op.code == OP_exit)
		prose(t, "ENDS");
	else
		put_outcomes(p, at);
	prose(t, " }, %s, %s, ", at->either ? "true" : "false", at->wakes ? "true" : "false");
	if (st->kind == STEP_CALL && reproduce_meanwhile[st->op.code])
		prose(t, "meanwhile_%d },\n", i + 1);
	else
		prose(t, "NULL },\n");
}

/* How an object is named in the end; false: it cannot be. */
static bool named_in_the_end(const struct plan *p, const struct objview *o, char *name, size_t size)
{
	const char *known = o->family < NFAMILIES ? name_before(p, p->nsteps, o->family, o->id) : NULL;

	if (known)
		snprintf(name, size, "v->%s", known);
	else
		snprintf(name, size, "%lld", (ll)o->id);
	return known || (o->family < NFAMILIES && p->sc->check_ids);
}

/* Some build on others; those of the kernel's structures are also for what is there in the end. */
static bool tools_needed(const struct plan *p, enum tools tools)
{
	bool needed = tools == ALWAYS || (tools == KERNEL && tools_needed(p, ENTRIES))
		|| (tools == FILES && tools_needed(p, PATHS));
	char name[40];

	for (int i = 0; i < p->nsteps && !needed; i++)
		needed = p->in->step[i].kind == STEP_CALL
			&& reproduce_calls[p->in->step[i].op.code].tools == tools;
	for (size_t i = 0; i < p->after.nobj && tools == KERNEL && !needed; i++)
		needed = named_in_the_end(p, &p->after.obj[i], name, sizeof(name));
	return needed;
}

/* What headers define is asked before the program defines anything by itself. */
static void put_definitions(struct plan *p)
{
	uint64_t done[NDEFINITIONS / 64 + 1] = { 0 };

	for (int i = 0; i < p->nsteps; i++) {
		const struct op *op = &p->in->step[i].op;
		enum header name = (enum header)op->header.name;

		if (p->in->step[i].kind != STEP_CALL || op->code != OP_header
		    || done[name / 64] & BIT(name % 64))
			continue;
		done[name / 64] |= BIT(name % 64);
		put_definition(&p->out, name);
	}
}

static void put_head(struct plan *p)
{
	static const char *const headers[] = {
		"errno.h", "fcntl.h", "grp.h", "limits.h", "poll.h", "sched.h", "setjmp.h", "signal.h",
		"stdarg.h", "stdbool.h", "stddef.h", "stdio.h", "stdlib.h", "string.h", "sys/fsuid.h",
		"sys/ipc.h", "sys/mman.h", "sys/msg.h", "sys/prctl.h", "sys/resource.h", "sys/sem.h",
		"sys/shm.h", "sys/socket.h", "sys/syscall.h", "time.h", "unistd.h",
	};
	struct json *t = &p->out;

	prose(t, "/*\n * %s\n *\n * %s\n *\n", p->in->name, p->sc->claim);
	prose(t, " * The calls of this case, and of each whether it does what the profile %s says. Made by\n"
	      " * sysvet reproduce; needs nothing but a C library, and root:\n *\n"
	      " *\tcc%s -o reproduce reproduce.c && ./reproduce\n *\n"
	      " * exit status: 0 all is as expected; 1 a step is not; 77 that cannot be judged here\n */\n",
	      p->profile->name, tools_needed(p, THREADS) ? " -pthread" : "");
	prose(t, "#define _GNU_SOURCE\n");
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++)
		prose(t, "#include <%s>\n", headers[i]);
	prose(t, "\nenum { ");
	for (int i = 0; i < p->in->nactors; i++)
		prose(t, "%s, ", name_of(p, i));
	prose(t, "%sNACTORS };\nenum { NSTEPS = %d, MEMLOCK = %lld };\nstruct names { long none",
	      p->in->nactors ? "" : "NOBODY, ", p->nsteps, (ll)MEMLOCK);
	for (int i = 0; i < p->in->nnames; i++)
		prose(t, ", %s", p->in->names[i]);
	prose(t, "; };\n#define ERRORS \\\n");
	for (int bit = 0; bit < NERRS; bit++)
		prose(t, "\t{ %s, \"%s\" },%s\n", err_name(err_at(bit)), err_name(err_at(bit)),
		      bit + 1 < NERRS ? " \\" : "");
	prose(t, "\n");
	put_definitions(p);
}

/* A case without actors gets a process that does nothing. */
static void put_actors(struct plan *p)
{
	struct json *t = &p->out;

	prose(t, "static const char *const name[NACTORS + 1] = { %s", p->in->nactors ? "" : "\"\", ");
	for (int i = 0; i < p->in->nactors; i++)
		prose(t, "\"%s\", ", name_of(p, i));
	prose(t, "\"*\" };\nstatic const bool later[NACTORS] = { %s", p->in->nactors ? "" : "false, ");
	for (int i = 0; i < p->in->nactors; i++)
		prose(t, "%s, ", p->in->actor[i].forked ? "true" : "false");
	prose(t, "};\nstatic const struct who who[NACTORS] = {%s\n", p->in->nactors ? "" : " { 0 }");
	for (int i = 0; i < p->in->nactors; i++) {
		prose(t, "\t[%s] = ", name_of(p, i));
		put_who(t, &p->in->actor[i].cred);
		prose(t, ",\n");
	}
	prose(t, "};\n\n");
}

/* ---- what is left ------------------------------------------------------------------------- */

static void look_at_semaphores(struct plan *p, const struct objview *o, const char *name)
{
	static const char *const commands[] = { "GETVAL", "GETNCNT", "GETZCNT" };

	for (size_t i = 0; i < o->nsems && i < SEMVIEWS; i++) {
		const struct semview *s = &p->after.sem[o->sems + i];
		const int64_t values[] = { s->val, s->ncnt, s->zcnt };

		for (size_t k = 0; k < sizeof(values) / sizeof(*values); k++)
			prose(&p->out, "\tnumber(\"%s %zu\", semctl((int)%s, %zu, %s), %lld);\n",
			      commands[k], i, name, i, commands[k], (ll)values[k]);
		if (s->pid != PID_ANY)
			prose(&p->out, "\tprocess(\"GETPID %zu\", semctl((int)%s, %zu, GETPID), %s);\n", i,
			      name, i, s->pid > 0 ? name_of(p, (int)s->pid - 1) : "-1");
	}
}

static bool is_about(const struct plan *p, enum nodename name)
{
	bool is = false;

	for (int i = 0; i < p->nsteps && !is; i++) {
		const struct op *op = &p->in->step[i].op;

		is = p->in->step[i].kind == STEP_CALL && opinfo[op->code].family == NODES
			&& op->code != OP_umask && op->v[0] == (int64_t)name;
	}
	return is;
}

/* Queues have no path. */
static void look_at_files(struct plan *p)
{
	for (enum nodename name = NODE_queue2 + 1; name < NNODES; name++) {
		const struct record *r = &p->left[name];

		if (!is_about(p, name))
			continue;
		prose(&p->out, "\tleft(");
		put_file(&p->out, name);
		if (r->has)
			prose(&p->out, ", &(struct owner){ %lld, %lld, 0%llo });\n", (ll)r->v[F_uid],
			      (ll)r->v[F_gid], (ll)r->v[F_mode]);
		else
			prose(&p->out, ", NULL);\n");
	}
}

/* A function for each object that can be named. A system may store more of a record than there should be. */
static void put_looks(struct plan *p)
{
	static const struct { const char *type, *function; } stat[NFAMILIES] = {
		[MSG] = { "msqid64_ds", "queue_control" }, [SEM] = { "semid64_ds", "set_control" },
		[SHM] = { "shmid64_ds", "segment_control" },
	};
	struct json calls = { 0 };
	char name[40];

	for (size_t i = 0; i < p->after.nobj; i++) {
		const struct objview *o = &p->after.obj[i];

		if (!named_in_the_end(p, o, name, sizeof(name)))
			continue;
		prose(&p->out, "static void look_at_%zu(void)\n{\n\tstatic struct %s answer[2];\n"
		      "\tstruct %s ds;\n\n\tif (%s(%s, IPC_STAT, answer))\n\t\tdiffer(\"%s: gone\");\n"
		      "\tds = answer[0];\n", i, stat[o->family].type, stat[o->family].type,
		      stat[o->family].function, name, name);
		check_record(p, o->family, "msqid64_ds", &o->rec);
		if (o->family == SEM)
			look_at_semaphores(p, o, name);
		prose(&p->out, "}\n\n");
		prose(&calls, "\tlook_at_%zu();\n", i);
	}
	prose(&p->out, "static void look(void)\n{\n");
	append(p, &calls);
	look_at_files(p);
	prose(&p->out, "}\n\n");
}

static void put_main(struct plan *p)
{
	prose(&p->out, "int main(void)\n{\n");
	for (enum tools tools = 0; tools < NTOOLS; tools++)
		if (tools_of[tools].begin && tools_needed(p, tools))
			prose(&p->out, "\tif (!%s())\n\t\treturn cannot(\"needs %s\");\n",
			      tools_of[tools].begin, tools_of[tools].need);
	prose(&p->out, "\treturn reproduce(look);\n}\n");
}

static void put_program(struct plan *p)
{
	put_head(p);
	for (enum tools tools = 0; tools < NTOOLS; tools++)
		if (tools_needed(p, tools)) {
			json_raw(&p->out, tools_of[tools].text, strlen(tools_of[tools].text));
			json_raw(&p->out, "\n", 1);
		}
	prose(&p->out, "/* ---- the case --------------------------------------------------- */\n\n");
	put_actors(p);
	for (int i = 0; i < p->nsteps; i++)
		if (p->in->step[i].kind == STEP_CALL)
			put_function(p, i);
	prose(&p->out, "static const struct step steps[NSTEPS] = {\n");
	for (int i = 0; i < p->nsteps; i++)
		put_row(p, i);
	prose(&p->out, "};\n\n");
	put_looks(p);
	put_main(p);
}

const char *reproduce(FILE *to, const struct script *sc, struct instance *in, int nsteps,
		      const struct profile *profile, char *err, size_t errsize)
{
	struct plan p = {
		.sc = sc, .in = in, .nsteps = nsteps && nsteps < in->nsteps ? nsteps : in->nsteps,
		.profile = profile, .err = err, .errsize = errsize,
	};
	bool ok = plan_make(&p);

	if (ok && to) {
		put_program(&p);
		ok = !p.out.failed || plan_refuse(&p, "out of memory");
		if (ok)
			fwrite(p.out.buf, 1, p.out.len, to);
	}
	snapshot_free(&p.after);
	json_free(&p.out);
	arena_free(&p.arena);
	return ok ? NULL : err;
}
