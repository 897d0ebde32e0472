/* Findings for people, for programs, and as SARIF 2.1.0. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "prose.h"

/* ---- for people ------------------------------------------------------------------------------ */

static void print_space(struct json *t, const struct nsfiles *n)
{
	prose(t, "IPC namespace ");
	prose_name(t, *n->ipc ? n->ipc : "that cannot be named");
	prose(t, "%s", n->initial_ipc ? ", the host's" : "");
}

static void print_finding(struct json *t, const struct audit *a, const struct finding_of *f)
{
	prose(t, "%-8s %-22s ", level_name[auditinfo[f->rule].level], auditinfo[f->rule].id);
	if (f->object)
		object_named(t, f->object, &a->inv->accounts);
	else
		print_space(t, &a->inv->files);
	prose(t, "\n");
	prose_line(t, "because", "%s", f->reason);
	prose_line(t, "remedy", "%s", f->remedy);
}

void audit_print(struct json *t, const struct audit *a)
{
	const struct nsfiles *n = &a->inv->files;
	size_t count[NLEVELS];

	for (size_t i = 0; i < a->n; i++)
		print_finding(t, a, &a->v[i]);
	audit_count(a, count);
	print_space(t, n);
	prose(t, ": %zu objects, %zu errors, %zu warnings, %zu notes\n", n->objects.nobj, count[LEVEL_ERROR],
	      count[LEVEL_WARNING], count[LEVEL_NOTE]);
	for (int i = 0; i < n->nunseen; i++) {
		prose(t, "not seen: ");
		prose_name(t, n->unseen[i]);
		prose(t, "\n");
	}
	if (!a->inv->processes_seen)
		prose(t, "not seen: processes of other users, so no queue or set is told to be leaked\n");
	if (!a->inv->accounts.n)
		prose(t, "not seen: any account, so owners without one are not looked for\n");
}

/* ---- for programs ---------------------------------------------------------------------------- */

static void unseen_json(struct json *j, const struct audit *a)
{
	json_array(j, "unseen");
	for (int i = 0; i < a->inv->files.nunseen; i++)
		json_string(j, NULL, a->inv->files.unseen[i]);
	if (!a->inv->processes_seen)
		json_string(j, NULL, "processes of other users");
	if (!a->inv->accounts.n)
		json_string(j, NULL, "any account");
	json_end(j, ']');
}

void audit_json(struct json *j, const struct audit *a)
{
	size_t count[NLEVELS];

	json_string(j, "namespace", a->inv->files.ipc);
	json_string(j, "date", a->inv->date);
	json_number(j, "objects", (int64_t)a->inv->files.objects.nobj);
	json_array(j, "findings");
	for (size_t i = 0; i < a->n; i++) {
		const struct finding_of *f = &a->v[i];

		json_object(j, NULL);
		json_string(j, "rule", auditinfo[f->rule].id);
		json_string(j, "level", level_name[auditinfo[f->rule].level]);
		if (f->object)
			object_json(j, f->object);
		json_string(j, "reason", f->reason);
		json_string(j, "remedy", f->remedy);
		if (f->line)
			json_number(j, "policy_line", f->line);
		json_end(j, '}');
	}
	json_end(j, ']');
	audit_count(a, count);
	json_object(j, "levels");
	for (enum level l = 0; l < NLEVELS; l++)
		json_number(j, level_name[l], (int64_t)count[l]);
	json_end(j, '}');
	unseen_json(j, a);
}

/* ---- SARIF ----------------------------------------------------------------------------------- */

static void message(struct json *j, const char *key, const char *text)
{
	json_object(j, key);
	json_string(j, "text", text);
	json_end(j, '}');
}

static void rules_json(struct json *j)
{
	json_array(j, "rules");
	for (int i = 0; i < NAUDITS; i++) {
		json_object(j, NULL);
		json_string(j, "id", auditinfo[i].id);
		message(j, "shortDescription", auditinfo[i].title);
		message(j, "fullDescription", auditinfo[i].why);
		message(j, "help", auditinfo[i].remedy);
		json_object(j, "defaultConfiguration");
		json_string(j, "level", level_name[auditinfo[i].level]);
		json_end(j, '}');
		json_end(j, '}');
	}
	json_end(j, ']');
}

/* "ipc:[4026531839]/msg/5" */
static void place_name(char *to, size_t size, const struct audit *a, const struct finding_of *f)
{
	const char *space = a->inv->files.ipc;

	if (f->object)
		snprintf(to, size, "%s/%s/%" PRId64, space, family_name[f->object->family], f->object->id);
	else
		snprintf(to, size, "%s", *space ? space : "ipc");
}

/* An absolute path is no relative reference; what a URI may not hold is written as %XX. */
static void uri_json(struct json *j, const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
	struct json t = { 0 };

	if (*path == '/')
		prose(&t, "file://");
	for (; *path; path++)
		prose(&t, strchr(plain, *path) ? "%c" : "%%%02X", (unsigned char)*path);
	json_string(j, "uri", t.failed || !t.len ? "" : t.buf);
	json_free(&t);
}

static void location_json(struct json *j, const struct audit *a, const struct finding_of *f,
			  const char *policy_path)
{
	char name[100];

	place_name(name, sizeof(name), a, f);
	json_array(j, "locations");
	json_object(j, NULL);
	if (f->line && policy_path) {
		json_object(j, "physicalLocation");
		json_object(j, "artifactLocation");
		uri_json(j, policy_path);
		json_end(j, '}');
		json_object(j, "region");
		json_number(j, "startLine", f->line);
		json_end(j, '}');
		json_end(j, '}');
	}
	json_array(j, "logicalLocations");
	json_object(j, NULL);
	json_string(j, "fullyQualifiedName", name);
	json_string(j, "kind", f->object ? "resource" : "namespace");
	json_end(j, '}');
	json_end(j, ']');
	json_end(j, '}');
	json_end(j, ']');
}

static void result_json(struct json *j, const struct audit *a, const struct finding_of *f,
			const char *policy_path)
{
	struct json t = { 0 };

	json_object(j, NULL);
	json_string(j, "ruleId", auditinfo[f->rule].id);
	json_number(j, "ruleIndex", f->rule);
	json_string(j, "level", level_name[auditinfo[f->rule].level]);
	if (f->object)
		object_named(&t, f->object, &a->inv->accounts);
	else
		print_space(&t, &a->inv->files);
	prose(&t, ": %s %s", f->reason, f->remedy);
	message(j, "message", t.failed ? "" : t.buf);
	j->failed = j->failed || t.failed;
	json_free(&t);
	location_json(j, a, f, policy_path);
	json_end(j, '}');
}

static void notifications_json(struct json *j, const struct audit *a)
{
	json_array(j, "invocations");
	json_object(j, NULL);
	json_bool(j, "executionSuccessful", true);
	json_array(j, "toolExecutionNotifications");
	for (int i = 0; i < a->inv->files.nunseen; i++) {
		json_object(j, NULL);
		json_string(j, "level", "note");
		message(j, "message", a->inv->files.unseen[i]);
		json_end(j, '}');
	}
	json_end(j, ']');
	json_end(j, '}');
	json_end(j, ']');
}

void audit_sarif(struct json *j, const struct audit *a, const char *policy_path)
{
	json_string(j, "$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
				  "sarif-schema-2.1.0.json");
	json_string(j, "version", "2.1.0");
	json_array(j, "runs");
	json_object(j, NULL);
	json_object(j, "tool");
	json_object(j, "driver");
	json_string(j, "name", "sysvet");
	json_string(j, "version", SYSVET_VERSION);
	rules_json(j);
	json_end(j, '}');
	json_end(j, '}');
	notifications_json(j, a);
	json_array(j, "results");
	for (size_t i = 0; i < a->n; i++)
		result_json(j, a, &a->v[i], policy_path);
	json_end(j, ']');
	json_end(j, '}');
	json_end(j, ']');
}
